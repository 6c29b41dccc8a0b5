//! The short form in which data files write a column's type: `string 20`, `lookup account contact`, `int 0..100`.

use dwsim_model::{Name, Side};

/// A column type as written, before enums and options are filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TypeText {
    Text(Option<u32>),
    Enum(Name),
    Bool,
    Int(i64, i64),
    BigInt,
    Decimal(Option<u32>),
    Double(Option<u32>),
    Money(Option<u32>),
    Guid,
    Date,
    Instant,
    Choice,
    Lookup(Vec<Name>),
    EntityName,
}

/// Why a text is not a column type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TypeError {
    /// The first word is no type of that environment.
    #[error("'{word}' is not a type of {side}; the types are {known}")]
    Unknown {
        /// The word.
        word: String,
        /// The environment.
        side: Side,
        /// The words that are.
        known: &'static str,
    },
    /// What follows the first word is not what that type takes.
    #[error("type '{text}' is not complete or says too much; write {form}")]
    Form {
        /// The text.
        text: String,
        /// The form it should have.
        form: &'static str,
    },
}

const FINOPS: &str = "string, enum, boolean, int32, int64, decimal, date, datetime, guid";
const DATAVERSE: &str = "string, memo, boolean, int, bigint, decimal, double, money, date, datetime, guid, \
                         choice, state, status, lookup, entityname";

/// The 32-bit range, which is what a whole number has when no other range is documented.
const INT: (i64, i64) = (i32::MIN as i64, i32::MAX as i64);

/// Reads a column type of one environment.
pub(crate) fn parse_type(side: Side, text: &str) -> Result<TypeText, TypeError> {
    let mut words = text.split(' ');
    let word = words.next().unwrap_or_default();
    let rest: Vec<&str> = words.collect();
    let form = |form| TypeError::Form { text: text.to_owned(), form };
    let number = |wanted| match rest[..] {
        [] => Ok(None),
        [digits] => plain_number(digits).map(Some).ok_or_else(|| form(wanted)),
        _ => Err(form(wanted)),
    };
    let alone = |kind| if rest.is_empty() { Ok(kind) } else { Err(form("the one word alone")) };
    match (side, word) {
        (_, "string") => Ok(TypeText::Text(number("'string' or 'string 20'")?)),
        (_, "decimal") => Ok(TypeText::Decimal(number("'decimal' or 'decimal 10'")?)),
        (_, "boolean") => alone(TypeText::Bool),
        (_, "date") => alone(TypeText::Date),
        (_, "datetime") => alone(TypeText::Instant),
        (_, "guid") => alone(TypeText::Guid),
        (Side::FinOps, "int32") => alone(TypeText::Int(INT.0, INT.1)),
        (Side::FinOps, "int64") | (Side::Dataverse, "bigint") => alone(TypeText::BigInt),
        (Side::FinOps, "enum") => match rest[..] {
            [name] if !name.is_empty() => Ok(TypeText::Enum(name.into())),
            _ => Err(form("'enum NoYes'")),
        },
        (Side::Dataverse, "memo") => Ok(TypeText::Text(number("'memo' or 'memo 2000'")?)),
        (Side::Dataverse, "double") => Ok(TypeText::Double(number("'double' or 'double 5'")?)),
        (Side::Dataverse, "money") => Ok(TypeText::Money(number("'money' or 'money 2'")?)),
        (Side::Dataverse, "int") => match rest[..] {
            [] => Ok(TypeText::Int(INT.0, INT.1)),
            [range] => {
                let (min, max) = parse_range(range).ok_or_else(|| form("'int' or 'int 0..100'"))?;
                Ok(TypeText::Int(min, max))
            }
            _ => Err(form("'int' or 'int 0..100'")),
        },
        (Side::Dataverse, "choice" | "state" | "status") => alone(TypeText::Choice),
        (Side::Dataverse, "entityname") => alone(TypeText::EntityName),
        (Side::Dataverse, "lookup") => {
            if rest.is_empty() || rest.iter().any(|target| target.is_empty()) {
                return Err(form("'lookup' and the logical names of its target tables"));
            }
            Ok(TypeText::Lookup(rest.into_iter().map(Name::from).collect()))
        }
        _ => Err(TypeError::Unknown {
            word: word.to_owned(),
            side,
            known: if side == Side::FinOps { FINOPS } else { DATAVERSE },
        }),
    }
}

fn plain_number(digits: &str) -> Option<u32> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

fn parse_range(range: &str) -> Option<(i64, i64)> {
    let (min, max) = range.split_once("..")?;
    let (min, max) = (min.parse().ok()?, max.parse().ok()?);
    (INT.0 <= min && min <= max && max <= INT.1).then_some((min, max))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn types_of_both_environments_are_read() {
        assert_eq!(parse_type(Side::FinOps, "string 20"), Ok(TypeText::Text(Some(20))));
        assert_eq!(parse_type(Side::FinOps, "enum NoYes"), Ok(TypeText::Enum("NoYes".into())));
        assert_eq!(parse_type(Side::Dataverse, "int -1..5"), Ok(TypeText::Int(-1, 5)));
        assert_eq!(
            parse_type(Side::Dataverse, "lookup account contact"),
            Ok(TypeText::Lookup(vec!["account".into(), "contact".into()]))
        );
        assert_eq!(parse_type(Side::Dataverse, "status"), Ok(TypeText::Choice));
    }

    #[test]
    fn a_type_of_the_other_environment_is_refused_with_the_list() {
        let error = parse_type(Side::FinOps, "lookup account").unwrap_err();
        assert_eq!(
            error.to_string(),
            "'lookup' is not a type of F&O; the types are string, enum, boolean, int32, int64, decimal, date, \
             datetime, guid"
        );
    }

    #[test]
    fn a_wrong_tail_is_refused_with_the_form() {
        for (text, form) in [
            ("string x", "'string' or 'string 20'"),
            ("string +20", "'string' or 'string 20'"),
            ("int 5..1", "'int' or 'int 0..100'"),
            ("int 0..9999999999", "'int' or 'int 0..100'"),
            ("lookup", "'lookup' and the logical names of its target tables"),
            ("lookup  account", "'lookup' and the logical names of its target tables"),
            ("boolean no", "the one word alone"),
        ] {
            assert_eq!(
                parse_type(Side::Dataverse, text).unwrap_err().to_string(),
                format!("type '{text}' is not complete or says too much; write {form}")
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_type_or_refused(text in "(string|int|lookup|enum|choice|memo)?[a-z0-9 .+-]{0,20}") {
            for side in [Side::FinOps, Side::Dataverse] {
                if let Ok(TypeText::Int(min, max)) = parse_type(side, &text) {
                    prop_assert!(min <= max);
                }
            }
        }
    }
}
