//! Texts with slots, such as `{prefix}-{n:6}`, and where their parts come from.

use crate::{
    data::PartyKind,
    pools::Pools,
    random::{mix, salt},
};
use dwsim_model::CompanyCode;

/// What a text is made from: the row, and whoever the row stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scene<'a> {
    /// Number of the row, from 0.
    pub(crate) index: u64,
    /// Number of the row below its header, from 0.
    pub(crate) line: u64,
    /// The row's own random number.
    pub(crate) seed: u64,
    /// The random number of the person or organisation the row stands for; the row's own when there is none.
    pub(crate) identity: u64,
    /// Which of the two it is.
    pub(crate) kind: Option<PartyKind>,
    pub(crate) country: &'a Pools,
    pub(crate) company: Option<&'a CompanyCode>,
    /// Beginning of account numbers.
    pub(crate) prefix: &'a str,
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(Box<str>),
    /// The row's number from 1, filled with zeros.
    Number(usize),
    /// The line's number from 1, filled with zeros.
    Line(usize),
    /// Random digits.
    Digits(usize, u64),
    Word(Slot),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    Prefix,
    Company,
    Organization,
    First,
    Middle,
    Last,
    Initials,
    Person,
    /// The person or the organisation, whichever it is.
    Party,
    Street,
    House,
    City,
    Zip,
    State,
    Phone,
    Email,
    Site,
    Country,
    Country3,
    Language,
    Currency,
    CallingCode,
    Job,
    Product,
    Phrase,
}

const SLOTS: [(&str, Slot); 25] = [
    ("prefix", Slot::Prefix),
    ("company", Slot::Company),
    ("organization", Slot::Organization),
    ("first", Slot::First),
    ("middle", Slot::Middle),
    ("last", Slot::Last),
    ("initials", Slot::Initials),
    ("person", Slot::Person),
    ("party", Slot::Party),
    ("street", Slot::Street),
    ("house", Slot::House),
    ("city", Slot::City),
    ("zip", Slot::Zip),
    ("state", Slot::State),
    ("phone", Slot::Phone),
    ("email", Slot::Email),
    ("site", Slot::Site),
    ("country", Slot::Country),
    ("country3", Slot::Country3),
    ("language", Slot::Language),
    ("currency", Slot::Currency),
    ("calling-code", Slot::CallingCode),
    ("job", Slot::Job),
    ("product", Slot::Product),
    ("phrase", Slot::Phrase),
];

/// A text with slots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template(Vec<Part>);

impl Template {
    /// Reads a text; `field` makes its random digits differ from those of other fields.
    pub(crate) fn parse(text: &str, field: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (slot, next) =
                after.split_once('}').ok_or_else(|| format!("'{text}' lacks a closing brace"))?;
            if !before.is_empty() {
                parts.push(Part::Literal(before.into()));
            }
            parts.push(Self::slot(slot, field, parts.len()).ok_or_else(|| {
                let known: Vec<&str> = SLOTS.iter().map(|(name, _)| *name).collect();
                format!("'{text}' has a slot {{{slot}}}; the slots are n, line, # and {}", known.join(", "))
            })?);
            rest = next;
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.into()));
        }
        Ok(Self(parts))
    }

    fn slot(slot: &str, field: &str, place: usize) -> Option<Part> {
        let (name, width) = slot.split_once(':').unwrap_or((slot, "0"));
        let width: usize = width.parse().ok()?;
        match name {
            "n" => Some(Part::Number(width)),
            "line" => Some(Part::Line(width)),
            "#" => Some(Part::Digits(width, salt(field).wrapping_add(place as u64))),
            _ => SLOTS.iter().find(|(own, _)| *own == name).map(|(_, slot)| Part::Word(*slot)),
        }
    }

    /// Whether texts of different rows, or of different lines of a header, differ.
    pub(crate) fn counts(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Number(_) | Part::Line(_) | Part::Word(Slot::Company)))
    }

    /// Whether it takes more than numbers and the company.
    pub(crate) fn needs_identity(&self) -> bool {
        self.0.iter().any(|part| match part {
            Part::Digits(..) => true,
            Part::Word(slot) => !matches!(slot, Slot::Prefix | Slot::Company),
            _ => false,
        })
    }

    /// Most characters of a key text, when numbers have so many digits; slots of words count as four.
    pub(crate) fn longest(&self, digits: usize) -> usize {
        let part = |part: &Part| match part {
            Part::Literal(text) => text.chars().count(),
            Part::Number(width) | Part::Line(width) => digits.max(*width),
            Part::Digits(width, _) => *width,
            Part::Word(_) => 4,
        };
        self.0.iter().map(part).sum()
    }

    /// The same text without what stands before its number, for fields too short for it.
    pub(crate) fn number_only(&self, room: usize) -> Self {
        let number = self.0.iter().find_map(|part| match part {
            Part::Number(width) => Some(Part::Number((*width).min(room))),
            Part::Line(width) => Some(Part::Line((*width).min(room))),
            _ => None,
        });
        Self(number.into_iter().collect())
    }

    pub(crate) fn render(&self, scene: &Scene<'_>, out: &mut String) {
        for part in &self.0 {
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::Number(width) => push_number(out, scene.index + 1, *width),
                Part::Line(width) => push_number(out, scene.line + 1, *width),
                Part::Digits(width, own) => {
                    let bound = 10_u64.saturating_pow(u32::try_from(*width).unwrap_or(19).min(19));
                    push_number(out, mix(scene.seed, *own) % bound.max(1), *width);
                }
                Part::Word(slot) => scene.word(*slot, out),
            }
        }
    }
}

impl Scene<'_> {
    fn word(&self, slot: Slot, out: &mut String) {
        let pools = self.country;
        let place = |name: &str| mix(self.identity, salt(name));
        match slot {
            Slot::Prefix => out.push_str(self.prefix),
            Slot::Company => out.push_str(self.company.map_or("", CompanyCode::as_str)),
            Slot::Organization => out.push_str(pools.organization(place("organization"))),
            Slot::First => out.push_str(pools.first(place("first"))),
            Slot::Middle => out.push_str(pools.first(place("middle"))),
            Slot::Last => out.push_str(pools.last(place("last"))),
            Slot::Initials => {
                out.extend(pools.first(place("first")).chars().take(1));
                out.extend(pools.last(place("last")).chars().take(1));
            }
            Slot::Person => {
                out.push_str(pools.first(place("first")));
                out.push(' ');
                out.push_str(pools.last(place("last")));
            }
            Slot::Party if self.kind == Some(PartyKind::Person) => self.word(Slot::Person, out),
            Slot::Party => self.word(Slot::Organization, out),
            Slot::Street => out.push_str(pools.street(place("street"))),
            Slot::House => push_number(out, place("house") % 199 + 1, 0),
            Slot::City => out.push_str(pools.city(place("city"))),
            Slot::Zip => out.push_str(pools.zip(place("city"))),
            Slot::State => out.push_str(pools.state(place("city"))),
            Slot::Phone => out.push_str(pools.phone(place("phone"))),
            Slot::Email if self.kind == Some(PartyKind::Organization) => {
                out.push_str("info@");
                self.word(Slot::Site, out);
            }
            Slot::Email => {
                push_plain(out, pools.first(place("first")));
                out.push('.');
                push_plain(out, pools.last(place("last")));
                out.push('@');
                out.push_str(
                    ["example.com", "example.net", "example.org"]
                        [usize::try_from(place("mail") % 3).unwrap_or(0)],
                );
            }
            Slot::Site => {
                let before = out.len();
                let whole = pools.organization(place("organization"));
                push_plain(out, whole.split([' ', ',', '-']).next().unwrap_or(whole));
                if out.len() == before {
                    out.push_str("www");
                }
                out.push_str(".example.com");
            }
            Slot::Country => out.push_str(&pools.country),
            Slot::Country3 => out.push_str(&pools.country3),
            Slot::Language => out.push_str(&pools.language),
            Slot::Currency => out.push_str(&pools.currency),
            Slot::CallingCode => out.push_str(&pools.calling_code),
            Slot::Job => out.push_str(pools.job(place("job"))),
            Slot::Product => out.push_str(pools.product(mix(self.seed, salt("product")))),
            Slot::Phrase => out.push_str(pools.phrase(mix(self.seed, salt("phrase")))),
        }
    }
}

/// Letters and digits of an address: lower case, without accents that a mail address has not.
fn push_plain(out: &mut String, text: &str) {
    out.extend(text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()));
}

fn push_number(out: &mut String, number: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    let mut rest = number;
    while rest > 0 || at == digits.len() {
        at -= 1;
        digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
    let start = at.min(digits.len().saturating_sub(width));
    out.extend(digits[start..].iter().map(|digit| char::from(*digit)));
}

/// The text cut to at most so many characters.
pub(crate) fn cut(mut text: String, limit: Option<usize>) -> Box<str> {
    if let Some(limit) = limit
        && text.len() > limit
        && let Some((end, _)) = text.char_indices().nth(limit)
    {
        text.truncate(end);
        text.truncate(text.trim_end().len());
    }
    text.into_boxed_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(text: &str, index: u64) -> String {
        let pools = Pools::empty();
        let scene = Scene {
            index,
            line: 4,
            seed: 1,
            identity: 1,
            kind: None,
            country: &pools,
            company: None,
            prefix: "US",
        };
        let mut out = String::new();
        Template::parse(text, "F").unwrap().render(&scene, &mut out);
        out
    }

    #[test]
    fn numbers_are_filled_with_zeros_and_start_at_one() {
        assert_eq!(rendered("{prefix}-{n:6}", 16), "US-000017");
        assert_eq!(rendered("{line}/{n:2}", 1_233), "5/1234");
        assert_eq!(rendered("{#:4}", 0).len(), 4);
    }

    #[test]
    fn an_unknown_slot_is_refused_with_the_list() {
        assert!(Template::parse("{nmae}", "F").unwrap_err().contains("n, line, # and prefix"));
        assert!(Template::parse("{n", "F").is_err());
    }

    #[test]
    fn long_texts_are_cut_at_a_character() {
        assert_eq!(&*cut("Müller und Söhne".to_owned(), Some(8)), "Müller u");
        assert_eq!(&*cut("Müller und Söhne".to_owned(), Some(7)), "Müller");
        assert_eq!(&*cut("Müller".to_owned(), Some(6)), "Müller");
    }
}
