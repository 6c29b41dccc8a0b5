//! A server over a small environment, and a client that may say anything.
#![allow(dead_code, clippy::unwrap_used)] // each test file uses its part; a test that cannot go on says so

use dwsim_catalog::{Catalog, facts::ProfileId};
use dwsim_finops::Environment;
use dwsim_model::Seed;
use dwsim_server::{Limits, Options, Server};
use dwsim_tenant::{Tenant, TenantOptions};
use serde_json::Value as Json;
use std::{
    fmt::Write as _,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// The token that is always good.
pub(crate) const TOKEN: &str = "test-token";
pub(crate) const ROOT: &str = "/api/data/v9.2/";

/// What tests start from.
pub(crate) fn options() -> Options {
    Options {
        host: "127.0.0.1".to_owned(),
        port: 0,
        tls: false,
        token: Some(TOKEN.to_owned()),
        seed: 1,
        limits: Limits::default(),
        factory: Box::new(world),
    }
}

fn world() -> Result<Tenant, String> {
    let seed = Seed::new(1);
    let options = TenantOptions {
        profile: ProfileId::Docs2026,
        seed,
        finops: Environment::new("Contoso", seed.id("tenant")),
        dataverse_name: "Contoso Sales".into(),
        dataverse_geography: "United States".into(),
        dataverse_exists: true,
        human_resources_app: false,
    };
    let catalog = Catalog::embedded().map_err(|error| error.to_string())?;
    Tenant::new(catalog, options).map_err(|error| error.to_string())
}

/// A running server and where its services are.
pub(crate) struct Running {
    pub(crate) server: Server,
    pub(crate) dataverse: SocketAddr,
}

impl Running {
    pub(crate) fn start(options: Options) -> Self {
        let server = Server::start(options).unwrap();
        let url = |name: &str| {
            let (_, url) = server.ready().services.iter().find(|(own, _)| *own == name).unwrap();
            let port = url.rsplit(':').next().unwrap().parse().unwrap();
            SocketAddr::from(([127, 0, 0, 1], port))
        };
        let dataverse = url("dataverse");
        Self { server, dataverse }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.dataverse).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream
    }

    /// A connection whose own side takes little at a time: the system may hold tens of megabytes for any other.
    pub(crate) fn connect_narrow(&self) -> TcpStream {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        socket.set_recv_buffer_size(32 << 10).unwrap();
        socket.connect(&self.dataverse.into()).unwrap();
        let stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream
    }

    /// Sends one request with the good token.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.send_as(TOKEN, method, &format!("{ROOT}{path}"), headers, body)
    }

    pub(crate) fn admin(&self, method: &str, path: &str, body: &Json) -> Answer {
        let token = self.server.ready().admin_token.clone();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send_as(&token, method, &format!("/_sim/{path}"), &[], body.as_bytes())
    }

    pub(crate) fn send_as(
        &self,
        token: &str,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut stream = self.connect();
        stream.write_all(&request(token, method, target, headers, body)).unwrap();
        answer(&mut stream).unwrap()
    }

    /// Makes a row; its address.
    pub(crate) fn create(&self, set: &str, body: &Json) -> String {
        let made = self.send("POST", set, &[], body.to_string().as_bytes());
        assert_eq!(made.status, 204, "{}", made.text());
        made.header("OData-EntityId").unwrap().rsplit('/').next().unwrap().to_owned()
    }

    /// Whether the server still answers.
    pub(crate) fn assert_alive(&self) {
        assert_eq!(self.send("GET", "WhoAmI", &[], b"").status, 200);
    }
}

/// A request as bytes.
pub(crate) fn request(
    token: &str,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Vec<u8> {
    let mut text =
        format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n");
    for (name, value) in headers {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    let _ = write!(text, "Content-Length: {}\r\n\r\n", body.len());
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or(Json::Null)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The code of an error in the documented shape.
    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// Reads one answer; none when the connection ends before it is whole.
pub(crate) fn answer(stream: &mut impl Read) -> Option<Answer> {
    let mut bytes = Vec::new();
    let mut chunk = vec![0; 64 << 10];
    let head = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        match stream.read(&mut chunk) {
            Ok(read) if read > 0 => bytes.extend_from_slice(&chunk[..read]),
            _ => return None,
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let mut lines = text.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let mut answer = Answer { status, headers, body: bytes[head + 4..].to_vec() };
    let length = answer.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    while answer.body.len() < length {
        match stream.read(&mut chunk) {
            Ok(read) if read > 0 => answer.body.extend_from_slice(&chunk[..read]),
            _ => return None,
        }
    }
    Some(answer)
}
