//! Whether a value fits its column, and the one form in which a column keeps it.

use crate::refusal::Refusal;
use dwsim_model::{Column, ColumnKind, Value};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use rust_decimal::{Decimal, RoundingStrategy};

/// The store keeps numbers up to here exactly, 2^96 at twelve decimals.
const LARGEST: Decimal = Decimal::from_parts(316_580_113, 18_446_744, 0, false, 0);

/// The value as a column of this kind keeps it. What cannot be read as that kind is left as it is, for
/// [`check`] to refuse.
///
/// Choices are taken by number or label, yes/no columns by `true` and `false` in any case, and empty text is no
/// value, as in Dataverse itself.
pub(crate) fn coerce(kind: &ColumnKind, value: Value) -> Value {
    match (kind, value) {
        (_, Value::Text(text)) if text.is_empty() => Value::Null,
        (ColumnKind::Text { .. } | ColumnKind::EntityName, value) => value,
        (kind, Value::Text(text)) => read(kind, &text).unwrap_or(Value::Text(text)),
        (ColumnKind::Choice(_), Value::Int(number)) => {
            i32::try_from(number).map_or(Value::Int(number), Value::Choice)
        }
        (ColumnKind::Int { .. } | ColumnKind::BigInt, Value::Choice(number)) => Value::Int(i64::from(number)),
        (ColumnKind::Decimal { precision } | ColumnKind::Money { precision }, value) => match value {
            Value::Decimal(number) => Value::Decimal(rounded(number, *precision)),
            Value::Int(number) => Value::Decimal(Decimal::from(number)),
            other => other,
        },
        (ColumnKind::Instant, Value::Date(date)) => midnight(date).map_or(Value::Date(date), Value::Instant),
        (_, value) => value,
    }
}

fn read(kind: &ColumnKind, text: &str) -> Option<Value> {
    match kind {
        ColumnKind::Bool => text.to_ascii_lowercase().parse().ok().map(Value::Bool),
        ColumnKind::Int { .. } | ColumnKind::BigInt => text.parse().ok().map(Value::Int),
        ColumnKind::Decimal { precision } | ColumnKind::Money { precision } => {
            text.parse().ok().map(|number| Value::Decimal(rounded(number, *precision)))
        }
        ColumnKind::Guid | ColumnKind::Lookup { .. } => text.parse().ok().map(Value::Guid),
        ColumnKind::Date => text.parse().ok().map(Value::Date),
        ColumnKind::Instant => {
            let instant = text.parse::<Timestamp>().ok().or_else(|| midnight(text.parse().ok()?));
            instant.map(Value::Instant)
        }
        ColumnKind::Choice(choices) => {
            let number = choices.number(text).or_else(|| text.parse().ok());
            number.map(Value::Choice)
        }
        ColumnKind::Text { .. } | ColumnKind::EntityName => None,
    }
}

fn rounded(number: Decimal, precision: u32) -> Decimal {
    number.round_dp_with_strategy(precision, RoundingStrategy::MidpointAwayFromZero)
}

fn midnight(date: Date) -> Option<Timestamp> {
    date.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// Whether a column can hold a value. Null always fits: whether a value is asked for is another question.
pub(crate) fn fits(kind: &ColumnKind, value: &Value) -> bool {
    match (kind, value) {
        (_, Value::Null)
        | (ColumnKind::Bool, Value::Bool(_))
        | (ColumnKind::BigInt, Value::Int(_))
        | (ColumnKind::Guid | ColumnKind::Lookup { .. }, Value::Guid(_))
        | (ColumnKind::Date, Value::Date(_))
        | (ColumnKind::Instant, Value::Instant(_))
        | (ColumnKind::Text { max: None } | ColumnKind::EntityName, Value::Text(_)) => true,
        (ColumnKind::Text { max: Some(max) }, Value::Text(text)) => within(text, *max),
        (ColumnKind::Decimal { .. } | ColumnKind::Money { .. }, Value::Decimal(number)) => {
            number.abs() <= LARGEST
        }
        (ColumnKind::Int { min, max }, Value::Int(number)) => (min..=max).contains(&number),
        // Options of a choice no page lists are not known: any number may be one.
        (ColumnKind::Choice(choices), Value::Choice(number)) => {
            choices.options.is_empty() || choices.options.iter().any(|(own, _)| own == number)
        }
        _ => false,
    }
}

/// Bytes are counted first: a text never has more characters than bytes.
fn within(text: &str, max: u32) -> bool {
    let max = max as usize;
    text.len() <= max || text.chars().count() <= max
}

/// Refuses a value its column cannot hold.
pub(crate) fn check(column: &Column, value: &Value) -> Result<(), Refusal> {
    if fits(&column.kind, value) {
        return Ok(());
    }
    let name = column.name.clone();
    Err(match (&column.kind, value) {
        (ColumnKind::Text { max: Some(limit) }, Value::Text(text)) => {
            Refusal::TextTooLong { column: name, limit: *limit, length: text.chars().count() }
        }
        (ColumnKind::Int { min, max }, Value::Int(number)) => {
            Refusal::OutOfRange { column: name, value: *number, minimum: *min, maximum: *max }
        }
        (ColumnKind::Choice(choices), Value::Choice(number)) => Refusal::NotAnOption {
            column: name,
            value: *number,
            options: choices.options.iter().map(|(number, label)| format!("{number} ({label})")).collect(),
        },
        (kind, value) => {
            Refusal::WrongKind { column: name, expected: kind_name(kind), value: value.to_string() }
        }
    })
}

fn kind_name(kind: &ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Bool => "yes or no",
        ColumnKind::Int { .. } | ColumnKind::BigInt => "a whole number",
        ColumnKind::Decimal { .. } => "a decimal number",
        ColumnKind::Money { .. } => "an amount",
        ColumnKind::Text { .. } => "text",
        ColumnKind::Guid => "an id",
        ColumnKind::Date => "a date",
        ColumnKind::Instant => "a date and time",
        ColumnKind::Choice(_) => "an option",
        ColumnKind::Lookup { .. } => "the id of a row",
        ColumnKind::EntityName => "the name of a table",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dwsim_model::Choices;
    use std::sync::Arc;

    fn choice() -> ColumnKind {
        let options = vec![(1, "Active".into()), (2, "Inactive".into())];
        ColumnKind::Choice(Arc::new(Choices { name: "statuscode".into(), options }))
    }

    #[test]
    fn a_choice_is_taken_by_number_text_or_label() {
        for given in [Value::Int(2), Value::text("2"), Value::text("inactive"), Value::Choice(2)] {
            assert_eq!(coerce(&choice(), given), Value::Choice(2));
        }
        assert!(!fits(&choice(), &Value::Choice(3)));
    }

    #[test]
    fn a_choice_without_known_options_takes_any_number() {
        let open = ColumnKind::Choice(Arc::new(Choices::default()));
        assert!(fits(&open, &Value::Choice(192_350_007)));
    }

    #[test]
    fn length_counts_characters_not_bytes() {
        let kind = ColumnKind::Text { max: Some(4) };
        assert!(fits(&kind, &Value::text("åäöé")));
        assert!(!fits(&kind, &Value::text("Lundé")));
    }

    #[test]
    fn empty_text_is_no_value_and_wire_text_becomes_typed() {
        assert_eq!(coerce(&ColumnKind::Text { max: None }, Value::text("")), Value::Null);
        assert_eq!(coerce(&ColumnKind::Bool, Value::text("False")), Value::Bool(false));
        let money = ColumnKind::Money { precision: 2 };
        assert_eq!(coerce(&money, Value::text("1.005")), Value::Decimal(Decimal::new(101, 2)));
        assert!(!fits(&money, &coerce(&money, Value::text("much"))));
        assert!(fits(&money, &Value::Decimal(Decimal::from(79_228_162_514_264_337_u64))));
        assert!(!fits(&money, &Value::Decimal(Decimal::from(79_228_162_514_264_338_u64))));
    }
}
