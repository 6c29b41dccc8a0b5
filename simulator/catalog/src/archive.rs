//! Maps that can be read about but not run: older layouts and the Project Operations headers.

use crate::{
    error::{CatalogError, Place, Problem},
    load_maps::field_map,
    map::FieldMap,
    rows::MapRow,
    sources::Source,
};
use dwsim_model::{MapId, MapVersion, Name, Side};
use serde::Deserialize;

/// An older layout of a current map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupersededMap {
    /// Its id.
    pub id: MapId,
    /// The map that replaced it.
    pub superseded_by: MapId,
    /// What F&O called the entity.
    pub entity_label: Name,
    /// F&O public entity set, when known.
    pub entity: Option<Name>,
    /// Dataverse logical name.
    pub table: Name,
    /// The Dataverse lookup to `cdm_company` of a striped map.
    pub company_column: Option<Name>,
    /// Which F&O rows travelled.
    pub source_filter: Option<Box<str>>,
    /// Which Dataverse rows travelled.
    pub reverse_filter: Option<Box<str>>,
    /// The rows, F&O names as the page spells them.
    pub fields: Vec<FieldMap>,
    /// The page it was read from.
    pub source: Name,
}

/// A map of Project Operations: its rows are not documented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectOperationsMap {
    /// Its id.
    pub id: MapId,
    /// What F&O calls the entity.
    pub entity_label: Name,
    /// Dataverse entity set.
    pub entity_set: Name,
    /// Latest documented version.
    pub version: MapVersion,
    /// Whether the page asks for an initial synchronisation.
    pub initial_sync: bool,
    /// The side to take as master in it.
    pub initial_sync_master: Option<Side>,
    /// The F&O version it needs, such as `10.0.42`.
    pub minimum_finops_version: Option<Name>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SupersededFile {
    #[serde(default)]
    map: Vec<SupersededRecord>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SupersededRecord {
    id: MapId,
    superseded_by: MapId,
    label: Name,
    entity: Option<Name>,
    table: Name,
    company_column: Option<Name>,
    source_filter: Option<Box<str>>,
    reverse_filter: Option<Box<str>>,
    source: Name,
    fields: Vec<MapRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProjectFile {
    #[serde(default)]
    map: Vec<ProjectRecord>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProjectRecord {
    id: MapId,
    label: Name,
    set: Name,
    version: MapVersion,
    #[serde(default)]
    initial_sync: bool,
    initial_sync_master: Option<Side>,
    minimum_finops_version: Option<Name>,
}

/// Reads the older layouts, by id.
pub(crate) fn load_superseded(source: &Source<'_>) -> Result<Vec<(Place, SupersededMap)>, CatalogError> {
    let file: SupersededFile = source.parse()?;
    let mut maps = Vec::with_capacity(file.map.len());
    for record in file.map {
        let place = Place::new(source.name, "map", &record.id);
        let fields = record.fields.into_iter().map(|row| field_map(&place, row)).collect::<Result<_, _>>()?;
        let map = SupersededMap {
            id: record.id,
            superseded_by: record.superseded_by,
            entity_label: record.label,
            entity: record.entity,
            table: record.table,
            company_column: record.company_column,
            source_filter: record.source_filter,
            reverse_filter: record.reverse_filter,
            fields,
            source: record.source,
        };
        maps.push((place, map));
    }
    Ok(maps)
}

/// Reads the Project Operations headers, in the order of the page.
pub(crate) fn load_project_operations(
    source: &Source<'_>,
) -> Result<Vec<ProjectOperationsMap>, CatalogError> {
    let file: ProjectFile = source.parse()?;
    let mut maps: Vec<ProjectOperationsMap> = Vec::with_capacity(file.map.len());
    for record in file.map {
        if maps.iter().any(|map| map.id == record.id) {
            let problem = Problem::Duplicate { what: "map", name: record.id.as_str().to_owned() };
            return Err(Place::new(source.name, "map", &record.id).error(problem));
        }
        maps.push(ProjectOperationsMap {
            id: record.id,
            entity_label: record.label,
            entity_set: record.set,
            version: record.version,
            initial_sync: record.initial_sync,
            initial_sync_master: record.initial_sync_master,
            minimum_finops_version: record.minimum_finops_version,
        });
    }
    Ok(maps)
}
