//! Live sync: transactions over several tables, writes that raise no events, and what a transaction leaves behind.

use crate::{
    arguments::Arguments,
    cells,
    definition::{Definition, Told, when},
    steps::rows::{key_of_row, save},
    world::World,
};
use dwsim_model::{Change, CompanyCode, Operation, Side};

pub(crate) const STEPS: &[Definition] =
    &[when("one transaction in {side} does:", "one transaction in F&O does:", transaction)];

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
