//! Stories of pausing, resuming and of a commit that only one side sees.

use super::{create, linked, rows, update};
use crate::Tenant;
use dwsim_dualwrite::{FaultPoint, MapStatus, ResumeMode};
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
    tenant.save_with(Side::FinOps, &[group("10")], Some(FaultPoint::CommitGap)).unwrap_err();
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
    tenant.save_with(Side::FinOps, &[group("10")], Some(FaultPoint::BeforeCommit)).unwrap_err();
    assert_eq!(rows(&tenant, Side::Dataverse, "msdyn_customergroup"), 0);
    assert_eq!(rows(&tenant, Side::FinOps, "CustomerGroups"), 0);
}

#[test]
fn a_queue_is_played_back_only_while_its_map_is_resuming() {
    let mut tenant = paused();
    assert!(tenant.resume_step(&maps()).is_err());
    assert!(tenant.finish_resume(&maps()).is_err());
    assert_eq!(described(&tenant), ["10 first"], "nothing was applied by what was refused");
    assert_eq!(tenant.engine().maps()[MAP].queue.len(), 3);
}

#[test]
fn legal_entities_neither_join_nor_leave_while_a_map_is_resuming() {
    let mut tenant = paused();
    tenant.create_company(&"USMF".parse().unwrap(), "Contoso USA").unwrap();
    tenant.begin_resume(&maps()).unwrap();
    assert!(tenant.add_legal_entity(&"USMF".parse().unwrap(), false).is_err());
    assert!(tenant.remove_legal_entity(&"DAT".parse().unwrap()).is_err());
    tenant.finish_resume(&maps()).unwrap();
    tenant.add_legal_entity(&"USMF".parse().unwrap(), false).unwrap();
    assert_eq!(described(&tenant), ["10 third", "20 first"]);
}

#[test]
fn resuming_begins_for_all_maps_or_none() {
    let mut tenant = paused();
    let both = [MAP.into(), "vendor-groups-msdyn-vendorgroups".into()];
    assert!(tenant.begin_resume(&both).is_err());
    assert_eq!(tenant.engine().status(&MAP.into()), Some(MapStatus::Paused));
}

#[test]
fn a_change_that_was_applied_and_stayed_in_its_queue_changes_nothing_when_it_comes_again() {
    let mut tenant = paused();
    let cut = tenant.resume_maps_with(&maps(), ResumeMode::CatchUp, Some(FaultPoint::QueueApplied));
    assert_eq!(cut.unwrap_err().code(), Some("SIM-INTERRUPTED"));
    assert_eq!(tenant.engine().status(&MAP.into()), Some(MapStatus::Resuming));
    assert_eq!(tenant.engine().maps()[MAP].queue.len(), 3);
    let once = described(&tenant);
    assert!(tenant.resume_step(&maps()).unwrap());
    assert_eq!(described(&tenant), once);
    tenant.finish_resume(&maps()).unwrap();
    assert_eq!(tenant.engine().status(&MAP.into()), Some(MapStatus::Running));
}

#[test]
fn a_time_out_says_that_the_outcome_is_unknown_whichever_it_was() {
    for (point, kept) in [(FaultPoint::TimeoutNotCommitted, 0), (FaultPoint::TimeoutCommitted, 1)] {
        let mut tenant = linked();
        let before = tenant.clock().now();
        let error = tenant.save_with(Side::FinOps, &[group("10")], Some(point)).unwrap_err();
        assert_eq!(error.code(), Some("SIM-OUTCOME-UNKNOWN"));
        assert_eq!(tenant.clock().since(before), VirtualDuration::from_secs(120));
        assert_eq!(rows(&tenant, Side::Dataverse, "msdyn_customergroup"), kept);
        assert_eq!(rows(&tenant, Side::FinOps, "CustomerGroups"), 0);
    }
}

#[test]
fn a_side_that_does_not_take_a_change_leaves_neither_side_with_it() {
    let points = [
        (FaultPoint::TargetUnavailable, "LIVE-DETAIL-GENERIC"),
        (FaultPoint::Throttled, "SIM-THROTTLED"),
        (FaultPoint::LookupResolution, "LIVE-DETAIL-GENERIC"),
        (FaultPoint::BetweenRows, "LIVE-DETAIL-GENERIC"),
    ];
    for (point, code) in points {
        let mut tenant = linked();
        let error = tenant.save_with(Side::FinOps, &[group("10"), group("20")], Some(point)).unwrap_err();
        assert_eq!(error.code(), Some(code), "{point}");
        assert_eq!(rows(&tenant, Side::Dataverse, "msdyn_customergroup"), 0, "{point}");
        assert_eq!(rows(&tenant, Side::FinOps, "CustomerGroups"), 0, "{point}");
        tenant.save(Side::FinOps, &[group("10"), group("20")]).unwrap();
    }
}
