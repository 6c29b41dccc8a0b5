//! `dwsim maps`: the table maps of the catalogue.

mod list;
mod order;
mod show;

use crate::{CliError, Ending, Screen};
use clap::Subcommand;
use dwsim_catalog::{Catalog, TableMap};
use std::sync::Arc;

const EXAMPLES: &str = "\
Examples:
  dwsim maps list --package finance
  dwsim maps show customers-v3-accounts
  dwsim maps order customers-v3-accounts";

/// What to do with table maps.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List table maps
    List(list::Arguments),
    /// Show one table map with its fields, key, filters and dependencies
    Show(show::Arguments),
    /// Print an order in which maps can be run: every map after all it needs
    Order(order::Arguments),
}

pub(crate) fn run(arguments: &Arguments, screen: &mut Screen<'_>) -> Result<Ending, CliError> {
    let catalog = Catalog::embedded()?;
    match &arguments.command {
        Command::List(arguments) => list::run(&catalog, arguments, screen)?,
        Command::Show(arguments) => show::run(&catalog, arguments, screen)?,
        Command::Order(arguments) => order::run(&catalog, arguments, screen)?,
    }
    Ok(Ending::Good)
}

/// The map of an id.
fn find<'c>(catalog: &'c Catalog, id: &str) -> Result<&'c Arc<TableMap>, CliError> {
    catalog.map(id).ok_or_else(|| {
        let known = catalog.maps().iter().map(|map| map.id.as_str());
        CliError::unknown("table map", id, known, "'dwsim maps list' lists all")
    })
}

/// Which ways a map carries values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Direction {
    /// Both ways
    Both,
    /// From F&O to Dataverse only
    ToDataverse,
    /// From Dataverse to F&O only
    ToFinops,
}

impl Direction {
    fn of(map: &TableMap) -> Self {
        let out = map.fields.iter().any(|field| field.symbol.to_dataverse());
        let back = map.fields.iter().any(|field| field.symbol.to_finops());
        match (out, back) {
            (_, false) => Self::ToDataverse,
            (false, true) => Self::ToFinops,
            (true, true) => Self::Both,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::ToDataverse => "to-dataverse",
            Self::ToFinops => "to-finops",
        }
    }
}

/// Id of the package a map belongs to.
fn package<'c>(catalog: &'c Catalog, map: &TableMap) -> &'c str {
    catalog.facts().package_of_map(&map.id).map_or("", |package| package.id.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_map_comes_with_the_nearest() {
        let catalog = Catalog::embedded().unwrap();
        let error = find(&catalog, "customers-v3-acounts").unwrap_err().to_string();
        assert!(
            error.starts_with(
                "there is no table map 'customers-v3-acounts'; did you mean 'customers-v3-accounts'?"
            ),
            "{error}"
        );
    }
}
