//! Legal entities: creating them, listing them, and finding one by its code.

use crate::{FinOps, SaveError, SavedChange, broken::Broken};
use dwsim_model::{Change, CompanyCode, Operation, Value};
use dwsim_store::{Select, StoreError};

impl FinOps {
    /// Creates a legal entity and its party. It has no ledger and no number sequences of its own, as in F&O.
    ///
    /// Works inside a transaction or alone; nothing is left behind when it fails.
    pub fn create_company(&mut self, code: &str, name: &str) -> Result<SavedChange, SaveError> {
        let code: CompanyCode = code.parse()?;
        let facts = self.catalog.facts().company().clone();
        self.save(&Change {
            table: facts.finops_entity,
            operation: Operation::Create,
            key: Vec::new(),
            values: vec![
                (facts.finops_code_field, Value::text(code.as_str())),
                (facts.finops_name_field, Value::text(name)),
            ],
        })
    }

    /// The legal entities, ascending by code, spelled as they were created.
    pub fn companies(&self) -> Result<Vec<CompanyCode>, StoreError> {
        let Some((table, code)) = self.company_key() else { return Ok(Vec::new()) };
        let mut companies: Vec<CompanyCode> = Vec::new();
        self.store.scan(&Select::all(table).columns(&[code]), |row| {
            companies.extend(row.first().and_then(Value::as_text).and_then(|text| text.parse().ok()));
            Ok(())
        })?;
        companies.sort();
        Ok(companies)
    }

    /// The code of a legal entity as the environment spells it: what its rows carry in their company field.
    pub fn company_value(&self, code: &str) -> Result<Option<Value>, StoreError> {
        let Some((table, column)) = self.company_key() else { return Ok(None) };
        self.company_values.get(&self.store, &[table], code.into(), || {
            let found = self.store.find(table, &[column], &[Value::text(code)], &[column])?;
            Ok(found.and_then(|row| row.into_iter().next()))
        })
    }

    fn company_key(&self) -> Option<(dwsim_store::TableId, usize)> {
        let facts = self.catalog.facts().company();
        let table = self.store.table(&facts.finops_entity)?;
        Some((table, self.store.table_type(table).ordinal(&facts.finops_code_field)?))
    }

    /// The rule that a company exists.
    pub(crate) fn unknown_company(&self, code: &str, column: usize) -> Result<Broken, StoreError> {
        let companies: Vec<String> = self.companies()?.iter().map(ToString::to_string).collect();
        let code: String = code.chars().take(20).collect();
        Ok(Broken::new("SIM-UNKNOWN-COMPANY", column)
            .word("company", code)
            .word("environment", self.environment().name.as_str())
            .word("companies", companies.join(", ")))
    }
}
