//! What the path of a request names: a table, a row, a property, related rows, an operation on them.

use crate::{
    address::{Argument, Segment},
    cell,
    error::{ApiError, Result},
    expression::Path,
    operators,
    rows::Rows,
    schema::Entity,
};
use dwsim_model::{ColumnKind, Value};
use uuid::Uuid;

/// A row, by id or by an alternate key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum RowKey {
    /// By id.
    Id(Uuid),
    /// By the columns of an alternate key.
    Alternate {
        /// Ordinals and values.
        parts: Vec<(usize, Value)>,
        /// As the request wrote it.
        written: String,
    },
}

/// What a path names.
#[derive(Clone, Debug)]
pub(crate) enum Resource {
    /// All rows of a table.
    Set(usize),
    /// How many there are.
    Count(usize),
    /// One row.
    Row(usize, RowKey),
    /// One property of a row; `raw` for `$value`.
    Property {
        /// The entity.
        entity: usize,
        /// The row.
        key: RowKey,
        /// The column.
        ordinal: usize,
        /// Plain text instead of JSON.
        raw: bool,
    },
    /// The row a lookup points at; `reference` for `$ref`.
    Single {
        /// The entity.
        entity: usize,
        /// The row.
        key: RowKey,
        /// The navigation property.
        name: String,
        /// Only the address.
        reference: bool,
    },
    /// Related rows.
    Children {
        /// The entity.
        entity: usize,
        /// The row.
        key: RowKey,
        /// The navigation property.
        name: String,
        /// Only addresses.
        reference: bool,
        /// Only how many.
        count: bool,
        /// One of them.
        child: Option<RowKey>,
    },
    /// A bound action or function, without its namespace.
    Bound {
        /// The entity.
        entity: usize,
        /// The row, when it is bound to one.
        key: Option<RowKey>,
        /// Name.
        name: String,
        /// Arguments in parentheses.
        arguments: Vec<Argument>,
    },
}

/// Finds out what the segments name.
pub(crate) fn resolve(rows: &Rows<'_>, segments: &[Segment]) -> Result<Resource> {
    let Some(first) = segments.first() else { return Err(ApiError::bad_url("The path is empty")) };
    let entity = rows.schema.need_set(&first.name)?;
    let own = rows.schema.entity(entity);
    let rest = &segments[1..];
    let Some(arguments) = &first.arguments else {
        return match rest {
            [] => Ok(Resource::Set(entity)),
            [only] if only.name == "$count" => Ok(Resource::Count(entity)),
            [only] if crm(&only.name).is_some() => Ok(bound(entity, None, only)),
            [other, ..] => Err(ApiError::named("SegmentNotFound", &[("segment", &other.name)])),
        };
    };
    if arguments.is_empty() && rest.is_empty() {
        return Ok(Resource::Set(entity));
    }
    let key = key(rows, own, arguments)?;
    below(rows, entity, key, rest, 0)
}

fn crm(name: &str) -> Option<&str> {
    name.strip_prefix("Microsoft.Dynamics.CRM.")
}

fn bound(entity: usize, key: Option<RowKey>, segment: &Segment) -> Resource {
    let name = crm(&segment.name).unwrap_or(&segment.name).to_owned();
    Resource::Bound { entity, key, name, arguments: segment.arguments.clone().unwrap_or_default() }
}

/// Longest chain of lookups in a path.
const DEEPEST: usize = 8;

fn below(rows: &Rows<'_>, entity: usize, key: RowKey, rest: &[Segment], depth: usize) -> Result<Resource> {
    let own = rows.schema.entity(entity);
    let Some(next) = rest.first() else { return Ok(Resource::Row(entity, key)) };
    let after = &rest[1..];
    let no = |segment: &Segment| ApiError::named("SegmentNotFound", &[("segment", &segment.name)]);
    if crm(&next.name).is_some() {
        return Ok(bound(entity, Some(key), next));
    }
    if let Some(property) = own.property(&next.name) {
        let raw = match after {
            [] => false,
            [only] if only.name == "$value" => true,
            [other, ..] => return Err(no(other)),
        };
        return Ok(Resource::Property { entity, key, ordinal: property.ordinal, raw });
    }
    if let Some(single) = own.single(&next.name) {
        let name = single.name.clone();
        return match after {
            [] => Ok(Resource::Single { entity, key, name, reference: false }),
            [only] if only.name == "$ref" => Ok(Resource::Single { entity, key, name, reference: true }),
            _ if depth >= DEEPEST => Err(ApiError::bad_url("The path follows too many lookups")),
            _ => {
                let (ordinal, targets) = (single.ordinal, single.targets.clone());
                let row = find(rows, entity, &key)?;
                let id = row.get(ordinal).and_then(Value::as_guid);
                let target = match id {
                    Some(id) => rows.target_entity(entity, ordinal, id)?.zip(Some(id)),
                    None => None,
                };
                match target.filter(|(target, _)| targets.contains(target)) {
                    Some((target, id)) => below(rows, target, RowKey::Id(id), after, depth + 1),
                    None => Err(no(next)),
                }
            }
        };
    }
    if let Some(collection) = own.collection(&next.name) {
        let child_entity = collection.child;
        let name = collection.name.clone();
        let child = match &next.arguments {
            Some(arguments) if !arguments.is_empty() => {
                Some(self::key(rows, rows.schema.entity(child_entity), arguments)?)
            }
            _ => None,
        };
        let all = |reference, count| Resource::Children {
            entity,
            key,
            name,
            reference,
            count,
            child: child.clone(),
        };
        return match after {
            [] if child.is_none() => Ok(all(false, false)),
            [only] if only.name == "$ref" => Ok(all(true, false)),
            [only] if only.name == "$count" && child.is_none() => Ok(all(false, true)),
            _ => match child {
                Some(child) if depth < DEEPEST => below(rows, child_entity, child, after, depth + 1),
                _ => Err(ApiError::named("SegmentNotFound", &[("segment", &next.name)])),
            },
        };
    }
    Err(no(next))
}

/// The key in parentheses.
pub(crate) fn key(rows: &Rows<'_>, entity: &Entity, arguments: &[Argument]) -> Result<RowKey> {
    let invalid = || ApiError::named("KeyNotValid", &[("table", entity.name())]);
    if let [only] = arguments
        && only.name.is_none()
    {
        return cell::guid(&only.text()).map(RowKey::Id).ok_or_else(invalid);
    }
    let mut parts = Vec::with_capacity(arguments.len());
    let index = rows.schema.index(entity.name()).unwrap_or(0);
    for argument in arguments {
        let name = argument.name.as_deref().ok_or_else(invalid)?;
        let ordinal = entity
            .property(name)
            .map(|property| property.ordinal)
            .or_else(|| entity.table.ordinal(name))
            .ok_or_else(invalid)?;
        if ordinal == 0 && arguments.len() == 1 {
            return cell::guid(&argument.text()).map(RowKey::Id).ok_or_else(invalid);
        }
        let value = if argument.value == "null" {
            Value::Null
        } else if matches!(entity.kind(ordinal), ColumnKind::Text { .. }) {
            Value::text(argument.text())
        } else {
            operators::value(rows, &Path::own(index, ordinal), &argument.text()).map_err(|_| invalid())?
        };
        parts.push((ordinal, value));
    }
    let declared = entity.table.keys.iter().any(|key| {
        key.columns.len() == parts.len()
            && key.columns.iter().all(|at| parts.iter().any(|(own, _)| own == at))
    });
    if !declared {
        return Err(invalid());
    }
    let written = arguments
        .iter()
        .map(|argument| format!("{}={}", argument.name.as_deref().unwrap_or_default(), argument.value))
        .collect::<Vec<_>>()
        .join(",");
    Ok(RowKey::Alternate { parts, written })
}

/// The row of a key, when there is one.
pub(crate) fn look_up(rows: &Rows<'_>, entity: usize, key: &RowKey) -> Result<Option<dwsim_model::Values>> {
    match key {
        RowKey::Id(id) => rows.row(entity, *id),
        RowKey::Alternate { parts, .. } => {
            let (by, values): (Vec<usize>, Vec<Value>) = parts.iter().cloned().unzip();
            let table = rows.table(entity)?;
            Ok(rows.dataverse.store().find(table, &by, &values, &rows.columns(entity))?)
        }
    }
}

/// The row of a key, or the documented error.
pub(crate) fn find(rows: &Rows<'_>, entity: usize, key: &RowKey) -> Result<dwsim_model::Values> {
    look_up(rows, entity, key)?.ok_or_else(|| missing(rows.schema.entity(entity), key))
}

/// The error for a row that is not there.
pub(crate) fn missing(entity: &Entity, key: &RowKey) -> ApiError {
    match key {
        RowKey::Id(id) => {
            let name = crate::schema::schema_name(entity.name());
            ApiError::named("ObjectDoesNotExist", &[("entity", &name), ("id", &id.to_string())])
        }
        RowKey::Alternate { .. } => ApiError::named("RecordNotFoundByEntityKey", &[("table", entity.name())]),
    }
}

/// The row an address in a body names: relative, absolute, or one made earlier in the change set.
pub(crate) fn reference(rows: &Rows<'_>, url: &str) -> Result<(usize, RowKey)> {
    let decoded = crate::address::decode(url, false)?;
    let relative = match decoded.find("/api/data/v") {
        Some(at) => decoded[at + "/api/data/v".len()..].split_once('/').map_or("", |(_, rest)| rest),
        None => decoded.trim_start_matches('/'),
    };
    let segment = Segment::parse(relative.trim())?;
    let entity = rows.schema.need_set(&segment.name)?;
    match &segment.arguments {
        Some(arguments) if !arguments.is_empty() => {
            Ok((entity, key(rows, rows.schema.entity(entity), arguments)?))
        }
        _ => Err(ApiError::bad_url(&format!("'{url}' names no row"))),
    }
}
