//! What dual-write writes, by ordinals and in batches.

use super::*;
use dwsim_model::{Outcome, SyncKind, Upsert, Values};

fn batch(finops: &FinOps, table: &str, company: Option<&str>, columns: &[&str], key: &[usize]) -> Upsert {
    let table = finops.table_type(table).unwrap().clone();
    Upsert {
        columns: columns.iter().map(|column| table.ordinal(column).unwrap()).collect(),
        table,
        company: company.map(|code| code.parse().unwrap()),
        key: key.to_vec(),
        overwrite: (0..columns.len()).filter(|at| !key.contains(at)).collect(),
        symbols: Vec::new(),
        sync: SyncKind::Initial,
    }
}

const CUSTOMER: [&str; 6] =
    ["dataAreaId", "CustomerAccount", "CustomerGroupId", "SalesCurrencyCode", "CreditLimit", "PartyNumber"];

fn row(account: &str, group: &str, party: Value) -> Values {
    Box::new(["USMF".into(), account.into(), group.into(), "USD".into(), Value::Null, party])
}

fn failure(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Failed(error) => &error.message,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_batch_creates_changes_and_leaves_alone() {
    let mut finops = contoso();
    let customers = batch(&finops, "CustomersV3", Some("usmf"), &CUSTOMER, &[0, 1]);
    let write = |finops: &mut FinOps, group| {
        finops
            .upsert(&customers, vec![row("US-001", group, Value::Null), row("US-002", "10", Value::Null)])
            .unwrap()
    };
    let first = write(&mut finops, "10");
    assert!(first.iter().all(|outcome| matches!(outcome, Outcome::Inserted(_))), "{first:?}");
    let version = finops.store().version();
    let again = write(&mut finops, "10");
    assert!(again.iter().all(|outcome| matches!(outcome, Outcome::Unchanged(_))), "{again:?}");
    assert_eq!(finops.store().version(), version, "nothing was written");
    let third = write(&mut finops, "20");
    assert!(matches!(third[..], [Outcome::Updated(_), Outcome::Unchanged(_)]), "{third:?}");
    assert_eq!(count(&finops, "CDSParties"), 5, "three companies, two customers");
}

#[test]
fn a_row_that_breaks_a_rule_does_not_stop_the_others() {
    let mut finops = contoso();
    let customers = batch(&finops, "CustomersV3", Some("USMF"), &CUSTOMER, &[0, 1]);
    let rows = vec![
        row("US-001", "", Value::Null),
        row("US-002", "10", "000000999".into()),
        row("US-003", "12345678901", Value::Null),
        row("US-004", "10", Value::Null),
    ];
    let outcomes = finops.upsert(&customers, rows).unwrap();
    assert!(failure(&outcomes[0]).contains("mandatory column CustomerGroupId"));
    assert_eq!(failure(&outcomes[1]), "Party record not found for party type 'Organization'");
    assert!(failure(&outcomes[2]).contains("takes 10 characters and got 11"));
    assert!(matches!(outcomes[3], Outcome::Inserted(_)));
    assert_eq!((count(&finops, "CustomersV3"), count(&finops, "CDSParties")), (1, 4));
}

#[test]
fn text_too_long_is_cut_when_the_environment_is_set_to() {
    let mut finops = contoso();
    finops.environment_mut().truncate_inbound_text = true;
    let customers = batch(&finops, "CustomersV3", Some("USMF"), &CUSTOMER, &[0, 1]);
    let outcomes = finops.upsert(&customers, vec![row("US-001", "12345678901", Value::Null)]).unwrap();
    let Outcome::Inserted(id) = &outcomes[0] else { panic!("{outcomes:?}") };
    let stored = finops.row(finops.table("CustomersV3").unwrap(), id).unwrap().unwrap();
    assert_eq!(stored[customers.columns[2]], Value::text("1234567890"));
}

#[test]
fn an_account_that_exists_under_another_party_is_refused_in_the_documented_words() {
    let mut finops = contoso();
    let parties = ["P-1", "P-2"];
    for number in parties {
        let values = [("PartyNumber", number.into()), ("PartyType", "Organization".into())];
        create(&mut finops, "CDSParties", &values).unwrap();
    }
    let customers = batch(&finops, "CustomersV3", Some("USMF"), &CUSTOMER, &[0, 1]);
    let mut write =
        |party: Value| finops.upsert(&customers, vec![row("US-001", "10", party)]).unwrap().remove(0);
    assert!(matches!(write("P-1".into()), Outcome::Inserted(_)));
    assert!(matches!(write(Value::Null), Outcome::Unchanged(_)), "no party given leaves the party");
    assert_eq!(failure(&write("P-2".into())), "Party record not found for party type 'Organization'");
}

#[test]
fn a_party_number_used_again_for_a_person_is_refused_in_the_documented_words() {
    let mut finops = contoso();
    let parties = batch(&finops, "CDSParties", None, &["PartyNumber", "PartyType"], &[0]);
    let rows = vec![
        vec!["P-1".into(), "Organization".into()].into_boxed_slice(),
        vec!["P-1".into(), "Person".into()].into_boxed_slice(),
    ];
    let outcomes = finops.upsert(&parties, rows).unwrap();
    assert!(
        failure(&outcomes[1])
            .starts_with("Cannot update a party's type from 'DirOrganization' to 'DirPerson'")
    );
}

#[test]
fn rows_of_a_company_that_does_not_exist_are_refused_one_by_one() {
    let mut finops = contoso();
    let customers = batch(&finops, "CustomersV3", Some("FRRT"), &CUSTOMER, &[0, 1]);
    let outcomes =
        finops.upsert(&customers, vec![row("1", "10", Value::Null), row("2", "10", Value::Null)]).unwrap();
    assert_eq!(outcomes.len(), 2);
    assert!(failure(&outcomes[1]).starts_with("there is no company FRRT in Contoso"));
}

#[test]
fn a_row_of_another_company_than_its_batch_is_refused() {
    let mut finops = contoso();
    let customers = batch(&finops, "CustomersV3", Some("DEMF"), &CUSTOMER, &[0, 1]);
    let outcomes = finops.upsert(&customers, vec![row("1", "10", Value::Null)]).unwrap();
    assert!(failure(&outcomes[0]).contains("cannot move to USMF"));
}

#[test]
fn rows_of_a_batch_without_company_name_companies_that_exist() {
    let mut finops = contoso();
    let customers = batch(&finops, "CustomersV3", None, &CUSTOMER, &[0, 1]);
    let mut rows = vec![row("1", "10", Value::Null); 3];
    rows[0][0] = "demf".into();
    rows[1][0] = "FRRT".into();
    rows[2][0] = Value::Null;
    let outcomes = finops.upsert(&customers, rows).unwrap();
    let Outcome::Inserted(id) = &outcomes[0] else { panic!("{outcomes:?}") };
    let stored = finops.row(finops.table("CustomersV3").unwrap(), id).unwrap().unwrap();
    assert_eq!(stored[customers.columns[0]], Value::text("DEMF"));
    assert!(failure(&outcomes[1]).starts_with("there is no company FRRT in Contoso"));
    assert!(failure(&outcomes[2]).starts_with("there is no company (blank) in Contoso"));
}

#[test]
fn a_duplicate_of_the_natural_key_leaves_no_party_behind() {
    let mut finops = contoso();
    // An integration key other than the entity's own: the row is not found by it, and then its key is taken.
    let customers = batch(&finops, "CustomersV3", Some("USMF"), &CUSTOMER, &[0, 2]);
    let outcomes =
        finops.upsert(&customers, vec![row("1", "10", Value::Null), row("1", "20", Value::Null)]).unwrap();
    assert_eq!(
        failure(&outcomes[1]),
        "CustomersV3 has a row with USMF, 1 already; use another value in dataAreaId, CustomerAccount"
    );
    assert_eq!(count(&finops, "CDSParties"), 4);
}

#[test]
fn rows_are_deleted_by_key_and_a_missing_row_is_no_error() {
    let mut finops = contoso();
    create(&mut finops, "CustomersV3", &customer("USMF", "US-001")).unwrap();
    let customers = finops.table("CustomersV3").unwrap();
    let by = finops.table_type("CustomersV3").unwrap().natural_key().unwrap().columns.clone();
    let mut delete = || finops.delete_by_key(customers, &by, &["usmf".into(), "us-001".into()]).unwrap();
    assert_eq!((delete(), delete()), (Ok(true), Ok(false)));
    let companies = finops.table("LegalEntities").unwrap();
    let code = finops.table_type("LegalEntities").unwrap().ordinal("LegalEntityId").unwrap();
    assert!(finops.delete_by_key(companies, &[code], &["USMF".into()]).unwrap().is_err());
}

#[test]
fn amounts_keep_the_decimals_their_field_has_so_that_a_second_write_finds_them_equal() {
    let mut finops = contoso();
    let customers = batch(&finops, "CustomersV3", Some("USMF"), &CUSTOMER, &[0, 1]);
    let mut cells = row("1", "10", Value::Null);
    cells[4] = Value::Decimal("10.12345650".parse().unwrap());
    assert!(matches!(finops.upsert(&customers, vec![cells.clone()]).unwrap()[0], Outcome::Inserted(_)));
    assert!(matches!(finops.upsert(&customers, vec![cells]).unwrap()[0], Outcome::Unchanged(_)));
}
