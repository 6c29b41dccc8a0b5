//! A step of the language: its words, an example, and what it does.

use crate::{arguments::Arguments, world::World};
use std::fmt;

/// What a step answers when the world is not as it says.
pub type Told = Result<(), String>;

/// Which keyword a step is written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// How things are before anything happens.
    Given,
    /// What somebody does. A refusal is kept for a later step to look at.
    When,
    /// What must be so.
    Then,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Given => "Given",
            Self::When => "When",
            Self::Then => "Then",
        })
    }
}

/// One step of the language.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// Its keyword.
    pub kind: Kind,
    /// Its words, as a cucumber expression.
    pub expression: &'static str,
    /// How it looks in a feature, without keyword; a table or text below it follows after a line break.
    pub example: &'static str,
    /// Whether it looks at the refusal of the action before.
    pub(crate) looks_at_refusal: bool,
    pub(crate) run: fn(&mut World, &Arguments) -> Told,
}

/// Steps about one thing.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// What they are about.
    pub title: &'static str,
    /// One sentence for a reader who looks for the right group.
    pub about: &'static str,
    /// The steps.
    pub steps: &'static [Definition],
}

pub(crate) const fn given(
    expression: &'static str,
    example: &'static str,
    run: fn(&mut World, &Arguments) -> Told,
) -> Definition {
    Definition { kind: Kind::Given, expression, example, looks_at_refusal: false, run }
}

pub(crate) const fn when(
    expression: &'static str,
    example: &'static str,
    run: fn(&mut World, &Arguments) -> Told,
) -> Definition {
    Definition { kind: Kind::When, expression, example, looks_at_refusal: false, run }
}

pub(crate) const fn then(
    expression: &'static str,
    example: &'static str,
    run: fn(&mut World, &Arguments) -> Told,
) -> Definition {
    Definition { kind: Kind::Then, expression, example, looks_at_refusal: false, run }
}

/// A step that looks at a refusal.
pub(crate) const fn refusal(
    expression: &'static str,
    example: &'static str,
    run: fn(&mut World, &Arguments) -> Told,
) -> Definition {
    Definition { kind: Kind::Then, expression, example, looks_at_refusal: true, run }
}

/// An error that names both what was expected and what is so.
pub(crate) fn same<T: PartialEq + fmt::Debug>(what: &str, actual: &T, expected: &T) -> Told {
    if actual == expected {
        Ok(())
    } else {
        Err(format!("{what}: expected {expected:?}, and it is {actual:?}"))
    }
}
