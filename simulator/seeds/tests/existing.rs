//! Data that has lived, and rows for the way back, in real environments.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

use dwsim_catalog::Catalog;
use dwsim_dataverse::{Actor, Dataverse, Organization};
use dwsim_finops::{Environment, FinOps};
use dwsim_model::{CompanyCode, Seed, Value, epoch};
use dwsim_seeds::{DemoPlan, DemoSeed, existing, load_existing};
use dwsim_store::{Select, Store};

fn finops() -> FinOps {
    let environment = Environment::new("Contoso", Seed::new(1).id("tenant"));
    FinOps::new(Catalog::embedded().unwrap(), environment, Store::in_memory().unwrap()).unwrap()
}

fn dataverse() -> Dataverse {
    let seed = Seed::new(1);
    let organization = Organization::new(
        seed.id("organization"),
        "Contoso",
        "https://contoso.crm.dynamics.com",
        seed.id("tenant"),
        "United States",
    );
    Dataverse::new(Catalog::embedded().unwrap(), organization, seed, Store::in_memory().unwrap(), epoch())
        .unwrap()
}

#[test]
fn both_environments_take_every_existing_row() {
    let (mut finops, mut dataverse) = (finops(), dataverse());
    let written = load_existing("existing", Some(&mut finops), Some(&mut dataverse), epoch())
        .unwrap_or_else(|error| panic!("{error}"));
    let data = existing("existing").unwrap();
    assert_eq!(written, (data.finops.len() + data.dataverse.len()) as u64);
    let codes: Vec<String> = finops.companies().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(codes, ["DAT", "DEMF", "USMF"]);

    let accounts = dataverse.store().table("account").unwrap();
    let table = dataverse.table_type("account").unwrap();
    let (number, company) = (table.ordinal("accountnumber").unwrap(), table.company.unwrap());
    let rows = dataverse.store().collect(&Select::all(accounts).columns(&[number, company])).unwrap();
    assert!(rows.iter().all(|row| row[1].is_null()), "an account has a company before bootstrapping");
    assert!(rows.iter().any(|row| row[0].is_null()), "no account without number");

    let customers = finops.table("CustomersV3").unwrap();
    let table = finops.table_type("CustomersV3").unwrap();
    let account = table.ordinal("CustomerAccount").unwrap();
    let customers = finops.store().collect(&Select::all(customers).columns(&[account])).unwrap();
    let of = |number: &str| customers.iter().filter(|row| row[0] == Value::text(number)).count();
    let matched = rows.iter().filter_map(|row| row[0].as_text()).filter(|number| of(number) > 0).count();
    assert_eq!((of("1001"), matched), (2, 3));
}

#[test]
fn a_side_that_is_not_given_stays_empty() {
    let mut finops = finops();
    let before = finops.counts().unwrap();
    assert_eq!(load_existing("existing-dataverse", Some(&mut finops), None, epoch()).unwrap(), 0);
    assert_eq!(finops.counts().unwrap(), before);
}

#[test]
fn one_way_maps_get_rows_that_dataverse_takes() {
    let catalog = Catalog::embedded().unwrap();
    let usmf: CompanyCode = "USMF".parse().unwrap();
    let demo = DemoSeed::new(catalog.clone(), Seed::new(42), DemoPlan::new(vec![usmf.clone()], 10)).unwrap();
    let mut dataverse = dataverse();
    dataverse.enable_company(&usmf, "Contoso", epoch()).unwrap();
    let one_way: Vec<_> = catalog
        .maps()
        .iter()
        .filter(|map| map.fields.iter().all(|field| !field.symbol.to_dataverse()))
        .collect();
    assert!(!one_way.is_empty());
    let both_ways = ["customers-v3-accounts", "customers-v3-contacts", "terms-of-payment-msdyn-paymentterms"];
    let more = both_ways.map(|id| catalog.map(id).unwrap());
    for map in one_way.into_iter().chain(more) {
        let rows = demo.dataverse_rows(&map.id, Some(&usmf), 3);
        assert_eq!(rows.len(), 3);
        for change in rows {
            let saved = dataverse
                .save(&change, &Actor::System, epoch())
                .unwrap_or_else(|error| panic!("{} {:?}: {error:?}", map.id, change.values));
            if let Some(filter) = &map.reverse_filter {
                let passes = dwsim_filter::odata::parse(filter).unwrap().bind(&saved.table).unwrap();
                assert!(passes.matches(&saved.after), "{} keeps its row back", map.id);
            }
        }
    }
    assert!(demo.dataverse_rows("no-such-map", None, 3).is_empty());
}
