//! A small set of data files that each test breaks in one place, to see the message.

mod embedded;
mod files;
mod maps;

use crate::{
    catalog::Catalog,
    sources::{Source, Sources},
};

const MAPS: &str = r#"source = "page.md@1"
[[map]]
id = "companies"
anchor = 1
entity = "LegalEntities"
table = "cdm_company"
key = [["LegalEntityId", "cdm_companycode"]]
fields = [["LegalEntityId", "=", "cdm_companycode"]]

[[map]]
id = "customers"
anchor = 2
entity = "Customers"
table = "account"
company_column = "msdyn_company"
key = [["dataAreaId", "msdyn_company.cdm_companycode"], ["CustomerAccount", "accountnumber"]]
depends_on = ["companies"]
fields = [
  ["CustomerAccount", "=", "accountnumber"],
  ["OnHold", "><", "hold", { no = "1", non-Specific = "2", "" = "3" }],
  ["ParentAccount", "=", "parentid.accountnumber"],
  ["PayerAccount", "=", "payerid.Account(accountnumber).CDM_Company(cdm_companycode)"],
  ["", ">>", "active", "True"],
  ["Kind", "<<", "", "Organization"],
  ["Memo", ">>", "memo"],
]
"#;

const ENTITIES: &str = r#"
[[entity]]
set = "LegalEntities"
aot = "OMLegalEntity"
label = "Legal entities"
key = ["LegalEntityId"]
fields = [["LegalEntityId", "string 4", "mandatory"]]

[[entity]]
set = "Customers"
label = "Customers"
company = "dataAreaId"
key = ["dataAreaId", "CustomerAccount"]
fields = [
  ["CustomerAccount", "string 20"],
  ["OnHold", "enum Hold"],
  ["ParentAccount", "string 20"],
  ["PayerAccount", "string 20"],
  ["Kind", "string 12"],
  ["Memo", "string"],
]
other_fields = ["NameAlias"]
"#;

const ENUMS: &str = r#"
[documented]
Hold = ["No"]
[from_value_maps]
[value_map_only]
Hold = ["NonSpecific"]
"#;

const TABLES: &str = r#"
[[table]]
name = "cdm_company"
set = "cdm_companies"
id = "cdm_companyid"
primary_name = "cdm_companycode"
ownership = "organization"
keys = [["cdm_companycode"]]
columns = [["cdm_companycode", "string 4"]]

[[table]]
name = "account"
set = "accounts"
id = "accountid"
primary_name = "accountnumber"
ownership = "user-or-team"
company = "msdyn_company"
keys = [["msdyn_company", "accountnumber"]]
columns = [
  ["accountnumber", "string 20", "required"],
  ["hold", "choice", { 1 = "no", 2 = "maybe", 3 = "open" }],
  ["parentid", "lookup account"],
  ["payerid", "lookup account cdm_company"],
  ["active", "boolean"],
  ["memo", "memo"],
]
"#;

const STANDARD: &str = r#"
state_of_status = { 1 = 0, 2 = 1 }
[user-or-team]
columns = [["ownerid", "lookup systemuser team", "system"], ["statecode", "state", { 0 = "Active" }]]
[organization]
columns = [["versionnumber", "bigint", "readonly"]]
[business-owned]
columns = []
[parent]
columns = []
"#;

const SUPERSEDED: &str = r#"
[[map]]
id = "customers-old"
superseded_by = "customers"
label = "Customers"
table = "account"
source = "old.md"
fields = [["CUSTOMERACCOUNT", "=", "accountnumber"]]
"#;

const PROJECT: &str = r#"
[[map]]
id = "projects"
label = "Projects"
set = "msdyn_projects"
version = "1.0.0.3"
"#;

const EXCEPTIONS: &str = r#"
[[exception]]
map = "customers"
field = "Memo"
check = "transform-missing"
reason = "The page shows no transform."
"#;

const FILES: [(&str, &str); 8] = [
    ("maps/m.toml", MAPS),
    ("finops/e.toml", ENTITIES),
    ("finops/enums.toml", ENUMS),
    ("dataverse/t.toml", TABLES),
    ("dataverse/standard-columns.toml", STANDARD),
    ("maps-superseded.toml", SUPERSEDED),
    ("maps-project-operations.toml", PROJECT),
    ("exceptions.toml", EXCEPTIONS),
];

/// Loads the small catalogue after one replacement in one file.
fn load(file: &str, from: &str, to: &str) -> Result<Catalog, String> {
    let text = |name: &str| {
        let (_, text) = FILES.iter().find(|(own, _)| *own == name).unwrap();
        if name == file {
            assert_eq!(text.matches(from).count(), 1, "'{from}' must stand once in {name}");
            text.replace(from, to)
        } else {
            (*text).to_owned()
        }
    };
    let texts: Vec<(&str, String)> = FILES.iter().map(|(name, _)| (*name, text(name))).collect();
    let source = |name: &str| {
        let (name, text) = texts.iter().find(|(own, _)| *own == name).unwrap();
        Source { name, text }
    };
    let sources = Sources {
        maps: vec![source("maps/m.toml")],
        superseded: source("maps-superseded.toml"),
        project_operations: source("maps-project-operations.toml"),
        finops: vec![source("finops/e.toml")],
        enums: source("finops/enums.toml"),
        dataverse: vec![source("dataverse/t.toml")],
        standard_columns: source("dataverse/standard-columns.toml"),
        exceptions: source("exceptions.toml"),
    };
    Catalog::load(&sources).map_err(|error| error.to_string())
}

#[track_caller]
fn refused(file: &str, from: &str, to: &str, message: &str) {
    assert_eq!(load(file, from, to).err().as_deref(), Some(message));
}

/// A row of the map `customers` that breaks a check.
#[track_caller]
fn row_refused(from: &str, to: &str, field: &str, message: &str) {
    let message = format!("data file maps/m.toml, map customers, field {field}: {message}");
    refused("maps/m.toml", from, to, &message);
}
