//! Telling a webhook of alerts that fired: one JSON document a notification, tried again while the receiver is out.
//!
//! Delivery goes on beside the world and never holds a save up: what does not fit into the queue is given up and shown
//! as such.

use dwsim_dualwrite::Notification;
use http_body_util::Full;
use hyper::{Request, body::Bytes};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value as Json, json};
use std::{
    collections::VecDeque,
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::mpsc;

/// Notifications waiting for delivery at most.
const WAITING: usize = 256;
/// Deliveries remembered for the admin routes.
const REMEMBERED: usize = 256;

/// Where alerts are told, and how hard it is tried.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// An http URL; TLS is left to a proxy beside it.
    pub url: String,
    /// Attempts for one notification.
    pub attempts: NonZeroU32,
    /// Time one attempt may take.
    pub timeout: Duration,
    /// Wait after the first attempt that fails; it doubles with each further one.
    pub first_wait: Duration,
}

impl Webhook {
    /// Four attempts of five seconds, half a second apart and more.
    ///
    /// # Errors
    /// A URL that is not one of http.
    pub fn new(url: &str) -> Result<Self, String> {
        let uri: hyper::Uri = url.parse().map_err(|error| format!("'{url}' is no URL: {error}"))?;
        if uri.scheme_str() != Some("http") || uri.host().is_none() {
            return Err(format!(
                "'{url}' is no http URL; write http://host:port/path (a proxy can speak https)"
            ));
        }
        Ok(Self {
            url: url.to_owned(),
            attempts: NonZeroU32::MIN.saturating_add(3),
            timeout: Duration::from_secs(5),
            first_wait: Duration::from_millis(500),
        })
    }
}

/// How far the delivery of a notification is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// Nobody is told: there is no webhook.
    NotSent,
    Waiting,
    Delivered(u32),
    GivenUp(String),
}

struct Delivery {
    number: u64,
    body: Json,
    state: State,
}

/// What was told, newest last.
#[derive(Clone, Default)]
pub(crate) struct Deliveries {
    all: Arc<Mutex<(u64, VecDeque<Delivery>)>>,
    queue: Option<mpsc::Sender<(u64, Json)>>,
}

impl Deliveries {
    /// With a task that delivers, when there is a webhook. Needs the runtime.
    pub(crate) fn start(webhook: Option<Webhook>) -> Self {
        let mut own = Self::default();
        if let Some(webhook) = webhook {
            let (queue, inbox) = mpsc::channel(WAITING);
            own.queue = Some(queue);
            tokio::spawn(deliver(webhook, inbox, own.clone()));
        }
        own
    }

    /// Takes a notification over.
    pub(crate) fn tell(&self, notification: &Notification) {
        let body = document(notification);
        let number = self.remember(body.clone());
        if let Some(queue) = &self.queue {
            self.set(number, State::Waiting);
            if queue.try_send((number, body)).is_err() {
                self.set(number, State::GivenUp(format!("{WAITING} notifications wait already")));
            }
        }
    }

    fn remember(&self, body: Json) -> u64 {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.0 += 1;
        let number = all.0;
        if all.1.len() == REMEMBERED {
            all.1.pop_front();
        }
        all.1.push_back(Delivery { number, body, state: State::NotSent });
        number
    }

    fn set(&self, number: u64, state: State) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = all.1.iter_mut().find(|own| own.number == number) {
            own.state = state;
        }
    }

    /// Every notification remembered, with how far it is.
    pub(crate) fn listed(&self) -> Json {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = all.1.iter().map(|own| {
            let mut line = own.body.clone();
            line["delivery"] = match &own.state {
                State::NotSent => json!({"state": "not sent"}),
                State::Waiting => json!({"state": "waiting"}),
                State::Delivered(attempts) => json!({"state": "delivered", "attempts": attempts}),
                State::GivenUp(why) => json!({"state": "given up", "why": why}),
            };
            line
        });
        Json::Array(lines.collect())
    }
}

/// A notification as the webhook gets it. The shape is ours: Microsoft mails.
fn document(own: &Notification) -> Json {
    json!({
        "alert": own.alert,
        "tableMap": own.map.as_str(),
        "errorTypes": own.error_types.iter().map(dwsim_model::Name::as_str).collect::<Vec<_>>(),
        "errors": own.errors,
        "intervalSeconds": own.interval.as_millis() / 1_000,
        "action": own.action.as_str(),
        "notify": own.notify,
        "at": own.at.to_string(),
    })
}

async fn deliver(webhook: Webhook, mut inbox: mpsc::Receiver<(u64, Json)>, deliveries: Deliveries) {
    let client: Client<HttpConnector, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    while let Some((number, body)) = inbox.recv().await {
        let bytes = Bytes::from(body.to_string());
        let mut wait = webhook.first_wait;
        let mut last = String::new();
        for attempt in 1..=webhook.attempts.get() {
            match once(&client, &webhook, bytes.clone()).await {
                Ok(()) => {
                    deliveries.set(number, State::Delivered(attempt));
                    last.clear();
                    break;
                }
                Err(Failure { why, again }) => {
                    last = why;
                    if !again {
                        break;
                    }
                    if attempt < webhook.attempts.get() {
                        tokio::time::sleep(wait).await;
                        wait = wait.saturating_mul(2);
                    }
                }
            }
        }
        if !last.is_empty() {
            deliveries.set(number, State::GivenUp(last));
        }
    }
}

struct Failure {
    why: String,
    again: bool,
}

/// One attempt. A receiver that is out, slow, throttling or failing is asked again; one that refuses is not.
async fn once(
    client: &Client<HttpConnector, Full<Bytes>>,
    webhook: &Webhook,
    body: Bytes,
) -> Result<(), Failure> {
    let request = Request::post(&webhook.url)
        .header("Content-Type", "application/json")
        .body(Full::new(body))
        .map_err(|error| Failure { why: error.to_string(), again: false })?;
    let answered = tokio::time::timeout(webhook.timeout, client.request(request)).await;
    let answer = match answered {
        Err(_) => {
            let why = format!("no answer within {} ms", webhook.timeout.as_millis());
            return Err(Failure { why, again: true });
        }
        Ok(Err(error)) => return Err(Failure { why: error.to_string(), again: true }),
        Ok(Ok(answer)) => answer.status(),
    };
    if answer.is_success() {
        return Ok(());
    }
    let again = answer.is_server_error() || answer.as_u16() == 429;
    Err(Failure { why: format!("the receiver answered {answer}"), again })
}
