//! Finance & Operations: an environment with legal entities whose entities keep their own rules.
//!
//! [`FinOps`] holds what an administrator sets ([`Environment`]) and every row. People and programs write by names
//! through [`FinOps::save`], dual-write by ordinals and in batches through [`FinOps::upsert`], and data of an
//! environment that was there before comes in through [`FinOps::import_csv`]. All three obey the same rules:
//! fields are known and of their type, mandatory fields are filled, companies exist, keys are unique and never
//! change, number sequences fill keys left blank, and customers, vendors and contacts have a party behind them.
//! A field nobody gave a value holds the empty value of F&O (`""`, zero, 1900-01-01, the first enum member).
//!
//! ```
//! use dwsim_catalog::Catalog;
//! use dwsim_finops::{Environment, FinOps};
//! use dwsim_model::{Change, Operation, Seed, Value};
//! use dwsim_store::Store;
//!
//! let environment = Environment::new("Contoso", Seed::new(1).id("tenant"));
//! let mut finops = FinOps::new(Catalog::embedded()?, environment, Store::in_memory()?)?;
//! finops.create_company("USMF", "Contoso Entertainment System USA")?;
//! assert_eq!(finops.companies()?.len(), 2); // DAT was there from birth
//!
//! let mut customer = Change {
//!     table: "CustomersV3".into(),
//!     operation: Operation::Create,
//!     key: vec![],
//!     values: vec![
//!         ("dataAreaId".into(), "usmf".into()),
//!         ("CustomerAccount".into(), "US-001".into()),
//!         ("CustomerGroupId".into(), "10".into()),
//!         ("SalesCurrencyCode".into(), "USD".into()),
//!         ("OrganizationName".into(), "Contoso Retail San Diego".into()),
//!     ],
//! };
//! let saved = finops.save(&customer)?;
//! assert_eq!(saved.made[0].table.name.as_str(), "CDSParties"); // its party came with it
//! let company = saved.change.table.ordinal("dataAreaId").ok_or("no company field")?;
//! assert_eq!(saved.change.after[company], Value::text("USMF")); // in the legal entity's own spelling
//!
//! customer.values[2] = ("CustomerGruopId".into(), "20".into());
//! let error = finops.save(&customer).unwrap_err();
//! assert_eq!(error.to_string(), "entity CustomersV3 has no field CustomerGruopId; did you mean CustomerGroupId?");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It deliberately does not know of dual-write: no maps run here, nothing listens to a save, and
//! [`SavedChange::raises_events`] only says whether live sync would have seen it. References between entities
//! (customer groups, payment terms) are not checked, and a legal entity comes without ledger and number sequences.

mod broken;
mod company;
mod configuration;
mod convert;
mod customise;
mod domain;
mod environment;
mod error;
mod finops;
mod import;
mod inventory;
mod number;
mod party;
mod plan;
mod save;
mod upsert;
mod write;

#[cfg(test)]
mod tests;

pub use configuration::{DualWriteConfiguration, ProjectConfiguration};
pub use environment::{EntraApplication, Environment, EnvironmentOrigin};
pub use error::{EnvError, Hint, SaveError};
pub use finops::FinOps;
pub use import::{IgnoredColumn, ImportError, ImportOptions, ImportReport};
pub use inventory::OnHand;
pub use save::{SavedChange, WriteKind};
