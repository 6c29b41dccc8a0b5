//! Initial syncs at the documented limits of volume: seventy thousand rows in one thread, half a million in several.

use crate::initial_sync::{BenchError, linked};
use dwsim_catalog::Catalog;
use dwsim_dualwrite::{Execution, Leg, RunOptions};
use dwsim_model::{Change, CompanyCode, MapId, Name, Operation, Side, Value};
use dwsim_store::Select;
use dwsim_tenant::Tenant;
use serde::Serialize;
use std::{sync::Arc, time::Instant};

/// Single-threaded in production, and the map with the most lookups; one column makes room for the limit of ten.
const SINGLE_THREADED: &str = "customers-v3-accounts";
const ROOM: &str = "PaymentDay";
/// Demo customers of which enough are organisations.
const DEMO: u64 = 120_000;

const MULTITHREADED: &str = "customer-groups-msdyn-customergroups";

/// One initial sync.
#[derive(Clone, Debug, Serialize)]
pub struct VolumeFigures {
    /// The table map.
    pub map: String,
    /// The side rows went into.
    pub into: Side,
    /// Rows exported.
    pub rows: u64,
    /// Rows inserted.
    pub inserted: u64,
    /// Rows that failed.
    pub errors: u64,
    /// Real time, in milliseconds.
    pub real_ms: f64,
    /// Virtual time at the documented speed.
    pub virtual_duration: String,
    /// Why the leg, or its first row that failed, failed; none when nothing did.
    pub failure: Option<String>,
    /// Most memory the process has used so far, in mebibytes; none where the system does not say.
    pub peak_memory_mib: Option<u64>,
}

/// Customers V3 from Dataverse to F&O with lookups: as many as 24 hours take, and one more. Then half a million customer
/// groups from F&O to Dataverse.
///
/// # Errors
/// A world that cannot be set up.
pub fn volumes() -> Result<Vec<VolumeFigures>, BenchError> {
    let catalog = Catalog::embedded().map_err(BenchError::new)?;
    let company: CompanyCode = "USMF".parse().map_err(BenchError::new)?;
    Ok(vec![
        customers(&catalog, &company, 70_000)?,
        customers(&catalog, &company, 70_001)?,
        groups(&catalog, &company, 500_000)?,
    ])
}

fn customers(
    catalog: &Arc<Catalog>,
    company: &CompanyCode,
    rows: usize,
) -> Result<VolumeFigures, BenchError> {
    let mut tenant = linked(catalog, company, SINGLE_THREADED, DEMO)?;
    tenant.run_map(SINGLE_THREADED, RunOptions::default()).map_err(BenchError::new)?;
    stop(&mut tenant, SINGLE_THREADED)?;
    let map =
        catalog.map(SINGLE_THREADED).ok_or_else(|| BenchError::new("the map is not in the catalogue"))?;
    delete_all_but(&tenant, Side::FinOps, &map.entity, 0)?;
    delete_all_but(&tenant, Side::Dataverse, &map.table, rows)?;
    tenant.remove_columns(SINGLE_THREADED, &[ROOM.into()]).map_err(BenchError::new)?;
    measure(&mut tenant, SINGLE_THREADED, Side::FinOps)
}

fn groups(catalog: &Arc<Catalog>, company: &CompanyCode, rows: u64) -> Result<VolumeFigures, BenchError> {
    let mut tenant = linked(catalog, company, MULTITHREADED, 10)?;
    delete_all_but(&tenant, Side::FinOps, "CustomerGroups", 0)?;
    delete_all_but(&tenant, Side::Dataverse, "msdyn_customergroup", 0)?;
    for number in 0..rows {
        let values = [
            ("dataAreaId", company.to_string()),
            ("CustomerGroupId", format!("G{number:06}")),
            ("Description", format!("Group {number}")),
        ];
        let values = values.map(|(name, text)| (Name::from(name), Value::text(text))).to_vec();
        let change =
            Change { table: "CustomerGroups".into(), operation: Operation::Create, key: Vec::new(), values };
        tenant.finops_mut().save(&change).map_err(BenchError::new)?;
    }
    measure(&mut tenant, MULTITHREADED, Side::Dataverse)
}

fn measure(tenant: &mut Tenant, map: &str, into: Side) -> Result<VolumeFigures, BenchError> {
    let options = RunOptions { initial_sync: true, master: into.other(), full: true };
    let start = Instant::now();
    let executions: Vec<Execution> = tenant.run_map(map, options).map_err(BenchError::new)?;
    let took = start.elapsed();
    let legs = || executions.iter().flat_map(|run| &run.legs).filter(|leg| leg.into == into);
    Ok(VolumeFigures {
        map: map.to_owned(),
        into,
        rows: legs().map(|leg| leg.exported).sum(),
        inserted: legs().map(|leg| leg.inserted).sum(),
        errors: legs().map(|leg| leg.errors).sum(),
        real_ms: took.as_secs_f64() * 1_000.0,
        virtual_duration: legs().map(|leg| leg.duration).max().unwrap_or_default().to_string(),
        failure: legs().find_map(reason),
        peak_memory_mib: peak_memory(),
    })
}

fn reason(leg: &Leg) -> Option<String> {
    let whole = leg.failure.as_ref().map(|failure| failure.message.clone());
    whole.or_else(|| leg.failures.first().map(|failure| failure.message.clone()))
}

fn stop(tenant: &mut Tenant, map: &str) -> Result<(), BenchError> {
    let id: MapId = map.into();
    if tenant.engine().status(&id) == Some(dwsim_dualwrite::MapStatus::Running) {
        tenant.stop_map(map).map_err(BenchError::new)?;
    }
    Ok(())
}

fn delete_all_but(tenant: &Tenant, side: Side, table: &str, keep: usize) -> Result<(), BenchError> {
    let dataverse = tenant.dataverse().ok_or_else(|| BenchError::new("there is no Dataverse"))?;
    let store = if side == Side::FinOps { tenant.finops().store() } else { dataverse.store() };
    let id = store.table(table).ok_or_else(|| BenchError::new(format!("there is no table {table}")))?;
    let rows = store.collect(&Select::all(id).columns(&[0])).map_err(BenchError::new)?;
    for row in rows.iter().skip(keep) {
        store.delete(id, &row[0]).map_err(BenchError::new)?;
    }
    Ok(())
}

/// What Linux calls the high-water mark of the resident set.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
}
