//! The named points at which live sync can be cut off, for rehearsing what then happens.

use crate::{
    engine::Engine, live::LiveError, port::PortError, program::CompiledMap, refusal::EngineError,
    transaction::DataverseFault,
};
use dwsim_model::{MapId, Side, VirtualDuration};
use std::fmt;

/// How long a throttled caller is asked to wait.
const RETRY_AFTER: VirtualDuration = VirtualDuration::from_secs(1);

/// Where live sync is cut off. A point that is not passed does nothing: a transaction of one row has no second row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultPoint {
    /// Before the other side is written: it cannot be reached.
    TargetUnavailable,
    /// Before the other side is written: it answers 429, too many requests.
    Throttled,
    /// While lookups are resolved, before the other side is written.
    LookupResolution,
    /// After a row of several was written on the other side, before the next one.
    BetweenRows,
    /// Before a change for a paused map is in its queue.
    QueueAppend,
    /// After both sides hold the change and before either commits.
    BeforeCommit,
    /// After the target committed and before the origin does: the classic hazard of two commits.
    CommitGap,
    /// No answer comes within the limit, and the target did not commit.
    TimeoutNotCommitted,
    /// No answer comes within the limit, though the target committed.
    TimeoutCommitted,
    /// After a queued change was applied and before it leaves the queue: it is delivered again.
    QueueApplied,
    /// After the first table map of Pause or Resume has its new status, before anything else is done.
    StateChange,
}

impl FaultPoint {
    /// Every point.
    pub const ALL: [Self; 11] = [
        Self::TargetUnavailable,
        Self::Throttled,
        Self::LookupResolution,
        Self::BetweenRows,
        Self::QueueAppend,
        Self::BeforeCommit,
        Self::CommitGap,
        Self::TimeoutNotCommitted,
        Self::TimeoutCommitted,
        Self::QueueApplied,
        Self::StateChange,
    ];

    /// What steps and tests call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::TargetUnavailable => "target-unavailable",
            Self::Throttled => "throttled",
            Self::LookupResolution => "lookup-resolution",
            Self::BetweenRows => "between-rows",
            Self::QueueAppend => "queue-append",
            Self::BeforeCommit => "before-commit",
            Self::CommitGap => "commit-gap",
            Self::TimeoutNotCommitted => "timeout-not-committed",
            Self::TimeoutCommitted => "timeout-committed",
            Self::QueueApplied => "queue-applied",
            Self::StateChange => "state-change",
        }
    }

    /// The point of a label; none for an unknown one.
    pub fn named(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|point| point.label() == label)
    }
}

impl fmt::Display for FaultPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.label())
    }
}

impl Engine {
    /// Live sync is cut off whenever it passes this point; nowhere when none.
    pub fn set_fault(&mut self, point: Option<FaultPoint>) {
        self.fault = point;
    }

    pub(crate) fn cut_off_at(&self, point: FaultPoint) -> bool {
        self.fault == Some(point)
    }

    /// The other side does not answer while a map is written. What F&O says then no page has; the grammar of its errors has
    /// one detail for any failure that is no other.
    pub(crate) fn unreachable(&self, map: &CompiledMap, target: Side) -> LiveError {
        let messages = self.messages();
        match target {
            Side::FinOps => {
                let message = messages.text("LIVE-E6", &[("table", &map.map.table)]);
                LiveError { map: Some(map.map.id.clone()), code: "LIVE-E6".into(), message }
            }
            Side::Dataverse => {
                let set = map.map.entity_set.as_str();
                let detail = messages.text("LIVE-DETAIL-GENERIC", &[("entity_set", set)]);
                messages.batch_failed(map, "LIVE-DETAIL-GENERIC", &detail)
            }
        }
    }

    /// What stands in the way of writing the other side before anything is written: a rehearsal, or the point at which a
    /// transaction is cut off (decision Q24: no retry).
    pub(crate) fn check_reachable(&self, map: &CompiledMap, target: Side) -> Result<(), LiveError> {
        let rehearsed = match target {
            Side::FinOps => self.rehearsal().finops_down.then_some(DataverseFault::NoAnswer),
            Side::Dataverse => self.rehearsal().dataverse_fault,
        };
        let fault = match self.fault {
            Some(FaultPoint::TargetUnavailable) => Some(DataverseFault::NoAnswer),
            Some(FaultPoint::Throttled) => Some(DataverseFault::Throttled),
            _ => rehearsed,
        };
        let messages = self.messages();
        match fault {
            None => Ok(()),
            Some(DataverseFault::NoAnswer) => Err(self.unreachable(map, target)),
            Some(DataverseFault::InsideBatch) => {
                Err(messages.batch_failed(map, "LIVE-E17", &messages.text("LIVE-E17", &[])))
            }
            Some(DataverseFault::Throttled) => {
                let (side, wait) = (target.to_string(), RETRY_AFTER.to_string());
                let text = messages.text("SIM-THROTTLED", &[("side", &side), ("wait", &wait)]);
                Err(messages.answered(map, target, "TooManyRequests", "SIM-THROTTLED", &text))
            }
            Some(DataverseFault::Unavailable) => {
                let text = messages.text("SIM-DATAVERSE-UNAVAILABLE", &[]);
                Err(messages.answered(map, target, "ServiceUnavailable", "SIM-DATAVERSE-UNAVAILABLE", &text))
            }
        }
    }

    /// A change cannot be put into the queue of a paused map.
    pub(crate) fn queue_unreachable(&self, map: &MapId) -> Option<PortError> {
        let address = format!("https://{}", self.messages().host());
        let queue = format!("the queue of {map}");
        self.cut_off_at(FaultPoint::QueueAppend).then(|| {
            self.messages().failure("SIM-SERVICE-UNAVAILABLE", &[("side", &queue), ("address", &address)])
        })
    }

    /// An action that is cut off with a part of it done, which stays.
    pub(crate) fn interrupted(
        &self,
        point: FaultPoint,
        action: &str,
        map: &MapId,
    ) -> Result<(), EngineError> {
        if !self.cut_off_at(point) {
            return Ok(());
        }
        let arguments = [("action", action), ("map", map.as_str())];
        Err(self.messages().failure("SIM-INTERRUPTED", &arguments).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_is_found_by_its_own_label() {
        for point in FaultPoint::ALL {
            assert_eq!(FaultPoint::named(point.label()), Some(point));
        }
        assert_eq!(FaultPoint::named("nowhere"), None);
    }
}
