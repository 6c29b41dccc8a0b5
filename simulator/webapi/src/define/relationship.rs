//! Making, changing and removing relationships, and with them lookups.

use super::{Definer, column::Made, names, naming, refused, unknown};
use crate::{
    address::Segment,
    definition::relationship_id,
    error::{ApiError, Result},
    http::Response,
    payload::Body,
};
use dwsim_dataverse::{ColumnDefinition, Names, RelationshipDefinition};
use dwsim_model::{Column, ColumnKind, Name, Required, TableType};
use serde_json::Value as Json;
use std::{collections::BTreeMap, sync::Arc};

const LONGEST_NAME: usize = 128;
/// Events that can reach from a row to its children.
const EVENTS: [&str; 6] = ["Assign", "Delete", "Merge", "Reparent", "Share", "Unshare"];

impl Definer<'_, '_> {
    pub(super) fn create_relationship(&mut self) -> Result<Response> {
        let body = self.body("RelationshipDefinitions")?;
        let kind = body.get("@odata.type").and_then(Json::as_str).unwrap_or_default();
        let kind = kind.trim_start_matches('#').trim_start_matches("Microsoft.Dynamics.CRM.");
        match kind.trim_start_matches("Complex") {
            "OneToManyRelationshipMetadata" => {}
            "ManyToManyRelationshipMetadata" => return self.create_intersect(&body),
            other => return Err(refused(&format!("'{other}' is no kind of relationship"))),
        }
        let named = naming::schema_name(&body, "Relationship", LONGEST_NAME)?;
        self.check_free(&named.schema)?;
        let parent = self.table_named(&body, "ReferencedEntity")?;
        let child = self.table_named(&body, "ReferencingEntity")?;
        let id = parent.column(0).name.as_str();
        if let Some(other) = text(&body, "ReferencedAttribute")
            && !other.eq_ignore_ascii_case(id)
        {
            return Err(refused(&format!("ReferencedAttribute is {id}, the primary key of {}", parent.name)));
        }
        let Some(Json::Object(lookup)) = body.get("Lookup") else {
            return Err(refused("the relationship has no Lookup"));
        };
        let made = lookup_column(lookup, &parent.name)?;
        let mut cascade = BTreeMap::new();
        read_cascade(&body, &mut cascade)?;
        let or = |member: &str, standard: &str| text(&body, member).unwrap_or(standard).into();
        let definition = RelationshipDefinition {
            schema: named.schema.as_str().into(),
            parent: parent.name.clone(),
            child: child.name.clone(),
            column: made.column.name.clone(),
            lookup: or("ReferencingEntityNavigationPropertyName", &made.definition.names.schema),
            collection: or("ReferencedEntityNavigationPropertyName", &named.schema),
            cascade,
        };
        self.check_navigation(&parent.name, &definition.collection)?;
        self.check_navigation(&child.name, &definition.lookup)?;
        self.add_column(&child, made)?;
        let id = relationship_id(&named.schema, &child.name);
        self.dataverse.definitions_mut().relationships.insert(named.logical, definition);
        Ok(self.made(id))
    }

    /// Refuses a name another relationship has.
    pub(super) fn check_free(&self, name: &str) -> Result<()> {
        let entities = &self.call.schema.entities;
        let mut known = entities.iter().flat_map(|own| &own.collections);
        if known.any(|own| own.relationship.eq_ignore_ascii_case(name)) {
            return Err(naming::taken("Relationship", name));
        }
        Ok(())
    }

    /// Refuses a navigation property whose name a table already knows.
    pub(super) fn check_navigation(&self, table: &str, name: &str) -> Result<()> {
        let Some(own) = self.call.schema.index(table).map(|at| self.call.schema.entity(at)) else {
            return Ok(());
        };
        if own.property(name).is_some() || own.single(name).is_some() || own.collection(name).is_some() {
            return Err(naming::taken("A navigation property", name));
        }
        Ok(())
    }

    pub(super) fn table_named(&self, body: &Body, member: &str) -> Result<Arc<TableType>> {
        let name = text(body, member).unwrap_or_default();
        let table = self.dataverse.table_type(name).cloned();
        table.ok_or_else(|| ApiError::named("EntityNotFound", &[("table", name)]))
    }

    /// The relationship a segment names, of those that makers have made.
    fn relationship_of(&self, segment: &Segment) -> Result<Name> {
        let made = &self.dataverse.definitions().relationships;
        let found = made.iter().find(|(_, own)| {
            names(segment, relationship_id(&own.schema, &own.child), &[("SchemaName", &own.schema)])
        });
        if let Some((name, _)) = found {
            return Ok(name.clone());
        }
        let schema = self.call.schema;
        let shipped = schema.entities.iter().flat_map(|own| &own.collections).any(|own| {
            let id = relationship_id(&own.relationship, schema.entity(own.child).name());
            names(segment, id, &[("SchemaName", &own.relationship)])
        });
        Err(if shipped {
            refused("the relationship is managed and cannot be changed")
        } else {
            unknown(segment)
        })
    }

    pub(super) fn change_relationship(&mut self, segment: &Segment) -> Result<Response> {
        if self.intersect_of(segment).is_some() {
            // Nothing of it changes but what menus show, which the simulator does not have.
            return Err(ApiError::not_simulated("changing a relationship of many rows to many"));
        }
        let name = self.relationship_of(segment)?;
        let body = self.body("RelationshipDefinitions")?;
        let known = self.dataverse.definitions().relationships.get(&name);
        let mut cascade = known.map(|own| own.cascade.clone()).unwrap_or_default();
        read_cascade(&body, &mut cascade)?;
        if let Some(own) = self.dataverse.definitions_mut().relationships.get_mut(&name) {
            own.cascade = cascade;
        }
        Ok(Response::empty(204))
    }

    /// Removes a relationship, and the lookup it is made of.
    pub(super) fn delete_relationship(&mut self, segment: &Segment) -> Result<Response> {
        if let Some(table) = self.intersect_of(segment) {
            self.dataverse.remove_table(&table)?;
            return Ok(Response::empty(204));
        }
        let name = self.relationship_of(segment)?;
        let known = self.dataverse.definitions().relationships.get(&name).cloned();
        let Some(own) = known else { return Err(unknown(segment)) };
        if let Some(child) = self.dataverse.table_type(&own.child).cloned() {
            self.drop_column(&child, &own.column)?;
        }
        self.dataverse.definitions_mut().relationships.remove(&name);
        Ok(Response::empty(204))
    }
}

pub(super) fn text<'b>(body: &'b Body, member: &str) -> Option<&'b str> {
    body.get(member).and_then(Json::as_str).filter(|text| !text.is_empty())
}

fn lookup_column(lookup: &Body, parent: &Name) -> Result<Made> {
    let named = naming::schema_name(lookup, "Attribute", 100)?;
    let required = match super::inner_text(lookup, "RequiredLevel").unwrap_or("None") {
        "ApplicationRequired" => Required::Yes,
        "None" | "Recommended" => Required::No,
        level => return Err(refused(&format!("RequiredLevel '{level}' is none a maker may set"))),
    };
    let column = Column {
        name: named.logical,
        kind: ColumnKind::Lookup { targets: vec![parent.clone()] },
        required,
        read_only: false,
        extra: false,
    };
    let mut definition = ColumnDefinition {
        names: Names { schema: named.schema.into(), ..Names::default() },
        custom: true,
        recommended: super::inner_text(lookup, "RequiredLevel") == Some("Recommended"),
        ..ColumnDefinition::default()
    };
    naming::rename(&mut definition.names, lookup, false)?;
    Ok(Made::plain(column, definition))
}

/// Reads what happens to children. Only deleting reaches them; whatever else a body asks for is refused.
fn read_cascade(body: &Body, cascade: &mut BTreeMap<Box<str>, Box<str>>) -> Result<()> {
    let given = body.get("CascadeConfiguration");
    for event in EVENTS {
        let Some(behaviour) = given.and_then(|given| given.get(event)).and_then(Json::as_str) else {
            continue;
        };
        match (event, behaviour) {
            ("Delete", "Cascade" | "RemoveLink" | "Restrict") | (_, "NoCascade") => {}
            (_, "Cascade" | "Active" | "UserOwned" | "RemoveLink" | "Restrict") => {
                return Err(ApiError::not_simulated(&format!(
                    "relationships with the behaviour {behaviour} for {event}"
                )));
            }
            _ => return Err(refused(&format!("'{behaviour}' is no behaviour of {event}"))),
        }
        // Nothing to carry on delete means that the lookup is emptied.
        let kept = if (event, behaviour) == ("Delete", "NoCascade") { "RemoveLink" } else { behaviour };
        cascade.insert(event.into(), kept.into());
    }
    Ok(())
}
