//! Legal entities: those of the link, and whose a row is.

use super::names;
use crate::world::{Told, World, same};
use cucumber::then;
use dwsim_model::Value;
use dwsim_store::{Condition, Select};

#[then(expr = "the link holds the legal entities {string}")]
fn link_holds(world: &mut World, companies: String) -> Told {
    let actual: Vec<String> =
        world.end()?.report.link.legal_entities.iter().map(ToString::to_string).collect();
    same("legal entities of the link", &actual, &names(&companies))
}

#[then("the link holds every legal entity of F&O")]
fn link_holds_all(world: &mut World) -> Told {
    let end = world.end()?;
    let all = end.tenant.companies().map_err(|error| error.to_string())?;
    same("legal entities of the link", &end.report.link.legal_entities, &all)
}

#[then("Dataverse has a company row with its business unit and team for each of them")]
fn company_rows(world: &mut World) -> Told {
    let end = world.end()?;
    let dataverse = end.tenant.dataverse().ok_or("there is no Dataverse environment")?;
    let companies = dataverse.companies().map_err(|error| error.to_string())?;
    for code in &end.report.link.legal_entities {
        let row = companies.iter().find(|company| company.code.eq_ignore_ascii_case(code.as_str()));
        let row = row.ok_or_else(|| format!("Dataverse has no company {code}"))?;
        same(&format!("company {code} takes part in dual-write"), &row.enabled, &true)?;
        if row.default_owning_team.is_none() {
            return Err(format!("company {code} has no default owning team"));
        }
        let unit = dataverse.business_unit(code.as_str()).map_err(|error| error.to_string())?;
        if unit.is_none() {
            return Err(format!("company {code} has no business unit"));
        }
    }
    Ok(())
}

#[then(expr = "no row of {word} is without a company")]
fn all_have_company(world: &mut World, table: String) -> Told {
    same(&format!("rows of {table} without a company"), &without_company(world, &table)?, &0)
}

#[then(expr = "rows of {word} without a company stayed in Dataverse alone")]
fn some_have_none(world: &mut World, table: String) -> Told {
    match without_company(world, &table)? {
        0 => Err(format!("every row of {table} has a company")),
        _ => Ok(()),
    }
}

fn without_company(world: &World, table: &str) -> Result<u64, String> {
    let dataverse = world.end()?.tenant.dataverse().ok_or("there is no Dataverse environment")?;
    let unknown = || format!("Dataverse has no table {table} whose rows belong to companies");
    let column = dataverse.table_type(table).and_then(|table| table.company).ok_or_else(unknown)?;
    let id = dataverse.table(table).ok_or_else(unknown)?;
    let select = Select::all(id).only(Condition::Equal(column, Value::Null));
    dataverse.store().count(&select).map_err(|error| error.to_string())
}
