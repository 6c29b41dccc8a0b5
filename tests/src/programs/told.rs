//! A program as a feature file: what is done in the words of the step language, with the refusals it meets.

use super::{
    COMPANIES, Cut, Deed, Edit, Program, Queue, RowOf,
    act::{act, columns, find, key_text, world},
    picture::{held, state},
};
use dwsim_dualwrite::MapStatus;
use dwsim_model::Side;
use dwsim_tenant::Tenant;
use std::fmt::Write as _;

const LABELS: [&str; 2] = ["terms-of-payment-msdyn-paymentterms", "Customer groups"];

impl Program {
    /// The program as a feature that does the same.
    pub fn as_feature(&self) -> String {
        let mut text = String::from(
            "@2026\nFeature: A program that breaks a law\n\n  Scenario: what is done\n    Given both environments are linked \
             for \"USMF, DEMF and GBSI\"\n    When the legal entity GBSI is removed from the link\n",
        );
        let Ok(mut tenant) = world() else { return text };
        for deed in &self.deeds {
            let told = tell(&tenant, *deed);
            let Ok(done) = act(&mut tenant, *deed) else { break };
            if told.is_empty() {
                continue;
            }
            text.push_str(&told);
            if let Some(refused) = done.refused {
                let _ = writeln!(text, "    Then it is refused with \"{refused}\"");
            }
        }
        let _ = ends(&tenant, &mut text);
        text
    }
}

/// How the program left the world: what a feature that does the same has to come to as well.
fn ends(tenant: &Tenant, text: &mut String) -> Result<(), String> {
    for (at, label) in LABELS.iter().enumerate() {
        let status = state(tenant, at)?.status;
        let _ = writeln!(text, "    Then the table map \"{label}\" is {status}");
        for side in [Side::FinOps, Side::Dataverse] {
            let rows = held(tenant, at, side)?.len();
            let _ = writeln!(text, "    Then {} has {rows} rows", columns(at, side).0);
        }
    }
    Ok(())
}

fn side(side: Side) -> &'static str {
    if side == Side::FinOps { "F&O" } else { "Dataverse" }
}

/// Nothing where there is nothing to do.
fn tell(tenant: &Tenant, deed: Deed) -> String {
    match deed {
        Deed::Save(on, Edit::Put(row), cut) => save(tenant, on, row, cut),
        Deed::Save(on, Edit::Delete(row), cut) => match find(tenant, on, row) {
            Ok(Some(_)) => format!(
                "    When {} \"{}\" of {} is deleted in {}{}\n",
                columns(row.map, on).0,
                key_text(row.map, row.number),
                COMPANIES[row.company],
                side(on),
                at(cut)
            ),
            _ => String::new(),
        },
        Deed::Together(on, edits, cut) => {
            let lines: Vec<String> =
                edits.iter().flatten().filter_map(|edit| line(tenant, on, *edit)).collect();
            if lines.is_empty() {
                return String::new();
            }
            let cut = if cut.is_some() { format!("{},", at(cut)) } else { String::new() };
            format!(
                "    When one transaction in {}{cut} does:\n      | what | table | of | row | values |\n{}",
                side(on),
                lines.concat()
            )
        }
        Deed::Run(map, Some(master)) => format!(
            "    When the table map \"{}\" is run with initial sync and master {}\n",
            LABELS[map],
            side(master)
        ),
        Deed::Run(map, None) => {
            format!("    When the table map \"{}\" is run without initial sync\n", LABELS[map])
        }
        Deed::Again(map, all) => {
            let how = if all { "" } else { " without errors" };
            format!("    When the execution of \"{}\" is run again{how}\n", LABELS[map])
        }
        Deed::Stop(map) => format!("    When the table map \"{}\" is stopped\n", LABELS[map]),
        Deed::Pause(maps, cut) => {
            format!("    When the table maps \"{}\" are paused{}\n", labels(maps), at(cut))
        }
        Deed::Resume(maps, queue, cut) => {
            let how = match (queue, cut) {
                (Queue::CatchUp, None) => " and catch up",
                (Queue::CatchUp, Some(_)) => "",
                (Queue::Keep, _) => ", the queue kept as catch-up errors",
                (Queue::Discard, _) => ", the queue discarded",
            };
            format!("    When the table maps \"{}\" are resumed{how}{}\n", labels(maps), at(cut))
        }
        Deed::Begin(map) => format!("    When the table map \"{}\" begins to resume\n", LABELS[map]),
        Deed::Step(map) => match state(tenant, map) {
            // There is no step for taking nothing from an empty queue.
            Ok(own) if own.status == MapStatus::Resuming && own.queue.is_empty() => String::new(),
            _ => format!("    When one queued change of \"{}\" is played back\n", LABELS[map]),
        },
        Deed::Continue(map) => format!("    When the table map \"{}\" ends resuming\n", LABELS[map]),
        Deed::Skip(map, preserve) => {
            let queue = if preserve { "preserved" } else { "lost" };
            format!("    When the table map \"{}\" skips to live sync, the queue {queue}\n", LABELS[map])
        }
        // A feature is played in a new world each time it is run, which is what a restart is.
        Deed::Restart => "    # a restart: everything above is done again in a new world\n".into(),
        Deed::Retry(map) => format!("    When the catch-up errors of \"{}\" are retried\n", LABELS[map]),
        Deed::Join => "    When the legal entity GBSI is added to the link\n".into(),
        Deed::Leave => "    When the legal entity GBSI is removed from the link\n".into(),
        Deed::Wait(hours) => format!("    When {hours} hours pass\n"),
        Deed::Service(runs) => {
            let (keyword, word) = if runs { ("When", "started") } else { ("Given", "stopped") };
            format!("    {keyword} the data import and export service of F&O is {word}\n")
        }
    }
}

fn at(cut: Cut) -> String {
    cut.map_or_else(String::new, |point| format!(", cut off at \"{point}\""))
}

fn labels(maps: [bool; 2]) -> String {
    let chosen: Vec<&str> = LABELS.iter().zip(maps).filter(|(_, on)| *on).map(|(label, _)| *label).collect();
    chosen.join(", ")
}

/// One line of a transaction; none where there is nothing to delete.
fn line(tenant: &Tenant, on: Side, edit: Edit) -> Option<String> {
    let row = edit.row();
    let (table, key, _, _) = columns(row.map, on);
    let (number, company) = (key_text(row.map, row.number), COMPANIES[row.company]);
    let exists = matches!(find(tenant, on, row), Ok(Some(_)));
    if let Edit::Delete(_) = edit {
        return exists.then(|| format!("      | delete | {table} | {company} | {number} | |\n"));
    }
    let mut values = cells(tenant, on, row);
    if !exists {
        values.insert(0, (key, number.clone()));
    }
    let (what, named) = if exists { ("change", number.as_str()) } else { ("create", "") };
    let values: Vec<String> = values.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    Some(format!("      | {what} | {table} | {company} | {named} | {} |\n", values.join(", ")))
}

/// Columns and values of a row besides its key.
fn cells(tenant: &Tenant, on: Side, row: RowOf) -> Vec<(&'static str, String)> {
    let description = columns(row.map, on).2;
    let term = if on == Side::FinOps { "PaymentTermId" } else { "msdyn_paymenttermid" };
    let named = row.term.map_or_else(String::new, |term| key_text(0, term));
    // A person in Dataverse picks a term that is there.
    let there = on == Side::FinOps
        || row
            .term
            .is_none_or(|number| matches!(find(tenant, on, RowOf { map: 0, number, ..row }), Ok(Some(_))));
    let mut cells = vec![(description, format!("d{}", row.description))];
    if row.map == 1 && there {
        cells.push((term, if named.is_empty() { "(empty)".into() } else { named }));
    }
    cells
}

fn save(tenant: &Tenant, on: Side, row: RowOf, cut: Cut) -> String {
    let (table, key, _, _) = columns(row.map, on);
    let number = key_text(row.map, row.number);
    let (mut heads, mut cells): (Vec<&str>, Vec<String>) = cells(tenant, on, row).into_iter().unzip();
    let exists = matches!(find(tenant, on, row), Ok(Some(_)));
    let cut = at(cut);
    let company = COMPANIES[row.company];
    let step = if exists {
        format!("{table} \"{number}\" of {company} is changed in {}{cut}", side(on))
    } else {
        heads.insert(0, key);
        cells.insert(0, number);
        format!("these {table} rows of {company} are saved in {}{cut}", side(on))
    };
    format!("    When {step}:\n      | {} |\n      | {} |\n", heads.join(" | "), cells.join(" | "))
}
