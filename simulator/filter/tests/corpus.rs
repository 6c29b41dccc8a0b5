//! Every filter the standard maps ship with, and the documentation's examples, parsed, bound and evaluated.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use common::{choice, dataverse, finops, int, lookup, text};
use dwsim_filter::{Op, Predicate, odata, xpp};
use dwsim_model::{ColumnKind, TableType, Value};
use jiff::civil::date;
use std::sync::Arc;
use uuid::Uuid;

const PARTY: [(i32, &str); 3] = [(0, "None"), (1, "Person"), (2, "Organization")];
const NO_YES: [(i32, &str); 2] = [(0, "No"), (1, "Yes")];

fn finops_table(column: &str, kind: ColumnKind) -> Arc<TableType> {
    finops("Entity", vec![(column, kind)])
}

/// Compiles an F&O filter over one column and gives back how it treats each value.
fn finops_answers(filter: &str, column: &str, kind: ColumnKind, values: &[Value]) -> Vec<bool> {
    let predicate = xpp::parse(filter).unwrap().bind(&finops_table(column, kind)).unwrap();
    values.iter().map(|value| predicate.matches(&[Value::Int(1), value.clone()])).collect()
}

fn bind_odata(filter: &str, columns: Vec<(&str, ColumnKind)>) -> Predicate {
    odata::parse(filter).unwrap().bind(&dataverse("table", columns)).unwrap()
}

/// Whether a Dataverse row with these cells after its id passes.
fn passes(predicate: &Predicate, cells: &[Value]) -> bool {
    let row: Vec<Value> = [Value::Guid(Uuid::nil())].into_iter().chain(cells.iter().cloned()).collect();
    predicate.matches(&row)
}

fn texts<const N: usize>(values: [&str; N]) -> [Value; N] {
    values.map(Value::text)
}

#[test]
fn customers_go_to_accounts_or_contacts_by_party_type() {
    let kinds = [Value::Choice(1), Value::Choice(2)];
    let party = || choice("DirPartyType", &PARTY);
    let accounts = r#"((PartyType == "Organization"))"#;
    let contacts = r#"((PartyType == "Person"))"#;
    assert_eq!(finops_answers(accounts, "PartyType", party(), &kinds), [false, true]);
    assert_eq!(finops_answers(contacts, "PartyType", party(), &kinds), [true, false]);
    // Where the catalogue types the column as text, the same filter reads the same.
    assert_eq!(
        finops_answers(accounts, "PARTYTYPE", text(), &texts(["Person", "ORGANIZATION"])),
        [false, true]
    );
}

#[test]
fn the_contact_filter_of_vendors_takes_a_single_equals_sign() {
    let members = choice("AssociatedContactType", &[(0, "Customer"), (1, "Vendor")]);
    let answers = finops_answers(
        "(AssociatedContactType = 1)",
        "AssociatedContactType",
        members,
        &[Value::Choice(0), Value::Choice(1)],
    );
    assert_eq!(answers, [false, true]);
}

#[test]
fn the_currency_filter_ignores_the_case_of_the_column_name() {
    let filter = r#"((CURRENCYCODE != "999"))"#;
    assert_eq!(finops_answers(filter, "CurrencyCode", text(), &texts(["999", "USD"])), [false, true]);
}

#[test]
fn vendors_of_either_party_type_pass() {
    let filter = r#"((VendorPartyType == "Organization") || (VendorPartyType == "Person"))"#;
    let values = [Value::Choice(0), Value::Choice(1), Value::Choice(2)];
    let party = choice("DirPartyType", &PARTY);
    assert_eq!(finops_answers(filter, "VendorPartyType", party, &values), [false, true, true]);
}

#[test]
fn free_text_invoices_have_no_sales_order_number() {
    let filter = r#"(SalesOrderNumber != "")"#;
    let values = [Value::text(""), Value::text("S-1"), Value::Null];
    assert_eq!(finops_answers(filter, "SalesOrderNumber", text(), &values), [false, true, false]);
}

#[test]
fn prospects_compare_an_enum_with_its_integer() {
    let values = [Value::Choice(0), Value::Choice(1)];
    let kind = choice("NoYes", &NO_YES);
    assert_eq!(finops_answers("(IsB2BProspect == 1)", "IsB2BProspect", kind, &values), [false, true]);
}

#[test]
fn attachments_are_notes_or_addresses() {
    let values = texts(["Note", "url", "File"]);
    for column in ["TypeId", "DocumentAttachmentTypeCode"] {
        let filter = format!(r#"(({column} == "Note") || ({column} == "URL"))"#);
        assert_eq!(finops_answers(&filter, column, text(), &values), [true, true, false]);
    }
}

#[test]
fn a_blank_parent_is_not_the_null_of_an_outer_join() {
    let filter = r#"(ParentProject == "")"#;
    let values = [Value::text(""), Value::Null];
    assert_eq!(finops_answers(filter, "ParentProject", text(), &values), [true, false]);
}

#[test]
fn the_documented_finops_examples_bind_and_select() {
    let name = |filter: &str| finops_answers(filter, "name", text(), &texts(["Adatum", "banana", "Fig"]));
    assert_eq!(name(r#"(name like "A*")"#), [true, false, false]);
    assert_eq!(name(r#"(!(name like "*A*"))"#), [false, false, true]);

    let kind = choice("LedgerJournalACType", &[(0, "Ledger"), (1, "Customer")]);
    let filter = "(AccountType == AccountType::Customer)";
    let values = [Value::Choice(0), Value::Choice(1)];
    assert_eq!(finops_answers(filter, "AccountType", kind, &values), [false, true]);

    let filter = r"(TransactionDate <= 23\06\2021)";
    let values = [Value::Date(date(2021, 6, 23)), Value::Date(date(2021, 6, 24))];
    assert_eq!(finops_answers(filter, "TransactionDate", ColumnKind::Date, &values), [true, false]);

    let filter = "((numberofemployees > 1000) && (numberofemployees <= 2000))";
    let values = [1_000, 1_001, 2_000, 2_001].map(Value::Int);
    assert_eq!(finops_answers(filter, "NumberOfEmployees", int(), &values), [false, true, true, false]);
}

#[test]
fn the_documented_dataverse_examples_bind_and_select() {
    let name = |filter: &str| {
        let predicate = bind_odata(filter, vec![("name", text())]);
        texts(["Adatum", "banana", "Fig"]).map(|value| passes(&predicate, &[value]))
    };
    assert_eq!(name("startswith(name, 'A')"), [true, false, false]);
    assert_eq!(name("not contains(name, 'A')"), [false, false, true]);

    let kind = choice("accounttype", &[(3, "Customer"), (12, "Other")]);
    let predicate = bind_odata("AccountType eq '3'", vec![("accounttype", kind)]);
    assert_eq!(predicate, Predicate::Compare { column: 1, op: Op::Eq, value: Value::Choice(3) });

    for kind in [ColumnKind::Date, ColumnKind::Instant] {
        let predicate =
            bind_odata("TransactionDate le '2021-06-23'", vec![("transactiondate", kind.clone())]);
        let day = date(2021, 6, 23);
        let value = if kind == ColumnKind::Date {
            Value::Date(day)
        } else {
            Value::Instant("2021-06-23T00:00:00Z".parse().unwrap())
        };
        assert_eq!(predicate, Predicate::Compare { column: 1, op: Op::Le, value });
    }

    let filter = "numberofemployees gt 1000 and numberofemployees le 2000";
    let predicate = bind_odata(filter, vec![("numberofemployees", int())]);
    assert_eq!([1_000, 1_001, 2_001].map(|n| passes(&predicate, &[Value::Int(n)])), [false, true, false]);
}

#[test]
fn accounts_are_customers_by_relationship_type() {
    let kind = choice("customertypecode", &[(3, "Customer"), (8, "Prospect")]);
    let predicate = bind_odata("customertypecode eq 3", vec![("customertypecode", kind)]);
    assert!(passes(&predicate, &[Value::Choice(3)]));
    assert!(!passes(&predicate, &[Value::Choice(8)]) && !passes(&predicate, &[Value::Null]));
}

#[test]
fn contact_filters_test_flags_and_null_across_double_spaces() {
    let columns = || {
        vec![
            ("msdyn_sellable", ColumnKind::Bool),
            ("msdyn_contactpersonid", text()),
            ("msdyn_contactforvendor", ColumnKind::Bool),
        ]
    };
    let sellable = bind_odata("msdyn_sellable eq true  and msdyn_contactpersonid ne null", columns());
    let vendor = bind_odata(
        "msdyn_contactforvendor eq true and msdyn_sellable eq false and msdyn_contactpersonid ne null",
        columns(),
    );
    let (yes, no, id) = (Value::Bool(true), Value::Bool(false), Value::text("000001"));
    assert!(passes(&sellable, &[yes.clone(), id.clone(), no.clone()]));
    assert!(!passes(&sellable, &[yes.clone(), Value::Null, no.clone()]));
    assert!(passes(&vendor, &[no.clone(), id.clone(), yes.clone()]));
    assert!(!passes(&vendor, &[yes.clone(), id, yes]));
}

#[test]
fn order_quotation_and_invoice_filters_compare_choices() {
    let columns = || {
        vec![
            ("msdyn_ordertype", choice("msdyn_ordertype", &[(192_350_000, "Item based")])),
            ("statecode", choice("statecode", &[(0, "Draft"), (1, "Active")])),
        ]
    };
    let order = bind_odata("msdyn_ordertype eq 192350000", columns());
    let quotation = bind_odata("msdyn_ordertype eq 192350000 and statecode eq 0", columns());
    let row = [Value::Choice(192_350_000), Value::Choice(1)];
    assert!(passes(&order, &row) && !passes(&quotation, &row));
}

#[test]
fn leads_are_commerce_prospects() {
    let columns = vec![("msdyn_b2bcommerceprospect", ColumnKind::Bool)];
    let predicate = bind_odata("(msdyn_b2bcommerceprospect eq true)", columns);
    assert!(passes(&predicate, &[Value::Bool(true)]) && !passes(&predicate, &[Value::Null]));
}

#[test]
fn attachment_filters_compare_the_table_a_note_belongs_to() {
    let columns = || {
        vec![
            ("objecttypecode", ColumnKind::EntityName),
            ("msdyn_relatedentityid", text()),
            ("msdyn_relatedentityid2", text()),
        ]
    };
    let customer =
        "(objecttypecode eq 'account' or objecttypecode eq 'contact') and msdyn_relatedentityid ne null";
    let vendor = "(objecttypecode eq 'msdyn_vendor'  and msdyn_relatedentityid2 ne null) or \
                  (objecttypecode eq 'account' and msdyn_relatedentityid2 ne null) or \
                  (objecttypecode eq 'contact' and msdyn_relatedentityid2 ne null)";
    let row = |table: &str, first: bool, second: bool| {
        let id = |given: bool| if given { Value::text("1") } else { Value::Null };
        [Value::text(table), id(first), id(second)]
    };
    let (customer, vendor) = (bind_odata(customer, columns()), bind_odata(vendor, columns()));
    assert!(
        passes(&customer, &row("contact", true, false)) && !passes(&customer, &row("contact", false, true))
    );
    assert!(passes(&vendor, &row("msdyn_vendor", false, true)) && !passes(&vendor, &row("lead", true, true)));
    for table in ["salesorder", "msdyn_purchaseorder"] {
        let predicate = bind_odata(&format!("objecttypecode eq '{table}'"), columns());
        assert!(passes(&predicate, &row(table, false, false)) && !passes(&predicate, &row("x", true, true)));
    }
}

#[test]
fn every_shipped_filter_binds_when_its_columns_are_known_by_name_only() {
    let any = ColumnKind::Text { max: None };
    for (filter, columns) in [
        ("msdyn_ordertype eq 192350000 and statecode eq 0", vec!["msdyn_ordertype?", "statecode?"]),
        ("(msdyn_b2bcommerceprospect eq true)", vec!["msdyn_b2bcommerceprospect?"]),
    ] {
        let predicate = bind_odata(filter, columns.into_iter().map(|name| (name, any.clone())).collect());
        assert!(passes(
            &predicate,
            &texts([if filter.contains("true") { "True" } else { "192350000" }, "0"])
        ));
    }
}

#[test]
fn lookups_compare_with_an_id_under_either_of_their_names() {
    let id = Uuid::from_u128(7);
    for filter in [
        "_msdyn_vendorid_value eq 00000000-0000-0000-0000-000000000007",
        "msdyn_vendorid eq '00000000-0000-0000-0000-000000000007'",
        "_msdyn_vendorid_value in (00000000-0000-0000-0000-000000000007)",
    ] {
        let predicate = bind_odata(filter, vec![("msdyn_vendorid", lookup("msdyn_vendor"))]);
        assert!(passes(&predicate, &[Value::Guid(id)]) && !passes(&predicate, &[Value::Null]));
    }
}

#[test]
fn a_web_api_query_may_ask_for_not_equal_to_include_null() {
    let table = dataverse("account", vec![("name", text())]);
    let filter = odata::parse("name ne 'A'").unwrap();
    let options = odata::Options { not_equal_includes_null: true };
    let (map, query) = (filter.bind(&table).unwrap(), filter.bind_with(&table, options).unwrap());
    assert!(!passes(&map, &[Value::Null]) && passes(&query, &[Value::Null]));
    for (value, answer) in [("a", false), ("b", true)] {
        assert_eq!([passes(&map, &[value.into()]), passes(&query, &[value.into()])], [answer; 2]);
    }
}

#[test]
fn negation_binds_tighter_than_and_which_binds_tighter_than_or() {
    let columns = || vec![("a", int()), ("b", int()), ("c", int())];
    let plain = bind_odata("not (a eq 1) and b eq 1 or c eq 1", columns());
    let spelled = bind_odata("((not (a eq 1)) and (b eq 1)) or (c eq 1)", columns());
    assert_eq!(plain, spelled);
    let entity = finops("E", columns());
    let bound = |filter: &str| xpp::compile(filter, &entity).unwrap();
    assert_eq!(bound("!(a==1)&&b=1||c==-1"), bound("(((!(a == 1)) && (b == 1)) || (c == -1))"));
}

#[test]
fn a_blank_filter_lets_every_row_through() {
    let table = dataverse("account", vec![]);
    assert_eq!(odata::compile("  ", &table), Ok(Predicate::All));
    assert_eq!(xpp::compile("", &table), Ok(Predicate::All));
}
