//! A program as a feature file: what is done in the words of the step language, with the refusals it meets.

use super::{
    COMPANIES, Cut, Deed, Program, Queue, RowOf,
    act::{act, columns, find, key_text, world},
    laws::{held, status},
};
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
        let status = status(tenant, at)?;
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
        Deed::Save(on, row, cut) => save(tenant, on, row, cut),
        Deed::SaveBoth(on, term, group) => {
            let lines = [term, group].map(|row| {
                let (table, key, _, _) = columns(row.map, on);
                let number = key_text(row.map, row.number);
                let mut values = cells(tenant, on, row);
                let exists = matches!(find(tenant, on, row), Ok(Some(_)));
                if !exists {
                    values.insert(0, (key, number.clone()));
                }
                let (what, named) = if exists { ("change", number.as_str()) } else { ("create", "") };
                let values: Vec<String> =
                    values.iter().map(|(name, value)| format!("{name}: {value}")).collect();
                let company = COMPANIES[row.company];
                format!("      | {what} | {table} | {company} | {named} | {} |\n", values.join(", "))
            });
            format!(
                "    When one transaction in {} does:\n      | what | table | of | row | values |\n{}",
                side(on),
                lines.concat()
            )
        }
        Deed::Delete(on, row) => match find(tenant, on, row) {
            Ok(Some(_)) => format!(
                "    When {} \"{}\" of {} is deleted in {}\n",
                columns(row.map, on).0,
                key_text(row.map, row.number),
                COMPANIES[row.company],
                side(on)
            ),
            _ => String::new(),
        },
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
        Deed::Pause(first, second) => {
            let chosen: Vec<&str> = [(first, LABELS[0]), (second, LABELS[1])]
                .iter()
                .filter(|(on, _)| *on)
                .map(|(_, label)| *label)
                .collect();
            format!("    When the table maps \"{}\" are paused\n", chosen.join(", "))
        }
        Deed::Resume(map, queue) => {
            let how = match queue {
                Queue::CatchUp => " and catches up",
                Queue::Keep => ", the queue kept as catch-up errors",
                Queue::Discard => ", the queue discarded",
            };
            format!("    When the table map \"{}\" is resumed{how}\n", LABELS[map])
        }
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

fn save(tenant: &Tenant, on: Side, row: RowOf, cut: Option<Cut>) -> String {
    let (table, key, _, _) = columns(row.map, on);
    let number = key_text(row.map, row.number);
    let (mut heads, mut cells): (Vec<&str>, Vec<String>) = cells(tenant, on, row).into_iter().unzip();
    let exists = matches!(find(tenant, on, row), Ok(Some(_)));
    let cut = match cut {
        None => "",
        Some(Cut::Before) => ", cut off before the commits",
        Some(Cut::Gap) => ", cut off between the commits",
    };
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
