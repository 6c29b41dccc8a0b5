//! Table maps: how many are in which status, and those something happened to.

use super::{
    ENOUGH_ROWS, counted,
    sheet::{Sheet, Style, Tone, paragraph, section},
};
use dwsim_dualwrite::MapStatus;
use dwsim_model::MapId;
use dwsim_scenario::{MapReport, Report};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
};

const STATUSES: [MapStatus; 5] = [
    MapStatus::Running,
    MapStatus::NotRunning,
    MapStatus::Paused,
    MapStatus::Initializing,
    MapStatus::Resuming,
];

/// So many maps that do not run are named in a line.
const FEW: usize = 8;

/// What initial sync did to one map, over all its executions.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    executions: u64,
    exported: u64,
    errors: u64,
    incomplete: bool,
}

/// Writes counts by status and the maps that took part in initial sync or are not as expected; all on request.
pub fn write(out: &mut dyn Write, report: &Report, style: Style, all: bool) -> io::Result<()> {
    section(out, style, "Table maps")?;
    let sums = sums(report);
    let unexpected = named_in_missed_checks(report);
    let counts = STATUSES.iter().filter_map(|status| {
        let count = report.maps.iter().filter(|map| map.status == *status).count();
        (count > 0).then(|| format!("{count} {}", status.as_str().to_lowercase()))
    });
    let counts: Vec<String> = counts.collect();
    let of_all = counted(report.maps.len() as u64, "map", "maps");
    let counts = if counts.is_empty() { of_all } else { format!("{of_all}: {}", counts.join(", ")) };
    paragraph(out, style, "", &counts)?;
    let stopped: Vec<&str> = report
        .maps
        .iter()
        .filter(|map| map.status == MapStatus::NotRunning)
        .map(|map| map.id.as_str())
        .collect();
    if !all && (1..=FEW).contains(&stopped.len()) {
        paragraph(out, style, "not running: ", &stopped.join(", "))?;
    }

    let urgent = |map: &MapReport| {
        unexpected.contains(map.id.as_str()) || sums.get(&map.id).is_some_and(|sums| sums.incomplete)
    };
    let settled = |map: &MapReport| matches!(map.status, MapStatus::Running | MapStatus::NotRunning);
    let noted = |map: &&MapReport| all || urgent(map) || sums.contains_key(&map.id) || !settled(map);
    let noted: Vec<&MapReport> = report.maps.iter().filter(noted).collect();
    let shown: Vec<&MapReport> = if all || noted.len() <= ENOUGH_ROWS {
        noted.clone()
    } else {
        // Too many to be news: only what wants a look.
        noted.iter().copied().filter(|map| urgent(map) || !settled(map)).take(ENOUGH_ROWS).collect()
    };
    if !shown.is_empty() {
        table(out, style, &shown, &sums, &unexpected)?;
    }
    match noted.len() - shown.len() {
        0 => Ok(()),
        left => {
            let maps = counted(left as u64, "map", "maps");
            paragraph(out, style, "", &format!("{maps} more took part in initial sync; --maps shows all"))
        }
    }
}

fn table(
    out: &mut dyn Write,
    style: Style,
    shown: &[&MapReport],
    sums: &BTreeMap<&MapId, Sums>,
    unexpected: &BTreeSet<&str>,
) -> io::Result<()> {
    let mut sheet = Sheet::new(style, &["map", "name", "status", "initial sync", "remark"]);
    for map in shown {
        let sums = sums.get(&map.id).copied().unwrap_or_default();
        let (sync, tone) = match sums {
            Sums { executions: 0, .. } => ("-".to_owned(), Tone::Plain),
            Sums { errors: 0, incomplete: false, exported, .. } => {
                (counted(exported, "row", "rows"), Tone::Plain)
            }
            Sums { errors, exported, .. } => (
                format!("{}, {}", counted(exported, "row", "rows"), counted(errors, "error", "errors")),
                Tone::Warning,
            ),
        };
        let remark = if unexpected.contains(map.id.as_str()) { "not as expected" } else { "" };
        sheet.row([
            (map.id.to_string(), Tone::Name),
            (map.name.clone(), Tone::Plain),
            (map.status.as_str().to_owned(), Tone::Plain),
            (sync, tone),
            (remark.to_owned(), Tone::Bad),
        ]);
    }
    sheet.write(out)
}

fn sums(report: &Report) -> BTreeMap<&MapId, Sums> {
    let mut sums: BTreeMap<&MapId, Sums> = BTreeMap::new();
    for execution in &report.executions {
        let own = sums.entry(&execution.map).or_default();
        own.executions += 1;
        for leg in &execution.legs {
            own.exported += leg.exported;
            own.errors += leg.errors;
            own.incomplete |= leg.status != dwsim_dualwrite::LegStatus::Success;
        }
    }
    sums
}

/// Words of checks that were missed, among which are the ids of maps.
fn named_in_missed_checks(report: &Report) -> BTreeSet<&str> {
    let texts = report.verdict.iter().filter(|check| !check.ok);
    texts
        .flat_map(|check| [&check.what, &check.expected, &check.actual])
        .flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    fn show(report: &Report, all: bool) -> String {
        let mut out = Vec::new();
        write(&mut out, report, Style::plain(), all).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn only_maps_something_happened_to_are_listed() {
        let text = show(&sample::report(), false);
        assert!(text.contains("\n3 maps: 1 running, 1 not running, 1 paused\n"), "{text}");
        assert!(
            text.contains("customers-v3-accounts") && text.contains("vendors-v2-msdyn-vendors"),
            "{text}"
        );
        assert!(!text.contains("currencies"), "it runs, as expected, and had no initial sync: {text}");
        assert_eq!(text.matches("not as expected").count(), 1, "{text}");
    }

    #[test]
    fn all_are_listed_on_request() {
        let report = sample::report();
        let text = show(&report, true);
        assert!(report.maps.iter().all(|map| text.contains(map.id.as_str())), "{text}");
    }

    #[test]
    fn many_maps_are_cut_and_the_failed_one_stays() {
        let mut report = sample::report();
        let one = report.executions.remove(0);
        report.maps.clear();
        report.executions.clear();
        for number in 100..200 {
            let id = MapId::from(format!("map-{number}"));
            report.maps.push(MapReport { id: id.clone(), name: String::new(), status: MapStatus::Running });
            let mut execution = one.clone();
            execution.map = id;
            for leg in &mut execution.legs {
                leg.status = dwsim_dualwrite::LegStatus::Success;
                leg.errors = 0;
            }
            report.executions.push(execution);
        }
        report.executions[99].legs[0].status = dwsim_dualwrite::LegStatus::Error;
        let text = show(&report, false);
        assert!(
            text.contains("map-199")
                && text.contains("99 maps more took part in initial sync; --maps shows all"),
            "{text}"
        );
    }
}
