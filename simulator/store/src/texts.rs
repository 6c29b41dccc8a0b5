//! SQL texts that were written before: a busy world asks for the same few statements again and again.

use rustc_hash::FxHasher;
use std::{
    cell::RefCell,
    collections::HashMap,
    hash::{Hash, Hasher},
    sync::Arc,
};

/// Texts kept at most; more than a world uses.
const MOST: usize = 4_096;

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Purpose {
    Find,
    Insert,
    Update,
}

/// What a text depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Wanted<'w> {
    pub(crate) purpose: Purpose,
    pub(crate) table: usize,
    /// Columns that exist in SQLite: those that do not are read as null.
    pub(crate) physical: usize,
    pub(crate) columns: &'w [usize],
    pub(crate) by: &'w [usize],
}

#[derive(Debug)]
struct Known {
    purpose: Purpose,
    table: usize,
    physical: usize,
    columns: Box<[usize]>,
    by: Box<[usize]>,
    text: Arc<str>,
}

/// The texts.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    known: RefCell<HashMap<u64, Known>>,
}

impl Texts {
    /// The text of a statement, written by `write` the first time.
    pub(crate) fn get(&self, wanted: Wanted<'_>, write: impl FnOnce() -> String) -> Arc<str> {
        let mut hasher = FxHasher::default();
        wanted.hash(&mut hasher);
        let hash = hasher.finish();
        let mut known = self.known.borrow_mut();
        if let Some(found) = known.get(&hash)
            && found.is(wanted)
        {
            return found.text.clone();
        }
        if known.len() >= MOST {
            known.clear();
        }
        let text: Arc<str> = write().into();
        let Wanted { purpose, table, physical, columns, by } = wanted;
        let (columns, by) = (columns.into(), by.into());
        known.insert(hash, Known { purpose, table, physical, columns, by, text: text.clone() });
        text
    }

    /// Forgets all: a table has other columns now.
    pub(crate) fn clear(&self) {
        self.known.borrow_mut().clear();
    }
}

impl Known {
    fn is(&self, wanted: Wanted<'_>) -> bool {
        let own = Wanted {
            purpose: self.purpose,
            table: self.table,
            physical: self.physical,
            columns: &self.columns,
            by: &self.by,
        };
        own == wanted
    }
}
