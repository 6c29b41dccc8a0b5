//! Query options: what a collection or a row is asked for.

use crate::{
    address::split,
    error::{ApiError, Result},
    expression::{Expr, Path},
    filter,
    rows::Rows,
};
use dwsim_model::ColumnKind;

/// Most expansions of one query.
const MOST_EXPANDS: usize = 15;
/// Deepest expansion.
const DEEPEST_EXPAND: usize = 8;

/// One property to sort by.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// The column.
    pub(crate) path: Path,
    /// As written, for the cookie.
    pub(crate) name: String,
    /// From large to small.
    pub(crate) descending: bool,
}

/// An expanded navigation property.
#[derive(Clone, Debug)]
pub(crate) struct Expand {
    /// The navigation property.
    pub(crate) name: String,
    /// Ids only.
    pub(crate) reference: bool,
    /// What is asked for inside.
    pub(crate) options: QueryOptions,
}

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct QueryOptions {
    /// Ordinals of the columns; none means all.
    pub(crate) select: Option<Vec<usize>>,
    /// Expansions.
    pub(crate) expand: Vec<Expand>,
    /// The condition.
    pub(crate) filter: Option<Expr>,
    /// The order.
    pub(crate) order: Vec<Order>,
    /// At most so many.
    pub(crate) top: Option<usize>,
    /// Whether the number of all rows is wanted.
    pub(crate) count: bool,
}

/// Option names that exist elsewhere in OData and not here.
const REFUSED: [&str; 4] = ["$skip", "$search", "$format", "$compute"];
const KNOWN: [&str; 9] =
    ["$select", "$expand", "$filter", "$orderby", "$top", "$count", "$apply", "$skiptoken", "$deltatoken"];

/// Refuses options the service does not know; their names are case-sensitive.
pub(crate) fn check_names(options: &[(String, String)]) -> Result<()> {
    for (name, _) in options {
        let unknown = name.starts_with('$') && !KNOWN.contains(&name.as_str()) && name != "$id";
        if REFUSED.contains(&name.as_str()) || unknown {
            return Err(ApiError::named("OptionNotSupported", &[("option", name)]));
        }
    }
    Ok(())
}

/// Reads the options of a query over an entity.
pub(crate) fn read(rows: &Rows<'_>, entity: usize, options: &[(String, String)]) -> Result<QueryOptions> {
    check_names(options)?;
    let mut expands = 0;
    read_inner(rows, entity, options, options, 0, &mut expands)
}

fn read_inner(
    rows: &Rows<'_>,
    entity: usize,
    options: &[(String, String)],
    aliases: &[(String, String)],
    depth: usize,
    expands: &mut usize,
) -> Result<QueryOptions> {
    let mut query = QueryOptions::default();
    for (name, value) in options {
        match name.as_str() {
            "$select" => query.select = select(rows, entity, value)?,
            "$filter" => query.filter = Some(filter::parse(rows, entity, value, aliases)?),
            "$orderby" => query.order = order(rows, entity, value, aliases)?,
            "$top" => {
                let top = value.trim().parse().map_err(|_| {
                    ApiError::bad_url(&format!("'{value}' is no value for $top; use a whole number"))
                })?;
                query.top = Some(top);
            }
            "$count" => {
                query.count = match value.trim() {
                    "true" => true,
                    "false" => false,
                    _ => {
                        let why = format!("'{value}' is no value for $count; use true or false");
                        return Err(ApiError::bad_url(&why));
                    }
                }
            }
            "$expand" => query.expand = expand(rows, entity, value, aliases, depth, expands)?,
            _ => {}
        }
    }
    Ok(query)
}

fn select(rows: &Rows<'_>, entity: usize, text: &str) -> Result<Option<Vec<usize>>> {
    let own = rows.schema.entity(entity);
    let mut ordinals = Vec::new();
    for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        if name == "*" {
            return Ok(None);
        }
        let ordinal = own
            .property(name)
            .map(|property| property.ordinal)
            .or_else(|| own.single(name).map(|single| single.ordinal));
        match ordinal {
            Some(ordinal) => ordinals.push(ordinal),
            // A collection in $select brings nothing along.
            None if own.collection(name).is_some() => {}
            None => return Err(own.no_property(name)),
        }
    }
    Ok(Some(with_companions(own, ordinals)))
}

/// The columns that come along: the id, the currency of an amount, the composite of an address.
fn with_companions(own: &crate::schema::Entity, mut ordinals: Vec<usize>) -> Vec<usize> {
    let mut more = Vec::new();
    for ordinal in &ordinals {
        let column = own.table.column(*ordinal);
        if matches!(column.kind, ColumnKind::Money { .. }) {
            more.extend(own.table.ordinal("transactioncurrencyid"));
        }
        if let Some((address, part)) = column.name.split_once('_')
            && address.starts_with("address")
            && ["line1", "line2", "line3", "city", "stateorprovince", "postalcode", "country"].contains(&part)
        {
            more.extend(own.table.ordinal(&format!("{address}_composite")));
        }
    }
    ordinals.extend(more);
    ordinals.push(0);
    let mut seen = Vec::new();
    ordinals.retain(|ordinal| {
        let new = !seen.contains(ordinal);
        seen.push(*ordinal);
        new
    });
    ordinals
}

fn order(rows: &Rows<'_>, entity: usize, text: &str, aliases: &[(String, String)]) -> Result<Vec<Order>> {
    let mut orders = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let mut words = part.split_whitespace();
        let mut name = words.next().unwrap_or_default().to_owned();
        if name.starts_with('@') {
            let found = aliases.iter().find(|(own, _)| *own == name);
            name = found
                .map(|(_, value)| value.trim().to_owned())
                .ok_or_else(|| ApiError::named("AliasMissing", &[("alias", &name)]))?;
        }
        let descending = match words.next() {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(other) => {
                return Err(ApiError::bad_url(&format!("'{other}' is no order; use asc or desc")));
            }
        };
        orders.push(Order { path: filter::path(rows, entity, &name)?, name, descending });
    }
    Ok(orders)
}

fn expand(
    rows: &Rows<'_>,
    entity: usize,
    text: &str,
    aliases: &[(String, String)],
    depth: usize,
    expands: &mut usize,
) -> Result<Vec<Expand>> {
    if depth >= DEEPEST_EXPAND {
        return Err(ApiError::bad_url("$expand is nested deeper than 8 levels"));
    }
    let own = rows.schema.entity(entity);
    let mut list = Vec::new();
    for part in split(text, ',')? {
        let part = part.trim();
        if part.is_empty() {
            continue;
        }
        *expands += 1;
        if *expands > MOST_EXPANDS {
            return Err(ApiError::bad_url("A query may have at most 15 $expand options"));
        }
        let (name, inner) = match part.find('(') {
            Some(open) if part.ends_with(')') => (&part[..open], &part[open + 1..part.len() - 1]),
            _ => (part, ""),
        };
        let (name, reference) = name.strip_suffix("/$ref").map_or((name, false), |name| (name, true));
        let name = name.trim();
        let target = match (own.single(name), own.collection(name)) {
            (Some(single), _) => single.targets.first().copied(),
            (None, Some(_)) if reference => return Err(ApiError::named("RefOnCollection", &[])),
            (None, Some(collection)) => Some(collection.child),
            (None, None) => None,
        };
        let Some(target) = target else { return Err(own.no_property(name)) };
        let mut inner_options = Vec::new();
        for option in split(inner, ';')? {
            let option = option.trim();
            if option.is_empty() {
                continue;
            }
            let (key, value) = option.split_once('=').unwrap_or((option, ""));
            let allowed = ["$select", "$filter", "$orderby", "$top", "$expand"];
            if !allowed.contains(&key.trim()) {
                return Err(ApiError::named("OptionNotSupported", &[("option", key)]));
            }
            inner_options.push((key.trim().to_owned(), value.to_owned()));
        }
        let options = read_inner(rows, target, &inner_options, aliases, depth + 1, expands)?;
        list.push(Expand { name: name.to_owned(), reference, options });
    }
    Ok(list)
}
