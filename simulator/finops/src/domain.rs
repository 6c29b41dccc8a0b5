//! Rules of single entities: the discount of a line, and a mark that one row of a group has.

use crate::{EnvError, FinOps, plan::Plan};
use dwsim_catalog::facts::Facts;
use dwsim_model::{ColumnKind, Name, Operation, RowChange, TableType, Value};
use dwsim_store::{Condition, Select, StoreError};
use rust_decimal::{Decimal, RoundingStrategy};

/// The fields of a line that hang together through its discount, by ordinal.
///
/// F&O keeps the discount of one unit, rounded, and a charge for what rounding leaves over, so that
/// `total = quantity * line - charges`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LineDiscount {
    pub(crate) quantity: usize,
    pub(crate) total: usize,
    pub(crate) line: usize,
    pub(crate) charges: usize,
    decimals: u32,
}

impl LineDiscount {
    /// The discount of a unit and the charge that together make the discount of the line.
    pub(crate) fn split(self, quantity: Decimal, total: Decimal) -> Option<(Decimal, Decimal)> {
        let unit = total.checked_div(quantity)?;
        let unit = unit.round_dp_with_strategy(self.decimals, RoundingStrategy::MidpointAwayFromZero);
        let charges = quantity.checked_mul(unit)?.checked_sub(total)?;
        Some((unit, charges))
    }

    /// The discount of the line. A charge counts only while it can be what rounding left over; any other is a
    /// charge in its own right.
    pub(crate) fn total(self, quantity: Decimal, unit: Decimal, charges: Decimal) -> Option<Decimal> {
        let half = Decimal::new(5, self.decimals + 1);
        let discount = quantity.checked_mul(unit)?;
        let left_over = charges.abs() <= quantity.abs().checked_mul(half)?;
        if left_over { discount.checked_sub(charges) } else { Some(discount) }
    }

    /// Settles a line that a person saves. `cell` gives and takes values by ordinal.
    pub(crate) fn settle(self, full: &mut [Value], at: impl Fn(usize) -> Option<usize>, given: &[usize]) {
        let places = [at(self.quantity), at(self.total), at(self.line), at(self.charges)];
        let [Some(quantity), Some(total), Some(line), Some(charges)] = places else { return };
        let number = |at: usize| decimal(full.get(at));
        if given.contains(&self.total) && !number(total).is_zero() {
            if let Some((unit, rest)) = self.split(number(quantity), number(total)) {
                full[line] = Value::Decimal(unit);
                full[charges] = Value::Decimal(rest);
            }
        } else if given.iter().any(|own| [self.quantity, self.line, self.charges].contains(own))
            && let Some(sum) = self.total(number(quantity), number(line), number(charges))
        {
            full[total] = Value::Decimal(sum);
        }
    }

    /// Settles a line that dual-write brings, `row` by position and `found` the four cells stored, in the order
    /// quantity, total, unit, charges. Amounts that did not change keep how they were split.
    pub(crate) fn settle_inbound(self, row: &mut [Value], at: [usize; 4], found: Option<[Value; 4]>) {
        let number = |at: usize| decimal(row.get(at));
        let (quantity, total) = (number(at[0]), number(at[1]));
        if total.is_zero() {
            return;
        }
        if let Some(found) = found
            && decimal(Some(&found[0])) == quantity
            && decimal(Some(&found[1])) == total
        {
            if number(at[2]).is_zero() {
                let [_, _, unit, charges] = found;
                row[at[2]] = unit;
                row[at[3]] = charges;
            }
            return;
        }
        if let Some((unit, charges)) = self.split(quantity, total) {
            row[at[2]] = Value::Decimal(unit);
            row[at[3]] = Value::Decimal(charges);
        }
    }
}

fn decimal(value: Option<&Value>) -> Decimal {
    match value {
        Some(Value::Decimal(number)) => *number,
        Some(Value::Int(number)) => Decimal::from(*number),
        _ => Decimal::ZERO,
    }
}

/// A yes/no field that one row of a group has.
#[derive(Clone, Debug)]
pub(crate) struct OnlyOne {
    group: Vec<usize>,
    column: usize,
    yes: Value,
    no: Value,
}

/// The rules of one entity.
#[derive(Clone, Debug, Default)]
pub(crate) struct Domain {
    pub(crate) discount: Option<LineDiscount>,
    pub(crate) only_one: Option<OnlyOne>,
    /// Rows ask for inventory on hand.
    pub(crate) inquires: bool,
}

impl Domain {
    pub(crate) fn new(facts: &Facts, table: &TableType) -> Result<Self, EnvError> {
        let missing = |column: &Name| EnvError::Catalogue {
            what: format!("field {column} of {}", table.name),
            file: "facts/domain.toml",
        };
        let ordinal = |column: &Name| table.ordinal(column).ok_or_else(|| missing(column));
        let discount = facts.line_discount(&table.name).map(|rule| {
            Ok::<_, EnvError>(LineDiscount {
                quantity: ordinal(&rule.quantity)?,
                total: ordinal(&rule.total)?,
                line: ordinal(&rule.line)?,
                charges: ordinal(&rule.charges)?,
                decimals: rule.decimals,
            })
        });
        let only_one = facts.only_one(&table.name).map(|rule| {
            let column = ordinal(&rule.column)?;
            let member = |label: &str| match &table.column(column).kind {
                ColumnKind::Choice(choices) => choices.number(label).map(Value::Choice),
                _ => None,
            };
            Ok::<_, EnvError>(OnlyOne {
                group: rule.group.iter().map(ordinal).collect::<Result<_, _>>()?,
                column,
                yes: member("Yes").ok_or_else(|| missing(&rule.column))?,
                no: member("No").ok_or_else(|| missing(&rule.column))?,
            })
        });
        Ok(Self {
            discount: discount.transpose()?,
            only_one: only_one.transpose()?,
            inquires: facts.inventory().request == table.name,
        })
    }
}

impl FinOps {
    /// Takes a mark from the other rows of a group once a row has it; the rows that lost it.
    pub(crate) fn keep_only_one(&self, plan: &Plan, id: &Value) -> Result<Vec<RowChange>, StoreError> {
        let Some(rule) = &plan.domain.only_one else { return Ok(Vec::new()) };
        let all: Vec<usize> = (0..plan.typed).collect();
        let Some(row) = self.store.get(plan.id, id, &all)? else { return Ok(Vec::new()) };
        if row[rule.column] != rule.yes {
            return Ok(Vec::new());
        }
        let mut select = Select::all(plan.id)
            .columns(&all)
            .only(Condition::Equal(rule.column, rule.yes.clone()))
            .ordered(&plan.key);
        for column in &rule.group {
            select = select.only(Condition::Equal(*column, row[*column].clone()));
        }
        let mut lost = Vec::new();
        for before in self.store.collect(&select)?.into_iter().filter(|other| other[0] != *id) {
            let mut after = before.clone();
            after[rule.column] = rule.no.clone();
            self.store.update(plan.id, &before[0], &[rule.column], std::slice::from_ref(&rule.no))?;
            lost.push(RowChange {
                table: plan.table.clone(),
                operation: Operation::Update,
                id: before[0].clone(),
                before,
                after,
            });
        }
        Ok(lost)
    }
}
