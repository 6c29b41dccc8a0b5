//! Documented figures: how many rows, how long, how fast. All of them whole numbers.

use super::{error::FactError, profiles::ProfileId};
use dwsim_model::{Name, VirtualDuration};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Rows.
    Rows,
    /// Rows in 24 hours, that is in 1,440 minutes: the one unit in which all documented speeds are whole.
    RowsPerDay,
    /// Legal entities.
    LegalEntities,
    /// Lookup columns.
    Lookups,
    /// Errors.
    Errors,
    /// Attempts or requests.
    Attempts,
    /// Environments.
    Environments,
    /// Characters.
    Characters,
    /// Decimal places.
    Decimals,
    /// Bytes; a megabyte is 1,000,000 of them.
    Bytes,
    /// Seconds.
    Seconds,
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
    /// Days of 24 hours.
    Days,
}

/// A documented figure, or a documented warning without a figure.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitFact {
    /// Stable id, such as `L1` or `LIVE-ROWS`.
    pub id: Name,
    /// What is limited.
    pub name: Box<str>,
    /// The figure. Absent for a warning, and for a limit the current pages no longer have.
    #[serde(default)]
    pub value: Option<u64>,
    /// What the figure counts. Absent for a warning.
    #[serde(default)]
    pub unit: Option<Unit>,
    /// Figures of profiles that differ.
    #[serde(default)]
    pub per_profile: BTreeMap<ProfileId, u64>,
    /// Profiles that do not have this limit.
    #[serde(default)]
    pub absent_in: Vec<ProfileId>,
    /// What happens beyond it.
    pub effect: Box<str>,
    /// Why no scenario shows it; absent where one does.
    #[serde(default)]
    pub not_shown: Option<Box<str>>,
    /// Tags of sources.toml.
    pub source: Vec<Name>,
}

impl LimitFact {
    /// The figure in a profile, in [`LimitFact::unit`].
    pub fn value_in(&self, profile: ProfileId) -> Option<u64> {
        if self.absent_in.contains(&profile) {
            return None;
        }
        self.per_profile.get(&profile).copied().or(self.value)
    }
}

/// A speed, exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    rows_per_day: u64,
}

impl Rate {
    /// Rows in 24 hours.
    pub const fn rows_per_day(self) -> u64 {
        self.rows_per_day
    }

    /// How long this many rows take, rounded up to a whole millisecond.
    ///
    /// The documented row limit of a 24 hour timeout takes exactly 24 hours, so one row more is too late.
    pub fn time_for(self, rows: u64) -> VirtualDuration {
        let millis = (u128::from(rows) * 86_400_000).div_ceil(u128::from(self.rows_per_day.max(1)));
        VirtualDuration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
    }
}

/// The figures of one profile that rules need. A fact counts as exceeded only above its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rows one initial sync may move for one legal entity.
    pub max_rows_per_legal_entity: u64,
    /// Rows of a single-threaded table that initial sync can import into F&O in time.
    pub max_single_threaded_rows: u64,
    /// How long an import into F&O may take.
    pub import_timeout: VirtualDuration,
    /// How long an export from F&O may take.
    pub export_timeout: VirtualDuration,
    /// Legal entities at the time of linking; absent when linking has no limit of its own.
    pub max_legal_entities_link: Option<u64>,
    /// Legal entities with which initial sync works.
    pub max_legal_entities_initial: u64,
    /// Legal entities with which live sync works.
    pub max_legal_entities_live: u64,
    /// Lookups of a map with which an export from Dataverse works.
    pub max_lookups: u64,
    /// Errors shown of all that occurred.
    pub shown_errors: u64,
    /// Initial sync from F&O to Dataverse.
    pub rate_to_dataverse: Rate,
    /// Initial sync from Dataverse to F&O, single-threaded tables.
    pub rate_to_finops_single_threaded: Rate,
    /// Initial sync from Dataverse to F&O, all other tables.
    pub rate_to_finops_multi_threaded: Rate,
    /// How long a map may be paused.
    pub pause_max_age: VirtualDuration,
    /// Bytes that may wait in the queue of a paused map; absent when the profile's pages name none.
    pub pause_max_bytes: Option<u64>,
    /// How long errors of a catch-up are kept.
    pub catch_up_retention: VirtualDuration,
    /// Bytes of Dataverse database capacity that set-up needs to be free.
    pub setup_capacity: u64,
    /// What configuring dual-write in Lifecycle Services takes.
    pub lcs_configure: VirtualDuration,
    /// What linking in Lifecycle Services takes.
    pub lcs_link: VirtualDuration,
    /// What adding a new Dataverse to an environment takes. Our assumption for "a few minutes".
    pub provision_new_dataverse: VirtualDuration,
    /// What connecting an existing Dataverse takes. Our assumption.
    pub connect_existing_dataverse: VirtualDuration,
    /// What creating an empty F&O environment takes. Our assumption.
    pub provision_finops: VirtualDuration,
    /// How often an export asks Dataverse for a page before it gives up.
    pub dv_export_attempts: u64,
    /// Rows of one live transaction from F&O to Dataverse.
    pub rows_per_live_transaction: u64,
    /// Requests waiting for an asynchronous job.
    pub async_requests: u64,
    /// Rows of one such request.
    pub async_rows: u64,
    /// Bytes of one live transaction from Dataverse to F&O.
    pub live_payload_bytes: u64,
    /// How long one live transaction may take.
    pub live_transaction_time: VirtualDuration,
    /// The same from Dataverse to F&O once it was raised on request.
    pub live_transaction_time_extended: VirtualDuration,
    /// What refreshing the entity list takes.
    pub refresh_entity_list: VirtualDuration,
    /// How long a request to the dual-write service may take.
    pub service_request_timeout: VirtualDuration,
    /// Occurrences in the documented alert rule.
    pub alert_example_errors: u64,
    /// Interval of the documented alert rule.
    pub alert_example_interval: VirtualDuration,
    /// Decimal places of currency columns once they were migrated.
    pub currency_decimals: u64,
    /// Decimal places of exchange rates once they were migrated.
    pub exchange_rate_decimals: u64,
}

/// Reads the figures of one profile out of the facts.
pub(super) struct Figures<'a> {
    pub(super) file: &'static str,
    pub(super) facts: &'a [LimitFact],
    pub(super) profile: ProfileId,
}

impl Figures<'_> {
    pub(super) fn limits(&self) -> Result<Limits, FactError> {
        Ok(Limits {
            max_rows_per_legal_entity: self.count("L1", Unit::Rows)?,
            max_single_threaded_rows: self.count("L3", Unit::Rows)?,
            import_timeout: self.time("L2")?,
            export_timeout: self.time("L7")?,
            max_legal_entities_link: self.optional("L4-link", Unit::LegalEntities)?,
            max_legal_entities_initial: self.count("L4", Unit::LegalEntities)?,
            max_legal_entities_live: self.count("L5", Unit::LegalEntities)?,
            max_lookups: self.count("L6", Unit::Lookups)?,
            shown_errors: self.count("L8", Unit::Errors)?,
            rate_to_dataverse: self.rate("L9-to-dataverse")?,
            rate_to_finops_single_threaded: self.rate("L9-to-finops-single-threaded")?,
            rate_to_finops_multi_threaded: self.rate("L9-to-finops-multi-threaded")?,
            pause_max_age: self.time("L10-age")?,
            pause_max_bytes: self.optional("L10-size", Unit::Bytes)?,
            catch_up_retention: self.time("L11")?,
            setup_capacity: self.count("P1", Unit::Bytes)?,
            lcs_configure: self.time("L12-configure")?,
            lcs_link: self.time("L12-link")?,
            provision_new_dataverse: self.time("PROVISION-NEW-DATAVERSE")?,
            connect_existing_dataverse: self.time("CONNECT-EXISTING-DATAVERSE")?,
            provision_finops: self.time("PROVISION-FINOPS")?,
            dv_export_attempts: self.count("L6-attempts", Unit::Attempts)?,
            rows_per_live_transaction: self.count("LIVE-ROWS", Unit::Rows)?,
            async_requests: self.count("ASYNC-REQUESTS", Unit::Attempts)?,
            async_rows: self.count("ASYNC-ROWS", Unit::Rows)?,
            live_payload_bytes: self.count("LIVE-PAYLOAD", Unit::Bytes)?,
            live_transaction_time: self.time("LIVE-TIME")?,
            live_transaction_time_extended: self.time("LIVE-TIME-EXTENDED")?,
            refresh_entity_list: self.time("L13")?,
            service_request_timeout: self.time("L14-timeout")?,
            alert_example_errors: self.count("L17-errors", Unit::Errors)?,
            alert_example_interval: self.time("L17-interval")?,
            currency_decimals: self.count("CURRENCY-DECIMALS-MAX", Unit::Decimals)?,
            exchange_rate_decimals: self.count("EXCHANGE-RATE-DECIMALS", Unit::Decimals)?,
        })
    }

    fn fact(&self, id: &str) -> Result<&LimitFact, FactError> {
        let fact = self.facts.iter().find(|fact| &*fact.id == id);
        fact.ok_or_else(|| FactError::record(self.file, id, "rules need this limit, add it"))
    }

    fn optional(&self, id: &str, unit: Unit) -> Result<Option<u64>, FactError> {
        let fact = self.fact(id)?;
        if fact.unit == Some(unit) {
            return Ok(fact.value_in(self.profile));
        }
        Err(FactError::record(self.file, id, format!("the unit has to be {unit:?}, not {:?}", fact.unit)))
    }

    fn count(&self, id: &str, unit: Unit) -> Result<u64, FactError> {
        self.optional(id, unit)?.ok_or_else(|| {
            FactError::record(self.file, id, format!("no value for profile {}, give one", self.profile))
        })
    }

    fn rate(&self, id: &str) -> Result<Rate, FactError> {
        let rows_per_day = self.count(id, Unit::RowsPerDay)?;
        if rows_per_day == 0 {
            return Err(FactError::record(self.file, id, "a speed of zero never ends, use one row or more"));
        }
        Ok(Rate { rows_per_day })
    }

    fn time(&self, id: &str) -> Result<VirtualDuration, FactError> {
        let fact = self.fact(id)?;
        let value = fact.value_in(self.profile).unwrap_or(0);
        let time = match fact.unit {
            Some(Unit::Seconds) => VirtualDuration::from_secs(value),
            Some(Unit::Minutes) => VirtualDuration::from_mins(value),
            Some(Unit::Hours) => VirtualDuration::from_hours(value),
            Some(Unit::Days) => VirtualDuration::from_hours(value.saturating_mul(24)),
            other => {
                let reason = format!("the unit has to be seconds, minutes, hours or days, not {other:?}");
                return Err(FactError::record(self.file, id, reason));
            }
        };
        if time == VirtualDuration::ZERO {
            let reason = format!("no time above zero for profile {}, give one", self.profile);
            return Err(FactError::record(self.file, id, reason));
        }
        Ok(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_exact_at_its_limit() {
        let day = VirtualDuration::from_hours(24);
        assert_eq!(Rate { rows_per_day: 70_000 }.time_for(70_000), day);
        assert!(Rate { rows_per_day: 70_000 }.time_for(70_001) > day);
        assert_eq!(Rate { rows_per_day: 144_000 }.time_for(1_000), VirtualDuration::from_mins(10));
        assert_eq!(Rate { rows_per_day: 1 }.time_for(u64::MAX), VirtualDuration::from_millis(u64::MAX));
        assert_eq!(Rate { rows_per_day: 144_000 }.time_for(0), VirtualDuration::ZERO);
    }
}
