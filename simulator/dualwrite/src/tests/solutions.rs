//! Solutions with maps: shipped elsewhere, applied, overwritten or not, withdrawn.

use super::*;
use crate::{MapSolution, SolutionPublisher};

fn head(name: &str, managed: bool) -> MapSolution {
    MapSolution {
        uniquename: name.into(),
        version: "1.0.0.0".into(),
        ismanaged: managed,
        publisher: SolutionPublisher { friendlyname: "Contoso".into(), customizationprefix: "con".into() },
        msdyn_dualwriteentitymaps: Vec::new(),
    }
}

/// A solution with one version of customer groups that leaves a column out.
fn solution(name: &str, managed: bool, version: &str, without: &str) -> MapSolution {
    let mut home = engine(&[GROUPS]);
    home.edit_map(GROUPS, &[remove(without)], &save_as(version)).unwrap();
    home.export_solution(head(name, managed), &[(GROUPS.into(), version.parse().unwrap())]).unwrap()
}

fn rows_of_active(engine: &Engine) -> usize {
    engine.state(GROUPS).unwrap().definition().fields.len()
}

#[test]
fn two_solutions_bring_two_versions_of_one_map_and_the_chosen_one_runs() {
    let mut engine = engine(&[GROUPS]);
    let (a, b) =
        (solution("A", true, "1.0.0.5", "Description"), solution("B", true, "9.9.9.9", "PaymentTermId"));
    assert_eq!(a.msdyn_dualwriteentitymaps[0].msdyn_name, "con_[msdyn_customergroups - Customer groups]");
    let text = a.to_text().unwrap();
    assert_eq!(MapSolution::parse(&text).unwrap(), a);
    let published = engine.publish(std::slice::from_ref(&a), false).unwrap();
    assert_eq!((published.maps.len(), published.versions), (0, 1));
    engine.publish(&[b], false).unwrap();
    // What was active stays so until somebody chooses.
    assert_eq!((engine.state(GROUPS).unwrap().versions().len(), rows_of_active(&engine)), (3, 5));
    engine.activate_version(GROUPS, "1.0.0.5".parse().unwrap(), Some("contoso")).unwrap();
    let compiled = &engine.state(GROUPS).unwrap().compiled;
    assert_eq!((compiled.map.version.to_string().as_str(), compiled.map.fields.len()), ("1.0.0.5", 4));
    // Again: nothing changes.
    assert_eq!(engine.publish(&[a], false).unwrap().versions, 0);
}

#[test]
fn a_map_that_was_not_in_the_list_comes_with_the_solution_and_goes_with_it() {
    let mut engine = engine(&[]);
    let published = engine.publish(&[solution("A", true, "1.0.0.5", "Description")], false).unwrap();
    assert_eq!(published.maps, [MapId::from(GROUPS)]);
    assert_eq!(engine.status(&GROUPS.into()), Some(MapStatus::NotRunning));
    // The shipped solution adds its version beside it.
    engine.apply(&[GROUPS.into()]).unwrap();
    assert_eq!((engine.state(GROUPS).unwrap().versions().len(), rows_of_active(&engine)), (2, 4));
    assert_eq!(engine.withdraw("A").unwrap(), 0);
    assert_eq!(rows_of_active(&engine), 5);
    assert_eq!(engine.state(GROUPS).unwrap().compiled.map.fields.len(), 5);
}

#[test]
fn several_solutions_in_one_call_make_duplicates_only_for_those_who_want_to_see_them() {
    let both =
        [solution("A", true, "1.0.0.5", "Description"), solution("B", true, "1.0.0.6", "PaymentTermId")];
    let mut careful = engine(&[GROUPS]);
    assert_eq!(careful.publish(&both, false).unwrap().versions, 2);
    let mut quirky = engine(&[GROUPS]);
    assert_eq!(quirky.publish(&both, true).unwrap().versions, 4);
    assert_eq!(quirky.state(GROUPS).unwrap().versions().len(), 5);
    let mut one = engine(&[GROUPS]);
    assert_eq!(one.publish(&both[..1], true).unwrap().versions, 1);
}

#[test]
fn an_unmanaged_import_overwrites_what_was_customised_and_never_what_is_managed() {
    let mut engine = engine(&[GROUPS]);
    engine.edit_map(GROUPS, &[remove("Description")], &save_as("1.0.0.5")).unwrap();
    engine.publish(&[solution("A", false, "1.0.0.5", "PaymentTermId")], false).unwrap();
    let state = engine.state(GROUPS).unwrap();
    assert_eq!(state.versions().len(), 2);
    let has =
        |field: &str| state.definition().fields.iter().any(|row| row.entity_field.as_deref() == Some(field));
    assert!(has("Description") && !has("PaymentTermId"));

    engine.publish(&[solution("M", true, "2.0.0.0", "Description")], false).unwrap();
    let refused = engine.publish(&[solution("A", false, "2.0.0.0", "PaymentTermId")], false).unwrap_err();
    assert!(message(&refused).contains("came with the managed solution M"), "{refused}");
    // A newer managed solution of the same name may.
    engine.publish(&[solution("M", true, "2.0.0.0", "PaymentTermId")], false).unwrap();
}

#[test]
fn a_solution_is_exported_by_the_publisher_of_its_versions_only() {
    let engine = engine(&[GROUPS]);
    let shipped = [(GROUPS.into(), "1.0.0.0".parse().unwrap())];
    let refused = engine.export_solution(head("A", true), &shipped).unwrap_err();
    assert!(message(&refused).contains("has no version 1.0.0.0 of Contoso; it has 1.0.0.0 of Microsoft"));
}

#[test]
fn one_broken_map_of_a_solution_refuses_all_of_it() {
    let mut engine = engine(&[]);
    let mut bad = solution("A", true, "1.0.0.5", "Description");
    let mut second = bad.msdyn_dualwriteentitymaps[0].clone();
    second.msdyn_mapping = second.msdyn_mapping.replace("msdyn_groupid", "msdyn_nothing");
    second.msdyn_version = "1.0.0.6".parse().unwrap();
    bad.msdyn_dualwriteentitymaps.push(second);
    let refused = engine.publish(&[bad], false).unwrap_err();
    assert!(message(&refused).contains("Missing destination field msdyn_nothing in the schema"), "{refused}");
    assert!(engine.maps().is_empty());
}
