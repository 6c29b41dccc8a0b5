//! Tables made other than the catalogue has them, and what a link asks of the environment's own rows.

use crate::{Dataverse, EnvError, definition::Definitions};
use dwsim_model::{Name, Side, TableType, Value, Values};
use dwsim_store::Select;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use uuid::Uuid;

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

    /// Takes a table it does not have.
    pub fn add_table(&mut self, table: &Arc<TableType>) {
        self.declare(table);
    }

    /// Drops a table with all its rows and with what its makers called it.
    pub fn remove_table(&mut self, name: &str) -> Result<(), EnvError> {
        let table = self.shape(name)?.table.name.clone();
        self.drop_files(&table, None)?;
        self.store.drop_table(&table)?;
        self.forget(&table);
        self.definitions.forget_table(&table);
        Ok(())
    }

    /// Removes the contents of the files in a column, or in all columns of a table.
    pub fn drop_files(&self, table: &str, column: Option<&str>) -> Result<(), EnvError> {
        let shape = self.shape(table)?;
        let wanted = column.and_then(|name| shape.table.ordinal(name));
        let files = self.definitions.files(&shape.table);
        for ordinal in files.into_iter().filter(|at| column.is_none() || wanted == Some(*at)) {
            for row in self.store.collect(&Select::all(shape.id).columns(&[ordinal]))? {
                if let Some(file) = row.first().and_then(Value::as_guid) {
                    self.store.delete_file(file)?;
                }
            }
        }
        Ok(())
    }

    /// What makers have defined.
    pub fn definitions(&self) -> &Definitions {
        &self.definitions
    }

    /// The same, to change it; every call counts as a change.
    pub fn definitions_mut(&mut self) -> &mut Definitions {
        self.definitions.stamp += 1;
        &mut self.definitions
    }

    /// Each status of a table with the state it belongs to.
    pub fn state_of_status(&self, table: &str) -> &[(i32, i32)] {
        let state = self.shape(table).ok().and_then(|shape| shape.state.as_ref());
        state.map(|state| state.pairs.as_slice()).unwrap_or_default()
    }

    /// The names of all business units, in lower case.
    pub fn business_unit_names(&self) -> Result<BTreeSet<String>, EnvError> {
        let shape = &self.shapes[self.system.unit];
        let Some(name) = shape.table.primary_name else { return Ok(BTreeSet::new()) };
        let rows = self.store.collect(&Select::all(shape.id).columns(&[name]))?;
        Ok(rows.iter().filter_map(|row| row.first()?.as_text().map(str::to_ascii_lowercase)).collect())
    }

    /// Every business unit with its name, in the order they were made.
    pub fn business_units(&self) -> Result<Vec<(Uuid, String)>, EnvError> {
        let shape = &self.shapes[self.system.unit];
        let Some(name) = shape.table.primary_name else { return Ok(Vec::new()) };
        let rows = self.store.collect(&Select::all(shape.id).columns(&[0, name]))?;
        let unit = |row: &Values| Some((row[0].as_guid()?, row[1].as_text()?.to_owned()));
        Ok(rows.iter().filter_map(unit).collect())
    }

    /// The name of a team; empty when there is no such team.
    pub fn team_name(&self, team: Uuid) -> Result<String, EnvError> {
        Ok(self.text_of(self.system.team, team, "name")?.unwrap_or_default())
    }

    /// The tables that are no longer as the catalogue has them.
    pub fn changed_tables(&self) -> BTreeMap<Name, Arc<TableType>> {
        let changed = |table: &&Arc<TableType>| {
            self.catalog
                .table(Side::Dataverse, &table.name)
                .is_none_or(|documented| !Arc::ptr_eq(documented, table))
        };
        let there = self.shapes.iter().filter(|shape| !shape.dropped);
        let tables = there.map(|shape| &shape.table).filter(changed);
        tables.map(|table| (table.name.clone(), table.clone())).collect()
    }
}
