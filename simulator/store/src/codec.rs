//! How a [`Value`] stands in SQLite, and how it comes back.
//!
//! Ids are 16-byte blobs. Dates are days and instants microseconds since 1970, as integers. Decimals are 16-byte
//! blobs whose byte order is their numeric order, exact to twelve decimals, so that indexes and comparisons work
//! without a binary floating-point number anywhere.

use crate::StoreError;
use dwsim_model::{ColumnKind, Value};
use jiff::{Timestamp, civil::Date};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rust_decimal::Decimal;
use uuid::Uuid;

const DECIMALS: u32 = 12;
const LARGEST: i128 = (1 << 96) - 1;
const FIRST_DAY: Date = Date::constant(1970, 1, 1);

/// The SQLite declaration of a column.
pub(crate) fn declaration(kind: &ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Text { .. } | ColumnKind::EntityName => "TEXT COLLATE NOCASE",
        ColumnKind::Guid
        | ColumnKind::Lookup { .. }
        | ColumnKind::Decimal { .. }
        | ColumnKind::Money { .. } => "BLOB",
        _ => "INTEGER",
    }
}

/// The value as SQLite takes it.
pub(crate) fn encode(value: &Value) -> Result<ToSqlOutput<'_>, StoreError> {
    Ok(match value {
        Value::Null => ToSqlOutput::Borrowed(ValueRef::Null),
        Value::Bool(flag) => ToSqlOutput::Borrowed(ValueRef::Integer(i64::from(*flag))),
        Value::Int(number) => ToSqlOutput::Borrowed(ValueRef::Integer(*number)),
        Value::Choice(number) => ToSqlOutput::Borrowed(ValueRef::Integer(i64::from(*number))),
        Value::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        Value::Guid(id) => ToSqlOutput::Borrowed(ValueRef::Blob(id.as_bytes())),
        Value::Date(date) => ToSqlOutput::Borrowed(ValueRef::Integer(days(*date))),
        Value::Instant(instant) => ToSqlOutput::Borrowed(ValueRef::Integer(instant.as_microsecond())),
        Value::Decimal(number) => {
            ToSqlOutput::Owned(rusqlite::types::Value::Blob(encode_decimal(*number)?.to_vec()))
        }
    })
}

fn days(date: Date) -> i64 {
    FIRST_DAY.until(date).map_or(0, |span| i64::from(span.get_days()))
}

fn encode_decimal(number: Decimal) -> Result<[u8; 16], StoreError> {
    let number = number.round_dp(DECIMALS);
    let scaled = 10_i128
        .checked_pow(DECIMALS - number.scale())
        .and_then(|factor| number.mantissa().checked_mul(factor))
        .filter(|scaled| scaled.abs() <= LARGEST)
        .ok_or(StoreError::DecimalRange(number))?;
    Ok(((scaled ^ i128::MIN).cast_unsigned()).to_be_bytes())
}

fn decode_decimal(bytes: [u8; 16]) -> Option<Decimal> {
    let mut scaled = u128::from_be_bytes(bytes).cast_signed() ^ i128::MIN;
    if scaled == 0 {
        return Some(Decimal::ZERO);
    }
    let mut scale = DECIMALS;
    if let Ok(mut small) = i64::try_from(scaled) {
        while scale > 0 && small % 10 == 0 {
            small /= 10;
            scale -= 1;
        }
        scaled = i128::from(small);
    } else {
        while scale > 0 && scaled % 10 == 0 {
            scaled /= 10;
            scale -= 1;
        }
    }
    Decimal::try_from_i128_with_scale(scaled, scale).ok()
}

/// Adds a value to a text of bytes in which no two rows look alike: a tag, then the value, its length first when it
/// has one.
pub(crate) fn append(value: &Value, bytes: &mut Vec<u8>) {
    match value {
        Value::Null => bytes.push(0),
        Value::Bool(flag) => bytes.extend([1, u8::from(*flag)]),
        Value::Int(number) => {
            bytes.push(2);
            bytes.extend(number.to_le_bytes());
        }
        Value::Choice(number) => {
            bytes.push(3);
            bytes.extend(number.to_le_bytes());
        }
        Value::Text(text) => {
            bytes.push(4);
            bytes.extend((text.len() as u64).to_le_bytes());
            bytes.extend(text.as_bytes());
        }
        Value::Guid(id) => {
            bytes.push(5);
            bytes.extend(id.as_bytes());
        }
        Value::Date(date) => {
            bytes.push(6);
            bytes.extend(days(*date).to_le_bytes());
        }
        Value::Instant(instant) => {
            bytes.push(7);
            bytes.extend(instant.as_microsecond().to_le_bytes());
        }
        Value::Decimal(number) => {
            let number = number.normalize();
            bytes.push(8);
            bytes.extend(number.mantissa().to_le_bytes());
            bytes.extend(number.scale().to_le_bytes());
        }
    }
}

/// The value a stored cell of this kind holds.
pub(crate) fn decode(kind: &ColumnKind, cell: ValueRef<'_>) -> Result<Value, StoreError> {
    let damaged = || StoreError::Damaged(format!("{kind:?}"));
    Ok(match cell {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => match kind {
            ColumnKind::Bool => Value::Bool(number != 0),
            ColumnKind::Choice(_) => Value::Choice(i32::try_from(number).map_err(|_| damaged())?),
            ColumnKind::Date => {
                let span = jiff::Span::new().try_days(number).map_err(|_| damaged())?;
                Value::Date(FIRST_DAY.checked_add(span).map_err(|_| damaged())?)
            }
            ColumnKind::Instant => {
                Value::Instant(Timestamp::from_microsecond(number).map_err(|_| damaged())?)
            }
            _ => Value::Int(number),
        },
        ValueRef::Text(text) => Value::Text(std::str::from_utf8(text).map_err(|_| damaged())?.into()),
        ValueRef::Blob(bytes) => {
            let bytes: [u8; 16] = bytes.try_into().map_err(|_| damaged())?;
            match kind {
                ColumnKind::Decimal { .. } | ColumnKind::Money { .. } => {
                    Value::Decimal(decode_decimal(bytes).ok_or_else(damaged)?)
                }
                _ => Value::Guid(Uuid::from_bytes(bytes)),
            }
        }
        ValueRef::Real(_) => return Err(damaged()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal() -> impl Strategy<Value = Decimal> {
        (-1_000_000_000_000_000_i64..1_000_000_000_000_000, 0_u32..=12).prop_map(|(m, s)| Decimal::new(m, s))
    }

    proptest! {
        #[test]
        fn decimals_keep_value_and_order(a in decimal(), b in decimal()) {
            let (x, y) = (encode_decimal(a).unwrap(), encode_decimal(b).unwrap());
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
            prop_assert_eq!(decode_decimal(x), Some(a));
        }

        #[test]
        fn dates_come_back(day in -300_000_i64..300_000) {
            let date = FIRST_DAY.checked_add(jiff::Span::new().days(day)).unwrap();
            prop_assert_eq!(days(date), day);
            prop_assert_eq!(decode(&ColumnKind::Date, ValueRef::Integer(day)).unwrap(), Value::Date(date));
        }
    }

    #[test]
    fn a_decimal_too_large_is_refused_not_cut() {
        assert!(encode_decimal(Decimal::MAX).is_err());
    }
}
