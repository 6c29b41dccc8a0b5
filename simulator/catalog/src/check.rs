//! Cross-checks of a map against its entity, its table and the other maps.

use crate::{
    error::{CatalogError, Place, Problem},
    exceptions::Exceptions,
    finops::DATA_AREA_ID,
    fit::{Incoming, fits},
    load_maps::row_name,
    map::{FieldMap, TableMap, Transform},
    path::parse_path,
    walk::{End, Tables},
};
use dwsim_model::{Side, TableType};

/// Checks one map. `tables` are all entities and tables, `known` tells whether a map of an id exists.
pub(crate) fn check_map(
    place: &Place,
    map: &TableMap,
    tables: &impl Tables,
    known: &[&str],
    exceptions: &mut Exceptions,
) -> Result<(), CatalogError> {
    let entity = tables
        .find(Side::FinOps, &map.entity)
        .ok_or_else(|| place.error(Problem::unknown("entity", &map.entity, tables.names(Side::FinOps))))?;
    let table = tables
        .find(Side::Dataverse, &map.table)
        .ok_or_else(|| place.error(Problem::unknown("table", &map.table, tables.names(Side::Dataverse))))?;
    check_striping(place, map, entity, table)?;
    for field in &map.fields {
        if let Err(problem) = check_row(field, entity, table, tables) {
            exceptions.judge(&map.id, place.field_error(row_name(field), problem))?;
        }
    }
    check_key(place, map, entity, table, tables)?;
    let others = map.depends_on.iter().chain(&map.soft_depends_on).chain(&map.alternative_to);
    for other in others {
        if !known.contains(&other.as_str()) {
            return Err(place.error(Problem::unknown("map", other, known.iter().copied())));
        }
    }
    Ok(())
}

fn check_striping(
    place: &Place,
    map: &TableMap,
    entity: &TableType,
    table: &TableType,
) -> Result<(), CatalogError> {
    let problem = |what: String| Err(place.error(Problem::Striping { what }));
    if map.striped != entity.striped() {
        let (map, entity_is) = if map.striped { ("striped", "not") } else { ("global", "by company") };
        return problem(format!("the map is {map} and entity {} is {entity_is}", entity.name));
    }
    let own = table.company.map(|at| table.column(at).name.as_str());
    match map.company_column.as_deref() {
        Some(column) if own != Some(column) => problem(format!(
            "the company column is {column} in the map and {} in table {}",
            own.unwrap_or("none"),
            table.name
        )),
        _ => Ok(()),
    }
}

fn check_row(
    field: &FieldMap,
    entity: &TableType,
    table: &TableType,
    tables: &impl Tables,
) -> Result<(), Problem> {
    let own = match &field.entity_field {
        None => None,
        Some(name) => {
            Some(entity.ordinal(name).map(|at| entity.column(at)).ok_or_else(|| Problem::MissingField {
                entity: entity.name.as_str().to_owned(),
                field: name.as_str().to_owned(),
                nearest: nearest_column(entity, name),
            })?)
        }
    };
    let ends = match &field.path {
        None => Vec::new(),
        Some(path) => tables.walk(table, path, &parse_path(path)?)?,
    };
    let misfit =
        |value: &str, column: String, kind: String| Problem::Misfit { value: value.to_owned(), column, kind };
    let entity_takes = |value: &str| match own {
        Some(column) => fits(Incoming::FinOps, value, &column.kind)
            .map_err(|kind| misfit(value, format!("{}.{}", entity.name, column.name), kind)),
        None => Ok(()),
    };
    let table_takes = |value: &str| {
        ends.iter().try_for_each(|End { table, column }| {
            fits(Incoming::Dataverse, value, &column.kind)
                .map_err(|kind| misfit(value, format!("{}.{}", table.name, column.name), kind))
        })
    };
    match &field.transform {
        Transform::None if field.symbol.transforms() => {
            Err(Problem::TransformMissing { symbol: field.symbol.as_str() })
        }
        Transform::None => Ok(()),
        _ if !field.symbol.transforms() => Err(Problem::TransformUnexpected {
            symbol: field.symbol.as_str(),
            better: field.symbol.transformed().as_str(),
        }),
        Transform::Default(value) => {
            if field.symbol.to_dataverse() {
                table_takes(value)?;
            }
            if field.symbol.to_finops() { entity_takes(value) } else { Ok(()) }
        }
        Transform::ValueMap(pairs) => pairs.iter().try_for_each(|(finops, dataverse)| {
            entity_takes(finops)?;
            table_takes(dataverse)
        }),
    }
}

/// The key must be made of rows of the map and the company, and be a key of the table.
fn check_key(
    place: &Place,
    map: &TableMap,
    entity: &TableType,
    table: &TableType,
    tables: &impl Tables,
) -> Result<(), CatalogError> {
    let mut wanted = Vec::new();
    for (field, path) in &map.integration_key {
        let parsed = parse_path(path).map_err(|error| place.field_error(field, error))?;
        tables.walk(table, path, &parsed).map_err(|problem| place.field_error(field, problem))?;
        let company = map.company_column.as_deref() == Some(parsed.first().as_str());
        let mapped = map.fields.iter().any(|row| {
            row.path.as_deref() == Some(path)
                && row.entity_field.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(field))
        });
        let known = field.as_str() == DATA_AREA_ID || entity.ordinal(field).is_some();
        if !known || !(mapped || company) {
            let problem = Problem::KeyNotMapped { field: field.as_str().to_owned(), path: path.to_string() };
            return Err(place.field_error(field, problem));
        }
        let first = table.ordinal(parsed.first());
        if let Some(at) = first.filter(|at| !wanted.contains(at)) {
            wanted.push(at);
        }
    }
    wanted.sort_unstable();
    let found = table.keys.iter().any(|key| {
        let mut columns = key.columns.clone();
        columns.sort_unstable();
        columns == wanted
    });
    if found {
        return Ok(());
    }
    let columns: Vec<&str> = wanted.iter().map(|at| table.column(*at).name.as_str()).collect();
    Err(place.error(Problem::KeyNotAlternate {
        table: table.name.as_str().to_owned(),
        columns: columns.join(", "),
    }))
}

pub(crate) fn nearest_column(table: &TableType, name: &str) -> Option<String> {
    dwsim_model::nearest(name, table.columns.iter().map(|column| column.name.as_str())).map(str::to_owned)
}
