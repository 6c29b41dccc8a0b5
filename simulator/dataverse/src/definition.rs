//! What makers say of the tables, columns, keys, relationships and choices they define, beyond the shape of a table.

use dwsim_model::{Name, TableType, Value};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// A text in one or more languages, by language code; the first is the one shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// Language code and text.
    pub texts: Vec<(u16, Box<str>)>,
}

impl Label {
    /// A text in English.
    pub fn english(text: &str) -> Self {
        Self { texts: vec![(1033, text.into())] }
    }

    /// The text that is shown: the English one, else the first.
    pub fn shown(&self) -> &str {
        let english = self.texts.iter().find(|(language, _)| *language == 1033);
        english.or(self.texts.first()).map(|(_, text)| text.as_ref()).unwrap_or_default()
    }

    /// Takes the texts of another label; languages it does not have stay.
    pub fn merge(&mut self, other: Self) {
        for (language, text) in other.texts {
            self.texts.retain(|(own, _)| *own != language);
            self.texts.push((language, text));
        }
    }
}

/// How something is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The name with the case its maker wrote it in.
    pub schema: Box<str>,
    /// Display name.
    pub display: Label,
    /// Display name of many; of tables only.
    pub plural: Label,
    /// Description.
    pub description: Label,
}

/// What a column is called among attribute types, where its kind does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// As its kind says.
    #[default]
    Plain,
    /// Text of several lines.
    Memo,
    /// A floating-point number, kept as a decimal of a few digits.
    Double,
    /// A file: the column holds its id.
    File,
    /// The name of the file in another column.
    FileName,
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableDefinition {
    /// Its names.
    pub names: Names,
    /// Made here, and not there from the beginning.
    pub custom: bool,
    /// What else was said yes or no to, such as `HasNotes`; it is told again and changes nothing else.
    pub flags: BTreeMap<&'static str, bool>,
    /// Changes can be asked for.
    pub change_tracking: bool,
}

/// A column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnDefinition {
    /// Its names.
    pub names: Names,
    /// Made here, and not there from the beginning.
    pub custom: bool,
    /// What it is called among attribute types.
    pub form: Form,
    /// The level between optional and required, which binds nobody.
    pub recommended: bool,
    /// Format, such as `Text` or `DateOnly`.
    pub format: Option<Box<str>>,
    /// Smallest number.
    pub minimum: Option<Decimal>,
    /// Largest number.
    pub maximum: Option<Decimal>,
    /// What a new row has when nobody says otherwise.
    pub default: Value,
    /// Labels of options in all languages; for a Boolean those of 1 and 0.
    pub options: Vec<(i32, Label)>,
    /// The choice it takes its options from.
    pub choice: Option<Name>,
}

/// An alternate key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyDefinition {
    /// Its names.
    pub names: Names,
    /// Logical names of its columns.
    pub columns: Vec<Name>,
    /// Rows already broke it when it was made: it cannot be used.
    pub failed: bool,
}

/// A relationship of one row to many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelationshipDefinition {
    /// Its schema name.
    pub schema: Box<str>,
    /// The table that is looked up to.
    pub parent: Name,
    /// The table with the lookup.
    pub child: Name,
    /// The lookup.
    pub column: Name,
    /// Navigation property of the child.
    pub lookup: Box<str>,
    /// Navigation property of the parent.
    pub collection: Box<str>,
    /// What happens to children, by event: `Assign`, `Delete`, ...
    pub cascade: BTreeMap<Box<str>, Box<str>>,
}

/// A relationship of many rows to many, through a table of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntersectDefinition {
    /// Its schema name.
    pub schema: Box<str>,
    /// The table of its own.
    pub table: Name,
    /// Both sides.
    pub sides: [IntersectSide; 2],
}

/// One side of a relationship of many rows to many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntersectSide {
    /// The table whose rows are linked.
    pub table: Name,
    /// The column that holds their ids in the table between.
    pub column: Name,
    /// Their navigation property to the other side.
    pub navigation: Box<str>,
}

/// A choice several columns can share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChoiceDefinition {
    /// Its names.
    pub names: Names,
    /// Numbers and labels, in order.
    pub options: Vec<(i32, Label)>,
}

/// Everything makers have defined, by logical name.
#[derive(Clone, Debug, Default)]
pub struct Definitions {
    /// Tables.
    pub tables: BTreeMap<Name, TableDefinition>,
    /// Columns, by table and name.
    pub columns: BTreeMap<(Name, Name), ColumnDefinition>,
    /// Alternate keys, by table and name.
    pub keys: BTreeMap<(Name, Name), KeyDefinition>,
    /// Relationships, by name in lower case.
    pub relationships: BTreeMap<Name, RelationshipDefinition>,
    /// Relationships of many rows to many, by name in lower case.
    pub intersects: BTreeMap<Name, IntersectDefinition>,
    /// Choices, by name in lower case.
    pub choices: BTreeMap<Name, ChoiceDefinition>,
    /// Grows with every change.
    pub stamp: u64,
}

impl Definitions {
    /// What is said of a column.
    pub fn column(&self, table: &str, column: &str) -> Option<&ColumnDefinition> {
        self.columns.get(&(Name::from(table), Name::from(column)))
    }

    /// What a column is called among attribute types.
    pub fn form(&self, table: &str, column: &str) -> Form {
        self.column(table, column).map(|own| own.form).unwrap_or_default()
    }

    /// Ordinals of the columns that hold files.
    pub(crate) fn files(&self, table: &TableType) -> Vec<usize> {
        let files = self.columns.iter().filter(|((of, _), own)| *of == table.name && own.form == Form::File);
        files.filter_map(|((_, name), _)| table.ordinal(name)).collect()
    }

    /// Values of new rows, by ordinal.
    pub(crate) fn defaults(&self, table: &TableType) -> Vec<(usize, Value)> {
        let own = self.columns.iter().filter(|((of, _), own)| *of == table.name && !own.default.is_null());
        own.filter_map(|((_, name), own)| Some((table.ordinal(name)?, own.default.clone()))).collect()
    }

    /// Forgets a table and what belongs to it.
    pub(crate) fn forget_table(&mut self, table: &Name) {
        self.stamp += 1;
        self.tables.remove(table);
        self.columns.retain(|(of, _), _| of != table);
        self.keys.retain(|(of, _), _| of != table);
        self.relationships.retain(|_, own| own.parent != *table && own.child != *table);
        self.intersects.retain(|_, own| own.table != *table);
    }

    /// Forgets a column and the relationships through it.
    pub fn forget_column(&mut self, table: &str, column: &str) {
        self.columns.remove(&(Name::from(table), Name::from(column)));
        self.keys.retain(|(of, _), key| {
            of.as_str() != table || !key.columns.iter().any(|own| own.as_str() == column)
        });
        self.relationships.retain(|_, own| own.child.as_str() != table || own.column.as_str() != column);
    }
}
