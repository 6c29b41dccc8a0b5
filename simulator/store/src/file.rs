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
