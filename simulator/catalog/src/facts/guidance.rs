//! Which way of bringing existing data together the guidance matrix advises.

use dwsim_model::Name;
use serde::Deserialize;

/// Whether an environment was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Created for this link.
    New,
    /// There before.
    Existing,
}

/// How F&O imports the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Threading {
    /// It does not matter.
    Any,
    /// One import task only.
    Single,
    /// Several import tasks.
    Multi,
}

/// One step of an approach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApproachStep {
    /// Create the company in F&O.
    CreateCompany,
    /// Give the Dataverse rows their company.
    Bootstrap,
    /// Load the data into F&O first.
    MigrateToFinOps,
    /// Load the data into Dataverse first.
    MigrateToDataverse,
    /// Load each side by itself, outside dual-write.
    MigrateToEach,
    /// Run the map with initial sync.
    InitialSync,
    /// Run the map without initial sync.
    SkipInitialSync,
}

impl ApproachStep {
    /// The step in our words, as an instruction.
    pub fn text(self) -> &'static str {
        match self {
            Self::CreateCompany => "create the company in F&O",
            Self::Bootstrap => "bootstrap Dataverse",
            Self::MigrateToFinOps => "load the data into F&O",
            Self::MigrateToDataverse => "load the data into Dataverse",
            Self::MigrateToEach => "load each side by itself, outside dual-write",
            Self::InitialSync => "run initial sync",
            Self::SkipInitialSync => "run the map without initial sync",
        }
    }
}

/// One row of the matrix.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuidanceRow {
    /// `G1` to `G14`, in the order of the page.
    pub id: Name,
    /// Which F&O.
    pub finops: Origin,
    /// Which Dataverse.
    pub dataverse: Origin,
    /// Whether there is data to bring together.
    pub has_data: bool,
    /// It applies up to and including this many rows of a table.
    #[serde(default)]
    pub at_most: Option<u64>,
    /// It applies above this many rows of a table.
    #[serde(default)]
    pub more_than: Option<u64>,
    /// Which kind of import.
    pub threading: Threading,
    /// What to do, in order.
    pub approach: Vec<ApproachStep>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}

impl GuidanceRow {
    /// Whether the row covers this case. The page leaves its bounds open: here a bound belongs to the lower row.
    pub fn covers(
        &self,
        finops: Origin,
        dataverse: Origin,
        has_data: bool,
        rows: u64,
        single_threaded: bool,
    ) -> bool {
        self.finops == finops
            && self.dataverse == dataverse
            && self.has_data == has_data
            && self.at_most.is_none_or(|most| rows <= most)
            && self.more_than.is_none_or(|least| rows > least)
            && match self.threading {
                Threading::Any => true,
                Threading::Single => single_threaded,
                Threading::Multi => !single_threaded,
            }
    }

    /// Whether the row advises initial sync.
    pub fn uses_initial_sync(&self) -> bool {
        self.approach.contains(&ApproachStep::InitialSync)
    }
}
