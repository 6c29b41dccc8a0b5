//! Paused maps and their queues step by step, catch-up errors, and alerts.

use crate::{
    arguments::Arguments,
    definition::{Definition, Told, given, same, then, when},
    names,
    world::World,
};
use dwsim_catalog::facts::APPLICATION_ERROR;
use dwsim_dualwrite::{AlertAction, AlertSetting};
use dwsim_model::{Change, MapId, Name, Operation, Side, Value};

pub(crate) const STEPS: &[Definition] = &[
    given(
        "an alert pauses a map at {int} application errors within {duration}",
        "an alert pauses a map at 10 application errors within 15 minutes",
        alert_pauses,
    ),
    given(
        "an alert stops a map at {int} application errors within {duration}",
        "an alert stops a map at 10 application errors within 15 minutes",
        alert_stops,
    ),
    when(
        "this customer of the missing group {string} is saved {int} times",
        "this customer of the missing group \"80\" is saved 10 times",
        customer_of_missing_group,
    ),
    when(
        "the table map {string} begins to resume",
        "the table map \"Customer groups\" begins to resume",
        begins,
    ),
    when(
        "one queued change of {string} is played back",
        "one queued change of \"Customer groups\" is played back",
        step,
    ),
    when("the table map {string} ends resuming", "the table map \"Customer groups\" ends resuming", ends),
    when(
        "the table map {string} skips to live sync, the queue preserved",
        "the table map \"Customer groups\" skips to live sync, the queue preserved",
        skips_preserving,
    ),
    when(
        "the table map {string} skips to live sync, the queue lost",
        "the table map \"Customer groups\" skips to live sync, the queue lost",
        skips,
    ),
    when(
        "the catch-up errors of {string} are retried",
        "the catch-up errors of \"Customer groups\" are retried",
        retried,
    ),
    when(
        "the catch-up errors of {string} are deleted",
        "the catch-up errors of \"Customer groups\" are deleted",
        deleted,
    ),
    then("{string} has {int} catch-up error(s)", "\"Customer groups\" has 1 catch-up error", has_errors),
    then("{int} change(s) of {string} wait(s)", "2 changes of \"Customer groups\" wait", waiting),
    then(
        "the activity log of {string} tells of the alert",
        "the activity log of \"Customer groups\" tells of the alert",
        alert_told,
    ),
];

fn id(world: &mut World, given: &Arguments, place: usize) -> Result<MapId, String> {
    names::map(world.tenant()?, given.text(place))
}

fn alert(world: &mut World, given: &Arguments, action: AlertAction) -> Told {
    let mut setting = AlertSetting::new("Errors", given.number(0)?, given.duration(1)?, action);
    setting.error_types = vec![APPLICATION_ERROR.into()];
    world.tenant()?.set_alert(setting).map_err(|error| error.to_string())
}

fn alert_pauses(world: &mut World, given: &Arguments) -> Told {
    alert(world, given, AlertAction::Pause)
}

fn alert_stops(world: &mut World, given: &Arguments) -> Told {
    alert(world, given, AlertAction::Stop)
}

/// The save that fails in production most often: a customer whose group the other side does not have.
fn customer_of_missing_group(world: &mut World, given: &Arguments) -> Told {
    let cell = |name: &str, text: &str| (Name::from(name), Value::text(text));
    for number in 0..given.number(1)? {
        let values = vec![
            cell("dataAreaId", "USMF"),
            cell("CustomerAccount", &format!("US-{number:03}")),
            cell("OrganizationName", "Contoso"),
            cell("PartyType", "Organization"),
            cell("CustomerGroupId", given.text(0)),
            cell("SalesCurrencyCode", "USD"),
        ];
        let change =
            Change { table: "CustomersV3".into(), operation: Operation::Create, key: Vec::new(), values };
        if world.tenant()?.save(Side::FinOps, &[change]).is_ok() {
            return Err("the save was not refused".into());
        }
    }
    Ok(())
}

fn begins(world: &mut World, given: &Arguments) -> Told {
    let map = id(world, given, 0)?;
    world.act(|tenant| tenant.begin_resume(&[map]))?;
    Ok(())
}

fn step(world: &mut World, given: &Arguments) -> Told {
    let map = id(world, given, 0)?;
    match world.act(|tenant| tenant.resume_step(&[map]))? {
        Some(false) => Err("the queue is empty".into()),
        _ => Ok(()),
    }
}

fn ends(world: &mut World, given: &Arguments) -> Told {
    let map = id(world, given, 0)?;
    world.act(|tenant| tenant.finish_resume(&[map]))?;
    Ok(())
}

fn skips_preserving(world: &mut World, given: &Arguments) -> Told {
    let map = id(world, given, 0)?;
    world.act(|tenant| tenant.skip_to_live(&map, true))?;
    Ok(())
}

fn skips(world: &mut World, given: &Arguments) -> Told {
    let map = id(world, given, 0)?;
    world.act(|tenant| tenant.skip_to_live(&map, false))?;
    Ok(())
}

fn retried(world: &mut World, given: &Arguments) -> Told {
    let map = id(world, given, 0)?;
    world.act(|tenant| tenant.retry_catch_up(&map))?;
    Ok(())
}

fn deleted(world: &mut World, given: &Arguments) -> Told {
    let map = id(world, given, 0)?;
    world.act(|tenant| tenant.discard_catch_up(&map))?;
    Ok(())
}

fn has_errors(world: &mut World, given: &Arguments) -> Told {
    let map = id(world, given, 0)?;
    let errors = world.tenant()?.catch_up_errors(&map).map_err(|error| error.to_string())?.len() as u64;
    same("catch-up errors", &errors, &given.number(1)?)
}

fn waiting(world: &mut World, given: &Arguments) -> Told {
    let map = id(world, given, 1)?;
    let waiting = world.seen()?.engine().maps().get(&map).map_or(0, |state| state.queue.len() as u64);
    same("changes that wait", &waiting, &given.number(0)?)
}

fn alert_told(world: &mut World, given: &Arguments) -> Told {
    let map = id(world, given, 0)?;
    let log = world.seen()?.activity_log(&map);
    let told =
        log.iter().any(|(_, line)| line.contains("by the alert Errors") || line.contains("alert Errors"));
    same("the activity log tells of the alert", &told, &true)
}
