//! Companies and what the plug-in makes for them.

use super::*;

fn count(dataverse: &Dataverse, table: &str) -> u64 {
    dataverse.counts().unwrap().iter().find(|(name, _)| name.as_str() == table).map_or(0, |(_, count)| *count)
}

#[test]
fn a_company_that_takes_part_gets_unit_team_and_default_owning_team() {
    let dataverse = with_companies(&["USMF"]);
    let unit = dataverse.business_unit("USMF").unwrap().unwrap();
    let company = &dataverse.companies().unwrap()[0];
    let team = company.default_owning_team.unwrap();
    assert_eq!(dataverse.get("team", team, "name").unwrap(), Some("USMF Dual Write".into()));
    assert_eq!(dataverse.get("team", team, "businessunitid").unwrap(), Some(Value::Guid(unit)));
    let default = dataverse.default_team(unit).unwrap().unwrap();
    assert_ne!(default, team);
    assert_eq!(dataverse.get("team", default, "name").unwrap(), Some("USMF".into()));
    assert_eq!(
        dataverse.get("businessunit", unit, "parentbusinessunitid").unwrap(),
        Some(Value::Guid(dataverse.root_business_unit()))
    );
}

#[test]
fn nothing_is_made_for_a_company_that_does_not_take_part_until_it_does() {
    let mut dataverse = environment();
    let values = [("cdm_companycode", "DEMF".into()), ("cdm_name", "Contoso Germany".into())];
    let saved = save(&mut dataverse, Actor::System, "cdm_company", &[], &values).unwrap();
    assert_eq!(dataverse.business_unit("DEMF").unwrap(), None);
    let key = [("cdm_companycode", "demf".into())];
    let saved_again = save(
        &mut dataverse,
        Actor::System,
        "cdm_company",
        &key,
        &[("cdm_isenabledfordualwrite", true.into())],
    )
    .unwrap();
    assert_eq!(saved.id, saved_again.id);
    assert!(dataverse.business_unit("DEMF").unwrap().is_some());
    assert!(!cell(&saved_again, "cdm_defaultowningteam").is_null());
}

#[test]
fn unit_and_team_that_were_there_before_are_used() {
    let mut dataverse = environment();
    let unit = save(&mut dataverse, Actor::System, "businessunit", &[], &[("name", "USMF".into())]).unwrap();
    let team = [("name", "USMF Dual Write".into()), ("businessunitid", unit.id.clone())];
    let team = save(&mut dataverse, Actor::System, "team", &[], &team).unwrap();
    let (units, teams) = (count(&dataverse, "businessunit"), count(&dataverse, "team"));
    let company = dataverse.enable_company(&code("USMF"), "Contoso", epoch()).unwrap();
    assert_eq!(cell(&company, "cdm_defaultowningteam"), team.id);
    assert_eq!((count(&dataverse, "businessunit"), count(&dataverse, "team")), (units, teams));
    dataverse.enable_company(&code("usmf"), "Contoso", epoch()).unwrap();
    assert_eq!(count(&dataverse, "cdm_company"), 1);
}

#[test]
fn a_company_that_dual_write_brings_in_gets_its_unit_too() {
    let mut dataverse = environment();
    let columns = ["cdm_companycode", "cdm_name", "cdm_isenabledfordualwrite"];
    let batch = batch(&dataverse, "cdm_company", None, &columns, &["cdm_companycode"]);
    let outcomes = upsert(&mut dataverse, &batch, &[&["GBSI".into(), "Contoso GB".into(), true.into()]]);
    assert_eq!(dataverse.company_code(written(&outcomes[0])).unwrap(), Some(code("GBSI")));
    assert!(dataverse.companies().unwrap()[0].default_owning_team.is_some());
}

#[test]
fn the_default_owning_team_can_be_changed_and_not_cleared() {
    let mut dataverse = with_companies(&["USMF"]);
    let key = [("cdm_companycode", "USMF".into())];
    let team = dataverse.root_team();
    let clear = [("cdm_defaultowningteam", Value::Null)];
    let error = save(&mut dataverse, Actor::System, "cdm_company", &key, &clear).unwrap_err();
    assert_eq!(error.code, "SIM-OWNING-TEAM-NOT-CLEARED");
    let other = [("cdm_defaultowningteam", Value::Guid(team))];
    save(&mut dataverse, Actor::System, "cdm_company", &key, &other).unwrap();
    assert_eq!(dataverse.companies().unwrap()[0].default_owning_team, Some(team));
}

#[test]
fn blank_and_shared_names_are_reported() {
    let mut dataverse = environment();
    for (company, name) in
        [("USMF", "Contoso"), ("DEMF", "contoso "), ("GBSI", ""), ("FRRT", "Contoso France")]
    {
        dataverse.enable_company(&code(company), name, epoch()).unwrap();
    }
    let bad: Vec<String> = dataverse
        .duplicate_or_blank_company_names()
        .unwrap()
        .into_iter()
        .map(|company| company.code)
        .collect();
    assert_eq!(bad, ["DEMF", "GBSI", "USMF"]);
}

#[test]
fn codes_are_found_without_case_and_forgotten_with_a_rollback() {
    let mut dataverse = environment();
    dataverse.store().begin().unwrap();
    dataverse.enable_company(&code("USMF"), "Contoso", epoch()).unwrap();
    let id = dataverse.company_id(&code("usmf")).unwrap().unwrap();
    assert_eq!(dataverse.company_code(id).unwrap().unwrap().as_str(), "USMF");
    dataverse.store().rollback().unwrap();
    assert_eq!(dataverse.company_id(&code("USMF")).unwrap(), None);
}

#[test]
fn a_company_with_rows_stays_and_one_without_goes() {
    let mut dataverse = with_companies(&["USMF", "DEMF"]);
    let account = [("msdyn_company", "USMF".into()), ("accountnumber", "1".into()), ("name", "A".into())];
    save(&mut dataverse, Actor::System, "account", &[], &account).unwrap();
    let error = remove(&mut dataverse, "cdm_company", &[("cdm_companycode", "USMF".into())]).unwrap_err();
    assert_eq!(error.code, "SIM-ROW-IN-USE");
    remove(&mut dataverse, "cdm_company", &[("cdm_companycode", "DEMF".into())]).unwrap();
    assert_eq!(dataverse.company_id(&code("DEMF")).unwrap(), None);
}

#[test]
fn uninstalling_a_managed_solution_takes_its_rows() {
    let mut dataverse = with_companies(&["USMF"]);
    let group = [("msdyn_company", "USMF".into()), ("msdyn_groupid", "10".into())];
    save(&mut dataverse, Actor::System, "msdyn_customergroup", &[], &group).unwrap();
    let solution =
        crate::InstalledSolution { version: "2.0.227".parse().unwrap(), package: None, managed: true };
    dataverse.organization_mut().solutions.insert("Dynamics365FinanceExtended".into(), solution);
    let tables = [Name::from("msdyn_customergroup")];
    assert_eq!(dataverse.uninstall_solution("Dynamics365FinanceExtended", &tables).unwrap(), 1);
    assert_eq!(count(&dataverse, "msdyn_customergroup"), 0);
    assert_eq!(count(&dataverse, "cdm_company"), 1);
    assert_eq!(dataverse.uninstall_solution("Dynamics365FinanceExtended", &tables).unwrap(), 0);
}

#[test]
fn integration_details_are_the_documented_error_until_linked() {
    let mut dataverse = environment();
    let error = dataverse.integration_details().unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        ("0x80048d0b", "Dataverse instance isn't integrated with finance and operations.")
    );
    let details = crate::IntegrationDetails {
        url: "https://contoso.operations.dynamics.com".into(),
        tenant_id: Uuid::from_u128(1),
        id: Uuid::from_u128(2),
    };
    dataverse.set_integration(Some(details.clone()));
    assert_eq!(dataverse.integration_details(), Ok(&details));
}
