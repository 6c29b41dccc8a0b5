//! `dwsim test`: runs feature files and says which scenarios failed and why.

use crate::{CliError, Ending, Screen, render::Tone};
use dwsim_features::{Options, cases, junit, select, suite};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  dwsim test features
  dwsim test mine.feature other/ --tags \"@2026 and not @slow\"
  dwsim test features --junit report.xml
  dwsim test mine.feature --accept      record end states in snapshots/ beside the file

'dwsim steps' lists the steps features are written with.
Exit codes: 0 every scenario passed, 1 one failed, 2 bad input.";

/// What to run.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Feature files, and folders of them
    #[arg(value_name = "FILE|FOLDER", required = true)]
    paths: Vec<PathBuf>,
    /// Only scenarios whose tags this selects, such as "@B61 and not @2020-10"
    #[arg(long, value_name = "EXPR")]
    tags: Option<String>,
    /// Only scenarios in whose name this occurs
    #[arg(long, value_name = "WORDS")]
    name: Option<String>,
    /// Record end states instead of comparing them
    #[arg(long)]
    accept: bool,
    /// Folder of recorded end states [default: snapshots beside each feature file]
    #[arg(long, value_name = "FOLDER")]
    snapshots: Option<PathBuf>,
    /// Write the results as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// List the scenarios without running them
    #[arg(long)]
    list: bool,
    /// Write one JSON document a line for each scenario
    #[arg(long, conflicts_with = "list")]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments, screen: &mut Screen<'_>) -> Result<Ending, CliError> {
    let mut chosen = cases(&arguments.paths).map_err(CliError::Features)?;
    if let Some(tags) = &arguments.tags {
        chosen = select(chosen, tags).map_err(CliError::Features)?;
    }
    if let Some(name) = &arguments.name {
        chosen.retain(|case| case.name.contains(name.as_str()));
    }
    if chosen.is_empty() {
        return Err(CliError::Features(
            "no scenario is selected; 'dwsim test --list' shows names and tags".into(),
        ));
    }
    if arguments.list {
        for case in &chosen {
            let tags: Vec<String> = case.tags.iter().map(|tag| format!("@{tag}")).collect();
            writeln!(screen.out, "{}  {}", case.name, tags.join(" "))?;
        }
        return Ok(Ending::Good);
    }
    let options = Options { snapshots: arguments.snapshots.clone(), accept: arguments.accept };
    let bar = bar(screen.progress && !arguments.json, chosen.len());
    let finished = suite::run(&chosen, &options, &|one| {
        bar.set_message(one.case.name.clone());
        bar.inc(1);
    });
    bar.finish_and_clear();
    if let Some(path) = &arguments.junit {
        let report = junit::report(&finished).map_err(CliError::Features)?;
        std::fs::write(path, report)
            .map_err(|error| CliError::Features(format!("cannot write {}: {error}", path.display())))?;
    }
    let failed = finished.iter().filter(|one| !one.passed()).count();
    for one in &finished {
        if arguments.json {
            let line = json!({
                "name": one.case.name,
                "file": one.case.file,
                "line": one.case.line,
                "profile": one.case.profile.as_str(),
                "tags": one.case.tags,
                "passed": one.passed(),
                "failure": one.verdict.failure,
                "messages": one.verdict.messages,
            });
            serde_json::to_writer(&mut *screen.out, &line)?;
            writeln!(screen.out)?;
            continue;
        }
        let (word, tone) = if one.passed() { ("passed", Tone::Good) } else { ("FAILED", Tone::Bad) };
        let mark = format!("{}{word}", screen.style.mark(one.passed()));
        writeln!(screen.out, "{}  {}", screen.style.paint(&mark, tone), one.case.name)?;
        if let Some(failure) = &one.verdict.failure {
            for line in failure.lines() {
                writeln!(screen.out, "    {line}")?;
            }
        }
    }
    if !arguments.json {
        let passed = finished.len() - failed;
        writeln!(screen.out, "\n{passed} of {} scenarios passed, {failed} failed", finished.len())?;
    }
    Ok(if failed == 0 { Ending::Good } else { Ending::Missed })
}

/// A bar on standard error, for whoever watches.
pub(crate) fn bar(shown: bool, cases: usize) -> ProgressBar {
    let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(cases as u64), target);
    if let Ok(style) = ProgressStyle::with_template("[{bar:24}] {pos}/{len} {wide_msg}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}
