//! `dwsim advise`: how to bring the rows of two environments together, table map by table map.

use crate::{
    CliError, Ending, Screen,
    render::{Sheet, Tone},
};
use dwsim_catalog::{Catalog, facts::ProfileId};
use dwsim_scenario::{Settings, run_until_maps_run};
use dwsim_tenant::Advice;
use serde_json::json;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  dwsim advise existing-existing
  dwsim advise new-data-new --rows 100000      what changes with the volume
  dwsim advise my-scenario.toml --import rows.csv --map customers-v3-accounts
  dwsim advise new-existing --json | jq -r 'select(.approach | index(\"run initial sync\") | not) | .map'

The environments are taken as they are before the scenario first runs a table map. A row of the guidance, G1 to G14,
depends on which environments are new, on whether there are rows, on how many, and on whether F&O imports them in one
thread.";

/// Which environments, and how much to say.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Scenario, or scenario file, that describes both environments
    #[arg(value_name = "ID|FILE.toml")]
    scenario: String,
    /// One table map only
    #[arg(long, value_name = "ID")]
    map: Option<String>,
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
    /// Also list the maps that have no rows on either side
    #[arg(long)]
    all: bool,
    /// Write one JSON document a line for each table map
    #[arg(long, conflicts_with = "all")]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments, screen: &mut Screen<'_>) -> Result<Ending, CliError> {
    let scenario = crate::run::find(&arguments.scenario)?;
    let settings = Settings {
        profile: arguments.profile,
        seed: arguments.seed,
        rows: arguments.rows,
        import: arguments.import.clone(),
    };
    let tenant = run_until_maps_run(Catalog::embedded()?, &scenario, &settings)?;
    let advice = match &arguments.map {
        Some(map) => vec![tenant.advise_map(map)?],
        None => tenant.advise()?,
    };
    if arguments.json {
        for own in &advice {
            writeln!(screen.out, "{}", document(own))?;
        }
        return Ok(Ending::Good);
    }
    let shown: Vec<&Advice> =
        advice.iter().filter(|own| arguments.all || arguments.map.is_some() || own.rows() > 0).collect();
    table(screen, &shown)?;
    let idle = advice.len() - shown.len();
    if idle > 0 {
        writeln!(screen.out, "\n{idle} more table maps have no rows on either side; --all lists them.")?;
    }
    Ok(Ending::Good)
}

fn table(screen: &mut Screen<'_>, advice: &[&Advice]) -> Result<(), CliError> {
    let heads = ["table map", "F&O", "Dataverse", "threads", "row", "what to do"].map(str::to_owned);
    let mut sheet = Sheet::new(screen.style, &heads);
    for own in advice {
        let tone = if own.is_against_initial_sync() { Tone::Warning } else { Tone::Plain };
        sheet.row(vec![
            (own.map.to_string(), Tone::Name),
            (own.finops_rows.to_string(), Tone::Number),
            (own.dataverse_rows.to_string(), Tone::Number),
            (threads(own).to_owned(), Tone::Plain),
            (own.row.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string), Tone::Plain),
            (own.approach_text(), tone),
        ]);
    }
    sheet.write(screen.out)?;
    if let [only] = advice {
        writeln!(screen.out, "\nwhy: {}", only.reason)?;
    }
    Ok(())
}

fn threads(own: &Advice) -> &'static str {
    if own.single_threaded { "one" } else { "several" }
}

fn document(own: &Advice) -> serde_json::Value {
    json!({
        "map": own.map,
        "row": own.row,
        "finops_rows": own.finops_rows,
        "dataverse_rows": own.dataverse_rows,
        "single_threaded": own.single_threaded,
        "approach": own.approach.iter().map(|step| step.text()).collect::<Vec<_>>(),
        "initial_sync_advised": !own.is_against_initial_sync(),
        "reason": own.reason,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{args::Args, render::Style};
    use clap::Parser;

    fn shown(words: &[&str]) -> String {
        let mut out = Vec::new();
        let args = Args::parse_from(words);
        crate::run(&args, &mut Screen { out: &mut out, style: Style::plain(), progress: false }).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn one_map_is_advised_with_volumes_threads_and_the_reason() {
        let text = shown(&["dwsim", "advise", "existing-existing", "--map", "customers-v3-accounts"]);
        assert!(text.contains("customers-v3-accounts"), "{text}");
        assert!(text.contains("one") && text.contains("why: existing F&O"), "{text}");
    }

    #[test]
    fn json_has_a_document_for_every_map_of_the_link() {
        let text = shown(&["dwsim", "advise", "new-data-new", "--json"]);
        let documents: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(documents.len() > 30, "{}", documents.len());
        assert!(documents.iter().any(|own| own["finops_rows"].as_u64() > Some(0)));
        assert!(documents.iter().all(|own| own["reason"].as_str().is_some_and(|reason| !reason.is_empty())));
    }
}
