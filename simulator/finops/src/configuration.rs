//! The configuration tables of dual-write in F&O: what a link and its table maps leave behind there.

use dwsim_model::{MapId, Name, Side};

/// One row of `DualWriteProjectConfiguration`: one direction of a table map that was enabled once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectConfiguration {
    /// The table map.
    pub map: MapId,
    /// Public set name of the F&O entity.
    pub entity: Name,
    /// Logical name of the Dataverse table.
    pub table: Name,
    /// The side written to.
    pub into: Side,
    /// Address of the Dataverse environment it writes to or reads from.
    pub external_environment_url: String,
    /// Number of the link it was written for; links are counted.
    pub link: u64,
    /// Rows of `DualWriteProjectFieldConfiguration` that belong to it.
    pub fields: u64,
}

/// The three configuration tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DualWriteConfiguration {
    /// `DualWriteProjectConfiguration`.
    pub projects: Vec<ProjectConfiguration>,
    /// `BusinessEventsDefinition`: pairs of table map and entity whose changes are raised.
    pub business_events: Vec<(MapId, Name)>,
}

impl DualWriteConfiguration {
    /// Rows of `DualWriteProjectFieldConfiguration`.
    pub fn field_rows(&self) -> u64 {
        self.projects.iter().map(|project| project.fields).sum()
    }

    /// Rows of all three tables.
    pub fn rows(&self) -> u64 {
        self.projects.len() as u64 + self.field_rows() + self.business_events.len() as u64
    }

    /// Empties all three tables.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The row that keeps changes of an entity from being sent: written for another Dataverse than the linked one.
    pub fn astray(&self, entity: &str, linked: &str) -> Option<&ProjectConfiguration> {
        self.projects.iter().find(|project| {
            project.into == Side::Dataverse
                && project.entity.as_str() == entity
                && project.external_environment_url != linked
        })
    }
}
