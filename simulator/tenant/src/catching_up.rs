//! Resuming step by step, Skip to live sync, and the errors of a catch-up.

use crate::{Tenant, TenantError};
use dwsim_catalog::facts::ResumeOption;
use dwsim_dualwrite::{AlertSetting, Queued};
use dwsim_model::MapId;

impl Tenant {
    /// Resume, as far as its beginning: the maps are Resuming.
    pub fn begin_resume(&mut self, maps: &[MapId]) -> Result<(), TenantError> {
        self.check_linked("Resume")?;
        Ok(self.engine.begin_resume(maps, self.clock.now(), &mut self.journal)?)
    }

    /// One queued change is played back; whether there was one.
    pub fn resume_step(&mut self, maps: &[MapId]) -> Result<bool, TenantError> {
        Ok(self.with_engine(|engine, sides, clock, _, _| engine.resume_step(maps, sides, clock.now()))??)
    }

    /// The rest of the queue is played back and the maps are Running.
    pub fn finish_resume(&mut self, maps: &[MapId]) -> Result<(), TenantError> {
        Ok(self.with_engine(|engine, sides, clock, journal, _| {
            engine.finish_resume(maps, sides, clock.now(), journal)
        })??)
    }

    /// Skip to live sync of a map that is Resuming.
    pub fn skip_to_live(&mut self, map: &MapId, preserve: bool) -> Result<(), TenantError> {
        self.check_linked("Skip to live sync")?;
        let profile = self.catalog.facts().profile(self.engine.profile());
        if !profile.skip_to_live_while_resuming.value {
            return Err(self.no_resume_option("Skip to live sync"));
        }
        Ok(self.engine.skip_resuming(map, preserve, self.clock.now(), &mut self.journal)?)
    }

    /// Refuses an option of Resume that the documentation of the profile does not have (table 0.1).
    pub(crate) fn check_resume_option(&self, option: ResumeOption) -> Result<(), TenantError> {
        let profile = self.catalog.facts().profile(self.engine.profile());
        if profile.resume_options.value.contains(&option) {
            return Ok(());
        }
        Err(self.no_resume_option(match option {
            ResumeOption::CatchUp => "Resume with catch-up",
            ResumeOption::SkipPreserving => "Resume without catch-up, keeping the queue",
            ResumeOption::SkipDiscarding => "Resume without catch-up, discarding the queue",
        }))
    }

    fn no_resume_option(&self, option: &str) -> TenantError {
        let profile = self.engine.profile().to_string();
        self.refuse("SIM-RESUME-OPTION", &[("profile", &profile), ("option", option)])
    }

    /// The catch-up errors of a map that are kept.
    pub fn catch_up_errors(&mut self, map: &str) -> Result<&[Queued], TenantError> {
        let now = self.clock.now();
        Ok(self.engine.catch_up_errors(map, now)?)
    }

    /// Retries the catch-up errors of a map; how many are left.
    pub fn retry_catch_up(&mut self, map: &str) -> Result<usize, TenantError> {
        Ok(self.with_engine(|engine, sides, clock, journal, _| {
            engine.retry_catch_up(map, sides, clock.now(), journal)
        })??)
    }

    /// Deletes the catch-up errors of a map for good; how many there were.
    pub fn discard_catch_up(&mut self, map: &str) -> Result<usize, TenantError> {
        self.check_linked("Catch-up errors")?;
        let now = self.clock.now();
        Ok(self.engine.discard_catch_up_errors(map, now)?)
    }

    /// Saves an alert setting; maps that run know it after they are started again.
    pub fn set_alert(&mut self, setting: AlertSetting) -> Result<(), TenantError> {
        self.check_linked("Alert settings")?;
        Ok(self.engine.set_alert(setting)?)
    }
}

impl Tenant {
    /// Lets an integration job work: its requests, then what is in its pipeline.
    pub fn run_job(&mut self, name: &str) -> Result<(), TenantError> {
        self.check_linked("Integration job")?;
        Ok(self.with_engine(|engine, sides, _, _, _| engine.run_job(name, sides))??)
    }
}
