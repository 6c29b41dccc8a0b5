//! Running a table map: the Run dialog, a run with its beginning and end, running again after errors, the activity log.

use crate::{Tenant, TenantError};
use dwsim_dualwrite::{Execution, MapStatus, RequestKind, RunKind, RunOptions};
use dwsim_model::{Event, EventKind, MapId, Side};
use jiff::Timestamp;

/// One line of the Run dialog: a map and what its boxes say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialogLine {
    /// The map.
    pub map: MapId,
    /// Whether it is ticked, that is, takes part.
    pub ticked: bool,
    /// The box Initial Sync.
    pub initial_sync: bool,
    /// Master for initial sync.
    pub master: Side,
}

impl Tenant {
    /// Runs one map. Its solution must have the required version and it must not be replaced by another map.
    pub fn run_map(&mut self, map: &str, options: RunOptions) -> Result<Vec<Execution>, TenantError> {
        self.check_start(map, "Run")?;
        let executions = self.with_engine(|engine, sides, clock, journal, progress| {
            engine.start(map, options, sides, clock, journal, progress)
        })??;
        self.write_runtime_configuration();
        Ok(executions)
    }

    /// Runs a map again after errors: the whole failed execution, or without the rows that failed.
    pub fn rerun_map(&mut self, map: &str, kind: RunKind) -> Result<Vec<Execution>, TenantError> {
        self.begin_map(map, RunOptions::default(), kind)?;
        self.finish_map(map)
    }

    /// Re-runs a failed execution as long as that makes rows of the map's own table find each other: every legal entity
    /// is looked at, and when in none of them fewer rows failed than before, it is of no use to go on. The runs, in
    /// order.
    pub fn rerun_while_errors_fall(&mut self, map: &str) -> Result<Vec<Vec<Execution>>, TenantError> {
        let errors = |executions: &[&Execution]| -> Vec<u64> {
            executions.iter().map(|execution| execution.errors()).collect()
        };
        let mut before = errors(&self.engine.last_executions(map));
        let mut runs = Vec::new();
        while before.iter().any(|errors| *errors > 0) {
            let executions = self.rerun_map(map, RunKind::Again)?;
            let after = errors(&executions.iter().collect::<Vec<_>>());
            runs.push(executions);
            let falls = before.iter().zip(&after).any(|(before, after)| after < before);
            before = after;
            if !falls {
                break;
            }
        }
        Ok(runs)
    }

    /// Begins a run with initial sync; the map is Initializing until [`Tenant::finish_map`].
    pub fn begin_map(&mut self, map: &str, options: RunOptions, kind: RunKind) -> Result<u64, TenantError> {
        self.check_start(map, "Run")?;
        Ok(self.with_engine(|engine, sides, clock, journal, _| {
            engine.begin(map, options, kind, sides, clock.now(), journal)
        })??)
    }

    /// Ends a run that [`Tenant::begin_map`] began.
    pub fn finish_map(&mut self, map: &str) -> Result<Vec<Execution>, TenantError> {
        let executions = self.with_engine(|engine, sides, clock, journal, progress| {
            engine.finish(map, sides, clock, journal, progress)
        })??;
        self.write_runtime_configuration();
        Ok(executions)
    }

    pub(crate) fn check_runnable(&mut self, map: &str, action: &str) -> Result<(), TenantError> {
        self.check_linked(action)?;
        self.check_versions(map)?;
        self.check_replaced(map)?;
        self.validate_and_prepare(map)
    }

    /// What is checked before the engine is asked to start a map; a refusal is the answer to a request, too.
    fn check_start(&mut self, map: &str, action: &'static str) -> Result<(), TenantError> {
        let checked = self.check_runnable(map, action);
        if let (Err(error), true) = (&checked, self.link.is_some()) {
            let text = error.to_string();
            self.note_request(RequestKind::Start, action, &[map.into()], Some(text));
        }
        checked
    }

    /// Notes what became of a request about maps of the link.
    pub(crate) fn note_request(
        &mut self,
        kind: RequestKind,
        action: &'static str,
        maps: &[MapId],
        refused: Option<String>,
    ) {
        if maps.iter().all(|map| self.engine.maps().contains_key(map)) {
            self.engine.note_request(kind, action, maps, self.clock.now(), refused);
        }
    }

    /// Creates the project of a map that has none, which Run does by itself.
    pub fn initialise_map(&mut self, map: &str) -> Result<(), TenantError> {
        self.check_linked("Initialise")?;
        self.engine.initialise(map)?;
        self.note_request(RequestKind::Initialise, "Initialise", &[map.into()], None);
        Ok(())
    }

    /// What happened to a map, oldest first: the activity log.
    pub fn activity_log(&self, map: &str) -> Vec<(Timestamp, String)> {
        let line = |event: &Event| match &event.kind {
            EventKind::Map { map: own, from, to, action } if own.as_str() == map => {
                let moved = if from == to { String::new() } else { format!(": {from} to {to}") };
                Some((event.at, format!("{action}{moved}")))
            }
            EventKind::Notice { about, text } if about == map => Some((event.at, text.clone())),
            _ => None,
        };
        self.journal.events().iter().skip(self.log_starts).filter_map(line).collect()
    }

    pub(crate) fn note_activity(&mut self, map: &MapId, action: &str) {
        let status = self.engine.status(map).map_or("", MapStatus::as_str);
        let kind = EventKind::Map { map: map.clone(), from: status, to: status, action: action.to_owned() };
        self.journal.record(self.clock.now(), kind);
    }

    /// Notes in the activity log of each map that it was created.
    pub(crate) fn note_created(&mut self, maps: &[MapId]) {
        for map in maps {
            self.note_activity(map, "Mapping created");
        }
    }

    /// The Run dialog of a map with its related maps shown, in the order the system supplies; the map itself is last.
    /// Related maps that another package replaces, or whose alternative runs, are listed without a tick: they have to
    /// stay stopped.
    pub fn run_dialog(&self, map: &str) -> Result<Vec<DialogLine>, TenantError> {
        self.check_linked("Run")?;
        let leave = self.maps_to_leave_stopped();
        let line = |own: MapId| DialogLine {
            ticked: own.as_str() == map || !leave.contains(&own),
            map: own,
            initial_sync: true,
            master: Side::Dataverse,
        };
        let related = self.engine.related_maps(map)?;
        Ok(self.catalog.run_order(&related).into_iter().map(line).collect())
    }

    /// Run in the dialog: every ticked map that does not run yet, in the order of the lines. The first that is refused
    /// ends it; those before it run.
    pub fn run_dialog_lines(&mut self, lines: &[DialogLine]) -> Result<Vec<Execution>, TenantError> {
        for line in lines {
            self.map_id(&line.map)?;
        }
        let mut executions = Vec::new();
        for line in lines.iter().filter(|line| line.ticked) {
            if self.engine.status(&line.map) != Some(MapStatus::NotRunning) {
                continue;
            }
            let options = RunOptions { initial_sync: line.initial_sync, master: line.master, full: false };
            executions.extend(self.run_map(&line.map, options)?);
        }
        Ok(executions)
    }
}
