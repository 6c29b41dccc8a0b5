//! What is written into an environment, what became of it, and what changed: the words that both environments
//! and the engine share.

use crate::{CompanyCode, Name, TableType, Value, Values};
use std::sync::Arc;

/// How many rows are to be written into a target table by dual-write.
#[derive(Clone, Debug)]
pub struct Upsert {
    /// The target table.
    pub table: Arc<TableType>,
    /// The company all rows belong to; none on a global table.
    pub company: Option<CompanyCode>,
    /// Ordinals of the values given, in order; the integration key is among them.
    pub columns: Vec<usize>,
    /// Positions in `columns` that form the integration key.
    pub key: Vec<usize>,
    /// Positions in `columns` that may change a row that exists already.
    pub overwrite: Vec<usize>,
    /// Positions in `columns` that hold codes written by a value map: a difference of case only is none.
    pub symbols: Vec<usize>,
    /// Which of the two kinds of sync writes; the owner rules of Dataverse differ.
    pub sync: SyncKind,
}

/// The two ways dual-write writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncKind {
    /// Initial write of a table map.
    Initial,
    /// A live change.
    Live,
}

/// What became of one row.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It was created with this id.
    Inserted(Value),
    /// It existed and was changed.
    Updated(Value),
    /// It existed and was equal already.
    Unchanged(Value),
    /// It was refused; nothing of it was written.
    Failed(RowError),
}

/// Why a row was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RowError {
    /// Id of the catalogue message, such as `I3` or `SIM-TextTooLong`.
    pub code: String,
    /// The column that caused it, when one did.
    pub column: Option<Name>,
    /// The text a user reads.
    pub message: String,
}

/// A change as a user or a program asks for it, by names.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// F&O public entity set, or Dataverse logical name.
    pub table: Name,
    /// What to do.
    pub operation: Operation,
    /// Which row, by column names and values; empty for a create.
    pub key: Vec<(Name, Value)>,
    /// Columns to write; empty for a delete.
    pub values: Vec<(Name, Value)>,
}

/// What is done to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A new row.
    Create,
    /// A changed row.
    Update,
    /// A removed row.
    Delete,
}

/// A change that was made to one row, after the environment's own rules.
#[derive(Clone, Debug)]
pub struct RowChange {
    /// The table it is in.
    pub table: Arc<TableType>,
    /// What was done.
    pub operation: Operation,
    /// The row's id.
    pub id: Value,
    /// The typed columns before, by ordinal; empty for a new row.
    pub before: Values,
    /// The typed columns after, by ordinal; empty for a removed row.
    pub after: Values,
}

impl RowChange {
    /// The row as it is now, or as it was last.
    pub fn row(&self) -> &[Value] {
        if self.after.is_empty() { &self.before } else { &self.after }
    }

    /// Whether the value of a column differs between before and after.
    pub fn changed(&self, ordinal: usize) -> bool {
        self.before.get(ordinal) != self.after.get(ordinal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ColumnKind, Side, TableBuilder};

    #[test]
    fn a_new_row_changes_every_column_it_has() {
        let table = TableBuilder::new(Side::FinOps, "T", "RecId", ColumnKind::BigInt).build().unwrap();
        let change = RowChange {
            table,
            operation: Operation::Create,
            id: Value::Int(1),
            before: Box::new([]),
            after: Box::new([Value::Int(1)]),
        };
        assert!(change.changed(0));
        assert_eq!(change.row(), [Value::Int(1)]);
    }
}
