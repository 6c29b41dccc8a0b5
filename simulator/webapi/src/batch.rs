//! `$batch`: the parts of a multipart body, change sets as one transaction each, and the reply in the same form.

use crate::{
    address::{Address, LONGEST_BATCH_URL},
    error::{ApiError, Result},
    http::{Preferences, Request, Response, reason},
    payload::{self, ContentIds},
    service::{self, Call, WebApi},
};
use dwsim_dataverse::Actor;
use dwsim_tenant::Tenant;
use std::fmt::Write as _;

/// Most operations of one batch.
const MOST_OPERATIONS: usize = 1_000;

/// One operation of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its content id, when it has one.
    pub id: Option<String>,
    /// Method.
    pub method: String,
    /// URL as written.
    pub url: String,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

/// One part of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A single operation.
    Single(Operation),
    /// Operations that happen together or not at all.
    ChangeSet(Vec<Operation>),
}

fn broken(why: &str) -> ApiError {
    ApiError::named("BadBatch", &[("why", why)])
}

/// Reads the body of a batch. Lines end with CRLF or LF; boundaries may be quoted.
pub fn parse(content_type: &str, body: &[u8]) -> Result<Vec<Part>> {
    let boundary = boundary(content_type)?;
    let mut parts = Vec::new();
    let mut operations = 0;
    for section in sections(body, &boundary)? {
        let (headers, rest) = head(section)?;
        let kind = header(&headers, "Content-Type").unwrap_or_default();
        if kind.to_ascii_lowercase().starts_with("multipart/mixed") {
            let inner = self::boundary(kind)?;
            let mut set = Vec::new();
            for section in sections(rest, &inner)? {
                let (headers, rest) = head(section)?;
                set.push(operation(&headers, rest)?);
            }
            operations += set.len();
            parts.push(Part::ChangeSet(set));
        } else {
            operations += 1;
            parts.push(Part::Single(operation(&headers, rest)?));
        }
        if operations > MOST_OPERATIONS {
            let (count, limit) = (operations.to_string(), MOST_OPERATIONS.to_string());
            return Err(ApiError::named("BatchTooLarge", &[("count", &count), ("limit", &limit)]));
        }
    }
    if parts.is_empty() {
        return Err(broken("it has no part"));
    }
    Ok(parts)
}

fn boundary(content_type: &str) -> Result<String> {
    for part in content_type.split(';').skip(1) {
        if let Some((name, value)) = part.split_once('=')
            && name.trim().eq_ignore_ascii_case("boundary")
        {
            let value = value.trim().trim_matches('"');
            if !value.is_empty() && value.len() <= 200 {
                return Ok(value.to_owned());
            }
        }
    }
    Err(broken("its Content-Type is not multipart/mixed with a boundary"))
}

/// The sections between the delimiter lines, the line break before a delimiter left out.
fn sections<'b>(body: &'b [u8], boundary: &str) -> Result<Vec<&'b [u8]>> {
    let delimiter = format!("--{boundary}");
    let mut sections = Vec::new();
    let mut start: Option<usize> = None;
    let mut at = 0;
    let mut ended = false;
    while at < body.len() {
        let end =
            body[at..].iter().position(|byte| *byte == b'\n').map_or(body.len(), |length| at + length + 1);
        let line = trim_line(&body[at..end]);
        let closing = line.strip_prefix(delimiter.as_bytes()).map(<[u8]>::trim_ascii);
        if matches!(closing, Some(b"" | b"--")) {
            if let Some(from) = start {
                sections.push(without_break(&body[from..at]));
            }
            if closing == Some(b"--") {
                ended = true;
                break;
            }
            start = Some(end);
        }
        at = end;
    }
    match (start, ended) {
        (None, _) => Err(broken("the boundary of its Content-Type is not in its body")),
        (_, false) => Err(broken("its last boundary is missing")),
        _ => Ok(sections),
    }
}

fn trim_line(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn without_break(section: &[u8]) -> &[u8] {
    trim_line(section)
}

type Headers = Vec<(String, String)>;

/// Headers up to the first empty line, and what follows.
fn head(section: &[u8]) -> Result<(Headers, &[u8])> {
    let mut headers = Vec::new();
    let mut at = 0;
    while at < section.len() {
        let end = section[at..]
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(section.len(), |length| at + length + 1);
        let line =
            std::str::from_utf8(trim_line(&section[at..end])).map_err(|_| broken("a header is not UTF-8"))?;
        at = end;
        if line.trim().is_empty() {
            return Ok((headers, &section[at..]));
        }
        let (name, value) = line.split_once(':').ok_or_else(|| broken(&format!("'{line}' is no header")))?;
        headers.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    Ok((headers, &section[section.len()..]))
}

fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// The request of a part: the first word is the method, the last the version, everything between is the URL.
fn operation(part: &[(String, String)], content: &[u8]) -> Result<Operation> {
    let mut content = content;
    // Some clients put an empty line more before the request line.
    while let Some(rest) = content.strip_prefix(b"\r\n").or_else(|| content.strip_prefix(b"\n")) {
        content = rest;
    }
    let end = content.iter().position(|byte| *byte == b'\n').map_or(content.len(), |at| at + 1);
    let line = std::str::from_utf8(trim_line(&content[..end]))
        .map_err(|_| broken("a request line is not UTF-8"))?
        .trim();
    let (method, rest) = line.split_once(' ').ok_or_else(|| broken("a part has no request line"))?;
    let url = match rest.rsplit_once(' ') {
        Some((url, version)) if version.starts_with("HTTP/") => url,
        _ => rest,
    };
    let (headers, body) = head(&content[end..])?;
    Ok(Operation {
        id: header(part, "Content-ID").or_else(|| header(&headers, "Content-ID")).map(str::to_owned),
        method: method.to_owned(),
        url: url.trim().to_owned(),
        headers,
        body: body.to_vec(),
    })
}

impl WebApi {
    /// Answers a batch.
    pub(crate) fn batch(&mut self, tenant: &mut Tenant, call: &Call<'_>) -> Result<Response> {
        let content_type = call.request.header("Content-Type").unwrap_or_default();
        let parts = parse(content_type, &call.request.body)?;
        let number = self.number();
        let token = |kind: &str, at: usize| tenant_id(&tenant_seed(call, number), kind, at);
        let boundary = format!("batchresponse_{}", token("batch", 0));
        let mut body = String::new();
        let mut status = 200;
        for (at, part) in parts.iter().enumerate() {
            let _ = write!(body, "--{boundary}\r\n");
            let failed = match part {
                Part::Single(operation) => {
                    let mut response = self.single(tenant, call, operation);
                    response.header("OData-Version", "4.0");
                    write_part(&mut body, &response, operation.id.as_deref());
                    (response.status >= 400).then_some(response.status)
                }
                Part::ChangeSet(operations) => match self.change_set(tenant, call, operations) {
                    Ok(responses) => {
                        let inner = format!("changesetresponse_{}", token("changeset", at));
                        let _ = write!(body, "Content-Type: multipart/mixed; boundary={inner}\r\n\r\n");
                        for (operation, response) in operations.iter().zip(&responses) {
                            let _ = write!(body, "--{inner}\r\n");
                            write_part(&mut body, response, operation.id.as_deref());
                        }
                        let _ = write!(body, "--{inner}--\r\n");
                        None
                    }
                    Err((error, id)) => {
                        let detailed = call.preferences.wants_all();
                        let mut response = error.into_response(detailed);
                        response.header("OData-Version", "4.0");
                        let inner = format!("changesetresponse_{}", token("changeset", at));
                        let _ = write!(
                            body,
                            "Content-Type: multipart/mixed; boundary={inner}\r\n\r\n--{inner}\r\n"
                        );
                        write_part(&mut body, &response, id.as_deref());
                        let _ = write!(body, "--{inner}--\r\n");
                        Some(response.status)
                    }
                },
            };
            if let Some(failed) = failed
                && !call.preferences.continue_on_error
            {
                status = failed;
                break;
            }
        }
        let _ = write!(body, "--{boundary}--\r\n");
        let mut response = Response::empty(status);
        response.header("Content-Type", format!("multipart/mixed; boundary={boundary}"));
        response.body = body.into_bytes();
        Ok(response)
    }

    fn single(&mut self, tenant: &mut Tenant, call: &Call<'_>, operation: &Operation) -> Response {
        let ids = ContentIds::new();
        let request = match request(call, operation, &ids) {
            Ok(request) => request,
            Err(error) => return error.into_response(call.preferences.wants_all()),
        };
        match self.answer(tenant, &request, true) {
            Ok(response) => response,
            Err(error) => error.into_response(Preferences::read(&request).wants_all()),
        }
    }

    /// All operations in one transaction; the error carries the content id of the one that failed.
    #[allow(clippy::type_complexity)] // the error and whose it is
    fn change_set(
        &mut self,
        tenant: &mut Tenant,
        call: &Call<'_>,
        operations: &[Operation],
    ) -> std::result::Result<Vec<Response>, (ApiError, Option<String>)> {
        let mut failed = None;
        // An earlier part of the batch may have defined a table.
        let schema = tenant.dataverse().map(|dataverse| self.schema(dataverse));
        let schema = schema.as_deref().unwrap_or(call.schema);
        let result =
            tenant.in_dataverse(Actor::Caller(call.caller), |transaction| -> Result<Vec<Response>> {
                let mut ids = ContentIds::new();
                let mut responses = Vec::new();
                for operation in operations {
                    failed.clone_from(&operation.id);
                    if matches!(operation.method.as_str(), "GET" | "HEAD") {
                        return Err(ApiError::named("GetInChangeSet", &[("method", &operation.method)]));
                    }
                    let request = request(call, operation, &ids)?;
                    let address = Address::parse(&request.target, LONGEST_BATCH_URL)?;
                    let preferences = Preferences::read(&request);
                    let root = format!("{}/api/data/{}/", request.base, address.version);
                    let inner = Call {
                        request: &request,
                        address: &address,
                        preferences: &preferences,
                        caller: call.caller,
                        schema,
                        root,
                    };
                    let mut response = service::write(&inner, transaction, &ids)?;
                    if let (Some(id), Some(url)) = (&operation.id, made(&response, &inner)) {
                        ids.insert(id.clone(), url);
                    }
                    response.header("OData-Version", "4.0");
                    responses.push(response);
                }
                failed = None;
                Ok(responses)
            });
        result.map(|(responses, _)| responses).map_err(|error| (error, failed))
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }
}

/// The address of the row an operation made, for later references to its content id.
fn made(response: &Response, call: &Call<'_>) -> Option<String> {
    if let Some(url) = response.get("OData-EntityId") {
        return Some(url.to_owned());
    }
    let json: serde_json::Value = serde_json::from_slice(&response.body).ok()?;
    let entity = call.schema.set(&call.address.segments.first()?.name)?;
    let own = call.schema.entity(entity);
    Some(format!("{}{}({})", call.root, own.set, json.get(own.id())?.as_str()?))
}

fn tenant_seed(call: &Call<'_>, number: u64) -> String {
    format!("{}/{number}", call.caller)
}

fn tenant_id(seed: &str, kind: &str, at: usize) -> uuid::Uuid {
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, format!("dwsim:{seed}/{kind}/{at}").as_bytes())
}

/// A part as a request of its own. Relative URLs are below the service root; content ids are replaced.
fn request(call: &Call<'_>, operation: &Operation, ids: &ContentIds) -> Result<Request> {
    let url = payload::resolved(&operation.url, ids)?;
    let absolute = url.starts_with("http://") || url.starts_with("https://") || url.starts_with("/api/");
    let target = if absolute {
        url
    } else {
        format!("/api/data/{}/{}", call.address.version, url.trim_start_matches('/'))
    };
    Ok(Request {
        method: operation.method.clone(),
        base: call.request.base.clone(),
        target,
        headers: operation.headers.clone(),
        body: operation.body.clone(),
        caller: call.caller,
    })
}

fn write_part(body: &mut String, response: &Response, id: Option<&str>) {
    body.push_str("Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n");
    if let Some(id) = id {
        let _ = write!(body, "Content-ID: {id}\r\n");
    }
    let _ = write!(body, "\r\nHTTP/1.1 {} {}\r\n", response.status, reason(response.status));
    for (name, value) in &response.headers {
        let _ = write!(body, "{name}: {value}\r\n");
    }
    body.push_str("\r\n");
    body.push_str(&String::from_utf8_lossy(&response.body));
    body.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_read_with_quoted_boundaries_bare_line_feeds_and_raw_spaces() {
        let body = "\n--b 1\nContent-Type: application/http\n\nGET https://h/api/data/v9.2/accounts?$filter=name eq 'a b' HTTP/1.1\nAccept: */*\n\n\n--b 1\nContent-Type: multipart/mixed;boundary=c\n\n--c\nContent-Type: application/http\nContent-ID: 1\n\nPOST accounts HTTP/1.1\nContent-Type: application/json\n\n{\"name\":\"x\"}\n--c--\n--b 1--";
        let parts = parse("multipart/mixed; boundary=\"b 1\"", body.as_bytes()).unwrap();
        let Part::Single(get) = &parts[0] else { panic!("a single operation") };
        assert_eq!(get.url, "https://h/api/data/v9.2/accounts?$filter=name eq 'a b'");
        let Part::ChangeSet(set) = &parts[1] else { panic!("a change set") };
        assert_eq!(set[0].id.as_deref(), Some("1"));
        assert_eq!(set[0].body, b"{\"name\":\"x\"}");
    }

    #[test]
    fn malformed_bodies_are_errors() {
        let kind = "multipart/mixed; boundary=b";
        for body in ["", "--x", "--b\r\n", "--b\r\nnonsense\r\n\r\n--b--", "--b\r\n\r\n\r\n--b--"] {
            assert!(parse(kind, body.as_bytes()).is_err(), "{body:?}");
        }
        assert!(parse("application/json", b"--b--").is_err());
    }
}
