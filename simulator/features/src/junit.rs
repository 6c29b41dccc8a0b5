//! Results as JUnit XML, which build servers read.

use crate::suite::Finished;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// The report of a run: one suite a feature file, one test case a scenario.
///
/// # Errors
/// A text that XML cannot hold.
pub fn report(finished: &[Finished]) -> Result<String, String> {
    let mut report = Report::new("dwsim test");
    for one in finished {
        let name = one.case.file.display().to_string();
        let mut status = TestCaseStatus::success();
        if let Some(failure) = &one.verdict.failure {
            status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(failure.lines().next().unwrap_or_default());
            status.set_description(failure.as_str());
        }
        let mut case = TestCase::new(one.case.name.as_str(), status);
        case.set_classname(one.case.feature.as_str());
        case.set_time(one.took);
        if let Some(suite) = report.test_suites.iter_mut().find(|suite| suite.name.as_str() == name) {
            suite.add_test_case(case);
        } else {
            let mut suite = TestSuite::new(name);
            suite.add_test_case(case);
            report.add_test_suite(suite);
        }
    }
    report.to_string().map_err(|error| error.to_string())
}
