//! What F&O checks and fills in for the rows of one entity, worked out once from the catalogue.

use crate::{
    EnvError,
    broken::Broken,
    convert::{empty, unknown_member, wrong_type},
    domain::Domain,
    number::Sequences,
    party::PartyRule,
};
use dwsim_catalog::{Catalog, facts::PartyStore};
use dwsim_model::{ColumnKind, Required, Side, TableType, Value};
use dwsim_store::TableId;
use rust_decimal::RoundingStrategy;
use std::sync::Arc;

/// Entities with rules of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// None.
    Plain,
    /// The key is a company code, and rows are never deleted.
    LegalEntities,
    /// The type of a row never changes.
    Parties,
}

/// The rules of one entity.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) id: TableId,
    pub(crate) table: Arc<TableType>,
    /// Columns that have a type; the id and the company are among them.
    pub(crate) typed: usize,
    /// The empty value of every column, by ordinal.
    pub(crate) empty: Vec<Value>,
    /// Columns that a number sequence fills: the column, and which sequence.
    pub(crate) sequence: Option<(usize, usize)>,
    pub(crate) party: Option<PartyRule>,
    pub(crate) role: Role,
    pub(crate) domain: Domain,
    /// The columns of the natural key; the id where there is none.
    pub(crate) key: Vec<usize>,
    /// Columns a person must fill, key columns of a number sequence excepted.
    mandatory: Vec<usize>,
    /// Whether a choice column's members are numbered from zero without gap: how many, or zero.
    members: Vec<i32>,
}

impl Plan {
    pub(crate) fn new(
        id: TableId,
        table: &Arc<TableType>,
        catalog: &Catalog,
        sequences: &Sequences,
    ) -> Result<Self, EnvError> {
        let store: &PartyStore = catalog.facts().party_store();
        let role = if table.name.eq_ignore_ascii_case(&store.entity) {
            Role::Parties
        } else if table.name == catalog.facts().company().finops_entity {
            Role::LegalEntities
        } else {
            Role::Plain
        };
        let party = catalog.facts().party_carrier(Side::FinOps, &table.name);
        let party = party.map(|carrier| PartyRule::new(carrier, table)).transpose()?;
        let sequence = sequences.of(&table.name);
        let filled = |ordinal: usize| sequence.is_some_and(|(column, _)| column == ordinal);
        let mandatory = (1..table.columns.len())
            .filter(|ordinal| table.column(*ordinal).required == Required::Yes && !filled(*ordinal))
            .collect();
        let members = table.columns.iter().map(|column| match &column.kind {
            ColumnKind::Choice(choices)
                if (0..).zip(&choices.options).all(|(at, (number, _))| at == *number) =>
            {
                i32::try_from(choices.options.len()).unwrap_or(0)
            }
            _ => 0,
        });
        Ok(Self {
            id,
            table: table.clone(),
            typed: table.typed_columns(),
            empty: (0..table.columns.len()).map(|ordinal| empty(table, ordinal)).collect(),
            sequence,
            party,
            role,
            domain: Domain::new(catalog.facts(), table)?,
            key: table.natural_key().map_or_else(|| vec![0], |key| key.columns.clone()),
            mandatory,
            members: members.collect(),
        })
    }

    /// Brings a value into the form the field stores it in: no null, no more decimals than the field keeps, and
    /// with `truncate` no more characters.
    pub(crate) fn normalise(&self, ordinal: usize, value: &mut Value, truncate: bool) {
        match (&self.table.column(ordinal).kind, &mut *value) {
            (_, Value::Null) => value.clone_from(&self.empty[ordinal]),
            (ColumnKind::Decimal { precision } | ColumnKind::Money { precision }, Value::Decimal(number))
                if number.scale() > *precision =>
            {
                *number = number.round_dp_with_strategy(*precision, RoundingStrategy::MidpointAwayFromZero);
            }
            (ColumnKind::Text { max: Some(max) }, Value::Text(text)) if truncate => {
                let max = *max as usize;
                if text.len() > max && text.chars().count() > max {
                    *text = text.chars().take(max).collect::<String>().into();
                }
            }
            _ => {}
        }
    }

    /// Whether the field takes the value: its type, length, range and members.
    pub(crate) fn check(&self, ordinal: usize, value: &Value) -> Result<(), Broken> {
        let column = self.table.column(ordinal);
        match (&column.kind, value) {
            (ColumnKind::Text { max: Some(max) }, Value::Text(text)) => {
                // No text has more characters than bytes, which are free to count.
                let max = *max as usize;
                if text.len() > max {
                    let length = text.chars().count();
                    if length > max {
                        return Err(Broken::new("SIM-TEXT-TOO-LONG", ordinal)
                            .word("limit", max.to_string())
                            .word("length", length.to_string()));
                    }
                }
                Ok(())
            }
            (ColumnKind::Int { min, max }, Value::Int(number)) if number < min || number > max => {
                Err(Broken::new("SIM-NUMBER-OUT-OF-RANGE", ordinal)
                    .word("value", number.to_string())
                    .word("minimum", min.to_string())
                    .word("maximum", max.to_string()))
            }
            (ColumnKind::Choice(choices), Value::Choice(number)) => {
                let known = match self.members[ordinal] {
                    0 => choices.label(*number).is_some(),
                    count => (0..count).contains(number),
                };
                if known { Ok(()) } else { Err(unknown_member(ordinal, choices, &number.to_string())) }
            }
            (ColumnKind::Text { max: None } | ColumnKind::EntityName, Value::Text(_))
            | (ColumnKind::Int { .. } | ColumnKind::BigInt, Value::Int(_))
            | (ColumnKind::Decimal { .. } | ColumnKind::Money { .. }, Value::Decimal(_))
            | (ColumnKind::Bool, Value::Bool(_))
            | (ColumnKind::Date, Value::Date(_))
            | (ColumnKind::Instant, Value::Instant(_))
            | (ColumnKind::Guid | ColumnKind::Lookup { .. }, Value::Guid(_)) => Ok(()),
            (_, Value::Null) if column.extra => Ok(()),
            _ => Err(wrong_type(&self.table, ordinal, value)),
        }
    }

    /// Whether a value may stand in a mandatory field.
    pub(crate) fn check_filled(&self, ordinal: usize, value: &Value) -> Result<(), Broken> {
        if self.mandatory.contains(&ordinal) && value.is_blank() {
            return Err(Broken::new("SIM-MANDATORY-MISSING", ordinal));
        }
        Ok(())
    }

    /// Whether a new row has every mandatory field, and a key beyond its company.
    pub(crate) fn check_complete(&self, full: &[Value]) -> Result<(), Broken> {
        for ordinal in &self.mandatory {
            if full.get(*ordinal).is_some_and(Value::is_blank) {
                return Err(Broken::new("SIM-MANDATORY-MISSING", *ordinal));
            }
        }
        let mut own =
            self.key.iter().filter(|ordinal| Some(**ordinal) != self.table.company && **ordinal != 0);
        let Some(first) = own.next() else { return Ok(()) };
        let blank = |ordinal: &usize| full.get(*ordinal).is_none_or(Value::is_blank);
        if blank(first) && own.all(blank) {
            return Err(Broken::new("SIM-MANDATORY-MISSING", *first));
        }
        Ok(())
    }

    /// Whether a column may be written on an existing row only with the value it has.
    pub(crate) fn is_key(&self, ordinal: usize) -> bool {
        self.key.contains(&ordinal)
    }
}
