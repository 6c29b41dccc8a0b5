//! What a run says: steps with virtual times, maps, executions, errors, live changes, and the verdict.

use dwsim_catalog::facts::ProfileId;
use dwsim_dualwrite::{Execution, MapStatus};
use dwsim_model::{CompanyCode, MapId, Side, VirtualDuration};
use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// The report of one scenario. As JSON it is one document, identical for identical seed and input but for
/// `wall_ms`.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Id of the scenario.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// The documentation followed.
    #[serde(serialize_with = "shown")]
    pub profile: ProfileId,
    /// The seed.
    pub seed: u64,
    /// Whether the expected end state was reached.
    pub ok: bool,
    /// The link at the end.
    pub link: LinkReport,
    /// What was done, in order.
    pub steps: Vec<StepReport>,
    /// Every table map and its status at the end.
    pub maps: Vec<MapReport>,
    /// Every initial sync.
    pub executions: Vec<ExecutionReport>,
    /// Every row and leg that failed.
    pub errors: Vec<ErrorReport>,
    /// Live changes and what became of them.
    pub live: Vec<LiveReport>,
    /// Maps for which the guidance advises something other than initial sync.
    pub advice: Vec<AdviceReport>,
    /// What was left alone and why; things a reader should know.
    pub notices: Vec<String>,
    /// Rows and content of both sides at the end.
    pub sides: [SideReport; 2],
    /// What was expected, and whether it is so.
    pub verdict: Vec<CheckReport>,
    /// Virtual time from the first step to the last.
    pub virtual_duration: VirtualDuration,
    /// Real time, in milliseconds; the only figure that differs between runs.
    pub wall_ms: u64,
}

/// The link at the end.
#[derive(Clone, Debug, Serialize)]
pub struct LinkReport {
    /// `Linked` or `Not linked`.
    pub state: String,
    /// Its legal entities, ascending.
    pub legal_entities: Vec<CompanyCode>,
}

/// One step.
#[derive(Clone, Debug, Serialize)]
pub struct StepReport {
    /// Its id in the scenario.
    pub id: String,
    /// What it does, in words.
    pub name: String,
    /// The verb.
    pub verb: String,
    /// Virtual time of its start.
    pub started: Timestamp,
    /// Virtual time of its end.
    pub finished: Timestamp,
    /// How it ended.
    pub outcome: StepOutcome,
    /// What it found or why it failed.
    pub detail: String,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepOutcome {
    /// As it should.
    Done,
    /// It was refused, as the scenario expects.
    RefusedAsExpected,
    /// It failed.
    Failed,
    /// An earlier step failed.
    NotReached,
}

/// One table map.
#[derive(Clone, Debug, Serialize)]
pub struct MapReport {
    /// Its id.
    pub id: MapId,
    /// F&O entity and Dataverse table, as people say it.
    pub name: String,
    /// Its status at the end.
    pub status: MapStatus,
}

/// One execution of initial sync.
#[derive(Clone, Debug, Serialize)]
pub struct ExecutionReport {
    /// The map.
    pub map: MapId,
    /// The legal entity; none for a global map.
    pub company: Option<CompanyCode>,
    /// Number shared by the executions of one run.
    pub request: u64,
    /// `full` or `incremental`.
    pub push: dwsim_dualwrite::Push,
    /// Who decides a conflict.
    pub master: Side,
    /// Virtual time it took.
    pub duration: VirtualDuration,
    /// Dataverse rows that no company claims.
    pub ineligible: u64,
    /// Rows saved too late to take part.
    #[serde(skip_serializing_if = "is_none")]
    pub missed: u64,
    /// What somebody should look at although no row failed for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<dwsim_dualwrite::Warning>,
    /// Both directions.
    pub legs: Vec<LegReport>,
}

/// One leg.
#[derive(Clone, Debug, Serialize)]
pub struct LegReport {
    /// `to-dataverse` or `to-finops`.
    pub direction: &'static str,
    /// How it ended.
    pub status: dwsim_dualwrite::LegStatus,
    /// Rows read.
    pub exported: u64,
    /// Rows created.
    pub inserted: u64,
    /// Rows changed.
    pub updated: u64,
    /// Rows equal already.
    pub unchanged: u64,
    /// Rows that failed.
    pub errors: u64,
    /// Rows the source was assumed to have, in a rehearsal of volumes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assumed: Option<u64>,
}

/// One failure.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorReport {
    /// The map.
    pub map: MapId,
    /// The legal entity.
    pub company: Option<CompanyCode>,
    /// Direction of the leg.
    pub direction: &'static str,
    /// The row's key; blank when the leg itself failed.
    pub key: String,
    /// The column, when one caused it.
    pub column: Option<String>,
    /// Id of the message.
    pub code: String,
    /// What a user reads.
    pub message: String,
}

/// One live change.
#[derive(Clone, Debug, Serialize)]
pub struct LiveReport {
    /// The step that made it.
    pub step: String,
    /// Where it was made.
    pub origin: Side,
    /// The table it was made in.
    pub table: String,
    /// `arrived`, `refused`, `queued`, `not eligible`.
    pub outcome: String,
    /// The message of a refusal, or what arrived where.
    pub detail: String,
}

/// What the guidance advises for a map.
#[derive(Clone, Debug, Serialize)]
pub struct AdviceReport {
    /// The map.
    pub map: MapId,
    /// Rows of the larger side.
    pub rows: u64,
    /// Whether it runs in one thread.
    pub single_threaded: bool,
    /// The approach of the matrix, in our words.
    pub approach: String,
}

/// Rows of one side.
#[derive(Clone, Debug, Serialize)]
pub struct SideReport {
    /// Which.
    pub side: Side,
    /// Rows over all tables.
    pub rows: u64,
    /// Rows and a digest of each table that holds any.
    pub tables: Vec<TableReport>,
}

/// One table.
#[derive(Clone, Debug, Serialize)]
pub struct TableReport {
    /// Its name.
    pub name: String,
    /// Rows in it.
    pub rows: u64,
    /// Equal exactly when the content is.
    pub digest: String,
}

/// One expectation.
#[derive(Clone, Debug, Serialize)]
pub struct CheckReport {
    /// What is looked at.
    pub what: String,
    /// What was expected.
    pub expected: String,
    /// What is so.
    pub actual: String,
    /// Whether both agree.
    pub ok: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the form serde asks for
fn shown<S: Serializer>(profile: &ProfileId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(profile)
}

/// A direction as reports name it.
pub(crate) fn direction(into: Side) -> &'static str {
    match into {
        Side::Dataverse => "to-dataverse",
        Side::FinOps => "to-finops",
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde hands a reference
fn is_none(count: &u64) -> bool {
    *count == 0
}

impl From<&Execution> for ExecutionReport {
    fn from(execution: &Execution) -> Self {
        let legs = execution
            .legs
            .iter()
            .map(|leg| LegReport {
                direction: direction(leg.into),
                status: leg.status,
                exported: leg.exported,
                inserted: leg.inserted,
                updated: leg.updated,
                unchanged: leg.unchanged,
                errors: leg.errors,
                assumed: leg.assumed,
            })
            .collect();
        let duration = execution.legs.iter().fold(VirtualDuration::ZERO, |sum, leg| sum.plus(leg.duration));
        Self {
            map: execution.map.clone(),
            company: execution.company.clone(),
            request: execution.request,
            push: execution.push,
            master: execution.master,
            duration,
            ineligible: execution.ineligible,
            missed: execution.missed,
            warnings: execution.warnings.clone(),
            legs,
        }
    }
}

/// Every failure of an execution: the legs' own, then the rows'.
pub(crate) fn errors_of(execution: &Execution) -> Vec<ErrorReport> {
    let mut errors = Vec::new();
    for leg in &execution.legs {
        let report = |key: &str, column: Option<String>, code: &str, message: &str| ErrorReport {
            map: execution.map.clone(),
            company: execution.company.clone(),
            direction: direction(leg.into),
            key: key.to_owned(),
            column,
            code: code.to_owned(),
            message: message.to_owned(),
        };
        if let Some(failure) = &leg.failure {
            errors.push(report("", None, &failure.code, &failure.message));
        }
        for failure in &leg.failures {
            let column = failure.column.as_ref().map(ToString::to_string);
            errors.push(report(&failure.key, column, &failure.code, &failure.message));
        }
    }
    errors
}
