//! FetchXML queries: joined, filtered, ordered or grouped, paged.

pub(crate) mod parse;
pub(crate) mod plan;
pub(crate) mod run;

use crate::{cell, collection::LARGEST_PAGE, error::Result, http::Response, json::JsonWriter, read::Reader};
use dwsim_model::{ColumnKind, Value};
use plan::Plan;
use run::Tuple;

/// Answers `GET /set?fetchXml=`.
pub(crate) fn answer(reader: &Reader<'_, '_>, entity: usize, xml: &str) -> Result<Response> {
    let fetch = parse::parse(xml)?;
    let rows = reader.rows;
    let plan = plan::plan(rows, entity, &fetch)?;
    let own = rows.schema.entity(entity);
    let mut json = JsonWriter::new();
    json.open();
    let names: Vec<&str> = plan.outputs.iter().map(|output| output.name.as_str()).collect();
    json.member("@odata.context", &format!("{}$metadata#{}({})", reader.root, own.set, names.join(",")));
    let page = run::run(rows, &plan, LARGEST_PAGE)?;
    if plan.total {
        json.name("@Microsoft.Dynamics.CRM.totalrecordcount");
        json.bare(page.total.min(LARGEST_PAGE));
        json.name("@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded");
        json.bare(page.total > LARGEST_PAGE);
    }
    if !reader.preferences.annotations.is_empty() {
        if let Some(cookie) = &page.cookie {
            json.member("@Microsoft.Dynamics.CRM.fetchxmlpagingcookie", &cookie.outer());
        }
        json.name("@Microsoft.Dynamics.CRM.morerecords");
        json.bare(page.more);
    }
    json.name("value");
    json.open_list();
    for tuple in &page.tuples {
        write(reader, &mut json, &plan, tuple)?;
    }
    json.close_list();
    json.close();
    Ok(reader.with_applied(Response::json(200, json.finish()), Vec::new()))
}

/// A row of the answer; empty columns are left out.
pub(crate) fn write(
    reader: &Reader<'_, '_>,
    json: &mut JsonWriter,
    plan: &Plan,
    tuple: &Tuple,
) -> Result<()> {
    let renderer = reader.renderer();
    json.open();
    if !plan.aggregate
        && let Some(root) = tuple.rows.first().and_then(Option::as_ref)
        && let Some(etag) =
            crate::render::Renderer::etag(reader.rows.schema.entity(plan.sources[0].entity), root)
    {
        json.member("@odata.etag", &etag);
    }
    for (at, output) in plan.outputs.iter().enumerate() {
        let entity = plan.sources[output.source].entity;
        let kind = reader.rows.schema.entity(entity).kind(output.ordinal);
        if plan.aggregate {
            let value = tuple.values.get(at).unwrap_or(&Value::Null);
            if value.is_null() {
                continue;
            }
            let counted = matches!(value, Value::Int(_))
                && !matches!(kind, ColumnKind::Int { .. } | ColumnKind::BigInt);
            let shown = if counted { &ColumnKind::BigInt } else { kind };
            if reader.preferences.wants("OData.Community.Display.V1.FormattedValue") {
                let text = match (kind, value.as_guid()) {
                    (ColumnKind::Lookup { .. }, Some(id)) => {
                        let target = reader.rows.target_entity(entity, output.ordinal, id)?;
                        target.map(|target| reader.rows.name_of(target, value)).transpose()?.flatten()
                    }
                    _ => reader.rows.formatted(entity, output.ordinal, value, shown, "$"),
                };
                if let Some(text) = text {
                    json.annotation(&output.name, "OData.Community.Display.V1.FormattedValue");
                    json.text(&text);
                }
            }
            json.name(&output.name);
            cell::write(json, shown, value);
            continue;
        }
        let Some(row) = tuple.rows.get(output.source).and_then(Option::as_ref) else { continue };
        if row.get(output.ordinal).is_none_or(Value::is_null) {
            continue;
        }
        if output.aliased && reader.preferences.wants("OData.Community.Display.V1.AttributeName") {
            json.annotation(&output.name, "OData.Community.Display.V1.AttributeName");
            json.text(&reader.rows.schema.entity(entity).table.column(output.ordinal).name);
        }
        renderer.property(json, entity, output.ordinal, &output.name, row)?;
    }
    json.close();
    Ok(())
}
