//! The prerequisite health check: six named checks, each read from the catalogue and answered by the environments.

use crate::{Tenant, TenantError};
use dwsim_catalog::facts::{ApplicationUser, HealthCheck, SolutionVersion};
use dwsim_finops::EntraApplication;
use dwsim_model::{Name, Side};
use uuid::Uuid;

/// The answer to one named check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    /// `H1` to `H6`.
    pub id: Name,
    /// The title the page prints.
    pub title: String,
    /// The lines below it.
    pub details: Vec<String>,
    /// Whether it passed.
    pub passed: bool,
    /// Whether the page of this profile shows it; the others run unseen and are shown when they fail.
    pub shown: bool,
    /// What to do when it fails.
    pub fix: String,
}

impl Tenant {
    /// Runs every prerequisite check.
    pub fn health_check(&self) -> Vec<CheckResult> {
        let core = self.core_version();
        let facts = self.catalog.facts();
        let switched = core.as_ref().is_none_or(|core| *core >= facts.core().app_id_switch);
        facts
            .health_checks()
            .iter()
            .map(|check| {
                let passed = self.passes(check, switched);
                let text = |id: &str, app: Option<&Name>| {
                    let messages = self.engine.messages();
                    match app {
                        Some(app) => messages.text(id, &[("app_id", app)]),
                        None => messages.text(id, &[]),
                    }
                };
                let details = check
                    .details
                    .iter()
                    .map(|line| {
                        let older = line.app_id_before_switch.as_ref().filter(|_| !switched);
                        text(&line.message, older.or(line.app_id.as_ref()))
                    })
                    .collect();
                CheckResult {
                    id: check.id.clone(),
                    title: text(&check.title, None),
                    details,
                    passed,
                    shown: !passed || check.shown_in.contains(&self.engine.profile()),
                    fix: check.fix.to_string(),
                }
            })
            .collect()
    }

    fn passes(&self, check: &HealthCheck, switched: bool) -> bool {
        let app_ids = check.details.iter().filter_map(|line| {
            let older = line.app_id_before_switch.as_ref().filter(|_| !switched);
            older.or(line.app_id.as_ref())
        });
        let Some(dataverse) = &self.dataverse else { return false };
        let organization = dataverse.organization();
        match check.id.as_str() {
            "H1" => {
                let minimum = self
                    .catalog
                    .facts()
                    .minimum_versions()
                    .iter()
                    .find(|minimum| minimum.platform_update.is_some());
                let needed = minimum.and_then(|minimum| minimum.platform_update).unwrap_or(0);
                self.finops.environment().platform_update >= needed
            }
            "H2" => self.core_version().is_some(),
            "H3" => app_ids.into_iter().all(|id| self.finops.environment().admits(id)),
            "H4" => {
                let users = dataverse.application_users();
                app_ids.into_iter().all(|id| {
                    id.parse::<Uuid>().is_ok_and(|id| {
                        users
                            .iter()
                            .any(|user| user.client_id == id && user.enabled && !user.roles.is_empty())
                    })
                })
            }
            "H5" => {
                switched
                    || app_ids
                        .into_iter()
                        .all(|id| id.parse().is_ok_and(|id| organization.tenant_apps.contains(&id)))
            }
            "H6" => organization.plugins_enabled(),
            _ => false,
        }
    }

    /// The version of Dual Write Core in Dataverse.
    pub(crate) fn core_version(&self) -> Option<SolutionVersion> {
        let name = &self.catalog.facts().core().unique_name;
        let solutions = &self.dataverse.as_ref()?.organization().solutions;
        solutions.get(name).map(|solution| solution.version.clone())
    }

    /// Whether a tenant administrator has yet to consent to the applications, which core solutions before the switch of
    /// the application ids ask for.
    pub(crate) fn consent_missing(&self) -> bool {
        let facts = self.catalog.facts();
        let asked = self.core_version().is_some_and(|core| core < facts.core().app_id_switch);
        let Some(dataverse) = self.dataverse.as_ref().filter(|_| asked) else { return false };
        let consented = &dataverse.organization().consented_apps;
        let needed = self.core_version().map(|core| facts.required_app_ids(Side::FinOps, &core));
        needed.into_iter().flatten().any(|id| id.parse().is_ok_and(|id: Uuid| !consented.contains(&id)))
    }

    /// DW9003: whether each side can call the other.
    pub(crate) fn check_connections(&self) -> Result<(), TenantError> {
        for (id, message) in [("H4", "DW9003-CRM"), ("H3", "DW9003-AX")] {
            if self.health_check().iter().any(|check| check.id.as_str() == id && !check.passed) {
                return Err(self.refuse(message, &[]));
            }
        }
        Ok(())
    }

    /// Requirements that no set-up gets around: not a trial, not the Human Resources app, no Prospect-to-Cash.
    pub(crate) fn check_eligible(&self) -> Result<(), TenantError> {
        let environment = self.finops.environment();
        if self.human_resources_app {
            return Err(self.refuse("SIM-HUMAN-RESOURCES-APP", &[("environment", &environment.name)]));
        }
        if environment.trial {
            return Err(self.refuse("SIM-TRIAL-ENVIRONMENT", &[("environment", &environment.name)]));
        }
        let Some(dataverse) = &self.dataverse else { return Ok(()) };
        let organization = dataverse.organization();
        if let Some(solution) = self.catalog.facts().other_solution("prospect-to-cash")
            && organization.solutions.contains_key(&solution.unique_name)
        {
            let arguments = [("solution", solution.name.as_str()), ("dataverse", organization.name.as_str())];
            return Err(self.refuse("SIM-PROSPECT-TO-CASH", &arguments));
        }
        if organization.tenant_id != environment.tenant {
            return Err(self.refuse("E4", &[("environment", &environment.url)]));
        }
        Ok(())
    }

    /// Registers the applications of both sides with each other, as configuring dual-write does.
    pub(crate) fn register_applications(&mut self) -> Result<(), TenantError> {
        for user in self.application_users_needed() {
            if user.side == Side::FinOps {
                let rows = &mut self.finops.environment_mut().entra_applications;
                rows.retain(|row| !row.client_id.eq_ignore_ascii_case(&user.client_id));
                rows.push(EntraApplication {
                    client_id: user.client_id.clone(),
                    user: user.name.as_ref().into(),
                    enabled: true,
                    has_rights: true,
                });
            }
        }
        self.register_in_dataverse()
    }

    /// The Dataverse half of it: application users, and the applications consented to in the tenant.
    pub(crate) fn register_in_dataverse(&mut self) -> Result<(), TenantError> {
        let now = self.clock.now();
        let users = self.application_users_needed();
        let apps: Vec<Uuid> =
            self.catalog.facts().apps().iter().filter_map(|app| app.id.parse().ok()).collect();
        let Some(dataverse) = &mut self.dataverse else { return Ok(()) };
        for user in users.iter().filter(|user| user.side == Side::Dataverse) {
            let Ok(id) = user.client_id.parse() else { continue };
            dataverse.add_application_user(id, &user.roles, now).map_err(TenantError::dataverse)?;
        }
        let organization = dataverse.organization_mut();
        organization.tenant_apps.extend(&apps);
        organization.consented_apps.extend(&apps);
        Ok(())
    }

    /// The application users that the installed version of Dual Write Core needs on either side.
    fn application_users_needed(&self) -> Vec<ApplicationUser> {
        let facts = self.catalog.facts();
        let needed: Vec<&Name> = self.core_version().map_or_else(Vec::new, |core| {
            let of = |side| facts.required_app_ids(side, &core);
            [Side::FinOps, Side::Dataverse].into_iter().flat_map(of).collect()
        });
        let users = facts.application_users().iter();
        users.filter(|user| needed.is_empty() || needed.contains(&&user.client_id)).cloned().collect()
    }
}
