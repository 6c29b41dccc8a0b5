//! Broken rules: which message, about which field, with which words; turned into text only when a row is refused.

use dwsim_catalog::facts::Facts;
use dwsim_model::{RowError, TableType, Value};
use dwsim_store::StoreError;

/// A rule that a row breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    /// Id of the catalogue message.
    pub(crate) message: &'static str,
    /// Ordinal of the field it is about.
    pub(crate) column: Option<usize>,
    /// What fills the placeholders of the message beside the table, the row and the field.
    pub(crate) words: Vec<(&'static str, String)>,
}

/// Why a row could not be written.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The row breaks a rule.
    Rule(Broken),
    /// The database failed.
    Store(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Broken> for Refusal {
    fn from(broken: Broken) -> Self {
        Self::Rule(broken)
    }
}

impl Broken {
    pub(crate) fn new(message: &'static str, column: impl Into<Option<usize>>) -> Self {
        Self { message, column: column.into(), words: Vec::new() }
    }

    pub(crate) fn word(mut self, name: &'static str, word: impl Into<String>) -> Self {
        self.words.push((name, word.into()));
        self
    }

    /// The error a user reads about this row; `cell` gives the row's cells by ordinal.
    pub(crate) fn row_error<'v>(
        self,
        facts: &Facts,
        table: &TableType,
        cell: impl Fn(usize) -> Option<&'v Value>,
    ) -> RowError {
        let column = self.column.map(|ordinal| table.column(ordinal).name.clone());
        let Some(message) = facts.message(self.message) else {
            let words: Vec<String> = self.words.iter().map(|(name, word)| format!("{name} {word}")).collect();
            return RowError { code: self.message.to_owned(), column, message: words.join(", ") };
        };
        let record = describe_key(table, cell);
        let args: Vec<(&str, &str)> = self
            .words
            .iter()
            .map(|(name, word)| (*name, word.as_str()))
            .chain([("record", record.as_str()), ("table", table.name.as_str())])
            .chain(column.iter().map(|name| ("column", name.as_str())))
            .filter(|(name, _)| message.placeholders().any(|own| own == *name))
            .collect();
        let text = message.render(&args).unwrap_or_else(|error| error.to_string());
        RowError { code: self.message.to_owned(), column, message: text }
    }
}

/// A row by its natural key, as a person would say it: `USMF, US-001`.
pub(crate) fn describe_key<'v>(table: &TableType, cell: impl Fn(usize) -> Option<&'v Value>) -> String {
    let key = table.natural_key().map_or(&[0][..], |key| &key.columns);
    let part = |ordinal: &usize| match cell(*ordinal) {
        Some(value) if !value.is_blank() => shown(table, *ordinal, value),
        _ => "(blank)".to_owned(),
    };
    key.iter().map(part).collect::<Vec<_>>().join(", ")
}

/// A value as F&O prints it: enums by the name of their member.
pub(crate) fn shown(table: &TableType, ordinal: usize, value: &Value) -> String {
    match (&table.column(ordinal).kind, value) {
        (dwsim_model::ColumnKind::Choice(choices), Value::Choice(number)) => {
            choices.label(*number).map_or_else(|| number.to_string(), str::to_owned)
        }
        _ => value.to_string().chars().take(80).collect(),
    }
}
