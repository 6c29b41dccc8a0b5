//! Where facts come from: the tags that records cite.

use dwsim_model::Name;
use jiff::civil::Date;
use serde::Deserialize;

/// One thing a fact may rest on: a documentation page as of a date, a published program, or our own decision.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Tag that records cite.
    pub id: Name,
    /// The page, program or reason.
    pub page: Box<str>,
    /// Date of the text that was read. Absent when the text carries none.
    pub date: Option<Date>,
}

/// A value together with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sourced<T> {
    /// The fact.
    pub value: T,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
    /// What a reader has to know about it.
    #[serde(default)]
    pub note: Option<Box<str>>,
}
