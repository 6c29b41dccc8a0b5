//! Errors in Dataverse's shape: code, HTTP status and text from the data file, and what inner failures become.

use crate::http::Response;
use dwsim_dataverse::{EnvError, SaveError};
use dwsim_store::StoreError;
use dwsim_tenant::TenantError;
use serde::Deserialize;
use std::{collections::BTreeMap, fmt, sync::OnceLock};

const ERRORS: &str = include_str!("../data/errors.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ErrorFile {
    errors: BTreeMap<String, ErrorFact>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ErrorFact {
    code: String,
    status: u16,
    text: String,
    #[allow(dead_code)] // tells the reader of the file where a text is from
    source: String,
}

fn facts() -> &'static BTreeMap<String, ErrorFact> {
    static FACTS: OnceLock<BTreeMap<String, ErrorFact>> = OnceLock::new();
    FACTS.get_or_init(|| toml::from_str::<ErrorFile>(ERRORS).map(|file| file.errors).unwrap_or_default())
}

/// An error as a client reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// Code such as `0x80040217`.
    pub code: String,
    /// Text.
    pub message: String,
    /// Seconds to wait before trying again, for 429.
    pub retry_after: Option<u64>,
}

/// Everything in this crate ends in a response or in one of these.
pub type Result<T, E = ApiError> = std::result::Result<T, E>;

impl ApiError {
    /// The error of that name, its placeholders filled in.
    pub fn named(name: &str, arguments: &[(&str, &str)]) -> Self {
        let Some(fact) = facts().get(name) else {
            return Self {
                status: 500,
                code: "0x80040216".to_owned(),
                message: format!("An unexpected error occurred: no error is named {name}"),
                retry_after: None,
            };
        };
        let mut message = fact.text.clone();
        for (placeholder, value) in arguments {
            message = message.replace(&format!("{{{placeholder}}}"), value);
        }
        Self { status: fact.status, code: fact.code.clone(), message, retry_after: None }
    }

    /// A part of the product that is not simulated, by name.
    pub fn not_simulated(what: &str) -> Self {
        Self::named("NotSimulated", &[("what", what)])
    }

    /// A URL that makes no sense, and why.
    pub fn bad_url(why: &str) -> Self {
        Self::named("BadUrl", &[("why", why)])
    }

    /// A failure nobody foresaw.
    pub fn unexpected(why: impl fmt::Display) -> Self {
        Self::named("Unexpected", &[("why", &why.to_string())])
    }

    /// The response. With `detailed`, the annotations a client asks for by `odata.include-annotations="*"`.
    pub fn into_response(self, detailed: bool) -> Response {
        let mut error = serde_json::Map::new();
        error.insert("code".into(), self.code.clone().into());
        error.insert("message".into(), self.message.clone().into());
        if detailed {
            let details = [
                ("@Microsoft.PowerApps.CDS.ErrorDetails.OperationStatus", "0".to_owned()),
                ("@Microsoft.PowerApps.CDS.ErrorDetails.SubErrorCode", "-2146233088".to_owned()),
                (
                    "@Microsoft.PowerApps.CDS.HelpLink",
                    "http://go.microsoft.com/fwlink/?LinkID=398563".to_owned(),
                ),
                ("@Microsoft.PowerApps.CDS.TraceText", String::new()),
                ("@Microsoft.PowerApps.CDS.InnerError.Message", self.message.clone()),
            ];
            for (name, value) in details {
                error.insert(name.into(), value.into());
            }
        }
        let body = serde_json::json!({ "error": error });
        let mut response = Response::json(self.status, body.to_string());
        if let Some(seconds) = self.retry_after {
            response.header("Retry-After", seconds.to_string());
        }
        response
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status, self.code, self.message)
    }
}

impl std::error::Error for ApiError {}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::unexpected(error)
    }
}

impl From<EnvError> for ApiError {
    fn from(error: EnvError) -> Self {
        Self::unexpected(error)
    }
}

impl From<TenantError> for ApiError {
    fn from(error: TenantError) -> Self {
        match error {
            // The other side refused: Dataverse shows it as the error of the plug-in that called over.
            TenantError::Live(live) => Self::named("PluginRefused", &[("why", &live.message)]),
            TenantError::Store(error) => error.into(),
            other => Self::named("PluginRefused", &[("why", &other.to_string())]),
        }
    }
}

/// What a refused change becomes. `context` knows table and columns for the documented texts.
pub(crate) fn refused(error: SaveError, context: &Refused<'_>) -> ApiError {
    let error = match error {
        SaveError::Refused(error) => error,
        SaveError::Environment(error) => return error.into(),
    };
    let column = error.column.as_ref().map_or("", |name| name.as_str());
    let about = [("column", column), ("table", context.table), ("why", error.message.as_str())];
    match error.code.as_str() {
        "SIM-TEXT-TOO-LONG" => {
            let limit = context.limit_of(column).unwrap_or_default();
            ApiError::named(
                "StringLengthTooLong",
                &[("column", column), ("table", context.table), ("limit", &limit)],
            )
        }
        "SIM-UNKNOWN-CHOICE" => {
            let (value, options) = context.choice_of(column);
            ApiError::named(
                "OptionOutOfRange",
                &[("column", column), ("table", context.table), ("value", &value), ("options", &options)],
            )
        }
        "SIM-NUMBER-OUT-OF-RANGE" => ApiError::named("IntegerOutOfRange", &about),
        "SIM-WRONG-TYPE" if context.is_decimal(column) => ApiError::named("DecimalOutOfRange", &about),
        "SIM-LOOKUP-ROW-MISSING" => {
            let (entity, id) = context.lookup_of(column);
            ApiError::named("ObjectDoesNotExist", &[("entity", &entity), ("id", &id)])
        }
        "SIM-STATUS-OF-OTHER-STATE" => {
            let (state, status) = context.state();
            ApiError::named(
                "InvalidStateCodeStatusCode",
                &[("status", &status), ("state", &state), ("table", context.table), ("id", &context.id)],
            )
        }
        "SIM-DUPLICATE-KEY" => context.duplicate(&error.message),
        "SIM-ROW-NOT-FOUND" => {
            let entity = crate::schema::schema_name(context.table);
            ApiError::named("ObjectDoesNotExist", &[("entity", &entity), ("id", &context.id)])
        }
        "SIM-ROW-IN-USE" => ApiError::named("CannotDeleteDueToAssociation", &[]),
        "SIM-MANDATORY-MISSING" => ApiError::named("RequiredMissing", &about),
        "PERM-PRIVILEGE" => ApiError::named("PrivilegeDenied", &about),
        "LIVE-E1" => ApiError::named("UserNotMemberOfOrg", &[]),
        // The rules of the dual-write plug-ins: company fixed, owning team, other organisation.
        _ => ApiError::named("PluginRefused", &about),
    }
}

/// What is known of a change that was refused.
#[derive(Debug)]
pub(crate) struct Refused<'r> {
    pub(crate) table: &'r str,
    pub(crate) id: String,
    pub(crate) kind: &'r dwsim_model::TableType,
    pub(crate) change: &'r dwsim_model::Change,
}

impl Refused<'_> {
    fn value(&self, column: &str) -> Option<&dwsim_model::Value> {
        self.change.values.iter().find(|(name, _)| name.as_str() == column).map(|(_, value)| value)
    }

    fn kind_of(&self, column: &str) -> Option<&dwsim_model::ColumnKind> {
        self.kind.ordinal(column).map(|at| &self.kind.column(at).kind)
    }

    fn limit_of(&self, column: &str) -> Option<String> {
        match self.kind_of(column) {
            Some(dwsim_model::ColumnKind::Text { max: Some(max) }) => Some(max.to_string()),
            _ => None,
        }
    }

    fn is_decimal(&self, column: &str) -> bool {
        use dwsim_model::ColumnKind::{Decimal, Money};
        matches!(self.kind_of(column), Some(Decimal { .. } | Money { .. }))
    }

    fn choice_of(&self, column: &str) -> (String, String) {
        let value = self.value(column).map(ToString::to_string).unwrap_or_default();
        let options = match self.kind_of(column) {
            Some(dwsim_model::ColumnKind::Choice(choices)) => {
                let numbers: Vec<String> =
                    choices.options.iter().map(|(number, _)| number.to_string()).collect();
                numbers.join(",")
            }
            _ => String::new(),
        };
        (value, options)
    }

    fn lookup_of(&self, column: &str) -> (String, String) {
        let id = self.value(column).map(ToString::to_string).unwrap_or_default();
        let entity = match self.kind_of(column) {
            Some(dwsim_model::ColumnKind::Lookup { targets }) => {
                targets.first().map(|name| crate::schema::schema_name(name)).unwrap_or_default()
            }
            _ => String::new(),
        };
        (entity, id)
    }

    fn state(&self) -> (String, String) {
        let text = |name: &str| self.value(name).map(ToString::to_string).unwrap_or_default();
        (text("statecode"), text("statuscode"))
    }

    /// Which key was broken: the row id, or an alternate key.
    fn duplicate(&self, message: &str) -> ApiError {
        let id = &self.kind.column(0).name;
        let by_key = self.kind.keys.iter().find(|key| {
            let names = key.columns.iter().map(|at| self.kind.column(*at).name.as_str());
            message.contains(&names.collect::<Vec<_>>().join(", "))
        });
        match by_key {
            Some(key) if !message.contains(id.as_str()) || key.columns.first() != Some(&0) => {
                let names: Vec<&str> =
                    key.columns.iter().map(|at| self.kind.column(*at).name.as_str()).collect();
                ApiError::named(
                    "DuplicateRecordEntityKey",
                    &[("key", &key.name), ("columns", &names.join(", "))],
                )
            }
            _ => ApiError::named("DuplicateRecord", &[]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_file_is_read_whole_and_every_code_is_a_code() {
        let file: ErrorFile = toml::from_str(ERRORS).unwrap();
        assert!(file.errors.len() > 40);
        for (name, fact) in &file.errors {
            assert!(fact.code.starts_with("0x8") && fact.code.len() == 10, "{name}");
            assert!((400..600).contains(&fact.status), "{name}");
            assert!(["doc", "seen", "ours"].contains(&fact.source.as_str()), "{name}");
        }
    }

    #[test]
    fn an_error_has_the_shape_clients_read() {
        let error = ApiError::named("ObjectDoesNotExist", &[("entity", "Account"), ("id", "7")]);
        let response = error.into_response(false);
        assert_eq!(response.status, 404);
        assert_eq!(
            String::from_utf8(response.body).unwrap(),
            r#"{"error":{"code":"0x80040217","message":"Entity 'Account' With Id = 7 Does Not Exist"}}"#
        );
    }
}
