//! What one initial sync is asked to do, between which sides, and what surrounds it.

use crate::{execution::Progress, messages::Messages, port::Environment};
use dwsim_catalog::facts::Limits;
use dwsim_filter::Predicate;
use dwsim_model::{CompanyCode, Name, Side, VirtualDuration};

/// Both environments, and who writes into which.
pub struct Sides<'a> {
    /// Finance & Operations.
    pub finops: &'a mut dyn Environment,
    /// Dataverse.
    pub dataverse: &'a mut dyn Environment,
}

impl Sides<'_> {
    /// Source and target of writing into a side.
    pub fn into(&mut self, target: Side) -> (&dyn Environment, &mut dyn Environment) {
        match target {
            Side::Dataverse => (&*self.finops, &mut *self.dataverse),
            Side::FinOps => (&*self.dataverse, &mut *self.finops),
        }
    }

    /// One side, to read.
    pub fn side(&self, side: Side) -> &dyn Environment {
        match side {
            Side::FinOps => &*self.finops,
            Side::Dataverse => &*self.dataverse,
        }
    }

    /// One side, to write.
    pub fn side_mut(&mut self, side: Side) -> &mut dyn Environment {
        match side {
            Side::FinOps => &mut *self.finops,
            Side::Dataverse => &mut *self.dataverse,
        }
    }
}

/// What one execution is asked to do.
#[derive(Clone, Debug)]
pub struct Order {
    /// Number shared by all executions of one run.
    pub request: u64,
    /// The legal entity; none for a global map.
    pub company: Option<CompanyCode>,
    /// Who wins a conflict.
    pub master: Side,
    /// Rows written after these versions only.
    pub since: Since,
    /// The versions both sides had when the run began; rows that came later take no part.
    pub fixed: Versions,
}

/// Where an incremental push starts on each side; none is a full push of that side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Since {
    /// Of F&O.
    pub finops: Option<i64>,
    /// Of Dataverse.
    pub dataverse: Option<i64>,
}

/// The version of each side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    /// Of F&O.
    pub finops: i64,
    /// Of Dataverse.
    pub dataverse: i64,
}

impl Versions {
    /// As they are now.
    pub fn of(sides: &Sides<'_>) -> Self {
        Self { finops: sides.finops.version(), dataverse: sides.dataverse.version() }
    }
}

/// What every execution needs from the world around it.
pub struct Surroundings<'a> {
    /// Documented limits and speeds.
    pub limits: &'a Limits,
    /// Documented messages.
    pub messages: &'a Messages,
    /// Virtual time an F&O export takes; instant unless a test says otherwise.
    pub export_time: VirtualDuration,
    /// Rows each side is assumed to have in this partition, in a rehearsal of volumes.
    pub assumed: [Option<u64>; 2],
    /// How many times longer than documented the run takes.
    pub slow_factor: u64,
    /// Which F&O rows the entity exports at all, beside the map's filter.
    pub exported_only: Predicate,
    /// F&O fields of this map whose times leave F&O as text, with the message that says so.
    pub text_times: Vec<(Name, Name)>,
    /// Told about every batch.
    pub progress: &'a mut dyn FnMut(&Progress),
}
