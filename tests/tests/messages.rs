//! Every message the features saw has the words of its template in the catalogue, byte for byte, and every documented
//! message of set-up and initial sync is among them or says why it cannot be.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use dwsim_catalog::{
    Catalog,
    facts::{Severity, Wording},
};
use std::collections::BTreeMap;

fn seen() -> BTreeMap<String, String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../features/messages.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.split_once('\t').unwrap())
        .map(|(id, words)| (id.to_owned(), words.replace("\\n", "\n")))
        .collect()
}

#[test]
fn what_was_seen_is_the_template_with_its_placeholders_filled() {
    let catalog = Catalog::embedded().unwrap();
    let seen = seen();
    assert!(seen.len() > 70, "{}", seen.len());
    for (id, words) in &seen {
        let message = catalog.facts().message(id).unwrap_or_else(|| panic!("{id} is no message"));
        let variants = catalog.facts().messages().filter(|own| {
            own.variant_of.as_ref() == Some(&message.id)
                || own.refers_to.contains(&message.id)
                || message.refers_to.contains(&own.id)
        });
        let mut templates = std::iter::once(message).chain(variants);
        assert!(
            !words.contains("{field}") && !words.contains("{value}"),
            "{id} was never filled in: {words}"
        );
        // Too short to be told apart from chance: then it has to be there to the letter, without a placeholder.
        let same = |text: &dwsim_catalog::facts::MessageTemplate| {
            text.found_in(words).is_some()
                || (!text.to_string().contains('{') && words.contains(&text.to_string()))
        };
        // A page that leaves words out is followed word by word.
        let abridged = message.wording == Wording::Abridged && {
            let mut rest = words.as_str();
            let text = message.text.to_string();
            let told = text.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty());
            told.clone().all(|word| match rest.split_once(word) {
                Some((_, after)) => {
                    rest = after;
                    true
                }
                None => false,
            })
        };
        assert!(abridged || templates.any(|own| same(&own.text)), "{id} says: {words}");
    }
}

#[test]
fn nothing_of_ours_looks_like_a_documented_message() {
    let catalog = Catalog::embedded().unwrap();
    for message in catalog.facts().messages().filter(|own| own.id.starts_with("SIM-")) {
        let text = message.text.to_string();
        let documented = catalog.facts().messages().filter(|own| {
            !own.id.starts_with("SIM-") && own.severity > Severity::Info && own.text.found_in(&text).is_some()
        });
        let found: Vec<&str> = documented.map(|own| own.id.as_str()).collect();
        assert!(found.is_empty(), "{} reads like {}", message.id, found.join(", "));
    }
}
