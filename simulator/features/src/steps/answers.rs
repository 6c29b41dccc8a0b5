//! What live sync answers and notes: Dataverse that fails, how errors are worded, the journal and the error log.

use crate::{
    arguments::Arguments,
    definition::{Definition, Told, given, refusal, then, when},
    world::World,
};
use dwsim_dualwrite::{DataverseFault, ErrorStyle};
use dwsim_model::EventKind;

pub(crate) const STEPS: &[Definition] = &[
    given("Dataverse does not answer", "Dataverse does not answer", no_answer),
    when("Dataverse answers again", "Dataverse answers again", answers),
    given(
        "Dataverse answers that there are too many requests",
        "Dataverse answers that there are too many requests",
        throttled,
    ),
    given(
        "Dataverse answers that it is not available",
        "Dataverse answers that it is not available",
        unavailable,
    ),
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

fn throttled(world: &mut World, _: &Arguments) -> Told {
    fault(world, Some(DataverseFault::Throttled))
}

fn unavailable(world: &mut World, _: &Arguments) -> Told {
    fault(world, Some(DataverseFault::Unavailable))
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
