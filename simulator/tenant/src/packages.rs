//! Solutions: the platform part, packages with their dependencies, and Apply Solution.

use crate::{Tenant, TenantError};
use dwsim_dataverse::{InstalledSolution, IntegrationDetails, PLUGIN_ASSEMBLIES};
use dwsim_dualwrite::{MapStatus, RunOptions};
use dwsim_model::{MapId, Name};
use std::collections::BTreeSet;

impl Tenant {
    /// The platform components every connected Dataverse gets: Dual Write Core with its plug-ins.
    pub(crate) fn install_platform(&mut self) -> Result<(), TenantError> {
        let facts = self.catalog.facts();
        let (name, version) =
            (facts.core().unique_name.clone(), facts.core_version(self.engine.profile()).clone());
        let organization = self.existing_dataverse()?.organization_mut();
        let solution = InstalledSolution { version, package: None, managed: true };
        organization.solutions.entry(name).or_insert(solution);
        for assembly in PLUGIN_ASSEMBLIES {
            organization.plugins.entry(assembly.into()).or_insert(true);
        }
        Ok(())
    }

    /// The CRM prime solution, which comes with a Dataverse made for a new F&O.
    pub(crate) fn install_prime_solution(&mut self) -> Result<(), TenantError> {
        let Some(prime) = self.catalog.facts().other_solution("crm-prime").cloned() else { return Ok(()) };
        let organization = self.existing_dataverse()?.organization_mut();
        let solution = InstalledSolution { version: prime.version, package: None, managed: true };
        organization.solutions.insert(prime.unique_name, solution);
        organization.crm_prime_solution = true;
        Ok(())
    }

    pub(crate) fn connect_power_platform(&mut self) {
        let environment = self.finops.environment();
        let details = IntegrationDetails {
            url: environment.url.clone(),
            tenant_id: environment.tenant,
            id: self.seed.id("finops/environment"),
        };
        if let Some(dataverse) = &mut self.dataverse {
            self.lcs.organization = Some(dataverse.organization().id);
            dataverse.organization_mut().integration = Some(details);
        }
    }

    /// Installs a package into Dataverse; what it depends on has to be there. Installing it again changes nothing.
    pub fn install_package(&mut self, id: &str) -> Result<(), TenantError> {
        let facts = self.catalog.facts();
        let Some(package) = facts.package(id).cloned() else {
            return Err(TenantError::unknown(
                "package",
                id,
                facts.packages().iter().map(|package| package.id.as_str()),
            ));
        };
        let installed = self.installed_packages();
        let missing: Vec<String> = package
            .depends_on
            .iter()
            .filter(|needed| !installed.contains(needed))
            .map(|needed| self.package_name(needed))
            .collect();
        if !missing.is_empty() {
            let dataverse = self.dataverse_name.clone();
            let arguments = [
                ("package", package.name.as_str()),
                ("dataverse", &dataverse),
                ("missing", &missing.join(", ")),
            ];
            return Err(self.refuse("SIM-PACKAGE-DEPENDENCY", &arguments));
        }
        let organization = self.existing_dataverse()?.organization_mut();
        for solution in &package.solutions {
            let installed = InstalledSolution {
                version: solution.version.clone(),
                package: Some(package.id.clone()),
                managed: true,
            };
            organization.solutions.insert(solution.unique_name.clone(), installed);
        }
        self.packages.insert(package.id.clone());
        Ok(())
    }

    /// Uninstalls a package: its solutions go, and with them the tables they brought and every row of those. A package
    /// that others need stays. How many rows were lost.
    pub fn uninstall_package(&mut self, id: &str) -> Result<u64, TenantError> {
        let facts = self.catalog.facts();
        let Some(package) = facts.package(id).cloned() else {
            let known = facts.packages().iter().map(|package| package.id.as_str());
            return Err(TenantError::unknown("package", id, known));
        };
        let installed = self.installed_packages();
        let dependents: Vec<String> = facts
            .packages()
            .iter()
            .filter(|other| installed.contains(&other.id) && other.depends_on.contains(&package.id))
            .map(|other| other.name.to_string())
            .collect();
        if !dependents.is_empty() {
            let dataverse = self.dataverse_name.clone();
            let arguments = [
                ("package", package.name.as_str()),
                ("dataverse", dataverse.as_str()),
                ("dependents", &dependents.join(", ")),
            ];
            return Err(self.refuse("SIM-PACKAGE-IN-USE", &arguments));
        }
        // A solution brings the tables of its maps that no other package's maps go to; tables of Dataverse itself stay.
        let others = facts.packages().iter().filter(|other| other.id != package.id);
        let shared: BTreeSet<&Name> = others
            .flat_map(|other| &other.maps)
            .filter_map(|map| Some(&self.catalog.map(map)?.table))
            .collect();
        let mut tables: Vec<Name> = package
            .maps
            .iter()
            .filter_map(|map| Some(self.catalog.map(map)?.table.clone()))
            .filter(|table| !shared.contains(table) && self.catalog.brought_by_solution(table))
            .collect();
        tables.sort();
        tables.dedup();
        let mut lost = 0;
        for (number, solution) in package.solutions.iter().enumerate() {
            let tables = if number == 0 { tables.as_slice() } else { &[] };
            lost += self
                .existing_dataverse()?
                .uninstall_solution(&solution.unique_name, tables)
                .map_err(TenantError::dataverse)?;
        }
        self.packages.remove(&package.id);
        for map in &package.maps {
            self.engine.take_off(map);
        }
        Ok(lost)
    }

    /// Packages installed in Dataverse, by id.
    pub fn installed_packages(&self) -> Vec<Name> {
        self.packages.iter().cloned().collect()
    }

    /// Apply Solution on the Dual-write page: publishes the table maps of installed packages, each Not running.
    pub fn apply_solution(&mut self) -> Result<usize, TenantError> {
        self.check_linked("Apply solution")?;
        let installed = self.installed_packages();
        let facts = self.catalog.facts();
        let maps: Vec<MapId> = facts
            .packages()
            .iter()
            .filter(|package| installed.contains(&package.id))
            .flat_map(|package| package.maps.iter().cloned())
            .collect();
        let new: Vec<MapId> =
            maps.iter().filter(|map| !self.engine.maps().contains_key(*map)).cloned().collect();
        let added = self.engine.apply(&maps)?;
        self.note_created(&new);
        Ok(added)
    }

    /// Maps that must stay stopped: replaced by a package that is installed, or the other one of a pair runs.
    pub fn maps_to_leave_stopped(&self) -> Vec<MapId> {
        let installed = self.installed_packages();
        let facts = self.catalog.facts();
        let mut stopped: Vec<MapId> = facts
            .packages()
            .iter()
            .filter(|package| installed.contains(&package.id))
            .flat_map(|package| package.replaces.iter().cloned())
            .collect();
        for map in self.engine.maps().values().map(|state| &state.compiled.map) {
            // Of a pair, the one with a package of its own goes first; no template brings the other.
            let home = |id: &str| {
                facts.packages().iter().position(|package| package.maps.iter().any(|own| own.as_str() == id))
            };
            if let Some(other) = &map.alternative_to
                && self.engine.maps().contains_key(other)
                && home(&map.id) > home(other)
            {
                stopped.push(map.id.clone());
            }
        }
        stopped.sort();
        stopped.dedup();
        stopped
    }

    /// Automatic result A4: every published map runs live and no initial sync has run.
    pub(crate) fn start_all_without_initial_sync(&mut self) -> Result<(), TenantError> {
        let leave = self.maps_to_leave_stopped();
        let stopped =
            |id: &&MapId| self.engine.status(id) == Some(MapStatus::NotRunning) && !leave.contains(id);
        let ids: Vec<MapId> = self.engine.maps().keys().filter(stopped).cloned().collect();
        for id in self.catalog.run_order(&ids) {
            self.run_map(&id, RunOptions { initial_sync: false, ..RunOptions::default() })?;
        }
        Ok(())
    }
}
