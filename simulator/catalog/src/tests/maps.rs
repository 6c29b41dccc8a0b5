//! Maps that do not fit their entity, their table or each other.

use super::{refused, row_refused};

const PARENT: &str = r#"["ParentAccount", "=", "parentid.accountnumber"]"#;
const PAYER: &str = "payerid.Account(accountnumber).CDM_Company(cdm_companycode)";

#[test]
fn an_unknown_entity_table_or_map_is_refused_with_the_nearest() {
    let map = |to: &str, from: &str, message: &str| {
        refused("maps/m.toml", from, to, &format!("data file maps/m.toml, map customers: {message}"));
    };
    map(
        r#"entity = "Custmers""#,
        r#"entity = "Customers""#,
        "there is no entity 'Custmers'; did you mean 'Customers'?",
    );
    map(r#"table = "acount""#, r#"table = "account""#, "there is no table 'acount'; did you mean 'account'?");
    map(
        r#"depends_on = ["company"]"#,
        r#"depends_on = ["companies"]"#,
        "there is no map 'company'; did you mean 'companies'?",
    );
    refused(
        "maps-superseded.toml",
        r#""customers""#,
        r#""customer""#,
        "data file maps-superseded.toml, map customers-old: there is no map 'customer'; did you mean 'customers'?",
    );
}

#[test]
fn a_row_must_name_a_field_of_the_entity() {
    row_refused(
        PARENT,
        r#"["ParentAcount", "=", "parentid.accountnumber"]"#,
        "ParentAcount",
        "Customers has no field 'ParentAcount'; did you mean 'ParentAccount'?",
    );
}

#[test]
fn every_hop_of_a_path_must_lead_on() {
    let refused = |path: &str, message: &str| {
        row_refused(PARENT, &format!(r#"["ParentAccount", "=", "{path}"]"#), "ParentAccount", message);
    };
    refused(
        "parentd.accountnumber",
        "path 'parentd.accountnumber' needs column 'parentd', which table account does not have; did you mean \
         'parentid'?",
    );
    refused(
        "parentid.number",
        "path 'parentid.number' needs column 'number', which table account does not have",
    );
    refused(
        "memo.accountnumber",
        "path 'memo.accountnumber' goes through account.memo, which is not a lookup",
    );
    refused("parentid", "path 'parentid' ends at a lookup; add the column of account to find the row by");
    refused(
        "ownerid.fullname",
        "path 'ownerid.fullname' goes from account.ownerid to 'systemuser', which that lookup does not refer to",
    );
    refused("parentid..x", "path 'parentid..x' has an empty part; write names joined by single dots");
}

#[test]
fn every_alternative_of_a_polymorphic_path_must_be_a_target() {
    row_refused(
        PAYER,
        "payerid.Account(accountnumber).Contact(contactid)",
        "PayerAccount",
        "path 'payerid.Account(accountnumber).Contact(contactid)' goes from account.payerid to 'contact', which \
         that lookup does not refer to",
    );
    row_refused(
        PAYER,
        "payerid.Account(nope)",
        "PayerAccount",
        "path 'payerid.Account(nope)' needs column 'nope', which table account does not have",
    );
}

#[test]
fn values_must_fit_both_sides() {
    row_refused(
        r#"no = "1""#,
        r#"no = "7""#,
        "OnHold",
        "value '7' does not fit account.hold, which holds a choice without that option",
    );
    row_refused(
        r#"no = "1""#,
        r#"never = "1""#,
        "OnHold",
        "value 'never' does not fit Customers.OnHold, which holds members of enum Hold",
    );
    row_refused(
        r#""active", "True""#,
        r#""active", "yes""#,
        "active",
        "value 'yes' does not fit account.active, which holds true or false",
    );
    row_refused(
        r#""Organization""#,
        r#""An organization""#,
        "Kind",
        "value 'An organization' does not fit Customers.Kind, which holds at most 12 characters",
    );
}

#[test]
fn symbols_and_transforms_must_agree() {
    row_refused(
        PARENT,
        r#"["ParentAccount", ">>", "parentid.accountnumber"]"#,
        "ParentAccount",
        "symbol '>>' needs a value map or a default as the fourth element",
    );
    row_refused(
        PARENT,
        r#"["ParentAccount", "=", "parentid.accountnumber", "x"]"#,
        "ParentAccount",
        "symbol '=' copies as is and takes no fourth element; write '><'",
    );
    row_refused(
        PARENT,
        r#"["ParentAccount", "=>", "parentid.accountnumber"]"#,
        "ParentAccount",
        "'=>' is not a direction; write one of = > < >< >> <<",
    );
    row_refused(
        r#"["", ">>", "active", "True"]"#,
        r#"["", "<<", "active", "True"]"#,
        "active",
        "a constant row names exactly one side and its symbol writes to that side with a default",
    );
}

#[test]
fn key_parts_must_be_the_company_or_a_row_and_the_key_must_be_one_of_the_table() {
    let key = r#"["CustomerAccount", "accountnumber"]]"#;
    row_refused(
        key,
        r#"["CustomerAccount", "memo"]]"#,
        "CustomerAccount",
        "key part 'CustomerAccount' = 'memo' is neither the company nor a row of the map",
    );
    row_refused(
        key,
        r#"["CustomerAccount", "number"]]"#,
        "CustomerAccount",
        "path 'number' needs column 'number', which table account does not have",
    );
    refused(
        "maps/m.toml",
        key,
        r#"["CustomerAccount", "accountnumber"], ["Memo", "memo"]]"#,
        "data file maps/m.toml, map customers: table account has no key over the columns msdyn_company, \
         accountnumber, memo; add it to the table's keys",
    );
}

#[test]
fn a_map_and_its_sides_must_agree_on_the_company() {
    refused(
        "maps/m.toml",
        "company_column = \"msdyn_company\"\n",
        "",
        "data file maps/m.toml, map customers: the map is global and entity Customers is by company; the map and \
         both its sides must agree on the company",
    );
    refused(
        "maps/m.toml",
        r#"company_column = "msdyn_company""#,
        r#"company_column = "companyid""#,
        "data file maps/m.toml, map customers: the company column is companyid in the map and msdyn_company in \
         table account; the map and both its sides must agree on the company",
    );
}

#[test]
fn dependencies_must_not_run_in_a_circle() {
    refused(
        "maps/m.toml",
        "anchor = 1\n",
        "anchor = 1\ndepends_on = [\"customers\"]\n",
        "data file maps/m.toml, map companies: the dependencies run in a circle: companies -> customers -> companies",
    );
}
