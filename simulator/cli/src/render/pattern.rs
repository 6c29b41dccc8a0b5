//! The cause behind many messages: what they share, and what differs from row to row.

use dwsim_catalog::{Facts, facts::Message};
use dwsim_scenario::ErrorReport;
use std::collections::BTreeMap;

/// Failures that differ in nothing but the rows they are about.
#[derive(Debug)]
pub(crate) struct Cause<'a> {
    /// Id of the message.
    pub(crate) code: &'a str,
    /// The column, when one caused it.
    pub(crate) column: Option<&'a str>,
    /// The message, with what differs as `{name}`, or as `...` where it has no name.
    pub(crate) message: String,
    /// The failures, in the order of the report.
    pub(crate) errors: Vec<&'a ErrorReport>,
    /// Names of what differs.
    varying: Vec<&'a str>,
}

/// Groups failures by cause, most frequent first, ties by code and column.
pub(crate) fn causes<'a>(errors: &'a [ErrorReport], facts: &'a Facts) -> Vec<Cause<'a>> {
    let mut groups: BTreeMap<(&str, Option<&str>, String), Vec<&ErrorReport>> = BTreeMap::new();
    for error in errors {
        let template = template_of(error, facts);
        // A message of the catalogue is told apart by code and column. Any other text has to speak for itself.
        let shape =
            if arguments(&template, &error.message).is_some() { String::new() } else { masked(error) };
        groups.entry((&error.code, error.column.as_deref(), shape)).or_default().push(error);
    }
    let cause =
        |((code, column, shape), errors): ((&'a str, Option<&'a str>, String), Vec<&'a ErrorReport>)| {
            let (message, varying) =
                if shape.is_empty() { shared(&errors, facts) } else { (shape, Vec::new()) };
            Cause { code, column, message, errors, varying }
        };
    let mut causes: Vec<Cause<'a>> = groups.into_iter().map(cause).collect();
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.errors.len()));
    causes
}

impl Cause<'_> {
    /// What is special about one failure, as `name value`.
    pub(crate) fn particulars(&self, error: &ErrorReport, facts: &Facts) -> Vec<(String, String)> {
        let template = template_of(error, facts);
        let arguments = arguments(&template, &error.message).unwrap_or_default();
        let mut found: Vec<(String, String)> = Vec::new();
        for (name, value) in arguments {
            let known = value == error.key || found.iter().any(|(own, _)| own == name);
            if !known && self.varying.contains(&name) {
                found.push((name.to_owned(), value.to_owned()));
            }
        }
        found
    }
}

fn template_of(error: &ErrorReport, facts: &Facts) -> String {
    // Which profile's wording it is shows when it fits; variants share their placeholders.
    facts.message(&error.code).map_or_else(String::new, |message| message.text.to_string())
}

/// The template with everything filled in that all messages agree on, and the names of the rest.
fn shared<'a>(errors: &[&'a ErrorReport], facts: &'a Facts) -> (String, Vec<&'a str>) {
    let Some(first) = errors.first() else { return (String::new(), Vec::new()) };
    let template = template_of(first, facts);
    let common: Vec<(&str, &str)> = arguments(&template, &first.message).unwrap_or_default();
    let mut agreed: Vec<bool> = vec![true; common.len()];
    for error in errors {
        let own = arguments(&template, &error.message).unwrap_or_default();
        for (at, agreed) in agreed.iter_mut().enumerate() {
            *agreed =
                *agreed && own.get(at).map(|(_, value)| value) == common.get(at).map(|(_, value)| value);
        }
    }
    let mut text = String::new();
    let mut values = common.iter().zip(&agreed);
    for part in parts(&template) {
        match part {
            Part::Literal(literal) => text.push_str(&literal),
            Part::Placeholder(name) => {
                if let Some(((_, value), true)) = values.next() {
                    text.push_str(value);
                } else {
                    text.push('{');
                    text.push_str(name);
                    text.push('}');
                }
            }
        }
    }
    let varies = |name: &str| common.iter().zip(&agreed).any(|((own, _), agreed)| *own == name && !agreed);
    let names = facts.message(&first.code).into_iter().flat_map(Message::placeholders);
    (text, names.filter(|name| varies(name)).collect())
}

enum Part<'t> {
    Literal(String),
    Placeholder(&'t str),
}

/// A template as written: placeholders in single braces, literal braces doubled.
fn parts(template: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        literal.push_str(&rest[..at]);
        let tail = &rest[at..];
        let doubled = tail.starts_with("{{") || tail.starts_with("}}");
        if let (false, Some((name, after))) = (doubled, tail[1..].split_once('}')) {
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            parts.push(Part::Placeholder(name));
            rest = after;
        } else {
            literal.push_str(&tail[..1]);
            rest = tail.get(2..).unwrap_or_default();
        }
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        parts.push(Part::Literal(literal));
    }
    parts
}

/// What stands in a message in place of each placeholder; none when the message is not of this template.
fn arguments<'t, 'm>(template: &'t str, message: &'m str) -> Option<Vec<(&'t str, &'m str)>> {
    if template.is_empty() {
        return None;
    }
    let mut found = Vec::new();
    let mut open: Option<&'t str> = None;
    let mut rest = message;
    for part in parts(template) {
        match part {
            Part::Placeholder(name) => {
                // Two placeholders without a text between them: the first one is taken to be blank.
                if let Some(earlier) = open.replace(name) {
                    found.push((earlier, ""));
                }
            }
            Part::Literal(literal) => {
                let at = rest.find(&literal)?;
                match open.take() {
                    Some(name) => found.push((name, &rest[..at])),
                    None if at > 0 => return None,
                    None => {}
                }
                rest = &rest[at + literal.len()..];
            }
        }
    }
    match open {
        Some(name) => found.push((name, rest)),
        None if !rest.is_empty() => return None,
        None => {}
    }
    Some(found)
}

/// A message with what is likely to differ from row to row as `...`: its key, quoted texts, words with digits.
fn masked(error: &ErrorReport) -> String {
    let text = if error.key.chars().count() > 1 {
        error.message.replace(&error.key, "...")
    } else {
        error.message.clone()
    };
    let mut masked = String::new();
    // Only an odd number of quotes is an apostrophe too many; then nothing is taken for quoted.
    let paired = text.matches('\'').count() % 2 == 0;
    for (at, part) in text.split('\'').enumerate() {
        if at > 0 {
            masked.push('\'');
        }
        if paired && at % 2 == 1 {
            masked.push_str("...");
            continue;
        }
        let word = |word: &str| {
            if word.contains(|c: char| c.is_ascii_digit()) { "...".to_owned() } else { word.to_owned() }
        };
        masked.push_str(&part.split(' ').map(word).collect::<Vec<_>>().join(" "));
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_gives_back_what_was_filled_in() {
        let template = "The field: {field}. Not found: {value}. Try {{{value}}}'";
        let found = arguments(template, "The field: a.b. Not found: C-1. Try {C-1}'").unwrap();
        assert_eq!(found, [("field", "a.b"), ("value", "C-1"), ("value", "C-1")]);
        assert_eq!(arguments(template, "something else"), None);
        assert_eq!(arguments("exactly this", "exactly this and more"), None);
        assert_eq!(arguments("", "x"), None);
    }

    #[test]
    fn keys_quotes_and_numbers_are_masked() {
        let error = ErrorReport { key: "AB".into(), ..super::super::sample::error("X", "") };
        let error = ErrorReport { message: "row AB has 'red' and 12 more".into(), ..error };
        assert_eq!(masked(&error), "row ... has '...' and ... more");
        let error = ErrorReport { message: "it isn't there".into(), ..error };
        assert_eq!(masked(&error), "it isn't there");
    }
}
