//! A table map: which F&O entity feeds which Dataverse table, and how every field travels.

use dwsim_model::{MapId, MapVersion, Name, Side};
use std::str::FromStr;

/// One table map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableMap {
    /// Its id, such as `customers-v3-accounts`.
    pub id: MapId,
    /// Number of its section on the reference page; 0 for a map that only an older page has.
    pub anchor: u32,
    /// F&O public entity set, `CustomersV3`.
    pub entity: Name,
    /// What F&O calls the entity, `Customers V3`.
    pub entity_label: Name,
    /// Name of the entity in the application object tree; the entity set where it is not known.
    pub entity_aot: Name,
    /// Dataverse logical name, `account`.
    pub table: Name,
    /// Dataverse entity set, `accounts`.
    pub entity_set: Name,
    /// Subject area, which is also the name of its data file.
    pub domain: Name,
    /// First documented version.
    pub version: MapVersion,
    /// Who published it.
    pub publisher: Name,
    /// Whether rows are synchronised per company.
    pub striped: bool,
    /// The Dataverse lookup to `cdm_company` of a striped map.
    pub company_column: Option<Name>,
    /// Which F&O rows travel; an X++-like expression.
    pub source_filter: Option<Box<str>>,
    /// Which Dataverse rows travel; an OData filter. The newest one where versions differ.
    pub reverse_filter: Option<Box<str>>,
    /// The reversed filter of each major version, oldest first, where versions differ.
    pub reverse_filters: Vec<(Box<str>, Option<Box<str>>)>,
    /// Pairs of F&O field and Dataverse path that identify a row; `dataAreaId` stands for the company.
    pub integration_key: Vec<(Name, Box<str>)>,
    /// Whether the key is derived from the entity's key and the rows rather than documented.
    pub key_inferred: bool,
    /// Whether initial synchronisation always runs in one thread.
    pub single_threaded: bool,
    /// Maps whose rows this map's lookups need.
    pub depends_on: Vec<MapId>,
    /// Maps better run before this one, without a lookup that needs it.
    pub soft_depends_on: Vec<MapId>,
    /// The map that does the same work; only one of the two should run.
    pub alternative_to: Option<MapId>,
    /// The rows, in documented order.
    pub fields: Vec<FieldMap>,
    /// What a reader should know about the source of the map.
    pub note: Option<Box<str>>,
    /// Page and commit it was read from.
    pub source: Name,
}

impl TableMap {
    /// The name every tool knows the map by: `<Dataverse entity set> - <F&O entity label>`.
    pub fn display_name(&self) -> String {
        format!("{} - {}", self.entity_set, self.entity_label)
    }

    /// Whether any column flows into this side from the other one; constants alone do not count.
    pub fn flows_into(&self, side: Side) -> bool {
        self.fields.iter().any(|row| row.flows_into(side) && row.entity_field.is_some() && row.path.is_some())
    }
}

impl FieldMap {
    /// Whether the row writes into this side.
    pub fn flows_into(&self, side: Side) -> bool {
        match side {
            Side::Dataverse => self.symbol.to_dataverse(),
            Side::FinOps => self.symbol.to_finops(),
        }
    }

    /// The column of the map's own entity or table that the row writes or reads on this side: the field, or the
    /// first part of the path.
    pub fn column_on(&self, side: Side) -> Option<&str> {
        match side {
            Side::FinOps => self.entity_field.as_deref(),
            Side::Dataverse => self.path.as_deref().map(|path| path.split('.').next().unwrap_or(path)),
        }
    }

    /// Whether both rows pair the same columns, whatever their direction.
    pub fn same_pair(&self, other: &Self) -> bool {
        same(self.entity_field.as_deref(), other.entity_field.as_deref())
            && same(self.path.as_deref(), other.path.as_deref())
    }
}

fn same(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        (a, b) => a == b,
    }
}

/// One row of a table map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldMap {
    /// The F&O field; none when the row writes a constant to Dataverse.
    pub entity_field: Option<Name>,
    /// Direction.
    pub symbol: Symbol,
    /// The Dataverse column path as documented; none when the row writes a constant to F&O.
    pub path: Option<Box<str>>,
    /// What happens to the value on the way.
    pub transform: Transform,
    /// What a stored map says of its value map by `createValuesOnDestination`: kept, and without effect (decision Q31).
    pub creates_values: bool,
}

/// The direction sign of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Symbol {
    /// `=`: both ways, as it is.
    Both,
    /// `>`: from F&O to Dataverse, as it is.
    ToDataverse,
    /// `<`: from Dataverse to F&O, as it is.
    ToFinOps,
    /// `><`: both ways, transformed.
    BothTransformed,
    /// `>>`: from F&O to Dataverse, transformed.
    ToDataverseTransformed,
    /// `<<`: from Dataverse to F&O, transformed.
    ToFinOpsTransformed,
}

impl Symbol {
    /// Every symbol, in the order the documentation explains them.
    pub const ALL: [Self; 6] = [
        Self::Both,
        Self::ToDataverse,
        Self::ToFinOps,
        Self::BothTransformed,
        Self::ToDataverseTransformed,
        Self::ToFinOpsTransformed,
    ];

    /// Whether values travel from F&O to Dataverse.
    pub fn to_dataverse(self) -> bool {
        !matches!(self, Self::ToFinOps | Self::ToFinOpsTransformed)
    }

    /// Whether values travel from Dataverse to F&O.
    pub fn to_finops(self) -> bool {
        !matches!(self, Self::ToDataverse | Self::ToDataverseTransformed)
    }

    /// Whether the row carries a value map or a default.
    pub fn transforms(self) -> bool {
        matches!(self, Self::BothTransformed | Self::ToDataverseTransformed | Self::ToFinOpsTransformed)
    }

    /// The sign as the map shows it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Both => "=",
            Self::ToDataverse => ">",
            Self::ToFinOps => "<",
            Self::BothTransformed => "><",
            Self::ToDataverseTransformed => ">>",
            Self::ToFinOpsTransformed => "<<",
        }
    }

    /// The symbol of these directions; none when values travel neither way.
    pub fn of(to_dataverse: bool, to_finops: bool, transforms: bool) -> Option<Self> {
        Self::ALL.into_iter().find(|symbol| {
            symbol.to_dataverse() == to_dataverse
                && symbol.to_finops() == to_finops
                && symbol.transforms() == transforms
        })
    }

    /// The symbol of the same direction that transforms nothing.
    #[must_use]
    pub fn plain(self) -> Self {
        match self {
            Self::Both | Self::BothTransformed => Self::Both,
            Self::ToDataverse | Self::ToDataverseTransformed => Self::ToDataverse,
            Self::ToFinOps | Self::ToFinOpsTransformed => Self::ToFinOps,
        }
    }

    /// The symbol of the same direction that transforms.
    #[must_use]
    pub fn transformed(self) -> Self {
        match self {
            Self::Both | Self::BothTransformed => Self::BothTransformed,
            Self::ToDataverse | Self::ToDataverseTransformed => Self::ToDataverseTransformed,
            Self::ToFinOps | Self::ToFinOpsTransformed => Self::ToFinOpsTransformed,
        }
    }
}

/// Why a text is not a direction sign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a direction; write one of = > < >< >> <<")]
pub struct SymbolError(String);

impl FromStr for Symbol {
    type Err = SymbolError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|symbol| symbol.as_str() == text)
            .ok_or_else(|| SymbolError(text.chars().take(20).collect()))
    }
}

/// What happens to a value on its way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Transform {
    /// Nothing.
    #[default]
    None,
    /// Pairs of F&O value and Dataverse value in documented order; a blank is the empty text.
    ValueMap(Vec<(Box<str>, Box<str>)>),
    /// A constant, or the value taken when the source has none.
    Default(Box<str>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_read_back_and_know_their_directions() {
        for symbol in Symbol::ALL {
            assert_eq!(symbol.as_str().parse(), Ok(symbol));
            assert_eq!(symbol.as_str().contains('>'), symbol.to_dataverse() && symbol != Symbol::Both);
            assert_eq!(symbol.transforms(), symbol.as_str().len() == 2);
        }
        assert!(Symbol::Both.to_dataverse() && Symbol::Both.to_finops());
        assert_eq!(
            "<>".parse::<Symbol>().unwrap_err().to_string(),
            "'<>' is not a direction; write one of = > < >< >> <<"
        );
    }
}
