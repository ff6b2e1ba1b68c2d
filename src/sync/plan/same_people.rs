//! Creators who are only in LAMB, and users who are only in Open WebUI: some are one person, whose address changed.

use super::{Conflict, Planner, Seen, created, is_garbled, spelling};
use crate::checks::same_person::{self, Candidate, KnownAs, Names};
use crate::email;
use crate::email::name::PersonSigns;
use crate::lamb::lms::lms_domain;

/// What is kept of those who have no creator, until it is known who is only in LAMB.
#[derive(Debug, Default)]
pub(super) struct Strangers {
    /// The names of all users of Open WebUI, students excepted: a teacher has accounts of the LMS too.
    pub(super) names: Names,
    /// For each of the newcomers.
    pub(super) created: Vec<PersonSigns>,
    /// Users who are no business of the policy, where their creators might be disabled, each with its account.
    pub(super) outside: Vec<(Box<str>, PersonSigns, u128)>,
    /// What was found.
    pub(super) conflicts: Vec<Conflict>,
}

/// A user of Open WebUI who has no creator: in which list, and at which place of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Newcomer(usize),
    Left(usize),
    Outside(usize),
}

impl Planner<'_> {
    /// Keeps a user that the policy does not cover: a creator who is this person must not be disabled.
    pub(super) fn outside(&mut self, email: Box<str>, signs: PersonSigns, account: u128) {
        if self.policy.disables_missing() && !self.lamb.creators.is_empty() {
            self.strangers.outside.push((email, signs, account));
        }
    }

    /// Takes those who are probably one person out of the plan: neither created, nor disabled.
    pub(super) fn find_same_people(&mut self) {
        let lamb = self.lamb;
        let is_candidate = |number: u32, email: &str| {
            // The address that LAMB makes of an LMS's id changes with no person.
            self.seen.get(number as usize) == Some(&Seen::Not)
                && !is_garbled(email)
                && lms_domain(&email::key(email)).is_none()
        };
        let (mut numbers, mut ours) = (Vec::new(), Vec::new());
        for (number, creator) in (0..).zip(&lamb.creators) {
            if is_candidate(number, &creator.email) {
                numbers.push(number);
                ours.push(Candidate { email: &creator.email, signs: creator.signs });
            }
        }
        if ours.is_empty() {
            return;
        }
        let their_names = std::mem::take(&mut self.strangers.names).counted();
        let (places, theirs) = self.only_in_open_webui();
        if theirs.is_empty() {
            return;
        }
        let mut our_names = Names::default();
        lamb.creators.iter().for_each(|creator| our_names.add(creator.signs));
        let mut lms = Vec::new();
        for (address, id) in &lamb.lms_addresses {
            let at = numbers.binary_search_by_key(id, |n| lamb.creators.get(*n as usize).map_or(0, |c| c.id));
            lms.extend(at.ok().and_then(|at| u32::try_from(at).ok()).map(|at| (&**address, at)));
        }
        let accounts = self.same_accounts(&numbers, &places);
        let pairs = same_person::pairs(&ours, &theirs, [&our_names.counted(), &their_names], &lms, accounts);
        let mut conflicts = Vec::with_capacity(pairs.len());
        let (mut renamed, mut newcomers) = (Vec::new(), Vec::new());
        for pair in pairs {
            let (Some(number), Some(place)) = (numbers.get(pair.lamb as usize), places.get(pair.owi as usize)) else {
                continue;
            };
            let owi = theirs.get(pair.owi as usize).map_or("", |candidate| candidate.email);
            let lamb = spelling(lamb, *number);
            renamed.push(*number);
            if let Place::Newcomer(at) = place {
                newcomers.push(*at);
            }
            conflicts.push(Conflict {
                lamb: vec![lamb.to_owned()],
                owi: vec![owi.to_owned()],
                known_as: pair.known_as,
                evidence: pair.evidence,
                fix: Some(same_person::rename(lamb, owi)),
            });
        }
        // Not by the order in which they came.
        conflicts.sort_by(|a, b| (&a.lamb, &a.owi).cmp(&(&b.lamb, &b.owi)));
        conflicts.dedup();
        self.strangers.conflicts = conflicts;
        for number in renamed {
            if let Some(seen @ Seen::Not) = self.seen.get_mut(number as usize) {
                *seen = Seen::Conflict;
                self.found.summary.probably_renamed += 1;
            }
        }
        for at in newcomers {
            if self.struck.get_mut(at).is_some_and(|struck| !std::mem::replace(struck, true)) {
                self.found.summary.conflicting += 1;
            }
        }
    }

    /// Pairs of which an earlier run saw that the account is the creator's, by their places; and as what it was seen.
    fn same_accounts(&self, numbers: &[u32], places: &[Place]) -> Vec<(u32, u32, KnownAs)> {
        let mut pairs = Vec::new();
        for (theirs, place) in (0..).zip(places) {
            let Some(seen) = self.past.seen_account(*place) else { continue };
            let Ok(ours) = numbers.binary_search(&seen.number) else { continue };
            pairs.extend(u32::try_from(ours).map(|ours| (ours, theirs, seen.known_as())));
        }
        pairs
    }

    /// Those who have no creator, students and those whose address is in conflict excepted.
    fn only_in_open_webui(&self) -> (Vec<Place>, Vec<Candidate<'_>>) {
        let newcomers = (0..).zip(&self.struck).filter(|(_, struck)| !**struck).map(|(at, _)| {
            let signs = self.strangers.created.get(at).copied().unwrap_or_default();
            let email = created(&self.creates, u32::try_from(at).unwrap_or(u32::MAX));
            (Place::Newcomer(at), Candidate { email, signs })
        });
        let others = (0..).zip(&self.left).filter(|(_, other)| !other.struck && other.email.len() <= email::MAX_BYTES);
        let others = others.map(|(at, other)| (Place::Left(at), Candidate { email: &other.email, signs: other.signs }));
        let outside = (0..).zip(&self.strangers.outside);
        let outside = outside.map(|(at, (email, signs, _))| (Place::Outside(at), Candidate { email, signs: *signs }));
        newcomers.chain(others).chain(outside).filter(|(_, candidate)| !self.policy.is_new(candidate.email)).unzip()
    }
}
