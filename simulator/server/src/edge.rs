//! Connections: limits on what comes in, who may ask, and which service answers.

use crate::{
    body::{self, Body, Unread},
    front,
    identity::Identity,
    limits::Limits,
    patient::Patient,
    world::{Job, World},
};
use dwsim_webapi::{ApiError, Request, Response, address};
use http_body_util::Full;
use hyper::{
    HeaderMap,
    body::{Bytes, Incoming},
    header::{AUTHORIZATION, HOST},
    http::request::Parts,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::Semaphore,
};
use tokio_rustls::TlsAcceptor;
use uuid::Uuid;

/// A service, by its port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Front,
    Dataverse,
    Identity,
    FinOps,
}

impl Service {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Front => "front",
            Self::Dataverse => "dataverse",
            Self::Identity => "identity",
            Self::FinOps => "finops",
        }
    }
}

/// Everything a connection needs.
#[derive(Debug)]
pub(crate) struct Edge {
    world: World,
    identity: Arc<Identity>,
    scheme: &'static str,
    services: Vec<(&'static str, String)>,
    limits: Limits,
    connections: Arc<Semaphore>,
    large_bodies: Arc<Semaphore>,
    under_way: Mutex<HashMap<Uuid, u64>>,
}

/// One request of a user, from when it was read until it is answered or given up.
struct UnderWay<'e> {
    users: &'e Mutex<HashMap<Uuid, u64>>,
    user: Uuid,
    /// Requests of the user under way when it began, itself included.
    count: u64,
}

impl<'e> UnderWay<'e> {
    fn begin(users: &'e Mutex<HashMap<Uuid, u64>>, user: Uuid) -> Self {
        let mut all = users.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.entry(user).or_default();
        *count += 1;
        Self { users, user, count: *count }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut all = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = all.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.user);
            }
        }
    }
}

impl Edge {
    pub(crate) fn new(
        world: World,
        identity: Arc<Identity>,
        scheme: &'static str,
        services: Vec<(&'static str, String)>,
        limits: Limits,
    ) -> Self {
        let connections = Arc::new(Semaphore::new(limits.connections));
        let large_bodies = Arc::new(Semaphore::new(limits.large_bodies));
        Self {
            world,
            identity,
            scheme,
            services,
            limits,
            connections,
            large_bodies,
            under_way: Mutex::default(),
        }
    }

    /// Takes connections until the runtime ends.
    pub(crate) async fn accept(
        self: Arc<Self>,
        listener: TcpListener,
        service: Service,
        tls: Option<TlsAcceptor>,
    ) {
        loop {
            let Ok(permit) = self.connections.clone().acquire_owned().await else { return };
            let Ok((stream, _)) = listener.accept().await else {
                // Out of file descriptors: wait for some to be closed.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            // Small answers must not wait for more to send.
            let _ = stream.set_nodelay(true);
            let (edge, tls) = (self.clone(), tls.clone());
            tokio::spawn(async move {
                match tls {
                    Some(acceptor) => {
                        let shaken = acceptor.accept(stream);
                        if let Ok(Ok(stream)) = tokio::time::timeout(edge.limits.patience, shaken).await {
                            edge.talk(stream, service).await;
                        }
                    }
                    None => edge.talk(stream, service).await,
                }
                drop(permit);
            });
        }
    }

    async fn talk(self: Arc<Self>, stream: impl AsyncRead + AsyncWrite + Unpin + Send, service: Service) {
        let Limits { patience, head, .. } = self.limits;
        let answer = service_fn(move |request| {
            let edge = self.clone();
            async move { Ok::<_, Infallible>(http(edge.answer(service, request).await)) }
        });
        let mut connection = http1::Builder::new();
        connection.timer(TokioTimer::new()).header_read_timeout(patience).max_buf_size(head);
        // A client that breaks off is nobody's error.
        let stream = TokioIo::new(Patient::new(stream, patience));
        let _ = connection.serve_connection(stream, answer).await;
    }

    /// Answers a request. Nobody's body is read before it is known who asks.
    async fn answer(&self, service: Service, request: hyper::Request<Incoming>) -> Response {
        let (parts, body) = request.into_parts();
        let base = self.base(&parts.headers);
        let path = parts.uri.path();
        if path.starts_with("/_sim/") {
            return self.admin(&parts, body).await;
        }
        match service {
            Service::Front => front::page(&self.services, &self.identity.tenant().to_string()),
            Service::Identity => self.token(&base, &parts, body).await,
            Service::FinOps => ApiError::not_simulated(
                "the HTTP interface of Finance & Operations; its side is changed by live sync and through scenarios",
            )
            .into_response(false),
            Service::Dataverse if path.starts_with("/XRMServices/") => {
                ApiError::not_simulated("the SOAP endpoint Organization.svc; use the Web API").into_response(false)
            }
            Service::Dataverse if !path.starts_with("/api/") && path.contains("/oauth2/") => {
                self.token(&base, &parts, body).await
            }
            Service::Dataverse => self.api(base, parts, body).await,
        }
    }

    /// Scheme and host as the client sees them; links are built from it.
    fn base(&self, headers: &HeaderMap) -> String {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let forwarded = text("x-forwarded-proto").filter(|scheme| ["http", "https"].contains(scheme));
        format!("{}://{}", forwarded.unwrap_or(self.scheme), text(HOST.as_str()).unwrap_or("localhost"))
    }

    async fn read(&self, body: Incoming) -> Result<Body, Response> {
        body::read(body, &self.limits, &self.large_bodies).await.map_err(|unread| {
            closing(match unread {
                Unread::TooLarge => {
                    let limit = self.limits.body.to_string();
                    ApiError::named("BodyTooLarge", &[("limit", &limit)]).into_response(false)
                }
                Unread::TooSlow => Response::empty(408),
                Unread::Broken => {
                    ApiError::bad_url("The body ended before it was whole").into_response(false)
                }
            })
        })
    }

    async fn token(&self, base: &str, parts: &Parts, body: Incoming) -> Response {
        match self.read(body).await {
            Ok(body) => {
                self.identity.answer(base, parts.method.as_str(), parts.uri.path(), &form(&body.bytes))
            }
            Err(response) => response,
        }
    }

    async fn api(&self, base: String, parts: Parts, body: Incoming) -> Response {
        let mut resources = vec![base.clone()];
        let own = self.services.iter().filter(|(name, _)| *name == Service::Dataverse.name());
        resources.extend(own.map(|(_, url)| url.clone()));
        let Some(caller) = self.identity.caller(authorization(&parts), &resources) else {
            return self.unauthorized(&base);
        };
        let headers = match headers(&parts.headers) {
            Ok(headers) => headers,
            Err(error) => return error.into_response(false),
        };
        let body = match self.read(body).await {
            Ok(body) => body,
            Err(response) => return response,
        };
        let Body { bytes, room } = body;
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
        let method = parts.method.as_str().to_owned();
        let request = Request { method, base, target, headers, body: bytes, caller };
        let under_way = UnderWay::begin(&self.under_way, caller);
        let response = self.ask(|reply| Job::Api(request, under_way.count, reply)).await;
        // Until here the body took the place of a large one.
        drop((room, under_way));
        response
    }

    async fn admin(&self, parts: &Parts, body: Incoming) -> Response {
        if !self.identity.administers(authorization(parts)) {
            let mut response = Response::empty(401);
            response.header("WWW-Authenticate", "Bearer realm=\"_sim\"");
            return response;
        }
        let body = match self.read(body).await {
            Ok(body) => body.bytes,
            Err(response) => return response,
        };
        let (method, path) = (parts.method.as_str().to_owned(), parts.uri.path().to_owned());
        self.ask(|reply| Job::Admin(method, path, body, reply)).await
    }

    async fn ask(&self, job: impl FnOnce(tokio::sync::oneshot::Sender<Response>) -> Job) -> Response {
        match self.world.ask(job).await {
            Some(response) => response,
            None => ApiError::unexpected("the simulated world has ended").into_response(false),
        }
    }

    /// The way clients find out where to get a token.
    fn unauthorized(&self, base: &str) -> Response {
        let identity =
            self.services.iter().find(|(name, _)| *name == "identity").map(|(_, url)| url.as_str());
        let authority = format!("{}/{}/oauth2/authorize", identity.unwrap_or(base), self.identity.tenant());
        let mut response = Response::empty(401);
        response
            .header("WWW-Authenticate", format!("Bearer authorization_uri={authority}, resource_id={base}/"));
        response
    }
}

fn authorization(parts: &Parts) -> Option<&str> {
    parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok())
}

/// The headers as text; the token stays outside.
fn headers(map: &HeaderMap) -> Result<Vec<(String, String)>, ApiError> {
    let others = map.iter().filter(|(name, _)| **name != AUTHORIZATION);
    others
        .map(|(name, value)| {
            let text = std::str::from_utf8(value.as_bytes());
            let text = text.map_err(|_| ApiError::bad_url(&format!("The header {name} is not UTF-8")))?;
            Ok((name.to_string(), text.to_owned()))
        })
        .collect()
}

/// A response after which the connection is closed: what the client still sends is not read.
fn closing(mut response: Response) -> Response {
    response.header("Connection", "close");
    response
}

fn form(body: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(body);
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .filter_map(|(name, value)| {
            Some((address::decode(name, true).ok()?, address::decode(value, true).ok()?))
        })
        .collect()
}

fn http(response: Response) -> hyper::Response<Full<Bytes>> {
    let mut builder = hyper::Response::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(name, value);
    }
    // A header the protocol cannot carry would be a mistake of ours; the client gets a plain failure.
    builder.body(Full::new(Bytes::from(response.body))).unwrap_or_else(|_| {
        let mut failed = hyper::Response::new(Full::new(Bytes::new()));
        *failed.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
        failed
    })
}
