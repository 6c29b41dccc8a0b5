//! Saving as users do: the change, the live sync it causes, and one outcome for both sides.

use crate::{
    Tenant, TenantError,
    ports::{DataversePort, FinOpsPort},
};
use dwsim_dataverse::Actor;
use dwsim_dualwrite::{
    FaultPoint,
    initial::Sides,
    live::{LiveOutcome, LiveResult},
};
use dwsim_finops::WriteKind;
use dwsim_model::{Change, EventKind, RowChange, Side};

impl Tenant {
    /// Saves changes as one user transaction of one side. Both sides commit, or neither does.
    pub fn save(&mut self, side: Side, changes: &[Change]) -> Result<Vec<LiveOutcome>, TenantError> {
        self.save_with(side, changes, None)
    }

    /// [`Tenant::save`], cut off at a point.
    pub fn save_with(
        &mut self,
        side: Side,
        changes: &[Change],
        fault: Option<FaultPoint>,
    ) -> Result<Vec<LiveOutcome>, TenantError> {
        let work = |world: &mut Self| Ok(((), world.apply(side, changes, WriteKind::Methods)?));
        self.transact::<_, TenantError>(side, fault, work).map(|((), outcomes)| outcomes)
    }

    /// Saves changes in F&O as code does that goes round the methods of a table: `doInsert()`, set-based statements, or
    /// a buffer that skips business events.
    pub fn save_as(&mut self, changes: &[Change], kind: WriteKind) -> Result<Vec<LiveOutcome>, TenantError> {
        let work = |world: &mut Self| Ok(((), world.apply(Side::FinOps, changes, kind)?));
        self.transact::<_, TenantError>(Side::FinOps, None, work).map(|((), outcomes)| outcomes)
    }

    /// Merges rows of a Dataverse table. A table that a map is running or paused for refuses it, as F&O has no merge;
    /// for any other it is not simulated.
    pub fn merge(&mut self, table: &str) -> Result<(), TenantError> {
        self.existing_dataverse()?;
        let mut states = self.engine.maps().values();
        let mapped = states.find(|state| {
            state.compiled.map.table.as_str() == table
                && state.status != dwsim_dualwrite::MapStatus::NotRunning
        });
        Err(match mapped {
            Some(state) => {
                let arguments = [
                    ("table", table),
                    ("map", state.compiled.map.id.as_str()),
                    ("status", state.status.as_str()),
                ];
                self.refuse("SIM-MERGE-MAPPED", &arguments)
            }
            None => self.refuse(
                "SIM-UNSUPPORTED-OPERATION",
                &[("operation", "Merge"), ("what", "rows of Dataverse are not merged")],
            ),
        })
    }

    /// One user transaction of one side that is not a list of changes.
    pub(crate) fn in_both(
        &mut self,
        side: Side,
        work: impl FnOnce(&mut Self) -> Result<Vec<RowChange>, TenantError>,
    ) -> Result<Vec<LiveOutcome>, TenantError> {
        let work = |world: &mut Self| Ok(((), work(world)?));
        self.transact::<_, TenantError>(side, None, work).map(|((), outcomes)| outcomes)
    }

    /// One transaction over both sides, whoever began it: what `work` changes is carried over, then both sides commit, or
    /// neither does.
    pub(crate) fn transact<T, E: From<TenantError>>(
        &mut self,
        side: Side,
        fault: Option<FaultPoint>,
        work: impl FnOnce(&mut Self) -> Result<(T, Vec<RowChange>), E>,
    ) -> Result<(T, Vec<LiveOutcome>), E> {
        // What waits came with data that was imported or copied, and its answers came along.
        self.finops.take_inquiries();
        self.begin_both()?;
        let mark = self.engine.commits();
        let mut breached = None;
        self.engine.set_fault(fault);
        let result = work(self).and_then(|(made, rows)| match self.propagate(side, &rows) {
            Ok(outcomes) => Ok((made, outcomes)),
            Err(error) => {
                if let TenantError::Live(live) = &error {
                    breached = live.map.clone().map(|map| (map, live.code.clone()));
                }
                Err(E::from(error))
            }
        });
        self.engine.set_fault(None);
        // What a transaction that does not commit would have lost is not lost.
        let hints = self.engine.take_hints();
        match (result, fault) {
            (Ok(_), Some(FaultPoint::BeforeCommit)) => {
                self.rollback_both(mark)?;
                Err(self.unreachable(side).into())
            }
            (Ok((_, outcomes)), Some(FaultPoint::TimeoutNotCommitted)) if sent(&outcomes) => {
                self.rollback_both(mark)?;
                Err(self.outcome_unknown(side).into())
            }
            (Ok((_, outcomes)), Some(FaultPoint::TimeoutCommitted)) if sent(&outcomes) => {
                self.commit_target_alone(side, mark)?;
                Err(self.outcome_unknown(side).into())
            }
            (Ok((_, outcomes)), Some(FaultPoint::CommitGap)) => {
                if sent(&outcomes) {
                    self.commit_target_alone(side, mark)?;
                } else {
                    self.rollback_both(mark)?;
                }
                Err(self.unreachable(side.other()).into())
            }
            (Ok((made, outcomes)), _) => {
                self.commit(side.other())?;
                self.commit(side)?;
                for hint in hints {
                    self.notice("live sync", hint);
                }
                self.journal_outcomes(&outcomes);
                self.answer_inquiries();
                Ok((made, outcomes))
            }
            (Err(error), _) => {
                if let Some(dataverse) = &mut self.dataverse {
                    dataverse.take_side_effects();
                }
                self.rollback_both(mark)?;
                if let Some((map, code)) = breached {
                    let now = self.clock.now();
                    self.engine.note_error(&map, &code, now, &mut self.journal).map_err(TenantError::from)?;
                    // An alert may have stopped it.
                    self.write_runtime_configuration();
                }
                Err(error)
            }
        }
    }

    /// The target commits and cannot be called back, the origin does not: both sides differ, and the journal says so.
    fn commit_target_alone(&mut self, origin: Side, mark: u64) -> Result<(), TenantError> {
        self.commit(origin.other())?;
        self.rollback(origin)?;
        self.engine.forget_after(mark);
        let target = origin.other();
        let text =
            format!("{target} committed and {origin} did not: the sides differ until the save is repeated");
        self.notice("commit gap", text);
        Ok(())
    }

    /// No answer came within the limit, which has passed by then.
    fn outcome_unknown(&mut self, origin: Side) -> TenantError {
        let limit = self.engine.live_time_limit(origin);
        self.clock.advance(limit);
        let (side, origin, limit) = (origin.other().to_string(), origin.to_string(), limit.to_string());
        self.refuse("SIM-OUTCOME-UNKNOWN", &[("side", &side), ("origin", &origin), ("limit", &limit)])
    }

    /// F&O answers requests for inventory on hand that just arrived, in a transaction of its own: nothing returns in the
    /// one that asked. An answer that Dataverse refuses takes nothing back from who asked.
    fn answer_inquiries(&mut self) {
        let asked = self.finops.take_inquiries();
        if asked.is_empty() {
            return;
        }
        let now = self.clock.now();
        let answered = self.transact(Side::FinOps, None, |world| {
            let saved = world.finops.answer_inquiries(&asked, now).map_err(TenantError::finops)?;
            let rows = saved.into_iter().flat_map(|own| own.made.into_iter().chain([own.change])).collect();
            Ok::<_, TenantError>(((), rows))
        });
        if let Err(error) = answered {
            self.notice("inventory on hand", error.to_string());
        }
    }

    /// The side that was cut off, by its address.
    fn unreachable(&self, side: Side) -> TenantError {
        let address = match (side, &self.dataverse) {
            (Side::Dataverse, Some(dataverse)) => dataverse.organization().url.clone(),
            _ => self.finops.environment().url.clone(),
        };
        self.refuse("SIM-SERVICE-UNAVAILABLE", &[("side", &side.to_string()), ("address", &address)])
    }

    pub(crate) fn notice(&mut self, about: &str, text: String) {
        self.journal.record(self.clock.now(), EventKind::Notice { about: about.to_owned(), text });
    }

    pub(crate) fn journal_outcomes(&mut self, outcomes: &[LiveOutcome]) {
        for outcome in outcomes {
            let (result, detail) = match outcome.result {
                LiveResult::Synced(operation) => ("synced", format!("{operation:?}")),
                LiveResult::Queued => ("queued", String::new()),
                LiveResult::NotEligible(why) => ("not eligible", why.to_owned()),
            };
            let event = EventKind::Live {
                map: outcome.map.clone(),
                key: outcome.key.clone(),
                outcome: result,
                detail,
            };
            self.journal.record(self.clock.now(), event);
        }
    }

    /// Applies the changes under the origin's own rules; the rows that changed and raise business events.
    fn apply(
        &mut self,
        side: Side,
        changes: &[Change],
        kind: WriteKind,
    ) -> Result<Vec<RowChange>, TenantError> {
        let now = self.clock.now();
        let mut rows = Vec::new();
        for change in changes {
            match side {
                Side::FinOps => {
                    let saved = self.finops.save_as(change, kind).map_err(TenantError::finops)?;
                    if saved.raises_events {
                        rows.extend(saved.made);
                        rows.push(saved.change);
                    } else {
                        self.note_bypass(&saved.change, kind);
                    }
                }
                Side::Dataverse => {
                    let person = self.person.name.clone();
                    let dataverse = self.existing_dataverse()?;
                    let user = dataverse.user_named(&person).map_err(TenantError::dataverse)?;
                    let actor = user.map_or(Actor::System, Actor::User);
                    let saved = dataverse.save(change, &actor, now).map_err(TenantError::dataverse)?;
                    rows.extend(dataverse.take_side_effects());
                    rows.push(saved);
                }
            }
        }
        Ok(rows)
    }

    /// Notes a change that no event tells dual-write of, where a map would have carried it over.
    fn note_bypass(&mut self, change: &RowChange, kind: WriteKind) {
        let sends = |state: &&dwsim_dualwrite::MapState| {
            let map = &state.compiled;
            map.entity.name == change.table.name
                && map.to_dataverse.is_some()
                && state.status != dwsim_dualwrite::MapStatus::NotRunning
        };
        let Some(state) = self.engine.maps().values().find(sends) else { return };
        let entity = state.compiled.map.entity_label.to_string();
        let reason = match kind {
            WriteKind::Methods => return,
            WriteKind::DoMethods => "doInsert(), doUpdate() and doDelete() raise no events",
            WriteKind::SetBased => "set-based statements raise no events",
            WriteKind::SkipBusinessEvents => "the buffer skips business events",
        };
        let text = self.engine.messages().text("LIVE-E9", &[("entity", &entity), ("reason", reason)]);
        self.engine.hint(text);
    }

    pub(crate) fn propagate(
        &mut self,
        side: Side,
        rows: &[RowChange],
    ) -> Result<Vec<LiveOutcome>, TenantError> {
        for row in rows {
            self.check_configuration(side, &row.table.name)?;
        }
        if self.link.is_none() {
            return Ok(Vec::new());
        }
        let now = self.clock.now();
        let Some(dataverse) = &mut self.dataverse else { return Ok(Vec::new()) };
        if self.engine.is_debugging() {
            self.engine.set_finops_url(&self.finops.environment().url);
        }
        let mut finops = FinOpsPort { finops: &mut self.finops };
        let mut dataverse = DataversePort { dataverse, now };
        let mut sides = Sides { finops: &mut finops, dataverse: &mut dataverse };
        let outcomes = self.engine.propagate(rows, side, &mut sides, now)?;
        if sent(&outcomes) {
            self.clock.advance(self.engine.transaction_time(side));
        }
        Ok(outcomes)
    }

    pub(crate) fn begin_both(&mut self) -> Result<(), TenantError> {
        self.finops.store().begin()?;
        if let Some(dataverse) = &self.dataverse {
            dataverse.store().begin()?;
        }
        Ok(())
    }

    /// Rolls both sides back, and what was queued since `mark`.
    pub(crate) fn rollback_both(&mut self, mark: u64) -> Result<(), TenantError> {
        self.engine.forget_after(mark);
        self.rollback(Side::FinOps)?;
        self.rollback(Side::Dataverse)
    }

    pub(crate) fn commit(&mut self, side: Side) -> Result<(), TenantError> {
        match (side, &self.dataverse) {
            (Side::FinOps, _) => Ok(self.finops.store().commit()?),
            (Side::Dataverse, Some(dataverse)) => Ok(dataverse.store().commit()?),
            (Side::Dataverse, None) => Ok(()),
        }
    }

    fn rollback(&mut self, side: Side) -> Result<(), TenantError> {
        match (side, &self.dataverse) {
            (Side::FinOps, _) => Ok(self.finops.store().rollback()?),
            (Side::Dataverse, Some(dataverse)) => Ok(dataverse.store().rollback()?),
            (Side::Dataverse, None) => Ok(()),
        }
    }
}

/// Whether anything was written on the other side.
fn sent(outcomes: &[LiveOutcome]) -> bool {
    outcomes.iter().any(|outcome| matches!(outcome.result, LiveResult::Synced(_)))
}
