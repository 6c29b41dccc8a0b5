//! The two filter languages of a table map, and the one predicate both become.
//!
//! A map carries a *source filter* written as an X++ query-range expression over an F&O entity ([`xpp`]) and a
//! *reversed source filter* written in OData over a Dataverse table ([`odata`]). Both are parsed without knowing the
//! table, then bound to a [`TableType`](dwsim_model::TableType), which checks names and values and yields a
//! [`Predicate`]: evaluate it per row with [`Predicate::matches`], or hand it to SQLite with [`Predicate::to_sql`].
//! Everything that can be wrong is a [`FilterError`] that shows the place and the way out.
//!
//! ```
//! use dwsim_filter::{odata, xpp};
//! use dwsim_model::{Choices, Column, ColumnKind, Required, Side, TableBuilder, Value};
//! use std::sync::Arc;
//!
//! let choices = Choices {
//!     name: "DirPartyType".into(),
//!     options: vec![(0, "None".into()), (1, "Person".into()), (2, "Organization".into())],
//! };
//! let column = Column {
//!     name: "PartyType".into(),
//!     kind: ColumnKind::Choice(Arc::new(choices)),
//!     required: Required::No,
//!     read_only: false,
//!     extra: false,
//! };
//! let customers = TableBuilder::new(Side::FinOps, "CustomersV3", "RecId", ColumnKind::BigInt).column(column).build()?;
//!
//! let filter = xpp::parse(r#"((PartyType == "Organization"))"#)?.bind(&customers)?;
//! assert!(filter.matches(&[Value::Int(1), Value::Choice(2)]));
//! assert!(!filter.matches(&[Value::Int(2), Value::Choice(1)]));
//!
//! let mut values = Vec::new();
//! assert_eq!(filter.to_sql(&|column| format!("c{column}"), &mut values), "(c1 = ?)");
//! assert_eq!(values, [Value::Choice(2)]);
//!
//! let error = xpp::parse(r#"(PartyTipe == "Person")"#)?.bind(&customers).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "table CustomersV3 has no column PartyTipe (at character 2)\n\
//!      \x20 (PartyTipe == \"Person\")\n\
//!      \x20  ^\n\
//!      did you mean PartyType?"
//! );
//! assert!(odata::parse("statecode eq 0 and name ne null").is_ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It does not run SQL, follow lookups (`a/b` parses, but binding refuses it, as dual-write does), compare two
//! columns, know Web API query functions beyond `startswith`, `endswith` and `contains`, or check that a filter
//! only uses columns of the map.

mod bind;
mod error;
mod like;
pub mod odata;
mod predicate;
mod scan;
mod syntax;
pub mod xpp;

pub use error::{DEEPEST_NESTING, FilterError, FilterErrorKind, LONGEST_INPUT, LONGEST_LIST};
pub use like::{LONGEST_PATTERN, LikePart, LikePattern};
pub use predicate::{Op, Predicate};
pub use syntax::{Literal, Node, Placed, Search};
