//! From a value of one environment to a value of the other: value maps, defaults, types, blanks.
//!
//! A [`Conversion`] is compiled once per mapped column and used by initial and live sync alike.

use dwsim_catalog::Transform;
use dwsim_model::{Column, ColumnKind, Side, Value};
use jiff::{civil, tz::TimeZone};
use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};
use rustc_hash::FxHashMap;

/// The date F&O stores when there is none.
pub const NEVER: civil::Date = civil::Date::constant(1900, 1, 1);

/// Why one value cannot cross.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConversionError {
    /// The value map does not list it (decision Q6).
    NotInMap(String),
    /// The target type cannot hold it.
    Unfit(String),
}

/// A compiled way from a source column to a target column.
#[derive(Clone, Debug)]
pub struct Conversion {
    map: Option<ValueMap>,
    default: Option<Value>,
    target: ColumnKind,
    source_choices: Option<ColumnKind>,
    to: Side,
    plain: bool,
}

#[derive(Clone, Debug)]
struct ValueMap {
    pairs: FxHashMap<Value, Value>,
    blank: Option<Value>,
}

impl Conversion {
    /// Compiles the way from `source` to `target`, into environment `to`.
    pub fn compile(
        transform: &Transform,
        source: &Column,
        target: &Column,
        to: Side,
    ) -> Result<Self, String> {
        let mut conversion = Self {
            map: None,
            default: None,
            target: target.kind.clone(),
            source_choices: matches!(source.kind, ColumnKind::Choice(_)).then(|| source.kind.clone()),
            to,
            plain: false,
        };
        match transform {
            Transform::None => {}
            Transform::Default(text) => conversion.default = Some(parse(text, &target.kind)?),
            Transform::ValueMap(pairs) => {
                let mut map = ValueMap { pairs: FxHashMap::default(), blank: None };
                for (finops, dataverse) in pairs {
                    let (from, into) =
                        if to == Side::Dataverse { (finops, dataverse) } else { (dataverse, finops) };
                    let into = parse(into, &target.kind)?;
                    if from.is_empty() && !matches!(source.kind, ColumnKind::Choice(_)) {
                        map.blank.get_or_insert(into);
                    } else {
                        let from = parse(from, &source.kind)?.folded();
                        map.pairs.entry(from).or_insert(into);
                    }
                }
                conversion.map = Some(map);
            }
        }
        conversion.plain = conversion.map.is_none()
            && conversion.default.is_none()
            && matches!((&source.kind, &target.kind), (ColumnKind::Text { .. }, ColumnKind::Text { .. }));
        Ok(conversion)
    }

    /// Whether what it makes is a code of a value map in a text column.
    pub(crate) fn makes_symbols(&self) -> bool {
        self.map.is_some() && matches!(self.target, ColumnKind::Text { .. })
    }

    /// The value for the target column. Takes the source value so that text moves instead of being copied.
    pub fn apply(&self, source: Value) -> Result<Value, ConversionError> {
        if self.plain {
            return Ok(match source {
                Value::Text(text) if text.is_empty() && self.to == Side::Dataverse => Value::Null,
                Value::Null if self.to == Side::FinOps => Value::text(""),
                other => other,
            });
        }
        if let Some(map) = &self.map {
            return self.apply_map(map, &source);
        }
        if is_empty(&source) {
            return Ok(self.default.clone().unwrap_or_else(|| empty(&self.target, self.to)));
        }
        let shown = source.to_string();
        retype(source, self.source_choices.as_ref(), &self.target)
            .map(|value| if value.is_null() { empty(&self.target, self.to) } else { value })
            .ok_or(ConversionError::Unfit(shown))
    }

    fn apply_map(&self, map: &ValueMap, source: &Value) -> Result<Value, ConversionError> {
        let found = match source {
            Value::Text(_) | Value::Decimal(_) => map.pairs.get(&source.folded()),
            other => map.pairs.get(other),
        };
        match found {
            Some(value) => Ok(value.clone()),
            None if is_empty(source) => Ok(map.blank.clone().unwrap_or_else(|| empty(&self.target, self.to))),
            None => Err(ConversionError::NotInMap(self.shown(source))),
        }
    }

    fn shown(&self, value: &Value) -> String {
        match (value, &self.source_choices) {
            (Value::Choice(number), Some(ColumnKind::Choice(choices))) => {
                choices.label(*number).map_or_else(|| number.to_string(), str::to_owned)
            }
            _ => value.to_string(),
        }
    }
}

/// What an environment stores when there is no value: F&O has no nulls, Dataverse has no empty text.
pub fn empty(kind: &ColumnKind, side: Side) -> Value {
    if side == Side::Dataverse {
        return Value::Null;
    }
    match kind {
        ColumnKind::Text { .. } | ColumnKind::EntityName => Value::text(""),
        ColumnKind::Int { .. } | ColumnKind::BigInt => Value::Int(0),
        ColumnKind::Decimal { .. } | ColumnKind::Money { .. } => Value::Decimal(Decimal::ZERO),
        ColumnKind::Bool => Value::Bool(false),
        ColumnKind::Date => Value::Date(NEVER),
        ColumnKind::Instant => Value::Instant(never_instant()),
        ColumnKind::Choice(choices) => {
            choices.options.first().map_or(Value::Null, |(number, _)| Value::Choice(*number))
        }
        ColumnKind::Guid | ColumnKind::Lookup { .. } => Value::Null,
    }
}

fn never_instant() -> jiff::Timestamp {
    NEVER.to_zoned(TimeZone::UTC).map_or(jiff::Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp())
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Date(date) => *date == NEVER,
        Value::Instant(instant) => *instant == never_instant(),
        other => other.is_blank(),
    }
}

/// Reads a catalogue text as a value of a kind: enum members by name (then ignoring punctuation), booleans in any
/// case, numbers, dates as `1/1/1900` or ISO.
pub fn parse(text: &str, kind: &ColumnKind) -> Result<Value, String> {
    let unfit = || format!("'{text}' is not a value of {}", kind_name(kind));
    if text.is_empty() {
        return Ok(match kind {
            ColumnKind::Text { .. } => Value::text(""),
            ColumnKind::Choice(choices) => choices.number("").map_or(Value::Null, Value::Choice),
            _ => Value::Null,
        });
    }
    Ok(match kind {
        ColumnKind::Bool => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Value::Bool(true),
            "false" | "no" | "0" => Value::Bool(false),
            _ => return Err(unfit()),
        },
        ColumnKind::Choice(choices) => {
            let number = choices
                .number(text)
                .or_else(|| {
                    let same = |label: &str| letters(label).eq(letters(text));
                    choices.options.iter().find(|(_, label)| same(label)).map(|(number, _)| *number)
                })
                .or_else(|| text.parse().ok())
                .ok_or_else(unfit)?;
            Value::Choice(number)
        }
        ColumnKind::Int { .. } | ColumnKind::BigInt => Value::Int(text.parse().map_err(|_| unfit())?),
        ColumnKind::Decimal { .. } | ColumnKind::Money { .. } => {
            Value::Decimal(text.parse().map_err(|_| unfit())?)
        }
        ColumnKind::Text { .. } | ColumnKind::EntityName => Value::text(text),
        ColumnKind::Guid | ColumnKind::Lookup { .. } => Value::Guid(text.parse().map_err(|_| unfit())?),
        ColumnKind::Date => Value::Date(parse_date(text).ok_or_else(unfit)?),
        ColumnKind::Instant => match parse_date(text) {
            Some(date) => midnight(date),
            None => Value::Instant(text.parse().map_err(|_| unfit())?),
        },
    })
}

fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
}

fn parse_date(text: &str) -> Option<civil::Date> {
    let mut parts = text.split('/');
    if let (Some(month), Some(day), Some(year), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    {
        return civil::Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok();
    }
    text.parse().ok()
}

/// A kind as a person says it.
pub fn kind_name(kind: &ColumnKind) -> String {
    match kind {
        ColumnKind::Bool => "Yes/No".into(),
        ColumnKind::Int { .. } => "whole number".into(),
        ColumnKind::BigInt => "big whole number".into(),
        ColumnKind::Decimal { .. } => "decimal".into(),
        ColumnKind::Money { .. } => "currency".into(),
        ColumnKind::Text { .. } => "text".into(),
        ColumnKind::Guid => "id".into(),
        ColumnKind::Date => "date".into(),
        ColumnKind::Instant => "date and time".into(),
        ColumnKind::Choice(choices) => format!("choice {}", choices.name),
        ColumnKind::Lookup { .. } => "lookup".into(),
        ColumnKind::EntityName => "table name".into(),
    }
}

fn midnight(date: civil::Date) -> Value {
    date.to_zoned(TimeZone::UTC).map_or(Value::Null, |zoned| Value::Instant(zoned.timestamp()))
}

/// The value in another type; none when it does not fit.
fn retype(value: Value, source: Option<&ColumnKind>, target: &ColumnKind) -> Option<Value> {
    Some(match (value, target) {
        (value @ Value::Text(_), ColumnKind::Text { .. } | ColumnKind::EntityName)
        | (value @ Value::Bool(_), ColumnKind::Bool)
        | (value @ Value::Int(_), ColumnKind::Int { .. } | ColumnKind::BigInt)
        | (value @ Value::Guid(_), ColumnKind::Guid | ColumnKind::Lookup { .. })
        | (value @ Value::Date(_), ColumnKind::Date)
        | (value @ Value::Instant(_), ColumnKind::Instant) => value,
        (Value::Decimal(number), ColumnKind::Decimal { precision } | ColumnKind::Money { precision }) => {
            Value::Decimal(number.round_dp_with_strategy(*precision, RoundingStrategy::MidpointAwayFromZero))
        }
        (Value::Int(number), ColumnKind::Decimal { .. } | ColumnKind::Money { .. }) => {
            Value::Decimal(Decimal::from(number))
        }
        (Value::Decimal(number), ColumnKind::Int { .. } | ColumnKind::BigInt) => {
            Value::Int(number.fract().is_zero().then(|| number.to_i64()).flatten()?)
        }
        (Value::Date(date), ColumnKind::Instant) => midnight(date),
        (Value::Instant(instant), ColumnKind::Date) => Value::Date(instant.to_zoned(TimeZone::UTC).date()),
        (Value::Bool(flag), ColumnKind::Choice(choices)) => {
            choices.options.get(usize::from(flag)).map(|(number, _)| Value::Choice(*number))?
        }
        (Value::Choice(number), ColumnKind::Bool) => Value::Bool(number != 0),
        (Value::Choice(number), ColumnKind::Int { .. } | ColumnKind::BigInt) => Value::Int(i64::from(number)),
        (Value::Choice(number), ColumnKind::Choice(choices)) => {
            let label = source.and_then(|kind| match kind {
                ColumnKind::Choice(own) => own.label(number),
                _ => None,
            });
            let found = label.and_then(|label| choices.number(label));
            Value::Choice(found.or_else(|| choices.label(number).map(|_| number))?)
        }
        (Value::Choice(number), ColumnKind::Text { .. }) => match source {
            Some(ColumnKind::Choice(own)) => Value::text(own.label(number)?),
            _ => Value::text(number.to_string()),
        },
        (Value::Text(text), kind) => parse(text.trim(), kind).ok()?,
        (value, ColumnKind::Text { .. }) => Value::text(value.to_string()),
        (Value::Int(number), ColumnKind::Choice(_)) => Value::Choice(i32::try_from(number).ok()?),
        (Value::Int(number), ColumnKind::Bool) => Value::Bool(number != 0),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use dwsim_model::{Choices, Required};
    use std::sync::Arc;

    fn column(kind: ColumnKind) -> Column {
        Column { name: "c".into(), kind, required: Required::No, read_only: false, extra: false }
    }

    fn choice(options: &[(i32, &str)]) -> ColumnKind {
        let options = options.iter().map(|(number, label)| (*number, (*label).into())).collect();
        ColumnKind::Choice(Arc::new(Choices { name: "E".into(), options }))
    }

    fn text() -> ColumnKind {
        ColumnKind::Text { max: None }
    }

    fn compiled(transform: &Transform, from: ColumnKind, into: ColumnKind, to: Side) -> Conversion {
        Conversion::compile(transform, &column(from), &column(into), to).unwrap()
    }

    #[test]
    fn value_maps_work_both_ways_without_case() {
        let map = Transform::ValueMap(vec![("no".into(), "False".into()), ("yes".into(), "true".into())]);
        let no_yes = choice(&[(0, "No"), (1, "Yes")]);
        let out = compiled(&map, no_yes.clone(), ColumnKind::Bool, Side::Dataverse);
        assert_eq!(out.apply(Value::Choice(1)), Ok(Value::Bool(true)));
        let back = compiled(&map, ColumnKind::Bool, no_yes, Side::FinOps);
        assert_eq!(back.apply(Value::Bool(false)), Ok(Value::Choice(0)));
    }

    #[test]
    fn a_member_without_mapping_fails_and_names_itself() {
        let map = Transform::ValueMap(vec![("no".into(), "1".into())]);
        let out =
            compiled(&map, choice(&[(0, "No"), (1, "PurchOrder")]), choice(&[(1, "No")]), Side::Dataverse);
        assert_eq!(out.apply(Value::Choice(1)), Err(ConversionError::NotInMap("PurchOrder".into())));
    }

    #[test]
    fn spelling_that_differs_only_in_punctuation_still_finds_the_member() {
        let kind = choice(&[(0, "Unknown"), (3, "NonSpecific")]);
        assert_eq!(parse("non-Specific", &kind), Ok(Value::Choice(3)));
    }

    #[test]
    fn the_empty_date_is_null_in_dataverse_and_back() {
        let out = compiled(&Transform::None, ColumnKind::Date, ColumnKind::Date, Side::Dataverse);
        assert_eq!(out.apply(Value::Date(NEVER)), Ok(Value::Null));
        let back = compiled(&Transform::None, ColumnKind::Instant, ColumnKind::Date, Side::FinOps);
        assert_eq!(back.apply(Value::Null), Ok(Value::Date(NEVER)));
    }

    #[test]
    fn a_documented_blank_in_a_value_map_wins_over_the_rule_for_blanks() {
        let map = Transform::ValueMap(vec![("1/1/1900".into(), String::new().into())]);
        let out = compiled(&map, ColumnKind::Date, ColumnKind::Date, Side::Dataverse);
        assert_eq!(out.apply(Value::Date(NEVER)), Ok(Value::Null));
        let back = compiled(&map, ColumnKind::Date, ColumnKind::Date, Side::FinOps);
        assert_eq!(back.apply(Value::Null), Ok(Value::Date(NEVER)));
    }

    #[test]
    fn empty_text_is_null_in_dataverse_and_null_is_empty_text_in_finops() {
        let out = compiled(&Transform::None, text(), text(), Side::Dataverse);
        assert_eq!(out.apply("".into()), Ok(Value::Null));
        let back = compiled(&Transform::None, text(), text(), Side::FinOps);
        assert_eq!(back.apply(Value::Null), Ok("".into()));
    }

    #[test]
    fn decimals_round_half_away_from_zero_to_the_target_precision() {
        let money = ColumnKind::Money { precision: 2 };
        let out = compiled(&Transform::None, ColumnKind::Decimal { precision: 6 }, money, Side::Dataverse);
        assert_eq!(
            out.apply(Value::Decimal(Decimal::new(-1005, 3))),
            Ok(Value::Decimal(Decimal::new(-101, 2)))
        );
    }

    #[test]
    fn a_default_applies_only_where_the_source_is_blank() {
        let default = Transform::Default("0".into());
        let whole = ColumnKind::Int { min: 0, max: 9 };
        let out = compiled(&default, ColumnKind::Int { min: 0, max: 9 }, whole, Side::Dataverse);
        assert_eq!(out.apply(Value::Null), Ok(Value::Int(0)));
        assert_eq!(out.apply(Value::Int(4)), Ok(Value::Int(4)));
    }

    #[test]
    fn a_fraction_does_not_fit_a_whole_number() {
        let decimal = ColumnKind::Decimal { precision: 6 };
        let out = compiled(&Transform::None, decimal, ColumnKind::BigInt, Side::Dataverse);
        assert_eq!(out.apply(Value::Decimal(Decimal::new(15, 1))), Err(ConversionError::Unfit("1.5".into())));
    }
}
