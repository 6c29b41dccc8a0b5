//! Number sequences: the next free number of a key that F&O fills in by itself.

use dwsim_catalog::facts::{Facts, NumberSequence, SequenceScope};
use dwsim_model::{Name, Side, Value};
use dwsim_store::{Condition, Select, Store, StoreError, TableId};
use std::collections::BTreeMap;

/// Every number sequence of the environment and how far each has got.
///
/// A sequence starts above the highest number of its format among the rows there are. Numbers drawn for rows that
/// are not kept stay used, as with a sequence that is not continuous.
#[derive(Debug)]
pub(crate) struct Sequences {
    all: Vec<Sequence>,
}

#[derive(Debug)]
struct Sequence {
    form: NumberSequence,
    table: TableId,
    column: usize,
    company: Option<usize>,
    /// Numbers drawn, by company in lower case; the empty company for a global sequence.
    drawn: BTreeMap<Box<str>, u64>,
}

impl Sequences {
    pub(crate) fn new(facts: &Facts, store: &Store) -> Self {
        let sequence = |form: &NumberSequence| {
            let table = store.table(&form.table)?;
            let shape = store.table_type(table);
            let company = if form.scope == SequenceScope::Company { shape.company } else { None };
            let column = shape.ordinal(&form.column)?;
            Some(Sequence { form: form.clone(), table, column, company, drawn: BTreeMap::new() })
        };
        let own = facts.number_sequences().iter().filter(|form| form.side == Side::FinOps);
        Self { all: own.filter_map(sequence).collect() }
    }

    /// The column of a table that a sequence fills, and the sequence.
    pub(crate) fn of(&self, table: &Name) -> Option<(usize, usize)> {
        let at = self.all.iter().position(|own| own.form.table.eq_ignore_ascii_case(table))?;
        Some((self.all[at].column, at))
    }

    /// The next number nobody uses.
    pub(crate) fn draw(
        &mut self,
        at: usize,
        store: &Store,
        company: Option<&Value>,
    ) -> Result<Value, StoreError> {
        let Some(sequence) = self.all.get_mut(at) else { return Ok(Value::text("")) };
        let company = sequence.company.zip(company);
        let scope = company.and_then(|(_, value)| value.as_text()).unwrap_or_default().to_ascii_lowercase();
        let mut drawn = match sequence.drawn.get(scope.as_str()) {
            Some(drawn) => *drawn,
            None => highest(sequence, store, company)?,
        };
        let mut by = vec![sequence.column];
        let mut wanted = vec![Value::Null];
        if let Some((column, value)) = company {
            by.push(column);
            wanted.push(value.clone());
        }
        loop {
            wanted[0] = Value::text(sequence.form.format(drawn));
            drawn += 1;
            if store.find(sequence.table, &by, &wanted, &[0])?.is_none() {
                break;
            }
        }
        sequence.drawn.insert(scope.into(), drawn);
        Ok(wanted.swap_remove(0))
    }
}

/// How many numbers the rows there are have used up.
fn highest(sequence: &Sequence, store: &Store, company: Option<(usize, &Value)>) -> Result<u64, StoreError> {
    let mut select = Select::all(sequence.table).columns(&[sequence.column]);
    if let Some((column, value)) = company {
        select = select.only(Condition::Equal(column, value.clone()));
    }
    let mut drawn = 0;
    store.scan(&select, |row| {
        let number = row.first().and_then(Value::as_text).and_then(|text| sequence.form.parse(text));
        if let Some(used) = number.and_then(|number| (number + 1).checked_sub(sequence.form.first)) {
            drawn = drawn.max(used);
        }
        Ok(())
    })?;
    Ok(drawn)
}
