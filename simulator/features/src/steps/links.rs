//! The life of a link: several environments, dependency validation, Reset link, unlinking and relinking.

use crate::{
    arguments::Arguments,
    definition::{Definition, Told, given, same, then, when},
    names,
    world::World,
};
use dwsim_catalog::facts::SolutionVersion;
use dwsim_dualwrite::SaveAs;
use dwsim_model::{MapVersion, Name, Value};
use dwsim_tenant::{Person, ResetRequest};
use uuid::Uuid;

pub(crate) const STEPS: &[Definition] = &[
    given(
        "the tenant has another Dataverse environment {string}",
        "the tenant has another Dataverse environment \"Fabrikam Sales\"",
        other,
    ),
    given(
        "the tenant has another Dataverse environment {string} that somebody else administers",
        "the tenant has another Dataverse environment \"Fabrikam Sales\" that somebody else administers",
        other_not_administered,
    ),
    given(
        "the tenant has another Dataverse environment {string} that is linked to {string}",
        "the tenant has another Dataverse environment \"Fabrikam Sales\" that is linked to \"Fabrikam\"",
        other_linked,
    ),
    given(
        "Lifecycle Services names the Dataverse environment {string}",
        "Lifecycle Services names the Dataverse environment \"Fabrikam Sales\"",
        lcs_names,
    ),
    given(
        "Lifecycle Services names no Dataverse environment",
        "Lifecycle Services names no Dataverse environment",
        lcs_names_none,
    ),
    given("F&O belongs to another tenant", "F&O belongs to another tenant", other_tenant),
    given("F&O is a cloud-hosted environment", "F&O is a cloud-hosted environment", cloud_hosted),
    given(
        "no tenant administrator has consented to the applications",
        "no tenant administrator has consented to the applications",
        no_consent,
    ),
    given("the linked Dataverse cannot be reached", "the linked Dataverse cannot be reached", unavailable),
    given(
        "the connection to {side} was deleted",
        "the connection to Dataverse was deleted",
        connection_deleted,
    ),
    given(
        "the company row {company} is missing in Dataverse",
        "the company row USMF is missing in Dataverse",
        company_row_missing,
    ),
    given(
        "the company {company} has no default owning team",
        "the company USMF has no default owning team",
        no_owning_team,
    ),
    given("the Dataverse environment was copied", "the Dataverse environment was copied", copied),
    given(
        "the solution {string} has version {string}",
        "the solution \"Dynamics365Company\" has version \"2.0.2.10\"",
        solution_version,
    ),
    given("new owner teams get no role", "new owner teams get no role", teams_without_role),
    given(
        "the person has only the Dataverse roles {string}",
        "the person has only the Dataverse roles \"table-access\"",
        only_roles,
    ),
    when(
        "{string} signs in as another administrator",
        "\"Blake Brown\" signs in as another administrator",
        signs_in,
    ),
    when(
        "the wizard links {string} with the environment {string}",
        "the wizard links \"USMF\" with the environment \"Fabrikam Sales\"",
        wizard_to,
    ),
    when("Reset link is opened", "Reset link is opened", reset_opened),
    when("Reset link is done for {string}", "Reset link is done for \"USMF\"", reset),
    when(
        "Reset link is done for {string} without Acknowledge Reset",
        "Reset link is done for \"USMF\" without Acknowledge Reset",
        reset_not_acknowledged,
    ),
    when(
        "Reset link is done for {string} with Force Reset",
        "Reset link is done for \"USMF\" with Force Reset",
        reset_forced,
    ),
    when(
        "support links the environments anew for {string}",
        "support links the environments anew for \"USMF\"",
        relinked_by_support,
    ),
    when("the environments are unlinked", "the environments are unlinked", unlinked),
    when(
        "the configuration rows of {side} are deleted",
        "the configuration rows of Dataverse are deleted",
        configuration_deleted,
    ),
    when(
        "the table map {string} is added",
        "the table map \"customer-groups-msdyn-customergroups\" is added",
        map_added,
    ),
    when(
        "support sets the table map {string} to Not running",
        "support sets the table map \"Customer groups\" to Not running",
        support,
    ),
    when("the package {string} is uninstalled", "the package \"supply-chain\" is uninstalled", uninstalled),
    when("Dataverse is asked for its F&O environment", "Dataverse is asked for its F&O environment", asked),
    then("the page offers the buttons {string}", "the page offers the buttons \"Reset link\"", buttons),
    then("the page shows the banner:", "the page shows the banner:", banner),
    then(
        "the wizard offers the environments {string}",
        "the wizard offers the environments \"Contoso Sales\"",
        offered,
    ),
    then(
        "the environments are linked with {string}",
        "the environments are linked with \"Fabrikam Sales\"",
        linked_with,
    ),
    then("Reset link shows Force Reset", "Reset link shows Force Reset", shows_force),
    then(
        "Reset link shows {string} and {string}",
        "Reset link shows \"Contoso Sales\" and \"Fabrikam Sales\"",
        shows_both,
    ),
    then("Reset link shows {string} alone", "Reset link shows \"Contoso Sales\" alone", shows_one),
    then("the health check finds {string}", "the health check finds \"DWDVEV1001\"", finds),
    then(
        "the health check finds {string} naming {string}",
        "the health check finds \"DWDVEV1003\" naming \"USMF\"",
        finds_naming,
    ),
    then("the health check finds nothing", "the health check finds nothing", finds_nothing),
    then("dependencies are not validated", "dependencies are not validated", not_validated),
    then(
        "the configuration tables of {side} hold {int} rows",
        "the configuration tables of F&O hold 0 rows",
        configuration_rows,
    ),
    then(
        "the configuration tables of {side} hold rows",
        "the configuration tables of F&O hold rows",
        has_configuration,
    ),
    then(
        "Dataverse answers with the URL, the tenant and the id of F&O",
        "Dataverse answers with the URL, the tenant and the id of F&O",
        answered,
    ),
    then("the history of initial sync is empty", "the history of initial sync is empty", no_history),
];

fn other(world: &mut World, given: &Arguments) -> Told {
    world.tenant()?.add_other_dataverse(given.text(0), true, None).map_err(|error| error.to_string())
}

fn other_not_administered(world: &mut World, given: &Arguments) -> Told {
    world.tenant()?.add_other_dataverse(given.text(0), false, None).map_err(|error| error.to_string())
}

fn other_linked(world: &mut World, given: &Arguments) -> Told {
    let (name, finops) = (given.text(0), given.text(1));
    world.tenant()?.add_other_dataverse(name, true, Some(finops)).map_err(|error| error.to_string())
}

fn lcs_names(world: &mut World, given: &Arguments) -> Told {
    world.tenant()?.point_lcs_to(Some(given.text(0))).map_err(|error| error.to_string())
}

fn lcs_names_none(world: &mut World, _: &Arguments) -> Told {
    world.tenant()?.point_lcs_to(None).map_err(|error| error.to_string())
}

fn other_tenant(world: &mut World, _: &Arguments) -> Told {
    world.tenant()?.finops_mut().environment_mut().tenant = Uuid::from_u128(0x00c0_ffee);
    Ok(())
}

fn cloud_hosted(world: &mut World, _: &Arguments) -> Told {
    world.tenant()?.finops_mut().environment_mut().cloud_hosted = true;
    Ok(())
}

fn no_consent(world: &mut World, _: &Arguments) -> Told {
    let dataverse = world.tenant()?.dataverse_mut().ok_or("there is no Dataverse environment")?;
    dataverse.organization_mut().consented_apps.clear();
    Ok(())
}

fn unavailable(world: &mut World, _: &Arguments) -> Told {
    world.tenant()?.dataverse_available = false;
    Ok(())
}

fn connection_deleted(world: &mut World, given: &Arguments) -> Told {
    let side = given.side(0)?;
    world.tenant()?.delete_connection(side).map_err(|error| error.to_string())
}

/// The row, its id, and the world it is in.
fn company_id(world: &mut World, given: &Arguments) -> Result<Uuid, String> {
    let company = given.company(0)?;
    let dataverse = world.tenant()?.dataverse().ok_or("there is no Dataverse environment")?;
    let id = dataverse.company_id(&company).map_err(|error| error.to_string())?;
    id.ok_or_else(|| format!("Dataverse has no company {company}"))
}

/// As happens when a table is restored without some of its rows, which no rule of the environment sees.
fn company_row_missing(world: &mut World, given: &Arguments) -> Told {
    let id = company_id(world, given)?;
    let tenant = world.tenant()?;
    let table: Name = tenant.catalog().facts().company().table.clone();
    let dataverse = tenant.dataverse().ok_or("there is no Dataverse environment")?;
    let handle = dataverse.table(&table).ok_or("there is no company table")?;
    dataverse.store().delete(handle, &Value::Guid(id)).map_err(|error| error.to_string())?;
    Ok(())
}

fn no_owning_team(world: &mut World, given: &Arguments) -> Told {
    let id = company_id(world, given)?;
    let tenant = world.tenant()?;
    let facts = tenant.catalog().facts().company().clone();
    let dataverse = tenant.dataverse().ok_or("there is no Dataverse environment")?;
    let handle = dataverse.table(&facts.table).ok_or("there is no company table")?;
    let shape = dataverse.table_type(&facts.table).ok_or("there is no company table")?;
    let column = shape.ordinal(&facts.default_owning_team_column).ok_or("there is no such column")?;
    dataverse
        .store()
        .update(handle, &Value::Guid(id), &[column], &[Value::Null])
        .map_err(|error| error.to_string())?;
    Ok(())
}

fn copied(world: &mut World, _: &Arguments) -> Told {
    world.tenant()?.copy_dataverse().map_err(|error| error.to_string())
}

fn solution_version(world: &mut World, given: &Arguments) -> Told {
    let version = given.text(1).parse::<SolutionVersion>()?;
    let dataverse = world.tenant()?.dataverse_mut().ok_or("there is no Dataverse environment")?;
    let solutions = &mut dataverse.organization_mut().solutions;
    let solution =
        solutions.get_mut(given.text(0)).ok_or_else(|| format!("{} is not installed", given.text(0)))?;
    solution.version = version;
    Ok(())
}

fn teams_without_role(world: &mut World, _: &Arguments) -> Told {
    let dataverse = world.tenant()?.dataverse_mut().ok_or("there is no Dataverse environment")?;
    dataverse.organization_mut().new_team_roles.clear();
    Ok(())
}

fn only_roles(world: &mut World, given: &Arguments) -> Told {
    let roles = given.columns(0);
    let tenant = world.tenant()?;
    let person = tenant.person.name.clone();
    let dataverse = tenant.dataverse_mut().ok_or("there is no Dataverse environment")?;
    let user = dataverse.user_named(&person).map_err(|error| error.to_string())?;
    dataverse.set_roles(user.ok_or("the person is no user of Dataverse")?, &roles);
    Ok(())
}

fn signs_in(world: &mut World, given: &Arguments) -> Told {
    let tenant = world.tenant()?;
    let person = Person::administrator(given.text(0), tenant.person.tenant);
    tenant.person = person;
    Ok(())
}

fn wizard_to(world: &mut World, given: &Arguments) -> Told {
    let (companies, name) = (given.companies(0)?, given.text(1).to_owned());
    world.act(|tenant| tenant.wizard_link_to(Some(&name), &companies))?;
    Ok(())
}

fn reset_opened(world: &mut World, _: &Arguments) -> Told {
    world.act(|tenant| tenant.reset_link_page())?;
    Ok(())
}

fn do_reset(world: &mut World, given: &Arguments, acknowledged: bool, force: bool) -> Told {
    let request = ResetRequest { acknowledged, force, companies: given.companies(0)? };
    world.act(|tenant| tenant.reset_link(&request))?;
    Ok(())
}

fn reset(world: &mut World, given: &Arguments) -> Told {
    do_reset(world, given, true, false)
}

fn reset_not_acknowledged(world: &mut World, given: &Arguments) -> Told {
    do_reset(world, given, false, true)
}

fn reset_forced(world: &mut World, given: &Arguments) -> Told {
    do_reset(world, given, true, true)
}

fn relinked_by_support(world: &mut World, given: &Arguments) -> Told {
    let companies = given.companies(0)?;
    world.act(|tenant| tenant.relink_by_support(&companies))?;
    Ok(())
}

fn unlinked(world: &mut World, _: &Arguments) -> Told {
    world.act(dwsim_tenant::Tenant::unlink)?;
    Ok(())
}

fn configuration_deleted(world: &mut World, given: &Arguments) -> Told {
    let side = given.side(0)?;
    world.act(|tenant| {
        tenant.delete_configuration(side);
        Ok(())
    })?;
    Ok(())
}

/// Adds a map with the rows that the catalogue has for it, as somebody would who types them in.
fn map_added(world: &mut World, given: &Arguments) -> Told {
    let catalog = world.tenant()?.catalog().clone();
    let map = catalog
        .map(given.text(0))
        .ok_or_else(|| format!("the catalogue has no table map {}", given.text(0)))?;
    let save_as = SaveAs { publisher: "Contoso".into(), version: MapVersion(1, 0, 0, 0) };
    world.act(|tenant| tenant.add_table_map(&map.entity, &map.table, map.fields.clone(), &save_as))?;
    Ok(())
}

fn support(world: &mut World, given: &Arguments) -> Told {
    let map = names::map(world.tenant()?, given.text(0))?;
    world.act(|tenant| tenant.support_sets_not_running(&map))?;
    Ok(())
}

fn uninstalled(world: &mut World, given: &Arguments) -> Told {
    world.act(|tenant| tenant.uninstall_package(given.text(0)))?;
    Ok(())
}

fn asked(world: &mut World, _: &Arguments) -> Told {
    let tenant = world.tenant()?;
    let dataverse = tenant.dataverse().ok_or("there is no Dataverse environment")?;
    let answer = dataverse.integration_details().cloned();
    world.outcome = crate::world::Outcome::default();
    match answer {
        Ok(details) => {
            world.outcome.notes = vec![details.url, details.tenant_id.to_string(), details.id.to_string()];
        }
        Err(error) => world.refused(Some(error.code), error.message),
    }
    Ok(())
}

fn answered(world: &mut World, _: &Arguments) -> Told {
    let environment = world.seen()?.finops().environment();
    let expected = [environment.url.clone(), environment.tenant.to_string()];
    same("what Dataverse answered", &world.outcome.notes.get(..2), &Some(&expected[..]))?;
    same("the id is one", &world.outcome.notes.get(2).is_some_and(|id| id.parse::<Uuid>().is_ok()), &true)
}

fn buttons(world: &mut World, given: &Arguments) -> Told {
    let buttons: Vec<String> =
        world.tenant()?.link_actions().buttons.iter().map(|button| (*button).to_owned()).collect();
    same("buttons of the page", &buttons, &given.names(0))
}

fn banner(world: &mut World, given: &Arguments) -> Told {
    let banner = world.tenant()?.link_actions().banner.ok_or("the page has no banner")?;
    same("the banner of the page", &banner.as_str(), &given.document()?)
}

fn offered(world: &mut World, given: &Arguments) -> Told {
    same("environments the wizard offers", &world.tenant()?.environments_offered(), &given.names(0))
}

fn linked_with(world: &mut World, given: &Arguments) -> Told {
    let tenant = world.seen()?;
    let linked = tenant.link_state().ok_or("the environments are not linked")?.organization;
    let dataverse = tenant.dataverse().ok_or("there is no Dataverse environment")?.organization();
    same("the organisation linked with", &linked, &dataverse.id)?;
    same("its name", &dataverse.name.as_str(), &given.text(0))
}

fn page(world: &World) -> Result<dwsim_tenant::ResetPage, String> {
    world.seen()?.reset_link_page().map_err(|error| error.to_string())
}

fn shows_force(world: &mut World, _: &Arguments) -> Told {
    same("Force Reset is shown", &page(world)?.force_reset, &true)
}

fn shows_both(world: &mut World, given: &Arguments) -> Told {
    let page = page(world)?;
    same("Current Dataverse Environment", &page.current.as_str(), &given.text(0))?;
    same("Power Platform Link Dataverse Environment", &page.replacement.as_deref(), &Some(given.text(1)))
}

fn shows_one(world: &mut World, given: &Arguments) -> Told {
    let page = page(world)?;
    same("Current Dataverse Environment", &page.current.as_str(), &given.text(0))?;
    same("Power Platform Link Dataverse Environment", &page.replacement, &None)
}

fn findings(world: &mut World) -> Result<Option<Vec<dwsim_tenant::DependencyFinding>>, String> {
    Ok(world.tenant()?.full_health_check().map_err(|error| error.to_string())?.dependencies)
}

fn finds(world: &mut World, given: &Arguments) -> Told {
    find(world, given.text(0), "")
}

fn finds_naming(world: &mut World, given: &Arguments) -> Told {
    find(world, given.text(0), given.text(1))
}

fn find(world: &mut World, code: &str, naming: &str) -> Told {
    let found = findings(world)?.ok_or("dependencies were not validated")?;
    let finding = found.iter().find(|finding| finding.code == code).ok_or_else(|| {
        let codes: Vec<&str> = found.iter().map(|finding| finding.code).collect();
        format!("the health check does not find {code}; it finds {}", codes.join(", "))
    })?;
    if !finding.message.contains(naming) {
        return Err(format!("{code} does not name {naming}: {}", finding.message));
    }
    world.saw_message(code, &finding.message);
    Ok(())
}

fn finds_nothing(world: &mut World, _: &Arguments) -> Told {
    same("findings of the health check", &findings(world)?, &Some(Vec::new()))
}

fn not_validated(world: &mut World, _: &Arguments) -> Told {
    same("findings of the health check", &findings(world)?, &None)
}

fn configuration_rows(world: &mut World, given: &Arguments) -> Told {
    let side = given.side(0)?;
    same(
        &format!("configuration rows of {side}"),
        &world.tenant()?.configuration_rows(side),
        &given.number(1)?,
    )
}

fn has_configuration(world: &mut World, given: &Arguments) -> Told {
    let side = given.side(0)?;
    if world.tenant()?.configuration_rows(side) > 0 {
        Ok(())
    } else {
        Err(format!("{side} holds no configuration row"))
    }
}

fn no_history(world: &mut World, _: &Arguments) -> Told {
    same("initial syncs of the history", &world.seen()?.engine().executions().len(), &0)?;
    same("requests of the history", &world.seen()?.engine().requests().len(), &0)
}
