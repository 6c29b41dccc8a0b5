//! The service against a small environment.

mod batches;
mod choices;
mod definitions;
mod fetches;
mod files;
mod hostile;
mod metadata;
mod queries;
mod sql;
mod sync;
mod tracking;
mod writes;

use crate::{Request, Response, WebApi};
use dwsim_catalog::{Catalog, facts::ProfileId};
use dwsim_finops::Environment;
use dwsim_model::Seed;
use dwsim_tenant::{Tenant, TenantOptions};
use serde_json::Value as Json;
use uuid::Uuid;

/// An environment and who calls it.
pub(crate) struct World {
    pub(crate) api: WebApi,
    pub(crate) tenant: Tenant,
    pub(crate) caller: Uuid,
}

pub(crate) const ROOT: &str = "http://localhost/api/data/v9.2/";

impl World {
    pub(crate) fn new() -> Self {
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
        Self::over(Tenant::new(Catalog::embedded().unwrap(), options).unwrap())
    }

    pub(crate) fn over(tenant: Tenant) -> Self {
        let caller = tenant.dataverse().unwrap().user_named(&tenant.person.name).unwrap().unwrap();
        Self { api: WebApi::new(), tenant, caller }
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> Request {
        Request::new(method, &format!("/api/data/v9.2/{path}"), self.caller)
    }

    pub(crate) fn send(&mut self, request: &Request) -> Response {
        self.api.handle(&mut self.tenant, request)
    }

    pub(crate) fn get(&mut self, path: &str) -> Json {
        let request = self.request("GET", path);
        json(&self.send(&request))
    }

    pub(crate) fn get_with(&mut self, path: &str, prefer: &str) -> Json {
        let request = self.request("GET", path).with_header("Prefer", prefer);
        json(&self.send(&request))
    }

    pub(crate) fn call(&mut self, method: &str, path: &str, body: &Json) -> Response {
        let request = self.request(method, path).with_body(body.to_string());
        self.send(&request)
    }

    /// Makes a row; its id.
    pub(crate) fn create(&mut self, set: &str, body: &Json) -> String {
        let response = self.call("POST", set, body);
        assert_eq!(response.status, 204, "{}", text(&response));
        id_in(response.get("OData-EntityId").unwrap())
    }
}

pub(crate) fn json(response: &Response) -> Json {
    serde_json::from_slice(&response.body).unwrap_or(Json::Null)
}

pub(crate) fn text(response: &Response) -> String {
    String::from_utf8_lossy(&response.body).into_owned()
}

/// Status and code of an error.
pub(crate) fn error(response: &Response) -> (u16, String) {
    let code = json(response)["error"]["code"].as_str().unwrap_or_default().to_owned();
    (response.status, code)
}

/// The id in the last parentheses of an address, as clients find it.
pub(crate) fn id_in(url: &str) -> String {
    url.rsplit_once('(').unwrap().1.trim_end_matches(')').to_owned()
}
