//! Virtual time: the core asks this clock and never the machine's.

use jiff::{SignedDuration, Timestamp, civil};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// Where virtual time starts in every world: 5 January 2026, 08:00 UTC, a Monday morning.
pub fn epoch() -> Timestamp {
    civil::date(2026, 1, 5)
        .at(8, 0, 0, 0)
        .to_zoned(jiff::tz::TimeZone::UTC)
        .map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp())
}

/// A span of virtual time, in whole milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub struct VirtualDuration(u64);

impl VirtualDuration {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of whole milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// A span of whole seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1_000))
    }

    /// A span of whole minutes.
    pub const fn from_mins(minutes: u64) -> Self {
        Self::from_secs(minutes.saturating_mul(60))
    }

    /// A span of whole hours.
    pub const fn from_hours(hours: u64) -> Self {
        Self::from_mins(hours.saturating_mul(60))
    }

    /// The span in whole milliseconds.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Both spans one after the other.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// As a person says it: `1 d 02:03:04`, `02:03:04`, `250 ms`.
impl fmt::Display for VirtualDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0 / 1_000;
        if seconds == 0 && self.0 > 0 {
            return write!(f, "{} ms", self.0);
        }
        let (days, rest) = (seconds / 86_400, seconds % 86_400);
        if days > 0 {
            write!(f, "{days} d ")?;
        }
        write!(f, "{:02}:{:02}:{:02}", rest / 3_600, rest / 60 % 60, rest % 60)
    }
}

impl Serialize for VirtualDuration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The clock of one world. It moves only when told to.
#[derive(Clone, Debug)]
pub struct Clock {
    now: Timestamp,
}

impl Default for Clock {
    fn default() -> Self {
        Self { now: epoch() }
    }
}

impl Clock {
    /// The current virtual time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Lets virtual time pass.
    pub fn advance(&mut self, span: VirtualDuration) {
        let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        self.now = self.now.checked_add(SignedDuration::from_millis(millis)).unwrap_or(Timestamp::MAX);
    }

    /// Virtual time passed since `start`.
    pub fn since(&self, start: Timestamp) -> VirtualDuration {
        VirtualDuration(u64::try_from(self.now.duration_since(start).as_millis()).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_moves_only_when_told() {
        let mut clock = Clock::default();
        let start = clock.now();
        clock.advance(VirtualDuration::from_mins(90));
        assert_eq!(clock.since(start).to_string(), "01:30:00");
        assert_eq!(start, epoch());
        assert_eq!(epoch().to_string(), "2026-01-05T08:00:00Z");
    }

    #[test]
    fn long_spans_name_their_days() {
        assert_eq!(VirtualDuration::from_hours(26).to_string(), "1 d 02:00:00");
        assert_eq!(VirtualDuration::from_millis(250).to_string(), "250 ms");
    }
}
