//! Initial sync of one table map for one legal entity: legs, batches, accounting.

use crate::{
    execution::{Execution, Leg, LegFailure, Progress, Push, RowFailure},
    mapper::{MapError, Mapper},
    port::{Environment, Export, PortError},
    program::{CompiledMap, Program, Write},
};
use dwsim_filter::Predicate;
use dwsim_model::{
    Clock, CompanyCode, Name, Outcome, Side, SyncKind, Upsert, Value, Values, VirtualDuration,
};
use rustc_hash::{FxHashMap, FxHashSet};

pub use crate::order::{Order, Sides, Since, Surroundings, Versions};

/// Rows per transaction: large enough that the transaction costs nothing, small enough to stay in the cache.
const BATCH: usize = 10_000;

/// Runs one execution. Both sides are fixed before the first leg, so that the order of legs decides nothing.
pub fn run(
    map: &CompiledMap,
    order: &Order,
    sides: &mut Sides<'_>,
    clock: &mut Clock,
    around: &mut Surroundings<'_>,
) -> Execution {
    let started = clock.now();
    let pushes_all = order.since == Since::default();
    let mut execution = Execution {
        request: order.request,
        map: map.map.id.clone(),
        company: order.company.clone(),
        push: if pushes_all { Push::Full } else { Push::Incremental },
        master: order.master,
        started,
        finished: started,
        legs: Vec::new(),
        ineligible: 0,
        missed: 0,
        warnings: Vec::new(),
        job: job_name(map, order),
    };
    for (into, snapshot) in [(Side::Dataverse, order.fixed.finops), (Side::FinOps, order.fixed.dataverse)] {
        let Some(program) = map.program(into) else { continue };
        let mut leg = Leg::new(into);
        let (source, target) = sides.into(into);
        if into == Side::FinOps && program.source_company.is_some() {
            execution.ineligible = source.count_without_company(&program.source).unwrap_or(0);
        }
        let traits = Traits::of(program, source, around);
        let mut run = LegRun {
            map,
            program,
            order,
            snapshot,
            traits,
            leg: &mut leg,
            around,
            seen: FxHashSet::default(),
        };
        if let Err(error) = run.whole(source, target) {
            leg.undone();
            leg.failure = Some(LegFailure { code: error.code, message: error.message });
        }
        leg.close();
        clock.advance(leg.duration);
        execution.legs.push(leg);
    }
    execution.finished = clock.now();
    execution
}

/// The execution group id of the job history: stable for a run, and another one for every run.
fn job_name(map: &CompiledMap, order: &Order) -> String {
    let company = order.company.as_ref().map_or("", CompanyCode::as_str);
    let path = format!("{}/{}/{company}", map.map.id, order.request);
    format!("DWM-{}", uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, path.as_bytes()))
}

/// What the way from one side to the other cannot carry.
struct Traits {
    /// How a decimal zero is written where the target does not read that.
    zero: Option<&'static str>,
    /// Whether double quotes in a text break the exported file.
    quotes: bool,
    /// Positions in the row read that hold times written as text: the field, and the message.
    text_times: Vec<(usize, Name, Name)>,
    /// Whether two source rows can have one key.
    repeats: bool,
}

impl Traits {
    fn of(program: &Program, source: &dyn Environment, around: &Surroundings<'_>) -> Self {
        let at = |field: &Name| {
            let ordinal = program.source.ordinal(field)?;
            program.read.iter().position(|own| *own == ordinal)
        };
        let from_finops = program.source.side == Side::FinOps;
        let text_times = around
            .text_times
            .iter()
            .filter(|_| from_finops)
            .filter_map(|(field, message)| Some((at(field)?, field.clone(), message.clone())))
            .collect();
        let key: Vec<usize> = program.shown_key.iter().map(|at| program.read[*at]).collect();
        let unique = program.source.natural_key().is_some_and(|natural| {
            natural.columns.iter().all(|own| key.contains(own) || Some(*own) == program.source_company)
        });
        Self {
            zero: source.unreadable_zero(),
            quotes: source.exports_quoted_text(),
            text_times,
            repeats: !unique,
        }
    }
}

struct LegRun<'r, 'a> {
    map: &'r CompiledMap,
    program: &'r Program,
    order: &'r Order,
    snapshot: i64,
    traits: Traits,
    leg: &'r mut Leg,
    around: &'r mut Surroundings<'a>,
    /// Keys of rows exported so far, where two rows can have one.
    seen: FxHashSet<Values>,
}

impl LegRun<'_, '_> {
    /// The whole leg, or nothing of it.
    fn whole(&mut self, source: &dyn Environment, target: &mut dyn Environment) -> Result<(), PortError> {
        if let Some(refusal) = source.export_refusal().or(target.import_refusal()) {
            return Err(self.around.messages.failure(refusal, &[]));
        }
        target.begin()?;
        match self.run(source, target) {
            Ok(()) => target.commit(),
            Err(error) => {
                target.rollback()?;
                Err(error)
            }
        }
    }

    fn run(&mut self, source: &dyn Environment, target: &mut dyn Environment) -> Result<(), PortError> {
        let into = self.program.direction();
        let export = Export {
            table: self.program.source.clone(),
            columns: self.program.read.clone(),
            company_column: self.program.source_company,
            company: self.order.company.clone(),
            filter: self.exported_rows(into),
            order: self.program.order.clone(),
            created_up_to: Some(self.snapshot),
            written_after: match into {
                Side::Dataverse => self.order.since.finops,
                Side::FinOps => self.order.since.dataverse,
            },
        };
        let rows = source.count(&export)?;
        let assumed = self.around.assumed[usize::from(into == Side::FinOps)];
        self.leg.assumed = assumed;
        let total = assumed.unwrap_or(rows);
        self.check_limits(into, total)?;
        if assumed.is_some_and(|assumed| assumed > self.rows_in_time(into)) {
            self.leg.duration = self.around.limits.import_timeout;
            let failure = self.too_late(into, total);
            return Err(PortError { code: failure.code, message: failure.message });
        }
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
            let time = self.rate(into).time_for(assumed.unwrap_or(self.leg.exported));
            VirtualDuration::from_millis(time.as_millis().saturating_mul(self.around.slow_factor.max(1)))
        };
        Ok(())
    }

    /// The map's filter, and what the F&O entity exports at all.
    fn exported_rows(&self, into: Side) -> Predicate {
        let own = self.program.filter.clone();
        match (into, &self.around.exported_only) {
            (Side::Dataverse, only) if *only != Predicate::All => Predicate::And(vec![own, only.clone()]),
            _ => own,
        }
    }

    fn check_limits(&mut self, into: Side, total: u64) -> Result<(), PortError> {
        let (limits, messages) = (self.around.limits, self.around.messages);
        if total > limits.max_rows_per_legal_entity {
            return Err(messages.row_limit(&self.map.map.id, self.order.company.as_ref(), total, limits));
        }
        let lookups = self.map.export_lookups() as u64;
        if into == Side::FinOps && total > 0 && lookups > limits.max_lookups {
            return Err(messages.too_many_lookups(self.map));
        }
        if into == Side::Dataverse && self.around.export_time > limits.export_timeout {
            self.leg.duration = limits.export_timeout;
            return Err(messages.export_timeout(
                self.map,
                self.order.company.as_ref(),
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
        if self.traits.quotes && rows.iter().any(|row| row.iter().any(has_quotes)) {
            return Err(self.around.messages.quoted_text(self.map));
        }
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

    /// Whether the row can be carried at all; a row that cannot is a failure of its own.
    fn carried(&mut self, row: &Values) -> bool {
        let failure = self.traits.text_times.iter().find(|(at, _, _)| !row[*at].is_blank()).map(
            |(at, field, message)| {
                let key = self.program.key_text(row);
                self.around.messages.row_not_carried(message, &key, field, &row[*at].to_string())
            },
        );
        match failure {
            Some(failure) => {
                self.leg.errors += 1;
                self.leg.failures.push(failure);
                false
            }
            None => true,
        }
    }

    /// The first decimal that is zero and is written in a way the target does not read.
    fn unreadable_zero(&self, values: &[Value]) -> Option<(Name, &'static str)> {
        let literal = self.traits.zero?;
        let zero = |value: &Value| matches!(value, Value::Decimal(number) if number.is_zero());
        let at = values.iter().position(zero)?;
        Some((self.program.target.column(self.program.columns[at]).name.clone(), literal))
    }

    fn note_repeated_key(&mut self, row: &Values) {
        if self.traits.repeats {
            let key: Values = self.program.shown_key.iter().map(|at| row[*at].folded()).collect();
            if !self.seen.insert(key) {
                self.leg.duplicates.push(self.program.key_text(row));
            }
        }
    }

    fn assemble(&mut self, row: Values, mapper: &Mapper<'_>, ready: &mut Ready) {
        if !self.carried(&row) {
            return;
        }
        self.note_repeated_key(&row);
        let mapped = mapper.assemble(row);
        match mapped.values {
            Ok(values) => {
                if let Some((column, literal)) = self.unreadable_zero(&values) {
                    self.leg.errors += 1;
                    let failure = self.around.messages.row_not_carried("I6", &mapped.key, &column, literal);
                    self.leg.failures.push(failure);
                    return;
                }
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

fn has_quotes(value: &Value) -> bool {
    value.as_text().is_some_and(|text| text.contains('"'))
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
