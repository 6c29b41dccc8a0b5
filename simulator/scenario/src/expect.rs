//! Whether the world at the end is as the scenario expects.

use crate::{
    definition::{Expected, ExpectedRows, Origin, Scenario},
    report::CheckReport,
    values::{count, shown_value},
};
use dwsim_catalog::facts::ProfileId;
use dwsim_dualwrite::MapStatus;
use dwsim_model::{CompanyCode, MapId, Side};
use dwsim_tenant::Tenant;

/// `imported` are companies that a file brought into F&O: existing F&O is linked with all of its companies.
pub(crate) fn verdict(
    tenant: &Tenant,
    scenario: &Scenario,
    profile: ProfileId,
    imported: &[CompanyCode],
) -> Vec<CheckReport> {
    let expected = &scenario.expected;
    let mut checks = Vec::new();
    let mut check = |what: &str, expected: String, actual: String| {
        checks.push(CheckReport { what: what.to_owned(), ok: expected == actual, expected, actual });
    };
    let state = |linked: bool| if linked { "Linked" } else { "Not linked" }.to_owned();
    check("link", state(expected.linked), state(tenant.link_state().is_some()));
    let mut companies = companies(expected, profile).to_vec();
    if scenario.finops.origin == Origin::Existing {
        companies.extend_from_slice(imported);
        companies.sort();
        companies.dedup();
    }
    check("legal entities of the link", list(&companies), list(tenant.engine().companies()));
    if expected.all_maps_running {
        let leave = tenant.maps_to_leave_stopped();
        let stopped: Vec<&MapId> = tenant
            .engine()
            .maps()
            .iter()
            .filter(|(id, state)| state.status != MapStatus::Running && !leave.contains(id))
            .map(|(id, _)| id)
            .collect();
        let actual = if stopped.is_empty() { "none".to_owned() } else { list(&stopped) };
        check("table maps that should run and do not", "none".to_owned(), actual);
    }
    for (maps, wanted) in
        [(&expected.running, MapStatus::Running), (&expected.not_running, MapStatus::NotRunning)]
    {
        for map in maps {
            let actual = tenant
                .engine()
                .status(map)
                .map_or_else(|| "not published".to_owned(), |status| status.to_string());
            check(&format!("status of {map}"), wanted.to_string(), actual);
        }
    }
    let executions = tenant.engine().executions();
    if let Some(wanted) = expected.executions {
        check("initial syncs", wanted.to_string(), executions.len().to_string());
    }
    if let Some(wanted) = expected.errors {
        let errors: u64 = executions.iter().map(dwsim_dualwrite::Execution::errors).sum();
        check("rows that failed", wanted.to_string(), errors.to_string());
    }
    let open = executions.iter().flat_map(|execution| &execution.legs).filter(|leg| !leg.accounted()).count();
    check("legs whose counts do not add up", "0".to_owned(), open.to_string());
    if let Some(wanted) = expected.prime_solution {
        let there = tenant.dataverse().is_some_and(|dataverse| dataverse.organization().crm_prime_solution);
        let text = |there: bool| if there { "installed" } else { "not installed" }.to_owned();
        check("CRM prime solution", text(wanted), text(there));
    }
    for rows in &expected.rows {
        checks.push(rows_check(tenant, rows));
    }
    checks
}

fn companies(expected: &Expected, profile: ProfileId) -> &[CompanyCode] {
    let own = expected.legal_entities_by_profile.iter().find(|entry| entry.profile == profile);
    own.map_or(&expected.legal_entities, |entry| &entry.companies)
}

fn list<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn rows_check(tenant: &Tenant, rows: &ExpectedRows) -> CheckReport {
    let side = if tenant.catalog().table(Side::FinOps, &rows.table).is_some() {
        Side::FinOps
    } else {
        Side::Dataverse
    };
    let place = rows.company.as_ref().map_or_else(String::new, |company| format!(" of {company}"));
    let having: Vec<String> =
        rows.having.iter().map(|(name, value)| format!("{name} = {}", shown_value(value))).collect();
    let having = if having.is_empty() { String::new() } else { format!(" with {}", having.join(" and ")) };
    let what = format!("{side} rows in {}{place}{having}", rows.table);
    let actual = match count(tenant, side, &rows.table, &rows.having, rows.company.as_deref()) {
        Ok(actual) => actual,
        Err(error) => {
            return CheckReport { what, expected: "a table to count".into(), actual: error, ok: false };
        }
    };
    let same = rows.same_as.as_ref().map(|entity| {
        count(tenant, Side::FinOps, entity, &toml::Table::new(), rows.company.as_deref()).unwrap_or(u64::MAX)
    });
    let (expected, ok) = match (rows.count.or(same), rows.at_least) {
        (Some(count), _) => (count.to_string(), count == actual),
        (None, Some(least)) => (format!("at least {least}"), actual >= least),
        (None, None) => ("at least 1".to_owned(), actual >= 1),
    };
    CheckReport { what, expected, actual: actual.to_string(), ok }
}
