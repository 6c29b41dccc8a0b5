//! Solution packages: what each installs, what it needs, which table maps it brings.

use dwsim_model::{MapId, MapVersion, Name};
use serde::Deserialize;
use std::{cmp::Ordering, fmt, str::FromStr};

/// Version of a Dataverse solution: two to four numbers. Parts left out count as zero.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct SolutionVersion(Vec<u64>);

impl FromStr for SolutionVersion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<u64> = text
            .split('.')
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map_err(|_| format!("version '{text}' is not numbers with dots such as 2.0.133"))?;
        if (2..=4).contains(&parts.len()) {
            Ok(Self(parts))
        } else {
            Err(format!(
                "version '{text}' has {} parts, a solution has two to four such as 2.0.133",
                parts.len()
            ))
        }
    }
}

impl TryFrom<String> for SolutionVersion {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for SolutionVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(u64::to_string).collect();
        f.pad(&parts.join("."))
    }
}

impl Ord for SolutionVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        let part = |version: &Self, index| version.0.get(index).copied().unwrap_or(0);
        (0..4)
            .map(|index| part(self, index).cmp(&part(other, index)))
            .find(|o| o.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for SolutionVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for SolutionVersion {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for SolutionVersion {}

/// One solution of a package.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Solution {
    /// Unique name in Dataverse.
    pub unique_name: Name,
    /// Version the simulator installs: the required one where a page names it, else the file's default.
    pub version: SolutionVersion,
}

/// A map of another package that this one ships again in a newer version.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapRevision {
    /// The map, which has its home in another package.
    pub map: MapId,
    /// Version this package ships.
    pub version: MapVersion,
}

/// A documented name of a map for which the catalogue has no map.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedMap {
    /// Label of the F&O entity.
    pub entity: Name,
    /// Dataverse entity set.
    pub table: Name,
}

/// An installable package.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Stable id, such as `application-core`.
    pub id: Name,
    /// Name as the pages print it.
    pub name: Name,
    /// Solutions it installs, in order.
    pub solutions: Vec<Solution>,
    /// Packages that have to be there first.
    pub depends_on: Vec<Name>,
    /// Maps whose home is this package. Every map of the catalogue has exactly one home.
    pub maps: Vec<MapId>,
    /// Maps at home elsewhere that this package brings in a newer version.
    #[serde(default)]
    pub revises: Vec<MapRevision>,
    /// Maps that have to stay stopped while this package is in use.
    #[serde(default)]
    pub replaces: Vec<MapId>,
    /// Maps the pages name for it and the catalogue does not have.
    #[serde(default)]
    pub not_in_catalogue: Vec<NamedMap>,
    /// What a reader has to know about it.
    #[serde(default)]
    pub note: Option<Box<str>>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}

/// The Dual Write Core solution: metadata of maps and the plug-ins. Every linked Dataverse needs it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoreSolution {
    /// Unique name in Dataverse.
    pub unique_name: Name,
    /// Name as the pages print it.
    pub name: Name,
    /// Version installed in the profile of today.
    pub default_version: SolutionVersion,
    /// Version installed in the 2020 profile, below the switch point.
    pub default_version_2020: SolutionVersion,
    /// From this version on, the newer application ids are used and no tenant consent is needed.
    pub app_id_switch: SolutionVersion,
    /// From this version on, the Dataverse to F&O time limit can be raised on request.
    pub extended_time_from: SolutionVersion,
    /// What a reader has to know about it.
    pub note: Box<str>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}

/// A solution that matters without being a dual-write package.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherSolution {
    /// Stable id, such as `crm-prime`.
    pub id: Name,
    /// Name as the pages print it.
    pub name: Name,
    /// Unique name the simulator uses.
    pub unique_name: Name,
    /// Version the simulator uses.
    pub version: SolutionVersion,
    /// Why it matters.
    pub note: Box<str>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}

/// The version of a solution without which its maps do not start.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequiredVersion {
    /// Unique name of the solution.
    pub id: Name,
    /// Lowest version that passes.
    pub version: SolutionVersion,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solution_versions_compare_number_by_number() {
        let version = |text: &str| text.parse::<SolutionVersion>().unwrap();
        assert!(version("2.0.2.10") < version("2.0.133"));
        assert!(version("1.0.15.9") < version("1.0.16.0"));
        assert_eq!(version("2.0.133"), version("2.0.133.0"));
        assert_eq!(version("2.0.133").to_string(), "2.0.133");
        for text in ["2", "1.2.3.4.5", "1.x", "", "-1.0"] {
            assert!(text.parse::<SolutionVersion>().is_err(), "{text}");
        }
    }
}
