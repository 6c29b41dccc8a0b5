//! Who sets dual-write up, and what the tenant around both environments allows.

use dwsim_model::Name;
use uuid::Uuid;

/// The person at the keyboard during set-up.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // independent rights, each checked in a place of its own
pub struct Person {
    /// Full name; typed to confirm what cannot be undone.
    pub name: String,
    /// The Microsoft Entra tenant of the account.
    pub tenant: Uuid,
    /// Licences held, by the names of the licensing page.
    pub licences: Vec<Name>,
    /// Role in the Lifecycle Services project.
    pub lcs_role: LcsRole,
    /// Dynamics 365 Service Admin or Power Platform Admin.
    pub platform_administrator: bool,
    /// System administrator in F&O.
    pub finops_administrator: bool,
    /// System Administrator in the Dataverse environment.
    pub dataverse_administrator: bool,
    /// Has a Power Apps licence, without which connections cannot be created.
    pub power_apps_licence: bool,
}

impl Person {
    /// Somebody who may do everything in a tenant.
    pub fn administrator(name: &str, tenant: Uuid) -> Self {
        Self {
            name: name.to_owned(),
            tenant,
            licences: vec!["Finance".into(), "Supply Chain Management".into()],
            lcs_role: LcsRole::EnvironmentManager,
            platform_administrator: true,
            finops_administrator: true,
            dataverse_administrator: true,
            power_apps_licence: true,
        }
    }
}

/// A role in a Lifecycle Services project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LcsRole {
    /// Owns the project; may set up.
    ProjectOwner,
    /// Manages environments; may set up.
    EnvironmentManager,
    /// May look.
    TeamMember,
}

impl LcsRole {
    /// The role as Lifecycle Services writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ProjectOwner => "Project Owner",
            Self::EnvironmentManager => "Environment Manager",
            Self::TeamMember => "Team Member",
        }
    }
}

/// What the tenant around both environments has and allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantPolicy {
    /// Its id.
    pub id: Uuid,
    /// Dataverse database capacity left, in MB.
    pub free_capacity_mb: u64,
    /// Whether everybody may create environments.
    pub open_environment_creation: bool,
}

impl TenantPolicy {
    /// A tenant with room and without restrictions.
    pub fn open(id: Uuid) -> Self {
        Self { id, free_capacity_mb: 10_240, open_environment_creation: true }
    }
}
