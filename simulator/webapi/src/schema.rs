//! The tables as the Web API names them: entity sets, properties, navigation properties, relationships.

use crate::error::{ApiError, Result};
use dwsim_dataverse::{Definitions, IntersectDefinition};
use dwsim_model::{ColumnKind, TableType};
use rustc_hash::FxHashMap;
use serde::Deserialize;
use std::sync::{Arc, OnceLock};

const NAVIGATION: &str = include_str!("../data/navigation.toml");

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct NavigationFile {
    relationships: Vec<NamedRelationship>,
    undivided: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedRelationship {
    child: String,
    column: String,
    parent: String,
    name: String,
    collection: String,
    lookup: String,
    behaviour: Behaviour,
}

/// What deleting the parent does to the children.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Behaviour {
    /// They are deleted, too.
    Parental,
    /// Their lookup is emptied.
    RemoveLink,
    /// The parent stays while there are any.
    Restrict,
}

fn navigation() -> &'static NavigationFile {
    static FILE: OnceLock<NavigationFile> = OnceLock::new();
    FILE.get_or_init(|| toml::from_str(NAVIGATION).unwrap_or_default())
}

/// A column as a property of a row.
#[derive(Clone, Debug)]
pub(crate) struct Property {
    /// Its name in JSON: the column's, or `_name_value` for a lookup.
    pub(crate) name: String,
    /// Ordinal of the column.
    pub(crate) ordinal: usize,
}

/// A single-valued navigation property: a lookup and one of the tables it points at.
#[derive(Clone, Debug)]
pub(crate) struct Single {
    /// Its name.
    pub(crate) name: String,
    /// Ordinal of the lookup column.
    pub(crate) ordinal: usize,
    /// Indices of the entities it may point at; one, unless the lookup is undivided.
    pub(crate) targets: Vec<usize>,
    /// Relationships, aligned with the targets.
    pub(crate) relationships: Vec<String>,
}

/// A collection-valued navigation property: the children of a row through one lookup.
#[derive(Clone, Debug)]
pub(crate) struct Collection {
    /// Its name.
    pub(crate) name: String,
    /// Index of the child entity.
    pub(crate) child: usize,
    /// Ordinal of the child's lookup.
    pub(crate) ordinal: usize,
    /// The relationship.
    pub(crate) relationship: String,
    /// Name of the child's navigation property.
    pub(crate) partner: String,
    /// What deleting the parent does.
    pub(crate) behaviour: Behaviour,
    /// The table between, when many rows have many; the child has no lookup then.
    pub(crate) through: Option<Through>,
}

/// The table between two that have many rows of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Through {
    /// Index of its entity.
    pub(crate) intersect: usize,
    /// Ordinal of the column with the ids of this side.
    pub(crate) own: usize,
    /// Ordinal of the column with the ids of the other side.
    pub(crate) other: usize,
}

/// A table.
#[derive(Clone, Debug)]
pub(crate) struct Entity {
    /// Its shape in the database.
    pub(crate) table: Arc<TableType>,
    /// Entity set name.
    pub(crate) set: String,
    /// Properties in column order.
    pub(crate) properties: Vec<Property>,
    /// Lookups as navigation properties.
    pub(crate) singles: Vec<Single>,
    /// Children as navigation properties.
    pub(crate) collections: Vec<Collection>,
    /// A table between two others, whose rows are only written by linking theirs.
    pub(crate) intersect: bool,
    by_property: FxHashMap<String, usize>,
}

/// All tables.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schema {
    /// The entities; references between them are indices.
    pub(crate) entities: Vec<Entity>,
    by_set: FxHashMap<String, usize>,
    by_name: FxHashMap<String, usize>,
}

impl Entity {
    /// Logical name.
    pub(crate) fn name(&self) -> &str {
        &self.table.name
    }

    /// Name of the id column.
    pub(crate) fn id(&self) -> &str {
        &self.table.column(0).name
    }

    /// The property of that name, letter by letter.
    pub(crate) fn property(&self, name: &str) -> Option<&Property> {
        self.by_property.get(name).and_then(|at| self.properties.get(*at))
    }

    /// The property of a column.
    pub(crate) fn property_of(&self, ordinal: usize) -> Option<&Property> {
        self.properties.iter().find(|property| property.ordinal == ordinal)
    }

    /// The single-valued navigation property of that name, letter by letter.
    pub(crate) fn single(&self, name: &str) -> Option<&Single> {
        self.singles.iter().find(|single| single.name == name)
    }

    /// The collection-valued navigation property of that name, letter by letter.
    pub(crate) fn collection(&self, name: &str) -> Option<&Collection> {
        self.collections.iter().find(|collection| collection.name == name)
    }

    /// The error for a property nobody has.
    pub(crate) fn no_property(&self, name: &str) -> ApiError {
        ApiError::named("PropertyNotFound", &[("property", name), ("table", self.name())])
    }

    /// The kind of a column.
    pub(crate) fn kind(&self, ordinal: usize) -> &ColumnKind {
        &self.table.column(ordinal).kind
    }
}

impl Schema {
    /// Builds the names of all tables, with those their makers gave.
    pub(crate) fn build(tables: impl Iterator<Item = Arc<TableType>>, definitions: &Definitions) -> Self {
        let mut schema = Self::default();
        for table in tables {
            let index = schema.entities.len();
            schema.by_set.insert(table.label.to_ascii_lowercase(), index);
            schema.by_name.insert(table.name.to_ascii_lowercase(), index);
            let mut properties = Vec::new();
            let mut by_property = FxHashMap::default();
            for ordinal in present(&table) {
                let column = table.column(ordinal);
                let name = match column.kind {
                    ColumnKind::Lookup { .. } => format!("_{}_value", column.name),
                    // The table's name beside a lookup is an annotation of the lookup, not a property.
                    ColumnKind::EntityName => continue,
                    _ => column.name.to_string(),
                };
                by_property.insert(name.clone(), properties.len());
                properties.push(Property { name, ordinal });
            }
            let set = table.label.to_string();
            let (singles, collections) = (Vec::new(), Vec::new());
            let intersect = definitions.intersects.values().any(|own| own.table == table.name);
            schema.entities.push(Entity {
                table,
                set,
                properties,
                singles,
                collections,
                intersect,
                by_property,
            });
        }
        for child in 0..schema.entities.len() {
            schema.relate(child, definitions);
        }
        for own in definitions.intersects.values() {
            schema.intersect(own);
        }
        schema
    }

    /// Gives both sides of a relationship of many rows to many their navigation property.
    fn intersect(&mut self, definition: &IntersectDefinition) {
        let Some(intersect) = self.index(&definition.table) else { return };
        let table = self.entities[intersect].table.clone();
        let [first, second] = &definition.sides;
        for (own, other) in [(first, second), (second, first)] {
            let (Some(parent), Some(child)) = (self.index(&own.table), self.index(&other.table)) else {
                continue;
            };
            let Some((left, right)) = table.ordinal(&own.column).zip(table.ordinal(&other.column)) else {
                continue;
            };
            self.entities[parent].collections.push(Collection {
                name: own.navigation.to_string(),
                child,
                ordinal: 0,
                relationship: definition.schema.to_string(),
                partner: other.navigation.to_string(),
                behaviour: Behaviour::RemoveLink,
                through: Some(Through { intersect, own: left, other: right }),
            });
        }
    }

    fn relate(&mut self, child: usize, definitions: &Definitions) {
        let table = self.entities[child].table.clone();
        for ordinal in present(&table) {
            let column = table.column(ordinal);
            let ColumnKind::Lookup { targets } = &column.kind else { continue };
            let known: Vec<usize> = targets.iter().filter_map(|name| self.index(name)).collect();
            let divided =
                targets.len() > 1 && !navigation().undivided.iter().any(|name| **name == *column.name);
            let mut singles: Vec<Single> = Vec::new();
            for parent in known {
                let parent_name = self.entities[parent].table.name.to_string();
                let fact = navigation().relationships.iter().find(|own| {
                    *own.child == *table.name && *own.column == *column.name && own.parent == parent_name
                });
                let defined = definitions.relationships.values().find(|own| {
                    own.child == table.name && own.column == column.name && *own.parent == *parent_name
                });
                let defined = defined.map(|own| NamedRelationship {
                    child: own.child.to_string(),
                    column: own.column.to_string(),
                    parent: parent_name.clone(),
                    name: own.schema.to_string(),
                    collection: own.collection.to_string(),
                    lookup: own.lookup.to_string(),
                    behaviour: match own.cascade.get("Delete").map(AsRef::as_ref) {
                        Some("Cascade") => Behaviour::Parental,
                        Some("Restrict") => Behaviour::Restrict,
                        _ => Behaviour::RemoveLink,
                    },
                });
                let fact = fact.or(defined.as_ref());
                let lookup = match fact {
                    Some(fact) => fact.lookup.clone(),
                    None if divided => format!("{}_{parent_name}", column.name),
                    None => column.name.to_string(),
                };
                let relationship = fact.map_or_else(
                    || format!("{parent_name}_{}_{}", table.name, column.name),
                    |fact| fact.name.clone(),
                );
                let collection = Collection {
                    name: fact.map_or_else(|| relationship.clone(), |fact| fact.collection.clone()),
                    child,
                    ordinal,
                    relationship: relationship.clone(),
                    partner: lookup.clone(),
                    behaviour: fact.map_or(Behaviour::RemoveLink, |fact| fact.behaviour),
                    through: None,
                };
                self.entities[parent].collections.push(collection);
                match singles.iter_mut().find(|single| single.name == lookup) {
                    Some(single) => {
                        single.targets.push(parent);
                        single.relationships.push(relationship);
                    }
                    None => singles.push(Single {
                        name: lookup,
                        ordinal,
                        targets: vec![parent],
                        relationships: vec![relationship],
                    }),
                }
            }
            self.entities[child].singles.extend(singles);
        }
    }

    /// The index of a table, by logical name without regard to case.
    pub(crate) fn index(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).or_else(|| self.by_name.get(name.to_ascii_lowercase().as_str())).copied()
    }

    /// The index of an entity set, without regard to case: real clients write it in lower case.
    pub(crate) fn set(&self, set: &str) -> Option<usize> {
        self.by_set.get(set).or_else(|| self.by_set.get(set.to_ascii_lowercase().as_str())).copied()
    }

    /// The entity of an index.
    pub(crate) fn entity(&self, index: usize) -> &Entity {
        &self.entities[index]
    }

    /// The index of an entity set, or the documented error.
    pub(crate) fn need_set(&self, set: &str) -> Result<usize> {
        self.set(set).ok_or_else(|| ApiError::named("SegmentNotFound", &[("segment", set)]))
    }
}

/// Ordinals of the typed columns that are still there.
pub(crate) fn present(table: &TableType) -> impl Iterator<Item = usize> + '_ {
    (0..table.typed_columns()).filter(|at| table.ordinal(&table.column(*at).name) == Some(*at))
}

/// The schema name of a table as error texts write it: `Account` for `account`, custom names as they are.
pub(crate) fn schema_name(table: &str) -> String {
    if table.contains('_') {
        return table.to_owned();
    }
    let mut signs = table.chars();
    signs.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + signs.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use dwsim_catalog::Catalog;
    use dwsim_model::Side;

    fn schema() -> Schema {
        Schema::build(Catalog::embedded().unwrap().tables(Side::Dataverse).cloned(), &Definitions::default())
    }

    #[test]
    fn every_named_relationship_is_one_the_tables_have() {
        let schema = schema();
        let file: NavigationFile = toml::from_str(NAVIGATION).unwrap();
        assert!(!file.relationships.is_empty());
        for named in &file.relationships {
            let child = schema.entity(schema.index(&named.child).unwrap());
            assert!(child.single(&named.lookup).is_some(), "{}", named.name);
            let parent = schema.entity(schema.index(&named.parent).unwrap());
            assert!(parent.collection(&named.collection).is_some(), "{}", named.name);
        }
    }

    #[test]
    fn navigation_names_of_a_table_are_unique() {
        for entity in &schema().entities {
            let mut names: Vec<&str> = entity.singles.iter().map(|single| single.name.as_str()).collect();
            names.extend(entity.collections.iter().map(|collection| collection.name.as_str()));
            names.extend(entity.properties.iter().map(|property| property.name.as_str()).filter(|name| {
                // A lookup's navigation property may share the name of no column but its own.
                entity
                    .table
                    .ordinal(name)
                    .is_some_and(|at| !matches!(entity.kind(at), ColumnKind::Lookup { .. }))
            }));
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count, "{}", entity.name());
        }
    }
}
