//! A transaction of whoever calls Dataverse from outside: several changes, one after the other, one outcome.

use crate::{Tenant, TenantError};
use dwsim_dataverse::{Actor, Dataverse, SaveError};
use dwsim_dualwrite::live::LiveOutcome;
use dwsim_model::{Change, RowChange, Side};
use jiff::Timestamp;

/// An open transaction over both sides in which Dataverse rows are changed one by one.
#[derive(Debug)]
pub struct DataverseTransaction<'t> {
    dataverse: &'t mut Dataverse,
    actor: Actor,
    now: Timestamp,
    changed: Vec<RowChange>,
}

impl DataverseTransaction<'_> {
    /// The rows as they are inside the transaction.
    pub fn dataverse(&self) -> &Dataverse {
        self.dataverse
    }

    /// Who changes rows.
    pub fn actor(&self) -> Actor {
        self.actor
    }

    /// The virtual time of the transaction.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Saves one change under the rules of Dataverse. A change that is refused leaves nothing behind; those before it
    /// stay until the transaction ends.
    pub fn save(&mut self, change: &Change) -> Result<RowChange, SaveError> {
        let saved = self.dataverse.save(change, &self.actor, self.now).inspect_err(|_| {
            self.dataverse.take_side_effects();
        })?;
        self.changed.extend(self.dataverse.take_side_effects());
        self.changed.push(saved.clone());
        Ok(saved)
    }
}

impl Tenant {
    /// Changes Dataverse rows as an outside caller does. Live sync carries all changes over once `work` is done;
    /// both sides commit, or neither does.
    pub fn in_dataverse<T, E: From<TenantError>>(
        &mut self,
        actor: Actor,
        work: impl FnOnce(&mut DataverseTransaction<'_>) -> Result<T, E>,
    ) -> Result<(T, Vec<LiveOutcome>), E> {
        let now = self.clock.now();
        self.existing_dataverse()?;
        self.transact(Side::Dataverse, None, |world| {
            let mut transaction = DataverseTransaction {
                dataverse: world.existing_dataverse()?,
                actor,
                now,
                changed: Vec::new(),
            };
            let made = work(&mut transaction)?;
            Ok((made, transaction.changed))
        })
    }
}
