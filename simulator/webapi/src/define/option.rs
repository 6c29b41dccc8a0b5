//! Adding, renaming and removing single options of a choice.

use super::{Definer, column, naming, refused, whole};
use crate::{
    error::{ApiError, Result},
    http::Response,
    payload::Body,
};
use dwsim_dataverse::{ColumnDefinition, Label, Names};
use dwsim_model::{ColumnKind, Name};
use serde_json::Value as Json;
use std::sync::Arc;

/// Numbers and labels of options.
type Options = Vec<(i32, Label)>;

/// Whose options are written.
enum Place {
    /// A choice several columns share.
    Choice(Name),
    /// A column: table and name.
    Column(Name, Name),
}

impl Definer<'_, '_> {
    /// InsertOptionValue, UpdateOptionValue and DeleteOptionValue.
    pub(super) fn write_option(&mut self, action: &str) -> Result<Response> {
        let body = self.body(action)?;
        let (place, mut options) = self.options_of(&body)?;
        let given = match whole(&body, "Value")? {
            Some(number) => {
                Some(i32::try_from(number).map_err(|_| refused("Value is no number of an option"))?)
            }
            None => None,
        };
        let label = match body.get("Label") {
            Some(label) => Some(naming::label(label)?).filter(|label| !label.shown().is_empty()),
            None => None,
        };
        let mut made = None;
        if action == "InsertOptionValue" {
            let number = given.unwrap_or_else(|| column::next_option(&options));
            if options.iter().any(|(own, _)| *own == number) {
                return Err(refused(&format!("there is an option with the Value {number}")));
            }
            if options.len() >= column::MOST_OPTIONS {
                return Err(refused("a choice has at most 2000 options"));
            }
            options.push((number, label.ok_or_else(|| refused("the option has no Label"))?));
            made = Some(number);
        } else {
            let at = options.iter().position(|(own, _)| Some(*own) == given);
            let at = at.ok_or_else(|| refused("no option has that Value"))?;
            if action == "DeleteOptionValue" {
                options.remove(at);
            } else {
                let label = label.ok_or_else(|| refused("the option has no Label"))?;
                if body.get("MergeLabels").and_then(Json::as_bool) != Some(true) {
                    options[at].1.texts.clear();
                }
                options[at].1.merge(label);
            }
        }
        if options.is_empty() {
            return Err(refused("a choice keeps at least one option"));
        }
        self.keep_options(place, options)?;
        let Some(number) = made else { return Ok(Response::empty(204)) };
        let context = format!("{}$metadata#Microsoft.Dynamics.CRM.InsertOptionValueResponse", self.call.root);
        let reply = serde_json::json!({ "@odata.context": context, "NewOptionValue": number });
        Ok(Response::json(200, reply.to_string()))
    }

    fn options_of(&self, body: &Body) -> Result<(Place, Options)> {
        let text = |member: &str| body.get(member).and_then(Json::as_str).filter(|text| !text.is_empty());
        let definitions = self.dataverse.definitions();
        if let Some(name) = text("OptionSetName") {
            let folded = Name::from(name.to_ascii_lowercase());
            let own = definitions.choices.get(&folded);
            let own = own.ok_or_else(|| refused(&format!("there is no global choice '{name}'")))?;
            return Ok((Place::Choice(folded), own.options.clone()));
        }
        let (Some(table), Some(column)) = (text("EntityLogicalName"), text("AttributeLogicalName")) else {
            return Err(refused(
                "neither OptionSetName nor EntityLogicalName and AttributeLogicalName are given",
            ));
        };
        let kind = self.dataverse.table_type(table).cloned();
        let kind = kind.ok_or_else(|| ApiError::named("EntityNotFound", &[("table", table)]))?;
        let own = kind.ordinal(column).map(|at| kind.column(at));
        let Some((ColumnKind::Choice(choices), own)) = own.map(|own| (&own.kind, own)) else {
            return Err(refused(&format!("{column} is no choice of {table}")));
        };
        if ["statecode", "statuscode"].contains(&own.name.as_str()) {
            return Err(ApiError::not_simulated("changing the options of states and statuses"));
        }
        let said = definitions.column(&kind.name, &own.name);
        if said.is_some_and(|said| said.choice.is_some()) {
            return Err(refused("the column takes its options from a global choice; name that"));
        }
        let known = said.map(|said| said.options.clone()).filter(|options| !options.is_empty());
        let options = known.unwrap_or_else(|| {
            choices.options.iter().map(|(number, text)| (*number, Label::english(text))).collect()
        });
        Ok((Place::Column(kind.name.clone(), own.name.clone()), options))
    }

    fn keep_options(&mut self, place: Place, options: Options) -> Result<()> {
        match place {
            Place::Choice(name) => {
                let known = self.dataverse.definitions().choices.get(&name).cloned();
                let Some(mut own) = known else { return Ok(()) };
                own.options = options;
                self.keep_choice(name, own)
            }
            Place::Column(table, name) => {
                let Some(shape) = self.dataverse.table_type(&table).cloned() else { return Ok(()) };
                let Some(at) = shape.ordinal(&name) else { return Ok(()) };
                let mut own = shape.column(at).clone();
                own.kind = ColumnKind::Choice(Arc::new(column::choices_of(&name, &options)));
                let shape = shape.with_changed_column(own).map_err(|error| refused(&error.to_string()))?;
                let columns = &mut self.dataverse.definitions_mut().columns;
                let said = columns.entry((table, name)).or_insert_with_key(|(_, name)| ColumnDefinition {
                    names: Names { schema: crate::schema::schema_name(name).into(), ..Names::default() },
                    ..ColumnDefinition::default()
                });
                said.options = options;
                self.reshaped(shape)
            }
        }
    }
}
