//! Writing rows: one at a time, or a batch with prepared statements.

use crate::{
    Store, StoreError, TableId, codec,
    read::Finder,
    store::{bind, sql_column},
    texts::Purpose,
};
use dwsim_model::{Value, Values};
use rusqlite::CachedStatement;
use std::fmt::Write as _;

impl Store {
    /// Creates a row. `columns` and `values` are aligned and do not hold the id.
    pub fn insert(
        &self,
        table: TableId,
        id: &Value,
        columns: &[usize],
        values: &[Value],
    ) -> Result<(), StoreError> {
        self.inserter(table, columns)?.insert(id, values)
    }

    /// Changes a row; whether there was one.
    pub fn update(
        &self,
        table: TableId,
        id: &Value,
        columns: &[usize],
        values: &[Value],
    ) -> Result<bool, StoreError> {
        if !self.exists(table) {
            return Ok(false);
        }
        self.updater(table, columns)?.update(id, values)
    }

    /// Removes a row; whether there was one.
    pub fn delete(&self, table: TableId, id: &Value) -> Result<bool, StoreError> {
        if !self.exists(table) {
            return Ok(false);
        }
        let state = self.state(table);
        let id_column = sql_column(&state.table, 0);
        let version = self.next_version();
        let mut note = self.connection.prepare_cached(&format!(
            "INSERT INTO _deleted SELECT ?2, {id_column}, _created, ?3 FROM {} WHERE {id_column} = ?1",
            state.sql_name
        ))?;
        bind(&mut note, 1, [id, &Value::text(state.table.name.as_str()), &Value::Int(version)])?;
        note.raw_execute()?;
        let mut statement = self
            .connection
            .prepare_cached(&format!("DELETE FROM {} WHERE {id_column} = ?1", state.sql_name))?;
        bind(&mut statement, 1, [id])?;
        let removed = statement.raw_execute()? > 0;
        self.wrote(table);
        self.forget_present();
        Ok(removed)
    }

    /// Ids of rows that were there at a version and have been removed since, oldest removal first.
    pub fn removed_since(&self, table: TableId, version: i64) -> Result<Vec<Value>, StoreError> {
        let state = self.state(table);
        let kind = &state.table.column(0).kind;
        let mut statement = self.connection.prepare_cached(
            "SELECT id FROM _deleted WHERE name = ?1 AND created <= ?2 AND version > ?2 ORDER BY version",
        )?;
        bind(&mut statement, 1, [&Value::text(state.table.name.as_str()), &Value::Int(version)])?;
        let mut found = Vec::new();
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            found.push(codec::decode(kind, row.get_ref(0)?)?);
        }
        Ok(found)
    }

    /// Prepares creating many rows with these columns.
    pub fn inserter(&self, table: TableId, columns: &[usize]) -> Result<Inserter<'_>, StoreError> {
        self.ensure(table, columns.iter().copied().max().unwrap_or(0))?;
        let sql = self.text(Purpose::Insert, table, columns, &[], || {
            let state = self.state(table);
            let mut sql =
                format!("INSERT INTO {}({}, _version, _created", state.sql_name, sql_column(&state.table, 0));
            for ordinal in columns {
                let _ = write!(sql, ", {}", sql_column(&state.table, *ordinal));
            }
            sql.push_str(") VALUES(?1, ?2, ?2");
            for index in 0..columns.len() {
                let _ = write!(sql, ", ?{}", index + 3);
            }
            sql.push(')');
            sql
        });
        Ok(Inserter { store: self, table, statement: self.connection.prepare_cached(&sql)? })
    }

    /// Prepares changing these columns of many rows.
    pub fn updater(&self, table: TableId, columns: &[usize]) -> Result<Updater<'_>, StoreError> {
        self.ensure(table, columns.iter().copied().max().unwrap_or(0))?;
        let sql = self.text(Purpose::Update, table, columns, &[], || {
            let state = self.state(table);
            let mut sql = format!("UPDATE {} SET _version = ?2", state.sql_name);
            for (index, ordinal) in columns.iter().enumerate() {
                let _ = write!(sql, ", {} = ?{}", sql_column(&state.table, *ordinal), index + 3);
            }
            let _ = write!(sql, " WHERE {} = ?1", sql_column(&state.table, 0));
            sql
        });
        Ok(Updater { store: self, table, statement: self.connection.prepare_cached(&sql)? })
    }

    /// Prepares finding by `key`, creating with `insert` and changing `update`, for a whole batch. What is found
    /// is the id followed by `read`.
    pub fn upserter(
        &self,
        table: TableId,
        key: &[usize],
        read: &[usize],
        insert: &[usize],
        update: &[usize],
    ) -> Result<Upserter<'_>, StoreError> {
        let inserter = self.inserter(table, insert)?;
        let updater = self.updater(table, update)?;
        let mut wanted = vec![0];
        wanted.extend_from_slice(read);
        let finder = self.finder(table, key, &wanted)?;
        Ok(Upserter { finder, inserter, updater })
    }
}

/// Creates many rows with one prepared statement.
#[allow(missing_debug_implementations)] // a prepared statement has nothing to show
pub struct Inserter<'s> {
    store: &'s Store,
    table: TableId,
    statement: CachedStatement<'s>,
}

impl Inserter<'_> {
    /// Creates one row.
    pub fn insert<'v>(
        &mut self,
        id: &Value,
        values: impl IntoIterator<Item = &'v Value>,
    ) -> Result<(), StoreError> {
        self.store.wrote(self.table);
        bind(&mut self.statement, 1, [id, &Value::Int(self.store.next_version())])?;
        bind(&mut self.statement, 3, values)?;
        self.statement.raw_execute().map_err(|error| self.store.explain(self.table, error))?;
        Ok(())
    }
}

/// Changes many rows with one prepared statement.
#[allow(missing_debug_implementations)] // a prepared statement has nothing to show
pub struct Updater<'s> {
    store: &'s Store,
    table: TableId,
    statement: CachedStatement<'s>,
}

impl Updater<'_> {
    /// Changes one row; whether there was one.
    pub fn update<'v>(
        &mut self,
        id: &Value,
        values: impl IntoIterator<Item = &'v Value>,
    ) -> Result<bool, StoreError> {
        self.store.wrote(self.table);
        bind(&mut self.statement, 1, [id, &Value::Int(self.store.next_version())])?;
        bind(&mut self.statement, 3, values)?;
        let changed = self.statement.raw_execute().map_err(|error| self.store.explain(self.table, error))?;
        Ok(changed > 0)
    }
}

/// Finds, creates and changes rows of one table with statements prepared once.
#[allow(missing_debug_implementations)] // a prepared statement has nothing to show
pub struct Upserter<'s> {
    finder: Option<Finder<'s>>,
    inserter: Inserter<'s>,
    updater: Updater<'s>,
}

impl Upserter<'_> {
    /// The id and the read columns of the row with this key.
    pub fn find<'v>(
        &mut self,
        key: impl IntoIterator<Item = &'v Value>,
    ) -> Result<Option<Values>, StoreError> {
        match &mut self.finder {
            Some(finder) => finder.find(key),
            None => Ok(None),
        }
    }

    /// Creates a row with the insert columns.
    pub fn insert<'v>(
        &mut self,
        id: &Value,
        values: impl IntoIterator<Item = &'v Value>,
    ) -> Result<(), StoreError> {
        self.inserter.insert(id, values)
    }

    /// Changes the update columns of a row.
    pub fn update<'v>(
        &mut self,
        id: &Value,
        values: impl IntoIterator<Item = &'v Value>,
    ) -> Result<bool, StoreError> {
        self.updater.update(id, values)
    }
}
