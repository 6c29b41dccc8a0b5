//! Queries in SQL.

use super::{World, error};
use crate::address::encode;
use serde_json::{Value as Json, json};

impl World {
    fn sql(&mut self, set: &str, sql: &str) -> Vec<Json> {
        let request = self.request("GET", &format!("{set}?sql={}", encode(sql)));
        let response = self.send(&request);
        assert_eq!(response.status, 200, "{sql}: {}", super::text(&response));
        super::json(&response)["value"].as_array().unwrap().clone()
    }

    fn refused(&mut self, sql: &str) -> (u16, String) {
        let request = self.request("GET", &format!("accounts?sql={}", encode(sql)));
        error(&self.send(&request))
    }
}

fn names(rows: &[Json]) -> Vec<&str> {
    rows.iter().map(|row| row["name"].as_str().unwrap_or_default()).collect()
}

fn world() -> World {
    let mut world = World::new();
    let ada = world.create("contacts", &json!({"firstname": "Ada", "lastname": "Lovelace"}));
    for (name, revenue, contact) in [
        ("Alpine", Some(5), true),
        ("Beta 100%", Some(7), false),
        ("Gamma", Some(7), true),
        ("Delta", None, false),
    ] {
        let mut body = json!({"name": name});
        if let Some(revenue) = revenue {
            body["revenue"] = json!(revenue);
        }
        if contact {
            body["primarycontactid@odata.bind"] = json!(format!("/contacts({ada})"));
        }
        world.create("accounts", &body);
    }
    world
}

#[test]
fn columns_are_selected_filtered_and_ordered() {
    let mut world = world();
    let rows =
        world.sql("accounts", "SELECT name, revenue FROM account WHERE revenue >= 7 ORDER BY name DESC");
    assert_eq!(names(&rows), ["Gamma", "Beta 100%"]);
    assert!(rows[0].get("accountid").is_none());
    for (condition, found) in [
        ("name LIKE '%a'", vec!["Delta", "Gamma"]),
        ("name LIKE 'B___ %'", vec!["Beta 100%"]),
        ("name LIKE '%[%]'", vec!["Beta 100%"]),
        ("name LIKE '%100[%]%' OR name = 'alpine'", vec!["Alpine", "Beta 100%"]),
        ("revenue IS NULL", vec!["Delta"]),
        ("revenue <> 7", vec!["Alpine"]),
        ("NOT (revenue <> 7)", vec!["Beta 100%", "Gamma"]),
        ("revenue IN (5, 7) AND name NOT IN ('Gamma')", vec!["Alpine", "Beta 100%"]),
        ("revenue NOT BETWEEN 6 AND 8", vec!["Alpine"]),
        ("NOT (revenue BETWEEN 1 AND 6 OR name = 'Gamma')", vec!["Beta 100%"]),
        ("6 < revenue AND statecode = 0", vec!["Beta 100%", "Gamma"]),
        ("primarycontactid IS NOT NULL", vec!["Alpine", "Gamma"]),
        ("revenue > -1", vec!["Alpine", "Beta 100%", "Gamma"]),
    ] {
        let rows =
            world.sql("accounts", &format!("SELECT name FROM account WHERE {condition} ORDER BY name"));
        assert_eq!(names(&rows), found, "{condition}");
    }
    let top = world.sql("accounts", "SELECT TOP 2 name FROM account ORDER BY name");
    assert_eq!(names(&top), ["Alpine", "Beta 100%"]);
    let later = "SELECT name FROM account ORDER BY name OFFSET 1 ROWS FETCH NEXT 2 ROWS ONLY";
    assert_eq!(names(&world.sql("accounts", later)), ["Beta 100%", "Delta"]);
}

#[test]
fn tables_are_joined_and_columns_named() {
    let mut world = world();
    let sql = "SELECT a.name, c.lastname, c.firstname AS given FROM account a JOIN contact AS c ON a.primarycontactid = c.contactid WHERE c.lastname = 'Lovelace' ORDER BY a.name";
    let rows = world.sql("accounts", sql);
    assert_eq!(names(&rows), ["Alpine", "Gamma"]);
    assert_eq!((&rows[0]["c.lastname"], &rows[0]["given"]), (&json!("Lovelace"), &json!("Ada")));
    let left = "SELECT a.name, c.lastname FROM account a LEFT JOIN contact c ON c.contactid = a.primarycontactid AND c.firstname = 'Nobody'";
    assert_eq!(world.sql("accounts", left).len(), 4);
    let none = "SELECT a.name FROM account a LEFT JOIN contact c ON c.contactid = a.primarycontactid WHERE c.lastname IS NULL ORDER BY name";
    assert_eq!(names(&world.sql("accounts", none)), ["Beta 100%", "Delta"]);
    let back = "SELECT c.lastname, a.name AS name FROM contact c INNER JOIN account a ON a.primarycontactid = c.contactid";
    assert_eq!(world.sql("contacts", back).len(), 2);
    let request = world
        .request("GET", &format!("accounts?sql={}", encode("SELECT name AS n FROM account")))
        .with_header("Prefer", "odata.include-annotations=\"*\"");
    let row = super::json(&world.send(&request))["value"][0].clone();
    assert_eq!(row["n@OData.Community.Display.V1.AttributeName"], "name");
}

#[test]
fn groups_are_counted_and_pages_follow_each_other() {
    let mut world = world();
    let sql = "SELECT revenue, COUNT(*) AS n, COUNT(revenue) AS there, MAX(name) AS last FROM account GROUP BY revenue ORDER BY COUNT(*) DESC, revenue";
    let rows = world.sql("accounts", sql);
    assert_eq!((rows.len(), rows[0]["n"].as_i64(), rows[0]["last"].as_str()), (3, Some(2), Some("Gamma")));
    let all = world.sql(
        "accounts",
        "SELECT SUM(revenue) AS s, AVG(revenue) AS a, COUNT(DISTINCT revenue) AS d FROM account",
    );
    assert_eq!((all[0]["s"].as_f64(), all[0]["d"].as_i64()), (Some(19.0), Some(2)));
    assert_eq!(
        world.sql("accounts", "SELECT DISTINCT revenue FROM account WHERE revenue IS NOT NULL").len(),
        2
    );
    for (sql, pages) in [
        ("SELECT name FROM account ORDER BY revenue", 2),
        ("SELECT revenue, COUNT(*) AS n FROM account GROUP BY revenue", 1),
    ] {
        let mut path = format!("accounts?sql={}", encode(sql));
        let mut seen = Vec::new();
        for page in 0.. {
            let request = world.request("GET", &path).with_header("Prefer", "odata.maxpagesize=3");
            let found = super::json(&world.send(&request));
            seen.extend(found["value"].as_array().unwrap().clone());
            let Some(next) = found["@odata.nextLink"].as_str() else {
                assert_eq!(page + 1, pages);
                break;
            };
            path = next[super::ROOT.len()..].to_owned();
        }
        seen.dedup();
        assert_eq!(seen.len(), if pages == 2 { 4 } else { 3 });
    }
}

#[test]
fn what_is_no_supported_select_is_refused() {
    let mut world = world();
    for sql in [
        "",
        "SELECT",
        "DELETE FROM account",
        "SELECT * FROM account",
        "SELECT a.* FROM account a",
        "SELECT name FROM account; SELECT name FROM account",
        "SELECT name FROM account UNION SELECT name FROM account",
        "SELECT name FROM account WHERE accountid IN (SELECT accountid FROM account)",
        "WITH x AS (SELECT name FROM account) SELECT name FROM x",
        "SELECT name FROM account HAVING COUNT(*) > 1",
        "SELECT name FROM account a RIGHT JOIN contact c ON a.primarycontactid = c.contactid",
        "SELECT name FROM account a CROSS JOIN contact c",
        "SELECT name FROM account WHERE name = accountnumber",
        "SELECT name FROM account WHERE revenue = NULL",
        "SELECT name, COUNT(*) AS n FROM account",
        "SELECT name FROM account WHERE revenue = 'many'",
        "SELECT TOP 6000 name FROM account",
        "SELECT name AS a, name AS a FROM account",
        "SELECT lastname FROM contact",
        "SELECT TOP 1 PERCENT name FROM account",
        "SELECT name INTO x FROM account",
        "SELECT UPPER(name) AS u FROM account",
    ] {
        let (status, code) = world.refused(sql);
        assert!(status == 400 && code.starts_with("0x8"), "{sql}: {status} {code}");
    }
    assert_eq!(world.refused("SELECT nothing FROM account"), (400, "0x80041103".into()));
    assert_eq!(world.refused("SELECT name FROM nothing").1, "0x80041102");
    assert_eq!(world.refused("SELECT COUNT(*) FROM account").0, 501);
    assert_eq!(world.refused("SELECT name FROM account, contact").0, 501);
}

#[test]
fn hostile_sql_is_refused_and_long_chains_are_not_deep() {
    let mut world = world();
    let chain = vec!["name = 'Gamma'"; 600].join(" OR ");
    assert_eq!(world.sql("accounts", &format!("SELECT name FROM account WHERE {chain}")).len(), 1);
    let sums = vec!["1"; 8_000].join("+");
    let deep = format!("SELECT name FROM account WHERE {}name = 'x'{}", "(".repeat(2_000), ")".repeat(2_000));
    let not = format!("SELECT name FROM account WHERE {} name = 'x'", "NOT ".repeat(1_500));
    for sql in [
        format!("SELECT name FROM account WHERE revenue = {sums}"),
        deep,
        not,
        format!("SELECT {} FROM account", "-".repeat(9_000)),
    ] {
        assert_eq!(world.refused(&sql).0, 400);
    }
    let sum = vec!["1"; 1_900].join("+");
    assert_eq!(world.refused(&format!("SELECT name FROM account WHERE revenue = {sum}")).0, 400);
}
