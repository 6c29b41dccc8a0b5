//! The `dwsim` program as a library: arguments, commands, and how reports and table maps look on a screen.
//!
//! [`run`] does what the arguments ask for and writes to the [`Screen`] it is given, so that everything a person
//! sees can be tested without a process. A subcommand is one module with an `Arguments` type and a `run` function;
//! [`args`] only lists them. What a report looks like is in [`render`].
//!
//! It deliberately holds no rule of the product: it asks the catalogue and the scenario runner.

mod advise;
pub mod args;
mod bench;
mod completions;
mod coverage;
mod error;
mod maps;
mod progress;
pub mod render;
mod run;
mod scenarios;
mod screen;
mod serve;
mod steps;
mod test;

pub use error::CliError;
pub use screen::{Ending, Screen};

/// Does what the arguments ask for.
///
/// # Errors
/// Bad input, a file that cannot be read, or output that cannot be written.
pub fn run(args: &args::Args, screen: &mut Screen<'_>) -> Result<Ending, CliError> {
    let ending = match &args.command {
        args::Command::Scenarios(arguments) => scenarios::run(arguments, screen)?,
        args::Command::Run(arguments) => self::run::run(arguments, screen)?,
        args::Command::Serve(arguments) => serve::run(arguments, screen)?,
        args::Command::Test(arguments) => test::run(arguments, screen)?,
        args::Command::Steps(arguments) => steps::run(arguments, screen)?,
        args::Command::Coverage(arguments) => coverage::run(arguments, screen)?,
        args::Command::Advise(arguments) => advise::run(arguments, screen)?,
        args::Command::Maps(arguments) => maps::run(arguments, screen)?,
        args::Command::Bench(arguments) => bench::run(arguments, screen)?,
        args::Command::Completions(arguments) => completions::run(arguments, screen)?,
    };
    screen.out.flush()?;
    Ok(ending)
}
