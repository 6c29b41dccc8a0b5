//! Typed rows in SQLite: one table per entity, columns and keys by ordinal, a version per row, transactions.
//!
//! [`Store`] is one environment's database. Tables are declared with a
//! [`TableType`](dwsim_model::TableType) and come into being in SQLite when their first row is written, so that a
//! world with hundreds of declared tables opens in no time. Bulk work goes through [`Upserter`], which keeps its
//! statements prepared for a whole batch.
//!
//! ```
//! use dwsim_model::{Column, ColumnKind, Required, Side, TableBuilder, Value};
//! use dwsim_store::{Select, Store};
//!
//! let text = |name: &str| Column {
//!     name: name.into(),
//!     kind: ColumnKind::Text { max: Some(10) },
//!     required: Required::No,
//!     read_only: false,
//!     extra: false,
//! };
//! let groups = TableBuilder::new(Side::FinOps, "CustomerGroups", "RecId", ColumnKind::BigInt)
//!     .column(text("dataAreaId"))
//!     .column(text("CustomerGroupId"))
//!     .key("natural", &["dataAreaId", "CustomerGroupId"])?
//!     .build()?;
//! let mut store = Store::in_memory()?;
//! let table = store.declare(groups);
//! store.insert(table, &Value::Int(1), &[1, 2], &["usmf".into(), "10".into()])?;
//! let found = store.find(table, &[1, 2], &["USMF".into(), "10".into()], &[0, 2])?;
//! assert_eq!(found.as_deref(), Some(&[Value::Int(1), "10".into()][..]));
//! assert_eq!(store.count(&Select::all(table))?, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It knows no product rule: no lengths, no owners, no companies beyond a column like any other.

mod codec;
mod file;
mod memo;
mod read;
mod store;
mod texts;
mod write;

pub use file::StoredFile;
pub use memo::Memo;
pub use read::{Condition, Finder, Select};
pub use store::{Store, StoreError, TableId};
pub use write::{Inserter, Updater, Upserter};
