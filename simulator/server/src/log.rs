//! What has changed the world since it was made, in order: enough to make it again.

use crate::{
    identity::hex,
    journal::{Journal, JournalError, Mark},
};
use dwsim_webapi::{Request, Response};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, path::Path};

/// Bytes of requests kept in memory at most, when there is no directory to keep them in.
const MOST_IN_MEMORY: usize = 256 << 20;
/// Bytes of a group after which it is written without waiting for more.
const LARGE_GROUP: usize = 8 << 20;
/// Snapshots kept at most.
const MOST_SNAPSHOTS: usize = 1_000;

/// Names and values that say which world this is: a log is good for that world only.
pub type WorldFacts = Vec<(String, String)>;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Entry {
    /// The world this is the log of; the first entry.
    World(WorldFacts),
    /// A request, with the number of requests answered before it, and whether F&O was out of reach meanwhile.
    Api { request: Kept, answered: u64, without_finops: bool },
    /// What was answered, so that another build that answers differently is noticed.
    Answered { status: u16, digest: String },
    /// The clock was moved on by so many seconds.
    Clock { seconds: u64 },
    /// An alert setting was saved.
    Alert { setting: crate::alerts::Asked },
    /// A map was started again, so that it is watched under the settings there are.
    Restart { map: String },
    /// A name for the state so far.
    Snapshot { name: String },
}

/// A request without its body, which follows the entry as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    method: String,
    base: String,
    target: String,
    headers: Vec<(String, String)>,
    caller: String,
}

impl Entry {
    pub(crate) fn api(request: &Request, answered: u64, without_finops: bool) -> Self {
        let request = Kept {
            method: request.method.clone(),
            base: request.base.clone(),
            target: request.target.clone(),
            headers: request.headers.clone(),
            caller: request.caller.to_string(),
        };
        Self::Api { request, answered, without_finops }
    }

    pub(crate) fn answered(response: &Response) -> Self {
        let mut hash = Sha256::new().chain_update(&response.body);
        for (name, value) in &response.headers {
            hash.update(format!("\n{name}: {value}"));
        }
        Self::Answered { status: response.status, digest: hex(&hash.finalize()[..16]) }
    }
}

impl Kept {
    pub(crate) fn request(&self, body: &[u8]) -> Option<Request> {
        Some(Request {
            method: self.method.clone(),
            base: self.base.clone(),
            target: self.target.clone(),
            headers: self.headers.clone(),
            body: body.to_vec(),
            caller: self.caller.parse().ok()?,
        })
    }

    /// Method and address, for messages.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }
}

fn encode(out: &mut Vec<u8>, entry: &Entry, body: &[u8]) -> Result<(), String> {
    let head = serde_json::to_vec(entry).map_err(|error| error.to_string())?;
    for part in [head.as_slice(), body] {
        let length = u32::try_from(part.len()).map_err(|error| error.to_string())?;
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(part);
    }
    Ok(())
}

fn part<'b>(bytes: &mut &'b [u8]) -> Option<&'b [u8]> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (part, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    *bytes = rest;
    Some(part)
}

/// The entries of a group, each with its body.
fn decode(mut bytes: &[u8]) -> Result<Vec<(Entry, &[u8])>, String> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let unreadable = || "a record cannot be read; it was written by another version".to_owned();
        let (head, body) = (part(&mut bytes), part(&mut bytes));
        let (Some(head), Some(body)) = (head, body) else { return Err(unreadable()) };
        entries.push((serde_json::from_slice(head).map_err(|_| unreadable())?, body));
    }
    Ok(entries)
}

#[derive(Debug)]
enum Place {
    Memory { groups: Vec<Vec<u8>>, bytes: usize, full: bool },
    Disk(Journal),
}

#[derive(Clone, Copy, Debug)]
enum At {
    Group(usize),
    Mark(Mark),
}

/// The log.
#[derive(Debug)]
pub(crate) struct Log {
    place: Place,
    group: Vec<u8>,
    start: At,
    snapshots: BTreeMap<String, At>,
    failed: Option<String>,
}

struct Failed(String);

impl From<JournalError> for Failed {
    fn from(error: JournalError) -> Self {
        Self(error.to_string())
    }
}

impl Log {
    /// A log that lives as long as the process.
    pub(crate) fn in_memory() -> Self {
        let place = Place::Memory { groups: Vec::new(), bytes: 0, full: false };
        Self { place, group: Vec::new(), start: At::Group(0), snapshots: BTreeMap::new(), failed: None }
    }

    /// The log of a directory, begun when it is not there. Everything in it is told to `visit` first.
    pub(crate) fn on_disk(
        directory: &Path,
        world: &WorldFacts,
        mut visit: impl FnMut(Entry, &[u8]) -> Result<(), String>,
    ) -> Result<Self, String> {
        let mut journal = Journal::open(directory).map_err(|error| error.to_string())?;
        let mut start = None;
        let mut snapshots = BTreeMap::new();
        let read = journal.read::<Failed>(None, |group, end| {
            for (entry, body) in decode(group).map_err(Failed)? {
                match entry {
                    Entry::World(found) => {
                        check(&found, world).map_err(Failed)?;
                        start = Some(At::Mark(end));
                    }
                    Entry::Snapshot { name } => {
                        snapshots.insert(name, At::Mark(end));
                    }
                    entry => visit(entry, body).map_err(Failed)?,
                }
            }
            Ok(())
        });
        read.map_err(|Failed(why)| why)?;
        let begun = At::Mark(journal.end());
        let mut log = Self {
            place: Place::Disk(journal),
            group: Vec::new(),
            start: start.unwrap_or(begun),
            snapshots,
            failed: None,
        };
        if start.is_none() {
            log.push(&Entry::World(world.clone()), &[])?;
            log.sync()?;
            log.start = log.end();
        }
        Ok(log)
    }

    /// Whether answers wait for the disk.
    pub(crate) fn waits(&self) -> bool {
        matches!(self.place, Place::Disk(_))
    }

    /// Whether a group is so large that it should be written.
    pub(crate) fn is_large(&self) -> bool {
        self.group.len() >= LARGE_GROUP
    }

    /// Why nothing can be kept any more.
    pub(crate) fn failed(&self) -> Option<&str> {
        self.failed.as_deref()
    }

    /// Notes an entry; it is kept once [`Log::sync`] has returned.
    pub(crate) fn push(&mut self, entry: &Entry, body: &[u8]) -> Result<(), String> {
        if matches!(self.place, Place::Memory { full: true, .. }) {
            return Ok(());
        }
        encode(&mut self.group, entry, body)
    }

    /// Keeps what was noted. After a failure nothing is kept any more, and the world must not answer.
    pub(crate) fn sync(&mut self) -> Result<(), String> {
        if let Some(why) = &self.failed {
            return Err(why.clone());
        }
        if self.group.is_empty() {
            return Ok(());
        }
        match &mut self.place {
            Place::Memory { groups, bytes, full } => {
                *bytes += self.group.len();
                groups.push(std::mem::take(&mut self.group));
                if *bytes > MOST_IN_MEMORY {
                    (*groups, *full) = (Vec::new(), true);
                    self.snapshots.clear();
                }
                Ok(())
            }
            Place::Disk(journal) => {
                let written = journal.write(&self.group);
                self.group.clear();
                written.map_err(|error| {
                    let why = format!(
                        "the journal cannot be written: {error}; restart once the disk takes writes, with the state before this"
                    );
                    self.failed = Some(why.clone());
                    why
                })
            }
        }
    }

    fn end(&self) -> At {
        match &self.place {
            Place::Memory { groups, .. } => At::Group(groups.len()),
            Place::Disk(journal) => At::Mark(journal.end()),
        }
    }

    /// Gives the state so far a name.
    pub(crate) fn snapshot(&mut self, name: &str) -> Result<(), String> {
        if matches!(self.place, Place::Memory { full: true, .. }) {
            return Err("more than 256 MiB of requests have changed the world, which is more than is kept in memory; serve with --data, or POST /_sim/reset".to_owned());
        }
        if self.snapshots.len() >= MOST_SNAPSHOTS && !self.snapshots.contains_key(name) {
            return Err(format!("there are {MOST_SNAPSHOTS} snapshots; POST /_sim/reset forgets them"));
        }
        self.push(&Entry::Snapshot { name: name.to_owned() }, &[])?;
        self.sync()?;
        self.snapshots.insert(name.to_owned(), self.end());
        Ok(())
    }

    /// Names of the snapshots.
    pub(crate) fn snapshots(&self) -> impl Iterator<Item = &str> {
        self.snapshots.keys().map(String::as_str)
    }

    /// Tells everything up to a snapshot to `visit`; whether there is such a snapshot.
    pub(crate) fn replay(
        &mut self,
        name: &str,
        mut visit: impl FnMut(Entry, &[u8]) -> Result<(), String>,
    ) -> Result<bool, String> {
        self.sync()?;
        let Some(at) = self.snapshots.get(name).copied() else { return Ok(false) };
        let mut all = |group: &[u8]| {
            for (entry, body) in decode(group)? {
                if !matches!(entry, Entry::World(_) | Entry::Snapshot { .. }) {
                    visit(entry, body)?;
                }
            }
            Ok(())
        };
        match (&mut self.place, at) {
            (Place::Memory { groups, .. }, At::Group(at)) => {
                groups.iter().take(at).try_for_each(|group| all(group))?;
            }
            (Place::Disk(journal), At::Mark(at)) => {
                let read = journal.read::<Failed>(Some(at), |group, _| all(group).map_err(Failed));
                read.map_err(|Failed(why)| why)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Forgets what came after a snapshot, or after the beginning; later snapshots with it.
    pub(crate) fn cut(&mut self, snapshot: Option<&str>) -> Result<(), String> {
        self.sync()?;
        let at = match snapshot {
            Some(name) => self.snapshots.get(name).copied().unwrap_or(self.start),
            None => self.start,
        };
        match (&mut self.place, at) {
            (Place::Memory { groups, bytes, full }, At::Group(at)) => {
                groups.truncate(at);
                (*bytes, *full) = (groups.iter().map(Vec::len).sum(), false);
                self.snapshots
                    .retain(|_, own| matches!(own, At::Group(own) if *own <= at && snapshot.is_some()));
            }
            (Place::Disk(journal), At::Mark(at)) => {
                if let Err(error) = journal.cut(at) {
                    let why = format!("the journal cannot be cut: {error}");
                    self.failed = Some(why.clone());
                    return Err(why);
                }
                self.snapshots
                    .retain(|_, own| matches!(own, At::Mark(own) if own.is_within(at) && snapshot.is_some()));
            }
            _ => {}
        }
        Ok(())
    }
}

/// Whether the log is of the world that is asked for.
fn check(found: &WorldFacts, asked: &WorldFacts) -> Result<(), String> {
    let value = |facts: &WorldFacts, name: &str| {
        facts
            .iter()
            .find(|(own, _)| own == name)
            .map_or_else(|| "nothing".to_owned(), |(_, value)| value.clone())
    };
    for (name, _) in asked.iter().chain(found) {
        let (kept, wanted) = (value(found, name), value(asked, name));
        if kept != wanted {
            return Err(format!(
                "the environments kept there were made with {name} {kept}, and {wanted} is asked for; ask for the same, or choose another --data directory"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_as_they_were_written_and_anything_else_is_an_error() {
        let mut request = Request::new("POST", "/api/data/v9.2/accounts", uuid::Uuid::from_u128(7));
        request.body = vec![0, 255, 10];
        let entry = Entry::api(&request, 3, true);
        let mut bytes = Vec::new();
        encode(&mut bytes, &entry, &request.body).unwrap();
        encode(&mut bytes, &Entry::Clock { seconds: 5 }, &[]).unwrap();
        let entries = decode(&bytes).unwrap();
        assert_eq!(entries, [(entry, request.body.as_slice()), (Entry::Clock { seconds: 5 }, [].as_slice())]);
        for cut in 1..bytes.len() {
            let whole = decode(&bytes[..cut]);
            assert!(whole.is_err() || whole.unwrap().len() == 1, "cut at {cut}");
        }
    }

    #[test]
    fn a_log_in_memory_goes_back_to_its_snapshots() {
        let mut log = Log::in_memory();
        let add = |log: &mut Log, seconds| {
            log.push(&Entry::Clock { seconds }, &[]).unwrap();
            log.sync().unwrap();
        };
        add(&mut log, 1);
        log.snapshot("early").unwrap();
        add(&mut log, 2);
        log.snapshot("late").unwrap();
        add(&mut log, 3);
        let mut seen = Vec::new();
        assert!(
            log.replay("late", |entry, _| {
                seen.push(entry);
                Ok(())
            })
            .unwrap()
        );
        assert_eq!(seen, [Entry::Clock { seconds: 1 }, Entry::Clock { seconds: 2 }]);
        assert!(!log.replay("never", |_, _| Ok(())).unwrap());
        log.cut(Some("early")).unwrap();
        assert_eq!(log.snapshots().collect::<Vec<_>>(), ["early"]);
        log.cut(None).unwrap();
        assert_eq!(log.snapshots().count(), 0);
    }

    #[test]
    fn a_log_of_another_world_names_the_difference() {
        let facts =
            |rows: &str| vec![("seed".to_owned(), "1".to_owned()), ("rows".to_owned(), rows.to_owned())];
        let error = check(&facts("10"), &facts("100")).unwrap_err();
        assert!(error.contains("rows 10") && error.contains("100 is asked for"), "{error}");
        assert!(check(&facts("10"), &facts("10")).is_ok());
    }
}
