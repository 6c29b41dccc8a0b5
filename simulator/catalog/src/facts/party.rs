//! Which rows carry a party: the person or organisation behind customers, vendors and contacts.

use dwsim_model::{Name, Side};
use serde::Deserialize;

/// What a party is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartyType {
    /// An organisation.
    Organization,
    /// A person.
    Person,
    /// A company of F&O.
    LegalEntity,
    /// An operating unit of F&O.
    OperatingUnit,
}

impl PartyType {
    /// The word F&O stores and prints.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "Organization",
            Self::Person => "Person",
            Self::LegalEntity => "LegalEntity",
            Self::OperatingUnit => "OperatingUnit",
        }
    }

    /// The class name in the message that refuses a change of type. Only the first two are attested.
    pub const fn class_name(self) -> &'static str {
        match self {
            Self::Organization => "DirOrganization",
            Self::Person => "DirPerson",
            Self::LegalEntity => "CompanyInfo",
            Self::OperatingUnit => "OMOperatingUnit",
        }
    }
}

/// How to tell the type of a row's party.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum PartyTypeRule {
    /// Always this type.
    Constant(PartyType),
    /// A column holds the name of the type.
    Column(Name),
    /// A yes/no column: yes is a person, no is an organisation.
    IsPerson(Name),
}

/// An entity or table whose rows stand for a party.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartyCarrier {
    /// Public set name in F&O, logical name in Dataverse.
    pub id: Name,
    /// Its side.
    pub side: Side,
    /// Column with the party number in F&O, lookup to the party table in Dataverse.
    pub party_column: Name,
    /// How to tell the type.
    pub party_type: PartyTypeRule,
    /// Column with the name of an organisation.
    #[serde(default)]
    pub organization_name: Option<Name>,
    /// Columns with the name of a person, in the order in which they are read out.
    #[serde(default)]
    pub person_name: Vec<Name>,
    /// Yes/no column that has to be yes for the row to stand for a party.
    #[serde(default)]
    pub only_when: Option<Name>,
    /// Whether a row saved without a party gets a new one.
    pub creates_party: bool,
    /// What a reader has to know about it.
    #[serde(default)]
    pub note: Option<Box<str>>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}

/// Where the parties themselves are kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartyStore {
    /// F&O set of parties.
    pub entity: Name,
    /// Its key column.
    pub number_column: Name,
    /// Its type column.
    pub type_column: Name,
    /// Its organisation name column.
    pub organization_name: Name,
    /// Its person name columns.
    pub person_name: Vec<Name>,
    /// Dataverse table of parties.
    pub table: Name,
    /// Its key column.
    pub table_number_column: Name,
    /// Its type column, a choice.
    pub table_type_column: Name,
    /// Its organisation name column.
    pub table_organization_name: Name,
    /// Its person name columns.
    pub table_person_name: Vec<Name>,
    /// Types that the party entity exports; addresses of the others have no party in Dataverse.
    pub exported_types: Vec<PartyType>,
    /// Message id: an account exists in F&O under another party.
    pub not_found_message: Name,
    /// Message id: a party would change its type.
    pub type_change_message: Name,
    /// Message id: an address of a party that was not exported.
    pub not_exported_message: Name,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}
