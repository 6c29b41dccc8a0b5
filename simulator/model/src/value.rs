//! One cell of a row, and the comparisons both products agree on.

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use std::{cmp::Ordering, fmt};
use uuid::Uuid;

/// The cells of one row, aligned with a list of column ordinals.
pub type Values = Box<[Value]>;

/// One cell. F&O never stores [`Value::Null`]; its empty values are `""`, zero and 1900-01-01.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Value {
    /// No value.
    #[default]
    Null,
    /// Yes/No columns of Dataverse.
    Bool(bool),
    /// Whole numbers of either width.
    Int(i64),
    /// Exact decimals and money; never a binary floating-point number.
    Decimal(Decimal),
    /// Text of any length.
    Text(Box<str>),
    /// Row ids and lookups.
    Guid(Uuid),
    /// A date without time.
    Date(Date),
    /// A point in time, UTC.
    Instant(Timestamp),
    /// A choice: the integer of a Dataverse choice, or the ordinal of an F&O enum member.
    Choice(i32),
}

impl Value {
    /// A text value.
    pub fn text(text: impl Into<Box<str>>) -> Self {
        Self::Text(text.into())
    }

    /// Whether there is no value at all.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether a person would call it blank: null or the empty text.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            _ => false,
        }
    }

    /// The text inside, when it is text.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The id inside, when it is one.
    pub fn as_guid(&self) -> Option<Uuid> {
        if let Self::Guid(id) = self { Some(*id) } else { None }
    }

    /// The whole number inside, when it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Choice(number) => Some(i64::from(*number)),
            _ => None,
        }
    }

    /// Whether this is the given text, without regard to case, as both products' databases compare text.
    pub fn same_text(&self, text: &str) -> bool {
        self.as_text().is_some_and(|own| own.eq_ignore_ascii_case(text))
    }

    /// Equality as the products' databases see it: text without regard to ASCII case, numbers by value.
    pub fn same(&self, other: &Self) -> bool {
        self.compare(other) == Some(Ordering::Equal)
    }

    /// Order as the products' databases see it; `None` when either is null or the kinds cannot be compared.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        Some(match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => compare_text(a, b),
            (Self::Guid(a), Self::Guid(b)) => a.cmp(b),
            (Self::Date(a), Self::Date(b)) => a.cmp(b),
            (Self::Instant(a), Self::Instant(b)) => a.cmp(b),
            (Self::Decimal(a), Self::Decimal(b)) => a.cmp(b),
            (Self::Decimal(a), b) => a.cmp(&Decimal::from(b.as_int()?)),
            (a, Self::Decimal(b)) => Decimal::from(a.as_int()?).cmp(b),
            (a, b) => a.as_int()?.cmp(&b.as_int()?),
        })
    }

    /// A form in which values that compare equal are equal, for use as a key in a map.
    #[must_use]
    pub fn folded(&self) -> Self {
        match self {
            Self::Text(text) if text.bytes().any(|byte| byte.is_ascii_uppercase()) => {
                Self::Text(text.to_ascii_lowercase().into())
            }
            Self::Decimal(number) => Self::Decimal(number.normalize()),
            other => other.clone(),
        }
    }
}

fn compare_text(a: &str, b: &str) -> Ordering {
    let fold = |text: &str| text.bytes().map(|byte| byte.to_ascii_lowercase()).collect::<Vec<_>>();
    if a.eq_ignore_ascii_case(b) { Ordering::Equal } else { fold(a).cmp(&fold(b)) }
}

/// The value as a person reads it in a report or an error: text bare, dates ISO 8601, null as nothing.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Bool(flag) => flag.fmt(f),
            Self::Int(number) => number.fmt(f),
            Self::Decimal(number) => number.normalize().fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::Guid(id) => id.fmt(f),
            Self::Date(date) => date.fmt(f),
            Self::Instant(instant) => instant.fmt(f),
            Self::Choice(number) => number.fmt(f),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<Uuid> for Value {
    fn from(id: Uuid) -> Self {
        Self::Guid(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_compares_without_case_and_numbers_by_value() {
        assert!(Value::text("USMF").same(&Value::text("usmf")));
        assert!(Value::Decimal(Decimal::new(1500, 2)).same(&Value::Int(15)));
        assert_eq!(Value::text("a").compare(&Value::text("B")), Some(Ordering::Less));
    }

    #[test]
    fn null_compares_with_nothing() {
        assert_eq!(Value::Null.compare(&Value::Null), None);
        assert_eq!(Value::Int(1).compare(&Value::text("1")), None);
    }

    #[test]
    fn folded_values_are_equal_exactly_when_they_compare_equal() {
        assert_eq!(Value::text("Net30").folded(), Value::text("NET30").folded());
        assert_eq!(
            Value::Decimal(Decimal::new(10, 1)).folded(),
            Value::Decimal(Decimal::new(100, 2)).folded()
        );
    }

    #[test]
    fn a_value_stays_small_because_millions_are_held_in_batches() {
        assert!(size_of::<Value>() <= 24);
    }
}
