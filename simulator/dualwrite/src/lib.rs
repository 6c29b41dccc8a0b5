//! The dual-write engine: table maps, initial sync, live sync, over one small port for each environment.
//!
//! [`Engine`] holds the table maps of a link and their status; [`compile`](compile::compile) turns a map of the
//! catalogue into a [`Program`] per direction; [`Environment`](port::Environment) is all it
//! knows of F&O and Dataverse. Initial sync, live sync and catch-up share one mapping, one lookup resolution and
//! one set of checks.
//!
//! It deliberately knows neither product: no owners, parties or plug-ins, no HTTP, no files.

mod alerts;
mod carry;
mod checkup;
pub mod compile;
mod condition;
pub mod convert;
mod data_sources;
mod definition;
mod details;
pub mod document;
mod editing;
mod eligibility;
mod engine;
mod error_log;
mod execution;
mod fault;
pub mod initial;
mod jobs;
mod legal_entities;
pub mod live;
mod lookup;
mod mapper;
mod messages;
mod order;
mod pausing;
pub mod port;
mod program;
mod publish;
mod queue;
mod quiet;
mod refusal;
mod requests;
mod rules;
mod running;
mod schemas;
mod solution;
mod status;
mod transaction;
mod validate;
mod versions;
mod warnings;
mod wire;

pub use alerts::{AlertAction, AlertSetting, Notification};
pub use checkup::{Checkup, HealthContext};
pub use condition::{CompanyCondition, LinkCondition};
pub use data_sources::{DataSource, EntityTraits, Join};
pub use definition::{MapEdit, Pair};
pub use details::Detail;
pub use editing::SaveAs;
pub use engine::{Engine, MapState, RunOptions};
pub use error_log::{ErrorRecord, RecordResponse};
pub use execution::{Execution, Leg, LegFailure, LegStatus, Progress, Push, RowFailure, Warning};
pub use fault::FaultPoint;
pub use jobs::{Job, JobError, JobErrorKind, JobRequest};
pub use messages::{ErrorStyle, Messages};
pub use program::{CompiledMap, Copy, Program, Write};
pub use publish::Published;
pub use queue::{Queued, ResumeMode};
pub use refusal::EngineError;
pub use requests::{Request, RequestKind, RequestState};
pub use running::RunKind;
pub use schemas::{SchemaChanges, Schemas};
pub use solution::{MapSolution, SolutionPublisher, StoredMap};
pub use status::{Action, MapStatus, ServiceState};
pub use transaction::{DataverseFault, Rehearsal};
pub use validate::Finding;
pub use versions::SavedVersion;

#[cfg(test)]
mod tests;
