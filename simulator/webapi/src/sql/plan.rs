//! A SELECT bound to the tables: sources, columns, groups, order.

use super::{broken, condition::Binder, select_of};
use crate::{
    aggregate::Function,
    collection::LARGEST_PAGE,
    error::{ApiError, Result},
    expression::Expr,
    fetch::plan::{Join, Output, Plan, Sort, SortBy, Source},
    rows::Rows,
};
use sqlparser::ast::{
    Distinct, DuplicateTreatment, Expr as Sql, Fetch, FunctionArg, FunctionArgExpr, FunctionArguments,
    GroupByExpr, JoinConstraint, JoinOperator, LimitClause, OrderByKind, Query, Select, SelectItem,
    TableFactor, TopQuantity, Value as Literal,
};

/// Tables of one SELECT at most.
const MOST_TABLES: usize = 16;

/// A plan, and how many rows at its beginning are left out.
pub(super) struct Bound {
    pub(super) plan: Plan,
    pub(super) skip: usize,
}

/// Binds a query whose first table must be this entity.
pub(super) fn plan(rows: &Rows<'_>, entity: usize, query: &Query) -> Result<Bound> {
    let select = select_of(query)?;
    refuse_what_is_not_there(query, select)?;
    let mut binder = Binder { rows, sources: Vec::new() };
    let [from] = select.from.as_slice() else {
        return Err(if select.from.is_empty() {
            broken("it has no FROM")
        } else {
            ApiError::not_simulated("a FROM of several tables without JOIN")
        });
    };
    binder.sources.push(source(rows, &from.relation, Join::Inner)?);
    if binder.sources[0].entity != entity {
        let set = &rows.schema.entity(entity).set;
        return Err(broken(&format!("its first table is not that of the address, {set}")));
    }
    for join in &from.joins {
        if binder.sources.len() >= MOST_TABLES {
            return Err(broken("it joins more than 16 tables"));
        }
        let (kind, constraint) = match &join.join_operator {
            JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) => (Join::Inner, constraint),
            JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => (Join::Outer, constraint),
            _ => return Err(broken("only INNER JOIN and LEFT JOIN are supported")),
        };
        let JoinConstraint::On(on) = constraint else { return Err(broken("a JOIN needs ON")) };
        let new = source(rows, &join.relation, kind)?;
        if binder.sources.iter().any(|own| own.alias.eq_ignore_ascii_case(&new.alias)) {
            let why = format!("the name {} stands for two tables", new.alias);
            return Err(ApiError::named("QueryAlias", &[("why", &why)]));
        }
        binder.sources.push(new);
        binder.link(on)?;
    }
    let groups = match &select.group_by {
        GroupByExpr::Expressions(list, modifiers) if modifiers.is_empty() => {
            list.iter().map(|own| binder.column(own)).collect::<Result<Vec<_>>>()?
        }
        _ => return Err(broken("GROUP BY takes columns only")),
    };
    let mut plan = Plan { page: 1, distinct: select.distinct.is_some(), ..Plan::default() };
    for item in &select.projection {
        let output = output(&binder, item, &groups)?;
        if plan.outputs.iter().any(|own| own.name == output.name) {
            let why = format!("two columns are named {}", output.name);
            return Err(ApiError::named("QueryAlias", &[("why", &why)]));
        }
        plan.outputs.push(output);
    }
    plan.aggregate = !groups.is_empty() || plan.outputs.iter().any(|own| own.aggregate.is_some());
    if plan.aggregate {
        if plan.outputs.iter().any(|own| own.aggregate.is_none() && !own.group) {
            return Err(broken("a column is neither in GROUP BY nor inside an aggregate"));
        }
        let shown = |(source, ordinal): &(usize, usize)| {
            plan.outputs.iter().any(|own| own.group && (own.source, own.ordinal) == (*source, *ordinal))
        };
        if !groups.iter().all(shown) {
            return Err(ApiError::not_simulated("a GROUP BY column that is not selected"));
        }
    }
    if let Some(selection) = &select.selection {
        let condition = binder.condition(selection, false, 0)?;
        let own = std::mem::replace(&mut binder.sources[0].filter, Expr::Constant(true));
        binder.sources[0].filter = Expr::all(match own {
            Expr::Constant(true) => vec![condition],
            own => vec![own, condition],
        });
    }
    order(&binder, &mut plan, query)?;
    let (skip, limit) = limits(query, select)?;
    if skip > 0 || limit.is_some() {
        plan.top = Some(limit.unwrap_or(LARGEST_PAGE).saturating_add(skip));
    }
    // An aggregate answers by its own names; a linked table answers under its alias.
    plan.sources = binder.sources;
    plan.sources[0].alias = String::new();
    Ok(Bound { plan, skip })
}

fn refuse_what_is_not_there(query: &Query, select: &Select) -> Result<()> {
    for (there, what) in [
        (query.with.is_some(), "WITH"),
        (select.having.is_some(), "HAVING"),
        (select.into.is_some(), "INTO"),
        (select.qualify.is_some(), "QUALIFY"),
        (select.prewhere.is_some(), "PREWHERE"),
        (!select.lateral_views.is_empty(), "LATERAL"),
        (!select.connect_by.is_empty(), "CONNECT BY"),
        (!select.named_window.is_empty(), "WINDOW"),
        (!query.locks.is_empty() || query.for_clause.is_some(), "FOR"),
        (!query.pipe_operators.is_empty(), "|>"),
        (matches!(select.distinct, Some(Distinct::On(_))), "DISTINCT ON"),
    ] {
        if there {
            return Err(broken(&format!("{what} is not supported")));
        }
    }
    Ok(())
}

fn source(rows: &Rows<'_>, factor: &TableFactor, join: Join) -> Result<Source> {
    let TableFactor::Table { name, alias, args: None, .. } = factor else {
        return Err(broken("FROM and JOIN take tables only"));
    };
    // A schema such as dbo may stand before the name.
    let name =
        name.0.last().and_then(|part| part.as_ident()).map(|own| own.value.clone()).unwrap_or_default();
    let entity = rows.schema.index(&name);
    let entity = entity.ok_or_else(|| ApiError::named("EntityNotFound", &[("table", &name)]))?;
    let alias = alias.as_ref().map_or(name, |alias| alias.name.value.clone());
    Ok(Source { entity, alias, link: None, join, filter: Expr::Constant(true) })
}

/// A column of the answer.
fn output(binder: &Binder<'_, '_>, item: &SelectItem, groups: &[(usize, usize)]) -> Result<Output> {
    let (expression, alias) = match item {
        SelectItem::UnnamedExpr(expression) => (expression, None),
        SelectItem::ExprWithAlias { expr, alias } => (expr, Some(alias.value.clone())),
        SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => {
            return Err(broken("SELECT * is not supported; name the columns"));
        }
        SelectItem::ExprWithAliases { .. } => return Err(broken("a column has one alias")),
    };
    let blank = |source: usize, ordinal: usize, name: String, aggregate: Option<Function>| Output {
        source,
        ordinal,
        name,
        aliased: alias.is_some(),
        aggregate,
        group: aggregate.is_none() && groups.contains(&(source, ordinal)),
        date_part: None,
    };
    if let Sql::Function(_) = expression {
        let (function, source, ordinal) = aggregate(binder, expression)?;
        let name = alias.clone();
        let name = name.ok_or_else(|| ApiError::not_simulated("an aggregate without an alias in SQL"))?;
        return Ok(blank(source, ordinal, name, Some(function)));
    }
    let (source, ordinal) = binder.column(expression)?;
    let own = binder.rows.schema.entity(binder.sources[source].entity);
    let column = &own.table.column(ordinal).name;
    let name = match (&alias, own.property_of(ordinal)) {
        (Some(alias), _) => alias.clone(),
        (None, Some(property)) if source == 0 => property.name.clone(),
        (None, _) if source == 0 => column.to_string(),
        (None, _) => format!("{}.{column}", binder.sources[source].alias),
    };
    Ok(blank(source, ordinal, name, None))
}

fn aggregate(binder: &Binder<'_, '_>, expression: &Sql) -> Result<(Function, usize, usize)> {
    let Sql::Function(function) = expression else { return Err(broken("an aggregate is expected")) };
    let name = function.name.to_string().to_ascii_uppercase();
    let FunctionArguments::List(list) = &function.args else {
        return Err(broken(&format!("{name} needs a column")));
    };
    if function.over.is_some() || function.filter.is_some() || !list.clauses.is_empty() {
        return Err(broken("window functions are not supported"));
    }
    let distinct = matches!(list.duplicate_treatment, Some(DuplicateTreatment::Distinct));
    let [FunctionArg::Unnamed(argument)] = list.args.as_slice() else {
        return Err(broken(&format!("{name} takes one column")));
    };
    let column = match argument {
        FunctionArgExpr::Wildcard if name == "COUNT" && !distinct => return Ok((Function::Count, 0, 0)),
        FunctionArgExpr::Expr(own) => binder.column(own)?,
        _ => return Err(broken(&format!("{name} takes one column"))),
    };
    let function = match (name.as_str(), distinct) {
        ("COUNT", false) => Function::CountColumn,
        ("COUNT", true) => Function::CountDistinct,
        ("SUM", false) => Function::Sum,
        ("AVG", false) => Function::Average,
        ("MIN", _) => Function::Minimum,
        ("MAX", _) => Function::Maximum,
        _ => return Err(broken(&format!("the function {name} is not supported"))),
    };
    Ok((function, column.0, column.1))
}

fn order(binder: &Binder<'_, '_>, plan: &mut Plan, query: &Query) -> Result<()> {
    let Some(order) = &query.order_by else { return Ok(()) };
    let OrderByKind::Expressions(list) = &order.kind else { return Err(broken("ORDER BY takes columns")) };
    for own in list {
        if own.options.nulls_first.is_some() {
            return Err(broken("NULLS FIRST and NULLS LAST are not supported"));
        }
        let descending = own.options.sort == Some(sqlparser::ast::OrderBySort::Desc);
        let alias = match &own.expr {
            Sql::Identifier(name) => {
                plan.outputs.iter().position(|own| own.aliased && own.name.eq_ignore_ascii_case(&name.value))
            }
            _ => None,
        };
        let at = match (alias, &own.expr) {
            (Some(at), _) => Some(at),
            (None, Sql::Function(_)) => {
                let (function, source, ordinal) = aggregate(binder, &own.expr)?;
                let same = |own: &Output| {
                    own.aggregate == Some(function) && (own.source, own.ordinal) == (source, ordinal)
                };
                let at = plan.outputs.iter().position(same);
                Some(at.ok_or_else(|| ApiError::not_simulated("ORDER BY an aggregate that is not selected"))?)
            }
            _ if plan.aggregate => {
                let (source, ordinal) = binder.column(&own.expr)?;
                let same = |own: &Output| own.group && (own.source, own.ordinal) == (source, ordinal);
                let at = plan.outputs.iter().position(same);
                Some(at.ok_or_else(|| broken("ORDER BY names a column that is not grouped"))?)
            }
            _ => None,
        };
        let (by, name) = if let Some(at) = at {
            (SortBy::Output(at), plan.outputs[at].name.clone())
        } else {
            let (source, ordinal) = binder.column(&own.expr)?;
            let table = &binder.rows.schema.entity(binder.sources[source].entity).table;
            (SortBy::Column(source, ordinal), table.column(ordinal).name.to_string())
        };
        plan.sorts.push(Sort { by, name, descending });
    }
    Ok(())
}

/// Rows to leave out at the beginning, and rows wanted.
fn limits(query: &Query, select: &Select) -> Result<(usize, Option<usize>)> {
    let mut limit = None;
    if let Some(top) = &select.top {
        if top.with_ties || top.percent {
            return Err(broken("TOP takes a number of rows"));
        }
        limit = match &top.quantity {
            Some(TopQuantity::Constant(number)) => usize::try_from(*number).ok(),
            Some(TopQuantity::Expr(own)) => Some(number(own)?),
            None => None,
        };
    }
    let mut skip = 0;
    match &query.limit_clause {
        None => {}
        Some(LimitClause::LimitOffset { limit: None, offset: Some(offset), limit_by })
            if limit_by.is_empty() =>
        {
            skip = number(&offset.value)?;
        }
        Some(_) => return Err(broken("LIMIT is not supported; use TOP")),
    }
    if let Some(Fetch { with_ties, percent, quantity }) = &query.fetch {
        if *with_ties || *percent {
            return Err(broken("FETCH takes a number of rows"));
        }
        limit = Some(quantity.as_ref().map_or(Ok(1), number)?);
    }
    if limit.unwrap_or(0).saturating_add(skip) > LARGEST_PAGE {
        return Err(broken("TOP, OFFSET and FETCH reach 5,000 rows"));
    }
    Ok((skip, limit))
}

fn number(expression: &Sql) -> Result<usize> {
    match expression {
        Sql::Value(own) => match &own.value {
            Literal::Number(text, _) => {
                text.parse().map_err(|_| broken(&format!("{text} is no whole number")))
            }
            other => Err(broken(&format!("{other} is no whole number"))),
        },
        Sql::Nested(inner) => number(inner),
        other => Err(broken(&format!("{other} is no whole number"))),
    }
}
