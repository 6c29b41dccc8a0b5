//! Discounts of lines, primary addresses, and answers to requests for inventory on hand.

use super::*;
use crate::OnHand;
use dwsim_model::{Outcome, SyncKind, Upsert, Values, epoch};
use rust_decimal::Decimal;

const LINE: [&str; 7] = [
    "dataAreaId",
    "SalesOrderNumber",
    "LineCreationSequenceNumber",
    "OrderedSalesQuantity",
    "TotalDiscountAmount",
    "LineDiscountAmount",
    "FixedPriceCharges",
];

fn number(text: &str) -> Value {
    Value::Decimal(text.parse().unwrap())
}

fn upsert(finops: &mut FinOps, table: &str, columns: &[&str], keys: usize, row: &[Value]) -> Outcome {
    let table = finops.table_type(table).unwrap().clone();
    let batch = Upsert {
        columns: columns.iter().map(|column| table.ordinal(column).unwrap()).collect(),
        table,
        company: columns.contains(&"dataAreaId").then(|| "USMF".parse().unwrap()),
        key: (0..keys).collect(),
        overwrite: (keys..columns.len()).collect(),
        symbols: Vec::new(),
        sync: SyncKind::Live,
    };
    let rows: Vec<Values> = vec![row.into()];
    finops.upsert(&batch, rows).unwrap().remove(0)
}

/// The line as Dataverse sends it: quantity, discount of the line, and what it knows of the parts.
fn line(finops: &mut FinOps, quantity: &str, total: &str, unit: &str, charges: &str) -> Outcome {
    let row = [
        "USMF".into(),
        "SO-1".into(),
        Value::Int(1),
        number(quantity),
        number(total),
        number(unit),
        number(charges),
    ];
    upsert(finops, "CDSSalesOrderLines", &LINE, 3, &row)
}

fn stored(finops: &FinOps) -> [Decimal; 3] {
    let table = finops.table("CDSSalesOrderLines").unwrap();
    let shape = finops.table_type("CDSSalesOrderLines").unwrap();
    let columns: Vec<usize> = LINE[4..].iter().map(|name| shape.ordinal(name).unwrap()).collect();
    let rows = finops.store().collect(&Select::all(table).columns(&columns)).unwrap();
    assert_eq!(rows.len(), 1);
    [0, 1, 2].map(|at| match rows[0][at] {
        Value::Decimal(number) => number,
        ref other => panic!("{other:?}"),
    })
}

fn amounts(total: &str, unit: &str, charges: &str) -> [Decimal; 3] {
    [total, unit, charges].map(|text| text.parse().unwrap())
}

#[test]
fn a_discount_of_ten_on_three_is_three_thirty_three_each_and_a_charge_of_minus_one_cent() {
    let mut finops = contoso();
    line(&mut finops, "3", "10", "0", "0");
    assert_eq!(stored(&finops), amounts("10", "3.33", "-0.01"));
}

#[test]
fn the_same_discount_again_changes_nothing_and_another_is_split_anew() {
    let mut finops = contoso();
    line(&mut finops, "3", "10", "0", "0");
    let again = line(&mut finops, "3", "10", "0", "0");
    assert!(matches!(again, Outcome::Unchanged(_)), "{again:?}");
    line(&mut finops, "3", "12", "3.33", "-0.01");
    assert_eq!(stored(&finops), amounts("12", "4", "0"));
    line(&mut finops, "4", "10", "4", "0");
    assert_eq!(stored(&finops), amounts("10", "2.5", "0"));
}

#[test]
fn a_line_without_quantity_keeps_the_discount_it_was_given() {
    let mut finops = contoso();
    line(&mut finops, "0", "10", "0", "0");
    assert_eq!(stored(&finops), amounts("10", "0", "0"));
}

#[test]
fn a_person_in_finops_gives_the_parts_and_the_discount_of_the_line_follows() {
    let mut finops = contoso();
    let values = [
        ("dataAreaId", "USMF".into()),
        ("SalesOrderNumber", "SO-1".into()),
        ("LineCreationSequenceNumber", Value::Int(1)),
        ("OrderedSalesQuantity", number("3")),
        ("LineDiscountAmount", number("3.33")),
        ("FixedPriceCharges", number("-0.01")),
    ];
    create(&mut finops, "CDSSalesOrderLines", &values).unwrap();
    assert_eq!(stored(&finops), amounts("10", "3.33", "-0.01"));
    let key = &values[..3];
    let update = change("CDSSalesOrderLines", Operation::Update, key, &[("FixedPriceCharges", number("5"))]);
    finops.save(&update).unwrap();
    assert_eq!(stored(&finops), amounts("9.99", "3.33", "5"), "a real charge is no discount");
}

fn address(finops: &mut FinOps, party: &str, location: &str) -> SavedChange {
    let values =
        [("PARTYNUMBER", party.into()), ("LOCATIONID", location.into()), ("ISPRIMARY", "Yes".into())];
    create(finops, "CDSPartyPostalAddressLocations", &values).unwrap()
}

#[test]
fn a_new_primary_address_takes_the_mark_from_the_one_before() {
    let mut finops = contoso();
    address(&mut finops, "000000001", "L1");
    address(&mut finops, "000000002", "L2");
    let saved = address(&mut finops, "000000001", "L3");
    assert_eq!(saved.made.len(), 1, "live sync sees the address that lost the mark");
    assert_eq!(after(&saved.made[0], "LOCATIONID"), &Value::text("L1"));
    assert_eq!(after(&saved.made[0], "ISPRIMARY"), &Value::Choice(0));
}

const REQUEST: [&str; 6] =
    ["dataAreaId", "REQUESTID", "PRODUCTNUMBER", "ORDERQUANTITY", "INVENTORYSITEID", "INVENTORYWAREHOUSEID"];

fn ask(finops: &mut FinOps, id: &str, warehouse: &str) {
    let row =
        ["USMF".into(), id.into(), "1000".into(), number("12"), Value::text(""), Value::text(warehouse)];
    upsert(finops, "CDSInventoryOnHandRequests", &REQUEST, 2, &row);
}

fn held(on_hand: i64, reserved: i64, ordered: i64) -> OnHand {
    OnHand { on_hand: on_hand.into(), reserved: reserved.into(), ordered: ordered.into() }
}

#[test]
fn a_request_for_inventory_is_answered_once_for_every_warehouse() {
    let mut finops = contoso();
    let company = "USMF".parse().unwrap();
    finops.set_on_hand(&company, "1000", "1", "11", held(10, 2, 5));
    finops.set_on_hand(&company, "1000", "1", "12", held(20, 0, 0));
    finops.set_on_hand(&company, "2000", "1", "11", held(99, 0, 0));
    ask(&mut finops, "R1", "");
    let asked = finops.take_inquiries();
    let entries = finops.answer_inquiries(&asked, epoch()).unwrap();
    assert_eq!(entries.len(), 2);
    let first = &entries[0].change;
    assert_eq!(after(first, "INVENTORYWAREHOUSEID"), &Value::text("11"));
    assert_eq!(after(first, "AVAILABLEONHANDQUANTITY"), &number("8"));
    assert_eq!(after(first, "TOTALAVAILABLEQUANTITY"), &number("13"));
    assert_eq!(after(first, "UNAVAILABLEONHANDQUANTITY"), &number("4"));
    assert!(finops.take_inquiries().is_empty(), "once");
}

#[test]
fn a_warehouse_that_holds_nothing_is_answered_with_zeros() {
    let mut finops = contoso();
    ask(&mut finops, "R1", "13");
    let asked = finops.take_inquiries();
    let entries = finops.answer_inquiries(&asked, epoch()).unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(after(&entries[0].change, "ONHANDQUANTITY"), &number("0"));
}
