//! Table maps from `data/maps`, before they are checked against entities and tables.

use crate::{
    error::{CatalogError, Place, Problem},
    map::{FieldMap, Symbol, TableMap, Transform},
    rows::{Extra, MapRow},
    sources::Source,
};
use dwsim_model::{MapId, MapVersion, Name};
use serde::Deserialize;

/// Every documented map comes from Microsoft's solutions.
const PUBLISHER: &str = "Microsoft";

/// The version of a map for which the documentation names none.
const FIRST_VERSION: MapVersion = MapVersion(1, 0, 0, 0);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MapFile {
    source: Name,
    #[serde(default)]
    map: Vec<MapRecord>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MapRecord {
    id: MapId,
    #[serde(default)]
    anchor: u32,
    entity: Name,
    table: Name,
    version: Option<MapVersion>,
    company_column: Option<Name>,
    key: Vec<(Name, Box<str>)>,
    #[serde(default)]
    key_inferred: bool,
    source_filter: Option<Box<str>>,
    reverse_filter: Option<Box<str>>,
    #[serde(default)]
    reverse_filters: Vec<VersionedFilter>,
    #[serde(default)]
    single_threaded: bool,
    #[serde(default)]
    depends_on: Vec<MapId>,
    #[serde(default)]
    soft_depends_on: Vec<MapId>,
    alternative_to: Option<MapId>,
    note: Option<Box<str>>,
    source: Option<Name>,
    fields: Vec<MapRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VersionedFilter {
    version: Box<str>,
    filter: Option<Box<str>>,
}

/// Reads the maps of one file. Labels and entity set names still repeat the ids; linking fills them.
pub(crate) fn load_maps(source: &Source<'_>) -> Result<Vec<(Place, TableMap)>, CatalogError> {
    let file: MapFile = source.parse()?;
    let mut maps = Vec::with_capacity(file.map.len());
    for record in file.map {
        let place = Place::new(source.name, "map", &record.id);
        let fields = record.fields.into_iter().map(|row| field_map(&place, row)).collect::<Result<_, _>>()?;
        let mut filters: Vec<_> =
            record.reverse_filters.into_iter().map(|filter| (filter.version, filter.filter)).collect();
        filters.sort();
        if !filters.is_empty() && record.reverse_filter.is_some() {
            let problem = Problem::Form("write reverse_filter or reverse_filters, not both".to_owned());
            return Err(place.error(problem));
        }
        let newest = filters.last().and_then(|(_, filter)| filter.clone());
        let map = TableMap {
            id: record.id,
            anchor: record.anchor,
            entity_label: record.entity.clone(),
            entity_aot: record.entity.clone(),
            entity: record.entity,
            entity_set: record.table.clone(),
            table: record.table,
            domain: source.domain().into(),
            version: record.version.unwrap_or(FIRST_VERSION),
            publisher: PUBLISHER.into(),
            striped: record.company_column.is_some(),
            company_column: record.company_column,
            source_filter: record.source_filter,
            reverse_filter: record.reverse_filter.or(newest),
            reverse_filters: filters,
            integration_key: record.key,
            key_inferred: record.key_inferred,
            single_threaded: record.single_threaded,
            depends_on: record.depends_on,
            soft_depends_on: record.soft_depends_on,
            alternative_to: record.alternative_to,
            fields,
            note: record.note,
            source: record.source.unwrap_or_else(|| file.source.clone()),
        };
        maps.push((place, map));
    }
    Ok(maps)
}

/// The F&O name of a row in error messages; the Dataverse path of a constant row.
pub(crate) fn row_name(field: &FieldMap) -> &str {
    field.entity_field.as_deref().or(field.path.as_deref()).unwrap_or_default()
}

/// Turns one array into a row of a map.
pub(crate) fn field_map(place: &Place, row: MapRow) -> Result<FieldMap, CatalogError> {
    let name = if row.field.is_empty() { &row.path } else { &row.field };
    let symbol: Symbol = row.symbol.parse().map_err(|error: crate::map::SymbolError| {
        place.field_error(name, Problem::Form(error.to_string()))
    })?;
    let transform = match row.transform {
        None => Transform::None,
        Some(Extra::Text(text)) => Transform::Default(text),
        Some(Extra::Pairs(pairs)) => Transform::ValueMap(pairs),
    };
    let field = FieldMap {
        entity_field: (!row.field.is_empty()).then(|| row.field.as_ref().into()),
        symbol,
        path: (!row.path.is_empty()).then(|| row.path.clone()),
        transform,
        creates_values: false,
    };
    let default = matches!(field.transform, Transform::Default(_));
    let sound = match (&field.entity_field, &field.path) {
        (Some(_), Some(_)) => true,
        (None, Some(_)) => default && symbol == Symbol::ToDataverseTransformed,
        (Some(_), None) => default && symbol == Symbol::ToFinOpsTransformed,
        (None, None) => false,
    };
    if sound { Ok(field) } else { Err(place.field_error(name, Problem::ConstantRow)) }
}
