//! Names, streets and cities of a country: drawn once from `fake`, then picked by number.

use crate::{
    data::{Country, Words},
    random::pick,
};
use dwsim_model::{Seed, Stream};
use fake::{
    Fake,
    faker::{
        address::raw::{CityName, StreetName},
        company::raw::{CompanyName, Profession},
        name::raw::{FirstName, LastName},
    },
    locales::{DE_DE, EN, FR_FR, IT_IT, NL_NL},
    rand::rand_core::TryRng,
};
use std::{collections::BTreeSet, convert::Infallible};

/// How many of each are drawn.
const ORGANIZATIONS: usize = 1_500;
const FIRST_NAMES: usize = 300;
const LAST_NAMES: usize = 500;
const PLACES: usize = 250;
const JOBS: usize = 100;

/// The words of one country.
#[derive(Debug, Default)]
pub(crate) struct Pools {
    pub(crate) country: String,
    pub(crate) country3: String,
    pub(crate) language: String,
    pub(crate) currency: String,
    pub(crate) calling_code: String,
    pub(crate) latitude: [i64; 2],
    pub(crate) longitude: [i64; 2],
    pub(crate) prefix: String,
    states: Vec<String>,
    organizations: Vec<String>,
    first: Vec<String>,
    last: Vec<String>,
    streets: Vec<String>,
    cities: Vec<String>,
    zips: Vec<String>,
    phones: Vec<String>,
    jobs: Vec<String>,
    products: Vec<String>,
    phrases: Vec<String>,
}

/// The random numbers `fake` wants, from a stream of ours.
struct Numbers(Stream);

impl TryRng for Numbers {
    type Error = Infallible;

    #[allow(clippy::cast_possible_truncation)] // the upper half of a random number is as random
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.0.next() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.next())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let number = self.0.next().to_le_bytes();
            chunk.copy_from_slice(&number[..chunk.len()]);
        }
        Ok(())
    }
}

/// Draws until there are enough different words, or no new ones come.
fn draw(seed: Seed, path: &str, wanted: usize, mut word: impl FnMut(&mut Numbers) -> String) -> Vec<String> {
    let mut numbers = Numbers(seed.stream(path));
    let (mut seen, mut words) = (BTreeSet::new(), Vec::with_capacity(wanted));
    for _ in 0..wanted.saturating_mul(2) {
        // Quotes break the files initial sync exchanges, and nobody's name needs them.
        let text = word(&mut numbers).replace(['"', '\n'], "");
        if seen.insert(text.clone()) {
            words.push(text);
        }
        if words.len() == wanted {
            break;
        }
    }
    words
}

/// The form with a digit for every `#` and a letter for every `@`.
fn filled(form: &str, numbers: &mut Numbers) -> String {
    let mut below = |bound: u64| u32::try_from(numbers.0.below(bound)).unwrap_or(0);
    let part = |sign| match sign {
        '#' => char::from_digit(below(10), 10).unwrap_or('0'),
        '@' => char::from_digit(10 + below(26), 36).unwrap_or('a').to_ascii_uppercase(),
        other => other,
    };
    form.chars().map(part).collect()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

macro_rules! localized {
    ($pools:ident, $seed:ident, $path:ident, $locale:expr) => {{
        let at = |what: &str| format!("{}/{what}", $path);
        $pools.organizations =
            draw($seed, &at("organization"), ORGANIZATIONS, |r| CompanyName($locale).fake_with_rng(r));
        $pools.first = draw($seed, &at("first"), FIRST_NAMES, |r| FirstName($locale).fake_with_rng(r));
        $pools.last = draw($seed, &at("last"), LAST_NAMES, |r| LastName($locale).fake_with_rng(r));
        $pools.streets = draw($seed, &at("street"), PLACES, |r| StreetName($locale).fake_with_rng(r));
        $pools.cities = draw($seed, &at("city"), PLACES, |r| CityName($locale).fake_with_rng(r));
    }};
}

impl Pools {
    /// Draws the words of a country.
    pub(crate) fn new(seed: Seed, country: &Country, words: &Words) -> Self {
        let mut pools = Self {
            country: country.code.clone(),
            country3: country.code3.clone(),
            language: country.language.clone(),
            currency: country.currency.clone(),
            calling_code: country.calling_code.clone(),
            latitude: country.latitude,
            longitude: country.longitude,
            prefix: country.prefix.clone(),
            states: country.states.clone(),
            ..Self::default()
        };
        let path = format!("seeds/{}", country.code);
        match country.locale.as_str() {
            "de" => localized!(pools, seed, path, DE_DE),
            "fr" => localized!(pools, seed, path, FR_FR),
            "it" => localized!(pools, seed, path, IT_IT),
            "nl" => localized!(pools, seed, path, NL_NL),
            _ => localized!(pools, seed, path, EN),
        }
        pools.zips = draw(seed, &format!("{path}/zip"), PLACES, |r| filled(&country.zip, r));
        pools.phones = draw(seed, &format!("{path}/phone"), PLACES, |r| filled(&country.phone, r));
        pools.jobs =
            draw(seed, "seeds/job", JOBS, |r| capital(&Profession(EN).fake_with_rng::<String, _>(r)));
        let things = words
            .products
            .iter()
            .flat_map(|thing| words.qualities.iter().map(move |quality| (quality, thing)));
        pools.products = things.map(|(quality, thing)| format!("{quality} {thing}")).collect();
        pools.phrases.clone_from(&words.phrases);
        pools
    }

    #[cfg(test)]
    pub(crate) fn empty() -> Self {
        Self::default()
    }

    pub(crate) fn organization(&self, number: u64) -> &str {
        word(&self.organizations, number)
    }

    pub(crate) fn first(&self, number: u64) -> &str {
        word(&self.first, number)
    }

    pub(crate) fn last(&self, number: u64) -> &str {
        word(&self.last, number)
    }

    pub(crate) fn street(&self, number: u64) -> &str {
        word(&self.streets, number)
    }

    pub(crate) fn city(&self, number: u64) -> &str {
        word(&self.cities, number)
    }

    pub(crate) fn zip(&self, number: u64) -> &str {
        word(&self.zips, number)
    }

    pub(crate) fn state(&self, number: u64) -> &str {
        word(&self.states, number)
    }

    pub(crate) fn phone(&self, number: u64) -> &str {
        word(&self.phones, number)
    }

    pub(crate) fn job(&self, number: u64) -> &str {
        word(&self.jobs, number)
    }

    pub(crate) fn product(&self, number: u64) -> &str {
        word(&self.products, number)
    }

    pub(crate) fn phrase(&self, number: u64) -> &str {
        word(&self.phrases, number)
    }
}

fn word(words: &[String], number: u64) -> &str {
    pick(words, number).map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Data;

    #[test]
    fn the_same_seed_draws_the_same_words_and_another_one_does_not() {
        let data = Data::embedded().unwrap();
        let german = &data.countries[data.country_of("DEMF")];
        let pools = |seed| Pools::new(Seed::new(seed), german, &data.words);
        let (a, b, c) = (pools(1), pools(1), pools(2));
        assert_eq!((a.organization(3), a.city(4)), (b.organization(3), b.city(4)));
        assert_ne!(a.organizations, c.organizations);
        assert!(a.last.len() > 100 && !a.phrase(1).is_empty());
    }
}
