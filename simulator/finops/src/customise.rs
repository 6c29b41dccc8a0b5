//! Entities made other than the catalogue has them: fields of one's own.

use crate::{
    EnvError, FinOps,
    party::Parties,
    plan::{Plan, Role},
};
use dwsim_model::{Name, Side, TableType};
use std::{collections::BTreeMap, sync::Arc};

impl FinOps {
    /// Takes another shape of an entity it has, as [`TableType::with_column`] and its kin make them.
    pub fn change_entity(&mut self, table: TableType) -> Result<(), EnvError> {
        if self.table(&table.name).is_none() {
            return Err(EnvError::UnknownTable(table.name));
        }
        let table = Arc::new(table);
        let id = self.store.redeclare(table.clone())?;
        let plan = Plan::new(id, &table, &self.catalog, &self.sequences)?;
        if plan.role == Role::Parties {
            let parties = Parties::new(self.catalog.facts(), id, &table, &self.sequences, &plan.empty)?;
            self.parties = Arc::new(parties);
        }
        self.plans.insert(id, Arc::new(plan));
        Ok(())
    }

    /// The entities that are no longer as the catalogue has them.
    pub fn changed_entities(&self) -> BTreeMap<Name, Arc<TableType>> {
        let changed = |table: &Arc<TableType>| {
            self.catalog
                .table(Side::FinOps, &table.name)
                .is_none_or(|documented| !Arc::ptr_eq(documented, table))
        };
        let tables = self.store.tables().map(|(_, table)| table).filter(|table| changed(table));
        tables.map(|table| (table.name.clone(), table.clone())).collect()
    }
}
