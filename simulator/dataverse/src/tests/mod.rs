//! Stories about the environment, and what they are told with.

mod companies;
mod consequences;
mod inbound;
mod keys;
mod removal;
mod saving;

use crate::{Actor, Dataverse, Organization, SaveError};
use dwsim_catalog::Catalog;
use dwsim_model::{
    Change, CompanyCode, Name, Operation, Outcome, RowChange, RowError, Seed, SyncKind, Upsert, Value,
    Values, epoch,
};
use dwsim_store::Store;
use uuid::Uuid;

/// A new environment in which dual-write may write.
fn environment() -> Dataverse {
    let seed = Seed::new(7);
    let organization = Organization::new(
        seed.id("organization"),
        "Contoso",
        "https://contoso.crm.dynamics.com",
        seed.id("tenant"),
        "Europe",
    );
    let store = Store::in_memory().unwrap();
    let mut dataverse =
        Dataverse::new(Catalog::embedded().unwrap(), organization, seed, store, epoch()).unwrap();
    dataverse
        .add_application_user(crate::DUAL_WRITE_USER, &["System Administrator".into()], epoch())
        .unwrap();
    dataverse
}

fn code(code: &str) -> CompanyCode {
    code.parse().unwrap()
}

fn with_companies(codes: &[&str]) -> Dataverse {
    let mut dataverse = environment();
    for company in codes {
        dataverse.enable_company(&code(company), &format!("Contoso {company}"), epoch()).unwrap();
    }
    dataverse
}

fn named(values: &[(&str, Value)]) -> Vec<(Name, Value)> {
    values.iter().map(|(name, value)| ((*name).into(), value.clone())).collect()
}

fn save(
    dataverse: &mut Dataverse,
    actor: Actor,
    table: &str,
    key: &[(&str, Value)],
    values: &[(&str, Value)],
) -> Result<RowChange, RowError> {
    let operation = if key.is_empty() { Operation::Create } else { Operation::Update };
    let change = Change { table: table.into(), operation, key: named(key), values: named(values) };
    dataverse.save(&change, &actor, epoch()).map_err(refused)
}

fn remove(dataverse: &mut Dataverse, table: &str, key: &[(&str, Value)]) -> Result<RowChange, RowError> {
    let change =
        Change { table: table.into(), operation: Operation::Delete, key: named(key), values: vec![] };
    dataverse.save(&change, &Actor::System, epoch()).map_err(refused)
}

fn refused(error: SaveError) -> RowError {
    match error {
        SaveError::Refused(error) => error,
        SaveError::Environment(error) => panic!("{error}"),
    }
}

fn cell(change: &RowChange, column: &str) -> Value {
    change.after[change.table.ordinal(column).unwrap()].clone()
}

fn id(change: &RowChange) -> Uuid {
    change.id.as_guid().unwrap()
}

/// A batch as the engine sends it: company lookup and key among the columns.
fn batch(
    dataverse: &Dataverse,
    table: &str,
    company: Option<&str>,
    columns: &[&str],
    key: &[&str],
) -> Upsert {
    let table = dataverse.table_type(table).unwrap().clone();
    let position = |name: &&str| columns.iter().position(|own| own == name).unwrap();
    Upsert {
        columns: columns.iter().map(|name| table.ordinal(name).unwrap()).collect(),
        key: key.iter().map(position).collect(),
        overwrite: (0..columns.len()).filter(|at| !key.contains(&columns[*at])).collect(),
        company: company.map(code),
        symbols: Vec::new(),
        sync: SyncKind::Live,
        table,
    }
}

fn upsert(dataverse: &mut Dataverse, batch: &Upsert, rows: &[&[Value]]) -> Vec<Outcome> {
    let rows: Vec<Values> = rows.iter().map(|row| (*row).into()).collect();
    dataverse.upsert(batch, rows, epoch()).unwrap()
}

fn written(outcome: &Outcome) -> Uuid {
    match outcome {
        Outcome::Inserted(id) | Outcome::Updated(id) | Outcome::Unchanged(id) => id.as_guid().unwrap(),
        Outcome::Failed(error) => panic!("{error}"),
    }
}

fn failed(outcome: &Outcome) -> &RowError {
    match outcome {
        Outcome::Failed(error) => error,
        other => panic!("{other:?}"),
    }
}
