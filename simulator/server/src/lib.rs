//! The simulated environments as HTTP services: sockets, TLS, identity, admin routes.
//!
//! [`serve`] opens one port a service (front page, Dataverse, identity, Finance & Operations), makes the world on a
//! thread of its own and says when it is ready. Requests on one environment are answered one after the other, in the
//! order they arrive; what they mean is decided by `dwsim-webapi`, never here.
//!
//! Unlike the crates below it, it reads the machine's clock: tokens expire by it.

mod admin;
mod alerts;
mod body;
mod edge;
mod fault;
mod front;
mod identity;
mod journal;
mod keys;
mod limits;
mod log;
mod patient;
mod protection;
mod replay;
mod tls;
mod webhook;
mod world;

pub use identity::Secrets;
pub use limits::Limits;
pub use log::WorldFacts;
pub use webhook::Webhook;
pub use world::{Factory, Replayed};

use edge::{Edge, Service};
use identity::Identity;
use std::{io, net::SocketAddr, path::PathBuf, sync::Arc, thread::JoinHandle, time::Duration};
use tokio::net::TcpListener;
use webhook::Deliveries;
use world::{Started, World};

/// What to serve and how.
pub struct Options {
    /// Address to listen on.
    pub host: String,
    /// Port of the front page; the services follow on the next three. Zero takes free ones.
    pub port: u16,
    /// Whether to speak TLS, with a certificate authority made for the occasion.
    pub tls: bool,
    /// A bearer token that is always good, for tests without sign-in.
    pub token: Option<String>,
    /// The number secrets and keys grow from.
    pub seed: u64,
    /// What one client may cost.
    pub limits: Limits,
    /// Whether service protection limits are on from the start.
    pub protected: bool,
    /// Where alerts that fire are told; nowhere when none.
    pub webhook: Option<Webhook>,
    /// Where the environments are kept; in memory only when nowhere.
    pub data: Option<Data>,
    /// Makes the world, at the start and again on reset.
    pub factory: Factory,
}

/// Where environments are kept over a restart.
#[derive(Clone, Debug)]
pub struct Data {
    /// The directory; it is made when it is not there.
    pub directory: PathBuf,
    /// What the world is made of. A directory is good for the same facts only.
    pub world: WorldFacts,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

/// Why the services did not come up or went down.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// A port cannot be had.
    #[error("cannot listen on {address}: {reason}; choose another --port or --host")]
    Listen {
        /// The address.
        address: String,
        /// Why.
        reason: io::Error,
    },
    /// The world cannot be made.
    #[error("the environments cannot be made: {0}")]
    World(String),
    /// What is kept in the directory cannot be used.
    #[error("the environments in {} cannot be used: {why}", directory.display())]
    Data {
        /// The directory.
        directory: PathBuf,
        /// Why.
        why: String,
    },
    /// Certificates cannot be made or written.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// The machine refused.
    #[error("the services failed: {0}")]
    Io(#[from] io::Error),
}

/// Where everything is, once it is there.
#[derive(Clone, Debug)]
pub struct Ready {
    /// Name and URL of each service.
    pub services: Vec<(&'static str, String)>,
    /// Tenant id, for the identity service's paths.
    pub tenant: String,
    /// How to sign in.
    pub secrets: Secrets,
    /// Bearer token of the admin routes.
    pub admin_token: String,
    /// What was played again to bring the kept environments back.
    pub replayed: Replayed,
    /// File of the certificate authority, with TLS.
    pub certificate_authority: Option<PathBuf>,
}

/// Services that are up.
#[derive(Debug)]
pub struct Server {
    runtime: tokio::runtime::Runtime,
    ready: Ready,
    world: JoinHandle<()>,
}

impl Server {
    /// Brings the services up; clients may connect when it returns.
    pub fn start(options: Options) -> Result<Self, ServerError> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let (ready, world) = runtime.block_on(open(options))?;
        Ok(Self { runtime, ready, world })
    }

    /// Where everything is.
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// Ends the services. A directory environments are kept in is free when it returns, unless a request takes longer
    /// than five seconds to end.
    pub fn stop(self) {
        // A client that holds its connection open does not hold the end up.
        self.runtime.shutdown_timeout(Duration::from_millis(200));
        for _ in 0..500 {
            if self.world.is_finished() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Serves until Ctrl-C or SIGTERM. `ready` is called once, when clients may connect.
pub fn serve(options: Options, ready: impl FnOnce(&Ready)) -> Result<(), ServerError> {
    let server = Server::start(options)?;
    ready(server.ready());
    let result = server.runtime.block_on(stopped());
    server.stop();
    result.map_err(ServerError::from)
}

async fn open(options: Options) -> Result<(Ready, JoinHandle<()>), ServerError> {
    let mut listeners = Vec::new();
    for offset in 0..4_u16 {
        let port = if options.port == 0 { 0 } else { options.port.saturating_add(offset) };
        let address = format!("{}:{port}", options.host);
        let listener = TcpListener::bind(&address)
            .await
            .map_err(|reason| ServerError::Listen { address: address.clone(), reason })?;
        listeners.push(listener);
    }
    let scheme = if options.tls { "https" } else { "http" };
    let addresses: Vec<SocketAddr> =
        listeners.iter().map(TcpListener::local_addr).collect::<Result<_, _>>()?;
    let shown = if ["0.0.0.0", "::", "127.0.0.1"].contains(&options.host.as_str()) {
        "localhost"
    } else {
        options.host.as_str()
    };
    let urls: Vec<String> =
        addresses.iter().map(|address| format!("{scheme}://{shown}:{}", address.port())).collect();
    let tls = if options.tls { Some(tls::make(&options.host)?) } else { None };
    let Started { world, facts, replayed, thread } = World::start(
        options.factory,
        options.seed,
        options.data,
        options.protected,
        Deliveries::start(options.webhook),
    )?;
    let identity = Arc::new(Identity::new(options.seed, facts, options.token));
    let services = [Service::Front, Service::Dataverse, Service::Identity, Service::FinOps];
    let named: Vec<(&'static str, String)> =
        services.iter().map(|service| service.name()).zip(urls.iter().cloned()).collect();
    let edge = Arc::new(Edge::new(world, identity.clone(), scheme, named.clone(), options.limits));
    let acceptor = tls.as_ref().map(|tls| tls.acceptor.clone());
    for (listener, service) in listeners.into_iter().zip(services) {
        tokio::spawn(edge.clone().accept(listener, service, acceptor.clone()));
    }
    let ready = Ready {
        services: named,
        tenant: identity.tenant().to_string(),
        secrets: identity.secrets().clone(),
        admin_token: identity.admin_token().to_owned(),
        replayed,
        certificate_authority: tls.map(|tls| tls.authority),
    };
    Ok((ready, thread))
}

/// Returns when the process is asked to end.
async fn stopped() -> io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
