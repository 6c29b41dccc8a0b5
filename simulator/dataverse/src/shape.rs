//! What the environment has to know of a table beyond its type: where the platform's own columns are.

use crate::domain::Domain;
use dwsim_catalog::{Catalog, facts::NumberSequence};
use dwsim_model::{ColumnKind, Name, Required, Seed, Side, TableType, Value};
use dwsim_store::{Store, TableId};
use std::sync::Arc;
use uuid::Uuid;

/// One declared table.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) id: TableId,
    pub(crate) table: Arc<TableType>,
    /// The space its row ids come from.
    pub(crate) space: Uuid,
    /// Every typed ordinal.
    pub(crate) all: Vec<usize>,
    /// Every typed ordinal a statement may write: neither the id nor the version.
    pub(crate) writable: Vec<usize>,
    pub(crate) state: Option<StateColumns>,
    pub(crate) owner: Option<OwnerColumns>,
    pub(crate) created: [Option<usize>; 2],
    pub(crate) modified: [Option<usize>; 2],
    /// Lookups to several tables, each with the column that holds the table's name.
    pub(crate) companions: Vec<(usize, usize)>,
    /// Columns a new row has to have a value in.
    pub(crate) required: Vec<usize>,
    pub(crate) domain: Domain,
    /// The column filled with the next number when it is blank.
    pub(crate) numbered: Option<(usize, NumberSequence)>,
    /// The table is no more; its place stays taken.
    pub(crate) dropped: bool,
}

/// State and status.
#[derive(Clone, Debug)]
pub(crate) struct StateColumns {
    pub(crate) state: usize,
    pub(crate) status: usize,
    /// Each status with its state, by status.
    pub(crate) pairs: Vec<(i32, i32)>,
    /// What a new row has.
    pub(crate) initial: (i32, i32),
}

impl StateColumns {
    /// The state a status belongs to.
    pub(crate) fn state_of(&self, status: i32) -> Option<i32> {
        self.pairs.iter().find(|(own, _)| *own == status).map(|(_, state)| *state)
    }

    /// The status a row gets when only its state is set.
    pub(crate) fn status_of(&self, state: i32) -> Option<i32> {
        if state == self.initial.0 {
            return Some(self.initial.1);
        }
        self.pairs.iter().find(|(_, own)| *own == state).map(|(status, _)| *status)
    }
}

/// The owner and what follows from it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnerColumns {
    pub(crate) owner: usize,
    pub(crate) kind: Option<usize>,
    pub(crate) team: usize,
    pub(crate) user: usize,
    pub(crate) unit: usize,
}

impl Shape {
    pub(crate) fn build(
        store: &mut Store,
        seed: Seed,
        catalog: &Catalog,
        table: &Arc<TableType>,
        domain: Domain,
    ) -> Self {
        let ordinal = |name: &str| table.ordinal(name);
        let version = ordinal("versionnumber");
        let all: Vec<usize> = (0..table.typed_columns()).collect();
        let writable = all.iter().copied().filter(|at| *at != 0 && Some(*at) != version).collect();
        let companions = all.iter().filter_map(|at| companion(table, *at).map(|of| (*at, of))).collect();
        let facts = catalog.table_facts(&table.name);
        let state = ordinal("statecode").zip(ordinal("statuscode")).map(|(state, status)| {
            // A table makers have made has the states every table has.
            let pairs: Vec<(i32, i32)> = facts
                .map_or_else(|| catalog.standard_states().to_vec(), |facts| facts.state_of_status.clone());
            let active = pairs
                .iter()
                .find(|(_, state)| *state == 0)
                .map_or((0, 1), |(status, state)| (*state, *status));
            StateColumns { state, status, initial: domain.initial_state.unwrap_or(active), pairs }
        });
        let owner = table.owned.then_some(()).and_then(|()| {
            Some(OwnerColumns {
                owner: ordinal("ownerid")?,
                kind: ordinal("owneridtype"),
                team: ordinal("owningteam")?,
                user: ordinal("owninguser")?,
                unit: ordinal("owningbusinessunit")?,
            })
        });
        let numbered = catalog
            .facts()
            .number_sequence(Side::Dataverse, &table.name)
            .and_then(|sequence| Some((ordinal(&sequence.column)?, sequence.clone())));
        let required = all
            .iter()
            .copied()
            .filter(|at| {
                let column = table.column(*at);
                column.required == Required::Yes
                    && !domain.waived.contains(at)
                    && reachable(catalog, &column.kind)
            })
            .collect();
        Self {
            id: store.declare(table.clone()),
            table: table.clone(),
            space: seed.id(&format!("dataverse/{}", table.name)),
            all,
            writable,
            state,
            owner,
            created: [ordinal("createdon"), ordinal("createdby")],
            modified: [ordinal("modifiedon"), ordinal("modifiedby")],
            companions,
            required,
            domain,
            numbered,
            dropped: false,
        }
    }

    /// The name of a column.
    pub(crate) fn name(&self, ordinal: usize) -> Name {
        self.table.column(ordinal).name.clone()
    }

    /// Both ordinals of who and when, with their values.
    pub(crate) fn stamps(columns: [Option<usize>; 2], when: Value, who: Value) -> Vec<(usize, Value)> {
        columns.into_iter().zip([when, who]).filter_map(|(at, value)| Some((at?, value))).collect()
    }
}

/// The column that names the table a lookup to several tables points at.
fn companion(table: &TableType, ordinal: usize) -> Option<usize> {
    let column = table.column(ordinal);
    match &column.kind {
        ColumnKind::Lookup { targets } if targets.len() > 1 => table
            .ordinal(&format!("{}type", column.name))
            .or_else(|| {
                (column.name.as_str() == "objectid").then(|| table.ordinal("objecttypecode")).flatten()
            })
            .filter(|at| table.column(*at).kind == ColumnKind::EntityName),
        _ => None,
    }
}

/// A lookup can be asked for only when at least one of its targets is simulated.
fn reachable(catalog: &Catalog, kind: &ColumnKind) -> bool {
    match kind {
        ColumnKind::Lookup { targets } => {
            targets.iter().any(|target| catalog.table(Side::Dataverse, target).is_some())
        }
        _ => true,
    }
}
