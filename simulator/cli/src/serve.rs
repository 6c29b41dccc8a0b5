//! `dwsim serve`: the environments as HTTP services for real clients.

use crate::{CliError, Ending, Screen};
use dwsim_catalog::{Catalog, facts::ProfileId};
use dwsim_scenario::{Scenario, Settings, run_to_end};
use dwsim_server::{Data, Limits, Options, Ready, Webhook, WorldFacts};
use serde_json::json;
use std::{fmt::Write as _, path::PathBuf};

/// What to serve and how.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dwsim serve                                     after the scenario new-new, on port 8100 and the next three
  dwsim serve --scenario new-existing --rows 100  more demo data
  dwsim serve --port 0 --json                     free ports, one line of JSON when ready
  dwsim serve --data my-environments              go on after a restart
  dwsim serve --tls --token local                 HTTPS, and a bearer token that is always good")]
pub struct Arguments {
    /// Scenario, or scenario file, whose end state is served
    #[arg(long, value_name = "ID", default_value = "new-new")]
    scenario: String,
    /// Which documentation is followed
    #[arg(long, value_name = "PROFILE", default_value_t)]
    profile: ProfileId,
    /// The number ids, demo data and secrets grow from
    #[arg(long, value_name = "N", default_value_t = Settings::default().seed)]
    seed: u64,
    /// Demo customers of the first company
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(10..=1_000_000))]
    rows: Option<u64>,
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    host: String,
    /// Port of the front page; Dataverse, identity and Finance & Operations follow. 0 takes free ports
    #[arg(long, value_name = "N", default_value_t = 8100)]
    port: u16,
    /// Speak HTTPS with a certificate authority made for the occasion
    #[arg(long)]
    tls: bool,
    /// A bearer token that is always good
    #[arg(long, value_name = "STATIC")]
    token: Option<String>,
    /// Keep the environments in this directory: a restart goes on with every row that was committed
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Post alerts that fire to this URL as JSON. http only: a proxy can speak https
    #[arg(long, value_name = "URL")]
    alert_webhook: Option<String>,
    /// Answer 429 beyond the documented service protection limits, by the machine's clock
    #[arg(long)]
    limits: bool,
    /// Say where everything is as one line of JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments, screen: &mut Screen<'_>) -> Result<Ending, CliError> {
    let scenario = crate::run::find(&arguments.scenario)?;
    let settings = Settings {
        profile: arguments.profile,
        seed: arguments.seed,
        rows: arguments.rows,
        ..Settings::default()
    };
    let options = Options {
        host: arguments.host.clone(),
        port: arguments.port,
        tls: arguments.tls,
        token: arguments.token.clone(),
        seed: arguments.seed,
        limits: Limits::default(),
        protected: arguments.limits,
        webhook: arguments
            .alert_webhook
            .as_deref()
            .map(Webhook::new)
            .transpose()
            .map_err(CliError::Server)?,
        data: arguments.data.clone().map(|directory| Data { directory, world: facts(arguments, &scenario) }),
        factory: Box::new(move || world(&scenario, &settings)),
    };
    let json = arguments.json;
    let mut failed = None;
    let out = &mut screen.out;
    dwsim_server::serve(options, |ready| {
        let shown = if json { line(ready) } else { table(ready) };
        if let Err(error) = out.write_all(shown.as_bytes()).and_then(|()| out.flush()) {
            failed = Some(error);
        }
    })
    .map_err(|error| CliError::Server(error.to_string()))?;
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(Ending::Good),
    }
}

/// What the world is made of. Kept environments come back from the same facts only, by the same program.
fn facts(arguments: &Arguments, scenario: &Scenario) -> WorldFacts {
    let rows = arguments.rows.map_or_else(|| "of the scenario".to_owned(), |rows| rows.to_string());
    // The scenario as read: a file of the same name may say something else by now.
    let content = dwsim_model::Seed::new(0).id(&format!("{scenario:?}")).to_string();
    [
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("scenario", arguments.scenario.clone()),
        ("scenario content", content),
        ("profile", arguments.profile.to_string()),
        ("seed", arguments.seed.to_string()),
        ("rows", rows),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn world(scenario: &Scenario, settings: &Settings) -> Result<dwsim_tenant::Tenant, String> {
    let catalog = Catalog::embedded().map_err(|error| error.to_string())?;
    run_to_end(catalog, scenario, settings, |_| {})
        .map(|(_, tenant)| tenant)
        .map_err(|error| error.to_string())
}

fn line(ready: &Ready) -> String {
    let services: serde_json::Map<String, serde_json::Value> =
        ready.services.iter().map(|(name, url)| ((*name).to_owned(), url.as_str().into())).collect();
    let document = json!({
        "ready": true,
        "services": services,
        "tenant": ready.tenant,
        "clientId": ready.secrets.client_id,
        "clientSecret": ready.secrets.client_secret,
        "username": ready.secrets.username,
        "password": ready.secrets.password,
        "adminToken": ready.admin_token,
        "replayedChanges": ready.replayed.changes,
        "replayedMilliseconds": ready.replayed.took.as_secs_f64() * 1_000.0,
        "certificateAuthority": ready.certificate_authority,
    });
    format!("{document}\n")
}

fn table(ready: &Ready) -> String {
    let mut text = String::new();
    let mut row = |name: &str, value: &str| {
        let _ = writeln!(text, "{name:<22}{value}");
    };
    for (name, url) in &ready.services {
        row(name, url);
    }
    row("tenant", &ready.tenant);
    row("client id", &ready.secrets.client_id);
    row("client secret", &ready.secrets.client_secret);
    row("user", &ready.secrets.username);
    row("password", &ready.secrets.password);
    row("admin token (/_sim/)", &ready.admin_token);
    if let Some(file) = &ready.certificate_authority {
        row("certificate authority", &file.display().to_string());
    }
    if ready.replayed.changes > 0 {
        let (changes, seconds) = (ready.replayed.changes, ready.replayed.took.as_secs_f64());
        let rate = changes as f64 / seconds.max(1e-9);
        row("kept changes", &format!("{changes}, played again in {seconds:.2} s ({rate:.0} a second)"));
    }
    text.push_str("Ready. Ctrl-C ends.\n");
    text
}
