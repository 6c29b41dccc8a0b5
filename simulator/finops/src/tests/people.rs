//! What people and programs save, by names.

use super::*;
use crate::WriteKind;
use dwsim_model::Values;

fn key(company: &str, account: &str) -> Vec<(&'static str, Value)> {
    vec![("dataAreaId", Value::text(company)), ("CustomerAccount", Value::text(account))]
}

fn stored(finops: &FinOps, saved: &SavedChange) -> Values {
    let table = finops.table(&saved.change.table.name).unwrap();
    finops.row(table, &saved.change.id).unwrap().unwrap()
}

#[test]
fn fields_left_out_hold_the_empty_values_of_finops_and_never_null() {
    let mut finops = contoso();
    let saved = create(&mut finops, "CustomersV3", &customer("USMF", "US-001")).unwrap();
    assert_eq!(after(&saved.change, "SalesMemo"), &Value::text(""));
    assert_eq!(after(&saved.change, "CreditLimit"), &Value::Decimal(0.into()));
    assert_eq!(after(&saved.change, "OnHoldStatus"), &Value::Choice(0));
    assert!(saved.change.after.iter().all(|value| !value.is_null()));
    assert_eq!(stored(&finops, &saved), saved.change.after);
    assert!(saved.raises_events);
}

#[test]
fn a_customer_brings_a_party_of_its_name() {
    let mut finops = contoso();
    let mut values = customer("USMF", "US-001");
    values.push(("PartyType", "person".into()));
    values.push(("PersonFirstName", "Ana".into()));
    values.push(("PersonLastName", "Bowman".into()));
    let saved = create(&mut finops, "CustomersV3", &values).unwrap();
    let party = &saved.made[0];
    assert_eq!(after(party, "PartyType"), &Value::text("Person"));
    assert_eq!(after(party, "PersonFirstName"), &Value::text("Ana"));
    assert_eq!(after(party, "PersonLastName"), &Value::text("Bowman"));
    assert_eq!(after(party, "OrganizationName"), &Value::text(""));
    assert_eq!(after(&saved.change, "PartyNumber"), after(party, "PartyNumber"));
}

#[test]
fn one_party_stands_behind_customers_of_two_companies() {
    let mut finops = contoso();
    let first = create(&mut finops, "CustomersV3", &customer("USMF", "C-1")).unwrap();
    let mut values = customer("DEMF", "C-1");
    values.push(("PartyNumber", after(&first.change, "PartyNumber").clone()));
    let second = create(&mut finops, "CustomersV3", &values).unwrap();
    assert!(second.made.is_empty());
    assert_eq!(after(&second.change, "PartyType"), &Value::text("Organization"));
}

#[test]
fn a_party_that_is_not_there_or_of_another_type_is_refused_in_the_documented_words() {
    let mut finops = contoso();
    let mut values = customer("USMF", "US-001");
    values.push(("PartyNumber", "000000777".into()));
    let text = rule(create(&mut finops, "CustomersV3", &values));
    assert_eq!(text, "Party record not found for party type 'Organization'");

    let party = [("PartyNumber", "P-1".into()), ("PartyType", "Organization".into())];
    create(&mut finops, "CDSParties", &party).unwrap();
    values[4] = ("PartyNumber", "P-1".into());
    values.push(("PartyType", "Person".into()));
    let text = rule(create(&mut finops, "CustomersV3", &values));
    assert_eq!(text, "Party record not found for party type 'Person'");
    assert_eq!(count(&finops, "CustomersV3"), 0);
}

#[test]
fn the_type_of_a_party_never_changes() {
    let mut finops = contoso();
    let party = [("PartyNumber", "P-1".into()), ("PartyType", "Organization".into())];
    create(&mut finops, "CDSParties", &party).unwrap();
    let person = [("PartyType", "Person".into())];
    let text = rule(finops.save(&change("CDSParties", Operation::Update, &party[..1], &person)));
    assert_eq!(
        text,
        "Cannot update a party's type from 'DirOrganization' to 'DirPerson', a delete of the existing party \
         followed by an insert with the new type should be performed instead."
    );
}

#[test]
fn number_sequences_count_in_each_company_and_step_over_numbers_in_use() {
    let mut finops = contoso();
    create(&mut finops, "CustomersV3", &customer("USMF", "FC-000004")).unwrap();
    let mut next = |company: &str| {
        let saved = create(&mut finops, "CustomersV3", &customer(company, "")).unwrap();
        after(&saved.change, "CustomerAccount").to_string()
    };
    assert_eq!([next("USMF"), next("DEMF"), next("usmf")], ["FC-000005", "FC-000001", "FC-000006"]);
    create(&mut finops, "CustomersV3", &customer("USMF", "FC-000007")).unwrap();
    let saved = create(&mut finops, "CustomersV3", &customer("USMF", "")).unwrap();
    assert_eq!(after(&saved.change, "CustomerAccount"), &Value::text("FC-000008"));
}

#[test]
fn every_rule_names_the_row_the_field_and_the_way_out() {
    let mut finops = contoso();
    let mut with = |column: &'static str, value: Value| {
        let mut values = customer("USMF", "US-001");
        values.retain(|(own, _)| *own != column);
        values.push((column, value));
        rule(create(&mut finops, "CustomersV3", &values))
    };
    assert_eq!(
        with("CustomerGroupId", "".into()),
        "row USMF, US-001 of CustomersV3 has no value in the mandatory column CustomerGroupId; fill it in, or give \
         the map a default"
    );
    assert_eq!(
        with("CustomerGroupId", "12345678901".into()),
        "row USMF, US-001 of CustomersV3: CustomerGroupId takes 10 characters and got 11; shorten the text"
    );
    assert!(with("OnHoldStatus", "Sometimes".into()).contains("Sometimes is no option of OnHoldStatus"));
    assert!(
        with("OnHoldStatus", Value::Int(99))
            .contains("99 is no option of OnHoldStatus, which has No, Invoice")
    );
    assert!(with("PaymentTermsBaseDays", Value::Int(1 << 40)).contains("2147483647"));
    assert!(
        with("CreditLimit", "much".into())
            .contains("CreditLimit takes a number such as 1234.50 and got much")
    );
    assert!(with("dataAreaId", "FRRT".into()).starts_with("there is no company FRRT in Contoso"));
    assert_eq!(count(&finops, "CDSParties"), 3, "no party was left behind");
}

#[test]
fn a_row_without_company_is_refused_before_anything_else() {
    let mut finops = contoso();
    let error = create(&mut finops, "CustomersV3", &customer("USMF", "US-001")[1..]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a row of CustomersV3 belongs to a company; give its legal entity in dataAreaId"
    );
}

#[test]
fn a_key_is_taken_once_in_a_company_and_free_in_another() {
    let mut finops = contoso();
    create(&mut finops, "CustomersV3", &customer("USMF", "US-001")).unwrap();
    create(&mut finops, "CustomersV3", &customer("DEMF", "US-001")).unwrap();
    let text = rule(create(&mut finops, "CustomersV3", &customer("usmf", "us-001")));
    assert_eq!(
        text,
        "CustomersV3 has a row with USMF, us-001 already; use another value in dataAreaId, CustomerAccount"
    );
    assert_eq!(count(&finops, "CDSParties"), 5, "three companies, two customers");
}

#[test]
fn a_change_reports_the_row_before_and_after() {
    let mut finops = contoso();
    create(&mut finops, "CustomersV3", &customer("USMF", "US-001")).unwrap();
    let values = [("CustomerGroupId", Value::Int(20)), ("OrganizationName", "Litware".into())];
    let saved =
        finops.save(&change("CustomersV3", Operation::Update, &key("usmf", "us-001"), &values)).unwrap();
    let group = saved.change.table.ordinal("CustomerGroupId").unwrap();
    assert_eq!((&saved.change.before[group], &saved.change.after[group]), (&"10".into(), &"20".into()));
    let changed: Vec<usize> = (0..saved.change.after.len()).filter(|at| saved.change.changed(*at)).collect();
    assert_eq!(changed, [group]);
    assert_eq!(stored(&finops, &saved), saved.change.after);
}

#[test]
fn a_change_that_changes_nothing_gets_no_new_version() {
    let mut finops = contoso();
    create(&mut finops, "CustomersV3", &customer("USMF", "US-001")).unwrap();
    let version = finops.store().version();
    let same = [("CustomerGroupId", "10".into()), ("dataAreaId", "usmf".into())];
    let saved =
        finops.save(&change("CustomersV3", Operation::Update, &key("USMF", "US-001"), &same)).unwrap();
    assert_eq!(saved.change.before, saved.change.after);
    assert_eq!(finops.store().version(), version);
}

#[test]
fn key_and_company_of_a_saved_row_stay_as_they_are() {
    let mut finops = contoso();
    create(&mut finops, "CustomersV3", &customer("USMF", "US-001")).unwrap();
    let mut update = |column, value: &str| {
        let values = [(column, Value::text(value))];
        rule(finops.save(&change("CustomersV3", Operation::Update, &key("USMF", "US-001"), &values)))
    };
    assert_eq!(
        update("CustomerAccount", "US-002"),
        "row USMF, US-001 of CustomersV3: CustomerAccount is part of the key and cannot change from US-001 to US-002; \
         create a new row with the new key"
    );
    assert_eq!(
        update("dataAreaId", "DEMF"),
        "row USMF, US-001 of CustomersV3 belongs to company USMF and cannot move to DEMF; create a new row in DEMF"
    );
    assert!(update("CustomerGroupId", "").contains("mandatory"));
}

#[test]
fn a_row_is_named_by_its_whole_key_or_by_its_record_id() {
    let mut finops = contoso();
    let saved = create(&mut finops, "CustomersV3", &customer("USMF", "US-001")).unwrap();
    let mut delete = |key: &[(&str, Value)]| finops.save(&change("CustomersV3", Operation::Delete, key, &[]));
    assert_eq!(
        delete(&key("USMF", "US-001")[..1]).unwrap_err().to_string(),
        "the fields dataAreaId do not identify a row of CustomersV3; give its key dataAreaId, CustomerAccount"
    );
    assert_eq!(
        delete(&key("USMF", "US-001")[1..]).unwrap_err().to_string(),
        "a row of CustomersV3 belongs to a company; give its legal entity in dataAreaId"
    );
    assert_eq!(
        delete(&key("DEMF", "US-001")).unwrap_err().to_string(),
        "CustomersV3 has no row with the key DEMF, US-001; look the key up, or create the row"
    );
    let deleted = delete(&[("RecId", saved.change.id.clone())]).unwrap();
    assert_eq!(deleted.change.before, saved.change.after);
    assert!(deleted.change.after.is_empty());
    assert!(delete(&key("USMF", "US-001")).is_err());
}

#[test]
fn only_the_insert_update_and_delete_methods_raise_events() {
    let mut finops = contoso();
    for (kind, account, raises) in [
        (WriteKind::Methods, "1", true),
        (WriteKind::DoMethods, "2", false),
        (WriteKind::SetBased, "3", false),
        (WriteKind::SkipBusinessEvents, "4", false),
    ] {
        let create = change("CustomersV3", Operation::Create, &[], &customer("USMF", account));
        assert_eq!(finops.save_as(&create, kind).unwrap().raises_events, raises, "{kind:?}");
    }
}

#[test]
fn a_legal_entity_is_not_deleted() {
    let mut finops = contoso();
    let result =
        finops.save(&change("LegalEntities", Operation::Delete, &[("LegalEntityId", "DEMF".into())], &[]));
    assert!(rule(result).contains("deleting a legal entity"));
}
