//! A server over a small environment, and a client that may say anything.
#![allow(dead_code, clippy::unwrap_used)] // each test file uses its part; a test that cannot go on says so

mod client;

pub(crate) use client::{Answer, answer, request};
use dwsim_catalog::{Catalog, facts::ProfileId};
use dwsim_finops::Environment;
use dwsim_model::Seed;
use dwsim_scenario::{Scenario, Settings, run_to_end};
use dwsim_server::{Limits, Options, Server};
use dwsim_tenant::{Tenant, TenantOptions};
use serde_json::{Value as Json, json};
use std::{
    io::Write,
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
        protected: false,
        webhook: None,
        data: None,
        factory: Box::new(world),
    }
}

/// The same over environments that are linked and in live sync.
pub(crate) fn linked() -> Options {
    let mut options = options();
    options.factory = Box::new(|| {
        let scenario = Scenario::builtin("new-new").map_err(|error| error.to_string())?;
        let catalog = Catalog::embedded().map_err(|error| error.to_string())?;
        let ended = run_to_end(catalog, &scenario, &Settings::default(), |_| {});
        ended.map(|(_, tenant)| tenant).map_err(|error| error.to_string())
    });
    options
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

    /// A customer group of a linked company, as the body of a create.
    pub(crate) fn group(&self) -> String {
        let query =
            "cdm_companies?$select=cdm_companycode&$filter=cdm_isenabledfordualwrite%20eq%20true&$top=1";
        let companies = self.send("GET", query, &[], b"").json();
        let company = companies["value"][0]["cdm_companyid"].as_str().unwrap().to_owned();
        let bound = format!("/cdm_companies({company})");
        json!({"msdyn_groupid": "W1", "msdyn_description": "From the web", "msdyn_company@odata.bind": bound})
            .to_string()
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
