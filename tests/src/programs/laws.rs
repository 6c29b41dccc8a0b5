//! The laws that hold after every deed, and the search for the smallest program that breaks one.

use super::{
    Deed, Edit, MAPS, Program, Queue,
    act::{Done, act, world},
    book::{Book, Key, key, waits},
    picture::{Held, Picture, Waiting, digest, record},
    rest::rest,
};
use dwsim_dualwrite::{Execution, FaultPoint, Leg, MapStatus, Push};
use dwsim_model::{Event, EventKind, Side};
use dwsim_tenant::Tenant;
use std::collections::BTreeSet;

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

/// What somebody does behind the engine's back after a deed; whether anything.
type Behind<'b> = dyn FnMut(usize, &mut Tenant, &Book) -> Result<bool, String> + 'b;

/// Runs a program and checks every law; the law that is broken, in words.
///
/// # Errors
/// The law that is broken.
pub fn check(program: &Program) -> Result<(), String> {
    checked(program, &mut |_, _, _| Ok(false))
}

/// [`check`] while somebody goes round live sync: after the first deed that leaves a row equal on both sides of a map
/// that runs, this row is changed or deleted on one side. None when the program has no such row.
///
/// # Errors
/// The law that is broken; it is a mistake of the laws when there is none.
pub fn check_sabotaged(program: &Program, side: Side, delete: bool) -> Option<Result<(), String>> {
    let mut done = false;
    let outcome = checked(program, &mut |_, tenant, book| {
        let seen = &book.seen;
        let running = (0..MAPS.len()).filter(|map| seen.status[*map] == MapStatus::Running);
        let candidates = running.flat_map(|map| seen.keys(map).into_iter().map(move |key| (map, key)));
        let victim = candidates
            .filter(|(_, (code, _))| seen.linked.contains(code))
            .find(|(map, key)| seen.pair(*map, key, false));
        match victim {
            Some((map, key)) if !done => {
                super::act::behind(tenant, side, map, &key, delete)?;
                done = true;
                Ok(true)
            }
            _ => Ok(false),
        }
    });
    done.then_some(outcome)
}

fn checked(program: &Program, behind: &mut Behind<'_>) -> Result<(), String> {
    let mut tenant = world()?;
    let mut book = Book::new(Picture::of(&tenant)?);
    for (at, deed) in program.deeds.iter().enumerate() {
        let step = |law: String| format!("{law} (deed {}: {deed:?})", at + 1);
        if *deed == Deed::Restart {
            tenant = restarted(&tenant, &program.deeds[..at]).map_err(step)?;
        }
        one(&mut tenant, &mut book, *deed).map_err(step)?;
        if behind(at, &mut tenant, &book)? {
            one(&mut tenant, &mut book, Deed::Wait(0)).map_err(step)?;
        }
    }
    rest(&mut tenant)
}

/// I15: the world that the same deeds lead to, which has to be the same to the last byte of its record.
fn restarted(tenant: &Tenant, deeds: &[Deed]) -> Result<Tenant, String> {
    let mut fresh = world()?;
    for deed in deeds {
        act(&mut fresh, *deed)?;
    }
    let (before, after) = (record(tenant)?, record(&fresh)?);
    if before == after {
        return Ok(fresh);
    }
    let differs = before.lines().zip(after.lines()).find(|(a, b)| a != b);
    let differs = differs.map_or_else(|| "one is longer".to_owned(), |(a, b)| format!("{a} became {b}"));
    Err(format!("I15: the world is another one after a restart: {differs}"))
}

/// A deed with the world before and after it.
struct Around<'a> {
    deed: Deed,
    done: &'a Done,
    before: &'a Picture,
    after: &'a Picture,
    events: &'a [Event],
}

fn one(tenant: &mut Tenant, book: &mut Book, deed: Deed) -> Result<(), String> {
    let done = act(tenant, deed)?;
    let after = Picture::of(tenant)?;
    let applied = redelivery(tenant, book, deed, &done, &after)?;
    accounted(&done.executions)?;
    book.keep(tenant, deed, &done, &after);
    book.applied = applied;
    let events = tenant.journal().events().get(book.seen.events..).unwrap_or_default();
    let around = Around { deed, done: &done, before: &book.seen, after: &after, events };
    around.refused()?;
    around.moved()?;
    around.queued()?;
    around.kept()?;
    equal(book, &after)?;
    around.explained()?;
    around.within()?;
    around.mastered()?;
    configured(tenant, &after)?;
    if let Deed::Save(..) | Deed::Together(..) = deed {
        around.young(tenant)?;
    }
    book.seen = after;
    Ok(())
}

/// I5: a change that was applied and did not leave its queue changes nothing when it is delivered again.
fn redelivery(
    tenant: &Tenant,
    book: &Book,
    deed: Deed,
    done: &Done,
    after: &Picture,
) -> Result<Option<(usize, u64, String)>, String> {
    if let (Some((map, sequence, rows)), Deed::Step(at)) = (&book.applied, deed)
        && at == *map
        && book.seen.queues[at].first().is_some_and(|own| own.0 == *sequence)
        && after.queues[at].len() < book.seen.queues[at].len()
        && *rows != digest(tenant, at)?
    {
        return Err(format!("I5: what was applied already changed {} when it came again", MAPS[at]));
    }
    if let Deed::Resume(maps, _, Some(FaultPoint::QueueApplied)) = deed
        && done.refused.as_deref() == Some("SIM-INTERRUPTED")
    {
        let first = |map: &usize| after.queues[*map].first().map(|own| own.0);
        let chosen = (0..MAPS.len()).filter(|map| maps[*map] && after.status[*map] == MapStatus::Resuming);
        let Some(map) = chosen.filter(|map| first(map).is_some()).min_by_key(first) else { return Ok(None) };
        let rows = digest(tenant, map)?;
        return Ok(first(&map).map(|sequence| (map, sequence, rows)));
    }
    Ok(book.applied.clone().filter(|_| book.seen.held == after.held))
}

/// I10.
pub(crate) fn accounted(executions: &[Execution]) -> Result<(), String> {
    match executions.iter().flat_map(|run| &run.legs).find(|leg| !Leg::accounted(leg)) {
        Some(leg) => Err(format!("I10: a leg does not add up: {leg:?}")),
        None => Ok(()),
    }
}

/// I1: rows of linked legal entities are the same on both sides of a map that runs.
fn equal(book: &Book, now: &Picture) -> Result<(), String> {
    for (map, name) in MAPS.iter().enumerate() {
        if !book.clean[map] || now.status[map] != MapStatus::Running {
            continue;
        }
        // A term that is not equal itself cannot be named by both.
        let terms = map == 1 && book.terms && book.clean[0] && now.status[0] == MapStatus::Running;
        let differs = now.keys(map).into_iter().find(|own| {
            now.linked.contains(&own.0) && !book.excused[map].contains(own) && !now.pair(map, own, terms)
        });
        if let Some((code, number)) = differs {
            return Err(format!("I1: {name} differs though it runs: {number} of {code}"));
        }
    }
    Ok(())
}

/// I16, while there is a link: Dataverse calls F&O for maps that are not stopped, and for no other.
fn configured(tenant: &Tenant, now: &Picture) -> Result<(), String> {
    let rows = &tenant.dataverse().ok_or("there is no Dataverse")?.organization().runtime_configuration;
    for (map, name) in MAPS.iter().enumerate() {
        let found = rows.iter().filter(|row| row.map.as_str() == *name).count();
        let wanted = usize::from(now.status[map] != MapStatus::NotRunning);
        if found != wanted {
            return Err(format!("I16: {name} is {} with {found} rows of configuration", now.status[map]));
        }
    }
    Ok(())
}

/// Keys whose description or presence differs between two looks at a side.
fn changed(before: &Held, after: &Held) -> BTreeSet<Key> {
    let text = |held: &Held, key: &Key| held.get(key).map(|cells| cells.description.clone());
    before.keys().chain(after.keys()).filter(|key| text(before, key) != text(after, key)).cloned().collect()
}

/// How many changes left the front of a queue; all of them when the rest is not what it was.
fn left(before: &[Waiting], after: &[Waiting]) -> usize {
    (0..before.len()).find(|left| after.starts_with(&before[*left..])).unwrap_or(before.len())
}

impl Around<'_> {
    /// I2: what is refused changes nothing; what tore changed the other side alone.
    fn refused(&self) -> Result<(), String> {
        let Some(refused) = &self.done.refused else { return Ok(()) };
        let partly = self.deed.cut().is_some() && self.deed.edits().is_none();
        let (before, after) = (self.before, self.after);
        if partly {
            return Ok(());
        }
        for map in 0..MAPS.len() {
            for side in [Side::FinOps, Side::Dataverse] {
                let target = self.deed.edits().is_some_and(|(origin, _)| origin != side);
                let at = usize::from(side == Side::Dataverse);
                if !(self.done.torn && target) && before.held[map][at] != after.held[map][at] {
                    return Err(format!("I2: what was refused with {refused} changed a row of {side}"));
                }
            }
        }
        if before.queues != after.queues || before.status != after.status {
            return Err(format!("I2: what was refused with {refused} changed a queue or a status"));
        }
        Ok(())
    }

    /// I11: every move is a legal one, and the journal tells all of them.
    fn moved(&self) -> Result<(), String> {
        let mut now = self.before.status.map(MapStatus::as_str);
        for event in self.events {
            let EventKind::Map { map, from, to, action } = &event.kind else { continue };
            let Some(at) = MAPS.iter().position(|own| map.as_str() == *own) else { continue };
            if from != to && (now[at] != *from || !MOVES.contains(&(*from, *to))) {
                return Err(format!("I11: {map} was {}, and went from {from} to {to} by {action}", now[at]));
            }
            now[at] = *to;
        }
        for map in 0..MAPS.len() {
            // Stopping a paused map is told by a notice (decision 12).
            let told = now[map] == self.after.status[map].as_str()
                || (now[map] == "Paused" && self.after.status[map] == MapStatus::NotRunning);
            if !told {
                return Err(format!(
                    "I11: {} became {} and nobody says so",
                    MAPS[map], self.after.status[map]
                ));
            }
        }
        Ok(())
    }

    /// I3 and I4: only a save makes changes wait or cross, those of its own side and each once; a queue keeps the
    /// order of the commits and gives its oldest change first.
    fn queued(&self) -> Result<(), String> {
        let edits = self.deed.edits();
        for (map, name) in MAPS.iter().enumerate() {
            let (before, after) = (&self.before.queues[map], &self.after.queues[map]);
            if !after.is_sorted_by_key(|own| own.0) {
                return Err(format!("I4: the queue of {name} is out of order"));
            }
            let left = left(before, after);
            let new = after.get(before.len() - left..).unwrap_or_default();
            match &edits {
                // What was taken out of the middle looks like this, too.
                None if !new.is_empty() => {
                    return Err(format!(
                        "I3 or I4: {:?} made a change wait, or changes change places",
                        self.deed
                    ));
                }
                Some((side, _)) if new.iter().any(|own| own.1 != *side) => {
                    return Err(format!(
                        "I3: a change that was carried over waits to be carried back: {new:?}"
                    ));
                }
                _ => {}
            }
            let stepped = self.done.refused.is_none() && self.deed == Deed::Step(map) && !before.is_empty();
            if stepped && left != 1 {
                return Err(format!("I4: one step took {left} changes of {name}"));
            }
        }
        let live = |outcome: &str| {
            let own = |event: &&Event| matches!(&event.kind, EventKind::Live { outcome: own, .. } if *own == outcome);
            self.events.iter().filter(own).count()
        };
        let crossed = live("synced") + live("queued");
        // A term that is deleted in Dataverse changes the groups that name it, at most three.
        let most = edits.map_or(0, |(_, edits)| {
            edits
                .iter()
                .map(|edit| if matches!(edit, Edit::Delete(row) if row.map == 0) { 4 } else { 1 })
                .sum()
        });
        if crossed > most {
            return Err(format!("I3: {crossed} changes went out, and people made {most}"));
        }
        Ok(())
    }

    /// I12: what leaves a queue was applied, is an error that can be retried, or is said to be lost.
    fn kept(&self) -> Result<(), String> {
        for (map, name) in MAPS.iter().enumerate() {
            let left = left(&self.before.queues[map], &self.after.queues[map]);
            if left == 0 {
                continue;
            }
            let errors = self.after.errors[map].saturating_sub(self.before.errors[map]);
            let lost = match self.deed {
                Deed::Resume(_, Queue::Keep, _) | Deed::Skip(_, true) => errors < left,
                Deed::Resume(_, Queue::Discard, _) | Deed::Skip(_, false) | Deed::Stop(_) | Deed::Join => {
                    let words = format!("{left} queued changes were discarded");
                    !self.events.iter().any(|event| {
                        matches!(&event.kind, EventKind::Notice { about, text } if about == name && text.contains(&words))
                    })
                }
                Deed::Resume(..) | Deed::Step(_) | Deed::Continue(_) => false,
                _ => true,
            };
            if lost {
                return Err(format!("I12: {left} changes left the queue of {name} without a record"));
            }
        }
        Ok(())
    }

    /// I12: a map that is paused for too long takes no more changes.
    fn young(&self, tenant: &Tenant) -> Result<(), String> {
        let most = tenant.engine().limits().pause_max_age;
        for (map, name) in MAPS.iter().enumerate() {
            let grew = self.after.queues[map].len() > self.before.queues[map].len();
            if grew && self.before.paused_for[map].is_some_and(|since| since > most) {
                return Err(format!("I12: {name} is paused for more than {most} and took a change"));
            }
        }
        Ok(())
    }

    /// I18: two rows of a map that listens do not part without an entry of the journal that says why.
    fn explained(&self) -> Result<(), String> {
        let (before, after) = (self.before, self.after);
        for (map, name) in MAPS.iter().enumerate() {
            let listens = before.status[map] == MapStatus::Running || waits(before.status[map]);
            let mut keys = before.keys(map);
            keys.extend(after.keys(map));
            let parted = keys.into_iter().filter(|own| {
                before.linked.contains(&own.0)
                    && after.linked.contains(&own.0)
                    && before.pair(map, own, false)
                    && !after.pair(map, own, false)
            });
            for (code, number) in parted.filter(|_| listens) {
                let says = |event: &Event| match &event.kind {
                    EventKind::Live { map: own, key, .. } => own.as_str() == *name && key.contains(&number),
                    EventKind::Notice { about, .. } => about == "commit gap" || about == name,
                    EventKind::Leg { map: own, .. } => own.as_str() == *name,
                    _ => false,
                };
                // Changes on their way through a queue were told when they were made.
                let through = before.queues[map].iter().any(|(_, _, key)| key.contains(&number));
                if !through && !self.events.iter().any(says) {
                    return Err(format!("I18: nothing says why {number} of {code} differs under {name}"));
                }
            }
        }
        Ok(())
    }

    /// I7: a save changes its own rows and no other, across only for linked legal entities; whatever else dual-write
    /// does, rows of other legal entities stay as they are.
    fn within(&self) -> Result<(), String> {
        let edits = self.deed.edits();
        for map in 0..MAPS.len() {
            for side in [Side::FinOps, Side::Dataverse] {
                let at = usize::from(side == Side::Dataverse);
                for (code, number) in changed(&self.before.held[map][at], &self.after.held[map][at]) {
                    let linked = self.before.linked.contains(&code) || self.after.linked.contains(&code);
                    let own = edits.as_ref().is_none_or(|(_, edits)| {
                        let wanted = (code.clone(), number.clone());
                        edits.iter().any(|edit| edit.row().map == map && key(*edit) == wanted)
                    });
                    let origin = edits.as_ref().is_some_and(|(origin, _)| *origin == side);
                    if !own {
                        return Err(format!("I7: {number} of {code} changed in {side}, and nobody saved it"));
                    }
                    if !linked && !origin {
                        return Err(format!(
                            "I7: {number} of {code} crossed to {side}, and {code} is not linked"
                        ));
                    }
                }
            }
        }
        Ok(())
    }

    /// I13: an initial sync of everything leaves the master's description on both sides.
    fn mastered(&self) -> Result<(), String> {
        let Deed::Run(map, Some(master)) = self.deed else { return Ok(()) };
        let full = |own: &Execution| own.succeeded() && own.push == Push::Full;
        if self.done.refused.is_some() || !self.done.executions.iter().all(full) {
            return Ok(());
        }
        let at = usize::from(master == Side::Dataverse);
        let (before, after) = (&self.before.held[map], &self.after.held[map]);
        for own in
            before[0].keys().filter(|own| before[1].contains_key(*own) && self.after.linked.contains(&own.0))
        {
            let wanted = before[at].get(own).map(|cells| &cells.description);
            if after.iter().any(|held| held.get(own).map(|cells| &cells.description) != wanted) {
                return Err(format!("I13: {} of {} is not what {master}, the master, held", own.1, own.0));
            }
        }
        Ok(())
    }
}

/// The smallest program found that breaks a law: deeds are left out as long as some law stays broken.
pub fn smallest(program: &Program, law: &str) -> (Program, String) {
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
