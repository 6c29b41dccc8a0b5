//! The admin routes under `/_sim/`: looking at the world, moving its clock, breaking it, starting it anew.

use crate::world::Running;
use dwsim_model::VirtualDuration;
use dwsim_webapi::Response;
use serde_json::{Value as Json, json};

fn problem(status: u16, text: &str) -> Response {
    Response::json(status, json!({ "error": { "code": "SIM", "message": text } }).to_string())
}

/// Answers a request whose token has been checked.
pub(crate) fn answer(running: &mut Running, method: &str, path: &str, body: &[u8]) -> Response {
    let body = || serde_json::from_slice::<Json>(body).unwrap_or(Json::Null);
    match (method, path.trim_end_matches('/')) {
        ("GET", "/_sim/state") => state(running),
        ("POST", "/_sim/clock") => {
            let Some(seconds) = body().get("advanceSeconds").and_then(Json::as_u64) else {
                return problem(400, "say how far: {\"advanceSeconds\": 3600}");
            };
            running.tenant.clock_mut().advance(VirtualDuration::from_secs(seconds));
            state(running)
        }
        ("POST", "/_sim/fault") => match running.faults.add(&body()) {
            Ok(()) => Response::empty(204),
            Err(why) => problem(400, &why),
        },
        ("POST", "/_sim/reset") => match running.reset() {
            Ok(()) => state(running),
            Err(why) => problem(500, &why),
        },
        (_, "/_sim/snapshot" | "/_sim/restore") => {
            problem(501, "snapshot and restore are not there yet; POST /_sim/reset starts the world anew")
        }
        _ => problem(
            404,
            "admin routes: GET /_sim/state, POST /_sim/clock, POST /_sim/fault, POST /_sim/reset",
        ),
    }
}

fn state(running: &Running) -> Response {
    let tenant = &running.tenant;
    let counts = |counts: Vec<(dwsim_model::Name, u64)>| {
        let members = counts.into_iter().map(|(name, rows)| (name.to_string(), Json::from(rows)));
        Json::Object(members.collect())
    };
    let dataverse = tenant.dataverse().and_then(|dataverse| dataverse.counts().ok()).map(counts);
    let finops = tenant.finops().counts().ok().map(counts);
    let document = json!({
        "now": tenant.clock().now().to_string(),
        "linked": tenant.link_state().is_some(),
        "dataverse": dataverse,
        "financeAndOperations": finops,
    });
    Response::json(200, document.to_string())
}
