//! What one Gherkin scenario works with: the environments as planned, the world they became, and what just happened.

use crate::definition::{Kind, Told};
use dwsim_catalog::{Catalog, facts::ProfileId};
use dwsim_dualwrite::{Execution, MapStatus, live::LiveOutcome};
use dwsim_model::{MapId, Side, VirtualDuration};
use dwsim_scenario::{LiveReport, Report, Scenario, Settings, run_to_end};
use dwsim_tenant::{Tenant, TenantError};
use std::{
    collections::BTreeMap,
    convert::Infallible,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use crate::plan::Plan;

/// What is known of a scenario once it ran.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Messages of the catalogue that a step looked for and found, by id, with the words found first.
    pub messages: BTreeMap<String, String>,
    /// Steps that passed.
    pub passed: usize,
    /// The step that failed: line, words, and why.
    pub failure: Option<(usize, String, String)>,
    /// A refusal that no step looked at.
    pub unread: Option<String>,
}

/// Where a scenario is run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Surroundings {
    pub(crate) profile: ProfileId,
    pub(crate) snapshots: PathBuf,
    pub(crate) accept: bool,
    pub(crate) record: Arc<Mutex<Record>>,
}

/// Why an action was refused.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// Id of the message, when it has one.
    pub code: Option<String>,
    /// What the user reads.
    pub text: String,
}

/// What the last action brought about.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Why it was refused.
    pub refusal: Option<Refusal>,
    /// Whether a step looked at the refusal.
    pub read: bool,
    /// Initial syncs it ran.
    pub executions: Vec<Execution>,
    /// Live changes it made.
    pub live: Vec<LiveOutcome>,
    /// Lines it wrote for a person to read.
    pub notes: Vec<String>,
    /// Map ids it answered with, in order.
    pub maps: Vec<MapId>,
    /// Runs it took.
    pub runs: u64,
    /// Virtual time it took.
    pub took: VirtualDuration,
}

/// State of one Gherkin scenario.
#[derive(Debug)]
pub struct World {
    pub(crate) around: Surroundings,
    /// What both environments are, as long as nothing has happened.
    pub(crate) plan: Plan,
    tenant: Option<Tenant>,
    /// What the last action brought about.
    pub(crate) outcome: Outcome,
    /// A recorded set-up, when the feature tells one of those.
    pub(crate) scenario: Option<Scenario>,
    /// What was reported of it.
    pub(crate) report: Option<Report>,
    /// Content of both sides that a later step compares with.
    pub(crate) remembered: Option<Vec<(String, u64, String)>>,
    /// The solution with table maps that was exported last.
    pub(crate) solution_file: Option<String>,
}

impl cucumber::World for World {
    type Error = Infallible;

    async fn new() -> Result<Self, Infallible> {
        Ok(Self {
            around: Surroundings::default(),
            plan: Plan::default(),
            tenant: None,
            outcome: Outcome::default(),
            scenario: None,
            report: None,
            remembered: None,
            solution_file: None,
        })
    }
}

impl World {
    /// The documentation followed.
    pub fn profile(&self) -> ProfileId {
        self.around.profile
    }

    /// The plan, while it can still be changed.
    pub fn plan(&mut self) -> Result<&mut Plan, String> {
        if self.tenant.is_some() {
            return Err(
                "both environments exist already; write this step before anything is done with them".into()
            );
        }
        Ok(&mut self.plan)
    }

    /// The running world, made of the plan when a step first needs it.
    pub fn tenant(&mut self) -> Result<&mut Tenant, String> {
        if self.tenant.is_none() {
            self.tenant = Some(self.plan.build(self.around.profile)?);
        }
        self.tenant.as_mut().ok_or_else(|| "there is no world".to_owned())
    }

    /// Another world of the same plan; what was written down of the first one is kept.
    pub(crate) fn start_over(&mut self) -> Told {
        self.tenant = Some(self.plan.build(self.around.profile)?);
        self.outcome = Outcome::default();
        Ok(())
    }

    /// The running world, to look at.
    pub fn seen(&self) -> Result<&Tenant, String> {
        self.tenant
            .as_ref()
            .ok_or_else(|| "nothing has happened yet; write what is done before what must be so".into())
    }

    /// Does something and keeps what came of it; a refusal is kept for a later step to look at.
    pub fn act<T>(
        &mut self,
        work: impl FnOnce(&mut Tenant) -> Result<T, TenantError>,
    ) -> Result<Option<T>, String> {
        self.outcome = Outcome::default();
        let tenant = self.tenant()?;
        let started = tenant.clock().now();
        let done = work(tenant);
        self.outcome.took = self.tenant()?.clock().since(started);
        match done {
            Ok(done) => Ok(Some(done)),
            Err(error) => {
                self.refused(error.code().map(str::to_owned), error.to_string());
                Ok(None)
            }
        }
    }

    /// Keeps a refusal.
    pub fn refused(&mut self, code: Option<String>, text: String) {
        self.outcome.refusal = Some(Refusal { code, text });
        self.outcome.read = false;
    }

    /// The refusal of the last action; looking at it is what a step is for.
    pub fn refusal(&mut self) -> Result<Refusal, String> {
        self.outcome.read = true;
        self.outcome.refusal.clone().ok_or_else(|| {
            let moved: u64 = self.outcome.executions.iter().map(Execution::errors).sum();
            let hint = if moved > 0 { format!(" ({moved} rows failed)") } else { String::new() };
            format!("it was not refused{hint}")
        })
    }

    /// Notes that a message was looked for and found, and with it every other message its text holds: what is wrapped
    /// around another, or names a detail of it, is part of what was seen.
    pub fn saw_message(&self, id: &str, text: &str) {
        let (Ok(mut record), Ok(catalog)) = (self.around.record.lock(), Catalog::embedded()) else { return };
        let mut note = |id: &str, text: &str| {
            record.messages.entry(id.to_owned()).or_insert_with(|| text.to_owned());
        };
        let own = catalog.facts().message_in(id, self.around.profile);
        note(id, own.and_then(|own| own.text.found_in(text)).unwrap_or(text));
        for message in catalog.facts().messages() {
            let ours = message.profile.is_none_or(|profile| profile == self.around.profile);
            if let Some(found) = message.text.found_in(text).filter(|_| ours && message.id.as_str() != id) {
                note(&message.id, found);
            }
        }
    }

    pub(crate) fn before_step(&self, kind: Kind, looks_at_refusal: bool) -> Told {
        let unread = self.outcome.refusal.as_ref().filter(|_| !self.outcome.read);
        match unread {
            Some(refusal) if !(looks_at_refusal && kind == Kind::Then) => Err(format!(
                "the action before was refused, and no step looks at that: {}{}",
                refusal.code.as_deref().map_or_else(String::new, |code| format!("[{code}] ")),
                refusal.text
            )),
            _ => Ok(()),
        }
    }

    pub(crate) fn record_passed_step(&self) {
        if let Ok(mut record) = self.around.record.lock() {
            record.passed += 1;
            record.unread = self
                .outcome
                .refusal
                .as_ref()
                .filter(|_| !self.outcome.read)
                .map(|refusal| refusal.text.clone());
        }
    }

    pub(crate) fn record_failure(&self, line: usize, words: &str, why: &str) {
        if let Ok(mut record) = self.around.record.lock() {
            record.failure = Some((line, words.to_owned(), why.to_owned()));
        }
    }

    /// The recorded set-up, or how to name one.
    pub fn scenario(&self) -> Result<&Scenario, String> {
        self.scenario.as_ref().ok_or_else(|| "start with: Given the scenario \"...\"".to_owned())
    }

    /// The report of the set-up carried out.
    pub fn report(&self) -> Result<&Report, String> {
        self.report
            .as_ref()
            .ok_or_else(|| "nothing was carried out; write: When it is carried out".to_owned())
    }

    /// Carries the recorded set-up out as far as its first `steps` steps; all when none are given.
    pub(crate) fn carry_out(&self, steps: Option<usize>) -> Result<(Report, Tenant), String> {
        let mut scenario = self.scenario()?.clone();
        if let Some(steps) = steps {
            let wanted: Vec<String> =
                scenario.steps_in(self.profile()).take(steps).map(|step| step.id.clone()).collect();
            scenario.steps.retain(|step| wanted.contains(&step.id));
        }
        let catalog = Catalog::embedded().map_err(|error| error.to_string())?;
        let settings = Settings { profile: self.profile(), ..Settings::default() };
        run_to_end(catalog, &scenario, &settings, |_| {}).map_err(|error| error.to_string())
    }

    pub(crate) fn keep_end(&mut self, report: Report, tenant: Tenant) {
        self.report = Some(report);
        self.tenant = Some(tenant);
    }

    /// The live saves of one side with this outcome, of a set-up that was carried out.
    pub(crate) fn saves<'e>(
        &'e self,
        side: Side,
        outcome: &'e str,
    ) -> Result<impl Iterator<Item = &'e LiveReport>, String> {
        Ok(self.report()?.live.iter().filter(move |live| live.origin == side && live.outcome == outcome))
    }

    /// Published maps that do not run and are not among those that have to stay stopped.
    pub(crate) fn maps_wrongly_stopped(&self) -> Result<Vec<MapId>, String> {
        let tenant = self.seen()?;
        let leave = tenant.maps_to_leave_stopped();
        let stopped = |id: &MapId| tenant.engine().status(id) != Some(MapStatus::Running);
        Ok(tenant.engine().maps().keys().filter(|id| stopped(id) && !leave.contains(id)).cloned().collect())
    }
}
