//! What makes one saved row consistent: state and status, owner, filled columns, lookups, required values; and
//! what removing a row does to others.

use crate::{
    Actor, Dataverse, EnvError, SaveError,
    domain::Part,
    refusal::Refusal,
    save::{Stop, Work},
    values::check,
};
use dwsim_model::{ColumnKind, Name, Operation, Required, RowChange, Value, Values};
use dwsim_store::{Condition, Select};
use std::collections::BTreeSet;

impl Dataverse {
    /// State and status that belong together. Giving the state alone picks its status; a status of another state
    /// alone is refused.
    pub(crate) fn settle_state(
        &self,
        work: Work<'_>,
        row: &mut [Value],
        before: Option<&[Value]>,
        given: &[(usize, Value)],
    ) -> Result<(), Refusal> {
        let Some(own) = &self.shapes[work.table].state else { return Ok(()) };
        let said = |at: usize| given.iter().any(|(own, value)| *own == at && !value.is_null());
        let state_changed = match before {
            Some(before) => row[own.state] != before[own.state],
            None => said(own.state),
        };
        let status_changed = said(own.status);
        if before.is_none() && !state_changed {
            row[own.state] = Value::Choice(own.initial.0);
        }
        let Value::Choice(state) = row[own.state] else {
            return Err(Refusal::Missing { column: self.shapes[work.table].name(own.state) });
        };
        if !status_changed && (state_changed || before.is_none()) {
            row[own.status] = own.status_of(state).map_or(Value::Null, Value::Choice);
        }
        if let Value::Choice(status) = row[own.status]
            && own.state_of(status).is_some_and(|of| of != state)
        {
            return Err(Refusal::StatusOfOtherState { status, state });
        }
        Ok(())
    }

    /// Columns that rules of the table fill. `touched` are the columns of an update; empty for a new row.
    pub(crate) fn fill(
        &self,
        work: Work<'_>,
        row: &mut Values,
        touched: &BTreeSet<usize>,
    ) -> Result<(), EnvError> {
        let shape = &self.shapes[work.table];
        for rule in &shape.domain.composed {
            let part_changed = rule.parts.iter().any(|part| match part {
                Part::Company => shape.table.company.is_some_and(|at| touched.contains(&at)),
                Part::Column(at) => touched.contains(at),
            });
            if (row[rule.column].is_null() || part_changed) && !touched.contains(&rule.column) {
                let company = match shape.table.company {
                    Some(at) if !row[at].is_null() => self.company_label(&row[at])?,
                    _ => String::new(),
                };
                if let Some(value) = rule.join(&company, |at| row.get(at)) {
                    row[rule.column] = value;
                }
            }
        }
        for rule in &shape.domain.inherited {
            let ColumnKind::Lookup { targets } = &shape.table.column(rule.through).kind else { continue };
            if let (true, Some(through), Some(target)) =
                (row[rule.column].is_null(), row[rule.through].as_guid(), targets.first())
            {
                row[rule.column] = self.get(target, through, &rule.from)?.unwrap_or_default();
            }
        }
        if shape.domain.grouped && touched.is_empty() {
            let rule = &self.rules.unit_group;
            let columns = [
                &rule.group_column,
                &rule.base_column,
                &rule.base_flag_column,
                &rule.class_column,
                &rule.name_column,
            ];
            let at = columns.map(|name| shape.table.ordinal(name).unwrap_or(0));
            if row[at[0]].is_null() {
                let cells = self.unit_group(&row[at[3]], &row[at[4]], work.now)?;
                for (column, cell) in at.iter().zip(cells) {
                    row[*column] = cell;
                }
            }
        }
        Ok(())
    }

    /// The owner columns that follow from the owner; a new row without one belongs to whoever creates it.
    pub(crate) fn settle_owner(&self, work: Work<'_>, row: &mut [Value], new: bool) -> Result<(), Stop> {
        let Some(columns) = self.shapes[work.table].owner else { return Ok(()) };
        let creator = match work.actor {
            Actor::User(id) | Actor::Application(id) | Actor::Caller(id) => *id,
            Actor::System => self.system.root_team,
        };
        let wanted = match row[columns.owner].as_guid() {
            Some(owner) => owner,
            None if new => creator,
            None => return Err(Refusal::Missing { column: "ownerid".into() }.into()),
        };
        let Some(owner) = self.owner_of(wanted)? else {
            let targets = vec![Name::from("systemuser"), Name::from("team")];
            return Err(Refusal::LookupMissing { column: "ownerid".into(), id: wanted, targets }.into());
        };
        for (at, value) in owner.cells(columns) {
            row[at] = value;
        }
        Ok(())
    }

    /// Lookups that point at rows, the table names beside them, and required values.
    pub(crate) fn validate(
        &self,
        work: Work<'_>,
        row: &mut Values,
        touched: &[usize],
        new: bool,
    ) -> Result<(), Stop> {
        let shape = &self.shapes[work.table];
        for at in touched.iter().copied().filter(|at| *at != 0) {
            let column = shape.table.column(at);
            check(column, &row[at])?;
            let (ColumnKind::Lookup { targets }, Some(id)) = (&column.kind, row[at].as_guid()) else {
                continue;
            };
            // A unit that is its own base, a user who creates himself: a row may point at itself.
            if row[0] == row[at] {
                continue;
            }
            let simulated: Vec<Name> =
                targets.iter().filter(|target| self.indexed(target).is_ok()).cloned().collect();
            if simulated.is_empty() {
                continue;
            }
            let mut found = None;
            for target in &simulated {
                let (table, _) = self.indexed(target)?;
                if self.row_exists(table, id)? {
                    found = Some(target.clone());
                    break;
                }
            }
            if found.is_none() && simulated.len() == targets.len() {
                let column = column.name.clone();
                return Err(Refusal::LookupMissing { column, id, targets: targets.clone() }.into());
            }
            let companion = shape.companions.iter().find(|(lookup, _)| *lookup == at);
            if let (Some((_, companion)), Some(found)) = (companion, found) {
                row[*companion] = Value::text(found.as_str());
            }
        }
        for (lookup, companion) in &shape.companions {
            if row[*lookup].is_null() {
                row[*companion] = Value::Null;
            }
        }
        let asked = |at: &usize| new || touched.contains(at);
        if matches!(work.actor, Actor::User(_)) {
            let missing = shape.required.iter().copied().filter(asked).find(|at| {
                // Yes/no columns and choices have a default of their own in Dataverse.
                let kind = &shape.table.column(*at).kind;
                row[*at].is_null() && !matches!(kind, ColumnKind::Bool | ColumnKind::Choice(_))
            });
            if let Some(at) = missing {
                return Err(Refusal::Missing { column: shape.name(at) }.into());
            }
        }
        let name = shape.table.primary_name.filter(|at| shape.table.column(*at).required == Required::System);
        if let Some(at) = name.filter(|at| asked(at) && row[*at].is_null()) {
            return Err(Refusal::Missing { column: shape.name(at) }.into());
        }
        Ok(())
    }

    /// The default owning team stays set while the company takes part.
    pub(crate) fn keep_owning_team(&self, work: Work<'_>, row: &[Value]) -> Result<(), Stop> {
        if work.table != self.system.company {
            return Ok(());
        }
        let facts = self.catalog.facts().company();
        let table = &self.shapes[work.table].table;
        let cell = |name: &str| table.ordinal(name).map_or(&Value::Null, |at| &row[at]);
        let enabled = *cell(&facts.enabled_column) == Value::Bool(true);
        let stored = self.store.get(self.shapes[work.table].id, &row[0], &self.shapes[work.table].all)?;
        let had = |stored: &Values| {
            let team = table.ordinal(&facts.default_owning_team_column);
            team.is_some_and(|at| !stored[at].is_null())
        };
        if enabled && cell(&facts.default_owning_team_column).is_null() && stored.as_ref().is_some_and(had) {
            return Err(Refusal::OwningTeamCleared { company: cell(&facts.code_column).to_string() }.into());
        }
        Ok(())
    }

    /// Removes a row. Rows that own or stripe others stay while they are pointed at; any other lookup to the row
    /// is emptied, as Dataverse does by default.
    pub(crate) fn remove(&mut self, work: Work<'_>, before: Values) -> Result<RowChange, Stop> {
        let shape = &self.shapes[work.table];
        let id = before[0].clone();
        let mut by = Vec::new();
        for (at, (table, lookup)) in self.references(work.table) {
            let other = &self.shapes[at];
            let select = Select::all(other.id).only(Condition::Equal(lookup, id.clone()));
            if shape.domain.restricted {
                // Who wrote a row does not hold the user back.
                let written = other.created.contains(&Some(lookup)) || other.modified.contains(&Some(lookup));
                if !written && self.store.count(&select)? > 0 {
                    by.push(format!("{table}.{}", other.name(lookup)));
                }
                continue;
            }
            for row in self.store.collect(&select)? {
                let companion =
                    other.companions.iter().find(|(own, _)| *own == lookup).map(|(_, companion)| *companion);
                let columns: Vec<usize> = [Some(lookup), companion].into_iter().flatten().collect();
                let blanks = vec![Value::Null; columns.len()];
                self.store.update(other.id, &row[0], &columns, &blanks)?;
            }
        }
        if !by.is_empty() {
            return Err(Refusal::InUse { by }.into());
        }
        for ordinal in self.definitions.files(&shape.table) {
            if let Some(file) = before[ordinal].as_guid() {
                self.store.delete_file(file)?;
            }
        }
        self.store.delete(shape.id, &id)?;
        let table = shape.table.clone();
        Ok(RowChange { table, operation: Operation::Delete, id, before, after: Box::default() })
    }

    /// Every lookup that may point at rows of a table.
    fn references(&self, table: usize) -> Vec<(usize, (Name, usize))> {
        let name = &self.shapes[table].table.name;
        let mut references = Vec::new();
        for (at, shape) in self.shapes.iter().enumerate().filter(|(_, shape)| !shape.dropped) {
            for ordinal in &shape.all {
                if let ColumnKind::Lookup { targets } = &shape.table.column(*ordinal).kind
                    && targets.contains(name)
                {
                    references.push((at, (shape.table.name.clone(), *ordinal)));
                }
            }
        }
        references
    }

    /// Uninstalls a solution. A managed one takes the tables it brought along, and with them all their rows; how
    /// many rows that were.
    pub fn uninstall_solution(&mut self, name: &str, tables: &[Name]) -> Result<u64, SaveError> {
        let known = self.organization.solutions.keys().find(|own| own.eq_ignore_ascii_case(name)).cloned();
        let Some(solution) = known.and_then(|name| self.organization.solutions.remove(&name)) else {
            return Ok(0);
        };
        let mut removed = 0;
        if solution.managed {
            for table in tables {
                let shape = self.shape(table)?;
                for row in self.store.collect(&Select::all(shape.id))? {
                    removed += u64::from(self.store.delete(shape.id, &row[0])?);
                }
            }
        }
        Ok(removed)
    }
}
