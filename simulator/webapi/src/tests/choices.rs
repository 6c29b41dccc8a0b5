//! Choices and their options, and how columns of a maker's own are told.

use super::{
    World,
    definitions::{column, named, with_thing},
    id_in, text,
};
use serde_json::{Value as Json, json};

#[test]
fn a_global_choice_is_shared_and_its_columns_follow_it() {
    let (mut world, _) = with_thing();
    let mut choice = json!({
        "@odata.type": "Microsoft.Dynamics.CRM.OptionSetMetadata", "Name": "new_Colors",
        "DisplayName": named("Colors"), "OptionSetType": "Picklist", "IsGlobal": true,
        "Options": [{"Value": 1, "Label": named("Red")}]
    });
    let made = world.define("POST", "GlobalOptionSetDefinitions", &choice);
    let bind =
        json!({"GlobalOptionSet@odata.bind": format!("/GlobalOptionSetDefinitions({})", id_in(&made))});
    let attributes = "EntityDefinitions(LogicalName='new_thing')/Attributes";
    world.define("POST", attributes, &column("Picklist", "new_Color", &bind));
    let thing = world.create("new_things", &json!({"new_color": 1}));
    choice["Options"] =
        json!([{"Value": 1, "Label": named("Crimson")}, {"Value": 2, "Label": named("Blue")}]);
    world.define("PUT", "GlobalOptionSetDefinitions(Name='new_Colors')", &choice);
    world.define("PATCH", &format!("new_things({thing})"), &json!({"new_color": 2}));
    let row = world.get_with(&format!("new_things({thing})"), "odata.include-annotations=\"*\"");
    assert_eq!(row["new_color@OData.Community.Display.V1.FormattedValue"], "Blue");
    let found = world.get("GlobalOptionSetDefinitions(Name='new_Colors')");
    assert_eq!(found["Options"].as_array().unwrap().len(), 2);
    let path = "GlobalOptionSetDefinitions(Name='new_Colors')";
    assert_eq!(world.refuse("DELETE", path, &json!({})).1, "0x8004f01f");
    world.define("DELETE", &format!("{attributes}(LogicalName='new_color')"), &json!({}));
    world.define("DELETE", path, &json!({}));
    assert_eq!(world.get("GlobalOptionSetDefinitions")["value"].as_array().unwrap().len(), 0);
}

#[test]
fn single_options_are_added_renamed_and_removed() {
    let mut world = World::new();
    let of = json!({"EntityLogicalName": "account", "AttributeLogicalName": "accountcategorycode"});
    let with = |more: Json| {
        let mut body = of.clone();
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let made = world.call("POST", "InsertOptionValue", &with(json!({"Label": named("Gold")})));
    let number = super::json(&made)["NewOptionValue"].as_i64().unwrap();
    assert_eq!((made.status, number), (200, 100_000_000));
    let account = world.create("accounts", &json!({"name": "X", "accountcategorycode": number}));
    world.define(
        "POST",
        "UpdateOptionValue",
        &with(json!({"Value": number, "Label": named("Golden"), "MergeLabels": true})),
    );
    let row = world.get_with(&format!("accounts({account})"), "odata.include-annotations=\"*\"");
    assert_eq!(row["accountcategorycode@OData.Community.Display.V1.FormattedValue"], "Golden");
    world.define("POST", "DeleteOptionValue", &with(json!({"Value": number})));
    assert_eq!(
        world.refuse("PATCH", &format!("accounts({account})"), &json!({"accountcategorycode": number})).0,
        204
    );
    assert_eq!(world.refuse("POST", "accounts", &json!({"accountcategorycode": number})).1, "0x8004431a");
    for (action, body) in [
        ("InsertOptionValue", with(json!({"Value": 1, "Label": named("Again")}))),
        ("InsertOptionValue", with(json!({"Value": 5}))),
        ("UpdateOptionValue", with(json!({"Value": 77, "Label": named("x")}))),
        ("DeleteOptionValue", json!({"OptionSetName": "new_nothing", "Value": 1})),
        (
            "DeleteOptionValue",
            json!({"EntityLogicalName": "account", "AttributeLogicalName": "name", "Value": 1}),
        ),
        ("DeleteOptionValue", json!({})),
    ] {
        assert_eq!(world.refuse("POST", action, &body).0, 400, "{action} {body}");
    }
    let state = json!({"EntityLogicalName": "account", "AttributeLogicalName": "statuscode", "Value": 1});
    assert_eq!(world.refuse("POST", "DeleteOptionValue", &state).0, 501);
}

#[test]
fn yes_and_no_are_told_in_their_makers_words_and_doubles_are_doubles() {
    let (mut world, _) = with_thing();
    let attributes = "EntityDefinitions(LogicalName='new_thing')/Attributes";
    let options = json!({"OptionSet": {"TrueOption": {"Value": 1, "Label": named("Open")}, "FalseOption": {"Value": 0, "Label": named("Shut")}}});
    world.define("POST", attributes, &column("Boolean", "new_Door", &options));
    world.define("POST", attributes, &column("Double", "new_Height", &json!({})));
    let thing = world.create("new_things", &json!({"new_door": true}));
    let row = world.get_with(&format!("new_things({thing})"), "odata.include-annotations=\"*\"");
    assert_eq!(row["new_door@OData.Community.Display.V1.FormattedValue"], "Open");
    let request = world.request("GET", "$metadata");
    let document = text(&world.send(&request));
    assert!(document.contains("<Property Name=\"new_height\" Type=\"Edm.Double\" />"));
}
