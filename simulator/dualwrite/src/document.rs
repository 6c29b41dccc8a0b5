//! A table map as Dataverse stores it: the JSON of `msdyn_mapping`, written and read.
//!
//! The stored form has no integration key, no company column and no order of maps; these come from the map that is
//! there already, or from the schemas (decision P47). Members a reader does not need are ignored, as real documents
//! carry many empty ones.

use crate::schemas::Schemas;
use dwsim_catalog::{FieldMap, LookupPath, Symbol, TableMap, Transform, parse_path};
use dwsim_model::{ColumnKind, MapId, MapVersion, Name, Side, TableType, nearest};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Largest stored map, in bytes.
pub const LARGEST_DOCUMENT: usize = 4 << 20;

/// Most rows of a stored map.
pub const MOST_ROWS: usize = 5_000;

/// Most pairs of a value map.
pub const MOST_PAIRS: usize = 5_000;

/// Longest text in it, in characters.
pub const LONGEST_TEXT: usize = 8_000;

/// Why a stored map cannot be read: where, and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct DocumentError {
    /// Place in the document, such as `legs[0].fieldMappings[3].syncDirection`.
    pub path: String,
    /// What is wrong there, and what should be.
    pub problem: String,
}

const DEFAULT_TYPE: &str = "Microsoft.Dynamics.Integrator.Contracts.External.DefaultValueTransformDetails, Microsoft.Dynamics.Integrator";
const VALUE_MAP_TYPE: &str = "Microsoft.Dynamics.Integrator.Contracts.External.ValueMapTransformDetails, Microsoft.Dynamics.Integrator";

/// The stored form of a map.
pub fn write(map: &TableMap, schemas: &Schemas) -> Value {
    let rows: Vec<Value> = map.fields.iter().map(|row| write_row(map, row, schemas)).collect();
    let filter = |filter: &Option<Box<str>>| filter.as_deref().unwrap_or_default().to_owned();
    json!({
        "name": format!("[{}] - [{}]", map.entity_label, map.entity_set),
        "order": 0,
        "leftEnvironmentType": "AX",
        "centerEnvironmentType": "CRM",
        "rightEnvironmentType": "UNDEFINED",
        "leftEnvironment": "",
        "centerEnvironment": "",
        "legs": [{
            "id": "001",
            "sourceEnvironment": "",
            "sourceSchema": map.entity_label.as_str(),
            "sourceEnvironmentType": "AX",
            "sourceFilter": filter(&map.source_filter),
            "destinationEnvironment": "",
            "destinationSchema": map.entity_set.as_str(),
            "destinationEnvironmentType": "CRM",
            "reversedSourceFilter": filter(&map.reverse_filter),
            "fieldMappings": rows,
            "entityFileFormat": 0,
            "deleteNonMatchingData": false,
        }],
    })
}

fn write_row(map: &TableMap, row: &FieldMap, schemas: &Schemas) -> Value {
    let direction = match (row.symbol.to_dataverse(), row.symbol.to_finops()) {
        (true, true) => 3,
        (true, false) => 1,
        _ => 2,
    };
    let mut out = Map::new();
    out.insert("syncDirection".into(), direction.into());
    let field = row.entity_field.as_deref().unwrap_or_default().to_ascii_uppercase();
    out.insert("sourceField".into(), field.into());
    out.insert("destinationField".into(), row.path.as_deref().unwrap_or_default().into());
    if let Some(related) = row.path.as_deref().and_then(|path| related_set(map, path, schemas)) {
        out.insert("destinationLookupFieldRelatedEntity".into(), related.into());
    }
    match &row.transform {
        Transform::None => {}
        Transform::Default(text) => {
            let transform =
                json!([{ "$type": DEFAULT_TYPE, "transformType": "Default", "defaultValue": text }]);
            out.insert("valueTransforms".into(), transform);
        }
        Transform::ValueMap(pairs) => {
            let pairs: Map<String, Value> =
                pairs.iter().map(|(from, to)| (from.to_string(), to.to_string().into())).collect();
            let transform = json!([{
                "$type": VALUE_MAP_TYPE,
                "transformType": "ValueMap",
                "valueMap": pairs,
                "createValuesOnDestination": row.creates_values,
            }]);
            out.insert("valueTransforms".into(), transform);
        }
    }
    out.insert("isSystemGenerated".into(), false.into());
    Value::Object(out)
}

/// The entity set a lookup path leads to first.
fn related_set(map: &TableMap, path: &str, schemas: &Schemas) -> Option<String> {
    let table = schemas.table(Side::Dataverse, &map.table)?;
    let target = match parse_path(path).ok()? {
        LookupPath::Column(_) => return None,
        LookupPath::Through { hops, .. } => {
            let ColumnKind::Lookup { targets } = &table.column(table.ordinal(hops.first()?)?).kind else {
                return None;
            };
            targets.first()?.clone()
        }
        LookupPath::Polymorphic { alternatives, .. } => alternatives.into_iter().next()?.0,
    };
    schemas.table(Side::Dataverse, &target).map(|table| table.label.to_string())
}

/// A place in a document.
struct At<'v> {
    value: &'v Value,
    path: String,
}

impl<'v> At<'v> {
    fn wrong<T>(&self, problem: impl Into<String>) -> Result<T, DocumentError> {
        Err(DocumentError { path: self.path.clone(), problem: problem.into() })
    }

    /// A member; null counts as left out.
    fn member(&self, name: &str) -> Option<At<'v>> {
        let value = self.value.get(name).filter(|value| !value.is_null())?;
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Some(At { value, path })
    }

    fn needed(&self, name: &str) -> Result<At<'v>, DocumentError> {
        self.member(name).map_or_else(|| self.wrong(format!("member {name} is missing")), Ok)
    }

    fn list(&self, most: usize) -> Result<Vec<At<'v>>, DocumentError> {
        let Some(list) = self.value.as_array() else { return self.wrong("must be a list") };
        if list.len() > most {
            return self.wrong(format!("has {} entries, at most {most} are read", list.len()));
        }
        let at = |(index, value)| At { value, path: format!("{}[{index}]", self.path) };
        Ok(list.iter().enumerate().map(at).collect())
    }

    fn text(&self) -> Result<&'v str, DocumentError> {
        let Some(text) = self.value.as_str() else { return self.wrong("must be a text") };
        if text.chars().count() > LONGEST_TEXT {
            return self.wrong(format!("is longer than {LONGEST_TEXT} characters"));
        }
        Ok(text)
    }

    /// A text that may be left out or blank.
    fn optional(&self, name: &str) -> Result<Option<&'v str>, DocumentError> {
        let text = self.member(name).map(|at| at.text()).transpose()?;
        Ok(text.filter(|text| !text.is_empty()))
    }

    fn must_be(&self, name: &str, wanted: &str) -> Result<(), DocumentError> {
        match self.member(name) {
            Some(at) if at.text()? != wanted => at.wrong(format!("must be {wanted}")),
            _ => Ok(()),
        }
    }
}

/// Parses JSON within the limits; a document that is itself a JSON text is unwrapped once.
pub(crate) fn parse(text: &str) -> Result<Value, DocumentError> {
    let wrong = |problem: String| DocumentError { path: "document".to_owned(), problem };
    if text.len() > LARGEST_DOCUMENT {
        return Err(wrong(format!("has {} bytes, at most {LARGEST_DOCUMENT} are read", text.len())));
    }
    let parse =
        |text: &str| serde_json::from_str(text).map_err(|error| wrong(format!("is not JSON: {error}")));
    match parse(text)? {
        Value::String(inner) => parse(&inner),
        other => Ok(other),
    }
}

/// Reads a stored map. `known` finds the map that is there already, by entity and table.
pub fn read(
    text: &str,
    version: MapVersion,
    publisher: &Name,
    schemas: &Schemas,
    known: impl FnOnce(&TableType, &TableType) -> Option<TableMap>,
) -> Result<TableMap, DocumentError> {
    let value = parse(text)?;
    let root = At { value: &value, path: String::new() };
    if !value.is_object() {
        return Err(DocumentError { path: "document".to_owned(), problem: "must be an object".to_owned() });
    }
    root.must_be("leftEnvironmentType", "AX")?;
    root.must_be("centerEnvironmentType", "CRM")?;
    let legs = root.needed("legs")?;
    let list = legs.list(1)?;
    let Some(leg) = list.first() else { return legs.wrong("must have one leg") };
    leg.must_be("sourceEnvironmentType", "AX")?;
    leg.must_be("destinationEnvironmentType", "CRM")?;
    let (source, destination) = (leg.needed("sourceSchema")?, leg.needed("destinationSchema")?);
    let catalog = schemas.catalog();
    let Some(entity) = schemas.entity_labelled(source.text()?) else {
        let known = catalog.tables(Side::FinOps).map(|table| table.label.as_str());
        return source.wrong(unknown("F&O entity", source.text()?, known));
    };
    let Some(table) = schemas.table_of_set(destination.text()?) else {
        let known = catalog.tables(Side::Dataverse).map(|table| table.label.as_str());
        return destination.wrong(unknown("Dataverse entity set", destination.text()?, known));
    };
    let there = known(entity, table);
    // A row that is as it was shipped keeps the spelling it was shipped in.
    let shipped = there.as_ref().and_then(|map| schemas.catalog().map(&map.id)).map(AsRef::as_ref);
    let mappings = leg.needed("fieldMappings")?;
    let rows: Vec<FieldMap> = mappings
        .list(MOST_ROWS)?
        .iter()
        .map(|at| {
            let row = read_row(at)?;
            Ok(spelled(row, shipped, entity))
        })
        .collect::<Result<_, DocumentError>>()?;
    let mut map = there.unwrap_or_else(|| own_map(entity, table));
    map.fields = rows;
    map.version = version;
    map.publisher = publisher.clone();
    map.source_filter = leg.optional("sourceFilter")?.map(Into::into);
    let reverse = leg.optional("reversedSourceFilter")?;
    if map.reverse_filter.as_deref() != reverse {
        map.reverse_filters.clear();
        map.reverse_filter = reverse.map(Into::into);
    }
    if map.integration_key.is_empty() {
        map.integration_key = generated_key(&map, table, schemas);
    }
    Ok(map)
}

fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let hint = nearest(name, known).map_or_else(String::new, |near| format!("; did you mean '{near}'?"));
    let name: String = name.chars().take(80).collect();
    format!("there is no {what} '{name}'{hint}")
}

fn read_row(at: &At<'_>) -> Result<FieldMap, DocumentError> {
    if !at.value.is_object() {
        return at.wrong("must be an object");
    }
    let direction = at.needed("syncDirection")?;
    let number = direction.value.as_u64().or_else(|| direction.value.as_str()?.parse().ok());
    let (to_dataverse, to_finops) = match number {
        Some(1) => (true, false),
        Some(2) => (false, true),
        Some(3) => (true, true),
        _ => return direction.wrong("must be 1 (F&O to Dataverse), 2 (Dataverse to F&O) or 3 (both)"),
    };
    let field = at.optional("sourceField")?;
    let path = at.optional("destinationField")?;
    if field.is_none() && path.is_none() {
        return at.wrong("names neither a sourceField nor a destinationField");
    }
    let (transform, creates_values) = match at.member("valueTransforms") {
        None => (Transform::None, false),
        Some(transforms) => match transforms.list(1)?.first() {
            None => (Transform::None, false),
            Some(transform) => read_transform(transform)?,
        },
    };
    let Some(symbol) = Symbol::of(to_dataverse, to_finops, transform != Transform::None) else {
        return direction.wrong("must be 1, 2 or 3");
    };
    let (entity_field, path) = (field.map(Into::into), path.map(Into::into));
    Ok(FieldMap { entity_field, symbol, path, transform, creates_values })
}

/// The transform, and whether it says that values are created on the other side.
fn read_transform(at: &At<'_>) -> Result<(Transform, bool), DocumentError> {
    let kind = at.needed("transformType")?;
    match kind.text()? {
        "Default" => {
            let default = at.needed("defaultValue")?;
            Ok((Transform::Default(default.text()?.into()), false))
        }
        "ValueMap" => {
            let pairs = at.needed("valueMap")?;
            let Some(object) = pairs.value.as_object() else { return pairs.wrong("must be an object") };
            if object.len() > MOST_PAIRS {
                return pairs.wrong(format!("has {} pairs, at most {MOST_PAIRS} are read", object.len()));
            }
            let pair = |(from, to): (&String, &Value)| {
                let to = At { value: to, path: format!("{}.{from}", pairs.path) };
                Ok((from.as_str().into(), to.text()?.into()))
            };
            let creates_values = match at.member("createValuesOnDestination") {
                None => false,
                Some(flag) => flag.value.as_bool().map_or_else(|| flag.wrong("must be true or false"), Ok)?,
            };
            let pairs = object.iter().map(pair).collect::<Result<_, DocumentError>>()?;
            Ok((Transform::ValueMap(pairs), creates_values))
        }
        _ => kind.wrong("must be ValueMap or Default"),
    }
}

/// The row as a stored map can hold it: in the spelling of the shipped row that is the same, else of the schema, since
/// stored maps write fields in capitals; with the sign that goes with its transform; without blank names.
pub(crate) fn spelled(mut row: FieldMap, shipped: Option<&TableMap>, entity: &TableType) -> FieldMap {
    row.entity_field = row.entity_field.filter(|field| !field.is_empty());
    row.path = row.path.filter(|path| !path.is_empty());
    row.creates_values &= matches!(row.transform, Transform::ValueMap(_));
    if let Transform::ValueMap(pairs) = &mut row.transform {
        // The stored form has one value for each value of F&O: the first one counts.
        let mut seen = BTreeSet::new();
        pairs.retain(|(from, _)| seen.insert(from.clone()));
    }
    let flows = |row: &FieldMap| (row.symbol.to_dataverse(), row.symbol.to_finops());
    let same = |own: &&FieldMap| {
        own.same_pair(&row)
            && own.path == row.path
            && own.transform == row.transform
            && flows(own) == flows(&row)
    };
    if let Some(own) = shipped.and_then(|map| map.fields.iter().find(same)) {
        return FieldMap { creates_values: row.creates_values, ..own.clone() };
    }
    if let Some(field) = row.entity_field.take() {
        let ordinal = entity.ordinal(&field);
        let known = ordinal.map(|at| entity.column(at).name.clone());
        row.entity_field = Some(known.unwrap_or(field));
    }
    let transforms = row.transform != Transform::None;
    row.symbol = if transforms { row.symbol.transformed() } else { row.symbol.plain() };
    row
}

/// A map nobody has shipped, without rows.
pub(crate) fn own_map(entity: &TableType, table: &TableType) -> TableMap {
    let slug = |text: &str| {
        let parts: Vec<String> = text
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|part| !part.is_empty())
            .map(str::to_ascii_lowercase)
            .collect();
        parts.join("-")
    };
    let id = MapId::from(format!("{}-{}", slug(&entity.label), slug(&table.label)));
    let company_column =
        if entity.striped() { table.company.map(|at| table.column(at).name.clone()) } else { None };
    TableMap {
        id,
        anchor: 0,
        entity: entity.name.clone(),
        entity_label: entity.label.clone(),
        entity_aot: entity.technical_name.clone(),
        table: table.name.clone(),
        entity_set: table.label.clone(),
        domain: "own".into(),
        version: MapVersion(1, 0, 0, 0),
        publisher: "".into(),
        striped: company_column.is_some(),
        company_column,
        source_filter: None,
        reverse_filter: None,
        reverse_filters: Vec::new(),
        integration_key: Vec::new(),
        key_inferred: false,
        single_threaded: false,
        depends_on: Vec::new(),
        soft_depends_on: Vec::new(),
        alternative_to: None,
        fields: Vec::new(),
        note: None,
        source: "stored map".into(),
    }
}

/// The integration key from the first alternate key of the table: one pair for each row that carries a part.
pub(crate) fn generated_key(map: &TableMap, table: &TableType, schemas: &Schemas) -> Vec<(Name, Box<str>)> {
    let Some(key) = table.natural_key() else { return Vec::new() };
    let code = &schemas.catalog().facts().company().code_column;
    let mut pairs = Vec::new();
    for at in &key.columns {
        let column = table.column(*at).name.as_str();
        if Some(*at) == table.company {
            if map.striped {
                pairs.push((Name::from("dataAreaId"), format!("{column}.{code}").into()));
            }
            continue;
        }
        let before = pairs.len();
        for row in &map.fields {
            if let (Some(field), Some(path)) = (&row.entity_field, &row.path)
                && row.column_on(Side::Dataverse).is_some_and(|own| own.eq_ignore_ascii_case(column))
            {
                pairs.push((field.clone(), path.clone()));
            }
        }
        if pairs.len() == before {
            pairs.push((Name::from(""), column.into()));
        }
    }
    pairs
}
