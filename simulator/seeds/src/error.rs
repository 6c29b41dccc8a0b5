//! What can go wrong before a demo row exists.

use dwsim_model::{CompanyCode, Name};

/// Why demo data cannot be made, or cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SeedError {
    /// A plan without a company.
    #[error("the plan names no company; give at least one, the first one gets most of the rows")]
    NoCompany,
    /// A company twice.
    #[error("the plan names company {0} twice; name every company once")]
    CompanyTwice(CompanyCode),
    /// A volume out of range.
    #[error("the plan asks for {rows} customers; ask for 10 to 1000000")]
    Rows {
        /// What was asked for.
        rows: u64,
    },
    /// A name that is no entity.
    #[error("the plan asks for entity {name}, which the catalogue does not have{hint}")]
    UnknownEntity {
        /// The name.
        name: Name,
        /// The entity most like it, as a question.
        hint: String,
    },
    /// A name that is no set of existing rows.
    #[error("there are no existing rows named '{name}'; the sets are {known}")]
    UnknownExisting {
        /// The name.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A data file of this crate does not fit its form or the catalogue.
    #[error("{file}: {problem}")]
    Data {
        /// The file.
        file: &'static str,
        /// What does not fit, and what would.
        problem: String,
    },
    /// A key cannot hold as many different values as there are rows.
    #[error(
        "the key of {entity} has room for {room} characters, which is too short for {rows} different rows"
    )]
    KeyTooShort {
        /// The entity.
        entity: Name,
        /// Longest text.
        room: usize,
        /// Rows asked for.
        rows: u64,
    },
    /// A source filter of the catalogue cannot be read.
    #[error("the source filter of map {map} cannot be read: {problem}")]
    Filter {
        /// The map.
        map: String,
        /// The filter's own error.
        problem: String,
    },
    /// No member of an enum can cross every map of its field.
    #[error("field {entity}.{field} has no value that every value map lists")]
    NoMember {
        /// The entity.
        entity: Name,
        /// The field.
        field: Name,
    },
    /// An environment's database failed.
    #[error("the environment could not be written: {0}")]
    Environment(String),
    /// An environment refused a row.
    #[error("{table} row {row} was refused: {reason}")]
    Refused {
        /// The table.
        table: Name,
        /// Number of the row, from 0, or its key.
        row: String,
        /// The environment's message.
        reason: String,
    },
}

impl SeedError {
    pub(crate) fn data(file: &'static str, problem: impl Into<String>) -> Self {
        Self::Data { file, problem: problem.into() }
    }
}
