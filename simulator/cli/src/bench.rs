//! `dwsim bench`: measurements with their baseline in the same run.

use crate::{CliError, Ending, Screen};
use clap::Subcommand;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  dwsim bench initial-sync
  dwsim bench initial-sync --rows 100000 --json
  dwsim bench volume
  dwsim bench live-sync
  dwsim bench web-api                 against another local emulator, installed for the occasion";

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
    /// Initial syncs at the documented limits: 70,000 rows in one thread and one more, 500,000 rows in several
    #[command(after_help = EXAMPLES)]
    Volume(Volume),
    /// Transactions of live sync, both ways, against the same two SQLite transactions by hand
    #[command(after_help = EXAMPLES)]
    LiveSync(LiveSync),
    /// The served Web API: creates, batches, first answer, against another local emulator
    #[command(after_help = EXAMPLES)]
    WebApi(WebApi),
}

#[derive(Debug, clap::Args)]
struct Volume {
    /// Print one JSON document a line
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct LiveSync {
    /// Print one JSON document a line
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct WebApi {
    /// Seconds each figure is measured for
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=60))]
    seconds: u64,
    /// Where the other emulator is installed, and kept for the next time
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    directory: PathBuf,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
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
    match &arguments.measurement {
        Measurement::InitialSync(asked) => initial_sync(asked, screen),
        Measurement::Volume(asked) => volume(asked, screen),
        Measurement::LiveSync(asked) => live_sync(asked, screen),
        Measurement::WebApi(asked) => web_api(asked, screen),
    }
}

fn volume(asked: &Volume, screen: &mut Screen<'_>) -> Result<Ending, CliError> {
    let out = &mut *screen.out;
    for figures in dwsim_bench::volumes()? {
        if asked.json {
            serde_json::to_writer(&mut *out, &figures)?;
            writeln!(out)?;
            continue;
        }
        writeln!(
            out,
            "{} into {}: {} rows, {} inserted, {} failed in {:.0} ms; at the documented speed {}",
            figures.map,
            figures.into,
            figures.rows,
            figures.inserted,
            figures.errors,
            figures.real_ms,
            figures.virtual_duration
        )?;
        if let Some(failure) = &figures.failure {
            writeln!(out, "  because: {failure}")?;
        }
        if let Some(memory) = figures.peak_memory_mib {
            writeln!(out, "  most memory so far: {memory} MiB")?;
        }
    }
    Ok(Ending::Good)
}

fn live_sync(asked: &LiveSync, screen: &mut Screen<'_>) -> Result<Ending, CliError> {
    let out = &mut *screen.out;
    let figures = dwsim_bench::live_sync()?;
    if asked.json {
        for figure in figures {
            serde_json::to_writer(&mut *out, &figure)?;
            writeln!(out)?;
        }
        return Ok(Ending::Good);
    }
    writeln!(
        out,
        "{:<12} {:>5} {:>16} {:>16} {:>7}",
        "saved in", "rows", "transactions/s", "by hand", "ratio"
    )?;
    for figure in figures {
        writeln!(
            out,
            "{:<12} {:>5} {:>16.0} {:>16.0} {:>7.2}",
            figure.from.to_string(),
            figure.rows,
            figure.transactions_per_second,
            figure.sql_transactions_per_second,
            figure.ratio
        )?;
    }
    Ok(Ending::Good)
}

fn web_api(asked: &WebApi, screen: &mut Screen<'_>) -> Result<Ending, CliError> {
    let program = std::env::current_exe()?;
    let figures = dwsim_bench::web_api(&program, &asked.directory, asked.seconds)?;
    let out = &mut *screen.out;
    if asked.json {
        serde_json::to_writer(&mut *out, &figures)?;
        writeln!(out)?;
        return Ok(Ending::Good);
    }
    write!(out, "{figures}")?;
    Ok(Ending::Good)
}

fn initial_sync(asked: &InitialSync, screen: &mut Screen<'_>) -> Result<Ending, CliError> {
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
