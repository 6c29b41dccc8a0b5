//! The engine of one link: which maps there are and what they may do.

use crate::{
    alerts::{AlertSetting, Notification, Watch},
    compile::compile_in,
    data_sources::{EntityTraits, Tracking},
    error_log::ErrorRecord,
    execution::Execution,
    fault::FaultPoint,
    initial::Since,
    jobs::Job,
    messages::{ErrorStyle, Messages},
    program::CompiledMap,
    queue::Queued,
    refusal::EngineError,
    requests::Request,
    running::{AssumedRows, LastRun, MissingMetadata, UnderWay},
    schemas::Schemas,
    status::{Action, MapStatus},
    transaction::Rehearsal,
    versions::SavedVersion,
};
use dwsim_catalog::{
    Catalog, TableMap,
    facts::{Limits, ProfileId},
};
use dwsim_model::{CompanyCode, EventKind, Journal, MapId, Name, Side, TableType, VirtualDuration, nearest};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

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
    /// Up to which versions each legal entity has been pushed, for incremental push.
    pub(crate) pushed: BTreeMap<Option<CompanyCode>, Since>,
    /// The run that has begun and not ended.
    pub(crate) under_way: Option<UnderWay>,
    /// The last run with initial sync, to run it again.
    pub(crate) last_run: Option<LastRun>,
    /// The alert settings it runs under.
    pub(crate) watch: Watch,
    /// What it knew of its entity when it was started.
    pub(crate) tracking: Tracking,
    /// Rows saved while it was Initializing, which nobody carries over.
    pub(crate) missed: BTreeMap<Option<CompanyCode>, MissedRows>,
    /// Whether it has a project, which its first start creates.
    pub(crate) initialised: bool,
    /// Whether the service turned it off, as opposed to a user who stopped it.
    pub(crate) turned_off: bool,
}

/// Rows saved too late to take part in an initial sync: whether in Dataverse, and the key as a person reads it.
pub(crate) type MissedRows = BTreeSet<(bool, String)>;

impl MapState {
    /// The map starts: it has a project from now on.
    pub(crate) fn started(&mut self) {
        self.initialised = true;
        self.turned_off = false;
    }
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
    pub(crate) executions: Vec<Execution>,
    pub(crate) requests: Vec<Request>,
    pub(crate) missing_lookup_metadata: MissingMetadata,
    pub(crate) assumed: AssumedRows,
    pub(crate) alerts: Vec<AlertSetting>,
    pub(crate) commits: u64,
    pub(crate) rehearsal: Rehearsal,
    pub(crate) fault: Option<FaultPoint>,
    pub(crate) jobs: Vec<Job>,
    pub(crate) debugged: BTreeSet<MapId>,
    pub(crate) error_log: Vec<ErrorRecord>,
    pub(crate) last_batch: Option<String>,
    pub(crate) finops_url: String,
    pub(crate) entity_traits: BTreeMap<Name, EntityTraits>,
    /// What happened quietly and is worth a note in the journal.
    pub(crate) hints: Vec<String>,
    pub(crate) notifications: Vec<Notification>,
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
            requests: Vec::new(),
            missing_lookup_metadata: MissingMetadata::default(),
            assumed: AssumedRows::default(),
            alerts: Vec::new(),
            commits: 0,
            rehearsal: Rehearsal::default(),
            fault: None,
            jobs: Vec::new(),
            debugged: BTreeSet::new(),
            error_log: Vec::new(),
            last_batch: None,
            finops_url: String::new(),
            entity_traits: BTreeMap::new(),
            hints: Vec::new(),
            notifications: Vec::new(),
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

    /// The link moves to the Dataverse organisation at this URL.
    pub fn set_organisation_url(&mut self, url: &str) {
        let style = self.messages.style();
        self.messages = Messages::new(self.catalog.clone(), self.profile, url);
        self.messages.set_style(style);
    }

    /// Chooses how errors of live sync are worded in F&O (decision Q2).
    pub fn set_error_style(&mut self, style: ErrorStyle) {
        self.messages.set_style(style);
    }

    /// Something happened quietly and is worth a note once its transaction has committed.
    pub fn hint(&mut self, text: String) {
        self.hints.push(text);
    }

    /// What happened quietly since this was asked last: it is worth a note in the journal.
    pub fn take_hints(&mut self) -> Vec<String> {
        std::mem::take(&mut self.hints)
    }

    /// Takes a map off the link, as uninstalling its solution does.
    pub fn take_off(&mut self, map: &MapId) {
        self.states.remove(map);
    }

    /// Support sets a map to Not running that cannot be stopped any more; how many queued changes that discards.
    pub fn force_not_running(&mut self, map: &str) -> Result<usize, EngineError> {
        let state = self.state_mut(map)?;
        state.status = MapStatus::NotRunning;
        state.under_way = None;
        state.turned_off = true;
        state.paused_since = None;
        Ok(std::mem::take(&mut state.queue).len())
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
        self.requests.clear();
        self.alerts.clear();
    }

    /// Adds the table maps of a solution, each Not running; applying one twice changes nothing (decision 40).
    pub fn apply(&mut self, maps: &[MapId]) -> Result<usize, EngineError> {
        let mut added = 0;
        for id in maps {
            let map = self.catalog.map(id).ok_or_else(|| self.unknown(id))?;
            let shipped = SavedVersion {
                definition: map.clone(),
                solution: self.catalog.facts().package_of_map(id).map(|package| package.id.clone()),
                managed: true,
            };
            if let Some(state) = self.states.get_mut(id) {
                state.take(shipped);
                continue;
            }
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
        if matches!(action, Action::SkipInitialSync | Action::InitialSyncSucceeded) {
            self.watch(map);
            self.track(map);
        }
        journal.record(
            at,
            EventKind::Map { map: map.clone(), from: from.as_str(), to: to.as_str(), action: why.to_owned() },
        );
        Ok(())
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
