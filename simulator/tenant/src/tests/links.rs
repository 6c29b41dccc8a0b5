//! Stories of links that are reset, moved, half made and left behind.

use super::{create, request, rows, world, world_in};
use crate::{LcsState, ResetRequest, SetupRequest, SetupTarget, Tenant, TenantError};
use dwsim_catalog::facts::{ProfileId, SolutionVersion};
use dwsim_dataverse::PLUGIN_ASSEMBLIES;
use dwsim_dualwrite::{Execution, MapStatus, RunOptions};
use dwsim_finops::EnvironmentOrigin;
use dwsim_model::{CompanyCode, Operation, Side, Value};

const GROUPS: &str = "customer-groups-msdyn-customergroups";
const OTHER: &str = "Fabrikam Sales";

fn link(tenant: &mut Tenant) {
    let typed_name = tenant.person.name.clone();
    tenant.lcs_setup(SetupRequest { target: SetupTarget::Existing, agreed: true, typed_name }).unwrap();
    tenant.lcs_configure(&["application-core".into(), "finance".into()]).unwrap();
    tenant.lcs_link().unwrap();
    tenant.apply_solution().unwrap();
}

/// Existing environments, linked for USMF, with the map of customer groups running live.
fn running() -> Tenant {
    let mut tenant = world(EnvironmentOrigin::Existing, true);
    tenant.finops_mut().create_company("USMF", "Contoso").unwrap();
    link(&mut tenant);
    run(&mut tenant);
    tenant
}

fn run(tenant: &mut Tenant) {
    tenant.run_map(GROUPS, RunOptions { initial_sync: false, ..RunOptions::default() }).unwrap();
}

fn usmf() -> Vec<CompanyCode> {
    vec!["USMF".parse().unwrap()]
}

fn forced() -> ResetRequest {
    ResetRequest { acknowledged: true, force: true, companies: usmf() }
}

fn group(side: Side, number: &str) -> dwsim_model::Change {
    match side {
        Side::FinOps => create("CustomerGroups", &[("dataAreaId", "USMF"), ("CustomerGroupId", number)]),
        Side::Dataverse => {
            create("msdyn_customergroup", &[("msdyn_company", "USMF"), ("msdyn_groupid", number)])
        }
    }
}

fn findings(tenant: &Tenant) -> Vec<&'static str> {
    let found = tenant.full_health_check().unwrap().dependencies.unwrap();
    found.into_iter().map(|finding| finding.code).collect()
}

fn keeps_everything(tenant: &mut Tenant, refused: &TenantError, code: &str) {
    assert_eq!(refused.code(), Some(code));
    assert_eq!(tenant.dataverse_name(), "Contoso Sales");
    assert!(tenant.link_state().is_some(), "the old link is there");
    assert_eq!(tenant.engine().status(&GROUPS.into()), Some(MapStatus::Running));
    assert!(tenant.configuration_rows(Side::FinOps) > 0);
    assert!(tenant.configuration_rows(Side::Dataverse) > 0);
}

#[test]
fn a_reset_that_is_refused_leaves_the_old_link_as_it_was() {
    let mut tenant = running();
    tenant.person.power_apps_licence = false;
    let error = tenant.reset_link(&forced()).unwrap_err();
    keeps_everything(&mut tenant, &error, "E5");

    let mut tenant = running();
    let organization = tenant.dataverse_mut().unwrap().organization_mut();
    organization.plugins.insert(PLUGIN_ASSEMBLIES[0].into(), false);
    let error = tenant.reset_link(&forced()).unwrap_err();
    keeps_everything(&mut tenant, &error, "E16");
}

#[test]
fn reset_link_does_not_take_a_dataverse_that_another_finops_is_linked_to_or_somebody_else_administers() {
    let mut tenant = running();
    tenant.add_other_dataverse(OTHER, true, Some("Fabrikam")).unwrap();
    tenant.point_lcs_to(Some(OTHER)).unwrap();
    let error = tenant.reset_link(&forced()).unwrap_err();
    keeps_everything(&mut tenant, &error, "SIM-ALREADY-LINKED");

    let mut tenant = running();
    tenant.add_other_dataverse(OTHER, false, None).unwrap();
    tenant.point_lcs_to(Some(OTHER)).unwrap();
    let error = tenant.reset_link(&forced()).unwrap_err();
    keeps_everything(&mut tenant, &error, "E7");
    assert!(tenant.person.dataverse_administrator, "rights in the environment in use are as they were");
}

#[test]
fn packages_belong_to_the_dataverse_they_were_installed_in() {
    let mut tenant = running();
    tenant.add_other_dataverse(OTHER, true, None).unwrap();
    tenant.point_lcs_to(Some(OTHER)).unwrap();
    tenant.reset_link(&forced()).unwrap();
    assert_eq!(tenant.dataverse_name(), OTHER);
    assert!(tenant.linking_mismatch().is_none());
    assert_eq!(tenant.apply_solution().unwrap(), 0, "nothing is installed here yet");
    tenant.install_package("application-core").unwrap();
    assert!(tenant.apply_solution().unwrap() > 0);
}

#[test]
fn a_wizard_that_fails_leaves_the_environment_in_use_and_repairs_nothing() {
    let mut tenant = world_in(ProfileId::Docs2020, EnvironmentOrigin::Existing, true);
    tenant.grant_access().unwrap();
    tenant.add_other_dataverse(OTHER, true, None).unwrap();
    tenant.finops_mut().environment_mut().entra_applications.clear();
    let error = tenant.wizard_link_to(Some(OTHER), &[]).unwrap_err();
    assert_eq!(error.code(), Some("E16"));
    assert!(
        error.to_string().contains("The Dataverse can connect to the finance and operations app"),
        "{error}"
    );
    assert_eq!(tenant.dataverse_name(), "Contoso Sales");
    assert!(tenant.finops().environment().entra_applications.is_empty());
    tenant.grant_access().unwrap();
    tenant.wizard_link_to(Some(OTHER), &[]).unwrap();
    assert_eq!(tenant.dataverse_name(), OTHER);
}

#[test]
fn resume_finishes_a_link_whose_table_maps_did_not_start() {
    let mut tenant = world(EnvironmentOrigin::New, false);
    let request = request(&tenant);
    tenant.lcs_setup(request).unwrap();
    tenant.lcs_configure(&[]).unwrap();
    let set = |tenant: &mut Tenant, version: SolutionVersion| {
        let solutions = &mut tenant.dataverse_mut().unwrap().organization_mut().solutions;
        let solution = solutions.get_mut("Dynamics365Company").unwrap();
        std::mem::replace(&mut solution.version, version)
    };
    let right = set(&mut tenant, "1.0.0.0".parse().unwrap());
    assert_eq!(tenant.lcs_link().unwrap_err().code(), Some("M2"));
    assert!(matches!(tenant.lcs().state(), LcsState::Failed { .. }));
    set(&mut tenant, right);
    tenant.lcs_resume().unwrap();
    assert_eq!(*tenant.lcs().state(), LcsState::Linked);
    assert_eq!(tenant.engine().status(&GROUPS.into()), Some(MapStatus::Running));
}

#[test]
fn a_renamed_default_team_stops_initial_sync_until_it_has_its_name_again_or_the_link_is_reset() {
    let mut tenant = running();
    tenant.save(Side::FinOps, &[group(Side::FinOps, "10")]).unwrap();
    let rename = |tenant: &mut Tenant, name: &str| {
        let dataverse = tenant.dataverse_mut().unwrap();
        let unit = dataverse.business_unit("USMF").unwrap().unwrap();
        let team = dataverse.default_team(unit).unwrap().unwrap();
        let (table, shape) =
            (dataverse.table("team").unwrap(), dataverse.table_type("team").unwrap().clone());
        let column = shape.ordinal("name").unwrap();
        dataverse.store().update(table, &Value::Guid(team), &[column], &[Value::text(name)]).unwrap();
    };
    rename(&mut tenant, "Renamed");
    assert_eq!(findings(&tenant), ["DWFOEV1006"]);
    tenant.stop_map(GROUPS).unwrap();
    tenant.save(Side::FinOps, &[group(Side::FinOps, "11")]).unwrap();
    let executions = tenant.run_map(GROUPS, RunOptions::default()).unwrap();
    let failed: u64 = executions.iter().map(Execution::errors).sum();
    assert_eq!(failed, 2, "initial sync finds no owner for either row");
    rename(&mut tenant, "USMF");
    assert!(findings(&tenant).is_empty());
    rename(&mut tenant, "Renamed");
    tenant.reset_link(&forced()).unwrap();
    assert!(findings(&tenant).is_empty(), "Reset link learns the name again");
}

#[test]
fn a_copy_of_finops_is_called_by_nobody_until_the_runtime_configuration_is_deleted() {
    let mut tenant = running();
    tenant.copy_finops("https://contoso-copy.operations.dynamics.com").unwrap();
    let error = tenant.save(Side::Dataverse, &[group(Side::Dataverse, "20")]).unwrap_err();
    assert_eq!(error.code(), Some("LIVE-E6"));
    assert!(
        error
            .to_string()
            .contains("failed to process entity msdyn_customergroup - (A connection attempt failed")
    );
    assert_eq!(rows(&tenant, Side::Dataverse, "msdyn_customergroup"), 0, "nothing is saved");
    link(&mut tenant);
    assert_eq!(findings(&tenant), ["DWDVEV1004", "DWFOEV1004"]);
    tenant.delete_configuration(Side::Dataverse);
    tenant.delete_configuration(Side::FinOps);
    assert!(findings(&tenant).is_empty());
    run(&mut tenant);
    tenant.save(Side::Dataverse, &[group(Side::Dataverse, "20")]).unwrap();
    assert_eq!(rows(&tenant, Side::FinOps, "CustomerGroups"), 1);
}

#[test]
fn a_payload_that_cannot_be_made_leaves_the_verbose_error_in_the_journal() {
    let mut tenant = running();
    tenant.finops_mut().environment_mut().configuration.projects[0].external_environment_url.clear();
    let refused = tenant.save(Side::FinOps, &[group(Side::FinOps, "10")]).unwrap_err();
    assert_eq!(refused.to_string(), "Unable to generate payload for entity CustomerGroups");
    assert_eq!(rows(&tenant, Side::FinOps, "CustomerGroups"), 0);
    let journal = format!("{:?}", tenant.journal().events());
    assert!(
        journal.contains("Payload creation failed with error Invalid URI: The URI is empty."),
        "{journal}"
    );
}

#[test]
fn the_default_owning_team_of_a_linked_company_is_changed_and_not_cleared() {
    let mut tenant = running();
    let facts = tenant.catalog().facts().company().clone();
    let set = |tenant: &mut Tenant, team: Value| {
        let dataverse = tenant.dataverse().unwrap();
        let id = dataverse.company_id(&usmf()[0]).unwrap().unwrap();
        let change = dwsim_model::Change {
            table: facts.table.clone(),
            operation: Operation::Update,
            key: vec![(facts.id_column.clone(), Value::Guid(id))],
            values: vec![(facts.default_owning_team_column.clone(), team)],
        };
        tenant.save(Side::Dataverse, &[change])
    };
    assert!(set(&mut tenant, Value::Null).unwrap_err().to_string().contains("cannot be cleared"));
    let root = tenant.dataverse().unwrap().root_team();
    set(&mut tenant, Value::Guid(root)).unwrap();
    tenant.save(Side::FinOps, &[group(Side::FinOps, "10")]).unwrap();
    let dataverse = tenant.dataverse().unwrap();
    let (table, shape) = (
        dataverse.table("msdyn_customergroup").unwrap(),
        dataverse.table_type("msdyn_customergroup").unwrap(),
    );
    let select = dwsim_store::Select::all(table).columns(&[shape.ordinal("ownerid").unwrap()]);
    assert_eq!(dataverse.store().collect(&select).unwrap()[0][0], Value::Guid(root));
}
