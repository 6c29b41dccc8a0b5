//! Why the world refused, in the words a user reads.

use dwsim_dualwrite::{EngineError, live::LiveError, port::PortError};
use dwsim_model::{CompanyCodeError, Side};
use std::fmt;

/// Why an action on the world failed. Nothing of the action was kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TenantError {
    /// A documented message, or one of ours, by its id in the catalogue.
    #[error("{message}")]
    Refused {
        /// Id of the message, such as `DW9003-CRM` or `SIM-LCS-CAPACITY`.
        code: String,
        /// What the user reads.
        message: String,
    },
    /// The engine refused.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The other side refused a live change; both sides are as they were.
    #[error(transparent)]
    Live(#[from] LiveError),
    /// A company code that is none.
    #[error(transparent)]
    CompanyCode(#[from] CompanyCodeError),
    /// One side refused a change.
    #[error("{side}: {message}")]
    Side {
        /// The side.
        side: Side,
        /// Id of the message, when it has one.
        code: Option<String>,
        /// What the user reads.
        message: String,
    },
    /// Something asked for by name is not there.
    #[error("there is no {kind} '{name}'{hint}")]
    Unknown {
        /// What was looked for.
        kind: &'static str,
        /// Its name.
        name: String,
        /// The nearest name, as a question.
        hint: String,
    },
    /// The database failed.
    #[error("the database failed: {0}")]
    Store(#[from] dwsim_store::StoreError),
}

impl TenantError {
    /// The id of the message, when there is one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } | Self::Engine(EngineError::Refused { code, .. }) => Some(code),
            Self::Live(error) => Some(&error.code),
            Self::Side { code, .. } => code.as_deref(),
            Self::Engine(EngineError::Invalid { findings, .. }) => {
                findings.first().map(|finding| finding.code)
            }
            _ => None,
        }
    }

    pub(crate) fn unknown<'a>(
        kind: &'static str,
        name: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let hint = dwsim_model::nearest(name, candidates)
            .map_or_else(String::new, |near| format!("; did you mean '{near}'?"));
        Self::Unknown { kind, name: name.to_owned(), hint }
    }

    #[allow(clippy::needless_pass_by_value)] // the shape `map_err` takes
    pub(crate) fn finops(error: impl Coded) -> Self {
        Self::Side { side: Side::FinOps, code: error.code(), message: error.to_string() }
    }

    #[allow(clippy::needless_pass_by_value)] // the shape `map_err` takes
    pub(crate) fn dataverse(error: impl Coded) -> Self {
        Self::Side { side: Side::Dataverse, code: error.code(), message: error.to_string() }
    }
}

/// An error of a side, with the id of its message when it has one.
pub(crate) trait Coded: fmt::Display {
    /// The id.
    fn code(&self) -> Option<String> {
        None
    }
}

impl Coded for dwsim_finops::SaveError {
    fn code(&self) -> Option<String> {
        match self {
            Self::Rule(error) => Some(error.code.clone()),
            _ => None,
        }
    }
}

impl Coded for dwsim_dataverse::SaveError {
    fn code(&self) -> Option<String> {
        match self {
            Self::Refused(error) => Some(error.code.clone()),
            Self::Environment(_) => None,
        }
    }
}

impl Coded for dwsim_model::RowError {
    fn code(&self) -> Option<String> {
        Some(self.code.clone())
    }
}

impl Coded for dwsim_finops::EnvError {}
impl Coded for dwsim_dataverse::EnvError {}

impl From<PortError> for TenantError {
    fn from(error: PortError) -> Self {
        Self::Refused { code: error.code, message: error.message }
    }
}
