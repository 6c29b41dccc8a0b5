//! What can be wrong with a facts file, and with rendering a message.

use thiserror::Error;

/// A facts file that cannot be used. It names the file, the record and what to put right.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FactError {
    /// The file as a whole cannot be read as TOML.
    #[error("facts file {file} is not valid TOML, correct its syntax: {reason}")]
    Syntax {
        /// File name under `data/facts`.
        file: &'static str,
        /// What the TOML reader says.
        reason: String,
    },
    /// One record breaks a rule.
    #[error("facts file {file}, record '{record}': {reason}")]
    Record {
        /// File name under `data/facts`.
        file: &'static str,
        /// Id of the record, or its table name and position when it has none.
        record: String,
        /// What is wrong and how to put it right.
        reason: String,
    },
    /// A part of the catalogue and the facts do not fit together.
    #[error("facts file {file} does not fit the catalogue: {reason}")]
    Mismatch {
        /// File name under `data/facts`.
        file: &'static str,
        /// What does not fit and how to put it right.
        reason: String,
    },
}

impl FactError {
    pub(super) fn record(file: &'static str, record: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Record { file, record: record.into(), reason: reason.into() }
    }
}

/// A message that cannot be rendered. Each is a mistake of the caller, never of the user.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MessageError {
    /// There is no message of that id.
    #[error("no message has the id '{id}', use an id of messages.toml or simulator-messages.toml")]
    NoSuchMessage {
        /// The id asked for.
        id: String,
    },
    /// The template has a placeholder that got no value.
    #[error("message '{id}' needs a value for '{name}', pass it as an argument")]
    Missing {
        /// Message id.
        id: String,
        /// Placeholder without a value.
        name: String,
    },
    /// A value was given for a placeholder that the template does not have.
    #[error("message '{id}' has no placeholder '{name}', it takes: {takes}")]
    Unknown {
        /// Message id.
        id: String,
        /// Argument nobody asked for.
        name: String,
        /// The placeholders the message does have, or `nothing`.
        takes: String,
    },
}
