//! The `dwsim` program: reads the arguments, opens the screen, and turns the ending into an exit code.

use clap::Parser;
use dwsim_cli::{Ending, Screen, args::Args};
use std::{
    io::{self, Write},
    process::ExitCode,
};

/// The scenario did not reach its end state.
const MISSED: u8 = 1;
/// The input is at fault.
const BAD_INPUT: u8 = 2;

/// Initial sync makes and drops millions of small values; this allocator does it in less time and memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // A closed pipe while printing help is nobody's loss.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(BAD_INPUT));
        }
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    match dwsim_cli::run(&args, &mut Screen::of_this_process(&mut out)) {
        Ok(Ending::Good) => ExitCode::SUCCESS,
        Ok(Ending::Missed) => ExitCode::from(MISSED),
        // Whoever read the output has seen enough, as in `dwsim maps list | head`.
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            // What was done before the mistake is worth seeing; a failing flush has been reported already.
            let _ = out.flush();
            let _ = writeln!(io::stderr().lock(), "dwsim: {error}");
            ExitCode::from(BAD_INPUT)
        }
    }
}
