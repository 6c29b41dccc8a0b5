//! What both environments are before anything happens, and the world made of it.

use dwsim_catalog::{Catalog, facts::ProfileId};
use dwsim_finops::{Environment, EnvironmentOrigin};
use dwsim_model::{CompanyCode, Name, Seed};
use dwsim_seeds::{DemoPlan, DemoSeed};
use dwsim_tenant::{SetupRequest, SetupTarget, Tenant, TenantOptions};
use std::sync::Arc;

/// What both environments are before anything happens.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Seed of ids and choices.
    pub seed: u64,
    /// The F&O environment.
    pub finops: Environment,
    /// Legal entities of F&O besides its default one.
    pub companies: Vec<CompanyCode>,
    /// Customers of the first legal entity in demo data; no demo data when none.
    pub demo: Option<u64>,
    /// Whether a Dataverse environment exists.
    pub dataverse_exists: bool,
    /// Its geography, where it differs from that of F&O.
    pub geography: Option<String>,
    /// Whether it is the separate Human Resources app.
    pub human_resources_app: bool,
    /// Legal entities of a link that exists from the start.
    pub linked: Option<Vec<CompanyCode>>,
}

impl Default for Plan {
    fn default() -> Self {
        let mut finops = Environment::new("Contoso", Seed::new(1).id("tenant"));
        finops.origin = EnvironmentOrigin::Existing;
        Self {
            seed: 1,
            finops,
            companies: Vec::new(),
            demo: None,
            dataverse_exists: false,
            geography: None,
            human_resources_app: false,
            linked: None,
        }
    }
}

impl Plan {
    /// The world as planned.
    pub(crate) fn build(&self, profile: ProfileId) -> Result<Tenant, String> {
        let catalog = Catalog::embedded().map_err(|error| error.to_string())?;
        let geography = self.geography.clone().unwrap_or_else(|| self.finops.geography.to_string());
        let options = TenantOptions {
            profile,
            seed: Seed::new(self.seed),
            finops: self.finops.clone(),
            dataverse_name: "Contoso Sales".into(),
            dataverse_geography: geography,
            dataverse_exists: self.dataverse_exists,
            human_resources_app: self.human_resources_app,
        };
        let mut tenant = Tenant::new(catalog.clone(), options).map_err(|error| error.to_string())?;
        self.fill(&catalog, &mut tenant)?;
        if let Some(companies) = &self.linked {
            link(&mut tenant, companies)?;
        }
        Ok(tenant)
    }

    fn fill(&self, catalog: &Arc<Catalog>, tenant: &mut Tenant) -> Result<(), String> {
        let mut companies = self.companies.clone();
        companies.extend(self.linked.iter().flatten().cloned());
        companies.sort();
        companies.dedup();
        if let Some(rows) = self.demo {
            let plan = DemoPlan::new(companies.clone(), rows);
            let demo =
                DemoSeed::new(catalog.clone(), tenant.seed(), plan).map_err(|error| error.to_string())?;
            demo.load(tenant.finops_mut(), &mut |_| {}).map_err(|error| error.to_string())?;
        }
        let known = tenant.companies().map_err(|error| error.to_string())?;
        for company in companies.iter().filter(|company| !known.contains(company)) {
            tenant
                .create_company(company, &format!("Company {company}"))
                .map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

/// Both environments linked from Lifecycle Services for these legal entities, every package installed and applied, no
/// table map running.
fn link(tenant: &mut Tenant, companies: &[CompanyCode]) -> Result<(), String> {
    let told = |error: dwsim_tenant::TenantError| error.to_string();
    let target = if tenant.dataverse().is_some() {
        SetupTarget::Existing
    } else {
        let templates = tenant.catalog().facts().templates();
        let template = templates.iter().find(|template| !template.packages.is_empty());
        let template = template.ok_or("the catalogue has no template with table maps")?;
        SetupTarget::New { template: template.id.clone() }
    };
    let typed_name = tenant.person.name.clone();
    tenant.lcs_setup(SetupRequest { target, agreed: true, typed_name }).map_err(told)?;
    let packages: Vec<Name> =
        tenant.catalog().facts().packages().iter().map(|package| package.id.clone()).collect();
    tenant.lcs_configure(&packages).map_err(told)?;
    tenant.lcs_link().map_err(told)?;
    tenant.apply_solution().map_err(told)?;
    let linked = tenant.engine().companies().to_vec();
    for company in companies.iter().filter(|company| !linked.contains(company)) {
        tenant.add_legal_entity(company, true).map_err(told)?;
    }
    for company in linked.iter().filter(|company| !companies.contains(company)) {
        tenant.remove_legal_entity(company).map_err(told)?;
    }
    Ok(())
}
