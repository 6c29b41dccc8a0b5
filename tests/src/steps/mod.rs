//! The words in which features are written, by what they are about.
#![allow(clippy::needless_pass_by_value, reason = "cucumber hands each step the values it found")]

mod companies;
mod live;
mod maps;
mod outcome;
mod setup;

/// Names in a list such as `DAT, USMF and DEMF`, sorted.
fn names(list: &str) -> Vec<String> {
    let mut names: Vec<String> =
        list.split(',').flat_map(|part| part.split(" and ")).map(|name| name.trim().to_owned()).collect();
    names.retain(|name| !name.is_empty());
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    #[test]
    fn lists_are_read_as_people_write_them() {
        assert_eq!(super::names("USMF, DAT and DEMF"), ["DAT", "DEMF", "USMF"]);
        assert!(super::names("").is_empty());
    }
}
