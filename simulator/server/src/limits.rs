//! What one client may cost: sizes, durations and connections.

use std::time::Duration;

/// What one client may cost. Together they bound the memory the edge takes, whoever connects (decision P89).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest body taken, in bytes.
    pub body: usize,
    /// Bytes of a body that every connection may hold at once; larger bodies take turns.
    pub small_body: usize,
    /// Bodies larger than that held at once.
    pub large_bodies: usize,
    /// Bytes of request line and headers taken.
    pub head: usize,
    /// How long a client may take over its headers, over its body, and over taking any part of the answer.
    pub patience: Duration,
    /// Connections open at once.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 32 << 20,
            small_body: 64 << 10,
            large_bodies: 8,
            head: 256 << 10,
            patience: Duration::from_secs(20),
            connections: 1_024,
        }
    }
}
