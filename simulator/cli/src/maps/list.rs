//! `dwsim maps list`: table maps, filtered.

use super::{Direction, package};
use crate::{
    CliError, Screen,
    render::{Sheet, Tone, counted},
};
use dwsim_catalog::{Catalog, TableMap};
use serde_json::json;

const EXAMPLES: &str = "\
Examples:
  dwsim maps list
  dwsim maps list --package supply-chain --direction to-dataverse
  dwsim maps list --json | jq -r .id";

/// Which maps to list.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Only maps of this package, such as finance
    #[arg(long, value_name = "ID")]
    package: Option<String>,
    /// Only maps that carry values this way
    #[arg(long, value_enum)]
    direction: Option<Direction>,
    /// Write one JSON document a line for each map
    #[arg(long)]
    json: bool,
}

pub(super) fn run(catalog: &Catalog, arguments: &Arguments, screen: &mut Screen<'_>) -> Result<(), CliError> {
    if let Some(id) = &arguments.package
        && catalog.facts().package(id).is_none()
    {
        let known = catalog.facts().packages().iter().map(|package| package.id.as_str());
        return Err(CliError::unknown(
            "package",
            id,
            known,
            "'dwsim maps list' shows the package of each map",
        ));
    }
    let wanted = |map: &&TableMap| {
        arguments.package.as_deref().is_none_or(|id| package(catalog, map) == id)
            && arguments.direction.is_none_or(|direction| Direction::of(map) == direction)
    };
    let maps: Vec<&TableMap> = catalog.maps().iter().map(AsRef::as_ref).filter(wanted).collect();
    if arguments.json {
        for map in maps {
            serde_json::to_writer(&mut *screen.out, &entry(catalog, map))?;
            writeln!(screen.out)?;
        }
        return Ok(());
    }
    let heads = ["map", "Dataverse table", "direction", "companies", "package"];
    let mut sheet = Sheet::new(screen.style, &heads);
    for map in &maps {
        let cells = [
            map.table.as_str(),
            Direction::of(map).as_str(),
            if map.striped { "each" } else { "global" },
            package(catalog, map),
        ];
        let cells = cells.into_iter().map(|cell| (cell.to_owned(), Tone::Plain));
        sheet.row(std::iter::once((map.id.to_string(), Tone::Name)).chain(cells));
    }
    if !maps.is_empty() {
        sheet.write(screen.out)?;
        writeln!(screen.out)?;
    }
    writeln!(screen.out, "{}", counted(maps.len() as u64, "table map", "table maps"))?;
    Ok(())
}

fn entry(catalog: &Catalog, map: &TableMap) -> serde_json::Value {
    json!({
        "id": map.id,
        "entity": map.entity,
        "entity_label": map.entity_label,
        "table": map.table,
        "entity_set": map.entity_set,
        "direction": Direction::of(map).as_str(),
        "per_company": map.striped,
        "package": package(catalog, map),
        "version": map.version,
        "level": catalog.level(&map.id),
        "fields": map.fields.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Style;

    fn list(package: Option<&str>, direction: Option<Direction>, json: bool) -> Result<String, CliError> {
        let catalog = Catalog::embedded().unwrap();
        let mut out = Vec::new();
        let mut screen = Screen { out: &mut out, style: Style::plain(), progress: false };
        let arguments = Arguments { package: package.map(str::to_owned), direction, json };
        run(&catalog, &arguments, &mut screen)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn every_map_is_one_json_line() {
        let text = list(None, None, true).unwrap();
        assert_eq!(text.lines().count(), Catalog::embedded().unwrap().maps().len());
        assert!(text.lines().all(|line| line.starts_with("{\"id\":\"") && line.ends_with('}')));
    }

    #[test]
    fn the_directions_share_out_all_maps() {
        let count = |direction| list(None, direction, true).unwrap().lines().count();
        let parts =
            [Direction::Both, Direction::ToDataverse, Direction::ToFinops].map(|way| count(Some(way)));
        assert_eq!(parts.iter().sum::<usize>(), count(None));
        assert!(parts[0] > 0 && parts[1] > 0, "{parts:?}");
    }

    #[test]
    fn a_package_lists_its_own_maps_only() {
        let text = list(Some("notes"), None, false).unwrap();
        let package = Catalog::embedded().unwrap().facts().package("notes").unwrap().maps.len();
        assert!(
            text.ends_with(&format!("\n{}\n", counted(package as u64, "table map", "table maps"))),
            "{text}"
        );
        let error = list(Some("finanse"), None, false).unwrap_err().to_string();
        assert!(error.contains("did you mean 'finance'?"), "{error}");
    }
}
