//! Doing what a program says, in a world of its own.

use super::{COMPANIES, Cut, Deed, MAPS, Queue, RowOf};
use crate::worlds::Plan;
use dwsim_dualwrite::{Execution, ResumeMode, RunKind, RunOptions};
use dwsim_model::{Change, CompanyCode, MapId, Name, Operation, Side, Value, VirtualDuration};
use dwsim_store::{Condition, Select};
use dwsim_tenant::{CommitPoint, Tenant, TenantError};

/// What a deed came to.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// Initial syncs it ran.
    pub(crate) executions: Vec<Execution>,
    /// Why it was refused: the code, or the text where there is no code.
    pub(crate) refused: Option<String>,
    /// Whether the refusal left one side committed.
    pub(crate) torn: bool,
}

/// Table, key column, description column and, for groups, term column of one side of a map.
pub(crate) fn columns(map: usize, side: Side) -> (&'static str, &'static str, &'static str, &'static str) {
    match (map, side) {
        (0, Side::FinOps) => ("PaymentTerms", "Name", "Description", "dataAreaId"),
        (0, Side::Dataverse) => ("msdyn_paymentterm", "msdyn_name", "msdyn_description", "msdyn_company"),
        (_, Side::FinOps) => ("CustomerGroups", "CustomerGroupId", "Description", "dataAreaId"),
        (_, Side::Dataverse) => {
            ("msdyn_customergroup", "msdyn_groupid", "msdyn_description", "msdyn_company")
        }
    }
}

pub(crate) fn key_text(map: usize, number: u8) -> String {
    if map == 0 { format!("T{number}") } else { format!("G{number}") }
}

pub(crate) fn world() -> Result<Tenant, String> {
    let failed = |error: &dyn std::fmt::Display| error.to_string();
    let mut plan = Plan::empty(&COMPANIES).map_err(|error| failed(&error))?;
    plan.packages = Vec::new();
    let mut tenant = plan.linked().map_err(|error| failed(&error))?;
    tenant.remove_legal_entity(&company(2)?).map_err(|error| failed(&error))?;
    Ok(tenant)
}

pub(crate) fn company(at: usize) -> Result<CompanyCode, String> {
    COMPANIES[at].parse().map_err(|error: dwsim_model::CompanyCodeError| error.to_string())
}

/// The id of a row by legal entity and number.
pub(crate) fn find(tenant: &Tenant, side: Side, row: RowOf) -> Result<Option<Value>, String> {
    let (table, key, _, company_column) = columns(row.map, side);
    let failed = |error: &dyn std::fmt::Display| error.to_string();
    let store = match side {
        Side::FinOps => tenant.finops().store(),
        Side::Dataverse => tenant.dataverse().ok_or("there is no Dataverse")?.store(),
    };
    let id = store.table(table).ok_or("there is no such table")?;
    let shape = store.table_type(id);
    let at = |name: &str| shape.ordinal(name).ok_or_else(|| format!("{table} has no {name}"));
    let own = company_value(tenant, side, row.company)?;
    let select = Select::all(id)
        .columns(&[0])
        .only(Condition::Equal(at(key)?, Value::text(key_text(row.map, row.number))))
        .only(Condition::Equal(at(company_column)?, own));
    let found = store.collect(&select).map_err(|error| failed(&error))?;
    Ok(found.first().map(|cells| cells[0].clone()))
}

fn company_value(tenant: &Tenant, side: Side, at: usize) -> Result<Value, String> {
    if side == Side::FinOps {
        return Ok(Value::text(COMPANIES[at]));
    }
    let dataverse = tenant.dataverse().ok_or("there is no Dataverse")?;
    let id = dataverse.company_id(&company(at)?).map_err(|error| error.to_string())?;
    Ok(id.map_or(Value::Null, Value::Guid))
}

fn change(tenant: &Tenant, side: Side, row: RowOf) -> Result<Change, String> {
    let (table, key, description, company_column) = columns(row.map, side);
    let mut values: Vec<(Name, Value)> =
        vec![(description.into(), Value::text(format!("d{}", row.description)))];
    if row.map == 1 {
        let named = RowOf { map: 0, number: row.term.unwrap_or(0), ..row };
        let term = match (row.term, side) {
            (None, Side::FinOps) => Some(Value::text("")),
            (None, Side::Dataverse) => Some(Value::Null),
            (Some(number), Side::FinOps) => Some(Value::text(key_text(0, number))),
            // A person picks a row that is there.
            (Some(_), Side::Dataverse) => find(tenant, side, named)?,
        };
        let column = if side == Side::FinOps { "PaymentTermId" } else { "msdyn_paymenttermid" };
        values.extend(term.map(|term| (column.into(), term)));
    }
    if let Some(id) = find(tenant, side, row)? {
        let id_name = id_column(tenant, side, table)?;
        return Ok(Change {
            table: table.into(),
            operation: Operation::Update,
            key: vec![(id_name, id)],
            values,
        });
    }
    values.push((key.into(), Value::text(key_text(row.map, row.number))));
    values.push((company_column.into(), company_value(tenant, side, row.company)?));
    Ok(Change { table: table.into(), operation: Operation::Create, key: Vec::new(), values })
}

fn id_column(tenant: &Tenant, side: Side, table: &str) -> Result<Name, String> {
    let shape = tenant.catalog().table(side, table).ok_or("there is no such table")?;
    Ok(shape.column(0).name.clone())
}

/// Does one deed.
pub(crate) fn act(tenant: &mut Tenant, deed: Deed) -> Result<Done, String> {
    let map = |at: usize| MapId::from(MAPS[at]);
    let mut done = Done::default();
    let outcome: Result<(), TenantError> = match deed {
        Deed::Save(side, row, cut) => {
            let change = change(tenant, side, row)?;
            let point = cut.map(|cut| match cut {
                Cut::Before => CommitPoint::BeforeCommit,
                Cut::Gap => CommitPoint::CommitGap,
            });
            let saved = tenant.save_with(side, &[change], point).map(drop);
            done.torn = cut == Some(Cut::Gap)
                && saved.as_ref().is_err_and(|error| error.code() == Some("SIM-SERVICE-UNAVAILABLE"));
            saved
        }
        Deed::SaveBoth(side, term, group) => {
            let changes = [change(tenant, side, term)?, change(tenant, side, group)?];
            tenant.save(side, &changes).map(drop)
        }
        Deed::Delete(side, row) => match find(tenant, side, row)? {
            None => Ok(()),
            Some(id) => {
                let table = columns(row.map, side).0;
                let key = vec![(id_column(tenant, side, table)?, id)];
                let change =
                    Change { table: table.into(), operation: Operation::Delete, key, values: Vec::new() };
                tenant.save(side, &[change]).map(drop)
            }
        },
        Deed::Run(at, master) => {
            let options = RunOptions {
                initial_sync: master.is_some(),
                master: master.unwrap_or(Side::Dataverse),
                full: false,
            };
            tenant.run_map(MAPS[at], options).map(|executions| done.executions = executions)
        }
        Deed::Again(at, all) => {
            let kind = if all { RunKind::Again } else { RunKind::WithoutErrors };
            tenant.rerun_map(MAPS[at], kind).map(|executions| done.executions = executions)
        }
        Deed::Stop(at) => tenant.stop_map(MAPS[at]),
        Deed::Pause(first, second) => {
            let chosen: Vec<MapId> =
                [(0, first), (1, second)].iter().filter(|(_, on)| *on).map(|(at, _)| map(*at)).collect();
            tenant.pause_maps(&chosen)
        }
        Deed::Resume(at, queue) => {
            let mode = match queue {
                Queue::CatchUp => ResumeMode::CatchUp,
                Queue::Keep => ResumeMode::PreserveAsErrors,
                Queue::Discard => ResumeMode::Discard,
            };
            tenant.resume_maps(&[map(at)], mode)
        }
        Deed::Retry(at) => tenant.retry_catch_up(MAPS[at]).map(drop),
        Deed::Join => {
            tenant.add_legal_entity(&company(2)?, false).map(|executions| done.executions = executions)
        }
        Deed::Leave => tenant.remove_legal_entity(&company(2)?),
        Deed::Wait(hours) => {
            tenant.clock_mut().advance(VirtualDuration::from_hours(u64::from(hours)));
            Ok(())
        }
        Deed::Service(runs) => {
            tenant.finops_mut().environment_mut().import_export_running = runs;
            Ok(())
        }
    };
    if let Err(error) = outcome {
        done.refused = Some(error.code().map_or_else(|| error.to_string(), str::to_owned));
    }
    Ok(done)
}
