//! What the documentation says that can be checked, and the questions it leaves open.

use dwsim_model::Name;
use serde::Deserialize;

/// A documented behaviour, in our words. A feature proves it by a tag with its id.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Behaviour {
    /// `B61`, `L12`.
    pub id: Name,
    /// What it is about.
    pub area: Box<str>,
    /// The behaviour.
    pub text: Box<str>,
    /// Why it cannot be simulated; absent for all that can.
    #[serde(default)]
    pub not_simulated: Option<Box<str>>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}

/// A question the documentation leaves open, and what the simulator does. A feature shows it by the tag
/// `decision-` and the id.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// `14`, `Q6`.
    pub id: Name,
    /// The question.
    pub question: Box<str>,
    /// What the simulator does.
    pub answer: Box<str>,
    /// Why no scenario can show it; absent for all that can be shown.
    #[serde(default)]
    pub not_shown: Option<Box<str>>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}
