//! The request and the response as the core sees them, and the `Prefer` header.

use uuid::Uuid;

/// A request, already authenticated.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`, `POST`, ...
    pub method: String,
    /// Scheme and host that clients reach the service by, such as `https://localhost:8443`; links are built from it.
    pub base: String,
    /// Path and query, as on the request line.
    pub target: String,
    /// Header names and values; names in any case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Row id of the user who calls.
    pub caller: Uuid,
}

impl Request {
    /// A request without headers and body.
    pub fn new(method: &str, target: &str, caller: Uuid) -> Self {
        Self {
            method: method.to_owned(),
            base: "http://localhost".to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            caller,
        }
    }

    /// The value of a header, found without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// With one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

/// A response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// A response without body.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    /// A JSON response.
    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let mut response = Self { status, headers: Vec::new(), body: body.into() };
        response.header("Content-Type", "application/json; odata.metadata=minimal");
        response
    }

    /// Adds a header.
    pub fn header(&mut self, name: &str, value: impl Into<String>) {
        self.headers.push((name.to_owned(), value.into()));
    }

    /// The value of a header, found without regard to case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// The reason phrase of a status; clients of `$batch` want one on every part.
pub fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        412 => "Precondition Failed",
        413 => "Payload Too Large",
        414 => "URI Too Long",
        416 => "Range Not Satisfiable",
        429 => "Too Many Requests",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}

/// What a client prefers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// `return=representation`.
    pub representation: bool,
    /// `odata.maxpagesize`.
    pub page_size: Option<usize>,
    /// `odata.include-annotations`, as patterns.
    pub annotations: Vec<String>,
    /// `odata.continue-on-error`.
    pub continue_on_error: bool,
    /// `odata.track-changes`.
    pub track_changes: bool,
}

impl Preferences {
    /// Reads every `Prefer` header; values in any order, unknown ones ignored.
    pub fn read(request: &Request) -> Self {
        let mut preferences = Self::default();
        for (name, value) in &request.headers {
            if name.eq_ignore_ascii_case("prefer") {
                for part in split_quoted(value) {
                    preferences.take(part);
                }
            }
        }
        preferences
    }

    fn take(&mut self, part: &str) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "return" => self.representation = value.eq_ignore_ascii_case("representation"),
            "odata.maxpagesize" | "maxpagesize" => {
                self.page_size = value.parse().ok().filter(|size| *size > 0);
            }
            "odata.include-annotations" | "include-annotations" => {
                self.annotations = value.split(',').map(|name| name.trim().to_owned()).collect();
            }
            "odata.continue-on-error" | "continue-on-error" => {
                self.continue_on_error = !value.eq_ignore_ascii_case("false");
            }
            "odata.track-changes" | "track-changes" => self.track_changes = true,
            _ => {}
        }
    }

    /// Whether an annotation is wanted, by its full name.
    pub fn wants(&self, annotation: &str) -> bool {
        self.annotations.iter().any(|pattern| {
            pattern == "*"
                || pattern == annotation
                || pattern.strip_suffix(".*").is_some_and(|prefix| annotation.starts_with(prefix))
        })
    }

    /// Whether everything is wanted, the details of errors included.
    pub fn wants_all(&self) -> bool {
        self.annotations.iter().any(|pattern| pattern == "*")
    }
}

/// Splits at commas outside quotes.
fn split_quoted(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (at, sign) in text.char_indices() {
        match sign {
            '"' => quoted = !quoted,
            ',' | ';' if !quoted => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_come_in_any_order_and_annotations_may_be_a_list() {
        let request = Request::new("GET", "/", Uuid::nil()).with_header(
            "prefer",
            r#"odata.include-annotations="OData.Community.Display.V1.FormattedValue,Microsoft.Dynamics.CRM.*", odata.maxpagesize=3,return=representation"#,
        );
        let preferences = Preferences::read(&request);
        assert!(preferences.representation);
        assert_eq!(preferences.page_size, Some(3));
        assert!(preferences.wants("OData.Community.Display.V1.FormattedValue"));
        assert!(preferences.wants("Microsoft.Dynamics.CRM.lookuplogicalname"));
        assert!(!preferences.wants("Other.Thing") && !preferences.wants_all());
    }
}
