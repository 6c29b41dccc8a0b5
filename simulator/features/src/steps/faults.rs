//! Saves and actions that are cut off at a named point of live sync.

use crate::{
    arguments::Arguments,
    definition::{Definition, Told, when},
    steps::{live, maps, rows},
    world::World,
};
use dwsim_dualwrite::{FaultPoint, ResumeMode};
use dwsim_model::{Change, Operation, Side};

pub(crate) const STEPS: &[Definition] = &[
    when(
        "these {table} rows of {company} are saved in {side}, cut off at {string}:",
        "these CustomerGroups rows of USMF are saved in F&O, cut off at \"commit-gap\":",
        saved,
    ),
    when(
        "{table} {string} of {company} is changed in {side}, cut off at {string}:",
        "CustomersV3 \"US-001\" of USMF is changed in F&O, cut off at \"throttled\":",
        changed,
    ),
    when(
        "{table} {string} of {company} is deleted in {side}, cut off at {string}",
        "CustomersV3 \"US-001\" of USMF is deleted in F&O, cut off at \"timeout-committed\"",
        deleted,
    ),
    when(
        "one transaction in {side}, cut off at {string}, does:",
        "one transaction in F&O, cut off at \"between-rows\", does:",
        transaction,
    ),
    when(
        "the table map(s) {string} is/are paused, cut off at {string}",
        "the table maps \"Customer groups\" are paused, cut off at \"state-change\"",
        paused,
    ),
    when(
        "the table map(s) {string} is/are resumed, cut off at {string}",
        "the table map \"Customer groups\" is resumed, cut off at \"queue-applied\"",
        resumed,
    ),
];

fn point(given: &Arguments, place: usize) -> Result<FaultPoint, String> {
    let label = given.text(place);
    FaultPoint::named(label).ok_or_else(|| {
        let known: Vec<&str> = FaultPoint::ALL.into_iter().map(FaultPoint::label).collect();
        format!("live sync has no point '{label}'; the points are {}", known.join(", "))
    })
}

fn save(world: &mut World, side: Side, changes: &[Change], point: FaultPoint) -> Told {
    let live = world.act(|tenant| tenant.save_with(side, changes, Some(point)))?;
    world.outcome.live = live.unwrap_or_default();
    Ok(())
}

fn saved(world: &mut World, given: &Arguments) -> Told {
    let (side, company, point) = (given.side(2)?, given.company(1)?, point(given, 3)?);
    let changes = rows::creations(world, side, given.text(0), Some(&company), &given.lines()?)?;
    save(world, side, &changes, point)
}

fn changed(world: &mut World, given: &Arguments) -> Told {
    let (side, company, point) = (given.side(3)?, given.company(2)?, point(given, 4)?);
    let change = rows::update(world, given, side, Some(&company))?;
    save(world, side, &[change], point)
}

fn deleted(world: &mut World, given: &Arguments) -> Told {
    let (side, company, point) = (given.side(3)?, given.company(2)?, point(given, 4)?);
    let tenant = world.tenant()?;
    let place = crate::cells::place_in(tenant, side, given.text(0))?;
    let key = rows::key_of_row(tenant, &place, Some(&company), given.text(1))?;
    let change =
        Change { table: given.text(0).into(), operation: Operation::Delete, key, values: Vec::new() };
    save(world, side, &[change], point)
}

fn transaction(world: &mut World, given: &Arguments) -> Told {
    let (side, point) = (given.side(0)?, point(given, 1)?);
    let changes = live::changes(world, given, side)?;
    save(world, side, &changes, point)
}

fn paused(world: &mut World, given: &Arguments) -> Told {
    let (ids, point) = (maps::maps(world, given)?, point(given, 1)?);
    world.act(|tenant| tenant.pause_maps_with(&ids, Some(point)))?;
    Ok(())
}

fn resumed(world: &mut World, given: &Arguments) -> Told {
    let (ids, point) = (maps::maps(world, given)?, point(given, 1)?);
    world.act(|tenant| tenant.resume_maps_with(&ids, ResumeMode::CatchUp, Some(point)))?;
    Ok(())
}
