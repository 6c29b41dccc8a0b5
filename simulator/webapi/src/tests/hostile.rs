//! Bodies, addresses and queries nobody meant: each is answered, none brings the service down.

use super::World;
use crate::address::encode;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Map, Value as Json, json};
use std::cell::RefCell;

const MEMBERS: [&str; 28] = [
    "@odata.type",
    "SchemaName",
    "LogicalName",
    "Attributes",
    "IsPrimaryName",
    "MaxLength",
    "MinValue",
    "MaxValue",
    "Precision",
    "OptionSet",
    "Options",
    "Value",
    "Label",
    "LocalizedLabels",
    "LanguageCode",
    "RequiredLevel",
    "KeyAttributes",
    "ReferencedEntity",
    "ReferencingEntity",
    "Lookup",
    "CascadeConfiguration",
    "Delete",
    "Entities",
    "DefaultFormValue",
    "Entity1LogicalName",
    "Entity2LogicalName",
    "IntersectEntityName",
    "EntitySetName",
];
const WORDS: [&str; 16] = [
    "new_A",
    "new_b",
    "account",
    "contact",
    "name",
    "accountid",
    "Cascade",
    "None",
    "ApplicationRequired",
    "",
    "Microsoft.Dynamics.CRM.StringAttributeMetadata",
    "Microsoft.Dynamics.CRM.DecimalAttributeMetadata",
    "Microsoft.Dynamics.CRM.PicklistAttributeMetadata",
    "Microsoft.Dynamics.CRM.FileAttributeMetadata",
    "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata",
    "Microsoft.Dynamics.CRM.ManyToManyRelationshipMetadata",
];
const PATHS: [&str; 16] = [
    "EntityDefinitions",
    "CreateEntities",
    "RelationshipDefinitions",
    "GlobalOptionSetDefinitions",
    "EntityDefinitions(LogicalName='account')",
    "EntityDefinitions(LogicalName='account')/Attributes",
    "EntityDefinitions(LogicalName='account')/Attributes(LogicalName='name')",
    "InsertOptionValue",
    "EntityDefinitions(LogicalName='account')/Keys",
    "EntityDefinitions(LogicalName='new_a')",
    "UpdateOptionValue",
    "EntityDefinitions(LogicalName='new_a')/Attributes(LogicalName='new_b')",
    "InitializeFileBlocksUpload",
    "EntityDefinitions()",
    "UploadBlock",
    "accounts",
];

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        (-3_i64..300).prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        prop::sample::select(&WORDS[..]).prop_map(Json::from),
        ".{0,12}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::Array),
            prop::collection::vec((prop::sample::select(&MEMBERS[..]), inner), 0..8).prop_map(|members| {
                Json::Object(
                    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>(),
                )
            }),
        ]
    })
}

#[test]
fn no_definition_brings_the_service_down() {
    let world = RefCell::new(World::new());
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let methods = prop::sample::select(&["POST", "PUT", "DELETE", "PATCH"][..]);
    let input = (methods, prop::sample::select(&PATHS[..]), any_json());
    let result = runner.run(&input, |(method, path, mut body)| {
        if let (Json::Object(members), "POST") = (&mut body, method) {
            members.entry("SchemaName").or_insert(json!("new_A"));
        }
        let response = world.borrow_mut().call(method, path, &body);
        prop_assert!(
            response.status < 500 || response.status == 501,
            "{} {}",
            response.status,
            super::text(&response)
        );
        Ok(())
    });
    result.unwrap();
    let mut world = world.into_inner();
    world.create("accounts", &json!({"name": "still there"}));
}

#[test]
fn no_query_brings_the_service_down() {
    let world = RefCell::new(World::new());
    world.borrow_mut().create("accounts", &json!({"name": "x", "revenue": 1}));
    let word = prop::sample::select(
        &[
            "SELECT",
            "name",
            "revenue",
            "FROM",
            "account",
            "a",
            ".",
            ",",
            "WHERE",
            "=",
            "<>",
            "'x'",
            "7",
            "AND",
            "OR",
            "NOT",
            "(",
            ")",
            "IN",
            "LIKE",
            "'%[x'",
            "BETWEEN",
            "IS",
            "NULL",
            "GROUP BY",
            "ORDER BY",
            "COUNT(*)",
            "AS",
            "n",
            "JOIN",
            "contact",
            "ON",
            "contactid",
            "primarycontactid",
            "TOP",
            "OFFSET",
            "ROWS",
            "FETCH NEXT",
            "DISTINCT",
            "-",
            "*",
            ";",
            "CASE",
            "WHEN",
            "OVER",
            "EXISTS",
            "--",
            "/*",
            "[",
            "]",
            "@p",
        ][..],
    );
    let input = (prop::collection::vec(word, 0..25), ".{0,30}", any::<bool>());
    let mut runner = TestRunner::new(Config { cases: 1_500, failure_persistence: None, ..Config::default() });
    let result = runner.run(&input, |(words, text, select)| {
        let start = if select { "SELECT name FROM account WHERE " } else { "" };
        for sql in [format!("{start}{}", words.join(" ")), format!("{start}{text}")] {
            let mut world = world.borrow_mut();
            let request = world.request("GET", &format!("accounts?sql={}", encode(&sql)));
            let response = world.send(&request);
            prop_assert!(
                response.status < 500 || response.status == 501,
                "{sql}: {}",
                super::text(&response)
            );
        }
        let mut world = world.borrow_mut();
        for path in [
            format!("RetrieveMetadataChanges(Query=@p1)?@p1={}", encode(&text)),
            format!("accounts?$deltatoken={}", encode(&text)),
            format!("accounts?$skiptoken={}", encode(&format!("istracking=\"True\"{text}"))),
        ] {
            let request = world.request("GET", &path);
            prop_assert!(world.send(&request).status < 500, "{path}");
        }
        Ok(())
    });
    result.unwrap();
}
