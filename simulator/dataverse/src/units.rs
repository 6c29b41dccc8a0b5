//! Unit groups: each unit class of F&O becomes one, and its first unit is the base of the others.

use crate::{Dataverse, EnvError};
use dwsim_model::Value;
use jiff::Timestamp;

impl Dataverse {
    /// The group of a new unit, its base unit and whether it is the base unit itself. The group of a class is made
    /// with its first unit. A unit without class has no group.
    pub(crate) fn unit_group(
        &self,
        class: &Value,
        name: &Value,
        now: Timestamp,
    ) -> Result<[Value; 3], EnvError> {
        let rule = &self.rules.unit_group;
        if class.is_blank() {
            return Ok([Value::Null, Value::Null, Value::Null]);
        }
        let (groups, _) = self.indexed(&rule.group_table)?;
        let (units, _) = self.indexed(&rule.table)?;
        let Some(group) = self.find_id(groups, &[(&rule.group_class_column, class.clone())])? else {
            let group = self.next_id(groups);
            let values = vec![
                (rule.group_name_column.as_str(), class.clone()),
                (rule.group_class_column.as_str(), class.clone()),
                (rule.group_base_column.as_str(), name.clone()),
                (rule.group_note_column.as_str(), Value::text(rule.group_note.clone())),
            ];
            self.plant(groups, group, values, now)?;
            return Ok([Value::Guid(group), Value::Null, Value::Bool(true)]);
        };
        let of_group = [
            (rule.group_column.as_str(), Value::Guid(group)),
            (rule.base_flag_column.as_str(), Value::Bool(true)),
        ];
        let base = self.find_id(units, &of_group)?;
        Ok([Value::Guid(group), base.map_or(Value::Null, Value::Guid), Value::Bool(base.is_none())])
    }
}
