//! What a person asks for: companies, customers, perhaps only some entities.

use crate::error::SeedError;
use dwsim_model::{CompanyCode, Name};

/// Fewest and most customers of the first company.
const ROWS: std::ops::RangeInclusive<u64> = 10..=1_000_000;

/// How much demo data to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoPlan {
    /// The companies; the first one gets most of the rows.
    pub companies: Vec<CompanyCode>,
    /// Customers of the first company, 10 to 1 000 000; other volumes follow from it.
    pub rows: u64,
    /// Only these entities and what they refer to; all of them when none.
    pub only: Option<Vec<Name>>,
}

impl DemoPlan {
    /// All entities, with so many customers in the first company.
    pub fn new(companies: Vec<CompanyCode>, rows: u64) -> Self {
        Self { companies, rows, only: None }
    }

    pub(crate) fn check(&self) -> Result<(), SeedError> {
        if self.companies.is_empty() {
            return Err(SeedError::NoCompany);
        }
        for (at, company) in self.companies.iter().enumerate() {
            if self.companies[..at].contains(company) {
                return Err(SeedError::CompanyTwice(company.clone()));
            }
        }
        if !ROWS.contains(&self.rows) {
            return Err(SeedError::Rows { rows: self.rows });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_without_company_or_with_absurd_volumes_are_refused() {
        let usmf: CompanyCode = "USMF".parse().unwrap();
        assert!(matches!(DemoPlan::new(vec![], 10).check(), Err(SeedError::NoCompany)));
        assert!(matches!(DemoPlan::new(vec![usmf.clone()], 9).check(), Err(SeedError::Rows { rows: 9 })));
        let twice = DemoPlan::new(vec![usmf.clone(), "usmf".parse().unwrap()], 10);
        assert!(matches!(twice.check(), Err(SeedError::CompanyTwice(_))));
        assert!(DemoPlan::new(vec![usmf], 10).check().is_ok());
    }
}
