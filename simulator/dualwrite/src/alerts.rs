//! Alert settings: errors of live sync counted over a sliding window, and what is done when they are too many.

use crate::{
    engine::Engine,
    refusal::EngineError,
    status::{Action, MapStatus},
};
use dwsim_model::{EventKind, Journal, MapId, Name, VirtualDuration};
use jiff::Timestamp;

/// What is done when a rule fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertAction {
    /// Somebody is told.
    Notify,
    /// The map is paused, and somebody is told.
    Pause,
    /// The map is stopped, and somebody is told.
    Stop,
}

impl AlertAction {
    /// As people read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Notify => "notify",
            Self::Pause => "pause",
            Self::Stop => "stop",
        }
    }
}

/// One alert setting. It takes effect when a map starts after it was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertSetting {
    /// Its name.
    pub name: String,
    /// Whether it counts.
    pub active: bool,
    /// Ids of the error types it counts; all of them when none is named.
    pub error_types: Vec<Name>,
    /// So many errors ...
    pub count: u64,
    /// ... within this time.
    pub interval: VirtualDuration,
    /// What is done.
    pub action: AlertAction,
    /// Addresses of people and groups that are told.
    pub notify: Vec<String>,
}

impl AlertSetting {
    /// A setting that is active, counts errors of any type and tells nobody by address.
    pub fn new(name: &str, count: u64, interval: VirtualDuration, action: AlertAction) -> Self {
        Self {
            name: name.to_owned(),
            active: true,
            error_types: Vec::new(),
            count,
            interval,
            action,
            notify: Vec::new(),
        }
    }

    fn counts(&self, error_type: &Name) -> bool {
        self.error_types.is_empty() || self.error_types.contains(error_type)
    }
}

/// What somebody is told when an alert fires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The alert setting.
    pub alert: String,
    /// The map that breached it.
    pub map: MapId,
    /// Ids of the error types it counts; all when empty.
    pub error_types: Vec<Name>,
    /// Errors counted.
    pub errors: u64,
    /// The time they were counted over.
    pub interval: VirtualDuration,
    /// What is done.
    pub action: AlertAction,
    /// Who is told.
    pub notify: Vec<String>,
    /// When, in virtual time.
    pub at: Timestamp,
}

/// The rules a map runs under, and the errors they count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch {
    rules: Vec<AlertSetting>,
    errors: Vec<(Timestamp, Name)>,
    fired: Vec<String>,
}

impl Watch {
    /// Keeps an error as long as a rule can count it.
    fn note(&mut self, at: Timestamp, error_type: Name) {
        self.errors.push((at, error_type));
        let longest = self.rules.iter().map(|rule| rule.interval).max().unwrap_or_default();
        self.errors.retain(|error| age(at, error.0) < longest);
    }

    /// Errors a rule counts at a moment.
    fn counted(&self, rule: &AlertSetting, at: Timestamp) -> u64 {
        let young = |error: &&(Timestamp, Name)| age(at, error.0) < rule.interval && rule.counts(&error.1);
        self.errors.iter().filter(young).count() as u64
    }
}

fn age(now: Timestamp, then: Timestamp) -> VirtualDuration {
    VirtualDuration::from_millis(u64::try_from(now.duration_since(then).as_millis()).unwrap_or(0))
}

impl Engine {
    /// Saves an alert setting; a setting of the same name is replaced. Maps that run do not know it yet.
    pub fn set_alert(&mut self, setting: AlertSetting) -> Result<(), EngineError> {
        let types = self.catalog.facts().error_types();
        for wanted in &setting.error_types {
            if !types.iter().any(|own| own.id == *wanted) {
                let known: Vec<&str> = types.iter().map(|own| own.id.as_str()).collect();
                let arguments = [("type", wanted.as_str()), ("known", &known.join(", "))];
                return Err(self.messages().failure("SIM-ALERT-ERROR-TYPE", &arguments).into());
            }
        }
        self.alerts.retain(|own| own.name != setting.name);
        self.alerts.push(setting);
        Ok(())
    }

    /// Notifications of alerts that fired since this was asked last, oldest first. Whoever asks sends them.
    pub fn take_notifications(&mut self) -> Vec<Notification> {
        std::mem::take(&mut self.notifications)
    }

    /// A map starts: from now on it is watched under the settings there are.
    pub(crate) fn watch(&mut self, map: &MapId) {
        let rules = self.alerts.iter().filter(|own| own.active).cloned().collect();
        if let Some(state) = self.states.get_mut(map) {
            state.watch = Watch { rules, errors: Vec::new(), fired: Vec::new() };
        }
    }

    /// An error of live sync happened under a map; `code` is the message at its heart. A rule fires once until the map is
    /// started again (decision Q25), and only for the map that breached it (decision Q26).
    pub fn note_error(
        &mut self,
        map: &MapId,
        code: &str,
        at: Timestamp,
        journal: &mut Journal,
    ) -> Result<(), EngineError> {
        let error_type = self.catalog.facts().error_type_of(code);
        let state = self.state_mut(map)?;
        state.watch.note(at, error_type);
        let watch = &state.watch;
        let due: Vec<(AlertSetting, u64)> = watch
            .rules
            .iter()
            .filter(|rule| !watch.fired.contains(&rule.name))
            .map(|rule| (rule.clone(), watch.counted(rule, at)))
            .filter(|(rule, errors)| *errors >= rule.count)
            .collect();
        state.watch.fired.extend(due.iter().map(|(rule, _)| rule.name.clone()));
        for (rule, errors) in due {
            self.fire(map, rule, errors, at, journal)?;
        }
        Ok(())
    }

    fn fire(
        &mut self,
        map: &MapId,
        rule: AlertSetting,
        errors: u64,
        at: Timestamp,
        journal: &mut Journal,
    ) -> Result<(), EngineError> {
        let (count, interval) = (rule.count.to_string(), rule.interval.to_string());
        let message = match rule.action {
            AlertAction::Notify => "SIM-ALERT-NOTIFIED",
            AlertAction::Pause => "SIM-ALERT-PAUSED",
            AlertAction::Stop => "SIM-ALERT-STOPPED",
        };
        let arguments =
            [("map", map.as_str()), ("alert", &rule.name), ("count", &count), ("interval", &interval)];
        let text = self.messages().text(message, &arguments);
        journal.record(at, EventKind::Notice { about: map.to_string(), text });
        if self.status(map) == Some(MapStatus::Running) {
            // The system user does it, and the activity log says so (decision Q35).
            match rule.action {
                AlertAction::Notify => {}
                AlertAction::Pause => {
                    self.act(map, Action::Pause, "Pause by alert", at, journal)?;
                    self.state_mut(map)?.paused_since = Some(at);
                }
                AlertAction::Stop => self.act(map, Action::Stop, "Stop by alert", at, journal)?,
            }
        }
        self.notifications.push(Notification {
            alert: rule.name,
            map: map.clone(),
            error_types: rule.error_types,
            errors,
            interval: rule.interval,
            action: rule.action,
            notify: rule.notify,
            at,
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dwsim_model::epoch;

    fn after(minutes: u64) -> Timestamp {
        let seconds = i64::try_from(minutes * 60).unwrap_or(0);
        epoch() + jiff::SignedDuration::from_secs(seconds)
    }

    fn watching(minutes: u64, types: &[&str]) -> (Watch, AlertSetting) {
        let mut rule = AlertSetting::new("R", 2, VirtualDuration::from_mins(minutes), AlertAction::Notify);
        rule.error_types = types.iter().map(|id| Name::from(*id)).collect();
        (Watch { rules: vec![rule.clone()], ..Watch::default() }, rule)
    }

    #[test]
    fn errors_count_within_the_window_and_by_their_type() {
        let (mut watch, rule) = watching(15, &["a"]);
        watch.note(after(0), "a".into());
        watch.note(after(1), "b".into());
        watch.note(after(14), "a".into());
        assert_eq!(watch.counted(&rule, after(14)), 2);
        assert_eq!(watch.counted(&rule, after(15)), 1, "the window ends before the fifteenth minute is over");
    }

    #[test]
    fn errors_no_rule_can_count_any_more_are_not_kept() {
        let (mut watch, _) = watching(15, &[]);
        for minute in 0..1_000 {
            watch.note(after(minute), "a".into());
        }
        assert_eq!(watch.errors.len(), 15);
        let mut unwatched = Watch::default();
        unwatched.note(after(0), "a".into());
        assert!(unwatched.errors.is_empty());
    }
}
