//! Changes of people and programs.

use super::*;

fn account(number: &str) -> [(&'static str, Value); 3] {
    [("msdyn_company", "USMF".into()), ("accountnumber", number.into()), ("name", "Contoso Retail".into())]
}

#[test]
fn a_saved_row_comes_back_whole_with_what_the_platform_added() {
    let mut dataverse = with_companies(&["USMF"]);
    let user = dataverse.add_user("Ann", &[], epoch()).unwrap();
    let saved = save(&mut dataverse, Actor::User(user), "account", &[], &account("US-001")).unwrap();
    assert!(saved.before.is_empty());
    assert_eq!(saved.after.len(), saved.table.typed_columns());
    for (column, value) in [
        ("accountid", saved.id.clone()),
        ("ownerid", Value::Guid(user)),
        ("owneridtype", "systemuser".into()),
        ("owninguser", Value::Guid(user)),
        ("owningbusinessunit", Value::Guid(dataverse.root_business_unit())),
        ("createdby", Value::Guid(user)),
        ("statecode", Value::Choice(0)),
    ] {
        assert_eq!(cell(&saved, column), value, "{column}");
    }
    let before = cell(&saved, "versionnumber").as_int().unwrap();
    let key = [("accountid", saved.id.clone())];
    let changed =
        save(&mut dataverse, Actor::User(user), "account", &key, &[("creditlimit", Value::Int(5))]).unwrap();
    assert!(cell(&changed, "versionnumber").as_int().unwrap() > before);
    assert!(changed.changed(changed.table.ordinal("creditlimit").unwrap()));
    assert_eq!(changed.before[changed.table.ordinal("name").unwrap()], "Contoso Retail".into());
}

#[test]
fn the_company_of_a_row_is_set_once() {
    let mut dataverse = with_companies(&["USMF", "DEMF"]);
    let saved =
        save(&mut dataverse, Actor::System, "account", &[], &[("name", "Contoso Retail".into())]).unwrap();
    assert!(cell(&saved, "msdyn_company").is_null());
    dataverse.set_company("account", id(&saved), &code("usmf"), epoch()).unwrap();
    dataverse.set_company("account", id(&saved), &code("USMF"), epoch()).unwrap();
    let error = refused(dataverse.set_company("account", id(&saved), &code("DEMF"), epoch()).unwrap_err());
    assert_eq!(error.code, "SIM-COMPANY-READ-ONLY");
    assert!(error.message.contains("USMF") && error.message.contains("DEMF"), "{error}");
    let key = [("accountid", saved.id.clone())];
    let error =
        save(&mut dataverse, Actor::System, "account", &key, &[("msdyn_company", Value::Null)]).unwrap_err();
    assert_eq!(error.code, "SIM-COMPANY-READ-ONLY");
    let error = save(&mut dataverse, Actor::System, "account", &key, &[("msdyn_company", "XXXX".into())])
        .unwrap_err();
    assert_eq!(error.code, "SIM-UNKNOWN-COMPANY");
}

#[test]
fn wrong_names_are_answered_with_the_nearest_right_one() {
    let mut dataverse = environment();
    let error = save(&mut dataverse, Actor::System, "acount", &[], &[]).unwrap_err();
    assert!(error.code == "SIM-TABLE-NOT-FOUND" && error.message.contains("account"), "{error}");
    let error =
        save(&mut dataverse, Actor::System, "account", &[], &[("acountnumber", "1".into())]).unwrap_err();
    assert!(error.code == "SIM-COLUMN-NOT-FOUND" && error.message.contains("accountnumber"), "{error}");
}

#[test]
fn people_write_neither_system_columns_nor_rows_without_required_values() {
    let mut dataverse = with_companies(&["USMF"]);
    let user = dataverse.add_user("Ann", &[], epoch()).unwrap();
    let stamped = [("name", "A".into()), ("createdon", Value::Instant(epoch()))];
    let error = save(&mut dataverse, Actor::User(user), "account", &[], &stamped).unwrap_err();
    assert_eq!(error.code, "SIM-COLUMN-READ-ONLY");
    let error = save(&mut dataverse, Actor::User(user), "account", &[], &[("accountnumber", "1".into())])
        .unwrap_err();
    assert_eq!((error.code.as_str(), error.column), ("SIM-MANDATORY-MISSING", Some("name".into())));
    let stranger = Actor::User(Uuid::from_u128(99));
    let error = save(&mut dataverse, stranger, "account", &[], &account("1")).unwrap_err();
    assert_eq!(error.code, "LIVE-E1");
}

#[test]
fn a_mapped_table_asks_people_for_the_dual_write_roles() {
    let mut dataverse = with_companies(&["USMF"]);
    let user = dataverse.add_user("Ann", &[], epoch()).unwrap();
    let organization_id = dataverse.organization().id;
    let row = crate::RuntimeConfiguration {
        map: "customers-v3-accounts".into(),
        table: "account".into(),
        entity: "CustomersV3".into(),
        organization_id,
        finops_url: "https://contoso.operations.dynamics.com".into(),
    };
    dataverse.organization_mut().runtime_configuration.push(row);
    let error = save(&mut dataverse, Actor::User(user), "account", &[], &account("1")).unwrap_err();
    assert_eq!(error.code, "PERM-PRIVILEGE");
    dataverse.set_roles(user, &["Dual-write runtime user".into(), "Dual-write app user".into()]);
    save(&mut dataverse, Actor::User(user), "account", &[], &account("1")).unwrap();
    dataverse.organization_mut().runtime_configuration[0].organization_id = Uuid::from_u128(5);
    let error = save(&mut dataverse, Actor::User(user), "account", &[], &account("2")).unwrap_err();
    assert_eq!(
        error.message,
        format!(
            "SecureConfig Organization ({}) does not match actual CRM Organization ({organization_id}).",
            Uuid::from_u128(5)
        )
    );
}

#[test]
fn a_status_of_another_state_is_refused_and_a_state_brings_its_status() {
    let mut dataverse = with_companies(&["USMF"]);
    let saved = save(&mut dataverse, Actor::System, "account", &[], &account("1")).unwrap();
    let key = [("accountid", saved.id.clone())];
    let error =
        save(&mut dataverse, Actor::System, "account", &key, &[("statuscode", Value::Int(2))]).unwrap_err();
    assert_eq!(error.code, "SIM-STATUS-OF-OTHER-STATE");
    let inactive =
        save(&mut dataverse, Actor::System, "account", &key, &[("statecode", "Inactive".into())]).unwrap();
    assert_eq!(cell(&inactive, "statuscode"), Value::Choice(2));
    let both = [("statecode", Value::Int(0)), ("statuscode", Value::Int(2))];
    assert!(save(&mut dataverse, Actor::System, "account", &key, &both).is_err());
}

#[test]
fn lookups_point_at_rows_that_exist_and_note_the_table_when_several_are_possible() {
    let mut dataverse = with_companies(&["USMF"]);
    let nowhere = [("name", "A".into()), ("msdyn_customergroupid", Value::Guid(Uuid::from_u128(1)))];
    let error = save(&mut dataverse, Actor::System, "account", &[], &nowhere).unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.column),
        ("SIM-LOOKUP-ROW-MISSING", Some("msdyn_customergroupid".into()))
    );
    let contact =
        save(&mut dataverse, Actor::System, "contact", &[], &[("lastname", "Lund".into())]).unwrap();
    let order = [("name", "Order".into()), ("customerid", contact.id.clone())];
    let order = save(&mut dataverse, Actor::System, "salesorder", &[], &order).unwrap();
    assert_eq!(cell(&order, "customeridtype"), "contact".into());
    let key = [("salesorderid", order.id.clone())];
    let emptied =
        save(&mut dataverse, Actor::System, "salesorder", &key, &[("customerid", Value::Null)]).unwrap();
    assert!(cell(&emptied, "customeridtype").is_null());
}

#[test]
fn removing_a_row_empties_the_lookups_to_it() {
    let mut dataverse = with_companies(&["USMF"]);
    let group = [("msdyn_company", "USMF".into()), ("msdyn_groupid", "10".into())];
    let group = save(&mut dataverse, Actor::System, "msdyn_customergroup", &[], &group).unwrap();
    let mut values = account("1").to_vec();
    values.push(("msdyn_customergroupid", group.id.clone()));
    let row = save(&mut dataverse, Actor::System, "account", &[], &values).unwrap();
    let removed =
        remove(&mut dataverse, "msdyn_customergroup", &[("msdyn_customergroupid", group.id.clone())])
            .unwrap();
    assert!(removed.after.is_empty() && !removed.before.is_empty());
    assert_eq!(dataverse.get("account", id(&row), "msdyn_customergroupid").unwrap(), Some(Value::Null));
    let key = [("msdyn_groupid", "10".into())];
    assert_eq!(remove(&mut dataverse, "msdyn_customergroup", &key).unwrap_err().code, "SIM-ROW-NOT-FOUND");
}

#[test]
fn an_account_of_a_person_gets_a_party_first() {
    let mut dataverse = with_companies(&["USMF"]);
    let user = dataverse.add_user("Ann", &[], epoch()).unwrap();
    let first = save(&mut dataverse, Actor::User(user), "account", &[], &account("1")).unwrap();
    let effects = dataverse.take_side_effects();
    assert_eq!(effects.len(), 1);
    assert_eq!(cell(&first, "msdyn_partyid"), effects[0].id);
    assert_eq!(cell(&effects[0], "msdyn_partynumber"), "DP-000000001".into());
    assert_eq!(cell(&effects[0], "msdyn_organizationname"), "Contoso Retail".into());
    assert_eq!(cell(&effects[0], "msdyn_partytype"), Value::Choice(192_350_002));
    // A number somebody took is passed over; a party that is given is kept.
    save(&mut dataverse, Actor::System, "msdyn_party", &[], &[("msdyn_partynumber", "DP-000000002".into())])
        .unwrap();
    save(&mut dataverse, Actor::User(user), "account", &[], &account("2")).unwrap();
    let effects = dataverse.take_side_effects();
    assert_eq!(cell(&effects[0], "msdyn_partynumber"), "DP-000000003".into());
    let person = [("lastname", "Lund".into()), ("firstname", "Eva".into()), ("msdyn_sellable", true.into())];
    let contact = save(&mut dataverse, Actor::User(user), "contact", &[], &person).unwrap();
    assert_eq!(cell(&contact, "fullname"), "Eva Lund".into());
    let effects = dataverse.take_side_effects();
    assert_eq!(cell(&effects[0], "msdyn_partytype"), Value::Choice(192_350_001));
    assert_eq!(cell(&effects[0], "msdyn_lastname"), "Lund".into());
}

#[test]
fn a_refused_account_leaves_no_party_behind() {
    let mut dataverse = with_companies(&["USMF"]);
    let user = dataverse.add_user("Ann", &[], epoch()).unwrap();
    save(&mut dataverse, Actor::User(user), "account", &[], &account("1")).unwrap();
    dataverse.take_side_effects();
    let before = dataverse.counts().unwrap();
    let error = save(&mut dataverse, Actor::User(user), "account", &[], &account("1")).unwrap_err();
    assert_eq!(error.code, "SIM-DUPLICATE-KEY");
    assert_eq!(dataverse.counts().unwrap(), before);
    assert!(dataverse.take_side_effects().is_empty());
}

#[test]
fn a_row_goes_by_its_key_once() {
    let mut dataverse = with_companies(&["USMF"]);
    save(&mut dataverse, Actor::System, "account", &[], &account("1")).unwrap();
    let table = dataverse.table_type("account").unwrap().clone();
    let by = [table.ordinal("msdyn_company").unwrap(), table.ordinal("accountnumber").unwrap()];
    let key = [Value::Guid(dataverse.company_id(&code("USMF")).unwrap().unwrap()), "1".into()];
    assert_eq!(dataverse.delete_by_key("account", &by, &key, epoch()).unwrap(), Ok(true));
    assert_eq!(dataverse.delete_by_key("account", &by, &key, epoch()).unwrap(), Ok(false));
}

#[test]
fn the_same_steps_give_the_same_ids_and_digest() {
    let tell = || {
        let mut dataverse = with_companies(&["USMF"]);
        let saved = save(&mut dataverse, Actor::System, "account", &[], &account("1")).unwrap();
        (saved.id, dataverse.digest("account").unwrap(), dataverse.digest("team").unwrap())
    };
    assert_eq!(tell(), tell());
    let mut dataverse = with_companies(&["USMF"]);
    save(&mut dataverse, Actor::System, "account", &[], &account("2")).unwrap();
    assert_ne!(dataverse.digest("account").unwrap(), tell().1);
}
