//! What the engine asks of an environment. Finance & Operations and Dataverse are adapted to this in the tenant;
//! the engine never sees either of them.

use dwsim_filter::Predicate;
use dwsim_model::{CompanyCode, Outcome, RowError, Side, TableType, Upsert, Value, Values};
use std::sync::Arc;

/// Which rows of a source table to read, and how.
#[derive(Clone, Debug)]
pub struct Export {
    /// The source table.
    pub table: Arc<TableType>,
    /// Ordinals to read, in this order.
    pub columns: Vec<usize>,
    /// The column that says which company a row belongs to; none on a global map.
    pub company_column: Option<usize>,
    /// Only rows of this company; all rows of a global table when none.
    pub company: Option<CompanyCode>,
    /// The map's source filter over the table's ordinals.
    pub filter: Predicate,
    /// Ordinals to sort by.
    pub order: Vec<usize>,
    /// Only rows that existed at this version of the source.
    pub created_up_to: Option<i64>,
    /// Only rows written after this version; none means a full push.
    pub written_after: Option<i64>,
}

/// A failure of the environment itself, not of a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PortError {
    /// Id of the catalogue message, or `SIM-Store` for a failing database.
    pub code: String,
    /// The text a user reads.
    pub message: String,
}

/// Takes exported rows batch by batch.
pub type Sink<'s> = dyn FnMut(Vec<Values>) -> Result<(), PortError> + 's;

/// One environment, as the engine sees it.
pub trait Environment {
    /// Which of the two it is.
    fn side(&self) -> Side;

    /// The version of its newest write.
    fn version(&self) -> i64;

    /// Reads rows in batches of at most `batch` rows.
    fn export(&self, export: &Export, batch: usize, sink: &mut Sink<'_>) -> Result<(), PortError>;

    /// Whether changes of a table are tracked, so that a later initial sync can be incremental.
    fn tracks_changes(&self, table: &TableType) -> bool;

    /// Id of the message that says why nothing can be exported now; none when it can.
    fn export_refusal(&self) -> Option<&'static str> {
        None
    }

    /// Id of the message that says why nothing can be imported now; none when it can.
    fn import_refusal(&self) -> Option<&'static str> {
        None
    }

    /// How an exported decimal zero is written where that is not what the target reads; none when it is.
    fn unreadable_zero(&self) -> Option<&'static str> {
        None
    }

    /// Whether rows leave in a file in which a text with double quotes cannot be told apart from its delimiters.
    fn exports_quoted_text(&self) -> bool {
        false
    }

    /// How many rows an export would read.
    fn count(&self, export: &Export) -> Result<u64, PortError>;

    /// Rows of a striped table that no company claims: out of scope, and worth telling.
    fn count_without_company(&self, table: &TableType) -> Result<u64, PortError>;

    /// The ids of the rows whose `by` columns hold these values, one answer a key.
    fn resolve(
        &self,
        table: &TableType,
        by: &[usize],
        keys: &[Values],
    ) -> Result<Vec<Option<Value>>, PortError>;

    /// The cells of the rows with these ids, one answer an id.
    fn fetch(
        &self,
        table: &TableType,
        ids: &[Value],
        columns: &[usize],
    ) -> Result<Vec<Option<Values>>, PortError>;

    /// The value that stands for a company in the company column.
    fn company_value(&self, company: &CompanyCode) -> Result<Option<Value>, PortError>;

    /// The company a row's company value stands for.
    fn company_of(&self, value: &Value) -> Result<Option<CompanyCode>, PortError>;

    /// Writes rows; one outcome a row, in order. `rows` are aligned with `upsert.columns`.
    fn upsert(&mut self, upsert: &Upsert, rows: Vec<Values>) -> Result<Vec<Outcome>, PortError>;

    /// Deletes the row with this key, if there is one; whether there was.
    fn delete(
        &mut self,
        table: &TableType,
        by: &[usize],
        key: &[Value],
    ) -> Result<Result<bool, RowError>, PortError>;

    /// Opens a transaction, or a savepoint in one.
    fn begin(&mut self) -> Result<(), PortError>;

    /// Keeps the innermost transaction.
    fn commit(&mut self) -> Result<(), PortError>;

    /// Undoes the innermost transaction.
    fn rollback(&mut self) -> Result<(), PortError>;
}
