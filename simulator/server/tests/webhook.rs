//! Alerts told to a webhook: delivered, after an outage, to a slow receiver, and given up.
#![allow(missing_docs, clippy::unwrap_used)] // a test that cannot go on says so

mod common;

use common::{Running, linked};
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
    let mut options = linked();
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
    let group = server.group();
    assert_eq!(server.admin("POST", "fault", &json!({"service": "finops", "times": 1})).status, 204);
    let answer = server.send("POST", "msdyn_customergroups", &[], group.as_bytes());
    assert!(answer.text().contains("PostCommitPlugin"), "{}", answer.text());
}

/// What becomes of the one notification when the receiver answers like this.
fn told(answers: Vec<Mock>) -> (Json, Vec<wiremock::Request>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let receiver = runtime.block_on(MockServer::start());
    for answer in answers {
        runtime.block_on(answer.mount(&receiver));
    }
    let server = alerting(&receiver.uri());
    fail(&server);
    let start = Instant::now();
    server.create("accounts", &json!({"name": "meanwhile"}));
    assert!(start.elapsed() < Duration::from_secs(5), "a save waited for the receiver");
    let delivery = ended(&server);
    (delivery, runtime.block_on(receiver.received_requests()).unwrap())
}

fn answers(status: u16) -> Mock {
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(status))
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

#[test]
fn an_alert_that_fires_is_told_as_json() {
    let (notification, requests) = told(vec![answers(204)]);
    assert_eq!(notification["delivery"], json!({"state": "delivered", "attempts": 1}));
    assert_eq!(requests.len(), 1);
    let body: Json = serde_json::from_slice(&requests[0].body).unwrap();
    assert_eq!(body["alert"], "Outage");
    assert_eq!(body["tableMap"], MAP);
    assert_eq!(body["errors"], 1);
    assert_eq!(body["action"], "notify");
    assert_eq!(body["notify"], json!(["ops@contoso.com"]));
    assert_eq!(body["errorTypes"], json!(["service-unavailable"]));
}

#[test]
fn a_receiver_that_is_out_is_asked_again() {
    let (notification, requests) = told(vec![answers(503).up_to_n_times(2), answers(200)]);
    assert_eq!(notification["delivery"], json!({"state": "delivered", "attempts": 3}));
    assert_eq!(requests.len(), 3);
}

#[test]
fn a_slow_receiver_holds_no_save_up_and_is_given_up() {
    let slow = ResponseTemplate::new(200).set_delay(Duration::from_secs(10));
    let (notification, _) = told(vec![Mock::given(method("POST")).respond_with(slow)]);
    assert_eq!(notification["delivery"]["state"], "given up", "{notification}");
    assert!(notification["delivery"]["why"].as_str().unwrap().contains("no answer"), "{notification}");
}

#[test]
fn a_receiver_that_refuses_is_not_asked_again() {
    let (notification, requests) = told(vec![answers(400)]);
    assert_eq!(notification["delivery"]["state"], "given up");
    assert!(notification["delivery"]["why"].as_str().unwrap().contains("400"), "{notification}");
    assert_eq!(requests.len(), 1);
}

#[test]
fn a_receiver_that_is_not_there_is_given_up() {
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
