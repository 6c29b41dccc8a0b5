//! Stored maps: every shipped map comes back as it was, and a damaged one says where.

use super::*;
use dwsim_catalog::TableMap;
use serde_json::{Value, json};

#[test]
fn every_map_of_the_catalogue_comes_back_from_its_stored_form_unchanged() {
    let catalog = Catalog::embedded().unwrap();
    let engine = engine(&[]);
    for map in catalog.maps() {
        let text = crate::document::write(map, engine.schemas()).to_string();
        let mut read = engine.read_map(&text, map.version, &map.publisher).unwrap();
        // The stored form has one reversed filter; those of older versions stay with the map that is there.
        read.reverse_filters.clone_from(&map.reverse_filters);
        assert_eq!(read, **map, "{}", map.id);
    }
}

#[test]
fn the_stored_form_is_the_one_real_tools_read() {
    let engine = engine(&["customers-v3-accounts"]);
    let stored = engine.export_map("customers-v3-accounts").unwrap();
    assert_eq!(stored["name"], "[Customers V3] - [accounts]");
    let leg = &stored["legs"][0];
    assert_eq!((&leg["id"], &leg["sourceSchema"]), (&json!("001"), &json!("Customers V3")));
    assert_eq!(leg["destinationSchema"], "accounts");
    let rows = leg["fieldMappings"].as_array().unwrap();
    let row = |path: &str| rows.iter().find(|row| row["destinationField"] == path).unwrap();
    assert_eq!(row("customertypecode")["sourceField"], "");
    assert_eq!(row("customertypecode")["valueTransforms"][0]["defaultValue"], "3");
    let group = row("msdyn_customergroupid.msdyn_groupid");
    assert_eq!((&group["syncDirection"], &group["sourceField"]), (&json!(3), &json!("CUSTOMERGROUPID")));
    assert_eq!(group["destinationLookupFieldRelatedEntity"], "msdyn_customergroups");
}

fn stored() -> Value {
    engine(&[GROUPS]).export_map(GROUPS).unwrap()
}

fn read(text: &str) -> Result<TableMap, EngineError> {
    engine(&[GROUPS]).read_map(text, "1.0.0.0".parse().unwrap(), &"Microsoft".into())
}

#[test]
fn directions_may_be_texts_nulls_are_left_out_and_the_whole_may_be_a_text() {
    let mut document = stored();
    document["entityName"] = Value::Null;
    document["legs"][0]["isSourceFilterEditable"] = Value::Null;
    document["legs"][0]["entityFileFormat"] = "CSV".into();
    for row in document["legs"][0]["fieldMappings"].as_array_mut().unwrap() {
        row["syncDirection"] = row["syncDirection"].to_string().into();
        if row.get("valueTransforms").is_none() {
            row["valueTransforms"] = json!([]);
        }
    }
    let text = Value::String(document.to_string()).to_string();
    let map = read(&text).unwrap();
    assert_eq!(map, **Catalog::embedded().unwrap().map(GROUPS).unwrap());
}

#[test]
fn a_damaged_document_says_where_and_what() {
    let damaged = |change: &dyn Fn(&mut Value)| {
        let mut document = stored();
        change(&mut document);
        message(&read(&document.to_string()).unwrap_err())
    };
    let row = "/legs/0/fieldMappings/2";
    let set = |at: String, value: Value| {
        damaged(&move |document: &mut Value| *document.pointer_mut(&at).unwrap() = value.clone())
    };
    let cases = [
        (set(format!("{row}/syncDirection"), json!(4)), "legs[0].fieldMappings[2].syncDirection: must be 1"),
        (set(format!("{row}/sourceField"), json!(7)), "legs[0].fieldMappings[2].sourceField: must be a text"),
        (
            set(format!("{row}/valueTransforms/0/transformType"), json!("Truncate")),
            "legs[0].fieldMappings[2].valueTransforms[0].transformType: must be ValueMap or Default",
        ),
        (
            set(format!("{row}/valueTransforms/0/valueMap"), json!({ "no": 0 })),
            "legs[0].fieldMappings[2].valueTransforms[0].valueMap.no: must be a text",
        ),
        (
            set(format!("{row}/valueTransforms/0/createValuesOnDestination"), json!("no")),
            "legs[0].fieldMappings[2].valueTransforms[0].createValuesOnDestination: must be true or false",
        ),
        (
            set("/legs/0/sourceSchema".into(), json!("Customer group")),
            "legs[0].sourceSchema: there is no F&O entity 'Customer group'; did you mean 'Customer groups'?",
        ),
        (
            set("/legs/0/destinationSchema".into(), json!("nothing at all")),
            "legs[0].destinationSchema: there is no Dataverse entity set 'nothing at all'",
        ),
        (set("/legs".into(), json!([])), "legs: must have one leg"),
        (set("/leftEnvironmentType".into(), json!("CRM")), "leftEnvironmentType: must be AX"),
        (
            set("/legs/0/fieldMappings".into(), json!(vec![1; 6_000])),
            "legs[0].fieldMappings: has 6000 entries, at most 5000 are read",
        ),
        (
            set("/legs/0/sourceFilter".into(), json!("x".repeat(9_000))),
            "legs[0].sourceFilter: is longer than 8000 characters",
        ),
    ];
    for (text, wanted) in cases {
        assert!(text.contains(wanted), "{text} / {wanted}");
        assert!(text.starts_with("the stored table map cannot be read at "), "{text}");
    }
    assert!(message(&read("{").unwrap_err()).contains("document: is not JSON"));
    assert!(message(&read("[]").unwrap_err()).contains("document: must be an object"));
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    assert!(message(&read(&deep).unwrap_err()).contains("recursion limit exceeded"));
    let large = format!("\"{}\"", "x".repeat(crate::document::LARGEST_DOCUMENT));
    assert!(message(&read(&large).unwrap_err()).contains("bytes, at most"));
}

#[test]
fn a_map_nobody_ships_takes_its_key_and_its_company_from_the_table() {
    let mut document = stored();
    document["legs"][0]["sourceSchema"] = "Vendor groups".into();
    let rows = json!([
        { "syncDirection": 3, "sourceField": "VENDORGROUPID", "destinationField": "msdyn_groupid" },
        { "syncDirection": 3, "sourceField": "DESCRIPTION", "destinationField": "msdyn_description" },
    ]);
    document["legs"][0]["fieldMappings"] = rows;
    let map = read(&document.to_string()).unwrap();
    assert_eq!(map.id.as_str(), "vendor-groups-msdyn-customergroups");
    assert_eq!(map.company_column.as_deref(), Some("msdyn_company"));
    let mut key: Vec<String> =
        map.integration_key.iter().map(|(field, path)| format!("{field}={path}")).collect();
    key.sort();
    assert_eq!(key, ["VendorGroupId=msdyn_groupid", "dataAreaId=msdyn_company.cdm_companycode"]);
    let engine = engine(&[]);
    let (findings, compiled) = crate::rules::check(engine.schemas(), &Arc::new(map));
    assert!(findings.is_empty() && compiled.is_some(), "{findings:?}");
}
