//! What a transaction over both sides costs and where it meets its limits: time, bytes, and a side that does not answer.

use crate::{engine::Engine, live::LiveError, messages::LiveFailure, program::CompiledMap, queue::bytes};
use dwsim_model::{RowChange, Side, VirtualDuration};

/// What is wrong with Dataverse for transactions from F&O.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataverseFault {
    /// It does not answer.
    NoAnswer,
    /// It fails inside the batch.
    InsideBatch,
    /// It answers that there were too many requests (429).
    Throttled,
    /// It answers that it is not available (503).
    Unavailable,
}

/// What a rehearsal says about transactions, where the world gives no figure of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rehearsal {
    /// Time the plug-ins of Dataverse take for a transaction from F&O.
    pub dataverse_time: VirtualDuration,
    /// Time F&O takes for a payload from Dataverse.
    pub finops_time: VirtualDuration,
    /// Whether F&O may take five minutes instead of two, which Microsoft switches on.
    pub extended_time: bool,
    /// Bytes of a payload from Dataverse, in place of those counted.
    pub payload_bytes: Option<u64>,
    /// Bytes waiting for a paused map, in place of those counted.
    pub queue_bytes: Option<u64>,
    /// Whether a change of any column of Dataverse calls F&O, as before December 2022, and not of mapped ones alone.
    pub any_column_triggers: bool,
    /// Whether F&O does not answer at its address.
    pub finops_down: bool,
    /// What is wrong with Dataverse for transactions from F&O.
    pub dataverse_fault: Option<DataverseFault>,
}

impl Engine {
    /// What is rehearsed about transactions.
    pub fn rehearsal(&self) -> &Rehearsal {
        &self.rehearsal
    }

    /// Changes what is rehearsed about transactions.
    pub fn rehearsal_mut(&mut self) -> &mut Rehearsal {
        &mut self.rehearsal
    }

    /// The time a transaction from a side takes on the other: it passes on the virtual clock (decision Q22).
    pub fn transaction_time(&self, origin: Side) -> VirtualDuration {
        match origin {
            Side::FinOps => self.rehearsal.dataverse_time,
            Side::Dataverse => self.rehearsal.finops_time,
        }
    }

    /// The time a transaction from a side may take.
    pub fn live_time_limit(&self, origin: Side) -> VirtualDuration {
        match origin {
            Side::Dataverse if self.rehearsal.extended_time => self.limits().live_transaction_time_extended,
            _ => self.limits().live_transaction_time,
        }
    }

    /// Refuses a transaction that another side would not take: the payload is too large, or it takes too long. `map` is the
    /// one that is written first.
    pub(crate) fn check_transaction(
        &self,
        map: &CompiledMap,
        changes: &[RowChange],
        origin: Side,
    ) -> Result<(), LiveError> {
        let messages = self.messages();
        let limit = self.limits().live_payload_bytes;
        let bytes =
            self.rehearsal.payload_bytes.unwrap_or_else(|| bytes(changes.iter().flat_map(RowChange::row)));
        if origin == Side::Dataverse && bytes > limit {
            let size = format!("{}.{:02}", bytes / 1_000_000, bytes % 1_000_000 / 10_000);
            let message = messages.text("LIVE-E15", &[("size", &size)]);
            return Err(LiveError { map: Some(map.map.id.clone()), code: "LIVE-E15".into(), message });
        }
        let limit = self.live_time_limit(origin);
        let took = self.transaction_time(origin);
        if took <= limit {
            return Ok(());
        }
        let arguments = [("elapsed", took.to_string()), ("limit", limit.to_string())];
        let arguments: Vec<(&str, &str)> =
            arguments.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let text = messages.text("SIM-LIVE-TIMEOUT", &arguments);
        Err(messages.refused(
            map,
            origin.other(),
            &[LiveFailure { code: "SIM-LIVE-TIMEOUT", message: &text, label: None }],
        ))
    }
}
