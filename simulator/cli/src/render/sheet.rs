//! Tables, headings and paragraphs in the style of the place they go to.

use clap::builder::styling::{AnsiColor, Effects, Style as Ansi};
use comfy_table::{
    Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, TableComponent,
    Width, presets::NOTHING,
};
use std::io::{self, Write};

/// Longest line under the head of a table without a width.
const LONGEST_RULE: usize = 100;

/// Widest column that is never broken over lines if that can be helped.
const SHORT: u16 = 14;
/// Blanks between columns.
const GAP: u16 = 2;

/// What output may look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Columns to fit in; none where nobody looks at it line by line.
    pub width: Option<u16>,
    /// Whether colours are understood and wanted.
    pub colour: bool,
    /// Whether lines and ticks can be drawn; plain ASCII where not.
    pub drawn: bool,
}

impl Style {
    /// For files and pipes: no colours, no width, no drawn characters.
    pub const fn plain() -> Self {
        Self { width: None, colour: false, drawn: false }
    }

    /// A text in a tone.
    pub(crate) fn paint(self, text: &str, tone: Tone) -> String {
        let ansi = match tone {
            Tone::Plain | Tone::Number => return text.to_owned(),
            Tone::Name => Ansi::new().effects(Effects::BOLD),
            Tone::Good => Ansi::new().fg_color(Some(AnsiColor::Green.into())),
            Tone::Bad => Ansi::new().fg_color(Some(AnsiColor::Red.into())),
            Tone::Warning => Ansi::new().fg_color(Some(AnsiColor::Yellow.into())),
        };
        if self.colour { format!("{ansi}{text}{ansi:#}") } else { text.to_owned() }
    }

    /// A mark before a word that says the same.
    pub(crate) fn mark(self, good: bool) -> &'static str {
        match (self.drawn, good) {
            (true, true) => "\u{2713} ",
            (true, false) => "\u{2717} ",
            (false, _) => "",
        }
    }
}

/// How a cell is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Text.
    Plain,
    /// What the row is about; not broken over lines if that can be helped.
    Name,
    /// A number, to the right.
    Number,
    /// As it should be.
    Good,
    /// As it should not be.
    Bad,
    /// Worth a look.
    Warning,
}

/// A table with a head and without borders.
pub struct Sheet {
    table: Table,
    style: Style,
    names: Vec<usize>,
    numbers: Vec<usize>,
}

impl Sheet {
    /// A table with these column heads.
    pub fn new<S: AsRef<str>>(style: Style, heads: &[S]) -> Self {
        let mut table = Table::new();
        table.load_preset(NOTHING);
        table.set_style(TableComponent::HeaderLines, if style.drawn { '\u{2500}' } else { '-' });
        table
            .set_style(TableComponent::MiddleHeaderIntersections, if style.drawn { '\u{2500}' } else { '-' });
        if style.colour {
            table.enforce_styling();
            table.style_text_only();
        } else {
            table.force_no_tty();
        }
        match style.width {
            Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
            None => table.set_content_arrangement(ContentArrangement::Disabled),
        };
        table.set_header(heads.iter().map(|head| Cell::new(head.as_ref())));
        for column in table.column_iter_mut() {
            column.set_padding((0, 1));
        }
        Self { table, style, names: Vec::new(), numbers: Vec::new() }
    }

    /// Adds a row, one cell a head.
    pub fn row(&mut self, cells: impl IntoIterator<Item = (String, Tone)>) {
        let mut row = Vec::new();
        for (at, (text, tone)) in cells.into_iter().enumerate() {
            if tone == Tone::Name && !self.names.contains(&at) {
                self.names.push(at);
            }
            if tone == Tone::Number && !self.numbers.contains(&at) {
                self.numbers.push(at);
            }
            let cell = Cell::new(clean(&text));
            row.push(match tone {
                Tone::Plain | Tone::Number => cell,
                Tone::Name => cell.add_attribute(Attribute::Bold),
                Tone::Good => cell.fg(Color::DarkGreen),
                Tone::Bad => cell.fg(Color::DarkRed),
                Tone::Warning => cell.fg(Color::DarkYellow),
            });
        }
        self.table.add_row(row);
    }

    /// Writes it, without blanks at the ends of lines.
    pub fn write(mut self, out: &mut dyn Write) -> io::Result<()> {
        for at in &self.numbers {
            if let Some(column) = self.table.column_mut(*at) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        if let Some(width) = self.style.width {
            self.fit(width);
        }
        for (at, line) in self.table.lines().enumerate() {
            // The line under the head has to be no longer than a screen where the rows are of any length.
            let rule = at == 1 && self.style.width.is_none();
            let line = if rule { line.get(..LONGEST_RULE).unwrap_or(&line) } else { &line };
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

impl Sheet {
    /// Keeps short columns in one piece and leaves ids most of the rest: ids in one piece can be copied. Where not
    /// even that fits, every column shrinks alike.
    fn fit(&mut self, width: u16) {
        let widths = self.table.column_max_content_widths();
        let taken = |columns: &[usize]| -> u16 {
            columns.iter().filter_map(|at| widths.get(*at)).map(|width| width.saturating_add(GAP)).sum()
        };
        let (short, long): (Vec<usize>, Vec<usize>) =
            (0..widths.len()).partition(|at| widths.get(*at).is_some_and(|width| *width <= SHORT));
        let rest = width.saturating_sub(taken(&short));
        if rest < width / 4 {
            return;
        }
        for at in 0..widths.len() {
            let content = widths.get(at).copied().unwrap_or_default();
            let share = if long.len() > 1 { rest / 5 * 3 } else { rest };
            let constraint = if short.contains(&at) {
                ColumnConstraint::ContentWidth
            } else if !self.names.contains(&at) {
                continue;
            } else if content.saturating_add(GAP) <= share {
                ColumnConstraint::ContentWidth
            } else {
                ColumnConstraint::LowerBoundary(Width::Fixed(share.saturating_sub(GAP)))
            };
            if let Some(column) = self.table.column_mut(at) {
                column.set_constraint(constraint);
            }
        }
    }
}

/// A heading.
pub(crate) fn heading(out: &mut dyn Write, style: Style, text: &str) -> io::Result<()> {
    paragraph(out, style, "", &style.paint(text, Tone::Name))
}

/// A heading after a blank line.
pub(crate) fn section(out: &mut dyn Write, style: Style, text: &str) -> io::Result<()> {
    writeln!(out)?;
    heading(out, style, text)
}

/// A paragraph broken between words; `indent` starts its lines, as blanks from the second on.
pub(crate) fn paragraph(out: &mut dyn Write, style: Style, indent: &str, text: &str) -> io::Result<()> {
    let limit = style.width.map_or(usize::MAX, usize::from);
    let mut line = indent.to_owned();
    let mut used = indent.chars().count();
    let margin = used;
    for word in text.split_whitespace() {
        let mut rest: Vec<char> = word.chars().collect();
        let length = shown_length(word);
        if used > margin && used + 1 + length > limit {
            writeln!(out, "{}", line.trim_end())?;
            line = " ".repeat(margin);
            used = margin;
        }
        if used > margin {
            line.push(' ');
            used += 1;
        }
        // An address longer than a line is cut, as it would be by the terminal.
        while length == rest.len() && used + rest.len() > limit && limit > margin {
            let tail = rest.split_off((limit - used).min(rest.len()));
            line.extend(rest.drain(..));
            writeln!(out, "{line}")?;
            line = " ".repeat(margin);
            used = margin;
            rest = tail;
        }
        used += if length == word.chars().count() { rest.len() } else { length };
        line.extend(rest);
    }
    writeln!(out, "{}", line.trim_end())
}

/// Characters of a word without colour sequences.
fn shown_length(word: &str) -> usize {
    let parts = word.split('\u{1b}').enumerate();
    parts
        .map(|(at, part)| if at == 0 { part } else { part.split_once('m').map_or("", |(_, rest)| rest) })
        .map(|part| part.chars().count())
        .sum()
}

/// The text on one line and without control characters: imported rows may hold any, terminals obey some.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(style: Style) -> String {
        let mut sheet = Sheet::new(style, &["map", "rows", "note"]);
        sheet.row([
            ("customers-v3-accounts".to_owned(), Tone::Name),
            ("12".to_owned(), Tone::Number),
            ("a\u{1b}[31mb and what follows is rather long".to_owned(), Tone::Bad),
        ]);
        let mut out = Vec::new();
        sheet.write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_pipe_gets_one_plain_line_a_row() {
        insta::assert_snapshot!(sheet(Style::plain()), @r"
        map                    rows  note
        ---------------------------------------------------------------------
        customers-v3-accounts    12  a [31mb and what follows is rather long
        ");
    }

    #[test]
    fn a_narrow_terminal_breaks_text_and_keeps_ids_whole() {
        let text = sheet(Style { width: Some(50), colour: false, drawn: true });
        assert!(text.lines().all(|line| line.chars().count() <= 50), "{text}");
        assert!(text.contains("customers-v3-accounts"), "{text}");
    }

    #[test]
    fn a_text_cannot_colour_the_terminal_by_itself() {
        assert!(!sheet(Style::plain()).contains('\u{1b}'));
        assert!(sheet(Style { width: None, colour: true, drawn: true }).contains("\u{1b}[38;5;1m"));
    }

    #[test]
    fn a_paragraph_keeps_its_indent_and_cuts_what_has_no_blank() {
        let mut out = Vec::new();
        let style = Style { width: Some(12), colour: false, drawn: false };
        paragraph(&mut out, style, "- ", "one two three abcdefghijklmnop").unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "- one two\n  three\n  abcdefghij\n  klmnop\n");
    }
}
