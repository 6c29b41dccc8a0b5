//! `$metadata`: the tables as CSDL.

use crate::{cell::edm_type, cookie::escape, http::Response, rows::Rows};
use dwsim_dataverse::Form;
use dwsim_model::ColumnKind;
use std::fmt::Write as _;

/// The document. Query options are ignored, as `$metadata?annotations=true` is answered without annotations.
pub(crate) fn document(rows: &Rows<'_>) -> Response {
    let definitions = rows.dataverse.definitions();
    let mut xml = String::with_capacity(2 << 20);
    xml.push_str("<?xml version=\"1.0\" encoding=\"utf-8\"?><edmx:Edmx Version=\"4.0\" xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\"><edmx:DataServices><Schema Namespace=\"Microsoft.Dynamics.CRM\" Alias=\"mscrm\" xmlns=\"http://docs.oasis-open.org/odata/ns/edm\"><EntityType Name=\"crmbaseentity\" Abstract=\"true\" />");
    for entity in &rows.schema.entities {
        let _ = write!(
            xml,
            "<EntityType Name=\"{}\" BaseType=\"mscrm.crmbaseentity\"><Key><PropertyRef Name=\"{}\" /></Key>",
            escape(entity.name()),
            escape(entity.id())
        );
        for property in &entity.properties {
            let kind = entity.kind(property.ordinal);
            let double = definitions.form(entity.name(), &property.name) == Form::Double;
            let edm = if double { "Edm.Double" } else { edm_type(kind) };
            let _ = write!(xml, "<Property Name=\"{}\" Type=\"{edm}\"", escape(&property.name));
            match kind {
                ColumnKind::Decimal { .. } if double => {}
                ColumnKind::Decimal { .. } | ColumnKind::Money { .. } => xml.push_str(" Scale=\"variable\""),
                ColumnKind::Text { .. } => xml.push_str(" Unicode=\"true\""),
                _ => {}
            }
            if property.ordinal == 0 {
                xml.push_str(" Nullable=\"false\"");
            }
            xml.push_str(" />");
        }
        for single in &entity.singles {
            let Some(target) = single.targets.first().map(|target| rows.schema.entity(*target)) else {
                continue;
            };
            let lookup = entity.property_of(single.ordinal).map(|property| property.name.as_str());
            // An undivided lookup leads to several tables, which have only their base in common.
            let several = single.targets.len() > 1;
            let kind = if several { "crmbaseentity" } else { target.name() };
            let _ = write!(
                xml,
                "<NavigationProperty Name=\"{}\" Type=\"mscrm.{}\"",
                escape(&single.name),
                escape(kind)
            );
            if several {
                xml.push_str(" />");
                continue;
            }
            if let Some(relationship) = single.relationships.first()
                && let Some(collection) =
                    target.collections.iter().find(|own| own.relationship == *relationship)
            {
                let _ = write!(xml, " Partner=\"{}\"", escape(&collection.name));
            }
            let _ = write!(
                xml,
                "><ReferentialConstraint Property=\"{}\" ReferencedProperty=\"{}\" /></NavigationProperty>",
                escape(lookup.unwrap_or_default()),
                escape(target.id())
            );
        }
        for collection in &entity.collections {
            let child = rows.schema.entity(collection.child);
            let _ = write!(
                xml,
                "<NavigationProperty Name=\"{}\" Type=\"Collection(mscrm.{})\"",
                escape(&collection.name),
                escape(child.name())
            );
            let divided = child.single(&collection.partner).is_some_and(|single| single.targets.len() == 1);
            if divided || collection.through.is_some() {
                let _ = write!(xml, " Partner=\"{}\"", escape(&collection.partner));
            }
            xml.push_str(" />");
        }
        xml.push_str("</EntityType>");
    }
    xml.push_str("<ComplexType Name=\"WhoAmIResponse\"><Property Name=\"BusinessUnitId\" Type=\"Edm.Guid\" Nullable=\"false\" /><Property Name=\"UserId\" Type=\"Edm.Guid\" Nullable=\"false\" /><Property Name=\"OrganizationId\" Type=\"Edm.Guid\" Nullable=\"false\" /></ComplexType><Function Name=\"WhoAmI\"><ReturnType Type=\"mscrm.WhoAmIResponse\" Nullable=\"false\" /></Function><EntityContainer Name=\"System\">");
    for entity in &rows.schema.entities {
        let _ = write!(
            xml,
            "<EntitySet Name=\"{}\" EntityType=\"Microsoft.Dynamics.CRM.{}\">",
            escape(&entity.set),
            escape(entity.name())
        );
        for single in entity.singles.iter().filter(|single| single.targets.len() == 1) {
            let target = rows.schema.entity(single.targets[0]);
            let _ = write!(
                xml,
                "<NavigationPropertyBinding Path=\"{}\" Target=\"{}\" />",
                escape(&single.name),
                escape(&target.set)
            );
        }
        for collection in &entity.collections {
            let child = rows.schema.entity(collection.child);
            let _ = write!(
                xml,
                "<NavigationPropertyBinding Path=\"{}\" Target=\"{}\" />",
                escape(&collection.name),
                escape(&child.set)
            );
        }
        xml.push_str("</EntitySet>");
    }
    xml.push_str("<FunctionImport Name=\"WhoAmI\" Function=\"Microsoft.Dynamics.CRM.WhoAmI\" /></EntityContainer></Schema></edmx:DataServices></edmx:Edmx>");
    let mut response = Response::empty(200);
    response.header("Content-Type", "application/xml");
    response.body = xml.into_bytes();
    response
}
