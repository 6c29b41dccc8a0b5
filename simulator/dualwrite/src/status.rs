//! The status machine of a table map: statuses, actions and the one table of legal moves.

use serde::Serialize;
use std::fmt;

/// Where a table map is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MapStatus {
    /// Not enabled; changes are not seen.
    NotRunning,
    /// Initial write in progress.
    Initializing,
    /// Live writes are on.
    Running,
    /// Changes are queued.
    Paused,
    /// The queue is being played back.
    Resuming,
}

impl MapStatus {
    /// The status as the user interface writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotRunning => "Not running",
            Self::Initializing => "Initializing",
            Self::Running => "Running",
            Self::Paused => "Paused",
            Self::Resuming => "Resuming",
        }
    }

    /// Actions a user can take.
    pub fn actions(self) -> Vec<Action> {
        TRANSITIONS
            .iter()
            .filter(|(from, action, _)| *from == self && action.by_user())
            .map(|(_, action, _)| *action)
            .collect()
    }

    /// Where an action leads, when it is legal here.
    pub fn after(self, action: Action) -> Option<Self> {
        TRANSITIONS.iter().find(|(from, on, _)| *from == self && *on == action).map(|(_, _, to)| *to)
    }
}

impl fmt::Display for MapStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The state of a table map as the dual-write service numbers it (decision 10). Users read [`MapStatus`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceState {
    /// 0: the map has no project yet.
    None = 0,
    /// 1: stopped, or its initial sync failed.
    Stopped = 1,
    /// 2: initial sync is under way.
    InitialSync = 2,
    /// 4: running.
    Running = 4,
    /// 5: paused; also while the queue is played back, for which the service has no number (decision P22).
    Paused = 5,
    /// 6: the service turned it off.
    NotRunning = 6,
}

/// What moves a table map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Run with Initial sync ticked.
    RunWithInitialSync,
    /// Run with Initial sync cleared, or Skip initial sync after errors.
    SkipInitialSync,
    /// Re-run execution: the failed initial sync again, with the rows that failed.
    RerunExecution,
    /// Rerun execution without errors: what is new since, without the rows that failed.
    RerunWithoutErrors,
    /// Every execution ended without error.
    InitialSyncSucceeded,
    /// Some execution ended with an error.
    InitialSyncFailed,
    /// Rerun execution without errors came to its end.
    RerunCompleted,
    /// Stop.
    Stop,
    /// Pause.
    Pause,
    /// Resume and catch up with the queue.
    Resume,
    /// Resume and leave the queue behind.
    SkipToLive,
    /// The queue is empty.
    CaughtUp,
    /// A legal entity was added and gets its initial write.
    WriteNewLegalEntity,
    /// That initial write ended on a paused map.
    NewLegalEntityWrittenPaused,
}

impl Action {
    /// Whether a user can ask for it, as opposed to something that happens.
    fn by_user(self) -> bool {
        matches!(
            self,
            Self::RunWithInitialSync
                | Self::SkipInitialSync
                | Self::RerunExecution
                | Self::RerunWithoutErrors
                | Self::Stop
                | Self::Pause
                | Self::Resume
                | Self::SkipToLive
        )
    }
}

/// Every legal move (specification 6.2). Stop from Paused is allowed to programs and not offered to users
/// (decision 12), so it is handled by the engine, not listed here.
const TRANSITIONS: &[(MapStatus, Action, MapStatus)] = &[
    (MapStatus::NotRunning, Action::RunWithInitialSync, MapStatus::Initializing),
    (MapStatus::NotRunning, Action::SkipInitialSync, MapStatus::Running),
    (MapStatus::NotRunning, Action::RerunExecution, MapStatus::Initializing),
    (MapStatus::NotRunning, Action::RerunWithoutErrors, MapStatus::Initializing),
    (MapStatus::Initializing, Action::InitialSyncSucceeded, MapStatus::Running),
    (MapStatus::Initializing, Action::InitialSyncFailed, MapStatus::NotRunning),
    (MapStatus::Initializing, Action::RerunCompleted, MapStatus::NotRunning),
    (MapStatus::Running, Action::Stop, MapStatus::NotRunning),
    (MapStatus::Running, Action::Pause, MapStatus::Paused),
    (MapStatus::Paused, Action::Resume, MapStatus::Resuming),
    (MapStatus::Paused, Action::SkipToLive, MapStatus::Running),
    (MapStatus::Resuming, Action::CaughtUp, MapStatus::Running),
    (MapStatus::Resuming, Action::SkipToLive, MapStatus::Running),
    (MapStatus::Running, Action::WriteNewLegalEntity, MapStatus::Initializing),
    (MapStatus::Paused, Action::WriteNewLegalEntity, MapStatus::Initializing),
    (MapStatus::Initializing, Action::NewLegalEntityWrittenPaused, MapStatus::Paused),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_can_do_anything_to_a_map_that_is_initializing() {
        assert!(MapStatus::Initializing.actions().is_empty());
    }

    #[test]
    fn a_paused_map_offers_to_resume_and_not_to_stop() {
        assert_eq!(MapStatus::Paused.actions(), [Action::Resume, Action::SkipToLive]);
        assert_eq!(MapStatus::Paused.after(Action::Stop), None);
    }

    #[test]
    fn every_status_can_be_reached_and_left() {
        for status in [
            MapStatus::NotRunning,
            MapStatus::Initializing,
            MapStatus::Running,
            MapStatus::Paused,
            MapStatus::Resuming,
        ] {
            assert!(TRANSITIONS.iter().any(|(from, _, _)| *from == status), "{status} cannot be left");
            assert!(TRANSITIONS.iter().any(|(_, _, to)| *to == status), "{status} cannot be reached");
        }
    }
}
