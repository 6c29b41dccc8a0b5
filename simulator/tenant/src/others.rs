//! Other Dataverse environments of the tenant: which ones the wizard offers, and moving from one to another.

use crate::{Tenant, TenantError};
use dwsim_dataverse::{Dataverse, Organization};
use dwsim_dualwrite::MapSolution;
use dwsim_model::Name;
use dwsim_store::Store;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A Dataverse environment of the tenant that is not the one in use.
#[derive(Debug)]
pub(crate) struct OtherDataverse {
    pub(crate) dataverse: Dataverse,
    /// Whether the person at the keyboard administers it.
    pub(crate) administered: bool,
    /// The F&O environment it is linked to, when it is.
    pub(crate) linked_to: Option<String>,
    /// Whether it was there before it was first linked.
    pub(crate) existed: bool,
    /// Packages installed in it.
    pub(crate) packages: BTreeSet<Name>,
    /// Solutions with table maps imported into it.
    pub(crate) map_solutions: BTreeMap<Name, MapSolution>,
}

impl Tenant {
    /// Another Dataverse environment comes to be in the tenant, with Dual Write Core and the application users and
    /// no package. `linked_to` names another F&O environment.
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
        if administered {
            let roles: [Name; 1] = [crate::tenant::ADMINISTRATOR.into()];
            dataverse
                .add_user(&self.person.name, &roles, self.clock.now())
                .map_err(TenantError::dataverse)?;
        }
        let prepared = self.with_dataverse(dataverse, |tenant| {
            tenant.install_platform()?;
            tenant.register_in_dataverse()
        })?;
        self.others.push(OtherDataverse {
            dataverse: prepared,
            administered,
            linked_to: linked_to.map(str::to_owned),
            existed: true,
            packages: BTreeSet::new(),
            map_solutions: BTreeMap::new(),
        });
        Ok(())
    }

    /// Works on another environment as if it were the one in use.
    fn with_dataverse(
        &mut self,
        dataverse: Dataverse,
        work: impl FnOnce(&mut Self) -> Result<(), TenantError>,
    ) -> Result<Dataverse, TenantError> {
        let own = self.dataverse.replace(dataverse);
        let done = work(self);
        let other = std::mem::replace(&mut self.dataverse, own);
        done?;
        other.ok_or_else(|| {
            let arguments =
                [("environment", self.finops.environment().name.as_str()), ("user", &self.person.name)];
            self.refuse("SIM-NO-DATAVERSE", &arguments)
        })
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

    /// Puts another Dataverse environment in the place of the one in use, which becomes another one itself. Nothing in
    /// either changes.
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
        if let Some(finops) = &self.others[place].linked_to {
            return Err(self.refuse("SIM-ALREADY-LINKED", &[("environment", name), ("other", finops)]));
        }
        let chosen = self.others.remove(place);
        let administered = std::mem::replace(&mut self.person.dataverse_administrator, chosen.administered);
        let existed = std::mem::replace(&mut self.dataverse_existed, chosen.existed);
        let packages = std::mem::replace(&mut self.packages, chosen.packages);
        let map_solutions = std::mem::replace(&mut self.map_solutions, chosen.map_solutions);
        if let Some(dataverse) = self.dataverse.replace(chosen.dataverse) {
            let linked_to = None;
            let before =
                OtherDataverse { dataverse, administered, linked_to, existed, packages, map_solutions };
            self.others.push(before);
        }
        name.clone_into(&mut self.dataverse_name);
        self.engine.set_organisation_url(&crate::tenant::dataverse_url(name));
        Ok(())
    }

    /// Tries something with another Dataverse environment in use; the former one is back in use when it fails.
    pub(crate) fn trying_dataverse<T>(
        &mut self,
        name: &str,
        work: impl FnOnce(&mut Self) -> Result<T, TenantError>,
    ) -> Result<T, TenantError> {
        let before = self.dataverse_name.clone();
        let had_one = self.dataverse.is_some();
        self.use_dataverse(name)?;
        let done = work(self);
        if done.is_err() && had_one {
            self.use_dataverse(&before)?;
        }
        done
    }
}
