//! Both environments as the engine sees them: reading straight from their stores, writing under their own rules.

use dwsim_dataverse::Dataverse;
use dwsim_dualwrite::port::{Environment, Export, PortError, Sink};
use dwsim_finops::FinOps;
use dwsim_model::{CompanyCode, Outcome, RowError, Side, TableType, Upsert, Value, Values};
use dwsim_store::{Condition, Select, Store, StoreError, TableId};
use jiff::Timestamp;
use std::fmt;

/// F&O for the engine.
#[derive(Debug)]
pub(crate) struct FinOpsPort<'a> {
    pub(crate) finops: &'a mut FinOps,
}

/// Dataverse for the engine, at one moment of virtual time.
#[derive(Debug)]
pub(crate) struct DataversePort<'a> {
    pub(crate) dataverse: &'a mut Dataverse,
    pub(crate) now: Timestamp,
}

fn failed(error: impl fmt::Display) -> PortError {
    PortError { code: "SIM-STORE".into(), message: error.to_string() }
}

fn declared(store: &Store, table: &TableType) -> Result<TableId, PortError> {
    store
        .table(&table.name)
        .ok_or_else(|| failed(format!("table {} is not part of this environment", table.name)))
}

fn select(store: &Store, export: &Export, company: Option<Value>) -> Result<Select, PortError> {
    let table = declared(store, &export.table)?;
    let mut select = Select::all(table).columns(&export.columns).ordered(&export.order);
    if let (Some(column), Some(company)) = (export.company_column, company) {
        select = select.only(Condition::Equal(column, company));
    }
    if let Some(version) = export.created_up_to {
        select = select.only(Condition::CreatedUpTo(version));
    }
    if let Some(version) = export.written_after {
        select = select.only(Condition::WrittenAfter(version));
    }
    Ok(select.only(Condition::Matches(export.filter.clone())))
}

fn read_batches(store: &Store, select: &Select, batch: usize, sink: &mut Sink<'_>) -> Result<(), PortError> {
    let mut rows = Vec::with_capacity(batch.min(1_024));
    let mut refused = None;
    let outcome = store.scan(select, |row| {
        rows.push(row);
        if rows.len() == batch
            && let Err(error) = sink(std::mem::replace(&mut rows, Vec::with_capacity(batch)))
        {
            // The store's own error type cannot carry ours; it only has to end the scan.
            refused = Some(error);
            return Err(StoreError::Damaged("stopped".into()));
        }
        Ok(())
    });
    match (refused, outcome) {
        (Some(error), _) => Err(error),
        (None, Err(error)) => Err(failed(error)),
        (None, Ok(())) if rows.is_empty() => Ok(()),
        (None, Ok(())) => sink(rows),
    }
}

fn resolve(
    store: &Store,
    table: &TableType,
    by: &[usize],
    keys: &[Values],
) -> Result<Vec<Option<Value>>, PortError> {
    let id = declared(store, table)?;
    if keys.len() > 1 {
        store.ensure_index(id, by).map_err(failed)?;
    }
    let Some(mut finder) = store.finder(id, by, &[0]).map_err(failed)? else {
        return Ok(vec![None; keys.len()]);
    };
    keys.iter()
        .map(|key| {
            let found = finder.find(key.iter()).map_err(failed)?;
            Ok(found.and_then(|row| row.into_iter().next()))
        })
        .collect()
}

fn fetch(
    store: &Store,
    table: &TableType,
    ids: &[Value],
    columns: &[usize],
) -> Result<Vec<Option<Values>>, PortError> {
    let id = declared(store, table)?;
    let Some(mut finder) = store.finder(id, &[0], columns).map_err(failed)? else {
        return Ok(vec![None; ids.len()]);
    };
    ids.iter().map(|id| finder.find([id]).map_err(failed)).collect()
}

fn count_null(store: &Store, table: &TableType) -> Result<u64, PortError> {
    let Some(company) = table.company else { return Ok(0) };
    let select = Select::all(declared(store, table)?).only(Condition::Equal(company, Value::Null));
    store.count(&select).map_err(failed)
}

/// What both adapters share, because both environments keep their rows in the same kind of store.
macro_rules! reading {
    ($side:expr, $field:ident $(, $now:ident)?) => {
        fn side(&self) -> Side {
            $side
        }

        fn version(&self) -> i64 {
            self.$field.store().version()
        }

        fn export(&self, export: &Export, batch: usize, sink: &mut Sink<'_>) -> Result<(), PortError> {
            let company = self.company_of_export(export)?;
            read_batches(self.$field.store(), &select(self.$field.store(), export, company)?, batch, sink)
        }

        fn count(&self, export: &Export) -> Result<u64, PortError> {
            let company = self.company_of_export(export)?;
            self.$field.store().count(&select(self.$field.store(), export, company)?).map_err(failed)
        }

        fn resolve(
            &self,
            table: &TableType,
            by: &[usize],
            keys: &[Values],
        ) -> Result<Vec<Option<Value>>, PortError> {
            resolve(self.$field.store(), table, by, keys)
        }

        fn fetch(
            &self,
            table: &TableType,
            ids: &[Value],
            columns: &[usize],
        ) -> Result<Vec<Option<Values>>, PortError> {
            fetch(self.$field.store(), table, ids, columns)
        }

        fn count_without_company(&self, table: &TableType) -> Result<u64, PortError> {
            count_null(self.$field.store(), table)
        }

        fn upsert(&mut self, upsert: &Upsert, rows: Vec<Values>) -> Result<Vec<Outcome>, PortError> {
            self.$field.upsert(upsert, rows $(, self.$now)?).map_err(failed)
        }

        fn begin(&mut self) -> Result<(), PortError> {
            self.$field.store().begin().map_err(failed)
        }

        fn commit(&mut self) -> Result<(), PortError> {
            self.$field.store().commit().map_err(failed)
        }

        fn rollback(&mut self) -> Result<(), PortError> {
            self.$field.store().rollback().map_err(failed)
        }
    };
}

impl FinOpsPort<'_> {
    #[allow(clippy::unnecessary_wraps, clippy::unused_self)] // the same shape as in Dataverse, where it can fail
    fn company_of_export(&self, export: &Export) -> Result<Option<Value>, PortError> {
        Ok(export.company.as_ref().map(|company| Value::text(company.as_str())))
    }
}

impl Environment for FinOpsPort<'_> {
    reading!(Side::FinOps, finops);

    fn export_refusal(&self) -> Option<&'static str> {
        let environment = self.finops.environment();
        match (environment.import_export_running, environment.data_application_broken) {
            (false, _) => Some("I1"),
            (true, true) => Some("I2"),
            (true, false) => None,
        }
    }

    fn import_refusal(&self) -> Option<&'static str> {
        (!self.finops.environment().import_export_running).then_some("SIM-IMPORT-SERVICE-STOPPED")
    }

    fn unreadable_zero(&self) -> Option<&'static str> {
        // With another locale than en-us the service writes zero without its decimal point.
        (!self.finops.environment().data_locale.eq_ignore_ascii_case("en-us")).then_some("000000")
    }

    fn exports_quoted_text(&self) -> bool {
        true
    }

    fn delete(
        &mut self,
        table: &TableType,
        by: &[usize],
        key: &[Value],
    ) -> Result<Result<bool, RowError>, PortError> {
        let id = declared(self.finops.store(), table)?;
        self.finops.delete_by_key(id, by, key).map_err(failed)
    }

    fn tracks_changes(&self, table: &TableType) -> bool {
        self.finops.tracks_changes(&table.name)
    }

    fn company_value(&self, company: &CompanyCode) -> Result<Option<Value>, PortError> {
        Ok(Some(Value::text(company.as_str())))
    }

    fn company_of(&self, value: &Value) -> Result<Option<CompanyCode>, PortError> {
        Ok(value.as_text().and_then(|code| code.parse().ok()))
    }
}

impl DataversePort<'_> {
    fn company_of_export(&self, export: &Export) -> Result<Option<Value>, PortError> {
        match &export.company {
            // A company without its row in Dataverse owns no rows there; no row has the null id.
            Some(company) => {
                Ok(Some(self.company_value(company)?.unwrap_or_else(|| uuid::Uuid::nil().into())))
            }
            None => Ok(None),
        }
    }
}

impl Environment for DataversePort<'_> {
    reading!(Side::Dataverse, dataverse, now);

    fn delete(
        &mut self,
        table: &TableType,
        by: &[usize],
        key: &[Value],
    ) -> Result<Result<bool, RowError>, PortError> {
        self.dataverse.delete_by_key(&table.name, by, key, self.now).map_err(failed)
    }

    fn tracks_changes(&self, _table: &TableType) -> bool {
        // Incremental push is documented for F&O change tracking only; the Dataverse leg is always full.
        false
    }

    fn company_value(&self, company: &CompanyCode) -> Result<Option<Value>, PortError> {
        Ok(self.dataverse.company_id(company).map_err(failed)?.map(Value::Guid))
    }

    fn company_of(&self, value: &Value) -> Result<Option<CompanyCode>, PortError> {
        match value.as_guid() {
            Some(id) => self.dataverse.company_code(id).map_err(failed),
            None => Ok(None),
        }
    }
}
