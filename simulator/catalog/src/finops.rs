//! F&O entities and enums from `data/finops`.

use crate::{
    column_type::{TypeText, parse_type},
    error::{CatalogError, Place, Problem},
    rows::ColumnRow,
    sources::Source,
};
use dwsim_model::{Choices, Column, ColumnKind, Name, Required, Side, TableBuilder, TableError, TableType};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The column that holds the company of a company-specific entity.
pub(crate) const DATA_AREA_ID: &str = "dataAreaId";

/// Digits after the point of an F&O real.
const REAL_PRECISION: u32 = 6;

/// Facts of an entity that its table type has no room for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityFacts {
    /// The entity set.
    pub set: Name,
    /// Singular name of the entity in OData, when known.
    pub entity: Option<Name>,
    /// The table the entity reads most of its fields from, when known.
    pub backing_table: Option<Name>,
    /// Entities it declares a relation to, by name in the application object tree.
    pub related: Vec<Name>,
    /// Whether its key is inferred.
    pub key_inferred: bool,
    /// Subject area.
    pub domain: Name,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EnumFile {
    documented: BTreeMap<String, Vec<Box<str>>>,
    #[serde(default)]
    from_value_maps: BTreeMap<String, Vec<Box<str>>>,
    #[serde(default)]
    value_map_only: BTreeMap<String, Vec<Box<str>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntityFile {
    #[serde(default)]
    entity: Vec<EntityRecord>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntityRecord {
    set: String,
    entity: Option<Name>,
    aot: Option<String>,
    label: String,
    backing_table: Option<Name>,
    company: Option<String>,
    key: Vec<String>,
    #[serde(default)]
    key_inferred: bool,
    #[serde(default)]
    related: Vec<Name>,
    fields: Vec<ColumnRow>,
    #[serde(default)]
    other_fields: Vec<Name>,
}

pub(crate) type Enums = BTreeMap<String, Arc<Choices>>;

/// Reads the enums: documented members first, then the ones only value maps know.
pub(crate) fn load_enums(source: &Source<'_>) -> Result<Enums, CatalogError> {
    let EnumFile { documented, from_value_maps, mut value_map_only } = source.parse()?;
    let mut enums = Enums::new();
    for (name, mut members) in documented.into_iter().chain(from_value_maps) {
        members.extend(value_map_only.remove(&name).unwrap_or_default());
        let options = (0_i32..).zip(members).collect();
        let choices = Arc::new(Choices { name: name.as_str().into(), options });
        if enums.insert(name.clone(), choices).is_some() {
            let place = Place::new(source.name, "enum", &name);
            return Err(place.error(Problem::Duplicate { what: "enum", name }));
        }
    }
    match value_map_only.keys().next() {
        None => Ok(enums),
        Some(name) => Err(Place::new(source.name, "enum", name).error(Problem::unknown(
            "enum",
            name,
            enums.keys().map(String::as_str),
        ))),
    }
}

/// Reads the entities of one file.
pub(crate) fn load_entities(
    source: &Source<'_>,
    enums: &Enums,
) -> Result<Vec<(Place, Arc<TableType>, EntityFacts)>, CatalogError> {
    let file: EntityFile = source.parse()?;
    let domain = Name::from(source.domain());
    file.entity
        .into_iter()
        .map(|record| {
            let place = Place::new(source.name, "entity", &record.set);
            let facts = EntityFacts {
                set: record.set.as_str().into(),
                entity: record.entity.clone(),
                backing_table: record.backing_table.clone(),
                related: record.related.clone(),
                key_inferred: record.key_inferred,
                domain: domain.clone(),
            };
            let table = entity_type(&place, record, enums)?;
            Ok((place, table, facts))
        })
        .collect()
}

fn entity_type(place: &Place, record: EntityRecord, enums: &Enums) -> Result<Arc<TableType>, CatalogError> {
    let table_error = |error: TableError| place.error(error);
    let aot = record.aot.as_deref().unwrap_or(&record.set);
    let mut builder =
        TableBuilder::new(Side::FinOps, &record.set, "RecId", ColumnKind::BigInt).names(&record.label, aot);
    if record.company.as_deref() == Some(DATA_AREA_ID) {
        builder = builder.column(company_code());
    }
    let mut seen = BTreeSet::new();
    for row in record.fields {
        seen.insert(row.name.to_ascii_lowercase());
        builder = builder.column(field(place, &row, enums)?);
    }
    for name in record.other_fields {
        if !seen.insert(name.to_ascii_lowercase()) {
            let name = name.as_str().to_owned();
            return Err(place.field_error(&name.clone(), Problem::Duplicate { what: "field", name }));
        }
        builder = builder.column(Column {
            name,
            kind: ColumnKind::Text { max: None },
            required: Required::No,
            read_only: false,
            extra: true,
        });
    }
    if let Some(company) = &record.company {
        builder = builder.company(company).map_err(table_error)?;
    }
    let key: Vec<&str> = record.key.iter().map(String::as_str).collect();
    builder.key("natural", &key).and_then(TableBuilder::build).map_err(table_error)
}

fn company_code() -> Column {
    Column {
        name: DATA_AREA_ID.into(),
        kind: ColumnKind::Text { max: Some(4) },
        required: Required::System,
        read_only: false,
        extra: false,
    }
}

fn field(place: &Place, row: &ColumnRow, enums: &Enums) -> Result<Column, CatalogError> {
    let fail = |problem: Problem| place.field_error(&row.name, problem);
    if !row.options.is_empty() {
        return Err(fail(Problem::Form("members of an enum belong in finops/enums.toml".to_owned())));
    }
    let kind = match parse_type(Side::FinOps, &row.kind).map_err(|error| fail(error.into()))? {
        TypeText::Text(max) => ColumnKind::Text { max },
        TypeText::Enum(name) => {
            let choices = enums
                .get(name.as_str())
                .ok_or_else(|| fail(Problem::unknown("enum", &name, enums.keys().map(String::as_str))))?;
            ColumnKind::Choice(choices.clone())
        }
        TypeText::Bool => ColumnKind::Bool,
        TypeText::Int(min, max) => ColumnKind::Int { min, max },
        TypeText::BigInt => ColumnKind::BigInt,
        TypeText::Decimal(precision) => {
            ColumnKind::Decimal { precision: precision.unwrap_or(REAL_PRECISION) }
        }
        TypeText::Date => ColumnKind::Date,
        TypeText::Instant => ColumnKind::Instant,
        TypeText::Guid => ColumnKind::Guid,
        // The F&O dialect has no other words.
        TypeText::Double(_)
        | TypeText::Money(_)
        | TypeText::Choice
        | TypeText::Lookup(_)
        | TypeText::EntityName => {
            return Err(fail(Problem::Form(format!("'{}' is not a type of F&O", row.kind))));
        }
    };
    let required = match row.flags.as_deref() {
        None => Required::No,
        Some("mandatory") => Required::Yes,
        Some(other) => {
            return Err(fail(Problem::Form(format!(
                "flag '{other}' is not known; a field can be 'mandatory'"
            ))));
        }
    };
    Ok(Column { name: row.name.as_ref().into(), kind, required, read_only: false, extra: false })
}
