//! Whether a literal of a value map or a default can stand in a column.

use dwsim_model::ColumnKind;

/// How the literals of one side name a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Incoming {
    /// By the name of the member.
    FinOps,
    /// By the number of the option.
    Dataverse,
}

/// Accepts the literal, or says what the column holds instead. A blank fits everywhere: it stands for no value.
pub(crate) fn fits(incoming: Incoming, literal: &str, kind: &ColumnKind) -> Result<(), String> {
    let number = || literal.parse::<i64>().ok();
    let refuse = |fits: bool, what: &str| if fits { Ok(()) } else { Err(what.to_owned()) };
    if literal.is_empty() {
        return Ok(());
    }
    match kind {
        ColumnKind::Text { max } => match max {
            Some(max) if literal.chars().count() > *max as usize => Err(format!("at most {max} characters")),
            _ => Ok(()),
        },
        ColumnKind::Bool => refuse(
            literal.eq_ignore_ascii_case("true") || literal.eq_ignore_ascii_case("false"),
            "true or false",
        ),
        ColumnKind::Int { min, max } => refuse(
            number().is_some_and(|number| (*min..=*max).contains(&number)),
            &format!("a whole number from {min} to {max}"),
        ),
        ColumnKind::BigInt => refuse(number().is_some(), "a whole number"),
        ColumnKind::Decimal { .. } | ColumnKind::Money { .. } => {
            refuse(is_decimal(literal), "a decimal number")
        }
        ColumnKind::Choice(choices) => match incoming {
            Incoming::FinOps => refuse(
                choices.options.iter().any(|(_, member)| same_symbol(member, literal)),
                &format!("members of enum {}", choices.name),
            ),
            Incoming::Dataverse => refuse(
                choices.options.iter().any(|(option, _)| option.to_string() == literal),
                "a choice without that option",
            ),
        },
        ColumnKind::Date | ColumnKind::Instant => refuse(is_date(literal), "a date written as 1/1/1900"),
        ColumnKind::EntityName => refuse(
            literal.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'),
            "the logical name of a table",
        ),
        ColumnKind::Guid => Err("an id".to_owned()),
        ColumnKind::Lookup { .. } => Err("a lookup".to_owned()),
    }
}

/// Whether two symbols are the same member: without case, and without punctuation (`non-Specific`).
fn same_symbol(a: &str, b: &str) -> bool {
    let plain = |text: &str| -> Vec<u8> {
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase()).collect()
    };
    a.eq_ignore_ascii_case(b) || plain(a) == plain(b)
}

fn is_decimal(literal: &str) -> bool {
    let digits = literal.strip_prefix('-').unwrap_or(literal);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_date(literal: &str) -> bool {
    let parts: Vec<Option<u32>> = literal.split('/').map(|part| part.parse().ok()).collect();
    matches!(parts[..], [Some(1..=12), Some(1..=31), Some(1..=9999)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use dwsim_model::Choices;
    use std::sync::Arc;

    #[test]
    fn literals_fit_the_kind_they_are_written_for() {
        let choice = ColumnKind::Choice(Arc::new(Choices {
            name: "Gender".into(),
            options: vec![(0, "Unknown".into()), (3, "NonSpecific".into())],
        }));
        let both = |literal, kind: &ColumnKind| {
            (fits(Incoming::FinOps, literal, kind).is_ok(), fits(Incoming::Dataverse, literal, kind).is_ok())
        };
        assert_eq!(both("non-Specific", &choice), (true, false));
        assert_eq!(both("3", &choice), (false, true));
        assert_eq!(both("True", &ColumnKind::Bool), (true, true));
        assert_eq!(both("yes", &ColumnKind::Bool), (false, false));
        assert_eq!(both("1.0000000000", &ColumnKind::Decimal { precision: 10 }), (true, true));
        assert_eq!(both("1.", &ColumnKind::Decimal { precision: 10 }), (false, false));
        assert_eq!(both("1/1/1900", &ColumnKind::Instant), (true, true));
        assert_eq!(both("1900", &ColumnKind::Instant), (false, false));
        assert_eq!(both("", &ColumnKind::Guid), (true, true));
        assert_eq!(both("5", &ColumnKind::Int { min: 0, max: 4 }), (false, false));
        assert_eq!(both("abc", &ColumnKind::Text { max: Some(2) }), (false, false));
        assert_eq!(both("Account", &ColumnKind::EntityName), (false, false));
    }
}
