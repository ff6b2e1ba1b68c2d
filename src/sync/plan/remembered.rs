//! What earlier runs have seen: who was a creator and is gone, in LAMB or in Open WebUI.

use std::collections::{HashMap, HashSet};

use super::same_people::Place;
use super::{Planner, Removed, Seen, created, spelling};
use crate::checks::common_cause::{lost_accounts, lost_creators};
use crate::checks::same_person::KnownAs;
use crate::clock;
use crate::email::same_address;
use crate::sync::memory::{MemoryUpdate, Present, Remembered};

/// So many who are gone, and who were the last to come, are no coincidence.
const A_FEW: usize = 3;

/// What is kept of the people that earlier runs saw.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// For each creator: true where the memory has it as it is.
    known: Vec<bool>,
    /// For each creator: the number of its account. Empty where nothing is to be written.
    pub(super) accounts: Vec<u128>,
    /// For each newcomer: the same.
    pub(super) newcomers: Vec<u128>,
    /// Those that LAMB lacks now.
    gone: Vec<Remembered>,
    outdated: Vec<i64>,
    /// When the newest creator who is still there was first seen, and the newest who still has an account.
    newest: i64,
    newest_with_account: i64,
    /// Creators whose account is not there under their e-mail.
    missed: Vec<SeenAccount>,
    /// Users without a creator whose account was a creator's, by the account: where they are in the lists.
    found: HashMap<u128, Place>,
    /// For those in `found` who are one of `missed`: which.
    renamed: HashMap<Place, usize>,
}

/// An account that an earlier run saw as a creator's.
#[derive(Debug)]
pub(super) struct SeenAccount {
    /// The creator's place among all.
    pub(super) number: u32,
    /// The number of the account.
    account: u128,
    /// The creator's e-mail then.
    email: Box<str>,
    /// When the person was first seen.
    first: i64,
}

impl SeenAccount {
    pub(super) fn known_as(&self) -> KnownAs {
        KnownAs { email: self.email.to_string(), since: clock::rfc3339(self.first) }
    }
}

impl Past {
    /// The creator whose account the user at this place has.
    pub(super) fn seen_account(&self, place: Place) -> Option<&SeenAccount> {
        self.missed.get(*self.renamed.get(&place)?)
    }
}

impl Planner<'_> {
    /// Prepares what an applied run writes down.
    #[must_use]
    pub(crate) fn remembering(mut self) -> Self {
        self.past.accounts = vec![0; self.lamb.creators.len()];
        self.is_remembering = true;
        self
    }

    /// Takes a person that an earlier run saw as a creator, after all people of Open WebUI.
    pub(crate) fn remember(&mut self, person: Remembered) {
        let lamb = self.lamb;
        if self.past.known.is_empty() {
            self.past.known = vec![false; lamb.creators.len()];
        }
        let at = person.id.and_then(|id| lamb.creators.binary_search_by_key(&id, |creator| creator.id).ok());
        let by_id = at.and_then(|at| u32::try_from(at).ok());
        let is_same = by_id.filter(|number| same_address(spelling(lamb, *number), &person.email));
        // With another e-mail under its id, it was renamed in LAMB.
        let by_address = || self.creators.find(&person.email, |n| spelling(lamb, n));
        let Some(number) = is_same.or_else(by_address).or(by_id) else {
            self.past.gone.push(person);
            return;
        };
        let Some(creator) = lamb.creators.get(number as usize) else { return };
        if person.id.is_some_and(|id| id != creator.id) {
            self.past.outdated.extend(person.id);
            return;
        }
        let past = &mut self.past;
        let account = past.accounts.get(number as usize).copied().unwrap_or(0);
        let has_same_account = account == 0 || account == person.account;
        let is_as_it_was = !person.was_gone && creator.email == person.email && has_same_account;
        if let Some(known) = past.known.get_mut(number as usize) {
            *known = is_as_it_was;
        }
        past.newest = past.newest.max(person.first);
        match self.seen.get(number as usize) {
            Some(Seen::Not) if person.account != 0 => {
                let Remembered { account, email, first, .. } = person;
                past.missed.push(SeenAccount { number, account, email, first });
            }
            Some(Seen::Once { .. }) => past.newest_with_account = past.newest_with_account.max(person.first),
            _ => {}
        }
    }

    /// True where no user of Open WebUI would get a creator.
    pub(crate) fn has_no_newcomers(&self) -> bool {
        self.creates.is_empty()
    }

    /// True where this user of Open WebUI would get a creator.
    pub(crate) fn is_newcomer(&self, email: &str) -> bool {
        self.created.find(email, |n| created(&self.creates, n)).is_some()
    }

    /// Looks for the accounts of those who are gone or missed: under another e-mail, the account is the same person's.
    pub(super) fn find_accounts(&mut self) {
        let past = &mut self.past;
        let missed = past.missed.iter().map(|seen| seen.account);
        let mut wanted: HashSet<u128> = past.gone.iter().map(|person| person.account).chain(missed).collect();
        wanted.remove(&0);
        if wanted.is_empty() {
            return;
        }
        let newcomers = (0..).zip(&past.newcomers).map(|(at, account)| (Place::Newcomer(at), *account));
        let left = (0..).zip(&self.left).map(|(at, left)| (Place::Left(at), left.account));
        let outside = (0..).zip(&self.strangers.outside).map(|(at, (.., account))| (Place::Outside(at), *account));
        let all = newcomers.chain(left).chain(outside);
        past.found = all.filter(|(_, account)| wanted.contains(account)).map(|(at, account)| (account, at)).collect();
        let renamed = (0..).zip(&past.missed).filter_map(|(at, seen)| Some((*past.found.get(&seen.account)?, at)));
        past.renamed = renamed.collect();
    }

    /// Takes those out of the plan who were removed in LAMB, unless so many are gone at once that they were lost.
    pub(super) fn find_removed(&mut self) {
        let creators = self.lamb.creators.len();
        let gone = std::mem::take(&mut self.past.gone);
        let since = |persons: &[i64]| persons.iter().copied().min();
        let lost: Vec<i64> = gone.iter().filter(|person| !person.was_gone).map(|person| person.first).collect();
        let is_block =
            |gone: &[i64], newest: i64| gone.len() >= A_FEW && since(gone).is_some_and(|first| first > newest);
        let cause = lost_creators(lost.len(), creators, since(&lost), is_block(&lost, self.past.newest));
        let missed = self.past.missed.iter().filter(|seen| !self.past.found.contains_key(&seen.account));
        let accounts: Vec<i64> = missed.map(|seen| seen.first).collect();
        let is_backup = is_block(&accounts, self.past.newest_with_account);
        self.found.lost.extend(lost_accounts(accounts.len(), since(&accounts), is_backup));
        let is_lost = cause.is_some();
        self.found.lost.extend(cause);
        self.found.memory.outdated = std::mem::take(&mut self.past.outdated);
        for person in gone {
            if is_lost && !person.was_gone {
                continue;
            }
            if !person.was_gone {
                self.found.memory.gone.extend(person.id);
            }
            self.remove(&person);
        }
        self.write_down();
    }

    /// A user of Open WebUI who was a creator.
    fn remove(&mut self, person: &Remembered) {
        let by_email = self.created.find(&person.email, |n| created(&self.creates, n));
        let by_account = || match self.past.found.get(&person.account) {
            Some(Place::Newcomer(at)) => u32::try_from(*at).ok(),
            _ => None,
        };
        let Some(number) = by_email.or_else(by_account) else { return };
        let email = created(&self.creates, number);
        if self.policy.recreates(email) {
            return;
        }
        let removed = Removed { email: email.to_owned(), since: clock::rfc3339(person.last) };
        if self.struck.get_mut(number as usize).is_some_and(|struck| !std::mem::replace(struck, true)) {
            self.found.summary.removed += 1;
            self.found.removed.push(removed);
        }
    }

    /// Creators that the memory does not have as they are.
    fn write_down(&mut self) {
        if !self.is_remembering {
            self.found.memory = MemoryUpdate::default();
            return;
        }
        for (at, creator) in self.lamb.creators.iter().enumerate() {
            if !self.past.known.get(at).copied().unwrap_or(false) {
                let account = self.past.accounts.get(at).copied().unwrap_or(0);
                let present = Present { id: creator.id, email: creator.email.clone(), account };
                self.found.memory.present.push(present);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{creator, flags, lamb, user};
    use super::*;
    use crate::email::Email;
    use crate::lamb::people::Role;
    use crate::owi::file::people::{OwiPerson, Standing};
    use crate::sync::plan::SyncPlan;
    use crate::sync::policy::{PolicyFlags, Recreate};

    fn seen(id: i64, email: &str, first: i64, was_gone: bool) -> Remembered {
        Remembered { id: Some(id), email: email.into(), account: 7_000 + id as u128, first, last: 100, was_gone }
    }

    /// Creators 1 to `there`, of whom each has an account, and `past`, who have accounts too where `have` says so.
    fn planned(there: i64, past: &[Remembered], have: bool, recreate: Recreate) -> SyncPlan {
        let email = |id: i64| format!("u{id}@x");
        let lamb = lamb((1..=there).map(|id| creator(id, &email(id), Role::Manager)).collect());
        let policy = flags(PolicyFlags { recreate: Vec::new(), ..PolicyFlags::default() }).with_recreate(recreate);
        let mut planner = Planner::new(&lamb, &policy, None).remembering();
        let account = |id: i64| OwiPerson { account: 7_000 + id as u128, ..user(&email(id), "user", Standing::Active) };
        (1..=there).for_each(|id| planner.person(account(id)));
        let absent = past.iter().filter(|person| have && person.id > Some(there));
        absent.for_each(|person| planner.person(user(&person.email, "user", Standing::Active)));
        past.iter().for_each(|person| planner.remember(person.clone()));
        planner.finish(&[])
    }

    #[test]
    fn a_removed_creator_is_not_created_again() {
        let past = [seen(1, "u1@x", 5, false), seen(9, "Gone@x", 5, false), seen(8, "long@x", 5, true)];
        let found = planned(1, &past, true, Recreate::All(false));
        assert_eq!((found.plan.changes, found.summary.removed, found.lost), (vec![], 2, vec![]));
        assert_eq!(found.removed[0], Removed { email: "Gone@x".to_owned(), since: "1970-01-01T00:01:40Z".to_owned() });
        assert_eq!((found.memory.gone, found.memory.present), (vec![9], vec![]), "the other was gone before");
        for (recreate, created) in [(Recreate::All(true), 2), (Recreate::These(vec![Email::stored("gone@X")]), 1)] {
            assert_eq!(planned(1, &past, true, recreate).plan.changes.len(), created);
        }
    }

    #[test]
    fn who_is_renamed_in_lamb_is_not_removed() {
        let found = planned(1, &[seen(1, "old@x", 5, false)], false, Recreate::All(false));
        assert_eq!((found.memory.gone, found.memory.present[0].email.as_ref()), (vec![], "u1@x"));
    }

    /// Whatever the e-mail is now: the account is the removed creator's, or that of a creator who is there.
    #[test]
    fn an_account_under_another_email_is_still_the_creators() {
        let lamb = lamb(vec![creator(1, "u1@x", Role::Manager)]);
        let policy = flags(PolicyFlags { disable_missing: true, ..PolicyFlags::default() });
        let mut planner = Planner::new(&lamb, &policy, None);
        for (email, account) in [("new@x", 7_001), ("other@x", 7_009), ("newcomer@x", 3)] {
            planner.person(OwiPerson { account, ..user(email, "user", Standing::Active) });
        }
        planner.remember(seen(1, "u1@x", 5, false));
        planner.remember(seen(9, "removed@x", 5, true));
        let found = planner.finish(&[]);
        assert_eq!((found.plan.changes.len(), found.plan.changes[0].email()), (1, "newcomer@x"));
        assert_eq!(found.removed[0].email, "other@x");
        let [conflict] = found.conflicts.as_slice() else { panic!("{found:?}") };
        assert_eq!((&*conflict.lamb[0], &*conflict.owi[0]), ("u1@x", "new@x"));
        let told = crate::checks::same_person::in_words(&conflict.evidence, conflict.known_as.as_ref());
        assert_eq!(told, "the same account in Open WebUI, by its id: sync saw it as u1@x, since 1970-01-01T00:00:05Z");
        assert_eq!((found.lost, found.summary.probably_renamed, found.summary.conflicting), (vec![], 1, 1));
    }

    #[test]
    fn those_who_came_last_and_are_gone_at_once_are_lost_not_removed() {
        let old = |id| seen(id, &format!("u{id}@x"), 5, false);
        let new = |id| seen(id, &format!("u{id}@x"), 50, false);
        let past: Vec<Remembered> = (1..=4).map(old).chain((5..=7).map(new)).collect();
        let found = planned(4, &past, true, Recreate::All(false));
        assert_eq!((found.plan.changes.len(), found.lost.len(), found.summary.removed), (3, 1, 0));
        assert_eq!(found.memory.gone, Vec::<i64>::new(), "not remembered as removals");
        // Two are a coincidence, and so are three of all ages.
        assert_eq!(planned(4, &past[..6], true, Recreate::All(false)).summary.removed, 2);
        let found = planned(1, &past[..4], true, Recreate::All(false));
        assert_eq!((found.summary.removed, found.lost.len()), (3, 0));
    }

    #[test]
    fn accounts_that_came_last_and_are_gone_at_once_are_one_finding() {
        let lamb = lamb((1..=5).map(|id| creator(id, &format!("u{id}@x"), Role::Manager)).collect());
        let policy = flags(PolicyFlags { disable_missing: true, ..PolicyFlags::default() });
        for (first, lost) in [(50, 1), (5, 0)] {
            let mut planner = Planner::new(&lamb, &policy, None);
            (1..=2).for_each(|id| planner.person(user(&format!("u{id}@x"), "user", Standing::Active)));
            for id in 1..=5 {
                planner.remember(seen(id, &format!("u{id}@x"), if id > 2 { first } else { 5 }, false));
            }
            assert_eq!(planner.finish(&[]).lost.len(), lost, "{first}");
        }
    }
}
