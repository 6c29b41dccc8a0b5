//! Creating, changing and removing rows inside one transaction.

use crate::{
    error::{ApiError, Refused, Result, refused},
    http::Request,
    payload::{Body, ContentIds, Payload},
    resource::{self, RowKey},
    rows::Rows,
    schema::{Behaviour, Schema, Through},
};
use dwsim_dataverse::Actor;
use dwsim_model::{Change, Name, Operation, Value, Values};
use dwsim_tenant::DataverseTransaction;
use uuid::Uuid;

/// Deepest deep insert and cascade.
const DEEPEST: usize = 16;

/// Writes rows of one request.
#[derive(Debug)]
pub(crate) struct Writer<'w, 't> {
    pub(crate) transaction: &'w mut DataverseTransaction<'t>,
    pub(crate) schema: &'w Schema,
    pub(crate) ids: &'w ContentIds,
    /// Rows that a duplicate detection rule finds twice are refused.
    pub(crate) detects: bool,
}

/// What became of an upsert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Upserted {
    Created(Uuid),
    Updated(Uuid),
}

impl Upserted {
    pub(crate) fn id(self) -> Uuid {
        match self {
            Self::Created(id) | Self::Updated(id) => id,
        }
    }
}

/// What a conditional request demands of the row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Conditions {
    /// `If-Match: *`
    pub(crate) must_exist: bool,
    /// `If-None-Match: *`
    pub(crate) must_not_exist: bool,
    /// `If-Match: W/"n"`
    pub(crate) version: Option<String>,
}

impl Conditions {
    pub(crate) fn read(request: &Request) -> Self {
        let matched = request.header("If-Match").map(str::trim);
        Self {
            must_exist: matched == Some("*"),
            must_not_exist: request.header("If-None-Match").map(str::trim) == Some("*"),
            version: matched.filter(|value| !matches!(*value, "*" | "")).map(str::to_owned),
        }
    }
}

impl Writer<'_, '_> {
    pub(crate) fn rows(&self) -> Rows<'_> {
        let caller = match self.transaction.actor() {
            Actor::User(id) | Actor::Application(id) | Actor::Caller(id) => id,
            Actor::System => Uuid::nil(),
        };
        Rows::new(self.transaction.dataverse(), self.schema, self.transaction.now(), caller)
    }

    fn save(
        &mut self,
        entity: usize,
        operation: Operation,
        id: Option<Uuid>,
        values: Vec<(Name, Value)>,
    ) -> Result<Uuid> {
        let own = self.schema.entity(entity);
        let key = match id {
            Some(id) if operation != Operation::Create => {
                vec![(own.table.column(0).name.clone(), Value::Guid(id))]
            }
            _ => Vec::new(),
        };
        let change = Change { table: own.table.name.clone(), operation, key, values };
        match self.transaction.save(&change) {
            Ok(saved) => {
                if self.detects && operation != Operation::Delete {
                    crate::duplicates::check(&self.rows(), entity, &saved)?;
                }
                Ok(saved.id.as_guid().unwrap_or_default())
            }
            Err(error) => {
                let id = id.or_else(|| {
                    change
                        .values
                        .iter()
                        .find(|(name, _)| name.as_str() == own.id())
                        .and_then(|(_, value)| value.as_guid())
                });
                let context = Refused {
                    table: own.name(),
                    id: id.map(|id| id.to_string()).unwrap_or_default(),
                    kind: &own.table,
                    change: &change,
                };
                Err(refused(error, &context))
            }
        }
    }

    /// Makes a row with everything its body carries.
    pub(crate) fn create(&mut self, entity: usize, body: &Body, key: Option<&RowKey>) -> Result<Uuid> {
        self.create_at(entity, body, key, &[], 0)
    }

    fn create_at(
        &mut self,
        entity: usize,
        body: &Body,
        key: Option<&RowKey>,
        more: &[(Name, Value)],
        depth: usize,
    ) -> Result<Uuid> {
        if depth > DEEPEST {
            return Err(ApiError::bad_url("The body nests rows deeper than 16 levels"));
        }
        let own = self.schema.entity(entity);
        let mut payload = Payload::read(&self.rows(), entity, body, self.ids)?;
        match key {
            Some(RowKey::Id(id)) => {
                payload.values.retain(|(name, _)| name.as_str() != own.id());
                payload.values.push((own.table.column(0).name.clone(), Value::Guid(*id)));
            }
            // The key of the address fills what the body does not say.
            Some(RowKey::Alternate { parts, .. }) => {
                for (ordinal, value) in parts {
                    let name = &own.table.column(*ordinal).name;
                    if !payload.values.iter().any(|(own, _)| own == name) {
                        payload.values.push((name.clone(), value.clone()));
                    }
                }
            }
            None => {}
        }
        payload.values.extend_from_slice(more);
        self.active_only(entity, &mut payload.values);
        for (name, body) in std::mem::take(&mut payload.parents) {
            let Some(single) = own.single(&name) else { continue };
            let Some(target) = single.targets.first().copied() else { continue };
            let id = self.create_at(target, &body, None, &[], depth + 1)?;
            payload.values.push((own.table.column(single.ordinal).name.clone(), Value::Guid(id)));
        }
        if let Some((_, Value::Guid(id))) = payload.values.iter().find(|(name, _)| name.as_str() == own.id())
            && self.rows().row(entity, *id)?.is_some()
        {
            return Err(ApiError::named("DuplicateRecord", &[]));
        }
        let id = self.save(entity, Operation::Create, None, payload.values)?;
        self.attach(entity, id, payload.children, payload.links, depth)?;
        Ok(id)
    }

    /// A new row is active: a state in the body is ignored, and a status of another state with it.
    fn active_only(&self, entity: usize, values: &mut Vec<(Name, Value)>) {
        values.retain(|(name, _)| name.as_str() != "statecode");
        let own = self.schema.entity(entity);
        let pairs = self.transaction.dataverse().state_of_status(own.name());
        values.retain(|(name, value)| {
            let Value::Choice(status) = value else { return true };
            let other = pairs.iter().any(|(own, state)| own == status && *state != 0);
            name.as_str() != "statuscode" || !other
        });
    }

    fn attach(
        &mut self,
        entity: usize,
        id: Uuid,
        children: Vec<(String, Vec<Body>)>,
        links: Vec<(String, Vec<(usize, RowKey)>)>,
        depth: usize,
    ) -> Result<()> {
        let own = self.schema.entity(entity);
        for (name, bodies) in children {
            let Some(collection) = own.collection(&name) else { continue };
            if collection.through.is_some() {
                for body in bodies {
                    let child = self.create_at(collection.child, &body, None, &[], depth + 1)?;
                    self.link(entity, id, &name, child)?;
                }
                continue;
            }
            let lookup = self.schema.entity(collection.child).table.column(collection.ordinal).name.clone();
            for body in bodies {
                let more = [(lookup.clone(), Value::Guid(id))];
                self.create_at(collection.child, &body, None, &more, depth + 1)?;
            }
        }
        for (name, rows) in links {
            for (target, key) in rows {
                let row = resource::find(&self.rows(), target, &key)?;
                self.link(entity, id, &name, id_of(&row))?;
            }
        }
        Ok(())
    }

    /// Puts a child under a parent through a collection.
    pub(crate) fn link(&mut self, entity: usize, id: Uuid, name: &str, child: Uuid) -> Result<()> {
        let own = self.schema.entity(entity);
        let Some(collection) = own.collection(name) else { return Err(own.no_property(name)) };
        if let Some(through) = collection.through {
            if !self.links(through, id, child)?.is_empty() {
                return Err(ApiError::named("DuplicateRecord", &[]));
            }
            let table = &self.schema.entity(through.intersect).table;
            let name = |at: usize| table.column(at).name.clone();
            let values =
                vec![(name(through.own), Value::Guid(id)), (name(through.other), Value::Guid(child))];
            return self.save(through.intersect, Operation::Create, None, values).map(drop);
        }
        let lookup = self.schema.entity(collection.child).table.column(collection.ordinal).name.clone();
        self.save(collection.child, Operation::Update, Some(child), vec![(lookup, Value::Guid(id))])?;
        Ok(())
    }

    /// Takes a child from its parent.
    pub(crate) fn unlink(&mut self, entity: usize, id: Uuid, name: &str, child: Uuid) -> Result<()> {
        let own = self.schema.entity(entity);
        let Some(collection) = own.collection(name) else { return Err(own.no_property(name)) };
        if let Some(through) = collection.through {
            let links = self.links(through, id, child)?;
            if links.is_empty() {
                return Err(resource::missing(self.schema.entity(collection.child), &RowKey::Id(child)));
            }
            for link in links {
                self.save(through.intersect, Operation::Delete, Some(link), Vec::new())?;
            }
            return Ok(());
        }
        let row = self.rows().row(collection.child, child)?;
        let linked = row.is_some_and(|row| row.get(collection.ordinal) == Some(&Value::Guid(id)));
        if !linked {
            return Err(resource::missing(self.schema.entity(collection.child), &RowKey::Id(child)));
        }
        let lookup = self.schema.entity(collection.child).table.column(collection.ordinal).name.clone();
        self.save(collection.child, Operation::Update, Some(child), vec![(lookup, Value::Null)])?;
        Ok(())
    }

    /// Rows of a table between that link two rows.
    fn links(&self, through: Through, id: Uuid, other: Uuid) -> Result<Vec<Uuid>> {
        let found = self.rows().children(through.intersect, through.own, &Value::Guid(id))?;
        let linking = found.iter().filter(|row| row.get(through.other) == Some(&Value::Guid(other)));
        Ok(linking.map(id_of).collect())
    }

    /// Sets columns of a row that exists.
    pub(crate) fn set(&mut self, entity: usize, id: Uuid, values: Vec<(Name, Value)>) -> Result<()> {
        self.save(entity, Operation::Update, Some(id), values).map(drop)
    }

    /// Changes a row that exists with everything its body carries.
    pub(crate) fn update(&mut self, entity: usize, row: &Values, key: &RowKey, body: &Body) -> Result<()> {
        let own = self.schema.entity(entity);
        let id = id_of(row);
        let mut payload = Payload::read(&self.rows(), entity, body, self.ids)?;
        payload.values.retain(|(name, _)| name.as_str() != own.id());
        if let RowKey::Alternate { parts, .. } = key {
            // A row found by its key is not renamed by the same request.
            payload.values.retain(|(name, _)| {
                !parts.iter().any(|(ordinal, _)| own.table.column(*ordinal).name == *name)
            });
        }
        for (name, body) in std::mem::take(&mut payload.parents) {
            let Some(single) = own.single(&name) else { continue };
            let Some(target) = single.targets.first().copied() else { continue };
            let made = self.create_at(target, &body, None, &[], 1)?;
            payload.values.push((own.table.column(single.ordinal).name.clone(), Value::Guid(made)));
        }
        self.save(entity, Operation::Update, Some(id), payload.values)?;
        self.attach(entity, id, payload.children, payload.links, 0)
    }

    /// Changes the row, or makes it when there is none, as the conditions allow.
    pub(crate) fn upsert(
        &mut self,
        entity: usize,
        key: &RowKey,
        body: &Body,
        conditions: &Conditions,
    ) -> Result<Upserted> {
        let row = resource::look_up(&self.rows(), entity, key)?;
        match row {
            Some(row) => {
                if conditions.must_not_exist {
                    return Err(ApiError::named("DuplicateRecord", &[]));
                }
                self.check_version(entity, &row, conditions)?;
                self.update(entity, &row, key, body)?;
                Ok(Upserted::Updated(id_of(&row)))
            }
            None if conditions.must_exist || conditions.version.is_some() => {
                Err(resource::missing(self.schema.entity(entity), key))
            }
            None => Ok(Upserted::Created(self.create(entity, body, Some(key))?)),
        }
    }

    fn check_version(&self, entity: usize, row: &Values, conditions: &Conditions) -> Result<()> {
        let Some(wanted) = &conditions.version else { return Ok(()) };
        let table = &self.schema.entity(entity).table;
        let Some(at) = table.ordinal("versionnumber") else {
            return Err(ApiError::named("OptimisticConcurrencyNotEnabled", &[("table", &table.name)]));
        };
        let own = row.get(at).map(ToString::to_string).unwrap_or_default();
        let wanted = wanted.trim_start_matches("W/").trim_matches('"');
        if own == wanted { Ok(()) } else { Err(ApiError::named("ConcurrencyVersionMismatch", &[])) }
    }

    /// Removes a row, and the children that go with it.
    pub(crate) fn delete(&mut self, entity: usize, key: &RowKey, conditions: &Conditions) -> Result<()> {
        let row = resource::find(&self.rows(), entity, key)?;
        self.check_version(entity, &row, conditions)?;
        self.delete_row(entity, id_of(&row), 0)
    }

    fn delete_row(&mut self, entity: usize, id: Uuid, depth: usize) -> Result<()> {
        let own = self.schema.entity(entity);
        for collection in &own.collections {
            if let Some(through) = collection.through {
                for link in self.rows().children(through.intersect, through.own, &Value::Guid(id))? {
                    self.save(through.intersect, Operation::Delete, Some(id_of(&link)), Vec::new())?;
                }
                continue;
            }
            if collection.behaviour == Behaviour::RemoveLink {
                continue;
            }
            let children = self.rows().children(collection.child, collection.ordinal, &Value::Guid(id))?;
            if !children.is_empty() && (collection.behaviour == Behaviour::Restrict || depth > DEEPEST) {
                return Err(ApiError::named("CannotDeleteDueToAssociation", &[]));
            }
            for child in children {
                let child_id = id_of(&child);
                // A circle of parents ends where it began.
                if child_id != id && self.rows().row(collection.child, child_id)?.is_some() {
                    self.delete_row(collection.child, child_id, depth + 1)?;
                }
            }
        }
        self.save(entity, Operation::Delete, Some(id), Vec::new()).map(drop)
    }
}

/// The id of a row.
pub(crate) fn id_of(row: &Values) -> Uuid {
    row.first().and_then(Value::as_guid).unwrap_or_default()
}
