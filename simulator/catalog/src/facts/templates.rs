//! Templates Lifecycle Services offers for a new Dataverse.

use dwsim_model::Name;
use serde::Deserialize;

/// One template.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Stable id, such as `standard-with-dual-write`.
    pub id: Name,
    /// Name as the page prints it.
    pub name: Name,
    /// Whether Dual Write Core and the other platform components come with it.
    pub platform_components: bool,
    /// Whether its packages are what configuring dual-write installs into a Dataverse that exists.
    #[serde(default)]
    pub for_existing: bool,
    /// Packages it installs, in order.
    pub packages: Vec<Name>,
    /// What it is for and what of this is our reading.
    pub note: Box<str>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}
