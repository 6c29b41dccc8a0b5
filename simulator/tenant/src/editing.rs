//! The page of one table map, and what validation at Run has to know of both environments.

use crate::{Tenant, TenantError};
use dwsim_catalog::FieldMap;
use dwsim_dualwrite::{CompanyCondition, Finding, LinkCondition, MapEdit, SaveAs, SchemaChanges};
use dwsim_model::{Column, ColumnKind, CompanyCode, EventKind, MapId, MapVersion, Name, Side, TableType};
use std::{collections::BTreeSet, sync::Arc};

/// What can go wrong with a link after it was made. Reset link makes a new one, without faults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // independent faults
pub struct LinkFaults {
    /// A connection of the linking user is no longer valid.
    pub connection_invalid: bool,
    /// The connection set has lost what it knew of an environment.
    pub environment_info_missing: bool,
    /// Validation fails for a reason nobody foresaw (DIPV1001).
    pub validation_fails: bool,
    /// The connection to F&O was deleted.
    pub finops_connection_missing: bool,
    /// The connection to Dataverse was deleted.
    pub dataverse_connection_missing: bool,
}

impl Tenant {
    /// Changes a table map and saves it as a new version, which becomes the active one.
    ///
    /// Answers what the editor warns of (DIPV1030, DIPV1031); Run refuses these. Everything else refuses the save, and
    /// nothing is saved. A map that is not Not running is not changed.
    pub fn edit_map(
        &mut self,
        map: &str,
        edits: &[MapEdit],
        save_as: &SaveAs,
    ) -> Result<Vec<Finding>, TenantError> {
        self.check_linked("Edit")?;
        let warnings = self.engine.edit_map(map, edits, save_as)?;
        let text = format!("column mapping saved as version {} of {}", save_as.version, save_as.publisher);
        self.journal.record(self.clock.now(), EventKind::Notice { about: map.to_owned(), text });
        Ok(warnings)
    }

    /// Add table map, which only the person who linked may do. Answers the id of the map and the editor's warnings.
    pub fn add_table_map(
        &mut self,
        entity: &str,
        table: &str,
        rows: Vec<FieldMap>,
        save_as: &SaveAs,
    ) -> Result<(MapId, Vec<Finding>), TenantError> {
        self.check_linked("Add table map")?;
        if self.link.as_ref().is_some_and(|link| link.linking_user != self.person.name) {
            return Err(self.refuse("E8", &[]));
        }
        let (map, warnings) = self.engine.add_map(entity, table, rows, save_as)?;
        let text = format!("mapping created as version {} of {}", save_as.version, save_as.publisher);
        self.journal.record(self.clock.now(), EventKind::Notice { about: map.to_string(), text });
        Ok((map, warnings))
    }

    /// What the editor would say of these changes; nothing is saved.
    pub fn validate_map_edit(&self, map: &str, edits: &[MapEdit]) -> Result<Vec<Finding>, TenantError> {
        self.check_linked("Edit")?;
        Ok(self.engine.validate_edit(map, edits)?)
    }

    /// What validation says of a map that would be run now.
    pub fn validate_map(&self, map: &str) -> Result<Vec<Finding>, TenantError> {
        self.check_linked("Validate")?;
        Ok(self.engine.validate_at_run(map, &self.link_condition())?)
    }

    pub(crate) fn validate_and_prepare(&mut self, map: &str) -> Result<(), TenantError> {
        let condition = self.link_condition();
        Ok(self.engine.prepare_run(map, &condition)?)
    }

    /// Table Map version: the version that runs from now on. The map must be Not running.
    pub fn activate_map_version(
        &mut self,
        map: &str,
        version: MapVersion,
        publisher: Option<&str>,
    ) -> Result<(), TenantError> {
        self.check_linked("Table Map version")?;
        self.engine.activate_version(map, version, publisher)?;
        let text = format!("version {version} activated");
        self.journal.record(self.clock.now(), EventKind::Notice { about: map.to_owned(), text });
        Ok(())
    }

    /// Environment details, Integration key: the columns, as paths, that identify a row of a Dataverse table.
    pub fn set_integration_key(&mut self, table: &str, paths: &[Box<str>]) -> Result<(), TenantError> {
        self.check_linked("Integration key")?;
        Ok(self.engine.set_integration_key(table, paths)?)
    }

    /// Refresh tables: the link learns both schemas, F&O's as its list of entities has it, and the integration keys.
    pub fn refresh_tables(&mut self) -> Result<(), TenantError> {
        self.check_linked("Refresh tables")?;
        self.learn_schemas();
        Ok(())
    }

    /// Data management, Framework parameters, Refresh entity list: F&O publishes its entities as they are now. The link
    /// learns them when its tables are refreshed. It takes half an hour of virtual time (limit L13).
    pub fn refresh_entity_list(&mut self) {
        let changed = self.finops.changed_entities();
        self.entity_list = changed.into_iter().map(|(name, table)| (name, Some(table))).collect();
        self.finops.environment_mut().entity_list_refreshed = true;
        self.clock.advance(self.engine.limits().refresh_entity_list);
    }

    pub(crate) fn learn_schemas(&mut self) {
        let dataverse: SchemaChanges = self.dataverse.as_ref().map_or_else(SchemaChanges::new, |dataverse| {
            dataverse.changed_tables().into_iter().map(|(name, table)| (name, Some(table))).collect()
        });
        self.engine.refresh_tables(self.entity_list.clone(), dataverse);
    }

    /// Adds a column of one's own to an entity or table. The link does not know it before it is refreshed.
    pub fn add_column(&mut self, side: Side, table: &str, column: Column) -> Result<(), TenantError> {
        self.change_shape(side, table, |table| table.with_column(column))
    }

    /// Removes a column of an entity or table. The link goes on knowing it until it is refreshed.
    pub fn remove_column(&mut self, side: Side, table: &str, column: &str) -> Result<(), TenantError> {
        self.change_shape(side, table, |table| table.without_column(column))
    }

    /// Gives a Dataverse table these alternate keys, in place of those it has.
    pub fn set_alternate_keys(&mut self, table: &str, keys: &[Vec<Name>]) -> Result<(), TenantError> {
        self.change_shape(Side::Dataverse, table, |table| table.with_keys(keys))
    }

    /// The opt-in migration of Dataverse that gives currency columns and exchange rates their most decimal places. The
    /// link goes on knowing the old ones until its tables are refreshed.
    pub fn migrate_currency_decimals(&mut self) -> Result<(), TenantError> {
        let limits = self.engine.limits();
        let places = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        let (currency, rate) = (places(limits.currency_decimals), places(limits.exchange_rate_decimals));
        let catalog = self.catalog.clone();
        let rates = catalog.facts().exchange_rates();
        let tables: Vec<Name> = catalog.tables(Side::Dataverse).map(|table| table.name.clone()).collect();
        for table in tables {
            let of = |column: &Column| match column.kind {
                ColumnKind::Money { .. } => Some(currency),
                ColumnKind::Decimal { .. } => {
                    rates.iter().any(|own| own.id == table && own.column == column.name).then_some(rate)
                }
                _ => None,
            };
            let Some(shape) = self.existing_dataverse()?.table_type(&table).cloned() else { continue };
            if shape.columns.iter().any(|column| of(column).is_some()) {
                self.change_shape(Side::Dataverse, &table, |shape| Ok(shape.with_decimals(of)))?;
            }
        }
        Ok(())
    }

    fn change_shape(
        &mut self,
        side: Side,
        table: &str,
        change: impl FnOnce(&TableType) -> Result<TableType, dwsim_model::TableError>,
    ) -> Result<(), TenantError> {
        let shape = match side {
            Side::FinOps => self.finops.table_type(table).cloned(),
            Side::Dataverse => self.existing_dataverse()?.table_type(table).cloned(),
        };
        let shape: Arc<TableType> = shape.ok_or_else(|| {
            let known = self.catalog.tables(side).map(|table| table.name.as_str());
            TenantError::unknown("table", table, known)
        })?;
        let failed = |message: String| TenantError::Side { side, code: None, message };
        let shape = change(&shape).map_err(|error| failed(error.to_string()))?;
        match side {
            Side::FinOps => self.finops.change_entity(shape).map_err(|error| failed(error.to_string())),
            Side::Dataverse => {
                self.existing_dataverse()?.change_table(shape).map_err(|error| failed(error.to_string()))
            }
        }
    }

    /// Faults of the link, to bring them about.
    pub fn link_faults_mut(&mut self) -> Option<&mut LinkFaults> {
        self.link.as_mut().map(|link| &mut link.faults)
    }

    /// The state of the link as validation at Run sees it. What cannot be read is one of its findings.
    pub(crate) fn link_condition(&self) -> LinkCondition {
        let mut condition = LinkCondition::default();
        let (Some(link), Some(dataverse)) = (&self.link, &self.dataverse) else { return condition };
        let organization = dataverse.organization();
        condition.connection_invalid = link.faults.connection_invalid
            || link.faults.finops_connection_missing
            || link.faults.dataverse_connection_missing;
        condition.environment_info_missing = link.faults.environment_info_missing;
        if link.faults.validation_fails {
            condition.exceptions.push("an unexpected failure; open a support case".to_owned());
        }
        condition.foreign_organization = link.organization != organization.id;
        condition.shared_entities.clone_from(&self.finops.environment().shared_entities);
        condition.unversioned_tables.clone_from(&organization.unversioned_tables);
        match self.partitions() {
            Ok(companies) => condition.companies = companies,
            Err(error) => condition.exceptions.push(error.to_string()),
        }
        condition
    }

    fn partitions(&self) -> Result<Vec<CompanyCondition>, TenantError> {
        let Some(dataverse) = &self.dataverse else { return Ok(Vec::new()) };
        let finops: BTreeSet<CompanyCode> = self.companies()?.into_iter().collect();
        let mapped: BTreeSet<CompanyCode> = dataverse
            .companies()
            .map_err(TenantError::dataverse)?
            .iter()
            .filter_map(|company| company.code.parse().ok())
            .collect();
        let units = dataverse.business_unit_names().map_err(TenantError::dataverse)?;
        let of = |code: &CompanyCode| {
            let mapped = mapped.contains(code);
            // The business unit of a company carries its code; without the company's row there is none to look for.
            let unit = !mapped || units.contains(&code.as_str().to_ascii_lowercase());
            CompanyCondition { code: code.clone(), partition_valid: finops.contains(code) && unit, mapped }
        };
        Ok(self.engine.companies().iter().map(of).collect())
    }
}
