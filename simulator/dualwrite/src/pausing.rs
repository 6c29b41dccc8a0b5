//! Stopping, pausing and resuming table maps, and the limits of the queue.

use crate::{
    engine::Engine,
    fault::FaultPoint,
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
            state.paused_since = None;
            let text = format!("stopped while paused; {lost} queued changes were discarded");
            journal.record(at, EventKind::Notice { about: id.to_string(), text });
            return Ok(());
        }
        self.act(&id, Action::Stop, "Stop", at, journal)
    }

    /// Drops what waits for a paused map that is Not running now, and says so: played back one day, it would undo what
    /// happened since.
    pub(crate) fn discard_queue(
        &mut self,
        map: &MapId,
        why: &str,
        at: Timestamp,
        journal: &mut Journal,
    ) -> Result<(), EngineError> {
        let state = self.state_mut(map)?;
        state.paused_since = None;
        let lost = std::mem::take(&mut state.queue).len();
        if lost > 0 {
            let text = format!("{why} while paused; {lost} queued changes were discarded");
            journal.record(at, EventKind::Notice { about: map.to_string(), text });
        }
        Ok(())
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
            self.interrupted(FaultPoint::StateChange, "Pause", map)?;
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
        self.all_are(maps, MapStatus::Paused, "Resume")?;
        if mode != ResumeMode::CatchUp {
            return maps.iter().try_for_each(|map| {
                self.leave_queue(map, mode == ResumeMode::PreserveAsErrors, at, journal)?;
                self.interrupted(FaultPoint::StateChange, "Resume", map)
            });
        }
        self.begin_resume(maps, at, journal)?;
        self.finish_resume(maps, sides, at, journal)
    }

    /// Takes a map live at once; its queue becomes catch-up errors, or is lost.
    fn leave_queue(
        &mut self,
        map: &MapId,
        preserve: bool,
        at: Timestamp,
        journal: &mut Journal,
    ) -> Result<(), EngineError> {
        self.act(map, Action::SkipToLive, "Skip to live sync", at, journal)?;
        let state = self.state_mut(map)?;
        state.paused_since = None;
        let queue = std::mem::take(&mut state.queue);
        let lost = queue.len();
        if preserve {
            let failed = |queued| Queued { failed_at: Some(at), ..queued };
            state.catch_up_errors.extend(queue.into_iter().map(failed));
        } else if lost > 0 {
            let text = format!("{lost} queued changes were discarded");
            journal.record(at, EventKind::Notice { about: map.to_string(), text });
        }
        Ok(())
    }

    /// Begins to resume paused maps: they are Resuming, and new changes join their queues behind older ones
    /// (decision Q14).
    pub fn begin_resume(
        &mut self,
        maps: &[MapId],
        at: Timestamp,
        journal: &mut Journal,
    ) -> Result<(), EngineError> {
        self.all_are(maps, MapStatus::Paused, "Resume")?;
        maps.iter().try_for_each(|map| {
            self.act(map, Action::Resume, "Resume", at, journal)?;
            self.interrupted(FaultPoint::StateChange, "Resume", map)
        })
    }

    /// Refuses an action for all maps when one of them is not in the status it needs.
    fn all_are(&self, maps: &[MapId], wanted: MapStatus, action: &'static str) -> Result<(), EngineError> {
        for map in maps {
            let status = self.state(map)?.status;
            if status != wanted {
                let possible = format!("{action} needs every selected map to be {wanted}");
                return Err(EngineError::NotNow { map: map.clone(), status, action, possible });
            }
        }
        Ok(())
    }

    /// Plays the oldest queued change of these maps back; whether there was one. Over several maps the order of the
    /// commits counts (decision Q15).
    pub fn resume_step(
        &mut self,
        maps: &[MapId],
        sides: &mut Sides<'_>,
        at: Timestamp,
    ) -> Result<bool, EngineError> {
        self.all_are(maps, MapStatus::Resuming, "Playing the queue back")?;
        let first = |map: &&MapId| self.states.get(*map)?.queue.first().map(|queued| queued.sequence);
        let Some(map) = maps.iter().filter(|map| first(map).is_some()).min_by_key(|map| first(map)) else {
            return Ok(false);
        };
        let state = self.state(map)?;
        let Some(queued) = state.queue.first() else { return Ok(false) };
        // It leaves the queue after it was applied: a change may be delivered twice, and is never lost.
        let played = self.replay(&state.compiled, queued, sides);
        if played.is_ok() {
            self.interrupted(FaultPoint::QueueApplied, "Playing the queue back", map)?;
        }
        let state = self.state_mut(map)?;
        let mut queued = state.queue.remove(0);
        if let Err(error) = played {
            queued.error = Some(error.message);
            queued.failed_at = Some(at);
            state.catch_up_errors.push(queued);
        }
        Ok(true)
    }

    /// Plays the rest of the queues back and goes live.
    pub fn finish_resume(
        &mut self,
        maps: &[MapId],
        sides: &mut Sides<'_>,
        at: Timestamp,
        journal: &mut Journal,
    ) -> Result<(), EngineError> {
        self.all_are(maps, MapStatus::Resuming, "Caught up")?;
        while self.resume_step(maps, sides, at)? {}
        for map in maps {
            self.act(map, Action::CaughtUp, "Caught up", at, journal)?;
            self.state_mut(map)?.paused_since = None;
        }
        Ok(())
    }

    /// Skip to live sync, of a map that is Resuming.
    pub fn skip_resuming(
        &mut self,
        map: &MapId,
        preserve: bool,
        at: Timestamp,
        journal: &mut Journal,
    ) -> Result<(), EngineError> {
        let status = self.state(map)?.status;
        if status != MapStatus::Resuming {
            let possible = "Skip to live sync needs the map to be Resuming".to_owned();
            return Err(EngineError::NotNow {
                map: map.clone(),
                status,
                action: "Skip to live sync",
                possible,
            });
        }
        self.leave_queue(map, preserve, at, journal)
    }

    /// Catch-up errors of a map that are kept: after the documented time they are purged.
    pub fn catch_up_errors(&mut self, map: &str, now: Timestamp) -> Result<&[Queued], EngineError> {
        let kept = self.limits.catch_up_retention;
        let state = self.state_mut(map)?;
        let young = |queued: &Queued| {
            let since = queued.failed_at.unwrap_or(queued.at);
            let age = u64::try_from(now.duration_since(since).as_millis()).unwrap_or(0);
            VirtualDuration::from_millis(age) <= kept
        };
        state.catch_up_errors.retain(young);
        Ok(&state.catch_up_errors)
    }

    /// Retries every catch-up error that is kept; how many are left.
    pub fn retry_catch_up(
        &mut self,
        map: &str,
        sides: &mut Sides<'_>,
        now: Timestamp,
        journal: &mut Journal,
    ) -> Result<usize, EngineError> {
        self.catch_up_errors(map, now)?;
        let state = self.state_mut(map)?;
        let compiled = state.compiled.clone();
        let errors = std::mem::take(&mut state.catch_up_errors);
        let retried = errors.len();
        let mut left = Vec::new();
        for mut queued in errors {
            if let Err(error) = self.replay(&compiled, &queued, sides) {
                queued.error = Some(error.message);
                left.push(queued);
            }
        }
        let count = left.len();
        self.state_mut(map)?.catch_up_errors = left;
        if retried > 0 {
            let text = format!("{retried} catch-up errors were retried; {count} are left");
            journal.record(now, EventKind::Notice { about: map.to_owned(), text });
        }
        Ok(count)
    }

    /// Deletes the catch-up errors of a map for good; how many there were (decision Q40).
    pub fn discard_catch_up_errors(&mut self, map: &str, now: Timestamp) -> Result<usize, EngineError> {
        self.catch_up_errors(map, now)?;
        Ok(std::mem::take(&mut self.state_mut(map)?.catch_up_errors).len())
    }

    /// Whether a paused map takes no more changes, and the text users get.
    pub(crate) fn queue_full(&self, map: &MapId, now: Timestamp) -> Option<PortError> {
        let state = self.states.get(map)?;
        let since = state.paused_since?;
        let waited =
            VirtualDuration::from_millis(u64::try_from(now.duration_since(since).as_millis()).unwrap_or(0));
        let too_old = waited > self.limits.pause_max_age;
        let counted = || state.queue.iter().map(Queued::bytes).sum();
        let bytes: u64 = self.rehearsal.queue_bytes.unwrap_or_else(counted);
        let too_large = self.limits.pause_max_bytes.is_some_and(|limit| bytes >= limit);
        (too_old || too_large).then(|| {
            self.messages.queue_full(map, &state.compiled.map.entity_label, waited, bytes, &self.limits)
        })
    }
}
