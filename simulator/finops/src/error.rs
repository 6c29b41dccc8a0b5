//! What can go wrong when rows are written into F&O.

use dwsim_model::{CompanyCodeError, Name, RowError, TableType, nearest};
use dwsim_store::StoreError;
use std::fmt;

/// A failure of the environment itself, not of a row.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnvError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A table that F&O does not have.
    #[error(
        "Finance & Operations has no entity {0}; use the public set name of an F&O entity, such as CustomersV3"
    )]
    UnknownTable(Name),
    /// The company an environment is born with cannot be made.
    #[error("the default company cannot be made: {0}")]
    DefaultCompany(Box<SaveError>),
    /// The catalogue does not hold what the environment is built on.
    #[error("the catalogue has no {what}, which Finance & Operations needs; restore {file}")]
    Catalogue {
        /// What is missing.
        what: String,
        /// The data file it belongs in.
        file: &'static str,
    },
}

/// Why a change was not saved. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SaveError {
    /// A table that F&O does not have.
    #[error("Finance & Operations has no entity {name}{hint}")]
    UnknownTable {
        /// As it was asked for.
        name: Name,
        /// The name that was probably meant.
        hint: Hint,
    },
    /// A column the entity does not have.
    #[error("entity {table} has no field {column}{hint}")]
    UnknownColumn {
        /// The entity.
        table: Name,
        /// As it was asked for.
        column: Name,
        /// The name that was probably meant.
        hint: Hint,
    },
    /// A row of a company-specific entity that says no company.
    #[error("a row of {table} belongs to a company; give its legal entity in {column}")]
    CompanyMissing {
        /// The entity.
        table: Name,
        /// The company field.
        column: Name,
    },
    /// A field that the system numbers.
    #[error("field {column} of {table} is numbered by the system; leave it out")]
    ReadOnly {
        /// The entity.
        table: Name,
        /// The field.
        column: Name,
    },
    /// The key given does not identify a row.
    #[error("{given} do not identify a row of {table}; give its key {needed}")]
    KeyIncomplete {
        /// The entity.
        table: Name,
        /// What was given.
        given: String,
        /// The fields of the key.
        needed: String,
    },
    /// There is no row with the key given.
    #[error("{table} has no row with {key}; look the key up, or create the row")]
    NoSuchRow {
        /// The entity.
        table: Name,
        /// Fields and values of the key.
        key: String,
    },
    /// A rule of F&O refuses the row.
    #[error(transparent)]
    Rule(#[from] RowError),
    /// A legal entity code that is none.
    #[error(transparent)]
    CompanyCode(#[from] CompanyCodeError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The name somebody probably meant, as the end of an error text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hint(Option<String>);

impl Hint {
    /// The candidate most like the name, if one is close enough.
    pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        Self(nearest(name, candidates).map(str::to_owned))
    }

    /// The name itself.
    pub fn name(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |name| write!(f, "; did you mean {name}?"))
    }
}

impl SaveError {
    pub(crate) fn unknown_column(table: &TableType, column: &str) -> Self {
        let names = table.columns.iter().map(|own| own.name.as_str());
        Self::UnknownColumn {
            table: table.name.clone(),
            column: column.into(),
            hint: Hint::nearest(column, names),
        }
    }
}
