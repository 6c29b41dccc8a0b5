//! Runs a scenario: builds the world, does the steps, looks at the end.

use crate::{
    definition::{DataSeed, Origin, Scenario, Step},
    expect,
    report::{
        ExecutionReport, LinkReport, LiveReport, MapReport, Report, SideReport, StepOutcome, StepReport,
        TableReport, errors_of,
    },
    verbs::Verb,
};
use dwsim_catalog::{Catalog, facts::ProfileId};
use dwsim_dualwrite::Progress;
use dwsim_finops::{Environment, EnvironmentOrigin, ImportOptions};
use dwsim_model::{CompanyCode, Seed, Side};
use dwsim_seeds::{DemoPlan, DemoSeed};
use dwsim_tenant::{Tenant, TenantOptions};
use jiff::Timestamp;
use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

/// Customers of the first company when nobody says otherwise.
const ROWS: u64 = 10;

/// How a scenario is run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The documentation followed.
    pub profile: ProfileId,
    /// Where ids and random choices come from.
    pub seed: u64,
    /// Customers of the first company in demo data.
    pub rows: Option<u64>,
    /// A file of F&O data to load before the first step.
    pub import: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { profile: ProfileId::Docs2026, seed: 1, rows: None, import: None }
    }
}

/// What a run tells while it runs.
#[derive(Debug)]
pub enum RunEvent<'a> {
    /// A step begins.
    StepStarted {
        /// Its number, from 1.
        number: usize,
        /// How many there are.
        total: usize,
        /// The step.
        step: &'a Step,
        /// Virtual time.
        at: Timestamp,
    },
    /// A step ended.
    StepFinished(&'a StepReport),
    /// Rows moved.
    Progress(&'a Progress),
}

/// Why a run could not begin: the input is at fault, not the scenario's course.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// A file cannot be read.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: String,
        /// Why.
        error: String,
    },
    /// A file of data is not as it should be; the text names file, line and column.
    #[error("{0}")]
    Data(String),
    /// The world cannot be built as the scenario says.
    #[error("the world of scenario {scenario} cannot be built: {error}")]
    World {
        /// The scenario.
        scenario: String,
        /// Why.
        error: String,
    },
}

type Listener = Arc<Mutex<dyn FnMut(&RunEvent<'_>) + Send>>;

fn tell(listener: &Listener, event: &RunEvent<'_>) {
    if let Ok(mut listener) = listener.lock() {
        listener(event);
    }
}

/// Runs a scenario and reports. A step that fails ends the steps; the report says so.
pub fn run(
    catalog: Arc<Catalog>,
    scenario: &Scenario,
    settings: &Settings,
    on_event: impl FnMut(&RunEvent<'_>) + Send + 'static,
) -> Result<Report, RunError> {
    let (report, _) = run_to_end(catalog, scenario, settings, on_event)?;
    Ok(report)
}

/// [`run`], with the world as it is at the end.
#[allow(clippy::needless_pass_by_value)] // the world keeps the catalogue; a caller clones a pointer
pub fn run_to_end(
    catalog: Arc<Catalog>,
    scenario: &Scenario,
    settings: &Settings,
    on_event: impl FnMut(&RunEvent<'_>) + Send + 'static,
) -> Result<(Report, Tenant), RunError> {
    let listener: Listener = Arc::new(Mutex::new(on_event));
    let mut notices = Vec::new();
    let (mut tenant, imported) = build(&catalog, scenario, settings, &mut notices)?;
    let heard = listener.clone();
    tenant.on_progress(move |progress| tell(&heard, &RunEvent::Progress(progress)));
    let start = tenant.clock().now();
    let mut run = Run { tenant, scenario, settings, notices, live: Vec::new(), advice: Vec::new() };
    let steps = run.steps(&listener);
    run.notices.extend(run.tenant.linking_mismatch());
    let completed =
        steps.iter().all(|step| matches!(step.outcome, StepOutcome::Done | StepOutcome::RefusedAsExpected));
    let mut report = run.report(steps);
    report.verdict = expect::verdict(&run.tenant, scenario, settings.profile, &imported);
    report.ok = completed && report.verdict.iter().all(|check| check.ok);
    report.virtual_duration = run.tenant.clock().since(start);
    Ok((report, run.tenant))
}

/// The world as it is before the scenario first runs a table map.
///
/// # Errors
/// Input at fault as in [`run`], or a scenario that comes to no link before it.
pub fn run_until_maps_run(
    catalog: Arc<Catalog>,
    scenario: &Scenario,
    settings: &Settings,
) -> Result<Tenant, RunError> {
    let mut before = scenario.clone();
    let first = before.steps.iter().position(|step| matches!(step.action, Verb::MapRun(_)));
    before.steps.truncate(first.unwrap_or(before.steps.len()));
    let (report, tenant) = run_to_end(catalog, &before, settings, |_| {})?;
    let refused = report.steps.iter().find(|step| step.outcome == StepOutcome::Failed);
    match refused {
        Some(step) => Err(RunError::World {
            scenario: scenario.id.clone(),
            error: format!("step {}: {}", step.id, step.detail),
        }),
        None => Ok(tenant),
    }
}

fn build(
    catalog: &Arc<Catalog>,
    scenario: &Scenario,
    settings: &Settings,
    notices: &mut Vec<String>,
) -> Result<(Tenant, Vec<CompanyCode>), RunError> {
    let failed = |error: String| RunError::World { scenario: scenario.id.clone(), error };
    let seed = Seed::new(settings.seed);
    let tenant_id = seed.id("tenant");
    let mut finops = Environment::new("Contoso", tenant_id);
    finops.origin = match scenario.finops.origin {
        Origin::New => EnvironmentOrigin::New,
        Origin::NewWithData => EnvironmentOrigin::NewWithData,
        Origin::Existing => EnvironmentOrigin::Existing,
    };
    finops.trial = scenario.finops.trial;
    if let Some(update) = scenario.finops.platform_update {
        finops.platform_update = update;
    }
    let geography = scenario.dataverse.geography.clone().unwrap_or_else(|| finops.geography.to_string());
    let options = TenantOptions {
        profile: settings.profile,
        seed,
        finops,
        dataverse_name: "Contoso Sales".into(),
        dataverse_geography: geography,
        dataverse_exists: scenario.dataverse.origin == Origin::Existing,
        human_resources_app: scenario.finops.human_resources_app,
    };
    let mut tenant = Tenant::new(catalog.clone(), options).map_err(|error| failed(error.to_string()))?;
    if let Some(dataverse) = tenant.dataverse_mut() {
        dataverse.organization_mut().dynamics_apps_enabled = scenario.dataverse.dynamics_apps;
    }
    fill(&mut tenant, scenario, settings).map_err(failed)?;
    let imported = match &settings.import {
        Some(path) => import(&mut tenant, path, notices)?,
        None => Vec::new(),
    };
    Ok((tenant, imported))
}

fn fill(tenant: &mut Tenant, scenario: &Scenario, settings: &Settings) -> Result<(), String> {
    let (catalog, seed, now) = (tenant.catalog().clone(), tenant.seed(), tenant.clock().now());
    if scenario.finops.data == DataSeed::Demo {
        let rows = settings.rows.or(scenario.finops.rows).unwrap_or(ROWS);
        let plan = DemoPlan { companies: scenario.finops.companies.clone(), rows, only: None };
        let demo = DemoSeed::new(catalog, seed, plan).map_err(|error| error.to_string())?;
        demo.load(tenant.finops_mut(), &mut |_| {}).map_err(|error| error.to_string())?;
    }
    let finops_lived = scenario.finops.data == DataSeed::Existing;
    let dataverse_lived = scenario.dataverse.data == DataSeed::Existing;
    if finops_lived || dataverse_lived {
        let set = match (finops_lived, dataverse_lived) {
            (true, true) => "existing",
            (true, false) => "existing-finops",
            _ => "existing-dataverse",
        };
        let (finops, dataverse) = tenant.environments_mut();
        let dataverse = dataverse.filter(|_| dataverse_lived);
        dwsim_seeds::load_existing(set, finops_lived.then_some(finops), dataverse, now)
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Loads a file of F&O data; the companies it brought.
fn import(
    tenant: &mut Tenant,
    path: &std::path::Path,
    notices: &mut Vec<String>,
) -> Result<Vec<CompanyCode>, RunError> {
    let shown = path.display().to_string();
    let failed = |error: String| RunError::File { path: shown.clone(), error };
    let file = std::fs::File::open(path).map_err(|error| failed(error.to_string()))?;
    let options = ImportOptions { file: shown.clone(), create_companies: true };
    let report = tenant
        .finops_mut()
        .import_csv(file, None, &options)
        .map_err(|error| RunError::Data(error.to_string()))?;
    notices.push(format!("{shown}: {} rows of {} imported into F&O", report.rows, report.entity));
    if !report.ignored_columns.is_empty() {
        notices.push(format!(
            "{shown}: columns not known and left out: {}",
            report.ignored_columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
        ));
    }
    notices.extend(crate::references::complete(tenant, &report.entity).map_err(failed)?);
    Ok(report.companies)
}

/// A scenario being run.
pub(crate) struct Run<'s> {
    pub(crate) tenant: Tenant,
    pub(crate) scenario: &'s Scenario,
    pub(crate) settings: &'s Settings,
    pub(crate) notices: Vec<String>,
    pub(crate) live: Vec<LiveReport>,
    pub(crate) advice: Vec<crate::report::AdviceReport>,
}

impl Run<'_> {
    fn steps(&mut self, listener: &Listener) -> Vec<StepReport> {
        let steps: Vec<&Step> = self.scenario.steps_in(self.settings.profile).collect();
        let mut reports: Vec<StepReport> = Vec::with_capacity(steps.len());
        let mut stopped = false;
        for (index, step) in steps.iter().enumerate() {
            let started = self.tenant.clock().now();
            let (outcome, detail) = if stopped {
                (StepOutcome::NotReached, String::new())
            } else {
                tell(
                    listener,
                    &RunEvent::StepStarted { number: index + 1, total: steps.len(), step, at: started },
                );
                self.attempt(step)
            };
            stopped |= outcome == StepOutcome::Failed;
            let report = StepReport {
                id: step.id.clone(),
                name: step.name.clone(),
                verb: step.verb.clone(),
                started,
                finished: self.tenant.clock().now(),
                outcome,
                detail,
            };
            tell(listener, &RunEvent::StepFinished(&report));
            reports.push(report);
        }
        reports
    }

    fn attempt(&mut self, step: &Step) -> (StepOutcome, String) {
        match (self.perform(step), &step.refused_with) {
            (Ok(detail), None) => (StepOutcome::Done, detail),
            (Ok(detail), Some(wanted)) => (
                StepOutcome::Failed,
                format!("expected to be refused with '{wanted}', and it was not. {detail}"),
            ),
            (Err(problem), Some(wanted))
                if problem.code.as_deref() == Some(wanted) || problem.message.contains(wanted.as_str()) =>
            {
                (StepOutcome::RefusedAsExpected, problem.message)
            }
            (Err(problem), _) => (StepOutcome::Failed, problem.message),
        }
    }

    fn report(&self, steps: Vec<StepReport>) -> Report {
        let engine = self.tenant.engine();
        let linked = self.tenant.link_state().is_some();
        let maps = engine
            .maps()
            .values()
            .map(|state| MapReport {
                id: state.compiled.map.id.clone(),
                name: format!("{} / {}", state.compiled.map.entity_label, state.compiled.map.entity_set),
                status: state.status,
            })
            .collect();
        Report {
            scenario: self.scenario.id.clone(),
            title: self.scenario.title.clone(),
            profile: self.settings.profile,
            seed: self.settings.seed,
            ok: false,
            link: LinkReport {
                state: if linked { "Linked" } else { "Not linked" }.into(),
                legal_entities: engine.companies().to_vec(),
            },
            steps,
            maps,
            executions: engine.executions().iter().map(ExecutionReport::from).collect(),
            errors: engine.executions().iter().flat_map(errors_of).collect(),
            live: self.live.clone(),
            advice: self.advice.clone(),
            notices: self.notices.clone(),
            sides: [self.side(Side::FinOps), self.side(Side::Dataverse)],
            verdict: Vec::new(),
            virtual_duration: dwsim_model::VirtualDuration::ZERO,
            wall_ms: 0,
        }
    }

    fn side(&self, side: Side) -> SideReport {
        let tables: Vec<TableReport> = match (side, self.tenant.dataverse()) {
            (Side::FinOps, _) => {
                let finops = self.tenant.finops();
                let table = |(name, rows): (dwsim_model::Name, u64)| {
                    let digest = finops.table(&name).and_then(|id| finops.digest(id).ok());
                    TableReport { name: name.to_string(), rows, digest: short(digest) }
                };
                finops.counts().unwrap_or_default().into_iter().map(table).collect()
            }
            (Side::Dataverse, Some(dataverse)) => {
                let table = |(name, rows): (dwsim_model::Name, u64)| {
                    let digest = dataverse.digest(&name).ok();
                    TableReport { name: name.to_string(), rows, digest: short(digest) }
                };
                dataverse.counts().unwrap_or_default().into_iter().map(table).collect()
            }
            (Side::Dataverse, None) => Vec::new(),
        };
        SideReport { side, rows: tables.iter().map(|table| table.rows).sum(), tables }
    }
}

/// The first part of a digest is plenty to see a difference, and readable.
fn short(digest: Option<uuid::Uuid>) -> String {
    digest.map_or_else(String::new, |digest| digest.simple().to_string()[..12].to_owned())
}
