//! Documentation profiles: the same product as its pages described it at two points in time.

use super::source::Sourced;
use dwsim_model::Name;
use jiff::civil::Date;
use serde::Deserialize;
use std::{fmt, str::FromStr};

/// Which reading of the documentation a world follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub enum ProfileId {
    /// The pages as of October 2020, and where a rule has no text from then, its oldest known text.
    #[serde(rename = "2020-10")]
    Docs2020,
    /// The newest pages.
    #[default]
    #[serde(rename = "2026")]
    Docs2026,
}

impl ProfileId {
    /// Both profiles, oldest first.
    pub const ALL: [Self; 2] = [Self::Docs2020, Self::Docs2026];

    /// The id as people write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Docs2020 => "2020-10",
            Self::Docs2026 => "2026",
        }
    }
}

impl fmt::Display for ProfileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ProfileId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|profile| profile.as_str() == text);
        found.ok_or_else(|| format!("there is no profile '{text}', use 2020-10 or 2026"))
    }
}

/// What a second initial sync of a map sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InitialSyncRerun {
    /// Everything, every time.
    FullPush,
    /// Changes since the last run when F&O tracks changes, everything otherwise. Failed rows are not sent again.
    IncrementalWhenTracked,
}

/// Where linking starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkEntry {
    /// The environment page of Lifecycle Services.
    LifecycleServices,
    /// The wizard on the Dual-write page of F&O.
    Wizard,
}

/// Buttons on the Dual-write page of F&O.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkButtons {
    /// New link to environment, and Unlink.
    LinkAndUnlink,
    /// Reset link only, with a banner that says so.
    ResetLink,
}

/// A way back from Paused to Running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResumeOption {
    /// Play the queue back in order, then go live.
    CatchUp,
    /// Go live at once, keep the queue as catch-up errors to retry.
    SkipPreserving,
    /// Go live at once, drop the queue.
    SkipDiscarding,
}

/// Whether cloud-hosted development environments can be linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CloudHosted {
    /// While deploying, to a new Power Platform environment only.
    WhileDeployingToNew,
    /// No.
    Unsupported,
}

/// How configuration of a former link is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RelinkCleanUp {
    /// A person deletes the rows of the configuration tables.
    DeleteRowsByHand,
    /// Reset link does it.
    ResetLink,
}

/// What the pages call the Dataverse side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Terminology {
    /// Entities and fields of the Common Data Service.
    CommonDataServiceEntities,
    /// Tables and columns of Dataverse.
    DataverseTables,
}

/// One reading of the documentation: every rule on which old and new pages differ.
///
/// Figures that differ are in [`super::Limits`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Which one it is.
    pub id: ProfileId,
    /// Name for people.
    pub name: Box<str>,
    /// The date it stands for; absent for the newest texts.
    pub date: Option<Date>,
    /// What it is for.
    pub note: Box<str>,
    /// What a second initial sync sends.
    pub initial_sync_rerun: Sourced<InitialSyncRerun>,
    /// Where linking starts when F&O is new.
    pub new_finops_entry: Sourced<LinkEntry>,
    /// Where linking starts when F&O exists.
    pub existing_finops_entry: Sourced<LinkEntry>,
    /// Buttons of the Dual-write page.
    pub link_buttons: Sourced<LinkButtons>,
    /// Ids of the applications with which Dataverse calls F&O.
    pub dataverse_app_ids: Sourced<Vec<Name>>,
    /// Whether a tenant administrator has to consent to the first of them.
    pub tenant_consent_required: Sourced<bool>,
    /// Prerequisite checks that are always shown.
    pub checks_shown: Sourced<Vec<Name>>,
    /// Prerequisite checks that run unseen and are shown when they fail.
    pub checks_silent: Sourced<Vec<Name>>,
    /// Ways back from Paused.
    pub resume_options: Sourced<Vec<ResumeOption>>,
    /// Whether a map that is resuming can be taken live at once.
    pub skip_to_live_while_resuming: Sourced<bool>,
    /// Cloud-hosted development environments.
    pub cloud_hosted: Sourced<CloudHosted>,
    /// Message shown when dual-write and Lifecycle Services name different Dataverse environments.
    pub mismatch_message: Sourced<Name>,
    /// How configuration of a former link goes away.
    pub relink_clean_up: Sourced<RelinkCleanUp>,
    /// Whether support relinks to another Dataverse on request.
    pub relink_by_support: Sourced<bool>,
    /// Words for the Dataverse side.
    pub terminology: Sourced<Terminology>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}
