//! The batch F&O posts to Dataverse, as text: one change set, its parts in the order of the database.

use crate::program::{Program, Write};
use dwsim_model::{Name, Operation, Value};
use serde_json::{Map, Value as Json};
use std::fmt::Write as _;
use uuid::Uuid;

/// One change of a batch.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// What is done.
    pub(crate) operation: Operation,
    /// The Dataverse entity set.
    pub(crate) entity_set: Name,
    /// The row that exists; none for a new row.
    pub(crate) id: Option<Uuid>,
    /// The body; empty for a delete.
    pub(crate) body: Map<String, Json>,
}

/// A row in wire types: what a value map or a default made is a text, other whole numbers are numbers, a lookup is bound
/// to a row, or to an earlier part of the batch that made it.
pub(crate) fn body(
    program: &Program,
    values: &[Value],
    companies: &str,
    made_by: &dyn Fn(&Value) -> Option<usize>,
) -> Map<String, Json> {
    let mut body = Map::new();
    for (at, (ordinal, value)) in program.columns.iter().zip(values).enumerate() {
        let name = program.target.column(*ordinal).name.as_str();
        match &program.writes[at] {
            Write::LookupTable => {}
            Write::Lookup(lookup) => {
                let set = lookup.alternatives.first().map_or("", |node| node.table.label.as_ref());
                let bound = match (value, made_by(value)) {
                    (Value::Null, _) => Json::Null,
                    (_, Some(part)) => Json::String(format!("${part}")),
                    _ => Json::String(format!("/{set}({value})")),
                };
                body.insert(format!("{name}@odata.bind"), bound);
            }
            Write::Company => {
                body.insert(format!("{name}@odata.bind"), Json::String(format!("/{companies}({value})")));
            }
            Write::Constant(_) => {
                body.insert(name.to_owned(), text(value));
            }
            Write::Copy { from, .. } => {
                let mapped = from.iter().any(crate::program::Copy::has_value_map);
                body.insert(name.to_owned(), if mapped { text(value) } else { plain(value) });
            }
        }
    }
    body
}

fn text(value: &Value) -> Json {
    if value.is_null() { Json::Null } else { Json::String(spelled(value)) }
}

/// Value maps spell booleans as the catalogue does in most maps.
fn spelled(value: &Value) -> String {
    match value {
        Value::Bool(flag) => if *flag { "True" } else { "False" }.to_owned(),
        other => other.to_string(),
    }
}

fn plain(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Int(number) => Json::from(*number),
        Value::Choice(number) => Json::from(*number),
        other => Json::String(other.to_string()),
    }
}

/// The whole batch. `ids` names its two boundaries.
pub(crate) fn batch(parts: &[Part], dataverse: &str, finops: &str, ids: [Uuid; 2]) -> String {
    let [batch, changeset] = ids;
    let mut out = String::new();
    let _ = write!(
        out,
        "--batch_{batch}\r\nContent-Type: multipart/mixed; boundary=changeset_{changeset}\r\n\r\n"
    );
    for (number, part) in parts.iter().enumerate() {
        let set = &part.entity_set;
        let (verb, row) = match (part.operation, part.id) {
            (Operation::Create, _) | (Operation::Update, None) => ("POST", String::new()),
            (Operation::Update, Some(id)) => ("PATCH", format!("({id})")),
            (Operation::Delete, id) => ("DELETE", format!("({})", id.unwrap_or_default())),
        };
        let _ = write!(
            out,
            "--changeset_{changeset}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n\
             {verb} /api/data/v9.0/{set}{row}?tag={finops} HTTP/1.1\r\nHost: {dataverse}\r\nContent-ID: {}\r\n",
            number + 1
        );
        if part.operation != Operation::Delete {
            let body = Json::Object(part.body.clone());
            let _ = write!(out, "Content-Type: application/json; charset=utf-8\r\n\r\n{body}");
        }
        out.push_str("\r\n");
    }
    let _ = write!(out, "--changeset_{changeset}--\r\n--batch_{batch}--\r\n");
    out
}
