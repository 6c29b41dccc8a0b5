//! What is seen of a world: the rows of both sides, the table maps with their queues, and a record of all of it.

use super::{COMPANIES, MAPS, act::columns};
use dwsim_dualwrite::{MapState, MapStatus, Queued};
use dwsim_model::{CompanyCode, MapId, Side, Value, VirtualDuration};
use dwsim_store::{Select, Store};
use dwsim_tenant::Tenant;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

/// A row as both sides hold it: its description and, for a group, the term of payment it names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cells {
    pub(crate) description: String,
    pub(crate) term: String,
}

/// A map's rows on one side, by legal entity and number.
pub(crate) type Held = BTreeMap<(String, String), Cells>;

/// Sequence, origin and key of a change that waits.
pub(crate) type Waiting = (u64, Side, String);

/// One look at a world.
#[derive(Debug)]
pub(crate) struct Picture {
    /// Rows by map and side: F&O first.
    pub(crate) held: [[Held; 2]; 2],
    pub(crate) status: [MapStatus; 2],
    pub(crate) queues: [Vec<Waiting>; 2],
    pub(crate) errors: [usize; 2],
    /// How long a map has been paused.
    pub(crate) paused_for: [Option<VirtualDuration>; 2],
    pub(crate) linked: BTreeSet<String>,
    /// Events in the journal.
    pub(crate) events: usize,
}

impl Picture {
    pub(crate) fn of(tenant: &Tenant) -> Result<Self, String> {
        let states = [state(tenant, 0)?, state(tenant, 1)?];
        let codes = codes(tenant)?;
        let content = |map| -> Result<[Held; 2], String> {
            Ok([held_by(tenant, &codes, map, Side::FinOps)?, held_by(tenant, &codes, map, Side::Dataverse)?])
        };
        let waiting = |state: &MapState| {
            state.queue.iter().map(|queued| (queued.sequence, queued.origin, queued.key.clone())).collect()
        };
        Ok(Self {
            held: [content(0)?, content(1)?],
            status: states.map(|state| state.status),
            queues: states.map(waiting),
            errors: states.map(|state| state.catch_up_errors.len()),
            paused_for: states.map(|state| state.paused_since.map(|since| tenant.clock().since(since))),
            linked: tenant.engine().companies().iter().map(ToString::to_string).collect(),
            events: tenant.journal().events().len(),
        })
    }

    /// Whether both sides hold the same of a row, its term apart where terms are not settled.
    pub(crate) fn pair(&self, map: usize, key: &(String, String), terms: bool) -> bool {
        let [finops, dataverse] = &self.held[map];
        match (finops.get(key), dataverse.get(key)) {
            (Some(a), Some(b)) => a.description == b.description && (!terms || a.term == b.term),
            (a, b) => a.is_none() && b.is_none(),
        }
    }

    /// Keys of a map that either side holds.
    pub(crate) fn keys(&self, map: usize) -> BTreeSet<(String, String)> {
        self.held[map].iter().flat_map(|held| held.keys().cloned()).collect()
    }
}

pub(crate) fn state(tenant: &Tenant, map: usize) -> Result<&MapState, String> {
    let state = tenant.engine().maps().get(&MapId::from(MAPS[map]));
    state.ok_or_else(|| format!("there is no map {}", MAPS[map]))
}

/// Dataverse ids of the legal entities, with their codes.
fn codes(tenant: &Tenant) -> Result<Vec<(Value, String)>, String> {
    let dataverse = tenant.dataverse().ok_or("there is no Dataverse")?;
    let mut codes = Vec::new();
    for code in COMPANIES {
        let own: CompanyCode =
            code.parse().map_err(|error: dwsim_model::CompanyCodeError| error.to_string())?;
        let id = dataverse.company_id(&own).map_err(|error| error.to_string())?;
        codes.extend(id.map(|id| (Value::Guid(id), code.to_owned())));
    }
    Ok(codes)
}

fn store(tenant: &Tenant, side: Side) -> Result<&Store, String> {
    match side {
        Side::FinOps => Ok(tenant.finops().store()),
        Side::Dataverse => Ok(tenant.dataverse().ok_or("there is no Dataverse")?.store()),
    }
}

fn read(tenant: &Tenant, side: Side, table: &str, wanted: &[&str]) -> Result<Vec<Box<[Value]>>, String> {
    let store = store(tenant, side)?;
    let id = store.table(table).ok_or("there is no such table")?;
    let shape = store.table_type(id);
    let ordinals = wanted
        .iter()
        .map(|column| shape.ordinal(column).ok_or_else(|| format!("{table} has no {column}")))
        .collect::<Result<Vec<_>, _>>()?;
    store.collect(&Select::all(id).columns(&ordinals)).map_err(|error| error.to_string())
}

/// Rows of one side, each once (I9).
pub(crate) fn held(tenant: &Tenant, map: usize, side: Side) -> Result<Held, String> {
    held_by(tenant, &codes(tenant)?, map, side)
}

fn held_by(tenant: &Tenant, codes: &[(Value, String)], map: usize, side: Side) -> Result<Held, String> {
    let (name, key, description, company_column) = columns(map, side);
    let mut wanted = vec![company_column, key, description];
    if map == 1 {
        wanted.push(if side == Side::FinOps { "PaymentTermId" } else { "msdyn_paymenttermid" });
    }
    let rows = read(tenant, side, name, &wanted)?;
    let terms = if map == 1 && side == Side::Dataverse && rows.iter().any(|row| row[3] != Value::Null) {
        read(tenant, side, "msdyn_paymentterm", &["msdyn_paymenttermid", "msdyn_name"])?
    } else {
        Vec::new()
    };
    let mut held = Held::new();
    for row in &rows {
        let code = codes.iter().find(|(id, _)| *id == row[0]);
        let code = code.map_or_else(|| row[0].to_string(), |(_, code)| code.clone());
        let number = row[1].to_string();
        let term = match row.get(3) {
            None | Some(Value::Null) => String::new(),
            Some(own) => terms
                .iter()
                .find(|term| term[0] == *own)
                .map_or_else(|| own.to_string(), |term| term[1].to_string()),
        };
        let cells = Cells { description: row[2].to_string(), term };
        if held.insert((code.clone(), number.clone()), cells).is_some() {
            return Err(format!("I9: {side} holds {number} of {code} twice"));
        }
    }
    Ok(held)
}

/// One id for all rows of the two tables of a map.
pub(crate) fn digest(tenant: &Tenant, map: usize) -> Result<String, String> {
    let finops = tenant.finops();
    let table = finops.table(columns(map, Side::FinOps).0).ok_or("there is no such table")?;
    let finops = finops.digest(table).map_err(|error| error.to_string())?;
    let dataverse = tenant.dataverse().ok_or("there is no Dataverse")?;
    let dataverse = dataverse.digest(columns(map, Side::Dataverse).0).map_err(|error| error.to_string())?;
    Ok(format!("{finops} {dataverse}"))
}

/// All of a world that must not depend on how often it was brought up: rows, maps, queues, clock and journal.
pub(crate) fn record(tenant: &Tenant) -> Result<String, String> {
    let failed = |error: &dyn std::fmt::Display| error.to_string();
    let mut text = String::new();
    let finops = tenant.finops();
    for (name, rows) in finops.counts().map_err(|error| failed(&error))? {
        let table = finops.table(&name).ok_or_else(|| format!("{name} is not declared"))?;
        let digest = finops.digest(table).map_err(|error| failed(&error))?;
        let _ = writeln!(text, "F&O {name} {rows} {digest}");
    }
    let dataverse = tenant.dataverse().ok_or("there is no Dataverse")?;
    for (name, rows) in dataverse.counts().map_err(|error| failed(&error))? {
        let digest = dataverse.digest(&name).map_err(|error| failed(&error))?;
        let _ = writeln!(text, "Dataverse {name} {rows} {digest}");
    }
    for configuration in &dataverse.organization().runtime_configuration {
        let _ = writeln!(text, "{configuration:?}");
    }
    let mut tell = |what: &str, queued: &Queued| {
        let change = &queued.change;
        let _ = writeln!(
            text,
            "{what} {} {} {} {} {:?} {:?} {:?} {:?} {:?}",
            queued.sequence,
            queued.at,
            queued.origin,
            queued.key,
            change.operation,
            change.before,
            change.after,
            queued.error,
            queued.failed_at
        );
    };
    for map in 0..MAPS.len() {
        let state = state(tenant, map)?;
        state.queue.iter().for_each(|queued| tell("waits", queued));
        state.catch_up_errors.iter().for_each(|queued| tell("failed", queued));
    }
    for (map, name) in MAPS.iter().enumerate() {
        let state = state(tenant, map)?;
        let _ = writeln!(text, "{} {} {:?}", name, state.status, state.paused_since);
    }
    let _ = writeln!(
        text,
        "{} {} {:?}",
        tenant.clock().now(),
        tenant.engine().commits(),
        tenant.engine().companies()
    );
    for event in tenant.journal().events() {
        let line = serde_json::to_string(event).map_err(|error| failed(&error))?;
        let _ = writeln!(text, "{line}");
    }
    Ok(text)
}
