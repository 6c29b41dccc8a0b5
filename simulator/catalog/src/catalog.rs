//! The catalogue: every map, entity and table, loaded once, checked, and never changed.

use crate::{
    archive::{ProjectOperationsMap, SupersededMap, load_project_operations, load_superseded},
    check::{check_map, nearest_column},
    dataverse::{Ownership, Standard, TableFacts, load_standard, load_tables, with_companions},
    error::{CatalogError, Place, Problem},
    exceptions::{DocumentedException, Exceptions},
    facts::Facts,
    finops::{EntityFacts, load_entities, load_enums},
    load_maps::load_maps,
    map::TableMap,
    order::{RunOrder, closure},
    sources::Sources,
    walk::Tables,
};
use dwsim_model::{Column, MapId, Name, Side, TableType};
use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

/// Every documented map, entity and table.
#[derive(Debug)]
pub struct Catalog {
    maps: Vec<Arc<TableMap>>,
    order: RunOrder,
    finops: Shelf<EntityFacts>,
    dataverse: Shelf<TableFacts>,
    sets: HashMap<Box<str>, usize>,
    standard: Standard,
    superseded: Vec<SupersededMap>,
    project_operations: Vec<ProjectOperationsMap>,
    exceptions: Vec<DocumentedException>,
    facts: Facts,
}

/// The table types of one side, sorted by name, with what else is known of each.
#[derive(Debug)]
struct Shelf<F> {
    types: Vec<Arc<TableType>>,
    facts: Vec<F>,
    index: HashMap<Box<str>, usize>,
}

impl<F> Shelf<F> {
    fn new(what: &'static str, mut entries: Vec<(Place, Arc<TableType>, F)>) -> Result<Self, CatalogError> {
        entries.sort_by(|(_, a, _), (_, b, _)| a.name.cmp(&b.name));
        let mut shelf = Self { types: Vec::new(), facts: Vec::new(), index: HashMap::new() };
        for (place, table, facts) in entries {
            let folded = table.name.to_ascii_lowercase().into_boxed_str();
            if shelf.index.insert(folded, shelf.types.len()).is_some() {
                let name = table.name.as_str().to_owned();
                return Err(place.error(Problem::Duplicate { what, name }));
            }
            shelf.types.push(table);
            shelf.facts.push(facts);
        }
        Ok(shelf)
    }

    fn at(&self, name: &str) -> Option<usize> {
        self.index.get(name).or_else(|| self.index.get(name.to_ascii_lowercase().as_str())).copied()
    }

    fn find(&self, name: &str) -> Option<&Arc<TableType>> {
        self.types.get(self.at(name)?)
    }
}

/// Both sides, while maps are checked.
struct Both<'a>(&'a Shelf<EntityFacts>, &'a Shelf<TableFacts>);

impl Tables for Both<'_> {
    fn find(&self, side: Side, name: &str) -> Option<&TableType> {
        match side {
            Side::FinOps => self.0.find(name),
            Side::Dataverse => self.1.find(name),
        }
        .map(AsRef::as_ref)
    }

    fn names(&self, side: Side) -> impl Iterator<Item = &str> {
        let types = if side == Side::FinOps { &self.0.types } else { &self.1.types };
        types.iter().map(|table| table.name.as_str())
    }
}

impl Catalog {
    /// The catalogue that ships with the library, read and checked on first use.
    pub fn embedded() -> Result<Arc<Self>, CatalogError> {
        static EMBEDDED: OnceLock<Result<Arc<Catalog>, CatalogError>> = OnceLock::new();
        let load = || {
            let catalog = Self::load(&Sources::embedded())?;
            catalog.check_facts()?;
            Ok(Arc::new(catalog))
        };
        EMBEDDED.get_or_init(load).clone()
    }

    /// Every map has its package, and every column the facts name is there.
    fn check_facts(&self) -> Result<(), CatalogError> {
        self.facts.check_maps(self.maps.iter().map(|map| &map.id))?;
        for (file, side, table, column) in self.facts.column_references() {
            let found = self.table(side, table).ok_or_else(|| {
                let known = self.tables(side).map(|table| table.name.as_str());
                Problem::unknown(if side == Side::FinOps { "entity" } else { "table" }, table, known)
            });
            let problem = match found {
                Ok(found) if found.ordinal(column).is_some() => continue,
                Ok(found) => Problem::MissingField {
                    entity: table.as_str().to_owned(),
                    field: column.as_str().to_owned(),
                    nearest: nearest_column(found, column),
                },
                Err(problem) => problem,
            };
            return Err(
                Place::new(&format!("facts/{file}"), "reference to", table).field_error(column, problem)
            );
        }
        Ok(())
    }

    pub(crate) fn load(sources: &Sources<'_>) -> Result<Self, CatalogError> {
        let enums = load_enums(&sources.enums)?;
        let mut entities = Vec::new();
        for source in &sources.finops {
            entities.extend(load_entities(source, &enums)?);
        }
        let finops = Shelf::new("entity", entities)?;

        let standard = load_standard(&sources.standard_columns)?;
        let mut tables = Vec::new();
        for source in &sources.dataverse {
            tables.extend(load_tables(source, &standard)?);
        }
        let places: HashMap<Name, Place> =
            tables.iter().map(|(place, table, _)| (table.name.clone(), place.clone())).collect();
        let dataverse = Shelf::new("table", tables)?;
        let mut sets = HashMap::new();
        for (at, table) in dataverse.types.iter().enumerate() {
            if sets.insert(table.label.to_ascii_lowercase().into_boxed_str(), at).is_some() {
                let name = table.label.as_str().to_owned();
                let place =
                    places.get(&table.name).cloned().unwrap_or_else(|| Place::new("", "table", &table.name));
                return Err(place.error(Problem::Duplicate { what: "entity set", name }));
            }
        }

        let mut exceptions = Exceptions::load(&sources.exceptions)?;
        let maps = linked_maps(sources, &Both(&finops, &dataverse), &mut exceptions)?;
        let order = RunOrder::new(&maps).map_err(|circle| {
            let first = circle.first().cloned().unwrap_or_else(|| MapId::from(""));
            let file = maps
                .iter()
                .find(|map| map.id == first)
                .map_or_else(String::new, |map| format!("maps/{}.toml", map.domain));
            Place::new(&file, "map", &first).error(Problem::Cycle { maps: circle })
        })?;
        let mut superseded = Vec::new();
        for (place, map) in load_superseded(&sources.superseded)? {
            if !maps.iter().any(|current| current.id == map.superseded_by) {
                let known = maps.iter().map(|current| current.id.as_str());
                return Err(place.error(Problem::unknown("map", &map.superseded_by, known)));
            }
            superseded.push(map);
        }
        Ok(Self {
            maps,
            order,
            finops,
            dataverse,
            sets,
            standard,
            superseded,
            project_operations: load_project_operations(&sources.project_operations)?,
            exceptions: exceptions.finish()?,
            facts: Facts::embedded()?,
        })
    }

    /// Every current map, sorted by id.
    pub fn maps(&self) -> &[Arc<TableMap>] {
        &self.maps
    }

    /// The map of an id.
    pub fn map(&self, id: &str) -> Option<&Arc<TableMap>> {
        self.maps.get(self.position(id)?)
    }

    /// An entity by its public set name or a table by its logical name, without regard to case.
    pub fn table(&self, side: Side, name: &str) -> Option<&Arc<TableType>> {
        match side {
            Side::FinOps => self.finops.find(name),
            Side::Dataverse => self.dataverse.find(name),
        }
    }

    /// Whether a Dataverse table came with a solution and is none of Dataverse's own: only tables of solutions carry the
    /// prefix of a publisher.
    pub fn brought_by_solution(&self, table: &str) -> bool {
        self.table(Side::Dataverse, table).is_some() && table.contains('_')
    }

    /// Every entity or table of one side, sorted by name.
    pub fn tables(&self, side: Side) -> impl Iterator<Item = &Arc<TableType>> {
        match side {
            Side::FinOps => self.finops.types.iter(),
            Side::Dataverse => self.dataverse.types.iter(),
        }
    }

    /// A Dataverse table by the name of its entity set, without regard to case.
    pub fn entity_set(&self, set: &str) -> Option<&Arc<TableType>> {
        self.dataverse.types.get(*self.sets.get(set.to_ascii_lowercase().as_str())?)
    }

    /// What else is known of an F&O entity.
    pub fn entity_facts(&self, set: &str) -> Option<&EntityFacts> {
        self.finops.facts.get(self.finops.at(set)?)
    }

    /// What else is known of a Dataverse table.
    pub fn table_facts(&self, table: &str) -> Option<&TableFacts> {
        self.dataverse.facts.get(self.dataverse.at(table)?)
    }

    /// The columns the platform puts on every Dataverse table of an ownership, each lookup to several tables with the
    /// column that says which.
    pub fn standard_columns(&self, ownership: Ownership) -> Vec<Column> {
        with_companions(self.standard.columns(ownership))
    }

    /// Each status of a Dataverse table that says nothing else, with the state it belongs to.
    pub fn standard_states(&self) -> &[(i32, i32)] {
        self.standard.states()
    }

    /// Older layouts of current maps.
    pub fn superseded(&self) -> &[SupersededMap] {
        &self.superseded
    }

    /// Maps of Project Operations, known by name only.
    pub fn project_operations(&self) -> &[ProjectOperationsMap] {
        &self.project_operations
    }

    /// Documented facts that a check objects to and that are kept.
    pub fn exceptions(&self) -> &[DocumentedException] {
        &self.exceptions
    }

    /// Packages, limits, messages and everything else documented that is no map and no table.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// How many maps in a row a map needs before it; none for an unknown id.
    pub fn level(&self, id: &str) -> Option<usize> {
        self.position(id).map(|at| self.order.level(at))
    }

    /// The given maps, each once, in an order in which every map follows all it depends on. Soft dependencies are
    /// followed where they close no circle; ties and unknown ids, which come last, are alphabetical.
    pub fn run_order(&self, ids: &[MapId]) -> Vec<MapId> {
        let mut ordered: Vec<MapId> = ids.to_vec();
        ordered.sort_by_cached_key(|id| {
            (self.position(id).map_or(usize::MAX, |at| self.order.rank(at)), id.clone())
        });
        ordered.dedup();
        ordered
    }

    /// Every map the given one needs, directly or not, in run order. Where two maps are alternatives, only the one
    /// whose id starts more like the given one is listed.
    pub fn related(&self, id: &str) -> Vec<MapId> {
        self.map(id).map(|map| self.run_order(&closure(map, |id| self.map(id)))).unwrap_or_default()
    }

    fn position(&self, id: &str) -> Option<usize> {
        self.maps.binary_search_by(|map| map.id.as_str().cmp(id)).ok()
    }
}

/// Reads the maps, fills in what their entity and table say, and checks each.
fn linked_maps(
    sources: &Sources<'_>,
    tables: &Both<'_>,
    exceptions: &mut Exceptions,
) -> Result<Vec<Arc<TableMap>>, CatalogError> {
    let mut loaded = Vec::new();
    for source in &sources.maps {
        loaded.extend(load_maps(source)?);
    }
    loaded.sort_by(|(_, a), (_, b)| a.id.cmp(&b.id));
    for pair in loaded.windows(2) {
        if let [(_, first), (place, second)] = pair
            && first.id == second.id
        {
            let name = second.id.as_str().to_owned();
            return Err(place.error(Problem::Duplicate { what: "map", name }));
        }
    }
    let ids: Vec<MapId> = loaded.iter().map(|(_, map)| map.id.clone()).collect();
    let known: Vec<&str> = ids.iter().map(MapId::as_str).collect();
    let mut maps = Vec::with_capacity(loaded.len());
    for (place, mut map) in loaded {
        check_map(&place, &map, tables, &known, exceptions)?;
        if let Some(entity) = tables.find(Side::FinOps, &map.entity) {
            map.entity_label = entity.label.clone();
            map.entity_aot = entity.technical_name.clone();
        }
        if let Some(table) = tables.find(Side::Dataverse, &map.table) {
            map.entity_set = table.label.clone();
        }
        maps.push(Arc::new(map));
    }
    Ok(maps)
}
