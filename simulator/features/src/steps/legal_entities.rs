//! Companies of F&O, of the link and of Dataverse.

use crate::{
    arguments::Arguments,
    definition::{Definition, Told, given, same, then, when},
    world::World,
};
use dwsim_dataverse::Actor;
use dwsim_model::{Change, Operation, Side, Value};
use dwsim_tenant::BootstrapMode;

pub(crate) const STEPS: &[Definition] = &[
    given(
        "the default team of the business unit {company} is renamed",
        "the default team of the business unit USMF is renamed",
        team_renamed,
    ),
    given("the legal entity {company} is gone from F&O", "the legal entity USMF is gone from F&O", gone),
    when(
        "the legal entity {company} {string} is created in F&O",
        "the legal entity USMF \"Contoso Entertainment\" is created in F&O",
        created,
    ),
    when(
        "the legal entity {company} is added to the link",
        "the legal entity USMF is added to the link",
        added,
    ),
    when(
        "the legal entity {company} is added to the link without initial writes",
        "the legal entity USMF is added to the link without initial writes",
        added_without_writes,
    ),
    when(
        "the legal entity {company} is removed from the link",
        "the legal entity USMF is removed from the link",
        removed,
    ),
    when("Dataverse is bootstrapped with {company}", "Dataverse is bootstrapped with USMF", bootstrapped),
    when(
        "Dataverse is bootstrapped with {company} as the published sample does",
        "Dataverse is bootstrapped with USMF as the published sample does",
        bootstrapped_as_sample,
    ),
    then("bootstrapping warns {string}", "bootstrapping warns \"SIM-BOOTSTRAP-COLLISION\"", bootstrap_warns),
    then(
        "the link holds the legal entities {string}",
        "the link holds the legal entities \"DAT and USMF\"",
        holds,
    ),
    then("the link holds {int} legal entity/entities", "the link holds 41 legal entities", holds_so_many),
    then("the link holds every legal entity of F&O", "the link holds every legal entity of F&O", holds_all),
    then(
        "Dataverse has a company row with its business unit and team for each of them",
        "Dataverse has a company row with its business unit and team for each of them",
        company_rows,
    ),
];

fn team_renamed(world: &mut World, given: &Arguments) -> Told {
    let tenant = world.tenant()?;
    let now = tenant.clock().now();
    let dataverse = tenant.dataverse_mut().ok_or("there is no Dataverse environment")?;
    let told = |error: &dyn std::fmt::Display| error.to_string();
    let unit = dataverse.business_unit(given.text(0)).map_err(|error| told(&error))?;
    let unit = unit.ok_or_else(|| format!("there is no business unit {}", given.text(0)))?;
    let team = dataverse.default_team(unit).map_err(|error| told(&error))?.ok_or("it has no default team")?;
    let change = Change {
        table: "team".into(),
        operation: Operation::Update,
        key: vec![("teamid".into(), Value::Guid(team))],
        values: vec![("name".into(), Value::text("Renamed"))],
    };
    dataverse.save(&change, &Actor::System, now).map_err(|error| told(&error))?;
    Ok(())
}

fn created(world: &mut World, given: &Arguments) -> Told {
    let (company, name) = (given.company(0)?, given.text(1).to_owned());
    world.act(|tenant| tenant.create_company(&company, &name))?;
    Ok(())
}

fn added(world: &mut World, given: &Arguments) -> Told {
    add(world, given, false)
}

fn added_without_writes(world: &mut World, given: &Arguments) -> Told {
    add(world, given, true)
}

fn add(world: &mut World, given: &Arguments, skip: bool) -> Told {
    let company = given.company(0)?;
    let executions = world.act(|tenant| tenant.add_legal_entity(&company, skip))?;
    world.outcome.executions = executions.unwrap_or_default();
    Ok(())
}

/// No user can delete a legal entity that has rows; a database that was restored can lack one.
fn gone(world: &mut World, given: &Arguments) -> Told {
    let company = given.company(0)?;
    let (table, code) = {
        let facts = world.tenant()?.catalog().facts();
        (facts.company().finops_entity.clone(), facts.company().finops_code_field.clone())
    };
    let store = world.tenant()?.finops().store();
    let id = store.table(&table).ok_or("F&O has no table of legal entities")?;
    let column = store.table_type(id).ordinal(&code).ok_or("legal entities have no code")?;
    let found = store.find(id, &[column], &[Value::text(company.as_str())], &[0]);
    let row = found.map_err(|error| error.to_string())?.ok_or_else(|| format!("F&O has no {company}"))?;
    store.delete(id, &row[0]).map(|_| ()).map_err(|error| error.to_string())
}

fn removed(world: &mut World, given: &Arguments) -> Told {
    let company = given.company(0)?;
    world.act(|tenant| tenant.remove_legal_entity(&company))?;
    Ok(())
}

fn bootstrap(world: &mut World, given: &Arguments, mode: BootstrapMode) -> Told {
    let company = given.company(0)?;
    let report = world.act(|tenant| tenant.bootstrap(&company, &[], mode))?;
    world.outcome.notes = report.unwrap_or_default().warnings;
    Ok(())
}

fn bootstrapped(world: &mut World, given: &Arguments) -> Told {
    bootstrap(world, given, BootstrapMode::Careful)
}

fn bootstrapped_as_sample(world: &mut World, given: &Arguments) -> Told {
    bootstrap(world, given, BootstrapMode::Sample)
}

/// The warning of a message whose words are those of the catalogue but for what they name.
fn bootstrap_warns(world: &mut World, given: &Arguments) -> Told {
    let facts = world.seen()?.catalog().facts();
    let message = facts.messages().find(|message| message.id.as_str() == given.text(0));
    let message = message.ok_or_else(|| format!("the catalogue has no message {}", given.text(0)))?;
    let template = message.text.to_string();
    let literal = template.split(['{', '}']).step_by(2).max_by_key(|part| part.len()).unwrap_or_default();
    if world.outcome.notes.iter().any(|note| note.contains(literal)) {
        return Ok(());
    }
    Err(format!("bootstrapping did not warn so; it warned: {}", world.outcome.notes.join("; ")))
}

fn linked(world: &World) -> Result<Vec<String>, String> {
    Ok(world.seen()?.engine().companies().iter().map(ToString::to_string).collect())
}

fn holds(world: &mut World, given: &Arguments) -> Told {
    let mut expected = given.names(0);
    expected.sort();
    same("legal entities of the link", &linked(world)?, &expected)
}

fn holds_so_many(world: &mut World, given: &Arguments) -> Told {
    same("legal entities of the link", &(linked(world)?.len() as u64), &given.number(0)?)
}

fn holds_all(world: &mut World, _: &Arguments) -> Told {
    let mut all: Vec<String> = world
        .seen()?
        .companies()
        .map_err(|error| error.to_string())?
        .iter()
        .map(ToString::to_string)
        .collect();
    all.sort();
    same("legal entities of the link", &linked(world)?, &all)
}

fn company_rows(world: &mut World, _: &Arguments) -> Told {
    let linked = linked(world)?;
    let tenant = world.seen()?;
    let dataverse =
        tenant.dataverse().ok_or_else(|| format!("there is no {} environment", Side::Dataverse))?;
    let companies = dataverse.companies().map_err(|error| error.to_string())?;
    for code in &linked {
        let row = companies.iter().find(|company| company.code.eq_ignore_ascii_case(code));
        let row = row.ok_or_else(|| format!("Dataverse has no company {code}"))?;
        same(&format!("company {code} takes part in dual-write"), &row.enabled, &true)?;
        if row.default_owning_team.is_none() {
            return Err(format!("company {code} has no default owning team"));
        }
        let unit = dataverse.business_unit(code).map_err(|error| error.to_string())?;
        if unit.is_none() {
            return Err(format!("company {code} has no business unit"));
        }
    }
    Ok(())
}
