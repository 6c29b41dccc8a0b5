//! Playing a log again on a fresh world.

use crate::{
    log::{Entry, Kept},
    world::{Replayed, handled},
};
use dwsim_model::VirtualDuration;
use dwsim_tenant::Tenant;
use dwsim_webapi::WebApi;
use std::time::Instant;

/// A world that is being made again.
pub(crate) struct Replay {
    tenant: Tenant,
    api: WebApi,
    last: Option<(Kept, Entry)>,
    changes: u64,
    start: Instant,
}

impl Replay {
    /// On the world as it was when the log began.
    pub(crate) fn new(tenant: Tenant) -> Self {
        Self { tenant, api: WebApi::new(), last: None, changes: 0, start: Instant::now() }
    }

    /// Plays one entry. A request that is answered differently from then shows that this build makes another world of
    /// the log; going on would lose rows silently.
    pub(crate) fn play(&mut self, entry: Entry, body: &[u8]) -> Result<(), String> {
        match entry {
            Entry::Api { request: kept, answered, without_finops } => {
                let request = kept
                    .request(body)
                    .ok_or("a kept request has no caller; it was written by another version")?;
                self.api.resume(answered);
                let response = handled(&mut self.api, &mut self.tenant, &request, without_finops);
                self.last = Some((kept, Entry::answered(&response)));
                self.changes += 1;
            }
            Entry::Clock { seconds } => {
                self.tenant.clock_mut().advance(VirtualDuration::from_secs(seconds));
                self.changes += 1;
            }
            Entry::Alert { setting } => {
                // What was refused then is refused again, and leaves what it left.
                let _ = setting.save(&mut self.tenant);
                self.changes += 1;
            }
            Entry::Restart { map } => {
                let _ = crate::alerts::restart(&mut self.tenant, &map);
                self.changes += 1;
            }
            Entry::Answered { .. } => {
                if let Some((kept, now)) = self.last.take()
                    && now != entry
                {
                    let status = |entry: &Entry| match entry {
                        Entry::Answered { status, .. } => *status,
                        _ => 0,
                    };
                    return Err(format!(
                        "change {} ({}) is answered {} now, and was answered {} with other content when it was kept: it was kept by another build of the program; use that one, or choose another --data directory",
                        self.changes,
                        kept.line(),
                        status(&now),
                        status(&entry)
                    ));
                }
            }
            Entry::World(_) | Entry::Snapshot { .. } => {}
        }
        Ok(())
    }

    /// How much was played and how long it took.
    pub(crate) fn figures(&self) -> Replayed {
        Replayed { changes: self.changes, took: self.start.elapsed() }
    }

    /// The world.
    pub(crate) fn into_parts(self) -> (Tenant, WebApi) {
        (self.tenant, self.api)
    }
}
