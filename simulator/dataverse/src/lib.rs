//! The Dataverse environment: tables with ids and keys, owners, companies, plug-ins, and the rules for rows.
//!
//! [`Dataverse`] is one environment. Two doors lead in: [`Dataverse::upsert`] takes batches that dual-write brings
//! from Finance & Operations and is built for speed; [`Dataverse::save`] takes one change of a person or program
//! and checks everything. Both leave rows consistent: an owner with its business unit, a status of its state, a
//! company that never changes, numbers and parties where the platform makes them.
//!
//! ```
//! use dwsim_catalog::Catalog;
//! use dwsim_dataverse::{Actor, Dataverse, Organization};
//! use dwsim_model::{Change, Operation, Seed, Value, epoch};
//! use dwsim_store::Store;
//!
//! let seed = Seed::new(1);
//! let organization = Organization::new(
//!     seed.id("organization"),
//!     "Contoso",
//!     "https://contoso.crm.dynamics.com",
//!     seed.id("tenant"),
//!     "United States",
//! );
//! let mut dataverse =
//!     Dataverse::new(Catalog::embedded()?, organization, seed, Store::in_memory()?, epoch())?;
//!
//! dataverse.enable_company(&"USMF".parse()?, "Contoso Entertainment", epoch())?;
//! let change = Change {
//!     table: "account".into(),
//!     operation: Operation::Create,
//!     key: Vec::new(),
//!     values: vec![
//!         ("msdyn_company".into(), "USMF".into()),
//!         ("accountnumber".into(), "US-001".into()),
//!         ("name".into(), "Contoso Retail".into()),
//!     ],
//! };
//! let saved = dataverse.save(&change, &Actor::System, epoch())?;
//! let number = saved.table.ordinal("accountnumber").map(|at| &saved.after[at]);
//! assert_eq!(number, Some(&Value::text("US-001")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It deliberately knows nothing of table maps, of the other environment or of the link: rows that dual-write
//! brings arrive mapped, with their lookups resolved.

mod company;
mod consequence;
mod consistency;
mod customise;
mod dataverse;
mod definition;
mod domain;
mod organization;
mod owner;
mod party;
mod refusal;
mod save;
mod security;
mod shape;
mod units;
mod upsert;
mod values;

#[cfg(test)]
mod tests;

pub use company::Company;
pub use dataverse::Dataverse;
pub use definition::{
    ChoiceDefinition, ColumnDefinition, Definitions, Form, IntersectDefinition, IntersectSide, KeyDefinition,
    Label, Names, RelationshipDefinition, TableDefinition,
};
pub use organization::{
    InstalledSolution, IntegrationDetails, Organization, PLUGIN_ASSEMBLIES, RuntimeConfiguration,
};
pub use refusal::{EnvError, MissingPrivilege, SaveError};
pub use security::{Actor, ApplicationUserState, DUAL_WRITE_USER};
