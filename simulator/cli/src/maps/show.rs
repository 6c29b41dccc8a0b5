//! `dwsim maps show`: everything the catalogue knows about one table map.

use super::{Direction, find, package};
use crate::{
    CliError, Screen,
    render::{Sheet, Style, Tone, heading, paragraph, section},
};
use dwsim_catalog::{Catalog, FieldMap, LookupPath, TableMap, Transform, parse_path};
use dwsim_model::MapId;
use serde_json::{Value, json};
use std::io::{self, Write};

const EXAMPLES: &str = "\
Examples:
  dwsim maps show customers-v3-accounts
  dwsim maps show customers-v3-accounts --json | jq .fields

Directions: = both ways, > to Dataverse, < to F&O; doubled or mixed signs change the value on the way.";

/// Which map to show.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Id of the map
    id: String,
    /// Write one JSON document
    #[arg(long)]
    json: bool,
}

pub(super) fn run(catalog: &Catalog, arguments: &Arguments, screen: &mut Screen<'_>) -> Result<(), CliError> {
    let map = find(catalog, &arguments.id)?;
    if arguments.json {
        serde_json::to_writer(&mut *screen.out, &document(catalog, map))?;
        writeln!(screen.out)?;
        return Ok(());
    }
    write(catalog, map, screen.out, screen.style)?;
    Ok(())
}

fn write(catalog: &Catalog, map: &TableMap, out: &mut dyn Write, style: Style) -> io::Result<()> {
    heading(out, style, &format!("{}: {} - {}", map.id, map.entity_label, map.entity_set))?;
    let mut line = |name: &str, text: &str| match text {
        "" => Ok(()),
        text => paragraph(out, style, &format!("{name:<17}"), text),
    };
    line("F&O entity", &format!("{} ({})", map.entity, map.entity_aot))?;
    line("Dataverse table", &map.table)?;
    line("direction", Direction::of(map).as_str())?;
    let companies = match (&map.company_column, map.striped) {
        (Some(column), true) => format!("each by itself, through {column}"),
        (None, true) => "each by itself".to_owned(),
        (_, false) => "global: the rows belong to none".to_owned(),
    };
    line("companies", &companies)?;
    line("package", package(catalog, map))?;
    line("version", &format!("{} by {}", map.version, map.publisher))?;
    let key: Vec<String> =
        map.integration_key.iter().map(|(field, path)| format!("{field} = {path}")).collect();
    let inferred = if map.key_inferred { " (derived, not documented)" } else { "" };
    line("key", &format!("{}{inferred}", key.join(", ")))?;
    line("filter", map.source_filter.as_deref().unwrap_or_default())?;
    line("reversed filter", map.reverse_filter.as_deref().unwrap_or_default())?;
    line("threads", if map.single_threaded { "one" } else { "" })?;
    line("level", &catalog.level(&map.id).map_or_else(String::new, |level| level.to_string()))?;
    line("needs", &join(&map.depends_on))?;
    line("better after", &join(&map.soft_depends_on))?;
    line("alternative to", map.alternative_to.as_deref().unwrap_or_default())?;
    line("source", &source(map))?;
    line("note", map.note.as_deref().unwrap_or_default())?;

    section(out, style, "Fields")?;
    let mut sheet = Sheet::new(style, &["F&O", "", "Dataverse", "on the way"]);
    for field in &map.fields {
        sheet.row([
            (field.entity_field.as_deref().unwrap_or("-").to_owned(), Tone::Plain),
            (field.symbol.as_str().to_owned(), Tone::Name),
            (field.path.as_deref().unwrap_or("-").to_owned(), Tone::Plain),
            (on_the_way(field), Tone::Plain),
        ]);
    }
    sheet.write(out)
}

fn join(ids: &[MapId]) -> String {
    ids.iter().map(MapId::as_str).collect::<Vec<_>>().join(", ")
}

fn source(map: &TableMap) -> String {
    match map.anchor {
        0 => map.source.to_string(),
        anchor => format!("{}, section {anchor}", map.source),
    }
}

fn on_the_way(field: &FieldMap) -> String {
    let mut parts = Vec::new();
    match &field.transform {
        Transform::None => {}
        Transform::Default(value) => parts.push(format!("default '{value}'")),
        Transform::ValueMap(pairs) => {
            let pairs: Vec<String> =
                pairs.iter().map(|(own, other)| format!("'{own}' is '{other}'")).collect();
            parts.push(pairs.join(", "));
        }
    }
    if let Some(lookup) = lookup(field) {
        parts.push(format!("lookup by {lookup}"));
    }
    parts.join("; ")
}

/// How the row of a lookup is found: its column, behind the lookups passed on the way.
fn lookup(field: &FieldMap) -> Option<String> {
    match parse_path(field.path.as_deref()?).ok()? {
        LookupPath::Column(_) => None,
        LookupPath::Through { column, .. } => Some(column.to_string()),
        LookupPath::Polymorphic { alternatives, .. } => {
            let tables = alternatives.iter().map(|(table, column)| format!("{table}.{column}"));
            Some(tables.collect::<Vec<_>>().join(" or "))
        }
    }
}

fn document(catalog: &Catalog, map: &TableMap) -> Value {
    let key = map.integration_key.iter().map(|(field, path)| json!({ "entity_field": field, "path": path }));
    let fields = map.fields.iter().map(|field| {
        let (value_map, default) = match &field.transform {
            Transform::None => (None, None),
            Transform::ValueMap(pairs) => (Some(pairs), None),
            Transform::Default(value) => (None, Some(value)),
        };
        json!({
            "entity_field": field.entity_field,
            "symbol": field.symbol.as_str(),
            "path": field.path,
            "lookup_by": lookup(field),
            "value_map": value_map,
            "default": default,
        })
    });
    json!({
        "id": map.id,
        "entity": map.entity,
        "entity_label": map.entity_label,
        "entity_aot": map.entity_aot,
        "table": map.table,
        "entity_set": map.entity_set,
        "direction": Direction::of(map).as_str(),
        "per_company": map.striped,
        "company_column": map.company_column,
        "package": package(catalog, map),
        "domain": map.domain,
        "version": map.version,
        "publisher": map.publisher,
        "source_filter": map.source_filter,
        "reverse_filter": map.reverse_filter,
        "integration_key": key.collect::<Vec<_>>(),
        "key_inferred": map.key_inferred,
        "single_threaded": map.single_threaded,
        "level": catalog.level(&map.id),
        "depends_on": map.depends_on,
        "soft_depends_on": map.soft_depends_on,
        "alternative_to": map.alternative_to,
        "fields": fields.collect::<Vec<_>>(),
        "note": map.note,
        "source": map.source,
        "section": map.anchor,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_map_can_be_shown_with_every_field() {
        let catalog = Catalog::embedded().unwrap();
        for map in catalog.maps() {
            let mut out = Vec::new();
            write(&catalog, map, &mut out, Style::plain()).unwrap();
            let text = String::from_utf8(out).unwrap();
            let (_, fields) = text.split_once("\nFields\n").unwrap();
            assert_eq!(fields.lines().count(), map.fields.len() + 2, "{text}");
        }
    }

    #[test]
    fn the_document_has_value_maps_and_lookups() {
        let catalog = Catalog::embedded().unwrap();
        let map = find(&catalog, "customers-v3-accounts").unwrap();
        let document = document(&catalog, map);
        let fields = document["fields"].as_array().unwrap();
        assert_eq!(fields.len(), map.fields.len());
        assert!(fields.iter().any(|field| !field["value_map"].is_null()));
        assert!(fields.iter().any(|field| !field["lookup_by"].is_null()));
    }
}
