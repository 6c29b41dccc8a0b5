//! Integration jobs: table maps whose creates and updates follow by and by, after the user's transaction (preview).
//!
//! A job holds references in a pipeline and delivers them when it runs: tables in their sequence, rows in the order of
//! commits. Deletes stay live. Of a row edited on both sides the primary side wins (specification 3.5).

use crate::{
    engine::Engine, initial::Sides, live::LiveError, program::CompiledMap, queue::Queued,
    refusal::EngineError,
};
use dwsim_model::{MapId, Operation, RowChange, Side};
use jiff::Timestamp;
use std::{collections::BTreeSet, sync::Arc};

/// Why a row of a job did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobErrorKind {
    /// The other side refused it; it can be retried.
    Application,
    /// A later version of the row is known; it is skipped and cannot be retried.
    Concurrency,
    /// The primary side changed the row too; it is rejected and not among the sync errors.
    Conflict,
}

/// A row of a job that did not arrive.
#[derive(Clone, Debug)]
pub struct JobError {
    /// The table map.
    pub map: MapId,
    /// The change.
    pub queued: Queued,
    /// Why, by kind.
    pub kind: JobErrorKind,
    /// Why, in words.
    pub message: String,
}

/// What somebody asks for rows among the sync errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobRequest {
    /// Send them again.
    Retry,
    /// Forget them for good.
    Dismiss,
}

/// An integration job.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its name.
    pub name: String,
    /// The side that wins where both edited a row.
    pub primary: Side,
    /// Its table maps in sequence: what others refer to comes first.
    pub maps: Vec<MapId>,
    /// Whether it is Active.
    pub active: bool,
    /// Changes on their way.
    pub pipeline: Vec<(MapId, Queued)>,
    /// What did not arrive, conflicts included.
    pub errors: Vec<JobError>,
    /// Requests that wait for the job to run, and how many rows each is about.
    pub requests: Vec<(JobRequest, u64)>,
}

impl Job {
    /// The Sync errors tab: conflicts are in the table behind it only.
    pub fn sync_errors(&self) -> impl Iterator<Item = &JobError> {
        self.errors.iter().filter(|error| error.kind != JobErrorKind::Conflict)
    }
}

impl Engine {
    /// Adds a job, not yet Active. Maps that run live, or belong to another job, are refused.
    pub fn add_job(&mut self, name: &str, primary: Side, maps: &[MapId]) -> Result<(), EngineError> {
        for map in maps {
            let status = self.state(map)?.status;
            if status != crate::status::MapStatus::NotRunning || self.job_of(map).is_some() {
                let possible = "a map of a job is Not running and of no other job".to_owned();
                return Err(EngineError::NotNow {
                    map: map.clone(),
                    status,
                    action: "Add table map",
                    possible,
                });
            }
        }
        self.jobs.push(Job {
            name: name.to_owned(),
            primary,
            maps: maps.to_vec(),
            active: false,
            pipeline: Vec::new(),
            errors: Vec::new(),
            requests: Vec::new(),
        });
        Ok(())
    }

    /// A job by name.
    pub fn job(&self, name: &str) -> Result<&Job, EngineError> {
        self.jobs.iter().find(|job| job.name == name).ok_or_else(|| self.no_job(name))
    }

    fn no_job(&self, name: &str) -> EngineError {
        self.messages().failure("SIM-JOB-UNKNOWN", &[("job", name)]).into()
    }

    fn job_at(&self, name: &str) -> Result<usize, EngineError> {
        self.jobs.iter().position(|job| job.name == name).ok_or_else(|| self.no_job(name))
    }

    /// Start or Stop of a job. What is in the pipeline of a stopped job waits.
    pub fn set_job_active(&mut self, name: &str, active: bool) -> Result<(), EngineError> {
        let at = self.job_at(name)?;
        self.jobs[at].active = active;
        Ok(())
    }

    pub(crate) fn job_of(&self, map: &str) -> Option<usize> {
        self.jobs.iter().position(|job| job.maps.iter().any(|own| own.as_str() == map))
    }

    /// Whether a change goes into the pipeline of a job instead of the other side.
    pub(crate) fn is_asynchronous(&self, map: &str, operation: Operation) -> bool {
        operation != Operation::Delete && self.job_of(map).is_some_and(|at| self.jobs[at].active)
    }

    pub(crate) fn in_active_job(&self, map: &str) -> bool {
        self.job_of(map).is_some_and(|at| self.jobs[at].active)
    }

    pub(crate) fn put_into_pipeline(
        &mut self,
        map: &MapId,
        change: &RowChange,
        origin: Side,
        key: &str,
        now: Timestamp,
    ) {
        let Some(at) = self.job_of(map) else { return };
        let queued = self.queued(change, origin, key, now);
        self.jobs[at].pipeline.push((map.clone(), queued));
    }

    /// A transaction is either live or asynchronous; deletes are always live.
    pub(crate) fn refuse_mixed(
        &self,
        asynchronous: &BTreeSet<MapId>,
        live: &BTreeSet<MapId>,
    ) -> Result<(), LiveError> {
        if asynchronous.is_empty() || live.is_empty() {
            return Ok(());
        }
        let names = |maps: &BTreeSet<MapId>| {
            let labels = maps.iter().filter_map(|map| self.states.get(map));
            labels.map(|state| state.compiled.map.entity_label.to_string()).collect::<Vec<_>>().join(", ")
        };
        let (asynchronous, live) = (names(asynchronous), names(live));
        let arguments = [("asynchronous", asynchronous.as_str()), ("live", live.as_str())];
        let message = self.messages().text("SIM-ASYNC-MIXED", &arguments);
        Err(LiveError { map: None, code: "SIM-ASYNC-MIXED".into(), message })
    }

    /// Asks for rows among the sync errors to be sent again or dismissed. Requests are carried out in their order when
    /// the job runs.
    pub fn request_of_job(&mut self, name: &str, request: JobRequest, rows: u64) -> Result<(), EngineError> {
        let at = self.job_at(name)?;
        let (most_requests, most_rows) = (self.limits.async_requests, self.limits.async_rows);
        let job = &self.jobs[at];
        let refused = if !job.active {
            Some(("SIM-ASYNC-STOPPED", Vec::new()))
        } else if job.requests.len() as u64 >= most_requests {
            Some(("SIM-ASYNC-REQUESTS", vec![("limit", most_requests.to_string())]))
        } else if rows > most_rows {
            Some(("SIM-ASYNC-ROWS", vec![("rows", rows.to_string()), ("limit", most_rows.to_string())]))
        } else {
            None
        };
        if let Some((code, arguments)) = refused {
            let mut arguments: Vec<(&str, &str)> =
                arguments.iter().map(|(name, value)| (*name, value.as_str())).collect();
            arguments.push(("job", name));
            return Err(self.messages().failure(code, &arguments).into());
        }
        self.jobs[at].requests.push((request, rows));
        Ok(())
    }

    /// The job works: requests first, then what is in the pipeline.
    pub fn run_job(&mut self, name: &str, sides: &mut Sides<'_>) -> Result<(), EngineError> {
        let at = self.job_at(name)?;
        if !self.jobs[at].active {
            return Ok(());
        }
        for (request, rows) in std::mem::take(&mut self.jobs[at].requests) {
            let mut left = usize::try_from(rows).unwrap_or(usize::MAX);
            let (chosen, kept) = std::mem::take(&mut self.jobs[at].errors).into_iter().partition(|error| {
                let chosen = error.kind == JobErrorKind::Application && left > 0;
                left -= usize::from(chosen);
                chosen
            });
            self.jobs[at].errors = kept;
            let chosen: Vec<JobError> = chosen;
            if request == JobRequest::Retry {
                self.jobs[at].pipeline.extend(chosen.into_iter().map(|error| (error.map, error.queued)));
            }
        }
        let job = &mut self.jobs[at];
        let mut snapshot = std::mem::take(&mut job.pipeline);
        let place = |map: &MapId| job.maps.iter().position(|own| own == map);
        snapshot.sort_by_key(|(map, queued)| (place(map), queued.sequence));
        let primary = job.primary;
        for number in 0..snapshot.len() {
            let (map, queued) = snapshot[number].clone();
            let same = |own: &(MapId, Queued)| own.0 == map && own.1.key == queued.key;
            let conflict =
                queued.origin != primary && snapshot.iter().any(|own| same(own) && own.1.origin == primary);
            let stale = snapshot[number + 1..].iter().any(|own| same(own) && own.1.origin == queued.origin);
            let failed = if conflict {
                let text = format!("{primary} is primary and changed the row too");
                Some((JobErrorKind::Conflict, text))
            } else if stale {
                Some((JobErrorKind::Concurrency, "a later version of the row is on its way".to_owned()))
            } else {
                let compiled: Arc<CompiledMap> = self.state(&map)?.compiled.clone();
                self.replay(&compiled, &queued, sides)
                    .err()
                    .map(|error| (JobErrorKind::Application, error.message))
            };
            if let Some((kind, message)) = failed {
                self.jobs[at].errors.push(JobError { map, queued, kind, message });
            }
        }
        Ok(())
    }
}
