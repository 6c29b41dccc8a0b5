//! Changing table maps, saving and choosing versions of them, and what the editor says.

use crate::{
    arguments::{Arguments, Line},
    definition::{Definition, Told, given, same, then, when},
    names,
    world::World,
};
use dwsim_catalog::{FieldMap, Symbol, Transform};
use dwsim_dualwrite::{Finding, MapEdit, MapState, Pair, SaveAs};
use dwsim_model::{MapId, MapVersion, Name, Side};

/// Who publishes what a step saves without saying for whom.
pub(super) const PUBLISHER: &str = "Contoso";

pub(crate) const STEPS: &[Definition] = &[
    given(
        "the integration key of {table} is {string}",
        "the integration key of msdyn_customergroup is \"msdyn_groupid, msdyn_company.cdm_companycode\"",
        key_is,
    ),
    when(
        "the table map {string} is changed and saved:",
        "the table map \"Customer groups\" is changed and saved:\n| change | F&O | direction | Dataverse | value |\n| remove | Description | | | |",
        changed,
    ),
    when(
        "the table map {string} is changed and saved as version {string} of {string}:",
        "the table map \"Customer groups\" is changed and saved as version \"1.0.0.5\" of \"Contoso\":\n| change | F&O | direction | Dataverse | value |\n| remove | Description | | | |",
        changed_as,
    ),
    when(
        "a table map between {table} and {table} is added:",
        "a table map between VendorGroups and msdyn_customergroup is added:\n| F&O | direction | Dataverse | value |\n| VendorGroupId | = | msdyn_groupid | |",
        added,
    ),
    when(
        "version {string} of the table map {string} is activated",
        "version \"1.0.0.0\" of the table map \"Customer groups\" is activated",
        activated,
    ),
    when(
        "version {string} of {string} of the table map {string} is activated",
        "version \"1.0.0.0\" of \"Microsoft\" of the table map \"Customer groups\" is activated",
        activated_of,
    ),
    when(
        "the integration key of {table} is set to {string}",
        "the integration key of msdyn_customergroup is set to \"msdyn_groupid\"",
        key_set,
    ),
    when("the entity list of F&O is refreshed", "the entity list of F&O is refreshed", list_refreshed),
    then(
        "the table map {string} has the versions:",
        "the table map \"Customer groups\" has the versions:\n| 1.0.0.0 of Microsoft |",
        versions,
    ),
    then(
        "the table map {string} has {int} versions",
        "the table map \"Customer groups\" has 2 versions",
        so_many_versions,
    ),
    then(
        "the table map {string} uses version {string}",
        "the table map \"Customer groups\" uses version \"1.0.0.0\"",
        uses,
    ),
    then("the editor warns of {string}", "the editor warns of \"DIPV1030\"", warns),
    then("the editor warns of nothing", "the editor warns of nothing", warns_not),
    then(
        "the integration key of {table} holds {string}",
        "the integration key of msdyn_customergroup holds \"msdyn_groupid, msdyn_company.cdm_companycode\"",
        key_holds,
    ),
    then(
        "F&O holds {int} project configuration(s) and {int} business event definition(s) of the table map {string}",
        "F&O holds 2 project configurations and 1 business event definition of the table map \"Customer groups\"",
        configuration,
    ),
    then("the table map {string} is listed", "the table map \"Customer groups\" is listed", listed),
    then("the table map {string} is not listed", "the table map \"Customer groups\" is not listed", unlisted),
];

/// What a cell of a line says; nothing when it is blank or not there.
fn of<'l>(line: &'l Line, name: &str) -> Option<&'l str> {
    let found = line.iter().find(|(own, _)| own == name).map(|(_, value)| value.trim());
    found.filter(|value| !value.is_empty())
}

fn pair(line: &Line) -> Pair {
    Pair { field: of(line, "F&O").map(Name::from), path: of(line, "Dataverse").map(Box::from) }
}

fn symbol(line: &Line) -> Result<Symbol, String> {
    let sign = of(line, "direction").ok_or("a direction is =, > or <")?;
    sign.parse().map_err(|_| format!("a direction is =, > or <, not '{sign}'"))
}

/// The row that a line describes; a value is its default.
fn field_map(line: &Line) -> Result<FieldMap, String> {
    let transform = of(line, "value").map_or(Transform::None, |value| Transform::Default(value.into()));
    let sign = symbol(line)?;
    Ok(FieldMap {
        entity_field: of(line, "F&O").map(Name::from),
        symbol: if transform == Transform::None { sign.plain() } else { sign.transformed() },
        path: of(line, "Dataverse").map(Box::from),
        transform,
        creates_values: false,
    })
}

/// Pairs written `no: False, yes: True`.
fn value_map(line: &Line) -> Result<Transform, String> {
    let text = of(line, "value").ok_or("a value map is written no: False, yes: True")?;
    let pairs = text.split(',').map(|pair| {
        let (own, other) = pair.split_once(':').ok_or("a value map is written no: False, yes: True")?;
        Ok((own.trim().into(), other.trim().into()))
    });
    Ok(Transform::ValueMap(pairs.collect::<Result<_, String>>()?))
}

/// The changes of a table with the columns `change`, `F&O`, `direction`, `Dataverse` and `value`.
fn edits(given: &Arguments) -> Result<Vec<MapEdit>, String> {
    let filter = |side, line: &Line| MapEdit::Filter(side, of(line, "value").map(Box::from));
    let edit = |line: &Line| {
        Ok(match of(line, "change").unwrap_or_default() {
            "add" => MapEdit::Add(field_map(line)?),
            "remove" => MapEdit::Remove(pair(line)),
            "direction" => MapEdit::Direction(pair(line), symbol(line)?),
            "default" => {
                let value = of(line, "value").ok_or("a default needs a value")?;
                MapEdit::Transform(pair(line), Transform::Default(value.into()))
            }
            "value map" => MapEdit::Transform(pair(line), value_map(line)?),
            "no transform" => MapEdit::Transform(pair(line), Transform::None),
            "filter of F&O" => filter(Side::FinOps, line),
            "filter of Dataverse" => filter(Side::Dataverse, line),
            "company column" => MapEdit::CompanyColumn(of(line, "Dataverse").map(Name::from)),
            other => {
                let known = "add, remove, direction, default, value map, no transform, filter of F&O, \
                             filter of Dataverse, company column";
                return Err(format!("'{other}' is no change of a table map; there are {known}"));
            }
        })
    };
    given.lines()?.iter().map(edit).collect()
}

fn state<'w>(world: &'w mut World, name: &str) -> Result<&'w MapState, String> {
    let tenant = world.tenant()?;
    let id = names::map(tenant, name)?;
    tenant.engine().maps().get(&id).ok_or_else(|| format!("there is no table map {id}"))
}

/// The newest version with one more revision.
fn next(world: &mut World, name: &str) -> Result<MapVersion, String> {
    let newest = state(world, name)?.newest_version().map(|saved| saved.definition.version);
    let MapVersion(major, minor, build, revision) = newest.unwrap_or(MapVersion(1, 0, 0, 0));
    Ok(MapVersion(major, minor, build, revision.saturating_add(1)))
}

fn version(text: &str) -> Result<MapVersion, String> {
    text.parse().map_err(|error| format!("'{text}' is no version of a table map: {error}"))
}

fn tell(world: &mut World, findings: &[Finding]) -> Told {
    let messages = world.tenant()?.engine().messages();
    world.outcome.notes = findings.iter().map(|finding| messages.finding(finding)).collect();
    Ok(())
}

fn save(world: &mut World, given: &Arguments, save_as: &SaveAs) -> Told {
    let (id, edits) = (names::map(world.tenant()?, given.text(0))?, edits(given)?);
    let warnings = world.act(|tenant| tenant.edit_map(&id, &edits, save_as))?;
    tell(world, &warnings.unwrap_or_default())
}

fn changed(world: &mut World, given: &Arguments) -> Told {
    let version = next(world, given.text(0))?;
    save(world, given, &SaveAs { publisher: PUBLISHER.into(), version })
}

fn changed_as(world: &mut World, given: &Arguments) -> Told {
    let version = version(given.text(1))?;
    save(world, given, &SaveAs { publisher: given.text(2).into(), version })
}

fn added(world: &mut World, given: &Arguments) -> Told {
    let rows = given.lines()?.iter().map(field_map).collect::<Result<Vec<_>, _>>()?;
    let save_as = SaveAs { publisher: PUBLISHER.into(), version: MapVersion(1, 0, 0, 0) };
    let done = world.act(|tenant| tenant.add_table_map(given.text(0), given.text(1), rows, &save_as))?;
    if let Some((map, warnings)) = done {
        world.outcome.maps = vec![map];
        tell(world, &warnings)?;
    }
    Ok(())
}

fn activate(world: &mut World, number: &str, publisher: Option<&str>, map: &str) -> Told {
    let (id, version): (MapId, _) = (names::map(world.tenant()?, map)?, version(number)?);
    world.act(|tenant| tenant.activate_map_version(&id, version, publisher))?;
    Ok(())
}

fn activated(world: &mut World, given: &Arguments) -> Told {
    activate(world, given.text(0), None, given.text(1))
}

fn activated_of(world: &mut World, given: &Arguments) -> Told {
    activate(world, given.text(0), Some(given.text(1)), given.text(2))
}

fn paths(given: &Arguments) -> Vec<Box<str>> {
    given.names(1).iter().map(|path| path.as_str().into()).collect()
}

fn key_is(world: &mut World, given: &Arguments) -> Told {
    let tenant = world.tenant()?;
    tenant.set_integration_key(given.text(0), &paths(given)).map_err(|error| error.to_string())
}

fn key_set(world: &mut World, given: &Arguments) -> Told {
    world.act(|tenant| tenant.set_integration_key(given.text(0), &paths(given)))?;
    Ok(())
}

fn list_refreshed(world: &mut World, _: &Arguments) -> Told {
    world.act(|tenant| {
        tenant.refresh_entity_list();
        Ok(())
    })?;
    Ok(())
}

fn versions(world: &mut World, given: &Arguments) -> Told {
    let there: Vec<String> = state(world, given.text(0))?
        .versions()
        .iter()
        .map(|saved| format!("{} of {}", saved.definition.version, saved.definition.publisher))
        .collect();
    same("versions of the table map", &there, &given.column()?)
}

fn so_many_versions(world: &mut World, given: &Arguments) -> Told {
    let there = state(world, given.text(0))?.versions().len() as u64;
    same("versions of the table map", &there, &given.number(1)?)
}

/// What live sync works with, which is more than what is chosen.
fn uses(world: &mut World, given: &Arguments) -> Told {
    let version = state(world, given.text(0))?.compiled.map.version;
    same("the version used", &version.to_string().as_str(), &given.text(1))
}

fn warns(world: &mut World, given: &Arguments) -> Told {
    let code = given.text(0);
    let wanted = format!("[{code}]");
    if let Some(note) = world.outcome.notes.iter().find(|note| note.contains(&wanted)) {
        world.saw_message(code, note);
        return Ok(());
    }
    Err(format!("the editor does not warn of {code}; it warns of: {}", world.outcome.notes.join("; ")))
}

fn warns_not(world: &mut World, _: &Arguments) -> Told {
    same("warnings of the editor", &world.outcome.notes, &Vec::new())
}

fn key_holds(world: &mut World, given: &Arguments) -> Told {
    let key = world.seen()?.engine().integration_key(given.text(0));
    let (mut key, mut wanted): (Vec<String>, _) =
        (key.iter().map(ToString::to_string).collect(), given.names(1));
    key.sort();
    wanted.sort();
    same("the integration key", &key, &wanted)
}

fn configuration(world: &mut World, given: &Arguments) -> Told {
    let id = names::map(world.tenant()?, given.text(2))?;
    let configuration = &world.seen()?.finops().environment().configuration;
    let projects = configuration.projects.iter().filter(|project| project.map == id).count();
    let events = configuration.business_events.iter().filter(|(map, _)| *map == id).count();
    let wanted = (given.number(0)?, given.number(1)?);
    same("project configurations and business event definitions", &(projects as u64, events as u64), &wanted)
}

fn listed(world: &mut World, given: &Arguments) -> Told {
    state(world, given.text(0)).map(|_| ())
}

fn unlisted(world: &mut World, given: &Arguments) -> Told {
    let found = names::map(world.tenant()?, given.text(0));
    let maps = world.seen()?.engine().maps();
    match found {
        Ok(id) if maps.contains_key(&id) => Err(format!("the table map {id} is listed")),
        _ => Ok(()),
    }
}
