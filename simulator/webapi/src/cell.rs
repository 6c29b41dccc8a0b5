//! One cell: from JSON, to JSON, and as a person reads it.

use crate::{
    error::{ApiError, Result},
    json::JsonWriter,
    schema::Entity,
};
use dwsim_model::{ColumnKind, Value};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use rust_decimal::Decimal;
use serde_json::Value as Json;
use uuid::Uuid;

/// The EDM type of a column.
pub(crate) fn edm_type(kind: &ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Bool => "Edm.Boolean",
        ColumnKind::Int { .. } | ColumnKind::Choice(_) => "Edm.Int32",
        ColumnKind::BigInt => "Edm.Int64",
        ColumnKind::Decimal { .. } | ColumnKind::Money { .. } => "Edm.Decimal",
        ColumnKind::Text { .. } | ColumnKind::EntityName => "Edm.String",
        ColumnKind::Guid | ColumnKind::Lookup { .. } => "Edm.Guid",
        ColumnKind::Date => "Edm.Date",
        ColumnKind::Instant => "Edm.DateTimeOffset",
    }
}

/// The value a JSON value stands for in a column.
pub(crate) fn from_json(entity: &Entity, ordinal: usize, json: &Json) -> Result<Value> {
    let kind = entity.kind(ordinal);
    let wrong = || {
        let literal = match json {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        ApiError::named(
            "LiteralNotConverted",
            &[("set", &entity.set), ("literal", &literal), ("type", edm_type(kind))],
        )
    };
    Ok(match (kind, json) {
        (_, Json::Null) => Value::Null,
        (ColumnKind::Bool, Json::Bool(flag)) => Value::Bool(*flag),
        (ColumnKind::Int { .. }, Json::Number(number)) => {
            let number: i64 = number.to_string().parse().map_err(|_| wrong())?;
            i32::try_from(number).map_err(|_| wrong())?;
            Value::Int(number)
        }
        (ColumnKind::BigInt, Json::Number(number)) => {
            Value::Int(number.to_string().parse().map_err(|_| wrong())?)
        }
        (ColumnKind::Choice(_), Json::Number(number)) => {
            Value::Choice(number.to_string().parse().map_err(|_| wrong())?)
        }
        (ColumnKind::Decimal { .. } | ColumnKind::Money { .. }, Json::Number(number)) => {
            Value::Decimal(decimal(&number.to_string()).ok_or_else(wrong)?)
        }
        (ColumnKind::Text { .. } | ColumnKind::EntityName, Json::String(text)) => Value::text(text.as_str()),
        (ColumnKind::Guid | ColumnKind::Lookup { .. }, Json::String(text)) => {
            Value::Guid(guid(text).ok_or_else(wrong)?)
        }
        (ColumnKind::Date, Json::String(text)) => {
            let day = text.get(..10).unwrap_or(text);
            Value::Date(day.parse::<Date>().map_err(|_| wrong())?)
        }
        (ColumnKind::Instant, Json::String(text)) => Value::Instant(instant(text).ok_or_else(wrong)?),
        _ => return Err(wrong()),
    })
}

/// A decimal as JSON writes numbers, exponents included.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    text.parse().ok().or_else(|| Decimal::from_scientific(text).ok())
}

/// A row id with or without braces.
pub(crate) fn guid(text: &str) -> Option<Uuid> {
    let bare = text.trim().trim_start_matches('{').trim_end_matches('}');
    (bare.len() == 36).then(|| Uuid::try_parse(bare).ok()).flatten()
}

/// A point in time; without a zone it is UTC, without a time it is midnight. Dataverse keeps whole seconds.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    let parsed = text
        .parse::<Timestamp>()
        .ok()
        .or_else(|| format!("{text}Z").parse().ok())
        .or_else(|| format!("{text}T00:00:00Z").parse().ok())?;
    Timestamp::from_second(parsed.as_second()).ok()
}

/// Writes a cell as JSON.
pub(crate) fn write(json: &mut JsonWriter, kind: &ColumnKind, value: &Value) {
    match value {
        Value::Null => json.raw("null"),
        Value::Bool(flag) => json.bare(flag),
        Value::Int(number) => json.bare(number),
        Value::Choice(number) => json.bare(number),
        Value::Decimal(number) => json.bare(scaled(kind, *number)),
        Value::Text(text) => json.text(text),
        Value::Guid(id) => json.plain(id),
        Value::Date(date) => json.plain(date),
        Value::Instant(instant) => json.plain(wire_instant(*instant)),
    }
}

/// The text of an instant on the wire.
pub(crate) fn wire_instant(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn scaled(kind: &ColumnKind, mut number: Decimal) -> Decimal {
    if let ColumnKind::Decimal { precision } | ColumnKind::Money { precision } = kind
        && number.scale() < *precision
    {
        number.rescale(*precision);
    }
    number
}

/// A cell as plain text, for `$value` and cookies.
pub(crate) fn plain(kind: &ColumnKind, value: &Value) -> String {
    match value {
        Value::Instant(instant) => wire_instant(*instant),
        Value::Decimal(number) => scaled(kind, *number).to_string(),
        other => other.to_string(),
    }
}

/// A cell as a person reads it in English (United States) and UTC; none for text, ids and empty cells. `symbol` is the
/// row's currency symbol.
pub(crate) fn formatted(kind: &ColumnKind, value: &Value, symbol: &str) -> Option<String> {
    Some(match (kind, value) {
        (ColumnKind::Choice(choices), Value::Choice(number)) => {
            choices.label(*number).map_or_else(|| number.to_string(), str::to_owned)
        }
        (_, Value::Bool(flag)) => if *flag { "Yes" } else { "No" }.to_owned(),
        (_, Value::Int(number)) => grouped(&number.to_string()),
        (ColumnKind::Money { .. }, Value::Decimal(number)) => {
            let amount = grouped(&format!("{:.2}", number.abs().round_dp(2)));
            if number.is_sign_negative() && !number.is_zero() {
                format!("-{symbol}{amount}")
            } else {
                format!("{symbol}{amount}")
            }
        }
        (ColumnKind::Decimal { precision }, Value::Decimal(number)) => {
            let shown = usize::try_from(*precision).unwrap_or(2);
            grouped(&format!("{number:.shown$}"))
        }
        (_, Value::Date(date)) => date.strftime("%-m/%-d/%Y").to_string(),
        (_, Value::Instant(instant)) => {
            instant.to_zoned(TimeZone::UTC).strftime("%-m/%-d/%Y %-I:%M %p").to_string()
        }
        _ => return None,
    })
}

/// Thousands parted by commas.
fn grouped(number: &str) -> String {
    let (sign, rest) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(whole, part)| (whole, Some(part)));
    let mut out = sign.to_owned();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_read_as_people_write_them() {
        let money = ColumnKind::Money { precision: 4 };
        let amount = Value::Decimal(Decimal::new(20_000, 0));
        assert_eq!(formatted(&money, &amount, "$").as_deref(), Some("$20,000.00"));
        let time = Value::Instant("2023-04-07T14:59:00Z".parse().unwrap());
        assert_eq!(formatted(&ColumnKind::Instant, &time, "").as_deref(), Some("4/7/2023 2:59 PM"));
        assert_eq!(
            formatted(&ColumnKind::BigInt, &Value::Int(-1_234_567), "").as_deref(),
            Some("-1,234,567")
        );
        assert_eq!(formatted(&money, &Value::Null, "$"), None);
    }

    #[test]
    fn decimals_keep_their_trailing_zeros_on_the_wire() {
        let mut json = JsonWriter::new();
        write(&mut json, &ColumnKind::Money { precision: 4 }, &Value::Decimal(Decimal::new(5, 0)));
        assert_eq!(json.finish(), "5.0000");
    }
}
