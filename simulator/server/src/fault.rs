//! Faults that a tester injects: the next so many matching requests are answered with a status, or find F&O gone.

use dwsim_webapi::{ApiError, Request, Response};
use serde::Deserialize;

/// Faults kept at most.
const MOST: usize = 100;

/// One fault, as the admin route is told it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Fault {
    /// Which service fails: this one, or F&O behind live sync.
    #[serde(default)]
    service: Service,
    /// HTTP status of the answer.
    status: Option<u16>,
    code: Option<String>,
    message: Option<String>,
    retry_after: Option<u64>,
    /// Method of the requests it strikes; any without.
    method: Option<String>,
    /// A part of the address of the requests it strikes.
    #[serde(default)]
    path: String,
    /// How many requests it strikes.
    #[serde(default = "once")]
    times: u64,
    /// How many matching requests pass first.
    #[serde(default)]
    after: u64,
}

fn once() -> u64 {
    1
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Service {
    #[default]
    Dataverse,
    Finops,
}

/// What a fault does to a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Struck {
    /// It is answered without being looked at.
    Answered(Response),
    /// F&O cannot be reached while it is answered.
    WithoutFinOps,
}

/// The faults that still wait to strike.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    list: Vec<Fault>,
}

impl Faults {
    /// Adds a fault from its JSON; what is wrong with it otherwise.
    pub(crate) fn add(&mut self, json: &[u8]) -> Result<(), String> {
        if self.list.len() >= MOST {
            return Err(format!("at most {MOST} faults can wait; DELETE /_sim/fault clears them"));
        }
        let fault: Fault = serde_json::from_slice(json).map_err(|error| {
            format!("the fault cannot be read: {error}; such as {{\"status\": 503, \"method\": \"POST\", \"times\": 2}}")
        })?;
        match (fault.service, fault.status) {
            (Service::Dataverse, Some(400..600)) => {}
            (Service::Dataverse, _) => return Err("'status' must be a number from 400 to 599".to_owned()),
            (Service::Finops, None)
                if fault.code.is_none() && fault.message.is_none() && fault.retry_after.is_none() => {}
            (Service::Finops, _) => {
                return Err("a fault of finops has no answer of its own: live sync words it".to_owned());
            }
        }
        if fault.times == 0 {
            return Err("'times' must be at least 1".to_owned());
        }
        self.list.push(fault);
        Ok(())
    }

    /// Forgets them all.
    pub(crate) fn clear(&mut self) {
        self.list.clear();
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.list.len()
    }

    /// What the first fault that strikes this request does to it.
    pub(crate) fn strike(&mut self, request: &Request) -> Option<Struck> {
        let mut struck = None;
        let reads = matches!(request.method.as_str(), "GET" | "HEAD");
        for fault in &mut self.list {
            let method =
                fault.method.as_ref().is_none_or(|method| method.eq_ignore_ascii_case(&request.method));
            // Reading Dataverse asks nothing of F&O.
            let asked = fault.service == Service::Dataverse || !reads;
            if !method || !asked || !request.target.contains(fault.path.as_str()) {
                continue;
            }
            if fault.after > 0 {
                fault.after -= 1;
                continue;
            }
            fault.times -= 1;
            struck = Some(fault.clone());
            break;
        }
        self.list.retain(|fault| fault.times > 0);
        let fault = struck?;
        let Some(status) = fault.status else { return Some(Struck::WithoutFinOps) };
        let error = ApiError {
            status,
            code: fault.code.unwrap_or_else(|| "0x80040216".to_owned()),
            message: fault.message.unwrap_or_else(|| "A fault injected through /_sim/fault".to_owned()),
            retry_after: fault.retry_after,
        };
        Some(Struck::Answered(error.into_response(false)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_third_post_fails_once_and_the_rest_do_not() {
        let mut faults = Faults::default();
        let fault =
            json!({"status": 503, "method": "POST", "path": "/accounts", "after": 2, "retryAfter": 5});
        faults.add(fault.to_string().as_bytes()).unwrap();
        let request = Request::new("POST", "/api/data/v9.2/accounts", uuid::Uuid::nil());
        let get = Request::new("GET", "/api/data/v9.2/accounts", uuid::Uuid::nil());
        let struck: Vec<Option<u16>> = (0..4)
            .map(|_| match faults.strike(&request) {
                Some(Struck::Answered(response)) => Some(response.status),
                _ => None,
            })
            .collect();
        assert_eq!(struck, [None, None, Some(503), None]);
        assert!(faults.strike(&get).is_none());
    }

    #[test]
    fn a_fault_of_finops_strikes_writes_only_and_nonsense_is_refused() {
        let mut faults = Faults::default();
        faults.add(br#"{"service": "finops", "times": 2}"#).unwrap();
        let post = Request::new("POST", "/api/data/v9.2/accounts", uuid::Uuid::nil());
        let get = Request::new("GET", "/api/data/v9.2/accounts", uuid::Uuid::nil());
        assert_eq!(faults.strike(&get), None);
        assert_eq!(faults.strike(&post), Some(Struck::WithoutFinOps));
        assert_eq!(faults.strike(&post), Some(Struck::WithoutFinOps));
        assert_eq!((faults.strike(&post), faults.waiting()), (None, 0));
        for nonsense in [
            json!({"status": 200}),
            json!({}),
            json!({"status": 503, "times": 0}),
            json!({"status": 503, "time": 2}),
            json!({"service": "finops", "status": 503}),
            json!("x"),
        ] {
            assert!(faults.add(nonsense.to_string().as_bytes()).is_err(), "{nonsense}");
        }
    }
}
