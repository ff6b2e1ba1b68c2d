//! Patterns of e-mails, one by one and in sets that answer for a million addresses.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::email::{MAX_BYTES, key};

/// Whom a key of the policy means. With `@`, `*`, `?` or `[` in it, a glob over the whole address, in which `*` goes
/// across everything; without, a domain: `physics.example` is `*@physics.example`, and no subdomain of it.
///
/// It is held against an address without its outer blanks, in lower case. A literal `[` is written `[[]`, as `[*]` and
/// `[?]` are the literal star and question mark. An address without an `@` is told from a domain by a bracket as well:
/// `[r]oot`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern {
    text: Box<str>,
    matcher: Matcher,
}

/// Why a text is no pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing, or blanks only.
    #[error("the pattern is empty; everybody is *")]
    Empty,
    /// Longer than any address.
    #[error("the pattern is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// A tab, line break, NUL or escape inside it.
    #[error("the pattern contains a control character")]
    Control,
    /// Elsewhere that means folders within folders.
    #[error("** is no pattern of addresses: one * goes across everything")]
    DoubleStar,
    /// The only thing that a glob can still have wrong.
    #[error("a [ without its ], or with nothing between them; a literal [ is written [[]")]
    Bracket,
    /// `@physics.example` or `alice@`: nobody has such an address, so something else was meant.
    #[error("nothing before or after the @; a whole domain is physics.example or *@physics.example")]
    HalfAnAddress,
    /// No `@`, no wildcard, and no domain either: two patterns in one, for instance.
    #[error("neither an address nor a domain; a domain has no blanks or other marks and begins with no dot")]
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
        let matcher = if text.contains(['@', '*', '?', '[']) {
            if !text.contains(['*', '?', '[']) && (text.starts_with('@') || text.ends_with('@')) {
                return Err(PatternError::HalfAnAddress);
            }
            Matcher::of_glob(&lower)?
        } else if text.starts_with('.') || text.contains(|c: char| c.is_whitespace() || ",;=!/\\\"'<>()]".contains(c)) {
            return Err(PatternError::NotADomain);
        } else {
            Matcher::Pieces([Box::default(), format!("@{lower}").into()].into())
        };
        Ok(Self { text: text.into(), matcher })
    }
}

impl Pattern {
    /// True where it means the address of this [`key`].
    pub fn matches(&self, key: &str) -> bool {
        self.matcher.matches(key)
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

/// A compiled pattern.
#[derive(Clone, Debug)]
enum Matcher {
    /// Literal texts with a star between each two. Nearly all patterns are, and they are far quicker than a glob.
    Pieces(Box<[Box<str>]>),
    /// With a question mark or a choice of characters.
    Glob(Box<glob::Pattern>),
}

impl Matcher {
    /// `lower` is in lower case already; the glob's own way of ignoring case knows ASCII only.
    fn of_glob(lower: &str) -> Result<Self, PatternError> {
        // The judge of brackets, whatever matches in the end.
        let glob = glob::Pattern::new(lower).map_err(|_| PatternError::Bracket)?;
        Ok(pieces(lower).map_or_else(|| Self::Glob(Box::new(glob)), Self::Pieces))
    }

    fn matches(&self, key: &str) -> bool {
        let pieces = match self {
            Self::Pieces(pieces) => pieces,
            Self::Glob(glob) => {
                let options = glob::MatchOptions { case_sensitive: false, ..glob::MatchOptions::default() };
                return glob.matches_with(key, options);
            }
        };
        let Some((first, rest)) = pieces.split_first() else { return false };
        let Some((last, middle)) = rest.split_last() else { return key == &**first };
        let Some(mut between) = key.strip_prefix(&**first).and_then(|key| key.strip_suffix(&**last)) else {
            return false;
        };
        middle.iter().all(|piece| match between.find(&**piece) {
            Some(at) => {
                between = &between[at + piece.len()..];
                true
            }
            None => false,
        })
    }

    /// The one address that it is, where it has no wildcard.
    fn address(&self) -> Option<&str> {
        match self {
            Self::Pieces(pieces) => match &**pieces {
                [address] => Some(address),
                _ => None,
            },
            Self::Glob(_) => None,
        }
    }

    /// The domain, where it is all of one.
    fn domain(&self) -> Option<&str> {
        match self {
            Self::Pieces(pieces) => match &**pieces {
                [start, end] if start.is_empty() => end.strip_prefix('@').filter(|domain| !domain.contains('@')),
                _ => None,
            },
            Self::Glob(_) => None,
        }
    }
}

/// What stands between the stars of a glob; `None` where it has other wildcards. `[x]` is a literal `x`.
fn pieces(glob: &str) -> Option<Box<[Box<str>]>> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    let mut chars = glob.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' => pieces.push(std::mem::take(&mut piece).into_boxed_str()),
            '?' => return None,
            '[' => {
                piece.push(chars.next()?);
                chars.next().filter(|c| *c == ']')?;
            }
            c => piece.push(c),
        }
    }
    pieces.push(piece.into());
    Some(pieces.into())
}

/// Patterns of which the first that fits counts. Addresses and domains, of which there may be thousands, are looked
/// up; only the others are tried one after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Patterns {
    addresses: HashMap<Box<str>, usize>,
    domains: HashMap<Box<str>, usize>,
    others: Vec<(usize, Matcher)>,
}

impl<'a> FromIterator<&'a Pattern> for Patterns {
    fn from_iter<I: IntoIterator<Item = &'a Pattern>>(all: I) -> Self {
        let mut patterns = Self::default();
        for (at, Pattern { matcher, .. }) in all.into_iter().enumerate() {
            if let Some(address) = matcher.address() {
                patterns.addresses.entry(address.into()).or_insert(at);
            } else if let Some(domain) = matcher.domain() {
                patterns.domains.entry(domain.into()).or_insert(at);
            } else {
                patterns.others.push((at, matcher.clone()));
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
        earlier.into_iter().find(|(_, matcher)| matcher.matches(key)).map(|(at, _)| *at).or(found)
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
        assert_eq!(pattern.matcher.address(), Some("a[b]*?@x.example"));
    }

    #[test]
    fn what_can_fit_nobody_is_refused() {
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
    fn ordinary_patterns_need_no_glob() {
        for text in ["physics.example", "*@physics.example", "alice@x.example", "svc-*@*", "a[*]b@x"] {
            assert!(matches!(text.parse::<Pattern>().unwrap().matcher, Matcher::Pieces(_)), "{text}");
        }
        assert_eq!("*@Physics.example".parse::<Pattern>().unwrap().matcher.domain(), Some("physics.example"));
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
        fn pieces_and_glob_agree(text in "[ab@.*\\[\\]]{1,8}", email in "[ab@.\\[\\]]{0,8}") {
            if let (Some(pieces), Ok(glob)) = (pieces(&text), glob::Pattern::new(&text)) {
                prop_assert_eq!(Matcher::Pieces(pieces).matches(&email), glob.matches(&email));
            }
        }

        #[test]
        fn a_set_is_its_patterns_one_by_one(
            texts in prop::collection::vec("[ab]?[*?]?@?[ab]?[*]?", 0..6),
            email in "[ab]{0,2}@?[ab]{0,2}",
        ) {
            let patterns: Vec<Pattern> = texts.iter().filter_map(|text| text.parse().ok()).collect();
            let first = patterns.iter().position(|pattern| pattern.matcher.matches(&email));
            prop_assert_eq!(patterns.iter().collect::<Patterns>().first(&email), first);
        }

        #[test]
        fn an_escaped_address_is_itself_alone(email in "[a-c*?\\[\\]!É][a-c*?\\[\\]!É ]{0,7}@[a-c*?\\[\\]]{1,4}", other in "[a-c@]{1,8}") {
            let escaped = glob::Pattern::escape(&email);
            prop_assert!(fits(&escaped, &email));
            let pattern: Pattern = escaped.parse().unwrap();
            prop_assert_eq!(pattern.matcher.address(), Some(&*key(&email)));
            prop_assert_eq!(fits(&escaped, &other), key(&email) == key(&other));
        }
    }
}
