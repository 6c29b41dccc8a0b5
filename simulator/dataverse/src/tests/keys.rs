//! Alternate keys under whatever order of saves.

use super::*;
use dwsim_store::Select;
use proptest::prelude::*;
use std::collections::BTreeSet;

#[derive(Clone, Debug)]
struct Step {
    company: Option<usize>,
    number: Option<usize>,
    inbound: bool,
}

fn step() -> impl Strategy<Value = Step> {
    (prop::option::of(0..2_usize), prop::option::of(0..4_usize), any::<bool>())
        .prop_map(|(company, number, inbound)| Step { company, number, inbound })
}

const COMPANIES: [&str; 2] = ["USMF", "DEMF"];
const NUMBERS: [&str; 4] = ["c1", "C1", "c2", "c3"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn no_two_rows_share_a_key_and_rows_without_a_whole_key_never_collide(steps in prop::collection::vec(step(), 1..40)) {
        let mut dataverse = with_companies(&COMPANIES);
        let columns = ["msdyn_company", "accountnumber", "name"];
        let mut keys: BTreeSet<(usize, String)> = BTreeSet::new();
        let mut keyless = 0;
        for step in &steps {
            let company = step.company.map(|at| COMPANIES[at]);
            let number = step.number.map_or(Value::Null, |at| NUMBERS[at].into());
            let whole = step.company.zip(step.number).map(|(company, at)| (company, NUMBERS[at].to_lowercase()));
            if let (Some(key), true) = (&whole, step.inbound) {
                let batch = batch(&dataverse, "account", company, &columns, &columns[..2]);
                let id = Value::Guid(dataverse.company_id(&code(company.unwrap())).unwrap().unwrap());
                let outcome = upsert(&mut dataverse, &batch, &[&[id, number, "A".into()]]).remove(0);
                prop_assert_eq!(matches!(outcome, Outcome::Inserted(_)), keys.insert(key.clone()));
                continue;
            }
            let mut values = vec![("name", "A".into()), ("accountnumber", number)];
            values.extend(company.map(|company| ("msdyn_company", company.into())));
            let saved = save(&mut dataverse, Actor::System, "account", &[], &values).is_ok();
            let expected = whole.is_none_or(|key| keys.insert(key));
            prop_assert_eq!(saved, expected);
            keyless += u64::from(step.company.is_none() || step.number.is_none());
        }
        let rows = dataverse.store().count(&Select::all(dataverse.table("account").unwrap())).unwrap();
        prop_assert_eq!(rows, keys.len() as u64 + keyless);
    }
}
