//! The end of a set-up as it is recorded: everything that matters, in as few lines as a reviewer can take in.

use crate::snapshot::sorted;
use dwsim_catalog::Catalog;
use dwsim_dualwrite::MapStatus;
use dwsim_scenario::{ExecutionReport, Report, SideReport, TableReport};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Link, maps, initial syncs, rows of both sides with a digest of their content, and errors by code.
///
/// A map is one line: its entity and its table, each with rows and digest, and what initial sync moved each way over
/// all companies and runs. Maps without a row on either side are left out.
pub fn recorded(report: &Report, catalog: &Catalog) -> Value {
    let mut statuses: BTreeMap<String, u64> = BTreeMap::new();
    for map in &report.maps {
        *statuses.entry(map.status.to_string()).or_default() += 1;
    }
    let stopped: Vec<&str> = report
        .maps
        .iter()
        .filter(|map| map.status != MapStatus::Running)
        .map(|map| map.id.as_str())
        .collect();
    let mut errors: BTreeMap<&str, u64> = BTreeMap::new();
    for error in &report.errors {
        *errors.entry(error.code.as_str()).or_default() += 1;
    }
    let [finops, dataverse] = &report.sides;
    let mut mapped: BTreeSet<&str> = BTreeSet::new();
    let mut lines = Map::new();
    for map in catalog.maps() {
        mapped.extend([map.entity.as_str(), map.table.as_str()]);
        let mut parts: Vec<String> = [table(finops, &map.entity), table(dataverse, &map.table)]
            .into_iter()
            .flatten()
            .map(shown)
            .collect();
        let runs = report.executions.iter().filter(|run| run.map == map.id);
        parts.extend(moved(runs));
        if !parts.is_empty() {
            lines.insert(map.id.to_string(), parts.join("; ").into());
        }
    }
    let others = |side: &SideReport| -> Value {
        let others =
            side.tables.iter().filter(|table| table.rows > 0 && !mapped.contains(table.name.as_str()));
        others.map(shown).collect()
    };
    sorted(json!({
        "link": format!("{}: {}", report.link.state, list(&report.link.legal_entities)),
        "statuses": statuses,
        "not running": stopped,
        "errors": errors,
        "live": report.live.iter().map(|live| format!("{}: {}", live.step, live.outcome)).collect::<Vec<_>>(),
        "maps": lines,
        "other tables": others(finops).as_array().into_iter().chain(others(dataverse).as_array()).flatten().collect::<Vec<_>>(),
        "rows": report.sides.iter().map(|side| format!("{}: {}", side.side, side.rows)).collect::<Vec<_>>(),
        "virtual duration": report.virtual_duration.to_string(),
    }))
}

fn list<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn table<'r>(side: &'r SideReport, name: &str) -> Option<&'r TableReport> {
    side.tables.iter().find(|table| table.name == name && table.rows > 0)
}

fn shown(table: &TableReport) -> String {
    format!("{} {} #{}", table.rows, table.name, table.digest.get(..6).unwrap_or_default())
}

/// Totals of each direction in which any row was read.
fn moved<'r>(runs: impl Iterator<Item = &'r ExecutionReport>) -> Vec<String> {
    let mut totals: BTreeMap<&str, [u64; 5]> = BTreeMap::new();
    for leg in runs.flat_map(|run| &run.legs).filter(|leg| leg.exported > 0) {
        let counts = [leg.exported, leg.inserted, leg.updated, leg.unchanged, leg.errors];
        for (sum, count) in totals.entry(leg.direction).or_default().iter_mut().zip(counts) {
            *sum += count;
        }
    }
    let names = ["exported", "inserted", "updated", "unchanged", "failed"];
    let line = |counts: [u64; 5]| {
        let parts = names.iter().zip(counts).filter(|(_, count)| *count > 0);
        parts.map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
    };
    totals.into_iter().map(|(direction, counts)| format!("{direction} {}", line(counts))).collect()
}
