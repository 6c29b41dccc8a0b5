//! Reading rows of the simulated environment, whole and remembered for the length of one request.

use crate::{
    cell,
    error::{ApiError, Result},
    schema::{Entity, Schema, Through},
};
use dwsim_dataverse::Dataverse;
use dwsim_model::{ColumnKind, Name, Value, Values};
use dwsim_store::{Condition, Select, TableId};
use jiff::Timestamp;
use rust_decimal::Decimal;
use rustc_hash::FxHashMap;
use serde_json::Value as Json;
use std::{cell::RefCell, rc::Rc};
use uuid::Uuid;

/// A row that was read, or the knowledge that there is none.
type Remembered = FxHashMap<(usize, Uuid), Option<Rc<Values>>>;

/// The rows, for one request.
#[derive(Debug)]
pub(crate) struct Rows<'d> {
    /// The environment.
    pub(crate) dataverse: &'d Dataverse,
    /// Its names.
    pub(crate) schema: &'d Schema,
    /// Virtual time.
    pub(crate) now: Timestamp,
    /// Who asks.
    pub(crate) caller: Uuid,
    remembered: RefCell<Remembered>,
}

/// Rows remembered at most; a long list of lookups must not fill the memory.
const REMEMBERED: usize = 50_000;

impl<'d> Rows<'d> {
    /// Rows of an environment.
    pub(crate) fn new(dataverse: &'d Dataverse, schema: &'d Schema, now: Timestamp, caller: Uuid) -> Self {
        Self { dataverse, schema, now, caller, remembered: RefCell::default() }
    }

    /// The store's id of an entity.
    pub(crate) fn table(&self, entity: usize) -> Result<TableId> {
        let name = self.schema.entity(entity).name();
        self.dataverse.table(name).ok_or_else(|| ApiError::named("EntityNotFound", &[("table", name)]))
    }

    /// The value a JSON value stands for in a column, within the limits its maker set.
    pub(crate) fn cell(&self, entity: &Entity, ordinal: usize, json: &Json) -> Result<Value> {
        let value = cell::from_json(entity, ordinal, json)?;
        let column = &entity.table.column(ordinal).name;
        if let Value::Decimal(number) = &value
            && let Some(said) = self.dataverse.definitions().column(entity.name(), column)
        {
            let below = said.minimum.is_some_and(|minimum| *number < minimum);
            if below || said.maximum.is_some_and(|maximum| *number > maximum) {
                let limit = |limit: Option<Decimal>| limit.map(|own| own.to_string()).unwrap_or_default();
                let why = format!("{number}: {} to {}", limit(said.minimum), limit(said.maximum));
                let about = [("column", column.as_str()), ("table", entity.name()), ("why", why.as_str())];
                return Err(ApiError::named("DecimalOutOfRange", &about));
            }
        }
        Ok(value)
    }

    /// A cell as a person reads it: yes and no in the words of a column's maker.
    pub(crate) fn formatted(
        &self,
        entity: usize,
        ordinal: usize,
        value: &Value,
        kind: &ColumnKind,
        symbol: &str,
    ) -> Option<String> {
        if let Value::Bool(flag) = value {
            let own = self.schema.entity(entity);
            let said = self.dataverse.definitions().column(own.name(), &own.table.column(ordinal).name);
            let mut options = said.into_iter().flat_map(|said| &said.options);
            if let Some((_, label)) = options.find(|(number, _)| *number == i32::from(*flag)) {
                return Some(label.shown().to_owned());
            }
        }
        cell::formatted(kind, value, symbol)
    }

    /// Ordinals of all typed columns.
    pub(crate) fn columns(&self, entity: usize) -> Vec<usize> {
        (0..self.schema.entity(entity).table.typed_columns()).collect()
    }

    /// A row by id, read anew.
    pub(crate) fn row(&self, entity: usize, id: Uuid) -> Result<Option<Values>> {
        let table = self.table(entity)?;
        Ok(self.dataverse.store().get(table, &Value::Guid(id), &self.columns(entity))?)
    }

    /// The row a lookup value points at in this entity.
    pub(crate) fn target(&self, entity: usize, id: &Value) -> Result<Option<Rc<Values>>> {
        let Some(id) = id.as_guid() else { return Ok(None) };
        if let Some(known) = self.remembered.borrow().get(&(entity, id)) {
            return Ok(known.clone());
        }
        let row = self.row(entity, id)?.map(Rc::new);
        let mut remembered = self.remembered.borrow_mut();
        if remembered.len() < REMEMBERED {
            remembered.insert((entity, id), row.clone());
        }
        Ok(row)
    }

    /// The entity a lookup value of a column points at.
    pub(crate) fn target_entity(&self, entity: usize, ordinal: usize, id: Uuid) -> Result<Option<usize>> {
        let ColumnKind::Lookup { targets } = self.schema.entity(entity).kind(ordinal) else {
            return Ok(None);
        };
        if let [only] = targets.as_slice() {
            return Ok(self.schema.index(only));
        }
        let known: Vec<Name> =
            targets.iter().filter(|name| self.schema.index(name).is_some()).cloned().collect();
        let table = self.dataverse.table_of(id, &known)?;
        Ok(table.and_then(|name| self.schema.index(&name)))
    }

    /// The children of a row through one lookup, in the order of creation.
    pub(crate) fn children(&self, child: usize, ordinal: usize, parent: &Value) -> Result<Vec<Values>> {
        let table = self.table(child)?;
        let store = self.dataverse.store();
        store.ensure_index(table, &[ordinal])?;
        let select =
            Select::all(table).columns(&self.columns(child)).only(Condition::Equal(ordinal, parent.clone()));
        Ok(store.collect(&select)?)
    }

    /// The rows a collection of a parent holds: its children, or those a table between links to it.
    pub(crate) fn members(
        &self,
        child: usize,
        ordinal: usize,
        through: Option<Through>,
        parent: &Value,
    ) -> Result<Vec<Values>> {
        let Some(through) = through else { return self.children(child, ordinal, parent) };
        let mut members = Vec::new();
        for id in self.linked(through, parent)? {
            members.extend(self.target(child, &id)?.map(|row| Values::clone(&row)));
        }
        Ok(members)
    }

    /// Ids of the rows a table between links to a row.
    pub(crate) fn linked(&self, through: Through, parent: &Value) -> Result<Vec<Value>> {
        let links = self.children(through.intersect, through.own, parent)?;
        Ok(links.into_iter().filter_map(|row| row.get(through.other).cloned()).collect())
    }

    /// The primary name of a row.
    pub(crate) fn name_of(&self, entity: usize, id: &Value) -> Result<Option<String>> {
        let Some(at) = self.schema.entity(entity).table.primary_name else { return Ok(None) };
        let row = self.target(entity, id)?;
        Ok(row.and_then(|row| row.get(at).and_then(|name| name.as_text().map(str::to_owned))))
    }

    /// The symbol of the currency of a row.
    pub(crate) fn currency_symbol(&self, entity: usize, row: &[Value]) -> Result<String> {
        let currency = self.schema.entity(entity).table.ordinal("transactioncurrencyid");
        let target = self.schema.index("transactioncurrency");
        if let (Some(at), Some(target)) = (currency, target)
            && let Some(found) = self.target(target, row.get(at).unwrap_or(&Value::Null))?
            && let Some(symbol) = self.schema.entity(target).table.ordinal("currencysymbol")
            && let Some(symbol) = found.get(symbol).and_then(Value::as_text)
        {
            return Ok(symbol.to_owned());
        }
        Ok("$".to_owned())
    }
}
