//! The engine of one link: which maps there are, what they may do, and the running of initial sync.

use crate::{
    compile::compile_in,
    execution::{Execution, Progress},
    initial::{Order, Sides, Surroundings, run},
    messages::Messages,
    program::CompiledMap,
    queue::Queued,
    refusal::EngineError,
    schemas::Schemas,
    status::{Action, MapStatus},
    versions::SavedVersion,
};
use dwsim_catalog::{
    Catalog, TableMap,
    facts::{InitialSyncRerun, Limits, ProfileId},
};
use dwsim_model::{
    Clock, CompanyCode, EventKind, Journal, MapId, Name, Side, TableType, VirtualDuration, nearest,
};
use jiff::Timestamp;
use std::{collections::BTreeMap, sync::Arc};

/// One table map of the link.
#[derive(Debug)]
pub struct MapState {
    /// The version that runs, compiled.
    pub compiled: Arc<CompiledMap>,
    /// Every saved version.
    pub(crate) versions: Vec<SavedVersion>,
    /// Which of them Run takes.
    pub(crate) active: usize,
    /// The version used before columns were taken out of the map.
    pub(crate) before_columns_removed: Option<usize>,
    /// Its status.
    pub status: MapStatus,
    /// Changes waiting while paused.
    pub queue: Vec<Queued>,
    /// Changes that failed to catch up, or were set aside.
    pub catch_up_errors: Vec<Queued>,
    /// When it was paused.
    pub paused_since: Option<Timestamp>,
    /// F&O version at the last initial sync of each legal entity, for incremental push.
    pub(crate) pushed: BTreeMap<Option<CompanyCode>, i64>,
}

/// How a map is started.
#[derive(Clone, Copy, Debug)]
pub struct RunOptions {
    /// Whether existing rows are brought together first.
    pub initial_sync: bool,
    /// Who wins a conflict; Dataverse unless chosen otherwise.
    pub master: Side,
    /// Send everything again, whatever was sent before.
    pub full: bool,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self { initial_sync: true, master: Side::Dataverse, full: false }
    }
}

/// The dual-write engine of one link.
#[derive(Debug)]
pub struct Engine {
    pub(crate) catalog: Arc<Catalog>,
    /// The schemas the link knows.
    pub(crate) schemas: Schemas,
    /// Integration keys that are not the ones the shipped maps have, by table.
    pub(crate) integration_keys: BTreeMap<Name, Vec<Box<str>>>,
    profile: ProfileId,
    pub(crate) limits: Limits,
    pub(crate) messages: Messages,
    pub(crate) states: BTreeMap<MapId, MapState>,
    pub(crate) companies: Vec<CompanyCode>,
    executions: Vec<Execution>,
    requests: u64,
    pub(crate) commits: u64,
    /// Virtual time an F&O export takes.
    pub export_time: VirtualDuration,
}

impl Engine {
    /// An engine without a map and without a linked legal entity.
    pub fn new(catalog: Arc<Catalog>, profile: ProfileId, organisation_url: &str) -> Self {
        let limits = catalog.facts().limits(profile).clone();
        let messages = Messages::new(catalog.clone(), profile, organisation_url);
        Self {
            schemas: Schemas::new(catalog.clone()),
            integration_keys: BTreeMap::new(),
            catalog,
            profile,
            limits,
            messages,
            states: BTreeMap::new(),
            companies: Vec::new(),
            executions: Vec::new(),
            requests: 0,
            commits: 0,
            export_time: VirtualDuration::ZERO,
        }
    }

    /// The documented limits in force.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Puts other limits in force; for rehearsing what another limit would do.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Renders documented messages.
    pub fn messages(&self) -> &Messages {
        &self.messages
    }

    /// The documentation profile followed.
    pub fn profile(&self) -> ProfileId {
        self.profile
    }

    /// Every map, by id.
    pub fn maps(&self) -> &BTreeMap<MapId, MapState> {
        &self.states
    }

    /// The status of a map.
    pub fn status(&self, map: &MapId) -> Option<MapStatus> {
        self.states.get(map).map(|state| state.status)
    }

    /// Legal entities of the link, in ascending code (decision 26).
    pub fn companies(&self) -> &[CompanyCode] {
        &self.companies
    }

    /// Every initial sync that ran, oldest first.
    pub fn executions(&self) -> &[Execution] {
        &self.executions
    }

    /// Sets the legal entities of the link.
    pub fn set_companies(&mut self, mut companies: Vec<CompanyCode>) {
        companies.sort();
        companies.dedup();
        self.companies = companies;
    }

    /// Forgets maps, legal entities and history, as Reset link does.
    pub fn reset(&mut self) {
        self.states.clear();
        self.integration_keys.clear();
        self.companies.clear();
        self.executions.clear();
    }

    /// Adds the table maps of a solution, each Not running; applying one twice changes nothing (decision 40).
    pub fn apply(&mut self, maps: &[MapId]) -> Result<usize, EngineError> {
        let mut added = 0;
        for id in maps {
            if self.states.contains_key(id) {
                continue;
            }
            let map = self.catalog.map(id).ok_or_else(|| self.unknown(id))?;
            let shipped = SavedVersion {
                definition: map.clone(),
                solution: self.catalog.facts().package_of_map(id).map(|package| package.id.clone()),
                managed: true,
            };
            let state = MapState::new(self.compiled(&self.effective(map))?, vec![shipped], 0);
            self.states.insert(id.clone(), state);
            added += 1;
        }
        Ok(added)
    }

    pub(crate) fn compiled(&self, map: &Arc<TableMap>) -> Result<CompiledMap, EngineError> {
        compile_in(&self.schemas, map).map_err(|findings| self.invalid(map, findings))
    }

    pub(crate) fn unknown(&self, map: &str) -> EngineError {
        let known = self.states.keys().map(MapId::as_str);
        EngineError::UnknownMap { map: map.to_owned(), nearest: nearest(map, known).map(str::to_owned) }
    }

    pub(crate) fn state(&self, map: &str) -> Result<&MapState, EngineError> {
        self.states.get(map).ok_or_else(|| self.unknown(map))
    }

    pub(crate) fn state_mut(&mut self, map: &str) -> Result<&mut MapState, EngineError> {
        if self.states.contains_key(map) {
            self.states.get_mut(map).ok_or(EngineError::UnknownMap { map: map.to_owned(), nearest: None })
        } else {
            Err(self.unknown(map))
        }
    }

    /// The maps that Run proposes with this one, in run order, itself last. Maps that are not applied are left out.
    pub fn related_maps(&self, map: &str) -> Result<Vec<MapId>, EngineError> {
        let own = self.state(map)?.compiled.map.id.clone();
        let mut related = self.catalog.related(map);
        related.push(own);
        Ok(related.into_iter().filter(|id| self.states.contains_key(id)).collect())
    }

    /// Moves a map, when the action is legal in its status.
    pub(crate) fn act(
        &mut self,
        map: &MapId,
        action: Action,
        why: &'static str,
        at: Timestamp,
        journal: &mut Journal,
    ) -> Result<(), EngineError> {
        let state = self.state_mut(map)?;
        let from = state.status;
        let Some(to) = from.after(action) else {
            let possible: Vec<String> = from.actions().iter().map(|action| format!("{action:?}")).collect();
            let possible = if possible.is_empty() { "nothing".to_owned() } else { possible.join(", ") };
            return Err(EngineError::NotNow { map: map.clone(), status: from, action: why, possible });
        };
        state.status = to;
        journal.record(
            at,
            EventKind::Map { map: map.clone(), from: from.as_str(), to: to.as_str(), action: why.to_owned() },
        );
        Ok(())
    }

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
        let id = self.state(map)?.compiled.map.id.clone();
        if !options.initial_sync {
            self.check_partitions(self.limits.max_legal_entities_live, &id)?;
            self.act(&id, Action::SkipInitialSync, "Run without initial sync", clock.now(), journal)?;
            return Ok(Vec::new());
        }
        self.check_partitions(self.limits.max_legal_entities_initial, &id)?;
        self.act(&id, Action::RunWithInitialSync, "Run with initial sync", clock.now(), journal)?;
        let companies = self.partitions(&id)?;
        let executions = self.initial_sync(&id, &companies, options, sides, clock, journal, progress)?;
        let succeeded = executions.iter().all(Execution::succeeded);
        let (action, why) = if succeeded {
            (Action::InitialSyncSucceeded, "Initial sync ended without errors")
        } else {
            (Action::InitialSyncFailed, "Initial sync ended with errors")
        };
        self.act(&id, action, why, clock.now(), journal)?;
        Ok(executions)
    }

    fn check_partitions(&self, limit: u64, map: &MapId) -> Result<(), EngineError> {
        if self.companies.len() as u64 > limit {
            return Err(self.messages.too_many_partitions(map).into());
        }
        Ok(())
    }

    /// One partition a linked legal entity; a global map has a single one that is no company's.
    fn partitions(&self, map: &MapId) -> Result<Vec<Option<CompanyCode>>, EngineError> {
        let striped = self.state(map)?.compiled.map.striped;
        Ok(if striped { self.companies.iter().cloned().map(Some).collect() } else { vec![None] })
    }

    #[allow(clippy::too_many_arguments)] // the world around an execution, named one by one
    pub(crate) fn initial_sync(
        &mut self,
        id: &MapId,
        companies: &[Option<CompanyCode>],
        options: RunOptions,
        sides: &mut Sides<'_>,
        clock: &mut Clock,
        journal: &mut Journal,
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<Vec<Execution>, EngineError> {
        self.requests += 1;
        let request = self.requests;
        let compiled = self.state(id)?.compiled.clone();
        let incremental = self.catalog.facts().profile(self.profile).initial_sync_rerun.value
            == InitialSyncRerun::IncrementalWhenTracked
            && sides.finops.tracks_changes(&compiled.entity);
        let mut executions = Vec::new();
        for company in companies {
            let pushed = self.state(id)?.pushed.get(company).copied();
            let order = Order {
                request,
                company: company.clone(),
                master: options.master,
                since: pushed.filter(|_| incremental && !options.full),
            };
            let version = sides.finops.version();
            let mut around = Surroundings {
                limits: &self.limits,
                messages: &self.messages,
                export_time: self.export_time,
                progress: &mut *progress,
            };
            let execution = run(&compiled, &order, sides, clock, &mut around);
            self.state_mut(id)?.pushed.insert(company.clone(), version);
            for leg in &execution.legs {
                journal.record(
                    clock.now(),
                    EventKind::Leg {
                        map: id.clone(),
                        company: company.clone(),
                        leg: leg_name(&compiled, leg.into),
                        exported: leg.exported,
                        inserted: leg.inserted,
                        updated: leg.updated,
                        unchanged: leg.unchanged,
                        errors: leg.errors,
                    },
                );
            }
            executions.push(execution.clone());
            self.executions.push(execution);
        }
        Ok(executions)
    }

    /// Whether the F&O entities are declared to be related, so that one transaction may hold both (behaviour 7).
    pub(crate) fn related(&self, a: &TableType, b: &TableType) -> bool {
        let declares = |from: &TableType, to: &TableType| {
            self.catalog
                .entity_facts(&from.name)
                .is_some_and(|facts| facts.related.contains(&to.technical_name))
        };
        declares(a, b) || declares(b, a)
    }
}

/// A leg as the initial sync log names it.
fn leg_name(map: &CompiledMap, into: Side) -> String {
    match into {
        Side::Dataverse => format!("From AX {} to CRM {}", map.map.entity_label, map.map.entity_set),
        Side::FinOps => format!("From CRM {} to AX {}", map.map.entity_set, map.map.entity_label),
    }
}
