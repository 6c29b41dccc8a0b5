//! What followed initial sync: live changes, advice, notices, and how both sides stand.

use super::{
    counted,
    sheet::{Sheet, Style, Tone, clean, paragraph, section},
};
use dwsim_scenario::Report;
use std::io::{self, Write};

/// Writes what became of live changes.
pub fn live(out: &mut dyn Write, report: &Report, style: Style) -> io::Result<()> {
    if report.live.is_empty() {
        return Ok(());
    }
    section(out, style, "Live changes")?;
    let mut sheet = Sheet::new(style, &["step", "made in", "table", "outcome", "detail"]);
    for change in &report.live {
        let tone = if change.outcome == "refused" { Tone::Warning } else { Tone::Plain };
        sheet.row([
            (change.step.clone(), Tone::Plain),
            (change.origin.to_string(), Tone::Plain),
            (change.table.clone(), Tone::Plain),
            (change.outcome.clone(), tone),
            (change.detail.clone(), Tone::Plain),
        ]);
    }
    sheet.write(out)
}

/// Writes what the guidance advises.
pub fn advice(out: &mut dyn Write, report: &Report, style: Style) -> io::Result<()> {
    if report.advice.is_empty() {
        return Ok(());
    }
    section(out, style, "Better than initial sync, says the guidance")?;
    let mut sheet = Sheet::new(style, &["map", "rows", "threads", "approach"]);
    for advice in &report.advice {
        let threads = if advice.single_threaded { "one" } else { "several" };
        sheet.row([
            (advice.map.to_string(), Tone::Name),
            (advice.rows.to_string(), Tone::Number),
            (threads.to_owned(), Tone::Plain),
            (advice.approach.clone(), Tone::Plain),
        ]);
    }
    sheet.write(out)
}

/// Writes what a reader should know.
pub fn notices(out: &mut dyn Write, report: &Report, style: Style) -> io::Result<()> {
    if report.notices.is_empty() {
        return Ok(());
    }
    section(out, style, "Notices")?;
    report.notices.iter().try_for_each(|notice| paragraph(out, style, "- ", &clean(notice)))
}

/// Writes how many rows each side has.
pub fn sides(out: &mut dyn Write, report: &Report, style: Style) -> io::Result<()> {
    section(out, style, "Both sides at the end")?;
    report.sides.iter().try_for_each(|side| {
        let rows = counted(side.rows, "row", "rows");
        let tables = counted(side.tables.len() as u64, "table", "tables");
        paragraph(out, style, "", &format!("{}: {rows} in {tables}", side.side))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    #[test]
    fn sections_without_content_are_left_out() {
        let report = Report { live: Vec::new(), advice: Vec::new(), notices: Vec::new(), ..sample::report() };
        let mut out = Vec::new();
        live(&mut out, &report, Style::plain()).unwrap();
        advice(&mut out, &report, Style::plain()).unwrap();
        notices(&mut out, &report, Style::plain()).unwrap();
        assert!(out.is_empty());
    }
}
