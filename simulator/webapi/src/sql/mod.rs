//! `?sql=`: a SELECT, planned onto the joins, groups and pages FetchXML runs on.

mod condition;
mod plan;

use crate::{
    collection::LARGEST_PAGE,
    cookie::{Cookie, Mark},
    error::{ApiError, Result},
    fetch::{self, run},
    http::Response,
    json::JsonWriter,
    read::Reader,
};
use sqlparser::{
    ast::{SetExpr, Statement},
    dialect::MsSqlDialect,
    parser::Parser,
    tokenizer::{Token, Tokenizer},
};

/// Longest SQL, in bytes.
const LONGEST: usize = 16_384;
/// Words and signs of one SQL at most; chains of operators are no longer than this either.
const MOST_TOKENS: usize = 4_000;
/// Deepest nesting of parentheses.
const DEEPEST: usize = 40;

/// A SQL that cannot be used, and why.
fn broken(why: &str) -> ApiError {
    ApiError::named("Sql", &[("why", why)])
}

/// Answers `GET /set?sql=`.
pub(crate) fn answer(reader: &Reader<'_, '_>, entity: usize, sql: &str) -> Result<Response> {
    let rows = reader.rows;
    let bound = plan::plan(rows, entity, &parse(sql)?)?;
    let (mut plan, skip) = (bound.plan, bound.skip);
    let cookie = reader.address.option("$skiptoken").map(Cookie::read).transpose()?;
    let carried = cookie.as_ref().and_then(|cookie| cookie.size);
    let size = reader.preferences.page_size.or(carried).unwrap_or(LARGEST_PAGE).min(LARGEST_PAGE);
    if plan.top.is_none() {
        plan.count = Some(size);
        plan.page = cookie.as_ref().map_or(1, |cookie| cookie.page);
        plan.cookie = cookie.as_ref().map(Cookie::outer);
    }
    let mut page = run::run(rows, &plan, LARGEST_PAGE)?;
    page.tuples.drain(..skip.min(page.tuples.len()));
    let own = rows.schema.entity(entity);
    let mut json = JsonWriter::new();
    json.open();
    let names: Vec<&str> = plan.outputs.iter().map(|output| output.name.as_str()).collect();
    json.member("@odata.context", &format!("{}$metadata#{}({})", reader.root, own.set, names.join(",")));
    json.name("value");
    json.open_list();
    for tuple in &page.tuples {
        fetch::write(reader, &mut json, &plan, tuple)?;
    }
    json.close_list();
    if page.more {
        let mut next = page.cookie.unwrap_or_else(|| Cookie {
            page: plan.page + 1,
            size: None,
            // Groups have no key; their pages are counted.
            marks: vec![Mark { name: "group".to_owned(), last: None, first: None }],
            tracking: None,
        });
        next.size = Some(size).filter(|size| *size < LARGEST_PAGE);
        json.member("@odata.nextLink", &reader.next_link(&own.set, &next));
    }
    json.close();
    Ok(reader.with_applied(Response::json(200, json.finish()), Vec::new()))
}

/// Reads one SELECT.
fn parse(sql: &str) -> Result<sqlparser::ast::Query> {
    if sql.len() > LONGEST {
        return Err(broken("it is longer than 16,384 bytes"));
    }
    let dialect = MsSqlDialect {};
    let tokens = Tokenizer::new(&dialect, sql).tokenize().map_err(|error| broken(&error.to_string()))?;
    if tokens.iter().filter(|token| !matches!(token, Token::Whitespace(_))).count() > MOST_TOKENS {
        return Err(broken("it has more than 4,000 words and signs"));
    }
    let mut statements = Parser::new(&dialect)
        .with_recursion_limit(DEEPEST)
        .with_tokens(tokens)
        .parse_statements()
        .map_err(|error| broken(&error.to_string()))?;
    match (statements.pop(), statements.is_empty()) {
        (Some(Statement::Query(query)), true) => Ok(*query),
        (Some(_), true) => Err(broken("only SELECT is supported")),
        _ => Err(broken("it is not one statement")),
    }
}

/// The SELECT of a query; anything that combines several is refused.
fn select_of(query: &sqlparser::ast::Query) -> Result<&sqlparser::ast::Select> {
    match query.body.as_ref() {
        SetExpr::Select(select) => Ok(select),
        SetExpr::SetOperation { .. } => Err(broken("UNION, EXCEPT and INTERSECT are not supported")),
        _ => Err(broken("only SELECT is supported")),
    }
}
