//! Feature files as cases: one scenario in one profile, each run alone.

use crate::{
    definition::Kind,
    registry::{Meaning, Registry, kind_of},
    world::{Record, Surroundings, World},
};
use cucumber::{
    Cucumber, Parser, WriterExt as _, cli,
    feature::Ext as _,
    gherkin::{Feature, GherkinEnv, Rule, Scenario, Step, tagexpr::TagOperation},
    runner,
    writer::{Basic, Coloring, Stats as _, Verbosity},
};
use dwsim_catalog::facts::ProfileId;
use futures::{
    FutureExt as _,
    stream::{self, Once},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    future::Ready,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

/// Largest feature file read, in bytes.
const LARGEST_FILE: u64 = 4 << 20;
/// Most scenarios of one run, examples counted.
const MOST_CASES: usize = 20_000;

/// One scenario in one profile; of an outline, one line of its examples.
#[derive(Clone, Debug)]
pub struct Case {
    /// Name a person can filter by: file, scenario, and the profile when it runs in several.
    pub name: String,
    /// The file, as it was named.
    pub file: PathBuf,
    /// Where the scenario stands in the file.
    pub line: usize,
    /// Title of the feature.
    pub feature: String,
    /// Title of the scenario.
    pub scenario: String,
    /// Tags of feature, rule, scenario and examples, without the at sign.
    pub tags: BTreeSet<String>,
    /// The documentation followed.
    pub profile: ProfileId,
    alone: Feature,
    steps: Vec<Step>,
}

/// What became of a case.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Why it failed: the line, the step and what is so instead. None when it passed.
    pub failure: Option<String>,
    /// Ids of catalogue messages it looked for and found.
    pub messages: BTreeMap<String, String>,
}

/// How cases are run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Folder of recorded end states; `snapshots` beside the feature file when none is given.
    pub snapshots: Option<PathBuf>,
    /// Whether end states are recorded instead of compared.
    pub accept: bool,
}

/// Every scenario of files and of the feature files in folders, in the order of files and lines.
///
/// # Errors
/// A path without feature files, a file that is not Gherkin, two scenarios of one name.
pub fn cases(paths: &[PathBuf]) -> Result<Vec<Case>, String> {
    let mut cases: Vec<Case> = Vec::new();
    let mut names = BTreeSet::new();
    for path in paths {
        let files = feature_files(path)?;
        for file in files {
            for case in cases_of(path, &file)? {
                if !names.insert(case.name.clone()) {
                    return Err(format!(
                        "{}:{}: two scenarios are called '{}'; give each its own name, in an outline by a value of its examples",
                        file.display(),
                        case.line,
                        case.scenario
                    ));
                }
                cases.push(case);
            }
            if cases.len() > MOST_CASES {
                return Err(format!("more than {MOST_CASES} scenarios; run fewer files at a time"));
            }
        }
    }
    Ok(cases)
}

/// The cases whose tags an expression selects, such as `@B61 and not @2020-10`.
///
/// # Errors
/// An expression that cannot be read.
pub fn select(cases: Vec<Case>, expression: &str) -> Result<Vec<Case>, String> {
    let operation: TagOperation = expression.trim().parse().map_err(|_| {
        format!("'{expression}' is no tag expression; write it like \"@B61\", \"@2026 and not @slow\" or \"@B1 or @B2\"")
    })?;
    Ok(cases.into_iter().filter(|case| selected(&operation, &case.tags)).collect())
}

fn selected(operation: &TagOperation, tags: &BTreeSet<String>) -> bool {
    match operation {
        TagOperation::And(a, b) => selected(a, tags) && selected(b, tags),
        TagOperation::Or(a, b) => selected(a, tags) || selected(b, tags),
        TagOperation::Not(a) => !selected(a, tags),
        TagOperation::Tag(tag) => tags.contains(tag),
    }
}

fn feature_files(path: &Path) -> Result<Vec<PathBuf>, String> {
    let is_feature = |path: &Path| path.extension().is_some_and(|extension| extension == "feature");
    let at = |path: &Path, error: io::Error| format!("{}: {error}", path.display());
    let metadata = std::fs::metadata(path).map_err(|error| at(path, error))?;
    if metadata.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let (mut folders, mut files) = (vec![path.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|error| at(&folder, error))? {
            let entry = entry.map_err(|error| at(&folder, error))?;
            let kind = entry.file_type().map_err(|error| at(&folder, error))?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if is_feature(&entry.path()) {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    if files.is_empty() { Err(format!("{} holds no .feature file", path.display())) } else { Ok(files) }
}

fn cases_of(root: &Path, file: &Path) -> Result<Vec<Case>, String> {
    let shown = file.display();
    let size = std::fs::metadata(file).map_err(|error| format!("{shown}: {error}"))?.len();
    if size > LARGEST_FILE {
        return Err(format!("{shown}: the file has {size} bytes; a feature file has at most {LARGEST_FILE}"));
    }
    let feature =
        Feature::parse_path(file, GherkinEnv::default()).map_err(|error| format!("{shown}: {error}"))?;
    let feature = feature.expand_examples().map_err(|error| format!("{shown}: {error}"))?;
    let inside = file.strip_prefix(root).ok().filter(|path| !path.as_os_str().is_empty());
    let stem = inside.unwrap_or_else(|| Path::new(file.file_name().unwrap_or_default())).with_extension("");
    let stem = stem.to_string_lossy().replace('\\', "/");
    let mut cases = Vec::new();
    let rules = std::iter::once(None).chain(feature.rules.iter().map(Some));
    for rule in rules {
        let scenarios = rule.map_or(&feature.scenarios, |rule| &rule.scenarios);
        for scenario in scenarios {
            cases.extend(cases_of_scenario(&feature, rule, scenario, file, &stem)?);
        }
    }
    Ok(cases)
}

/// One case for each profile the tags name; the newest when they name none.
fn cases_of_scenario(
    feature: &Feature,
    rule: Option<&Rule>,
    scenario: &Scenario,
    file: &Path,
    stem: &str,
) -> Result<Vec<Case>, String> {
    let line = scenario.position.line;
    let mut tags: BTreeSet<String> = feature.tags.iter().chain(&scenario.tags).cloned().collect();
    tags.extend(rule.iter().flat_map(|rule| rule.tags.iter().cloned()));
    let mut profiles: Vec<ProfileId> = [ProfileId::Docs2020, ProfileId::Docs2026]
        .into_iter()
        .filter(|profile| tags.contains(profile.as_str()))
        .collect();
    if profiles.is_empty() {
        profiles.push(ProfileId::Docs2026);
    }
    let background = feature.background.iter().flat_map(|background| &background.steps);
    let of_rule =
        rule.iter().filter_map(|rule| rule.background.as_ref()).flat_map(|background| &background.steps);
    let steps: Vec<Step> = background.chain(of_rule).chain(&scenario.steps).cloned().collect();
    if !steps.iter().any(|step| kind_of(step) == Kind::Then) {
        return Err(format!(
            "{}:{line}: scenario '{}' has no Then; without one it could not fail",
            file.display(),
            scenario.name
        ));
    }
    let alone = match rule {
        None => Feature { scenarios: vec![scenario.clone()], rules: Vec::new(), ..feature.clone() },
        Some(rule) => {
            let rule = Rule { scenarios: vec![scenario.clone()], ..rule.clone() };
            Feature { scenarios: Vec::new(), rules: vec![rule], ..feature.clone() }
        }
    };
    let several = profiles.len() > 1;
    let case = |profile: ProfileId| Case {
        name: if several {
            format!("{stem}::{} ({})", scenario.name, profile.as_str())
        } else {
            format!("{stem}::{}", scenario.name)
        },
        file: file.to_owned(),
        line,
        feature: feature.name.clone(),
        scenario: scenario.name.clone(),
        tags: tags.clone(),
        profile,
        alone: alone.clone(),
        steps: steps.clone(),
    };
    Ok(profiles.into_iter().map(case).collect())
}

impl Case {
    /// Runs this scenario and no other.
    pub fn run(&self, options: &Options) -> Verdict {
        if let Err(problems) = self.check_steps() {
            return Verdict { failure: Some(problems), messages: BTreeMap::new() };
        }
        let record = Arc::new(Mutex::new(Record::default()));
        let outcome = self.run_steps(options, &record);
        let record = record.lock().map(|record| record.clone()).unwrap_or_default();
        let failure = match (outcome, &record.failure, &record.unread) {
            (_, Some((line, words, why)), _) => {
                Some(format!("{}:{line}: {words}\n{}", self.file.display(), indented(why)))
            }
            (Err(text), None, _) => Some(text),
            (Ok(()), None, Some(refusal)) => Some(format!(
                "{}:{}: the last action was refused and no step looks at that\n{}",
                self.file.display(),
                self.line,
                indented(refusal)
            )),
            // A scenario that ran no step at all would pass for nothing.
            (Ok(()), None, None) if record.passed == 0 => Some("no step was run".to_owned()),
            (Ok(()), None, None) => None,
        };
        Verdict { failure, messages: record.messages }
    }

    fn run_steps(&self, options: &Options, record: &Arc<Mutex<Record>>) -> Result<(), String> {
        let beside = || self.file.parent().unwrap_or(Path::new(".")).join("snapshots");
        let around = Surroundings {
            profile: self.profile,
            snapshots: options.snapshots.clone().unwrap_or_else(beside),
            accept: options.accept,
            record: record.clone(),
        };
        let output = Shared::default();
        let runner = runner::Basic::<World>::default().steps(Registry::get()?.collection()).before(
            move |_, _, _, world: &mut World| {
                world.around = around.clone();
                std::future::ready(()).boxed_local()
            },
        );
        let writer = Basic::new(output.clone(), Coloring::Never, Verbosity::Default).summarized();
        let cucumber = Cucumber::<World, _, Feature, _, _, cli::Empty>::custom(One, runner, writer)
            .fail_on_skipped()
            .with_default_cli();
        let writer = futures::executor::block_on(cucumber.run(self.alone.clone()));
        if writer.execution_has_failed() { Err(output.text()) } else { Ok(()) }
    }

    /// Steps that nobody defined, or that could mean several things, all at once.
    fn check_steps(&self) -> Result<(), String> {
        let registry = Registry::get()?;
        let mut problems = String::new();
        for step in &self.steps {
            let place = format!("{}:{}", self.file.display(), step.position.line);
            let words = format!("{} {}", step.keyword.trim(), step.value);
            match registry.meaning(kind_of(step), &step.value) {
                Meaning::Step(..) => {}
                Meaning::Unknown(near) => {
                    let _ = writeln!(problems, "{place}: nobody defined '{words}'; nearest:");
                    for near in near {
                        let _ = writeln!(problems, "    {near}");
                    }
                }
                Meaning::Several(steps) => {
                    let _ = writeln!(problems, "{place}: '{words}' can be read in several ways:");
                    for step in steps {
                        let _ = writeln!(problems, "    {step}");
                    }
                }
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

/// Hands cucumber the one feature it is to run.
#[derive(Clone, Copy, Debug)]
struct One;

impl Parser<Feature> for One {
    type Cli = cli::Empty;
    type Output = Once<Ready<cucumber::parser::Result<Feature>>>;

    fn parse(self, feature: Feature, _: cli::Empty) -> Self::Output {
        stream::once(std::future::ready(Ok(feature)))
    }
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
