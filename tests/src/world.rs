//! What one Gherkin scenario works with: a set-up scenario, a profile, and the world once it was carried out.

use dwsim_catalog::{Catalog, facts::ProfileId};
use dwsim_model::{MapId, Side};
use dwsim_scenario::{LiveReport, Report, Scenario, Settings, run_to_end};
use dwsim_tenant::Tenant;

/// State of one Gherkin scenario.
#[derive(Debug, Default, cucumber::World)]
pub struct World {
    /// The set-up scenario.
    pub scenario: Option<Scenario>,
    /// The documentation followed.
    pub profile: ProfileId,
    /// What became of it.
    pub end: Option<End>,
}

/// A set-up carried out.
#[derive(Debug)]
pub struct End {
    /// What was reported.
    pub report: Report,
    /// Both environments as they are now.
    pub tenant: Tenant,
}

/// What a step answers when the world is not as it says.
pub type Told = Result<(), String>;

impl World {
    /// The scenario, or how to name one.
    pub fn scenario(&self) -> Result<&Scenario, String> {
        self.scenario
            .as_ref()
            .ok_or_else(|| "start with: Given the scenario \"...\" in profile \"...\"".to_owned())
    }

    /// The world at the end.
    pub fn end(&self) -> Result<&End, String> {
        self.end.as_ref().ok_or_else(|| "nothing was carried out; write: When it is carried out".to_owned())
    }

    /// Carries the scenario out as far as its first `steps` steps; all when none are given.
    pub fn carry_out(&self, steps: Option<usize>) -> Result<End, String> {
        let mut scenario = self.scenario()?.clone();
        if let Some(steps) = steps {
            let wanted: Vec<String> =
                scenario.steps_in(self.profile).take(steps).map(|step| step.id.clone()).collect();
            scenario.steps.retain(|step| wanted.contains(&step.id));
        }
        let catalog = Catalog::embedded().map_err(|error| error.to_string())?;
        let settings = Settings { profile: self.profile, ..Settings::default() };
        let (report, tenant) =
            run_to_end(catalog, &scenario, &settings, |_| {}).map_err(|error| error.to_string())?;
        Ok(End { report, tenant })
    }
}

impl End {
    /// The live saves of one side with this outcome.
    pub fn saves<'e>(&'e self, side: Side, outcome: &'e str) -> impl Iterator<Item = &'e LiveReport> {
        self.report.live.iter().filter(move |live| live.origin == side && live.outcome == outcome)
    }

    /// Published maps that do not run and are not among those that have to stay stopped.
    pub fn maps_wrongly_stopped(&self) -> Vec<&MapId> {
        let leave = self.tenant.maps_to_leave_stopped();
        let stopped =
            |id: &MapId| self.tenant.engine().status(id) != Some(dwsim_dualwrite::MapStatus::Running);
        self.tenant.engine().maps().keys().filter(|id| stopped(id) && !leave.contains(id)).collect()
    }
}

/// An error that names both what was expected and what is so.
pub fn same<T: PartialEq + std::fmt::Debug>(what: &str, actual: &T, expected: &T) -> Told {
    if actual == expected {
        Ok(())
    } else {
        Err(format!("{what}: expected {expected:?}, and it is {actual:?}"))
    }
}
