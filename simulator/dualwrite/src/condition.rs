//! What validation at Run asks of the world around a map: connections, the link's environments, its companies.

use crate::{
    program::{CompiledMap, Write},
    validate::Finding,
};
use dwsim_model::{CompanyCode, Name, Side};
use std::collections::BTreeSet;

/// The state of a link at the moment a map is run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // independent faults, each with a code of its own
pub struct LinkCondition {
    /// A connection of the linking user is no longer valid (DIPV1000).
    pub connection_invalid: bool,
    /// The connection set has lost what it knew of an environment (DIPV1005).
    pub environment_info_missing: bool,
    /// The Dataverse organisation is not the one the link was made with (DIPV1007).
    pub foreign_organization: bool,
    /// What could not be read of the environments, in their words (DIPV1001).
    pub exceptions: Vec<String>,
    /// The legal entities of the link.
    pub companies: Vec<CompanyCondition>,
    /// F&O entities with cross-company data sharing, by set name (DIPV1002).
    pub shared_entities: BTreeSet<Name>,
    /// Dataverse tables without a row version: virtual and elastic ones (DIPV1019).
    pub unversioned_tables: BTreeSet<Name>,
}

/// One legal entity of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyCondition {
    /// The code the link has.
    pub code: CompanyCode,
    /// F&O has a legal entity of this code, and Dataverse the business unit of the link (DIPV1008).
    pub partition_valid: bool,
    /// Dataverse has its `cdm_company` row, which maps it to an organisation (DIPV1016, DIPV1017).
    pub mapped: bool,
}

impl LinkCondition {
    /// What of it keeps this map from running. A map whose rows belong to no company has no partition to be invalid.
    pub(crate) fn findings(&self, map: &CompiledMap) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut add = |code, detail: String| findings.push(Finding::new(code, detail));
        if self.connection_invalid {
            add("DIPV1000", "the connection of the linking user".to_owned());
        }
        for exception in &self.exceptions {
            add("DIPV1001", exception.clone());
        }
        if self.shared_entities.contains(&map.entity.name) {
            add("DIPV1002", format!("{} shares its data across companies", map.entity.label));
        }
        if self.environment_info_missing {
            add("DIPV1005", map.map.entity_set.to_string());
        }
        if self.foreign_organization {
            add("DIPV1007", map.map.display_name());
        }
        let unversioned =
            self.unversioned_tables.contains(&map.table.name) || map.table.ordinal("versionnumber").is_none();
        if unversioned && map.to_finops.is_some() {
            add("DIPV1019", map.table.name.to_string());
        }
        for company in self.companies.iter().filter(|company| !company.partition_valid) {
            if map.map.striped {
                add("DIPV1008", company.code.to_string());
            }
        }
        let related = related_by_company(map);
        for company in self.companies.iter().filter(|company| !company.mapped) {
            if map.map.striped {
                add("DIPV1016", format!("{} in {}", map.table.name, company.code));
            }
            for table in &related {
                add("DIPV1017", format!("{table} in {}", company.code));
            }
        }
        findings
    }
}

/// Tables a map looks up whose rows belong to companies, besides the company table itself.
fn related_by_company(map: &CompiledMap) -> BTreeSet<Name> {
    let mut tables = BTreeSet::new();
    if let Some(program) = map.program(Side::Dataverse) {
        for write in &program.writes {
            if let Write::Lookup(lookup) = write {
                let striped = lookup.alternatives.iter().filter(|node| node.table.striped());
                tables.extend(striped.map(|node| node.table.name.clone()));
            }
        }
    }
    tables
}
