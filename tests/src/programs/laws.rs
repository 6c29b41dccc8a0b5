//! The laws, and the search for the smallest program that breaks one.

use super::{
    COMPANIES, Deed, MAPS, Program, Queue, RowOf,
    act::{Done, act, columns, company, world},
};
use dwsim_dualwrite::{Execution, Leg, MapStatus, Push, RunOptions};
use dwsim_model::{EventKind, MapId, Side, Value};
use dwsim_store::Select;
use dwsim_tenant::Tenant;
use std::collections::{BTreeMap, BTreeSet};

/// Moves of a table map that the documentation knows (section 6.2), and the one programs alone can ask for: stopping a
/// paused map.
const MOVES: &[(&str, &str)] = &[
    ("Not running", "Initializing"),
    ("Not running", "Running"),
    ("Initializing", "Running"),
    ("Initializing", "Not running"),
    ("Initializing", "Paused"),
    ("Running", "Not running"),
    ("Running", "Paused"),
    ("Running", "Initializing"),
    ("Paused", "Resuming"),
    ("Paused", "Running"),
    ("Paused", "Not running"),
    ("Paused", "Initializing"),
    ("Resuming", "Running"),
];

/// Descriptions of a map's rows on one side, by legal entity and number.
type Held = BTreeMap<(String, String), String>;

/// What is known beside the world.
struct Book {
    /// Whether the two sides of a map must be equal while it runs.
    clean: [bool; 2],
    /// Rows edited while their map was paused, by side.
    edited: [BTreeSet<(usize, u8, bool)>; 2],
    /// Rows that people made: map, whether in Dataverse, legal entity, number.
    made: BTreeSet<(usize, bool, usize, u8)>,
    joined: bool,
    events: usize,
    /// What both sides held after the last deed.
    held: [[Held; 2]; 2],
}

/// Runs a program and checks every law; the law that is broken, in words.
///
/// # Errors
/// The law that is broken.
pub fn check(program: &Program) -> Result<(), String> {
    checked(program, &mut |_, _| Ok(()))
}

/// [`check`] with one more law, which the third deed breaks: that a failure is seen at all.
///
/// # Errors
/// Always, when the program has three deeds.
pub fn check_broken_on_purpose(program: &Program) -> Result<(), String> {
    checked(program, &mut |at, _| if at == 2 { Err("nobody does three things".into()) } else { Ok(()) })
}

fn checked(
    program: &Program,
    also: &mut dyn FnMut(usize, &Tenant) -> Result<(), String>,
) -> Result<(), String> {
    let mut tenant = world()?;
    let mut book = Book {
        clean: [false; 2],
        edited: [BTreeSet::new(), BTreeSet::new()],
        made: BTreeSet::new(),
        joined: false,
        events: tenant.journal().events().len(),
        held: [content(&tenant, 0)?, content(&tenant, 1)?],
    };
    for (at, deed) in program.deeds.iter().enumerate() {
        let step = |law: String| format!("{law} (deed {}: {deed:?})", at + 1);
        one(&mut tenant, &mut book, *deed).map_err(step)?;
        also(at, &tenant).map_err(step)?;
    }
    rest(&mut tenant)
}

fn one(tenant: &mut Tenant, book: &mut Book, deed: Deed) -> Result<(), String> {
    let before = std::mem::take(&mut book.held);
    let statuses = [status(tenant, 0)?, status(tenant, 1)?];
    let waiting = [queued(tenant, 0)?, queued(tenant, 1)?];
    let done = act(tenant, deed)?;
    let after = [content(tenant, 0)?, content(tenant, 1)?];
    if done.refused.is_some() && !done.torn && after != before {
        return Err(format!("I2: what was refused with {:?} changed a row", done.refused));
    }
    accounted(&done.executions)?;
    legal_moves(tenant, book)?;
    keep_book(tenant, book, deed, &done, statuses, waiting)?;
    isolated(book, &after)?;
    for map in 0..MAPS.len() {
        if book.clean[map] && status(tenant, map)? == MapStatus::Running {
            equal(tenant, &after[map])
                .map_err(|pair| format!("I1: {} differs though it runs: {pair}", MAPS[map]))?;
        }
    }
    book.held = after;
    Ok(())
}

fn keep_book(
    tenant: &mut Tenant,
    book: &mut Book,
    deed: Deed,
    done: &Done,
    statuses: [MapStatus; 2],
    waiting: [usize; 2],
) -> Result<(), String> {
    let rows: Vec<(Side, RowOf)> = match deed {
        Deed::Save(side, row, _) | Deed::Delete(side, row) => vec![(side, row)],
        Deed::SaveBoth(side, term, group) => vec![(side, term), (side, group)],
        _ => Vec::new(),
    };
    for (side, row) in rows {
        if done.torn {
            book.clean = [false; 2];
        }
        if done.refused.is_none() || done.torn {
            book.made.insert((row.map, side == Side::Dataverse, row.company, row.number));
            if done.torn {
                book.made.insert((row.map, side == Side::FinOps, row.company, row.number));
            }
            if statuses[row.map] == MapStatus::Paused {
                let edited = &mut book.edited[row.map];
                edited.insert((row.company, row.number, side == Side::Dataverse));
                // Both sides changed the row while nothing was carried over: each gets what the other had.
                if edited.contains(&(row.company, row.number, side == Side::FinOps)) {
                    book.clean[row.map] = false;
                }
            }
        }
    }
    if done.refused.is_some() {
        return Ok(());
    }
    let full = |own: &Execution| own.succeeded() && own.push == Push::Full;
    match deed {
        Deed::Run(map, master) => {
            book.clean[map] = master.is_some() && done.executions.iter().all(full);
        }
        Deed::Again(map, _) | Deed::Stop(map) => book.clean[map] = false,
        Deed::Resume(map, queue) => {
            book.edited[map].clear();
            let errors = tenant.catch_up_errors(MAPS[map]).map_err(|error| error.to_string())?.len();
            if errors > 0 || (queue != Queue::CatchUp && waiting[map] > 0) {
                book.clean[map] = false;
            }
        }
        Deed::Join => {
            book.joined = true;
            for (map, name) in MAPS.iter().enumerate() {
                let id = MapId::from(*name);
                book.clean[map] &= done.executions.iter().filter(|own| own.map == id).all(full);
            }
        }
        _ => {}
    }
    Ok(())
}

/// I10.
fn accounted(executions: &[Execution]) -> Result<(), String> {
    match executions.iter().flat_map(|run| &run.legs).find(|leg| !Leg::accounted(leg)) {
        Some(leg) => Err(format!("I10: a leg does not add up: {leg:?}")),
        None => Ok(()),
    }
}

/// I11.
fn legal_moves(tenant: &Tenant, book: &mut Book) -> Result<(), String> {
    let events = tenant.journal().events();
    let new = &events[book.events.min(events.len())..];
    book.events = events.len();
    for event in new {
        if let EventKind::Map { map, from, to, action } = &event.kind
            && from != to
            && !MOVES.contains(&(*from, *to))
        {
            return Err(format!("I11: {map} went from {from} to {to} by {action}"));
        }
    }
    Ok(())
}

/// I7: what belongs to a legal entity that never joined is only where people put it.
fn isolated(book: &Book, held: &[[Held; 2]; 2]) -> Result<(), String> {
    if book.joined {
        return Ok(());
    }
    for (map, sides) in held.iter().enumerate() {
        for (side, rows) in sides.iter().enumerate() {
            for (code, number) in rows.keys().filter(|(code, _)| code == COMPANIES[2]) {
                let digit = number[1..].parse().unwrap_or(u8::MAX);
                if !book.made.contains(&(map, side == 1, 2, digit)) {
                    return Err(format!("I7: {number} of {code} crossed although {code} is not linked"));
                }
            }
        }
    }
    Ok(())
}

/// Rows of linked legal entities are the same on both sides.
fn equal(tenant: &Tenant, held: &[Held; 2]) -> Result<(), String> {
    let linked: BTreeSet<String> = tenant.engine().companies().iter().map(ToString::to_string).collect();
    let of = |rows: &Held| -> Held {
        rows.iter()
            .filter(|((code, _), _)| linked.contains(code))
            .map(|(key, text)| (key.clone(), text.clone()))
            .collect()
    };
    let (finops, dataverse) = (of(&held[0]), of(&held[1]));
    if finops == dataverse {
        return Ok(());
    }
    let differs = finops
        .iter()
        .find(|(key, text)| dataverse.get(*key) != Some(text))
        .or_else(|| dataverse.iter().find(|(key, _)| !finops.contains_key(*key)));
    Err(differs.map_or_else(String::new, |((code, number), _)| format!("{number} of {code}")))
}

/// Heals the world and checks the laws of rest: I1, I9, I14, I17.
fn rest(tenant: &mut Tenant) -> Result<(), String> {
    tenant.finops_mut().environment_mut().import_export_running = true;
    for (map, name) in MAPS.iter().enumerate() {
        if status(tenant, map)? == MapStatus::Paused {
            act(tenant, Deed::Resume(map, Queue::CatchUp))?;
            if queued(tenant, map)? > 0 {
                return Err(format!("I17: the queue of {name} does not drain"));
            }
        }
        if status(tenant, map)? == MapStatus::Running {
            act(tenant, Deed::Stop(map))?;
        }
    }
    let first = sync(tenant)?;
    let sound = first.iter().all(Execution::succeeded);
    for (map, name) in MAPS.iter().enumerate() {
        if sound {
            equal(tenant, &content(tenant, map)?)
                .map_err(|pair| format!("I1: {name} differs after initial sync: {pair}"))?;
        }
    }
    sync(tenant)?;
    let before = [content(tenant, 0)?, content(tenant, 1)?];
    let again = sync(tenant)?;
    let moved: u64 = again.iter().flat_map(|run| &run.legs).map(|leg| leg.inserted + leg.updated).sum();
    if moved > 0 || [content(tenant, 0)?, content(tenant, 1)?] != before {
        return Err(format!("I14: an initial sync without changes wrote {moved} rows"));
    }
    Ok(())
}

/// Both maps in full, terms first, and stopped again.
fn sync(tenant: &mut Tenant) -> Result<Vec<Execution>, String> {
    let mut executions = Vec::new();
    for (at, map) in MAPS.iter().enumerate() {
        let options = RunOptions { initial_sync: true, master: Side::Dataverse, full: true };
        executions.extend(tenant.run_map(map, options).map_err(|error| error.to_string())?);
        if status(tenant, at)? == MapStatus::Running {
            tenant.stop_map(map).map_err(|error| error.to_string())?;
        }
    }
    accounted(&executions)?;
    Ok(executions)
}

pub(crate) fn status(tenant: &Tenant, map: usize) -> Result<MapStatus, String> {
    tenant.engine().status(&MapId::from(MAPS[map])).ok_or_else(|| format!("there is no map {}", MAPS[map]))
}

fn queued(tenant: &Tenant, map: usize) -> Result<usize, String> {
    let state = tenant.engine().maps().get(&MapId::from(MAPS[map]));
    Ok(state.ok_or_else(|| format!("there is no map {}", MAPS[map]))?.queue.len())
}

fn content(tenant: &Tenant, map: usize) -> Result<[Held; 2], String> {
    Ok([held(tenant, map, Side::FinOps)?, held(tenant, map, Side::Dataverse)?])
}

/// Rows of one side, each once (I9).
pub(crate) fn held(tenant: &Tenant, map: usize, side: Side) -> Result<Held, String> {
    let (name, key, description, company_column) = columns(map, side);
    let dataverse = tenant.dataverse().ok_or("there is no Dataverse")?;
    let store = if side == Side::FinOps { tenant.finops().store() } else { dataverse.store() };
    let id = store.table(name).ok_or("there is no such table")?;
    let shape = store.table_type(id);
    let ordinals = [company_column, key, description]
        .iter()
        .map(|column| shape.ordinal(column).ok_or_else(|| format!("{name} has no {column}")))
        .collect::<Result<Vec<_>, _>>()?;
    let rows = store.collect(&Select::all(id).columns(&ordinals)).map_err(|error| error.to_string())?;
    let mut codes: Vec<(Value, String)> = Vec::new();
    for at in 0..COMPANIES.len() {
        let code = company(at)?;
        let own = dataverse.company_id(&code).map_err(|error| error.to_string())?;
        codes.extend(own.map(|own| (Value::Guid(own), code.to_string())));
    }
    let mut held = Held::new();
    for row in &rows {
        let code = codes
            .iter()
            .find(|(id, _)| *id == row[0])
            .map_or_else(|| row[0].to_string(), |(_, code)| code.clone());
        let number = row[1].to_string();
        if held.insert((code.clone(), number.clone()), row[2].to_string()).is_some() {
            return Err(format!("I9: {side} holds {number} of {code} twice"));
        }
    }
    Ok(held)
}

/// The smallest program found that breaks a law: deeds are left out as long as some law stays broken.
pub fn smallest(program: &Program, law: &str) -> (Program, String) {
    smaller(program, law, &check)
}

pub(crate) fn smaller(
    program: &Program,
    law: &str,
    check: &dyn Fn(&Program) -> Result<(), String>,
) -> (Program, String) {
    let (mut best, mut broken) = (program.clone(), law.to_owned());
    loop {
        let next = (0..best.deeds.len()).rev().find_map(|at| {
            let candidate = best.without(at);
            check(&candidate).err().map(|law| (candidate, law))
        });
        match next {
            Some((candidate, law)) => (best, broken) = (candidate, law),
            None => return (best, broken),
        }
    }
}
