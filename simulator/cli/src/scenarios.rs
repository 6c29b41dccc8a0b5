//! `dwsim scenarios`: what can be run.

use crate::{
    CliError, Ending, Screen,
    render::{Sheet, Tone},
};
use dwsim_catalog::facts::ProfileId;
use dwsim_scenario::{Scenario, VERBS};

const EXAMPLES: &str = "\
Examples:
  dwsim scenarios
  dwsim scenarios --verbs              for writing one of your own
  dwsim scenarios --show new-new > mine.toml";

/// What to list.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// List the verbs a step can have, with their arguments
    #[arg(long)]
    verbs: bool,
    /// Print the file of a built-in scenario, to start one of your own from
    #[arg(long, value_name = "ID", conflicts_with = "verbs")]
    show: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, screen: &mut Screen<'_>) -> Result<Ending, CliError> {
    if let Some(id) = &arguments.show {
        Scenario::builtin(id)?;
        let text = dwsim_scenario::builtin().iter().find(|(own, _)| own == id).map_or("", |(_, text)| *text);
        screen.out.write_all(text.as_bytes())?;
        return Ok(Ending::Good);
    }
    if arguments.verbs {
        let mut sheet =
            Sheet::new(screen.style, &["do".to_owned(), "what it does, and its arguments".to_owned()]);
        for (verb, text) in VERBS {
            sheet.row(vec![((*verb).to_owned(), Tone::Name), ((*text).to_owned(), Tone::Plain)]);
        }
        sheet.write(screen.out)?;
        return Ok(Ending::Good);
    }
    list(screen)
}

fn list(screen: &mut Screen<'_>) -> Result<Ending, CliError> {
    let scenarios = Scenario::all_builtin()?;
    let mut heads = vec!["scenario".to_owned(), "title".to_owned()];
    heads.extend(ProfileId::ALL.iter().map(|profile| format!("entry point {profile}")));
    heads.push("steps".to_owned());
    let mut sheet = Sheet::new(screen.style, &heads);
    for scenario in &scenarios {
        let mut cells = vec![(scenario.id.clone(), Tone::Name), (scenario.title.clone(), Tone::Plain)];
        cells.extend(ProfileId::ALL.iter().map(|profile| (entry_point(scenario, *profile), Tone::Plain)));
        let counts = ProfileId::ALL.map(|profile| scenario.steps_in(profile).count());
        cells.push((per_profile(counts), Tone::Number));
        sheet.row(cells);
    }
    sheet.write(screen.out)?;
    writeln!(screen.out, "\nRun one with 'dwsim run {}', all with 'dwsim run --all'.", first(&scenarios))?;
    Ok(Ending::Good)
}

/// Where linking starts, by what the scenario does first.
fn entry_point(scenario: &Scenario, profile: ProfileId) -> String {
    let verb = scenario.steps_in(profile).map(|step| step.verb.as_str()).find_map(|verb| match verb {
        "lcs.setup" | "lcs.link" => Some("Lifecycle Services"),
        "wizard.link" => Some("wizard in F&O"),
        _ => None,
    });
    verb.unwrap_or("none").to_owned()
}

/// One number when the profiles agree.
fn per_profile(counts: [usize; 2]) -> String {
    match counts {
        [first, second] if first == second => first.to_string(),
        [first, second] => format!("{first} / {second}"),
    }
}

fn first(scenarios: &[Scenario]) -> &str {
    scenarios.first().map_or("FILE.toml", |scenario| &scenario.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Style;

    #[test]
    fn all_six_are_listed_with_an_entry_point() {
        let mut out = Vec::new();
        list(&mut Screen { out: &mut out, style: Style::plain(), progress: false }).unwrap();
        let text = String::from_utf8(out).unwrap();
        for (id, _) in dwsim_scenario::builtin() {
            let line = text.lines().find(|line| line.starts_with(id)).unwrap();
            assert!(line.contains("Lifecycle Services") || line.contains("wizard in F&O"), "{line}");
        }
    }

    #[test]
    fn every_verb_is_listed_and_a_built_in_file_can_be_taken_along() {
        let shown = |arguments: Arguments| {
            let mut out = Vec::new();
            run(&arguments, &mut Screen { out: &mut out, style: Style::plain(), progress: false }).unwrap();
            String::from_utf8(out).unwrap()
        };
        let verbs = shown(Arguments { verbs: true, show: None });
        assert!(VERBS.iter().all(|(verb, _)| verbs.contains(verb)), "{verbs}");
        let file = shown(Arguments { verbs: false, show: Some("new-new".into()) });
        assert_eq!(Scenario::parse("mine.toml", &file).unwrap().id, "new-new");
    }

    #[test]
    fn counts_are_told_apart_only_where_profiles_differ() {
        assert_eq!(per_profile([4, 4]), "4");
        assert_eq!(per_profile([4, 5]), "4 / 5");
    }
}
