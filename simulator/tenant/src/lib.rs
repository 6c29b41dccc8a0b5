//! The running world, and the only door to it.
//!
//! A [`Tenant`] holds an F&O environment, a Dataverse environment (which may come into being during set-up),
//! Lifecycle Services, the link and the dual-write engine, with one virtual clock and one journal. Its methods are
//! the verbs people use: set up, configure, link, install, apply, run, pause, add a legal entity, bootstrap, save.
//!
//! It deliberately knows no scenario and prints nothing; scenarios and surfaces are built on top.

mod advice;
mod bootstrap;
mod caller;
mod catching_up;
mod dependencies;
mod editing;
mod error;
mod health;
mod lcs;
mod linking;
mod maps;
mod others;
mod packages;
mod people;
mod ports;
mod reset;
mod runs;
mod save;
mod solutions;
mod tenant;
#[cfg(test)]
mod tests;

pub use advice::Advice;
pub use bootstrap::{BootstrapMode, BootstrapReport};
pub use caller::DataverseTransaction;
pub use dependencies::{DependencyFinding, HealthReport};
pub use editing::LinkFaults;
pub use error::TenantError;
pub use health::CheckResult;
pub use lcs::{LcsState, LcsStep, LifecycleServices, SetupRequest, SetupTarget};
pub use linking::WizardRun;
pub use people::{LcsRole, Person, TenantPolicy};
pub use reset::{LinkActions, ResetPage, ResetRequest};
pub use runs::DialogLine;
pub use tenant::{Link, Tenant, TenantOptions};
