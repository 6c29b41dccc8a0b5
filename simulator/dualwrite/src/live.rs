//! Live sync: the changes of one transaction, mapped and written to the other side before either side commits.
//!
//! A transaction has one outcome. The engine decides which changes are eligible, resolves their lookups against
//! the other side as it is before the transaction (later changes of the same transaction are visible only where
//! an entity relation is declared), writes them in database order and reports the first failure. Whoever called
//! commits the target, then the origin, or rolls both back.

use crate::{
    carry::{Preparation, delete_one, upsert_for},
    eligibility::projected,
    engine::Engine,
    fault::FaultPoint,
    initial::Sides,
    mapper::MapError,
    messages::LiveFailure,
    port::PortError,
    program::CompiledMap,
    queue::Queued,
    status::MapStatus,
    wire::{Part, body},
};
use dwsim_model::{CompanyCode, MapId, Operation, Outcome, RowChange, RowError, Side, Value};
use jiff::Timestamp;
use serde_json::Map;
use std::{collections::BTreeSet, sync::Arc};

/// What became of one change under one map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveOutcome {
    /// The map.
    pub map: MapId,
    /// The row's key as a person reads it.
    pub key: String,
    /// What happened.
    pub result: LiveResult,
}

/// The ways a change can end when nothing fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveResult {
    /// Written on the other side.
    Synced(Operation),
    /// Waiting for the map to resume.
    Queued,
    /// Left alone, and why.
    NotEligible(&'static str),
}

/// Why a transaction was refused; both sides roll back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct LiveError {
    /// The map whose write failed.
    pub map: Option<MapId>,
    /// Id of the catalogue message at the heart of it.
    pub code: String,
    /// What the user reads, composed as the documentation shows it.
    pub message: String,
}

/// A change one map has to carry over.
pub(crate) struct Item<'c> {
    pub(crate) map: Arc<CompiledMap>,
    pub(crate) change: &'c RowChange,
    pub(crate) company: Option<CompanyCode>,
    pub(crate) key: String,
}

impl Engine {
    /// Carries the changes of one origin transaction to the other side, inside the target's open transaction. What it
    /// put into queues is taken out again when the transaction does not commit: see [`Engine::forget_after`].
    pub fn propagate(
        &mut self,
        changes: &[RowChange],
        origin: Side,
        sides: &mut Sides<'_>,
        now: Timestamp,
    ) -> Result<Vec<LiveOutcome>, LiveError> {
        self.commits += 1;
        self.carry_over(changes, origin, sides, now)
    }

    /// How many transactions were carried over.
    pub fn commits(&self) -> u64 {
        self.commits
    }

    /// Transactions after this many were rolled back: nothing of them waits in a queue.
    pub fn forget_after(&mut self, commits: u64) {
        for state in self.states.values_mut() {
            state.queue.retain(|queued| queued.sequence <= commits);
        }
        for job in &mut self.jobs {
            job.pipeline.retain(|(_, queued)| queued.sequence <= commits);
        }
    }

    fn carry_over(
        &mut self,
        changes: &[RowChange],
        origin: Side,
        sides: &mut Sides<'_>,
        now: Timestamp,
    ) -> Result<Vec<LiveOutcome>, LiveError> {
        let target_side = origin.other();
        let mut outcomes = Vec::new();
        let mut items = Vec::new();
        let mut asynchronous = BTreeSet::new();
        let mut pipeline = Vec::new();
        for change in changes {
            for map in self.maps_for(&change.table.name, origin) {
                let Some(program) = map.program(target_side) else { continue };
                let key = program.key_text(&projected(program, change.row()));
                let outcome = |result| LiveOutcome { map: map.map.id.clone(), key: key.clone(), result };
                match self.eligible(&map, program, change, sides.side(origin)) {
                    Err(error) => return Err(port_failure(&map, &error)),
                    Ok(Err(reason)) => {
                        outcomes.push(outcome(LiveResult::NotEligible(reason)));
                        self.hint_null(&map, change);
                    }
                    Ok(Ok(_)) if self.is_asynchronous(&map.map.id, change.operation) => {
                        asynchronous.insert(map.map.id.clone());
                        pipeline.push((map.map.id.clone(), change, key.clone()));
                        outcomes.push(outcome(LiveResult::Queued));
                    }
                    Ok(Ok(company)) => match self.status(&map.map.id) {
                        Some(MapStatus::Paused | MapStatus::Resuming) => {
                            self.check_queue(&map.map.id, now)?;
                            outcomes.push(outcome(LiveResult::Queued));
                            self.enqueue(&map.map.id, change, origin, &key, now);
                        }
                        _ => items.push(Item { map: map.clone(), change, company, key }),
                    },
                }
            }
        }
        let live: BTreeSet<MapId> = items
            .iter()
            .filter(|item: &&Item<'_>| item.change.operation != Operation::Delete)
            .map(|item| item.map.map.id.clone())
            .collect();
        self.refuse_mixed(&asynchronous, &live)?;
        let allowed = items
            .first()
            .map_or(Ok(()), |first| self.check_transaction(&first.map, changes, origin))
            .and_then(|()| self.check_configuration_keys(&items, origin));
        if let Err(error) = allowed {
            if origin == Side::FinOps {
                self.log_failure(&error, false, now);
            }
            return Err(error);
        }
        let mut parts = Vec::new();
        let written = self.write(&items, target_side, sides, &mut parts);
        if !parts.is_empty() {
            self.keep_batch(&parts);
        }
        let written = match written {
            Ok(written) => written,
            Err(error) => {
                if origin == Side::FinOps {
                    self.log_failure(&error, !parts.is_empty(), now);
                }
                return Err(error);
            }
        };
        outcomes.extend(items.iter().zip(written).map(|(item, operation)| LiveOutcome {
            map: item.map.map.id.clone(),
            key: item.key.clone(),
            result: LiveResult::Synced(operation),
        }));
        for item in &items {
            self.hint_losses(item, target_side);
        }
        for (map, change, key) in pipeline {
            self.put_into_pipeline(&map, change, origin, &key, now);
        }
        self.note_missed(changes, origin, sides).map_err(|error| LiveError {
            map: None,
            code: error.code,
            message: error.message,
        })?;
        Ok(outcomes)
    }

    /// Notes rows made or deleted while a map is Initializing: nobody carries them over. Rows that were there when it
    /// began are exported as they are by then (decision 33).
    fn note_missed(
        &mut self,
        changes: &[RowChange],
        origin: Side,
        sides: &Sides<'_>,
    ) -> Result<(), PortError> {
        let initializing: Vec<Arc<CompiledMap>> = self
            .states
            .values()
            .filter(|state| state.status == MapStatus::Initializing)
            .map(|state| state.compiled.clone())
            .collect();
        for map in &initializing {
            let Some(program) = map.program(origin.other()) else { continue };
            for change in changes.iter().filter(|change| change.table.name == program.source.name) {
                let Ok(company) = self.eligible(map, program, change, sides.side(origin))? else { continue };
                let row = (origin == Side::Dataverse, program.key_text(&projected(program, change.row())));
                let Some(state) = self.states.get_mut(&map.map.id) else { continue };
                let missed = state.missed.entry(company).or_default();
                match change.operation {
                    Operation::Update => {}
                    // A row that came and went leaves nothing to miss.
                    Operation::Delete if missed.remove(&row) => {}
                    Operation::Create | Operation::Delete => drop(missed.insert(row)),
                }
            }
        }
        Ok(())
    }

    fn check_queue(&self, map: &MapId, now: Timestamp) -> Result<(), LiveError> {
        match self.queue_full(map, now).or_else(|| self.queue_unreachable(map)) {
            Some(error) => {
                Err(LiveError { map: Some(map.clone()), code: error.code, message: error.message })
            }
            None => Ok(()),
        }
    }

    /// A change of this transaction that follows later.
    pub(crate) fn queued(&self, change: &RowChange, origin: Side, key: &str, now: Timestamp) -> Queued {
        Queued {
            sequence: self.commits,
            at: now,
            origin,
            change: change.clone(),
            key: key.to_owned(),
            error: None,
            failed_at: None,
        }
    }

    fn enqueue(&mut self, map: &MapId, change: &RowChange, origin: Side, key: &str, now: Timestamp) {
        let queued = self.queued(change, origin, key, now);
        if let Some(state) = self.states.get_mut(map) {
            state.queue.push(queued);
        }
    }

    /// Writes eligible changes in order, inside the target's transaction.
    fn write(
        &self,
        items: &[Item<'_>],
        target_side: Side,
        sides: &mut Sides<'_>,
        parts: &mut Vec<Part>,
    ) -> Result<Vec<Operation>, LiveError> {
        let traced = target_side == Side::Dataverse
            && items.iter().any(|item| self.debugged.contains(&item.map.map.id));
        let companies = self.catalog.facts().company().entity_set.clone();
        let mut made: Vec<(Value, usize)> = Vec::new();
        let limit = self.limits().rows_per_live_transaction;
        if target_side == Side::Dataverse && items.len() as u64 > limit {
            return Err(self.messages().too_many_rows(&items[0].map, items.len() as u64, limit));
        }
        let (source, target) = sides.into(target_side);
        if let Some(first) = items.first() {
            self.check_reachable(&first.map, target_side)?;
        }
        // Before anything is written: what the other side knows now.
        let mut prepared = Vec::with_capacity(items.len());
        let mut preparation = Preparation::default();
        for item in items {
            let mapped = preparation
                .map(item, target_side, source, target)
                .map_err(|error| port_failure(&item.map, &error))?;
            prepared.push(mapped);
            if self.cut_off_at(FaultPoint::LookupResolution) {
                return Err(self.unreachable(&item.map, target_side));
            }
        }
        let mut done = Vec::with_capacity(items.len());
        // F&O answers with an error for each record; Dataverse stops at the first.
        let mut records: Vec<(Arc<CompiledMap>, RowError)> = Vec::new();
        for (index, (item, mapped)) in items.iter().zip(prepared).enumerate() {
            if index > 0 && self.cut_off_at(FaultPoint::BetweenRows) {
                return Err(self.unreachable(&item.map, target_side));
            }
            let failed = |error: &PortError| port_failure(&item.map, error);
            let values = match mapped.map(|mapped| mapped.values) {
                Some(Err(errors))
                    if matches!(errors.first(), Some(MapError::LookupMissing { .. }))
                        && self.related_before(items, index) =>
                {
                    Preparation::default()
                        .map(item, target_side, source, target)
                        .map_err(|error| failed(&error))?
                        .map(|mapped| mapped.values)
                }
                other => other,
            };
            match values {
                None => {
                    if traced {
                        let entity_set = item.map.map.entity_set.clone();
                        let id = item.change.row().first().and_then(Value::as_guid);
                        parts.push(Part { operation: Operation::Delete, entity_set, id, body: Map::new() });
                    }
                    let operation =
                        delete_one(item, target_side, source, target).map_err(|error| failed(&error))?;
                    done.push(operation.map_err(|error| self.refused(&item.map, target_side, &[error]))?);
                }
                Some(Ok(values)) => {
                    if let Some(error) =
                        self.hidden_by_range(item, &values, target).map_err(|error| failed(&error))?
                    {
                        records.push((item.map.clone(), error));
                        done.push(Operation::Update);
                        continue;
                    }
                    let upsert = upsert_for(&item.map, target_side, item.company.clone());
                    if let (true, Some(program)) = (traced, item.map.program(target_side)) {
                        let made_by =
                            |value: &Value| made.iter().find(|(id, _)| id == value).map(|(_, part)| *part);
                        parts.push(Part {
                            operation: Operation::Create,
                            entity_set: item.map.map.entity_set.clone(),
                            id: None,
                            body: body(program, &values, &companies, &made_by),
                        });
                    }
                    let outcome = target.upsert(&upsert, vec![values]).map_err(|error| failed(&error))?;
                    match outcome.into_iter().next() {
                        Some(Outcome::Inserted(id)) => {
                            made.push((id, parts.len()));
                            done.push(Operation::Create);
                        }
                        Some(Outcome::Updated(id) | Outcome::Unchanged(id)) => {
                            if let (true, Some(part)) = (traced, parts.last_mut()) {
                                part.operation = Operation::Update;
                                part.id = id.as_guid();
                            }
                            done.push(Operation::Update);
                        }
                        Some(Outcome::Failed(error)) if target_side == Side::FinOps => {
                            records.push((item.map.clone(), error));
                            done.push(Operation::Update);
                        }
                        Some(Outcome::Failed(error)) => {
                            return Err(self.refused(&item.map, target_side, &[error]));
                        }
                        _ => done.push(Operation::Update),
                    }
                }
                Some(Err(errors)) => {
                    return Err(self.messages().not_mapped(&item.map, target_side, &item.key, &errors));
                }
            }
        }
        match records.first() {
            None => Ok(done),
            Some((map, _)) => {
                let failures: Vec<LiveFailure<'_>> = records
                    .iter()
                    .map(|(map, error)| LiveFailure {
                        code: &error.code,
                        message: &error.message,
                        label: Some(&map.map.entity_label),
                    })
                    .collect();
                Err(self.messages().refused(map, target_side, &failures))
            }
        }
    }

    fn refused(&self, map: &CompiledMap, target: Side, errors: &[RowError]) -> LiveError {
        let failures: Vec<LiveFailure<'_>> = errors
            .iter()
            .map(|error| LiveFailure { code: &error.code, message: &error.message, label: None })
            .collect();
        self.messages().refused(map, target, &failures)
    }

    /// Whether an earlier change of the transaction belongs to an entity this one is declared to be related to.
    fn related_before(&self, items: &[Item<'_>], index: usize) -> bool {
        let own = &items[index].map.entity;
        items[..index].iter().any(|earlier| self.related(own, &earlier.map.entity))
    }

    /// Applies one queued change; used when a map resumes.
    pub(crate) fn replay(
        &self,
        map: &Arc<CompiledMap>,
        queued: &Queued,
        sides: &mut Sides<'_>,
    ) -> Result<(), LiveError> {
        let target_side = queued.origin.other();
        let Some(program) = map.program(target_side) else { return Ok(()) };
        let eligible = self
            .eligible(map, program, &queued.change, sides.side(queued.origin))
            .map_err(|error| port_failure(map, &error))?;
        let Ok(company) = eligible else { return Ok(()) };
        let item = Item { map: map.clone(), change: &queued.change, company, key: queued.key.clone() };
        let failed = |error: PortError| port_failure(map, &error);
        sides.side_mut(target_side).begin().map_err(failed)?;
        match self.write(&[item], target_side, sides, &mut Vec::new()) {
            Ok(_) => sides.side_mut(target_side).commit().map_err(failed),
            Err(error) => {
                sides.side_mut(target_side).rollback().map_err(failed)?;
                Err(error)
            }
        }
    }
}

fn port_failure(map: &CompiledMap, error: &PortError) -> LiveError {
    LiveError { map: Some(map.map.id.clone()), code: error.code.clone(), message: error.message.clone() }
}
