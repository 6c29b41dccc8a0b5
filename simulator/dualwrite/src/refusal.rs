//! Why the engine refuses an action.

use crate::{port::PortError, status::MapStatus, validate::Finding};
use dwsim_model::MapId;

/// Why the engine refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// No such map in this link.
    #[error("there is no table map '{map}'{}", did_you_mean(.nearest.as_deref()))]
    UnknownMap {
        /// What was asked for.
        map: String,
        /// A map of a similar name.
        nearest: Option<String>,
    },
    /// The action is not legal in the map's status.
    #[error("table map {map} is {status}: {action} is not possible; possible now: {possible}")]
    NotNow {
        /// The map.
        map: MapId,
        /// Its status.
        status: MapStatus,
        /// What was asked.
        action: &'static str,
        /// What could be asked.
        possible: String,
    },
    /// Validation failed.
    #[error("{message}")]
    Invalid {
        /// The map.
        map: MapId,
        /// What is wrong.
        findings: Vec<Finding>,
        /// What the user reads.
        message: String,
    },
    /// A documented or own message.
    #[error("{message}")]
    Refused {
        /// Id of the message.
        code: String,
        /// What the user reads.
        message: String,
    },
    /// A column that the map does not have.
    #[error("table map {map} has no column '{column}'{}", did_you_mean(.nearest.as_deref()))]
    UnknownColumn {
        /// The map.
        map: MapId,
        /// What was asked for.
        column: String,
        /// A column of a similar name.
        nearest: Option<String>,
    },
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean '{name}'?"))
}

impl From<PortError> for EngineError {
    fn from(error: PortError) -> Self {
        Self::Refused { code: error.code, message: error.message }
    }
}
