//! Users, teams and their roles, as far as dual-write looks at them.

use crate::{
    Dataverse, EnvError,
    refusal::{MissingPrivilege, Refusal},
};
use dwsim_model::{Name, Side, Value};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Who changes rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person, by the id of the user row.
    User(Uuid),
    /// A program that signed in as an application user, by client id.
    Application(Uuid),
    /// Whoever calls an interface, person or program, by the id of the user row: what forms ask for is not asked.
    Caller(Uuid),
    /// The platform and its plug-ins: may write what the system alone writes.
    System,
}

/// Client id of the application user that rows written by dual-write carry.
pub const DUAL_WRITE_USER: Uuid = Uuid::from_u128(0x0000_0015_0000_0000_c000_0000_0000_0000);

const ADMINISTRATOR: &str = "dataverse-system-administrator";
const USE_ROWS: &str = "use-rows";
const OWN_COMPANY_ROWS: &str = "own-company-rows";
const OWN_GLOBAL_ROWS: &str = "own-global-rows";
/// Object type codes of custom tables start here.
const FIRST_CUSTOM_CODE: u32 = 10_000;

/// Roles by the id of the user or team that has them.
pub(crate) type Roles = BTreeMap<Uuid, BTreeSet<Name>>;

/// An application user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationUserState {
    /// Client id, which is also the id of its user row.
    pub client_id: Uuid,
    /// Role ids.
    pub roles: BTreeSet<Name>,
    /// Whether it may sign in.
    pub enabled: bool,
}

impl Dataverse {
    /// Adds an application user, or gives an existing one these roles and enables it.
    ///
    /// Its user row has the client id as row id, so that a reader of `modifiedby` sees who it was.
    pub fn add_application_user(
        &mut self,
        client_id: Uuid,
        roles: &[Name],
        now: Timestamp,
    ) -> Result<(), EnvError> {
        let known = self.catalog.facts().application_users().iter();
        let name = known
            .filter(|user| user.side == Side::Dataverse)
            .find(|user| user.client_id.parse() == Ok(client_id))
            .map_or_else(|| client_id.to_string(), |user| user.name.to_string());
        self.add_user_row(client_id, &name, Some(client_id), now)?;
        self.applications.insert(client_id, true);
        self.set_roles(client_id, roles);
        Ok(())
    }

    /// Adds a person with these roles; the id of the new user row.
    pub fn add_user(&mut self, name: &str, roles: &[Name], now: Timestamp) -> Result<Uuid, EnvError> {
        let id = self.next_id(self.system.user);
        self.add_user_row(id, name, None, now)?;
        self.set_roles(id, roles);
        Ok(id)
    }

    /// The user of a full name, without regard to case.
    pub fn user_named(&self, name: &str) -> Result<Option<Uuid>, EnvError> {
        self.find_id(self.system.user, &[("fullname", Value::text(name))])
    }

    /// The team of a name.
    pub fn team_named(&self, name: &str) -> Result<Option<Uuid>, EnvError> {
        self.find_id(self.system.team, &[("name", Value::text(name))])
    }

    /// Removes an application user from those that may sign in; its row stays.
    pub fn disable_application_user(&mut self, client_id: Uuid) {
        if let Some(enabled) = self.applications.get_mut(&client_id) {
            *enabled = false;
        }
    }

    /// All application users, by client id.
    pub fn application_users(&self) -> Vec<ApplicationUserState> {
        let state = |(client_id, enabled): (&Uuid, &bool)| ApplicationUserState {
            client_id: *client_id,
            roles: self.roles(*client_id),
            enabled: *enabled,
        };
        self.applications.iter().map(state).collect()
    }

    /// Gives a user or team exactly these roles, by id or name.
    pub fn set_roles(&mut self, principal: Uuid, roles: &[Name]) {
        let ids = roles.iter().map(|role| self.role_id(role)).collect();
        self.roles.insert(principal, ids);
    }

    /// The roles of a user or team, by id.
    pub fn roles(&self, principal: Uuid) -> BTreeSet<Name> {
        self.roles.get(&principal).cloned().unwrap_or_default()
    }

    /// Whether a user or team has a role, by id or name.
    pub fn has_role(&self, principal: Uuid, role: &str) -> bool {
        let id = self.role_id(&role.into());
        self.roles.get(&principal).is_some_and(|roles| roles.contains(&id))
    }

    /// The privilege a team lacks to own rows of a table: it needs both dual-write roles and access to the table,
    /// or System Administrator.
    pub fn missing_privilege(&self, team: Uuid, table: &str) -> Result<Option<MissingPrivilege>, EnvError> {
        let striped = self.shape(table)?.table.striped();
        let rule = if striped { OWN_COMPANY_ROWS } else { OWN_GLOBAL_ROWS };
        if self.satisfies(team, rule) {
            return Ok(None);
        }
        Ok(Some(self.lacking(team, table)?))
    }

    /// Refuses people who are unknown, disabled or without the roles a dual-write table asks for.
    pub(crate) fn admit(
        &self,
        actor: Actor,
        table: &str,
        creates: bool,
    ) -> Result<Result<(), Refusal>, EnvError> {
        let user = match actor {
            Actor::System => return Ok(Ok(())),
            Actor::Application(client_id) => {
                if self.applications.get(&client_id) != Some(&true) {
                    return Ok(Err(Refusal::NotAMember));
                }
                client_id
            }
            Actor::User(id) | Actor::Caller(id) => {
                let barred = self.applications.get(&id) == Some(&false);
                if barred || !self.row_exists(self.system.user, id)? {
                    return Ok(Err(Refusal::NotAMember));
                }
                id
            }
        };
        let runtime = &self.organization.runtime_configuration;
        let mapped = runtime.iter().any(|row| row.table.eq_ignore_ascii_case(table));
        if creates && mapped && !self.satisfies(user, USE_ROWS) {
            return Ok(Err(Refusal::MissingPrivilege(self.lacking(user, table)?)));
        }
        Ok(Ok(()))
    }

    /// The user that rows written by dual-write carry, while one may sign in.
    pub(crate) fn dual_write_user(&self) -> Option<Uuid> {
        let enabled = |id: &Uuid| self.applications.get(id) == Some(&true);
        let documented = self.catalog.facts().application_users().iter();
        let mut ids: Vec<(bool, Uuid)> = documented
            .filter(|user| user.side == Side::Dataverse)
            .filter_map(|user| Some((!user.writes_rows, user.client_id.parse().ok()?)))
            .filter(|(_, id)| enabled(id))
            .collect();
        ids.sort_unstable();
        ids.first().map(|(_, id)| *id)
    }

    fn satisfies(&self, principal: Uuid, rule: &str) -> bool {
        let Some(roles) = self.roles.get(&principal) else { return false };
        if roles.contains(ADMINISTRATOR) {
            return true;
        }
        let rule = self.catalog.facts().role_rules().iter().find(|own| own.id.as_str() == rule);
        rule.is_some_and(|rule| rule.all_of.iter().all(|any| any.iter().any(|role| roles.contains(role))))
    }

    fn lacking(&self, principal: Uuid, table: &str) -> Result<MissingPrivilege, EnvError> {
        let (at, shape) = self.indexed(table)?;
        let team = self.text_of(self.system.team, principal, "name")?;
        let name = match team {
            Some(name) => name,
            None => self.text_of(self.system.user, principal, "fullname")?.unwrap_or_default(),
        };
        Ok(MissingPrivilege {
            principal,
            principal_name: name,
            table: shape.table.name.clone(),
            privilege_id: self.seed.id(&format!("dataverse/privilege/prvRead{}", shape.table.name)),
            object_type_code: self
                .rules
                .object_type(&shape.table.name)
                .unwrap_or_else(|| FIRST_CUSTOM_CODE + u32::try_from(at).unwrap_or(0)),
        })
    }

    fn role_id(&self, role: &Name) -> Name {
        let known = self.catalog.facts().roles().iter().filter(|own| own.side == Side::Dataverse);
        let same = |own: &&dwsim_catalog::facts::Role| {
            own.id.eq_ignore_ascii_case(role) || own.name.eq_ignore_ascii_case(role)
        };
        known.into_iter().find(same).map_or_else(|| role.clone(), |own| own.id.clone())
    }

    fn add_user_row(
        &self,
        id: Uuid,
        name: &str,
        client: Option<Uuid>,
        now: Timestamp,
    ) -> Result<(), EnvError> {
        if self.row_exists(self.system.user, id)? {
            return Ok(());
        }
        let mut values = vec![
            ("fullname", Value::text(name)),
            ("domainname", Value::text(name)),
            ("businessunitid", Value::Guid(self.system.root_unit)),
            ("isdisabled", Value::Bool(false)),
        ];
        if let Some(client) = client {
            values.push(("applicationid", Value::Guid(client)));
        }
        self.plant(self.system.user, id, values, now)
    }
}
