//! What a report looks like to a person: one module a section, each a function of the report and a [`Style`].
//!
//! Meaning never rests on colour or on a drawn character: where there is a tick there is a word too.

pub mod aftermath;
pub mod errors;
pub mod legs;
pub mod maps;
mod pattern;
mod sheet;
pub mod timeline;
pub mod verdict;

#[cfg(test)]
pub(crate) mod sample;

pub use sheet::{Sheet, Style, Tone};

use dwsim_catalog::Facts;
use dwsim_model::CompanyCode;
use dwsim_scenario::Report;
pub(crate) use sheet::{heading, paragraph, section};
use std::io::{self, Write};

/// Rows of a section before the rest is summed up; about what a person takes in without scrolling.
const ENOUGH_ROWS: usize = 24;

/// What is shown in full.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct Detail {
    /// Show every table map, not only those something happened to
    #[arg(long)]
    pub maps: bool,
    /// Show every leg of initial sync, not only the failed and the first ones
    #[arg(long)]
    pub legs: bool,
}

/// A whole report. The facts give the way out of each error.
pub fn report(
    out: &mut dyn Write,
    report: &Report,
    facts: &Facts,
    style: Style,
    detail: Detail,
) -> io::Result<()> {
    heading(out, style, &format!("{}: {}", report.scenario, report.title))?;
    let companies: Vec<&str> = report.link.legal_entities.iter().map(CompanyCode::as_str).collect();
    let companies = if companies.is_empty() { "no legal entities".to_owned() } else { companies.join(", ") };
    let line = format!(
        "profile {}, seed {}; {} with {companies}",
        report.profile,
        report.seed,
        report.link.state.to_lowercase()
    );
    paragraph(out, style, "", &line)?;
    timeline::write(out, report, style)?;
    maps::write(out, report, style, detail.maps)?;
    legs::write(out, report, style, detail.legs)?;
    errors::write(out, report, facts, style)?;
    aftermath::live(out, report, style)?;
    aftermath::advice(out, report, style)?;
    aftermath::notices(out, report, style)?;
    aftermath::sides(out, report, style)?;
    verdict::write(out, report, style)
}

/// `1 row`, `2 rows`.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;
    use dwsim_catalog::Catalog;

    #[test]
    fn a_whole_report_reads_from_head_to_verdict() {
        let catalog = Catalog::embedded().unwrap();
        let mut out = Vec::new();
        report(&mut out, &sample::report(), catalog.facts(), Style::plain(), Detail::default()).unwrap();
        let text = String::from_utf8(out).unwrap();
        insta::with_settings!({ snapshot_path => "../../../../snapshots/cli", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!("report", text);
        });
        assert!(text.is_ascii(), "a pipe gets plain text");
    }

    #[test]
    fn nothing_is_wider_than_the_terminal() {
        let catalog = Catalog::embedded().unwrap();
        for width in [60, 80, 132] {
            let style = Style { width: Some(width), colour: false, drawn: true };
            let mut out = Vec::new();
            report(&mut out, &sample::report(), catalog.facts(), style, Detail::default()).unwrap();
            let text = String::from_utf8(out).unwrap();
            let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= usize::from(width), "{widest} > {width}:\n{text}");
        }
    }

    #[test]
    fn colour_changes_no_word() {
        let catalog = Catalog::embedded().unwrap();
        let show = |colour| {
            let style = Style { width: Some(100), colour, drawn: true };
            let mut out = Vec::new();
            report(&mut out, &sample::report(), catalog.facts(), style, Detail::default()).unwrap();
            String::from_utf8(out).unwrap()
        };
        let coloured = show(true);
        let mut bare = String::new();
        for (at, part) in coloured.split('\u{1b}').enumerate() {
            bare.push_str(if at == 0 { part } else { part.split_once('m').unwrap().1 });
        }
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert!(coloured.contains('\u{1b}'));
        assert_eq!(words(&bare), words(&show(false)));
    }
}
