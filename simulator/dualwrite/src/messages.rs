//! The texts users read, rendered from the catalogue's templates at the place that causes them.

use crate::{
    execution::RowFailure, live::LiveError, mapper::MapError, port::PortError, program::CompiledMap,
    validate::Finding,
};
use dwsim_catalog::{
    Catalog,
    facts::{Limits, ProfileId},
};
use dwsim_model::{CompanyCode, MapId, Name, Side, VirtualDuration};
use std::{fmt::Write as _, sync::Arc};

/// How an error of live sync is composed in F&O (decision Q2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ErrorStyle {
    /// As older builds do: a space after each sentence, no link to help.
    Classic,
    /// As builds since 2023 do: no space after a sentence, a link to help at the end.
    #[default]
    Since2023,
}

/// Renders the catalogue's messages for one link.
#[derive(Debug)]
pub struct Messages {
    style: ErrorStyle,
    catalog: Arc<Catalog>,
    profile: ProfileId,
    host: String,
}

/// One row the target refused in live sync.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LiveFailure<'a> {
    pub(crate) code: &'a str,
    pub(crate) message: &'a str,
    /// The entity of the row, where it is not that of the map the refusal is about.
    pub(crate) label: Option<&'a str>,
}

impl Messages {
    /// Messages of a link to the Dataverse organisation at this URL.
    pub fn new(catalog: Arc<Catalog>, profile: ProfileId, organisation_url: &str) -> Self {
        let host = organisation_url.trim_start_matches("https://").trim_end_matches('/').to_owned();
        Self { style: ErrorStyle::default(), catalog, profile, host }
    }

    /// How errors of live sync are composed.
    pub(crate) fn style(&self) -> ErrorStyle {
        self.style
    }

    /// Chooses how errors of live sync are composed.
    pub(crate) fn set_style(&mut self, style: ErrorStyle) {
        self.style = style;
    }

    /// The host of the Dataverse organisation.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// The text of a message. A message that cannot be rendered is a mistake of the program and says so.
    pub fn text(&self, id: &str, arguments: &[(&str, &str)]) -> String {
        self.catalog
            .facts()
            .render(id, self.profile, arguments)
            .unwrap_or_else(|error| format!("SIM-MESSAGE {error}"))
    }

    /// A failure of a leg or an action.
    pub fn failure(&self, id: &str, arguments: &[(&str, &str)]) -> PortError {
        PortError { code: id.to_owned(), message: self.text(id, arguments) }
    }

    /// Why validation of a project failed, one documented sentence a finding.
    pub(crate) fn validation_failed(&self, findings: &[Finding]) -> String {
        findings.iter().map(|finding| self.finding(finding)).collect::<Vec<_>>().join(" ")
    }

    /// One finding of validation as people read it.
    pub fn finding(&self, finding: &Finding) -> String {
        let detail = match (&finding.sentence, finding.code) {
            (Some((message, arguments)), _) => {
                let arguments: Vec<(&str, &str)> =
                    arguments.iter().map(|(name, value)| (*name, value.as_str())).collect();
                self.text(message, &arguments)
            }
            (None, code) => match self.catalog.facts().message_in(code, self.profile) {
                Some(_) => format!("{}: {}", self.text(code, &[]), finding.detail),
                None => finding.detail.clone(),
            },
        };
        self.text("VALIDATION-FAILED", &[("code", finding.code), ("detail", &detail)])
    }

    /// E1: more legal entities are linked than the sync takes.
    pub(crate) fn too_many_partitions(&self, map: &MapId) -> PortError {
        // A map's project is named DWM-<guid>-<guid>; ours are derived from the map so that they are stable.
        let space = uuid::Uuid::NAMESPACE_URL;
        let half = |part: &str| uuid::Uuid::new_v5(&space, format!("{part}/{map}").as_bytes());
        let project = format!("DWM-{}-{}", half("template"), half("project"));
        self.failure("E1", &[("project", &project)])
    }

    pub(crate) fn row_limit(
        &self,
        map: &MapId,
        company: Option<&CompanyCode>,
        rows: u64,
        limits: &Limits,
    ) -> PortError {
        let company = company.map_or_else(|| "all companies".to_owned(), ToString::to_string);
        let limit = limits.max_rows_per_legal_entity.to_string();
        self.failure(
            "SIM-ROW-LIMIT",
            &[("map", map), ("company", &company), ("rows", &rows.to_string()), ("limit", &limit)],
        )
    }

    /// I4: the Dataverse export asks for more lookups than it can.
    pub(crate) fn too_many_lookups(&self, map: &CompiledMap) -> PortError {
        let query = map.to_finops.as_ref().map_or_else(String::new, |program| {
            let names: Vec<&str> =
                program.read.iter().map(|ordinal| program.source.column(*ordinal).name.as_str()).collect();
            names.join(",")
        });
        let set = map.map.entity_set.as_str();
        self.failure("I4", &[("host", &self.host), ("dataset", "default"), ("table", set), ("query", &query)])
    }

    pub(crate) fn export_timeout(
        &self,
        map: &CompiledMap,
        company: Option<&CompanyCode>,
        took: VirtualDuration,
        limit: VirtualDuration,
    ) -> PortError {
        let company = company.map_or_else(|| "all companies".to_owned(), ToString::to_string);
        let (elapsed, limit) = (took.to_string(), limit.to_string());
        let arguments = [
            ("entity", map.map.entity_label.as_str()),
            ("company", company.as_str()),
            ("elapsed", &elapsed),
            ("limit", &limit),
        ];
        self.failure("SIM-EXPORT-TIMEOUT", &arguments)
    }

    /// The failure of each row whose import was not answered in time.
    pub(crate) fn import_timeout(
        &self,
        map: &CompiledMap,
        company: Option<&CompanyCode>,
        rows: u64,
        elapsed: VirtualDuration,
        limit: VirtualDuration,
    ) -> RowFailure {
        let company = company.map_or_else(|| "all companies".to_owned(), ToString::to_string);
        let (rows, elapsed, limit) = (rows.to_string(), elapsed.to_string(), limit.to_string());
        let message = self.text(
            "SIM-IMPORT-TIMEOUT",
            &[
                ("rows", &rows),
                ("entity", &map.map.entity_label),
                ("company", &company),
                ("elapsed", &elapsed),
                ("limit", &limit),
            ],
        );
        RowFailure { key: String::new(), column: None, code: "SIM-IMPORT-TIMEOUT".into(), message }
    }

    /// Why initial sync could not map a row.
    pub(crate) fn row_not_mapped(
        &self,
        map: &CompiledMap,
        target: Side,
        key: &str,
        error: &MapError,
    ) -> RowFailure {
        let (source_name, target_name) = Self::names(map, target);
        let (code, column, message) = match error {
            MapError::LookupMissing { path, table, .. } if self.known_issue_of(map, table).is_some() => {
                let issue = self.known_issue_of(map, table).unwrap_or_default();
                let text = self.text(&issue, &[]);
                return RowFailure {
                    key: key.to_owned(),
                    column: Some(path.as_str().into()),
                    code: issue,
                    message: text,
                };
            }
            MapError::LookupMissing { path, entity_set, key_column, values, .. } => {
                let value = values.join(",");
                let arguments = [
                    ("field", path.as_str()),
                    ("value", &value),
                    ("host", &self.host),
                    ("entity_set", entity_set),
                    ("select", key_column),
                    ("key", key_column),
                ];
                ("I3", path.as_str().into(), self.text("I3", &arguments))
            }
            MapError::NotInMap { field, value } => {
                let arguments = [
                    ("record", key),
                    ("table", source_name),
                    ("value", value),
                    ("column", field.as_str()),
                    ("map", &map.map.id),
                ];
                ("SIM-VALUE-NOT-IN-MAP", field.clone(), self.text("SIM-VALUE-NOT-IN-MAP", &arguments))
            }
            MapError::Unfit { field, value, target: column } => {
                let kind = map.program(target).and_then(|program| {
                    let ordinal = program.target.ordinal(column)?;
                    Some(crate::convert::kind_name(&program.target.column(ordinal).kind))
                });
                let expected = format!("{} ({target_name})", kind.unwrap_or_default());
                let arguments = [
                    ("record", key),
                    ("table", source_name),
                    ("column", field.as_str()),
                    ("expected", &expected),
                    ("value", value),
                ];
                ("SIM-WRONG-TYPE", field.clone(), self.text("SIM-WRONG-TYPE", &arguments))
            }
            MapError::KeyBlank { target: column } => {
                let arguments = [
                    ("record", key),
                    ("table", source_name),
                    ("column", column.as_str()),
                    ("map", &map.map.id),
                ];
                ("SIM-KEY-PART-MISSING", column.clone(), self.text("SIM-KEY-PART-MISSING", &arguments))
            }
        };
        RowFailure { key: key.to_owned(), column: Some(column), code: code.to_owned(), message }
    }

    /// The known issue that a lookup of this map into this table finds nothing.
    fn known_issue_of(&self, map: &CompiledMap, table: &str) -> Option<String> {
        let mut issues = self.catalog.facts().known_issues(&map.map.id);
        issues
            .find(|issue| issue.lookup_table.as_ref().is_some_and(|own| own.as_str() == table))
            .map(|issue| issue.id.to_string())
    }

    /// A row that a documented flaw of the way between both sides stops.
    pub(crate) fn row_not_carried(&self, id: &str, key: &str, column: &Name, literal: &str) -> RowFailure {
        RowFailure {
            key: key.to_owned(),
            column: Some(column.clone()),
            code: id.to_owned(),
            message: self.text(id, &[("literal", literal)]),
        }
    }

    /// I7: a text with double quotes broke the exported file.
    pub(crate) fn quoted_text(&self, map: &CompiledMap) -> PortError {
        self.failure("I7", &[("source", &map.map.entity_label), ("target", &map.map.entity_set)])
    }

    fn names(map: &CompiledMap, target: Side) -> (&str, &str) {
        match target {
            Side::Dataverse => (map.map.entity_label.as_str(), map.map.table.as_str()),
            Side::FinOps => (map.map.table.as_str(), map.map.entity_label.as_str()),
        }
    }

    /// Why a live change could not be mapped: the message chain in F&O, the plug-in error in Dataverse.
    pub(crate) fn not_mapped(
        &self,
        map: &CompiledMap,
        target: Side,
        key: &str,
        errors: &[MapError],
    ) -> LiveError {
        let lookups: Vec<String> = errors
            .iter()
            .filter_map(|error| match error {
                MapError::LookupMissing { entity_set, values, company, .. } => {
                    let values: Vec<&str> = values.iter().chain(company).map(String::as_str).collect();
                    let values = values.join(",");
                    Some(self.text("LIVE-LOOKUP", &[("entity_set", entity_set), ("values", &values)]))
                }
                _ => None,
            })
            .collect();
        if target == Side::Dataverse && !lookups.is_empty() {
            let mut text = self.chain_head(map);
            for lookup in &lookups {
                text.push_str(self.between());
                text.push_str(lookup);
            }
            let detail = match self.style {
                ErrorStyle::Classic => "LIVE-DETAIL-LOOKUP-CLASSIC",
                ErrorStyle::Since2023 => "LIVE-DETAIL-LOOKUP",
            };
            let detail = self.text(detail, &[]);
            text.push_str(&self.writes_to(&map.map.entity_set, &detail));
            return LiveError { map: Some(map.map.id.clone()), code: "LIVE-LOOKUP".into(), message: text };
        }
        let failures: Vec<RowFailure> =
            errors.iter().map(|error| self.row_not_mapped(map, target, key, error)).collect();
        let failures: Vec<LiveFailure<'_>> = failures
            .iter()
            .map(|failure| LiveFailure { code: &failure.code, message: &failure.message, label: None })
            .collect();
        self.refused(map, target, &failures)
    }

    /// What stands for a message on the wire: the code its page gives, else its id.
    fn wire_code<'c>(&'c self, id: &'c str) -> &'c str {
        self.documented_code(id).unwrap_or(id)
    }

    /// Why the target refused a live write.
    pub(crate) fn refused(&self, map: &CompiledMap, target: Side, failures: &[LiveFailure<'_>]) -> LiveError {
        self.refused_with(map, target, "BadRequest", failures)
    }

    /// Why the target answered a live write with an HTTP status of its own.
    pub(crate) fn answered(
        &self,
        map: &CompiledMap,
        target: Side,
        status: &str,
        code: &str,
        message: &str,
    ) -> LiveError {
        self.refused_with(map, target, status, &[LiveFailure { code, message, label: None }])
    }

    fn refused_with(
        &self,
        map: &CompiledMap,
        target: Side,
        status: &str,
        failures: &[LiveFailure<'_>],
    ) -> LiveError {
        let code = failures.first().map_or("LIVE-DETAIL-GENERIC", |failure| failure.code).to_owned();
        let message = match target {
            Side::Dataverse => {
                let reason = failures.first().map_or("", |failure| failure.message);
                let detail = self.text(
                    "LIVE-DETAIL-REJECTED",
                    &[("status", status), ("code", self.wire_code(&code)), ("message", reason)],
                );
                return self.batch_failed(map, &code, &detail);
            }
            Side::FinOps => {
                let records: Vec<String> = failures
                    .iter()
                    .enumerate()
                    .map(|(number, failure)| {
                        let label = failure.label.unwrap_or(map.map.entity_label.as_str());
                        let text = self.text("RECORD-ERROR", &[("label", label), ("cause", failure.message)]);
                        format!("\"RecordError{number}\":{}", quoted(&text))
                    })
                    .collect();
                let cause = format!("{{{}}}", records.join(","));
                self.text("PLUGIN-FAILED", &[("table", &map.map.table), ("cause", &cause)])
            }
        };
        LiveError { map: Some(map.map.id.clone()), code, message }
    }

    /// More rows in one transaction than Dataverse takes (decision Q3).
    pub(crate) fn too_many_rows(&self, map: &CompiledMap, rows: u64, limit: u64) -> LiveError {
        let text =
            self.text("SIM-LIVE-ROW-LIMIT", &[("rows", &rows.to_string()), ("limit", &limit.to_string())]);
        self.refused(
            map,
            Side::Dataverse,
            &[LiveFailure { code: "SIM-LIVE-ROW-LIMIT", message: &text, label: None }],
        )
    }

    fn chain_head(&self, map: &CompiledMap) -> String {
        let mut text = self.text("LIVE-UNIT-OF-WORK", &[]);
        text.push(' ');
        text.push_str(&self.text("LIVE-WRITE", &[("entity_set", &map.map.entity_set)]));
        text
    }

    fn writes_to(&self, name: &str, detail: &str) -> String {
        let mut text = self.between().to_owned();
        text.push_str(&self.text("LIVE-WRITES-TO", &[("name", name), ("detail", detail)]));
        match self.style {
            ErrorStyle::Since2023 => text.push_str(&self.text("LIVE-HELP-LINK", &[])),
            ErrorStyle::Classic if !text.ends_with('.') => text.push('.'),
            ErrorStyle::Classic => {}
        }
        text
    }

    /// What stands between two sentences.
    fn between(&self) -> &'static str {
        match self.style {
            ErrorStyle::Classic => " ",
            ErrorStyle::Since2023 => "",
        }
    }

    /// A transaction of F&O that failed in Dataverse as a whole: `code` is the message, `detail` what F&O was answered.
    pub(crate) fn batch_failed(&self, map: &CompiledMap, code: &str, detail: &str) -> LiveError {
        let mut text = self.chain_head(map);
        text.push_str(&self.writes_to(&map.map.entity_aot, detail));
        LiveError { map: Some(map.map.id.clone()), code: code.to_owned(), message: text }
    }

    /// The code a documented message has on the wire, where its page gives one.
    pub(crate) fn documented_code(&self, id: &str) -> Option<&str> {
        self.catalog.facts().message(id).and_then(|message| message.code.as_deref())
    }

    pub(crate) fn company_during_initial_write(
        &self,
        map: &MapId,
        state: &str,
        company: &CompanyCode,
    ) -> PortError {
        let change = format!("{company}");
        self.failure("SIM-LEGAL-ENTITIES-LOCKED", &[("map", map), ("state", state), ("change", &change)])
    }

    pub(crate) fn queue_full(
        &self,
        map: &MapId,
        table: &str,
        waited: VirtualDuration,
        bytes: u64,
        limits: &Limits,
    ) -> PortError {
        let limit = match limits.pause_max_bytes {
            Some(bytes) => format!("{} or {bytes} bytes", limits.pause_max_age),
            None => limits.pause_max_age.to_string(),
        };
        let (age, bytes) = (waited.to_string(), bytes.to_string());
        self.failure(
            "SIM-PAUSE-LIMIT",
            &[("table", table), ("map", map), ("age", &age), ("queued_bytes", &bytes), ("limit", &limit)],
        )
    }
}

/// A JSON string; the only JSON this crate writes is the documented record errors.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_errors_are_valid_json_whatever_the_text() {
        assert_eq!(quoted("a \"b\" \\ c\n"), r#""a \"b\" \\ c\n""#);
    }
}
