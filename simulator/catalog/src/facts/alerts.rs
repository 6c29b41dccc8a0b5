//! Error types of alert settings: what they are called and which failures they count.

use dwsim_model::Name;
use serde::Deserialize;

/// The type of every failure no other type claims.
pub const APPLICATION_ERROR: &str = "application-error";

/// An error type an alert setting can name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorType {
    /// Short name.
    pub id: Name,
    /// As the page lists it.
    pub name: Box<str>,
    /// What an error of the type means.
    pub cause: Box<str>,
    /// Ids of the messages of its failures.
    pub codes: Vec<Name>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}
