//! `$filter`: parsed and bound to an entity in one pass, so that every mistake is told with the documented text.

use crate::{
    cell,
    error::{ApiError, Result},
    expression::{Expr, Hop, Operand, Path},
    operators,
    rows::Rows,
    schema::Through,
    tokens::{Token, Tokens},
};
use dwsim_filter::Op;
use dwsim_model::{ColumnKind, Value};

/// Deepest nesting of parentheses, negations and lambdas.
const DEEPEST: usize = 100;
/// Most conditions of one filter.
const MOST_CONDITIONS: usize = 5_000;

/// A variable in scope: its name (empty for the row itself), its entity and its place among the scopes.
#[derive(Clone, Debug)]
struct Variable {
    name: String,
    entity: usize,
}

/// What a name turned out to be.
enum Named {
    Column(Path),
    /// A lookup's navigation property, to be compared with null or an id.
    Lookup(Path),
    /// A collection, with the word after it.
    Collection {
        scope: usize,
        hops: Vec<Hop>,
        child: usize,
        ordinal: usize,
        through: Option<Through>,
        all: bool,
    },
}

/// Parses a filter over the rows of an entity. `aliases` are the query options, for `@p1`.
pub(crate) fn parse(
    rows: &Rows<'_>,
    entity: usize,
    text: &str,
    aliases: &[(String, String)],
) -> Result<Expr> {
    let mut parser = Parser {
        rows,
        aliases,
        tokens: Tokens::cut(text)?,
        variables: vec![Variable { name: String::new(), entity }],
        depth: 0,
        conditions: 0,
    };
    let expr = parser.or()?;
    if parser.tokens.at_end() { Ok(expr) } else { Err(parser.tokens.error("expected the end of the filter")) }
}

/// A column of an entity by its path, as `$orderby` and `$apply` write it: `name`, `_x_value`, `nav/name`.
pub(crate) fn path(rows: &Rows<'_>, entity: usize, text: &str) -> Result<Path> {
    match resolve(rows, &[Variable { name: String::new(), entity }], text)? {
        Named::Column(path) | Named::Lookup(path) => Ok(path),
        Named::Collection { .. } => Err(rows.schema.entity(entity).no_property(text)),
    }
}

fn resolve(rows: &Rows<'_>, variables: &[Variable], text: &str) -> Result<Named> {
    let mut parts = text.split('/').peekable();
    let first = parts.peek().copied().unwrap_or_default();
    let scope = variables.iter().rposition(|variable| !variable.name.is_empty() && variable.name == first);
    if scope.is_some() || first == "$it" {
        parts.next();
    }
    let scope = scope.unwrap_or(0);
    let mut entity = variables.get(scope).map_or(0, |variable| variable.entity);
    let mut hops = Vec::new();
    while let Some(part) = parts.next() {
        let own = rows.schema.entity(entity);
        let rest = parts.peek().copied();
        if let Some(property) = own.property(part) {
            if rest.is_some() {
                return Err(own.no_property(text));
            }
            return Ok(Named::Column(Path { scope, hops, entity, ordinal: property.ordinal }));
        }
        if let Some(collection) = own.collection(part) {
            parts.next();
            let all = match rest {
                Some("any") => false,
                Some("all") => true,
                _ => return Err(own.no_property(text)),
            };
            let (child, ordinal, through) = (collection.child, collection.ordinal, collection.through);
            return Ok(Named::Collection { scope, hops, child, ordinal, through, all });
        }
        let Some(single) = own.single(part) else { return Err(own.no_property(part)) };
        let Some(next) = rest else {
            return Ok(Named::Lookup(Path { scope, hops, entity, ordinal: single.ordinal }));
        };
        // A lookup to several tables leads to the first one that has the name.
        let known = |index: &&usize| {
            let target = rows.schema.entity(**index);
            target.property(next).is_some()
                || target.single(next).is_some()
                || target.collection(next).is_some()
        };
        let to = single.targets.iter().find(known).or(single.targets.first()).copied();
        let Some(to) = to else { return Err(own.no_property(part)) };
        hops.push(Hop { from: entity, ordinal: single.ordinal, to });
        entity = to;
    }
    Err(rows.schema.entity(entity).no_property(text))
}

struct Parser<'p, 'd> {
    rows: &'p Rows<'d>,
    aliases: &'p [(String, String)],
    tokens: Tokens,
    variables: Vec<Variable>,
    depth: usize,
    conditions: usize,
}

impl Parser<'_, '_> {
    fn or(&mut self) -> Result<Expr> {
        let mut parts = vec![self.and()?];
        while self.tokens.word("or") {
            parts.push(self.and()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::Or(parts) })
    }

    fn and(&mut self) -> Result<Expr> {
        let mut parts = vec![self.condition()?];
        while self.tokens.word("and") {
            parts.push(self.condition()?);
        }
        Ok(Expr::all(parts))
    }

    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= DEEPEST {
            return Err(self.tokens.error("the filter is nested deeper than 100 levels"));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    fn condition(&mut self) -> Result<Expr> {
        self.conditions += 1;
        if self.conditions > MOST_CONDITIONS {
            return Err(self.tokens.error("the filter has more than 5,000 conditions"));
        }
        if self.tokens.sign('(') {
            let inner = self.deeper(Self::or)?;
            self.tokens.need(')')?;
            return Ok(inner);
        }
        if self.tokens.word("not") {
            return Ok(Expr::Not(Box::new(self.deeper(Self::condition)?)));
        }
        let word = match self.tokens.take() {
            Some(Token::Word(word)) => word,
            Some(Token::Text(text)) => return self.reversed(&Literal::Text(text)),
            _ => return Err(self.tokens.error("expected a condition")),
        };
        if self.tokens.peek() == Some(&Token::Sign('(')) {
            return self.call(&word);
        }
        let starts_literal = word.starts_with(|sign: char| sign.is_ascii_digit() || sign == '-');
        if starts_literal || word == "null" {
            return self.reversed(&Literal::Bare(word));
        }
        let constant = matches!(word.as_str(), "true" | "false");
        let compared = matches!(self.tokens.peek(), Some(Token::Word(op)) if operator(op).is_some());
        if constant {
            return if compared {
                self.reversed(&Literal::Bare(word))
            } else {
                Ok(Expr::Constant(word == "true"))
            };
        }
        let path = match resolve(self.rows, &self.variables, &word)? {
            Named::Column(path) | Named::Lookup(path) => path,
            Named::Collection { .. } => return Err(self.tokens.error("expected '(' after any or all")),
        };
        if self.tokens.word("in") {
            return self.list(path);
        }
        let Some(op) = self.operator() else {
            // A Yes/No column alone is a condition.
            if matches!(self.kind(&path), ColumnKind::Bool) {
                return Ok(Expr::Compare(path, Op::Eq, Operand::Literal(Value::Bool(true))));
            }
            return Err(self.tokens.error("expected eq, ne, gt, ge, lt, le or in"));
        };
        self.compare(path, op)
    }

    fn kind(&self, path: &Path) -> &ColumnKind {
        self.rows.schema.entity(path.entity).kind(path.ordinal)
    }

    fn operator(&mut self) -> Option<Op> {
        let found = match self.tokens.peek() {
            Some(Token::Word(word)) => operator(word),
            _ => None,
        };
        if found.is_some() {
            self.tokens.take();
        }
        found
    }

    /// A comparison whose value comes first: `5 eq x`.
    fn reversed(&mut self, literal: &Literal) -> Result<Expr> {
        let Some(op) = self.operator() else {
            return Err(self.tokens.error("expected eq, ne, gt, ge, lt or le"));
        };
        let Some(Token::Word(word)) = self.tokens.take() else {
            return Err(self.tokens.error("expected a property"));
        };
        let Named::Column(path) = resolve(self.rows, &self.variables, &word)? else {
            return Err(self.tokens.error("expected a property"));
        };
        let op = match op {
            Op::Lt => Op::Gt,
            Op::Le => Op::Ge,
            Op::Gt => Op::Lt,
            Op::Ge => Op::Le,
            same => same,
        };
        self.with_literal(path, op, literal)
    }

    fn compare(&mut self, path: Path, op: Op) -> Result<Expr> {
        match self.tokens.take() {
            Some(Token::Text(text)) => self.with_literal(path, op, &Literal::Text(text)),
            Some(Token::Word(word)) if word.starts_with('@') => {
                let literal = self.alias(&word)?;
                self.with_literal(path, op, &literal)
            }
            Some(Token::Word(word)) => {
                let first = word.chars().next().unwrap_or(' ');
                let is_name = (first.is_ascii_alphabetic() || first == '_')
                    && !matches!(word.as_str(), "null" | "true" | "false")
                    && cell::guid(&word).is_none();
                if is_name {
                    // `guid'...'` and enumeration prefixes of older clients are a word followed by a text.
                    if let Some(Token::Text(text)) = self.tokens.peek().cloned() {
                        self.tokens.take();
                        return self.with_literal(path, op, &Literal::Bare(text));
                    }
                    let Named::Column(other) = resolve(self.rows, &self.variables, &word)? else {
                        return Err(self.tokens.error("expected a value"));
                    };
                    return Ok(Expr::Compare(path, op, Operand::Column(other)));
                }
                self.with_literal(path, op, &Literal::Bare(word))
            }
            _ => Err(self.tokens.error("expected a value")),
        }
    }

    fn with_literal(&self, path: Path, op: Op, literal: &Literal) -> Result<Expr> {
        if matches!(literal, Literal::Bare(word) if word == "null") {
            return match op {
                Op::Eq => Ok(Expr::Null(path, false)),
                Op::Ne => Ok(Expr::Null(path, true)),
                _ => Err(self.tokens.error("null has no order; use eq or ne")),
            };
        }
        let value = self.value(&path, literal)?;
        // Wildcards in an equality are not honoured; only the text functions honour them.
        Ok(Expr::Compare(path, op, Operand::Literal(value)))
    }

    fn value(&self, path: &Path, literal: &Literal) -> Result<Value> {
        let kind = self.kind(path);
        let wrong = || {
            let (Literal::Text(text) | Literal::Bare(text)) = literal;
            self.tokens.error(&format!("'{text}' is no value of type {}", cell::edm_type(kind)))
        };
        Ok(match (kind, literal) {
            (ColumnKind::Text { .. } | ColumnKind::EntityName, Literal::Text(text)) => {
                Value::text(text.as_str())
            }
            (ColumnKind::Bool, Literal::Bare(word)) => Value::Bool(word.parse().map_err(|_| wrong())?),
            (ColumnKind::Int { .. } | ColumnKind::BigInt, Literal::Bare(word)) => match word.parse() {
                Ok(number) => Value::Int(number),
                Err(_) => Value::Decimal(cell::decimal(word).ok_or_else(wrong)?),
            },
            (ColumnKind::Choice(_), Literal::Bare(word)) => Value::Choice(word.parse().map_err(|_| wrong())?),
            // Older clients quote the number of a choice.
            (ColumnKind::Choice(_), Literal::Text(text)) => Value::Choice(text.parse().map_err(|_| wrong())?),
            (ColumnKind::Decimal { .. } | ColumnKind::Money { .. }, Literal::Bare(word)) => {
                Value::Decimal(cell::decimal(word).ok_or_else(wrong)?)
            }
            (ColumnKind::Guid | ColumnKind::Lookup { .. }, Literal::Bare(text) | Literal::Text(text)) => {
                Value::Guid(cell::guid(text).ok_or_else(wrong)?)
            }
            (ColumnKind::Date, Literal::Bare(text) | Literal::Text(text)) => {
                Value::Date(text.get(..10).unwrap_or(text).parse().map_err(|_| wrong())?)
            }
            (ColumnKind::Instant, Literal::Bare(text) | Literal::Text(text)) => {
                Value::Instant(cell::instant(text).ok_or_else(wrong)?)
            }
            _ => return Err(wrong()),
        })
    }

    fn alias(&self, name: &str) -> Result<Literal> {
        let found = self.aliases.iter().find(|(own, _)| own == name).map(|(_, value)| value.trim());
        let Some(value) = found else { return Err(ApiError::named("AliasMissing", &[("alias", name)])) };
        let bare = crate::address::unquoted(value);
        Ok(if bare == value { Literal::Bare(bare) } else { Literal::Text(bare) })
    }

    fn literal(&mut self) -> Result<Literal> {
        match self.tokens.take() {
            Some(Token::Text(text)) => Ok(Literal::Text(text)),
            Some(Token::Word(word)) if word.starts_with('@') => self.alias(&word),
            Some(Token::Word(word)) => Ok(Literal::Bare(word)),
            _ => Err(self.tokens.error("expected a value")),
        }
    }

    fn list(&mut self, path: Path) -> Result<Expr> {
        self.tokens.need('(')?;
        let mut values = Vec::new();
        loop {
            let literal = self.literal()?;
            values.push(self.value(&path, &literal)?);
            if self.tokens.sign(')') {
                return Ok(Expr::In(path, values));
            }
            self.tokens.need(',')?;
        }
    }

    fn call(&mut self, name: &str) -> Result<Expr> {
        if let Some(function) = name.strip_prefix("Microsoft.Dynamics.CRM.") {
            return self.query_function(function);
        }
        if matches!(name, "contains" | "startswith" | "endswith") {
            return self.text_function(name);
        }
        if name.ends_with("/any") || name.ends_with("/all") {
            return self.lambda(name);
        }
        Err(ApiError::not_simulated(&format!("the filter function '{name}'")))
    }

    fn text_function(&mut self, name: &str) -> Result<Expr> {
        self.tokens.need('(')?;
        let Some(Token::Word(word)) = self.tokens.take() else {
            return Err(self.tokens.error("expected a property"));
        };
        let Named::Column(path) = resolve(self.rows, &self.variables, &word)? else {
            return Err(self.tokens.error("expected a property"));
        };
        if !matches!(self.kind(&path), ColumnKind::Text { .. } | ColumnKind::EntityName) {
            return Err(self.tokens.error(&format!("{name} needs a property of type Edm.String")));
        }
        self.tokens.need(',')?;
        let (Literal::Text(text) | Literal::Bare(text)) = self.literal()?;
        self.tokens.need(')')?;
        let pattern = operators::pattern(&text, name != "startswith", name != "endswith")?;
        let like = Expr::Like(path, pattern);
        // `contains(x,'y') eq true` is how some clients write it.
        if let Some(op) = self.operator() {
            let wanted = match self.literal()? {
                Literal::Bare(word) if word == "true" || word == "false" => word == "true",
                _ => return Err(self.tokens.error("expected true or false")),
            };
            return Ok(if (op == Op::Eq) == wanted { like } else { Expr::Not(Box::new(like)) });
        }
        Ok(like)
    }

    fn lambda(&mut self, name: &str) -> Result<Expr> {
        let Named::Collection { scope, hops, child, ordinal, through, all } =
            resolve(self.rows, &self.variables, name)?
        else {
            return Err(self.tokens.error("any and all follow a collection"));
        };
        self.tokens.need('(')?;
        let body = if self.tokens.sign(')') {
            None
        } else {
            let Some(Token::Word(variable)) = self.tokens.take() else {
                return Err(self.tokens.error("expected the variable of the lambda"));
            };
            self.tokens.need(':')?;
            self.variables.push(Variable { name: variable, entity: child });
            let body = self.deeper(Self::or);
            self.variables.pop();
            let body = body?;
            self.tokens.need(')')?;
            Some(Box::new(body))
        };
        Ok(Expr::Children { scope, hops, child, ordinal, through, all, body })
    }

    /// `Microsoft.Dynamics.CRM.In(PropertyName='c',PropertyValues=['a','b'])`
    fn query_function(&mut self, function: &str) -> Result<Expr> {
        let Some(operator) = operators::of_function(function) else {
            return Err(ApiError::not_simulated(&format!("the query function '{function}'")));
        };
        self.tokens.need('(')?;
        let (mut column, mut values) = (None, Vec::new());
        while !self.tokens.sign(')') {
            let Some(Token::Word(name)) = self.tokens.take() else {
                return Err(self.tokens.error("expected the name of an argument"));
            };
            self.tokens.need('=')?;
            if self.tokens.sign('[') {
                while !self.tokens.sign(']') {
                    let (Literal::Text(text) | Literal::Bare(text)) = self.literal()?;
                    values.push(text);
                    self.tokens.sign(',');
                }
            } else {
                let (Literal::Text(text) | Literal::Bare(text)) = self.literal()?;
                if name == "PropertyName" {
                    column = Some(text);
                } else {
                    values.push(text);
                }
            }
            self.tokens.sign(',');
        }
        let Some(column) = column else { return Err(self.tokens.error("PropertyName is missing")) };
        let entity = self.variables.last().map_or(0, |variable| variable.entity);
        let own = self.rows.schema.entity(entity);
        let ordinal = own
            .property(&column)
            .map(|property| property.ordinal)
            .or_else(|| own.table.ordinal(&column))
            .ok_or_else(|| own.no_property(&column))?;
        let scope = self.variables.len() - 1;
        operators::condition(self.rows, Path { scope, hops: Vec::new(), entity, ordinal }, &operator, &values)
    }
}

/// A value as written.
enum Literal {
    Text(String),
    Bare(String),
}

fn operator(word: &str) -> Option<Op> {
    Some(match word {
        "eq" => Op::Eq,
        "ne" => Op::Ne,
        "gt" => Op::Gt,
        "ge" => Op::Ge,
        "lt" => Op::Lt,
        "le" => Op::Le,
        _ => return None,
    })
}
