//! Small tables for the filters of the tests.
#![allow(dead_code, reason = "each test binary uses its own part")]

use dwsim_model::{Choices, Column, ColumnKind, Required, Side, TableBuilder, TableType};
use std::sync::Arc;

pub(crate) fn text() -> ColumnKind {
    ColumnKind::Text { max: Some(60) }
}

pub(crate) fn int() -> ColumnKind {
    ColumnKind::Int { min: i64::from(i32::MIN), max: i64::from(i32::MAX) }
}

pub(crate) fn choice(name: &str, options: &[(i32, &str)]) -> ColumnKind {
    let options = options.iter().map(|(number, label)| (*number, (*label).into())).collect();
    ColumnKind::Choice(Arc::new(Choices { name: name.into(), options }))
}

pub(crate) fn lookup(target: &str) -> ColumnKind {
    ColumnKind::Lookup { targets: vec![target.into()] }
}

fn table(side: Side, name: &str, id: (&str, ColumnKind), columns: Vec<(&str, ColumnKind)>) -> Arc<TableType> {
    let mut builder = TableBuilder::new(side, name, id.0, id.1);
    for (name, kind) in columns {
        let (name, extra) = name.strip_suffix('?').map_or((name, false), |name| (name, true));
        builder = builder.column(Column {
            name: name.into(),
            kind,
            required: Required::No,
            read_only: false,
            extra,
        });
    }
    builder.build().unwrap()
}

/// A Dataverse table; a name ending in `?` is a column known by name only.
pub(crate) fn dataverse(name: &str, columns: Vec<(&str, ColumnKind)>) -> Arc<TableType> {
    table(Side::Dataverse, name, ("rowid", ColumnKind::Guid), columns)
}

/// An F&O entity.
pub(crate) fn finops(name: &str, columns: Vec<(&str, ColumnKind)>) -> Arc<TableType> {
    table(Side::FinOps, name, ("RecId", ColumnKind::BigInt), columns)
}

/// A Dataverse table with a column of every kind; ordinals follow this order from 1.
pub(crate) fn account() -> Arc<TableType> {
    dataverse(
        "account",
        vec![
            ("name", text()),
            ("numberofemployees", int()),
            ("revenue", ColumnKind::Money { precision: 4 }),
            ("donotemail", ColumnKind::Bool),
            ("statecode", choice("statecode", &[(0, "Active"), (1, "Inactive")])),
            ("primarycontactid", lookup("contact")),
            ("createdon", ColumnKind::Instant),
            ("birthdate", ColumnKind::Date),
            ("objecttypecode", ColumnKind::EntityName),
            ("loose?", ColumnKind::Text { max: None }),
        ],
    )
}

/// An F&O entity with a column of every kind; ordinals follow this order from 1.
pub(crate) fn customer() -> Arc<TableType> {
    let party = [(0, "None"), (1, "Person"), (2, "Organization")];
    finops(
        "CustomersV3",
        vec![
            ("Name", text()),
            ("Rating", int()),
            ("CreditLimit", ColumnKind::Decimal { precision: 6 }),
            ("PartyType", choice("DirPartyType", &party)),
            ("OnHold", choice("NoYes", &[(0, "No"), (1, "Yes")])),
            ("CreatedAt", ColumnKind::Instant),
            ("Opened", ColumnKind::Date),
            ("Undocumented", choice("Mystery", &[])),
            ("Token", ColumnKind::Guid),
            ("Flag", ColumnKind::Bool),
            ("Loose?", ColumnKind::Text { max: None }),
        ],
    )
}
