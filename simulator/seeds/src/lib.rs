//! Seeded demo data for every F&O entity of the catalogue, and data of environments that have lived.
//!
//! [`DemoSeed`] knows which rows there are and makes any one of them alone: row 17 of the customers of USMF grows
//! from the seed and the path `usmf/CustomersV3/17`, so that no other entity, company or number of rows shifts it.
//! No table is named in code. What refers to what is derived from the lookup paths of the maps; what names, numbers
//! and lists look like stands in the files under `data`. Every map finds rows that pass its filter, every lookup
//! finds its row, and every value is one that the value maps list and both sides have room for.
//!
//! ```
//! use dwsim_catalog::Catalog;
//! use dwsim_model::{CompanyCode, Seed, Value};
//! use dwsim_seeds::{DemoPlan, DemoSeed};
//!
//! let companies: Vec<CompanyCode> = vec!["USMF".parse()?, "DEMF".parse()?];
//! let demo = DemoSeed::new(Catalog::embedded()?, Seed::new(42), DemoPlan::new(companies.clone(), 100))?;
//! assert_eq!(demo.count("CustomersV3", Some(&companies[0])), 100);
//!
//! let customer = demo.row("CustomersV3", Some(&companies[0]), 16).ok_or("no such row")?;
//! assert!(customer.contains(&Value::text("US-000017")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`DemoSeed::load`] writes it all into an F&O environment; [`DemoSeed::dataverse_rows`] makes rows for the way
//! back. [`load_existing`] fills environments with a few readable rows that overlap, contradict each other and lack
//! companies. It deliberately runs no map and writes no demo rows into Dataverse by itself.

mod count;
mod data;
mod demo;
mod entity;
mod error;
mod existing;
mod limits;
mod load;
mod maker;
mod plan;
mod pools;
mod random;
mod reference;
mod reverse;
mod row;
mod text;

pub use demo::DemoSeed;
pub use error::SeedError;
pub use existing::{ExistingData, PlannedRow, Reference, existing, existing_sets, load_existing};
pub use load::{LoadProgress, LoadReport};
pub use plan::DemoPlan;
