//! Live sync of customer groups, both ways, against the same two SQLite transactions written by hand.

use crate::{
    baseline::declaration,
    initial_sync::{BenchError, linked},
};
use dwsim_catalog::Catalog;
use dwsim_dualwrite::RunOptions;
use dwsim_model::{Change, CompanyCode, Name, Operation, Side, TableType, Value};
use dwsim_store::{Condition, Select};
use dwsim_tenant::Tenant;
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

/// The map measured: a key, a text, a value map and a lookup that every row has to resolve.
const MAP: &str = "customer-groups-msdyn-customergroups";
/// The row every group refers to.
const TERM: &str = "BENCH";
/// Rounds of each; the median counts.
const ROUNDS: u32 = 7;
/// Rows of a round, whatever the size of its transactions.
const ROWS: u64 = 1_000;

/// Transactions of one size in one direction.
#[derive(Clone, Debug, Serialize)]
pub struct LiveSyncFigures {
    /// The side people save on.
    pub from: Side,
    /// New rows in a transaction.
    pub rows: u64,
    /// Transactions a second that live sync carries over.
    pub transactions_per_second: f64,
    /// Transactions a second of the same two SQLite transactions by hand.
    pub sql_transactions_per_second: f64,
    /// How many times as long live sync takes.
    pub ratio: f64,
}

/// Transactions of one and of a hundred new rows, from F&O and from Dataverse.
///
/// # Errors
/// A world that cannot be set up, or a save that fails.
pub fn live_sync() -> Result<Vec<LiveSyncFigures>, BenchError> {
    let catalog = Catalog::embedded().map_err(BenchError::new)?;
    let company: CompanyCode = "USMF".parse().map_err(BenchError::new)?;
    let mut tenant = linked(&catalog, &company, MAP, 10)?;
    tenant
        .run_map(MAP, RunOptions { initial_sync: false, ..RunOptions::default() })
        .map_err(BenchError::new)?;
    let term = row("PaymentTerms", &company, "dataAreaId", &[("Name", TERM.to_owned())]);
    tenant.save(Side::FinOps, &[term]).map_err(BenchError::new)?;
    let term = term_id(&tenant)?;
    let mut figures = Vec::new();
    for from in [Side::FinOps, Side::Dataverse] {
        for rows in [1, 100] {
            figures.push(measure(&mut tenant, &company, &term, from, rows)?);
        }
    }
    Ok(figures)
}

fn measure(
    tenant: &mut Tenant,
    company: &CompanyCode,
    term: &Value,
    from: Side,
    rows: u64,
) -> Result<LiveSyncFigures, BenchError> {
    let mut by_hand = ByHand::new(tenant, company)?;
    let transactions = ROWS / rows;
    let (mut engine, mut sql) = (Vec::new(), Vec::new());
    // One round more than is counted: the first one warms both up.
    for round in 0..=ROUNDS {
        let name = |transaction: u64, row: u64| {
            let side = if from == Side::FinOps { 'F' } else { 'D' };
            let size = if rows == 1 { 'a' } else { 'b' };
            format!("{side}{size}{round}{transaction:04}{row:02}")
        };
        let start = Instant::now();
        for transaction in 0..transactions {
            let changes: Vec<Change> =
                (0..rows).map(|row| group(from, company, term, &name(transaction, row))).collect();
            tenant.save(from, &changes).map_err(BenchError::new)?;
        }
        let took = start.elapsed();
        let start = Instant::now();
        for transaction in 0..transactions {
            let names: Vec<String> = (0..rows).map(|row| name(transaction, row)).collect();
            by_hand.save(from, company, &names)?;
        }
        if round > 0 {
            engine.push(took);
            sql.push(start.elapsed());
        }
    }
    by_hand.check(ROWS * u64::from(ROUNDS + 1))?;
    let speed = |took: Duration| transactions as f64 / took.as_secs_f64().max(1e-9);
    let (engine, sql) = (median(engine), median(sql));
    Ok(LiveSyncFigures {
        from,
        rows,
        transactions_per_second: speed(engine),
        sql_transactions_per_second: speed(sql),
        ratio: engine.as_secs_f64() / sql.as_secs_f64().max(1e-9),
    })
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn row(table: &str, company: &CompanyCode, of: &str, values: &[(&str, String)]) -> Change {
    let mut cells = vec![(Name::from(of), Value::text(company.as_str()))];
    cells.extend(values.iter().map(|(name, text)| (Name::from(*name), Value::text(text.as_str()))));
    Change { table: table.into(), operation: Operation::Create, key: Vec::new(), values: cells }
}

/// The id of the term of payment in Dataverse.
fn term_id(tenant: &Tenant) -> Result<Value, BenchError> {
    let missing = || BenchError::new("the term of payment did not reach Dataverse");
    let store = tenant.dataverse().ok_or_else(missing)?.store();
    let table = store.table("msdyn_paymentterm").ok_or_else(missing)?;
    let name = store.table_type(table).ordinal("msdyn_name").ok_or_else(missing)?;
    let select = Select::all(table).columns(&[0]).only(Condition::Equal(name, Value::text(TERM)));
    let found = store.collect(&select).map_err(BenchError::new)?;
    found.first().map(|row| row[0].clone()).ok_or_else(missing)
}

fn group(from: Side, company: &CompanyCode, term: &Value, name: &str) -> Change {
    let (name, text) = (name.to_owned(), format!("Group {name}"));
    let mut change = match from {
        Side::FinOps => row(
            "CustomerGroups",
            company,
            "dataAreaId",
            &[("CustomerGroupId", name), ("Description", text), ("PaymentTermId", TERM.to_owned())],
        ),
        Side::Dataverse => row(
            "msdyn_customergroup",
            company,
            "msdyn_company",
            &[("msdyn_groupid", name), ("msdyn_description", text)],
        ),
    };
    if from == Side::Dataverse {
        change.values.push(("msdyn_paymenttermid".into(), term.clone()));
    }
    change
}

/// Two databases with tables of the same columns and keys, and the statements somebody would write.
struct ByHand {
    finops: Connection,
    dataverse: Connection,
    company: [u8; 16],
    next: u128,
}

impl ByHand {
    fn new(tenant: &Tenant, company: &CompanyCode) -> Result<Self, BenchError> {
        let dataverse = tenant.dataverse().ok_or_else(|| BenchError::new("there is no Dataverse"))?;
        let id = dataverse.company_id(company).map_err(BenchError::new)?.unwrap_or_default();
        let own = Self {
            finops: Connection::open_in_memory().map_err(BenchError::new)?,
            dataverse: Connection::open_in_memory().map_err(BenchError::new)?,
            company: *id.as_bytes(),
            next: 1,
        };
        let settings = "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY;
                        PRAGMA cache_size = -65536;";
        for connection in [&own.finops, &own.dataverse] {
            connection.execute_batch(settings).map_err(BenchError::new)?;
            connection.set_prepared_statement_cache_capacity(64);
        }
        let shape = |side: Side, table: &str| {
            let found = tenant.catalog().table(side, table).cloned();
            found.ok_or_else(|| BenchError::new(format!("the catalogue has no {table}")))
        };
        create(&own.finops, &*shape(Side::FinOps, "CustomerGroups")?, "dataAreaId, CustomerGroupId")?;
        create(
            &own.dataverse,
            &*shape(Side::Dataverse, "msdyn_customergroup")?,
            "msdyn_company, msdyn_groupid",
        )?;
        create(&own.dataverse, &*shape(Side::Dataverse, "msdyn_paymentterm")?, "msdyn_company, msdyn_name")?;
        let term =
            "INSERT INTO msdyn_paymentterm(msdyn_paymenttermid, msdyn_company, msdyn_name) VALUES(?, ?, ?)";
        own.dataverse
            .execute(term, params![1_u128.to_be_bytes().as_slice(), own.company.as_slice(), TERM])
            .map_err(BenchError::new)?;
        Ok(own)
    }

    /// One transaction in each database: the origin's rows, what they refer to, the target's rows by their key.
    fn save(&mut self, from: Side, company: &CompanyCode, names: &[String]) -> Result<(), BenchError> {
        for connection in [&self.finops, &self.dataverse] {
            connection.execute_batch("BEGIN").map_err(BenchError::new)?;
        }
        let sides = [from, from.other()];
        for side in sides {
            for name in names {
                self.write(side, company, name).map_err(BenchError::new)?;
            }
        }
        for connection in [&self.finops, &self.dataverse] {
            connection.execute_batch("COMMIT").map_err(BenchError::new)?;
        }
        Ok(())
    }

    fn write(&mut self, side: Side, company: &CompanyCode, name: &str) -> rusqlite::Result<()> {
        self.next += 1;
        let id = self.next.to_be_bytes();
        let text = format!("Group {name}");
        match side {
            Side::FinOps => {
                let database = &self.finops;
                let known: Option<i64> = database
                    .prepare_cached(
                        "SELECT rowid FROM CustomerGroups WHERE dataAreaId = ? AND CustomerGroupId = ?",
                    )?
                    .query_row(params![company.as_str(), name], |row| row.get(0))
                    .optional()?;
                if known.is_none() {
                    database
                        .prepare_cached(
                            "INSERT INTO CustomerGroups(dataAreaId, CustomerGroupId, Description,
                             IsSalesTaxIncludedInPrice, PaymentTermId) VALUES(?, ?, ?, 0, ?)",
                        )?
                        .execute(params![company.as_str(), name, text, TERM])?;
                }
            }
            Side::Dataverse => {
                let database = &self.dataverse;
                let term: Vec<u8> = database
                    .prepare_cached(
                        "SELECT msdyn_paymenttermid FROM msdyn_paymentterm WHERE msdyn_company = ? AND msdyn_name = ?",
                    )?
                    .query_row(params![self.company.as_slice(), TERM], |row| row.get(0))?;
                let known: Option<Vec<u8>> = database
                    .prepare_cached(
                        "SELECT msdyn_customergroupid FROM msdyn_customergroup
                         WHERE msdyn_company = ? AND msdyn_groupid = ?",
                    )?
                    .query_row(params![self.company.as_slice(), name], |row| row.get(0))
                    .optional()?;
                if known.is_none() {
                    database
                        .prepare_cached(
                            "INSERT INTO msdyn_customergroup(msdyn_customergroupid, msdyn_company, msdyn_groupid,
                             msdyn_description, msdyn_issalestaxincludedinprice, msdyn_paymenttermid, ownerid,
                             createdon, modifiedon, statecode, statuscode)
                             VALUES(?, ?, ?, ?, 0, ?, ?, 0, 0, 0, 1)",
                        )?
                        .execute(params![
                            id.as_slice(),
                            self.company.as_slice(),
                            name,
                            text,
                            term,
                            self.company.as_slice()
                        ])?;
                }
            }
        }
        Ok(())
    }

    /// Both databases have to hold every row, or the figures say nothing.
    fn check(&self, rows: u64) -> Result<(), BenchError> {
        for (connection, table) in
            [(&self.finops, "CustomerGroups"), (&self.dataverse, "msdyn_customergroup")]
        {
            let count = format!("SELECT count(*) FROM {table}");
            let held: i64 = connection.query_row(&count, [], |row| row.get(0)).map_err(BenchError::new)?;
            if u64::try_from(held).ok() != Some(rows) {
                return Err(BenchError::new(format!("{table} holds {held} rows by hand, not {rows}")));
            }
        }
        Ok(())
    }
}

fn create(connection: &Connection, shape: &TableType, key: &str) -> Result<(), BenchError> {
    let mut columns = String::new();
    for column in &shape.columns {
        let separator = if columns.is_empty() { "" } else { ", " };
        let _ = write!(columns, "{separator}{} {}", column.name, declaration(&column.kind));
    }
    let id = if shape.side == Side::Dataverse {
        format!("CREATE UNIQUE INDEX {0}_id ON {0}({1});", shape.name, shape.column(0).name)
    } else {
        String::new()
    };
    let sql =
        format!("CREATE TABLE {0}({columns}); CREATE UNIQUE INDEX {0}_key ON {0}({key}); {id}", shape.name);
    connection.execute_batch(&sql).map_err(BenchError::new)
}
