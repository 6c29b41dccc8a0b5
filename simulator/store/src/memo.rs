//! Answers that are remembered until the rows they came from can have changed.

use crate::{Store, TableId};
use rustc_hash::FxHashMap;
use std::{
    cell::{Cell, RefCell},
    hash::Hash,
};

/// Answers remembered at most; beyond that all are forgotten, which costs time and nothing else.
const MOST: usize = 1_024;

/// What a few small tables answered.
///
/// An answer is given again only while no row of these tables was written and nothing was rolled back, so that it never
/// outlives the transaction it came from.
#[derive(Debug)]
pub struct Memo<K, V> {
    stamp: Cell<u64>,
    known: RefCell<FxHashMap<K, V>>,
}

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self { stamp: Cell::default(), known: RefCell::default() }
    }
}

impl<K: Eq + Hash, V: Clone> Memo<K, V> {
    /// The answer to a key, which `find` reads from `tables` the first time. Ask one memo of the same tables always.
    ///
    /// # Errors
    /// Whatever `find` fails with; a failure is not remembered.
    pub fn get<E>(
        &self,
        store: &Store,
        tables: &[TableId],
        key: K,
        find: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        let stamp = store.stamp(tables);
        if self.stamp.replace(stamp) != stamp {
            self.known.borrow_mut().clear();
        }
        if let Some(known) = self.known.borrow().get(&key) {
            return Ok(known.clone());
        }
        let found = find()?;
        let mut known = self.known.borrow_mut();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(key, found.clone());
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Select, StoreError};
    use dwsim_model::{Column, ColumnKind, Required, Side, TableBuilder, Value};

    fn store() -> (Store, TableId, TableId) {
        let mut store = Store::in_memory().unwrap();
        let column = |name: &str| Column {
            name: name.into(),
            kind: ColumnKind::Int { min: 0, max: 99 },
            required: Required::No,
            read_only: false,
            extra: false,
        };
        let mut declare = |name: &str| {
            let table = TableBuilder::new(Side::FinOps, name, "RecId", ColumnKind::BigInt);
            store.declare(table.column(column("a")).build().unwrap())
        };
        let (one, other) = (declare("one"), declare("other"));
        (store, one, other)
    }

    /// How many rows there are, and whether that was looked up.
    fn count(memo: &Memo<(), u64>, store: &Store, table: TableId) -> (u64, bool) {
        let looked = Cell::new(false);
        let find = || {
            looked.set(true);
            store.count(&Select::all(table))
        };
        let found = memo.get::<StoreError>(store, &[table], (), find).unwrap();
        (found, looked.get())
    }

    #[test]
    fn an_answer_lasts_until_a_row_of_its_table_is_written() {
        let (store, one, other) = store();
        let memo = Memo::default();
        assert_eq!(count(&memo, &store, one), (0, true));
        assert_eq!(count(&memo, &store, one), (0, false));
        store.insert(other, &Value::Int(1), &[1], &[Value::Int(1)]).unwrap();
        assert_eq!(count(&memo, &store, one), (0, false));
        store.insert(one, &Value::Int(1), &[1], &[Value::Int(1)]).unwrap();
        assert_eq!(count(&memo, &store, one), (1, true));
        store.update(one, &Value::Int(1), &[1], &[Value::Int(2)]).unwrap();
        assert_eq!(count(&memo, &store, one), (1, true));
        store.delete(one, &Value::Int(1)).unwrap();
        assert_eq!(count(&memo, &store, one), (0, true));
    }

    #[test]
    fn an_answer_does_not_outlive_a_transaction_that_is_rolled_back() {
        let (store, one, _) = store();
        let memo = Memo::default();
        for inner in [false, true] {
            store.begin().unwrap();
            if inner {
                store.begin().unwrap();
            }
            store.insert(one, &Value::Int(1), &[1], &[Value::Int(1)]).unwrap();
            assert_eq!(count(&memo, &store, one), (1, true));
            store.rollback().unwrap();
            assert_eq!(count(&memo, &store, one), (0, true));
            if inner {
                store.commit().unwrap();
            }
        }
    }

    #[test]
    fn a_dropped_table_is_forgotten() {
        let (mut store, one, _) = store();
        let memo = Memo::default();
        store.insert(one, &Value::Int(1), &[1], &[Value::Int(1)]).unwrap();
        assert_eq!(count(&memo, &store, one), (1, true));
        store.drop_table("one").unwrap();
        assert_eq!(count(&memo, &store, one), (0, true));
    }

    #[test]
    fn a_failure_is_not_remembered_and_memory_is_bounded() {
        let (store, one, _) = store();
        let memo = Memo::default();
        assert_eq!(memo.get(&store, &[one], 0, || Err::<u8, _>("no")), Err("no"));
        assert_eq!(memo.get(&store, &[one], 0, || Ok::<u8, &str>(1)), Ok(1));
        for key in 0..=MOST {
            memo.get(&store, &[one], key, || Ok::<u8, &str>(2)).unwrap();
        }
        assert!(memo.known.borrow().len() <= MOST);
    }
}
