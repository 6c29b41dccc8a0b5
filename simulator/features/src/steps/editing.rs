//! Editing table maps: rows, filters, versions, and the state of the link that validation looks at.

use crate::{
    arguments::Arguments,
    definition::{Definition, Told, given, same, then, when},
    names,
    world::World,
};
use dwsim_catalog::{FieldMap, Symbol, Transform};
use dwsim_dualwrite::{Finding, MapEdit, Pair, SaveAs};
use dwsim_model::{Column, ColumnKind, MapVersion, Required, Side};

pub(crate) const STEPS: &[Definition] = &[
    given("F&O shares {table} across companies", "F&O shares CustomerGroups across companies", shared),
    given(
        "the connection of the linking user is no longer valid",
        "the connection of the linking user is no longer valid",
        connection_invalid,
    ),
    given(
        "the link has lost what it knew of its environments",
        "the link has lost what it knew of its environments",
        environment_lost,
    ),
    given("{table} has no version numbers", "msdyn_customergroup has no version numbers", unversioned),
    given("the business unit {company} was renamed", "the business unit USMF was renamed", unit_renamed),
    given(
        "{side} gives {table} a {word} column {string}",
        "Dataverse gives msdyn_customergroup a mandatory column \"new_class\"",
        own_column,
    ),
    given(
        "the integration key of {table} is {string}",
        "the integration key of msdyn_customergroup is \"msdyn_groupid\"",
        key,
    ),
    when(
        "the entity list and the tables are refreshed",
        "the entity list and the tables are refreshed",
        refreshed,
    ),
    when(
        "the table map {string} is edited and saved as version {string}:",
        "the table map \"Customer groups\" is edited and saved as version \"1.0.0.1\":",
        edited,
    ),
    when(
        "version {string} of the table map {string} is chosen",
        "version \"1.0.0.0\" of the table map \"Customer groups\" is chosen",
        chosen,
    ),
    then("the editor warns of {string}", "the editor warns of \"DIPV1030\"", warns),
    then(
        "the table map {string} has the versions {string}",
        "the table map \"Customer groups\" has the versions \"1.0.0.0, 1.0.0.1\"",
        versions,
    ),
    then(
        "the active version of {string} is {string}",
        "the active version of \"Customer groups\" is \"1.0.0.1\"",
        active,
    ),
];

fn shared(world: &mut World, given: &Arguments) -> Told {
    world.tenant()?.finops_mut().environment_mut().shared_entities.insert(given.text(0).into());
    Ok(())
}

fn connection_invalid(world: &mut World, _: &Arguments) -> Told {
    world.tenant()?.link_faults_mut().ok_or("there is no link")?.connection_invalid = true;
    Ok(())
}

fn environment_lost(world: &mut World, _: &Arguments) -> Told {
    world.tenant()?.link_faults_mut().ok_or("there is no link")?.environment_info_missing = true;
    Ok(())
}

fn unversioned(world: &mut World, given: &Arguments) -> Told {
    let dataverse = world.tenant()?.dataverse_mut().ok_or("there is no Dataverse environment")?;
    dataverse.organization_mut().unversioned_tables.insert(given.text(0).into());
    Ok(())
}

fn unit_renamed(world: &mut World, given: &Arguments) -> Told {
    let dataverse = world.tenant()?.dataverse().ok_or("there is no Dataverse environment")?;
    let unit = dataverse.business_unit(given.text(0)).map_err(|error| error.to_string())?;
    let unit = unit.ok_or_else(|| format!("there is no business unit {}", given.text(0)))?;
    let table = dataverse.table("businessunit").ok_or("there are no business units")?;
    let shape = dataverse.table_type("businessunit").ok_or("there are no business units")?;
    let name = shape.ordinal("name").ok_or("business units have no name")?;
    let renamed = dwsim_model::Value::text("Renamed");
    dataverse
        .store()
        .update(table, &dwsim_model::Value::Guid(unit), &[name], &[renamed])
        .map_err(|error| error.to_string())?;
    Ok(())
}

/// A column of one's own: `text`, `mandatory` text, `read-only` text or a whole `number`.
fn own_column(world: &mut World, given: &Arguments) -> Told {
    let (side, table, what, name) = (given.side(0)?, given.text(1), given.text(2), given.text(3));
    let kind = if what == "number" {
        ColumnKind::Int { min: 0, max: 9 }
    } else {
        ColumnKind::Text { max: Some(100) }
    };
    if !["text", "mandatory", "read-only", "number"].contains(&what) {
        return Err(format!("a column is text, mandatory, read-only or number, not {what}"));
    }
    let required = if what == "mandatory" { Required::Yes } else { Required::No };
    let column = Column { name: name.into(), kind, required, read_only: what == "read-only", extra: false };
    world.tenant()?.add_column(side, table, column).map_err(|error| error.to_string())
}

fn key(world: &mut World, given: &Arguments) -> Told {
    let paths: Vec<Box<str>> = given.names(1).iter().map(|name| name.as_str().into()).collect();
    world.act(|tenant| tenant.set_integration_key(given.text(0), &paths))?;
    Ok(())
}

fn refreshed(world: &mut World, _: &Arguments) -> Told {
    world.act(|tenant| {
        tenant.refresh_entity_list();
        tenant.refresh_tables()
    })?;
    Ok(())
}

/// One line an edit: `change`, `field`, `column` and `with`.
fn edits(given: &Arguments) -> Result<Vec<MapEdit>, String> {
    given
        .lines()?
        .iter()
        .map(|line| {
            let of = |name: &str| line.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value.as_str());
            let (field, column, with) = (of("field"), of("column"), of("with"));
            let pair = Pair {
                field: (!field.is_empty()).then(|| field.into()),
                path: (!column.is_empty()).then(|| column.into()),
            };
            let symbol = || with.parse::<Symbol>().map_err(|error| error.to_string());
            let filter = || (!with.is_empty()).then(|| with.into());
            Ok(match of("change") {
                "add" => MapEdit::Add(FieldMap {
                    entity_field: pair.field,
                    symbol: if with.is_empty() { Symbol::Both } else { symbol()? },
                    path: pair.path,
                    transform: Transform::None,
                }),
                "remove" => MapEdit::Remove(pair),
                "direction" => MapEdit::Direction(pair, symbol()?),
                "default" => MapEdit::Transform(pair, Transform::Default(with.into())),
                "no transform" => MapEdit::Transform(pair, Transform::None),
                "filter of F&O" => MapEdit::Filter(Side::FinOps, filter()),
                "filter of Dataverse" => MapEdit::Filter(Side::Dataverse, filter()),
                "company column" => MapEdit::CompanyColumn((!with.is_empty()).then(|| with.into())),
                other => return Err(format!("'{other}' is no change of a map; write add, remove, direction, default, no transform, filter of F&O, filter of Dataverse or company column")),
            })
        })
        .collect()
}

fn edited(world: &mut World, given: &Arguments) -> Told {
    let map = names::map(world.tenant()?, given.text(0))?;
    let version: MapVersion =
        given.text(1).parse().map_err(|_| format!("'{}' is no version", given.text(1)))?;
    let (edits, save_as) = (edits(given)?, SaveAs { publisher: "Contoso".into(), version });
    let warnings: Vec<Finding> =
        world.act(|tenant| tenant.edit_map(&map, &edits, &save_as))?.unwrap_or_default();
    let messages = world.tenant()?.engine().messages();
    world.outcome.notes = warnings.iter().map(|finding| messages.finding(finding)).collect();
    Ok(())
}

fn chosen(world: &mut World, given: &Arguments) -> Told {
    let map = names::map(world.tenant()?, given.text(1))?;
    let version: MapVersion =
        given.text(0).parse().map_err(|_| format!("'{}' is no version", given.text(0)))?;
    world.act(|tenant| tenant.activate_map_version(&map, version, None))?;
    Ok(())
}

fn warns(world: &mut World, given: &Arguments) -> Told {
    let warnings = &world.outcome.notes;
    if let Some(warning) = warnings.iter().find(|own| own.contains(&format!("[{}]", given.text(0)))) {
        world.saw_message(given.text(0), warning);
        return Ok(());
    }
    Err(format!("the editor does not warn of {}; it warns of {}", given.text(0), warnings.join(", ")))
}

fn versions(world: &mut World, given: &Arguments) -> Told {
    let map = names::map(world.tenant()?, given.text(0))?;
    let state = world.seen()?.engine().maps().get(&map).ok_or("there is no such map")?;
    let versions: Vec<String> =
        state.versions().iter().map(|version| version.definition.version.to_string()).collect();
    same("versions of the map", &versions, &given.names(1))
}

fn active(world: &mut World, given: &Arguments) -> Told {
    let map = names::map(world.tenant()?, given.text(0))?;
    let state = world.seen()?.engine().maps().get(&map).ok_or("there is no such map")?;
    let active = state.active_version().map(|version| version.definition.version.to_string());
    same("active version", &active.as_deref(), &Some(given.text(1)))
}
