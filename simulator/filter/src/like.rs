//! Patterns of `like`, `startswith`, `endswith` and `contains`, matched without regard to ASCII case.

use std::ops::Not;

/// Longest pattern in characters; fits SQLite's limit of 50,000 bytes with every character escaped.
pub const LONGEST_PATTERN: usize = 10_000;

/// One part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LikePart {
    /// These characters.
    Text(Box<str>),
    /// Any one character.
    One,
    /// Any number of characters, none included.
    Run,
}

/// A pattern that a whole text has to fit.
///
/// ```
/// use dwsim_filter::LikePattern;
/// assert!(LikePattern::starts_with("cont").matches("Contoso"));
/// assert!(!LikePattern::contains("100%").matches("1000"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LikePattern {
    parts: Box<[LikePart]>,
}

/// A set of characters such as `[a-c]`, which these patterns do not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CharacterSet;

impl LikePattern {
    /// The pattern made of these parts, neighbouring texts joined.
    pub fn new(parts: impl IntoIterator<Item = LikePart>) -> Self {
        let mut joined: Vec<LikePart> = Vec::new();
        for part in parts {
            match (joined.last_mut(), part) {
                (Some(LikePart::Run), LikePart::Run) => {}
                (Some(LikePart::Text(last)), LikePart::Text(next)) => *last = format!("{last}{next}").into(),
                (_, LikePart::Text(text)) if text.is_empty() => {}
                (_, part) => joined.push(part),
            }
        }
        Self { parts: joined.into() }
    }

    /// Texts that begin with `text`.
    pub fn starts_with(text: &str) -> Self {
        Self::new([LikePart::Text(text.into()), LikePart::Run])
    }

    /// Texts that end with `text`.
    pub fn ends_with(text: &str) -> Self {
        Self::new([LikePart::Run, LikePart::Text(text.into())])
    }

    /// Texts that contain `text`.
    pub fn contains(text: &str) -> Self {
        Self::new([LikePart::Run, LikePart::Text(text.into()), LikePart::Run])
    }

    /// Reads the operand of X++ `like`: `*` is any run, `?` any one character.
    pub(crate) fn from_xpp(pattern: &str) -> Self {
        Self::new(in_pieces(pattern, |c| match c {
            '*' => Some(LikePart::Run),
            '?' => Some(LikePart::One),
            _ => None,
        }))
    }

    /// Reads an argument of the OData functions, in which Dataverse honours `%`, `_` and `[x]` for a literal `x`.
    pub(crate) fn parts_of_odata(argument: &str) -> Result<Vec<LikePart>, CharacterSet> {
        let mut parts = Vec::new();
        let mut rest = argument;
        while let Some((before, after)) = rest.split_once('[') {
            let Some((set, behind)) = after.split_once(']') else { break };
            if set.chars().count() != 1 {
                return Err(CharacterSet);
            }
            parts.extend(sql_wildcards(before));
            parts.push(LikePart::Text(set.into()));
            rest = behind;
        }
        parts.extend(sql_wildcards(rest));
        Ok(parts)
    }

    /// Whether the whole text fits.
    pub fn matches(&self, text: &str) -> bool {
        let text = text.as_bytes();
        match &*self.parts {
            [LikePart::Text(start), LikePart::Run] => starts_with(text, start),
            [LikePart::Run, LikePart::Text(end)] => {
                text.len().checked_sub(end.len()).is_some_and(|at| starts_with(&text[at..], end))
            }
            parts => fits(parts, text),
        }
    }

    /// The pattern for SQLite's `LIKE … ESCAPE '\'`.
    pub fn to_sql(&self) -> String {
        let mut sql = String::new();
        for part in &self.parts {
            match part {
                LikePart::Run => sql.push('%'),
                LikePart::One => sql.push('_'),
                LikePart::Text(text) => {
                    for c in text.chars() {
                        if matches!(c, '%' | '_' | '\\') {
                            sql.push('\\');
                        }
                        sql.push(c);
                    }
                }
            }
        }
        sql
    }
}

fn sql_wildcards(text: &str) -> impl Iterator<Item = LikePart> {
    in_pieces(text, |c| match c {
        '%' => Some(LikePart::Run),
        '_' => Some(LikePart::One),
        _ => None,
    })
}

fn in_pieces(text: &str, wildcard: fn(char) -> Option<LikePart>) -> impl Iterator<Item = LikePart> {
    text.split_inclusive(move |c| wildcard(c).is_some()).flat_map(move |piece| {
        let last = piece.chars().next_back();
        let special = last.and_then(wildcard);
        let width = last.filter(|_| special.is_some()).map_or(0, char::len_utf8);
        let plain = &piece[..piece.len() - width];
        plain.is_empty().not().then(|| LikePart::Text(plain.into())).into_iter().chain(special)
    })
}

fn starts_with(text: &[u8], start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start.as_bytes()))
}

/// Matches greedily, going back only to the last run: linear memory and no recursion whatever the pattern.
fn fits(parts: &[LikePart], text: &[u8]) -> bool {
    let (mut part, mut at) = (0, 0);
    let mut last_run: Option<(usize, usize)> = None;
    loop {
        let step = match parts.get(part) {
            None if at == text.len() => return true,
            None => None,
            Some(LikePart::Run) => {
                last_run = Some((part + 1, at));
                Some(0)
            }
            Some(LikePart::One) => character(text, at),
            Some(LikePart::Text(wanted)) => starts_with(&text[at..], wanted).then_some(wanted.len()),
        };
        if let Some(width) = step {
            part += 1;
            at += width;
        } else {
            let Some((after, from)) = last_run else { return false };
            let Some(width) = character(text, from) else { return false };
            (part, at) = (after, from + width);
            last_run = Some((part, at));
        }
    }
}

/// Width in bytes of the UTF-8 character that begins at `at`.
fn character(text: &[u8], at: usize) -> Option<usize> {
    let first = *text.get(at)?;
    Some(match first {
        0..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_run_may_be_empty_and_one_is_a_whole_character() {
        assert!(LikePattern::from_xpp("*A*").matches("xxa"));
        assert!(LikePattern::from_xpp("?b").matches("äb"));
        assert!(!LikePattern::from_xpp("?b").matches("b"));
        assert!(LikePattern::from_xpp("*ab*ab").matches("AbAaBab"));
        assert!(LikePattern::contains("").matches(""));
        assert!(LikePattern::from_xpp("").matches(""));
        assert!(!LikePattern::from_xpp("").matches("a"));
    }

    #[test]
    fn a_wildcard_in_brackets_stands_for_itself() {
        let pattern = LikePattern::new(LikePattern::parts_of_odata("a[%]_").unwrap());
        assert!(pattern.matches("A%x") && !pattern.matches("abx"));
        assert_eq!(pattern.to_sql(), r"a\%_");
        assert_eq!(LikePattern::parts_of_odata("[a-c]"), Err(CharacterSet));
        assert_eq!(LikePattern::parts_of_odata("[open"), Ok(vec![LikePart::Text("[open".into())]));
    }

    fn naive(pattern: &[LikePart], text: &[char]) -> bool {
        match pattern {
            [] => text.is_empty(),
            [LikePart::Run, rest @ ..] => (0..=text.len()).any(|skip| naive(rest, &text[skip..])),
            [LikePart::One, rest @ ..] => !text.is_empty() && naive(rest, &text[1..]),
            [LikePart::Text(wanted), rest @ ..] => {
                let wanted: Vec<char> = wanted.to_ascii_lowercase().chars().collect();
                text.starts_with(&wanted) && naive(rest, &text[wanted.len()..])
            }
        }
    }

    proptest! {
        #[test]
        fn matching_agrees_with_trying_every_split(pattern in "[abB*?ä]{0,8}", text in "[abBä]{0,8}") {
            let pattern = LikePattern::from_xpp(&pattern);
            let folded: Vec<char> = text.to_ascii_lowercase().chars().collect();
            prop_assert_eq!(pattern.matches(&text), naive(&pattern.parts, &folded));
        }
    }
}
