//! Rows as JSON: properties, annotations, expansions.

use crate::{
    cell,
    collection::Query,
    error::Result,
    http::Preferences,
    json::JsonWriter,
    options::{Expand, QueryOptions},
    rows::Rows,
    schema::Entity,
};
use dwsim_model::{ColumnKind, Value};
use uuid::Uuid;

const FORMATTED: &str = "OData.Community.Display.V1.FormattedValue";
const NAVIGATION: &str = "Microsoft.Dynamics.CRM.associatednavigationproperty";
const LOOKUP: &str = "Microsoft.Dynamics.CRM.lookuplogicalname";

/// Writes rows for one request.
#[derive(Debug)]
pub(crate) struct Renderer<'r, 'd> {
    /// The rows.
    pub(crate) rows: &'r Rows<'d>,
    /// What the client prefers.
    pub(crate) preferences: &'r Preferences,
    /// `https://host/api/data/v9.2/`
    pub(crate) root: &'r str,
}

impl Renderer<'_, '_> {
    /// The weak ETag of a row.
    pub(crate) fn etag(entity: &Entity, row: &[Value]) -> Option<String> {
        let version = entity.table.ordinal("versionnumber")?;
        row.get(version)?.as_int().map(|version| format!("W/\"{version}\""))
    }

    /// The context of a list or a row: the properties asked for, expansions included.
    pub(crate) fn context(&self, entity: &Entity, options: &QueryOptions, single: bool) -> String {
        let mut names: Vec<String> = match &options.select {
            Some(select) => select
                .iter()
                .filter(|ordinal| **ordinal != 0 || select.len() == 1)
                .filter_map(|ordinal| entity.property_of(*ordinal))
                .map(|property| property.name.clone())
                .collect(),
            None => Vec::new(),
        };
        names.extend(options.expand.iter().map(|expand| format!("{}()", expand.name)));
        let inner = if names.is_empty() { String::new() } else { format!("({})", names.join(",")) };
        let end = if single { "/$entity" } else { "" };
        format!("{}$metadata#{}{inner}{end}", self.root, entity.set)
    }

    /// A row as a document of its own.
    pub(crate) fn document(&self, index: usize, row: &[Value], options: &QueryOptions) -> Result<String> {
        let entity = self.rows.schema.entity(index);
        let mut json = JsonWriter::new();
        json.open();
        json.member("@odata.context", &self.context(entity, options, true));
        self.members(&mut json, index, row, options, true)?;
        json.close();
        Ok(json.finish())
    }

    /// A row as an object in a list.
    pub(crate) fn object(
        &self,
        json: &mut JsonWriter,
        index: usize,
        row: &[Value],
        options: &QueryOptions,
    ) -> Result<()> {
        json.open();
        self.members(json, index, row, options, true)?;
        json.close();
        Ok(())
    }

    fn members(
        &self,
        json: &mut JsonWriter,
        index: usize,
        row: &[Value],
        options: &QueryOptions,
        etag: bool,
    ) -> Result<()> {
        let entity = self.rows.schema.entity(index);
        if etag && let Some(etag) = Self::etag(entity, row) {
            json.member("@odata.etag", &etag);
        }
        match &options.select {
            Some(select) => {
                for ordinal in select {
                    if let Some(property) = entity.property_of(*ordinal) {
                        self.property(json, index, *ordinal, &property.name, row)?;
                    }
                }
            }
            None => {
                for property in &entity.properties {
                    self.property(json, index, property.ordinal, &property.name, row)?;
                }
            }
        }
        for expand in &options.expand {
            self.expansion(json, index, row, expand)?;
        }
        Ok(())
    }

    /// A property with its annotations before it.
    pub(crate) fn property(
        &self,
        json: &mut JsonWriter,
        index: usize,
        ordinal: usize,
        name: &str,
        row: &[Value],
    ) -> Result<()> {
        let value = row.get(ordinal).unwrap_or(&Value::Null);
        self.annotations(json, index, ordinal, name, row)?;
        json.name(name);
        cell::write(json, self.rows.schema.entity(index).kind(ordinal), value);
        Ok(())
    }

    /// The annotations of a property that the client asked for.
    pub(crate) fn annotations(
        &self,
        json: &mut JsonWriter,
        index: usize,
        ordinal: usize,
        name: &str,
        row: &[Value],
    ) -> Result<()> {
        let value = row.get(ordinal).unwrap_or(&Value::Null);
        if value.is_null() || self.preferences.annotations.is_empty() {
            return Ok(());
        }
        let entity = self.rows.schema.entity(index);
        let kind = entity.kind(ordinal);
        if let (ColumnKind::Lookup { .. }, Some(id)) = (kind, value.as_guid()) {
            return self.lookup_annotations(json, index, ordinal, name, id);
        }
        if self.preferences.wants(FORMATTED) {
            let symbol = match kind {
                ColumnKind::Money { .. } => self.rows.currency_symbol(index, row)?,
                _ => String::new(),
            };
            if let Some(text) = self.rows.formatted(index, ordinal, value, kind, &symbol) {
                json.annotation(name, FORMATTED);
                json.text(&text);
            }
        }
        Ok(())
    }

    fn lookup_annotations(
        &self,
        json: &mut JsonWriter,
        index: usize,
        ordinal: usize,
        name: &str,
        id: Uuid,
    ) -> Result<()> {
        let Some(target) = self.rows.target_entity(index, ordinal, id)? else { return Ok(()) };
        if self.preferences.wants(FORMATTED)
            && let Some(text) = self.rows.name_of(target, &Value::Guid(id))?
        {
            json.annotation(name, FORMATTED);
            json.text(&text);
        }
        let entity = self.rows.schema.entity(index);
        let single = entity
            .singles
            .iter()
            .find(|single| single.ordinal == ordinal && single.targets.contains(&target));
        if self.preferences.wants(NAVIGATION)
            && let Some(single) = single
        {
            json.annotation(name, NAVIGATION);
            json.text(&single.name);
        }
        if self.preferences.wants(LOOKUP) {
            json.annotation(name, LOOKUP);
            json.text(self.rows.schema.entity(target).name());
        }
        Ok(())
    }

    fn expansion(&self, json: &mut JsonWriter, index: usize, row: &[Value], expand: &Expand) -> Result<()> {
        let entity = self.rows.schema.entity(index);
        if let Some(single) = entity.single(&expand.name) {
            json.name(&expand.name);
            let id = row.get(single.ordinal).cloned().unwrap_or_default();
            let target = match id.as_guid() {
                Some(id) => self.rows.target_entity(index, single.ordinal, id)?,
                None => None,
            };
            let target = target.filter(|target| single.targets.contains(target));
            let found = match target {
                Some(target) => self.rows.target(target, &id)?.map(|row| (target, row)),
                None => None,
            };
            match found {
                None => json.raw("null"),
                Some((target, _)) if expand.reference => {
                    json.open();
                    let set = &self.rows.schema.entity(target).set;
                    json.member("@odata.id", &format!("{}{set}({id})", self.root));
                    json.close();
                }
                Some((target, row)) => self.object(json, target, &row, &expand.options)?,
            }
            return Ok(());
        }
        let Some(collection) = entity.collection(&expand.name) else {
            return Err(entity.no_property(&expand.name));
        };
        let id = row.first().cloned().unwrap_or_default();
        let mut query = Query::new(collection.child, &expand.options);
        query.below(self.rows, collection, id.clone())?;
        if let Some(size) = self.preferences.page_size {
            query.page = size.min(query.page);
        }
        let page = query.run(self.rows)?;
        json.name(&expand.name);
        json.open_list();
        for child in &page.rows {
            self.object(json, collection.child, child, &expand.options)?;
        }
        json.close_list();
        if let Some(next) = page.next {
            let link = format!(
                "{}{}({id})/{}?$skiptoken={}",
                self.root,
                entity.set,
                expand.name,
                crate::address::encode(&next.outer())
            );
            json.member(&format!("{}@odata.nextLink", expand.name), &link);
        }
        Ok(())
    }

    /// The URL of a row.
    pub(crate) fn url(&self, index: usize, id: Uuid) -> String {
        format!("{}{}({id})", self.root, self.rows.schema.entity(index).set)
    }
}
