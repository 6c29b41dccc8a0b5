//! The documented facts of dual-write: table maps, F&O entities, Dataverse tables, enums, limits,
//! packages and messages.
//!
//! Facts are data files below `data/`, compiled in, read once and checked against each other; a fact that does not
//! fit is an error naming file, record and field. Behaviour is not here: the engine reads these types and decides.
//!
//! ```
//! use dwsim_catalog::Catalog;
//!
//! let catalog = Catalog::embedded()?;
//! let map = catalog.map("customers-v3-accounts").ok_or("no such map")?;
//! assert_eq!((map.entity.as_str(), map.table.as_str()), ("CustomersV3", "account"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod archive;
mod catalog;
mod check;
mod column_type;
mod dataverse;
mod error;
mod exceptions;
pub mod facts;
mod finops;
mod fit;
mod load_maps;
mod map;
mod order;
mod path;
mod rows;
mod sources;
mod walk;

pub use archive::{ProjectOperationsMap, SupersededMap};
pub use catalog::Catalog;
pub use column_type::TypeError;
pub use dataverse::{Ownership, TableFacts};
pub use error::{CatalogError, Problem};
pub use exceptions::DocumentedException;
pub use facts::Facts;
pub use finops::EntityFacts;
pub use map::{FieldMap, Symbol, SymbolError, TableMap, Transform};
pub use path::{LookupPath, PathError, parse_path};

#[cfg(test)]
mod tests;
