//! Stories told through the tenant's verbs.

mod advice;
mod companies;
mod editing;
mod links;
mod pausing;
mod setup;
mod transactions;
mod wizard;

use crate::{SetupRequest, SetupTarget, Tenant, TenantOptions};
use dwsim_catalog::{Catalog, facts::ProfileId};
use dwsim_finops::{Environment, EnvironmentOrigin};
use dwsim_model::{Change, Operation, Seed, Side, Value};

fn world(origin: EnvironmentOrigin, dataverse_exists: bool) -> Tenant {
    world_in(ProfileId::Docs2026, origin, dataverse_exists)
}

fn world_in(profile: ProfileId, origin: EnvironmentOrigin, dataverse_exists: bool) -> Tenant {
    let seed = Seed::new(1);
    let mut finops = Environment::new("Contoso", seed.id("tenant"));
    finops.origin = origin;
    let options = TenantOptions {
        profile,
        seed,
        finops,
        dataverse_name: "Contoso Sales".into(),
        dataverse_geography: "United States".into(),
        dataverse_exists,
        human_resources_app: false,
    };
    Tenant::new(Catalog::embedded().unwrap(), options).unwrap()
}

fn request(tenant: &Tenant) -> SetupRequest {
    SetupRequest {
        target: SetupTarget::New { template: "standard-with-dual-write".into() },
        agreed: true,
        typed_name: tenant.person.name.clone(),
    }
}

fn linked() -> Tenant {
    let mut tenant = world(EnvironmentOrigin::New, false);
    let request = request(&tenant);
    tenant.lcs_setup(request).unwrap();
    tenant.lcs_configure(&[]).unwrap();
    tenant.lcs_link().unwrap();
    tenant
}

fn create(table: &str, values: &[(&str, &str)]) -> Change {
    let values = values.iter().map(|(name, value)| ((*name).into(), Value::text(*value))).collect();
    Change { table: table.into(), operation: Operation::Create, key: Vec::new(), values }
}

fn rows(tenant: &Tenant, side: Side, table: &str) -> u64 {
    let counts = match side {
        Side::FinOps => tenant.finops().counts().unwrap(),
        Side::Dataverse => tenant.dataverse().unwrap().counts().unwrap(),
    };
    counts.into_iter().find(|(name, _)| name.as_str() == table).map_or(0, |(_, rows)| rows)
}

fn update(table: &str, key: &[(&str, &str)], values: &[(&str, &str)]) -> Change {
    let texts = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(name, value)| ((*name).into(), Value::text(*value))).collect()
    };
    Change { table: table.into(), operation: Operation::Update, key: texts(key), values: texts(values) }
}
