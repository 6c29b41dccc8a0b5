//! The laws of rest: once the world is healed, everything drains, both sides agree, and nothing of the link stays.

use super::{
    Deed, MAPS, Queue,
    act::act,
    laws::accounted,
    picture::{Picture, state},
};
use dwsim_dualwrite::{Execution, MapStatus, RunOptions};
use dwsim_model::{Side, VirtualDuration};
use dwsim_tenant::{ResetRequest, Tenant};

/// The virtual time in which every queue drains once nothing is in its way.
const DRAINED_WITHIN: VirtualDuration = VirtualDuration::from_secs(60);

/// Heals the world and checks the laws of rest: I1, I9, I14, I16, I17.
pub(crate) fn rest(tenant: &mut Tenant) -> Result<(), String> {
    tenant.finops_mut().environment_mut().import_export_running = true;
    let healed = tenant.clock().now();
    for (map, name) in MAPS.iter().enumerate() {
        match status(tenant, map)? {
            MapStatus::Paused => {
                act(tenant, Deed::Resume([map == 0, map == 1], Queue::CatchUp, None))?;
            }
            MapStatus::Resuming => {
                act(tenant, Deed::Continue(map))?;
            }
            _ => {}
        }
        if !state(tenant, map)?.queue.is_empty() {
            return Err(format!("I17: the queue of {name} does not drain"));
        }
        if status(tenant, map)? == MapStatus::Running {
            act(tenant, Deed::Stop(map))?;
        }
        if status(tenant, map)? != MapStatus::NotRunning {
            return Err(format!("I17: {name} does not come to rest: {}", status(tenant, map)?));
        }
    }
    let took = tenant.clock().since(healed);
    if took > DRAINED_WITHIN {
        return Err(format!("I17: the queues took {took} to drain"));
    }
    let first = sync(tenant)?;
    let mut before = Picture::of(tenant)?;
    if first.iter().all(Execution::succeeded) {
        for (map, name) in MAPS.iter().enumerate() {
            let linked = before.keys(map).into_iter().filter(|(code, _)| before.linked.contains(code));
            if let Some((code, number)) = linked.into_iter().find(|key| !before.pair(map, key, true)) {
                return Err(format!("I1: {name} differs after initial sync: {number} of {code}"));
            }
        }
    } else {
        // Rows that failed may have been put right by what came after them.
        sync(tenant)?;
        before = Picture::of(tenant)?;
    }
    let again = sync(tenant)?;
    let moved: u64 = again.iter().flat_map(|run| &run.legs).map(|leg| leg.inserted + leg.updated).sum();
    if moved > 0 || Picture::of(tenant)?.held != before.held {
        return Err(format!("I14: an initial sync without changes wrote {moved} rows"));
    }
    unlinked(tenant)
}

/// I16.
fn unlinked(tenant: &mut Tenant) -> Result<(), String> {
    let request = ResetRequest { acknowledged: true, ..ResetRequest::default() };
    tenant.reset_link(&request).map_err(|error| error.to_string())?;
    let left = [Side::FinOps, Side::Dataverse].map(|side| tenant.configuration_rows(side));
    if left == [0, 0] { Ok(()) } else { Err(format!("I16: {left:?} rows of configuration outlive the link")) }
}

/// Both maps in full, terms first, and stopped again.
fn sync(tenant: &mut Tenant) -> Result<Vec<Execution>, String> {
    let mut executions = Vec::new();
    for (at, map) in MAPS.iter().enumerate() {
        let options = RunOptions { initial_sync: true, master: Side::Dataverse, full: true };
        executions.extend(tenant.run_map(map, options).map_err(|error| error.to_string())?);
        if status(tenant, at)? == MapStatus::Running {
            tenant.stop_map(map).map_err(|error| error.to_string())?;
        }
    }
    accounted(&executions)?;
    Ok(executions)
}

fn status(tenant: &Tenant, map: usize) -> Result<MapStatus, String> {
    Ok(state(tenant, map)?.status)
}
