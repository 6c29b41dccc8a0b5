//! A table map compiled to ordinals: what to read, how to turn it, where to write, once per direction.
//!
//! Initial sync, live sync and catch-up all run the same [`Program`], so a column cannot behave differently in
//! one of them.

use crate::{
    convert::Conversion,
    lookup::{Follow, Lookup},
    program::{CompiledMap, Copy, Program, Write},
    schemas::Schemas,
    validate::Finding,
};
use dwsim_catalog::{Catalog, FieldMap, LookupPath, TableMap, Transform, facts::PartyType, parse_path};
use dwsim_filter::{Predicate, odata, xpp};
use dwsim_model::{Column, Name, Side, TableType, Value};
use std::sync::Arc;

/// Compiles a map against the schemas of the catalogue.
pub fn compile(catalog: &Arc<Catalog>, map: &Arc<TableMap>) -> Result<CompiledMap, Vec<Finding>> {
    compile_in(&Schemas::new(catalog.clone()), map)
}

/// Compiles a map against the schemas a link knows. Every rule that keeps a program from being built is a finding with
/// its documented code.
pub(crate) fn compile_in(schemas: &Schemas, map: &Arc<TableMap>) -> Result<CompiledMap, Vec<Finding>> {
    let missing = |code, what: &Name| vec![Finding::new(code, format!("{what} is not in the schema"))];
    let entity = schemas.table(Side::FinOps, &map.entity).ok_or_else(|| missing("DIPV1018", &map.entity))?;
    let table = schemas.table(Side::Dataverse, &map.table).ok_or_else(|| missing("DIPV1020", &map.table))?;
    let compiler = Compiler { schemas, map, entity, table };
    let mut findings = Vec::new();
    let to_dataverse = compiler.to_dataverse(&mut findings);
    let to_finops = compiler.to_finops(&mut findings);
    if findings.is_empty() {
        Ok(CompiledMap {
            map: map.clone(),
            entity: entity.clone(),
            table: table.clone(),
            to_dataverse,
            to_finops,
        })
    } else {
        findings.sort();
        findings.dedup();
        Err(findings)
    }
}

pub(crate) struct Compiler<'a> {
    pub(crate) schemas: &'a Schemas,
    pub(crate) map: &'a TableMap,
    pub(crate) entity: &'a Arc<TableType>,
    pub(crate) table: &'a Arc<TableType>,
}

/// A program being put together.
struct Draft {
    read: Vec<usize>,
    writes: Vec<Write>,
    columns: Vec<usize>,
    shared: Vec<usize>,
    triggers: Vec<usize>,
}

impl Draft {
    fn new() -> Self {
        Self {
            read: vec![0],
            writes: Vec::new(),
            columns: Vec::new(),
            shared: Vec::new(),
            triggers: Vec::new(),
        }
    }

    fn read(&mut self, ordinal: usize) -> usize {
        position(&mut self.read, ordinal)
    }

    fn write(&mut self, column: usize, write: Write, shared: bool) {
        if shared {
            self.shared.push(self.columns.len());
        }
        self.columns.push(column);
        self.writes.push(write);
    }
}

fn position(list: &mut Vec<usize>, ordinal: usize) -> usize {
    list.iter().position(|known| *known == ordinal).unwrap_or_else(|| {
        list.push(ordinal);
        list.len() - 1
    })
}

impl Compiler<'_> {
    fn to_dataverse(&self, findings: &mut Vec<Finding>) -> Option<Program> {
        let mut draft = Draft::new();
        let fields: Vec<&FieldMap> =
            self.map.fields.iter().filter(|field| field.symbol.to_dataverse()).collect();
        let mut grouped: Vec<(Name, Vec<(&FieldMap, LookupPath)>)> = Vec::new();
        for field in &fields {
            let Some(path) = &field.path else {
                findings.push(Finding::new(
                    "DIPV1024",
                    "a row flows to Dataverse but names no column".to_owned(),
                ));
                continue;
            };
            match parse_path(path) {
                Ok(LookupPath::Column(column)) => {
                    self.plain_to_dataverse(&mut draft, field, &column, findings);
                }
                Ok(path) => {
                    let first = match &path {
                        LookupPath::Through { hops, .. } => hops[0].clone(),
                        LookupPath::Polymorphic { lookup, .. } => lookup.clone(),
                        LookupPath::Column(column) => column.clone(),
                    };
                    match grouped.iter_mut().find(|(name, _)| *name == first) {
                        Some((_, group)) => group.push((field, path)),
                        None => grouped.push((first, vec![(field, path)])),
                    }
                }
                Err(error) => findings.push(Finding::new("DIPV1025", error.to_string())),
            }
        }
        for (column, group) in &grouped {
            self.lookup_to_dataverse(&mut draft, column, group, findings);
        }
        if draft.writes.is_empty() {
            return None;
        }
        if let Some(company) = self.company_column()
            && !draft.columns.contains(&company)
        {
            draft.write(company, Write::Company, false);
        }
        let key = self.key_positions(&draft.columns, findings, |(_, path)| self.key_column(path));
        let filter = self.finops_filter(findings);
        Some(self.program(draft, key, filter, Side::Dataverse))
    }

    fn plain_to_dataverse(
        &self,
        draft: &mut Draft,
        field: &FieldMap,
        column: &Name,
        findings: &mut Vec<Finding>,
    ) {
        let Some(target) = self.table.ordinal(column) else {
            findings.push(Finding::missing_column(column));
            return;
        };
        if draft.columns.contains(&target) {
            findings.push(Finding::new("DIPV1026", column.to_string()));
            return;
        }
        let shared = field.symbol.to_finops();
        let target_column = self.table.column(target);
        if let Some(name) = &field.entity_field {
            let Some(ordinal) = self.entity.ordinal(name) else {
                findings.push(Finding::missing_field(name));
                return;
            };
            draft.triggers.push(ordinal);
            let source = self.entity.column(ordinal);
            match Conversion::compile(&field.transform, source, target_column, Side::Dataverse) {
                Ok(convert) => {
                    let at = draft.read(ordinal);
                    let from = vec![Copy::Own { at, convert }];
                    draft.write(target, Write::Copy { from, field: name.clone() }, shared);
                }
                Err(error) => findings.push(Finding::mismatch(name, column, &error)),
            }
        } else {
            match constant(&field.transform, target_column) {
                Ok(value) => draft.write(target, Write::Constant(value), false),
                Err(finding) => findings.push(finding),
            }
        }
    }

    fn lookup_to_dataverse(
        &self,
        draft: &mut Draft,
        column: &Name,
        group: &[(&FieldMap, LookupPath)],
        findings: &mut Vec<Finding>,
    ) {
        let Some(target) = self.table.ordinal(column) else {
            findings.push(Finding::missing_column(column));
            return;
        };
        let mut sources = Vec::new();
        for (field, _) in group {
            match field.entity_field.as_ref().map(|name| (name, self.entity.ordinal(name))) {
                Some((_, Some(ordinal))) => {
                    draft.triggers.push(ordinal);
                    sources.push(draft.read(ordinal));
                }
                Some((name, None)) => {
                    findings.push(Finding::missing_field(name));
                    return;
                }
                None => {
                    findings.push(Finding::new("DIPV1021", format!("lookup {column} has no source column")));
                    return;
                }
            }
        }
        match Lookup::compile(self, column, target, group, sources) {
            Ok(lookup) => {
                let shared = group.iter().any(|(field, _)| field.symbol.to_finops());
                let polymorphic = lookup.alternatives.len() > 1;
                draft.write(target, Write::Lookup(Box::new(lookup)), shared);
                if polymorphic && let Some(companion) = self.table.ordinal(&format!("{column}type")) {
                    draft.write(companion, Write::LookupTable, shared);
                }
            }
            Err(finding) => findings.push(finding),
        }
    }

    fn to_finops(&self, findings: &mut Vec<Finding>) -> Option<Program> {
        let mut draft = Draft::new();
        for field in self.map.fields.iter().filter(|field| field.symbol.to_finops()) {
            let Some(name) = &field.entity_field else {
                findings.push(Finding::new("DIPV1021", "a row flows to F&O but names no field".to_owned()));
                continue;
            };
            let Some(target) = self.entity.ordinal(name) else {
                findings.push(Finding::missing_field(name));
                continue;
            };
            let Some(path) = &field.path else {
                match constant(&field.transform, self.entity.column(target)) {
                    Ok(value) => draft.write(target, Write::Constant(value), false),
                    Err(finding) => findings.push(finding),
                }
                continue;
            };
            match self.read_dataverse(&mut draft, path, field, target) {
                Ok(copy) => {
                    let shared = field.symbol.to_dataverse();
                    match draft.columns.iter().position(|known| *known == target) {
                        Some(at) => {
                            if let Write::Copy { from, .. } = &mut draft.writes[at] {
                                from.push(copy);
                            }
                        }
                        None => draft.write(
                            target,
                            Write::Copy { from: vec![copy], field: path.as_ref().into() },
                            shared,
                        ),
                    }
                }
                Err(finding) => findings.push(finding),
            }
        }
        if draft.writes.iter().all(|write| matches!(write, Write::Constant(_))) {
            return None;
        }
        if let Some(company) = self.entity.company
            && self.map.striped
            && !draft.columns.contains(&company)
        {
            draft.write(company, Write::Company, false);
        }
        let key = self.key_positions(&draft.columns, findings, |(field, _)| {
            if field.eq_ignore_ascii_case("dataAreaId") {
                self.entity.company
            } else {
                self.entity.ordinal(field)
            }
        });
        let filter = self.dataverse_filter(findings);
        Some(self.program(draft, key, filter, Side::FinOps))
    }

    fn read_dataverse(
        &self,
        draft: &mut Draft,
        path: &str,
        field: &FieldMap,
        target: usize,
    ) -> Result<Copy, Finding> {
        let target_column = self.entity.column(target);
        let parsed = parse_path(path).map_err(|error| Finding::new("DIPV1025", error.to_string()))?;
        if let LookupPath::Column(column) = &parsed {
            let ordinal = self.table.ordinal(column).ok_or_else(|| Finding::missing_column(column))?;
            draft.triggers.push(ordinal);
            let source = self.table.column(ordinal);
            let convert = Conversion::compile(&field.transform, source, target_column, Side::FinOps)
                .map_err(|error| Finding::mismatch(column, &target_column.name, &error))?;
            return Ok(Copy::Own { at: draft.read(ordinal), convert });
        }
        let mut reads = Vec::new();
        let follow = Follow::compile(self, &parsed, &field.transform, target_column, &mut |ordinal| {
            reads.push(ordinal);
            draft.read(ordinal)
        })?;
        draft.triggers.extend(reads);
        Ok(Copy::Followed(Box::new(follow)))
    }

    /// The Dataverse column that says which company a row belongs to, on a striped map.
    fn company_column(&self) -> Option<usize> {
        if !self.map.striped {
            return None;
        }
        self.map.company_column.as_ref().and_then(|column| self.table.ordinal(column)).or(self.table.company)
    }

    /// The F&O field that says which company a row belongs to: `dataAreaId`, or the field mapped to the company.
    fn company_field(&self) -> Option<usize> {
        if !self.map.striped {
            return None;
        }
        self.entity.company.or_else(|| {
            let column = self.company_column()?;
            self.map.fields.iter().find_map(|field| {
                let hop = field.path.as_ref()?.split_once('.')?.0;
                (self.table.ordinal(hop) == Some(column))
                    .then(|| self.entity.ordinal(field.entity_field.as_ref()?))?
            })
        })
    }

    /// The Dataverse column an integration key path stands in.
    fn key_column(&self, path: &str) -> Option<usize> {
        self.table.ordinal(path.split('.').next().unwrap_or(path))
    }

    fn key_positions(
        &self,
        columns: &[usize],
        findings: &mut Vec<Finding>,
        ordinal: impl Fn(&(Name, Box<str>)) -> Option<usize>,
    ) -> Vec<usize> {
        let mut key = Vec::new();
        for part in &self.map.integration_key {
            match ordinal(part).and_then(|ordinal| columns.iter().position(|column| *column == ordinal)) {
                Some(at) if !key.contains(&at) => key.push(at),
                Some(_) => {}
                None => {
                    let text = format!("key part {} = {} is not mapped in this direction", part.0, part.1);
                    findings.push(Finding::new("DIPV1014", text));
                }
            }
        }
        if key.is_empty() {
            findings
                .push(Finding::new("DIPV1003", format!("table {} has no integration key", self.table.name)));
        }
        // The company comes first in every key, so that a search stays inside one company.
        let company = |at: &usize| {
            let column = columns[*at];
            Some(column) == self.entity.company || Some(column) == self.company_column()
        };
        key.sort_by_key(|at| !company(at));
        key
    }

    fn finops_filter(&self, findings: &mut Vec<Finding>) -> Predicate {
        let own = self.exported_parties();
        let Some(text) = &self.map.source_filter else { return own };
        match xpp::parse(text).and_then(|expression| expression.bind(self.entity)) {
            Ok(predicate) if own == Predicate::All => predicate,
            Ok(predicate) => Predicate::And(vec![own, predicate]),
            Err(error) => {
                let arguments =
                    vec![("filter", text.to_string()), ("entity", self.map.entity_label.to_string())];
                findings.push(Finding::said("HEALTH-900", error.to_string(), "HEALTH-900", arguments));
                Predicate::All
            }
        }
    }

    /// The entity of parties exports people and organisations only; what legal entities and operating units are, it
    /// does not.
    fn exported_parties(&self) -> Predicate {
        let store = self.schemas.catalog().facts().party_store();
        let column = self.entity.ordinal(&store.type_column);
        let (true, Some(_)) = (self.entity.name == store.entity, column) else { return Predicate::All };
        let is = |kind: &PartyType| format!("({} == \"{}\")", store.type_column, kind.as_str());
        let text = format!("({})", store.exported_types.iter().map(is).collect::<Vec<_>>().join(" || "));
        let parsed = xpp::parse(&text).and_then(|expression| expression.bind(self.entity));
        parsed.unwrap_or(Predicate::All)
    }

    fn dataverse_filter(&self, findings: &mut Vec<Finding>) -> Predicate {
        let Some(text) = &self.map.reverse_filter else { return Predicate::All };
        match odata::parse(text).and_then(|expression| expression.bind(self.table)) {
            Ok(predicate) => predicate,
            Err(error) => {
                findings.push(Finding::new("DIPV1012", error.to_string()));
                Predicate::All
            }
        }
    }

    fn program(&self, mut draft: Draft, key: Vec<usize>, filter: Predicate, to: Side) -> Program {
        let (source, target, source_company) = match to {
            Side::Dataverse => (self.entity, self.table, self.company_field()),
            Side::FinOps => (self.table, self.entity, self.company_column()),
        };
        let natural = source.natural_key().map_or_else(Vec::new, |key| key.columns.clone());
        let shown: Vec<usize> = key
            .iter()
            .filter_map(|at| match &draft.writes[*at] {
                Write::Copy { from, .. } => from.first().map(|copy| match copy {
                    Copy::Own { at, .. } => *at,
                    Copy::Followed(follow) => follow.id,
                }),
                Write::Lookup(lookup) => lookup.sources.first().copied(),
                _ => None,
            })
            .collect();
        draft.triggers.sort_unstable();
        draft.triggers.dedup();
        Program {
            source: source.clone(),
            target: target.clone(),
            source_company,
            read: draft.read,
            filter,
            order: natural,
            writes: draft.writes,
            columns: draft.columns,
            key,
            shared: draft.shared,
            shown_key: shown,
            triggers: draft.triggers,
        }
    }
}

fn constant(transform: &Transform, target: &Column) -> Result<Value, Finding> {
    let Transform::Default(text) = transform else {
        return Err(Finding::new(
            "DIPV1021",
            format!("column {} has neither source nor default", target.name),
        ));
    };
    crate::convert::parse(text, &target.kind)
        .map_err(|error| Finding::new("DIPV1030", format!("default of column {}: {error}", target.name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dwsim_catalog::Symbol;
    use proptest::prelude::*;

    #[test]
    fn every_map_of_the_catalogue_compiles_in_each_direction_it_has() {
        let catalog = Catalog::embedded().unwrap();
        let broken: Vec<String> = catalog
            .maps()
            .iter()
            .filter_map(|map| {
                compile(&catalog, map).err().map(|findings| format!("{}: {findings:?}", map.id))
            })
            .collect();
        assert!(broken.is_empty(), "{}", broken.join("\n"));
        for map in catalog.maps() {
            let compiled = compile(&catalog, map).unwrap();
            let flows = |wanted: fn(Symbol) -> bool| map.fields.iter().any(|field| wanted(field.symbol));
            assert_eq!(compiled.to_dataverse.is_some(), flows(Symbol::to_dataverse), "{}", map.id);
            let from_dataverse =
                map.fields.iter().any(|field| field.symbol.to_finops() && field.path.is_some());
            assert_eq!(compiled.to_finops.is_some(), from_dataverse, "{}", map.id);
        }
    }

    proptest! {
        #[test]
        fn any_map_without_any_of_its_columns_compiles_or_names_the_rule_it_breaks(
            map in 0_usize..143,
            kept in proptest::collection::vec(any::<bool>(), 120),
        ) {
            let catalog = Catalog::embedded().unwrap();
            let mut edited = (*catalog.maps()[map]).clone();
            let mut kept = kept.into_iter().cycle();
            edited.fields.retain(|_| kept.next().unwrap_or(true));
            match compile(&catalog, &Arc::new(edited)) {
                Ok(compiled) => for program in [&compiled.to_dataverse, &compiled.to_finops].into_iter().flatten() {
                    prop_assert_eq!(program.columns.len(), program.writes.len());
                    prop_assert!(!program.key.is_empty() && program.key.iter().all(|at| *at < program.columns.len()));
                },
                Err(findings) => {
                    prop_assert!(!findings.is_empty());
                    for finding in findings {
                        prop_assert!(catalog.facts().message(finding.code).is_some(), "{}", finding.code);
                    }
                }
            }
        }
    }

    #[test]
    fn customers_carry_eleven_lookups_and_a_key_that_starts_with_the_company() {
        let catalog = Catalog::embedded().unwrap();
        let map = catalog.map("customers-v3-accounts").unwrap();
        let compiled = compile(&catalog, map).unwrap();
        assert_eq!(compiled.export_lookups(), 11);
        let program = compiled.program(Side::Dataverse).unwrap();
        let key: Vec<&str> =
            program.key.iter().map(|at| program.target.column(program.columns[*at]).name.as_str()).collect();
        assert_eq!(key, ["msdyn_company", "accountnumber"]);
    }
}
