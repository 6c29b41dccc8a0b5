//! Rows that follow others: price lists, contacts in quotes, primary addresses, addresses of the future.

use super::*;
use dwsim_store::Select;
use jiff::Timestamp;

fn currency(dataverse: &mut Dataverse, code: &str) -> Uuid {
    let values = [
        ("isocurrencycode", Value::text(code)),
        ("currencyname", Value::text(code)),
        ("currencysymbol", Value::text(code)),
        ("exchangerate", Value::Decimal(1.into())),
    ];
    id(&save(dataverse, Actor::System, "transactioncurrency", &[], &values).unwrap())
}

fn list(dataverse: &mut Dataverse, name: &str, currency: Uuid) -> Uuid {
    let values = [("name", Value::text(name)), ("transactioncurrencyid", Value::Guid(currency))];
    id(&save(dataverse, Actor::System, "pricelevel", &[], &values).unwrap())
}

fn rows(dataverse: &Dataverse, table: &str) -> u64 {
    dataverse.store().count(&Select::all(dataverse.table(table).unwrap())).unwrap()
}

/// A product as dual-write brings it.
fn arrive(dataverse: &mut Dataverse, number: &str, currency: Uuid, unit: Value) -> Outcome {
    let columns = ["msdyn_productnumber", "name", "transactioncurrencyid", "defaultuomid", "quantitydecimal"];
    let batch = batch(dataverse, "product", Some("USMF"), &columns, &["msdyn_productnumber"]);
    let row = [number.into(), number.into(), Value::Guid(currency), unit, Value::Int(0)];
    upsert(dataverse, &batch, &[&row]).remove(0)
}

fn unit(dataverse: &mut Dataverse) -> Value {
    let values = [("name", "ea".into()), ("msdyn_symbol", "ea".into())];
    Value::Guid(id(&save(dataverse, Actor::System, "uom", &[], &values).unwrap()))
}

#[test]
fn a_new_product_joins_the_first_price_list_of_its_currency() {
    let mut dataverse = with_companies(&["USMF"]);
    let (dollar, euro) = (currency(&mut dataverse, "USD"), currency(&mut dataverse, "EUR"));
    list(&mut dataverse, "B", dollar);
    let first = list(&mut dataverse, "A", dollar);
    list(&mut dataverse, "0", euro);
    let unit = unit(&mut dataverse);
    let product = written(&arrive(&mut dataverse, "1000", dollar, unit.clone()));
    assert_eq!(dataverse.get("product", product, "pricelevelid").unwrap(), Some(Value::Guid(first)));
    assert_eq!(rows(&dataverse, "productpricelevel"), 1);
    arrive(&mut dataverse, "1000", dollar, unit);
    assert_eq!(rows(&dataverse, "productpricelevel"), 1, "an update joins nothing");
}

#[test]
fn without_a_price_list_of_the_currency_one_is_made_once() {
    let mut dataverse = with_companies(&["USMF"]);
    let dollar = currency(&mut dataverse, "USD");
    let unit = unit(&mut dataverse);
    let first = written(&arrive(&mut dataverse, "1000", dollar, unit.clone()));
    let second = written(&arrive(&mut dataverse, "2000", dollar, unit));
    assert_eq!(rows(&dataverse, "pricelevel"), 1);
    let list = |product| dataverse.get("product", product, "pricelevelid").unwrap();
    assert!(list(first).is_some_and(|list| !list.is_null()));
    assert_eq!(list(first), list(second));
}

#[test]
fn a_product_without_sales_unit_is_refused() {
    let mut dataverse = with_companies(&["USMF"]);
    let dollar = currency(&mut dataverse, "USD");
    let outcome = arrive(&mut dataverse, "1000", dollar, Value::Null);
    assert_eq!(failed(&outcome).code.as_str(), "SIM-MANDATORY-MISSING");
    assert!(failed(&outcome).message.contains("defaultuomid"));
    assert_eq!(rows(&dataverse, "pricelevel"), 0);
}

#[test]
fn a_product_of_before_without_company_gets_a_duplicate_and_one_that_was_bootstrapped_is_matched() {
    let mut dataverse = with_companies(&["USMF"]);
    let dollar = currency(&mut dataverse, "USD");
    let unit = unit(&mut dataverse);
    let old = |number: &str| {
        vec![("name", number.into()), ("productnumber", number.into()), ("defaultuomid", unit.clone())]
    };
    save(&mut dataverse, Actor::System, "product", &[], &old("1000")).unwrap();
    let mut ready = old("2000");
    ready.push(("msdyn_company", "USMF".into()));
    ready.push(("msdyn_productnumber", "2000".into()));
    let ready = id(&save(&mut dataverse, Actor::System, "product", &[], &ready).unwrap());
    assert!(matches!(arrive(&mut dataverse, "1000", dollar, unit.clone()), Outcome::Inserted(_)));
    assert_eq!(written(&arrive(&mut dataverse, "2000", dollar, unit)), ready);
    assert_eq!(rows(&dataverse, "product"), 3);
}

#[test]
fn a_contact_becomes_sellable_with_its_first_quote_and_stays_so() {
    let mut dataverse = with_companies(&["USMF"]);
    let contact = [("lastname", "Lee".into()), ("msdyn_company", "USMF".into())];
    let contact = id(&save(&mut dataverse, Actor::System, "contact", &[], &contact).unwrap());
    dataverse.take_side_effects();
    let quote = [("name", "Q1".into()), ("customerid", Value::Guid(contact))];
    save(&mut dataverse, Actor::System, "quote", &[], &quote).unwrap();
    let effects = dataverse.take_side_effects();
    assert_eq!(effects.len(), 1, "the contact goes to live sync too");
    assert_eq!(cell(&effects[0], "msdyn_sellable"), Value::Bool(true));
    let key = [("contactid", Value::Guid(contact))];
    save(&mut dataverse, Actor::System, "contact", &key, &[("msdyn_sellable", Value::Bool(false))]).unwrap();
    let sellable = dataverse.get("contact", contact, "msdyn_sellable").unwrap();
    assert_eq!(sellable, Some(Value::Bool(true)));
}

fn party(dataverse: &mut Dataverse, number: &str) -> Uuid {
    let values = [("msdyn_partynumber", number.into()), ("msdyn_partytype", "Organization".into())];
    id(&save(dataverse, Actor::System, "msdyn_party", &[], &values).unwrap())
}

#[test]
fn a_party_has_one_primary_address() {
    let mut dataverse = environment();
    let (one, other) = (party(&mut dataverse, "1"), party(&mut dataverse, "2"));
    let mut address = |party: Uuid, location: &str| {
        let at = [("msdyn_location", location.into())];
        let at = id(&save(&mut dataverse, Actor::System, "msdyn_postaladdresscollection", &[], &at).unwrap());
        let columns = ["msdyn_partyid", "msdyn_postaladdresscollectionid", "msdyn_isprimary"];
        let batch = batch(&dataverse, "msdyn_partypostaladdress", None, &columns, &columns[..2]);
        let row = [Value::Guid(party), Value::Guid(at), Value::Bool(true)];
        written(&upsert(&mut dataverse, &batch, &[&row])[0])
    };
    let (first, elsewhere, second) = (address(one, "L1"), address(other, "L2"), address(one, "L3"));
    let primary = |row| dataverse.get("msdyn_partypostaladdress", row, "msdyn_isprimary").unwrap().unwrap();
    assert_eq!(primary(first), Value::Bool(false));
    assert_eq!(primary(second), Value::Bool(true));
    assert_eq!(primary(elsewhere), Value::Bool(true), "another party keeps its own");
}

#[test]
fn an_address_of_the_future_comes_in_once_and_cannot_be_updated_before_its_day() {
    let mut dataverse = environment();
    let at = [("msdyn_location", "L1".into())];
    let at = id(&save(&mut dataverse, Actor::System, "msdyn_postaladdresscollection", &[], &at).unwrap());
    let columns = ["msdyn_postaladdresscollectionid", "msdyn_validfrom", "msdyn_street"];
    let batch = batch(&dataverse, "msdyn_postaladdress", None, &columns, &columns[..2]);
    let tomorrow = epoch() + jiff::SignedDuration::from_hours(24);
    let row =
        |street: &str| -> Values { [Value::Guid(at), Value::Instant(tomorrow), Value::text(street)].into() };
    let mut write =
        |street: &str, now: Timestamp| dataverse.upsert(&batch, vec![row(street)], now).unwrap().remove(0);
    assert!(matches!(write("Main Street", epoch()), Outcome::Inserted(_)));
    assert!(matches!(write("Main Street", epoch()), Outcome::Unchanged(_)));
    assert_eq!(failed(&write("Side Street", epoch())).code.as_str(), "SIM-FUTURE-DATED-ROW");
    assert!(matches!(write("Side Street", tomorrow), Outcome::Updated(_)));
}

#[test]
fn two_units_cannot_have_one_symbol() {
    let mut dataverse = environment();
    unit(&mut dataverse);
    let second = [("name", "each".into()), ("msdyn_symbol", "ea".into())];
    let error = save(&mut dataverse, Actor::System, "uom", &[], &second).unwrap_err();
    assert_eq!(error.code.as_str(), "SIM-DUPLICATE-KEY");
    assert_eq!(rows(&dataverse, "uom"), 1);
}
