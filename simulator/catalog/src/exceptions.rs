//! Documented inconsistencies that a check would refuse, each with the reason it stays.

use crate::{
    error::{CatalogError, Place, Problem},
    sources::Source,
};
use dwsim_model::{MapId, Name};
use serde::Deserialize;

/// A fact that is kept although a check objects.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentedException {
    /// The map it stands in.
    pub map: MapId,
    /// The F&O field of the row.
    pub field: Name,
    /// The check that objects, such as `transform-missing`.
    pub check: Name,
    /// Why it stays.
    pub reason: Box<str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExceptionFile {
    #[serde(default)]
    exception: Vec<DocumentedException>,
}

/// The exceptions, and which of them were needed.
pub(crate) struct Exceptions {
    file: String,
    list: Vec<DocumentedException>,
    used: Vec<bool>,
}

impl Exceptions {
    pub(crate) fn load(source: &Source<'_>) -> Result<Self, CatalogError> {
        let file: ExceptionFile = source.parse()?;
        let used = vec![false; file.exception.len()];
        Ok(Self { file: source.name.to_owned(), list: file.exception, used })
    }

    /// Passes the error on, unless an exception covers it.
    pub(crate) fn judge(&mut self, map: &MapId, error: CatalogError) -> Result<(), CatalogError> {
        let CatalogError::Fact { field: Some(field), problem, .. } = &error else { return Err(error) };
        let covered = self.list.iter().position(|exception| {
            exception.map == *map
                && exception.field.eq_ignore_ascii_case(field)
                && exception.check.as_str() == problem.check()
        });
        match covered.and_then(|index| self.used.get_mut(index)) {
            Some(used) => {
                *used = true;
                Ok(())
            }
            None => Err(error),
        }
    }

    /// The list, once every exception has proved necessary.
    pub(crate) fn finish(self) -> Result<Vec<DocumentedException>, CatalogError> {
        let stale = self.used.iter().position(|used| !used).and_then(|index| self.list.get(index));
        match stale {
            None => Ok(self.list),
            Some(exception) => Err(Place::new(&self.file, "exception", &exception.map).field_error(
                &exception.field,
                Problem::StaleException { check: exception.check.as_str().to_owned() },
            )),
        }
    }
}
