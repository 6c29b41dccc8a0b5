//! The URL of a request: decoded path segments with their keys or arguments, and the query options.

use crate::error::{ApiError, Result};

/// Longest URL of a request, in bytes.
pub const LONGEST_URL: usize = 32_768;
/// Longest URL of a part of a batch, in bytes.
pub const LONGEST_BATCH_URL: usize = 65_536;
/// Most segments a path may have.
const MOST_SEGMENTS: usize = 32;

/// One segment of the path: `accounts(accountnumber='A')`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    /// The name.
    pub name: String,
    /// What stands in parentheses; none when there are no parentheses.
    pub arguments: Option<Vec<Argument>>,
}

/// One argument: a bare value, or `name=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// The name, when one is given.
    pub name: Option<String>,
    /// The value as written, quotes included.
    pub value: String,
}

/// A decoded URL below `/api/data/v9.x/`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// The version as asked for, such as `v9.2`.
    pub version: String,
    /// The segments.
    pub segments: Vec<Segment>,
    /// Query options in their order, decoded.
    pub options: Vec<(String, String)>,
}

impl Address {
    /// Reads a path with query. Absolute URLs are read from their path on.
    pub fn parse(target: &str, longest: usize) -> Result<Self> {
        if target.len() > longest {
            return Err(ApiError::bad_url("The request URI is too long"));
        }
        let target = without_host(target);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path = decode(path, false)?;
        let mut parts = split(&path, '/')?.into_iter().filter(|part| !part.is_empty());
        let is_root =
            |part: Option<&str>, word: &str| part.is_some_and(|part| part.eq_ignore_ascii_case(word));
        if !is_root(parts.next(), "api") || !is_root(parts.next(), "data") {
            return Err(ApiError::named("SegmentNotFound", &[("segment", &path)]));
        }
        let version = parts.next().unwrap_or_default().to_owned();
        if !matches!(version.as_str(), "v8.0" | "v8.1" | "v8.2" | "v9.0" | "v9.1" | "v9.2") {
            return Err(ApiError::named("SegmentNotFound", &[("segment", &version)]));
        }
        let mut segments = Vec::new();
        for part in parts {
            if segments.len() >= MOST_SEGMENTS {
                return Err(ApiError::bad_url("The path has too many segments"));
            }
            segments.push(Segment::parse(part)?);
        }
        Ok(Self { version, segments, options: options(query)? })
    }

    /// The value of a query option.
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

impl Segment {
    /// Reads one decoded segment.
    pub fn parse(text: &str) -> Result<Self> {
        let Some(open) = text.find('(') else {
            return Ok(Self { name: text.to_owned(), arguments: None });
        };
        let inner = text[open + 1..]
            .strip_suffix(')')
            .ok_or_else(|| ApiError::bad_url(&format!("The segment '{text}' has no closing parenthesis")))?;
        let mut arguments = Vec::new();
        for part in split(inner, ',')? {
            let part = part.trim();
            if part.is_empty() {
                continue;
            }
            // The first equals sign outside quotes parts name and value.
            let named = part.find('=').filter(|at| {
                part[..*at].chars().all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '.'))
            });
            arguments.push(match named {
                Some(at) => Argument {
                    name: Some(part[..at].trim().to_owned()),
                    value: part[at + 1..].trim().to_owned(),
                },
                None => Argument { name: None, value: part.to_owned() },
            });
        }
        Ok(Self { name: text[..open].to_owned(), arguments: Some(arguments) })
    }
}

impl Argument {
    /// The value without its quotes.
    pub fn text(&self) -> String {
        unquoted(&self.value)
    }
}

/// A literal without its single or double quotes, doubled ones made single.
pub fn unquoted(literal: &str) -> String {
    let inner = |quote: char| literal.strip_prefix(quote)?.strip_suffix(quote).map(|text| (text, quote));
    match inner('\'').or_else(|| inner('"')) {
        Some((text, quote)) => text.replace(&format!("{quote}{quote}"), &quote.to_string()),
        None => literal.to_owned(),
    }
}

fn without_host(target: &str) -> &str {
    for scheme in ["https://", "http://"] {
        if let Some(rest) = target.strip_prefix(scheme) {
            return rest.find('/').map_or("/", |at| &rest[at..]);
        }
    }
    target
}

/// Splits outside quotes and brackets.
pub(crate) fn split(text: &str, at: char) -> Result<Vec<&str>> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    let mut quote = None;
    for (place, sign) in text.char_indices() {
        match (quote, sign) {
            (Some(open), _) if sign == open => quote = None,
            (None, '\'' | '"') => quote = Some(sign),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, _) if sign == at && depth == 0 => {
                parts.push(&text[start..place]);
                start = place + sign.len_utf8();
            }
            _ => {}
        }
    }
    if quote.is_some() {
        let position = text.len().to_string();
        return Err(ApiError::named("UnterminatedLiteral", &[("position", &position), ("text", text)]));
    }
    parts.push(&text[start..]);
    Ok(parts)
}

fn options(query: &str) -> Result<Vec<(String, String)>> {
    let mut options = Vec::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        options.push((decode(name, true)?, decode(value, true)?));
    }
    Ok(options)
}

/// Percent decoding; in a query a plus sign is a space.
pub fn decode(text: &str, query: bool) -> Result<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
                match (digit(rest.next()), digit(rest.next())) {
                    (Some(high), Some(low)) => bytes.push(u8::try_from(high * 16 + low).unwrap_or(0)),
                    _ => return Err(ApiError::bad_url("The URL holds a percent sign without two digits")),
                }
            }
            b'+' if query => bytes.push(b' '),
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).map_err(|_| ApiError::bad_url("The URL does not decode to UTF-8"))
}

/// Percent encoding of everything a query value cannot carry.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => {
                out.push('%');
                for digit in [byte >> 4, byte & 15] {
                    out.push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(target: &str) -> Address {
        Address::parse(target, LONGEST_URL).unwrap()
    }

    #[test]
    fn both_ways_of_writing_a_query_are_one() {
        let encoded = parse("/api/data/v9.2/accounts?%24filter=name+eq+%27a%20b%27&%24top=1");
        let literal = parse("/api/data/v9.2/accounts?$filter=name eq 'a b'&$top=1");
        assert_eq!(encoded, literal);
        assert_eq!(encoded.option("$filter"), Some("name eq 'a b'"));
    }

    #[test]
    fn keys_may_hold_slashes_commas_and_doubled_quotes() {
        let address = parse("/api/data/v9.1/accounts(accountnumber='O''Neil, a/b',_x_value=7)/name/$value");
        assert_eq!(address.segments.len(), 3);
        let arguments = address.segments[0].arguments.as_ref().unwrap();
        assert_eq!(arguments[0].name.as_deref(), Some("accountnumber"));
        assert_eq!(arguments[0].text(), "O'Neil, a/b");
        assert_eq!(arguments[1].value, "7");
    }

    #[test]
    fn what_is_no_url_of_the_service_is_refused() {
        for target in ["/api/data/v9.2/a%zz", "/api/data/v7/accounts", "/x", "/api/data/v9.2/a(b='c"] {
            assert!(Address::parse(target, LONGEST_URL).is_err(), "{target}");
        }
        assert!(Address::parse(&"/a".repeat(40_000), LONGEST_URL).is_err());
    }

    #[test]
    fn encoding_comes_back() {
        let text = "<cookie a=\"1\"/> é'";
        assert_eq!(decode(&encode(text), true).unwrap(), text);
    }
}
