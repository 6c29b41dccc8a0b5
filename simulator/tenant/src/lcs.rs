//! Lifecycle Services: connecting Dataverse, configuring dual-write, linking, and its state machine.

use crate::{LcsRole, Tenant, TenantError};
use dwsim_catalog::facts::CloudHosted;
use dwsim_model::{EventKind, Name, VirtualDuration};
use std::fmt;
use uuid::Uuid;

/// Bytes of a megabyte, as the catalogue counts them.
const MEGABYTE: u64 = 1_000_000;

/// Where an environment stands in Lifecycle Services. Only Preparing and Resume are names of the pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LcsState {
    /// Only the initial Power Platform environment without Dataverse.
    NotConnected,
    /// Dataverse is being added.
    Preparing,
    /// Dataverse is there; this cannot be undone.
    Connected,
    /// Dual-write is being configured.
    Configuring,
    /// Ready to link.
    Configured,
    /// The link is being made.
    Linking,
    /// Linked.
    Linked,
    /// A step failed; Resume repeats it.
    Failed {
        /// The step.
        step: LcsStep,
        /// Why.
        error: String,
    },
}

/// A step that can fail and be resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LcsStep {
    /// Adding Dataverse.
    Setup,
    /// Configuring dual-write.
    Configure,
    /// Linking.
    Link,
}

impl fmt::Display for LcsState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NotConnected => "Not connected",
            Self::Preparing => "Preparing",
            Self::Connected => "Connected",
            Self::Configuring => "Configuring",
            Self::Configured => "Configured",
            Self::Linking => "Linking",
            Self::Linked => "Linked",
            Self::Failed { .. } => "Failed",
        })
    }
}

/// What is asked of Setup on the environment details page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupRequest {
    /// A new Dataverse from this template, or the existing one.
    pub target: SetupTarget,
    /// Agree is ticked.
    pub agreed: bool,
    /// What was typed into the confirmation.
    pub typed_name: String,
}

/// Which Dataverse to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetupTarget {
    /// A new one, from a template of the catalogue.
    New {
        /// Id of the template.
        template: Name,
    },
    /// The one that is there.
    Existing,
}

/// Lifecycle Services for one F&O environment.
#[derive(Clone, Debug)]
pub struct LifecycleServices {
    state: LcsState,
    /// The Dataverse organisation it is connected to.
    pub(crate) organization: Option<Uuid>,
    request: Option<SetupRequest>,
    /// Packages that configuring dual-write installs.
    pub(crate) packages: Vec<Name>,
}

impl Default for LifecycleServices {
    fn default() -> Self {
        Self { state: LcsState::NotConnected, organization: None, request: None, packages: Vec::new() }
    }
}

impl LifecycleServices {
    /// Where it stands.
    pub fn state(&self) -> &LcsState {
        &self.state
    }
}

impl Tenant {
    pub(crate) fn lcs_move(&mut self, to: LcsState) {
        let from = self.lcs.state.to_string();
        self.journal.record(self.clock.now(), EventKind::Link { from, to: to.to_string() });
        self.lcs.state = to;
    }

    fn lcs_expect(&self, action: &'static str, expected: &LcsState) -> Result<(), TenantError> {
        if self.lcs.state == *expected {
            return Ok(());
        }
        Err(self.refuse(
            "SIM-LCS-STATE",
            &[
                ("action", action),
                ("environment", &self.finops.environment().name),
                ("state", &self.lcs.state.to_string()),
                ("expected", &expected.to_string()),
            ],
        ))
    }

    fn lcs_step(
        &mut self,
        step: LcsStep,
        during: LcsState,
        done: LcsState,
        takes: VirtualDuration,
        work: impl FnOnce(&mut Self) -> Result<(), TenantError>,
    ) -> Result<(), TenantError> {
        self.lcs_move(during);
        self.clock.advance(takes);
        match work(self) {
            Ok(()) => {
                self.lcs_move(done);
                Ok(())
            }
            Err(error) => {
                self.lcs_move(LcsState::Failed { step, error: error.to_string() });
                Err(error)
            }
        }
    }

    /// Setup in the Power Platform Integration section: connects a new or the existing Dataverse.
    pub fn lcs_setup(&mut self, request: SetupRequest) -> Result<(), TenantError> {
        if let (LcsState::Connected | LcsState::Configured | LcsState::Linked, Some(_)) =
            (&self.lcs.state, self.lcs.organization)
        {
            let dataverse = self.dataverse_name().to_owned();
            return Err(self.refuse(
                "SIM-LCS-IRREVERSIBLE",
                &[
                    ("environment", &self.finops.environment().name),
                    ("dataverse", &dataverse),
                    ("wanted", "another one"),
                ],
            ));
        }
        self.lcs_expect("Setup", &LcsState::NotConnected)?;
        self.check_cloud_hosted(&request.target)?;
        self.check_setup(&request)?;
        self.lcs.request = Some(request);
        self.lcs_run_setup()
    }

    /// What pages say of cloud-hosted environments differs by profile (table 0.1).
    fn check_cloud_hosted(&self, target: &SetupTarget) -> Result<(), TenantError> {
        let environment = self.finops.environment();
        if !environment.cloud_hosted {
            return Ok(());
        }
        let profile = self.engine.profile();
        let name = environment.name.as_str();
        match (self.catalog.facts().profile(profile).cloud_hosted.value, target) {
            (CloudHosted::Unsupported, _) => {
                let arguments = [("environment", name), ("profile", &profile.to_string())];
                Err(self.refuse("SIM-CLOUD-HOSTED-UNSUPPORTED", &arguments))
            }
            (CloudHosted::WhileDeployingToNew, SetupTarget::Existing) => {
                Err(self.refuse("SIM-CLOUD-HOSTED-NEW-ONLY", &[("environment", name)]))
            }
            (CloudHosted::WhileDeployingToNew, SetupTarget::New { .. }) => Ok(()),
        }
    }

    fn lcs_run_setup(&mut self) -> Result<(), TenantError> {
        let Some(request) = self.lcs.request.clone() else { return Ok(()) };
        let limits = self.engine.limits();
        let takes = match request.target {
            SetupTarget::New { .. } => limits.provision_new_dataverse,
            SetupTarget::Existing => limits.connect_existing_dataverse,
        };
        self.lcs_step(LcsStep::Setup, LcsState::Preparing, LcsState::Connected, takes, |tenant| {
            tenant.check_capacity()?;
            match &request.target {
                SetupTarget::New { template } => {
                    let template = tenant.template(template)?;
                    tenant.create_dataverse()?;
                    tenant.lcs.packages = template;
                }
                SetupTarget::Existing => {
                    let mut templates = tenant.catalog.facts().templates().iter();
                    let template = templates.find(|template| template.for_existing);
                    tenant.lcs.packages =
                        template.map(|template| template.packages.clone()).unwrap_or_default();
                }
            }
            tenant.install_platform()?;
            // Automatic result A2: two new environments get the CRM prime solution with the Dataverse one.
            if matches!(request.target, SetupTarget::New { .. }) && tenant.starts_maps_by_itself() {
                tenant.install_prime_solution()?;
            }
            tenant.connect_power_platform();
            Ok(())
        })
    }

    /// Resume: repeats the step that failed.
    pub fn lcs_resume(&mut self) -> Result<(), TenantError> {
        let LcsState::Failed { step, .. } = self.lcs.state.clone() else {
            return self
                .lcs_expect("Resume", &LcsState::Failed { step: LcsStep::Setup, error: String::new() });
        };
        match step {
            LcsStep::Setup => self.lcs_run_setup(),
            LcsStep::Configure => self.lcs_run_configure(),
            LcsStep::Link => self.lcs_run_link(),
        }
    }

    /// Dual-write application, Configure: application users, solutions and packages. `also` names packages to
    /// install beside those of the template.
    pub fn lcs_configure(&mut self, also: &[Name]) -> Result<(), TenantError> {
        self.lcs_expect("Configure", &LcsState::Connected)?;
        for package in also {
            if self.catalog.facts().package(package).is_none() {
                let known = self.catalog.facts().packages().iter().map(|package| package.id.as_str());
                return Err(TenantError::unknown("package", package, known));
            }
        }
        self.lcs.packages.extend_from_slice(also);
        self.lcs_run_configure()
    }

    fn lcs_run_configure(&mut self) -> Result<(), TenantError> {
        let takes = self.engine.limits().lcs_configure;
        self.lcs_step(LcsStep::Configure, LcsState::Configuring, LcsState::Configured, takes, |tenant| {
            tenant.check_eligible()?;
            tenant.register_applications()?;
            let packages = tenant.lcs.packages.clone();
            packages.iter().try_for_each(|package| tenant.install_package(package))
        })
    }

    /// Link to Power Platform environment. New F&O is linked with its default company, existing F&O with all of its
    /// companies; for new F&O the template's table maps start without initial sync.
    pub fn lcs_link(&mut self) -> Result<(), TenantError> {
        self.lcs_expect("Link to Power Platform environment", &LcsState::Configured)?;
        self.lcs_run_link()
    }

    fn lcs_run_link(&mut self) -> Result<(), TenantError> {
        let takes = self.engine.limits().lcs_link;
        self.lcs_step(LcsStep::Link, LcsState::Linking, LcsState::Linked, takes, |tenant| {
            tenant.check_connections()?;
            // Resume comes here again when a table map did not start: the link is there then.
            if !tenant.is_linked_to_lcs() {
                let companies = tenant.companies_to_link()?;
                tenant.link(&companies)?;
            }
            if tenant.starts_maps_by_itself() {
                tenant.apply_solution()?;
                tenant.start_all_without_initial_sync()?;
            }
            Ok(())
        })
    }

    fn is_linked_to_lcs(&self) -> bool {
        self.link.as_ref().is_some_and(|link| self.lcs.organization == Some(link.organization))
    }

    /// The packages of a template.
    fn template(&self, id: &str) -> Result<Vec<Name>, TenantError> {
        let facts = self.catalog.facts();
        facts.template(id).map(|template| template.packages.clone()).ok_or_else(|| {
            TenantError::unknown(
                "template",
                id,
                facts.templates().iter().map(|template| template.id.as_str()),
            )
        })
    }

    fn check_capacity(&self) -> Result<(), TenantError> {
        let needed = self.engine.limits().setup_capacity / MEGABYTE;
        if self.policy.free_capacity_mb >= needed {
            return Ok(());
        }
        let (free, needed) = (format!("{} MB", self.policy.free_capacity_mb), format!("{needed} MB"));
        Err(self.refuse(
            "SIM-LCS-CAPACITY",
            &[("environment", &self.finops.environment().name), ("free", &free), ("needed", &needed)],
        ))
    }

    /// Prerequisites P3 to P8 and the confirmation, before anything starts.
    fn check_setup(&self, request: &SetupRequest) -> Result<(), TenantError> {
        let (person, environment) = (&self.person, self.finops.environment());
        let (user, name) = (person.name.as_str(), environment.name.as_str());
        if !request.agreed {
            return Err(self.refuse("SIM-LCS-TERMS-NOT-ACCEPTED", &[("environment", name)]));
        }
        if person.tenant != self.policy.id {
            let (theirs, ours) = (person.tenant.to_string(), self.policy.id.to_string());
            let arguments = [("user", user), ("user_tenant", theirs.as_str()), ("project_tenant", &ours)];
            return Err(self.refuse("SIM-LCS-TENANT", &arguments));
        }
        if !person.licences.iter().any(|licence| self.is_setup_licence(licence)) {
            return Err(self.refuse("SIM-LCS-LICENCE", &[("user", user), ("environment", name)]));
        }
        if person.lcs_role == LcsRole::TeamMember {
            let role = person.lcs_role.as_str();
            return Err(self.refuse("SIM-LCS-ROLE", &[("user", user), ("environment", name), ("role", role)]));
        }
        if !self.policy.open_environment_creation && !person.platform_administrator {
            return Err(self.refuse("SIM-LCS-CREATE-ROLE", &[("user", user), ("environment", name)]));
        }
        if request.target == SetupTarget::Existing {
            self.check_existing(user, name)?;
        }
        if request.typed_name.trim() != person.name {
            let typed = if request.typed_name.is_empty() { "nothing" } else { request.typed_name.as_str() };
            let arguments = [("environment", name), ("user", user), ("typed", typed)];
            return Err(self.refuse("SIM-LCS-NAME-NOT-TYPED", &arguments));
        }
        Ok(())
    }

    fn check_existing(&self, user: &str, name: &str) -> Result<(), TenantError> {
        let Some(dataverse) = &self.dataverse else {
            return Err(self.refuse("SIM-NO-DATAVERSE", &[("environment", name), ("user", user)]));
        };
        let organization = dataverse.organization();
        if !self.person.dataverse_administrator {
            let arguments = [("user", user), ("dataverse", organization.name.as_str())];
            return Err(self.refuse("SIM-LCS-DATAVERSE-ADMIN", &arguments));
        }
        let region = &self.finops.environment().region;
        let expected = self.catalog.facts().region_of(region).map(|region| region.id.as_str());
        match expected {
            None => Err(self.refuse("SIM-REGION", &[("region", region), ("environment", name)])),
            Some(expected) if !expected.eq_ignore_ascii_case(&organization.geography) => Err(self.refuse(
                "SIM-LCS-GEO",
                &[
                    ("environment", name),
                    ("finops_region", region),
                    ("expected", expected),
                    ("dataverse", &organization.name),
                    ("actual", &organization.geography),
                ],
            )),
            Some(_) if !organization.dynamics_apps_enabled => {
                Err(self.refuse("SIM-DYNAMICS-APPS-DISABLED", &[("dataverse", &organization.name)]))
            }
            Some(_) => Ok(()),
        }
    }

    fn is_setup_licence(&self, licence: &str) -> bool {
        let requirement = self.catalog.facts().requirement("P4");
        requirement
            .is_some_and(|requirement| requirement.any_of.iter().any(|own| own.eq_ignore_ascii_case(licence)))
    }

    /// The warning of the environment details page when dual-write and Lifecycle Services name different
    /// Dataverse environments.
    pub fn linking_mismatch(&self) -> Option<String> {
        let linked = self.link.as_ref()?.organization;
        if self.lcs.organization == Some(linked) {
            return None;
        }
        let message = &self.catalog.facts().profile(self.engine.profile()).mismatch_message.value;
        Some(self.engine.messages().text(message, &[]))
    }
}
