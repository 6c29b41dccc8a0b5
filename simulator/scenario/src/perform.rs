//! What each verb does to the world.

use crate::{
    definition::Step,
    report::{AdviceReport, LiveReport},
    runner::Run,
    values::typed,
    verbs::{
        BootstrapArgument, ChangeKind, Expectation, LcsSetup, MapRun, ResumeArgument, Save, Target, Verb,
    },
};
use dwsim_dualwrite::{
    Execution, MapStatus, ResumeMode, RunOptions,
    live::{LiveOutcome, LiveResult},
};
use dwsim_model::{Change, MapId, Operation, Side, VirtualDuration};
use dwsim_tenant::{BootstrapMode, SetupRequest, SetupTarget, TenantError};

/// Why a step was refused.
pub(crate) struct Problem {
    pub(crate) code: Option<String>,
    pub(crate) message: String,
}

impl From<TenantError> for Problem {
    fn from(error: TenantError) -> Self {
        Self { code: error.code().map(str::to_owned), message: error.to_string() }
    }
}

impl From<String> for Problem {
    fn from(message: String) -> Self {
        Self { code: None, message }
    }
}

impl From<dwsim_dualwrite::EngineError> for Problem {
    fn from(error: dwsim_dualwrite::EngineError) -> Self {
        TenantError::from(error).into()
    }
}

type Done = Result<String, Problem>;

impl Run<'_> {
    pub(crate) fn perform(&mut self, step: &Step) -> Done {
        let tenant = &mut self.tenant;
        Ok(match &step.action {
            Verb::LcsSetup(setup) => return self.lcs_setup(setup),
            Verb::LcsResume => {
                tenant.lcs_resume()?;
                tenant.lcs().state().to_string()
            }
            Verb::LcsConfigure(packages) => {
                tenant.lcs_configure(&packages.packages)?;
                format!("{} packages installed", tenant.installed_packages().len())
            }
            Verb::LcsLink => {
                tenant.lcs_link()?;
                self.linked()
            }
            Verb::DataverseCreate => {
                tenant.create_dataverse_by_hand()?;
                format!("{} created", tenant.dataverse_name())
            }
            Verb::AccessGrant => {
                tenant.grant_access()?;
                "application users exist on both sides".into()
            }
            Verb::WizardLink(wizard) => {
                let run = tenant.wizard_link(&wizard.companies)?;
                let passed = run.checks.iter().filter(|check| check.passed).count();
                format!("{passed} of {} health checks passed; {}", run.checks.len(), self.linked())
            }
            Verb::PackageInstall(packages) => {
                for package in &packages.packages {
                    tenant.install_package(package)?;
                }
                format!("{} packages installed", tenant.installed_packages().len())
            }
            Verb::SolutionApply => {
                format!("{} table maps published, each Not running", tenant.apply_solution()?)
            }
            Verb::WorkspaceOpen => {
                tenant.finops_mut().environment_mut().schema_generated = true;
                format!("{} table maps are listed", tenant.engine().maps().len())
            }
            Verb::CompanyCreate(company) => {
                tenant.create_company(&company.code, &company.company_name)?;
                format!("{} created in F&O", company.code)
            }
            Verb::CompanyAdd(company) => {
                let executions = tenant.add_legal_entity(&company.code, company.skip_initial_writes)?;
                format!("{}; {}", self.linked(), moved(&executions))
            }
            Verb::CompanyRemove(company) => {
                tenant.remove_legal_entity(&company.code)?;
                self.linked()
            }
            Verb::CompanyBootstrap(bootstrap) => {
                let mode = match bootstrap.mode {
                    BootstrapArgument::Careful => BootstrapMode::Careful,
                    BootstrapArgument::Sample => BootstrapMode::Sample,
                };
                let report = tenant.bootstrap(&bootstrap.code, &bootstrap.tables, mode)?;
                let tables: Vec<String> =
                    report.assigned.iter().map(|(table, rows)| format!("{rows} {table}")).collect();
                let tables = if tables.is_empty() { "no row".to_owned() } else { tables.join(", ") };
                for warning in report.warnings {
                    if !self.notices.contains(&warning) {
                        self.notices.push(warning);
                    }
                }
                format!("{tables} now belong to {}; {} created", bootstrap.code, report.created)
            }
            Verb::MapRun(run) => return self.map_run(run),
            Verb::MapStop(maps) => {
                for map in &maps.maps {
                    tenant.stop_map(map)?;
                }
                "stopped".into()
            }
            Verb::MapPause(maps) => {
                tenant.pause_maps(&maps.maps)?;
                "paused".into()
            }
            Verb::MapResume(resume) => {
                let mode = match resume.mode {
                    ResumeArgument::CatchUp => ResumeMode::CatchUp,
                    ResumeArgument::Preserve => ResumeMode::PreserveAsErrors,
                    ResumeArgument::Discard => ResumeMode::Discard,
                };
                tenant.resume_maps(&resume.maps, mode)?;
                "running".into()
            }
            Verb::MapRemoveColumns(columns) => {
                tenant.remove_columns(&columns.map, &columns.columns)?;
                format!(
                    "taken out: {}",
                    columns.columns.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
                )
            }
            Verb::MapRestoreColumns(map) => {
                tenant.restore_columns(&map.map)?;
                "every column is back".into()
            }
            Verb::FinOpsSave(save) => return self.save(step, Side::FinOps, save),
            Verb::DataverseSave(save) => return self.save(step, Side::Dataverse, save),
            Verb::TimeAdvance(time) => {
                let span =
                    VirtualDuration::from_hours(time.hours).plus(VirtualDuration::from_mins(time.minutes));
                tenant.clock_mut().advance(span);
                span.to_string()
            }
            Verb::Advise(maps) => {
                for map in &maps.maps {
                    tenant.map_id(map)?;
                }
                return Ok(self.advise(&maps.maps)?);
            }
            Verb::TenantSet(set) => {
                let person = &mut tenant.person;
                if let Some(licences) = &set.licences {
                    person.licences.clone_from(licences);
                }
                if let Some(licence) = set.power_apps_licence {
                    person.power_apps_licence = licence;
                }
                if let Some(administrator) = set.dataverse_administrator {
                    person.dataverse_administrator = administrator;
                }
                if let Some(capacity) = set.free_capacity_mb {
                    tenant.policy.free_capacity_mb = capacity;
                }
                "changed".into()
            }
        })
    }

    fn linked(&self) -> String {
        let companies: Vec<String> =
            self.tenant.engine().companies().iter().map(ToString::to_string).collect();
        let running =
            self.tenant.engine().maps().values().filter(|state| state.status == MapStatus::Running).count();
        format!("legal entities {}; {running} table maps running", companies.join(", "))
    }

    fn lcs_setup(&mut self, setup: &LcsSetup) -> Done {
        let target = match (setup.target, &setup.template) {
            (Target::Existing, _) => SetupTarget::Existing,
            (Target::New, Some(template)) => SetupTarget::New { template: template.clone() },
            (Target::New, None) => return Err("target = \"new\" needs a template".to_owned().into()),
        };
        let typed_name = setup.typed_name.clone().unwrap_or_else(|| self.tenant.person.name.clone());
        self.tenant.lcs_setup(SetupRequest { target, agreed: setup.agree, typed_name })?;
        Ok(format!("{} connected", self.tenant.dataverse_name()))
    }

    fn map_run(&mut self, run: &MapRun) -> Done {
        let tenant = &mut self.tenant;
        let leave = tenant.maps_to_leave_stopped();
        let mut wanted: Vec<MapId> = Vec::new();
        if run.all {
            wanted.extend(tenant.engine().maps().keys().filter(|id| !leave.contains(id)).cloned());
        }
        for map in &run.maps {
            let id = tenant.map_id(map)?;
            if run.related {
                wanted
                    .extend(tenant.engine().related_maps(&id)?.into_iter().filter(|id| !leave.contains(id)));
            }
            wanted.push(id);
        }
        let order = tenant.catalog().run_order(&wanted);
        let options = RunOptions { initial_sync: run.initial_sync, master: run.master, full: run.full };
        let mut executions = Vec::new();
        let named = |id: &MapId| run.maps.contains(id);
        for id in &order {
            match tenant.engine().status(id) {
                Some(MapStatus::NotRunning) => {}
                Some(MapStatus::Running) if run.restart => tenant.stop_map(id)?,
                // A related map that runs already needs nothing.
                Some(_) if !named(id) => continue,
                _ => {}
            }
            executions.extend(tenant.run_map(id, options)?);
        }
        self.advise(&order)?;
        let failed: u64 = executions.iter().map(Execution::errors).sum();
        let broken =
            executions.iter().flat_map(|execution| &execution.legs).find_map(|leg| leg.failure.as_ref());
        match broken {
            Some(failure) => {
                Err(Problem { code: Some(failure.code.clone()), message: failure.message.clone() })
            }
            None if failed != run.expected_errors => Err(format!(
                "{failed} rows failed and {} were expected to; {}",
                run.expected_errors,
                moved(&executions)
            )
            .into()),
            None => Ok(format!("{} maps; {}", order.len(), moved(&executions))),
        }
    }

    /// Notes for which maps the guidance advises something other than initial sync.
    fn advise(&mut self, maps: &[MapId]) -> Result<String, TenantError> {
        let mut other = 0;
        for id in maps {
            let advice = self.tenant.advise_map(id)?;
            if advice.is_against_initial_sync() {
                other += 1;
                self.advice.push(AdviceReport {
                    map: advice.map.clone(),
                    rows: advice.rows(),
                    single_threaded: advice.single_threaded,
                    approach: advice.approach_text(),
                });
            }
        }
        Ok(format!(
            "initial sync suits {} maps; for {other} the guidance advises another approach",
            maps.len() - other
        ))
    }

    fn save(&mut self, step: &Step, side: Side, save: &Save) -> Done {
        let change = Change {
            table: save.table.clone(),
            operation: match save.change {
                ChangeKind::Create => Operation::Create,
                ChangeKind::Update => Operation::Update,
                ChangeKind::Delete => Operation::Delete,
            },
            key: typed(&self.tenant, side, &save.table, &save.key)?,
            values: typed(&self.tenant, side, &save.table, &save.values)?,
        };
        let before = self.content();
        let result = self.tenant.save(side, std::slice::from_ref(&change));
        let (outcome, detail, problem) = match (&result, save.expect) {
            (Ok(outcomes), Expectation::Arrives) if synced(outcomes) => {
                ("arrived", arrived(outcomes, side), None)
            }
            (Ok(outcomes), Expectation::Queued) if queued(outcomes) => ("queued", String::new(), None),
            (Ok(outcomes), Expectation::Stays) if !synced(outcomes) && !queued(outcomes) => {
                ("not eligible", why_not(outcomes), None)
            }
            (Ok(outcomes), expected) => {
                let text = format!("expected: {expected:?}; {}", why_not(outcomes));
                ("not as expected", text.clone(), Some(text))
            }
            (Err(error), Expectation::Refused) => {
                let text = error.to_string();
                let because = save.because.as_deref().unwrap_or("");
                if !text.contains(because) && error.code() != Some(because) {
                    let text = format!("refused, but not because of '{because}': {text}");
                    ("not as expected", text.clone(), Some(text))
                } else if self.content() != before {
                    let text = "refused, but a side changed".to_owned();
                    ("not as expected", text.clone(), Some(text))
                } else {
                    ("refused", text, None)
                }
            }
            (Err(error), _) => ("refused", error.to_string(), Some(error.to_string())),
        };
        self.live.push(LiveReport {
            step: step.id.clone(),
            origin: side,
            table: save.table.to_string(),
            outcome: outcome.to_owned(),
            detail: detail.clone(),
        });
        match problem {
            Some(problem) => Err(problem.into()),
            None => Ok(format!("{outcome}: {detail}")),
        }
    }

    /// Rows of every table on both sides, to see whether a refused save left a trace.
    fn content(&self) -> Vec<(dwsim_model::Name, u64)> {
        let mut counts = self.tenant.finops().counts().unwrap_or_default();
        counts.extend(
            self.tenant.dataverse().and_then(|dataverse| dataverse.counts().ok()).unwrap_or_default(),
        );
        counts
    }
}

fn synced(outcomes: &[LiveOutcome]) -> bool {
    outcomes.iter().any(|outcome| matches!(outcome.result, LiveResult::Synced(_)))
}

fn queued(outcomes: &[LiveOutcome]) -> bool {
    outcomes.iter().any(|outcome| outcome.result == LiveResult::Queued)
}

fn arrived(outcomes: &[LiveOutcome], origin: Side) -> String {
    let parts: Vec<String> = outcomes
        .iter()
        .filter(|outcome| matches!(outcome.result, LiveResult::Synced(_)))
        .map(|outcome| format!("{} through {}", outcome.key, outcome.map))
        .collect();
    format!("in {}: {}", origin.other(), parts.join("; "))
}

fn why_not(outcomes: &[LiveOutcome]) -> String {
    let parts: Vec<String> = outcomes
        .iter()
        .map(|outcome| match &outcome.result {
            LiveResult::NotEligible(why) => format!("{}: {why}", outcome.map),
            other => format!("{}: {other:?}", outcome.map),
        })
        .collect();
    if parts.is_empty() { "no running map sees this table".to_owned() } else { parts.join("; ") }
}

/// What initial sync moved, in a line.
fn moved(executions: &[Execution]) -> String {
    if executions.is_empty() {
        return "no initial sync".to_owned();
    }
    let legs = || executions.iter().flat_map(|execution| &execution.legs);
    let sum = |of: fn(&dwsim_dualwrite::Leg) -> u64| legs().map(of).sum::<u64>();
    format!(
        "{} executions: {} exported, {} inserted, {} updated, {} unchanged, {} errors",
        executions.len(),
        sum(|leg| leg.exported),
        sum(|leg| leg.inserted),
        sum(|leg| leg.updated),
        sum(|leg| leg.unchanged),
        sum(|leg| leg.errors)
    )
}
