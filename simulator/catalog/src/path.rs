//! Dataverse column paths of table maps: a column, a column behind lookups, or a choice of tables.

use dwsim_model::Name;

/// A path, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookupPath {
    /// A column of the map's own table: `accountnumber`.
    Column(Name),
    /// A column of another table, reached through one or more lookups: `msdyn_company.cdm_companycode`.
    Through {
        /// Lookup columns, the first one on the map's own table.
        hops: Vec<Name>,
        /// The column at the end.
        column: Name,
    },
    /// A lookup with several target tables and the column that identifies a row in each:
    /// `customerid.Account(accountnumber).Contact(msdyn_contactpersonid)`.
    Polymorphic {
        /// The lookup column.
        lookup: Name,
        /// Table name in lower case, and its column.
        alternatives: Vec<(Name, Name)>,
    },
}

/// Why a text is not a path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Nothing between two dots, at an end, or between parentheses.
    #[error("path '{path}' has an empty part; write names joined by single dots")]
    EmptyPart {
        /// The path.
        path: String,
    },
    /// A character that no name has.
    #[error("path '{path}' has '{character}' in a name; names have letters, digits and underscores")]
    Character {
        /// The path.
        path: String,
        /// The character.
        character: char,
    },
    /// Parentheses where they mean nothing.
    #[error("path '{path}' mixes forms; write lookup.column or lookup.Table(column).Table(column)")]
    Mixed {
        /// The path.
        path: String,
    },
}

impl LookupPath {
    /// The column of the map's own table the path starts at.
    pub fn first(&self) -> &Name {
        match self {
            Self::Column(column) => column,
            Self::Through { hops, column } => hops.first().unwrap_or(column),
            Self::Polymorphic { lookup, .. } => lookup,
        }
    }
}

/// Decodes a Dataverse column path.
///
/// ```
/// use dwsim_catalog::{LookupPath, parse_path};
/// let path = parse_path("msdyn_model.msdyn_manufacturer.msdyn_manufacturer_id")?;
/// assert!(matches!(path, LookupPath::Through { ref hops, .. } if hops.len() == 2));
/// assert!(parse_path("msdyn_company.").is_err());
/// # Ok::<(), dwsim_catalog::PathError>(())
/// ```
pub fn parse_path(path: &str) -> Result<LookupPath, PathError> {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let first = name(path, first)?;
    if rest.is_empty() {
        return if path.contains('.') { Err(empty(path)) } else { Ok(LookupPath::Column(first.into())) };
    }
    if !rest.contains(['(', ')']) {
        let mut names = vec![Name::from(first)];
        for part in rest.split('.') {
            names.push(name(path, part)?.into());
        }
        let column = names.pop().ok_or_else(|| empty(path))?;
        return Ok(LookupPath::Through { hops: names, column });
    }
    let mut alternatives = Vec::new();
    for part in rest.split('.') {
        let mixed = || PathError::Mixed { path: path.to_owned() };
        let (table, column) =
            part.strip_suffix(')').and_then(|part| part.split_once('(')).ok_or_else(mixed)?;
        alternatives.push((name(path, table)?.to_ascii_lowercase().into(), name(path, column)?.into()));
    }
    Ok(LookupPath::Polymorphic { lookup: first.into(), alternatives })
}

fn empty(path: &str) -> PathError {
    PathError::EmptyPart { path: path.to_owned() }
}

fn name<'a>(path: &str, part: &'a str) -> Result<&'a str, PathError> {
    if part.is_empty() {
        return Err(empty(path));
    }
    match part.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '_') {
        None => Ok(part),
        Some('(' | ')') => Err(PathError::Mixed { path: path.to_owned() }),
        Some(character) => Err(PathError::Character { path: path.to_owned(), character }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_documented_form_is_decoded() {
        assert_eq!(parse_path("name"), Ok(LookupPath::Column("name".into())));
        assert_eq!(
            parse_path("a.b.c"),
            Ok(LookupPath::Through { hops: vec!["a".into(), "b".into()], column: "c".into() })
        );
        assert_eq!(
            parse_path("customerid.Account(accountnumber).Contact(msdyn_contactpersonid)"),
            Ok(LookupPath::Polymorphic {
                lookup: "customerid".into(),
                alternatives: vec![
                    ("account".into(), "accountnumber".into()),
                    ("contact".into(), "msdyn_contactpersonid".into()),
                ],
            })
        );
    }

    #[test]
    fn broken_paths_say_what_to_write() {
        let message = |path| parse_path(path).unwrap_err().to_string();
        assert_eq!(message("a..b"), "path 'a..b' has an empty part; write names joined by single dots");
        assert_eq!(message(""), "path '' has an empty part; write names joined by single dots");
        assert_eq!(message("a."), "path 'a.' has an empty part; write names joined by single dots");
        assert_eq!(
            message("a.b c"),
            "path 'a.b c' has ' ' in a name; names have letters, digits and underscores"
        );
        for mixed in ["a.B(c).d", "a.b.C(d)", "a(b)", "a.B(c", "a.B(c(d))"] {
            assert_eq!(
                message(mixed),
                format!(
                    "path '{mixed}' mixes forms; write lookup.column or lookup.Table(column).Table(column)"
                )
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_is_decoded_or_refused(text in "[a-zA-Z0-9_.() é]{0,40}") {
            if let Ok(path) = parse_path(&text) {
                prop_assert!(text.starts_with(path.first().as_str()));
            }
        }
    }
}
