//! Integration jobs: table maps that follow by and by (preview).

use crate::{
    arguments::Arguments,
    definition::{Definition, Told, given, same, then, when},
    names,
    world::World,
};
use dwsim_dualwrite::{JobErrorKind, JobRequest};

pub(crate) const STEPS: &[Definition] = &[
    given(
        "the integration job {string} carries {string} with primary {side}",
        "the integration job \"Groups\" carries \"Customer groups\" with primary F&O",
        job,
    ),
    when("the integration job {string} is started", "the integration job \"Groups\" is started", started),
    when("the integration job {string} is stopped", "the integration job \"Groups\" is stopped", stopped),
    when("the integration job {string} works", "the integration job \"Groups\" works", works),
    when(
        "{int} rows of the integration job {string} are to be retried",
        "10 rows of the integration job \"Groups\" are to be retried",
        retried,
    ),
    when(
        "{int} rows of the integration job {string} are to be dismissed",
        "10 rows of the integration job \"Groups\" are to be dismissed",
        dismissed,
    ),
    then(
        "{int} change(s) is/are in the pipeline of the integration job {string}",
        "2 changes are in the pipeline of the integration job \"Groups\"",
        in_pipeline,
    ),
    then(
        "the integration job {string} has {int} sync error(s)",
        "the integration job \"Groups\" has 1 sync error",
        sync_errors,
    ),
    then(
        "the integration job {string} has a {word} failure",
        "the integration job \"Groups\" has a concurrency failure",
        failure,
    ),
];

fn job(world: &mut World, given: &Arguments) -> Told {
    let side = given.side(2)?;
    let maps = given
        .names(1)
        .iter()
        .map(|name| names::map(world.tenant()?, name))
        .collect::<Result<Vec<_>, String>>()?;
    let engine = world.tenant()?.engine_mut();
    engine.add_job(given.text(0), side, &maps).map_err(|error| error.to_string())
}

fn started(world: &mut World, given: &Arguments) -> Told {
    let engine = world.tenant()?.engine_mut();
    engine.set_job_active(given.text(0), true).map_err(|error| error.to_string())
}

fn stopped(world: &mut World, given: &Arguments) -> Told {
    let engine = world.tenant()?.engine_mut();
    engine.set_job_active(given.text(0), false).map_err(|error| error.to_string())
}

fn works(world: &mut World, given: &Arguments) -> Told {
    world.act(|tenant| tenant.run_job(given.text(0)))?;
    Ok(())
}

fn ask(world: &mut World, given: &Arguments, request: JobRequest) -> Told {
    let rows = given.number(0)?;
    world.act(|tenant| Ok(tenant.engine_mut().request_of_job(given.text(1), request, rows)?))?;
    Ok(())
}

fn retried(world: &mut World, given: &Arguments) -> Told {
    ask(world, given, JobRequest::Retry)
}

fn dismissed(world: &mut World, given: &Arguments) -> Told {
    ask(world, given, JobRequest::Dismiss)
}

fn in_pipeline(world: &mut World, given: &Arguments) -> Told {
    let job = world.seen()?.engine().job(given.text(1)).map_err(|error| error.to_string())?;
    same("changes in the pipeline", &(job.pipeline.len() as u64), &given.number(0)?)
}

fn sync_errors(world: &mut World, given: &Arguments) -> Told {
    let job = world.seen()?.engine().job(given.text(0)).map_err(|error| error.to_string())?;
    same("sync errors", &(job.sync_errors().count() as u64), &given.number(1)?)
}

fn failure(world: &mut World, given: &Arguments) -> Told {
    let wanted = match given.text(1) {
        "application" => JobErrorKind::Application,
        "concurrency" => JobErrorKind::Concurrency,
        "conflict" => JobErrorKind::Conflict,
        other => return Err(format!("a failure is application, concurrency or conflict, not {other}")),
    };
    let job = world.seen()?.engine().job(given.text(0)).map_err(|error| error.to_string())?;
    let kinds: Vec<JobErrorKind> = job.errors.iter().map(|error| error.kind).collect();
    if kinds.contains(&wanted) { Ok(()) } else { Err(format!("failures of the job: {kinds:?}")) }
}
