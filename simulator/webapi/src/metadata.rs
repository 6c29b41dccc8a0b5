//! Reading definitions: tables, columns, keys, relationships, choices.

use crate::{
    address::{Argument, Segment, split},
    cell, definition, definition_query,
    error::{ApiError, Result},
    http::Response,
    rows::Rows,
    service::Call,
};
use serde_json::{Value as Json, json};

/// The error for a definition that is not there.
pub(crate) fn missing(key: &str) -> ApiError {
    ApiError::named("MetadataNotFound", &[("key", key)])
}

/// A GET on definitions, when the segment begins with one.
pub(crate) fn get(call: &Call<'_>, rows: &Rows<'_>, first: &Segment) -> Result<Option<Response>> {
    let rest = &call.address.segments[1..];
    Ok(Some(match first.name.as_str() {
        "EntityDefinitions" => tables(call, rows, first, rest)?,
        "RelationshipDefinitions" => {
            let mut list = definition::relationships(rows, None);
            list.extend(definition::intersects(rows, None));
            one_or_all(call, "RelationshipDefinitions", list, first, rest)?
        }
        "GlobalOptionSetDefinitions" => {
            one_or_all(call, "GlobalOptionSetDefinitions", definition::choices(rows), first, rest)?
        }
        _ => return Ok(None),
    }))
}

fn tables(call: &Call<'_>, rows: &Rows<'_>, first: &Segment, rest: &[Segment]) -> Result<Response> {
    let Some(arguments) = first.arguments.as_ref().filter(|arguments| !arguments.is_empty()) else {
        if let Some(other) = rest.first() {
            return Err(ApiError::named("SegmentNotFound", &[("segment", &other.name)]));
        }
        let expand = call.address.option("$expand").unwrap_or_default();
        let list =
            (0..rows.schema.entities.len()).map(|at| table(rows, at, expand)).collect::<Result<Vec<_>>>()?;
        return list_of(call, "EntityDefinitions", list);
    };
    let index = find_table(rows, arguments)?;
    let Some(next) = rest.first() else {
        let expand = call.address.option("$expand").unwrap_or_default();
        let definition = table(rows, index, expand)?;
        return single(call, "EntityDefinitions", definition);
    };
    let name = rows.schema.entity(index).name();
    let context = format!("EntityDefinitions('{name}')/{}", next.name);
    let list = match next.name.as_str() {
        "Attributes" => definition::attributes(rows, index),
        "Keys" => definition::keys(rows, index),
        "OneToManyRelationships" => side(rows, index, "ReferencedEntity"),
        "ManyToOneRelationships" => side(rows, index, "ReferencingEntity"),
        "ManyToManyRelationships" => definition::intersects(rows, Some(index)),
        property => {
            let definition = definition::table(rows, index);
            return match definition.get(property) {
                Some(value) if rest.len() == 1 => Ok(Response::json(
                    200,
                    json!({ "@odata.context": format!("{}$metadata#{context}", call.root), "value": value })
                        .to_string(),
                )),
                _ => Err(ApiError::named("SegmentNotFound", &[("segment", property)])),
            };
        }
    };
    one_or_all(call, &context, list, next, &rest[1..])
}

pub(crate) fn side(rows: &Rows<'_>, index: usize, member: &str) -> Vec<Json> {
    let name = rows.schema.entity(index).name();
    let all = definition::relationships(rows, Some(index));
    all.into_iter().filter(|own| own.get(member).and_then(Json::as_str) == Some(name)).collect()
}

pub(crate) fn find_table(rows: &Rows<'_>, arguments: &[Argument]) -> Result<usize> {
    let [argument] = arguments else { return Err(missing("")) };
    let text = argument.text();
    match argument.name.as_deref() {
        Some("LogicalName") => rows
            .schema
            .index(&text)
            .ok_or_else(|| ApiError::named("MetadataNotFound", &[("key", &format!("LogicalName = {text}"))])),
        None | Some("MetadataId") => {
            let id = cell::guid(&text).ok_or_else(|| missing(&text))?;
            let same = |index: &usize| definition::metadata_id(rows.schema.entity(*index).name()) == id;
            (0..rows.schema.entities.len()).find(same).ok_or_else(|| missing(&text))
        }
        Some(_) => Err(missing(&text)),
    }
}

/// A table's definition with what is expanded.
fn table(rows: &Rows<'_>, index: usize, expand: &str) -> Result<Json> {
    let mut own = definition::table(rows, index);
    for part in split(expand, ',')?.into_iter().map(str::trim).filter(|part| !part.is_empty()) {
        let (name, inner) = match part.find('(') {
            Some(open) if part.ends_with(')') => (&part[..open], &part[open + 1..part.len() - 1]),
            _ => (part, ""),
        };
        let list = match name {
            "Attributes" => definition::attributes(rows, index),
            "Keys" => definition::keys(rows, index),
            "OneToManyRelationships" => side(rows, index, "ReferencedEntity"),
            "ManyToOneRelationships" => side(rows, index, "ReferencingEntity"),
            "ManyToManyRelationships" => definition::intersects(rows, Some(index)),
            other => {
                return Err(ApiError::bad_url(&format!(
                    "EntityDefinitions has nothing to expand named '{other}'"
                )));
            }
        };
        let mut options = Vec::new();
        for option in split(inner, ';')?.into_iter().filter(|option| !option.trim().is_empty()) {
            let (key, value) = option.split_once('=').unwrap_or((option, ""));
            options.push((key.trim().to_owned(), value.to_owned()));
        }
        own.insert(name.to_owned(), Json::Array(definition_query::apply(list, &options)?));
    }
    Ok(Json::Object(own))
}

/// A list, or one of it by name or id, with a cast before or after.
fn one_or_all(
    call: &Call<'_>,
    context: &str,
    mut list: Vec<Json>,
    segment: &Segment,
    rest: &[Segment],
) -> Result<Response> {
    let mut cast = None;
    let mut rest = rest;
    if let Some(next) = rest.first()
        && next.name.starts_with("Microsoft.Dynamics.CRM.")
    {
        cast = Some(format!("#{}", next.name));
        rest = &rest[1..];
    }
    if let Some(other) = rest.first()
        && cast.is_some()
        && !["OptionSet", "GlobalOptionSet"].contains(&other.name.as_str())
    {
        return Err(ApiError::named("SegmentNotFound", &[("segment", &other.name)]));
    }
    let is_cast = |own: &Json, cast: &str| {
        let kind = own.get("@odata.type").and_then(Json::as_str).unwrap_or_default();
        kind == cast || (cast.ends_with("EnumAttributeMetadata") && own.get("OptionSet").is_some())
    };
    if let Some(cast) = &cast {
        list.retain(|own| is_cast(own, cast));
    }
    if cast.is_none() {
        // Without a cast only what every kind has is shown.
        for own in &mut list {
            if let Json::Object(members) = own {
                members.remove("OptionSet");
                members.remove("GlobalOptionSet");
            }
        }
    }
    let arguments = segment.arguments.as_ref().filter(|arguments| !arguments.is_empty());
    let Some(arguments) = arguments else {
        let expanded = call.address.option("$expand").unwrap_or_default().to_owned();
        for own in &mut list {
            if let Json::Object(members) = own {
                for name in ["OptionSet", "GlobalOptionSet"] {
                    if !expanded.contains(name) {
                        members.remove(name);
                    }
                }
            }
        }
        return list_of(call, context, list);
    };
    let [argument] = arguments.as_slice() else { return Err(missing("")) };
    let text = argument.text();
    let member = argument.name.as_deref().unwrap_or("MetadataId");
    let same = |own: &Json| {
        own.get(member).and_then(Json::as_str).is_some_and(|value| value.eq_ignore_ascii_case(&text))
    };
    let found = list.into_iter().find(same).ok_or_else(|| missing(&format!("{member} = {text}")))?;
    if let Some(next) = rest.first() {
        let inner = found.get(&next.name).cloned().filter(|inner| !inner.is_null());
        let inner = inner.ok_or_else(|| missing(&next.name))?;
        return single(call, context, inner);
    }
    single(call, context, found)
}

fn list_of(call: &Call<'_>, context: &str, list: Vec<Json>) -> Result<Response> {
    let count = list.len();
    let list = definition_query::apply(list, &call.address.options)?;
    let mut document = serde_json::Map::new();
    document.insert("@odata.context".into(), format!("{}$metadata#{context}", call.root).into());
    if call.address.option("$count") == Some("true") {
        document.insert("@odata.count".into(), count.into());
    }
    document.insert("value".into(), Json::Array(list));
    Ok(Response::json(200, Json::Object(document).to_string()))
}

fn single(call: &Call<'_>, context: &str, definition: Json) -> Result<Response> {
    let options: Vec<(String, String)> = call
        .address
        .options
        .iter()
        .filter(|(name, _)| name == "$select" || name == "$expand")
        .cloned()
        .collect();
    let one = definition_query::apply(vec![definition], &options)?.into_iter().next().unwrap_or_default();
    let mut document = serde_json::Map::new();
    document.insert("@odata.context".into(), format!("{}$metadata#{context}/$entity", call.root).into());
    if let Json::Object(members) = one {
        document.extend(members);
    }
    Ok(Response::json(200, Json::Object(document).to_string()))
}
