//! `$batch`.

use super::{World, text};
use serde_json::json;
use std::fmt::Write as _;

fn send(world: &mut World, body: &str, prefer: &str) -> (u16, String) {
    let request = world
        .request("POST", "$batch")
        .with_header("Content-Type", "multipart/mixed;boundary=b")
        .with_header("Prefer", prefer)
        .with_body(body.replace('\n', "\r\n"));
    let response = world.send(&request);
    assert!(response.get("Content-Type").unwrap().starts_with("multipart/mixed; boundary=batchresponse_"));
    (response.status, text(&response))
}

fn part(request: &str) -> String {
    format!("--b\nContent-Type: application/http\nContent-Transfer-Encoding: binary\n\n{request}\n")
}

fn change_set(requests: &[&str]) -> String {
    let mut set = "--b\nContent-Type: multipart/mixed; boundary=\"c\"\n\n".to_owned();
    for (at, request) in requests.iter().enumerate() {
        let _ = write!(set, "--c\nContent-Type: application/http\nContent-ID: {}\n\n{request}\n", at + 1);
    }
    set + "--c--\n"
}

fn count(world: &mut World) -> usize {
    world.get("accounts?$select=name")["value"].as_array().unwrap().len()
}

const POST: &str = "POST accounts HTTP/1.1\nContent-Type: application/json\n\n";

#[test]
fn a_change_set_refers_to_its_own_rows_and_answers_every_part() {
    let mut world = World::new();
    let contact =
        "POST /api/data/v9.2/contacts HTTP/1.1\nContent-Type: application/json\n\n{\"lastname\":\"L\"}";
    let account = format!("{POST}{}", json!({"name": "x", "primarycontactid@odata.bind": "$1"}));
    let change = "PATCH $2 HTTP/1.1\nContent-Type: application/json\n\n{\"telephone1\":\"7\"}";
    let link = "POST $2/contact_customer_accounts/$ref HTTP/1.1\nContent-Type: application/json\n\n{\"@odata.id\":\"$1\"}";
    let body = change_set(&[contact, &account, change, link]) + "--b--";
    let (status, answer) = send(&mut world, &body, "");
    assert_eq!(status, 200, "{answer}");
    assert!(answer.starts_with("--batchresponse_") && answer.contains("--changesetresponse_"));
    assert_eq!(answer.matches("HTTP/1.1 204 No Content").count(), 4, "{answer}");
    assert!(answer.contains("Content-ID: 2\r\n"));
    let row = world.get("accounts?$select=telephone1&$expand=primarycontactid($select=lastname)")["value"][0]
        .clone();
    assert_eq!(
        (row["telephone1"].as_str(), row["primarycontactid"]["lastname"].as_str()),
        (Some("7"), Some("L"))
    );
}

#[test]
fn a_failed_change_set_keeps_nothing_and_answers_with_one_error() {
    let mut world = World::new();
    let good = format!("{POST}{{\"name\":\"a\"}}");
    let bad = format!("{POST}{{\"nam\":\"a\"}}");
    let body = change_set(&[&good, &bad, &good]) + &part("GET accounts?$select=name HTTP/1.1\n\n") + "--b--";
    let (status, answer) = send(&mut world, &body, "");
    assert_eq!(status, 400);
    assert_eq!(answer.matches("HTTP/1.1").count(), 1);
    assert!(answer.contains("0x80048d19") && !answer.contains("OData-EntityId"));
    assert_eq!(count(&mut world), 0);
    let (status, answer) = send(&mut world, &body, "odata.continue-on-error");
    assert_eq!(status, 200);
    assert_eq!(answer.matches("HTTP/1.1").count(), 2);
}

#[test]
fn parts_outside_a_change_set_stand_for_themselves() {
    let mut world = World::new();
    let good = part(&format!("{POST}{{\"name\":\"a b\"}}"));
    let bad = part(&format!("{POST}{{\"nam\":\"a\"}}"));
    let get =
        part("GET http://localhost/api/data/v9.2/accounts?$select=name&$filter=name eq 'a b' HTTP/1.1\n\n");
    let (status, answer) = send(&mut world, &format!("{good}{get}{bad}{good}--b--"), "");
    assert_eq!(status, 400);
    assert_eq!(answer.matches("HTTP/1.1").count(), 3);
    assert!(answer.contains("\"name\":\"a b\""));
    assert_eq!(count(&mut world), 1);
}

#[test]
fn references_to_nothing_reads_in_change_sets_and_too_many_parts_are_refused() {
    let mut world = World::new();
    let account = format!("{POST}{}", json!({"name": "x", "primarycontactid@odata.bind": "$9"}));
    let (_, answer) = send(&mut world, &(change_set(&[&account]) + "--b--"), "");
    assert!(answer.contains("Content-ID Reference: '$9' does not exist in the batch context."), "{answer}");
    let (status, _) = send(&mut world, &(change_set(&["GET accounts HTTP/1.1\n\n"]) + "--b--"), "");
    assert_eq!(status, 400);
    let many = part("GET accounts HTTP/1.1\n\n").repeat(1_001) + "--b--";
    let request = world
        .request("POST", "$batch")
        .with_header("Content-Type", "multipart/mixed; boundary=b")
        .with_body(many);
    assert_eq!(world.send(&request).status, 400);
}
