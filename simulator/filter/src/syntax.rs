//! The untyped tree both languages parse into: names and literals as written, each with its place.

use crate::Op;
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use uuid::Uuid;

/// Something together with the byte offset at which it was written; two are equal when the things are.
#[derive(Clone, Debug)]
pub struct Placed<T> {
    /// The thing.
    pub value: T,
    /// Byte offset in the filter.
    pub offset: usize,
}

impl<T> Placed<T> {
    /// A thing at a place.
    pub fn new(value: T, offset: usize) -> Self {
        Self { value, offset }
    }
}

impl<T: PartialEq> PartialEq for Placed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Placed<T> {}

/// A value as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// `null` (OData).
    Null,
    /// `true` or `false` (OData).
    Bool(bool),
    /// A whole or decimal number.
    Number(Decimal),
    /// Quoted text.
    Text(Box<str>),
    /// A row id (OData).
    Guid(Uuid),
    /// A date.
    Date(Date),
    /// A date with time.
    Instant(Timestamp),
    /// `Enum::Member` (X++).
    Member {
        /// The enum.
        enumeration: Box<str>,
        /// Its member.
        member: Box<str>,
    },
}

/// How a text is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// `startswith` (OData).
    StartsWith,
    /// `endswith` (OData).
    EndsWith,
    /// `contains` (OData).
    Contains,
    /// `like` with `*` and `?` (X++).
    Like,
}

/// A parsed condition. Column names are as written; a path through a lookup keeps its slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A column compared with a value.
    Compare {
        /// The column.
        column: Placed<Box<str>>,
        /// The comparison.
        op: Op,
        /// The value.
        literal: Placed<Literal>,
    },
    /// A column searched as text.
    Search {
        /// The column.
        column: Placed<Box<str>>,
        /// How.
        search: Search,
        /// What for, wildcards included.
        text: Placed<Box<str>>,
    },
    /// A column compared with each value of a list (OData).
    In {
        /// The column.
        column: Placed<Box<str>>,
        /// The list.
        literals: Vec<Placed<Literal>>,
    },
    /// Negation.
    Not(Box<Node>),
    /// Conjunction of two or more.
    And(Vec<Node>),
    /// Disjunction of two or more.
    Or(Vec<Node>),
}
