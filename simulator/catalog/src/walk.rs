//! Follows a column path through lookups to the columns it can end at.

use crate::{check::nearest_column, error::Problem, path::LookupPath};
use dwsim_model::{Column, ColumnKind, Name, Side, TableType};

/// All entities and tables of a catalogue.
pub(crate) trait Tables {
    fn find(&self, side: Side, name: &str) -> Option<&TableType>;
    fn names(&self, side: Side) -> impl Iterator<Item = &str>;

    /// The columns a path ends at: one, unless a lookup on the way has several target tables.
    fn walk<'a>(
        &'a self,
        table: &'a TableType,
        path: &str,
        parsed: &LookupPath,
    ) -> Result<Vec<End<'a>>, Problem> {
        match parsed {
            LookupPath::Column(column) => Ok(vec![self.end(table, path, column)?]),
            LookupPath::Through { hops, column } => {
                let mut reached = vec![table];
                for hop in hops {
                    let mut next = Vec::new();
                    for table in reached {
                        let targets = lookup(table, path, hop)?;
                        let found = targets.iter().filter_map(|target| self.find(Side::Dataverse, target));
                        let before = next.len();
                        next.extend(found);
                        if next.len() == before {
                            return Err(wrong_target(
                                table,
                                path,
                                hop,
                                targets.first().map_or("", Name::as_str),
                            ));
                        }
                    }
                    reached = next;
                }
                reached.into_iter().map(|table| self.end(table, path, column)).collect()
            }
            LookupPath::Polymorphic { lookup: hop, alternatives } => {
                let targets = lookup(table, path, hop)?;
                let mut ends = Vec::with_capacity(alternatives.len());
                for (wanted, column) in alternatives {
                    let target = targets
                        .iter()
                        .find(|target| target.eq_ignore_ascii_case(wanted))
                        .and_then(|target| self.find(Side::Dataverse, target))
                        .ok_or_else(|| wrong_target(table, path, hop, wanted))?;
                    ends.push(self.end(target, path, column)?);
                }
                Ok(ends)
            }
        }
    }

    /// The last column of a path, which must hold a value.
    fn end<'a>(&'a self, table: &'a TableType, path: &str, column: &str) -> Result<End<'a>, Problem> {
        let column = find_column(table, path, column)?;
        match column.kind {
            ColumnKind::Lookup { .. } => {
                Err(Problem::UnfinishedPath { path: path.to_owned(), table: table.name.as_str().to_owned() })
            }
            _ => Ok(End { table, column }),
        }
    }
}

/// A column a path ends at.
pub(crate) struct End<'a> {
    pub(crate) table: &'a TableType,
    pub(crate) column: &'a Column,
}

fn find_column<'a>(table: &'a TableType, path: &str, column: &str) -> Result<&'a Column, Problem> {
    table.ordinal(column).map(|at| table.column(at)).ok_or_else(|| Problem::MissingColumn {
        path: path.to_owned(),
        table: table.name.as_str().to_owned(),
        column: column.to_owned(),
        nearest: nearest_column(table, column),
    })
}

fn lookup<'a>(table: &'a TableType, path: &str, hop: &str) -> Result<&'a [Name], Problem> {
    match &find_column(table, path, hop)?.kind {
        ColumnKind::Lookup { targets } => Ok(targets),
        _ => Err(Problem::NotALookup {
            path: path.to_owned(),
            table: table.name.as_str().to_owned(),
            column: hop.to_owned(),
        }),
    }
}

fn wrong_target(table: &TableType, path: &str, hop: &str, target: &str) -> Problem {
    Problem::WrongTarget {
        path: path.to_owned(),
        table: table.name.as_str().to_owned(),
        column: hop.to_owned(),
        target: target.to_owned(),
    }
}
