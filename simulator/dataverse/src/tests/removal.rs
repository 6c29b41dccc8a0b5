//! Removing rows, and what becomes of those that pointed at them.

use super::*;

#[test]
fn who_wrote_a_row_can_be_removed_and_who_owns_one_cannot() {
    let mut dataverse = with_companies(&["USMF"]);
    let roles = ["System Administrator".into()];
    let (writer, owner) = (
        dataverse.add_user("Ann", &roles, epoch()).unwrap(),
        dataverse.add_user("Bob", &roles, epoch()).unwrap(),
    );
    let party = [("msdyn_partynumber", "1".into()), ("msdyn_partytype", "Organization".into())];
    let made = save(&mut dataverse, Actor::User(writer), "msdyn_party", &[], &party).unwrap();
    let key = [("msdyn_partyid", Value::Guid(id(&made)))];
    save(&mut dataverse, Actor::System, "msdyn_party", &key, &[("ownerid", Value::Guid(owner))]).unwrap();
    let error = remove(&mut dataverse, "systemuser", &[("systemuserid", Value::Guid(owner))]).unwrap_err();
    assert_eq!(error.code, "SIM-ROW-IN-USE");
    remove(&mut dataverse, "systemuser", &[("systemuserid", Value::Guid(writer))]).unwrap();
}

#[test]
fn a_lookup_of_several_kinds_is_emptied_with_its_kind_when_its_row_goes() {
    let mut dataverse = with_companies(&["USMF"]);
    let account = [("name", "Contoso".into()), ("msdyn_company", "USMF".into())];
    let account = id(&save(&mut dataverse, Actor::System, "account", &[], &account).unwrap());
    let note = [("subject", "Note".into()), ("objectid", Value::Guid(account))];
    let note = id(&save(&mut dataverse, Actor::System, "annotation", &[], &note).unwrap());
    let value = |dataverse: &Dataverse, column: &str| dataverse.get("annotation", note, column).unwrap();
    assert!(value(&dataverse, "objecttypecode").is_some_and(|kind| !kind.is_null()));
    remove(&mut dataverse, "account", &[("accountid", Value::Guid(account))]).unwrap();
    assert_eq!(value(&dataverse, "objectid"), Some(Value::Null));
    assert_eq!(value(&dataverse, "objecttypecode"), Some(Value::Null));
}
