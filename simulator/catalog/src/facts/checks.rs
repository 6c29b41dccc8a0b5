//! Cross-checks: every reference between facts, and between facts and the catalogue, leads somewhere.

use super::{APPLICATION_ERROR, Facts, PartyTypeRule, ProfileId, error::FactError};
use dwsim_model::{MapId, Name, Side};
use std::collections::BTreeSet;

impl Facts {
    pub(super) fn check(&self) -> Result<(), FactError> {
        self.check_packages()?;
        self.check_messages()?;
        self.check_scenarios()?;
        self.check_error_types()?;
        self.check_people()
    }

    /// Every failure an error type claims is a message, no two types claim one, and the type of all others is there.
    fn check_error_types(&self) -> Result<(), FactError> {
        let mut claimed = BTreeSet::new();
        for own in &self.error_types {
            for code in &own.codes {
                if self.message(code).is_none() {
                    return Err(FactError::record(
                        "alerts.toml",
                        &*own.id,
                        format!("there is no message '{code}'"),
                    ));
                }
                if !claimed.insert(code) {
                    let reason = format!("'{code}' is of another type already");
                    return Err(FactError::record("alerts.toml", &*own.id, reason));
                }
            }
        }
        if self.error_types.iter().any(|own| own.id.as_str() == APPLICATION_ERROR) {
            return Ok(());
        }
        let reason = format!("the error type '{APPLICATION_ERROR}' is missing");
        Err(FactError::Mismatch { file: "alerts.toml", reason })
    }

    /// Checks that every map of the catalogue is at home in exactly one package and no package names another.
    ///
    /// # Errors
    /// The first map without a package, or a map id that the catalogue does not have.
    pub fn check_maps<'a>(&self, ids: impl IntoIterator<Item = &'a MapId>) -> Result<(), FactError> {
        let known: BTreeSet<&str> = ids.into_iter().map(MapId::as_str).collect();
        let mut homes = BTreeSet::new();
        for package in &self.packages {
            let brought = package.maps.iter();
            let touched = package.revises.iter().map(|revision| &revision.map).chain(&package.replaces);
            if let Some(map) = brought.clone().chain(touched).find(|map| !known.contains(map.as_str())) {
                let reason = format!("there is no map '{map}', list its name under not_in_catalogue instead");
                return Err(FactError::record("packages.toml", &*package.id, reason));
            }
            homes.extend(brought.map(MapId::as_str));
        }
        match known.difference(&homes).next() {
            None => Ok(()),
            Some(map) => Err(FactError::Mismatch {
                file: "packages.toml",
                reason: format!("the map '{map}' is in no package, add it to one"),
            }),
        }
    }

    /// Every table and column the facts name, with the file that names it, for the catalogue to check.
    pub fn column_references(&self) -> Vec<(&'static str, Side, &Name, &Name)> {
        let mut references = Vec::new();
        for own in &self.number_sequences {
            references.push(("number-sequences.toml", own.side, &own.table, &own.column));
        }
        for own in &self.party_carriers {
            let mut columns: Vec<&Name> = vec![&own.party_column];
            columns.extend(&own.organization_name);
            columns.extend(&own.person_name);
            columns.extend(&own.only_when);
            if let PartyTypeRule::Column(column) | PartyTypeRule::IsPerson(column) = &own.party_type {
                columns.push(column);
            }
            references.extend(columns.into_iter().map(|column| ("party.toml", own.side, &own.id, column)));
        }
        references.extend(self.domain_references());
        let store = &self.party_store;
        for column in [&store.number_column, &store.type_column, &store.organization_name]
            .into_iter()
            .chain(&store.person_name)
        {
            references.push(("party.toml", Side::FinOps, &store.entity, column));
        }
        for column in [&store.table_number_column, &store.table_type_column, &store.table_organization_name]
            .into_iter()
            .chain(&store.table_person_name)
        {
            references.push(("party.toml", Side::Dataverse, &store.table, column));
        }
        let company = &self.company;
        for column in [
            &company.id_column,
            &company.code_column,
            &company.name_column,
            &company.default_owning_team_column,
        ] {
            references.push(("company.toml", Side::Dataverse, &company.table, column));
        }
        references
    }

    /// Dependencies come earlier in the file, which also rules out cycles; names and homes are unique.
    fn check_packages(&self) -> Result<(), FactError> {
        let fail = |id: &str, reason: String| Err(FactError::record("packages.toml", id, reason));
        let (mut earlier, mut homes, mut solutions) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for package in &self.packages {
            if let Some(missing) = package.depends_on.iter().find(|id| !earlier.contains(id)) {
                return fail(
                    &package.id,
                    format!("'{missing}' is not an earlier package, move or correct it"),
                );
            }
            earlier.insert(&package.id);
            if let Some(map) = package.maps.iter().find(|map| !homes.insert(*map)) {
                return fail(&package.id, format!("the map '{map}' is at home in another package already"));
            }
            for solution in &package.solutions {
                let name = &solution.unique_name;
                if !solutions.insert(name) {
                    return fail(
                        &package.id,
                        format!("another package installs the solution '{name}' already"),
                    );
                }
                if self.required_version(name).is_some_and(|required| solution.version < *required) {
                    return fail(&package.id, format!("'{name}' is installed below its required version"));
                }
            }
        }
        for required in &self.required_versions {
            if !solutions.contains(&required.id) {
                let reason = "no package installs this solution, correct its name";
                return Err(FactError::record("required-versions.toml", &*required.id, reason));
            }
        }
        for template in &self.templates {
            if let Some(missing) = template.packages.iter().find(|id| !earlier.contains(id)) {
                let reason = format!("there is no package '{missing}', correct the id");
                return Err(FactError::record("templates.toml", &*template.id, reason));
            }
        }
        Ok(())
    }

    fn check_messages(&self) -> Result<(), FactError> {
        let known = |file, record: &str, id: &Name| {
            if self.messages.contains_key(id) {
                return Ok(());
            }
            Err(FactError::record(file, record, format!("there is no message '{id}', correct the id")))
        };
        for message in self.messages.values() {
            for other in message.refers_to.iter().chain(&message.variant_of) {
                known("messages.toml", &message.id, other)?;
            }
        }
        for check in &self.checks {
            known("prerequisites.toml", &check.id, &check.title)?;
            for detail in &check.details {
                known("prerequisites.toml", &check.id, &detail.message)?;
            }
        }
        for requirement in &self.requirements {
            if let Some(message) = &requirement.message {
                known("prerequisites.toml", &requirement.id, message)?;
            }
        }
        for rule in &self.role_rules {
            if let Some(message) = &rule.message {
                known("company.toml", &rule.id, message)?;
            }
        }
        let store = &self.party_store;
        for message in [&store.not_found_message, &store.type_change_message, &store.not_exported_message] {
            known("party.toml", "store", message)?;
        }
        for profile in &self.profiles {
            known("profiles.toml", profile.id.as_str(), &profile.mismatch_message.value)?;
            for check in profile.checks_shown.value.iter().chain(&profile.checks_silent.value) {
                if !self.checks.iter().any(|own| own.id == *check) {
                    let reason = format!("there is no health check '{check}', correct the id");
                    return Err(FactError::record("profiles.toml", profile.id.as_str(), reason));
                }
            }
        }
        Ok(())
    }

    fn check_scenarios(&self) -> Result<(), FactError> {
        for scenario in &self.scenarios {
            let fail = |reason: String| Err(FactError::record("scenario-table.toml", &*scenario.id, reason));
            for profile in ProfileId::ALL {
                if scenario.outcomes.iter().filter(|own| own.profile == profile).count() != 1 {
                    return fail(format!("profile {profile} needs exactly one outcome"));
                }
            }
            for outcome in &scenario.outcomes {
                let missing = outcome
                    .automatic
                    .iter()
                    .find(|id| !self.automatic_results.iter().any(|own| own.id == **id));
                if let Some(id) = missing {
                    return fail(format!("there is no automatic result '{id}', correct the id"));
                }
                let mut steps = outcome.passes.iter().flat_map(|pass| &pass.steps);
                if let Some(id) = steps.find(|id| !self.manual_steps.iter().any(|own| own.id == **id)) {
                    return fail(format!("there is no manual step '{id}', correct the id"));
                }
            }
        }
        Ok(())
    }

    fn check_people(&self) -> Result<(), FactError> {
        let known = |record: &str, role: &Name| {
            if self.roles.iter().any(|own| own.id == *role) {
                return Ok(());
            }
            Err(FactError::record(
                "company.toml",
                record,
                format!("there is no role '{role}', correct the id"),
            ))
        };
        for rule in &self.role_rules {
            rule.all_of.iter().flatten().try_for_each(|role| known(&rule.id, role))?;
        }
        for user in &self.application_users {
            user.roles.iter().try_for_each(|role| known(&user.id, role))?;
            if !self.apps.iter().any(|app| app.id == user.client_id) {
                let reason = "there is no app of that client id in prerequisites.toml, add it";
                return Err(FactError::record("company.toml", &*user.id, reason));
            }
        }
        Ok(())
    }

    /// Columns that domain.toml names.
    fn domain_references(&self) -> Vec<(&'static str, Side, &Name, &Name)> {
        let mut columns: Vec<(Side, &Name, &Name)> = Vec::new();
        for own in &self.line_discounts {
            let named = [&own.quantity, &own.total, &own.line, &own.charges];
            columns.extend(named.map(|column| (Side::FinOps, &own.id, column)));
        }
        for own in &self.only_one {
            let named = own.group.iter().chain([&own.column]);
            columns.extend(named.map(|column| (Side::FinOps, &own.id, column)));
        }
        columns.extend(self.exchange_rates.iter().map(|own| (Side::Dataverse, &own.id, &own.column)));
        let own = &self.inventory;
        let asked = [&own.request_id, &own.product, &own.site, &own.warehouse, &own.order_quantity];
        columns.extend(asked.map(|column| (Side::FinOps, &own.request, column)));
        let answered = [
            &own.entry_request_id,
            &own.entry_site,
            &own.entry_warehouse,
            &own.entry_date,
            &own.entry_order_quantity,
            &own.on_hand,
            &own.reserved,
            &own.available,
            &own.ordered,
            &own.total_available,
            &own.unavailable,
        ];
        columns.extend(answered.map(|column| (Side::FinOps, &own.entry, column)));
        columns.into_iter().map(|(side, table, column)| ("domain.toml", side, table, column)).collect()
    }
}
