//! `dwsim steps`: the language features are written in.

use crate::{
    CliError, Ending, Screen,
    render::{Sheet, Tone},
};
use dwsim_features::{PARAMETERS, groups};
use serde_json::{Value, json};

const EXAMPLES: &str = "\
Examples:
  dwsim steps
  dwsim steps paused                   steps in which a word occurs
  dwsim steps --json | jq -r '.groups[].steps[].example'

A scenario runs in the profiles its tags name, @2020-10 and @2026; in the newest when they name none.
Texts stand in double quotes; a table or text below a step belongs to it.";

/// What to list.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Only steps in which this occurs
    #[arg(value_name = "WORDS")]
    words: Option<String>,
    /// Write one JSON document
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments, screen: &mut Screen<'_>) -> Result<Ending, CliError> {
    let wanted = arguments.words.as_deref().unwrap_or_default().to_lowercase();
    let has = |expression: &str| expression.to_lowercase().contains(&wanted);
    if arguments.json {
        serde_json::to_writer(&mut *screen.out, &document(&has))?;
        writeln!(screen.out)?;
        return Ok(Ending::Good);
    }
    let mut found = 0;
    for group in groups() {
        let steps: Vec<_> = group.steps.iter().filter(|step| has(step.expression)).collect();
        if steps.is_empty() {
            continue;
        }
        writeln!(screen.out, "{}\n{}\n", screen.style.paint(group.title, Tone::Name), group.about)?;
        for step in steps {
            writeln!(screen.out, "  {} {}", step.kind, step.expression)?;
            writeln!(
                screen.out,
                "      {}",
                screen.style.paint(&format!("{} {}", step.kind, step.example), Tone::Good)
            )?;
            found += 1;
        }
        writeln!(screen.out)?;
    }
    if found == 0 {
        writeln!(screen.out, "no step has '{wanted}'; 'dwsim steps' lists all")?;
        return Ok(Ending::Missed);
    }
    let mut sheet = Sheet::new(screen.style, &["parameter", "stands for"]);
    for (name, _, meaning) in PARAMETERS {
        sheet.row(vec![(format!("{{{name}}}"), Tone::Name), ((*meaning).to_owned(), Tone::Plain)]);
    }
    sheet.write(screen.out)?;
    Ok(Ending::Good)
}

fn document(has: &dyn Fn(&str) -> bool) -> Value {
    let groups: Vec<Value> = groups()
        .iter()
        .map(|group| {
            let steps: Vec<Value> = group
                .steps
                .iter()
                .filter(|step| has(step.expression))
                .map(|step| {
                    json!({"keyword": step.kind.to_string(), "step": step.expression, "example": step.example})
                })
                .collect();
            json!({"title": group.title, "about": group.about, "steps": steps})
        })
        .collect();
    let parameters: Vec<Value> =
        PARAMETERS.iter().map(|(name, _, meaning)| json!({"name": name, "meaning": meaning})).collect();
    json!({"groups": groups, "parameters": parameters})
}
