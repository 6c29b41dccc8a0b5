//! Bootstrapping: giving Dataverse rows that have no company the company they belong to.
//!
//! Two ways. The careful one changes nothing but the company, row by row, and leaves a row alone when it cannot be
//! told whose it is. The other follows the published sample for accounts with all its consequences (specification
//! 5.7): it joins on the number alone, so that two companies with one number take the same account in turn.

use crate::{Tenant, TenantError};
use dwsim_dualwrite::convert::parse;
use dwsim_filter::{Predicate, odata};
use dwsim_model::{Change, CompanyCode, Name, Operation, Side, TableType, Value};
use dwsim_store::{Condition, Select};
use serde::Deserialize;
use std::sync::Arc;

/// How rows are given their company.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BootstrapMode {
    /// Company only, and only where it is plain whose row it is.
    #[default]
    Careful,
    /// As the published sample does: accounts only, joined by number alone, null values written too.
    Sample,
}

/// What bootstrapping did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BootstrapReport {
    /// Rows that got their company, by table.
    pub assigned: Vec<(Name, u64)>,
    /// Rows created, as the sample does for a customer without account.
    pub created: u64,
    /// What was left alone, and why.
    pub warnings: Vec<String>,
}

impl BootstrapReport {
    /// Rows that got their company, over all tables.
    pub fn total(&self) -> u64 {
        self.assigned.iter().map(|(_, rows)| rows).sum()
    }
}

/// Which columns the sample writes, read from a data file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    table: Name,
    entity: Name,
    number: [Name; 2],
    company: Name,
    group: SampleGroup,
    columns: Vec<[Name; 2]>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleGroup {
    field: Name,
    column: Name,
    table: Name,
    key: Name,
}

const SAMPLE: &str = include_str!("../data/bootstrap-sample.toml");

impl Tenant {
    /// Bootstraps striped Dataverse tables with a company; all tables that have a map unless some are named.
    pub fn bootstrap(
        &mut self,
        company: &CompanyCode,
        tables: &[Name],
        mode: BootstrapMode,
    ) -> Result<BootstrapReport, TenantError> {
        self.check_linked("Bootstrap")?;
        self.in_dataverse_transaction(|tenant| match mode {
            BootstrapMode::Careful => tenant.bootstrap_careful(company, tables),
            BootstrapMode::Sample => tenant.bootstrap_sample(company),
        })
    }

    fn striped_tables(&self, wanted: &[Name]) -> Result<Vec<Arc<TableType>>, TenantError> {
        let mut tables: Vec<Arc<TableType>> = Vec::new();
        for name in wanted {
            let table = self.catalog.table(Side::Dataverse, name).ok_or_else(|| {
                let known = self.catalog.tables(Side::Dataverse).map(|table| table.name.as_str());
                TenantError::unknown("Dataverse table", name, known)
            })?;
            tables.push(table.clone());
        }
        if wanted.is_empty() {
            let mapped =
                |name: &str| self.catalog.maps().iter().any(|map| map.striped && map.table.as_str() == name);
            tables.extend(self.catalog.tables(Side::Dataverse).filter(|table| mapped(&table.name)).cloned());
        }
        tables.retain(|table| table.striped());
        Ok(tables)
    }

    fn bootstrap_careful(
        &mut self,
        company: &CompanyCode,
        tables: &[Name],
    ) -> Result<BootstrapReport, TenantError> {
        let mut report = BootstrapReport::default();
        for table in self.striped_tables(tables)? {
            let assigned = self.bootstrap_table(&table, company, &mut report.warnings)?;
            if assigned > 0 {
                report.assigned.push((table.name.clone(), assigned));
            }
        }
        Ok(report)
    }

    fn bootstrap_table(
        &mut self,
        table: &Arc<TableType>,
        company: &CompanyCode,
        warnings: &mut Vec<String>,
    ) -> Result<u64, TenantError> {
        let (Some(column), Some(key)) = (table.company, table.natural_key()) else { return Ok(0) };
        let parts: Vec<usize> = key.columns.iter().copied().filter(|ordinal| *ordinal != column).collect();
        let mut read = vec![0];
        read.extend(&parts);
        let now = self.clock.now();
        let filter = self.rows_any_map_takes(table);
        let dataverse = self.existing_dataverse()?;
        let Some(id) = dataverse.table(&table.name) else { return Ok(0) };
        let mut select =
            Select::all(id).columns(&read).only(Condition::Equal(column, Value::Null)).ordered(&parts);
        if let Some(filter) = filter {
            select = select.only(Condition::Matches(filter));
        }
        let rows = dataverse.store().collect(&select)?;
        let Some(company_id) = dataverse.company_id(company).map_err(TenantError::dataverse)? else {
            return Err(self.refuse("SIM-COMPANY-NOT-LINKED", &[("company", company.as_str())]));
        };
        let mut assigned = 0;
        for row in rows {
            let shown = row[1..].iter().map(Value::to_string).collect::<Vec<_>>().join(",");
            if row[1..].iter().any(Value::is_blank) {
                let names: Vec<&str> = parts.iter().map(|part| table.column(*part).name.as_str()).collect();
                warnings.push(format!(
                    "{}: a row has no {}; fill it in, then bootstrap again",
                    table.name,
                    names.join(", ")
                ));
                continue;
            }
            let owners = self.owners_in_finops(table, &parts, &row[1..])?;
            if owners.len() > 1 && owners.contains(company) {
                let list: Vec<String> = owners.iter().map(ToString::to_string).collect();
                let text = self
                    .engine
                    .messages()
                    .text("SIM-BOOTSTRAP-COLLISION", &[("number", &shown), ("companies", &list.join(", "))]);
                warnings.push(text);
                continue;
            }
            if !owners.is_empty() && !owners.contains(company) {
                continue; // another company's row; it is bootstrapped with that one
            }
            let dataverse = self.existing_dataverse()?;
            let mut by = vec![column];
            by.extend(&parts);
            let mut values = vec![Value::Guid(company_id)];
            values.extend_from_slice(&row[1..]);
            if dataverse.store().find(id, &by, &values, &[0])?.is_some() {
                warnings
                    .push(format!("{}: {company} has {shown} already; merge the two rows first", table.name));
                continue;
            }
            if let Some(row_id) = row[0].as_guid() {
                dataverse.set_company(&table.name, row_id, company, now).map_err(TenantError::dataverse)?;
                assigned += 1;
            }
        }
        Ok(assigned)
    }

    /// The reversed source filters of the table's maps, any of which may hold: a row no map takes, such as a prospect
    /// or a contact person who is neither customer nor vendor, stays without company.
    fn rows_any_map_takes(&self, table: &TableType) -> Option<Predicate> {
        let mut filters = Vec::new();
        for map in self.catalog.maps().iter().filter(|map| map.table == table.name && map.striped) {
            filters.push(odata::compile(map.reverse_filter.as_deref()?, table).ok()?);
        }
        Some(Predicate::Or(filters))
    }

    /// Companies whose F&O rows carry this key and have no row of it in Dataverse yet, according to the maps of the
    /// table.
    fn owners_in_finops(
        &self,
        table: &TableType,
        parts: &[usize],
        key: &[Value],
    ) -> Result<Vec<CompanyCode>, TenantError> {
        let mut owners = Vec::new();
        for map in self.catalog.maps().iter().filter(|map| map.table == table.name) {
            let Some(entity) = self.catalog.table(Side::FinOps, &map.entity) else { continue };
            let Some(company) = entity.company else { continue };
            let fields: Option<Vec<usize>> = parts
                .iter()
                .map(|part| {
                    let column = &table.column(*part).name;
                    let pair = map.integration_key.iter().find(|(_, path)| **path == **column)?;
                    entity.ordinal(&pair.0)
                })
                .collect();
            let (Some(fields), Some(id)) = (fields, self.finops.table(&entity.name)) else { continue };
            let mut select = Select::all(id).columns(&[company]);
            for (field, value) in fields.iter().zip(key) {
                select = select.only(Condition::Equal(*field, value.clone()));
            }
            for row in self.finops.store().collect(&select)? {
                owners.extend(row[0].as_text().and_then(|code| code.parse().ok()));
            }
        }
        owners.sort();
        owners.dedup();
        let taken = |owner: &CompanyCode| -> Result<bool, TenantError> {
            let (Some(dataverse), Some(column)) = (&self.dataverse, table.company) else { return Ok(false) };
            let company = dataverse.company_id(owner).map_err(TenantError::dataverse)?;
            let (Some(company), Some(id)) = (company, dataverse.table(&table.name)) else { return Ok(false) };
            let by: Vec<usize> = [column].into_iter().chain(parts.iter().copied()).collect();
            let values: Vec<Value> = [Value::Guid(company)].into_iter().chain(key.iter().cloned()).collect();
            Ok(dataverse.store().find(id, &by, &values, &[0])?.is_some())
        };
        let mut open = Vec::new();
        for owner in owners {
            if !taken(&owner)? {
                open.push(owner);
            }
        }
        Ok(open)
    }

    /// The published sample: every F&O row of the company, in key order, joined to an account by number alone.
    fn bootstrap_sample(&mut self, company: &CompanyCode) -> Result<BootstrapReport, TenantError> {
        let sample: Sample = toml::from_str(SAMPLE).map_err(|error| TenantError::Side {
            side: Side::Dataverse,
            code: None,
            message: error.to_string(),
        })?;
        let unknown = |side: Side, name: &Name| TenantError::unknown("table", &format!("{side} {name}"), []);
        let entity = self
            .catalog
            .table(Side::FinOps, &sample.entity)
            .ok_or_else(|| unknown(Side::FinOps, &sample.entity))?
            .clone();
        let table = self
            .catalog
            .table(Side::Dataverse, &sample.table)
            .ok_or_else(|| unknown(Side::Dataverse, &sample.table))?
            .clone();
        let mut report = BootstrapReport::default();
        let Some(entity_id) = self.finops.table(&entity.name) else { return Ok(report) };
        let fields: Vec<&Name> = [&sample.number[0], &sample.group.field]
            .into_iter()
            .chain(sample.columns.iter().map(|pair| &pair[0]))
            .collect();
        let ordinals: Vec<usize> = fields.iter().filter_map(|field| entity.ordinal(field)).collect();
        if ordinals.len() != fields.len() {
            let missing = fields.iter().find(|field| entity.ordinal(field).is_none());
            return Err(TenantError::unknown("F&O field", missing.map_or("", |name| name.as_str()), []));
        }
        let mut select = Select::all(entity_id).columns(&ordinals).ordered(&[ordinals[0]]);
        if let Some(column) = entity.company {
            select = select.only(Condition::Equal(column, Value::text(company.as_str())));
        }
        let rows = self.finops.store().collect(&select)?;
        let now = self.clock.now();
        for row in rows {
            let (account, created) = self.sample_account(&table, &sample, &row[0], company, now)?;
            let mut values = vec![(sample.number[1].clone(), row[0].clone())];
            values.push((sample.group.column.clone(), self.sample_group(&sample, company, &row[1])?));
            for (pair, value) in sample.columns.iter().zip(&row[2..]) {
                let kind = table.ordinal(&pair[1]).map(|ordinal| &table.column(ordinal).kind);
                let value = match (kind, value) {
                    (_, value) if value.is_blank() => Value::Null,
                    (Some(kind), Value::Text(text)) => parse(text, kind).unwrap_or(Value::Null),
                    (_, value) => value.clone(),
                };
                values.push((pair[1].clone(), value));
            }
            let dataverse = self.existing_dataverse()?;
            let change = Change {
                table: table.name.clone(),
                operation: Operation::Update,
                key: vec![(table.column(0).name.clone(), account)],
                values,
            };
            dataverse.save(&change, &dwsim_dataverse::Actor::System, now).map_err(TenantError::dataverse)?;
            if created {
                report.created += 1;
            } else {
                match report.assigned.first_mut() {
                    Some((_, rows)) => *rows += 1,
                    None => report.assigned.push((table.name.clone(), 1)),
                }
            }
        }
        Ok(report)
    }

    /// The account of a number whatever its company, now of this company; a new one when there is none.
    fn sample_account(
        &mut self,
        table: &TableType,
        sample: &Sample,
        number: &Value,
        company: &CompanyCode,
        now: jiff::Timestamp,
    ) -> Result<(Value, bool), TenantError> {
        let dataverse = self.existing_dataverse()?;
        let company_id =
            dataverse.company_id(company).map_err(TenantError::dataverse)?.map_or(Value::Null, Value::Guid);
        let found = match (dataverse.table(&table.name), table.ordinal(&sample.number[1])) {
            (Some(id), Some(ordinal)) => {
                dataverse.store().find(id, &[ordinal], std::slice::from_ref(number), &[0])?
            }
            _ => None,
        };
        if let Some(id) = found.and_then(|row| row.into_iter().next()) {
            // The sample writes past the rule that a company is read-only, as it runs before dual-write is set up.
            if let (Some(handle), Some(column)) = (dataverse.table(&table.name), table.company) {
                dataverse.store().update(handle, &id, &[column], &[company_id])?;
            }
            return Ok((id, false));
        }
        let change = Change {
            table: table.name.clone(),
            operation: Operation::Create,
            key: Vec::new(),
            values: vec![(sample.number[1].clone(), number.clone()), (sample.company.clone(), company_id)],
        };
        let saved =
            dataverse.save(&change, &dwsim_dataverse::Actor::System, now).map_err(TenantError::dataverse)?;
        Ok((saved.id, true))
    }

    fn sample_group(
        &mut self,
        sample: &Sample,
        company: &CompanyCode,
        group: &Value,
    ) -> Result<Value, TenantError> {
        let table = self.catalog.table(Side::Dataverse, &sample.group.table).cloned();
        let dataverse = self.existing_dataverse()?;
        let (Some(table), Some(company)) =
            (table, dataverse.company_id(company).map_err(TenantError::dataverse)?)
        else {
            return Ok(Value::Null);
        };
        let (Some(id), Some(column), Some(key)) =
            (dataverse.table(&table.name), table.company, table.ordinal(&sample.group.key))
        else {
            return Ok(Value::Null);
        };
        let found =
            dataverse.store().find(id, &[column, key], &[Value::Guid(company), group.clone()], &[0])?;
        Ok(found.and_then(|row| row.into_iter().next()).unwrap_or_default())
    }
}
