//! Running a bound FetchXML: joins row by row, then order, groups, pages.

use super::{
    parse::broken,
    plan::{Join, Output, Plan, SortBy},
};
use crate::{
    cell,
    collection::compare,
    cookie::{Cookie, Mark},
    error::{ApiError, Result},
    expression::{Expr, Path},
    operators,
    rows::Rows,
};
use dwsim_model::{ColumnKind, Value, Values};
use dwsim_store::{Condition, Select};
use jiff::tz::TimeZone;
use std::{cmp::Ordering, collections::BTreeMap, rc::Rc};

/// Rows that paging by number alone reaches.
const SIMPLE_PAGING: usize = 50_000;
/// Rows an aggregate may look at.
const AGGREGATED: usize = 50_000;
/// Joined rows held at once.
const JOINED: usize = 500_000;

/// One row of each source; or, of an aggregate query, the values of the outputs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tuple {
    pub(crate) rows: Vec<Option<Rc<Values>>>,
    pub(crate) values: Vec<Value>,
}

/// A page of the answer.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) tuples: Vec<Tuple>,
    pub(crate) more: bool,
    pub(crate) cookie: Option<Cookie>,
    pub(crate) total: usize,
}

/// Runs a query.
pub(crate) fn run(rows: &Rows<'_>, plan: &Plan, largest: usize) -> Result<Page> {
    let mut tuples = joined(rows, plan)?;
    if plan.aggregate {
        if tuples.len() > AGGREGATED {
            return Err(ApiError::named("AggregateLimit", &[]));
        }
        tuples = grouped(rows, plan, &tuples)?;
    } else if plan.distinct {
        tuples = distinct(plan, tuples);
    }
    let mut keyed: Vec<(Vec<Value>, Tuple)> =
        tuples.into_iter().map(|tuple| (keys(plan, &tuple), tuple)).collect();
    if !plan.sorts.is_empty() || !plan.aggregate {
        keyed.sort_by(|(a, _), (b, _)| order(plan, a, b));
    }
    let total = keyed.len();
    if let Some(top) = plan.top {
        keyed.truncate(top.min(largest));
        let tuples = keyed.into_iter().map(|(_, tuple)| tuple).collect();
        return Ok(Page { tuples, more: false, cookie: None, total });
    }
    let size = plan.count.unwrap_or(largest).clamp(1, largest);
    // A row that is joined to several has one key for all of them; then only counting parts the pages.
    let unique = plan.sources.iter().skip(1).all(|source| source.link.is_some_and(|(_, _, from)| from == 0))
        && !plan.aggregate
        && !plan.distinct;
    let skip = (plan.page - 1).saturating_mul(size);
    let rest: Vec<(Vec<Value>, Tuple)> = match (&plan.cookie, unique) {
        (Some(text), true) => {
            let marks = marks(rows, plan, &Cookie::read(text)?)?;
            keyed.into_iter().filter(|(keys, _)| order(plan, keys, &marks) == Ordering::Greater).collect()
        }
        (None, _) if skip.saturating_add(size) > SIMPLE_PAGING && plan.page > 1 => {
            return Err(ApiError::named("SimplePaging", &[]));
        }
        _ => keyed.into_iter().skip(skip).collect(),
    };
    let more = rest.len() > size;
    let page: Vec<(Vec<Value>, Tuple)> = rest.into_iter().take(size).collect();
    let cookie = if more && !plan.aggregate { Some(cookie(rows, plan, &page)) } else { None };
    Ok(Page { tuples: page.into_iter().map(|(_, tuple)| tuple).collect(), more, cookie, total })
}

fn joined(rows: &Rows<'_>, plan: &Plan) -> Result<Vec<Tuple>> {
    let root = &plan.sources[0];
    let (pushed, rest) = root.filter.clone().divided();
    let mut select = Select::all(rows.table(root.entity)?).columns(&rows.columns(root.entity)).ordered(&[0]);
    for predicate in pushed {
        select = select.only(Condition::Matches(predicate));
    }
    let mut starts = Vec::new();
    rows.dataverse.store().scan(&select, |row| {
        starts.push(Rc::new(row));
        Ok(())
    })?;
    let mut tuples: Vec<Tuple> = starts
        .into_iter()
        .map(|row| {
            let mut own: Vec<Option<Rc<Values>>> = vec![None; plan.sources.len()];
            own[0] = Some(row);
            Tuple { rows: own, values: Vec::new() }
        })
        .collect();
    for at in 1..plan.sources.len() {
        let mut next = Vec::with_capacity(tuples.len());
        for tuple in tuples {
            extend(rows, plan, at, tuple, &mut next)?;
            if next.len() > JOINED {
                return Err(broken("its joins make more than 500,000 rows; filter more"));
            }
        }
        tuples = next;
    }
    let condition = Expr::all(rest);
    let mut kept = Vec::with_capacity(tuples.len());
    for tuple in tuples {
        if holds(rows, &condition, &tuple)? {
            kept.push(tuple);
        }
    }
    Ok(kept)
}

fn holds(rows: &Rows<'_>, condition: &Expr, tuple: &Tuple) -> Result<bool> {
    let scopes: Vec<&[Value]> =
        tuple.rows.iter().map(|row| row.as_ref().map_or(&[][..], |row| &row[..])).collect();
    Ok(condition.truth(rows, &scopes)? == Some(true))
}

/// Adds the matching rows of one more source to a tuple.
fn extend(rows: &Rows<'_>, plan: &Plan, at: usize, tuple: Tuple, next: &mut Vec<Tuple>) -> Result<()> {
    let source = &plan.sources[at];
    let Some((parent, to, from)) = source.link else { return Ok(()) };
    let value = tuple.rows[parent].as_ref().and_then(|row| row.get(to)).cloned().unwrap_or_default();
    let candidates: Vec<Rc<Values>> = if value.is_null() {
        Vec::new()
    } else if from == 0 {
        rows.target(source.entity, &value)?.into_iter().collect()
    } else {
        rows.children(source.entity, from, &value)?.into_iter().map(Rc::new).collect()
    };
    let mut matched = false;
    for candidate in candidates {
        let mut extended = tuple.clone();
        extended.rows[at] = Some(candidate);
        if !holds(rows, &source.filter, &extended)? {
            continue;
        }
        matched = true;
        match source.join {
            Join::Exists => {
                next.push(tuple);
                return Ok(());
            }
            Join::First => {
                next.push(extended);
                return Ok(());
            }
            Join::Inner | Join::Outer => next.push(extended),
        }
    }
    if !matched && source.join == Join::Outer {
        next.push(tuple);
    }
    Ok(())
}

fn cell_of(tuple: &Tuple, source: usize, ordinal: usize) -> Value {
    tuple
        .rows
        .get(source)
        .and_then(Option::as_ref)
        .and_then(|row| row.get(ordinal))
        .cloned()
        .unwrap_or_default()
}

fn keys(plan: &Plan, tuple: &Tuple) -> Vec<Value> {
    let mut keys: Vec<Value> = plan
        .sorts
        .iter()
        .map(|sort| match sort.by {
            SortBy::Column(source, ordinal) => cell_of(tuple, source, ordinal),
            SortBy::Output(at) if plan.aggregate => tuple.values.get(at).cloned().unwrap_or_default(),
            SortBy::Output(at) => cell_of(tuple, plan.outputs[at].source, plan.outputs[at].ordinal),
        })
        .collect();
    if !plan.aggregate {
        keys.push(cell_of(tuple, 0, 0));
    }
    keys
}

fn order(plan: &Plan, a: &[Value], b: &[Value]) -> Ordering {
    for (at, (left, right)) in a.iter().zip(b).enumerate() {
        let order = compare(left, right);
        if order != Ordering::Equal {
            let descending = plan.sorts.get(at).is_some_and(|sort| sort.descending);
            return if descending { order.reverse() } else { order };
        }
    }
    Ordering::Equal
}

fn distinct(plan: &Plan, tuples: Vec<Tuple>) -> Vec<Tuple> {
    let mut seen = std::collections::HashSet::new();
    tuples
        .into_iter()
        .filter(|tuple| {
            let key: Vec<Value> = plan
                .outputs
                .iter()
                .map(|output| cell_of(tuple, output.source, output.ordinal).folded())
                .collect();
            seen.insert(key)
        })
        .collect()
}

fn grouped(rows: &Rows<'_>, plan: &Plan, tuples: &[Tuple]) -> Result<Vec<Tuple>> {
    let groups: Vec<&Output> = plan.outputs.iter().filter(|output| output.group).collect();
    let mut found: BTreeMap<Vec<String>, (Vec<Value>, Vec<&Tuple>)> = BTreeMap::new();
    for tuple in tuples {
        let mut key = Vec::with_capacity(groups.len());
        for output in &groups {
            let value = cell_of(tuple, output.source, output.ordinal);
            key.push(match &output.date_part {
                Some(part) => date_part(rows, part, &value)?,
                None => value,
            });
        }
        let text = key.iter().map(|value| format!("{:?}", value.folded())).collect();
        found.entry(text).or_insert_with(|| (key, Vec::new())).1.push(tuple);
    }
    if groups.is_empty() && found.is_empty() {
        // Nothing at all is still one group.
        found.insert(Vec::new(), (Vec::new(), Vec::new()));
    }
    let mut made = Vec::with_capacity(found.len());
    for (key, members) in found.into_values() {
        let mut key = key.into_iter();
        let mut values = Vec::with_capacity(plan.outputs.len());
        for output in &plan.outputs {
            values.push(match output.aggregate {
                Some(function) => {
                    let cells: Vec<Value> =
                        members.iter().map(|tuple| cell_of(tuple, output.source, output.ordinal)).collect();
                    function.over(&cells)
                }
                None if output.group => key.next().unwrap_or_default(),
                None => return Err(broken("an attribute is neither grouped nor aggregated")),
            });
        }
        made.push(Tuple { rows: Vec::new(), values });
    }
    Ok(made)
}

fn date_part(rows: &Rows<'_>, part: &str, value: &Value) -> Result<Value> {
    let date = match value {
        Value::Date(date) => *date,
        Value::Instant(instant) => instant.to_zoned(TimeZone::UTC).date(),
        Value::Null => return Ok(Value::Null),
        _ => return Err(broken("dategrouping needs a column that holds dates")),
    };
    let _ = rows;
    let number = match part {
        "day" => i64::from(date.day()),
        "week" => i64::from(date.iso_week_date().week()),
        "month" => i64::from(date.month()),
        "quarter" => i64::from((date.month() - 1) / 3 + 1),
        "year" => i64::from(date.year()),
        other => return Err(ApiError::not_simulated(&format!("dategrouping '{other}'"))),
    };
    Ok(Value::Int(number))
}

fn sort_column(plan: &Plan, by: SortBy) -> (usize, usize) {
    match by {
        SortBy::Column(source, ordinal) => (source, ordinal),
        SortBy::Output(at) => (plan.outputs[at].source, plan.outputs[at].ordinal),
    }
}

fn cookie(rows: &Rows<'_>, plan: &Plan, page: &[(Vec<Value>, Tuple)]) -> Cookie {
    let (Some((first, _)), Some((last, _))) = (page.first(), page.last()) else { return Cookie::default() };
    let mut marks = Vec::with_capacity(last.len());
    for (at, value) in last.iter().enumerate() {
        let (name, (source, ordinal)) = match plan.sorts.get(at) {
            Some(sort) => (sort.name.clone(), sort_column(plan, sort.by)),
            None => (rows.schema.entity(plan.sources[0].entity).id().to_owned(), (0, 0)),
        };
        let kind = rows.schema.entity(plan.sources[source].entity).kind(ordinal).clone();
        let text = |value: &Value| match value {
            Value::Null => None,
            Value::Guid(id) => Some(format!("{{{}}}", id.to_string().to_ascii_uppercase())),
            value => Some(cell::plain(&kind, value)),
        };
        marks.push(Mark {
            name: name.replace('.', "/"),
            last: text(value),
            first: first.get(at).and_then(text),
        });
    }
    Cookie { page: plan.page + 1, size: None, marks, tracking: None }
}

fn marks(rows: &Rows<'_>, plan: &Plan, cookie: &Cookie) -> Result<Vec<Value>> {
    let bad = || ApiError::named("PagingCookie", &[("why", "it belongs to another query")]);
    if cookie.marks.len() != plan.sorts.len() + 1 {
        return Err(bad());
    }
    let mut values = Vec::with_capacity(cookie.marks.len());
    for (at, mark) in cookie.marks.iter().enumerate() {
        let (source, ordinal) = plan.sorts.get(at).map_or((0, 0), |sort| sort_column(plan, sort.by));
        let path = Path { scope: 0, hops: Vec::new(), entity: plan.sources[source].entity, ordinal };
        let kind = rows.schema.entity(path.entity).kind(ordinal);
        values.push(match (&mark.last, kind) {
            (None, _) => Value::Null,
            (Some(text), ColumnKind::Text { .. }) => Value::text(text.as_str()),
            (Some(text), _) => operators::value(rows, &path, text).map_err(|_| bad())?,
        });
    }
    Ok(values)
}
