//! Faults that a tester injects: the next so many matching requests are answered with a status.

use dwsim_webapi::{ApiError, Request, Response};
use serde_json::Value as Json;

/// Faults kept at most.
const MOST: usize = 100;

/// One fault.
#[derive(Clone, Debug)]
struct Fault {
    status: u16,
    code: String,
    message: String,
    method: Option<String>,
    path: String,
    times: u64,
    after: u64,
    retry_after: Option<u64>,
}

/// The faults that still wait to strike.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    list: Vec<Fault>,
}

impl Faults {
    /// Adds a fault from its JSON; what is wrong with it otherwise.
    pub(crate) fn add(&mut self, json: &Json) -> Result<(), String> {
        if self.list.len() >= MOST {
            return Err("at most 100 faults can wait; POST /_sim/reset clears them".to_owned());
        }
        let number = |name: &str| json.get(name).and_then(Json::as_u64);
        let text = |name: &str| json.get(name).and_then(Json::as_str).map(str::to_owned);
        let status = number("status").and_then(|status| u16::try_from(status).ok());
        let status = status.filter(|status| (400..600).contains(status));
        let status = status.ok_or("'status' must be a number from 400 to 599")?;
        self.list.push(Fault {
            status,
            code: text("code").unwrap_or_else(|| "0x80040216".to_owned()),
            message: text("message").unwrap_or_else(|| "A fault injected through /_sim/fault".to_owned()),
            method: text("method"),
            path: text("path").unwrap_or_default(),
            times: number("times").unwrap_or(1),
            after: number("after").unwrap_or(0),
            retry_after: number("retryAfter"),
        });
        Ok(())
    }

    /// The answer of the first fault that strikes this request.
    pub(crate) fn strike(&mut self, request: &Request) -> Option<Response> {
        let mut struck = None;
        for fault in &mut self.list {
            let method =
                fault.method.as_ref().is_none_or(|method| method.eq_ignore_ascii_case(&request.method));
            if !method || !request.target.contains(fault.path.as_str()) {
                continue;
            }
            if fault.after > 0 {
                fault.after -= 1;
                continue;
            }
            fault.times = fault.times.saturating_sub(1);
            struck = Some(fault.clone());
            break;
        }
        self.list.retain(|fault| fault.times > 0);
        let fault = struck?;
        let error = ApiError {
            status: fault.status,
            code: fault.code,
            message: fault.message,
            retry_after: fault.retry_after,
        };
        Some(error.into_response(false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_third_post_fails_once_and_the_rest_do_not() {
        let mut faults = Faults::default();
        faults
            .add(&json!({"status": 503, "method": "POST", "path": "/accounts", "after": 2, "retryAfter": 5}))
            .unwrap();
        let request = Request::new("POST", "/api/data/v9.2/accounts", uuid::Uuid::nil());
        let get = Request::new("GET", "/api/data/v9.2/accounts", uuid::Uuid::nil());
        let struck: Vec<Option<u16>> =
            (0..4).map(|_| faults.strike(&request).map(|response| response.status)).collect();
        assert_eq!(struck, [None, None, Some(503), None]);
        assert!(faults.strike(&get).is_none());
        assert!(faults.add(&json!({"status": 200})).is_err());
    }
}
