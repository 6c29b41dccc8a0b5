//! Recorded end states: compared line by line, written when a person accepts them.

use crate::definition::Told;
use serde_json::Value;
use std::{fmt::Write as _, fs, path::Path};

/// Most changed lines a failure shows.
const MOST_LINES: usize = 40;

/// Compares a text with what was recorded under a name; records it when `accept` is set.
pub(crate) fn compare(folder: &Path, name: &str, text: &str, accept: bool) -> Told {
    let path = folder.join(format!("{name}.snap"));
    let shown = path.display();
    let recorded = match fs::read_to_string(&path) {
        Ok(recorded) => Some(recorded),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(format!("{shown}: {error}")),
    };
    let known = recorded.as_deref().map(|recorded| body(recorded).trim_end());
    if known == Some(text.trim_end()) {
        return Ok(());
    }
    if accept {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        return fs::write(&path, format!("---\nend state: {name}\n---\n{text}\n"))
            .map_err(|error| format!("{shown}: {error}"));
    }
    match known {
        None => Err(format!(
            "nothing is recorded yet in {shown}; run `dwsim test ... --accept`, then review the file"
        )),
        Some(known) => Err(format!(
            "the end state differs from {shown}; when that is right, run `dwsim test ... --accept`\n{}",
            difference(known, text)
        )),
    }
}

/// What follows the header between two lines of dashes.
fn body(recorded: &str) -> &str {
    let parts = recorded.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
    parts.map_or(recorded, |(_, body)| body)
}

fn difference(known: &str, text: &str) -> String {
    let difference = similar::TextDiff::from_lines(known, text);
    let changed = difference.iter_all_changes().filter(|change| change.tag() != similar::ChangeTag::Equal);
    let mut shown = String::new();
    for (number, change) in changed.enumerate() {
        if number == MOST_LINES {
            shown.push_str("...\n");
            break;
        }
        let _ = write!(shown, "{}{}", change.tag(), change.value());
        if !change.value().ends_with('\n') {
            shown.push('\n');
        }
    }
    shown
}

/// The same document with the members of every object in alphabetical order.
pub(crate) fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> = members.into_iter().collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(members.into_iter().map(|(name, value)| (name, sorted(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_of_a_recorded_file_is_no_content() {
        assert_eq!(body("---\nsource: a\n---\n{}\n"), "{}\n");
        assert_eq!(body("{}\n"), "{}\n");
    }

    #[test]
    fn a_difference_shows_only_what_changed() {
        assert_eq!(difference("a\nb\n", "a\nc\n"), "-b\n+c\n");
    }
}
