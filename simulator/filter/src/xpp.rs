//! X++ query-range expressions, as a map's source filter (F&O to Dataverse) writes them.

use crate::bind::{Dialect, decimal, instant, midnight, mismatch, whole_number};
use crate::error::{Fault, FilterError, FilterErrorKind};
use crate::predicate::{Op, Predicate};
use crate::scan::{self, Input, Parsed, next, path, place, sign, spaces, unexpected};
use crate::syntax::{Literal, Node, Placed, Search};
use dwsim_model::{Choices, Column, ColumnKind, TableType, Value, nearest};
use jiff::civil::Date;
use std::fmt;
use winnow::{
    Parser,
    ascii::Caseless,
    combinator::{not, opt, preceded, terminated},
    token::{one_of, take_while},
};

const VALUES: &str = r"write text in quotes, and numbers, Enum::Member and dates such as 23\06\2021 without";
const NO_NULL: &str = r#"F&O has no null in a filter; compare with "" for blank text"#;
/// Longer signs before the shorter ones they begin with; `=` alone is taken as equality.
const OPERATORS: [(&str, Op); 7] = [
    ("==", Op::Eq),
    ("!=", Op::Ne),
    ("<=", Op::Le),
    (">=", Op::Ge),
    ("=", Op::Eq),
    ("<", Op::Lt),
    (">", Op::Gt),
];
/// Most members of an enum that an error lists.
const MEMBERS_SHOWN: usize = 12;

/// A parsed X++ filter, not yet tied to an entity. Two are equal when they say the same in the same order.
#[derive(Clone, Debug)]
pub struct Expression {
    root: Node,
    input: Box<str>,
}

/// Parses a filter. Column names are not looked up yet. The outermost parentheses may be left out.
///
/// ```
/// let filter = dwsim_filter::xpp::parse("((PartyType = 'Person'))")?;
/// assert_eq!(filter.to_string(), r#"(PartyType == "Person")"#);
/// # Ok::<(), dwsim_filter::FilterError>(())
/// ```
pub fn parse(text: &str) -> Result<Expression, FilterError> {
    let root = scan::whole(text, condition, "&&, || or the end of the filter", joint_fix)?;
    Ok(Expression { root, input: text.into() })
}

/// Parses a filter and ties it to an entity; a blank filter lets every row through.
pub fn compile(text: &str, entity: &TableType) -> Result<Predicate, FilterError> {
    if text.trim().is_empty() { Ok(Predicate::All) } else { parse(text)?.bind(entity) }
}

impl Expression {
    /// A filter built by hand. Errors of binding it then point at the start of its printed form.
    pub fn new(root: Node) -> Self {
        let mut expression = Self { root, input: Box::default() };
        expression.input = expression.to_string().into();
        expression
    }

    /// The condition itself.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// Ties it to an entity: column names become ordinals and literals values of the column's kind.
    pub fn bind(&self, entity: &TableType) -> Result<Predicate, FilterError> {
        let dialect =
            Dialect { value, written: literal_text, odata_names: false, not_equal_includes_null: false };
        dialect.bind(&self.root, entity).map_err(|fault| fault.in_input(&self.input))
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.root == other.root
    }
}

impl Eq for Expression {}

fn condition(input: &mut Input<'_>) -> Parsed<Node> {
    scan::chain(input, conjunction, |input| sign(input, "||"), Node::Or)
}

fn conjunction(input: &mut Input<'_>) -> Parsed<Node> {
    scan::chain(input, operand, |input| sign(input, "&&"), Node::And)
}

fn operand(input: &mut Input<'_>) -> Parsed<Node> {
    spaces(input)?;
    match next(input) {
        Some('(') => scan::parenthesised(input, condition, "&&, || or )", joint_fix),
        Some('!') => scan::nested(input, negated).map(|inner| Node::Not(Box::new(inner))),
        _ => comparison(input),
    }
}

fn negated(input: &mut Input<'_>) -> Parsed<Node> {
    let start = place(input);
    scan::take(input, '!')?;
    spaces(input)?;
    if matches!(next(input), Some('(' | '!')) {
        return operand(input);
    }
    comparison(input)?;
    Err(Fault { kind: FilterErrorKind::BareNegation { symbol: "!" }, offset: start })
}

fn comparison(input: &mut Input<'_>) -> Parsed<Node> {
    let Some(column) = path(input)? else {
        return Err(unexpected(
            input,
            "a column, ! or (",
            r#"write a comparison with the column on the left, such as (Name == "A")"#,
        ));
    };
    for (text, op) in OPERATORS {
        if sign(input, text)? {
            let literal = literal(input)?;
            return Ok(Node::Compare { column, op, literal });
        }
    }
    let like = terminated(Caseless("like"), not(one_of(scan::in_word)));
    let is_like = opt(preceded(spaces, like)).map(|taken| taken.is_some()).parse_next(input)?;
    spaces(input)?;
    if !is_like {
        let fix = match scan::found(input).to_ascii_lowercase().as_str() {
            "eq" | "equals" | "is" => "write ==",
            "ne" => "write !=",
            "gt" => "write >",
            "ge" => "write >=",
            "lt" => "write <",
            "le" => "write <=",
            _ => "write ==, !=, <, <=, >, >= or like after the column",
        };
        return Err(unexpected(input, "a comparison operator", fix));
    }
    let offset = place(input);
    match next(input) {
        Some(quote @ ('"' | '\'')) => {
            let text = Placed::new(quoted(input, quote)?, offset);
            Ok(Node::Search { column, search: Search::Like, text })
        }
        _ => Err(unexpected(input, "a text in quotes", r#"write it as in Name like "A*""#)),
    }
}

fn literal(input: &mut Input<'_>) -> Parsed<Placed<Literal>> {
    spaces(input)?;
    let offset = place(input);
    if let Some(quote @ ('"' | '\'')) = next(input) {
        return Ok(Placed::new(Literal::Text(quoted(input, quote)?), offset));
    }
    if next(input).is_none_or(|c| !scan::in_bare_value(c)) {
        let fix = match scan::found(input).as_str() {
            "<>" | ">" | "<" => "write != for not equal, and <= or >= with the = last",
            "=" => "write == for equality",
            _ => VALUES,
        };
        return Err(unexpected(input, "a value", fix));
    }
    let run = scan::bare_run(input)?;
    let fault = |kind| Err(Fault { kind, offset });
    match member(run).or_else(|| date(run)).or_else(|| scan::plain_value(run)) {
        Some(value) => Ok(Placed::new(value, offset)),
        None if run.eq_ignore_ascii_case("null") => {
            fault(FilterErrorKind::BadLiteral { text: run.into(), fix: NO_NULL })
        }
        None if run.starts_with(|c: char| c.is_alphabetic() || c == '_') && !run.contains(':') => {
            fault(FilterErrorKind::ColumnAsValue { name: run.into(), fix: VALUES })
        }
        None => fault(FilterErrorKind::BadLiteral { text: run.into(), fix: VALUES }),
    }
}

fn member(run: &str) -> Option<Literal> {
    let (enumeration, member) = run.split_once("::")?;
    let is_name = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(scan::in_word)
    };
    (is_name(enumeration) && is_name(member))
        .then(|| Literal::Member { enumeration: enumeration.into(), member: member.into() })
}

/// `d\m\yyyy`.
fn date(run: &str) -> Option<Literal> {
    let mut parts = run.split('\\');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if parts.next().is_some() || !digits(day, 2) || !digits(month, 2) || !digits(year, 4) || year.len() != 4 {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok().map(Literal::Date)
}

/// Text in quotes, in which a backslash makes the next quote or backslash plain.
fn quoted(input: &mut Input<'_>, quote: char) -> Parsed<Box<str>> {
    let offset = place(input);
    scan::take(input, quote)?;
    let mut text = String::new();
    loop {
        text.push_str(take_while(0.., |c| c != quote && c != '\\').parse_next(input)?);
        if scan::next_is(input, quote)? {
            return Ok(text.into());
        }
        if !scan::next_is(input, '\\')? {
            return Err(Fault { kind: FilterErrorKind::UnterminatedText { quote }, offset });
        }
        let escaped = opt(one_of(['\\', '"', '\''])).parse_next(input)?;
        text.push(escaped.unwrap_or('\\'));
    }
}

fn joint_fix(found: &str) -> &'static str {
    match found.to_ascii_lowercase().as_str() {
        "&" | "and" => "write &&",
        "|" | "or" => "write ||",
        _ => "join comparisons with && or ||, and put text in quotes",
    }
}

/// The value a literal stands for in a column of an F&O entity.
fn value(column: &Column, literal: &Literal) -> Result<Value, FilterErrorKind> {
    let wrong = |fix: &str| Err(mismatch(column, fix));
    match (&column.kind, literal) {
        (ColumnKind::Text { .. } | ColumnKind::EntityName, Literal::Text(text)) => {
            Ok(Value::Text(text.clone()))
        }
        (ColumnKind::Text { .. } | ColumnKind::EntityName, _) => wrong("put the value in quotes"),
        (ColumnKind::Bool, literal) => yes_or_no(literal)
            .map_or_else(|| wrong("write 1, 0, NoYes::Yes or NoYes::No"), |flag| Ok(Value::Bool(flag))),
        (ColumnKind::Int { .. } | ColumnKind::BigInt, literal) => whole_number(literal)
            .map_or_else(|| wrong("write a whole number, without quotes"), |number| Ok(Value::Int(number))),
        (ColumnKind::Decimal { .. } | ColumnKind::Money { .. }, Literal::Number(number)) => {
            decimal(column, *number)
        }
        (ColumnKind::Decimal { .. } | ColumnKind::Money { .. }, _) => wrong("write a number, without quotes"),
        (ColumnKind::Guid | ColumnKind::Lookup { .. }, literal) => {
            let id = match literal {
                Literal::Text(text) => scan::guid(text.trim_matches(['{', '}'])),
                _ => None,
            };
            id.map_or_else(
                || wrong(r#"write an id in quotes, such as "00000000-0000-0000-0000-000000000001""#),
                |id| Ok(Value::Guid(id)),
            )
        }
        (ColumnKind::Date, Literal::Date(date)) => Ok(Value::Date(*date)),
        (ColumnKind::Date, _) => wrong(r"write a date such as 23\06\2021, without quotes"),
        (ColumnKind::Instant, Literal::Date(date)) => midnight(column, *date),
        (ColumnKind::Instant, Literal::Instant(at)) => instant(column, *at),
        (ColumnKind::Instant, _) => {
            wrong(r"write a date such as 23\06\2021, or 2021-06-23T10:00:00, without quotes")
        }
        (ColumnKind::Choice(choices), literal) => choice(column, choices, literal),
    }
}

fn yes_or_no(literal: &Literal) -> Option<bool> {
    let name = match literal {
        Literal::Member { enumeration, member } if enumeration.eq_ignore_ascii_case("NoYes") => member,
        Literal::Text(text) => text,
        _ => {
            return match whole_number(literal) {
                Some(0) => Some(false),
                Some(1) => Some(true),
                _ => None,
            };
        }
    };
    if name.eq_ignore_ascii_case("yes") {
        Some(true)
    } else {
        name.eq_ignore_ascii_case("no").then_some(false)
    }
}

fn choice(column: &Column, choices: &Choices, literal: &Literal) -> Result<Value, FilterErrorKind> {
    let unknown = |member: &str, fix: String| {
        Err(FilterErrorKind::UnknownMember {
            column: column.name.clone(),
            enumeration: choices.name.clone(),
            member: member.into(),
            fix: fix.into(),
        })
    };
    let name = match literal {
        Literal::Text(name) => name,
        Literal::Member { enumeration, member } => {
            // The documentation's own example writes the column's name for the enum's.
            let known =
                [&*choices.name, &*column.name].iter().any(|own| own.eq_ignore_ascii_case(enumeration));
            if !known {
                let fix = format!("write {}::{member}, or \"{member}\"", choices.name);
                return unknown(&literal_text(literal), fix);
            }
            member
        }
        _ => {
            return whole_number(literal).and_then(|number| i32::try_from(number).ok()).map_or_else(
                || Err(mismatch(column, "write a member in quotes, Enum::Member, or its number")),
                |number| Ok(Value::Choice(number)),
            );
        }
    };
    if let Some(number) = choices.number(name) {
        return Ok(Value::Choice(number));
    }
    let members = || choices.options.iter().map(|(_, label)| label.as_ref());
    let fix = match nearest(name, members()) {
        _ if choices.options.is_empty() => "its members are not documented; write the number".to_owned(),
        Some(nearest) => format!("did you mean \"{nearest}\"?"),
        None => {
            let shown: Vec<&str> = members().take(MEMBERS_SHOWN).collect();
            let more = if choices.options.len() > MEMBERS_SHOWN { ", …" } else { "" };
            format!("use one of {}{more}", shown.join(", "))
        }
    };
    unknown(&literal_text(literal), fix)
}

fn literal_text(literal: &Literal) -> String {
    match literal {
        Literal::Null => "null".to_owned(),
        Literal::Bool(flag) => u8::from(*flag).to_string(),
        Literal::Number(number) => number.to_string(),
        Literal::Text(text) => in_quotes(text),
        Literal::Guid(id) => in_quotes(&id.to_string()),
        Literal::Date(date) => format!(r"{:02}\{:02}\{:04}", date.day(), date.month(), date.year()),
        Literal::Instant(at) => at.to_string(),
        Literal::Member { enumeration, member } => format!("{enumeration}::{member}"),
    }
}

fn in_quotes(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

/// The filter in a normal form: `==` for equality, and parentheses around every part, as F&O wants them.
impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_node(&self.root, f)
    }
}

fn write_node(node: &Node, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("(")?;
    match node {
        Node::Compare { column, op, literal } => {
            let sign = OPERATORS.iter().find(|(_, own)| own == op).map_or("==", |(sign, _)| sign);
            write!(f, "{} {sign} {}", column.value, literal_text(&literal.value))?;
        }
        Node::Search { column, text, .. } => write!(f, "{} like {}", column.value, in_quotes(&text.value))?,
        // X++ has no list; the same in its own words.
        Node::In { column, literals } => {
            for (index, literal) in literals.iter().enumerate() {
                let joint = if index > 0 { " || " } else { "" };
                write!(f, "{joint}({} == {})", column.value, literal_text(&literal.value))?;
            }
        }
        Node::Not(inner) => {
            f.write_str("!")?;
            write_node(inner, f)?;
        }
        Node::And(parts) => write_parts(parts, " && ", f)?,
        Node::Or(parts) => write_parts(parts, " || ", f)?,
    }
    f.write_str(")")
}

fn write_parts(parts: &[Node], joint: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(joint)?;
        }
        write_node(part, f)?;
    }
    Ok(())
}
