//! Writes on mapped tables run live sync; Finance & Operations may refuse.

use super::{World, error, json as parsed, text};
use dwsim_catalog::Catalog;
use dwsim_model::Side;
use dwsim_scenario::{Scenario, Settings, run_to_end};
use serde_json::json;

fn linked() -> World {
    let scenario = Scenario::builtin("new-new").unwrap();
    let (report, tenant) =
        run_to_end(Catalog::embedded().unwrap(), &scenario, &Settings::default(), |_| {}).unwrap();
    assert!(report.ok);
    World::over(tenant)
}

fn finops_rows(world: &World, entity: &str) -> u64 {
    let counts = world.tenant.finops().counts().unwrap();
    counts.into_iter().find(|(name, _)| name.as_str() == entity).map_or(0, |(_, rows)| rows)
}

#[test]
fn a_created_row_of_a_mapped_table_reaches_finance_and_operations() {
    let mut world = linked();
    let company =
        world.get("cdm_companies?$select=cdm_companycode&$filter=cdm_isenabledfordualwrite eq true&$top=1");
    let company = company["value"][0]["cdm_companyid"].as_str().unwrap().to_owned();
    let before = finops_rows(&world, "CustomerGroups");
    let body = json!({
        "msdyn_groupid": "W1", "msdyn_description": "From the web",
        "msdyn_company@odata.bind": format!("/cdm_companies({company})")
    });
    let response = world.call("POST", "msdyn_customergroups", &body);
    assert_eq!(response.status, 204, "{}", text(&response));
    assert_eq!(finops_rows(&world, "CustomerGroups"), before + 1);
    let group = world.get("msdyn_customergroups?$filter=msdyn_groupid eq 'W1'")["value"][0].clone();
    assert_eq!(group["_msdyn_company_value"], company.as_str());
}

#[test]
fn what_finance_and_operations_refuses_is_a_plugin_error_and_nothing_stays() {
    let mut world = linked();
    let company =
        world.get("cdm_companies?$select=cdm_companycode&$filter=cdm_isenabledfordualwrite eq true&$top=1");
    let company = company["value"][0]["cdm_companyid"].as_str().unwrap().to_owned();
    let catalog = Catalog::embedded().unwrap();
    let entity = catalog.table(Side::FinOps, "CustomerGroups").unwrap();
    let limit = entity.columns.iter().find(|own| own.name.as_str() == "CustomerGroupId").unwrap();
    let dwsim_model::ColumnKind::Text { max: Some(limit) } = limit.kind else { panic!("no limit") };
    let body = json!({
        "msdyn_groupid": "x".repeat(limit as usize + 1), "msdyn_description": "Too long over there",
        "msdyn_company@odata.bind": format!("/cdm_companies({company})")
    });
    let response = world.call("POST", "msdyn_customergroups", &body);
    assert_eq!(error(&response), (400, "0x80040265".into()), "{}", text(&response));
    assert!(!parsed(&response)["error"]["message"].as_str().unwrap().is_empty());
    let left = world.get("msdyn_customergroups?$filter=msdyn_description eq 'Too long over there'");
    assert_eq!(left["value"].as_array().unwrap().len(), 0);
}
