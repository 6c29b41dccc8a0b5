//! The six set-up scenarios: what linking does by itself and what people do afterwards.

use super::{
    guidance::Origin,
    profiles::{LinkEntry, ProfileId},
};
use dwsim_model::Name;
use serde::Deserialize;

/// Which companies a new link has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkedCompanies {
    /// The default company of an F&O environment without data.
    DefaultCompany,
    /// Every company of F&O at the time of linking.
    All,
    /// Those ticked in the wizard.
    Chosen,
}

/// What happens by itself when the connection completes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AutomaticResult {
    /// `A1` and up.
    pub id: Name,
    /// What is there afterwards, in our words.
    pub text: Box<str>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}

/// What a person does afterwards.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManualStep {
    /// `M1` and up.
    pub id: Name,
    /// A short title.
    pub title: Box<str>,
    /// What to do, in our words.
    pub text: Box<str>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}

/// Manual steps that move data one way.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pass {
    /// What the pass achieves, in our words.
    pub purpose: Box<str>,
    /// Ids of the steps, in order.
    pub steps: Vec<Name>,
}

/// How one scenario runs in one profile.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioOutcome {
    /// The profile.
    pub profile: ProfileId,
    /// Where it starts.
    pub entry: LinkEntry,
    /// Ids of what happens by itself, in order.
    pub automatic: Vec<Name>,
    /// Companies of the new link.
    pub companies: LinkedCompanies,
    /// Whether the maps run afterwards without anyone starting them.
    pub maps_running: bool,
    /// Manual work, in order; empty when nothing is left to do.
    pub passes: Vec<Pass>,
}

/// One of the six scenarios.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioRow {
    /// Id such as `new-existing`: F&O first, then Dataverse.
    pub id: Name,
    /// Name for people.
    pub name: Box<str>,
    /// Which F&O.
    pub finops: Origin,
    /// Whether F&O has data.
    pub finops_data: bool,
    /// Which Dataverse.
    pub dataverse: Origin,
    /// How it runs, one entry a profile.
    pub outcomes: Vec<ScenarioOutcome>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}

impl ScenarioRow {
    /// How it runs in a profile.
    pub fn outcome(&self, profile: ProfileId) -> Option<&ScenarioOutcome> {
        self.outcomes.iter().find(|outcome| outcome.profile == profile)
    }
}
