//! Stopping, pausing and resuming table maps, and the limits of the queue.

use crate::{
    engine::Engine,
    initial::Sides,
    port::PortError,
    queue::{Queued, ResumeMode},
    refusal::EngineError,
    status::{Action, MapStatus},
};
use dwsim_model::{EventKind, Journal, MapId, VirtualDuration};
use jiff::Timestamp;

impl Engine {
    /// Stops a map. Changes made while it is stopped are not queued.
    pub fn stop(&mut self, map: &str, at: Timestamp, journal: &mut Journal) -> Result<(), EngineError> {
        let id = self.state(map)?.compiled.map.id.clone();
        if self.status(&id) == Some(MapStatus::Paused) {
            // Decision 12: programs may stop a paused map; its queue is gone and the journal says so.
            let state = self.state_mut(&id)?;
            let lost = std::mem::take(&mut state.queue).len();
            state.status = MapStatus::NotRunning;
            let text = format!("stopped while paused; {lost} queued changes were discarded");
            journal.record(at, EventKind::Notice { about: id.to_string(), text });
            return Ok(());
        }
        self.act(&id, Action::Stop, "Stop", at, journal)
    }

    /// Pauses running maps; all of them or none.
    pub fn pause(&mut self, maps: &[MapId], at: Timestamp, journal: &mut Journal) -> Result<(), EngineError> {
        for map in maps {
            let status = self.state(map)?.status;
            if status != MapStatus::Running {
                let possible = "Pause needs every selected map to be Running".to_owned();
                return Err(EngineError::NotNow { map: map.clone(), status, action: "Pause", possible });
            }
        }
        for map in maps {
            self.act(map, Action::Pause, "Pause", at, journal)?;
            self.state_mut(map)?.paused_since = Some(at);
        }
        Ok(())
    }

    /// Resumes paused maps together. Queues are played back in the order of the commits they came from, over all
    /// of these maps.
    pub fn resume(
        &mut self,
        maps: &[MapId],
        mode: ResumeMode,
        sides: &mut Sides<'_>,
        at: Timestamp,
        journal: &mut Journal,
    ) -> Result<(), EngineError> {
        for map in maps {
            let status = self.state(map)?.status;
            if status != MapStatus::Paused {
                let possible = "Resume needs every selected map to be Paused".to_owned();
                return Err(EngineError::NotNow { map: map.clone(), status, action: "Resume", possible });
            }
        }
        if mode != ResumeMode::CatchUp {
            for map in maps {
                self.act(map, Action::SkipToLive, "Skip to live sync", at, journal)?;
                let state = self.state_mut(map)?;
                let queue = std::mem::take(&mut state.queue);
                if mode == ResumeMode::PreserveAsErrors {
                    state.catch_up_errors.extend(queue);
                }
            }
            return Ok(());
        }
        let mut waiting = Vec::new();
        for map in maps {
            self.act(map, Action::Resume, "Resume", at, journal)?;
            let state = self.state_mut(map)?;
            let compiled = state.compiled.clone();
            waiting.extend(
                std::mem::take(&mut state.queue).into_iter().map(|queued| (compiled.clone(), queued)),
            );
        }
        waiting.sort_by_key(|(_, queued)| queued.sequence);
        for (compiled, mut queued) in waiting {
            if let Err(error) = self.replay(&compiled, &queued, sides) {
                queued.error = Some(error.message);
                self.state_mut(&compiled.map.id)?.catch_up_errors.push(queued);
            }
        }
        for map in maps {
            self.act(map, Action::CaughtUp, "Caught up", at, journal)?;
            self.state_mut(map)?.paused_since = None;
        }
        Ok(())
    }

    /// Whether a paused map takes no more changes, and the text users get.
    pub(crate) fn queue_full(&self, map: &MapId, now: Timestamp) -> Option<PortError> {
        let state = self.states.get(map)?;
        let since = state.paused_since?;
        let waited =
            VirtualDuration::from_millis(u64::try_from(now.duration_since(since).as_millis()).unwrap_or(0));
        let too_old = waited > self.limits.pause_max_age;
        let bytes: u64 = state.queue.iter().map(Queued::bytes).sum();
        let too_large = self.limits.pause_max_bytes.is_some_and(|limit| bytes >= limit);
        (too_old || too_large).then(|| {
            self.messages.queue_full(map, &state.compiled.map.entity_label, waited, bytes, &self.limits)
        })
    }
}
