//! Numbers that Dataverse draws itself, and the party behind rows that people create.

use crate::{Actor, Dataverse, EnvError, SaveError, shape::Shape};
use dwsim_catalog::facts::{PartyType, PartyTypeRule};
use dwsim_model::{Change, Name, Operation, Side, Value};
use jiff::Timestamp;

impl Dataverse {
    /// The next number of a numbered column. Numbers taken by rows, however they came, are passed over.
    pub(crate) fn draw_number(&mut self, table: usize) -> Result<Option<(usize, Value)>, EnvError> {
        let shape = &self.shapes[table];
        let Some((column, sequence)) = &shape.numbered else { return Ok(None) };
        let drawn = self.drawn.entry(sequence.id.clone()).or_default();
        loop {
            let number = Value::text(sequence.format(*drawn));
            *drawn += 1;
            let taken = self.store.find(shape.id, &[*column], std::slice::from_ref(&number), &[0])?;
            if taken.is_none() {
                return Ok(Some((*column, number)));
            }
        }
    }

    /// Gives a new row that stands for a party, and names none, a party of its own. The change of the party goes
    /// to the side effects, before the row itself.
    pub(crate) fn add_party(
        &mut self,
        table: usize,
        row: &mut [Value],
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(), SaveError> {
        let facts = self.catalog.clone();
        let facts = facts.facts();
        let shape = &self.shapes[table];
        let Some(carrier) = facts.party_carrier(Side::Dataverse, &shape.table.name) else { return Ok(()) };
        let cell = |name: &Name| shape.table.ordinal(name).map_or(&Value::Null, |at| &row[at]);
        let Some(party) = shape.table.ordinal(&carrier.party_column) else { return Ok(()) };
        let stands = carrier.only_when.as_ref().is_none_or(|flag| *cell(flag) == Value::Bool(true));
        if !carrier.creates_party || !stands || !row[party].is_null() {
            return Ok(());
        }
        let kind = match &carrier.party_type {
            PartyTypeRule::Constant(kind) => *kind,
            PartyTypeRule::IsPerson(flag) if *cell(flag) == Value::Bool(true) => PartyType::Person,
            PartyTypeRule::IsPerson(_) | PartyTypeRule::Column(_) => PartyType::Organization,
        };
        let store = facts.party_store();
        let mut values = vec![(store.table_type_column.clone(), Value::text(kind.as_str()))];
        // A table without name columns lends its key, so that the party can be told from others.
        let fallback = shape.table.primary_name.map_or(Value::Null, |at| row[at].clone());
        if kind == PartyType::Person {
            for (target, source) in store.table_person_name.iter().zip(&carrier.person_name) {
                values.push((target.clone(), cell(source).clone()));
            }
            if values.iter().skip(1).all(|(_, value)| value.is_null())
                && let Some(last) = store.table_person_name.last()
            {
                values.retain(|(column, _)| column != last);
                values.push((last.clone(), self.fitting(&store.table, last, fallback)));
            }
        } else {
            let name = carrier.organization_name.as_ref().map(cell).filter(|name| !name.is_null()).cloned();
            let column = &store.table_organization_name;
            let name = self.fitting(&store.table, column, name.unwrap_or(fallback));
            values.push((column.clone(), name));
        }
        let change =
            Change { table: store.table.clone(), operation: Operation::Create, key: Vec::new(), values };
        let made = self.save(&change, actor, now)?;
        row[party] = made.id.clone();
        self.side_effects.push(made);
        Ok(())
    }

    /// A name cut to what the party's column takes: the row itself was accepted with the whole name.
    fn fitting(&self, table: &str, column: &str, name: Value) -> Value {
        let limit = self.shape(table).ok().and_then(|shape| text_limit(shape, column));
        match (name, limit) {
            (Value::Text(text), Some(limit)) => Value::text(text.chars().take(limit).collect::<String>()),
            (name, _) => name,
        }
    }
}

fn text_limit(shape: &Shape, column: &str) -> Option<usize> {
    let at = shape.table.ordinal(column)?;
    match shape.table.column(at).kind {
        dwsim_model::ColumnKind::Text { max } => max.map(|max| max as usize),
        _ => None,
    }
}
