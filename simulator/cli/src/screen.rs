//! Where output goes and what it may look like there.

use crate::render::Style;
use std::io::{self, IsTerminal, Write};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// As asked.
    Good,
    /// A scenario did not reach its end state.
    Missed,
}

/// Where output goes.
pub struct Screen<'a> {
    /// Takes the output.
    pub out: &'a mut dyn Write,
    /// What it may look like.
    pub style: Style,
    /// Whether long work may show a bar on standard error.
    pub progress: bool,
}

impl<'a> Screen<'a> {
    /// The screen of this process: colours and lines on a terminal only, and no colours where `NO_COLOR` is set to
    /// anything or the terminal is a dumb one.
    pub fn of_this_process(out: &'a mut dyn Write) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let terminal = io::stdout().is_terminal();
        let style = if terminal {
            Style {
                width: comfy_table::Table::new().width(),
                colour: !set("NO_COLOR") && !dumb,
                drawn: !dumb,
            }
        } else {
            Style::plain()
        };
        Self { out, style, progress: io::stderr().is_terminal() && !dumb }
    }
}
