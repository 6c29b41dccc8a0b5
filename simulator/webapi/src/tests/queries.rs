//! Reading lists of rows.

use super::{World, error, text};
use serde_json::{Value as Json, json};

fn names(document: &Json) -> Vec<String> {
    let rows = document["value"].as_array().unwrap_or_else(|| panic!("{document}"));
    rows.iter().map(|row| row["name"].as_str().unwrap_or("-").to_owned()).collect()
}

fn filled() -> World {
    let mut world = World::new();
    let ada = world.create("contacts", &json!({"firstname": "Ada", "lastname": "Lovelace"}));
    for (name, revenue, more) in [
        ("Alpha", json!(100), json!(format!("/contacts({ada})"))),
        ("beta", json!(20.25), Json::Null),
        ("Gamma", Json::Null, Json::Null),
        ("It's 100%", json!(3), Json::Null),
    ] {
        world.create(
            "accounts",
            &json!({"name": name, "revenue": revenue, "primarycontactid@odata.bind": more, "numberofemployees": 5}),
        );
    }
    world
}

fn filtered(world: &mut World, filter: &str) -> Vec<String> {
    let filter = crate::address::encode(filter);
    names(&world.get(&format!("accounts?$select=name&$orderby=name&$filter={filter}")))
}

#[test]
fn filters_compare_as_the_service_does() {
    let mut world = filled();
    for (filter, expected) in [
        ("name eq 'BETA'", vec!["beta"]),
        ("revenue gt 20 and revenue lt 100", vec!["beta"]),
        // `ne` keeps rows without a value.
        ("revenue ne 3", vec!["Alpha", "beta", "Gamma"]),
        ("revenue eq null", vec!["Gamma"]),
        ("not (revenue eq null)", vec!["Alpha", "beta", "It's 100%"]),
        ("contains(name,'''s')", vec!["It's 100%"]),
        ("startswith(name,'a') or endswith(name,'MMA')", vec!["Alpha", "Gamma"]),
        ("contains(name,'%a%')", vec!["Alpha", "beta", "Gamma"]),
        ("primarycontactid/lastname eq 'Lovelace'", vec!["Alpha"]),
        ("_primarycontactid_value eq null", vec!["beta", "Gamma", "It's 100%"]),
        (
            "Microsoft.Dynamics.CRM.In(PropertyName='name',PropertyValues=[\"alpha\",\"beta\"])",
            vec!["Alpha", "beta"],
        ),
        (
            "Microsoft.Dynamics.CRM.Between(PropertyName='revenue',PropertyValues=['3','21'])",
            vec!["beta", "It's 100%"],
        ),
        (
            "Microsoft.Dynamics.CRM.Today(PropertyName='createdon')",
            vec!["Alpha", "beta", "Gamma", "It's 100%"],
        ),
        ("Microsoft.Dynamics.CRM.OlderThanXMonths(PropertyName='createdon',PropertyValue=1)", vec![]),
        (
            "createdon ge 2026-01-05T00:00:00Z and statecode eq 0 and name in ('Alpha','Gamma')",
            vec!["Alpha", "Gamma"],
        ),
    ] {
        assert_eq!(filtered(&mut world, filter), expected, "{filter}");
    }
    let any = "contacts?$select=lastname&$filter=account_primary_contact/any(a:a/name eq 'Alpha' and a/revenue gt 5)";
    assert_eq!(world.get(any)["value"].as_array().unwrap().len(), 1);
    let none = "contacts?$select=lastname&$filter=contact_customer_contacts/any()";
    assert_eq!(world.get(none)["value"].as_array().unwrap().len(), 0);
    let aliased = world.get("accounts?$select=name&$filter=name eq @p1&@p1='beta'");
    assert_eq!(names(&aliased), ["beta"]);
}

#[test]
fn pages_follow_the_cookie_and_rows_added_on_an_earlier_page_do_not_shift_them() {
    let mut world = World::new();
    for number in 0..7 {
        world.create("accounts", &json!({"name": format!("n{number}"), "revenue": 10 - number % 2}));
    }
    for order in ["", "&$orderby=revenue desc,name"] {
        let mut all = Vec::new();
        let mut path = format!("accounts?$select=name{order}");
        loop {
            let page = world.get_with(&path, "odata.maxpagesize=3");
            all.extend(names(&page));
            assert!(all.len() <= 7, "{all:?}");
            let Some(next) = page["@odata.nextLink"].as_str() else { break };
            path = next.trim_start_matches(super::ROOT).to_owned();
        }
        assert_eq!(all.len(), 7);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 7);
    }
    let first = world.get_with("accounts?$select=name&$orderby=name", "odata.maxpagesize=2");
    world.create("accounts", &json!({"name": "a"}));
    let link = first["@odata.nextLink"].as_str().unwrap().trim_start_matches(super::ROOT).to_owned();
    // The size travels with the link.
    assert_eq!(names(&world.get(&link)), ["n2", "n3"]);
    let top = world.get("accounts?$select=name&$top=2&$orderby=name desc&$count=true");
    assert_eq!(names(&top), ["n6", "n5"]);
    assert!(top.get("@odata.nextLink").is_none());
    assert_eq!(top["@odata.count"].as_i64(), Some(8));
    let request = world.request("GET", "accounts/$count?$filter=name eq 'n1'");
    let response = world.send(&request);
    assert_eq!((text(&response).as_str(), response.get("Content-Type")), ("\u{feff}1", Some("text/plain")));
}

#[test]
fn annotations_stand_before_their_property() {
    let mut world = filled();
    let page = world.get_with(
        "accounts?$select=name,revenue,statecode,_primarycontactid_value,numberofemployees&$filter=name eq 'Alpha'",
        "odata.include-annotations=\"*\"",
    );
    let row = &page["value"][0];
    let annotated = |name: &str, annotation: &str| row[format!("{name}@{annotation}")].clone();
    let formatted = "OData.Community.Display.V1.FormattedValue";
    assert_eq!(annotated("revenue", formatted), "$100.00");
    assert_eq!(annotated("statecode", formatted), "Active");
    assert_eq!(annotated("_primarycontactid_value", formatted), "Ada Lovelace");
    assert_eq!(annotated("_primarycontactid_value", "Microsoft.Dynamics.CRM.lookuplogicalname"), "contact");
    assert_eq!(
        annotated("_primarycontactid_value", "Microsoft.Dynamics.CRM.associatednavigationproperty"),
        "primarycontactid"
    );
    let order: Vec<&String> = row.as_object().unwrap().keys().collect();
    let at = |name: &str| order.iter().position(|own| own.as_str() == name).unwrap();
    assert_eq!(at("statecode") - 1, at(&format!("statecode@{formatted}")));
}

#[test]
fn mistakes_in_queries_have_the_documented_codes() {
    let mut world = World::new();
    for (path, status) in [
        ("nothing", 404),
        ("accounts?$select=nam", 400),
        ("accounts?$filter=nam eq 'x'", 400),
        ("accounts?$filter=name eq 'x", 400),
        ("accounts?$filter=name eq", 400),
        ("accounts?$orderby=nam", 400),
        ("accounts?$expand=nam", 400),
        ("accounts?$expand=contact_customer_accounts/$ref", 400),
        ("accounts?$Select=name", 400),
        ("accounts?$skip=5", 400),
        ("accounts?$filter=revenue eq 'x'", 400),
        ("accounts(1)", 400),
    ] {
        let request = world.request("GET", path);
        assert_eq!(error(&world.send(&request)), (status, "0x80060888".into()), "{path}");
    }
    let deep = format!("accounts?$filter={}name eq 'x'{}", "(".repeat(10_000), ")".repeat(10_000));
    let request = world.request("GET", &deep);
    assert_eq!(world.send(&request).status, 400);
    let request = world.request("GET", "accounts(11111111-2222-3333-4444-555555555555)");
    let response = world.send(&request);
    assert!(
        text(&response)
            .contains("Entity 'Account' With Id = 11111111-2222-3333-4444-555555555555 Does Not Exist")
    );
}
