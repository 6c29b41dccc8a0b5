//! What has to be true before two environments can be linked, and who checks it.

use super::profiles::{LinkEntry, ProfileId};
use dwsim_model::{Name, Side};
use serde::Deserialize;

/// A line below the title of a health check.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckDetail {
    /// Message id of the line.
    pub message: Name,
    /// The application id the line is about, for a line about one.
    #[serde(default)]
    pub app_id: Option<Name>,
    /// The application id instead, for a Dual Write Core below the switch point.
    #[serde(default)]
    pub app_id_before_switch: Option<Name>,
}

/// One of the named checks of the prerequisite health check.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HealthCheck {
    /// `H1` to `H6`.
    pub id: Name,
    /// Message id of the title.
    pub title: Name,
    /// Lines below the title, in order.
    pub details: Vec<CheckDetail>,
    /// When it passes, in our words.
    pub passes_when: Box<str>,
    /// What to do when it fails.
    pub fix: Box<str>,
    /// Profiles that always show it. The others show it when it fails.
    pub shown_in: Vec<ProfileId>,
    /// Whether it is dropped once Dual Write Core has reached the switch point.
    #[serde(default)]
    pub until_switch: bool,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}

/// A requirement that has no named check.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// `P1` to `P8` for those of Lifecycle Services, `R1` and up for the others.
    pub id: Name,
    /// What is required.
    pub rule: Box<str>,
    /// What happens otherwise.
    pub effect: Box<str>,
    /// Where it is checked; empty when nothing checks it.
    pub checked_by: Vec<LinkEntry>,
    /// Whether it matters only when connecting to a Dataverse that exists.
    #[serde(default)]
    pub existing_dataverse_only: bool,
    /// Message of the refusal; absent when nothing is refused.
    #[serde(default)]
    pub message: Option<Name>,
    /// Names any of which fulfils it, where it is about having one of several things.
    #[serde(default)]
    pub any_of: Vec<Name>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}

/// A lowest version of something.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinimumVersion {
    /// Stable id, such as `finops`.
    pub id: Name,
    /// What has to have the version.
    pub what: Box<str>,
    /// Application version, such as `10.0.9`; absent where only the platform counts.
    #[serde(default)]
    pub version: Option<Name>,
    /// Number of the F&O platform update; absent on the Dataverse side.
    #[serde(default)]
    pub platform_update: Option<u32>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}

/// A place in which dual-write is offered, and the places of F&O that pair with it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Name as the pages list it.
    pub id: Name,
    /// Azure regions of F&O that pair with it. A sample of ours, not a complete list.
    pub finops_regions: Vec<Name>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}

/// An application one side uses to call the other.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppRegistration {
    /// Client id, a guid.
    pub id: Name,
    /// What it is for, in our words.
    pub name: Box<str>,
    /// Sides on which it has to be registered with a user.
    pub registered_on: Vec<Side>,
    /// Profiles that need it.
    pub profiles: Vec<ProfileId>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}
