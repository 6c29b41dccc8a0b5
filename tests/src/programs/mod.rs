//! Random programs of users and administrators, the laws they may not break, and how a failing one is told.

mod act;
mod laws;
mod told;

pub use laws::{check, check_broken_on_purpose, smallest};

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

/// Where a save over both sides is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Before either side commits.
    Before,
    /// After the target committed and before the origin does.
    Gap,
}

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

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A row is made, or changed when it is there.
    Save(Side, RowOf, Option<Cut>),
    /// Two rows in one transaction: a term of payment and a group that names it.
    SaveBoth(Side, RowOf, RowOf),
    /// A row is deleted.
    Delete(Side, RowOf),
    /// Run, with initial sync and this master, or without.
    Run(usize, Option<Side>),
    /// Run again after errors, with the rows that failed or without.
    Again(usize, bool),
    /// Stop.
    Stop(usize),
    /// Pause these maps together.
    Pause(bool, bool),
    /// Resume.
    Resume(usize, Queue),
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

    fn deed(&mut self) -> Deed {
        let map = self.index(MAPS.len());
        match self.below(24) {
            0..9 => {
                let cut = match self.below(10) {
                    0 => Some(Cut::Before),
                    1 => Some(Cut::Gap),
                    _ => None,
                };
                Deed::Save(self.side(), self.row(map), cut)
            }
            9 => {
                let (side, term, mut group) = (self.side(), self.row(0), self.row(1));
                group.company = term.company;
                group.term = Some(term.number);
                Deed::SaveBoth(side, term, group)
            }
            10..12 => Deed::Delete(self.side(), self.row(map)),
            12..14 => Deed::Run(map, Some(self.side())),
            14 => Deed::Run(map, None),
            15 => Deed::Again(map, self.coin()),
            16 => Deed::Stop(map),
            17 => Deed::Pause(self.coin(), true),
            18 => Deed::Pause(true, false),
            19..21 => Deed::Resume(
                map,
                [Queue::CatchUp, Queue::CatchUp, Queue::Keep, Queue::Discard][self.index(4)],
            ),
            21 => Deed::Retry(map),
            22 => {
                if self.coin() {
                    Deed::Join
                } else {
                    Deed::Leave
                }
            }
            _ => match self.below(3) {
                0 => Deed::Wait([1, 12, 30][self.index(3)]),
                1 => Deed::Service(false),
                _ => Deed::Service(true),
            },
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
        deeds.extend((0..length).map(|_| random.deed()));
        Self { deeds }
    }

    /// Without the deed at a place.
    fn without(&self, at: usize) -> Self {
        let mut deeds = self.deeds.clone();
        deeds.remove(at);
        Self { deeds }
    }
}
