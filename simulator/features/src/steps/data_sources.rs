//! What an F&O entity is made of: live sync and the health check of a map depend on it.

use crate::{
    arguments::Arguments,
    definition::{Definition, Told, given},
    world::World,
};
use dwsim_dualwrite::{DataSource, EntityTraits, Join};
use dwsim_filter::xpp;
use dwsim_model::Side;

pub(crate) const STEPS: &[Definition] = &[
    given(
        "the fields {string} of {table} are computed",
        "the fields \"Description\" of CustomerGroups are computed",
        computed,
    ),
    given(
        "the data source(s) {string} of {table} has/have a range",
        "the data source \"CustGroup\" of CustomerGroups has a range",
        ranged,
    ),
    given(
        "changes of the data source(s) {string} of {table} raise no event",
        "changes of the data sources \"PaymTerm, TaxGroup\" of CustomerGroups raise no event",
        untracked,
    ),
    given(
        "the fields {string} of {table} come from the data source {string}",
        "the fields \"PaymentTermId\" of CustomerGroups come from the data source \"PaymTerm\"",
        joined,
    ),
    given(
        "the fields {string} of {table} come from the outer-joined data source {string}",
        "the fields \"Description\" of CustomerGroups come from the outer-joined data source \"Texts\"",
        outer_joined,
    ),
    given(
        "the fields {string} of {table} come from the outer-joined read-only data source {string}",
        "the fields \"Description\" of CustomerGroups come from the outer-joined read-only data source \"Texts\"",
        read_only,
    ),
    given(
        "the fields {string} of {table} come from the nested data source {string}",
        "the fields \"Description\" of CustomerGroups come from the nested data source \"Texts\"",
        nested,
    ),
    given(
        "the nested data source {string} of {table} is registered",
        "the nested data source \"Texts\" of CustomerGroups is registered",
        registered,
    ),
    given(
        "the data source {string} of {table} has the range {string}",
        "the data source \"CustGroup\" of CustomerGroups has the range \"(Description != 'Hidden')\"",
        in_range,
    ),
    given(
        "the configuration key of the field {string} of {table} is off",
        "the configuration key of the field \"Description\" of CustomerGroups is off",
        disabled,
    ),
];

fn traits<'w>(world: &'w mut World, entity: &str) -> Result<&'w mut EntityTraits, String> {
    let tenant = world.tenant()?;
    if tenant.catalog().entity_facts(entity).is_none() {
        return Err(format!("{entity} is no F&O entity"));
    }
    Ok(tenant.engine_mut().entity_traits_mut().entry(entity.into()).or_default())
}

fn source<'w>(world: &'w mut World, entity: &str, name: &str) -> Result<&'w mut DataSource, String> {
    Ok(traits(world, entity)?.data_sources.entry(name.into()).or_default())
}

fn comes_from(world: &mut World, given: &Arguments, join: Join) -> Told {
    let fields = given.columns(0);
    let source = source(world, given.text(1), given.text(2))?;
    source.fields.extend(fields);
    source.join = join;
    Ok(())
}

fn joined(world: &mut World, given: &Arguments) -> Told {
    comes_from(world, given, Join::Inner)
}

fn outer_joined(world: &mut World, given: &Arguments) -> Told {
    comes_from(world, given, Join::Outer)
}

fn read_only(world: &mut World, given: &Arguments) -> Told {
    comes_from(world, given, Join::OuterReadOnly)
}

fn nested(world: &mut World, given: &Arguments) -> Told {
    comes_from(world, given, Join::Nested)
}

fn registered(world: &mut World, given: &Arguments) -> Told {
    source(world, given.text(1), given.text(0))?.registered = true;
    Ok(())
}

/// A range as X++ writes it, with single quotes for double ones, which end a parameter.
fn in_range(world: &mut World, given: &Arguments) -> Told {
    let (entity, range) = (given.text(1), given.text(2).replace('\'', "\""));
    let table = world.tenant()?.catalog().table(Side::FinOps, entity).cloned();
    let table = table.ok_or_else(|| format!("{entity} is no F&O entity"))?;
    xpp::parse(&range)
        .and_then(|expression| expression.bind(&table))
        .map_err(|error| format!("the range {range} of {entity} cannot be read: {error}"))?;
    source(world, entity, given.text(0))?.range = Some(range.into());
    Ok(())
}

fn computed(world: &mut World, given: &Arguments) -> Told {
    let fields = given.columns(0);
    traits(world, given.text(1))?.virtual_fields.extend(fields);
    Ok(())
}

fn ranged(world: &mut World, given: &Arguments) -> Told {
    for name in given.columns(0) {
        source(world, given.text(1), &name)?.range = Some("".into());
    }
    Ok(())
}

fn untracked(world: &mut World, given: &Arguments) -> Told {
    for name in given.columns(0) {
        source(world, given.text(1), &name)?.join = Join::Nested;
    }
    Ok(())
}

fn disabled(world: &mut World, given: &Arguments) -> Told {
    traits(world, given.text(1))?.disabled_fields.insert(given.text(0).into());
    Ok(())
}
