//! Making, changing and removing choices that several columns share.

use super::{Definer, column, names, naming, refused, table::in_use, unknown};
use crate::{address::Segment, definition::choice_id, error::Result, http::Response};
use dwsim_dataverse::{ChoiceDefinition, Names};
use dwsim_model::{ColumnKind, Name};
use serde_json::Value as Json;
use std::sync::Arc;

const LONGEST_NAME: usize = 128;

impl Definer<'_, '_> {
    pub(super) fn create_choice(&mut self) -> Result<Response> {
        let mut body = self.body("GlobalOptionSetDefinitions")?;
        if let Some(kind) = body.get("OptionSetType").and_then(Json::as_str)
            && kind != "Picklist"
        {
            return Err(crate::ApiError::not_simulated(&format!("global choices of type '{kind}'")));
        }
        // A choice has one name only; it follows the rules of schema names.
        let name = body.get("Name").cloned().unwrap_or_default();
        body.insert("SchemaName".to_owned(), name);
        let named = naming::schema_name(&body, "OptionSet", LONGEST_NAME)?;
        if self.dataverse.definitions().choices.contains_key(&named.logical) {
            return Err(naming::taken("OptionSet", &named.schema));
        }
        let mut definition = ChoiceDefinition {
            names: Names { schema: named.schema.as_str().into(), ..Names::default() },
            options: column::options(&Json::Object(body.clone()))?,
        };
        naming::rename(&mut definition.names, &body, false)?;
        self.dataverse.definitions_mut().choices.insert(named.logical, definition);
        Ok(self.made(choice_id(&named.schema)))
    }

    fn choice_of(&self, segment: &Segment) -> Result<(Name, ChoiceDefinition)> {
        let choices = &self.dataverse.definitions().choices;
        let found = choices
            .iter()
            .find(|(_, own)| names(segment, choice_id(&own.names.schema), &[("Name", &own.names.schema)]));
        found.map(|(name, own)| (name.clone(), own.clone())).ok_or_else(|| unknown(segment))
    }

    /// Columns that take their options from a choice: table and name.
    fn users_of(&self, choice: &Name) -> Vec<(Name, Name)> {
        let columns = self.dataverse.definitions().columns.iter();
        columns.filter(|(_, own)| own.choice.as_ref() == Some(choice)).map(|(key, _)| key.clone()).collect()
    }

    /// Takes new labels and options; every column with the choice follows.
    pub(super) fn change_choice(&mut self, segment: &Segment) -> Result<Response> {
        let (name, mut definition) = self.choice_of(segment)?;
        let body = self.body("GlobalOptionSetDefinitions")?;
        naming::rename(&mut definition.names, &body, self.merges())?;
        if body.contains_key("Options") {
            definition.options = column::options(&Json::Object(body))?;
            if definition.options.is_empty() && !self.users_of(&name).is_empty() {
                return Err(refused("a choice that columns use keeps at least one option"));
            }
        }
        self.keep_choice(name, definition)?;
        Ok(Response::empty(204))
    }

    /// Takes a choice as it is now; every column with it follows.
    pub(super) fn keep_choice(&mut self, name: Name, definition: ChoiceDefinition) -> Result<()> {
        for (table, column) in self.users_of(&name) {
            let Some(shape) = self.dataverse.table_type(&table).cloned() else { continue };
            let Some(at) = shape.ordinal(&column) else { continue };
            let mut own = shape.column(at).clone();
            own.kind = ColumnKind::Choice(Arc::new(column::choices_of(&column, &definition.options)));
            let shape = shape.with_changed_column(own).map_err(|error| refused(&error.to_string()))?;
            if let Some(said) = self.dataverse.definitions_mut().columns.get_mut(&(table, column)) {
                said.options.clone_from(&definition.options);
            }
            self.reshaped(shape)?;
        }
        self.dataverse.definitions_mut().choices.insert(name, definition);
        Ok(())
    }

    pub(super) fn delete_choice(&mut self, segment: &Segment) -> Result<Response> {
        let (name, definition) = self.choice_of(segment)?;
        let users = self.users_of(&name).len();
        if users > 0 {
            return Err(in_use("OptionSet", &choice_id(&definition.names.schema).to_string(), users));
        }
        self.dataverse.definitions_mut().choices.remove(&name);
        Ok(Response::empty(204))
    }
}
