//! Cells of two products compared as a person compares them.

use dwsim_model::{ColumnKind, Value};
use rust_decimal::Decimal;

/// The day F&O stores when there is none.
const NEVER: &str = "1900-01-01";

/// Whether a cell has no value: null, empty text, F&O's first day.
pub fn blank(value: &Value, kind: &ColumnKind) -> bool {
    let _ = kind;
    match value {
        Value::Date(_) | Value::Instant(_) => value.to_string().starts_with(NEVER),
        other => other.is_blank(),
    }
}

/// A form in which cells that mean the same are equal: choices by label, numbers without trailing zeros, days
/// without time, text in small letters.
pub fn canonical(value: &Value, kind: &ColumnKind) -> String {
    if blank(value, kind) {
        return String::new();
    }
    match (value, kind) {
        (Value::Choice(number), ColumnKind::Choice(choices)) => {
            choices.label(*number).map_or_else(|| number.to_string(), letters)
        }
        (Value::Instant(_), _) => value.to_string().chars().take(10).collect(),
        (Value::Text(text), _) => text.trim().to_lowercase(),
        _ => value.to_string(),
    }
}

/// A text of the catalogue in the same form, as a value of a kind: the number of an option as its label.
pub(crate) fn canonical_text(text: &str, kind: &ColumnKind) -> String {
    match kind {
        ColumnKind::Choice(choices) => {
            let label = text.parse().ok().and_then(|number| choices.label(number));
            letters(label.unwrap_or(text))
        }
        _ => text.to_lowercase(),
    }
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a cell is what a text of the catalogue means: a label or number of a choice, yes or no, a number.
pub fn matches_text(value: &Value, kind: &ColumnKind, text: &str) -> bool {
    match value {
        Value::Bool(flag) => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => *flag,
            "false" | "no" | "0" => !*flag,
            _ => false,
        },
        Value::Choice(number) => {
            text.parse() == Ok(*number)
                || matches!(kind, ColumnKind::Choice(choices)
                    if choices.label(*number).is_some_and(|label| letters(label) == letters(text)))
        }
        Value::Int(_) | Value::Decimal(_) => number(value).is_some_and(|own| text.parse() == Ok(own)),
        Value::Date(_) | Value::Instant(_) => {
            canonical(value, kind) == text || (["", "1/1/1900"].contains(&text) && blank(value, kind))
        }
        Value::Text(own) => own.eq_ignore_ascii_case(text),
        Value::Null => text.is_empty(),
        Value::Guid(own) => own.to_string().eq_ignore_ascii_case(text),
    }
}

fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Int(number) => Some(Decimal::from(*number)),
        Value::Choice(number) => Some(Decimal::from(*number)),
        Value::Bool(flag) => Some(Decimal::from(u8::from(*flag))),
        Value::Decimal(number) => Some(*number),
        _ => None,
    }
}

/// Whether two cells of different products mean the same.
pub fn agree(a: &Value, a_kind: &ColumnKind, b: &Value, b_kind: &ColumnKind) -> bool {
    if blank(a, a_kind) || blank(b, b_kind) {
        // F&O has no null: a number without value is zero, a choice its first option.
        let zero = |value: &Value| number(value).is_some_and(|number| number.is_zero());
        let first = |value: &Value, kind: &ColumnKind| {
            matches!((value, kind), (Value::Choice(own), ColumnKind::Choice(choices))
                if choices.options.first().is_some_and(|(number, _)| number == own))
        };
        let none = |value: &Value, kind: &ColumnKind| blank(value, kind) || zero(value) || first(value, kind);
        return none(a, a_kind) && none(b, b_kind);
    }
    let numbers = match (number(a), number(b)) {
        // Amounts are kept with as many digits as the column has.
        (Some(a), Some(b)) => {
            let digits = |kind: &ColumnKind| match kind {
                ColumnKind::Decimal { precision } | ColumnKind::Money { precision } => *precision,
                _ => 12,
            };
            let digits = digits(a_kind).min(digits(b_kind));
            (a - b).abs() <= Decimal::new(1, digits.min(12))
        }
        _ => false,
    };
    // The label of a choice is a text as it stands, with its punctuation.
    let choice = |kind: &ColumnKind| matches!(kind, ColumnKind::Choice(_));
    let (a, b) = (canonical(a, a_kind), canonical(b, b_kind));
    numbers || a == b || ((choice(a_kind) || choice(b_kind)) && letters(&a) == letters(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dwsim_model::Choices;
    use std::sync::Arc;

    fn yes_no() -> ColumnKind {
        ColumnKind::Choice(Arc::new(Choices {
            name: "NoYes".into(),
            options: vec![(0, "No".into()), (1, "Yes".into())],
        }))
    }

    #[test]
    fn a_choice_is_its_label_and_its_number_and_nothing_else() {
        assert!(matches_text(&Value::Choice(1), &yes_no(), "yes"));
        assert!(matches_text(&Value::Choice(1), &yes_no(), "1"));
        assert!(!matches_text(&Value::Choice(1), &yes_no(), "No"));
    }

    #[test]
    fn null_means_zero_but_not_one() {
        let int = ColumnKind::BigInt;
        assert!(agree(&Value::Null, &int, &Value::Int(0), &int));
        assert!(!agree(&Value::Null, &int, &Value::Int(1), &int));
        assert!(!agree(&Value::text("a"), &int, &Value::text("b"), &int));
    }
}
