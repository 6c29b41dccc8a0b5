//! The running world: both environments, Lifecycle Services, the link, the engine, the clock and the journal.

use crate::{
    LifecycleServices, LinkFaults, Person, TenantError, TenantPolicy,
    others::OtherDataverse,
    ports::{DataversePort, FinOpsPort},
};
use dwsim_catalog::{Catalog, facts::ProfileId};
use dwsim_dataverse::{Dataverse, Organization};
use dwsim_dualwrite::{Engine, MapSolution, Progress, SchemaChanges, initial::Sides};
use dwsim_finops::{Environment, FinOps};
use dwsim_model::{Clock, CompanyCode, Journal, Name, Seed, Side};
use dwsim_store::Store;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use uuid::Uuid;

/// What a world starts from.
#[derive(Clone, Debug)]
pub struct TenantOptions {
    /// Which documentation is followed.
    pub profile: ProfileId,
    /// Where ids and random choices come from.
    pub seed: Seed,
    /// The F&O environment.
    pub finops: Environment,
    /// Name of the Dataverse environment, whether it exists yet or not.
    pub dataverse_name: String,
    /// Geography of the Dataverse environment, in the words of the regions list.
    pub dataverse_geography: String,
    /// Whether the Dataverse environment exists before set-up.
    pub dataverse_exists: bool,
    /// Whether "F&O" is the separate Human Resources app, which has no dual-write.
    pub human_resources_app: bool,
}

/// The link between both environments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The Dataverse organisation linked to.
    pub organization: Uuid,
    /// Who made it; only that person may add table maps.
    pub linking_user: String,
    /// Ids of the two connections made on behalf of the linking user.
    pub connections: [Uuid; 2],
    /// What has gone wrong with it since.
    pub faults: LinkFaults,
}

/// The only door to the running world.
#[allow(clippy::struct_excessive_bools)] // each is a fact of its own
pub struct Tenant {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) seed: Seed,
    pub(crate) clock: Clock,
    pub(crate) journal: Journal,
    pub(crate) finops: FinOps,
    pub(crate) dataverse: Option<Dataverse>,
    pub(crate) dataverse_name: String,
    pub(crate) dataverse_geography: String,
    pub(crate) lcs: LifecycleServices,
    pub(crate) link: Option<Link>,
    /// Links there have been, this one counted.
    pub(crate) links: u64,
    /// Where the activity logs begin in the journal: Reset link clears them.
    pub(crate) log_starts: usize,
    /// Whether the Dataverse in use was there before set-up, as the guidance asks.
    pub(crate) dataverse_existed: bool,
    /// Other Dataverse environments of the tenant.
    pub(crate) others: Vec<OtherDataverse>,
    /// Whether the linked Dataverse can be reached.
    pub dataverse_available: bool,
    pub(crate) engine: Engine,
    pub(crate) human_resources_app: bool,
    pub(crate) packages: BTreeSet<Name>,
    /// The list of data entities as F&O published it last.
    pub(crate) entity_list: SchemaChanges,
    /// Imported solutions with table maps of one's own, applied or not.
    pub(crate) map_solutions: BTreeMap<Name, MapSolution>,
    /// The person at the keyboard.
    pub person: Person,
    /// What the tenant around both environments has and allows.
    pub policy: TenantPolicy,
    pub(crate) progress: Box<dyn FnMut(&Progress) + Send>,
}

impl std::fmt::Debug for Tenant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tenant")
            .field("seed", &self.seed)
            .field("lcs", self.lcs.state())
            .field("link", &self.link)
            .finish_non_exhaustive()
    }
}

/// The role, by its id in the catalogue, of who administers a Dataverse environment.
pub(crate) const ADMINISTRATOR: &str = "dataverse-system-administrator";

/// Address of a Dataverse environment by its name.
pub(crate) fn dataverse_url(name: &str) -> String {
    format!("https://{}.crm.dynamics.com", name.to_ascii_lowercase().replace(' ', "-"))
}

impl Tenant {
    /// A world in memory, before any set-up.
    pub fn new(catalog: Arc<Catalog>, options: TenantOptions) -> Result<Self, TenantError> {
        let tenant = options.finops.tenant;
        let finops =
            FinOps::new(catalog.clone(), options.finops, Store::in_memory()?).map_err(TenantError::finops)?;
        let engine = Engine::new(catalog.clone(), options.profile, &dataverse_url(&options.dataverse_name));
        let mut world = Self {
            catalog,
            seed: options.seed,
            clock: Clock::default(),
            journal: Journal::default(),
            finops,
            dataverse: None,
            dataverse_name: options.dataverse_name,
            dataverse_geography: options.dataverse_geography,
            lcs: LifecycleServices::default(),
            link: None,
            links: 0,
            log_starts: 0,
            dataverse_existed: options.dataverse_exists,
            others: Vec::new(),
            dataverse_available: true,
            engine,
            human_resources_app: options.human_resources_app,
            packages: BTreeSet::new(),
            entity_list: SchemaChanges::new(),
            map_solutions: BTreeMap::new(),
            person: Person::administrator("Alex Admin", tenant),
            policy: TenantPolicy::open(tenant),
            progress: Box::new(|_| {}),
        };
        if options.dataverse_exists {
            world.create_dataverse()?;
        }
        Ok(world)
    }

    /// Creates the Dataverse environment.
    pub(crate) fn create_dataverse(&mut self) -> Result<(), TenantError> {
        if self.dataverse.is_some() {
            return Ok(());
        }
        let id = self.seed.id("dataverse/organization");
        let organization = Organization::new(
            id,
            &self.dataverse_name,
            &dataverse_url(&self.dataverse_name),
            self.policy.id,
            &self.dataverse_geography,
        );
        let mut dataverse = Dataverse::new(
            self.catalog.clone(),
            organization,
            self.seed,
            Store::in_memory()?,
            self.clock.now(),
        )
        .map_err(TenantError::dataverse)?;
        // Whoever sets dual-write up administers the environment and is the one who saves rows in it.
        let roles = [ADMINISTRATOR.into()];
        dataverse.add_user(&self.person.name, &roles, self.clock.now()).map_err(TenantError::dataverse)?;
        self.dataverse = Some(dataverse);
        Ok(())
    }

    /// A new Dataverse environment from the Power Platform admin center, as one makes it before the wizard.
    pub fn create_dataverse_by_hand(&mut self) -> Result<(), TenantError> {
        if self.dataverse.is_some() {
            let (name, environment) = (self.dataverse_name.clone(), self.finops.environment().name.clone());
            return Err(
                self.refuse("SIM-DATAVERSE-EXISTS", &[("environment", &environment), ("dataverse", &name)])
            );
        }
        self.clock.advance(self.engine.limits().provision_new_dataverse);
        self.create_dataverse()
    }

    /// A new legal entity in F&O, as a user makes it: live sync sees it.
    pub fn create_company(&mut self, code: &CompanyCode, name: &str) -> Result<(), TenantError> {
        self.in_both(Side::FinOps, |world| {
            let saved = world.finops.create_company(code.as_str(), name).map_err(TenantError::finops)?;
            Ok(saved.made.into_iter().chain([saved.change]).collect())
        })?;
        Ok(())
    }

    /// The catalogue the world is made of.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// The seed it grew from.
    pub fn seed(&self) -> Seed {
        self.seed
    }

    /// Its clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Its clock, to let time pass.
    pub fn clock_mut(&mut self) -> &mut Clock {
        &mut self.clock
    }

    /// Everything that happened.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The F&O environment.
    pub fn finops(&self) -> &FinOps {
        &self.finops
    }

    /// The F&O environment, to prepare it. Changes made here are not seen by live sync.
    pub fn finops_mut(&mut self) -> &mut FinOps {
        &mut self.finops
    }

    /// The Dataverse environment, once it exists.
    pub fn dataverse(&self) -> Option<&Dataverse> {
        self.dataverse.as_ref()
    }

    /// The Dataverse environment, to prepare it. Changes made here are not seen by live sync.
    pub fn dataverse_mut(&mut self) -> Option<&mut Dataverse> {
        self.dataverse.as_mut()
    }

    /// Both environments at once, to prepare them.
    pub fn environments_mut(&mut self) -> (&mut FinOps, Option<&mut Dataverse>) {
        (&mut self.finops, self.dataverse.as_mut())
    }

    /// Lifecycle Services.
    pub fn lcs(&self) -> &LifecycleServices {
        &self.lcs
    }

    /// The link, once there is one.
    pub fn link_state(&self) -> Option<&Link> {
        self.link.as_ref()
    }

    /// The dual-write engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The dual-write engine, to change its limits.
    pub fn engine_mut(&mut self) -> &mut Engine {
        &mut self.engine
    }

    /// Tells this function about every batch of initial sync.
    pub fn on_progress(&mut self, progress: impl FnMut(&Progress) + Send + 'static) {
        self.progress = Box::new(progress);
    }

    /// Name of the Dataverse environment.
    pub fn dataverse_name(&self) -> &str {
        &self.dataverse_name
    }

    pub(crate) fn refuse(&self, code: &str, arguments: &[(&str, &str)]) -> TenantError {
        self.engine.messages().failure(code, arguments).into()
    }

    pub(crate) fn existing_dataverse(&mut self) -> Result<&mut Dataverse, TenantError> {
        if let Some(dataverse) = &mut self.dataverse {
            Ok(dataverse)
        } else {
            let name = self.finops.environment().name.clone();
            Err(self
                .engine
                .messages()
                .failure("SIM-NO-DATAVERSE", &[("environment", &name), ("user", &self.person.name)])
                .into())
        }
    }

    pub(crate) fn check_linked(&self, action: &str) -> Result<(), TenantError> {
        if self.link.is_some() {
            return Ok(());
        }
        let name = self.finops.environment().name.clone();
        Err(self.refuse("SIM-NOT-LINKED", &[("environment", &name), ("action", action)]))
    }

    /// Lets the engine work on both sides.
    pub(crate) fn with_engine<T>(
        &mut self,
        work: impl FnOnce(&mut Engine, &mut Sides<'_>, &mut Clock, &mut Journal, &mut dyn FnMut(&Progress)) -> T,
    ) -> Result<T, TenantError> {
        let now = self.clock.now();
        let name = self.finops.environment().name.clone();
        let Some(dataverse) = &mut self.dataverse else {
            return Err(self
                .engine
                .messages()
                .failure("SIM-NO-DATAVERSE", &[("environment", &name), ("user", &self.person.name)])
                .into());
        };
        let mut finops = FinOpsPort { finops: &mut self.finops };
        let mut dataverse = DataversePort { dataverse, now };
        let mut sides = Sides { finops: &mut finops, dataverse: &mut dataverse };
        Ok(work(&mut self.engine, &mut sides, &mut self.clock, &mut self.journal, &mut *self.progress))
    }

    /// Legal entities of F&O, ascending.
    pub fn companies(&self) -> Result<Vec<CompanyCode>, TenantError> {
        Ok(self.finops.companies()?)
    }

    /// Packages and table maps, for messages.
    pub(crate) fn package_name(&self, id: &Name) -> String {
        self.catalog.facts().package(id).map_or_else(|| id.to_string(), |package| package.name.to_string())
    }
}
