//! What a field may hold so that every map can carry it: room, range, digits, value map entries, enum members.

use crate::{error::SeedError, reference::Reference};
use dwsim_catalog::{Catalog, LookupPath, Transform, parse_path};
use dwsim_model::{ColumnKind, Side, TableType, Value};
use jiff::civil::Date;
use std::sync::Arc;

/// What one field may hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Limit {
    /// Most characters.
    pub(crate) room: Option<usize>,
    /// Smallest and largest whole number.
    pub(crate) range: Option<(i64, i64)>,
    /// Most digits after the point.
    pub(crate) decimals: Option<u32>,
    /// A text that has to be a number.
    pub(crate) digits: bool,
    /// The value maps of the field, as F&O texts.
    pub(crate) maps: Vec<Vec<Box<str>>>,
    /// Dataverse choices that take members by their name.
    pub(crate) choices: Vec<ColumnKind>,
}

impl Limit {
    fn narrow(&mut self, kind: &ColumnKind) {
        match kind {
            ColumnKind::Text { max: Some(max) } => {
                self.fit_room(*max as usize);
            }
            ColumnKind::Int { min, max } => {
                let (low, high) = self.range.unwrap_or((*min, *max));
                self.range = Some((low.max(*min), high.min(*max)));
                self.decimals = Some(0);
            }
            ColumnKind::BigInt => self.decimals = Some(0),
            ColumnKind::Decimal { precision } | ColumnKind::Money { precision } => {
                self.decimals = Some(self.decimals.map_or(*precision, |own| own.min(*precision)));
            }
            _ => {}
        }
    }

    fn fit_room(&mut self, room: usize) -> bool {
        let smaller = self.room.is_none_or(|own| own > room);
        if smaller {
            self.room = Some(room);
        }
        smaller
    }
}

fn numeric(kind: &ColumnKind) -> bool {
    matches!(
        kind,
        ColumnKind::Int { .. } | ColumnKind::BigInt | ColumnKind::Decimal { .. } | ColumnKind::Money { .. }
    )
}

/// The limits of every field of every entity, by ordinal.
pub(crate) fn limits(
    catalog: &Catalog,
    entities: &[Arc<TableType>],
    references: &[Vec<Reference>],
) -> Vec<Vec<Limit>> {
    let mut limits: Vec<Vec<Limit>> = entities
        .iter()
        .map(|entity| {
            let own = entity.columns.iter().map(|column| {
                let mut limit = Limit::default();
                limit.narrow(&column.kind);
                if matches!(column.kind, ColumnKind::Decimal { .. }) {
                    limit.range = None;
                }
                limit
            });
            own.collect()
        })
        .collect();
    for map in catalog.maps() {
        let Some(at) = entities.iter().position(|entity| entity.name.eq_ignore_ascii_case(&map.entity))
        else {
            continue;
        };
        for field in &map.fields {
            let Some(ordinal) = field.entity_field.as_ref().and_then(|name| entities[at].ordinal(name))
            else {
                continue;
            };
            let limit = &mut limits[at][ordinal];
            let ends = ends(catalog, &map.table, field.path.as_deref().unwrap_or_default());
            match &field.transform {
                Transform::ValueMap(pairs) => {
                    limit.maps.push(pairs.iter().map(|(own, _)| own.clone()).collect());
                }
                _ => {
                    for kind in &ends {
                        limit.narrow(kind);
                        let source = &entities[at].column(ordinal).kind;
                        limit.digits |= matches!(source, ColumnKind::Text { .. }) && numeric(kind);
                        if matches!(source, ColumnKind::Choice(_)) && matches!(kind, ColumnKind::Choice(_)) {
                            limit.choices.push(kind.clone());
                        }
                    }
                }
            }
        }
    }
    spread(entities, references, &mut limits);
    limits
}

/// What is referred to has to fit wherever it is referred from.
fn spread(entities: &[Arc<TableType>], references: &[Vec<Reference>], limits: &mut [Vec<Limit>]) {
    let mut changed = true;
    while changed {
        changed = false;
        for (at, own) in references.iter().enumerate() {
            for reference in own {
                for source in &reference.sources {
                    for (field, other) in reference.fields.iter().zip(&source.fields) {
                        let from = limits[at][*field].clone();
                        let to = &mut limits[source.entity][*other];
                        changed |= from.room.is_some_and(|room| to.fit_room(room));
                        let text =
                            matches!(entities[source.entity].column(*other).kind, ColumnKind::Text { .. });
                        let digits = text && (from.digits || numeric(&entities[at].column(*field).kind));
                        if digits && !to.digits {
                            to.digits = true;
                            changed = true;
                        }
                        for map in from.maps {
                            if !to.maps.contains(&map) {
                                to.maps.push(map);
                                changed = true;
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The kinds of the columns a path ends at.
fn ends(catalog: &Catalog, table: &str, path: &str) -> Vec<ColumnKind> {
    let find = |table: &str| catalog.table(Side::Dataverse, table);
    let kind =
        |table: &TableType, column: &str| table.ordinal(column).map(|at| table.column(at).kind.clone());
    let Some(table) = find(table) else { return Vec::new() };
    match parse_path(path) {
        Ok(LookupPath::Column(column)) => kind(table, &column).into_iter().collect(),
        Ok(LookupPath::Polymorphic { alternatives, .. }) => {
            alternatives.iter().filter_map(|(table, column)| kind(find(table)?, column)).collect()
        }
        Ok(LookupPath::Through { hops, column }) => {
            let mut reached = vec![table];
            for hop in &hops {
                let targets =
                    reached.iter().filter_map(|table| kind(table, hop)).flat_map(|kind| match kind {
                        ColumnKind::Lookup { targets } => targets,
                        _ => Vec::new(),
                    });
                reached = targets.collect::<Vec<_>>().iter().filter_map(|table| find(table)).collect();
            }
            reached.iter().filter_map(|table| kind(table, &column)).collect()
        }
        Err(_) => Vec::new(),
    }
}

/// Letters and digits only, in lower case: how value maps are matched to enum members.
fn plain(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a value map lists a text, without regard to case, or to punctuation where nothing else fits.
fn lists(map: &[Box<str>], text: &str) -> bool {
    map.iter().any(|own| own.eq_ignore_ascii_case(text))
        || (!text.is_empty() && map.iter().any(|own| plain(own) == plain(text)))
}

/// The numbers of the members of an enum that every map of the field can carry.
pub(crate) fn members(entity: &TableType, ordinal: usize, limit: &Limit) -> Result<Vec<i32>, SeedError> {
    let column = entity.column(ordinal);
    let ColumnKind::Choice(choices) = &column.kind else { return Ok(Vec::new()) };
    let takes = |kind: &ColumnKind, number: i32, label: &str| match kind {
        ColumnKind::Choice(other) => other.number(label).is_some() || other.label(number).is_some(),
        _ => true,
    };
    let fitting: Vec<i32> = choices
        .options
        .iter()
        .filter(|(number, label)| {
            limit.maps.iter().all(|map| lists(map, label))
                && limit.choices.iter().all(|kind| takes(kind, *number, label))
                && limit.room.is_none_or(|room| label.chars().count() <= room)
        })
        .map(|(number, _)| *number)
        .collect();
    if fitting.is_empty() && !choices.options.is_empty() {
        return Err(SeedError::NoMember { entity: entity.name.clone(), field: column.name.clone() });
    }
    Ok(fitting)
}

/// The values of a field that is no enum and has value maps; none when it has no value map.
pub(crate) fn listed(
    entity: &TableType,
    ordinal: usize,
    limit: &Limit,
) -> Result<Option<Vec<Value>>, SeedError> {
    let column = entity.column(ordinal);
    let Some((first, others)) = limit.maps.split_first() else { return Ok(None) };
    let values: Vec<Value> = first
        .iter()
        .filter(|text| others.iter().all(|map| lists(map, text)))
        .filter_map(|text| read(text, &column.kind))
        .collect();
    if values.is_empty() {
        return Err(SeedError::NoMember { entity: entity.name.clone(), field: column.name.clone() });
    }
    Ok(Some(values))
}

/// A text of a data file as a value of a kind.
pub(crate) fn read(text: &str, kind: &ColumnKind) -> Option<Value> {
    Some(match kind {
        ColumnKind::Text { .. } | ColumnKind::EntityName => Value::text(text),
        ColumnKind::Bool => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" => Value::Bool(true),
            "false" | "no" => Value::Bool(false),
            _ => return None,
        },
        ColumnKind::Choice(choices) => {
            let number = choices.number(text).or_else(|| {
                let same = |(_, label): &&(i32, Box<str>)| plain(label) == plain(text);
                choices.options.iter().find(same).map(|(number, _)| *number)
            });
            Value::Choice(number.or_else(|| text.parse().ok())?)
        }
        ColumnKind::Int { .. } | ColumnKind::BigInt => Value::Int(text.parse().ok()?),
        ColumnKind::Decimal { .. } | ColumnKind::Money { .. } => Value::Decimal(text.parse().ok()?),
        ColumnKind::Date => Value::Date(read_date(text)?),
        ColumnKind::Instant => match read_date(text) {
            Some(date) => midnight(date),
            None => Value::Instant(text.parse().ok()?),
        },
        ColumnKind::Guid | ColumnKind::Lookup { .. } => Value::Guid(text.parse().ok()?),
    })
}

fn read_date(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split('/').collect();
    match parts[..] {
        [month, day, year] => Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok(),
        _ => text.parse().ok(),
    }
}

/// A date as the point in time at which it begins.
pub(crate) fn midnight(date: Date) -> Value {
    date.to_zoned(jiff::tz::TimeZone::UTC).map_or(Value::Null, |zoned| Value::Instant(zoned.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dwsim_model::Choices;

    #[test]
    fn value_maps_are_matched_without_case_and_then_without_punctuation() {
        let map: Vec<Box<str>> = vec!["non-Specific".into(), "male".into(), "".into()];
        assert!(lists(&map, "NonSpecific") && lists(&map, "Male") && lists(&map, ""));
        assert!(!lists(&map, "Female"));
    }

    #[test]
    fn texts_of_data_files_are_read_by_kind() {
        let choice =
            ColumnKind::Choice(Arc::new(Choices { name: "E".into(), options: vec![(3, "A b".into())] }));
        assert_eq!(read("a-B", &choice), Some(Value::Choice(3)));
        assert_eq!(read("1/1/1900", &ColumnKind::Date), Some(Value::Date(Date::constant(1900, 1, 1))));
        assert_eq!(read("maybe", &ColumnKind::Bool), None);
    }
}
