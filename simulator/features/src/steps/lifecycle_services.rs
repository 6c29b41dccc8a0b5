//! Lifecycle Services: connecting Dataverse, configuring dual-write, linking.

use crate::{
    arguments::Arguments,
    definition::{Definition, Told, same, then, when},
    world::World,
};
use dwsim_tenant::{SetupRequest, SetupTarget};

pub(crate) const STEPS: &[Definition] = &[
    when(
        "Setup connects a new Dataverse of the template {string}",
        "Setup connects a new Dataverse of the template \"standard-with-dual-write\"",
        setup_new,
    ),
    when("Setup connects the existing Dataverse", "Setup connects the existing Dataverse", setup_existing),
    when(
        "Setup connects the existing Dataverse and {string} is typed to confirm",
        "Setup connects the existing Dataverse and \"Somebody Else\" is typed to confirm",
        setup_typed,
    ),
    when(
        "Setup connects the existing Dataverse without agreeing to the terms",
        "Setup connects the existing Dataverse without agreeing to the terms",
        setup_not_agreed,
    ),
    when("Resume is selected", "Resume is selected", resume),
    when(
        "dual-write is configured in Lifecycle Services",
        "dual-write is configured in Lifecycle Services",
        configure,
    ),
    when(
        "the environments are linked from Lifecycle Services",
        "the environments are linked from Lifecycle Services",
        link,
    ),
    then("Lifecycle Services shows {string}", "Lifecycle Services shows \"Linked\"", shows),
    then("the environments are linked", "the environments are linked", linked),
    then("the environments are not linked", "the environments are not linked", not_linked),
    then("the page warns:", "the page warns:", warns),
    then("the page does not warn", "the page does not warn", no_warning),
];

fn setup(world: &mut World, target: SetupTarget, agreed: bool, typed: Option<String>) -> Told {
    let typed_name = typed.unwrap_or(world.tenant()?.person.name.clone());
    world.act(|tenant| tenant.lcs_setup(SetupRequest { target, agreed, typed_name }))?;
    Ok(())
}

fn setup_new(world: &mut World, given: &Arguments) -> Told {
    setup(world, SetupTarget::New { template: given.text(0).into() }, true, None)
}

fn setup_existing(world: &mut World, _: &Arguments) -> Told {
    setup(world, SetupTarget::Existing, true, None)
}

fn setup_typed(world: &mut World, given: &Arguments) -> Told {
    setup(world, SetupTarget::Existing, true, Some(given.text(0).to_owned()))
}

fn setup_not_agreed(world: &mut World, _: &Arguments) -> Told {
    setup(world, SetupTarget::Existing, false, None)
}

fn resume(world: &mut World, _: &Arguments) -> Told {
    world.act(dwsim_tenant::Tenant::lcs_resume)?;
    Ok(())
}

fn configure(world: &mut World, _: &Arguments) -> Told {
    world.act(|tenant| tenant.lcs_configure(&[]))?;
    Ok(())
}

fn link(world: &mut World, _: &Arguments) -> Told {
    world.act(dwsim_tenant::Tenant::lcs_link)?;
    Ok(())
}

fn shows(world: &mut World, given: &Arguments) -> Told {
    same("Lifecycle Services", &world.seen()?.lcs().state().to_string().as_str(), &given.text(0))
}

fn linked(world: &mut World, _: &Arguments) -> Told {
    same("linked", &world.seen()?.link_state().is_some(), &true)
}

fn not_linked(world: &mut World, _: &Arguments) -> Told {
    same("linked", &world.seen()?.link_state().is_some(), &false)
}

fn warns(world: &mut World, given: &Arguments) -> Told {
    let warning = world.seen()?.linking_mismatch().ok_or("the page does not warn")?;
    same("the warning of the page", &warning.as_str(), &given.document()?)?;
    // The warning of a profile is the one message of the catalogue with these words.
    let facts = world.seen()?.catalog().facts();
    let id = facts.profile(world.profile()).mismatch_message.value.clone();
    world.saw_message(&id, &warning);
    Ok(())
}

fn no_warning(world: &mut World, _: &Arguments) -> Told {
    same("warning of the page", &world.seen()?.linking_mismatch(), &None)
}
