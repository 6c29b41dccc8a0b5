//! Duplicate detection: rules that find two rows for one thing, when a caller asks for it.

use crate::{
    error::{ApiError, Result},
    http::Request,
    rows::Rows,
};
use dwsim_model::{RowChange, Value};
use dwsim_store::{Condition, Select};
use serde::Deserialize;
use std::sync::OnceLock;

const RULES: &str = include_str!("../data/duplicate-rules.toml");

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    #[allow(dead_code)] // tells the reader of the file which rule it is
    name: String,
    table: String,
    columns: Vec<String>,
}

fn rules() -> &'static [Rule] {
    static FILE: OnceLock<RuleFile> = OnceLock::new();
    &FILE.get_or_init(|| toml::from_str(RULES).unwrap_or_default()).rules
}

/// Whether a request asks for duplicates to be found; without a word they are not.
pub(crate) fn asked(request: &Request) -> bool {
    let suppressed = request.header("MSCRM.SuppressDuplicateDetection");
    suppressed.is_some_and(|value| value.trim().eq_ignore_ascii_case("false"))
}

/// Whether a table has rules.
pub(crate) fn applies(table: &str) -> bool {
    rules().iter().any(|rule| rule.table == table)
}

/// Refuses a row that a rule finds a second time. An update is looked at when it changes a column of the rule.
pub(crate) fn check(rows: &Rows<'_>, entity: usize, saved: &RowChange) -> Result<()> {
    let own = rows.schema.entity(entity);
    for rule in rules().iter().filter(|rule| rule.table == own.name()) {
        let ordinals: Vec<usize> = rule.columns.iter().filter_map(|name| own.table.ordinal(name)).collect();
        let cell = |row: &[Value], at: usize| row.get(at).cloned().unwrap_or_default();
        let changed = ordinals.iter().any(|at| cell(&saved.before, *at) != cell(&saved.after, *at));
        let blank = ordinals.iter().any(|at| cell(&saved.after, *at).is_null());
        if !changed || blank || ordinals.len() != rule.columns.len() {
            continue;
        }
        let mut select = Select::all(rows.table(entity)?).limit(2);
        for at in &ordinals {
            select = select.only(Condition::Equal(*at, cell(&saved.after, *at)));
        }
        if rows.dataverse.store().collect(&select)?.iter().any(|row| row.first() != Some(&saved.id)) {
            return Err(ApiError::named("DuplicateRecordsFound", &[]));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use dwsim_catalog::Catalog;
    use dwsim_model::Side;

    #[test]
    fn every_rule_is_about_columns_there_are() {
        let catalog = Catalog::embedded().unwrap();
        assert_eq!(rules().len(), 4);
        for rule in rules() {
            let table = catalog.table(Side::Dataverse, &rule.table).unwrap();
            assert!(rule.columns.iter().all(|column| table.ordinal(column).is_some()), "{}", rule.name);
        }
    }
}
