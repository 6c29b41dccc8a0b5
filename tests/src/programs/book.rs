//! What a program leads to expect, kept beside the world: which rows must be equal on both sides.

use super::{
    COMPANIES, Deed, Edit, MAPS, Queue,
    act::{Done, key_text},
    picture::Picture,
};
use dwsim_dualwrite::{Execution, MapStatus, Push};
use dwsim_model::{EventKind, MapId, Side};
use dwsim_tenant::Tenant;
use std::collections::BTreeSet;

/// Legal entity and number of a row.
pub(crate) type Key = (String, String);

/// What is known beside the world.
#[derive(Debug)]
pub(crate) struct Book {
    /// Whether the two sides of a map must be equal while it runs.
    pub(crate) clean: [bool; 2],
    /// Whether the terms of groups must be equal, too: a term that is deleted empties lookups in Dataverse alone.
    pub(crate) terms: bool,
    /// Rows that may differ all the same, for a reason that is known.
    pub(crate) excused: [BTreeSet<Key>; 2],
    /// Rows edited while their map was paused, and whether in Dataverse.
    edited: [BTreeSet<(Key, bool)>; 2],
    /// The map whose first queued change was applied and not taken out, with the rows as they were then.
    pub(crate) applied: Option<(usize, u64, String)>,
    /// The world after the last deed.
    pub(crate) seen: Picture,
}

pub(crate) fn key(edit: Edit) -> Key {
    let row = edit.row();
    (COMPANIES[row.company].to_owned(), key_text(row.map, row.number))
}

/// Whether changes of a map wait.
pub(crate) fn waits(status: MapStatus) -> bool {
    matches!(status, MapStatus::Paused | MapStatus::Resuming)
}

impl Book {
    pub(crate) fn new(seen: Picture) -> Self {
        Self {
            clean: [false; 2],
            terms: false,
            excused: [BTreeSet::new(), BTreeSet::new()],
            edited: [BTreeSet::new(), BTreeSet::new()],
            applied: None,
            seen,
        }
    }

    /// Keeps what a deed changes in what is expected.
    pub(crate) fn keep(&mut self, tenant: &Tenant, deed: Deed, done: &Done, now: &Picture) {
        if let Some((side, edits)) = deed.edits()
            && (done.refused.is_none() || done.torn)
        {
            for edit in &edits {
                // The journal names rows without their legal entity.
                let named = |own: &&Edit| own.row().map == edit.row().map && key(**own).1 == key(*edit).1;
                let alone = edits.iter().filter(named).count() == 1;
                self.keep_edit(tenant, side, *edit, done.torn, alone);
            }
        }
        for map in 0..MAPS.len() {
            let came_live = waits(self.seen.status[map]) && now.status[map] == MapStatus::Running;
            if came_live {
                let lost = match deed {
                    Deed::Resume(_, queue, _) => queue != Queue::CatchUp,
                    Deed::Skip(..) => true,
                    _ => false,
                };
                let failed = now.errors[map] > 0 || (lost && !self.seen.queues[map].is_empty());
                let edited = std::mem::take(&mut self.edited[map]);
                if failed {
                    self.excused[map].extend(edited.into_iter().map(|(key, _)| key));
                }
            }
        }
        if done.refused.is_some() {
            return;
        }
        let full = |own: &Execution| own.succeeded() && own.push == Push::Full;
        match deed {
            Deed::Run(map, master) => {
                self.clean[map] = master.is_some() && done.executions.iter().all(full);
                if self.clean[map] {
                    self.excused[map].clear();
                    self.terms |= map == 1;
                }
            }
            Deed::Again(map, _) | Deed::Stop(map) => self.clean[map] = false,
            // Changes of long ago are written over what both sides hold now.
            Deed::Retry(map) if self.seen.errors[map] > 0 => self.clean[map] = false,
            Deed::Join => {
                for (map, name) in MAPS.iter().enumerate() {
                    let id = MapId::from(*name);
                    self.clean[map] &= done.executions.iter().filter(|own| own.map == id).all(full);
                }
            }
            _ => {}
        }
    }

    fn keep_edit(&mut self, tenant: &Tenant, side: Side, edit: Edit, torn: bool, alone: bool) {
        let (map, key) = (edit.row().map, key(edit));
        if matches!(edit, Edit::Delete(_)) && map == 0 {
            self.terms = false;
            // Groups in Dataverse lose the term they name, which is a change of theirs.
            if waits(self.seen.status[1]) {
                for number in 0..3 {
                    let group = (key.0.clone(), key_text(1, number));
                    self.note_paused(1, group, Side::Dataverse);
                }
            }
        }
        if torn {
            self.excused[map].insert(key);
            return;
        }
        if waits(self.seen.status[map]) {
            self.note_paused(map, key, side);
            return;
        }
        let events = &tenant.journal().events()[self.seen.events..];
        let carried = events.iter().any(|event| {
            matches!(&event.kind, EventKind::Live { map: own, key: row, outcome: "synced", .. }
                if own.as_str() == MAPS[map] && row.contains(&key.1))
        });
        // The save that was torn is repeated, and heals.
        if carried && alone {
            self.excused[map].remove(&key);
        }
    }

    /// A row edited on both sides while nothing is carried over: each side gets what the other had.
    fn note_paused(&mut self, map: usize, key: Key, side: Side) {
        let in_dataverse = side == Side::Dataverse;
        if self.edited[map].contains(&(key.clone(), !in_dataverse)) {
            self.excused[map].insert(key.clone());
        }
        self.edited[map].insert((key, in_dataverse));
    }
}
