//! `dwsim coverage`: which documented behaviours, messages, limits and decisions the features prove.

use crate::{
    CliError, Ending, Screen,
    render::{Sheet, Tone},
    test::bar,
};
use dwsim_catalog::Catalog;
use dwsim_features::{
    Options, cases,
    coverage::{Coverage, Item, State, Subject},
    suite,
};
use std::{collections::BTreeMap, fmt::Write as _, path::PathBuf};

const EXAMPLES: &str = "\
Examples:
  dwsim coverage                        runs the features of the folder ./features
  dwsim coverage my-features --open     what nothing proves yet
  dwsim coverage --json | jq '.items[] | select(.state == \"missing\") | .id'
  dwsim coverage --require behaviours,messages
  dwsim coverage --words features/messages.txt --accept    what every message says, to review

A scenario claims a behaviour by the tag @B61, a limit by @limit-L1, a decision by @decision-14. A message is covered
when a step looked for it and found it. Only scenarios that passed count.
Exit codes: 0, 1 a scenario failed or something required is not covered, 2 bad input.";

/// What to look at.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Feature files, and folders of them
    #[arg(value_name = "FILE|FOLDER", default_value = "features")]
    paths: Vec<PathBuf>,
    /// List only what nothing proves
    #[arg(long)]
    open: bool,
    /// Kinds of which everything must be covered or excused
    #[arg(long, value_name = "KINDS", value_delimiter = ',', value_parser = ["behaviours", "messages", "limits", "decisions"])]
    require: Vec<String>,
    /// A list of ids, one a line, all of which must be covered; what is covered once shall not be lost
    #[arg(long, value_name = "FILE")]
    keep: Option<PathBuf>,
    /// A file with the words of every message that was seen; they shall be the same byte for byte
    #[arg(long, value_name = "FILE")]
    words: Option<PathBuf>,
    /// Write the file of --words instead of comparing with it
    #[arg(long, requires = "words")]
    accept: bool,
    /// Folder of recorded end states [default: snapshots beside each feature file]
    #[arg(long, value_name = "FOLDER")]
    snapshots: Option<PathBuf>,
    /// Write one JSON document
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments, screen: &mut Screen<'_>) -> Result<Ending, CliError> {
    let catalog = Catalog::embedded()?;
    let chosen = cases(&arguments.paths).map_err(CliError::Features)?;
    let bar = bar(screen.progress && !arguments.json, chosen.len());
    let options = Options { snapshots: arguments.snapshots.clone(), ..Options::default() };
    let finished = suite::run(&chosen, &options, &|_| bar.inc(1));
    bar.finish_and_clear();
    let coverage = Coverage::of(catalog.facts(), &finished);
    let lost = lost(arguments, &coverage)?;
    let other_words = other_words(arguments, &coverage)?;
    if arguments.json {
        serde_json::to_writer(&mut *screen.out, &coverage)?;
        writeln!(screen.out)?;
    } else {
        list(arguments, &coverage, screen)?;
        for one in finished.iter().filter(|one| !one.passed()) {
            writeln!(screen.out, "failed: {}", one.case.name)?;
        }
        for id in &lost {
            writeln!(screen.out, "required and not covered: {id}")?;
        }
        for line in &other_words {
            writeln!(screen.out, "{line}")?;
        }
    }
    let good =
        coverage.failed == 0 && lost.is_empty() && other_words.is_empty() && coverage.unknown_tags.is_empty();
    Ok(if good { Ending::Good } else { Ending::Missed })
}

/// What is required and not covered.
fn lost(arguments: &Arguments, coverage: &Coverage) -> Result<Vec<String>, CliError> {
    let required = |item: &&Item| arguments.require.iter().any(|kind| kind == item.subject.plural());
    let mut lost: Vec<String> = coverage.open().filter(required).map(|item| item.id.clone()).collect();
    if let Some(path) = &arguments.keep {
        let list = std::fs::read_to_string(path)
            .map_err(|reason| CliError::Unreadable { path: path.clone(), reason })?;
        for id in list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let covered = coverage.items.iter().any(|item| key(item) == id && item.state == State::Covered);
            if !covered {
                lost.push(id.to_owned());
            }
        }
    }
    lost.sort();
    lost.dedup();
    Ok(lost)
}

/// Messages whose words are not those of the file, as lines of a comparison.
fn other_words(arguments: &Arguments, coverage: &Coverage) -> Result<Vec<String>, CliError> {
    let Some(path) = &arguments.words else { return Ok(Vec::new()) };
    let seen: BTreeMap<&str, String> = coverage
        .items
        .iter()
        .filter_map(|item| Some((item.id.as_str(), item.seen.as_ref()?.replace('\n', "\\n"))))
        .collect();
    if arguments.accept {
        let mut text = WORDS_HEAD.to_owned();
        for (id, words) in &seen {
            let _ = writeln!(text, "{id}\t{words}");
        }
        std::fs::write(path, text)?;
        return Ok(Vec::new());
    }
    let recorded = std::fs::read_to_string(path)
        .map_err(|reason| CliError::Unreadable { path: path.clone(), reason })?;
    let recorded: BTreeMap<&str, &str> = recorded
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .collect();
    let mut lines = Vec::new();
    for (id, words) in &recorded {
        if seen.get(id).map(String::as_str) != Some(words) {
            lines.push(format!("- {id}: {words}"));
        }
    }
    for (id, words) in &seen {
        if recorded.get(id) != Some(&words.as_str()) {
            lines.push(format!("+ {id}: {words}"));
        }
    }
    Ok(lines)
}

const WORDS_HEAD: &str = "\
# The words of every documented message as the features saw them, each from the condition that causes it.
# 'dwsim coverage --words' compares byte for byte; '--accept' writes this file anew, to be reviewed like code.
";

/// An id that is unique over all kinds: a limit and a behaviour can both be called L1.
fn key(item: &Item) -> String {
    match item.subject {
        Subject::Behaviour | Subject::Message => item.id.clone(),
        Subject::Limit => format!("limit-{}", item.id),
        Subject::Decision => format!("decision-{}", item.id),
    }
}

fn list(arguments: &Arguments, coverage: &Coverage, screen: &mut Screen<'_>) -> Result<(), CliError> {
    let mut sheet = Sheet::new(screen.style, &["id", "state", "proved in", "scenarios", "what"]);
    for item in coverage
        .items
        .iter()
        .filter(|item| !arguments.open || matches!(item.state, State::Missing | State::Failing))
    {
        let (state, tone) = match item.state {
            State::Covered => ("covered", Tone::Good),
            State::Failing => ("failing", Tone::Bad),
            State::Missing => ("missing", Tone::Warning),
            State::Excused => ("excused", Tone::Plain),
        };
        let profiles: Vec<&str> = item.profiles.iter().map(String::as_str).collect();
        let text = item.excuse.as_deref().unwrap_or(&item.text);
        sheet.row(vec![
            (key(item), Tone::Name),
            (state.to_owned(), tone),
            (profiles.join(", "), Tone::Plain),
            (item.scenarios.len().to_string(), Tone::Number),
            (short(text), Tone::Plain),
        ]);
    }
    sheet.write(screen.out)?;
    writeln!(screen.out)?;
    let mut totals = Sheet::new(screen.style, &["kind", "covered", "of", "excused", "open"]);
    for subject in Subject::ALL {
        let count = |state| coverage.count(subject, state);
        totals.row(vec![
            (subject.plural().to_owned(), Tone::Name),
            (count(State::Covered).to_string(), Tone::Number),
            (coverage.total(subject).to_string(), Tone::Number),
            (count(State::Excused).to_string(), Tone::Number),
            ((count(State::Missing) + count(State::Failing)).to_string(), Tone::Number),
        ]);
    }
    totals.write(screen.out)?;
    writeln!(screen.out, "\n{} scenarios, {} failed", coverage.scenarios, coverage.failed)?;
    for tag in &coverage.unknown_tags {
        writeln!(screen.out, "tag without meaning: {tag}")?;
    }
    Ok(())
}

/// The first words of a long text.
fn short(text: &str) -> String {
    const LONGEST: usize = 90;
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    }
}
