//! What was expected, whether it is so, and the sentence at the end.

use super::{
    counted,
    sheet::{Sheet, Style, Tone, paragraph, section},
};
use dwsim_scenario::{Report, StepOutcome};
use std::io::{self, Write};

/// Writes every expectation and the verdict.
pub fn write(out: &mut dyn Write, report: &Report, style: Style) -> io::Result<()> {
    section(out, style, "Verdict")?;
    if !report.verdict.is_empty() {
        let mut sheet = Sheet::new(style, &["", "what", "expected", "actual"]);
        for check in &report.verdict {
            let word = if check.ok { "as expected" } else { "DIFFERS" };
            let tone = if check.ok { Tone::Good } else { Tone::Bad };
            sheet.row([
                (format!("{}{word}", style.mark(check.ok)), tone),
                (check.what.clone(), Tone::Plain),
                (check.expected.clone(), Tone::Plain),
                (check.actual.clone(), Tone::Plain),
            ]);
        }
        sheet.write(out)?;
    }
    let words = if report.ok { "reached" } else { "did NOT reach" };
    let tone = if report.ok { Tone::Good } else { Tone::Bad };
    let sentence = format!(
        "{}{} {words} its expected end state: {}; {} of virtual time in {}",
        style.mark(report.ok),
        report.scenario,
        reasons(report),
        report.virtual_duration,
        real(report.wall_ms),
    );
    paragraph(out, style, "", &style.paint(&sentence, tone))
}

/// Writes one line a report, after several.
pub fn summary(out: &mut dyn Write, reports: &[Report], style: Style) -> io::Result<()> {
    let good = reports.iter().filter(|report| report.ok).count();
    let heading = format!("{good} of {} scenarios reached their expected end state", reports.len());
    paragraph(out, style, "", &style.paint(&heading, Tone::Name))?;
    let mut sheet = Sheet::new(style, &["scenario", "end state", "because", "virtual time", "real time"]);
    for report in reports {
        let (word, tone) = if report.ok { ("reached", Tone::Good) } else { ("NOT reached", Tone::Bad) };
        sheet.row([
            (report.scenario.clone(), Tone::Name),
            (format!("{}{word}", style.mark(report.ok)), tone),
            (reasons(report), Tone::Plain),
            (report.virtual_duration.to_string(), Tone::Number),
            (real(report.wall_ms), Tone::Number),
        ]);
    }
    sheet.write(out)
}

fn reasons(report: &Report) -> String {
    let held = report.verdict.iter().filter(|check| check.ok).count();
    let mut text = format!("{held} of {} as expected", report.verdict.len());
    let failed = report.steps.iter().filter(|step| step.outcome == StepOutcome::Failed).count() as u64;
    if failed > 0 {
        text.push_str(", ");
        text.push_str(&counted(failed, "step failed", "steps failed"));
    }
    text
}

/// Real time, as precise as anyone needs.
fn real(millis: u64) -> String {
    match millis {
        0..1_000 => format!("{millis} ms"),
        1_000..60_000 => format!("{}.{} s", millis / 1_000, millis / 100 % 10),
        _ => format!("{} min {:02} s", millis / 60_000, millis / 1_000 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    fn show(report: &Report, style: Style) -> String {
        let mut out = Vec::new();
        write(&mut out, report, style).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_missed_expectation_is_told_in_words() {
        let text = show(&sample::report(), Style::plain());
        assert!(
            text.contains("\nDIFFERS      status of customers-v3-accounts  Running   Not running\n"),
            "{text}"
        );
        assert!(text.contains("sample did NOT reach its expected end state: 1 of 2 as expected"), "{text}");
    }

    #[test]
    fn a_terminal_gets_marks_beside_the_words() {
        let style = Style { width: Some(100), colour: false, drawn: true };
        let text = show(&sample::report(), style);
        assert!(text.contains("\u{2713} as expected") && text.contains("\u{2717} DIFFERS"), "{text}");
    }

    #[test]
    fn real_time_has_a_readable_unit() {
        assert_eq!([real(7), real(1_250), real(61_000)], ["7 ms", "1.2 s", "1 min 01 s"]);
    }

    #[test]
    fn a_summary_counts_and_names_the_scenarios() {
        let good = Report { ok: true, scenario: "other".into(), ..sample::report() };
        let mut out = Vec::new();
        summary(&mut out, &[sample::report(), good], Style::plain()).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r"
        1 of 2 scenarios reached their expected end state
        scenario  end state    because                            virtual time  real time
        ----------------------------------------------------------------------------------
        sample    NOT reached  1 of 2 as expected, 1 step failed      01:06:00      1.2 s
        other     reached      1 of 2 as expected, 1 step failed      01:06:00      1.2 s
        ");
    }
}
