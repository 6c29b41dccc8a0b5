//! The schemas a link knows: a snapshot of both environments, which grows stale until somebody refreshes it.
//!
//! A new link knows the catalogue's schemas. Only what differs from them is kept here, so a link whose environments
//! have no columns of their own costs nothing.

use dwsim_catalog::Catalog;
use dwsim_model::{Name, Side, TableType};
use std::{collections::BTreeMap, sync::Arc};

/// Tables of one side that differ from the catalogue; none stands for a table that is not there.
pub type SchemaChanges = BTreeMap<Name, Option<Arc<TableType>>>;

/// What a link knows of both schemas.
#[derive(Clone, Debug)]
pub struct Schemas {
    catalog: Arc<Catalog>,
    finops: SchemaChanges,
    dataverse: SchemaChanges,
}

impl Schemas {
    /// The schemas of the catalogue.
    pub fn new(catalog: Arc<Catalog>) -> Self {
        Self { catalog, finops: SchemaChanges::new(), dataverse: SchemaChanges::new() }
    }

    /// The catalogue they started from.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// An entity or table as the link knows it, by name without regard to case.
    pub fn table(&self, side: Side, name: &str) -> Option<&Arc<TableType>> {
        let documented = self.catalog.table(side, name);
        let key = documented.map_or(name, |table| table.name.as_str());
        match self.changes(side).get(key) {
            Some(changed) => changed.as_ref(),
            None => documented,
        }
    }

    /// An F&O entity by the name people read, or its set name.
    pub fn entity_labelled(&self, label: &str) -> Option<&Arc<TableType>> {
        let named = |table: &&Arc<TableType>| table.label.eq_ignore_ascii_case(label);
        let documented = self.catalog.tables(Side::FinOps).find(named);
        self.table(Side::FinOps, documented.map_or(label, |table| table.name.as_str()))
    }

    /// A Dataverse table by its entity set or its logical name.
    pub fn table_of_set(&self, set: &str) -> Option<&Arc<TableType>> {
        let documented = self.catalog.entity_set(set);
        self.table(Side::Dataverse, documented.map_or(set, |table| table.name.as_str()))
    }

    /// Takes over what one environment has now.
    pub fn refresh(&mut self, side: Side, changes: SchemaChanges) {
        match side {
            Side::FinOps => self.finops = changes,
            Side::Dataverse => self.dataverse = changes,
        }
    }

    fn changes(&self, side: Side) -> &SchemaChanges {
        match side {
            Side::FinOps => &self.finops,
            Side::Dataverse => &self.dataverse,
        }
    }
}
