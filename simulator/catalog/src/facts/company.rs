//! The company concept: the company table of Dataverse, what creating a row there does, users and roles.

use dwsim_model::{Name, Side};
use serde::Deserialize;

/// The company table of Dataverse and names that go with it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanyTable {
    /// Logical name.
    pub table: Name,
    /// Entity set.
    pub entity_set: Name,
    /// Row id column.
    pub id_column: Name,
    /// Natural key, equal to the F&O company id.
    pub code_column: Name,
    /// Name column. Names have to be unique and not blank.
    pub name_column: Name,
    /// Lookup to the team that owns the company's rows.
    pub default_owning_team_column: Name,
    /// Yes/no column that says the company takes part.
    pub enabled_column: Name,
    /// Lookup column other tables have to this one.
    pub lookup_column: Name,
    /// Longest company code.
    pub code_max_length: usize,
    /// Company of an F&O environment without data.
    pub default_company: Name,
    /// What the name of the owning team adds to the company's, after a space.
    pub team_suffix: Box<str>,
    /// First record id F&O gives to a row.
    pub first_rec_id: i64,
    /// F&O company column name.
    pub finops_column: Name,
    /// F&O entity of legal entities.
    pub finops_entity: Name,
    /// Its field with the code.
    pub finops_code_field: Name,
    /// Its field with the name.
    pub finops_name_field: Name,
    /// What a reader has to know about it.
    pub note: Box<str>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}

/// What the plug-in does when a company row is created and takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CompanyEffectKind {
    /// A business unit of the company's name, if there is none.
    BusinessUnit,
    /// Its default team, which Dataverse makes with it.
    DefaultTeam,
    /// An owner team of the company's name with the suffix, if there is none.
    OwnerTeam,
    /// The default owning team of the company row.
    DefaultOwningTeam,
}

/// One effect, in order.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanyEffect {
    /// Which.
    pub id: CompanyEffectKind,
    /// What exactly, in our words.
    pub text: Box<str>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}

/// A user that stands for an application.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplicationUser {
    /// Stable id, such as `finops-calls-dataverse`.
    pub id: Name,
    /// Client id of the application, a guid.
    pub client_id: Name,
    /// Side on which it is a user.
    pub side: Side,
    /// Name the simulator shows.
    pub name: Box<str>,
    /// Whether rows that dual-write saves in Dataverse carry it as modified by.
    #[serde(default)]
    pub writes_rows: bool,
    /// Roles it needs.
    pub roles: Vec<Name>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}

/// A role of F&O or Dataverse.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Stable id, such as `dual-write-runtime-user`.
    pub id: Name,
    /// Name as the pages print it.
    pub name: Name,
    /// Its side.
    pub side: Side,
    /// What it allows, in our words.
    pub allows: Box<str>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}

/// Who may do something.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleRule {
    /// Stable id of the action, such as `link` or `edit-map`.
    pub id: Name,
    /// The action, in our words.
    pub action: Box<str>,
    /// Roles that are all needed; any one of the inner list is enough.
    pub all_of: Vec<Vec<Name>>,
    /// Whether only the user who linked may do it.
    #[serde(default)]
    pub linking_user_only: bool,
    /// Message of the refusal.
    #[serde(default)]
    pub message: Option<Name>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}
