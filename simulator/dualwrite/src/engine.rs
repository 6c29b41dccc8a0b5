//! The engine of one link: which maps there are, what they may do, and the running of initial sync.

use crate::{
    compile::{CompiledMap, compile},
    execution::{Execution, Progress},
    initial::{Order, Sides, Surroundings, run},
    messages::Messages,
    port::PortError,
    queue::{Queued, ResumeMode},
    status::{Action, MapStatus},
    validate::Finding,
};
use dwsim_catalog::{
    Catalog, TableMap,
    facts::{InitialSyncRerun, Limits, ProfileId},
};
use dwsim_model::{
    Clock, CompanyCode, EventKind, Journal, MapId, MapVersion, Name, Side, TableType, VirtualDuration,
    nearest,
};
use jiff::Timestamp;
use std::{collections::BTreeMap, sync::Arc};

/// One table map of the link.
#[derive(Debug)]
pub struct MapState {
    /// The version that runs, compiled.
    pub compiled: Arc<CompiledMap>,
    /// Its status.
    pub status: MapStatus,
    /// Changes waiting while paused.
    pub queue: Vec<Queued>,
    /// Changes that failed to catch up, or were set aside.
    pub catch_up_errors: Vec<Queued>,
    /// When it was paused.
    pub paused_since: Option<Timestamp>,
    /// F&O version at the last initial sync of each legal entity, for incremental push.
    pushed: BTreeMap<Option<CompanyCode>, i64>,
    /// The map as the solution brought it, while columns are taken out of it.
    original: Option<Arc<TableMap>>,
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

/// Why the engine refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// No such map in this link.
    #[error("there is no table map '{map}'{}", did_you_mean(.nearest.as_deref()))]
    UnknownMap {
        /// What was asked for.
        map: String,
        /// A map of a similar name.
        nearest: Option<String>,
    },
    /// The action is not legal in the map's status.
    #[error("table map {map} is {status}: {action} is not possible; possible now: {possible}")]
    NotNow {
        /// The map.
        map: MapId,
        /// Its status.
        status: MapStatus,
        /// What was asked.
        action: &'static str,
        /// What could be asked.
        possible: String,
    },
    /// Validation failed.
    #[error("Project validation failed. {}", .findings.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))]
    Invalid {
        /// The map.
        map: MapId,
        /// What is wrong.
        findings: Vec<Finding>,
    },
    /// A documented or own message.
    #[error("{message}")]
    Refused {
        /// Id of the message.
        code: String,
        /// What the user reads.
        message: String,
    },
    /// A column that the map does not have.
    #[error("table map {map} has no column '{column}'{}", did_you_mean(.nearest.as_deref()))]
    UnknownColumn {
        /// The map.
        map: MapId,
        /// What was asked for.
        column: String,
        /// A column of a similar name.
        nearest: Option<String>,
    },
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean '{name}'?"))
}

impl From<PortError> for EngineError {
    fn from(error: PortError) -> Self {
        Self::Refused { code: error.code, message: error.message }
    }
}

/// The dual-write engine of one link.
#[derive(Debug)]
pub struct Engine {
    catalog: Arc<Catalog>,
    profile: ProfileId,
    limits: Limits,
    messages: Messages,
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
            let state = MapState {
                compiled: Arc::new(self.compiled(map)?),
                status: MapStatus::NotRunning,
                queue: Vec::new(),
                catch_up_errors: Vec::new(),
                paused_since: None,
                pushed: BTreeMap::new(),
                original: None,
            };
            self.states.insert(id.clone(), state);
            added += 1;
        }
        Ok(added)
    }

    fn compiled(&self, map: &Arc<TableMap>) -> Result<CompiledMap, EngineError> {
        compile(&self.catalog, map).map_err(|findings| EngineError::Invalid { map: map.id.clone(), findings })
    }

    fn unknown(&self, map: &str) -> EngineError {
        let known = self.states.keys().map(MapId::as_str);
        EngineError::UnknownMap { map: map.to_owned(), nearest: nearest(map, known).map(str::to_owned) }
    }

    fn state(&self, map: &str) -> Result<&MapState, EngineError> {
        self.states.get(map).ok_or_else(|| self.unknown(map))
    }

    fn state_mut(&mut self, map: &str) -> Result<&mut MapState, EngineError> {
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
    fn act(
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
    fn initial_sync(
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

    /// Adds a legal entity to the link. Running and paused maps go through initial write for it unless skipped,
    /// or unless the link then holds more legal entities than initial sync takes.
    pub fn add_company(
        &mut self,
        company: &CompanyCode,
        skip_initial_writes: bool,
        sides: &mut Sides<'_>,
        clock: &mut Clock,
        journal: &mut Journal,
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<Vec<Execution>, EngineError> {
        if let Some(map) = self.states.values().find(|state| state.status == MapStatus::Initializing) {
            return Err(self
                .messages
                .company_during_initial_write(&map.compiled.map.id, map.status.as_str(), company)
                .into());
        }
        let mut companies = self.companies.clone();
        companies.push(company.clone());
        self.set_companies(companies);
        if skip_initial_writes || self.companies.len() as u64 > self.limits.max_legal_entities_initial {
            return Ok(Vec::new());
        }
        let live: Vec<(MapId, MapStatus)> = self
            .states
            .iter()
            .filter(|(_, state)| {
                state.compiled.map.striped && matches!(state.status, MapStatus::Running | MapStatus::Paused)
            })
            .map(|(id, state)| (id.clone(), state.status))
            .collect();
        let order = self.catalog.run_order(&live.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>());
        let mut executions = Vec::new();
        for id in order {
            let before = live.iter().find(|(known, _)| *known == id).map(|(_, status)| *status);
            self.act(
                &id,
                Action::WriteNewLegalEntity,
                "Initial write of a new legal entity",
                clock.now(),
                journal,
            )?;
            let partition = [Some(company.clone())];
            let run =
                self.initial_sync(&id, &partition, RunOptions::default(), sides, clock, journal, progress)?;
            let (action, why) = match (before, run.iter().all(Execution::succeeded)) {
                (_, false) => {
                    (Action::InitialSyncFailed, "Initial write of a new legal entity ended with errors")
                }
                (Some(MapStatus::Paused), true) => {
                    (Action::NewLegalEntityWrittenPaused, "Initial write ended")
                }
                _ => (Action::InitialSyncSucceeded, "Initial write ended"),
            };
            self.act(&id, action, why, clock.now(), journal)?;
            executions.extend(run);
        }
        Ok(executions)
    }

    /// Removes a legal entity from the link. Its rows stay on both sides (decision 29).
    pub fn remove_company(&mut self, company: &CompanyCode) -> Result<(), EngineError> {
        let blocking = self
            .states
            .values()
            .find(|state| matches!(state.status, MapStatus::Initializing | MapStatus::Paused));
        if let Some(state) = blocking {
            return Err(self
                .messages
                .company_during_initial_write(&state.compiled.map.id, state.status.as_str(), company)
                .into());
        }
        self.companies.retain(|known| known != company);
        Ok(())
    }

    /// Stops a map. Changes made while it is stopped are not queued.
    pub fn stop(&mut self, map: &str, at: Timestamp, journal: &mut Journal) -> Result<(), EngineError> {
        let id = self.state(map)?.compiled.map.id.clone();
        if self.status(&id) == Some(MapStatus::Paused) {
            // Decision 12: programs may stop a paused map; its queue is gone and the journal says so.
            let state = self.state_mut(&id)?;
            let lost = std::mem::take(&mut state.queue).len();
            state.status = MapStatus::NotRunning;
            let text = format!("stopped while paused; {lost} queued changes were discarded");
            journal.record(at, EventKind::Notice { about: id.to_string(), text });
            return Ok(());
        }
        self.act(&id, Action::Stop, "Stop", at, journal)
    }

    /// Pauses running maps; all of them or none.
    pub fn pause(&mut self, maps: &[MapId], at: Timestamp, journal: &mut Journal) -> Result<(), EngineError> {
        for map in maps {
            let status = self.state(map)?.status;
            if status != MapStatus::Running {
                let possible = "Pause needs every selected map to be Running".to_owned();
                return Err(EngineError::NotNow { map: map.clone(), status, action: "Pause", possible });
            }
        }
        for map in maps {
            self.act(map, Action::Pause, "Pause", at, journal)?;
            self.state_mut(map)?.paused_since = Some(at);
        }
        Ok(())
    }

    /// Resumes paused maps together. Queues are played back in the order of the commits they came from, over all
    /// of these maps.
    pub fn resume(
        &mut self,
        maps: &[MapId],
        mode: ResumeMode,
        sides: &mut Sides<'_>,
        at: Timestamp,
        journal: &mut Journal,
    ) -> Result<(), EngineError> {
        for map in maps {
            let status = self.state(map)?.status;
            if status != MapStatus::Paused {
                let possible = "Resume needs every selected map to be Paused".to_owned();
                return Err(EngineError::NotNow { map: map.clone(), status, action: "Resume", possible });
            }
        }
        if mode != ResumeMode::CatchUp {
            for map in maps {
                self.act(map, Action::SkipToLive, "Skip to live sync", at, journal)?;
                let state = self.state_mut(map)?;
                let queue = std::mem::take(&mut state.queue);
                if mode == ResumeMode::PreserveAsErrors {
                    state.catch_up_errors.extend(queue);
                }
            }
            return Ok(());
        }
        let mut waiting = Vec::new();
        for map in maps {
            self.act(map, Action::Resume, "Resume", at, journal)?;
            let state = self.state_mut(map)?;
            let compiled = state.compiled.clone();
            waiting.extend(
                std::mem::take(&mut state.queue).into_iter().map(|queued| (compiled.clone(), queued)),
            );
        }
        waiting.sort_by_key(|(_, queued)| queued.sequence);
        for (compiled, mut queued) in waiting {
            if let Err(error) = self.replay(&compiled, &queued, sides) {
                queued.error = Some(error.message);
                self.state_mut(&compiled.map.id)?.catch_up_errors.push(queued);
            }
        }
        for map in maps {
            self.act(map, Action::CaughtUp, "Caught up", at, journal)?;
            self.state_mut(map)?.paused_since = None;
        }
        Ok(())
    }

    /// Whether a paused map takes no more changes, and the text users get.
    pub(crate) fn queue_full(&self, map: &MapId, now: Timestamp) -> Option<PortError> {
        let state = self.states.get(map)?;
        let since = state.paused_since?;
        let waited =
            VirtualDuration::from_millis(u64::try_from(now.duration_since(since).as_millis()).unwrap_or(0));
        let too_old = waited > self.limits.pause_max_age;
        let bytes: u64 = state.queue.iter().map(Queued::bytes).sum();
        let too_large = self.limits.pause_max_bytes.is_some_and(|limit| bytes >= limit);
        (too_old || too_large).then(|| {
            self.messages.queue_full(map, &state.compiled.map.entity_label, waited, bytes, &self.limits)
        })
    }

    /// Takes columns out of a map, as the workaround for more than ten lookups asks; the map must not run.
    pub fn remove_columns(&mut self, map: &str, columns: &[Name]) -> Result<(), EngineError> {
        let state = self.state(map)?;
        Self::editable(state)?;
        let current = state.compiled.map.clone();
        let mut edited = (*current).clone();
        for column in columns {
            let before = edited.fields.len();
            edited.fields.retain(|field| {
                !field.entity_field.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(column))
            });
            if edited.fields.len() == before {
                let known = current.fields.iter().filter_map(|field| field.entity_field.as_deref());
                return Err(EngineError::UnknownColumn {
                    map: current.id.clone(),
                    column: column.to_string(),
                    nearest: nearest(column, known).map(str::to_owned),
                });
            }
        }
        let MapVersion(major, minor, build, revision) = edited.version;
        edited.version = MapVersion(major, minor, build, revision + 1);
        let compiled = Arc::new(self.compiled(&Arc::new(edited))?);
        let state = self.state_mut(map)?;
        state.original.get_or_insert(current);
        state.compiled = compiled;
        Ok(())
    }

    /// Puts back every column taken out of a map.
    pub fn restore_columns(&mut self, map: &str) -> Result<(), EngineError> {
        let state = self.state(map)?;
        Self::editable(state)?;
        let Some(original) = state.original.clone() else { return Ok(()) };
        let compiled = Arc::new(self.compiled(&original)?);
        let state = self.state_mut(map)?;
        state.original = None;
        state.compiled = compiled;
        Ok(())
    }

    fn editable(state: &MapState) -> Result<(), EngineError> {
        if state.status == MapStatus::NotRunning {
            return Ok(());
        }
        let possible = "Stop it first; nothing was saved".to_owned();
        let (map, status) = (state.compiled.map.id.clone(), state.status);
        Err(EngineError::NotNow { map, status, action: "Edit", possible })
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
