//! One row, cell by cell: every cell can be made alone, so that a reference costs only the cells it needs.

use crate::{
    count::repeats,
    data::PartyKind,
    demo::DemoSeed,
    entity::{Digit, Entity},
    maker::{Field, Maker, Shape, refit},
    pools::Pools,
    random::{chance, mix, pick, salt},
    text::{Scene, cut},
};
use dwsim_model::{Value, Values, epoch};
use jiff::{SignedDuration, tz::TimeZone};
use rust_decimal::Decimal;
use std::cell::OnceCell;

/// Makes the discount of a line what its units give, as F&O keeps it: nothing is left over for a charge.
fn settle(values: &mut [Value], [quantity, total, unit, charges]: [usize; 4]) {
    if let (Value::Decimal(many), Value::Decimal(each)) = (&values[quantity], &values[unit])
        && let Some(sum) = many.checked_mul(*each)
    {
        values[total] = Value::Decimal(sum);
        values[charges] = Value::Decimal(Decimal::ZERO);
    }
}

/// Where a row stands: entity, company and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) entity: usize,
    pub(crate) company: usize,
    pub(crate) index: u64,
}

/// A row being made.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    demo: &'a DemoSeed,
    entity: &'a Entity,
    at: At,
    number: OnceCell<u64>,
    identity: OnceCell<Identity>,
}

/// Whom a row stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identity {
    pub(crate) number: u64,
    pub(crate) kind: Option<PartyKind>,
    pub(crate) company: usize,
}

impl<'a> Row<'a> {
    pub(crate) fn new(demo: &'a DemoSeed, at: At) -> Self {
        Self {
            demo,
            entity: demo.entity_at(at.entity),
            at,
            number: OnceCell::new(),
            identity: OnceCell::new(),
        }
    }

    /// The row's own random number.
    fn number(&self) -> u64 {
        *self.number.get_or_init(|| self.demo.number(self.at))
    }

    fn identity(&self) -> Identity {
        *self.identity.get_or_init(|| self.demo.identity(self.at, &|| self.number()))
    }

    /// All cells, in the order of the entity's columns.
    pub(crate) fn values(&self, text: &mut String) -> Values {
        let mut values = vec![Value::Null; self.entity.columns.len()];
        for (number, reference) in self.entity.references.iter().enumerate() {
            let found = self.refer(number);
            let target =
                found.map(|(source, at)| (&reference.sources[source].fields, Row::new(self.demo, at)));
            for (position, field) in reference.fields.iter().enumerate() {
                let Some(cell) = self.entity.position(*field) else { continue };
                values[cell] = match &target {
                    Some((fields, target)) => self.referred(cell, target, fields[position], text),
                    None => self.entity.fields[cell].empty.clone(),
                };
            }
        }
        for (cell, value) in values.iter_mut().enumerate() {
            if let Some(turn) = self.turn(cell) {
                *value = turn.clone();
            } else if !matches!(self.entity.fields[cell].maker, Maker::Reference(..)) {
                *value = self.made(cell, text);
            }
        }
        if let Some(places) = self.entity.discount {
            settle(&mut values, places);
        }
        values.into_boxed_slice()
    }

    /// One cell.
    pub(crate) fn cell(&self, cell: usize, text: &mut String) -> Value {
        if let Some(turn) = self.turn(cell) {
            return turn.clone();
        }
        let Maker::Reference(number, position) = self.entity.fields[cell].maker else {
            return self.made(cell, text);
        };
        match self.refer(number) {
            Some((source, at)) => {
                let field = self.entity.references[number].sources[source].fields[position];
                self.referred(cell, &Row::new(self.demo, at), field, text)
            }
            None => self.entity.fields[cell].empty.clone(),
        }
    }

    fn referred(&self, cell: usize, target: &Row<'_>, field: usize, text: &mut String) -> Value {
        let own = &self.entity.fields[cell];
        let value = match target.entity.position(field) {
            Some(other) => target.cell(other, text),
            None => Value::Null,
        };
        let same = matches!((&value, &own.empty), (Value::Text(_), Value::Text(_)));
        let value = if same { Some(value) } else { refit(value, &own.kind) };
        value.filter(|value| !value.is_null()).unwrap_or_else(|| own.empty.clone())
    }

    /// What the cycle of the entity puts into a cell.
    fn turn(&self, cell: usize) -> Option<&'a Value> {
        let cycle = &self.entity.fields[cell].cycle;
        let turn = usize::try_from(self.at.index.checked_rem(cycle.len() as u64)?).ok()?;
        cycle.get(turn)?.as_ref()
    }

    /// How many rows stand below one header, and the number of the header.
    fn header(&self) -> (u64, u64) {
        if self.entity.key.digits.is_empty() {
            return (u64::MAX, 0);
        }
        let headers = self.base(0).max(1);
        let per = self.demo.count_at(self.at.entity, self.at.company).div_ceil(headers).max(1);
        (per, self.at.index / per)
    }

    /// How many values a digit of the key has.
    fn base(&self, digit: usize) -> u64 {
        match self.entity.key.digits[digit] {
            Digit::Reference(reference) => {
                let rows = self.demo.available(self.entity, reference, self.at.company);
                rows.saturating_sub(u64::from(repeats(self.entity, digit)))
            }
            Digit::Choice(cell) => match &self.entity.fields[cell].maker {
                Maker::Digit(values, _) => values.len() as u64,
                _ => 1,
            },
        }
    }

    /// The value of a digit of the key.
    fn digit(&self, digit: usize) -> u64 {
        let (per, header) = self.header();
        if digit == 0 {
            return header;
        }
        let base = self.base(digit).max(1);
        let value = if self.entity.key.counts {
            mix(self.demo.block_number(self.at), mix(self.at.index, digit as u64)) % base
        } else if digit == 1 {
            self.at.index % base
        } else {
            let smaller: u64 = (1..digit).map(|digit| self.base(digit).max(1)).product();
            self.at.index % per / smaller % base
        };
        if repeats(self.entity, digit) { (self.digit(digit - 1) + 1 + value) % (base + 1) } else { value }
    }

    /// The row a reference points at, and which of its sources it is from.
    fn refer(&self, number: usize) -> Option<(usize, At)> {
        let reference = &self.entity.references[number];
        if self.entity.party == Some(number) {
            return Some((0, self.demo.party_of(self.at)?));
        }
        let company = self.at.company;
        let available = self.demo.available(self.entity, number, company);
        if let Some(digit) = self.entity.digit_of(number) {
            return self.demo.source_row(reference, company, self.digit(digit), available);
        }
        let random = mix(
            self.number(),
            self.entity.fields.get(self.entity.position(*reference.fields.first()?)?)?.salt,
        );
        let rules = &self.demo.data().references;
        if reference.own {
            let source = reference.sources.first()?;
            let earlier =
                |index: u64| self.demo.passing_of(source).map_or(index, |passing| passing.among(index));
            let before = earlier(self.at.index);
            let first = before > 0 && earlier(self.at.index - 1) == 0;
            if before == 0 || !(first || chance(mix(random, 1), rules.self_per_cent)) {
                return None;
            }
            return self.demo.source_row(reference, company, mix(random, 2) % before, before);
        }
        let filled = self.entity.required[number] || self.at.index < self.entity.cycle;
        if available == 0 || (!filled && chance(mix(random, 1), rules.blank_per_cent)) {
            return None;
        }
        if self.entity.aligned[number] {
            return self.demo.source_row(reference, company, self.at.index % available, available);
        }
        if chance(mix(random, 3), rules.home_per_cent)
            && let Some(row) = self.demo.home(reference, self.demo.country_of(company))
        {
            return Some((0, At { entity: reference.sources[0].entity, company: 0, index: row }));
        }
        self.demo.source_row(reference, company, mix(random, 2) % available, available)
    }

    /// A cell that is no reference and not in turn.
    fn made(&self, cell: usize, text: &mut String) -> Value {
        let field = &self.entity.fields[cell];
        if let Some(only) = field.only
            && self
                .identity()
                .kind
                .is_some_and(|kind| (kind == PartyKind::Person) != (only == PartyKind::Person))
        {
            return field.empty.clone();
        }
        if field.blank > 0
            && self.at.index >= self.entity.cycle
            && chance(mix(self.number(), mix(field.salt, 7)), field.blank)
        {
            return field.empty.clone();
        }
        let random = || mix(self.number(), field.salt);
        match &field.maker {
            Maker::Fixed(value) => value.clone(),
            Maker::Company => self.demo.company_value(self.at.company),
            Maker::Reference(..) => field.empty.clone(),
            Maker::PartyType([organization, person, unit]) => match self.identity().kind {
                Some(PartyKind::Person) => person.clone(),
                Some(PartyKind::OperatingUnit) => unit.clone(),
                _ => organization.clone(),
            },
            Maker::Text(template) => {
                text.clear();
                template.render(&self.scene(template.needs_identity()), text);
                allowed(field, Value::Text(short(text, field.room)), random)
            }
            Maker::List { texts, more, counts } => {
                let value = if *counts {
                    let line = self.line();
                    match (usize::try_from(line).ok().and_then(|line| texts.get(line)), more) {
                        (Some(value), _) => value.clone(),
                        (None, Some(template)) => {
                            text.clear();
                            template.render(&self.scene(template.needs_identity()), text);
                            Value::Text(short(text, field.room))
                        }
                        (None, None) => pick(texts, line).cloned().unwrap_or_default(),
                    }
                } else {
                    pick(texts, random()).cloned().unwrap_or_default()
                };
                allowed(field, value, random)
            }
            Maker::OneOf(values) => pick(values, random()).cloned().unwrap_or_else(|| field.empty.clone()),
            Maker::Digit(values, digit) => {
                pick(values, self.digit(*digit)).cloned().unwrap_or_else(|| field.empty.clone())
            }
            Maker::YesNo { yes, no, per_cent } => {
                if chance(random(), *per_cent) {
                    yes.clone()
                } else {
                    no.clone()
                }
            }
            Maker::Number { low, high, decimals, shape } => {
                shaped(between(random(), *low, *high), *decimals, *shape)
            }
            Maker::Counter { first, shape, line } => {
                let number = if *line { self.line() } else { self.at.index };
                shaped(first.saturating_add(i64::try_from(number).unwrap_or(i64::MAX)), 0, *shape)
            }
            Maker::Days { from, to, step, instant } => {
                let days = match step {
                    Some(step) => from + step * i64::try_from(self.line()).unwrap_or(0),
                    None => between(random(), *from, *to),
                };
                day(days, *instant)
            }
            Maker::Angle { latitude, decimals } => {
                let pools = self.pools();
                let [low, high] = if *latitude { pools.latitude } else { pools.longitude };
                let unit = 10_i64.pow(decimals.saturating_sub(2));
                let angle =
                    mix(self.identity().number, salt(if *latitude { "latitude" } else { "longitude" }));
                shaped(between(angle, low * unit, high * unit), *decimals, Shape::Decimal)
            }
        }
    }

    /// The number of the row below its header; of the row, when it has none.
    fn line(&self) -> u64 {
        let (per, header) = self.header();
        if per == u64::MAX { self.at.index } else { self.at.index - header * per }
    }

    fn pools(&self) -> &'a Pools {
        self.demo.pools(self.demo.country_of(self.identity().company))
    }

    fn scene(&self, with_identity: bool) -> Scene<'a> {
        // A key is made without the row's random numbers, which cost more than all the rest of it.
        let (number, identity) = if with_identity {
            (self.number(), self.identity())
        } else {
            (0, Identity { number: 0, kind: None, company: self.at.company })
        };
        // A legal entity is the company whose number it has; it belongs to none.
        let legal_entity = self.demo.is_legal_entities(self.at.entity);
        let index = usize::try_from(self.at.index).unwrap_or(usize::MAX);
        Scene {
            index: self.at.index,
            line: self.line(),
            seed: number,
            identity: identity.number,
            kind: identity.kind,
            country: self.demo.pools(self.demo.country_of(identity.company)),
            company: self.demo.company(if legal_entity { index } else { self.at.company }),
            prefix: self.demo.prefix(self.at.company),
        }
    }
}

/// The value, or one that the value map of the field lists.
fn allowed(field: &Field, value: Value, random: impl Fn() -> u64) -> Value {
    if field.allowed.is_empty() || field.allowed.iter().any(|own| own.same(&value)) {
        value
    } else {
        pick(&field.allowed, random()).cloned().unwrap_or(value)
    }
}

/// A copy of the text that is exactly as long as it has to be.
fn short(text: &str, room: Option<usize>) -> Box<str> {
    if room.is_none_or(|room| text.len() <= room) { text.into() } else { cut(text.to_owned(), room) }
}

fn between(random: u64, low: i64, high: i64) -> i64 {
    let span = high.abs_diff(low).saturating_add(1);
    low.saturating_add(i64::try_from(random % span).unwrap_or(0))
}

fn shaped(units: i64, decimals: u32, shape: Shape) -> Value {
    match shape {
        Shape::Int => Value::Int(units),
        Shape::Decimal => Value::Decimal(Decimal::new(units, decimals)),
        Shape::Text => Value::text(units.to_string()),
    }
}

/// The day so many days after the first one of the simulator.
fn day(days: i64, instant: bool) -> Value {
    let span = SignedDuration::from_hours(days.saturating_mul(24));
    // The first day begins at eight o'clock; dates begin at midnight.
    let moment = epoch().checked_sub(SignedDuration::from_hours(8)).and_then(|start| start.checked_add(span));
    match moment {
        Ok(moment) if instant => Value::Instant(moment),
        Ok(moment) => Value::Date(moment.to_zoned(TimeZone::UTC).date()),
        Err(_) => Value::Null,
    }
}
