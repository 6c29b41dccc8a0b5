//! Legal entities, settings and change tracking.

use super::*;
use crate::EnvironmentOrigin;

#[test]
fn a_new_environment_has_the_default_company_and_its_party_and_nothing_else() {
    let finops = empty();
    let counts: Vec<(String, u64)> =
        finops.counts().unwrap().into_iter().map(|(name, count)| (name.to_string(), count)).collect();
    assert_eq!(counts, [("CDSParties".to_owned(), 1), ("LegalEntities".to_owned(), 1)]);
    assert_eq!(finops.companies().unwrap(), ["DAT".parse().unwrap()]);
    assert_eq!(finops.environment().origin, EnvironmentOrigin::New);
}

#[test]
fn a_company_gets_a_party_of_type_legal_entity_under_the_next_number() {
    let mut finops = empty();
    let saved = finops.create_company("USMF", "Contoso USA").unwrap();
    let party = &saved.made[0];
    assert_eq!(after(party, "PartyType"), &Value::text("LegalEntity"));
    assert_eq!(after(party, "PartyNumber"), &Value::text("000000002"));
    assert_eq!(after(party, "OrganizationName"), &Value::text("Contoso USA"));
    assert_eq!(after(&saved.change, "PartyNumber"), &Value::text("000000002"));
    assert_eq!(saved.change.id, Value::Int(5_637_144_577));
}

#[test]
fn a_company_cannot_exist_twice_in_another_spelling() {
    let mut finops = contoso();
    let before = count(&finops, "CDSParties");
    let text = rule(finops.create_company("usmf", "Again"));
    assert_eq!(text, "LegalEntities has a row with usmf already; use another value in LegalEntityId");
    assert_eq!(count(&finops, "CDSParties"), before, "its party went with it");
}

#[test]
fn a_code_of_five_characters_is_refused_however_the_company_is_made() {
    let mut finops = empty();
    assert!(matches!(finops.create_company("CONTO", "Contoso"), Err(SaveError::CompanyCode(_))));
    let by_form =
        create(&mut finops, "LegalEntities", &[("LegalEntityId", "CONTO".into()), ("Name", "C".into())]);
    assert_eq!(rule(by_form), "CONTO is no company code: it takes one to four letters or digits");
}

#[test]
fn companies_are_listed_by_code() {
    let finops = contoso();
    let codes: Vec<String> = finops.companies().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(codes, ["DAT", "DEMF", "USMF"]);
    assert_eq!(finops.company_value("usmf").unwrap(), Some(Value::text("USMF")));
    assert_eq!(finops.company_value("FRRT").unwrap(), None);
}

#[test]
fn a_company_made_in_a_transaction_that_is_undone_never_was() {
    let mut finops = empty();
    finops.store().begin().unwrap();
    finops.create_company("USMF", "Contoso USA").unwrap();
    finops.store().rollback().unwrap();
    assert_eq!(finops.companies().unwrap().len(), 1);
    assert!(create(&mut finops, "CustomersV3", &customer("USMF", "US-001")).is_err());
}

#[test]
fn change_tracking_is_on_for_mapped_entities_until_somebody_switches_it_off() {
    let mut finops = empty();
    assert!(finops.tracks_changes("customersv3"));
    finops.set_change_tracking("CustomersV3", false).unwrap();
    assert!(!finops.tracks_changes("CustomersV3"));
    let error = finops.set_change_tracking("CustomerV3", true).unwrap_err();
    assert_eq!(error.to_string(), "Finance & Operations has no entity CustomerV3; did you mean CustomersV3?");
}

#[test]
fn an_environment_taken_from_a_filled_store_is_not_born_again() {
    let dir = std::env::temp_dir().join(format!("dwsim-finops-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let path = dir.join("finops.db");
    let open = || {
        let environment = Environment::new("Contoso", Seed::new(1).id("tenant"));
        FinOps::new(Catalog::embedded().unwrap(), environment, Store::open(&path).unwrap()).unwrap()
    };
    let mut finops = open();
    finops.create_company("USMF", "Contoso USA").unwrap();
    create(&mut finops, "CustomersV3", &customer("USMF", "")).unwrap();
    drop(finops);
    let mut finops = open();
    assert_eq!(finops.companies().unwrap().len(), 2);
    let saved = create(&mut finops, "CustomersV3", &customer("USMF", "")).unwrap();
    assert_eq!(after(&saved.change, "CustomerAccount"), &Value::text("FC-000002"), "the sequence goes on");
    assert_eq!(after(&saved.change, "PartyNumber"), &Value::text("000000004"));
    drop(finops);
    std::fs::remove_dir_all(&dir).unwrap();
}
