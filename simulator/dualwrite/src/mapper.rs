//! Turns batches of source rows into target rows by running a [`Program`].
//!
//! Lookups are resolved for a whole batch at once and remembered, so that a reference shared by thousands of rows
//! is searched once.

use crate::{
    convert::ConversionError,
    lookup::{Follow, Lookup, Node, Part},
    port::{Environment, PortError},
    program::{Copy, Program, Write},
};
use dwsim_model::{Name, Value, Values};
use rustc_hash::FxHashMap;

/// References remembered per lookup before the oldest are forgotten all at once; bounds memory, not results.
const REMEMBERED: usize = 200_000;

/// Why a row could not be mapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MapError {
    /// A lookup's key has no row in Dataverse.
    LookupMissing {
        /// The path of the map, such as `msdyn_customergroupid.msdyn_groupid`.
        path: String,
        /// Table searched.
        table: Name,
        /// Entity set searched.
        entity_set: Name,
        /// Column searched.
        key_column: Name,
        /// Key values, in order.
        values: Vec<String>,
        /// The company searched in, as its id; none for a global table.
        company: Option<String>,
        /// The table searched is the one being written.
        own_table: bool,
    },
    /// A value map does not list the value.
    NotInMap {
        /// The source column.
        field: Name,
        /// The value.
        value: String,
    },
    /// The target column cannot hold the value.
    Unfit {
        /// The source column.
        field: Name,
        /// The value.
        value: String,
        /// The target column.
        target: Name,
    },
    /// A part of the integration key is blank.
    KeyBlank {
        /// The target column.
        target: Name,
    },
}

/// One source row after mapping.
#[derive(Debug)]
pub(crate) struct Mapped {
    /// The row's key as a person reads it.
    pub key: String,
    /// Values aligned with [`Program::columns`], or why there are none.
    pub values: Result<Values, Vec<MapError>>,
}

/// What a lookup column gets.
#[derive(Clone, Debug)]
enum Reference {
    Blank,
    Row(Value, u8),
    Missing,
}

/// Runs one program for one company.
#[derive(Debug)]
pub(crate) struct Mapper<'p> {
    program: &'p Program,
    company: Option<Value>,
    once: Vec<bool>,
    references: Vec<FxHashMap<Values, Option<(Value, u8)>>>,
    followed: FxHashMap<(usize, usize, usize), FxHashMap<Value, Value>>,
}

impl<'p> Mapper<'p> {
    /// A mapper for rows of one company; `company` is the value of the target's company column.
    pub(crate) fn new(program: &'p Program, company: Option<Value>) -> Self {
        let mut uses = vec![0_u32; program.read.len()];
        for write in &program.writes {
            match write {
                Write::Copy { from, .. } => from.iter().for_each(|copy| match copy {
                    Copy::Own { at, .. } => uses[*at] += 1,
                    Copy::Followed(follow) => uses[follow.id] += 2,
                }),
                Write::Lookup(lookup) => lookup.sources.iter().for_each(|at| uses[*at] += 2),
                _ => {}
            }
        }
        Self {
            program,
            company,
            once: uses.into_iter().map(|count| count == 1).collect(),
            references: program.writes.iter().map(|_| FxHashMap::default()).collect(),
            followed: FxHashMap::default(),
        }
    }

    /// Whether it runs this program, and not one like it.
    pub(crate) fn runs(&self, program: &Program) -> bool {
        std::ptr::eq(self.program, program)
    }

    /// Learns everything the lookups of these rows need: `source` answers what lookups point at, `target` finds
    /// what they shall point at.
    pub(crate) fn prepare(
        &mut self,
        rows: &[Values],
        source: &dyn Environment,
        target: &dyn Environment,
    ) -> Result<(), PortError> {
        for (index, write) in self.program.writes.iter().enumerate() {
            match write {
                Write::Lookup(lookup) => self.resolve(index, lookup, rows, target)?,
                Write::Copy { from, .. } => {
                    for (candidate, copy) in from.iter().enumerate() {
                        if let Copy::Followed(follow) = copy {
                            self.follow(index, candidate, follow, rows, source)?;
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether a lookup into the table being written did not find its row: rows written since may have made it.
    pub(crate) fn waits_for_own_table(&self, row: &[Value]) -> bool {
        self.lookups().any(|(index, lookup)| {
            lookup.own_table && matches!(self.reference(index, lookup, row), Reference::Missing)
        })
    }

    /// Where each row's own key stands and where its lookup into the same table takes its value from, when both are
    /// single columns: then rows of a batch can be told apart that wait for one another.
    pub(crate) fn own_key_and_reference(&self) -> Option<(usize, usize)> {
        let mut own = self.lookups().filter(|(_, lookup)| lookup.own_table);
        let (Some((_, lookup)), None) = (own.next(), own.next()) else { return None };
        match (&self.program.shown_key[..], &lookup.sources[..], &lookup.alternatives[..]) {
            ([key], [source], [_]) => Some((*key, *source)),
            _ => None,
        }
    }

    /// Searches again for what this row's lookups did not find.
    pub(crate) fn search_again(&mut self, row: &Values, target: &dyn Environment) -> Result<(), PortError> {
        for (index, write) in self.program.writes.iter().enumerate() {
            let Write::Lookup(lookup) = write else { continue };
            if matches!(self.reference(index, lookup, row), Reference::Missing) {
                self.references[index].remove(source_values(lookup, row).as_ref());
                self.resolve(index, lookup, std::slice::from_ref(row), target)?;
            }
        }
        Ok(())
    }

    /// The target row of a prepared source row.
    pub(crate) fn assemble(&self, mut row: Values) -> Mapped {
        let key = self.program.key_text(&row);
        let values = self.values(&mut row);
        Mapped { key, values }
    }

    /// The integration key of a prepared source row, in its order; none when the target cannot have such a row. Whoever
    /// deletes needs the key alone, whatever is the matter with other columns.
    pub(crate) fn key_values(&self, mut row: Values) -> Option<Vec<Value>> {
        let value = |at: &usize| {
            let value = match &self.program.writes[*at] {
                Write::Constant(value) => value.clone(),
                Write::Company => self.company.clone().unwrap_or_default(),
                Write::Copy { from, field } => self.copy(*at, from, field, &mut row).ok()?,
                Write::Lookup(lookup) => match self.reference(*at, lookup, &row) {
                    Reference::Row(id, _) => id,
                    Reference::Blank | Reference::Missing => return None,
                },
                Write::LookupTable => return None,
            };
            (!value.is_blank()).then_some(value)
        };
        self.program.key.iter().map(value).collect()
    }

    fn lookups(&self) -> impl Iterator<Item = (usize, &'p Lookup)> {
        self.program.writes.iter().enumerate().filter_map(|(index, write)| match write {
            Write::Lookup(lookup) => Some((index, lookup.as_ref())),
            _ => None,
        })
    }

    fn values(&self, row: &mut Values) -> Result<Values, Vec<MapError>> {
        let program = self.program;
        let mut values = Vec::with_capacity(program.columns.len());
        let mut table = None;
        for (index, write) in program.writes.iter().enumerate() {
            values.push(match write {
                Write::Constant(value) => value.clone(),
                Write::Company => self.company.clone().unwrap_or_default(),
                Write::Copy { from, field } => {
                    self.copy(index, from, field, row).map_err(|error| vec![error])?
                }
                Write::Lookup(lookup) => match self.reference(index, lookup, row) {
                    Reference::Blank => {
                        table = None;
                        Value::Null
                    }
                    Reference::Row(id, alternative) => {
                        table = lookup
                            .alternatives
                            .get(usize::from(alternative))
                            .map(|node| node.table.name.clone());
                        id
                    }
                    Reference::Missing => return Err(self.all_missing(row)),
                },
                Write::LookupTable => table.as_ref().map_or(Value::Null, |name| Value::text(name.as_str())),
            });
        }
        for at in &program.key {
            if values[*at].is_blank() {
                let target = program.target.column(program.columns[*at]).name.clone();
                return Err(vec![MapError::KeyBlank { target }]);
            }
        }
        Ok(values.into_boxed_slice())
    }

    /// Every lookup of the row that did not find its row, in the order of the map.
    fn all_missing(&self, row: &[Value]) -> Vec<MapError> {
        self.lookups()
            .filter(|(index, lookup)| matches!(self.reference(*index, lookup, row), Reference::Missing))
            .map(|(_, lookup)| missing(lookup, row, self.company.as_ref()))
            .collect()
    }

    fn copy(&self, index: usize, from: &[Copy], field: &Name, row: &mut Values) -> Result<Value, MapError> {
        let target = self.program.columns[index];
        let failed = |error| match error {
            ConversionError::NotInMap(value) => MapError::NotInMap { field: field.clone(), value },
            ConversionError::Unfit(value) => MapError::Unfit {
                field: field.clone(),
                value,
                target: self.program.target.column(target).name.clone(),
            },
        };
        let mut last = Value::Null;
        for (candidate, copy) in from.iter().enumerate() {
            last = match copy {
                Copy::Own { at, convert } => {
                    let value = if self.once[*at] { std::mem::take(&mut row[*at]) } else { row[*at].clone() };
                    convert.apply(value).map_err(failed)?
                }
                Copy::Followed(follow) => {
                    let (route, value) = self.followed_value(index, candidate, follow, row);
                    match follow.routes.get(route) {
                        Some(route) => route.convert.apply(value).map_err(failed)?,
                        None => Value::Null,
                    }
                }
            };
            if !last.is_blank() {
                break;
            }
        }
        Ok(last)
    }

    fn reference(&self, index: usize, lookup: &Lookup, row: &[Value]) -> Reference {
        if lookup.sources.iter().all(|at| row[*at].is_blank()) {
            return Reference::Blank;
        }
        let known = &self.references[index];
        let found = match lookup.sources[..] {
            [at] => known.get(std::slice::from_ref(&row[at])),
            _ => known.get(source_values(lookup, row).as_ref()),
        };
        match found {
            Some(Some((id, alternative))) => Reference::Row(id.clone(), *alternative),
            _ => Reference::Missing,
        }
    }

    fn resolve(
        &mut self,
        index: usize,
        lookup: &Lookup,
        rows: &[Values],
        target: &dyn Environment,
    ) -> Result<(), PortError> {
        if self.references[index].len() > REMEMBERED {
            self.references[index].clear();
        }
        let mut unknown: Vec<Values> = Vec::new();
        for row in rows {
            if lookup.sources.iter().all(|at| row[*at].is_blank()) {
                continue;
            }
            let known = match lookup.sources[..] {
                [at] => self.references[index].contains_key(std::slice::from_ref(&row[at])),
                _ => self.references[index].contains_key(source_values(lookup, row).as_ref()),
            };
            if !known {
                let values = source_values(lookup, row);
                self.references[index].insert(values.clone(), None);
                unknown.push(values);
            }
        }
        for (alternative, node) in lookup.alternatives.iter().enumerate() {
            if unknown.is_empty() {
                break;
            }
            let found = self.search(node, &unknown, target)?;
            let mut still = Vec::new();
            for (values, id) in unknown.into_iter().zip(found) {
                match id {
                    Some(id) => {
                        let alternative = u8::try_from(alternative).unwrap_or(u8::MAX);
                        self.references[index].insert(values, Some((id, alternative)));
                    }
                    None => still.push(values),
                }
            }
            unknown = still;
        }
        Ok(())
    }

    /// The id of the row of a node's table for each set of source values.
    fn search(
        &self,
        node: &Node,
        keys: &[Values],
        target: &dyn Environment,
    ) -> Result<Vec<Option<Value>>, PortError> {
        let mut columns: Vec<Vec<Option<Value>>> = Vec::with_capacity(node.parts.len());
        for part in &node.parts {
            columns.push(match part {
                Part::Company => vec![self.company.clone(); keys.len()],
                Part::Source { index, convert } => {
                    keys.iter().map(|key| convert.apply(key[*index].clone()).ok()).collect()
                }
                Part::Nested(inner) => self.search(inner, keys, target)?,
            });
        }
        let mut complete = Vec::new();
        let mut wanted = Vec::new();
        for row in 0..keys.len() {
            let values: Option<Values> = columns.iter_mut().map(|column| column[row].take()).collect();
            if let Some(values) = values.filter(|values| !values.iter().any(Value::is_blank)) {
                complete.push(row);
                wanted.push(values);
            }
        }
        let mut found = vec![None; keys.len()];
        let ids = target.resolve(&node.table, &node.by, &wanted)?;
        for (row, id) in complete.into_iter().zip(ids) {
            found[row] = id;
        }
        Ok(found)
    }

    fn route(follow: &Follow, row: &[Value]) -> usize {
        let Some(at) = follow.table else { return 0 };
        let table = row[at].as_text().unwrap_or_default();
        follow
            .routes
            .iter()
            .position(|route| {
                route.hops.first().is_some_and(|(first, _)| first.name.eq_ignore_ascii_case(table))
            })
            .unwrap_or(usize::MAX)
    }

    fn follow(
        &mut self,
        index: usize,
        candidate: usize,
        follow: &Follow,
        rows: &[Values],
        source: &dyn Environment,
    ) -> Result<(), PortError> {
        for (number, route) in follow.routes.iter().enumerate() {
            let mut ids: Vec<Value> = rows
                .iter()
                .filter(|row| !row[follow.id].is_null() && Self::route(follow, row) == number)
                .map(|row| row[follow.id].clone())
                .collect();
            let known = self.followed.entry((index, candidate, number)).or_default();
            if known.len() > REMEMBERED {
                known.clear();
            }
            ids.retain(|id| !known.contains_key(id));
            ids.sort_by_key(Value::as_guid);
            ids.dedup();
            let mut values = ids.clone();
            for (table, column) in &route.hops {
                let present: Vec<Value> = values.iter().filter(|value| !value.is_null()).cloned().collect();
                let mut fetched = source.fetch(table, &present, &[*column])?.into_iter();
                for value in &mut values {
                    if !value.is_null() {
                        let cell = fetched.next().flatten().and_then(|row| row.into_vec().pop());
                        *value = cell.unwrap_or_default();
                    }
                }
            }
            known.extend(ids.into_iter().zip(values));
        }
        Ok(())
    }

    fn followed_value(
        &self,
        index: usize,
        candidate: usize,
        follow: &Follow,
        row: &[Value],
    ) -> (usize, Value) {
        let route = Self::route(follow, row);
        let value = self
            .followed
            .get(&(index, candidate, route))
            .and_then(|known| known.get(&row[follow.id]))
            .cloned()
            .unwrap_or_default();
        (if route == usize::MAX { 0 } else { route }, value)
    }
}

fn source_values(lookup: &Lookup, row: &[Value]) -> Values {
    lookup.sources.iter().map(|at| row[*at].clone()).collect()
}

fn missing(lookup: &Lookup, row: &[Value], company: Option<&Value>) -> MapError {
    let first = lookup.alternatives.first();
    let striped = first.is_some_and(|node| node.parts.iter().any(|part| matches!(part, Part::Company)));
    let key_column = first.and_then(|node| {
        let own = node.parts.iter().position(|part| !matches!(part, Part::Company)).unwrap_or(0);
        node.by.get(own).map(|ordinal| node.table.column(*ordinal).name.clone())
    });
    MapError::LookupMissing {
        path: lookup.path.to_string(),
        table: first.map_or_else(|| lookup.column.clone(), |node| node.table.name.clone()),
        entity_set: first.map_or_else(|| lookup.column.clone(), |node| node.table.label.clone()),
        key_column: key_column.unwrap_or_else(|| lookup.column.clone()),
        values: lookup.sources.iter().map(|at| row[*at].to_string()).collect(),
        company: company.filter(|_| striped).map(ToString::to_string),
        own_table: lookup.own_table,
    }
}
