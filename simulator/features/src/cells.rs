//! Cells of a feature's tables as values of a column, and rows found by what people call them.

use crate::arguments::Line;
use dwsim_dualwrite::convert::parse;
use dwsim_model::{Column, ColumnKind, CompanyCode, Name, Side, TableType, Value};
use dwsim_store::{Condition, Select, Store};
use dwsim_tenant::Tenant;
use std::sync::Arc;

/// A table of either side with the rows it holds.
pub(crate) struct Place<'t> {
    pub(crate) side: Side,
    pub(crate) shape: Arc<TableType>,
    pub(crate) store: &'t Store,
}

/// The table of this name, on whichever side has it.
pub(crate) fn place<'t>(tenant: &'t Tenant, table: &str) -> Result<Place<'t>, String> {
    for side in [Side::FinOps, Side::Dataverse] {
        if tenant.catalog().table(side, table).is_some() {
            return place_in(tenant, side, table);
        }
    }
    let known = [Side::FinOps, Side::Dataverse].into_iter().flat_map(|side| tenant.catalog().tables(side));
    let near = dwsim_model::nearest(table, known.map(|table| table.name.as_str()));
    let hint = near.map_or_else(String::new, |near| format!("; did you mean '{near}'?"));
    Err(format!("neither side has a table '{table}'{hint}"))
}

/// The table of this name on one side.
pub(crate) fn place_in<'t>(tenant: &'t Tenant, side: Side, table: &str) -> Result<Place<'t>, String> {
    let catalog = tenant.catalog();
    // As it is now, with columns of one's own.
    let shape = match side {
        Side::FinOps => tenant.finops().table_type(table),
        Side::Dataverse => tenant.dataverse().and_then(|dataverse| dataverse.table_type(table)),
    };
    let shape = shape.or_else(|| catalog.table(side, table)).cloned().ok_or_else(|| {
        let near = dwsim_model::nearest(table, catalog.tables(side).map(|table| table.name.as_str()));
        let hint = near.map_or_else(String::new, |near| format!("; did you mean '{near}'?"));
        format!("{side} has no table '{table}'{hint}")
    })?;
    let store = match side {
        Side::FinOps => tenant.finops().store(),
        Side::Dataverse => tenant.dataverse().ok_or("there is no Dataverse environment")?.store(),
    };
    Ok(Place { side, shape, store })
}

/// The ordinal of a column, or the nearest name.
pub(crate) fn ordinal(shape: &TableType, column: &str) -> Result<usize, String> {
    shape.ordinal(column).ok_or_else(|| {
        let near = dwsim_model::nearest(column, shape.columns.iter().map(|column| column.name.as_str()));
        let hint = near.map_or_else(String::new, |near| format!("; did you mean '{near}'?"));
        format!("{} has no column '{column}'{hint}", shape.name)
    })
}

/// The value of the company column that stands for a company on a side.
pub(crate) fn company_value(tenant: &Tenant, side: Side, company: &CompanyCode) -> Result<Value, String> {
    match side {
        Side::FinOps => Ok(Value::text(company.as_str())),
        Side::Dataverse => {
            let dataverse = tenant.dataverse().ok_or("there is no Dataverse environment")?;
            let id = dataverse.company_id(company).map_err(|error| error.to_string())?;
            id.map(Value::Guid).ok_or_else(|| format!("Dataverse has no company {company}"))
        }
    }
}

/// Cells of one line as names and values of a row; the company is added where the table has one.
pub(crate) fn row(
    tenant: &Tenant,
    place: &Place<'_>,
    company: Option<&CompanyCode>,
    line: &Line,
) -> Result<Vec<(Name, Value)>, String> {
    let mut values: Vec<(Name, Value)> = Vec::with_capacity(line.len() + 1);
    if let (Some(column), Some(company)) = (place.shape.company, company) {
        let value = company_value(tenant, place.side, company)?;
        values.push((place.shape.column(column).name.clone(), value));
    }
    for (name, text) in line {
        let column = place.shape.column(ordinal(&place.shape, name)?);
        values.push((column.name.clone(), cell(tenant, place.side, company, column, text)?));
    }
    Ok(values)
}

/// A cell as a value of its column. A lookup is written as the key of the row it points at; `(empty)` is no value.
pub(crate) fn cell(
    tenant: &Tenant,
    side: Side,
    company: Option<&CompanyCode>,
    column: &Column,
    text: &str,
) -> Result<Value, String> {
    if text == "(empty)" {
        return Ok(Value::Null);
    }
    match &column.kind {
        ColumnKind::Lookup { targets } => {
            if let Ok(id) = text.parse() {
                return Ok(Value::Guid(id));
            }
            if let (Ok(code), true) = (text.parse::<CompanyCode>(), targets_company(tenant, targets)) {
                return company_value(tenant, side, &code);
            }
            for target in targets {
                let place = place_in(tenant, side, target)?;
                if let Some(id) = id_of(tenant, &place, company, text)? {
                    return Ok(id);
                }
            }
            let names: Vec<&str> = targets.iter().map(Name::as_str).collect();
            Err(format!("column {}: there is no {} '{text}'", column.name, names.join(" or ")))
        }
        ColumnKind::Text { .. } => Ok(Value::text(text)),
        kind => parse(text, kind).map_err(|error| format!("column {}: {error}", column.name)),
    }
}

fn targets_company(tenant: &Tenant, targets: &[Name]) -> bool {
    let company = &tenant.catalog().facts().company().table;
    targets.iter().any(|target| target == company)
}

/// The rows that people call by this key; parts of a key of several columns are separated by commas.
pub(crate) fn select(
    tenant: &Tenant,
    place: &Place<'_>,
    company: Option<&CompanyCode>,
    key: &str,
) -> Result<Select, String> {
    let shape = &place.shape;
    let mut select = in_company(tenant, place, company)?;
    let own = called_by(shape).ok_or_else(|| format!("{} has neither a key nor a name", shape.name))?;
    let parts: Vec<&str> = if own.len() == 1 { vec![key] } else { key.split(',').map(str::trim).collect() };
    if own.len() != parts.len() {
        let names: Vec<&str> = own.iter().map(|ordinal| shape.column(*ordinal).name.as_str()).collect();
        return Err(format!(
            "{} is known by {}; write \"{}\"",
            shape.name,
            names.join(", "),
            names.join(", ")
        ));
    }
    for (ordinal, part) in own.into_iter().zip(parts) {
        let value = cell(tenant, place.side, company, shape.column(ordinal), part)?;
        select = select.only(Condition::Equal(ordinal, value));
    }
    Ok(select)
}

/// The columns people call a row by: its natural key without the company, or its name.
fn called_by(shape: &TableType) -> Option<Vec<usize>> {
    match shape.natural_key() {
        Some(natural) => {
            Some(natural.columns.iter().copied().filter(|ordinal| Some(*ordinal) != shape.company).collect())
        }
        None => shape.primary_name.map(|name| vec![name]),
    }
}

/// The rows of a table, perhaps only those of a company.
pub(crate) fn in_company(
    tenant: &Tenant,
    place: &Place<'_>,
    company: Option<&CompanyCode>,
) -> Result<Select, String> {
    let shape = &place.shape;
    let table = place.store.table(&shape.name).ok_or_else(|| format!("{} is not declared", shape.name))?;
    let select = Select::all(table);
    let Some(company) = company else { return Ok(select) };
    let column = shape.company.ok_or_else(|| format!("rows of {} belong to no company", shape.name))?;
    Ok(select.only(Condition::Equal(column, company_value(tenant, place.side, company)?)))
}

/// The id of the row people call by this key.
pub(crate) fn id_of(
    tenant: &Tenant,
    place: &Place<'_>,
    company: Option<&CompanyCode>,
    key: &str,
) -> Result<Option<Value>, String> {
    let company = company.filter(|_| place.shape.striped());
    let select = select(tenant, place, company, key)?.columns(&[0]).limit(1);
    let rows = place.store.collect(&select).map_err(|error| error.to_string())?;
    Ok(rows.into_iter().next().and_then(|row| row.into_iter().next()))
}

/// A value as a person writes it: choices by label, lookups by the key of the row they point at.
pub(crate) fn shown(tenant: &Tenant, side: Side, column: &Column, value: &Value) -> String {
    match (&column.kind, value) {
        (_, Value::Null) => "(empty)".to_owned(),
        (ColumnKind::Choice(choices), Value::Choice(number)) => {
            choices.label(*number).map_or_else(|| number.to_string(), str::to_owned)
        }
        (ColumnKind::Lookup { targets }, id) => targets
            .iter()
            .find_map(|target| key_of(tenant, side, target, id))
            .unwrap_or_else(|| id.to_string()),
        (_, value) => value.to_string(),
    }
}

/// The key of a row by its id.
fn key_of(tenant: &Tenant, side: Side, table: &str, id: &Value) -> Option<String> {
    let place = place_in(tenant, side, table).ok()?;
    let own = called_by(&place.shape)?;
    let row = place.store.get(place.store.table(table)?, id, &own).ok()??;
    Some(row.iter().map(Value::to_string).collect::<Vec<_>>().join(","))
}
