//! Patterns of e-mails, one by one and in sets that answer for a million addresses.

use std::collections::HashMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::{Chars, FromStr};

use serde::{Deserialize, Serialize};

use crate::email::{MAX_BYTES, key};

/// The e-mails that an entry of the policy means. With `@`, `*`, `?` or `[` in it, a glob over the whole address, in which `*` goes
/// across everything; without, a domain: `physics.example` is `*@physics.example`, and no subdomain of it.
///
/// It is held against an address without its outer blanks, in lower case. A literal `[` is written `[[]`, as `[*]` and
/// `[?]` are the literal star and question mark. An address without an `@` needs a bracket too, or it would be a domain:
/// `[r]oot`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern {
    text: Box<str>,
    /// What is between the stars.
    pieces: Box<[Piece]>,
    /// The [`letters`] of its text: an address without one of them cannot match.
    letters: u128,
}

/// Why a text is no pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing, or blanks only.
    #[error("the pattern is empty; use * for all users")]
    Empty,
    /// Longer than any address.
    #[error("the pattern is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// A tab, line break, NUL or escape inside it.
    #[error("the pattern contains a control character")]
    Control,
    /// Elsewhere that means folders within folders.
    #[error("** is not a valid pattern: one * matches any text")]
    DoubleStar,
    /// A choice of characters that has no end, or no character.
    #[error("a [ without its ], or with nothing between them; a literal [ is written [[]")]
    Bracket,
    /// `@physics.example` or `alice@`: no account has such an address.
    #[error("nothing before or after the @; a whole domain is physics.example or *@physics.example")]
    HalfAnAddress,
    /// No `@`, no wildcard, and no domain either: two patterns in one, for instance.
    #[error(
        "neither an address nor a domain; a domain contains no blanks or other marks and does not begin with a dot"
    )]
    NotADomain,
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(PatternError::Empty);
        } else if text.len() > MAX_BYTES {
            return Err(PatternError::TooLong);
        } else if text.contains(char::is_control) {
            return Err(PatternError::Control);
        } else if text.contains("**") {
            return Err(PatternError::DoubleStar);
        }
        let lower = key(text);
        let pieces = if text.contains(['@', '*', '?', '[']) {
            if !text.contains(['*', '?', '[']) && (text.starts_with('@') || text.ends_with('@')) {
                return Err(PatternError::HalfAnAddress);
            }
            pieces_of(&lower)?
        } else if text.starts_with('.') || text.contains(|c: char| c.is_whitespace() || ",;=!/\\\"'<>()]".contains(c)) {
            return Err(PatternError::NotADomain);
        } else {
            [Piece::default(), Piece::Text(format!("@{lower}").into())].into()
        };
        Ok(Self::of(text, pieces))
    }
}

impl Pattern {
    fn of(text: &str, pieces: Box<[Piece]>) -> Self {
        let literal = |piece: &Piece| match piece {
            Piece::Text(text) => letters(text),
            Piece::Choices(_) => 0,
        };
        let letters = pieces.iter().map(literal).fold(0, |all, some| all | some);
        Self { text: text.into(), pieces, letters }
    }

    /// True where it means the address of this [`key`]. Each star takes as little as it can: one pass over the address.
    pub fn matches(&self, key: &str) -> bool {
        match &*self.pieces {
            [] => false,
            [all] => all.at_start(key) == Some(""),
            [first, middle @ .., last] => {
                let between = first.at_start(key).and_then(|rest| last.at_end(rest));
                between.and_then(|rest| middle.iter().try_fold(rest, |rest, piece| piece.after(rest))).is_some()
            }
        }
    }

    /// The most steps that one address can take; a step is about one comparison of a character.
    fn steps(&self) -> usize {
        /// What it takes to begin the search for a text.
        const SEARCH: usize = 30;
        let middle = |piece: &Piece| match piece {
            Piece::Text(text) => SEARCH + text.len(),
            // Held against every place of the address.
            Piece::Choices(choices) => choices.len() * MAX_BYTES,
        };
        match &*self.pieces {
            [] => 0,
            [all] => all.len(),
            // The searches go on where the one before ended: together they pass over the address once.
            [first, between @ .., last] => {
                let pass = if between.is_empty() { 0 } else { MAX_BYTES / 8 };
                first.len() + last.len() + pass + between.iter().map(middle).sum::<usize>()
            }
        }
    }

    /// The one address that it is, where it has no wildcard.
    fn address(&self) -> Option<&str> {
        match &*self.pieces {
            [Piece::Text(address)] => Some(address),
            _ => None,
        }
    }

    /// The domain, where it is all of one.
    fn domain(&self) -> Option<&str> {
        match &*self.pieces {
            [Piece::Text(start), Piece::Text(end)] if start.is_empty() => {
                end.strip_prefix('@').filter(|domain| !domain.contains('@'))
            }
            _ => None,
        }
    }
}

impl TryFrom<String> for Pattern {
    type Error = String;

    /// With the text in the error: in a file the line is that of the whole list.
    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map_err(|error| match error {
            PatternError::TooLong => error.to_string(),
            _ => format!("{text:?}: {error}"),
        })
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.text.into()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

/// The ASCII characters of a text, a bit for each: thousands of patterns are ruled out by a glance each.
fn letters(text: &str) -> u128 {
    text.bytes().filter(u8::is_ascii).fold(0, |all, byte| all | 1 << byte)
}

/// What is between two stars.
#[derive(Clone, Debug)]
enum Piece {
    /// Text, which is quick to find. Nearly all pieces are.
    Text(Box<str>),
    /// With a question mark or a choice of characters: one entry for each character.
    Choices(Box<[Choice]>),
}

impl Default for Piece {
    fn default() -> Self {
        Self::Text(Box::default())
    }
}

impl Piece {
    fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Choices(choices) => choices.len(),
        }
    }

    /// What follows it at the start of a text.
    fn at_start<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Self::Text(piece) => text.strip_prefix(&**piece),
            Self::Choices(choices) => {
                let mut chars = text.chars();
                choices.iter().all(|choice| chars.next().is_some_and(|c| choice.has(c))).then_some(chars.as_str())
            }
        }
    }

    /// What is before it at the end of a text.
    fn at_end<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Self::Text(piece) => text.strip_suffix(&**piece),
            Self::Choices(choices) => {
                let mut chars = text.chars();
                choices
                    .iter()
                    .rev()
                    .all(|choice| chars.next_back().is_some_and(|c| choice.has(c)))
                    .then_some(chars.as_str())
            }
        }
    }

    /// What follows the first place where it is.
    fn after<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Self::Text(piece) => text.split_once(&**piece).map(|(_, rest)| rest),
            Self::Choices(_) => text.char_indices().find_map(|(at, _)| self.at_start(&text[at..])),
        }
    }
}

/// The characters that fit in one place: those of these ranges, or all others. A question mark is all but none.
#[derive(Clone, Debug)]
struct Choice {
    ranges: Box<[RangeInclusive<char>]>,
    is_negated: bool,
}

impl Choice {
    fn has(&self, c: char) -> bool {
        self.ranges.iter().any(|range| range.contains(&c)) != self.is_negated
    }

    fn only(c: char) -> Self {
        Self { ranges: [c..=c].into(), is_negated: false }
    }

    /// Reads what follows a `[`: at least one character, which may be a `]`, and the `]` that ends it.
    fn read(chars: &mut Chars<'_>) -> Option<Self> {
        let is_negated = chars.as_str().starts_with('!');
        let inner = &chars.as_str()[usize::from(is_negated)..];
        let first = inner.chars().next()?.len_utf8();
        let (rest, after) = inner[first..].split_once(']')?;
        *chars = after.chars();
        let mut inner = inner[..first + rest.len()].chars();
        let mut ranges = Vec::new();
        while let Some(start) = inner.next() {
            let end = inner.as_str().strip_prefix('-').and_then(|rest| rest.chars().next());
            ranges.push(start..=end.unwrap_or(start));
            if end.is_some() {
                inner.nth(1);
            }
        }
        Some(Self { ranges: ranges.into(), is_negated })
    }

    /// `[x]` is a literal `x`.
    fn literal(&self) -> Option<char> {
        match &*self.ranges {
            [one] if one.start() == one.end() && !self.is_negated => Some(*one.start()),
            _ => None,
        }
    }
}

/// What is between the stars of a glob. `lower` is in lower case already.
fn pieces_of(lower: &str) -> Result<Box<[Piece]>, PatternError> {
    let (mut pieces, mut piece) = (Vec::new(), Vec::new());
    let mut chars = lower.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' => pieces.push(piece_of(&std::mem::take(&mut piece))),
            '?' => piece.push(Choice { ranges: Box::default(), is_negated: true }),
            '[' => piece.push(Choice::read(&mut chars).ok_or(PatternError::Bracket)?),
            c => piece.push(Choice::only(c)),
        }
    }
    pieces.push(piece_of(&piece));
    Ok(pieces.into())
}

fn piece_of(choices: &[Choice]) -> Piece {
    let text: Option<String> = choices.iter().map(Choice::literal).collect();
    text.map_or_else(|| Piece::Choices(choices.into()), |text| Piece::Text(text.into()))
}

/// The most steps that the patterns of a policy may take for one address: a millisecond or two.
pub(crate) const MOST_STEPS: usize = 1_000_000;

/// Patterns of which the first that fits counts. Addresses and domains, of which there may be thousands, are looked
/// up; only the others are tried one after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Patterns {
    addresses: HashMap<Box<str>, usize>,
    domains: HashMap<Box<str>, usize>,
    others: Vec<(usize, Pattern)>,
}

impl<'a> FromIterator<&'a Pattern> for Patterns {
    fn from_iter<I: IntoIterator<Item = &'a Pattern>>(all: I) -> Self {
        let mut patterns = Self::default();
        for (at, pattern) in all.into_iter().enumerate() {
            if let Some(address) = pattern.address() {
                patterns.addresses.entry(address.into()).or_insert(at);
            } else if let Some(domain) = pattern.domain() {
                patterns.domains.entry(domain.into()).or_insert(at);
            } else {
                patterns.others.push((at, pattern.clone()));
            }
        }
        patterns
    }
}

impl Patterns {
    /// The place of the first pattern that fits the address of this key.
    pub(crate) fn first(&self, key: &str) -> Option<usize> {
        let address = self.addresses.get(key);
        let domain = key.rsplit_once('@').and_then(|(_, domain)| self.domains.get(domain));
        let found = address.into_iter().chain(domain).copied().min();
        let earlier = self.others.iter().take_while(|(at, _)| found.is_none_or(|found| *at < found));
        let missing = !letters(key);
        let mut possible = earlier.filter(|(_, pattern)| pattern.letters & missing == 0);
        possible.find(|(_, pattern)| pattern.matches(key)).map(|(at, _)| *at).or(found)
    }

    /// The most steps that one address can take.
    pub(crate) fn steps(&self) -> usize {
        self.others.iter().map(|(_, pattern)| pattern.steps()).sum()
    }

    /// True where one of them fits.
    pub(crate) fn fit(&self, key: &str) -> bool {
        self.first(key).is_some()
    }

    /// True where one of them is this very address, without a wildcard.
    pub(crate) fn name(&self, key: &str) -> bool {
        self.addresses.contains_key(key)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fits(pattern: &str, email: &str) -> bool {
        let pattern: Pattern = pattern.parse().unwrap();
        Patterns::from_iter([&pattern]).fit(&key(email))
    }

    #[test]
    fn a_domain_is_all_of_its_addresses_and_no_subdomain() {
        assert!(fits("physics.example", " Alice@Physics.EXAMPLE "));
        assert!(fits("Physics.Example", "a@b@physics.example"));
        assert!(!fits("physics.example", "alice@lab.physics.example"));
        assert!(!fits("physics.example", "alice@astrophysics.example"));
        assert!(!fits("physics.example", "physics.example"));
        assert!(fits("*@*.physics.example", "alice@lab.physics.example"));
    }

    #[test]
    fn a_star_goes_across_everything() {
        assert!(fits("*", "no at sign"));
        assert!(fits("a*z", "a/b.c@d/.z"));
        assert!(fits("*-bot@*", "build-bot@uni.example"));
        assert!(!fits("*-bot@*", "robot@uni.example"));
        assert!(!fits("ab*ba", "aba"));
        assert!(fits("É?[a-c]*", "éxb@uni.example"));
        assert!(!fits("É?[!a-c]*", "ÉXB@uni.example"));
    }

    #[test]
    fn a_bracket_makes_a_literal() {
        assert!(fits("a[[]b@x.example", "A[b@x.example"));
        assert!(fits("[*]@x.example", "*@x.example"));
        assert!(!fits("[*]@x.example", "a@x.example"));
        assert!(fits("[r]oot", "root"));
        let pattern: Pattern = "a[[]b[]][*][?]@x.example".parse().unwrap();
        assert_eq!(pattern.address(), Some("a[b]*?@x.example"));
    }

    #[test]
    fn a_pattern_that_matches_no_address_is_refused() {
        let refused = [
            ("", PatternError::Empty),
            (" \u{a0} ", PatternError::Empty),
            ("a\tb@x.example", PatternError::Control),
            ("**@x.example", PatternError::DoubleStar),
            ("***", PatternError::DoubleStar),
            ("a[b@x.example", PatternError::Bracket),
            ("a[]@x.example", PatternError::Bracket),
            ("a[!]@x.example", PatternError::Bracket),
            ("@x.example", PatternError::HalfAnAddress),
            ("alice@", PatternError::HalfAnAddress),
            (".x.example", PatternError::NotADomain),
            ("x.example y.example", PatternError::NotADomain),
            ("x.example,y.example", PatternError::NotADomain),
            ("x.example=physics", PatternError::NotADomain),
        ];
        for (text, error) in refused {
            assert_eq!(text.parse::<Pattern>(), Err(error), "{text:?}");
        }
        assert_eq!("x".repeat(MAX_BYTES + 1).parse::<Pattern>(), Err(PatternError::TooLong));
    }

    #[test]
    fn a_domain_is_looked_up_however_it_is_written() {
        for text in ["physics.example", "*@Physics.example", "*@[p]hysics.example"] {
            assert_eq!(text.parse::<Pattern>().unwrap().domain(), Some("physics.example"), "{text}");
        }
    }

    fn steps_of_5000(text: impl Fn(usize) -> String) -> usize {
        let patterns: Vec<Pattern> = (0..5000).map(|n| text(n).parse().unwrap()).collect();
        Patterns::from_iter(&patterns).steps()
    }

    #[test]
    fn thousands_of_usual_patterns_take_few_steps() {
        assert_eq!(steps_of_5000(|n| format!("lab{n}.uni.example")), 0);
        assert_eq!(steps_of_5000(|n| format!("teacher{n}@uni.example")), 0);
        let usual: [fn(usize) -> String; 3] = [
            |n| format!("*-bot@lab{n}.uni.example"),
            |n| format!("*@*.lab{n}.uni.example"),
            |n| format!("s???????@lab{n}.uni.example"),
        ];
        for text in usual {
            let steps = steps_of_5000(text);
            assert!((50_000..MOST_STEPS).contains(&steps), "{}: {steps}", text(1));
        }
    }

    #[test]
    fn thousands_of_patterns_of_many_stars_take_too_many_steps() {
        let hostile: [fn(usize) -> String; 3] = [
            |n| format!("?*{}{n}", "a*".repeat(160)),
            |n| format!("?*{}{n}", "[ab]*".repeat(60)),
            |n| format!("*{}b*{n}", "?".repeat(300)),
        ];
        for text in hostile {
            let steps = steps_of_5000(text);
            assert!(steps > 10 * MOST_STEPS, "{}: {steps}", text(1));
        }
    }

    #[test]
    fn the_first_that_fits_counts_whatever_its_kind() {
        let patterns: Vec<Pattern> = ["*a*@x.example", "b@x.example", "x.example", "b@x.example", "?@y.example", "*"]
            .map(|text| text.parse().unwrap())
            .into();
        let set: Patterns = patterns.iter().collect();
        let cases = [("ab@x.example", 0), ("b@x.example", 1), ("c@x.example", 2), ("c@y.example", 4), ("cc", 5)];
        for (key, first) in cases {
            assert_eq!(set.first(key), Some(first), "{key}");
        }
        assert!(set.name("b@x.example") && !set.name("c@x.example"));
        assert_eq!(Patterns::default().first("a"), None);
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_keeps_its_text(text in "[a-c@*?\\[\\]!.\\- É\n]{0,12}") {
            if let Ok(pattern) = text.parse::<Pattern>() {
                prop_assert_eq!(pattern.to_string(), text.trim());
                let json = serde_json::to_string(&pattern).unwrap();
                prop_assert_eq!(serde_json::from_str::<Pattern>(&json).unwrap(), pattern);
            }
        }

        #[test]
        fn a_pattern_means_what_the_crate_glob_makes_of_it(
            text in "[ab@*?!\\-\\[\\]é]{1,10}",
            emails in prop::collection::vec("[ab@!\\-\\[\\]é]{0,6}", 8),
        ) {
            match (pieces_of(&text), glob::Pattern::new(&text)) {
                (Ok(pieces), Ok(glob)) => {
                    let pattern = Pattern::of(&text, pieces);
                    for email in emails {
                        let set: Patterns = [&pattern].into_iter().collect();
                        prop_assert_eq!(pattern.matches(&email), glob.matches(&email), "{} {}", text, email);
                        prop_assert_eq!(set.fit(&email), pattern.matches(&email), "{} {}", text, email);
                    }
                }
                (ours, theirs) => prop_assert!(ours.is_err() == theirs.is_err() || text.contains("**"), "{}", text),
            }
        }

        #[test]
        fn a_set_is_its_patterns_one_by_one(
            texts in prop::collection::vec("[ab]?[*?]?@?[ab]?[*]?", 0..6),
            email in "[ab]{0,2}@?[ab]{0,2}",
        ) {
            let patterns: Vec<Pattern> = texts.iter().filter_map(|text| text.parse().ok()).collect();
            let first = patterns.iter().position(|pattern| pattern.matches(&email));
            prop_assert_eq!(patterns.iter().collect::<Patterns>().first(&email), first);
        }

        #[test]
        fn an_escaped_address_is_itself_alone(email in "[a-c*?\\[\\]!É][a-c*?\\[\\]!É ]{0,7}@[a-c*?\\[\\]]{1,4}", other in "[a-c@]{1,8}") {
            let escaped = glob::Pattern::escape(&email);
            prop_assert!(fits(&escaped, &email));
            let pattern: Pattern = escaped.parse().unwrap();
            prop_assert_eq!(pattern.address(), Some(&*key(&email)));
            prop_assert_eq!(fits(&escaped, &other), key(&email) == key(&other));
        }
    }
}
