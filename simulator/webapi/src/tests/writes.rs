//! Creating, changing and removing rows.

use super::{ROOT, World, error, id_in, json, text};
use serde_json::json;

#[test]
fn a_created_row_answers_with_its_address_and_reads_back_with_nulls() {
    let mut world = World::new();
    let response = world.call("POST", "accounts", &json!({"name": "Contoso", "revenue": 5_000_000.5}));
    assert_eq!((response.status, response.body.len()), (204, 0));
    let url = response.get("OData-EntityId").unwrap().to_owned();
    assert_eq!(response.get("Location"), Some(url.as_str()));
    let id = id_in(&url);
    assert_eq!(url, format!("{ROOT}accounts({id})"));
    let row = world.get(&format!("accounts({id})"));
    assert_eq!(row["name"], "Contoso");
    assert_eq!(row["revenue"].to_string(), "5000000.5000");
    assert!(row.as_object().unwrap().contains_key("telephone1") && row["telephone1"].is_null());
    assert!(row.get("primarycontactid").is_none() && row["_primarycontactid_value"].is_null());
    assert_eq!(row["statecode"].to_string(), "0");
    assert!(row["@odata.etag"].as_str().unwrap().starts_with("W/\""));
}

#[test]
fn columns_only_the_system_writes_are_ignored_and_a_new_row_is_active() {
    let mut world = World::new();
    let body = json!({"name": "x", "createdon": "2001-01-01T00:00:00Z", "versionnumber": 7, "statecode": 1, "statuscode": 2});
    let id = world.create("accounts", &body);
    let row = world.get(&format!("accounts({id})?$select=createdon,statecode,statuscode"));
    assert_eq!(row["createdon"], "2026-01-05T08:00:00Z");
    assert_eq!((row["statecode"].as_i64(), row["statuscode"].as_i64()), (Some(0), Some(1)));
}

#[test]
fn the_state_picks_its_status_and_a_status_of_another_state_is_refused() {
    let mut world = World::new();
    let id = world.create("accounts", &json!({"name": "x"}));
    assert_eq!(world.call("PATCH", &format!("accounts({id})"), &json!({"statecode": 1})).status, 204);
    assert_eq!(world.get(&format!("accounts({id})"))["statuscode"].as_i64(), Some(2));
    let refused = world.call("PATCH", &format!("accounts({id})"), &json!({"statuscode": 1}));
    assert_eq!(error(&refused), (400, "0x80048408".into()));
}

#[test]
fn a_taken_id_is_a_duplicate_and_representation_returns_the_row() {
    let mut world = World::new();
    let id = "11111111-2222-3333-4444-555555555555";
    let request = world
        .request("POST", "accounts?$select=name")
        .with_header("Prefer", "return=representation")
        .with_body(json!({"accountid": id, "name": "x"}).to_string());
    let response = world.send(&request);
    assert_eq!(response.status, 201);
    assert_eq!(json(&response)["accountid"], id);
    assert!(json(&response).get("revenue").is_none());
    assert_eq!(response.get("OData-EntityId"), None);
    let again = world.call("POST", "accounts", &json!({"accountid": id, "name": "y"}));
    assert_eq!(error(&again), (412, "0x80040237".into()));
}

#[test]
fn a_patch_is_an_upsert_unless_the_row_must_exist() {
    let mut world = World::new();
    let path = "accounts(11111111-2222-3333-4444-555555555555)";
    let body = json!({"name": "x"});
    let request = world.request("PATCH", path).with_header("If-Match", "*").with_body(body.to_string());
    assert_eq!(error(&world.send(&request)), (404, "0x80040217".into()));
    assert_eq!(world.call("PATCH", path, &body).status, 204);
    let request = world.request("PATCH", path).with_header("If-None-Match", "*").with_body(body.to_string());
    assert_eq!(error(&world.send(&request)), (412, "0x80040237".into()));
}

#[test]
fn a_stale_etag_is_refused_for_change_and_removal_and_an_unchanged_row_is_not_sent_again() {
    let mut world = World::new();
    let id = world.create("accounts", &json!({"name": "x"}));
    let path = format!("accounts({id})");
    let old = world.get(&path)["@odata.etag"].as_str().unwrap().to_owned();
    let request = world.request("GET", &path).with_header("If-None-Match", &old);
    assert_eq!(world.send(&request).status, 304);
    assert_eq!(world.call("PATCH", &path, &json!({"name": "y"})).status, 204);
    for method in ["PATCH", "DELETE"] {
        let request = world.request(method, &path).with_header("If-Match", &old).with_body("{}");
        assert_eq!(error(&world.send(&request)), (412, "0x80060882".into()), "{method}");
    }
    let request = world.request("GET", &path).with_header("If-None-Match", &old);
    assert_eq!(world.send(&request).status, 200);
}

#[test]
fn lookups_are_bound_by_address_and_wrong_ones_are_told_apart() {
    let mut world = World::new();
    let contact = world.create("contacts", &json!({"firstname": "Ada", "lastname": "Lovelace"}));
    for url in [
        format!("/contacts({contact})"),
        format!("contacts({contact})"),
        format!("{ROOT}contacts({contact})"),
    ] {
        let id = world.create("accounts", &json!({"name": "x", "primarycontactid@odata.bind": url}));
        assert_eq!(world.get(&format!("accounts({id})"))["_primarycontactid_value"], contact.as_str());
    }
    let refused = |world: &mut World, body| error(&world.call("POST", "accounts", &body));
    let missing = "/contacts(99999999-2222-3333-4444-555555555555)";
    assert_eq!(
        refused(&mut world, json!({"name": "x", "primarycontactid@odata.bind": missing})),
        (404, "0x80040217".into())
    );
    assert_eq!(
        refused(&mut world, json!({"name": "x", "PrimaryContactId@odata.bind": missing})),
        (400, "0x80048d19".into())
    );
    assert_eq!(
        refused(&mut world, json!({"name": "x", "primarycontactid@odata.bind": "/nothing(1)"})),
        (400, "0x80090800".into())
    );
    assert_eq!(refused(&mut world, json!({"name": "x", "nam": 1})), (400, "0x80048d19".into()));
    assert_eq!(refused(&mut world, json!({"name": 5})), (400, "0x80048d19".into()));
    assert_eq!(refused(&mut world, json!({"name": "x".repeat(161)})), (400, "0x80044331".into()));
    assert_eq!(refused(&mut world, json!({"name": "x", "industrycode": 4711})), (400, "0x8004431a".into()));
}

#[test]
fn a_lookup_is_emptied_by_null_and_by_deleting_its_reference() {
    let mut world = World::new();
    let contact = world.create("contacts", &json!({"lastname": "Lovelace"}));
    let body = json!({"name": "x", "primarycontactid@odata.bind": format!("/contacts({contact})")});
    let id = world.create("accounts", &body);
    let path = format!("accounts({id})");
    assert_eq!(world.call("PATCH", &path, &json!({"primarycontactid": null})).status, 204);
    assert!(world.get(&path)["_primarycontactid_value"].is_null());
    let reference = json!({"@odata.id": format!("{ROOT}contacts({contact})")});
    let link = format!("{path}/primarycontactid/$ref");
    assert_eq!(world.call("PUT", &link, &reference).status, 204);
    assert_eq!(world.get(&link)["@odata.id"], format!("{ROOT}contacts({contact})"));
    assert_eq!(world.call("DELETE", &link, &json!({})).status, 204);
    assert!(world.get(&path)["_primarycontactid_value"].is_null());
}

#[test]
fn related_rows_are_made_linked_and_parted() {
    let mut world = World::new();
    let id = world.create(
        "accounts",
        &json!({
            "name": "x",
            "primarycontactid": {"lastname": "First"},
            "contact_customer_accounts": [{"lastname": "Second"}, {"lastname": "Third"}]
        }),
    );
    let row = world.get(&format!("accounts({id})?$expand=primarycontactid($select=lastname),contact_customer_accounts($select=lastname;$orderby=lastname desc)"));
    assert_eq!(row["primarycontactid"]["lastname"], "First");
    assert_eq!(row["contact_customer_accounts"][0]["lastname"], "Third");
    let contact = world.create("contacts", &json!({"lastname": "Fourth"}));
    let reference = json!({"@odata.id": format!("contacts({contact})")});
    let children = format!("accounts({id})/contact_customer_accounts");
    assert_eq!(world.call("POST", &format!("{children}/$ref"), &reference).status, 204);
    let request = world.request("GET", &format!("{children}/$count"));
    assert_eq!(text(&world.send(&request)), "\u{feff}3");
    assert_eq!(world.call("DELETE", &format!("{children}({contact})/$ref"), &json!({})).status, 204);
    assert_eq!(world.get(&children)["value"].as_array().unwrap().len(), 2);
    // Parental: the children go with the account.
    assert_eq!(world.call("DELETE", &format!("accounts({id})"), &json!({})).status, 204);
    let left = world.get("contacts?$select=lastname&$orderby=lastname");
    let names: Vec<&str> =
        left["value"].as_array().unwrap().iter().map(|row| row["lastname"].as_str().unwrap()).collect();
    assert_eq!(names, ["First", "Fourth"]);
}

#[test]
fn alternate_keys_address_rows_and_upserts_answer_with_the_key() {
    let mut world = World::new();
    let path = "cdm_companies(cdm_companycode='usmf')";
    let response = world.call("PATCH", path, &json!({"cdm_name": "Contoso"}));
    assert_eq!(response.status, 204, "{}", text(&response));
    assert_eq!(response.get("OData-EntityId"), Some(format!("{ROOT}{path}").as_str()));
    assert_eq!(world.get("cdm_companies(cdm_companycode='USMF')")["cdm_name"], "Contoso");
    let renamed = json!({"cdm_companycode": "DEMF", "cdm_name": "New"});
    assert_eq!(world.call("PATCH", path, &renamed).status, 204);
    assert_eq!(world.get(path)["cdm_companycode"], "usmf");
    let taken = world.call("POST", "cdm_companies", &json!({"cdm_companycode": "USMF", "cdm_name": "Other"}));
    assert_eq!(error(&taken), (412, "0x80060892".into()));
    let request = world.request("GET", "cdm_companies(cdm_companycode='none')");
    assert_eq!(error(&world.send(&request)), (404, "0x80060891".into()));
    let request = world.request("GET", "accounts(name='x')");
    assert_eq!(error(&world.send(&request)), (400, "0x80060888".into()));
}

#[test]
fn single_properties_are_read_set_and_emptied() {
    let mut world = World::new();
    let id = world.create("accounts", &json!({"name": "x"}));
    let path = format!("accounts({id})/telephone1");
    let request = world.request("GET", &path);
    assert_eq!(world.send(&request).status, 204);
    assert_eq!(world.call("PUT", &path, &json!({"value": "5"})).status, 204);
    assert_eq!(world.get(&path)["value"], "5");
    let request = world.request("GET", &format!("{path}/$value"));
    assert_eq!(text(&world.send(&request)), "5");
    assert_eq!(world.call("DELETE", &path, &json!({})).status, 204);
    assert!(world.get(&format!("accounts({id})"))["telephone1"].is_null());
}

#[test]
fn who_is_no_user_is_refused_and_who_impersonates_owns_what_is_made() {
    let mut world = World::new();
    let mut request = world.request("GET", "accounts");
    request.caller = uuid::Uuid::from_u128(7);
    assert_eq!(error(&world.send(&request)), (403, "0x80072560".into()));
    let other = world.create("systemusers", &json!({"firstname": "O", "lastname": "Ther", "fullname": "O Ther",
        "domainname": "o@x", "businessunitid@odata.bind": format!("/businessunits({})", world.tenant.dataverse().unwrap().root_business_unit())}));
    let request = world
        .request("POST", "accounts")
        .with_header("MSCRMCallerID", &other)
        .with_body(json!({"name": "x"}).to_string());
    let id = id_in(world.send(&request).get("OData-EntityId").unwrap());
    assert_eq!(world.get(&format!("accounts({id})"))["_ownerid_value"], other.as_str());
}

#[test]
fn many_rows_are_written_together_or_not_at_all() {
    let mut world = World::new();
    let target = |name: &str| json!({"@odata.type": "Microsoft.Dynamics.CRM.account", "name": name});
    let path = "accounts/Microsoft.Dynamics.CRM.CreateMultiple";
    let made = world.call("POST", path, &json!({"Targets": [target("a"), target("b")]}));
    assert_eq!(made.status, 200, "{}", text(&made));
    let ids = json(&made)["Ids"].clone();
    let failed = world.call("POST", path, &json!({"Targets": [target("c"), target(&"x".repeat(200))]}));
    assert_eq!(error(&failed), (400, "0x80044331".into()));
    assert_eq!(world.get("accounts?$select=name")["value"].as_array().unwrap().len(), 2);
    let change = json!({"Targets": [{"@odata.type": "Microsoft.Dynamics.CRM.account", "accountid": ids[0], "name": "z"}]});
    assert_eq!(world.call("POST", "accounts/Microsoft.Dynamics.CRM.UpdateMultiple", &change).status, 204);
    let upsert = json!({"Targets": [{"@odata.type": "Microsoft.Dynamics.CRM.cdm_company", "@odata.id": "cdm_companies(cdm_companycode='A')", "cdm_name": "n"}]});
    assert_eq!(
        world.call("POST", "cdm_companies/Microsoft.Dynamics.CRM.UpsertMultiple", &upsert).status,
        204
    );
    assert_eq!(world.get("cdm_companies(cdm_companycode='a')")["cdm_name"], "n");
    let delete = json!({"JobName": "x", "QuerySet": [{"EntityName": "account", "Criteria": {"FilterOperator": "And", "Conditions": [
        {"AttributeName": "accountid", "Operator": "In", "Values": [{"Value": ids[0], "Type": "System.Guid"}]}]}}]});
    let job = world.call("POST", "BulkDelete", &delete);
    assert!(json(&job)["JobId"].is_string());
    assert_eq!(world.get("accounts?$select=name")["value"].as_array().unwrap().len(), 1);
}

#[test]
fn what_is_not_simulated_says_so_and_is_never_a_silent_success() {
    let mut world = World::new();
    for (method, path) in [
        ("POST", "WinOpportunity"),
        ("GET", "RetrieveDuplicates()"),
        ("POST", "accounts/Microsoft.Dynamics.CRM.Nothing"),
    ] {
        let response = world.call(method, path, &json!({}));
        assert_eq!(error(&response), (501, "0x80040219".into()), "{path}");
        assert!(text(&response).contains("The simulator does not have"), "{path}");
    }
    let response = world.call("PATCH", "accounts", &json!({}));
    assert_eq!(response.status, 405);
}

#[test]
fn duplicates_are_found_when_a_caller_asks() {
    let mut world = World::new();
    let create = |world: &mut World, body: &serde_json::Value, suppress: Option<&str>| {
        let mut request = world.request("POST", "contacts").with_body(body.to_string());
        if let Some(suppress) = suppress {
            request = request.with_header("MSCRM.SuppressDuplicateDetection", suppress);
        }
        world.send(&request)
    };
    let ada = json!({"firstname": "Ada", "lastname": "Lovelace"});
    assert_eq!(create(&mut world, &ada, Some("false")).status, 204);
    assert_eq!(
        error(&create(&mut world, &json!({"firstname": "ADA", "lastname": "lovelace"}), Some("false"))),
        (412, "0x80040333".to_owned())
    );
    assert_eq!(world.get("contacts")["value"].as_array().unwrap().len(), 1);
    // A blank is no value two rows share.
    for _ in 0..2 {
        assert_eq!(create(&mut world, &json!({"lastname": "Lovelace"}), Some("False")).status, 204);
    }
    assert_eq!(create(&mut world, &ada, Some("true")).status, 204);
    let second = id_in(create(&mut world, &ada, None).get("OData-EntityId").unwrap());
    let rename = |world: &mut World, body: &serde_json::Value| {
        let request = world
            .request("PATCH", &format!("contacts({second})"))
            .with_header("MSCRM.SuppressDuplicateDetection", "false")
            .with_body(body.to_string());
        world.send(&request)
    };
    // Only a change of what a rule looks at is looked at.
    assert_eq!(rename(&mut world, &json!({"telephone1": "1"})).status, 204);
    assert_eq!(rename(&mut world, &json!({"firstname": "Grace"})).status, 204);
    assert_eq!(rename(&mut world, &json!({"firstname": "Ada"})).status, 412);
}
