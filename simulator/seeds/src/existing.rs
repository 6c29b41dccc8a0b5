//! Environments that have lived: small, readable data with conflicts, overlaps and orphans.

use crate::{data::parse, error::SeedError, load::environment};
use dwsim_dataverse::{Actor, Dataverse};
use dwsim_finops::FinOps;
use dwsim_model::{Change, Name, Operation, Side, Value};
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;

const FILE: &str = "existing.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    company: Vec<Company>,
    table: Vec<Table>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Company {
    sets: Vec<String>,
    code: String,
    name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    sets: Vec<String>,
    side: Side,
    name: Name,
    rows: Vec<BTreeMap<String, Cell>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Cell {
    Flag(bool),
    Number(i64),
    Text(String),
    Row(Reference),
}

/// A lookup, written as the row it points at: `{ table = "transactioncurrency", column = "isocurrencycode", is = "USD" }`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// The table it points into.
    pub table: Name,
    /// The column the row is known by.
    pub column: Name,
    /// The value of that column.
    pub is: String,
}

/// A row of Dataverse to be made: a change, and the lookups it sets once the rows they point at are there.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedRow {
    /// The change, without its lookups.
    pub change: Change,
    /// Lookup columns and the rows they point at.
    pub lookups: Vec<(Name, Reference)>,
}

fn planned(table: &Name, row: BTreeMap<String, Cell>) -> PlannedRow {
    let (mut values, mut lookups) = (Vec::new(), Vec::new());
    for (name, cell) in row {
        let name = Name::from(name);
        match cell {
            Cell::Flag(flag) => values.push((name, Value::Bool(flag))),
            Cell::Number(number) => values.push((name, Value::Int(number))),
            Cell::Text(text) => values.push((name, Value::text(text))),
            Cell::Row(reference) => lookups.push((name, reference)),
        }
    }
    PlannedRow {
        change: Change { table: table.clone(), operation: Operation::Create, key: Vec::new(), values },
        lookups,
    }
}

/// What an environment holds before it is linked, as changes in the order in which they have to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct ExistingData {
    /// Legal entities of F&O: code and name.
    pub companies: Vec<(String, String)>,
    /// Rows of F&O.
    pub finops: Vec<Change>,
    /// Rows of Dataverse.
    pub dataverse: Vec<PlannedRow>,
}

/// The names of all sets, in alphabetical order: `existing` has both environments, the others one of them.
pub fn existing_sets() -> Result<Vec<String>, SeedError> {
    let file = read()?;
    let tables = file.table.iter().flat_map(|table| &table.sets);
    let mut names: Vec<String> =
        file.company.iter().flat_map(|company| &company.sets).chain(tables).cloned().collect();
    names.sort();
    names.dedup();
    Ok(names)
}

/// The rows of a set.
///
/// # Errors
/// [`SeedError::UnknownExisting`] with the names there are.
pub fn existing(set: &str) -> Result<ExistingData, SeedError> {
    let known = existing_sets()?;
    if !known.iter().any(|own| own == set) {
        return Err(SeedError::UnknownExisting { name: set.to_owned(), known: known.join(", ") });
    }
    let file = read()?;
    let belongs = |sets: &[String]| sets.iter().any(|own| own == set);
    let companies = file.company.into_iter().filter(|company| belongs(&company.sets));
    let mut data = ExistingData {
        companies: companies.map(|company| (company.code, company.name)).collect(),
        finops: Vec::new(),
        dataverse: Vec::new(),
    };
    for table in file.table.into_iter().filter(|table| belongs(&table.sets)) {
        let rows = table.rows.into_iter().map(|row| planned(&table.name, row));
        match table.side {
            Side::FinOps => data.finops.extend(rows.map(|row| row.change)),
            Side::Dataverse => data.dataverse.extend(rows),
        }
    }
    Ok(data)
}

/// Writes the rows of a set into the environments given, each in one transaction: all of a side's rows or none.
/// Companies that F&O has already stay as they are. Returns how many rows were written, companies not counted.
///
/// # Errors
/// [`SeedError::UnknownExisting`], and [`SeedError::Refused`] when an environment does not take a row.
pub fn load_existing(
    set: &str,
    finops: Option<&mut FinOps>,
    dataverse: Option<&mut Dataverse>,
    now: Timestamp,
) -> Result<u64, SeedError> {
    let data = existing(set)?;
    let mut written = 0;
    if let Some(finops) = finops {
        finops.store().begin().map_err(environment)?;
        let result = write_finops(finops, &data);
        settle(finops.store(), result.is_ok())?;
        written += result?;
    }
    if let Some(dataverse) = dataverse {
        dataverse.store().begin().map_err(environment)?;
        let result = data.dataverse.iter().try_for_each(|row| {
            let mut change = row.change.clone();
            for (column, reference) in &row.lookups {
                change.values.push((column.clone(), pointed_at(dataverse, reference, &change)?));
            }
            dataverse.save(&change, &Actor::System, now).map(drop).map_err(|error| refused(&change, &error))
        });
        settle(dataverse.store(), result.is_ok())?;
        result?;
        written += data.dataverse.len() as u64;
    }
    Ok(written)
}

/// The id of the row a reference means.
fn pointed_at(dataverse: &Dataverse, reference: &Reference, change: &Change) -> Result<Value, SeedError> {
    let found = dataverse.table(&reference.table).zip(dataverse.table_type(&reference.table)).and_then(
        |(id, table)| {
            let column = table.ordinal(&reference.column)?;
            dataverse.store().find(id, &[column], &[Value::text(reference.is.as_str())], &[0]).ok().flatten()
        },
    );
    found.and_then(|row| row.into_iter().next()).ok_or_else(|| SeedError::Refused {
        table: change.table.clone(),
        row: reference.is.clone(),
        reason: format!("{} has no row with {} = {}", reference.table, reference.column, reference.is),
    })
}

fn write_finops(finops: &mut FinOps, data: &ExistingData) -> Result<u64, SeedError> {
    let known = finops.companies().map_err(environment)?;
    for (code, name) in &data.companies {
        if !known.iter().any(|own| own.as_str().eq_ignore_ascii_case(code)) {
            finops.create_company(code, name).map_err(|error| SeedError::Refused {
                table: finops.catalog().facts().company().finops_entity.clone(),
                row: code.clone(),
                reason: error.to_string(),
            })?;
        }
    }
    for change in &data.finops {
        finops.save(change).map_err(|error| refused(change, &error))?;
    }
    Ok(data.finops.len() as u64)
}

fn settle(store: &dwsim_store::Store, keep: bool) -> Result<(), SeedError> {
    if keep { store.commit() } else { store.rollback() }.map_err(environment)
}

fn refused(change: &Change, error: &dyn std::error::Error) -> SeedError {
    let row: Vec<String> = change.values.iter().take(3).map(|(_, value)| value.to_string()).collect();
    SeedError::Refused { table: change.table.clone(), row: row.join(", "), reason: error.to_string() }
}

fn read() -> Result<File, SeedError> {
    parse(FILE, include_str!("../data/existing.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_set_is_refused_with_the_names_there_are() {
        let error = existing("exsting").unwrap_err().to_string();
        assert_eq!(
            error,
            "there are no existing rows named 'exsting'; the sets are existing, existing-dataverse, existing-finops"
        );
    }

    #[test]
    fn the_sets_divide_the_rows_by_environment() {
        let (both, finops, dataverse) = (
            existing("existing").unwrap(),
            existing("existing-finops").unwrap(),
            existing("existing-dataverse").unwrap(),
        );
        assert_eq!(both.finops, finops.finops);
        assert!(!both.dataverse.is_empty() && !dataverse.dataverse.is_empty());
        assert!(finops.dataverse.is_empty() && dataverse.finops.is_empty() && dataverse.companies.is_empty());
    }
}
