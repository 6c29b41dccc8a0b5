//! Keys a side fills in by itself when a row comes without one. All formats are our decision.

use dwsim_model::{Name, Side};
use serde::Deserialize;

/// How far a number is unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SequenceScope {
    /// Each company counts for itself.
    Company,
    /// One count for all companies.
    Global,
}

/// A number sequence of F&O, or an autonumber column of Dataverse.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberSequence {
    /// `<table>.<column>`.
    pub id: Name,
    /// The side that draws the number.
    pub side: Side,
    /// Public set name in F&O, logical name in Dataverse.
    pub table: Name,
    /// Key column filled in.
    pub column: Name,
    /// Text before the digits. Prefixes of the two sides differ, so that their numbers never meet.
    pub prefix: Box<str>,
    /// Digits, filled with zeros from the left. Longer numbers are not cut.
    pub digits: usize,
    /// First number drawn.
    pub first: u64,
    /// How far it is unique.
    pub scope: SequenceScope,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}

impl NumberSequence {
    /// The text of the n-th number drawn, counted from zero.
    pub fn format(&self, drawn: u64) -> String {
        let number = self.first.saturating_add(drawn);
        format!("{}{number:0width$}", self.prefix, width = self.digits)
    }

    /// The number inside such a text, if the text is one of this sequence.
    ///
    /// A sequence that starts after existing rows continues above the highest of these.
    pub fn parse(&self, text: &str) -> Option<u64> {
        let digits = text.strip_prefix(&*self.prefix)?;
        let plain = digits.len() >= self.digits && digits.bytes().all(|byte| byte.is_ascii_digit());
        if plain { digits.parse().ok() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sequence(prefix: &str, digits: usize) -> NumberSequence {
        NumberSequence {
            id: "CDSParties.PartyNumber".into(),
            side: Side::FinOps,
            table: "CDSParties".into(),
            column: "PartyNumber".into(),
            prefix: prefix.into(),
            digits,
            first: 1,
            scope: SequenceScope::Global,
            source: Vec::new(),
        }
    }

    #[test]
    fn numbers_are_filled_with_zeros_and_never_cut() {
        let party = sequence("", 9);
        assert_eq!(party.format(0), "000000001");
        assert_eq!(party.format(9_999_999_999), "10000000000");
        assert_eq!(party.parse("000000042"), Some(42));
        assert_eq!(party.parse("42"), None);
        assert_eq!(party.parse("0000000x1"), None);
    }

    proptest::proptest! {
        #[test]
        fn a_drawn_number_reads_back(drawn in 0..u64::MAX, prefix in "[A-Z]{0,3}-?", digits in 1usize..12) {
            let sequence = sequence(&prefix, digits);
            proptest::prop_assert_eq!(sequence.parse(&sequence.format(drawn)), drawn.checked_add(1));
        }
    }
}
