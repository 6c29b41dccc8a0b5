//! Conditions of WHERE and ON, with the truth of SQL: a comparison with an empty column is neither true nor false.

use super::broken;
use crate::{
    error::{ApiError, Result},
    expression::{Expr, Operand, Path},
    fetch::plan::Source,
    operators,
    rows::Rows,
    schema::schema_name,
};
use dwsim_filter::Op;
use dwsim_model::{ColumnKind, Value};
use sqlparser::ast::{BinaryOperator, Expr as Sql, InTarget, UnaryOperator, Value as Literal};

/// Deepest nesting of a condition.
const DEEPEST: usize = 64;

/// Binds names to columns of the sources there are so far.
pub(super) struct Binder<'b, 'd> {
    pub(super) rows: &'b Rows<'d>,
    pub(super) sources: Vec<Source>,
}

impl Binder<'_, '_> {
    /// The column an expression names: source and ordinal.
    pub(super) fn column(&self, expression: &Sql) -> Result<(usize, usize)> {
        match expression {
            Sql::Nested(inner) => self.column(inner),
            Sql::Identifier(name) => {
                let holders: Vec<(usize, usize)> = (0..self.sources.len())
                    .filter_map(|source| Some((source, self.ordinal(source, &name.value)?)))
                    .collect();
                match holders.as_slice() {
                    [only] => Ok(*only),
                    [] => Err(self.unknown(0, &name.value)),
                    _ => Err(broken(&format!("the column {} is in more than one table", name.value))),
                }
            }
            Sql::CompoundIdentifier(parts) => {
                let [.., table, name] = parts.as_slice() else { return Err(broken("a column has a name")) };
                let source = self.sources.iter().position(|own| own.alias.eq_ignore_ascii_case(&table.value));
                let source = source.ok_or_else(|| {
                    let why = format!("no table is called {}", table.value);
                    ApiError::named("QueryAlias", &[("why", &why)])
                })?;
                let ordinal = self.ordinal(source, &name.value);
                Ok((source, ordinal.ok_or_else(|| self.unknown(source, &name.value))?))
            }
            other => Err(broken(&format!(
                "a column is expected, not {}",
                other.to_string().chars().take(80).collect::<String>()
            ))),
        }
    }

    fn ordinal(&self, source: usize, name: &str) -> Option<usize> {
        let table = &self.rows.schema.entity(self.sources[source].entity).table;
        table.ordinal(name).filter(|at| *at < table.typed_columns())
    }

    fn unknown(&self, source: usize, name: &str) -> ApiError {
        let entity = schema_name(self.rows.schema.entity(self.sources[source].entity).name());
        ApiError::named("AttributeNotFound", &[("entity", &entity), ("column", name)])
    }

    fn path(&self, (source, ordinal): (usize, usize)) -> Path {
        Path { scope: source, hops: Vec::new(), entity: self.sources[source].entity, ordinal }
    }

    /// Reads the ON of the newest source: one equality with an earlier one, and conditions on its own columns.
    pub(super) fn link(&mut self, on: &Sql) -> Result<()> {
        let newest = self.sources.len() - 1;
        let mut filters = Vec::new();
        for part in chain(on, &BinaryOperator::And) {
            let columns = match part {
                Sql::BinaryOp { left, op: BinaryOperator::Eq, right } => {
                    self.column(left).ok().zip(self.column(right).ok())
                }
                _ => None,
            };
            match columns {
                Some((a, b)) if self.sources[newest].link.is_none() && (a.0 == newest) != (b.0 == newest) => {
                    let (own, other) = if a.0 == newest { (a, b) } else { (b, a) };
                    self.sources[newest].link = Some((other.0, other.1, own.1));
                }
                Some((a, b)) => {
                    let compare = Expr::Compare(self.path(a), Op::Eq, Operand::Column(self.path(b)));
                    filters.push(compare);
                }
                None => filters.push(self.condition(part, false, 0)?),
            }
        }
        if self.sources[newest].link.is_none() {
            return Err(broken("ON needs one column = column that joins the table to an earlier one"));
        }
        self.sources[newest].filter = Expr::all(filters);
        Ok(())
    }

    /// The condition, or the opposite of it.
    pub(super) fn condition(&self, expression: &Sql, negated: bool, depth: usize) -> Result<Expr> {
        if depth > DEEPEST {
            return Err(broken("the condition is nested too deeply"));
        }
        let there = |path: &Path, expr: Expr| Expr::And(vec![expr, Expr::Null(path.clone(), true)]);
        match expression {
            Sql::Nested(inner) => self.condition(inner, negated, depth + 1),
            Sql::UnaryOp { op: UnaryOperator::Not, expr } => self.condition(expr, !negated, depth + 1),
            Sql::BinaryOp { op: op @ (BinaryOperator::And | BinaryOperator::Or), .. } => {
                let parts = chain(expression, op)
                    .into_iter()
                    .map(|part| self.condition(part, negated, depth + 1))
                    .collect::<Result<Vec<_>>>()?;
                // The opposite of all is one that is not.
                let all = (*op == BinaryOperator::And) != negated;
                Ok(if all { Expr::And(parts) } else { Expr::Or(parts) })
            }
            Sql::BinaryOp { left, op, right } => self.comparison(left, op, right, negated),
            Sql::IsNull(own) => Ok(Expr::Null(self.path(self.column(own)?), negated)),
            Sql::IsNotNull(own) => Ok(Expr::Null(self.path(self.column(own)?), !negated)),
            Sql::In { expr, target: InTarget::List(list), negated: not, global: false } => {
                let path = self.path(self.column(expr)?);
                let values = list.iter().map(|own| self.value(&path, own)).collect::<Result<Vec<_>>>()?;
                let own = Expr::In(path.clone(), values);
                Ok(if *not == negated { own } else { there(&path, Expr::Not(Box::new(own))) })
            }
            Sql::Between { expr, negated: not, low, high } => {
                let path = self.path(self.column(expr)?);
                let side = |op: Op, own: &Sql| -> Result<Expr> {
                    Ok(Expr::Compare(path.clone(), op, Operand::Literal(self.value(&path, own)?)))
                };
                Ok(if *not == negated {
                    Expr::And(vec![side(Op::Ge, low)?, side(Op::Le, high)?])
                } else {
                    Expr::Or(vec![side(Op::Lt, low)?, side(Op::Gt, high)?])
                })
            }
            Sql::Like { negated: not, any: false, expr, pattern, escape_char: None } => {
                let path = self.path(self.column(expr)?);
                let text = literal(pattern)?;
                let own = Expr::Like(path.clone(), operators::pattern(&text, false, false)?);
                Ok(if *not == negated { own } else { there(&path, Expr::Not(Box::new(own))) })
            }
            Sql::In { .. } | Sql::Exists { .. } | Sql::Subquery(_) => {
                Err(broken("sub-queries are not supported"))
            }
            other => Err(broken(&format!(
                "the condition {} is not supported",
                other.to_string().chars().take(80).collect::<String>()
            ))),
        }
    }

    fn comparison(&self, left: &Sql, op: &BinaryOperator, right: &Sql, negated: bool) -> Result<Expr> {
        let op = match op {
            BinaryOperator::Eq => Op::Eq,
            BinaryOperator::NotEq => Op::Ne,
            BinaryOperator::Gt => Op::Gt,
            BinaryOperator::GtEq => Op::Ge,
            BinaryOperator::Lt => Op::Lt,
            BinaryOperator::LtEq => Op::Le,
            other => return Err(broken(&format!("the operator {other} is not supported"))),
        };
        // A literal may stand on either side.
        let (column, own, turned) = match (self.column(left), literal(right)) {
            (Ok(column), Ok(_)) => (column, right, false),
            (Ok(column), Err(error)) => {
                return Err(if self.column(right).is_ok() {
                    let _ = column;
                    broken("WHERE compares a column with a literal, not with a column")
                } else {
                    error
                });
            }
            (Err(error), _) => match (self.column(right), literal(left)) {
                (Ok(column), Ok(_)) => (column, left, true),
                _ => return Err(error),
            },
        };
        let op = match (op, turned) {
            (Op::Gt, true) => Op::Lt,
            (Op::Ge, true) => Op::Le,
            (Op::Lt, true) => Op::Gt,
            (Op::Le, true) => Op::Ge,
            (op, _) => op,
        };
        let op = match (op, negated) {
            (Op::Eq, true) => Op::Ne,
            (Op::Ne, true) => Op::Eq,
            (Op::Gt, true) => Op::Le,
            (Op::Ge, true) => Op::Lt,
            (Op::Lt, true) => Op::Ge,
            (Op::Le, true) => Op::Gt,
            (op, false) => op,
        };
        let path = self.path(column);
        let compare = Expr::Compare(path.clone(), op, Operand::Literal(self.value(&path, own)?));
        // Elsewhere in the service an empty column differs from every value; not in SQL.
        Ok(if op == Op::Ne { Expr::And(vec![compare, Expr::Null(path, true)]) } else { compare })
    }

    fn value(&self, path: &Path, expression: &Sql) -> Result<Value> {
        let text = literal(expression)?;
        match self.rows.schema.entity(path.entity).kind(path.ordinal) {
            ColumnKind::Text { .. } | ColumnKind::EntityName => Ok(Value::text(text)),
            _ => operators::value(self.rows, path, &text),
        }
    }
}

/// The parts of a chain of one operator, however long.
fn chain<'e>(expression: &'e Sql, operator: &BinaryOperator) -> Vec<&'e Sql> {
    let mut parts = Vec::new();
    let mut rest = expression;
    while let Sql::BinaryOp { left, op, right } = rest {
        if op != operator {
            break;
        }
        parts.push(right.as_ref());
        rest = left;
    }
    parts.push(rest);
    parts.reverse();
    parts
}

/// The text of a literal.
fn literal(expression: &Sql) -> Result<String> {
    match expression {
        Sql::Value(own) => match &own.value {
            Literal::Number(text, _)
            | Literal::SingleQuotedString(text)
            | Literal::NationalStringLiteral(text) => Ok(text.clone()),
            Literal::Boolean(flag) => Ok(flag.to_string()),
            Literal::Null => Err(broken("a column is compared with NULL by IS NULL")),
            other => Err(broken(&format!("the literal {other} is not supported"))),
        },
        Sql::UnaryOp { op: UnaryOperator::Minus, expr } => match expr.as_ref() {
            Sql::Value(own) => match &own.value {
                Literal::Number(text, _) => Ok(format!("-{text}")),
                other => Err(broken(&format!("-{other} is no number"))),
            },
            _ => Err(broken("only a number may follow a minus")),
        },
        _ => Err(broken("a literal is expected")),
    }
}
