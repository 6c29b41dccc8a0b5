//! Alert settings over the admin routes.

use dwsim_dualwrite::{AlertAction, AlertSetting, RunOptions};
use dwsim_model::VirtualDuration;
use dwsim_tenant::Tenant;
use serde::{Deserialize, Serialize};

/// An alert setting as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Asked {
    name: String,
    #[serde(default = "yes")]
    active: bool,
    #[serde(default)]
    error_types: Vec<String>,
    errors: u64,
    interval_seconds: u64,
    action: Action,
    #[serde(default)]
    notify: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Notify,
    Pause,
    Stop,
}

fn yes() -> bool {
    true
}

/// How a setting is written.
const EXAMPLE: &str = "{\"name\": \"Errors\", \"errorTypes\": [\"application-error\"], \"errors\": 10, \"intervalSeconds\": 900, \"action\": \"pause\", \"notify\": [\"ops@contoso.com\"]}";

impl Asked {
    /// Reads what is asked for.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let own: Self = serde_json::from_slice(bytes).map_err(|error| format!("{error}; write {EXAMPLE}"))?;
        if own.name.is_empty() || own.name.len() > 100 || own.notify.len() > 100 || own.errors == 0 {
            return Err(format!(
                "a setting has a name of at most 100 bytes, tells at most 100 addresses and counts one error or more; write {EXAMPLE}"
            ));
        }
        Ok(own)
    }

    /// Saves it.
    pub(crate) fn save(&self, tenant: &mut Tenant) -> Result<(), String> {
        let action = match self.action {
            Action::Notify => AlertAction::Notify,
            Action::Pause => AlertAction::Pause,
            Action::Stop => AlertAction::Stop,
        };
        let interval = VirtualDuration::from_secs(self.interval_seconds);
        let mut setting = AlertSetting::new(&self.name, self.errors, interval, action);
        setting.active = self.active;
        setting.error_types = self.error_types.iter().map(|id| id.as_str().into()).collect();
        setting.notify.clone_from(&self.notify);
        tenant.set_alert(setting).map_err(|error| error.to_string())
    }
}

/// Starts a map again without initial sync, so that it is watched under the settings there are.
pub(crate) fn restart(tenant: &mut Tenant, map: &str) -> Result<(), String> {
    tenant.stop_map(map).map_err(|error| error.to_string())?;
    let options = RunOptions { initial_sync: false, ..RunOptions::default() };
    tenant.run_map(map, options).map(drop).map_err(|error| error.to_string())
}
