//! The steps in the order they were done, with virtual times.

use super::sheet::{Sheet, Style, Tone, section};
use dwsim_model::VirtualDuration;
use dwsim_scenario::{Report, StepOutcome, StepReport};
use std::io::{self, Write};

/// Longest detail of a step that went as it should.
const LONGEST_DETAIL: usize = 120;

/// Writes the timeline: start since the first step, duration, step, outcome, detail.
pub fn write(out: &mut dyn Write, report: &Report, style: Style) -> io::Result<()> {
    let Some(first) = report.steps.first() else { return Ok(()) };
    section(out, style, &format!("Timeline ({} of virtual time)", report.virtual_duration))?;
    let mut sheet = Sheet::new(style, &["start", "took", "step", "outcome", "detail"]);
    for step in &report.steps {
        let (outcome, tone) = match step.outcome {
            StepOutcome::Done => ("done", Tone::Good),
            StepOutcome::RefusedAsExpected => ("refused as expected", Tone::Good),
            StepOutcome::Failed => ("FAILED", Tone::Bad),
            StepOutcome::NotReached => ("not reached", Tone::Warning),
        };
        let reached = step.outcome != StepOutcome::NotReached;
        let time = |text: String| (if reached { text } else { "-".to_owned() }, Tone::Number);
        sheet.row([
            time(format!("+{}", between(first, step))),
            time(span(step).to_string()),
            (step.name.clone(), Tone::Plain),
            (outcome.to_owned(), tone),
            (detail(step), Tone::Plain),
        ]);
    }
    sheet.write(out)
}

/// The detail, shortened where nothing went wrong: a refusal that was expected is a long text told again later.
fn detail(step: &StepReport) -> String {
    if step.outcome == StepOutcome::Failed {
        return step.detail.clone();
    }
    match step.detail.char_indices().nth(LONGEST_DETAIL) {
        None => step.detail.clone(),
        Some((end, _)) => {
            let start = &step.detail[..end];
            let words = start.rsplit_once(' ').map_or(start, |(words, _)| words);
            format!("{words} ...")
        }
    }
}

fn between(first: &StepReport, step: &StepReport) -> VirtualDuration {
    millis(step.started.duration_since(first.started).as_millis())
}

fn span(step: &StepReport) -> VirtualDuration {
    millis(step.finished.duration_since(step.started).as_millis())
}

fn millis(millis: i128) -> VirtualDuration {
    VirtualDuration::from_millis(u64::try_from(millis).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    #[test]
    fn only_what_went_wrong_is_told_at_length() {
        let mut step = sample::report().steps.remove(0);
        step.detail = "word ".repeat(40);
        assert_eq!(detail(&step).len(), LONGEST_DETAIL - 1 + " ...".len());
        step.outcome = StepOutcome::Failed;
        assert_eq!(detail(&step), step.detail);
    }

    #[test]
    fn steps_start_where_the_one_before_ended() {
        let mut out = Vec::new();
        write(&mut out, &sample::report(), Style::plain()).unwrap();
        let text = String::from_utf8(out).unwrap();
        for line in [
            "+00:00:00  00:45:00  Link both environments            done",
            "+00:46:00  00:20:00  Run customers with initial sync   FAILED",
            "        -         -  Save a customer                   not reached",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
