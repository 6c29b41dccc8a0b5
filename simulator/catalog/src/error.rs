//! What can be wrong with the data files, said with the file, the record and the field.

use crate::{column_type::TypeError, facts::FactError, path::PathError};
use dwsim_model::{MapId, TableError};

/// Why the catalogue could not be loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// A file is not TOML of the expected form.
    #[error("data file {file}, line {line}: {problem}")]
    Syntax {
        /// The file, below the data directory.
        file: String,
        /// Line, from 1.
        line: usize,
        /// What the parser did not understand.
        problem: String,
    },
    /// A fact does not fit the other facts.
    #[error("data file {file}, {record}{}: {problem}", field_part(.field.as_deref()))]
    Fact {
        /// The file, below the data directory.
        file: String,
        /// The record: `map customers-v3-accounts`, `table account`.
        record: String,
        /// The field of the record, when it is about one.
        field: Option<String>,
        /// What is wrong.
        problem: Box<Problem>,
    },
    /// A file below `data/facts` is broken.
    #[error(transparent)]
    Facts(#[from] FactError),
}

fn field_part(field: Option<&str>) -> String {
    field.map(|field| format!(", field {field}")).unwrap_or_default()
}

/// What is wrong with one fact.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Two records of one name.
    #[error("there is already another {what} '{name}'; give each one its own name")]
    Duplicate {
        /// The kind of record.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A name refers to nothing.
    #[error("there is no {what} '{name}'{}", hint(.nearest.as_deref()))]
    Unknown {
        /// The kind of thing.
        what: &'static str,
        /// The name.
        name: String,
        /// The closest name that exists.
        nearest: Option<String>,
    },
    /// An entity lacks a field, or a table a column.
    #[error("{entity} has no field '{field}'{}", hint(.nearest.as_deref()))]
    MissingField {
        /// The entity set or table.
        entity: String,
        /// The field asked for.
        field: String,
        /// The closest field.
        nearest: Option<String>,
    },
    /// A table lacks a column that a path needs.
    #[error("path '{path}' needs column '{column}', which table {table} does not have{}", hint(.nearest.as_deref()))]
    MissingColumn {
        /// The path.
        path: String,
        /// The table.
        table: String,
        /// The column asked for.
        column: String,
        /// The closest column.
        nearest: Option<String>,
    },
    /// A path goes through a column that refers to nothing.
    #[error("path '{path}' goes through {table}.{column}, which is not a lookup")]
    NotALookup {
        /// The path.
        path: String,
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A path's lookup cannot point at the table the path names, or at no table of the catalogue.
    #[error("path '{path}' goes from {table}.{column} to '{target}', which that lookup does not refer to")]
    WrongTarget {
        /// The path.
        path: String,
        /// The table.
        table: String,
        /// The lookup column.
        column: String,
        /// The table wanted.
        target: String,
    },
    /// A path stops at a lookup instead of a value.
    #[error("path '{path}' ends at a lookup; add the column of {table} to find the row by")]
    UnfinishedPath {
        /// The path.
        path: String,
        /// The table of the lookup.
        table: String,
    },
    /// A path is not written as paths are.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A column type is not written as types are.
    #[error(transparent)]
    Type(#[from] TypeError),
    /// A table type does not hold together.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A value does not fit the column it is written to.
    #[error("value '{value}' does not fit {column}, which holds {kind}")]
    Misfit {
        /// The value in the file.
        value: String,
        /// The column or field, with its table or entity.
        column: String,
        /// What it holds.
        kind: String,
    },
    /// A symbol that transforms has no transform.
    #[error("symbol '{symbol}' needs a value map or a default as the fourth element")]
    TransformMissing {
        /// The symbol.
        symbol: &'static str,
    },
    /// A plain symbol has a transform.
    #[error("symbol '{symbol}' copies as is and takes no fourth element; write '{better}'")]
    TransformUnexpected {
        /// The symbol.
        symbol: &'static str,
        /// The symbol that transforms in the same direction.
        better: &'static str,
    },
    /// A constant row that writes towards the side it does not name.
    #[error("a constant row names exactly one side and its symbol writes to that side with a default")]
    ConstantRow,
    /// A key part that is neither the company nor a row of the map.
    #[error("key part '{field}' = '{path}' is neither the company nor a row of the map")]
    KeyNotMapped {
        /// The F&O field.
        field: String,
        /// The Dataverse path.
        path: String,
    },
    /// The integration key is not a key of the Dataverse table.
    #[error("table {table} has no key over the columns {columns}; add it to the table's keys")]
    KeyNotAlternate {
        /// The table.
        table: String,
        /// The columns.
        columns: String,
    },
    /// A map is striped by company and its entity or table is not, or the other way round.
    #[error("{what}; the map and both its sides must agree on the company")]
    Striping {
        /// What does not agree.
        what: String,
    },
    /// Dependencies run in a circle.
    #[error("the dependencies run in a circle: {}", join(.maps))]
    Cycle {
        /// The maps on the circle, in order.
        maps: Vec<MapId>,
    },
    /// A listed exception excuses nothing.
    #[error("exception to check '{check}' excuses nothing any more; remove it")]
    StaleException {
        /// The check.
        check: String,
    },
    /// Something written in a way the loader does not know.
    #[error("{0}")]
    Form(String),
}

impl Problem {
    /// The name of the check that found it, as `data/exceptions.toml` writes it.
    pub fn check(&self) -> &'static str {
        match self {
            Self::Duplicate { .. } => "duplicate",
            Self::Unknown { .. } => "unknown",
            Self::MissingField { .. } => "missing-field",
            Self::MissingColumn { .. } => "missing-column",
            Self::NotALookup { .. } => "not-a-lookup",
            Self::WrongTarget { .. } => "wrong-target",
            Self::UnfinishedPath { .. } => "unfinished-path",
            Self::Path(_) => "path",
            Self::Type(_) => "type",
            Self::Table(_) => "table",
            Self::Misfit { .. } => "misfit",
            Self::TransformMissing { .. } => "transform-missing",
            Self::TransformUnexpected { .. } => "transform-unexpected",
            Self::ConstantRow => "constant-row",
            Self::KeyNotMapped { .. } => "key-not-mapped",
            Self::KeyNotAlternate { .. } => "key-not-alternate",
            Self::Striping { .. } => "striping",
            Self::Cycle { .. } => "cycle",
            Self::StaleException { .. } => "stale-exception",
            Self::Form(_) => "form",
        }
    }

    pub(crate) fn unknown<'a>(
        what: &'static str,
        name: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let nearest = dwsim_model::nearest(name, candidates).map(str::to_owned);
        Self::Unknown { what, name: name.to_owned(), nearest }
    }
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map(|name| format!("; did you mean '{name}'?")).unwrap_or_default()
}

fn join(maps: &[MapId]) -> String {
    maps.iter().map(MapId::as_str).collect::<Vec<_>>().join(" -> ")
}

/// Where a fact stands.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) record: String,
}

impl Place {
    pub(crate) fn new(file: &str, kind: &str, name: &str) -> Self {
        Self { file: file.to_owned(), record: format!("{kind} {name}") }
    }

    pub(crate) fn error(&self, problem: impl Into<Problem>) -> CatalogError {
        CatalogError::Fact {
            file: self.file.clone(),
            record: self.record.clone(),
            field: None,
            problem: Box::new(problem.into()),
        }
    }

    pub(crate) fn field_error(&self, field: &str, problem: impl Into<Problem>) -> CatalogError {
        CatalogError::Fact {
            file: self.file.clone(),
            record: self.record.clone(),
            field: Some(field.to_owned()),
            problem: Box::new(problem.into()),
        }
    }
}
