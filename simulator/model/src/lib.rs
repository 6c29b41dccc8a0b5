//! The nouns of the simulator: values, table types, names, virtual clock, seed and journal.
//!
//! Everything above this crate speaks in these words and nothing in it knows a product rule. The three types to
//! meet first are [`Value`] (one cell of a row), [`TableType`] (the shape of an F&O entity or a Dataverse table)
//! and [`Seed`] (where every id and every random choice comes from).
//!
//! ```
//! use dwsim_model::{Seed, Value};
//!
//! let seed = Seed::new(42);
//! assert_eq!(seed.stream("usmf/CustomersV3/17").next(), Seed::new(42).stream("usmf/CustomersV3/17").next());
//! assert!(Value::text("USMF").same_text("usmf"));
//! ```
//!
//! It deliberately holds no input or output: no files, no database, no wall clock.

mod change;
mod clock;
mod company;
mod journal;
mod name;
mod seed;
mod table;
mod value;

pub use change::{Change, Operation, Outcome, RowChange, RowError, SyncKind, Upsert};
pub use clock::{Clock, VirtualDuration, epoch};
pub use company::{CompanyCode, CompanyCodeError};
pub use journal::{Event, EventKind, Journal};
pub use name::{MapId, MapVersion, Name, nearest};
pub use seed::{Seed, Stream, table_id};
pub use table::{Choices, Column, ColumnKind, Key, Required, Side, TableBuilder, TableError, TableType};
pub use value::{Value, Values};
