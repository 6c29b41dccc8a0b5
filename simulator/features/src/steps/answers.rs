//! What live sync answers and notes: Dataverse that fails, how errors are worded, the journal and the error log.

use crate::{
    arguments::Arguments,
    definition::{Definition, Told, given, refusal, same, then, when},
    names,
    world::World,
};
use dwsim_dualwrite::{DataverseFault, ErrorStyle};
use dwsim_model::EventKind;

pub(crate) const STEPS: &[Definition] = &[
    given("Dataverse does not answer", "Dataverse does not answer", no_answer),
    when("Dataverse answers again", "Dataverse answers again", answers),
    given("Dataverse fails inside the batch", "Dataverse fails inside the batch", inside_batch),
    given(
        "errors of F&O are worded as in older builds",
        "errors of F&O are worded as in older builds",
        classic,
    ),
    given(
        "F&O cuts texts of Dataverse that are too long",
        "F&O cuts texts of Dataverse that are too long",
        cuts,
    ),
    refusal("the refusal does not name {string}", "the refusal does not name \"DWErr\"", names_not),
    then("the journal notes {string}", "the journal notes \"LIVE-E9\"", notes),
    then("the error log of F&O says {string}", "the error log of F&O says \"0x8004023e\"", log_says),
    when(
        "the catch-up errors of {string} are deleted",
        "the catch-up errors of \"Customer groups\" are deleted",
        deleted,
    ),
    then(
        "the health check of the table map {string} finds {string} as {word}",
        "the health check of the table map \"Customer groups\" finds \"HEALTH-1000\" as info",
        finds_as,
    ),
];

fn fault(world: &mut World, fault: Option<DataverseFault>) -> Told {
    world.tenant()?.engine_mut().rehearsal_mut().dataverse_fault = fault;
    Ok(())
}

fn no_answer(world: &mut World, _: &Arguments) -> Told {
    fault(world, Some(DataverseFault::NoAnswer))
}

fn answers(world: &mut World, _: &Arguments) -> Told {
    fault(world, None)
}

fn inside_batch(world: &mut World, _: &Arguments) -> Told {
    fault(world, Some(DataverseFault::InsideBatch))
}

fn classic(world: &mut World, _: &Arguments) -> Told {
    world.tenant()?.engine_mut().set_error_style(ErrorStyle::Classic);
    Ok(())
}

fn cuts(world: &mut World, _: &Arguments) -> Told {
    world.tenant()?.finops_mut().environment_mut().truncate_inbound_text = true;
    Ok(())
}

fn names_not(world: &mut World, given: &Arguments) -> Told {
    let refusal = world.refusal()?;
    if refusal.text.contains(given.text(0)) {
        return Err(format!("the refusal names {}: {}", given.text(0), refusal.text));
    }
    Ok(())
}

/// A note of the journal in the words of a message of the catalogue.
fn notes(world: &mut World, given: &Arguments) -> Told {
    let id = given.text(0);
    let seen = world.seen()?;
    let template =
        &seen.catalog().facts().message(id).ok_or_else(|| format!("there is no message {id}"))?.text;
    let notes = seen.journal().events().iter().rev().filter_map(|event| match &event.kind {
        EventKind::Notice { text, .. } => Some(text),
        _ => None,
    });
    let notes: Vec<&String> = notes.collect();
    let found = notes.iter().find(|text| template.found_in(text).is_some());
    let Some(text) = found.map(|text| (*text).clone()) else {
        let last: Vec<&str> = notes.iter().take(3).map(|text| text.as_str()).collect();
        return Err(format!("the journal has no note of {id}; its last notes are: {}", last.join(" / ")));
    };
    world.saw_message(id, &text);
    Ok(())
}

/// The last record, whole: with the error in full, when debug mode was on.
fn log_says(world: &mut World, given: &Arguments) -> Told {
    let log = world.seen()?.engine().error_log();
    let last = log.last().ok_or("the error log of F&O is empty")?;
    let said = last.record_responses.iter().map(|own| format!("{} {}", own.error_message, own.verbose_error));
    let said: Vec<String> = said.collect();
    if said.iter().any(|text| text.contains(given.text(0))) {
        return Ok(());
    }
    Err(format!("the error log of F&O does not say {}: {}", given.text(0), said.join(" / ")))
}

fn deleted(world: &mut World, given: &Arguments) -> Told {
    let map = names::map(world.tenant()?, given.text(0))?;
    world.act(|tenant| tenant.discard_catch_up(&map))?;
    Ok(())
}

fn finds_as(world: &mut World, given: &Arguments) -> Told {
    let id = names::map(world.tenant()?, given.text(0))?;
    let found = world.seen()?.check_up_map(&id).map_err(|error| error.to_string())?;
    let line = found.iter().find(|line| format!("HEALTH-{}", line.code) == given.text(1));
    let line = line.ok_or_else(|| format!("the health check does not find {}", given.text(1)))?;
    same("how bad it is", &format!("{:?}", line.severity).to_lowercase().as_str(), &given.text(2))
}
