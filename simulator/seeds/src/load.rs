//! Writing demo data into an F&O environment, batch by batch.

use crate::{
    demo::DemoSeed,
    entity::Entity,
    error::SeedError,
    row::{At, Row},
};
use dwsim_finops::FinOps;
use dwsim_model::{CompanyCode, Name, Outcome, SyncKind, Upsert, Value, Values};

/// Rows of one transaction.
const BATCH: u64 = 10_000;

/// How far a load has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadProgress<'a> {
    /// The entity being written.
    pub entity: &'a Name,
    /// Rows written so far, of all entities.
    pub written: u64,
    /// Rows there will be.
    pub total: u64,
}

/// What a load did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// Legal entities that were not there before.
    pub companies: Vec<CompanyCode>,
    /// Rows of each entity, in the order in which they were written.
    pub rows: Vec<(Name, u64)>,
}

impl LoadReport {
    /// All rows together.
    pub fn total(&self) -> u64 {
        self.rows.iter().map(|(_, rows)| rows).sum()
    }
}

impl DemoSeed {
    /// Writes every row of the plan into F&O, a transaction for every 10 000 rows; rows that are there already get
    /// the demo values. Companies that are missing are created, and those that are there stay as they are.
    ///
    /// Loading is not a change that live sync would see: no events are raised.
    ///
    /// # Errors
    /// [`SeedError::Refused`] when the environment refuses a row, which leaves the batches before it written.
    pub fn load(
        &self,
        finops: &mut FinOps,
        progress: &mut dyn FnMut(LoadProgress<'_>),
    ) -> Result<LoadReport, SeedError> {
        let mut report = LoadReport::default();
        let known = finops.companies().map_err(environment)?;
        for (number, company) in self.plan().companies.iter().enumerate() {
            if !known.contains(company) {
                let name = self.company_name(number);
                finops.create_company(company.as_str(), &name).map_err(|error| SeedError::Refused {
                    table: finops.catalog().facts().company().finops_entity.clone(),
                    row: company.to_string(),
                    reason: error.to_string(),
                })?;
                report.companies.push(company.clone());
            }
        }
        let total = self.total();
        let mut written = 0;
        for at in self.order() {
            let entity = self.entity_at(*at);
            let name = &entity.table.name;
            let companies = if entity.striped() { self.plan().companies.len() } else { 1 };
            let mut rows = 0;
            // The environment makes its legal entities itself, with a party of their own.
            for company in (0..companies).filter(|_| !self.is_legal_entities(*at)) {
                let upsert = self.upsert(entity, company);
                let count = self.count_at(*at, company);
                let mut start = 0;
                while start < count {
                    let end = count.min(start + BATCH);
                    write(finops, &upsert, self.batch(*at, company, start..end), start)?;
                    written += end - start;
                    rows += end - start;
                    start = end;
                    progress(LoadProgress { entity: name, written, total });
                }
            }
            report.rows.push((name.clone(), rows));
        }
        Ok(report)
    }

    /// The name of a company as its row in the demo data has it.
    fn company_name(&self, number: usize) -> String {
        let company = self.company(number).map_or("", CompanyCode::as_str);
        let named = |at: usize| {
            let entity = self.entity_at(at);
            let cell = entity.position(entity.table.ordinal("Name")?)?;
            let row = At { entity: at, company: 0, index: number as u64 };
            match Row::new(self, row).cell(cell, &mut String::new()) {
                Value::Text(name) if !name.is_empty() => Some(name.into_string()),
                _ => None,
            }
        };
        self.legal_entities().and_then(named).unwrap_or_else(|| company.to_owned())
    }

    fn upsert(&self, entity: &Entity, company: usize) -> Upsert {
        let natural = entity.table.natural_key().map_or_else(Vec::new, |key| key.columns.clone());
        let key: Vec<usize> = natural.iter().filter_map(|ordinal| entity.position(*ordinal)).collect();
        let overwrite = (0..entity.columns.len()).filter(|at| !key.contains(at)).collect();
        Upsert {
            table: entity.table.clone(),
            company: self.company(company).filter(|_| entity.striped()).cloned(),
            columns: entity.columns.clone(),
            key,
            overwrite,
            symbols: Vec::new(),
            sync: SyncKind::Initial,
        }
    }

    fn batch(&self, entity: usize, company: usize, rows: std::ops::Range<u64>) -> Vec<Values> {
        let mut text = String::with_capacity(256);
        rows.map(|index| Row::new(self, At { entity, company, index }).values(&mut text)).collect()
    }
}

/// Writes one batch, all of it or nothing.
fn write(finops: &mut FinOps, upsert: &Upsert, rows: Vec<Values>, start: u64) -> Result<(), SeedError> {
    finops.store().begin().map_err(environment)?;
    let written = finops.upsert(upsert, rows).map_err(environment).and_then(|outcomes| {
        let refused = outcomes.into_iter().enumerate().find_map(|(at, outcome)| match outcome {
            Outcome::Failed(error) => Some((at, error)),
            _ => None,
        });
        match refused {
            None => Ok(()),
            Some((at, error)) => Err(SeedError::Refused {
                table: upsert.table.name.clone(),
                row: (start + at as u64).to_string(),
                reason: error.to_string(),
            }),
        }
    });
    match written {
        Ok(()) => finops.store().commit().map_err(environment),
        Err(error) => {
            finops.store().rollback().map_err(environment)?;
            Err(error)
        }
    }
}

pub(crate) fn environment(error: impl std::fmt::Display) -> SeedError {
    SeedError::Environment(error.to_string())
}
