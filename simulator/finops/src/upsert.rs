//! Rows that dual-write writes: found by the integration key, created or changed in one pass over a batch.

use crate::{
    EnvError, FinOps,
    broken::{Broken, Refusal},
    domain::LineDiscount,
    finops::duplicate,
    party::PartyLookup,
    plan::Plan,
    save::undeletable,
    write::{Completion, check_change},
};
use dwsim_model::{CompanyCode, Outcome, RowError, Upsert, Value, Values};
use dwsim_store::{Store, StoreError, TableId};
use std::{collections::BTreeMap, sync::Arc};

/// What is the same for every row of a batch.
struct Batch<'a> {
    upsert: &'a Upsert,
    plan: &'a Plan,
    /// Ordinals read of a row that is found, and the position of each in the row given.
    read: Vec<usize>,
    overwrite: Vec<usize>,
    /// Where the four cells of a line's discount are, in the order quantity, total, unit, charges.
    discount: Option<(LineDiscount, [usize; 4])>,
    /// Where the row found holds its party type.
    kind: Option<usize>,
    company: Company,
    /// Cells of a row created, by ordinal.
    width: usize,
    truncate: bool,
    environment: &'a str,
}

/// The company of the rows of a batch, as legal entities spell it.
enum Company {
    /// The entity is global.
    None,
    /// All rows have this one; the position it is given at, if it is.
    One(Option<usize>, Value),
    /// Each row names its own, at this position.
    Each(Option<usize>, BTreeMap<String, Value>),
}

impl FinOps {
    /// Writes rows for dual-write, aligned with `batch.columns`; one outcome a row, in order.
    ///
    /// Rows are found by the integration key and compared exactly. A row that breaks a rule is not written and the
    /// others are. Transactions are the caller's.
    pub fn upsert(&mut self, batch: &Upsert, rows: Vec<Values>) -> Result<Vec<Outcome>, EnvError> {
        let unknown = || EnvError::UnknownTable(batch.table.name.clone());
        let id = self.table(&batch.table.name).ok_or_else(unknown)?;
        let plan = self.plan(id).ok_or_else(unknown)?.clone();
        let position = |ordinal: usize| batch.columns.iter().position(|own| *own == ordinal);
        let company = match (plan.table.company, &batch.company) {
            (None, _) => Company::None,
            (Some(ordinal), Some(code)) => match self.company_value(code.as_str())? {
                Some(own) => Company::One(position(ordinal), own),
                None => return self.refuse_all(&plan, batch, &rows, code.as_str(), ordinal),
            },
            (Some(ordinal), None) => {
                let spelled =
                    |code: CompanyCode| (code.as_str().to_ascii_lowercase(), Value::text(code.as_str()));
                Company::Each(position(ordinal), self.companies()?.into_iter().map(spelled).collect())
            }
        };
        let key: Vec<usize> = batch.key.iter().filter_map(|at| batch.columns.get(*at).copied()).collect();
        let overwrite: Vec<usize> =
            batch.overwrite.iter().copied().filter(|at| !batch.key.contains(at)).collect();
        let read: Vec<usize> = overwrite.iter().filter_map(|at| batch.columns.get(*at).copied()).collect();
        let kind = plan.party.as_ref().and_then(|rule| rule.kind);
        let kind = kind.and_then(|kind| read.iter().position(|own| *own == kind));
        // A worker's party number is known by name only, and a new row gets one all the same.
        let party = plan.party.as_ref().map_or(0, |rule| rule.number + 1);
        let width = batch.columns.iter().map(|own| own + 1).max().unwrap_or(0).max(plan.typed).max(party);
        let discount = plan.domain.discount.and_then(|rule| {
            let at = [rule.quantity, rule.total, rule.line, rule.charges].map(position);
            let [Some(quantity), Some(total), Some(line), Some(charges)] = at else { return None };
            Some((rule, [quantity, total, line, charges]))
        });
        let truncate = self.environment().truncate_inbound_text;
        let environment = self.environment().name.clone();
        let environment = environment.as_str();
        let shared = Batch {
            upsert: batch,
            plan: &plan,
            read,
            overwrite,
            discount,
            kind,
            company,
            width,
            truncate,
            environment,
        };
        let outcomes = self.write_batch(&shared, &key, rows)?;
        for outcome in &outcomes {
            if let Outcome::Inserted(id) | Outcome::Updated(id) = outcome {
                self.keep_only_one(&plan, id)?;
                if plan.domain.inquires {
                    self.inventory.ask(id.clone());
                }
            }
        }
        Ok(outcomes)
    }

    fn write_batch(
        &mut self,
        batch: &Batch<'_>,
        key: &[usize],
        rows: Vec<Values>,
    ) -> Result<Vec<Outcome>, EnvError> {
        let Batch { upsert, plan, .. } = batch;
        let Self { store, sequences, parties, catalog, first_rec_id, .. } = self;
        let store = &*store;
        let mut insert: Vec<usize> = (1..plan.typed).collect();
        insert.extend(upsert.columns.iter().copied().filter(|own| *own >= plan.typed));
        let party = plan.party.as_ref().map(|rule| rule.number);
        insert.extend(party.filter(|own| *own >= plan.typed && !upsert.columns.contains(own)));
        store.ensure_index(plan.id, key)?;
        let mut writer = store.upserter(plan.id, key, &batch.read, &insert, &batch.read)?;
        let lookup = || plan.party.as_ref().map(|_| PartyLookup::new(store, parties)).transpose();
        let mut changed_party = lookup()?;
        let mut completion = Completion {
            plan,
            parties,
            lookup: lookup()?,
            sequences,
            store,
            first_rec_id: *first_rec_id,
            adopt: false,
        };
        let mut full: Vec<Value> = Vec::with_capacity(batch.width);
        let mut outcomes = Vec::with_capacity(rows.len());
        for mut row in rows {
            let written = batch.normalise(&mut row).map_err(Refusal::from).and_then(|()| {
                let found = writer.find(upsert.key.iter().filter_map(|at| row.get(*at)))?;
                if let Some(found) = found {
                    batch.settle(&mut row, store, &found)?;
                    return if batch.merge(&mut row, &found, parties, &mut changed_party)? {
                        writer.update(&found[0], batch.overwrite.iter().filter_map(|at| row.get(*at)))?;
                        Ok(Outcome::Updated(found[0].clone()))
                    } else {
                        Ok(Outcome::Unchanged(found[0].clone()))
                    };
                }
                if let Some((rule, at)) = batch.discount {
                    rule.settle_inbound(&mut row, at, None);
                }
                batch.spread(&row, &mut full);
                let made = completion.complete(&mut full, &upsert.columns)?;
                full[0] = completion.next_id();
                match writer.insert(&full[0], insert.iter().filter_map(|own| full.get(*own))) {
                    Ok(()) => Ok(Outcome::Inserted(full[0].clone())),
                    Err(StoreError::Duplicate { .. }) => {
                        if let Some(party) = made {
                            store.delete(parties.id, &party.row[0])?;
                        }
                        Err(duplicate(plan, &full).into())
                    }
                    Err(error) => Err(error.into()),
                }
            });
            outcomes.push(match written {
                Ok(outcome) => outcome,
                Err(Refusal::Rule(broken)) => {
                    let cell = |own: usize| batch.position(own).and_then(|at| row.get(at));
                    Outcome::Failed(broken.row_error(catalog.facts(), &plan.table, cell))
                }
                Err(Refusal::Store(error)) => return Err(error.into()),
            });
        }
        Ok(outcomes)
    }

    fn refuse_all(
        &self,
        plan: &Plan,
        batch: &Upsert,
        rows: &[Values],
        code: &str,
        column: usize,
    ) -> Result<Vec<Outcome>, EnvError> {
        let broken = self.unknown_company(code, column)?;
        let refuse = |row: &Values| {
            let cell = |own: usize| {
                batch.columns.iter().position(|column| *column == own).and_then(|at| row.get(at))
            };
            Outcome::Failed(broken.clone().row_error(self.facts(), &plan.table, cell))
        };
        Ok(rows.iter().map(refuse).collect())
    }

    /// Deletes the row with this key for dual-write, if there is one; whether there was.
    pub fn delete_by_key(
        &mut self,
        table: TableId,
        by: &[usize],
        key: &[Value],
    ) -> Result<Result<bool, RowError>, EnvError> {
        let Some(found) = self.store.find(table, by, key, &[0])? else { return Ok(Ok(false)) };
        let plan = self.plan(table).cloned();
        if let Some((plan, broken)) = plan.as_ref().and_then(|plan| Some((plan, undeletable(plan)?))) {
            let row = self.row(table, &found[0])?.unwrap_or_default();
            return Ok(Err(self.row_error(plan, broken, &row)));
        }
        Ok(Ok(self.store.delete(table, &found[0])?))
    }
}

impl Batch<'_> {
    fn position(&self, ordinal: usize) -> Option<usize> {
        self.upsert.columns.iter().position(|own| *own == ordinal)
    }

    /// Brings the cells of a row into the form they are stored in, its company in the spelling of its legal entity.
    fn normalise(&self, row: &mut Values) -> Result<(), Broken> {
        for (value, ordinal) in row.iter_mut().zip(&self.upsert.columns) {
            self.plan.normalise(*ordinal, value, self.truncate);
        }
        match &self.company {
            Company::One(Some(at), own) => {
                let Some(cell) = row.get_mut(*at) else { return Ok(()) };
                if cell != own {
                    if !cell.is_blank() && !cell.same(own) {
                        return Err(Broken::new("SIM-COMPANY-READ-ONLY", self.plan.table.company)
                            .word("company", own.to_string())
                            .word("wanted", cell.to_string()));
                    }
                    cell.clone_from(own);
                }
            }
            Company::Each(at, companies) => {
                let cell = at.and_then(|at| row.get_mut(at));
                let code = cell.as_ref().map(ToString::to_string).unwrap_or_default();
                match (cell, companies.get(&code.to_ascii_lowercase())) {
                    (Some(cell), Some(own)) => cell.clone_from(own),
                    _ => return Err(self.unknown_company(&code, companies)),
                }
            }
            Company::None | Company::One(None, _) => {}
        }
        Ok(())
    }

    fn unknown_company(&self, code: &str, companies: &BTreeMap<String, Value>) -> Broken {
        let known: Vec<String> = companies.values().map(ToString::to_string).collect();
        Broken::new("SIM-UNKNOWN-COMPANY", self.plan.table.company)
            .word("company", if code.is_empty() { "(blank)" } else { code })
            .word("environment", self.environment)
            .word("companies", known.join(", "))
    }

    /// Keeps the discount of a line and its parts together.
    fn settle(&self, row: &mut Values, store: &Store, found: &Values) -> Result<(), StoreError> {
        let Some((rule, at)) = self.discount else { return Ok(()) };
        let columns = at.map(|own| self.upsert.columns[own]);
        let Some(stored) = store.get(self.plan.id, &found[0], &columns)? else { return Ok(()) };
        let stored = [0, 1, 2, 3].map(|own| stored[own].clone());
        rule.settle_inbound(row, at, Some(stored));
        Ok(())
    }

    /// Compares a row with the one found; whether it has to be written. Cells that stay are taken over.
    fn merge(
        &self,
        row: &mut Values,
        found: &Values,
        parties: &Arc<crate::party::Parties>,
        lookup: &mut Option<PartyLookup<'_>>,
    ) -> Result<bool, Refusal> {
        let mut changed = false;
        for (index, at) in self.overwrite.iter().enumerate() {
            let (old, Some(new)) = (&found[index + 1], row.get(*at)) else { continue };
            if old == new {
                continue;
            }
            let respelled =
                self.upsert.symbols.contains(at) && old.as_text().is_some_and(|old| new.same_text(old));
            if respelled {
                row[*at] = old.clone();
                continue;
            }
            let kind = self.kind.map(|kind| &found[kind + 1]);
            if check_change(self.plan, parties, lookup, self.read[index], old, new, kind)? {
                changed = true;
            } else {
                row[*at] = old.clone();
            }
        }
        Ok(changed)
    }

    /// A new row by ordinals, with the empty values of what is not given.
    fn spread(&self, row: &Values, full: &mut Vec<Value>) {
        full.clear();
        full.extend(self.plan.empty.iter().take(self.width).cloned());
        for (value, ordinal) in row.iter().zip(&self.upsert.columns) {
            full[*ordinal].clone_from(value);
        }
        if let (Company::One(None, own), Some(company)) = (&self.company, self.plan.table.company) {
            full[company].clone_from(own);
        }
    }
}
