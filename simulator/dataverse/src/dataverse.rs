//! The environment itself: its tables, ids and the rows the platform makes on its own.

use crate::{
    EnvError, IntegrationDetails, Organization,
    definition::Definitions,
    domain::DomainRules,
    owner::Owner,
    refusal::{Refusal, Subject},
    security::Roles,
    shape::Shape,
};
use dwsim_catalog::Catalog;
use dwsim_model::{CompanyCode, Name, RowChange, RowError, Seed, Side, TableType, Value, Values, table_id};
use dwsim_store::{Condition, Memo, Select, Store, StoreError, TableId};
use jiff::Timestamp;
use rustc_hash::FxHashMap;
use std::{collections::BTreeMap, sync::Arc};
use uuid::Uuid;

/// A Dataverse environment.
///
/// Rows live in its [`Store`]; the caller opens, commits and rolls back transactions there. Everything else
/// (organisation, roles, application users) is kept beside the rows and is not part of a transaction.
#[derive(Debug)]
pub struct Dataverse {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) store: Store,
    pub(crate) seed: Seed,
    pub(crate) organization: Organization,
    pub(crate) shapes: Vec<Shape>,
    pub(crate) rules: DomainRules,
    pub(crate) system: System,
    pub(crate) roles: Roles,
    pub(crate) applications: BTreeMap<Uuid, bool>,
    pub(crate) owning_teams: BTreeMap<Name, Uuid>,
    /// What the default team of a business unit was called when the environment was linked.
    pub(crate) default_team_names: BTreeMap<Uuid, String>,
    pub(crate) drawn: BTreeMap<Name, u64>,
    pub(crate) side_effects: Vec<RowChange>,
    pub(crate) definitions: Definitions,
    pub(crate) remembered: Remembered,
    by_name: FxHashMap<Name, usize>,
    by_space: FxHashMap<[u8; 10], usize>,
}

/// Indices of the tables the platform writes to, and the rows every environment has.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct System {
    pub(crate) company: usize,
    pub(crate) unit: usize,
    pub(crate) team: usize,
    pub(crate) user: usize,
    pub(crate) root_unit: Uuid,
    pub(crate) root_team: Uuid,
    /// The user SYSTEM, who does what nobody asked for.
    pub(crate) platform_user: Uuid,
}

/// What is asked of companies, teams and users for row after row.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    /// The row of a company code.
    pub(crate) company_rows: Memo<Box<str>, Option<Uuid>>,
    /// The code of a company row.
    pub(crate) company_codes: Memo<Uuid, Option<CompanyCode>>,
    /// A team or user, with its business unit.
    pub(crate) owners: Memo<Uuid, Option<Owner>>,
    /// The team of a company for one kind of sync; none where there is a reason to be told.
    pub(crate) company_teams: Memo<(CompanyCode, bool), Option<Uuid>>,
}

impl Dataverse {
    /// An environment over a store. A new store gets the root business unit, its default team of the same name
    /// and the user SYSTEM; one that has them keeps them.
    pub fn new(
        catalog: Arc<Catalog>,
        organization: Organization,
        seed: Seed,
        store: Store,
        now: Timestamp,
    ) -> Result<Self, EnvError> {
        let rules = DomainRules::embedded().map_err(EnvError::Rules)?;
        let mut dataverse = Self {
            catalog,
            store,
            seed,
            organization,
            shapes: Vec::new(),
            rules,
            system: System::default(),
            roles: Roles::new(),
            applications: BTreeMap::new(),
            owning_teams: BTreeMap::new(),
            default_team_names: BTreeMap::new(),
            drawn: BTreeMap::new(),
            side_effects: Vec::new(),
            definitions: Definitions::default(),
            remembered: Remembered::default(),
            by_name: FxHashMap::default(),
            by_space: FxHashMap::default(),
        };
        let tables: Vec<Arc<TableType>> = dataverse.catalog.tables(Side::Dataverse).cloned().collect();
        for table in &tables {
            dataverse.declare(table);
        }
        let company = dataverse.catalog.facts().company().table.clone();
        dataverse.system.company = dataverse.indexed(&company)?.0;
        dataverse.system.unit = dataverse.indexed("businessunit")?.0;
        dataverse.system.team = dataverse.indexed("team")?.0;
        dataverse.system.user = dataverse.indexed("systemuser")?.0;
        dataverse.found(now)?;
        Ok(dataverse)
    }

    /// Declares a table, or declares it again after a setting its rules depend on has changed.
    pub(crate) fn declare(&mut self, table: &Arc<TableType>) {
        let mut domain = self.rules.of(table, self.organization.products_active);
        for (ordinal, value) in self.definitions.defaults(table) {
            domain.defaults.retain(|(own, _)| *own != ordinal);
            domain.defaults.push((ordinal, value));
        }
        let shape = Shape::build(&mut self.store, self.seed, &self.catalog, table, domain);
        let known = self.by_name.get(&table.name).copied();
        if let Some(at) = known {
            self.shapes[at] = shape;
            return;
        }
        if let Some(at) = self.shapes.iter().position(|old| old.table.name == table.name) {
            self.by_space.insert(space_of(table_id(shape.space, 0)), at);
            self.by_name.insert(table.name.clone(), at);
            self.shapes[at] = shape;
            return;
        }
        self.by_space.insert(space_of(table_id(shape.space, 0)), self.shapes.len());
        self.by_name.insert(table.name.clone(), self.shapes.len());
        self.shapes.push(shape);
    }

    /// Forgets a table. Its place among the shapes stays, so that no other one moves.
    pub(crate) fn forget(&mut self, name: &str) {
        let Some(at) = self.by_name.remove(name) else { return };
        self.by_space.retain(|_, own| *own != at);
        self.shapes[at].dropped = true;
    }

    /// The rows every environment has.
    fn found(&mut self, now: Timestamp) -> Result<(), EnvError> {
        let (unit, team, user) = (self.system.unit, self.system.team, self.system.user);
        let parent = self.shapes[unit].table.ordinal("parentbusinessunitid").unwrap_or(0);
        let root = Select::all(self.shapes[unit].id).only(Condition::Equal(parent, Value::Null)).limit(1);
        let root = self.store.collect(&root)?.first().and_then(|row| row[0].as_guid());
        self.system.root_unit = if let Some(root) = root {
            root
        } else {
            self.store.begin()?;
            let platform_user = self.next_id(user);
            self.system.platform_user = platform_user;
            let root = self.next_id(unit);
            let name = Value::text(self.organization.name.as_str());
            self.plant(unit, root, vec![("name", name), ("isdisabled", Value::Bool(false))], now)?;
            let system = Value::text("SYSTEM");
            let values = vec![("fullname", system), ("businessunitid", Value::Guid(root))];
            self.plant(user, platform_user, values, now)?;
            self.add_default_team(root, now)?;
            self.store.commit()?;
            root
        };
        self.system.platform_user =
            self.find_id(user, &[("fullname", Value::text("SYSTEM"))])?.unwrap_or_default();
        let of_root =
            [("businessunitid", Value::Guid(self.system.root_unit)), ("isdefault", Value::Bool(true))];
        self.system.root_team = self.find_id(team, &of_root)?.unwrap_or_default();
        Ok(())
    }

    /// The rows.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The facts it was built from.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// What the environment is apart from its rows.
    pub fn organization(&self) -> &Organization {
        &self.organization
    }

    /// The same, to change it. Use [`Dataverse::set_products_active`] for that one setting.
    pub fn organization_mut(&mut self) -> &mut Organization {
        &mut self.organization
    }

    /// Sales setting "Create products in active state".
    pub fn set_products_active(&mut self, active: bool) {
        self.organization.products_active = active;
        let there = self.shapes.iter().filter(|shape| !shape.dropped);
        let tables: Vec<Arc<TableType>> = there.map(|shape| shape.table.clone()).collect();
        for table in tables {
            self.declare(&table);
        }
    }

    /// The F&O environment this one is integrated with.
    ///
    /// # Errors
    /// The documented error 0x80048d0b when there is none.
    pub fn integration_details(&self) -> Result<&IntegrationDetails, RowError> {
        let refused =
            || Refusal::NotIntegrated.into_error(self.catalog.facts(), Subject { table: "", record: "" });
        self.organization.integration.as_ref().ok_or_else(refused)
    }

    /// Notes which F&O environment this one is integrated with, or that it is with none.
    pub fn set_integration(&mut self, details: Option<IntegrationDetails>) {
        self.organization.integration = details;
    }

    /// The store's id of a table, by logical name without regard to case.
    pub fn table(&self, name: &str) -> Option<TableId> {
        self.indexed(name).ok().map(|(_, shape)| shape.id)
    }

    /// The shape of a table, by logical name without regard to case.
    pub fn table_type(&self, name: &str) -> Option<&Arc<TableType>> {
        self.indexed(name).ok().map(|(_, shape)| &shape.table)
    }

    /// The root business unit.
    pub fn root_business_unit(&self) -> Uuid {
        self.system.root_unit
    }

    /// The default team of the root business unit, which owns global rows.
    pub fn root_team(&self) -> Uuid {
        self.system.root_team
    }

    /// Every typed cell of a row, the id first.
    pub fn row(&self, table: &str, id: Uuid) -> Result<Option<Values>, EnvError> {
        let shape = self.shape(table)?;
        Ok(self.store.get(shape.id, &Value::Guid(id), &shape.all)?)
    }

    /// One cell of a row, by column name; none when there is no such row or column.
    pub fn get(&self, table: &str, id: Uuid, column: &str) -> Result<Option<Value>, EnvError> {
        let shape = self.shape(table)?;
        let Some(ordinal) = shape.table.ordinal(column) else { return Ok(None) };
        let cells = self.store.get(shape.id, &Value::Guid(id), &[ordinal])?;
        Ok(cells.and_then(|cells| cells.into_iter().next()))
    }

    /// Tables that hold rows, with how many, by logical name.
    pub fn counts(&self) -> Result<Vec<(Name, u64)>, EnvError> {
        let mut counts = Vec::new();
        for shape in &self.shapes {
            let count = self.store.count(&Select::all(shape.id))?;
            if count > 0 {
                counts.push((shape.table.name.clone(), count));
            }
        }
        counts.sort();
        Ok(counts)
    }

    /// One id for the content of a table, row versions apart: equal exactly when the rows are.
    pub fn digest(&self, table: &str) -> Result<Uuid, EnvError> {
        let shape = self.shape(table)?;
        let order = shape.table.natural_key().map(|key| key.columns.clone()).unwrap_or_default();
        let columns: Vec<usize> = [0].iter().chain(&shape.writable).copied().collect();
        Ok(self.store.digest(&Select::all(shape.id).columns(&columns).ordered(&order))?)
    }

    /// Changes that plug-ins made on behalf of the last saved ones, oldest first, such as the party behind a new
    /// account. They belong before the change that caused them. Taking them empties the list.
    pub fn take_side_effects(&mut self) -> Vec<RowChange> {
        std::mem::take(&mut self.side_effects)
    }

    /// The logical name of the table a row id belongs to.
    pub fn table_of(&self, id: Uuid, targets: &[Name]) -> Result<Option<Name>, EnvError> {
        if let Some(at) = self.by_space.get(&space_of(id)) {
            let name = &self.shapes[*at].table.name;
            if targets.is_empty() || targets.contains(name) {
                return Ok(Some(name.clone()));
            }
        }
        for target in targets {
            if let Ok((at, _)) = self.indexed(target)
                && self.row_exists(at, id)?
            {
                return Ok(Some(target.clone()));
            }
        }
        Ok(None)
    }

    pub(crate) fn indexed(&self, name: &str) -> Result<(usize, &Shape), EnvError> {
        let at = self.by_name.get(name).or_else(|| self.by_name.get(name.to_ascii_lowercase().as_str()));
        let at = at.copied().ok_or_else(|| EnvError::UnknownTable(name.into()))?;
        Ok((at, &self.shapes[at]))
    }

    pub(crate) fn shape(&self, name: &str) -> Result<&Shape, EnvError> {
        self.indexed(name).map(|(_, shape)| shape)
    }

    /// The id of the next new row of a table.
    pub(crate) fn next_id(&self, table: usize) -> Uuid {
        let shape = &self.shapes[table];
        table_id(shape.space, self.store.next_row(shape.id))
    }

    pub(crate) fn row_exists(&self, table: usize, id: Uuid) -> Result<bool, StoreError> {
        self.store.contains(self.shapes[table].id, id)
    }

    /// The first row whose columns hold these values.
    pub(crate) fn find_id(&self, table: usize, values: &[(&str, Value)]) -> Result<Option<Uuid>, EnvError> {
        let shape = &self.shapes[table];
        let mut by = Vec::with_capacity(values.len());
        let mut cells = Vec::with_capacity(values.len());
        for (name, value) in values {
            let Some(at) = shape.table.ordinal(name) else { return Ok(None) };
            by.push(at);
            cells.push(value.clone());
        }
        Ok(self.store.find(shape.id, &by, &cells, &[0])?.and_then(|row| row[0].as_guid()))
    }

    /// The text in a column of a row.
    pub(crate) fn text_of(&self, table: usize, id: Uuid, column: &str) -> Result<Option<String>, EnvError> {
        let shape = &self.shapes[table];
        let Some(at) = shape.table.ordinal(column) else { return Ok(None) };
        let cells = self.store.get(shape.id, &Value::Guid(id), &[at])?;
        Ok(cells.and_then(|cells| cells[0].as_text().map(str::to_owned)))
    }

    /// The id in a column of a row.
    pub(crate) fn id_of(&self, table: usize, id: Uuid, column: &str) -> Result<Option<Uuid>, EnvError> {
        let shape = &self.shapes[table];
        let Some(at) = shape.table.ordinal(column) else { return Ok(None) };
        Ok(self.store.get(shape.id, &Value::Guid(id), &[at])?.and_then(|cells| cells[0].as_guid()))
    }

    /// Writes a row of the platform's own, with the columns every table has.
    pub(crate) fn plant(
        &self,
        table: usize,
        id: Uuid,
        values: Vec<(&str, Value)>,
        now: Timestamp,
    ) -> Result<(), EnvError> {
        let shape = &self.shapes[table];
        let given = values.into_iter().filter_map(|(name, value)| Some((shape.table.ordinal(name)?, value)));
        let mut cells: Vec<(usize, Value)> = given.collect();
        if let Some(state) = &shape.state {
            cells.push((state.state, Value::Choice(state.initial.0)));
            cells.push((state.status, Value::Choice(state.initial.1)));
        }
        for columns in [shape.created, shape.modified] {
            cells.extend(Shape::stamps(columns, Value::Instant(now), Value::Guid(self.system.platform_user)));
        }
        if let Some(owner) = shape.owner {
            cells
                .extend(self.owner_of(self.system.root_team)?.into_iter().flat_map(|team| team.cells(owner)));
        }
        let (columns, values): (Vec<usize>, Vec<Value>) = cells.into_iter().unzip();
        Ok(self.store.insert(shape.id, &Value::Guid(id), &columns, &values)?)
    }
}

/// The bytes of a row id that say which table it belongs to.
fn space_of(id: Uuid) -> [u8; 10] {
    let mut space = [0; 10];
    space.copy_from_slice(&id.as_bytes()[6..]);
    space
}
