//! Demo data against the catalogue: every map moves rows, every reference is found, every value can cross.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

use dwsim_catalog::{Catalog, LookupPath, TableMap, Transform, parse_path};
use dwsim_filter::{Predicate, xpp};
use dwsim_model::{ColumnKind, CompanyCode, Seed, Side, TableType, Value, Values};
use dwsim_seeds::{DemoPlan, DemoSeed};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

type Rows = BTreeMap<(String, Option<CompanyCode>), Vec<Vec<Value>>>;

fn companies() -> Vec<CompanyCode> {
    vec!["USMF".parse().unwrap(), "DEMF".parse().unwrap()]
}

fn demo(seed: u64, rows: u64) -> DemoSeed {
    DemoSeed::new(Catalog::embedded().unwrap(), Seed::new(seed), DemoPlan::new(companies(), rows))
        .unwrap_or_else(|error| panic!("{error}"))
}

fn scopes(table: &TableType) -> Vec<Option<CompanyCode>> {
    if table.striped() { companies().into_iter().map(Some).collect() } else { vec![None] }
}

/// Every row, its cells at their ordinals.
fn all_rows(demo: &DemoSeed, catalog: &Catalog) -> Rows {
    let mut all = Rows::new();
    for table in catalog.tables(Side::FinOps) {
        for company in scopes(table) {
            let rows = (0..demo.count(&table.name, company.as_ref())).map(|index| {
                let values = demo.row(&table.name, company.as_ref(), index).unwrap();
                let mut row = vec![Value::Null; table.columns.len()];
                for (ordinal, value) in demo.columns(&table.name).iter().zip(values) {
                    row[*ordinal] = value;
                }
                row
            });
            all.insert((table.name.to_string(), company.clone()), rows.collect());
        }
    }
    all
}

fn filter(map: &TableMap, entity: &TableType) -> Predicate {
    map.source_filter.as_ref().map_or(Predicate::All, |text| xpp::parse(text).unwrap().bind(entity).unwrap())
}

struct Fixture {
    catalog: Arc<Catalog>,
    demo: DemoSeed,
    rows: Rows,
}

impl Fixture {
    fn new(rows: u64) -> Self {
        Self::of(42, rows)
    }

    fn of(seed: u64, rows: u64) -> Self {
        let catalog = Catalog::embedded().unwrap();
        let demo = demo(seed, rows);
        let rows = all_rows(&demo, &catalog);
        Self { catalog, demo, rows }
    }

    fn entity(&self, map: &TableMap) -> &Arc<TableType> {
        self.catalog.table(Side::FinOps, &map.entity).unwrap()
    }

    /// The rows of a company that pass the map's filter.
    fn passing(&self, map: &TableMap, company: Option<&CompanyCode>) -> Vec<&Vec<Value>> {
        let entity = self.entity(map);
        let filter = filter(map, entity);
        let key = (entity.name.to_string(), company.filter(|_| entity.striped()).cloned());
        self.rows[&key].iter().filter(|row| filter.matches(row)).collect()
    }
}

/// One lookup of a map: the tables it searches, the paths compared there, the fields compared with them.
struct Lookup {
    tables: Vec<(String, Vec<String>)>,
    fields: Vec<usize>,
}

fn lookups(catalog: &Catalog, map: &TableMap, entity: &TableType) -> BTreeMap<String, Lookup> {
    let table = catalog.table(Side::Dataverse, &map.table).unwrap();
    let mut found: BTreeMap<String, Lookup> = BTreeMap::new();
    for field in &map.fields {
        let (Some(name), Some(path)) = (&field.entity_field, &field.path) else { continue };
        let ordinal = entity.ordinal(name).unwrap();
        match parse_path(path).unwrap() {
            LookupPath::Column(_) => {}
            LookupPath::Polymorphic { lookup, alternatives } => {
                let tables =
                    alternatives.iter().map(|(table, column)| (table.to_string(), vec![column.to_string()]));
                found.insert(lookup.to_string(), Lookup { tables: tables.collect(), fields: vec![ordinal] });
            }
            LookupPath::Through { hops, column } => {
                let ColumnKind::Lookup { targets } = &table.column(table.ordinal(&hops[0]).unwrap()).kind
                else {
                    panic!("{path} of {} starts at no lookup", map.id)
                };
                let mut rest: Vec<&str> = hops[1..].iter().map(dwsim_model::Name::as_str).collect();
                rest.push(&column);
                let entry = found.entry(hops[0].to_string()).or_insert_with(|| Lookup {
                    tables: targets.iter().map(|table| (table.to_string(), Vec::new())).collect(),
                    fields: Vec::new(),
                });
                entry.fields.push(ordinal);
                for (_, paths) in &mut entry.tables {
                    paths.push(rest.join("."));
                }
            }
        }
    }
    found.retain(|_, lookup| lookup.tables.iter().any(|(table, _)| table != "cdm_company"));
    found
}

fn shown(value: &Value) -> String {
    value.folded().to_string()
}

/// What the lookups into a table find in a company: one text for each row that some map brings there.
fn found_in(
    fixture: &Fixture,
    table: &str,
    paths: &[String],
    company: Option<&CompanyCode>,
) -> HashSet<String> {
    let mut found = HashSet::new();
    for map in fixture.catalog.maps().iter().filter(|map| map.table.as_str() == table) {
        let entity = fixture.entity(map);
        let fields: Option<Vec<usize>> = paths
            .iter()
            .map(|path| {
                map.fields
                    .iter()
                    .find(|field| field.symbol.to_dataverse() && field.path.as_deref() == Some(path))
                    .and_then(|field| entity.ordinal(field.entity_field.as_ref()?))
            })
            .collect();
        let Some(fields) = fields else { continue };
        for row in fixture.passing(map, company) {
            let cells: Vec<String> = fields.iter().map(|field| shown(&row[*field])).collect();
            found.insert(cells.join("\u{1f}"));
        }
    }
    found
}

fn unresolved(fixture: &Fixture) -> Vec<String> {
    let mut problems = Vec::new();
    let mut known: HashMap<(String, Vec<String>, Option<CompanyCode>), HashSet<String>> = HashMap::new();
    for map in fixture.catalog.maps() {
        let entity = fixture.entity(map);
        for (column, lookup) in lookups(&fixture.catalog, map, entity) {
            for company in scopes(entity) {
                let mut filled = 0;
                for row in fixture.passing(map, company.as_ref()) {
                    let cells: Vec<&Value> = lookup.fields.iter().map(|field| &row[*field]).collect();
                    if cells.iter().all(|cell| cell.is_blank()) {
                        continue;
                    }
                    filled += 1;
                    let wanted = cells.iter().map(|cell| shown(cell)).collect::<Vec<_>>().join("\u{1f}");
                    let hit = lookup.tables.iter().any(|(table, paths)| {
                        known
                            .entry((table.clone(), paths.clone(), company.clone()))
                            .or_insert_with(|| found_in(fixture, table, paths, company.as_ref()))
                            .contains(&wanted)
                    });
                    if !hit {
                        problems.push(format!(
                            "{} {column}: '{}' finds nothing",
                            map.id,
                            wanted.replace('\u{1f}', "/")
                        ));
                    }
                }
                if filled == 0 {
                    problems.push(format!("{} {column}: never filled in {company:?}", map.id));
                }
            }
        }
    }
    problems.dedup();
    problems
}

#[test]
fn every_map_moves_a_row_and_a_filter_keeps_one_back_where_values_allow() {
    let fixture = Fixture::new(10);
    for map in fixture.catalog.maps() {
        let entity = fixture.entity(map);
        for company in scopes(entity) {
            let passing = fixture.passing(map, company.as_ref()).len();
            let all = fixture.rows[&(entity.name.to_string(), company.clone())].len();
            assert!(passing > 0, "map {} moves no row of {company:?}", map.id);
            // The vendors filter names both types its value map knows.
            if map.source_filter.is_some() && map.entity.as_str() != "VendorsV2" {
                assert!(passing < all, "the filter of map {} keeps no row of {company:?} back", map.id);
            }
        }
    }
}

#[test]
fn every_lookup_is_filled_and_finds_a_row() {
    for (seed, rows) in [(42, 10), (7, 10), (1, 13), (42, 230)] {
        let problems = unresolved(&Fixture::of(seed, rows));
        assert!(problems.is_empty(), "seed {seed}, {rows} rows:\n{}", problems.join("\n"));
    }
}

fn plain(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[test]
fn every_value_map_lists_the_values_of_its_field() {
    let fixture = Fixture::new(60);
    let mut problems = BTreeSet::new();
    for map in fixture.catalog.maps() {
        let entity = fixture.entity(map);
        for field in &map.fields {
            let (Some(name), Transform::ValueMap(pairs)) = (&field.entity_field, &field.transform) else {
                continue;
            };
            let ordinal = entity.ordinal(name).unwrap();
            for company in scopes(entity) {
                for row in &fixture.rows[&(entity.name.to_string(), company)] {
                    let text = match (&entity.column(ordinal).kind, &row[ordinal]) {
                        (ColumnKind::Choice(choices), Value::Choice(number)) => {
                            choices.label(*number).unwrap_or("?").to_owned()
                        }
                        (_, Value::Instant(at)) if at.to_string().starts_with("1900-01-01T00") => {
                            "1/1/1900".to_owned()
                        }
                        (_, value) => value.to_string(),
                    };
                    let listed = pairs.iter().any(|(own, _)| own.eq_ignore_ascii_case(&text))
                        || pairs.iter().any(|(own, _)| plain(own) == plain(&text));
                    if !listed {
                        problems.insert(format!("{}.{name}: '{text}'", map.id));
                    }
                }
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn values_are_of_their_kind_and_fit_both_sides() {
    let fixture = Fixture::new(60);
    let mut problems = BTreeSet::new();
    for table in fixture.catalog.tables(Side::FinOps) {
        for company in scopes(table) {
            for row in &fixture.rows[&(table.name.to_string(), company)] {
                for ordinal in fixture.demo.columns(&table.name) {
                    let column = table.column(*ordinal);
                    let fits = match (&column.kind, &row[*ordinal]) {
                        (ColumnKind::Text { max }, Value::Text(text)) => {
                            !text.contains('"')
                                && text.trim() == &**text
                                && max.is_none_or(|max| text.chars().count() <= max as usize)
                        }
                        (ColumnKind::Int { min, max }, Value::Int(number)) => (min..=max).contains(&number),
                        (ColumnKind::BigInt, Value::Int(_))
                        | (ColumnKind::Bool, Value::Bool(_))
                        | (ColumnKind::Date, Value::Date(_))
                        | (ColumnKind::Instant, Value::Instant(_)) => true,
                        (ColumnKind::Decimal { precision }, Value::Decimal(number)) => {
                            number.scale() <= *precision
                        }
                        (ColumnKind::Choice(choices), Value::Choice(number)) => {
                            choices.label(*number).is_some()
                        }
                        _ => false,
                    };
                    if !fits {
                        problems.insert(format!("{}.{} = {:?}", table.name, column.name, row[*ordinal]));
                    }
                }
            }
        }
    }
    for map in fixture.catalog.maps() {
        let entity = fixture.entity(map);
        let table = fixture.catalog.table(Side::Dataverse, &map.table).unwrap();
        for field in &map.fields {
            let (Some(name), Some(path), Transform::None) =
                (&field.entity_field, &field.path, &field.transform)
            else {
                continue;
            };
            let (Some(own), Some(other)) = (entity.ordinal(name), table.ordinal(path)) else { continue };
            for company in scopes(entity) {
                for row in &fixture.rows[&(entity.name.to_string(), company)] {
                    let fits = match (&row[own], &table.column(other).kind) {
                        (Value::Text(text), ColumnKind::Text { max }) => {
                            max.is_none_or(|max| text.chars().count() <= max as usize)
                        }
                        (
                            Value::Text(text),
                            ColumnKind::Int { .. } | ColumnKind::BigInt | ColumnKind::Money { .. },
                        ) => text.is_empty() || text.parse::<i64>().is_ok(),
                        (Value::Int(number), ColumnKind::Int { min, max }) => (min..=max).contains(&number),
                        (
                            Value::Decimal(number),
                            ColumnKind::Decimal { precision } | ColumnKind::Money { precision },
                        ) => number.normalize().scale() <= *precision,
                        (Value::Decimal(number), ColumnKind::Int { .. }) => number.fract().is_zero(),
                        _ => true,
                    };
                    if !fits {
                        problems.insert(format!("{} {name} > {path}: {:?}", map.id, row[own]));
                    }
                }
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn keys_are_unique_filled_and_in_order_where_rows_refer_to_earlier_ones() {
    let fixture = Fixture::new(230);
    for table in fixture.catalog.tables(Side::FinOps) {
        let key = &table.natural_key().unwrap().columns;
        for company in scopes(table) {
            let rows = &fixture.rows[&(table.name.to_string(), company.clone())];
            let keys: Vec<Vec<String>> =
                rows.iter().map(|row| key.iter().map(|part| shown(&row[*part])).collect()).collect();
            for key in &keys {
                assert!(key.iter().all(|part| !part.is_empty()), "{} has a blank key {key:?}", table.name);
            }
            let different: BTreeSet<&Vec<String>> = keys.iter().collect();
            assert_eq!(different.len(), keys.len(), "{} in {company:?} has a key twice", table.name);
        }
    }
    for map in fixture.catalog.maps() {
        let entity = fixture.entity(map);
        let own = lookups(&fixture.catalog, map, entity)
            .into_values()
            .any(|lookup| lookup.tables.iter().any(|(table, _)| table.as_str() == map.table.as_str()));
        let key = &entity.natural_key().unwrap().columns;
        for company in scopes(entity).into_iter().filter(|_| own) {
            let rows = &fixture.rows[&(entity.name.to_string(), company)];
            let keys: Vec<Vec<String>> =
                rows.iter().map(|row| key.iter().map(|part| shown(&row[*part])).collect()).collect();
            assert!(keys.is_sorted(), "{} refers to its own rows, whose keys are not in order", entity.name);
        }
    }
}

#[test]
fn the_two_first_companies_share_account_numbers() {
    let fixture = Fixture::new(10);
    let column =
        fixture.catalog.table(Side::FinOps, "CustomersV3").unwrap().ordinal("CustomerAccount").unwrap();
    let accounts = |company: &CompanyCode| -> BTreeSet<String> {
        let rows = &fixture.rows[&("CustomersV3".to_owned(), Some(company.clone()))];
        rows.iter().map(|row| row[column].to_string()).collect()
    };
    let both = companies();
    assert!(accounts(&both[0]).contains("US-000001"));
    assert_eq!(accounts(&both[0]), accounts(&both[1]));
}

#[test]
fn parties_are_of_the_type_their_customers_and_vendors_say_and_some_are_both() {
    let fixture = Fixture::new(230);
    let parties = fixture.catalog.table(Side::FinOps, "CDSParties").unwrap();
    let cell = |row: &[Value], table: &TableType, name: &str| row[table.ordinal(name).unwrap()].to_string();
    let types: BTreeMap<String, (String, String, String)> = fixture.rows[&("CDSParties".to_owned(), None)]
        .iter()
        .map(|row| {
            let names =
                ["PartyType", "OrganizationName", "PersonLastName"].map(|name| cell(row, parties, name));
            let [kind, organization, person] = names;
            (cell(row, parties, "PartyNumber"), (kind, organization, person))
        })
        .collect();
    let mut used: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (entity, number, kind) in [
        ("CustomersV3", "PartyNumber", Some("PartyType")),
        ("VendorsV2", "VendorPartyNumber", Some("VendorPartyType")),
        ("ContactPersons", "ContactPersonPartyNumber", None),
    ] {
        let table = fixture.catalog.table(Side::FinOps, entity).unwrap();
        for company in companies() {
            for row in &fixture.rows[&(entity.to_owned(), Some(company))] {
                let number = cell(row, table, number);
                let (own, organization, person) = &types[&number];
                let kind = kind.map_or("Person".to_owned(), |kind| cell(row, table, kind));
                assert_eq!(*own, kind, "party {number} of {entity}");
                assert_eq!(organization.is_empty(), kind == "Person");
                assert_eq!(person.is_empty(), kind != "Person");
                let fresh = used.entry(number.clone()).or_default().insert(entity);
                assert!(fresh, "party {number} stands behind two rows of {entity}");
            }
        }
    }
    assert!(used.values().any(|entities| entities.len() == 2));
}

#[test]
fn rows_depend_on_seed_and_path_only() {
    let (small, large, other) = (demo(42, 10), demo(42, 5_000), demo(43, 10));
    let usmf = &companies()[0];
    let row = |demo: &DemoSeed, index| -> Values { demo.row("customersv3", Some(usmf), index).unwrap() };
    assert_eq!(row(&small, 3), row(&demo(42, 10), 3));
    assert_ne!(row(&small, 3), row(&other, 3));
    assert_eq!(small.row("CustomersV3", Some(usmf), 10), None);
    assert_eq!(small.row("CustomersV3", Some(&"GBSI".parse().unwrap()), 0), None);
    // What does not refer to other rows is the same however many rows there are.
    assert_eq!(small.row("UnitsOfMeasure", None, 2), large.row("UnitsOfMeasure", None, 2));
    assert_eq!(row(&small, 3)[2], row(&large, 3)[2]);
}

#[test]
fn volumes_are_a_few_hundred_rows_at_ten_and_at_most_a_million_at_a_hundred_thousand() {
    assert!((300..1_000).contains(&demo(1, 10).total()), "{}", demo(1, 10).total());
    assert!((100_000..=1_000_000).contains(&demo(1, 100_000).total()), "{}", demo(1, 100_000).total());
}

#[test]
fn entities_follow_those_they_refer_to_and_a_plan_can_ask_for_some() {
    let plan = DemoPlan { only: Some(vec!["CustomersV3".into()]), ..DemoPlan::new(companies(), 10) };
    let demo = DemoSeed::new(Catalog::embedded().unwrap(), Seed::new(1), plan).unwrap();
    let at = |name: &str| demo.entities().iter().position(|own| own.as_str() == name);
    assert!(at("CDSParties") < at("CustomersV3") && at("PaymentTerms") < at("CustomerGroups"));
    assert!(at("CustomerGroups").is_some() && at("Warehouses").is_none());
    let plan = DemoPlan { only: Some(vec!["CustomerV3".into()]), ..DemoPlan::new(companies(), 10) };
    let error = DemoSeed::new(Catalog::embedded().unwrap(), Seed::new(1), plan).unwrap_err();
    assert!(error.to_string().ends_with("did you mean CustomersV3?"), "{error}");
}
