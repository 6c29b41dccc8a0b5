//! Editing a stopped table map, saving it as a version, and validating it when it is run.
//!
//! Nothing is saved while a map is anything but Not running, and nothing of an edit that is refused (B57).

use crate::{
    condition::LinkCondition,
    definition::{MapEdit, Pair},
    document::{self, generated_key, own_map, spelled},
    engine::{Engine, MapState},
    refusal::EngineError,
    rules::check,
    schemas::SchemaChanges,
    status::MapStatus,
    validate::Finding,
    versions::SavedVersion,
};
use dwsim_catalog::{FieldMap, TableMap, parse_path};
use dwsim_model::{MapId, MapVersion, Name, Side, nearest};
use std::sync::Arc;

/// What saving a changed map asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaveAs {
    /// Who publishes the version.
    pub publisher: Name,
    /// Its number.
    pub version: MapVersion,
}

impl Engine {
    /// Changes a map and saves it as a new version, which becomes the active one. Answers the warnings of the editor,
    /// which Run will refuse.
    pub fn edit_map(
        &mut self,
        map: &str,
        edits: &[MapEdit],
        save_as: &SaveAs,
    ) -> Result<Vec<Finding>, EngineError> {
        let (draft, warnings) = self.draft(map, edits)?;
        self.save_draft(map, draft, save_as)?;
        Ok(warnings)
    }

    /// What validation says of a changed map, without saving anything.
    pub fn validate_edit(&self, map: &str, edits: &[MapEdit]) -> Result<Vec<Finding>, EngineError> {
        let draft = self.edited(map, edits)?;
        Ok(check(&self.schemas, &self.effective(&Arc::new(draft))).0)
    }

    /// The map with the edits made, in the form it would be stored in.
    fn edited(&self, map: &str, edits: &[MapEdit]) -> Result<TableMap, EngineError> {
        let mut draft = (**self.state(map)?.definition()).clone();
        for edit in edits {
            edit.apply(&mut draft, &self.messages)?;
        }
        let shipped = self.catalog.map(&draft.id).map(AsRef::as_ref);
        if let Some(entity) = self.schemas.table(Side::FinOps, &draft.entity) {
            draft.fields = draft.fields.into_iter().map(|row| spelled(row, shipped, entity)).collect();
        }
        Ok(draft)
    }

    fn draft(&self, map: &str, edits: &[MapEdit]) -> Result<(TableMap, Vec<Finding>), EngineError> {
        Self::editable(self.state(map)?)?;
        let draft = self.edited(map, edits)?;
        let (findings, _) = check(&self.schemas, &self.effective(&Arc::new(draft.clone())));
        if findings.iter().any(|finding| !finding.is_warning()) {
            return Err(self.invalid(&draft, findings));
        }
        Ok((draft, findings))
    }

    fn save_draft(&mut self, map: &str, mut draft: TableMap, save_as: &SaveAs) -> Result<(), EngineError> {
        let state = self.state(map)?;
        if state.find(save_as.version, Some(&save_as.publisher)).is_some() {
            let arguments = [
                ("map", map),
                ("version", &*save_as.version.to_string()),
                ("publisher", save_as.publisher.as_str()),
            ];
            return Err(self.messages.failure("SIM-MAP-VERSION-EXISTS", &arguments).into());
        }
        draft.version = save_as.version;
        draft.publisher = save_as.publisher.clone();
        // A version is what can be stored: what is too long or too much is refused here, not at its export.
        let stored = document::write(&draft, &self.schemas).to_string();
        self.read_map(&stored, draft.version, &draft.publisher)?;
        let definition = Arc::new(draft);
        let compiled = Arc::new(self.compiled(&self.effective(&definition))?);
        let state = self.state_mut(map)?;
        state.versions.push(SavedVersion { definition, solution: None, managed: false });
        state.active = state.versions.len() - 1;
        state.compiled = compiled;
        Ok(())
    }

    /// Add table map: a map between an F&O entity and a Dataverse table that have none in the list yet, Not running. Its
    /// integration key comes from the first alternate key of the table. Answers its id and the warnings of the editor.
    pub fn add_map(
        &mut self,
        entity: &str,
        table: &str,
        rows: Vec<FieldMap>,
        save_as: &SaveAs,
    ) -> Result<(MapId, Vec<Finding>), EngineError> {
        let find = |side: Side, name: &str| {
            let found = self.schemas.table(side, name).cloned();
            found.ok_or_else(|| {
                let known = self.catalog.tables(side).map(|table| table.name.as_str());
                let hint =
                    nearest(name, known).map_or_else(String::new, |near| format!("; did you mean '{near}'?"));
                let side = side.to_string();
                let arguments = [("side", side.as_str()), ("table", name), ("hint", hint.as_str())];
                EngineError::from(self.messages.failure("SIM-MAP-TABLE-UNKNOWN", &arguments))
            })
        };
        let (entity, table) = (find(Side::FinOps, entity)?, find(Side::Dataverse, table)?);
        let same = |map: &&Arc<TableMap>| map.entity == entity.name && map.table == table.name;
        if let Some(there) = self.states.values().map(MapState::definition).find(same) {
            let arguments = [("map", there.id.as_str()), ("name", &*there.display_name())];
            return Err(self.messages.failure("SIM-MAP-EXISTS", &arguments).into());
        }
        let shipped = self.catalog.maps().iter().find(same).map(AsRef::as_ref);
        let mut map = shipped.cloned().unwrap_or_else(|| own_map(&entity, &table));
        map.fields = rows.into_iter().map(|row| spelled(row, shipped, &entity)).collect();
        map.version = save_as.version;
        map.publisher = save_as.publisher.clone();
        if map.integration_key.is_empty() {
            map.integration_key = generated_key(&map, &table, &self.schemas);
        }
        let definition = Arc::new(map);
        let (findings, compiled) = check(&self.schemas, &self.effective(&definition));
        let Some(compiled) = compiled.filter(|_| findings.iter().all(Finding::is_warning)) else {
            return Err(self.invalid(&definition, findings));
        };
        let id = definition.id.clone();
        let saved = SavedVersion { definition, solution: None, managed: false };
        self.states.insert(id.clone(), MapState::new(compiled, vec![saved], 0));
        Ok((id, findings))
    }

    /// Takes columns out of a map, as the workaround for more than ten lookups asks; the map must not run.
    pub fn remove_columns(&mut self, map: &str, columns: &[Name]) -> Result<(), EngineError> {
        let edits: Vec<MapEdit> = columns.iter().map(|column| MapEdit::Remove(Pair::field(column))).collect();
        let (draft, _) = self.draft(map, &edits)?;
        let state = self.state(map)?;
        let before = state.active;
        let MapVersion(major, minor, build, revision) =
            state.newest_version().map_or(draft.version, |newest| newest.definition.version);
        let version = MapVersion(major, minor, build, revision.saturating_add(1));
        self.save_draft(map, draft.clone(), &SaveAs { publisher: draft.publisher, version })?;
        self.state_mut(map)?.before_columns_removed.get_or_insert(before);
        Ok(())
    }

    /// Puts back every column taken out of a map: the version before the first was taken out is used again.
    pub fn restore_columns(&mut self, map: &str) -> Result<(), EngineError> {
        let state = self.state(map)?;
        Self::editable(state)?;
        let Some(before) = state.before_columns_removed.and_then(|at| state.versions.get(at)) else {
            return Ok(());
        };
        let (version, publisher) = (before.definition.version, before.definition.publisher.clone());
        self.activate_version(map, version, Some(&publisher))?;
        self.state_mut(map)?.before_columns_removed = None;
        Ok(())
    }

    /// Environment details, Integration key: the columns that identify a row of this table, as paths. Every map of the
    /// table must be Not running; a map that does not carry the new key is refused when it is run.
    pub fn set_integration_key(&mut self, table: &str, paths: &[Box<str>]) -> Result<(), EngineError> {
        let Some(table) = self.schemas.table(Side::Dataverse, table).cloned() else {
            let known = self.schemas.catalog().tables(Side::Dataverse).map(|table| table.name.as_str());
            return Err(EngineError::UnknownColumn {
                map: "".into(),
                column: table.to_owned(),
                nearest: nearest(table, known).map(str::to_owned),
            });
        };
        for state in self.states.values().filter(|state| state.compiled.table.name == table.name) {
            Self::editable(state)?;
        }
        for path in paths {
            let first = parse_path(path).ok().map(|path| path.first().clone());
            if first.is_none_or(|first| table.ordinal(&first).is_none()) {
                let arguments = [("table", table.name.as_str()), ("path", path)];
                return Err(self.messages.failure("SIM-KEY-COLUMN-UNKNOWN", &arguments).into());
            }
        }
        self.integration_keys.insert(table.name.clone(), paths.to_vec());
        Ok(())
    }

    /// The integration key of a table, as paths: the one somebody chose, else the one generated from its first alternate
    /// key, in the words of the maps that use it. Empty where there is none.
    pub fn integration_key(&self, table: &str) -> Vec<Box<str>> {
        if let Some(edited) = self.integration_keys.get(table) {
            return edited.clone();
        }
        let known = self.schemas.table(Side::Dataverse, table);
        if known.is_none_or(|table| table.keys.is_empty()) {
            return Vec::new();
        }
        let mut maps = self.states.values().map(MapState::definition).chain(self.catalog.maps());
        maps.find(|map| map.table.as_str() == table)
            .map(|map| map.integration_key.iter().map(|(_, path)| path.clone()).collect())
            .unwrap_or_default()
    }

    /// Refresh tables: the link learns both schemas as they are now, and integration keys come from the alternate keys
    /// again. A table that has lost every alternate key has no integration key.
    pub fn refresh_tables(&mut self, finops: SchemaChanges, dataverse: SchemaChanges) {
        self.integration_keys.clear();
        for (name, table) in &dataverse {
            if table.as_ref().is_some_and(|table| table.keys.is_empty()) {
                self.integration_keys.insert(name.clone(), Vec::new());
            }
        }
        self.schemas.refresh(Side::FinOps, finops);
        self.schemas.refresh(Side::Dataverse, dataverse);
    }

    /// The schemas the link knows.
    pub fn schemas(&self) -> &crate::Schemas {
        &self.schemas
    }

    /// Everything validation finds when the map is run now.
    pub fn validate_at_run(&self, map: &str, condition: &LinkCondition) -> Result<Vec<Finding>, EngineError> {
        let state = self.state(map)?;
        let (mut findings, compiled) = check(&self.schemas, &self.effective(state.definition()));
        findings.extend(condition.findings(compiled.as_ref().unwrap_or(&state.compiled)));
        findings.sort();
        Ok(findings)
    }

    /// Validates a map before it is run and makes its active version the one that runs. Every finding refuses it.
    pub fn prepare_run(&mut self, map: &str, condition: &LinkCondition) -> Result<(), EngineError> {
        let findings = self.validate_at_run(map, condition)?;
        let definition = self.state(map)?.definition().clone();
        if !findings.is_empty() {
            return Err(self.invalid(&definition, findings));
        }
        let compiled = Arc::new(self.compiled(&self.effective(&definition))?);
        self.state_mut(map)?.compiled = compiled;
        Ok(())
    }

    pub(crate) fn invalid(&self, map: &TableMap, findings: Vec<Finding>) -> EngineError {
        let message = self.messages.validation_failed(&findings);
        EngineError::Invalid { map: map.id.clone(), findings, message }
    }

    pub(crate) fn editable(state: &MapState) -> Result<(), EngineError> {
        if state.status == MapStatus::NotRunning {
            return Ok(());
        }
        let possible = "Stop it first; nothing was saved".to_owned();
        let (map, status) = (state.compiled.map.id.clone(), state.status);
        Err(EngineError::NotNow { map, status, action: "Edit", possible })
    }
}
