//! What a synchronised row must look like, worked out from the catalogue's text alone.
//!
//! It shares nothing with the engine but the reading of filters and paths: rows are read from the stores, value maps
//! are looked up in the catalogue as texts, lookups are followed row by row. So it is slow, and that is its merit.

mod cells;
mod rows;

pub use cells::{agree, blank, canonical, matches_text};
pub use rows::{Reader, Row};

use dwsim_catalog::{FieldMap, TableMap, Transform};
use dwsim_model::{ColumnKind, Side, Value};
use dwsim_tenant::Tenant;
use std::collections::BTreeMap;

/// What was looked at while a map was checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Source rows that found their target row.
    pub rows: u64,
    /// Cells that a value map turned.
    pub mapped: u64,
    /// Lookups that lead to the row meant, blank ones not counted.
    pub lookups: u64,
    /// Constants, and defaults for blank sources.
    pub defaults: u64,
    /// Everything that is not as the catalogue says.
    pub wrong: Vec<String>,
}

/// Compares every row that a map moves into a side with the row it became.
///
/// # Errors
/// A store that cannot be read.
pub fn check(tenant: &Tenant, map: &TableMap, into: Side) -> Result<Checked, String> {
    let reader = Reader::new(tenant)?;
    let mut checked = Checked::default();
    let sources = reader.rows_moved(map, into)?;
    let mut targets: BTreeMap<Vec<String>, Row> = BTreeMap::new();
    for row in reader.all(into, if into == Side::FinOps { &map.entity } else { &map.table })? {
        if let Some(key) = key_of(&reader, map, &row, into)? {
            targets.entry(key).or_insert(row);
        }
    }
    for source in &sources {
        let Some(key) = key_of(&reader, map, source, into)? else { continue };
        let Some(target) = targets.get(&key) else {
            checked.wrong.push(format!("{} {key:?} has no row in {into}", source.table.name));
            continue;
        };
        checked.rows += 1;
        let (finops, dataverse) = if into == Side::Dataverse { (source, target) } else { (target, source) };
        let mut wrong = Vec::new();
        match into {
            Side::Dataverse => {
                fields_into_dataverse(&reader, map, finops, dataverse, &mut checked, &mut wrong)?;
            }
            Side::FinOps => fields_into_finops(&reader, map, finops, dataverse, &mut checked, &mut wrong)?,
        }
        company_and_owner(&reader, map, finops, dataverse, into, &mut wrong)?;
        checked
            .wrong
            .extend(wrong.into_iter().map(|wrong| format!("{} {key:?}: {wrong}", source.table.name)));
    }
    Ok(checked)
}

/// The integration key of a row of either side, in a form both sides share; none when a part is blank. Values are
/// those of the target, so that a value map on a key does no harm.
fn key_of(reader: &Reader<'_>, map: &TableMap, row: &Row, into: Side) -> Result<Option<Vec<String>>, String> {
    let mut key = Vec::new();
    for (field, path) in &map.integration_key {
        let mapping = map.fields.iter().find(|row| {
            row.entity_field.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(field))
                && row.path.as_deref().is_none_or(|own| own == &**path)
        });
        let (value, kind) = match row.table.side {
            Side::FinOps if field.eq_ignore_ascii_case("dataAreaId") => reader.company_field(map, row)?,
            Side::FinOps => row.cell(field)?,
            Side::Dataverse => reader.reach(row, path)?,
        };
        let text = match mapping.map(|mapping| &mapping.transform) {
            Some(Transform::ValueMap(pairs)) if row.table.side != into => {
                let target = match into {
                    Side::FinOps => reader.kind(into, &map.entity, field)?,
                    Side::Dataverse => reader.kind(into, &map.table, path)?,
                };
                turned(pairs, &value, &kind, into).map(|text| cells::canonical_text(text, &target))
            }
            _ => None,
        };
        let text = text.unwrap_or_else(|| canonical(&value, &kind));
        if text.is_empty()
            && mapping.is_none_or(|mapping| !matches!(mapping.transform, Transform::ValueMap(_)))
        {
            return Ok(None);
        }
        key.push(text);
    }
    Ok(Some(key))
}

/// What the catalogue's value map says for a value; the first pair that lists it.
fn turned<'p>(
    pairs: &'p [(Box<str>, Box<str>)],
    value: &Value,
    kind: &ColumnKind,
    into: Side,
) -> Option<&'p str> {
    pairs.iter().find_map(|(finops, dataverse)| {
        let (from, to) = if into == Side::Dataverse { (finops, dataverse) } else { (dataverse, finops) };
        matches_text(value, kind, from).then_some(&**to)
    })
}

fn fields_into_dataverse(
    reader: &Reader<'_>,
    map: &TableMap,
    finops: &Row,
    dataverse: &Row,
    checked: &mut Checked,
    wrong: &mut Vec<String>,
) -> Result<(), String> {
    for field in map.fields.iter().filter(|field| field.symbol.to_dataverse()) {
        let Some(path) = &field.path else { continue };
        let (actual, kind) = reader.reach(dataverse, path)?;
        let source = match &field.entity_field {
            Some(name) => Some(finops.cell(name)?),
            None => None,
        };
        let before = checked.lookups;
        if path.contains('.') && source.as_ref().is_some_and(|(value, kind)| !blank(value, kind)) {
            checked.lookups += 1;
        }
        if let Err(text) = value(field, source, &actual, &kind, Side::Dataverse, checked) {
            checked.lookups = before;
            wrong.push(format!("{path}: {text}"));
        }
    }
    Ok(())
}

fn fields_into_finops(
    reader: &Reader<'_>,
    map: &TableMap,
    finops: &Row,
    dataverse: &Row,
    checked: &mut Checked,
    wrong: &mut Vec<String>,
) -> Result<(), String> {
    let fields: Vec<&FieldMap> = map.fields.iter().filter(|field| field.symbol.to_finops()).collect();
    for (at, field) in fields.iter().enumerate() {
        let Some(name) = &field.entity_field else { continue };
        let same = |other: &&&FieldMap| {
            other.entity_field.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(name))
        };
        if fields[..at].iter().any(|other| same(&other)) {
            continue;
        }
        // A field fed by several columns takes the first that has a value.
        let mut source = None;
        let mut from = *field;
        for candidate in fields.iter().filter(same) {
            let Some(path) = &candidate.path else { continue };
            let (value, kind) = reader.reach(dataverse, path)?;
            let filled = !blank(&value, &kind);
            if filled || source.is_none() {
                source = Some((value, kind));
                from = candidate;
            }
            if filled {
                break;
            }
        }
        let (actual, kind) = finops.cell(name)?;
        if from.path.as_ref().is_some_and(|path| path.contains('.'))
            && source.as_ref().is_some_and(|(value, kind)| !blank(value, kind))
        {
            checked.lookups += 1;
        }
        if let Err(text) = value(from, source, &actual, &kind, Side::FinOps, checked) {
            wrong.push(format!("{name}: {text}"));
        }
    }
    Ok(())
}

/// Whether a target cell is what the row of the map makes of its source.
fn value(
    field: &FieldMap,
    source: Option<(Value, ColumnKind)>,
    actual: &Value,
    kind: &ColumnKind,
    into: Side,
    checked: &mut Checked,
) -> Result<(), String> {
    let shown = |value: &Value, kind: &ColumnKind| format!("'{}'", canonical(value, kind));
    match (&field.transform, source) {
        (Transform::Default(text), None) => {
            checked.defaults += 1;
            let right = matches_text(actual, kind, text);
            if right { Ok(()) } else { Err(format!("constant '{text}' became {}", shown(actual, kind))) }
        }
        (Transform::Default(text), Some((source, source_kind))) if blank(&source, &source_kind) => {
            checked.defaults += 1;
            let right = matches_text(actual, kind, text);
            if right { Ok(()) } else { Err(format!("default '{text}' became {}", shown(actual, kind))) }
        }
        (Transform::ValueMap(pairs), Some((source, source_kind))) => {
            match turned(pairs, &source, &source_kind, into) {
                Some(text) => {
                    checked.mapped += 1;
                    let right = matches_text(actual, kind, text);
                    if right {
                        Ok(())
                    } else {
                        let source = shown(&source, &source_kind);
                        Err(format!(
                            "value map turns {source} into '{text}', and it became {}",
                            shown(actual, kind)
                        ))
                    }
                }
                None if blank(&source, &source_kind) => Ok(()),
                None => Err(format!(
                    "{} is not in the value map and crossed all the same",
                    shown(&source, &source_kind)
                )),
            }
        }
        (_, Some((source, source_kind))) => {
            if agree(&source, &source_kind, actual, kind) {
                Ok(())
            } else {
                Err(format!("{} became {}", shown(&source, &source_kind), shown(actual, kind)))
            }
        }
        (_, None) => Ok(()),
    }
}

fn company_and_owner(
    reader: &Reader<'_>,
    map: &TableMap,
    finops: &Row,
    dataverse: &Row,
    into: Side,
    wrong: &mut Vec<String>,
) -> Result<(), String> {
    let company = if map.striped { Some(reader.company_field(map, finops)?.0.to_string()) } else { None };
    if let Some(code) = &company {
        let own = reader.company_of(map, dataverse)?;
        if !own.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(code)) {
            wrong.push(format!("company {code} became {own:?}"));
        }
    }
    if into == Side::Dataverse && dataverse.table.owned {
        let (owner, _) = dataverse.cell("ownerid")?;
        let expected = reader.owner_of(company.as_deref())?;
        if owner.as_guid() != Some(expected) {
            wrong.push(format!("owner is {owner}, and the default team is {expected}"));
        }
    }
    Ok(())
}
