//! Addresses that are only in LAMB, and addresses that are only in Open WebUI: some are one person.

use std::collections::{HashMap, HashSet};
use std::io;

use super::people::PeopleError;
use super::record::{KnownPerson, RowCounts};
use crate::checks::same_person::{self, Candidate, KnownAs, Names, Sign};
use crate::clock;
use crate::email::{self, key};
use crate::findings::{CREATOR_MISSING, FixStep, FixedBy, Hit, OWI_USER_MISSING, PROBABLY_RENAMED};
use crate::lamb::db::LambDb;
use crate::lamb::lms::lms_domain;
use crate::messages;
use crate::sort::Sorted;
use crate::sync::memory::{Memory, Remembered};

/// Two addresses that are probably one person's.
#[derive(Clone, Debug)]
pub(super) struct SameAddresses {
    lamb: String,
    owi: String,
    evidence: Vec<Sign>,
    known_as: Option<KnownAs>,
}

/// True for what pairs may change: the other side may have the user under another address.
pub(super) fn one_side_lacks_the_user(hit: &Hit) -> bool {
    [&CREATOR_MISSING, &OWI_USER_MISSING].contains(&hit.finding)
}

impl SameAddresses {
    /// As [`weigh`](Self::weigh), if the account's id proves it. Otherwise the finding stays, and says who this probably is.
    pub(super) fn weigh_one(&self, hit: &mut Hit) {
        if self.evidence.contains(&Sign::SameAccount) {
            self.weigh(hit);
        } else if one_side_lacks_the_user(hit) {
            hit.detail = format!("{}; {}", hit.detail, self.in_words());
            let rename = same_person::rename(&self.lamb, &self.owi);
            hit.fix = vec![format!("If they are one person: {}", rename.text()).into(), self.if_two()];
            hit.by = FixedBy::Person;
        }
    }

    /// What to do if both are not one person: LAMB gets the second one as well.
    fn if_two(&self) -> FixStep {
        let new = FixStep::command(&["create-creator", "--email", &self.owi]);
        format!("If they are two people: {}", new.text()).into()
    }

    fn in_words(&self) -> String {
        let Self { lamb, owi, evidence, known_as } = self;
        let evidence = same_person::in_words(evidence, known_as.as_ref());
        format!("probably one person: {lamb} in LAMB, {owi} in Open WebUI ({evidence})")
    }

    /// True where the finding was that one side lacks the user: it becomes that the e-mail changed.
    pub(super) fn weigh(&self, hit: &mut Hit) -> bool {
        if !one_side_lacks_the_user(hit) {
            return false;
        }
        let fix = [same_person::rename(&self.lamb, &self.owi), self.if_two()];
        *hit = Hit::new(&PROBABLY_RENAMED, self.in_words()).fixed_by(fix).severity(hit.severity, hit.effect);
        true
    }
}

/// All of them, by the keys of both addresses.
#[derive(Debug, Default)]
pub(super) struct SamePeople(HashMap<String, SameAddresses>);

impl SamePeople {
    /// Reads all rows, and goes back to the first. Keeps only those who are on one side alone.
    ///
    /// # Errors
    /// Where a temporary file or LAMB's database cannot be read.
    pub(super) fn find(sorted: &mut Sorted, lamb: &LambDb) -> Result<Self, PeopleError> {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        every_address(sorted, |key, rows| {
            let side = match (rows.creators, rows.users) {
                (1, 0) => &mut ours,
                (0, 1) if !rows.is_student => &mut theirs,
                _ => return Ok(()),
            };
            // The address that LAMB makes of an LMS's id changes with no person.
            if !key.is_empty() && key.len() <= email::MAX_BYTES && lms_domain(key).is_none() {
                side.extend(rows.last(key)?);
            }
            Ok(())
        })?;
        if ours.is_empty() || theirs.is_empty() {
            return Ok(Self::default());
        }
        let asked: HashSet<u64> = ours.iter().map(|only| only.signs.name).collect();
        let (mut our_names, mut their_names) = (Names::default(), Names::default());
        every_address(sorted, |key, rows| {
            let known = rows.last(key)?.map(|person| person.signs).filter(|signs| asked.contains(&signs.name));
            let Some(signs) = known else { return Ok(()) };
            for _ in 0..rows.creators {
                our_names.add(signs);
            }
            let is_student = rows.creators == 0 && (rows.is_student || lms_domain(key).is_some());
            for _ in 0..if is_student { 0 } else { rows.users } {
                their_names.add(signs);
            }
            Ok(())
        })?;
        let addresses = lamb.lms_addresses()?;
        let creators: HashMap<i64, u32> = (0..).zip(&ours).map(|(at, only)| (only.creator, at)).collect();
        let lms: Vec<(&str, u32)> =
            addresses.iter().filter_map(|(address, id)| Some((&**address, *creators.get(id)?))).collect();
        let accounts = seen_before(lamb, &creators, &theirs);
        let (ours, theirs) = (candidates(&ours), candidates(&theirs));
        let mut found = HashMap::new();
        let names = [&our_names.counted(), &their_names.counted()];
        for pair in same_person::pairs(&ours, &theirs, names, &lms, accounts) {
            let (Some(lamb), Some(owi)) = (ours.get(pair.lamb as usize), theirs.get(pair.owi as usize)) else {
                continue;
            };
            let same = SameAddresses {
                lamb: lamb.email.to_owned(),
                owi: owi.email.to_owned(),
                known_as: pair.known_as,
                evidence: pair.evidence,
            };
            for email in [lamb.email, owi.email] {
                found.entry(key(email).into_owned()).or_insert_with(|| same.clone());
            }
        }
        Ok(Self(found))
    }

    /// Who the user of this address probably is on the other side.
    pub(super) fn of(&self, key: &str) -> Option<&SameAddresses> {
        self.0.get(key)
    }
}

/// Pairs of which the memory of `sync` has that the account is the creator's, by their places; and as what it was seen.
///
/// The memory is of the user who runs `sync`: where another user may not read it, a note says so.
fn seen_before(lamb: &LambDb, creators: &HashMap<i64, u32>, theirs: &[KnownPerson]) -> Vec<(u32, u32, KnownAs)> {
    let places: HashMap<u128, u32> = (0..).zip(theirs).map(|(at, only)| (only.account, at)).collect();
    let mut pairs = Vec::new();
    let mut visit = |seen: Remembered| {
        let ours = seen.id.and_then(|id| creators.get(&id));
        if let (Some(ours), Some(theirs)) = (ours, places.get(&seen.account)) {
            pairs.push((*ours, *theirs, KnownAs { email: seen.email.into(), since: clock::rfc3339(seen.first) }));
        }
    };
    if Memory::of(lamb, lamb.lock_timeout()).read(&mut visit).is_err() {
        messages::note("The memory of sync could not be read: accounts that it knows by their id were not compared.");
    }
    pairs
}

fn candidates(all: &[KnownPerson]) -> Vec<Candidate<'_>> {
    all.iter().map(|only| Candidate { email: &only.email, signs: only.signs }).collect()
}

/// Visits all addresses, and goes back to the first.
fn every_address(sorted: &mut Sorted, mut visit: impl FnMut(&str, &RowCounts) -> io::Result<()>) -> io::Result<()> {
    let mut rows = RowCounts::default();
    while let Some(key) = sorted.next_group(|_, value| rows.add(value))? {
        visit(&key, &rows)?;
        rows.clear();
    }
    sorted.rewind()
}
