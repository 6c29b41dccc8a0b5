//! Initial sync details: what went wrong in the last run of a table map, as the details tab and the log show it.

use crate::{
    engine::Engine,
    execution::{Execution, Leg, RowFailure},
    refusal::EngineError,
};
use dwsim_model::{CompanyCode, Side};
use serde::Serialize;

/// One direction of one legal entity that ended with errors.
#[derive(Clone, Debug, Serialize)]
pub struct Detail {
    /// The legal entity; none for a global map.
    pub company: Option<CompanyCode>,
    /// The direction that failed, as the log names it.
    pub leg: String,
    /// The side written to.
    pub into: Side,
    /// Rows that failed.
    pub errors: u64,
    /// What is shown: the reason the leg failed as a whole, or the first rows that did.
    pub shown: Vec<RowFailure>,
    /// Every row that failed, as the error file has it.
    pub all: Vec<RowFailure>,
    /// The job in F&O: the execution group id of the job history.
    pub job: String,
}

impl Engine {
    /// The tab Initial sync details of a map: the directions of its last run that ended with errors.
    pub fn initial_sync_details(&self, map: &str) -> Result<Vec<Detail>, EngineError> {
        let compiled = self.state(map)?.compiled.clone();
        let shown = self.limits().shown_errors;
        let detail = |execution: &Execution, leg: &Leg| {
            let whole = leg.failure.as_ref().map(|failure| RowFailure {
                key: String::new(),
                column: None,
                code: failure.code.clone(),
                message: failure.message.clone(),
            });
            Detail {
                company: execution.company.clone(),
                leg: compiled.leg_name(leg.into),
                into: leg.into,
                errors: leg.errors,
                shown: whole.iter().chain(leg.shown(shown)).cloned().collect(),
                all: whole.iter().chain(&leg.failures).cloned().collect(),
                job: execution.job.clone(),
            }
        };
        let failed = |leg: &Leg| leg.errors > 0 || leg.failure.is_some();
        Ok(self
            .last_executions(map)
            .into_iter()
            .flat_map(|execution| execution.legs.iter().map(move |leg| (execution, leg)))
            .filter(|(_, leg)| failed(leg))
            .map(|(execution, leg)| detail(execution, leg))
            .collect())
    }

    /// The executions of the last run of a map.
    pub fn last_executions(&self, map: &str) -> Vec<&Execution> {
        let own: Vec<&Execution> =
            self.executions().iter().filter(|execution| execution.map.as_str() == map).collect();
        let last = own.last().map(|execution| execution.request);
        own.into_iter().filter(|execution| Some(execution.request) == last).collect()
    }

    /// The log of an execution, in the documented words.
    pub fn initial_sync_log(&self, execution: &Execution) -> Result<String, EngineError> {
        let compiled = &self.state(&execution.map)?.compiled;
        let messages = self.messages();
        let mut lines = vec![messages.text("LOG-HEAD", &[("status", execution.status())])];
        for leg in &execution.legs {
            let line = match leg.into {
                Side::Dataverse => "LOG-LEG-TO-DATAVERSE",
                Side::FinOps => "LOG-LEG-TO-FINOPS",
            };
            lines.push(messages.text(
                line,
                &[
                    ("entity", &compiled.map.entity_label),
                    ("table", &compiled.map.entity_set),
                    ("exported", &leg.exported.to_string()),
                    ("errors", &leg.errors.to_string()),
                    ("inserted", &leg.inserted.to_string()),
                    ("updated", &leg.updated.to_string()),
                ],
            ));
        }
        Ok(lines.join("\n"))
    }
}
