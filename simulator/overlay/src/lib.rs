//! The simulated Dataverse environment under one's own mocks on a [`wiremock`] server.
//!
//! [`overlay`] mounts a catch-all of the lowest priority that answers from the environment. What a test mounts above it
//! takes precedence, so that a test of a client can break exactly the request it is about, and everything else is
//! answered as Dataverse answers:
//!
//! ```
//! use dwsim_overlay::{Environment, overlay};
//! use serde_json::{Value, json};
//! use wiremock::{Mock, MockServer, ResponseTemplate, matchers::{method, path}};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let environment = Environment::after("new-new")?;
//! let server = MockServer::start().await;
//! overlay(&server, &environment).await;
//!
//! // The second account cannot be made; the first, the third and all reads are the environment's.
//! let accounts = format!("{}/api/data/v9.2/accounts", server.uri());
//! let client = reqwest::Client::new();
//! let create = |name: &str| client.post(&accounts).json(&json!({ "name": name })).send();
//! assert_eq!(create("first").await?.status(), 204);
//! Mock::given(method("POST"))
//!     .and(path("/api/data/v9.2/accounts"))
//!     .respond_with(ResponseTemplate::new(503).insert_header("Retry-After", "5"))
//!     .up_to_n_times(1)
//!     .mount(&server)
//!     .await;
//! assert_eq!(create("second").await?.status(), 503);
//! assert_eq!(create("third").await?.status(), 204);
//!
//! let page: Value = client.get(format!("{accounts}?$select=name&$orderby=name")).send().await?.json().await?;
//! let names: Vec<&str> = page["value"].as_array().into_iter().flatten().filter_map(|row| row["name"].as_str()).collect();
//! assert_eq!(names, ["first", "third"]);
//! # Ok(())
//! # }
//! ```
//!
//! There is no sign-in: whoever asks is the person who administers the environment. A test about sign-in mounts its own
//! 401, or uses `dwsim serve`.

use dwsim_catalog::{Catalog, CatalogError};
use dwsim_scenario::{RunError, Scenario, ScenarioError, Settings, run_to_end};
use dwsim_tenant::Tenant;
use dwsim_webapi::{Request, Response, WebApi};
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};
use uuid::Uuid;
use wiremock::{Mock, MockServer, Respond, ResponseTemplate, matchers::any};

/// The priority of the environment: every mock with wiremock's default comes before it.
pub const PRIORITY: u8 = u8::MAX;

/// Why there is no environment to answer from.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OverlayError {
    /// No such scenario, or one that is not well written.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// The scenario cannot be run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The catalogue contradicts itself.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The world has no Dataverse environment, or nobody administers it.
    #[error("the world has no Dataverse environment with a user for {0}; create it before it is asked")]
    NoDataverse(String),
}

/// A simulated environment that several servers and the test itself may share.
#[derive(Clone)]
pub struct Environment {
    state: Arc<Mutex<State>>,
}

struct State {
    tenant: Tenant,
    api: WebApi,
    caller: Uuid,
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").finish_non_exhaustive()
    }
}

impl Environment {
    /// The environment of a world as it is.
    pub fn new(tenant: Tenant) -> Result<Self, OverlayError> {
        let name = &tenant.person.name;
        let user = tenant.dataverse().and_then(|dataverse| dataverse.user_named(name).ok().flatten());
        let caller = user.ok_or_else(|| OverlayError::NoDataverse(name.clone()))?;
        Ok(Self { state: Arc::new(Mutex::new(State { tenant, api: WebApi::new(), caller })) })
    }

    /// The environment a built-in scenario ends with: linked, its table maps running.
    pub fn after(scenario: &str) -> Result<Self, OverlayError> {
        let scenario = Scenario::builtin(scenario)?;
        let (_, tenant) = run_to_end(Catalog::embedded()?, &scenario, &Settings::default(), |_| {})?;
        Self::new(tenant)
    }

    /// Looks at the world, or changes it, between requests.
    pub fn with<T>(&self, work: impl FnOnce(&mut Tenant) -> T) -> T {
        // A test that failed in here must not take the others along.
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner).tenant)
    }

    fn answer(&self, request: &wiremock::Request) -> Response {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State { tenant, api, caller } = &mut *state;
        let host = request.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let headers = request
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
        let request = Request {
            method: request.method.to_string(),
            base: format!("http://{host}"),
            target: format!("{}{query}", request.url.path()),
            headers: headers.collect(),
            body: request.body.clone(),
            caller: *caller,
        };
        api.handle(tenant, &request)
    }
}

impl Respond for Environment {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        let response = self.answer(request);
        let mut template = ResponseTemplate::new(response.status).set_body_bytes(response.body);
        for (name, value) in &response.headers {
            template = template.append_header(name.as_str(), value.as_str());
        }
        template
    }
}

/// Mounts the environment below everything else on the server.
pub async fn overlay(server: &MockServer, environment: &Environment) {
    Mock::given(any()).respond_with(environment.clone()).with_priority(PRIORITY).mount(server).await;
}
