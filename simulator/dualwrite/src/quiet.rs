//! What live sync does that no error tells of, and what an F&O entity keeps from it: worth a note, or a refusal.

use crate::{
    eligibility::projected,
    engine::Engine,
    live::{Item, LiveError},
    port::{Environment, PortError},
    program::{Copy, Program, Write},
};
use dwsim_model::{ColumnKind, Operation, RowError, Side, Value, Values};

impl Engine {
    /// Refuses a transaction of an entity one of whose mapped fields has its configuration key off.
    pub(crate) fn check_configuration_keys(&self, items: &[Item<'_>], origin: Side) -> Result<(), LiveError> {
        for item in items.iter().filter(|_| origin == Side::FinOps) {
            let id = &item.map.map.id;
            let Some(field) = self.tracking(id).and_then(|tracking| tracking.disabled()) else { continue };
            let arguments = [("entity", item.map.map.entity_label.as_str()), ("field", field.as_str())];
            let message = self.messages().text("LIVE-E13", &arguments);
            return Err(LiveError { map: Some(id.clone()), code: "LIVE-E13".into(), message });
        }
        Ok(())
    }

    /// Notes what a written row lost: decimal places the target column has not, and the row it was known as before.
    pub(crate) fn hint_losses(&mut self, item: &Item<'_>, target: Side) {
        let Some(program) = item.map.program(target) else { return };
        let row = item.change.row();
        let mut hints = Vec::new();
        if item.change.operation != Operation::Delete {
            for (column, precision, value) in rounded(program, row) {
                let places = precision.to_string();
                let value = value.to_string();
                let arguments = [
                    ("map", item.map.map.id.as_str()),
                    ("row", item.key.as_str()),
                    ("column", column),
                    ("value", &value),
                    ("places", &places),
                ];
                hints.push(self.messages().text("SIM-PRECISION-LOST", &arguments));
            }
        }
        if item.change.operation == Operation::Update {
            let before = program.key_text(&projected(program, &item.change.before));
            if before != item.key {
                let arguments = [
                    ("map", item.map.map.id.as_str()),
                    ("before", before.as_str()),
                    ("after", item.key.as_str()),
                    ("table", program.target.name.as_str()),
                ];
                hints.push(self.messages().text("SIM-INTEGRATION-KEY-CHANGED", &arguments));
            }
        }
        self.hints.extend(hints);
    }

    /// The refusal of a row of F&O that the range of a data source hides: F&O does not find it, inserts, and the row is
    /// there.
    pub(crate) fn hidden_by_range(
        &self,
        item: &Item<'_>,
        values: &Values,
        target: &dyn Environment,
    ) -> Result<Option<RowError>, PortError> {
        if target.side() != Side::FinOps {
            return Ok(None);
        }
        let map = &item.map;
        let Some(tracking) = self.tracking(&map.map.id).filter(|tracking| tracking.has_ranges()) else {
            return Ok(None);
        };
        let Some(program) = map.program(Side::FinOps) else { return Ok(None) };
        let by: Vec<usize> = program.key.iter().map(|at| program.columns[*at]).collect();
        let key: Values = program.key.iter().map(|at| values[*at].clone()).collect();
        let found = target.resolve(&program.target, &by, std::slice::from_ref(&key))?;
        let Some(id) = found.into_iter().next().flatten() else { return Ok(None) };
        let all: Vec<usize> = (0..program.target.typed_columns()).collect();
        let row = target.fetch(&program.target, &[id], &all)?.into_iter().next().flatten();
        if row.is_none_or(|row| tracking.in_range(&row)) {
            return Ok(None);
        }
        let names: Vec<&str> = by.iter().map(|at| program.target.column(*at).name.as_str()).collect();
        let arguments =
            [("table", map.map.entity_label.as_str()), ("key", &item.key), ("columns", &names.join(", "))];
        let message = self.messages().text("SIM-DUPLICATE-KEY", &arguments);
        Ok(Some(RowError { code: "SIM-DUPLICATE-KEY".into(), column: None, message }))
    }
}

/// Numbers of a row that have more decimal places than the column they go to, with the places it has.
fn rounded<'p>(program: &'p Program, row: &'p [Value]) -> impl Iterator<Item = (&'p str, u32, &'p Value)> {
    program.writes.iter().zip(&program.columns).filter_map(move |(write, column)| {
        let column = program.target.column(*column);
        let (ColumnKind::Decimal { precision } | ColumnKind::Money { precision }) = column.kind else {
            return None;
        };
        let Write::Copy { from, .. } = write else { return None };
        let [Copy::Own { at, .. }, ..] = from.as_slice() else { return None };
        let value = row.get(*program.read.get(*at)?)?;
        match value {
            Value::Decimal(number) if number.normalize().scale() > precision => {
                Some((column.name.as_str(), precision, value))
            }
            _ => None,
        }
    })
}
