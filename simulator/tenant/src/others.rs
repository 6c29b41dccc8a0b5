//! Other Dataverse environments of the tenant: which ones the wizard offers, and moving from one to another.

use crate::{Tenant, TenantError};
use dwsim_dataverse::{Dataverse, Organization};
use dwsim_model::Name;
use dwsim_store::Store;
use uuid::Uuid;

/// A Dataverse environment of the tenant that is not the one in use.
#[derive(Debug)]
pub(crate) struct OtherDataverse {
    pub(crate) dataverse: Dataverse,
    /// Whether the person at the keyboard administers it.
    pub(crate) administered: bool,
    /// The F&O environment it is linked to, when it is.
    pub(crate) linked_to: Option<String>,
}

impl Tenant {
    /// Another Dataverse environment comes to be in the tenant. `linked_to` names another F&O environment.
    pub fn add_other_dataverse(
        &mut self,
        name: &str,
        administered: bool,
        linked_to: Option<&str>,
    ) -> Result<(), TenantError> {
        let id = self.seed.id(&format!("dataverse/organization/{name}"));
        let url = crate::tenant::dataverse_url(name);
        let organization = Organization::new(id, name, &url, self.policy.id, &self.dataverse_geography);
        let mut dataverse = Dataverse::new(
            self.catalog.clone(),
            organization,
            self.seed,
            Store::in_memory()?,
            self.clock.now(),
        )
        .map_err(TenantError::dataverse)?;
        let roles: [Name; 1] = [crate::tenant::ADMINISTRATOR.into()];
        dataverse.add_user(&self.person.name, &roles, self.clock.now()).map_err(TenantError::dataverse)?;
        let linked_to = linked_to.map(str::to_owned);
        self.others.push(OtherDataverse { dataverse, administered, linked_to });
        Ok(())
    }

    /// The environments the wizard offers: those the person administers.
    pub fn environments_offered(&self) -> Vec<String> {
        let own = (self.person.dataverse_administrator && self.dataverse.is_some())
            .then(|| self.dataverse_name.clone());
        let others = self
            .others
            .iter()
            .filter(|other| other.administered)
            .map(|other| other.dataverse.organization().name.clone());
        own.into_iter().chain(others).collect()
    }

    /// The name of the Dataverse environment with this organisation.
    pub(crate) fn dataverse_of(&self, id: Uuid) -> Option<String> {
        let own = self.dataverse.iter().map(Dataverse::organization);
        let others = self.others.iter().map(|other| other.dataverse.organization());
        own.chain(others).find(|organization| organization.id == id).map(|own| own.name.clone())
    }

    /// The field Power Platform Environment ID of Lifecycle Services: which Dataverse it names.
    pub fn point_lcs_to(&mut self, name: Option<&str>) -> Result<(), TenantError> {
        let Some(name) = name else {
            self.lcs.organization = None;
            return Ok(());
        };
        let own = self.dataverse.iter().map(Dataverse::organization);
        let others = self.others.iter().map(|other| other.dataverse.organization());
        let found = own.chain(others).find(|own| own.name == name).map(|own| own.id);
        let known: Vec<String> = self.environments_offered();
        let id = found.ok_or_else(|| {
            TenantError::unknown("Dataverse environment", name, known.iter().map(String::as_str))
        })?;
        self.lcs.organization = Some(id);
        Ok(())
    }

    /// Puts another Dataverse environment in the place of the one in use, which becomes another one itself.
    pub(crate) fn use_dataverse(&mut self, name: &str) -> Result<(), TenantError> {
        if self.dataverse.is_some() && self.dataverse_name == name {
            return Ok(());
        }
        let place = self.others.iter().position(|other| other.dataverse.organization().name == name);
        let Some(place) = place else {
            let known = self.environments_offered();
            let known = known.iter().map(String::as_str);
            return Err(TenantError::unknown("Dataverse environment", name, known));
        };
        let chosen = self.others.remove(place);
        if let Some(finops) = chosen.linked_to.clone() {
            let arguments = [("environment", name), ("other", finops.as_str())];
            let refused = self.refuse("SIM-ALREADY-LINKED", &arguments);
            self.others.insert(place, chosen);
            return Err(refused);
        }
        let before = self.dataverse.replace(chosen.dataverse);
        if let Some(dataverse) = before {
            self.others.push(OtherDataverse { dataverse, administered: true, linked_to: None });
        }
        name.clone_into(&mut self.dataverse_name);
        let url = crate::tenant::dataverse_url(name);
        self.engine.set_organisation_url(&url);
        self.install_platform()?;
        self.register_applications()
    }
}
