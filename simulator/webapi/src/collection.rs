//! Running a query over one table: filtered, ordered, cut into pages that later inserts do not shift.

use crate::{
    cell,
    cookie::{Cookie, Mark},
    error::{ApiError, Result},
    expression::{Expr, Path},
    operators,
    options::{Order, QueryOptions},
    rows::Rows,
    schema::Collection,
};
use dwsim_filter::{Op, Predicate};
use dwsim_model::{Value, Values};
use dwsim_store::{Condition, Select};
use std::cmp::Ordering;

/// Greatest page, and greatest number `$count` tells.
pub(crate) const LARGEST_PAGE: usize = 5_000;

/// Some rows, and what comes after them.
#[derive(Debug)]
pub(crate) struct Page {
    /// Whole rows.
    pub(crate) rows: Vec<Values>,
    /// Where the next page begins; none when this is the last.
    pub(crate) next: Option<Cookie>,
    /// How many rows there are in all, capped; only when asked for.
    pub(crate) count: Option<usize>,
}

/// Which rows and how many.
#[derive(Debug)]
pub(crate) struct Query<'q> {
    /// Index of the entity.
    pub(crate) entity: usize,
    /// The condition.
    pub(crate) filter: Option<Expr>,
    /// Only children of this row: ordinal of the lookup and id.
    pub(crate) parent: Option<(usize, Value)>,
    /// Only rows written after this version.
    pub(crate) since: Option<i64>,
    /// The order.
    pub(crate) order: &'q [Order],
    /// Rows of a page.
    pub(crate) page: usize,
    /// No more rows than this, and no page after it.
    pub(crate) top: Option<usize>,
    /// Where the page begins.
    pub(crate) cookie: Option<Cookie>,
    /// Whether to count.
    pub(crate) count: bool,
}

impl<'q> Query<'q> {
    /// The query of options without paging.
    pub(crate) fn new(entity: usize, options: &'q QueryOptions) -> Self {
        Self {
            entity,
            filter: options.filter.clone(),
            parent: None,
            since: None,
            order: &options.order,
            page: LARGEST_PAGE,
            top: options.top,
            cookie: None,
            count: options.count,
        }
    }

    /// Only the rows a collection of a parent holds.
    pub(crate) fn below(&mut self, rows: &Rows<'_>, collection: &Collection, parent: Value) -> Result<()> {
        let Some(through) = collection.through else {
            self.parent = Some((collection.ordinal, parent));
            return Ok(());
        };
        let linked = Expr::In(Path::own(self.entity, 0), rows.linked(through, &parent)?);
        self.filter = Some(Expr::all(self.filter.take().into_iter().chain([linked]).collect()));
        Ok(())
    }

    /// Runs it.
    pub(crate) fn run(self, rows: &Rows<'_>) -> Result<Page> {
        let table = rows.table(self.entity)?;
        let store = rows.dataverse.store();
        let (pushed, rest) = match self.filter.clone() {
            Some(filter) => filter.divided(),
            None => (Vec::new(), Vec::new()),
        };
        let mut select = Select::all(table).columns(&rows.columns(self.entity)).ordered(&[0]);
        for predicate in pushed {
            select = select.only(Condition::Matches(predicate));
        }
        if let Some((ordinal, id)) = &self.parent {
            store.ensure_index(table, &[*ordinal])?;
            select = select.only(Condition::Equal(*ordinal, id.clone()));
        }
        if let Some(version) = self.since {
            select = select.only(Condition::WrittenAfter(version));
        }
        let limit = self.top.unwrap_or(self.page).min(self.page);
        let after = self.cookie.as_ref().map(|cookie| self.marks(rows, cookie)).transpose()?;
        let mut count = None;
        let direct = rest.is_empty() && self.order.is_empty();
        let mut found: Vec<Values>;
        if direct {
            if self.count {
                let all = usize::try_from(store.count(&select)?).unwrap_or(usize::MAX);
                count = Some(all.min(LARGEST_PAGE));
            }
            if let Some(last) = after.as_ref().and_then(|marks| marks.last()) {
                let beyond = Predicate::Compare { column: 0, op: Op::Gt, value: last.clone() };
                select = select.only(Condition::Matches(beyond));
            }
            found = store.collect(&select.limit(limit as u64 + 1))?;
        } else {
            found = Vec::new();
            let mut failed = None;
            let condition = Expr::all(rest);
            store.scan(&select, |row| {
                match condition.truth(rows, &[&row]) {
                    Ok(Some(true)) => found.push(row),
                    Ok(_) => {}
                    Err(error) => {
                        failed.get_or_insert(error);
                    }
                }
                Ok(())
            })?;
            if let Some(error) = failed {
                return Err(error);
            }
            if self.count {
                count = Some(found.len().min(LARGEST_PAGE));
            }
            found = self.ordered(rows, found, after.as_deref())?;
        }
        let more = found.len() > limit;
        found.truncate(limit);
        let paged = self.top.is_none();
        let next = if more && paged { Some(self.cookie_after(rows, &found)?) } else { None };
        Ok(Page { rows: found, next, count })
    }

    /// The sort keys of a row, the id last.
    fn keys(&self, rows: &Rows<'_>, row: &[Value]) -> Result<Vec<Value>> {
        let mut keys = Vec::with_capacity(self.order.len() + 1);
        for order in self.order {
            keys.push(order.path.value(rows, &[row])?);
        }
        keys.push(row.first().cloned().unwrap_or_default());
        Ok(keys)
    }

    fn compare(&self, left: &[Value], right: &[Value]) -> Ordering {
        for (at, (a, b)) in left.iter().zip(right).enumerate() {
            let order = compare(a, b);
            let descending = self.order.get(at).is_some_and(|order| order.descending);
            if order != Ordering::Equal {
                return if descending { order.reverse() } else { order };
            }
        }
        Ordering::Equal
    }

    fn ordered(&self, rows: &Rows<'_>, found: Vec<Values>, after: Option<&[Value]>) -> Result<Vec<Values>> {
        let mut keyed = Vec::with_capacity(found.len());
        for row in found {
            let keys = self.keys(rows, &row)?;
            if after.is_none_or(|after| self.compare(&keys, after) == Ordering::Greater) {
                keyed.push((keys, row));
            }
        }
        if !self.order.is_empty() {
            keyed.sort_by(|(a, _), (b, _)| self.compare(a, b));
        }
        Ok(keyed.into_iter().map(|(_, row)| row).collect())
    }

    /// The values of a cookie, checked against the order of this query.
    fn marks(&self, rows: &Rows<'_>, cookie: &Cookie) -> Result<Vec<Value>> {
        let broken = || ApiError::named("PagingCookie", &[("why", "it belongs to another query")]);
        let id = Path::own(self.entity, 0);
        let wanted: Vec<(&str, &Path)> = self
            .order
            .iter()
            .map(|order| (order.name.as_str(), &order.path))
            .chain([(rows.schema.entity(self.entity).id(), &id)])
            .collect();
        if wanted.len() != cookie.marks.len() {
            return Err(broken());
        }
        let mut values = Vec::with_capacity(wanted.len());
        for ((name, path), mark) in wanted.iter().zip(&cookie.marks) {
            if *name != mark.name {
                return Err(broken());
            }
            values.push(match &mark.last {
                Some(text) => read_mark(rows, path, text)?,
                None => Value::Null,
            });
        }
        Ok(values)
    }

    fn cookie_after(&self, rows: &Rows<'_>, page: &[Values]) -> Result<Cookie> {
        let (Some(first), Some(last)) = (page.first(), page.last()) else { return Ok(Cookie::default()) };
        let (first, last) = (self.keys(rows, first)?, self.keys(rows, last)?);
        let own = rows.schema.entity(self.entity);
        let mut marks = Vec::with_capacity(last.len());
        for (at, value) in last.iter().enumerate() {
            let (name, kind) = match self.order.get(at) {
                Some(order) => {
                    (order.name.clone(), rows.schema.entity(order.path.entity).kind(order.path.ordinal))
                }
                None => (own.id().to_owned(), own.kind(0)),
            };
            let text = |value: &Value| match value {
                Value::Null => None,
                Value::Guid(id) => Some(format!("{{{}}}", id.to_string().to_ascii_uppercase())),
                value => Some(cell::plain(kind, value)),
            };
            marks.push(Mark { name, last: text(value), first: first.get(at).and_then(text) });
        }
        let page = self.cookie.as_ref().map_or(1, |cookie| cookie.page) + 1;
        let size = Some(self.page).filter(|size| *size < LARGEST_PAGE);
        Ok(Cookie { page, size, marks, tracking: None })
    }
}

fn read_mark(rows: &Rows<'_>, path: &Path, text: &str) -> Result<Value> {
    if let dwsim_model::ColumnKind::Text { .. } = rows.schema.entity(path.entity).kind(path.ordinal) {
        return Ok(Value::text(text));
    }
    operators::value(rows, path, text)
        .map_err(|error| ApiError::named("PagingCookie", &[("why", &error.message)]))
}

/// Order of sort keys: empty values first.
pub(crate) fn compare(a: &Value, b: &Value) -> Ordering {
    match (a.is_null(), b.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => a.compare(b).unwrap_or(Ordering::Equal),
    }
}
