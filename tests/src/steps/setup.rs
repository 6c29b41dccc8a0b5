//! Which set-up it is, and carrying it out.

use crate::world::{Told, World, same};
use cucumber::{given, then, when};
use dwsim_model::Side;
use dwsim_scenario::{Origin, Scenario, StepOutcome};

#[given(expr = "the scenario {string} in profile {string}")]
fn scenario(world: &mut World, id: String, profile: String) -> Told {
    world.scenario = Some(Scenario::builtin(&id).map_err(|error| error.to_string())?);
    world.profile = profile.parse()?;
    Ok(())
}

#[given(expr = "F&O is {word}")]
fn finops_is(world: &mut World, kind: String) -> Told {
    use dwsim_scenario::Origin;
    let origin = world.scenario()?.finops.origin;
    same(
        "F&O",
        &origin,
        &if kind == "new" && origin == Origin::NewWithData { origin } else { origin_of(&kind)? },
    )
}

#[given(expr = "Dataverse is {word}")]
fn dataverse_is(world: &mut World, kind: String) -> Told {
    same("Dataverse", &world.scenario()?.dataverse.origin, &origin_of(&kind)?)
}

fn origin_of(kind: &str) -> Result<Origin, String> {
    match kind {
        "new" => Ok(Origin::New),
        "existing" => Ok(Origin::Existing),
        other => Err(format!("an environment is new or existing, not {other}")),
    }
}

#[given(expr = "{word} holds data before the set-up")]
fn holds_data(world: &mut World, side: String) -> Told {
    let rows = rows_before(world, &side)?;
    if rows > 0 { Ok(()) } else { Err(format!("{side} holds no business row before the set-up")) }
}

#[given(expr = "{word} holds no data before the set-up")]
fn holds_no_data(world: &mut World, side: String) -> Told {
    same(&format!("business rows of {side} before the set-up"), &rows_before(world, &side)?, &0)
}

/// Rows in tables that a striped map feeds, so that what an environment is born with does not count.
fn rows_before(world: &World, side: &str) -> Result<u64, String> {
    let before = world.carry_out(Some(0))?;
    let side = if side == "F&O" { Side::FinOps } else { Side::Dataverse };
    let report = before.report.sides.iter().find(|report| report.side == side).ok_or("no such side")?;
    let striped = |name: &str| before.tenant.catalog().table(side, name).is_some_and(|table| table.striped());
    Ok(report.tables.iter().filter(|table| striped(&table.name)).map(|table| table.rows).sum())
}

#[when("it is carried out")]
fn carried_out(world: &mut World) -> Told {
    let end = world.carry_out(None)?;
    let failed = end.report.steps.iter().find(|step| step.outcome == StepOutcome::Failed);
    let told = match failed {
        Some(step) => Err(format!("step {} ({}) failed: {}", step.id, step.name, step.detail)),
        None => Ok(()),
    };
    world.end = Some(end);
    told
}

#[then("Lifecycle Services made the link")]
fn linked_by_lcs(world: &mut World) -> Told {
    linked_with(world, "lcs.link", dwsim_tenant::LcsState::Linked)
}

#[then("the wizard in F&O made the link")]
fn linked_by_wizard(world: &mut World) -> Told {
    linked_with(world, "wizard.link", dwsim_tenant::LcsState::NotConnected)
}

fn linked_with(world: &World, verb: &str, state: dwsim_tenant::LcsState) -> Told {
    let end = world.end()?;
    let made = end.report.steps.iter().any(|step| step.verb == verb && step.outcome == StepOutcome::Done);
    if !made {
        return Err(format!("no step '{verb}' was taken"));
    }
    same("link", &end.report.link.state.as_str(), &"Linked")?;
    same("Lifecycle Services", end.tenant.lcs().state(), &state)
}

#[then("the CRM prime solution is installed")]
fn prime_solution(world: &mut World) -> Told {
    same("CRM prime solution installed", &has_prime_solution(world)?, &true)
}

#[then("the CRM prime solution is not installed")]
fn no_prime_solution(world: &mut World) -> Told {
    same("CRM prime solution installed", &has_prime_solution(world)?, &false)
}

fn has_prime_solution(world: &World) -> Result<bool, String> {
    let dataverse = world.end()?.tenant.dataverse().ok_or("there is no Dataverse environment")?;
    Ok(dataverse.organization().crm_prime_solution)
}
