//! What is wrong with a table map, under its documented code.

use dwsim_model::Name;
use std::fmt;

/// One rule a table map breaks. The code is the documented DIPV code, whose text the catalogue has; the detail says
/// what breaks it: a column where the code is about one, else our words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// `DIPV1014` and the like.
    pub code: &'static str,
    /// What breaks it.
    pub detail: String,
}

impl Finding {
    /// A finding with its code.
    pub fn new(code: &'static str, detail: String) -> Self {
        Self { code, detail }
    }

    pub(crate) fn missing_source(column: &str) -> Self {
        Self::new("DIPV1022", column.to_owned())
    }

    pub(crate) fn missing_destination(column: &str) -> Self {
        Self::new("DIPV1025", column.to_owned())
    }

    pub(crate) fn mismatch(source: &Name, target: &Name, error: &str) -> Self {
        Self::new("DIPV1030", format!("{source} cannot become {target}: {error}"))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] {}", self.code, self.detail)
    }
}
