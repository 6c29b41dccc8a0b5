//! Reading rows: by id, by key, in order, counted, digested.

use crate::{
    Store, StoreError, TableId, codec,
    store::{bind, sql_column},
    texts::Purpose,
};
use dwsim_filter::Predicate;
use dwsim_model::{ColumnKind, Value, Values};
use rusqlite::{CachedStatement, Row};
use std::fmt::Write as _;
use uuid::Uuid;

/// A condition beside the predicate of a [`Select`].
#[derive(Clone, Debug)]
pub enum Condition {
    /// A column holds this value; null matches null.
    Equal(usize, Value),
    /// The row was written after this version.
    WrittenAfter(i64),
    /// The row existed at this version.
    CreatedUpTo(i64),
    /// A filter holds.
    Matches(Predicate),
}

/// Which rows, which columns, in which order.
#[derive(Clone, Debug)]
pub struct Select {
    /// The table.
    pub table: TableId,
    /// Ordinals of the columns wanted.
    pub columns: Vec<usize>,
    /// All of these must hold.
    pub conditions: Vec<Condition>,
    /// Ordinals to sort by, ascending; the row id breaks ties.
    pub order: Vec<usize>,
    /// At most so many rows.
    pub limit: Option<u64>,
}

impl Select {
    /// Every row, id only, in the order of creation.
    pub fn all(table: TableId) -> Self {
        Self { table, columns: vec![0], conditions: Vec::new(), order: Vec::new(), limit: None }
    }

    /// These columns.
    #[must_use]
    pub fn columns(mut self, columns: &[usize]) -> Self {
        self.columns = columns.to_vec();
        self
    }

    /// Only rows for which this holds, too.
    #[must_use]
    pub fn only(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Sorted by these columns.
    #[must_use]
    pub fn ordered(mut self, order: &[usize]) -> Self {
        self.order = order.to_vec();
        self
    }

    /// At most so many rows.
    #[must_use]
    pub fn limit(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }
}

impl Store {
    /// The cells of the row with this id.
    pub fn get(&self, table: TableId, id: &Value, columns: &[usize]) -> Result<Option<Values>, StoreError> {
        self.find(table, &[0], std::slice::from_ref(id), columns)
    }

    /// The cells of the first row whose columns hold these values; text without regard to case.
    pub fn find(
        &self,
        table: TableId,
        by: &[usize],
        values: &[Value],
        columns: &[usize],
    ) -> Result<Option<Values>, StoreError> {
        match self.finder(table, by, columns)? {
            Some(mut finder) => finder.find(values),
            None => Ok(None),
        }
    }

    /// A prepared [`Store::find`], for many rows; none while the table has no row.
    pub fn finder(
        &self,
        table: TableId,
        by: &[usize],
        columns: &[usize],
    ) -> Result<Option<Finder<'_>>, StoreError> {
        if !self.exists(table) {
            return Ok(None);
        }
        if let Some(last) = by.iter().max() {
            self.ensure(table, *last)?;
        }
        let sql = self.text(Purpose::Find, table, columns, by, || {
            let state = self.state(table);
            let mut sql =
                format!("SELECT {} FROM {} WHERE ", self.column_list(table, columns), state.sql_name);
            for (index, ordinal) in by.iter().enumerate() {
                let and = if index == 0 { "" } else { " AND " };
                let _ = write!(sql, "{and}{} = ?", sql_column(&state.table, *ordinal));
            }
            sql.push_str(" LIMIT 1");
            sql
        });
        let statement = self.connection.prepare_cached(&sql)?;
        Ok(Some(Finder { store: self, table, columns: columns.to_vec(), statement }))
    }

    /// Hands every selected row to `visit`, in order.
    pub fn scan(
        &self,
        select: &Select,
        mut visit: impl FnMut(Values) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        if !self.exists(select.table) {
            return Ok(());
        }
        let mut parameters = Vec::new();
        let mut sql = format!("SELECT {} ", self.column_list(select.table, &select.columns));
        self.write_from_where(&mut sql, select, &mut parameters)?;
        let state = self.state(select.table);
        sql.push_str(" ORDER BY ");
        for ordinal in &select.order {
            if self.has_column(select.table, *ordinal) {
                let _ = write!(sql, "{}, ", sql_column(&state.table, *ordinal));
            }
        }
        sql.push_str("rowid");
        if let Some(limit) = select.limit {
            let _ = write!(sql, " LIMIT {limit}");
        }
        let mut statement = self.connection.prepare_cached(&sql)?;
        bind(&mut statement, 1, &parameters)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            visit(self.read(select.table, &select.columns, row)?)?;
        }
        Ok(())
    }

    /// Every selected row at once; for small answers.
    pub fn collect(&self, select: &Select) -> Result<Vec<Values>, StoreError> {
        let mut rows = Vec::new();
        self.scan(select, |row| {
            rows.push(row);
            Ok(())
        })?;
        Ok(rows)
    }

    /// How many rows are selected; the limit does not count.
    pub fn count(&self, select: &Select) -> Result<u64, StoreError> {
        if !self.exists(select.table) {
            return Ok(0);
        }
        let mut parameters = Vec::new();
        let mut sql = "SELECT count(*) ".to_owned();
        self.write_from_where(&mut sql, select, &mut parameters)?;
        let mut statement = self.connection.prepare_cached(&sql)?;
        bind(&mut statement, 1, &parameters)?;
        let mut rows = statement.raw_query();
        let count: i64 = rows.next()?.map_or(Ok(0), |row| row.get(0))?;
        Ok(count.cast_unsigned())
    }

    /// One id for the content of the selected rows: equal exactly when every cell is equal, in order.
    pub fn digest(&self, select: &Select) -> Result<Uuid, StoreError> {
        const CHUNK: usize = 1 << 16;
        let mut digest = Uuid::nil();
        let mut bytes = Vec::with_capacity(CHUNK * 2);
        self.scan(select, |row| {
            row.iter().for_each(|value| codec::append(value, &mut bytes));
            if bytes.len() >= CHUNK {
                digest = Uuid::new_v5(&digest, &bytes);
                bytes.clear();
            }
            Ok(())
        })?;
        Ok(Uuid::new_v5(&digest, &bytes))
    }

    fn write_from_where(
        &self,
        sql: &mut String,
        select: &Select,
        parameters: &mut Vec<Value>,
    ) -> Result<(), StoreError> {
        let state = self.state(select.table);
        let used = |condition: &Condition| match condition {
            Condition::Equal(ordinal, _) => Some(*ordinal),
            Condition::Matches(predicate) => predicate.columns().into_iter().max(),
            _ => None,
        };
        if let Some(last) = select.conditions.iter().filter_map(used).max() {
            self.ensure(select.table, last)?;
        }
        let _ = write!(sql, "FROM {}", state.sql_name);
        for (index, condition) in select.conditions.iter().enumerate() {
            sql.push_str(if index == 0 { " WHERE " } else { " AND " });
            match condition {
                Condition::Equal(ordinal, value) => {
                    let _ = write!(sql, "{} IS ?", sql_column(&state.table, *ordinal));
                    parameters.push(value.clone());
                }
                Condition::WrittenAfter(version) => {
                    let _ = write!(sql, "_version > {version}");
                }
                Condition::CreatedUpTo(version) => {
                    let _ = write!(sql, "_created <= {version}");
                }
                Condition::Matches(predicate) => {
                    let text = predicate.to_sql(&|ordinal| sql_column(&state.table, ordinal), parameters);
                    sql.push_str(&text);
                }
            }
        }
        Ok(())
    }

    pub(crate) fn column_list(&self, table: TableId, columns: &[usize]) -> String {
        let state = self.state(table);
        let names: Vec<String> = columns
            .iter()
            .map(|ordinal| {
                if self.has_column(table, *ordinal) {
                    sql_column(&state.table, *ordinal)
                } else {
                    "NULL".to_owned()
                }
            })
            .collect();
        names.join(", ")
    }

    fn read(&self, table: TableId, columns: &[usize], row: &Row<'_>) -> Result<Values, StoreError> {
        let types = &self.state(table).table.columns;
        let mut values = Vec::with_capacity(columns.len());
        for (index, ordinal) in columns.iter().enumerate() {
            let kind = types.get(*ordinal).map_or(&ColumnKind::BigInt, |column| &column.kind);
            values.push(codec::decode(kind, row.get_ref(index)?)?);
        }
        Ok(values.into_boxed_slice())
    }
}

/// A prepared search for one row at a time.
#[allow(missing_debug_implementations)] // a prepared statement has nothing to show
pub struct Finder<'s> {
    store: &'s Store,
    table: TableId,
    columns: Vec<usize>,
    statement: CachedStatement<'s>,
}

impl Finder<'_> {
    /// The cells of the first row whose columns hold these values.
    pub fn find<'v>(
        &mut self,
        values: impl IntoIterator<Item = &'v Value>,
    ) -> Result<Option<Values>, StoreError> {
        bind(&mut self.statement, 1, values)?;
        let mut rows = self.statement.raw_query();
        match rows.next()? {
            Some(row) => Ok(Some(self.store.read(self.table, &self.columns, row)?)),
            None => Ok(None),
        }
    }
}
