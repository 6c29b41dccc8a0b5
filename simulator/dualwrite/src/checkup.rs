//! The health check of one table map: the fifteen codes of live sync and table maps, section 9.3.
//!
//! It looks at how a map is configured and tells; it refuses nothing. What an entity is made of (data sources with
//! ranges, computed fields) is in no source the catalogue has, so it is only known where somebody says it.

use crate::{
    data_sources::EntityTraits,
    engine::{Engine, MapState},
    refusal::EngineError,
    rules::check,
    status::MapStatus,
};
use dwsim_catalog::{Catalog, facts::Severity};
use dwsim_filter::xpp;
use dwsim_model::{Name, Required, Side};
use std::collections::{BTreeMap, BTreeSet};

/// The platform update of F&O from which the checks run.
const FIRST_PLATFORM_UPDATE: u32 = 43;

/// What the checks ask of both environments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HealthContext {
    /// The platform update of F&O, such as 43.
    pub platform_update: u32,
    /// Synchronous plug-ins of one's own on the data events of a table, by logical name.
    pub synchronous_plugins: BTreeMap<Name, Vec<Name>>,
}

/// One line of the health check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkup {
    /// The documented code, `900`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What the page says.
    pub text: String,
}

impl Engine {
    /// Runs the health check of a map, in the order of the codes.
    pub fn check_up(&self, map: &str, context: &HealthContext) -> Result<Vec<Checkup>, EngineError> {
        let state = self.state(map)?;
        let mut lines = Vec::new();
        let mut add = |code: &'static str, arguments: &[(&str, &str)]| {
            let id = format!("HEALTH-{code}");
            let severity =
                self.catalog.facts().message(&id).map_or(Severity::Warning, |message| message.severity);
            lines.push(Checkup { code, severity, text: self.messages.text(&id, arguments) });
        };
        if context.platform_update < FIRST_PLATFORM_UPDATE {
            add("100", &[]);
            return Ok(lines);
        }
        let definition = state.definition();
        let entity = definition.entity_label.as_str();
        let running = state.status != MapStatus::NotRunning;
        let sends = definition.flows_into(Side::Dataverse);
        if !running || !sends {
            add("400", &[("entity", entity)]);
            add("500", &[("project", &definition.display_name())]);
        }
        let filter = definition.source_filter.as_deref().unwrap_or_default();
        let known = self.schemas.table(Side::FinOps, &definition.entity);
        let readable = filter.is_empty()
            || known.is_some_and(|table| {
                xpp::parse(filter).and_then(|expression| expression.bind(table)).is_ok()
            });
        if readable {
            let query = match filter {
                "" => format!("SELECT * FROM {}", definition.entity_aot),
                filter => format!("SELECT * FROM {} WHERE {filter}", definition.entity_aot),
            };
            add("1000", &[("entity", entity), ("query", &query)]);
        } else {
            add("900", &[("filter", filter), ("entity", entity)]);
        }
        let nothing = EntityTraits::default();
        let traits = self.entity_traits.get(&definition.entity).unwrap_or(&nothing);
        let mapped = |field: &&Name| {
            let same = |own: &Name| own.eq_ignore_ascii_case(field);
            definition
                .fields
                .iter()
                .any(|row| row.symbol.to_dataverse() && row.entity_field.as_ref().is_some_and(same))
        };
        let computed: Vec<&str> = traits.virtual_fields.iter().filter(mapped).map(Name::as_str).collect();
        if !computed.is_empty() {
            add("1300", &[("fields", &computed.join(", ")), ("entity", entity)]);
        }
        let backing = backing_table(&self.catalog, &definition.entity);
        let plain = definition.fields.iter().any(|row| {
            row.symbol.to_dataverse()
                && row.entity_field.is_some()
                && row.path.as_deref().is_some_and(|path| !path.contains('.'))
        });
        if sends && !plain {
            add("1500", &[("data_source", backing.unwrap_or(definition.entity_aot.as_str()))]);
        }
        for (name, _) in traits.data_sources.iter().filter(|(_, own)| own.sends_lookups_alone(definition)) {
            add("1500", &[("data_source", name)]);
        }
        for source in traits.ranged() {
            add("1600", &[("data_source", source), ("entity", entity)]);
        }
        if let Some(table) = backing.filter(|_| running && sends) {
            for other in self.tracked_with(table, state) {
                add("1700", &[("table", table), ("entity", entity), ("other_entity", &other)]);
            }
        }
        for source in traits.ranged() {
            add("1800", &[("data_source", source), ("entity", entity)]);
        }
        let untracked = traits.data_sources.values().filter(|own| !own.is_tracked(definition)).count();
        if untracked > 0 {
            let count = untracked.to_string();
            add("1900", &[("entity", entity), ("count", &count)]);
        }
        self.check_key(state, context, &mut add);
        Ok(lines)
    }

    /// 2000, 5000, 5100, 5200: the integration key and what slows the table down.
    fn check_key(
        &self,
        state: &MapState,
        context: &HealthContext,
        add: &mut impl FnMut(&'static str, &[(&str, &str)]),
    ) {
        let map = self.effective(state.definition());
        let (Some(entity), Some(table)) =
            (self.schemas.table(Side::FinOps, &map.entity), self.schemas.table(Side::Dataverse, &map.table))
        else {
            return;
        };
        let optional = |table: &dwsim_model::TableType, column: &str| {
            table
                .ordinal(column)
                .is_some_and(|at| Some(at) != table.company && table.column(at).required == Required::No)
        };
        let fields: Vec<&str> = map
            .integration_key
            .iter()
            .map(|(field, _)| field.as_str())
            .filter(|field| optional(entity, field))
            .collect();
        if !fields.is_empty() {
            add("2000", &[("entity", &map.entity_label), ("fields", &fields.join(", "))]);
        }
        if let Some(plugins) =
            context.synchronous_plugins.get(&map.table).filter(|plugins| !plugins.is_empty())
        {
            let names: Vec<&str> = plugins.iter().map(Name::as_str).collect();
            add("5000", &[("entity", &map.entity_set), ("plugins", &names.join(", "))]);
        }
        let columns: Vec<&str> =
            map.integration_key.iter().map(|(_, path)| path.split('.').next().unwrap_or(path)).collect();
        let wanted: BTreeSet<usize> = columns.iter().filter_map(|column| table.ordinal(column)).collect();
        let alternate =
            table.keys.iter().any(|key| key.columns.iter().copied().collect::<BTreeSet<usize>>() == wanted);
        if !alternate {
            let paths: Vec<&str> = map.integration_key.iter().map(|(_, path)| path.as_ref()).collect();
            add("5100", &[("key", &paths.join(", ")), ("table", &map.table)]);
        }
        let mut optional: Vec<&str> = columns.into_iter().filter(|column| optional(table, column)).collect();
        optional.dedup();
        if !optional.is_empty() {
            add("5200", &[("table", &map.table), ("fields", &optional.join(", "))]);
        }
    }

    /// Other entities over the same table whose maps run.
    fn tracked_with(&self, table: &str, own: &MapState) -> BTreeSet<String> {
        let others = self.states.values().map(|state| (state.status, state.definition()));
        others
            .filter(|(status, map)| *status != MapStatus::NotRunning && map.entity != own.definition().entity)
            .filter(|(_, map)| map.flows_into(Side::Dataverse))
            .filter(|(_, map)| backing_table(&self.catalog, &map.entity) == Some(table))
            .map(|(_, map)| map.entity_label.to_string())
            .collect()
    }

    /// Whether a map's definition passes validation without regard to the world around it.
    pub fn is_sound(&self, map: &str) -> Result<bool, EngineError> {
        Ok(check(&self.schemas, &self.effective(self.state(map)?.definition())).0.is_empty())
    }
}

fn backing_table<'c>(catalog: &'c Catalog, entity: &str) -> Option<&'c str> {
    catalog.entity_facts(entity)?.backing_table.as_deref()
}
