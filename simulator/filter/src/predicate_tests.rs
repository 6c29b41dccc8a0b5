//! Tests of [`Predicate`]: null, SQL text, and agreement with an evaluator written another way.

use super::*;
use proptest::prelude::*;
use rust_decimal::Decimal;

fn compare(column: usize, op: Op, value: impl Into<Value>) -> Predicate {
    Predicate::Compare { column, op, value: value.into() }
}

fn sql(predicate: &Predicate) -> (String, Vec<Value>) {
    let mut bind = Vec::new();
    let text = predicate.to_sql(&|column| format!("c{column}"), &mut bind);
    (text, bind)
}

#[test]
fn a_missing_value_is_neither_equal_nor_unequal() {
    let null = [Value::Null];
    assert!(!compare(0, Op::Ne, "A").matches(&null));
    assert!(!compare(0, Op::Eq, "").matches(&null));
    assert!(!Predicate::Not(Box::new(compare(0, Op::Eq, "A"))).matches(&null));
    assert!(Predicate::Null { column: 0, negated: false }.matches(&null));
    assert!(!Predicate::Null { column: 0, negated: true }.matches(&null));
}

#[test]
fn text_matches_without_case_and_blank_matches_the_empty_text() {
    assert!(compare(0, Op::Eq, "organization").matches(&[Value::text("Organization")]));
    assert!(compare(0, Op::Eq, "").matches(&[Value::text("")]));
    assert!(!compare(0, Op::Ne, "").matches(&[Value::text("")]));
}

#[test]
fn an_empty_list_matches_nothing_and_its_negation_everything() {
    let none = Predicate::In { column: 0, values: vec![] };
    assert!(!none.matches(&[Value::Null]));
    assert!(Predicate::Not(Box::new(none.clone())).matches(&[Value::Null]));
    assert_eq!(sql(&none).0, "(0)");
}

#[test]
fn sql_carries_placeholders_in_the_order_of_the_bound_values() {
    let predicate = Predicate::And(vec![
        compare(1, Op::Ge, 5_i64),
        Predicate::Or(vec![
            Predicate::Not(Box::new(Predicate::Like { column: 2, pattern: LikePattern::contains("5%") })),
            Predicate::In { column: 0, values: vec![Value::Int(1), Value::Int(2)] },
        ]),
        Predicate::Null { column: 3, negated: true },
    ]);
    let (text, bind) = sql(&predicate);
    assert_eq!(
        text,
        r"((c1 >= ?) AND (((NOT (c2 LIKE ? ESCAPE '\')) OR (c0 IN (?, ?))) AND (c3 IS NOT NULL)))"
    );
    assert_eq!(bind, [Value::Int(5), Value::text(r"%5\%%"), Value::Int(1), Value::Int(2)]);
    assert_eq!(predicate.columns(), [0, 1, 2, 3]);
}

#[test]
fn a_long_chain_stays_shallow_in_sql() {
    let chain = Predicate::Or((0..3_000).map(|number| compare(0, Op::Eq, number)).collect());
    let (text, bind) = sql(&chain);
    let depth = text.bytes().fold((0_i32, 0), |(now, most), byte| {
        let now = now + i32::from(byte == b'(') - i32::from(byte == b')');
        (now, most.max(now))
    });
    assert_eq!((depth.0, bind.len()), (0, 3_000));
    assert!(depth.1 < 20);
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        "[aAb]{0,2}".prop_map(Value::text),
        (-2_i64..3).prop_map(Value::Int),
        (-2_i64..3).prop_map(|number| Value::Decimal(Decimal::new(number * 5, 1))),
        any::<bool>().prop_map(Value::Bool),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop::sample::select(vec![Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge])
}

fn predicate() -> impl Strategy<Value = Predicate> {
    let leaf = prop_oneof![
        Just(Predicate::All),
        (0_usize..3, op(), value()).prop_map(|(column, op, value)| Predicate::Compare { column, op, value }),
        (0_usize..3, any::<bool>()).prop_map(|(column, negated)| Predicate::Null { column, negated }),
        (0_usize..3, "[aAb]{0,2}")
            .prop_map(|(column, text)| Predicate::Like { column, pattern: LikePattern::starts_with(&text) }),
        (0_usize..3, prop::collection::vec(value(), 0..4))
            .prop_map(|(column, values)| Predicate::In { column, values }),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|part| Predicate::Not(Box::new(part))),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Predicate::And),
            prop::collection::vec(inner, 0..4).prop_map(Predicate::Or),
        ]
    })
}

/// Truth as a number (0 false, 1 unknown, 2 true), so that "and" is the least and "or" the greatest.
fn naive(predicate: &Predicate, row: &[Value]) -> u8 {
    let test = |own: &Value, op: Op, value: &Value| match own.folded().compare(&value.folded()) {
        None => 1,
        Some(outcome) => {
            let symbols = match outcome {
                Ordering::Less => ["<", "<=", "<>"],
                Ordering::Equal => ["=", "<=", ">="],
                Ordering::Greater => [">", ">=", "<>"],
            };
            2 * u8::from(symbols.contains(&op.sql()))
        }
    };
    match predicate {
        Predicate::All => 2,
        Predicate::Compare { column, op, value } => test(&row[*column], *op, value),
        Predicate::Null { column, negated: false } => 2 * u8::from(row[*column] == Value::Null),
        Predicate::Null { column, negated: true } => 2 * u8::from(row[*column] != Value::Null),
        Predicate::Like { column, pattern } => match row[*column].folded() {
            Value::Text(text) => {
                2 * u8::from(text.starts_with(&pattern.to_sql().trim_end_matches('%').to_lowercase()))
            }
            _ => 1,
        },
        Predicate::In { column, values } => {
            values.iter().map(|value| test(&row[*column], Op::Eq, value)).max().unwrap_or(0)
        }
        Predicate::Not(inner) => 2 - naive(inner, row),
        Predicate::And(parts) => parts.iter().map(|part| naive(part, row)).min().unwrap_or(2),
        Predicate::Or(parts) => parts.iter().map(|part| naive(part, row)).max().unwrap_or(0),
    }
}

proptest! {
    #[test]
    fn matching_agrees_with_a_plain_evaluator(
        predicate in predicate(),
        row in prop::collection::vec(value(), 3),
    ) {
        prop_assert_eq!(predicate.matches(&row), naive(&predicate, &row) == 2);
    }

    #[test]
    fn a_reindexed_predicate_sees_the_projected_row_as_the_original_sees_the_whole(
        predicate in predicate(),
        row in prop::collection::vec(value(), 3),
    ) {
        let columns = predicate.columns();
        let projected: Vec<Value> = columns.iter().map(|column| row[*column].clone()).collect();
        let local = predicate.reindexed(&|column| columns.binary_search(&column).unwrap());
        prop_assert_eq!(local.matches(&projected), predicate.matches(&row));
    }

    #[test]
    fn sql_has_a_placeholder_for_every_bound_value_and_balanced_parentheses(predicate in predicate()) {
        let (text, bind) = sql(&predicate);
        prop_assert_eq!(text.matches('?').count(), bind.len());
        prop_assert_eq!(text.matches('(').count(), text.matches(')').count());
        prop_assert!(text.starts_with('(') && text.ends_with(')'));
    }
}
