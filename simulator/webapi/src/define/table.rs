//! Making, changing and removing tables.

use super::{
    Definer,
    column::{Made, read},
    flag, inner_text, naming, refused,
};
use crate::{
    address::Segment,
    definition::metadata_id,
    error::{ApiError, Result},
    http::Response,
    payload::Body,
};
use dwsim_catalog::Ownership;
use dwsim_dataverse::{Names, TableDefinition};
use dwsim_model::{ColumnKind, Name, Side, TableBuilder};
use serde_json::Value as Json;
use uuid::Uuid;

/// What a maker says yes or no to and what changes nothing else.
const FLAGS: [&str; 2] = ["HasNotes", "HasActivities"];
/// Longest schema name of a table.
const LONGEST_NAME: usize = 128;
/// Columns of a table at most.
pub(super) const MOST_COLUMNS: usize = 1_000;
/// Tables makers make at most.
const MOST_MADE: usize = 2_000;
/// Tables one action makes at most.
const MOST_TABLES: usize = 100;

impl Definer<'_, '_> {
    /// The action CreateEntities: tables with all their columns, all or none.
    pub(super) fn create_tables(&mut self) -> Result<Response> {
        let body = self.body("CreateEntities")?;
        let Some(Json::Array(entities)) = body.get("Entities") else {
            return Err(refused("Entities is no list of tables"));
        };
        if entities.is_empty() || entities.len() > MOST_TABLES {
            return Err(refused("Entities holds between 1 and 100 tables"));
        }
        let mut made: Vec<Name> = Vec::new();
        for entity in entities {
            let created = match entity {
                Json::Object(body) => self.create_table(body).map(|_| body),
                _ => Err(refused("Entities is no list of tables")),
            };
            match created {
                Ok(body) => {
                    let name = body.get("SchemaName").and_then(Json::as_str).unwrap_or_default();
                    made.push(name.to_ascii_lowercase().into());
                }
                Err(error) => {
                    for name in made {
                        self.dataverse.remove_table(&name)?;
                    }
                    return Err(error);
                }
            }
        }
        Ok(Response::empty(204))
    }

    pub(super) fn create_table(&mut self, body: &Body) -> Result<Uuid> {
        refuse_what_is_not_simulated(body)?;
        let named = naming::schema_name(body, "Entity", LONGEST_NAME)?;
        if self.dataverse.table_type(&named.logical).is_some() {
            return Err(naming::taken("Entity", &named.schema));
        }
        if self.dataverse.definitions().tables.values().filter(|own| own.custom).count() >= MOST_MADE {
            return Err(refused("an environment takes at most 2000 tables of makers"));
        }
        let set = match body.get("EntitySetName").and_then(Json::as_str) {
            Some(set) if !set.is_empty() => set.to_owned(),
            _ => plural(&named.logical),
        };
        let taken = self.dataverse.store().tables().any(|(_, own)| own.label.eq_ignore_ascii_case(&set));
        if taken {
            return Err(naming::taken("An entity set", &set));
        }
        let ownership = match body.get("OwnershipType").and_then(Json::as_str).unwrap_or("UserOwned") {
            "UserOwned" | "TeamOwned" => Ownership::UserOrTeam,
            "OrganizationOwned" => Ownership::Organization,
            other => return Err(ApiError::not_simulated(&format!("new tables of ownership '{other}'"))),
        };
        let (columns, primary) = self.columns_of(body)?;
        let id = format!("{}id", named.logical);
        let mut builder = TableBuilder::new(Side::Dataverse, &named.logical, &id, ColumnKind::Guid)
            .names(&set, &set)
            .owned(ownership == Ownership::UserOrTeam);
        let own = columns.iter().flat_map(Made::columns);
        for column in own.chain(self.dataverse.catalog().standard_columns(ownership)) {
            if builder.has(&column.name) {
                return Err(naming::taken("Attribute", &column.name));
            }
            builder = builder.column(column);
        }
        let table = builder
            .primary_name(&primary)
            .and_then(TableBuilder::build)
            .map_err(|error| refused(&error.to_string()))?;
        if table.columns.len() > MOST_COLUMNS {
            return Err(refused("a table has at most 1000 columns"));
        }
        let mut definition = TableDefinition {
            names: Names { schema: named.schema.into(), ..Names::default() },
            custom: true,
            ..TableDefinition::default()
        };
        describe(&mut definition, body, false)?;
        // What columns have by default is known before the table is.
        let definitions = self.dataverse.definitions_mut();
        definitions.tables.insert(named.logical.clone(), definition);
        for made in columns {
            made.note(definitions, &named.logical);
        }
        self.dataverse.add_table(&table);
        Ok(metadata_id(&named.logical))
    }

    /// The columns of a new table, and which is its primary name.
    fn columns_of(&self, body: &Body) -> Result<(Vec<Made>, String)> {
        let mut columns = Vec::new();
        let mut primary = None;
        for attribute in body.get("Attributes").and_then(Json::as_array).into_iter().flatten() {
            let Json::Object(attribute) = attribute else {
                return Err(refused("Attributes is no list of columns"));
            };
            let made = read(self.dataverse, attribute)?;
            if flag(attribute, "IsPrimaryName") == Some(true) {
                if !matches!(made.column.kind, ColumnKind::Text { .. }) || primary.is_some() {
                    return Err(refused("one String attribute is the primary name of a table"));
                }
                primary = Some(made.column.name.to_string());
            }
            columns.push(made);
        }
        let primary = primary.or_else(|| {
            // PrimaryNameAttribute says the same by name.
            let name = body.get("PrimaryNameAttribute").and_then(Json::as_str)?.to_ascii_lowercase();
            columns.iter().any(|made| *made.column.name == *name).then_some(name)
        });
        let primary = primary.ok_or_else(|| refused("the attribute with IsPrimaryName is missing"))?;
        Ok((columns, primary))
    }

    pub(super) fn change_table(&mut self, first: &Segment) -> Result<Response> {
        let table = self.table_of(first)?;
        let body = self.body("EntityDefinitions")?;
        refuse_what_is_not_simulated(&body)?;
        let merge = self.merges();
        let known = self.dataverse.definitions().tables.get(&table.name).cloned();
        let mut definition = known.unwrap_or_else(|| TableDefinition {
            names: Names { schema: crate::schema::schema_name(&table.name).into(), ..Names::default() },
            change_tracking: true,
            ..TableDefinition::default()
        });
        if let Some(other) = body.get("LogicalName").and_then(Json::as_str)
            && other != table.name.as_str()
        {
            return Err(refused("the logical name of a table does not change"));
        }
        describe(&mut definition, &body, merge)?;
        self.dataverse.definitions_mut().tables.insert(table.name.clone(), definition);
        Ok(Response::empty(204))
    }

    pub(super) fn delete_table(&mut self, first: &Segment) -> Result<Response> {
        let table = self.table_of(first)?;
        let definitions = self.dataverse.definitions();
        if !definitions.tables.get(&table.name).is_some_and(|own| own.custom) {
            return Err(super::refused(&format!(
                "the table {} is managed and cannot be deleted",
                table.name
            )));
        }
        let users = definitions
            .relationships
            .values()
            .filter(|own| own.parent == table.name && own.child != table.name)
            .count();
        if users > 0 {
            return Err(in_use("Entity", &metadata_id(&table.name).to_string(), users));
        }
        self.drop_intersects_of(&table.name)?;
        self.dataverse.remove_table(&table.name)?;
        Ok(Response::empty(204))
    }
}

/// The error for a definition others need.
pub(super) fn in_use(what: &str, id: &str, count: usize) -> ApiError {
    let count = count.to_string();
    ApiError::named("DefinitionInUse", &[("what", what), ("id", id), ("count", &count)])
}

/// What a body says of a table beyond its columns.
fn describe(definition: &mut TableDefinition, body: &Body, merge: bool) -> Result<()> {
    naming::rename(&mut definition.names, body, merge)?;
    for member in FLAGS {
        if let Some(flag) = flag(body, member) {
            definition.flags.insert(member, flag);
        }
    }
    if let Some(tracked) = flag(body, "ChangeTrackingEnabled") {
        definition.change_tracking = tracked;
    }
    Ok(())
}

/// Kinds of tables that behave unlike any the simulator has.
fn refuse_what_is_not_simulated(body: &Body) -> Result<()> {
    if flag(body, "IsActivity") == Some(true) {
        return Err(ApiError::not_simulated("new tables of activities (IsActivity)"));
    }
    if let Some(kind) = inner_text(body, "TableType")
        && kind != "Standard"
    {
        return Err(ApiError::not_simulated(&format!("new tables of type '{kind}'")));
    }
    for member in ["DataProviderId", "DataSourceId"] {
        if body.get(member).is_some_and(|own| !own.is_null()) {
            return Err(ApiError::not_simulated(&format!("virtual tables ({member})")));
        }
    }
    Ok(())
}

/// The name of the entity set: the plural of the logical name as English makes it.
fn plural(name: &str) -> String {
    let vowel = |sign: Option<char>| sign.is_some_and(|sign| "aeiou".contains(sign));
    let hissing = ["s", "x", "z", "ch", "sh"].iter().any(|end| name.ends_with(end));
    match name.strip_suffix('y') {
        Some(stem) if !vowel(stem.chars().last()) => format!("{stem}ies"),
        _ if hissing => format!("{name}es"),
        _ => format!("{name}s"),
    }
}
