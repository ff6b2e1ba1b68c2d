//! One person with two addresses: a creator who is only in LAMB and an account that is only in Open WebUI may be one
//! person, whose address changed on one side. Pure, and near-linear in the number of people.

use std::fmt;
use std::hash::{BuildHasher, RandomState};

use schemars::JsonSchema;
use serde::Serialize;

use crate::email::index::AddressIndex;
use crate::email::name::PersonSigns;
use crate::email::skeleton::skeleton;
use crate::email::{key, one_line};
use crate::findings::FixStep;

/// Accounts that were made within so many seconds of each other were made close by: a day.
const CLOSE_BY: u32 = 86_400;

/// Longer addresses are not compared letter by letter.
const LONGEST: usize = 320;

/// Someone who is on one side only.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate<'a> {
    /// The address, as it is stored.
    pub(crate) email: &'a str,
    /// What else is known.
    pub(crate) signs: PersonSigns,
}

/// Why two addresses may be one person's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Sign {
    /// An earlier run saw this account of Open WebUI as the creator's.
    SameAccount,
    /// LAMB links the creator to a user of the LMS, who has the other address.
    LmsIdentity,
    /// The addresses have other letters, which look the same.
    LooksTheSame,
    /// The same name, which no one else has.
    SameName,
    /// The same part before the `@`.
    SameLocalPart,
    /// The same part after the `@`.
    SameDomain,
    /// One letter was typed otherwise.
    OneEdit,
    /// Made within a day of each other.
    CreatedTogether,
}

impl fmt::Display for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SameAccount => "the same account in Open WebUI, by its id",
            Self::LmsIdentity => "the LMS has one identity for both",
            Self::LooksTheSame => "the addresses look the same",
            Self::SameName => "the same name, which no other user has",
            Self::SameLocalPart => "the same part before the @",
            Self::SameDomain => "the same domain",
            Self::OneEdit => "the addresses differ in one letter",
            Self::CreatedTogether => "created within a day of each other",
        })
    }
}

/// Two candidates, by their places in the two lists, and why they may be one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SamePerson {
    /// The place in LAMB's list.
    pub(crate) lamb: u32,
    /// The place in Open WebUI's list.
    pub(crate) owi: u32,
    /// The signs, the strongest first.
    pub(crate) evidence: Vec<Sign>,
    /// As what the account was seen, where that is a sign.
    pub(crate) known_as: Option<KnownAs>,
}

/// As what an account was seen before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub(crate) struct KnownAs {
    /// The creator's e-mail then.
    pub(crate) email: String,
    /// Since when it was seen, RFC 3339 in UTC.
    pub(crate) since: String,
}

/// The evidence in words.
pub(crate) fn in_words(evidence: &[Sign], known_as: Option<&KnownAs>) -> String {
    let words = evidence.iter().map(|sign| match (sign, known_as) {
        (Sign::SameAccount, Some(KnownAs { email, since })) => {
            format!("{sign}: sync saw it as {}, since {since}", one_line(email))
        }
        _ => sign.to_string(),
    });
    words.collect::<Vec<_>>().join("; ")
}

/// The command that makes two addresses one person's.
pub(crate) fn rename(lamb: &str, owi: &str) -> FixStep {
    FixStep::command(&["update-creator", "--email", lamb, "--rename", owi])
}

/// How many people of one side have each name, those with an account on both sides too.
#[derive(Debug, Default)]
pub(crate) struct Names(Vec<u64>);

impl Names {
    /// Counts a person.
    pub(crate) fn add(&mut self, signs: PersonSigns) {
        if signs.name != 0 {
            self.0.push(signs.name);
        }
    }

    /// To be asked about.
    pub(crate) fn counted(mut self) -> CountedNames {
        self.0.sort_unstable();
        CountedNames(self.0)
    }
}

/// The names of one side.
#[derive(Debug)]
pub(crate) struct CountedNames(Vec<u64>);

impl CountedNames {
    /// True where exactly one person has this name: a common name is no sign.
    fn is_of_one(&self, name: u64) -> bool {
        let at = self.0.partition_point(|known| *known < name);
        self.0.get(at) == Some(&name) && self.0.get(at + 1) != Some(&name)
    }
}

/// Pairs of candidates that are probably one person, by their places.
///
/// `names`: of all people of LAMB, and of all of Open WebUI. `lms`: addresses that the LMS has for candidates of LAMB.
/// `accounts`: pairs of which an earlier run saw that the account is the creator's, and as what it saw it.
pub(crate) fn pairs(
    lamb: &[Candidate<'_>],
    owi: &[Candidate<'_>],
    names: [&CountedNames; 2],
    lms: &[(&str, u32)],
    accounts: Vec<(u32, u32, KnownAs)>,
) -> Vec<SamePerson> {
    let mut found: Found = accounts.iter().map(|(lamb, owi, _)| (*lamb, *owi, Sign::SameAccount)).collect();
    by_lms(owi, lms, &mut found);
    by_look(lamb, owi, &mut found);
    by_name(lamb, owi, names, &mut found);
    found.sort_unstable();
    found.dedup();
    let mut pairs: Vec<SamePerson> = Vec::new();
    for (lamb, owi, sign) in found {
        match pairs.last_mut().filter(|pair| (pair.lamb, pair.owi) == (lamb, owi)) {
            Some(pair) => pair.evidence.push(sign),
            None => pairs.push(SamePerson { lamb, owi, evidence: vec![sign], known_as: None }),
        }
    }
    for (lamb, owi, known_as) in accounts {
        let at = pairs.binary_search_by_key(&(lamb, owi), |pair| (pair.lamb, pair.owi));
        if let Some(pair) = at.ok().and_then(|at| pairs.get_mut(at)) {
            pair.known_as = Some(known_as);
        }
    }
    pairs
}

type Found = Vec<(u32, u32, Sign)>;

fn by_lms(owi: &[Candidate<'_>], lms: &[(&str, u32)], found: &mut Found) {
    if lms.is_empty() {
        return;
    }
    let mut known = AddressIndex::with_capacity(lms.len());
    let at = |n: u32| lms.get(n as usize).map_or("", |(address, _)| *address);
    for (number, (address, _)) in (0..).zip(lms) {
        known.insert(number, address, at);
    }
    for (number, candidate) in (0..).zip(owi) {
        if let Some((_, creator)) = known.find(candidate.email, at).and_then(|n| lms.get(n as usize)) {
            found.push((*creator, number, Sign::LmsIdentity));
        }
    }
}

/// Numbers of candidates, by a hash that those who belong together share.
fn by_hash(all: &[Candidate<'_>], hash: impl Fn(&Candidate<'_>) -> Option<u64>) -> Vec<(u64, u32)> {
    let mut hashes: Vec<(u64, u32)> =
        (0..).zip(all).filter_map(|(number, candidate)| Some((hash(candidate)?, number))).collect();
    hashes.sort_unstable();
    hashes
}

/// Letters of other alphabets that look like these. Two addresses in ASCII are read apart, and so are digits.
fn by_look(lamb: &[Candidate<'_>], owi: &[Candidate<'_>], found: &mut Found) {
    let is_plain = |candidate: &Candidate<'_>| candidate.email.is_ascii();
    if lamb.iter().all(is_plain) && owi.iter().all(is_plain) {
        return;
    }
    let seed = RandomState::new();
    let hash = |candidate: &Candidate<'_>| Some(seed.hash_one(look(candidate.email)));
    let (ours, theirs) = (by_hash(lamb, hash), by_hash(owi, hash));
    // Each is paired with the first that looks like it: a thousand look-alikes make no million pairs.
    let partner = |others: &[(u64, u32)], of: &[Candidate<'_>], hash: u64, plain: bool| {
        let from = others.partition_point(|(other, _)| *other < hash);
        let alike = others.get(from..).unwrap_or_default().iter().take_while(|(other, _)| *other == hash);
        let mut alike = alike.map(|(_, number)| *number);
        alike.find(|number| !(plain && of.get(*number as usize).is_some_and(is_plain)))
    };
    let plain = |of: &[Candidate<'_>], number: u32| of.get(number as usize).is_some_and(is_plain);
    for (hash, number) in &theirs {
        found.extend(partner(&ours, lamb, *hash, plain(owi, *number)).map(|n| (n, *number, Sign::LooksTheSame)));
    }
    for (hash, number) in &ours {
        found.extend(partner(&theirs, owi, *hash, plain(lamb, *number)).map(|n| (*number, n, Sign::LooksTheSame)));
    }
}

/// How an address looks, whatever the alphabet, and its digits.
fn look(email: &str) -> (String, String) {
    let key = key(email);
    let digits = key.chars().filter(char::is_ascii_digit).collect();
    (skeleton(&key), digits)
}

/// A name is a sign only with another one beside it.
fn by_name(lamb: &[Candidate<'_>], owi: &[Candidate<'_>], names: [&CountedNames; 2], found: &mut Found) {
    let is_sign = |name: u64| name != 0 && names.iter().all(|names| names.is_of_one(name));
    let hash = |candidate: &Candidate<'_>| Some(candidate.signs.name).filter(|name| is_sign(*name));
    let (ours, theirs) = (by_hash(lamb, hash), by_hash(owi, hash));
    for (name, number) in theirs {
        let Ok(at) = ours.binary_search_by_key(&name, |(name, _)| *name) else { continue };
        let Some((_, partner)) = ours.get(at) else { continue };
        let (Some(a), Some(b)) = (lamb.get(*partner as usize), owi.get(number as usize)) else { continue };
        let mut more = beside_the_name(a, b).peekable();
        if more.peek().is_some() {
            found.push((*partner, number, Sign::SameName));
            found.extend(more.map(|sign| (*partner, number, sign)));
        }
    }
}

/// What else two people of one name have in common.
fn beside_the_name<'a>(a: &Candidate<'a>, b: &Candidate<'a>) -> impl Iterator<Item = Sign> + use<> {
    let (ours, theirs) = (key(a.email), key(b.email));
    let (local, domain) = ours.rsplit_once('@').unwrap_or((&ours, ""));
    let (their_local, their_domain) = theirs.rsplit_once('@').unwrap_or((&theirs, ""));
    let (made, their_made) = (a.signs.created_at, b.signs.created_at);
    let together = made != 0 && their_made != 0 && made.abs_diff(their_made) <= CLOSE_BY;
    [
        (local == their_local).then_some(Sign::SameLocalPart),
        (domain == their_domain && !domain.is_empty()).then_some(Sign::SameDomain),
        is_one_edit(&ours, &theirs).then_some(Sign::OneEdit),
        together.then_some(Sign::CreatedTogether),
    ]
    .into_iter()
    .flatten()
}

/// True where one letter was typed otherwise, left out or swapped with the next. A digit is another number, not a typo.
fn is_one_edit(a: &str, b: &str) -> bool {
    if a.len().max(b.len()) > LONGEST || a.len().abs_diff(b.len()) > 4 {
        return false;
    }
    let bare = |text: &str| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    strsim::osa_distance(a, b) == 1 && bare(a) != bare(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The signs of a creator and an account, both alone on their sides.
    fn signs(lamb: (&str, &str, i64), owi: (&str, &str, i64), others: &[&str]) -> Vec<Sign> {
        let of = |(email, name, made): (&'static str, &str, i64)| Candidate {
            email,
            signs: PersonSigns::of(name, email, Some(made)),
        };
        let keep = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
        let (lamb, owi) = (of((keep(lamb.0), lamb.1, lamb.2)), of((keep(owi.0), owi.1, owi.2)));
        let count = |candidate: &Candidate<'_>| {
            let mut names = Names::default();
            names.add(candidate.signs);
            others.iter().for_each(|name| names.add(PersonSigns::of(name, "other@z", None)));
            names.counted()
        };
        let found = pairs(&[lamb], &[owi], [&count(&lamb), &count(&owi)], &[], Vec::new());
        found.into_iter().next().map(|pair| pair.evidence).unwrap_or_default()
    }

    #[test]
    fn a_name_pairs_two_people_only_with_another_sign() {
        use Sign::{CreatedTogether, OneEdit, SameDomain, SameLocalPart, SameName};
        let day = 86_400;
        let anna = ("anna.rossi@old.example", "Anna Rossi", day);
        assert_eq!(signs(anna, ("a.r@new.example", "ANNA RÒSSI", 9 * day), &[]), []);
        assert_eq!(signs(anna, ("a.r@new.example", "ANNA RÒSSI", 2 * day), &[]), [SameName, CreatedTogether]);
        assert_eq!(signs(anna, ("Anna.Rossi@new.example", "anna rossi", 0), &[]), [SameName, SameLocalPart]);
        assert_eq!(signs(anna, ("anna.bianchi@old.example", "Anna Rossi", 0), &[]), [SameName, SameDomain]);
        assert_eq!(signs(anna, ("ana.rossi@old.example", "Anna Rossi", 0), &[]), [SameName, SameDomain, OneEdit]);
        assert_eq!(signs(anna, ("anna.rossi@odl.example", "Anna Rossi", 0), &[]), [SameName, SameLocalPart, OneEdit]);
        // Without the name, nothing of this is a sign.
        assert_eq!(signs(anna, ("anna.rossi@new.example", "Anna Bianchi", day), &[]), []);
    }

    #[test]
    fn a_common_name_or_digits_alone_pair_no_two_people() {
        let anna = ("anna@old.example", "Anna Rossi", 5);
        assert_eq!(signs(anna, ("anna@new.example", "Anna Rossi", 5), &["anna rossi"]), []);
        assert_eq!(signs(("12345@x", "12345", 0), ("12346@x", "12346", 0), &[]), []);
        assert_eq!(signs(("12345@x", "12345", 5), ("12346@x", "12345", 5), &[]), []);
        assert_eq!(signs(("a1@x", "A", 0), ("al@x", "B", 0), &[]), [], "1 and l are read apart");
        assert!(!is_one_edit("12345@x", "12346@x") && !is_one_edit("1234@x", "12346@x"));
        assert!(is_one_edit("ana@x", "anna@x") && is_one_edit("nana@x", "anna@x") && !is_one_edit("a@x", "a@x"));
    }

    #[test]
    fn letters_of_another_alphabet_look_the_same() {
        let look = |a: &str, b: &str| signs((a, "", 0), (b, "", 0), &[]);
        assert_eq!(look("anna@x.example", "\u{430}nn\u{430}@x.example"), [Sign::LooksTheSame]);
        assert_eq!(look("\u{430}nna@x.example", "anna@x.example"), [Sign::LooksTheSame]);
        assert_eq!(look("\u{430}nna1@x", "annal@x"), [], "another digit");
        assert_eq!(look("zoë@x", "zoe@x"), [], "an accent is read");
        assert_eq!(look("morn@x", "mom@x"), [], "plain letters are read");
    }

    #[test]
    fn the_lms_says_who_is_who() {
        let of = |email| Candidate { email, signs: PersonSigns::default() };
        let none = Names::default().counted();
        let (lamb, owi) = ([of("old@x"), of("other@x")], [of("b@y"), of("New@x")]);
        let found = pairs(&lamb, &owi, [&none, &none], &[("new@x", 1)], Vec::new());
        assert_eq!(found, [SamePerson { lamb: 1, owi: 1, evidence: vec![Sign::LmsIdentity], known_as: None }]);
    }

    #[test]
    fn a_thousand_look_alikes_make_few_pairs() {
        let emails: Vec<String> = (0..1000).map(|n| format!("\u{430}{}@x", "\u{430}a".repeat(n % 2 + 1))).collect();
        let all: Vec<Candidate<'_>> =
            emails.iter().map(|email| Candidate { email, signs: PersonSigns::default() }).collect();
        let none = Names::default().counted();
        assert!(pairs(&all, &all, [&none, &none], &[], Vec::new()).len() <= 2000);
    }
}
