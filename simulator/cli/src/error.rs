//! Why a command did not run: always the caller's input or the place the output goes to.

use dwsim_catalog::CatalogError;
use dwsim_scenario::{RunError, ScenarioError};
use std::{io, path::PathBuf};

/// Why a command did not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CliError {
    /// A name that nothing has.
    #[error("there is no {what} '{name}'{}\n{list}", did_you_mean(near.as_deref()))]
    Unknown {
        /// Kind of thing.
        what: &'static str,
        /// The name as typed.
        name: String,
        /// The most similar name there is.
        near: Option<String>,
        /// How to see all names.
        list: &'static str,
    },
    /// A file that cannot be read.
    #[error("cannot read {}: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// A scenario that is not well written.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// A scenario that cannot start.
    #[error(transparent)]
    Run(#[from] RunError),
    /// What the simulated environments do not allow.
    #[error(transparent)]
    Tenant(#[from] dwsim_tenant::TenantError),
    /// Feature files that cannot be read, or results that cannot be written.
    #[error("{0}")]
    Features(String),
    /// The catalogue contradicts itself.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// A measurement that could not be set up.
    #[error(transparent)]
    Bench(#[from] dwsim_bench::BenchError),
    /// Services that cannot be started.
    #[error("{0}")]
    Server(String),
    /// Output that cannot be written.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
    /// Output that cannot be put in JSON.
    #[error("cannot write the output as JSON: {0}")]
    Json(serde_json::Error),
}

impl From<serde_json::Error> for CliError {
    fn from(error: serde_json::Error) -> Self {
        if error.is_io() { Self::Output(error.into()) } else { Self::Json(error) }
    }
}

impl CliError {
    /// Whether the reader of the output went away, which is no mistake of anyone.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// An unknown name among known ones.
    pub(crate) fn unknown<'a>(
        what: &'static str,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
        list: &'static str,
    ) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        // A part of a name, such as `accounts`, is far from it letter by letter.
        let part = || known.iter().copied().find(|known| !name.is_empty() && known.contains(name));
        let near = part().or_else(|| dwsim_model::nearest(name, known.iter().copied())).map(str::to_owned);
        Self::Unknown { what, name: name.to_owned(), near, list }
    }
}

fn did_you_mean(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean '{near}'?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_comes_with_the_nearest_and_the_way_to_all() {
        let known = ["new-new", "new-existing"];
        let error = CliError::unknown("scenario", "new-exsting", known, "'dwsim scenarios' lists them");
        assert_eq!(
            error.to_string(),
            "there is no scenario 'new-exsting'; did you mean 'new-existing'?\n'dwsim scenarios' lists them"
        );
        let error = CliError::unknown("scenario", "existing", known, "");
        assert!(error.to_string().contains("did you mean 'new-existing'?"), "{error}");
        let error = CliError::unknown("scenario", "zebra", known, "'dwsim scenarios' lists them");
        assert_eq!(error.to_string(), "there is no scenario 'zebra'\n'dwsim scenarios' lists them");
    }

    #[test]
    fn a_closed_pipe_is_told_apart_also_when_json_was_written() {
        let closed = || io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(CliError::from(closed()).is_broken_pipe());
        assert!(CliError::from(serde_json::Error::io(closed())).is_broken_pipe());
        assert!(!CliError::from(io::Error::from(io::ErrorKind::StorageFull)).is_broken_pipe());
    }
}
