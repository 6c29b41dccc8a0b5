//! Table maps and their initial syncs.

use crate::world::{Told, World, same};
use cucumber::then;
use dwsim_dualwrite::MapStatus;

#[then("every table map that may run is running")]
fn all_running(world: &mut World) -> Told {
    let end = world.end()?;
    if end.report.maps.is_empty() {
        return Err("no table map is published".into());
    }
    same("table maps that do not run", &end.maps_wrongly_stopped(), &Vec::new())
}

#[then(expr = "the table map {string} is running")]
fn running(world: &mut World, map: String) -> Told {
    status(world, &map, MapStatus::Running)
}

#[then(expr = "the table map {string} is not running")]
fn not_running(world: &mut World, map: String) -> Told {
    status(world, &map, MapStatus::NotRunning)
}

fn status(world: &World, map: &str, wanted: MapStatus) -> Told {
    let engine = world.end()?.tenant.engine();
    let known = engine.maps().keys().map(dwsim_model::MapId::as_str);
    let state = engine.maps().get(map).ok_or_else(|| {
        let near = dwsim_model::nearest(map, known)
            .map_or_else(String::new, |near| format!("; did you mean {near}?"));
        format!("there is no table map {map}{near}")
    })?;
    same(&format!("status of {map}"), &state.status, &wanted)
}

#[then("no initial sync has run")]
fn no_initial_sync(world: &mut World) -> Told {
    same("initial syncs", &world.end()?.report.executions.len(), &0)
}

#[then("initial sync ran without an error")]
fn no_errors(world: &mut World) -> Told {
    let report = &world.end()?.report;
    if report.executions.is_empty() {
        return Err("no initial sync has run".into());
    }
    match report.errors.first() {
        None => Ok(()),
        Some(first) => Err(format!(
            "{} rows failed; the first: {} {}: {}",
            report.errors.len(),
            first.map,
            first.key,
            first.message
        )),
    }
}

#[then("every exported row was inserted, updated, unchanged or reported as failed")]
fn accounted(world: &mut World) -> Told {
    for execution in world.end()?.tenant.engine().executions() {
        for leg in &execution.legs {
            if !leg.accounted() {
                return Err(format!("{} of {:?}: {leg:?}", execution.map, execution.company));
            }
        }
    }
    Ok(())
}

#[then(expr = "initial sync of {string} brought rows to {word}")]
fn brought_rows(world: &mut World, map: String, side: String) -> Told {
    if inserted(world, &map, &side)? > 0 { Ok(()) } else { Err(format!("{map} inserted no row in {side}")) }
}

#[then(expr = "initial sync of {string} brought {int} row(s) to {word}")]
fn brought_so_many(world: &mut World, map: String, rows: u64, side: String) -> Told {
    same(&format!("rows that {map} inserted in {side}"), &inserted(world, &map, &side)?, &rows)
}

fn inserted(world: &World, map: &str, side: &str) -> Result<u64, String> {
    let direction = match side {
        "F&O" => "to-finops",
        "Dataverse" => "to-dataverse",
        other => return Err(format!("rows are brought to F&O or to Dataverse, not to {other}")),
    };
    let executions: Vec<_> =
        world.end()?.report.executions.iter().filter(|run| run.map.as_str() == map).collect();
    if executions.is_empty() {
        return Err(format!("{map} had no initial sync"));
    }
    Ok(executions
        .iter()
        .flat_map(|run| &run.legs)
        .filter(|leg| leg.direction == direction)
        .map(|leg| leg.inserted)
        .sum())
}
