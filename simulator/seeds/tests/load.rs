//! Demo data in an F&O environment.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

use dwsim_catalog::Catalog;
use dwsim_finops::{Environment, FinOps};
use dwsim_model::{CompanyCode, Seed, Side, Value};
use dwsim_seeds::{DemoPlan, DemoSeed};
use dwsim_store::{Condition, Select, Store};

fn finops() -> FinOps {
    let environment = Environment::new("Contoso", Seed::new(1).id("tenant"));
    FinOps::new(Catalog::embedded().unwrap(), environment, Store::in_memory().unwrap()).unwrap()
}

fn demo(rows: u64) -> DemoSeed {
    let companies = vec!["USMF".parse().unwrap(), "DEMF".parse().unwrap()];
    DemoSeed::new(Catalog::embedded().unwrap(), Seed::new(42), DemoPlan::new(companies, rows)).unwrap()
}

#[test]
fn every_loaded_row_is_the_row_of_its_number() {
    let (mut finops, demo) = (finops(), demo(10));
    let mut last = 0;
    let report = demo
        .load(&mut finops, &mut |progress| last = progress.written)
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((report.companies.len(), report.total(), last), (2, demo.total(), demo.total()));
    for table in demo.catalog().tables(Side::FinOps).filter(|table| table.name.as_str() != "LegalEntities") {
        let companies: Vec<Option<CompanyCode>> = match table.company {
            Some(_) => demo.plan().companies.iter().cloned().map(Some).collect(),
            None => vec![None],
        };
        for company in companies {
            let id = finops.table(&table.name).unwrap();
            let columns = demo.columns(&table.name);
            for index in 0..demo.count(&table.name, company.as_ref()) {
                let row = demo.row(&table.name, company.as_ref(), index).unwrap();
                let mut select = Select::all(id).columns(columns);
                for part in &table.natural_key().unwrap().columns {
                    let at = columns.iter().position(|own| own == part).unwrap();
                    select = select.only(Condition::Equal(*part, row[at].clone()));
                }
                let found = finops.store().collect(&select).unwrap();
                assert_eq!(found, [row], "{} {index}", table.name);
            }
        }
    }
}

#[test]
fn a_second_load_changes_nothing_and_keeps_the_companies() {
    let (mut finops, demo) = (finops(), demo(10));
    finops.create_company("usmf", "Contoso").unwrap();
    demo.load(&mut finops, &mut |_| {}).unwrap();
    let (counts, version) = (finops.counts().unwrap(), finops.store().version());
    let report = demo.load(&mut finops, &mut |_| {}).unwrap();
    assert_eq!((report.companies.len(), finops.counts().unwrap()), (0, counts));
    assert_eq!(finops.store().version(), version);
}

#[test]
fn a_plan_for_one_entity_loads_it_and_what_it_refers_to() {
    let plan = DemoPlan {
        only: Some(vec!["CustomerGroups".into()]),
        ..DemoPlan::new(vec!["USMF".parse().unwrap()], 10)
    };
    let demo = DemoSeed::new(Catalog::embedded().unwrap(), Seed::new(42), plan).unwrap();
    let mut finops = finops();
    demo.load(&mut finops, &mut |_| {}).unwrap();
    let names: Vec<String> = finops.counts().unwrap().iter().map(|(name, _)| name.to_string()).collect();
    assert!(
        names.contains(&"PaymentTerms".to_owned()) && !names.contains(&"CustomersV3".to_owned()),
        "{names:?}"
    );
    let groups = finops.table("CustomerGroups").unwrap();
    assert!(
        finops.store().count(&Select::all(groups).only(Condition::Equal(1, Value::text("USMF")))).unwrap()
            > 0
    );
}
