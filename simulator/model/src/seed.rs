//! Where every id and every random choice comes from.

use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};
use uuid::{Builder, Uuid};

/// The number a world grows from. Named streams make every row addressable on its own, in any order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(u64);

/// A private random stream of one path, such as `usmf/CustomersV3/17`.
#[derive(Clone, Debug)]
pub struct Stream(ChaCha8Rng);

impl Seed {
    /// A seed from a number a person can type.
    pub fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number again.
    pub fn number(self) -> u64 {
        self.0
    }

    /// The stream of a path. Adding another path never shifts this one.
    pub fn stream(self, path: &str) -> Stream {
        let id = self.id(path);
        let mut key = [0_u8; 32];
        key[..16].copy_from_slice(id.as_bytes());
        key[16..24].copy_from_slice(&self.0.to_le_bytes());
        Stream(ChaCha8Rng::from_seed(key))
    }

    /// The v5 id of a path under this seed.
    pub fn id(self, path: &str) -> Uuid {
        let space = Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("dwsim:{}", self.0).as_bytes());
        Uuid::new_v5(&space, path.as_bytes())
    }
}

impl Stream {
    /// The next random number.
    #[allow(clippy::should_implement_trait)] // an endless stream is not an iterator with an end
    pub fn next(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number in `0..bound`; zero when the bound is zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.next() % bound }
    }

    /// One of the items, or none when there are none.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let index = usize::try_from(self.below(items.len() as u64)).unwrap_or(0);
        items.get(index)
    }

    /// True `per_cent` times out of a hundred.
    pub fn chance(&mut self, per_cent: u64) -> bool {
        self.below(100) < per_cent
    }

    /// The generator itself, for libraries that want one.
    pub fn rng(&mut self) -> &mut ChaCha8Rng {
        &mut self.0
    }
}

/// The id of the `ordinal`-th row of a table: sequential, as Dataverse's own ids are, so that indexes grow at
/// their end, and stable however many rows other tables have. `space` separates worlds and tables.
pub fn table_id(space: Uuid, ordinal: u64) -> Uuid {
    let mut bytes = [0_u8; 16];
    bytes[..6].copy_from_slice(&ordinal.to_be_bytes()[2..]);
    bytes[6..8].copy_from_slice(&space.as_bytes()[..2]);
    bytes[8..].copy_from_slice(&space.as_bytes()[8..]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_named_not_counted() {
        let seed = Seed::new(7);
        let first = seed.stream("usmf/CustomersV3/1").next();
        let mut other = seed.stream("usmf/CustomersV3/2");
        assert_ne!(first, other.next());
        assert_eq!(first, seed.stream("usmf/CustomersV3/1").next());
        assert_ne!(first, Seed::new(8).stream("usmf/CustomersV3/1").next());
    }

    #[test]
    fn table_ids_grow_and_are_valid() {
        let space = Seed::new(1).id("dataverse/account");
        let ids: Vec<Uuid> = (0..300).map(|n| table_id(space, n)).collect();
        assert!(ids.is_sorted());
        assert_eq!(ids[0].get_version_num(), 8);
    }
}
