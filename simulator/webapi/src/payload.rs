//! The body of a write, taken apart: columns, lookups, related rows to make or to link.

use crate::{
    error::{ApiError, Result},
    resource::{self, RowKey},
    rows::Rows,
    schema::Entity,
};
use dwsim_dataverse::Form;
use dwsim_model::{Name, Value};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// The members of a JSON object.
pub(crate) type Body = Map<String, Json>;

/// Rows made earlier in the change set, by content id: the address of each.
pub(crate) type ContentIds = BTreeMap<String, String>;

/// Deepest nesting of a JSON body.
const DEEPEST: usize = 64;

/// A body, taken apart.
#[derive(Debug, Default)]
pub(crate) struct Payload {
    /// Columns and values, read-only columns left out.
    pub(crate) values: Vec<(Name, Value)>,
    /// Lookups whose rows are to be made first: navigation property and body.
    pub(crate) parents: Vec<(String, Body)>,
    /// Children to make afterwards: navigation property and bodies.
    pub(crate) children: Vec<(String, Vec<Body>)>,
    /// Rows to link afterwards: navigation property and addresses.
    pub(crate) links: Vec<(String, Vec<(usize, RowKey)>)>,
    /// The address the body itself names by `@odata.id`.
    pub(crate) id: Option<String>,
}

/// Reads a body as one JSON object.
pub(crate) fn object(set: &str, body: &[u8]) -> Result<Body> {
    let broken = |why: &str| ApiError::named("Payload", &[("set", set), ("why", why)]);
    let text = std::str::from_utf8(body).map_err(|_| broken("the body is not UTF-8"))?;
    let text = text.trim_start_matches('\u{feff}');
    match serde_json::from_str::<Json>(text) {
        Ok(Json::Object(members)) => {
            if depth(&Json::Object(members.clone()), 0) > DEEPEST {
                return Err(broken("the body is nested deeper than 64 levels"));
            }
            Ok(members)
        }
        Ok(_) => Err(broken("the body is no JSON object")),
        Err(error) => Err(broken(&error.to_string())),
    }
}

fn depth(json: &Json, at: usize) -> usize {
    if at > DEEPEST {
        return at;
    }
    match json {
        Json::Array(items) => items.iter().map(|item| depth(item, at + 1)).max().unwrap_or(at),
        Json::Object(members) => members.values().map(|item| depth(item, at + 1)).max().unwrap_or(at),
        _ => at,
    }
}

impl Payload {
    /// Takes a body apart for an entity.
    pub(crate) fn read(rows: &Rows<'_>, entity: usize, body: &Body, ids: &ContentIds) -> Result<Self> {
        let own = rows.schema.entity(entity);
        let mut payload = Self::default();
        for (name, json) in body {
            if name == "@odata.id" {
                payload.id = json.as_str().map(str::to_owned);
            } else if let Some(navigation) = name.strip_suffix("@odata.bind") {
                payload.bind(rows, own, navigation, json, ids)?;
            } else if name.contains('@') {
                // Other annotations describe and change nothing.
            } else if let Some(property) = own.property(name) {
                let column = own.table.column(property.ordinal);
                if column.name.as_str() != name {
                    return Err(ApiError::named("LookupByValue", &[]));
                }
                let form = rows.dataverse.definitions().form(own.name(), name);
                if matches!(form, Form::File | Form::FileName) {
                    // A file is written by uploading it; what a body says of it is ignored.
                    continue;
                }
                let value = rows.cell(own, property.ordinal, json)?;
                payload.set(own, property.ordinal, value);
            } else {
                payload.related(own, name, json)?;
            }
        }
        Ok(payload)
    }

    /// Columns only the system writes are ignored, as the service does; the id may be given.
    fn set(&mut self, own: &Entity, ordinal: usize, value: Value) {
        let column = own.table.column(ordinal);
        if ordinal == 0 || !column.read_only {
            self.values.push((column.name.clone(), value));
        }
    }

    fn related(&mut self, own: &Entity, name: &str, json: &Json) -> Result<()> {
        let wrong = |why: &str| {
            let why = format!("{name}: {why}");
            ApiError::named("Payload", &[("set", &own.set), ("why", &why)])
        };
        if let Some(single) = own.single(name) {
            return match json {
                Json::Null => {
                    self.set(own, single.ordinal, Value::Null);
                    Ok(())
                }
                Json::Object(body) => {
                    self.parents.push((name.to_owned(), body.clone()));
                    Ok(())
                }
                _ => Err(wrong("a lookup takes an object or null")),
            };
        }
        if own.collection(name).is_some() {
            let Json::Array(items) = json else { return Err(wrong("a collection takes a list of objects")) };
            let mut bodies = Vec::new();
            for item in items {
                let Json::Object(body) = item else {
                    return Err(wrong("a collection takes a list of objects"));
                };
                bodies.push(body.clone());
            }
            self.children.push((name.to_owned(), bodies));
            return Ok(());
        }
        Err(ApiError::named(
            "InvalidProperty",
            &[("set", &own.set), ("table", own.name()), ("property", name)],
        ))
    }

    fn bind(
        &mut self,
        rows: &Rows<'_>,
        own: &Entity,
        navigation: &str,
        json: &Json,
        ids: &ContentIds,
    ) -> Result<()> {
        let undeclared = || ApiError::named("UndeclaredNavigation", &[("property", navigation)]);
        if let Some(single) = own.single(navigation) {
            let value = match json {
                Json::Null => Value::Null,
                Json::String(url) if url.is_empty() => Value::Null,
                Json::String(url) => {
                    let bad = || ApiError::named("InvalidBindUrl", &[("url", url), ("property", navigation)]);
                    let url = resolved(url, ids)?;
                    let Ok((target, key)) = resource::reference(rows, &url) else { return Err(bad()) };
                    if !single.targets.contains(&target) {
                        return Err(bad());
                    }
                    row_id(rows, target, &key)?
                }
                _ => {
                    return Err(ApiError::named(
                        "InvalidBindUrl",
                        &[("url", &json.to_string()), ("property", navigation)],
                    ));
                }
            };
            self.set(own, single.ordinal, value);
            return Ok(());
        }
        let Some(collection) = own.collection(navigation) else { return Err(undeclared()) };
        let Json::Array(urls) = json else { return Err(undeclared()) };
        let mut links = Vec::new();
        for url in urls {
            let url = url.as_str().unwrap_or_default();
            let bad = || ApiError::named("InvalidBindUrl", &[("url", url), ("property", navigation)]);
            let url = resolved(url, ids)?;
            let (target, key) = resource::reference(rows, &url).map_err(|_| bad())?;
            if target != collection.child {
                return Err(bad());
            }
            links.push((target, key));
        }
        self.links.push((navigation.to_owned(), links));
        Ok(())
    }
}

/// The id of the row a key names; by id it is not looked up, the save does that.
fn row_id(rows: &Rows<'_>, entity: usize, key: &RowKey) -> Result<Value> {
    match key {
        RowKey::Id(id) => Ok(Value::Guid(*id)),
        RowKey::Alternate { .. } => {
            Ok(resource::find(rows, entity, key)?.first().cloned().unwrap_or_default())
        }
    }
}

/// An address with a leading content id replaced by the address of that row.
pub(crate) fn resolved(url: &str, ids: &ContentIds) -> Result<String> {
    let bare = url.trim_start_matches('/');
    let Some(rest) = bare.strip_prefix('$') else { return Ok(url.to_owned()) };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let id = &rest[..end];
    if let Some(address) = ids.get(id) {
        Ok(format!("{address}{}", &rest[end..]))
    } else {
        let reference = format!("${id}");
        Err(ApiError::named("ContentIdMissing", &[("reference", &reference)]))
    }
}
