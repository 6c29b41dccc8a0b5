//! `$filter`, `$select`, `$orderby` and `$top` over definitions, which are JSON and not rows.

use crate::{
    error::{ApiError, Result},
    tokens::{Token, Tokens},
};
use serde_json::{Map, Value as Json};

/// Members that always come along.
const ALWAYS: [&str; 3] = ["@odata.type", "MetadataId", "@odata.context"];
/// Deepest nesting of parentheses.
const DEEPEST: usize = 100;

/// Applies the options to a list.
pub(crate) fn apply(mut list: Vec<Json>, options: &[(String, String)]) -> Result<Vec<Json>> {
    crate::options::check_names(options)?;
    let option = |name: &str| options.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
    if let Some(filter) = option("$filter") {
        let mut tokens = Tokens::cut(filter)?;
        let condition = or(&mut tokens, 0)?;
        if !tokens.at_end() {
            return Err(tokens.error("expected the end of the filter"));
        }
        list.retain(|own| condition.holds(own));
    }
    if let Some(order) = option("$orderby") {
        let (name, descending) = order
            .trim()
            .split_once(' ')
            .map_or((order.trim(), false), |(name, word)| (name, word.trim() == "desc"));
        list.sort_by(|a, b| {
            let text = |own: &Json| own.get(name).map(ToString::to_string).unwrap_or_default();
            let order = text(a).cmp(&text(b));
            if descending { order.reverse() } else { order }
        });
    }
    if let Some(top) = option("$top") {
        let top = top.trim().parse().map_err(|_| ApiError::bad_url("$top is no whole number"))?;
        list.truncate(top);
    }
    if let Some(select) = option("$select") {
        let names: Vec<&str> = select.split(',').map(str::trim).collect();
        let expand = option("$expand").unwrap_or_default();
        for own in &mut list {
            let Json::Object(members) = own else { continue };
            let mut kept = Map::new();
            for (name, value) in std::mem::take(members) {
                let expanded =
                    expand.split(',').any(|part| part.split('(').next().unwrap_or_default().trim() == name);
                if names.contains(&name.as_str()) || ALWAYS.contains(&name.as_str()) || expanded {
                    kept.insert(name, value);
                }
            }
            *members = kept;
        }
    }
    Ok(list)
}

enum Condition {
    Compare { path: String, equal: bool, value: Json },
    Text { path: String, function: String, text: String },
    Truth(String),
    Not(Box<Condition>),
    And(Vec<Condition>),
    Or(Vec<Condition>),
}

impl Condition {
    fn holds(&self, own: &Json) -> bool {
        match self {
            Self::Compare { path, equal, value } => same(at(own, path), value) == *equal,
            Self::Text { path, function, text } => {
                let own = at(own, path).as_str().unwrap_or_default().to_lowercase();
                match function.as_str() {
                    "startswith" => own.starts_with(text.as_str()),
                    "endswith" => own.ends_with(text.as_str()),
                    _ => own.contains(text.as_str()),
                }
            }
            Self::Truth(path) => at(own, path).as_bool() == Some(true),
            Self::Not(inner) => !inner.holds(own),
            Self::And(parts) => parts.iter().all(|part| part.holds(own)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(own)),
        }
    }
}

fn at<'j>(own: &'j Json, path: &str) -> &'j Json {
    path.split('/').fold(own, |own, part| own.get(part).unwrap_or(&Json::Null))
}

fn same(own: &Json, value: &Json) -> bool {
    match (own, value) {
        (Json::String(a), Json::String(b)) => a.eq_ignore_ascii_case(b),
        (a, Json::String(b)) => a.to_string().as_str() == b.as_str(),
        (a, b) => a == b,
    }
}

fn or(tokens: &mut Tokens, depth: usize) -> Result<Condition> {
    let mut parts = vec![and(tokens, depth)?];
    while tokens.word("or") {
        parts.push(and(tokens, depth)?);
    }
    Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::Or(parts) })
}

fn and(tokens: &mut Tokens, depth: usize) -> Result<Condition> {
    let mut parts = vec![condition(tokens, depth)?];
    while tokens.word("and") {
        parts.push(condition(tokens, depth)?);
    }
    Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::And(parts) })
}

fn condition(tokens: &mut Tokens, depth: usize) -> Result<Condition> {
    if depth > DEEPEST {
        return Err(tokens.error("the filter is nested deeper than 100 levels"));
    }
    if tokens.sign('(') {
        let inner = or(tokens, depth + 1)?;
        tokens.need(')')?;
        return Ok(inner);
    }
    if tokens.word("not") {
        return Ok(Condition::Not(Box::new(condition(tokens, depth + 1)?)));
    }
    let Some(Token::Word(word)) = tokens.take() else { return Err(tokens.error("expected a property")) };
    if tokens.sign('(') {
        if !["startswith", "endswith", "contains"].contains(&word.as_str()) {
            return Err(ApiError::not_simulated(&format!("the filter function '{word}' on definitions")));
        }
        let Some(Token::Word(path)) = tokens.take() else { return Err(tokens.error("expected a property")) };
        tokens.need(',')?;
        let Some(Token::Text(text)) = tokens.take() else { return Err(tokens.error("expected a text")) };
        tokens.need(')')?;
        return Ok(Condition::Text { path, function: word, text: text.to_lowercase() });
    }
    let equal = match tokens.peek() {
        Some(Token::Word(op)) if op == "eq" => true,
        Some(Token::Word(op)) if op == "ne" => false,
        _ => return Ok(Condition::Truth(word)),
    };
    tokens.take();
    let value = match tokens.take() {
        Some(Token::Text(text)) => Json::String(text),
        Some(Token::Word(value)) => match tokens.peek() {
            // An enumeration: its type, then the member in quotes.
            Some(Token::Text(text)) if value.starts_with("Microsoft.") => {
                let text = text.clone();
                tokens.take();
                Json::String(text)
            }
            _ => match value.as_str() {
                "null" => Json::Null,
                "true" => Json::Bool(true),
                "false" => Json::Bool(false),
                _ => serde_json::from_str(&value).unwrap_or(Json::String(value)),
            },
        },
        _ => return Err(tokens.error("expected a value")),
    };
    Ok(Condition::Compare { path: word, equal, value })
}
