//! What a step was given: the values in its words, the table and the text below it.

use dwsim_model::{CompanyCode, MapId, Name, Side, VirtualDuration};

/// One line of a table by the names of its columns.
pub type Line = Vec<(String, String)>;

/// What a step was given.
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    values: Vec<String>,
    table: Option<Vec<Vec<String>>>,
    text: Option<String>,
}

impl Arguments {
    pub(crate) fn new(values: Vec<String>, table: Option<Vec<Vec<String>>>, text: Option<String>) -> Self {
        Self { values, table, text }
    }

    /// The value at a place, counted from 0.
    pub fn text(&self, place: usize) -> &str {
        self.values.get(place).map_or("", String::as_str)
    }

    /// A number.
    pub fn number(&self, place: usize) -> Result<u64, String> {
        let text = self.text(place).replace([',', ' ', '_'], "");
        text.parse().map_err(|_| format!("'{text}' is not a whole number"))
    }

    /// Names in a list such as `DAT, USMF and DEMF`, as written.
    pub fn names(&self, place: usize) -> Vec<String> {
        names(self.text(place))
    }

    /// Companies in a list.
    pub fn companies(&self, place: usize) -> Result<Vec<CompanyCode>, String> {
        self.names(place).iter().map(|name| company(name)).collect()
    }

    /// A company.
    pub fn company(&self, place: usize) -> Result<CompanyCode, String> {
        company(self.text(place))
    }

    /// Table maps in a list.
    pub fn maps(&self, place: usize) -> Vec<MapId> {
        self.names(place).iter().map(|name| name.as_str().into()).collect()
    }

    /// A side.
    pub fn side(&self, place: usize) -> Result<Side, String> {
        match self.text(place) {
            "F&O" => Ok(Side::FinOps),
            "Dataverse" => Ok(Side::Dataverse),
            other => Err(format!("a side is F&O or Dataverse, not '{other}'")),
        }
    }

    /// A span of time such as `5 minutes 1 second`.
    pub fn duration(&self, place: usize) -> Result<VirtualDuration, String> {
        duration(self.text(place))
    }

    /// The text below the step.
    pub fn document(&self) -> Result<&str, String> {
        self.text
            .as_deref()
            .map(str::trim)
            .ok_or_else(|| "write the text below this step, between \"\"\"".to_owned())
    }

    /// The table below the step; its first line names the columns.
    pub fn lines(&self) -> Result<Vec<Line>, String> {
        let table =
            self.table.as_ref().ok_or("write a table below this step; its first line names the columns")?;
        let (head, rows) = table.split_first().ok_or("the table is empty")?;
        Ok(rows.iter().map(|row| head.iter().cloned().zip(row.iter().cloned()).collect()).collect())
    }

    /// The only column of the table below the step, without a headline.
    pub fn column(&self) -> Result<Vec<String>, String> {
        let table = self.table.as_ref().ok_or("write a table of one column below this step")?;
        Ok(table.iter().filter_map(|row| row.first().cloned()).collect())
    }

    /// Names of columns in a list.
    pub fn columns(&self, place: usize) -> Vec<Name> {
        self.names(place).iter().map(|name| name.as_str().into()).collect()
    }
}

/// Names in a list such as `DAT, USMF and DEMF`, as written.
pub(crate) fn names(list: &str) -> Vec<String> {
    list.split(',')
        .flat_map(|part| part.split(" and "))
        .map(|name| name.trim().trim_start_matches("and ").to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

fn company(text: &str) -> Result<CompanyCode, String> {
    text.parse().map_err(|error: dwsim_model::CompanyCodeError| error.to_string())
}

pub(crate) fn duration(text: &str) -> Result<VirtualDuration, String> {
    let bad = || {
        format!("'{text}' is no span of time; write it like 1 day, 2 hours 30 minutes or 5 minutes 1 second")
    };
    let mut total = VirtualDuration::ZERO;
    let words: Vec<&str> = text.split_whitespace().collect();
    for pair in words.chunks(2) {
        let [number, unit] = pair else { return Err(bad()) };
        let number: u64 = number.parse().map_err(|_| bad())?;
        total = total.plus(match unit.trim_end_matches('s') {
            "millisecond" => VirtualDuration::from_millis(number),
            "second" => VirtualDuration::from_secs(number),
            "minute" => VirtualDuration::from_mins(number),
            "hour" => VirtualDuration::from_hours(number),
            "day" => VirtualDuration::from_hours(number.saturating_mul(24)),
            _ => return Err(bad()),
        });
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_people_write_them() {
        assert_eq!(names("USMF, DAT and DEMF"), ["USMF", "DAT", "DEMF"]);
        assert_eq!(names("USMF, DAT, and DEMF"), ["USMF", "DAT", "DEMF"]);
        assert!(names("").is_empty());
    }

    #[test]
    fn spans_of_time_are_read_as_people_write_them() {
        assert_eq!(duration("5 minutes 1 second"), Ok(VirtualDuration::from_secs(301)));
        assert_eq!(duration("1 day"), Ok(VirtualDuration::from_hours(24)));
        assert!(duration("soon").is_err());
        assert!(duration("5 fortnights").is_err());
    }
}
