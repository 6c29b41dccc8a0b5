//! Stories of set-up and of what works right after it.

use super::{create, linked, request, rows, world};
use crate::{LcsState, Tenant};
use dwsim_dualwrite::{MapStatus, RunOptions};
use dwsim_finops::EnvironmentOrigin;
use dwsim_model::Side;

#[test]
fn a_new_environment_is_linked_for_dat_with_every_map_live_and_no_initial_sync() {
    let tenant = linked();
    assert_eq!(*tenant.lcs().state(), LcsState::Linked);
    assert_eq!(tenant.engine().companies().iter().map(ToString::to_string).collect::<Vec<_>>(), ["DAT"]);
    let leave = tenant.maps_to_leave_stopped();
    for (id, state) in tenant.engine().maps() {
        let wanted = if leave.contains(id) { MapStatus::NotRunning } else { MapStatus::Running };
        assert_eq!(state.status, wanted, "{id}");
    }
    assert!(tenant.engine().executions().is_empty());
    assert!(tenant.linking_mismatch().is_none());
}

#[test]
fn a_group_saved_on_either_side_arrives_on_the_other_and_does_not_come_back() {
    let mut tenant = linked();
    let group = create(
        "CustomerGroups",
        &[("dataAreaId", "DAT"), ("CustomerGroupId", "10"), ("Description", "Wholesale")],
    );
    tenant.save(Side::FinOps, &[group]).unwrap();
    assert_eq!(rows(&tenant, Side::Dataverse, "msdyn_customergroup"), 1);
    let group = create("msdyn_customergroup", &[("msdyn_company", "DAT"), ("msdyn_groupid", "20")]);
    tenant.save(Side::Dataverse, &[group]).unwrap();
    assert_eq!(rows(&tenant, Side::FinOps, "CustomerGroups"), 2);
    assert_eq!(rows(&tenant, Side::Dataverse, "msdyn_customergroup"), 2);
}

#[test]
fn a_customer_whose_group_dataverse_lacks_is_refused_on_both_sides() {
    let mut tenant = linked();
    let parties = rows(&tenant, Side::FinOps, "CDSParties");
    let customer = create(
        "CustomersV3",
        &[
            ("dataAreaId", "DAT"),
            ("CustomerAccount", "C1"),
            ("CustomerGroupId", "80"),
            ("SalesCurrencyCode", "USD"),
            ("PartyType", "Organization"),
        ],
    );
    let error = tenant.save(Side::FinOps, &[customer]).unwrap_err().to_string();
    assert!(error.starts_with("Cannot save the changes to the database. Unit of Work can not commit transaction. Unable to write data to entity accounts."), "{error}");
    assert!(error.contains("Unable to lookup msdyn_customergroups with values {80,"), "{error}");
    assert_eq!(rows(&tenant, Side::FinOps, "CustomersV3"), 0);
    assert_eq!(rows(&tenant, Side::FinOps, "CDSParties"), parties);
    assert_eq!(rows(&tenant, Side::Dataverse, "msdyn_party"), 0);
}

#[test]
fn no_transaction_stays_open_whether_a_save_passes_or_is_refused() {
    let mut tenant = linked();
    let at_rest = |tenant: &Tenant| {
        !tenant.finops().store().in_transaction() && !tenant.dataverse().unwrap().store().in_transaction()
    };
    assert!(at_rest(&tenant));
    let group = [("dataAreaId", "DAT"), ("CustomerGroupId", "10"), ("Description", "Wholesale")];
    tenant.save(Side::FinOps, &[create("CustomerGroups", &group)]).unwrap();
    assert!(at_rest(&tenant));
    let group = [("msdyn_company", "DAT"), ("msdyn_groupid", "20"), ("msdyn_description", "Retail")];
    tenant.save(Side::Dataverse, &[create("msdyn_customergroup", &group)]).unwrap();
    assert!(at_rest(&tenant));
    let unknown_term = [("dataAreaId", "DAT"), ("CustomerGroupId", "30"), ("PaymentTermId", "Never")];
    tenant.save(Side::FinOps, &[create("CustomerGroups", &unknown_term)]).unwrap_err();
    assert!(at_rest(&tenant));
}

#[test]
fn set_up_without_capacity_fails_and_resumes_when_there_is_some() {
    let mut tenant = world(EnvironmentOrigin::New, false);
    tenant.policy.free_capacity_mb = 512;
    let request = request(&tenant);
    assert_eq!(tenant.lcs_setup(request).unwrap_err().code(), Some("SIM-LCS-CAPACITY"));
    assert!(matches!(tenant.lcs().state(), LcsState::Failed { .. }));
    tenant.policy.free_capacity_mb = 2_048;
    tenant.lcs_resume().unwrap();
    assert_eq!(*tenant.lcs().state(), LcsState::Connected);
}

#[test]
fn the_name_must_be_typed_and_nothing_starts_without_it() {
    let mut tenant = world(EnvironmentOrigin::New, false);
    let mut request = request(&tenant);
    request.typed_name.clear();
    assert_eq!(tenant.lcs_setup(request).unwrap_err().code(), Some("SIM-LCS-NAME-NOT-TYPED"));
    assert_eq!(*tenant.lcs().state(), LcsState::NotConnected);
}

#[test]
fn initial_sync_brings_groups_over_and_a_second_one_changes_nothing() {
    let mut tenant = linked();
    let map = "customer-groups-msdyn-customergroups";
    tenant.stop_map(map).unwrap();
    for group in ["10", "20", "30"] {
        tenant
            .save(
                Side::FinOps,
                &[create("CustomerGroups", &[("dataAreaId", "DAT"), ("CustomerGroupId", group)])],
            )
            .unwrap();
    }
    let first = tenant.run_map(map, RunOptions::default()).unwrap();
    assert_eq!((first[0].legs[0].exported, first[0].legs[0].inserted), (3, 3));
    assert_eq!(first[0].legs[1].exported, 0, "rows written by the first leg are not sent back");
    tenant.stop_map(map).unwrap();
    let second = tenant.run_map(map, RunOptions { full: true, ..RunOptions::default() }).unwrap();
    for leg in &second[0].legs {
        assert!(leg.accounted());
        assert_eq!((leg.inserted, leg.updated, leg.errors, leg.unchanged), (0, 0, 0, 3), "{leg:?}");
    }
}

#[test]
fn only_a_dataverse_made_for_a_new_finops_comes_with_the_prime_solution() {
    for (origin, wanted) in [(EnvironmentOrigin::New, true), (EnvironmentOrigin::Existing, false)] {
        let mut tenant = world(origin, false);
        let request = request(&tenant);
        tenant.lcs_setup(request).unwrap();
        assert_eq!(tenant.dataverse().unwrap().organization().crm_prime_solution, wanted, "{origin:?}");
    }
}

#[test]
fn what_needs_a_dataverse_says_that_there_is_none() {
    let mut tenant = world(EnvironmentOrigin::Existing, false);
    let error = tenant.grant_access().unwrap_err();
    assert_eq!(error.code(), Some("SIM-NO-DATAVERSE"));
    assert!(
        error.to_string().starts_with("Contoso has no Dataverse environment that Alex Admin administers"),
        "{error}"
    );
    tenant.create_dataverse_by_hand().unwrap();
    assert_eq!(tenant.create_dataverse_by_hand().unwrap_err().code(), Some("SIM-DATAVERSE-EXISTS"));
}

#[test]
fn parties_that_went_over_live_are_unchanged_by_a_later_initial_sync() {
    let mut tenant = linked();
    let party = create(
        "CDSParties",
        &[("PartyType", "Organization"), ("OrganizationName", "Contoso"), ("PartyNumber", "P-1")],
    );
    tenant.save(Side::FinOps, &[party]).unwrap();
    let map = "cds-parties-msdyn-parties";
    tenant.stop_map(map).unwrap();
    tenant.run_map(map, RunOptions { full: true, ..RunOptions::default() }).unwrap();
    tenant.stop_map(map).unwrap();
    let table = tenant.finops().table("CDSParties").unwrap();
    let read = |tenant: &Tenant| {
        tenant
            .finops()
            .store()
            .collect(&dwsim_store::Select::all(table).columns(&(0..40).collect::<Vec<_>>()))
            .unwrap()
    };
    let before = read(&tenant);
    let second = tenant.run_map(map, RunOptions { full: true, ..RunOptions::default() }).unwrap();
    let after = read(&tenant);
    for (a, b) in before.iter().zip(&after) {
        for (i, (x, y)) in a.iter().zip(b.iter()).enumerate() {
            assert_eq!(x, y, "column {}", tenant.finops().table_type("CDSParties").unwrap().column(i).name);
        }
    }
    for leg in &second[0].legs {
        assert_eq!((leg.inserted, leg.updated, leg.errors), (0, 0, 0), "{leg:?}");
    }
}
