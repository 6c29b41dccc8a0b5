//! Stories of a table map's page: a stale schema, versions, and validation at Run.

use super::{create, linked, update};
use crate::{Tenant, TenantError};
use dwsim_catalog::{FieldMap, Symbol, Transform};
use dwsim_dualwrite::{MapEdit, MapStatus, Pair, RunOptions, SaveAs, SolutionPublisher};
use dwsim_model::{Change, Column, ColumnKind, Operation, Required, Side, Value};

const MAP: &str = "customer-groups-msdyn-customergroups";

fn stopped() -> Tenant {
    let mut tenant = linked();
    tenant.stop_map(MAP).unwrap();
    tenant
}

fn save_as(version: &str) -> SaveAs {
    SaveAs { publisher: "Contoso".into(), version: version.parse().unwrap() }
}

fn live() -> RunOptions {
    RunOptions { initial_sync: false, ..RunOptions::default() }
}

fn text_column(name: &str) -> Column {
    Column {
        name: name.into(),
        kind: ColumnKind::Text { max: Some(60) },
        required: Required::No,
        read_only: false,
        extra: false,
    }
}

fn add(field: &str, path: &str) -> MapEdit {
    MapEdit::Add(FieldMap {
        entity_field: Some(field.into()),
        symbol: Symbol::Both,
        path: Some(path.into()),
        transform: Transform::None,
        creates_values: false,
    })
}

fn code(result: Result<impl std::fmt::Debug, TenantError>) -> String {
    result.unwrap_err().code().unwrap_or_default().to_owned()
}

#[test]
fn columns_of_ones_own_sync_once_both_schemas_are_refreshed() {
    let mut tenant = stopped();
    tenant.add_column(Side::FinOps, "CustomerGroups", text_column("ContosoRegion")).unwrap();
    tenant.add_column(Side::Dataverse, "msdyn_customergroup", text_column("new_region")).unwrap();
    let edits = [add("ContosoRegion", "new_region")];
    let refused = tenant.edit_map(MAP, &edits, &save_as("1.0.0.1")).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "Project validation failed. [DIPV1022] Missing source field ContosoRegion in the schema. \
         Project validation failed. [DIPV1025] Missing destination field new_region in the schema"
    );
    tenant.refresh_tables().unwrap();
    // Dataverse is known now; the list of F&O entities is still the old one.
    assert_eq!(code(tenant.edit_map(MAP, &edits, &save_as("1.0.0.1"))), "DIPV1022");
    tenant.refresh_entity_list();
    tenant.refresh_tables().unwrap();
    tenant.edit_map(MAP, &edits, &save_as("1.0.0.1")).unwrap();
    tenant.run_map(MAP, live()).unwrap();
    let group = create(
        "CustomerGroups",
        &[
            ("dataAreaId", "DAT"),
            ("CustomerGroupId", "10"),
            ("Description", "first"),
            ("ContosoRegion", "North"),
        ],
    );
    tenant.save(Side::FinOps, &[group]).unwrap();
    assert_eq!(regions(&tenant), ["North"]);
    let key = [("dataAreaId", "DAT"), ("CustomerGroupId", "10")];
    tenant.save(Side::FinOps, &[update("CustomerGroups", &key, &[("ContosoRegion", "South")])]).unwrap();
    assert_eq!(regions(&tenant), ["South"]);
}

fn regions(tenant: &Tenant) -> Vec<String> {
    let dataverse = tenant.dataverse().unwrap();
    let column = dataverse.table_type("msdyn_customergroup").unwrap().ordinal("new_region").unwrap();
    let select = dwsim_store::Select::all(dataverse.table("msdyn_customergroup").unwrap()).columns(&[column]);
    dataverse.store().collect(&select).unwrap().into_iter().map(|row| row[0].to_string()).collect()
}

#[test]
fn a_column_added_to_a_table_with_rows_is_blank_in_them_and_moves_nothing() {
    let mut tenant = linked();
    let group = create(
        "CustomerGroups",
        &[("dataAreaId", "DAT"), ("CustomerGroupId", "10"), ("Description", "first")],
    );
    tenant.save(Side::FinOps, &[group]).unwrap();
    tenant.add_column(Side::FinOps, "CustomerGroups", text_column("ContosoRegion")).unwrap();
    tenant.add_column(Side::Dataverse, "msdyn_customergroup", text_column("new_region")).unwrap();
    assert_eq!(regions(&tenant), [Value::Null.to_string()]);
    // The running map was compiled before, and goes on.
    let key = [("dataAreaId", "DAT"), ("CustomerGroupId", "10")];
    tenant.save(Side::FinOps, &[update("CustomerGroups", &key, &[("Description", "second")])]).unwrap();
    let dataverse = tenant.dataverse().unwrap();
    let column = dataverse.table_type("msdyn_customergroup").unwrap().ordinal("msdyn_description").unwrap();
    let select = dwsim_store::Select::all(dataverse.table("msdyn_customergroup").unwrap()).columns(&[column]);
    assert_eq!(dataverse.store().collect(&select).unwrap()[0][0], Value::text("second"));
}

#[test]
fn a_column_that_is_gone_is_missed_only_after_the_tables_are_refreshed() {
    let mut tenant = stopped();
    tenant.remove_column(Side::Dataverse, "msdyn_customergroup", "msdyn_description").unwrap();
    tenant.run_map(MAP, live()).unwrap();
    tenant.stop_map(MAP).unwrap();
    tenant.refresh_tables().unwrap();
    let refused = tenant.run_map(MAP, live()).unwrap_err();
    assert!(
        refused.to_string().contains("Missing destination field msdyn_description in the schema"),
        "{refused}"
    );
    assert_eq!(tenant.engine().status(&MAP.into()), Some(MapStatus::NotRunning));
    tenant.edit_map(MAP, &[MapEdit::Remove(Pair::field("Description"))], &save_as("1.0.0.1")).unwrap();
    tenant.run_map(MAP, live()).unwrap();
}

#[test]
fn a_running_map_is_not_edited() {
    let mut tenant = linked();
    let edits = [MapEdit::Remove(Pair::field("Description"))];
    assert!(tenant.edit_map(MAP, &edits, &save_as("1.0.0.1")).is_err());
    assert_eq!(tenant.engine().maps()[MAP].versions().len(), 1);
    tenant.stop_map(MAP).unwrap();
    tenant.edit_map(MAP, &edits, &save_as("1.0.0.1")).unwrap();
    tenant.run_map(MAP, live()).unwrap();
    assert_eq!(tenant.engine().maps()[MAP].compiled.map.version, "1.0.0.1".parse().unwrap());
}

#[test]
fn what_breaks_the_link_refuses_the_run_and_mending_it_lets_the_map_run() {
    let mut tenant = stopped();
    tenant.link_faults_mut().unwrap().connection_invalid = true;
    assert_eq!(code(tenant.run_map(MAP, live())), "DIPV1000");
    tenant.link_faults_mut().unwrap().connection_invalid = false;
    tenant.link_faults_mut().unwrap().environment_info_missing = true;
    assert_eq!(code(tenant.run_map(MAP, live())), "DIPV1005");
    tenant.link_faults_mut().unwrap().environment_info_missing = false;
    tenant.finops_mut().environment_mut().shared_entities.insert("CustomerGroups".into());
    assert_eq!(code(tenant.run_map(MAP, live())), "DIPV1002");
    tenant.finops_mut().environment_mut().shared_entities.clear();
    let organization = tenant.dataverse_mut().unwrap().organization_mut();
    let own = std::mem::replace(&mut organization.id, uuid::Uuid::from_u128(7));
    assert_eq!(code(tenant.run_map(MAP, live())), "DIPV1007");
    let organization = tenant.dataverse_mut().unwrap().organization_mut();
    organization.id = own;
    organization.unversioned_tables.insert("msdyn_customergroup".into());
    assert_eq!(code(tenant.run_map(MAP, live())), "DIPV1019");
    tenant.dataverse_mut().unwrap().organization_mut().unversioned_tables.clear();
    tenant.run_map(MAP, live()).unwrap();
}

#[test]
fn a_renamed_business_unit_is_no_valid_partition() {
    let mut tenant = stopped();
    let rename = |tenant: &mut Tenant, from: &str, to: &str| {
        let change = Change {
            table: "businessunit".into(),
            operation: Operation::Update,
            key: vec![("name".into(), Value::text(from))],
            values: vec![("name".into(), Value::text(to))],
        };
        tenant.save(Side::Dataverse, &[change]).unwrap();
    };
    rename(&mut tenant, "DAT", "Contoso");
    assert_eq!(code(tenant.run_map(MAP, live())), "DIPV1008");
    rename(&mut tenant, "Contoso", "DAT");
    tenant.run_map(MAP, live()).unwrap();
}

#[test]
fn a_legal_entity_without_its_row_in_dataverse_has_no_organisation_mapping() {
    let mut tenant = stopped();
    let facts = tenant.catalog().facts().company().clone();
    let delete = Change {
        table: facts.table.clone(),
        operation: Operation::Delete,
        key: vec![(facts.code_column.clone(), Value::text("DAT"))],
        values: Vec::new(),
    };
    tenant.save(Side::Dataverse, &[delete]).unwrap();
    let found: Vec<&str> = tenant.validate_map(MAP).unwrap().iter().map(|finding| finding.code).collect();
    assert!(found.contains(&"DIPV1016") && found.contains(&"DIPV1017"), "{found:?}");
    assert!(tenant.run_map(MAP, live()).is_err());
}

#[test]
fn a_key_goes_with_the_last_alternate_key_and_comes_back_with_it() {
    let mut tenant = stopped();
    tenant.set_alternate_keys("msdyn_customergroup", &[]).unwrap();
    tenant.run_map(MAP, live()).unwrap();
    tenant.stop_map(MAP).unwrap();
    tenant.refresh_tables().unwrap();
    assert_eq!(code(tenant.run_map(MAP, live())), "DIPV1003");
    let key = vec!["msdyn_company".into(), "msdyn_groupid".into()];
    tenant.set_alternate_keys("msdyn_customergroup", &[key]).unwrap();
    assert_eq!(code(tenant.run_map(MAP, live())), "DIPV1003");
    tenant.refresh_tables().unwrap();
    tenant.run_map(MAP, live()).unwrap();
}

#[test]
fn a_key_column_whose_value_changes_breaks_the_pair_of_rows() {
    let mut tenant = stopped();
    let key = vec!["msdyn_company".into(), "msdyn_description".into()];
    tenant.set_alternate_keys("msdyn_customergroup", &[key]).unwrap();
    tenant.refresh_tables().unwrap();
    let key: Vec<Box<str>> = vec!["msdyn_description".into(), "msdyn_company.cdm_companycode".into()];
    tenant.set_integration_key("msdyn_customergroup", &key).unwrap();
    tenant.run_map(MAP, live()).unwrap();
    let group = create(
        "CustomerGroups",
        &[("dataAreaId", "DAT"), ("CustomerGroupId", "10"), ("Description", "first")],
    );
    tenant.save(Side::FinOps, &[group]).unwrap();
    let key = [("dataAreaId", "DAT"), ("CustomerGroupId", "10")];
    tenant.save(Side::FinOps, &[update("CustomerGroups", &key, &[("Description", "second")])]).unwrap();
    // The old row stays alone; the changed one is new.
    assert_eq!(super::rows(&tenant, Side::Dataverse, "msdyn_customergroup"), 2);
    assert_eq!(super::rows(&tenant, Side::FinOps, "CustomerGroups"), 1);
}

#[test]
fn a_solution_goes_from_one_world_to_another_and_its_maps_are_listed_once_it_is_applied() {
    let mut home = stopped();
    home.edit_map(MAP, &[MapEdit::Remove(Pair::field("Description"))], &save_as("1.0.0.5")).unwrap();
    let publisher = SolutionPublisher { friendlyname: "Contoso".into(), customizationprefix: "con".into() };
    let versions = [(MAP.into(), "1.0.0.5".parse().unwrap())];
    let text =
        home.export_map_solution("ContosoMaps", "1.0.0.0", publisher.clone(), true, &versions).unwrap();

    let mut away = stopped();
    away.import_map_solution(&text).unwrap();
    assert_eq!(away.engine().maps()[MAP].versions().len(), 1);
    assert_eq!(away.apply_map_solutions(&[], false).unwrap().versions, 1);
    away.activate_map_version(MAP, "1.0.0.5".parse().unwrap(), None).unwrap();
    away.run_map(MAP, live()).unwrap();
    assert_eq!(away.engine().maps()[MAP].compiled.map.fields.len(), 4);

    let unmanaged =
        home.export_map_solution("ContosoMaps", "2.0", publisher.clone(), false, &versions).unwrap();
    assert_eq!(code(away.import_map_solution(&unmanaged)), "SIM-SOLUTION-MANAGED");
    let older = home.export_map_solution("ContosoMaps", "0.9", publisher, true, &versions).unwrap();
    assert_eq!(code(away.import_map_solution(&older)), "SIM-SOLUTION-MANAGED");
    assert_eq!(code(away.import_map_solution("{}")), "SIM-MAP-DOCUMENT");

    assert!(away.uninstall_map_solution("ContosoMaps").is_err(), "its map runs");
    away.stop_map(MAP).unwrap();
    assert_eq!(away.uninstall_map_solution("ContosoMaps").unwrap(), 0);
    assert_eq!(away.engine().maps()[MAP].versions().len(), 1);
    assert!(!away.dataverse().unwrap().organization().solutions.contains_key("ContosoMaps"));
}

#[test]
fn the_health_check_of_a_map_reads_both_environments() {
    let mut tenant = linked();
    let codes = |tenant: &Tenant| -> Vec<&str> {
        tenant.check_up_map(MAP).unwrap().iter().map(|line| line.code).collect()
    };
    assert!(codes(&tenant).contains(&"1000") && !codes(&tenant).contains(&"400"));
    let plugins = vec!["Contoso.Plugins".into()];
    let organization = tenant.dataverse_mut().unwrap().organization_mut();
    organization.synchronous_plugins.insert("msdyn_customergroup".into(), plugins);
    assert!(codes(&tenant).contains(&"5000"));
    tenant.finops_mut().environment_mut().platform_update = 42;
    assert_eq!(codes(&tenant), ["100"]);
}

#[test]
fn a_map_of_ones_own_is_added_by_the_person_who_linked_and_runs() {
    let mut tenant = stopped();
    let row = |field: &str, path: &str| match add(field, path) {
        MapEdit::Add(row) => row,
        other => panic!("{other:?}"),
    };
    let rows = vec![row("vendorgroupid", "msdyn_groupid"), row("Description", "msdyn_description")];
    let linker = std::mem::replace(&mut tenant.person.name, "Robin Guest".into());
    let add_it = |tenant: &mut Tenant, entity: &str| {
        tenant.add_table_map(entity, "msdyn_customergroup", rows.clone(), &save_as("1.0.0.0"))
    };
    assert_eq!(code(add_it(&mut tenant, "VendorGroups")), "E8");
    tenant.person.name = linker;
    let near = add_it(&mut tenant, "VendorGroup").unwrap_err().to_string();
    assert!(near.contains("did you mean 'VendorGroups'?"), "{near}");
    assert_eq!(code(add_it(&mut tenant, "CustomerGroups")), "SIM-MAP-EXISTS");
    let (map, warnings) = add_it(&mut tenant, "VendorGroups").unwrap();
    assert!(warnings.is_empty());
    assert_eq!(map.as_str(), "vendor-groups-msdyn-customergroups");
    tenant.run_map(&map, live()).unwrap();
    let group = create(
        "VendorGroups",
        &[("dataAreaId", "DAT"), ("VendorGroupId", "V1"), ("Description", "from a vendor")],
    );
    tenant.save(Side::FinOps, &[group]).unwrap();
    assert_eq!(super::rows(&tenant, Side::Dataverse, "msdyn_customergroup"), 1);
}
