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
    /// The documented full sentence, where there is one: the id of its message and what is filled in.
    pub(crate) sentence: Option<(&'static str, Vec<(&'static str, String)>)>,
}

impl Finding {
    /// A finding with its code.
    pub fn new(code: &'static str, detail: String) -> Self {
        Self { code, detail, sentence: None }
    }

    /// Whether the map can be saved with it all the same; Run refuses it (decision 18).
    pub fn is_warning(&self) -> bool {
        matches!(self.code, "DIPV1030" | "DIPV1031")
    }

    pub(crate) fn said(
        code: &'static str,
        detail: String,
        message: &'static str,
        arguments: Vec<(&'static str, String)>,
    ) -> Self {
        Self { code, detail, sentence: Some((message, arguments)) }
    }

    /// An F&O field the link does not know. The source of a map is F&O whatever way a row travels, so the code is the
    /// same both ways (decision P43).
    pub(crate) fn missing_field(field: &str) -> Self {
        Self::said("DIPV1022", field.to_owned(), "M4", vec![("field", field.to_owned())])
    }

    /// A Dataverse column the link does not know.
    pub(crate) fn missing_column(column: &str) -> Self {
        let arguments = vec![("field", column.to_owned())];
        Self::said("DIPV1025", column.to_owned(), "DIPV1025-DETAIL", arguments)
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
