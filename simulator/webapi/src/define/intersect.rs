//! Making and removing relationships of many rows to many, and the table between them.

use super::{Definer, names, naming, refused, relationship::text};
use crate::{address::Segment, definition::relationship_id, error::Result, http::Response, payload::Body};
use dwsim_dataverse::{IntersectDefinition, IntersectSide};
use dwsim_model::{Column, ColumnKind, Name, Required, Side, TableBuilder};

const LONGEST_NAME: usize = 128;

impl Definer<'_, '_> {
    pub(super) fn create_intersect(&mut self, body: &Body) -> Result<Response> {
        let named = naming::schema_name(body, "Relationship", LONGEST_NAME)?;
        self.check_free(&named.schema)?;
        let first = self.table_named(body, "Entity1LogicalName")?;
        let second = self.table_named(body, "Entity2LogicalName")?;
        if first.name == second.name {
            return Err(crate::ApiError::not_simulated("a relationship of many rows to many of one table"));
        }
        let between: Name = match text(body, "IntersectEntityName") {
            Some(name) => name.to_ascii_lowercase().into(),
            None => named.logical.clone(),
        };
        if self.dataverse.table_type(&between).is_some() {
            return Err(naming::taken("Entity", &between));
        }
        let valid = between.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_');
        if !valid || between.len() > LONGEST_NAME || !between.contains('_') {
            return Err(refused("IntersectEntityName is no name of a table"));
        }
        let side = |table: &Name, id: &Name, member: &str| IntersectSide {
            table: table.clone(),
            column: id.clone(),
            navigation: text(body, member).unwrap_or(&named.schema).into(),
        };
        let sides = [
            side(&first.name, &first.column(0).name, "Entity1NavigationPropertyName"),
            side(&second.name, &second.column(0).name, "Entity2NavigationPropertyName"),
        ];
        for side in &sides {
            self.check_navigation(&side.table, &side.navigation)?;
        }
        let column = |name: &str, kind: ColumnKind, read_only: bool| Column {
            name: name.into(),
            kind,
            required: Required::System,
            read_only,
            extra: false,
        };
        let set = format!("{between}set");
        let table = TableBuilder::new(Side::Dataverse, &between, &format!("{between}id"), ColumnKind::Guid)
            .names(&set, &set)
            .column(column(&sides[0].column, ColumnKind::Guid, false))
            .column(column(&sides[1].column, ColumnKind::Guid, false))
            .column(column("versionnumber", ColumnKind::BigInt, true))
            .key("natural", &[&sides[0].column, &sides[1].column])
            .and_then(TableBuilder::build)
            .map_err(|error| refused(&error.to_string()))?;
        let id = relationship_id(&named.schema, &between);
        self.dataverse.add_table(&table);
        let definition = IntersectDefinition { schema: named.schema.as_str().into(), table: between, sides };
        self.dataverse.definitions_mut().intersects.insert(named.logical, definition);
        Ok(self.made(id))
    }

    /// The table between of the relationship a segment names.
    pub(super) fn intersect_of(&self, segment: &Segment) -> Option<Name> {
        let mut all = self.dataverse.definitions().intersects.values();
        let found = all.find(|own| {
            names(segment, relationship_id(&own.schema, &own.table), &[("SchemaName", &own.schema)])
        });
        found.map(|own| own.table.clone())
    }

    /// Removes the tables between a table and others, which go with it.
    pub(super) fn drop_intersects_of(&mut self, table: &Name) -> Result<()> {
        let all = self.dataverse.definitions().intersects.values();
        let doomed: Vec<Name> = all
            .filter(|own| own.sides.iter().any(|side| side.table == *table))
            .map(|own| own.table.clone())
            .collect();
        for between in doomed {
            self.dataverse.remove_table(&between)?;
        }
        Ok(())
    }
}
