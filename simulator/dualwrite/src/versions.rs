//! The saved versions of a table map, and which one of them is used.
//!
//! A version is known by its number and its publisher. The active one is what somebody chose: a higher number is not
//! used by itself (behaviours B56 and L56).

use crate::{
    alerts::Watch,
    data_sources::Tracking,
    engine::{Engine, MapState},
    program::CompiledMap,
    refusal::EngineError,
    status::MapStatus,
};
use dwsim_catalog::TableMap;
use dwsim_model::{MapVersion, Name};
use std::{collections::BTreeMap, sync::Arc};

/// One version of a table map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedVersion {
    /// The map as it was saved, with its version and publisher.
    pub definition: Arc<TableMap>,
    /// The solution that brought it; none for one that was saved in this environment and is in no solution.
    pub solution: Option<Name>,
    /// Whether the solution is managed: nobody overwrites the version but a newer one of the same solution.
    pub managed: bool,
}

impl SavedVersion {
    /// Whether it has this number and publisher.
    pub fn is(&self, version: MapVersion, publisher: &str) -> bool {
        self.definition.version == version && self.definition.publisher.eq_ignore_ascii_case(publisher)
    }
}

impl MapState {
    /// A map just published, Not running.
    pub(crate) fn new(compiled: CompiledMap, versions: Vec<SavedVersion>, active: usize) -> Self {
        Self {
            compiled: Arc::new(compiled),
            versions,
            active,
            before_columns_removed: None,
            status: MapStatus::NotRunning,
            queue: Vec::new(),
            catch_up_errors: Vec::new(),
            paused_since: None,
            pushed: BTreeMap::new(),
            under_way: None,
            last_run: None,
            tracking: Tracking::default(),
            missed: BTreeMap::new(),
            watch: Watch::default(),
            initialised: false,
            turned_off: false,
        }
    }

    /// Every version, in the order they came.
    pub fn versions(&self) -> &[SavedVersion] {
        &self.versions
    }

    /// The version that Run takes.
    pub fn active_version(&self) -> Option<&SavedVersion> {
        self.versions.get(self.active)
    }

    /// The map as the active version has it.
    pub fn definition(&self) -> &Arc<TableMap> {
        self.active_version().map_or(&self.compiled.map, |version| &version.definition)
    }

    /// The highest version; ties go to the publisher that sorts last, as Microsoft's own tool does.
    pub fn newest_version(&self) -> Option<&SavedVersion> {
        self.versions
            .iter()
            .max_by_key(|saved| (saved.definition.version, saved.definition.publisher.clone()))
    }

    pub(crate) fn find(&self, version: MapVersion, publisher: Option<&str>) -> Option<usize> {
        let wanted = |saved: &SavedVersion| match publisher {
            Some(publisher) => saved.is(version, publisher),
            None => saved.definition.version == version,
        };
        // What was edited in place lies over what a managed solution brought.
        let own = self.versions.iter().position(|saved| wanted(saved) && !saved.managed);
        own.or_else(|| self.versions.iter().position(wanted))
    }
}

impl Engine {
    /// Table Map version: chooses the version that runs. The map must not run.
    pub fn activate_version(
        &mut self,
        map: &str,
        version: MapVersion,
        publisher: Option<&str>,
    ) -> Result<(), EngineError> {
        let state = self.state(map)?;
        Self::editable(state)?;
        let Some(at) = state.find(version, publisher) else {
            let known: Vec<String> = state
                .versions
                .iter()
                .map(|saved| format!("{} of {}", saved.definition.version, saved.definition.publisher))
                .collect();
            let wanted = match publisher {
                Some(publisher) => format!("{version} of {publisher}"),
                None => version.to_string(),
            };
            let arguments = [("map", map), ("version", wanted.as_str()), ("versions", &known.join(", "))];
            return Err(self.messages.failure("SIM-MAP-VERSION-UNKNOWN", &arguments).into());
        };
        let definition = state.versions[at].definition.clone();
        let compiled = Arc::new(self.compiled(&self.effective(&definition))?);
        let state = self.state_mut(map)?;
        state.active = at;
        state.compiled = compiled;
        Ok(())
    }

    /// The map with the integration key of its table, where somebody edited that.
    pub(crate) fn effective(&self, definition: &Arc<TableMap>) -> Arc<TableMap> {
        let Some(paths) = self.integration_keys.get(&definition.table) else { return definition.clone() };
        let company = definition.company_column.as_deref();
        let mut map = (**definition).clone();
        map.integration_key = paths
            .iter()
            .map(|path| {
                let first = path.split('.').next().unwrap_or(path);
                let field = if company.is_some_and(|company| company.eq_ignore_ascii_case(first)) {
                    Name::from("dataAreaId")
                } else {
                    let mapped = |own: &str| own.eq_ignore_ascii_case(path);
                    let row = definition.fields.iter().find(|row| row.path.as_deref().is_some_and(mapped));
                    row.and_then(|row| row.entity_field.clone()).unwrap_or_else(|| Name::from(""))
                };
                (field, path.clone())
            })
            .collect();
        Arc::new(map)
    }
}
