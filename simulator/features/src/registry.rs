//! The whole step language: finding the step a line of a feature means, and the nearest ones when there is none.

use crate::{
    arguments::Arguments,
    definition::{Definition, Group, Kind},
    steps::GROUPS,
    world::World,
};
use cucumber::{
    gherkin::{self, StepType},
    step::{Collection, Context},
};
use cucumber_expressions::Expression;
use futures::future::LocalBoxFuture;
use regex::Regex;
use std::{cmp::Reverse, collections::BTreeSet, panic, sync::OnceLock};

/// Parameters a step can have, with the text each stands for.
pub const PARAMETERS: &[(&str, &str, &str)] = &[
    ("string", "", "any text between double quotes; lists are written \"A, B and C\""),
    ("int", "", "a whole number"),
    ("word", "", "one word"),
    ("side", "F&O|Dataverse", "F&O or Dataverse"),
    ("company", "[A-Za-z][A-Za-z0-9]{0,3}", "the code of a legal entity, such as USMF"),
    (
        "table",
        "[A-Za-z][A-Za-z0-9_]*",
        "an F&O entity set such as CustomersV3, or a Dataverse table such as account",
    ),
    ("status", "Not running|Initializing|Running|Paused|Resuming", "the status of a table map"),
    (
        "duration",
        "(?:\\d+ (?:millisecond|second|minute|hour|day)s?)(?: \\d+ (?:millisecond|second|minute|hour|day)s?)*",
        "a span of virtual time, such as 5 minutes 1 second",
    ),
];

struct Entry {
    definition: &'static Definition,
    regex: Regex,
}

/// The whole language, compiled.
pub struct Registry {
    entries: Vec<Entry>,
}

/// What a line of a feature means.
#[derive(Debug)]
pub enum Meaning {
    /// One step, with its values.
    Step(&'static Definition, Vec<String>),
    /// Nobody defined it; the nearest steps there are.
    Unknown(Vec<String>),
    /// Several steps could be meant.
    Several(Vec<String>),
}

impl Registry {
    /// The language. Compiled once.
    ///
    /// # Errors
    /// An expression of the language that is not well formed; a mistake of the program, which its tests find.
    pub fn get() -> Result<&'static Self, String> {
        static REGISTRY: OnceLock<Result<Registry, String>> = OnceLock::new();
        REGISTRY.get_or_init(Self::compile).as_ref().map_err(Clone::clone)
    }

    fn compile() -> Result<Self, String> {
        let custom = PARAMETERS.iter().filter(|(_, pattern, _)| !pattern.is_empty());
        let parameters: std::collections::HashMap<&str, &str> =
            custom.map(|(name, pattern, _)| (*name, *pattern)).collect();
        let compile = |definition: &'static Definition| {
            let regex = Expression::regex_with_parameters(definition.expression, &parameters)
                .map_err(|error| format!("step '{}': {error}", definition.expression))?;
            Ok(Entry { definition, regex })
        };
        let entries =
            groups().iter().flat_map(|group| group.steps).map(compile).collect::<Result<_, String>>()?;
        Ok(Self { entries })
    }

    /// What a line means under a keyword.
    pub fn meaning(&self, kind: Kind, line: &str) -> Meaning {
        let mut found: Vec<(&'static Definition, Vec<String>)> = Vec::new();
        for entry in self.entries.iter().filter(|entry| entry.definition.kind == kind) {
            if let Some(captures) = entry.regex.captures(line) {
                found.push((entry.definition, values(&entry.regex, &captures)));
            }
        }
        match found.len() {
            0 => Meaning::Unknown(self.nearest(kind, line)),
            1 => {
                found.pop().map_or(Meaning::Unknown(Vec::new()), |(step, values)| Meaning::Step(step, values))
            }
            _ => Meaning::Several(
                found.iter().map(|(step, _)| format!("{kind} {}", step.expression)).collect(),
            ),
        }
    }

    /// The three steps whose words are most alike; those of the keyword first.
    fn nearest(&self, kind: Kind, line: &str) -> Vec<String> {
        // Placeholders are no words, and neither is a plural another word.
        let words = |text: &str| -> BTreeSet<String> {
            let plain = PARAMETERS
                .iter()
                .map(|(name, _, _)| format!("{{{name}}}"))
                .chain(["(s)".to_owned()])
                .fold(text.to_lowercase(), |text, part| text.replace(&part, " "));
            plain
                .split(|c: char| !c.is_alphanumeric())
                .map(|word| word.trim_end_matches('s').to_owned())
                .filter(|word| word.len() > 1)
                .collect()
        };
        let own = words(line);
        let mut texts: Vec<(bool, &'static Definition)> =
            self.entries.iter().map(|entry| (entry.definition.kind != kind, entry.definition)).collect();
        texts.sort_by_key(|(other, step)| (*other, step.expression));
        texts.sort_by_key(|(other, step)| {
            let theirs = words(step.expression);
            // Parts in a thousand of all words that both have; a step of another keyword has to be much closer.
            let alike = 1_000 * own.intersection(&theirs).count() / own.union(&theirs).count().max(1);
            Reverse(if *other { alike / 2 } else { alike })
        });
        texts.iter().take(3).map(|(_, step)| format!("{} {}", step.kind, step.expression)).collect()
    }

    /// The steps in the form cucumber runs them.
    pub(crate) fn collection(&self) -> Collection<World> {
        self.entries.iter().fold(Collection::new(), |steps, entry| match entry.definition.kind {
            Kind::Given => steps.given(None, entry.regex.clone(), dispatch),
            Kind::When => steps.when(None, entry.regex.clone(), dispatch),
            Kind::Then => steps.then(None, entry.regex.clone(), dispatch),
        })
    }
}

/// Every group of steps.
pub fn groups() -> &'static [Group] {
    GROUPS
}

/// The keyword of a parsed step; And and But belong to the one before.
pub(crate) fn kind_of(step: &gherkin::Step) -> Kind {
    match step.ty {
        StepType::Given => Kind::Given,
        StepType::When => Kind::When,
        StepType::Then => Kind::Then,
    }
}

/// The values of a match: a quoted text is one of two groups of one parameter.
fn values(regex: &Regex, captures: &regex::Captures<'_>) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    let mut open: Option<String> = None;
    for (place, name) in regex.capture_names().enumerate().skip(1) {
        let text = captures.get(place).map(|found| found.as_str());
        let parameter = name.and_then(|name| name.strip_prefix("__")).and_then(|name| name.split_once('_'));
        if let Some((parameter, _)) = parameter {
            if open.as_deref() != Some(parameter) {
                open = Some(parameter.to_owned());
                values.push(String::new());
            }
            if let (Some(text), Some(last)) = (text, values.last_mut()) {
                *last = text.replace("\\\"", "\"").replace("\\\\", "\\");
            }
        } else {
            open = None;
            values.push(text.unwrap_or_default().to_owned());
        }
    }
    values
}

/// Runs the step a line means. Cucumber is told of a failure the only way it knows, by unwinding; it catches that, and
/// the text is kept in the record.
fn dispatch(world: &mut World, context: Context) -> LocalBoxFuture<'_, ()> {
    Box::pin(async move {
        let step = &context.step;
        if let Err(text) = perform(world, step) {
            world.record_failure(
                step.position.line,
                &format!("{} {}", step.keyword.trim(), step.value),
                &text,
            );
            panic::resume_unwind(Box::new(text));
        }
        world.record_passed_step();
    })
}

fn perform(world: &mut World, step: &gherkin::Step) -> Result<(), String> {
    let kind = kind_of(step);
    match Registry::get()?.meaning(kind, &step.value) {
        Meaning::Step(definition, values) => {
            world.before_step(kind, definition.looks_at_refusal)?;
            if kind == Kind::Then && world.scenario.is_none() {
                // What must be so can be asked of a world in which nothing has been done yet.
                world.tenant()?;
            }
            let table = step.table.as_ref().map(|table| table.rows.clone());
            (definition.run)(world, &Arguments::new(values, table, step.docstring.clone()))
        }
        Meaning::Unknown(near) => Err(format!("nobody defined this step; nearest: {}", near.join("; "))),
        Meaning::Several(steps) => Err(format!("this can be read in several ways: {}", steps.join("; "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_the_step_it_stands_for() {
        let registry = Registry::get().unwrap();
        for step in groups().iter().flat_map(|group| group.steps) {
            let line = step.example.lines().next().unwrap_or_default();
            match registry.meaning(step.kind, line) {
                Meaning::Step(found, _) => assert_eq!(found.expression, step.expression),
                other => panic!("example '{line}' of '{}': {other:?}", step.expression),
            }
        }
    }

    #[test]
    fn no_step_is_defined_twice() {
        let mut seen = BTreeSet::new();
        for step in groups().iter().flat_map(|group| group.steps) {
            assert!(seen.insert((step.kind, step.expression)), "{} is defined twice", step.expression);
        }
    }

    #[test]
    fn a_misspelt_step_is_answered_with_the_one_that_was_meant() {
        let registry = Registry::get().unwrap();
        let Meaning::Unknown(near) = registry.meaning(Kind::Then, "the link holds the legal entites \"DAT\"")
        else {
            panic!("a misspelt step was found");
        };
        assert_eq!(near[0], "Then the link holds the legal entities {string}");
    }

    #[test]
    fn quoted_texts_keep_their_quotes() {
        let registry = Registry::get().unwrap();
        let Meaning::Step(_, values) = registry.meaning(Kind::Then, r#"it is refused with "a \"b\" c""#)
        else {
            panic!("not found");
        };
        assert_eq!(values, ["a \"b\" c"]);
    }
}
