//! Stories of legal entities and of bootstrapping.

use super::{create, linked, rows, world};
use crate::{BootstrapMode, SetupRequest, SetupTarget, Tenant};
use dwsim_dualwrite::{MapStatus, RunOptions};
use dwsim_finops::EnvironmentOrigin;
use dwsim_model::{CompanyCode, Side, Value};
use dwsim_store::Select;

fn company(code: &str) -> CompanyCode {
    code.parse().unwrap()
}

/// Both environments have lived; they are linked for every company.
fn lived() -> Tenant {
    let mut tenant = world(EnvironmentOrigin::Existing, true);
    let now = tenant.clock().now();
    let (finops, dataverse) = tenant.environments_mut();
    dwsim_seeds::load_existing("existing", Some(finops), dataverse, now).unwrap();
    let typed_name = tenant.person.name.clone();
    tenant.lcs_setup(SetupRequest { target: SetupTarget::Existing, agreed: true, typed_name }).unwrap();
    tenant.lcs_configure(&[]).unwrap();
    tenant.lcs_link().unwrap();
    tenant.apply_solution().unwrap();
    tenant
}

/// Number, company and name of every account, by number.
fn accounts(tenant: &Tenant) -> Vec<(String, Option<CompanyCode>, String)> {
    let dataverse = tenant.dataverse().unwrap();
    let table = dataverse.table_type("account").unwrap();
    let columns = ["accountnumber", "msdyn_company", "name"].map(|name| table.ordinal(name).unwrap());
    let select = Select::all(dataverse.table("account").unwrap()).columns(&columns).ordered(&columns[..1]);
    let account = |row: Box<[Value]>| {
        let code = row[1].as_guid().and_then(|id| dataverse.company_code(id).unwrap());
        (row[0].to_string(), code, row[2].to_string())
    };
    dataverse.store().collect(&select).unwrap().into_iter().map(account).collect()
}

#[test]
fn existing_environments_are_linked_for_every_company_and_no_map_is_started() {
    let tenant = lived();
    let companies: Vec<String> = tenant.engine().companies().iter().map(ToString::to_string).collect();
    assert_eq!(companies, ["DAT", "DEMF", "USMF"]);
    assert!(tenant.engine().maps().values().all(|state| state.status == MapStatus::NotRunning));
}

#[test]
fn careful_bootstrapping_leaves_alone_what_two_companies_claim_or_nobody_can_name() {
    let mut tenant = lived();
    let report = tenant.bootstrap(&company("USMF"), &["account".into()], BootstrapMode::Careful).unwrap();
    assert_eq!(report.total(), 3);
    assert!(
        report
            .warnings
            .iter()
            .any(|warning| warning.starts_with("the number 1001 exists in the companies DEMF, USMF"))
    );
    assert!(report.warnings.iter().any(|warning| warning.contains("a row has no accountnumber")));
    let without: Vec<String> = accounts(&tenant)
        .into_iter()
        .filter(|(_, company, _)| company.is_none())
        .map(|(number, ..)| number)
        .collect();
    assert_eq!(without, ["", "1001"]);
}

#[test]
fn bootstrapping_twice_changes_nothing() {
    let mut tenant = lived();
    tenant.bootstrap(&company("USMF"), &[], BootstrapMode::Careful).unwrap();
    let before = accounts(&tenant);
    assert_eq!(tenant.bootstrap(&company("USMF"), &[], BootstrapMode::Careful).unwrap().total(), 0);
    assert_eq!(accounts(&tenant), before);
}

#[test]
fn the_sample_lets_the_second_company_take_the_account_over() {
    let mut tenant = lived();
    let usmf = tenant.bootstrap(&company("USMF"), &[], BootstrapMode::Sample).unwrap();
    // US-003 and the person US-004 have no account: the sample creates them.
    assert_eq!((usmf.total(), usmf.created), (3, 2));
    let owner = |tenant: &Tenant| accounts(tenant).into_iter().find(|(number, ..)| number == "1001").unwrap();
    assert_eq!(owner(&tenant).1, Some(company("USMF")));
    tenant.bootstrap(&company("DEMF"), &[], BootstrapMode::Sample).unwrap();
    assert_eq!(owner(&tenant), ("1001".into(), Some(company("DEMF")), "Litware Großhandel".into()));
    assert!(accounts(&tenant).iter().any(|(number, company, _)| number == "CE-500" && company.is_none()));
}

#[test]
fn a_company_that_is_added_gets_its_initial_write_and_nobody_else_does() {
    let mut tenant = linked();
    tenant.create_company(&company("USMF"), "Contoso USA").unwrap();
    for code in ["DAT", "USMF"] {
        let group = create("CustomerGroups", &[("dataAreaId", code), ("CustomerGroupId", "10")]);
        tenant.finops_mut().save(&group).unwrap();
    }
    let executions = tenant.add_legal_entity(&company("USMF"), false).unwrap();
    assert!(!executions.is_empty());
    assert!(executions.iter().all(|execution| execution.company == Some(company("USMF"))));
    assert_eq!(rows(&tenant, Side::Dataverse, "msdyn_customergroup"), 1);
    assert!(tenant.engine().maps().values().all(|state| state.status != MapStatus::Initializing));
}

#[test]
fn a_paused_map_whose_write_of_a_new_company_fails_keeps_neither_configuration_nor_queue() {
    const MAP: &str = "customer-groups-msdyn-customergroups";
    let mut tenant = linked();
    tenant.create_company(&company("USMF"), "Contoso USA").unwrap();
    if tenant.engine().status(&MAP.into()) != Some(MapStatus::Running) {
        tenant.run_map(MAP, RunOptions::default()).unwrap();
    }
    tenant.pause_maps(&[MAP.into()]).unwrap();
    let group = create("CustomerGroups", &[("dataAreaId", "DAT"), ("CustomerGroupId", "10")]);
    tenant.save(Side::FinOps, &[group]).unwrap();
    assert_eq!(tenant.engine().maps()[MAP].queue.len(), 1);
    tenant.finops_mut().environment_mut().import_export_running = false;
    tenant.add_legal_entity(&company("USMF"), false).unwrap();
    assert_eq!(tenant.engine().status(&MAP.into()), Some(MapStatus::NotRunning));
    let dataverse = tenant.dataverse().unwrap();
    assert!(dataverse.organization().runtime_configuration.iter().all(|row| row.map.as_str() != MAP));
    assert!(tenant.engine().maps()[MAP].queue.is_empty(), "it would be played back over what comes later");
    assert!(
        tenant.activity_log(MAP).iter().any(|(_, line)| line.contains("1 queued changes were discarded"))
    );
}

#[test]
fn a_company_that_does_not_exist_cannot_be_added() {
    let mut tenant = linked();
    let error = tenant.add_legal_entity(&company("NONE"), true).unwrap_err();
    assert_eq!(error.code(), Some("SIM-UNKNOWN-COMPANY"));
    assert_eq!(tenant.engine().companies().len(), 1);
}

#[test]
fn the_fortieth_company_gets_initial_writes_and_the_forty_first_does_not() {
    let mut tenant = linked();
    for number in 1..=40 {
        let code = company(&format!("C{number:02}"));
        tenant.create_company(&code, &format!("Company {number}")).unwrap();
        let group = create("CustomerGroups", &[("dataAreaId", code.as_str()), ("CustomerGroupId", "10")]);
        tenant.finops_mut().save(&group).unwrap();
        let written = !tenant.add_legal_entity(&code, false).unwrap().is_empty();
        assert_eq!(written, number < 40, "company {number} beside DAT");
    }
    let map = "customer-groups-msdyn-customergroups";
    tenant.stop_map(map).unwrap();
    let error = tenant.run_map(map, dwsim_dualwrite::RunOptions::default()).unwrap_err().to_string();
    assert!(error.contains("Exceeds the maximum partitions allowed"), "{error}");
}
