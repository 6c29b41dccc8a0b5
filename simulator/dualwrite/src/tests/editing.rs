//! Editing and versions: what is saved, what is refused, which version runs.

use super::*;

#[test]
fn two_versions_of_a_map_exist_side_by_side_and_the_chosen_one_runs() {
    let mut engine = engine(&[GROUPS]);
    let shipped = engine.state(GROUPS).unwrap().definition().version;
    engine.edit_map(GROUPS, &[remove("PaymentTermId")], &save_as("9.9.9.9")).unwrap();
    assert_eq!(engine.state(GROUPS).unwrap().compiled.map.fields.len(), 4);
    engine.activate_version(GROUPS, shipped, Some("Microsoft")).unwrap();
    engine.prepare_run(GROUPS, &LinkCondition::default()).unwrap();
    let state = engine.state(GROUPS).unwrap();
    // The higher number is parked: it exists and is not used.
    assert_eq!((state.compiled.map.version, state.compiled.map.fields.len()), (shipped, 5));
    assert_eq!(state.newest_version().unwrap().definition.version.to_string(), "9.9.9.9");
    let unknown = engine.activate_version(GROUPS, "2.0.0.0".parse().unwrap(), None).unwrap_err();
    assert!(
        message(&unknown).contains("has no version 2.0.0.0; it has 1.0.0.0 of Microsoft, 9.9.9.9 of Contoso")
    );
}

#[test]
fn a_map_that_is_not_stopped_is_not_edited_and_nothing_is_saved() {
    let mut engine = engine(&[GROUPS]);
    for status in [MapStatus::Running, MapStatus::Paused, MapStatus::Initializing, MapStatus::Resuming] {
        engine.state_mut(GROUPS).unwrap().status = status;
        let refused = engine.edit_map(GROUPS, &[remove("PaymentTermId")], &save_as("1.0.0.1")).unwrap_err();
        assert!(matches!(refused, EngineError::NotNow { .. }), "{refused}");
        assert!(engine.activate_version(GROUPS, "1.0.0.0".parse().unwrap(), None).is_err());
        assert!(engine.set_integration_key("msdyn_customergroup", &["msdyn_groupid".into()]).is_err());
        assert_eq!(engine.state(GROUPS).unwrap().versions().len(), 1);
    }
}

#[test]
fn a_refused_edit_saves_nothing_and_names_every_rule() {
    let mut engine = engine(&[GROUPS]);
    let edits = [remove("CustomerGroupId"), MapEdit::Add(row("Nope", ">", "msdyn_nope"))];
    let refused = engine.edit_map(GROUPS, &edits, &save_as("1.0.0.1")).unwrap_err();
    assert_eq!(
        message(&refused),
        "Project validation failed. [DIPV1014] Mapping is missing for integration key: msdyn_groupid \
         Project validation failed. [DIPV1025] Missing destination field msdyn_nope in the schema"
    );
    assert_eq!(engine.state(GROUPS).unwrap().versions().len(), 1);
}

#[test]
fn a_version_number_that_is_taken_is_not_saved_again() {
    let mut engine = engine(&[GROUPS]);
    engine.edit_map(GROUPS, &[remove("PaymentTermId")], &save_as("1.0.0.1")).unwrap();
    let again = engine.edit_map(GROUPS, &[remove("Description")], &save_as("1.0.0.1")).unwrap_err();
    assert!(message(&again).contains("already has version 1.0.0.1 of publisher Contoso"), "{again}");
    // Another publisher may use the number.
    let other = SaveAs { publisher: "Fabrikam".into(), version: "1.0.0.1".parse().unwrap() };
    engine.edit_map(GROUPS, &[remove("Description")], &other).unwrap();
    assert_eq!(engine.state(GROUPS).unwrap().versions().len(), 3);
}

#[test]
fn directions_and_transforms_keep_each_other_whole() {
    let mut engine = engine(&[GROUPS]);
    let pair = Pair::field("IsSalesTaxIncludedInPrice");
    let edits = [MapEdit::Direction(pair.clone(), Symbol::ToDataverse)];
    engine.edit_map(GROUPS, &edits, &save_as("1.0.0.1")).unwrap();
    let symbol = |engine: &Engine| {
        let fields = &engine.state(GROUPS).unwrap().definition().fields;
        let own = |row: &&FieldMap| row.entity_field.as_deref() == Some("IsSalesTaxIncludedInPrice");
        fields.iter().find(own).unwrap().symbol
    };
    assert_eq!(symbol(&engine), Symbol::ToDataverseTransformed);
    let plain = [MapEdit::Transform(pair, Transform::None)];
    engine.edit_map(GROUPS, &plain, &save_as("1.0.0.2")).unwrap();
    assert_eq!(symbol(&engine), Symbol::ToDataverse);
}

#[test]
fn an_edit_of_a_row_that_is_not_there_names_the_nearest() {
    let engine = engine(&[GROUPS]);
    let error = engine.validate_edit(GROUPS, &[remove("CustomerGroup")]).unwrap_err();
    assert_eq!(
        message(&error),
        format!("table map {GROUPS} has no column 'CustomerGroup'; did you mean 'CustomerGroupId'?")
    );
}

#[test]
fn columns_taken_out_come_back_with_the_version_they_were_in() {
    let mut engine = engine(&[GROUPS]);
    engine.remove_columns(GROUPS, &["PaymentTermId".into()]).unwrap();
    engine.remove_columns(GROUPS, &["Description".into()]).unwrap();
    assert_eq!(engine.state(GROUPS).unwrap().compiled.map.version.to_string(), "1.0.0.2");
    engine.restore_columns(GROUPS).unwrap();
    let state = engine.state(GROUPS).unwrap();
    assert_eq!(
        (state.compiled.map.version.to_string().as_str(), state.compiled.map.fields.len()),
        ("1.0.0.0", 5)
    );
    assert_eq!(state.versions().len(), 3);
}
