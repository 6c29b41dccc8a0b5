//! Data on both sides: what is there, what a user saves, what must be there.

use crate::{
    arguments::{Arguments, Line},
    cells::{self, Place},
    definition::{Definition, Told, given, same, then, when},
    world::World,
};
use dwsim_dataverse::Actor;
use dwsim_dualwrite::live::LiveResult;
use dwsim_model::{Change, CompanyCode, Name, Operation, Side, Value};
use dwsim_store::{Condition, Select};
use dwsim_tenant::Tenant;

pub(crate) const STEPS: &[Definition] = &[
    given(
        "{side} has these {table} rows of {company}:",
        "F&O has these CustomerGroups rows of USMF:",
        has_rows_of,
    ),
    given("{side} has these {table} rows:", "Dataverse has these transactioncurrency rows:", has_rows),
    given(
        "{side} has {int} {table} row(s) of {company} numbered from {string} with:",
        "F&O has 8 CustomersV3 rows of USMF numbered from \"C-001\" with:",
        has_numbered_rows,
    ),
    when(
        "these {table} rows of {company} are saved in {side}:",
        "these CustomerGroups rows of USMF are saved in F&O:",
        saved_of,
    ),
    when("these {table} rows are saved in {side}:", "these account rows are saved in Dataverse:", saved),
    when(
        "{table} {string} of {company} is changed in {side}:",
        "CustomersV3 \"US-001\" of USMF is changed in F&O:",
        changed_of,
    ),
    when("{table} {string} is changed in {side}:", "uom \"pcs\" is changed in Dataverse:", changed),
    when(
        "{table} {string} of {company} is deleted in {side}",
        "CustomersV3 \"US-001\" of USMF is deleted in F&O",
        deleted_of,
    ),
    when("{table} {string} is deleted in {side}", "uom \"pcs\" is deleted in Dataverse", deleted),
    when("the content of both sides is remembered", "the content of both sides is remembered", remembered),
    then("{table} has {int} row(s)", "account has 3 rows", so_many),
    then("{table} has {int} row(s) of company {company}", "account has 3 rows of company USMF", so_many_of),
    then(
        "{table} has {int} row(s) without a company",
        "account has 2 rows without a company",
        so_many_without,
    ),
    then(
        "both sides hold as many rows of {table} as of {table}",
        "both sides hold as many rows of CustomerGroups as of msdyn_customergroup",
        as_many,
    ),
    then(
        "company {company} has as many rows of {table} as of {table}",
        "company USMF has as many rows of CustomersV3 as of account",
        as_many_of,
    ),
    then(
        "no row of {table} is without a company",
        "no row of account is without a company",
        all_have_company,
    ),
    then(
        "rows of {table} without a company stayed in Dataverse alone",
        "rows of account without a company stayed in Dataverse alone",
        some_have_none,
    ),
    then(
        "the only {table} has the {word} {string}",
        "the only account has the creditlimit \"1.5\"",
        only_has,
    ),
    then("{table} {string} of {company} has:", "account \"US-001\" of USMF has:", row_has_of),
    then("{table} {string} has:", "uom \"pcs\" has:", row_has),
    then("there is no {table} {string} of {company}", "there is no account \"US-001\" of USMF", no_row_of),
    then("there is no {table} {string}", "there is no uom \"pcs\"", no_row),
    then("there is {table} {string} of {company}", "there is account \"US-001\" of USMF", a_row_of),
    then("there is {table} {string}", "there is uom \"pcs\"", a_row),
    then("the save reached the other side", "the save reached the other side", reached),
    then("the save stayed where it was made", "the save stayed where it was made", stayed),
    then("the save waits in the queue", "the save waits in the queue", queued),
    then("both sides are as they were remembered", "both sides are as they were remembered", as_remembered),
];

fn has_rows_of(world: &mut World, given: &Arguments) -> Told {
    let company = given.company(2)?;
    put(world, given.side(0)?, given.text(1), Some(&company), &given.lines()?)
}

fn has_rows(world: &mut World, given: &Arguments) -> Told {
    put(world, given.side(0)?, given.text(1), None, &given.lines()?)
}

/// Rows `C-001`, `C-002` and so on in the key column, all with the values of the table.
fn has_numbered_rows(world: &mut World, given: &Arguments) -> Told {
    let (side, count, table, company) = (given.side(0)?, given.number(1)?, given.text(2), given.company(3)?);
    let first = given.text(4);
    let digits = first.chars().rev().take_while(char::is_ascii_digit).count();
    let (prefix, number) = first.split_at(first.len() - digits);
    let start: u64 =
        number.parse().map_err(|_| format!("'{first}' does not end in a number to count from"))?;
    let key = {
        let place = cells::place_in(world.tenant()?, side, table)?;
        let natural = place.shape.natural_key().ok_or_else(|| format!("{table} has no key"))?;
        let own = natural.columns.iter().copied().find(|ordinal| Some(*ordinal) != place.shape.company);
        own.map(|ordinal| place.shape.column(ordinal).name.to_string())
            .ok_or("the key is the company alone")?
    };
    let common: Line = given.lines()?.into_iter().next().ok_or("the table needs one line of values")?;
    let lines: Vec<Line> = (start..start + count)
        .map(|number| {
            let mut line = vec![(key.clone(), format!("{prefix}{number:0digits$}"))];
            line.extend(common.iter().cloned());
            line
        })
        .collect();
    put(world, side, table, Some(&company), &lines)
}

/// Rows that are there without dual-write having seen them.
fn put(world: &mut World, side: Side, table: &str, company: Option<&CompanyCode>, lines: &[Line]) -> Told {
    let tenant = world.tenant()?;
    for (number, line) in lines.iter().enumerate() {
        let at = |error: String| format!("line {} of the table: {error}", number + 1);
        let values = cells::row(tenant, &cells::place_in(tenant, side, table)?, company, line).map_err(at)?;
        let change = Change { table: table.into(), operation: Operation::Create, key: Vec::new(), values };
        let now = tenant.clock().now();
        match side {
            Side::FinOps => {
                tenant.finops_mut().save(&change).map_err(|error| at(error.to_string()))?;
            }
            Side::Dataverse => {
                let dataverse = tenant.dataverse_mut().ok_or("there is no Dataverse environment")?;
                dataverse.save(&change, &Actor::System, now).map_err(|error| at(error.to_string()))?;
                // What the save made beside the row is part of what is there, not of the next live transaction.
                dataverse.take_side_effects();
            }
        }
    }
    Ok(())
}

/// One cell of the one row of a table, for tables nobody knows a row of by its key.
fn only_has(world: &mut World, given: &Arguments) -> Told {
    let table = given.text(0);
    let tenant = world.tenant()?;
    let place = cells::place(tenant, table)?;
    let at = place.shape.ordinal(given.text(1)).ok_or_else(|| format!("{table} has no {}", given.text(1)))?;
    let store = match place.shape.side {
        Side::FinOps => tenant.finops().store(),
        Side::Dataverse => tenant.dataverse().ok_or("there is no Dataverse environment")?.store(),
    };
    let id = store.table(&place.shape.name).ok_or_else(|| format!("{table} is not there"))?;
    let rows = store.collect(&Select::all(id).columns(&[at])).map_err(|error| error.to_string())?;
    let [row] = rows.as_slice() else { return Err(format!("{table} has {} rows", rows.len())) };
    same(given.text(1), &row[0].to_string().as_str(), &given.text(2))
}

fn saved_of(world: &mut World, given: &Arguments) -> Told {
    let company = given.company(1)?;
    save_rows(world, given.side(2)?, given.text(0), Some(&company), &given.lines()?)
}

fn saved(world: &mut World, given: &Arguments) -> Told {
    save_rows(world, given.side(1)?, given.text(0), None, &given.lines()?)
}

fn save_rows(
    world: &mut World,
    side: Side,
    table: &str,
    company: Option<&CompanyCode>,
    lines: &[Line],
) -> Told {
    let changes = creations(world, side, table, company, lines)?;
    save(world, side, &changes)
}

pub(crate) fn creations(
    world: &mut World,
    side: Side,
    table: &str,
    company: Option<&CompanyCode>,
    lines: &[Line],
) -> Result<Vec<Change>, String> {
    let tenant = world.tenant()?;
    let place = cells::place_in(tenant, side, table)?;
    lines
        .iter()
        .map(|line| {
            let values = cells::row(tenant, &place, company, line)?;
            Ok(Change { table: table.into(), operation: Operation::Create, key: Vec::new(), values })
        })
        .collect()
}

/// One user transaction.
pub(crate) fn save(world: &mut World, side: Side, changes: &[Change]) -> Told {
    let live = world.act(|tenant| tenant.save(side, changes))?;
    world.outcome.live = live.unwrap_or_default();
    Ok(())
}

fn changed_of(world: &mut World, given: &Arguments) -> Told {
    let company = given.company(2)?;
    change(world, given, given.side(3)?, Some(&company))
}

fn changed(world: &mut World, given: &Arguments) -> Told {
    change(world, given, given.side(2)?, None)
}

fn change(world: &mut World, given: &Arguments, side: Side, company: Option<&CompanyCode>) -> Told {
    let change = update(world, given, side, company)?;
    save(world, side, &[change])
}

pub(crate) fn update(
    world: &mut World,
    given: &Arguments,
    side: Side,
    company: Option<&CompanyCode>,
) -> Result<Change, String> {
    let (table, key) = (given.text(0), given.text(1));
    let tenant = world.tenant()?;
    let place = cells::place_in(tenant, side, table)?;
    let line = given.lines()?.into_iter().next().ok_or("the table needs one line of values")?;
    let values = cells::row(tenant, &place, None, &line)?;
    let key = key_of_row(tenant, &place, company, key)?;
    Ok(Change { table: table.into(), operation: Operation::Update, key, values })
}

fn deleted_of(world: &mut World, given: &Arguments) -> Told {
    let company = given.company(2)?;
    delete(world, given, given.side(3)?, Some(&company))
}

fn deleted(world: &mut World, given: &Arguments) -> Told {
    delete(world, given, given.side(2)?, None)
}

fn delete(world: &mut World, given: &Arguments, side: Side, company: Option<&CompanyCode>) -> Told {
    let (table, key) = (given.text(0), given.text(1));
    let tenant = world.tenant()?;
    let place = cells::place_in(tenant, side, table)?;
    let key = key_of_row(tenant, &place, company, key)?;
    let change = Change { table: table.into(), operation: Operation::Delete, key, values: Vec::new() };
    save(world, side, &[change])
}

/// The id column and id of the row people call by this key.
pub(crate) fn key_of_row(
    tenant: &Tenant,
    place: &Place<'_>,
    company: Option<&CompanyCode>,
    key: &str,
) -> Result<Vec<(Name, Value)>, String> {
    let id = cells::id_of(tenant, place, company, key)?
        .ok_or_else(|| format!("there is no {} '{key}' to change", place.shape.name))?;
    Ok(vec![(place.shape.column(0).name.clone(), id)])
}

fn remembered(world: &mut World, _: &Arguments) -> Told {
    world.remembered = Some(content(world.tenant()?)?);
    Ok(())
}

/// Rows and a digest of the content of every table of both sides.
fn content(tenant: &Tenant) -> Result<Vec<(String, u64, String)>, String> {
    let told = |error: String| error;
    let mut content = Vec::new();
    let finops = tenant.finops();
    for (name, rows) in finops.counts().map_err(|error| told(error.to_string()))? {
        let id = finops.table(&name).ok_or_else(|| format!("{name} is not declared"))?;
        let digest = finops.digest(id).map_err(|error| told(error.to_string()))?;
        content.push((format!("F&O {name}"), rows, digest.to_string()));
    }
    if let Some(dataverse) = tenant.dataverse() {
        for (name, rows) in dataverse.counts().map_err(|error| told(error.to_string()))? {
            let digest = dataverse.digest(&name).map_err(|error| told(error.to_string()))?;
            content.push((format!("Dataverse {name}"), rows, digest.to_string()));
        }
    }
    Ok(content)
}

fn as_remembered(world: &mut World, _: &Arguments) -> Told {
    let now = content(world.seen()?)?;
    let then =
        world.remembered.as_ref().ok_or("write first: When the content of both sides is remembered")?;
    let changed: Vec<&str> =
        now.iter().filter(|table| !then.contains(table)).map(|(name, _, _)| name.as_str()).collect();
    if changed.is_empty() { Ok(()) } else { Err(format!("what changed: {}", changed.join(", "))) }
}

fn count(world: &World, table: &str, company: Option<&CompanyCode>) -> Result<u64, String> {
    let tenant = world.seen()?;
    let place = cells::place(tenant, table)?;
    let select = cells::in_company(tenant, &place, company)?;
    place.store.count(&select).map_err(|error| error.to_string())
}

fn so_many(world: &mut World, given: &Arguments) -> Told {
    same(&format!("rows of {}", given.text(0)), &count(world, given.text(0), None)?, &given.number(1)?)
}

fn so_many_of(world: &mut World, given: &Arguments) -> Told {
    let company = given.company(2)?;
    let rows = count(world, given.text(0), Some(&company))?;
    same(&format!("rows of {} in {company}", given.text(0)), &rows, &given.number(1)?)
}

fn so_many_without(world: &mut World, given: &Arguments) -> Told {
    let rows = without_company(world, given.text(0))?;
    same(&format!("rows of {} without a company", given.text(0)), &rows, &given.number(1)?)
}

fn as_many(world: &mut World, given: &Arguments) -> Told {
    let (entity, table) = (given.text(0), given.text(1));
    equally_many(entity, table, count(world, entity, None)?, count(world, table, None)?)
}

fn as_many_of(world: &mut World, given: &Arguments) -> Told {
    let (company, entity, table) = (given.company(0)?, given.text(1), given.text(2));
    equally_many(entity, table, count(world, entity, Some(&company))?, count(world, table, Some(&company))?)
}

fn equally_many(entity: &str, table: &str, finops: u64, dataverse: u64) -> Told {
    if finops == 0 {
        return Err(format!("{entity} has no row"));
    }
    same(&format!("rows of {table}, as many as of {entity}"), &dataverse, &finops)
}

fn without_company(world: &World, table: &str) -> Result<u64, String> {
    let tenant = world.seen()?;
    let place = cells::place_in(tenant, Side::Dataverse, table)?;
    let column = place.shape.company.ok_or_else(|| format!("rows of {table} belong to no company"))?;
    let id = place.store.table(table).ok_or_else(|| format!("{table} is not declared"))?;
    let select = Select::all(id).only(Condition::Equal(column, Value::Null));
    place.store.count(&select).map_err(|error| error.to_string())
}

fn all_have_company(world: &mut World, given: &Arguments) -> Told {
    let rows = without_company(world, given.text(0))?;
    same(&format!("rows of {} without a company", given.text(0)), &rows, &0)
}

fn some_have_none(world: &mut World, given: &Arguments) -> Told {
    match without_company(world, given.text(0))? {
        0 => Err(format!("every row of {} has a company", given.text(0))),
        _ => Ok(()),
    }
}

fn row_has_of(world: &mut World, given: &Arguments) -> Told {
    let company = given.company(2)?;
    has(world, given, Some(&company))
}

fn row_has(world: &mut World, given: &Arguments) -> Told {
    has(world, given, None)
}

/// Each column of the table below has the value below it.
fn has(world: &World, given: &Arguments, company: Option<&CompanyCode>) -> Told {
    let (table, key) = (given.text(0), given.text(1));
    let tenant = world.seen()?;
    let place = cells::place(tenant, table)?;
    let line = given.lines()?.into_iter().next().ok_or("the table needs one line of values")?;
    let ordinals: Vec<usize> =
        line.iter().map(|(name, _)| cells::ordinal(&place.shape, name)).collect::<Result<_, _>>()?;
    let select = cells::select(tenant, &place, company, key)?.columns(&ordinals);
    let rows = place.store.collect(&select).map_err(|error| error.to_string())?;
    let [row] = rows.as_slice() else {
        return Err(format!("there are {} rows {table} '{key}'", rows.len()));
    };
    for (((name, wanted), ordinal), value) in line.iter().zip(&ordinals).zip(row.iter()) {
        let column = place.shape.column(*ordinal);
        let shown = cells::shown(tenant, place.side, column, value);
        // A value may be written in any form its column reads; a text only as it is.
        let equal = shown == *wanted
            || (value.to_string() == *wanted)
            || (value.is_blank() && wanted == "(empty)")
            || cells::cell(tenant, place.side, company, column, wanted)
                .is_ok_and(|wanted| wanted.same(value));
        if !equal {
            return Err(format!("{name} of {table} {key}: expected '{wanted}', and it is '{shown}'"));
        }
    }
    Ok(())
}

fn rows_of(world: &World, given: &Arguments, company: Option<&CompanyCode>) -> Result<u64, String> {
    let tenant = world.seen()?;
    let place = cells::place(tenant, given.text(0))?;
    let select = cells::select(tenant, &place, company, given.text(1))?;
    place.store.count(&select).map_err(|error| error.to_string())
}

fn no_row_of(world: &mut World, given: &Arguments) -> Told {
    let company = given.company(2)?;
    same(&format!("rows {} {}", given.text(0), given.text(1)), &rows_of(world, given, Some(&company))?, &0)
}

fn no_row(world: &mut World, given: &Arguments) -> Told {
    same(&format!("rows {} {}", given.text(0), given.text(1)), &rows_of(world, given, None)?, &0)
}

fn a_row_of(world: &mut World, given: &Arguments) -> Told {
    let company = given.company(2)?;
    same(&format!("rows {} {}", given.text(0), given.text(1)), &rows_of(world, given, Some(&company))?, &1)
}

fn a_row(world: &mut World, given: &Arguments) -> Told {
    same(&format!("rows {} {}", given.text(0), given.text(1)), &rows_of(world, given, None)?, &1)
}

fn live(world: &World, wanted: fn(&LiveResult) -> bool, what: &str) -> Told {
    let live = &world.outcome.live;
    if live.iter().any(|outcome| wanted(&outcome.result)) {
        return Ok(());
    }
    let seen: Vec<String> =
        live.iter().map(|one| format!("{} {}: {:?}", one.map, one.key, one.result)).collect();
    let seen = if seen.is_empty() { "no running map sees this table".to_owned() } else { seen.join("; ") };
    Err(format!("the save {what}: {seen}"))
}

fn reached(world: &mut World, _: &Arguments) -> Told {
    live(world, |result| matches!(result, LiveResult::Synced(_)), "did not reach the other side")
}

fn queued(world: &mut World, _: &Arguments) -> Told {
    live(world, |result| *result == LiveResult::Queued, "does not wait in a queue")
}

fn stayed(world: &mut World, _: &Arguments) -> Told {
    let live = &world.outcome.live;
    match live.iter().find(|one| !matches!(one.result, LiveResult::NotEligible(_))) {
        Some(one) => Err(format!("the save went through {}: {:?}", one.map, one.result)),
        None => world.seen().map(|_| ()),
    }
}
