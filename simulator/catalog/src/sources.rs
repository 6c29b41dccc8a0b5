//! The data files, compiled into the library.

use crate::error::CatalogError;
use serde::de::DeserializeOwned;

/// One data file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    /// Path below the data directory.
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
}

/// Everything the maps and tables of a catalogue are made of.
#[derive(Clone, Debug)]
pub(crate) struct Sources<'a> {
    pub(crate) maps: Vec<Source<'a>>,
    pub(crate) superseded: Source<'a>,
    pub(crate) project_operations: Source<'a>,
    pub(crate) finops: Vec<Source<'a>>,
    pub(crate) enums: Source<'a>,
    pub(crate) dataverse: Vec<Source<'a>>,
    pub(crate) standard_columns: Source<'a>,
    pub(crate) exceptions: Source<'a>,
}

macro_rules! source {
    ($($name:literal),*) => {
        Source { name: concat!($($name),*), text: include_str!(concat!("../data/", $($name),*)) }
    };
}

macro_rules! domains {
    ($folder:literal: $($domain:literal)*) => {
        vec![$(source!($folder, "/", $domain, ".toml")),*]
    };
}

impl Sources<'static> {
    /// The files that ship with the library.
    pub(crate) fn embedded() -> Self {
        Self {
            maps: domains!("maps": "asset" "currency" "customer" "hr" "ledger" "order" "organization" "other" "party"
                "price" "product" "tax" "uom" "vendor"),
            superseded: source!("maps-superseded.toml"),
            project_operations: source!("maps-project-operations.toml"),
            finops: domains!("finops": "asset" "currency" "customer" "hr" "ledger" "order" "organization" "other"
                "party" "price" "product" "tax" "uom" "vendor"),
            enums: source!("finops/enums.toml"),
            dataverse: domains!("dataverse": "asset" "currency" "customer" "hr" "ledger" "order" "organization"
                "other" "party" "price" "product" "system" "tax" "uom" "vendor"),
            standard_columns: source!("dataverse/standard-columns.toml"),
            exceptions: source!("exceptions.toml"),
        }
    }
}

impl Source<'_> {
    /// Reads the file, naming file and line when it is not of the expected form.
    pub(crate) fn parse<T: DeserializeOwned>(&self) -> Result<T, CatalogError> {
        toml::from_str(self.text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start.min(self.text.len()));
            let before = self.text.get(..start).unwrap_or_default();
            CatalogError::Syntax {
                file: self.name.to_owned(),
                line: 1 + before.matches('\n').count(),
                problem: error.message().to_owned(),
            }
        })
    }

    /// The subject area: the file's name without folder and ending.
    pub(crate) fn domain(&self) -> &str {
        let file = self.name.rsplit('/').next().unwrap_or(self.name);
        file.strip_suffix(".toml").unwrap_or(file)
    }
}
