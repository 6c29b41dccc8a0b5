//! `$apply`: filtered, grouped, aggregated.

use crate::{
    address::split,
    aggregate::Function,
    cell,
    error::{ApiError, Result},
    expression::{Expr, Path},
    filter,
    http::Response,
    json::JsonWriter,
    options,
    read::Reader,
    rows::Rows,
};
use dwsim_model::{ColumnKind, Value, Values};
use dwsim_store::{Condition, Select};
use std::collections::BTreeMap;

/// Rows an aggregation may look at.
const MOST: usize = 50_000;

/// A column groups are made by.
struct Group {
    path: Path,
    name: String,
}

/// A value made of each group.
struct Measure {
    /// None counts rows.
    path: Option<Path>,
    function: Function,
    name: String,
}

#[derive(Default)]
struct Plan {
    filters: Vec<Expr>,
    groups: Vec<Group>,
    measures: Vec<Measure>,
}

fn broken(text: &str, why: &str) -> ApiError {
    ApiError::named("Syntax", &[("position", "0"), ("text", text), ("why", why)])
}

/// The inside of `name(...)`.
fn inside<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.trim().strip_prefix(name)?.trim_start().strip_prefix('(')?.strip_suffix(')')
}

/// Answers `GET /set?$apply=`.
pub(crate) fn answer(reader: &Reader<'_, '_>, entity: usize, text: &str) -> Result<Response> {
    options::check_names(&reader.address.options)?;
    let rows = reader.rows;
    let mut plan = Plan::default();
    for step in split(text, '/')? {
        if !plan.groups.is_empty() || !plan.measures.is_empty() {
            return Err(ApiError::not_simulated("steps of $apply after groupby or aggregate"));
        }
        if let Some(inner) = inside(step, "filter") {
            plan.filters.push(filter::parse(rows, entity, inner, &reader.address.options)?);
        } else if let Some(inner) = inside(step, "groupby") {
            plan.group_by(rows, entity, inner)?;
        } else if let Some(inner) = inside(step, "aggregate") {
            plan.measure(rows, entity, inner)?;
        } else {
            return Err(ApiError::not_simulated(&format!("the step '{step}' of $apply")));
        }
    }
    let order = plan.order(reader)?;
    let mut made = plan.groups_of(rows, entity)?;
    for (at, descending) in order.into_iter().rev() {
        made.sort_by(|a, b| {
            let order = crate::collection::compare(&a.0[at], &b.0[at]);
            if descending { order.reverse() } else { order }
        });
    }
    if let Some(top) = reader.address.option("$top").and_then(|top| top.trim().parse().ok()) {
        made.truncate(top);
    }
    Ok(plan.write(reader, entity, &made))
}

impl Plan {
    fn group_by(&mut self, rows: &Rows<'_>, entity: usize, inner: &str) -> Result<()> {
        let parts = split(inner, ',')?;
        let columns = parts.first().map(|part| part.trim()).unwrap_or_default();
        let columns = columns.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
        for name in
            columns.ok_or_else(|| broken(inner, "groupby needs its columns in parentheses"))?.split(',')
        {
            let name = name.trim();
            let path = filter::path(rows, entity, name)?;
            self.groups.push(Group { path, name: name.replace('/', "_") });
        }
        match parts.get(1..) {
            Some([only]) => match inside(only, "aggregate") {
                Some(inner) => self.measure(rows, entity, inner),
                None => Err(broken(inner, "only aggregate(...) can follow the columns")),
            },
            Some([]) | None => Ok(()),
            Some(_) => Err(broken(inner, "groupby takes columns and one aggregate(...)")),
        }
    }

    fn measure(&mut self, rows: &Rows<'_>, entity: usize, inner: &str) -> Result<()> {
        for part in split(inner, ',')? {
            let words: Vec<&str> = part.split_whitespace().collect();
            let measure = match words[..] {
                ["$count", "as", name] => {
                    Measure { path: None, function: Function::Count, name: name.to_owned() }
                }
                [column, "with", function, "as", name] => Measure {
                    path: Some(filter::path(rows, entity, column)?),
                    function: match function {
                        "sum" => Function::Sum,
                        "average" => Function::Average,
                        "min" => Function::Minimum,
                        "max" => Function::Maximum,
                        "countdistinct" => Function::CountDistinct,
                        other => return Err(broken(inner, &format!("there is no aggregation '{other}'"))),
                    },
                    name: name.to_owned(),
                },
                _ => return Err(broken(inner, "write 'column with sum as name' or '$count as name'")),
            };
            self.measures.push(measure);
        }
        Ok(())
    }

    /// Positions of the groups to sort by. An aggregate cannot be sorted by, as in the service.
    fn order(&self, reader: &Reader<'_, '_>) -> Result<Vec<(usize, bool)>> {
        let Some(text) = reader.address.option("$orderby") else { return Ok(Vec::new()) };
        let mut order = Vec::new();
        for part in text.split(',') {
            let mut words = part.split_whitespace();
            let name = words.next().unwrap_or_default().replace('/', "_");
            let at = self.groups.iter().position(|group| group.name == name);
            let at = at.ok_or_else(|| ApiError::named("AggregateAlias", &[]))?;
            order.push((at, words.next() == Some("desc")));
        }
        Ok(order)
    }

    fn groups_of(&self, rows: &Rows<'_>, entity: usize) -> Result<Vec<(Vec<Value>, Vec<Value>)>> {
        let (pushed, rest) = Expr::all(self.filters.clone()).divided();
        let mut select = Select::all(rows.table(entity)?).columns(&rows.columns(entity)).ordered(&[0]);
        for predicate in pushed {
            select = select.only(Condition::Matches(predicate));
        }
        let found = rows.dataverse.store().collect(&select.limit(MOST as u64 + 1))?;
        if found.len() > MOST {
            return Err(ApiError::named("AggregateLimit", &[]));
        }
        let condition = Expr::all(rest);
        let mut members: BTreeMap<Vec<String>, (Vec<Value>, Vec<Values>)> = BTreeMap::new();
        for row in found {
            if condition.truth(rows, &[&row])? != Some(true) {
                continue;
            }
            let key: Vec<Value> =
                self.groups.iter().map(|group| group.path.value(rows, &[&row])).collect::<Result<_>>()?;
            let text = key.iter().map(|value| format!("{:?}", value.folded())).collect();
            members.entry(text).or_insert_with(|| (key, Vec::new())).1.push(row);
        }
        if self.groups.is_empty() && members.is_empty() {
            members.insert(Vec::new(), (Vec::new(), Vec::new()));
        }
        let mut made = Vec::with_capacity(members.len());
        for (key, members) in members.into_values() {
            let mut values = Vec::with_capacity(self.measures.len());
            for measure in &self.measures {
                let cells: Vec<Value> = members
                    .iter()
                    .map(|row| match &measure.path {
                        Some(path) => path.value(rows, &[row]),
                        None => Ok(Value::Null),
                    })
                    .collect::<Result<_>>()?;
                values.push(measure.function.over(&cells));
            }
            made.push((key, values));
        }
        Ok(made)
    }

    fn write(&self, reader: &Reader<'_, '_>, entity: usize, made: &[(Vec<Value>, Vec<Value>)]) -> Response {
        let rows = reader.rows;
        let own = rows.schema.entity(entity);
        let formatted = "OData.Community.Display.V1.FormattedValue";
        let mut json = JsonWriter::new();
        json.open();
        let names: Vec<&str> = self
            .groups
            .iter()
            .map(|group| group.name.as_str())
            .chain(self.measures.iter().map(|measure| measure.name.as_str()))
            .collect();
        json.member("@odata.context", &format!("{}$metadata#{}({})", reader.root, own.set, names.join(",")));
        json.name("value");
        json.open_list();
        for (key, values) in made {
            json.open();
            // Empty group columns are left out.
            for (group, value) in self.groups.iter().zip(key).filter(|(_, value)| !value.is_null()) {
                let kind = rows.schema.entity(group.path.entity).kind(group.path.ordinal);
                if reader.preferences.wants(formatted)
                    && let Some(text) = cell::formatted(kind, value, "$")
                {
                    json.annotation(&group.name, formatted);
                    json.text(&text);
                }
                json.name(&group.name);
                cell::write(&mut json, kind, value);
            }
            for (measure, value) in self.measures.iter().zip(values) {
                let kind = measure
                    .path
                    .as_ref()
                    .map_or(&ColumnKind::BigInt, |path| rows.schema.entity(path.entity).kind(path.ordinal));
                json.name(&measure.name);
                cell::write(&mut json, kind, value);
            }
            json.close();
        }
        json.close_list();
        json.close();
        reader.with_applied(Response::json(200, json.finish()), Vec::new())
    }
}
