//! Contents of files, which rows name by id.

use crate::{Store, StoreError};
use rusqlite::OptionalExtension as _;
use uuid::Uuid;

/// A file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredFile {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

impl Store {
    /// Keeps a file under an id, in place of the one there may be.
    pub fn write_file(&self, id: Uuid, file: &StoredFile) -> Result<(), StoreError> {
        let mut write =
            self.connection.prepare_cached("INSERT OR REPLACE INTO _file VALUES(?1, ?2, ?3, ?4)")?;
        write.execute((id.as_bytes().as_slice(), &file.name, &file.media_type, &file.content))?;
        Ok(())
    }

    /// The file of an id.
    pub fn read_file(&self, id: Uuid) -> Result<Option<StoredFile>, StoreError> {
        let mut read =
            self.connection.prepare_cached("SELECT name, type, content FROM _file WHERE id = ?1")?;
        let found = read.query_row([id.as_bytes().as_slice()], |row| {
            Ok(StoredFile { name: row.get(0)?, media_type: row.get(1)?, content: row.get(2)? })
        });
        Ok(found.optional()?)
    }

    /// Removes the file of an id; whether there was one.
    pub fn delete_file(&self, id: Uuid) -> Result<bool, StoreError> {
        let mut delete = self.connection.prepare_cached("DELETE FROM _file WHERE id = ?1")?;
        Ok(delete.execute([id.as_bytes().as_slice()])? > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Select;
    use dwsim_model::{Column, ColumnKind, Name, Required, Side, TableBuilder, Value};

    fn text(name: &str) -> Column {
        Column {
            name: name.into(),
            kind: ColumnKind::Text { max: Some(10) },
            required: Required::No,
            read_only: false,
            extra: false,
        }
    }

    #[test]
    fn a_file_rolls_back_with_the_rows_and_is_gone_when_deleted() {
        let store = Store::in_memory().unwrap();
        let id = Uuid::from_u128(7);
        let file = StoredFile { name: "a".to_owned(), media_type: "b".to_owned(), content: vec![0, 1] };
        store.begin().unwrap();
        store.write_file(id, &file).unwrap();
        store.rollback().unwrap();
        assert_eq!(store.read_file(id).unwrap(), None);
        store.write_file(id, &file).unwrap();
        assert_eq!(store.read_file(id).unwrap(), Some(file));
        assert!(store.delete_file(id).unwrap() && !store.delete_file(id).unwrap());
    }

    #[test]
    fn removed_rows_are_logged_and_a_dropped_table_begins_anew() {
        let builder = || TableBuilder::new(Side::Dataverse, "t", "tid", ColumnKind::Guid);
        let mut store = Store::in_memory().unwrap();
        let table = store.declare(builder().column(text("a")).build().unwrap());
        let ids: Vec<Value> = (1..=3).map(|number| Value::Guid(Uuid::from_u128(number))).collect();
        for id in &ids[..2] {
            store.insert(table, id, &[1], &["x".into()]).unwrap();
        }
        let seen = store.version();
        store.insert(table, &ids[2], &[1], &["y".into()]).unwrap();
        for id in &ids[1..] {
            assert!(store.delete(table, id).unwrap());
        }
        // The third row came and went: nobody has seen it.
        assert_eq!(store.removed_since(table, seen).unwrap(), &ids[1..2]);
        assert!(store.removed_since(table, store.version()).unwrap().is_empty());
        let before = store.next_row(table);
        store.drop_table("t").unwrap();
        assert_eq!((store.table("t"), store.tables().count()), (None, 0));
        let again = store.declare(builder().column(text("b")).build().unwrap());
        assert_eq!((store.count(&Select::all(again)).unwrap(), store.next_row(again)), (0, before + 1));
        assert!(store.removed_since(again, 0).unwrap().is_empty());
        store.insert(again, &ids[0], &[1], &["z".into()]).unwrap();
    }

    #[test]
    fn a_retired_column_loses_its_cells_and_its_name_is_free() {
        let mut store = Store::in_memory().unwrap();
        let first = TableBuilder::new(Side::Dataverse, "t", "tid", ColumnKind::Guid)
            .column(text("a"))
            .column(text("b"))
            .key("k", &["a"])
            .unwrap()
            .build()
            .unwrap();
        let table = store.declare(first.clone());
        let id = Value::Guid(Uuid::from_u128(1));
        store.insert(table, &id, &[1, 2], &["x".into(), "y".into()]).unwrap();
        let retired = first.with_retired_column("a").unwrap();
        store.redeclare(retired.clone().into()).unwrap();
        let number = Column { kind: ColumnKind::Int { min: 0, max: 9 }, ..text("a") };
        let wider = retired.with_column(number).unwrap();
        store.redeclare(wider.clone().into()).unwrap();
        let at = wider.ordinal("a").unwrap();
        let row = store.get(table, &id, &[1, 2, at]).unwrap().unwrap();
        assert_eq!(&row[..], &[Value::Null, "y".into(), Value::Null]);
        store.update(table, &id, &[at], &[Value::Int(4)]).unwrap();
        assert_eq!(store.get(table, &id, &[at]).unwrap().unwrap()[0], Value::Int(4));
        // A key over rows that break it is refused and leaves the table as it was.
        store.insert(table, &Value::Guid(Uuid::from_u128(2)), &[at], &[Value::Int(4)]).unwrap();
        let name = Name::from("a");
        let keyed = wider.with_key("k2", &[name]).unwrap();
        assert!(store.redeclare(keyed.into()).is_err());
        assert!(store.table_type(table).keys.is_empty());
        store.redeclare(wider.without_key("k2").into()).unwrap();
    }
}
