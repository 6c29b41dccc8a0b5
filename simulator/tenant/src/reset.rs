//! Reset link, unlinking and relinking, and what they leave behind.

use crate::{Link, LinkFaults, Tenant, TenantError};
use dwsim_catalog::facts::LinkButtons;
use dwsim_dualwrite::MapStatus;
use dwsim_finops::ProjectConfiguration;
use dwsim_model::{CompanyCode, EventKind, MapId, Side};

/// What Reset link is asked to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResetRequest {
    /// Acknowledge Reset is ticked.
    pub acknowledged: bool,
    /// Force Reset is ticked.
    pub force: bool,
    /// Legal entities selected; the page starts with none.
    pub companies: Vec<CompanyCode>,
}

/// The page Choose environment of Reset link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetPage {
    /// Current Dataverse Environment.
    pub current: String,
    /// Power Platform Link Dataverse Environment, shown where it is another one.
    pub replacement: Option<String>,
    /// Whether the box Force Reset is there: some map is not stopped (decision 4).
    pub force_reset: bool,
}

/// What the Dual-write page offers besides the list of maps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkActions {
    /// Buttons, as they are written.
    pub buttons: Vec<&'static str>,
    /// The banner, when there is one.
    pub banner: Option<String>,
}

impl Tenant {
    fn has_reset_link(&self) -> bool {
        let profile = self.catalog.facts().profile(self.engine.profile());
        profile.link_buttons.value == LinkButtons::ResetLink
            && self.finops.environment().platform_update >= self.catalog.facts().reset_link_update()
    }

    /// Buttons and banner of the Dual-write page.
    pub fn link_actions(&self) -> LinkActions {
        if self.has_reset_link() {
            let banner = self.engine.messages().text("LINK-BUTTONS-REPLACED", &[]);
            return LinkActions { buttons: vec!["Reset link"], banner: Some(banner) };
        }
        let button = if self.link.is_some() { "Unlink environment" } else { "New link to environment" };
        LinkActions { buttons: vec![button], banner: None }
    }

    fn maps_not_stopped(&self) -> Vec<MapId> {
        let states = self.engine.maps().iter();
        states.filter(|(_, state)| state.status != MapStatus::NotRunning).map(|(id, _)| id.clone()).collect()
    }

    fn refuse_running(&self, action: &str, maps: &[MapId]) -> TenantError {
        let list: Vec<&str> = maps.iter().map(MapId::as_str).collect();
        self.refuse("SIM-MAPS-RUNNING", &[("action", action), ("maps", &list.join(", "))])
    }

    /// The page Choose environment of Reset link.
    pub fn reset_link_page(&self) -> Result<ResetPage, TenantError> {
        self.check_linked("Reset link")?;
        if !self.has_reset_link() {
            let arguments = [("environment", self.finops.environment().name.as_str())];
            return Err(self.refuse("SIM-RESET-NOT-OFFERED", &arguments));
        }
        let environment = self.finops.environment().name.clone();
        let current = self.dataverse_name.clone();
        let force_reset = !self.maps_not_stopped().is_empty();
        if self.finops.environment().cloud_hosted {
            // A cloud-hosted environment refreshes the same connection; another Dataverse means deploying anew.
            return Ok(ResetPage { current, replacement: None, force_reset });
        }
        let wanted = self.lcs.organization.and_then(|id| self.dataverse_of(id));
        let Some(wanted) = wanted else {
            return Err(self.refuse("SIM-RESET-NO-DATAVERSE", &[("environment", &environment)]));
        };
        let replacement = (wanted != current).then_some(wanted);
        Ok(ResetPage { current, replacement, force_reset })
    }

    /// Reset link, from its first page to its last.
    pub fn reset_link(&mut self, request: &ResetRequest) -> Result<(), TenantError> {
        let page = self.reset_link_page()?;
        if !request.acknowledged {
            let arguments = [("environment", self.finops.environment().name.as_str())];
            return Err(self.refuse("SIM-RESET-NOT-ACKNOWLEDGED", &arguments));
        }
        if page.force_reset && !request.force {
            return Err(self.refuse_running("Reset link", &self.maps_not_stopped()));
        }
        self.check_known(&request.companies)?;
        // The health check and whatever else can be refused come before anything of the old link goes.
        let before = self.dataverse_name.clone();
        let target = page.replacement.unwrap_or_else(|| before.clone());
        self.trying_dataverse(&target, |tenant| {
            tenant.check_health()?;
            tenant.prepare_link(&request.companies)
        })?;
        self.use_dataverse(&before)?;
        self.forget_link();
        self.use_dataverse(&target)?;
        self.complete_link(&request.companies)
    }

    /// Support links both environments anew, as pages offered before Reset link took its place (table 0.1): the same
    /// Dataverse, and nothing of the old link is left. Maps that run are turned off.
    pub fn relink_by_support(&mut self, companies: &[dwsim_model::CompanyCode]) -> Result<(), TenantError> {
        let profile = self.engine.profile();
        if !self.catalog.facts().profile(profile).relink_by_support.value {
            let name = self.finops.environment().name.clone();
            let arguments = [("environment", name.as_str()), ("profile", &profile.to_string())];
            return Err(self.refuse("SIM-SUPPORT-NO-RELINK", &arguments));
        }
        self.check_linked("Relink by support")?;
        self.check_known(companies)?;
        self.check_health()?;
        self.prepare_link(companies)?;
        self.forget_link();
        self.complete_link(companies)
    }

    /// Everything of the link goes: configuration on both sides, maps, keys, legal entities, logs, history. Business
    /// rows stay (decision 39).
    fn forget_link(&mut self) {
        self.finops.environment_mut().configuration.clear();
        if let Some(dataverse) = &mut self.dataverse {
            dataverse.organization_mut().runtime_configuration.clear();
        }
        self.engine.reset();
        self.link = None;
        self.log_starts = self.journal.events().len();
        let (from, to) = ("Linked".to_owned(), "Reset".to_owned());
        self.journal.record(self.clock.now(), EventKind::Link { from, to });
    }

    /// Unlink environment, before Reset link took its place. Maps have to be stopped; they stay in Dataverse, and so
    /// does the configuration of the link in F&O until somebody deletes it.
    pub fn unlink(&mut self) -> Result<(), TenantError> {
        self.check_linked("Unlink")?;
        if self.has_reset_link() {
            return Err(self.refuse("LINK-BUTTONS-REPLACED", &[]));
        }
        let person = &self.person;
        if !person.finops_administrator && !person.dataverse_administrator {
            return Err(self.refuse("E7", &[]));
        }
        let running = self.maps_not_stopped();
        if !running.is_empty() {
            return Err(self.refuse_running("Unlink", &running));
        }
        self.link = None;
        self.engine.set_companies(Vec::new());
        let (from, to) = ("Linked".to_owned(), "Not linked".to_owned());
        self.journal.record(self.clock.now(), EventKind::Link { from, to });
        Ok(())
    }

    /// Deletes every row of the configuration tables of a side, as the pages ask for before linking again.
    pub fn delete_configuration(&mut self, side: Side) {
        match (side, &mut self.dataverse) {
            (Side::FinOps, _) => self.finops.environment_mut().configuration.clear(),
            (Side::Dataverse, Some(dataverse)) => dataverse.organization_mut().runtime_configuration.clear(),
            (Side::Dataverse, None) => {}
        }
    }

    /// Rows of the configuration tables of a side.
    pub fn configuration_rows(&self, side: Side) -> u64 {
        match (side, &self.dataverse) {
            (Side::FinOps, _) => self.finops.environment().configuration.rows(),
            (Side::Dataverse, Some(dataverse)) => dataverse.organization().runtime_configuration.len() as u64,
            (Side::Dataverse, None) => 0,
        }
    }

    /// The Dataverse environment becomes a copy of itself: another organisation, with the rows of the original.
    pub fn copy_dataverse(&mut self) -> Result<(), TenantError> {
        let id = self.seed.id("dataverse/organization/copy");
        self.existing_dataverse()?.organization_mut().id = id;
        Ok(())
    }

    /// Two rows for each map that is enabled, one a direction (decision Q38); rows of stopped maps and of former links
    /// stay as they are.
    pub(crate) fn write_finops_configuration(&mut self) {
        let (Some(link), Some(dataverse)) = (&self.link, &self.dataverse) else { return };
        if link.organization != dataverse.organization().id {
            return;
        }
        let (number, url) = (self.links, dataverse.organization().url.clone());
        let configuration = &mut self.finops.environment_mut().configuration;
        let enabled = self.engine.maps().values().filter(|state| state.status != MapStatus::NotRunning);
        for state in enabled {
            let map = &state.compiled.map;
            for into in [Side::Dataverse, Side::FinOps] {
                let known =
                    |row: &&ProjectConfiguration| row.map == map.id && row.into == into && row.link == number;
                if configuration.projects.iter().any(|row| known(&row)) {
                    continue;
                }
                configuration.projects.push(ProjectConfiguration {
                    map: map.id.clone(),
                    entity: map.entity.clone(),
                    table: map.table.clone(),
                    into,
                    external_environment_url: url.clone(),
                    link: number,
                    fields: state.compiled.program(into).map_or(0, |program| program.columns.len() as u64),
                });
            }
            let event = (map.id.clone(), map.entity.clone());
            if !configuration.business_events.contains(&event) {
                configuration.business_events.push(event);
            }
        }
    }

    /// What a former link keeps from being sent: the payload of a row of this entity cannot be made in F&O, or the
    /// plug-in of Dataverse calls an F&O that is not there.
    pub(crate) fn check_configuration(&mut self, side: Side, table: &str) -> Result<(), TenantError> {
        let Some(dataverse) = &self.dataverse else { return Ok(()) };
        let organization = dataverse.organization();
        match side {
            Side::FinOps if self.link.is_some() => {
                let configuration = &self.finops.environment().configuration;
                let Some(row) = configuration.astray(table, &organization.url) else { return Ok(()) };
                let refused = self.refuse("LIVE-E5", &[("finops_entity", row.entity.as_str())]);
                let verbose = self.engine.messages().text("LIVE-E5-VERBOSE", &[]);
                self.notice("verboseError", verbose);
                Err(refused)
            }
            Side::FinOps => Ok(()),
            Side::Dataverse => {
                let url = &self.finops.environment().url;
                let mut rows = organization.runtime_configuration.iter();
                match rows.find(|row| row.table.as_str() == table && row.finops_url != *url) {
                    Some(row) => Err(self.refuse("LIVE-E6", &[("table", row.table.as_str())])),
                    None => Ok(()),
                }
            }
        }
    }

    /// The F&O environment becomes a copy of itself at another address: rows and configuration tables of the original,
    /// no link, every table map Not running. Dataverse still calls the original.
    pub fn copy_finops(&mut self, url: &str) -> Result<(), TenantError> {
        url.clone_into(&mut self.finops.environment_mut().url);
        for map in self.maps_not_stopped() {
            self.engine.force_not_running(&map)?;
        }
        self.engine.set_companies(Vec::new());
        self.lcs = crate::LifecycleServices::default();
        self.link = None;
        let (from, to) = ("Linked".to_owned(), "Not linked".to_owned());
        self.journal.record(self.clock.now(), EventKind::Link { from, to });
        Ok(())
    }

    pub(crate) fn linked_now(&mut self, organization: uuid::Uuid) {
        self.links += 1;
        let connections = [self.seed.id("link/connection/AX"), self.seed.id("link/connection/CRM")];
        let linking_user = self.person.name.clone();
        self.link = Some(Link { organization, linking_user, connections, faults: LinkFaults::default() });
    }
}
