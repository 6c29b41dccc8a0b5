//! The admin routes under `/_sim/`: looking at the world, moving its clock, breaking it, starting it anew.

use crate::{
    alerts::{Asked, restart},
    log::Entry,
    world::Running,
};
use dwsim_model::VirtualDuration;
use dwsim_webapi::Response;
use serde_json::{Value as Json, json};

fn problem(status: u16, text: &str) -> Response {
    Response::json(status, json!({ "error": { "code": "SIM", "message": text } }).to_string())
}

/// Furthest the clock is moved at once: a thousand years would leave the calendar.
const FURTHEST: u64 = 100 * 366 * 86_400;

/// Answers a request whose token has been checked.
pub(crate) fn answer(running: &mut Running, method: &str, path: &str, bytes: &[u8]) -> Response {
    let body = || serde_json::from_slice::<Json>(bytes).unwrap_or(Json::Null);
    match (method, path.trim_end_matches('/')) {
        ("GET", "/_sim/state") => state(running),
        ("POST", "/_sim/clock") => {
            let seconds = body().get("advanceSeconds").and_then(Json::as_u64);
            let Some(seconds) = seconds.filter(|seconds| *seconds <= FURTHEST) else {
                return problem(400, "say how far, a hundred years at most: {\"advanceSeconds\": 3600}");
            };
            if let Err(why) = running.log.push(&Entry::Clock { seconds }, &[]) {
                return problem(500, &why);
            }
            running.tenant.clock_mut().advance(VirtualDuration::from_secs(seconds));
            state(running)
        }
        ("POST", "/_sim/fault") => match running.faults.add(bytes) {
            Ok(()) => Response::empty(204),
            Err(why) => problem(400, &why),
        },
        ("DELETE", "/_sim/fault") => {
            running.faults.clear();
            Response::empty(204)
        }
        ("GET", "/_sim/notifications") => Response::json(200, running.deliveries.listed().to_string()),
        ("POST", "/_sim/alerts") => {
            let setting = match Asked::read(bytes) {
                Ok(setting) => setting,
                Err(why) => return problem(400, &why),
            };
            if let Err(why) = running.log.push(&Entry::Alert { setting: setting.clone() }, &[]) {
                return problem(500, &why);
            }
            match setting.save(&mut running.tenant) {
                Ok(()) => Response::empty(204),
                Err(why) => problem(400, &why),
            }
        }
        ("POST", "/_sim/restart-map") => {
            let body = body();
            let Some(map) = body.get("map").and_then(Json::as_str) else {
                return problem(400, "say which: {\"map\": \"customer-groups-msdyn-customergroups\"}");
            };
            if let Err(why) = running.log.push(&Entry::Restart { map: map.to_owned() }, &[]) {
                return problem(500, &why);
            }
            match restart(&mut running.tenant, map) {
                Ok(()) => Response::empty(204),
                Err(why) => problem(400, &why),
            }
        }
        ("POST", "/_sim/limits") => match running.protection.change(bytes) {
            Ok(()) => state(running),
            Err(why) => problem(400, &why),
        },
        ("POST", "/_sim/reset") => match running.reset() {
            Ok(()) => state(running),
            Err(why) => problem(500, &why),
        },
        ("POST", "/_sim/snapshot") => {
            let name = match name(&body()) {
                Ok(name) => name,
                Err(why) => return problem(400, &why),
            };
            match running.log.snapshot(&name) {
                Ok(()) => state(running),
                Err(why) => problem(409, &why),
            }
        }
        ("POST", "/_sim/restore") => {
            let name = match name(&body()) {
                Ok(name) => name,
                Err(why) => return problem(400, &why),
            };
            match running.restore(&name) {
                Ok(true) => state(running),
                Ok(false) => {
                    problem(404, &format!("there is no snapshot '{name}'; GET /_sim/state lists them"))
                }
                Err(why) => problem(500, &why),
            }
        }
        _ => problem(
            404,
            "admin routes: GET /_sim/state, /_sim/notifications; POST /_sim/alerts, /_sim/restart-map, /_sim/clock, /_sim/fault, /_sim/limits, /_sim/snapshot, /_sim/restore, /_sim/reset; DELETE /_sim/fault",
        ),
    }
}

/// The name of a snapshot; without one, it is the snapshot there is to have one of.
fn name(body: &Json) -> Result<String, String> {
    match body.get("name") {
        None => Ok("default".to_owned()),
        Some(Json::String(name)) if !name.is_empty() && name.len() <= 100 => Ok(name.clone()),
        Some(_) => {
            Err("the name of a snapshot is a text of at most 100 bytes: {\"name\": \"clean\"}".to_owned())
        }
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
        "faults": running.faults.waiting(),
        "limits": running.protection.state(),
        "snapshots": running.log.snapshots().collect::<Vec<_>>(),
        "linked": tenant.link_state().is_some(),
        "dataverse": dataverse,
        "financeAndOperations": finops,
    });
    Response::json(200, document.to_string())
}
