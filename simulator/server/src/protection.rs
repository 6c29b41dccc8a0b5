//! Service protection: how much one user may ask within a sliding window, by the machine's clock or the virtual one.

use dwsim_webapi::{ApiError, Response};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};
use uuid::Uuid;

const FACTS: &str = include_str!("../data/service-protection.toml");

/// Largest figure of a limit that can be set, so that sums stay far from overflow.
const LARGEST: u64 = 1 << 40;
/// Seconds to wait when too many requests are under way: the soonest a whole number can say.
const SOON: u64 = 1;

/// The limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Figures {
    window_seconds: u64,
    requests: u64,
    execution_milliseconds: u64,
    concurrent: u64,
}

/// The clock the window slides by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Clock {
    /// The machine's.
    #[default]
    Real,
    /// The simulated one: it stands still until it is moved on.
    Virtual,
}

/// A change of the limits; what is left out stays.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Change {
    on: Option<bool>,
    clock: Option<Clock>,
    window_seconds: Option<u64>,
    requests: Option<u64>,
    execution_milliseconds: Option<u64>,
    concurrent: Option<u64>,
    request_milliseconds: Option<u64>,
}

/// The limits and what each user has used of them.
#[derive(Debug)]
pub(crate) struct Protection {
    on: bool,
    clock: Clock,
    figures: Figures,
    /// What a request counts for, in milliseconds, instead of what it took.
    cost: Option<u64>,
    start: Instant,
    users: HashMap<Uuid, VecDeque<Used>>,
}

/// One request that was let in: when, and how long it took, in microseconds.
#[derive(Clone, Copy, Debug)]
struct Used {
    at: u64,
    took: u64,
}

/// A moment in microseconds of the clock in use.
type Moment = u64;

impl Protection {
    /// With the documented limits.
    pub(crate) fn new(on: bool) -> Result<Self, String> {
        let figures = toml::from_str(FACTS).map_err(|error| format!("service-protection.toml: {error}"))?;
        Ok(Self { on, clock: Clock::Real, figures, cost: None, start: Instant::now(), users: HashMap::new() })
    }

    /// Changes the limits as the admin route is told to. What was used so far is forgotten.
    pub(crate) fn change(&mut self, body: &[u8]) -> Result<(), String> {
        let change: Change = serde_json::from_slice(body).map_err(|error| {
            format!("the limits cannot be read: {error}; such as {{\"on\": true, \"clock\": \"virtual\", \"requests\": 10}}")
        })?;
        let own = &mut self.figures;
        let numbers = [
            (&mut own.window_seconds, change.window_seconds),
            (&mut own.requests, change.requests),
            (&mut own.execution_milliseconds, change.execution_milliseconds),
            (&mut own.concurrent, change.concurrent),
        ];
        let asked = numbers.iter().filter_map(|(_, asked)| *asked);
        if asked
            .chain(change.request_milliseconds.map(|cost| cost.saturating_add(1)))
            .any(|asked| asked == 0 || asked > LARGEST)
        {
            return Err(format!("a limit is a number from 1 to {LARGEST}"));
        }
        for (own, asked) in numbers {
            *own = asked.unwrap_or(*own);
        }
        self.on = change.on.unwrap_or(self.on);
        self.clock = change.clock.unwrap_or(self.clock);
        self.cost = change.request_milliseconds.or(self.cost);
        self.users.clear();
        Ok(())
    }

    /// The limits as they are.
    pub(crate) fn state(&self) -> Json {
        json!({
            "on": self.on,
            "clock": match self.clock { Clock::Real => "real", Clock::Virtual => "virtual" },
            "windowSeconds": self.figures.window_seconds,
            "requests": self.figures.requests,
            "executionMilliseconds": self.figures.execution_milliseconds,
            "concurrent": self.figures.concurrent,
            "requestMilliseconds": self.cost,
        })
    }

    /// The moment by the clock in use.
    pub(crate) fn now(&self, virtual_microseconds: u64) -> Moment {
        match self.clock {
            Clock::Real => micros(self.start.elapsed()),
            Clock::Virtual => virtual_microseconds,
        }
    }

    /// Lets a request of a user in, or refuses it. `under_way` counts the user's requests, this one included.
    pub(crate) fn admit(&mut self, user: Uuid, now: Moment, under_way: u64) -> Result<(), ApiError> {
        if !self.on {
            return Ok(());
        }
        let Figures { window_seconds, requests, execution_milliseconds, concurrent } = self.figures;
        let window = window_seconds * 1_000_000;
        let used = self.users.entry(user).or_default();
        // The virtual clock goes back when the world does; what lies ahead of it is no more.
        used.retain(|one| one.at <= now && now - one.at < window);
        let window_text = grouped(window_seconds);
        let refuse = |name: &str, limit: u64, retry_after: u64| {
            let arguments =
                [("limit", limit.to_string()), ("grouped", grouped(limit)), ("window", window_text.clone())];
            let arguments: Vec<(&str, &str)> =
                arguments.iter().map(|(name, value)| (*name, value.as_str())).collect();
            Err(ApiError { retry_after: Some(retry_after), ..ApiError::named(name, &arguments) })
        };
        if under_way > concurrent {
            return refuse("ServiceProtectionConcurrent", concurrent, SOON);
        }
        // Seconds until a request has left the window.
        let until = |one: &Used| (one.at + window - now).div_ceil(1_000_000).max(1);
        if used.len() as u64 >= requests {
            let leaving = used.len() as u64 - requests;
            let wait = used.get(usize::try_from(leaving).unwrap_or(0)).map_or(SOON, until);
            return refuse("ServiceProtectionRequests", requests, wait);
        }
        let mut time: u64 = used.iter().map(|one| one.took).sum();
        if time >= execution_milliseconds * 1_000 {
            let mut wait = SOON;
            for one in used.iter() {
                time -= one.took;
                wait = until(one);
                if time < execution_milliseconds * 1_000 {
                    break;
                }
            }
            return refuse("ServiceProtectionTime", execution_milliseconds, wait);
        }
        used.push_back(Used { at: now, took: self.cost.unwrap_or(0) * 1_000 });
        Ok(())
    }

    /// Notes how long the request that was let in last took, and says what is left.
    pub(crate) fn answered(&mut self, user: Uuid, took: Duration, response: &mut Response) {
        if !self.on {
            return;
        }
        // By the virtual clock nothing takes time by itself, so that a run is the same every time.
        let measured = (self.clock == Clock::Real && self.cost.is_none()).then(|| micros(took));
        let used = self.users.entry(user).or_default();
        if let (Some(last), Some(measured)) = (used.back_mut(), measured) {
            last.took = measured;
        }
        let requests = self.figures.requests.saturating_sub(used.len() as u64);
        let time: u64 = used.iter().map(|one| one.took).sum();
        let time = (self.figures.execution_milliseconds * 1_000).saturating_sub(time);
        let (seconds, hundredths) = (time / 1_000_000, time % 1_000_000 / 10_000);
        response.header("x-ms-ratelimit-burst-remaining-xrm-requests", requests.to_string());
        let time = format!("{}.{hundredths:02}", grouped(seconds));
        response.header("x-ms-ratelimit-time-remaining-xrm-requests", time);
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// A number with commas between thousands, as the texts have it.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;

    fn user(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    #[test]
    fn the_request_above_six_thousand_waits_until_the_first_has_left_the_window() {
        let mut protection = Protection::new(true).unwrap();
        for number in 0..6_000 {
            protection.admit(user(1), number * 10_000, 1).unwrap();
        }
        let error = protection.admit(user(1), 60 * SECOND, 1).unwrap_err();
        assert_eq!((error.status, error.code.as_str(), error.retry_after), (429, "0x80072322", Some(240)));
        assert_eq!(
            error.message,
            "Number of requests exceeded the limit of 6000 over time window of 300 seconds."
        );
        assert!(protection.admit(user(2), 60 * SECOND, 1).is_ok(), "another user has limits of their own");
        assert!(protection.admit(user(1), 300 * SECOND, 1).is_ok());
    }

    #[test]
    fn time_and_requests_at_once_have_limits_and_texts_of_their_own() {
        let mut protection = Protection::new(true).unwrap();
        let mut response = Response::empty(204);
        protection.admit(user(1), 0, 52).unwrap();
        protection.answered(user(1), Duration::from_millis(1_199_990), &mut response);
        assert_eq!(response.get("x-ms-ratelimit-burst-remaining-xrm-requests"), Some("5999"));
        assert_eq!(response.get("x-ms-ratelimit-time-remaining-xrm-requests"), Some("0.01"));
        protection.admit(user(1), SECOND, 1).unwrap();
        protection.answered(user(1), Duration::from_millis(10), &mut Response::empty(204));
        let error = protection.admit(user(1), 2 * SECOND, 1).unwrap_err();
        assert_eq!((error.code.as_str(), error.retry_after), ("0x80072321", Some(298)));
        assert!(error.message.starts_with(
            "Combined execution time of incoming requests exceeded limit of 1,200,000 milliseconds over time window of 300 seconds."
        ));
        let error = protection.admit(user(1), 2 * SECOND, 53).unwrap_err();
        assert_eq!((error.code.as_str(), error.retry_after), ("0x80072326", Some(1)));
        assert_eq!(error.message, "Number of concurrent requests exceeded the limit of 52.");
    }

    #[test]
    fn switched_off_nothing_is_counted_and_nonsense_is_no_limit() {
        let mut protection = Protection::new(false).unwrap();
        let mut response = Response::empty(204);
        for _ in 0..10_000 {
            protection.admit(user(1), 0, 100).unwrap();
            protection.answered(user(1), Duration::ZERO, &mut response);
        }
        assert!(response.headers.is_empty());
        for nonsense in [
            "",
            "5",
            "{\"requests\":0}",
            "{\"requests\":18446744073709551615}",
            "{\"quests\":5}",
            "{\"requestMilliseconds\":18446744073709551615}",
        ] {
            assert!(protection.change(nonsense.as_bytes()).is_err(), "{nonsense}");
        }
        assert_eq!(grouped(1_200_000), "1,200,000");
        assert_eq!(grouped(12), "12");
    }
}
