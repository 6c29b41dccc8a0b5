//! Demo data: which rows there are, and any one of them on its own.

use crate::{
    count::{Block, Counter, Passing, passing},
    data::{Data, PartyKind, REFERENCES},
    entity::Entity,
    error::SeedError,
    limits::limits,
    maker::Maker,
    plan::DemoPlan,
    pools::Pools,
    reference::{Reference, Source, World},
    row::{At, Identity, Row},
};
use dwsim_catalog::Catalog;
use dwsim_model::{CompanyCode, Name, Seed, Side, TableType, Value, Values, nearest};
use std::{collections::BTreeMap, sync::Arc};

/// Demo data of one seed and one plan. See the [crate] page for what it promises.
#[derive(Debug)]
pub struct DemoSeed {
    catalog: Arc<Catalog>,
    seed: Seed,
    plan: DemoPlan,
    data: Data,
    entities: Vec<Entity>,
    by_name: BTreeMap<String, usize>,
    /// By entity and company; one number for a global entity.
    counts: Vec<Vec<u64>>,
    /// By map.
    passing: Vec<Passing>,
    blocks: Vec<Block>,
    /// Entities of the plan, what they refer to first.
    order: Vec<usize>,
    names: Vec<Name>,
    pools: Vec<Pools>,
    /// By company.
    countries: Vec<usize>,
    /// Random number of each entity and company.
    block_numbers: Vec<Vec<u64>>,
    /// Beginning of the paths of rows.
    paths: Vec<Vec<String>>,
    /// The row usual in each country, for entities that have one.
    homes: BTreeMap<usize, Vec<Option<u64>>>,
    parties: Option<usize>,
    legal_entities: Option<usize>,
    /// Entity whose rows share parties with another one's, that one, and every how many.
    shared: Option<(usize, usize, u64)>,
}

impl DemoSeed {
    /// Works out which rows there are; no row is made yet.
    ///
    /// # Errors
    /// A plan that names no or unknown things, and data files that do not fit the catalogue.
    pub fn new(catalog: Arc<Catalog>, seed: Seed, plan: DemoPlan) -> Result<Self, SeedError> {
        plan.check()?;
        let data = Data::embedded()?;
        let tables: Vec<Arc<TableType>> = catalog.tables(Side::FinOps).cloned().collect();
        let world = World::new(&catalog, &tables);
        let references = world.references(&data.references)?;
        let limits = limits(&catalog, &tables, &references);
        let parties = world.entity(&catalog.facts().party_store().entity);
        let mut entities = Vec::with_capacity(tables.len());
        for ((table, references), limits) in tables.iter().zip(references).zip(&limits) {
            let rows = plan.rows.saturating_mul(plan.companies.len() as u64).saturating_mul(4);
            entities.push(Entity::compile(&catalog, &data, table, references, limits, rows, parties)?);
        }
        for entity in &mut entities {
            if let Some(other) = &entity.volume.same_as {
                let unknown = || SeedError::data(crate::data::VOLUMES, format!("'{other}' is no entity"));
                entity.same_as = Some(world.entity(other).ok_or_else(unknown)?);
            }
        }
        let passing = catalog
            .maps()
            .iter()
            .map(|map| match world.entity(&map.entity) {
                Some(entity) => passing(map, &entities[entity]),
                None => Ok(Passing::default()),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let companies = catalog.maps().iter().find(|map| map.table == catalog.facts().company().table);
        let legal_entities = companies.and_then(|map| world.entity(&map.entity));
        let counter = || {
            Counter::new(&data, &entities, plan.companies.len(), plan.rows, parties, legal_entities, &passing)
        };
        let counts = counter().all();
        let blocks = counter().blocks(0);
        let shared = shared(&world, &data)?;
        let by_name =
            tables.iter().enumerate().map(|(at, table)| (table.name.to_ascii_lowercase(), at)).collect();
        let countries: Vec<usize> =
            plan.companies.iter().map(|company| data.country_of(company.as_str())).collect();
        let pools: Vec<Pools> = data
            .countries
            .iter()
            .map(|country| {
                let used = countries.iter().any(|at| std::ptr::eq(&raw const data.countries[*at], country));
                if used { Pools::new(seed, country, &data.words) } else { Pools::default() }
            })
            .collect();
        let homes = homes(&world, &data, &entities)?;
        let mut demo = Self {
            seed,
            data,
            by_name,
            counts,
            passing,
            blocks,
            order: Vec::new(),
            names: Vec::new(),
            pools,
            countries,
            block_numbers: Vec::new(),
            paths: Vec::new(),
            homes,
            parties,
            legal_entities,
            shared,
            entities,
            plan,
            catalog,
        };
        demo.name_paths();
        demo.order = demo.run_order()?;
        demo.names = demo.order.iter().map(|at| demo.entities[*at].table.name.clone()).collect();
        Ok(demo)
    }

    fn name_paths(&mut self) {
        for entity in &self.entities {
            let own = entity.same_as.map_or(entity, |other| &self.entities[other]);
            let companies = if entity.striped() { self.plan.companies.len() } else { 1 };
            let paths: Vec<String> = (0..companies)
                .map(|company| {
                    let company =
                        if entity.striped() { self.plan.companies[company].as_str() } else { "all" };
                    format!("{}/{}/", company.to_ascii_lowercase(), own.table.name)
                })
                .collect();
            self.block_numbers.push(paths.iter().map(|path| self.seed.stream(path).next()).collect());
            self.paths.push(paths);
        }
    }

    /// The entities of the plan, each after those it refers to.
    fn run_order(&self) -> Result<Vec<usize>, SeedError> {
        let wanted: Vec<usize> = match &self.plan.only {
            None => (0..self.entities.len()).collect(),
            Some(names) => names
                .iter()
                .map(|name| {
                    self.find(name).ok_or_else(|| {
                        let known = self.entities.iter().map(|entity| entity.table.name.as_str());
                        let hint = nearest(name, known)
                            .map_or_else(String::new, |near| format!("; did you mean {near}?"));
                        SeedError::UnknownEntity { name: name.clone(), hint }
                    })
                })
                .collect::<Result<_, _>>()?,
        };
        let mut order = Vec::new();
        let mut seen = vec![false; self.entities.len()];
        for entity in wanted {
            self.visit(entity, &mut seen, &mut order);
        }
        Ok(order)
    }

    fn visit(&self, entity: usize, seen: &mut [bool], order: &mut Vec<usize>) {
        if std::mem::replace(&mut seen[entity], true) {
            return;
        }
        let sources = self.entities[entity].references.iter().flat_map(|reference| &reference.sources);
        let mut needed: Vec<usize> = sources.map(|source| source.entity).collect();
        needed.sort_unstable();
        needed.dedup();
        for other in needed {
            self.visit(other, seen, order);
        }
        order.push(entity);
    }

    /// The plan it follows.
    pub fn plan(&self) -> &DemoPlan {
        &self.plan
    }

    /// The entities of the plan in an order in which each follows all it refers to.
    pub fn entities(&self) -> &[Name] {
        &self.names
    }

    /// How many rows an entity has in a company; `None` for all companies together, and for global entities.
    pub fn count(&self, entity: &str, company: Option<&CompanyCode>) -> u64 {
        let Some(entity) = self.find(entity) else { return 0 };
        let counts = &self.counts[entity];
        match company {
            Some(company) if self.entities[entity].striped() => {
                self.company_at(company).and_then(|at| counts.get(at)).copied().unwrap_or(0)
            }
            _ => counts.iter().sum(),
        }
    }

    /// Ordinals of the values of a row, in the order in which [`DemoSeed::row`] gives them.
    pub fn columns(&self, entity: &str) -> &[usize] {
        self.find(entity).map_or(&[], |entity| &self.entities[entity].columns)
    }

    /// One row, made from the seed and its own path alone; none beyond the end. A global entity takes no company.
    pub fn row(&self, entity: &str, company: Option<&CompanyCode>, index: u64) -> Option<Values> {
        let entity = self.find(entity)?;
        let company = if self.entities[entity].striped() { self.company_at(company?)? } else { 0 };
        (index < self.count_at(entity, company))
            .then(|| Row::new(self, At { entity, company, index }).values(&mut String::new()))
    }

    /// All rows a load writes. Legal entities are not among them: the environment makes these itself.
    pub fn total(&self) -> u64 {
        let loaded = self.order.iter().filter(|entity| !self.is_legal_entities(**entity));
        loaded.map(|entity| self.counts[*entity].iter().sum::<u64>()).sum()
    }

    /// The catalogue it was made from.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    pub(crate) fn order(&self) -> &[usize] {
        &self.order
    }

    pub(crate) fn find(&self, entity: &str) -> Option<usize> {
        self.by_name.get(&entity.to_ascii_lowercase()).copied()
    }

    pub(crate) fn is_legal_entities(&self, entity: usize) -> bool {
        self.legal_entities == Some(entity)
    }

    pub(crate) fn legal_entities(&self) -> Option<usize> {
        self.legal_entities
    }

    pub(crate) fn company_at(&self, company: &CompanyCode) -> Option<usize> {
        self.plan.companies.iter().position(|own| own == company)
    }

    pub(crate) fn company(&self, company: usize) -> Option<&CompanyCode> {
        self.plan.companies.get(company)
    }

    pub(crate) fn company_value(&self, company: usize) -> Value {
        self.company(company).map_or(Value::Null, |company| Value::text(company.as_str()))
    }

    pub(crate) fn data(&self) -> &Data {
        &self.data
    }

    pub(crate) fn entity_at(&self, entity: usize) -> &Entity {
        &self.entities[entity]
    }

    pub(crate) fn count_at(&self, entity: usize, company: usize) -> u64 {
        let counts = &self.counts[entity];
        counts.get(company).or(counts.first()).copied().unwrap_or(0)
    }

    pub(crate) fn block_number(&self, at: At) -> u64 {
        let numbers = &self.block_numbers[at.entity];
        numbers.get(at.company).or(numbers.first()).copied().unwrap_or(0)
    }

    /// The row's own random number, from its path.
    pub(crate) fn number(&self, at: At) -> u64 {
        let paths = &self.paths[at.entity];
        let start = paths.get(at.company).or(paths.first()).map_or("", String::as_str);
        self.seed.stream(&format!("{start}{}", at.index)).next()
    }

    pub(crate) fn country_of(&self, company: usize) -> usize {
        self.countries.get(company).copied().unwrap_or(0)
    }

    pub(crate) fn pools(&self, country: usize) -> &Pools {
        &self.pools[country]
    }

    /// Beginning of account numbers; the first two companies share one on purpose, so that numbers overlap.
    pub(crate) fn prefix(&self, company: usize) -> &str {
        &self.pools[self.country_of(if company < 2 { 0 } else { company })].prefix
    }

    pub(crate) fn passing_of(&self, source: &Source) -> Option<&Passing> {
        source.map.map(|map| &self.passing[map])
    }

    /// How many rows a reference can choose from.
    pub(crate) fn available(&self, entity: &Entity, reference: usize, company: usize) -> u64 {
        entity.references[reference].sources.iter().map(|source| self.rows_of(source, company)).sum()
    }

    fn rows_of(&self, source: &Source, company: usize) -> u64 {
        let count = self.count_at(source.entity, company);
        self.passing_of(source).map_or(count, |passing| passing.among(count))
    }

    /// The row of a number below `available`, over all sources of a reference.
    pub(crate) fn source_row(
        &self,
        reference: &Reference,
        company: usize,
        number: u64,
        available: u64,
    ) -> Option<(usize, At)> {
        let mut number = number.checked_rem(available)?;
        for (at, source) in reference.sources.iter().enumerate() {
            let rows = self.rows_of(source, company);
            if number < rows {
                let index = self.passing_of(source).map_or(number, |passing| passing.nth(number));
                let company = if self.entities[source.entity].striped() { company } else { 0 };
                return Some((at, At { entity: source.entity, company, index }));
            }
            number -= rows;
        }
        None
    }

    /// The row of the entity referred to that is usual in a country.
    pub(crate) fn home(&self, reference: &Reference, country: usize) -> Option<u64> {
        let source = reference.sources.first()?;
        let row = (*self.homes.get(&source.entity)?.get(country)?)?;
        let passes =
            self.passing_of(source).is_none_or(|passing| passing.among(row + 1) > passing.among(row));
        (passes && row < self.count_at(source.entity, 0)).then_some(row)
    }

    /// The party a row stands for.
    pub(crate) fn party_of(&self, at: At) -> Option<At> {
        let (carrier, parties) = (self.carrier(at), self.parties?);
        let block = self
            .blocks
            .iter()
            .find(|block| block.entity == carrier.entity && block.company == carrier.company)?;
        Some(At { entity: parties, company: 0, index: block.start + carrier.index })
    }

    /// The row that gives a party its name: the row itself, or the one it shares the party with.
    fn carrier(&self, at: At) -> At {
        let at = At { entity: self.entities[at.entity].same_as.unwrap_or(at.entity), ..at };
        if let Some((from, with, every)) = self.shared
            && at.entity == from
            && at.index % every == 1
        {
            let other = At { entity: with, company: at.company, index: at.index * self.entities[with].cycle };
            if other.index < self.count_at(with, at.company) && self.kind(other) == self.kind(at) {
                return other;
            }
        }
        at
    }

    fn kind(&self, at: At) -> PartyKind {
        let entity = &self.entities[at.entity];
        let Some(cell) = entity.party_type.and_then(|ordinal| entity.position(ordinal)) else {
            return entity.party_kind;
        };
        match Row::new(self, at).cell(cell, &mut String::new()) {
            value if value.same_text("Person") => PartyKind::Person,
            _ => PartyKind::Organization,
        }
    }

    /// Whom a row stands for: its party, or itself.
    pub(crate) fn identity(&self, at: At, own: &dyn Fn() -> u64) -> Identity {
        if self.parties == Some(at.entity) {
            let block = self.blocks.partition_point(|block| block.start <= at.index).checked_sub(1);
            if let Some(block) = block.and_then(|block| self.blocks.get(block)) {
                let carrier =
                    At { entity: block.entity, company: block.company, index: at.index - block.start };
                return Identity {
                    number: self.number(carrier),
                    kind: Some(self.kind(carrier)),
                    company: block.company,
                };
            }
        }
        if self.entities[at.entity].party.is_none() {
            let company =
                if self.is_legal_entities(at.entity) { usize::try_from(at.index).ok() } else { None };
            return Identity { number: own(), kind: None, company: company.unwrap_or(at.company) };
        }
        let carrier = self.carrier(at);
        let number = if carrier == at { own() } else { self.number(carrier) };
        Identity { number, kind: Some(self.kind(carrier)), company: carrier.company }
    }
}

/// Which rows are usual where, by entity and country.
fn homes(
    world: &World<'_>,
    data: &Data,
    entities: &[Entity],
) -> Result<BTreeMap<usize, Vec<Option<u64>>>, SeedError> {
    let mut homes = BTreeMap::new();
    for (place, what) in &data.references.home {
        let fail = || {
            SeedError::data(REFERENCES, format!("home '{place}' is no field with a list of texts in a key"))
        };
        let (entity, field) = place.split_once('.').ok_or_else(fail)?;
        let at = world.entity(entity).ok_or_else(fail)?;
        let cell = entities[at]
            .table
            .ordinal(field)
            .and_then(|ordinal| entities[at].position(ordinal))
            .ok_or_else(fail)?;
        let Maker::List { texts, counts: true, .. } = &entities[at].fields[cell].maker else {
            return Err(fail());
        };
        let rows = data.countries.iter().map(|country| {
            let wanted = match what.as_str() {
                "currency" => &country.currency,
                "language" => &country.language,
                _ => &country.code,
            };
            texts.iter().position(|text| text.same_text(wanted)).map(|row| row as u64)
        });
        homes.insert(at, rows.collect());
    }
    Ok(homes)
}

fn shared(world: &World<'_>, data: &Data) -> Result<Option<(usize, usize, u64)>, SeedError> {
    let rule = &data.references.shared_party;
    let find = |name: &str| {
        world.entity(name).ok_or_else(|| SeedError::data(REFERENCES, format!("'{name}' is no entity")))
    };
    Ok(Some((find(&rule.from)?, find(&rule.with)?, rule.every.max(2))))
}
