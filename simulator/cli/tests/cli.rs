//! The program as people call it: what it answers to bad input, and the JSON that other programs read.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

use serde_json::Value;
use std::{
    path::PathBuf,
    process::{Command, Output},
};

/// What a call ended with.
struct Ended {
    code: Option<i32>,
    out: String,
    errors: String,
}

fn dwsim(arguments: &[&str]) -> Ended {
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_dwsim")).args(arguments).env("NO_COLOR", "1").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: status.code(), out: text(stdout), errors: text(stderr) }
}

/// A file of this test run.
fn file(name: &str, text: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Bad input: nothing is run, nothing is printed as a result, the message names what is wrong, and nothing panics.
#[track_caller]
fn refused(arguments: &[&str], needles: &[&str]) {
    let ended = dwsim(arguments);
    assert_eq!(ended.code, Some(2), "{}", ended.errors);
    assert_eq!(ended.out, "", "a result was printed all the same");
    for needle in needles {
        assert!(ended.errors.contains(needle), "'{needle}' is not in: {}", ended.errors);
    }
    assert!(!ended.errors.contains("panicked"), "{}", ended.errors);
}

fn documents(arguments: &[&str]) -> (Option<i32>, Vec<Value>) {
    let ended = dwsim(arguments);
    let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    (ended.code, ended.out.lines().map(parse).collect())
}

const WORLD: &str = r#"
id = "mine"
title = "Mine"
description = "A scenario of a test."

[finops]
origin = "new"

[dataverse]
origin = "existing"
data = "existing"
"#;

fn step(id: &str, verb: &str, arguments: &str) -> String {
    format!("\n[[step]]\nid = \"{id}\"\nname = \"{id}\"\ndo = \"{verb}\"\n{arguments}\n")
}

/// Both environments linked for USMF, whose accounts in Dataverse are known.
fn linked() -> String {
    [
        WORLD.to_owned(),
        step("setup", "lcs.setup", "target = \"existing\""),
        step("configure", "lcs.configure", "packages = [\"other-maps\"]"),
        step("link", "lcs.link", ""),
        step("create", "company.create", "code = \"USMF\"\ncompany-name = \"Contoso\""),
        step("add", "company.add", "code = \"USMF\"\nskip-initial-writes = true"),
        step("bootstrap", "company.bootstrap", "code = \"USMF\""),
    ]
    .concat()
}

#[test]
fn an_unknown_scenario_is_answered_with_the_nearest() {
    refused(&["run", "new-exsting"], &["new-exsting", "did you mean 'new-existing'?"]);
}

#[test]
fn an_unknown_scenario_among_known_ones_runs_none_of_them() {
    refused(&["run", "new-new", "nonsense", "--json"], &["nonsense"]);
}

#[test]
fn malformed_toml_is_named_by_file_and_line() {
    let path = file("malformed.toml", &WORLD.replace("origin = \"existing\"", "origin = \"existing"));
    refused(&["run", &path], &["malformed.toml:10:"]);
}

#[test]
fn a_misspelt_verb_is_named_by_line_with_the_one_meant() {
    let path = file("verb.toml", &format!("{WORLD}{}", step("setup", "lcs.setpu", "target = \"existing\"")));
    refused(&["run", &path], &["verb.toml:16:", "lcs.setpu", "did you mean 'lcs.setup'?"]);
}

#[test]
fn a_company_code_of_five_letters_is_no_company_code() {
    let create = step("create", "company.create", "code = \"CONTO\"\ncompany-name = \"Contoso\"");
    let path = file("five-letters.toml", &format!("{WORLD}{create}"));
    refused(&["run", &path], &["five-letters.toml:17:", "CONTO"]);
}

#[test]
fn a_csv_without_a_key_column_is_not_imported() {
    let path =
        file("CustomersV3-no-key.csv", "ORGANIZATIONNAME,CUSTOMERGROUPID,DATAAREAID\nContoso,10,USMF\n");
    refused(&["run", "new-data-new", "--import", &path], &["CustomersV3-no-key.csv", "CustomerAccount"]);
}

#[test]
fn a_customer_without_a_group_is_not_imported() {
    let csv = "CUSTOMERACCOUNT,CUSTOMERGROUPID,SALESCURRENCYCODE,PARTYTYPE,ORGANIZATIONNAME,DATAAREAID\n\
               C-1,10,USD,Organization,Contoso,DAT\nC-2,,USD,Organization,Fabrikam,DAT\n";
    let path = file("CustomersV3-no-group.csv", csv);
    let needles = ["CustomersV3-no-group.csv", "line 3", "CustomerGroupId"];
    refused(&["run", "new-data-new", "--import", &path], &needles);
}

#[test]
fn a_csv_with_a_company_code_of_five_letters_is_not_imported() {
    let path =
        file("CustomerGroups-conto.csv", "CUSTOMERGROUPID,DESCRIPTION,DATAAREAID\n10,Wholesale,CONTO\n");
    refused(&["run", "new-data-new", "--import", &path], &["CustomerGroups-conto.csv", "line 2", "CONTO"]);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    refused(&["run", "new-new", "--import", "no-such.csv"], &["no-such.csv"]);
    refused(&["run", "no-such.toml"], &["no-such.toml"]);
}

#[test]
fn eleven_lookups_end_the_step_with_the_documented_message_and_no_customer_is_written() {
    let map = "maps = [\"customers-v3-accounts\"]";
    let text =
        [linked(), step("stop", "map.stop", map), step("sync", "map.run", map), step("after", "advise", map)];
    let expected = "\n[expected]\nlinked = true\nlegal-entities = [\"DAT\", \"USMF\"]\n";
    let path = file("eleven-lookups.toml", &format!("{}{expected}", text.concat()));
    let (code, documents) = documents(&["run", &path, "--json"]);
    let [report] = documents.as_slice() else { panic!("one document, and there are {}", documents.len()) };
    assert_eq!(code, Some(1), "the scenario ran and did not reach its end");
    assert_eq!(report["ok"], false);
    let outcome = |id: &str| {
        let steps = report["steps"].as_array().unwrap();
        steps.iter().find(|step| step["id"] == id).unwrap()["outcome"].clone()
    };
    assert_eq!(
        (outcome("bootstrap"), outcome("sync"), outcome("after")),
        ("done".into(), "failed".into(), "not-reached".into())
    );
    let errors = report["errors"].as_array().unwrap();
    let error = errors.iter().find(|error| error["company"] == "USMF").unwrap();
    assert_eq!((&error["map"], &error["code"]), (&"customers-v3-accounts".into(), &"I4".into()));
    assert!(error["message"].as_str().unwrap().contains("5 Attempts to get data"), "{error}");
    let finops = report["sides"][0]["tables"].as_array().unwrap();
    assert!(finops.iter().all(|table| table["name"] != "CustomersV3" || table["rows"] == 0), "{finops:?}");
    let maps = report["maps"].as_array().unwrap();
    let customers = maps.iter().find(|map| map["id"] == "customers-v3-accounts").unwrap();
    assert_eq!(customers["status"], "not-running");
}

/// Every key another program may rely on is there, with a value of its kind.
fn has_the_documented_shape(report: &Value) {
    for key in ["scenario", "profile", "virtual_duration"] {
        assert!(report[key].is_string(), "{key}: {}", report[key]);
    }
    assert!(report["seed"].is_u64() && report["wall_ms"].is_u64() && report["ok"].is_boolean());
    assert!(report["link"]["state"].is_string() && report["link"]["legal_entities"].is_array());
    let each = |key: &str, texts: &[&str]| {
        let items = report[key].as_array().unwrap_or_else(|| panic!("{key} is no list"));
        for item in items {
            for text in texts {
                assert!(item[text].is_string(), "{key}.{text}: {item}");
            }
        }
        items
    };
    assert!(!each("steps", &["id", "name", "started", "finished", "outcome"]).is_empty());
    assert!(!each("maps", &["id", "status"]).is_empty());
    for execution in each("executions", &["map"]) {
        assert!(execution["company"].is_string() || execution["company"].is_null(), "{execution}");
        for leg in execution["legs"].as_array().unwrap() {
            assert!(leg["direction"].is_string(), "{leg}");
            let count = |key: &str| leg[key].as_u64().unwrap_or_else(|| panic!("{key}: {leg}"));
            let sum = count("inserted") + count("updated") + count("unchanged") + count("errors");
            assert_eq!(count("exported"), sum, "{leg}");
        }
    }
    for error in each("errors", &["map", "key", "code", "message"]) {
        for key in ["company", "column"] {
            assert!(error[key].is_string() || error[key].is_null(), "{error}");
        }
    }
}

#[test]
fn all_six_scenarios_give_one_document_each_with_every_documented_key() {
    let (code, documents) = documents(&["run", "--all", "--json"]);
    assert_eq!(code, Some(0));
    let ids: Vec<&str> = documents.iter().map(|report| report["scenario"].as_str().unwrap()).collect();
    let page =
        ["new-new", "new-existing", "new-data-new", "new-data-existing", "existing-new", "existing-existing"];
    assert_eq!(ids, page);
    for report in &documents {
        assert_eq!(report["ok"], true, "{}", report["scenario"]);
        has_the_documented_shape(report);
    }
}

#[test]
fn a_failed_scenario_has_the_same_shape_and_exit_code_one() {
    let text = format!("{}\n[expected]\nlinked = false\n", linked());
    let path = file("not-as-expected.toml", &text);
    let (code, documents) = documents(&["run", &path, "--json"]);
    assert_eq!((code, documents.len()), (Some(1), 1));
    assert_eq!(documents[0]["ok"], false);
    has_the_documented_shape(&documents[0]);
}

#[test]
fn an_export_of_two_companies_that_share_a_number_goes_through_the_real_maps() {
    let csv = "CUSTOMERACCOUNT,CUSTOMERGROUPID,SALESCURRENCYCODE,PAYMENTTERMS,PARTYTYPE,PARTYNUMBER,ORGANIZATIONNAME,\
               ADDRESSVALIDFROM,ADDRESSVALIDTO,DataAreaId\n\
               C-77,10,USD,Net30,Organization,770001,Northwind,8/25/2020 13:03,12/31/2154 23:59,USMF\n\
               C-77,10,USD,Net30,Organization,770001,Northwind UK,8/25/2020 13:03,12/31/2154 23:59,GBSI\n";
    let path = file("Customers V3.csv", csv);
    let (code, reports) = documents(&["run", "existing-new", "--import", &path, "--json"]);
    let report = &reports[0];
    assert_eq!((code, &report["errors"]), (Some(0), &serde_json::json!([])), "{report}");
    assert_eq!(report["link"]["legal_entities"], serde_json::json!(["DAT", "DEMF", "GBSI", "USMF"]));
    let accounts = |company: &str| -> u64 {
        let legs = report["executions"].as_array().unwrap().iter().filter(|execution| {
            execution["map"] == "customers-v3-accounts" && execution["company"] == company
        });
        legs.map(|execution| execution["legs"][0]["inserted"].as_u64().unwrap()).sum()
    };
    assert_eq!(accounts("GBSI"), 1);
    assert_eq!(accounts("USMF"), 9, "eight demo organizations and the imported one");
    let notices = report["notices"].to_string();
    assert!(notices.contains("2 rows of CustomersV3 imported"), "{notices}");
    assert!(notices.contains("CustomerGroups of GBSI: 10 made, because the file refers to it"), "{notices}");
}
