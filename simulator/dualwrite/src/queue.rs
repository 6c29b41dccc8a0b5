//! Changes waiting while a table map is paused, and those that failed to catch up.

use dwsim_model::{RowChange, Side, Value};
use jiff::Timestamp;

/// A change waiting for its map to resume. Every intermediate change is kept, in order.
#[derive(Clone, Debug)]
pub struct Queued {
    /// Order over all maps: the commit it belongs to.
    pub sequence: u64,
    /// Virtual time of the commit.
    pub at: Timestamp,
    /// The side it was made on.
    pub origin: Side,
    /// The row before and after.
    pub change: RowChange,
    /// The row's key as a person reads it.
    pub key: String,
    /// Why it could not be applied; set on a catch-up error.
    pub error: Option<String>,
    /// Virtual time since when it is a catch-up error.
    pub failed_at: Option<Timestamp>,
}

impl Queued {
    /// Roughly the bytes it occupies in the queue: what its cells would take on the wire.
    pub fn bytes(&self) -> u64 {
        bytes(self.change.before.iter().chain(self.change.after.iter()))
    }
}

/// Roughly the bytes cells take on the wire.
pub(crate) fn bytes<'v>(cells: impl Iterator<Item = &'v Value>) -> u64 {
    cells
        .map(|value| match value {
            Value::Text(text) => text.len() as u64 + 2,
            Value::Null => 4,
            _ => 16,
        })
        .sum()
}

/// What becomes of the queue when a paused map resumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResumeMode {
    /// Play the queue back, then go live.
    CatchUp,
    /// Go live at once; the queue becomes catch-up errors that can be retried.
    PreserveAsErrors,
    /// Go live at once; the queue is lost.
    Discard,
}
