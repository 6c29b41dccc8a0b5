//! The set-up scenarios in plain words: every scenario of the feature files is a test of its own.

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::Path;

fn main() {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../features");
    let trials = match tests::features::cases(&folder) {
        Ok(cases) => cases
            .into_iter()
            .map(|case| Trial::test(case.name.clone(), move || case.run().map_err(Failed::from)))
            .collect(),
        Err(error) => vec![Trial::test("feature files can be read", move || Err(Failed::from(error)))],
    };
    libtest_mimic::run(&arguments, trials).exit();
}
