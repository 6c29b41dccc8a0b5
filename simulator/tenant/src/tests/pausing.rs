//! Stories of pausing, resuming and of a commit that only one side sees.

use super::{create, linked, rows, update};
use crate::{CommitPoint, Tenant};
use dwsim_dualwrite::{MapStatus, ResumeMode};
use dwsim_model::{MapId, Side, Value, VirtualDuration};

const MAP: &str = "customer-groups-msdyn-customergroups";

fn maps() -> Vec<MapId> {
    vec![MAP.into()]
}

fn group(id: &str) -> dwsim_model::Change {
    create("CustomerGroups", &[("dataAreaId", "DAT"), ("CustomerGroupId", id), ("Description", "first")])
}

fn described(tenant: &Tenant) -> Vec<String> {
    let dataverse = tenant.dataverse().unwrap();
    let table = dataverse.table_type("msdyn_customergroup").unwrap();
    let columns = [table.ordinal("msdyn_groupid").unwrap(), table.ordinal("msdyn_description").unwrap()];
    let select = dwsim_store::Select::all(dataverse.table("msdyn_customergroup").unwrap())
        .columns(&columns)
        .ordered(&columns[..1]);
    let shown = |row: Box<[Value]>| format!("{} {}", row[0], row[1]);
    dataverse.store().collect(&select).unwrap().into_iter().map(shown).collect()
}

fn paused() -> Tenant {
    let mut tenant = linked();
    tenant.save(Side::FinOps, &[group("10")]).unwrap();
    tenant.pause_maps(&maps()).unwrap();
    for text in ["second", "third"] {
        let key = [("dataAreaId", "DAT"), ("CustomerGroupId", "10")];
        tenant.save(Side::FinOps, &[update("CustomerGroups", &key, &[("Description", text)])]).unwrap();
    }
    tenant.save(Side::FinOps, &[group("20")]).unwrap();
    assert_eq!(described(&tenant), ["10 first"]);
    tenant
}

#[test]
fn a_paused_map_queues_every_change_and_catching_up_plays_them_back() {
    let mut tenant = paused();
    assert_eq!(tenant.engine().maps()[MAP].queue.len(), 3);
    tenant.resume_maps(&maps(), ResumeMode::CatchUp).unwrap();
    assert_eq!(described(&tenant), ["10 third", "20 first"]);
    assert_eq!(tenant.engine().status(&MAP.into()), Some(MapStatus::Running));
}

#[test]
fn discarding_the_queue_loses_the_changes_and_preserving_it_keeps_them_for_retry() {
    let mut tenant = paused();
    tenant.resume_maps(&maps(), ResumeMode::Discard).unwrap();
    assert_eq!(described(&tenant), ["10 first"]);
    let mut tenant = paused();
    tenant.resume_maps(&maps(), ResumeMode::PreserveAsErrors).unwrap();
    assert_eq!(described(&tenant), ["10 first"]);
    assert_eq!(tenant.engine().maps()[MAP].catch_up_errors.len(), 3);
}

#[test]
fn a_map_paused_for_more_than_a_day_takes_no_more_changes() {
    let mut tenant = paused();
    tenant.clock_mut().advance(VirtualDuration::from_hours(24));
    tenant.save(Side::FinOps, &[group("30")]).unwrap();
    tenant.clock_mut().advance(VirtualDuration::from_secs(1));
    let error = tenant.save(Side::FinOps, &[group("40")]).unwrap_err();
    assert_eq!(error.code(), Some("SIM-PAUSE-LIMIT"));
    assert_eq!(rows(&tenant, Side::FinOps, "CustomerGroups"), 3);
}

#[test]
fn pausing_is_refused_for_all_when_one_does_not_run() {
    let mut tenant = linked();
    tenant.stop_map("vendor-groups-msdyn-vendorgroups").unwrap();
    let both = [MAP.into(), "vendor-groups-msdyn-vendorgroups".into()];
    assert!(tenant.pause_maps(&both).is_err());
    assert_eq!(tenant.engine().status(&MAP.into()), Some(MapStatus::Running));
}

#[test]
fn the_gap_between_both_commits_leaves_one_side_changed_and_says_so() {
    let mut tenant = linked();
    tenant.save_with(Side::FinOps, &[group("10")], Some(CommitPoint::CommitGap)).unwrap_err();
    assert_eq!(rows(&tenant, Side::Dataverse, "msdyn_customergroup"), 1);
    assert_eq!(rows(&tenant, Side::FinOps, "CustomerGroups"), 0);
    assert!(tenant.journal().events().iter().any(|event| format!("{:?}", event.kind).contains("commit gap")));
    // Repeating the save heals it: the row is found by its integration key.
    tenant.save(Side::FinOps, &[group("10")]).unwrap();
    assert_eq!(rows(&tenant, Side::Dataverse, "msdyn_customergroup"), 1);
    assert_eq!(rows(&tenant, Side::FinOps, "CustomerGroups"), 1);
}

#[test]
fn before_the_commit_neither_side_keeps_anything() {
    let mut tenant = linked();
    tenant.save_with(Side::FinOps, &[group("10")], Some(CommitPoint::BeforeCommit)).unwrap_err();
    assert_eq!(rows(&tenant, Side::Dataverse, "msdyn_customergroup"), 0);
    assert_eq!(rows(&tenant, Side::FinOps, "CustomerGroups"), 0);
}
