//! Stories about importing files.

use super::*;
use crate::tests::{contoso, count, empty, named};
use dwsim_model::Change;

const EXPORT: &str = include_str!("../../tests/data/01-CustomersV3Export-Customers V3.csv");
const HEADER: &str = "CUSTOMERACCOUNT,CUSTOMERGROUPID,SALESCURRENCYCODE,DataAreaId";

fn options(create_companies: bool) -> ImportOptions {
    ImportOptions { file: "01-CustomersV3Export-Customers V3.csv".to_owned(), create_companies }
}

/// The error text of importing these lines into an environment with USMF and DEMF; nothing is left behind.
fn refused(lines: &[&str]) -> String {
    let mut finops = contoso();
    let before = finops.counts().unwrap();
    let error = finops.import_csv(lines.join("\n").as_bytes(), None, &options(false)).unwrap_err();
    assert_eq!(finops.counts().unwrap(), before);
    error.to_string()
}

fn cell(finops: &FinOps, company: &str, account: &str, column: &str) -> Value {
    let table = finops.table_type("CustomersV3").unwrap();
    let key = &table.natural_key().unwrap().columns;
    let wanted = [table.ordinal(column).unwrap()];
    let id = finops.table("CustomersV3").unwrap();
    finops.store().find(id, key, &[company.into(), account.into()], &wanted).unwrap().unwrap()[0].clone()
}

#[test]
fn an_export_of_two_companies_that_share_an_account_becomes_two_customers_of_one_party() {
    let mut finops = empty();
    let report = finops.import_csv(EXPORT.as_bytes(), None, &options(true)).unwrap();
    assert_eq!(report.entity.as_str(), "CustomersV3");
    assert_eq!((report.rows, report.created, report.parties), (3, 3, 2));
    assert_eq!(report.companies, ["NOBE".parse().unwrap(), "SEST".parse().unwrap()]);
    assert_eq!(report.ignored_columns, []);
    assert_eq!(count(&finops, "CDSParties"), 5, "three companies, two parties of customers");
    assert_eq!(cell(&finops, "NOBE", "T-4711", "CreditLimit").to_string(), "2500.5");
    assert_eq!(cell(&finops, "NOBE", "T-4711", "CustomerGroupId"), "10".into());
    assert_eq!(cell(&finops, "SEST", "T-4711", "CustomerGroupId"), "20".into());
    assert_eq!(cell(&finops, "NOBE", "T-4711", "OrganizationName"), "Fjord \"North\", Ltd.".into());
    assert_eq!(cell(&finops, "SEST", "T-4712", "OnHoldStatus"), Value::Choice(1));
    assert_eq!(cell(&finops, "SEST", "T-4712", "ADDRESSVALIDTO"), "12/31/2154 23:59".into(), "kept as text");
    assert_eq!(cell(&finops, "SEST", "T-4712", "WarehouseId"), Value::Null);

    let party = finops.table("CDSParties").unwrap();
    let shape = finops.table_type("CDSParties").unwrap();
    let [number, name] = ["PartyNumber", "OrganizationName"].map(|own| shape.ordinal(own).unwrap());
    let found = finops.store().find(party, &[number], &["900101".into()], &[name]).unwrap().unwrap();
    assert_eq!(found[0], "Åkesson & Daughters".into());
}

#[test]
fn the_same_file_again_changes_nothing() {
    let mut finops = empty();
    finops.import_csv(EXPORT.as_bytes(), None, &options(true)).unwrap();
    let digest = finops.digest(finops.table("CustomersV3").unwrap()).unwrap();
    let report = finops.import_csv(EXPORT.as_bytes(), None, &options(true)).unwrap();
    assert_eq!((report.created, report.updated, report.unchanged, report.parties), (0, 0, 3, 0));
    assert_eq!(finops.digest(finops.table("CustomersV3").unwrap()).unwrap(), digest);
}

#[test]
fn the_same_file_with_a_byte_order_mark_and_carriage_returns_reads_the_same() {
    let mut plain = empty();
    plain.import_csv(EXPORT.as_bytes(), None, &options(true)).unwrap();
    let mut marked = empty();
    let text = format!("\u{feff}{}", EXPORT.replace('\n', "\r\n"));
    marked.import_csv(text.as_bytes(), None, &options(true)).unwrap();
    let digest = |finops: &FinOps| finops.digest(finops.table("CustomersV3").unwrap()).unwrap();
    assert_eq!(digest(&plain), digest(&marked));
}

#[test]
fn typed_dates_take_the_us_style_of_an_opened_export() {
    let mut finops = contoso();
    let lines = "LOCATIONID,VALIDFROM,VALIDTO\n000000077,8/25/2020 13:03,12/31/2154 23:59\n";
    let report =
        finops.import_csv(lines.as_bytes(), Some("CDSPostalAddressHistoryV2"), &options(false)).unwrap();
    assert_eq!(report.created, 1);
    let table = finops.table_type("CDSPostalAddressHistoryV2").unwrap();
    let wanted = ["VALIDFROM", "VALIDTO"].map(|own| table.ordinal(own).unwrap());
    let id = finops.table("CDSPostalAddressHistoryV2").unwrap();
    let rows = finops.store().collect(&dwsim_store::Select::all(id).columns(&wanted)).unwrap();
    let shown: Vec<String> = rows[0].iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["2020-08-25T13:03:00Z", "2154-12-31T23:59:59Z"]);
}

#[test]
fn a_blank_cell_leaves_the_field_alone_and_a_blank_account_gets_a_number() {
    let mut finops = contoso();
    let change = Change {
        table: "CustomersV3".into(),
        operation: Operation::Create,
        key: vec![],
        values: named(&[
            ("dataAreaId", "USMF".into()),
            ("CustomerAccount", "1".into()),
            ("CustomerGroupId", "10".into()),
            ("SalesCurrencyCode", "USD".into()),
        ]),
    };
    finops.save(&change).unwrap();
    let lines = format!("{HEADER}\n1,,EUR,usmf\n,30,EUR,USMF\n");
    let report = finops.import_csv(lines.as_bytes(), None, &options(false)).unwrap();
    assert_eq!((report.created, report.updated), (1, 1));
    assert_eq!(cell(&finops, "USMF", "1", "CustomerGroupId"), "10".into());
    assert_eq!(cell(&finops, "USMF", "1", "SalesCurrencyCode"), "EUR".into());
    assert_eq!(cell(&finops, "USMF", "FC-000001", "CustomerGroupId"), "30".into());
}

#[test]
fn a_column_nobody_knows_is_reported_with_the_name_that_was_probably_meant() {
    let mut finops = contoso();
    let lines = format!("{HEADER},CUSTOMERGROPID\n1,10,USD,USMF,x\n");
    let report = finops.import_csv(lines.as_bytes(), None, &options(false)).unwrap();
    assert_eq!(report.ignored_columns[0].name, "CUSTOMERGROPID");
    assert_eq!(report.ignored_columns[0].hint.name(), Some("CustomerGroupId"));
}

#[test]
fn a_wrong_cell_is_named_by_file_line_column_value_and_what_is_expected() {
    assert_eq!(
        refused(&[
            "CUSTOMERACCOUNT,CUSTOMERGROUPID,SALESCURRENCYCODE,DataAreaId,ONHOLDSTATUS",
            "1,10,USD,USMF,No",
            "2,10,USD,USMF,Nope"
        ]),
        "01-CustomersV3Export-Customers V3.csv, line 3, column ONHOLDSTATUS: 'Nope' is not a member of \
         CustVendorBlocked: No, Invoice, All, Payment, Requisition, Never, PurchOrder; correct the cell"
    );
    assert_eq!(
        refused(&[HEADER, "1,12345678901,USD,USMF"]),
        "01-CustomersV3Export-Customers V3.csv, line 2, column CUSTOMERGROUPID: '12345678901' is not text of at most 10 \
         characters; correct the cell"
    );
}

#[test]
fn a_file_without_a_key_column_is_refused_by_name() {
    assert_eq!(
        refused(&["CUSTOMERACCOUNT,CUSTOMERGROUPID", "1,10"]),
        "01-CustomersV3Export-Customers V3.csv has no column dataAreaId, which is part of the key of CustomersV3; add it \
         to the export"
    );
}

#[test]
fn an_error_in_the_last_line_takes_the_first_lines_with_it() {
    assert!(
        refused(&[HEADER, "1,10,USD,USMF", "2,10,USD,FRRT"]).contains("line 3: there is no company FRRT")
    );
    assert!(refused(&[HEADER, "1,10,USD,USMF", "2,,USD,USMF"]).contains("mandatory column CustomerGroupId"));
    assert!(
        refused(&[HEADER, "1,10,USD,USMF", "2,10,USD"]).contains("line 3: 3 cells where the header has 4")
    );
}

#[test]
fn broken_files_are_refused_with_a_reason() {
    assert!(refused(&[""]).contains("is empty"));
    assert!(
        refused(&["CUSTOMERACCOUNT,CustomerAccount,DataAreaId"]).contains("column CustomerAccount twice")
    );
    let wide = vec!["X"; 2_001].join(",");
    assert!(refused(&[&wide]).contains("2001 columns and 2000 are read"));
    let long = format!("1,{},USD,USMF", "x".repeat(65_537));
    assert!(refused(&[HEADER, &long]).contains("65537 bytes and 65536 are read"));
    let error = contoso().import_csv(&b"\xff\xfeC\0U\0"[..], None, &options(false)).unwrap_err();
    assert!(error.to_string().contains("line 1: the text is not UTF-8"));
}

#[test]
fn a_file_larger_than_the_limit_is_not_read_to_its_end() {
    let mut limited = Limited { inner: io::repeat(b'x'), left: 4 * MIB };
    let error = limited.read_to_end(&mut Vec::new()).unwrap_err();
    let text = unreadable("data.csv", csv::Error::from(error)).to_string();
    assert_eq!(text, "data.csv is larger than 512 MiB; split it");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(40))]

    #[test]
    fn no_file_breaks_the_reader_or_leaves_half_of_itself(body in "[a-zA-Z0-9,\"\n/: ]{0,120}") {
        let mut finops = contoso();
        let before = finops.counts().unwrap();
        let text = format!("{HEADER}\n{body}");
        if finops.import_csv(text.as_bytes(), None, &options(true)).is_err() {
            proptest::prop_assert_eq!(finops.counts().unwrap(), before);
        }
    }
}
