//! Rules of single tables, read from `data/domain-rules.toml` and compiled to ordinals.

use dwsim_model::{ColumnKind, Name, TableType, Value};
use serde::Deserialize;
use std::collections::BTreeMap;

const RULES: &str = include_str!("../data/domain-rules.toml");

/// The rules of all tables as they are written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DomainRules {
    compose: Vec<ComposeRecord>,
    default: Vec<DefaultRecord>,
    products: ProductsRecord,
    inherit: Vec<InheritRecord>,
    pub(crate) unit_group: UnitGroupRecord,
    waive: Vec<WaiveRecord>,
    restrict: RestrictRecord,
    pub(crate) price_list: PriceListRecord,
    mark: Vec<MarkRecord>,
    only_one: Vec<OnlyOneRecord>,
    future_dated: Vec<FutureDatedRecord>,
    object_types: ObjectTypesRecord,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ComposeRecord {
    table: Name,
    column: Name,
    parts: Vec<Name>,
    separator: Box<str>,
    #[serde(rename = "note")]
    _note: Box<str>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DefaultRecord {
    table: Name,
    column: Name,
    value: i32,
    #[serde(rename = "note")]
    _note: Box<str>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProductsRecord {
    table: Name,
    state: i32,
    status: i32,
    active_state: i32,
    active_status: i32,
    #[serde(rename = "note")]
    _note: Box<str>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct InheritRecord {
    table: Name,
    column: Name,
    through: Name,
    from: Name,
    #[serde(rename = "note")]
    _note: Box<str>,
}

/// How units come into groups.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnitGroupRecord {
    pub(crate) table: Name,
    pub(crate) group_column: Name,
    pub(crate) class_column: Name,
    pub(crate) name_column: Name,
    pub(crate) base_column: Name,
    pub(crate) base_flag_column: Name,
    pub(crate) group_table: Name,
    pub(crate) group_name_column: Name,
    pub(crate) group_class_column: Name,
    pub(crate) group_base_column: Name,
    pub(crate) group_note_column: Name,
    pub(crate) group_note: Box<str>,
    #[serde(rename = "note")]
    _note: Box<str>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WaiveRecord {
    table: Name,
    columns: Vec<Name>,
    #[serde(rename = "note")]
    _note: Box<str>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RestrictRecord {
    tables: Vec<Name>,
    #[serde(rename = "note")]
    _note: Box<str>,
}

/// How a new product joins a price list.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriceListRecord {
    pub(crate) table: Name,
    pub(crate) currency_column: Name,
    pub(crate) list_column: Name,
    pub(crate) unit_column: Name,
    pub(crate) amount_column: Name,
    pub(crate) list_table: Name,
    pub(crate) list_name_column: Name,
    pub(crate) list_currency_column: Name,
    /// Name of a list that is made; `{currency}` stands for the currency's code.
    pub(crate) new_name: Box<str>,
    pub(crate) currency_code_column: Name,
    pub(crate) item_table: Name,
    pub(crate) item_list_column: Name,
    pub(crate) item_product_column: Name,
    pub(crate) item_unit_column: Name,
    pub(crate) item_currency_column: Name,
    pub(crate) item_amount_column: Name,
    pub(crate) item_defaults: BTreeMap<Name, i32>,
    #[serde(rename = "note")]
    _note: Box<str>,
}

/// A yes/no column that rows elsewhere turn on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MarkRecord {
    table: Name,
    pub(crate) through: Name,
    pub(crate) target: Name,
    pub(crate) column: Name,
    #[serde(rename = "note")]
    _note: Box<str>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OnlyOneRecord {
    table: Name,
    group: Vec<Name>,
    column: Name,
    #[serde(rename = "note")]
    _note: Box<str>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FutureDatedRecord {
    table: Name,
    column: Name,
    #[serde(rename = "note")]
    _note: Box<str>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ObjectTypesRecord {
    codes: BTreeMap<Name, u32>,
    #[serde(rename = "note")]
    _note: Box<str>,
}

/// The rules of one table, by ordinal.
#[derive(Clone, Debug, Default)]
pub(crate) struct Domain {
    pub(crate) composed: Vec<Composed>,
    pub(crate) defaults: Vec<(usize, Value)>,
    pub(crate) inherited: Vec<Inherited>,
    pub(crate) initial_state: Option<(i32, i32)>,
    pub(crate) grouped: bool,
    pub(crate) waived: Vec<usize>,
    pub(crate) restricted: bool,
    /// New rows join a price list.
    pub(crate) priced: bool,
    pub(crate) marks: Vec<MarkRecord>,
    /// Yes/no columns that are never turned off.
    pub(crate) kept: Vec<usize>,
    pub(crate) only_one: Option<OnlyOne>,
    /// Rows dual-write cannot change while this date lies ahead.
    pub(crate) future_dated: Option<usize>,
}

impl Domain {
    /// Whether other rows have to follow when a row of the table is written.
    pub(crate) fn has_consequences(&self) -> bool {
        self.priced || !self.marks.is_empty() || self.only_one.is_some()
    }
}

/// A yes/no column that one row of a group has.
#[derive(Clone, Debug)]
pub(crate) struct OnlyOne {
    pub(crate) group: Vec<usize>,
    pub(crate) column: usize,
}

/// A column joined from others.
#[derive(Clone, Debug)]
pub(crate) struct Composed {
    pub(crate) column: usize,
    pub(crate) parts: Vec<Part>,
    pub(crate) separator: Box<str>,
}

/// One piece of a joined column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Company,
    Column(usize),
}

/// A lookup taken from the row another lookup points at.
#[derive(Clone, Debug)]
pub(crate) struct Inherited {
    pub(crate) column: usize,
    pub(crate) through: usize,
    pub(crate) from: Name,
}

impl Composed {
    /// The joined text; none while every column part is blank.
    pub(crate) fn join<'v>(
        &self,
        company: &str,
        value: impl Fn(usize) -> Option<&'v Value>,
    ) -> Option<Value> {
        let mut text = String::new();
        let mut filled = false;
        for part in &self.parts {
            let piece = match part {
                Part::Company => company.to_owned(),
                Part::Column(at) => match value(*at) {
                    Some(value) if !value.is_blank() => {
                        filled = true;
                        value.to_string()
                    }
                    _ => continue,
                },
            };
            if !text.is_empty() {
                text.push_str(&self.separator);
            }
            text.push_str(&piece);
        }
        filled.then(|| Value::text(text))
    }
}

impl DomainRules {
    /// The rules built into the program.
    pub(crate) fn embedded() -> Result<Self, String> {
        toml::from_str(RULES).map_err(|error| format!("domain-rules.toml: {error}"))
    }

    /// The documented object type code of a standard table.
    pub(crate) fn object_type(&self, table: &str) -> Option<u32> {
        self.object_types.codes.get(table).copied()
    }

    /// The rules of one table. A rule over a column the table lacks does not apply.
    pub(crate) fn of(&self, table: &TableType, products_active: bool) -> Domain {
        let ordinal = |name: &str| table.ordinal(name);
        let part = |name: &Name| {
            if name.as_str() == "{company}" { Some(Part::Company) } else { ordinal(name).map(Part::Column) }
        };
        let composed = self.compose.iter().filter(|rule| rule.table == table.name).filter_map(|rule| {
            Some(Composed {
                column: ordinal(&rule.column)?,
                parts: rule.parts.iter().map(part).collect::<Option<_>>()?,
                separator: rule.separator.clone(),
            })
        });
        let defaults = self.default.iter().filter(|rule| rule.table == table.name).filter_map(|rule| {
            let at = ordinal(&rule.column)?;
            Some((at, crate::values::coerce(&table.column(at).kind, Value::Int(i64::from(rule.value)))))
        });
        let mut defaults: Vec<(usize, Value)> = defaults.collect();
        // A Yes/No column nobody sets is No, as the product's columns are unless a maker says otherwise; filters such
        // as `msdyn_sellable eq false` count on it.
        let grouped = self.unit_group.table == table.name;
        for (at, column) in table.columns.iter().enumerate() {
            let worked_out = grouped && column.name == self.unit_group.base_flag_column;
            let plain = column.kind == ColumnKind::Bool && !column.read_only && !worked_out;
            if plain && !defaults.iter().any(|(own, _)| *own == at) {
                defaults.push((at, Value::Bool(false)));
            }
        }
        let inherited = self.inherit.iter().filter(|rule| rule.table == table.name).filter_map(|rule| {
            Some(Inherited {
                column: ordinal(&rule.column)?,
                through: ordinal(&rule.through)?,
                from: rule.from.clone(),
            })
        });
        let only_one = self.only_one.iter().find(|rule| rule.table == table.name).and_then(|rule| {
            let group = rule.group.iter().map(|name| ordinal(name)).collect::<Option<_>>()?;
            Some(OnlyOne { group, column: ordinal(&rule.column)? })
        });
        let future_dated = self.future_dated.iter().find(|rule| rule.table == table.name);
        let kept = self.mark.iter().filter(|rule| rule.target == table.name);
        let waived = self.waive.iter().filter(|rule| rule.table == table.name);
        let products = &self.products;
        let arrival = if products_active {
            (products.active_state, products.active_status)
        } else {
            (products.state, products.status)
        };
        let initial_state = (products.table == table.name).then_some(arrival);
        Domain {
            composed: composed.collect(),
            defaults,
            inherited: inherited.collect(),
            initial_state,
            grouped,
            waived: waived.flat_map(|rule| &rule.columns).filter_map(|name| ordinal(name)).collect(),
            restricted: self.restrict.tables.contains(&table.name),
            priced: self.price_list.table == table.name,
            marks: self.mark.iter().filter(|rule| rule.table == table.name).cloned().collect(),
            kept: kept.filter_map(|rule| ordinal(&rule.column)).collect(),
            only_one,
            future_dated: future_dated.and_then(|rule| ordinal(&rule.column)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dwsim_catalog::Catalog;
    use dwsim_model::Side;

    #[test]
    fn every_rule_names_a_table_and_columns_that_exist() {
        let catalog = Catalog::embedded().unwrap();
        let rules = DomainRules::embedded().unwrap();
        let check = |table: &Name, columns: &[&Name]| {
            let shape = catalog.table(Side::Dataverse, table).unwrap_or_else(|| panic!("no table {table}"));
            for column in columns.iter().filter(|column| column.as_str() != "{company}") {
                assert!(shape.ordinal(column).is_some(), "{table} has no column {column}");
            }
        };
        for rule in &rules.compose {
            check(&rule.table, &rule.parts.iter().chain([&rule.column]).collect::<Vec<_>>());
        }
        for rule in &rules.default {
            check(&rule.table, &[&rule.column]);
        }
        for rule in &rules.inherit {
            check(&rule.table, &[&rule.column, &rule.through]);
        }
        for rule in &rules.waive {
            check(&rule.table, &rule.columns.iter().collect::<Vec<_>>());
        }
        let group = &rules.unit_group;
        check(
            &group.table,
            &[
                &group.group_column,
                &group.class_column,
                &group.name_column,
                &group.base_column,
                &group.base_flag_column,
            ],
        );
        check(
            &group.group_table,
            &[
                &group.group_name_column,
                &group.group_class_column,
                &group.group_base_column,
                &group.group_note_column,
            ],
        );
        for table in &rules.restrict.tables {
            check(table, &[]);
        }
        check(&rules.products.table, &[]);
        let list = &rules.price_list;
        check(
            &list.table,
            &[&list.currency_column, &list.list_column, &list.unit_column, &list.amount_column],
        );
        check(&list.list_table, &[&list.list_name_column, &list.list_currency_column]);
        let mut item: Vec<&Name> = list.item_defaults.keys().collect();
        item.extend([
            &list.item_list_column,
            &list.item_product_column,
            &list.item_unit_column,
            &list.item_currency_column,
            &list.item_amount_column,
        ]);
        check(&list.item_table, &item);
        for rule in &rules.mark {
            check(&rule.table, &[&rule.through]);
            check(&rule.target, &[&rule.column]);
        }
        for rule in &rules.only_one {
            check(&rule.table, &rule.group.iter().chain([&rule.column]).collect::<Vec<_>>());
        }
        for rule in &rules.future_dated {
            check(&rule.table, &[&rule.column]);
        }
        for table in rules.object_types.codes.keys() {
            check(table, &[]);
        }
    }
}
