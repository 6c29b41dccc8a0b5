//! What both environments are before anything happens, and the time that passes.

use crate::{
    arguments::Arguments,
    definition::{Definition, Told, given, same, then, when},
    world::World,
};
use dwsim_finops::EnvironmentOrigin;
use dwsim_model::CompanyCode;

pub(crate) const STEPS: &[Definition] = &[
    given("a new F&O environment", "a new F&O environment", new_finops),
    given("a new F&O environment with data", "a new F&O environment with data", new_finops_with_data),
    given("an existing F&O environment", "an existing F&O environment", existing_finops),
    given("F&O is at platform update {int}", "F&O is at platform update 33", platform_update),
    given("F&O is a trial", "F&O is a trial", trial),
    given(
        "F&O is the separate Human Resources app",
        "F&O is the separate Human Resources app",
        human_resources,
    ),
    given("F&O stands in the region {string}", "F&O stands in the region \"West US\"", region),
    given("no Dataverse environment", "no Dataverse environment", no_dataverse),
    given("an existing Dataverse environment", "an existing Dataverse environment", existing_dataverse),
    given(
        "an existing Dataverse environment in {string}",
        "an existing Dataverse environment in \"Europe\"",
        existing_dataverse_in,
    ),
    given("legal entities {string} in F&O", "legal entities \"USMF, DEMF\" in F&O", companies),
    given("{int} legal entities in F&O", "41 legal entities in F&O", many_companies),
    given(
        "both environments are linked for {string}",
        "both environments are linked for \"USMF and DEMF\"",
        linked,
    ),
    given(
        "both environments are linked for {int} legal entities",
        "both environments are linked for 40 legal entities",
        linked_for_many,
    ),
    given("products are created in {word} state", "products are created in active state", products_state),
    when("{duration} pass(es)", "1 day passes", time_passes),
    then("it took {duration}", "it took 30 minutes", it_took),
    then("{duration} has/have passed since the start", "30 minutes have passed since the start", time_passed),
];

fn new_finops(world: &mut World, _: &Arguments) -> Told {
    world.plan()?.finops.origin = EnvironmentOrigin::New;
    Ok(())
}

fn new_finops_with_data(world: &mut World, _: &Arguments) -> Told {
    world.plan()?.finops.origin = EnvironmentOrigin::NewWithData;
    Ok(())
}

fn existing_finops(world: &mut World, _: &Arguments) -> Told {
    world.plan()?.finops.origin = EnvironmentOrigin::Existing;
    Ok(())
}

fn platform_update(world: &mut World, given: &Arguments) -> Told {
    let update =
        u32::try_from(given.number(0)?).map_err(|_| "no platform update has that number".to_owned())?;
    match world.plan() {
        Ok(plan) => plan.finops.platform_update = update,
        Err(_) => world.tenant()?.finops_mut().environment_mut().platform_update = update,
    }
    Ok(())
}

fn trial(world: &mut World, _: &Arguments) -> Told {
    world.plan()?.finops.trial = true;
    Ok(())
}

fn human_resources(world: &mut World, _: &Arguments) -> Told {
    world.plan()?.human_resources_app = true;
    Ok(())
}

fn region(world: &mut World, given: &Arguments) -> Told {
    world.plan()?.finops.region = given.text(0).into();
    Ok(())
}

fn no_dataverse(world: &mut World, _: &Arguments) -> Told {
    world.plan()?.dataverse_exists = false;
    Ok(())
}

fn existing_dataverse(world: &mut World, _: &Arguments) -> Told {
    world.plan()?.dataverse_exists = true;
    Ok(())
}

fn existing_dataverse_in(world: &mut World, given: &Arguments) -> Told {
    let plan = world.plan()?;
    plan.dataverse_exists = true;
    plan.geography = Some(given.text(0).to_owned());
    Ok(())
}

fn companies(world: &mut World, given: &Arguments) -> Told {
    let companies = given.companies(0)?;
    world.plan()?.companies.extend(companies);
    Ok(())
}

fn linked(world: &mut World, given: &Arguments) -> Told {
    let companies = given.companies(0)?;
    world.plan()?.linked = Some(companies);
    Ok(())
}

/// C001 to C999: as many as anybody asks for, in an order a reader sees through.
fn numbered(many: u64) -> Result<Vec<CompanyCode>, String> {
    let code = |number: u64| {
        format!("C{number:03}").parse().map_err(|error: dwsim_model::CompanyCodeError| error.to_string())
    };
    (1..=many).map(code).collect()
}

fn many_companies(world: &mut World, given: &Arguments) -> Told {
    world.plan()?.companies = numbered(given.number(0)?)?;
    Ok(())
}

fn linked_for_many(world: &mut World, given: &Arguments) -> Told {
    world.plan()?.linked = Some(numbered(given.number(0)?)?);
    Ok(())
}

fn products_state(world: &mut World, given: &Arguments) -> Told {
    let active = match given.text(0) {
        "active" => true,
        "draft" => false,
        other => return Err(format!("products are created in draft or active state, not {other}")),
    };
    world.tenant()?.dataverse_mut().ok_or("there is no Dataverse environment")?.set_products_active(active);
    Ok(())
}

fn time_passes(world: &mut World, given: &Arguments) -> Told {
    let span = given.duration(0)?;
    world.act(|tenant| {
        tenant.clock_mut().advance(span);
        Ok(())
    })?;
    Ok(())
}

fn it_took(world: &mut World, given: &Arguments) -> Told {
    same("virtual time it took", &world.outcome.took.to_string(), &given.duration(0)?.to_string())
}

fn time_passed(world: &mut World, given: &Arguments) -> Told {
    let passed = world.seen()?.clock().since(dwsim_model::epoch());
    same("virtual time since the start", &passed.to_string(), &given.duration(0)?.to_string())
}
