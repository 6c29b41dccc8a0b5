//! Whatever is saved in whatever order: keys stay unique, and no row crosses a company.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Step {
    Create,
    Update(&'static str),
    Delete,
}

fn step() -> impl Strategy<Value = (Step, &'static str, &'static str)> {
    let kind = prop_oneof![
        Just(Step::Create),
        prop_oneof![Just("10"), Just("20"), Just("")].prop_map(Step::Update),
        Just(Step::Delete)
    ];
    (
        kind,
        prop_oneof![Just("USMF"), Just("usmf"), Just("DEMF"), Just("FRRT")],
        prop_oneof![Just("A"), Just("a"), Just("B")],
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_sequence_of_saves_leaves_what_a_map_by_company_and_account_would(
        steps in prop::collection::vec(step(), 1..40)
    ) {
        let mut finops = contoso();
        let mut model: BTreeMap<(String, String), String> = BTreeMap::new();
        for (step, company, account) in steps {
            let known = company != "FRRT";
            let at = (company.to_ascii_uppercase(), account.to_ascii_uppercase());
            let key = [("dataAreaId", Value::text(company)), ("CustomerAccount", Value::text(account))];
            let (result, expected) = match step {
                Step::Create => {
                    let result = create(&mut finops, "CustomersV3", &customer(company, account));
                    let fits = known && !model.contains_key(&at);
                    if fits {
                        model.insert(at, "10".to_owned());
                    }
                    (result, fits)
                }
                Step::Update(group) => {
                    let values = [("CustomerGroupId", Value::text(group))];
                    let result = finops.save(&change("CustomersV3", Operation::Update, &key, &values));
                    let fits = !group.is_empty() && model.contains_key(&at);
                    if fits {
                        model.insert(at, group.to_owned());
                    }
                    (result, fits)
                }
                Step::Delete => {
                    let result = finops.save(&change("CustomersV3", Operation::Delete, &key, &[]));
                    (result, model.remove(&at).is_some())
                }
            };
            prop_assert_eq!(result.is_ok(), expected, "{:?}", result);
        }
        let id = finops.table("CustomersV3").unwrap();
        let table = finops.table_type("CustomersV3").unwrap();
        let columns: Vec<usize> = ["dataAreaId", "CustomerAccount", "CustomerGroupId"]
            .iter().map(|column| table.ordinal(column).unwrap()).collect();
        let mut rows: Vec<((String, String), String)> = finops
            .store()
            .collect(&Select::all(id).columns(&columns))
            .unwrap()
            .iter()
            .map(|row| ((row[0].to_string(), row[1].to_string().to_ascii_uppercase()), row[2].to_string()))
            .collect();
        rows.sort();
        prop_assert_eq!(rows, model.into_iter().collect::<Vec<_>>());
    }
}
