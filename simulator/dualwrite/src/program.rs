//! A compiled table map: what one direction reads, how it makes each value, where it writes.

use crate::{
    convert::Conversion,
    lookup::{Follow, Lookup},
};
use dwsim_catalog::TableMap;
use dwsim_filter::Predicate;
use dwsim_model::{Name, Side, TableType, Value};
use std::sync::Arc;

/// A table map ready to run.
#[derive(Debug)]
pub struct CompiledMap {
    /// The map it was compiled from.
    pub map: Arc<TableMap>,
    /// The F&O entity.
    pub entity: Arc<TableType>,
    /// The Dataverse table.
    pub table: Arc<TableType>,
    /// F&O to Dataverse, when any column flows that way.
    pub to_dataverse: Option<Program>,
    /// Dataverse to F&O, when any column flows that way.
    pub to_finops: Option<Program>,
}

impl CompiledMap {
    /// The program that writes into this side.
    pub fn program(&self, target: Side) -> Option<&Program> {
        match target {
            Side::FinOps => self.to_finops.as_ref(),
            Side::Dataverse => self.to_dataverse.as_ref(),
        }
    }

    /// What the rows of a leg come from: the F&O entity, or the Dataverse table.
    pub fn source_name(&self, into: Side) -> &str {
        match into {
            Side::Dataverse => &self.map.entity_label,
            Side::FinOps => &self.map.table,
        }
    }

    /// A leg as the log of initial sync names it.
    pub fn leg_name(&self, into: Side) -> String {
        match into {
            Side::Dataverse => format!("From AX {} to CRM {}", self.map.entity_label, self.map.entity_set),
            Side::FinOps => format!("From CRM {} to AX {}", self.map.entity_set, self.map.entity_label),
        }
    }

    /// Dataverse tables that lookups of this map search.
    pub fn lookup_tables(&self) -> Vec<Name> {
        let writes = self.to_dataverse.iter().flat_map(|program| &program.writes);
        let mut tables: Vec<Name> = writes
            .filter_map(|write| match write {
                Write::Lookup(lookup) => Some(lookup),
                _ => None,
            })
            .flat_map(|lookup| &lookup.alternatives)
            .map(|node| node.table.name.clone())
            .collect();
        tables.sort();
        tables.dedup();
        tables
    }

    /// Lookups the Dataverse export has to expand (limit L6).
    pub fn export_lookups(&self) -> usize {
        self.to_finops.as_ref().map_or(0, |program| {
            let mut columns: Vec<&Name> = program.writes.iter().flat_map(Write::followed).collect();
            columns.sort();
            columns.dedup();
            columns.len()
        })
    }
}

/// One direction of a table map.
#[derive(Debug)]
pub struct Program {
    /// Where rows come from.
    pub source: Arc<TableType>,
    /// Where they go.
    pub target: Arc<TableType>,
    /// The column that says which company a source row belongs to.
    pub source_company: Option<usize>,
    /// Ordinals of the source to read.
    pub read: Vec<usize>,
    /// The source filter, over the source's ordinals.
    pub filter: Predicate,
    /// Ordinals of the source's natural order.
    pub order: Vec<usize>,
    /// How each target value is made.
    pub writes: Vec<Write>,
    /// Ordinals of the target, one a value made.
    pub columns: Vec<usize>,
    /// Positions in `columns` that are the integration key.
    pub key: Vec<usize>,
    /// Positions whose column flows both ways: the master decides on these.
    pub shared: Vec<usize>,
    /// Positions in `read` that name a row for a person.
    pub shown_key: Vec<usize>,
    /// Source ordinals whose change makes a live sync.
    pub triggers: Vec<usize>,
}

impl Program {
    /// The side written to.
    pub fn direction(&self) -> Side {
        self.target.side
    }

    /// Positions that hold codes written by a value map.
    pub fn symbols(&self) -> Vec<usize> {
        let symbol = |copy: &Copy| match copy {
            Copy::Own { convert, .. } => convert.makes_symbols(),
            Copy::Followed(follow) => follow.routes.iter().any(|route| route.convert.makes_symbols()),
        };
        let of = |write: &Write| matches!(write, Write::Copy { from, .. } if from.iter().any(symbol));
        self.writes.iter().enumerate().filter(|(_, write)| of(write)).map(|(at, _)| at).collect()
    }

    /// The row's key as a person reads it.
    pub fn key_text(&self, row: &[Value]) -> String {
        let parts: Vec<String> =
            self.shown_key.iter().filter_map(|at| row.get(*at)).map(Value::to_string).collect();
        parts.join(",")
    }
}

/// How one target value is made. Positions are into [`Program::read`].
#[derive(Debug)]
pub enum Write {
    /// The same value for every row.
    Constant(Value),
    /// The company of the execution.
    Company,
    /// From the first of these that is not blank.
    Copy {
        /// Candidates in documented order.
        from: Vec<Copy>,
        /// The source column, for error messages.
        field: Name,
    },
    /// The id of a Dataverse row found by its key.
    Lookup(Box<Lookup>),
    /// The table the lookup just before this one resolved to.
    LookupTable,
}

impl Copy {
    /// Whether a value map translates it.
    pub(crate) fn has_value_map(&self) -> bool {
        matches!(self, Self::Own { convert, .. } if convert.has_value_map())
    }
}

/// One candidate of a [`Write::Copy`].
#[derive(Debug)]
pub enum Copy {
    /// A column of the row itself.
    Own {
        /// Position in the row read.
        at: usize,
        /// The way across.
        convert: Conversion,
    },
    /// A column of a row that a lookup points at.
    Followed(Box<Follow>),
}

impl Write {
    fn followed(&self) -> Vec<&Name> {
        let Self::Copy { from, .. } = self else { return Vec::new() };
        from.iter()
            .filter_map(|copy| match copy {
                Copy::Followed(follow) => Some(&follow.column),
                Copy::Own { .. } => None,
            })
            .collect()
    }
}
