//! The code of a legal entity, as F&O writes it and compares it.

use serde::{Deserialize, Serialize};
use std::{fmt, hash, str::FromStr, sync::Arc};

/// An F&O `DataAreaId`: one to four letters or digits, compared without case, spelled as it was given.
///
/// The page's "three-letter ISO company code" and the documented codes USMF, DEMF, DAT all fit (decision 8).
///
/// ```
/// use dwsim_model::CompanyCode;
/// let usmf: CompanyCode = "USMF".parse()?;
/// assert_eq!(usmf, "usmf".parse()?);
/// assert!("CONTO".parse::<CompanyCode>().is_err());
/// # Ok::<(), dwsim_model::CompanyCodeError>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CompanyCode(Arc<str>);

/// Why a text is not a company code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "company code '{code}' has {length} characters; a code has one to four letters or digits, such as USMF"
)]
pub struct CompanyCodeError {
    code: String,
    length: usize,
}

impl CompanyCode {
    /// The code as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CompanyCode {
    type Err = CompanyCodeError;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        let length = code.chars().count();
        if (1..=4).contains(&length) && code.chars().all(|c| c.is_ascii_alphanumeric()) {
            Ok(Self(code.into()))
        } else {
            let code: String = code.chars().take(40).collect();
            Err(CompanyCodeError { code, length })
        }
    }
}

impl TryFrom<String> for CompanyCode {
    type Error = CompanyCodeError;

    fn try_from(code: String) -> Result<Self, Self::Error> {
        code.parse()
    }
}

impl From<CompanyCode> for String {
    fn from(code: CompanyCode) -> Self {
        code.0.as_ref().to_owned()
    }
}

impl fmt::Display for CompanyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq for CompanyCode {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for CompanyCode {}

impl PartialOrd for CompanyCode {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for CompanyCode {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.to_ascii_lowercase().cmp(&other.0.to_ascii_lowercase())
    }
}

impl hash::Hash for CompanyCode {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.0.to_ascii_lowercase().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_five_letters_is_refused_with_what_to_do() {
        let error = "CONTO".parse::<CompanyCode>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "company code 'CONTO' has 5 characters; a code has one to four letters or digits, such as USMF"
        );
    }

    #[test]
    fn codes_are_equal_and_ordered_without_case() {
        let codes: Vec<CompanyCode> = ["USMF", "demf"].iter().map(|c| c.parse().unwrap()).collect();
        assert!(codes[1] < codes[0]);
        assert_eq!(codes[0], "uSmF".parse().unwrap());
    }
}
