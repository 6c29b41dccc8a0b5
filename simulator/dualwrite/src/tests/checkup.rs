//! The health check of one map.

use super::*;
use crate::{DataSource, EntityTraits, HealthContext, Join};

fn lines(engine: &Engine, map: &str, context: &HealthContext) -> Vec<&'static str> {
    engine.check_up(map, context).unwrap().iter().map(|line| line.code).collect()
}

fn modern() -> HealthContext {
    HealthContext { platform_update: 54, ..HealthContext::default() }
}

#[test]
fn an_old_platform_answers_nothing_else() {
    let engine = engine(&[GROUPS]);
    assert_eq!(lines(&engine, GROUPS, &HealthContext { platform_update: 42, ..modern() }), ["100"]);
}

#[test]
fn a_stopped_map_has_no_events_and_no_project_and_a_running_one_tells_its_query() {
    let mut engine = engine(&[GROUPS]);
    let stopped = lines(&engine, GROUPS, &modern());
    assert!(stopped.contains(&"400") && stopped.contains(&"500"), "{stopped:?}");
    engine.state_mut(GROUPS).unwrap().status = MapStatus::Running;
    let running = lines(&engine, GROUPS, &modern());
    assert!(
        !running.contains(&"400") && !running.contains(&"500") && running.contains(&"1000"),
        "{running:?}"
    );
}

#[test]
fn a_filter_that_a_refreshed_schema_no_longer_reads_is_an_error() {
    let mut engine = engine(&[GROUPS]);
    let filter = MapEdit::Filter(Side::FinOps, Some("(Description != \"\")".into()));
    engine.edit_map(GROUPS, &[filter], &save_as("1.0.0.1")).unwrap();
    assert!(lines(&engine, GROUPS, &modern()).contains(&"1000"));
    refresh(&mut engine, Side::FinOps, "CustomerGroups", |table| {
        table.without_column("Description").unwrap()
    });
    let found = engine.check_up(GROUPS, &modern()).unwrap();
    let line = found.iter().find(|line| line.code == "900").unwrap();
    assert_eq!(line.text, "Invalid source filter (Description != \"\") format for entity Customer groups.");
}

#[test]
fn what_is_said_of_an_entity_is_told_where_it_matters() {
    let mut engine = engine(&[GROUPS]);
    let ranged = DataSource { range: Some("".into()), ..DataSource::default() };
    let nested = DataSource { join: Join::Nested, ..DataSource::default() };
    let traits = EntityTraits {
        virtual_fields: ["Description".into(), "NotMapped".into()].into(),
        data_sources: [
            ("CustGroup".into(), ranged),
            ("PaymTerm".into(), nested.clone()),
            ("TaxGroup".into(), nested),
        ]
        .into(),
        ..EntityTraits::default()
    };
    engine.entity_traits_mut().insert("CustomerGroups".into(), traits);
    let context = HealthContext {
        synchronous_plugins: [("msdyn_customergroup".into(), vec!["Contoso.Plugins".into()])].into(),
        ..modern()
    };
    let found = engine.check_up(GROUPS, &context).unwrap();
    let text =
        |code: &str| found.iter().find(|line| line.code == code).map(|line| line.text.clone()).unwrap();
    assert_eq!(
        text("1300"),
        "Virtual fields Description for entity Customer groups may not be tracked for dual-write."
    );
    assert!(text("1600").starts_with("Datasource: CustGroup for entity Customer groups has a range."));
    assert!(
        text("1800").starts_with("Datasource: CustGroup for entity Customer groups includes a range value.")
    );
    assert!(text("1900").starts_with("Entity: Customer groups has 2 data sources"));
    assert!(text("5000").ends_with("List of registered plugins Contoso.Plugins."));
}

#[test]
fn a_key_that_is_no_alternate_key_is_an_error_and_one_that_may_be_blank_a_warning() {
    let mut engine = engine(&[GROUPS]);
    let before = lines(&engine, GROUPS, &modern());
    assert!(!before.contains(&"5100"), "{before:?}");
    let key: Vec<Box<str>> = vec!["msdyn_description".into(), "msdyn_company.cdm_companycode".into()];
    engine.set_integration_key("msdyn_customergroup", &key).unwrap();
    let found = lines(&engine, GROUPS, &modern());
    for code in ["2000", "5100", "5200"] {
        assert!(found.contains(&code), "{code}: {found:?}");
    }
}

#[test]
fn only_lookups_track_nothing_and_one_table_tracked_for_two_entities_is_slow() {
    let mut engine = engine(&["customers-v3-accounts", "customers-v3-contacts", GROUPS]);
    let catalog = Catalog::embedded().unwrap();
    let shared = catalog.maps().iter().find_map(|map| {
        let table = catalog.entity_facts(&map.entity)?.backing_table.clone()?;
        let other = catalog.maps().iter().find(|other| {
            let same = catalog.entity_facts(&other.entity).and_then(|facts| facts.backing_table.as_ref());
            other.entity != map.entity
                && same == Some(&table)
                && other.flows_into(Side::Dataverse)
                && map.flows_into(Side::Dataverse)
        })?;
        Some((map.id.clone(), other.id.clone()))
    });
    if let Some((one, other)) = shared {
        engine.apply(&[one.clone(), other.clone()]).unwrap();
        engine.state_mut(&one).unwrap().status = MapStatus::Running;
        assert!(!lines(&engine, &one, &modern()).contains(&"1700"));
        engine.state_mut(&other).unwrap().status = MapStatus::Running;
        assert!(lines(&engine, &one, &modern()).contains(&"1700"));
    }
    let edits = [
        remove("Description"),
        remove("IsSalesTaxIncludedInPrice"),
        direction("CustomerGroupId", Symbol::ToDataverse),
    ];
    let mut lookups = (**engine.state(GROUPS).unwrap().definition()).clone();
    for edit in &edits[..2] {
        edit.apply(&mut lookups, engine.messages()).unwrap();
    }
    lookups.fields.retain(|row| row.path.as_deref().is_some_and(|path| path.contains('.')));
    let state = engine.state_mut(GROUPS).unwrap();
    state.versions[0].definition = Arc::new(lookups);
    assert!(lines(&engine, GROUPS, &modern()).contains(&"1500"));
}
