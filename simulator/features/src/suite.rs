//! Many cases at once, on as many threads as the machine has, with results in the order of the files.

use crate::case::{Case, Options, Verdict};
use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// A case and what became of it.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The case.
    pub case: Case,
    /// What became of it.
    pub verdict: Verdict,
    /// Real time it took; the only figure that differs between runs.
    pub took: Duration,
}

impl Finished {
    /// Whether it passed.
    pub fn passed(&self) -> bool {
        self.verdict.failure.is_none()
    }
}

/// Runs every case; `on_finished` hears of each as it ends, in no particular order.
pub fn run(cases: &[Case], options: &Options, on_finished: &(dyn Fn(&Finished) + Sync)) -> Vec<Finished> {
    let next = AtomicUsize::new(0);
    let finished: Mutex<Vec<(usize, Finished)>> = Mutex::new(Vec::with_capacity(cases.len()));
    let workers = thread::available_parallelism().map_or(1, usize::from).min(cases.len().max(1));
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((place, case)) = {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    cases.get(place).map(|case| (place, case))
                } {
                    let started = Instant::now();
                    let verdict = case.run(options);
                    let one = Finished { case: case.clone(), verdict, took: started.elapsed() };
                    on_finished(&one);
                    if let Ok(mut finished) = finished.lock() {
                        finished.push((place, one));
                    }
                }
            });
        }
    });
    let mut finished = finished.into_inner().unwrap_or_default();
    finished.sort_by_key(|(place, _)| *place);
    finished.into_iter().map(|(_, one)| one).collect()
}
