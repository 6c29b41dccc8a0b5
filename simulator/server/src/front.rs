//! The front page: what is here and where.

use dwsim_webapi::Response;
use std::fmt::Write as _;

/// The front page as HTML.
pub(crate) fn page(services: &[(&'static str, String)], tenant: &str) -> Response {
    let mut html = String::from(
        "<!doctype html><meta charset=utf-8><title>dwsim</title><h1>Simulated environments</h1><ul>",
    );
    for (name, url) in services {
        let _ = write!(html, "<li>{name}: <a href=\"{url}\">{url}</a>");
    }
    html.push_str("</ul><p>Tenant ");
    html.push_str(tenant);
    html.push_str(". Admin routes: <code>/_sim/state</code>, <code>/_sim/clock</code>, <code>/_sim/fault</code>, <code>/_sim/limits</code>, <code>/_sim/snapshot</code>, <code>/_sim/restore</code>, <code>/_sim/reset</code>.");
    let mut response = Response::empty(200);
    response.header("Content-Type", "text/html; charset=utf-8");
    response.body = html.into_bytes();
    response
}
