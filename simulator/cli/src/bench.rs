//! `dwsim bench`: measurements with their baseline in the same run.

use crate::{CliError, Ending, Screen};
use clap::Subcommand;

const EXAMPLES: &str = "\
Examples:
  dwsim bench initial-sync
  dwsim bench initial-sync --rows 100000 --json";

/// What to measure.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The measurement
    #[command(subcommand)]
    measurement: Measurement,
}

#[derive(Debug, Subcommand)]
enum Measurement {
    /// Initial sync of Customers V3, F&O to Dataverse, against the same copy by hand-written SQL
    #[command(after_help = EXAMPLES)]
    InitialSync(InitialSync),
}

#[derive(Debug, clap::Args)]
struct InitialSync {
    /// Customers to make
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(10..=1_000_000))]
    rows: u64,
    /// How often each is timed; the best counts
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
    runs: u32,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments, screen: &mut Screen<'_>) -> Result<Ending, CliError> {
    let Measurement::InitialSync(asked) = &arguments.measurement;
    let figures = dwsim_bench::initial_sync(asked.rows, asked.runs)?;
    if asked.json {
        serde_json::to_writer(&mut *screen.out, &figures)?;
        writeln!(screen.out)?;
        return Ok(Ending::Good);
    }
    let out = &mut *screen.out;
    writeln!(
        out,
        "initial sync of {}, F&O to Dataverse, {} rows, best of {}",
        figures.map, figures.rows, figures.runs
    )?;
    writeln!(out, "  engine  {:>8.0} ms  {:>9} rows/s", figures.engine_ms, figures.engine_rows_per_second)?;
    writeln!(out, "  SQL     {:>8.0} ms  {:>9} rows/s", figures.sql_ms, figures.sql_rows_per_second)?;
    writeln!(out, "  ratio   {:>8.2}", figures.ratio)?;
    writeln!(out, "at the documented speed these rows take {}", figures.virtual_duration)?;
    if figures.errors > 0 {
        writeln!(out, "{} rows failed: the figures say nothing", figures.errors)?;
        return Ok(Ending::Missed);
    }
    Ok(Ending::Good)
}
