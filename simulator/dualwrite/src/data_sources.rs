//! What is known of the inside of an F&O entity, and which changes live sync therefore does not see.
//!
//! What an entity is made of is in no source the catalogue has, so it is only known where somebody says it.

use crate::{engine::Engine, program::CompiledMap};
use dwsim_catalog::TableMap;
use dwsim_filter::{Predicate, xpp};
use dwsim_model::{MapId, Name, RowChange, Side, Value};
use std::collections::{BTreeMap, BTreeSet};

/// How a data source belongs to its entity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Join {
    /// Joined; a row without it is no row of the entity.
    #[default]
    Inner,
    /// Outer-joined: its fields have no value where it has no row.
    Outer,
    /// Outer-joined and read-only: its changes raise nothing.
    OuterReadOnly,
    /// Reached through another entity only: its changes raise nothing unless it is registered.
    Nested,
}

/// One data source of an F&O entity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataSource {
    /// Fields of the entity that come from it.
    pub fields: BTreeSet<Name>,
    /// How it is joined.
    pub join: Join,
    /// Whether `getEntityDataSourceToFieldMapping()` names it.
    pub registered: bool,
    /// Rows outside are not rows of the entity: an X++ expression over its fields, or nothing where nobody spelled it out.
    pub range: Option<Box<str>>,
}

impl DataSource {
    /// Whether a change of its fields alone raises an event under a map: it is joined so that it can, and at least one
    /// of its fields goes to a column that is no lookup.
    pub(crate) fn is_tracked(&self, map: &TableMap) -> bool {
        let joined = match self.join {
            Join::Inner | Join::Outer => true,
            Join::OuterReadOnly => false,
            Join::Nested => self.registered,
        };
        joined && !self.sends_lookups_alone(map)
    }

    /// Whether its fields are known, and none of them goes to a Dataverse column that is no lookup.
    pub(crate) fn sends_lookups_alone(&self, map: &TableMap) -> bool {
        !self.fields.is_empty()
            && !map.fields.iter().any(|row| {
                let own = row.entity_field.as_ref().is_some_and(|field| self.holds(field));
                own && row.symbol.to_dataverse()
                    && row.path.as_deref().is_some_and(|path| !path.contains('.'))
            })
    }

    fn holds(&self, field: &str) -> bool {
        self.fields.iter().any(|own| own.eq_ignore_ascii_case(field))
    }
}

/// What is known of the inside of an F&O entity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntityTraits {
    /// Computed and virtual fields.
    pub virtual_fields: BTreeSet<Name>,
    /// Its data sources, as far as they are known.
    pub data_sources: BTreeMap<Name, DataSource>,
    /// Fields whose configuration key is off.
    pub disabled_fields: BTreeSet<Name>,
}

impl EntityTraits {
    /// Names of the data sources with a range.
    pub(crate) fn ranged(&self) -> impl Iterator<Item = &Name> {
        self.data_sources.iter().filter(|(_, source)| source.range.is_some()).map(|(name, _)| name)
    }
}

/// What a map knew of its entity when it was started; what is said later counts from the next start.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tracking {
    untracked: BTreeSet<usize>,
    optional: BTreeSet<usize>,
    ranges: Vec<Predicate>,
    disabled: Vec<Name>,
}

impl Tracking {
    pub(crate) fn of(map: &CompiledMap, traits: &EntityTraits) -> Self {
        let mut tracking = Self::default();
        let ordinals = |fields: &BTreeSet<Name>| -> Vec<usize> {
            fields.iter().filter_map(|field| map.entity.ordinal(field)).collect()
        };
        for source in traits.data_sources.values() {
            if !source.is_tracked(&map.map) {
                tracking.untracked.extend(ordinals(&source.fields));
            }
            if matches!(source.join, Join::Outer | Join::OuterReadOnly) {
                tracking.optional.extend(ordinals(&source.fields));
            }
            let range = source.range.as_deref().and_then(|range| xpp::parse(range).ok());
            tracking.ranges.extend(range.and_then(|range| range.bind(&map.entity).ok()));
        }
        let mapped = |field: &&Name| {
            let own = |row: &&dwsim_catalog::FieldMap| {
                row.entity_field.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(field))
            };
            map.map.fields.iter().filter(own).any(|row| row.symbol.to_dataverse())
        };
        tracking.disabled = traits.disabled_fields.iter().filter(mapped).cloned().collect();
        tracking
    }

    /// Whether the range of every data source has the row.
    pub(crate) fn in_range(&self, row: &[Value]) -> bool {
        self.ranges.iter().all(|range| range.matches_by(&|at| row.get(at).unwrap_or(&Value::Null)))
    }

    /// Whether any data source has a range.
    pub(crate) fn has_ranges(&self) -> bool {
        !self.ranges.is_empty()
    }

    /// Whether a change of this field alone is seen.
    pub(crate) fn sees(&self, column: usize) -> bool {
        !self.untracked.contains(&column)
    }

    /// Whether a filter lets a row pass. A field of an outer-joined data source that is blank has no value there, which is
    /// something else than an empty text.
    pub(crate) fn passes(&self, filter: &Predicate, row: &[Value]) -> bool {
        filter.matches_by(&|at| match row.get(at) {
            Some(value) if !(value.is_blank() && self.optional.contains(&at)) => value,
            _ => &Value::Null,
        })
    }

    /// The field of an outer-joined data source that keeps a row from passing a filter it would pass with an empty text.
    pub(crate) fn kept_back_by_null(&self, filter: &Predicate, row: &[Value]) -> Option<usize> {
        let blank = |at: &usize| row.get(*at).is_some_and(Value::is_blank);
        let first = self.optional.iter().copied().find(blank)?;
        let passes = filter.matches_by(&|at| row.get(at).unwrap_or(&Value::Null));
        (passes && !self.passes(filter, row)).then_some(first)
    }

    /// A mapped field whose configuration key is off.
    pub(crate) fn disabled(&self) -> Option<&Name> {
        self.disabled.first()
    }
}

impl Engine {
    /// What is known of the inside of F&O entities, by public set name. Maps that run know it after their next start.
    pub fn entity_traits_mut(&mut self) -> &mut BTreeMap<Name, EntityTraits> {
        &mut self.entity_traits
    }

    /// What a map knew of its entity when it was started.
    pub(crate) fn tracking(&self, map: &MapId) -> Option<&Tracking> {
        self.states.get(map).map(|state| &state.tracking)
    }

    /// A map starts: from now on it knows what is known of its entity now.
    pub(crate) fn track(&mut self, map: &MapId) {
        if let Some(state) = self.states.get_mut(map) {
            let nothing = EntityTraits::default();
            let traits = self.entity_traits.get(&state.compiled.map.entity).unwrap_or(&nothing);
            state.tracking = Tracking::of(&state.compiled, traits);
        }
    }

    /// Says what nobody is told by an error: a row is kept back because a field has no value.
    pub(crate) fn hint_null(&mut self, map: &CompiledMap, change: &RowChange) {
        if change.table.side != Side::FinOps {
            return;
        }
        let Some(program) = map.program(Side::Dataverse) else { return };
        let Some(tracking) = self.tracking(&map.map.id) else { return };
        if let Some(at) = tracking.kept_back_by_null(&program.filter, change.row()) {
            let field = map.entity.column(at).name.clone();
            let text = self
                .messages()
                .text("LIVE-E8", &[("entity", &map.map.entity_label), ("field", field.as_str())]);
            self.hints.push(text);
        }
    }
}
