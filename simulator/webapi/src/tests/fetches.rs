//! FetchXML, `$apply` and the CSDL.

use super::{World, error, text};
use crate::address::encode;
use serde_json::{Value as Json, json};

fn filled() -> World {
    let mut world = World::new();
    for (name, revenue, children) in
        [("Alpha", json!(10), 2), ("beta", json!(20), 0), ("Gamma", Json::Null, 1)]
    {
        let contacts: Vec<Json> =
            (0..children).map(|at| json!({"lastname": format!("{name} {at}")})).collect();
        world.create(
            "accounts",
            &json!({"name": name, "revenue": revenue, "contact_customer_accounts": contacts}),
        );
    }
    world
}

fn fetch(world: &mut World, inner: &str) -> Json {
    world.get_with(&format!("accounts?fetchXml={}", encode(inner)), "odata.include-annotations=\"*\"")
}

fn names(document: &Json) -> Vec<&str> {
    let rows = document["value"].as_array().unwrap_or_else(|| panic!("{document}"));
    rows.iter().map(|row| row["name"].as_str().unwrap()).collect()
}

#[test]
fn empty_columns_are_left_out_and_the_id_comes_along() {
    let mut world = filled();
    let all = fetch(
        &mut world,
        "<fetch><entity name='account'><attribute name='name'/><attribute name='revenue'/><order attribute='name' descending='true'/></entity></fetch>",
    );
    assert_eq!(names(&all), ["Gamma", "beta", "Alpha"]);
    assert!(all["value"][0].get("revenue").is_none() && all["value"][0]["accountid"].is_string());
    assert_eq!(all["value"][2]["revenue@OData.Community.Display.V1.FormattedValue"], "$10.00");
    assert!(all.get("@Microsoft.Dynamics.CRM.fetchxmlpagingcookie").is_none());
}

#[test]
fn conditions_nest_and_several_filters_are_joined_by_and() {
    let mut world = filled();
    for (filter, expected) in [
        (
            "<filter type='or'><condition attribute='name' operator='eq' value='ALPHA'/><condition attribute='revenue' operator='null'/></filter>",
            vec!["Alpha", "Gamma"],
        ),
        (
            "<filter><condition attribute='name' operator='like' value='%a%'/></filter><filter><condition attribute='revenue' operator='ne' value='10'/></filter>",
            vec!["beta", "Gamma"],
        ),
        (
            "<filter><condition attribute='name' operator='in'><value>alpha</value><value>beta</value></condition></filter>",
            vec!["Alpha", "beta"],
        ),
        (
            "<filter><condition attribute='createdon' operator='today'/><condition attribute='ownerid' operator='eq-userid'/></filter>",
            vec!["Alpha", "beta", "Gamma"],
        ),
        (
            "<filter><link-entity name='contact' from='parentcustomerid' to='accountid' link-type='any'/></filter>",
            vec!["Alpha", "Gamma"],
        ),
        (
            "<filter><link-entity name='contact' from='parentcustomerid' to='accountid' link-type='not any'><filter><condition attribute='lastname' operator='begins-with' value='Alpha'/></filter></link-entity></filter>",
            vec!["beta", "Gamma"],
        ),
    ] {
        let found = fetch(
            &mut world,
            &format!(
                "<fetch><entity name='account'><attribute name='name'/><order attribute='name'/>{filter}</entity></fetch>"
            ),
        );
        assert_eq!(names(&found), expected, "{filter}");
    }
}

#[test]
fn linked_tables_bring_their_columns_under_their_alias() {
    let mut world = filled();
    let query = |kind: &str| {
        format!(
            "<fetch><entity name='account'><attribute name='name'/><order attribute='name'/><link-entity name='contact' from='parentcustomerid' to='accountid' alias='c' link-type='{kind}'><attribute name='lastname'/><order attribute='lastname'/></link-entity></entity></fetch>"
        )
    };
    let inner = fetch(&mut world, &query("inner"));
    assert_eq!(names(&inner), ["Alpha", "Alpha", "Gamma"]);
    assert_eq!(inner["value"][1]["c.lastname"], "Alpha 1");
    assert_eq!(names(&fetch(&mut world, &query("outer"))), ["Alpha", "Alpha", "beta", "Gamma"]);
    assert_eq!(names(&fetch(&mut world, &query("exists"))), ["Alpha", "Gamma"]);
}

#[test]
fn pages_follow_the_cookie_and_the_last_one_has_none() {
    let mut world = World::new();
    for number in 0..5 {
        world.create("accounts", &json!({"name": format!("n{number}")}));
    }
    let mut all = Vec::new();
    let (mut page, mut cookie) = (1, String::new());
    loop {
        let found = fetch(
            &mut world,
            &format!(
                "<fetch count='2' page='{page}' paging-cookie=\"{}\"><entity name='account'><attribute name='name'/><order attribute='name'/></entity></fetch>",
                crate::cookie::escape(&cookie)
            ),
        );
        all.extend(names(&found).into_iter().map(str::to_owned));
        let Some(next) = found["@Microsoft.Dynamics.CRM.fetchxmlpagingcookie"].as_str() else {
            assert_eq!(found["@Microsoft.Dynamics.CRM.morerecords"], false);
            break;
        };
        assert!(
            next.starts_with(&format!("<cookie pagenumber=\"{}\" pagingcookie=\"%253ccookie", page + 1)),
            "{next}"
        );
        cookie = next.to_owned();
        page += 1;
    }
    assert_eq!(all, ["n0", "n1", "n2", "n3", "n4"]);
}

#[test]
fn aggregates_count_and_group() {
    let mut world = filled();
    let found = fetch(
        &mut world,
        "<fetch aggregate='true'><entity name='account'><attribute name='accountid' aggregate='count' alias='n'/><attribute name='revenue' aggregate='countcolumn' alias='with'/><attribute name='revenue' aggregate='avg' alias='mean'/><attribute name='revenue' aggregate='max' alias='most'/></entity></fetch>",
    );
    let row = &found["value"][0];
    assert_eq!((row["n"].as_i64(), row["with"].as_i64()), (Some(3), Some(2)));
    assert_eq!(row["mean"].to_string(), "15.0000");
    assert_eq!(row["most"].to_string(), "20.0000");
    let grouped = fetch(
        &mut world,
        "<fetch aggregate='true'><entity name='contact'><attribute name='contactid' aggregate='count' alias='n'/></entity></fetch>",
    );
    assert_eq!(grouped["error"]["code"], "0x80040203", "the entity is not that of the address");
    let dated = fetch(
        &mut world,
        "<fetch aggregate='true'><entity name='account'><attribute name='createdon' groupby='true' dategrouping='year' alias='y'/><attribute name='accountid' aggregate='count' alias='n'/><order alias='n'/></entity></fetch>",
    );
    assert_eq!((dated["value"][0]["y"].as_i64(), dated["value"][0]["n"].as_i64()), (Some(2026), Some(3)));
}

#[test]
fn mistakes_in_fetchxml_have_the_documented_codes() {
    let mut world = World::new();
    for (inner, code) in [
        ("<fetch><entity name='account'><attribute name='nam'/></entity></fetch>", "0x80041103"),
        ("<fetch><entity name='nothing'/></fetch>", "0x80041102"),
        ("<fetch count='2' page='2' paging-cookie='x'><entity name='account'/></fetch>", "0x8004112a"),
        (
            "<fetch><entity name='account'><filter><condition attribute='name' operator='today'/></filter></entity></fetch>",
            "0x80041120",
        ),
        (
            "<fetch><entity name='account'><attribute name='name' alias='a'/><attribute name='revenue' alias='a'/></entity></fetch>",
            "0x80041130",
        ),
        ("<fetch page='200' count='5000'><entity name='account'/></fetch>", "0x8004430a"),
        ("<fetch", "0x80040203"),
    ] {
        let request = world.request("GET", &format!("accounts?fetchXml={}", encode(inner)));
        assert_eq!(error(&world.send(&request)), (400, code.into()), "{inner}");
    }
}

#[test]
fn apply_filters_groups_and_aggregates() {
    let mut world = filled();
    let found =
        world.get("accounts?$apply=filter(revenue gt 5)/aggregate(revenue with sum as total,$count as n)");
    assert_eq!(found["value"][0]["total"].to_string(), "30.0000");
    assert_eq!(found["value"][0]["n"].as_i64(), Some(2));
    let grouped = world.get("contacts?$apply=groupby((parentcustomerid_account/name),aggregate($count as n))&$orderby=parentcustomerid_account/name desc");
    assert_eq!(grouped["value"][0]["parentcustomerid_account_name"], "Gamma");
    assert_eq!(grouped["value"][1]["n"].as_i64(), Some(2));
    let request = world.request("GET", "accounts?$apply=groupby((name),aggregate($count as n))&$orderby=n");
    assert!(text(&world.send(&request)).contains("SingleValueOpenPropertyAccess"));
}

#[test]
fn the_csdl_names_every_type_it_uses() {
    let mut world = World::new();
    let request = world.request("GET", "$metadata");
    let response = world.send(&request);
    assert_eq!(response.get("Content-Type"), Some("application/xml"));
    let xml = text(&response);
    for part in xml.split("mscrm.").skip(1) {
        let name = part.split(['"', ')']).next().unwrap();
        let defined = xml.contains(&format!("<EntityType Name=\"{name}\"")) || name == "WhoAmIResponse";
        assert!(defined || xml.contains(&format!("<Function Name=\"{name}\"")), "{name}");
    }
}
