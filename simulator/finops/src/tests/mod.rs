//! Stories about the environment as a whole, and what they share.

mod companies;
mod dual_write;
mod lines;
mod people;
mod properties;

use crate::{Environment, FinOps, SaveError, SavedChange};
use dwsim_catalog::Catalog;
use dwsim_model::{Change, Name, Operation, RowChange, Seed, Value};
use dwsim_store::{Select, Store};

/// An environment with DAT, USMF and DEMF.
pub(crate) fn contoso() -> FinOps {
    let mut finops = empty();
    finops.create_company("USMF", "Contoso USA").unwrap();
    finops.create_company("DEMF", "Contoso Germany").unwrap();
    finops
}

pub(crate) fn empty() -> FinOps {
    let environment = Environment::new("Contoso", Seed::new(1).id("tenant"));
    FinOps::new(Catalog::embedded().unwrap(), environment, Store::in_memory().unwrap()).unwrap()
}

pub(crate) fn named(values: &[(&str, Value)]) -> Vec<(Name, Value)> {
    values.iter().map(|(name, value)| ((*name).into(), value.clone())).collect()
}

fn change(table: &str, operation: Operation, key: &[(&str, Value)], values: &[(&str, Value)]) -> Change {
    Change { table: table.into(), operation, key: named(key), values: named(values) }
}

fn create(finops: &mut FinOps, table: &str, values: &[(&str, Value)]) -> Result<SavedChange, SaveError> {
    finops.save(&change(table, Operation::Create, &[], values))
}

/// A customer with all it needs, of a company.
fn customer(company: &str, account: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("dataAreaId", Value::text(company)),
        ("CustomerAccount", Value::text(account)),
        ("CustomerGroupId", "10".into()),
        ("SalesCurrencyCode", "USD".into()),
    ]
}

pub(crate) fn after<'c>(change: &'c RowChange, column: &str) -> &'c Value {
    &change.after[change.table.ordinal(column).unwrap()]
}

pub(crate) fn count(finops: &FinOps, table: &str) -> u64 {
    finops.store().count(&Select::all(finops.table(table).unwrap())).unwrap()
}

/// The text of the rule a save broke.
fn rule(result: Result<SavedChange, SaveError>) -> String {
    match result.unwrap_err() {
        SaveError::Rule(error) => error.message,
        other => panic!("not a rule: {other}"),
    }
}
