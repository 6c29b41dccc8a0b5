//! Rows on both sides at the end, and the end state as it was recorded.

use crate::{
    state,
    world::{Told, World, same},
};
use cucumber::then;
use dwsim_model::{CompanyCode, CompanyCodeError, Side, TableType, Value};
use dwsim_store::{Condition, Select, Store};
use std::{path::Path, sync::Arc};

#[then(expr = "both sides hold as many rows of {word} as of {word}")]
fn as_many(world: &mut World, entity: String, table: String) -> Told {
    let (finops, dataverse) = (rows(world, &entity, None)?, rows(world, &table, None)?);
    if finops == 0 {
        return Err(format!("{entity} has no row"));
    }
    same(&format!("rows of {table}, as many as of {entity}"), &dataverse, &finops)
}

#[then(expr = "company {word} has as many rows of {word} as of {word}")]
fn as_many_in(world: &mut World, company: String, entity: String, table: String) -> Told {
    let (finops, dataverse) = (rows(world, &entity, Some(&company))?, rows(world, &table, Some(&company))?);
    if finops == 0 {
        return Err(format!("{entity} has no row of {company}"));
    }
    same(&format!("rows of {table}, as many as of {entity}, in {company}"), &dataverse, &finops)
}

#[then(expr = "{word} has {int} row(s) of company {word}")]
fn so_many_in(world: &mut World, table: String, count: u64, company: String) -> Told {
    same(&format!("rows of {table} in {company}"), &rows(world, &table, Some(&company))?, &count)
}

#[then(expr = "{word} has {int} row(s)")]
fn so_many(world: &mut World, table: String, count: u64) -> Told {
    same(&format!("rows of {table}"), &rows(world, &table, None)?, &count)
}

fn rows(world: &World, table: &str, company: Option<&str>) -> Result<u64, String> {
    let (_, store, select) = select(world, table, company)?;
    store.count(&select).map_err(|error| error.to_string())
}

/// The rows of a table of either side, perhaps only those of a company.
fn select<'w>(
    world: &'w World,
    table: &str,
    company: Option<&str>,
) -> Result<(Arc<TableType>, &'w Store, Select), String> {
    let tenant = &world.end()?.tenant;
    let catalog = tenant.catalog();
    let (side, shape) = [Side::FinOps, Side::Dataverse]
        .into_iter()
        .find_map(|side| Some((side, catalog.table(side, table)?.clone())))
        .ok_or_else(|| format!("neither side has a table {table}"))?;
    let store = match side {
        Side::FinOps => tenant.finops().store(),
        Side::Dataverse => tenant.dataverse().ok_or("there is no Dataverse environment")?.store(),
    };
    let mut select = Select::all(store.table(&shape.name).ok_or_else(|| format!("{table} is not declared"))?);
    if let Some(code) = company {
        let column = shape.company.ok_or_else(|| format!("rows of {table} belong to no company"))?;
        let code: CompanyCode = code.parse().map_err(|error: CompanyCodeError| error.to_string())?;
        let value = match tenant.dataverse().filter(|_| side == Side::Dataverse) {
            None => Value::text(code.as_str()),
            Some(dataverse) => {
                let id = dataverse.company_id(&code).map_err(|error| error.to_string())?;
                Value::Guid(id.ok_or_else(|| format!("Dataverse has no company {code}"))?)
            }
        };
        select = select.only(Condition::Equal(column, value));
    }
    Ok((shape, store, select))
}

#[then(expr = "{word} {string} of company {word} has {word} {string}")]
fn row_has(
    world: &mut World,
    table: String,
    key: String,
    company: String,
    column: String,
    value: String,
) -> Told {
    let (shape, store, select) = select(world, &table, Some(&company))?;
    // The natural key without its company is what people call the row by.
    let natural = shape.natural_key().ok_or_else(|| format!("{table} has no key"))?;
    let by = natural.columns.iter().copied().find(|ordinal| Some(*ordinal) != shape.company);
    let by = by.ok_or_else(|| format!("{table} has no key besides the company"))?;
    let ordinal = shape.ordinal(&column).ok_or_else(|| format!("{table} has no column {column}"))?;
    let select = select.columns(&[ordinal]).only(Condition::Equal(by, Value::text(key.as_str())));
    let rows = store.collect(&select).map_err(|error| error.to_string())?;
    let values: Vec<String> = rows.iter().map(|row| row[0].to_string()).collect();
    same(&format!("{column} of {table} {key} in {company}"), &values, &vec![value])
}

#[then("the end state is what the scenario expects")]
fn as_expected(world: &mut World) -> Told {
    let report = &world.end()?.report;
    match report.verdict.iter().find(|check| !check.ok) {
        Some(check) => {
            Err(format!("{}: expected {}, and it is {}", check.what, check.expected, check.actual))
        }
        None => same("the scenario reached its end state", &report.ok, &true),
    }
}

#[then("the end state is as recorded")]
fn as_recorded(world: &mut World) -> Told {
    let end = world.end()?;
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("../snapshots/scenarios"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_suffix(world.profile.as_str());
    settings.set_omit_expression(true);
    settings.set_sort_maps(true);
    // insta keeps its settings by thread, so they are bound around nothing but the assertion.
    settings.bind(|| {
        insta::assert_json_snapshot!(
            end.report.scenario.as_str(),
            state::recorded(&end.report, end.tenant.catalog())
        );
    });
    Ok(())
}
