//! What the guidance matrix says for each table map of the link: how to bring together the rows both sides have.

use crate::{Tenant, TenantError};
use dwsim_catalog::{
    TableMap,
    facts::{ApproachStep, GuidanceRow, Origin},
};
use dwsim_finops::EnvironmentOrigin;
use dwsim_model::{MapId, Name, Side};
use dwsim_store::Select;

/// The approach the guidance advises for one table map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// The table map.
    pub map: MapId,
    /// The row of the matrix, `G1` to `G14`; none where the page has no row, which is when there is no data on
    /// environments that are not both new.
    pub row: Option<Name>,
    /// Rows of the entity in F&O, over all companies.
    pub finops_rows: u64,
    /// Rows of the table in Dataverse, over all companies.
    pub dataverse_rows: u64,
    /// Whether F&O imports the table in one thread.
    pub single_threaded: bool,
    /// What to do, in order; nothing where there is no row.
    pub approach: Vec<ApproachStep>,
    /// Why, in words.
    pub reason: String,
}

impl Advice {
    /// The volume the matrix is read with: rows of the larger side.
    pub fn rows(&self) -> u64 {
        self.finops_rows.max(self.dataverse_rows)
    }

    /// Whether there are rows to bring together and initial sync is not the way to do it.
    pub fn is_against_initial_sync(&self) -> bool {
        self.rows() > 0 && self.row.is_some() && !self.approach.contains(&ApproachStep::InitialSync)
    }

    /// The approach as one phrase.
    pub fn approach_text(&self) -> String {
        self.approach.iter().map(|step| step.text()).collect::<Vec<_>>().join(", then ")
    }
}

impl Tenant {
    /// What the guidance says for every table map of the link, by id.
    pub fn advise(&self) -> Result<Vec<Advice>, TenantError> {
        self.check_linked("Advice")?;
        self.engine.maps().values().map(|state| self.advice(&state.compiled.map)).collect()
    }

    /// What the guidance says for one table map of the link.
    pub fn advise_map(&self, map: &str) -> Result<Advice, TenantError> {
        self.check_linked("Advice")?;
        let id = self.map_id(map)?;
        let state = self.engine.maps().get(&id);
        let known = self.engine.maps().keys().map(MapId::as_str);
        self.advice(&state.ok_or_else(|| TenantError::unknown("table map", map, known))?.compiled.map)
    }

    fn advice(&self, map: &TableMap) -> Result<Advice, TenantError> {
        let finops_rows = self.rows_of(Side::FinOps, &map.entity)?;
        let dataverse_rows = self.rows_of(Side::Dataverse, &map.table)?;
        let rows = finops_rows.max(dataverse_rows);
        let (finops, dataverse) = self.origins();
        let row = self.catalog.facts().guidance(finops, dataverse, rows > 0, rows, map.single_threaded);
        Ok(Advice {
            map: map.id.clone(),
            row: row.map(|row| row.id.clone()),
            finops_rows,
            dataverse_rows,
            single_threaded: map.single_threaded,
            approach: row.map(|row| row.approach.clone()).unwrap_or_default(),
            reason: reason(row, [finops, dataverse], [finops_rows, dataverse_rows], map.single_threaded),
        })
    }

    /// Which environments were there before the link: F&O, Dataverse.
    fn origins(&self) -> (Origin, Origin) {
        let finops = match self.finops.environment().origin {
            EnvironmentOrigin::Existing => Origin::Existing,
            _ => Origin::New,
        };
        let dataverse = if self.dataverse_existed { Origin::Existing } else { Origin::New };
        (finops, dataverse)
    }

    fn rows_of(&self, side: Side, table: &str) -> Result<u64, TenantError> {
        let place = match (side, &self.dataverse) {
            (Side::FinOps, _) => self.finops.table(table).map(|id| (self.finops.store(), id)),
            (Side::Dataverse, Some(dataverse)) => dataverse.table(table).map(|id| (dataverse.store(), id)),
            (Side::Dataverse, None) => None,
        };
        match place {
            Some((store, id)) => Ok(store.count(&Select::all(id))?),
            None => Ok(0),
        }
    }
}

fn reason(row: Option<&GuidanceRow>, origins: [Origin; 2], rows: [u64; 2], single_threaded: bool) -> String {
    let word = |origin| if origin == Origin::New { "new" } else { "existing" };
    let environments = format!(
        "{} F&O ({} rows), {} Dataverse ({} rows)",
        word(origins[0]),
        rows[0],
        word(origins[1]),
        rows[1]
    );
    let threads =
        if single_threaded { "F&O imports it in one thread" } else { "F&O imports it in several threads" };
    let Some(row) = row else {
        return format!("{environments}: no rows to bring together, and the matrix has no row for that");
    };
    let volume = match (row.at_most, row.more_than) {
        (Some(most), _) => format!("; the row goes up to {most} rows of a table"),
        (None, Some(least)) => format!("; the row begins above {least} rows of a table"),
        (None, None) => String::new(),
    };
    let data = if row.has_data { "" } else { "; there are no rows to bring together" };
    format!("{environments}; {threads}{volume}{data} ({})", row.id)
}
