//! What the two grammars share: the input with its nesting depth, spaces, words, quoted texts and bare values.

use crate::error::{DEEPEST_NESTING, Fault, FilterError, FilterErrorKind, LONGEST_INPUT};
use crate::syntax::{Literal, Node, Placed};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use uuid::Uuid;
use winnow::{
    Parser,
    combinator::{not, opt, preceded, terminated},
    error::ParserError,
    stream::{LocatingSlice, Location, Stateful, Stream},
    token::{one_of, take_while},
};

/// The filter, the place reached in it, and how deep it is nested there.
pub(crate) type Input<'i> = Stateful<LocatingSlice<&'i str>, usize>;
pub(crate) type Parsed<T> = Result<T, Fault>;

/// Tokens fail without a word; the grammar functions say what they expected.
impl<I: Stream + Location> ParserError<I> for Fault {
    type Inner = Self;

    fn from_input(input: &I) -> Self {
        Self { kind: FilterErrorKind::Empty, offset: input.current_token_start() }
    }

    fn into_inner(self) -> Result<Self, Self> {
        Ok(self)
    }
}

/// Parses a whole filter with a grammar, after the checks that need no grammar.
pub(crate) fn whole(
    text: &str,
    condition: fn(&mut Input<'_>) -> Parsed<Node>,
    expected: &'static str,
    fix: fn(&str) -> &'static str,
) -> Result<Node, FilterError> {
    let fail = |kind, offset| Err(Fault { kind, offset }.in_input(text));
    if text.len() > LONGEST_INPUT {
        return fail(FilterErrorKind::TooLong { bytes: text.len() }, 0);
    }
    if let Some(offset) = text.find('\0') {
        return fail(FilterErrorKind::NullCharacter, offset);
    }
    if text.trim().is_empty() {
        return fail(FilterErrorKind::Empty, 0);
    }
    let mut input = Input { input: LocatingSlice::new(text), state: 0 };
    let end = |input: &mut Input<'_>| {
        spaces(input)?;
        match next(input) {
            None => Ok(()),
            Some(')') => Err(unexpected(input, expected, "remove it, or open it with ( further left")),
            Some(_) => {
                let found = found(input);
                Err(unexpected(input, expected, fix(&found)))
            }
        }
    };
    condition(&mut input)
        .and_then(|node| end(&mut input).map(|()| node))
        .map_err(|fault| fault.in_input(text))
}

/// Runs a grammar function one level deeper, so that no input can exhaust the stack.
pub(crate) fn nested<T>(input: &mut Input<'_>, inner: impl FnOnce(&mut Input<'_>) -> Parsed<T>) -> Parsed<T> {
    if input.state >= DEEPEST_NESTING {
        return Err(fault(input, FilterErrorKind::TooDeep));
    }
    input.state += 1;
    let result = inner(input);
    input.state -= 1;
    result
}

/// A condition in parentheses; the input stands at the opening one.
pub(crate) fn parenthesised(
    input: &mut Input<'_>,
    condition: fn(&mut Input<'_>) -> Parsed<Node>,
    expected: &'static str,
    fix: fn(&str) -> &'static str,
) -> Parsed<Node> {
    nested(input, |input| {
        let opened = place(input);
        take(input, '(')?;
        let node = condition(input)?;
        close(input, opened, expected, fix)?;
        Ok(node)
    })
}

/// The closing parenthesis that belongs to the one at `opened`.
pub(crate) fn close(
    input: &mut Input<'_>,
    opened: usize,
    expected: &'static str,
    fix: fn(&str) -> &'static str,
) -> Parsed<()> {
    spaces(input)?;
    match next(input) {
        Some(')') => take(input, ')'),
        None => Err(Fault { kind: FilterErrorKind::UnclosedParenthesis, offset: opened }),
        Some(_) => {
            let found = found(input);
            Err(unexpected(input, expected, fix(&found)))
        }
    }
}

/// One or more operands with the same word or sign between them.
pub(crate) fn chain(
    input: &mut Input<'_>,
    operand: fn(&mut Input<'_>) -> Parsed<Node>,
    joint: fn(&mut Input<'_>) -> Parsed<bool>,
    join: fn(Vec<Node>) -> Node,
) -> Parsed<Node> {
    let first = operand(input)?;
    if !joint(input)? {
        return Ok(first);
    }
    let mut operands = vec![first, operand(input)?];
    while joint(input)? {
        operands.push(operand(input)?);
    }
    Ok(join(operands))
}

pub(crate) fn place(input: &Input<'_>) -> usize {
    input.current_token_start()
}

pub(crate) fn next(input: &Input<'_>) -> Option<char> {
    input.input.as_ref().chars().next()
}

pub(crate) fn fault(input: &Input<'_>, kind: FilterErrorKind) -> Fault {
    Fault { kind, offset: place(input) }
}

/// "Expected this, found that", at the present place.
pub(crate) fn unexpected(input: &Input<'_>, expected: &'static str, fix: &str) -> Fault {
    fault(input, FilterErrorKind::Expected { expected, found: found(input).into(), fix: fix.into() })
}

/// What stands here, as an error shows it: a word, a sign, or the end.
pub(crate) fn found(input: &Input<'_>) -> String {
    let rest: &str = input.input.as_ref();
    let Some(first) = rest.chars().next() else { return "the end of the filter".to_owned() };
    if in_bare_value(first) {
        rest.chars().take_while(|c| in_bare_value(*c)).take(40).collect()
    } else if in_sign(first) {
        rest.chars().take_while(|c| in_sign(*c)).take(3).collect()
    } else {
        first.to_string()
    }
}

fn in_sign(c: char) -> bool {
    matches!(c, '=' | '<' | '>' | '!' | '&' | '|')
}

pub(crate) fn spaces(input: &mut Input<'_>) -> Parsed<()> {
    take_while(0.., char::is_whitespace).void().parse_next(input)
}

pub(crate) fn take(input: &mut Input<'_>, sign: char) -> Parsed<()> {
    sign.void().parse_next(input)
}

/// Takes the character, when it comes next.
pub(crate) fn next_is(input: &mut Input<'_>, sign: char) -> Parsed<bool> {
    opt(sign).map(|taken| taken.is_some()).parse_next(input)
}

/// Skips spaces and the sign, when it comes next.
pub(crate) fn sign(input: &mut Input<'_>, sign: &'static str) -> Parsed<bool> {
    opt(preceded(spaces, sign)).map(|taken| taken.is_some()).parse_next(input)
}

/// Skips spaces and the word, when it comes next and does not go on.
pub(crate) fn keyword(input: &mut Input<'_>, word: &'static str) -> Parsed<bool> {
    let whole = terminated(word, not(one_of(in_word)));
    opt(preceded(spaces, whole)).map(|taken| taken.is_some()).parse_next(input)
}

/// A name, or a path of names joined by `/` or `.`.
pub(crate) fn path(input: &mut Input<'_>) -> Parsed<Option<Placed<Box<str>>>> {
    let offset = place(input);
    let first = one_of(|c: char| c.is_ascii_alphabetic() || c == '_');
    let rest = take_while(0.., |c: char| in_word(c) || matches!(c, '/' | '.'));
    let name = opt((first, rest).take()).parse_next(input)?;
    Ok(name.map(|name: &str| Placed::new(name.into(), offset)))
}

pub(crate) fn in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

pub(crate) fn in_bare_value(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '.' | ':' | '\\' | '/')
}

/// Everything up to the next character that cannot be in an unquoted value; perhaps nothing.
pub(crate) fn bare_run<'i>(input: &mut Input<'i>) -> Parsed<&'i str> {
    take_while(0.., in_bare_value).parse_next(input)
}

/// A number, date or date with time, as both languages write them.
pub(crate) fn plain_value(run: &str) -> Option<Literal> {
    number(run).map(Literal::Number).or_else(|| date_or_instant(run))
}

fn number(run: &str) -> Option<Decimal> {
    let digits = run.strip_prefix('-').unwrap_or(run);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if all_digits(whole) && all_digits(fraction) { Decimal::from_str_exact(run).ok() } else { None }
}

/// `2021-06-23`, or with `T` and a time; a time without a zone is UTC.
pub(crate) fn date_or_instant(text: &str) -> Option<Literal> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    if ![0, 1, 2, 3, 5, 6, 8, 9].into_iter().all(digit) || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    match bytes.get(10) {
        None => text.parse::<Date>().ok().map(Literal::Date),
        Some(b'T') => {
            text.parse::<Timestamp>().or_else(|_| format!("{text}Z").parse()).ok().map(Literal::Instant)
        }
        Some(_) => None,
    }
}

/// A row id in its usual form: 36 characters, hyphens included.
pub(crate) fn guid(text: &str) -> Option<Uuid> {
    (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten()
}
