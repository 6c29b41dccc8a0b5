//! Definitions and functions.

use super::{World, error};

#[test]
fn the_python_sdk_finds_tables_and_picklists() {
    let mut world = World::new();
    let found = world.get("EntityDefinitions?$select=LogicalName,EntitySetName,PrimaryIdAttribute&$filter=LogicalName eq 'account'");
    let table = &found["value"][0];
    assert_eq!(table["EntitySetName"], "accounts");
    assert_eq!(table["PrimaryIdAttribute"], "accountid");
    assert!(table["MetadataId"].is_string() && table.get("SchemaName").is_none());
    assert_eq!(
        world.get("EntityDefinitions?$filter=LogicalName eq 'nothing'")["value"].as_array().unwrap().len(),
        0
    );
    let cast = "EntityDefinitions(LogicalName='account')/Attributes/Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$select=LogicalName&$expand=OptionSet($select=Options),GlobalOptionSet($select=Options)";
    let picklists = world.get(cast);
    let list = picklists["value"].as_array().unwrap();
    let code = list.iter().find(|own| own["LogicalName"] == "accountcategorycode").unwrap();
    let option = &code["OptionSet"]["Options"][0];
    assert_eq!(option["Value"].as_i64(), Some(1));
    assert_eq!(option["Label"]["UserLocalizedLabel"]["Label"], "Preferred Customer");
    let status = world.get("EntityDefinitions(LogicalName='account')/Attributes(LogicalName='statuscode')/Microsoft.Dynamics.CRM.StatusAttributeMetadata?$expand=OptionSet");
    assert_eq!(status["OptionSet"]["Options"][1]["State"].as_i64(), Some(1));
}

#[test]
fn definitions_are_addressed_by_name_and_id_and_filtered() {
    let mut world = World::new();
    let table = world.get("EntityDefinitions(LogicalName='account')?$select=MetadataId&$expand=Attributes($select=LogicalName;$filter=LogicalName eq 'name'),Keys");
    assert_eq!(table["Attributes"].as_array().unwrap().len(), 1);
    assert_eq!(table["Keys"][0]["EntityKeyIndexStatus"], "Active");
    let id = table["MetadataId"].as_str().unwrap();
    assert_eq!(world.get(&format!("EntityDefinitions({id})"))["LogicalName"], "account");
    let name = world.get("EntityDefinitions(LogicalName='account')/Attributes(LogicalName='name')");
    assert_eq!((name["AttributeType"].as_str(), name["MaxLength"].as_i64()), (Some("String"), Some(160)));
    let columns = world.get("EntityDefinitions(LogicalName='account')/Attributes?$select=LogicalName&$filter=AttributeType ne 'Virtual' and startswith(SchemaName,'msdyn_')");
    assert!(columns["value"].as_array().unwrap().len() > 10);
    let owned = world.get("EntityDefinitions?$select=LogicalName&$filter=OwnershipType eq Microsoft.Dynamics.CRM.OwnershipTypes'UserOwned' and CanCreateAttributes/Value eq true");
    assert!(owned["value"].as_array().unwrap().len() > 10);
    let relation = world.get("RelationshipDefinitions(SchemaName='contact_customer_accounts')/Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata");
    assert_eq!(relation["CascadeConfiguration"]["Delete"], "Cascade");
    let request = world.request("GET", "EntityDefinitions(LogicalName='nothing')");
    assert_eq!(error(&world.send(&request)).0, 404);
}

#[test]
fn the_caller_and_the_organisation_are_told() {
    let mut world = World::new();
    for path in ["WhoAmI", "WhoAmI()"] {
        assert_eq!(world.get(path)["UserId"], world.caller.to_string());
    }
    assert!(world.get("RetrieveVersion()")["Version"].as_str().unwrap().starts_with("9.2."));
    let organization = world.get(
        "RetrieveCurrentOrganization(AccessType=@p1)?@p1=Microsoft.Dynamics.CRM.EndpointAccessType'Default'",
    );
    assert_eq!(organization["Detail"]["FriendlyName"], "Contoso Sales");
    let counts = world.get("RetrieveTotalRecordCount(EntityNames=['systemuser'])");
    assert_eq!(counts["EntityRecordCountCollection"]["Keys"][0], "systemuser");
    assert!(world.get("")["value"].as_array().unwrap().iter().any(|set| set["url"] == "accounts"));
}

#[test]
fn metadata_changes_bring_typed_columns_in_one_reply() {
    let mut world = World::new();
    let query = r#"{"Properties":{"PropertyNames":["LogicalName","Attributes"]},"Criteria":{"Conditions":[{"PropertyName":"LogicalName","ConditionOperator":"Equals","Value":{"Type":"System.String","Value":"account"}}]},"AttributeQuery":{"Properties":{"PropertyNames":["LogicalName","MaxLength"]},"Criteria":{"Conditions":[{"PropertyName":"LogicalName","ConditionOperator":"In","Value":{"Type":"System.String[]","Value":["name","telephone1"]}}]}}}"#;
    let path = format!("RetrieveMetadataChanges(Query=@p1)?@p1={}", crate::address::encode(query));
    let found = world.get(&path);
    let table = &found["EntityMetadata"][0];
    assert_eq!(found["EntityMetadata"].as_array().unwrap().len(), 1);
    assert!(table.get("EntitySetName").is_none());
    let columns = table["Attributes"].as_array().unwrap();
    assert_eq!(columns.len(), 2);
    let name = columns.iter().find(|column| column["LogicalName"] == "name").unwrap();
    assert_eq!(name["MaxLength"].as_i64(), Some(160));
    assert_eq!(name["@odata.type"], "#Microsoft.Dynamics.CRM.ComplexStringAttributeMetadata");
    let stamp = crate::address::encode(found["ServerVersionStamp"].as_str().unwrap());
    let later = format!(
        "RetrieveMetadataChanges(Query=@p1,ClientVersionStamp=@p2)?@p1={}&@p2='{stamp}'",
        crate::address::encode(query)
    );
    assert_eq!(world.get(&later)["EntityMetadata"].as_array().unwrap().len(), 0);
    let old = world.request("GET", "RetrieveMetadataChanges(ClientVersionStamp=@p2)?@p2='7!x'");
    assert_eq!(error(&world.send(&old)), (400, "0x80044352".to_owned()));
    let wrong = world.request("GET", "RetrieveMetadataChanges(Query=@p1)?@p1={\"Criteria\":7,");
    assert_eq!(error(&world.send(&wrong)).0, 400);
}
