//! One change by names, as a user or a program makes it.

use crate::{
    FinOps, SaveError,
    broken::{Broken, describe_key},
    convert::convert,
    plan::{Plan, Role},
    write::Written,
};
use dwsim_model::{Change, Name, Operation, RowChange, TableType, Value, Values};
use std::sync::Arc;

/// How X++ writes a row; only the first way raises business events, which live sync listens to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WriteKind {
    /// `insert()`, `update()` and `delete()`, which every form uses.
    #[default]
    Methods,
    /// `doInsert()`, `doUpdate()` and `doDelete()`.
    DoMethods,
    /// `insert_recordset`, `update_recordset` and `delete_from`.
    SetBased,
    /// The methods, on a buffer with `skipBusinessEvents(true)`.
    SkipBusinessEvents,
}

impl WriteKind {
    /// Whether business events are raised, without which live sync does not see the change.
    pub fn raises_events(self) -> bool {
        self == Self::Methods
    }
}

/// A change that was saved.
#[derive(Clone, Debug)]
pub struct SavedChange {
    /// Rows made on the way, such as the party of a new customer, in the order they were written before it.
    pub made: Vec<RowChange>,
    /// The change itself, after every rule. An update that changes nothing has equal rows before and after.
    pub change: RowChange,
    /// Whether business events were raised for all of them.
    pub raises_events: bool,
}

impl FinOps {
    /// Saves one change as a form does. Nothing of it is written when it fails.
    ///
    /// An enum takes the name of a member or its number, a company is given in the company field, and a row that
    /// exists is named by all fields of its key or by `RecId`. Fields left out keep their value, or get the empty
    /// value of F&O on a new row.
    pub fn save(&mut self, change: &Change) -> Result<SavedChange, SaveError> {
        self.save_as(change, WriteKind::Methods)
    }

    /// Saves one change the way X++ code may.
    pub fn save_as(&mut self, change: &Change, kind: WriteKind) -> Result<SavedChange, SaveError> {
        let plan = self.plan_named(&change.table)?;
        self.store.begin()?;
        let written = match change.operation {
            Operation::Create => self.create(&plan, change),
            Operation::Update => self.update(&plan, change),
            Operation::Delete => self.delete(&plan, change),
        };
        match written {
            Ok(Written { made, change, .. }) => {
                let mut made: Vec<RowChange> = made.into_iter().collect();
                made.extend(self.keep_only_one(&plan, &change.id)?);
                self.store.commit()?;
                Ok(SavedChange { made, change, raises_events: kind.raises_events() })
            }
            Err(error) => {
                self.store.rollback()?;
                Err(error)
            }
        }
    }

    fn create(&mut self, plan: &Arc<Plan>, change: &Change) -> Result<Written, SaveError> {
        let given = self.given(plan, &change.values)?;
        if let Some(company) = plan.table.company
            && !given.iter().any(|(ordinal, value)| *ordinal == company && !value.is_blank())
        {
            return Err(company_missing(&plan.table, company));
        }
        // A worker's party number is known by name only, and a new row gets one all the same.
        let party = plan.party.as_ref().map(|rule| rule.number);
        let columns = columns_of(plan, given.iter().map(|(ordinal, _)| *ordinal).chain(party));
        self.create_row(plan, &columns, given, false)
    }

    fn update(&mut self, plan: &Arc<Plan>, change: &Change) -> Result<Written, SaveError> {
        let given = self.given(plan, &change.values)?;
        let columns = columns_of(plan, given.iter().map(|(ordinal, _)| *ordinal));
        let before = self.find_row(plan, &change.key, &columns)?;
        self.update_row(plan, &columns, &before, given)
    }

    fn delete(&mut self, plan: &Arc<Plan>, change: &Change) -> Result<Written, SaveError> {
        let columns: Vec<usize> = (0..plan.typed).collect();
        let before = self.find_row(plan, &change.key, &columns)?;
        if let Some(broken) = undeletable(plan) {
            return Err(SaveError::Rule(self.row_error(plan, broken, &before)));
        }
        self.store.delete(plan.id, &before[0])?;
        let id = before[0].clone();
        let (table, operation) = (plan.table.clone(), Operation::Delete);
        let change = RowChange { table, operation, id, before, after: Box::default() };
        Ok(Written { made: None, change, changed: true })
    }

    /// Values by ordinal, in the types of their fields.
    fn given(&self, plan: &Plan, values: &[(Name, Value)]) -> Result<Vec<(usize, Value)>, SaveError> {
        let mut given = Vec::with_capacity(values.len());
        for (name, value) in values {
            let table = &plan.table;
            let ordinal = table.ordinal(name).ok_or_else(|| SaveError::unknown_column(table, name))?;
            if ordinal == 0 {
                return Err(SaveError::ReadOnly { table: table.name.clone(), column: name.clone() });
            }
            match convert(table, ordinal, value) {
                Ok(value) => given.push((ordinal, value)),
                Err(broken) => {
                    let cell = |own: usize| {
                        let found = values.iter().find(|(name, _)| table.ordinal(name) == Some(own));
                        found.map(|(_, value)| value)
                    };
                    return Err(SaveError::Rule(broken.row_error(self.facts(), table, cell)));
                }
            }
        }
        Ok(given)
    }

    /// The cells of the row a key names.
    fn find_row(&self, plan: &Plan, key: &[(Name, Value)], columns: &[usize]) -> Result<Values, SaveError> {
        let table = &plan.table;
        let mut by = Vec::with_capacity(key.len());
        let mut values = Vec::with_capacity(key.len());
        for (name, value) in key {
            let ordinal = table.ordinal(name).ok_or_else(|| SaveError::unknown_column(table, name))?;
            let value = convert(table, ordinal, value).map_err(|broken| {
                SaveError::Rule(
                    broken.row_error(self.facts(), table, |own| (own == ordinal).then_some(value)),
                )
            })?;
            by.push(ordinal);
            values.push(value);
        }
        if !by.contains(&0) && !plan.key.iter().all(|ordinal| by.contains(ordinal)) {
            if let Some(company) =
                table.company.filter(|company| plan.key.contains(company) && !by.contains(company))
            {
                return Err(company_missing(table, company));
            }
            let names = |ordinals: &[usize]| {
                ordinals.iter().map(|own| table.column(*own).name.as_str()).collect::<Vec<_>>().join(", ")
            };
            let given =
                if by.is_empty() { "no fields".to_owned() } else { format!("the fields {}", names(&by)) };
            let needed = names(&plan.key);
            return Err(SaveError::KeyIncomplete { table: table.name.clone(), given, needed });
        }
        let found = self.store.find(plan.id, &by, &values, columns)?;
        found.ok_or_else(|| {
            let cell = |ordinal| by.iter().position(|own| *own == ordinal).and_then(|at| values.get(at));
            let key = if by.contains(&0) {
                format!("RecId {}", cell(0).cloned().unwrap_or_default())
            } else {
                format!("the key {}", describe_key(table, cell))
            };
            SaveError::NoSuchRow { table: table.name.clone(), key }
        })
    }
}

/// The id, the typed fields, and of the fields known by name only the ones given.
pub(crate) fn columns_of(plan: &Plan, given: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut columns: Vec<usize> = (0..plan.typed).collect();
    for ordinal in given {
        if ordinal >= plan.typed && !columns.contains(&ordinal) {
            columns.push(ordinal);
        }
    }
    columns
}

/// Why rows of an entity are never deleted, where that is so.
pub(crate) fn undeletable(plan: &Plan) -> Option<Broken> {
    (plan.role == Role::LegalEntities).then(|| {
        Broken::new("SIM-UNSUPPORTED-OPERATION", None)
            .word("operation", "deleting a legal entity")
            .word("what", "its rows would be left without a company")
    })
}

fn company_missing(table: &TableType, company: usize) -> SaveError {
    SaveError::CompanyMissing { table: table.name.clone(), column: table.column(company).name.clone() }
}
