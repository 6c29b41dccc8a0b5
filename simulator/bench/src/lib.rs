//! Measures the simulator against the same work done by hand, in the same run.
//!
//! A figure alone says more about the machine than about the program, so every measurement carries its baseline:
//! [`initial_sync`] times one leg of the engine and the same copy as hand-written SQL over the same rows, one after
//! the other, and reports the ratio; [`live_sync`] does so for transactions of users; [`volumes`] shows what the
//! documented limits of volume take; [`web_api`] times the served environments next to another local emulator. Nothing
//! here is a test.

mod baseline;
mod emulator;
mod http;
mod initial_sync;
mod live_sync;
mod volume;
mod web_api;

pub use initial_sync::{BenchError, InitialSyncFigures, initial_sync};
pub use live_sync::{LiveSyncFigures, live_sync};
pub use volume::{VolumeFigures, volumes};
pub use web_api::{OtherFigures, WebApiFigures, web_api};
