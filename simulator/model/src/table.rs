//! The shape of an F&O entity or a Dataverse table: columns by ordinal, keys, company striping.

use crate::Name;
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, fmt, sync::Arc};

/// Which environment something belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// Finance & Operations (code `AX` in the service).
    FinOps,
    /// Dataverse (code `CRM` in the service).
    Dataverse,
}

impl Side {
    /// The environment at the other end of the link.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::FinOps => Self::Dataverse,
            Self::Dataverse => Self::FinOps,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::FinOps => "F&O",
            Self::Dataverse => "Dataverse",
        })
    }
}

/// The members of an F&O enum or the options of a Dataverse choice: number and name, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// The enum's own name; the column's name for a local Dataverse choice.
    pub name: Box<str>,
    /// Number and label of each option.
    pub options: Vec<(i32, Box<str>)>,
}

impl Choices {
    /// The number of an option, found by its name without regard to case.
    pub fn number(&self, label: &str) -> Option<i32> {
        self.options.iter().find(|(_, own)| own.eq_ignore_ascii_case(label)).map(|(number, _)| *number)
    }

    /// The name of an option.
    pub fn label(&self, number: i32) -> Option<&str> {
        self.options.iter().find(|(own, _)| *own == number).map(|(_, label)| label.as_ref())
    }
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnKind {
    /// Yes or no (Dataverse).
    Bool,
    /// A whole number of 32 bits, with the range the documentation gives.
    Int {
        /// Smallest value allowed.
        min: i64,
        /// Largest value allowed.
        max: i64,
    },
    /// A whole number of 64 bits.
    BigInt,
    /// A decimal number; `precision` is the number of digits kept after the point.
    Decimal {
        /// Digits after the decimal point.
        precision: u32,
    },
    /// An amount of money.
    Money {
        /// Digits after the decimal point.
        precision: u32,
    },
    /// Text of at most `max` characters; no limit known when `None`.
    Text {
        /// Longest text in characters.
        max: Option<u32>,
    },
    /// An id.
    Guid,
    /// A date.
    Date,
    /// A date and time.
    Instant,
    /// One of a list of options; an F&O enum or a Dataverse choice, state or status.
    Choice(Arc<Choices>),
    /// A reference to a row of one of these tables.
    Lookup {
        /// Logical names of the tables it may point at.
        targets: Vec<Name>,
    },
    /// The logical name of the table a polymorphic lookup points at.
    EntityName,
}

/// How strongly a value is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Required {
    /// May be left out.
    #[default]
    No,
    /// A person must give it (F&O mandatory, Dataverse application-required).
    Yes,
    /// The system itself fills it.
    System,
}

/// One column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name, spelled as the documentation spells it.
    pub name: Name,
    /// What it holds.
    pub kind: ColumnKind,
    /// Whether a value is asked for.
    pub required: Required,
    /// Written by the system only.
    pub read_only: bool,
    /// Known by name only: stored when somebody gives it, as text, and mapped nowhere.
    pub extra: bool,
}

/// A set of columns whose values identify a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The key's name.
    pub name: Name,
    /// Ordinals of its columns, company first when there is one.
    pub columns: Vec<usize>,
}

/// The shape of one entity or table. Column 0 is always the row id.
#[derive(Clone, Debug)]
pub struct TableType {
    /// F&O public entity set name (`CustomersV3`) or Dataverse logical name (`account`).
    pub name: Name,
    /// What people call it: the F&O label (`Customers V3`) or the Dataverse entity set (`accounts`).
    pub label: Name,
    /// The name error messages use: F&O AOT name (`CustCustomerV3Entity`), Dataverse entity set.
    pub technical_name: Name,
    /// Which environment it lives in.
    pub side: Side,
    /// Every column; physical order.
    pub columns: Vec<Column>,
    /// Unique keys; the first is the natural key.
    pub keys: Vec<Key>,
    /// `dataAreaId`, or the lookup to `cdm_company`; none on a global table.
    pub company: Option<usize>,
    /// The column a person knows a row by.
    pub primary_name: Option<usize>,
    /// Who owns rows: users and teams, or the organisation (Dataverse only).
    pub owned: bool,
    index: HashMap<Box<str>, usize>,
}

/// Why a table type is not consistent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Two columns of one name.
    #[error("table {table} lists column {column} twice")]
    DuplicateColumn {
        /// The table.
        table: Name,
        /// The column.
        column: Name,
    },
    /// A key or role names a column that is not there.
    #[error("table {table} names column {column} as {role}, but has no such column")]
    MissingColumn {
        /// The table.
        table: Name,
        /// The column.
        column: String,
        /// What it was named as.
        role: &'static str,
    },
}

impl TableType {
    /// The ordinal of a column, found without regard to case.
    pub fn ordinal(&self, column: &str) -> Option<usize> {
        if let Some(found) = self.index.get(column) {
            return Some(*found);
        }
        self.index.get(column.to_ascii_lowercase().as_str()).copied()
    }

    /// The column of an ordinal; the id column when the ordinal is out of range.
    pub fn column(&self, ordinal: usize) -> &Column {
        &self.columns[if ordinal < self.columns.len() { ordinal } else { 0 }]
    }

    /// Columns that have a documented type; the rest exist by name only and come after these.
    pub fn typed_columns(&self) -> usize {
        self.columns.iter().take_while(|column| !column.extra).count()
    }

    /// Whether rows belong to a company.
    pub fn striped(&self) -> bool {
        self.company.is_some()
    }

    /// The natural key, when there is one.
    pub fn natural_key(&self) -> Option<&Key> {
        self.keys.first()
    }

    /// The same table with one more column, behind its typed ones: no typed column changes its ordinal.
    pub fn with_column(&self, column: Column) -> Result<Self, TableError> {
        if self.ordinal(&column.name).is_some() {
            return Err(TableError::DuplicateColumn { table: self.name.clone(), column: column.name });
        }
        let mut table = self.clone();
        let at = if column.extra { table.columns.len() } else { table.typed_columns() };
        for ordinal in table.index.values_mut().filter(|ordinal| **ordinal >= at) {
            *ordinal += 1;
        }
        table.index.insert(column.name.to_ascii_lowercase().into_boxed_str(), at);
        table.columns.insert(at, column);
        Ok(table)
    }

    /// The same table whose numbers have other decimal places: `places` answers for each column; none leaves it as it
    /// is.
    #[must_use]
    pub fn with_decimals(&self, places: impl Fn(&Column) -> Option<u32>) -> Self {
        let mut table = self.clone();
        for column in &mut table.columns {
            let Some(places) = places(column) else { continue };
            if let ColumnKind::Money { precision } | ColumnKind::Decimal { precision } = &mut column.kind {
                *precision = places;
            }
        }
        table
    }

    /// The same table in which nobody finds a column any more. Its ordinal stays taken, so that no other column
    /// moves; keys that had it are gone with it.
    pub fn without_column(&self, column: &str) -> Result<Self, TableError> {
        let at = self.ordinal(column).ok_or_else(|| TableError::MissingColumn {
            table: self.name.clone(),
            column: column.to_owned(),
            role: "column to remove",
        })?;
        let mut table = self.clone();
        table.index.retain(|_, ordinal| *ordinal != at);
        table.columns[at].required = Required::No;
        table.keys.retain(|key| !key.columns.contains(&at));
        Ok(table)
    }

    /// The same table without a column, whose name is free for another one from now on. Its ordinal stays taken.
    pub fn with_retired_column(&self, column: &str) -> Result<Self, TableError> {
        let mut table = self.without_column(column)?;
        if let Some(at) = self.ordinal(column) {
            let retired = format!("{}~{at}", table.columns[at].name);
            table.columns[at].name = retired.into();
            table.columns[at].read_only = true;
        }
        Ok(table)
    }

    /// The same table in which a column of that name is described anew.
    pub fn with_changed_column(&self, column: Column) -> Result<Self, TableError> {
        let at = self.ordinal(&column.name).ok_or_else(|| TableError::MissingColumn {
            table: self.name.clone(),
            column: column.name.to_string(),
            role: "column to change",
        })?;
        let mut table = self.clone();
        table.columns[at] = column;
        Ok(table)
    }

    /// The same table with one more unique key.
    pub fn with_key(&self, name: &str, columns: &[Name]) -> Result<Self, TableError> {
        let mut table = self.clone();
        table.keys.push(Key { name: name.into(), columns: self.key_columns(columns)? });
        Ok(table)
    }

    fn key_columns(&self, columns: &[Name]) -> Result<Vec<usize>, TableError> {
        let missing = |column: &Name| TableError::MissingColumn {
            table: self.name.clone(),
            column: column.to_string(),
            role: "key column",
        };
        columns.iter().map(|column| self.ordinal(column).ok_or_else(|| missing(column))).collect()
    }

    /// The same table without the unique key of that name.
    #[must_use]
    pub fn without_key(&self, name: &str) -> Self {
        let mut table = self.clone();
        table.keys.retain(|key| key.name.as_str() != name);
        table
    }

    /// The same table with these unique keys, the natural one first, each a list of column names.
    pub fn with_keys(&self, keys: &[Vec<Name>]) -> Result<Self, TableError> {
        let mut table = self.clone();
        table.keys.clear();
        for (number, key) in (1..).zip(keys) {
            let columns = self.key_columns(key)?;
            let name = if number == 1 { "natural".to_owned() } else { format!("alternate {number}") };
            table.keys.push(Key { name: name.into(), columns });
        }
        Ok(table)
    }
}

impl fmt::Display for TableType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name)
    }
}

/// Builds a [`TableType`] from names, checking that every name is there.
#[derive(Debug)]
pub struct TableBuilder {
    table: TableType,
    duplicate: Option<Name>,
}

impl TableBuilder {
    /// Starts a table whose column 0 is the row id.
    pub fn new(side: Side, name: &str, id_column: &str, id_kind: ColumnKind) -> Self {
        let table = TableType {
            name: name.into(),
            label: name.into(),
            technical_name: name.into(),
            side,
            columns: Vec::new(),
            keys: Vec::new(),
            company: None,
            primary_name: None,
            owned: false,
            index: HashMap::new(),
        };
        let id = Column {
            name: id_column.into(),
            kind: id_kind,
            required: Required::System,
            read_only: true,
            extra: false,
        };
        Self { table, duplicate: None }.column(id)
    }

    /// Names it for people and for error messages.
    #[must_use]
    pub fn names(mut self, label: &str, technical_name: &str) -> Self {
        self.table.label = label.into();
        self.table.technical_name = technical_name.into();
        self
    }

    /// Rows are owned by users and teams.
    #[must_use]
    pub fn owned(mut self, owned: bool) -> Self {
        self.table.owned = owned;
        self
    }

    /// Whether a column of that name has been added.
    pub fn has(&self, column: &str) -> bool {
        self.table.ordinal(column).is_some()
    }

    /// Adds a column.
    #[must_use]
    pub fn column(mut self, column: Column) -> Self {
        let folded = column.name.to_ascii_lowercase().into_boxed_str();
        if self.table.index.insert(folded, self.table.columns.len()).is_some() {
            self.duplicate.get_or_insert(column.name.clone());
        }
        self.table.columns.push(column);
        self
    }

    /// Names the company column.
    pub fn company(mut self, column: &str) -> Result<Self, TableError> {
        self.table.company = Some(self.find(column, "company column")?);
        Ok(self)
    }

    /// Names the column a person knows a row by.
    pub fn primary_name(mut self, column: &str) -> Result<Self, TableError> {
        self.table.primary_name = Some(self.find(column, "primary name")?);
        Ok(self)
    }

    /// Adds a unique key.
    pub fn key(mut self, name: &str, columns: &[&str]) -> Result<Self, TableError> {
        let columns =
            columns.iter().map(|column| self.find(column, "key column")).collect::<Result<_, _>>()?;
        self.table.keys.push(Key { name: name.into(), columns });
        Ok(self)
    }

    /// The finished table.
    pub fn build(mut self) -> Result<Arc<TableType>, TableError> {
        if let Some(column) = self.duplicate.take() {
            return Err(TableError::DuplicateColumn { table: self.table.name, column });
        }
        Ok(Arc::new(self.table))
    }

    fn find(&self, column: &str, role: &'static str) -> Result<usize, TableError> {
        self.table.ordinal(column).ok_or_else(|| TableError::MissingColumn {
            table: self.table.name.clone(),
            column: column.to_owned(),
            role,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str) -> Column {
        Column {
            name: name.into(),
            kind: ColumnKind::Text { max: Some(20) },
            required: Required::No,
            read_only: false,
            extra: false,
        }
    }

    #[test]
    fn columns_are_found_without_case_and_keys_by_ordinal() {
        let table = TableBuilder::new(Side::FinOps, "CustomerGroups", "RecId", ColumnKind::BigInt)
            .column(text("dataAreaId"))
            .column(text("CustomerGroupId"))
            .company("dataAreaId")
            .unwrap()
            .key("natural", &["dataAreaId", "CUSTOMERGROUPID"])
            .unwrap()
            .build()
            .unwrap();
        assert_eq!(table.ordinal("customergroupid"), Some(2));
        assert_eq!(table.natural_key().unwrap().columns, [1, 2]);
        assert!(table.striped());
    }

    #[test]
    fn a_column_added_or_taken_away_moves_no_typed_column() {
        let extra = Column { extra: true, ..text("Known") };
        let table = TableBuilder::new(Side::FinOps, "T", "RecId", ColumnKind::BigInt)
            .column(text("A"))
            .column(text("B"))
            .column(extra)
            .key("natural", &["B"])
            .unwrap()
            .build()
            .unwrap();
        let wider = table.with_column(text("Own")).unwrap();
        assert_eq!(
            (wider.ordinal("a"), wider.ordinal("B"), wider.ordinal("own")),
            (Some(1), Some(2), Some(3))
        );
        assert_eq!((wider.ordinal("Known"), wider.typed_columns()), (Some(4), 4));
        assert!(wider.with_column(text("OWN")).is_err());
        let narrower = wider.without_column("B").unwrap();
        assert_eq!((narrower.ordinal("B"), narrower.ordinal("own")), (None, Some(3)));
        assert!(narrower.keys.is_empty());
    }

    #[test]
    fn a_key_over_a_missing_column_is_refused() {
        let error = TableBuilder::new(Side::FinOps, "T", "RecId", ColumnKind::BigInt)
            .key("k", &["Nope"])
            .unwrap_err();
        assert_eq!(error.to_string(), "table T names column Nope as key column, but has no such column");
    }
}
