//! What earlier runs have seen: who was a creator and is gone, in LAMB or in Open WebUI.

use std::collections::{HashMap, HashSet};

use super::same_people::Place;
use super::{Conflict, Planner, Removed, Seen, created, spelling};
use crate::checks::common_cause::{lost_accounts, lost_creators};
use crate::checks::same_person::{KnownAs, Sign, rename};
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
    /// For each creator: the number of its account.
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
    /// Users without a creator, by the account: where they are in the lists. `None` until a person with an account is
    /// remembered.
    places: Option<HashMap<u128, Place>>,
    /// Accounts of newcomers that were those of creators who are still in LAMB, with another account or none.
    moved: Vec<(usize, SeenAccount)>,
    /// Creators whose e-mail another account has now: their accounts, as they were seen.
    exchanged: HashMap<u128, SeenAccount>,
    /// Those who are created again, by their place among the new creators.
    recreated: HashSet<u32>,
    /// For the users without a creator who are one of `missed`: which.
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
    pub(super) fn new(creators: usize) -> Self {
        Self { accounts: vec![0; creators], ..Self::default() }
    }

    /// The creator whose account the user at this place has.
    pub(super) fn seen_account(&self, place: Place) -> Option<&SeenAccount> {
        self.missed.get(*self.renamed.get(&place)?)
    }
}

impl Planner<'_> {
    /// Prepares what an applied run writes down.
    #[must_use]
    pub(crate) fn remembering(mut self) -> Self {
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
            self.watch_account(number, person);
            return;
        }
        let past = &mut self.past;
        let account = past.accounts.get(number as usize).copied().unwrap_or(0);
        let has_same_account = account == 0 || account == person.account;
        let is_as_it_was = !person.was_gone && creator.email == person.email && has_same_account;
        if let Some(known) = past.known.get_mut(number as usize) {
            *known = is_as_it_was;
        }
        if !has_same_account && person.account != 0 {
            let Remembered { account, ref email, first, .. } = person;
            past.exchanged.insert(account, SeenAccount { number, account, email: email.clone(), first });
        }
        past.newest = past.newest.max(person.first);
        match self.seen.get(number as usize) {
            Some(Seen::Not) if person.account != 0 => {
                let Remembered { account, email, first, .. } = person;
                past.missed.push(SeenAccount { number, account, email, first });
            }
            Some(Seen::Once { .. }) => {
                past.newest_with_account = past.newest_with_account.max(person.first);
                self.watch_account(number, person);
            }
            Some(Seen::Conflict) => self.watch_account(number, person),
            _ => {}
        }
    }

    /// Keeps the account of a creator who is still in LAMB, where a newcomer has it now.
    fn watch_account(&mut self, number: u32, person: Remembered) {
        if let Some(Place::Newcomer(at)) = self.place_of(person.account) {
            let Remembered { account, email, first, .. } = person;
            self.past.moved.push((at, SeenAccount { number, account, email, first }));
        }
    }

    /// The user without a creator who has this account.
    fn place_of(&mut self, account: u128) -> Option<Place> {
        if account == 0 {
            return None;
        }
        let Self { past, left, strangers, .. } = self;
        let places = past.places.get_or_insert_with(|| {
            let newcomers = (0..).zip(&past.newcomers).map(|(at, account)| (*account, Place::Newcomer(at)));
            let left = (0..).zip(left.iter()).map(|(at, left)| (left.account, Place::Left(at)));
            let outside = (0..).zip(&strangers.outside).map(|(at, (.., account))| (*account, Place::Outside(at)));
            newcomers.chain(left).chain(outside).filter(|(account, _)| *account != 0).collect()
        });
        places.get(&account).copied()
    }

    /// True where no user of Open WebUI would get a creator.
    pub(crate) fn has_no_newcomers(&self) -> bool {
        self.creates.is_empty()
    }

    /// True where this user of Open WebUI would get a creator.
    pub(crate) fn is_newcomer(&self, email: &str) -> bool {
        self.created.find(email, |n| created(&self.creates, n)).is_some()
    }

    /// Looks for the accounts of those who are missed: under another e-mail, the account is the same person's.
    pub(super) fn find_accounts(&mut self) {
        let accounts: Vec<u128> = self.past.missed.iter().map(|seen| seen.account).collect();
        for (at, account) in accounts.into_iter().enumerate() {
            if let Some(place) = self.place_of(account) {
                self.past.renamed.insert(place, at);
            }
        }
    }

    /// Takes newcomers out of the plan who have the account of a creator: another account has got the creator's e-mail
    /// since, and a person must say whose the creator is.
    pub(super) fn find_moved(&mut self) {
        for (at, seen) in std::mem::take(&mut self.past.moved) {
            let owi = created(&self.creates, u32::try_from(at).unwrap_or(u32::MAX));
            if self.policy.is_new(owi) {
                continue;
            }
            if self.struck.get_mut(at).is_some_and(|struck| !std::mem::replace(struck, true)) {
                let lamb = spelling(self.lamb, seen.number);
                self.found.summary.conflicting += 1;
                self.strangers.conflicts.push(Conflict {
                    lamb: vec![lamb.to_owned()],
                    owi: vec![owi.to_owned()],
                    known_as: Some(seen.known_as()),
                    evidence: vec![Sign::SameAccount],
                    fix: Some(rename(lamb, owi)),
                });
            }
        }
    }

    /// Changes nothing of those whose account has the e-mail of another creator now: the user is there, and a person must
    /// say whose that creator is. If two e-mails were exchanged, both creators are conflicts.
    pub(super) fn find_taken(&mut self) {
        let lamb = self.lamb;
        let Self { past, seen: states, strangers, found, .. } = self;
        let owners: HashMap<u128, &SeenAccount> =
            past.missed.iter().chain(past.exchanged.values()).map(|seen| (seen.account, seen)).collect();
        for (holder, account) in (0..).zip(&past.accounts).filter(|_| !owners.is_empty()) {
            let Some(seen) = owners.get(account) else { continue };
            let Some(state) = states.get_mut(seen.number as usize) else { continue };
            match std::mem::replace(state, Seen::Conflict) {
                Seen::Not => found.summary.probably_renamed += 1,
                Seen::Once { .. } => found.summary.conflicting += 1,
                Seen::Conflict => continue,
            }
            strangers.conflicts.push(Conflict {
                lamb: vec![spelling(lamb, seen.number).to_owned()],
                owi: vec![spelling(lamb, holder).to_owned()],
                known_as: Some(seen.known_as()),
                evidence: vec![Sign::SameAccount],
                fix: None,
            });
        }
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
        let found: HashSet<usize> = self.past.renamed.values().copied().collect();
        let missed = self.past.missed.iter().enumerate().filter(|(at, _)| !found.contains(at));
        let accounts: Vec<i64> = missed.map(|(_, seen)| seen.first).collect();
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

    /// A user of Open WebUI who was a creator: who has the e-mail, and who has the account, if these are two.
    fn remove(&mut self, person: &Remembered) {
        let by_email = self.created.find(&person.email, |n| created(&self.creates, n));
        let by_account = match self.place_of(person.account) {
            Some(Place::Newcomer(at)) => u32::try_from(at).ok(),
            _ => None,
        };
        for number in by_email.into_iter().chain(by_account) {
            let email = created(&self.creates, number);
            if self.policy.recreates(email) {
                if self.past.recreated.insert(number) {
                    self.found.recreated.push(email.to_owned());
                }
                continue;
            }
            let removed = Removed { email: email.to_owned(), since: clock::rfc3339(person.last) };
            if self.struck.get_mut(number as usize).is_some_and(|struck| !std::mem::replace(struck, true)) {
                self.found.summary.removed += 1;
                self.found.removed.push(removed);
            }
        }
    }

    /// Creators that the memory does not have as they are.
    fn write_down(&mut self) {
        if !self.is_remembering {
            self.found.memory = MemoryUpdate::default();
            return;
        }
        // As long as the account is there under another e-mail, whose it was stays known.
        let exchanged = std::mem::take(&mut self.past.exchanged);
        let elsewhere: Vec<u32> =
            exchanged.values().filter(|seen| self.place_of(seen.account).is_some()).map(|seen| seen.number).collect();
        let past = &mut self.past;
        let held = past.accounts.iter().filter_map(|account| exchanged.get(account)).map(|seen| seen.number);
        for number in held.chain(elsewhere) {
            if let Some(known) = past.known.get_mut(number as usize) {
                *known = true;
            }
        }
        for (at, creator) in self.lamb.creators.iter().enumerate() {
            if !self.past.known.get(at).copied().unwrap_or(false) {
                let account = self.past.accounts.get(at).copied().unwrap_or(0);
                let present = Present { id: creator.id, email: creator.email.clone(), account };
                self.found.memory.present.push(present);
            }
        }
        self.past.exchanged = exchanged;
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
    fn a_user_that_the_policy_names_and_that_is_not_there_is_noted() {
        let named = |email: &str| Recreate::These(vec![Email::stored(email)]);
        let past = [seen(9, "gone@x", 5, true)];
        assert_eq!(planned(1, &past, true, named("GONE@x")).plan.notes, [""; 0]);
        let notes = planned(1, &past, true, named("absent@x")).plan.notes;
        assert_eq!(notes, ["--recreate absent@x: no user that this sync covers has this e-mail"]);
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

    /// The account of one creator has got the e-mail of another, whose account has a new e-mail.
    #[test]
    fn a_creator_whose_account_has_the_email_of_another_is_not_disabled() {
        let lamb = lamb(vec![creator(1, "u1@x", Role::Manager), creator(2, "u2@x", Role::Manager)]);
        let policy = flags(PolicyFlags { disable_missing: true, ..PolicyFlags::default() });
        for is_applied in [false, true] {
            let planner = Planner::new(&lamb, &policy, None);
            let mut planner = if is_applied { planner.remembering() } else { planner };
            for (email, account) in [("new@x", 7_001), ("u1@x", 7_002)] {
                planner.person(OwiPerson { account, ..user(email, "user", Standing::Active) });
            }
            planner.remember(seen(1, "u1@x", 5, false));
            planner.remember(seen(2, "u2@x", 5, false));
            let found = planner.finish(&[]);
            assert_eq!((found.plan.changes, found.memory.present), (vec![], vec![]), "whose it was stays known");
            let mut pairs: Vec<_> = found.conflicts.iter().map(|c| (&*c.lamb[0], &*c.owi[0])).collect();
            pairs.sort_unstable();
            assert_eq!(pairs, [("u1@x", "new@x"), ("u2@x", "u1@x")]);
        }
    }

    /// Each account has the e-mail of the other creator: the ids tell it, whatever is in step by the e-mails.
    #[test]
    fn two_creators_whose_emails_were_exchanged_are_conflicts_that_name_both() {
        let lamb = lamb((1..=3).map(|id| creator(id, &format!("u{id}@x"), Role::Missing)).collect());
        for is_applied in [false, true] {
            let policy = flags(PolicyFlags::default());
            let planner = Planner::new(&lamb, &policy, None);
            let mut planner = if is_applied { planner.remembering() } else { planner };
            for (email, account) in [("u1@x", 7_002), ("u2@x", 7_001), ("u3@x", 7_003)] {
                planner.person(OwiPerson { account, ..user(email, "user", Standing::Active) });
            }
            (1..=3).for_each(|id| planner.remember(seen(id, &format!("u{id}@x"), 5, false)));
            let found = planner.finish(&[]);
            let pairs: Vec<_> = found.conflicts.iter().map(|c| (&*c.lamb[0], &*c.owi[0])).collect();
            assert_eq!(pairs, [("u2@x", "u1@x"), ("u1@x", "u2@x")]);
            assert_eq!((found.summary.conflicting, found.summary.in_step), (2, 1));
            let changed: Vec<&str> = found.plan.changes.iter().map(crate::change::Change::email).collect();
            assert_eq!((changed, found.memory.present), (vec!["u3@x"], vec![]), "whose it was stays known");
        }
    }

    /// The account is under another e-mail, and a second account has got the e-mail: neither gets a creator by the way.
    #[test]
    fn neither_the_account_of_a_removed_creator_nor_who_got_its_email_is_created_again() {
        let none = lamb(vec![]);
        let kept = lamb(vec![creator(1, "u1@x", Role::Manager)]);
        for (lamb, removed) in [(&none, 2), (&kept, 2)] {
            let policy = flags(PolicyFlags::default());
            let mut planner = Planner::new(lamb, &policy, None);
            for (email, account) in [("old@x", 3), ("new@x", 7_009), ("newcomer@x", 4)] {
                planner.person(OwiPerson { account, ..user(email, "user", Standing::Active) });
            }
            planner.remember(seen(9, "old@x", 5, true));
            let found = planner.finish(&[]);
            assert_eq!((found.plan.changes.len(), found.summary.removed), (1, removed), "{found:?}");
            assert_eq!(found.plan.changes[0].email(), "newcomer@x");
        }
    }

    #[test]
    fn the_account_of_a_creator_gets_no_second_one_where_another_account_has_the_email() {
        let lamb = lamb(vec![creator(1, "u1@x", Role::Manager)]);
        for (id, assume_new, conflicts) in [(1, vec![], 1), (8, vec![], 1), (1, vec![Email::stored("new@x")], 0)] {
            let policy = flags(PolicyFlags { assume_new, ..PolicyFlags::default() });
            let mut planner = Planner::new(&lamb, &policy, None);
            for (email, account) in [("u1@x", 3), ("new@x", 7_000 + id as u128), ("newcomer@x", 4)] {
                planner.person(OwiPerson { account, ..user(email, "user", Standing::Active) });
            }
            planner.remember(seen(id, "u1@x", 5, false));
            let found = planner.finish(&[]);
            assert_eq!((found.plan.changes.len(), found.conflicts.len()), (2 - conflicts, conflicts), "{found:?}");
            assert_eq!((found.summary.conflicting, found.summary.in_step), (conflicts, 1));
            for conflict in found.conflicts {
                assert_eq!((&*conflict.lamb[0], &*conflict.owi[0]), ("u1@x", "new@x"));
                assert_eq!(conflict.known_as.unwrap().email, "u1@x");
            }
        }
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
