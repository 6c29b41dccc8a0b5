//! Why a file was not imported.

use crate::{Hint, SaveError};
use dwsim_model::Name;
use dwsim_store::StoreError;

/// Why a file was not imported. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file is larger than what is read.
    #[error("{file} is larger than {limit} MiB; split it")]
    TooLarge {
        /// The file.
        file: String,
        /// Largest file, in MiB.
        limit: u64,
    },
    /// The header has more columns than what is read.
    #[error("{file} has {columns} columns and {limit} are read; export fewer fields")]
    TooManyColumns {
        /// The file.
        file: String,
        /// Columns in the header.
        columns: usize,
        /// Most columns.
        limit: usize,
    },
    /// A cell is larger than what is read.
    #[error(
        "{file}, line {line}, column {column}: the cell has {bytes} bytes and {limit} are read; look for a quote that is not closed"
    )]
    CellTooLong {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// The column.
        column: String,
        /// Bytes in the cell.
        bytes: usize,
        /// Most bytes.
        limit: usize,
    },
    /// The file has no header.
    #[error("{file} is empty; its first line has to name the fields")]
    Empty {
        /// The file.
        file: String,
    },
    /// The file is not in UTF-8.
    #[error("{file}, line {line}: the text is not UTF-8; save the file as CSV UTF-8")]
    Encoding {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
    },
    /// A line has more or fewer cells than the header.
    #[error(
        "{file}, line {line}: {cells} cells where the header has {columns}; look for a missing quote or comma"
    )]
    Width {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// Cells in the line.
        cells: u64,
        /// Columns in the header.
        columns: u64,
    },
    /// Reading failed.
    #[error("{file} cannot be read: {reason}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system says.
        reason: String,
    },
    /// The entity that was named does not exist.
    #[error("{file} is to be read as {entity}, which is no entity of Finance & Operations{hint}")]
    UnknownEntity {
        /// The file.
        file: String,
        /// As it was asked for.
        entity: String,
        /// The name that was probably meant.
        hint: Hint,
    },
    /// No entity fits file name and header.
    #[error("{file} fits no entity, neither by its name nor by its header; say which entity it holds")]
    NoEntity {
        /// The file.
        file: String,
    },
    /// Several entities fit equally well.
    #[error("{file} fits several entities equally well: {entities}; say which of them it holds")]
    AmbiguousEntity {
        /// The file.
        file: String,
        /// Names of the entities, with commas.
        entities: String,
    },
    /// A column of the key is not in the header.
    #[error("{file} has no column {column}, which is part of the key of {entity}; add it to the export")]
    MissingKeyColumn {
        /// The file.
        file: String,
        /// The entity.
        entity: Name,
        /// The column.
        column: Name,
    },
    /// Two columns of the header are the same field.
    #[error("{file} has the column {column} twice; remove one of them")]
    DuplicateColumn {
        /// The file.
        file: String,
        /// The column.
        column: String,
    },
    /// A cell does not hold what its field takes.
    #[error("{file}, line {line}, column {column}: '{value}' is not {expected}; correct the cell")]
    Cell {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// The column as the header spells it.
        column: String,
        /// The cell, cut after 80 characters.
        value: String,
        /// What the field takes.
        expected: String,
    },
    /// A row names a company that does not exist.
    #[error(
        "{file}, line {line}: there is no company {company}; create it first, or let the import create companies"
    )]
    UnknownCompany {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// The company.
        company: String,
    },
    /// A rule refuses a row.
    #[error("{file}, line {line}: {error}")]
    Row {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// The rule.
        error: SaveError,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
