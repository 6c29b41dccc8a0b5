//! What an F&O environment is, beside its rows: versions, tenant, place, switches an administrator can set.

use crate::DualWriteConfiguration;
use dwsim_model::Name;
use std::collections::BTreeSet;
use uuid::Uuid;

/// How an F&O environment came to be; the set-up scenarios divide on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EnvironmentOrigin {
    /// Deployed for the link, with no data and the default company only.
    #[default]
    New,
    /// Deployed for the link, and then filled with data.
    NewWithData,
    /// There before dual-write was thought of.
    Existing,
}

/// A row of the page Microsoft Entra ID applications: a client id and the user it acts as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntraApplication {
    /// The client id, a guid in text.
    pub client_id: Name,
    /// The F&O user it is mapped to.
    pub user: Name,
    /// Whether that user is enabled.
    pub enabled: bool,
    /// Whether that user has the rights dual-write needs.
    pub has_rights: bool,
}

/// Everything about an F&O environment that is not a row of an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // independent switches of one environment, each with a page of its own
pub struct Environment {
    /// The name shown in Lifecycle Services.
    pub name: Name,
    /// Its address, without a slash at the end.
    pub url: String,
    /// The Microsoft Entra tenant it belongs to.
    pub tenant: Uuid,
    /// The Azure region it is deployed in.
    pub region: Name,
    /// The Power Platform geography that region pairs with.
    pub geography: Name,
    /// How it came to be.
    pub origin: EnvironmentOrigin,
    /// Whether it is a trial, which cannot be linked.
    pub trial: bool,
    /// Number of the platform update, such as 54.
    pub platform_update: u32,
    /// Application version, such as 10.0.30.
    pub application_version: Name,
    /// Whether the Data management page has been opened once; before that, there is no schema to read.
    pub schema_generated: bool,
    /// Whether the list of data entities has been refreshed.
    pub entity_list_refreshed: bool,
    /// Whether the data import/export framework runs; initial sync needs it.
    pub import_export_running: bool,
    /// Whether the row of the data integration application on the page Microsoft Entra ID applications is broken.
    pub data_application_broken: bool,
    /// Language locale of the source data formats.
    pub data_locale: Name,
    /// Whether the Human Resources module works.
    pub human_resources: bool,
    /// Whether text too long for its field is cut when dual-write writes it, instead of refusing the row.
    pub truncate_inbound_text: bool,
    /// Entities with cross-company data sharing, by public set name.
    pub shared_entities: BTreeSet<Name>,
    /// Whether it is a cloud-hosted development environment.
    pub cloud_hosted: bool,
    /// The configuration tables of dual-write.
    pub configuration: DualWriteConfiguration,
    /// The applications that may call it.
    pub entra_applications: Vec<EntraApplication>,
}

impl Environment {
    /// An environment of the version in which Reset link replaced Link and Unlink, where everything is set as it should be.
    pub fn new(name: &str, tenant: Uuid) -> Self {
        Self {
            name: name.into(),
            url: format!("https://{}.operations.dynamics.com", name.to_ascii_lowercase().replace(' ', "-")),
            tenant,
            region: "West US".into(),
            geography: "United States".into(),
            origin: EnvironmentOrigin::New,
            trial: false,
            platform_update: 54,
            application_version: "10.0.30".into(),
            schema_generated: true,
            entity_list_refreshed: true,
            import_export_running: true,
            data_application_broken: false,
            data_locale: "en-us".into(),
            human_resources: true,
            truncate_inbound_text: false,
            shared_entities: BTreeSet::new(),
            cloud_hosted: false,
            configuration: DualWriteConfiguration::default(),
            entra_applications: Vec::new(),
        }
    }

    /// Whether an application may call this environment: its row is there, its user enabled and with rights.
    pub fn admits(&self, client_id: &str) -> bool {
        let admits = |own: &EntraApplication| {
            own.client_id.eq_ignore_ascii_case(client_id) && own.enabled && own.has_rights
        };
        self.entra_applications.iter().any(admits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_whose_user_is_disabled_is_not_admitted() {
        let mut environment = Environment::new("USMF Production", Uuid::nil());
        assert_eq!(environment.url, "https://usmf-production.operations.dynamics.com");
        environment.entra_applications.push(EntraApplication {
            client_id: "6F7D0213-62b1-43a8-b7f4-ff2bb8b7b452".into(),
            user: "dual-write".into(),
            enabled: true,
            has_rights: true,
        });
        assert!(environment.admits("6f7d0213-62b1-43a8-b7f4-ff2bb8b7b452"));
        environment.entra_applications[0].enabled = false;
        assert!(!environment.admits("6f7d0213-62b1-43a8-b7f4-ff2bb8b7b452"));
    }
}
