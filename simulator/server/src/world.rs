//! The world on a thread of its own: requests are answered one after the other.

use crate::{
    Data, ServerError, admin,
    fault::{Faults, Struck},
    log::{Entry, Log},
    protection::Protection,
    replay::Replay,
    webhook::Deliveries,
};
use dwsim_dataverse::Dataverse;
use dwsim_dualwrite::Notification;
use dwsim_tenant::Tenant;
use dwsim_webapi::{ApiError, Request, Response, WebApi};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

/// Makes a world; called at the start and on every reset.
pub type Factory = Box<dyn Fn() -> Result<Tenant, String> + Send>;

/// Requests waiting for the world at most; more wait at the edge.
const WAITING: usize = 256;
/// Answers that wait for the disk together at most.
const GROUP: usize = 256;

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
    /// A request of the Web API, and how many of its user are under way with it.
    Api(Request, u64, oneshot::Sender<Response>),
    /// A request on the admin routes: method, path, body.
    Admin(String, String, Vec<u8>, oneshot::Sender<Response>),
}

/// The door to the thread.
#[derive(Clone, Debug)]
pub(crate) struct World {
    jobs: mpsc::Sender<Job>,
}

/// A world that answers.
pub(crate) struct Started {
    pub(crate) world: World,
    pub(crate) facts: Facts,
    pub(crate) replayed: Replayed,
    /// Ends when every door to it is gone; the directory is free again then.
    pub(crate) thread: std::thread::JoinHandle<()>,
}

/// The state of the thread.
pub(crate) struct Running {
    pub(crate) tenant: Tenant,
    pub(crate) api: WebApi,
    pub(crate) faults: Faults,
    pub(crate) protection: Protection,
    pub(crate) factory: Factory,
    pub(crate) seed: u64,
    pub(crate) log: Log,
    pub(crate) deliveries: Deliveries,
    /// Alerts that fired while the jobs of a group were answered.
    pub(crate) fired: Vec<Notification>,
}

/// How a kept world came back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Requests and other changes played again.
    pub changes: u64,
    /// How long it took.
    pub took: Duration,
}

/// The client id of the application user, by seed.
fn client_id(seed: u64) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("dwsim:{seed}/client").as_bytes())
}

/// The user rows that callers are: made when the environment is.
pub(crate) fn admit(tenant: &mut Tenant, seed: u64) -> Result<Facts, String> {
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
    /// A fresh world in place of this one; what was kept of it is forgotten.
    pub(crate) fn reset(&mut self) -> Result<(), String> {
        let mut tenant = (self.factory)()?;
        admit(&mut tenant, self.seed)?;
        self.log.cut(None)?;
        self.tenant = tenant;
        self.api = WebApi::new();
        self.faults = Faults::default();
        Ok(())
    }

    /// The world as it was at a snapshot, in place of this one; whether there is such a snapshot.
    pub(crate) fn restore(&mut self, name: &str) -> Result<bool, String> {
        let mut tenant = (self.factory)()?;
        admit(&mut tenant, self.seed)?;
        let mut replay = Replay::new(tenant);
        if !self.log.replay(name, |entry, body| replay.play(entry, body))? {
            return Ok(false);
        }
        self.log.cut(Some(name))?;
        // Ids of requests are not given twice, whatever was undone.
        let answered = self.api.answered();
        (self.tenant, self.api) = replay.into_parts();
        self.tenant.engine_mut().take_notifications();
        self.api.resume(answered);
        Ok(true)
    }

    /// Answers a request of the Web API, unless a fault or a limit does. `under_way` counts what its user is waiting for.
    fn api(&mut self, request: &Request, under_way: u64) -> Response {
        let without_finops = match self.faults.strike(request) {
            Some(Struck::Answered(response)) => return response,
            Some(Struck::WithoutFinOps) => true,
            None => false,
        };
        let now = self.tenant.clock().now().as_microsecond();
        let now = self.protection.now(now.try_into().unwrap_or(0));
        if let Err(error) = self.protection.admit(request.caller, now, under_way) {
            let mut response = error.into_response(false);
            response.header("OData-Version", "4.0");
            return response;
        }
        let start = Instant::now();
        let mut response = self.handle(request, without_finops);
        self.protection.answered(request.caller, start.elapsed(), &mut response);
        response
    }

    /// Answers a request of the Web API. What may change the world is noted before it does.
    fn handle(&mut self, request: &Request, without_finops: bool) -> Response {
        if matches!(request.method.as_str(), "GET" | "HEAD") {
            return self.api.handle(&mut self.tenant, request);
        }
        let entry = Entry::api(request, self.api.answered(), without_finops);
        if let Err(why) = self.log.push(&entry, &request.body) {
            return ApiError::unexpected(why).into_response(false);
        }
        let response = handled(&mut self.api, &mut self.tenant, request, without_finops);
        if self.log.waits() {
            // An outcome that cannot be noted is not compared later; nothing else is lost.
            let _ = self.log.push(&Entry::answered(&response), &[]);
        }
        response
    }

    fn answer(&mut self, job: Job) -> (Response, oneshot::Sender<Response>) {
        if let Some(why) = self.log.failed() {
            // What the world has become since is nowhere kept: nobody may see it.
            let (Job::Api(.., reply) | Job::Admin(.., reply)) = job;
            return (ApiError::unexpected(why).into_response(false), reply);
        }
        let answer = match job {
            Job::Api(request, under_way, reply) => (self.api(&request, under_way), reply),
            Job::Admin(method, path, body, reply) => (admin::answer(self, &method, &path, &body), reply),
        };
        self.fired.extend(self.tenant.engine_mut().take_notifications());
        answer
    }

    /// Answers jobs until there are no more askers. With a directory, jobs that wait are answered as a group, which
    /// reaches the disk together before any of its answers is sent.
    fn serve(&mut self, inbox: &mut mpsc::Receiver<Job>) {
        while let Some(job) = inbox.blocking_recv() {
            let mut answers = vec![self.answer(job)];
            while self.log.waits() && answers.len() < GROUP && !self.log.is_large() {
                let Ok(job) = inbox.try_recv() else { break };
                answers.push(self.answer(job));
            }
            let kept = self.log.sync();
            // Nobody is told of what is nowhere kept.
            for notification in self.fired.drain(..).filter(|_| kept.is_ok()) {
                self.deliveries.tell(&notification);
            }
            for (response, reply) in answers {
                let response = match &kept {
                    Ok(()) => response,
                    Err(why) => ApiError::unexpected(why).into_response(false),
                };
                // A client that went away does not want the answer any more.
                let _ = reply.send(response);
            }
        }
    }
}

/// Makes the world, or makes it again from what is kept of it.
fn make(
    factory: Factory,
    seed: u64,
    data: Option<&Data>,
    protected: bool,
    deliveries: Deliveries,
) -> Result<(Running, Facts, Replayed), ServerError> {
    let protection = Protection::new(protected).map_err(ServerError::World)?;
    let mut tenant = factory().map_err(ServerError::World)?;
    let facts = admit(&mut tenant, seed).map_err(ServerError::World)?;
    let mut replay = Replay::new(tenant);
    let log = match data {
        Some(data) => {
            let kept = Log::on_disk(&data.directory, &data.world, |entry, body| replay.play(entry, body));
            kept.map_err(|why| ServerError::Data { directory: data.directory.clone(), why })?
        }
        None => Log::in_memory(),
    };
    let replayed = replay.figures();
    let (mut tenant, api) = replay.into_parts();
    // Who was to be told of what is played again was told then.
    tenant.engine_mut().take_notifications();
    let faults = Faults::default();
    let fired = Vec::new();
    Ok((Running { tenant, api, faults, protection, factory, seed, log, deliveries, fired }, facts, replayed))
}

impl World {
    /// Makes the world and starts its thread.
    pub(crate) fn start(
        factory: Factory,
        seed: u64,
        data: Option<Data>,
        protected: bool,
        deliveries: Deliveries,
    ) -> Result<Started, ServerError> {
        let (jobs, mut inbox) = mpsc::channel(WAITING);
        let (tell, told) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new().name("world".to_owned()).stack_size(16 << 20);
        let thread =
            thread.spawn(move || match make(factory, seed, data.as_ref(), protected, deliveries) {
                Ok((mut running, facts, replayed)) => {
                    let _ = tell.send(Ok((facts, replayed)));
                    running.serve(&mut inbox);
                }
                Err(error) => {
                    let _ = tell.send(Err(error));
                }
            })?;
        let (facts, replayed) = told.recv().map_err(|error| ServerError::World(error.to_string()))??;
        Ok(Started { world: Self { jobs }, facts, replayed, thread })
    }

    /// Asks and waits; none when the world has ended.
    pub(crate) async fn ask(&self, job: impl FnOnce(oneshot::Sender<Response>) -> Job) -> Option<Response> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(job(reply)).await.ok()?;
        answer.await.ok()
    }
}

/// Answers a request, with F&O out of reach where a fault says so. A rehearsal of the world itself stays as it is.
pub(crate) fn handled(
    api: &mut WebApi,
    tenant: &mut Tenant,
    request: &Request,
    without_finops: bool,
) -> Response {
    let down = tenant.engine().rehearsal().finops_down;
    tenant.engine_mut().rehearsal_mut().finops_down = down || without_finops;
    let response = api.handle(tenant, request);
    tenant.engine_mut().rehearsal_mut().finops_down = down;
    response
}
