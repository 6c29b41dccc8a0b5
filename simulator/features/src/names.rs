//! Table maps by what people call them.

use dwsim_model::MapId;
use dwsim_tenant::Tenant;

/// The map of this name: its id, its F&O entity as the list shows it, or both sides as in `Customers V3 (accounts)`.
pub(crate) fn map(tenant: &Tenant, name: &str) -> Result<MapId, String> {
    if let Ok(id) = tenant.map_id(name) {
        return Ok(id);
    }
    let (entity, set) = match name.split_once('(') {
        Some((entity, rest)) => (entity.trim(), Some(rest.trim_end_matches(')').trim())),
        None => (name.trim(), None),
    };
    let found: Vec<(&MapId, String)> = tenant
        .engine()
        .maps()
        .iter()
        .filter(|(_, state)| {
            let map = &state.compiled.map;
            map.entity_label.eq_ignore_ascii_case(entity)
                && set.is_none_or(|set| map.entity_set.eq_ignore_ascii_case(set))
        })
        .map(|(id, state)| {
            (id, format!("{} ({})", state.compiled.map.entity_label, state.compiled.map.entity_set))
        })
        .collect();
    match found.as_slice() {
        [(id, _)] => Ok((*id).clone()),
        [] => {
            let shown: Vec<String> = tenant
                .engine()
                .maps()
                .values()
                .map(|state| {
                    format!("{} ({})", state.compiled.map.entity_label, state.compiled.map.entity_set)
                })
                .collect();
            let near = dwsim_model::nearest(name, shown.iter().map(String::as_str));
            let hint = near.map_or_else(String::new, |near| format!("; did you mean '{near}'?"));
            Err(format!("there is no table map '{name}'{hint}"))
        }
        several => {
            let names: Vec<&str> = several.iter().map(|(_, name)| name.as_str()).collect();
            Err(format!("'{name}' can be {}; write one of them", names.join(" or ")))
        }
    }
}
