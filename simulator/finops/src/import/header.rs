//! Which entity a file holds, and which field each of its columns is.

use super::{IgnoredColumn, ImportError};
use crate::Hint;
use dwsim_catalog::Catalog;
use dwsim_model::{Side, TableType};
use std::{cmp::Reverse, sync::Arc};

/// What the header of a file says.
#[derive(Debug)]
pub(super) struct Header {
    /// The column names as the file spells them.
    pub(super) names: Vec<String>,
    /// The field of each column; none for columns that no field has the name of.
    pub(super) fields: Vec<Option<usize>>,
    pub(super) ignored: Vec<IgnoredColumn>,
}

/// The entity a file holds: the one that is named, else by file name, else by header.
pub(super) fn entity<'c>(
    catalog: &'c Catalog,
    named: Option<&str>,
    file: &str,
    names: &[String],
) -> Result<&'c Arc<TableType>, ImportError> {
    if let Some(named) = named {
        let found = catalog.table(Side::FinOps, named).or_else(|| by_any_name(catalog, named));
        return found.ok_or_else(|| {
            let known =
                catalog.tables(Side::FinOps).flat_map(|table| [table.name.as_str(), table.label.as_str()]);
            let hint = Hint::nearest(named, known);
            ImportError::UnknownEntity { file: file.to_owned(), entity: named.to_owned(), hint }
        });
    }
    match by_file_name(catalog, file) {
        Some(found) => Ok(found),
        None => by_header(catalog, file, names),
    }
}

fn by_any_name<'c>(catalog: &'c Catalog, name: &str) -> Option<&'c Arc<TableType>> {
    let same = |own: &str| own.eq_ignore_ascii_case(name);
    catalog
        .tables(Side::FinOps)
        .find(|table| same(&table.label) || same(&table.name) || same(&table.technical_name))
}

/// Exports are called `01-CustomersV3Export-Customers V3.csv`: a number, a job and the label of the entity.
fn by_file_name<'c>(catalog: &'c Catalog, file: &str) -> Option<&'c Arc<TableType>> {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    // Labels may hold hyphens themselves, so every tail of the name is tried before its parts.
    let tails = std::iter::once(stem).chain(stem.match_indices('-').map(|(at, _)| &stem[at + 1..]));
    let parts = stem.split('-');
    let jobs = stem.split('-').filter_map(|part| part.trim().strip_suffix("Export"));
    tails.chain(parts).chain(jobs).find_map(|part| by_any_name(catalog, part.trim()))
}

/// The entity that knows most of the columns, all of its key among them.
fn by_header<'c>(
    catalog: &'c Catalog,
    file: &str,
    names: &[String],
) -> Result<&'c Arc<TableType>, ImportError> {
    let mut fits: Vec<(usize, &Arc<TableType>)> = Vec::new();
    for table in catalog.tables(Side::FinOps) {
        let known: Vec<usize> = names.iter().filter_map(|name| table.ordinal(name)).collect();
        let keyed = table.natural_key().is_some_and(|key| key.columns.iter().all(|own| known.contains(own)));
        if keyed && known.len() * 2 > names.len() {
            fits.push((known.len(), table));
        }
    }
    fits.sort_by_key(|(known, table)| (Reverse(*known), table.name.clone()));
    match fits[..] {
        [] => Err(ImportError::NoEntity { file: file.to_owned() }),
        [(first, _), (second, _), ..] if first == second => {
            let equal = fits.iter().take_while(|(known, _)| *known == first);
            let entities: Vec<&str> = equal.map(|(_, table)| table.name.as_str()).collect();
            Err(ImportError::AmbiguousEntity { file: file.to_owned(), entities: entities.join(", ") })
        }
        [(_, best), ..] => Ok(best),
    }
}

impl Header {
    /// Pairs the columns of a file with the fields of its entity.
    pub(super) fn new(table: &TableType, file: &str, names: Vec<String>) -> Result<Self, ImportError> {
        let mut fields = Vec::with_capacity(names.len());
        let mut ignored = Vec::new();
        for name in &names {
            // The record id is the environment's own, whatever it was where the file comes from.
            let field = table.ordinal(name).filter(|ordinal| *ordinal != 0);
            if field.is_some() && fields.contains(&field) {
                return Err(ImportError::DuplicateColumn { file: file.to_owned(), column: name.clone() });
            }
            if field.is_none() {
                let known = table.columns.iter().map(|column| column.name.as_str());
                ignored.push(IgnoredColumn { name: name.clone(), hint: Hint::nearest(name, known) });
            }
            fields.push(field);
        }
        let key = table.natural_key().map_or(&[][..], |key| &key.columns);
        let missing = key.iter().chain(&table.company).find(|own| !fields.contains(&Some(**own)));
        if let Some(missing) = missing {
            return Err(ImportError::MissingKeyColumn {
                file: file.to_owned(),
                entity: table.name.clone(),
                column: table.column(*missing).name.clone(),
            });
        }
        Ok(Self { names, fields, ignored })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &str) -> Vec<String> {
        list.split(',').map(str::to_owned).collect()
    }

    #[test]
    fn the_entity_is_known_by_the_label_in_the_file_name() {
        let catalog = Catalog::embedded().unwrap();
        for file in
            ["01-CustomersV3Export-Customers V3.csv", "exports/customersv3.csv", "3-CustomersV3Export.csv"]
        {
            assert_eq!(
                entity(&catalog, None, file, &names("A")).unwrap().name.as_str(),
                "CustomersV3",
                "{file}"
            );
        }
    }

    #[test]
    fn the_entity_is_known_by_the_header_when_the_file_name_says_nothing() {
        let catalog = Catalog::embedded().unwrap();
        let header = names("CUSTOMERGROUPID,DESCRIPTION,CLEARINGPERIODPAYMENTTERMNAME,DataAreaId");
        assert_eq!(entity(&catalog, None, "data.csv", &header).unwrap().name.as_str(), "CustomerGroups");
        let error = entity(&catalog, None, "data.csv", &names("COLOUR,SMELL")).unwrap_err();
        assert!(matches!(error, ImportError::NoEntity { .. }));
    }

    #[test]
    fn a_misspelt_entity_gets_a_hint() {
        let catalog = Catalog::embedded().unwrap();
        let error = entity(&catalog, Some("CustomerV3s"), "data.csv", &names("A")).unwrap_err();
        assert!(error.to_string().ends_with("did you mean CustomersV3?"), "{error}");
    }
}
