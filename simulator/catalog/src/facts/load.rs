//! Reads the facts files that are built into the program.

use super::{
    Facts, LimitFact, Message, Profile, ProfileId, Source, Wording, document::Document, error::FactError,
    limits::Figures,
};
use dwsim_model::Name;
use std::collections::{BTreeMap, BTreeSet};

/// The files, as they were when the program was built.
mod files {
    pub(super) const SOURCES: &str = include_str!("../../data/facts/sources.toml");
    pub(super) const BEHAVIOURS: &str = include_str!("../../data/facts/behaviours.toml");
    pub(super) const KNOWN_ISSUES: &str = include_str!("../../data/facts/known-issues.toml");
    pub(super) const PACKAGES: &str = include_str!("../../data/facts/packages.toml");
    pub(super) const REQUIRED_VERSIONS: &str = include_str!("../../data/facts/required-versions.toml");
    pub(super) const LIMITS: &str = include_str!("../../data/facts/limits.toml");
    pub(super) const PROFILES: &str = include_str!("../../data/facts/profiles.toml");
    pub(super) const MESSAGES: &str = include_str!("../../data/facts/messages.toml");
    pub(super) const SIMULATOR_MESSAGES: &str = include_str!("../../data/facts/simulator-messages.toml");
    pub(super) const TEMPLATES: &str = include_str!("../../data/facts/templates.toml");
    pub(super) const PREREQUISITES: &str = include_str!("../../data/facts/prerequisites.toml");
    pub(super) const GUIDANCE: &str = include_str!("../../data/facts/guidance.toml");
    pub(super) const SCENARIOS: &str = include_str!("../../data/facts/scenario-table.toml");
    pub(super) const NUMBER_SEQUENCES: &str = include_str!("../../data/facts/number-sequences.toml");
    pub(super) const PARTY: &str = include_str!("../../data/facts/party.toml");
    pub(super) const DOMAIN: &str = include_str!("../../data/facts/domain.toml");
    pub(super) const ALERTS: &str = include_str!("../../data/facts/alerts.toml");
    pub(super) const COMPANY: &str = include_str!("../../data/facts/company.toml");
}

impl Facts {
    /// The facts built into the program.
    ///
    /// # Errors
    /// A file that is not TOML, a record with a wrong, missing or unknown field, an unknown source, or a
    /// reference to something that is not there.
    pub fn embedded() -> Result<Self, FactError> {
        let mut document = Document::parse("sources.toml", files::SOURCES, None)?;
        let sources: Vec<Source> = document.records("reference")?;
        document.finish()?;
        let tags: BTreeSet<String> = sources.iter().map(|source| source.id.to_string()).collect();
        let open = |file, text| Document::parse(file, text, Some(&tags));

        let mut behaviours = open("behaviours.toml", files::BEHAVIOURS)?;
        let mut known_issues = open("known-issues.toml", files::KNOWN_ISSUES)?;
        let mut packages = open("packages.toml", files::PACKAGES)?;
        let mut required = open("required-versions.toml", files::REQUIRED_VERSIONS)?;
        let mut limits = open("limits.toml", files::LIMITS)?;
        let mut profiles = open("profiles.toml", files::PROFILES)?;
        let mut messages = open("messages.toml", files::MESSAGES)?;
        let mut own_messages = open("simulator-messages.toml", files::SIMULATOR_MESSAGES)?;
        let mut templates = open("templates.toml", files::TEMPLATES)?;
        let mut prerequisites = open("prerequisites.toml", files::PREREQUISITES)?;
        let mut guidance = open("guidance.toml", files::GUIDANCE)?;
        let mut scenarios = open("scenario-table.toml", files::SCENARIOS)?;
        let mut sequences = open("number-sequences.toml", files::NUMBER_SEQUENCES)?;
        let mut party = open("party.toml", files::PARTY)?;
        let mut domain = open("domain.toml", files::DOMAIN)?;
        let mut alerts = open("alerts.toml", files::ALERTS)?;
        let mut company = open("company.toml", files::COMPANY)?;

        let limit_facts: Vec<LimitFact> = limits.records("limit")?;
        let figures = |profile| Figures { file: "limits.toml", facts: &limit_facts, profile }.limits();
        let facts = Self {
            sources,
            behaviours: behaviours.records("behaviour")?,
            decisions: behaviours.records("decision")?,
            known_issues: known_issues.records("issue")?,
            core: packages.record("core")?,
            packages: packages.records("package")?,
            other_solutions: packages.records("solution")?,
            required_versions: required.records("required")?,
            limits: [figures(ProfileId::Docs2020)?, figures(ProfileId::Docs2026)?],
            profiles: both_profiles(profiles.records("profile")?)?,
            messages: collect_messages(messages.records("message")?, own_messages.records("message")?)?,
            templates: templates.records("template")?,
            checks: prerequisites.records("check")?,
            requirements: prerequisites.records("requirement")?,
            minimum_versions: prerequisites.records("minimum_version")?,
            regions: prerequisites.records("region")?,
            apps: prerequisites.records("app")?,
            guidance: guidance.records("row")?,
            automatic_results: scenarios.records("automatic")?,
            manual_steps: scenarios.records("step")?,
            scenarios: scenarios.records("scenario")?,
            number_sequences: sequences.records("sequence")?,
            party_store: party.record("store")?,
            party_carriers: party.records("carrier")?,
            line_discounts: domain.records("line_discount")?,
            only_one: domain.records("only_one")?,
            inventory: domain.record("inventory")?,
            exchange_rates: domain.records("exchange_rate")?,
            error_types: alerts.records("error_type")?,
            company: company.record("company")?,
            company_effects: company.records("effect")?,
            application_users: company.records("application_user")?,
            roles: company.records("role")?,
            role_rules: company.records("rule")?,
            figures: limit_facts,
        };
        for document in [
            behaviours,
            known_issues,
            packages,
            required,
            limits,
            profiles,
            messages,
            own_messages,
            templates,
            prerequisites,
            guidance,
            scenarios,
            sequences,
            party,
            domain,
            alerts,
            company,
        ] {
            document.finish()?;
        }
        facts.check()?;
        Ok(facts)
    }
}

fn both_profiles(found: Vec<Profile>) -> Result<[Profile; 2], FactError> {
    let mut found: BTreeMap<ProfileId, Profile> = found.into_iter().map(|own| (own.id, own)).collect();
    let mut take = |id: ProfileId| {
        found
            .remove(&id)
            .ok_or_else(|| FactError::record("profiles.toml", id.as_str(), "the profile is missing, add it"))
    };
    Ok([take(ProfileId::Docs2020)?, take(ProfileId::Docs2026)?])
}

/// Documented and own messages in one name space, which the prefix `SIM-` divides.
fn collect_messages(
    documented: Vec<Message>,
    own: Vec<Message>,
) -> Result<BTreeMap<Name, Message>, FactError> {
    let mut messages = BTreeMap::new();
    for (file, list) in [("messages.toml", documented), ("simulator-messages.toml", own)] {
        let ours = file == "simulator-messages.toml";
        for message in list {
            let id = message.id.clone();
            if id.starts_with("SIM-") != ours {
                let reason = "ids of simulator-messages.toml start with SIM-, all others do not";
                return Err(FactError::record(file, &*id, reason));
            }
            if ours && message.wording != Wording::Ours {
                return Err(FactError::record(file, &*id, "the text is ours, say wording = \"ours\""));
            }
            messages.insert(id, message);
        }
    }
    Ok(messages)
}
