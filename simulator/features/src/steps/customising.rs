//! What people change about the tables a map is between, and what goes wrong with a link after it was made.

use crate::{
    arguments::Arguments,
    definition::{Definition, Told, given, when},
    world::World,
};
use dwsim_dualwrite::SchemaChanges;
use dwsim_model::{Change, Column, ColumnKind, Name, Operation, Required, Side, Value};
use dwsim_tenant::LinkFaults;

pub(crate) const STEPS: &[Definition] = &[
    given(
        "{side} has got a {word} column {string} in {table}",
        "Dataverse has got a text column \"new_region\" in msdyn_customergroup",
        column,
    ),
    given(
        "{side} has got a {word} column {string} in {table} that is {word}",
        "Dataverse has got a text column \"new_class\" in msdyn_customergroup that is mandatory",
        special_column,
    ),
    given(
        "{side} has lost the column {string} of {table}",
        "Dataverse has lost the column \"msdyn_description\" of msdyn_customergroup",
        column_lost,
    ),
    given(
        "{table} has the alternate key {string} alone",
        "msdyn_customergroup has the alternate key \"msdyn_company, msdyn_groupid\" alone",
        alternate_key,
    ),
    given("{table} has no alternate key", "msdyn_customergroup has no alternate key", no_alternate_key),
    given(
        "the connection of the linking user is no longer valid",
        "the connection of the linking user is no longer valid",
        connection_invalid,
    ),
    given("validation fails unexpectedly", "validation fails unexpectedly", validation_fails),
    given(
        "the connection set has lost what it knew of the environments",
        "the connection set has lost what it knew of the environments",
        environment_info,
    ),
    given("the link is whole again", "the link is whole again", whole),
    given(
        "{table} shares its data across companies",
        "CustomerGroups shares its data across companies",
        shared,
    ),
    given("{table} shares its data no longer", "CustomerGroups shares its data no longer", shared_no_longer),
    given(
        "the business unit {string} is renamed to {string}",
        "the business unit \"USMF\" is renamed to \"Contoso\"",
        unit_renamed,
    ),
    given(
        "the link has lost the schema of {table} in {side}",
        "the link has lost the schema of CustomerGroups in F&O",
        schema_lost,
    ),
    when(
        "the currency columns of Dataverse are migrated",
        "the currency columns of Dataverse are migrated",
        migrated,
    ),
    given("{table} is a virtual table", "msdyn_customergroup is a virtual table", virtual_table),
];

fn add_column(world: &mut World, given: &Arguments, required: Required, read_only: bool) -> Told {
    let kind = match given.text(1) {
        "text" => ColumnKind::Text { max: Some(100) },
        "short-text" => ColumnKind::Text { max: Some(10) },
        "number" => ColumnKind::Int { min: 0, max: 1_000_000 },
        "big-number" => ColumnKind::BigInt,
        "decimal" => ColumnKind::Decimal { precision: 6 },
        "currency" => ColumnKind::Money { precision: 4 },
        "yes-no" => ColumnKind::Bool,
        "date" => ColumnKind::Date,
        "date-and-time" => ColumnKind::Instant,
        other => {
            return Err(format!(
                "a column of one's own is a text, short-text (10 characters), number, big-number, decimal (6 places), \
                 currency (4 places), yes-no, date or date-and-time column, not {other}"
            ));
        }
    };
    let column = Column { name: given.text(2).into(), kind, required, read_only, extra: false };
    let side = given.side(0)?;
    world.tenant()?.add_column(side, given.text(3), column).map_err(|error| error.to_string())
}

fn column(world: &mut World, given: &Arguments) -> Told {
    add_column(world, given, Required::No, false)
}

fn special_column(world: &mut World, given: &Arguments) -> Told {
    match given.text(4) {
        "mandatory" => add_column(world, given, Required::Yes, false),
        "read-only" => add_column(world, given, Required::No, true),
        other => Err(format!("a column is mandatory or read-only, not {other}")),
    }
}

fn column_lost(world: &mut World, given: &Arguments) -> Told {
    let side = given.side(0)?;
    let tenant = world.tenant()?;
    tenant.remove_column(side, given.text(2), given.text(1)).map_err(|error| error.to_string())
}

fn alternate_key(world: &mut World, given: &Arguments) -> Told {
    let key: Vec<Name> = given.columns(1);
    world.tenant()?.set_alternate_keys(given.text(0), &[key]).map_err(|error| error.to_string())
}

fn no_alternate_key(world: &mut World, given: &Arguments) -> Told {
    world.tenant()?.set_alternate_keys(given.text(0), &[]).map_err(|error| error.to_string())
}

fn faults(world: &mut World) -> Result<&mut LinkFaults, String> {
    world.tenant()?.link_faults_mut().ok_or_else(|| "the environments are not linked".to_owned())
}

fn connection_invalid(world: &mut World, _: &Arguments) -> Told {
    faults(world)?.connection_invalid = true;
    Ok(())
}

fn validation_fails(world: &mut World, _: &Arguments) -> Told {
    faults(world)?.validation_fails = true;
    Ok(())
}

fn environment_info(world: &mut World, _: &Arguments) -> Told {
    faults(world)?.environment_info_missing = true;
    Ok(())
}

fn whole(world: &mut World, _: &Arguments) -> Told {
    *faults(world)? = LinkFaults::default();
    Ok(())
}

fn shared(world: &mut World, given: &Arguments) -> Told {
    world.tenant()?.finops_mut().environment_mut().shared_entities.insert(given.text(0).into());
    Ok(())
}

fn shared_no_longer(world: &mut World, given: &Arguments) -> Told {
    world.tenant()?.finops_mut().environment_mut().shared_entities.remove(given.text(0));
    Ok(())
}

fn unit_renamed(world: &mut World, given: &Arguments) -> Told {
    let change = Change {
        table: "businessunit".into(),
        operation: Operation::Update,
        key: vec![("name".into(), Value::text(given.text(0)))],
        values: vec![("name".into(), Value::text(given.text(1)))],
    };
    world.tenant()?.save(Side::Dataverse, &[change]).map(|_| ()).map_err(|error| error.to_string())
}

fn schema_lost(world: &mut World, given: &Arguments) -> Told {
    let lost: SchemaChanges = [(given.text(0).into(), None)].into();
    let (finops, dataverse) = match given.side(1)? {
        Side::FinOps => (lost, SchemaChanges::new()),
        Side::Dataverse => (SchemaChanges::new(), lost),
    };
    world.tenant()?.engine_mut().refresh_tables(finops, dataverse);
    Ok(())
}

fn migrated(world: &mut World, _: &Arguments) -> Told {
    world.act(dwsim_tenant::Tenant::migrate_currency_decimals)?;
    Ok(())
}

fn virtual_table(world: &mut World, given: &Arguments) -> Told {
    let dataverse = world.tenant()?.dataverse_mut().ok_or("there is no Dataverse environment")?;
    dataverse.organization_mut().unversioned_tables.insert(given.text(0).into());
    Ok(())
}
