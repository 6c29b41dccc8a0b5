//! Why a row or a change is refused, and the catalogue message that says so.

use dwsim_catalog::Facts;
use dwsim_model::{Name, RowError};
use dwsim_store::StoreError;
use uuid::Uuid;

/// A failure of the environment itself, which no row is to blame for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnvError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The engine named a table that is not there.
    #[error("Dataverse has no table {0}; take the name from the catalogue")]
    UnknownTable(Name),
    /// A file built into the program cannot be read.
    #[error("the rules built into Dataverse cannot be read: {0}")]
    Rules(String),
}

/// Why a change was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// A rule of the environment forbids it.
    #[error(transparent)]
    Refused(#[from] RowError),
    /// The environment itself failed.
    #[error(transparent)]
    Environment(#[from] EnvError),
}

impl From<StoreError> for SaveError {
    fn from(error: StoreError) -> Self {
        Self::Environment(error.into())
    }
}

/// A rule that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    TextTooLong { column: Name, limit: u32, length: usize },
    NotAnOption { column: Name, value: i32, options: Vec<String> },
    OutOfRange { column: Name, value: i64, minimum: i64, maximum: i64 },
    WrongKind { column: Name, expected: &'static str, value: String },
    Missing { column: Name },
    ReadOnly { column: Name },
    LookupMissing { column: Name, id: Uuid, targets: Vec<Name> },
    StatusOfOtherState { status: i32, state: i32 },
    CompanyFixed { company: String, wanted: String },
    UnknownCompany { company: String, companies: Vec<String> },
    OwningTeamCleared { company: String },
    NoOwningTeam { company: String },
    OwningTeamNotFound { unit: String },
    DuplicateKey { key: String, columns: Vec<Name> },
    FutureDated { column: Name },
    RowNotFound,
    TableNotFound { nearest: String },
    ColumnNotFound { column: String, nearest: String },
    InUse { by: Vec<String> },
    NotAMember,
    NotIntegrated,
    MissingPrivilege(MissingPrivilege),
    OtherOrganization { configured: Uuid, actual: Uuid },
}

/// A privilege that a team or user lacks, as the documented message names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingPrivilege {
    /// The team or user.
    pub principal: Uuid,
    /// What a person calls it.
    pub principal_name: String,
    /// The table it cannot read.
    pub table: Name,
    /// Id of the privilege.
    pub privilege_id: Uuid,
    /// The table's object type code.
    pub object_type_code: u32,
}

/// Table and row a refusal is about, in words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'s> {
    pub(crate) table: &'s str,
    pub(crate) record: &'s str,
}

impl Refusal {
    /// The id of its message.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::TextTooLong { .. } => "SIM-TEXT-TOO-LONG",
            Self::NotAnOption { .. } => "SIM-UNKNOWN-CHOICE",
            Self::OutOfRange { .. } => "SIM-NUMBER-OUT-OF-RANGE",
            Self::WrongKind { .. } => "SIM-WRONG-TYPE",
            Self::Missing { .. } => "SIM-MANDATORY-MISSING",
            Self::ReadOnly { .. } => "SIM-COLUMN-READ-ONLY",
            Self::LookupMissing { .. } => "SIM-LOOKUP-ROW-MISSING",
            Self::StatusOfOtherState { .. } => "SIM-STATUS-OF-OTHER-STATE",
            Self::CompanyFixed { .. } => "SIM-COMPANY-READ-ONLY",
            Self::UnknownCompany { .. } => "SIM-UNKNOWN-COMPANY",
            Self::OwningTeamCleared { .. } => "SIM-OWNING-TEAM-NOT-CLEARED",
            Self::NoOwningTeam { .. } => "SIM-OWNING-TEAM-REQUIRED",
            Self::OwningTeamNotFound { .. } => "SIM-DEFAULT-TEAM-NOT-FOUND",
            Self::DuplicateKey { .. } => "SIM-DUPLICATE-KEY",
            Self::FutureDated { .. } => "SIM-FUTURE-DATED-ROW",
            Self::RowNotFound => "SIM-ROW-NOT-FOUND",
            Self::TableNotFound { .. } => "SIM-TABLE-NOT-FOUND",
            Self::ColumnNotFound { .. } => "SIM-COLUMN-NOT-FOUND",
            Self::InUse { .. } => "SIM-ROW-IN-USE",
            Self::NotAMember => "LIVE-E1",
            Self::NotIntegrated => "0x80048d0b",
            Self::MissingPrivilege(_) => "PERM-PRIVILEGE",
            Self::OtherOrganization { .. } => "LIVE-E7",
        }
    }

    /// The column to blame, when one is.
    fn column(&self) -> Option<Name> {
        match self {
            Self::TextTooLong { column, .. }
            | Self::NotAnOption { column, .. }
            | Self::OutOfRange { column, .. }
            | Self::WrongKind { column, .. }
            | Self::Missing { column }
            | Self::ReadOnly { column }
            | Self::FutureDated { column }
            | Self::LookupMissing { column, .. } => Some(column.clone()),
            _ => None,
        }
    }

    fn arguments(&self, subject: Subject<'_>) -> Vec<(&'static str, String)> {
        let row = |more: Vec<(&'static str, String)>| {
            let mut arguments =
                vec![("record", subject.record.to_owned()), ("table", subject.table.to_owned())];
            arguments.extend(more);
            arguments
        };
        let table = || ("table", subject.table.to_owned());
        match self {
            Self::TextTooLong { column, limit, length } => row(vec![
                ("column", column.to_string()),
                ("limit", limit.to_string()),
                ("length", length.to_string()),
            ]),
            Self::NotAnOption { column, value, options } => row(vec![
                ("column", column.to_string()),
                ("value", value.to_string()),
                ("options", options.join(", ")),
            ]),
            Self::OutOfRange { column, value, minimum, maximum } => row(vec![
                ("column", column.to_string()),
                ("value", value.to_string()),
                ("minimum", minimum.to_string()),
                ("maximum", maximum.to_string()),
            ]),
            Self::WrongKind { column, expected, value } => row(vec![
                ("column", column.to_string()),
                ("expected", (*expected).to_owned()),
                ("value", value.clone()),
            ]),
            Self::Missing { column } | Self::ReadOnly { column } | Self::FutureDated { column } => {
                row(vec![("column", column.to_string())])
            }
            Self::LookupMissing { column, id, targets } => {
                row(vec![("column", column.to_string()), ("id", id.to_string()), ("targets", list(targets))])
            }
            Self::StatusOfOtherState { status, state } => {
                row(vec![("status", status.to_string()), ("state", state.to_string())])
            }
            Self::CompanyFixed { company, wanted } => {
                row(vec![("company", company.clone()), ("wanted", wanted.clone())])
            }
            Self::UnknownCompany { company, companies } => vec![
                ("company", company.clone()),
                ("environment", "Dataverse".to_owned()),
                ("companies", companies.join(", ")),
            ],
            Self::OwningTeamCleared { company } => vec![("company", company.clone())],
            Self::NoOwningTeam { company } => row(vec![("company", company.clone())]),
            Self::OwningTeamNotFound { unit } => vec![("unit", unit.clone())],
            Self::DuplicateKey { key, columns } => {
                vec![table(), ("key", key.clone()), ("columns", list(columns))]
            }
            Self::RowNotFound => row(Vec::new()),
            Self::TableNotFound { nearest } => {
                vec![table(), ("side", "Dataverse".to_owned()), ("nearest", nearest.clone())]
            }
            Self::ColumnNotFound { column, nearest } => {
                vec![table(), ("column", column.clone()), ("nearest", nearest.clone())]
            }
            Self::InUse { by } => row(vec![("by", by.join(", "))]),
            Self::NotAMember | Self::NotIntegrated => Vec::new(),
            Self::MissingPrivilege(missing) => vec![
                ("team_id", missing.principal.to_string()),
                ("details", format!("Name={}", missing.principal_name)),
                ("table", missing.table.to_string()),
                ("privilege_id", missing.privilege_id.to_string()),
                ("object_type_code", missing.object_type_code.to_string()),
            ],
            Self::OtherOrganization { configured, actual } => {
                vec![("configured", configured.to_string()), ("actual", actual.to_string())]
            }
        }
    }

    /// The error a user reads.
    pub(crate) fn into_error(self, facts: &Facts, subject: Subject<'_>) -> RowError {
        let arguments = self.arguments(subject);
        let borrowed: Vec<(&str, &str)> =
            arguments.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let text = facts.message(self.code()).and_then(|message| message.render(&borrowed).ok());
        // A message the catalogue lacks must not hide the facts of the case.
        let message = text.unwrap_or_else(|| {
            let known: Vec<String> =
                borrowed.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            format!("{} ({})", self.code(), known.join("; "))
        });
        RowError { code: self.code().to_owned(), column: self.column(), message }
    }
}

fn list(names: &[Name]) -> String {
    names.iter().map(Name::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use dwsim_catalog::Catalog;

    #[test]
    fn every_refusal_has_a_message_in_the_catalogue_that_takes_its_arguments() {
        let catalog = Catalog::embedded().unwrap();
        let column = Name::from("name");
        let id = Uuid::nil();
        let all = [
            Refusal::TextTooLong { column: column.clone(), limit: 4, length: 5 },
            Refusal::NotAnOption { column: column.clone(), value: 1, options: vec![] },
            Refusal::OutOfRange { column: column.clone(), value: 1, minimum: 2, maximum: 3 },
            Refusal::WrongKind { column: column.clone(), expected: "text", value: "1".into() },
            Refusal::Missing { column: column.clone() },
            Refusal::ReadOnly { column: column.clone() },
            Refusal::LookupMissing { column: column.clone(), id, targets: vec![column.clone()] },
            Refusal::StatusOfOtherState { status: 2, state: 0 },
            Refusal::CompanyFixed { company: "USMF".into(), wanted: "DEMF".into() },
            Refusal::UnknownCompany { company: "USMF".into(), companies: vec![] },
            Refusal::OwningTeamCleared { company: "USMF".into() },
            Refusal::NoOwningTeam { company: "USMF".into() },
            Refusal::OwningTeamNotFound { unit: "USMF".into() },
            Refusal::DuplicateKey { key: "10".into(), columns: vec![column.clone()] },
            Refusal::FutureDated { column: column.clone() },
            Refusal::RowNotFound,
            Refusal::TableNotFound { nearest: "account".into() },
            Refusal::ColumnNotFound { column: "nam".into(), nearest: "name".into() },
            Refusal::InUse { by: vec!["account".into()] },
            Refusal::NotAMember,
            Refusal::NotIntegrated,
            Refusal::MissingPrivilege(MissingPrivilege {
                principal: id,
                principal_name: "USMF Dual Write".into(),
                table: column,
                privilege_id: id,
                object_type_code: 1,
            }),
            Refusal::OtherOrganization { configured: id, actual: id },
        ];
        for refusal in all {
            let code = refusal.code();
            let error = refusal.into_error(catalog.facts(), Subject { table: "account", record: "USMF/10" });
            assert!(!error.message.starts_with(code), "{code} has no message for {error:?}");
        }
    }
}
