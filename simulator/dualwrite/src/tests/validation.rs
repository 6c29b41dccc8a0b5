//! Every DIPV code from its documented cause, and no code from a map as it is shipped.

use super::*;

#[test]
fn every_map_of_the_catalogue_passes_validation_at_run() {
    let catalog = Catalog::embedded().unwrap();
    let all: Vec<&str> = catalog.maps().iter().map(|map| map.id.as_str()).collect();
    let engine = engine(&all);
    let broken: Vec<String> = all
        .iter()
        .map(|map| (map, engine.validate_at_run(map, &LinkCondition::default()).unwrap()))
        .filter(|(_, findings)| !findings.is_empty())
        .map(|(map, findings)| format!("{map}: {findings:?}"))
        .collect();
    assert_eq!(all.len(), 143);
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The four of the list that no documented cause reaches without the world around a map are in the next tests.
#[test]
fn every_code_about_the_map_itself_comes_from_its_documented_cause() {
    let engine = engine(&[GROUPS]);
    let add = |row: FieldMap| vec![MapEdit::Add(row)];
    let filter = |side, filter: &str| vec![MapEdit::Filter(side, Some(filter.into()))];
    let default = |row: FieldMap, text: &str| FieldMap {
        symbol: row.symbol.transformed(),
        transform: Transform::Default(text.into()),
        ..row
    };
    let name = "msdyn_description";
    let cases: Vec<(&str, Vec<MapEdit>)> = vec![
        ("DIPV1002", vec![MapEdit::CompanyColumn(None)]),
        ("DIPV1004", vec![direction("CustomerGroupId", Symbol::ToDataverse)]),
        ("DIPV1012", filter(Side::Dataverse, "msdyn_groupid eq")),
        ("DIPV1012", filter(Side::Dataverse, "msdyn_nothing eq 'a'")),
        ("DIPV1012", filter(Side::Dataverse, "msdyn_paymenttermid/msdyn_name eq 'a'")),
        ("HEALTH-900", filter(Side::FinOps, "(CustomerGroupId ==")),
        ("SIM-FILTER-COMPANY", filter(Side::FinOps, "(dataAreaId == \"USMF\")")),
        ("DIPV1014", vec![remove("CustomerGroupId")]),
        ("DIPV1021", vec![remove("Description"), MapEdit::Add(row("", ">", name))]),
        ("DIPV1022", vec![remove("Description"), MapEdit::Add(row("NoSuchField", ">", name))]),
        ("DIPV1024", add(row("TaxGroupId", ">", ""))),
        ("DIPV1021", vec![remove("Description"), MapEdit::Add(row("", "<", name))]),
        ("DIPV1022", vec![remove("Description"), MapEdit::Add(row("NoSuchField", "<", name))]),
        ("DIPV1025", add(row("TaxGroupId", ">", "msdyn_nosuchcolumn"))),
        ("DIPV1025", add(row("TaxGroupId", "<", "msdyn_nosuchcolumn"))),
        ("DIPV1026", add(row("TaxGroupId", ">", name))),
        ("DIPV1029", add(row("Description", ">", name))),
    ];
    for (code, edits) in cases {
        assert_eq!(of_edit(&engine, GROUPS, &edits), [code], "{edits:?}");
    }
    // A row that has no source but a default is whole.
    let constant = vec![remove("Description"), MapEdit::Add(default(row("", ">", name), "Imported"))];
    assert_eq!(of_edit(&engine, GROUPS, &constant), Vec::<&str>::new());
}

#[test]
fn one_source_may_fill_a_column_and_a_lookup_but_not_two_columns_both_ways() {
    let mut engine = engine(&[GROUPS]);
    refresh(&mut engine, Side::Dataverse, "msdyn_customergroup", |table| {
        let text = ColumnKind::Text { max: Some(100) };
        table.with_column(own_column("new_second", text, Required::No, false)).unwrap()
    });
    let both = [MapEdit::Add(row("Description", "=", "new_second"))];
    // Two rows into the field of F&O as well.
    assert_eq!(of_edit(&engine, GROUPS, &both), ["DIPV1023", "DIPV1026"]);
    let one_way = [MapEdit::Add(row("Description", ">", "new_second"))];
    assert_eq!(of_edit(&engine, GROUPS, &one_way), Vec::<&str>::new());
}

#[test]
fn a_mandatory_column_wants_a_row_and_a_row_that_can_be_blank_wants_a_default() {
    let mut engine = engine(&[GROUPS]);
    refresh(&mut engine, Side::Dataverse, "msdyn_customergroup", |table| {
        let text = ColumnKind::Text { max: Some(100) };
        table.with_column(own_column("new_class", text, Required::Yes, false)).unwrap()
    });
    assert_eq!(at_run(&engine, GROUPS, &LinkCondition::default()), ["DIPV1010"]);
    let plain = MapEdit::Add(row("TaxGroupId", ">", "new_class"));
    assert_eq!(of_edit(&engine, GROUPS, std::slice::from_ref(&plain)), ["DIPV1031"]);
    let default = MapEdit::Transform(Pair::path("new_class"), Transform::Default("none".into()));
    assert_eq!(of_edit(&engine, GROUPS, &[plain.clone(), default.clone()]), Vec::<&str>::new());
    // The editor warns and saves; Run refuses until the default is there.
    let warnings = engine.edit_map(GROUPS, &[plain], &save_as("1.0.0.1")).unwrap();
    assert_eq!(codes(&warnings), ["DIPV1031"]);
    let refused = engine.prepare_run(GROUPS, &LinkCondition::default()).unwrap_err();
    assert!(
        message(&refused).starts_with("Project validation failed. [DIPV1031] Missing default transform for"),
        "{refused}"
    );
    engine.edit_map(GROUPS, &[default], &save_as("1.0.0.2")).unwrap();
    engine.prepare_run(GROUPS, &LinkCondition::default()).unwrap();
}

#[test]
fn a_column_the_shipped_map_writes_cannot_be_left_out_when_it_is_mandatory() {
    let catalog = Catalog::embedded().unwrap();
    let (map, field) = catalog
        .maps()
        .iter()
        .find_map(|map| {
            let table = catalog.table(Side::Dataverse, &map.table)?;
            let key: Vec<&str> = map.integration_key.iter().map(|(field, _)| field.as_str()).collect();
            let needed = map.fields.iter().find(|row| {
                let column = row.path.as_deref().and_then(|path| table.ordinal(path));
                column.is_some_and(|at| table.column(at).required == Required::Yes)
                    && row.symbol.to_dataverse()
                    && row.entity_field.as_ref().is_some_and(|field| !key.contains(&field.as_str()))
            })?;
            Some((map.id.clone(), needed.entity_field.clone()?))
        })
        .unwrap();
    let engine = engine(&[&map]);
    assert!(of_edit(&engine, &map, &[remove(&field)]).contains(&"DIPV1010"), "{map} without {field}");
}

#[test]
fn a_read_only_column_is_no_destination() {
    let mut engine = engine(&[GROUPS]);
    refresh(&mut engine, Side::Dataverse, "msdyn_customergroup", |table| {
        let text = ColumnKind::Text { max: Some(100) };
        table.with_column(own_column("new_rollup", text, Required::No, true)).unwrap()
    });
    let into = |symbol| [MapEdit::Add(row("TaxGroupId", symbol, "new_rollup"))];
    assert_eq!(of_edit(&engine, GROUPS, &into("=")), ["DIPV1011"]);
    assert_eq!(of_edit(&engine, GROUPS, &into("<")), Vec::<&str>::new());
}

#[test]
fn text_into_a_number_and_an_enum_into_yes_or_no_are_mismatches_that_can_be_saved_and_not_run() {
    let mut engine = engine(&[GROUPS]);
    refresh(&mut engine, Side::Dataverse, "msdyn_customergroup", |table| {
        let whole = ColumnKind::Int { min: 0, max: 9 };
        table.with_column(own_column("new_number", whole, Required::No, false)).unwrap()
    });
    let text = [MapEdit::Add(row("Description", ">", "new_number"))];
    assert_eq!(of_edit(&engine, GROUPS, &text), ["DIPV1030"]);
    let no_map = [MapEdit::Transform(Pair::field("IsSalesTaxIncludedInPrice"), Transform::None)];
    let warnings = engine.edit_map(GROUPS, &no_map, &save_as("1.0.0.1")).unwrap();
    assert_eq!(codes(&warnings), ["DIPV1030"]);
    assert!(engine.prepare_run(GROUPS, &LinkCondition::default()).is_err());
}

#[test]
fn a_lookup_wants_the_whole_key_of_the_row_it_points_at() {
    let catalog = Catalog::embedded().unwrap();
    // A lookup of two rows both ways: taking one of them away leaves half a key in both directions.
    let (map, pair) = catalog
        .maps()
        .iter()
        .find_map(|map| {
            let key: Vec<&str> = map.integration_key.iter().map(|(_, path)| path.as_ref()).collect();
            map.fields.iter().find_map(|row| {
                let path = row.path.as_deref()?;
                let first = path.split_once('.')?.0;
                let group = map.fields.iter().filter(|other| {
                    let own = other.path.as_deref().and_then(|path| path.split_once('.'));
                    own.is_some_and(|(own, _)| own == first) && other.symbol == Symbol::Both
                });
                let in_key = key.iter().any(|part| part.split('.').next() == Some(first));
                let whole =
                    group.count() == 2 && !path.contains('(') && !in_key && row.symbol == Symbol::Both;
                let pair = Pair::of(row.entity_field.as_deref()?, path);
                whole.then(|| (map.id.clone(), pair))
            })
        })
        .unwrap();
    let engine = engine(&[&map]);
    let found = of_edit(&engine, &map, &[MapEdit::Remove(pair)]);
    assert!(found.contains(&"DIPV1027") && found.contains(&"DIPV1028"), "{map}: {found:?}");
}

#[test]
fn a_key_behind_a_lookup_that_is_not_mapped_has_a_code_of_its_own() {
    let mut engine = engine(&[GROUPS]);
    let key: Vec<Box<str>> = vec!["msdyn_groupid".into(), "msdyn_parentid.msdyn_name".into()];
    assert!(engine.set_integration_key("msdyn_customergroup", &key).is_err(), "no such column");
    let key: Vec<Box<str>> = vec!["msdyn_groupid".into(), "msdyn_company.cdm_companycode".into()];
    engine.set_integration_key("msdyn_customergroup", &key).unwrap();
    assert_eq!(at_run(&engine, GROUPS, &LinkCondition::default()), Vec::<&str>::new());
    let key: Vec<Box<str>> = vec!["msdyn_groupid".into(), "ownerid.fullname".into()];
    engine.set_integration_key("msdyn_customergroup", &key).unwrap();
    assert_eq!(at_run(&engine, GROUPS, &LinkCondition::default()), ["DIPV1015"]);
    engine.set_integration_key("msdyn_customergroup", &[]).unwrap();
    assert_eq!(at_run(&engine, GROUPS, &LinkCondition::default()), ["DIPV1003"]);
    engine.refresh_tables(SchemaChanges::new(), SchemaChanges::new());
    assert_eq!(at_run(&engine, GROUPS, &LinkCondition::default()), Vec::<&str>::new());
}

#[test]
fn a_table_without_alternate_key_has_no_integration_key_until_it_has_one_and_is_refreshed() {
    let mut engine = engine(&[GROUPS]);
    refresh(&mut engine, Side::Dataverse, "msdyn_customergroup", |table| table.with_keys(&[]).unwrap());
    assert_eq!(at_run(&engine, GROUPS, &LinkCondition::default()), ["DIPV1003"]);
    assert!(engine.integration_key("msdyn_customergroup").is_empty());
    engine.refresh_tables(SchemaChanges::new(), SchemaChanges::new());
    assert_eq!(at_run(&engine, GROUPS, &LinkCondition::default()), Vec::<&str>::new());
    assert_eq!(engine.integration_key("msdyn_customergroup").len(), 2);
}

#[test]
fn a_schema_the_link_does_not_know_is_missing() {
    let mut engine = engine(&[GROUPS]);
    engine.refresh_tables([("CustomerGroups".into(), None)].into(), SchemaChanges::new());
    assert_eq!(at_run(&engine, GROUPS, &LinkCondition::default()), ["DIPV1018"]);
    engine.refresh_tables(SchemaChanges::new(), [("msdyn_customergroup".into(), None)].into());
    assert_eq!(at_run(&engine, GROUPS, &LinkCondition::default()), ["DIPV1020"]);
}

#[test]
fn a_key_is_wanted_in_every_direction_that_rows_travel() {
    let engine = engine(&[GROUPS]);
    let mut edits: Vec<MapEdit> =
        ["CustomerGroupId", "IsSalesTaxIncludedInPrice", "PaymentTermId", "ClearingPeriodPaymentTermName"]
            .iter()
            .map(|field| direction(field, Symbol::ToDataverse))
            .collect();
    edits.push(direction("Description", Symbol::ToFinOps));
    assert_eq!(of_edit(&engine, GROUPS, &edits), ["DIPV1014"]);
    edits.pop();
    edits.push(direction("Description", Symbol::ToDataverse));
    assert_eq!(of_edit(&engine, GROUPS, &edits), Vec::<&str>::new());
}

#[test]
fn a_map_that_carries_nothing_cannot_be_built_for_a_reason_of_our_own() {
    let engine = engine(&[GROUPS]);
    let map = engine.state(GROUPS).unwrap().definition().clone();
    let mut empty = (*map).clone();
    // A key that is nothing but the company asks for no row.
    empty.integration_key.retain(|(field, _)| field.as_str() == "dataAreaId");
    empty.fields.clear();
    let (findings, _) = crate::rules::check(engine.schemas(), &Arc::new(empty));
    assert_eq!(codes(&findings), ["DIPV1006"]);
}

#[test]
fn every_code_about_the_world_around_a_map_comes_from_its_documented_cause() {
    let engine = engine(&[GROUPS, "currencies-transactioncurrencies"]);
    let usmf = company("USMF");
    let cases: Vec<(&str, LinkCondition)> = vec![
        ("DIPV1000", LinkCondition { connection_invalid: true, ..LinkCondition::default() }),
        (
            "DIPV1001",
            LinkCondition { exceptions: vec!["the database failed".into()], ..LinkCondition::default() },
        ),
        (
            "DIPV1002",
            LinkCondition { shared_entities: ["CustomerGroups".into()].into(), ..LinkCondition::default() },
        ),
        ("DIPV1005", LinkCondition { environment_info_missing: true, ..LinkCondition::default() }),
        ("DIPV1007", LinkCondition { foreign_organization: true, ..LinkCondition::default() }),
        (
            "DIPV1008",
            LinkCondition {
                companies: vec![CompanyCondition { partition_valid: false, ..usmf.clone() }],
                ..LinkCondition::default()
            },
        ),
        (
            "DIPV1019",
            LinkCondition {
                unversioned_tables: ["msdyn_customergroup".into()].into(),
                ..LinkCondition::default()
            },
        ),
    ];
    for (code, condition) in cases {
        assert_eq!(at_run(&engine, GROUPS, &condition), [code]);
    }
    // Customer groups look up payment terms, which belong to companies as well.
    let unmapped = LinkCondition {
        companies: vec![CompanyCondition { mapped: false, ..usmf }, company("DAT")],
        ..LinkCondition::default()
    };
    assert_eq!(at_run(&engine, GROUPS, &unmapped), ["DIPV1016", "DIPV1017"]);
    assert_eq!(at_run(&engine, "currencies-transactioncurrencies", &unmapped), Vec::<&str>::new());
}

#[test]
fn a_cross_company_entity_is_not_mapped_to_a_company_and_the_text_says_so() {
    let catalog = Catalog::embedded().unwrap();
    let global = catalog.maps().iter().find(|map| !map.striped).unwrap();
    let mut changed = (**global).clone();
    changed.table = "msdyn_customergroup".into();
    changed.company_column = Some("msdyn_company".into());
    changed.id = "own".into();
    let engine = engine(&[]);
    let (findings, _) = crate::rules::check(engine.schemas(), &Arc::new(changed));
    let finding: Vec<Finding> = findings.into_iter().filter(|finding| finding.code == "DIPV1002").collect();
    let text = engine.messages().validation_failed(&finding);
    assert!(
        text.starts_with("Project validation failed. [DIPV1002] ")
            && text.contains("or AX is a cross-company entity that doesn't have primary company field set")
            && text.contains("primaryCompanyField set to msdyn_company.cdm_companycode."),
        "{text}"
    );
}

#[test]
fn all_thirty_codes_have_their_documented_text() {
    let catalog = Catalog::embedded().unwrap();
    let codes: Vec<String> = (1000..=1031)
        .filter(|number| ![1009, 1013].contains(number))
        .map(|number| format!("DIPV{number}"))
        .collect();
    assert_eq!(codes.len(), 30);
    for code in codes {
        assert!(catalog.facts().message(&code).is_some(), "{code}");
    }
    assert!(catalog.facts().message("DIPV1009").is_none() && catalog.facts().message("DIPV1013").is_none());
}
