//! How the values of one field are made, compiled from its pattern and its limits.

use crate::{
    data::{Data, PartyKind, Pattern, means},
    error::SeedError,
    limits::{Limit, listed, members, midnight, read},
    random::salt,
    text::Template,
};
use dwsim_model::{ColumnKind, Required, TableType, Value};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// The date F&O stores when there is none.
const NEVER: Date = Date::constant(1900, 1, 1);

/// One field of an entity.
#[derive(Debug)]
pub(crate) struct Field {
    /// Number of its name.
    pub(crate) salt: u64,
    pub(crate) maker: Maker,
    /// Percentage of rows without a value.
    pub(crate) blank: u64,
    /// What stands for no value.
    pub(crate) empty: Value,
    /// Blank in rows of the other party type.
    pub(crate) only: Option<PartyKind>,
    /// Values that take turns; none where the maker decides.
    pub(crate) cycle: Vec<Option<Value>>,
    /// Most characters.
    pub(crate) room: Option<usize>,
    /// The only texts a value map lists.
    pub(crate) allowed: Vec<Value>,
    pub(crate) kind: ColumnKind,
}

/// Where a value comes from.
#[derive(Debug)]
pub(crate) enum Maker {
    /// Always the same.
    Fixed(Value),
    /// The company of the row.
    Company,
    /// A field of the row referred to: position of the reference, and of the field in it.
    Reference(usize, usize),
    /// The word for organisation, person or operating unit, as the party is.
    PartyType([Value; 3]),
    /// A text with slots.
    Text(Template),
    /// Texts to choose from, in a key each row its own, and a text for the rows after these.
    List { texts: Vec<Value>, more: Option<Template>, counts: bool },
    /// One of these.
    OneOf(Vec<Value>),
    /// One of these, the row's own in a key: position of the digit.
    Digit(Vec<Value>, usize),
    /// Yes so many times of a hundred.
    YesNo { yes: Value, no: Value, per_cent: u64 },
    /// A number in units of the last digit.
    Number { low: i64, high: i64, decimals: u32, shape: Shape },
    /// The row's or the line's number, in a key.
    Counter { first: i64, shape: Shape, line: bool },
    /// Days from the first day of the simulator.
    Days { from: i64, to: i64, step: Option<i64>, instant: bool },
    /// Degrees of latitude or longitude in the country.
    Angle { latitude: bool, decimals: u32 },
}

/// How a number is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Int,
    Decimal,
    Text,
}

/// What the compiler has to know of a field beside its column.
pub(crate) struct Place<'a> {
    pub(crate) entity: &'a TableType,
    pub(crate) ordinal: usize,
    pub(crate) limit: &'a Limit,
    pub(crate) in_key: bool,
    /// Whether the key has a header's key in it.
    pub(crate) below_header: bool,
    pub(crate) first_line: i64,
    /// Most rows of a company, or of all.
    pub(crate) rows: u64,
}

impl Place<'_> {
    fn fail(&self, problem: &str) -> SeedError {
        let field = format!("{}.{}: {problem}", self.entity.name, self.entity.column(self.ordinal).name);
        SeedError::data("patterns", field)
    }

    /// Compiles a field that is neither company nor reference.
    pub(crate) fn compile(&self, data: &Data, cycle: Vec<Option<Value>>) -> Result<Field, SeedError> {
        let column = self.entity.column(self.ordinal);
        let pattern = data.patterns.iter().find(|pattern| self.suits(pattern));
        let maker = self.maker(pattern.unwrap_or(&Pattern::default()))?;
        let allowed = match (&column.kind, &maker) {
            (ColumnKind::Choice(_), _) | (_, Maker::OneOf(_)) => None,
            _ => listed(self.entity, self.ordinal, self.limit)?,
        };
        let blank = pattern.and_then(|pattern| pattern.blank).unwrap_or(0);
        let filled = self.in_key || self.mandatory();
        Ok(Field {
            salt: salt(&column.name),
            maker,
            blank: if filled { 0 } else { blank },
            only: pattern.and_then(|pattern| pattern.only),
            allowed: allowed.unwrap_or_default(),
            ..Field::fixed(self, cycle)
        })
    }

    fn mandatory(&self) -> bool {
        self.entity.column(self.ordinal).required == Required::Yes
    }

    fn suits(&self, pattern: &Pattern) -> bool {
        let column = self.entity.column(self.ordinal);
        let kind = match column.kind {
            ColumnKind::Text { .. } if self.limit.digits => {
                pattern.number.is_some() || pattern.text.is_some()
            }
            ColumnKind::Text { .. } => pattern.text.is_some() || pattern.list.is_some(),
            ColumnKind::Choice(_) => pattern.members.is_some() || pattern.yes.is_some(),
            ColumnKind::Bool => pattern.yes.is_some(),
            ColumnKind::Date | ColumnKind::Instant => pattern.days.is_some() || pattern.date.is_some(),
            ColumnKind::Decimal { .. } | ColumnKind::Money { .. } => {
                pattern.number.is_some() || pattern.angle.is_some()
            }
            _ => pattern.number.is_some(),
        };
        kind && means(&pattern.fields, &self.entity.name, &column.name)
    }

    fn maker(&self, pattern: &Pattern) -> Result<Maker, SeedError> {
        let column = self.entity.column(self.ordinal);
        match &column.kind {
            ColumnKind::Choice(_) => self.choice(pattern),
            ColumnKind::Bool => Ok(Maker::YesNo {
                yes: Value::Bool(true),
                no: Value::Bool(false),
                per_cent: pattern.yes.unwrap_or(30),
            }),
            ColumnKind::Text { .. } if self.limit.digits => Ok(self.number(pattern, Shape::Text)),
            ColumnKind::Text { .. } => self.text(pattern),
            ColumnKind::Int { .. } | ColumnKind::BigInt => Ok(self.number(pattern, Shape::Int)),
            ColumnKind::Decimal { .. } | ColumnKind::Money { .. } => match pattern.angle.as_deref() {
                Some(angle) => Ok(Maker::Angle {
                    latitude: angle == "latitude",
                    decimals: self.limit.decimals.unwrap_or(6).clamp(2, 6),
                }),
                None => Ok(self.number(pattern, Shape::Decimal)),
            },
            ColumnKind::Date | ColumnKind::Instant => self.date(pattern),
            _ => Ok(Maker::Fixed(Value::Null)),
        }
    }

    fn choice(&self, pattern: &Pattern) -> Result<Maker, SeedError> {
        let column = self.entity.column(self.ordinal);
        let fitting = members(self.entity, self.ordinal, self.limit)?;
        let number = |name: &str| {
            read(name, &column.kind).and_then(|value| match value {
                Value::Choice(number) if fitting.contains(&number) => Some(number),
                _ => None,
            })
        };
        if !self.in_key
            && let (Some(yes), Some(no), Some(per_cent)) = (number("Yes"), number("No"), pattern.yes)
        {
            return Ok(Maker::YesNo { yes: Value::Choice(yes), no: Value::Choice(no), per_cent });
        }
        let wanted: Vec<i32> = pattern.members.iter().flatten().filter_map(|name| number(name)).collect();
        let values = if wanted.is_empty() { fitting } else { wanted };
        let values: Vec<Value> = values.into_iter().map(Value::Choice).collect();
        Ok(if self.in_key { Maker::Digit(values, 0) } else { Maker::OneOf(values) })
    }

    fn text(&self, pattern: &Pattern) -> Result<Maker, SeedError> {
        let name = &self.entity.column(self.ordinal).name;
        let template = |text: &str| Template::parse(text, name).map_err(|problem| self.fail(&problem));
        if let Some(list) = &pattern.list {
            let fits = |text: &&String| self.limit.room.is_none_or(|room| text.chars().count() <= room);
            let texts: Vec<Value> = list.iter().filter(fits).map(|text| Value::text(text.as_str())).collect();
            if texts.is_empty() {
                return Err(self.fail("no text of its list is short enough"));
            }
            let more = pattern.more.as_deref().map(template).transpose()?;
            let counts = self.in_key || pattern.aligned;
            return Ok(Maker::List { texts, more, counts });
        }
        let mut text = template(pattern.text.as_deref().unwrap_or_default())?;
        if self.mandatory() && text == template("")? {
            text = template("{n:3}")?;
        }
        if self.in_key {
            if !text.counts() {
                text = template("{n:6}")?;
            }
            let digits = self.rows.max(1).to_string().len();
            let room = self.limit.room.unwrap_or(usize::MAX);
            if text.longest(digits) > room {
                text = text.number_only(room);
                if text.longest(digits) > room {
                    return Err(SeedError::KeyTooShort {
                        entity: self.entity.name.clone(),
                        room,
                        rows: self.rows,
                    });
                }
            }
        }
        Ok(Maker::Text(text))
    }

    fn number(&self, pattern: &Pattern, shape: Shape) -> Maker {
        let [low, high] = pattern.number.unwrap_or([0, 10]);
        if self.in_key && pattern.number.is_none_or(|[low, high]| low != high) {
            let first = pattern.number.map_or(1, |[low, _]| low).max(self.first_line);
            return Maker::Counter { first, shape, line: self.below_header };
        }
        let (least, most) = self.limit.range.unwrap_or((i64::MIN, i64::MAX));
        let (low, high) = (low.clamp(least, most), high.clamp(least, most).max(low.clamp(least, most)));
        let wanted = if shape == Shape::Decimal { pattern.decimals.unwrap_or(2) } else { 0 };
        let decimals = wanted.min(self.limit.decimals.unwrap_or(wanted));
        let unit = 10_i64.pow(decimals.min(6));
        Maker::Number { low: low.saturating_mul(unit), high: high.saturating_mul(unit), decimals, shape }
    }

    fn date(&self, pattern: &Pattern) -> Result<Maker, SeedError> {
        let column = self.entity.column(self.ordinal);
        if let Some(values) = listed(self.entity, self.ordinal, self.limit)? {
            return Ok(Maker::OneOf(values));
        }
        if let Some(date) = &pattern.date {
            let value = read(date, &column.kind).ok_or_else(|| self.fail("its date is no date"))?;
            return Ok(Maker::Fixed(value));
        }
        let [from, to] = pattern.days.unwrap_or([-365, 0]);
        let step = pattern.step.filter(|_| self.in_key);
        Ok(Maker::Days { from, to, step, instant: column.kind == ColumnKind::Instant })
    }
}

impl Field {
    /// A field that is always blank, to build others from.
    pub(crate) fn fixed(place: &Place<'_>, cycle: Vec<Option<Value>>) -> Self {
        let column = place.entity.column(place.ordinal);
        let empty = empty(&column.kind);
        Self {
            salt: salt(&column.name),
            maker: Maker::Fixed(empty.clone()),
            blank: 0,
            empty,
            only: None,
            cycle,
            room: place.limit.room,
            allowed: Vec::new(),
            kind: column.kind.clone(),
        }
    }

    /// Whether rows, or lines of one header, get different values from this field alone.
    pub(crate) fn counts(&self) -> bool {
        match &self.maker {
            Maker::Text(text) => text.counts(),
            Maker::List { .. } | Maker::Counter { .. } => true,
            Maker::Days { step, .. } => step.is_some(),
            _ => false,
        }
    }

    /// How many different values there are in a key; none when there is no end.
    pub(crate) fn different(&self) -> Option<u64> {
        match &self.maker {
            Maker::List { texts, more: None, counts: true } => Some(texts.len() as u64),
            _ => None,
        }
    }
}

/// What F&O stores when there is no value.
pub(crate) fn empty(kind: &ColumnKind) -> Value {
    match kind {
        ColumnKind::Text { .. } | ColumnKind::EntityName => Value::text(""),
        ColumnKind::Int { .. } | ColumnKind::BigInt => Value::Int(0),
        ColumnKind::Decimal { .. } | ColumnKind::Money { .. } => Value::Decimal(Decimal::ZERO),
        ColumnKind::Bool => Value::Bool(false),
        ColumnKind::Date => Value::Date(NEVER),
        ColumnKind::Instant => midnight(NEVER),
        ColumnKind::Choice(choices) => {
            choices.options.first().map_or(Value::Null, |(number, _)| Value::Choice(*number))
        }
        ColumnKind::Guid | ColumnKind::Lookup { .. } => Value::Null,
    }
}

/// A value of one kind in another one; none when it does not fit.
pub(crate) fn refit(value: Value, kind: &ColumnKind) -> Option<Value> {
    Some(match (value, kind) {
        (Value::Text(text), ColumnKind::Text { .. }) => Value::Text(text),
        (Value::Text(text), kind) => read(text.trim(), kind)?,
        (value @ (Value::Int(_) | Value::Decimal(_)), ColumnKind::Text { .. }) => {
            Value::text(value.to_string())
        }
        (Value::Int(number), ColumnKind::Decimal { .. } | ColumnKind::Money { .. }) => {
            Value::Decimal(Decimal::from(number))
        }
        (Value::Decimal(number), ColumnKind::Int { .. } | ColumnKind::BigInt) => {
            Value::Int(number.trunc().try_into().ok()?)
        }
        (Value::Date(date), ColumnKind::Instant) => midnight(date),
        (value, _) => value,
    })
}
