//! Rows read from both stores, and the ways from one row to another.

use dwsim_catalog::{Catalog, LookupPath, TableMap, parse_path};
use dwsim_dataverse::Dataverse;
use dwsim_filter::{odata, xpp};
use dwsim_model::{ColumnKind, CompanyCode, Name, Side, TableType, Value, Values};
use dwsim_store::{Condition, Select, Store};
use dwsim_tenant::Tenant;
use std::sync::Arc;
use uuid::Uuid;

/// One row with every column that has a documented type.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its table.
    pub table: Arc<TableType>,
    cells: Values,
}

impl Row {
    /// A cell by column name, with its kind.
    ///
    /// # Errors
    /// A column the table does not have.
    pub fn cell(&self, column: &str) -> Result<(Value, ColumnKind), String> {
        let missing = || format!("{} has no column {column}", self.table.name);
        let ordinal = self.table.ordinal(column).ok_or_else(missing)?;
        let value = self.cells.get(ordinal).cloned().ok_or_else(missing)?;
        Ok((value, self.table.column(ordinal).kind.clone()))
    }
}

/// Reads both sides of a world.
#[derive(Debug)]
pub struct Reader<'t> {
    tenant: &'t Tenant,
    dataverse: &'t Dataverse,
    catalog: &'t Catalog,
}

impl<'t> Reader<'t> {
    /// A reader of a world that has a Dataverse.
    ///
    /// # Errors
    /// A world without.
    pub fn new(tenant: &'t Tenant) -> Result<Self, String> {
        let dataverse = tenant.dataverse().ok_or("there is no Dataverse environment")?;
        Ok(Self { tenant, dataverse, catalog: tenant.catalog() })
    }

    fn store(&self, side: Side) -> &'t Store {
        match side {
            Side::FinOps => self.tenant.finops().store(),
            Side::Dataverse => self.dataverse.store(),
        }
    }

    fn select(&self, side: Side, name: &str) -> Result<(Arc<TableType>, Select), String> {
        let unknown = || format!("{side} has no table {name}");
        let table = self.catalog.table(side, name).ok_or_else(unknown)?.clone();
        let columns: Vec<usize> = (0..table.typed_columns()).collect();
        let select = Select::all(self.store(side).table(&table.name).ok_or_else(unknown)?).columns(&columns);
        Ok((table, select))
    }

    fn read(&self, table: &Arc<TableType>, select: &Select) -> Result<Vec<Row>, String> {
        let rows = self.store(table.side).collect(select).map_err(|error| error.to_string())?;
        Ok(rows.into_iter().map(|cells| Row { table: table.clone(), cells }).collect())
    }

    /// Every row of a table.
    ///
    /// # Errors
    /// An unknown table.
    pub fn all(&self, side: Side, name: &str) -> Result<Vec<Row>, String> {
        let (table, select) = self.select(side, name)?;
        self.read(&table, &select)
    }

    /// The rows a map moves into a side: those its filter lets pass, of companies of the link.
    ///
    /// # Errors
    /// A filter that cannot be read.
    pub fn rows_moved(&self, map: &TableMap, into: Side) -> Result<Vec<Row>, String> {
        let side = into.other();
        let (name, filter) = match side {
            Side::FinOps => (&map.entity, &map.source_filter),
            Side::Dataverse => (&map.table, &map.reverse_filter),
        };
        let (table, mut select) = self.select(side, name)?;
        if let Some(text) = filter {
            let predicate = match side {
                Side::FinOps => xpp::parse(text).and_then(|filter| filter.bind(&table)),
                Side::Dataverse => odata::parse(text).and_then(|filter| filter.bind(&table)),
            };
            select = select.only(Condition::Matches(predicate.map_err(|error| error.to_string())?));
        }
        let parties = self.tenant.catalog().facts().party_store();
        if side == Side::FinOps && table.name == parties.entity {
            // The entity shows people and organisations only.
            let shown: Vec<String> = parties
                .exported_types
                .iter()
                .map(|kind| format!("({} == \"{}\")", parties.type_column, kind.as_str()))
                .collect();
            let predicate =
                xpp::parse(&format!("({})", shown.join(" || "))).and_then(|filter| filter.bind(&table));
            select = select.only(Condition::Matches(predicate.map_err(|error| error.to_string())?));
        }
        let mut rows = self.read(&table, &select)?;
        if map.striped {
            let linked = self.tenant.engine().companies();
            let mut kept = Vec::new();
            for row in rows {
                let company = match side {
                    Side::FinOps => Some(self.company_field(map, &row)?.0.to_string()),
                    Side::Dataverse => self.company_of(map, &row)?,
                };
                let of_link =
                    |code: &String| linked.iter().any(|own| own.as_str().eq_ignore_ascii_case(code));
                if company.as_ref().is_some_and(of_link) {
                    kept.push(row);
                }
            }
            rows = kept;
        }
        Ok(rows)
    }

    /// The value at the end of a path of a map, from a Dataverse row; null when a lookup on the way is blank.
    ///
    /// # Errors
    /// A path that leads nowhere, a lookup whose row is missing.
    pub fn reach(&self, row: &Row, path: &str) -> Result<(Value, ColumnKind), String> {
        let (hops, column) = match parse_path(path).map_err(|error| error.to_string())? {
            LookupPath::Column(column) => (Vec::new(), column),
            LookupPath::Through { hops, column } => (hops, column),
            LookupPath::Polymorphic { lookup, alternatives } => {
                let tables: Vec<Name> = alternatives.iter().map(|(table, _)| table.clone()).collect();
                let Some(target) = self.follow(row, &lookup, Some(&tables))? else {
                    return Ok((Value::Null, ColumnKind::Text { max: None }));
                };
                let key = alternatives.iter().find(|(table, _)| *table == target.table.name);
                let (_, column) = key.ok_or_else(|| format!("{path} leads to {}", target.table.name))?;
                return target.cell(column);
            }
        };
        let mut row = row.clone();
        for hop in hops {
            match self.follow(&row, &hop, None)? {
                Some(next) => row = next,
                None => return Ok((Value::Null, ColumnKind::Text { max: None })),
            }
        }
        row.cell(&column)
    }

    /// The row a lookup points at.
    fn follow(&self, row: &Row, lookup: &str, tables: Option<&[Name]>) -> Result<Option<Row>, String> {
        let (value, kind) = row.cell(lookup)?;
        let Some(id) = value.as_guid() else { return Ok(None) };
        let targets: Vec<Name> = match (tables, kind) {
            (Some(tables), _) => tables.to_vec(),
            (None, ColumnKind::Lookup { targets }) => targets,
            (None, _) => return Err(format!("{}.{lookup} is no lookup", row.table.name)),
        };
        for target in &targets {
            let (table, select) = self.select(Side::Dataverse, target)?;
            let found = self.read(&table, &select.only(Condition::Equal(0, Value::Guid(id))))?;
            if let Some(found) = found.into_iter().next() {
                return Ok(Some(found));
            }
        }
        Err(format!("{}.{lookup} points at {id}, and {targets:?} has no such row", row.table.name))
    }

    /// What a column of a table holds.
    ///
    /// # Errors
    /// A column the table does not have.
    pub fn kind(&self, side: Side, table: &str, column: &str) -> Result<ColumnKind, String> {
        let (table, _) = self.select(side, table)?;
        let ordinal =
            table.ordinal(column).ok_or_else(|| format!("{} has no column {column}", table.name))?;
        Ok(table.column(ordinal).kind.clone())
    }

    /// The field of an F&O row of a striped map that holds its company: its own, or the one mapped to the company.
    ///
    /// # Errors
    /// An entity that says its company nowhere.
    pub fn company_field(&self, map: &TableMap, row: &Row) -> Result<(Value, ColumnKind), String> {
        if let Some(ordinal) = row.table.company {
            return row.cell(&row.table.column(ordinal).name);
        }
        let column = map.company_column.as_deref().unwrap_or_default();
        let field = map.fields.iter().find(|field| {
            field.path.as_deref().and_then(|path| path.split_once('.')).is_some_and(|(hop, _)| hop == column)
        });
        let field = field.and_then(|field| field.entity_field.as_ref());
        row.cell(field.ok_or_else(|| format!("{} maps no field to {column}", map.id))?)
    }

    /// The code of the company a Dataverse row of a striped map belongs to.
    ///
    /// # Errors
    /// A table without a company column.
    pub fn company_of(&self, map: &TableMap, row: &Row) -> Result<Option<String>, String> {
        let column = match (&map.company_column, row.table.company) {
            (Some(column), _) => column.clone(),
            (None, Some(ordinal)) => row.table.column(ordinal).name.clone(),
            (None, None) => return Err(format!("{} has no company column", row.table.name)),
        };
        let facts = self.catalog.facts().company();
        let Some(company) = self.follow(row, &column, Some(std::slice::from_ref(&facts.table)))? else {
            return Ok(None);
        };
        Ok(company.cell(&facts.code_column)?.0.as_text().map(str::to_owned))
    }

    /// Who owns rows that initial sync brings in: the default team of the company's business unit, of the root unit
    /// for rows of no company.
    ///
    /// # Errors
    /// A company without business unit or team.
    pub fn owner_of(&self, company: Option<&str>) -> Result<Uuid, String> {
        let Some(code) = company else { return Ok(self.dataverse.root_team()) };
        let code: CompanyCode =
            code.parse().map_err(|error: dwsim_model::CompanyCodeError| error.to_string())?;
        let unit = self.dataverse.business_unit(code.as_str()).map_err(|error| error.to_string())?;
        let unit = unit.ok_or_else(|| format!("there is no business unit {code}"))?;
        let team = self.dataverse.default_team(unit).map_err(|error| error.to_string())?;
        team.ok_or_else(|| format!("business unit {code} has no default team"))
    }
}
