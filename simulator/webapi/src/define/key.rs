//! Making and removing alternate keys.

use super::{Definer, names, naming, refused, unknown};
use crate::{
    address::Segment,
    definition::key_id,
    error::{ApiError, Result},
    http::Response,
};
use dwsim_dataverse::{Form, KeyDefinition, Names};
use dwsim_model::{ColumnKind, Name, TableType};
use serde_json::Value as Json;

const LONGEST_NAME: usize = 128;
/// Alternate keys of a table at most.
const MOST_KEYS: usize = 10;
/// Columns of a key at most.
const MOST_COLUMNS: usize = 16;
/// Bytes of a key at most.
const MOST_BYTES: u32 = 900;

impl Definer<'_, '_> {
    /// A key can be used at once; it fails when rows already break it.
    pub(super) fn create_key(&mut self, table: &TableType) -> Result<Response> {
        let body = self.body("Keys")?;
        let named = naming::schema_name(&body, "EntityKey", LONGEST_NAME)?;
        let definitions = self.dataverse.definitions();
        let place = (table.name.clone(), named.logical.clone());
        if definitions.keys.contains_key(&place) || table.keys.iter().any(|key| key.name == named.logical) {
            return Err(naming::taken("EntityKey", &named.schema));
        }
        let failed = definitions.keys.iter().filter(|((of, _), key)| *of == table.name && key.failed).count();
        if table.keys.len() + failed >= MOST_KEYS {
            return Err(refused("a table has at most 10 alternate keys"));
        }
        let columns = self.key_columns(table, body.get("KeyAttributes"))?;
        let mut definition = KeyDefinition {
            names: Names { schema: named.schema.into(), ..Names::default() },
            columns,
            failed: false,
        };
        naming::rename(&mut definition.names, &body, false)?;
        let shape = table.with_key(&named.logical, &definition.columns);
        let shape = shape.map_err(|error| refused(&error.to_string()))?;
        let new = shape.keys.last().map(|key| key.columns.clone()).unwrap_or_default();
        let same = |own: &[usize]| own.len() == new.len() && own.iter().all(|at| new.contains(at));
        if table.keys.iter().any(|key| same(&key.columns)) {
            return Err(refused("another alternate key has the same columns"));
        }
        definition.failed = self.reshape(shape)?.is_err();
        self.dataverse.definitions_mut().keys.insert(place, definition);
        Ok(self.made(key_id(&table.name, &named.logical)))
    }

    fn key_columns(&self, table: &TableType, given: Option<&Json>) -> Result<Vec<Name>> {
        let mut columns: Vec<Name> = Vec::new();
        let mut bytes = 0;
        for own in given.and_then(Json::as_array).into_iter().flatten() {
            let name = own.as_str().unwrap_or_default().to_ascii_lowercase();
            let Some(at) = table.ordinal(&name) else {
                let entity = crate::schema::schema_name(&table.name);
                return Err(ApiError::named("AttributeNotFound", &[("entity", &entity), ("column", &name)]));
            };
            let column = table.column(at);
            let definition = self.dataverse.definitions().column(&table.name, &column.name);
            let form = definition.map(|own| own.form).unwrap_or_default();
            bytes += match &column.kind {
                ColumnKind::Text { max } if form != Form::Memo => max.unwrap_or(100).saturating_mul(2),
                ColumnKind::Int { .. } | ColumnKind::Choice(_) => 4,
                ColumnKind::Decimal { .. } if form != Form::Double => 13,
                ColumnKind::Date | ColumnKind::Instant => 8,
                ColumnKind::Lookup { .. } => 16,
                _ => return Err(refused(&format!("a column such as {name} cannot be part of a key"))),
            };
            if columns.contains(&column.name) {
                return Err(refused(&format!("the column {name} is twice in the key")));
            }
            columns.push(column.name.clone());
        }
        if columns.is_empty() || columns.len() > MOST_COLUMNS {
            return Err(refused("KeyAttributes names between 1 and 16 columns"));
        }
        if bytes > MOST_BYTES {
            return Err(refused("the columns of a key take at most 900 bytes"));
        }
        Ok(columns)
    }

    pub(super) fn delete_key(&mut self, table: &TableType, segment: &Segment) -> Result<Response> {
        let keys = self.dataverse.definitions().keys.iter().filter(|((of, _), _)| *of == table.name);
        let found = keys.map(|((_, name), key)| (name.clone(), key.failed, key.names.schema.clone())).find(
            |(name, _, schema)| {
                let id = key_id(&table.name, name);
                names(segment, id, &[("LogicalName", name), ("SchemaName", schema)])
            },
        );
        let Some((name, failed, _)) = found else {
            let shipped = table.keys.iter().any(|key| names(segment, key_id(&table.name, &key.name), &[]));
            return Err(if shipped {
                refused("the alternate key is managed and cannot be deleted")
            } else {
                unknown(segment)
            });
        };
        if !failed {
            self.reshaped(table.without_key(&name))?;
        }
        self.dataverse.definitions_mut().keys.remove(&(table.name.clone(), name));
        Ok(Response::empty(204))
    }
}
