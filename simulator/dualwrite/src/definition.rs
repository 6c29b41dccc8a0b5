//! A table map as a person edits it: one change at a time, on a draft that nobody runs.

use crate::{messages::Messages, refusal::EngineError};
use dwsim_catalog::{FieldMap, Symbol, TableMap, Transform};
use dwsim_model::{Name, Side, nearest};

/// Names a row of a map by its columns; what is left out may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pair {
    /// The F&O field.
    pub field: Option<Name>,
    /// The Dataverse column or lookup path.
    pub path: Option<Box<str>>,
}

impl Pair {
    /// The rows of this F&O field.
    pub fn field(field: &str) -> Self {
        Self { field: Some(field.into()), path: None }
    }

    /// The rows of this Dataverse path.
    pub fn path(path: &str) -> Self {
        Self { field: None, path: Some(path.into()) }
    }

    /// The row of this field and this path.
    pub fn of(field: &str, path: &str) -> Self {
        Self { field: Some(field.into()), path: Some(path.into()) }
    }

    fn names(&self, row: &FieldMap) -> bool {
        let same = |wanted: Option<&str>, own: Option<&str>| {
            wanted.is_none_or(|wanted| own.is_some_and(|own| own.eq_ignore_ascii_case(wanted)))
        };
        same(self.field.as_deref(), row.entity_field.as_deref())
            && same(self.path.as_deref(), row.path.as_deref())
    }

    fn text(&self) -> String {
        let parts: Vec<&str> = self.field.as_deref().into_iter().chain(self.path.as_deref()).collect();
        parts.join(" and ")
    }
}

/// One change of a table map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MapEdit {
    /// Add mapping: a new row at the end.
    Add(FieldMap),
    /// Every row of the pair goes.
    Remove(Pair),
    /// The row travels as this sign says; its transform stays where the sign of the same direction has room for it.
    Direction(Pair, Symbol),
    /// The row gets this transform in place of the one it has.
    Transform(Pair, Transform),
    /// The row is pointed at other columns; what is left out of the second pair stays.
    Repoint(Pair, Pair),
    /// Which rows of this side travel; none for all.
    Filter(Side, Option<Box<str>>),
    /// The lookup to the company on the Dataverse side; none makes the map cross-company.
    CompanyColumn(Option<Name>),
}

impl MapEdit {
    /// Makes the change.
    pub(crate) fn apply(&self, map: &mut TableMap, messages: &Messages) -> Result<(), EngineError> {
        match self {
            Self::Add(row) => map.fields.push(row.clone()),
            Self::Remove(pair) => {
                if !map.fields.iter().any(|row| pair.names(row)) {
                    return Err(unknown(map, pair));
                }
                map.fields.retain(|row| !pair.names(row));
            }
            Self::Direction(pair, symbol) => {
                let row = row(map, pair, messages)?;
                let transforms = row.transform != Transform::None;
                row.symbol = if transforms { symbol.transformed() } else { symbol.plain() };
            }
            Self::Transform(pair, transform) => {
                let row = row(map, pair, messages)?;
                let transforms = *transform != Transform::None;
                row.symbol = if transforms { row.symbol.transformed() } else { row.symbol.plain() };
                row.transform = transform.clone();
            }
            Self::Repoint(pair, to) => {
                let row = row(map, pair, messages)?;
                if let Some(field) = &to.field {
                    row.entity_field = Some(field.clone());
                }
                if let Some(path) = &to.path {
                    row.path = Some(path.clone());
                }
            }
            Self::Filter(side, filter) => {
                let filter = filter.clone().filter(|filter| !filter.trim().is_empty());
                match side {
                    Side::FinOps => map.source_filter = filter,
                    Side::Dataverse => {
                        map.reverse_filter = filter;
                        map.reverse_filters.clear();
                    }
                }
            }
            Self::CompanyColumn(column) => {
                map.company_column.clone_from(column);
                map.striped = column.is_some();
            }
        }
        Ok(())
    }
}

fn unknown(map: &TableMap, pair: &Pair) -> EngineError {
    let known =
        map.fields.iter().flat_map(|row| row.entity_field.as_deref().into_iter().chain(row.path.as_deref()));
    let wanted = pair.field.as_deref().or(pair.path.as_deref()).unwrap_or_default();
    let near = nearest(wanted, known).filter(|near| !near.eq_ignore_ascii_case(wanted)).map(str::to_owned);
    EngineError::UnknownColumn { map: map.id.clone(), column: pair.text(), nearest: near }
}

fn row<'m>(map: &'m mut TableMap, pair: &Pair, messages: &Messages) -> Result<&'m mut FieldMap, EngineError> {
    let found: Vec<usize> =
        (0..map.fields.len()).filter(|at| map.fields.get(*at).is_some_and(|row| pair.names(row))).collect();
    match found[..] {
        [] => Err(unknown(map, pair)),
        [at] => Ok(&mut map.fields[at]),
        _ => {
            let rows: Vec<String> = found
                .iter()
                .filter_map(|at| map.fields.get(*at))
                .map(|row| {
                    let side = |name: Option<&str>| name.unwrap_or("none").to_owned();
                    format!(
                        "{} {} {}",
                        side(row.entity_field.as_deref()),
                        row.symbol.as_str(),
                        side(row.path.as_deref())
                    )
                })
                .collect();
            let arguments = [("map", map.id.as_str()), ("pair", &pair.text()), ("rows", &rows.join("; "))];
            Err(messages.failure("SIM-MAP-ROW-AMBIGUOUS", &arguments).into())
        }
    }
}
