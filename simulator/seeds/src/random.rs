//! Random numbers for one cell: named, so that no field, row or entity shifts another one's.

/// A well mixed number from a row's number and a name's.
pub(crate) fn mix(seed: u64, salt: u64) -> u64 {
    // The finaliser of SplitMix64: every bit of the input reaches every bit of the output.
    let mut mixed = (seed ^ salt).wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// The number of a name, without regard to case.
pub(crate) const fn salt(name: &str) -> u64 {
    // FNV-1a; `const`, because the names of the slots are known when compiling.
    let (bytes, mut hash, mut at) = (name.as_bytes(), 0xCBF2_9CE4_8422_2325_u64, 0);
    while at < bytes.len() {
        hash = (hash ^ bytes[at].to_ascii_lowercase() as u64).wrapping_mul(0x0000_0100_0000_01B3);
        at += 1;
    }
    hash
}

/// One of the items; none of an empty list.
pub(crate) fn pick<T>(items: &[T], number: u64) -> Option<&T> {
    let index = number.checked_rem(items.len() as u64)?;
    items.get(usize::try_from(index).ok()?)
}

/// Whether the number is among so many of a hundred.
pub(crate) fn chance(number: u64, per_cent: u64) -> bool {
    number % 100 < per_cent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_give_different_numbers_and_case_does_not() {
        assert_eq!(salt("CustomerAccount"), salt("CUSTOMERACCOUNT"));
        assert_ne!(mix(1, salt("a")), mix(1, salt("b")));
        assert_ne!(mix(1, salt("a")), mix(2, salt("a")));
        assert_eq!(pick::<u8>(&[], 5), None);
    }

    #[test]
    fn chances_are_about_right() {
        let hits = (0..10_000).filter(|row| chance(mix(*row, salt("x")), 20)).count();
        assert!((1_850..2_150).contains(&hits), "{hits}");
    }
}
