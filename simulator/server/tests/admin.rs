//! The admin routes: looking, the clock, faults, limits.
#![allow(missing_docs)]

mod common;

use common::{ROOT, Running, TOKEN, answer, linked, options, request};
use serde_json::{Value as Json, json};
use std::{io::Write, thread, time::Duration};

#[test]
fn the_admin_routes_have_a_token_of_their_own_and_name_each_other() {
    let server = Running::start(options());
    for token in [TOKEN, "", "nonsense"] {
        assert_eq!(server.send_as(token, "GET", "/_sim/state", &[], b"").status, 401);
    }
    assert_eq!(server.admin("GET", "state", &Json::Null).status, 200);
    let unknown = server.admin("GET", "nowhere", &Json::Null);
    assert_eq!(unknown.status, 404);
    for route in ["state", "clock", "fault", "limits", "snapshot", "restore", "reset"] {
        assert!(unknown.text().contains(&format!("/_sim/{route}")), "{route} is not named");
    }
    for (route, body) in [
        ("clock", json!({"advanceSeconds": -1})),
        ("clock", json!({"advanceSeconds": u64::MAX})),
        ("clock", Json::Null),
        ("fault", json!({"status": 700})),
        ("limits", json!({"requests": 0})),
    ] {
        assert_eq!(server.admin("POST", route, &body).status, 400, "{route} {body}");
    }
    server.assert_alive();
}

#[test]
fn the_clock_moves_when_it_is_told_and_rows_carry_its_time() {
    let server = Running::start(options());
    let before = server.admin("GET", "state", &Json::Null).json()["now"].as_str().unwrap().to_owned();
    server.create("accounts", &json!({"name": "early"}));
    server.admin("POST", "clock", &json!({"advanceSeconds": 86_400}));
    server.create("accounts", &json!({"name": "late"}));
    let page = server.send("GET", "accounts?$select=createdon&$orderby=createdon", &[], b"").json();
    let times: Vec<&str> = (0..2).map(|at| page["value"][at]["createdon"].as_str().unwrap()).collect();
    assert_eq!(times[0][..10], before[..10]);
    assert!(times[0][..10] < times[1][..10]);
}

#[test]
fn faults_strike_as_often_as_they_are_told_and_can_be_taken_back() {
    let server = Running::start(options());
    let fault = json!({"status": 429, "method": "GET", "path": "/accounts", "times": 2, "retryAfter": 7,
        "code": "0x80072322", "message": "busy"});
    assert_eq!(server.admin("POST", "fault", &fault).status, 204);
    server.create("accounts", &json!({"name": "writes are not struck"}));
    for _ in 0..2 {
        let struck = server.send("GET", "accounts", &[], b"");
        assert_eq!((struck.status, struck.code().as_str()), (429, "0x80072322"));
        assert_eq!(struck.header("Retry-After"), Some("7"));
    }
    assert_eq!(server.send("GET", "accounts", &[], b"").status, 200);
    server.admin("POST", "fault", &json!({"status": 503, "times": 1_000_000}));
    assert_eq!(server.send("GET", "accounts", &[], b"").status, 503);
    assert_eq!(server.admin("GET", "state", &Json::Null).json()["faults"], 1);
    assert_eq!(server.admin("DELETE", "fault", &Json::Null).status, 204);
    server.assert_alive();
}

#[test]
fn while_finance_and_operations_is_out_of_reach_live_sync_refuses_and_neither_side_keeps_the_row() {
    let server = Running::start(linked());
    let group = server.group();
    let groups = || {
        let state = server.admin("GET", "state", &Json::Null).json();
        (
            state["dataverse"]["msdyn_customergroup"].as_u64(),
            state["financeAndOperations"]["CustomerGroups"].as_u64(),
        )
    };
    let before = groups();
    server.admin("POST", "fault", &json!({"service": "finops", "times": 2}));
    // A row that has nothing to write over there does not notice.
    server.create("teams", &json!({"name": "Not mapped"}));
    let refused = server.send("POST", "msdyn_customergroups", &[], group.as_bytes());
    assert_eq!((refused.status, refused.code().as_str()), (400, "0x80040265"), "{}", refused.text());
    assert_eq!(groups(), before);
    let made = server.send("POST", "msdyn_customergroups", &[], group.as_bytes());
    assert_eq!(made.status, 204, "{}", made.text());
    let (dataverse, finops) = groups();
    assert_eq!((dataverse, finops), (before.0.map(|rows| rows + 1), before.1.map(|rows| rows + 1)));
}

#[test]
fn limits_by_the_virtual_clock_refuse_until_it_is_moved_on() {
    let server = Running::start(options());
    let unlimited = server.send("GET", "WhoAmI", &[], b"");
    assert_eq!(unlimited.header("x-ms-ratelimit-burst-remaining-xrm-requests"), None, "off by default");
    let limits = json!({"on": true, "clock": "virtual", "requests": 3, "requestMilliseconds": 500});
    let state = server.admin("POST", "limits", &limits).json();
    assert_eq!(state["limits"]["requests"], 3);
    assert_eq!(state["limits"]["windowSeconds"], 300, "what is not said stays");
    for left in ["2", "1", "0"] {
        let served = server.send("GET", "WhoAmI", &[], b"");
        assert_eq!(served.status, 200);
        assert_eq!(served.header("x-ms-ratelimit-burst-remaining-xrm-requests"), Some(left));
        if left == "0" {
            assert_eq!(served.header("x-ms-ratelimit-time-remaining-xrm-requests"), Some("1,198.50"));
            server.admin("POST", "clock", &json!({"advanceSeconds": 100}));
        }
    }
    let refused = server.send("POST", "accounts", &[], br#"{"name":"x"}"#);
    assert_eq!((refused.status, refused.code().as_str()), (429, "0x80072322"));
    assert_eq!(refused.header("Retry-After"), Some("200"));
    assert!(
        refused
            .text()
            .contains("Number of requests exceeded the limit of 3 over time window of 300 seconds.")
    );
    server.admin("POST", "clock", &json!({"advanceSeconds": 200}));
    assert_eq!(server.send("GET", "accounts/$count", &[], b"").text().trim_start_matches('\u{feff}'), "0");

    let time = json!({"requests": 6000, "executionMilliseconds": 1000, "requestMilliseconds": 600});
    server.admin("POST", "limits", &time);
    assert_eq!(server.send("GET", "WhoAmI", &[], b"").status, 200);
    assert_eq!(server.send("GET", "WhoAmI", &[], b"").status, 200);
    let refused = server.send("GET", "WhoAmI", &[], b"");
    assert_eq!((refused.status, refused.code().as_str()), (429, "0x80072321"));
    server.admin("POST", "limits", &json!({"on": false}));
    server.assert_alive();
}

#[test]
fn more_requests_at_once_than_allowed_are_refused_while_the_others_are_answered() {
    let mut options = options();
    options.protected = true;
    let server = Running::start(options);
    server.admin("POST", "limits", &json!({"concurrent": 1}));
    let rows: Vec<Json> = (0..1_000)
        .map(|number| json!({"@odata.type": "Microsoft.Dynamics.CRM.account", "name": format!("n{number}")}))
        .collect();
    let many = json!({ "Targets": rows }).to_string();
    let mut slow = server.connect();
    let target = format!("{ROOT}accounts/Microsoft.Dynamics.CRM.CreateMultiple");
    slow.write_all(&request(TOKEN, "POST", &target, &[], many.as_bytes())).unwrap();
    thread::sleep(Duration::from_millis(5));
    let refused = server.send("GET", "WhoAmI", &[], b"");
    assert_eq!((refused.status, refused.code().as_str()), (429, "0x80072326"), "{}", refused.text());
    assert_eq!(refused.header("Retry-After"), Some("1"));
    let made = answer(&mut slow).unwrap();
    assert_eq!(made.status, 200);
    assert!(made.header("x-ms-ratelimit-time-remaining-xrm-requests").is_some());
    server.assert_alive();
}
