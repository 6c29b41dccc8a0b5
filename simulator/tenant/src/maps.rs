//! The Dual-write page: running, pausing, resuming and stopping table maps, and the legal entities of the link.

use crate::{Tenant, TenantError};
use dwsim_dataverse::RuntimeConfiguration;
use dwsim_dualwrite::{EngineError, Execution, MapStatus, ResumeMode, RunOptions};
use dwsim_model::{CompanyCode, MapId, Name};

impl Tenant {
    /// Runs one map. Its solution must have the required version and it must not be replaced by another map.
    pub fn run_map(&mut self, map: &str, options: RunOptions) -> Result<Vec<Execution>, TenantError> {
        self.check_linked("Run")?;
        self.check_versions(map)?;
        self.check_replaced(map)?;
        self.validate_and_prepare(map)?;
        let executions = self.with_engine(|engine, sides, clock, journal, progress| {
            engine.start(map, options, sides, clock, journal, progress)
        })??;
        self.write_runtime_configuration();
        Ok(executions)
    }

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

    fn check_versions(&self, map: &str) -> Result<(), TenantError> {
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

    fn check_replaced(&self, map: &str) -> Result<(), TenantError> {
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
    fn write_runtime_configuration(&mut self) {
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
                })
                .collect(),
            None => return,
        };
        if let Some(dataverse) = &mut self.dataverse {
            dataverse.organization_mut().runtime_configuration = rows;
        }
    }

    /// Stops a map.
    pub fn stop_map(&mut self, map: &str) -> Result<(), TenantError> {
        self.check_linked("Stop")?;
        self.engine.stop(map, self.clock.now(), &mut self.journal)?;
        self.write_runtime_configuration();
        Ok(())
    }

    /// Pauses maps together; all of them or none.
    pub fn pause_maps(&mut self, maps: &[MapId]) -> Result<(), TenantError> {
        self.check_linked("Pause")?;
        Ok(self.engine.pause(maps, self.clock.now(), &mut self.journal)?)
    }

    /// Resumes maps together.
    pub fn resume_maps(&mut self, maps: &[MapId], mode: ResumeMode) -> Result<(), TenantError> {
        self.check_linked("Resume")?;
        Ok(self.with_engine(|engine, sides, clock, journal, _| {
            engine.resume(maps, mode, sides, clock.now(), journal)
        })??)
    }

    /// Takes columns out of a stopped map.
    pub fn remove_columns(&mut self, map: &str, columns: &[Name]) -> Result<(), TenantError> {
        self.check_linked("Edit")?;
        Ok(self.engine.remove_columns(map, columns)?)
    }

    /// Puts back the columns taken out of a stopped map.
    pub fn restore_columns(&mut self, map: &str) -> Result<(), TenantError> {
        self.check_linked("Edit")?;
        Ok(self.engine.restore_columns(map)?)
    }

    /// Environment details, Legal entities, Add legal entity.
    pub fn add_legal_entity(
        &mut self,
        company: &CompanyCode,
        skip_initial_writes: bool,
    ) -> Result<Vec<Execution>, TenantError> {
        self.check_linked("Add legal entity")?;
        let known = self.companies()?;
        let Some(company) = known.iter().find(|known| *known == company).cloned() else {
            let list: Vec<String> = known.iter().map(ToString::to_string).collect();
            let arguments = [
                ("company", company.as_str()),
                ("environment", &self.finops.environment().name),
                ("companies", &list.join(", ")),
            ];
            return Err(self.refuse("SIM-UNKNOWN-COMPANY", &arguments));
        };
        self.in_dataverse_transaction(|tenant| tenant.create_company_rows(std::slice::from_ref(&company)))?;
        let executions = self.with_engine(|engine, sides, clock, journal, progress| {
            engine.add_company(&company, skip_initial_writes, sides, clock, journal, progress)
        })??;
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
