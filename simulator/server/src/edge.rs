//! Connections: limits on what comes in, who may ask, and which service answers.

use crate::{
    front,
    identity::Identity,
    world::{Job, World},
};
use dwsim_webapi::{ApiError, Request, Response, address};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    body::{Bytes, Incoming},
    header::{AUTHORIZATION, HOST},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::Semaphore,
};
use tokio_rustls::TlsAcceptor;

/// Largest body taken, in bytes.
pub(crate) const LARGEST_BODY: usize = 32 << 20;
/// Bytes of request line and headers taken.
const LARGEST_HEAD: usize = 256 << 10;
/// How long a client may take over its headers, and over its body.
const PATIENCE: Duration = Duration::from_secs(20);
/// Connections open at once.
const CONNECTIONS: usize = 1_024;

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
    room: Arc<Semaphore>,
}

impl Edge {
    pub(crate) fn new(
        world: World,
        identity: Arc<Identity>,
        scheme: &'static str,
        services: Vec<(&'static str, String)>,
    ) -> Self {
        Self { world, identity, scheme, services, room: Arc::new(Semaphore::new(CONNECTIONS)) }
    }

    /// Takes connections until the runtime ends.
    pub(crate) async fn accept(
        self: Arc<Self>,
        listener: TcpListener,
        service: Service,
        tls: Option<TlsAcceptor>,
    ) {
        loop {
            let Ok(permit) = self.room.clone().acquire_owned().await else { return };
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
                        if let Ok(Ok(stream)) = tokio::time::timeout(PATIENCE, acceptor.accept(stream)).await
                        {
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
        let answer = service_fn(move |request| {
            let edge = self.clone();
            async move { Ok::<_, Infallible>(http(edge.answer(service, request).await)) }
        });
        let mut connection = http1::Builder::new();
        connection.timer(TokioTimer::new()).header_read_timeout(PATIENCE).max_buf_size(LARGEST_HEAD);
        // A client that breaks off is nobody's error.
        let _ = connection.serve_connection(TokioIo::new(stream), answer).await;
    }

    async fn answer(&self, service: Service, request: hyper::Request<Incoming>) -> Response {
        let (parts, body) = request.into_parts();
        let body = match tokio::time::timeout(PATIENCE, Limited::new(body, LARGEST_BODY).collect()).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(_)) => {
                let limit = LARGEST_BODY.to_string();
                return closing(ApiError::named("BodyTooLarge", &[("limit", &limit)]).into_response(false));
            }
            Err(_) => return closing(Response::empty(408)),
        };
        let text =
            |name: &hyper::header::HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let authorization = text(&AUTHORIZATION).map(str::to_owned);
        let forwarded = parts.headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok());
        let scheme = forwarded.filter(|scheme| ["http", "https"].contains(scheme)).unwrap_or(self.scheme);
        let base = format!("{scheme}://{}", text(&HOST).unwrap_or("localhost"));
        let method = parts.method.as_str().to_owned();
        let path = parts.uri.path().to_owned();
        if path.starts_with("/_sim/") {
            return self.admin(&method, &path, authorization.as_deref(), &body).await;
        }
        match service {
            Service::Front => front::page(&self.services, &self.identity.tenant().to_string()),
            Service::Identity => self.identity.answer(&base, &method, &path, &form(&body)),
            Service::FinOps => ApiError::not_simulated(
                "the HTTP interface of Finance & Operations; its side is changed by live sync and through scenarios",
            )
            .into_response(false),
            Service::Dataverse => {
                if path.starts_with("/XRMServices/") {
                    return ApiError::not_simulated("the SOAP endpoint Organization.svc; use the Web API")
                        .into_response(false);
                }
                if !path.starts_with("/api/") && path.contains("/oauth2/") {
                    return self.identity.answer(&base, &method, &path, &form(&body));
                }
                let mut resources = vec![base.clone()];
                resources.extend(self.services.iter().filter(|(name, _)| *name == "dataverse").map(|(_, url)| url.clone()));
                let Some(caller) = self.identity.caller(authorization.as_deref(), &resources) else {
                    return self.unauthorized(&base);
                };
                let target = parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
                let headers = parts
                    .headers
                    .iter()
                    .filter(|(name, _)| **name != AUTHORIZATION)
                    .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
                    .collect();
                let request = Request { method, base, target, headers, body: body.to_vec(), caller };
                self.ask(|reply| Job::Api(request, reply)).await
            }
        }
    }

    async fn admin(&self, method: &str, path: &str, authorization: Option<&str>, body: &Bytes) -> Response {
        if !self.identity.administers(authorization) {
            let mut response = Response::empty(401);
            response.header("WWW-Authenticate", "Bearer realm=\"_sim\"");
            return response;
        }
        let (method, path, body) = (method.to_owned(), path.to_owned(), body.to_vec());
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
