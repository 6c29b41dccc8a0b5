//! Scenarios: whole set-ups as TOML files that people read and write.
//!
//! A [`Scenario`] says what both environments are, which steps are taken and what must be so at the end. [`run`]
//! builds the world, takes the steps and returns a [`Report`]. The six documented scenarios are built in.
//!
//! ```
//! use dwsim_catalog::Catalog;
//! use dwsim_scenario::{Scenario, Settings, run};
//!
//! let scenario = Scenario::builtin("new-new")?;
//! let report = run(Catalog::embedded()?, &scenario, &Settings::default(), |_| {})?;
//! assert!(report.ok);
//! assert_eq!(report.link.state, "Linked");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It holds no rule of dual-write and prints nothing.

mod definition;
mod expect;
mod perform;
mod references;
mod report;
mod runner;
mod values;
mod verbs;

pub use definition::{
    CompaniesInProfile, DataSeed, DataverseWorld, Expected, ExpectedRows, FinOpsWorld, Origin, Scenario,
    ScenarioError, Step, builtin,
};
pub use report::{
    AdviceReport, CheckReport, ErrorReport, ExecutionReport, LegReport, LinkReport, LiveReport, MapReport,
    Report, SideReport, StepOutcome, StepReport, TableReport,
};
pub use runner::{RunError, RunEvent, Settings, run, run_to_end, run_until_maps_run};
pub use verbs::{VERBS, Verb};
