//! Reading an F&O export file: the data of an environment that was there before.

mod error;
mod header;

pub use error::ImportError;

use crate::{
    FinOps, Hint, SaveError,
    convert::{expected, parse},
    plan::Plan,
    save::columns_of,
};
use csv::{ByteRecord, ErrorKind, ReaderBuilder};
use dwsim_model::{ColumnKind, CompanyCode, Name, Operation, TableType, Value};
use header::Header;
use std::{
    io::{self, Read},
    sync::Arc,
};

const MIB: u64 = 1024 * 1024;
const LARGEST_FILE_MIB: u64 = 512;
const MOST_COLUMNS: usize = 2_000;
const LONGEST_CELL: usize = 64 * 1024;

/// How a file is imported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// The file's name, for error texts and to tell the entity by.
    pub file: String,
    /// Whether companies that rows name and that do not exist are created, with their code as name.
    pub create_companies: bool,
}

/// What an import did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportReport {
    /// The entity the file holds.
    pub entity: Name,
    /// Rows read.
    pub rows: u64,
    /// Rows that were new.
    pub created: u64,
    /// Rows that were there and changed.
    pub updated: u64,
    /// Rows that were there and equal.
    pub unchanged: u64,
    /// Companies that were created, in the order of the file.
    pub companies: Vec<CompanyCode>,
    /// Parties that were made for the rows.
    pub parties: u64,
    /// Columns that are no field of the entity; their cells were not kept.
    pub ignored_columns: Vec<IgnoredColumn>,
}

/// A column of a file that is no field of its entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IgnoredColumn {
    /// As the file spells it.
    pub name: String,
    /// The field that was probably meant.
    pub hint: Hint,
}

/// What stays the same from row to row.
struct Job<'a> {
    plan: Arc<Plan>,
    file: &'a str,
    header: Header,
    columns: Vec<usize>,
    create_companies: bool,
}

impl FinOps {
    /// Imports a CSV file as F&O exports it, into the entity named or the one its name or header tells.
    ///
    /// Columns match fields without regard to case; rows are found by the key and created or changed. A blank cell
    /// leaves its field alone. Dates are ISO 8601 or US style, enums are member names. A party that a row names and
    /// that is missing is made under that number, as it was where the file comes from; no other referenced row is.
    /// The file is UTF-8, of at most 512 MiB, 2,000 columns and 64 KiB a cell.
    pub fn import_csv(
        &mut self,
        reader: impl Read,
        entity: Option<&str>,
        options: &ImportOptions,
    ) -> Result<ImportReport, ImportError> {
        self.store.begin()?;
        let imported = self.import_rows(reader, entity, options);
        if imported.is_ok() {
            self.store.commit()?;
        } else {
            self.store.rollback()?;
        }
        imported
    }

    fn import_rows(
        &mut self,
        reader: impl Read,
        entity: Option<&str>,
        options: &ImportOptions,
    ) -> Result<ImportReport, ImportError> {
        let file = options.file.as_str();
        let limited = Limited { inner: reader, left: LARGEST_FILE_MIB * MIB };
        let mut reader = ReaderBuilder::new().has_headers(false).from_reader(limited);
        let mut record = ByteRecord::new();
        if !reader.read_byte_record(&mut record).map_err(|error| unreadable(file, error))? {
            return Err(ImportError::Empty { file: file.to_owned() });
        }
        let names = read_names(file, &record)?;
        let catalog = self.catalog().clone();
        let table = header::entity(&catalog, entity, file, &names)?;
        let no_entity = || ImportError::NoEntity { file: file.to_owned() };
        let plan = self.table(&table.name).and_then(|id| self.plan(id)).cloned().ok_or_else(no_entity)?;
        let header = Header::new(&plan.table, file, names)?;
        let party = plan.party.as_ref().map(|rule| rule.number);
        let columns = columns_of(&plan, header.fields.iter().copied().flatten().chain(party));
        let job = Job { plan, file, header, columns, create_companies: options.create_companies };
        let mut report = ImportReport {
            entity: table.name.clone(),
            rows: 0,
            created: 0,
            updated: 0,
            unchanged: 0,
            companies: Vec::new(),
            parties: 0,
            ignored_columns: job.header.ignored.clone(),
        };
        while reader.read_byte_record(&mut record).map_err(|error| unreadable(file, error))? {
            let given = job.cells(&record)?;
            self.import_row(&job, line(&record), given, &mut report)?;
        }
        Ok(report)
    }

    fn import_row(
        &mut self,
        job: &Job<'_>,
        line: u64,
        given: Vec<(usize, Value)>,
        report: &mut ImportReport,
    ) -> Result<(), ImportError> {
        report.rows += 1;
        let plan = &job.plan;
        let row_error = |error: SaveError| ImportError::Row { file: job.file.to_owned(), line, error };
        let cell = |ordinal: usize| given.iter().find(|(own, _)| *own == ordinal).map(|(_, value)| value);
        if let Some(company) = plan.table.company {
            let code = cell(company).and_then(Value::as_text).unwrap_or_default().to_owned();
            if self.company_value(&code)?.is_none() {
                if code.is_empty() || !job.create_companies {
                    return Err(ImportError::UnknownCompany {
                        file: job.file.to_owned(),
                        line,
                        company: code,
                    });
                }
                self.create_company(&code, &code).map_err(row_error)?;
                report.companies.extend(code.parse().ok());
            }
        }
        let key: Option<Vec<Value>> = plan.key.iter().map(|ordinal| cell(*ordinal).cloned()).collect();
        let found = match &key {
            Some(key) => self.store.find(plan.id, &plan.key, key, &job.columns)?,
            None => None,
        };
        let written = match found {
            Some(before) => self.update_row(plan, &job.columns, &before, given),
            None => self.create_row(plan, &job.columns, given, true),
        }
        .map_err(row_error)?;
        match written.change.operation {
            Operation::Create => report.created += 1,
            _ if written.changed => report.updated += 1,
            _ => report.unchanged += 1,
        }
        report.parties += u64::from(written.made.is_some());
        Ok(())
    }
}

impl Job<'_> {
    /// The cells of a line that are not blank, in the types of their fields.
    fn cells(&self, record: &ByteRecord) -> Result<Vec<(usize, Value)>, ImportError> {
        let mut given = Vec::new();
        for (at, cell) in record.iter().enumerate() {
            let name = self.header.names.get(at).map_or("", String::as_str);
            let text = read_cell(self.file, line(record), name, cell)?;
            let Some(ordinal) = self.header.fields.get(at).copied().flatten() else { continue };
            if text.trim().is_empty() {
                continue;
            }
            let table = &self.plan.table;
            let value = parse(table, ordinal, text).and_then(|mut value| {
                self.plan.normalise(ordinal, &mut value, false);
                self.plan.check(ordinal, &value).map(|()| value)
            });
            let value = value.map_err(|_| ImportError::Cell {
                file: self.file.to_owned(),
                line: line(record),
                column: name.to_owned(),
                value: text.chars().take(80).collect(),
                expected: expectation(table, ordinal),
            })?;
            given.push((ordinal, value));
        }
        Ok(given)
    }
}

/// What a field takes, with its length, range or members.
fn expectation(table: &TableType, ordinal: usize) -> String {
    const LISTED: usize = 12;
    match &table.column(ordinal).kind {
        ColumnKind::Text { max: Some(max) } => format!("text of at most {max} characters"),
        ColumnKind::Int { min, max } => format!("a whole number from {min} to {max}"),
        ColumnKind::Choice(choices) => {
            let names: Vec<&str> =
                choices.options.iter().take(LISTED).map(|(_, name)| name.as_ref()).collect();
            let more = if choices.options.len() > LISTED { " ..." } else { "" };
            format!("a member of {}: {}{more}", choices.name, names.join(", "))
        }
        kind => expected(kind).to_owned(),
    }
}

fn read_names(file: &str, record: &ByteRecord) -> Result<Vec<String>, ImportError> {
    if record.len() > MOST_COLUMNS {
        let file = file.to_owned();
        return Err(ImportError::TooManyColumns { file, columns: record.len(), limit: MOST_COLUMNS });
    }
    record.iter().map(|cell| Ok(read_cell(file, 1, "header", cell)?.trim().to_owned())).collect()
}

fn read_cell<'c>(file: &str, line: u64, column: &str, cell: &'c [u8]) -> Result<&'c str, ImportError> {
    if cell.len() > LONGEST_CELL {
        return Err(ImportError::CellTooLong {
            file: file.to_owned(),
            line,
            column: column.to_owned(),
            bytes: cell.len(),
            limit: LONGEST_CELL,
        });
    }
    std::str::from_utf8(cell).map_err(|_| ImportError::Encoding { file: file.to_owned(), line })
}

fn line(record: &ByteRecord) -> u64 {
    record.position().map_or(1, csv::Position::line)
}

fn unreadable(file: &str, error: csv::Error) -> ImportError {
    let file = file.to_owned();
    match error.into_kind() {
        ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            ImportError::TooLarge { file, limit: LARGEST_FILE_MIB }
        }
        ErrorKind::UnequalLengths { pos, expected_len, len } => ImportError::Width {
            file,
            line: pos.map_or(0, |pos| pos.line()),
            cells: len,
            columns: expected_len,
        },
        ErrorKind::Io(error) => ImportError::Unreadable { file, reason: error.to_string() },
        other => ImportError::Unreadable { file, reason: format!("{other:?}") },
    }
}

/// Reads so much and no more.
struct Limited<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let rest = self.left.checked_sub(read as u64);
        self.left = rest.ok_or_else(|| io::Error::from(io::ErrorKind::FileTooLarge))?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
