//! Runs of table maps: the Run dialog, runs that take time, running again after errors, details and activity log.

use crate::{
    arguments::Arguments,
    definition::{Definition, Told, given, same, then, when},
    names,
    world::World,
};
use dwsim_dualwrite::{Detail, RequestState, RunKind, RunOptions};
use dwsim_model::{MapId, Side};
use dwsim_tenant::DialogLine;

pub(crate) const STEPS: &[Definition] = &[
    given(
        "the side {side} is assumed to have {int} rows of {string} for {company}",
        "the side Dataverse is assumed to have 70001 rows of \"Customers V3 (accounts)\" for USMF",
        assumed,
    ),
    given("an export from F&O takes {duration}", "an export from F&O takes 5 minutes 1 second", export_takes),
    given(
        "the lookup metadata of {table} is missing",
        "the lookup metadata of msdyn_customergroup is missing",
        metadata_missing,
    ),
    given("change tracking of {table} is {word}", "change tracking of CustomerGroups is off", tracking),
    given(
        "the data import and export service of F&O is stopped",
        "the data import and export service of F&O is stopped",
        service_stopped,
    ),
    given(
        "the row of the data integration application in F&O is broken",
        "the row of the data integration application in F&O is broken",
        row_broken,
    ),
    given(
        "the language locale of the source data formats is {string}",
        "the language locale of the source data formats is \"de\"",
        locale,
    ),
    when(
        "the data import and export service of F&O is started",
        "the data import and export service of F&O is started",
        service_started,
    ),
    when("the tables are refreshed", "the tables are refreshed", refreshed),
    when("the initial sync of {string} begins", "the initial sync of \"Customer groups\" begins", begins),
    when("the initial sync of {string} ends", "the initial sync of \"Customer groups\" ends", ends),
    when(
        "the execution of {string} is run again",
        "the execution of \"Customer groups\" is run again",
        again,
    ),
    when(
        "the execution of {string} is run again without errors",
        "the execution of \"Customer groups\" is run again without errors",
        without_errors,
    ),
    when(
        "the execution of {string} is run again as long as errors fall",
        "the execution of \"Vendors V2\" is run again as long as errors fall",
        while_falling,
    ),
    when(
        "the table map {string} is run with every row",
        "the table map \"Customer groups\" is run with every row",
        full,
    ),
    when(
        "the Run dialog of {string} is opened",
        "the Run dialog of \"Customers V3 (contacts)\" is opened",
        dialog,
    ),
    when(
        "the Run dialog of {string} is run in the order:",
        "the Run dialog of \"Customers V3 (contacts)\" is run in the order:",
        dialog_run,
    ),
    then("the dialog lists the table maps:", "the dialog lists the table maps:", dialog_lists),
    then(
        "the dialog lists every table map once, {string} last",
        "the dialog lists every table map once, \"Customers V3 (contacts)\" last",
        dialog_once,
    ),
    then("the initial syncs ran in the order:", "the initial syncs ran in the order:", ran_in_order),
    then("all initial syncs share one request", "all initial syncs share one request", one_request),
    then("it took {int} more run(s)", "it took 2 more runs", took_runs),
    then("{int} row(s) failed", "8 rows failed", rows_failed),
    then("{int} row(s) was/were missed", "1 row was missed", rows_missed),
    then(
        "the initial sync details of {string} show {int} of {int} errors in {string}",
        "the initial sync details of \"Customers V3 (accounts)\" show 5 of 8 errors in \"From AX Customers V3 to CRM accounts\"",
        details,
    ),
    then(
        "the initial sync details of {string} name a job of F&O",
        "the initial sync details of \"Customers V3 (accounts)\" name a job of F&O",
        details_job,
    ),
    then(
        "the log of initial sync of {string} says:",
        "the log of initial sync of \"Customer groups\" says:",
        log_says,
    ),
    then("the activity log of {string} says:", "the activity log of \"Customer groups\" says:", activity),
    then(
        "the last request for {string} is {word}",
        "the last request for \"Customer groups\" is error",
        last_request,
    ),
    then(
        "the execution ended with status {string}",
        "the execution ended with status \"Completed\"",
        ended_with,
    ),
];

fn id(world: &mut World, given: &Arguments, place: usize) -> Result<MapId, String> {
    names::map(world.tenant()?, given.text(place))
}

fn assumed(world: &mut World, given: &Arguments) -> Told {
    let (side, rows, company) = (given.side(0)?, given.number(1)?, given.company(3)?);
    let map = id(world, given, 2)?;
    world.tenant()?.engine_mut().assume_rows(&map, Some(&company), side, rows);
    Ok(())
}

fn export_takes(world: &mut World, given: &Arguments) -> Told {
    world.tenant()?.engine_mut().export_time = given.duration(0)?;
    Ok(())
}

fn metadata_missing(world: &mut World, given: &Arguments) -> Told {
    world.tenant()?.engine_mut().lose_lookup_metadata(&given.text(0).into());
    Ok(())
}

fn tracking(world: &mut World, given: &Arguments) -> Told {
    let on = match given.text(1) {
        "on" => true,
        "off" => false,
        other => return Err(format!("change tracking is on or off, not {other}")),
    };
    world.tenant()?.finops_mut().set_change_tracking(given.text(0), on).map_err(|error| error.to_string())
}

fn service_stopped(world: &mut World, _: &Arguments) -> Told {
    world.tenant()?.finops_mut().environment_mut().import_export_running = false;
    Ok(())
}

fn service_started(world: &mut World, _: &Arguments) -> Told {
    world.tenant()?.finops_mut().environment_mut().import_export_running = true;
    Ok(())
}

fn row_broken(world: &mut World, _: &Arguments) -> Told {
    world.tenant()?.finops_mut().environment_mut().data_application_broken = true;
    Ok(())
}

fn locale(world: &mut World, given: &Arguments) -> Told {
    world.tenant()?.finops_mut().environment_mut().data_locale = given.text(0).into();
    Ok(())
}

fn refreshed(world: &mut World, _: &Arguments) -> Told {
    world.act(|tenant| {
        tenant.engine_mut().restore_lookup_metadata();
        tenant.refresh_tables()
    })?;
    Ok(())
}

fn begins(world: &mut World, given: &Arguments) -> Told {
    let map = id(world, given, 0)?;
    world.act(|tenant| tenant.begin_map(&map, RunOptions::default(), RunKind::New))?;
    Ok(())
}

fn ends(world: &mut World, given: &Arguments) -> Told {
    let map = id(world, given, 0)?;
    let executions = world.act(|tenant| tenant.finish_map(&map))?;
    world.outcome.executions = executions.unwrap_or_default();
    Ok(())
}

fn rerun(world: &mut World, given: &Arguments, kind: RunKind) -> Told {
    let map = id(world, given, 0)?;
    let executions = world.act(|tenant| tenant.rerun_map(&map, kind))?;
    world.outcome.executions = executions.unwrap_or_default();
    Ok(())
}

fn again(world: &mut World, given: &Arguments) -> Told {
    rerun(world, given, RunKind::Again)
}

fn without_errors(world: &mut World, given: &Arguments) -> Told {
    rerun(world, given, RunKind::WithoutErrors)
}

fn while_falling(world: &mut World, given: &Arguments) -> Told {
    let map = id(world, given, 0)?;
    let runs = world.act(|tenant| tenant.rerun_while_errors_fall(&map))?.unwrap_or_default();
    world.outcome.runs = runs.len() as u64;
    world.outcome.executions = runs.into_iter().next_back().unwrap_or_default();
    Ok(())
}

fn full(world: &mut World, given: &Arguments) -> Told {
    let map = id(world, given, 0)?;
    let options = RunOptions { full: true, ..RunOptions::default() };
    let executions = world.act(|tenant| tenant.run_map(&map, options))?;
    world.outcome.executions = executions.unwrap_or_default();
    Ok(())
}

fn dialog(world: &mut World, given: &Arguments) -> Told {
    let map = id(world, given, 0)?;
    let lines = world.act(|tenant| tenant.run_dialog(&map))?.unwrap_or_default();
    world.outcome.maps = lines.into_iter().map(|line| line.map).collect();
    Ok(())
}

/// The maps of the table below, in its order; columns `map` and perhaps `ticked`, `initial sync`, `master`.
fn dialog_run(world: &mut World, given: &Arguments) -> Told {
    let yes = |value: Option<&str>| value.is_none_or(|value| value == "yes");
    let mut lines = Vec::new();
    for line in given.lines()? {
        let of = |name: &str| line.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
        let map = names::map(world.tenant()?, of("map").ok_or("the table needs a column map")?)?;
        let master = if of("master") == Some("F&O") { Side::FinOps } else { Side::Dataverse };
        lines.push(DialogLine {
            map,
            ticked: yes(of("ticked")),
            initial_sync: yes(of("initial sync")),
            master,
        });
    }
    let executions = world.act(|tenant| tenant.run_dialog_lines(&lines))?;
    world.outcome.executions = executions.unwrap_or_default();
    Ok(())
}

fn listed(world: &mut World, given: &Arguments) -> Result<Vec<MapId>, String> {
    given.column()?.iter().map(|name| names::map(world.tenant()?, name)).collect()
}

fn dialog_lists(world: &mut World, given: &Arguments) -> Told {
    let expected = listed(world, given)?;
    let missing: Vec<&MapId> = expected.iter().filter(|map| !world.outcome.maps.contains(map)).collect();
    same("maps the dialog does not list", &missing, &Vec::new())
}

fn dialog_once(world: &mut World, given: &Arguments) -> Told {
    let last = id(world, given, 0)?;
    let maps = &world.outcome.maps;
    let mut once = maps.clone();
    once.sort();
    once.dedup();
    same("maps of the dialog", &once.len(), &maps.len())?;
    same("the last map of the dialog", &maps.last(), &Some(&last))
}

fn ran_in_order(world: &mut World, given: &Arguments) -> Told {
    let expected = listed(world, given)?;
    let mut order: Vec<MapId> = world.outcome.executions.iter().map(|run| run.map.clone()).collect();
    order.dedup();
    same("order of the initial syncs", &order, &expected)
}

fn one_request(world: &mut World, _: &Arguments) -> Told {
    let mut requests: Vec<u64> = world.outcome.executions.iter().map(|run| run.request).collect();
    requests.dedup();
    same("requests of the initial syncs", &requests.len(), &1)
}

fn took_runs(world: &mut World, given: &Arguments) -> Told {
    same("runs it took", &world.outcome.runs, &given.number(0)?)
}

fn rows_failed(world: &mut World, given: &Arguments) -> Told {
    let failed: u64 = world.outcome.executions.iter().map(dwsim_dualwrite::Execution::errors).sum();
    same("rows that failed", &failed, &given.number(0)?)
}

fn rows_missed(world: &mut World, given: &Arguments) -> Told {
    let missed: u64 = world.outcome.executions.iter().map(|run| run.missed).sum();
    same("rows that were missed", &missed, &given.number(0)?)
}

fn details_of(world: &mut World, given: &Arguments) -> Result<Vec<Detail>, String> {
    let map = id(world, given, 0)?;
    world.seen()?.engine().initial_sync_details(&map).map_err(|error| error.to_string())
}

fn details(world: &mut World, given: &Arguments) -> Told {
    let details = details_of(world, given)?;
    let leg = given.text(3);
    let detail = details.iter().find(|detail| detail.leg == leg).ok_or_else(|| {
        let legs: Vec<&str> = details.iter().map(|detail| detail.leg.as_str()).collect();
        format!("the details do not show {leg}; they show {}", legs.join(", "))
    })?;
    same("errors the details show", &(detail.shown.len() as u64), &given.number(1)?)?;
    same("errors there are", &(detail.all.len() as u64), &given.number(2)?)
}

fn details_job(world: &mut World, given: &Arguments) -> Told {
    let details = details_of(world, given)?;
    let job = details.first().map(|detail| detail.job.as_str()).ok_or("the details show nothing")?;
    let runs = world.seen()?.engine().executions();
    if runs.iter().any(|run| run.job == job) {
        Ok(())
    } else {
        Err(format!("no execution has the job {job}"))
    }
}

fn log_says(world: &mut World, given: &Arguments) -> Told {
    let map = id(world, given, 0)?;
    let engine = world.seen()?.engine();
    let last = engine.last_executions(&map);
    let execution = last.first().ok_or("the map had no initial sync")?;
    let log = engine.initial_sync_log(execution).map_err(|error| error.to_string())?;
    same("the log of initial sync", &log.as_str(), &given.document()?)
}

fn activity(world: &mut World, given: &Arguments) -> Told {
    let map = id(world, given, 0)?;
    let log: Vec<String> = world.seen()?.activity_log(&map).into_iter().map(|(_, line)| line).collect();
    same("the activity log", &log.join("\n").as_str(), &given.document()?)
}

fn last_request(world: &mut World, given: &Arguments) -> Told {
    let map = id(world, given, 0)?;
    let wanted = match given.text(1) {
        "waiting" => RequestState::Waiting,
        "completed" => RequestState::Completed,
        "error" => RequestState::Error,
        other => return Err(format!("a request is waiting, completed or error, not {other}")),
    };
    let engine = world.seen()?.engine();
    let last = engine.requests_of(&map).next().ok_or("nobody asked anything of the map")?;
    same("the last request", &last.state, &wanted)
}

fn ended_with(world: &mut World, given: &Arguments) -> Told {
    let last = world.outcome.executions.first().ok_or("the action before ran no initial sync")?;
    same("status of the execution", &last.status(), &given.text(0))
}
