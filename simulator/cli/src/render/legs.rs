//! Legs of initial sync: what was read, created, changed, left and refused in each direction.

use super::{
    ENOUGH_ROWS, counted,
    sheet::{Sheet, Style, Tone, paragraph, section},
};
use dwsim_dualwrite::LegStatus;
use dwsim_scenario::{ExecutionReport, LegReport, Report};
use std::io::{self, Write};

/// Width from which all heads are written out.
const ROOMY: u16 = 100;

/// Writes the legs with their sum: the ones that did not succeed and the first others, or all on request.
pub fn write(out: &mut dyn Write, report: &Report, style: Style, all: bool) -> io::Result<()> {
    let legs: Vec<(&ExecutionReport, &LegReport)> =
        report.executions.iter().flat_map(|own| own.legs.iter().map(move |leg| (own, leg))).collect();
    if legs.is_empty() {
        return Ok(());
    }
    section(out, style, "Initial sync")?;
    let chosen = chosen(&legs, all);
    // Eight columns and long ids: a narrow terminal gets shorter words.
    let heads = if style.width.is_some_and(|width| width < ROOMY) {
        ["map", "company", "direction", "read", "new", "changed", "same", "errors"]
    } else {
        ["map", "company", "direction", "exported", "inserted", "updated", "unchanged", "errors"]
    };
    let mut sheet = Sheet::new(style, &heads);
    for at in &chosen {
        let (execution, leg) = legs[*at];
        let company = execution.company.as_ref().map_or_else(|| "(global)".to_owned(), ToString::to_string);
        sheet.row(row(execution.map.to_string(), company, leg.direction, leg));
    }
    let left: Vec<&LegReport> =
        (0..legs.len()).filter(|at| !chosen.contains(at)).map(|at| legs[at].1).collect();
    if !left.is_empty() {
        let more = counted(left.len() as u64, "more leg", "more legs");
        sheet.row(row(more, String::new(), "", &sum(&left)));
    }
    let every: Vec<&LegReport> = legs.iter().map(|(_, leg)| *leg).collect();
    sheet.row(row("sum".to_owned(), String::new(), "", &sum(&every)));
    sheet.write(out)?;
    if !left.is_empty() {
        paragraph(out, style, "", "--legs shows all")?;
    }
    let ineligible: u64 = report.executions.iter().map(|execution| execution.ineligible).sum();
    if ineligible > 0 {
        let rows = counted(ineligible, "Dataverse row", "Dataverse rows");
        paragraph(out, style, "", &format!("{rows} without a company took no part"))?;
    }
    Ok(())
}

fn row(map: String, company: String, direction: &str, leg: &LegReport) -> [(String, Tone); 8] {
    let number = |count: u64| (count.to_string(), Tone::Number);
    let errors = match (leg.status, leg.errors) {
        (LegStatus::Success, errors) => number(errors),
        // A leg can fail as a whole, without a row to count.
        (LegStatus::Error, 0) => ("FAILED".to_owned(), Tone::Bad),
        (_, errors) => (errors.to_string(), Tone::Bad),
    };
    [
        (map, Tone::Name),
        (company, Tone::Plain),
        (direction.to_owned(), Tone::Plain),
        number(leg.exported),
        number(leg.inserted),
        number(leg.updated),
        number(leg.unchanged),
        errors,
    ]
}

/// Places of the legs to show, ascending.
fn chosen(legs: &[(&ExecutionReport, &LegReport)], all: bool) -> Vec<usize> {
    if all || legs.len() <= ENOUGH_ROWS {
        return (0..legs.len()).collect();
    }
    let rank = |at: &usize| match legs[*at].1 {
        leg if leg.status != LegStatus::Success => 0,
        leg if leg.exported > 0 => 1,
        _ => 2,
    };
    let mut places: Vec<usize> = (0..legs.len()).collect();
    places.sort_by_key(rank);
    places.truncate(ENOUGH_ROWS);
    places.sort_unstable();
    places
}

fn sum(legs: &[&LegReport]) -> LegReport {
    let total = |field: fn(&LegReport) -> u64| legs.iter().map(|leg| field(leg)).sum();
    LegReport {
        direction: "",
        status: LegStatus::Success,
        exported: total(|leg| leg.exported),
        inserted: total(|leg| leg.inserted),
        updated: total(|leg| leg.updated),
        unchanged: total(|leg| leg.unchanged),
        errors: total(|leg| leg.errors),
        assumed: None,
    }
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
    fn every_leg_has_a_line_and_all_have_a_sum() {
        insta::assert_snapshot!(show(&sample::report(), false), @r"

        Initial sync
        map                    company  direction     exported  inserted  updated  unchanged  errors
        ---------------------------------------------------------------------------------------------
        customers-v3-accounts  USMF     to-finops           10         5        3          2       0
        customers-v3-accounts  USMF     to-dataverse        20        10        3          0       7
        sum                                                 30        15        6          2       7
        2 Dataverse rows without a company took no part
        ");
    }

    #[test]
    fn many_legs_are_cut_without_losing_a_failed_one_or_a_row_of_the_sum() {
        let mut report = sample::report();
        let mut quiet = report.executions[0].clone();
        for leg in &mut quiet.legs {
            leg.status = LegStatus::Success;
        }
        let failed = report.executions[0].clone();
        report.executions = vec![quiet; 40];
        report.executions.push(ExecutionReport { map: "last-one".into(), ..failed });
        let text = show(&report, false);
        assert!(text.contains("last-one") && text.contains("more legs"), "{text}");
        assert_eq!(
            show(&report, true).lines().count(),
            2 + 2 + 2 * 41 + 1 + 1,
            "head, legs, sum, ineligible"
        );
        let last = |text: &str| {
            text.lines()
                .find(|line| line.starts_with("sum"))
                .map(|line| line.split_whitespace().skip(1).collect::<Vec<_>>().join(" "))
        };
        assert_eq!(last(&text), last(&show(&report, true)));
    }
}
