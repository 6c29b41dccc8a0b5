//! Stories of the wizard, its health check, and of what refuses a set-up.

use super::{request, world, world_in};
use crate::{LcsState, SetupRequest, SetupTarget, Tenant, TenantOptions};
use dwsim_catalog::{Catalog, facts::ProfileId};
use dwsim_finops::{Environment, EnvironmentOrigin};
use dwsim_model::Seed;

fn before_wizard() -> Tenant {
    let mut tenant = world_in(ProfileId::Docs2020, EnvironmentOrigin::Existing, true);
    tenant.grant_access().unwrap();
    for package in ["application-core", "finance"] {
        tenant.install_package(package).unwrap();
    }
    tenant
}

#[test]
fn the_wizard_links_when_every_check_passes_and_maps_appear_only_after_apply_solution() {
    let mut tenant = before_wizard();
    let run = tenant.wizard_link(&[]).unwrap();
    assert_eq!(run.checks.len(), 6);
    assert!(run.checks.iter().all(|check| check.passed && check.shown), "{:?}", run.checks);
    assert!(tenant.engine().maps().is_empty());
    assert!(tenant.apply_solution().unwrap() > 0);
    assert_eq!(tenant.apply_solution().unwrap(), 0, "applying twice adds nothing");
}

#[test]
fn a_link_that_lifecycle_services_knows_nothing_of_is_warned_about() {
    let mut tenant = before_wizard();
    assert!(tenant.linking_mismatch().is_none());
    tenant.wizard_link(&[]).unwrap();
    let warning = tenant.linking_mismatch().unwrap();
    assert!(
        warning.starts_with("Microsoft has detected that your environment is linked via Dual-write"),
        "{warning}"
    );
}

#[test]
fn a_client_id_missing_in_finops_fails_one_check_and_blocks_the_wizard() {
    let mut tenant = before_wizard();
    let applications = &mut tenant.finops_mut().environment_mut().entra_applications;
    applications.retain(|row| !row.client_id.starts_with("2e49aa60"));
    let failing: Vec<String> = tenant
        .health_check()
        .into_iter()
        .filter(|check| !check.passed)
        .map(|check| check.id.to_string())
        .collect();
    assert_eq!(failing, ["H3"]);
    assert_eq!(tenant.wizard_link(&[]).unwrap_err().code(), Some("E16"));
    assert!(tenant.link_state().is_none());
}

#[test]
fn a_disabled_plug_in_step_fails_its_check() {
    let mut tenant = before_wizard();
    let organization = tenant.dataverse_mut().unwrap().organization_mut();
    organization.plugins.insert("DualWriteRuntime.Plugins".into(), false);
    let failing: Vec<String> = tenant
        .health_check()
        .into_iter()
        .filter(|check| !check.passed)
        .map(|check| check.id.to_string())
        .collect();
    assert_eq!(failing, ["H6"]);
}

#[test]
fn an_older_core_solution_asks_for_the_older_application() {
    let lines = |profile| {
        let mut tenant = world_in(profile, EnvironmentOrigin::Existing, true);
        tenant.grant_access().unwrap();
        let checks = tenant.health_check();
        checks.into_iter().find(|check| check.id.as_str() == "H3").unwrap().details.join("\n")
    };
    assert!(lines(ProfileId::Docs2020).contains("33976c19-1db5-4c02-810e-c243db79efde"));
    assert!(lines(ProfileId::Docs2026).contains("6f7d0213-62b1-43a8-b7f4-ff2bb8b7b452"));
}

#[test]
fn the_wizard_is_gone_in_the_newest_texts() {
    let mut tenant = world(EnvironmentOrigin::Existing, true);
    let error = tenant.wizard_link(&[]).unwrap_err();
    assert_eq!(error.code(), Some("LINK-BUTTONS-REPLACED"));
}

#[test]
fn a_package_asks_for_what_it_depends_on() {
    let mut tenant = world(EnvironmentOrigin::Existing, true);
    let error = tenant.install_package("finance").unwrap_err();
    assert_eq!(error.code(), Some("SIM-PACKAGE-DEPENDENCY"));
    assert!(tenant.installed_packages().is_empty());
}

#[test]
fn the_template_without_maps_links_and_shows_none() {
    let mut tenant = world(EnvironmentOrigin::New, false);
    let typed_name = tenant.person.name.clone();
    let target = SetupTarget::New { template: "standard".into() };
    tenant.lcs_setup(SetupRequest { target, agreed: true, typed_name }).unwrap();
    tenant.lcs_configure(&[]).unwrap();
    tenant.lcs_link().unwrap();
    assert_eq!(*tenant.lcs().state(), LcsState::Linked);
    assert!(tenant.engine().maps().is_empty());
}

#[test]
fn a_missing_application_user_says_which_side_cannot_be_reached() {
    for (side, code) in [("dataverse", "DW9003-CRM"), ("finops", "DW9003-AX")] {
        let mut tenant = world(EnvironmentOrigin::New, false);
        let request = request(&tenant);
        tenant.lcs_setup(request).unwrap();
        tenant.lcs_configure(&[]).unwrap();
        if side == "finops" {
            tenant.finops_mut().environment_mut().entra_applications.clear();
        } else {
            let dataverse = tenant.dataverse_mut().unwrap();
            for user in dataverse.application_users() {
                dataverse.disable_application_user(user.client_id);
            }
        }
        assert_eq!(tenant.lcs_link().unwrap_err().code(), Some(code), "{side}");
        assert!(matches!(tenant.lcs().state(), LcsState::Failed { .. }));
        assert!(tenant.link_state().is_none());
    }
}

#[test]
fn the_human_resources_app_and_a_trial_are_refused_and_the_module_is_not() {
    let try_it = |human_resources_app: bool, trial: bool| {
        let seed = Seed::new(1);
        let mut finops = Environment::new("Contoso", seed.id("tenant"));
        finops.trial = trial;
        let options = TenantOptions {
            profile: ProfileId::Docs2026,
            seed,
            finops,
            dataverse_name: "Contoso Sales".into(),
            dataverse_geography: "United States".into(),
            dataverse_exists: false,
            human_resources_app,
        };
        let mut tenant = Tenant::new(Catalog::embedded().unwrap(), options).unwrap();
        let request = request(&tenant);
        tenant.lcs_setup(request).unwrap();
        tenant.lcs_configure(&[]).map_err(|error| error.code().unwrap_or_default().to_owned())
    };
    assert_eq!(try_it(true, false), Err("SIM-HUMAN-RESOURCES-APP".to_owned()));
    assert_eq!(try_it(false, true), Err("SIM-TRIAL-ENVIRONMENT".to_owned()));
    assert_eq!(try_it(false, false), Ok(()));
}

#[test]
fn each_prerequisite_of_lifecycle_services_refuses_with_its_own_reason() {
    let refused = |change: fn(&mut Tenant)| {
        let mut tenant = world(EnvironmentOrigin::New, true);
        change(&mut tenant);
        let typed_name = tenant.person.name.clone();
        let request = SetupRequest { target: SetupTarget::Existing, agreed: true, typed_name };
        let error = tenant.lcs_setup(request).unwrap_err();
        assert!(!error.to_string().contains("SIM-MESSAGE"), "the message cannot be rendered: {error}");
        let code = error.code().unwrap_or_default().to_owned();
        assert!(tenant.lcs().state() != &LcsState::Connected);
        code
    };
    assert_eq!(refused(|tenant| tenant.policy.free_capacity_mb = 999), "SIM-LCS-CAPACITY");
    assert_eq!(refused(|tenant| tenant.person.licences.clear()), "SIM-LCS-LICENCE");
    assert_eq!(refused(|tenant| tenant.person.lcs_role = crate::LcsRole::TeamMember), "SIM-LCS-ROLE");
    assert_eq!(refused(|tenant| tenant.person.tenant = Seed::new(9).id("other")), "SIM-LCS-TENANT");
    assert_eq!(refused(|tenant| tenant.person.dataverse_administrator = false), "SIM-LCS-DATAVERSE-ADMIN");
    let europe =
        |tenant: &mut Tenant| tenant.dataverse_mut().unwrap().organization_mut().geography = "Europe".into();
    assert_eq!(refused(europe), "SIM-LCS-GEO");
    let restricted = |tenant: &mut Tenant| {
        tenant.policy.open_environment_creation = false;
        tenant.person.platform_administrator = false;
    };
    assert_eq!(refused(restricted), "SIM-LCS-CREATE-ROLE");
    let without_apps = |tenant: &mut Tenant| {
        tenant.dataverse_mut().unwrap().organization_mut().dynamics_apps_enabled = false;
    };
    assert_eq!(refused(without_apps), "SIM-DYNAMICS-APPS-DISABLED");
}

#[test]
fn two_companies_of_one_name_keep_the_link_from_being_saved() {
    let mut tenant = world(EnvironmentOrigin::Existing, true);
    for code in ["USMF", "DEMF"] {
        tenant.finops_mut().create_company(code, "Contoso").unwrap();
    }
    let typed_name = tenant.person.name.clone();
    tenant.lcs_setup(SetupRequest { target: SetupTarget::Existing, agreed: true, typed_name }).unwrap();
    tenant.lcs_configure(&[]).unwrap();
    let error = tenant.lcs_link().unwrap_err();
    assert_eq!(
        error.to_string(),
        "Saving connection set failed! An item with the same key has already been added."
    );
    assert!(tenant.link_state().is_none());
    assert!(tenant.dataverse().unwrap().companies().unwrap().is_empty(), "nothing of the link stays");
}
