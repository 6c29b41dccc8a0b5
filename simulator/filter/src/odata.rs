//! OData `$filter`, as a map's reversed source filter (Dataverse to F&O) and a Web API query write it.

use crate::bind::{Dialect, decimal, instant, midnight, mismatch, whole_number};
use crate::error::{Fault, FilterError, FilterErrorKind, LONGEST_LIST};
use crate::predicate::{Op, Predicate};
use crate::scan::{self, Input, Parsed, keyword, next, path, place, spaces, unexpected};
use crate::syntax::{Literal, Node, Placed, Search};
use dwsim_model::{Column, ColumnKind, TableType, Value};
use std::fmt;
use winnow::{Parser, token::take_while};

const VALUES: &str = "write text in single quotes, and numbers, true, false, null, ids and dates such as 2021-06-23 without quotes";
const SEARCH_SHAPE: &str = "write it as in contains(name, 'A')";
const LIST_SHAPE: &str = "write the list as in ('A', 'B')";
const OPERATORS: [(&str, Op); 6] =
    [("eq", Op::Eq), ("ne", Op::Ne), ("gt", Op::Gt), ("ge", Op::Ge), ("lt", Op::Lt), ("le", Op::Le)];
const FUNCTIONS: [(&str, Search); 3] =
    [("startswith", Search::StartsWith), ("endswith", Search::EndsWith), ("contains", Search::Contains)];

/// A parsed OData filter, not yet tied to a table. Two are equal when they say the same in the same order.
#[derive(Clone, Debug)]
pub struct Expression {
    root: Node,
    input: Box<str>,
}

/// How a filter is tied to a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether `column ne value` also returns rows where the column is null, as a Web API query does. Off by default,
    /// which is how a map's filter reads: a comparison with null is not true.
    pub not_equal_includes_null: bool,
}

/// Parses a filter. Column names are not looked up yet.
///
/// ```
/// let filter = dwsim_filter::odata::parse("statecode eq 0  and (name ne null)")?;
/// assert_eq!(filter.to_string(), "statecode eq 0 and name ne null");
/// # Ok::<(), dwsim_filter::FilterError>(())
/// ```
pub fn parse(text: &str) -> Result<Expression, FilterError> {
    let root = scan::whole(text, condition, "and, or, or the end of the filter", joint_fix)?;
    Ok(Expression { root, input: text.into() })
}

/// Parses a filter and ties it to a table; a blank filter lets every row through.
pub fn compile(text: &str, table: &TableType) -> Result<Predicate, FilterError> {
    if text.trim().is_empty() { Ok(Predicate::All) } else { parse(text)?.bind(table) }
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

    /// Ties it to a table with the default [`Options`], the reading of a map's filter.
    pub fn bind(&self, table: &TableType) -> Result<Predicate, FilterError> {
        self.bind_with(table, Options::default())
    }

    /// Ties it to a table: column names become ordinals and literals values of the column's kind.
    pub fn bind_with(&self, table: &TableType, options: Options) -> Result<Predicate, FilterError> {
        let dialect = Dialect {
            value,
            written: literal_text,
            odata_names: true,
            not_equal_includes_null: options.not_equal_includes_null,
        };
        dialect.bind(&self.root, table).map_err(|fault| fault.in_input(&self.input))
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.root == other.root
    }
}

impl Eq for Expression {}

fn condition(input: &mut Input<'_>) -> Parsed<Node> {
    scan::chain(input, conjunction, |input| keyword(input, "or"), Node::Or)
}

fn conjunction(input: &mut Input<'_>) -> Parsed<Node> {
    scan::chain(input, operand, |input| keyword(input, "and"), Node::And)
}

fn operand(input: &mut Input<'_>) -> Parsed<Node> {
    spaces(input)?;
    if next(input) == Some('(') {
        return scan::parenthesised(input, condition, "and, or, or )", joint_fix);
    }
    let start = place(input);
    if keyword(input, "not")? {
        return scan::nested(input, |input| negated(input, start)).map(|inner| Node::Not(Box::new(inner)));
    }
    let Some(name) = path(input)? else {
        return Err(unexpected(
            input,
            "a column, a function, not, or (",
            "write a comparison such as name eq 'A'",
        ));
    };
    spaces(input)?;
    if next(input) == Some('(') { function(input, &name) } else { comparison(input, name) }
}

fn negated(input: &mut Input<'_>, start: usize) -> Parsed<Node> {
    spaces(input)?;
    let bare = next(input) != Some('(');
    let node = operand(input)?;
    if bare && matches!(node, Node::Compare { .. } | Node::In { .. }) {
        return Err(Fault { kind: FilterErrorKind::BareNegation { symbol: "not" }, offset: start });
    }
    Ok(node)
}

fn function(input: &mut Input<'_>, name: &Placed<Box<str>>) -> Parsed<Node> {
    let known = FUNCTIONS.into_iter().find(|(own, _)| *own == &*name.value);
    let Some((_, search)) = known else {
        let kind = FilterErrorKind::UnknownFunction { name: name.value.clone() };
        return Err(Fault { kind, offset: name.offset });
    };
    let opened = place(input);
    scan::take(input, '(')?;
    spaces(input)?;
    let Some(column) = path(input)? else { return Err(unexpected(input, "a column", SEARCH_SHAPE)) };
    spaces(input)?;
    if !scan::next_is(input, ',')? {
        return Err(unexpected(input, "a comma", SEARCH_SHAPE));
    }
    spaces(input)?;
    let offset = place(input);
    if next(input) != Some('\'') {
        return Err(unexpected(input, "a text in single quotes", SEARCH_SHAPE));
    }
    let text = Placed::new(quoted(input)?, offset);
    scan::close(input, opened, ")", |_| SEARCH_SHAPE)?;
    Ok(Node::Search { column, search, text })
}

fn comparison(input: &mut Input<'_>, column: Placed<Box<str>>) -> Parsed<Node> {
    for (word, op) in OPERATORS {
        if keyword(input, word)? {
            let literal = literal(input)?;
            return Ok(Node::Compare { column, op, literal });
        }
    }
    if keyword(input, "in")? {
        let literals = list(input)?;
        return Ok(Node::In { column, literals });
    }
    let fix = match scan::found(input).to_ascii_lowercase().as_str() {
        "=" | "==" | "equals" | "is" | "eq" => "write eq",
        "!=" | "<>" | "ne" => "write ne",
        ">" | "gt" => "write gt",
        ">=" | "ge" => "write ge",
        "<" | "lt" => "write lt",
        "<=" | "le" => "write le",
        "like" => "use startswith, endswith or contains",
        _ => "write eq, ne, gt, ge, lt, le or in after the column",
    };
    Err(unexpected(input, "a comparison operator", fix))
}

fn list(input: &mut Input<'_>) -> Parsed<Vec<Placed<Literal>>> {
    spaces(input)?;
    let opened = place(input);
    if next(input) != Some('(') {
        return Err(unexpected(input, "(", LIST_SHAPE));
    }
    scan::take(input, '(')?;
    let mut literals = vec![literal(input)?];
    while scan::sign(input, ",")? {
        if literals.len() == LONGEST_LIST {
            return Err(Fault { kind: FilterErrorKind::ListTooLong, offset: opened });
        }
        literals.push(literal(input)?);
    }
    scan::close(input, opened, "a comma or )", |_| LIST_SHAPE)?;
    Ok(literals)
}

fn literal(input: &mut Input<'_>) -> Parsed<Placed<Literal>> {
    spaces(input)?;
    let offset = place(input);
    if next(input) == Some('\'') {
        return Ok(Placed::new(Literal::Text(quoted(input)?), offset));
    }
    let fault = |kind| Fault { kind, offset };
    if next(input).is_none_or(|c| !scan::in_bare_value(c)) {
        return Err(unexpected(input, "a value", VALUES));
    }
    let run = scan::bare_run(input)?;
    let value = match run {
        "null" => Some(Literal::Null),
        "true" => Some(Literal::Bool(true)),
        "false" => Some(Literal::Bool(false)),
        _ => scan::guid(run).map(Literal::Guid).or_else(|| scan::plain_value(run)),
    };
    match value {
        Some(value) => Ok(Placed::new(value, offset)),
        None if run.starts_with(|c: char| c.is_alphabetic() || c == '_') => {
            Err(fault(FilterErrorKind::ColumnAsValue { name: run.into(), fix: VALUES }))
        }
        None => Err(fault(FilterErrorKind::BadLiteral { text: run.into(), fix: VALUES })),
    }
}

/// Text in single quotes, in which a doubled quote stands for one.
fn quoted(input: &mut Input<'_>) -> Parsed<Box<str>> {
    let offset = place(input);
    scan::take(input, '\'')?;
    let mut text = String::new();
    loop {
        text.push_str(take_while(0.., |c| c != '\'').parse_next(input)?);
        if !scan::next_is(input, '\'')? {
            return Err(Fault { kind: FilterErrorKind::UnterminatedText { quote: '\'' }, offset });
        }
        if !scan::next_is(input, '\'')? {
            return Ok(text.into());
        }
        text.push('\'');
    }
}

fn joint_fix(found: &str) -> &'static str {
    match found {
        "&" | "&&" | "AND" | "And" => "write and",
        "|" | "||" | "OR" | "Or" => "write or",
        _ => "join comparisons with and or or, and put text in single quotes",
    }
}

/// The value a literal stands for in a column of Dataverse.
fn value(column: &Column, literal: &Literal) -> Result<Value, FilterErrorKind> {
    let wrong = |fix: &str| Err(mismatch(column, fix));
    match (&column.kind, literal) {
        (ColumnKind::Text { .. } | ColumnKind::EntityName, Literal::Text(text)) => {
            Ok(Value::Text(text.clone()))
        }
        (ColumnKind::Text { .. }, _) => wrong("put the value in single quotes"),
        (ColumnKind::EntityName, _) => {
            wrong("write the table's logical name in single quotes, such as 'account'")
        }
        (ColumnKind::Bool, Literal::Bool(flag)) => Ok(Value::Bool(*flag)),
        (ColumnKind::Bool, _) => wrong("write true or false, without quotes"),
        (ColumnKind::Int { .. } | ColumnKind::BigInt, literal) => whole_number(literal)
            .map_or_else(|| wrong("write a whole number, without quotes"), |number| Ok(Value::Int(number))),
        (ColumnKind::Decimal { .. } | ColumnKind::Money { .. }, Literal::Number(number)) => {
            decimal(column, *number)
        }
        (ColumnKind::Decimal { .. } | ColumnKind::Money { .. }, _) => wrong("write a number, without quotes"),
        (ColumnKind::Guid | ColumnKind::Lookup { .. }, literal) => {
            let id = match literal {
                Literal::Guid(id) => Some(*id),
                Literal::Text(text) => scan::guid(text),
                _ => None,
            };
            id.map_or_else(
                || wrong("write a row id such as 00000000-0000-0000-0000-000000000001"),
                |id| Ok(Value::Guid(id)),
            )
        }
        (ColumnKind::Date, literal) => match moment(literal) {
            Some(Literal::Date(date)) => Ok(Value::Date(date)),
            _ => wrong("write a date without time, such as 2021-06-23"),
        },
        (ColumnKind::Instant, literal) => match moment(literal) {
            Some(Literal::Date(date)) => midnight(column, date),
            Some(Literal::Instant(at)) => instant(column, at),
            _ => wrong("write a date with or without time, such as 2021-06-23T10:00:00Z"),
        },
        (ColumnKind::Choice(choices), literal) => {
            let (number, meant) = match literal {
                Literal::Text(text) => (text.parse::<i32>().ok(), choices.number(text)),
                _ => (whole_number(literal).and_then(|number| i32::try_from(number).ok()), None),
            };
            match (number, meant) {
                (Some(number), _) => Ok(Value::Choice(number)),
                (None, Some(meant)) => wrong(&format!("write the number of the option, {meant}")),
                (None, None) => wrong("write the number of an option"),
            }
        }
    }
}

/// The date or date with time a literal stands for, quoted or not.
fn moment(literal: &Literal) -> Option<Literal> {
    match literal {
        Literal::Date(_) | Literal::Instant(_) => Some(literal.clone()),
        Literal::Text(text) => scan::date_or_instant(text),
        _ => None,
    }
}

fn literal_text(literal: &Literal) -> String {
    match literal {
        Literal::Null => "null".to_owned(),
        Literal::Bool(flag) => flag.to_string(),
        Literal::Number(number) => number.to_string(),
        Literal::Text(text) => in_quotes(text),
        Literal::Guid(id) => id.to_string(),
        Literal::Date(date) => date.to_string(),
        Literal::Instant(at) => at.to_string(),
        Literal::Member { enumeration, member } => in_quotes(&format!("{enumeration}::{member}")),
    }
}

fn in_quotes(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The filter in a normal form: single spaces, only the parentheses it needs.
impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_node(&self.root, f)
    }
}

fn write_node(node: &Node, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match node {
        Node::Compare { column, op, literal } => {
            let word = OPERATORS.iter().find(|(_, own)| own == op).map_or("eq", |(word, _)| word);
            write!(f, "{} {word} {}", column.value, literal_text(&literal.value))
        }
        Node::Search { column, search, text } => {
            let name = FUNCTIONS.iter().find(|(_, own)| own == search).map_or("contains", |(name, _)| name);
            write!(f, "{name}({}, {})", column.value, in_quotes(&text.value))
        }
        Node::In { column, literals } => {
            let list: Vec<String> = literals.iter().map(|literal| literal_text(&literal.value)).collect();
            write!(f, "{} in ({})", column.value, list.join(", "))
        }
        Node::Not(inner) => {
            f.write_str("not ")?;
            write_part(inner, matches!(**inner, Node::Search { .. } | Node::Not(_)), f)
        }
        Node::And(parts) => {
            write_parts(parts, " and ", |part| !matches!(part, Node::And(_) | Node::Or(_)), f)
        }
        Node::Or(parts) => write_parts(parts, " or ", |part| !matches!(part, Node::Or(_)), f),
    }
}

fn write_parts(
    parts: &[Node],
    joint: &str,
    bare: fn(&Node) -> bool,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(joint)?;
        }
        write_part(part, bare(part), f)?;
    }
    Ok(())
}

fn write_part(part: &Node, bare: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if bare {
        return write_node(part, f);
    }
    f.write_str("(")?;
    write_node(part, f)?;
    f.write_str(")")
}
