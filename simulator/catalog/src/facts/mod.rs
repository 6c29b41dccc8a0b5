//! Documented facts beyond the table maps: packages, limits, messages, profiles, prerequisites and guidance.
//!
//! Facts are data under `data/facts`, each record with the tags of its sources. They are read and checked
//! together, so that a mistake names its file and record.

mod alerts;
mod behaviours;
mod checks;
mod company;
mod document;
mod domain;
mod error;
mod guidance;
mod known_issues;
mod limits;
mod load;
mod messages;
mod number_sequences;
mod packages;
mod party;
mod prerequisites;
mod profiles;
mod scenarios;
mod source;
mod templates;

#[cfg(test)]
mod tests;

pub use alerts::{APPLICATION_ERROR, ErrorType};
pub use behaviours::{Behaviour, Decision};
pub use company::{ApplicationUser, CompanyEffect, CompanyEffectKind, CompanyTable, Role, RoleRule};
pub use domain::{ExchangeRateColumn, InventoryInquiry, LineDiscount, OnlyOne};
pub use error::{FactError, MessageError};
pub use guidance::{ApproachStep, GuidanceRow, Origin, Threading};
pub use known_issues::KnownIssue;
pub use limits::{LimitFact, Limits, Rate, Unit};
pub use messages::{Message, Severity, Template as MessageTemplate, Wording};
pub use number_sequences::{NumberSequence, SequenceScope};
pub use packages::{
    CoreSolution, MapRevision, NamedMap, OtherSolution, Package, RequiredVersion, Solution, SolutionVersion,
};
pub use party::{PartyCarrier, PartyStore, PartyType, PartyTypeRule};
pub use prerequisites::{AppRegistration, CheckDetail, HealthCheck, MinimumVersion, Region, Requirement};
pub use profiles::{
    CloudHosted, InitialSyncRerun, LinkButtons, LinkEntry, Profile, ProfileId, RelinkCleanUp, ResumeOption,
    Terminology,
};
pub use scenarios::{AutomaticResult, LinkedCompanies, ManualStep, Pass, ScenarioOutcome, ScenarioRow};
pub use source::{Source, Sourced};
pub use templates::Template;

use dwsim_model::{Name, Side};
use std::collections::{BTreeMap, BTreeSet};

/// Everything documented that is not a table map or a table. Read-only.
#[derive(Clone, Debug)]
pub struct Facts {
    sources: Vec<Source>,
    behaviours: Vec<Behaviour>,
    decisions: Vec<Decision>,
    known_issues: Vec<KnownIssue>,
    core: CoreSolution,
    packages: Vec<Package>,
    other_solutions: Vec<OtherSolution>,
    required_versions: Vec<RequiredVersion>,
    figures: Vec<LimitFact>,
    /// One reading of the figures a profile, in the order of [`ProfileId::ALL`].
    limits: [Limits; 2],
    profiles: [Profile; 2],
    messages: BTreeMap<Name, Message>,
    templates: Vec<Template>,
    checks: Vec<HealthCheck>,
    requirements: Vec<Requirement>,
    minimum_versions: Vec<MinimumVersion>,
    regions: Vec<Region>,
    apps: Vec<AppRegistration>,
    guidance: Vec<GuidanceRow>,
    automatic_results: Vec<AutomaticResult>,
    manual_steps: Vec<ManualStep>,
    scenarios: Vec<ScenarioRow>,
    number_sequences: Vec<NumberSequence>,
    party_store: PartyStore,
    party_carriers: Vec<PartyCarrier>,
    line_discounts: Vec<LineDiscount>,
    only_one: Vec<OnlyOne>,
    inventory: InventoryInquiry,
    exchange_rates: Vec<ExchangeRateColumn>,
    error_types: Vec<ErrorType>,
    company: CompanyTable,
    company_effects: Vec<CompanyEffect>,
    application_users: Vec<ApplicationUser>,
    roles: Vec<Role>,
    role_rules: Vec<RoleRule>,
}

impl Facts {
    /// All sources, in file order.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Documented behaviours, in the order of the specification.
    pub fn behaviours(&self) -> &[Behaviour] {
        &self.behaviours
    }

    /// Questions the documentation leaves open, and the answers.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// Known issues of initial sync that hang on this map.
    pub fn known_issues(&self, map: &str) -> impl Iterator<Item = &KnownIssue> {
        self.known_issues.iter().filter(move |issue| issue.maps.iter().any(|own| own.as_str() == map))
    }

    /// The platform update from which Reset link stands in place of Link and Unlink.
    pub fn reset_link_update(&self) -> u32 {
        let minimum = self.minimum_versions.iter().find(|minimum| minimum.id.as_str() == "reset-link");
        minimum.and_then(|minimum| minimum.platform_update).unwrap_or(0)
    }

    /// The source behind a tag.
    pub fn source(&self, tag: &str) -> Option<&Source> {
        self.sources.iter().find(|source| &*source.id == tag)
    }

    /// The Dual Write Core solution.
    pub fn core(&self) -> &CoreSolution {
        &self.core
    }

    /// The version of Dual Write Core a profile installs.
    pub fn core_version(&self, profile: ProfileId) -> &SolutionVersion {
        match profile {
            ProfileId::Docs2020 => &self.core.default_version_2020,
            ProfileId::Docs2026 => &self.core.default_version,
        }
    }

    /// All packages, those needed by others first.
    pub fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// The package of an id.
    pub fn package(&self, id: &str) -> Option<&Package> {
        self.packages.iter().find(|package| &*package.id == id)
    }

    /// The package a map is at home in.
    pub fn package_of_map(&self, map: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.maps.iter().any(|own| &**own == map))
    }

    /// The package that installs a solution.
    pub fn package_of_solution(&self, unique_name: &str) -> Option<&Package> {
        let installs = |package: &&Package| {
            package.solutions.iter().any(|own| own.unique_name.eq_ignore_ascii_case(unique_name))
        };
        self.packages.iter().find(installs)
    }

    /// These packages and all they need, in an order in which they can be installed. Unknown ids are left out.
    pub fn package_closure(&self, ids: &[&str]) -> Vec<&Package> {
        let mut wanted: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<&str> = ids.to_vec();
        while let Some(id) = open.pop() {
            if let Some(package) = self.package(id)
                && wanted.insert(&package.id)
            {
                open.extend(package.depends_on.iter().map(Name::as_str));
            }
        }
        self.packages.iter().filter(|package| wanted.contains(&*package.id)).collect()
    }

    /// A solution outside the packages, such as `crm-prime` or `prospect-to-cash`.
    pub fn other_solution(&self, id: &str) -> Option<&OtherSolution> {
        self.other_solutions.iter().find(|solution| &*solution.id == id)
    }

    /// The lowest version of a solution with which its maps start; absent when no page names one.
    pub fn required_version(&self, unique_name: &str) -> Option<&SolutionVersion> {
        let found = self.required_versions.iter().find(|own| own.id.eq_ignore_ascii_case(unique_name));
        found.map(|required| &required.version)
    }

    /// The figures of a profile.
    pub fn limits(&self, profile: ProfileId) -> &Limits {
        &self.limits[profile as usize]
    }

    /// All documented figures, in file order.
    pub fn limit_facts(&self) -> &[LimitFact] {
        &self.figures
    }

    /// The documented figure of an id, such as `L1`.
    pub fn limit_fact(&self, id: &str) -> Option<&LimitFact> {
        self.figures.iter().find(|fact| &*fact.id == id)
    }

    /// The rules of a profile.
    pub fn profile(&self, profile: ProfileId) -> &Profile {
        &self.profiles[profile as usize]
    }

    /// All messages, sorted by id.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.messages.values()
    }

    /// The message of an id.
    pub fn message(&self, id: &str) -> Option<&Message> {
        self.messages.get(id)
    }

    /// The message of an id as a profile words it: its variant for the profile, else itself.
    pub fn message_in(&self, id: &str, profile: ProfileId) -> Option<&Message> {
        let bound = |message: &&Message| {
            message.profile == Some(profile) && message.variant_of.as_deref() == Some(id)
        };
        self.messages.values().find(bound).or_else(|| self.message(id))
    }

    /// The text of a message as a profile words it.
    ///
    /// # Errors
    /// An unknown message, a placeholder without argument, or an argument without placeholder.
    pub fn render(
        &self,
        id: &str,
        profile: ProfileId,
        args: &[(&str, &str)],
    ) -> Result<String, MessageError> {
        let message = self.message_in(id, profile);
        message.ok_or_else(|| MessageError::NoSuchMessage { id: id.to_owned() })?.render(args)
    }

    /// Templates for a new Dataverse.
    pub fn templates(&self) -> &[Template] {
        &self.templates
    }

    /// The template of an id.
    pub fn template(&self, id: &str) -> Option<&Template> {
        self.templates.iter().find(|template| &*template.id == id)
    }

    /// The named checks of the prerequisite health check, in order.
    pub fn health_checks(&self) -> &[HealthCheck] {
        &self.checks
    }

    /// Requirements without a named check.
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// The requirement of an id, such as `P1`.
    pub fn requirement(&self, id: &str) -> Option<&Requirement> {
        self.requirements.iter().find(|requirement| &*requirement.id == id)
    }

    /// Lowest versions.
    pub fn minimum_versions(&self) -> &[MinimumVersion] {
        &self.minimum_versions
    }

    /// Regions in which dual-write is offered.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// The region an F&O region pairs with.
    pub fn region_of(&self, finops_region: &str) -> Option<&Region> {
        let pairs = |region: &&Region| {
            region.finops_regions.iter().any(|own| own.eq_ignore_ascii_case(finops_region))
        };
        self.regions.iter().find(pairs)
    }

    /// Applications the sides use to call each other.
    pub fn apps(&self) -> &[AppRegistration] {
        &self.apps
    }

    /// Client ids that have to be registered on a side for a version of Dual Write Core.
    ///
    /// The first application of the Dataverse to F&O direction changed at the switch point.
    pub fn required_app_ids(&self, side: Side, core: &SolutionVersion) -> Vec<&Name> {
        let profile = if *core < self.core.app_id_switch { ProfileId::Docs2020 } else { ProfileId::Docs2026 };
        let needed =
            |app: &&AppRegistration| app.registered_on.contains(&side) && app.profiles.contains(&profile);
        self.apps.iter().filter(needed).map(|app| &app.id).collect()
    }

    /// All rows of the guidance matrix, in the order of the page.
    pub fn guidance_rows(&self) -> &[GuidanceRow] {
        &self.guidance
    }

    /// What the matrix advises for one table. `None` where the page has no row: no data, on environments that
    /// are not both new.
    pub fn guidance(
        &self,
        finops: Origin,
        dataverse: Origin,
        has_data: bool,
        rows: u64,
        single_threaded: bool,
    ) -> Option<&GuidanceRow> {
        self.guidance.iter().find(|row| row.covers(finops, dataverse, has_data, rows, single_threaded))
    }

    /// The six set-up scenarios, in the order of the page.
    pub fn scenarios(&self) -> &[ScenarioRow] {
        &self.scenarios
    }

    /// The scenario of an id, such as `new-existing`.
    pub fn scenario(&self, id: &str) -> Option<&ScenarioRow> {
        self.scenarios.iter().find(|scenario| &*scenario.id == id)
    }

    /// What may happen by itself when a connection completes.
    pub fn automatic_results(&self) -> &[AutomaticResult] {
        &self.automatic_results
    }

    /// What people may have to do afterwards.
    pub fn manual_steps(&self) -> &[ManualStep] {
        &self.manual_steps
    }

    /// Keys that a side fills in by itself.
    pub fn number_sequences(&self) -> &[NumberSequence] {
        &self.number_sequences
    }

    /// The number sequence of a table, if its key is filled in.
    pub fn number_sequence(&self, side: Side, table: &str) -> Option<&NumberSequence> {
        self.number_sequences.iter().find(|own| own.side == side && own.table.eq_ignore_ascii_case(table))
    }

    /// Where parties are kept.
    pub fn party_store(&self) -> &PartyStore {
        &self.party_store
    }

    /// Entities and tables whose rows stand for a party.
    pub fn party_carriers(&self) -> &[PartyCarrier] {
        &self.party_carriers
    }

    /// How a table's rows stand for a party, if they do.
    pub fn party_carrier(&self, side: Side, table: &str) -> Option<&PartyCarrier> {
        self.party_carriers.iter().find(|own| own.side == side && own.id.eq_ignore_ascii_case(table))
    }

    /// How an F&O entity keeps the discount of a line.
    pub fn line_discount(&self, entity: &str) -> Option<&LineDiscount> {
        self.line_discounts.iter().find(|own| own.id.eq_ignore_ascii_case(entity))
    }

    /// The mark one row of a group has, in an F&O entity.
    pub fn only_one(&self, entity: &str) -> Option<&OnlyOne> {
        self.only_one.iter().find(|own| own.id.eq_ignore_ascii_case(entity))
    }

    /// Requests for inventory on hand and their answers.
    pub fn inventory(&self) -> &InventoryInquiry {
        &self.inventory
    }

    /// Error types of alert settings, in the order of the page.
    pub fn error_types(&self) -> &[ErrorType] {
        &self.error_types
    }

    /// The error type of a failure, by the id of its message.
    pub fn error_type_of(&self, code: &str) -> Name {
        let claims = |own: &&ErrorType| own.codes.iter().any(|id| id.as_str() == code);
        let found = self.error_types.iter().find(claims);
        found.map_or_else(|| APPLICATION_ERROR.into(), |own| own.id.clone())
    }

    /// Columns of Dataverse that hold exchange rates.
    pub fn exchange_rates(&self) -> &[ExchangeRateColumn] {
        &self.exchange_rates
    }

    /// The company table and names that go with it.
    pub fn company(&self) -> &CompanyTable {
        &self.company
    }

    /// What creating a company row does, in order.
    pub fn company_effects(&self) -> &[CompanyEffect] {
        &self.company_effects
    }

    /// Users that stand for applications.
    pub fn application_users(&self) -> &[ApplicationUser] {
        &self.application_users
    }

    /// Roles.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// Who may do what.
    pub fn role_rules(&self) -> &[RoleRule] {
        &self.role_rules
    }
}
