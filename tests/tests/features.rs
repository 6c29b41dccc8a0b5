//! The features in plain words: every scenario of the feature files, in every profile it names, is a test of its own.

use dwsim_features::{Options, cases};
use libtest_mimic::{Arguments, Failed, Trial};
use std::{path::Path, sync::Arc};

fn main() {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let options = Arc::new(Options::default());
    let trials = match cases(&[root.join("features")]) {
        Ok(cases) => cases
            .into_iter()
            .map(|case| {
                let options = options.clone();
                Trial::test(case.name.clone(), move || match case.run(&options).failure {
                    Some(failure) => Err(Failed::from(failure)),
                    None => Ok(()),
                })
            })
            .collect(),
        Err(error) => vec![Trial::test("feature files can be read", move || Err(Failed::from(error)))],
    };
    libtest_mimic::run(&arguments, trials).exit();
}
