//! One change as the other side gets it: the row it becomes, how it is written, how it is deleted.

use crate::{
    eligibility::projected,
    live::Item,
    mapper::{Mapped, Mapper},
    port::{Environment, PortError},
    program::{CompiledMap, Program, Write},
};
use dwsim_model::{CompanyCode, Operation, RowError, Side, SyncKind, Upsert, Values};

/// The row of a change and a mapper that has looked up what it refers to.
fn prepared<'p>(
    item: &Item<'_>,
    program: &'p Program,
    source: &dyn Environment,
    target: &dyn Environment,
) -> Result<(Mapper<'p>, Values), PortError> {
    let mut mapper = mapper_of(item, program, target)?;
    let row = projected(program, item.change.row());
    mapper.prepare(std::slice::from_ref(&row), source, target)?;
    Ok((mapper, row))
}

fn mapper_of<'p>(
    item: &Item<'_>,
    program: &'p Program,
    target: &dyn Environment,
) -> Result<Mapper<'p>, PortError> {
    let company = match &item.company {
        Some(company) => target.company_value(company)?,
        None => None,
    };
    Ok(Mapper::new(program, company))
}

/// The changes of one transaction before anything of it is written: rows of one map and company look up once what they
/// share.
#[derive(Default)]
pub(crate) struct Preparation<'i> {
    mappers: Vec<(Option<&'i CompanyCode>, Mapper<'i>)>,
}

impl<'i> Preparation<'i> {
    /// The target row of a change; none for a delete. Good only until either side is written.
    pub(crate) fn map(
        &mut self,
        item: &'i Item<'_>,
        target_side: Side,
        source: &dyn Environment,
        target: &dyn Environment,
    ) -> Result<Option<Mapped>, PortError> {
        let Some(program) = item.map.program(target_side) else { return Ok(None) };
        if item.change.operation == Operation::Delete {
            return Ok(None);
        }
        let company = item.company.as_ref();
        let known = self.mappers.iter().position(|(own, mapper)| *own == company && mapper.runs(program));
        let at = if let Some(at) = known {
            at
        } else {
            self.mappers.push((company, mapper_of(item, program, target)?));
            self.mappers.len() - 1
        };
        let row = projected(program, item.change.row());
        let (_, mapper) = &mut self.mappers[at];
        mapper.prepare(std::slice::from_ref(&row), source, target)?;
        Ok(Some(mapper.assemble(row)))
    }
}

/// Deletes the row a removed row is known by; a row that is not there is no error (decision Q16). What else the removed
/// row referred to may have gone before it.
pub(crate) fn delete_one(
    item: &Item<'_>,
    target_side: Side,
    source: &dyn Environment,
    target: &mut dyn Environment,
) -> Result<Result<Operation, RowError>, PortError> {
    let Some(program) = item.map.program(target_side) else { return Ok(Ok(Operation::Delete)) };
    let (mapper, row) = prepared(item, program, source, target)?;
    let Some(key) = mapper.key_values(row) else { return Ok(Ok(Operation::Delete)) };
    let by: Vec<usize> = program.key.iter().map(|at| program.columns[*at]).collect();
    Ok(target.delete(&program.target, &by, &key)?.map(|_| Operation::Delete))
}

pub(crate) fn upsert_for(map: &CompiledMap, target_side: Side, company: Option<CompanyCode>) -> Upsert {
    let (table, columns, key, overwrite, symbols) = match map.program(target_side) {
        Some(program) => {
            let overwrite = (0..program.columns.len())
                .filter(|at| !program.key.contains(at) && !matches!(program.writes[*at], Write::Company))
                .collect();
            (
                program.target.clone(),
                program.columns.clone(),
                program.key.clone(),
                overwrite,
                program.symbols(),
            )
        }
        None => (map.table.clone(), Vec::new(), Vec::new(), Vec::new(), Vec::new()),
    };
    Upsert { table, company, columns, key, overwrite, symbols, sync: SyncKind::Live }
}
