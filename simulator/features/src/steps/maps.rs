//! Running, stopping, pausing and resuming table maps, and their status.

use crate::{
    arguments::Arguments,
    definition::{Definition, Told, given, same, then, when},
    names,
    world::World,
};
use dwsim_dualwrite::{MapStatus, ResumeMode, RunOptions};
use dwsim_model::{MapId, Side};

pub(crate) const STEPS: &[Definition] = &[
    given("the table map(s) {string} run(s)", "the table maps \"Customer groups\" run", runs),
    when(
        "the table map(s) {string} is/are run with initial sync",
        "the table map \"Customer groups\" is run with initial sync",
        run_with_sync,
    ),
    when(
        "the table map(s) {string} is/are run with initial sync and master {side}",
        "the table map \"Customers V3 (accounts)\" is run with initial sync and master F&O",
        run_with_master,
    ),
    when(
        "the table map(s) {string} is/are run without initial sync",
        "the table map \"Customer groups\" is run without initial sync",
        run_without_sync,
    ),
    when(
        "the table map(s) {string} is/are run with related maps and initial sync",
        "the table map \"Customers V3 (accounts)\" is run with related maps and initial sync",
        run_related,
    ),
    then(
        "the service numbers the state of the table map {string} {int}",
        "the service numbers the state of the table map \"Customer groups\" 4",
        service_state,
    ),
    when("the table map(s) {string} is/are stopped", "the table map \"Customer groups\" is stopped", stopped),
    when("the table map(s) {string} is/are paused", "the table maps \"Customer groups\" are paused", paused),
    when(
        "the table map(s) {string} is/are resumed and catch(es) up",
        "the table map \"Customer groups\" is resumed and catches up",
        resumed,
    ),
    when(
        "the table map(s) {string} is/are resumed, the queue kept as catch-up errors",
        "the table map \"Customer groups\" is resumed, the queue kept as catch-up errors",
        resumed_preserving,
    ),
    when(
        "the table map(s) {string} is/are resumed, the queue discarded",
        "the table map \"Customer groups\" is resumed, the queue discarded",
        resumed_discarding,
    ),
    when(
        "the columns {string} are taken out of the table map {string}",
        "the columns \"SalesTaxGroup, PaymentDay\" are taken out of the table map \"Customers V3 (accounts)\"",
        columns_out,
    ),
    when(
        "the columns of the table map {string} are put back",
        "the columns of the table map \"Customers V3 (accounts)\" are put back",
        columns_back,
    ),
    then("the table map {string} is {status}", "the table map \"Customer groups\" is Running", status),
    then("every table map that may run is running", "every table map that may run is running", all_running),
    then("no table map is published", "no table map is published", none_published),
    then("{int} table maps are published", "12 table maps are published", so_many_published),
    then("every table map is {status}", "every table map is Not running", all_in_status),
];

fn map(world: &mut World, name: &str) -> Result<MapId, String> {
    names::map(world.tenant()?, name)
}

pub(crate) fn maps(world: &mut World, given: &Arguments) -> Result<Vec<MapId>, String> {
    given.names(0).iter().map(|name| map(world, name)).collect()
}

fn runs(world: &mut World, given: &Arguments) -> Told {
    for id in maps(world, given)? {
        let options = RunOptions { initial_sync: false, ..RunOptions::default() };
        world.tenant()?.run_map(&id, options).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn run(world: &mut World, given: &Arguments, options: RunOptions) -> Told {
    let ids = maps(world, given)?;
    let executions = world.act(|tenant| {
        let mut executions = Vec::new();
        for id in &ids {
            executions.extend(tenant.run_map(id, options)?);
        }
        Ok(executions)
    })?;
    world.outcome.executions = executions.unwrap_or_default();
    Ok(())
}

fn run_with_sync(world: &mut World, given: &Arguments) -> Told {
    run(world, given, RunOptions::default())
}

fn run_with_master(world: &mut World, given: &Arguments) -> Told {
    let master: Side = given.side(1)?;
    run(world, given, RunOptions { master, ..RunOptions::default() })
}

fn run_without_sync(world: &mut World, given: &Arguments) -> Told {
    run(world, given, RunOptions { initial_sync: false, ..RunOptions::default() })
}

fn run_related(world: &mut World, given: &Arguments) -> Told {
    let ids = maps(world, given)?;
    let executions = world.act(|tenant| tenant.run_with_related(&ids, RunOptions::default()))?;
    world.outcome.executions = executions.unwrap_or_default();
    Ok(())
}

/// The dual-write service has numbers where users read words.
fn service_state(world: &mut World, given: &Arguments) -> Told {
    let map = names::map(world.tenant()?, given.text(0))?;
    let state = world.seen()?.engine().service_state(&map).map_err(|error| error.to_string())?;
    same("the state as the service numbers it", &(state as u64), &given.number(1)?)
}

fn stopped(world: &mut World, given: &Arguments) -> Told {
    let ids = maps(world, given)?;
    world.act(|tenant| ids.iter().try_for_each(|id| tenant.stop_map(id)))?;
    Ok(())
}

fn paused(world: &mut World, given: &Arguments) -> Told {
    let ids = maps(world, given)?;
    world.act(|tenant| tenant.pause_maps(&ids))?;
    Ok(())
}

fn resume(world: &mut World, given: &Arguments, mode: ResumeMode) -> Told {
    let ids = maps(world, given)?;
    world.act(|tenant| tenant.resume_maps(&ids, mode))?;
    Ok(())
}

fn resumed(world: &mut World, given: &Arguments) -> Told {
    resume(world, given, ResumeMode::CatchUp)
}

fn resumed_preserving(world: &mut World, given: &Arguments) -> Told {
    resume(world, given, ResumeMode::PreserveAsErrors)
}

fn resumed_discarding(world: &mut World, given: &Arguments) -> Told {
    resume(world, given, ResumeMode::Discard)
}

fn columns_out(world: &mut World, given: &Arguments) -> Told {
    let (columns, id) = (given.columns(0), map(world, given.text(1))?);
    world.act(|tenant| tenant.remove_columns(&id, &columns))?;
    Ok(())
}

fn columns_back(world: &mut World, given: &Arguments) -> Told {
    let id = map(world, given.text(0))?;
    world.act(|tenant| tenant.restore_columns(&id))?;
    Ok(())
}

fn status(world: &mut World, given: &Arguments) -> Told {
    let id = map(world, given.text(0))?;
    let status = world.seen()?.engine().status(&id).map_or("", MapStatus::as_str);
    same(&format!("status of {id}"), &status, &given.text(1))
}

fn all_running(world: &mut World, _: &Arguments) -> Told {
    if world.seen()?.engine().maps().is_empty() {
        return Err("no table map is published".into());
    }
    same("table maps that do not run", &world.maps_wrongly_stopped()?, &Vec::new())
}

fn none_published(world: &mut World, _: &Arguments) -> Told {
    same("published table maps", &world.seen()?.engine().maps().len(), &0)
}

fn so_many_published(world: &mut World, given: &Arguments) -> Told {
    same("published table maps", &(world.seen()?.engine().maps().len() as u64), &given.number(0)?)
}

fn all_in_status(world: &mut World, given: &Arguments) -> Told {
    let maps = world.seen()?.engine().maps();
    if maps.is_empty() {
        return Err("no table map is published".into());
    }
    let other = maps.iter().find(|(_, state)| state.status.as_str() != given.text(0));
    match other {
        Some((id, state)) => Err(format!("{id} is {}", state.status)),
        None => Ok(()),
    }
}
