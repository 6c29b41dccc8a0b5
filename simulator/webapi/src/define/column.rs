//! Making, changing and removing columns.

use super::{
    Definer, choice_value, flag, inner_text, names, naming, refused,
    table::{MOST_COLUMNS, in_use},
    unknown, whole,
};
use crate::{
    address::Segment,
    cell,
    definition::{kind_names, metadata_id},
    error::{ApiError, Result},
    http::Response,
    payload::Body,
};
use dwsim_dataverse::{ColumnDefinition, Dataverse, Definitions, Form, Label, Names};
use dwsim_model::{Choices, Column, ColumnKind, Name, Required, TableType, Value};
use rust_decimal::Decimal;
use serde_json::Value as Json;
use std::sync::Arc;

/// Longest schema name of a column.
const LONGEST_NAME: usize = 50;
/// Options of a choice at most.
pub(super) const MOST_OPTIONS: usize = 2_000;
/// Where the numbers of options begin that nobody numbers: the prefix of the default publisher.
const FIRST_OPTION: i32 = 100_000_000;

/// Largest size a file column may be given.
const MOST_KILOBYTES: i64 = 10_485_760;

/// A column that is to be made.
pub(super) struct Made {
    pub(super) column: Column,
    pub(super) definition: ColumnDefinition,
    /// A file's name, beside the file.
    companion: Option<(Column, ColumnDefinition)>,
}

impl Made {
    /// A column without a companion.
    pub(super) fn plain(column: Column, definition: ColumnDefinition) -> Self {
        Self { column, definition, companion: None }
    }

    /// The columns it adds to a table.
    pub(super) fn columns(&self) -> Vec<Column> {
        let companion = self.companion.as_ref().map(|(column, _)| column.clone());
        std::iter::once(self.column.clone()).chain(companion).collect()
    }

    /// Notes what its maker said.
    pub(super) fn note(self, definitions: &mut Definitions, table: &Name) {
        definitions.columns.insert((table.clone(), self.column.name.clone()), self.definition);
        if let Some((column, definition)) = self.companion {
            definitions.columns.insert((table.clone(), column.name), definition);
        }
    }
}

/// Reads the definition of a new column.
pub(super) fn read(dataverse: &Dataverse, body: &Body) -> Result<Made> {
    let named = naming::schema_name(body, "Attribute", LONGEST_NAME)?;
    refuse_what_is_not_simulated(body)?;
    let (kind, form) = fresh(body)?;
    let mut column =
        Column { name: named.logical, kind, required: Required::No, read_only: false, extra: false };
    let mut definition = ColumnDefinition {
        names: Names { schema: named.schema.into(), ..Names::default() },
        custom: true,
        form,
        ..ColumnDefinition::default()
    };
    describe(dataverse, body, &mut column, &mut definition, false)?;
    let companion = (form == Form::File).then(|| {
        let column = Column {
            name: format!("{}_name", column.name).into(),
            kind: ColumnKind::Text { max: Some(200) },
            required: Required::No,
            read_only: false,
            extra: false,
        };
        let names = Names { schema: column.name.as_str().into(), ..Names::default() };
        (
            column,
            ColumnDefinition { names, custom: true, form: Form::FileName, ..ColumnDefinition::default() },
        )
    });
    Ok(Made { column, definition, companion })
}

/// The name of the type of a definition, such as `String`.
fn type_of(body: &Body) -> &str {
    let name = body.get("@odata.type").and_then(Json::as_str).unwrap_or_default();
    let name = name.trim_start_matches('#').trim_start_matches("Microsoft.Dynamics.CRM.");
    name.trim_start_matches("Complex").trim_end_matches("AttributeMetadata")
}

/// What a column of a type holds before its definition is read.
fn fresh(body: &Body) -> Result<(ColumnKind, Form)> {
    Ok(match type_of(body) {
        "String" => (ColumnKind::Text { max: Some(100) }, Form::Plain),
        "Memo" => (ColumnKind::Text { max: Some(2_000) }, Form::Memo),
        "Integer" => (ColumnKind::Int { min: i64::from(i32::MIN), max: i64::from(i32::MAX) }, Form::Plain),
        "BigInt" => (ColumnKind::BigInt, Form::Plain),
        "Decimal" => (ColumnKind::Decimal { precision: 2 }, Form::Plain),
        "Double" => (ColumnKind::Decimal { precision: 5 }, Form::Double),
        "Money" => (ColumnKind::Money { precision: 2 }, Form::Plain),
        "DateTime" if inner_text(body, "DateTimeBehavior") == Some("DateOnly") => {
            (ColumnKind::Date, Form::Plain)
        }
        "DateTime" => (ColumnKind::Instant, Form::Plain),
        "Boolean" => (ColumnKind::Bool, Form::Plain),
        "Picklist" => (ColumnKind::Choice(Arc::default()), Form::Plain),
        "File" => (ColumnKind::Guid, Form::File),
        "Lookup" => return Err(refused("a lookup is made with its relationship")),
        "" => return Err(refused("the attribute has no @odata.type")),
        other => return Err(ApiError::not_simulated(&format!("new columns of type '{other}'"))),
    })
}

/// Takes what a body says of a column over what is known.
fn describe(
    dataverse: &Dataverse,
    body: &Body,
    column: &mut Column,
    definition: &mut ColumnDefinition,
    merge: bool,
) -> Result<()> {
    naming::rename(&mut definition.names, body, merge)?;
    let format = inner_text(body, "FormatName").or_else(|| inner_text(body, "Format"));
    if let Some(format) = format {
        definition.format = Some(format.into());
    }
    if let Some(level) = inner_text(body, "RequiredLevel") {
        let required = match level {
            "None" | "Recommended" => Required::No,
            "ApplicationRequired" => Required::Yes,
            "SystemRequired" if column.required == Required::System => Required::System,
            _ => return Err(refused(&format!("RequiredLevel '{level}' is none a maker may set"))),
        };
        if column.required != Required::System {
            column.required = required;
        }
        definition.recommended = level == "Recommended";
    }
    match &mut column.kind {
        ColumnKind::Text { max } => {
            if let Some(length) = whole(body, "MaxLength")? {
                let most = if definition.form == Form::Memo { 1_048_576 } else { 4_000 };
                let good = u32::try_from(length).ok().filter(|length| (1..=most).contains(length));
                let why = || refused(&format!("MaxLength is between 1 and {most}"));
                *max = Some(good.ok_or_else(why)?);
            }
        }
        ColumnKind::Int { min, max } => {
            let limits = i64::from(i32::MIN)..=i64::from(i32::MAX);
            let (low, high) =
                (whole(body, "MinValue")?.unwrap_or(*min), whole(body, "MaxValue")?.unwrap_or(*max));
            if low > high || !limits.contains(&low) || !limits.contains(&high) {
                return Err(refused("MinValue and MaxValue are no range of an Integer"));
            }
            (*min, *max) = (low, high);
        }
        ColumnKind::Decimal { precision } | ColumnKind::Money { precision } => {
            if let Some(digits) = whole(body, "Precision")? {
                let good = u32::try_from(digits).ok().filter(|digits| *digits <= 10);
                *precision = good.ok_or_else(|| refused("Precision is between 0 and 10"))?;
            }
            let limit = |name: &str| match body.get(name) {
                None | Some(Json::Null) => Ok(None),
                Some(own) => {
                    let number = own.as_number().and_then(|number| cell::decimal(&number.to_string()));
                    number.map(Some).ok_or_else(|| refused(&format!("{name} is no number")))
                }
            };
            definition.minimum = limit("MinValue")?.or(definition.minimum);
            definition.maximum = limit("MaxValue")?.or(definition.maximum);
            if definition.minimum.zip(definition.maximum).is_some_and(|(low, high): (Decimal, _)| low > high)
            {
                return Err(refused("MinValue is greater than MaxValue"));
            }
        }
        ColumnKind::Bool => {
            for (number, member) in [(1, "TrueOption"), (0, "FalseOption")] {
                let option = body.get("OptionSet").and_then(|set| set.get(member));
                if let Some(own) = option.and_then(|option| option.get("Label")) {
                    definition.options.retain(|(own, _)| *own != number);
                    definition.options.push((number, naming::label(own)?));
                }
            }
            if let Some(default) = flag(body, "DefaultValue") {
                definition.default = Value::Bool(default);
            }
        }
        ColumnKind::Choice(choices) => {
            let name = column.name.clone();
            if let Some(global) = global_choice(dataverse, body)? {
                let known = dataverse.definitions().choices.get(&global);
                definition.options = known.map(|own| own.options.clone()).unwrap_or_default();
                definition.choice = Some(global);
                *choices = Arc::new(choices_of(&name, &definition.options));
            } else if definition.choice.is_none()
                && let Some(set) = body.get("OptionSet").filter(|set| set.get("Options").is_some())
            {
                definition.options = options(set)?;
                *choices = Arc::new(choices_of(&name, &definition.options));
            }
            if choices.options.is_empty() {
                return Err(refused("a Picklist takes its options from OptionSet or from a global choice"));
            }
            if let Some(number) = whole(body, "DefaultFormValue")? {
                // -1 says that there is none.
                let value = choice_value(Some(number)).unwrap_or_default();
                let known = |(number, _): &(i32, Box<str>)| Value::Choice(*number) == value;
                if !value.is_null() && !choices.options.iter().any(known) {
                    return Err(refused("DefaultFormValue is none of the options"));
                }
                definition.default = value;
            }
        }
        ColumnKind::Guid if definition.form == Form::File => {
            if let Some(size) = whole(body, "MaxSizeInKB")? {
                let good = (1..=MOST_KILOBYTES).contains(&size);
                definition.maximum = Some(size.into()).filter(|_| good);
                if !good {
                    return Err(refused("MaxSizeInKB is between 1 and 10485760"));
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// The global choice a column takes its options from.
fn global_choice(dataverse: &Dataverse, body: &Body) -> Result<Option<Name>> {
    let bound = body.get("GlobalOptionSet@odata.bind").and_then(Json::as_str);
    let named = || {
        let set =
            body.get("OptionSet").filter(|set| set.get("IsGlobal").and_then(Json::as_bool) == Some(true));
        set.and_then(|set| set.get("Name")).and_then(Json::as_str)
    };
    let found = if let Some(url) = bound {
        let segment = url.rsplit_once("GlobalOptionSetDefinitions").map_or(url, |(_, rest)| rest);
        let segment = Segment::parse(&format!("GlobalOptionSetDefinitions{segment}"))?;
        let choices = &dataverse.definitions().choices;
        let id = |own: &str| crate::definition::choice_id(own);
        let found = choices
            .iter()
            .find(|(_, own)| names(&segment, id(&own.names.schema), &[("Name", &own.names.schema)]));
        Some(found.map(|(name, _)| name.clone()).ok_or_else(|| unknown(&segment))?)
    } else if let Some(name) = named() {
        let folded = Name::from(name.to_ascii_lowercase());
        if !dataverse.definitions().choices.contains_key(&folded) {
            return Err(refused(&format!("there is no global choice '{name}'")));
        }
        Some(folded)
    } else {
        None
    };
    Ok(found)
}

/// The number of a new option nobody numbers.
pub(super) fn next_option(options: &[(i32, Label)]) -> i32 {
    let greatest = options.iter().map(|(number, _)| *number).max().unwrap_or(0);
    greatest.max(FIRST_OPTION - 1).saturating_add(1)
}

/// The options of an option set, those without a number numbered.
pub(super) fn options(set: &Json) -> Result<Vec<(i32, Label)>> {
    let mut list: Vec<(i32, Label)> = Vec::new();
    let given = set.get("Options").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    if given.len() > MOST_OPTIONS {
        return Err(refused("a choice has at most 2000 options"));
    }
    for option in given {
        let label = naming::label(option.get("Label").unwrap_or(&Json::Null))?;
        if label.shown().is_empty() {
            return Err(refused("an option has no label"));
        }
        let number = match option.get("Value") {
            None | Some(Json::Null) => next_option(&list),
            Some(own) => {
                let number = own.as_i64().and_then(|number| i32::try_from(number).ok());
                number.ok_or_else(|| refused("the Value of an option is no whole number"))?
            }
        };
        if list.iter().any(|(own, _)| *own == number) {
            return Err(refused(&format!("two options have the Value {number}")));
        }
        list.push((number, label));
    }
    Ok(list)
}

/// Options as a column keeps them.
pub(super) fn choices_of(column: &str, options: &[(i32, Label)]) -> Choices {
    let options = options.iter().map(|(number, label)| (*number, label.shown().into())).collect();
    Choices { name: column.into(), options }
}

fn refuse_what_is_not_simulated(body: &Body) -> Result<()> {
    if whole(body, "SourceType").is_ok_and(|kind| kind.is_some_and(|kind| kind != 0)) {
        return Err(ApiError::not_simulated("calculated, rollup and formula columns (SourceType)"));
    }
    for member in ["FormulaDefinition", "AutoNumberFormat"] {
        if body.get(member).and_then(Json::as_str).is_some_and(|text| !text.is_empty()) {
            return Err(ApiError::not_simulated(&format!("new columns with {member}")));
        }
    }
    Ok(())
}

impl Definer<'_, '_> {
    pub(super) fn create_column(&mut self, table: &TableType) -> Result<Response> {
        let body = self.body("Attributes")?;
        let made = read(self.dataverse, &body)?;
        let name = made.column.name.clone();
        self.add_column(table, made)?;
        Ok(self.made(metadata_id(&format!("{}/{name}", table.name))))
    }

    /// Adds a column to a table.
    pub(super) fn add_column(&mut self, table: &TableType, made: Made) -> Result<()> {
        let mut shape = table.clone();
        for column in made.columns() {
            if shape.ordinal(&column.name).is_some() {
                return Err(naming::taken("Attribute", &made.definition.names.schema));
            }
            if shape.columns.len() >= MOST_COLUMNS {
                return Err(refused("a table has at most 1000 columns"));
            }
            let wider = shape.with_column(column).map_err(|error| refused(&error.to_string()))?;
            // The store takes one column at a time.
            self.reshaped(wider.clone())?;
            shape = wider;
        }
        made.note(self.dataverse.definitions_mut(), &table.name);
        // Once more, now that the default of the column is known.
        self.reshaped(shape)
    }

    /// The column a segment names.
    fn column_of(table: &TableType, segment: &Segment) -> Result<usize> {
        let found = crate::schema::present(table).find(|at| {
            let name = &table.column(*at).name;
            let id = metadata_id(&format!("{}/{name}", table.name));
            names(segment, id, &[("LogicalName", name), ("SchemaName", name)])
        });
        found.ok_or_else(|| unknown(segment))
    }

    pub(super) fn change_column(&mut self, table: &TableType, segment: &Segment) -> Result<Response> {
        let at = Self::column_of(table, segment)?;
        let body = self.body("Attributes")?;
        refuse_what_is_not_simulated(&body)?;
        let merge = self.merges();
        let mut column = table.column(at).clone();
        let known = self.dataverse.definitions().column(&table.name, &column.name).cloned();
        let mut definition = known.unwrap_or_else(|| ColumnDefinition {
            names: Names { schema: crate::schema::schema_name(&column.name).into(), ..Names::default() },
            ..ColumnDefinition::default()
        });
        let state = ["statecode", "statuscode"].into_iter().find(|name| *column.name == **name);
        let (_, _, own) = kind_names(&column, state, definition.form);
        let given = type_of(&body);
        if !given.is_empty() && !own.eq_ignore_ascii_case(&format!("{given}AttributeMetadata")) {
            return Err(refused(&format!(
                "the column {} is {own}, and its type does not change",
                column.name
            )));
        }
        if let Some(other) = body.get("LogicalName").and_then(Json::as_str)
            && other != column.name.as_str()
        {
            return Err(refused("the logical name of a column does not change"));
        }
        describe(self.dataverse, &body, &mut column, &mut definition, merge)?;
        let key = (table.name.clone(), column.name.clone());
        let shape = table.with_changed_column(column).map_err(|error| refused(&error.to_string()))?;
        self.dataverse.definitions_mut().columns.insert(key, definition);
        self.reshaped(shape)?;
        Ok(Response::empty(204))
    }

    pub(super) fn delete_column(&mut self, table: &TableType, segment: &Segment) -> Result<Response> {
        let at = Self::column_of(table, segment)?;
        let name = table.column(at).name.clone();
        self.drop_column(table, &name)?;
        Ok(Response::empty(204))
    }

    /// Removes a column its maker may remove, and a file's name with the file.
    pub(super) fn drop_column(&mut self, table: &TableType, name: &str) -> Result<()> {
        let definition = self.dataverse.definitions().column(&table.name, name);
        let Some(definition) = definition.filter(|own| own.custom && own.form != Form::FileName) else {
            return Err(refused(&format!("the column {name} is managed and cannot be deleted")));
        };
        let at = table.ordinal(name);
        if table.primary_name == at {
            return Err(refused(&format!("the column {name} is the primary name of its table")));
        }
        let keys = table.keys.iter().filter(|key| key.columns.iter().any(|own| Some(*own) == at)).count();
        if keys > 0 {
            let id = metadata_id(&format!("{}/{name}", table.name)).to_string();
            return Err(in_use("Attribute", &id, keys));
        }
        let mut doomed = vec![name.to_owned()];
        if definition.form == Form::File {
            doomed.push(format!("{name}_name"));
        }
        self.dataverse.drop_files(&table.name, Some(name))?;
        let mut shape = table.clone();
        for column in &doomed {
            shape = shape.with_retired_column(column).map_err(|error| refused(&error.to_string()))?;
        }
        self.reshaped(shape)?;
        let definitions = self.dataverse.definitions_mut();
        for column in &doomed {
            definitions.forget_column(&table.name, column);
        }
        Ok(())
    }
}
