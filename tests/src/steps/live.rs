//! Saves made after the set-up: one from each side that arrives, one that is refused.

use crate::world::{Told, World, same};
use cucumber::then;
use dwsim_model::Side;

#[then("a row saved in F&O arrived in Dataverse")]
fn from_finops(world: &mut World) -> Told {
    arrived(world, Side::FinOps)
}

#[then("a row saved in Dataverse arrived in F&O")]
fn from_dataverse(world: &mut World) -> Told {
    arrived(world, Side::Dataverse)
}

fn arrived(world: &World, side: Side) -> Told {
    let end = world.end()?;
    match end.saves(side, "arrived").next() {
        Some(_) => Ok(()),
        None => Err(format!("no row saved in {side} arrived; live saves: {:?}", end.report.live)),
    }
}

#[then("a row saved in F&O stayed there")]
fn stayed_in_finops(world: &mut World) -> Told {
    stayed(world, Side::FinOps)
}

#[then("a row saved in Dataverse stayed there")]
fn stayed_in_dataverse(world: &mut World) -> Told {
    stayed(world, Side::Dataverse)
}

fn stayed(world: &World, side: Side) -> Told {
    let end = world.end()?;
    match end.saves(side, "not eligible").next() {
        Some(_) => Ok(()),
        None => Err(format!("no row saved in {side} stayed there; live saves: {:?}", end.report.live)),
    }
}

#[then(expr = "a save was refused because {string}")]
fn refused(world: &mut World, because: String) -> Told {
    let end = world.end()?;
    let mut refused = end.report.live.iter().filter(|live| live.outcome == "refused");
    if refused.any(|live| live.detail.contains(&because)) {
        return Ok(());
    }
    Err(format!("no save was refused because of '{because}'; live saves: {:?}", end.report.live))
}

#[then("the refused save left both sides as they were")]
fn left_no_trace(world: &mut World) -> Told {
    let end = world.end()?;
    let refused =
        end.report.live.iter().find(|live| live.outcome == "refused").ok_or("no save was refused")?;
    let at = end
        .report
        .steps
        .iter()
        .position(|step| step.id == refused.step)
        .ok_or("the refused save is no step")?;
    // Content, not only counts: the set-up carried out to just before the save and to just after it.
    let (before, after) = (world.carry_out(Some(at))?, world.carry_out(Some(at + 1))?);
    same("live saves up to the refused one", &after.report.live.len(), &(before.report.live.len() + 1))?;
    for (before, after) in before.report.sides.iter().zip(&after.report.sides) {
        let content = |side: &dwsim_scenario::SideReport| -> Vec<(String, u64, String)> {
            side.tables.iter().map(|table| (table.name.clone(), table.rows, table.digest.clone())).collect()
        };
        same(&format!("content of {}", before.side), &content(after), &content(before))?;
    }
    Ok(())
}
