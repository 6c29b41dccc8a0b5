//! Laws of initial sync over random data, and of whole runs over seeds.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use dwsim_catalog::Catalog;
use dwsim_dataverse::Actor;
use dwsim_dualwrite::{Execution, Leg, RunOptions};
use dwsim_model::{Change, ColumnKind, Operation, Side, Value};
use dwsim_scenario::{Scenario, Settings};
use dwsim_store::{Condition, Select};
use dwsim_tenant::Tenant;
use proptest::prelude::*;
use std::collections::BTreeMap;
use tests::worlds::Plan;

const MAP: &str = "customer-groups-msdyn-customergroups";
const COMPANIES: [&str; 2] = ["USMF", "DEMF"];

/// Company and number of a group, and its description on each side; none where the side has no such group.
type Groups = BTreeMap<(usize, u8), (Option<u8>, Option<u8>)>;

fn groups() -> impl Strategy<Value = Groups> {
    let sides = (proptest::option::of(0_u8..3), proptest::option::of(0_u8..3));
    proptest::collection::btree_map((0..COMPANIES.len(), 0_u8..6), sides, 0..12)
}

fn world(groups: &Groups) -> Tenant {
    let mut tenant = Plan::empty(&COMPANIES).unwrap().linked().unwrap();
    let now = tenant.clock().now();
    for ((company, number), (finops, dataverse)) in groups {
        let (company, number) = (COMPANIES[*company], format!("G{number}"));
        let create = |table: &str, columns: [&str; 3], description: u8| {
            let texts = [company.to_owned(), number.clone(), format!("d{description}")];
            let values =
                columns.iter().zip(texts).map(|(name, text)| ((*name).into(), Value::text(text))).collect();
            Change { table: table.into(), operation: Operation::Create, key: Vec::new(), values }
        };
        if let Some(description) = finops {
            let change =
                create("CustomerGroups", ["dataAreaId", "CustomerGroupId", "Description"], *description);
            tenant.finops_mut().save(&change).unwrap();
        }
        if let Some(description) = dataverse {
            let columns = ["msdyn_company", "msdyn_groupid", "msdyn_description"];
            let mut change = create("msdyn_customergroup", columns, *description);
            // F&O says No where Dataverse may say nothing: told here, so that only descriptions can differ.
            change.values.push(("msdyn_issalestaxincludedinprice".into(), Value::Bool(false)));
            tenant.dataverse_mut().unwrap().save(&change, &Actor::System, now).unwrap();
        }
    }
    tenant
}

/// Descriptions by company and number, as a side holds them.
fn held(tenant: &Tenant, side: Side) -> BTreeMap<(String, String), String> {
    let (name, columns) = match side {
        Side::FinOps => ("CustomerGroups", ["dataAreaId", "CustomerGroupId", "Description"]),
        Side::Dataverse => ("msdyn_customergroup", ["msdyn_company", "msdyn_groupid", "msdyn_description"]),
    };
    let table = tenant.catalog().table(side, name).unwrap();
    let store =
        if side == Side::FinOps { tenant.finops().store() } else { tenant.dataverse().unwrap().store() };
    let ordinals = columns.map(|column| table.ordinal(column).unwrap());
    let rows = store.collect(&Select::all(store.table(name).unwrap()).columns(&ordinals)).unwrap();
    let count = rows.len();
    let company = |value: &Value| match value.as_guid() {
        Some(id) => tenant.dataverse().unwrap().company_code(id).unwrap().unwrap().to_string(),
        None => value.to_string(),
    };
    let held: BTreeMap<_, _> =
        rows.iter().map(|row| ((company(&row[0]), row[1].to_string()), row[2].to_string())).collect();
    assert_eq!(held.len(), count, "{side} holds a group twice");
    held
}

fn run(tenant: &mut Tenant, master: Side) -> Vec<Execution> {
    let executions = tenant.run_map(MAP, RunOptions { initial_sync: true, master, full: true }).unwrap();
    tenant.stop_map(MAP).unwrap();
    executions
}

fn sum(executions: &[Execution], into: Side, of: fn(&Leg) -> u64) -> u64 {
    executions.iter().flat_map(|run| &run.legs).filter(|leg| leg.into == into).map(of).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_sides_end_equal_and_the_master_decides_conflicts(groups in groups(), finops_is_master: bool) {
        let master = if finops_is_master { Side::FinOps } else { Side::Dataverse };
        let mut tenant = world(&groups);
        let executions = run(&mut tenant, master);

        // The conflict table of the documentation, one line a key.
        let mut expected = BTreeMap::new();
        let (mut only_finops, mut only_dataverse, mut conflicts, mut equal) = (0, 0, 0, 0);
        for ((company, number), sides) in &groups {
            let description = match (sides, master) {
                ((None, None), _) => continue,
                ((Some(own), None), _) => { only_finops += 1; own }
                ((None, Some(own)), _) => { only_dataverse += 1; own }
                ((Some(a), Some(b)), _) if a == b => { equal += 1; a }
                ((Some(own), Some(_)), Side::FinOps) | ((Some(_), Some(own)), Side::Dataverse) => { conflicts += 1; own }
            };
            expected.insert((COMPANIES[*company].to_owned(), format!("G{number}")), format!("d{description}"));
        }
        prop_assert_eq!(&held(&tenant, Side::FinOps), &expected);
        prop_assert_eq!(&held(&tenant, Side::Dataverse), &expected);

        // Every exported row is accounted for, and the counts are those of the table.
        prop_assert!(executions.iter().flat_map(|run| &run.legs).all(Leg::accounted));
        prop_assert_eq!(sum(&executions, Side::Dataverse, |leg| leg.inserted), only_finops);
        prop_assert_eq!(sum(&executions, Side::FinOps, |leg| leg.inserted), only_dataverse);
        let updated = |into| sum(&executions, into, |leg| leg.updated);
        // Rows a person made in Dataverse are given to the team of their company when F&O writes them.
        let adopted = if master == Side::FinOps { equal } else { 0 };
        prop_assert_eq!(updated(master.other()), conflicts + adopted);
        prop_assert_eq!(updated(master), 0, "a conflict never changes the master's side");
        prop_assert!(executions.iter().all(Execution::succeeded));

        // A second run inserts nothing. When F&O is master, a row that Dataverse brought is sent back for the first
        // time and given to the team of its company. From then on nothing changes.
        let again = run(&mut tenant, master);
        for into in [Side::Dataverse, Side::FinOps] {
            prop_assert_eq!(sum(&again, into, |leg| leg.inserted + leg.errors), 0);
        }
        prop_assert_eq!(sum(&again, Side::FinOps, |leg| leg.updated), 0);
        let settled = if master == Side::FinOps { only_dataverse } else { 0 };
        prop_assert_eq!(sum(&again, Side::Dataverse, |leg| leg.updated), settled);
        let before = [held(&tenant, Side::FinOps), held(&tenant, Side::Dataverse)];
        prop_assert_eq!(&before, &[expected.clone(), expected.clone()]);
        let digest = |tenant: &Tenant| tenant.dataverse().unwrap().digest("msdyn_customergroup").unwrap();
        let content = digest(&tenant);
        let third = run(&mut tenant, master);
        for into in [Side::Dataverse, Side::FinOps] {
            prop_assert_eq!(sum(&third, into, |leg| leg.inserted + leg.updated + leg.errors), 0);
            prop_assert_eq!(sum(&third, into, |leg| leg.unchanged), expected.len() as u64);
        }
        prop_assert_eq!(digest(&tenant), content);
    }

    #[test]
    fn a_run_of_one_company_leaves_the_rows_of_another_alone(groups in groups()) {
        let mut tenant = world(&groups);
        let other = COMPANIES[1].parse().unwrap();
        tenant.remove_legal_entity(&other).unwrap();
        let of_other = |tenant: &Tenant, side| -> Vec<_> {
            held(tenant, side).into_iter().filter(|((company, _), _)| company == COMPANIES[1]).collect()
        };
        let before = [of_other(&tenant, Side::FinOps), of_other(&tenant, Side::Dataverse)];
        let executions = run(&mut tenant, Side::Dataverse);
        prop_assert!(executions.iter().all(|run| run.company.as_ref() != Some(&other)));
        prop_assert_eq!([of_other(&tenant, Side::FinOps), of_other(&tenant, Side::Dataverse)], before);
    }
}

#[test]
fn a_row_of_a_company_keeps_its_company_on_the_other_side() {
    let groups: Groups = [((0, 1), (Some(1), None)), ((1, 1), (Some(2), None))].into();
    let mut tenant = world(&groups);
    run(&mut tenant, Side::Dataverse);
    let dataverse = tenant.dataverse().unwrap();
    let table = dataverse.table_type("msdyn_customergroup").unwrap();
    for code in COMPANIES {
        let id = dataverse.company_id(&code.parse().unwrap()).unwrap().unwrap();
        let own = Condition::Equal(table.company.unwrap(), Value::Guid(id));
        let select = Select::all(dataverse.table("msdyn_customergroup").unwrap()).only(own);
        assert_eq!(dataverse.store().count(&select).unwrap(), 1, "{code}");
    }
}

fn report(id: &str, seed: u64) -> serde_json::Value {
    let scenario = Scenario::builtin(id).unwrap();
    let settings = Settings { seed, ..Settings::default() };
    let report = dwsim_scenario::run(Catalog::embedded().unwrap(), &scenario, &settings, |_| {}).unwrap();
    let mut report = serde_json::to_value(report).unwrap();
    // Real time is the caller's and the only figure that may differ.
    report.as_object_mut().unwrap().remove("wall_ms");
    report
}

#[test]
fn equal_seeds_give_equal_reports_and_others_give_others() {
    let first = report("existing-new", 7);
    assert_eq!(first, report("existing-new", 7));
    let other = report("existing-new", 8);
    assert_ne!(first["sides"], other["sides"], "demo data comes from the seed");
    assert_eq!(first["maps"], other["maps"], "what runs does not");
}

/// The documented decimal places of a currency column are those every money column without places of its own has.
#[test]
fn currency_columns_have_the_documented_decimal_places() {
    let catalog = Catalog::embedded().unwrap();
    let limit = catalog.facts().limit_fact("CURRENCY-DECIMALS").unwrap().value.unwrap();
    let account = catalog.table(Side::Dataverse, "account").unwrap();
    let column = account.column(account.ordinal("creditlimit").unwrap());
    let ColumnKind::Money { precision } = column.kind else { panic!("{:?}", column.kind) };
    assert_eq!(u64::from(precision), limit);
}
