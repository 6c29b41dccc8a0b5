//! Paging cookies: the ordering values and the id of the last row of a page, as the XML both OData and FetchXML carry.

use crate::{
    address::{decode, encode},
    error::{ApiError, Result},
};
use quick_xml::{Reader, events::Event};
use std::fmt::Write as _;

/// One column of a cookie: where the page ended and began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Name of the column, or of the id.
    pub(crate) name: String,
    /// Value in the last row; none when it is empty.
    pub(crate) last: Option<String>,
    /// Value in the first row.
    pub(crate) first: Option<String>,
}

/// Where the next page begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cookie {
    /// Number of the page that comes next, from 2 on.
    pub(crate) page: usize,
    /// Rows of a page, when a client set it.
    pub(crate) size: Option<usize>,
    /// Ordering values, the id last.
    pub(crate) marks: Vec<Mark>,
    /// What a client that tracks changes has seen before the first page, and what it has seen after the last.
    pub(crate) tracking: Option<String>,
}

impl Cookie {
    /// The inner cookie: `<cookie page="1"><name last="…" first="…" />…</cookie>`.
    pub(crate) fn inner(&self) -> String {
        let mut xml = format!("<cookie page=\"{}\">", self.page.saturating_sub(1));
        for mark in &self.marks {
            // A path such as `nav/name` is no XML name.
            let _ = write!(xml, "<{}", mark.name.replace('/', "."));
            for (side, value) in [("last", &mark.last), ("first", &mark.first)] {
                match value {
                    Some(value) => {
                        let _ = write!(xml, " {side}=\"{}\"", escape(value));
                    }
                    None => {
                        let _ = write!(xml, " {side}null=\"1\"");
                    }
                }
            }
            xml.push_str(" />");
        }
        xml.push_str("</cookie>");
        xml
    }

    /// The whole cookie, with the inner one encoded twice.
    pub(crate) fn outer(&self) -> String {
        let inner = encode(&encode(&self.inner())).to_ascii_lowercase_hex();
        let size = self.size.map(|size| format!(" pagesize=\"{size}\"")).unwrap_or_default();
        let (tracks, tracking) = match &self.tracking {
            Some(tracking) => ("True", format!(" tracking=\"{}\"", escape(tracking))),
            None => ("False", String::new()),
        };
        format!(
            "<cookie pagenumber=\"{}\" pagingcookie=\"{inner}\" istracking=\"{tracks}\"{size}{tracking} />",
            self.page
        )
    }

    /// Reads a whole cookie as [`Cookie::outer`] writes it, or an inner one.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let broken = |why: &str| ApiError::named("PagingCookie", &[("why", why)]);
        let elements = elements(text).map_err(|why| broken(&why))?;
        let Some((name, attributes)) = elements.first() else { return Err(broken("it is empty")) };
        if name != "cookie" {
            return Err(broken("it is no cookie"));
        }
        let attribute = |wanted: &str| {
            attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
        };
        if let Some(inner) = attribute("pagingcookie") {
            let inner = decode(&decode(inner, false)?, false)?;
            let mut cookie = Self::read(&inner)?;
            cookie.page = attribute("pagenumber").and_then(|page| page.parse().ok()).unwrap_or(2);
            cookie.size = attribute("pagesize").and_then(|size| size.parse().ok());
            cookie.tracking = attribute("tracking").map(str::to_owned);
            return Ok(cookie);
        }
        let page = attribute("page").and_then(|page| page.parse::<usize>().ok()).unwrap_or(1);
        let mut marks = Vec::new();
        for (name, attributes) in elements.iter().skip(1) {
            let value =
                |side: &str| attributes.iter().find(|(name, _)| name == side).map(|(_, value)| value.clone());
            marks.push(Mark { name: name.replace('.', "/"), last: value("last"), first: value("first") });
        }
        if marks.is_empty() {
            return Err(broken("it names no row"));
        }
        Ok(Self { page: page.saturating_add(1), size: None, marks, tracking: None })
    }
}

/// Elements of an XML text with their attributes, in order.
type Elements = Vec<(String, Vec<(String, String)>)>;

fn elements(text: &str) -> std::result::Result<Elements, String> {
    let mut reader = Reader::from_str(text);
    let mut found = Vec::new();
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(element) | Event::Empty(element) => {
                let name = String::from_utf8_lossy(element.name().as_ref()).into_owned();
                let mut attributes = Vec::new();
                for attribute in element.attributes() {
                    let attribute = attribute.map_err(|error| error.to_string())?;
                    let key = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
                    let value = attribute.unescape_value().map_err(|error| error.to_string())?;
                    attributes.push((key, value.into_owned()));
                }
                found.push((name, attributes));
                if found.len() > 64 {
                    return Err("it has more than 64 elements".to_owned());
                }
            }
            Event::Eof => return Ok(found),
            _ => {}
        }
    }
}

/// XML escaping of an attribute value.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The product writes the hexadecimal digits of its cookies in lower case.
trait LowerHex {
    fn to_ascii_lowercase_hex(&self) -> String;
}

impl LowerHex for String {
    fn to_ascii_lowercase_hex(&self) -> String {
        let mut out = String::with_capacity(self.len());
        let mut digits = 0;
        for sign in self.chars() {
            if sign == '%' {
                digits = 2;
                out.push(sign);
            } else if digits > 0 && sign.is_ascii_hexdigit() {
                digits -= 1;
                out.push(sign.to_ascii_lowercase());
            } else {
                // `%25` is followed by the digits of the inner encoding.
                out.push(sign);
            }
            if digits == 0 && out.ends_with("%25") {
                digits = 2;
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_reads_back_with_quotes_and_empty_values() {
        let mark = |name: &str, last: Option<&str>| Mark {
            name: name.to_owned(),
            last: last.map(str::to_owned),
            first: Some("<a> & \"b\"".to_owned()),
        };
        let cookie = Cookie {
            page: 3,
            size: Some(7),
            marks: vec![
                mark("nav/name", Some("Ü %25 \"x\"")),
                mark("revenue", None),
                mark("accountid", Some("1")),
            ],
            tracking: Some("1!2!x".to_owned()),
        };
        let outer = cookie.outer();
        assert!(
            outer.starts_with(
                "<cookie pagenumber=\"3\" pagingcookie=\"%253ccookie%2520page%253d%25222%2522%253e"
            ),
            "{outer}"
        );
        assert_eq!(Cookie::read(&outer).unwrap(), cookie);
    }

    #[test]
    fn what_is_no_cookie_is_refused_with_the_documented_code() {
        for text in ["", "<x/>", "<cookie", "<cookie page=\"1\"></cookie>", "plain"] {
            assert_eq!(Cookie::read(text).unwrap_err().code, "0x8004112a", "{text}");
        }
    }
}
