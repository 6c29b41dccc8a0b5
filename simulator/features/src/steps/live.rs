//! Live sync: transactions over several tables, writes that raise no events, and what a transaction leaves behind.

use crate::{
    arguments::Arguments,
    cells,
    definition::{Definition, Told, given, same, then, when},
    names,
    steps::rows::{key_of_row, save},
    world::World,
};
use dwsim_dualwrite::live::LiveResult;
use dwsim_finops::WriteKind;
use dwsim_model::{Change, CompanyCode, Operation, Side};

pub(crate) const STEPS: &[Definition] = &[
    given(
        "a transaction takes {duration} in {side}",
        "a transaction takes 119 seconds in Dataverse",
        transaction_takes,
    ),
    given(
        "F&O may take five minutes for a transaction",
        "F&O may take five minutes for a transaction",
        extended,
    ),
    given(
        "a payload from Dataverse has {int} bytes",
        "a payload from Dataverse has 116850000 bytes",
        payload,
    ),
    given("{int} bytes wait for a paused map", "999999999 bytes wait for a paused map", waiting),
    when("F&O answers again", "F&O answers again", up),
    given(
        "rows of {table} belong to the team {string}",
        "rows of msdyn_party belong to the team \"USMF Dual Write\"",
        owning_team,
    ),
    then(
        "the error log of F&O tells of stage {int} and status {int}",
        "the error log of F&O tells of stage 4 and status 2",
        log_numbers,
    ),
    given("any column of Dataverse calls F&O", "any column of Dataverse calls F&O", any_column),
    when("rows of {table} are merged in Dataverse", "rows of account are merged in Dataverse", merged),
    given("F&O does not answer", "F&O does not answer", down),
    when("one transaction in {side} does:", "one transaction in F&O does:", transaction),
    when(
        "one transaction in {side} saves {int} {table} rows of {company} numbered from {string}",
        "one transaction in F&O saves 1000 CustomerGroups rows of USMF numbered from \"G0001\"",
        many,
    ),
    when("code in F&O does with {word}:", "code in F&O does with doInsert:", code),
    given(
        "debug mode of the table map {string} is on",
        "debug mode of the table map \"Customer groups\" is on",
        debug_mode,
    ),
    then(
        "one batch of {int} part(s) was sent to Dataverse",
        "one batch of 2 parts was sent to Dataverse",
        batch_of,
    ),
    then(
        "part {int} of the batch is {string} and holds {string}",
        "part 1 of the batch is \"POST uoms\" and holds \"pr\"",
        part,
    ),
    then("the error log of F&O holds the batch", "the error log of F&O holds the batch", logged),
    then("the error log of F&O holds no batch", "the error log of F&O holds no batch", not_logged),
    then("nothing was sent to the other side", "nothing was sent to the other side", nothing_sent),
    then(
        "the save was kept back because {string}",
        "the save was kept back because \"no mapped column changed\"",
        kept_back,
    ),
    then(
        "{int} change(s) was/were sent to the other side",
        "2 changes were sent to the other side",
        so_many_sent,
    ),
];

/// One line a change: `what` is create, change or delete; `table`; `of` the legal entity, blank for none; `row` the key
/// of a row that is there; `values` as `name: value, name: value`.
pub(crate) fn changes(world: &mut World, given: &Arguments, side: Side) -> Result<Vec<Change>, String> {
    let tenant = world.tenant()?;
    let mut changes = Vec::new();
    for line in given.lines()? {
        let of =
            |name: &str| line.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value.as_str());
        let company: Option<CompanyCode> = match of("of") {
            "" => None,
            code => Some(code.parse().map_err(|error: dwsim_model::CompanyCodeError| error.to_string())?),
        };
        let place = cells::place_in(tenant, side, of("table"))?;
        let values: Vec<(String, String)> = of("values")
            .split(", ")
            .filter(|pair| !pair.is_empty())
            .map(|pair| match pair.split_once(':') {
                Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
                None => Err(format!("'{pair}' is no value; write name: value")),
            })
            .collect::<Result<_, _>>()?;
        let operation = match of("what") {
            "create" => Operation::Create,
            "change" => Operation::Update,
            "delete" => Operation::Delete,
            other => {
                return Err(format!(
                    "'{other}' is not done in a transaction; write create, change or delete"
                ));
            }
        };
        let (key, owner) = match operation {
            Operation::Create => (Vec::new(), company.as_ref()),
            _ => (key_of_row(tenant, &place, company.as_ref(), of("row"))?, None),
        };
        let values = cells::row(tenant, &place, owner, &values)?;
        changes.push(Change { table: of("table").into(), operation, key, values });
    }
    Ok(changes)
}

fn transaction(world: &mut World, given: &Arguments) -> Told {
    let side = given.side(0)?;
    let changes = changes(world, given, side)?;
    save(world, side, &changes)
}

/// How code can write a table: the forms' methods, or one of the ways round them.
fn kind(word: &str) -> Result<WriteKind, String> {
    Ok(match word {
        "insert" | "update" | "delete" => WriteKind::Methods,
        "doInsert" | "doUpdate" | "doDelete" => WriteKind::DoMethods,
        "insert_recordset" | "update_recordset" | "delete_from" => WriteKind::SetBased,
        "skipBusinessEvents" => WriteKind::SkipBusinessEvents,
        other => {
            return Err(format!(
                "code does not write with {other}; it does with insert, update, delete, doInsert, doUpdate, doDelete, \
                 insert_recordset, update_recordset, delete_from or skipBusinessEvents"
            ));
        }
    })
}

fn code(world: &mut World, given: &Arguments) -> Told {
    let kind = kind(given.text(0))?;
    let changes = changes(world, given, Side::FinOps)?;
    let live = world.act(|tenant| tenant.save_as(&changes, kind))?;
    world.outcome.live = live.unwrap_or_default();
    Ok(())
}

fn sent(world: &World) -> usize {
    world.outcome.live.iter().filter(|own| matches!(own.result, LiveResult::Synced(_))).count()
}

fn nothing_sent(world: &mut World, _: &Arguments) -> Told {
    same("changes sent to the other side", &sent(world), &0)
}

fn so_many_sent(world: &mut World, given: &Arguments) -> Told {
    same("changes sent to the other side", &(sent(world) as u64), &given.number(0)?)
}

fn kept_back(world: &mut World, given: &Arguments) -> Told {
    let reason = |own: &dwsim_dualwrite::live::LiveOutcome| match own.result {
        LiveResult::NotEligible(why) => Some(why),
        _ => None,
    };
    let reasons: Vec<&str> = world.outcome.live.iter().filter_map(reason).collect();
    if reasons.contains(&given.text(0)) {
        return Ok(());
    }
    Err(format!("the save was not kept back because {}; reasons: {}", given.text(0), reasons.join("; ")))
}

/// Rows that differ in their number alone, which is the first column of the key besides the company.
fn many(world: &mut World, given: &Arguments) -> Told {
    let (side, count, table, company) = (given.side(0)?, given.number(1)?, given.text(2), given.company(3)?);
    let first = given.text(4);
    let digits = first.len() - first.trim_end_matches(|sign: char| sign.is_ascii_digit()).len();
    let (prefix, start) = first.split_at(first.len() - digits);
    let start: u64 = start.parse().map_err(|_| format!("'{first}' does not end in a number"))?;
    let tenant = world.tenant()?;
    let place = cells::place_in(tenant, side, table)?;
    let key = place.shape.natural_key().ok_or_else(|| format!("{table} has no key"))?.columns.clone();
    let column = key.into_iter().find(|column| Some(*column) != place.shape.company);
    let column = column.ok_or_else(|| format!("the key of {table} is its company alone"))?;
    let name = place.shape.column(column).name.to_string();
    let changes = (start..start + count)
        .map(|number| {
            let line = vec![(name.clone(), format!("{prefix}{number:0digits$}"))];
            let values = cells::row(tenant, &place, Some(&company), &line)?;
            Ok(Change { table: table.into(), operation: Operation::Create, key: Vec::new(), values })
        })
        .collect::<Result<Vec<_>, String>>()?;
    save(world, side, &changes)
}

fn transaction_takes(world: &mut World, given: &Arguments) -> Told {
    let (time, side) = (given.duration(0)?, given.side(1)?);
    let rehearsal = world.tenant()?.engine_mut().rehearsal_mut();
    match side {
        Side::Dataverse => rehearsal.dataverse_time = time,
        Side::FinOps => rehearsal.finops_time = time,
    }
    Ok(())
}

fn extended(world: &mut World, _: &Arguments) -> Told {
    world.tenant()?.engine_mut().rehearsal_mut().extended_time = true;
    Ok(())
}

fn payload(world: &mut World, given: &Arguments) -> Told {
    let bytes = given.number(0)?;
    world.tenant()?.engine_mut().rehearsal_mut().payload_bytes = Some(bytes);
    Ok(())
}

fn waiting(world: &mut World, given: &Arguments) -> Told {
    let bytes = given.number(0)?;
    world.tenant()?.engine_mut().rehearsal_mut().queue_bytes = Some(bytes);
    Ok(())
}

fn down(world: &mut World, _: &Arguments) -> Told {
    world.tenant()?.engine_mut().rehearsal_mut().finops_down = true;
    Ok(())
}

fn any_column(world: &mut World, _: &Arguments) -> Told {
    world.tenant()?.engine_mut().rehearsal_mut().any_column_triggers = true;
    Ok(())
}

fn merged(world: &mut World, given: &Arguments) -> Told {
    world.act(|tenant| tenant.merge(given.text(0)))?;
    Ok(())
}

fn debug_mode(world: &mut World, given: &Arguments) -> Told {
    let map = names::map(world.tenant()?, given.text(0))?;
    world.tenant()?.engine_mut().set_debug_mode(&map, true);
    Ok(())
}

fn batch(world: &World) -> Result<String, String> {
    let batch = world.seen()?.engine().last_batch();
    batch
        .map(str::to_owned)
        .ok_or_else(|| "no batch was kept; turn debug mode of the map on before".to_owned())
}

/// One batch, one change set, parts numbered from 1, each with the tag of its origin.
fn batch_of(world: &mut World, given: &Arguments) -> Told {
    let (text, count) = (batch(world)?, given.number(0)?);
    same("change sets of the batch", &text.matches("boundary=changeset_").count(), &1)?;
    let numbers: Vec<String> =
        text.lines().filter_map(|line| line.strip_prefix("Content-ID: ")).map(str::to_owned).collect();
    let wanted: Vec<String> = (1..=count).map(|number| number.to_string()).collect();
    same("content ids of the batch", &numbers, &wanted)?;
    let url = world.seen()?.finops().environment().url.clone();
    let tagged = text.matches(&format!("?tag={url} HTTP/1.1")).count() as u64;
    same("parts with the tag of F&O", &tagged, &count)
}

/// The verb with the entity set, and a piece of the body.
fn part(world: &mut World, given: &Arguments) -> Told {
    let text = batch(world)?;
    let number = usize::try_from(given.number(0)?).unwrap_or(usize::MAX);
    let part =
        text.split("--changeset_").filter(|part| part.contains("Content-ID: ")).nth(number.saturating_sub(1));
    let part = part.ok_or_else(|| format!("the batch has no part {number}"))?;
    let (verb, set) =
        given.text(1).split_once(' ').ok_or("write the verb and the entity set, as in POST uoms")?;
    let head = format!("{verb} /api/data/v9.0/{set}");
    if !part.contains(&head) || !part.contains(given.text(2)) {
        return Err(format!("part {number} is not {head} with {}: {part}", given.text(2)));
    }
    Ok(())
}

fn traces(world: &World) -> Result<Vec<String>, String> {
    let log = world.seen()?.engine().error_log();
    let last = log.last().ok_or("the error log of F&O is empty")?;
    Ok(last.debug_log_trace.clone())
}

fn logged(world: &mut World, _: &Arguments) -> Told {
    let batch = batch(world)?;
    same("debugLogTrace", &traces(world)?, &vec![batch])
}

fn not_logged(world: &mut World, _: &Arguments) -> Told {
    same("debugLogTrace", &traces(world)?, &Vec::<String>::new())
}

fn up(world: &mut World, _: &Arguments) -> Told {
    world.tenant()?.engine_mut().rehearsal_mut().finops_down = false;
    Ok(())
}

fn owning_team(world: &mut World, given: &Arguments) -> Told {
    let (table, name) = (given.text(0), given.text(1));
    let dataverse = world.tenant()?.dataverse_mut().ok_or("there is no Dataverse environment")?;
    let team = dataverse.team_named(name).map_err(|error| error.to_string())?;
    let team = team.ok_or_else(|| format!("Dataverse has no team {name}"))?;
    dataverse.set_owning_team(table, Some(team)).map_err(|error| error.to_string())
}

fn log_numbers(world: &mut World, given: &Arguments) -> Told {
    let log = world.seen()?.engine().error_log();
    let last = log.last().ok_or("the error log of F&O is empty")?;
    let told = (u64::from(last.dual_write_processing_stage), u64::from(last.execution_status));
    same("stage and status of the error log", &told, &(given.number(0)?, given.number(1)?))
}
