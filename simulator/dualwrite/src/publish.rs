//! Apply Solution: the table maps of solutions become versions of the maps in the list.
//!
//! Applying the same thing again changes nothing. Several solutions in one call make duplicate rows in the product; a
//! caller who wants that asks for it (decisions 40 and P48).

use crate::{
    document,
    engine::{Engine, MapState},
    refusal::EngineError,
    solution::{MapSolution, SolutionPublisher, StoredMap},
    versions::SavedVersion,
};
use dwsim_catalog::TableMap;
use dwsim_model::{MapId, MapVersion};
use std::sync::Arc;

/// What applying solutions did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// Maps that were not in the list before.
    pub maps: Vec<MapId>,
    /// Versions that were not there before, of maps old and new.
    pub versions: usize,
}

impl Engine {
    /// Reads a stored map: the map that is in the list or in the catalogue with this content, or a new one.
    pub fn read_map(
        &self,
        text: &str,
        version: MapVersion,
        publisher: &dwsim_model::Name,
    ) -> Result<TableMap, EngineError> {
        let there = |entity: &dwsim_model::TableType, table: &dwsim_model::TableType| {
            let same = |map: &&Arc<TableMap>| map.entity == entity.name && map.table == table.name;
            let listed = self.states.values().map(MapState::definition).find(same);
            listed.or_else(|| self.catalog.maps().iter().find(same)).map(|map| (**map).clone())
        };
        document::read(text, version, publisher, &self.schemas, there).map_err(|error| {
            let arguments = [("path", error.path.as_str()), ("problem", error.problem.as_str())];
            self.messages.failure("SIM-MAP-DOCUMENT", &arguments).into()
        })
    }

    /// Reads every map of a solution, so that a broken one is refused before anything is kept of it.
    pub fn read_solution(&self, solution: &MapSolution) -> Result<Vec<TableMap>, EngineError> {
        let publisher = &solution.publisher.friendlyname;
        solution
            .msdyn_dualwriteentitymaps
            .iter()
            .map(|stored| self.read_map(&stored.msdyn_mapping, stored.msdyn_version, publisher))
            .collect()
    }

    /// Publishes the maps of solutions. All of them or, when one is refused, none.
    ///
    /// `duplicates` shows what the product does when several are applied in one call: each of their versions is listed
    /// twice.
    pub fn publish(&mut self, solutions: &[MapSolution], duplicates: bool) -> Result<Published, EngineError> {
        let mut planned = Vec::new();
        for solution in solutions {
            for map in self.read_solution(solution)? {
                let definition = Arc::new(map);
                self.check_overwrite(&definition, solution)?;
                let compiled = self.compiled(&self.effective(&definition))?;
                let saved = SavedVersion {
                    definition,
                    solution: Some(solution.uniquename.clone()),
                    managed: solution.ismanaged,
                };
                planned.push((saved, compiled));
            }
        }
        let twice = duplicates && solutions.len() > 1;
        let mut published = Published::default();
        for (saved, compiled) in planned {
            let id = saved.definition.id.clone();
            if let Some(state) = self.states.get_mut(&id) {
                published.versions += usize::from(state.take(saved.clone()));
            } else {
                published.maps.push(id.clone());
                published.versions += 1;
                self.states.insert(id.clone(), MapState::new(compiled, vec![saved.clone()], 0));
            }
            if twice && let Some(state) = self.states.get_mut(&id) {
                state.versions.push(saved);
                published.versions += 1;
            }
        }
        Ok(published)
    }

    /// A version that a managed solution brought is changed by that solution only.
    fn check_overwrite(&self, map: &TableMap, solution: &MapSolution) -> Result<(), EngineError> {
        let Some(state) = self.states.get(&map.id) else { return Ok(()) };
        let other = state.versions.iter().find(|saved| {
            saved.is(map.version, &map.publisher)
                && saved.managed
                && *saved.definition != *map
                && (saved.solution.as_ref() != Some(&solution.uniquename) || !solution.ismanaged)
        });
        match other {
            None => Ok(()),
            Some(saved) => {
                let arguments = [
                    ("map", map.id.as_str()),
                    ("version", &*map.version.to_string()),
                    ("publisher", map.publisher.as_str()),
                    ("solution", saved.solution.as_deref().unwrap_or_default()),
                ];
                Err(self.messages.failure("SIM-MAP-MANAGED", &arguments).into())
            }
        }
    }

    /// The versions of maps as a solution of one publisher, to be imported elsewhere. Every version must be of that
    /// publisher (ALM).
    pub fn export_solution(
        &self,
        head: MapSolution,
        versions: &[(MapId, MapVersion)],
    ) -> Result<MapSolution, EngineError> {
        let SolutionPublisher { friendlyname, customizationprefix } = &head.publisher;
        let mut rows = Vec::with_capacity(versions.len());
        for (map, version) in versions {
            let state = self.state(map)?;
            let own = state.find(*version, Some(friendlyname)).and_then(|at| state.versions.get(at));
            let Some(saved) = own else {
                let known: Vec<String> = state
                    .versions
                    .iter()
                    .map(|saved| format!("{} of {}", saved.definition.version, saved.definition.publisher))
                    .collect();
                let wanted = format!("{version} of {friendlyname}");
                let arguments =
                    [("map", map.as_str()), ("version", &*wanted), ("versions", &*known.join(", "))];
                return Err(self.messages.failure("SIM-MAP-VERSION-UNKNOWN", &arguments).into());
            };
            rows.push(StoredMap::new(&saved.definition, customizationprefix, &self.schemas));
        }
        Ok(MapSolution { msdyn_dualwriteentitymaps: rows, ..head })
    }

    /// The stored form of the active version of a map.
    pub fn export_map(&self, map: &str) -> Result<serde_json::Value, EngineError> {
        Ok(document::write(self.state(map)?.definition(), &self.schemas))
    }

    /// Takes what a solution brought out of the list, as uninstalling it does. The maps must be Not running; a map
    /// without any version left is gone, another one uses the newest that is left.
    pub fn withdraw(&mut self, solution: &str) -> Result<usize, EngineError> {
        let of = |saved: &SavedVersion| saved.solution.as_deref() == Some(solution);
        for state in self.states.values().filter(|state| state.versions.iter().any(of)) {
            Self::editable(state)?;
        }
        let mut gone = Vec::new();
        let mut left = Vec::new();
        for (id, state) in &mut self.states {
            if !state.versions.iter().any(of) {
                continue;
            }
            let active = state.active_version().cloned();
            state.versions.retain(|saved| !of(saved));
            state.before_columns_removed = None;
            let newest = state.newest_version().cloned();
            let keep = active.filter(|active| !of(active)).or(newest);
            let at = keep.and_then(|keep| state.versions.iter().position(|saved| *saved == keep));
            match at {
                Some(at) => {
                    state.active = at;
                    left.push(id.clone());
                }
                None => gone.push(id.clone()),
            }
        }
        for id in &gone {
            self.states.remove(id);
        }
        for id in left {
            let definition = self.state(&id)?.definition().clone();
            if let Ok(compiled) = self.compiled(&self.effective(&definition)) {
                self.state_mut(&id)?.compiled = Arc::new(compiled);
            }
        }
        Ok(gone.len())
    }
}

impl MapState {
    /// Takes a version; whether it was not there. What it overwrites keeps its place in the list.
    pub(crate) fn take(&mut self, saved: SavedVersion) -> bool {
        let (version, publisher) = (saved.definition.version, saved.definition.publisher.clone());
        let own = |known: &&mut SavedVersion| known.is(version, &publisher) && known.managed == saved.managed;
        if let Some(known) = self.versions.iter_mut().find(own) {
            *known = saved;
            return false;
        }
        self.versions.push(saved);
        true
    }
}
