//! The operators that FetchXML and the Web API's query functions share, as plain conditions.

use crate::{
    cell,
    error::{ApiError, Result},
    expression::{Expr, Operand, Path},
    rows::Rows,
};
use dwsim_filter::{LikePart, LikePattern, Op};
use dwsim_model::{ColumnKind, Value};
use jiff::{Span, Timestamp, ToSpan, Zoned, civil::Weekday, tz::TimeZone};

/// Longest pattern a text is searched for.
const LONGEST_PATTERN: usize = 4_000;

/// A value of a column, from text.
pub(crate) fn value(rows: &Rows<'_>, path: &Path, text: &str) -> Result<Value> {
    let entity = rows.schema.entity(path.entity);
    let kind = entity.kind(path.ordinal);
    let column = entity.table.column(path.ordinal).name.to_string();
    let wrong = || {
        let why = format!("'{text}' is no value of column {column}, which is {}", cell::edm_type(kind));
        ApiError::named("QueryOperator", &[("why", &why)])
    };
    let text = text.trim();
    Ok(match kind {
        ColumnKind::Text { .. } | ColumnKind::EntityName => Value::text(text),
        ColumnKind::Bool => match text.to_ascii_lowercase().as_str() {
            "1" | "true" => Value::Bool(true),
            "0" | "false" => Value::Bool(false),
            _ => return Err(wrong()),
        },
        ColumnKind::Int { .. } | ColumnKind::BigInt => Value::Int(text.parse().map_err(|_| wrong())?),
        ColumnKind::Choice(_) => Value::Choice(text.parse().map_err(|_| wrong())?),
        ColumnKind::Decimal { .. } | ColumnKind::Money { .. } => {
            Value::Decimal(cell::decimal(text).ok_or_else(wrong)?)
        }
        ColumnKind::Guid | ColumnKind::Lookup { .. } => Value::Guid(cell::guid(text).ok_or_else(wrong)?),
        ColumnKind::Date => Value::Date(text.get(..10).unwrap_or(text).parse().map_err(|_| wrong())?),
        ColumnKind::Instant => Value::Instant(cell::instant(text).ok_or_else(wrong)?),
    })
}

/// The pattern of a `like` text: `%` any run, `_` any sign, `[abc]` one of the signs when it is a single one.
pub(crate) fn pattern(text: &str, before: bool, after: bool) -> Result<LikePattern> {
    if text.len() > LONGEST_PATTERN {
        return Err(ApiError::named("QueryOperator", &[("why", "the pattern is longer than 4,000 bytes")]));
    }
    let mut parts = Vec::new();
    if before {
        parts.push(LikePart::Run);
    }
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        parts.push(match sign {
            '%' => LikePart::Run,
            '_' => LikePart::One,
            '[' => {
                let set: String = signs.by_ref().take_while(|sign| *sign != ']').collect();
                match set.chars().collect::<Vec<_>>()[..] {
                    [only] => LikePart::Text(only.to_string().into()),
                    _ => return Err(ApiError::not_simulated("character ranges in a like pattern")),
                }
            }
            other => LikePart::Text(other.to_string().into()),
        });
    }
    if after {
        parts.push(LikePart::Run);
    }
    Ok(LikePattern::new(parts))
}

/// The condition of an operator on a column.
pub(crate) fn condition(rows: &Rows<'_>, path: Path, operator: &str, texts: &[String]) -> Result<Expr> {
    let only = || {
        texts.first().map(String::as_str).ok_or_else(|| {
            let why = format!("operator {operator} needs a value");
            ApiError::named("QueryOperator", &[("why", &why)])
        })
    };
    let values = || texts.iter().map(|text| value(rows, &path, text)).collect::<Result<Vec<_>>>();
    let compare = |op: Op| -> Result<Expr> {
        Ok(Expr::Compare(path.clone(), op, Operand::Literal(value(rows, &path, only()?)?)))
    };
    let like = |before: bool, after: bool| -> Result<Expr> {
        Ok(Expr::Like(path.clone(), pattern(only()?, before, after)?))
    };
    // Like `ne`, the negated forms keep rows where the column is empty.
    let negated = |expr: Expr| Expr::Or(vec![Expr::Not(Box::new(expr)), Expr::Null(path.clone(), false)]);
    Ok(match operator {
        "eq" => compare(Op::Eq)?,
        "ne" | "neq" => compare(Op::Ne)?,
        "gt" => compare(Op::Gt)?,
        "ge" => compare(Op::Ge)?,
        "lt" => compare(Op::Lt)?,
        "le" => compare(Op::Le)?,
        "like" => like(false, false)?,
        "not-like" => negated(like(false, false)?),
        "begins-with" => like(false, true)?,
        "not-begin-with" => negated(like(false, true)?),
        "ends-with" => like(true, false)?,
        "not-end-with" => negated(like(true, false)?),
        "contains" => like(true, true)?,
        "null" => Expr::Null(path, false),
        "not-null" => Expr::Null(path, true),
        "in" => Expr::In(path.clone(), values()?),
        "not-in" => negated(Expr::In(path.clone(), values()?)),
        "between" | "not-between" => {
            let [low, high] = &values()?[..] else {
                let why = format!("operator {operator} needs two values");
                return Err(ApiError::named("QueryOperator", &[("why", &why)]));
            };
            let side = |op, value: &Value| Expr::Compare(path.clone(), op, Operand::Literal(value.clone()));
            let between = Expr::And(vec![side(Op::Ge, low), side(Op::Le, high)]);
            if operator == "between" { between } else { negated(between) }
        }
        "eq-userid" => Expr::Compare(path, Op::Eq, Operand::Literal(Value::Guid(rows.caller))),
        "ne-userid" => Expr::Compare(path, Op::Ne, Operand::Literal(Value::Guid(rows.caller))),
        "eq-businessid" | "ne-businessid" => {
            let unit = rows.dataverse.get("systemuser", rows.caller, "businessunitid")?.unwrap_or_default();
            let op = if operator == "eq-businessid" { Op::Eq } else { Op::Ne };
            Expr::Compare(path, op, Operand::Literal(unit))
        }
        "eq-userteams" | "eq-useroruserteams" => {
            let unit = rows.dataverse.get("systemuser", rows.caller, "businessunitid")?;
            let mut principals = Vec::new();
            if operator == "eq-useroruserteams" {
                principals.push(Value::Guid(rows.caller));
            }
            if let Some(team) = unit.and_then(|unit| unit.as_guid())
                && let Some(team) = rows.dataverse.default_team(team)?
            {
                principals.push(Value::Guid(team));
            }
            Expr::In(path, principals)
        }
        _ => return time(rows, &path, operator, texts),
    })
}

/// Operators about time, in UTC.
fn time(rows: &Rows<'_>, path: &Path, operator: &str, texts: &[String]) -> Result<Expr> {
    let kind = rows.schema.entity(path.entity).kind(path.ordinal).clone();
    if !matches!(kind, ColumnKind::Date | ColumnKind::Instant) {
        if known_time(operator) {
            let why = format!("operator {operator} needs a column that holds dates");
            return Err(ApiError::named("QueryOperator", &[("why", &why)]));
        }
        return Err(ApiError::not_simulated(&format!("the query operator {operator}")));
    }
    let now = rows.now.to_zoned(TimeZone::UTC);
    let unknown = || ApiError::not_simulated(&format!("the query operator {operator}"));
    let overflow = || {
        let why = format!("operator {operator} leaves the calendar");
        ApiError::named("QueryOperator", &[("why", &why)])
    };
    let day = now.start_of_day().map_err(|_| overflow())?;
    let shift = |from: &Zoned, span: Span| from.checked_add(span).map_err(|_| overflow());
    let part = |op: Op, at: Zoned| {
        let value = if matches!(kind, ColumnKind::Date) {
            Value::Date(at.date())
        } else {
            Value::Instant(at.timestamp())
        };
        Expr::Compare(path.clone(), op, Operand::Literal(value))
    };
    let within = |from: Zoned, to: Zoned| Expr::And(vec![part(Op::Ge, from), part(Op::Lt, to)]);
    let given = || -> Result<Timestamp> {
        texts.first().and_then(|text| cell::instant(text)).ok_or_else(|| {
            let why = format!("operator {operator} needs a date");
            ApiError::named("QueryOperator", &[("why", &why)])
        })
    };
    let given_day =
        || -> Result<Zoned> { given()?.to_zoned(TimeZone::UTC).start_of_day().map_err(|_| overflow()) };
    let count = || -> Result<i64> {
        texts.first().and_then(|text| text.trim().parse::<i64>().ok()).filter(|count| *count > 0).ok_or_else(
            || {
                let why = format!("operator {operator} needs a whole number above zero");
                ApiError::named("QueryOperator", &[("why", &why)])
            },
        )
    };
    let week = || shift(&day, (-i64::from(day.weekday().since(Weekday::Sunday))).days());
    let month = || day.with().day(1).build().map_err(|_| overflow());
    let year = || day.with().month(1).day(1).build().map_err(|_| overflow());
    Ok(match operator {
        "today" => within(day.clone(), shift(&day, 1.day())?),
        "yesterday" => within(shift(&day, (-1).day())?, day),
        "tomorrow" => within(shift(&day, 1.day())?, shift(&day, 2.days())?),
        "last-seven-days" => within(shift(&day, (-7).days())?, shift(&day, 1.day())?),
        "next-seven-days" => within(day.clone(), shift(&day, 8.days())?),
        "this-week" => within(week()?, shift(&week()?, 7.days())?),
        "last-week" => within(shift(&week()?, (-7).days())?, week()?),
        "next-week" => within(shift(&week()?, 7.days())?, shift(&week()?, 14.days())?),
        "this-month" => within(month()?, shift(&month()?, 1.month())?),
        "last-month" => within(shift(&month()?, (-1).month())?, month()?),
        "next-month" => within(shift(&month()?, 1.month())?, shift(&month()?, 2.months())?),
        "this-year" => within(year()?, shift(&year()?, 1.year())?),
        "last-year" => within(shift(&year()?, (-1).year())?, year()?),
        "next-year" => within(shift(&year()?, 1.year())?, shift(&year()?, 2.years())?),
        "on" => within(given_day()?, shift(&given_day()?, 1.day())?),
        "on-or-after" => part(Op::Ge, given_day()?),
        "on-or-before" => part(Op::Lt, shift(&given_day()?, 1.day())?),
        "not-on" => Expr::Or(vec![
            part(Op::Lt, given_day()?),
            part(Op::Ge, shift(&given_day()?, 1.day())?),
            Expr::Null(path.clone(), false),
        ]),
        _ => {
            let (direction, unit) = if let Some(unit) = operator.strip_prefix("last-x-") {
                (-1, unit)
            } else if let Some(unit) = operator.strip_prefix("next-x-") {
                (1, unit)
            } else if let Some(unit) = operator.strip_prefix("olderthan-x-") {
                (0, unit)
            } else {
                return Err(unknown());
            };
            let number = if direction == 0 { -count()? } else { direction * count()? };
            let span = match unit {
                "minutes" => Span::new().try_minutes(number),
                "hours" => Span::new().try_hours(number),
                "days" => Span::new().try_days(number),
                "weeks" => Span::new().try_weeks(number),
                "months" => Span::new().try_months(number),
                "years" => Span::new().try_years(number),
                _ => return Err(unknown()),
            }
            .map_err(|_| overflow())?;
            // Hours and minutes count from now, longer units from the start of the day.
            let base = if matches!(unit, "minutes" | "hours") { now.clone() } else { day.clone() };
            let far = shift(&base, span)?;
            match direction {
                0 => part(Op::Lt, far),
                -1 => Expr::And(vec![part(Op::Ge, far), part(Op::Le, now)]),
                _ => Expr::And(vec![part(Op::Ge, now), part(Op::Le, shift(&far, 1.day())?)]),
            }
        }
    })
}

fn known_time(operator: &str) -> bool {
    const WORDS: [&str; 8] = ["today", "yesterday", "tomorrow", "-week", "-month", "-year", "-x-", "on-or-"];
    operator == "on" || WORDS.iter().any(|word| operator.contains(word))
}

/// The FetchXML operator of a query function of the Web API, by its name: `LastXHours` is `last-x-hours`.
pub(crate) fn of_function(name: &str) -> Option<String> {
    let special = match name {
        "In" => "in",
        "NotIn" => "not-in",
        "Between" => "between",
        "NotBetween" => "not-between",
        "Contains" => "contains",
        "BeginsWith" => "begins-with",
        "EndsWith" => "ends-with",
        "EqualUserId" => "eq-userid",
        "NotEqualUserId" => "ne-userid",
        "EqualBusinessId" => "eq-businessid",
        "NotEqualBusinessId" => "ne-businessid",
        "EqualUserTeams" => "eq-userteams",
        "EqualUserOrUserTeams" => "eq-useroruserteams",
        "Last7Days" => "last-seven-days",
        "Next7Days" => "next-seven-days",
        _ => "",
    };
    if !special.is_empty() {
        return Some(special.to_owned());
    }
    let dated = ["Today", "Yesterday", "Tomorrow", "On", "OnOrAfter", "OnOrBefore", "NotOn"].contains(&name)
        || ["Last", "This", "Next", "OlderThan"].iter().any(|prefix| name.starts_with(prefix));
    if !dated {
        return None;
    }
    let mut out = String::new();
    for (at, sign) in name.chars().enumerate() {
        if sign.is_ascii_uppercase() && at > 0 {
            out.push('-');
        }
        out.push(sign.to_ascii_lowercase());
    }
    Some(out.replace("older-than", "olderthan"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_have_the_operators_of_fetchxml() {
        assert_eq!(of_function("LastXHours").as_deref(), Some("last-x-hours"));
        assert_eq!(of_function("OlderThanXMonths").as_deref(), Some("olderthan-x-months"));
        assert_eq!(of_function("OnOrAfter").as_deref(), Some("on-or-after"));
        assert_eq!(of_function("Magic"), None);
    }
}
