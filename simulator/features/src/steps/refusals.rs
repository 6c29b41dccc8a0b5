//! What the user reads when an action is refused.

use crate::{
    arguments::Arguments,
    definition::{Definition, Told, refusal, same, then},
    world::World,
};

pub(crate) const STEPS: &[Definition] = &[
    refusal("it is refused with {string}", "it is refused with \"SIM-LCS-CAPACITY\"", refused_with),
    refusal(
        "it is refused with {string} and the words:",
        "it is refused with \"E5\" and the words:",
        refused_with_words,
    ),
    refusal("the refusal names {string}", "the refusal names \"USMF\"", refusal_names),
    refusal(
        "the refusal has the words of {string}",
        "the refusal has the words of \"M4\"",
        refusal_has_words,
    ),
    then("it is done", "it is done", done),
];

fn refused_with(world: &mut World, given: &Arguments) -> Told {
    let (wanted, refusal) = (given.text(0), world.refusal()?);
    if refusal.code.as_deref() == Some(wanted) {
        world.saw_message(wanted, &refusal.text);
        return Ok(());
    }
    if refusal.text.contains(wanted) {
        // Validation names every code it finds, each in brackets; the refusal has the id of the first.
        if refusal.text.contains(&format!("[{wanted}] ")) {
            world.saw_message(wanted, &refusal.text);
        } else if let Some(code) = &refusal.code {
            world.saw_message(code, &refusal.text);
        }
        return Ok(());
    }
    Err(format!(
        "it was refused with {}: {}",
        refusal.code.as_deref().unwrap_or("no code of the catalogue"),
        refusal.text
    ))
}

fn refused_with_words(world: &mut World, given: &Arguments) -> Told {
    refused_with(world, given)?;
    let refusal = world.refusal()?;
    same("the words of the refusal", &refusal.text.as_str(), &given.document()?)
}

fn refusal_names(world: &mut World, given: &Arguments) -> Told {
    let refusal = world.refusal()?;
    if refusal.text.contains(given.text(0)) {
        Ok(())
    } else {
        Err(format!("the refusal does not name {}: {}", given.text(0), refusal.text))
    }
}

/// Every sentence of the message, in order; what it leaves to be filled in, or leaves out, can be anything.
fn refusal_has_words(world: &mut World, given: &Arguments) -> Told {
    let (id, refusal) = (given.text(0), world.refusal()?);
    let facts = world.seen()?.catalog().facts();
    let template = &facts.message(id).ok_or_else(|| format!("there is no message {id}"))?.text;
    if template.found_in(&refusal.text).is_some() {
        world.saw_message(id, &refusal.text);
        return Ok(());
    }
    let template = template.to_string();
    let parts = template.split(['.', '{', '…']);
    let words: Vec<&str> = parts
        .map(|part| part.split_once('}').map_or(part, |(_, words)| words).trim())
        .filter(|words| !words.is_empty())
        .collect();
    if words.is_empty() {
        return Err(format!("the message {id} has no words of its own"));
    }
    let mut rest = refusal.text.as_str();
    for words in words {
        let found = rest.split_once(words);
        rest = found.ok_or_else(|| format!("the refusal does not say '{words}': {}", refusal.text))?.1;
    }
    world.saw_message(id, &refusal.text);
    Ok(())
}

/// A refusal nobody looked at fails before this step is reached.
fn done(world: &mut World, _: &Arguments) -> Told {
    world.seen().map(|_| ())
}
