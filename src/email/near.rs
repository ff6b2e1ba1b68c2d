//! Addresses near one that was not found: a typing error away from it, or of the same name at another domain.
//!
//! Two addresses that differ in digits alone are two people (`12345@`, `12346@`), and never near.

use schemars::JsonSchema;
use serde::Serialize;

use super::key;

/// So many are kept.
const MOST: usize = 5;

/// The most typing errors: a letter added, left out, replaced, or two letters swapped.
const ERRORS: usize = 2;

/// Ranks behind every typing error: the same name before the @, and another domain.
const OTHER_DOMAIN: usize = ERRORS + 1;

/// A name of fewer letters says nothing at another domain.
const SHORTEST_NAME: usize = 4;

/// No longer address is compared: no person typed it.
const LONGEST: usize = 320;

/// Where an address was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It has a creator.
    Lamb,
    /// It has an account.
    OpenWebUi,
}

/// An address near the one that was asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NearMatch {
    /// Byte for byte as it is stored.
    pub email: String,
    /// True if LAMB has a creator with it.
    pub in_lamb: bool,
    /// True if Open WebUI has an account with it.
    pub in_owi: bool,
    #[serde(skip)]
    distance: usize,
}

/// Collects the nearest of the addresses that it is shown. Shown a million, it compares the few that can be near.
#[derive(Debug)]
pub struct Nearest {
    name: Part,
    /// `None` where only a name was asked about.
    domain: Option<Part>,
    found: Vec<NearMatch>,
}

impl Nearest {
    /// For what was asked about: an address, or the name before the @.
    pub fn new(asked: &str) -> Self {
        let asked = key(asked);
        let (name, domain) = halves(&asked);
        Self { name: Part::new(name), domain: domain.map(Part::new), found: Vec::new() }
    }

    /// Shows it an address.
    pub fn offer(&mut self, email: &str, side: Side) {
        let Some(distance) = self.distance(email) else { return };
        let place = self.found.binary_search_by(|known| (known.distance, known.email.as_str()).cmp(&(distance, email)));
        let at = match place {
            Ok(at) => at,
            Err(at) if at >= MOST => return,
            Err(at) => {
                let new = NearMatch { email: email.to_owned(), in_lamb: false, in_owi: false, distance };
                self.found.insert(at, new);
                self.found.truncate(MOST);
                at
            }
        };
        let Some(known) = self.found.get_mut(at) else { return };
        match side {
            Side::Lamb => known.in_lamb = true,
            Side::OpenWebUi => known.in_owi = true,
        }
    }

    /// The nearest first, at most five.
    pub fn finish(self) -> Vec<NearMatch> {
        self.found
    }

    /// How far away an address is; `None` where it is not near.
    fn distance(&self, email: &str) -> Option<usize> {
        if email.len() > LONGEST || self.name.text.len() > LONGEST {
            return None;
        }
        let email = key(email);
        let (name, domain) = halves(&email);
        let Some(asked) = &self.domain else { return self.name.errors(name) };
        match self.name.errors(name) {
            Some(0) => match asked.errors(domain.unwrap_or_default()) {
                Some(errors) => Some(errors),
                None => self.name.is_a_name().then_some(OTHER_DOMAIN),
            },
            Some(errors) => {
                let more = asked.errors(domain.unwrap_or_default())?;
                (errors + more <= ERRORS).then_some(errors + more)
            }
            None => None,
        }
    }
}

fn halves(key: &str) -> (&str, Option<&str>) {
    key.rsplit_once('@').map_or((key, None), |(name, domain)| (name, Some(domain)))
}

/// A half of the address that was asked about.
#[derive(Debug)]
struct Part {
    text: String,
    /// How many letters it has.
    letters: usize,
    counts: Counts,
    /// The most typing errors: fewer in a short text, where everything is near.
    most: usize,
}

impl Part {
    fn new(text: &str) -> Self {
        let letters = text.chars().count();
        Self { text: text.to_owned(), letters, counts: Counts::of(text), most: ERRORS.min(letters / 3) }
    }

    /// How many typing errors make this text of it; `None` for too many, and for a difference of digits alone.
    fn errors(&self, other: &str) -> Option<usize> {
        if self.text == other {
            return Some(0);
        }
        let letters = if other.is_ascii() { other.len() } else { other.chars().count() };
        // Each of them changes the length by one at most, and how often a letter occurs for two letters at most.
        let can_be = self.letters.abs_diff(letters) <= self.most && self.counts.differ_by(other) <= 2 * self.most;
        if !can_be || without_digits(&self.text).eq(without_digits(other)) {
            return None;
        }
        Some(strsim::osa_distance(&self.text, other)).filter(|errors| *errors <= self.most)
    }

    fn is_a_name(&self) -> bool {
        self.letters >= SHORTEST_NAME && self.text.chars().any(char::is_alphabetic)
    }
}

fn without_digits(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(|c| !c.is_numeric())
}

/// How often each character occurs. All that are not ASCII count as one.
#[derive(Debug)]
struct Counts([i32; 129]);

impl Counts {
    fn of(text: &str) -> Self {
        let mut counts = [0; 129];
        text.chars().for_each(|c| counts[Self::place(c)] += 1);
        Self(counts)
    }

    fn place(c: char) -> usize {
        if c.is_ascii() { c as usize } else { 128 }
    }

    /// In how many characters another text differs, in whatever order.
    fn differ_by(&self, other: &str) -> usize {
        let mut left = self.0;
        other.chars().for_each(|c| left[Self::place(c)] -= 1);
        left.iter().map(|count| count.unsigned_abs() as usize).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn near(asked: &str, all: &[&str]) -> Vec<String> {
        let mut nearest = Nearest::new(asked);
        all.iter().for_each(|email| nearest.offer(email, Side::Lamb));
        nearest.finish().into_iter().map(|found| found.email).collect()
    }

    #[test]
    fn a_typing_error_is_near_and_the_nearest_comes_first() {
        let all = [
            "techar@uni.example",
            "teacher@uni.exmaple",
            "tecaher@uni.example",
            "ann@uni.example",
            "Teacher@UNI.example",
        ];
        assert_eq!(
            near("teacher@uni.example", &all),
            ["Teacher@UNI.example", "teacher@uni.exmaple", "tecaher@uni.example", "techar@uni.example"]
        );
        assert_eq!(near("zoe@uni.example", &["zoë@uni.example", "zöë@uni.example"]), ["zoë@uni.example"]);
        assert_eq!(near("müller@uni.example", &["muller@uni.example"]), ["muller@uni.example"]);
        // A Cyrillic letter that looks like a Latin one.
        assert_eq!(near("teacher@uni.example", &["teаcher@uni.example"]), ["teаcher@uni.example"]);
    }

    #[test]
    fn a_difference_of_digits_is_another_person() {
        for (asked, other) in [
            ("12345@uni.example", "12346@uni.example"),
            ("u12345@uni.example", "u1234@uni.example"),
            ("12345@uni.example", "12346@uni.exmaple"),
            ("a@uni1.example", "a@uni2.example"),
            ("٣٤٥٦@uni.example", "٣٤٥٧@uni.example"),
        ] {
            assert!(near(asked, &[other]).is_empty(), "{asked} {other}");
        }
        assert_eq!(near("12345@uni.example", &["12345@uni.exmaple"]).len(), 1);
    }

    #[test]
    fn short_names_are_not_near_each_other() {
        assert!(near("ann@uni.example", &["bob@uni.example", "amy@uni.example"]).is_empty());
        assert!(near("a@x", &["b@x", "a@y"]).is_empty());
        assert_eq!(near("ann@uni.example", &["anna@uni.example"]).len(), 1);
    }

    #[test]
    fn the_same_name_at_another_domain_comes_last() {
        let all = ["teacher@physics.example", "info@physics.example", "teachers@uni.example"];
        assert_eq!(near("teacher@uni.example", &all), ["teachers@uni.example", "teacher@physics.example"]);
        assert!(near("123456@uni.example", &["123456@physics.example"]).is_empty());
        assert_eq!(near("techer", &all), ["teacher@physics.example", "teachers@uni.example"]);
    }

    #[test]
    fn at_most_five_are_kept_whatever_the_order() {
        let all: Vec<String> = (b'a'..=b'z').map(|c| format!("teacher{}@uni.example", char::from(c))).collect();
        let mut shown: Vec<&str> = all.iter().map(String::as_str).collect();
        let first = near("teacher@uni.example", &shown);
        assert_eq!(
            first,
            ["teachera", "teacherb", "teacherc", "teacherd", "teachere"].map(|n| format!("{n}@uni.example"))
        );
        shown.reverse();
        assert_eq!(near("teacher@uni.example", &shown), first);
    }

    #[test]
    fn both_sides_of_one_address_are_one_match() {
        let mut nearest = Nearest::new("techer@uni.example");
        nearest.offer("teacher@uni.example", Side::Lamb);
        nearest.offer("teacher@uni.example", Side::OpenWebUi);
        let found = nearest.finish();
        assert_eq!((found.len(), found[0].in_lamb, found[0].in_owi), (1, true, true));
    }

    proptest! {
        /// The quick checks rule out nothing that is near.
        #[test]
        fn near_is_what_the_distance_says(a in "[abcé]{3,9}", b in "[abcé]{0,9}") {
            let part = Part::new(&a);
            let errors = strsim::osa_distance(&a, &b);
            prop_assert_eq!(part.errors(&b), (errors <= part.most).then_some(errors));
        }
    }
}
