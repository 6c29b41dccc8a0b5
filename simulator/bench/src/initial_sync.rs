//! Initial sync of customers, F&O to Dataverse, with all of its lookups.

use crate::baseline;
use dwsim_catalog::{Catalog, facts::ProfileId};
use dwsim_dualwrite::RunOptions;
use dwsim_finops::{Environment, EnvironmentOrigin};
use dwsim_model::{CompanyCode, MapId, Seed};
use dwsim_seeds::{DemoPlan, DemoSeed};
use dwsim_tenant::{SetupRequest, SetupTarget, Tenant, TenantOptions};
use serde::Serialize;
use std::time::{Duration, Instant};

/// The map measured: single-threaded in production, eleven lookups, one of them to its own table.
const MAP: &str = "customers-v3-accounts";

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct InitialSyncFigures {
    /// The table map.
    pub map: String,
    /// Rows exported, which is fewer than asked for: persons go another way.
    pub rows: u64,
    /// Rows that failed; anything but zero makes the figures worthless.
    pub errors: u64,
    /// What the engine took, in milliseconds: the best of the runs.
    pub engine_ms: f64,
    /// Rows a second of the engine.
    pub engine_rows_per_second: u64,
    /// What the same copy by SQL took, in milliseconds: the best of the runs.
    pub sql_ms: f64,
    /// Rows a second by SQL.
    pub sql_rows_per_second: u64,
    /// Engine time divided by SQL time.
    pub ratio: f64,
    /// Virtual time the documentation's speed gives for these rows.
    pub virtual_duration: String,
    /// Runs of each.
    pub runs: u32,
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
#[error("the measurement could not be set up: {0}")]
pub struct BenchError(pub(crate) String);

impl BenchError {
    pub(crate) fn new(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

impl From<std::io::Error> for BenchError {
    fn from(error: std::io::Error) -> Self {
        Self::new(error)
    }
}

/// Times initial sync of `rows` demo customers, and the same copy by SQL, `runs` times each in turn.
pub fn initial_sync(rows: u64, runs: u32) -> Result<InitialSyncFigures, BenchError> {
    let catalog = Catalog::embedded().map_err(BenchError::new)?;
    let company: CompanyCode = "USMF".parse().map_err(BenchError::new)?;
    let (mut engine, mut sql) = (Duration::MAX, Duration::MAX);
    let (mut exported, mut errors, mut virtual_duration) = (0, 0, String::new());
    for _ in 0..runs.max(1) {
        let mut tenant = linked(&catalog, &company, MAP, rows)?;
        let (took, copied) = baseline::measure(&tenant, &company)?;
        sql = sql.min(took);
        let start = Instant::now();
        let executions = tenant.run_map(MAP, RunOptions::default()).map_err(BenchError::new)?;
        engine = engine.min(start.elapsed());
        let leg = |execution: &dwsim_dualwrite::Execution| execution.legs.first().cloned();
        let legs: Vec<_> = executions.iter().filter_map(leg).collect();
        exported = legs.iter().map(|leg| leg.exported).sum();
        errors = legs.iter().map(|leg| leg.errors).sum();
        if copied != exported {
            return Err(BenchError(format!(
                "the engine exported {exported} rows and the SQL copied {copied}"
            )));
        }
        virtual_duration = legs.iter().map(|leg| leg.duration.to_string()).max().unwrap_or_default();
    }
    let speed = |took: Duration| {
        u64::try_from(u128::from(exported) * 1_000_000 / took.as_micros().max(1)).unwrap_or(u64::MAX)
    };
    Ok(InitialSyncFigures {
        map: MAP.to_owned(),
        rows: exported,
        errors,
        engine_ms: engine.as_secs_f64() * 1_000.0,
        engine_rows_per_second: speed(engine),
        sql_ms: sql.as_secs_f64() * 1_000.0,
        sql_rows_per_second: speed(sql),
        ratio: engine.as_secs_f64() / sql.as_secs_f64().max(1e-9),
        virtual_duration,
        runs,
    })
}

/// A linked world in which everything customers refer to is in Dataverse already.
pub(crate) fn linked(
    catalog: &std::sync::Arc<Catalog>,
    company: &CompanyCode,
    measured: &str,
    rows: u64,
) -> Result<Tenant, BenchError> {
    let seed = Seed::new(1);
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
    let mut tenant = Tenant::new(catalog.clone(), options).map_err(BenchError::new)?;
    let map = catalog.map(measured).ok_or_else(|| BenchError::new("the map is not in the catalogue"))?;
    let plan = DemoPlan { companies: vec![company.clone()], rows, only: Some(vec![map.entity.clone()]) };
    let demo = DemoSeed::new(catalog.clone(), seed, plan).map_err(BenchError::new)?;
    demo.load(tenant.finops_mut(), &mut |_| {}).map_err(BenchError::new)?;
    let request = SetupRequest {
        target: SetupTarget::New { template: "standard-with-dual-write".into() },
        agreed: true,
        typed_name: tenant.person.name.clone(),
    };
    tenant.lcs_setup(request).map_err(BenchError::new)?;
    tenant.lcs_configure(&[]).map_err(BenchError::new)?;
    tenant.lcs_link().map_err(BenchError::new)?;
    tenant.apply_solution().map_err(BenchError::new)?;
    let related: Vec<MapId> = tenant
        .engine()
        .related_maps(measured)
        .map_err(BenchError::new)?
        .into_iter()
        .filter(|id| id.as_str() != measured)
        .collect();
    let leave = tenant.maps_to_leave_stopped();
    for id in related.iter().filter(|id| !leave.contains(id)) {
        tenant.run_map(id, RunOptions::default()).map_err(BenchError::new)?;
    }
    Ok(tenant)
}
