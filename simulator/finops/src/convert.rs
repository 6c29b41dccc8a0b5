//! From what a person, a file or a program gives to the value a field stores.
//!
//! Enums take the name of a member or its number, Yes and No take true and false, dates take ISO 8601 and the
//! US style of an export opened in Excel. Nothing here fills in, cuts or checks lengths and ranges.

use crate::broken::{Broken, shown};
use dwsim_model::{Choices, ColumnKind, TableType, Value};
use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};
use rust_decimal::Decimal;
use std::str::FromStr;
use uuid::Uuid;

/// Excel drops the seconds of the last moment F&O knows, which end dates that never come are set to.
const NEVER_AS_EXCEL_SHOWS_IT: DateTime = DateTime::constant(2154, 12, 31, 23, 59, 0, 0);
const NEVER: DateTime = DateTime::constant(2154, 12, 31, 23, 59, 59, 0);

/// The empty date of F&O.
const EMPTY_DATE: Date = Date::constant(1900, 1, 1);

/// What F&O stores in a field that nobody gave a value; null only in fields known by name alone.
pub(crate) fn empty(table: &TableType, ordinal: usize) -> Value {
    let column = table.column(ordinal);
    if column.extra {
        return Value::Null;
    }
    match &column.kind {
        ColumnKind::Text { .. } | ColumnKind::EntityName => Value::text(""),
        ColumnKind::Int { .. } | ColumnKind::BigInt => Value::Int(0),
        ColumnKind::Decimal { .. } | ColumnKind::Money { .. } => Value::Decimal(Decimal::ZERO),
        ColumnKind::Bool => Value::Bool(false),
        ColumnKind::Date => Value::Date(EMPTY_DATE),
        ColumnKind::Instant => instant(EMPTY_DATE.to_datetime(Time::midnight())).unwrap_or_default(),
        ColumnKind::Guid | ColumnKind::Lookup { .. } => Value::Guid(Uuid::nil()),
        ColumnKind::Choice(choices) => {
            Value::Choice(choices.options.first().map_or(0, |(number, _)| *number))
        }
    }
}

/// The value a field stores for what was given.
pub(crate) fn convert(table: &TableType, ordinal: usize, given: &Value) -> Result<Value, Broken> {
    if given.is_blank() {
        return Ok(empty(table, ordinal));
    }
    if let Value::Text(text) = given {
        return parse(table, ordinal, text);
    }
    let converted = match &table.column(ordinal).kind {
        ColumnKind::Text { .. } | ColumnKind::EntityName => Some(Value::text(given.to_string())),
        ColumnKind::Int { .. } | ColumnKind::BigInt => whole(given).map(Value::Int),
        ColumnKind::Decimal { .. } | ColumnKind::Money { .. } => match given {
            Value::Decimal(number) => Some(Value::Decimal(*number)),
            _ => given.as_int().map(|number| Value::Decimal(number.into())),
        },
        ColumnKind::Bool => match given {
            Value::Bool(flag) => Some(Value::Bool(*flag)),
            _ => whole(given).and_then(flag),
        },
        ColumnKind::Choice(choices) => match given {
            Value::Bool(flag) => yes_no(choices, *flag),
            _ => whole(given).and_then(|number| i32::try_from(number).ok()).map(Value::Choice),
        },
        ColumnKind::Date => match given {
            Value::Instant(at) => Some(Value::Date(at.to_zoned(TimeZone::UTC).date())),
            Value::Date(date) => Some(Value::Date(*date)),
            _ => None,
        },
        ColumnKind::Instant => match given {
            Value::Date(date) => instant(date.to_datetime(Time::midnight())),
            Value::Instant(at) => Some(Value::Instant(*at)),
            _ => None,
        },
        ColumnKind::Guid | ColumnKind::Lookup { .. } => given.as_guid().map(Value::Guid),
    };
    converted.ok_or_else(|| wrong_type(table, ordinal, given))
}

/// The value a field stores for a text, such as a cell of a file.
pub(crate) fn parse(table: &TableType, ordinal: usize, text: &str) -> Result<Value, Broken> {
    let column = table.column(ordinal);
    let trimmed = text.trim();
    let parsed = match &column.kind {
        ColumnKind::Text { .. } | ColumnKind::EntityName => return Ok(Value::text(text)),
        _ if trimmed.is_empty() => return Ok(empty(table, ordinal)),
        ColumnKind::Int { .. } | ColumnKind::BigInt => {
            decimal(trimmed).and_then(|number| whole(&Value::Decimal(number))).map(Value::Int)
        }
        ColumnKind::Decimal { .. } | ColumnKind::Money { .. } => decimal(trimmed).map(Value::Decimal),
        ColumnKind::Bool => match trimmed.to_ascii_lowercase().as_str() {
            "yes" | "true" | "1" => Some(Value::Bool(true)),
            "no" | "false" | "0" => Some(Value::Bool(false)),
            _ => None,
        },
        ColumnKind::Choice(choices) => {
            let found = choices
                .number(trimmed)
                .or_else(|| trimmed.parse().ok().filter(|number| choices.label(*number).is_some()));
            return found.map(Value::Choice).ok_or_else(|| unknown_member(ordinal, choices, trimmed));
        }
        ColumnKind::Date => moment(trimmed).map(|at| Value::Date(at.date())),
        ColumnKind::Instant => moment(trimmed).and_then(instant),
        ColumnKind::Guid | ColumnKind::Lookup { .. } => Uuid::from_str(trimmed).ok().map(Value::Guid),
    };
    parsed.ok_or_else(|| wrong_type(table, ordinal, &Value::text(text)))
}

/// A date and time in ISO 8601 or in US style: `2020-08-25`, `2020-08-25T13:03:00Z`, `8/25/2020 1:03 PM`.
fn moment(text: &str) -> Option<DateTime> {
    let at = if text.contains('/') { us_moment(text) } else { iso_moment(text) }?;
    Some(if at == NEVER_AS_EXCEL_SHOWS_IT { NEVER } else { at })
}

fn iso_moment(text: &str) -> Option<DateTime> {
    if let Ok(at) = Timestamp::from_str(text) {
        return Some(at.to_zoned(TimeZone::UTC).datetime());
    }
    DateTime::from_str(text).ok()
}

fn us_moment(text: &str) -> Option<DateTime> {
    let mut words = text.split_ascii_whitespace();
    let mut numbers = words.next()?.splitn(3, '/').map(i16::from_str);
    let mut number = || numbers.next()?.ok();
    let (month, day, year) = (number()?, number()?, number()?);
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let Some(clock) = words.next() else { return Some(date.to_datetime(Time::midnight())) };
    let half = words.next();
    if words.next().is_some() {
        return None;
    }
    let mut numbers = clock.splitn(3, ':').map(i8::from_str);
    let mut hour = numbers.next()?.ok()?;
    let minute = numbers.next()?.ok()?;
    let second = numbers.next().unwrap_or(Ok(0)).ok()?;
    if let Some(half) = half {
        let afternoon = half.eq_ignore_ascii_case("PM");
        if !(1..=12).contains(&hour) || !(afternoon || half.eq_ignore_ascii_case("AM")) {
            return None;
        }
        hour = hour % 12 + if afternoon { 12 } else { 0 };
    }
    Some(date.to_datetime(Time::new(hour, minute, second, 0).ok()?))
}

fn instant(at: DateTime) -> Option<Value> {
    at.to_zoned(TimeZone::UTC).ok().map(|zoned| Value::Instant(zoned.timestamp()))
}

fn decimal(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text)).ok()
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Decimal(number) if number.fract().is_zero() => i64::try_from(number.trunc()).ok(),
        _ => value.as_int(),
    }
}

fn flag(number: i64) -> Option<Value> {
    matches!(number, 0 | 1).then_some(Value::Bool(number == 1))
}

/// Yes or No of an enum that has both.
fn yes_no(choices: &Choices, flag: bool) -> Option<Value> {
    let (no, yes) = (choices.number("No")?, choices.number("Yes")?);
    Some(Value::Choice(if flag { yes } else { no }))
}

/// The rule that an enum field holds a member of its enum.
pub(crate) fn unknown_member(ordinal: usize, choices: &Choices, given: &str) -> Broken {
    const LISTED: usize = 12;
    let mut options: Vec<&str> = choices.options.iter().take(LISTED).map(|(_, name)| name.as_ref()).collect();
    if choices.options.len() > LISTED {
        options.push("...");
    }
    Broken::new("SIM-UNKNOWN-CHOICE", ordinal)
        .word("value", given.chars().take(80).collect::<String>())
        .word("options", options.join(", "))
}

/// The rule that a field holds values of its type.
pub(crate) fn wrong_type(table: &TableType, ordinal: usize, given: &Value) -> Broken {
    Broken::new("SIM-WRONG-TYPE", ordinal)
        .word("expected", expected(&table.column(ordinal).kind))
        .word("value", shown(table, ordinal, given))
}

/// What a field takes, for an error text.
pub(crate) fn expected(kind: &ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Text { .. } | ColumnKind::EntityName => "text",
        ColumnKind::Int { .. } | ColumnKind::BigInt => "a whole number",
        ColumnKind::Decimal { .. } | ColumnKind::Money { .. } => "a number such as 1234.50",
        ColumnKind::Bool => "Yes or No",
        ColumnKind::Choice(_) => "a member of its enum",
        ColumnKind::Date => "a date such as 2020-08-25 or 8/25/2020",
        ColumnKind::Instant => "a date and time such as 2020-08-25T13:03:00Z or 8/25/2020 13:03",
        ColumnKind::Guid | ColumnKind::Lookup { .. } => "a guid",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dwsim_model::{Column, Required, Side, TableBuilder};
    use std::sync::Arc;

    fn table(kind: ColumnKind) -> Arc<TableType> {
        let column =
            Column { name: "Field".into(), kind, required: Required::No, read_only: false, extra: false };
        TableBuilder::new(Side::FinOps, "T", "RecId", ColumnKind::BigInt).column(column).build().unwrap()
    }

    fn no_yes() -> ColumnKind {
        let options = vec![(0, "No".into()), (1, "Yes".into())];
        ColumnKind::Choice(Arc::new(Choices { name: "NoYes".into(), options }))
    }

    #[test]
    fn us_and_iso_dates_say_the_same() {
        let table = table(ColumnKind::Instant);
        let read = |text| parse(&table, 1, text).unwrap();
        assert_eq!(read("8/25/2020 13:03"), read("2020-08-25T13:03:00Z"));
        assert_eq!(read("8/25/2020 1:03 PM"), read("2020-08-25 13:03:00"));
        assert_eq!(read("8/25/2020 12:00 AM"), read("2020-08-25"));
    }

    #[test]
    fn the_never_date_gets_back_the_seconds_excel_dropped() {
        let table = table(ColumnKind::Instant);
        assert_eq!(parse(&table, 1, "12/31/2154 23:59").unwrap().to_string(), "2154-12-31T23:59:59Z");
    }

    #[test]
    fn the_first_of_1900_is_the_empty_date() {
        let table = table(ColumnKind::Date);
        assert_eq!(parse(&table, 1, "1/1/1900").unwrap(), empty(&table, 1));
        assert_eq!(parse(&table, 1, "").unwrap(), empty(&table, 1));
    }

    #[test]
    fn a_day_that_is_not_in_the_calendar_is_refused() {
        let table = table(ColumnKind::Date);
        for text in ["13/1/2020", "2/30/2020", "25.8.2020", "8/25/2020 25:00", "8/25/2020 1:00 XM", "soon"] {
            assert_eq!(parse(&table, 1, text).unwrap_err().message, "SIM-WRONG-TYPE", "{text}");
        }
    }

    #[test]
    fn enums_take_names_numbers_and_booleans() {
        let table = table(no_yes());
        for given in
            [Value::text("yes"), Value::text("1"), Value::Int(1), Value::Bool(true), Value::Choice(1)]
        {
            assert_eq!(convert(&table, 1, &given).unwrap(), Value::Choice(1), "{given:?}");
        }
        let broken = convert(&table, 1, &Value::text("Maybe")).unwrap_err();
        assert_eq!(broken.words[1], ("options", "No, Yes".to_owned()));
    }

    #[test]
    fn numbers_come_as_exports_write_them() {
        let table = table(ColumnKind::Decimal { precision: 6 });
        for (text, number) in [("0.000000", 0), (".000000", 0), ("12", 12), ("1.2E1", 12), ("-3.0", -3)] {
            assert_eq!(parse(&table, 1, text).unwrap(), Value::Decimal(number.into()), "{text}");
        }
        assert!(parse(&table, 1, "1,5").is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_fail_otherwise_than_by_refusing(text in ".{0,40}") {
            for kind in [ColumnKind::Instant, ColumnKind::Date, ColumnKind::BigInt, ColumnKind::Guid, no_yes()] {
                let _ = parse(&table(kind), 1, &text);
            }
        }
    }
}
