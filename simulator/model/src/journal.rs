//! What happened, in order. Progress, reports, activity logs and snapshots are folds over it.

use crate::{CompanyCode, MapId};
use jiff::Timestamp;
use serde::Serialize;

/// One thing that happened.
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    /// Position in the journal, from 1.
    pub sequence: u64,
    /// Virtual time.
    pub at: Timestamp,
    /// What it was.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// The kinds of events.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum EventKind {
    /// The link or the Lifecycle Services project moved to another state.
    Link {
        /// The state before.
        from: String,
        /// The state after.
        to: String,
    },
    /// A table map moved to another status.
    Map {
        /// The map.
        map: MapId,
        /// Status before.
        from: &'static str,
        /// Status after.
        to: &'static str,
        /// The action that caused it.
        action: String,
    },
    /// One leg of an initial sync ended.
    Leg {
        /// The map.
        map: MapId,
        /// The legal entity; none for a global map.
        company: Option<CompanyCode>,
        /// Direction in words, `From AX ... to CRM ...`.
        leg: String,
        /// Rows read from the source.
        exported: u64,
        /// Rows created.
        inserted: u64,
        /// Rows changed.
        updated: u64,
        /// Rows already equal.
        unchanged: u64,
        /// Rows that failed.
        errors: u64,
    },
    /// A live change reached the other side, was queued or was refused.
    Live {
        /// The map.
        map: MapId,
        /// The row, by its natural key.
        key: String,
        /// `synced`, `queued`, `refused`, `not eligible`.
        outcome: &'static str,
        /// Why, when it is not plain.
        detail: String,
    },
    /// Something an administrator should read.
    Notice {
        /// What it is about.
        about: String,
        /// The text.
        text: String,
    },
}

/// The journal of one world.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    events: Vec<Event>,
}

impl Journal {
    /// Writes an event.
    pub fn record(&mut self, at: Timestamp, kind: EventKind) {
        let sequence = self.events.len() as u64 + 1;
        self.events.push(Event { sequence, at, kind });
    }

    /// Everything that happened, oldest first.
    pub fn events(&self) -> &[Event] {
        &self.events
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_numbered_in_order() {
        let mut journal = Journal::default();
        for to in ["Preparing", "Connected"] {
            journal.record(crate::epoch(), EventKind::Link { from: String::new(), to: to.into() });
        }
        assert_eq!(journal.events().iter().map(|event| event.sequence).collect::<Vec<_>>(), [1, 2]);
    }
}
