//! The rules of validation that a map and the schemas of its link decide between them (specification 4.8, 8.3).
//!
//! What an environment does beyond its schema (default values, number sequences) is not documented column by column.
//! The shipped maps show it: a mandatory column that none of them writes is filled by its environment, and a row a
//! shipped map has is a row that works (decision P40).

use crate::{compile::compile_in, program::CompiledMap, schemas::Schemas, validate::Finding};
use dwsim_catalog::{FieldMap, LookupPath, TableMap, Transform, parse_path};
use dwsim_model::{Column, ColumnKind, Required, Side, TableType};
use std::{collections::BTreeSet, sync::Arc};

/// What of the rules leaves a key column without a row, or a key without a column.
const KEY_RULES: &[&str] = &["DIPV1002", "DIPV1003", "DIPV1004", "DIPV1014", "DIPV1015"];

/// What of the compiler does.
const KEY_LOSSES: &[&str] = &["DIPV1022", "DIPV1025", "DIPV1030"];

/// Whether a finding of the compiler only follows from others: of the rules, or of the compiler itself.
fn follows(code: &str, rules: &[&str], compiler: &[&str]) -> bool {
    let any = |codes: &[&str], of: &[&str]| codes.iter().any(|code| of.contains(code));
    match code {
        "DIPV1014" => any(rules, KEY_RULES) || any(compiler, KEY_LOSSES),
        "DIPV1003" => any(rules, KEY_RULES) || any(compiler, KEY_LOSSES) || compiler.contains(&"DIPV1014"),
        "DIPV1026" => any(rules, &["DIPV1026", "DIPV1029"]),
        _ => false,
    }
}

/// Checks a map against the schemas the link knows and compiles it.
///
/// The findings are sorted; there is a compiled map when none of them keeps a program from being built.
pub(crate) fn check(schemas: &Schemas, map: &Arc<TableMap>) -> (Vec<Finding>, Option<CompiledMap>) {
    let mut findings = Vec::new();
    if let (Some(entity), Some(table)) =
        (schemas.table(Side::FinOps, &map.entity), schemas.table(Side::Dataverse, &map.table))
    {
        let base = schemas.catalog().map(&map.id).map(AsRef::as_ref);
        Rules { schemas, map, entity, table, base }.check(&mut findings);
    }
    let compiled = match compile_in(schemas, map) {
        Ok(compiled) => {
            if compiled.to_dataverse.is_none() && compiled.to_finops.is_none() && findings.is_empty() {
                let nothing = format!("table map {} carries no column in either direction", map.id);
                findings.push(Finding::new("DIPV1006", nothing));
            }
            Some(compiled)
        }
        Err(more) => {
            let codes = |findings: &[Finding]| -> Vec<&'static str> {
                findings.iter().map(|finding| finding.code).collect()
            };
            let (rules, compiler) = (codes(&findings), codes(&more));
            findings.extend(more.into_iter().filter(|finding| !follows(finding.code, &rules, &compiler)));
            None
        }
    };
    findings.sort();
    findings.dedup_by(|a, b| a.code == b.code && a.detail == b.detail);
    (findings, compiled)
}

struct Rules<'a> {
    schemas: &'a Schemas,
    map: &'a TableMap,
    entity: &'a Arc<TableType>,
    table: &'a Arc<TableType>,
    /// The map as it is shipped.
    base: Option<&'a TableMap>,
}

impl<'a> Rules<'a> {
    fn check(&self, findings: &mut Vec<Finding>) {
        self.striping(findings);
        self.key(findings);
        self.duplicates(findings);
        self.company_in_filters(findings);
        for side in [Side::Dataverse, Side::FinOps] {
            if self.map.flows_into(side) {
                self.mandatory(side, findings);
                self.lookups(side, findings);
                for row in self.map.fields.iter().filter(|row| row.flows_into(side)) {
                    self.row(row, side, findings);
                }
            }
        }
    }

    fn target(&self, side: Side) -> &'a TableType {
        if side == Side::FinOps { self.entity } else { self.table }
    }

    /// 1002: both sides belong to companies, or neither does.
    fn striping(&self, findings: &mut Vec<Finding>) {
        let company = self.map.company_column.as_ref();
        if let Some(column) = company.filter(|column| self.table.ordinal(column).is_none()) {
            findings.push(Finding::missing_column(column));
            return;
        }
        match (self.entity.striped(), company) {
            (false, Some(column)) => {
                let code = self.schemas.catalog().facts().company().code_column.clone();
                let arguments = vec![
                    ("entity", self.map.entity_label.to_string()),
                    ("table", self.map.entity_set.to_string()),
                    ("company_field", format!("{column}.{code}")),
                ];
                let detail = format!("{} has no company, {} has", self.entity.label, self.table.name);
                findings.push(Finding::said("DIPV1002", detail, "DIPV1002-DETAIL", arguments));
            }
            (true, None) => findings.push(Finding::new(
                "DIPV1002",
                format!("{} belongs to companies, {} does not", self.entity.label, self.table.name),
            )),
            _ => {}
        }
    }

    /// 1003, 1004, 1014, 1015: the integration key and the rows that carry it.
    fn key(&self, findings: &mut Vec<Finding>) {
        if self.map.integration_key.is_empty() {
            findings.push(Finding::new("DIPV1003", self.table.name.to_string()));
        }
        let both = self.map.fields.iter().any(|row| row.symbol.to_dataverse() && row.symbol.to_finops());
        for (field, path) in &self.map.integration_key {
            if self.is_company(path) {
                continue;
            }
            let pair = FieldMap {
                entity_field: Some(field.clone()),
                symbol: dwsim_catalog::Symbol::Both,
                path: Some(path.clone()),
                transform: Transform::None,
                creates_values: false,
            };
            let mut rows = self.map.fields.iter().filter(|row| row.same_pair(&pair)).peekable();
            if rows.peek().is_none() {
                let code = if path.contains('.') { "DIPV1015" } else { "DIPV1014" };
                findings.push(Finding::new(code, path.to_string()));
            } else if both && !rows.any(|row| row.symbol.to_dataverse() && row.symbol.to_finops()) {
                findings.push(Finding::new("DIPV1004", path.to_string()));
            }
        }
    }

    /// Whether a path starts at the company of a row, which no map lists.
    fn is_company(&self, path: &str) -> bool {
        let first = path.split('.').next().unwrap_or(path);
        let own = self.map.company_column.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(first));
        own || (self.table.company.is_some() && self.table.ordinal(first) == self.table.company)
    }

    /// 1023, 1026, 1029: the same thing named twice.
    fn duplicates(&self, findings: &mut Vec<Finding>) {
        let rows = &self.map.fields;
        let plain = |row: &FieldMap| row.path.as_deref().is_some_and(|path| !path.contains('.'));
        let both = |row: &FieldMap| row.symbol.to_dataverse() && row.symbol.to_finops();
        let same = |a: Option<&str>, b: Option<&str>| matches!((a, b), (Some(a), Some(b)) if a.eq_ignore_ascii_case(b));
        for (at, row) in rows.iter().enumerate() {
            for earlier in &rows[..at] {
                let fields = same(row.entity_field.as_deref(), earlier.entity_field.as_deref());
                let paths = same(row.path.as_deref(), earlier.path.as_deref());
                let name = |name: Option<&str>| name.unwrap_or_default().to_owned();
                if fields && paths {
                    let pair =
                        format!("{} and {}", name(row.entity_field.as_deref()), name(row.path.as_deref()));
                    findings.push(Finding::new("DIPV1029", pair));
                    continue;
                }
                // One source may fill a column and a lookup both ways; shipped maps do (decision Q4).
                if fields && both(row) && both(earlier) && plain(row) && plain(earlier) {
                    findings.push(Finding::new("DIPV1023", name(row.entity_field.as_deref())));
                }
                if paths && row.symbol.to_dataverse() && earlier.symbol.to_dataverse() {
                    findings.push(Finding::new("DIPV1026", name(row.path.as_deref())));
                }
                let constant = row.path.is_none() || earlier.path.is_none();
                if fields
                    && row.symbol.to_finops()
                    && earlier.symbol.to_finops()
                    && (constant || (plain(row) && plain(earlier)))
                {
                    findings.push(Finding::new("DIPV1026", name(row.entity_field.as_deref())));
                }
            }
        }
    }

    /// A filter may not choose a company: the link's legal entities do (decision 44).
    fn company_in_filters(&self, findings: &mut Vec<Finding>) {
        let names = |text: &str, column: &str| {
            let mut outside = String::with_capacity(text.len());
            let mut quote = None;
            for c in text.chars() {
                match quote {
                    Some(open) if c == open => quote = None,
                    Some(_) => {}
                    None if c == '"' || c == '\'' => quote = Some(c),
                    None => outside.push(c),
                }
            }
            // OData also knows the id behind a lookup, as _name_value.
            let lookup = format!("_{column}_value");
            outside
                .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .any(|word| word.eq_ignore_ascii_case(column) || word.eq_ignore_ascii_case(&lookup))
        };
        let company = |table: &TableType| table.company.map(|at| table.column(at).name.clone());
        let filters = [
            (self.map.source_filter.as_deref(), company(self.entity)),
            (self.map.reverse_filter.as_deref(), company(self.table)),
        ];
        for (filter, column) in filters {
            if let (Some(filter), Some(column)) = (filter, column)
                && self.map.striped
                && names(filter, &column)
            {
                let arguments = vec![("column", column.to_string()), ("map", self.map.id.to_string())];
                let (code, detail) = ("SIM-FILTER-COMPANY", column.to_string());
                findings.push(Finding::said(code, detail, "SIM-FILTER-COMPANY", arguments));
            }
        }
    }

    /// 1010: what the destination demands.
    fn mandatory(&self, into: Side, findings: &mut Vec<Finding>) {
        let target = self.target(into);
        let written: BTreeSet<usize> = self
            .map
            .fields
            .iter()
            .filter(|row| row.flows_into(into))
            .filter_map(|row| target.ordinal(row.column_on(into)?))
            .collect();
        // A key column that is not mapped has a code of its own.
        let keyed = |column: &str| {
            self.map.integration_key.iter().any(|(field, path)| {
                let own = if into == Side::FinOps {
                    field.as_str()
                } else {
                    path.split('.').next().unwrap_or(path)
                };
                own.eq_ignore_ascii_case(column)
            })
        };
        for (ordinal, column) in target.columns.iter().enumerate() {
            let found = target.ordinal(&column.name) == Some(ordinal);
            if found
                && column.required == Required::Yes
                && !column.read_only
                && Some(ordinal) != target.company
                && !written.contains(&ordinal)
                && !keyed(&column.name)
                && self.demanded(into, &column.name)
            {
                findings.push(Finding::new("DIPV1010", column.name.to_string()));
            }
        }
    }

    /// Whether a mandatory column has to come from a map, or its environment fills it (decision P40).
    fn demanded(&self, into: Side, column: &str) -> bool {
        let catalog = self.schemas.catalog();
        let target = self.target(into);
        if catalog.table(into, &target.name).is_none_or(|table| table.ordinal(column).is_none()) {
            return true;
        }
        let writes = |map: &TableMap| {
            map.fields.iter().any(|row| {
                row.flows_into(into)
                    && row.column_on(into).is_some_and(|own| own.eq_ignore_ascii_case(column))
            })
        };
        if let Some(base) = self.base.filter(|base| base.flows_into(into)) {
            return writes(base);
        }
        let mut others = catalog
            .maps()
            .iter()
            .filter(|map| map.flows_into(into))
            .filter(
                |map| if into == Side::FinOps { map.entity == target.name } else { map.table == target.name },
            )
            .peekable();
        others.peek().is_none() || others.any(|map| writes(map))
    }

    /// 1011, 1030, 1031: one row in one direction.
    fn row(&self, row: &FieldMap, into: Side, findings: &mut Vec<Finding>) {
        let target = self.target(into);
        let Some(name) = row.column_on(into) else { return };
        let Some(column) = target.ordinal(name).map(|at| target.column(at)) else { return };
        if column.read_only {
            findings.push(Finding::new("DIPV1011", column.name.to_string()));
        }
        let source = self.target(into.other());
        let shipped = self.base.is_some_and(|base| {
            base.fields.iter().any(|own| own.same_pair(row) && own.transform == row.transform)
        });
        if shipped || row.entity_field.is_none() || row.path.is_none() {
            return;
        }
        let (Some(own), Some(path)) = (self.field(row), row.path.as_deref()) else { return };
        let Some(end) = self.end(path) else { return };
        let (from, to) = if into == Side::Dataverse { (own, &end) } else { (&end, own) };
        if !fits(from, to, &row.transform) {
            let (from_kind, to_kind) =
                (crate::convert::kind_name(&from.kind), crate::convert::kind_name(&to.kind));
            let error = format!("{from_kind} does not go into {to_kind}");
            findings.push(Finding::mismatch(&from.name, &to.name, &error));
        }
        let filled = row.column_on(into.other()).and_then(|name| source.ordinal(name)).is_some_and(|at| {
            source.column(at).required != Required::No
                || source.natural_key().is_some_and(|key| key.columns.contains(&at))
        });
        if column.required == Required::Yes && !filled && !matches!(row.transform, Transform::Default(_)) {
            findings.push(Finding::new("DIPV1031", column.name.to_string()));
        }
    }

    fn field(&self, row: &FieldMap) -> Option<&'a Column> {
        self.entity.ordinal(row.entity_field.as_deref()?).map(|at| self.entity.column(at))
    }

    /// The Dataverse column a path ends at; the first alternative's where there are several.
    fn end(&self, path: &str) -> Option<Column> {
        let target = |table: &TableType, hop: &str| {
            let ColumnKind::Lookup { targets } = &table.column(table.ordinal(hop)?).kind else { return None };
            self.schemas.table(Side::Dataverse, targets.first()?).cloned()
        };
        let (table, column) = match parse_path(path).ok()? {
            LookupPath::Column(column) => (self.table.clone(), column),
            LookupPath::Through { hops, column } => {
                let mut table = self.table.clone();
                for hop in &hops {
                    table = target(&table, hop)?;
                }
                (table, column)
            }
            LookupPath::Polymorphic { alternatives, .. } => {
                let (table, column) = alternatives.into_iter().next()?;
                (self.schemas.table(Side::Dataverse, &table)?.clone(), column)
            }
        };
        table.ordinal(&column).map(|at| table.column(at).clone())
    }

    /// 1027, 1028: a lookup is found by the whole key of the row it points at.
    fn lookups(&self, into: Side, findings: &mut Vec<Finding>) {
        let code = if into == Side::Dataverse { "DIPV1027" } else { "DIPV1028" };
        let company = self.map.company_column.as_deref();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for row in self.map.fields.iter().filter(|row| row.flows_into(into)) {
            let Some((first, _)) = row.path.as_deref().and_then(|path| path.split_once('.')) else {
                continue;
            };
            if !seen.insert(first.to_ascii_lowercase())
                || company.is_some_and(|company| company.eq_ignore_ascii_case(first))
                || row.path.as_deref().is_some_and(|path| path.contains('('))
            {
                continue;
            }
            let own = rests(self.map, into, first);
            if let Some(missing) = self.missing_of_lookup(into, first, &own) {
                findings.push(Finding::new(code, format!("{first}.{missing}")));
            }
        }
    }

    /// The part of a looked-up row's key that no row of the map names.
    fn missing_of_lookup(&self, into: Side, first: &str, own: &BTreeSet<String>) -> Option<String> {
        let shipped = self.base.map(|base| rests(base, into, first)).filter(|rests| !rests.is_empty());
        if let Some(shipped) = shipped {
            return shipped.into_iter().find(|rest| !own.contains(rest));
        }
        let ColumnKind::Lookup { targets } = &self.table.column(self.table.ordinal(first)?).kind else {
            return None;
        };
        let target = self.schemas.table(Side::Dataverse, targets.first()?)?;
        let heads: BTreeSet<String> =
            own.iter().map(|rest| rest.split('.').next().unwrap_or(rest).to_owned()).collect();
        let keys: Vec<Vec<String>> = target
            .keys
            .iter()
            .map(|key| {
                let columns = key.columns.iter().filter(|at| Some(**at) != target.company);
                columns.map(|at| target.column(*at).name.to_ascii_lowercase()).collect()
            })
            .collect();
        if keys.is_empty() || keys.iter().any(|key| key.iter().all(|column| heads.contains(column))) {
            return None;
        }
        keys.first()?.iter().find(|column| !heads.contains(*column)).cloned()
    }
}

/// What follows the first lookup in each path through it, in one direction.
fn rests(map: &TableMap, into: Side, first: &str) -> BTreeSet<String> {
    map.fields
        .iter()
        .filter(|row| row.flows_into(into))
        .filter_map(|row| row.path.as_deref()?.split_once('.'))
        .filter(|(own, _)| own.eq_ignore_ascii_case(first))
        .map(|(_, rest)| rest.to_ascii_lowercase())
        .collect()
}

/// Whether values of one column can stand in another (specification 5). A value map says itself what becomes of
/// each value; a column known by name only is taken as it is.
fn fits(from: &Column, to: &Column, transform: &Transform) -> bool {
    use ColumnKind::{
        BigInt, Bool, Choice, Date, Decimal, EntityName, Guid, Instant, Int, Lookup, Money, Text,
    };
    let number = |kind: &ColumnKind| matches!(kind, Int { .. } | BigInt | Decimal { .. } | Money { .. });
    if matches!(transform, Transform::ValueMap(_)) || from.extra || to.extra {
        return true;
    }
    match (&from.kind, &to.kind) {
        (Lookup { .. }, _) => false,
        (_, Text { .. })
        | (Text { .. } | EntityName, EntityName)
        | (Guid, Guid)
        | (Bool, Bool)
        | (Date | Instant, Date | Instant) => true,
        // A member of an F&O enum and an option of a choice are paired by a value map and by nothing else.
        (Choice(_), _) | (_, Choice(_)) => false,
        (from, to) => number(from) && number(to),
    }
}
