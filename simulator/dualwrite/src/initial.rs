//! Initial sync of one table map for one legal entity: legs, batches, accounting.

use crate::{
    execution::{Execution, Leg, LegFailure, Progress, Push, RowFailure},
    mapper::{MapError, Mapper},
    messages::Messages,
    port::{Environment, Export, PortError},
    program::{CompiledMap, Program, Write},
};
use dwsim_catalog::facts::Limits;
use dwsim_model::{Clock, CompanyCode, Outcome, Side, SyncKind, Upsert, Value, Values, VirtualDuration};
use rustc_hash::FxHashMap;

/// Rows per transaction: large enough that the transaction costs nothing, small enough to stay in the cache.
const BATCH: usize = 10_000;

/// Both environments, and who writes into which.
pub struct Sides<'a> {
    /// Finance & Operations.
    pub finops: &'a mut dyn Environment,
    /// Dataverse.
    pub dataverse: &'a mut dyn Environment,
}

impl Sides<'_> {
    /// Source and target of writing into a side.
    pub fn into(&mut self, target: Side) -> (&dyn Environment, &mut dyn Environment) {
        match target {
            Side::Dataverse => (&*self.finops, &mut *self.dataverse),
            Side::FinOps => (&*self.dataverse, &mut *self.finops),
        }
    }

    /// One side, to read.
    pub fn side(&self, side: Side) -> &dyn Environment {
        match side {
            Side::FinOps => &*self.finops,
            Side::Dataverse => &*self.dataverse,
        }
    }

    /// One side, to write.
    pub fn side_mut(&mut self, side: Side) -> &mut dyn Environment {
        match side {
            Side::FinOps => &mut *self.finops,
            Side::Dataverse => &mut *self.dataverse,
        }
    }
}

/// What one execution is asked to do.
#[derive(Clone, Debug)]
pub struct Order {
    /// Number shared by all executions of one run.
    pub request: u64,
    /// The legal entity; none for a global map.
    pub company: Option<CompanyCode>,
    /// Who wins a conflict.
    pub master: Side,
    /// F&O rows written after this version only; none is a full push.
    pub since: Option<i64>,
}

/// What every execution needs from the world around it.
pub struct Surroundings<'a> {
    /// Documented limits and speeds.
    pub limits: &'a Limits,
    /// Documented messages.
    pub messages: &'a Messages,
    /// Virtual time an F&O export takes; instant unless a test says otherwise.
    pub export_time: VirtualDuration,
    /// Told about every batch.
    pub progress: &'a mut dyn FnMut(&Progress),
}

/// Runs one execution. Both sides are fixed before the first leg, so that the order of legs decides nothing.
pub fn run(
    map: &CompiledMap,
    order: &Order,
    sides: &mut Sides<'_>,
    clock: &mut Clock,
    around: &mut Surroundings<'_>,
) -> Execution {
    let started = clock.now();
    let fixed = (sides.finops.version(), sides.dataverse.version());
    let mut execution = Execution {
        request: order.request,
        map: map.map.id.clone(),
        company: order.company.clone(),
        push: if order.since.is_some() { Push::Incremental } else { Push::Full },
        master: order.master,
        started,
        finished: started,
        legs: Vec::new(),
        ineligible: 0,
    };
    for (into, snapshot) in [(Side::Dataverse, fixed.0), (Side::FinOps, fixed.1)] {
        let Some(program) = map.program(into) else { continue };
        let mut leg = Leg::new(into);
        let (source, target) = sides.into(into);
        if into == Side::FinOps && program.source_company.is_some() {
            execution.ineligible = source.count_without_company(&program.source).unwrap_or(0);
        }
        let mut run = LegRun { map, program, order, snapshot, leg: &mut leg, around };
        if let Err(error) = run.run(source, target) {
            leg.failure = Some(LegFailure { code: error.code, message: error.message });
        }
        leg.close();
        clock.advance(leg.duration);
        execution.legs.push(leg);
    }
    execution.finished = clock.now();
    execution
}

struct LegRun<'r, 'a> {
    map: &'r CompiledMap,
    program: &'r Program,
    order: &'r Order,
    snapshot: i64,
    leg: &'r mut Leg,
    around: &'r mut Surroundings<'a>,
}

impl LegRun<'_, '_> {
    fn run(&mut self, source: &dyn Environment, target: &mut dyn Environment) -> Result<(), PortError> {
        let into = self.program.direction();
        let export = Export {
            table: self.program.source.clone(),
            columns: self.program.read.clone(),
            company_column: self.program.source_company,
            company: self.order.company.clone(),
            filter: self.program.filter.clone(),
            order: self.program.order.clone(),
            created_up_to: Some(self.snapshot),
            written_after: self.order.since.filter(|_| into == Side::Dataverse),
        };
        let total = source.count(&export)?;
        self.check_limits(into, total)?;
        let allowed = self.rows_in_time(into);
        let company = match &self.order.company {
            Some(company) => target.company_value(company)?,
            None => None,
        };
        let upsert = self.upsert();
        let mut mapper = Mapper::new(self.program, company);
        let mut late = 0;
        source.export(&export, BATCH, &mut |mut rows| {
            self.leg.exported += rows.len() as u64;
            let room = usize::try_from(allowed.saturating_sub(self.leg.exported - rows.len() as u64))
                .unwrap_or(usize::MAX);
            if rows.len() > room {
                late += (rows.len() - room) as u64;
                let failure = self.too_late(into, total);
                for row in rows.drain(room..) {
                    self.leg
                        .failures
                        .push(RowFailure { key: self.program.key_text(&row), ..failure.clone() });
                }
            }
            self.batch(rows, &upsert, &mut mapper, source, target)?;
            (self.around.progress)(&Progress {
                map: self.map.map.id.clone(),
                company: self.order.company.clone(),
                into,
                done: self.leg.exported,
                total,
            });
            Ok(())
        })?;
        self.leg.errors += late;
        self.leg.duration = if late > 0 {
            self.around.limits.import_timeout
        } else {
            self.rate(into).time_for(self.leg.exported)
        };
        Ok(())
    }

    fn check_limits(&self, into: Side, total: u64) -> Result<(), PortError> {
        let (limits, messages) = (self.around.limits, self.around.messages);
        if total > limits.max_rows_per_legal_entity {
            return Err(messages.row_limit(&self.map.map.id, self.order.company.as_ref(), total, limits));
        }
        let lookups = self.map.export_lookups() as u64;
        if into == Side::FinOps && total > 0 && lookups > limits.max_lookups {
            return Err(messages.too_many_lookups(self.map));
        }
        if into == Side::Dataverse && self.around.export_time > limits.export_timeout {
            return Err(messages.export_timeout(
                &self.map.map.id,
                self.around.export_time,
                limits.export_timeout,
            ));
        }
        Ok(())
    }

    fn rate(&self, into: Side) -> dwsim_catalog::facts::Rate {
        let limits = self.around.limits;
        match (into, self.map.map.single_threaded) {
            (Side::Dataverse, _) => limits.rate_to_dataverse,
            (Side::FinOps, true) => limits.rate_to_finops_single_threaded,
            (Side::FinOps, false) => limits.rate_to_finops_multi_threaded,
        }
    }

    /// Rows the import can answer for before its time-out; F&O to Dataverse has none (decision 16).
    fn rows_in_time(&self, into: Side) -> u64 {
        if into == Side::Dataverse {
            return u64::MAX;
        }
        let day = u128::from(VirtualDuration::from_hours(24).as_millis());
        let allowed = u128::from(self.rate(into).rows_per_day())
            * u128::from(self.around.limits.import_timeout.as_millis())
            / day;
        u64::try_from(allowed).unwrap_or(u64::MAX)
    }

    /// Columns of the master's side are never changed by a conflict (decision 14); one-way columns always flow.
    fn upsert(&self) -> Upsert {
        let program = self.program;
        let may_win = self.order.master != program.direction();
        let overwrite = (0..program.columns.len())
            .filter(|at| !program.key.contains(at))
            .filter(|at| !matches!(program.writes[*at], Write::Company))
            .filter(|at| may_win || !program.shared.contains(at))
            .collect();
        Upsert {
            table: program.target.clone(),
            company: self.order.company.clone(),
            columns: program.columns.clone(),
            key: program.key.clone(),
            overwrite,
            symbols: program.symbols(),
            sync: SyncKind::Initial,
        }
    }

    fn batch(
        &mut self,
        rows: Vec<Values>,
        upsert: &Upsert,
        mapper: &mut Mapper<'_>,
        source: &dyn Environment,
        target: &mut dyn Environment,
    ) -> Result<(), PortError> {
        mapper.prepare(&rows, source, target)?;
        target.begin()?;
        let result = match waves(mapper, &rows) {
            Some(waves) => self.import_waves(rows, &waves, upsert, mapper, target),
            None => self.import_in_order(rows, upsert, mapper, target),
        };
        match result {
            Ok(()) => target.commit(),
            Err(error) => {
                target.rollback()?;
                Err(error)
            }
        }
    }

    /// Rows in order. A row that points at a row of the same table finds it only when that one came first
    /// (decision 31), so what is ready is written before such a row is looked at.
    fn import_in_order(
        &mut self,
        rows: Vec<Values>,
        upsert: &Upsert,
        mapper: &mut Mapper<'_>,
        target: &mut dyn Environment,
    ) -> Result<(), PortError> {
        let mut ready = Ready::with_capacity(rows.len());
        for row in rows {
            if mapper.waits_for_own_table(&row) {
                self.import(upsert, &mut ready, target)?;
                mapper.search_again(&row, target)?;
            }
            self.assemble(row, mapper, &mut ready);
        }
        self.import(upsert, &mut ready, target)
    }

    /// The same outcome with far fewer writes: rows that wait for one another go in waves, each after what it waits
    /// for.
    fn import_waves(
        &mut self,
        rows: Vec<Values>,
        waves: &[u32],
        upsert: &Upsert,
        mapper: &mut Mapper<'_>,
        target: &mut dyn Environment,
    ) -> Result<(), PortError> {
        let mut ready = Ready::with_capacity(rows.len());
        let mut waiting: Vec<(u32, Values)> = Vec::new();
        for (row, wave) in rows.into_iter().zip(waves) {
            if *wave == 0 {
                self.assemble(row, mapper, &mut ready);
            } else {
                waiting.push((*wave, row));
            }
        }
        self.import(upsert, &mut ready, target)?;
        waiting.sort_by_key(|(wave, _)| *wave);
        let mut current = 0;
        for (wave, row) in waiting {
            if wave != current {
                self.import(upsert, &mut ready, target)?;
                current = wave;
            }
            mapper.search_again(&row, target)?;
            self.assemble(row, mapper, &mut ready);
        }
        self.import(upsert, &mut ready, target)
    }

    fn assemble(&mut self, row: Values, mapper: &Mapper<'_>, ready: &mut Ready) {
        let mapped = mapper.assemble(row);
        match mapped.values {
            Ok(values) => {
                ready.rows.push(values);
                ready.keys.push(mapped.key);
            }
            Err(errors) => self.failed(&mapped.key, &errors),
        }
    }

    fn too_late(&self, into: Side, rows: u64) -> RowFailure {
        let (elapsed, limit) = (self.rate(into).time_for(rows), self.around.limits.import_timeout);
        self.around.messages.import_timeout(self.map, self.order.company.as_ref(), rows, elapsed, limit)
    }

    fn failed(&mut self, key: &str, errors: &[MapError]) {
        self.leg.errors += 1;
        let into = self.program.direction();
        // The first reason is the row's failure, as the details page shows one line a row.
        if let Some(error) = errors.first() {
            self.leg.failures.push(self.around.messages.row_not_mapped(self.map, into, key, error));
        }
    }

    fn import(
        &mut self,
        upsert: &Upsert,
        ready: &mut Ready,
        target: &mut dyn Environment,
    ) -> Result<(), PortError> {
        if ready.rows.is_empty() {
            return Ok(());
        }
        let outcomes = target.upsert(upsert, std::mem::take(&mut ready.rows))?;
        for (key, outcome) in ready.keys.drain(..).zip(outcomes) {
            match outcome {
                Outcome::Inserted(_) => self.leg.inserted += 1,
                Outcome::Updated(_) => self.leg.updated += 1,
                Outcome::Unchanged(_) => self.leg.unchanged += 1,
                Outcome::Failed(error) => {
                    self.leg.errors += 1;
                    let failure =
                        RowFailure { key, column: error.column, code: error.code, message: error.message };
                    self.leg.failures.push(failure);
                }
            }
        }
        Ok(())
    }
}

/// Rows to be written next, and their keys as a person reads them.
struct Ready {
    rows: Vec<Values>,
    keys: Vec<String>,
}

impl Ready {
    fn with_capacity(rows: usize) -> Self {
        Self { rows: Vec::with_capacity(rows), keys: Vec::with_capacity(rows) }
    }
}

/// The wave each row goes in: one after that of the earlier row of the batch it points at. None when no row waits, or
/// when rows cannot be told apart by one column.
fn waves(mapper: &Mapper<'_>, rows: &[Values]) -> Option<Vec<u32>> {
    let (key, reference) = mapper.own_key_and_reference()?;
    let mut waves = vec![0; rows.len()];
    if !rows.iter().any(|row| mapper.waits_for_own_table(row)) {
        return Some(waves);
    }
    let mut position: FxHashMap<Value, usize> = FxHashMap::default();
    for (index, row) in rows.iter().enumerate() {
        if mapper.waits_for_own_table(row)
            && let Some(parent) = position.get(&row[reference].folded())
        {
            waves[index] = waves[*parent] + 1;
        }
        position.insert(row[key].folded(), index);
    }
    Some(waves)
}
