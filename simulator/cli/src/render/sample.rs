//! A small report made by hand, with one of everything.

use dwsim_dualwrite::{LegStatus, MapStatus, Push};
use dwsim_model::{Clock, MapId, Side, VirtualDuration};
use dwsim_scenario::{
    AdviceReport, CheckReport, ErrorReport, ExecutionReport, LegReport, LinkReport, LiveReport, MapReport,
    Report, SideReport, StepOutcome, StepReport, TableReport,
};

const CUSTOMERS: &str = "customers-v3-accounts";

/// A failure of a customer.
pub(crate) fn error(code: &str, message: &str) -> ErrorReport {
    ErrorReport {
        map: CUSTOMERS.into(),
        company: "USMF".parse().ok(),
        direction: "to-dataverse",
        key: String::new(),
        column: None,
        code: code.to_owned(),
        message: message.to_owned(),
    }
}

fn lookup_error(number: u32) -> ErrorReport {
    let value = format!("G{number}");
    let message = format!(
        "Couldn't resolve the guid for the field: msdyn_customergroupid.msdyn_groupid. The lookup value was not found: {value}. Try this URL(s) to check if the reference data exists: https://contoso.crm.dynamics.com/api/data/v9.0/msdyn_customergroups?$select=msdyn_groupid&$filter=msdyn_groupid eq '{value}'"
    );
    ErrorReport {
        key: format!("C-{number}"),
        column: Some("msdyn_customergroupid.msdyn_groupid".to_owned()),
        ..error("I3", &message)
    }
}

/// A run that was linked, synchronised with errors, and missed one expectation.
pub(crate) fn report() -> Report {
    let mut clock = Clock::default();
    let mut step = |id: &str, name: &str, minutes: u64, outcome: StepOutcome, detail: &str| {
        let started = clock.now();
        clock.advance(VirtualDuration::from_mins(minutes));
        StepReport {
            id: id.to_owned(),
            name: name.to_owned(),
            verb: "map.run".to_owned(),
            started,
            finished: clock.now(),
            outcome,
            detail: detail.to_owned(),
        }
    };
    let steps = vec![
        step("link", "Link both environments", 45, StepOutcome::Done, "2 legal entities"),
        step("early", "Run before the solution is there", 1, StepOutcome::RefusedAsExpected, "M2"),
        step("sync", "Run customers with initial sync", 20, StepOutcome::Failed, "7 rows failed"),
        step("after", "Save a customer", 0, StepOutcome::NotReached, ""),
    ];
    let map = |id: &str, name: &str, status| MapReport { id: MapId::from(id), name: name.to_owned(), status };
    let leg = |direction, status, exported, inserted, errors| LegReport {
        direction,
        status,
        exported,
        inserted,
        updated: 3,
        unchanged: exported - inserted - errors - 3,
        errors,
        assumed: None,
    };
    let table = |name: &str| TableReport { name: name.to_owned(), rows: 20, digest: "a1".to_owned() };
    let side = |side, name: &str| SideReport { side, rows: 20, tables: vec![table(name)] };
    let check = |what: &str, expected: &str, actual: &str| CheckReport {
        what: what.to_owned(),
        expected: expected.to_owned(),
        actual: actual.to_owned(),
        ok: expected == actual,
    };
    let mut errors: Vec<ErrorReport> = (1..=6).map(lookup_error).collect();
    errors.push(error("I5", "Party number couldn't be found in Dataverse."));
    Report {
        scenario: "sample".to_owned(),
        title: "One of everything".to_owned(),
        profile: dwsim_catalog::facts::ProfileId::Docs2026,
        seed: 42,
        ok: false,
        link: LinkReport {
            state: "Linked".to_owned(),
            legal_entities: ["DEMF", "USMF"].iter().filter_map(|code| code.parse().ok()).collect(),
        },
        steps,
        maps: vec![
            map(CUSTOMERS, "Customers V3 - accounts", MapStatus::NotRunning),
            map("currencies-transactioncurrencies", "Currencies - transactioncurrencies", MapStatus::Running),
            map("vendors-v2-msdyn-vendors", "Vendors V2 - msdyn_vendors", MapStatus::Paused),
        ],
        executions: vec![ExecutionReport {
            map: CUSTOMERS.into(),
            company: "USMF".parse().ok(),
            request: 1,
            push: Push::Full,
            master: Side::Dataverse,
            duration: VirtualDuration::from_mins(20),
            ineligible: 2,
            missed: 0,
            warnings: Vec::new(),
            legs: vec![
                leg("to-finops", LegStatus::Success, 10, 5, 0),
                leg("to-dataverse", LegStatus::Warning, 20, 10, 7),
            ],
        }],
        errors,
        live: vec![LiveReport {
            step: "after".to_owned(),
            origin: Side::Dataverse,
            table: "account".to_owned(),
            outcome: "refused".to_owned(),
            detail: "the map does not run".to_owned(),
        }],
        advice: vec![AdviceReport {
            map: CUSTOMERS.into(),
            rows: 700_000,
            single_threaded: true,
            approach: "load each side by itself, then run without initial sync".to_owned(),
        }],
        notices: vec!["notes-annotations was left alone: another map does the same".to_owned()],
        sides: [side(Side::FinOps, "CustomersV3"), side(Side::Dataverse, "account")],
        verdict: vec![
            check("the link", "Linked", "Linked"),
            check("status of customers-v3-accounts", "Running", "Not running"),
        ],
        virtual_duration: VirtualDuration::from_mins(66),
        wall_ms: 1_250,
    }
}
