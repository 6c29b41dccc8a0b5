//! One environment's database: opening, declaring tables, transactions, versions.

use crate::{
    codec,
    texts::{Purpose, Texts, Wanted},
};
use dwsim_model::{Key, Name, TableType, Value};
use rusqlite::{Connection, ErrorCode};
use rust_decimal::Decimal;
use rustc_hash::FxHashSet;
use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    fmt::Write as _,
    path::Path,
    sync::Arc,
};
use uuid::Uuid;

/// Statements kept prepared; a busy world uses a few per table.
const PREPARED_STATEMENTS: usize = 1_024;

/// Rows remembered to be there at most.
const MOST_PRESENT: usize = 10_000;

/// A table of this store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableId(pub(crate) usize);

/// What can go wrong in the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A unique key would hold the same values twice.
    #[error("table {table} already holds a row with this {key}")]
    Duplicate {
        /// The table.
        table: Name,
        /// The key's name.
        key: Name,
    },
    /// A number that cannot be kept exactly.
    #[error("the number {0} is larger than can be kept exactly; the largest is about 79 quadrillion")]
    DecimalRange(Decimal),
    /// A stored cell does not fit its column.
    #[error("the database holds a damaged value in a column of kind {0}")]
    Damaged(String),
    /// SQLite itself failed.
    #[error("the database failed: {0}")]
    Database(#[from] rusqlite::Error),
}

#[derive(Debug)]
pub(crate) struct TableState {
    pub(crate) table: Arc<TableType>,
    /// Columns that exist in SQLite; zero while the table does not.
    physical: Cell<usize>,
    pub(crate) sql_name: String,
    next_row: Cell<u64>,
    dropped: bool,
    /// What the database knows of `next_row`.
    saved_row: Cell<u64>,
    /// How often its rows were written.
    writes: Cell<u64>,
}

/// A change of the schema that a rollback must forget.
#[derive(Debug)]
enum SchemaChange {
    Columns { table: usize, before: usize },
    Index(String),
}

/// One environment's rows.
#[derive(Debug)]
pub struct Store {
    pub(crate) connection: Connection,
    /// Whether it lives in memory: it came without any table, so that none has to be looked for, and goes with the process.
    began_empty: bool,
    tables: Vec<TableState>,
    by_name: HashMap<Name, TableId>,
    version: Cell<i64>,
    depth: Cell<usize>,
    indexes: RefCell<Vec<String>>,
    texts: Texts,
    /// Rows that are known to be there; forgotten whenever a row can have gone.
    present: RefCell<FxHashSet<(TableId, Uuid)>>,
    changes: RefCell<Vec<(usize, SchemaChange)>>,
    /// Tables whose `next_row` the database does not know.
    unsaved: RefCell<Vec<usize>>,
    /// How often something was rolled back, or a table took another shape.
    upheavals: Cell<u64>,
}

impl Store {
    /// A store that lives as long as the process.
    pub fn in_memory() -> Result<Self, StoreError> {
        let connection = Connection::open_in_memory()?;
        connection.execute_batch("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;")?;
        Self::prepare(connection, true)
    }

    /// A store in a file; every committed row survives the process.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open(path)?;
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
        Self::prepare(connection, false)
    }

    fn prepare(connection: Connection, began_empty: bool) -> Result<Self, StoreError> {
        connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
        connection.execute_batch(
            "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536;
             CREATE TABLE IF NOT EXISTS _state(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS _deleted(name TEXT NOT NULL, id NOT NULL, created INTEGER NOT NULL,
                 version INTEGER NOT NULL);
             CREATE INDEX IF NOT EXISTS _deleted_of ON _deleted(name, version);
             CREATE TABLE IF NOT EXISTS _file(id BLOB PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL,
                 content BLOB NOT NULL);",
        )?;
        let version = state(&connection, "version")?;
        Ok(Self {
            connection,
            began_empty,
            tables: Vec::new(),
            by_name: HashMap::new(),
            version: Cell::new(version),
            depth: Cell::new(0),
            indexes: RefCell::default(),
            texts: Texts::default(),
            present: RefCell::default(),
            changes: RefCell::default(),
            unsaved: RefCell::default(),
            upheavals: Cell::default(),
        })
    }

    /// Declares a table; it costs nothing until its first row.
    pub fn declare(&mut self, table: Arc<TableType>) -> TableId {
        if let Some(known) = self.by_name.get(&table.name) {
            return *known;
        }
        if let Some(at) = self.tables.iter().position(|state| state.table.name == table.name) {
            // The name of a dropped table, whose row numbers are not given again.
            self.by_name.insert(table.name.clone(), TableId(at));
            self.tables[at].table = table;
            self.tables[at].dropped = false;
            return TableId(at);
        }
        let id = TableId(self.tables.len());
        let sql_name = quoted(&table.name);
        let existing = if self.began_empty { None } else { existing_columns(&self.connection, &table) };
        let physical = existing.unwrap_or(0);
        let next_row = if physical == 0 { 0 } else { state(&self.connection, &table.name).unwrap_or(0) };
        self.by_name.insert(table.name.clone(), id);
        self.tables.push(TableState {
            table,
            physical: Cell::new(physical),
            sql_name,
            next_row: Cell::new(next_row.cast_unsigned()),
            dropped: false,
            saved_row: Cell::new(next_row.cast_unsigned()),
            writes: Cell::default(),
        });
        id
    }

    /// Declares a table in another shape: with a column more behind its typed ones, or with other keys. Columns that
    /// nobody finds any more stay in place. Not inside a transaction.
    pub fn redeclare(&mut self, table: Arc<TableType>) -> Result<TableId, StoreError> {
        let Some(id) = self.by_name.get(&table.name).copied() else { return Ok(self.declare(table)) };
        self.texts.clear();
        self.upheavals.set(self.upheavals.get() + 1);
        let before = std::mem::replace(&mut self.tables[id.0].table, table.clone());
        let physical = self.tables[id.0].physical.get();
        if physical == 0 {
            return Ok(id);
        }
        let state = &self.tables[id.0];
        let mut sql = String::new();
        let mut there = physical;
        if table.columns.len() == before.columns.len() {
            // A retired column: its cells go, its place stays.
            for ordinal in (0..physical).filter(|at| before.columns[*at].name != table.columns[*at].name) {
                let (old, new) = (sql_column(&before, ordinal), sql_column(&table, ordinal));
                let _ = writeln!(sql, "UPDATE {} SET {old} = NULL;", state.sql_name);
                let _ = writeln!(sql, "ALTER TABLE {} RENAME COLUMN {old} TO {new};", state.sql_name);
            }
        }
        if table.columns.len() > before.columns.len() {
            let added =
                |ordinal: &usize| !before.columns.iter().any(|own| own.name == table.columns[*ordinal].name);
            for ordinal in (0..=physical.min(table.columns.len() - 1)).filter(added) {
                if let Some(column) = column_definition(&table, ordinal) {
                    let _ = writeln!(sql, "ALTER TABLE {} ADD COLUMN {column};", state.sql_name);
                }
                there += 1;
            }
        }
        for key in before.keys.iter().filter(|key| !table.keys.contains(key)) {
            let _ = writeln!(sql, "DROP INDEX IF EXISTS {};", key_name(&before, key));
        }
        let new: Vec<&Key> = table.keys.iter().filter(|key| !before.keys.contains(key)).collect();
        let done = self.connection.execute_batch(&sql).map_err(StoreError::from).and_then(|()| {
            self.tables[id.0].physical.set(there);
            if let Some(last) = new.iter().flat_map(|key| &key.columns).max() {
                self.ensure(id, *last)?;
            }
            let mut sql = String::new();
            for key in new {
                create_key(&mut sql, &self.tables[id.0], key);
            }
            self.connection.execute_batch(&sql).map_err(|error| self.explain(id, error))
        });
        if let Err(error) = done {
            self.tables[id.0].table = before;
            self.tables[id.0].physical.set(physical);
            return Err(error);
        }
        Ok(id)
    }

    /// Drops a table with all its rows. Its name may be declared again. Not inside a transaction.
    pub fn drop_table(&mut self, name: &str) -> Result<(), StoreError> {
        let Some(id) = self.by_name.get(name).copied() else { return Ok(()) };
        let state = &mut self.tables[id.0];
        if state.physical.get() > 0 {
            self.connection.execute_batch(&format!("DROP TABLE {}", state.sql_name))?;
        }
        self.connection.execute("DELETE FROM _deleted WHERE name = ?1", [name])?;
        state.physical.set(0);
        state.dropped = true;
        self.texts.clear();
        self.upheavals.set(self.upheavals.get() + 1);
        self.forget_present();
        self.by_name.remove(name);
        let prefix = format!("i_{name}_[");
        self.indexes.borrow_mut().retain(|index| !index.starts_with(&prefix));
        Ok(())
    }

    /// The id of a declared table.
    pub fn table(&self, name: &str) -> Option<TableId> {
        self.by_name.get(name).copied()
    }

    /// The declared shape of a table.
    pub fn table_type(&self, table: TableId) -> &Arc<TableType> {
        &self.tables[table.0].table
    }

    /// Declared tables in the order they were declared.
    pub fn tables(&self) -> impl Iterator<Item = (TableId, &Arc<TableType>)> {
        let there = self.tables.iter().enumerate().filter(|(_, state)| !state.dropped);
        there.map(|(index, state)| (TableId(index), &state.table))
    }

    pub(crate) fn state(&self, table: TableId) -> &TableState {
        &self.tables[table.0]
    }

    /// The version of the newest write; each write gets the next one.
    pub fn version(&self) -> i64 {
        self.version.get()
    }

    pub(crate) fn next_version(&self) -> i64 {
        self.version.set(self.version.get() + 1);
        self.version.get()
    }

    /// The number of the next row of a table, counting from zero; never given twice.
    pub fn next_row(&self, table: TableId) -> u64 {
        let state = &self.tables[table.0];
        let next = state.next_row.get();
        if next == state.saved_row.get() {
            self.unsaved.borrow_mut().push(table.0);
        }
        state.next_row.set(next + 1);
        next
    }

    /// Rows of a table are written.
    pub(crate) fn wrote(&self, table: TableId) {
        let writes = &self.tables[table.0].writes;
        writes.set(writes.get() + 1);
    }

    /// A number that stays the same only while rows of these tables cannot have changed.
    pub(crate) fn stamp(&self, tables: &[TableId]) -> u64 {
        let writes: u64 = tables.iter().map(|table| self.tables[table.0].writes.get()).sum();
        self.upheavals.get() + writes
    }

    /// The text of a statement on a table, written by `write` the first time.
    pub(crate) fn text(
        &self,
        purpose: Purpose,
        table: TableId,
        columns: &[usize],
        by: &[usize],
        write: impl FnOnce() -> String,
    ) -> Arc<str> {
        let physical = self.tables[table.0].physical.get();
        self.texts.get(Wanted { purpose, table: table.0, physical, columns, by }, write)
    }

    /// Runs a short statement that is run often.
    fn run(&self, sql: &str) -> Result<(), StoreError> {
        self.connection.prepare_cached(sql)?.raw_execute()?;
        Ok(())
    }

    /// Opens a transaction, or a savepoint inside one.
    pub fn begin(&self) -> Result<(), StoreError> {
        let depth = self.depth.get();
        if depth == 0 {
            self.run("BEGIN IMMEDIATE")?;
        } else {
            self.run(&format!("SAVEPOINT s{depth}"))?;
        }
        self.depth.set(depth + 1);
        Ok(())
    }

    /// Keeps what the innermost transaction did.
    pub fn commit(&self) -> Result<(), StoreError> {
        let depth = self.depth.get().saturating_sub(1);
        if depth == 0 {
            self.save_state()?;
            self.run("COMMIT")?;
            for table in self.unsaved.borrow_mut().drain(..) {
                let state = &self.tables[table];
                state.saved_row.set(state.next_row.get());
            }
            self.changes.borrow_mut().clear();
        } else {
            self.run(&format!("RELEASE s{depth}"))?;
            for change in self.changes.borrow_mut().iter_mut().filter(|(at, _)| *at > depth) {
                change.0 = depth;
            }
        }
        self.depth.set(depth);
        Ok(())
    }

    /// Whether a transaction is open. Between two actions of an environment none is.
    pub fn in_transaction(&self) -> bool {
        self.depth.get() > 0 || !self.connection.is_autocommit()
    }

    /// Whether there is a row with this id. Rows that others point to are asked for again and again.
    pub fn contains(&self, table: TableId, id: Uuid) -> Result<bool, StoreError> {
        if self.present.borrow().contains(&(table, id)) {
            return Ok(true);
        }
        let there = self.get(table, &Value::Guid(id), &[0])?.is_some();
        if there {
            let mut present = self.present.borrow_mut();
            if present.len() >= MOST_PRESENT {
                present.clear();
            }
            present.insert((table, id));
        }
        Ok(there)
    }

    /// A row can have gone.
    pub(crate) fn forget_present(&self) {
        self.present.borrow_mut().clear();
    }

    /// Undoes what the innermost transaction did.
    pub fn rollback(&self) -> Result<(), StoreError> {
        self.forget_present();
        self.upheavals.set(self.upheavals.get() + 1);
        let depth = self.depth.get().saturating_sub(1);
        if depth == 0 {
            self.connection.execute_batch("ROLLBACK")?;
        } else {
            self.connection.execute_batch(&format!("ROLLBACK TO s{depth}; RELEASE s{depth}"))?;
        }
        self.depth.set(depth);
        let mut changes = self.changes.borrow_mut();
        while changes.last().is_some_and(|(at, _)| *at > depth) {
            match changes.pop() {
                Some((_, SchemaChange::Columns { table, before })) => self.tables[table].physical.set(before),
                Some((_, SchemaChange::Index(name))) => {
                    self.indexes.borrow_mut().retain(|known| *known != name);
                }
                None => {}
            }
        }
        Ok(())
    }

    fn save_state(&self) -> Result<(), StoreError> {
        if self.began_empty {
            // Nobody opens it again.
            return Ok(());
        }
        let mut save = self.connection.prepare_cached(
            "INSERT INTO _state(name, value) VALUES(?1, ?2)
             ON CONFLICT(name) DO UPDATE SET value = excluded.value WHERE value <> excluded.value",
        )?;
        save.execute(("version", self.version.get()))?;
        for table in self.unsaved.borrow().iter() {
            let state = &self.tables[*table];
            save.execute((state.table.name.as_str(), state.next_row.get().cast_signed()))?;
        }
        Ok(())
    }

    /// Whether a table has come into being.
    pub(crate) fn exists(&self, table: TableId) -> bool {
        self.tables[table.0].physical.get() > 0
    }

    /// Whether a column exists in SQLite; one that does not is null in every row.
    pub(crate) fn has_column(&self, table: TableId, ordinal: usize) -> bool {
        ordinal < self.tables[table.0].physical.get()
    }

    /// Brings the table into being, with at least the columns up to `ordinal`.
    pub(crate) fn ensure(&self, table: TableId, ordinal: usize) -> Result<(), StoreError> {
        let state = &self.tables[table.0];
        let before = state.physical.get();
        if ordinal < before {
            return Ok(());
        }
        let columns = &state.table.columns;
        let wanted = (ordinal + 1).max(state.table.typed_columns()).min(columns.len());
        let mut sql = String::new();
        if before == 0 {
            create_table(&mut sql, state, wanted);
        } else {
            for ordinal in before..wanted {
                if let Some(column) = column_definition(&state.table, ordinal) {
                    let _ = writeln!(sql, "ALTER TABLE {} ADD COLUMN {column};", state.sql_name);
                }
            }
        }
        self.connection.execute_batch(&sql)?;
        state.physical.set(wanted);
        self.note(SchemaChange::Columns { table: table.0, before });
        Ok(())
    }

    /// Makes finding rows by these columns fast.
    pub fn ensure_index(&self, table: TableId, columns: &[usize]) -> Result<(), StoreError> {
        let state = &self.tables[table.0];
        let Some(last) = columns.iter().max() else { return Ok(()) };
        let covered = |key: &[usize]| {
            key.len() >= columns.len() && columns.iter().all(|c| key[..columns.len()].contains(c))
        };
        if state.table.keys.iter().any(|key| covered(&key.columns)) || columns.contains(&0) {
            return Ok(());
        }
        let name = format!("i_{}_{columns:?}", state.table.name);
        if self.indexes.borrow().contains(&name) {
            return Ok(());
        }
        self.ensure(table, *last)?;
        let list: Vec<String> = columns.iter().map(|ordinal| sql_column(&state.table, *ordinal)).collect();
        self.connection.execute_batch(&format!(
            "CREATE INDEX IF NOT EXISTS {} ON {}({})",
            quoted(&name),
            state.sql_name,
            list.join(", ")
        ))?;
        self.indexes.borrow_mut().push(name.clone());
        self.note(SchemaChange::Index(name));
        Ok(())
    }

    fn note(&self, change: SchemaChange) {
        let depth = self.depth.get();
        if depth > 0 {
            self.changes.borrow_mut().push((depth, change));
        }
    }

    /// Turns SQLite's words about a broken unique key into ours.
    pub(crate) fn explain(&self, table: TableId, error: rusqlite::Error) -> StoreError {
        let state = &self.tables[table.0];
        if let rusqlite::Error::SqliteFailure(code, Some(message)) = &error
            && code.code == ErrorCode::ConstraintViolation
        {
            let broken = state.table.keys.iter().find(|key| {
                key.columns.iter().all(|ordinal| {
                    let column = format!("{}.{}", state.table.name, state.table.column(*ordinal).name);
                    message.split([',', ':']).any(|part| part.trim() == column)
                })
            });
            let key = broken.map_or_else(|| "id".into(), |key| key.name.clone());
            return StoreError::Duplicate { table: state.table.name.clone(), key };
        }
        error.into()
    }
}

fn state(connection: &Connection, name: &str) -> Result<i64, StoreError> {
    match connection.query_row("SELECT value FROM _state WHERE name = ?1", [name], |row| row.get(0)) {
        Ok(value) => Ok(value),
        Err(rusqlite::Error::QueryReturnedNoRows) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

fn existing_columns(connection: &Connection, table: &TableType) -> Option<usize> {
    let mut info = connection.prepare("SELECT name FROM pragma_table_info(?1)").ok()?;
    let names: Vec<String> =
        info.query_map([table.name.as_str()], |row| row.get(0)).ok()?.flatten().collect();
    let last = names.iter().filter_map(|name| table.ordinal(name)).max()?;
    Some(last + 1)
}

fn create_table(sql: &mut String, state: &TableState, wanted: usize) {
    let table = &state.table;
    let _ = write!(sql, "CREATE TABLE {}(", state.sql_name);
    let integer_id = codec::declaration(&table.columns[0].kind) == "INTEGER";
    let primary = if integer_id { "INTEGER PRIMARY KEY" } else { "BLOB NOT NULL UNIQUE" };
    let _ = write!(sql, "{} {primary}", sql_column(table, 0));
    sql.push_str(", _version INTEGER NOT NULL, _created INTEGER NOT NULL");
    for ordinal in 1..wanted {
        if let Some(column) = column_definition(table, ordinal) {
            let _ = write!(sql, ", {column}");
        }
    }
    sql.push_str(");\n");
    for key in &table.keys {
        create_key(sql, state, key);
    }
}

fn create_key(sql: &mut String, state: &TableState, key: &Key) {
    let table = &state.table;
    let columns: Vec<String> = key.columns.iter().map(|ordinal| sql_column(table, *ordinal)).collect();
    let name = key_name(table, key);
    let _ = writeln!(sql, "CREATE UNIQUE INDEX {name} ON {}({});", state.sql_name, columns.join(", "));
}

fn key_name(table: &TableType, key: &Key) -> String {
    quoted(&format!("k_{}_{}", table.name, key.name))
}

fn column_definition(table: &TableType, ordinal: usize) -> Option<String> {
    let name = sql_column(table, ordinal);
    (name != VERSION_COLUMN).then(|| format!("{name} {}", codec::declaration(&table.column(ordinal).kind)))
}

/// The column every row carries its version in; Dataverse shows it as `versionnumber`.
pub(crate) const VERSION_COLUMN: &str = "_version";

/// The SQL name of a column.
pub(crate) fn sql_column(table: &TableType, ordinal: usize) -> String {
    let name = &table.column(ordinal).name;
    if name.as_str() == "versionnumber" { VERSION_COLUMN.to_owned() } else { quoted(name) }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Binds values to the parameters of a statement, from the first on.
pub(crate) fn bind<'a>(
    statement: &mut rusqlite::Statement<'_>,
    first: usize,
    values: impl IntoIterator<Item = &'a Value>,
) -> Result<usize, StoreError> {
    let mut index = first;
    for value in values {
        statement.raw_bind_parameter(index, codec::encode(value)?)?;
        index += 1;
    }
    Ok(index)
}
