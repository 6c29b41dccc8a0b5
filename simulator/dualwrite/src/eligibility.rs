//! Which changes live sync carries over, under which maps, and why it leaves the others alone.

use crate::{
    engine::Engine,
    port::{Environment, PortError},
    program::{CompiledMap, Program},
    status::MapStatus,
};
use dwsim_filter::Predicate;
use dwsim_model::{CompanyCode, Operation, RowChange, Side, Value, Values};
use std::sync::Arc;

impl Engine {
    /// Maps that see changes of this table: running or paused ones with a program to the other side.
    pub(crate) fn maps_for(&self, table: &str, origin: Side) -> Vec<Arc<CompiledMap>> {
        self.states
            .values()
            .filter(|state| {
                let map = &state.compiled;
                let source = if origin == Side::FinOps { &map.entity } else { &map.table };
                source.name.as_str() == table
            })
            .filter(|state| {
                matches!(state.status, MapStatus::Running | MapStatus::Paused | MapStatus::Resuming)
                    || self.in_active_job(&state.compiled.map.id)
            })
            .map(|state| state.compiled.clone())
            .collect()
    }

    /// The company of an eligible change, or why it is left alone.
    #[allow(clippy::type_complexity)] // the outer error is the database's, the inner one an answer
    pub(crate) fn eligible(
        &self,
        map: &CompiledMap,
        program: &Program,
        change: &RowChange,
        origin: &dyn Environment,
    ) -> Result<Result<Option<CompanyCode>, &'static str>, PortError> {
        let row = change.row();
        let tracking = self.tracking(&map.map.id).filter(|_| origin.side() == Side::FinOps);
        let passes = |row: &[Value]| match tracking {
            Some(tracking) => tracking.passes(&program.filter, row),
            None => passes(&program.filter, row),
        };
        let company = match program.source_company {
            None => None,
            Some(column) => match row.get(column) {
                Some(value) if !value.is_blank() => match origin.company_of(value)? {
                    Some(company) if self.companies.contains(&company) => Some(company),
                    _ => return Ok(Err("its company is not linked")),
                },
                _ => return Ok(Err("it has no company")),
            },
        };
        if tracking.is_some_and(|tracking| !tracking.in_range(row)) {
            return Ok(Err("it is outside the range of a data source"));
        }
        if !passes(row) {
            return Ok(Err("the map's filter keeps it back"));
        }
        if change.operation == Operation::Update {
            let before = &change.before;
            let in_range = tracking.is_none_or(|tracking| tracking.in_range(before));
            let entered = !(in_range && passes(before));
            let company_given = program.source_company.is_some_and(|column| change.changed(column));
            let any = self.rehearsal().any_column_triggers && origin.side() == Side::Dataverse;
            let sees = |column: &usize| tracking.is_none_or(|tracking| tracking.sees(*column));
            let mut changed = program.triggers.iter().filter(|column| change.changed(**column)).peekable();
            let unseen = changed.peek().is_some();
            let touched = any || changed.any(sees);
            if !entered && !company_given && !touched {
                return Ok(Err(if unseen {
                    "changes of its data source are not tracked"
                } else {
                    "no mapped column changed"
                }));
            }
        }
        Ok(Ok(company))
    }
}

fn passes(filter: &Predicate, row: &[Value]) -> bool {
    filter.matches_by(&|ordinal| row.get(ordinal).unwrap_or(&Value::Null))
}

pub(crate) fn projected(program: &Program, row: &[Value]) -> Values {
    program.read.iter().map(|ordinal| row.get(*ordinal).cloned().unwrap_or_default()).collect()
}
