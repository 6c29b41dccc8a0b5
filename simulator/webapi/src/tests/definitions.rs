//! Makers define tables, columns, keys, relationships and choices.

use super::{World, error, id_in, text};
use serde_json::{Value as Json, json};

pub(super) fn named(text: &str) -> Json {
    json!({"@odata.type": "Microsoft.Dynamics.CRM.Label", "LocalizedLabels": [
        {"@odata.type": "Microsoft.Dynamics.CRM.LocalizedLabel", "Label": text, "LanguageCode": 1033}
    ]})
}

pub(super) fn column(kind: &str, schema: &str, more: &Json) -> Json {
    let mut body = json!({
        "@odata.type": format!("Microsoft.Dynamics.CRM.{kind}AttributeMetadata"),
        "SchemaName": schema, "DisplayName": named(schema), "RequiredLevel": {"Value": "None"}
    });
    if let (Json::Object(body), Json::Object(more)) = (&mut body, more) {
        body.extend(more.clone());
    }
    body
}

fn table(schema: &str) -> Json {
    json!({
        "@odata.type": "Microsoft.Dynamics.CRM.EntityMetadata", "SchemaName": schema, "DisplayName": named("Thing"),
        "DisplayCollectionName": named("Things"), "OwnershipType": "UserOwned", "HasNotes": true,
        "Attributes": [column("String", "new_Name", &json!({"IsPrimaryName": true, "MaxLength": 100}))]
    })
}

/// A world with the table new_thing; the address of its definition.
pub(super) fn with_thing() -> (World, String) {
    let mut world = World::new();
    let made = world.call("POST", "EntityDefinitions", &table("new_Thing"));
    assert_eq!(made.status, 204, "{}", text(&made));
    let url = made.get("OData-EntityId").unwrap().to_owned();
    (world, url)
}

impl World {
    pub(super) fn define(&mut self, method: &str, path: &str, body: &Json) -> String {
        let response = self.call(method, path, body);
        assert_eq!(response.status, 204, "{method} {path}: {}", text(&response));
        response.get("OData-EntityId").unwrap_or_default().to_owned()
    }

    pub(super) fn refuse(&mut self, method: &str, path: &str, body: &Json) -> (u16, String) {
        error(&self.call(method, path, body))
    }
}

#[test]
fn a_table_that_is_made_holds_rows_and_is_gone_when_it_is_deleted() {
    let (mut world, url) = with_thing();
    let definition = world.get("EntityDefinitions(LogicalName='new_thing')?$expand=Attributes");
    assert_eq!(
        url,
        format!("{}EntityDefinitions({})", super::ROOT, definition["MetadataId"].as_str().unwrap())
    );
    assert_eq!(definition["SchemaName"], "new_Thing");
    assert_eq!(definition["EntitySetName"], "new_things");
    assert_eq!(definition["PrimaryIdAttribute"], "new_thingid");
    assert_eq!(definition["PrimaryNameAttribute"], "new_name");
    assert_eq!(definition["DisplayName"]["UserLocalizedLabel"]["Label"], "Thing");
    assert_eq!(definition["IsManaged"], false);
    let id = world.create("new_things", &json!({"new_name": "First"}));
    let row = world.get(&format!("new_things({id})"));
    assert_eq!((row["new_name"].as_str(), row["statecode"].as_i64()), (Some("First"), Some(0)));
    assert_eq!(row["_ownerid_value"], world.caller.to_string());
    let status = json!({"statecode": 1});
    world.define("PATCH", &format!("new_things({id})"), &status);
    assert_eq!(world.get(&format!("new_things({id})"))["statuscode"].as_i64(), Some(2));
    assert!(world.get("")["value"].as_array().unwrap().iter().any(|set| set["url"] == "new_things"));
    assert_eq!(world.refuse("POST", "EntityDefinitions", &table("NEW_thing")), (400, "0x80047010".into()));
    world.define("DELETE", &url[super::ROOT.len()..], &json!({}));
    let gone = world.request("GET", "new_things");
    assert_eq!(error(&world.send(&gone)).0, 404);
    // The same name again: an empty table, whose rows have ids that were never given.
    world.define("POST", "EntityDefinitions", &table("new_Thing"));
    assert_eq!(world.get("new_things")["value"].as_array().unwrap().len(), 0);
    assert_ne!(world.create("new_things", &json!({"new_name": "Second"})), id);
}

#[test]
fn a_definition_that_cannot_be_is_refused_with_its_code() {
    let mut world = World::new();
    for schema in ["thing", "Thing", "new_", "new_thing!", "n_x", "mscrmx_y", "1ab_x", ""] {
        let refused = world.refuse("POST", "EntityDefinitions", &table(schema));
        assert_eq!(refused, (400, "0x8004700b".into()), "{schema}");
    }
    assert_eq!(world.refuse("POST", "EntityDefinitions", &table("msdyn_customergroup")).1, "0x80047010");
    let mut bare = table("new_Bare");
    bare["Attributes"] = json!([]);
    assert_eq!(world.refuse("POST", "EntityDefinitions", &bare).0, 400);
    let mut activity = table("new_Activity");
    activity["IsActivity"] = json!(true);
    assert_eq!(world.refuse("POST", "EntityDefinitions", &activity).0, 501);
    let account = "EntityDefinitions(LogicalName='account')";
    assert_eq!(world.refuse("DELETE", account, &json!({})).0, 400);
    assert_eq!(world.refuse("PATCH", account, &json!({})).0, 405);
    let url = format!("{account}/Attributes");
    for kind in ["MultiSelectPicklist", "Image"] {
        assert_eq!(world.refuse("POST", &url, &column(kind, "new_X", &json!({}))).0, 501);
    }
    assert_eq!(world.refuse("POST", &url, &column("Lookup", "new_X", &json!({}))).0, 400);
    assert_eq!(world.refuse("POST", &url, &column("String", "new_X", &json!({"MaxLength": 0}))).0, 400);
    assert_eq!(world.refuse("POST", &url, &column("Memo", "new_X", &json!({"SourceType": 1}))).0, 501);
    assert_eq!(world.refuse("DELETE", &format!("{url}(LogicalName='name')"), &json!({})).0, 400);
    assert_eq!(world.refuse("DELETE", &format!("{url}(LogicalName='nothing')"), &json!({})).0, 404);
    assert_eq!(world.refuse("POST", "EntityDefinitions(LogicalName='x')/Attributes", &json!({})).0, 404);
}

#[test]
fn columns_of_every_kind_are_made_and_keep_their_limits() {
    let (mut world, _) = with_thing();
    let attributes = "EntityDefinitions(LogicalName='new_thing')/Attributes";
    let options = json!({"IsGlobal": false, "Options": [
        {"Value": 7, "Label": named("Seven")}, {"Value": null, "Label": named("Next")}
    ]});
    for (kind, name, more) in [
        ("String", "new_Text", json!({"MaxLength": 5})),
        ("Memo", "new_Memo", json!({"MaxLength": 300})),
        ("Integer", "new_Int", json!({"MinValue": 1, "MaxValue": 5})),
        ("BigInt", "new_Big", json!({})),
        ("Decimal", "new_Decimal", json!({"MinValue": -10.0, "MaxValue": 10.5, "Precision": 3})),
        ("Double", "new_Double", json!({"Precision": 5})),
        ("Money", "new_Money", json!({"Precision": 2})),
        ("DateTime", "new_When", json!({"Format": "DateAndTime"})),
        ("DateTime", "new_Day", json!({"Format": "DateOnly", "DateTimeBehavior": {"Value": "DateOnly"}})),
        ("Boolean", "new_Flag", json!({"DefaultValue": true})),
        ("Picklist", "new_Pick", json!({"OptionSet": options, "DefaultFormValue": 7})),
    ] {
        let url = world.define("POST", attributes, &column(kind, name, &more));
        let id = id_in(&url);
        assert_eq!(url, format!("{}{attributes}({id})", super::ROOT));
        let found = world.get(&format!("{attributes}({id})"));
        assert_eq!(found["@odata.type"], format!("#Microsoft.Dynamics.CRM.{kind}AttributeMetadata"));
        assert_eq!((&found["AttributeType"], &found["SchemaName"]), (&json!(kind), &json!(name)));
    }
    let id = world.create("new_things", &json!({
        "new_text": "12345", "new_memo": "m", "new_int": 5, "new_big": 9_000_000_000_i64, "new_decimal": 1.5,
        "new_double": 0.12345, "new_money": 3, "new_when": "2026-01-02T03:04:05Z", "new_day": "2026-01-02"
    }));
    let row = world.get_with(&format!("new_things({id})"), "odata.include-annotations=\"*\"");
    assert_eq!((row["new_pick"].as_i64(), row["new_flag"].as_bool()), (Some(7), Some(true)));
    assert_eq!(row["new_pick@OData.Community.Display.V1.FormattedValue"], "Seven");
    assert_eq!(
        (row["new_day"].as_str(), row["new_double"].to_string()),
        (Some("2026-01-02"), "0.12345".into())
    );
    for (body, code) in [
        (json!({"new_text": "123456"}), "0x80044331"),
        (json!({"new_int": 6}), "0x8004432f"),
        (json!({"new_decimal": 10.501}), "0x80044330"),
        (json!({"new_pick": 8}), "0x8004431a"),
        (json!({"new_flag": "yes"}), "0x80048d19"),
    ] {
        assert_eq!(world.refuse("PATCH", &format!("new_things({id})"), &body).1, code, "{body}");
    }
    world.define("PATCH", &format!("new_things({id})"), &json!({"new_pick": 100_000_000}));
    let cast = format!(
        "{attributes}/Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$select=LogicalName&$expand=OptionSet($select=Options)"
    );
    assert_eq!(
        world.get(&cast)["value"][0]["OptionSet"]["Options"][1]["Label"]["UserLocalizedLabel"]["Label"],
        "Next"
    );
    assert_eq!(world.refuse("POST", attributes, &column("Memo", "New_TEXT", &json!({}))).1, "0x80047010");
}

#[test]
fn a_column_is_put_again_as_a_whole_and_removed_with_what_it_held() {
    let (mut world, url) = with_thing();
    let attributes = format!("{}/Attributes", &url[super::ROOT.len()..]);
    world.define("POST", &attributes, &column("String", "new_Code", &json!({"MaxLength": 5})));
    let id = world.create("new_things", &json!({"new_name": "x", "new_code": "abc"}));
    let path = format!("{attributes}(LogicalName='new_code')");
    let full = world.get(&format!("{path}/Microsoft.Dynamics.CRM.StringAttributeMetadata"));
    let mut body = full.clone();
    body["@odata.type"] = json!("Microsoft.Dynamics.CRM.StringAttributeMetadata");
    body["MaxLength"] = json!(10);
    body["RequiredLevel"] = json!({"Value": "Recommended"});
    body["DisplayName"] = json!({"LocalizedLabels": [{"Label": "Kode", "LanguageCode": 1031}]});
    let request = world
        .request("PUT", &format!("{attributes}({})", full["MetadataId"].as_str().unwrap()))
        .with_header("MSCRM.MergeLabels", "true")
        .with_body(body.to_string());
    assert_eq!(world.send(&request).status, 204);
    let again = world.get(&path);
    assert_eq!(
        (again["MaxLength"].as_i64(), &again["RequiredLevel"]["Value"]),
        (Some(10), &json!("Recommended"))
    );
    assert_eq!(again["DisplayName"]["UserLocalizedLabel"]["Label"], "new_Code");
    assert_eq!(again["DisplayName"]["LocalizedLabels"].as_array().unwrap().len(), 2);
    assert_eq!(world.refuse("PATCH", &path, &body).0, 405);
    body["@odata.type"] = json!("Microsoft.Dynamics.CRM.MemoAttributeMetadata");
    assert_eq!(world.refuse("PUT", &path, &body).0, 400);
    world.define("DELETE", &path, &json!({}));
    assert_eq!(world.refuse("GET", &path, &json!({})).0, 404);
    assert!(world.get(&format!("new_things({id})")).get("new_code").is_none());
    let query = world.request("GET", "new_things?$select=new_code");
    assert_eq!(error(&world.send(&query)).0, 400);
    // A column of that name again is another column.
    world.define("POST", &attributes, &column("Integer", "new_Code", &json!({})));
    assert_eq!(world.get(&format!("new_things({id})"))["new_code"], Json::Null);
    world.define("PATCH", &format!("new_things({id})"), &json!({"new_code": 4}));
    assert_eq!(world.get("new_things?$filter=new_code eq 4")["value"].as_array().unwrap().len(), 1);
}

#[test]
fn an_alternate_key_works_at_once_and_fails_over_duplicates() {
    let (mut world, _) = with_thing();
    let keys = "EntityDefinitions(LogicalName='new_thing')/Keys";
    world.create("new_things", &json!({"new_name": "A"}));
    let key =
        json!({"SchemaName": "new_ByName", "KeyAttributes": ["new_name"], "DisplayName": named("By name")});
    let url = world.define("POST", keys, &key);
    assert_eq!(url, format!("{}{keys}({})", super::ROOT, id_in(&url)));
    let listed = world.get(keys);
    assert_eq!(listed["value"][0]["EntityKeyIndexStatus"], "Active");
    assert_eq!(
        (&listed["value"][0]["SchemaName"], &listed["value"][0]["LogicalName"]),
        (&json!("new_ByName"), &json!("new_byname"))
    );
    world.define("PATCH", "new_things(new_name='B')", &json!({}));
    assert_eq!(world.refuse("POST", "new_things", &json!({"new_name": "b"})).1, "0x80060892");
    assert_eq!(world.refuse("POST", keys, &key).1, "0x80047010");
    world.define("DELETE", &format!("{keys}({})", id_in(&url)), &json!({}));
    assert_eq!(world.refuse("PATCH", "new_things(new_name='B')", &json!({})).0, 400);
    world.create("new_things", &json!({"new_name": "B"}));
    let again = world.define("POST", keys, &key);
    assert_eq!(world.get(keys)["value"][0]["EntityKeyIndexStatus"], "Failed");
    assert_eq!(world.refuse("PATCH", "new_things(new_name='B')", &json!({})).0, 400);
    world.define("DELETE", &format!("{keys}({})", id_in(&again)), &json!({}));
    assert_eq!(world.get(keys)["value"].as_array().unwrap().len(), 0);
    let flag = json!({"SchemaName": "new_K", "KeyAttributes": ["createdby", "nothing"]});
    assert_eq!(world.refuse("POST", keys, &flag).1, "0x80041103");
}

fn relationship(child: &str, delete: &str) -> Json {
    json!({
        "@odata.type": "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata",
        "SchemaName": format!("new_account_{child}"), "ReferencedEntity": "account",
        "ReferencedAttribute": "accountid", "ReferencingEntity": child,
        "CascadeConfiguration": {"Assign": "NoCascade", "Delete": delete, "Merge": "NoCascade"},
        "Lookup": {
            "@odata.type": "Microsoft.Dynamics.CRM.LookupAttributeMetadata", "SchemaName": "new_AccountId",
            "DisplayName": named("Account"), "RequiredLevel": {"Value": "None"}
        }
    })
}

#[test]
fn a_relationship_makes_a_lookup_with_the_case_of_its_name() {
    let (mut world, url) = with_thing();
    let made = world.define("POST", "RelationshipDefinitions", &relationship("new_thing", "Cascade"));
    assert_eq!(made, format!("{}RelationshipDefinitions({})", super::ROOT, id_in(&made)));
    let account = world.create("accounts", &json!({"name": "Parent"}));
    let bound = json!({"new_name": "Child", "new_AccountId@odata.bind": format!("/accounts({account})")});
    let thing = world.create("new_things", &bound);
    let row = world.get(&format!("new_things({thing})?$expand=new_AccountId($select=name)"));
    assert_eq!(row["new_AccountId"]["name"], "Parent");
    assert_eq!(row["_new_accountid_value"], account);
    let children = world.get(&format!("accounts({account})/new_account_new_thing"));
    assert_eq!(children["value"].as_array().unwrap().len(), 1);
    let wrong = json!({"new_accountid@odata.bind": format!("/accounts({account})")});
    assert_eq!(world.refuse("POST", "new_things", &wrong).1, "0x80048d19");
    let found = world.get("RelationshipDefinitions?$filter=SchemaName eq 'new_account_new_thing'");
    assert_eq!(found["value"][0]["CascadeConfiguration"]["Delete"], "Cascade");
    assert_eq!(
        world.refuse("POST", "RelationshipDefinitions", &relationship("new_thing", "Cascade")).1,
        "0x80047010"
    );
    let mut changed = relationship("new_thing", "Restrict");
    changed["MetadataId"] = json!(id_in(&made));
    world.define("PUT", &made[super::ROOT.len()..], &changed);
    assert_eq!(
        world.refuse("DELETE", &format!("accounts({account})"), &json!({})),
        (405, "0x80040227".into())
    );
    world.define("DELETE", &made[super::ROOT.len()..], &json!({}));
    assert!(world.get(&format!("new_things({thing})")).get("_new_accountid_value").is_none());
    world.define("DELETE", &format!("accounts({account})"), &json!({}));
    world.define("DELETE", &url[super::ROOT.len()..], &json!({}));
}

#[test]
fn a_table_others_look_up_to_stays() {
    let (mut world, url) = with_thing();
    let mut own = relationship("account", "RemoveLink");
    own["ReferencedEntity"] = json!("new_thing");
    own["ReferencedAttribute"] = json!("new_thingid");
    let made = world.define("POST", "RelationshipDefinitions", &own);
    assert_eq!(world.refuse("DELETE", &url[super::ROOT.len()..], &json!({})), (400, "0x8004f01f".into()));
    world.define("DELETE", &made[super::ROOT.len()..], &json!({}));
    world.define("DELETE", &url[super::ROOT.len()..], &json!({}));
    let mut assigned = relationship("contact", "Cascade");
    assigned["CascadeConfiguration"]["Assign"] = json!("Cascade");
    assert_eq!(world.refuse("POST", "RelationshipDefinitions", &assigned).0, 501);
}

#[test]
fn create_entities_makes_all_tables_or_none() {
    let mut world = World::new();
    let complex = |schema: &str| {
        let mut table = table(schema);
        table["@odata.type"] = json!("Microsoft.Dynamics.CRM.ComplexEntityMetadata");
        table["Attributes"] = json!([
            column("ComplexString", "new_Name", &json!({"IsPrimaryName": true, "MaxLength": 200})),
            column(
                "ComplexBoolean",
                "new_Active",
                &json!({"OptionSet": {
                "TrueOption": {"Value": 1, "Label": named("True")}, "FalseOption": {"Value": 0, "Label": named("False")}}})
            ),
        ]);
        table
    };
    let both = json!({"Entities": [complex("new_One"), complex("bad")]});
    assert_eq!(world.refuse("POST", "CreateEntities", &both).1, "0x8004700b");
    assert_eq!(
        world.get("EntityDefinitions?$filter=LogicalName eq 'new_one'")["value"].as_array().unwrap().len(),
        0
    );
    let both = json!({"Entities": [complex("new_One"), complex("new_City")]});
    world.define("POST", "CreateEntities?SolutionUniqueName=Mine", &both);
    world.create("new_cities", &json!({"new_name": "Oslo", "new_active": true}));
    world.define("POST", "PublishAllXml", &json!({}));
}

#[test]
fn who_is_no_customiser_defines_nothing_and_change_sets_define_nothing() {
    let mut world = World::new();
    let now = world.tenant.clock().now();
    let clerk = world.tenant.dataverse_mut().unwrap().add_user("Clerk", &["Basic User".into()], now).unwrap();
    let request = world
        .request("POST", "EntityDefinitions")
        .with_header("MSCRMCallerID", &clerk.to_string())
        .with_body(table("new_Thing").to_string());
    assert_eq!(error(&world.send(&request)), (403, "0x80040220".into()));
    let set = format!(
        "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: application/http\r\nContent-ID: 1\r\n\r\nPOST EntityDefinitions HTTP/1.1\r\n\r\n{}\r\n--c--\r\n--b--",
        table("new_Thing")
    );
    let request = world
        .request("POST", "$batch")
        .with_header("Content-Type", "multipart/mixed; boundary=b")
        .with_body(set);
    assert_eq!(world.send(&request).status, 501);
}

#[test]
fn many_rows_have_many_through_a_table_between() {
    let (mut world, url) = with_thing();
    let mut body = json!({
        "@odata.type": "Microsoft.Dynamics.CRM.ManyToManyRelationshipMetadata", "SchemaName": "new_Thing_Account",
        "Entity1LogicalName": "new_thing", "Entity2LogicalName": "account", "IntersectEntityName": "new_thing_account"
    });
    let made = world.define("POST", "RelationshipDefinitions", &body);
    assert_eq!(world.refuse("POST", "RelationshipDefinitions", &body).1, "0x80047010");
    let found = world.get("RelationshipDefinitions(SchemaName='new_Thing_Account')/Microsoft.Dynamics.CRM.ManyToManyRelationshipMetadata");
    assert_eq!(
        (&found["Entity1IntersectAttribute"], &found["MetadataId"]),
        (&json!("new_thingid"), &json!(id_in(&made)))
    );
    assert_eq!(
        world.get("EntityDefinitions(LogicalName='account')/ManyToManyRelationships")["value"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let accounts: Vec<String> =
        ["A", "B", "C"].iter().map(|name| world.create("accounts", &json!({"name": name}))).collect();
    let thing = world.create(
        "new_things",
        &json!({
            "new_name": "T", "new_Thing_Account@odata.bind": [format!("/accounts({})", accounts[0])]
        }),
    );
    let reference = format!("new_things({thing})/new_Thing_Account/$ref");
    let link = |id: &str| json!({"@odata.id": format!("{}accounts({id})", super::ROOT)});
    world.define("POST", &reference, &link(&accounts[1]));
    assert_eq!(world.refuse("POST", &reference, &link(&accounts[1])), (412, "0x80040237".into()));
    let names = |found: &Json| -> Vec<String> {
        found.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    };
    let below = world.get(&format!("new_things({thing})/new_Thing_Account?$orderby=name desc&$select=name"));
    assert_eq!(names(&below["value"]), ["B", "A"]);
    let expanded = world.get("new_things?$expand=new_Thing_Account($select=name;$filter=name eq 'A')");
    assert_eq!(names(&expanded["value"][0]["new_Thing_Account"]), ["A"]);
    let any = world.get("accounts?$filter=new_Thing_Account/any(t:t/new_name eq 'T')&$orderby=name");
    assert_eq!(names(&any["value"]), ["A", "B"]);
    let fetch = "<fetch><entity name='account'><attribute name='name'/><order attribute='name'/><link-entity name='new_thing_account' from='accountid' to='accountid'><link-entity name='new_thing' from='new_thingid' to='new_thingid' alias='t'><attribute name='new_name'/></link-entity></link-entity></entity></fetch>";
    let fetched = world.get(&format!("accounts?fetchXml={}", crate::address::encode(fetch)));
    assert_eq!((names(&fetched["value"]).len(), &fetched["value"][0]["t.new_name"]), (2, &json!("T")));
    assert_eq!(world.refuse("POST", "new_thing_accountset", &json!({})).1, "0x80040800");
    world.define(
        "DELETE",
        &format!("new_things({thing})/new_Thing_Account({})/$ref", accounts[0]),
        &json!({}),
    );
    let gone = format!("{reference}?$id={}accounts({})", super::ROOT, accounts[0]);
    assert_eq!(world.refuse("DELETE", &gone, &json!({})).0, 404);
    world.define("DELETE", &format!("accounts({})", accounts[1]), &json!({}));
    assert_eq!(
        world.get(&format!("new_things({thing})/new_Thing_Account/$ref"))["value"].as_array().unwrap().len(),
        0
    );
    assert_eq!(world.get("new_thing_accountset")["value"].as_array().unwrap().len(), 0);
    body["SchemaName"] = json!("new_Other");
    assert_eq!(world.refuse("POST", "RelationshipDefinitions", &body).1, "0x80047010");
    world.define("DELETE", &made[super::ROOT.len()..], &json!({}));
    assert!(
        world.get("EntityDefinitions?$filter=LogicalName eq 'new_thing_account'")["value"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    world.define("POST", "RelationshipDefinitions", &body);
    world.define("DELETE", &url[super::ROOT.len()..], &json!({}));
    assert!(
        world.get("RelationshipDefinitions?$filter=SchemaName eq 'new_Other'")["value"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}
