//! RetrieveMetadataChanges: definitions of tables with their columns, keys and relationships in one reply.

use crate::{
    address::Segment,
    definition,
    error::{ApiError, Result},
    http::Response,
    metadata::side,
    rows::Rows,
    service::{Call, arguments},
};
use serde_json::{Map, Value as Json, json};

/// Deepest nesting of criteria.
const DEEPEST: usize = 16;

/// Lists a table's definition carries, with the member of the query that says what is wanted of them.
const PARTS: [(&str, &str); 5] = [
    ("Attributes", "AttributeQuery"),
    ("Keys", "KeyQuery"),
    ("OneToManyRelationships", "RelationshipQuery"),
    ("ManyToOneRelationships", "RelationshipQuery"),
    ("ManyToManyRelationships", "RelationshipQuery"),
];

fn broken(why: &str) -> ApiError {
    ApiError::named("Payload", &[("set", "RetrieveMetadataChanges"), ("why", why)])
}

/// The reply.
pub(crate) fn answer(call: &Call<'_>, rows: &Rows<'_>, segment: &Segment) -> Result<Response> {
    let given = arguments(call, segment);
    let argument = |name: &str| given.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
    let query = match argument("Query") {
        Some(text) => serde_json::from_str::<Json>(text).map_err(|error| broken(&error.to_string()))?,
        None => json!({}),
    };
    // Grows with every definition that is written, so that a client can tell whether it has seen all.
    let stamp = format!("{}!01/01/2026 00:00:00", rows.dataverse.definitions().stamp + 1);
    let mut tables = Vec::new();
    match argument("ClientVersionStamp").map(|stamp| stamp.trim_matches('\'')) {
        Some(own) if own == stamp => {}
        // What changed since is not kept: as with a stamp of the product that is too old, all is fetched anew.
        Some(own) if !matches!(own, "" | "null") => return Err(ApiError::named("ExpiredVersionStamp", &[])),
        _ => tables = matching(rows, &query)?,
    }
    let reply = json!({
        "@odata.context": format!("{}$metadata#Microsoft.Dynamics.CRM.RetrieveMetadataChangesResponse", call.root),
        "ServerVersionStamp": stamp, "DeletedMetadata": null, "EntityMetadata": tables
    });
    Ok(Response::json(200, reply.to_string()))
}

fn matching(rows: &Rows<'_>, query: &Json) -> Result<Vec<Json>> {
    let mut tables = Vec::new();
    for index in 0..rows.schema.entities.len() {
        let own = Json::Object(definition::table(rows, index));
        if !holds(query.get("Criteria"), &own, 0)? {
            continue;
        }
        let Json::Object(members) = shaped(own, query.get("Properties")) else { continue };
        let mut table = members;
        for (member, inner) in PARTS {
            if wanted(query.get("Properties"), member) {
                let list = match member {
                    "Attributes" => definition::attributes(rows, index),
                    "Keys" => definition::keys(rows, index),
                    "OneToManyRelationships" => side(rows, index, "ReferencedEntity"),
                    "ManyToOneRelationships" => side(rows, index, "ReferencingEntity"),
                    _ => definition::intersects(rows, Some(index)),
                };
                table.insert(member.to_owned(), part(list, query.get(inner))?);
            }
        }
        tables.push(Json::Object(table));
    }
    Ok(tables)
}

/// The parts of a table that meet their own criteria, with the properties asked for.
fn part(list: Vec<Json>, query: Option<&Json>) -> Result<Json> {
    let mut kept = Vec::new();
    for own in list {
        if holds(query.and_then(|query| query.get("Criteria")), &own, 0)? {
            kept.push(complex(shaped(own, query.and_then(|query| query.get("Properties")))));
        }
    }
    Ok(Json::Array(kept))
}

/// In replies of functions definitions are of complex types.
fn complex(mut own: Json) -> Json {
    if let Some(kind) = own.get("@odata.type").and_then(Json::as_str) {
        let kind = kind.replace("#Microsoft.Dynamics.CRM.", "#Microsoft.Dynamics.CRM.Complex");
        own["@odata.type"] = kind.into();
    }
    own
}

fn names(properties: Option<&Json>) -> Vec<&str> {
    let list = properties.and_then(|properties| properties.get("PropertyNames")).and_then(Json::as_array);
    list.into_iter().flatten().filter_map(Json::as_str).collect()
}

fn all(properties: Option<&Json>) -> bool {
    properties.and_then(|properties| properties.get("AllProperties")).and_then(Json::as_bool) == Some(true)
}

fn wanted(properties: Option<&Json>, member: &str) -> bool {
    all(properties) || names(properties).contains(&member)
}

fn shaped(own: Json, properties: Option<&Json>) -> Json {
    let Json::Object(members) = own else { return own };
    let keep = |name: &str| wanted(properties, name) || matches!(name, "@odata.type" | "MetadataId");
    let mut kept: Map<String, Json> = members.into_iter().filter(|(name, _)| keep(name)).collect();
    kept.insert("HasChanged".to_owned(), Json::Null);
    Json::Object(kept)
}

/// Whether a definition meets a MetadataFilterExpression.
fn holds(criteria: Option<&Json>, own: &Json, depth: usize) -> Result<bool> {
    let Some(criteria) = criteria.filter(|criteria| !criteria.is_null()) else { return Ok(true) };
    if depth > DEEPEST {
        return Err(broken("the criteria are nested too deeply"));
    }
    let list =
        |name: &str| criteria.get(name).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut parts = Vec::new();
    for condition in list("Conditions") {
        parts.push(condition_holds(condition, own)?);
    }
    for filter in list("Filters") {
        parts.push(holds(Some(filter), own, depth + 1)?);
    }
    let any = criteria.get("FilterOperator").and_then(Json::as_str) == Some("Or");
    Ok(if any && !parts.is_empty() { parts.contains(&true) } else { !parts.contains(&false) })
}

fn condition_holds(condition: &Json, own: &Json) -> Result<bool> {
    let name = condition.get("PropertyName").and_then(Json::as_str).unwrap_or_default();
    let value = own.get(name).ok_or_else(|| broken(&format!("definitions have no property '{name}'")))?;
    // A managed property is compared by its value.
    let value = value.get("Value").unwrap_or(value);
    let given = condition.get("Value").unwrap_or(&Json::Null);
    let given = given.get("Value").unwrap_or(given);
    let same = |given: &Json| match (value, given) {
        (Json::String(a), Json::String(b)) => a.eq_ignore_ascii_case(b),
        (a, Json::String(b)) => a.to_string().eq_ignore_ascii_case(b),
        (a, b) => a == b,
    };
    let among = || match given {
        Json::Array(items) => items.iter().any(same),
        Json::String(text) => serde_json::from_str::<Vec<Json>>(&text.replace('\'', "\""))
            .map_or_else(|_| same(given), |items| items.iter().any(same)),
        _ => same(given),
    };
    let number = |json: &Json| json.as_f64().or_else(|| json.as_str().and_then(|text| text.parse().ok()));
    let both = || number(value).zip(number(given));
    match condition.get("ConditionOperator").and_then(Json::as_str).unwrap_or_default() {
        "Equals" => Ok(same(given)),
        "NotEquals" => Ok(!same(given)),
        "In" => Ok(among()),
        "NotIn" => Ok(!among()),
        "GreaterThan" => Ok(both().is_some_and(|(a, b)| a > b)),
        "LessThan" => Ok(both().is_some_and(|(a, b)| a < b)),
        other => Err(broken(&format!("there is no operator '{other}'"))),
    }
}
