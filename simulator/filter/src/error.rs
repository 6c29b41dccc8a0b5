//! What can be wrong with a filter, shown with the filter itself and a caret under the place.

use dwsim_model::Name;
use std::fmt;

/// Longest filter in bytes.
pub const LONGEST_INPUT: usize = 32 * 1024;
/// Deepest nesting of parentheses and negations.
pub const DEEPEST_NESTING: usize = 100;
/// Most values in one list.
pub const LONGEST_LIST: usize = 2_000;

/// Characters of the filter shown before and after the place of an error.
const SHOWN: usize = 60;

/// A filter that cannot be parsed, or does not suit the table it is for.
///
/// Its display has four lines: what is wrong and where, the filter (cut to the surroundings when long), a caret, and
/// how to put it right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct FilterError {
    /// What is wrong.
    pub kind: FilterErrorKind,
    /// Where, as a character index that begins at zero. The display counts from one, as a person does.
    pub position: usize,
    /// The whole filter as it was given.
    pub input: Box<str>,
}

/// What is wrong with a filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterErrorKind {
    /// There is nothing but spaces.
    #[error("the filter is empty")]
    Empty,
    /// More bytes than [`LONGEST_INPUT`].
    #[error("the filter is {bytes} bytes long, more than the {LONGEST_INPUT} allowed")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Deeper than [`DEEPEST_NESTING`].
    #[error("parentheses and negations nest deeper than {DEEPEST_NESTING} levels")]
    TooDeep,
    /// A list longer than [`LONGEST_LIST`].
    #[error("the list has more than {LONGEST_LIST} values")]
    ListTooLong,
    /// A text pattern longer than [`LONGEST_PATTERN`](crate::LONGEST_PATTERN).
    #[error("the text to search for has more than {} characters", crate::LONGEST_PATTERN)]
    PatternTooLong,
    /// A null character, which no column can hold.
    #[error("the filter contains a null character")]
    NullCharacter,
    /// Something else should stand here.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What should stand here.
        expected: &'static str,
        /// What does.
        found: Box<str>,
        /// How to put it right.
        fix: Box<str>,
    },
    /// A parenthesis is never closed.
    #[error("this parenthesis is not closed")]
    UnclosedParenthesis,
    /// A quoted text is never closed.
    #[error("the text that begins here has no closing {quote}")]
    UnterminatedText {
        /// The quote it began with.
        quote: char,
    },
    /// Something that looks like a value and is none.
    #[error("{text} is not a value")]
    BadLiteral {
        /// What was written.
        text: Box<str>,
        /// How values are written in this language.
        fix: &'static str,
    },
    /// A negation directly before a comparison, which both products read as negating the column.
    #[error("{symbol} stands before a comparison without parentheses")]
    BareNegation {
        /// `not` or `!`.
        symbol: &'static str,
    },
    /// A function that is not one of the three.
    #[error("function {name} is not supported in a filter")]
    UnknownFunction {
        /// What was written.
        name: Box<str>,
    },
    /// A path through a lookup.
    #[error("{path} follows a lookup, and dual-write filters allow no nested lookups")]
    NestedLookup {
        /// What was written.
        path: Box<str>,
    },
    /// `DataSource.Field`.
    #[error("{path} names a data source, and a dual-write filter applies to the entity as a whole")]
    DataSourceField {
        /// What was written.
        path: Box<str>,
    },
    /// Two columns compared with each other.
    #[error("{name} stands where a value belongs")]
    ColumnAsValue {
        /// What was written.
        name: Box<str>,
        /// How to put it right in this language.
        fix: &'static str,
    },
    /// `null` with an operator other than `eq` and `ne`, or in a list.
    #[error("null can only be tested with eq and ne")]
    NullCompared,
    /// No such column.
    #[error("table {table} has no column {column}")]
    UnknownColumn {
        /// The table.
        table: Name,
        /// What was written.
        column: Box<str>,
        /// The column that was probably meant.
        nearest: Option<Name>,
    },
    /// The value does not suit the column.
    #[error("column {column} holds {holds} and cannot be compared with {literal}")]
    ValueMismatch {
        /// The column.
        column: Name,
        /// What it holds.
        holds: &'static str,
        /// The value as written.
        literal: Box<str>,
        /// How to put it right.
        fix: Box<str>,
    },
    /// An enum member that the enum does not have, or the member of another enum.
    #[error("{member} is not a member of enum {enumeration}, which column {column} holds")]
    UnknownMember {
        /// The column.
        column: Name,
        /// Its enum.
        enumeration: Box<str>,
        /// What was written.
        member: Box<str>,
        /// How to put it right.
        fix: Box<str>,
    },
    /// Less-than and greater-than on something without an order.
    #[error("column {column} holds {holds}, which can only be equal or not equal")]
    NoOrder {
        /// The column.
        column: Name,
        /// What it holds.
        holds: &'static str,
    },
    /// A text function or `like` on a column that holds no text.
    #[error("column {column} holds {holds} and cannot be searched as text")]
    NotText {
        /// The column.
        column: Name,
        /// What it holds.
        holds: &'static str,
    },
    /// `[a-c]` in the argument of a text function.
    #[error("character sets in a search text are not simulated")]
    CharacterSet,
}

impl FilterErrorKind {
    /// How to put it right.
    pub fn fix(&self) -> String {
        match self {
            Self::Empty => "leave the filter out to let every row through".to_owned(),
            Self::TooLong { .. } | Self::ListTooLong => {
                "shorten it, for example by filtering on a column that tells the rows apart".to_owned()
            }
            Self::TooDeep => "remove parentheses that change nothing".to_owned(),
            Self::PatternTooLong => "search for a shorter text".to_owned(),
            Self::NullCharacter => "remove it".to_owned(),
            Self::Expected { fix, .. }
            | Self::ValueMismatch { fix, .. }
            | Self::UnknownMember { fix, .. } => fix.as_ref().to_owned(),
            Self::UnclosedParenthesis => "add the missing )".to_owned(),
            Self::UnterminatedText { quote: '\'' } => {
                "close the text with ', and double a ' inside it (in X++, write \\')".to_owned()
            }
            Self::UnterminatedText { quote } => {
                format!("close the text with {quote}, and write \\{quote} inside it")
            }
            Self::BadLiteral { fix, .. } | Self::ColumnAsValue { fix, .. } => (*fix).to_owned(),
            Self::BareNegation { symbol } => format!("put the comparison in parentheses after {symbol}"),
            Self::UnknownFunction { .. } => "use startswith, endswith or contains".to_owned(),
            Self::NestedLookup { .. } => "filter on a column of the table itself".to_owned(),
            Self::DataSourceField { .. } => "write the entity's own column name alone".to_owned(),
            Self::NullCompared => "use eq null or ne null".to_owned(),
            Self::UnknownColumn { nearest: Some(nearest), .. } => format!("did you mean {nearest}?"),
            Self::UnknownColumn { nearest: None, .. } => "use a column of the table".to_owned(),
            Self::NoOrder { .. } => "compare it for equality".to_owned(),
            Self::NotText { .. } => "compare it for equality, or search a text column".to_owned(),
            Self::CharacterSet => "write [[] for a bracket, or list the texts one by one with or".to_owned(),
        }
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.position.saturating_sub(SHOWN);
        // Line breaks and tabs would move the caret away from its character.
        let shown: String = self
            .input
            .chars()
            .skip(first)
            .take(2 * SHOWN)
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let before = if first > 0 { "…" } else { "" };
        let after = if self.input.chars().nth(first + 2 * SHOWN).is_some() { "…" } else { "" };
        let indent = self.position - first + before.chars().count();
        writeln!(f, "{} (at character {})", self.kind, self.position + 1)?;
        writeln!(f, "  {before}{shown}{after}")?;
        writeln!(f, "  {:indent$}^", "")?;
        write!(f, "{}", self.kind.fix())
    }
}

/// A [`FilterError`] on its way up, which does not know the whole input yet.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) kind: FilterErrorKind,
    /// Byte offset.
    pub(crate) offset: usize,
}

impl Fault {
    pub(crate) fn in_input(self, input: &str) -> FilterError {
        let position = input.char_indices().take_while(|(offset, _)| *offset < self.offset).count();
        FilterError { kind: self.kind, position, input: input.into() }
    }
}
