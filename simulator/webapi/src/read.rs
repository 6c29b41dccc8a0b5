//! GET on rows: tables, single rows, properties, related rows.

use crate::{
    address::{Address, encode},
    cell,
    collection::{LARGEST_PAGE, Query},
    cookie::Cookie,
    error::{ApiError, Result},
    http::{Preferences, Request, Response},
    json::JsonWriter,
    options::{self, QueryOptions},
    render::Renderer,
    resource::{self, Resource, RowKey},
    rows::Rows,
};
use dwsim_model::Value;
use std::fmt::Write as _;

/// Everything a GET needs.
#[derive(Debug)]
pub(crate) struct Reader<'r, 'd> {
    pub(crate) rows: &'r Rows<'d>,
    pub(crate) request: &'r Request,
    pub(crate) address: &'r Address,
    pub(crate) preferences: &'r Preferences,
    /// `https://host/api/data/v9.2/`
    pub(crate) root: &'r str,
}

impl<'r, 'd> Reader<'r, 'd> {
    pub(crate) fn renderer(&self) -> Renderer<'r, 'd> {
        Renderer { rows: self.rows, preferences: self.preferences, root: self.root }
    }

    /// Answers a GET on this resource.
    pub(crate) fn answer(&self, resource: &Resource) -> Result<Response> {
        match resource {
            Resource::Set(entity) => self.set(*entity),
            Resource::Count(entity) => {
                let options = options::read(self.rows, *entity, &self.address.options)?;
                let mut query = Query::new(*entity, &options);
                query.count = true;
                query.page = 1;
                Ok(Self::count_text(query.run(self.rows)?.count.unwrap_or(0)))
            }
            Resource::Row(entity, key) => self.row(*entity, key),
            Resource::Property { entity, key, ordinal, raw } => self.property(*entity, key, *ordinal, *raw),
            Resource::Single { entity, key, name, reference } => self.single(*entity, key, name, *reference),
            Resource::Children { entity, key, name, reference, count, child: None } => {
                self.children(*entity, key, name, *reference, *count)
            }
            Resource::Children { .. } => {
                Err(ApiError::bad_url("A single related row is only deleted by $ref"))
            }
            Resource::Bound { name, .. } => Err(ApiError::not_simulated(&format!("the function '{name}'"))),
        }
    }

    /// The number as text, with the byte-order mark the product puts before it.
    pub(crate) fn count_text(count: usize) -> Response {
        let mut response = Response::empty(200);
        response.header("Content-Type", "text/plain");
        response.body = format!("\u{feff}{count}").into_bytes();
        response
    }

    fn set(&self, entity: usize) -> Result<Response> {
        let options = options::read(self.rows, entity, &self.address.options)?;
        let query = Query::new(entity, &options);
        self.list(entity, query, &options, None)
    }

    /// A page of rows as a response. `below` is the path under the root, when it is not the set itself.
    fn list(
        &self,
        entity: usize,
        mut query: Query<'_>,
        options: &QueryOptions,
        below: Option<&str>,
    ) -> Result<Response> {
        let mut applied = Vec::new();
        query.cookie = self.address.option("$skiptoken").map(Cookie::read).transpose()?;
        let carried = query.cookie.as_ref().and_then(|cookie| cookie.size);
        if let Some(size) = self.preferences.page_size.or(carried) {
            query.page = size.min(LARGEST_PAGE);
            // A page size outweighs $top.
            query.top = None;
        }
        if let Some(size) = self.preferences.page_size {
            applied.push(format!("odata.maxpagesize={size}"));
        }
        let counted = query.count;
        let page = query.run(self.rows)?;
        let renderer = self.renderer();
        let own = self.rows.schema.entity(entity);
        let mut json = JsonWriter::new();
        json.open();
        json.member("@odata.context", &renderer.context(own, options, false));
        if let Some(count) = page.count {
            json.name("@odata.count");
            json.bare(count);
        }
        if self.preferences.wants_all() {
            let total = if counted {
                page.count.and_then(|count| i64::try_from(count).ok()).unwrap_or(-1)
            } else {
                -1
            };
            json.name("@Microsoft.Dynamics.CRM.totalrecordcount");
            json.bare(total);
            json.name("@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded");
            json.bare(counted && page.count == Some(LARGEST_PAGE));
            json.member("@Microsoft.Dynamics.CRM.globalmetadataversion", "1");
        }
        json.name("value");
        json.open_list();
        for row in &page.rows {
            renderer.object(&mut json, entity, row, options)?;
        }
        json.close_list();
        if let Some(next) = &page.next {
            let path = below.map_or_else(|| own.set.clone(), str::to_owned);
            json.member("@odata.nextLink", &self.next_link(&path, next));
        }
        json.close();
        Ok(self.with_applied(Response::json(200, json.finish()), applied))
    }

    pub(crate) fn with_applied(&self, mut response: Response, mut applied: Vec<String>) -> Response {
        if !self.preferences.annotations.is_empty() {
            let list = self.preferences.annotations.join(",");
            applied.push(format!("odata.include-annotations=\"{list}\""));
        }
        if !applied.is_empty() {
            response.header("Preference-Applied", applied.join(","));
        }
        response
    }

    /// The same query with the cookie of the next page.
    pub(crate) fn next_link(&self, path: &str, cookie: &Cookie) -> String {
        let mut link = format!("{}{path}?", self.root);
        for (name, value) in self.address.options.iter().filter(|(name, _)| name != "$skiptoken") {
            let _ = write!(link, "{name}={}&", encode(value));
        }
        let _ = write!(link, "$skiptoken={}", encode(&cookie.outer()));
        link
    }

    fn row(&self, entity: usize, key: &RowKey) -> Result<Response> {
        let options = options::read(self.rows, entity, &self.address.options)?;
        let row = resource::find(self.rows, entity, key)?;
        let renderer = self.renderer();
        let etag = Renderer::etag(self.rows.schema.entity(entity), &row);
        let conditional = options.expand.is_empty() && self.preferences.annotations.is_empty();
        if let (true, Some(wanted), Some(etag)) = (conditional, self.request.header("If-None-Match"), &etag)
            && wanted == etag
        {
            let mut response = Response::empty(304);
            response.header("ETag", etag.clone());
            return Ok(response);
        }
        let document = renderer.document(entity, &row, &options)?;
        let mut response = Response::json(200, document);
        if let Some(etag) = etag {
            response.header("ETag", etag);
        }
        Ok(self.with_applied(response, Vec::new()))
    }

    fn property(&self, entity: usize, key: &RowKey, ordinal: usize, raw: bool) -> Result<Response> {
        let row = resource::find(self.rows, entity, key)?;
        let own = self.rows.schema.entity(entity);
        let value = row.get(ordinal).unwrap_or(&Value::Null);
        if value.is_null() {
            return Ok(Response::empty(204));
        }
        if raw {
            let mut response = Response::empty(200);
            response.header("Content-Type", "text/plain");
            response.body = cell::plain(own.kind(ordinal), value).into_bytes();
            return Ok(response);
        }
        let name = own.property_of(ordinal).map(|property| property.name.clone()).unwrap_or_default();
        let id = row.first().map(ToString::to_string).unwrap_or_default();
        let mut json = JsonWriter::new();
        json.open();
        json.member("@odata.context", &format!("{}$metadata#{}({id})/{name}", self.root, own.set));
        json.name("value");
        cell::write(&mut json, own.kind(ordinal), value);
        json.close();
        Ok(Response::json(200, json.finish()))
    }

    fn single(&self, entity: usize, key: &RowKey, name: &str, reference: bool) -> Result<Response> {
        let row = resource::find(self.rows, entity, key)?;
        let own = self.rows.schema.entity(entity);
        let Some(single) = own.single(name) else { return Err(own.no_property(name)) };
        let Some(id) = row.get(single.ordinal).and_then(Value::as_guid) else {
            return Ok(Response::empty(204));
        };
        let target = self.rows.target_entity(entity, single.ordinal, id)?;
        let Some(target) = target.filter(|target| single.targets.contains(target)) else {
            return Ok(Response::empty(204));
        };
        if reference {
            let mut json = JsonWriter::new();
            json.open();
            json.member("@odata.context", &format!("{}$metadata#$ref", self.root));
            json.member("@odata.id", &self.renderer().url(target, id));
            json.close();
            return Ok(Response::json(200, json.finish()));
        }
        self.row(target, &RowKey::Id(id))
    }

    fn children(
        &self,
        entity: usize,
        key: &RowKey,
        name: &str,
        reference: bool,
        count: bool,
    ) -> Result<Response> {
        let row = resource::find(self.rows, entity, key)?;
        let own = self.rows.schema.entity(entity);
        let Some(collection) = own.collection(name) else { return Err(own.no_property(name)) };
        let options = options::read(self.rows, collection.child, &self.address.options)?;
        let id = row.first().cloned().unwrap_or_default();
        let mut query = Query::new(collection.child, &options);
        query.below(self.rows, collection, id.clone())?;
        if count {
            query.count = true;
            query.page = 1;
            return Ok(Self::count_text(query.run(self.rows)?.count.unwrap_or(0)));
        }
        if reference {
            let page = query.run(self.rows)?;
            let mut json = JsonWriter::new();
            json.open();
            json.member("@odata.context", &format!("{}$metadata#Collection($ref)", self.root));
            json.name("value");
            json.open_list();
            for child in &page.rows {
                json.open();
                let id = child.first().and_then(Value::as_guid).unwrap_or_default();
                json.member("@odata.id", &self.renderer().url(collection.child, id));
                json.close();
            }
            json.close_list();
            json.close();
            return Ok(Response::json(200, json.finish()));
        }
        let below = format!("{}({id})/{name}", own.set);
        self.list(collection.child, query, &options, Some(&below))
    }
}
