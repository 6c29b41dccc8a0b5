//! The wizard of the F&O environment and its health check.

use crate::{
    arguments::Arguments,
    definition::{Definition, Told, given, same, then, when},
    world::World,
};
use dwsim_tenant::CheckResult;

pub(crate) const STEPS: &[Definition] = &[
    given("both sides have granted each other access", "both sides have granted each other access", granted),
    given(
        "the package(s) {string} is/are installed",
        "the packages \"application-core, finance\" are installed",
        has_packages,
    ),
    given(
        "the solution {string} is installed",
        "the solution \"prospect-to-cash\" is installed",
        has_solution,
    ),
    given(
        "the client id {string} is missing in F&O",
        "the client id \"2e49aa60-1bd3-43b6-8ab6-03ada3d9f08b\" is missing in F&O",
        client_missing,
    ),
    given(
        "the application users are missing in Dataverse",
        "the application users are missing in Dataverse",
        users_missing,
    ),
    given(
        "a step of the plug-in assembly {string} is disabled",
        "a step of the plug-in assembly \"DualWriteRuntime.Plugins\" is disabled",
        plugin_disabled,
    ),
    given("Data management of F&O was never opened", "Data management of F&O was never opened", never_opened),
    when("Data management of F&O is opened", "Data management of F&O is opened", opened),
    when("the wizard links {string}", "the wizard links \"USMF and DEMF\"", wizard),
    when("the wizard links every legal entity", "the wizard links every legal entity", wizard_all),
    when("the package {string} is installed", "the package \"finance\" is installed", install),
    when("the solutions are applied", "the solutions are applied", apply),
    then(
        "the health check(s) {string} fail(s) and all others pass",
        "the health check \"H3\" fails and all others pass",
        failing,
    ),
    then(
        "the set-up warns of the table map {string}",
        "the set-up warns of the table map \"cds-contacts-v2-contacts\"",
        warns_of_map,
    ),
    then("every health check passes", "every health check passes", all_pass),
    then("the health check {string} prints:", "the health check \"H5\" prints:", prints),
    then("the health check shows {string}", "the health check shows \"H3, H4, H5\"", shown),
];

fn granted(world: &mut World, _: &Arguments) -> Told {
    world.tenant()?.grant_access().map_err(|error| error.to_string())
}

fn has_packages(world: &mut World, given: &Arguments) -> Told {
    for package in given.names(0) {
        world.tenant()?.install_package(&package).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// A solution outside the packages, by its id in the catalogue.
fn has_solution(world: &mut World, given: &Arguments) -> Told {
    let tenant = world.tenant()?;
    let known = tenant.catalog().facts().other_solution(given.text(0)).cloned();
    let solution = known.ok_or_else(|| format!("the catalogue has no solution {}", given.text(0)))?;
    let dataverse = tenant.dataverse_mut().ok_or("there is no Dataverse environment")?;
    let installed =
        dwsim_dataverse::InstalledSolution { version: solution.version, package: None, managed: true };
    dataverse.organization_mut().solutions.insert(solution.unique_name, installed);
    Ok(())
}

fn client_missing(world: &mut World, given: &Arguments) -> Told {
    let rows = &mut world.tenant()?.finops_mut().environment_mut().entra_applications;
    let before = rows.len();
    rows.retain(|row| !row.client_id.eq_ignore_ascii_case(given.text(0)));
    if rows.len() == before { Err(format!("F&O has no client id {}", given.text(0))) } else { Ok(()) }
}

fn users_missing(world: &mut World, _: &Arguments) -> Told {
    let dataverse = world.tenant()?.dataverse_mut().ok_or("there is no Dataverse environment")?;
    for user in dataverse.application_users() {
        dataverse.disable_application_user(user.client_id);
    }
    Ok(())
}

fn plugin_disabled(world: &mut World, given: &Arguments) -> Told {
    let dataverse = world.tenant()?.dataverse_mut().ok_or("there is no Dataverse environment")?;
    let plugins = &mut dataverse.organization_mut().plugins;
    let enabled =
        plugins.get_mut(given.text(0)).ok_or_else(|| format!("there is no assembly {}", given.text(0)))?;
    *enabled = false;
    Ok(())
}

fn never_opened(world: &mut World, _: &Arguments) -> Told {
    world.tenant()?.finops_mut().environment_mut().schema_generated = false;
    Ok(())
}

fn opened(world: &mut World, _: &Arguments) -> Told {
    world.tenant()?.finops_mut().environment_mut().schema_generated = true;
    Ok(())
}

fn wizard(world: &mut World, given: &Arguments) -> Told {
    let companies = given.companies(0)?;
    world.act(|tenant| tenant.wizard_link(&companies))?;
    Ok(())
}

fn wizard_all(world: &mut World, _: &Arguments) -> Told {
    world.act(|tenant| tenant.wizard_link(&[]))?;
    Ok(())
}

fn install(world: &mut World, given: &Arguments) -> Told {
    world.act(|tenant| tenant.install_package(given.text(0)))?;
    Ok(())
}

fn apply(world: &mut World, _: &Arguments) -> Told {
    world.act(dwsim_tenant::Tenant::apply_solution)?;
    Ok(())
}

fn checks(world: &mut World) -> Result<Vec<CheckResult>, String> {
    Ok(world.tenant()?.health_check())
}

fn failing(world: &mut World, given: &Arguments) -> Told {
    let failing: Vec<String> =
        checks(world)?.iter().filter(|check| !check.passed).map(|check| check.id.to_string()).collect();
    same("health checks that fail", &failing, &given.names(0))
}

/// A published map that has to stay stopped, because another package replaces it.
fn warns_of_map(world: &mut World, given: &Arguments) -> Told {
    let stopped = world.tenant()?.maps_to_leave_stopped();
    if stopped.iter().any(|map| map.as_str() == given.text(0)) {
        return Ok(());
    }
    Err(format!("{} is not among the maps to leave stopped", given.text(0)))
}

fn all_pass(world: &mut World, _: &Arguments) -> Told {
    let failing: Vec<String> =
        checks(world)?.iter().filter(|check| !check.passed).map(|check| check.id.to_string()).collect();
    same("health checks that fail", &failing, &Vec::new())
}

fn prints(world: &mut World, given: &Arguments) -> Told {
    let checks = checks(world)?;
    let check = checks.iter().find(|check| check.id.as_str() == given.text(0));
    let check = check.ok_or_else(|| format!("there is no health check {}", given.text(0)))?;
    let lines: Vec<&str> =
        std::iter::once(check.title.as_str()).chain(check.details.iter().map(String::as_str)).collect();
    same("what the check prints", &lines.join("\n").as_str(), &given.document()?)
}

fn shown(world: &mut World, given: &Arguments) -> Told {
    let shown: Vec<String> =
        checks(world)?.iter().filter(|check| check.shown).map(|check| check.id.to_string()).collect();
    same("health checks the page shows", &shown, &given.names(0))
}
