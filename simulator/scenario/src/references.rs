//! Rows that an imported file refers to and does not carry.
//!
//! An export of one entity names customer groups, terms of payment and currencies that its environment has. So that
//! the rows can be synchronised, each such row is made with its key and nothing else, and the report names it.

use dwsim_catalog::{LookupPath, TableMap, parse_path};
use dwsim_model::{Change, Name, Operation, Side, Value};
use dwsim_store::Select;
use dwsim_tenant::Tenant;
use std::collections::BTreeSet;

/// Makes the rows that rows of an entity refer to through its maps; says which.
pub(crate) fn complete(tenant: &mut Tenant, entity: &str) -> Result<Vec<String>, String> {
    let catalog = tenant.catalog().clone();
    let mut made = Vec::new();
    let maps: Vec<_> =
        catalog.maps().iter().filter(|map| map.entity.eq_ignore_ascii_case(entity)).cloned().collect();
    let mut wanted: BTreeSet<(Name, Name, Option<String>, String)> = BTreeSet::new();
    for map in &maps {
        for (field, target, key) in references(map, &catalog) {
            collect(tenant, map, &field, &target, &key, &mut wanted)?;
        }
    }
    for (target, key, company, value) in wanted {
        let Some(shape) = catalog.table(Side::FinOps, &target) else { continue };
        let mut values = vec![(key.clone(), Value::text(value.as_str()))];
        if let (Some(column), Some(company)) = (shape.company, &company) {
            values.push((shape.column(column).name.clone(), Value::text(company.as_str())));
        }
        let exists = crate::values::count(tenant, Side::FinOps, &target, &as_table(&values), None)? > 0;
        if exists {
            continue;
        }
        let change = Change { table: target.clone(), operation: Operation::Create, key: Vec::new(), values };
        let place = company.map_or_else(String::new, |company| format!(" of {company}"));
        match tenant.finops_mut().save(&change) {
            Ok(_) => made.push(format!("{target}{place}: {value} made, because the file refers to it")),
            Err(error) => {
                made.push(format!("{target}{place}: {value} is referred to and could not be made: {error}"));
            }
        }
    }
    Ok(made)
}

/// Fields that name a row of another entity by one key field: field, entity, key field.
fn references(map: &TableMap, catalog: &dwsim_catalog::Catalog) -> Vec<(Name, Name, Name)> {
    let mut found = Vec::new();
    for field in &map.fields {
        let (Some(name), Some(path)) = (&field.entity_field, &field.path) else { continue };
        let Ok(LookupPath::Through { hops, column }) = parse_path(path) else { continue };
        let [hop] = hops.as_slice() else { continue };
        let Some(table) = catalog.table(Side::Dataverse, &map.table) else { continue };
        let Some(ordinal) = table.ordinal(hop) else { continue };
        let dwsim_model::ColumnKind::Lookup { targets } = &table.column(ordinal).kind else { continue };
        let feeder =
            catalog.maps().iter().find(|other| targets.contains(&other.table) && other.entity != map.entity);
        let Some(feeder) = feeder else { continue };
        let key = feeder.fields.iter().find(|row| row.path.as_deref() == Some(column.as_str()));
        if let Some(key) = key.and_then(|row| row.entity_field.clone()) {
            found.push((name.clone(), feeder.entity.clone(), key));
        }
    }
    found
}

fn collect(
    tenant: &Tenant,
    map: &TableMap,
    field: &Name,
    target: &Name,
    key: &Name,
    wanted: &mut BTreeSet<(Name, Name, Option<String>, String)>,
) -> Result<(), String> {
    let finops = tenant.finops();
    let (Some(id), Some(shape)) = (finops.table(&map.entity), finops.table_type(&map.entity)) else {
        return Ok(());
    };
    let Some(ordinal) = shape.ordinal(field) else { return Ok(()) };
    let striped = finops.table_type(target).is_some_and(|table| table.striped());
    let company = shape.company.filter(|_| striped);
    let mut columns = vec![ordinal];
    columns.extend(company);
    let select = Select::all(id).columns(&columns);
    finops
        .store()
        .scan(&select, |row| {
            if let Some(value) = row[0].as_text().filter(|text| !text.is_empty()) {
                let company = row.get(1).and_then(Value::as_text).map(str::to_owned);
                wanted.insert((target.clone(), key.clone(), company, value.to_owned()));
            }
            Ok(())
        })
        .map_err(|error| error.to_string())
}

fn as_table(values: &[(Name, Value)]) -> toml::Table {
    values.iter().map(|(name, value)| (name.to_string(), toml::Value::String(value.to_string()))).collect()
}
