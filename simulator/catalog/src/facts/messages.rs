//! Messages people and tools match on: documented ones word for word, and our own.

use super::{error::MessageError, profiles::ProfileId};
use dwsim_model::Name;
use serde::Deserialize;
use std::fmt;

/// How much a message weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Nothing to do.
    Info,
    /// Work goes on, somebody should look.
    Warning,
    /// Work stopped.
    Error,
}

/// Whose words the text of a message is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wording {
    /// Word for word from the documentation, variable parts as placeholders.
    #[default]
    Documented,
    /// From the documentation, which leaves parts out; the gaps are shown.
    Abridged,
    /// The documentation describes the case without giving a text: the words are the simulator's.
    Ours,
}

/// One message template.
///
/// In the template `{name}` is a placeholder, `{{` and `}}` are literal braces.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Stable id, such as `I3`, `DIPV1002`, `LIVE-E4` or `SIM-ROW-LIMIT`.
    pub id: Name,
    /// The template.
    pub text: Template,
    /// Code that accompanies the text on the wire or on the page, where it differs from the id.
    #[serde(default)]
    pub code: Option<Box<str>>,
    /// When it appears.
    pub cause: Box<str>,
    /// What to do about it.
    pub fix: Box<str>,
    /// How much it weighs.
    pub severity: Severity,
    /// Whose words the text is.
    #[serde(default)]
    pub wording: Wording,
    /// The only profile that shows it; absent for messages of every profile.
    #[serde(default)]
    pub profile: Option<ProfileId>,
    /// The message this one replaces in its profile, or is another spelling of.
    #[serde(default)]
    pub variant_of: Option<Name>,
    /// Why no scenario of the simulator can bring it about; absent where one can.
    #[serde(default)]
    pub not_shown: Option<Box<str>>,
    /// Messages that belong to it.
    #[serde(default)]
    pub refers_to: Vec<Name>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}

impl Message {
    /// The text with every placeholder filled.
    ///
    /// # Errors
    /// A placeholder without argument, or an argument without placeholder.
    pub fn render(&self, args: &[(&str, &str)]) -> Result<String, MessageError> {
        if let Some((name, _)) = args.iter().find(|(name, _)| !self.placeholders().any(|own| own == *name)) {
            let mut takes: Vec<&str> = self.placeholders().collect();
            takes.dedup();
            let takes = if takes.is_empty() { "nothing".to_owned() } else { takes.join(", ") };
            return Err(MessageError::Unknown { id: self.id.to_string(), name: (*name).to_owned(), takes });
        }
        let mut text = String::new();
        for part in &self.text.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Placeholder(name) => {
                    let value = args.iter().find(|(own, _)| **own == **name).map(|(_, value)| *value);
                    text.push_str(value.ok_or_else(|| MessageError::Missing {
                        id: self.id.to_string(),
                        name: name.to_string(),
                    })?);
                }
            }
        }
        Ok(text)
    }

    /// The placeholders in order of appearance, repeated as in the text.
    pub fn placeholders(&self) -> impl Iterator<Item = &str> {
        self.text.parts.iter().filter_map(|part| match part {
            Part::Placeholder(name) => Some(&**name),
            Part::Literal(_) => None,
        })
    }
}

/// A text with placeholders, checked when it is read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(Box<str>),
    Placeholder(Box<str>),
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let tail = &rest[at..];
            if let Some(after) = tail.strip_prefix("{{") {
                literal.push('{');
                rest = after;
            } else if let Some(after) = tail.strip_prefix("}}") {
                literal.push('}');
                rest = after;
            } else if let Some((name, after)) = tail.strip_prefix('{').and_then(|inner| inner.split_once('}'))
            {
                let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
                if name.is_empty() || !name.chars().all(plain) {
                    return Err(format!(
                        "'{{{name}}}' is not a placeholder, use lower case letters, digits and underscores, or double the braces"
                    ));
                }
                if !literal.is_empty() {
                    parts.push(Part::Literal(std::mem::take(&mut literal).into()));
                }
                parts.push(Part::Placeholder(name.into()));
                rest = after;
            } else {
                return Err("a single brace is neither a placeholder nor literal, double it".to_owned());
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal.into()));
        }
        if parts.is_empty() {
            return Err("the text is empty, give it words".to_owned());
        }
        Ok(Self { parts })
    }
}

/// So many characters in a row tell a template apart from chance.
const TELLING: usize = 12;

impl Template {
    /// The part of a text that is this template with its placeholders filled. A template without a telling run of
    /// letters is found in nothing.
    pub fn found_in<'t>(&self, text: &'t str) -> Option<&'t str> {
        let literals = self.parts.iter().filter_map(|part| match part {
            Part::Literal(literal) => Some(literal.as_ref()),
            Part::Placeholder(_) => None,
        });
        if literals.clone().map(str::len).max()? < TELLING {
            return None;
        }
        let open_ended = |part: Option<&Part>| matches!(part, Some(Part::Placeholder(_)));
        let (mut start, mut end) = (None, 0);
        for literal in literals {
            let at = end + text.get(end..)?.find(literal)?;
            start.get_or_insert(at);
            end = at + literal.len();
        }
        let start = if open_ended(self.parts.first()) { 0 } else { start? };
        let end = if open_ended(self.parts.last()) { text.len() } else { end };
        text.get(start..end)
    }
}

/// The template as it is written: placeholders in single braces, literal braces doubled.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Literal(text) => f.write_str(&text.replace('{', "{{").replace('}', "}}")),
            Part::Placeholder(name) => write!(f, "{{{name}}}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> Message {
        Message {
            id: "X1".into(),
            text: text.to_owned().try_into().unwrap(),
            code: None,
            cause: "".into(),
            fix: "".into(),
            severity: Severity::Error,
            wording: Wording::Ours,
            profile: None,
            variant_of: None,
            not_shown: None,
            refers_to: Vec::new(),
            source: Vec::new(),
        }
    }

    #[test]
    fn braces_around_lookup_values_stay_in_the_text() {
        let message = message("Unable to lookup {set} with values {{{values}}}.");
        let text = message.render(&[("set", "uoms"), ("values", "pr,ea")]).unwrap();
        assert_eq!(text, "Unable to lookup uoms with values {pr,ea}.");
        assert_eq!(message.text.to_string(), "Unable to lookup {set} with values {{{values}}}.");
    }

    #[test]
    fn a_missing_and_an_unknown_argument_are_both_errors() {
        let message = message("{a} and {b}");
        assert_eq!(
            message.render(&[("a", "1")]),
            Err(MessageError::Missing { id: "X1".to_owned(), name: "b".to_owned() })
        );
        let error = message.render(&[("a", "1"), ("b", "2"), ("c", "3")]).unwrap_err();
        assert_eq!(error.to_string(), "message 'X1' has no placeholder 'c', it takes: a, b");
    }

    #[test]
    fn a_value_with_braces_is_not_read_as_a_template() {
        assert_eq!(message("<{a}>").render(&[("a", "{a}")]).unwrap(), "<{a}>");
    }

    #[test]
    fn single_braces_and_odd_names_are_refused() {
        for text in ["{", "a } b", "{A}", "{a b}", "{}", ""] {
            assert!(Template::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_with_doubled_braces_renders_as_itself(text in ".+") {
            let doubled = text.replace('{', "{{").replace('}', "}}");
            proptest::prop_assert_eq!(message(&doubled).render(&[]).unwrap(), text);
        }

        #[test]
        fn a_template_prints_as_it_was_written(text in "([a-z ]|\\{\\{|\\}\\}|\\{[a-z_]{1,4}\\}){1,12}") {
            let template = Template::try_from(text.clone()).unwrap();
            proptest::prop_assert_eq!(template.to_string(), text);
        }
    }
}
