//! The shipped data: counts that the sources give, and orders that hold over all of it.

use crate::{Catalog, LookupPath, Ownership, Symbol, Transform, parse_path};
use dwsim_model::{ColumnKind, MapId, MapVersion, Side};
use std::{collections::BTreeMap, sync::Arc};

fn catalog() -> Arc<Catalog> {
    Catalog::embedded().unwrap_or_else(|error| panic!("{error}"))
}

fn ids(names: &[&str]) -> Vec<MapId> {
    names.iter().map(|name| MapId::from(*name)).collect()
}

#[test]
fn every_documented_map_row_and_table_is_there() {
    let catalog = catalog();
    let maps = catalog.maps();
    assert_eq!(maps.len(), 143);
    assert_eq!(maps.iter().map(|map| map.fields.len()).sum::<usize>(), 2004);
    assert_eq!(catalog.tables(Side::FinOps).count(), 141);
    assert_eq!(catalog.tables(Side::Dataverse).count(), 139);
    assert_eq!(maps.iter().filter(|map| map.striped).count(), 83);
    assert_eq!(maps.iter().filter(|map| map.single_threaded).count(), 9);
    assert_eq!(maps.iter().filter(|map| !map.key_inferred).count(), 6);
    assert_eq!(maps.iter().filter(|map| map.source_filter.is_some()).count(), 11);
    assert_eq!(maps.iter().filter(|map| map.reverse_filter.is_some()).count(), 15);
    assert_eq!(catalog.superseded().len(), 12);
    assert_eq!(catalog.superseded().iter().map(|map| map.fields.len()).sum::<usize>(), 287);
    assert_eq!(catalog.project_operations().len(), 20);
    assert_eq!(catalog.exceptions().len(), 3);
}

#[test]
fn every_direction_and_transform_is_there() {
    let catalog = catalog();
    let rows = || catalog.maps().iter().flat_map(|map| &map.fields);
    let mut symbols = BTreeMap::new();
    for row in rows() {
        *symbols.entry(row.symbol).or_insert(0) += 1;
    }
    let counted: Vec<i32> = Symbol::ALL.iter().map(|symbol| symbols[symbol]).collect();
    assert_eq!(counted, [1021, 518, 12, 333, 111, 9]);
    assert_eq!(rows().filter(|row| matches!(row.transform, Transform::ValueMap(_))).count(), 417);
    assert_eq!(rows().filter(|row| matches!(row.transform, Transform::Default(_))).count(), 33);
    assert_eq!(rows().filter(|row| row.entity_field.is_none() || row.path.is_none()).count(), 32);
    let through = rows().filter(|row| {
        let path = row.path.as_deref().map(parse_path);
        matches!(path, Some(Ok(LookupPath::Through { .. } | LookupPath::Polymorphic { .. })))
    });
    assert_eq!(through.count(), 352);
}

#[test]
fn a_map_carries_what_its_page_and_its_entity_say() {
    let catalog = catalog();
    let map = catalog.map("customers-v3-accounts").unwrap();
    assert_eq!(
        (map.entity_label.as_str(), map.entity_aot.as_str()),
        ("Customers V3", "CustCustomerV3Entity")
    );
    assert_eq!((map.entity_set.as_str(), map.domain.as_str()), ("accounts", "customer"));
    assert_eq!((map.version, map.publisher.as_str()), (MapVersion(1, 0, 0, 5), "Microsoft"));
    assert_eq!(map.company_column.as_deref(), Some("msdyn_company"));
    assert_eq!(map.reverse_filter.as_deref(), Some("customertypecode eq 3"));
    let hold = map.fields.iter().find(|row| row.path.as_deref() == Some("msdyn_onholdstatus")).unwrap();
    let Transform::ValueMap(pairs) = &hold.transform else { panic!("no value map") };
    assert_eq!(pairs[0], ("no".into(), "806380000".into()));
    let lines = catalog.map("dynamics-365-sales-order-lines-salesorderdetails").unwrap();
    assert_eq!(lines.reverse_filters.len(), 2);
    assert!(lines.reverse_filter.as_deref().unwrap().starts_with("(msdyn_linetype ne 690970000"));
    assert_eq!(lines.version.0, 2);
}

#[test]
fn table_types_have_the_agreed_layout() {
    let catalog = catalog();
    for table in catalog.tables(Side::FinOps) {
        assert_eq!(table.column(0).name.as_str(), "RecId");
        assert!(table.columns[table.typed_columns()..].iter().all(|column| column.extra), "{table}");
        let company = table.natural_key().unwrap().columns[0];
        assert!(table.company.is_none_or(|at| at == company), "{table}");
    }
    for table in catalog.tables(Side::Dataverse) {
        assert_eq!(table.column(0).kind, ColumnKind::Guid, "{table}");
        assert!(table.company.is_none_or(|at| at == 1), "{table}");
        assert!(table.primary_name.is_some(), "{table}");
        let version = table.ordinal("versionnumber").unwrap();
        assert!(table.keys.iter().flat_map(|key| &key.columns).all(|at| *at < version), "{table}");
        assert_eq!(table.owned, table.ordinal("owningteam").is_some(), "{table}");
        let facts = catalog.table_facts(&table.name).unwrap();
        assert_eq!(table.owned, facts.ownership == Ownership::UserOrTeam);
        assert_eq!(facts.state_of_status.is_empty(), table.ordinal("statuscode").is_none(), "{table}");
    }
}

#[test]
fn a_lookup_to_several_tables_has_a_column_that_says_which() {
    let catalog = catalog();
    let orders = catalog.table(Side::Dataverse, "SalesOrder").unwrap();
    let customer = orders.ordinal("customerid").unwrap();
    assert_eq!(orders.column(customer + 1).name.as_str(), "customeridtype");
    assert_eq!(orders.column(customer + 1).kind, ColumnKind::EntityName);
    let notes = catalog.entity_set("Annotations").unwrap();
    assert!(notes.ordinal("objectidtype").is_none());
    assert_eq!(notes.column(notes.ordinal("objecttypecode").unwrap()).kind, ColumnKind::EntityName);
}

#[test]
fn statuses_know_their_state_where_a_table_has_its_own() {
    let catalog = catalog();
    assert_eq!(catalog.table_facts("account").unwrap().state_of_status, [(1, 0), (2, 1)]);
    assert!(catalog.table_facts("salesorder").unwrap().state_of_status.contains(&(100_003, 4)));
    assert_eq!(catalog.entity_facts("customersv3").unwrap().backing_table.as_deref(), Some("CustTable"));
}

#[test]
fn symbols_missing_from_an_enum_are_members_after_the_documented_ones() {
    let catalog = catalog();
    let entity = catalog.table(Side::FinOps, "Employments").unwrap();
    let ColumnKind::Choice(choices) = &entity.column(entity.ordinal("WorkerType").unwrap()).kind else {
        panic!("not an enum")
    };
    assert_eq!(choices.label(0), Some("Employee"));
    assert_eq!(choices.number("both"), Some(2));
}

#[test]
fn the_company_of_ledgers_and_employments_is_their_legal_entity() {
    let catalog = catalog();
    for set in ["Ledgers", "Employments"] {
        let entity = catalog.table(Side::FinOps, set).unwrap();
        assert_eq!(entity.column(entity.company.unwrap()).name.as_str(), "LegalEntityId");
    }
}

#[test]
fn every_map_runs_after_all_it_depends_on() {
    let catalog = catalog();
    let all: Vec<MapId> = catalog.maps().iter().map(|map| map.id.clone()).collect();
    let order = catalog.run_order(&all);
    assert_eq!(order.len(), 143);
    let at = |id: &MapId| order.iter().position(|other| other == id).unwrap();
    let mut edges = 0;
    for map in catalog.maps() {
        for other in &map.depends_on {
            edges += 1;
            assert!(at(other) < at(&map.id), "{other} must run before {}", map.id);
            assert!(catalog.level(other) < catalog.level(&map.id));
        }
    }
    assert_eq!(edges, 384);
    let levels: Vec<usize> = (0..9)
        .map(|level| catalog.maps().iter().filter(|map| catalog.level(&map.id) == Some(level)).count())
        .collect();
    assert_eq!(levels.iter().sum::<usize>(), 143);
    assert_eq!((levels[0], levels[1], levels[4], levels[8]), (35, 55, 7, 4));
}

#[test]
fn soft_dependencies_are_followed_unless_they_close_a_circle() {
    let catalog = catalog();
    let all: Vec<MapId> = catalog.maps().iter().map(|map| map.id.clone()).collect();
    let order = catalog.run_order(&all);
    let at = |id: &MapId| order.iter().position(|other| other == id).unwrap();
    let mut broken = Vec::new();
    for map in catalog.maps() {
        broken.extend(
            map.soft_depends_on.iter().filter(|other| at(other) > at(&map.id)).map(|_| map.id.as_str()),
        );
    }
    broken.dedup();
    assert_eq!(
        broken,
        ["cds-sales-order-headers-salesorders", "dynamics-365-sales-order-headers-salesorders"]
    );
}

#[test]
fn a_few_maps_are_ordered_like_all_of_them_and_unknown_ids_come_last() {
    let catalog = catalog();
    let some = ids(&[
        "nobody",
        "customers-v3-accounts",
        "currencies-transactioncurrencies",
        "customers-v3-accounts",
    ]);
    assert_eq!(
        catalog.run_order(&some),
        ids(&["currencies-transactioncurrencies", "customers-v3-accounts", "nobody"])
    );
}

#[test]
fn related_maps_are_all_that_is_needed_without_the_alternative() {
    let catalog = catalog();
    let related = catalog.related("customer-groups-msdyn-customergroups");
    assert_eq!(related.last(), Some(&MapId::from("terms-of-payment-msdyn-paymentterms")));
    assert!(related.contains(&MapId::from("legal-entities-cdm-companies")));
    for (lines, own, other) in [
        (
            "cds-sales-order-lines-salesorderdetails",
            "cds-sales-order-headers-salesorders",
            "dynamics-365-sales-order-headers-salesorders",
        ),
        (
            "dynamics-365-sales-order-lines-salesorderdetails",
            "dynamics-365-sales-order-headers-salesorders",
            "cds-sales-order-headers-salesorders",
        ),
    ] {
        let related = catalog.related(lines);
        assert!(related.contains(&MapId::from(own)), "{lines}");
        assert!(!related.contains(&MapId::from(other)), "{lines}");
        assert!(!related.contains(&MapId::from(lines)));
    }
    assert_eq!(catalog.related("nobody"), []);
}
