//! FetchXML as a tree, checked for form and size; names are bound when it runs.

use crate::error::{ApiError, Result};
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

/// Longest FetchXML, in bytes.
const LONGEST: usize = 65_536;
/// Deepest nesting of elements.
const DEEPEST: usize = 32;
/// Most conditions of one query.
const MOST_CONDITIONS: usize = 500;
/// Most link-entities of one query.
const MOST_LINKS: usize = 15;

/// An element as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) children: Vec<Element>,
    pub(crate) text: String,
}

impl Element {
    /// The value of an attribute.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Whether an attribute says yes.
    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some("true" | "1"))
    }

    /// A whole number in an attribute.
    pub(crate) fn number(&self, name: &str) -> Result<Option<usize>> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let number = text.trim().parse();
        number.map(Some).map_err(|_| broken(&format!("{name}=\"{text}\" is no whole number")))
    }

    /// Children of a name.
    pub(crate) fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

/// The error of a FetchXML that cannot be used.
pub(crate) fn broken(why: &str) -> ApiError {
    ApiError::named("FetchXml", &[("why", why)])
}

/// Reads a FetchXML; the root is `fetch`.
pub(crate) fn parse(text: &str) -> Result<Element> {
    if text.len() > LONGEST {
        return Err(broken("it is longer than 65,536 bytes"));
    }
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let (mut conditions, mut links) = (0, 0);
    loop {
        let event = reader.read_event().map_err(|error| broken(&error.to_string()))?;
        let (start, empty) = match event {
            Event::Start(start) => (start, false),
            Event::Empty(start) => (start, true),
            Event::End(_) => {
                let Some(done) = open.pop() else { return Err(broken("an element ends that never began")) };
                match open.last_mut() {
                    Some(parent) => parent.children.push(done),
                    None => return root(done),
                }
                continue;
            }
            Event::Text(text) => {
                if let Some(own) = open.last_mut() {
                    own.text.push_str(&text.decode().map_err(|error| broken(&error.to_string()))?);
                }
                continue;
            }
            Event::GeneralRef(reference) => {
                let name = reference.decode().map_err(|error| broken(&error.to_string()))?;
                let escaped = format!("&{name};");
                let sign =
                    quick_xml::escape::unescape(&escaped).map_err(|error| broken(&error.to_string()))?;
                if let Some(own) = open.last_mut() {
                    own.text.push_str(&sign);
                }
                continue;
            }
            Event::DocType(_) => return Err(broken("a document type is not allowed")),
            Event::Eof => return Err(broken("it ends before its last element does")),
            _ => continue,
        };
        let own = element(&start)?;
        conditions += usize::from(own.name == "condition");
        links += usize::from(own.name == "link-entity");
        if conditions > MOST_CONDITIONS {
            return Err(broken("it has more than 500 conditions"));
        }
        if links > MOST_LINKS {
            return Err(broken("it has more than 15 link-entities"));
        }
        if open.len() >= DEEPEST {
            return Err(broken("it is nested deeper than 32 elements"));
        }
        if !empty {
            open.push(own);
        } else if let Some(parent) = open.last_mut() {
            parent.children.push(own);
        } else {
            return root(own);
        }
    }
}

fn root(element: Element) -> Result<Element> {
    if element.name == "fetch" { Ok(element) } else { Err(broken("its root is not <fetch>")) }
}

fn element(start: &BytesStart<'_>) -> Result<Element> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| broken(&error.to_string()))?;
        let value = attribute.unescape_value().map_err(|error| broken(&error.to_string()))?;
        attributes.push((String::from_utf8_lossy(attribute.key.as_ref()).into_owned(), value.into_owned()));
    }
    let name = String::from_utf8_lossy(start.name().as_ref()).into_owned();
    Ok(Element { name, attributes, ..Element::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_keep_their_entities_and_attributes_their_quotes() {
        let fetch = parse("<fetch top='2'><entity name=\"a\"><filter><condition><value>a &amp; b</value></condition></filter></entity></fetch>").unwrap();
        assert_eq!(fetch.number("top").unwrap(), Some(2));
        assert_eq!(fetch.children[0].children[0].children[0].children[0].text, "a & b");
    }

    #[test]
    fn what_is_no_fetchxml_is_refused() {
        let deep = "<fetch>".repeat(100);
        let wide = format!("<fetch>{}</fetch>", "<condition/>".repeat(501));
        for text in ["", "<a/>", "<fetch>", "</fetch>", "<!DOCTYPE x><fetch/>", "<fetch top='x", &deep, &wide]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,200}") {
            let _ = parse(&text);
            let _ = parse(&format!("<fetch>{text}</fetch>"));
        }
    }
}
