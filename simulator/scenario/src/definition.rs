//! A scenario as a person writes it, in TOML, and the errors that point at the line that is wrong.

use crate::verbs::{Verb, VerbError};
use dwsim_catalog::facts::ProfileId;
use dwsim_model::{CompanyCode, MapId, Name, nearest};
use serde::Deserialize;
use std::fmt;
use toml::{Spanned, Table};

/// Largest scenario file read.
const LARGEST_FILE: usize = 1 << 20;
/// Most steps a scenario may have.
const MOST_STEPS: usize = 1_000;

/// A scenario: what both environments are, what is done, what must be so at the end.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its id, as the page anchors it.
    pub id: String,
    /// Its title.
    pub title: String,
    /// One sentence about it.
    pub description: String,
    /// The F&O environment before set-up.
    pub finops: FinOpsWorld,
    /// The Dataverse environment before set-up.
    pub dataverse: DataverseWorld,
    /// What is done, in order.
    pub steps: Vec<Step>,
    /// What must be so at the end.
    pub expected: Expected,
}

/// The F&O environment before set-up.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FinOpsWorld {
    /// How it came to be.
    pub origin: Origin,
    /// What is in it: `empty`, `demo` or `existing`.
    #[serde(default)]
    pub data: DataSeed,
    /// Companies with data, the largest first.
    #[serde(default)]
    pub companies: Vec<CompanyCode>,
    /// Customers of the first company in demo data, unless the command line says otherwise.
    #[serde(default)]
    pub rows: Option<u64>,
    /// Number of the platform update, where it matters.
    #[serde(default)]
    pub platform_update: Option<u32>,
    /// Whether it is a trial.
    #[serde(default)]
    pub trial: bool,
    /// Whether it is the separate Human Resources app.
    #[serde(default)]
    pub human_resources_app: bool,
}

/// The Dataverse environment before set-up.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DataverseWorld {
    /// New means that set-up makes it.
    pub origin: Origin,
    /// What is in it: `empty` or `existing`.
    #[serde(default)]
    pub data: DataSeed,
    /// Geography, where it matters.
    #[serde(default)]
    pub geography: Option<String>,
    /// Whether it was created with Dynamics 365 apps enabled.
    #[serde(default = "yes")]
    pub dynamics_apps: bool,
}

fn yes() -> bool {
    true
}

/// How an environment came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Made for this set-up, without data.
    New,
    /// Made for this set-up and then filled with data.
    NewWithData,
    /// There before.
    Existing,
}

/// What is in an environment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DataSeed {
    /// Nothing but what it is born with.
    #[default]
    Empty,
    /// Realistic data over every entity of the catalogue.
    Demo,
    /// Data that has lived: conflicts, overlaps, orphans.
    Existing,
}

/// One thing that is done.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its id, unique in the scenario.
    pub id: String,
    /// What it does, in words.
    pub name: String,
    /// The verb as written.
    pub verb: String,
    /// The verb with its arguments.
    pub action: Verb,
    /// Profiles it belongs to; all when empty.
    pub profiles: Vec<ProfileId>,
    /// The code or text of the refusal that is expected.
    pub refused_with: Option<String>,
}

/// What must be so at the end.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Expected {
    /// Whether both are linked.
    #[serde(default)]
    pub linked: bool,
    /// Legal entities of the link.
    #[serde(default)]
    pub legal_entities: Vec<CompanyCode>,
    /// Legal entities of the link in one profile, where it differs.
    #[serde(default)]
    pub legal_entities_by_profile: Vec<CompaniesInProfile>,
    /// Whether every map runs but those that have to stay stopped.
    #[serde(default)]
    pub all_maps_running: bool,
    /// Maps that run.
    #[serde(default)]
    pub running: Vec<MapId>,
    /// Maps that do not run.
    #[serde(default)]
    pub not_running: Vec<MapId>,
    /// Initial syncs that ran; none when zero is written.
    #[serde(default)]
    pub executions: Option<u64>,
    /// Rows that failed in initial sync.
    #[serde(default)]
    pub errors: Option<u64>,
    /// Whether the CRM prime solution is there.
    #[serde(default)]
    pub prime_solution: Option<bool>,
    /// Rows that must be on a side.
    #[serde(default)]
    pub rows: Vec<ExpectedRows>,
}

/// Legal entities in one profile.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CompaniesInProfile {
    /// The profile.
    pub profile: ProfileId,
    /// Legal entities of the link.
    pub companies: Vec<CompanyCode>,
}

/// Rows that must be on a side.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExpectedRows {
    /// F&O public entity set, or Dataverse logical name.
    pub table: Name,
    /// Only rows of this company; `none` for rows without one.
    #[serde(default)]
    pub company: Option<String>,
    /// Only rows in which these columns have these values.
    #[serde(default, rename = "where")]
    pub having: Table,
    /// Exactly so many.
    #[serde(default)]
    pub count: Option<u64>,
    /// At least so many.
    #[serde(default)]
    pub at_least: Option<u64>,
    /// Exactly as many as rows of this F&O entity in this company.
    #[serde(default)]
    pub same_as: Option<Name>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Raw {
    id: String,
    title: String,
    description: String,
    finops: FinOpsWorld,
    dataverse: DataverseWorld,
    #[serde(default, rename = "step")]
    steps: Vec<Spanned<Table>>,
    #[serde(default)]
    expected: Expected,
}

/// Why a scenario cannot be read. Says file, line and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioError {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1; 0 when it is no line's fault.
    pub line: usize,
    /// What is wrong and how to put it right.
    pub message: String,
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.message),
            line => write!(f, "{}:{line}: {}", self.file, self.message),
        }
    }
}

impl std::error::Error for ScenarioError {}

const BUILTIN: [(&str, &str); 6] = [
    ("new-new", include_str!("../../../scenarios/new-new.toml")),
    ("new-existing", include_str!("../../../scenarios/new-existing.toml")),
    ("new-data-new", include_str!("../../../scenarios/new-data-new.toml")),
    ("new-data-existing", include_str!("../../../scenarios/new-data-existing.toml")),
    ("existing-new", include_str!("../../../scenarios/existing-new.toml")),
    ("existing-existing", include_str!("../../../scenarios/existing-existing.toml")),
];

/// Ids and texts of the six documented scenarios, in the order of the page.
pub fn builtin() -> &'static [(&'static str, &'static str)] {
    &BUILTIN
}

impl Scenario {
    /// One of the six, by id.
    pub fn builtin(id: &str) -> Result<Self, ScenarioError> {
        if let Some((id, text)) = BUILTIN.iter().find(|(own, _)| *own == id) {
            Self::parse(&format!("{id}.toml"), text)
        } else {
            let near = nearest(id, BUILTIN.iter().map(|(own, _)| *own));
            let hint = near.map_or_else(String::new, |near| format!("; did you mean '{near}'?"));
            Err(ScenarioError {
                file: id.to_owned(),
                line: 0,
                message: format!("there is no scenario of this name{hint}"),
            })
        }
    }

    /// All six.
    pub fn all_builtin() -> Result<Vec<Self>, ScenarioError> {
        BUILTIN.iter().map(|(id, _)| Self::builtin(id)).collect()
    }

    /// Reads a scenario. `file` is only named in errors.
    pub fn parse(file: &str, text: &str) -> Result<Self, ScenarioError> {
        let at = |line, message: String| ScenarioError { file: file.to_owned(), line, message };
        if text.len() > LARGEST_FILE {
            return Err(at(
                0,
                format!("the file has {} bytes; a scenario has at most {LARGEST_FILE}", text.len()),
            ));
        }
        let raw: Raw = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(0, |span| line_at(text, span.start));
            at(line, with_nearest(error.message()))
        })?;
        if raw.steps.len() > MOST_STEPS {
            return Err(at(0, format!("{} steps; a scenario has at most {MOST_STEPS}", raw.steps.len())));
        }
        let mut steps: Vec<Step> = Vec::with_capacity(raw.steps.len());
        for step in raw.steps {
            let start = step.span().start;
            let line = line_at(text, start);
            let step = parse_step(step.into_inner())
                .map_err(|error| at(line_of(text, line, &error.key), error.message))?;
            if steps.iter().any(|earlier| earlier.id == step.id) {
                return Err(at(line, format!("two steps have the id '{}'; give each its own", step.id)));
            }
            steps.push(step);
        }
        Ok(Self {
            id: raw.id,
            title: raw.title,
            description: raw.description,
            finops: raw.finops,
            dataverse: raw.dataverse,
            steps,
            expected: raw.expected,
        })
    }

    /// The steps of a profile.
    pub fn steps_in(&self, profile: ProfileId) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.profiles.is_empty() || step.profiles.contains(&profile))
    }
}

fn parse_step(mut table: Table) -> Result<Step, VerbError> {
    let mut text = |key: &'static str| match table.remove(key) {
        Some(toml::Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(VerbError::new(key, format!("'{key}' is {}; write a text", other.type_str()))),
        None => Ok(None),
    };
    let needed = |key: &'static str, value: Option<String>| {
        value.ok_or_else(|| {
            VerbError::new("", format!("the step has no '{key}'; every step has id, name and do"))
        })
    };
    let id = text("id")?;
    let id = needed("id", id)?;
    let name = text("name")?;
    let name = needed("name", name)?;
    let verb = text("do")?;
    let verb = needed("do", verb)?;
    let refused_with = text("refused-with")?;
    let profiles = match table.remove("profiles") {
        Some(value) => value
            .try_into()
            .map_err(|error: toml::de::Error| VerbError::new("profiles", with_nearest(error.message())))?,
        None => Vec::new(),
    };
    let action = Verb::parse(&verb, &table)?;
    Ok(Step { id, name, verb, action, profiles, refused_with })
}

/// Adds the nearest name to serde's "unknown field `x`, expected one of `a`, `b`".
pub(crate) fn with_nearest(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match quoted.split_first() {
        Some((wrong, known)) if message.starts_with("unknown") => match nearest(wrong, known.iter().copied())
        {
            Some(near) => format!("{message}; did you mean `{near}`?"),
            None => message.to_owned(),
        },
        _ => message.to_owned(),
    }
}

fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

/// The line of a key within the step that starts at `first`.
fn line_of(text: &str, first: usize, key: &str) -> usize {
    if key.is_empty() {
        return first;
    }
    text.lines()
        .enumerate()
        .skip(first - 1)
        .take_while(|(number, line)| *number < first || !line.trim_start().starts_with("[["))
        .find(|(_, line)| line.split('=').next().is_some_and(|start| start.trim() == key))
        .map_or(first, |(number, _)| number + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "id = \"x\"\ntitle = \"X\"\ndescription = \"d\"\n[finops]\norigin = \"new\"\n[dataverse]\norigin = \"new\"\n";

    fn message(text: &str) -> String {
        Scenario::parse("x.toml", &format!("{HEAD}{text}")).unwrap_err().to_string()
    }

    #[test]
    fn all_six_scenarios_are_read() {
        assert_eq!(Scenario::all_builtin().unwrap().len(), 6);
    }

    #[test]
    fn the_example_of_the_readme_is_read() {
        let readme = include_str!("../../../scenarios/README.md");
        let blocks: Vec<&str> =
            readme.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
        let (steps, head) = (blocks[1], blocks[0]);
        let expected = head.find("[expected]").unwrap();
        let file = format!("{}{steps}\n{}", &head[..expected], &head[expected..]);
        let scenario = Scenario::parse("README.md", &file).unwrap_or_else(|error| panic!("{error}\n{file}"));
        assert_eq!(scenario.steps.len(), 2);
    }

    #[test]
    fn an_unknown_verb_names_file_line_and_the_nearest() {
        assert_eq!(
            message("[[step]]\nid = \"a\"\nname = \"A\"\ndo = \"lcs.lnik\"\n"),
            "x.toml:11: there is no verb 'lcs.lnik'; did you mean 'lcs.link'?"
        );
    }

    #[test]
    fn an_unknown_argument_names_its_line_and_the_nearest() {
        let text = "[[step]]\nid = \"a\"\nname = \"A\"\ndo = \"company.create\"\ncod = \"USMF\"\n";
        assert!(message(text).starts_with("x.toml:12: unknown field `cod`"), "{}", message(text));
        assert!(message(text).ends_with("did you mean `code`?"), "{}", message(text));
    }

    #[test]
    fn a_company_code_of_five_letters_is_refused_where_it_stands() {
        let text = "[[step]]\nid = \"a\"\nname = \"A\"\ndo = \"company.create\"\ncode = \"CONTO\"\n";
        assert!(
            message(text).starts_with("x.toml:12: company code 'CONTO' has 5 characters"),
            "{}",
            message(text)
        );
    }

    #[test]
    fn broken_toml_names_its_line() {
        assert!(message("[[step]\n").starts_with("x.toml:8:"), "{}", message("[[step]\n"));
    }
}
