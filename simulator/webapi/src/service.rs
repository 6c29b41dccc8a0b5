//! The service: one request in, one response out.

use crate::{
    address::{Address, LONGEST_BATCH_URL, LONGEST_URL, Segment},
    cell,
    error::{ApiError, Result},
    files,
    http::{Preferences, Request, Response},
    json::JsonWriter,
    options,
    payload::{self, ContentIds},
    read::Reader,
    render::Renderer,
    resource::{self, Resource, RowKey},
    rows::Rows,
    schema::Schema,
    uploads::Uploads,
    write::{Conditions, Upserted, Writer, id_of},
};
use dwsim_dataverse::{Actor, Dataverse};
use dwsim_model::{TableType, Value};
use dwsim_tenant::{DataverseTransaction, Tenant};
use std::sync::Arc;
use uuid::Uuid;

/// The Dataverse Web API over a simulated tenant.
///
/// It keeps what the environment itself does not: names built from the tables, and a number per request.
#[derive(Debug, Default)]
pub struct WebApi {
    tables: Vec<Arc<TableType>>,
    stamp: u64,
    schema: Arc<Schema>,
    requests: u64,
    pub(crate) numbers: u64,
    pub(crate) uploads: Uploads,
}

/// A request on its way, with everything read from it.
#[derive(Debug)]
pub(crate) struct Call<'c> {
    pub(crate) request: &'c Request,
    pub(crate) address: &'c Address,
    pub(crate) preferences: &'c Preferences,
    pub(crate) caller: Uuid,
    pub(crate) schema: &'c Schema,
    /// `https://host/api/data/v9.2/`
    pub(crate) root: String,
}

impl WebApi {
    /// A service that has not been asked anything yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many requests it has answered.
    pub fn answered(&self) -> u64 {
        self.requests
    }

    /// Goes on counting after so many requests, so that ids of requests do not come twice.
    pub fn resume(&mut self, answered: u64) {
        self.requests = answered;
    }

    /// Answers a request. Whatever goes wrong becomes a response in Dataverse's shape.
    pub fn handle(&mut self, tenant: &mut Tenant, request: &Request) -> Response {
        self.requests += 1;
        let detailed = Preferences::read(request).wants_all();
        let mut response = match self.answer(tenant, request, false) {
            Ok(response) => response,
            Err(error) => error.into_response(detailed),
        };
        let id = tenant.seed().id(&format!("webapi/request/{}", self.requests)).to_string();
        response.header("OData-Version", "4.0");
        response.header("REQ_ID", id.clone());
        response.header("x-ms-service-request-id", id);
        response
    }

    /// The names of the tables as they are now.
    pub(crate) fn schema(&mut self, dataverse: &Dataverse) -> Arc<Schema> {
        let definitions = dataverse.definitions();
        let same = self.stamp == definitions.stamp
            && self.tables.len() == dataverse.store().tables().count()
            && dataverse.store().tables().zip(&self.tables).all(|((_, new), old)| Arc::ptr_eq(new, old));
        if !same {
            self.tables = dataverse.store().tables().map(|(_, table)| table.clone()).collect();
            self.stamp = definitions.stamp;
            self.schema = Arc::new(Schema::build(self.tables.iter().cloned(), definitions));
        }
        self.schema.clone()
    }

    pub(crate) fn answer(
        &mut self,
        tenant: &mut Tenant,
        request: &Request,
        in_batch: bool,
    ) -> Result<Response> {
        let longest = if in_batch { LONGEST_BATCH_URL } else { LONGEST_URL };
        let address = Address::parse(&request.target, longest)?;
        let preferences = Preferences::read(request);
        let name = tenant.dataverse_name().to_owned();
        let Some(dataverse) = tenant.dataverse() else {
            return Err(ApiError::not_simulated(&format!(
                "the Dataverse environment {name} yet: no step of the scenario has created it"
            )));
        };
        let schema = self.schema(dataverse);
        let caller = caller(dataverse, request)?;
        let root = format!("{}/api/data/{}/", request.base, address.version);
        let call =
            Call { request, address: &address, preferences: &preferences, caller, schema: &schema, root };
        let first = address.segments.first().map_or("", |segment| segment.name.as_str());
        if first == "$batch" {
            if in_batch {
                return Err(ApiError::named("BadBatch", &[("why", "a batch holds no other batch")]));
            }
            return self.batch(tenant, &call);
        }
        if request.method == "GET" || request.method == "HEAD" {
            let rows = Rows::new(dataverse, &schema, tenant.clock().now(), caller);
            return get(&call, &rows);
        }
        if crate::define::is_definition(first) {
            return crate::define::write(tenant, &call);
        }
        if let Some(response) = self.chunk(tenant, &call)? {
            return Ok(response);
        }
        if let Some(response) = self.file_message(tenant, &call, first)? {
            return Ok(response);
        }
        if let Some(response) = self.unbound_action(tenant, &call, first)? {
            return Ok(response);
        }
        let actor = Actor::Caller(caller);
        let ids = ContentIds::new();
        let (response, _) = tenant.in_dataverse(actor, |transaction| write(&call, transaction, &ids))?;
        Ok(response)
    }
}

/// Who calls: the user of the token, or whom it impersonates. Only users of the organisation may.
fn caller(dataverse: &Dataverse, request: &Request) -> Result<Uuid> {
    let not_member = || ApiError::named("UserNotMemberOfOrg", &[]);
    let mut caller = request.caller;
    if dataverse.row("systemuser", caller)?.is_none() {
        return Err(not_member());
    }
    if let Some(other) = request.header("MSCRMCallerID") {
        let id = cell::guid(other).ok_or_else(not_member)?;
        if dataverse.row("systemuser", id)?.is_none() {
            let id = id.to_string();
            return Err(ApiError::named("ObjectDoesNotExist", &[("entity", "SystemUser"), ("id", &id)]));
        }
        caller = id;
    }
    if let Some(other) = request.header("CallerObjectId") {
        let id = cell::guid(other).ok_or_else(not_member)?;
        caller = user_of_object(dataverse, id)?.ok_or_else(not_member)?;
    }
    if dataverse.get("systemuser", caller, "isdisabled")? == Some(Value::Bool(true)) {
        return Err(ApiError::named("UserDisabled", &[]));
    }
    Ok(caller)
}

/// The user with this object id in Microsoft Entra ID.
fn user_of_object(dataverse: &Dataverse, object: Uuid) -> Result<Option<Uuid>> {
    let (Some(table), Some(kind)) = (dataverse.table("systemuser"), dataverse.table_type("systemuser"))
    else {
        return Ok(None);
    };
    let Some(column) = kind.ordinal("azureactivedirectoryobjectid") else { return Ok(None) };
    let found = dataverse.store().find(table, &[column], &[Value::Guid(object)], &[0])?;
    Ok(found.and_then(|row| row.first().and_then(Value::as_guid)))
}

/// A GET on anything.
pub(crate) fn get(call: &Call<'_>, rows: &Rows<'_>) -> Result<Response> {
    let Some(first) = call.address.segments.first() else { return Ok(service_document(call)) };
    if first.name == "$metadata" {
        return Ok(crate::csdl::document(rows));
    }
    if let Some(response) = crate::metadata::get(call, rows, first)? {
        return Ok(response);
    }
    if let Some(response) = crate::functions::unbound(call, rows, first)? {
        return Ok(response);
    }
    let reader = reader(call, rows);
    let resource = resource::resolve(rows, &call.address.segments)?;
    if let Resource::Set(entity) = resource {
        if let Some(xml) = call.address.option("fetchXml") {
            return crate::fetch::answer(&reader, entity, xml);
        }
        if let Some(apply) = call.address.option("$apply") {
            return crate::apply::answer(&reader, entity, apply);
        }
        if let Some(sql) = call.address.option("sql") {
            return crate::sql::answer(&reader, entity, sql);
        }
        for (option, what) in
            [("savedQuery", "saved queries (?savedQuery=)"), ("userQuery", "user queries (?userQuery=)")]
        {
            if call.address.option(option).is_some() {
                return Err(ApiError::not_simulated(what));
            }
        }
        if crate::tracking::is_tracking(&reader) {
            return crate::tracking::answer(&reader, entity);
        }
    }
    if let (Resource::Count(entity), Some(token)) = (&resource, call.address.option("$deltatoken")) {
        return crate::tracking::count(&reader, *entity, token);
    }
    if let Resource::Bound { entity, key, name, arguments } = &resource {
        return crate::functions::bound(call, rows, *entity, key.as_ref(), name, arguments);
    }
    if let Resource::Property { entity, key, ordinal, raw } = &resource
        && files::is_file(rows, *entity, *ordinal)
    {
        return files::download(call, rows, *entity, key, *ordinal, *raw);
    }
    reader.answer(&resource)
}

pub(crate) fn reader<'r, 'd>(call: &'r Call<'_>, rows: &'r Rows<'d>) -> Reader<'r, 'd> {
    Reader {
        rows,
        request: call.request,
        address: call.address,
        preferences: call.preferences,
        root: &call.root,
    }
}

/// All entity sets by name.
fn service_document(call: &Call<'_>) -> Response {
    let mut json = JsonWriter::new();
    json.open();
    json.member("@odata.context", &format!("{}$metadata", call.root));
    json.name("value");
    json.open_list();
    for entity in &call.schema.entities {
        json.open();
        json.member("name", &entity.set);
        json.member("kind", "EntitySet");
        json.member("url", &entity.set);
        json.close();
    }
    json.close_list();
    json.close();
    Response::json(200, json.finish())
}

/// A write on rows, inside the transaction of the request or of its change set.
pub(crate) fn write(
    call: &Call<'_>,
    transaction: &mut DataverseTransaction<'_>,
    ids: &ContentIds,
) -> Result<Response> {
    let detects = crate::duplicates::asked(call.request);
    let mut writer = Writer { transaction, schema: call.schema, ids, detects };
    let segments = &call.address.segments;
    if segments.first().is_some_and(|first| crate::define::is_definition(&first.name)) {
        return Err(ApiError::not_simulated("definitions that are written in a change set"));
    }
    let resource = resource::resolve(&writer.rows(), segments)?;
    let method = call.request.method.as_str();
    if let Resource::Set(entity) | Resource::Row(entity, _) = &resource
        && call.schema.entity(*entity).intersect
    {
        let message = if method == "POST" { "Create" } else { method };
        let table = call.schema.entity(*entity).name();
        return Err(ApiError::named("IntersectWrite", &[("message", message), ("table", table)]));
    }
    let not_allowed = || ApiError::named("MethodNotAllowed", &[("method", method)]);
    match (method, resource) {
        ("POST", Resource::Set(entity)) => {
            options::check_names(&call.address.options)?;
            let body = payload::object(&call.schema.entity(entity).set, &call.request.body)?;
            let id = writer.create(entity, &body, None)?;
            written(call, &writer, entity, Upserted::Created(id), None)
        }
        ("PATCH", Resource::Row(entity, key)) => {
            let body = payload::object(&call.schema.entity(entity).set, &call.request.body)?;
            let conditions = Conditions::read(call.request);
            let upserted = writer.upsert(entity, &key, &body, &conditions)?;
            written(call, &writer, entity, upserted, Some(&key))
        }
        ("DELETE", Resource::Row(entity, key)) => {
            writer.delete(entity, &key, &Conditions::read(call.request))?;
            Ok(Response::empty(204))
        }
        ("PATCH" | "DELETE", Resource::Property { entity, key, ordinal, .. })
            if files::is_file(&writer.rows(), entity, ordinal) =>
        {
            files::write(call, &mut writer, entity, &key, ordinal)
        }
        ("PUT", Resource::Property { entity, key, ordinal, .. })
            if !files::is_file(&writer.rows(), entity, ordinal) =>
        {
            let set = call.schema.entity(entity).set.clone();
            let body = payload::object(&set, &call.request.body)?;
            let json = body.get("value").cloned().unwrap_or_default();
            set_property(call, &mut writer, entity, &key, ordinal, &json)
        }
        ("DELETE", Resource::Property { entity, key, ordinal, .. }) => {
            set_property(call, &mut writer, entity, &key, ordinal, &serde_json::Value::Null)
        }
        ("PUT" | "POST", Resource::Single { entity, key, name, reference: true }) => {
            let row = resource::find(&writer.rows(), entity, &key)?;
            let (target, other) = referenced(call, &writer)?;
            let own = call.schema.entity(entity);
            let single = own.single(&name).filter(|single| single.targets.contains(&target));
            let Some(single) = single else {
                let url = String::from_utf8_lossy(&call.request.body).into_owned();
                return Err(ApiError::named("InvalidBindUrl", &[("url", &url), ("property", &name)]));
            };
            let column = own.table.column(single.ordinal).name.clone();
            writer.set(entity, id_of(&row), vec![(column, Value::Guid(other))])?;
            Ok(Response::empty(204))
        }
        ("DELETE", Resource::Single { entity, key, name, reference: true }) => {
            let row = resource::find(&writer.rows(), entity, &key)?;
            let own = call.schema.entity(entity);
            let Some(single) = own.single(&name) else { return Err(own.no_property(&name)) };
            let column = own.table.column(single.ordinal).name.clone();
            writer.set(entity, id_of(&row), vec![(column, Value::Null)])?;
            Ok(Response::empty(204))
        }
        ("POST", Resource::Children { entity, key, name, reference: true, child: None, .. }) => {
            let row = resource::find(&writer.rows(), entity, &key)?;
            let (_, other) = referenced(call, &writer)?;
            writer.link(entity, id_of(&row), &name, other)?;
            Ok(Response::empty(204))
        }
        ("DELETE", Resource::Children { entity, key, name, reference: true, child, .. }) => {
            let row = resource::find(&writer.rows(), entity, &key)?;
            let other = if let Some(child) = child {
                let Some(collection) = call.schema.entity(entity).collection(&name) else {
                    return Err(not_allowed());
                };
                id_of(&resource::find(&writer.rows(), collection.child, &child)?)
            } else {
                let url = call.address.option("$id").ok_or_else(not_allowed)?;
                let (target, key) = resource::reference(&writer.rows(), url)?;
                id_of(&resource::find(&writer.rows(), target, &key)?)
            };
            writer.unlink(entity, id_of(&row), &name, other)?;
            Ok(Response::empty(204))
        }
        // A child made under its parent.
        ("POST", Resource::Children { entity, key, name, reference: false, count: false, child: None }) => {
            let row = resource::find(&writer.rows(), entity, &key)?;
            let Some(collection) = call.schema.entity(entity).collection(&name) else {
                return Err(not_allowed());
            };
            let body = payload::object(&call.schema.entity(collection.child).set, &call.request.body)?;
            let id = writer.create(collection.child, &body, None)?;
            writer.link(entity, id_of(&row), &name, id)?;
            written(call, &writer, collection.child, Upserted::Created(id), None)
        }
        ("POST", Resource::Bound { entity, key, name, .. }) => {
            crate::multiple::bound_action(call, &mut writer, entity, key.as_ref(), &name)
        }
        _ => Err(not_allowed()),
    }
}

/// The row the body of a `$ref` request names.
fn referenced(call: &Call<'_>, writer: &Writer<'_, '_>) -> Result<(usize, Uuid)> {
    let body = payload::object("$ref", &call.request.body)?;
    let url = body.get("@odata.id").and_then(serde_json::Value::as_str).unwrap_or_default();
    let url = payload::resolved(url, writer.ids)?;
    let rows = writer.rows();
    let (target, key) = resource::reference(&rows, &url)?;
    let row = resource::find(&rows, target, &key)?;
    Ok((target, id_of(&row)))
}

fn set_property(
    call: &Call<'_>,
    writer: &mut Writer<'_, '_>,
    entity: usize,
    key: &RowKey,
    ordinal: usize,
    json: &serde_json::Value,
) -> Result<Response> {
    let row = resource::find(&writer.rows(), entity, key)?;
    let own = call.schema.entity(entity);
    let column = own.table.column(ordinal);
    if own.property(&column.name).is_none() {
        return Err(ApiError::named("LookupByValue", &[]));
    }
    let value = writer.rows().cell(own, ordinal, json)?;
    let values = if column.read_only { Vec::new() } else { vec![(column.name.clone(), value)] };
    writer.set(entity, id_of(&row), values)?;
    Ok(Response::empty(204))
}

/// The reply to a create or an upsert.
fn written(
    call: &Call<'_>,
    writer: &Writer<'_, '_>,
    entity: usize,
    upserted: Upserted,
    key: Option<&RowKey>,
) -> Result<Response> {
    let rows = writer.rows();
    let own = call.schema.entity(entity);
    let created = matches!(upserted, Upserted::Created(_));
    if call.preferences.representation {
        let options = options::read(&rows, entity, &call.address.options)?;
        let row = resource::find(&rows, entity, &RowKey::Id(upserted.id()))?;
        let renderer = Renderer { rows: &rows, preferences: call.preferences, root: &call.root };
        let document = renderer.document(entity, &row, &options)?;
        let mut response = Response::json(if created { 201 } else { 200 }, document);
        if let Some(etag) = Renderer::etag(own, &row) {
            response.header("ETag", etag);
        }
        response.header("Preference-Applied", "return=representation");
        return Ok(response);
    }
    let mut response = Response::empty(204);
    let url = match key {
        // An upsert by alternate key is answered with the key, not the id.
        Some(RowKey::Alternate { written, .. }) => format!("{}{}({written})", call.root, own.set),
        _ => format!("{}{}({})", call.root, own.set, upserted.id()),
    };
    if created && key.is_none() {
        response.header("Location", url.clone());
    }
    response.header("OData-EntityId", url);
    Ok(response)
}

/// The segment as a call: its name without parentheses, and its arguments with aliases replaced.
pub(crate) fn arguments(call: &Call<'_>, segment: &Segment) -> Vec<(String, String)> {
    let given = segment.arguments.iter().flatten();
    given
        .map(|argument| {
            let value = match argument.value.strip_prefix('@') {
                Some(_) => call.address.option(&argument.value).unwrap_or_default().to_owned(),
                None => argument.value.clone(),
            };
            (argument.name.clone().unwrap_or_default(), value)
        })
        .collect()
}
