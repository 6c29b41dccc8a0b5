//! The data files of this crate: countries, volumes, patterns and extra references.

use crate::error::SeedError;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Everything the files say.
#[derive(Debug)]
pub(crate) struct Data {
    pub(crate) countries: Vec<Country>,
    pub(crate) words: Words,
    pub(crate) volumes: Volumes,
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) references: References,
}

/// Where a company is at home.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Country {
    /// Beginnings of company codes; the first country is the home of all others.
    pub(crate) starts: Vec<String>,
    /// Beginning of account numbers.
    pub(crate) prefix: String,
    /// Two letters.
    pub(crate) code: String,
    /// Three letters.
    pub(crate) code3: String,
    pub(crate) language: String,
    pub(crate) currency: String,
    /// Which names, streets and cities it has.
    pub(crate) locale: String,
    /// Beginning of telephone numbers.
    pub(crate) calling_code: String,
    /// A telephone number: a digit for every `#`.
    pub(crate) phone: String,
    /// A postal code: a digit for every `#`, a letter for every `@`.
    pub(crate) zip: String,
    pub(crate) states: Vec<String>,
    /// In hundredths of a degree.
    pub(crate) latitude: [i64; 2],
    /// In hundredths of a degree.
    pub(crate) longitude: [i64; 2],
}

/// Words of every country.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Words {
    pub(crate) qualities: Vec<String>,
    pub(crate) products: Vec<String>,
    pub(crate) phrases: Vec<String>,
}

/// How many rows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Volumes {
    /// Share of the first company's rows that every other company has.
    pub(crate) other_companies_per_thousand: u64,
    /// Fewest customers of any company.
    pub(crate) smallest: u64,
    /// Rows of an entity without a record.
    pub(crate) default_count: u64,
    pub(crate) entity: Vec<Volume>,
}

/// How many rows one entity has, and what distinguishes them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Volume {
    pub(crate) set: String,
    /// A fixed number.
    pub(crate) count: Option<u64>,
    /// What `per-thousand` counts: `rows` or another entity.
    pub(crate) of: Option<String>,
    pub(crate) per_thousand: Option<u64>,
    pub(crate) min: Option<u64>,
    pub(crate) max: Option<u64>,
    /// Values that take turns from row to row; blank keeps a field blank.
    #[serde(default)]
    pub(crate) cycle: Vec<BTreeMap<String, String>>,
    /// The entity shows the same records as another one.
    pub(crate) same_as: Option<String>,
    /// First number of lines below a header.
    pub(crate) first_line: Option<u64>,
}

/// What the fields of some names hold. The first one that fits name and type counts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Pattern {
    /// `*Name` or `CustomersV3.*Name`.
    pub(crate) fields: Vec<String>,
    /// A text with slots.
    pub(crate) text: Option<String>,
    /// Texts to choose from; the row's own one in a key.
    pub(crate) list: Option<Vec<String>>,
    /// A text for keys beyond the end of the list.
    pub(crate) more: Option<String>,
    /// Smallest and largest number.
    pub(crate) number: Option<[i64; 2]>,
    /// Digits after the point.
    pub(crate) decimals: Option<u32>,
    /// Days before and after the first day of the simulator.
    pub(crate) days: Option<[i64; 2]>,
    /// Days from row to row, in a key.
    pub(crate) step: Option<i64>,
    /// Always the same date.
    pub(crate) date: Option<String>,
    /// Enum members to choose from.
    pub(crate) members: Option<Vec<String>>,
    /// Percentage of Yes.
    pub(crate) yes: Option<u64>,
    /// Percentage of rows without a value.
    pub(crate) blank: Option<u64>,
    /// Blank in rows of the other party type.
    pub(crate) only: Option<PartyKind>,
    /// `latitude` or `longitude` of the country.
    pub(crate) angle: Option<String>,
    /// The n-th text of the list in the n-th row, although the field is no key.
    #[serde(default)]
    pub(crate) aligned: bool,
}

/// The types of party that rows stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PartyKind {
    Organization,
    Person,
    OperatingUnit,
}

/// References that the maps do not show, and choices they leave open.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct References {
    /// Percentage of rows without an optional reference.
    pub(crate) blank_per_cent: u64,
    /// Percentage of rows that point at an earlier row of their own entity.
    pub(crate) self_per_cent: u64,
    /// Rows that stand for the party of another entity's row.
    pub(crate) shared_party: SharedParty,
    /// Percentage of rows that refer to what is usual in their company's country.
    pub(crate) home_per_cent: u64,
    /// Entities of which a country has one row that is usual there: entity.field and what it holds.
    pub(crate) home: BTreeMap<String, String>,
    /// Fields that always refer to a row.
    pub(crate) required: Vec<String>,
    /// Fields of which the n-th row refers to the n-th row.
    pub(crate) aligned: Vec<String>,
    /// `Entity.field = "Entity.field"`, or `"map-id.field"` for rows that pass the map's filter only.
    pub(crate) field: BTreeMap<String, String>,
    /// Fields that come from the row another field refers to.
    pub(crate) together: Vec<Together>,
    /// Entities no reference is taken from, although a map feeds the table looked up.
    pub(crate) never_from: Vec<String>,
}

/// Every so many rows of one entity stand for the party of a row of another one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SharedParty {
    pub(crate) from: String,
    pub(crate) with: String,
    pub(crate) every: u64,
}

/// Fields that come from the row another field refers to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Together {
    /// Only in these entities; `*` for any text.
    pub(crate) entities: Vec<String>,
    /// The field that refers; `*` stands for any beginning.
    pub(crate) field: String,
    /// The entity and field referred to.
    pub(crate) to: String,
    /// More fields of both; `*` stands for the same beginning.
    pub(crate) also: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Countries {
    words: Words,
    country: Vec<Country>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patterns {
    pattern: Vec<Pattern>,
}

pub(crate) const COUNTRIES: &str = "countries.toml";
pub(crate) const VOLUMES: &str = "volumes.toml";
pub(crate) const REFERENCES: &str = "references.toml";
pub(crate) const PATTERNS: [(&str, &str); 4] = [
    ("patterns-keys.toml", include_str!("../data/patterns-keys.toml")),
    ("patterns-more-keys.toml", include_str!("../data/patterns-more-keys.toml")),
    ("patterns-values.toml", include_str!("../data/patterns-values.toml")),
    ("patterns-other.toml", include_str!("../data/patterns-other.toml")),
];

impl Data {
    /// Reads the files compiled in.
    pub(crate) fn embedded() -> Result<Self, SeedError> {
        let countries: Countries = parse(COUNTRIES, include_str!("../data/countries.toml"))?;
        if countries.country.is_empty() {
            return Err(SeedError::data(COUNTRIES, "there is no country; give at least one"));
        }
        let mut patterns = Vec::new();
        for (file, text) in PATTERNS {
            let more: Patterns = parse(file, text)?;
            patterns.extend(more.pattern);
        }
        Ok(Self {
            countries: countries.country,
            words: countries.words,
            volumes: parse(VOLUMES, include_str!("../data/volumes.toml"))?,
            patterns,
            references: parse(REFERENCES, include_str!("../data/references.toml"))?,
        })
    }

    /// The country a company is at home in.
    pub(crate) fn country_of(&self, company: &str) -> usize {
        let start = |country: &Country| {
            country.starts.iter().any(|start| {
                company.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
            })
        };
        self.countries.iter().position(start).unwrap_or(0)
    }

    /// The volume record of an entity.
    pub(crate) fn volume(&self, set: &str) -> Volume {
        let record = self.volumes.entity.iter().find(|record| record.set.eq_ignore_ascii_case(set));
        record.cloned().unwrap_or_else(|| Volume { set: set.to_owned(), ..Volume::default() })
    }
}

pub(crate) fn parse<T: for<'de> Deserialize<'de>>(file: &'static str, text: &str) -> Result<T, SeedError> {
    toml::from_str(text).map_err(|error| SeedError::data(file, error.to_string()))
}

/// Whether a name fits a pattern with `*` for any run of characters; case does not count.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    fn rest(pattern: &[u8], name: &[u8]) -> bool {
        match pattern {
            [] => name.is_empty(),
            [b'*', more @ ..] => (0..=name.len()).any(|skipped| rest(more, &name[skipped..])),
            [first, more @ ..] => {
                name.first().is_some_and(|own| own.eq_ignore_ascii_case(first)) && rest(more, &name[1..])
            }
        }
    }
    rest(pattern.as_bytes(), name.as_bytes())
}

/// Whether one of the patterns, `field` or `Entity.field`, means a field.
pub(crate) fn means(patterns: &[String], entity: &str, field: &str) -> bool {
    patterns.iter().any(|pattern| match pattern.split_once('.') {
        Some((entities, fields)) => fits(entities, entity) && fits(fields, field),
        None => fits(pattern, field),
    })
}

/// What `*` at the beginning of a pattern stands for in a name that fits it.
pub(crate) fn beginning<'n>(pattern: &str, name: &'n str) -> Option<&'n str> {
    match pattern.strip_prefix('*') {
        Some(end) => {
            let start = name.len().checked_sub(end.len())?;
            name.get(start..).is_some_and(|own| own.eq_ignore_ascii_case(end)).then(|| &name[..start])
        }
        None => pattern.eq_ignore_ascii_case(name).then_some(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_without_case_and_know_what_the_star_stood_for() {
        assert!(fits("*Name", "ProductNAME") && fits("Person*", "PersonFirstName") && fits("*", ""));
        assert!(!fits("*Name", "NameAlias") && !fits("Name", "Names"));
        assert_eq!(beginning("*SiteId", "DefaultShippingSiteId"), Some("DefaultShipping"));
        assert_eq!(beginning("*SiteId", "SiteName"), None);
    }

    #[test]
    fn the_files_are_read() {
        let data = Data::embedded().unwrap();
        assert_eq!(data.countries[data.country_of("demf")].currency, "EUR");
        assert_eq!(data.country_of("ZZZZ"), 0);
    }
}
