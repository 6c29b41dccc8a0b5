//! Schema names and labels of what is defined.

use super::refused;
use crate::{
    error::{ApiError, Result},
    payload::Body,
};
use dwsim_dataverse::{Label, Names};
use dwsim_model::Name;
use serde_json::Value as Json;

/// Longest label and description.
const LONGEST_LABEL: usize = 2_000;

/// A schema name and the logical name that follows from it.
pub(super) struct Named {
    pub(super) schema: String,
    pub(super) logical: Name,
}

/// The schema name in a body. It begins with a publisher's prefix and holds letters, digits and underscores.
pub(super) fn schema_name(body: &Body, what: &str, longest: usize) -> Result<Named> {
    let name = body.get("SchemaName").and_then(Json::as_str).unwrap_or_default();
    let invalid = |why: &str| {
        let why = format!("{what} schema name '{name}' {why}");
        ApiError::named("InvalidSchemaName", &[("why", &why)])
    };
    if name.is_empty() {
        return Err(invalid("is missing"));
    }
    if name.len() > longest {
        return Err(invalid(&format!("is longer than {longest} characters")));
    }
    if !name.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_') {
        return Err(invalid("may contain only letters, digits and underscores"));
    }
    let prefix = name.split('_').next().unwrap_or_default();
    let good = name.len() > prefix.len() + 1
        && (2..=8).contains(&prefix.len())
        && prefix.starts_with(|sign: char| sign.is_ascii_alphabetic())
        && !prefix.to_ascii_lowercase().starts_with("mscrm");
    if !good {
        return Err(invalid("must start with the customization prefix of a publisher"));
    }
    Ok(Named { schema: name.to_owned(), logical: name.to_ascii_lowercase().into() })
}

/// The error for a name that is taken.
pub(super) fn taken(what: &str, name: &str) -> ApiError {
    let why = format!("{what} with schema name {name} already exists.");
    ApiError::named("DuplicateName", &[("why", &why)])
}

/// A label of a body.
pub(super) fn label(json: &Json) -> Result<Label> {
    let mut label = Label::default();
    for one in json.get("LocalizedLabels").and_then(Json::as_array).into_iter().flatten() {
        let text = one.get("Label").and_then(Json::as_str).unwrap_or_default();
        let language =
            one.get("LanguageCode").and_then(Json::as_u64).and_then(|code| u16::try_from(code).ok());
        let Some(language) = language else { return Err(refused("a label has no LanguageCode")) };
        if text.chars().count() > LONGEST_LABEL {
            return Err(refused("a label is longer than 2000 characters"));
        }
        label.merge(Label { texts: vec![(language, text.into())] });
    }
    Ok(label)
}

/// Takes the labels of a body over those there are. With `merge`, languages the body does not name stay.
pub(super) fn rename(names: &mut Names, body: &Body, merge: bool) -> Result<()> {
    let take = |own: &mut Label, member: &str| -> Result<()> {
        let Some(json) = body.get(member).filter(|json| json.is_object()) else { return Ok(()) };
        let label = label(json)?;
        if label.texts.is_empty() {
            return Ok(());
        }
        if !merge {
            own.texts.clear();
        }
        own.merge(label);
        Ok(())
    };
    take(&mut names.display, "DisplayName")?;
    take(&mut names.plural, "DisplayCollectionName")?;
    take(&mut names.description, "Description")
}
