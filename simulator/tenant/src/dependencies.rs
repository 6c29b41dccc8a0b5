//! The second step of the health check: dependency validation of connections, configuration and business units.

use crate::{CheckResult, Tenant, TenantError};
use dwsim_model::{CompanyCode, Side};

/// What the Health check of the Dual-write page says.
#[derive(Clone, Debug)]
pub struct HealthReport {
    /// The prerequisite checks.
    pub prerequisites: Vec<CheckResult>,
    /// What dependency validation found; none when it was not run because a prerequisite failed.
    pub dependencies: Option<Vec<DependencyFinding>>,
}

/// One finding of dependency validation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DependencyFinding {
    /// `DWDVEV1001` and the like.
    pub code: &'static str,
    /// What the page prints.
    pub message: String,
}

impl Tenant {
    /// The Health check of the Dual-write page. Dependencies are validated only when every prerequisite passes.
    pub fn full_health_check(&self) -> Result<HealthReport, TenantError> {
        self.check_linked("Health check")?;
        let prerequisites = self.health_check();
        let dependencies = if prerequisites.iter().all(|check| check.passed) {
            let mut findings = self.connection_findings();
            findings.extend(self.company_findings()?);
            findings.extend(self.stale_findings());
            findings.extend(self.business_unit_findings()?);
            Some(findings)
        } else {
            None
        };
        Ok(HealthReport { prerequisites, dependencies })
    }

    fn finding(&self, code: &'static str, arguments: &[(&str, &str)]) -> DependencyFinding {
        DependencyFinding { code, message: self.engine.messages().text(code, arguments) }
    }

    fn connection_findings(&self) -> Vec<DependencyFinding> {
        let Some(link) = &self.link else { return Vec::new() };
        let missing = [
            (link.faults.dataverse_connection_missing, "DWDVEV1001"),
            (link.faults.finops_connection_missing, "DWFOEV1001"),
        ];
        missing.iter().filter(|(is, _)| *is).map(|(_, code)| self.finding(code, &[])).collect()
    }

    fn company_findings(&self) -> Result<Vec<DependencyFinding>, TenantError> {
        let Some(dataverse) = &self.dataverse else { return Ok(Vec::new()) };
        let in_dataverse = dataverse.companies().map_err(TenantError::dataverse)?;
        let in_finops = self.companies()?;
        let list = |missing: Vec<&CompanyCode>| {
            missing.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        };
        let linked = self.engine.companies();
        let lacks_row = |code: &&CompanyCode| {
            !in_dataverse.iter().any(|company| company.code.eq_ignore_ascii_case(code.as_str()))
        };
        let mut findings = Vec::new();
        let without_row = list(linked.iter().filter(lacks_row).collect());
        if !without_row.is_empty() {
            findings.push(self.finding("DWDVEV1003", &[("companies", &without_row)]));
        }
        let unknown = list(linked.iter().filter(|code| !in_finops.contains(code)).collect());
        if !unknown.is_empty() {
            findings.push(self.finding("DWFOEV1003", &[("companies", &unknown)]));
        }
        Ok(findings)
    }

    /// Configuration of a link there was before this one.
    fn stale_findings(&self) -> Vec<DependencyFinding> {
        let Some(dataverse) = &self.dataverse else { return Vec::new() };
        let organization = dataverse.organization();
        let mut findings = Vec::new();
        let url = &self.finops.environment().url;
        let rows = organization.runtime_configuration.iter();
        let stale =
            rows.filter(|row| row.organization_id != organization.id || row.finops_url != *url).count();
        if stale > 0 {
            let arguments = [("table", "msdyn_dualwriteruntimeconfig"), ("rows", &stale.to_string())];
            findings.push(self.finding("DWDVEV1004", &arguments));
        }
        let configuration = &self.finops.environment().configuration;
        let stale = configuration.projects.iter().filter(|row| row.link != self.links).count();
        if stale > 0 {
            let arguments = [("table", "DualWriteProjectConfiguration"), ("rows", &stale.to_string())];
            findings.push(self.finding("DWFOEV1004", &arguments));
        }
        findings
    }

    fn business_unit_findings(&self) -> Result<Vec<DependencyFinding>, TenantError> {
        let Some(dataverse) = &self.dataverse else { return Ok(Vec::new()) };
        let mut findings = Vec::new();
        for (unit, name) in dataverse.business_units().map_err(TenantError::dataverse)? {
            let Some(team) = dataverse.default_team(unit).map_err(TenantError::dataverse)? else { continue };
            let actual = dataverse.team_name(team).map_err(TenantError::dataverse)?;
            let expected = dataverse.expected_default_team(unit).map_err(TenantError::dataverse)?;
            if !actual.eq_ignore_ascii_case(&expected) {
                let arguments =
                    [("business_unit", name.as_str()), ("team", &actual), ("expected", &expected)];
                findings.push(self.finding("DWFOEV1006", &arguments));
            }
        }
        for company in dataverse.companies().map_err(TenantError::dataverse)? {
            let linked = self.engine.companies().iter().any(|code| code.as_str() == company.code);
            if linked && company.default_owning_team.is_none() {
                findings.push(self.finding("DWDVEV1007", &[("company", &company.code)]));
            }
        }
        Ok(findings)
    }

    /// Somebody deletes a connection of the linking user in the maker portal.
    pub fn delete_connection(&mut self, side: Side) -> Result<(), TenantError> {
        self.check_linked("Delete connection")?;
        if let Some(link) = &mut self.link {
            match side {
                Side::FinOps => link.faults.finops_connection_missing = true,
                Side::Dataverse => link.faults.dataverse_connection_missing = true,
            }
        }
        Ok(())
    }
}
