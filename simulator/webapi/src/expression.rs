//! A condition on rows, bound to columns: what `$filter`, FetchXML and query functions become, and whether a row meets it.

use crate::{error::Result, rows::Rows, schema::Through};
use dwsim_filter::{LikePattern, Op, Predicate};
use dwsim_model::Value;

/// A step through a lookup to the row it points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hop {
    /// Index of the entity the lookup is in.
    pub(crate) from: usize,
    /// Ordinal of the lookup.
    pub(crate) ordinal: usize,
    /// Index of the entity it leads to.
    pub(crate) to: usize,
}

/// A column, perhaps behind lookups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    /// Which row it starts from: 0 is the row of the query, each lambda adds one.
    pub(crate) scope: usize,
    /// Lookups to follow.
    pub(crate) hops: Vec<Hop>,
    /// Index of the entity the column is in.
    pub(crate) entity: usize,
    /// Ordinal of the column.
    pub(crate) ordinal: usize,
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operand {
    /// A column.
    Column(Path),
    /// A value.
    Literal(Value),
}

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expr {
    /// Always or never.
    Constant(bool),
    /// A column compared. `Ne` also holds when the column is empty.
    Compare(Path, Op, Operand),
    /// A column is empty; with `true`, it is not.
    Null(Path, bool),
    /// A text fits a pattern.
    Like(Path, LikePattern),
    /// A column holds one of these.
    In(Path, Vec<Value>),
    /// Some child meets the condition, or every one does.
    Children {
        /// Lookups to follow first; the parent is the last row reached.
        scope: usize,
        /// Lookups to follow.
        hops: Vec<Hop>,
        /// Index of the child entity.
        child: usize,
        /// Ordinal of the child's lookup.
        ordinal: usize,
        /// The table between, when the child has no lookup.
        through: Option<Through>,
        /// Every child instead of some.
        all: bool,
        /// The condition; none asks for a child only.
        body: Option<Box<Expr>>,
    },
    /// Not so.
    Not(Box<Expr>),
    /// All of them.
    And(Vec<Expr>),
    /// One of them.
    Or(Vec<Expr>),
}

impl Path {
    /// A column of the row itself.
    pub(crate) fn own(entity: usize, ordinal: usize) -> Self {
        Self { scope: 0, hops: Vec::new(), entity, ordinal }
    }

    /// The ordinal, when the column is one of the row itself.
    pub(crate) fn direct(&self) -> Option<usize> {
        (self.scope == 0 && self.hops.is_empty()).then_some(self.ordinal)
    }

    /// The value of the column for these rows.
    pub(crate) fn value(&self, rows: &Rows<'_>, scopes: &[&[Value]]) -> Result<Value> {
        let Some(start) = scopes.get(self.scope) else { return Ok(Value::Null) };
        let Some(first) = self.hops.first() else {
            return Ok(start.get(self.ordinal).cloned().unwrap_or_default());
        };
        let mut id = start.get(first.ordinal).cloned().unwrap_or_default();
        for (at, hop) in self.hops.iter().enumerate() {
            let Some(row) = rows.target(hop.to, &id)? else { return Ok(Value::Null) };
            let next = self.hops.get(at + 1).map_or(self.ordinal, |next| next.ordinal);
            id = row.get(next).cloned().unwrap_or_default();
        }
        Ok(id)
    }
}

impl Expr {
    /// The conjunction of conditions; none of them is always true.
    pub(crate) fn all(mut parts: Vec<Self>) -> Self {
        match parts.len() {
            0 => Self::Constant(true),
            1 => parts.remove(0),
            _ => Self::And(parts),
        }
    }

    /// Whether these rows meet the condition; unknown when a value is missing.
    pub(crate) fn truth(&self, rows: &Rows<'_>, scopes: &[&[Value]]) -> Result<Option<bool>> {
        Ok(match self {
            Self::Constant(truth) => Some(*truth),
            Self::Compare(path, op, operand) => {
                let own = path.value(rows, scopes)?;
                let other = match operand {
                    Operand::Literal(value) => value.clone(),
                    Operand::Column(path) => path.value(rows, scopes)?,
                };
                match op {
                    Op::Eq => own.compare(&other).map(std::cmp::Ordering::is_eq),
                    Op::Ne => Some(!own.same(&other)),
                    _ => own.compare(&other).map(|order| op.accepts(order)),
                }
            }
            Self::Null(path, negated) => Some(path.value(rows, scopes)?.is_null() != *negated),
            Self::Like(path, pattern) => {
                path.value(rows, scopes)?.as_text().map(|text| pattern.matches(text))
            }
            Self::In(path, values) => {
                let own = path.value(rows, scopes)?;
                if own.is_null() { None } else { Some(values.iter().any(|value| own.same(value))) }
            }
            Self::Children { scope, hops, child, ordinal, through, all, body } => {
                let start = Path { scope: *scope, hops: hops.clone(), entity: 0, ordinal: 0 };
                let parent = start.value(rows, scopes)?;
                let mut found = *all;
                if !parent.is_null() {
                    for row in rows.members(*child, *ordinal, *through, &parent)? {
                        let inner: Vec<&[Value]> = scopes.iter().copied().chain([&row[..]]).collect();
                        let holds = match body {
                            Some(body) => body.truth(rows, &inner)? == Some(true),
                            None => true,
                        };
                        if holds != *all {
                            found = !*all;
                            break;
                        }
                    }
                }
                Some(found)
            }
            Self::Not(inner) => inner.truth(rows, scopes)?.map(|truth| !truth),
            Self::And(parts) => {
                let mut result = Some(true);
                for part in parts {
                    match part.truth(rows, scopes)? {
                        Some(false) => return Ok(Some(false)),
                        Some(true) => {}
                        None => result = None,
                    }
                }
                result
            }
            Self::Or(parts) => {
                let mut result = Some(false);
                for part in parts {
                    match part.truth(rows, scopes)? {
                        Some(true) => return Ok(Some(true)),
                        Some(false) => {}
                        None => result = None,
                    }
                }
                result
            }
        })
    }

    /// The same condition for the database, when it can judge it.
    pub(crate) fn predicate(&self) -> Option<Predicate> {
        let all = |parts: &[Self]| parts.iter().map(Self::predicate).collect::<Option<Vec<_>>>();
        Some(match self {
            Self::Constant(true) => Predicate::All,
            Self::Constant(false) => Predicate::Or(Vec::new()),
            Self::Compare(path, op, Operand::Literal(value)) if !value.is_null() => {
                let column = path.direct()?;
                let compare = Predicate::Compare { column, op: *op, value: value.clone() };
                if *op == Op::Ne {
                    Predicate::Or(vec![compare, Predicate::Null { column, negated: false }])
                } else {
                    compare
                }
            }
            Self::Null(path, negated) => Predicate::Null { column: path.direct()?, negated: *negated },
            Self::Like(path, pattern) => Predicate::Like { column: path.direct()?, pattern: pattern.clone() },
            Self::In(path, values) => Predicate::In { column: path.direct()?, values: values.clone() },
            Self::Not(inner) => Predicate::Not(Box::new(inner.predicate()?)),
            Self::And(parts) => Predicate::And(all(parts)?),
            Self::Or(parts) => Predicate::Or(all(parts)?),
            _ => return None,
        })
    }

    /// What the database can judge of a conjunction, and what remains for [`Expr::truth`].
    pub(crate) fn divided(self) -> (Vec<Predicate>, Vec<Self>) {
        let parts = if let Self::And(parts) = self { parts } else { vec![self] };
        let (mut pushed, mut rest) = (Vec::new(), Vec::new());
        for part in parts {
            match part.predicate() {
                Some(predicate) => pushed.push(predicate),
                None => rest.push(part),
            }
        }
        (pushed, rest)
    }
}
