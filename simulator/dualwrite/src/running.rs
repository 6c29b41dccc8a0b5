//! Starting table maps: new runs, runs again after errors, and the requests that asked for them.
//!
//! A run with initial sync has a beginning, when the map becomes Initializing and both sides are fixed, and an end, when
//! the rows have moved. Most callers do both at once with [`Engine::start`]; between them a second administrator is
//! refused, legal entities cannot be changed, and what users save is missed.

use crate::{
    engine::{Engine, RunOptions},
    execution::{Execution, Progress},
    initial::{Order, Sides, Since, Surroundings, Versions, run},
    program::CompiledMap,
    refusal::EngineError,
    requests::RequestKind,
    status::{Action, MapStatus},
};
use dwsim_catalog::facts::InitialSyncRerun;
use dwsim_filter::{Predicate, xpp};
use dwsim_model::{Clock, CompanyCode, EventKind, Journal, MapId, Name, Side};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Which run it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RunKind {
    /// A new one, from the Run dialog.
    #[default]
    New,
    /// Re-run execution: the failed one again, with the rows that failed (decision 21).
    Again,
    /// Rerun execution without errors: what is new since, without the rows that failed (decision 21).
    WithoutErrors,
}

/// A run that has begun and not ended.
#[derive(Clone, Debug)]
pub(crate) struct UnderWay {
    request: u64,
    options: RunOptions,
    kind: RunKind,
    fixed: Versions,
}

/// The last run with initial sync, to run it again.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastRun {
    since: BTreeMap<Option<CompanyCode>, Since>,
    /// Who was master.
    master: Option<Side>,
    /// Whether it ended with errors.
    failed: bool,
}

impl RunKind {
    fn asked(self) -> (Action, &'static str) {
        match self {
            Self::New => (Action::RunWithInitialSync, "Run with initial sync"),
            Self::Again => (Action::RerunExecution, "Re-run execution"),
            Self::WithoutErrors => (Action::RerunWithoutErrors, "Rerun execution without errors"),
        }
    }
}

impl Engine {
    /// Starts a map: with initial sync for every linked legal entity, or straight into live sync.
    pub fn start(
        &mut self,
        map: &str,
        options: RunOptions,
        sides: &mut Sides<'_>,
        clock: &mut Clock,
        journal: &mut Journal,
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<Vec<Execution>, EngineError> {
        if !options.initial_sync {
            self.begin_live(map, clock.now(), journal)?;
            return Ok(Vec::new());
        }
        self.begin(map, options, RunKind::New, sides, clock.now(), journal)?;
        self.finish(map, sides, clock, journal, progress)
    }

    /// Run with Initial sync cleared, or Skip initial sync after errors.
    fn begin_live(&mut self, map: &str, at: Timestamp, journal: &mut Journal) -> Result<(), EngineError> {
        let id = self.state(map)?.compiled.map.id.clone();
        let why = "Run without initial sync";
        let result = self
            .check_partitions(self.limits().max_legal_entities_live, &id)
            .and_then(|()| self.act(&id, Action::SkipInitialSync, why, at, journal));
        let refused = result.as_ref().err().map(ToString::to_string);
        if refused.is_none() {
            self.state_mut(&id)?.started();
        }
        self.note_request(RequestKind::Start, why, &[id], at, refused);
        result
    }

    /// Begins a run with initial sync: the map is Initializing from now on and both sides are fixed. The number of the
    /// request.
    pub fn begin(
        &mut self,
        map: &str,
        options: RunOptions,
        kind: RunKind,
        sides: &Sides<'_>,
        at: Timestamp,
        journal: &mut Journal,
    ) -> Result<u64, EngineError> {
        let id = self.state(map)?.compiled.map.id.clone();
        let (action, why) = kind.asked();
        let possible = self.startable(&id, kind).and_then(|()| self.act(&id, action, why, at, journal));
        if let Err(error) = possible {
            self.note_request(RequestKind::Start, why, &[id], at, Some(error.to_string()));
            return Err(error);
        }
        let request = self.open_request(why, &id, at);
        let fixed = Versions::of(sides);
        let state = self.state_mut(&id)?;
        state.started();
        state.under_way = Some(UnderWay { request, options, kind, fixed });
        Ok(request)
    }

    fn startable(&self, id: &MapId, kind: RunKind) -> Result<(), EngineError> {
        let state = self.state(id)?;
        let failed = state.last_run.as_ref().is_some_and(|run| run.failed);
        if kind != RunKind::New && state.status == MapStatus::NotRunning && !failed {
            return Err(self.messages().failure("SIM-NO-FAILED-RUN", &[("map", id)]).into());
        }
        self.check_partitions(self.limits().max_legal_entities_initial, id)?;
        self.check_lookup_metadata(id)
    }

    /// Ends a run that has begun: the rows move, and the map is Running or Not running again.
    pub fn finish(
        &mut self,
        map: &str,
        sides: &mut Sides<'_>,
        clock: &mut Clock,
        journal: &mut Journal,
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<Vec<Execution>, EngineError> {
        let id = self.state(map)?.compiled.map.id.clone();
        let Some(under_way) = self.state_mut(&id)?.under_way.take() else {
            return Err(self.messages().failure("SIM-NOT-UNDER-WAY", &[("map", &id)]).into());
        };
        let companies = self.partitions_of(&id, under_way.kind)?;
        let executions = self.initial_sync(&id, &companies, &under_way, sides, clock, journal, progress)?;
        let succeeded = executions.iter().all(Execution::succeeded);
        let (action, why) = match (succeeded, under_way.kind) {
            (false, _) => (Action::InitialSyncFailed, "Initial sync ended with errors"),
            (true, RunKind::WithoutErrors) => (Action::RerunCompleted, "Rerun without errors completed"),
            (true, _) => (Action::InitialSyncSucceeded, "Initial sync ended without errors"),
        };
        // What ran without the failed rows leaves them as they were: they can still be run again.
        if under_way.kind != RunKind::WithoutErrors
            && let Some(last) = &mut self.state_mut(&id)?.last_run
        {
            last.failed = !succeeded;
        }
        self.answer(under_way.request, &executions, clock.now());
        self.act(&id, action, why, clock.now(), journal)?;
        Ok(executions)
    }

    /// The initial write of one legal entity that joins a map that runs.
    pub(crate) fn write_company(
        &mut self,
        id: &MapId,
        company: &CompanyCode,
        sides: &mut Sides<'_>,
        clock: &mut Clock,
        journal: &mut Journal,
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<Vec<Execution>, EngineError> {
        let why = "Initial write of a new legal entity";
        self.act(id, Action::WriteNewLegalEntity, why, clock.now(), journal)?;
        let request = self.open_request(why, id, clock.now());
        let fixed = Versions::of(sides);
        let under_way = UnderWay { request, options: RunOptions::default(), kind: RunKind::New, fixed };
        let partition = [Some(company.clone())];
        let executions = self.initial_sync(id, &partition, &under_way, sides, clock, journal, progress)?;
        self.answer(request, &executions, clock.now());
        if let Some(last) = &mut self.state_mut(id)?.last_run {
            last.failed = !executions.iter().all(Execution::succeeded);
        }
        Ok(executions)
    }

    pub(crate) fn check_partitions(&self, limit: u64, map: &MapId) -> Result<(), EngineError> {
        if self.companies.len() as u64 > limit {
            return Err(self.messages.too_many_partitions(map).into());
        }
        Ok(())
    }

    /// M1: a lookup goes into a table whose lookup metadata is missing, and no map of that table runs, which would
    /// bring it.
    fn check_lookup_metadata(&self, id: &MapId) -> Result<(), EngineError> {
        let compiled = &self.state(id)?.compiled;
        let runs = |table: &Name| {
            self.states
                .values()
                .any(|state| state.status == MapStatus::Running && state.compiled.table.name == *table)
        };
        let missing = compiled.lookup_tables().into_iter().find(|table| {
            self.missing_lookup_metadata.contains(table) && compiled.table.name != *table && !runs(table)
        });
        match missing {
            Some(_) => Err(self.messages().failure("M1", &[]).into()),
            None => Ok(()),
        }
    }

    /// The lookup metadata of a Dataverse table is lost, until a map of that table runs or the tables are refreshed.
    pub fn lose_lookup_metadata(&mut self, table: &Name) {
        self.missing_lookup_metadata.insert(table.clone());
    }

    /// Refresh tables brings lookup metadata back.
    pub fn restore_lookup_metadata(&mut self) {
        self.missing_lookup_metadata.clear();
    }

    /// One partition a linked legal entity; a global map has a single one that is no company's.
    fn partitions(&self, map: &MapId) -> Result<Vec<Option<CompanyCode>>, EngineError> {
        let striped = self.state(map)?.compiled.map.striped;
        Ok(if striped { self.companies.iter().cloned().map(Some).collect() } else { vec![None] })
    }

    /// The partitions of a run. Re-run execution repeats what failed: the partitions of that run that are still linked
    /// (decision P20).
    fn partitions_of(&self, map: &MapId, kind: RunKind) -> Result<Vec<Option<CompanyCode>>, EngineError> {
        let mut partitions = self.partitions(map)?;
        if let (RunKind::Again, Some(last)) = (kind, &self.state(map)?.last_run) {
            partitions.retain(|partition| last.since.contains_key(partition));
        }
        Ok(partitions)
    }

    /// Makes a side look as if it had this many rows for a map and a legal entity, to rehearse a volume without the
    /// rows. Limits and virtual time are reckoned with it; the rows that are there move as always.
    pub fn assume_rows(&mut self, map: &MapId, company: Option<&CompanyCode>, side: Side, rows: u64) {
        self.assumed.insert((map.clone(), company.cloned(), side == Side::Dataverse), rows);
    }

    fn assumed_for(&self, map: &MapId, company: Option<&CompanyCode>) -> [Option<u64>; 2] {
        let of = |dataverse: bool| self.assumed.get(&(map.clone(), company.cloned(), dataverse)).copied();
        [of(false), of(true)]
    }

    /// How many times longer than documented a run takes, and the running map that is to blame.
    fn slowed(&self, map: &CompiledMap) -> Option<(u64, MapId)> {
        let runs = |id: &&MapId| self.status(id) == Some(MapStatus::Running);
        let issues = self.catalog.facts().known_issues(&map.map.id);
        issues
            .filter_map(|issue| {
                Some((issue.slow_factor, issue.slow_while_running.iter().find(runs)?.clone()))
            })
            .max_by_key(|(factor, _)| *factor)
    }

    /// Which rows the F&O entity exports at all: a known issue leaves some out.
    fn exported_only(&self, map: &CompiledMap) -> Result<Predicate, EngineError> {
        let mut conditions = Vec::new();
        for issue in self.catalog.facts().known_issues(&map.map.id) {
            let Some(text) = &issue.exports_only else { continue };
            let bound = xpp::parse(text).and_then(|expression| expression.bind(&map.entity));
            conditions.push(bound.map_err(|error| EngineError::Refused {
                code: "HEALTH-900".into(),
                message: error.to_string(),
            })?);
        }
        Ok(if conditions.is_empty() { Predicate::All } else { Predicate::And(conditions) })
    }

    #[allow(clippy::too_many_arguments)] // the world around an execution, named one by one
    fn initial_sync(
        &mut self,
        id: &MapId,
        companies: &[Option<CompanyCode>],
        under_way: &UnderWay,
        sides: &mut Sides<'_>,
        clock: &mut Clock,
        journal: &mut Journal,
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<Vec<Execution>, EngineError> {
        let compiled = self.state(id)?.compiled.clone();
        let last = self.state(id)?.last_run.clone().unwrap_or_default();
        let master = match under_way.kind {
            RunKind::New => under_way.options.master,
            _ => last.master.unwrap_or(under_way.options.master),
        };
        let mut since_now = BTreeMap::new();
        let mut executions = Vec::new();
        for company in companies {
            let since = self.since(id, &compiled, company.as_ref(), under_way, &last, sides)?;
            since_now.insert(company.clone(), since);
            let order = Order {
                request: under_way.request,
                company: company.clone(),
                master,
                since,
                fixed: under_way.fixed,
            };
            let facts = self.catalog.facts();
            let text_times = facts
                .known_issues(id)
                .flat_map(|issue| issue.text_times.iter().map(|field| (field.clone(), issue.id.clone())))
                .collect();
            let slowed = self.slowed(&compiled);
            let mut around = Surroundings {
                limits: &self.limits,
                messages: &self.messages,
                export_time: self.export_time,
                assumed: self.assumed_for(id, company.as_ref()),
                slow_factor: slowed.as_ref().map_or(1, |(factor, _)| *factor),
                exported_only: self.exported_only(&compiled)?,
                text_times,
                progress: &mut *progress,
            };
            let mut execution = run(&compiled, &order, sides, clock, &mut around);
            let state = self.state_mut(id)?;
            let pushed = state.pushed.entry(company.clone()).or_default();
            *pushed = pushed.moved_on(&execution, under_way.fixed);
            let missed = state.missed.remove(company).unwrap_or_default();
            execution.missed = missed.len() as u64;
            execution.warnings = self.warnings(&compiled, &execution, &missed, slowed.as_ref());
            record_legs(&execution, &compiled, clock.now(), journal);
            executions.push(execution.clone());
            self.executions.push(execution);
        }
        let failed = last.failed;
        self.state_mut(id)?.last_run = Some(match under_way.kind {
            RunKind::WithoutErrors => LastRun { failed, ..last },
            _ => LastRun { since: since_now, master: Some(master), failed },
        });
        Ok(executions)
    }

    /// Where the push of a partition starts. Only F&O tracks changes, so a new run pushes Dataverse in full
    /// (decision 38); without the failed rows it cannot.
    fn since(
        &self,
        id: &MapId,
        compiled: &CompiledMap,
        company: Option<&CompanyCode>,
        under_way: &UnderWay,
        last: &LastRun,
        sides: &Sides<'_>,
    ) -> Result<Since, EngineError> {
        let company = company.cloned();
        let pushed = self.state(id)?.pushed.get(&company).copied().unwrap_or_default();
        let incremental = self.catalog.facts().profile(self.profile()).initial_sync_rerun.value
            == InitialSyncRerun::IncrementalWhenTracked
            && sides.finops.tracks_changes(&compiled.entity);
        Ok(match under_way.kind {
            RunKind::New => Since {
                finops: pushed.finops.filter(|_| incremental && !under_way.options.full),
                dataverse: None,
            },
            RunKind::Again => last.since.get(&company).copied().unwrap_or_default(),
            RunKind::WithoutErrors => pushed,
        })
    }
}

impl Since {
    /// Where the next push starts: a side moves on when its rows were exported, and stays when its leg failed as a
    /// whole, so that nothing is left out (decision P21).
    fn moved_on(self, execution: &Execution, fixed: Versions) -> Self {
        let went = |into: Side| execution.legs.iter().any(|leg| leg.into == into && leg.failure.is_none());
        Self {
            finops: if went(Side::Dataverse) { Some(fixed.finops) } else { self.finops },
            dataverse: if went(Side::FinOps) { Some(fixed.dataverse) } else { self.dataverse },
        }
    }
}

fn record_legs(execution: &Execution, map: &CompiledMap, at: Timestamp, journal: &mut Journal) {
    for leg in &execution.legs {
        journal.record(
            at,
            EventKind::Leg {
                map: execution.map.clone(),
                company: execution.company.clone(),
                leg: map.leg_name(leg.into),
                exported: leg.exported,
                inserted: leg.inserted,
                updated: leg.updated,
                unchanged: leg.unchanged,
                errors: leg.errors,
            },
        );
    }
}

/// Tables whose lookup metadata is missing.
pub(crate) type MissingMetadata = BTreeSet<Name>;
/// Rows a partition is assumed to have: map, legal entity, whether in Dataverse.
pub(crate) type AssumedRows = BTreeMap<(MapId, Option<CompanyCode>, bool), u64>;
