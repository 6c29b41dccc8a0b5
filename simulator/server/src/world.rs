//! The world on a thread of its own: requests are answered one after the other.

use crate::{ServerError, admin, fault::Faults};
use dwsim_dataverse::Dataverse;
use dwsim_tenant::Tenant;
use dwsim_webapi::{Request, Response, WebApi};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

/// Makes a world; called at the start and on every reset.
pub type Factory = Box<dyn Fn() -> Result<Tenant, String> + Send>;

/// Requests waiting for the world at most; more wait at the edge.
const WAITING: usize = 256;

/// What the identity service has to know of the world.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    /// Microsoft Entra tenant.
    pub(crate) tenant: Uuid,
    /// Row id of the person at the keyboard.
    pub(crate) user: Uuid,
    /// Client id of the application that may sign in; also its row id.
    pub(crate) client: Uuid,
}

/// Something the world is asked.
pub(crate) enum Job {
    /// A request of the Web API.
    Api(Request, oneshot::Sender<Response>),
    /// A request on the admin routes: method, path, body.
    Admin(String, String, Vec<u8>, oneshot::Sender<Response>),
}

/// The door to the thread.
#[derive(Clone, Debug)]
pub(crate) struct World {
    jobs: mpsc::Sender<Job>,
}

/// The state of the thread.
pub(crate) struct Running {
    pub(crate) tenant: Tenant,
    pub(crate) api: WebApi,
    pub(crate) faults: Faults,
    pub(crate) factory: Factory,
    pub(crate) seed: u64,
}

/// The client id of the application user, by seed.
fn client_id(seed: u64) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("dwsim:{seed}/client").as_bytes())
}

/// The user rows that callers are: made when the environment is.
fn admit(tenant: &mut Tenant, seed: u64) -> Result<Facts, String> {
    let (now, person, id) = (tenant.clock().now(), tenant.person.name.clone(), tenant.policy.id);
    let client = client_id(seed);
    let mut user = Uuid::nil();
    if let Some(dataverse) = tenant.dataverse_mut() {
        let roles = ["dataverse-system-administrator".into()];
        dataverse.add_application_user(client, &roles, now).map_err(|error| error.to_string())?;
        user = user_of(dataverse, &person)?;
    }
    Ok(Facts { tenant: id, user, client })
}

fn user_of(dataverse: &Dataverse, person: &str) -> Result<Uuid, String> {
    Ok(dataverse.user_named(person).map_err(|error| error.to_string())?.unwrap_or_default())
}

impl Running {
    /// A fresh world in place of this one.
    pub(crate) fn reset(&mut self) -> Result<(), String> {
        let mut tenant = (self.factory)()?;
        admit(&mut tenant, self.seed)?;
        self.tenant = tenant;
        self.api = WebApi::new();
        self.faults = Faults::default();
        Ok(())
    }

    fn answer(&mut self, job: Job) {
        // A client that went away does not want the answer any more.
        match job {
            Job::Api(request, reply) => {
                let response = match self.faults.strike(&request) {
                    Some(response) => response,
                    None => self.api.handle(&mut self.tenant, &request),
                };
                let _ = reply.send(response);
            }
            Job::Admin(method, path, body, reply) => {
                let _ = reply.send(admin::answer(self, &method, &path, &body));
            }
        }
    }
}

impl World {
    /// Makes the world and starts its thread.
    pub(crate) fn start(factory: Factory, seed: u64) -> Result<(Self, Facts), ServerError> {
        let (jobs, mut inbox) = mpsc::channel(WAITING);
        let (tell, told) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new().name("world".to_owned()).stack_size(16 << 20);
        thread.spawn(move || {
            let made = factory().and_then(|mut tenant| admit(&mut tenant, seed).map(|facts| (tenant, facts)));
            let tenant = match made {
                Ok((tenant, facts)) => {
                    let _ = tell.send(Ok(facts));
                    tenant
                }
                Err(error) => {
                    let _ = tell.send(Err(error));
                    return;
                }
            };
            let faults = Faults::default();
            let mut running = Running { tenant, api: WebApi::new(), faults, factory, seed };
            while let Some(job) = inbox.blocking_recv() {
                running.answer(job);
            }
        })?;
        let facts = told.recv().map_err(|error| ServerError::World(error.to_string()))?;
        Ok((Self { jobs }, facts.map_err(ServerError::World)?))
    }

    /// Asks and waits; none when the world has ended.
    pub(crate) async fn ask(&self, job: impl FnOnce(oneshot::Sender<Response>) -> Job) -> Option<Response> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(job(reply)).await.ok()?;
        answer.await.ok()
    }
}
