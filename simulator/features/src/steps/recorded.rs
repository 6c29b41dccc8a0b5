//! Whole set-ups carried out from their definition, and the end state as it was recorded.

use crate::{
    arguments::Arguments,
    definition::{Definition, Told, given, same, then, when},
    snapshot, state,
    world::World,
};
use dwsim_model::Side;
use dwsim_scenario::{Origin, Scenario, SideReport, StepOutcome};
use dwsim_tenant::LcsState;

pub(crate) const STEPS: &[Definition] = &[
    given("the scenario {string}", "the scenario \"new-existing\"", scenario),
    given("its F&O is {word}", "its F&O is new", finops_is),
    given("its Dataverse is {word}", "its Dataverse is existing", dataverse_is),
    given(
        "its {side} holds data before the set-up",
        "its Dataverse holds data before the set-up",
        holds_data,
    ),
    given(
        "its {side} holds no data before the set-up",
        "its F&O holds no data before the set-up",
        holds_no_data,
    ),
    when("it is carried out", "it is carried out", carried_out),
    then("Lifecycle Services made the link", "Lifecycle Services made the link", linked_by_lcs),
    then("the wizard in F&O made the link", "the wizard in F&O made the link", linked_by_wizard),
    then("the CRM prime solution is installed", "the CRM prime solution is installed", prime_solution),
    then(
        "the CRM prime solution is not installed",
        "the CRM prime solution is not installed",
        no_prime_solution,
    ),
    then(
        "a row saved in {side} arrived on the other side",
        "a row saved in F&O arrived on the other side",
        arrived,
    ),
    then("a row saved in {side} stayed there", "a row saved in Dataverse stayed there", stayed),
    then(
        "a save was refused because {string}",
        "a save was refused because \"Unable to lookup msdyn_customergroups\"",
        refused,
    ),
    then(
        "the refused save left both sides as they were",
        "the refused save left both sides as they were",
        left_no_trace,
    ),
    then(
        "the end state is what the scenario expects",
        "the end state is what the scenario expects",
        as_expected,
    ),
    then("the end state is as recorded", "the end state is as recorded", as_recorded),
];

fn scenario(world: &mut World, given: &Arguments) -> Told {
    world.scenario = Some(Scenario::builtin(given.text(0)).map_err(|error| error.to_string())?);
    Ok(())
}

fn finops_is(world: &mut World, given: &Arguments) -> Told {
    let origin = match world.scenario()?.finops.origin {
        Origin::NewWithData => Origin::New,
        other => other,
    };
    same("F&O", &origin, &origin_of(given.text(0))?)
}

fn dataverse_is(world: &mut World, given: &Arguments) -> Told {
    same("Dataverse", &world.scenario()?.dataverse.origin, &origin_of(given.text(0))?)
}

fn origin_of(kind: &str) -> Result<Origin, String> {
    match kind {
        "new" => Ok(Origin::New),
        "existing" => Ok(Origin::Existing),
        other => Err(format!("an environment is new or existing, not {other}")),
    }
}

fn holds_data(world: &mut World, given: &Arguments) -> Told {
    let side = given.side(0)?;
    if rows_before(world, side)? > 0 {
        Ok(())
    } else {
        Err(format!("{side} holds no business row before the set-up"))
    }
}

fn holds_no_data(world: &mut World, given: &Arguments) -> Told {
    let side = given.side(0)?;
    same(&format!("business rows of {side} before the set-up"), &rows_before(world, side)?, &0)
}

/// Rows in tables that a striped map feeds, so that what an environment is born with does not count.
fn rows_before(world: &World, side: Side) -> Result<u64, String> {
    let (report, tenant) = world.carry_out(Some(0))?;
    let report = report.sides.iter().find(|report| report.side == side).ok_or("no such side")?;
    let striped = |name: &str| tenant.catalog().table(side, name).is_some_and(|table| table.striped());
    Ok(report.tables.iter().filter(|table| striped(&table.name)).map(|table| table.rows).sum())
}

fn carried_out(world: &mut World, _: &Arguments) -> Told {
    let (report, tenant) = world.carry_out(None)?;
    let failed = report.steps.iter().find(|step| step.outcome == StepOutcome::Failed);
    let told = match failed {
        Some(step) => Err(format!("step {} ({}) failed: {}", step.id, step.name, step.detail)),
        None => Ok(()),
    };
    world.keep_end(report, tenant);
    told
}

fn linked_by_lcs(world: &mut World, _: &Arguments) -> Told {
    linked_with(world, "lcs.link", &LcsState::Linked)
}

fn linked_by_wizard(world: &mut World, _: &Arguments) -> Told {
    linked_with(world, "wizard.link", &LcsState::NotConnected)
}

fn linked_with(world: &World, verb: &str, state: &LcsState) -> Told {
    let report = world.report()?;
    let made = report.steps.iter().any(|step| step.verb == verb && step.outcome == StepOutcome::Done);
    if !made {
        return Err(format!("no step '{verb}' was taken"));
    }
    same("link", &report.link.state.as_str(), &"Linked")?;
    same("Lifecycle Services", world.seen()?.lcs().state(), state)
}

fn prime_solution(world: &mut World, _: &Arguments) -> Told {
    same("CRM prime solution installed", &has_prime_solution(world)?, &true)
}

fn no_prime_solution(world: &mut World, _: &Arguments) -> Told {
    same("CRM prime solution installed", &has_prime_solution(world)?, &false)
}

fn has_prime_solution(world: &World) -> Result<bool, String> {
    let dataverse = world.seen()?.dataverse().ok_or("there is no Dataverse environment")?;
    Ok(dataverse.organization().crm_prime_solution)
}

fn arrived(world: &mut World, given: &Arguments) -> Told {
    let side = given.side(0)?;
    match world.saves(side, "arrived")?.next() {
        Some(_) => Ok(()),
        None => Err(format!("no row saved in {side} arrived; live saves: {:?}", world.report()?.live)),
    }
}

fn stayed(world: &mut World, given: &Arguments) -> Told {
    let side = given.side(0)?;
    match world.saves(side, "not eligible")?.next() {
        Some(_) => Ok(()),
        None => Err(format!("no row saved in {side} stayed there; live saves: {:?}", world.report()?.live)),
    }
}

fn refused(world: &mut World, given: &Arguments) -> Told {
    let because = given.text(0);
    let live = &world.report()?.live;
    if live.iter().any(|live| live.outcome == "refused" && live.detail.contains(because)) {
        return Ok(());
    }
    Err(format!("no save was refused because of '{because}'; live saves: {live:?}"))
}

fn left_no_trace(world: &mut World, _: &Arguments) -> Told {
    let report = world.report()?;
    let refused = report.live.iter().find(|live| live.outcome == "refused").ok_or("no save was refused")?;
    let at =
        report.steps.iter().position(|step| step.id == refused.step).ok_or("the refused save is no step")?;
    // Content, not only counts: the set-up carried out to just before the save and to just after it.
    let ((before, _), (after, _)) = (world.carry_out(Some(at))?, world.carry_out(Some(at + 1))?);
    same("live saves up to the refused one", &after.live.len(), &(before.live.len() + 1))?;
    for (before, after) in before.sides.iter().zip(&after.sides) {
        let content = |side: &SideReport| -> Vec<(String, u64, String)> {
            side.tables.iter().map(|table| (table.name.clone(), table.rows, table.digest.clone())).collect()
        };
        same(&format!("content of {}", before.side), &content(after), &content(before))?;
    }
    Ok(())
}

fn as_expected(world: &mut World, _: &Arguments) -> Told {
    let report = world.report()?;
    match report.verdict.iter().find(|check| !check.ok) {
        Some(check) => {
            Err(format!("{}: expected {}, and it is {}", check.what, check.expected, check.actual))
        }
        None => same("the scenario reached its end state", &report.ok, &true),
    }
}

fn as_recorded(world: &mut World, _: &Arguments) -> Told {
    let report = world.report()?;
    let recorded = state::recorded(report, world.seen()?.catalog());
    let text = serde_json::to_string_pretty(&recorded).map_err(|error| error.to_string())?;
    let name = format!("{}@{}", report.scenario, world.profile().as_str());
    snapshot::compare(&world.around.snapshots, &name, &text, world.around.accept)
}
