//! Alerts told to a webhook: delivered, after an outage, to a slow receiver, and given up.
#![allow(missing_docs, clippy::unwrap_used)] // a test that cannot go on says so

mod common;

use common::{Running, options};
use dwsim_catalog::Catalog;
use dwsim_scenario::{Scenario, Settings, run_to_end};
use dwsim_server::Webhook;
use serde_json::{Value as Json, json};
use std::{
    thread,
    time::{Duration, Instant},
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

const MAP: &str = "customer-groups-msdyn-customergroups";

/// A server in live sync whose alerts go to `url`, with one setting that fires at the first error.
fn alerting(url: &str) -> Running {
    let mut options = options();
    options.factory = Box::new(|| {
        let scenario = Scenario::builtin("new-new").map_err(|error| error.to_string())?;
        let catalog = Catalog::embedded().map_err(|error| error.to_string())?;
        let ended = run_to_end(catalog, &scenario, &Settings::default(), |_| {});
        ended.map(|(_, tenant)| tenant).map_err(|error| error.to_string())
    });
    let mut webhook = Webhook::new(url).unwrap();
    webhook.first_wait = Duration::from_millis(20);
    webhook.timeout = Duration::from_millis(500);
    options.webhook = Some(webhook);
    let server = Running::start(options);
    let setting = json!({"name": "Outage", "errorTypes": ["service-unavailable"], "errors": 1, "intervalSeconds": 900,
        "action": "notify", "notify": ["ops@contoso.com"]});
    assert_eq!(server.admin("POST", "alerts", &setting).status, 204);
    assert_eq!(server.admin("POST", "restart-map", &json!({"map": MAP})).status, 204);
    server
}

/// A save that fails because F&O is out of reach.
fn fail(server: &Running) {
    let state = server.send(
        "GET",
        "cdm_companies?$select=cdm_companyid&$filter=cdm_companycode%20eq%20%27DAT%27",
        &[],
        b"",
    );
    let company = state.json()["value"][0]["cdm_companyid"].as_str().unwrap().to_owned();
    let row =
        json!({"msdyn_groupid": "W1", "msdyn_company@odata.bind": format!("/cdm_companies({company})")});
    let fault = json!({"service": "finops", "times": 1});
    assert_eq!(server.admin("POST", "fault", &fault).status, 204);
    let answer = server.send(
        "POST",
        "msdyn_customergroups",
        &[("Content-Type", "application/json")],
        row.to_string().as_bytes(),
    );
    assert!(answer.text().contains("PostCommitPlugin"), "{}", answer.text());
}

/// The one notification, once its delivery has ended.
fn ended(server: &Running) -> Json {
    let start = Instant::now();
    loop {
        let all = server.admin("GET", "notifications", &Json::Null).json();
        let first = all[0].clone();
        if !first.is_null() && first["delivery"]["state"] != "waiting" {
            return first;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{all}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

#[test]
fn an_alert_that_fires_is_told_as_json() {
    let runtime = runtime();
    let receiver = runtime.block_on(MockServer::start());
    runtime.block_on(
        Mock::given(method("POST")).respond_with(ResponseTemplate::new(204)).expect(1).mount(&receiver),
    );
    let server = alerting(&receiver.uri());
    fail(&server);
    assert_eq!(ended(&server)["delivery"], json!({"state": "delivered", "attempts": 1}));
    let requests = runtime.block_on(receiver.received_requests()).unwrap();
    let told: Json = serde_json::from_slice(&requests[0].body).unwrap();
    assert_eq!(told["alert"], "Outage");
    assert_eq!(told["tableMap"], MAP);
    assert_eq!(told["errors"], 1);
    assert_eq!(told["action"], "notify");
    assert_eq!(told["notify"], json!(["ops@contoso.com"]));
    assert_eq!(told["errorTypes"], json!(["service-unavailable"]));
}

#[test]
fn a_receiver_that_is_out_is_asked_again() {
    let runtime = runtime();
    let receiver = runtime.block_on(MockServer::start());
    let out = Mock::given(method("POST")).respond_with(ResponseTemplate::new(503)).up_to_n_times(2);
    runtime.block_on(out.expect(2).mount(&receiver));
    runtime.block_on(
        Mock::given(method("POST")).respond_with(ResponseTemplate::new(200)).expect(1).mount(&receiver),
    );
    let server = alerting(&receiver.uri());
    fail(&server);
    assert_eq!(ended(&server)["delivery"], json!({"state": "delivered", "attempts": 3}));
}

#[test]
fn a_slow_receiver_holds_no_save_up() {
    let runtime = runtime();
    let receiver = runtime.block_on(MockServer::start());
    let slow = ResponseTemplate::new(200).set_delay(Duration::from_secs(10));
    runtime.block_on(Mock::given(method("POST")).respond_with(slow).mount(&receiver));
    let server = alerting(&receiver.uri());
    fail(&server);
    let start = Instant::now();
    server.create("accounts", &json!({"name": "meanwhile"}));
    assert!(start.elapsed() < Duration::from_secs(5), "a save waited for the receiver");
    let told = ended(&server);
    assert_eq!(told["delivery"]["state"], "given up", "{told}");
    assert!(told["delivery"]["why"].as_str().unwrap().contains("no answer"), "{told}");
}

#[test]
fn a_receiver_that_refuses_is_not_asked_again_and_one_that_is_not_there_is_given_up() {
    let runtime = runtime();
    let receiver = runtime.block_on(MockServer::start());
    runtime.block_on(
        Mock::given(method("POST")).respond_with(ResponseTemplate::new(400)).expect(1).mount(&receiver),
    );
    let server = alerting(&receiver.uri());
    fail(&server);
    let told = ended(&server);
    assert_eq!(told["delivery"]["state"], "given up");
    assert!(told["delivery"]["why"].as_str().unwrap().contains("400"), "{told}");
    let server = alerting("http://127.0.0.1:9/alerts");
    fail(&server);
    assert_eq!(ended(&server)["delivery"]["state"], "given up");
}

#[test]
fn urls_and_settings_that_are_wrong_are_refused_and_say_why() {
    for url in ["https://contoso.com", "nonsense", "http://", ""] {
        assert!(Webhook::new(url).is_err(), "{url}");
    }
    let server = alerting("http://127.0.0.1:9/alerts");
    for setting in [
        json!({}),
        json!({"name": "", "errors": 1, "intervalSeconds": 1, "action": "notify"}),
        json!({"name": "A", "errors": 1, "intervalSeconds": 1, "action": "shout"}),
        json!({"name": "A", "errors": 1, "intervalSeconds": 1, "action": "notify", "errorTypes": ["nothing"]}),
    ] {
        let answer = server.admin("POST", "alerts", &setting);
        assert_eq!(answer.status, 400, "{setting}");
        assert!(answer.text().contains("application-error"), "{}", answer.text());
    }
    assert_eq!(server.admin("POST", "restart-map", &json!({"map": "nothing"})).status, 400);
}
