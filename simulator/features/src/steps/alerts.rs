//! Alert settings with error types, and whom an alert that fires tells what.

use crate::{
    arguments::{Arguments, duration},
    definition::{Definition, Told, given, same, then},
    world::World,
};
use dwsim_dualwrite::{AlertAction, AlertSetting};
use dwsim_model::Name;

pub(crate) const STEPS: &[Definition] = &[
    given("this/these alert setting(s):", EXAMPLE, settings),
    then(
        "alert {string} tells {string} of {int} error(s) of {string}",
        "alert \"Throttling\" tells \"ops@contoso.com\" of 3 errors of \"Customer groups\"",
        tells,
    ),
    then("no alert tells anybody", "no alert tells anybody", tells_nobody),
];

const EXAMPLE: &str = "this alert setting:\n| name | types | errors | within | action | tells |\n| Throttling | too-many-requests | 3 | 15 minutes | notify | ops@contoso.com |";

/// One line a setting: `types` are ids of error types, blank for all; `state` is active unless it says inactive.
fn settings(world: &mut World, given: &Arguments) -> Told {
    for line in given.lines()? {
        let of =
            |name: &str| line.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value.as_str());
        let list = |text: &str| -> Vec<String> {
            text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
        };
        let action = match of("action") {
            "notify" => AlertAction::Notify,
            "pause" => AlertAction::Pause,
            "stop" => AlertAction::Stop,
            other => return Err(format!("an alert does notify, pause or stop, not {other}")),
        };
        let errors = of("errors").parse().map_err(|_| "errors is a number".to_owned())?;
        let mut setting = AlertSetting::new(of("name"), errors, duration(of("within"))?, action);
        setting.active = match of("state") {
            "" | "active" => true,
            "inactive" => false,
            other => return Err(format!("an alert setting is active or inactive, not {other}")),
        };
        setting.error_types = list(of("types")).iter().map(|id| Name::from(id.as_str())).collect();
        setting.notify = list(of("tells"));
        world.act(|tenant| tenant.set_alert(setting))?;
    }
    Ok(())
}

/// The oldest notification nobody has looked at.
fn tells(world: &mut World, given: &Arguments) -> Told {
    let map = crate::names::map(world.tenant()?, given.text(3))?;
    let mut sent = world.tenant()?.engine_mut().take_notifications();
    if sent.is_empty() {
        return Err("no alert told anybody".into());
    }
    let first = sent.remove(0);
    same("the alert", &first.alert.as_str(), &given.text(0))?;
    same("who is told", &first.notify.join(", ").as_str(), &given.text(1))?;
    same("errors", &first.errors, &given.number(2)?)?;
    same("the table map", &first.map, &map)
}

fn tells_nobody(world: &mut World, _: &Arguments) -> Told {
    let sent = world.tenant()?.engine_mut().take_notifications();
    same("notifications", &sent.len(), &0)
}
