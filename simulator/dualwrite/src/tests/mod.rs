//! Stories of table maps: edited, validated, versioned, exported.

mod checkup;
mod documents;
mod editing;
mod properties;
mod solutions;
mod validation;

use crate::{
    CompanyCondition, Engine, EngineError, Finding, LinkCondition, MapEdit, MapStatus, Pair, SaveAs,
    SchemaChanges,
};
use dwsim_catalog::{Catalog, FieldMap, Symbol, Transform, facts::ProfileId};
use dwsim_model::{Column, ColumnKind, MapId, Required, Side, TableType};
use std::sync::Arc;

const GROUPS: &str = "customer-groups-msdyn-customergroups";

fn engine(maps: &[&str]) -> Engine {
    let catalog = Catalog::embedded().unwrap();
    let mut engine = Engine::new(catalog, ProfileId::Docs2026, "https://contoso.crm.dynamics.com");
    let maps: Vec<MapId> = maps.iter().map(|map| (*map).into()).collect();
    engine.apply(&maps).unwrap();
    engine
}

fn save_as(version: &str) -> SaveAs {
    SaveAs { publisher: "Contoso".into(), version: version.parse().unwrap() }
}

fn row(field: &str, symbol: &str, path: &str) -> FieldMap {
    FieldMap {
        entity_field: (!field.is_empty()).then(|| field.into()),
        symbol: symbol.parse().unwrap(),
        path: (!path.is_empty()).then(|| path.into()),
        transform: Transform::None,
        creates_values: false,
    }
}

fn codes(findings: &[Finding]) -> Vec<&'static str> {
    let mut codes: Vec<&'static str> = findings.iter().map(|finding| finding.code).collect();
    codes.dedup();
    codes
}

/// The codes for which saving these edits is refused, or warned of.
fn of_edit(engine: &Engine, map: &str, edits: &[MapEdit]) -> Vec<&'static str> {
    codes(&engine.validate_edit(map, edits).unwrap())
}

fn at_run(engine: &Engine, map: &str, condition: &LinkCondition) -> Vec<&'static str> {
    codes(&engine.validate_at_run(map, condition).unwrap())
}

fn message(error: &EngineError) -> String {
    error.to_string()
}

fn remove(field: &str) -> MapEdit {
    MapEdit::Remove(Pair::field(field))
}

fn direction(field: &str, symbol: Symbol) -> MapEdit {
    MapEdit::Direction(Pair::field(field), symbol)
}

/// A column of one's own, unknown to the catalogue.
fn own_column(name: &str, kind: ColumnKind, required: Required, read_only: bool) -> Column {
    Column { name: name.into(), kind, required, read_only, extra: false }
}

/// Refreshes the tables of the link after one of them has changed.
fn refresh(engine: &mut Engine, side: Side, table: &str, change: impl FnOnce(&TableType) -> TableType) {
    let old = engine.schemas().table(side, table).unwrap().clone();
    let changed: SchemaChanges = [(old.name.clone(), Some(Arc::new(change(&old))))].into();
    match side {
        Side::FinOps => engine.refresh_tables(changed, SchemaChanges::new()),
        Side::Dataverse => engine.refresh_tables(SchemaChanges::new(), changed),
    }
}

fn company(code: &str) -> CompanyCondition {
    CompanyCondition { code: code.parse().unwrap(), partition_valid: true, mapped: true }
}
