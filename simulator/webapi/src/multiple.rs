//! Actions: many rows of one table at once, bulk deletion, and the rest by name.

use crate::{
    cell,
    error::{ApiError, Result},
    expression::{Expr, Path},
    http::Response,
    json::JsonWriter,
    operators,
    payload::{self, Body, ContentIds},
    resource::{self, RowKey},
    rows::Rows,
    service::{Call, WebApi},
    write::{Conditions, Writer, id_of},
};
use dwsim_dataverse::Actor;
use dwsim_model::Value;
use dwsim_tenant::Tenant;
use serde_json::Value as Json;
use uuid::Uuid;

/// An action bound to a table or a row.
pub(crate) fn bound_action(
    call: &Call<'_>,
    writer: &mut Writer<'_, '_>,
    entity: usize,
    _key: Option<&RowKey>,
    name: &str,
) -> Result<Response> {
    let own = call.schema.entity(entity);
    match name {
        "CreateMultiple" => {
            let mut ids = Vec::new();
            for target in targets(call, entity)? {
                ids.push(writer.create(entity, &target, None)?);
            }
            let mut json = JsonWriter::new();
            json.open();
            json.member(
                "@odata.context",
                &format!("{}$metadata#Microsoft.Dynamics.CRM.CreateMultipleResponse", call.root),
            );
            json.name("Ids");
            json.open_list();
            for id in &ids {
                json.plain(id);
            }
            json.close_list();
            json.close();
            Ok(Response::json(200, json.finish()))
        }
        "UpdateMultiple" => {
            for target in targets(call, entity)? {
                let key = target_key(&writer.rows(), entity, &target)?.ok_or_else(|| {
                    let why = format!("a target has neither {} nor @odata.id", own.id());
                    ApiError::named("Payload", &[("set", &own.set), ("why", &why)])
                })?;
                let must = Conditions { must_exist: true, ..Conditions::default() };
                writer.upsert(entity, &key, &target, &must)?;
            }
            Ok(Response::empty(204))
        }
        "UpsertMultiple" => {
            for target in targets(call, entity)? {
                match target_key(&writer.rows(), entity, &target)? {
                    Some(key) => {
                        if let RowKey::Alternate { parts, .. } = &key {
                            refuse_key_columns(call, entity, &target, parts)?;
                        }
                        writer.upsert(entity, &key, &target, &Conditions::default())?;
                    }
                    None => {
                        writer.create(entity, &target, None)?;
                    }
                }
            }
            Ok(Response::empty(204))
        }
        "DeleteMultiple" => Err(ApiError::not_simulated(&format!(
            "DeleteMultiple on {}, which is no elastic table",
            own.name()
        ))),
        _ => Err(ApiError::not_simulated(&format!("the action '{name}' on {}", own.name()))),
    }
}

fn targets(call: &Call<'_>, entity: usize) -> Result<Vec<Body>> {
    let own = call.schema.entity(entity);
    let broken = |why: &str| ApiError::named("Payload", &[("set", &own.set), ("why", why)]);
    let mut body = payload::object(&own.set, &call.request.body)?;
    let Some(Json::Array(items)) = body.remove("Targets") else {
        return Err(broken("Targets is no list of rows"));
    };
    let kind = format!("Microsoft.Dynamics.CRM.{}", own.name());
    let mut targets = Vec::with_capacity(items.len());
    for item in items {
        let Json::Object(target) = item else { return Err(broken("Targets is no list of rows")) };
        let given = target.get("@odata.type").and_then(Json::as_str).map(|name| name.trim_start_matches('#'));
        if given != Some(kind.as_str()) {
            return Err(broken(&format!("every target needs \"@odata.type\": \"{kind}\"")));
        }
        targets.push(target);
    }
    Ok(targets)
}

/// Which row a target names: by `@odata.id`, or by its id column.
fn target_key(rows: &Rows<'_>, entity: usize, target: &Body) -> Result<Option<RowKey>> {
    let own = rows.schema.entity(entity);
    if let Some(url) = target.get("@odata.id").and_then(Json::as_str) {
        let (found, key) = resource::reference(rows, url)?;
        if found != entity {
            let why = format!("'{url}' is no row of {}", own.set);
            return Err(ApiError::named("Payload", &[("set", &own.set), ("why", &why)]));
        }
        return Ok(Some(key));
    }
    let id = target.get(own.id()).and_then(Json::as_str).and_then(cell::guid);
    Ok(id.map(RowKey::Id))
}

/// A column of the key may stand in the address or in the body, not in both.
fn refuse_key_columns(call: &Call<'_>, entity: usize, target: &Body, parts: &[(usize, Value)]) -> Result<()> {
    let own = call.schema.entity(entity);
    for (ordinal, _) in parts {
        let name = &own.table.column(*ordinal).name;
        if target.contains_key(name.as_str()) {
            let why = format!("{name} stands in @odata.id and in the body");
            return Err(ApiError::named("Payload", &[("set", &own.set), ("why", &why)]));
        }
    }
    Ok(())
}

impl WebApi {
    /// An unbound action, when the segment names one.
    pub(crate) fn unbound_action(
        &mut self,
        tenant: &mut Tenant,
        call: &Call<'_>,
        name: &str,
    ) -> Result<Option<Response>> {
        let bare = name.strip_prefix("Microsoft.Dynamics.CRM.").unwrap_or(name);
        if call.schema.set(name).is_some() || !bare.starts_with(|sign: char| sign.is_ascii_uppercase()) {
            return Ok(None);
        }
        match (call.request.method.as_str(), bare) {
            ("POST", "BulkDelete") => self.bulk_delete(tenant, call).map(Some),
            // Everything is published at once; there is nothing to wait for.
            ("POST", "PublishXml" | "PublishAllXml") => Ok(Some(Response::empty(204))),
            ("POST", _) => Err(ApiError::not_simulated(&format!("the action '{bare}'"))),
            (method, _) => Err(ApiError::not_simulated(&format!("{method} on {bare}"))),
        }
    }

    /// Deletes what the queries select. The product does it in the background; here it is done when the reply is out.
    fn bulk_delete(&mut self, tenant: &mut Tenant, call: &Call<'_>) -> Result<Response> {
        let body = payload::object("BulkDelete", &call.request.body)?;
        let broken = |why: &str| ApiError::named("Payload", &[("set", "BulkDelete"), ("why", why)]);
        let Some(Json::Array(queries)) = body.get("QuerySet") else {
            return Err(broken("QuerySet is no list of queries"));
        };
        let Some(dataverse) = tenant.dataverse() else { return Err(broken("there is no environment")) };
        let now = tenant.clock().now();
        let mut doomed: Vec<(usize, Uuid)> = Vec::new();
        {
            let rows = Rows::new(dataverse, call.schema, now, call.caller);
            for query in queries {
                let name = query.get("EntityName").and_then(Json::as_str).unwrap_or_default();
                let entity = call
                    .schema
                    .index(name)
                    .ok_or_else(|| ApiError::named("EntityNotFound", &[("table", name)]))?;
                let filter = match query.get("Criteria") {
                    Some(criteria) => Some(criteria_of(&rows, entity, criteria, 0)?),
                    None => None,
                };
                let options = crate::options::QueryOptions { filter, ..Default::default() };
                let mut query = crate::collection::Query::new(entity, &options);
                query.page = ALL;
                doomed.extend(query.run(&rows)?.rows.iter().map(|row| (entity, id_of(row))));
            }
        }
        let ids = ContentIds::new();
        for (entity, id) in doomed {
            // Each row is deleted on its own: one that is refused stays, the job goes on.
            let deleted = tenant.in_dataverse(Actor::Caller(call.caller), |transaction| {
                let mut writer = Writer { transaction, schema: call.schema, ids: &ids, detects: false };
                writer.delete(entity, &RowKey::Id(id), &Conditions::default())
            });
            if let Err(error) = deleted
                && error.status >= 500
            {
                return Err(error);
            }
        }
        let job = tenant.seed().id(&format!("webapi/bulkdelete/{}", self.number()));
        let mut json = JsonWriter::new();
        json.open();
        json.member(
            "@odata.context",
            &format!("{}$metadata#Microsoft.Dynamics.CRM.BulkDeleteResponse", call.root),
        );
        json.member("JobId", &job.to_string());
        json.close();
        Ok(Response::json(200, json.finish()))
    }
}

/// More rows than any table has.
const ALL: usize = 1_000_000_000;
/// Deepest nesting of a FilterExpression.
const DEEPEST: usize = 32;

/// The condition of a FilterExpression.
fn criteria_of(rows: &Rows<'_>, entity: usize, criteria: &Json, depth: usize) -> Result<Expr> {
    if depth > DEEPEST {
        return Err(ApiError::named("QueryOperator", &[("why", "the criteria are nested too deeply")]));
    }
    let own = rows.schema.entity(entity);
    let list = |name: &str| criteria.get(name).and_then(Json::as_array).cloned().unwrap_or_default();
    let mut parts = Vec::new();
    for condition in list("Conditions") {
        let column = condition.get("AttributeName").and_then(Json::as_str).unwrap_or_default();
        let ordinal = own.table.ordinal(column).ok_or_else(|| {
            let entity = crate::schema::schema_name(own.name());
            ApiError::named("AttributeNotFound", &[("entity", &entity), ("column", column)])
        })?;
        let operator = condition.get("Operator").and_then(Json::as_str).unwrap_or_default();
        let mut values = Vec::new();
        for value in condition.get("Values").and_then(Json::as_array).into_iter().flatten() {
            let inner = value.get("Value").unwrap_or(value);
            values.push(inner.as_str().map_or_else(|| inner.to_string(), str::to_owned));
        }
        let operator = match operator {
            "Equal" => "eq".to_owned(),
            "NotEqual" => "ne".to_owned(),
            "GreaterThan" => "gt".to_owned(),
            "GreaterEqual" => "ge".to_owned(),
            "LessThan" => "lt".to_owned(),
            "LessEqual" => "le".to_owned(),
            "Like" => "like".to_owned(),
            "NotLike" => "not-like".to_owned(),
            "Null" => "null".to_owned(),
            "NotNull" => "not-null".to_owned(),
            other => operators::of_function(other)
                .ok_or_else(|| ApiError::not_simulated(&format!("the condition operator '{other}'")))?,
        };
        parts.push(operators::condition(rows, Path::own(entity, ordinal), &operator, &values)?);
    }
    for filter in list("Filters") {
        parts.push(criteria_of(rows, entity, &filter, depth + 1)?);
    }
    let any = criteria.get("FilterOperator").and_then(Json::as_str) == Some("Or");
    Ok(if any && parts.len() > 1 { Expr::Or(parts) } else { Expr::all(parts) })
}
