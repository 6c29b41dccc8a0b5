//! Writing definitions: tables, columns, alternate keys, relationships, choices.

mod choice;
mod column;
mod intersect;
mod key;
mod naming;
mod option;
mod relationship;
mod table;

use crate::{
    address::Segment,
    error::{ApiError, Result},
    http::Response,
    metadata,
    payload::{self, Body},
    rows::Rows,
    service::Call,
};
use dwsim_dataverse::Dataverse;
use dwsim_model::{TableType, Value};
use dwsim_store::StoreError;
use dwsim_tenant::Tenant;
use serde_json::Value as Json;
use std::sync::Arc;
use uuid::Uuid;

/// Roles that may change definitions.
const CUSTOMISERS: [&str; 2] = ["System Administrator", "System Customizer"];

/// Whether a path begins with definitions, or is an action that writes some.
pub(crate) fn is_definition(segment: &str) -> bool {
    let bare = segment.strip_prefix("Microsoft.Dynamics.CRM.").unwrap_or(segment);
    matches!(
        bare,
        "EntityDefinitions"
            | "RelationshipDefinitions"
            | "GlobalOptionSetDefinitions"
            | "CreateEntities"
            | "InsertOptionValue"
            | "UpdateOptionValue"
            | "DeleteOptionValue"
    )
}

/// A write on definitions. Each is done at once and on its own.
pub(crate) fn write(tenant: &mut Tenant, call: &Call<'_>) -> Result<Response> {
    let now = tenant.clock().now();
    let Some(dataverse) = tenant.dataverse_mut() else {
        return Err(ApiError::not_simulated("a Dataverse environment that is not there yet"));
    };
    if !CUSTOMISERS.iter().any(|role| dataverse.has_role(call.caller, role)) {
        let why = format!("Principal user (Id={}) may not change definitions.", call.caller);
        return Err(ApiError::named("PrivilegeDenied", &[("why", &why)]));
    }
    Definer { dataverse, call, now }.answer()
}

/// An environment whose definitions are written.
pub(crate) struct Definer<'d, 'c> {
    pub(crate) dataverse: &'d mut Dataverse,
    pub(crate) call: &'d Call<'c>,
    now: jiff::Timestamp,
}

impl Definer<'_, '_> {
    fn answer(mut self) -> Result<Response> {
        let method = self.call.request.method.clone();
        let segments = self.call.address.segments.clone();
        let Some((first, rest)) = segments.split_first() else { return Err(ApiError::bad_url("no path")) };
        let named = first.arguments.as_ref().is_some_and(|arguments| !arguments.is_empty());
        let bare = first.name.strip_prefix("Microsoft.Dynamics.CRM.").unwrap_or(&first.name);
        // A definition may be addressed with the name of its type behind it.
        let cast = |rest: &[Segment]| match rest {
            [] => true,
            [only] => only.name.starts_with("Microsoft.Dynamics.CRM."),
            _ => false,
        };
        match (method.as_str(), bare) {
            ("POST", "CreateEntities") if rest.is_empty() => self.create_tables(),
            ("POST", "InsertOptionValue" | "UpdateOptionValue" | "DeleteOptionValue") if rest.is_empty() => {
                self.write_option(bare)
            }
            ("POST", "EntityDefinitions") if !named && rest.is_empty() => {
                let body = self.body("EntityDefinitions")?;
                let id = self.create_table(&body)?;
                Ok(self.made(id))
            }
            ("PUT", "EntityDefinitions") if named && rest.is_empty() => self.change_table(first),
            ("DELETE", "EntityDefinitions") if named && rest.is_empty() => self.delete_table(first),
            (_, "EntityDefinitions") if named => match rest.split_first() {
                Some((next, after)) => self.below_table(&method, first, next, after, cast(after)),
                None => Err(not_allowed(&method)),
            },
            ("POST", "RelationshipDefinitions") if !named && cast(rest) => self.create_relationship(),
            ("PUT", "RelationshipDefinitions") if named && cast(rest) => self.change_relationship(first),
            ("DELETE", "RelationshipDefinitions") if named && cast(rest) => self.delete_relationship(first),
            ("POST", "GlobalOptionSetDefinitions") if !named && cast(rest) => self.create_choice(),
            ("PUT", "GlobalOptionSetDefinitions") if named && cast(rest) => self.change_choice(first),
            ("DELETE", "GlobalOptionSetDefinitions") if named && cast(rest) => self.delete_choice(first),
            _ => Err(not_allowed(&method)),
        }
    }

    fn below_table(
        &mut self,
        method: &str,
        first: &Segment,
        next: &Segment,
        after: &[Segment],
        cast: bool,
    ) -> Result<Response> {
        let table = self.table_of(first)?;
        let named = next.arguments.as_ref().is_some_and(|arguments| !arguments.is_empty());
        match (method, next.name.as_str()) {
            ("POST", "Attributes") if !named && cast => self.create_column(&table),
            ("PUT", "Attributes") if named && cast => self.change_column(&table, next),
            ("DELETE", "Attributes") if named && cast => self.delete_column(&table, next),
            ("POST", "Keys") if !named && after.is_empty() => self.create_key(&table),
            ("DELETE", "Keys") if named && after.is_empty() => self.delete_key(&table, next),
            _ => Err(not_allowed(method)),
        }
    }

    fn rows(&self) -> Rows<'_> {
        Rows::new(self.dataverse, self.call.schema, self.now, self.call.caller)
    }

    fn body(&self, what: &str) -> Result<Body> {
        payload::object(what, &self.call.request.body)
    }

    /// Whether labels of languages the body does not name stay.
    fn merges(&self) -> bool {
        self.call.request.header("MSCRM.MergeLabels").is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The table a segment names.
    fn table_of(&self, segment: &Segment) -> Result<Arc<TableType>> {
        let arguments = segment.arguments.as_deref().unwrap_or_default();
        let index = metadata::find_table(&self.rows(), arguments)?;
        Ok(self.call.schema.entity(index).table.clone())
    }

    /// The reply to a definition that was made: its address follows the path of the request.
    fn made(&self, id: Uuid) -> Response {
        let target = self.call.request.target.split('?').next().unwrap_or_default();
        let below = target.split("/api/data/").nth(1).and_then(|rest| rest.split_once('/'));
        let path = below.map_or("", |(_, path)| path).trim_end_matches('/');
        let mut response = Response::empty(204);
        response.header("OData-EntityId", format!("{}{path}({id})", self.call.root));
        response
    }

    /// Takes another shape of a table; what the store says of rows that break a key is handed back.
    fn reshape(&mut self, table: TableType) -> Result<std::result::Result<(), StoreError>> {
        match self.dataverse.change_table(table) {
            Ok(()) => Ok(Ok(())),
            Err(dwsim_dataverse::EnvError::Store(error @ StoreError::Duplicate { .. })) => Ok(Err(error)),
            Err(error) => Err(error.into()),
        }
    }

    /// The same, where no key changes.
    fn reshaped(&mut self, table: TableType) -> Result<()> {
        self.reshape(table)?.map_err(ApiError::from)
    }
}

fn not_allowed(method: &str) -> ApiError {
    ApiError::named("MethodNotAllowed", &[("method", method)])
}

/// A definition that cannot be taken, and why.
fn refused(why: &str) -> ApiError {
    ApiError::named("InvalidDefinition", &[("why", why)])
}

/// The value of a managed property, or the bare one.
fn flag(body: &Body, name: &str) -> Option<bool> {
    let own = body.get(name)?;
    own.as_bool().or_else(|| own.get("Value").and_then(Json::as_bool))
}

/// A text inside a member such as `RequiredLevel`, which holds it as `Value`.
fn inner_text<'b>(body: &'b Body, name: &str) -> Option<&'b str> {
    let own = body.get(name)?;
    own.as_str().or_else(|| own.get("Value").and_then(Json::as_str))
}

/// Whether an argument names something by its id or by one of its names.
fn names(segment: &Segment, id: Uuid, names: &[(&str, &str)]) -> bool {
    let Some([only]) = segment.arguments.as_deref() else { return false };
    let text = only.text();
    match only.name.as_deref() {
        None | Some("MetadataId") => crate::cell::guid(&text) == Some(id),
        Some(member) => names.iter().any(|(own, value)| *own == member && value.eq_ignore_ascii_case(&text)),
    }
}

/// The error for a definition a segment names and that is not there.
fn unknown(segment: &Segment) -> ApiError {
    let key = segment.arguments.iter().flatten().map(|argument| {
        format!("{} = {}", argument.name.as_deref().unwrap_or("MetadataId"), argument.text())
    });
    metadata::missing(&key.collect::<Vec<_>>().join(", "))
}

/// A whole number in a member.
fn whole(body: &Body, name: &str) -> Result<Option<i64>> {
    match body.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(own) => match own.as_i64() {
            Some(number) => Ok(Some(number)),
            None => Err(refused(&format!("{name} is no whole number"))),
        },
    }
}

/// A choice's number as a value; none when nobody set one.
fn choice_value(number: Option<i64>) -> Option<Value> {
    number.filter(|number| *number >= 0).and_then(|number| i32::try_from(number).ok()).map(Value::Choice)
}
