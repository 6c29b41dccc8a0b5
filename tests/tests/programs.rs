//! Random programs over both sides: whatever people do, in whatever order, the laws hold.
//!
//! A program is a list of actions of users and administrators on two table maps and three legal entities, with faults at
//! the points where a transaction over both sides can break. After every action the laws that always hold are checked;
//! at the end the world is healed and the laws of rest are checked. A failing program is printed as its seed and as the
//! smallest feature that shows it.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use dwsim_model::Side;
use std::env;
use tests::programs::{Program, check, check_sabotaged, smallest};

/// Programs in an ordinary test run; `DWSIM_PROGRAMS` asks for more, as CI does.
const PROGRAMS: u64 = 1_000;

#[test]
fn the_laws_hold_for_random_programs() {
    let programs = env::var("DWSIM_PROGRAMS").ok().and_then(|text| text.parse().ok()).unwrap_or(PROGRAMS);
    let first = env::var("DWSIM_FIRST_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let failures: Vec<(u64, String)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|worker| {
                scope.spawn(move || {
                    (first..first + programs)
                        .filter(|seed| seed % threads == worker)
                        .find_map(|seed| check(&Program::random(seed)).err().map(|law| (seed, law)))
                })
            })
            .collect();
        workers.into_iter().filter_map(|worker| worker.join().unwrap()).collect()
    });
    let Some((seed, law)) = failures.into_iter().min() else { return };
    let (program, law) = smallest(&Program::random(seed), &law);
    panic!("seed {seed} breaks a law: {law}\nthe smallest program that does:\n\n{}", program.as_feature());
}

/// Somebody who goes round live sync is found out: a row of a map that runs is changed or deleted on one side alone.
#[test]
fn a_row_changed_behind_the_engines_back_breaks_a_law() {
    let mut seen = 0;
    let ways =
        [(Side::FinOps, false), (Side::Dataverse, false), (Side::FinOps, true), (Side::Dataverse, true)];
    for (seed, (side, delete)) in (1..=80).zip(ways.into_iter().cycle()) {
        let program = Program::random(seed);
        let Some(outcome) = check_sabotaged(&program, side, delete) else { continue };
        let law = outcome.expect_err("no law is broken, though somebody went round live sync");
        assert!(law.starts_with("I1:") || law.starts_with("I18:"), "seed {seed}: {law}");
        seen += 1;
    }
    assert!(seen >= 20, "only {seen} programs have a row to be changed behind the engine's back");
}

/// A failure is seen, made small and told: the feature it is told as does the same deeds and meets the same refusals.
#[test]
fn a_program_told_as_a_feature_runs_as_one() {
    let folder = env::temp_dir().join(format!("dwsim-programs-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for seed in 1..=40 {
        let told = Program::random(seed).as_feature();
        let path = folder.join(format!("seed-{seed}.feature"));
        std::fs::write(&path, &told).unwrap();
        let cases = dwsim_features::cases(&[path]).unwrap();
        let verdict = cases[0].run(&dwsim_features::Options::default());
        assert!(verdict.failure.is_none(), "seed {seed}: {}\n{told}", verdict.failure.unwrap_or_default());
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
