//! Values of a scenario file as cells of a table.

use dwsim_dualwrite::convert::parse;
use dwsim_model::{ColumnKind, Name, Side, TableType, Value};
use dwsim_store::{Condition, Select, Store};
use dwsim_tenant::Tenant;
use toml::{Table, Value as Toml};

/// Names and values for a change, typed by the columns of the table. A column that is not there is passed on as
/// text, for the environment to refuse in its own words.
pub(crate) fn typed(
    tenant: &Tenant,
    side: Side,
    table: &str,
    values: &Table,
) -> Result<Vec<(Name, Value)>, String> {
    let shape = tenant.catalog().table(side, table).cloned();
    values
        .iter()
        .map(|(name, value)| {
            let kind = shape.as_ref().and_then(|shape| Some(&shape.column(shape.ordinal(name)?).kind));
            let cell = match value {
                Toml::Table(reference) => {
                    referenced(tenant, side, reference).map_err(|error| format!("{name}: {error}"))?
                }
                other => cell(other, kind).map_err(|error| format!("{name}: {error}"))?,
            };
            Ok((name.as_str().into(), cell))
        })
        .collect()
}

fn cell(value: &Toml, kind: Option<&ColumnKind>) -> Result<Value, String> {
    let text = match value {
        Toml::String(text) => text.clone(),
        Toml::Integer(number) => number.to_string(),
        Toml::Boolean(flag) => flag.to_string(),
        Toml::Datetime(moment) => moment.to_string(),
        Toml::Float(number) => number.to_string(),
        Toml::Array(_) | Toml::Table(_) => return Err(format!("{} cannot be a value", value.type_str())),
    };
    match kind {
        // A company lookup may be given by its code; enums by their member's name.
        None | Some(ColumnKind::Lookup { .. } | ColumnKind::Text { .. } | ColumnKind::Choice(_)) => {
            match (kind, text.parse()) {
                (Some(ColumnKind::Choice(_)), _) => parse(&text, kind.unwrap_or(&ColumnKind::BigInt)),
                (Some(ColumnKind::Lookup { .. }), Ok(id)) => Ok(Value::Guid(id)),
                _ => Ok(Value::text(text)),
            }
        }
        Some(kind) => parse(&text, kind),
    }
}

/// `{ table = "transactioncurrency", key = { isocurrencycode = "USD" } }` as the id of that row.
fn referenced(tenant: &Tenant, side: Side, reference: &Table) -> Result<Value, String> {
    let table = reference.get("table").and_then(Toml::as_str).ok_or("a reference has a table and a key")?;
    let key = reference.get("key").and_then(Toml::as_table).ok_or("a reference has a table and a key")?;
    match find(tenant, side, table, key)? {
        Some(id) => Ok(id),
        None => Err(format!("{table} has no row with {}", shown(key))),
    }
}

/// The id of the row whose columns hold these values.
pub(crate) fn find(tenant: &Tenant, side: Side, table: &str, key: &Table) -> Result<Option<Value>, String> {
    let (shape, store) = shape_and_store(tenant, side, table)?;
    let select = conditions(tenant, side, &shape, store, key)?;
    let rows = store.collect(&select.limit(1)).map_err(|error| error.to_string())?;
    Ok(rows.into_iter().next().and_then(|row| row.into_iter().next()))
}

/// How many rows have these values in their columns, and this company.
pub(crate) fn count(
    tenant: &Tenant,
    side: Side,
    table: &str,
    key: &Table,
    company: Option<&str>,
) -> Result<u64, String> {
    let (shape, store) = shape_and_store(tenant, side, table)?;
    let mut select = conditions(tenant, side, &shape, store, key)?;
    if let (Some(column), Some(company)) = (shape.company, company) {
        let value = match (company, side) {
            ("none", _) => Value::Null,
            (code, Side::FinOps) => Value::text(code),
            (code, Side::Dataverse) => company_id(tenant, code)?,
        };
        select = select.only(Condition::Equal(column, value));
    }
    store.count(&select).map_err(|error| error.to_string())
}

fn company_id(tenant: &Tenant, code: &str) -> Result<Value, String> {
    let code = code.parse().map_err(|error: dwsim_model::CompanyCodeError| error.to_string())?;
    let dataverse = tenant.dataverse().ok_or("there is no Dataverse environment")?;
    // A company that Dataverse does not know owns no rows; no row has the nil id.
    Ok(Value::Guid(dataverse.company_id(&code).map_err(|error| error.to_string())?.unwrap_or_default()))
}

fn shape_and_store<'t>(
    tenant: &'t Tenant,
    side: Side,
    table: &str,
) -> Result<(std::sync::Arc<TableType>, &'t Store), String> {
    let catalog = tenant.catalog();
    let shape = catalog.table(side, table).cloned().ok_or_else(|| {
        let near = dwsim_model::nearest(table, catalog.tables(side).map(|table| table.name.as_str()));
        let hint = near.map_or_else(String::new, |near| format!("; did you mean '{near}'?"));
        format!("{side} has no table '{table}'{hint}")
    })?;
    let store = match side {
        Side::FinOps => tenant.finops().store(),
        Side::Dataverse => tenant.dataverse().ok_or("there is no Dataverse environment")?.store(),
    };
    Ok((shape, store))
}

fn conditions(
    tenant: &Tenant,
    side: Side,
    shape: &TableType,
    store: &Store,
    key: &Table,
) -> Result<Select, String> {
    let table = store.table(&shape.name).ok_or_else(|| format!("{} is not declared", shape.name))?;
    let mut select = Select::all(table);
    for (name, value) in key {
        let ordinal = shape.ordinal(name).ok_or_else(|| {
            let near = dwsim_model::nearest(name, shape.columns.iter().map(|column| column.name.as_str()));
            let hint = near.map_or_else(String::new, |near| format!("; did you mean '{near}'?"));
            format!("{} has no column '{name}'{hint}", shape.name)
        })?;
        let value = match (value, &shape.column(ordinal).kind) {
            (Toml::Table(reference), _) => referenced(tenant, side, reference)?,
            (Toml::String(text), ColumnKind::Lookup { .. }) if Some(ordinal) == shape.company => {
                company_id(tenant, text)?
            }
            (value, kind) => cell(value, Some(kind))?,
        };
        select = select.only(Condition::Equal(ordinal, value));
    }
    Ok(select)
}

fn shown(key: &Table) -> String {
    let parts: Vec<String> =
        key.iter().map(|(name, value)| format!("{name} = {}", shown_value(value))).collect();
    parts.join(", ")
}

/// A value of the file as a person wrote it.
pub(crate) fn shown_value(value: &Toml) -> String {
    match value {
        Toml::String(text) => text.clone(),
        Toml::Integer(number) => number.to_string(),
        Toml::Float(number) => number.to_string(),
        Toml::Boolean(flag) => flag.to_string(),
        Toml::Datetime(moment) => moment.to_string(),
        Toml::Table(table) => shown(table),
        Toml::Array(items) => items.iter().map(shown_value).collect::<Vec<_>>().join(", "),
    }
}
