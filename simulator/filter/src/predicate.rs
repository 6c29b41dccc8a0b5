//! The language-free form of a filter: a condition over column ordinals, evaluated per row or turned into SQL.

use crate::LikePattern;
use dwsim_model::Value;
use std::cmp::Ordering;

static NULL: Value = Value::Null;

/// How a column is compared with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Less than.
    Lt,
    /// Less than or equal.
    Le,
    /// Greater than.
    Gt,
    /// Greater than or equal.
    Ge,
}

impl Op {
    /// Whether a comparison with this outcome satisfies the operator.
    pub fn accepts(self, outcome: Ordering) -> bool {
        match self {
            Self::Eq => outcome.is_eq(),
            Self::Ne => outcome.is_ne(),
            Self::Lt => outcome.is_lt(),
            Self::Le => outcome.is_le(),
            Self::Gt => outcome.is_gt(),
            Self::Ge => outcome.is_ge(),
        }
    }

    /// Whether it asks for an order rather than for equality.
    pub fn orders(self) -> bool {
        !matches!(self, Self::Eq | Self::Ne)
    }

    /// The operator in SQL.
    pub fn sql(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Ne => "<>",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }
}

/// A condition on one row, over column ordinals.
///
/// Truth has three values, as in the databases of both products: a comparison with a missing value is *unknown*,
/// `Not` of unknown is unknown, and only rows for which the whole condition is true pass. So
/// `name ne 'A'` does not return a row without a name, `not contains(name, 'A')` does not either, and the F&O
/// filter `(Parent == "")` does not match the null an outer join leaves. Only [`Predicate::Null`] sees null.
///
/// Values must be of the kind their column holds; binding a parsed filter sees to that. Text compares without
/// regard to ASCII case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Predicate {
    /// Every row passes.
    #[default]
    All,
    /// The column compares with the value.
    Compare {
        /// Ordinal of the column.
        column: usize,
        /// The comparison.
        op: Op,
        /// What it is compared with.
        value: Value,
    },
    /// The column is null; with `negated`, it is not.
    Null {
        /// Ordinal of the column.
        column: usize,
        /// Ask for a value instead of for none.
        negated: bool,
    },
    /// The text of the column fits the pattern.
    Like {
        /// Ordinal of the column.
        column: usize,
        /// The pattern.
        pattern: LikePattern,
    },
    /// The column equals one of the values. Of an empty list this is false, even for null.
    In {
        /// Ordinal of the column.
        column: usize,
        /// The values.
        values: Vec<Value>,
    },
    /// The condition is false.
    Not(Box<Predicate>),
    /// Every condition is true; with none, true.
    And(Vec<Predicate>),
    /// Some condition is true; with none, false.
    Or(Vec<Predicate>),
}

impl Predicate {
    /// Whether a row passes whose cells stand at the predicate's ordinals; a missing cell counts as null.
    pub fn matches(&self, row: &[Value]) -> bool {
        self.matches_by(&|column| row.get(column).unwrap_or(&NULL))
    }

    /// Whether a row passes whose cells `cell` finds by ordinal.
    pub fn matches_by<'a>(&'a self, cell: &impl Fn(usize) -> &'a Value) -> bool {
        self.truth(cell) == Some(true)
    }

    fn truth<'a>(&'a self, cell: &impl Fn(usize) -> &'a Value) -> Option<bool> {
        match self {
            Self::All => Some(true),
            Self::Compare { column, op: Op::Eq, value } => equal(cell(*column), value),
            Self::Compare { column, op: Op::Ne, value } => equal(cell(*column), value).map(|same| !same),
            Self::Compare { column, op, value } => {
                cell(*column).compare(value).map(|outcome| op.accepts(outcome))
            }
            Self::Null { column, negated } => Some(cell(*column).is_null() != *negated),
            Self::Like { column, pattern } => cell(*column).as_text().map(|text| pattern.matches(text)),
            Self::In { column, values } => {
                let own = cell(*column);
                some(values.iter().map(|value| equal(own, value)))
            }
            Self::Not(inner) => inner.truth(cell).map(|truth| !truth),
            // "All are true" is "none is false", which lets both share one walk.
            Self::And(parts) => some(parts.iter().map(|part| part.truth(cell).map(|truth| !truth)))
                .map(|some_false| !some_false),
            Self::Or(parts) => some(parts.iter().map(|part| part.truth(cell))),
        }
    }

    /// Ordinals of the columns it reads, ascending, each once.
    pub fn columns(&self) -> Vec<usize> {
        let mut columns = Vec::new();
        self.collect(&mut columns);
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    fn collect(&self, columns: &mut Vec<usize>) {
        match self {
            Self::All => {}
            Self::Compare { column, .. }
            | Self::Null { column, .. }
            | Self::Like { column, .. }
            | Self::In { column, .. } => columns.push(*column),
            Self::Not(inner) => inner.collect(columns),
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.collect(columns)),
        }
    }

    /// The same condition with every ordinal replaced, such as by its place in a projected row.
    #[must_use]
    pub fn reindexed(&self, position: &dyn Fn(usize) -> usize) -> Self {
        let all = |parts: &[Self]| parts.iter().map(|part| part.reindexed(position)).collect();
        match self {
            Self::All => Self::All,
            Self::Compare { column, op, value } => {
                Self::Compare { column: position(*column), op: *op, value: value.clone() }
            }
            Self::Null { column, negated } => Self::Null { column: position(*column), negated: *negated },
            Self::Like { column, pattern } => {
                Self::Like { column: position(*column), pattern: pattern.clone() }
            }
            Self::In { column, values } => Self::In { column: position(*column), values: values.clone() },
            Self::Not(inner) => Self::Not(Box::new(inner.reindexed(position))),
            Self::And(parts) => Self::And(all(parts)),
            Self::Or(parts) => Self::Or(all(parts)),
        }
    }

    /// The condition as a SQLite `WHERE` fragment in parentheses, with the same meaning as [`Self::matches`].
    ///
    /// `column_name` gives each column as it is to be written, quoted if need be. Values are appended to `bind` in
    /// the order of their `?`. Text columns must collate `NOCASE`, and other values must be stored so that the plain
    /// comparison operators order them.
    pub fn to_sql(&self, column_name: &dyn Fn(usize) -> String, bind: &mut Vec<Value>) -> String {
        let mut sql = String::new();
        self.write_sql(column_name, bind, &mut sql);
        sql
    }

    fn write_sql(&self, column_name: &dyn Fn(usize) -> String, bind: &mut Vec<Value>, sql: &mut String) {
        match self {
            Self::All => sql.push_str("(1)"),
            Self::Compare { column, op, value } => {
                bind.push(value.clone());
                sql.extend(["(", &column_name(*column), " ", op.sql(), " ?)"]);
            }
            Self::Null { column, negated } => {
                let test = if *negated { " IS NOT NULL)" } else { " IS NULL)" };
                sql.extend(["(", &column_name(*column), test]);
            }
            Self::Like { column, pattern } => {
                bind.push(Value::text(pattern.to_sql()));
                sql.extend(["(", &column_name(*column), r" LIKE ? ESCAPE '\')"]);
            }
            Self::In { values, .. } if values.is_empty() => sql.push_str("(0)"),
            Self::In { column, values } => {
                bind.extend(values.iter().cloned());
                sql.extend(["(", &column_name(*column), " IN (?"]);
                sql.push_str(&", ?".repeat(values.len() - 1));
                sql.push_str("))");
            }
            Self::Not(inner) => {
                sql.push_str("(NOT ");
                inner.write_sql(column_name, bind, sql);
                sql.push(')');
            }
            Self::And(parts) => write_joined(parts, ("AND", "(1)"), column_name, bind, sql),
            Self::Or(parts) => write_joined(parts, ("OR", "(0)"), column_name, bind, sql),
        }
    }
}

/// Joins by halves: SQLite refuses expression trees deeper than 1,000, which a long flat chain would become.
fn write_joined(
    parts: &[Predicate],
    (word, none): (&str, &str),
    column_name: &dyn Fn(usize) -> String,
    bind: &mut Vec<Value>,
    sql: &mut String,
) {
    match parts {
        [] => sql.push_str(none),
        [only] => only.write_sql(column_name, bind, sql),
        _ => {
            let (left, right) = parts.split_at(parts.len() / 2);
            sql.push('(');
            write_joined(left, (word, none), column_name, bind, sql);
            sql.extend([" ", word, " "]);
            write_joined(right, (word, none), column_name, bind, sql);
            sql.push(')');
        }
    }
}

/// Equality without the allocation that ordering two texts costs.
fn equal(own: &Value, wanted: &Value) -> Option<bool> {
    match (own, wanted) {
        (Value::Text(a), Value::Text(b)) => Some(a.eq_ignore_ascii_case(b)),
        _ => own.compare(wanted).map(Ordering::is_eq),
    }
}

fn some(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(false);
    for truth in truths {
        match truth {
            Some(true) => return Some(true),
            Some(false) => {}
            None => result = None,
        }
    }
    result
}

#[cfg(test)]
#[path = "predicate_tests.rs"]
mod tests;
