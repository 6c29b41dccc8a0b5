//! Whole worlds that tests start from: both environments, linked, with every table map published.

use dwsim_catalog::{Catalog, facts::ProfileId};
use dwsim_finops::{Environment, EnvironmentOrigin};
use dwsim_model::{CompanyCode, MapId, Name, Seed};
use dwsim_seeds::{DemoPlan, DemoSeed};
use dwsim_tenant::{SetupRequest, SetupTarget, Tenant, TenantOptions};
use std::error::Error;

/// What a world is made from.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Seed of ids and choices.
    pub seed: u64,
    /// Companies of F&O besides its first one.
    pub companies: Vec<CompanyCode>,
    /// Customers of the first company in demo data; no demo data when none.
    pub demo: Option<u64>,
    /// Template of the new Dataverse.
    pub template: Name,
    /// Packages besides those of the template.
    pub packages: Vec<Name>,
    /// Table maps that are applied; all those of the packages when none.
    pub maps: Vec<MapId>,
}

impl Plan {
    /// Companies without data, and every package.
    ///
    /// # Errors
    /// A code that no company can have.
    pub fn empty(companies: &[&str]) -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            seed: 1,
            companies: companies.iter().map(|code| code.parse()).collect::<Result<_, _>>()?,
            demo: None,
            template: "standard-with-dual-write".into(),
            packages: vec!["other-maps".into()],
            maps: Vec::new(),
        })
    }

    /// Existing F&O linked with a new Dataverse for all of its companies; no table map runs yet.
    ///
    /// # Errors
    /// Whatever refuses the set-up.
    pub fn linked(&self) -> Result<Tenant, Box<dyn Error>> {
        let seed = Seed::new(self.seed);
        let mut finops = Environment::new("Contoso", seed.id("tenant"));
        finops.origin = EnvironmentOrigin::Existing;
        let options = TenantOptions {
            profile: ProfileId::Docs2026,
            seed,
            finops,
            dataverse_name: "Contoso Sales".into(),
            dataverse_geography: "United States".into(),
            dataverse_exists: false,
            human_resources_app: false,
        };
        let catalog = Catalog::embedded()?;
        let mut tenant = Tenant::new(catalog.clone(), options)?;
        match self.demo {
            Some(rows) => {
                let demo = DemoSeed::new(catalog, seed, DemoPlan::new(self.companies.clone(), rows))?;
                demo.load(tenant.finops_mut(), &mut |_| {})?;
            }
            None => {
                for company in &self.companies {
                    tenant.create_company(company, &format!("Company {company}"))?;
                }
            }
        }
        let target = SetupTarget::New { template: self.template.clone() };
        let typed_name = tenant.person.name.clone();
        tenant.lcs_setup(SetupRequest { target, agreed: true, typed_name })?;
        tenant.lcs_configure(&self.packages)?;
        tenant.lcs_link()?;
        if self.maps.is_empty() {
            tenant.apply_solution()?;
        } else {
            tenant.engine_mut().apply(&self.maps)?;
        }
        Ok(tenant)
    }
}

/// The published maps that run in this world, each after those it depends on.
pub fn runnable(tenant: &Tenant) -> Vec<MapId> {
    let leave = tenant.maps_to_leave_stopped();
    let all: Vec<MapId> = tenant.engine().maps().keys().filter(|id| !leave.contains(id)).cloned().collect();
    tenant.catalog().run_order(&all)
}
