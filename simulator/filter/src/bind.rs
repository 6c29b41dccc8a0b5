//! Typing a parsed filter against a table: column names become ordinals, literals become values of the column's kind.

use crate::error::{Fault, FilterErrorKind};
use crate::like::{LONGEST_PATTERN, LikePart, LikePattern};
use crate::predicate::{Op, Predicate};
use crate::syntax::{Literal, Node, Placed, Search};
use dwsim_model::{Column, ColumnKind, TableType, Value, nearest};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use rust_decimal::Decimal;

/// Decimals beyond this many places are finer than anything either product stores.
const FINEST_DECIMAL: u32 = 12;
/// Sixteen digits before the point: beyond any amount either product stores.
const LARGEST_DECIMAL: i64 = 10_i64.pow(16);

/// Where the two languages differ in meaning.
pub(crate) struct Dialect {
    /// The value a literal stands for in a column with a documented type.
    pub(crate) value: fn(&Column, &Literal) -> Result<Value, FilterErrorKind>,
    /// A literal as the language writes it, for errors.
    pub(crate) written: fn(&Literal) -> String,
    /// `_x_value` names lookup `x`, and a point in a name means a path.
    pub(crate) odata_names: bool,
    /// `ne` a value also returns rows where the column is null.
    pub(crate) not_equal_includes_null: bool,
}

impl Dialect {
    pub(crate) fn bind(&self, node: &Node, table: &TableType) -> Result<Predicate, Fault> {
        let all =
            |nodes: &[Node]| nodes.iter().map(|node| self.bind(node, table)).collect::<Result<Vec<_>, _>>();
        match node {
            Node::And(nodes) => Ok(Predicate::And(all(nodes)?)),
            Node::Or(nodes) => Ok(Predicate::Or(all(nodes)?)),
            Node::Not(inner) => Ok(Predicate::Not(Box::new(self.bind(inner, table)?))),
            Node::Compare { column, op, literal } => self.compare(table, column, *op, literal),
            Node::Search { column, search, text } => {
                let ordinal = self.column(table, column)?;
                let column_type = table.column(ordinal);
                if !searchable(column_type) {
                    let holds = holds(&column_type.kind);
                    let kind = FilterErrorKind::NotText { column: column_type.name.clone(), holds };
                    return Err(Fault { kind, offset: column.offset });
                }
                let at = |kind| Fault { kind, offset: text.offset };
                if text.value.chars().nth(LONGEST_PATTERN).is_some() {
                    return Err(at(FilterErrorKind::PatternTooLong));
                }
                let pattern =
                    pattern(*search, &text.value).ok_or_else(|| at(FilterErrorKind::CharacterSet))?;
                Ok(Predicate::Like { column: ordinal, pattern })
            }
            Node::In { column, literals } => {
                let ordinal = self.column(table, column)?;
                let value = |literal: &Placed<Literal>| {
                    if literal.value == Literal::Null {
                        return Err(Fault { kind: FilterErrorKind::NullCompared, offset: literal.offset });
                    }
                    self.value(table.column(ordinal), Op::Eq, literal)
                };
                let values = literals.iter().map(value).collect::<Result<_, _>>()?;
                Ok(Predicate::In { column: ordinal, values })
            }
        }
    }

    fn compare(
        &self,
        table: &TableType,
        column: &Placed<Box<str>>,
        op: Op,
        literal: &Placed<Literal>,
    ) -> Result<Predicate, Fault> {
        let ordinal = self.column(table, column)?;
        if literal.value == Literal::Null {
            return match op {
                Op::Eq => Ok(Predicate::Null { column: ordinal, negated: false }),
                Op::Ne => Ok(Predicate::Null { column: ordinal, negated: true }),
                _ => Err(Fault { kind: FilterErrorKind::NullCompared, offset: literal.offset }),
            };
        }
        let value = self.value(table.column(ordinal), op, literal)?;
        let test = Predicate::Compare { column: ordinal, op, value };
        if op == Op::Ne && self.not_equal_includes_null {
            return Ok(Predicate::Or(vec![test, Predicate::Null { column: ordinal, negated: false }]));
        }
        Ok(test)
    }

    fn value(&self, column: &Column, op: Op, literal: &Placed<Literal>) -> Result<Value, Fault> {
        let at = |kind| Fault { kind, offset: literal.offset };
        let ordered = if column.extra {
            matches!(literal.value, Literal::Text(_))
        } else {
            !matches!(
                column.kind,
                ColumnKind::Bool | ColumnKind::Guid | ColumnKind::Lookup { .. } | ColumnKind::EntityName
            )
        };
        if op.orders() && !ordered {
            let holds = if column.extra { UNDOCUMENTED } else { holds(&column.kind) };
            return Err(at(FilterErrorKind::NoOrder { column: column.name.clone(), holds }));
        }
        if column.extra {
            return Ok(Value::text(undocumented(&literal.value)));
        }
        (self.value)(column, &literal.value)
            .map_err(|kind| match kind {
                // The language knows what is wrong; how the literal was written is known here.
                FilterErrorKind::ValueMismatch { column, holds, fix, .. } => {
                    let literal = (self.written)(&literal.value).into();
                    FilterErrorKind::ValueMismatch { column, holds, literal, fix }
                }
                other => other,
            })
            .map_err(at)
    }

    fn column(&self, table: &TableType, name: &Placed<Box<str>>) -> Result<usize, Fault> {
        let at = |kind| Fault { kind, offset: name.offset };
        let written = &*name.value;
        if let Some(ordinal) = table.ordinal(written) {
            return Ok(ordinal);
        }
        if written.contains('/') || (self.odata_names && written.contains('.')) {
            return Err(at(FilterErrorKind::NestedLookup { path: written.into() }));
        }
        if written.contains('.') {
            return Err(at(FilterErrorKind::DataSourceField { path: written.into() }));
        }
        if self.odata_names
            && let Some(lookup) = written.strip_prefix('_').and_then(|rest| rest.strip_suffix("_value"))
            && let Some(ordinal) = table.ordinal(lookup)
            && matches!(table.column(ordinal).kind, ColumnKind::Lookup { .. })
        {
            return Ok(ordinal);
        }
        let nearest =
            nearest(written, table.columns.iter().map(|column| column.name.as_str())).map(Into::into);
        Err(at(FilterErrorKind::UnknownColumn { table: table.name.clone(), column: written.into(), nearest }))
    }
}

const UNDOCUMENTED: &str = "values whose type is not documented";

/// Columns known by name only hold what was given, as text; so a literal is compared as the text it would have been.
fn undocumented(literal: &Literal) -> String {
    match literal {
        Literal::Null => String::new(),
        Literal::Bool(flag) => flag.to_string(),
        Literal::Number(number) => number.normalize().to_string(),
        Literal::Text(text) => text.as_ref().to_owned(),
        Literal::Guid(id) => id.to_string(),
        Literal::Date(date) => date.to_string(),
        Literal::Instant(instant) => instant.to_string(),
        Literal::Member { member, .. } => member.as_ref().to_owned(),
    }
}

fn searchable(column: &Column) -> bool {
    column.extra || matches!(column.kind, ColumnKind::Text { .. } | ColumnKind::EntityName)
}

fn pattern(search: Search, text: &str) -> Option<LikePattern> {
    let run = || std::iter::once(LikePart::Run);
    if search == Search::Like {
        return Some(LikePattern::from_xpp(text));
    }
    let parts = LikePattern::parts_of_odata(text).ok()?;
    Some(match search {
        Search::StartsWith => LikePattern::new(parts.into_iter().chain(run())),
        Search::EndsWith => LikePattern::new(run().chain(parts)),
        Search::Contains | Search::Like => LikePattern::new(run().chain(parts).chain(run())),
    })
}

/// What a kind of column holds, as an error says it.
pub(crate) fn holds(kind: &ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Bool => "true or false",
        ColumnKind::Int { .. } | ColumnKind::BigInt => "whole numbers",
        ColumnKind::Decimal { .. } | ColumnKind::Money { .. } => "decimal numbers",
        ColumnKind::Text { .. } => "text",
        ColumnKind::Guid => "ids",
        ColumnKind::Date => "dates",
        ColumnKind::Instant => "dates with time",
        ColumnKind::Choice(_) => "choices",
        ColumnKind::Lookup { .. } => "references to rows",
        ColumnKind::EntityName => "logical names of tables",
    }
}

/// The error for a literal of the wrong kind.
pub(crate) fn mismatch(column: &Column, fix: impl Into<Box<str>>) -> FilterErrorKind {
    FilterErrorKind::ValueMismatch {
        column: column.name.clone(),
        holds: holds(&column.kind),
        literal: Box::default(),
        fix: fix.into(),
    }
}

/// The literal as a whole number, when it is one.
pub(crate) fn whole_number(literal: &Literal) -> Option<i64> {
    match literal {
        Literal::Number(number) if number.fract().is_zero() => i64::try_from(*number).ok(),
        _ => None,
    }
}

/// A number for a decimal column, unless it is finer or larger than such columns hold.
pub(crate) fn decimal(column: &Column, number: Decimal) -> Result<Value, FilterErrorKind> {
    let number = number.normalize();
    if number.scale() > FINEST_DECIMAL || number.abs() > Decimal::from(LARGEST_DECIMAL) {
        return Err(mismatch(column, "use at most 12 decimal places and 16 digits before the point"));
    }
    Ok(Value::Decimal(number))
}

/// A point in time, unless it is finer than the microseconds that are kept.
pub(crate) fn instant(column: &Column, instant: Timestamp) -> Result<Value, FilterErrorKind> {
    if instant.subsec_nanosecond() % 1_000 == 0 {
        Ok(Value::Instant(instant))
    } else {
        Err(mismatch(column, "use at most six digits after the seconds"))
    }
}

/// Midnight UTC of a date.
pub(crate) fn midnight(column: &Column, date: Date) -> Result<Value, FilterErrorKind> {
    match date.to_zoned(TimeZone::UTC) {
        Ok(zoned) => Ok(Value::Instant(zoned.timestamp())),
        Err(_) => Err(mismatch(column, "use a date between the years -9999 and 9999")),
    }
}
