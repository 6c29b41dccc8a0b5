//! The served Web API: creates, batches and the time to the first answer, next to another local emulator.

use crate::{
    BenchError,
    emulator::Emulator,
    http::{Connection, Sent},
};
use serde::Serialize;
use std::{
    fmt,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Rows of one batch.
const BATCH: u32 = 1_000;
/// How long a service needs after its start until it only answers.
const SETTLED: Duration = Duration::from_secs(1);
const ROOT: &str = "/api/data/v9.2";

/// What came out.
#[derive(Clone, Debug, Serialize)]
pub struct WebApiFigures {
    /// Accounts created one by one on one connection, in a second.
    pub single_creates_per_second: f64,
    /// The same, kept on disk before each answer.
    pub kept_creates_per_second: f64,
    /// Rows a second in `$batch` change sets of 1,000 creates.
    pub batch_rows_per_second: f64,
    /// Rows a second by `CreateMultiple` with 1,000 rows.
    pub multiple_rows_per_second: f64,
    /// Changes a second when a kept environment is made again.
    pub replayed_per_second: f64,
    /// Milliseconds from the start of the process to its first answer, without data.
    pub start_empty_ms: f64,
    /// The same with demo data.
    pub start_demo_ms: f64,
    /// The other emulator's figures, or why there are none.
    pub other: Result<OtherFigures, String>,
}

/// What another local emulator does on the same machine in the same run.
#[derive(Clone, Debug, Serialize)]
pub struct OtherFigures {
    /// Its name and operation.
    pub name: String,
    /// Items put one by one on one connection, in a second.
    pub single_creates_per_second: f64,
    /// Milliseconds from the start of the process to its first answer.
    pub start_ms: f64,
}

impl fmt::Display for WebApiFigures {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let single = self.single_creates_per_second;
        writeln!(out, "creates on one connection, a second        {single:>9.0}")?;
        writeln!(out, "  each on disk before its answer           {:>9.0}", self.kept_creates_per_second)?;
        writeln!(out, "rows a second in $batch of 1,000 creates   {:>9.0}", self.batch_rows_per_second)?;
        writeln!(out, "rows a second in CreateMultiple of 1,000   {:>9.0}", self.multiple_rows_per_second)?;
        writeln!(out, "kept changes played again, a second        {:>9.0}", self.replayed_per_second)?;
        writeln!(out, "process start to first answer, no data     {:>9.1} ms", self.start_empty_ms)?;
        writeln!(out, "process start to first answer, demo data   {:>9.1} ms", self.start_demo_ms)?;
        match &self.other {
            Ok(other) => {
                writeln!(out, "{}", other.name)?;
                let theirs = other.single_creates_per_second;
                writeln!(
                    out,
                    "  creates on one connection, a second      {theirs:>9.0}, {:.1} times as many here",
                    single / theirs
                )?;
                writeln!(out, "  process start to first answer            {:>9.1} ms", other.start_ms)
            }
            Err(why) => writeln!(out, "no other emulator to compare with: {why}"),
        }
    }
}

/// A served environment, ended with the value.
struct Served {
    child: Child,
    connection: Connection,
    took: Duration,
    ready: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Served {
    /// Starts the program and waits for its first answer.
    fn start(program: &Path, arguments: &[&str]) -> Result<Self, BenchError> {
        let start = Instant::now();
        let mut child = Command::new(program)
            .args(["serve", "--port", "0", "--json", "--token", "bench"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()?;
        let Some(out) = child.stdout.take() else { return Err(BenchError::new("no output")) };
        let mut ready = String::new();
        BufReader::new(out).read_line(&mut ready)?;
        let port = text_after(&ready, "\"dataverse\":\"http://localhost:").and_then(|port| port.parse().ok());
        let connection = Connection::open(port.unwrap_or(0));
        let mut served = match connection {
            Ok(connection) => Self { child, connection, took: Duration::ZERO, ready },
            Err(error) => {
                let _ = child.kill();
                return Err(error.into());
            }
        };
        served.send("a first request", "GET", "/WhoAmI", "", b"")?;
        served.took = start.elapsed();
        Ok(served)
    }

    fn send(
        &mut self,
        what: &'static str,
        method: &str,
        path: &str,
        headers: &str,
        body: &[u8],
    ) -> Result<(), BenchError> {
        let headers = match headers {
            "" => "Content-Type: application/json\r\n",
            own => own,
        };
        let headers = format!("Authorization: Bearer bench\r\n{headers}");
        let Sent { status, body } = self.connection.send(method, &format!("{ROOT}{path}"), &headers, body)?;
        if (200..300).contains(&status) {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&body);
        Err(BenchError::new(format!("the service answered {status} to {what}: {text}")))
    }

    /// Creates accounts one by one for so long; how many a second.
    fn singles(&mut self, long: Duration) -> Result<f64, BenchError> {
        // The service makes its signing key right after the start; that is no part of a create.
        std::thread::sleep(SETTLED);
        let mut number = 0_u32;
        let start = Instant::now();
        while start.elapsed() < long {
            let body = account(number);
            self.send("a create", "POST", "/accounts", "", body.as_bytes())?;
            number += 1;
        }
        Ok(f64::from(number) / start.elapsed().as_secs_f64())
    }

    /// Sends a request of 1,000 rows for so long; rows a second.
    fn batches(&mut self, long: Duration, path: &str, headers: &str, body: &[u8]) -> Result<f64, BenchError> {
        let mut sent = 0_u32;
        let start = Instant::now();
        while start.elapsed() < long {
            self.send("a batch", "POST", path, headers, body)?;
            sent += 1;
        }
        Ok(f64::from(sent) * f64::from(BATCH) / start.elapsed().as_secs_f64())
    }
}

fn account(number: u32) -> String {
    format!("{{\"name\":\"Account {number}\",\"telephone1\":\"555-{number}\",\"revenue\":{number}.5}}")
}

fn change_set() -> Vec<u8> {
    let mut text = String::from("--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n");
    for number in 0..BATCH {
        text.push_str(
            "--c\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: ",
        );
        text.push_str(&(number + 1).to_string());
        text.push_str("\r\n\r\nPOST ");
        text.push_str(ROOT);
        text.push_str("/accounts HTTP/1.1\r\nContent-Type: application/json\r\n\r\n");
        text.push_str(&account(number));
        text.push_str("\r\n");
    }
    text.push_str("--c--\r\n--b--\r\n");
    text.into_bytes()
}

fn multiple() -> Vec<u8> {
    let rows: Vec<String> = (0..BATCH)
        .map(|number| {
            let row = account(number);
            format!("{{\"@odata.type\":\"Microsoft.Dynamics.CRM.account\",{}", row.trim_start_matches('{'))
        })
        .collect();
    format!("{{\"Targets\":[{}]}}", rows.join(",")).into_bytes()
}

/// The number written after something.
fn text_after<'t>(text: &'t str, what: &str) -> Option<&'t str> {
    let rest = &text[text.find(what)? + what.len()..];
    let end = rest.find(|sign: char| !sign.is_ascii_digit() && sign != '.').unwrap_or(rest.len());
    rest.get(..end)
}

/// The shortest of several starts, in milliseconds.
fn start(program: &Path, arguments: &[&str], runs: u32) -> Result<f64, BenchError> {
    let mut best = f64::INFINITY;
    for _ in 0..runs.max(1) {
        best = best.min(Served::start(program, arguments)?.took.as_secs_f64() * 1_000.0);
    }
    Ok(best)
}

/// Measures `program`, each figure for `seconds`, and the other emulator, which is kept in `directory`.
pub fn web_api(program: &Path, directory: &Path, seconds: u64) -> Result<WebApiFigures, BenchError> {
    let long = Duration::from_secs(seconds);
    let single_creates_per_second = Served::start(program, &[])?.singles(long)?;
    let headers = "Content-Type: multipart/mixed; boundary=b\r\n";
    let batch_rows_per_second =
        Served::start(program, &[])?.batches(long, "/$batch", headers, &change_set())?;
    let path = "/accounts/Microsoft.Dynamics.CRM.CreateMultiple";
    let multiple_rows_per_second = Served::start(program, &[])?.batches(long, path, "", &multiple())?;

    std::fs::create_dir_all(directory)?;
    let kept = directory.join("kept");
    let _ = std::fs::remove_dir_all(&kept);
    let kept_text = kept.to_string_lossy().into_owned();
    let arguments = ["--data", kept_text.as_str()];
    let kept_creates_per_second = Served::start(program, &arguments)?.singles(long)?;
    let replayed = Served::start(program, &arguments)?;
    let number = |what: &str| {
        text_after(&replayed.ready, what).and_then(|text| text.parse::<f64>().ok()).unwrap_or(f64::NAN)
    };
    let changes = number("\"replayedChanges\":");
    let milliseconds = number("\"replayedMilliseconds\":");
    drop(replayed);
    std::fs::remove_dir_all(&kept)?;

    Ok(WebApiFigures {
        single_creates_per_second,
        kept_creates_per_second,
        batch_rows_per_second,
        multiple_rows_per_second,
        replayed_per_second: changes / milliseconds * 1_000.0,
        start_empty_ms: start(program, &[], 5)?,
        start_demo_ms: start(program, &["--scenario", "new-data-new"], 5)?,
        other: Emulator::start(directory).and_then(|mut emulator| emulator.measure(long)),
    })
}
