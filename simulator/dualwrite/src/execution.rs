//! The record of an initial sync: executions, legs, counts and every row that failed.

use dwsim_model::{CompanyCode, MapId, Name, Side, VirtualDuration};
use jiff::Timestamp;
use serde::Serialize;

/// One run of one table map for one legal entity.
#[derive(Clone, Debug, Serialize)]
pub struct Execution {
    /// All executions of one run share it.
    pub request: u64,
    /// The table map.
    pub map: MapId,
    /// The legal entity; none for a global map, whose rows belong to no company.
    pub company: Option<CompanyCode>,
    /// Which rows were sent.
    pub push: Push,
    /// Which side decides where both have the row with different values.
    pub master: Side,
    /// Virtual time of its start.
    pub started: Timestamp,
    /// Virtual time of its end.
    pub finished: Timestamp,
    /// What was done in each direction.
    pub legs: Vec<Leg>,
    /// Dataverse rows that no company claims: out of scope, not errors (decision 7).
    pub ineligible: u64,
    /// Rows that users saved while it ran and that it did not take along (decision 33).
    pub missed: u64,
    /// What somebody should look at although no row failed for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// Name of its job in F&O: the execution group id of the job history.
    pub job: String,
}

impl Execution {
    /// Rows that failed, over all legs.
    pub fn errors(&self) -> u64 {
        self.legs.iter().map(|leg| leg.errors).sum()
    }

    /// How it ended, as the log of initial sync writes it.
    pub fn status(&self) -> &'static str {
        let worst = self.legs.iter().map(|leg| leg.status).max().unwrap_or(LegStatus::Success);
        match worst {
            LegStatus::Success => "Completed",
            LegStatus::Warning => "Warning",
            LegStatus::Error => "Error",
        }
    }

    /// Whether it ended without any error, of a row or of a leg.
    pub fn succeeded(&self) -> bool {
        self.legs.iter().all(|leg| leg.status == LegStatus::Success)
    }
}

/// Which rows an initial sync sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Push {
    /// Every eligible row.
    Full,
    /// Rows changed since the last run; rows that failed then are not among them.
    Incremental,
}

/// How a leg ended (decision 22).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LegStatus {
    /// Every row arrived.
    Success,
    /// Some rows failed.
    Warning,
    /// All rows failed, or the leg itself did.
    Error,
}

/// One direction of an execution.
#[derive(Clone, Debug, Serialize)]
pub struct Leg {
    /// The side written to.
    pub into: Side,
    /// How it ended.
    pub status: LegStatus,
    /// Rows read from the source.
    pub exported: u64,
    /// Rows created in the target.
    pub inserted: u64,
    /// Rows changed in the target.
    pub updated: u64,
    /// Rows that were equal already.
    pub unchanged: u64,
    /// Rows that failed.
    pub errors: u64,
    /// Every failed row.
    pub failures: Vec<RowFailure>,
    /// Why the leg itself failed, when it did.
    pub failure: Option<LegFailure>,
    /// Virtual time it took.
    pub duration: VirtualDuration,
    /// Rows the source was assumed to have, in a rehearsal of volumes; limits and time are reckoned with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assumed: Option<u64>,
    /// Source rows whose key an earlier row of the leg had: the first was written, later ones updated it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub duplicates: Vec<String>,
}

impl Leg {
    pub(crate) fn new(into: Side) -> Self {
        Self {
            into,
            status: LegStatus::Success,
            exported: 0,
            inserted: 0,
            updated: 0,
            unchanged: 0,
            errors: 0,
            failures: Vec::new(),
            failure: None,
            duration: VirtualDuration::ZERO,
            assumed: None,
            duplicates: Vec::new(),
        }
    }

    /// Whether every exported row is accounted for.
    pub fn accounted(&self) -> bool {
        self.exported == self.inserted + self.updated + self.unchanged + self.errors
    }

    /// The failures the user interface shows.
    pub fn shown(&self, limit: u64) -> &[RowFailure] {
        &self.failures[..self.failures.len().min(usize::try_from(limit).unwrap_or(usize::MAX))]
    }

    /// A leg that failed as a whole moved nothing: what it had written was taken back.
    pub(crate) fn undone(&mut self) {
        self.exported = 0;
        self.inserted = 0;
        self.updated = 0;
        self.unchanged = 0;
        self.errors = 0;
        self.failures.clear();
        self.duplicates.clear();
    }

    pub(crate) fn close(&mut self) {
        self.status = match (self.failure.is_some(), self.errors) {
            (true, _) => LegStatus::Error,
            (false, 0) => LegStatus::Success,
            (false, errors) if errors == self.exported => LegStatus::Error,
            _ => LegStatus::Warning,
        };
    }
}

/// Something an initial sync warns of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Id of the message.
    pub code: String,
    /// What the user reads.
    pub message: String,
}

/// A row that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowFailure {
    /// Its natural key.
    pub key: String,
    /// The column that caused it, when one did.
    pub column: Option<Name>,
    /// Id of the message.
    pub code: String,
    /// What the user reads.
    pub message: String,
}

/// Why a whole leg failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LegFailure {
    /// Id of the message.
    pub code: String,
    /// What the user reads.
    pub message: String,
}

/// What a progress bar shows.
#[derive(Clone, Debug)]
pub struct Progress {
    /// The map being synchronised.
    pub map: MapId,
    /// Its legal entity.
    pub company: Option<CompanyCode>,
    /// The side written to.
    pub into: Side,
    /// Rows done.
    pub done: u64,
    /// Rows to do.
    pub total: u64,
}
