//! What can be typed after `dwsim`.

use crate::{advise, bench, completions, coverage, maps, run, scenarios, serve, steps, test};
use clap::{Parser, Subcommand};

/// Links Finance & Operations with Dataverse through dual-write, on your machine, the same way every time.
///
/// Both environments, the table maps between them and the virtual time that passes are simulated from documented
/// facts. Nothing is sent anywhere.
#[derive(Debug, Parser)]
#[command(name = "dwsim", version, propagate_version = true, max_term_width = 110, after_help = EXAMPLES)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  dwsim scenarios                     what can be run
  dwsim run new-existing              one of the six set-up scenarios
  dwsim run --all --json              all six, one JSON document a line
  dwsim test features --tags @B61     feature files, yours or ours
  dwsim serve --token local           the Dataverse Web API for real clients
  dwsim advise existing-existing      initial sync or not, table by table
  dwsim maps show customers-v3-accounts
  dwsim bench initial-sync            against hand-written SQL
  dwsim help run                      all about one command

Exit codes: 0 as expected, 1 a scenario did not reach its end state or failed, 2 bad input.";

/// One command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the built-in scenarios: id, where linking starts, number of steps
    Scenarios(scenarios::Arguments),
    /// Run scenarios and say whether they reached their end state
    Run(run::Arguments),
    /// Serve the environments over HTTP: Dataverse Web API, identity, front page
    Serve(serve::Arguments),
    /// Run feature files: scenarios in plain words
    Test(test::Arguments),
    /// List the steps features are written with
    Steps(steps::Arguments),
    /// Say which documented behaviours, messages, limits and decisions the features prove
    Coverage(coverage::Arguments),
    /// Say for two environments how the guidance brings the rows of each table map together
    Advise(advise::Arguments),
    /// Look at the table maps of the catalogue
    Maps(maps::Arguments),
    /// Measure the simulator against the same work done by hand
    Bench(bench::Arguments),
    /// Print a completion script for a shell
    Completions(completions::Arguments),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn every_command_shows_examples() {
        fn check(command: &clap::Command) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Examples:"), "{} has no examples", command.get_name());
            command.get_subcommands().for_each(check);
        }
        check(&Args::command());
    }
}
