//! Companies: the rows of `cdm_company`, what the plug-in makes for them, and finding them.
//!
//! Codes and ids are looked up in the rows by the unique key, and remembered only while no company is written and
//! nothing is rolled back.

use crate::{Actor, Dataverse, EnvError, SaveError, refusal::Refusal};
use dwsim_model::{Change, CompanyCode, Name, Operation, RowChange, Value};
use dwsim_store::Select;
use jiff::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

/// One row of `cdm_company`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    /// Row id.
    pub id: Uuid,
    /// Company code, as it was written.
    pub code: String,
    /// Name; blank when there is none.
    pub name: String,
    /// Whether it takes part in dual-write.
    pub enabled: bool,
    /// The team that owns rows of live sync.
    pub default_owning_team: Option<Uuid>,
}

impl Dataverse {
    /// All companies, by code.
    pub fn companies(&self) -> Result<Vec<Company>, EnvError> {
        let facts = self.catalog.facts().company();
        let shape = &self.shapes[self.system.company];
        let names = [
            &facts.code_column,
            &facts.name_column,
            &facts.enabled_column,
            &facts.default_owning_team_column,
        ];
        let mut columns = vec![0];
        columns.extend(names.iter().map(|name| shape.table.ordinal(name).unwrap_or(0)));
        let rows = self.store.collect(&Select::all(shape.id).columns(&columns).ordered(&[columns[1]]))?;
        let text = |value: &Value| value.as_text().unwrap_or_default().to_owned();
        Ok(rows
            .iter()
            .map(|row| Company {
                id: row[0].as_guid().unwrap_or_default(),
                code: text(&row[1]),
                name: text(&row[2]),
                enabled: row[3] == Value::Bool(true),
                default_owning_team: row[4].as_guid(),
            })
            .collect())
    }

    /// The row of a company code, compared without case.
    pub fn company_id(&self, code: &CompanyCode) -> Result<Option<Uuid>, EnvError> {
        self.company_row(code.as_str())
    }

    /// The code of a company row; none when there is no such row or its code is none F&O could have.
    pub fn company_code(&self, id: Uuid) -> Result<Option<CompanyCode>, EnvError> {
        self.remembered.company_codes.get(&self.store, &[self.shapes[self.system.company].id], id, || {
            let column = &self.catalog.facts().company().code_column;
            Ok(self.text_of(self.system.company, id, column)?.and_then(|code| code.parse().ok()))
        })
    }

    /// Companies whose name is blank or taken by another one: what makes saving a connection set fail.
    pub fn duplicate_or_blank_company_names(&self) -> Result<Vec<Company>, EnvError> {
        let companies = self.companies()?;
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        for company in &companies {
            *times.entry(company.name.trim().to_lowercase()).or_default() += 1;
        }
        let bad = |company: &Company| {
            let name = company.name.trim().to_lowercase();
            name.is_empty() || times.get(&name).is_some_and(|times| *times > 1)
        };
        Ok(companies.into_iter().filter(bad).collect())
    }

    /// Makes a company take part in dual-write: creates its row, or sets the flag on the one there is. The name
    /// is used for a new row only. What linking does for each legal entity.
    pub fn enable_company(
        &mut self,
        code: &CompanyCode,
        name: &str,
        now: Timestamp,
    ) -> Result<RowChange, SaveError> {
        let facts = self.catalog.facts().company().clone();
        let mut values = vec![(facts.enabled_column, Value::Bool(true))];
        let (operation, key) = if let Some(id) = self.company_id(code)? {
            (Operation::Update, vec![(facts.id_column, Value::Guid(id))])
        } else {
            values.push((facts.code_column, Value::text(code.as_str())));
            values.push((facts.name_column, Value::text(name)));
            (Operation::Create, Vec::new())
        };
        self.save(&Change { table: facts.table, operation, key, values }, &Actor::System, now)
    }

    /// Gives a row without company its company, as bootstrapping does. A row that has one keeps it or is refused.
    pub fn set_company(
        &mut self,
        table: &str,
        id: Uuid,
        company: &CompanyCode,
        now: Timestamp,
    ) -> Result<RowChange, SaveError> {
        let shape = self.shape(table)?;
        let table = shape.table.name.clone();
        let key = vec![(shape.name(0), Value::Guid(id))];
        let column = shape.table.company.map_or_else(|| Name::from("msdyn_company"), |at| shape.name(at));
        let values = vec![(column, Value::text(company.as_str()))];
        self.save(&Change { table, operation: Operation::Update, key, values }, &Actor::System, now)
    }

    pub(crate) fn company_row(&self, code: &str) -> Result<Option<Uuid>, EnvError> {
        self.remembered.company_rows.get(
            &self.store,
            &[self.shapes[self.system.company].id],
            code.into(),
            || {
                let column = &self.catalog.facts().company().code_column;
                self.find_id(self.system.company, &[(column.as_str(), Value::text(code))])
            },
        )
    }

    pub(crate) fn unknown_company(&self, code: &str) -> Result<Refusal, EnvError> {
        let companies = self.companies()?.into_iter().map(|company| company.code).collect();
        Ok(Refusal::UnknownCompany { company: code.to_owned(), companies })
    }

    /// The code of a company lookup, for a message.
    pub(crate) fn company_label(&self, value: &Value) -> Result<String, EnvError> {
        let Some(id) = value.as_guid() else { return Ok("no company".to_owned()) };
        let column = self.catalog.facts().company().code_column.clone();
        Ok(self.text_of(self.system.company, id, &column)?.unwrap_or_else(|| id.to_string()))
    }

    /// What the plug-in does once a company row is written: business unit, default team, owner team, default
    /// owning team; each only when it is missing. Nothing while the company does not take part.
    ///
    /// Business unit and team carry the company code, which is unique where names need not be.
    pub(crate) fn company_written(&mut self, id: Uuid, now: Timestamp) -> Result<(), EnvError> {
        let facts = self.catalog.facts().company().clone();
        let shape = &self.shapes[self.system.company];
        let ordinal = |name: &Name| shape.table.ordinal(name).unwrap_or(0);
        let columns = [
            ordinal(&facts.code_column),
            ordinal(&facts.enabled_column),
            ordinal(&facts.default_owning_team_column),
        ];
        let Some(row) = self.store.get(shape.id, &Value::Guid(id), &columns)? else { return Ok(()) };
        let Some(code) = row[0].as_text().map(str::to_owned) else { return Ok(()) };
        if row[1] != Value::Bool(true) {
            return Ok(());
        }
        let unit = if let Some(unit) = self.business_unit(&code)? {
            unit
        } else {
            let unit = self.next_id(self.system.unit);
            let values = vec![
                ("name", Value::text(code.as_str())),
                ("parentbusinessunitid", Value::Guid(self.system.root_unit)),
                ("isdisabled", Value::Bool(false)),
            ];
            self.plant(self.system.unit, unit, values, now)?;
            unit
        };
        self.add_default_team(unit, now)?;
        let name = format!("{code} {}", facts.team_suffix);
        let wanted = [("name", Value::text(name.as_str())), ("businessunitid", Value::Guid(unit))];
        let team = match self.find_id(self.system.team, &wanted)? {
            Some(team) => team,
            None => self.add_team(&name, unit, false, now)?,
        };
        if row[2].is_null() {
            let shape = &self.shapes[self.system.company];
            self.store.update(shape.id, &Value::Guid(id), &columns[2..], &[Value::Guid(team)])?;
        }
        Ok(())
    }

    /// The default team of a business unit, made when it is missing.
    pub(crate) fn add_default_team(&mut self, unit: Uuid, now: Timestamp) -> Result<Uuid, EnvError> {
        if let Some(team) = self.default_team(unit)? {
            return Ok(team);
        }
        let name = self.text_of(self.system.unit, unit, "name")?.unwrap_or_default();
        self.add_team(&name, unit, true, now)
    }

    fn add_team(&mut self, name: &str, unit: Uuid, default: bool, now: Timestamp) -> Result<Uuid, EnvError> {
        let id = self.next_id(self.system.team);
        let values = vec![
            ("name", Value::text(name)),
            ("businessunitid", Value::Guid(unit)),
            ("isdefault", Value::Bool(default)),
            ("teamtype", Value::Choice(0)),
            ("systemmanaged", Value::Bool(default)),
            ("administratorid", Value::Guid(self.system.platform_user)),
        ];
        self.plant(self.system.team, id, values, now)?;
        let roles = self.organization.new_team_roles.clone();
        self.set_roles(id, &roles);
        Ok(id)
    }
}
