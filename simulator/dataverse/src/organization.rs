//! What an environment is apart from its rows: organisation, solutions, plug-ins, link, runtime configuration.

use dwsim_catalog::facts::SolutionVersion;
use dwsim_model::{MapId, Name};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A solution that is installed.
#[derive(Clone, Debug)]
pub struct InstalledSolution {
    /// Its version.
    pub version: SolutionVersion,
    /// The package it came with, when it came with one.
    pub package: Option<Name>,
    /// Whether uninstalling it removes its tables and their rows.
    pub managed: bool,
}

/// The F&O environment an environment is integrated with through Power Platform integration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntegrationDetails {
    /// URL of the F&O environment.
    pub url: String,
    /// Tenant of both.
    pub tenant_id: Uuid,
    /// Id of the F&O environment.
    pub id: Uuid,
}

/// One row of `msdyn_dualwriteruntimeconfig`: a table map that is enabled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeConfiguration {
    /// The table map.
    pub map: MapId,
    /// Logical name of the table.
    pub table: Name,
    /// Public set name of the F&O entity.
    pub entity: Name,
    /// The organisation the row was written in; another one after a database copy.
    pub organization_id: Uuid,
    /// Address of the F&O environment its plug-in calls.
    pub finops_url: String,
}

/// What an environment is apart from its rows.
#[derive(Clone, Debug)]
pub struct Organization {
    /// Organisation id.
    pub id: Uuid,
    /// Name people read; also that of the root business unit.
    pub name: String,
    /// Unique name, such as `unq8a1f`.
    pub unique_name: String,
    /// URL.
    pub url: String,
    /// Microsoft Entra tenant.
    pub tenant_id: Uuid,
    /// Geography, in the words of the regions list.
    pub geography: String,
    /// Whether it was created with "Enable Dynamics 365 apps" set to yes.
    pub dynamics_apps_enabled: bool,
    /// Whether the CRM prime solution came with it.
    pub crm_prime_solution: bool,
    /// Sales setting "Create products in active state".
    pub products_active: bool,
    /// Roles, by id or name, that a new owner team of a company is given, and that the default teams of business
    /// units get. Pages leave this to an administrator; empty shows what happens when nobody does it.
    pub new_team_roles: Vec<Name>,
    /// Installed solutions by unique name.
    pub solutions: BTreeMap<Name, InstalledSolution>,
    /// Plug-in assemblies and whether all their steps are enabled.
    pub plugins: BTreeMap<Name, bool>,
    /// Client ids of the dual-write applications present in the tenant.
    pub tenant_apps: BTreeSet<Uuid>,
    /// Client ids that a tenant administrator consented to.
    pub consented_apps: BTreeSet<Uuid>,
    /// Enabled table maps.
    pub runtime_configuration: Vec<RuntimeConfiguration>,
    /// The F&O environment it is integrated with.
    pub integration: Option<IntegrationDetails>,
    /// Tables whose rows carry no version number, by logical name: virtual and elastic ones.
    pub unversioned_tables: BTreeSet<Name>,
    /// Synchronous plug-ins of one's own on the data events of a table, by logical name.
    pub synchronous_plugins: BTreeMap<Name, Vec<Name>>,
}

/// Assemblies whose steps listen to changes.
pub const PLUGIN_ASSEMBLIES: [&str; 2] = ["DualWriteRegistration.Plugins", "DualWriteRuntime.Plugins"];

impl Organization {
    /// An environment as it is right after it was created: apps enabled, nothing installed, nothing linked.
    pub fn new(id: Uuid, name: &str, url: &str, tenant_id: Uuid, geography: &str) -> Self {
        let id_text = id.simple().to_string();
        Self {
            id,
            name: name.to_owned(),
            unique_name: format!("unq{}", &id_text[..8]),
            url: url.to_owned(),
            tenant_id,
            geography: geography.to_owned(),
            dynamics_apps_enabled: true,
            crm_prime_solution: false,
            products_active: false,
            new_team_roles: vec!["dataverse-system-administrator".into()],
            solutions: BTreeMap::new(),
            plugins: BTreeMap::new(),
            tenant_apps: BTreeSet::new(),
            consented_apps: BTreeSet::new(),
            runtime_configuration: Vec::new(),
            integration: None,
            unversioned_tables: BTreeSet::new(),
            synchronous_plugins: BTreeMap::new(),
        }
    }

    /// Whether every step of both dual-write assemblies is enabled.
    pub fn plugins_enabled(&self) -> bool {
        PLUGIN_ASSEMBLIES.iter().all(|assembly| self.plugins.get(*assembly) == Some(&true))
    }

    /// The organisation that a runtime configuration of this table was written in, when it is another one.
    pub(crate) fn foreign_configuration(&self, table: &str) -> Option<Uuid> {
        let of_table = |row: &&RuntimeConfiguration| row.table.eq_ignore_ascii_case(table);
        let foreign = self.runtime_configuration.iter().filter(of_table).map(|row| row.organization_id);
        foreign.into_iter().find(|organization| *organization != self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plugins_count_as_enabled_only_when_both_assemblies_are() {
        let mut organization =
            Organization::new(Uuid::from_u128(1), "Contoso", "https://c", Uuid::nil(), "United States");
        organization.plugins.insert(PLUGIN_ASSEMBLIES[0].into(), true);
        assert!(!organization.plugins_enabled());
        organization.plugins.insert(PLUGIN_ASSEMBLIES[1].into(), false);
        assert!(!organization.plugins_enabled());
        organization.plugins.insert(PLUGIN_ASSEMBLIES[1].into(), true);
        assert!(organization.plugins_enabled());
    }
}
