//! How many rows every entity has, which of them pass the filter of a map, and who stands behind a party.

use crate::{
    data::Data,
    entity::{Digit, Entity},
    error::SeedError,
    maker::Maker,
    reference::Source,
};
use dwsim_catalog::TableMap;
use dwsim_filter::{Predicate, xpp};
use dwsim_model::Value;

/// The rows of an entity that pass the filter of a map: these of every so many.
#[derive(Clone, Debug, Default)]
pub(crate) struct Passing {
    /// Rows after which it begins again.
    pub(crate) period: u64,
    /// Numbers below the period.
    pub(crate) rows: Vec<u64>,
}

impl Passing {
    /// How many of the first `count` rows pass.
    pub(crate) fn among(&self, count: u64) -> u64 {
        if self.period == 0 {
            return count;
        }
        let whole = count / self.period * self.rows.len() as u64;
        let rest = count % self.period;
        whole + self.rows.iter().filter(|row| **row < rest).count() as u64
    }

    /// The number of the `nth` row that passes.
    pub(crate) fn nth(&self, nth: u64) -> u64 {
        let length = self.rows.len() as u64;
        if self.period == 0 || length == 0 {
            return nth;
        }
        let row = usize::try_from(nth % length).map_or(0, |at| self.rows[at]);
        nth / length * self.period + row
    }
}

/// A run of parties: those behind the rows of one entity in one company.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    pub(crate) entity: usize,
    pub(crate) company: usize,
    /// Number of its first party.
    pub(crate) start: u64,
    pub(crate) count: u64,
}

/// Counts while they are worked out.
pub(crate) struct Counter<'a> {
    pub(crate) data: &'a Data,
    pub(crate) entities: &'a [Entity],
    pub(crate) companies: usize,
    pub(crate) rows: u64,
    pub(crate) parties: Option<usize>,
    pub(crate) legal_entities: Option<usize>,
    pub(crate) passing: &'a [Passing],
    known: Vec<Vec<Option<u64>>>,
}

impl<'a> Counter<'a> {
    pub(crate) fn new(
        data: &'a Data,
        entities: &'a [Entity],
        companies: usize,
        rows: u64,
        parties: Option<usize>,
        legal_entities: Option<usize>,
        passing: &'a [Passing],
    ) -> Self {
        let known =
            entities.iter().map(|entity| vec![None; if entity.striped() { companies } else { 1 }]).collect();
        Self { data, entities, companies, rows, parties, legal_entities, passing, known }
    }

    /// The customers of a company.
    fn base(&self, company: usize) -> u64 {
        let volumes = &self.data.volumes;
        if company == 0 {
            self.rows
        } else {
            (self.rows * volumes.other_companies_per_thousand / 1_000).max(volumes.smallest)
        }
    }

    /// The rows of every entity in every company.
    pub(crate) fn all(mut self) -> Vec<Vec<u64>> {
        (0..self.entities.len())
            .map(|entity| {
                (0..self.known[entity].len()).map(|company| self.count(entity, company, 0)).collect()
            })
            .collect()
    }

    fn count(&mut self, entity: usize, company: usize, depth: usize) -> u64 {
        let own = &self.entities[entity];
        let company = if own.striped() { company } else { 0 };
        if let Some(known) = self.known[entity][company] {
            return known;
        }
        // Only a circle of volumes goes this deep; the data file then gets what is left to get.
        if depth > self.entities.len() {
            return 0;
        }
        let count = self.uncapped(entity, company, depth);
        let room = self.room(entity, company, depth);
        let count = room.map_or(count, |room| count.min(room));
        self.known[entity][company] = Some(count);
        count
    }

    fn uncapped(&mut self, entity: usize, company: usize, depth: usize) -> u64 {
        let entities = self.entities;
        let own = &entities[entity];
        if self.legal_entities == Some(entity) {
            return self.companies as u64;
        }
        if self.parties == Some(entity) {
            return self.blocks(depth).iter().map(|block| block.count).sum();
        }
        if let Some(other) = own.same_as {
            return self.count(other, company, depth + 1);
        }
        if own.key.digits.is_empty() && !own.key.counts {
            return 1;
        }
        let volume = &own.volume;
        let count = match (&volume.of, volume.per_thousand) {
            (Some(of), Some(share)) => {
                let whole = match entities.iter().position(|other| other.table.name.eq_ignore_ascii_case(of))
                {
                    Some(other) => self.count(other, company, depth + 1),
                    None => self.base(company),
                };
                (whole * share).div_ceil(1_000)
            }
            _ => volume.count.unwrap_or(self.data.volumes.default_count),
        };
        count.clamp(volume.min.unwrap_or(1), volume.max.unwrap_or(u64::MAX).max(volume.min.unwrap_or(1)))
    }

    /// Most rows the key can tell apart.
    fn room(&mut self, entity: usize, company: usize, depth: usize) -> Option<u64> {
        let entities = self.entities;
        let own = &entities[entity];
        if Some(entity) == self.parties || Some(entity) == self.legal_entities {
            return None;
        }
        let mut bases = Vec::new();
        for (at, digit) in own.key.digits.iter().enumerate() {
            bases.push(match digit {
                Digit::Choice(column) => match &own.fields[*column].maker {
                    Maker::Digit(values, _) => values.len() as u64,
                    _ => 1,
                },
                Digit::Reference(reference) => {
                    let sources = &own.references[*reference].sources;
                    let mut rows = 0;
                    for source in sources {
                        let count = self.count(source.entity, company, depth + 1);
                        rows += source.map.map_or(count, |map| self.passing[map].among(count));
                    }
                    rows.saturating_sub(u64::from(repeats(own, at)))
                }
            });
        }
        if !own.key.counts {
            return Some(bases.iter().product());
        }
        match (own.key.different, bases.first()) {
            (Some(different), Some(headers)) => Some(different * headers),
            (Some(different), None) => Some(different),
            // Lines need a header to stand below.
            (None, Some(0)) => Some(0),
            (None, _) => None,
        }
    }

    /// The parties in order: for every company, entity by entity.
    pub(crate) fn blocks(&mut self, depth: usize) -> Vec<Block> {
        let (mut blocks, mut start) = (Vec::new(), 0);
        for company in 0..self.companies {
            for entity in 0..self.entities.len() {
                let own = &self.entities[entity];
                let once = own.striped() || company == 0;
                if own.party.is_some() && own.same_as.is_none() && once {
                    let count = self.count(entity, company, depth + 1);
                    blocks.push(Block { entity, company, start, count });
                    start += count;
                }
            }
        }
        blocks
    }
}

/// Whether a digit of a key refers to the same rows as the digit before it, and has to differ from it.
pub(crate) fn repeats(entity: &Entity, digit: usize) -> bool {
    let rows = |digit: usize| -> Option<&[Source]> {
        match entity.key.digits.get(digit)? {
            Digit::Reference(reference) => Some(&entity.references[*reference].sources),
            Digit::Choice(_) => None,
        }
    };
    digit > 0 && rows(digit).is_some() && rows(digit) == rows(digit - 1)
}

/// Which rows of its entity pass the filter of a map, from what the cycle and the lists of the entity say.
pub(crate) fn passing(map: &TableMap, entity: &Entity) -> Result<Passing, SeedError> {
    let Some(filter) = &map.source_filter else { return Ok(Passing::default()) };
    let predicate = xpp::parse(filter)
        .and_then(|expression| expression.bind(&entity.table))
        .map_err(|error| SeedError::Filter { map: map.id.to_string(), problem: error.to_string() })?;
    let mut columns = Vec::new();
    asked(&predicate, &mut columns);
    let lists = columns.iter().filter_map(|column| match &entity.fields[entity.position(*column)?].maker {
        Maker::List { texts, counts: true, .. } => Some(texts.len() as u64),
        _ => None,
    });
    let period = lists.max().unwrap_or(1).max(entity.cycle);
    let mut rows = Vec::new();
    for row in 0..period {
        let mut values = vec![Value::Null; entity.table.typed_columns()];
        for column in &columns {
            if let Some(at) = entity.position(*column) {
                values[*column] = expected(entity, at, row);
            }
        }
        if predicate.matches(&values) {
            rows.push(row);
        }
    }
    Ok(Passing { period, rows })
}

/// What a field will hold in a row, as far as a filter can ask.
fn expected(entity: &Entity, at: usize, row: u64) -> Value {
    let field = &entity.fields[at];
    let turn = usize::try_from(row % entity.cycle).unwrap_or(0);
    if let Some(Some(value)) = field.cycle.get(turn) {
        return value.clone();
    }
    match &field.maker {
        Maker::List { texts, counts: true, .. } => {
            crate::random::pick(texts, row).cloned().unwrap_or_else(|| field.empty.clone())
        }
        Maker::Fixed(value) => value.clone(),
        Maker::Reference(..) | Maker::Text(_) | Maker::List { .. } => Value::text("?"),
        _ => field.empty.clone(),
    }
}

/// The columns a filter asks for.
fn asked(predicate: &Predicate, columns: &mut Vec<usize>) {
    match predicate {
        Predicate::All => {}
        Predicate::Compare { column, .. }
        | Predicate::Null { column, .. }
        | Predicate::Like { column, .. }
        | Predicate::In { column, .. } => columns.push(*column),
        Predicate::Not(inner) => asked(inner, columns),
        Predicate::And(inner) | Predicate::Or(inner) => inner.iter().for_each(|inner| asked(inner, columns)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_pass_are_counted_and_found_again() {
        let passing = Passing { period: 5, rows: vec![0, 1, 2, 3] };
        assert_eq!((passing.among(4), passing.among(5), passing.among(12)), (4, 4, 10));
        for nth in 0..30 {
            let row = passing.nth(nth);
            assert_eq!(passing.among(row), nth);
            assert_ne!(row % 5, 4);
        }
        assert_eq!(Passing::default().nth(7), 7);
    }
}
