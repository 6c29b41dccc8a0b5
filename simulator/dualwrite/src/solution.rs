//! Solutions that carry table maps: rows of `msdyn_dualwriteentitymap` with the solution they belong to.
//!
//! Real solutions are archives of XML; here the same rows stand in one JSON file (decision P47).

use crate::{
    document::{self, DocumentError},
    schemas::Schemas,
};
use dwsim_catalog::TableMap;
use dwsim_model::{MapVersion, Name};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Most table maps of one solution.
const MOST_MAPS: usize = 1_000;

/// A solution with table maps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapSolution {
    /// Unique name.
    pub uniquename: Name,
    /// Version of the solution itself: two to four numbers.
    pub version: String,
    /// Whether it is managed: nobody changes what it brought, and uninstalling it takes that away.
    pub ismanaged: bool,
    /// Who publishes it.
    pub publisher: SolutionPublisher,
    /// Its table maps, one row a version.
    pub msdyn_dualwriteentitymaps: Vec<StoredMap>,
}

/// The publisher of a solution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SolutionPublisher {
    /// Name people read; the publisher of each version in it.
    pub friendlyname: Name,
    /// What the names of its components start with.
    pub customizationprefix: Name,
}

/// One row of `msdyn_dualwriteentitymap`. Columns nobody reads here are ignored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredMap {
    /// `<prefix>_[<entity set> - <F&O entity>]`.
    pub msdyn_name: String,
    /// `<entity set> - <F&O entity>`.
    pub msdyn_displayname: String,
    /// Four numbers.
    pub msdyn_version: MapVersion,
    /// The map, as JSON text.
    pub msdyn_mapping: String,
    /// Properties, as JSON text; never read, since one shipped row is no JSON.
    #[serde(default)]
    pub msdyn_properties: String,
}

impl StoredMap {
    /// The row of a map under a publisher's prefix.
    pub fn new(map: &TableMap, prefix: &str, schemas: &Schemas) -> Self {
        let properties = json!({
            "Description": "",
            "IsDualWriteProject": true,
            "SkipInitialSync": false,
            "AreKeysMismatched": false,
            "TargetTypeList": [3, 1],
            "TargetVersionInfo": null,
            "Tags": [],
        });
        Self {
            msdyn_name: format!("{prefix}_[{}]", map.display_name()),
            msdyn_displayname: map.display_name(),
            msdyn_version: map.version,
            msdyn_mapping: document::write(map, schemas).to_string(),
            msdyn_properties: properties.to_string(),
        }
    }
}

impl MapSolution {
    /// Reads a solution file. The maps in it are read when it is applied.
    pub fn parse(text: &str) -> Result<Self, DocumentError> {
        let wrong = |path: &str, problem: String| DocumentError { path: path.to_owned(), problem };
        let limit = 4 * document::LARGEST_DOCUMENT;
        if text.len() > limit {
            return Err(wrong("solution", format!("has {} bytes, at most {limit} are read", text.len())));
        }
        let solution: Self = serde_json::from_str(text)
            .map_err(|error| wrong("solution", format!("cannot be read: {error}")))?;
        let maps = solution.msdyn_dualwriteentitymaps.len();
        if maps > MOST_MAPS {
            return Err(wrong(
                "msdyn_dualwriteentitymaps",
                format!("has {maps} entries, at most {MOST_MAPS} are read"),
            ));
        }
        let blank = [
            ("uniquename", &solution.uniquename),
            ("publisher.friendlyname", &solution.publisher.friendlyname),
            ("publisher.customizationprefix", &solution.publisher.customizationprefix),
        ];
        if let Some((path, _)) = blank.into_iter().find(|(_, name)| name.trim().is_empty()) {
            return Err(wrong(path, "must not be blank".to_owned()));
        }
        Ok(solution)
    }

    /// The solution file.
    pub fn to_text(&self) -> Result<String, DocumentError> {
        serde_json::to_string_pretty(self)
            .map_err(|error| DocumentError { path: "solution".to_owned(), problem: error.to_string() })
    }
}
