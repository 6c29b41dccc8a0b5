//! Features in plain words: one step language for the project's own features and for those of its users.
//!
//! A [`Definition`] is one step: its words, an example and what it does; [`groups`] lists them all. [`cases`] reads
//! feature files, [`suite::run`] runs them, [`junit::report`] writes the results for build servers and
//! [`coverage::Coverage`] says which documented behaviours, messages, limits and decisions they prove.
//!
//! A scenario runs in the profiles its tags name, `@2020-10` and `@2026`; in the newest when they name none. A refusal
//! that no step looks at fails the scenario.

mod arguments;
mod case;
mod cells;
pub mod coverage;
mod definition;
pub mod junit;
mod names;
mod plan;
mod registry;
mod snapshot;
mod state;
mod steps;
pub mod suite;
mod world;

pub use arguments::{Arguments, Line};
pub use case::{Case, Options, Verdict, cases, select};
pub use definition::{Definition, Group, Kind, Told};
pub use plan::Plan;
pub use registry::{Meaning, PARAMETERS, Registry, groups};
pub use state::recorded;
pub use world::{Outcome, Record, Refusal, World};
