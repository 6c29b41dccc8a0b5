//! `dwsim maps order`: an order in which every map follows all it needs.

use super::find;
use crate::{
    CliError, Screen,
    render::{Sheet, Tone},
};
use dwsim_catalog::Catalog;
use dwsim_model::MapId;

const EXAMPLES: &str = "\
Examples:
  dwsim maps order
  dwsim maps order customers-v3-accounts";

/// Which maps to order.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Ids of maps; what they need is added. All maps when none is named
    #[arg(value_name = "ID")]
    ids: Vec<String>,
}

pub(super) fn run(catalog: &Catalog, arguments: &Arguments, screen: &mut Screen<'_>) -> Result<(), CliError> {
    let mut asked: Vec<MapId> = Vec::new();
    for id in &arguments.ids {
        asked.push(find(catalog, id)?.id.clone());
    }
    let mut ids = asked.clone();
    if ids.is_empty() {
        ids.extend(catalog.maps().iter().map(|map| map.id.clone()));
    }
    for id in &asked {
        ids.extend(catalog.related(id));
    }
    let order = catalog.run_order(&ids);
    let mut sheet = Sheet::new(screen.style, &["", "level", "map", "needs"]);
    for (at, id) in order.iter().enumerate() {
        let map = find(catalog, id)?;
        let needs: Vec<&str> = map.depends_on.iter().map(MapId::as_str).collect();
        let level = catalog.level(id).map_or_else(String::new, |level| level.to_string());
        let needs = if needs.is_empty() { "-".to_owned() } else { needs.join(", ") };
        sheet.row([
            ((at + 1).to_string(), Tone::Number),
            (level, Tone::Number),
            (id.to_string(), Tone::Name),
            (needs, Tone::Plain),
        ]);
    }
    sheet.write(screen.out)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Style;

    fn order(ids: &[&str]) -> Result<Vec<String>, CliError> {
        let catalog = Catalog::embedded().unwrap();
        let mut out = Vec::new();
        let mut screen = Screen { out: &mut out, style: Style::plain(), progress: false };
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        run(&catalog, &Arguments { ids }, &mut screen)?;
        let text = String::from_utf8(out).unwrap();
        Ok(text.lines().skip(2).map(|line| line.split_whitespace().nth(2).unwrap().to_owned()).collect())
    }

    #[test]
    fn all_maps_are_ordered_when_none_is_named() {
        assert_eq!(order(&[]).unwrap().len(), Catalog::embedded().unwrap().maps().len());
    }

    #[test]
    fn what_a_map_needs_comes_before_it() {
        let catalog = Catalog::embedded().unwrap();
        let id = "customers-v3-accounts";
        let order = order(&[id, id]).unwrap();
        assert_eq!(order.last().map(String::as_str), Some(id));
        assert_eq!(order.len(), catalog.related(id).len() + 1);
        assert!(order.len() > 1);
    }
}
