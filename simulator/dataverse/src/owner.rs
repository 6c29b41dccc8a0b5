//! Who owns a row: what follows from an owner, and which team owns rows that dual-write brings in.

use crate::{Dataverse, EnvError, refusal::Refusal, shape::OwnerColumns};
use dwsim_model::{CompanyCode, Name, SyncKind, Upsert, Value};
use dwsim_store::Memo;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A team or user, with its business unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) id: Uuid,
    pub(crate) team: bool,
    pub(crate) unit: Option<Uuid>,
}

impl Owner {
    /// The owner columns of a row this principal owns.
    pub(crate) fn cells(&self, columns: OwnerColumns) -> Vec<(usize, Value)> {
        let id = Value::Guid(self.id);
        let (team, user) = if self.team { (id.clone(), Value::Null) } else { (Value::Null, id.clone()) };
        let mut cells = vec![
            (columns.owner, id),
            (columns.team, team),
            (columns.user, user),
            (columns.unit, self.unit.map_or(Value::Null, Value::Guid)),
        ];
        if let Some(kind) = columns.kind {
            cells.push((kind, Value::text(if self.team { "team" } else { "systemuser" })));
        }
        cells
    }
}

/// The owner of a batch, and the teams whose ownership is as good.
#[derive(Clone, Debug)]
pub(crate) struct InboundOwner {
    pub(crate) owner: Owner,
    /// Rows one of these owns already are not written for the owner's sake alone: the two kinds of sync use
    /// different teams of a company, and neither should undo the other when nothing else changed.
    pub(crate) equivalent: Vec<Value>,
}

impl Dataverse {
    /// Lets another team own the rows dual-write brings into a table; none restores the rule.
    pub fn set_owning_team(&mut self, table: &str, team: Option<Uuid>) -> Result<(), EnvError> {
        let table = self.shape(table)?.table.name.clone();
        match team {
            Some(team) => self.owning_teams.insert(table, team),
            None => self.owning_teams.remove(&table),
        };
        Ok(())
    }

    /// The default team of a business unit, found by its mark.
    pub fn default_team(&self, unit: Uuid) -> Result<Option<Uuid>, EnvError> {
        self.find_id(
            self.system.team,
            &[("businessunitid", Value::Guid(unit)), ("isdefault", Value::Bool(true))],
        )
    }

    /// The default team of a business unit as initial sync finds it: by name. None after the team was renamed, which
    /// is what health code DWFOEV1006 reports.
    pub fn default_team_by_name(&self, unit: Uuid) -> Result<Option<Uuid>, EnvError> {
        let wanted = [
            ("businessunitid", Value::Guid(unit)),
            ("isdefault", Value::Bool(true)),
            ("name", Value::text(self.expected_default_team(unit)?)),
        ];
        self.find_id(self.system.team, &wanted)
    }

    /// The name under which initial sync looks for the default team of a business unit: the one linking learned, else
    /// that of the unit.
    pub fn expected_default_team(&self, unit: Uuid) -> Result<String, EnvError> {
        match self.default_team_names.get(&unit) {
            Some(name) => Ok(name.clone()),
            None => Ok(self.text_of(self.system.unit, unit, "name")?.unwrap_or_default()),
        }
    }

    /// Notes what the default teams of all business units are called, as linking does.
    pub fn learn_default_teams(&mut self) -> Result<(), EnvError> {
        let mut names = BTreeMap::new();
        for (unit, _) in self.business_units()? {
            if let Some(team) = self.default_team(unit)? {
                names.insert(unit, self.team_name(team)?);
            }
        }
        self.default_team_names = names;
        self.remembered.company_teams = Memo::default();
        Ok(())
    }

    /// The business unit of a name, without regard to case.
    pub fn business_unit(&self, name: &str) -> Result<Option<Uuid>, EnvError> {
        self.find_id(self.system.unit, &[("name", Value::text(name))])
    }

    /// A team or user as an owner.
    pub(crate) fn owner_of(&self, principal: Uuid) -> Result<Option<Owner>, EnvError> {
        let tables = [self.system.team, self.system.user];
        self.remembered.owners.get(&self.store, &tables.map(|table| self.shapes[table].id), principal, || {
            for (table, team) in tables.into_iter().zip([true, false]) {
                if self.row_exists(table, principal)? {
                    let unit = self.id_of(table, principal, "businessunitid")?;
                    return Ok(Some(Owner { id: principal, team, unit }));
                }
            }
            Ok(None)
        })
    }

    /// The team that owns the rows of a batch.
    ///
    /// Initial sync: the default team of the company's business unit, by name. Live sync: the default owning team
    /// of the company. Without company: the default team of the root business unit, by name in initial sync.
    pub(crate) fn inbound_owner(&self, batch: &Upsert) -> Result<Result<InboundOwner, Refusal>, EnvError> {
        let chosen = self.owning_teams.get(&batch.table.name).copied();
        let team = match (&batch.company, chosen) {
            (_, Some(team)) => Ok(team),
            (Some(code), None) if batch.table.striped() => self.company_team(code, batch.sync)?,
            _ if batch.sync == SyncKind::Initial => {
                let found = self.default_team_by_name(self.system.root_unit)?;
                found.ok_or_else(|| Refusal::OwningTeamNotFound { unit: self.organization.name.clone() })
            }
            _ => Ok(self.system.root_team),
        };
        let team = match team {
            Ok(team) => team,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Some(missing) = self.missing_privilege(team, &batch.table.name)? {
            return Ok(Err(Refusal::MissingPrivilege(missing)));
        }
        let Some(owner) = self.owner_of(team)? else {
            return Ok(Err(Refusal::LookupMissing {
                column: "ownerid".into(),
                id: team,
                targets: vec![Name::from("team")],
            }));
        };
        let mut equivalent = vec![Value::Guid(team)];
        if let Some(code) = &batch.company {
            for sync in [SyncKind::Initial, SyncKind::Live] {
                equivalent.extend(self.company_team(code, sync)?.ok().map(Value::Guid));
            }
        }
        Ok(Ok(InboundOwner { owner, equivalent }))
    }

    fn company_team(&self, code: &CompanyCode, sync: SyncKind) -> Result<Result<Uuid, Refusal>, EnvError> {
        let tables =
            [self.system.company, self.system.unit, self.system.team].map(|table| self.shapes[table].id);
        let key = (code.clone(), sync == SyncKind::Initial);
        let find = || Ok::<_, EnvError>(self.find_company_team(code, sync)?.ok());
        match self.remembered.company_teams.get(&self.store, &tables, key, find)? {
            Some(team) => Ok(Ok(team)),
            None => self.find_company_team(code, sync),
        }
    }

    fn find_company_team(
        &self,
        code: &CompanyCode,
        sync: SyncKind,
    ) -> Result<Result<Uuid, Refusal>, EnvError> {
        let Some(company) = self.company_id(code)? else {
            return Ok(Err(self.unknown_company(code.as_str())?));
        };
        Ok(match sync {
            SyncKind::Live => {
                let column = self.catalog.facts().company().default_owning_team_column.clone();
                let team = self.id_of(self.system.company, company, &column)?;
                team.ok_or_else(|| Refusal::NoOwningTeam { company: code.to_string() })
            }
            SyncKind::Initial => {
                let missing = || Refusal::OwningTeamNotFound { unit: code.to_string() };
                match self.business_unit(code.as_str())? {
                    Some(unit) => self.default_team_by_name(unit)?.ok_or_else(missing),
                    None => Err(missing()),
                }
            }
        })
    }
}
