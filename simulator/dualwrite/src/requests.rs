//! Requests to the dual-write service: what was asked of which table maps, and what became of it.

use crate::{
    engine::Engine,
    execution::Execution,
    refusal::EngineError,
    status::{MapStatus, ServiceState},
};
use dwsim_model::MapId;
use jiff::Timestamp;
use serde::Serialize;

/// State of a request, with the numbers the service uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestState {
    /// 1: it waits or is under way.
    Waiting = 1,
    /// 2: it is done.
    Completed = 2,
    /// 3: it failed or was refused.
    Error = 3,
}

/// What a request asks for, with the numbers the service uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestKind {
    /// 1: start a map, with or without initial sync.
    Start = 1,
    /// 4: stop it.
    Stop = 4,
    /// 5: pause maps.
    Pause = 5,
    /// 6: resume maps.
    Resume = 6,
    /// 8: create the project of a map that has none.
    Initialise = 8,
}

/// One request.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    /// Its number; executions of the run carry the same.
    pub id: u64,
    /// The maps. Pausing and resuming several maps is one request, starting and stopping go map by map.
    pub maps: Vec<MapId>,
    /// What was asked, with the number the service gives it.
    pub kind: RequestKind,
    /// What was asked, in words.
    pub action: &'static str,
    /// When, in virtual time.
    pub at: Timestamp,
    /// When its state changed last.
    pub changed: Timestamp,
    /// What became of it.
    pub state: RequestState,
    /// Why it failed or was refused.
    pub error: Option<String>,
}

impl Engine {
    /// Every request, oldest first.
    pub fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// The request of a number.
    pub fn request(&self, id: u64) -> Option<&Request> {
        self.requests.iter().find(|own| own.id == id)
    }

    /// The requests that concern a map, newest first.
    pub fn requests_of<'e>(&'e self, map: &'e str) -> impl Iterator<Item = &'e Request> {
        self.requests.iter().rev().filter(move |own| own.maps.iter().any(|own| own.as_str() == map))
    }

    /// Notes a request that is answered at once: completed, or refused with this text. Its number.
    pub fn note_request(
        &mut self,
        kind: RequestKind,
        action: &'static str,
        maps: &[MapId],
        at: Timestamp,
        refused: Option<String>,
    ) -> u64 {
        let state = if refused.is_some() { RequestState::Error } else { RequestState::Completed };
        self.add_request(kind, action, maps, at, state, refused)
    }

    /// Notes a request to start a map that is under way.
    pub(crate) fn open_request(&mut self, action: &'static str, map: &MapId, at: Timestamp) -> u64 {
        let maps = std::slice::from_ref(map);
        self.add_request(RequestKind::Start, action, maps, at, RequestState::Waiting, None)
    }

    fn add_request(
        &mut self,
        kind: RequestKind,
        action: &'static str,
        maps: &[MapId],
        at: Timestamp,
        state: RequestState,
        error: Option<String>,
    ) -> u64 {
        let id = self.requests.len() as u64 + 1;
        self.requests.push(Request { id, maps: maps.to_vec(), kind, action, at, changed: at, state, error });
        id
    }

    /// Answers a request to start a map with what its executions came to.
    pub(crate) fn answer(&mut self, request: u64, executions: &[Execution], at: Timestamp) {
        let errors: u64 = executions.iter().map(Execution::errors).sum();
        let failure = executions.iter().flat_map(|run| &run.legs).find_map(|leg| leg.failure.as_ref());
        let Some(own) = self.requests.iter_mut().find(|own| own.id == request) else { return };
        own.changed = at;
        own.state = RequestState::Completed;
        if errors > 0 || failure.is_some() {
            own.state = RequestState::Error;
            own.error = Some(match failure {
                Some(failure) => failure.message.clone(),
                None if errors == 1 => "1 row failed".to_owned(),
                None => format!("{errors} rows failed"),
            });
        }
    }

    /// Creates the project of a map, which Run does by itself. Doing it twice changes nothing.
    pub fn initialise(&mut self, map: &str) -> Result<(), EngineError> {
        self.state_mut(map)?.initialised = true;
        Ok(())
    }

    /// The state of a map with the number the service uses (decision 10).
    pub fn service_state(&self, map: &str) -> Result<ServiceState, EngineError> {
        let state = self.state(map)?;
        Ok(match state.status {
            MapStatus::NotRunning if state.turned_off => ServiceState::NotRunning,
            MapStatus::NotRunning if !state.initialised => ServiceState::None,
            MapStatus::NotRunning => ServiceState::Stopped,
            MapStatus::Initializing => ServiceState::InitialSync,
            MapStatus::Running => ServiceState::Running,
            MapStatus::Paused | MapStatus::Resuming => ServiceState::Paused,
        })
    }
}
