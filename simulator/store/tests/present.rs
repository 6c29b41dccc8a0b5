//! What the store remembers between statements never outlives the rows it is about.
#![allow(missing_docs, clippy::unwrap_used)]

use dwsim_model::{Column, ColumnKind, Required, Side, TableBuilder, Value};
use dwsim_store::Store;
use uuid::Uuid;

#[test]
fn a_row_that_was_removed_or_undone_is_not_remembered_as_there() {
    let name = Column {
        name: "name".into(),
        kind: ColumnKind::Text { max: Some(10) },
        required: Required::No,
        read_only: false,
        extra: false,
    };
    let table = TableBuilder::new(Side::Dataverse, "account", "accountid", ColumnKind::Guid);
    let mut store = Store::in_memory().unwrap();
    let table = store.declare(table.column(name).build().unwrap());
    let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
    assert!(!store.contains(table, first).unwrap(), "the table is not there yet");
    store.begin().unwrap();
    store.insert(table, &Value::Guid(first), &[1], &["a".into()]).unwrap();
    assert!(store.contains(table, first).unwrap());
    store.begin().unwrap();
    store.insert(table, &Value::Guid(second), &[1], &["b".into()]).unwrap();
    assert!(store.contains(table, second).unwrap());
    store.rollback().unwrap();
    assert!(!store.contains(table, second).unwrap());
    store.commit().unwrap();
    assert!(store.contains(table, first).unwrap());
    store.delete(table, &Value::Guid(first)).unwrap();
    assert!(!store.contains(table, first).unwrap());
}

#[test]
fn numbers_of_rows_go_on_after_a_restart() {
    let path = std::env::temp_dir().join(format!("dwsim-store-{}.sqlite", std::process::id()));
    let kind =
        || TableBuilder::new(Side::Dataverse, "account", "accountid", ColumnKind::Guid).build().unwrap();
    for round in 0..3_u64 {
        let mut store = Store::open(&path).unwrap();
        let table = store.declare(kind());
        store.begin().unwrap();
        assert_eq!(store.next_row(table), round * 2);
        store.insert(table, &Value::Guid(Uuid::from_u128(u128::from(round))), &[], &[]).unwrap();
        store.commit().unwrap();
        store.begin().unwrap();
        store.next_row(table);
        store.commit().unwrap();
    }
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", path.display()));
    }
}
