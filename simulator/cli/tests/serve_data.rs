//! `dwsim serve --data`: the program is killed in the middle of its work and goes on with every row it confirmed.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../../server/tests/common/client.rs"]
#[allow(dead_code)] // this test needs a part of it
mod client;

use client::{Answer, answer, request};
use serde_json::{Value as Json, json};
use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

struct Program {
    child: Child,
    port: u16,
    ready: Json,
}

impl Program {
    fn start(directory: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dwsim"))
            .args(["serve", "--port", "0", "--json", "--token", "t", "--data"])
            .arg(directory)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Json = serde_json::from_str(&line).unwrap();
        let port =
            ready["services"]["dataverse"].as_str().unwrap().rsplit(':').next().unwrap().parse().unwrap();
        Self { child, port, ready }
    }

    fn connect(port: u16) -> TcpStream {
        TcpStream::connect(("127.0.0.1", port)).unwrap()
    }

    fn get(&self, path: &str) -> Answer {
        let mut stream = Self::connect(self.port);
        stream.write_all(&request("t", "GET", &format!("/api/data/v9.2/{path}"), &[], b"")).unwrap();
        answer(&mut stream).unwrap()
    }

    /// Ends it as a power cut would: it is told nothing.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
fn every_row_that_was_confirmed_before_a_kill_is_there_after_it() {
    let directory = std::env::temp_dir().join(format!("dwsim-serve-data-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&directory);
    let program = Program::start(&directory);
    let port = program.port;
    // Eight clients write until the program dies under them; each remembers what it was told.
    let writers: Vec<_> = (0..8)
        .map(|client| {
            thread::spawn(move || {
                let mut stream = Program::connect(port);
                let mut confirmed = Vec::new();
                for number in 0.. {
                    let body = json!({ "name": format!("{client}/{number}") }).to_string();
                    let sent = request(
                        "t",
                        "POST",
                        "/api/data/v9.2/accounts",
                        &[("Prefer", "return=representation")],
                        body.as_bytes(),
                    );
                    if stream.write_all(&sent).is_err() {
                        break;
                    }
                    let Some(made) = answer(&mut stream) else { break };
                    assert_eq!(made.status, 201);
                    confirmed.push(made.json());
                }
                confirmed
            })
        })
        .collect();
    thread::sleep(Duration::from_millis(700));
    program.kill();
    let confirmed: Vec<Json> = writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect();
    assert!(confirmed.len() > 20, "only {} rows were written", confirmed.len());

    let program = Program::start(&directory);
    assert!(program.ready["replayedChanges"].as_u64().unwrap() >= confirmed.len() as u64);
    for row in &confirmed {
        let id = row["accountid"].as_str().unwrap();
        let now = program.get(&format!("accounts({id})"));
        assert_eq!(now.status, 200, "{id}");
        let mut now = now.json();
        let mut then = row.clone();
        for row in [&mut now, &mut then] {
            // The address of the service is another one.
            row.as_object_mut().unwrap().remove("@odata.context");
        }
        assert_eq!(now, then);
    }
    program.kill();
    std::fs::remove_dir_all(directory).unwrap();
}
