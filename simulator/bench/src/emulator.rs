//! Another local emulator to measure against: moto's DynamoDB, installed from its registry into a directory.

use crate::{http::Connection, web_api::OtherFigures};
use std::{
    io,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// The release measured.
const PACKAGE: &str = "moto[server]==5.2.5";
/// Longest it may take to answer first.
const PATIENCE: Duration = Duration::from_secs(60);
/// It looks up the service in these and checks no signature.
const HEADERS: &str = "Content-Type: application/x-amz-json-1.0\r\nAuthorization: AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0\r\nX-Amz-Target: DynamoDB_20120810.";

/// The emulator, ended with the value.
#[derive(Debug)]
pub(crate) struct Emulator {
    child: Child,
    connection: Connection,
    took: Duration,
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command to its end; what it said when it failed.
fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{name} cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    Err(format!("{name} failed: {}", text.lines().last().unwrap_or_default()))
}

/// The server program, installed when it is not there.
fn installed(directory: &Path) -> Result<PathBuf, String> {
    let environment = directory.join("moto");
    let program = environment.join("bin/moto_server");
    if !program.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
        let pip = environment.join("bin/pip");
        run(Command::new(pip).args(["install", "--quiet", "--disable-pip-version-check", PACKAGE]))?;
    }
    Ok(program)
}

impl Emulator {
    /// Starts it and waits for its first answer; why it could not be had otherwise.
    pub(crate) fn start(directory: &Path) -> Result<Self, String> {
        let program = installed(directory)?;
        let text = |error: io::Error| error.to_string();
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).map_err(text)?.port();
        let start = Instant::now();
        let mut child = Command::new(program)
            .args(["-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(text)?;
        while start.elapsed() < PATIENCE {
            let connection = Connection::open(port);
            if let Ok(mut connection) = connection
                && let Ok(sent) = connection.send("POST", "/", &format!("{HEADERS}ListTables\r\n"), b"{}")
                && sent.status == 200
            {
                return Ok(Self { child, connection, took: start.elapsed() });
            }
            thread::sleep(Duration::from_millis(2));
        }
        let _ = child.kill();
        let _ = child.wait();
        Err("it did not answer within a minute".to_owned())
    }

    fn call(&mut self, operation: &str, body: &str) -> Result<(), String> {
        let headers = format!("{HEADERS}{operation}\r\n");
        let sent = self
            .connection
            .send("POST", "/", &headers, body.as_bytes())
            .map_err(|error| error.to_string())?;
        if sent.status == 200 { Ok(()) } else { Err(format!("it answered {} to {operation}", sent.status)) }
    }

    /// Puts items one by one for so long.
    pub(crate) fn measure(&mut self, long: Duration) -> Result<OtherFigures, String> {
        self.call(
            "CreateTable",
            r#"{"TableName":"accounts","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],"BillingMode":"PAY_PER_REQUEST"}"#,
        )?;
        let mut number = 0_u32;
        let start = Instant::now();
        while start.elapsed() < long {
            let item = format!(
                r#"{{"TableName":"accounts","Item":{{"id":{{"S":"{number}"}},"name":{{"S":"Account {number}"}},"telephone1":{{"S":"555-{number}"}},"revenue":{{"N":"{number}.5"}}}}}}"#
            );
            self.call("PutItem", &item)?;
            number += 1;
        }
        let closes = if self.connection.closes { ", which closes each connection" } else { "" };
        Ok(OtherFigures {
            name: format!("{PACKAGE}, DynamoDB PutItem{closes}"),
            single_creates_per_second: f64::from(number) / start.elapsed().as_secs_f64(),
            start_ms: self.took.as_secs_f64() * 1_000.0,
        })
    }
}
