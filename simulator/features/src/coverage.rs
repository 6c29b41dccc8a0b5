//! Which documented behaviours, messages, limits and decisions the features prove.
//!
//! Behaviours, limits and decisions are claimed by tags: `@B61`, `@limit-L1`, `@decision-14`. Messages need no tag: one
//! is covered when a step looked for it and found it. Only scenarios that passed count.

use crate::suite::Finished;
use dwsim_catalog::facts::{Facts, Severity};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What can be covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A documented behaviour.
    Behaviour,
    /// A documented error or warning text.
    Message,
    /// A documented figure.
    Limit,
    /// An answer to a question the documentation leaves open.
    Decision,
}

impl Subject {
    /// All, in the order of the report.
    pub const ALL: [Self; 4] = [Self::Behaviour, Self::Message, Self::Limit, Self::Decision];

    /// In the plural, for a headline.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Behaviour => "behaviours",
            Self::Message => "messages",
            Self::Limit => "limits",
            Self::Decision => "decisions",
        }
    }
}

/// Whether an item is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// A scenario that passed shows it.
    Covered,
    /// Scenarios claim it and none of them passed.
    Failing,
    /// No scenario claims it.
    Missing,
    /// It is explained why no scenario can show it.
    Excused,
}

/// One thing to be proved.
#[derive(Clone, Debug, Serialize)]
pub struct Item {
    /// What it is.
    pub subject: Subject,
    /// Its id.
    pub id: String,
    /// What it is about.
    pub area: String,
    /// It, in our words.
    pub text: String,
    /// Whether it is proved.
    pub state: State,
    /// Why no scenario can show it.
    pub excuse: Option<String>,
    /// Scenarios that claim it.
    pub scenarios: Vec<String>,
    /// The words of a message as the first of them saw them.
    pub seen: Option<String>,
    /// Profiles in which one of them passed.
    pub profiles: BTreeSet<String>,
}

/// Everything to be proved, in the order of the catalogue.
#[derive(Clone, Debug, Serialize)]
pub struct Coverage {
    /// The items.
    pub items: Vec<Item>,
    /// Tags that look like a claim and name nothing of the catalogue.
    pub unknown_tags: Vec<String>,
    /// Scenarios that ran.
    pub scenarios: usize,
    /// Scenarios that failed.
    pub failed: usize,
}

impl Coverage {
    /// What these results prove of these facts.
    pub fn of(facts: &Facts, finished: &[Finished]) -> Self {
        let mut items = all(facts);
        let mut places: BTreeMap<(Subject, String), usize> = BTreeMap::new();
        for (place, item) in items.iter().enumerate() {
            places.insert((item.subject, item.id.to_ascii_lowercase()), place);
        }
        let mut unknown = BTreeSet::new();
        for one in finished {
            let mut claims: BTreeSet<(Subject, String)> = BTreeSet::new();
            for tag in &one.case.tags {
                if let Some(claim) = claim(tag) {
                    if places.contains_key(&(claim.0, claim.1.to_ascii_lowercase())) {
                        claims.insert(claim);
                    } else {
                        unknown.insert(format!("@{tag} in {}", one.case.name));
                    }
                }
            }
            claims.extend(one.verdict.messages.keys().map(|id| (Subject::Message, id.clone())));
            for (subject, id) in claims {
                let Some(place) = places.get(&(subject, id.to_ascii_lowercase())) else { continue };
                let item = &mut items[*place];
                item.scenarios.push(one.case.name.clone());
                if one.passed() {
                    if subject == Subject::Message && item.seen.is_none() {
                        item.seen = one.verdict.messages.get(&id).cloned();
                    }
                    item.state = State::Covered;
                    item.profiles.insert(one.case.profile.as_str().to_owned());
                } else if item.state == State::Missing || item.state == State::Excused {
                    item.state = State::Failing;
                }
            }
        }
        let failed = finished.iter().filter(|one| !one.passed()).count();
        Self { items, unknown_tags: unknown.into_iter().collect(), scenarios: finished.len(), failed }
    }

    /// Items of a subject in a state.
    pub fn count(&self, subject: Subject, state: State) -> usize {
        self.items.iter().filter(|item| item.subject == subject && item.state == state).count()
    }

    /// Items of a subject.
    pub fn total(&self, subject: Subject) -> usize {
        self.items.iter().filter(|item| item.subject == subject).count()
    }

    /// Items that nothing proves and nothing excuses.
    pub fn open(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| matches!(item.state, State::Missing | State::Failing))
    }
}

/// What a tag claims.
fn claim(tag: &str) -> Option<(Subject, String)> {
    if let Some(id) = tag.strip_prefix("limit-") {
        return Some((Subject::Limit, id.to_owned()));
    }
    if let Some(id) = tag.strip_prefix("decision-") {
        return Some((Subject::Decision, id.to_owned()));
    }
    let (letter, number) = tag.split_at_checked(1)?;
    let behaviour =
        matches!(letter, "B" | "L") && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    behaviour.then(|| (Subject::Behaviour, tag.to_owned()))
}

fn all(facts: &Facts) -> Vec<Item> {
    let item = |subject, id: &str, area: &str, text: &str, excuse: Option<&str>| Item {
        subject,
        id: id.to_owned(),
        area: area.to_owned(),
        text: text.to_owned(),
        state: if excuse.is_some() { State::Excused } else { State::Missing },
        excuse: excuse.map(str::to_owned),
        scenarios: Vec::new(),
        seen: None,
        profiles: BTreeSet::new(),
    };
    let mut items = Vec::new();
    for own in facts.behaviours() {
        items.push(item(Subject::Behaviour, &own.id, &own.area, &own.text, own.not_simulated.as_deref()));
    }
    for own in facts.messages().filter(|own| own.severity > Severity::Info && !own.id.starts_with("SIM-")) {
        items.push(item(Subject::Message, &own.id, "", &own.cause, own.not_shown.as_deref()));
    }
    for own in facts.limit_facts() {
        items.push(item(Subject::Limit, &own.id, "", &own.name, own.not_shown.as_deref()));
    }
    for own in facts.decisions() {
        let text = format!("{} {}", own.question, own.answer);
        items.push(item(Subject::Decision, &own.id, "", &text, own.not_shown.as_deref()));
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_claim_what_they_name() {
        assert_eq!(claim("B61"), Some((Subject::Behaviour, "B61".into())));
        assert_eq!(claim("limit-L1"), Some((Subject::Limit, "L1".into())));
        assert_eq!(claim("decision-Q6"), Some((Subject::Decision, "Q6".into())));
        assert_eq!(claim("2026"), None);
        assert_eq!(claim("Basic"), None);
    }

    #[test]
    fn nothing_is_proved_by_nothing() {
        let facts = Facts::embedded().unwrap();
        let coverage = Coverage::of(&facts, &[]);
        assert_eq!(coverage.total(Subject::Behaviour), 208);
        assert_eq!(coverage.count(Subject::Behaviour, State::Covered), 0);
    }
}
