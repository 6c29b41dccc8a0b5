//! Random programs of users and administrators, the laws they may not break, and how a failing one is told.

mod act;
mod book;
mod laws;
mod picture;
mod rest;
mod told;

pub use laws::{check, check_sabotaged, smallest};

use dwsim_dualwrite::FaultPoint;
use dwsim_model::Side;

/// Legal entities: two that are linked, and one that joins and leaves.
pub const COMPANIES: [&str; 3] = ["USMF", "DEMF", "GBSI"];
/// The map that customer groups look up, and customer groups.
pub const MAPS: [&str; 2] = ["terms-of-payment-msdyn-paymentterms", "customer-groups-msdyn-customergroups"];

/// What becomes of the queue of a paused map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// It is played back.
    CatchUp,
    /// It becomes catch-up errors.
    Keep,
    /// It is lost.
    Discard,
}

/// Where a deed is cut off, if at all.
pub type Cut = Option<FaultPoint>;

/// Points at which a save can be cut off.
const SAVE_POINTS: [FaultPoint; 9] = [
    FaultPoint::TargetUnavailable,
    FaultPoint::Throttled,
    FaultPoint::LookupResolution,
    FaultPoint::BetweenRows,
    FaultPoint::QueueAppend,
    FaultPoint::BeforeCommit,
    FaultPoint::CommitGap,
    FaultPoint::TimeoutNotCommitted,
    FaultPoint::TimeoutCommitted,
];
/// Points at which a resume with catch-up can be cut off.
const RESUME_POINTS: [FaultPoint; 5] = [
    FaultPoint::StateChange,
    FaultPoint::QueueApplied,
    FaultPoint::QueueApplied,
    FaultPoint::TargetUnavailable,
    FaultPoint::Throttled,
];

/// One row: which map it belongs to, its legal entity, its number, its description and, for a group, the term it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowOf {
    /// Index into [`MAPS`].
    pub map: usize,
    /// Index into [`COMPANIES`].
    pub company: usize,
    /// Number, which is its key.
    pub number: u8,
    /// Description.
    pub description: u8,
    /// Number of the term of payment; none for a blank one.
    pub term: Option<u8>,
}

/// One change of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// A row is made, or changed when it is there.
    Put(RowOf),
    /// A row is deleted, when it is there.
    Delete(RowOf),
}

impl Edit {
    /// The row it is about.
    pub fn row(self) -> RowOf {
        match self {
            Self::Put(row) | Self::Delete(row) => row,
        }
    }
}

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// One row is saved or deleted.
    Save(Side, Edit, Cut),
    /// Several rows are saved and deleted in one transaction.
    Together(Side, [Option<Edit>; 3], Cut),
    /// Run, with initial sync and this master, or without.
    Run(usize, Option<Side>),
    /// Run again after errors, with the rows that failed or without.
    Again(usize, bool),
    /// Stop.
    Stop(usize),
    /// Pause these maps together.
    Pause([bool; 2], Cut),
    /// Resume these maps together.
    Resume([bool; 2], Queue, Cut),
    /// Resume, as far as its beginning.
    Begin(usize),
    /// One queued change of a map that is Resuming is played back.
    Step(usize),
    /// The rest of the queue of a map that is Resuming is played back.
    Continue(usize),
    /// Skip to live sync of a map that is Resuming; the queue is kept as errors, or lost.
    Skip(usize, bool),
    /// Retry the catch-up errors.
    Retry(usize),
    /// The third legal entity joins the link.
    Join,
    /// It leaves.
    Leave,
    /// Hours pass.
    Wait(u8),
    /// The export service of F&O stops or starts.
    Service(bool),
    /// Everything goes down and comes up again.
    Restart,
}

impl Deed {
    /// The side and the changes of a save.
    pub(crate) fn edits(self) -> Option<(Side, Vec<Edit>)> {
        match self {
            Self::Save(side, edit, _) => Some((side, vec![edit])),
            Self::Together(side, edits, _) => Some((side, edits.into_iter().flatten().collect())),
            _ => None,
        }
    }

    /// Where it is cut off.
    pub(crate) fn cut(self) -> Cut {
        match self {
            Self::Save(_, _, cut)
            | Self::Together(_, _, cut)
            | Self::Pause(_, cut)
            | Self::Resume(_, _, cut) => cut,
            _ => None,
        }
    }
}

/// A list of deeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// What is done, in order.
    pub deeds: Vec<Deed>,
}

/// Steele, Lea and Flood's split-mix generator: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn index(&mut self, end: usize) -> usize {
        usize::try_from(self.below(end as u64)).unwrap_or(0)
    }

    fn small(&mut self, end: u8) -> u8 {
        u8::try_from(self.below(u64::from(end))).unwrap_or(0)
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 0
    }

    fn side(&mut self) -> Side {
        if self.coin() { Side::FinOps } else { Side::Dataverse }
    }

    fn row(&mut self, map: usize) -> RowOf {
        RowOf {
            map,
            company: self.index(COMPANIES.len()),
            number: self.small(3),
            description: self.small(4),
            term: (map == 1 && self.coin()).then(|| self.small(3)),
        }
    }

    fn edit(&mut self, map: usize) -> Edit {
        let row = self.row(map);
        if self.below(5) == 0 { Edit::Delete(row) } else { Edit::Put(row) }
    }

    /// One of these points, in one case of `of`.
    fn cut(&mut self, of: u64, points: &[FaultPoint]) -> Cut {
        (self.below(of) == 0).then(|| points[self.index(points.len())])
    }

    /// Rows of one transaction: a term of payment and a group that names it, or any.
    fn edits(&mut self) -> [Option<Edit>; 3] {
        if self.coin() {
            let (term, mut group) = (self.row(0), self.row(1));
            group.company = term.company;
            group.term = Some(term.number);
            return [Some(Edit::Put(term)), Some(Edit::Put(group)), None];
        }
        [(); 3].map(|()| {
            let map = self.index(MAPS.len());
            (self.below(4) > 0).then(|| self.edit(map))
        })
    }

    fn deed(&mut self) -> Deed {
        let map = self.index(MAPS.len());
        match self.below(29) {
            0..9 => Deed::Save(self.side(), self.edit(map), self.cut(4, &SAVE_POINTS)),
            9..12 => Deed::Together(self.side(), self.edits(), self.cut(3, &SAVE_POINTS)),
            12..14 => Deed::Run(map, Some(self.side())),
            14 => Deed::Run(map, None),
            15 => Deed::Again(map, self.coin()),
            16 => Deed::Stop(map),
            17 => Deed::Pause([self.coin(), true], None),
            18 => Deed::Pause([true, self.coin()], self.cut(2, &[FaultPoint::StateChange])),
            19 => Deed::Resume([true; 2], Queue::CatchUp, self.cut(2, &RESUME_POINTS)),
            20..22 => {
                let queue = [Queue::CatchUp, Queue::CatchUp, Queue::Keep, Queue::Discard][self.index(4)];
                let cut = if queue == Queue::CatchUp { self.cut(2, &RESUME_POINTS) } else { None };
                Deed::Resume([map == 0, map == 1], queue, cut)
            }
            22 => match self.below(3) {
                0 => Deed::Begin(map),
                1 => Deed::Skip(map, self.coin()),
                _ => Deed::Step(map),
            },
            23 => Deed::Step(map),
            24 => Deed::Continue(map),
            25 => Deed::Retry(map),
            26 => {
                if self.coin() {
                    Deed::Join
                } else {
                    Deed::Leave
                }
            }
            27 => match self.below(3) {
                0 => Deed::Wait([1, 12, 30][self.index(3)]),
                1 => Deed::Service(false),
                _ => Deed::Service(true),
            },
            // Rarer than the rest: it costs as much as a program.
            _ => {
                if self.coin() {
                    Deed::Restart
                } else {
                    Deed::Wait(1)
                }
            }
        }
    }
}

impl Program {
    /// The program of a seed. Most begin with both maps running.
    pub fn random(seed: u64) -> Self {
        let mut random = Random(seed);
        let mut deeds = Vec::new();
        if random.below(4) > 0 {
            deeds.extend([Deed::Run(0, Some(Side::Dataverse)), Deed::Run(1, Some(Side::Dataverse))]);
        }
        let length = 4 + random.below(16);
        for _ in 0..length {
            let deed = random.deed();
            deeds.push(deed);
            // What was applied and still waits is delivered again, often at once.
            if let Deed::Resume(maps, _, Some(FaultPoint::QueueApplied)) = deed
                && random.coin()
            {
                deeds.push(Deed::Step(usize::from(!maps[0])));
            }
        }
        Self { deeds }
    }

    /// Without the deed at a place.
    fn without(&self, at: usize) -> Self {
        let mut deeds = self.deeds.clone();
        deeds.remove(at);
        Self { deeds }
    }
}
