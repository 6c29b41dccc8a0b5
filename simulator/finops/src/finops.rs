//! The environment itself: its store, its entities, what it is asked about them.

use crate::{
    EnvError, Environment, Hint, SaveError,
    broken::{Broken, Refusal},
    inventory::Inventory,
    number::Sequences,
    party::Parties,
    plan::{Plan, Role},
};
use dwsim_catalog::{Catalog, facts::Facts};
use dwsim_model::{Name, RowError, Side, TableType, Value, Values};
use dwsim_store::{Memo, Select, Store, StoreError, TableId};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use uuid::Uuid;

/// A Finance & Operations environment: its settings and every row of its entities.
#[derive(Debug)]
pub struct FinOps {
    pub(crate) catalog: Arc<Catalog>,
    environment: Environment,
    pub(crate) store: Store,
    pub(crate) plans: BTreeMap<TableId, Arc<Plan>>,
    pub(crate) sequences: Sequences,
    pub(crate) parties: Arc<Parties>,
    pub(crate) inventory: Inventory,
    tracked: BTreeSet<TableId>,
    pub(crate) first_rec_id: i64,
    /// How legal entities spell a code, which is asked for each row.
    pub(crate) company_values: Memo<Box<str>, Option<Value>>,
}

impl FinOps {
    /// An environment over a store. An empty store gets the default company, a filled one is taken as it is.
    ///
    /// Change tracking starts switched on for every entity that a table map names.
    pub fn new(catalog: Arc<Catalog>, environment: Environment, mut store: Store) -> Result<Self, EnvError> {
        for table in catalog.tables(Side::FinOps) {
            store.declare(table.clone());
        }
        let facts = catalog.facts();
        let sequences = Sequences::new(facts, &store);
        let mut plans = BTreeMap::new();
        let mut parties = None;
        for (id, table) in store.tables() {
            let plan = Plan::new(id, table, &catalog, &sequences)?;
            if plan.role == Role::Parties {
                parties = Some(Parties::new(facts, id, table, &sequences, &plan.empty)?);
            }
            plans.insert(id, Arc::new(plan));
        }
        let missing = |what: &str| EnvError::Catalogue { what: format!("entity {what}"), file: "finops" };
        let parties = Arc::new(parties.ok_or_else(|| missing(&facts.party_store().entity))?);
        let legal_entities = &facts.company().finops_entity;
        let companies = store.table(legal_entities).ok_or_else(|| missing(legal_entities))?;
        let tracked = catalog.maps().iter().filter_map(|map| store.table(&map.entity)).collect();
        let company = facts.company();
        let (first_rec_id, default_company) = (company.first_rec_id, company.default_company.clone());
        let born = store.count(&Select::all(companies))? > 0;
        let inventory = Inventory::default();
        let mut finops = Self {
            catalog,
            environment,
            store,
            plans,
            sequences,
            parties,
            inventory,
            tracked,
            first_rec_id,
            company_values: Memo::default(),
        };
        if !born {
            finops
                .create_company(&default_company, &default_company)
                .map_err(|error| EnvError::DefaultCompany(Box::new(error)))?;
        }
        Ok(finops)
    }

    /// What it is, beside its rows.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// What it is, to be changed.
    pub fn environment_mut(&mut self) -> &mut Environment {
        &mut self.environment
    }

    /// The catalogue it was built from.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// Its rows; transactions are opened and closed here.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The id of an entity by its public set name, without regard to case.
    pub fn table(&self, name: &str) -> Option<TableId> {
        self.store.table(name).or_else(|| self.store.table(&self.catalog.table(Side::FinOps, name)?.name))
    }

    /// The shape of an entity by its public set name, without regard to case.
    pub fn table_type(&self, name: &str) -> Option<&Arc<TableType>> {
        self.table(name).map(|id| self.store.table_type(id))
    }

    /// The typed columns of a row, the record id first.
    pub fn row(&self, table: TableId, id: &Value) -> Result<Option<Values>, EnvError> {
        let columns: Vec<usize> = (0..self.store.table_type(table).typed_columns()).collect();
        Ok(self.store.get(table, id, &columns)?)
    }

    /// Entities that hold rows and how many, sorted by name.
    pub fn counts(&self) -> Result<Vec<(Name, u64)>, EnvError> {
        let mut counts = Vec::new();
        for (id, table) in self.store.tables() {
            let count = self.store.count(&Select::all(id))?;
            if count > 0 {
                counts.push((table.name.clone(), count));
            }
        }
        counts.sort();
        Ok(counts)
    }

    /// One id for the content of an entity without its record ids: equal exactly when every typed cell is equal.
    pub fn digest(&self, table: TableId) -> Result<Uuid, EnvError> {
        let Some(plan) = self.plans.get(&table) else { return Ok(Uuid::nil()) };
        let columns: Vec<usize> = (1..plan.typed).collect();
        Ok(self.store.digest(&Select::all(table).columns(&columns).ordered(&plan.key))?)
    }

    /// Whether changes of an entity are tracked, so that a later initial sync can be incremental.
    pub fn tracks_changes(&self, entity: &str) -> bool {
        self.table(entity).is_some_and(|id| self.tracked.contains(&id))
    }

    /// Switches change tracking of an entity on or off.
    pub fn set_change_tracking(&mut self, entity: &str, on: bool) -> Result<(), SaveError> {
        let id = self.table(entity).ok_or_else(|| self.unknown_table(entity))?;
        if on {
            self.tracked.insert(id);
        } else {
            self.tracked.remove(&id);
        }
        Ok(())
    }

    pub(crate) fn unknown_table(&self, name: &str) -> SaveError {
        let known = self.catalog.tables(Side::FinOps).map(|table| table.name.as_str());
        SaveError::UnknownTable { name: name.into(), hint: Hint::nearest(name, known) }
    }

    pub(crate) fn plan(&self, table: TableId) -> Option<&Arc<Plan>> {
        self.plans.get(&table)
    }

    pub(crate) fn plan_named(&self, name: &str) -> Result<Arc<Plan>, SaveError> {
        let plan = self.table(name).and_then(|id| self.plans.get(&id));
        plan.cloned().ok_or_else(|| self.unknown_table(name))
    }

    pub(crate) fn facts(&self) -> &Facts {
        self.catalog.facts()
    }

    /// The error a user reads about a row of an entity.
    pub(crate) fn row_error(&self, plan: &Plan, broken: Broken, row: &[Value]) -> RowError {
        broken.row_error(self.facts(), &plan.table, |ordinal| row.get(ordinal))
    }

    /// The refusal of a row as a failed save.
    pub(crate) fn save_error(&self, plan: &Plan, refusal: Refusal, row: &[Value]) -> SaveError {
        match refusal {
            Refusal::Rule(broken) => SaveError::Rule(self.row_error(plan, broken, row)),
            Refusal::Store(StoreError::Duplicate { .. }) => {
                SaveError::Rule(self.row_error(plan, duplicate(plan, row), row))
            }
            Refusal::Store(error) => SaveError::Store(error),
        }
    }
}

/// The rule that a key identifies one row.
pub(crate) fn duplicate(plan: &Plan, row: &[Value]) -> Broken {
    let names: Vec<&str> = plan.key.iter().map(|ordinal| plan.table.column(*ordinal).name.as_str()).collect();
    let key = crate::broken::describe_key(&plan.table, |ordinal| row.get(ordinal));
    Broken::new("SIM-DUPLICATE-KEY", None).word("key", key).word("columns", names.join(", "))
}
