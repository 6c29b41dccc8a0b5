//! Feature files as separate tests: one for each scenario, each run alone, with what cucumber wrote as the
//! message of a failure.

use crate::world::World;
use cucumber::{
    World as _, WriterExt as _,
    codegen::{StepConstructor, WorldInventory, inventory},
    feature::Ext as _,
    gherkin::{Feature, GherkinEnv, Scenario, Step, StepType},
    writer::{Basic, Coloring, Stats as _, Verbosity},
};
use std::{
    cmp::Reverse,
    collections::BTreeSet,
    fmt::Write as _,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

/// One scenario of a feature file; of an outline, one line of its examples.
#[derive(Clone, Debug)]
pub struct Case {
    /// Name a person can filter by: file, scenario, and the values of its example.
    pub name: String,
    file: PathBuf,
    scenario: Scenario,
}

/// Every scenario of a folder's feature files, in the order of files and lines.
///
/// # Errors
/// A folder without feature files, a file that is not Gherkin, two scenarios of one name.
pub fn cases(folder: &Path) -> Result<Vec<Case>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "feature"));
    files.sort();
    let mut cases: Vec<Case> = Vec::new();
    for file in files {
        let shown = file.display();
        let feature =
            Feature::parse_path(&file, GherkinEnv::default()).map_err(|error| format!("{shown}: {error}"))?;
        let feature = feature.expand_examples().map_err(|error| format!("{shown}: {error}"))?;
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        for scenario in feature.scenarios {
            let name = format!("{stem}::{}", scenario.name);
            if cases.iter().any(|case| case.name == name) {
                return Err(format!(
                    "{shown}: two scenarios are called '{}'; put the example into the name",
                    scenario.name
                ));
            }
            cases.push(Case { name, file: file.clone(), scenario });
        }
    }
    if cases.is_empty() {
        return Err(format!("{} has no feature files", folder.display()));
    }
    Ok(cases)
}

impl Case {
    /// Runs this scenario and no other.
    ///
    /// # Errors
    /// The text of what failed: steps nobody defined with the nearest ones there are, or cucumber's own output.
    pub fn run(&self) -> Result<(), String> {
        self.check_steps()?;
        let output = Shared::default();
        let line = self.scenario.position.line;
        let cucumber = World::cucumber()
            .with_writer(Basic::new(output.clone(), Coloring::Never, Verbosity::Default).summarized())
            .fail_on_skipped()
            .with_default_cli();
        let of_this_line =
            move |_: &Feature, _: Option<&cucumber::gherkin::Rule>, own: &Scenario| own.position.line == line;
        let writer = futures::executor::block_on(cucumber.filter_run(self.file.clone(), of_this_line));
        // A scenario that ran no step at all would pass for nothing.
        if writer.execution_has_failed() || writer.passed_steps() == 0 { Err(output.text()) } else { Ok(()) }
    }

    fn check_steps(&self) -> Result<(), String> {
        let known = World::collection();
        let mut problems = String::new();
        for step in &self.scenario.steps {
            let place = format!("{}:{}", self.file.display(), step.position.line);
            match known.find(step) {
                Ok(Some(_)) => {}
                Ok(None) => {
                    let _ = writeln!(
                        problems,
                        "{place}: nobody defined '{} {}'; nearest:",
                        step.keyword.trim(),
                        step.value
                    );
                    for near in nearest(step) {
                        let _ = writeln!(problems, "    {near}");
                    }
                }
                Err(error) => {
                    let _ =
                        writeln!(problems, "{place}: '{}' can be read in several ways. {error}", step.value);
                }
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }
}

/// The three defined steps of this kind whose words are most alike.
fn nearest(step: &Step) -> Vec<String> {
    fn all<C: StepConstructor<World> + inventory::Collect>() -> Vec<String> {
        inventory::iter::<C>.into_iter().map(|step| readable((step.inner().1)().as_str())).collect()
    }
    let mut texts = match step.ty {
        StepType::Given => all::<<World as WorldInventory>::Given>(),
        StepType::When => all::<<World as WorldInventory>::When>(),
        StepType::Then => all::<<World as WorldInventory>::Then>(),
    };
    // Placeholders are no words, and neither is a plural another word.
    let words = |text: &str| -> BTreeSet<String> {
        let plain = ["{string}", "{word}", "{int}", "(s)"]
            .iter()
            .fold(text.to_lowercase(), |text, part| text.replace(part, " "));
        let words =
            plain.split(|c: char| !c.is_alphanumeric()).map(|word| word.trim_end_matches('s').to_owned());
        words.filter(|word| word.len() > 1).collect()
    };
    let own = words(&step.value);
    texts.sort();
    texts.sort_by_key(|text| {
        let other = words(text);
        // Parts in a thousand of all words that both have.
        Reverse(1_000 * own.intersection(&other).count() / own.union(&other).count().max(1))
    });
    texts.truncate(3);
    texts
}

/// The expression of a step as it is written in the code, from the regular expression made of it.
fn readable(expression: &str) -> String {
    let mut text = expression.trim_start_matches('^').trim_end_matches('$').to_owned();
    while let Some(start) = text.find("(?:\"(?P<__") {
        let end = text[start..].find("*)')").map_or(text.len(), |length| start + length + 4);
        text.replace_range(start..end, "{string}");
    }
    text.replace("([^\\s]+)", "{word}")
        .replace("((?:-?\\d+)|(?:\\d+))", "{int}")
        .replace("(?:s)?", "(s)")
        .replace('\\', "")
}

/// A buffer that cucumber writes into and the failure message is read from.
#[derive(Clone, Debug, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn text(&self) -> String {
        self.0.lock().map_or_else(|_| String::new(), |bytes| String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Ok(mut all) = self.0.lock() {
            all.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(ty: StepType, value: &str) -> Step {
        Step::builder()
            .keyword("Then ".to_owned())
            .ty(ty)
            .value(value.to_owned())
            .span(cucumber::gherkin::Span { start: 0, end: 0 })
            .position(cucumber::gherkin::LineCol { line: 1, col: 1 })
            .build()
    }

    #[test]
    fn a_misspelt_step_is_answered_with_the_one_that_was_meant() {
        let near = nearest(&step(StepType::Then, "the link holds the legal entites \"DAT\""));
        assert_eq!(near[0], "the link holds the legal entities {string}");
        let near = nearest(&step(StepType::Then, "account holds 0 rows"));
        assert!(near.contains(&"{word} has {int} row(s)".to_owned()), "{near:?}");
    }
}
