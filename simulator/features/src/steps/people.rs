//! Who is at the keyboard and what the tenant around both environments allows.

use crate::{
    arguments::Arguments,
    definition::{Definition, Told, given, when},
    world::World,
};
use dwsim_tenant::LcsRole;
use uuid::Uuid;

pub(crate) const STEPS: &[Definition] = &[
    given(
        "the tenant has {int} MB of free Dataverse capacity",
        "the tenant has 999 MB of free Dataverse capacity",
        capacity,
    ),
    given(
        "only administrators may create environments",
        "only administrators may create environments",
        closed,
    ),
    given(
        "the person is no Power Platform administrator",
        "the person is no Power Platform administrator",
        no_platform_admin,
    ),
    given("the person holds the licences {string}", "the person holds the licences \"Finance\"", licences),
    given("the person holds no licence", "the person holds no licence", no_licence),
    given(
        "the person is {string} in the project of Lifecycle Services",
        "the person is \"Team Member\" in the project of Lifecycle Services",
        lcs_role,
    ),
    given("the person signs in from another tenant", "the person signs in from another tenant", other_tenant),
    given(
        "the person is no administrator of {side}",
        "the person is no administrator of Dataverse",
        no_administrator,
    ),
    given("the person has no Power Apps licence", "the person has no Power Apps licence", no_power_apps),
    when(
        "the free Dataverse capacity is raised to {int} MB",
        "the free Dataverse capacity is raised to 1000 MB",
        capacity,
    ),
    when(
        "the person is made administrator of {side}",
        "the person is made administrator of Dataverse",
        administrator,
    ),
    when("the person gets a Power Apps licence", "the person gets a Power Apps licence", power_apps),
];

fn capacity(world: &mut World, given: &Arguments) -> Told {
    world.tenant()?.policy.free_capacity_mb = given.number(0)?;
    Ok(())
}

fn closed(world: &mut World, _: &Arguments) -> Told {
    world.tenant()?.policy.open_environment_creation = false;
    Ok(())
}

fn no_platform_admin(world: &mut World, _: &Arguments) -> Told {
    world.tenant()?.person.platform_administrator = false;
    Ok(())
}

fn licences(world: &mut World, given: &Arguments) -> Told {
    world.tenant()?.person.licences = given.columns(0);
    Ok(())
}

fn no_licence(world: &mut World, _: &Arguments) -> Told {
    world.tenant()?.person.licences.clear();
    Ok(())
}

fn lcs_role(world: &mut World, given: &Arguments) -> Told {
    let roles = [LcsRole::ProjectOwner, LcsRole::EnvironmentManager, LcsRole::TeamMember];
    let role = roles.into_iter().find(|role| role.as_str() == given.text(0)).ok_or_else(|| {
        let names: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
        format!("a role in Lifecycle Services is one of {}", names.join(", "))
    })?;
    world.tenant()?.person.lcs_role = role;
    Ok(())
}

fn other_tenant(world: &mut World, _: &Arguments) -> Told {
    world.tenant()?.person.tenant = Uuid::from_u128(0x00c0_ffee);
    Ok(())
}

fn set_administrator(world: &mut World, given: &Arguments, is: bool) -> Told {
    let side = given.side(0)?;
    let person = &mut world.tenant()?.person;
    match side {
        dwsim_model::Side::FinOps => person.finops_administrator = is,
        dwsim_model::Side::Dataverse => person.dataverse_administrator = is,
    }
    Ok(())
}

fn no_administrator(world: &mut World, given: &Arguments) -> Told {
    set_administrator(world, given, false)
}

fn administrator(world: &mut World, given: &Arguments) -> Told {
    set_administrator(world, given, true)
}

fn no_power_apps(world: &mut World, _: &Arguments) -> Told {
    world.tenant()?.person.power_apps_licence = false;
    Ok(())
}

fn power_apps(world: &mut World, _: &Arguments) -> Told {
    world.tenant()?.person.power_apps_licence = true;
    Ok(())
}
