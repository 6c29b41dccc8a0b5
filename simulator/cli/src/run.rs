//! `dwsim run`: runs scenarios, shows their reports, and says whether they reached their end state.

use crate::{CliError, Ending, Screen, progress::ProgressReport, render};
use dwsim_catalog::{Catalog, facts::ProfileId};
use dwsim_scenario::{Report, Scenario, Settings};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

const EXAMPLES: &str = "\
Examples:
  dwsim run new-existing
  dwsim run new-existing existing-new --profile 2020-10
  dwsim run --all --json | jq -c '[.scenario, .ok]'
  dwsim run my-scenario.toml --import rows.csv --maps --legs
  dwsim run existing-existing --rows 100000 --seed 7

Equal seed and input give an equal report; only the real time differs.
Exit codes: 0 every scenario reached its end state, 1 one did not, 2 bad input.";

/// What to run and how.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Ids of built-in scenarios, or scenario files
    #[arg(value_name = "ID|FILE.toml", required_unless_present = "all", conflicts_with = "all")]
    scenarios: Vec<String>,
    /// Run all built-in scenarios
    #[arg(long)]
    all: bool,
    /// Reading of the documentation to follow: 2020-10 or 2026
    #[arg(long, value_name = "PROFILE", default_value_t)]
    profile: ProfileId,
    /// Where every id and every choice comes from
    #[arg(long, value_name = "N", default_value_t = Settings::default().seed)]
    seed: u64,
    /// Customers of the largest company in demo data, 10 to 1000000 [default: as the scenario says]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(10..=1_000_000))]
    rows: Option<u64>,
    /// Rows to start with, instead of made-up ones
    #[arg(long, value_name = "FILE")]
    import: Option<PathBuf>,
    #[command(flatten)]
    detail: render::Detail,
    /// Write one JSON document a line for each scenario
    #[arg(long, conflicts_with_all = ["maps", "legs"])]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments, screen: &mut Screen<'_>) -> Result<Ending, CliError> {
    // All are read before any is run: a typing mistake in the last should not cost the time of the others.
    let scenarios = if arguments.all {
        Scenario::all_builtin()?
    } else {
        arguments.scenarios.iter().map(|name| find(name)).collect::<Result<Vec<_>, _>>()?
    };
    let catalog = Catalog::embedded()?;
    let mut reports = Vec::new();
    for scenario in &scenarios {
        let report = run_one(&catalog, scenario, arguments, screen.progress && !arguments.json)?;
        if arguments.json {
            serde_json::to_writer(&mut *screen.out, &report)?;
            writeln!(screen.out)?;
        } else {
            render::report(screen.out, &report, catalog.facts(), screen.style, arguments.detail)?;
            writeln!(screen.out)?;
        }
        // A long row of scenarios is watched while it runs.
        screen.out.flush()?;
        reports.push(report);
    }
    if !arguments.json && reports.len() > 1 {
        render::verdict::summary(screen.out, &reports, screen.style)?;
    }
    Ok(if reports.iter().all(|report| report.ok) { Ending::Good } else { Ending::Missed })
}

fn run_one(
    catalog: &Arc<Catalog>,
    scenario: &Scenario,
    arguments: &Arguments,
    watched: bool,
) -> Result<Report, CliError> {
    let settings = Settings {
        profile: arguments.profile,
        seed: arguments.seed,
        rows: arguments.rows,
        import: arguments.import.clone(),
    };
    let progress = ProgressReport::new(watched);
    let mut watcher = progress.clone();
    let started = Instant::now();
    let report = dwsim_scenario::run(Arc::clone(catalog), scenario, &settings, move |event| {
        watcher.on_event(event);
    });
    progress.finish();
    let mut report = report?;
    report.wall_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(report)
}

/// A built-in scenario by id, or one in a file. What looks like a path or is a file is one.
pub(crate) fn find(name: &str) -> Result<Scenario, CliError> {
    let path = Path::new(name);
    let builtin = dwsim_scenario::builtin().iter().any(|(id, _)| *id == name);
    let like_a_path = path.components().count() > 1 || path.extension().is_some();
    if builtin {
        Ok(Scenario::builtin(name)?)
    } else if like_a_path || path.is_file() {
        let text = std::fs::read_to_string(path)
            .map_err(|reason| CliError::Unreadable { path: path.to_owned(), reason })?;
        Ok(Scenario::parse(name, &text)?)
    } else {
        let known = dwsim_scenario::builtin().iter().map(|(id, _)| *id);
        let list =
            "'dwsim scenarios' lists all; a scenario of your own is given as a file, such as mine.toml";
        Err(CliError::unknown("scenario", name, known, list))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_an_id_first_and_then_a_file() {
        assert_eq!(find("new-existing").unwrap().id, "new-existing");
        let error = find("new-exsting").unwrap_err().to_string();
        assert!(
            error.starts_with("there is no scenario 'new-exsting'; did you mean 'new-existing'?"),
            "{error}"
        );
        assert!(error.contains("dwsim scenarios"), "{error}");
    }

    #[test]
    fn a_file_that_is_not_there_is_named_with_the_reason() {
        let error = find("no/such/scenario.toml").unwrap_err().to_string();
        assert!(error.starts_with("cannot read no/such/scenario.toml: "), "{error}");
    }
}
