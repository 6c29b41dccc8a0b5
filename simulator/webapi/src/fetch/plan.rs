//! FetchXML bound to the tables: sources, columns, conditions, order.

use super::parse::{Element, broken};
use crate::{
    aggregate::Function,
    error::{ApiError, Result},
    expression::{Expr, Operand, Path},
    operators,
    rows::Rows,
    schema::{Entity, schema_name},
};
use dwsim_filter::Op;

/// How a linked table takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Join {
    /// Rows without a match are left out.
    Inner,
    /// Rows without a match stay.
    Outer,
    /// A match is asked for and brings no columns.
    Exists,
    /// The first match only.
    First,
}

/// A table of the query.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) entity: usize,
    pub(crate) alias: String,
    /// Index of the parent source, its column, and the own column they meet in.
    pub(crate) link: Option<(usize, usize, usize)>,
    pub(crate) join: Join,
    pub(crate) filter: Expr,
}

/// A column of the answer.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    pub(crate) source: usize,
    pub(crate) ordinal: usize,
    /// Name in the answer.
    pub(crate) name: String,
    /// The name was given by the query.
    pub(crate) aliased: bool,
    pub(crate) aggregate: Option<Function>,
    pub(crate) group: bool,
    pub(crate) date_part: Option<String>,
}

/// A column to sort by.
#[derive(Clone, Debug)]
pub(crate) struct Sort {
    /// A column of a source, or the position of an output.
    pub(crate) by: SortBy,
    pub(crate) name: String,
    pub(crate) descending: bool,
}

/// What is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SortBy {
    Column(usize, usize),
    Output(usize),
}

/// A whole query.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) sources: Vec<Source>,
    pub(crate) outputs: Vec<Output>,
    pub(crate) sorts: Vec<Sort>,
    pub(crate) aggregate: bool,
    pub(crate) distinct: bool,
    pub(crate) total: bool,
    pub(crate) top: Option<usize>,
    pub(crate) count: Option<usize>,
    pub(crate) page: usize,
    pub(crate) cookie: Option<String>,
}

/// Binds a query whose root must be this entity.
pub(crate) fn plan(rows: &Rows<'_>, entity: usize, fetch: &Element) -> Result<Plan> {
    let mut plan = Plan {
        aggregate: fetch.flag("aggregate"),
        distinct: fetch.flag("distinct"),
        total: fetch.flag("returntotalrecordcount"),
        top: fetch.number("top")?,
        count: fetch.number("count")?,
        page: fetch.number("page")?.unwrap_or(1).max(1),
        cookie: fetch.get("paging-cookie").filter(|cookie| !cookie.trim().is_empty()).map(str::to_owned),
        ..Plan::default()
    };
    if plan.top.is_some() && (plan.count.is_some() || fetch.get("page").is_some()) {
        return Err(broken("top cannot be used together with count or page"));
    }
    let root = fetch.all("entity").next().ok_or_else(|| broken("it has no <entity>"))?;
    let name = root.get("name").unwrap_or_default();
    let found = table(rows, name)?;
    if found != entity {
        let set = &rows.schema.entity(entity).set;
        return Err(broken(&format!("its entity is {name}, the address asks for {set}")));
    }
    plan.sources.push(Source {
        entity,
        alias: String::new(),
        link: None,
        join: Join::Inner,
        filter: Expr::Constant(true),
    });
    // All sources first: a condition may name an alias that comes later.
    let mut elements = vec![(0, root)];
    let mut at = 0;
    while at < elements.len() {
        let (source, element) = elements[at];
        for link in element.all("link-entity") {
            let index = plan.link(rows, source, link)?;
            elements.push((index, link));
        }
        at += 1;
    }
    for (source, element) in &elements {
        plan.columns(rows, *source, element)?;
        let mut parts = Vec::new();
        for filter in element.all("filter") {
            parts.push(plan.filter(rows, *source, filter)?);
        }
        plan.sources[*source].filter = Expr::all(parts);
    }
    for (source, element) in &elements {
        plan.order(rows, *source, element)?;
    }
    if !plan.aggregate
        && !plan.distinct
        && !plan.outputs.iter().any(|own| own.source == 0 && own.ordinal == 0)
    {
        let name = rows.schema.entity(entity).id().to_owned();
        plan.outputs.push(Output {
            source: 0,
            ordinal: 0,
            name,
            aliased: false,
            aggregate: None,
            group: false,
            date_part: None,
        });
    }
    Ok(plan)
}

fn table(rows: &Rows<'_>, name: &str) -> Result<usize> {
    rows.schema.index(name).ok_or_else(|| ApiError::named("EntityNotFound", &[("table", name)]))
}

fn column(own: &Entity, name: &str) -> Result<usize> {
    own.table.ordinal(name).filter(|at| *at < own.table.typed_columns()).ok_or_else(|| {
        ApiError::named("AttributeNotFound", &[("entity", &schema_name(own.name())), ("column", name)])
    })
}

impl Plan {
    fn link(&mut self, rows: &Rows<'_>, parent: usize, link: &Element) -> Result<usize> {
        let name = link.get("name").unwrap_or_default();
        let entity = table(rows, name)?;
        let own = rows.schema.entity(entity);
        let over = rows.schema.entity(self.sources[parent].entity);
        let from = link.get("from").map_or(Ok(0), |name| column(own, name))?;
        let to = link.get("to").map_or(Ok(0), |name| column(over, name))?;
        let join = match link.get("link-type").unwrap_or("inner") {
            "inner" | "natural" => Join::Inner,
            "outer" => Join::Outer,
            "exists" | "in" => Join::Exists,
            "matchfirstrowusingcrossapply" => Join::First,
            other => {
                return Err(ApiError::not_simulated(&format!("link-type '{other}' outside a filter")));
            }
        };
        let alias = link.get("alias").map_or_else(|| format!("{name}{}", self.sources.len()), str::to_owned);
        if self.sources.iter().any(|own| own.alias == alias) {
            let why = format!("the alias {alias} is used twice");
            return Err(ApiError::named("QueryAlias", &[("why", &why)]));
        }
        let filter = Expr::Constant(true);
        self.sources.push(Source { entity, alias, link: Some((parent, to, from)), join, filter });
        Ok(self.sources.len() - 1)
    }

    fn columns(&mut self, rows: &Rows<'_>, source: usize, element: &Element) -> Result<()> {
        let own = rows.schema.entity(self.sources[source].entity);
        let prefix = if source == 0 { String::new() } else { format!("{}.", self.sources[source].alias) };
        let named = |ordinal: usize| {
            // Linked lookups have the plain name of their column.
            let property = own.property_of(ordinal).map(|property| property.name.clone());
            match property {
                Some(name) if source == 0 => name,
                _ => format!("{prefix}{}", own.table.column(ordinal).name),
            }
        };
        if element.all("all-attributes").next().is_some() {
            for property in &own.properties {
                self.outputs.push(Output {
                    source,
                    ordinal: property.ordinal,
                    name: named(property.ordinal),
                    aliased: false,
                    aggregate: None,
                    group: false,
                    date_part: None,
                });
            }
        }
        for attribute in element.all("attribute") {
            let ordinal = column(own, attribute.get("name").unwrap_or_default())?;
            let alias = attribute.get("alias");
            let function = match attribute.get("aggregate") {
                None => None,
                Some("count") => Some(Function::Count),
                Some("countcolumn") if attribute.flag("distinct") => Some(Function::CountDistinct),
                Some("countcolumn") => Some(Function::CountColumn),
                Some("sum") => Some(Function::Sum),
                Some("avg") => Some(Function::Average),
                Some("min") => Some(Function::Minimum),
                Some("max") => Some(Function::Maximum),
                Some(other) => return Err(broken(&format!("there is no aggregate '{other}'"))),
            };
            let group = attribute.flag("groupby");
            if self.aggregate && alias.is_none() {
                return Err(broken("every attribute of an aggregate query needs an alias"));
            }
            if (function.is_some() || group) && !self.aggregate {
                return Err(broken("aggregate=\"true\" is missing on <fetch>"));
            }
            let name = alias.map_or_else(|| named(ordinal), str::to_owned);
            if self.outputs.iter().any(|own| own.name == name) {
                if alias.is_none() {
                    continue;
                }
                let why = format!("the alias {name} is used twice");
                return Err(ApiError::named("QueryAlias", &[("why", &why)]));
            }
            self.outputs.push(Output {
                source,
                ordinal,
                name,
                aliased: alias.is_some(),
                aggregate: function,
                group,
                date_part: attribute.get("dategrouping").map(str::to_owned),
            });
        }
        Ok(())
    }

    fn order(&mut self, rows: &Rows<'_>, source: usize, element: &Element) -> Result<()> {
        for order in element.all("order") {
            let descending = order.flag("descending");
            if let Some(alias) = order.get("alias") {
                let at = self.outputs.iter().position(|own| own.name == alias);
                let at = at.ok_or_else(|| broken(&format!("no attribute has the alias {alias}")))?;
                self.sorts.push(Sort { by: SortBy::Output(at), name: alias.to_owned(), descending });
                continue;
            }
            if self.aggregate {
                return Err(broken("an aggregate query is ordered by alias"));
            }
            let source = order.get("entityname").map_or(Ok(source), |alias| self.source(alias))?;
            let own = rows.schema.entity(self.sources[source].entity);
            let name = order.get("attribute").unwrap_or_default();
            let ordinal = column(own, name)?;
            let name =
                if source == 0 { name.to_owned() } else { format!("{}.{name}", self.sources[source].alias) };
            self.sorts.push(Sort { by: SortBy::Column(source, ordinal), name, descending });
        }
        Ok(())
    }

    fn source(&self, alias: &str) -> Result<usize> {
        self.sources
            .iter()
            .position(|own| own.alias == alias)
            .ok_or_else(|| broken(&format!("no link-entity has the alias {alias}")))
    }

    fn filter(&self, rows: &Rows<'_>, source: usize, filter: &Element) -> Result<Expr> {
        self.filter_over(rows, self.sources[source].entity, source, filter)
    }

    /// A filter whose conditions are about an entity in a scope: a source, or a row behind the last of them.
    fn filter_over(&self, rows: &Rows<'_>, entity: usize, scope: usize, filter: &Element) -> Result<Expr> {
        let mut parts = Vec::new();
        for child in &filter.children {
            match child.name.as_str() {
                "condition" => parts.push(self.condition(rows, entity, scope, child)?),
                "filter" => parts.push(self.filter_over(rows, entity, scope, child)?),
                "link-entity" => parts.push(self.related(rows, entity, scope, child)?),
                other => return Err(broken(&format!("<{other}> has no place in a filter"))),
            }
        }
        match filter.get("type").unwrap_or("and") {
            "and" => Ok(Expr::all(parts)),
            "or" if parts.is_empty() => Ok(Expr::Constant(true)),
            "or" => Ok(Expr::Or(parts)),
            other => Err(broken(&format!("a filter is of type and or or, not '{other}'"))),
        }
    }

    fn condition(&self, rows: &Rows<'_>, entity: usize, scope: usize, condition: &Element) -> Result<Expr> {
        let (entity, scope) = match condition.get("entityname") {
            Some(alias) if self.sources.iter().any(|own| own.alias == alias) => {
                let scope = self.source(alias)?;
                (self.sources[scope].entity, scope)
            }
            _ => (entity, scope),
        };
        let own = rows.schema.entity(entity);
        let ordinal = column(own, condition.get("attribute").unwrap_or_default())?;
        let path = Path { scope, hops: Vec::new(), entity, ordinal };
        let operator = condition.get("operator").unwrap_or_default();
        if let Some(other) = condition.get("valueof") {
            let (alias, name) = other.split_once('.').unwrap_or(("", other));
            let (entity, scope) = if alias.is_empty() {
                (entity, scope)
            } else {
                let scope = self.source(alias)?;
                (self.sources[scope].entity, scope)
            };
            let ordinal = column(rows.schema.entity(entity), name)?;
            let other = Path { scope, hops: Vec::new(), entity, ordinal };
            let op = match operator {
                "eq" => Op::Eq,
                "ne" | "neq" => Op::Ne,
                "gt" => Op::Gt,
                "ge" => Op::Ge,
                "lt" => Op::Lt,
                "le" => Op::Le,
                _ => {
                    let why = format!("operator {operator} does not compare two columns");
                    return Err(ApiError::named("QueryOperator", &[("why", &why)]));
                }
            };
            return Ok(Expr::Compare(path, op, Operand::Column(other)));
        }
        let mut texts: Vec<String> = condition.get("value").into_iter().map(str::to_owned).collect();
        texts.extend(condition.all("value").map(|value| value.text.clone()));
        operators::condition(rows, path, operator, &texts)
    }

    /// A link-entity inside a filter: whether related rows are there.
    fn related(&self, rows: &Rows<'_>, entity: usize, scope: usize, link: &Element) -> Result<Expr> {
        let child = table(rows, link.get("name").unwrap_or_default())?;
        let own = rows.schema.entity(child);
        let ordinal = column(own, link.get("from").unwrap_or_default())?;
        let to = link.get("to").map_or(Ok(0), |name| column(rows.schema.entity(entity), name))?;
        if to != 0 {
            return Err(ApiError::not_simulated(
                "a link-entity in a filter whose 'to' is not the primary key",
            ));
        }
        // The rows of a lambda stand behind all sources.
        let inner = self.sources.len().max(scope + 1);
        let mut parts = Vec::new();
        for filter in link.all("filter") {
            parts.push(self.filter_over(rows, child, inner, filter)?);
        }
        let body = Expr::all(parts);
        let some = |body: Expr| Expr::Children {
            scope,
            hops: Vec::new(),
            child,
            ordinal,
            through: None,
            all: false,
            body: Some(Box::new(body)),
        };
        Ok(match link.get("link-type").unwrap_or_default() {
            "any" | "not all" | "exists" | "in" => some(body),
            "not any" => Expr::Not(Box::new(some(body))),
            // There are related rows, and none of them meets the filter.
            "all" => Expr::And(vec![some(Expr::Constant(true)), Expr::Not(Box::new(some(body)))]),
            other => return Err(broken(&format!("link-type '{other}' has no place in a filter"))),
        })
    }
}
