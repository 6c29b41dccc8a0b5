//! Failures by cause: how often, the first few, and the way out.

use super::{
    counted,
    pattern::{Cause, causes},
    sheet::{Style, Tone, clean, paragraph, section},
};
use dwsim_catalog::Facts;
use dwsim_scenario::{ErrorReport, Report};
use std::{
    collections::BTreeSet,
    io::{self, Write},
};

/// Failures shown for a cause, as the details page of the product does.
const SHOWN: usize = 5;

/// Writes the causes, most frequent first.
pub fn write(out: &mut dyn Write, report: &Report, facts: &Facts, style: Style) -> io::Result<()> {
    if report.errors.is_empty() {
        return Ok(());
    }
    let causes = causes(&report.errors, facts);
    let errors = counted(report.errors.len() as u64, "error", "errors");
    let title = format!("{errors} of {}", counted(causes.len() as u64, "cause", "causes"));
    section(out, style, &title)?;
    for (at, cause) in causes.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        one(out, cause, report, facts, style)?;
    }
    Ok(())
}

fn one(
    out: &mut dyn Write,
    cause: &Cause<'_>,
    report: &Report,
    facts: &Facts,
    style: Style,
) -> io::Result<()> {
    let maps: BTreeSet<&str> = cause.errors.iter().map(|error| error.map.as_str()).collect();
    let maps: Vec<&str> = maps.into_iter().collect();
    let place = match maps[..] {
        [map] => format!(" in {map}"),
        _ => format!(" in {} maps", maps.len()),
    };
    let column = cause.column.map_or_else(String::new, |column| format!(", column {column}"));
    let count = style.paint(&format!("{} x", cause.errors.len()), Tone::Bad);
    let code = style.paint(cause.code, Tone::Name);
    paragraph(out, style, "", &format!("{count} {code}{}{place}", clean(&column)))?;
    paragraph(out, style, "    ", &clean(&cause.message))?;
    for error in cause.errors.iter().take(SHOWN) {
        paragraph(out, style, "    - ", &clean(&example(cause, error, maps.len() > 1, facts)))?;
    }
    if cause.errors.len() > SHOWN {
        paragraph(out, style, "    ", &format!("and {} more", cause.errors.len() - SHOWN))?;
    }
    let fix = facts.message_in(cause.code, report.profile).map(|message| &*message.fix);
    match fix.filter(|fix| *fix != "none") {
        Some(fix) => paragraph(out, style, "    ", &format!("fix: {fix}")),
        None => Ok(()),
    }
}

/// One failure: whose row, which row, which way, and what is special about it.
fn example(cause: &Cause<'_>, error: &ErrorReport, with_map: bool, facts: &Facts) -> String {
    let key = if error.key.is_empty() { "the whole leg" } else { &error.key };
    let mut text = error.company.as_ref().map_or_else(String::new, |company| format!("{company} "));
    text.push_str(key);
    text.push_str(", ");
    if with_map {
        text.push_str(&error.map);
        text.push(' ');
    }
    text.push_str(error.direction);
    let particulars = cause.particulars(error, facts);
    if !particulars.is_empty() {
        let list: Vec<String> = particulars.iter().map(|(name, value)| format!("{name} '{value}'")).collect();
        text.push_str(": ");
        text.push_str(&list.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;
    use dwsim_catalog::Catalog;

    fn show(errors: Vec<ErrorReport>) -> String {
        let catalog = Catalog::embedded().unwrap();
        let mut out = Vec::new();
        let report = Report { errors, ..sample::report() };
        write(&mut out, &report, catalog.facts(), Style::plain()).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn errors_of_one_cause_are_counted_with_five_examples_and_the_fix() {
        let text = show(sample::report().errors);
        assert!(
            text.contains("\n6 x I3, column msdyn_customergroupid.msdyn_groupid in customers-v3-accounts\n"),
            "{text}"
        );
        assert!(text.contains("The lookup value was not found: {value}. Try"), "{text}");
        assert_eq!(text.matches("    - USMF C-").count(), SHOWN, "{text}");
        assert!(
            text.contains("    - USMF C-5, to-dataverse: value 'G5'\n    and 1 more\n    fix: sync the"),
            "{text}"
        );
        assert!(text.contains("\n1 x I5 in"), "{text}");
    }

    #[test]
    fn a_text_outside_the_catalogue_is_grouped_by_its_shape() {
        let error =
            |key: &str, message: &str| ErrorReport { key: key.into(), ..sample::error("0x1", message) };
        let text = show(vec![
            error("A", "row 1 is broken"),
            error("B", "row 2 is broken"),
            error("C", "something else"),
        ]);
        assert!(text.contains("3 errors of 2 causes"), "{text}");
        assert!(text.contains("row ... is broken"), "{text}");
    }
}
