//! What linking creates, which companies it takes, and the wizard of the F&O environment.

use crate::{Tenant, TenantError, health::CheckResult};
use dwsim_catalog::facts::LinkButtons;
use dwsim_finops::EnvironmentOrigin;
use dwsim_model::{CompanyCode, Value};

/// What the wizard's pages showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WizardRun {
    /// Dataverse environments offered: those the person administers.
    pub offered: Vec<String>,
    /// Legal entities chosen.
    pub companies: Vec<CompanyCode>,
    /// The health check.
    pub checks: Vec<CheckResult>,
}

impl Tenant {
    /// Whether linking starts the table maps by itself: new F&O linked from Lifecycle Services.
    pub(crate) fn starts_maps_by_itself(&self) -> bool {
        self.finops.environment().origin != EnvironmentOrigin::Existing
    }

    /// Companies a link from Lifecycle Services takes: the default company of new F&O, all of existing F&O.
    pub(crate) fn companies_to_link(&self) -> Result<Vec<CompanyCode>, TenantError> {
        if self.finops.environment().origin == EnvironmentOrigin::Existing {
            return self.companies();
        }
        Ok(vec![self.catalog.facts().company().default_company.parse()?])
    }

    /// Makes the link: connections, connection set, company rows with their business units and teams. Nothing of it
    /// stays when it fails.
    pub(crate) fn link(&mut self, companies: &[CompanyCode]) -> Result<(), TenantError> {
        if self.link.is_some() {
            let (name, other) = (self.finops.environment().name.clone(), self.dataverse_name.clone());
            return Err(self.refuse("SIM-ALREADY-LINKED", &[("environment", &name), ("other", &other)]));
        }
        self.prepare_link(companies)?;
        self.complete_link(companies)
    }

    /// Everything about linking that can be refused: rights, prerequisites, company rows.
    pub(crate) fn prepare_link(&mut self, companies: &[CompanyCode]) -> Result<(), TenantError> {
        self.check_eligible()?;
        if !self.person.power_apps_licence {
            return Err(self.refuse("E5", &[]));
        }
        if !self.person.finops_administrator || !self.person.dataverse_administrator {
            return Err(self.refuse("E7", &[]));
        }
        if self.consent_missing() {
            return Err(self.refuse("E3", &[]));
        }
        if !self.finops.environment().schema_generated {
            let body = self.engine.messages().text("E6-BODY", &[]);
            return Err(self.refuse("E6", &[("response_body", &body)]));
        }
        if let Some(limit) = self.engine.limits().max_legal_entities_link
            && companies.len() as u64 > limit
        {
            let project = self.seed.id("link/project").to_string();
            return Err(self.refuse("E1", &[("project", &format!("DWM-{project}-{project}"))]));
        }
        self.in_dataverse_transaction(|tenant| tenant.create_company_rows(companies))
    }

    pub(crate) fn complete_link(&mut self, companies: &[CompanyCode]) -> Result<(), TenantError> {
        let dataverse = self.existing_dataverse()?;
        dataverse.learn_default_teams().map_err(TenantError::dataverse)?;
        let organization = dataverse.organization().id;
        self.engine.set_companies(companies.to_vec());
        self.linked_now(organization);
        self.learn_schemas();
        Ok(())
    }

    /// A row of `cdm_company` for each company that has none, after the names are known to be unique and not blank.
    pub(crate) fn create_company_rows(&mut self, companies: &[CompanyCode]) -> Result<(), TenantError> {
        let now = self.clock.now();
        for company in companies {
            let name = self.company_name(company)?;
            self.existing_dataverse()?.enable_company(company, &name, now).map_err(TenantError::dataverse)?;
        }
        let bad =
            self.existing_dataverse()?.duplicate_or_blank_company_names().map_err(TenantError::dataverse)?;
        if bad.is_empty() { Ok(()) } else { Err(self.refuse("E2", &[])) }
    }

    /// The name of a legal entity in F&O; its code when it has none.
    fn company_name(&self, company: &CompanyCode) -> Result<String, TenantError> {
        let facts = self.catalog.facts().company();
        let place = self.finops.table_type(&facts.finops_entity).and_then(|entity| {
            let code = entity.ordinal(&facts.finops_code_field)?;
            let name = entity.ordinal(&facts.finops_name_field)?;
            Some((self.finops.table(&facts.finops_entity)?, code, name))
        });
        let found = match place {
            Some((table, code, name)) => {
                self.finops.store().find(table, &[code], &[Value::text(company.as_str())], &[name])?
            }
            None => None,
        };
        let name = found.and_then(|row| row.first().and_then(Value::as_text).map(str::to_owned));
        Ok(name.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| company.to_string()))
    }

    pub(crate) fn in_dataverse_transaction<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, TenantError>,
    ) -> Result<T, TenantError> {
        self.existing_dataverse()?.store().begin()?;
        let result = work(self);
        let dataverse = self.existing_dataverse()?;
        match result {
            Ok(done) => {
                dataverse.store().commit()?;
                Ok(done)
            }
            Err(error) => {
                dataverse.store().rollback()?;
                Err(error)
            }
        }
    }

    /// The wizard "Set up link to Dataverse": choose environment, choose legal entities, health check, create.
    /// A failing check stops it; after the fix the whole wizard is run again.
    pub fn wizard_link(&mut self, companies: &[CompanyCode]) -> Result<WizardRun, TenantError> {
        self.wizard_link_to(None, companies)
    }

    /// The wizard with an environment chosen on its first page; the one in use when none is named.
    pub fn wizard_link_to(
        &mut self,
        choice: Option<&str>,
        companies: &[CompanyCode],
    ) -> Result<WizardRun, TenantError> {
        let profile = self.catalog.facts().profile(self.engine.profile());
        let environment = self.finops.environment();
        let replaced = profile.link_buttons.value == LinkButtons::ResetLink;
        if replaced {
            return Err(self.refuse("LINK-BUTTONS-REPLACED", &[]));
        }
        self.check_eligible()?;
        let offered = self.environments_offered();
        let wanted = choice.map_or_else(|| self.dataverse_name.clone(), str::to_owned);
        if !offered.contains(&wanted) {
            let environment = environment.name.clone();
            return Err(self
                .refuse("SIM-NO-DATAVERSE", &[("environment", &environment), ("user", &self.person.name)]));
        }
        if let Some(link) = &self.link {
            let other = self.dataverse_of(link.organization).unwrap_or_else(|| self.dataverse_name.clone());
            let environment = environment.name.clone();
            let arguments = [("environment", environment.as_str()), ("other", other.as_str())];
            return Err(self.refuse("SIM-ALREADY-LINKED", &arguments));
        }
        let known = self.companies()?;
        let chosen: Vec<CompanyCode> = if companies.is_empty() { known } else { companies.to_vec() };
        self.check_known(&chosen)?;
        let checks = self.trying_dataverse(&wanted, |tenant| {
            let checks = tenant.check_health()?;
            tenant.link(&chosen)?;
            Ok(checks)
        })?;
        Ok(WizardRun { offered, companies: chosen, checks })
    }

    /// The health check as a page of a wizard: it goes on only when every check passes.
    pub(crate) fn check_health(&self) -> Result<Vec<CheckResult>, TenantError> {
        let checks = self.health_check();
        let failing: Vec<&str> =
            checks.iter().filter(|check| !check.passed).map(|check| check.title.as_str()).collect();
        if failing.is_empty() {
            return Ok(checks);
        }
        Err(self.refuse("E16", &[("checks", &failing.join(", "))]))
    }

    /// Refuses legal entities that F&O does not have.
    pub(crate) fn check_known(&self, companies: &[CompanyCode]) -> Result<(), TenantError> {
        let known = self.companies()?;
        let Some(unknown) = companies.iter().find(|company| !known.contains(company)) else { return Ok(()) };
        let list: Vec<String> = known.iter().map(ToString::to_string).collect();
        let arguments = [
            ("company", unknown.as_str()),
            ("environment", &self.finops.environment().name),
            ("companies", &list.join(", ")),
        ];
        Err(self.refuse("SIM-UNKNOWN-COMPANY", &arguments))
    }

    /// What a person does by hand before the wizard: application users on both sides, consent, core solution.
    pub fn grant_access(&mut self) -> Result<(), TenantError> {
        self.install_platform()?;
        self.register_applications()
    }
}
