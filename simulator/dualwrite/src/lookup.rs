//! Lookups compiled: from natural key values to the id of a Dataverse row, and back from an id to key values.

use crate::{compile::Compiler, convert::Conversion, validate::Finding};
use dwsim_catalog::{FieldMap, LookupPath, Transform};
use dwsim_model::{Column, ColumnKind, Name, Side, TableType};
use std::sync::Arc;

/// F&O to Dataverse: finds the row a lookup column shall point at.
#[derive(Debug)]
pub struct Lookup {
    /// The lookup column.
    pub column: Name,
    /// The column as the map's path writes it, for the documented error.
    pub path: Box<str>,
    /// The table itself is among its targets.
    pub own_table: bool,
    /// Tables to try, in documented order.
    pub alternatives: Vec<Node>,
    /// Positions in the row read whose values are the key.
    pub sources: Vec<usize>,
}

/// A table searched by key parts.
#[derive(Debug)]
pub struct Node {
    /// The table searched.
    pub table: Arc<TableType>,
    /// Its columns that are compared, company first when it has one.
    pub by: Vec<usize>,
    /// One value for each of `by`.
    pub parts: Vec<Part>,
}

/// A value of a search.
#[derive(Debug)]
pub enum Part {
    /// The company of the execution.
    Company,
    /// The n-th source value of the lookup.
    Source {
        /// Index into [`Lookup::sources`].
        index: usize,
        /// The way into the searched column.
        convert: Conversion,
    },
    /// The id of a row found first.
    Nested(Node),
}

/// Dataverse to F&O: reads a column of the row a lookup points at.
#[derive(Debug)]
pub struct Follow {
    /// The lookup column.
    pub column: Name,
    /// Position of its id in the row read.
    pub id: usize,
    /// Position of the table it points at, when it can point at several.
    pub table: Option<usize>,
    /// Ways to the value, one for each table it can point at.
    pub routes: Vec<Route>,
}

/// A chain of rows from a lookup to a value.
#[derive(Debug)]
pub struct Route {
    /// Table and column of each step; all but the last hold the id of the next row.
    pub hops: Vec<(Arc<TableType>, usize)>,
    /// The way into the F&O field.
    pub convert: Conversion,
}

impl Lookup {
    pub(crate) fn compile(
        compiler: &Compiler<'_>,
        column: &Name,
        ordinal: usize,
        group: &[(&FieldMap, LookupPath)],
        sources: Vec<usize>,
    ) -> Result<Self, Finding> {
        let path: Box<str> = group.first().and_then(|(field, _)| field.path.clone()).unwrap_or_default();
        let alternatives: Vec<Node> = if let [(field, LookupPath::Polymorphic { alternatives, .. })] = group {
            alternatives
                .iter()
                .map(|(table, key)| {
                    let table = named_table(compiler, table)?;
                    node(compiler, &table, &[(0, *field, std::slice::from_ref(key))])
                })
                .collect::<Result<_, _>>()?
        } else {
            let mut parts: Vec<(usize, &FieldMap, Vec<Name>)> = Vec::new();
            for (index, (field, path)) in group.iter().enumerate() {
                let LookupPath::Through { hops, column } = path else {
                    return Err(Finding::new(
                        "DIPV1027",
                        format!("lookup {} mixes two forms of path", hops_of(path)),
                    ));
                };
                let mut rest: Vec<Name> = hops[1..].to_vec();
                rest.push(column.clone());
                parts.push((index, field, rest));
            }
            let parts: Vec<(usize, &FieldMap, &[Name])> =
                parts.iter().map(|(index, field, rest)| (*index, *field, rest.as_slice())).collect();
            lookup_targets(compiler.table, ordinal, column)?
                .iter()
                .map(|target| node(compiler, &named_table(compiler, target)?, &parts))
                .collect::<Result<_, _>>()?
        };
        let own_table = alternatives.iter().any(|node: &Node| node.table.name == compiler.table.name);
        Ok(Self { column: column.clone(), path, own_table, alternatives, sources })
    }
}

fn hops_of(path: &LookupPath) -> &str {
    match path {
        LookupPath::Column(column) | LookupPath::Polymorphic { lookup: column, .. } => column,
        LookupPath::Through { hops, .. } => hops.first().map_or("", Name::as_str),
    }
}

fn lookup_targets<'t>(table: &'t TableType, ordinal: usize, column: &Name) -> Result<&'t [Name], Finding> {
    match &table.column(ordinal).kind {
        ColumnKind::Lookup { targets } if !targets.is_empty() => Ok(targets),
        _ => Err(Finding::new("DIPV1025", format!("column {column} of {} is not a lookup", table.name))),
    }
}

fn named_table(compiler: &Compiler<'_>, name: &str) -> Result<Arc<TableType>, Finding> {
    compiler.schemas.table(Side::Dataverse, name).cloned().ok_or_else(|| {
        Finding::new("DIPV1025", format!("lookup points at table {name}, which is not in the schema"))
    })
}

/// What is left of a path at a table: the source's index, its field, and the columns still to go.
type Rest<'a> = (usize, &'a FieldMap, &'a [Name]);

/// The search in one table, from the rests of all paths that lead through it.
fn node(compiler: &Compiler<'_>, table: &Arc<TableType>, paths: &[Rest<'_>]) -> Result<Node, Finding> {
    let (mut by, mut parts) = (Vec::new(), Vec::new());
    if let Some(company) = table.company
        && compiler.map.striped
    {
        by.push(company);
        parts.push(Part::Company);
    }
    let mut nested: Vec<(Name, Vec<Rest<'_>>)> = Vec::new();
    for (index, field, rest) in paths {
        match rest {
            [] => {}
            [column] => {
                let ordinal = table
                    .ordinal(column)
                    .ok_or_else(|| Finding::missing_column(&format!("{}.{column}", table.name)))?;
                let source = field
                    .entity_field
                    .as_ref()
                    .and_then(|name| compiler.entity.ordinal(name))
                    .map(|ordinal| compiler.entity.column(ordinal))
                    .ok_or_else(|| {
                        Finding::missing_field(field.entity_field.as_deref().unwrap_or_default())
                    })?;
                let convert =
                    Conversion::compile(&field.transform, source, table.column(ordinal), Side::Dataverse)
                        .map_err(|error| Finding::mismatch(&source.name, column, &error))?;
                if !by.contains(&ordinal) {
                    by.push(ordinal);
                    parts.push(Part::Source { index: *index, convert });
                }
            }
            [first, deeper @ ..] => match nested.iter_mut().find(|(name, _)| name == first) {
                Some((_, group)) => group.push((*index, field, deeper)),
                None => nested.push((first.clone(), vec![(*index, field, deeper)])),
            },
        }
    }
    for (column, group) in nested {
        let ordinal = table
            .ordinal(&column)
            .ok_or_else(|| Finding::missing_column(&format!("{}.{column}", table.name)))?;
        let target = lookup_targets(table, ordinal, &column)?[0].clone();
        let inner = node(compiler, &named_table(compiler, &target)?, &group)?;
        // A company given by a field of its own replaces the company of the execution.
        if let Some(at) = by.iter().position(|known| *known == ordinal) {
            parts[at] = Part::Nested(inner);
        } else {
            by.push(ordinal);
            parts.push(Part::Nested(inner));
        }
    }
    Ok(Node { table: table.clone(), by, parts })
}

impl Follow {
    pub(crate) fn compile(
        compiler: &Compiler<'_>,
        path: &LookupPath,
        transform: &Transform,
        target: &Column,
        read: &mut dyn FnMut(usize) -> usize,
    ) -> Result<Self, Finding> {
        let (column, ways): (&Name, Vec<(Name, Vec<Name>)>) = match path {
            LookupPath::Polymorphic { lookup, alternatives } => {
                (lookup, alternatives.iter().map(|(table, key)| (table.clone(), vec![key.clone()])).collect())
            }
            LookupPath::Through { hops, column } => {
                let mut rest: Vec<Name> = hops[1..].to_vec();
                rest.push(column.clone());
                let ordinal =
                    compiler.table.ordinal(&hops[0]).ok_or_else(|| Finding::missing_column(&hops[0]))?;
                let targets = lookup_targets(compiler.table, ordinal, &hops[0])?;
                (&hops[0], targets.iter().map(|table| (table.clone(), rest.clone())).collect())
            }
            LookupPath::Column(column) => return Err(Finding::missing_column(column)),
        };
        let ordinal = compiler.table.ordinal(column).ok_or_else(|| Finding::missing_column(column))?;
        let id = read(ordinal);
        let table = if ways.len() > 1 {
            compiler.table.ordinal(&format!("{column}type")).map(&mut *read)
        } else {
            None
        };
        let routes = ways
            .iter()
            .map(|(table, rest)| route(compiler, table, rest, transform, target))
            .collect::<Result<_, _>>()?;
        Ok(Self { column: column.clone(), id, table, routes })
    }
}

fn route(
    compiler: &Compiler<'_>,
    first: &Name,
    rest: &[Name],
    transform: &Transform,
    target: &Column,
) -> Result<Route, Finding> {
    let mut table = named_table(compiler, first)?;
    let mut hops = Vec::new();
    for (index, column) in rest.iter().enumerate() {
        let ordinal = table
            .ordinal(column)
            .ok_or_else(|| Finding::missing_column(&format!("{}.{column}", table.name)))?;
        hops.push((table.clone(), ordinal));
        if index + 1 < rest.len() {
            let next = lookup_targets(&table, ordinal, column)?[0].clone();
            table = named_table(compiler, &next)?;
        }
    }
    let (last, ordinal) = hops.last().ok_or_else(|| Finding::missing_column(first))?;
    let convert = Conversion::compile(transform, last.column(*ordinal), target, Side::FinOps)
        .map_err(|error| Finding::mismatch(&last.column(*ordinal).name, &target.name, &error))?;
    Ok(Route { hops, convert })
}
