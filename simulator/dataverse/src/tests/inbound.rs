//! Rows that dual-write brings in.

use super::*;

const GROUP: [&str; 3] = ["msdyn_company", "msdyn_groupid", "msdyn_description"];
const GROUP_KEY: [&str; 2] = ["msdyn_company", "msdyn_groupid"];

fn company(dataverse: &Dataverse, company: &str) -> Value {
    Value::Guid(dataverse.company_id(&code(company)).unwrap().unwrap())
}

fn owner(dataverse: &Dataverse, table: &str, id: Uuid) -> Uuid {
    dataverse.get(table, id, "ownerid").unwrap().unwrap().as_guid().unwrap()
}

/// The column that is, with the company, the key of sales orders.
fn order_number(dataverse: &Dataverse) -> Name {
    let table = dataverse.table_type("salesorder").unwrap();
    let key = table.natural_key().unwrap().columns.iter().find(|at| table.company != Some(**at));
    table.column(*key.unwrap()).name.clone()
}

fn group(dataverse: &mut Dataverse, sync: SyncKind, description: &str) -> Outcome {
    let mut batch = batch(dataverse, "msdyn_customergroup", Some("USMF"), &GROUP, &GROUP_KEY);
    batch.sync = sync;
    let row = [company(dataverse, "USMF"), "10".into(), description.into()];
    upsert(dataverse, &batch, &[&row]).remove(0)
}

#[test]
fn rows_are_inserted_then_unchanged_then_updated() {
    let mut dataverse = with_companies(&["USMF"]);
    let first = group(&mut dataverse, SyncKind::Live, "Wholesale");
    assert!(matches!(first, Outcome::Inserted(_)));
    assert_eq!(
        group(&mut dataverse, SyncKind::Live, "Wholesale"),
        Outcome::Unchanged(Value::Guid(written(&first)))
    );
    assert_eq!(
        group(&mut dataverse, SyncKind::Live, "Retail"),
        Outcome::Updated(Value::Guid(written(&first)))
    );
    let id = written(&first);
    assert_eq!(dataverse.get("msdyn_customergroup", id, "msdyn_description").unwrap(), Some("Retail".into()));
    for (column, value) in [
        ("statecode", Value::Choice(0)),
        ("statuscode", Value::Choice(1)),
        ("createdby", Value::Guid(crate::DUAL_WRITE_USER)),
        ("modifiedby", Value::Guid(crate::DUAL_WRITE_USER)),
        ("createdon", Value::Instant(epoch())),
        ("owneridtype", "team".into()),
        ("owninguser", Value::Null),
    ] {
        assert_eq!(dataverse.get("msdyn_customergroup", id, column).unwrap(), Some(value), "{column}");
    }
}

#[test]
fn initial_sync_gives_rows_to_the_unit_and_live_sync_to_the_default_owning_team() {
    let mut dataverse = with_companies(&["USMF"]);
    let unit = dataverse.business_unit("USMF").unwrap().unwrap();
    let (initial, live) = (
        dataverse.default_team(unit).unwrap().unwrap(),
        dataverse.companies().unwrap()[0].default_owning_team.unwrap(),
    );
    let id = written(&group(&mut dataverse, SyncKind::Initial, "Wholesale"));
    assert_eq!(owner(&dataverse, "msdyn_customergroup", id), initial);
    group(&mut dataverse, SyncKind::Live, "Retail");
    assert_eq!(owner(&dataverse, "msdyn_customergroup", id), live);
    // Equal rows stay with either team of the company, so that a second initial sync has nothing to do.
    assert!(matches!(group(&mut dataverse, SyncKind::Initial, "Retail"), Outcome::Unchanged(_)));
    assert_eq!(owner(&dataverse, "msdyn_customergroup", id), live);
}

#[test]
fn a_row_that_was_somebody_elses_is_taken_over_even_when_it_is_equal() {
    let mut dataverse = with_companies(&["USMF"]);
    let user = dataverse.add_user("Ann", &["System Administrator".into()], epoch()).unwrap();
    let values = [
        ("msdyn_company", "USMF".into()),
        ("msdyn_groupid", "10".into()),
        ("msdyn_description", "Wholesale".into()),
    ];
    let row = save(&mut dataverse, Actor::User(user), "msdyn_customergroup", &[], &values).unwrap();
    assert_eq!(owner(&dataverse, "msdyn_customergroup", id(&row)), user);
    assert!(matches!(group(&mut dataverse, SyncKind::Initial, "Wholesale"), Outcome::Updated(_)));
    assert_ne!(owner(&dataverse, "msdyn_customergroup", id(&row)), user);
}

#[test]
fn initial_sync_fails_after_the_default_team_was_renamed() {
    let mut dataverse = with_companies(&["USMF"]);
    let unit = dataverse.business_unit("USMF").unwrap().unwrap();
    let team = Value::Guid(dataverse.default_team(unit).unwrap().unwrap());
    save(&mut dataverse, Actor::System, "team", &[("teamid", team)], &[("name", "Renamed".into())]).unwrap();
    assert_eq!(
        failed(&group(&mut dataverse, SyncKind::Initial, "Wholesale")).code,
        "SIM-DEFAULT-TEAM-NOT-FOUND"
    );
    assert!(matches!(group(&mut dataverse, SyncKind::Live, "Wholesale"), Outcome::Inserted(_)));
}

#[test]
fn global_rows_belong_to_the_root_team_unless_the_table_names_another() {
    let mut dataverse = with_companies(&["USMF"]);
    let columns = ["msdyn_productnumber", "msdyn_productname"];
    let batch = batch(&dataverse, "msdyn_globalproduct", None, &columns, &["msdyn_productnumber"]);
    let first = upsert(&mut dataverse, &batch, &[&["D0001".into(), "Speaker".into()]]);
    assert_eq!(owner(&dataverse, "msdyn_globalproduct", written(&first[0])), dataverse.root_team());
    let other = dataverse.companies().unwrap()[0].default_owning_team.unwrap();
    dataverse.set_owning_team("msdyn_globalproduct", Some(other)).unwrap();
    let second = upsert(&mut dataverse, &batch, &[&["D0002".into(), "Cable".into()]]);
    assert_eq!(owner(&dataverse, "msdyn_globalproduct", written(&second[0])), other);
}

#[test]
fn rows_of_a_table_without_company_belong_to_the_root_team_even_when_a_legal_entity_sends_them() {
    let mut dataverse = with_companies(&["USMF"]);
    for sync in [SyncKind::Initial, SyncKind::Live] {
        let mut batch = batch(
            &dataverse,
            "msdyn_globalproduct",
            None,
            &["msdyn_productnumber"],
            &["msdyn_productnumber"],
        );
        batch.company = Some(code("USMF"));
        batch.sync = sync;
        let made = upsert(&mut dataverse, &batch, &[&[format!("P-{sync:?}").as_str().into()]]);
        assert_eq!(owner(&dataverse, "msdyn_globalproduct", written(&made[0])), dataverse.root_team());
    }
}

#[test]
fn a_team_without_roles_is_refused_with_the_documented_text() {
    let mut dataverse = with_companies(&["USMF"]);
    let team = dataverse.companies().unwrap()[0].default_owning_team.unwrap();
    dataverse.set_roles(team, &[]);
    let outcome = group(&mut dataverse, SyncKind::Live, "Wholesale");
    let error = failed(&outcome);
    assert!(error.message.starts_with(&format!("Principal team (Id={team}, ")), "{error}");
    assert!(error.message.contains("is missing prvReadmsdyn_customergroup privilege"), "{error}");
    let roles = ["Dual-write runtime user".into(), "dual-write-app-user".into(), "table-access".into()];
    dataverse.set_roles(team, &roles);
    assert_eq!(dataverse.missing_privilege(team, "msdyn_customergroup").unwrap(), None);
    assert!(matches!(group(&mut dataverse, SyncKind::Live, "Wholesale"), Outcome::Inserted(_)));
}

#[test]
fn without_an_application_user_nobody_may_write() {
    let mut dataverse = with_companies(&["USMF"]);
    dataverse.disable_application_user(crate::DUAL_WRITE_USER);
    let outcome = group(&mut dataverse, SyncKind::Live, "Wholesale");
    assert!(failed(&outcome).message.contains("The user is not a member of the organization."));
}

#[test]
fn a_broken_row_fails_alone_and_says_what_is_wrong() {
    let mut dataverse = with_companies(&["USMF"]);
    let columns = ["msdyn_company", "accountnumber", "name", "customertypecode"];
    let batch = batch(&dataverse, "account", Some("USMF"), &columns, &["msdyn_company", "accountnumber"]);
    let us = company(&dataverse, "USMF");
    let row = |number: &str, name: Value, kind: i32| [us.clone(), number.into(), name, Value::Choice(kind)];
    let rows = [
        row("1", "Fine".into(), 3),
        row("123456789012345678901", "Long number".into(), 3),
        row("2", "Odd type".into(), 99),
        row("3", Value::Null, 3),
        row("4", "Fine too".into(), 3),
    ];
    let rows: Vec<&[Value]> = rows.iter().map(<[Value; 4]>::as_slice).collect();
    let outcomes = upsert(&mut dataverse, &batch, &rows);
    assert!(matches!(outcomes[0], Outcome::Inserted(_)) && matches!(outcomes[4], Outcome::Inserted(_)));
    let codes: Vec<&str> = outcomes[1..4].iter().map(|outcome| failed(outcome).code.as_str()).collect();
    assert_eq!(codes, ["SIM-TEXT-TOO-LONG", "SIM-UNKNOWN-CHOICE", "SIM-MANDATORY-MISSING"]);
    assert!(failed(&outcomes[1]).message.contains("USMF/123456789012345678901"));
    assert_eq!(failed(&outcomes[3]).column, Some("name".into()));
}

#[test]
fn another_alternate_key_that_is_taken_fails_the_row() {
    let mut dataverse = with_companies(&["USMF"]);
    let us = company(&dataverse, "USMF");
    let columns = ["msdyn_company", "accountnumber", "name"];
    let key = ["msdyn_company", "accountnumber"];
    let mut batch = batch(&dataverse, "account", Some("USMF"), &columns, &key);
    upsert(&mut dataverse, &batch, &[&[us.clone(), "1".into(), "One".into()]]);
    // Matched by name, so that the natural key is the one that breaks.
    batch.key = vec![2];
    batch.overwrite = vec![1];
    let outcomes = upsert(&mut dataverse, &batch, &[&[us, "1".into(), "Two".into()]]);
    let error = failed(&outcomes[0]);
    assert_eq!(error.code, "SIM-DUPLICATE-KEY");
    assert!(error.message.contains("USMF/1"), "{error}");
}

#[test]
fn a_company_not_among_the_columns_is_written_all_the_same() {
    let mut dataverse = with_companies(&["USMF", "DEMF"]);
    for own in ["USMF", "DEMF", "USMF"] {
        let columns = ["msdyn_groupid", "msdyn_description"];
        let batch = batch(&dataverse, "msdyn_customergroup", Some(own), &columns, &["msdyn_groupid"]);
        let outcomes = upsert(&mut dataverse, &batch, &[&["10".into(), "Wholesale".into()]]);
        let stored = dataverse.get("msdyn_customergroup", written(&outcomes[0]), "msdyn_company").unwrap();
        assert_eq!(stored, Some(company(&dataverse, own)));
    }
    assert_eq!(
        dataverse
            .store()
            .count(&dwsim_store::Select::all(dataverse.table("msdyn_customergroup").unwrap()))
            .unwrap(),
        2
    );
}

#[test]
fn a_yes_no_column_nobody_sets_is_no() {
    let mut dataverse = with_companies(&["USMF"]);
    let contacts = batch(
        &dataverse,
        "contact",
        Some("USMF"),
        &["msdyn_company", "msdyn_contactpersonid"],
        &["msdyn_contactpersonid"],
    );
    let company: Value = dataverse.company_id(&"USMF".parse().unwrap()).unwrap().unwrap().into();
    let id = written(&upsert(&mut dataverse, &contacts, &[&[company, "P-1".into()]])[0]);
    assert_eq!(dataverse.get("contact", id, "msdyn_sellable").unwrap(), Some(Value::Bool(false)));
}

#[test]
fn products_get_their_number_state_and_unit_group() {
    let mut dataverse = with_companies(&["USMF"]);
    let columns = ["msdyn_symbol", "name", "msdyn_externalunitclassname"];
    let units = batch(&dataverse, "uom", None, &columns, &["msdyn_symbol"]);
    let rows: [&[Value]; 3] = [
        &["ea".into(), "Each".into(), "Quantity".into()],
        &["kg".into(), "Kilogram".into(), "Mass".into()],
        &["pr".into(), "Pairs".into(), "Quantity".into()],
    ];
    let ids: Vec<Uuid> = upsert(&mut dataverse, &units, &rows).iter().map(written).collect();
    let unit = |at: usize, column: &str| dataverse.get("uom", ids[at], column).unwrap().unwrap();
    assert_eq!(unit(0, "isschedulebaseuom"), Value::Bool(true));
    assert_eq!(unit(2, "baseuom"), Value::Guid(ids[0]));
    assert_eq!(unit(2, "uomscheduleid"), unit(0, "uomscheduleid"));
    assert_ne!(unit(1, "uomscheduleid"), unit(0, "uomscheduleid"));
    let group = unit(0, "uomscheduleid").as_guid().unwrap();
    assert_eq!(
        dataverse.get("uomschedule", group, "description").unwrap(),
        Some("Externally maintained".into())
    );

    let columns = ["msdyn_company", "msdyn_productnumber", "name", "defaultuomid"];
    let key = ["msdyn_company", "msdyn_productnumber"];
    let batch = batch(&dataverse, "product", Some("USMF"), &columns, &key);
    let us = company(&dataverse, "USMF");
    let product = |dataverse: &mut Dataverse, number: &str| {
        let row = [us.clone(), number.into(), "Speaker".into(), Value::Guid(ids[2])];
        written(&upsert(dataverse, &batch, &[&row])[0])
    };
    let draft = product(&mut dataverse, "1234:Black:S");
    let cell =
        |dataverse: &Dataverse, id, column: &str| dataverse.get("product", id, column).unwrap().unwrap();
    assert_eq!(cell(&dataverse, draft, "productnumber"), "USMF1234:Black:S".into());
    assert_eq!(cell(&dataverse, draft, "statecode"), Value::Choice(2));
    assert_eq!(cell(&dataverse, draft, "defaultuomscheduleid"), Value::Guid(group));
    dataverse.set_products_active(true);
    let active = product(&mut dataverse, "1235");
    assert_eq!(
        (cell(&dataverse, active, "statecode"), cell(&dataverse, active, "statuscode")),
        (Value::Choice(0), Value::Choice(1))
    );
}

#[test]
fn the_state_follows_a_status_that_dual_write_brings() {
    let mut dataverse = with_companies(&["USMF"]);
    let number = order_number(&dataverse);
    let columns = ["msdyn_company", number.as_str(), "name", "statuscode"];
    let batch = batch(&dataverse, "salesorder", Some("USMF"), &columns, &columns[..2]);
    let us = company(&dataverse, "USMF");
    for (status, state) in [(100_001, 3), (4, 2)] {
        let row = [us.clone(), "SO-1".into(), "Order".into(), Value::Choice(status)];
        let outcomes = upsert(&mut dataverse, &batch, &[&row]);
        let stored = dataverse.get("salesorder", written(&outcomes[0]), "statecode").unwrap();
        assert_eq!(stored, Some(Value::Choice(state)), "{status}");
    }
}

#[test]
fn the_table_behind_a_lookup_to_several_is_noted() {
    let mut dataverse = with_companies(&["USMF"]);
    let account = [("msdyn_company", "USMF".into()), ("accountnumber", "1".into()), ("name", "A".into())];
    let account = save(&mut dataverse, Actor::System, "account", &[], &account).unwrap();
    let number = order_number(&dataverse);
    let columns = ["msdyn_company", number.as_str(), "name", "customerid"];
    let batch = batch(&dataverse, "salesorder", Some("USMF"), &columns, &["msdyn_company", number.as_str()]);
    let row = [company(&dataverse, "USMF"), "SO-1".into(), "Order".into(), account.id.clone()];
    let outcomes = upsert(&mut dataverse, &batch, &[&row]);
    assert_eq!(
        dataverse.get("salesorder", written(&outcomes[0]), "customeridtype").unwrap(),
        Some("account".into())
    );
}

#[test]
fn contacts_without_company_match_contacts_without_company() {
    let mut dataverse = with_companies(&["USMF"]);
    let striped = [("msdyn_company", "USMF".into()), ("msdyn_contactpersonid", "7".into())];
    let striped = save(&mut dataverse, Actor::System, "contact", &[], &striped).unwrap();
    let us = company(&dataverse, "USMF");
    let columns = ["msdyn_company", "msdyn_contactpersonid", "lastname"];
    for (columns, row) in [
        (&columns[..], vec![Value::Null, "7".into(), "Lund".into()]),
        (&columns[1..], vec!["7".into(), "Berg".into()]),
    ] {
        let keys: Vec<&str> = columns[..columns.len() - 1].to_vec();
        let batch = batch(&dataverse, "contact", None, columns, &keys);
        let first = upsert(&mut dataverse, &batch, &[&row]).remove(0);
        assert_ne!(written(&first), id(&striped));
        assert_eq!(
            upsert(&mut dataverse, &batch, &[&row]),
            [Outcome::Unchanged(Value::Guid(written(&first)))]
        );
        assert_eq!(owner(&dataverse, "contact", written(&first)), dataverse.root_team());
    }
    let contacts = dataverse.table("contact").unwrap();
    assert_eq!(dataverse.store().count(&dwsim_store::Select::all(contacts)).unwrap(), 2);
    assert_eq!(dataverse.get("contact", id(&striped), "msdyn_company").unwrap(), Some(us));
}
