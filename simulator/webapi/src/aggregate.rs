//! Counting, adding up and comparing the values of a group, for FetchXML and `$apply`.

use crate::collection::compare;
use dwsim_model::Value;
use rust_decimal::Decimal;
use std::{cmp::Ordering, collections::BTreeSet};

/// How a group's values become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    /// Rows.
    Count,
    /// Values that are there.
    CountColumn,
    /// Different values.
    CountDistinct,
    Sum,
    Average,
    Minimum,
    Maximum,
}

/// Digits kept of an average.
const AVERAGE_DIGITS: u32 = 10;

impl Function {
    /// The result over the values of one group, one for each row.
    pub(crate) fn over(self, values: &[Value]) -> Value {
        let there = || values.iter().filter(|value| !value.is_null());
        let count = |number: usize| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
        match self {
            Self::Count => count(values.len()),
            Self::CountColumn => count(there().count()),
            Self::CountDistinct => {
                let different: BTreeSet<String> = there().map(|value| value.folded().to_string()).collect();
                count(different.len())
            }
            Self::Minimum => extreme(there(), Ordering::Less),
            Self::Maximum => extreme(there(), Ordering::Greater),
            Self::Sum => {
                let whole = there().all(|value| value.as_int().is_some());
                match total(there()) {
                    None => Value::Null,
                    Some(sum) if whole => i64::try_from(sum).map_or(Value::Decimal(sum), Value::Int),
                    Some(sum) => Value::Decimal(sum),
                }
            }
            Self::Average => match total(there()) {
                None => Value::Null,
                Some(sum) => {
                    let number = Decimal::from(there().count());
                    sum.checked_div(number)
                        .map_or(Value::Null, |mean| Value::Decimal(mean.round_dp(AVERAGE_DIGITS)))
                }
            },
        }
    }
}

fn extreme<'v>(values: impl Iterator<Item = &'v Value>, wanted: Ordering) -> Value {
    let mut best: Option<&Value> = None;
    for value in values {
        if best.is_none_or(|best| compare(value, best) == wanted) {
            best = Some(value);
        }
    }
    best.cloned().unwrap_or_default()
}

fn total<'v>(values: impl Iterator<Item = &'v Value>) -> Option<Decimal> {
    let mut sum = None;
    for value in values {
        let number = match value {
            Value::Decimal(number) => *number,
            other => Decimal::from(other.as_int()?),
        };
        sum = Some(sum.unwrap_or(Decimal::ZERO).checked_add(number)?);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_skip_what_is_not_there_and_counts_tell_rows_from_values() {
        let values = [Value::Int(1), Value::Null, Value::Int(4), Value::Int(4)];
        assert_eq!(Function::Average.over(&values), Value::Decimal(Decimal::from(3)));
        assert_eq!(Function::Count.over(&values), Value::Int(4));
        assert_eq!(Function::CountColumn.over(&values), Value::Int(3));
        assert_eq!(Function::CountDistinct.over(&values), Value::Int(2));
        assert_eq!(Function::Sum.over(&values), Value::Int(9));
        assert_eq!(Function::Maximum.over(&values), Value::Int(4));
        assert_eq!(Function::Sum.over(&[Value::Null]), Value::Null);
    }
}
