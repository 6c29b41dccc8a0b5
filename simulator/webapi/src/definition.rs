//! Definitions of tables, columns, keys and relationships as JSON.

use crate::{
    rows::Rows,
    schema::{Behaviour, Entity, present, schema_name},
};
use dwsim_dataverse::{ChoiceDefinition, ColumnDefinition, Definitions, Form, Label, Names};
use dwsim_model::{Choices, Column, ColumnKind, Required, Value};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

/// The id of a definition, from its path: a table's name, or a table's and a column's.
pub(crate) fn metadata_id(path: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("dwsim:metadata/{path}").as_bytes())
}

/// A label in English.
pub(crate) fn label(text: &str) -> Json {
    labels(&Label::english(text))
}

/// A label in all its languages.
pub(crate) fn labels(label: &Label) -> Json {
    let one = |(language, text): &(u16, Box<str>)| {
        json!({
            "Label": text, "LanguageCode": language, "IsManaged": false,
            "MetadataId": metadata_id(&format!("label/{text}")).to_string(), "HasChanged": null
        })
    };
    let all: Vec<Json> = label.texts.iter().map(one).collect();
    let english = label.texts.iter().position(|(language, _)| *language == 1033).unwrap_or(0);
    let shown = all.get(english).cloned();
    json!({ "LocalizedLabels": all, "UserLocalizedLabel": shown })
}

/// A maker's label, or what the name says.
fn label_or(label: Option<&Label>, otherwise: &str) -> Json {
    label.filter(|label| !label.texts.is_empty()).map_or_else(|| self::label(otherwise), labels)
}

/// A name as words: `accountnumber` stays, `msdyn_customergroupid` loses its publisher.
fn words(name: &str) -> String {
    let bare = name.split_once('_').map_or(name, |(_, rest)| rest);
    schema_name(&bare.replace('_', " "))
}

fn managed(value: bool, name: &str) -> Json {
    json!({ "Value": value, "CanBeChanged": true, "ManagedPropertyLogicalName": name })
}

/// The schema name of a table.
fn schema_of(definitions: &Definitions, table: &str) -> String {
    match definitions.tables.get(table).map(|own| own.names.schema.as_ref()) {
        Some(name) if !name.is_empty() => name.to_owned(),
        _ => schema_name(table),
    }
}

/// The definition of a table, without its columns.
pub(crate) fn table(rows: &Rows<'_>, index: usize) -> Map<String, Json> {
    let own = rows.schema.entity(index);
    let table = &own.table;
    let definitions = rows.dataverse.definitions();
    let said = definitions.tables.get(own.name());
    let made = said.is_some_and(|said| said.custom);
    let names = said.map(|said| &said.names);
    let custom = own.name().contains('_');
    let mut members = Map::new();
    let mut put = |name: &str, value: Json| {
        members.insert(name.to_owned(), value);
    };
    put("MetadataId", metadata_id(own.name()).to_string().into());
    put("LogicalName", own.name().into());
    let schema = schema_of(definitions, own.name());
    put("EntitySetName", own.set.as_str().into());
    put("LogicalCollectionName", own.set.as_str().into());
    put("CollectionSchemaName", if made { format!("{schema}s") } else { schema_name(&own.set) }.into());
    put("SchemaName", schema.into());
    put("PrimaryIdAttribute", own.id().into());
    let name = table.primary_name.map(|at| table.column(at).name.to_string());
    put("PrimaryNameAttribute", name.into());
    put("ObjectTypeCode", (10_000 + index).into());
    put("OwnershipType", if table.owned { "UserOwned" } else { "OrganizationOwned" }.into());
    put("TableType", "Standard".into());
    put("DisplayName", label_or(names.map(|names| &names.display), &words(own.name())));
    put("DisplayCollectionName", label_or(names.map(|names| &names.plural), &words(&own.set)));
    put("Description", label_or(names.map(|names| &names.description), ""));
    put("IsCustomEntity", custom.into());
    put("IsManaged", (!made).into());
    for member in ["HasNotes", "HasActivities"] {
        put(member, said.and_then(|said| said.flags.get(member)).copied().unwrap_or(false).into());
    }
    put("IsActivity", false.into());
    put("IsIntersect", own.intersect.into());
    put("IsPrivate", false.into());
    put("IsLogicalEntity", false.into());
    put("IsOptimisticConcurrencyEnabled", table.ordinal("versionnumber").is_some().into());
    put("ChangeTrackingEnabled", said.is_none_or(|said| said.change_tracking).into());
    put("IsCustomizable", managed(true, "iscustomizable"));
    put("CanCreateAttributes", managed(true, "cancreateattributes"));
    put(
        "IsDuplicateDetectionEnabled",
        managed(crate::duplicates::applies(own.name()), "isduplicatedetectionenabled"),
    );
    members
}

/// `AttributeType`, `AttributeTypeName` and the type of the definition.
pub(crate) fn kind_names(
    column: &Column,
    state: Option<&str>,
    form: Form,
) -> (&'static str, &'static str, &'static str) {
    match form {
        Form::Memo => return ("Memo", "MemoType", "MemoAttributeMetadata"),
        Form::Double => return ("Double", "DoubleType", "DoubleAttributeMetadata"),
        Form::File => return ("Virtual", "FileType", "FileAttributeMetadata"),
        Form::Plain | Form::FileName => {}
    }
    match (&column.kind, state) {
        (_, Some("statecode")) => ("State", "StateType", "StateAttributeMetadata"),
        (_, Some(_)) => ("Status", "StatusType", "StatusAttributeMetadata"),
        (ColumnKind::Bool, _) => ("Boolean", "BooleanType", "BooleanAttributeMetadata"),
        (ColumnKind::Int { .. }, _) => ("Integer", "IntegerType", "IntegerAttributeMetadata"),
        (ColumnKind::BigInt, _) => ("BigInt", "BigIntType", "BigIntAttributeMetadata"),
        (ColumnKind::Decimal { .. }, _) => ("Decimal", "DecimalType", "DecimalAttributeMetadata"),
        (ColumnKind::Money { .. }, _) => ("Money", "MoneyType", "MoneyAttributeMetadata"),
        (ColumnKind::Text { max: Some(max) }, _) if *max > 4_000 => {
            ("Memo", "MemoType", "MemoAttributeMetadata")
        }
        (ColumnKind::Text { .. }, _) => ("String", "StringType", "StringAttributeMetadata"),
        (ColumnKind::EntityName, _) => ("EntityName", "EntityNameType", "EntityNameAttributeMetadata"),
        (ColumnKind::Guid, _) => {
            ("Uniqueidentifier", "UniqueidentifierType", "UniqueIdentifierAttributeMetadata")
        }
        (ColumnKind::Date | ColumnKind::Instant, _) => {
            ("DateTime", "DateTimeType", "DateTimeAttributeMetadata")
        }
        (ColumnKind::Choice(_), _) => ("Picklist", "PicklistType", "PicklistAttributeMetadata"),
        (ColumnKind::Lookup { targets }, _) => match (column.name.as_str(), targets.len()) {
            ("ownerid", _) => ("Owner", "OwnerType", "LookupAttributeMetadata"),
            (_, 2..) => ("Customer", "CustomerType", "LookupAttributeMetadata"),
            _ => ("Lookup", "LookupType", "LookupAttributeMetadata"),
        },
    }
}

/// The definitions of a table's columns.
pub(crate) fn attributes(rows: &Rows<'_>, index: usize) -> Vec<Json> {
    let own = rows.schema.entity(index);
    present(&own.table).map(|ordinal| attribute(rows, own, ordinal)).collect()
}

fn attribute(rows: &Rows<'_>, own: &Entity, ordinal: usize) -> Json {
    let column = own.table.column(ordinal);
    let name = column.name.as_str();
    let state = match (&column.kind, name) {
        (ColumnKind::Choice(_), "statecode" | "statuscode") => Some(name),
        _ => None,
    };
    let said = rows.dataverse.definitions().column(own.name(), name);
    let names = said.map(|said| &said.names);
    let form = said.map(|said| said.form).unwrap_or_default();
    let (kind, kind_name, definition) = kind_names(column, state, form);
    let mut members = Map::new();
    let mut put = |name: &str, value: Json| {
        members.insert(name.to_owned(), value);
    };
    put("@odata.type", format!("#Microsoft.Dynamics.CRM.{definition}").into());
    put("MetadataId", metadata_id(&format!("{}/{name}", own.name())).to_string().into());
    put("EntityLogicalName", own.name().into());
    put("LogicalName", name.into());
    let schema = names.map(|names| names.schema.to_string()).filter(|name| !name.is_empty());
    put("SchemaName", schema.unwrap_or_else(|| schema_name(name)).into());
    put("AttributeType", if ordinal == 0 { "Uniqueidentifier" } else { kind }.into());
    put("AttributeTypeName", json!({ "Value": kind_name }));
    let of = (form == Form::FileName).then(|| name.trim_end_matches("_name"));
    put("AttributeOf", of.into());
    put("DisplayName", label_or(names.map(|names| &names.display), &words(name)));
    put("Description", label_or(names.map(|names| &names.description), ""));
    put("ColumnNumber", (ordinal + 1).into());
    put("IsPrimaryId", (ordinal == 0).into());
    put("IsPrimaryName", (own.table.primary_name == Some(ordinal)).into());
    put("IsCustomAttribute", name.contains('_').into());
    put("IsManaged", (!said.is_some_and(|said| said.custom)).into());
    put("IsLogical", false.into());
    let written = !column.read_only && !matches!(form, Form::File | Form::FileName);
    put("IsValidForCreate", (ordinal == 0 || written).into());
    put("IsValidForUpdate", (ordinal != 0 && written).into());
    if form == Form::File {
        let size = said.and_then(|said| said.maximum).and_then(|size| size.to_i64());
        put("MaxSizeInKB", size.unwrap_or(crate::files::STANDARD_KILOBYTES).into());
    }
    put("IsValidForRead", true.into());
    put("IsCustomizable", managed(true, "iscustomizable"));
    let level = match column.required {
        Required::No if said.is_some_and(|said| said.recommended) => "Recommended",
        Required::No => "None",
        Required::Yes => "ApplicationRequired",
        Required::System => "SystemRequired",
    };
    put(
        "RequiredLevel",
        json!({ "Value": level, "CanBeChanged": true, "ManagedPropertyLogicalName": "canmodifyrequirementlevelsettings" }),
    );
    let format = said.and_then(|said| said.format.as_deref());
    match &column.kind {
        ColumnKind::Text { max } => {
            put("MaxLength", max.map_or(Json::Null, Json::from));
            put("Format", format.unwrap_or("Text").into());
            put("FormatName", json!({ "Value": format.unwrap_or("Text") }));
        }
        ColumnKind::Int { min, max } => {
            put("MinValue", (*min).into());
            put("MaxValue", (*max).into());
            put("Format", format.unwrap_or("None").into());
        }
        ColumnKind::Decimal { precision } | ColumnKind::Money { precision } => {
            put("Precision", (*precision).into());
            let limit =
                |own: Option<Decimal>, standard: f64| own.and_then(|own| own.to_f64()).unwrap_or(standard);
            put("MinValue", limit(said.and_then(|said| said.minimum), -LARGEST).into());
            put("MaxValue", limit(said.and_then(|said| said.maximum), LARGEST).into());
        }
        ColumnKind::Date | ColumnKind::Instant => {
            let date = column.kind == ColumnKind::Date;
            put("DateTimeBehavior", json!({ "Value": if date { "DateOnly" } else { "UserLocal" } }));
            put("Format", format.unwrap_or(if date { "DateOnly" } else { "DateAndTime" }).into());
        }
        ColumnKind::Lookup { targets } => {
            put("Targets", targets.iter().map(std::string::ToString::to_string).collect::<Vec<_>>().into());
        }
        ColumnKind::Bool => {
            let option = |value: i32, text: &str| {
                let own = said.and_then(|said| said.options.iter().find(|(number, _)| *number == value));
                json!({ "Value": value, "Label": label_or(own.map(|(_, label)| label), text) })
            };
            let id = metadata_id(&format!("{}/{name}/options", own.name())).to_string();
            let options = json!({
                "MetadataId": id, "TrueOption": option(1, "Yes"), "FalseOption": option(0, "No")
            });
            put("OptionSet", options);
            put("GlobalOptionSet", Json::Null);
            put("DefaultValue", said.is_some_and(|said| said.default == Value::Bool(true)).into());
        }
        ColumnKind::Choice(choices) => {
            let default = said.and_then(|said| match said.default {
                Value::Choice(number) => Some(number),
                _ => None,
            });
            put("DefaultFormValue", default.unwrap_or(-1).into());
            let global = said.and_then(|said| said.choice.as_ref());
            let global = global.and_then(|name| rows.dataverse.definitions().choices.get(name));
            put("OptionSet", global.map_or_else(|| option_set(rows, own, choices, state, said), choice));
            put("GlobalOptionSet", global.map_or(Json::Null, choice));
        }
        _ => {}
    }
    Json::Object(members)
}

/// The largest number a decimal column takes, as definitions write it.
const LARGEST: f64 = 100_000_000_000.0;

fn option(number: i32, label: &Json) -> Map<String, Json> {
    let mut members = Map::new();
    for (name, value) in [
        ("Value", number.into()),
        ("Label", label.clone()),
        ("Color", Json::Null),
        ("IsManaged", false.into()),
        ("Description", self::label("")),
        ("ExternalValue", "".into()),
        ("ParentValues", Json::Array(Vec::new())),
    ] {
        members.insert(name.to_owned(), value);
    }
    members
}

fn option_set(
    rows: &Rows<'_>,
    own: &Entity,
    choices: &Choices,
    state: Option<&str>,
    said: Option<&ColumnDefinition>,
) -> Json {
    let states = rows.dataverse.state_of_status(own.name());
    let options: Vec<Json> = choices
        .options
        .iter()
        .map(|(number, text)| {
            let said = said.and_then(|said| said.options.iter().find(|(own, _)| own == number));
            let mut option = option(*number, &label_or(said.map(|(_, label)| label), text));
            if state == Some("statuscode") {
                let of = states.iter().find(|(status, _)| status == number);
                option.insert("State".into(), of.map_or(0, |(_, state)| *state).into());
            }
            Json::Object(option)
        })
        .collect();
    let kind = match state {
        Some("statecode") => "State",
        Some(_) => "Status",
        None => "Picklist",
    };
    json!({
        "MetadataId": metadata_id(&format!("{}/{}/options", own.name(), choices.name)).to_string(),
        "Name": format!("{}_{}", own.name(), choices.name),
        "IsGlobal": false, "IsCustomOptionSet": said.is_some_and(|said| said.custom), "OptionSetType": kind,
        "DisplayName": label(&words(&choices.name)), "Options": options
    })
}

/// The definition of a choice several columns share.
pub(crate) fn choice(own: &ChoiceDefinition) -> Json {
    let options: Vec<Json> =
        own.options.iter().map(|(number, label)| Json::Object(option(*number, &labels(label)))).collect();
    json!({
        "@odata.type": "#Microsoft.Dynamics.CRM.OptionSetMetadata",
        "MetadataId": choice_id(&own.names.schema).to_string(), "Name": own.names.schema,
        "IsGlobal": true, "IsCustomOptionSet": true, "OptionSetType": "Picklist", "IsManaged": false,
        "IsCustomizable": managed(true, "iscustomizable"),
        "DisplayName": labels(&own.names.display), "Description": labels(&own.names.description),
        "Options": options
    })
}

/// The id of a choice.
pub(crate) fn choice_id(name: &str) -> Uuid {
    metadata_id(&format!("choice/{}", name.to_ascii_lowercase()))
}

/// All choices several columns can share.
pub(crate) fn choices(rows: &Rows<'_>) -> Vec<Json> {
    rows.dataverse.definitions().choices.values().map(choice).collect()
}

/// The id of an alternate key.
pub(crate) fn key_id(table: &str, key: &str) -> Uuid {
    metadata_id(&format!("{table}/key/{key}"))
}

/// The definitions of a table's alternate keys, those that failed included.
pub(crate) fn keys(rows: &Rows<'_>, index: usize) -> Vec<Json> {
    let own = rows.schema.entity(index);
    let definitions = rows.dataverse.definitions();
    let mut list = Vec::new();
    let one = |key: &str, name: &str, columns: &[String], names: Option<&Names>, failed: bool| {
        json!({
            "MetadataId": key_id(own.name(), key).to_string(),
            "EntityLogicalName": own.name(), "LogicalName": name.to_ascii_lowercase(), "SchemaName": name,
            "DisplayName": label_or(names.map(|names| &names.display), key), "KeyAttributes": columns,
            "EntityKeyIndexStatus": if failed { "Failed" } else { "Active" }, "IsManaged": names.is_none(),
            "AsyncJob": null
        })
    };
    for key in &own.table.keys {
        let columns: Vec<String> =
            key.columns.iter().map(|ordinal| own.table.column(*ordinal).name.to_string()).collect();
        let said = definitions.keys.get(&(own.table.name.clone(), key.name.clone()));
        let name = said.map_or_else(
            || format!("{}_{}", own.name(), key.name.replace(' ', "_")),
            |said| said.names.schema.to_string(),
        );
        list.push(one(&key.name, &name, &columns, said.map(|said| &said.names), false));
    }
    let failed = definitions.keys.iter().filter(|((table, _), key)| *table == own.table.name && key.failed);
    for ((_, name), key) in failed {
        let columns: Vec<String> = key.columns.iter().map(ToString::to_string).collect();
        list.push(one(name, &key.names.schema, &columns, Some(&key.names), true));
    }
    list
}

/// The definitions of relationships: all, or those a table takes part in.
pub(crate) fn relationships(rows: &Rows<'_>, of: Option<usize>) -> Vec<Json> {
    let schema = rows.schema;
    let definitions = rows.dataverse.definitions();
    let mut list = Vec::new();
    for (parent, own) in schema.entities.iter().enumerate() {
        for collection in own.collections.iter().filter(|own| own.through.is_none()) {
            if of.is_some_and(|of| of != parent && of != collection.child) {
                continue;
            }
            let child = schema.entity(collection.child);
            let delete = match collection.behaviour {
                Behaviour::Parental => "Cascade",
                Behaviour::RemoveLink => "RemoveLink",
                Behaviour::Restrict => "Restrict",
            };
            let others = if collection.behaviour == Behaviour::Parental { "Cascade" } else { "NoCascade" };
            let said = definitions.relationships.get(collection.relationship.to_ascii_lowercase().as_str());
            let cascade = |event: &str, standard: &str| {
                let said = said.and_then(|said| said.cascade.get(event));
                said.map_or_else(|| standard.to_owned(), ToString::to_string)
            };
            list.push(json!({
                "@odata.type": "#Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata",
                "MetadataId": relationship_id(&collection.relationship, child.name()).to_string(),
                "SchemaName": collection.relationship,
                "RelationshipType": "OneToManyRelationship",
                "IsCustomRelationship": said.is_some() || collection.relationship.contains("msdyn_"),
                "IsManaged": said.is_none(),
                "ReferencedEntity": own.name(),
                "ReferencedAttribute": own.id(),
                "ReferencedEntityNavigationPropertyName": collection.name,
                "ReferencingEntity": child.name(),
                "ReferencingAttribute": child.table.column(collection.ordinal).name.as_str(),
                "ReferencingEntityNavigationPropertyName": collection.partner,
                "CascadeConfiguration": {
                    "Assign": cascade("Assign", others), "Delete": delete,
                    "Merge": cascade("Merge", "NoCascade"), "Reparent": cascade("Reparent", others),
                    "Share": cascade("Share", others), "Unshare": cascade("Unshare", others)
                }
            }));
        }
    }
    list
}

/// The definitions of relationships of many rows to many: all, or those a table takes part in.
pub(crate) fn intersects(rows: &Rows<'_>, of: Option<usize>) -> Vec<Json> {
    let name = of.map(|of| rows.schema.entity(of).name());
    let all = rows.dataverse.definitions().intersects.values();
    let found = all.filter(|own| name.is_none_or(|name| own.sides.iter().any(|side| *side.table == *name)));
    found
        .map(|own| {
            let [first, second] = &own.sides;
            json!({
                "@odata.type": "#Microsoft.Dynamics.CRM.ManyToManyRelationshipMetadata",
                "MetadataId": relationship_id(&own.schema, &own.table).to_string(),
                "SchemaName": own.schema, "RelationshipType": "ManyToManyRelationship",
                "IsCustomRelationship": true, "IsManaged": false, "IntersectEntityName": own.table.as_str(),
                "Entity1LogicalName": first.table.as_str(), "Entity1IntersectAttribute": first.column.as_str(),
                "Entity1NavigationPropertyName": first.navigation,
                "Entity2LogicalName": second.table.as_str(), "Entity2IntersectAttribute": second.column.as_str(),
                "Entity2NavigationPropertyName": second.navigation
            })
        })
        .collect()
}

/// The id of a relationship.
pub(crate) fn relationship_id(name: &str, child: &str) -> Uuid {
    metadata_id(&format!("relationship/{name}/{child}"))
}
