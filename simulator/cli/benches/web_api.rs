//! `cargo bench --bench web_api`: the served Web API next to another local emulator, in one run.
#![allow(clippy::print_stdout, missing_docs)]

use std::path::Path;

/// Seconds each figure is measured for.
const SECONDS: u64 = 3;

fn main() -> Result<(), dwsim_bench::BenchError> {
    let program = Path::new(env!("CARGO_BIN_EXE_dwsim"));
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("web-api");
    print!("{}", dwsim_bench::web_api(program, &directory, SECONDS)?);
    Ok(())
}
