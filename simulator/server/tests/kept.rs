//! Environments that are kept on disk, and states that are gone back to.
#![allow(missing_docs)]

mod common;

use common::{Running, options};
use dwsim_server::{Data, Options, Server, ServerError};
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};

fn directory(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("dwsim-kept-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    path
}

fn kept_in(directory: &Path, rows: &str) -> Options {
    let world = vec![("scenario".to_owned(), "test".to_owned()), ("rows".to_owned(), rows.to_owned())];
    Options { data: Some(Data { directory: directory.to_owned(), world }), ..options() }
}

/// Every account, byte for byte: ids, versions, times.
fn accounts(server: &Running) -> Json {
    let page = server.send("GET", "accounts?$orderby=accountid", &[], b"");
    assert_eq!(page.status, 200);
    // The address of the service is another one after a restart.
    page.json()["value"].clone()
}

#[test]
fn a_restart_goes_on_with_rows_ids_versions_and_the_clock() {
    let directory = directory("restart");
    let server = Running::start(kept_in(&directory, "1"));
    let first = server.create("accounts", &json!({"name": "first"}));
    server.admin("POST", "clock", &json!({"advanceSeconds": 3600}));
    let second = server.create("accounts", &json!({"name": "second"}));
    let tag = accounts(&server)[0]["@odata.etag"].as_str().unwrap().to_owned();
    let changed = server.send("PATCH", &first, &[("If-Match", &tag)], br#"{"name":"renamed"}"#);
    assert_eq!(changed.status, 204);
    // Also what was refused is played again, and refused again.
    assert_eq!(server.send("PATCH", &second, &[("If-Match", &tag)], br#"{"name":"no"}"#).status, 412);
    assert_eq!(server.send("DELETE", &second, &[], b"").status, 204);
    let batch = "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: application/http\r\nContent-ID: 1\r\n\r\nPOST accounts HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{\"name\":\"in a batch\"}\r\n--c--\r\n--b--";
    let answered =
        server.send("POST", "$batch", &[("Content-Type", "multipart/mixed; boundary=b")], batch.as_bytes());
    assert_eq!(answered.status, 200, "{}", answered.text());
    let (before, state) = (accounts(&server), server.admin("GET", "state", &Json::Null).json());
    assert_eq!(before.as_array().unwrap().len(), 2);
    server.server.stop();

    let server = Running::start(kept_in(&directory, "1"));
    assert_eq!(server.server.ready().replayed.changes, 7);
    assert_eq!(accounts(&server), before);
    assert_eq!(server.admin("GET", "state", &Json::Null).json(), state);
    let third = server.create("accounts", &json!({"name": "third"}));
    assert!(![first, second].contains(&third), "ids go on");
    server.server.stop();
    let server = Running::start(kept_in(&directory, "1"));
    assert_eq!(accounts(&server).as_array().unwrap().len(), 3);
    server.server.stop();
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn a_directory_of_another_world_or_in_use_is_refused_with_the_reason() {
    let directory = directory("other");
    let server = Running::start(kept_in(&directory, "1"));
    let whole = [("Prefer", "return=representation")];
    assert_eq!(server.send("POST", "accounts", &whole, br#"{"name":"first"}"#).status, 201);
    let used = Server::start(kept_in(&directory, "1")).unwrap_err();
    assert!(used.to_string().contains("in use by another process"), "{used}");
    server.server.stop();
    let error = Server::start(kept_in(&directory, "2")).unwrap_err();
    assert!(matches!(error, ServerError::Data { .. }));
    assert!(error.to_string().contains("made with rows 1, and 2 is asked for"), "{error}");
    // A program that answers differently must not pretend to have the same rows.
    let mut other = kept_in(&directory, "1");
    let factory = other.factory;
    other.factory = Box::new(move || {
        let mut tenant = factory()?;
        tenant.clock_mut().advance(dwsim_model::VirtualDuration::from_secs(1));
        Ok(tenant)
    });
    let error = Server::start(other).unwrap_err();
    assert!(error.to_string().contains("kept by another build"), "{error}");
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn snapshots_are_gone_back_to_in_memory_on_disk_and_after_a_restart() {
    let directory = directory("snapshots");
    for (start, on_disk) in [(options as fn() -> Options, false), (options, true)] {
        let options = || if on_disk { kept_in(&directory, "1") } else { start() };
        let mut server = Running::start(options());
        server.create("accounts", &json!({"name": "kept"}));
        assert_eq!(server.admin("POST", "snapshot", &json!({"name": "one"})).status, 200);
        let before = accounts(&server);
        server.create("accounts", &json!({"name": "undone"}));
        server.admin("POST", "clock", &json!({"advanceSeconds": 60}));
        assert_eq!(server.admin("POST", "snapshot", &json!({"name": "two"})).status, 200);
        assert_eq!(server.admin("POST", "restore", &json!({"name": "one"})).status, 200);
        assert_eq!(accounts(&server), before);
        let state = server.admin("GET", "state", &Json::Null).json();
        assert_eq!(state["snapshots"], json!(["one"]), "what came after is forgotten");
        assert_eq!(server.admin("POST", "restore", &json!({"name": "two"})).status, 404);
        assert_eq!(server.admin("POST", "snapshot", &json!({"name": 5})).status, 400);
        server.create("accounts", &json!({"name": "after"}));
        if on_disk {
            server.server.stop();
            server = Running::start(options());
            assert_eq!(accounts(&server).as_array().unwrap().len(), 2);
        }
        assert_eq!(server.admin("POST", "restore", &json!({"name": "one"})).status, 200);
        assert_eq!(accounts(&server), before);
        assert_eq!(server.admin("POST", "reset", &Json::Null).status, 200);
        assert_eq!(accounts(&server), json!([]));
        if on_disk {
            server.server.stop();
            server = Running::start(options());
            assert_eq!(accounts(&server), json!([]), "a reset is kept, too");
        }
        server.server.stop();
    }
    std::fs::remove_dir_all(directory).unwrap();
}
