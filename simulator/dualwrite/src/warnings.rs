//! What an initial sync warns of: it went well enough, and somebody should look.

use crate::{
    engine::{Engine, MissedRows},
    execution::{Execution, Warning},
    program::CompiledMap,
};
use dwsim_model::{MapId, Side};
use std::collections::BTreeMap;

impl Engine {
    /// The warnings of an execution: another map slowed it down (I11), rows had one key (decision 36), rows were saved
    /// too late to take part (decision 33).
    pub(crate) fn warnings(
        &self,
        map: &CompiledMap,
        execution: &Execution,
        missed: &MissedRows,
        slowed: Option<&(u64, MapId)>,
    ) -> Vec<Warning> {
        let warning = |code: &str, arguments: &[(&str, &str)]| Warning {
            code: code.into(),
            message: self.messages().text(code, arguments),
        };
        let mut warnings = Vec::new();
        if let Some((_, other)) = slowed {
            warnings.push(warning("I11", &[("map", &map.map.id), ("other", other)]));
        }
        for leg in &execution.legs {
            let table = map.source_name(leg.into);
            let mut times: BTreeMap<&str, u64> = BTreeMap::new();
            for key in &leg.duplicates {
                *times.entry(key).or_insert(1) += 1;
            }
            for (key, count) in times {
                let count = count.to_string();
                let arguments = [("table", table), ("count", count.as_str()), ("key", key)];
                warnings.push(warning("SIM-DUPLICATE-SOURCE-KEY", &arguments));
            }
        }
        for (from_dataverse, record) in missed {
            let into = if *from_dataverse { Side::FinOps } else { Side::Dataverse };
            let arguments = [("record", record.as_str()), ("table", map.source_name(into))];
            warnings.push(warning("SIM-MISSED-DURING-INITIAL-SYNC", &arguments));
        }
        warnings
    }
}
