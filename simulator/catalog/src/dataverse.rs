//! Dataverse tables from `data/dataverse`.

use crate::{
    column_type::{TypeText, parse_type},
    error::{CatalogError, Place, Problem},
    rows::ColumnRow,
    sources::Source,
};
use dwsim_model::{Choices, Column, ColumnKind, Name, Required, Side, TableBuilder, TableError, TableType};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::Arc};

/// Digits after the point where the documentation gives none: the most the platform keeps of each kind.
const DECIMAL_PRECISION: u32 = 10;
const DOUBLE_PRECISION: u32 = 5;
const MONEY_PRECISION: u32 = 4;

/// Who owns the rows of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ownership {
    /// Users and teams.
    UserOrTeam,
    /// The organisation; no owner column.
    Organization,
    /// A business unit.
    BusinessOwned,
    /// The owner of the parent row, such as an order for its lines.
    Parent,
}

/// Facts of a table that its table type has no room for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableFacts {
    /// Logical name.
    pub table: Name,
    /// Who owns its rows.
    pub ownership: Ownership,
    /// Each status and the state it belongs to; empty on a table without states.
    pub state_of_status: Vec<(i32, i32)>,
    /// Subject area.
    pub domain: Name,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct StandardFile {
    #[serde(rename = "state_of_status")]
    state_of_status: BTreeMap<String, i32>,
    user_or_team: StandardColumns,
    organization: StandardColumns,
    business_owned: StandardColumns,
    parent: StandardColumns,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StandardColumns {
    columns: Vec<ColumnRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableFile {
    #[serde(default)]
    table: Vec<TableRecord>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableRecord {
    name: String,
    set: String,
    id: String,
    primary_name: String,
    ownership: Ownership,
    company: Option<Name>,
    #[serde(default)]
    keys: Vec<Vec<String>>,
    #[serde(default)]
    without: Vec<String>,
    #[serde(default)]
    state_of_status: BTreeMap<String, i32>,
    columns: Vec<ColumnRow>,
    #[serde(default)]
    other_columns: Vec<ColumnRow>,
}

/// The columns every table of an ownership has.
#[derive(Debug)]
pub(crate) struct Standard {
    columns: BTreeMap<Ownership, Vec<Column>>,
    state_of_status: Vec<(i32, i32)>,
}

impl Standard {
    pub(crate) fn columns(&self, ownership: Ownership) -> &[Column] {
        self.columns.get(&ownership).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn states(&self) -> &[(i32, i32)] {
        &self.state_of_status
    }
}

/// The columns, each lookup to several tables followed by the column that says which.
pub(crate) fn with_companions(columns: &[Column]) -> Vec<Column> {
    let mut all = Vec::with_capacity(columns.len() + 1);
    for column in columns {
        let companion = companion_of(column);
        all.push(column.clone());
        all.extend(companion);
    }
    all
}

/// Reads the standard columns.
pub(crate) fn load_standard(source: &Source<'_>) -> Result<Standard, CatalogError> {
    let file: StandardFile = source.parse()?;
    let place = Place::new(source.name, "standard", "columns");
    let mut columns = BTreeMap::new();
    for (ownership, standard) in [
        (Ownership::UserOrTeam, file.user_or_team),
        (Ownership::Organization, file.organization),
        (Ownership::BusinessOwned, file.business_owned),
        (Ownership::Parent, file.parent),
    ] {
        let rows = standard.columns.iter().map(|row| column(&place, row)).collect::<Result<_, _>>()?;
        columns.insert(ownership, rows);
    }
    Ok(Standard { columns, state_of_status: statuses(&place, &file.state_of_status)? })
}

/// Reads the tables of one file.
pub(crate) fn load_tables(
    source: &Source<'_>,
    standard: &Standard,
) -> Result<Vec<(Place, Arc<TableType>, TableFacts)>, CatalogError> {
    let file: TableFile = source.parse()?;
    let domain = Name::from(source.domain());
    file.table
        .into_iter()
        .map(|record| {
            let place = Place::new(source.name, "table", &record.name);
            let table = table_type(&place, &record, standard)?;
            let mut state_of_status = statuses(&place, &record.state_of_status)?;
            if state_of_status.is_empty() && table.ordinal("statuscode").is_some() {
                state_of_status.clone_from(&standard.state_of_status);
            }
            let facts = TableFacts {
                table: record.name.as_str().into(),
                ownership: record.ownership,
                state_of_status,
                domain: domain.clone(),
            };
            Ok((place, table, facts))
        })
        .collect()
}

/// Id, company, key columns, mapped columns, platform columns, and last the ones no map touches.
fn table_type(
    place: &Place,
    record: &TableRecord,
    standard: &Standard,
) -> Result<Arc<TableType>, CatalogError> {
    let table_error = |error: TableError| place.error(error);
    let mut builder = TableBuilder::new(Side::Dataverse, &record.name, &record.id, ColumnKind::Guid)
        .names(&record.set, &record.set)
        .owned(record.ownership == Ownership::UserOrTeam);
    if let Some(company) = &record.company {
        builder = add(
            builder,
            Column {
                name: company.clone(),
                kind: ColumnKind::Lookup { targets: vec!["cdm_company".into()] },
                required: Required::No,
                read_only: false,
                extra: false,
            },
        );
    }
    let mut rows = BTreeMap::new();
    for row in record.columns.iter().chain(&record.other_columns) {
        if rows.insert(row.name.as_ref(), row).is_some() {
            let name = row.name.clone().into_string();
            return Err(place.field_error(&name.clone(), Problem::Duplicate { what: "column", name }));
        }
    }
    let keyed = record.keys.iter().flatten().filter_map(|name| rows.get(name.as_str()).copied());
    for row in keyed.chain(&record.columns) {
        if !builder.has(&row.name) {
            builder = add(builder, column(place, row)?);
        }
    }
    let empty = Vec::new();
    let platform = standard.columns.get(&record.ownership).unwrap_or(&empty);
    for name in &record.without {
        if !platform.iter().any(|column| column.name.as_str() == name) {
            let known = platform.iter().map(|column| column.name.as_str());
            return Err(place.field_error("without", Problem::unknown("standard column", name, known)));
        }
    }
    for column in platform {
        let described = rows.contains_key(column.name.as_str()) || builder.has(&column.name);
        if !described && !record.without.iter().any(|name| *name == *column.name) {
            builder = add(builder, column.clone());
        }
    }
    for row in &record.other_columns {
        if !builder.has(&row.name) {
            builder = add(builder, column(place, row)?);
        }
    }
    if let Some(company) = &record.company {
        builder = builder.company(company).map_err(table_error)?;
    }
    for (number, key) in (1..).zip(&record.keys) {
        let name = if number == 1 { "natural".to_owned() } else { format!("alternate {number}") };
        let columns: Vec<&str> = key.iter().map(String::as_str).collect();
        builder = builder.key(&name, &columns).map_err(table_error)?;
    }
    builder.primary_name(&record.primary_name).and_then(TableBuilder::build).map_err(table_error)
}

/// Adds a column and, behind a lookup to several tables, the column that says which table.
fn add(builder: TableBuilder, column: Column) -> TableBuilder {
    let companion = companion_of(&column);
    let builder = builder.column(column);
    match companion {
        Some(companion) if !builder.has(&companion.name) => builder.column(companion),
        _ => builder,
    }
}

/// The column that says which of several tables a lookup points at.
fn companion_of(column: &Column) -> Option<Column> {
    match &column.kind {
        ColumnKind::Lookup { targets } if targets.len() > 1 => Some(Column {
            name: companion_name(&column.name),
            kind: ColumnKind::EntityName,
            required: Required::No,
            read_only: false,
            extra: false,
        }),
        _ => None,
    }
}

/// Notes keep the table name of `objectid` in `objecttypecode`; every other lookup adds `type` to its own name.
fn companion_name(lookup: &str) -> Name {
    if lookup == "objectid" { "objecttypecode".into() } else { format!("{lookup}type").into() }
}

fn column(place: &Place, row: &ColumnRow) -> Result<Column, CatalogError> {
    let fail = |problem: Problem| place.field_error(&row.name, problem);
    let parsed = parse_type(Side::Dataverse, &row.kind).map_err(|error| fail(error.into()))?;
    if !row.options.is_empty() && parsed != TypeText::Choice {
        return Err(fail(Problem::Form(format!("type '{}' takes no options", row.kind))));
    }
    let kind = match parsed {
        TypeText::Text(max) => ColumnKind::Text { max },
        TypeText::Bool => ColumnKind::Bool,
        TypeText::Int(min, max) => ColumnKind::Int { min, max },
        TypeText::BigInt => ColumnKind::BigInt,
        TypeText::Decimal(precision) => {
            ColumnKind::Decimal { precision: precision.unwrap_or(DECIMAL_PRECISION) }
        }
        TypeText::Double(precision) => {
            ColumnKind::Decimal { precision: precision.unwrap_or(DOUBLE_PRECISION) }
        }
        TypeText::Money(precision) => ColumnKind::Money { precision: precision.unwrap_or(MONEY_PRECISION) },
        TypeText::Guid => ColumnKind::Guid,
        TypeText::Date => ColumnKind::Date,
        TypeText::Instant => ColumnKind::Instant,
        TypeText::Choice => ColumnKind::Choice(Arc::new(choices(place, row)?)),
        TypeText::Lookup(targets) => ColumnKind::Lookup { targets },
        TypeText::EntityName => ColumnKind::EntityName,
        // The Dataverse dialect has no such word.
        TypeText::Enum(_) => {
            return Err(fail(Problem::Form(format!("'{}' is not a type of Dataverse", row.kind))));
        }
    };
    let (mut required, mut read_only) = (Required::No, false);
    for flag in row.flags.as_deref().unwrap_or_default().split_whitespace() {
        match flag {
            "required" => required = Required::Yes,
            "system" => required = Required::System,
            "readonly" => read_only = true,
            // Business-recommended columns are marked on forms and may be left out.
            "recommended" => {}
            _ => {
                return Err(fail(Problem::Form(format!(
                    "flag '{flag}' is not known; flags are required, recommended, system and readonly"
                ))));
            }
        }
    }
    Ok(Column { name: row.name.as_ref().into(), kind, required, read_only, extra: false })
}

fn choices(place: &Place, row: &ColumnRow) -> Result<Choices, CatalogError> {
    let mut options: Vec<(i32, Box<str>)> = Vec::with_capacity(row.options.len());
    for (number, label) in &row.options {
        let number = number.parse().map_err(|_| {
            place.field_error(&row.name, Problem::Form(format!("option '{number}' is not a whole number")))
        })?;
        options.push((number, label.clone()));
    }
    Ok(Choices { name: row.name.clone(), options })
}

fn statuses(place: &Place, table: &BTreeMap<String, i32>) -> Result<Vec<(i32, i32)>, CatalogError> {
    let mut pairs = Vec::with_capacity(table.len());
    for (status, state) in table {
        let status = status.parse().map_err(|_| {
            let problem = Problem::Form(format!("status '{status}' is not a whole number"));
            place.field_error("state_of_status", problem)
        })?;
        pairs.push((status, *state));
    }
    pairs.sort_unstable();
    Ok(pairs)
}
