//! Definitions of tables, columns, keys and relationships as JSON.

use crate::{
    rows::Rows,
    schema::{Behaviour, Entity, Schema, schema_name},
};
use dwsim_model::{Choices, Column, ColumnKind, Required};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

/// The id of a definition, from its path: a table's name, or a table's and a column's.
pub(crate) fn metadata_id(path: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("dwsim:metadata/{path}").as_bytes())
}

/// A label in English.
pub(crate) fn label(text: &str) -> Json {
    let one = json!({
        "Label": text, "LanguageCode": 1033, "IsManaged": false,
        "MetadataId": metadata_id(&format!("label/{text}")).to_string(), "HasChanged": null
    });
    json!({ "LocalizedLabels": [one.clone()], "UserLocalizedLabel": one })
}

/// A name as words: `accountnumber` stays, `msdyn_customergroupid` loses its publisher.
fn words(name: &str) -> String {
    let bare = name.split_once('_').map_or(name, |(_, rest)| rest);
    schema_name(&bare.replace('_', " "))
}

fn managed(value: bool, name: &str) -> Json {
    json!({ "Value": value, "CanBeChanged": true, "ManagedPropertyLogicalName": name })
}

/// The definition of a table, without its columns.
pub(crate) fn table(schema: &Schema, index: usize) -> Map<String, Json> {
    let own = schema.entity(index);
    let table = &own.table;
    let custom = own.name().contains('_');
    let mut members = Map::new();
    let mut put = |name: &str, value: Json| {
        members.insert(name.to_owned(), value);
    };
    put("MetadataId", metadata_id(own.name()).to_string().into());
    put("LogicalName", own.name().into());
    put("SchemaName", schema_name(own.name()).into());
    put("EntitySetName", own.set.as_str().into());
    put("LogicalCollectionName", own.set.as_str().into());
    put("CollectionSchemaName", schema_name(&own.set).into());
    put("PrimaryIdAttribute", own.id().into());
    let name = table.primary_name.map(|at| table.column(at).name.to_string());
    put("PrimaryNameAttribute", name.into());
    put("ObjectTypeCode", (10_000 + index).into());
    put("OwnershipType", if table.owned { "UserOwned" } else { "OrganizationOwned" }.into());
    put("TableType", "Standard".into());
    put("DisplayName", label(&words(own.name())));
    put("DisplayCollectionName", label(&words(&own.set)));
    put("Description", label(""));
    put("IsCustomEntity", custom.into());
    put("IsManaged", (!custom).into());
    put("IsActivity", false.into());
    put("IsIntersect", false.into());
    put("IsPrivate", false.into());
    put("IsLogicalEntity", false.into());
    put("IsOptimisticConcurrencyEnabled", table.ordinal("versionnumber").is_some().into());
    put("ChangeTrackingEnabled", true.into());
    put("IsCustomizable", managed(true, "iscustomizable"));
    put("CanCreateAttributes", managed(true, "cancreateattributes"));
    put("IsDuplicateDetectionEnabled", managed(false, "isduplicatedetectionenabled"));
    members
}

fn kind_names(column: &Column, state: Option<&str>) -> (&'static str, &'static str, &'static str) {
    // AttributeType, AttributeTypeName and the type of the definition.
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
    (0..own.table.typed_columns()).map(|ordinal| attribute(rows, own, ordinal)).collect()
}

fn attribute(rows: &Rows<'_>, own: &Entity, ordinal: usize) -> Json {
    let column = own.table.column(ordinal);
    let name = column.name.as_str();
    let state = match (&column.kind, name) {
        (ColumnKind::Choice(_), "statecode" | "statuscode") => Some(name),
        _ => None,
    };
    let (kind, kind_name, definition) = kind_names(column, state);
    let mut members = Map::new();
    let mut put = |name: &str, value: Json| {
        members.insert(name.to_owned(), value);
    };
    put("@odata.type", format!("#Microsoft.Dynamics.CRM.{definition}").into());
    put("MetadataId", metadata_id(&format!("{}/{name}", own.name())).to_string().into());
    put("EntityLogicalName", own.name().into());
    put("LogicalName", name.into());
    put("SchemaName", schema_name(name).into());
    put("AttributeType", if ordinal == 0 { "Uniqueidentifier" } else { kind }.into());
    put("AttributeTypeName", json!({ "Value": kind_name }));
    put("AttributeOf", Json::Null);
    put("DisplayName", label(&words(name)));
    put("Description", label(""));
    put("ColumnNumber", (ordinal + 1).into());
    put("IsPrimaryId", (ordinal == 0).into());
    put("IsPrimaryName", (own.table.primary_name == Some(ordinal)).into());
    put("IsCustomAttribute", name.contains('_').into());
    put("IsManaged", (!name.contains('_')).into());
    put("IsLogical", false.into());
    put("IsValidForCreate", (ordinal == 0 || !column.read_only).into());
    put("IsValidForUpdate", (ordinal != 0 && !column.read_only).into());
    put("IsValidForRead", true.into());
    put("IsCustomizable", managed(true, "iscustomizable"));
    let level = match column.required {
        Required::No => "None",
        Required::Yes => "ApplicationRequired",
        Required::System => "SystemRequired",
    };
    put(
        "RequiredLevel",
        json!({ "Value": level, "CanBeChanged": true, "ManagedPropertyLogicalName": "canmodifyrequirementlevelsettings" }),
    );
    match &column.kind {
        ColumnKind::Text { max } => {
            put("MaxLength", max.map_or(Json::Null, Json::from));
            put("Format", "Text".into());
        }
        ColumnKind::Int { min, max } => {
            put("MinValue", (*min).into());
            put("MaxValue", (*max).into());
        }
        ColumnKind::Decimal { precision } | ColumnKind::Money { precision } => {
            put("Precision", (*precision).into());
        }
        ColumnKind::Date => put("DateTimeBehavior", json!({ "Value": "DateOnly" })),
        ColumnKind::Instant => put("DateTimeBehavior", json!({ "Value": "UserLocal" })),
        ColumnKind::Lookup { targets } => {
            put("Targets", targets.iter().map(std::string::ToString::to_string).collect::<Vec<_>>().into());
        }
        ColumnKind::Bool => {
            let option = |value: i32, text: &str| json!({ "Value": value, "Label": label(text) });
            put("OptionSet", json!({ "TrueOption": option(1, "Yes"), "FalseOption": option(0, "No") }));
            put("GlobalOptionSet", Json::Null);
        }
        ColumnKind::Choice(choices) => {
            put("DefaultFormValue", (-1).into());
            put("OptionSet", option_set(rows, own, choices, state));
            put("GlobalOptionSet", Json::Null);
        }
        _ => {}
    }
    Json::Object(members)
}

fn option_set(rows: &Rows<'_>, own: &Entity, choices: &Choices, state: Option<&str>) -> Json {
    let facts = rows.dataverse.catalog().table_facts(own.name());
    let options: Vec<Json> = choices
        .options
        .iter()
        .map(|(number, text)| {
            let mut option = json!({
                "Value": number, "Label": label(text), "Color": null, "IsManaged": false,
                "Description": label(""), "ExternalValue": "", "ParentValues": []
            });
            if state == Some("statuscode")
                && let (Some(facts), Json::Object(members)) = (facts, &mut option)
            {
                let of = facts.state_of_status.iter().find(|(status, _)| status == number);
                members.insert("State".into(), of.map_or(0, |(_, state)| *state).into());
            }
            option
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
        "IsGlobal": false, "IsCustomOptionSet": false, "OptionSetType": kind,
        "DisplayName": label(&words(&choices.name)), "Options": options
    })
}

/// The definitions of a table's alternate keys.
pub(crate) fn keys(schema: &Schema, index: usize) -> Vec<Json> {
    let own = schema.entity(index);
    let keys = own.table.keys.iter().enumerate();
    keys.map(|(at, key)| {
        let columns: Vec<String> =
            key.columns.iter().map(|ordinal| own.table.column(*ordinal).name.to_string()).collect();
        let name = format!("{}_{}", own.name(), key.name.replace(' ', "_"));
        json!({
            "MetadataId": metadata_id(&format!("{}/key/{at}", own.name())).to_string(),
            "EntityLogicalName": own.name(), "LogicalName": name, "SchemaName": name,
            "DisplayName": label(&key.name), "KeyAttributes": columns,
            "EntityKeyIndexStatus": "Active", "IsManaged": false, "AsyncJob": null
        })
    })
    .collect()
}

/// The definitions of relationships: all, or those a table takes part in.
pub(crate) fn relationships(schema: &Schema, of: Option<usize>) -> Vec<Json> {
    let mut list = Vec::new();
    for (parent, own) in schema.entities.iter().enumerate() {
        for collection in &own.collections {
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
            list.push(json!({
                "@odata.type": "#Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata",
                "MetadataId": metadata_id(&format!("relationship/{}/{}", collection.relationship, child.name())).to_string(),
                "SchemaName": collection.relationship,
                "RelationshipType": "OneToManyRelationship",
                "IsCustomRelationship": collection.relationship.contains("msdyn_"),
                "IsManaged": false,
                "ReferencedEntity": own.name(),
                "ReferencedAttribute": own.id(),
                "ReferencedEntityNavigationPropertyName": collection.name,
                "ReferencingEntity": child.name(),
                "ReferencingAttribute": child.table.column(collection.ordinal).name.as_str(),
                "ReferencingEntityNavigationPropertyName": collection.partner,
                "CascadeConfiguration": {
                    "Assign": others, "Delete": delete, "Merge": "NoCascade", "Reparent": others,
                    "Share": others, "Unshare": others
                }
            }));
        }
    }
    list
}
