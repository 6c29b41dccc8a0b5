//! Editing a stopped table map: taking columns out and putting them back.

use crate::{
    engine::{Engine, MapState},
    refusal::EngineError,
    status::MapStatus,
};
use dwsim_model::{MapVersion, Name, nearest};
use std::sync::Arc;

impl Engine {
    /// Takes columns out of a map, as the workaround for more than ten lookups asks; the map must not run.
    pub fn remove_columns(&mut self, map: &str, columns: &[Name]) -> Result<(), EngineError> {
        let state = self.state(map)?;
        Self::editable(state)?;
        let current = state.compiled.map.clone();
        let mut edited = (*current).clone();
        for column in columns {
            let before = edited.fields.len();
            edited.fields.retain(|field| {
                !field.entity_field.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(column))
            });
            if edited.fields.len() == before {
                let known = current.fields.iter().filter_map(|field| field.entity_field.as_deref());
                return Err(EngineError::UnknownColumn {
                    map: current.id.clone(),
                    column: column.to_string(),
                    nearest: nearest(column, known).map(str::to_owned),
                });
            }
        }
        let MapVersion(major, minor, build, revision) = edited.version;
        edited.version = MapVersion(major, minor, build, revision + 1);
        let compiled = Arc::new(self.compiled(&Arc::new(edited))?);
        let state = self.state_mut(map)?;
        state.original.get_or_insert(current);
        state.compiled = compiled;
        Ok(())
    }

    /// Puts back every column taken out of a map.
    pub fn restore_columns(&mut self, map: &str) -> Result<(), EngineError> {
        let state = self.state(map)?;
        Self::editable(state)?;
        let Some(original) = state.original.clone() else { return Ok(()) };
        let compiled = Arc::new(self.compiled(&original)?);
        let state = self.state_mut(map)?;
        state.original = None;
        state.compiled = compiled;
        Ok(())
    }

    fn editable(state: &MapState) -> Result<(), EngineError> {
        if state.status == MapStatus::NotRunning {
            return Ok(());
        }
        let possible = "Stop it first; nothing was saved".to_owned();
        let (map, status) = (state.compiled.map.id.clone(), state.status);
        Err(EngineError::NotNow { map, status, action: "Edit", possible })
    }
}
