//! Solutions with table maps of one's own: exported, imported, and published by Apply Solution.

use crate::{Tenant, TenantError};
use dwsim_catalog::facts::SolutionVersion;
use dwsim_dataverse::InstalledSolution;
use dwsim_dualwrite::{Checkup, HealthContext, MapSolution, Published, SolutionPublisher};
use dwsim_model::{MapId, MapVersion, Name};

impl Tenant {
    /// Exports versions of table maps as a solution file. Every version must be of the solution's publisher.
    pub fn export_map_solution(
        &self,
        name: &str,
        version: &str,
        publisher: SolutionPublisher,
        managed: bool,
        versions: &[(MapId, MapVersion)],
    ) -> Result<String, TenantError> {
        let head = MapSolution {
            uniquename: name.into(),
            version: version.to_owned(),
            ismanaged: managed,
            publisher,
            msdyn_dualwriteentitymaps: Vec::new(),
        };
        self.solution_version(version)?;
        let solution = self.engine.export_solution(head, versions)?;
        solution.to_text().map_err(|error| self.document_error(&error.path, &error.problem))
    }

    /// Imports a solution file into Dataverse. Its maps are in no list until Apply Solution publishes them.
    ///
    /// An unmanaged solution overwrites an unmanaged one of its name; a managed one is replaced by a managed one of the
    /// same or a higher version only. Nothing is imported when a map in it cannot be read.
    pub fn import_map_solution(&mut self, text: &str) -> Result<Name, TenantError> {
        let solution =
            MapSolution::parse(text).map_err(|error| self.document_error(&error.path, &error.problem))?;
        let version = self.solution_version(&solution.version)?;
        self.engine.read_solution(&solution)?;
        let installed =
            self.existing_dataverse()?.organization().solutions.get(&solution.uniquename).cloned();
        if let Some(installed) = installed.filter(|installed| installed.managed) {
            let problem = if !solution.ismanaged {
                Some("an unmanaged one does not replace it".to_owned())
            } else if version < installed.version {
                Some(format!("version {version} is older"))
            } else {
                None
            };
            if let Some(problem) = problem {
                let (name, have) = (solution.uniquename.clone(), installed.version.to_string());
                let arguments =
                    [("solution", name.as_str()), ("installed", &have), ("problem", problem.as_str())];
                return Err(self.refuse("SIM-SOLUTION-MANAGED", &arguments));
            }
        }
        let row = InstalledSolution { version, package: None, managed: solution.ismanaged };
        let name = solution.uniquename.clone();
        self.existing_dataverse()?.organization_mut().solutions.insert(name.clone(), row);
        self.map_solutions.insert(name.clone(), solution);
        Ok(name)
    }

    /// Apply Solution for solutions somebody imported; none means all of them. Several in one call make duplicate rows
    /// in the product, which `strict_quirks` shows (decision 40).
    pub fn apply_map_solutions(
        &mut self,
        names: &[Name],
        strict_quirks: bool,
    ) -> Result<Published, TenantError> {
        self.check_linked("Apply solution")?;
        let mut solutions = Vec::new();
        if names.is_empty() {
            solutions.extend(self.map_solutions.values().cloned());
        }
        for name in names {
            let Some(solution) = self.map_solutions.get(name) else {
                let known = self.map_solutions.keys().map(Name::as_str);
                return Err(TenantError::unknown("solution with table maps", name, known));
            };
            solutions.push(solution.clone());
        }
        Ok(self.engine.publish(&solutions, strict_quirks)?)
    }

    /// Uninstalls an imported solution: its versions go, and maps of which no version is left. Answers how many maps are
    /// gone.
    pub fn uninstall_map_solution(&mut self, name: &str) -> Result<usize, TenantError> {
        if !self.map_solutions.contains_key(name) {
            let known = self.map_solutions.keys().map(Name::as_str);
            return Err(TenantError::unknown("solution with table maps", name, known));
        }
        let gone = self.engine.withdraw(name)?;
        self.map_solutions.remove(name);
        self.existing_dataverse()?.organization_mut().solutions.remove(name);
        Ok(gone)
    }

    /// The health check of one table map.
    pub fn check_up_map(&self, map: &str) -> Result<Vec<Checkup>, TenantError> {
        self.check_linked("Health check")?;
        let environment = self.finops.environment();
        let plugins = self.dataverse.as_ref().map(|dataverse| &dataverse.organization().synchronous_plugins);
        let context = HealthContext {
            platform_update: environment.platform_update,
            synchronous_plugins: plugins.cloned().unwrap_or_default(),
        };
        Ok(self.engine.check_up(map, &context)?)
    }

    fn solution_version(&self, version: &str) -> Result<SolutionVersion, TenantError> {
        version.parse().map_err(|problem: String| self.document_error("version", &problem))
    }

    fn document_error(&self, path: &str, problem: &str) -> TenantError {
        self.refuse("SIM-MAP-DOCUMENT", &[("path", path), ("problem", problem)])
    }
}
