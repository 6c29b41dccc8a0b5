//! Alert settings: errors of live sync counted over a sliding window, and what is done when they are too many.

use crate::{
    engine::Engine,
    refusal::EngineError,
    status::{Action, MapStatus},
};
use dwsim_model::{EventKind, Journal, MapId, VirtualDuration};
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

/// One alert setting. It takes effect when a map starts after it was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertSetting {
    /// Its name.
    pub name: String,
    /// So many application errors ...
    pub count: u64,
    /// ... within this time.
    pub interval: VirtualDuration,
    /// What is done.
    pub action: AlertAction,
}

/// The rules a map runs under, and the errors they count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch {
    rules: Vec<AlertSetting>,
    errors: Vec<Timestamp>,
    fired: Vec<String>,
}

impl Engine {
    /// Saves an alert setting; a setting of the same name is replaced. Maps that run do not know it yet.
    pub fn set_alert(&mut self, setting: AlertSetting) {
        self.alerts.retain(|own| own.name != setting.name);
        self.alerts.push(setting);
    }

    /// A map starts: from now on it is watched under the settings there are.
    pub(crate) fn watch(&mut self, map: &MapId) {
        let rules = self.alerts.clone();
        if let Some(state) = self.states.get_mut(map) {
            state.watch = Watch { rules, errors: Vec::new(), fired: Vec::new() };
        }
    }

    /// An application error of live sync happened under a map. A rule fires once until the map is started again
    /// (decision Q25), and only for the map that breached it (decision Q26).
    pub fn note_error(
        &mut self,
        map: &MapId,
        at: Timestamp,
        journal: &mut Journal,
    ) -> Result<(), EngineError> {
        let state = self.state_mut(map)?;
        state.watch.errors.push(at);
        let within = |interval: VirtualDuration, errors: &[Timestamp]| {
            let young = |error: &&Timestamp| {
                u64::try_from(at.duration_since(**error).as_millis()).unwrap_or(0) < interval.as_millis()
            };
            errors.iter().filter(young).count() as u64
        };
        let due: Vec<AlertSetting> = state
            .watch
            .rules
            .iter()
            .filter(|rule| !state.watch.fired.contains(&rule.name))
            .filter(|rule| within(rule.interval, &state.watch.errors) >= rule.count)
            .cloned()
            .collect();
        state.watch.fired.extend(due.iter().map(|rule| rule.name.clone()));
        for rule in due {
            let (count, interval) = (rule.count.to_string(), rule.interval.to_string());
            let text = match rule.action {
                AlertAction::Pause => self.messages().text(
                    "SIM-ALERT-PAUSED",
                    &[("map", map), ("alert", &rule.name), ("count", &count), ("interval", &interval)],
                ),
                _ => format!("alert {}: {count} application errors within {interval}", rule.name),
            };
            journal.record(at, EventKind::Notice { about: map.to_string(), text });
            if self.status(map) != Some(MapStatus::Running) {
                continue;
            }
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
        Ok(())
    }
}
