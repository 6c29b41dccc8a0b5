//! Doing what a program says, in a world of its own.

use super::{COMPANIES, Deed, Edit, MAPS, Queue, RowOf};
use crate::worlds::Plan;
use dwsim_dataverse::Actor;
use dwsim_dualwrite::{Execution, FaultPoint, ResumeMode, RunKind, RunOptions};
use dwsim_model::{Change, CompanyCode, MapId, Name, Operation, Side, Value, VirtualDuration};
use dwsim_store::{Condition, Select};
use dwsim_tenant::{Tenant, TenantError};

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
    // No more than the two table maps need: most of the time of a program is its world.
    plan.maps = MAPS.iter().map(|map| MapId::from(*map)).collect();
    plan.template = "standard".into();
    plan.packages = vec!["application-core".into(), "finance".into()];
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

/// The change an edit asks for; none where there is nothing to delete.
fn edited(tenant: &Tenant, side: Side, edit: Edit) -> Result<Option<Change>, String> {
    let row = match edit {
        Edit::Put(row) => return change(tenant, side, row).map(Some),
        Edit::Delete(row) => row,
    };
    let Some(id) = find(tenant, side, row)? else { return Ok(None) };
    let table = columns(row.map, side).0;
    let key = vec![(id_column(tenant, side, table)?, id)];
    Ok(Some(Change { table: table.into(), operation: Operation::Delete, key, values: Vec::new() }))
}

/// Changes or deletes a row of a map on one side as live sync cannot see it.
pub(crate) fn behind(
    tenant: &mut Tenant,
    side: Side,
    map: usize,
    (code, number): &(String, String),
    delete: bool,
) -> Result<(), String> {
    let at = COMPANIES.iter().position(|own| own == code).ok_or("there is no such legal entity")?;
    let digit = number[1..].parse().map_err(|_| format!("{number} has no number"))?;
    let row = RowOf { map, company: at, number: digit, description: 9, term: None };
    let edit = if delete { Edit::Delete(row) } else { Edit::Put(row) };
    let change = edited(tenant, side, edit)?.ok_or("there is no such row")?;
    let now = tenant.clock().now();
    match side {
        Side::FinOps => tenant.finops_mut().save(&change).map(drop).map_err(|error| error.to_string()),
        Side::Dataverse => {
            let dataverse = tenant.dataverse_mut().ok_or("there is no Dataverse")?;
            dataverse.save(&change, &Actor::System, now).map(drop).map_err(|error| error.to_string())?;
            dataverse.take_side_effects();
            Ok(())
        }
    }
}

fn chosen(maps: [bool; 2]) -> Vec<MapId> {
    MAPS.iter().zip(maps).filter(|(_, on)| *on).map(|(map, _)| MapId::from(*map)).collect()
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
        Deed::Save(side, ..) | Deed::Together(side, ..) => {
            let edits = deed.edits().map_or_else(Vec::new, |(_, edits)| edits);
            let changes = edits
                .into_iter()
                .filter_map(|edit| edited(tenant, side, edit).transpose())
                .collect::<Result<Vec<_>, _>>()?;
            if changes.is_empty() {
                return Ok(done);
            }
            let saved = tenant.save_with(side, &changes, deed.cut()).map(drop);
            let committed = matches!(deed.cut(), Some(FaultPoint::CommitGap | FaultPoint::TimeoutCommitted));
            done.torn = committed
                && matches!(&saved, Err(TenantError::Refused { code, .. })
                    if code == "SIM-SERVICE-UNAVAILABLE" || code == "SIM-OUTCOME-UNKNOWN");
            saved
        }
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
        Deed::Pause(maps, cut) => tenant.pause_maps_with(&chosen(maps), cut),
        Deed::Resume(maps, queue, cut) => {
            let mode = match queue {
                Queue::CatchUp => ResumeMode::CatchUp,
                Queue::Keep => ResumeMode::PreserveAsErrors,
                Queue::Discard => ResumeMode::Discard,
            };
            tenant.resume_maps_with(&chosen(maps), mode, cut)
        }
        Deed::Begin(at) => tenant.begin_resume(&[map(at)]),
        Deed::Step(at) => tenant.resume_step(&[map(at)]).map(drop),
        Deed::Continue(at) => tenant.finish_resume(&[map(at)]),
        Deed::Skip(at, preserve) => tenant.skip_to_live(&map(at), preserve),
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
        // Whoever drives the program brings up another world: see `laws`.
        Deed::Restart => Ok(()),
    };
    if let Err(error) = outcome {
        done.refused = Some(error.code().map_or_else(|| error.to_string(), str::to_owned));
    }
    Ok(done)
}
