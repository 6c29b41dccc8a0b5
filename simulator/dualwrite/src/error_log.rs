//! What a failed live transaction from F&O leaves behind: a record of `DualWriteErrorLog`, with the raw batch in debug mode.

use crate::{
    engine::Engine,
    live::LiveError,
    wire::{Part, batch},
};
use dwsim_model::MapId;
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;
use uuid::Uuid;

/// The stage at which a batch is sent; the documentation shows it for failed batches (decision Q32).
const SEND: u8 = 4;
/// The status of a failed execution (decision Q32).
const FAILED: u8 = 2;

/// A record of `DualWriteErrorLog`, in the form it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorRecord {
    /// The F&O entity, by its name in the application object tree.
    pub entity_name: String,
    /// The Dataverse entity set.
    pub external_entity_name: String,
    /// 2: failed.
    pub execution_status: u8,
    /// Answers per field; dual-write leaves it empty.
    pub field_responses: Vec<String>,
    /// Answers per record.
    pub record_responses: Vec<RecordResponse>,
    /// Whether the error count was updated.
    pub is_error_count_updated: bool,
    /// The stage that failed.
    pub dual_write_processing_stage: u8,
    /// The raw batch; debug mode only.
    pub debug_log_trace: Vec<String>,
}

/// One record's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordResponse {
    /// What the user was told.
    pub error_message: String,
    /// When, in seven decimals.
    pub log_date_time: String,
    /// The whole error; debug mode only, as it can hold long or personal text.
    pub verbose_error: String,
}

impl Engine {
    /// Turns `IsDebugMode` of a map's project configuration on or off.
    pub fn set_debug_mode(&mut self, map: &MapId, on: bool) {
        if on {
            self.debugged.insert(map.clone());
        } else {
            self.debugged.remove(map);
        }
    }

    /// Whether any map is in debug mode.
    pub fn is_debugging(&self) -> bool {
        !self.debugged.is_empty()
    }

    /// The address of F&O, which batches carry as the tag of their origin.
    pub fn set_finops_url(&mut self, url: &str) {
        url.clone_into(&mut self.finops_url);
    }

    /// The records of `DualWriteErrorLog`, oldest first.
    pub fn error_log(&self) -> &[ErrorRecord] {
        &self.error_log
    }

    /// The last batch sent to Dataverse while a map of it was in debug mode.
    pub fn last_batch(&self) -> Option<&str> {
        self.last_batch.as_deref()
    }

    /// Keeps the batch of a transaction as text.
    pub(crate) fn keep_batch(&mut self, parts: &[Part]) {
        let id =
            |kind: &str| Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{kind}/{}", self.commits).as_bytes());
        let host = self.messages().host().to_owned();
        let text = batch(parts, &host, &self.finops_url, [id("batch"), id("changeset")]);
        self.last_batch = Some(text);
    }

    /// Writes down a failed transaction from F&O. The log is no part of the transaction, so it outlives the roll back.
    pub(crate) fn log_failure(&mut self, error: &LiveError, traced: bool, now: Timestamp) {
        let Some(state) = error.map.as_ref().and_then(|map| self.states.get(map)) else { return };
        let map = &state.compiled.map;
        let debug = self.debugged.contains(&map.id);
        let trace = self.last_batch.clone().filter(|_| debug && traced);
        let record = ErrorRecord {
            entity_name: map.entity_aot.to_string(),
            external_entity_name: map.entity_set.to_string(),
            execution_status: FAILED,
            field_responses: Vec::new(),
            record_responses: vec![RecordResponse {
                error_message: error.message.clone(),
                log_date_time: stamp(now),
                verbose_error: if debug { self.verbose(error) } else { String::new() },
            }],
            is_error_count_updated: true,
            dual_write_processing_stage: SEND,
            debug_log_trace: trace.into_iter().collect(),
        };
        self.error_log.push(record);
    }
}

impl Engine {
    /// The whole error, with the code of Dataverse where its page gives one.
    fn verbose(&self, error: &LiveError) -> String {
        match self.messages().documented_code(&error.code) {
            Some(code) => format!("{code}: {}", error.message),
            None => error.message.clone(),
        }
    }
}

/// A moment as the log writes it: UTC, seven decimals.
fn stamp(now: Timestamp) -> String {
    let now = now.to_zoned(TimeZone::UTC);
    format!("{}.{:03}0000Z", now.strftime("%Y-%m-%dT%H:%M:%S"), now.millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use dwsim_model::epoch;

    #[test]
    fn moments_have_seven_decimals_and_a_z() {
        let text = stamp(epoch());
        assert!(text.ends_with(".0000000Z") && text.len() == "2020-01-01T00:00:00.0000000Z".len(), "{text}");
    }
}
