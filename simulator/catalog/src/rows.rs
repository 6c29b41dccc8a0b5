//! One-line arrays of the data files: a map row, an entity field, a table column.

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// `["OnHoldStatus", "><", "msdyn_onholdstatus", { no = "806380000" }]`
#[derive(Debug)]
pub(crate) struct MapRow {
    pub(crate) field: Box<str>,
    pub(crate) symbol: Box<str>,
    pub(crate) path: Box<str>,
    pub(crate) transform: Option<Extra>,
}

/// `["CustomerAccount", "string 20", "mandatory"]` or `["statecode", "state", { 0 = "Active" }, "system"]`
#[derive(Debug)]
pub(crate) struct ColumnRow {
    pub(crate) name: Box<str>,
    pub(crate) kind: Box<str>,
    pub(crate) options: Vec<(Box<str>, Box<str>)>,
    pub(crate) flags: Option<Box<str>>,
}

/// An optional element at the end of a row.
#[derive(Debug)]
pub(crate) enum Extra {
    Text(Box<str>),
    Pairs(Vec<(Box<str>, Box<str>)>),
}

impl<'de> Deserialize<'de> for Extra {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Extra;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or an inline table of texts")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Extra, E> {
                Ok(Extra::Text(text.into()))
            }

            fn visit_string<E: Error>(self, text: String) -> Result<Extra, E> {
                Ok(Extra::Text(text.into()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Extra, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Extra::Pairs(pairs))
            }
        }

        deserializer.deserialize_any(Either)
    }
}

impl<'de> Deserialize<'de> for MapRow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Row;

        impl<'de> Visitor<'de> for Row {
            type Value = MapRow;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row [F&O field, symbol, Dataverse path] with an optional value map or default")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut row: A) -> Result<MapRow, A::Error> {
                let field = element(&mut row, 0, &self)?;
                let symbol = element(&mut row, 1, &self)?;
                let path = element(&mut row, 2, &self)?;
                let transform = row.next_element()?;
                end(&mut row, 4, &self)?;
                Ok(MapRow { field, symbol, path, transform })
            }
        }

        deserializer.deserialize_seq(Row)
    }
}

impl<'de> Deserialize<'de> for ColumnRow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Row;

        impl<'de> Visitor<'de> for Row {
            type Value = ColumnRow;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row [name, type] with optional options and flags, in this order")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut row: A) -> Result<ColumnRow, A::Error> {
                let name = element(&mut row, 0, &self)?;
                let kind = element(&mut row, 1, &self)?;
                let (mut options, mut flags) = (Vec::new(), None);
                match row.next_element()? {
                    Some(Extra::Pairs(pairs)) => {
                        options = pairs;
                        flags = row.next_element()?;
                        end(&mut row, 4, &self)?;
                    }
                    Some(Extra::Text(text)) => {
                        flags = Some(text);
                        end(&mut row, 3, &self)?;
                    }
                    None => {}
                }
                Ok(ColumnRow { name, kind, options, flags })
            }
        }

        deserializer.deserialize_seq(Row)
    }
}

fn element<'de, A: SeqAccess<'de>>(
    row: &mut A,
    index: usize,
    form: &impl Visitor<'de>,
) -> Result<Box<str>, A::Error> {
    row.next_element()?.ok_or_else(|| A::Error::invalid_length(index, form))
}

fn end<'de, A: SeqAccess<'de>>(row: &mut A, most: usize, form: &impl Visitor<'de>) -> Result<(), A::Error> {
    match row.next_element::<IgnoredAny>()? {
        None => Ok(()),
        Some(_) => Err(A::Error::invalid_length(most + 1, form)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Rows {
        #[serde(default)]
        map: Vec<MapRow>,
        #[serde(default)]
        columns: Vec<ColumnRow>,
    }

    fn refused(text: &str) -> String {
        toml::from_str::<Rows>(text).unwrap_err().message().to_owned()
    }

    #[test]
    fn a_value_map_keeps_the_order_of_the_file() {
        let rows: Rows =
            toml::from_str(r#"map = [["F", "><", "c", { z = "1", "" = "2", a = "3" }]]"#).unwrap();
        let Some(Extra::Pairs(pairs)) = &rows.map[0].transform else { panic!("no pairs") };
        assert_eq!(pairs.iter().map(|(key, _)| key.as_ref()).collect::<Vec<_>>(), ["z", "", "a"]);
    }

    #[test]
    fn flags_may_stand_with_or_without_options() {
        let rows: Rows = toml::from_str(
            r#"columns = [["a", "guid", "system"], ["b", "choice", { 1 = "x" }, "required"]]"#,
        )
        .unwrap();
        assert_eq!(rows.columns[0].flags.as_deref(), Some("system"));
        assert_eq!(rows.columns[1].flags.as_deref(), Some("required"));
        assert_eq!(rows.columns[1].options, [("1".into(), "x".into())]);
    }

    #[test]
    fn rows_that_are_too_short_or_too_long_say_the_form() {
        let form = "a row [F&O field, symbol, Dataverse path] with an optional value map or default";
        assert_eq!(refused(r#"map = [["F", "="]]"#), format!("invalid length 2, expected {form}"));
        assert_eq!(
            refused(r#"map = [["F", ">>", "c", "x", "y"]]"#),
            format!("invalid length 5, expected {form}")
        );
        let form = "a row [name, type] with optional options and flags, in this order";
        assert_eq!(
            refused(r#"columns = [["a", "guid", "system", { 1 = "x" }]]"#),
            format!("invalid length 4, expected {form}")
        );
        assert_eq!(refused(r#"columns = [["a"]]"#), format!("invalid length 1, expected {form}"));
    }
}
