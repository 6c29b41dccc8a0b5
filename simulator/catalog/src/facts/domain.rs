//! Rules of single business domains: discounts of lines, primary rows, inventory requests.

use dwsim_model::Name;
use serde::Deserialize;

/// A discount of a whole line, which F&O keeps as a discount of a unit and a charge that takes up the rest.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineDiscount {
    /// The F&O entity.
    pub id: Name,
    /// Quantity of the line.
    pub quantity: Name,
    /// Discount of the whole line.
    pub total: Name,
    /// Discount of one unit.
    pub line: Name,
    /// Charge on the line.
    pub charges: Name,
    /// Decimals the discount of a unit is rounded to.
    pub decimals: u32,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}

/// A column of Dataverse that holds an exchange rate.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExchangeRateColumn {
    /// The Dataverse table.
    pub id: Name,
    /// The column.
    pub column: Name,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}

/// A yes/no field that one row of a group has.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnlyOne {
    /// The F&O entity.
    pub id: Name,
    /// Fields that are equal within a group.
    pub group: Vec<Name>,
    /// The yes/no field.
    pub column: Name,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}

/// A request for inventory on hand, and the entries that answer it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InventoryInquiry {
    /// F&O entity of requests.
    pub request: Name,
    /// Its number.
    pub request_id: Name,
    /// The product asked for.
    pub product: Name,
    /// The site asked for; blank for all.
    pub site: Name,
    /// The warehouse asked for; blank for all.
    pub warehouse: Name,
    /// How much is wanted.
    pub order_quantity: Name,
    /// F&O entity of answers.
    pub entry: Name,
    /// The request answered.
    pub entry_request_id: Name,
    /// Site.
    pub entry_site: Name,
    /// Warehouse.
    pub entry_warehouse: Name,
    /// Day of the answer.
    pub entry_date: Name,
    /// How much was wanted.
    pub entry_order_quantity: Name,
    /// Physically there.
    pub on_hand: Name,
    /// Reserved of it.
    pub reserved: Name,
    /// What is left of it.
    pub available: Name,
    /// On its way.
    pub ordered: Name,
    /// Left, with what is on its way.
    pub total_available: Name,
    /// Wanted beyond what is left.
    pub unavailable: Name,
    /// What a reader has to know about it.
    pub note: Box<str>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}
