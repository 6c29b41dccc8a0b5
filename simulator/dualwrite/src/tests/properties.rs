//! Whatever is edited: a map is saved that compiles and comes back from its stored form, or nothing is saved.

use super::*;
use proptest::prelude::*;

/// An edit in numbers; names are picked from the map and the schemas it is about.
#[derive(Clone, Debug)]
struct Rough {
    kind: u8,
    row: usize,
    column: usize,
    field: usize,
    symbol: usize,
    text: String,
}

fn rough() -> impl Strategy<Value = Rough> {
    (0..9_u8, any::<usize>(), any::<usize>(), any::<usize>(), 0..6_usize, "[a-z 0-9'\"()=]{0,12}")
        .prop_map(|(kind, row, column, field, symbol, text)| Rough { kind, row, column, field, symbol, text })
}

fn edit(engine: &Engine, map: &str, rough: &Rough) -> MapEdit {
    let definition = engine.state(map).unwrap().definition();
    let entity = engine.schemas().table(Side::FinOps, &definition.entity).unwrap();
    let table = engine.schemas().table(Side::Dataverse, &definition.table).unwrap();
    let pair = match definition.fields.len() {
        0 => Pair::default(),
        rows => {
            let row = &definition.fields[rough.row % rows];
            Pair { field: row.entity_field.clone(), path: row.path.clone() }
        }
    };
    let symbol = Symbol::ALL[rough.symbol];
    let field = entity.column(rough.field % entity.columns.len()).name.clone();
    let column = table.column(rough.column % table.columns.len()).name.clone();
    let transform = match rough.symbol {
        0 => Transform::None,
        1..=3 => Transform::Default(rough.text.as_str().into()),
        _ => Transform::ValueMap(vec![
            (rough.text.as_str().into(), "1".into()),
            ("yes".into(), "True".into()),
            (rough.text.as_str().into(), "2".into()),
        ]),
    };
    match rough.kind {
        0 => MapEdit::Remove(pair),
        1 => MapEdit::Direction(pair, symbol),
        2 => MapEdit::Transform(pair, transform),
        3 => MapEdit::Repoint(pair, Pair { field: Some(field), path: None }),
        4 => MapEdit::Repoint(pair, Pair::path(&column)),
        5 => MapEdit::Filter(Side::FinOps, Some(format!("({field} == \"{}\")", rough.text).into())),
        6 => MapEdit::Filter(Side::Dataverse, Some(format!("{column} eq {}", rough.text).into())),
        7 => MapEdit::Add(FieldMap {
            entity_field: Some(field.to_ascii_lowercase().into()),
            symbol,
            path: Some(column.as_str().into()),
            creates_values: matches!(transform, Transform::ValueMap(_)) && rough.text.len() % 2 == 1,
            transform,
        }),
        _ => MapEdit::Add(FieldMap {
            entity_field: Some(field),
            symbol,
            path: None,
            transform,
            creates_values: false,
        }),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]
    #[test]
    fn any_edits_save_a_map_that_compiles_and_comes_back_or_save_nothing(
        at in 0_usize..143,
        edits in proptest::collection::vec(proptest::collection::vec(rough(), 1..3), 1..6),
    ) {
        let catalog = Catalog::embedded().unwrap();
        let map = catalog.maps()[at].id.clone();
        let mut engine = engine(&[&map]);
        let elsewhere = self::engine(&[]);
        for (number, rough) in (1..).zip(&edits) {
            let edits: Vec<MapEdit> = rough.iter().map(|rough| edit(&engine, &map, rough)).collect();
            let before = engine.state(&map).unwrap();
            let (versions, definition) = (before.versions().len(), before.definition().clone());
            let saved = engine.edit_map(&map, &edits, &save_as(&format!("2.0.0.{number}")));
            let state = engine.state(&map).unwrap();
            match saved {
                Ok(warnings) => {
                    prop_assert!(warnings.iter().all(Finding::is_warning));
                    prop_assert_eq!(state.versions().len(), versions + 1);
                    let definition = state.definition();
                    prop_assert!(crate::compile::compile(&catalog, definition).is_ok());
                    prop_assert_eq!(&state.compiled.map, definition);
                    let text = engine.export_map(&map).unwrap().to_string();
                    let mut read =
                        elsewhere.read_map(&text, definition.version, &definition.publisher).unwrap();
                    read.reverse_filters.clone_from(&definition.reverse_filters);
                    prop_assert_eq!(&read, &**definition);
                    let refused = engine.prepare_run(&map, &LinkCondition::default()).is_err();
                    prop_assert_eq!(refused, !warnings.is_empty());
                }
                Err(error) => {
                    prop_assert_eq!(state.versions().len(), versions);
                    prop_assert!(Arc::ptr_eq(state.definition(), &definition));
                    prop_assert!(!error.to_string().contains("SIM-MESSAGE"), "{}", error);
                }
            }
        }
    }

    #[test]
    fn any_text_is_a_stored_map_or_refused(text in "[\\[\\]{}\":,a-z0-9 ]{0,60}") {
        let engine = engine(&[]);
        prop_assert!(engine.read_map(&text, "1.0.0.0".parse().unwrap(), &"Contoso".into()).is_err());
        prop_assert!(crate::MapSolution::parse(&text).is_err());
    }
}
