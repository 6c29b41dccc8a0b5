//! Tables made other than the catalogue has them, and what a link asks of the environment's own rows.

use crate::{Dataverse, EnvError};
use dwsim_model::{Name, Side, TableType};
use dwsim_store::Select;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

impl Dataverse {
    /// Takes another shape of a table it has, as [`TableType::with_column`] and its kin make them.
    pub fn change_table(&mut self, table: TableType) -> Result<(), EnvError> {
        if self.table(&table.name).is_none() {
            return Err(EnvError::UnknownTable(table.name));
        }
        let table = Arc::new(table);
        self.store.redeclare(table.clone())?;
        self.declare(&table);
        Ok(())
    }

    /// The names of all business units, in lower case.
    pub fn business_unit_names(&self) -> Result<BTreeSet<String>, EnvError> {
        let shape = &self.shapes[self.system.unit];
        let Some(name) = shape.table.primary_name else { return Ok(BTreeSet::new()) };
        let rows = self.store.collect(&Select::all(shape.id).columns(&[name]))?;
        Ok(rows.iter().filter_map(|row| row.first()?.as_text().map(str::to_ascii_lowercase)).collect())
    }

    /// The tables that are no longer as the catalogue has them.
    pub fn changed_tables(&self) -> BTreeMap<Name, Arc<TableType>> {
        let changed = |table: &&Arc<TableType>| {
            self.catalog
                .table(Side::Dataverse, &table.name)
                .is_none_or(|documented| !Arc::ptr_eq(documented, table))
        };
        let tables = self.shapes.iter().map(|shape| &shape.table).filter(changed);
        tables.map(|table| (table.name.clone(), table.clone())).collect()
    }
}
