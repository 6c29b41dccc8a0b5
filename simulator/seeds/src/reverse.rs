//! Demo rows for Dataverse, so that maps have something to bring back to F&O.

use crate::{
    demo::DemoSeed,
    limits::read,
    maker::refit,
    row::{At, Row},
};
use dwsim_catalog::{LookupPath, TableMap, Transform, parse_path};
use dwsim_model::{Change, Column, ColumnKind, CompanyCode, Name, Operation, Required, Side, Value};

impl DemoSeed {
    /// New Dataverse rows of a map's table, as a person would create them: the values of the F&O rows that would
    /// follow the last one, in the words of Dataverse. `company` is needed for a map of company-specific rows.
    ///
    /// Lookups stay empty, as the rows they would need may not be there; constants that the map writes are set, so
    /// that rows pass its reversed filter where that asks for them. An unknown map has no rows.
    pub fn dataverse_rows(&self, map: &str, company: Option<&CompanyCode>, count: u64) -> Vec<Change> {
        let found = self.catalog().map(map).and_then(|map| Some((map, self.find(&map.entity)?)));
        let Some((map, entity)) = found else { return Vec::new() };
        let number = company.and_then(|company| self.company_at(company)).unwrap_or(0);
        let first = self.count_at(entity, number);
        (first..first.saturating_add(count))
            .map(|index| Change {
                table: map.table.clone(),
                operation: Operation::Create,
                key: Vec::new(),
                values: self.dataverse_values(map, At { entity, company: number, index }, company),
            })
            .collect()
    }

    fn dataverse_values(&self, map: &TableMap, at: At, company: Option<&CompanyCode>) -> Vec<(Name, Value)> {
        let Some(table) = self.catalog().table(Side::Dataverse, &map.table) else { return Vec::new() };
        let entity = self.entity_at(at.entity);
        let (row, mut text) = (Row::new(self, at), String::new());
        let mut values: Vec<(Name, Value)> = Vec::new();
        if let (Some(column), Some(company)) = (&map.company_column, company) {
            values.push((column.clone(), Value::text(company.as_str())));
        }
        for field in &map.fields {
            let Some(Ok(LookupPath::Column(path))) = field.path.as_deref().map(parse_path) else { continue };
            let Some(ordinal) = table.ordinal(&path).filter(|ordinal| *ordinal > 0) else { continue };
            let column = table.column(ordinal);
            if column.read_only
                || column.required == Required::System
                || values.iter().any(|(own, _)| *own == path)
            {
                continue;
            }
            let value = match (&field.entity_field, &field.transform) {
                (None, Transform::Default(text)) => read(text, &column.kind),
                (None, _) => None,
                (Some(name), transform) => entity.table.ordinal(name).and_then(|own| {
                    let source = entity.table.column(own);
                    crossed(row.cell(entity.position(own)?, &mut text), source, transform, column)
                }),
            };
            if let Some(value) = value.filter(|value| !value.is_blank()) {
                values.push((path, value));
            }
        }
        values
    }
}

/// An F&O value as Dataverse has it; none when it has none.
fn crossed(value: Value, source: &Column, transform: &Transform, target: &Column) -> Option<Value> {
    let shown = match (&source.kind, &value) {
        (ColumnKind::Choice(choices), Value::Choice(number)) => choices.label(*number)?.to_owned(),
        _ => value.to_string(),
    };
    match transform {
        Transform::ValueMap(pairs) => {
            let pair = pairs.iter().find(|(own, _)| own.eq_ignore_ascii_case(&shown))?;
            read(&pair.1, &target.kind)
        }
        _ => match (&source.kind, &target.kind) {
            (ColumnKind::Choice(_), kind) => read(&shown, kind),
            (_, kind) => refit(value, kind),
        },
    }
}
