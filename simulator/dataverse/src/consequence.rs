//! What follows elsewhere when a row of certain tables is written: a price list, a mark on a contact, one primary
//! row of a group. Both doors of the environment come through here.

use crate::{Actor, Dataverse, EnvError, SaveError, shape::Shape};
use dwsim_model::{Change, Name, Operation, Value};
use dwsim_store::{Condition, Select};
use jiff::Timestamp;
use uuid::Uuid;

/// Who wrote the row that others have to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writer {
    /// A person or program: what follows is a change live sync sees.
    Person,
    /// Dual-write: what follows stays here, as nothing it causes returns in the same transaction.
    DualWrite,
}

impl Dataverse {
    /// Lets other rows follow one that was written.
    pub(crate) fn follow_up(
        &mut self,
        table: usize,
        id: Uuid,
        new: bool,
        writer: Writer,
        now: Timestamp,
    ) -> Result<(), SaveError> {
        if !self.shapes[table].domain.has_consequences() {
            return Ok(());
        }
        if new && self.shapes[table].domain.priced {
            self.join_price_list(table, id, now)?;
        }
        self.mark_targets(table, id, writer, now)?;
        self.keep_only_one(table, id, writer, now)
    }

    /// Puts a new product on the first price list of its currency, by name; makes the list when there is none. A
    /// product without currency, or with a list already, stays as it is.
    fn join_price_list(&mut self, table: usize, id: Uuid, now: Timestamp) -> Result<(), SaveError> {
        let rule = self.rules.price_list.clone();
        let shape = &self.shapes[table];
        let names = [&rule.currency_column, &rule.list_column, &rule.unit_column, &rule.amount_column];
        let Some(columns) = names.iter().map(|name| shape.table.ordinal(name)).collect::<Option<Vec<_>>>()
        else {
            return Ok(());
        };
        let Some(row) = self.store.get(shape.id, &Value::Guid(id), &columns)? else { return Ok(()) };
        let (currency, unit, amount) = (row[0].clone(), row[2].clone(), row[3].clone());
        let (Value::Guid(currency_id), true) = (&currency, row[1].is_null()) else { return Ok(()) };
        let currency_id = *currency_id;
        let list = match self.first_price_list(&currency)? {
            Some(list) => list,
            None => self.add_price_list(currency_id, now)?,
        };
        let shape = &self.shapes[table];
        self.store.update(shape.id, &Value::Guid(id), &columns[1..2], &[Value::Guid(list)])?;
        let (items, _) = self.indexed(&rule.item_table)?;
        let mut values = vec![
            (rule.item_list_column.as_str(), Value::Guid(list)),
            (rule.item_product_column.as_str(), Value::Guid(id)),
            (rule.item_unit_column.as_str(), unit),
            (rule.item_currency_column.as_str(), currency),
            (rule.item_amount_column.as_str(), amount),
        ];
        values.extend(rule.item_defaults.iter().map(|(name, value)| (name.as_str(), Value::Choice(*value))));
        let item = self.next_id(items);
        Ok(self.plant(items, item, values, now)?)
    }

    fn first_price_list(&self, currency: &Value) -> Result<Option<Uuid>, EnvError> {
        let rule = &self.rules.price_list;
        let shape = self.shape(&rule.list_table)?;
        let (Some(name), Some(of)) =
            (shape.table.ordinal(&rule.list_name_column), shape.table.ordinal(&rule.list_currency_column))
        else {
            return Ok(None);
        };
        let mut select = Select::all(shape.id).only(Condition::Equal(of, currency.clone())).ordered(&[name]);
        if let Some(state) = &shape.state {
            let active = Value::Choice(state.initial.0);
            select = select.only(Condition::Equal(state.state, active));
        }
        Ok(self.store.collect(&select.limit(1))?.first().and_then(|row| row[0].as_guid()))
    }

    fn add_price_list(&mut self, currency: Uuid, now: Timestamp) -> Result<Uuid, EnvError> {
        let rule = self.rules.price_list.clone();
        let (lists, shape) = self.indexed(&rule.list_table)?;
        let currencies = shape.table.ordinal(&rule.list_currency_column).and_then(|at| {
            match &shape.table.column(at).kind {
                dwsim_model::ColumnKind::Lookup { targets } => targets.first().cloned(),
                _ => None,
            }
        });
        let code = match currencies {
            Some(table) => self.text_of(self.indexed(&table)?.0, currency, &rule.currency_code_column)?,
            None => None,
        };
        let name = rule.new_name.replace("{currency}", &code.unwrap_or_default());
        let list = self.next_id(lists);
        let values = vec![
            (rule.list_name_column.as_str(), Value::text(name)),
            (rule.list_currency_column.as_str(), Value::Guid(currency)),
        ];
        self.plant(lists, list, values, now)?;
        Ok(list)
    }

    /// Turns on the marks a row sets on rows its lookups point at.
    fn mark_targets(
        &mut self,
        table: usize,
        id: Uuid,
        writer: Writer,
        now: Timestamp,
    ) -> Result<(), SaveError> {
        for rule in self.shapes[table].domain.marks.clone() {
            let Some(pointed) = self.id_of(table, id, &rule.through)? else { continue };
            let (target, shape) = self.indexed(&rule.target)?;
            let (key, name) = (shape.name(0), shape.table.name.clone());
            // The lookup may point at a table of another kind, which has no such row.
            if !self.row_exists(target, pointed)? {
                continue;
            }
            if self.get(&name, pointed, &rule.column)? == Some(Value::Bool(true)) {
                continue;
            }
            self.set_flag(&name, key, pointed, &rule.column, true, writer, now)?;
        }
        Ok(())
    }

    /// Takes a mark from the other rows of a group once a row has it.
    fn keep_only_one(
        &mut self,
        table: usize,
        id: Uuid,
        writer: Writer,
        now: Timestamp,
    ) -> Result<(), SaveError> {
        let shape = &self.shapes[table];
        let Some(rule) = shape.domain.only_one.clone() else { return Ok(()) };
        let columns: Vec<usize> = [rule.column].iter().chain(&rule.group).copied().collect();
        let Some(row) = self.store.get(shape.id, &Value::Guid(id), &columns)? else { return Ok(()) };
        if row[0] != Value::Bool(true) || row[1].is_null() {
            return Ok(());
        }
        let mut select = Select::all(shape.id).only(Condition::Equal(rule.column, Value::Bool(true)));
        for (at, value) in rule.group.iter().zip(&row[1..]) {
            select = select.only(Condition::Equal(*at, value.clone()));
        }
        let (name, key, column) = (shape.table.name.clone(), shape.name(0), shape.name(rule.column));
        let others: Vec<Uuid> =
            self.store.collect(&select)?.iter().filter_map(|row| row[0].as_guid()).collect();
        for other in others.into_iter().filter(|other| *other != id) {
            self.set_flag(&name, key.clone(), other, &column, false, writer, now)?;
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments)] // one cell of one row, and who asks for it
    fn set_flag(
        &mut self,
        table: &Name,
        key: Name,
        id: Uuid,
        column: &Name,
        value: bool,
        writer: Writer,
        now: Timestamp,
    ) -> Result<(), SaveError> {
        if writer == Writer::DualWrite {
            let (_, shape) = self.indexed(table)?;
            let user = self.dual_write_user().unwrap_or(self.system.platform_user);
            let mut cells = Shape::stamps(shape.modified, Value::Instant(now), Value::Guid(user));
            cells.extend(shape.table.ordinal(column).map(|at| (at, Value::Bool(value))));
            let (columns, values): (Vec<usize>, Vec<Value>) = cells.into_iter().unzip();
            self.store.update(shape.id, &Value::Guid(id), &columns, &values)?;
            return Ok(());
        }
        let change = Change {
            table: table.clone(),
            operation: Operation::Update,
            key: vec![(key, Value::Guid(id))],
            values: vec![(column.clone(), Value::Bool(value))],
        };
        let saved = self.save(&change, &Actor::System, now)?;
        self.side_effects.push(saved);
        Ok(())
    }
}
