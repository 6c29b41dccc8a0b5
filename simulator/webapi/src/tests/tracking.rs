//! Change tracking with delta links.

use super::{ROOT, World, error, json as read, text};
use dwsim_model::VirtualDuration;
use serde_json::{Value as Json, json};

fn tracked(world: &mut World, path: &str, prefer: &str) -> Json {
    let request = world.request("GET", path).with_header("Prefer", prefer);
    let response = world.send(&request);
    assert_eq!(response.status, 200, "{}", text(&response));
    assert!(response.get("Preference-Applied").unwrap_or_default().contains("odata.track-changes"));
    read(&response)
}

fn link(found: &Json) -> String {
    found["@odata.deltaLink"].as_str().unwrap()[ROOT.len()..].to_owned()
}

#[test]
fn a_link_tells_what_was_made_changed_and_deleted_since() {
    let mut world = World::new();
    let kept = world.create("accounts", &json!({"name": "Kept"}));
    let gone = world.create("accounts", &json!({"name": "Gone"}));
    let first = tracked(&mut world, "accounts?$select=name", "odata.track-changes");
    assert_eq!(first["value"].as_array().unwrap().len(), 2);
    let since = link(&first);
    assert!(since.starts_with("accounts?$select=name&$deltatoken="), "{since}");
    let nothing = world.get(&since);
    assert_eq!(nothing["value"].as_array().unwrap().len(), 0);
    world.call("PATCH", &format!("accounts({kept})"), &json!({"name": "Changed"}));
    world.call("DELETE", &format!("accounts({gone})"), &json!({}));
    let new = world.create("accounts", &json!({"name": "New"}));
    let short = world.create("accounts", &json!({"name": "Short-lived"}));
    world.call("DELETE", &format!("accounts({short})"), &json!({}));
    let changes = world.get(&since);
    assert_eq!(changes["@odata.context"], format!("{ROOT}$metadata#accounts(name)/$delta"));
    let list = changes["value"].as_array().unwrap();
    assert_eq!(list.len(), 3, "{list:?}");
    assert_eq!(
        (list[0]["name"].as_str(), list[1]["accountid"].as_str()),
        (Some("Changed"), Some(new.as_str()))
    );
    assert_eq!(
        list[2],
        json!({"@odata.context": format!("{ROOT}$metadata#accounts/$deletedEntity"), "id": gone, "reason": "deleted"})
    );
    let token = since.split("$deltatoken=").nth(1).unwrap();
    let count = world.request("GET", &format!("accounts/$count?$deltatoken={token}"));
    assert_eq!(text(&world.send(&count)), "\u{feff}3");
    assert_eq!(world.get(&link(&changes))["value"].as_array().unwrap().len(), 0);
}

#[test]
fn what_changes_between_pages_is_not_lost() {
    let mut world = World::new();
    let ids: Vec<String> =
        (0..5).map(|n| world.create("accounts", &json!({"name": format!("A{n}")}))).collect();
    let prefer = "odata.track-changes,odata.maxpagesize=2";
    let first = tracked(&mut world, "accounts?$select=name", prefer);
    assert!(first.get("@odata.deltaLink").is_none());
    world.call("PATCH", &format!("accounts({})", ids[0]), &json!({"name": "Late"}));
    let mut page = first;
    let mut pages = 1;
    while let Some(next) = page["@odata.nextLink"].as_str() {
        let path = next[ROOT.len()..].to_owned();
        page = world.get(&path);
        pages += 1;
    }
    assert_eq!(pages, 3);
    let since = link(&page);
    assert_eq!(world.get(&since)["value"][0]["name"], "Late");
    for id in &ids {
        world.call("PATCH", &format!("accounts({id})"), &json!({"telephone1": "1"}));
    }
    let changes = world.get_with(&since, "odata.maxpagesize=3");
    let rest = world.get(&changes["@odata.nextLink"].as_str().unwrap()[ROOT.len()..]);
    assert_eq!((changes["value"].as_array().unwrap().len(), rest["value"].as_array().unwrap().len()), (3, 2));
    assert!(rest["@odata.deltaLink"].is_string());
}

#[test]
fn links_age_and_other_options_do_not_go_with_them() {
    let mut world = World::new();
    for option in ["$filter=name eq 'x'", "$orderby=name", "$expand=primarycontactid", "$top=1"] {
        let request =
            world.request("GET", &format!("accounts?{option}")).with_header("Prefer", "odata.track-changes");
        assert_eq!(error(&world.send(&request)), (400, "0x80060888".into()), "{option}");
    }
    for token in ["", "x", "5", "x!01/01/2026 00:00:00", "1!yesterday"] {
        let request = world.request("GET", &format!("accounts?$deltatoken={token}"));
        assert_eq!(error(&world.send(&request)).0, 400, "{token}");
    }
    let since = link(&tracked(&mut world, "accounts", "odata.track-changes"));
    world.tenant.clock_mut().advance(VirtualDuration::from_hours(7 * 24));
    assert!(world.get(&since)["value"].is_array());
    world.tenant.clock_mut().advance(VirtualDuration::from_secs(2));
    let request = world.request("GET", &since);
    assert_eq!(error(&world.send(&request)), (400, "0x80044352".into()));
}
