//! `dwsim completions`: completion scripts for shells.

use crate::{CliError, Ending, Screen, args::Args};
use clap::CommandFactory;
use clap_complete::Shell;

const EXAMPLES: &str = "\
Examples:
  dwsim completions bash > ~/.local/share/bash-completion/completions/dwsim
  dwsim completions zsh > \"${fpath[1]}/_dwsim\"
  dwsim completions powershell >> $PROFILE";

/// What to print a script for.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments, screen: &mut Screen<'_>) -> Result<Ending, CliError> {
    // The generator cannot cope with a closed pipe, a buffer can.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Args::command(), "dwsim", &mut script);
    screen.out.write_all(&script)?;
    Ok(Ending::Good)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Style;

    #[test]
    fn a_script_knows_the_commands() {
        let mut out = Vec::new();
        let mut screen = Screen { out: &mut out, style: Style::plain(), progress: false };
        run(&Arguments { shell: Shell::Bash }, &mut screen).unwrap();
        assert!(String::from_utf8(out).unwrap().contains("completions"));
    }
}
