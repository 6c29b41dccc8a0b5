//! What an initial sync moved, and what failed.

use crate::{
    arguments::Arguments,
    definition::{Definition, Told, same, then},
    names,
    world::World,
};
use dwsim_dualwrite::{Execution, Leg, RowFailure};
use dwsim_model::Side;

pub(crate) const STEPS: &[Definition] = &[
    then("initial sync moved:", "initial sync moved:", moved),
    then("the only leg goes into {side}", "the only leg goes into Dataverse", only_leg),
    then("no initial sync has run", "no initial sync has run", none_ran),
    then("{int} initial sync(s) have/has run", "3 initial syncs have run", so_many_ran),
    then("initial sync ran without an error", "initial sync ran without an error", no_errors),
    then(
        "initial sync ran without an error in the last run",
        "initial sync ran without an error in the last run",
        last_without_errors,
    ),
    then(
        "every exported row was inserted, updated, unchanged or reported as failed",
        "every exported row was inserted, updated, unchanged or reported as failed",
        accounted,
    ),
    then(
        "initial sync of {string} brought rows to {side}",
        "initial sync of \"Customer groups\" brought rows to Dataverse",
        brought_rows,
    ),
    then(
        "initial sync of {string} brought {int} row(s) to {side}",
        "initial sync of \"Customer groups\" brought 3 rows to Dataverse",
        brought_so_many,
    ),
    then("the leg into {side} failed with {string}", "the leg into Dataverse failed with \"I1\"", leg_failed),
    then(
        "the leg into {side} failed with {string} and the words:",
        "the leg into Dataverse failed with \"I1\" and the words:",
        leg_failed_with_words,
    ),
    then("row {string} failed with {string}", "row \"US-001\" failed with \"I3\"", row_failed),
    then(
        "row {string} failed with {string} and the words:",
        "row \"US-001\" failed with \"I3\" and the words:",
        row_failed_with_words,
    ),
    then("initial sync warns of {string}", "initial sync warns of \"I11\"", warns),
    then("row {string} did not fail", "row \"US-001\" did not fail", row_did_not_fail),
];

fn executions(world: &World) -> Result<&[Execution], String> {
    if world.outcome.executions.is_empty() {
        return Err("the action before ran no initial sync".into());
    }
    Ok(&world.outcome.executions)
}

/// One line a leg: map, legal entity, into, and any of exported, inserted, updated, unchanged, failed.
fn moved(world: &mut World, given: &Arguments) -> Told {
    let executions = executions(world)?;
    let lines = given.lines()?;
    for line in &lines {
        let of = |name: &str| line.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
        let (map, company, into) = (of("map"), of("legal entity"), of("into").unwrap_or_default());
        let id = map.map(|map| names::map(world.seen()?, map)).transpose()?;
        let of_line = |run: &&Execution| {
            let own = run.company.as_ref().map_or("(none)", |company| company.as_str());
            id.as_ref().is_none_or(|id| run.map == *id) && company.is_none_or(|company| company == own)
        };
        // Of a map that ran more than once the last run counts.
        let last = executions.iter().filter(of_line).map(|run| run.request).max();
        let leg = executions
            .iter()
            .filter(of_line)
            .filter(|run| Some(run.request) == last)
            .flat_map(|run| &run.legs)
            .find(|leg| leg.into.to_string() == into)
            .ok_or_else(|| {
                format!("no leg into {into} of {} for {}", map.unwrap_or("any map"), company.unwrap_or("any"))
            })?;
        for (name, wanted) in line {
            let actual = match name.as_str() {
                "exported" => leg.exported,
                "inserted" => leg.inserted,
                "updated" => leg.updated,
                "unchanged" => leg.unchanged,
                "failed" => leg.errors,
                "map" | "legal entity" | "into" => continue,
                other => {
                    return Err(format!(
                        "a leg has no '{other}'; it has exported, inserted, updated, unchanged, failed"
                    ));
                }
            };
            same(
                &format!("{name} of the leg into {into} of {}", map.unwrap_or("the map")),
                &actual.to_string(),
                wanted,
            )?;
        }
    }
    Ok(())
}

fn only_leg(world: &mut World, given: &Arguments) -> Told {
    let side = given.side(0)?;
    for execution in executions(world)? {
        let legs: Vec<Side> = execution.legs.iter().map(|leg| leg.into).collect();
        same("legs of the execution", &legs, &vec![side])?;
    }
    Ok(())
}

fn none_ran(world: &mut World, _: &Arguments) -> Told {
    same("initial syncs", &world.seen()?.engine().executions().len(), &0)
}

fn so_many_ran(world: &mut World, given: &Arguments) -> Told {
    same("initial syncs of the last action", &(world.outcome.executions.len() as u64), &given.number(0)?)
}

fn no_errors(world: &mut World, _: &Arguments) -> Told {
    without_errors(world.seen()?.engine().executions())
}

fn last_without_errors(world: &mut World, _: &Arguments) -> Told {
    without_errors(executions(world)?)
}

fn without_errors(executions: &[Execution]) -> Told {
    if executions.is_empty() {
        return Err("no initial sync has run".into());
    }
    for leg in executions.iter().flat_map(|run| &run.legs) {
        if let Some(failure) = &leg.failure {
            return Err(format!("a leg into {} failed: {}", leg.into, failure.message));
        }
        if let Some(row) = leg.failures.first() {
            return Err(format!("{} rows failed; the first, {}: {}", leg.errors, row.key, row.message));
        }
    }
    Ok(())
}

fn accounted(world: &mut World, _: &Arguments) -> Told {
    for execution in world.seen()?.engine().executions() {
        for leg in &execution.legs {
            if !leg.accounted() {
                return Err(format!("{} of {:?}: {leg:?}", execution.map, execution.company));
            }
        }
    }
    Ok(())
}

fn brought_rows(world: &mut World, given: &Arguments) -> Told {
    let (map, side) = (given.text(0), given.side(1)?);
    if inserted(world, map, side)? > 0 { Ok(()) } else { Err(format!("{map} inserted no row in {side}")) }
}

fn brought_so_many(world: &mut World, given: &Arguments) -> Told {
    let (map, side) = (given.text(0), given.side(2)?);
    same(&format!("rows that {map} inserted in {side}"), &inserted(world, map, side)?, &given.number(1)?)
}

fn inserted(world: &World, map: &str, side: Side) -> Result<u64, String> {
    let id = names::map(world.seen()?, map)?;
    let all = world.seen()?.engine().executions();
    let mut runs = all.iter().filter(|run| run.map == id).peekable();
    if runs.peek().is_none() {
        return Err(format!("{map} had no initial sync"));
    }
    Ok(runs.flat_map(|run| &run.legs).filter(|leg| leg.into == side).map(|leg| leg.inserted).sum())
}

fn leg_failure(world: &World, side: Side) -> Result<(String, String), String> {
    let legs: Vec<&Leg> =
        executions(world)?.iter().flat_map(|run| &run.legs).filter(|leg| leg.into == side).collect();
    let failure = legs.iter().find_map(|leg| leg.failure.as_ref());
    failure
        .map(|failure| (failure.code.clone(), failure.message.clone()))
        .ok_or_else(|| format!("no leg into {side} failed as a whole"))
}

fn leg_failed(world: &mut World, given: &Arguments) -> Told {
    let (code, message) = leg_failure(world, given.side(0)?)?;
    looked_for(world, &code, &message, given.text(1))
}

fn leg_failed_with_words(world: &mut World, given: &Arguments) -> Told {
    leg_failed(world, given)?;
    let (_, message) = leg_failure(world, given.side(0)?)?;
    same("the words of the failure", &message.as_str(), &given.document()?)
}

fn row_failure(world: &World, key: &str) -> Result<RowFailure, String> {
    let failures: Vec<&RowFailure> =
        executions(world)?.iter().flat_map(|run| &run.legs).flat_map(|leg| &leg.failures).collect();
    failures.iter().find(|failure| failure.key == key).map(|failure| (*failure).clone()).ok_or_else(|| {
        let keys: Vec<&str> = failures.iter().take(5).map(|failure| failure.key.as_str()).collect();
        format!("row {key} did not fail; rows that did: {}", keys.join(", "))
    })
}

fn row_failed(world: &mut World, given: &Arguments) -> Told {
    let failure = row_failure(world, given.text(0))?;
    looked_for(world, &failure.code, &failure.message, given.text(1))
}

fn row_failed_with_words(world: &mut World, given: &Arguments) -> Told {
    row_failed(world, given)?;
    let failure = row_failure(world, given.text(0))?;
    same("the words of the failure", &failure.message.as_str(), &given.document()?)
}

fn warns(world: &mut World, given: &Arguments) -> Told {
    let warnings = executions(world)?.iter().flat_map(|run| &run.warnings);
    let codes: Vec<&str> = warnings.clone().map(|warning| warning.code.as_str()).collect();
    let missing =
        || format!("initial sync does not warn of {}; it warns of {}", given.text(0), codes.join(", "));
    let warning = warnings.clone().find(|warning| warning.code == given.text(0)).ok_or_else(missing)?;
    world.saw_message(&warning.code, &warning.message);
    Ok(())
}

fn row_did_not_fail(world: &mut World, given: &Arguments) -> Told {
    match row_failure(world, given.text(0)) {
        Ok(failure) => Err(format!("row {} failed: {}", given.text(0), failure.message)),
        Err(_) => executions(world).map(|_| ()),
    }
}

/// Whether a failure is the one that was looked for, by its code or by a part of its words.
pub(crate) fn looked_for(world: &World, code: &str, message: &str, wanted: &str) -> Told {
    if code == wanted {
        world.saw_message(wanted, message);
        return Ok(());
    }
    // Another spelling of the message is the message (decision 42).
    let facts = world.seen()?.catalog().facts();
    let variant =
        facts.message(wanted).filter(|own| own.variant_of.as_ref().is_some_and(|of| of.as_str() == code));
    if variant.is_some() {
        world.saw_message(code, message);
        return Ok(());
    }
    if message.contains(wanted) { Ok(()) } else { Err(format!("it failed with {code}: {message}")) }
}
