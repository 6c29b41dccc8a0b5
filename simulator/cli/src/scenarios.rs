//! `dwsim scenarios`: what can be run.

use crate::{
    CliError, Ending, Screen,
    render::{Sheet, Tone},
};
use dwsim_catalog::facts::ProfileId;
use dwsim_scenario::Scenario;

pub(crate) fn run(screen: &mut Screen<'_>) -> Result<Ending, CliError> {
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
        run(&mut Screen { out: &mut out, style: Style::plain(), progress: false }).unwrap();
        let text = String::from_utf8(out).unwrap();
        for (id, _) in dwsim_scenario::builtin() {
            let line = text.lines().find(|line| line.starts_with(id)).unwrap();
            assert!(line.contains("Lifecycle Services") || line.contains("wizard in F&O"), "{line}");
        }
    }

    #[test]
    fn counts_are_told_apart_only_where_profiles_differ() {
        assert_eq!(per_profile([4, 4]), "4");
        assert_eq!(per_profile([4, 5]), "4 / 5");
    }
}
