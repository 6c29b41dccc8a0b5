//! Transactions over both sides, whoever begins them: what a refused one leaves, and what follows a good one.

use super::{create, linked, rows};
use crate::{Tenant, TenantError};
use dwsim_dataverse::Actor;
use dwsim_dualwrite::{AlertAction, AlertSetting, MapStatus, RunOptions};
use dwsim_finops::OnHand;
use dwsim_model::{Change, Side, Value, VirtualDuration};

const CUSTOMERS: &str = "customers-v3-accounts";
const REQUESTS: &str = "cds-inventory-on-hand-requests-msdyn-inventoryonhandrequests";
const ENTRIES: &str = "cds-inventory-on-hand-entries-msdyn-inventoryonhandentries";

fn live(tenant: &mut Tenant, map: &str) {
    if tenant.engine().status(&map.into()) != Some(MapStatus::Running) {
        tenant.run_map(map, RunOptions { initial_sync: false, ..RunOptions::default() }).unwrap();
    }
}

/// A customer that Dataverse takes and F&O refuses: it names no customer group.
fn customer() -> Change {
    let mut change = create("account", &[("msdyn_company", "DAT"), ("accountnumber", "1"), ("name", "One")]);
    change.values.push(("customertypecode".into(), Value::Choice(3)));
    change
}

fn from_outside(tenant: &mut Tenant, changes: &[Change]) -> Result<(), TenantError> {
    tenant
        .in_dataverse(Actor::System, |transaction| {
            for change in changes {
                transaction.save(change).map_err(TenantError::dataverse)?;
            }
            Ok::<_, TenantError>(())
        })
        .map(drop)
}

#[test]
fn errors_of_callers_from_outside_count_for_alerts_like_any_other() {
    let mut tenant = linked();
    tenant
        .set_alert(AlertSetting::new("Errors", 2, VirtualDuration::from_hours(1), AlertAction::Pause))
        .unwrap();
    live(&mut tenant, CUSTOMERS);
    if tenant.engine().status(&CUSTOMERS.into()) == Some(MapStatus::Running) {
        tenant.stop_map(CUSTOMERS).unwrap();
        live(&mut tenant, CUSTOMERS);
    }
    for _ in 0..2 {
        assert_eq!(tenant.engine().status(&CUSTOMERS.into()), Some(MapStatus::Running));
        assert!(matches!(from_outside(&mut tenant, &[customer()]), Err(TenantError::Live(_))));
        assert_eq!(rows(&tenant, Side::Dataverse, "account"), 0);
    }
    assert_eq!(tenant.engine().status(&CUSTOMERS.into()), Some(MapStatus::Paused));
}

#[test]
fn a_map_that_an_alert_stops_leaves_no_configuration_behind() {
    let mut tenant = linked();
    let interval = VirtualDuration::from_hours(1);
    let setting = AlertSetting::new("Errors", 1, interval, AlertAction::Stop);
    tenant.set_alert(setting).unwrap();
    live(&mut tenant, CUSTOMERS);
    tenant.stop_map(CUSTOMERS).unwrap();
    live(&mut tenant, CUSTOMERS);
    assert!(matches!(from_outside(&mut tenant, &[customer()]), Err(TenantError::Live(_))));
    assert_eq!(tenant.engine().status(&CUSTOMERS.into()), Some(MapStatus::NotRunning));
    let dataverse = tenant.dataverse().unwrap();
    assert!(dataverse.organization().runtime_configuration.iter().all(|row| row.map.as_str() != CUSTOMERS));
}

#[test]
fn a_request_for_inventory_is_answered_in_a_transaction_of_its_own() {
    let mut tenant = linked();
    live(&mut tenant, REQUESTS);
    // An entry names a site and a warehouse, which Dataverse does not have here.
    tenant.stop_map(ENTRIES).unwrap();
    let held = OnHand { on_hand: 10.into(), reserved: 2.into(), ordered: 0.into() };
    tenant.finops_mut().set_on_hand(&"DAT".parse().unwrap(), "", "1", "11", held);
    let request =
        create("msdyn_inventoryonhandrequest", &[("msdyn_company", "DAT"), ("msdyn_requestid", "R1")]);
    tenant.save(Side::Dataverse, &[request]).unwrap();
    assert_eq!(rows(&tenant, Side::FinOps, "CDSInventoryOnHandRequests"), 1);
    assert_eq!(rows(&tenant, Side::FinOps, "CDSInventoryOnHandEntries"), 1, "F&O answers");
}

#[test]
fn a_row_is_deleted_on_both_sides_though_what_it_referred_to_is_gone() {
    let mut tenant = linked();
    live(&mut tenant, "terms-of-payment-msdyn-paymentterms");
    live(&mut tenant, "customer-groups-msdyn-customergroups");
    let term = create("PaymentTerms", &[("dataAreaId", "DAT"), ("Name", "N30")]);
    let group = create(
        "CustomerGroups",
        &[("dataAreaId", "DAT"), ("CustomerGroupId", "10"), ("PaymentTermId", "N30")],
    );
    tenant.save(Side::FinOps, &[term]).unwrap();
    tenant.save(Side::FinOps, &[group]).unwrap();
    for (table, key) in [("PaymentTerms", ("Name", "N30")), ("CustomerGroups", ("CustomerGroupId", "10"))] {
        let mut change = super::update(table, &[("dataAreaId", "DAT"), key], &[]);
        change.operation = dwsim_model::Operation::Delete;
        tenant.save(Side::FinOps, &[change]).unwrap();
    }
    assert_eq!(rows(&tenant, Side::FinOps, "CustomerGroups"), 0);
    assert_eq!(rows(&tenant, Side::Dataverse, "msdyn_customergroup"), 0);
}
