//! Known issues of initial sync that hang on certain table maps.

use dwsim_model::{MapId, Name};
use serde::Deserialize;

/// A known issue. Which of its effects are given says what it does.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownIssue {
    /// Id of the message the user reads, where it shows at these maps.
    pub id: Name,
    /// The maps it hangs on.
    pub maps: Vec<MapId>,
    /// A lookup to this Dataverse table that finds nothing is this issue.
    #[serde(default)]
    pub lookup_table: Option<Name>,
    /// The only rows the F&O entity exports, as an X++ filter; the others are not errors, they are not there.
    #[serde(default)]
    pub exports_only: Option<Box<str>>,
    /// F&O fields whose times leave F&O as text, which Dataverse does not take.
    #[serde(default)]
    pub text_times: Vec<Name>,
    /// While one of these maps runs, initial sync takes longer.
    #[serde(default)]
    pub slow_while_running: Vec<MapId>,
    /// How many times longer.
    #[serde(default)]
    pub slow_factor: u64,
    /// What is behind it.
    pub note: Box<str>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}
