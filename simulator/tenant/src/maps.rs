//! The Dual-write page: running, pausing, resuming and stopping table maps, and the legal entities of the link.

use crate::{Tenant, TenantError};
use dwsim_catalog::facts::ResumeOption;
use dwsim_dataverse::RuntimeConfiguration;
use dwsim_dualwrite::{EngineError, Execution, FaultPoint, MapStatus, RequestKind, ResumeMode, RunOptions};
use dwsim_model::{CompanyCode, EventKind, MapId, Name};

impl Tenant {
    /// Runs maps together with everything they depend on, in run order. Maps that run already are left alone.
    pub fn run_with_related(
        &mut self,
        maps: &[MapId],
        options: RunOptions,
    ) -> Result<Vec<Execution>, TenantError> {
        let mut wanted = Vec::new();
        for map in maps {
            wanted.extend(self.engine.related_maps(map)?);
        }
        let leave = self.maps_to_leave_stopped();
        let mut executions = Vec::new();
        for map in self.catalog.run_order(&wanted) {
            if leave.contains(&map) || self.engine.status(&map) != Some(MapStatus::NotRunning) {
                continue;
            }
            executions.extend(self.run_map(&map, options)?);
        }
        Ok(executions)
    }

    pub(crate) fn check_versions(&self, map: &str) -> Result<(), TenantError> {
        let facts = self.catalog.facts();
        let (Some(package), Some(dataverse)) = (facts.package_of_map(map), &self.dataverse) else {
            return Ok(());
        };
        for solution in &package.solutions {
            let Some(required) = facts.required_version(&solution.unique_name) else { continue };
            let installed = dataverse.organization().solutions.get(&solution.unique_name);
            if let Some(installed) = installed
                && installed.version < *required
                && let Some(map) = self.catalog.map(map)
            {
                return Err(self.refuse(
                    "M2",
                    &[
                        ("map", &map.entity_label),
                        ("table", &map.entity_set),
                        ("solution", &solution.unique_name),
                        ("version", &installed.version.to_string()),
                        ("required", &required.to_string()),
                    ],
                ));
            }
        }
        Ok(())
    }

    pub(crate) fn check_replaced(&self, map: &str) -> Result<(), TenantError> {
        let facts = self.catalog.facts();
        let installed = self.installed_packages();
        let replacing = facts.packages().iter().find(|package| {
            installed.contains(&package.id)
                && package.replaces.iter().any(|replaced| replaced.as_str() == map)
        });
        match replacing {
            None => Ok(()),
            Some(package) => {
                let replacement: Vec<&str> = package
                    .maps
                    .iter()
                    .filter(|id| {
                        let own = self.catalog.map(map).map(|map| &map.entity_label);
                        self.catalog
                            .map(id)
                            .map(|map| &map.entity_label)
                            .zip(own)
                            .is_some_and(|(a, b)| b.ends_with(a.as_str()))
                    })
                    .map(MapId::as_str)
                    .collect();
                let replacement =
                    if replacement.is_empty() { "its party maps".to_owned() } else { replacement.join(", ") };
                let arguments =
                    [("map", map), ("package", package.name.as_str()), ("replacement", &replacement)];
                Err(self.refuse("SIM-MAP-REPLACED", &arguments))
            }
        }
    }

    /// One runtime configuration row for each map that listens to Dataverse.
    pub(crate) fn write_runtime_configuration(&mut self) {
        let rows: Vec<RuntimeConfiguration> = match &self.dataverse {
            Some(dataverse) => self
                .engine
                .maps()
                .values()
                .filter(|state| state.status != MapStatus::NotRunning && state.compiled.to_finops.is_some())
                .map(|state| RuntimeConfiguration {
                    map: state.compiled.map.id.clone(),
                    table: state.compiled.map.table.clone(),
                    entity: state.compiled.map.entity.clone(),
                    organization_id: dataverse.organization().id,
                    finops_url: self.finops.environment().url.clone(),
                })
                .collect(),
            None => return,
        };
        if let Some(dataverse) = &mut self.dataverse {
            let organization = dataverse.organization_mut();
            let (own, url) = (organization.id, &self.finops.environment().url);
            // Rows of another organisation or another F&O are none of this link's business: a person deletes them.
            organization
                .runtime_configuration
                .retain(|row| row.organization_id != own || row.finops_url != *url);
            organization.runtime_configuration.extend(rows);
        }
        self.write_finops_configuration();
    }

    /// Stops a map.
    pub fn stop_map(&mut self, map: &str) -> Result<(), TenantError> {
        self.check_linked("Stop")?;
        if !self.dataverse_available {
            let connection =
                self.link.as_ref().map_or_else(String::new, |link| link.connections[1].to_string());
            return Err(self.refuse("E12", &[("connection", &connection)]));
        }
        let stopped = self.engine.stop(map, self.clock.now(), &mut self.journal);
        let refused = stopped.as_ref().err().map(ToString::to_string);
        self.note_request(RequestKind::Stop, "Stop", &[map.into()], refused);
        stopped?;
        self.write_runtime_configuration();
        Ok(())
    }

    /// Support sets a map to Not running, for whoever cannot stop it because its Dataverse is gone.
    pub fn support_sets_not_running(&mut self, map: &str) -> Result<(), TenantError> {
        let lost = self.engine.force_not_running(map)?;
        let queue = if lost > 0 { format!("; {lost} queued changes were discarded") } else { String::new() };
        let text = format!("set to Not running by support{queue}");
        self.journal.record(self.clock.now(), EventKind::Notice { about: map.to_owned(), text });
        Ok(())
    }

    /// Pauses maps together; all of them or none.
    pub fn pause_maps(&mut self, maps: &[MapId]) -> Result<(), TenantError> {
        self.pause_maps_with(maps, None)
    }

    /// [`Tenant::pause_maps`], cut off at a point: what was done by then stays.
    pub fn pause_maps_with(&mut self, maps: &[MapId], fault: Option<FaultPoint>) -> Result<(), TenantError> {
        self.check_linked("Pause")?;
        self.engine.set_fault(fault);
        let paused = self.engine.pause(maps, self.clock.now(), &mut self.journal);
        self.engine.set_fault(None);
        let refused = paused.as_ref().err().map(ToString::to_string);
        self.note_request(RequestKind::Pause, "Pause", maps, refused);
        Ok(paused?)
    }

    /// Resumes maps together.
    pub fn resume_maps(&mut self, maps: &[MapId], mode: ResumeMode) -> Result<(), TenantError> {
        self.resume_maps_with(maps, mode, None)
    }

    /// [`Tenant::resume_maps`], cut off at a point: what was done by then stays, and maps that are Resuming can go on.
    pub fn resume_maps_with(
        &mut self,
        maps: &[MapId],
        mode: ResumeMode,
        fault: Option<FaultPoint>,
    ) -> Result<(), TenantError> {
        self.check_linked("Resume")?;
        self.check_resume_option(match mode {
            ResumeMode::CatchUp => ResumeOption::CatchUp,
            ResumeMode::PreserveAsErrors => ResumeOption::SkipPreserving,
            ResumeMode::Discard => ResumeOption::SkipDiscarding,
        })?;
        let resumed = self.with_engine(|engine, sides, clock, journal, _| {
            engine.set_fault(fault);
            let resumed = engine.resume(maps, mode, sides, clock.now(), journal);
            engine.set_fault(None);
            resumed
        })?;
        let refused = resumed.as_ref().err().map(ToString::to_string);
        self.note_request(RequestKind::Resume, "Resume", maps, refused);
        Ok(resumed?)
    }

    /// Takes columns out of a stopped map.
    pub fn remove_columns(&mut self, map: &str, columns: &[Name]) -> Result<(), TenantError> {
        self.check_linked("Edit")?;
        self.engine.remove_columns(map, columns)?;
        self.note_activity(&map.into(), "Column mapping updated");
        Ok(())
    }

    /// Puts back the columns taken out of a stopped map.
    pub fn restore_columns(&mut self, map: &str) -> Result<(), TenantError> {
        self.check_linked("Edit")?;
        self.engine.restore_columns(map)?;
        self.note_activity(&map.into(), "Column mapping updated");
        Ok(())
    }

    /// Environment details, Legal entities, Add legal entity.
    pub fn add_legal_entity(
        &mut self,
        company: &CompanyCode,
        skip_initial_writes: bool,
    ) -> Result<Vec<Execution>, TenantError> {
        self.check_linked("Add legal entity")?;
        self.check_known(std::slice::from_ref(company))?;
        self.in_dataverse_transaction(|tenant| tenant.create_company_rows(std::slice::from_ref(company)))?;
        let executions = self.with_engine(|engine, sides, clock, journal, progress| {
            engine.add_company(company, skip_initial_writes, sides, clock, journal, progress)
        })??;
        // A map whose initial write failed is Not running now.
        self.write_runtime_configuration();
        Ok(executions)
    }

    /// Environment details, Legal entities, remove.
    pub fn remove_legal_entity(&mut self, company: &CompanyCode) -> Result<(), TenantError> {
        self.check_linked("Remove legal entity")?;
        Ok(self.engine.remove_company(company)?)
    }

    /// Every map of the link by id, or an error with the nearest name.
    pub fn map_id(&self, map: &str) -> Result<MapId, TenantError> {
        if let Some((id, _)) = self.engine.maps().get_key_value(map) {
            Ok(id.clone())
        } else {
            let known = self.engine.maps().keys().map(MapId::as_str);
            let nearest = dwsim_model::nearest(map, known).map(str::to_owned);
            Err(EngineError::UnknownMap { map: map.to_owned(), nearest }.into())
        }
    }
}
