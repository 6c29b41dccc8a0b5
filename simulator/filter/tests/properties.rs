//! Both grammars on arbitrary input: no panic, and what is printed reads back as the same filter.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use common::{account, customer};
use dwsim_filter::{Literal, Node, Op, Placed, Search, odata, xpp};
use jiff::{Timestamp, civil::date};
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

fn placed<T>(value: T) -> Placed<T> {
    Placed::new(value, 0)
}

fn op() -> impl Strategy<Value = Op> {
    prop::sample::select(vec![Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge])
}

fn column() -> impl Strategy<Value = Placed<Box<str>>> {
    // The prefix keeps names apart from the words of both languages.
    "c_[A-Za-z0-9_]{0,6}(/x[a-z]{1,3})?".prop_map(|name| placed(name.into_boxed_str()))
}

fn text() -> impl Strategy<Value = Box<str>> {
    r#"[a-z '"\\*%()äß\[\]&|]{0,8}"#.prop_map(String::into_boxed_str)
}

fn shared_literal() -> BoxedStrategy<Literal> {
    prop_oneof![
        text().prop_map(Literal::Text),
        any::<i64>().prop_map(|number| Literal::Number(number.into())),
        (any::<i64>(), 0_u32..12).prop_map(|(digits, scale)| Literal::Number(Decimal::new(digits, scale))),
        (0_i64..4_000_000_000_000_000)
            .prop_map(|at| Literal::Instant(Timestamp::from_microsecond(at).unwrap())),
        (1_i16..=9999, 1_i8..=12, 1_i8..=28)
            .prop_map(|(year, month, day)| Literal::Date(date(year, month, day))),
    ]
    .boxed()
}

fn odata_literal() -> BoxedStrategy<Literal> {
    prop_oneof![
        4 => shared_literal(),
        1 => Just(Literal::Null),
        1 => any::<bool>().prop_map(Literal::Bool),
        1 => any::<u128>().prop_map(|id| Literal::Guid(Uuid::from_u128(id))),
    ]
    .boxed()
}

fn xpp_literal() -> BoxedStrategy<Literal> {
    const NAME: &str = "[A-Za-z][A-Za-z0-9_]{0,4}";
    let member = (NAME, NAME).prop_map(|(enumeration, member)| Literal::Member {
        enumeration: enumeration.into(),
        member: member.into(),
    });
    prop_oneof![4 => shared_literal(), 1 => member].boxed()
}

fn tree(leaf: BoxedStrategy<Node>) -> impl Strategy<Value = Node> {
    leaf.prop_recursive(5, 32, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|node| Node::Not(Box::new(node))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Node::And),
            prop::collection::vec(inner, 2..4).prop_map(Node::Or),
        ]
    })
}

fn compare(literal: BoxedStrategy<Literal>) -> BoxedStrategy<Node> {
    (column(), op(), literal)
        .prop_map(|(column, op, literal)| Node::Compare { column, op, literal: placed(literal) })
        .boxed()
}

fn search(search: &'static [Search]) -> BoxedStrategy<Node> {
    (column(), prop::sample::select(search), text())
        .prop_map(|(column, search, text)| Node::Search { column, search, text: placed(text) })
        .boxed()
}

fn odata_tree() -> impl Strategy<Value = Node> {
    let list = (column(), prop::collection::vec(odata_literal().prop_map(placed), 1..5))
        .prop_map(|(column, literals)| Node::In { column, literals });
    let functions = search(&[Search::StartsWith, Search::EndsWith, Search::Contains]);
    tree(prop_oneof![compare(odata_literal()), functions, list].boxed())
}

fn xpp_tree() -> impl Strategy<Value = Node> {
    tree(prop_oneof![compare(xpp_literal()), search(&[Search::Like])].boxed())
}

/// Pieces of both languages in any order reach further into the grammars than arbitrary characters do.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "name",
        "Name",
        "PartyType",
        "statecode",
        "createdon",
        " ",
        "  ",
        "eq",
        "ne",
        "and",
        "or",
        "not",
        "in",
        "like",
        "(",
        ")",
        "((",
        "))",
        "!",
        "==",
        "=",
        "!=",
        "<",
        ">=",
        "&&",
        "||",
        "'",
        "\"",
        "\\",
        "''",
        "1",
        "-1.5",
        "1e5",
        "2021-06-23",
        "23\\06\\2021",
        "T10:00:00Z",
        "null",
        "true",
        "contains(",
        "startswith(name,",
        ",",
        "::",
        "DirPartyType::Person",
        "\"A*\"",
        "'A'",
        "[a]",
        "%",
        "/",
        ".",
        "ä",
        "\u{1f600}",
        "\n",
        "\0",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Whatever happens, an error points into its input and can be shown.
fn try_everything(text: &str) {
    let results = [
        odata::parse(text).and_then(|filter| filter.bind(&account())),
        xpp::parse(text).and_then(|filter| filter.bind(&customer())),
    ];
    for result in results {
        match result {
            Ok(predicate) => {
                predicate.matches(&[]);
                predicate.to_sql(&|column| format!("c{column}"), &mut Vec::new());
            }
            Err(error) => {
                assert!(error.position <= text.chars().count());
                assert!(error.to_string().lines().count() >= 4);
                assert!(!error.to_string().ends_with(['.', '\n']));
            }
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in "\\PC*") {
        try_everything(&text);
    }

    #[test]
    fn arbitrary_pieces_of_the_languages_never_panic(text in pieces()) {
        try_everything(&text);
    }

    #[test]
    fn odata_reads_back_what_it_prints(root in odata_tree()) {
        let filter = odata::Expression::new(root);
        let again = odata::parse(&filter.to_string()).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(again, filter);
    }

    #[test]
    fn xpp_reads_back_what_it_prints(root in xpp_tree()) {
        let filter = xpp::Expression::new(root);
        let again = xpp::parse(&filter.to_string()).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(again, filter);
    }
}
