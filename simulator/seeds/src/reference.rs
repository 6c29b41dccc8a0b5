//! Which field of which entity refers to which row: derived from the lookup paths of the maps.
//!
//! A field mapped to `msdyn_paymentterm.msdyn_name` takes the value of the field that another map writes into
//! `msdyn_name` of the table looked up. Fields that lead through the same lookup take theirs from one row.

use crate::{
    data::{self, References, fits},
    error::SeedError,
};
use dwsim_catalog::{Catalog, FieldMap, LookupPath, TableMap, parse_path};
use dwsim_model::{ColumnKind, Name, Side, TableType};
use std::{collections::BTreeMap, sync::Arc};

/// Fields of an entity that take their values from one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    /// Ordinals in the entity that refers.
    pub(crate) fields: Vec<usize>,
    /// Where the row may come from; more than one for a lookup into several tables.
    pub(crate) sources: Vec<Source>,
    /// The row is an earlier one of the same entity.
    pub(crate) own: bool,
    /// Fields after the first are here for good measure and give way to other references.
    extended: bool,
}

/// Rows that may be referred to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// Position of the entity.
    pub(crate) entity: usize,
    /// Position of the map whose filter the row has to pass.
    pub(crate) map: Option<usize>,
    /// Ordinals in that entity, one for each field that refers.
    pub(crate) fields: Vec<usize>,
}

/// The entities and maps of a catalogue by position, and what feeds which Dataverse table.
pub(crate) struct World<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) entities: &'a [Arc<TableType>],
    /// Maps by Dataverse table.
    feeders: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> World<'a> {
    pub(crate) fn new(catalog: &'a Catalog, entities: &'a [Arc<TableType>]) -> Self {
        let mut feeders: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, map) in catalog.maps().iter().enumerate() {
            feeders.entry(map.table.as_str()).or_default().push(at);
        }
        Self { catalog, entities, feeders }
    }

    pub(crate) fn entity(&self, name: &str) -> Option<usize> {
        self.entities.iter().position(|entity| entity.name.eq_ignore_ascii_case(name))
    }

    fn company_table(&self) -> &str {
        &self.catalog.facts().company().table
    }

    /// Every reference of every entity, each field in one reference at most.
    pub(crate) fn references(&self, rules: &References) -> Result<Vec<Vec<Reference>>, SeedError> {
        let mut found = Vec::with_capacity(self.entities.len());
        for entity in self.entities {
            let mut references = Vec::new();
            let maps = self.catalog.maps().iter().filter(|map| map.entity.eq_ignore_ascii_case(&entity.name));
            for map in maps {
                for reference in self.of_map(entity, map, rules) {
                    if !references.contains(&reference) {
                        references.push(reference);
                    }
                }
            }
            self.apply_overrides(entity, &mut references, rules)?;
            self.apply_together(entity, &mut references, rules)?;
            found.push(settle(entity, references)?);
        }
        Ok(found)
    }

    fn of_map(&self, entity: &TableType, map: &TableMap, rules: &References) -> Vec<Reference> {
        let Some(table) = self.catalog.table(Side::Dataverse, &map.table) else { return Vec::new() };
        let mut groups: Vec<(Name, Vec<(usize, LookupPath)>)> = Vec::new();
        for field in &map.fields {
            let (Some(ordinal), Some(path)) = (own_field(entity, field), field.path.as_deref()) else {
                continue;
            };
            let Ok(path) = parse_path(path) else { continue };
            if matches!(path, LookupPath::Column(_)) || Some(ordinal) == entity.company {
                continue;
            }
            match groups.iter_mut().find(|(first, _)| first == path.first()) {
                Some((_, group)) => group.push((ordinal, path)),
                None => groups.push((path.first().clone(), vec![(ordinal, path)])),
            }
        }
        groups
            .into_iter()
            .filter_map(|(first, group)| self.of_lookup(entity, table, &first, &group, rules))
            .collect()
    }

    fn of_lookup(
        &self,
        entity: &TableType,
        table: &TableType,
        lookup: &str,
        group: &[(usize, LookupPath)],
        rules: &References,
    ) -> Option<Reference> {
        let mut fields = Vec::new();
        let mut sources: Vec<Source> = Vec::new();
        if let [(field, LookupPath::Polymorphic { alternatives, .. })] = group {
            fields.push(*field);
            for (target, column) in alternatives {
                let before = sources.first().map(|source| source.entity);
                sources.extend(self.source(
                    entity,
                    &fields,
                    target,
                    &[column.as_str().into()],
                    before,
                    rules,
                ));
            }
        } else {
            let mut rests: Vec<String> = Vec::new();
            for (field, path) in group {
                let LookupPath::Through { hops, column } = path else { continue };
                let mut rest: Vec<&str> = hops[1..].iter().map(Name::as_str).collect();
                rest.push(column);
                if !fields.contains(field) {
                    fields.push(*field);
                    rests.push(rest.join("."));
                }
            }
            let ColumnKind::Lookup { targets } = &table.column(table.ordinal(lookup)?).kind else {
                return None;
            };
            for target in targets.iter().filter(|target| target.as_str() != self.company_table()) {
                sources.extend(self.source(entity, &fields, target, &rests, None, rules));
            }
        }
        let own = sources.first().is_some_and(|source| self.entities[source.entity].name == entity.name);
        (!sources.is_empty()).then_some(Reference { fields, sources, own, extended: false })
    }

    /// The best map that writes all the columns into a table.
    fn source(
        &self,
        entity: &TableType,
        fields: &[usize],
        table: &str,
        rests: &[String],
        before: Option<usize>,
        rules: &References,
    ) -> Option<Source> {
        let maps = self.feeders.get(table)?;
        let candidates = maps.iter().filter_map(|at| {
            let map = &self.catalog.maps()[*at];
            let source = self.entity(&map.entity)?;
            if rules.never_from.iter().any(|name| name.eq_ignore_ascii_case(&map.entity)) {
                return None;
            }
            let target = &self.entities[source];
            let written: Vec<usize> =
                rests.iter().map(|rest| self.written(target, map, rest)).collect::<Option<_>>()?;
            let alike = fields
                .iter()
                .zip(&written)
                .filter(|(own, other)| {
                    alike(&entity.column(**own).name, &target.name, &target.column(**other).name)
                })
                .count();
            let rank = (Some(source) == before, target.name == entity.name, alike, map.fields.len());
            Some((rank, std::cmp::Reverse(*at), Source { entity: source, map: Some(*at), fields: written }))
        });
        candidates.max_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1))).map(|(_, _, source)| source)
    }

    /// The field a map writes into a column path.
    fn written(&self, entity: &TableType, map: &TableMap, path: &str) -> Option<usize> {
        let company_code = &self.catalog.facts().company().code_column;
        if path.rsplit('.').next() == Some(company_code.as_str()) && path.contains('.') {
            return entity.company;
        }
        map.fields
            .iter()
            .filter(|field| field.symbol.to_dataverse())
            .find(|field| field.path.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(path)))
            .and_then(|field| own_field(entity, field))
    }

    /// `Entity.field` or `map-id.field`.
    fn place(&self, text: &str) -> Result<(usize, Option<usize>, usize), SeedError> {
        let fail =
            || SeedError::data(data::REFERENCES, format!("'{text}' is no entity.field and no map.field"));
        let (first, field) = text.rsplit_once('.').ok_or_else(fail)?;
        let map = self.catalog.maps().iter().position(|map| map.id.as_str() == first);
        let name = map.map_or(first, |at| self.catalog.maps()[at].entity.as_str());
        let entity = self.entity(name).ok_or_else(fail)?;
        let ordinal = self.entities[entity].ordinal(field).ok_or_else(fail)?;
        Ok((entity, map, ordinal))
    }

    fn apply_overrides(
        &self,
        entity: &TableType,
        references: &mut Vec<Reference>,
        rules: &References,
    ) -> Result<(), SeedError> {
        for (from, to) in &rules.field {
            let (at, _, field) = self.place(from)?;
            if self.entities[at].name != entity.name {
                continue;
            }
            let (source, map, other) = self.place(to)?;
            references.retain(|reference| reference.fields != [field]);
            references.push(Reference {
                fields: vec![field],
                sources: vec![Source { entity: source, map, fields: vec![other] }],
                own: self.entities[source].name == entity.name,
                extended: false,
            });
        }
        Ok(())
    }

    fn apply_together(
        &self,
        entity: &TableType,
        references: &mut Vec<Reference>,
        rules: &References,
    ) -> Result<(), SeedError> {
        for rule in &rules.together {
            if !rule.entities.iter().any(|pattern| fits(pattern, &entity.name)) {
                continue;
            }
            let (target, _, key) = self.place(&rule.to)?;
            for ordinal in 1..entity.typed_columns() {
                let Some(star) = data::beginning(&rule.field, &entity.column(ordinal).name) else { continue };
                if ordinal == key && self.entities[target].name == entity.name {
                    continue;
                }
                let position = references.iter().position(|reference| {
                    reference.fields == [ordinal]
                        && matches!(&reference.sources[..], [source] if source.entity == target)
                });
                let mut reference = match position {
                    Some(at) => references.remove(at),
                    None if references.iter().any(|reference| reference.fields.contains(&ordinal)) => {
                        continue;
                    }
                    None => Reference {
                        fields: vec![ordinal],
                        sources: vec![Source { entity: target, map: None, fields: vec![key] }],
                        own: false,
                        extended: false,
                    },
                };
                for (own, other) in &rule.also {
                    let own = own.replace('*', star);
                    let theirs = self.entities[target].ordinal(other).ok_or_else(|| {
                        SeedError::data(data::REFERENCES, format!("'{other}' is no field of {}", rule.to))
                    })?;
                    if let Some(own) = entity.ordinal(&own).filter(|own| !entity.column(*own).extra)
                        && !reference.fields.contains(&own)
                    {
                        reference.fields.push(own);
                        reference.sources[0].fields.push(theirs);
                        reference.extended = true;
                    }
                }
                references.push(reference);
            }
        }
        Ok(())
    }
}

fn own_field(entity: &TableType, field: &FieldMap) -> Option<usize> {
    entity.ordinal(field.entity_field.as_ref()?)
}

/// Whether a field's name says that it means that field of that entity.
fn alike(own: &str, entity: &str, field: &str) -> bool {
    let (own, singular) = (own.to_ascii_lowercase(), entity.to_ascii_lowercase());
    own.eq_ignore_ascii_case(field) || own.contains(singular.trim_end_matches('s'))
}

/// Gives every field to one reference: to the one that takes most fields from its row.
fn settle(entity: &TableType, mut references: Vec<Reference>) -> Result<Vec<Reference>, SeedError> {
    references.sort_by_key(|reference| (reference.extended, std::cmp::Reverse(reference.fields.len())));
    let mut owned = vec![false; entity.columns.len()];
    let mut settled: Vec<Reference> = Vec::new();
    for mut reference in references {
        let taken: Vec<bool> = reference.fields.iter().map(|field| owned[*field]).collect();
        if taken.iter().all(|taken| *taken) || (reference.extended && taken.first() == Some(&true)) {
            continue;
        }
        if taken.contains(&true) {
            if !reference.extended {
                let names: Vec<&str> =
                    reference.fields.iter().map(|field| entity.column(*field).name.as_str()).collect();
                let problem = format!("{} refers to two rows with {}", entity.name, names.join(", "));
                return Err(SeedError::data(data::REFERENCES, problem));
            }
            let mut keep = taken.iter().map(|taken| !taken);
            reference.fields.retain(|_| keep.next().unwrap_or(true));
            for source in &mut reference.sources {
                let mut keep = taken.iter().map(|taken| !taken);
                source.fields.retain(|_| keep.next().unwrap_or(true));
            }
        }
        for field in &reference.fields {
            owned[*field] = true;
        }
        settled.push(reference);
    }
    settled.sort_by(|a, b| a.fields.cmp(&b.fields));
    Ok(settled)
}
