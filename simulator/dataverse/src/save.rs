//! Changes by people and programs: one row, by names, under every rule.

use crate::{
    Actor, Dataverse, EnvError, SaveError,
    consequence::Writer,
    refusal::{Refusal, Subject},
    values::{check, coerce},
};
use dwsim_model::{Change, ColumnKind, Name, Operation, RowChange, Value, Values, nearest};
use dwsim_store::{Condition, Select, StoreError};
use jiff::Timestamp;
use std::collections::BTreeSet;
use uuid::Uuid;

/// A rule broken while working on a row, or a failure of the environment.
pub(crate) enum Stop {
    Refused(Refusal),
    Failed(SaveError),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<EnvError> for Stop {
    fn from(error: EnvError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<SaveError> for Stop {
    fn from(error: SaveError) -> Self {
        Self::Failed(error)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// A change on its way: which table, by whom, when.
#[derive(Clone, Copy)]
pub(crate) struct Work<'w> {
    pub(crate) table: usize,
    pub(crate) actor: &'w Actor,
    pub(crate) now: Timestamp,
}

impl Dataverse {
    /// Saves one change under the rules for people and programs; the row before and after. Runs inside the
    /// transaction the caller opened, and writes nothing when it is refused.
    ///
    /// Columns are given by name, and values in any form a client would send: choices by number or label, yes/no
    /// as text, and the company by its code. Application-required columns are asked of people only: Dataverse
    /// checks them on forms and not in its interfaces.
    ///
    /// # Errors
    /// [`SaveError::Refused`] with the message a user would read, when a rule forbids it.
    pub fn save(&mut self, change: &Change, actor: &Actor, now: Timestamp) -> Result<RowChange, SaveError> {
        let Ok((table, _)) = self.indexed(&change.table) else {
            let names = self.shapes.iter().map(|shape| shape.table.name.as_str());
            let nearest = nearest(&change.table, names).unwrap_or("account").to_owned();
            return Err(self.refusal(Refusal::TableNotFound { nearest }, &change.table, ""));
        };
        let work = Work { table, actor, now };
        // A plug-in may have written before a later rule refuses the row: all of it goes, or none.
        let effects = self.side_effects.len();
        self.store.begin()?;
        match self.apply(work, change) {
            Ok(saved) => {
                self.store.commit()?;
                Ok(saved)
            }
            Err(stop) => {
                self.store.rollback()?;
                self.side_effects.truncate(effects);
                Err(match stop {
                    Stop::Failed(error) => error,
                    Stop::Refused(refusal) => {
                        let record = record_of(change);
                        self.refusal(refusal, &change.table, &record)
                    }
                })
            }
        }
    }

    /// Removes the row with this key, if there is one; whether there was. `by` are ordinals.
    pub fn delete_by_key(
        &mut self,
        table: &str,
        by: &[usize],
        key: &[Value],
        now: Timestamp,
    ) -> Result<Result<bool, dwsim_model::RowError>, EnvError> {
        let (at, shape) = self.indexed(table)?;
        let mut select = Select::all(shape.id).limit(1);
        for (column, value) in by.iter().zip(key) {
            select = select.only(Condition::Equal(*column, value.clone()));
        }
        let found = self.store.collect(&select)?;
        let Some(id) = found.first().and_then(|row| row[0].as_guid()) else { return Ok(Ok(false)) };
        let key = vec![(shape.name(0), Value::Guid(id))];
        let table = self.shapes[at].table.name.clone();
        let change = Change { table, operation: Operation::Delete, key, values: Vec::new() };
        match self.save(&change, &Actor::System, now) {
            Ok(_) => Ok(Ok(true)),
            Err(SaveError::Refused(error)) => Ok(Err(error)),
            Err(SaveError::Environment(error)) => Err(error),
        }
    }

    fn refusal(&self, refusal: Refusal, table: &str, record: &str) -> SaveError {
        SaveError::Refused(refusal.into_error(self.catalog.facts(), Subject { table, record }))
    }

    fn apply(&mut self, work: Work<'_>, change: &Change) -> Result<RowChange, Stop> {
        let table = self.shapes[work.table].table.clone();
        self.admit(*work.actor, &table.name, change.operation == Operation::Create)??;
        if let Some(configured) = self.organization.foreign_configuration(&table.name) {
            return Err(Refusal::OtherOrganization { configured, actual: self.organization.id }.into());
        }
        let given = self.named(work, &change.values)?;
        match change.operation {
            Operation::Create => self.create(work, &given),
            Operation::Update => {
                let before = self.find_row(work, &change.key)?;
                self.change(work, before, &given)
            }
            Operation::Delete => {
                let before = self.find_row(work, &change.key)?;
                self.remove(work, before)
            }
        }
    }

    /// Names to ordinals, values to the form their column keeps.
    fn named(&self, work: Work<'_>, values: &[(Name, Value)]) -> Result<Vec<(usize, Value)>, Stop> {
        let table = &self.shapes[work.table].table;
        let mut given = Vec::with_capacity(values.len());
        for (name, value) in values {
            let Some(at) = table.ordinal(name) else {
                let nearest = nearest(name, table.columns.iter().map(|column| column.name.as_str()));
                let nearest = nearest.unwrap_or(&table.columns[0].name).to_owned();
                return Err(Refusal::ColumnNotFound { column: name.to_string(), nearest }.into());
            };
            let column = table.column(at);
            let value = match (value, table.company == Some(at)) {
                (Value::Text(code), true) if !code.is_empty() && code.parse::<Uuid>().is_err() => {
                    match self.company_row(code)? {
                        Some(id) => Value::Guid(id),
                        None => return Err(self.unknown_company(code)?.into()),
                    }
                }
                _ => coerce(&column.kind, value.clone()),
            };
            given.push((at, value));
        }
        Ok(given)
    }

    fn find_row(&self, work: Work<'_>, key: &[(Name, Value)]) -> Result<Values, Stop> {
        let shape = &self.shapes[work.table];
        let mut select = Select::all(shape.id).columns(&shape.all).limit(1);
        for (at, value) in self.named(work, key)? {
            select = select.only(Condition::Equal(at, value));
        }
        if select.conditions.is_empty() {
            return Err(Refusal::RowNotFound.into());
        }
        Ok(self.store.collect(&select)?.into_iter().next().ok_or(Refusal::RowNotFound)?)
    }

    fn create(&mut self, work: Work<'_>, given: &[(usize, Value)]) -> Result<RowChange, Stop> {
        let shape = &self.shapes[work.table];
        let mut row = vec![Value::Null; shape.all.len()].into_boxed_slice();
        for (at, value) in given {
            if *at != 0 {
                self.writable(work, *at)?;
            }
            check(shape.table.column(*at), value)?;
            row[*at] = value.clone();
        }
        let id = row[0].as_guid().unwrap_or_else(|| self.next_id(work.table));
        row[0] = Value::Guid(id);
        let user = self.acting_user(work.actor);
        for columns in [shape.created, shape.modified] {
            for at in columns.into_iter().flatten() {
                // The platform may hand over when and by whom, as an import does.
                if row[at].is_null() {
                    let when = matches!(shape.table.column(at).kind, ColumnKind::Instant);
                    row[at] = if when { Value::Instant(work.now) } else { Value::Guid(user) };
                }
            }
        }
        for (at, value) in &shape.domain.defaults {
            if row[*at].is_null() {
                row[*at] = value.clone();
            }
        }
        self.settle_state(work, &mut row, None, given)?;
        self.fill(work, &mut row, &BTreeSet::new())?;
        let numbered = self.shapes[work.table].numbered.as_ref().map(|(at, _)| *at);
        if numbered.is_some_and(|at| row[at].is_null())
            && let Some((at, number)) = self.draw_number(work.table)?
        {
            row[at] = number;
        }
        if *work.actor != Actor::System {
            self.add_party(work.table, &mut row, work.actor, work.now)?;
        }
        self.settle_owner(work, &mut row, true)?;
        let touched: Vec<usize> = self.shapes[work.table].all.clone();
        self.validate(work, &mut row, &touched, true)?;
        let shape = &self.shapes[work.table];
        // A column that is not written is null; an account has some two hundred of them.
        let filled: Vec<usize> = shape.writable.iter().copied().filter(|at| !row[*at].is_null()).collect();
        let cells: Vec<Value> = filled.iter().map(|at| row[*at].clone()).collect();
        let inserted = self.store.insert(shape.id, &row[0], &filled, &cells);
        inserted.map_err(|error| self.duplicate(work, &row, error))?;
        self.written(work, id)?;
        self.follow_up(work.table, id, true, Writer::Person, work.now)?;
        self.finish(work, Operation::Create, Value::Guid(id), Box::default())
    }

    fn change(
        &mut self,
        work: Work<'_>,
        before: Values,
        given: &[(usize, Value)],
    ) -> Result<RowChange, Stop> {
        let shape = &self.shapes[work.table];
        let mut row = before.clone();
        let mut touched = BTreeSet::new();
        for (at, value) in given {
            let kept = shape.domain.kept.contains(at) && before[*at] == Value::Bool(true);
            if before[*at] == *value || kept {
                continue;
            }
            self.writable(work, *at)?;
            check(shape.table.column(*at), value)?;
            if shape.table.company == Some(*at) && !before[*at].is_null() {
                let (company, wanted) = (self.company_label(&before[*at])?, self.company_label(value)?);
                return Err(Refusal::CompanyFixed { company, wanted }.into());
            }
            row[*at] = value.clone();
            touched.insert(*at);
        }
        let user = self.acting_user(work.actor);
        for at in shape.modified.into_iter().flatten() {
            let when = matches!(shape.table.column(at).kind, ColumnKind::Instant);
            row[at] = if when { Value::Instant(work.now) } else { Value::Guid(user) };
        }
        self.settle_state(work, &mut row, Some(&before), given)?;
        self.fill(work, &mut row, &touched)?;
        let owner = shape.owner.map(|columns| columns.owner);
        if owner.is_some_and(|owner| touched.contains(&owner)) {
            self.settle_owner(work, &mut row, false)?;
        }
        let checked: Vec<usize> = shape.all.iter().copied().filter(|at| row[*at] != before[*at]).collect();
        self.validate(work, &mut row, &checked, false)?;
        self.keep_owning_team(work, &row)?;
        let id = row[0].clone();
        let columns: Vec<usize> =
            shape.writable.iter().copied().filter(|at| row[*at] != before[*at]).collect();
        let cells: Vec<Value> = columns.iter().map(|at| row[*at].clone()).collect();
        self.store
            .update(shape.id, &id, &columns, &cells)
            .map_err(|error| self.duplicate(work, &row, error))?;
        if work.table == self.system.company {
            self.written(work, id.as_guid().unwrap_or_default())?;
        }
        if !columns.is_empty() {
            self.follow_up(work.table, id.as_guid().unwrap_or_default(), false, Writer::Person, work.now)?;
        }
        self.finish(work, Operation::Update, id, before)
    }

    /// What plug-ins do once a row is there.
    fn written(&mut self, work: Work<'_>, id: Uuid) -> Result<(), EnvError> {
        if work.table == self.system.company {
            self.company_written(id, work.now)?;
        }
        if work.table == self.system.unit {
            self.add_default_team(id, work.now)?;
        }
        if work.table == self.system.team {
            let roles = self.organization.new_team_roles.clone();
            self.set_roles(id, &roles);
        }
        Ok(())
    }

    fn finish(
        &self,
        work: Work<'_>,
        operation: Operation,
        id: Value,
        before: Values,
    ) -> Result<RowChange, Stop> {
        let shape = &self.shapes[work.table];
        let after = self.store.get(shape.id, &id, &shape.all)?.unwrap_or_default();
        Ok(RowChange { table: shape.table.clone(), operation, id, before, after })
    }

    fn writable(&self, work: Work<'_>, at: usize) -> Result<(), Refusal> {
        let column = self.shapes[work.table].table.column(at);
        if column.read_only && *work.actor != Actor::System {
            return Err(Refusal::ReadOnly { column: column.name.clone() });
        }
        Ok(())
    }

    fn acting_user(&self, actor: &Actor) -> Uuid {
        match actor {
            Actor::User(id) | Actor::Application(id) | Actor::Caller(id) => *id,
            Actor::System => self.system.platform_user,
        }
    }

    fn duplicate(&self, work: Work<'_>, row: &[Value], error: StoreError) -> Stop {
        let StoreError::Duplicate { key, .. } = &error else { return error.into() };
        let table = &self.shapes[work.table].table;
        let found = table.keys.iter().find(|own| own.name == *key);
        // Not one of the table's keys: the row id.
        let columns = found.map_or(&[0][..], |own| own.columns.as_slice());
        let mut shown = Vec::with_capacity(columns.len());
        for at in columns {
            shown.push(if table.company == Some(*at) {
                match self.company_label(&row[*at]) {
                    Ok(code) => code,
                    Err(error) => return error.into(),
                }
            } else {
                row[*at].to_string()
            });
        }
        let columns = columns.iter().map(|at| table.column(*at).name.clone()).collect();
        Refusal::DuplicateKey { key: shown.join("/"), columns }.into()
    }
}

/// The row a change is about, as a person would say it: its key, or the values of a new row that look like one.
fn record_of(change: &Change) -> String {
    let key = if change.key.is_empty() { &change.values[..change.values.len().min(2)] } else { &change.key };
    key.iter().map(|(_, value)| value.to_string()).collect::<Vec<_>>().join("/")
}
