//! A bar on standard error while a scenario runs.

use dwsim_scenario::RunEvent;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::{Duration, Instant};

/// Work shorter than this shows no bar: it would only flicker.
const PATIENCE: Duration = Duration::from_millis(400);

/// A step that has no rows to count, or none yet.
const STEP: &str = "{wide_msg}";
/// Rows moved.
const ROWS: &str = "[{bar:24}] {pos}/{len} {wide_msg}";

/// Shows what the runner is doing. Clones share one bar.
#[derive(Clone)]
pub(crate) struct ProgressReport {
    bar: ProgressBar,
    started: Instant,
    step: String,
}

impl ProgressReport {
    /// Starts waiting; `shown` tells whether there is anyone to watch.
    pub(crate) fn new(shown: bool) -> Self {
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        Self { bar, started: Instant::now(), step: String::new() }
    }

    /// Takes note of what happens.
    pub(crate) fn on_event(&mut self, event: &RunEvent<'_>) {
        match event {
            RunEvent::StepStarted { number, total, step, .. } => {
                self.step = format!("step {number}/{total}: {}", step.name);
                self.show(STEP, |bar, step| bar.set_message(step.to_owned()));
            }
            RunEvent::Progress(progress) => self.show(ROWS, |bar, step| {
                let company = progress.company.as_ref().map_or_else(String::new, |code| format!(" {code}"));
                bar.set_length(progress.total);
                bar.set_position(progress.done);
                bar.set_message(format!("{step}: {}{company} to {}", progress.map, progress.into));
            }),
            RunEvent::StepFinished(_) => {}
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn show(&self, template: &str, change: impl FnOnce(&ProgressBar, &str)) {
        if self.started.elapsed() >= PATIENCE && !self.bar.is_hidden() {
            if let Ok(style) = ProgressStyle::with_template(template) {
                self.bar.set_style(style.progress_chars("=> "));
            }
            change(&self.bar, &self.step);
        }
    }
}
