//! Writing JSON straight into text: rows are many, and a tree of each would cost more than the row.

use std::fmt::Write as _;

/// JSON being written.
#[derive(Debug, Default)]
pub(crate) struct JsonWriter {
    out: String,
    /// Whether the next member needs a comma before it.
    comma: bool,
}

impl JsonWriter {
    /// An empty text.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// What was written.
    pub(crate) fn finish(self) -> String {
        self.out
    }

    fn separate(&mut self) {
        if self.comma {
            self.out.push(',');
        }
        self.comma = true;
    }

    /// `{`
    pub(crate) fn open(&mut self) {
        self.separate();
        self.out.push('{');
        self.comma = false;
    }

    /// `}`
    pub(crate) fn close(&mut self) {
        self.out.push('}');
        self.comma = true;
    }

    /// `[`
    pub(crate) fn open_list(&mut self) {
        self.separate();
        self.out.push('[');
        self.comma = false;
    }

    /// `]`
    pub(crate) fn close_list(&mut self) {
        self.out.push(']');
        self.comma = true;
    }

    /// The name of a member, before its value.
    pub(crate) fn name(&mut self, name: &str) {
        self.separate();
        self.quoted(name);
        self.out.push(':');
        self.comma = false;
    }

    /// A name in two parts, such as a property and its annotation.
    pub(crate) fn annotation(&mut self, property: &str, annotation: &str) {
        self.separate();
        self.out.push('"');
        self.escaped(property);
        self.out.push('@');
        self.escaped(annotation);
        self.out.push_str("\":");
        self.comma = false;
    }

    /// A text value.
    pub(crate) fn text(&mut self, text: &str) {
        self.separate();
        self.quoted(text);
    }

    /// A value that is JSON already: a number, `true`, `null`, or a whole document.
    pub(crate) fn raw(&mut self, json: &str) {
        self.separate();
        self.out.push_str(json);
    }

    /// A value written by its `Display`, without quotes.
    pub(crate) fn bare(&mut self, value: impl std::fmt::Display) {
        self.separate();
        let _ = write!(self.out, "{value}");
    }

    /// A value written by its `Display`, in quotes; it must need no escaping.
    pub(crate) fn plain(&mut self, value: impl std::fmt::Display) {
        self.separate();
        let _ = write!(self.out, "\"{value}\"");
    }

    /// A member with a text.
    pub(crate) fn member(&mut self, name: &str, text: &str) {
        self.name(name);
        self.text(text);
    }

    fn quoted(&mut self, text: &str) {
        self.out.push('"');
        self.escaped(text);
        self.out.push('"');
    }

    fn escaped(&mut self, text: &str) {
        let mut start = 0;
        for (at, byte) in text.bytes().enumerate() {
            let short = match byte {
                b'"' => "\\\"",
                b'\\' => "\\\\",
                b'\n' => "\\n",
                b'\r' => "\\r",
                b'\t' => "\\t",
                0..0x20 => "",
                _ => continue,
            };
            self.out.push_str(&text[start..at]);
            if short.is_empty() {
                let _ = write!(self.out, "\\u{byte:04x}");
            } else {
                self.out.push_str(short);
            }
            start = at + 1;
        }
        self.out.push_str(&text[start..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let mut json = JsonWriter::new();
        json.open();
        json.member("a\"b", "line\nend\u{1}é\\");
        json.annotation("x", "y.z");
        json.raw("null");
        json.name("list");
        json.open_list();
        json.bare(1);
        json.open();
        json.close();
        json.close_list();
        json.close();
        let value: serde_json::Value = serde_json::from_str(&json.finish()).unwrap();
        assert_eq!(value, serde_json::json!({"a\"b": "line\nend\u{1}é\\", "x@y.z": null, "list": [1, {}]}));
    }
}
