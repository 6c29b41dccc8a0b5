//! Reads one facts file record by record, so that a mistake is reported with file and record.

use super::error::FactError;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use toml::{Table, Value};

/// One facts file on its way to typed records. Every table taken is removed, so leftovers are noticed.
pub(super) struct Document<'a> {
    file: &'static str,
    root: Table,
    /// The source tags a record may cite; none while the sources themselves are read.
    tags: Option<&'a BTreeSet<String>>,
}

impl<'a> Document<'a> {
    pub(super) fn parse(
        file: &'static str,
        text: &str,
        tags: Option<&'a BTreeSet<String>>,
    ) -> Result<Self, FactError> {
        let root = text
            .parse::<Table>()
            .map_err(|error| FactError::Syntax { file, reason: error.message().to_owned() })?;
        Ok(Self { file, root, tags })
    }

    /// All records `[[key]]`, in file order. Each has a unique `id` and cites a source.
    pub(super) fn records<T: DeserializeOwned>(&mut self, key: &str) -> Result<Vec<T>, FactError> {
        let Some(Value::Array(values)) = self.root.remove(key) else {
            return Err(FactError::record(self.file, key, format!("the list [[{key}]] is missing, add it")));
        };
        let mut seen = BTreeSet::new();
        let mut records = Vec::with_capacity(values.len());
        for (position, value) in values.into_iter().enumerate() {
            let name = match value.get("id").and_then(Value::as_str) {
                Some(id) => id.to_owned(),
                None => format!("{key} {}", position + 1),
            };
            if !seen.insert(name.clone()) {
                return Err(FactError::record(self.file, name, format!("the id occurs twice in [[{key}]]")));
            }
            records.push(self.typed(name, value)?);
        }
        Ok(records)
    }

    /// The single table `[key]`.
    pub(super) fn record<T: DeserializeOwned>(&mut self, key: &str) -> Result<T, FactError> {
        let value = self.root.remove(key).ok_or_else(|| {
            FactError::record(self.file, key, format!("the table [{key}] is missing, add it"))
        })?;
        self.typed(key.to_owned(), value)
    }

    /// Reports a table that nobody asked for, which is a misspelt one.
    pub(super) fn finish(self) -> Result<(), FactError> {
        match self.root.keys().next() {
            None => Ok(()),
            Some(key) => Err(FactError::record(self.file, key, "nothing reads this table, correct its name")),
        }
    }

    fn typed<T: DeserializeOwned>(&self, name: String, value: Value) -> Result<T, FactError> {
        if let Some(tags) = self.tags {
            if !cites(&value) {
                return Err(FactError::record(self.file, name, "no source is cited, add source = [\"tag\"]"));
            }
            if let Some(tag) = unknown_tag(&value, tags) {
                let reason =
                    format!("source '{tag}' is not in sources.toml, add it there or correct the tag");
                return Err(FactError::record(self.file, name, reason));
            }
        }
        value.try_into().map_err(|error: toml::de::Error| {
            FactError::record(self.file, name, error.message().trim().to_owned())
        })
    }
}

/// Whether a record, or every table inside it, cites where it comes from.
fn cites(value: &Value) -> bool {
    let Value::Table(table) = value else { return true };
    let cited = |entry: &Value| entry.as_array().is_some_and(|tags| !tags.is_empty());
    if table.get("source").is_some_and(cited) {
        return true;
    }
    let mut parts = table.values().filter(|part| part.is_table()).peekable();
    parts.peek().is_some() && parts.all(cites)
}

fn unknown_tag<'a>(value: &'a Value, tags: &BTreeSet<String>) -> Option<&'a str> {
    match value {
        Value::Table(table) => table.iter().find_map(|(key, inner)| match inner {
            Value::Array(list) if key == "source" => {
                list.iter().filter_map(Value::as_str).find(|tag| !tags.contains(*tag))
            }
            _ => unknown_tag(inner, tags),
        }),
        Value::Array(list) => list.iter().find_map(|inner| unknown_tag(inner, tags)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only reading them is tested")]
    struct Thing {
        id: String,
        source: Vec<String>,
    }

    fn read(text: &str) -> Result<Vec<Thing>, FactError> {
        let tags = BTreeSet::from(["A1".to_owned()]);
        let mut document = Document::parse("things.toml", text, Some(&tags))?;
        let things = document.records("thing")?;
        document.finish()?;
        Ok(things)
    }

    #[test]
    fn a_mistake_names_file_and_record() {
        for (text, expected) in [
            ("[[thing]]\nid = \"x\"\nsource = [\"A1\"]\ncolour = 1", "record 'x': unknown field `colour`"),
            ("[[thing]]\nid = \"x\"\nsource = [\"A2\"]", "record 'x': source 'A2' is not in sources.toml"),
            ("[[thing]]\nid = \"x\"", "record 'x': no source is cited"),
            ("[[thing]]\nsource = [\"A1\"]", "record 'thing 1': missing field `id`"),
            (
                "[[thing]]\nid=\"x\"\nsource=[\"A1\"]\n[[thing]]\nid=\"x\"\nsource=[\"A1\"]",
                "'x': the id occurs twice",
            ),
            ("[[other]]\nid = \"x\"", "record 'thing': the list [[thing]] is missing"),
            ("[[thing]]\nid=\"x\"\nsource=[\"A1\"]\n[oter]", "record 'oter': nothing reads this table"),
            ("[[thing", "facts file things.toml is not valid TOML"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains("things.toml"), "{text}\n{error}");
        }
        assert_eq!(read("[[thing]]\nid = \"x\"\nsource = [\"A1\"]").unwrap()[0].id, "x");
    }
}
