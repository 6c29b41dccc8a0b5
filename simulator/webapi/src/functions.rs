//! Functions: WhoAmI and its kin.

use crate::{
    address::{Argument, Segment, split, unquoted},
    error::{ApiError, Result},
    http::Response,
    json::JsonWriter,
    resource::{self, RowKey},
    rows::Rows,
    service::{Call, arguments},
    write::id_of,
};
use dwsim_model::Value;
use dwsim_store::Select;

/// Version the simulated organisation calls itself.
const VERSION: &str = "9.2.25111.00164";

/// An unbound function, when the segment is one.
pub(crate) fn unbound(call: &Call<'_>, rows: &Rows<'_>, segment: &Segment) -> Result<Option<Response>> {
    if segment.name == "RetrieveMetadataChanges" {
        return crate::metadata_changes::answer(call, rows, segment).map(Some);
    }
    let mut json = JsonWriter::new();
    json.open();
    let context = |name: &str| format!("{}$metadata#Microsoft.Dynamics.CRM.{name}Response", call.root);
    let organization = rows.dataverse.organization();
    match segment.name.as_str() {
        "WhoAmI" => {
            let unit = rows.dataverse.get("systemuser", call.caller, "businessunitid")?.unwrap_or_default();
            json.member("@odata.context", &context("WhoAmI"));
            json.member("BusinessUnitId", &unit.to_string());
            json.member("UserId", &call.caller.to_string());
            json.member("OrganizationId", &organization.id.to_string());
        }
        "RetrieveVersion" => {
            json.member("@odata.context", &context("RetrieveVersion"));
            json.member("Version", VERSION);
        }
        "RetrieveCurrentOrganization" => {
            json.member("@odata.context", &context("RetrieveCurrentOrganization"));
            json.name("Detail");
            json.open();
            json.member("OrganizationId", &organization.id.to_string());
            json.member("FriendlyName", &organization.name);
            json.member("OrganizationVersion", VERSION);
            json.member("EnvironmentId", &organization.id.to_string());
            json.member("Geo", &organization.geography);
            json.member("TenantId", &organization.tenant_id.to_string());
            json.member("UrlName", &organization.unique_name);
            json.member("UniqueName", &organization.unique_name);
            json.member("State", "Enabled");
            json.name("Endpoints");
            json.open();
            json.member("Count", "2");
            let base = &call.request.base;
            json.name("Keys");
            json.open_list();
            json.text("WebApplication");
            json.text("OrganizationDataService");
            json.close_list();
            json.name("Values");
            json.open_list();
            json.text(&format!("{base}/"));
            json.text(&format!("{base}/api/data/"));
            json.close_list();
            json.close();
            json.close();
        }
        "RetrieveTotalRecordCount" => {
            let given = arguments(call, segment);
            let names = given.iter().find(|(name, _)| name == "EntityNames").map(|(_, value)| value.as_str());
            let list = names.unwrap_or_default().trim().trim_start_matches('[').trim_end_matches(']');
            let names: Vec<String> =
                split(list, ',')?.into_iter().map(|name| unquoted(name.trim())).collect();
            let mut counts = Vec::new();
            for name in names.iter().filter(|name| !name.is_empty()) {
                let table = rows
                    .dataverse
                    .table(name)
                    .ok_or_else(|| ApiError::named("EntityNotFound", &[("table", name)]))?;
                counts.push((name, rows.dataverse.store().count(&Select::all(table))?));
            }
            json.member("@odata.context", &context("RetrieveTotalRecordCount"));
            json.name("EntityRecordCountCollection");
            json.open();
            json.member("Count", &counts.len().to_string());
            json.name("IsReadOnly");
            json.raw("false");
            json.name("Keys");
            json.open_list();
            for (name, _) in &counts {
                json.text(name);
            }
            json.close_list();
            json.name("Values");
            json.open_list();
            for (_, count) in &counts {
                json.bare(count);
            }
            json.close_list();
            json.close();
        }
        name if call.schema.set(name).is_none()
            && name.starts_with(|sign: char| sign.is_ascii_uppercase()) =>
        {
            return Err(ApiError::not_simulated(&format!("the function '{name}'")));
        }
        _ => return Ok(None),
    }
    json.close();
    Ok(Some(Response::json(200, json.finish())))
}

/// A function bound to a table or a row.
pub(crate) fn bound(
    call: &Call<'_>,
    rows: &Rows<'_>,
    entity: usize,
    key: Option<&RowKey>,
    name: &str,
    given: &[Argument],
) -> Result<Response> {
    let own = rows.schema.entity(entity);
    if let (Some(key), "RetrievePrincipalAccess", "systemuser" | "team") = (key, name, own.name()) {
        let segment = Segment { name: name.to_owned(), arguments: Some(given.to_vec()) };
        let target = arguments(call, &segment).into_iter().find(|(name, _)| name == "Target");
        let target = target.map(|(_, value)| value).unwrap_or_default();
        let parsed: serde_json::Value = serde_json::from_str(&target.replace('\'', "\""))
            .map_err(|_| ApiError::bad_url("Target is no reference to a row"))?;
        let url = parsed.get("@odata.id").and_then(serde_json::Value::as_str).unwrap_or_default();
        let principal = id_of(&resource::find(rows, entity, key)?);
        let (table, row_key) = resource::reference(rows, url)?;
        let row = resource::find(rows, table, &row_key)?;
        let owner = rows.schema.entity(table).table.ordinal("ownerid").and_then(|at| row.get(at)).cloned();
        let administrator = rows.dataverse.has_role(principal, "dataverse-system-administrator");
        let owned = owner == Some(Value::Guid(principal));
        let rights = if administrator || owned {
            "ReadAccess, WriteAccess, AppendAccess, AppendToAccess, CreateAccess, DeleteAccess, ShareAccess, AssignAccess"
        } else {
            "None"
        };
        let mut json = JsonWriter::new();
        json.open();
        json.member(
            "@odata.context",
            &format!("{}$metadata#Microsoft.Dynamics.CRM.RetrievePrincipalAccessResponse", call.root),
        );
        json.member("AccessRights", rights);
        json.close();
        return Ok(Response::json(200, json.finish()));
    }
    Err(ApiError::not_simulated(&format!("the function '{name}' on {}", own.name())))
}
