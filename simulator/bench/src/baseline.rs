//! The same copy by hand: plain tables of the same rows and keys, and the SQL of `data/customers.sql`.

use crate::BenchError;
use dwsim_catalog::Catalog;
use dwsim_model::{ColumnKind, CompanyCode, Name, Side, TableType, Value};
use dwsim_store::{Select, Store};
use dwsim_tenant::Tenant;
use rusqlite::{Connection, params_from_iter, types::Value as Cell};
use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

const SQL: &str = include_str!("../data/customers.sql");

/// Tables the copy searches, and the column it searches by.
const LOOKUPS: [(&str, &str); 10] = [
    ("transactioncurrency", "isocurrencycode"),
    ("msdyn_customergroup", "msdyn_groupid"),
    ("msdyn_paymentday", "msdyn_name"),
    ("msdyn_customerpaymentmethod", "msdyn_name"),
    ("msdyn_paymentschedule", "msdyn_name"),
    ("msdyn_paymentterm", "msdyn_name"),
    ("msdyn_vendor", "msdyn_vendoraccountnumber"),
    ("msdyn_party", "msdyn_partynumber"),
    ("msdyn_contactforparty", "msdyn_contactforpartynumber"),
    ("msdyn_taxgroup", "msdyn_name"),
];

/// Copies the rows into tables of a database of their own and times the SQL; the time, and the rows it copied.
pub(crate) fn measure(tenant: &Tenant, company: &CompanyCode) -> Result<(Duration, u64), BenchError> {
    let connection = Connection::open_in_memory().map_err(BenchError::new)?;
    let setup = "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY;
                 PRAGMA cache_size = -65536;";
    connection.execute_batch(setup).map_err(BenchError::new)?;
    let dataverse = tenant.dataverse().ok_or_else(|| BenchError::new("there is no Dataverse"))?;
    let catalog = tenant.catalog();
    let company_id = dataverse.company_id(company).map_err(BenchError::new)?.unwrap_or_default();
    source(&connection, catalog, tenant.finops().store())?;
    for (table, column) in LOOKUPS {
        lookup(&connection, catalog, dataverse.store(), table, column)?;
    }
    target(&connection, catalog)?;
    let organization = [
        Value::Guid(company_id),
        Value::Guid(dataverse.root_team()),
        Value::Guid(dataverse.root_business_unit()),
    ];
    let mut parameters: Vec<Cell> = organization.iter().map(cell).collect();
    parameters.push(Cell::Integer(0));
    parameters.push(cell(&organization[1]));
    parameters.push(Cell::Text(company.to_string()));
    parameters.push(organizations(catalog)?);
    let (insert, update) =
        SQL.split_once(";\n\n").ok_or_else(|| BenchError::new("the SQL has two statements"))?;
    let start = Instant::now();
    connection.execute_batch("BEGIN").map_err(BenchError::new)?;
    let copied = connection.execute(insert, params_from_iter(&parameters)).map_err(BenchError::new)?;
    connection.execute(update, params_from_iter(&parameters[..1])).map_err(BenchError::new)?;
    connection.execute_batch("COMMIT").map_err(BenchError::new)?;
    Ok((start.elapsed(), copied as u64))
}

/// What stands in `PartyType` for an organization.
fn organizations(catalog: &Catalog) -> Result<Cell, BenchError> {
    let table = named(catalog, Side::FinOps, "CustomersV3")?;
    let kind = table.ordinal("PartyType").map(|ordinal| &table.column(ordinal).kind);
    Ok(match kind {
        Some(ColumnKind::Choice(choices)) => {
            Cell::Integer(choices.number("Organization").map_or(-1, i64::from))
        }
        _ => Cell::Text("Organization".to_owned()),
    })
}

fn source(connection: &Connection, catalog: &Catalog, store: &Store) -> Result<(), BenchError> {
    let table = named(catalog, Side::FinOps, "CustomersV3")?;
    let columns: Vec<usize> = (0..table.typed_columns()).collect();
    copy(connection, "customer", &table, store, &columns, &[])?;
    let index = "CREATE UNIQUE INDEX customer_key ON customer(dataAreaId, CustomerAccount)";
    connection.execute_batch(index).map_err(BenchError::new)
}

fn lookup(
    connection: &Connection,
    catalog: &Catalog,
    store: &Store,
    table: &str,
    column: &str,
) -> Result<(), BenchError> {
    let shape = named(catalog, Side::Dataverse, table)?;
    let key = shape.ordinal(column).ok_or_else(|| BenchError::new(format!("{table} has no {column}")))?;
    let mut columns = vec![0, key];
    let mut names = vec!["id".to_owned(), column.to_owned()];
    if let Some(company) = shape.company {
        columns.push(company);
        names.push("company".to_owned());
    }
    copy(connection, table, &shape, store, &columns, &names)?;
    let key = if shape.company.is_some() { format!("company, {column}") } else { column.to_owned() };
    connection
        .execute_batch(&format!("CREATE UNIQUE INDEX {table}_key ON {table}({key})"))
        .map_err(BenchError::new)
}

fn target(connection: &Connection, catalog: &Catalog) -> Result<(), BenchError> {
    let table = named(catalog, Side::Dataverse, "account")?;
    let mut sql = "CREATE TABLE account(accountid BLOB NOT NULL UNIQUE, version INTEGER NOT NULL".to_owned();
    for column in table.columns.iter().skip(1).filter(|column| column.name.as_str() != "versionnumber") {
        let _ = write!(sql, ", {} {}", column.name, declaration(&column.kind));
    }
    sql.push_str("); CREATE UNIQUE INDEX account_key ON account(msdyn_company, accountnumber);");
    connection.execute_batch(&sql).map_err(BenchError::new)
}

fn named(catalog: &Catalog, side: Side, name: &str) -> Result<std::sync::Arc<TableType>, BenchError> {
    catalog.table(side, name).cloned().ok_or_else(|| BenchError::new(format!("the catalogue has no {name}")))
}

pub(crate) fn declaration(kind: &ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Text { .. } | ColumnKind::EntityName => "TEXT COLLATE NOCASE",
        ColumnKind::Guid | ColumnKind::Lookup { .. } => "BLOB",
        _ => "NUMERIC",
    }
}

fn copy(
    connection: &Connection,
    name: &str,
    shape: &TableType,
    store: &Store,
    columns: &[usize],
    names: &[String],
) -> Result<(), BenchError> {
    let own: Vec<Name> = columns.iter().map(|ordinal| shape.column(*ordinal).name.clone()).collect();
    let shown = |index: usize| names.get(index).map_or(own[index].as_str(), String::as_str);
    let list: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(index, ordinal)| format!("{} {}", shown(index), declaration(&shape.column(*ordinal).kind)))
        .collect();
    connection
        .execute_batch(&format!("CREATE TABLE {name}({})", list.join(", ")))
        .map_err(BenchError::new)?;
    let marks = vec!["?"; columns.len()].join(", ");
    let mut insert =
        connection.prepare(&format!("INSERT INTO {name} VALUES({marks})")).map_err(BenchError::new)?;
    let id =
        store.table(&shape.name).ok_or_else(|| BenchError::new(format!("{} is not declared", shape.name)))?;
    connection.execute_batch("BEGIN").map_err(BenchError::new)?;
    let mut select = Select::all(id).columns(columns);
    if let (Side::Dataverse, Some(company)) = (shape.side, shape.company) {
        // Rows without company are nobody's to find.
        select = select.ordered(&[company]);
    }
    let mut failed = None;
    store
        .scan(&select, |row| {
            if let Err(error) = insert.execute(params_from_iter(row.iter().map(cell))) {
                failed.get_or_insert(error);
            }
            Ok(())
        })
        .map_err(BenchError::new)?;
    connection.execute_batch("COMMIT").map_err(BenchError::new)?;
    failed.map_or(Ok(()), |error| Err(BenchError::new(error)))
}

fn cell(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Bool(flag) => Cell::Integer(i64::from(*flag)),
        Value::Int(number) => Cell::Integer(*number),
        Value::Choice(number) => Cell::Integer(i64::from(*number)),
        Value::Text(text) => Cell::Text(text.to_string()),
        Value::Guid(id) => Cell::Blob(id.as_bytes().to_vec()),
        // Decimals, dates and instants as text: what a quick hand-written copy would do.
        other => Cell::Text(other.to_string()),
    }
}
