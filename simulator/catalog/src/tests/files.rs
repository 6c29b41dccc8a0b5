//! Files, tables, entities and exceptions that do not hold together.

use super::{load, refused};

#[test]
fn the_small_catalogue_is_sound() {
    let catalog = load("maps/m.toml", "anchor = 2", "anchor = 2").unwrap();
    let map = catalog.map("customers").unwrap();
    assert_eq!(map.entity_aot.as_str(), "Customers", "an unknown name falls back to the entity set");
    assert_eq!(map.version.to_string(), "1.0.0.0");
    assert_eq!(catalog.exceptions().len(), 1);
}

#[test]
fn a_file_that_is_not_of_the_form_is_refused_with_its_line() {
    refused(
        "maps/m.toml",
        "anchor = 2",
        "anker = 2",
        "data file maps/m.toml, line 12: unknown field `anker`, expected one of `id`, `anchor`, `entity`, `table`, \
         `version`, `company_column`, `key`, `key_inferred`, `source_filter`, `reverse_filter`, `reverse_filters`, \
         `single_threaded`, `depends_on`, `soft_depends_on`, `alternative_to`, `note`, `source`, `fields`",
    );
}

#[test]
fn nothing_may_be_defined_twice() {
    refused(
        "maps/m.toml",
        r#"id = "companies""#,
        r#"id = "customers""#,
        "data file maps/m.toml, map customers: there is already another map 'customers'; give each one its own name",
    );
    refused(
        "finops/e.toml",
        r#"set = "LegalEntities""#,
        r#"set = "customers""#,
        "data file finops/e.toml, entity customers: there is already another entity 'customers'; give each one its own name",
    );
    refused(
        "dataverse/t.toml",
        r#"set = "accounts""#,
        r#"set = "cdm_companies""#,
        "data file dataverse/t.toml, table cdm_company: there is already another entity set 'cdm_companies'; give each \
         one its own name",
    );
    refused(
        "dataverse/t.toml",
        r#"["memo", "memo"]"#,
        r#"["hold", "memo"]"#,
        "data file dataverse/t.toml, table account, field hold: there is already another column 'hold'; give each one \
         its own name",
    );
    refused(
        "finops/e.toml",
        r#"["NameAlias"]"#,
        r#"["memo"]"#,
        "data file finops/e.toml, entity Customers, field memo: there is already another field 'memo'; give each one its \
         own name",
    );
}

#[test]
fn types_enums_options_and_flags_must_be_known() {
    refused(
        "finops/e.toml",
        "enum Hold",
        "enum Hald",
        "data file finops/e.toml, entity Customers, field OnHold: there is no enum 'Hald'; did you mean 'Hold'?",
    );
    refused(
        "finops/enums.toml",
        r#"Hold = ["NonSpecific"]"#,
        r#"Held = ["NonSpecific"]"#,
        "data file finops/enums.toml, enum Held: there is no enum 'Held'; did you mean 'Hold'?",
    );
    refused(
        "dataverse/t.toml",
        r#""string 20""#,
        r#""string long""#,
        "data file dataverse/t.toml, table account, field accountnumber: type 'string long' is not complete or \
         says too much; write 'string' or 'string 20'",
    );
    refused(
        "dataverse/t.toml",
        "{ 1 = \"no\"",
        "{ one = \"no\"",
        "data file dataverse/t.toml, table account, field hold: option 'one' is not a whole number",
    );
    refused(
        "dataverse/t.toml",
        r#""required""#,
        r#""requried""#,
        "data file dataverse/t.toml, table account, field accountnumber: flag 'requried' is not known; flags are \
         required, recommended, system and readonly",
    );
    refused(
        "finops/e.toml",
        r#""mandatory""#,
        r#""must""#,
        "data file finops/e.toml, entity LegalEntities, field LegalEntityId: flag 'must' is not known; a field can \
         be 'mandatory'",
    );
}

#[test]
fn keys_and_names_of_a_table_must_be_its_columns() {
    refused(
        "dataverse/t.toml",
        r#"primary_name = "accountnumber""#,
        r#"primary_name = "name""#,
        "data file dataverse/t.toml, table account: table account names column name as primary name, but has no \
         such column",
    );
    refused(
        "finops/e.toml",
        r#"key = ["dataAreaId", "CustomerAccount"]"#,
        r#"key = ["dataAreaId", "Number"]"#,
        "data file finops/e.toml, entity Customers: table Customers names column Number as key column, but has no \
         such column",
    );
}

#[test]
fn a_standard_column_left_out_must_be_one() {
    refused(
        "dataverse/t.toml",
        "company = \"msdyn_company\"\n",
        "company = \"msdyn_company\"\nwithout = [\"statuscode\"]\n",
        "data file dataverse/t.toml, table account, field without: there is no standard column 'statuscode'; did \
         you mean 'statecode'?",
    );
}

#[test]
fn an_exception_that_excuses_nothing_is_refused() {
    refused(
        "maps/m.toml",
        r#"["Memo", ">>", "memo"]"#,
        r#"["Memo", ">", "memo"]"#,
        "data file exceptions.toml, exception customers, field Memo: exception to check 'transform-missing' excuses \
         nothing any more; remove it",
    );
}

#[test]
fn filters_are_given_once() {
    refused(
        "maps/m.toml",
        "anchor = 2\n",
        "anchor = 2\nreverse_filter = \"a\"\nreverse_filters = [{ version = \"1.x.x.x\" }]\n",
        "data file maps/m.toml, map customers: write reverse_filter or reverse_filters, not both",
    );
}
