//! One entity compiled: a maker for every field, its references, and how its key counts.

use crate::{
    data::{Data, PartyKind, Volume, means},
    error::SeedError,
    limits::{Limit, read},
    maker::{Field, Maker, Place, empty},
    random::salt,
    reference::Reference,
};
use dwsim_catalog::{
    Catalog,
    facts::{PartyType, PartyTypeRule},
};
use dwsim_model::{Name, Required, Side, TableType, Value};
use std::sync::Arc;

/// An entity ready to make rows.
#[derive(Debug)]
pub(crate) struct Entity {
    pub(crate) table: Arc<TableType>,
    /// The entity whose row numbers, random numbers and parties it shows.
    pub(crate) same_as: Option<usize>,
    /// Ordinals of the values of a row.
    pub(crate) columns: Vec<usize>,
    /// One maker a column.
    pub(crate) fields: Vec<Field>,
    /// Where each reference's values come from.
    pub(crate) references: Vec<Reference>,
    /// References that are never blank.
    pub(crate) required: Vec<bool>,
    /// References of which the n-th row points at the n-th row.
    pub(crate) aligned: Vec<bool>,
    pub(crate) key: Key,
    /// Rows after which its cycle begins again.
    pub(crate) cycle: u64,
    pub(crate) volume: Volume,
    /// Position of the reference to the party its rows stand for.
    pub(crate) party: Option<usize>,
    /// The field that says whether that is a person or an organisation.
    pub(crate) party_type: Option<usize>,
    /// What it is where no field says so.
    pub(crate) party_kind: PartyKind,
    /// Positions that hang together through the discount of a line: quantity, total, unit, charges.
    pub(crate) discount: Option<[usize; 4]>,
}

/// How a key tells rows apart.
#[derive(Debug, Default)]
pub(crate) struct Key {
    pub(crate) digits: Vec<Digit>,
    /// A field of the key differs from row to row, or from line to line of a header.
    pub(crate) counts: bool,
    /// Most different values of that field below one header.
    pub(crate) different: Option<u64>,
}

/// A part of a key that takes one of a number of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Digit {
    /// A row referred to: position of the reference.
    Reference(usize),
    /// An enum member: position of the column.
    Choice(usize),
}

impl Entity {
    /// Whether rows belong to a company.
    pub(crate) fn striped(&self) -> bool {
        self.table.company.is_some()
    }

    /// The position of an ordinal in a row.
    pub(crate) fn position(&self, ordinal: usize) -> Option<usize> {
        let at = ordinal.checked_sub(1)?;
        if self.columns.get(at) == Some(&ordinal) {
            return Some(at);
        }
        self.columns.iter().position(|own| *own == ordinal)
    }

    /// The position of a reference among the digits of the key.
    pub(crate) fn digit_of(&self, reference: usize) -> Option<usize> {
        self.key.digits.iter().position(|digit| *digit == Digit::Reference(reference))
    }

    pub(crate) fn compile(
        catalog: &Catalog,
        data: &Data,
        table: &Arc<TableType>,
        references: Vec<Reference>,
        limits: &[Limit],
        rows: u64,
        parties: Option<usize>,
    ) -> Result<Self, SeedError> {
        let volume = data.volume(&table.name);
        let carrier = catalog.facts().party_carrier(Side::FinOps, &table.name);
        let mut columns: Vec<usize> = (1..table.typed_columns()).collect();
        // A row that stands for a party says which one, even where no map carries the number.
        columns.extend(
            carrier
                .and_then(|carrier| table.ordinal(&carrier.party_column))
                .filter(|own| table.column(*own).extra),
        );
        let key = table.natural_key().map_or_else(Vec::new, |key| key.columns.clone());
        let key: Vec<usize> = key.into_iter().filter(|column| Some(*column) != table.company).collect();
        let owner =
            |ordinal: usize| references.iter().position(|reference| reference.fields.contains(&ordinal));
        let below_header = key.iter().any(|column| owner(*column).is_some());
        let store = catalog.facts().party_store();
        let party = carrier.and_then(|carrier| {
            let column = table.ordinal(&carrier.party_column)?;
            references.iter().position(|reference| {
                reference.fields == [column]
                    && reference.sources.iter().all(|source| Some(source.entity) == parties)
            })
        });
        let party_type = carrier.and_then(|carrier| match &carrier.party_type {
            PartyTypeRule::Column(column) => {
                table.ordinal(column).filter(|ordinal| !table.column(*ordinal).extra)
            }
            _ => None,
        });
        let party_kind = match carrier.map(|carrier| &carrier.party_type) {
            Some(PartyTypeRule::Constant(PartyType::Person)) => PartyKind::Person,
            Some(PartyTypeRule::Constant(PartyType::OperatingUnit)) => PartyKind::OperatingUnit,
            _ => PartyKind::Organization,
        };

        let discount = catalog.facts().line_discount(&table.name).and_then(|rule| {
            let place = |name: &Name| columns.iter().position(|own| table.ordinal(name) == Some(*own));
            Some([place(&rule.quantity)?, place(&rule.total)?, place(&rule.line)?, place(&rule.charges)?])
        });

        let mut fields = Vec::with_capacity(columns.len());
        for ordinal in &columns {
            let reference = owner(*ordinal);
            let place = Place {
                entity: table,
                ordinal: *ordinal,
                limit: &limits[*ordinal],
                in_key: key.contains(ordinal) && reference.is_none(),
                below_header,
                first_line: volume.first_line.and_then(|line| i64::try_from(line).ok()).unwrap_or(1),
                rows,
            };
            let cycle = cycle_of(&place, &volume)?;
            let mut field = if Some(*ordinal) == table.company {
                Field { maker: Maker::Company, ..Field::fixed(&place, cycle) }
            } else if let Some(reference) = reference {
                let at = references[reference].fields.iter().position(|field| field == ordinal).unwrap_or(0);
                Field { maker: Maker::Reference(reference, at), ..Field::fixed(&place, cycle) }
            } else if table.name == store.entity && table.column(*ordinal).name == store.type_column {
                let words = [PartyType::Organization, PartyType::Person, PartyType::OperatingUnit];
                let words =
                    words.map(|word| read(word.as_str(), &table.column(*ordinal).kind).unwrap_or_default());
                Field { maker: Maker::PartyType(words), ..Field::fixed(&place, cycle) }
            } else {
                place.compile(data, cycle)?
            };
            // Same names, same numbers, so that views of one record agree.
            field.salt = salt(&table.column(*ordinal).name);
            fields.push(field);
        }

        let mut digits = Vec::new();
        for column in &key {
            let digit = match (owner(*column), columns.iter().position(|own| own == column)) {
                (Some(reference), _) => Digit::Reference(reference),
                (None, Some(at)) if matches!(fields[at].maker, Maker::Digit(..)) => Digit::Choice(at),
                _ => continue,
            };
            if !digits.contains(&digit) {
                digits.push(digit);
            }
        }
        digits.sort_by_key(|digit| matches!(digit, Digit::Choice(_)));
        for (number, digit) in digits.iter().enumerate() {
            if let Digit::Choice(at) = digit
                && let Maker::Digit(_, own) = &mut fields[*at].maker
            {
                *own = number;
            }
        }
        let counters: Vec<&Field> = key
            .iter()
            .filter_map(|column| columns.iter().position(|own| own == column))
            .map(|at| &fields[at])
            .filter(|field| field.counts())
            .collect();
        let different = if counters.iter().any(|field| field.different().is_none()) {
            None
        } else {
            counters.iter().filter_map(|field| field.different()).max()
        };
        let key = Key { counts: !counters.is_empty(), different, digits };
        let meant = |reference: &Reference, patterns: &[String]| {
            reference.fields.iter().any(|field| means(patterns, &table.name, &table.column(*field).name))
        };
        let rules = &data.references;
        let required = references
            .iter()
            .enumerate()
            .map(|(at, reference)| {
                // A number has no blank that a lookup would leave alone: it would search for row 0.
                let number = |ordinal: &usize| !empty(&table.column(*ordinal).kind).is_blank();
                key.digits.contains(&Digit::Reference(at))
                    || party == Some(at)
                    || reference.fields.iter().any(number)
                    || reference.fields.iter().any(|own| table.column(*own).required == Required::Yes)
                    || meant(reference, &rules.required)
            })
            .collect();
        let aligned = references.iter().map(|reference| meant(reference, &rules.aligned)).collect();
        Ok(Self {
            table: table.clone(),
            same_as: None,
            columns,
            fields,
            references,
            required,
            aligned,
            key,
            cycle: (volume.cycle.len() as u64).max(1),
            volume,
            party,
            party_type,
            party_kind,
            discount,
        })
    }
}

/// What the cycle of an entity says about one field.
fn cycle_of(place: &Place<'_>, volume: &Volume) -> Result<Vec<Option<Value>>, SeedError> {
    let column = place.entity.column(place.ordinal);
    let given = |name: &&String| name.eq_ignore_ascii_case(&column.name);
    if !volume.cycle.iter().any(|turn| turn.keys().any(|name| given(&name))) {
        return Ok(Vec::new());
    }
    volume
        .cycle
        .iter()
        .map(|turn| match turn.iter().find(|(name, _)| given(name)) {
            None => Ok(None),
            Some((_, text)) => read(text, &column.kind).map(Some).ok_or_else(|| {
                let problem = format!("{}.{} cannot hold '{text}'", place.entity.name, column.name);
                SeedError::data(crate::data::VOLUMES, problem)
            }),
        })
        .collect()
}
