//! Rows that dual-write brings in, batch by batch. What a batch needs is worked out once; a row costs one search
//! and at most one write, and builds text only when it fails.

use crate::{
    Dataverse, EnvError, SaveError,
    consequence::Writer,
    domain::Composed,
    refusal::{Refusal, Subject},
    shape::Shape,
    values::check,
};
use dwsim_model::{ColumnKind, Outcome, Required, Upsert, Value, Values};
use dwsim_store::{Condition, Select, StoreError, Upserter};
use jiff::Timestamp;

/// What one batch needs, by ordinal.
struct Plan<'a> {
    batch: &'a Upsert,
    shape: &'a Shape,
    /// The company as a value and as text.
    company: Option<(Value, String)>,
    /// Key ordinals; the company's is last when the rows do not carry it.
    key: Vec<usize>,
    company_in_key: bool,
    /// The rows belong to no company and do not say so: they match rows without company only.
    unstriped: bool,
    /// Columns read of a row that exists: those to overwrite, then the owner.
    read: Vec<usize>,
    insert: Fill<'a>,
    update: Fill<'a>,
    equivalent_owners: Vec<Value>,
    /// Positions that have to have a value.
    required: Vec<bool>,
}

/// Columns written beside those of the batch.
#[derive(Default)]
struct Fill<'a> {
    columns: Vec<usize>,
    constants: Vec<Value>,
    computed: Vec<Computed<'a>>,
}

/// A value that depends on the row.
enum Computed<'a> {
    StateOf(usize),
    StatusOf(usize),
    TableOf(usize),
    Compose(&'a Composed),
    Inherit { through: usize, target: usize, from: usize },
    UnitGroup { class: Option<usize>, name: Option<usize> },
}

type Written = Result<Outcome, Refusal>;

impl Dataverse {
    /// Writes rows that dual-write brings in; one outcome a row, in order. `rows` are aligned with
    /// [`Upsert::columns`]; lookups hold ids the caller has found. A row that breaks a rule is not written, all
    /// others are. Runs inside the transaction the caller opened.
    pub fn upsert(
        &mut self,
        batch: &Upsert,
        rows: Vec<Values>,
        now: Timestamp,
    ) -> Result<Vec<Outcome>, EnvError> {
        let (at, shape) = self.indexed(&batch.table.name)?;
        let outcomes = match self.plan(batch, shape, now)? {
            Ok(plan) => self.write(&plan, rows, at, now)?,
            Err(refusal) => {
                let fail = |row: Values| self.failed(batch, shape, &row, refusal.clone());
                rows.into_iter().map(fail).collect::<Result<_, _>>()?
            }
        };
        if at == self.system.company {
            for outcome in &outcomes {
                if let Outcome::Inserted(id) | Outcome::Updated(id) = outcome {
                    self.company_written(id.as_guid().unwrap_or_default(), now)?;
                }
            }
        }
        self.follow_up_all(at, outcomes, now)
    }

    /// Lets other rows follow those that were written. A row they cannot follow is refused for their reason.
    fn follow_up_all(
        &mut self,
        table: usize,
        mut outcomes: Vec<Outcome>,
        now: Timestamp,
    ) -> Result<Vec<Outcome>, EnvError> {
        if !self.shapes[table].domain.has_consequences() {
            return Ok(outcomes);
        }
        for outcome in &mut outcomes {
            let (id, new) = match outcome {
                Outcome::Inserted(id) => (id.as_guid(), true),
                Outcome::Updated(id) => (id.as_guid(), false),
                Outcome::Unchanged(_) | Outcome::Failed(_) => continue,
            };
            match self.follow_up(table, id.unwrap_or_default(), new, Writer::DualWrite, now) {
                Ok(()) => {}
                Err(SaveError::Refused(error)) => *outcome = Outcome::Failed(error),
                Err(SaveError::Environment(error)) => return Err(error),
            }
        }
        Ok(outcomes)
    }

    fn write(
        &self,
        plan: &Plan<'_>,
        rows: Vec<Values>,
        at: usize,
        now: Timestamp,
    ) -> Result<Vec<Outcome>, EnvError> {
        let with = |columns: &[usize], fill: &Fill<'_>| [columns, &fill.columns].concat();
        let overwritten: Vec<usize> = plan.batch.overwrite.iter().map(|at| plan.batch.columns[*at]).collect();
        let insert = with(&plan.batch.columns, &plan.insert);
        let update = with(&overwritten, &plan.update);
        let mut upserter = self.store.upserter(plan.shape.id, &plan.key, &plan.read, &insert, &update)?;
        let mut outcomes = Vec::with_capacity(rows.len());
        let mut computed = Vec::new();
        for row in rows {
            let written = self.write_row(plan, &mut upserter, &row, at, &mut computed, now)?;
            outcomes.push(match written {
                Ok(outcome) => outcome,
                Err(refusal) => self.failed(plan.batch, plan.shape, &row, refusal)?,
            });
        }
        Ok(outcomes)
    }

    fn write_row(
        &self,
        plan: &Plan<'_>,
        upserter: &mut Upserter<'_>,
        row: &Values,
        table: usize,
        computed: &mut Vec<Value>,
        now: Timestamp,
    ) -> Result<Written, EnvError> {
        let blank = plan.batch.key.iter().find(|at| row[**at].is_blank()).map(|at| plan.batch.columns[*at]);
        let found = match blank {
            None if plan.unstriped => self.find_unstriped(plan, row)?,
            None => {
                let company = plan.company.as_ref().filter(|_| plan.company_in_key).map(|(id, _)| id);
                upserter.find(plan.batch.key.iter().map(|at| &row[*at]).chain(company))?
            }
            Some(column) if plan.shape.table.company == Some(column) => self.find_unstriped(plan, row)?,
            Some(column) => return Ok(Err(Refusal::Missing { column: plan.shape.name(column) })),
        };
        computed.clear();
        let Some(found) = found else {
            for position in 0..row.len() {
                if let Err(refusal) = plan.admit(row, position) {
                    return Ok(Err(refusal));
                }
            }
            self.compute(plan, &plan.insert, row, computed, now)?;
            let id = Value::Guid(self.next_id(table));
            let cells = row.iter().chain(&plan.insert.constants).chain(computed.iter());
            return Ok(match upserter.insert(&id, cells) {
                Ok(()) => Ok(Outcome::Inserted(id)),
                Err(error) => Err(plan.duplicate(row, error)?),
            });
        };
        let (id, current) = (&found[0], &found[1..]);
        let overwrite = &plan.batch.overwrite;
        let mut differs = false;
        for (index, position) in overwrite.iter().enumerate() {
            if current[index] != row[*position] {
                differs = true;
                if let Err(refusal) = plan.admit(row, *position) {
                    return Ok(Err(refusal));
                }
            }
        }
        let adopted = overwrite.is_empty()
            || current.get(overwrite.len()).is_none_or(|owner| plan.equivalent_owners.contains(owner));
        if !differs && adopted {
            return Ok(Ok(Outcome::Unchanged(id.clone())));
        }
        if let Some(column) = plan.shape.domain.future_dated.filter(|_| differs)
            && plan.position(column).is_some_and(|at| matches!(row[at], Value::Instant(from) if from > now))
        {
            return Ok(Err(Refusal::FutureDated { column: plan.shape.name(column) }));
        }
        self.compute(plan, &plan.update, row, computed, now)?;
        let cells = overwrite.iter().map(|at| &row[*at]).chain(&plan.update.constants).chain(computed.iter());
        Ok(match upserter.update(id, cells) {
            Ok(_) => Ok(Outcome::Updated(id.clone())),
            Err(error) => Err(plan.duplicate(row, error)?),
        })
    }

    /// A row whose company is blank, such as a plain contact person: keys that hold a null need another search.
    fn find_unstriped(&self, plan: &Plan<'_>, row: &Values) -> Result<Option<Values>, EnvError> {
        let columns: Vec<usize> = [0].iter().chain(&plan.read).copied().collect();
        let mut select = Select::all(plan.shape.id).columns(&columns).limit(1);
        for at in &plan.batch.key {
            select = select.only(Condition::Equal(plan.batch.columns[*at], row[*at].clone()));
        }
        if let Some(company) = plan.shape.table.company.filter(|_| plan.unstriped) {
            select = select.only(Condition::Equal(company, Value::Null));
        }
        Ok(self.store.collect(&select)?.into_iter().next())
    }

    fn compute(
        &self,
        plan: &Plan<'_>,
        fill: &Fill<'_>,
        row: &Values,
        cells: &mut Vec<Value>,
        now: Timestamp,
    ) -> Result<(), EnvError> {
        for computed in &fill.computed {
            match computed {
                Computed::StateOf(at) => {
                    let state = plan.shape.state.as_ref().and_then(|own| match row[*at] {
                        Value::Choice(status) => own.state_of(status),
                        _ => Some(own.initial.0),
                    });
                    cells.push(state.map_or(Value::Null, Value::Choice));
                }
                Computed::StatusOf(at) => {
                    let status = plan.shape.state.as_ref().and_then(|own| match row[*at] {
                        Value::Choice(state) => own.status_of(state),
                        _ => Some(own.initial.1),
                    });
                    cells.push(status.map_or(Value::Null, Value::Choice));
                }
                Computed::TableOf(at) => {
                    let targets = match &plan.shape.table.column(plan.batch.columns[*at]).kind {
                        ColumnKind::Lookup { targets } => targets.as_slice(),
                        _ => &[],
                    };
                    let name = match row[*at].as_guid() {
                        Some(id) => self.table_of(id, targets)?,
                        None => None,
                    };
                    cells.push(name.map_or(Value::Null, |name| Value::text(name.as_str())));
                }
                Computed::Compose(rule) => {
                    let company = plan.company.as_ref().map_or("", |(_, code)| code);
                    let value = rule.join(company, |column| plan.position(column).map(|at| &row[at]));
                    cells.push(value.unwrap_or_default());
                }
                Computed::Inherit { through, target, from } => {
                    let target = self.shapes[*target].id;
                    let found = self.store.get(target, &row[*through], &[*from])?;
                    cells.push(found.and_then(|cells| cells.into_iter().next()).unwrap_or_default());
                }
                Computed::UnitGroup { class, name } => {
                    let at = |at: &Option<usize>| at.map_or(Value::Null, |at| row[at].clone());
                    cells.extend(self.unit_group(&at(class), &at(name), now)?);
                }
            }
        }
        Ok(())
    }

    fn plan<'a>(
        &'a self,
        batch: &'a Upsert,
        shape: &'a Shape,
        now: Timestamp,
    ) -> Result<Result<Plan<'a>, Refusal>, EnvError> {
        let Some(user) = self.dual_write_user() else { return Ok(Err(Refusal::NotAMember)) };
        let company = match (&batch.company, shape.table.company) {
            (Some(code), Some(_)) => match self.company_id(code)? {
                Some(id) => Some((Value::Guid(id), code.to_string())),
                None => return Ok(Err(self.unknown_company(code.as_str())?)),
            },
            _ => None,
        };
        let mut plan = Plan {
            batch,
            shape,
            company,
            key: batch.key.iter().map(|at| batch.columns[*at]).collect(),
            company_in_key: false,
            unstriped: false,
            read: batch.overwrite.iter().map(|at| batch.columns[*at]).collect(),
            insert: Fill::default(),
            update: Fill::default(),
            equivalent_owners: Vec::new(),
            required: batch
                .columns
                .iter()
                .map(|at| {
                    shape.table.column(*at).required != Required::No && !shape.domain.waived.contains(at)
                })
                .collect(),
        };
        plan.unstriped = plan.company.is_none()
            && shape.table.company.is_some_and(|column| plan.position(column).is_none());
        let mut constants = Vec::new();
        if let (Some(column), Some((id, _))) = (shape.table.company, &plan.company)
            && plan.position(column).is_none()
        {
            constants.push((column, id.clone()));
            let in_key = shape.table.natural_key().is_none_or(|key| key.columns.contains(&column));
            plan.company_in_key = in_key;
            if in_key {
                plan.key.push(column);
            }
        }
        constants.extend(shape.domain.defaults.iter().cloned());
        let (when, who) = (Value::Instant(now), Value::Guid(user));
        constants.extend(Shape::stamps(shape.created, when.clone(), who.clone()));
        let mut kept = Shape::stamps(shape.modified, when, who);
        if let Some(columns) = shape.owner {
            let owner = match self.inbound_owner(batch)? {
                Ok(owner) => owner,
                Err(refusal) => return Ok(Err(refusal)),
            };
            kept.extend(owner.owner.cells(columns));
            plan.equivalent_owners = owner.equivalent;
            plan.read.push(columns.owner);
        }
        constants.extend(kept.iter().cloned());
        plan.state(&mut constants);
        for (at, value) in constants.into_iter().filter(|(at, _)| !batch.columns.contains(at)) {
            plan.insert.constant(at, value);
        }
        for (at, value) in kept.into_iter().filter(|(at, _)| !batch.columns.contains(at)) {
            plan.update.constant(at, value);
        }
        plan.companions();
        self.domain_fill(&mut plan);
        Ok(Ok(plan))
    }

    /// Columns that rules of the table fill from the row.
    fn domain_fill<'a>(&'a self, plan: &mut Plan<'a>) {
        let shape = plan.shape;
        for rule in &shape.domain.composed {
            if plan.position(rule.column).is_none() {
                plan.insert.compute(rule.column, Computed::Compose(rule));
            }
        }
        for rule in &shape.domain.inherited {
            let target = match &shape.table.column(rule.through).kind {
                ColumnKind::Lookup { targets } => targets.first().and_then(|name| self.indexed(name).ok()),
                _ => None,
            };
            if let (None, Some(through), Some((target, from))) =
                (plan.position(rule.column), plan.position(rule.through), target)
                && let Some(from) = from.table.ordinal(&rule.from)
            {
                plan.insert.compute(rule.column, Computed::Inherit { through, target, from });
            }
        }
        if shape.domain.grouped {
            let rule = &self.rules.unit_group;
            let ordinal = |name: &str| shape.table.ordinal(name);
            let filled = [&rule.group_column, &rule.base_column, &rule.base_flag_column];
            let columns: Vec<usize> = filled.into_iter().filter_map(|name| ordinal(name)).collect();
            let free = columns.iter().all(|column| plan.position(*column).is_none());
            if columns.len() == filled.len() && free {
                let class = ordinal(&rule.class_column).and_then(|at| plan.position(at));
                let name = ordinal(&rule.name_column).and_then(|at| plan.position(at));
                plan.insert.columns.extend(columns);
                plan.insert.computed.push(Computed::UnitGroup { class, name });
            }
        }
    }

    fn failed(
        &self,
        batch: &Upsert,
        shape: &Shape,
        row: &Values,
        refusal: Refusal,
    ) -> Result<Outcome, EnvError> {
        let mut record = Vec::with_capacity(batch.key.len());
        for at in &batch.key {
            record.push(if shape.table.company == Some(batch.columns[*at]) {
                self.company_label(&row[*at])?
            } else {
                row[*at].to_string()
            });
        }
        let subject = Subject { table: &shape.table.name, record: &record.join("/") };
        Ok(Outcome::Failed(refusal.into_error(self.catalog.facts(), subject)))
    }
}

impl<'a> Fill<'a> {
    fn constant(&mut self, column: usize, value: Value) {
        self.columns.insert(self.constants.len(), column);
        self.constants.push(value);
    }

    fn compute(&mut self, column: usize, computed: Computed<'a>) {
        self.columns.push(column);
        self.computed.push(computed);
    }
}

impl Plan<'_> {
    fn position(&self, column: usize) -> Option<usize> {
        self.batch.columns.iter().position(|own| *own == column)
    }

    /// State and status of new rows, and the one that follows when only the other comes with the rows.
    fn state(&mut self, constants: &mut Vec<(usize, Value)>) {
        let Some(own) = &self.shape.state else { return };
        match (self.position(own.state), self.position(own.status)) {
            (None, None) => {
                constants.push((own.state, Value::Choice(own.initial.0)));
                constants.push((own.status, Value::Choice(own.initial.1)));
            }
            (None, Some(at)) => self.follow(own.state, at, Computed::StateOf),
            (Some(at), None) => self.follow(own.status, at, Computed::StatusOf),
            (Some(_), Some(_)) => {}
        }
    }

    /// The table names beside lookups to several tables.
    fn companions(&mut self) {
        for (lookup, companion) in &self.shape.companions {
            if let (Some(at), None) = (self.position(*lookup), self.position(*companion)) {
                self.follow(*companion, at, Computed::TableOf);
            }
        }
    }

    fn follow(&mut self, column: usize, from: usize, computed: impl Fn(usize) -> Computed<'static>) {
        self.insert.compute(column, computed(from));
        if self.batch.overwrite.contains(&from) {
            self.update.compute(column, computed(from));
        }
    }

    fn admit(&self, row: &Values, position: usize) -> Result<(), Refusal> {
        let column = self.shape.table.column(self.batch.columns[position]);
        if self.required[position] && row[position].is_blank() {
            return Err(Refusal::Missing { column: column.name.clone() });
        }
        check(column, &row[position])
    }

    fn duplicate(&self, row: &Values, error: StoreError) -> Result<Refusal, EnvError> {
        let StoreError::Duplicate { key, .. } = &error else { return Err(error.into()) };
        let columns =
            self.shape.table.keys.iter().find(|own| own.name == *key).map(|own| own.columns.as_slice());
        let columns = columns.unwrap_or_default();
        let value = |at: &usize| {
            let company = self.company.as_ref().filter(|_| self.shape.table.company == Some(*at));
            company.map_or_else(
                || self.position(*at).map(|at| row[at].to_string()).unwrap_or_default(),
                |(_, code)| code.clone(),
            )
        };
        Ok(Refusal::DuplicateKey {
            key: columns.iter().map(value).collect::<Vec<_>>().join("/"),
            columns: columns.iter().map(|at| self.shape.name(*at)).collect(),
        })
    }
}
