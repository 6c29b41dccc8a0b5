//! Stories of the guidance matrix.

use super::{create, linked, world};
use crate::{Advice, SetupRequest, SetupTarget, Tenant};
use dwsim_catalog::facts::ApproachStep;
use dwsim_finops::EnvironmentOrigin;
use dwsim_model::Side;

const GROUPS: &str = "customer-groups-msdyn-customergroups";

fn both_existing() -> Tenant {
    let mut tenant = world(EnvironmentOrigin::Existing, true);
    tenant.finops_mut().create_company("USMF", "Contoso").unwrap();
    let typed_name = tenant.person.name.clone();
    tenant.lcs_setup(SetupRequest { target: SetupTarget::Existing, agreed: true, typed_name }).unwrap();
    tenant.lcs_configure(&["application-core".into(), "finance".into()]).unwrap();
    tenant.lcs_link().unwrap();
    tenant.apply_solution().unwrap();
    tenant
}

fn of(tenant: &Tenant) -> Advice {
    tenant.advise_map(GROUPS).unwrap()
}

#[test]
fn without_data_two_new_environments_skip_initial_sync() {
    let advice = of(&linked());
    assert_eq!(advice.row.as_deref(), Some("G1"));
    assert_eq!(advice.approach, [ApproachStep::SkipInitialSync]);
    assert!(!advice.is_against_initial_sync(), "there is nothing to bring together");
}

#[test]
fn data_of_two_new_environments_goes_where_the_threads_of_the_import_say() {
    let mut tenant = linked();
    let group = create("CustomerGroups", &[("dataAreaId", "DAT"), ("CustomerGroupId", "10")]);
    tenant.save(Side::FinOps, &[group]).unwrap();
    let advice = of(&tenant);
    let row = if advice.single_threaded { "G2" } else { "G3" };
    assert_eq!(advice.row.as_deref(), Some(row));
    assert_eq!((advice.finops_rows, advice.dataverse_rows, advice.rows()), (1, 1, 1));
    assert!(advice.reason.contains("new F&O (1 rows), new Dataverse (1 rows)"), "{}", advice.reason);
    assert!(advice.reason.contains("500000 rows"), "{}", advice.reason);
}

#[test]
fn existing_environments_bootstrap_before_initial_sync() {
    let mut tenant = both_existing();
    let group = create("CustomerGroups", &[("dataAreaId", "USMF"), ("CustomerGroupId", "10")]);
    tenant.save(Side::FinOps, &[group]).unwrap();
    let advice = of(&tenant);
    assert_eq!(advice.approach, [ApproachStep::Bootstrap, ApproachStep::InitialSync]);
    assert_eq!(advice.approach_text(), "bootstrap Dataverse, then run initial sync");
}

#[test]
fn existing_environments_without_data_have_no_row_in_the_matrix() {
    let advice = of(&both_existing());
    assert_eq!((advice.row, advice.approach), (None, Vec::new()));
    assert!(advice.reason.contains("no rows to bring together"), "{}", advice.reason);
}

#[test]
fn every_map_of_the_link_gets_its_advice_and_none_does_without_a_link() {
    let tenant = linked();
    let maps: Vec<_> = tenant.engine().maps().keys().cloned().collect();
    let advised: Vec<_> = tenant.advise().unwrap().into_iter().map(|advice| advice.map).collect();
    assert_eq!(advised, maps);
    let unlinked = world(EnvironmentOrigin::New, false);
    assert_eq!(unlinked.advise().unwrap_err().code(), Some("SIM-NOT-LINKED"));
}
