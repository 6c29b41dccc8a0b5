//! Every table map of the catalogue moves rows in each direction it has, and every cell of them is as the catalogue
//! says. The maps are read from the catalogue: a new one is tested without touching this file.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use dwsim_catalog::{Catalog, Symbol, TableMap};
use dwsim_dataverse::Actor;
use dwsim_dualwrite::{Execution, RunOptions};
use dwsim_model::{Change, MapId, Operation, Side, Value};
use dwsim_store::{Condition, Select};
use dwsim_tenant::Tenant;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use tests::{
    oracle::{self, Checked, Reader},
    worlds::{Plan, runnable},
};

/// What was found out about each map and direction, over all worlds.
#[derive(Default)]
struct Findings {
    checked: BTreeMap<(MapId, &'static str), Checked>,
    wrong: Vec<String>,
}

impl Findings {
    /// Runs a map with initial sync and checks the rows it moved before another map touches them.
    fn run(&mut self, tenant: &mut Tenant, map: &Arc<TableMap>, options: RunOptions, into: Side) {
        let executions = match tenant.run_map(&map.id, options) {
            Ok(executions) => executions,
            Err(error) => return self.wrong.push(format!("{}: {error}", map.id)),
        };
        for (execution, leg) in executions.iter().flat_map(|run| run.legs.iter().map(move |leg| (run, leg))) {
            if let Some(failure) = &leg.failure {
                self.wrong.push(format!("{} {}: {}", map.id, company(execution), failure.message));
            }
            for failure in &leg.failures {
                self.wrong.push(format!(
                    "{} {} into {} {}: {}",
                    map.id,
                    company(execution),
                    leg.into,
                    failure.key,
                    failure.message
                ));
            }
        }
        if !flows(map, into) {
            return;
        }
        let moved: u64 = legs(&executions, into).map(|leg| leg.inserted + leg.updated + leg.unchanged).sum();
        if moved == 0 {
            self.wrong.push(format!("{}: no row into {into}", map.id));
        }
        match oracle::check(tenant, map, into) {
            Ok(checked) => {
                self.wrong
                    .extend(checked.wrong.iter().map(|wrong| format!("{} into {into}: {wrong}", map.id)));
                self.checked.insert((map.id.clone(), side(into)), checked);
            }
            Err(error) => self.wrong.push(format!("{} into {into}: {error}", map.id)),
        }
    }
}

fn side(side: Side) -> &'static str {
    match side {
        Side::FinOps => "F&O",
        Side::Dataverse => "Dataverse",
    }
}

fn company(execution: &Execution) -> String {
    execution.company.as_ref().map_or_else(|| "of no company".to_owned(), ToString::to_string)
}

fn legs(executions: &[Execution], into: Side) -> impl Iterator<Item = &dwsim_dualwrite::Leg> {
    executions.iter().flat_map(|execution| &execution.legs).filter(move |leg| leg.into == into)
}

/// Whether any column of a map flows into a side; a constant alone is no flow.
fn flows(map: &TableMap, into: Side) -> bool {
    let wanted =
        |symbol: Symbol| if into == Side::FinOps { symbol.to_finops() } else { symbol.to_dataverse() };
    map.fields.iter().any(|field| wanted(field.symbol) && (into == Side::Dataverse || field.path.is_some()))
}

fn linked(template: &str, packages: &[&str]) -> Tenant {
    let mut plan = Plan::empty(&["USMF", "DEMF"]).unwrap();
    plan.demo = Some(10);
    plan.template = template.into();
    plan.packages = packages.iter().map(|package| (*package).into()).collect();
    let mut tenant = plan.linked().unwrap();
    // Customers alone carry eleven lookups, one more than an initial sync from Dataverse takes. Whether the limit
    // holds is tested elsewhere; here every column of every map has to cross.
    let mut limits = tenant.engine().limits().clone();
    limits.max_lookups = u64::MAX;
    tenant.engine_mut().set_limits(limits);
    tenant
}

/// Rows for maps that flow from Dataverse only: no initial sync from F&O can have brought them.
fn rows_made_in_dataverse(tenant: &mut Tenant, map: &TableMap) {
    let catalog = tenant.catalog().clone();
    let now = tenant.clock().now();
    let table = catalog.table(Side::Dataverse, &map.table).unwrap().clone();
    for number in 1..=3 {
        let mut values = Vec::new();
        for field in &map.fields {
            let Some(path) = field.path.as_deref().filter(|path| !path.contains('.')) else { continue };
            let column = table.column(table.ordinal(path).unwrap());
            let value = match &column.kind {
                dwsim_model::ColumnKind::Text { .. } => Value::text(format!("{path} {number}")),
                dwsim_model::ColumnKind::Guid if column.read_only => continue,
                other => dwsim_dualwrite::convert::parse(&number.to_string(), other).unwrap_or_default(),
            };
            values.push((column.name.clone(), value));
        }
        let change =
            Change { table: table.name.clone(), operation: Operation::Create, key: Vec::new(), values };
        tenant.dataverse_mut().unwrap().save(&change, &Actor::System, now).unwrap();
    }
}

/// A user of Dataverse answers the yes-or-no questions that a reversed filter asks, where no row passes it yet: orders
/// start as not ready to be sent, and somebody says that they are.
fn answer_reverse_filter(tenant: &mut Tenant, map: &TableMap) {
    let Some(filter) = &map.reverse_filter else { return };
    if !Reader::new(tenant).unwrap().rows_moved(map, Side::FinOps).unwrap().is_empty() {
        return;
    }
    let table = tenant.catalog().table(Side::Dataverse, &map.table).unwrap().clone();
    let words: Vec<&str> = filter.split_whitespace().collect();
    for asked in words.windows(3).filter(|asked| asked[1] == "eq" && ["true", "false"].contains(&asked[2])) {
        let column = table.ordinal(asked[0]).unwrap();
        let store = tenant.dataverse().unwrap().store();
        let wanted = Value::Bool(asked[2] == "true");
        let otherwise = Condition::Equal(column, Value::Bool(asked[2] != "true"));
        let rows = store.collect(&Select::all(store.table(&map.table).unwrap()).only(otherwise)).unwrap();
        for row in rows {
            let change = Change {
                table: map.table.clone(),
                operation: Operation::Update,
                key: vec![(table.column(0).name.clone(), row[0].clone())],
                values: vec![(table.column(column).name.clone(), wanted.clone())],
            };
            let now = tenant.clock().now();
            tenant.dataverse_mut().unwrap().save(&change, &Actor::System, now).unwrap();
        }
    }
}

/// F&O loses every row that a map can bring back. Rows of entities that flow one way only stay: companies, units,
/// products and whatever else has its home in F&O.
fn empty_finops(tenant: &mut Tenant, maps: &[Arc<TableMap>]) -> u64 {
    let entities: BTreeSet<&str> =
        maps.iter().filter(|map| flows(map, Side::FinOps)).map(|map| map.entity.as_str()).collect();
    let mut deleted = 0;
    let store = tenant.finops().store();
    for entity in entities {
        let table = store.table(entity).unwrap();
        for row in store.collect(&Select::all(table)).unwrap() {
            assert!(store.delete(table, &row[0]).unwrap());
            deleted += 1;
        }
    }
    deleted
}

/// There and back again, in one world.
fn both_ways(findings: &mut Findings, tenant: &mut Tenant, ids: &[MapId]) {
    let catalog = tenant.catalog().clone();
    let maps: Vec<Arc<TableMap>> = ids.iter().map(|id| catalog.map(id).unwrap().clone()).collect();
    let there = RunOptions { initial_sync: true, master: Side::FinOps, full: true };
    for map in &maps {
        findings.run(tenant, map, there, Side::Dataverse);
    }
    for map in &maps {
        if tenant.engine().status(&map.id) == Some(dwsim_dualwrite::MapStatus::Running) {
            tenant.stop_map(&map.id).unwrap();
        }
        if !flows(map, Side::Dataverse) {
            rows_made_in_dataverse(tenant, map);
        }
        if flows(map, Side::FinOps) {
            answer_reverse_filter(tenant, map);
        }
    }
    let lost = empty_finops(tenant, &maps);
    assert!(lost > maps.len() as u64, "F&O had {lost} rows to lose");
    let back = RunOptions { initial_sync: true, master: Side::Dataverse, full: true };
    for map in &maps {
        findings.run(tenant, map, back, Side::FinOps);
    }
}

/// Packages that no map has to stay stopped for, in an order in which they can be installed.
fn packages_that_replace_nothing(catalog: &Catalog) -> Vec<&str> {
    let mut installed: Vec<&str> = Vec::new();
    for package in catalog.facts().packages() {
        let ready = package.depends_on.iter().all(|needed| installed.contains(&needed.as_str()));
        if ready && package.replaces.is_empty() {
            installed.push(&package.id);
        }
    }
    installed
}

#[test]
fn every_map_of_the_catalogue_moves_rows_each_way_and_every_cell_is_as_the_catalogue_says() {
    let catalog = Catalog::embedded().unwrap();
    let mut findings = Findings::default();

    let mut tenant = linked("standard-with-dual-write", &["other-maps"]);
    let maps = runnable(&tenant);
    both_ways(&mut findings, &mut tenant, &maps);

    // The maps that had to stay stopped there run in a second world, with all others: those that the party package
    // replaces, without that package, and the other one of each pair, which needs the contacts of the replaced map.
    let all: Vec<MapId> = catalog.maps().iter().map(|map| map.id.clone()).collect();
    let rest: Vec<MapId> = all.iter().filter(|id| !maps.contains(id)).cloned().collect();
    let mut tenant = linked("standard", &packages_that_replace_nothing(&catalog));
    // A replaced map is documented in one version only, which fills lookups to tables of the package that replaces
    // it. So the maps that feed those tables are published by hand.
    tenant.engine_mut().apply(&all).unwrap();
    let replaced_by_rest = |id: &MapId| {
        let other = catalog.map(id).and_then(|map| map.alternative_to.as_ref());
        other.is_some_and(|other| rest.contains(other))
    };
    let wanted: Vec<MapId> =
        all.iter().filter(|id| rest.contains(id) || !replaced_by_rest(id)).cloned().collect();
    both_ways(&mut findings, &mut tenant, &catalog.run_order(&wanted));

    for map in catalog.maps() {
        for into in [Side::Dataverse, Side::FinOps] {
            if flows(map, into) && !findings.checked.contains_key(&(map.id.clone(), side(into))) {
                findings.wrong.push(format!("{}: never moved a row into {into}", map.id));
            }
        }
    }
    let directions = findings.checked.len();
    let sum = |of: fn(&Checked) -> u64| findings.checked.values().map(of).sum::<u64>();
    println!(
        "{} maps, {directions} directions: {} rows, {} mapped values, {} lookups, {} defaults",
        catalog.maps().len(),
        sum(|checked| checked.rows),
        sum(|checked| checked.mapped),
        sum(|checked| checked.lookups),
        sum(|checked| checked.defaults),
    );
    let idle: Vec<String> = findings
        .checked
        .iter()
        .filter(|(_, checked)| checked.rows == 0)
        .map(|((map, into), _)| format!("{map}: no row to compare in {into}"))
        .collect();
    findings.wrong.extend(idle);
    assert!(findings.wrong.is_empty(), "{} findings:\n{}", findings.wrong.len(), findings.wrong.join("\n"));
    // Nothing checked is nothing proved.
    assert!(
        sum(|checked| checked.mapped) > 0
            && sum(|checked| checked.lookups) > 0
            && sum(|checked| checked.defaults) > 0
    );
}

/// Runs every map again and says what was inserted, updated or failed on which side.
fn changes_of_another_run(tenant: &mut Tenant, maps: &[MapId], options: RunOptions) -> Vec<(Side, String)> {
    let mut changed = Vec::new();
    for map in maps {
        tenant.stop_map(map).unwrap();
        for execution in tenant.run_map(map, options).unwrap() {
            for leg in &execution.legs {
                assert_eq!((leg.errors, &leg.failure), (0, &None), "{map}");
                if leg.inserted + leg.updated > 0 {
                    let counts = format!("{} inserted, {} updated", leg.inserted, leg.updated);
                    changed.push((leg.into, format!("{map} {}: {counts}", company(&execution))));
                }
            }
        }
    }
    changed
}

#[test]
fn initial_syncs_of_every_map_without_changes_come_to_rest_whoever_is_master() {
    for master in [Side::FinOps, Side::Dataverse] {
        let mut tenant = linked("standard-with-dual-write", &["other-maps"]);
        let options = RunOptions { initial_sync: true, master, full: true };
        let maps = runnable(&tenant);
        for map in &maps {
            tenant.run_map(map, options).unwrap();
        }
        // The second run sends back for the first time what the first one brought to Dataverse, so columns that flow
        // to F&O only are written now.
        let second = changes_of_another_run(&mut tenant, &maps, options);
        let first_side: Vec<_> = second.iter().filter(|(into, _)| *into == Side::Dataverse).collect();
        assert!(first_side.is_empty(), "{master} as master, second run: {first_side:?}");
        // The third gives Dataverse what that changed. Then every row is as it was.
        changes_of_another_run(&mut tenant, &maps, options);
        let fourth = changes_of_another_run(&mut tenant, &maps, options);
        assert!(fourth.is_empty(), "{master} as master, fourth run: {fourth:?}");
    }
}
