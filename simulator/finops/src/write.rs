//! Creating and changing one row by ordinals, under every rule: what users, programs and imports share.

use crate::{
    FinOps, SaveError,
    broken::{Broken, Refusal},
    finops::duplicate,
    number::Sequences,
    party::{MadeParty, Parties, PartyLookup, not_found, party_type, type_change},
    plan::{Plan, Role},
};
use dwsim_catalog::facts::PartyType;
use dwsim_model::{CompanyCode, Operation, RowChange, Value, Values};
use dwsim_store::{Store, StoreError};
use std::sync::Arc;

/// A row that was written, and the party made for it.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) made: Option<RowChange>,
    pub(crate) change: RowChange,
    /// Whether anything was written at all.
    pub(crate) changed: bool,
}

/// What fills in and checks new rows of one entity.
pub(crate) struct Completion<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) parties: &'a Parties,
    pub(crate) lookup: Option<PartyLookup<'a>>,
    pub(crate) sequences: &'a mut Sequences,
    pub(crate) store: &'a Store,
    pub(crate) first_rec_id: i64,
    /// Whether a party that is named and missing is made under its number.
    pub(crate) adopt: bool,
}

impl Completion<'_> {
    /// Fills in number and party of a new row after checking the columns given. A party made is written already.
    pub(crate) fn complete(
        &mut self,
        full: &mut [Value],
        given: &[usize],
    ) -> Result<Option<MadeParty>, Refusal> {
        for ordinal in given {
            if let Some(value) = full.get(*ordinal) {
                self.plan.check(*ordinal, value)?;
            }
        }
        if let Some((column, sequence)) = self.plan.sequence
            && full.get(column).is_some_and(Value::is_blank)
        {
            let company = self.plan.table.company.and_then(|ordinal| full.get(ordinal));
            full[column] = self.sequences.draw(sequence, self.store, company)?;
        }
        self.plan.check_complete(full)?;
        if self.plan.role == Role::LegalEntities {
            check_company_code(self.plan, full)?;
        }
        match (&self.plan.party, &mut self.lookup) {
            (Some(rule), Some(lookup)) => {
                self.parties.attach(rule, full, &self.plan.key, self.adopt, lookup, self.sequences)
            }
            _ => Ok(None),
        }
    }

    /// The id of the next row.
    pub(crate) fn next_id(&self) -> Value {
        Value::Int(self.first_rec_id + self.store.next_row(self.plan.id).cast_signed())
    }
}

fn check_company_code(plan: &Plan, full: &[Value]) -> Result<(), Broken> {
    for ordinal in &plan.key {
        let code = full.get(*ordinal).and_then(Value::as_text).unwrap_or_default();
        if code.parse::<CompanyCode>().is_err() {
            let code: String = code.chars().take(20).collect();
            return Err(Broken::new("SIM-COMPANY-CODE-INVALID", *ordinal).word("company", code));
        }
    }
    Ok(())
}

/// The rules about one field of a row that exists already and is given another value. Whether it is written: a
/// party number left blank keeps the party.
pub(crate) fn check_change(
    plan: &Plan,
    parties: &Parties,
    lookup: &mut Option<PartyLookup<'_>>,
    ordinal: usize,
    old: &Value,
    new: &Value,
    kind: Option<&Value>,
) -> Result<bool, Refusal> {
    if plan.is_key(ordinal) {
        return if old.same(new) { Ok(false) } else { Err(key_change(plan, ordinal, old, new).into()) };
    }
    plan.check(ordinal, new)?;
    plan.check_filled(ordinal, new)?;
    if plan.role == Role::Parties && ordinal == parties.kind() && !same_kind(old, new) {
        return Err(type_change(ordinal, old, new).into());
    }
    if let Some(rule) = &plan.party {
        if Some(ordinal) == rule.kind && !old.is_blank() {
            if new.is_blank() {
                return Ok(false);
            }
            if !same_kind(old, new) {
                return Err(type_change(ordinal, old, new).into());
            }
        }
        if ordinal == rule.number {
            if new.is_blank() || old.same(new) {
                return Ok(false);
            }
            // A row never moves to another party: the documented refusal names the type that was looked for.
            let known = match lookup {
                Some(lookup) => lookup.kind_of(new)?,
                None => None,
            };
            let kind = kind.and_then(party_type).or_else(|| known.as_ref().and_then(party_type));
            if !old.is_blank() || known.is_none() {
                return Err(not_found(ordinal, kind.unwrap_or(PartyType::Organization)).into());
            }
        }
    }
    Ok(true)
}

fn same_kind(old: &Value, new: &Value) -> bool {
    match (old.as_text(), new.as_text()) {
        (Some(old), Some(new)) => old.eq_ignore_ascii_case(new),
        _ => old == new,
    }
}

fn key_change(plan: &Plan, ordinal: usize, old: &Value, new: &Value) -> Broken {
    if Some(ordinal) == plan.table.company {
        return Broken::new("SIM-COMPANY-READ-ONLY", ordinal)
            .word("company", old.to_string())
            .word("wanted", new.to_string());
    }
    Broken::new("SIM-KEY-READ-ONLY", ordinal).word("old", old.to_string()).word("new", new.to_string())
}

impl FinOps {
    /// Creates a row from the values given by ordinal, already of the fields' types. `columns` are the fields to
    /// write: the id first, then the typed ones, then those known by name only.
    pub(crate) fn create_row(
        &mut self,
        plan: &Arc<Plan>,
        columns: &[usize],
        given: Vec<(usize, Value)>,
        adopt: bool,
    ) -> Result<Written, SaveError> {
        let mut full = plan.empty.clone();
        let mut filled = Vec::with_capacity(given.len());
        for (ordinal, value) in given {
            full[ordinal] = value;
            plan.normalise(ordinal, &mut full[ordinal], false);
            filled.push(ordinal);
        }
        if let Some(rule) = plan.domain.discount {
            rule.settle(&mut full, Some, &filled);
        }
        let written = self.insert_row(plan, &mut full, &columns[1..], &filled, adopt);
        let made = written.map_err(|refusal| self.save_error(plan, refusal, &full))?;
        full.truncate(plan.typed);
        let created = |table, row: Vec<Value>| RowChange {
            table,
            operation: Operation::Create,
            id: row[0].clone(),
            before: Box::default(),
            after: row.into_boxed_slice(),
        };
        Ok(Written {
            made: made.map(|party| created(self.parties.table.clone(), party.row)),
            change: created(plan.table.clone(), full),
            changed: true,
        })
    }

    fn insert_row(
        &mut self,
        plan: &Arc<Plan>,
        full: &mut [Value],
        columns: &[usize],
        given: &[usize],
        adopt: bool,
    ) -> Result<Option<MadeParty>, Refusal> {
        self.resolve_company(plan, full)?;
        let lookup = plan.party.as_ref().map(|_| PartyLookup::new(&self.store, &self.parties)).transpose()?;
        let mut completion = Completion {
            plan,
            parties: &self.parties,
            lookup,
            sequences: &mut self.sequences,
            store: &self.store,
            first_rec_id: self.first_rec_id,
            adopt,
        };
        let made = completion.complete(full, given)?;
        full[0] = completion.next_id();
        let values: Vec<&Value> = columns.iter().filter_map(|ordinal| full.get(*ordinal)).collect();
        match self.store.inserter(plan.id, columns)?.insert(&full[0], values) {
            Ok(()) => Ok(made),
            Err(StoreError::Duplicate { .. }) => Err(duplicate(plan, full).into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Spells the company of a row as its legal entity does.
    fn resolve_company(&self, plan: &Plan, full: &mut [Value]) -> Result<(), Refusal> {
        let Some(ordinal) = plan.table.company else { return Ok(()) };
        let code = full[ordinal].as_text().unwrap_or_default();
        match self.company_value(code)? {
            Some(own) => full[ordinal] = own,
            None => return Err(self.unknown_company(code, ordinal)?.into()),
        }
        Ok(())
    }

    /// Changes a row that exists. `before` holds the cells of `columns`, the typed ones first.
    pub(crate) fn update_row(
        &mut self,
        plan: &Arc<Plan>,
        columns: &[usize],
        before: &Values,
        given: Vec<(usize, Value)>,
    ) -> Result<Written, SaveError> {
        let mut after = before.clone();
        let changed = self.change_cells(plan, columns, &mut after, given);
        let changed = changed.map_err(|refusal| self.save_error(plan, refusal, before))?;
        if !changed.is_empty() {
            let ordinals: Vec<usize> = changed.iter().map(|at| columns[*at]).collect();
            let values = changed.iter().map(|at| &after[*at]);
            self.store.updater(plan.id, &ordinals)?.update(&before[0], values)?;
        }
        let typed = |row: &Values| row[..plan.typed].to_vec().into_boxed_slice();
        let change = RowChange {
            table: plan.table.clone(),
            operation: Operation::Update,
            id: before[0].clone(),
            before: typed(before),
            after: typed(&after),
        };
        Ok(Written { made: None, change, changed: !changed.is_empty() })
    }

    fn change_cells(
        &self,
        plan: &Plan,
        columns: &[usize],
        after: &mut Values,
        given: Vec<(usize, Value)>,
    ) -> Result<Vec<usize>, Refusal> {
        let mut changed = Vec::new();
        let mut lookup =
            plan.party.as_ref().map(|_| PartyLookup::new(&self.store, &self.parties)).transpose()?;
        let kind_at = plan.party.as_ref().and_then(|rule| rule.kind);
        for (ordinal, mut value) in given {
            plan.normalise(ordinal, &mut value, false);
            let Some(at) = columns.iter().position(|own| *own == ordinal) else { continue };
            let kind = kind_at.and_then(|own| columns.iter().position(|column| *column == own));
            let kind = kind.map(|own| after[own].clone());
            if after[at] != value
                && check_change(plan, &self.parties, &mut lookup, ordinal, &after[at], &value, kind.as_ref())?
            {
                after[at] = value;
                changed.push(at);
            }
        }
        if let Some(rule) = plan.domain.discount.filter(|_| !changed.is_empty()) {
            let before = after.clone();
            let given: Vec<usize> = changed.iter().map(|at| columns[*at]).collect();
            rule.settle(after, |own| columns.iter().position(|column| *column == own), &given);
            let settled = (0..after.len()).filter(|at| after[*at] != before[*at] && !changed.contains(at));
            changed.extend(settled.collect::<Vec<_>>());
        }
        Ok(changed)
    }
}
