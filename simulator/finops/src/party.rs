//! The party behind customers, vendors, contacts and companies: which type it has, who makes it, what may change.

use crate::{
    EnvError,
    broken::{Broken, Refusal},
    number::Sequences,
};
use dwsim_catalog::facts::{Facts, PartyCarrier, PartyType, PartyTypeRule};
use dwsim_model::{ColumnKind, Name, TableType, Value};
use dwsim_store::{Finder, Inserter, Store, StoreError, TableId};
use std::sync::Arc;

/// The types a row can give by name.
const TYPES: [PartyType; 4] =
    [PartyType::Organization, PartyType::Person, PartyType::LegalEntity, PartyType::OperatingUnit];

/// How the rows of one entity stand for a party.
#[derive(Debug)]
pub(crate) struct PartyRule {
    /// The field that holds the party's number.
    pub(crate) number: usize,
    /// The field that holds its type; none where the entity has one type only.
    pub(crate) kind: Option<usize>,
    constant: PartyType,
    organization_name: Option<usize>,
    person_name: Vec<usize>,
    makes_party: bool,
}

impl PartyRule {
    pub(crate) fn new(carrier: &PartyCarrier, table: &TableType) -> Result<Self, EnvError> {
        let missing = |column: &Name| EnvError::Catalogue {
            what: format!("field {column} of {}", table.name),
            file: "facts/party.toml",
        };
        let ordinal = |column: &Name| table.ordinal(column).ok_or_else(|| missing(column));
        let (kind, constant) = match &carrier.party_type {
            PartyTypeRule::Constant(constant) => (None, *constant),
            PartyTypeRule::Column(column) | PartyTypeRule::IsPerson(column) => {
                (Some(ordinal(column)?), PartyType::Organization)
            }
        };
        Ok(Self {
            number: ordinal(&carrier.party_column)?,
            kind,
            constant,
            organization_name: carrier.organization_name.as_ref().map(ordinal).transpose()?,
            person_name: carrier.person_name.iter().map(ordinal).collect::<Result<_, _>>()?,
            makes_party: carrier.creates_party,
        })
    }

    /// The type a row says its party has; none when it leaves that open.
    fn wanted(&self, full: &[Value]) -> Result<Option<PartyType>, Broken> {
        let Some(kind) = self.kind else { return Ok(Some(self.constant)) };
        let given = full.get(kind).filter(|value| !value.is_blank());
        given.map(|value| party_type(value).ok_or_else(|| unknown_type(kind, value))).transpose()
    }
}

/// The party type of a value.
pub(crate) fn party_type(value: &Value) -> Option<PartyType> {
    TYPES.into_iter().find(|known| value.same_text(known.as_str()))
}

fn unknown_type(column: usize, value: &Value) -> Broken {
    let options: Vec<&str> = TYPES.iter().map(|known| known.as_str()).collect();
    Broken::new("SIM-UNKNOWN-CHOICE", column)
        .word("value", value.to_string())
        .word("options", options.join(", "))
}

/// The documented refusal of a row whose party is not there.
pub(crate) fn not_found(column: usize, kind: PartyType) -> Broken {
    Broken::new("PARTY-NOT-FOUND", column).word("party_type", kind.as_str())
}

/// The documented refusal of a change of a party's type.
pub(crate) fn type_change(column: usize, from: &Value, to: &Value) -> Broken {
    let class =
        |value: &Value| party_type(value).map_or_else(|| value.to_string(), |own| own.class_name().into());
    Broken::new("LIVE-E12", column).word("from", class(from)).word("to", class(to))
}

/// The entity of parties, by ordinal.
#[derive(Debug)]
pub(crate) struct Parties {
    pub(crate) id: TableId,
    pub(crate) table: Arc<TableType>,
    number: usize,
    kind: usize,
    organization_name: usize,
    person_name: Vec<usize>,
    sequence: usize,
    empty: Vec<Value>,
    first_rec_id: i64,
}

/// A party that was made on the way.
#[derive(Clone, Debug)]
pub(crate) struct MadeParty {
    /// The typed columns, by ordinal.
    pub(crate) row: Vec<Value>,
}

impl Parties {
    pub(crate) fn new(
        facts: &Facts,
        id: TableId,
        table: &Arc<TableType>,
        sequences: &Sequences,
        empty: &[Value],
    ) -> Result<Self, EnvError> {
        let names = facts.party_store();
        let missing = |what: String| EnvError::Catalogue { what, file: "facts/party.toml" };
        let ordinal = |column: &Name| {
            table.ordinal(column).ok_or_else(|| missing(format!("field {column} of {}", table.name)))
        };
        let (_, sequence) =
            sequences.of(&table.name).ok_or_else(|| missing(format!("number sequence of {}", table.name)))?;
        Ok(Self {
            id,
            table: table.clone(),
            number: ordinal(&names.number_column)?,
            kind: ordinal(&names.type_column)?,
            organization_name: ordinal(&names.organization_name)?,
            person_name: names.person_name.iter().map(ordinal).collect::<Result<_, _>>()?,
            sequence,
            empty: empty[..table.typed_columns()].to_vec(),
            first_rec_id: facts.company().first_rec_id,
        })
    }

    /// The column of parties that never changes.
    pub(crate) fn kind(&self) -> usize {
        self.kind
    }

    /// Gives a new row its party: the one it names, which has to be there, or a new one.
    ///
    /// With `adopt`, a party that is named and not there is made under that number, as it was in the environment
    /// the row comes from.
    pub(crate) fn attach(
        &self,
        rule: &PartyRule,
        full: &mut [Value],
        key: &[usize],
        adopt: bool,
        lookup: &mut PartyLookup<'_>,
        sequences: &mut Sequences,
    ) -> Result<Option<MadeParty>, Refusal> {
        let wanted = rule.wanted(full)?;
        let given = full.get(rule.number).filter(|value| !value.is_blank()).cloned();
        if given.is_none() && !rule.makes_party {
            return Ok(None);
        }
        let kind = wanted.unwrap_or(PartyType::Organization);
        let made = match &given {
            None => Some(sequences.draw(self.sequence, lookup.store, None)?),
            Some(number) => match lookup.kind_of(number)? {
                Some(found) => {
                    let found_type = party_type(&found);
                    if wanted.is_some() && found_type != wanted {
                        return Err(not_found(rule.number, kind).into());
                    }
                    write_back(rule, full, &found);
                    None
                }
                None if adopt => Some(number.clone()),
                None => return Err(not_found(rule.number, kind).into()),
            },
        };
        let Some(number) = made else { return Ok(None) };
        let mut row = self.empty.clone();
        row[0] = Value::Int(self.first_rec_id + lookup.store.next_row(self.id).cast_signed());
        row[self.number] = number.clone();
        row[self.kind] = Value::text(kind.as_str());
        self.name(rule, full, key, kind, &mut row)?;
        lookup.insert(self, &row)?;
        // A party column without a documented type is not part of every batch; the party is made all the same.
        if let Some(cell) = full.get_mut(rule.number) {
            *cell = number;
        }
        write_back(rule, full, &row[self.kind]);
        Ok(Some(MadeParty { row }))
    }

    /// A party is named as the row is; a row without a name lends the last part of its key.
    fn name(
        &self,
        rule: &PartyRule,
        full: &[Value],
        key: &[usize],
        kind: PartyType,
        row: &mut [Value],
    ) -> Result<(), Broken> {
        let named =
            |source: &usize| full.get(*source).is_some_and(|own| own.as_text().is_some() && !own.is_blank());
        let person = kind == PartyType::Person;
        let pairs: Vec<(usize, usize)> = if person {
            self.person_name.iter().copied().zip(rule.person_name.iter().copied()).collect()
        } else {
            rule.organization_name.iter().map(|source| (self.organization_name, *source)).collect()
        };
        let mut pairs: Vec<(usize, usize)> = pairs.into_iter().filter(|(_, source)| named(source)).collect();
        if pairs.is_empty() {
            let target = if person { self.person_name.last() } else { Some(&self.organization_name) };
            pairs.extend(target.copied().zip(key.last().copied().filter(|source| named(source))));
        }
        for (target, source) in pairs {
            let Some(name) = full.get(source) else { continue };
            if let ColumnKind::Text { max: Some(max) } = self.table.column(target).kind {
                let length = name.as_text().map_or(0, |text| text.chars().count());
                if length > max as usize {
                    return Err(Broken::new("SIM-TEXT-TOO-LONG", source)
                        .word("limit", max.to_string())
                        .word("length", length.to_string()));
                }
            }
            row[target] = name.clone();
        }
        Ok(())
    }
}

/// A row that leaves the type of its party open shows the one its party has.
fn write_back(rule: &PartyRule, full: &mut [Value], kind: &Value) {
    if let Some(cell) = rule.kind.and_then(|ordinal| full.get_mut(ordinal))
        && cell.is_blank()
    {
        *cell = kind.clone();
    }
}

/// Finds parties by number and makes new ones, each with one prepared statement.
pub(crate) struct PartyLookup<'s> {
    store: &'s Store,
    finder: Option<Finder<'s>>,
    inserter: Option<Inserter<'s>>,
}

impl<'s> PartyLookup<'s> {
    pub(crate) fn new(store: &'s Store, parties: &Parties) -> Result<Self, StoreError> {
        let finder = store.finder(parties.id, &[parties.number], &[parties.kind])?;
        Ok(Self { store, finder, inserter: None })
    }

    /// The type of the party with this number, as it is stored.
    pub(crate) fn kind_of(&mut self, number: &Value) -> Result<Option<Value>, StoreError> {
        let Some(finder) = &mut self.finder else { return Ok(None) };
        Ok(finder.find([number])?.map(|cells| cells.into_iter().next().unwrap_or_default()))
    }
    fn insert(&mut self, parties: &Parties, row: &[Value]) -> Result<(), StoreError> {
        let inserter = match &mut self.inserter {
            Some(inserter) => inserter,
            none => {
                let columns: Vec<usize> = (1..row.len()).collect();
                none.insert(self.store.inserter(parties.id, &columns)?)
            }
        };
        inserter.insert(&row[0], &row[1..])
    }
}
