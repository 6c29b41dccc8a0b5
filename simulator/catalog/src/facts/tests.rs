//! Tests of the facts as a whole: they load, they refer to each other correctly, they say what the pages say.

use super::*;
use dwsim_model::{MapId, VirtualDuration};
use std::sync::LazyLock;

/// Read once: reading is what the first test tests, and a property test asks many times.
fn facts() -> &'static Facts {
    static FACTS: LazyLock<Facts> = LazyLock::new(|| Facts::embedded().unwrap());
    &FACTS
}

#[test]
fn the_embedded_files_load() {
    Facts::embedded().unwrap();
}

#[test]
fn every_message_renders_with_exactly_its_placeholders() {
    for message in facts().messages() {
        let args: Vec<(&str, &str)> = message.placeholders().map(|name| (name, "<value>")).collect();
        let text = message.render(&args).unwrap();
        assert!(!text.contains("{{") && !text.is_empty(), "{}", message.id);
        assert_eq!(text.contains("<value>"), !args.is_empty(), "{}", message.id);
        if let Some(((first, _), rest)) = args.split_first() {
            let rest: Vec<_> = rest.iter().copied().filter(|(name, _)| name != first).collect();
            assert!(matches!(message.render(&rest), Err(MessageError::Missing { .. })), "{}", message.id);
        }
        assert!(message.render(&[("no_such_argument", "")]).is_err(), "{}", message.id);
        assert!(!message.cause.is_empty() && !message.fix.is_empty(), "{}", message.id);
    }
}

#[test]
fn every_documented_list_of_messages_is_complete() {
    let facts = facts();
    let count = |prefix: &str| {
        let numbered = |id: &str| {
            id.strip_prefix(prefix)
                .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
        };
        facts.messages().filter(|message| numbered(&message.id)).count()
    };
    for (prefix, expected) in
        [("DIPV", 30), ("H", 6), ("E", 16), ("I", 11), ("M", 4), ("LIVE-E", 19), ("HEALTH-", 15)]
    {
        assert_eq!(count(prefix), expected, "{prefix}");
    }
    assert_eq!(count("DWDVEV") + count("DWFOEV"), 8);
    for absent in ["DIPV1009", "DIPV1013", "DWDVEV1002", "DWFOEV1005"] {
        assert!(facts.message(absent).is_none(), "{absent}");
    }
}

#[test]
fn a_documented_message_comes_out_word_for_word() {
    let facts = facts();
    let render = |id, args: &[(&str, &str)]| facts.render(id, ProfileId::Docs2026, args).unwrap();
    assert_eq!(
        render(
            "M2",
            &[
                ("map", "Customer groups"),
                ("table", "msdyn_customergroups"),
                ("solution", "Dynamics365Company"),
                ("version", "2.0.2.10"),
                ("required", "2.0.133"),
            ]
        ),
        "Customer groups (msdyn_customergroups) : Dual write failure - Dynamics 365 for Sales solution \
         'Dynamics365Company' has version mismatch. Version: '2.0.2.10' Required version: '2.0.133'"
    );
    assert_eq!(
        render("LIVE-LOOKUP", &[("entity_set", "msdyn_postaladdresscollections"), ("values", "LOC-1,x")]),
        "Unable to lookup msdyn_postaladdresscollections with values {LOC-1,x}."
    );
    assert_eq!(
        render("LIVE-E1", &[]),
        r#"[{"error":{"code":"0x80072560","message":"The user is not a member of the organization."}}], The remote server returned an error: (403) Forbidden."#
    );
    assert_eq!(
        render("E12", &[("connection", "c1")]),
        r#"[Forbidden], [{"status":403,"source":"","message":"Error from token exchange: User is not allowed to access connection dynamicscrmonline/c1"}], The remote server returned an error: (403) Forbidden."#
    );
    assert_eq!(
        render("LIVE-E11", &[("party_type", "Organization")]),
        r#"{"RecordError0":"Write failed for entity Customers V3 with unknown exception - Party record not found for party type 'Organization'"}"#
    );
}

#[test]
fn a_message_follows_the_profile_and_an_unknown_one_is_an_error() {
    let facts = facts();
    let project = [("project", "DWM-a-b")];
    let old = facts.render("E1", ProfileId::Docs2020, &project).unwrap();
    let new = facts.render("E1", ProfileId::Docs2026, &project).unwrap();
    assert!(old.starts_with("Dual write failure") && new.starts_with("Dual-write failure"), "{old}\n{new}");
    assert_eq!(
        facts.render("E99", ProfileId::Docs2026, &[]),
        Err(MessageError::NoSuchMessage { id: "E99".to_owned() })
    );
}

#[test]
fn the_profiles_differ_in_every_rule_the_pages_changed() {
    let facts = facts();
    let (old, new) = (facts.profile(ProfileId::Docs2020), facts.profile(ProfileId::Docs2026));
    let (old_limits, new_limits) = (facts.limits(ProfileId::Docs2020), facts.limits(ProfileId::Docs2026));
    assert_eq!((old.id, new.id), (ProfileId::Docs2020, ProfileId::Docs2026));
    for (rule, differs) in [
        ("legal entity limit", old_limits.max_legal_entities_link != new_limits.max_legal_entities_link),
        ("legal entities, live", old_limits.max_legal_entities_live != new_limits.max_legal_entities_live),
        ("initial sync again", old.initial_sync_rerun.value != new.initial_sync_rerun.value),
        ("where linking starts", old.existing_finops_entry.value != new.existing_finops_entry.value),
        ("buttons", old.link_buttons.value != new.link_buttons.value),
        ("application ids", old.dataverse_app_ids.value != new.dataverse_app_ids.value),
        ("tenant consent", old.tenant_consent_required.value != new.tenant_consent_required.value),
        ("prerequisite checks", old.checks_shown.value != new.checks_shown.value),
        ("pause, days", old_limits.pause_max_age != new_limits.pause_max_age),
        ("pause, bytes", old_limits.pause_max_bytes != new_limits.pause_max_bytes),
        ("catch-up errors", old_limits.catch_up_retention != new_limits.catch_up_retention),
        ("resume", old.resume_options.value != new.resume_options.value),
        ("cloud-hosted", old.cloud_hosted.value != new.cloud_hosted.value),
        ("mismatch warning", old.mismatch_message.value != new.mismatch_message.value),
        ("clean-up", old.relink_clean_up.value != new.relink_clean_up.value),
        ("relink by support", old.relink_by_support.value != new.relink_by_support.value),
        ("words", old.terminology.value != new.terminology.value),
    ] {
        assert!(differs, "{rule}");
    }
    for profile in [old, new] {
        let all = profile.checks_shown.value.len() + profile.checks_silent.value.len();
        assert_eq!(all, 6, "every check runs in profile {}", profile.id);
        let shown: Vec<&Name> = facts
            .health_checks()
            .iter()
            .filter(|own| own.shown_in.contains(&profile.id))
            .map(|own| &own.id)
            .collect();
        assert_eq!(shown, profile.checks_shown.value.iter().collect::<Vec<_>>());
        assert!(ProfileId::ALL.contains(&profile.id.as_str().parse().unwrap()));
    }
}

#[test]
fn documented_figures_are_the_documented_ones() {
    let facts = facts();
    let new = facts.limits(ProfileId::Docs2026);
    assert_eq!((new.max_rows_per_legal_entity, new.max_single_threaded_rows), (500_000, 70_000));
    assert_eq!((new.max_legal_entities_initial, new.max_legal_entities_live), (40, 250));
    assert_eq!((new.max_lookups, new.shown_errors, new.dv_export_attempts), (10, 5, 5));
    assert_eq!(new.import_timeout, VirtualDuration::from_hours(24));
    assert_eq!(new.export_timeout, VirtualDuration::from_mins(5));
    assert_eq!((new.rows_per_live_transaction, new.live_payload_bytes), (1_000, 116_850_000));
    assert_eq!(new.live_transaction_time, VirtualDuration::from_mins(2));
    assert_eq!(
        (new.pause_max_age, new.pause_max_bytes),
        (VirtualDuration::from_hours(24), Some(1_000_000_000))
    );
    let old = facts.limits(ProfileId::Docs2020);
    assert_eq!(old.pause_max_age, VirtualDuration::from_hours(7 * 24));
    assert_eq!(old.max_legal_entities_link, Some(40));
}

#[test]
fn every_speed_reaches_its_row_limit_exactly_when_time_is_up() {
    let facts = facts();
    let limits = facts.limits(ProfileId::Docs2026);
    for (rate, rows) in [
        (limits.rate_to_finops_single_threaded, limits.max_single_threaded_rows),
        (limits.rate_to_finops_multi_threaded, limits.max_rows_per_legal_entity),
    ] {
        assert_eq!(rate.time_for(rows), limits.import_timeout);
        assert!(rate.time_for(rows + 1) > limits.import_timeout);
    }
    assert_eq!(limits.rate_to_dataverse.time_for(3 * 1_000), VirtualDuration::from_mins(30));
}

#[test]
fn packages_come_in_an_order_in_which_they_can_be_installed() {
    let facts = facts();
    let closure: Vec<&str> = facts.package_closure(&["notes"]).iter().map(|own| &*own.id).collect();
    assert_eq!(closure, ["application-core", "finance", "notes"]);
    let closure: Vec<&str> =
        facts.package_closure(&["party-and-gab", "nonsense"]).iter().map(|own| &*own.id).collect();
    assert_eq!(closure.first(), Some(&"application-core"));
    assert_eq!(closure.last(), Some(&"party-and-gab"));
    assert_eq!(closure.len(), 6);
    let homes: usize = facts.packages().iter().map(|package| package.maps.len()).sum();
    assert_eq!(homes, 143);
    let named =
        |id| facts.package(id).map(|own| own.maps.len() + own.not_in_catalogue.len() + own.revises.len());
    assert_eq!([named("application-core"), named("finance"), named("notes")], [Some(12), Some(30), Some(4)]);
    assert_eq!([named("asset-management"), named("party-and-gab")], [Some(11), Some(20)]);
    for template in facts.templates() {
        let ids: Vec<&str> = template.packages.iter().map(Name::as_str).collect();
        let closed: Vec<&str> = facts.package_closure(&ids).iter().map(|own| &*own.id).collect();
        assert_eq!(ids, closed, "template {} brings all its packages need", template.id);
    }
    assert!(facts.templates().iter().any(|own| own.packages.is_empty() && own.platform_components));
}

#[test]
fn a_map_is_found_in_its_package_and_its_solutions_have_versions() {
    let facts = facts();
    assert_eq!(facts.package_of_map("customers-v3-accounts").map(|own| &*own.id), Some("finance"));
    assert_eq!(facts.package_of_solution("dynamics365company").map(|own| &*own.id), Some("application-core"));
    let required = facts.required_version("Dynamics365Company").unwrap();
    assert!("2.0.2.10".parse::<SolutionVersion>().unwrap() < *required);
    assert_eq!(facts.required_version("msdyn_DualWriteAppCoreMaps"), None);
}

#[test]
fn maps_without_package_and_unknown_maps_are_reported() {
    let facts = facts();
    let mut ids: Vec<MapId> = facts.packages().iter().flat_map(|own| own.maps.iter().cloned()).collect();
    assert_eq!(facts.check_maps(&ids), Ok(()));
    ids.push("homeless-map".into());
    let error = facts.check_maps(&ids).unwrap_err().to_string();
    assert!(error.contains("'homeless-map' is in no package"), "{error}");
    ids.retain(|id| id.as_str() != "units-uoms");
    let error = facts.check_maps(&ids).unwrap_err().to_string();
    assert!(error.contains("'supply-chain'") && error.contains("no map 'units-uoms'"), "{error}");
}

#[test]
fn the_application_ids_change_at_the_switch_point() {
    let facts = facts();
    let ids = |side, version: &str| -> Vec<String> {
        let version = version.parse().unwrap();
        facts.required_app_ids(side, &version).into_iter().map(|id| id[..8].to_owned()).collect()
    };
    assert_eq!(ids(Side::FinOps, "1.0.15.9"), ["33976c19", "2e49aa60"]);
    assert_eq!(ids(Side::FinOps, "1.0.16.0"), ["6f7d0213", "2e49aa60"]);
    assert_eq!(ids(Side::Dataverse, "1.0.16.0"), ["2e49aa60", "00000015"]);
    for profile in ProfileId::ALL {
        let by_version = facts.required_app_ids(Side::FinOps, facts.core_version(profile));
        let by_profile: Vec<&Name> = facts.profile(profile).dataverse_app_ids.value.iter().collect();
        assert_eq!(by_version, by_profile, "{profile}");
    }
}

#[test]
fn guidance_puts_a_bound_into_the_lower_row() {
    use ApproachStep::{
        Bootstrap, CreateCompany, InitialSync, MigrateToDataverse, MigrateToEach, MigrateToFinOps,
        SkipInitialSync,
    };
    use Origin::{Existing, New};
    let facts = facts();
    let advice = |finops, dataverse, rows, single| {
        facts.guidance(finops, dataverse, true, rows, single).unwrap().approach.clone()
    };
    assert_eq!(facts.guidance(New, New, false, 0, true).unwrap().approach, [SkipInitialSync]);
    assert_eq!(advice(New, New, 500_000, true), [MigrateToFinOps, InitialSync]);
    assert_eq!(advice(New, New, 500_000, false), [MigrateToDataverse, InitialSync]);
    assert_eq!(advice(New, New, 500_001, false), [MigrateToEach, SkipInitialSync]);
    assert_eq!(advice(New, Existing, 70_000, true), [CreateCompany, Bootstrap, InitialSync]);
    assert_eq!(
        advice(New, Existing, 70_001, true),
        [CreateCompany, Bootstrap, MigrateToEach, SkipInitialSync]
    );
    assert_eq!(advice(New, Existing, 70_001, false), [CreateCompany, Bootstrap, InitialSync]);
    assert_eq!(
        advice(New, Existing, 500_001, false),
        [CreateCompany, Bootstrap, MigrateToEach, SkipInitialSync]
    );
    assert_eq!(advice(Existing, New, 500_000, true), [InitialSync]);
    assert_eq!(advice(Existing, New, 500_001, true), [MigrateToEach, SkipInitialSync]);
    assert_eq!(advice(Existing, Existing, 70_000, true), [Bootstrap, InitialSync]);
    assert_eq!(advice(Existing, Existing, 70_001, true), [Bootstrap, MigrateToEach, SkipInitialSync]);
    assert_eq!(advice(Existing, Existing, 500_000, false), [Bootstrap, InitialSync]);
    assert_eq!(advice(Existing, Existing, 500_001, false), [Bootstrap, MigrateToEach, SkipInitialSync]);
    assert!(facts.guidance(Existing, Existing, false, 0, false).is_none());
    assert_eq!(facts.guidance_rows().len(), 14);
}

proptest::proptest! {
    #[test]
    fn guidance_covers_every_volume_and_rows_that_overlap_agree(rows: u64, near in 0u64..3, single: bool) {
        let facts = facts();
        for finops in [Origin::New, Origin::Existing] {
            for dataverse in [Origin::New, Origin::Existing] {
                for rows in [rows, rows % 600_000, 69_999 + near, 499_999 + near] {
                    let covering: Vec<&GuidanceRow> = facts
                        .guidance_rows()
                        .iter()
                        .filter(|row| row.covers(finops, dataverse, true, rows, single))
                        .collect();
                    proptest::prop_assert!(!covering.is_empty(), "{finops:?} {dataverse:?} {rows} {single}");
                    proptest::prop_assert!(covering.iter().all(|row| row.approach == covering[0].approach));
                }
            }
        }
    }
}

#[test]
fn the_six_scenarios_start_and_end_as_documented() {
    let facts = facts();
    let ids: Vec<&str> = facts.scenarios().iter().map(|own| &*own.id).collect();
    assert_eq!(
        ids,
        ["new-new", "new-existing", "new-data-new", "new-data-existing", "existing-new", "existing-existing"]
    );
    for scenario in facts.scenarios() {
        for profile in ProfileId::ALL {
            let outcome = scenario.outcome(profile).unwrap();
            let rules = facts.profile(profile);
            let entry = match scenario.finops {
                Origin::New => rules.new_finops_entry.value,
                Origin::Existing => rules.existing_finops_entry.value,
            };
            assert_eq!(outcome.entry, entry, "{} in {profile}", scenario.id);
            let brings_prime = outcome.automatic.iter().any(|id| &**id == "A2");
            let both_new = scenario.finops == Origin::New && scenario.dataverse == Origin::New;
            assert_eq!(brings_prime, both_new, "{} in {profile}", scenario.id);
            let runs = outcome.automatic.iter().any(|id| &**id == "A4");
            assert_eq!(outcome.maps_running, runs, "{} in {profile}", scenario.id);
        }
    }
    let all = facts.scenario("existing-existing").unwrap().outcome(ProfileId::Docs2026).unwrap();
    assert_eq!(all.companies, LinkedCompanies::All);
    assert!(facts.scenario("new-new").unwrap().outcome(ProfileId::Docs2026).unwrap().passes.is_empty());
}

#[test]
fn numbers_of_the_two_sides_never_meet() {
    let facts = facts();
    let (finops, dataverse): (Vec<_>, Vec<_>) =
        facts.number_sequences().iter().partition(|own| own.side == Side::FinOps);
    for own in &finops {
        for other in &dataverse {
            assert_eq!(own.parse(&other.format(0)), None, "{} and {}", own.id, other.id);
            assert_eq!(other.parse(&own.format(0)), None, "{} and {}", own.id, other.id);
        }
    }
    assert_eq!(facts.number_sequence(Side::FinOps, "cdsparties").unwrap().format(0), "000000001");
    assert_eq!(facts.number_sequence(Side::Dataverse, "CDSParties").map(|own| &own.id), None);
}

#[test]
fn parties_companies_and_regions_are_found() {
    let facts = facts();
    let vendor = facts.party_carrier(Side::Dataverse, "msdyn_vendor").unwrap();
    assert_eq!(vendor.party_type, PartyTypeRule::IsPerson("msdyn_isperson".into()));
    let contact = facts.party_carrier(Side::Dataverse, "contact").unwrap();
    assert_eq!(contact.only_when.as_deref(), Some("msdyn_sellable"));
    assert_eq!(facts.company().default_company.as_str(), "DAT");
    let effects: Vec<CompanyEffectKind> = facts.company_effects().iter().map(|own| own.id).collect();
    assert_eq!(effects.last(), Some(&CompanyEffectKind::DefaultOwningTeam));
    assert_eq!(facts.region_of("west us").map(|own| &*own.id), Some("United States"));
    assert_eq!(facts.regions().len(), 14);
    assert_eq!(facts.application_users().iter().filter(|own| own.writes_rows).count(), 1);
    assert!(facts.column_references().iter().any(|(_, side, table, column)| {
        *side == Side::FinOps && table.as_str() == "VendorsV2" && column.as_str() == "VendorOrganizationName"
    }));
}
