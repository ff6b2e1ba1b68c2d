//! Planning: from LAMB's people, Open WebUI's people and a policy to a list of changes. Pure: it reads nothing, and the
//! same people give the same plan.

mod creators;
mod found;
mod left_out;
mod out_of_policy;
mod remembered;
mod same_people;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

pub(crate) use found::{Conflict, PlanSummary, Removed, RoleDifference, Skipped, SyncPlan};
use left_out::{Left, LeftOut, kept_out, why_not};
pub(crate) use out_of_policy::OutOfPolicy;
use remembered::Past;
use same_people::Strangers;

use super::policy::{Policy, Scope};
use crate::change::create_creator::{DEFAULT_ORGANIZATION, display_name, is_owi_admin};
use crate::change::{Change, Guard, OrganizationRef};
use crate::email::index::AddressIndex;
use crate::email::name::PersonSigns;
use crate::email::{self, Email};
use crate::lamb::Edition;
use crate::lamb::lms::lms_domain;
use crate::lamb::model::{OrganizationRole, SystemRole, UserType};
use crate::lamb::people::{Native, People};
use crate::owi::file::people::OwiPerson;
use crate::secret::Secret;
use crate::sqlite::value::PasswordHash;

/// What is known of a creator's other half.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    Not,
    /// With this role there.
    Once {
        role: Arc<str>,
        /// True where the policy leaves the account out, or where only half of it is there.
        left_out: bool,
    },
    /// More than once, or spelled otherwise, or half.
    Conflict,
}

/// Plans while the people of Open WebUI come by, one after the other.
#[derive(Debug)]
pub(crate) struct Planner<'a> {
    policy: &'a Policy,
    lamb: &'a People,
    bootstrap_admin: Option<&'a str>,
    organizations: HashMap<&'a str, Arc<OrganizationRef>>,
    creators: AddressIndex,
    students: AddressIndex,
    seen: Vec<Seen>,
    hashes: HashMap<u32, Secret>,
    creates: Vec<Change>,
    created: AddressIndex,
    struck: Vec<bool>,
    strangers: Strangers,
    past: Past,
    is_remembering: bool,
    left: Vec<LeftOut>,
    left_out: AddressIndex,
    conflicts: BTreeMap<String, Conflict>,
    found: SyncPlan,
}

impl<'a> Planner<'a> {
    /// `bootstrap_admin`: `OWI_ADMIN_EMAIL`, who is never disabled.
    pub(crate) fn new(lamb: &'a People, policy: &'a Policy, bootstrap_admin: Option<&'a str>) -> Self {
        let mut planner = Self {
            policy,
            lamb,
            bootstrap_admin,
            organizations: lamb.organizations.iter().map(|o| (o.slug.as_str(), Arc::new(o.into()))).collect(),
            creators: AddressIndex::with_capacity(lamb.creators.len()),
            students: AddressIndex::with_capacity(lamb.students.len()),
            seen: vec![Seen::Not; lamb.creators.len()],
            hashes: HashMap::new(),
            creates: Vec::new(),
            created: AddressIndex::default(),
            struck: Vec::new(),
            strangers: Strangers::default(),
            past: Past::new(lamb.creators.len()),
            is_remembering: false,
            left: Vec::new(),
            left_out: AddressIndex::default(),
            conflicts: BTreeMap::new(),
            found: SyncPlan::default(),
        };
        planner.found.summary.creators = lamb.creators.len();
        for (number, email) in (0..).zip(&lamb.students) {
            planner.students.insert(number, email, |n| text(&lamb.students, n));
        }
        for (number, creator) in (0..).zip(&lamb.creators) {
            if let Some(first) = planner.creators.insert(number, &creator.email, |n| spelling(lamb, n)) {
                for n in [first, number] {
                    planner.conflict(n, None);
                }
            }
        }
        planner
    }

    /// Makes room for so many users of Open WebUI.
    #[must_use]
    pub(crate) fn expecting(mut self, users: usize) -> Self {
        let strangers = users.saturating_sub(self.lamb.creators.len());
        self.created = AddressIndex::with_capacity(strangers);
        self.creates.reserve_exact(strangers);
        self
    }

    /// Takes the next user of Open WebUI.
    pub(crate) fn person(&mut self, person: OwiPerson) {
        let lamb = self.lamb;
        self.found.summary.owi_users += 1;
        let signs = self.signs(&person);
        match self.creators.find(&person.email, |n| spelling(lamb, n)) {
            Some(number) => {
                self.strangers.names.add(signs);
                self.known(number, person);
            }
            None => self.stranger(person, signs),
        }
    }

    /// Without creators, no person can be one of them: a first run costs nothing for it.
    fn signs(&self, person: &OwiPerson) -> PersonSigns {
        if self.lamb.creators.is_empty() {
            return PersonSigns::default();
        }
        PersonSigns::of(&person.name, &person.email, person.created_at)
    }

    fn known(&mut self, number: u32, person: OwiPerson) {
        let lamb = self.lamb;
        let Some((creator, seen)) = lamb.creators.get(number as usize).zip(self.seen.get_mut(number as usize)) else {
            return;
        };
        if *seen != Seen::Not || creator.email != person.email {
            self.conflict(number, Some(&person.email));
            return;
        }
        // A password that Open WebUI refuses must not begin to work in LAMB.
        let left_out = kept_out(self.policy, &person).is_some();
        if let Some(account) = self.past.accounts.get_mut(number as usize) {
            *account = person.account;
        }
        *seen = Seen::Once { role: person.role, left_out };
        let needs_hash = |native: &Native| native.signs_in_by_password && native.password == PasswordHash::Missing;
        if !left_out
            && creator.native.as_ref().is_some_and(needs_hash)
            && let Some(hash) = person.hash
        {
            self.hashes.insert(number, hash);
        }
    }

    /// A user who has no creator.
    fn stranger(&mut self, person: OwiPerson, signs: PersonSigns) {
        if self.is_student(&person.email) {
            self.found.summary.students += 1;
            return;
        }
        self.strangers.names.add(signs);
        // Before any pattern: an account may have megabytes in the place of an address.
        if person.email.len() > email::MAX_BYTES {
            return self.leave(person.email, Left::NO_ADDRESS, PersonSigns::default(), 0);
        }
        match self.policy.scope(&person.email) {
            Scope::In => {}
            Scope::NotIncluded => {
                self.found.summary.not_included += 1;
                self.outside(person.email, signs, person.account);
                return;
            }
            Scope::ServiceAccount => {
                self.found.summary.service_accounts += 1;
                return;
            }
        }
        if self.came_by_already(&person.email) {
            return;
        }
        match why_not(self.policy, &person) {
            Some(why) => self.leave(person.email, why, signs, person.account),
            None => self.create(person, signs),
        }
    }

    /// True where this address came before: then neither account gets a creator.
    fn came_by_already(&mut self, email: &str) -> bool {
        let (first, was_struck) = if let Some(number) = self.created.find(email, |n| created(&self.creates, n)) {
            let struck = self.struck.get_mut(number as usize);
            (created(&self.creates, number).to_owned(), struck)
        } else if let Some(number) = self.left_out.find(email, |n| left(&self.left, n)) {
            let first = left(&self.left, number).to_owned();
            (first, self.left.get_mut(number as usize).map(|left| &mut left.struck))
        } else {
            return false;
        };
        if was_struck.is_some_and(|struck| !std::mem::replace(struck, true)) {
            self.note_conflict(&first, &first);
        }
        self.note_conflict(&first, email);
        true
    }

    fn leave(&mut self, email: Box<str>, why: Left, signs: PersonSigns, account: u128) {
        let number = u32::try_from(self.left.len()).unwrap_or(u32::MAX);
        self.left.push(LeftOut { email, why, struck: false, signs, account });
        let all = &self.left;
        // Those without an address have nothing in common.
        if !email::key(left(all, number)).is_empty() {
            self.left_out.insert(number, left(all, number), |n| left(all, n));
        }
    }

    fn create(&mut self, person: OwiPerson, signs: PersonSigns) {
        let placement = self.policy.placement(&person.email, Some(&person.role));
        let Some(organization) = self.organizations.get(placement.organization) else {
            return self.leave(
                person.email,
                Left::Unusable("LAMB has no organization of the policy's name for it"),
                signs,
                person.account,
            );
        };
        let native = self.lamb.edition == Edition::Native;
        let is_own = placement.organization == DEFAULT_ORGANIZATION
            && is_owi_admin(&person.email, self.bootstrap_admin, &person.role);
        let number = u32::try_from(self.creates.len()).unwrap_or(u32::MAX);
        self.creates.push(Change::CreateCreator {
            name: display_name(person.name, &person.email),
            email: person.email,
            user_type: UserType::Creator,
            organization: Arc::clone(organization),
            role: if is_own { OrganizationRole::Admin } else { placement.role },
            system_role: native.then_some(if is_own { SystemRole::Admin } else { SystemRole::User }),
            password_hash: person.hash.filter(|_| native),
            is_first: false,
            is_student: false,
        });
        self.struck.push(false);
        self.past.newcomers.push(person.account);
        if !self.lamb.creators.is_empty() {
            self.strangers.created.push(signs);
        }
        let creates = &self.creates;
        self.created.insert(number, created(creates, number), |n| created(creates, n));
    }

    fn is_student(&self, email: &str) -> bool {
        let students = &self.lamb.students;
        if self.students.find(email, |n| text(students, n)).is_some() {
            return true;
        }
        let key = email::key(email);
        lms_domain(&key).is_some()
    }

    /// A creator whose address is more than one thing; `owi` is what Open WebUI has just shown of it.
    fn conflict(&mut self, number: u32, owi: Option<&str>) {
        let lamb = self.lamb;
        let Some(seen) = self.seen.get_mut(number as usize) else { return };
        let before = std::mem::replace(seen, Seen::Conflict);
        self.hashes.remove(&number);
        let spelled = spelling(lamb, number);
        let conflict = self.conflicts.entry(Email::stored(spelled).key()).or_default();
        if !conflict.lamb.iter().any(|known| known == spelled) {
            conflict.lamb.push(spelled.to_owned());
        }
        if let Seen::Once { .. } = before {
            conflict.owi.push(spelled.to_owned());
        }
        conflict.owi.extend(owi.map(ToOwned::to_owned));
    }

    /// An address that only Open WebUI has, and that is more than one thing there.
    fn note_conflict(&mut self, address: &str, owi: &str) {
        self.conflicts.entry(Email::stored(address).key()).or_default().owi.push(owi.to_owned());
    }

    /// Ends the plan. `orphans`: e-mails of `auth` rows without a user.
    pub(crate) fn finish(mut self, orphans: &[Box<str>]) -> SyncPlan {
        let lamb = self.lamb;
        self.find_named();
        self.find_accounts();
        self.find_removed();
        self.find_same_people();
        self.find_moved();
        self.find_taken();
        for orphan in orphans {
            if let Some(number) = self.creators.find(orphan, |n| spelling(lamb, n))
                && let Some(seen @ Seen::Not) = self.seen.get_mut(number as usize)
            {
                // Half of the account is there: whether the user is gone is for a person to say.
                *seen = Seen::Conflict;
                self.found.summary.half_gone += 1;
                let why = "half an account: an auth row without a user";
                self.found.unusable.push(Skipped { email: spelling(lamb, number).to_owned(), why });
            }
        }
        let mut changes = self.newcomers();
        self.creators(&mut changes);
        let mut found = self.found;
        let summary = &mut found.summary;
        for LeftOut { email, why, .. } in self.left.into_iter().filter(|left| !left.struck) {
            match why {
                Left::Pending => summary.pending += 1,
                Left::Inactive => summary.inactive += 1,
                Left::Unusable(why) => {
                    summary.unusable += 1;
                    found.unusable.push(Skipped { email: email.into(), why });
                }
            }
        }
        found.conflicts = self.conflicts.into_values().map(Conflict::with_fix).collect();
        summary.conflicting += found.conflicts.iter().map(|conflict| conflict.owi.len()).sum::<usize>();
        found.conflicts.extend(self.strangers.conflicts);
        found.plan.changes = changes;
        found
    }

    /// Notes the users that the policy names and that are not there: a mistyped e-mail would do nothing.
    fn find_named(&mut self) {
        for (flag, email) in self.policy.named() {
            let spelled = email.as_str();
            let is_there = self.creators.find(spelled, |n| spelling(self.lamb, n)).is_some()
                || self.created.find(spelled, |n| created(&self.creates, n)).is_some()
                || self.left_out.find(spelled, |n| left(&self.left, n)).is_some();
            if !is_there {
                let note =
                    format!("{flag} {}: no user that this sync covers has this e-mail", email::one_line(spelled));
                self.found.plan.notes.push(note);
            }
        }
    }

    fn newcomers(&mut self) -> Vec<Change> {
        let struck = std::mem::take(&mut self.struck);
        let mut is_struck = struck.iter().copied();
        let mut changes = std::mem::take(&mut self.creates);
        changes.retain(|_| !is_struck.next().unwrap_or(false));
        let mut is_struck = struck.iter().copied();
        let mut accounts = std::mem::take(&mut self.past.newcomers);
        accounts.retain(|_| !is_struck.next().unwrap_or(false));
        self.found.summary.newcomers = changes.len();
        if self.lamb.creators.is_empty() {
            let admin = changes.iter().position(|change| self.is_bootstrap_admin(change.email()));
            if let Some(at) = admin {
                changes[..=at].rotate_right(1);
                if let Some(accounts) = accounts.get_mut(..=at) {
                    accounts.rotate_right(1);
                }
            }
            if let Some(Change::CreateCreator { is_first, email, .. }) = changes.first_mut() {
                *is_first = true;
                if self.lamb.edition == Edition::Delegated && admin.is_none() {
                    self.found.plan.guards.push(Guard::soft(format!(
                        "{email} would be the very first creator, and a delegated LAMB treats creator 1 as its admin; \
                         create the admin first"
                    )));
                }
            }
        }
        self.found.accounts = accounts;
        changes
    }
}

/// True where the text is not what is stored: a query for it finds nothing.
fn is_garbled(email: &str) -> bool {
    email.contains(char::REPLACEMENT_CHARACTER)
}

fn created(creates: &[Change], number: u32) -> &str {
    creates.get(number as usize).map_or("", Change::email)
}

fn left(left: &[LeftOut], number: u32) -> &str {
    left.get(number as usize).map_or("", |left| &left.email)
}

fn text(all: &[Box<str>], number: u32) -> &str {
    all.get(number as usize).map_or("", |text| text)
}

fn spelling(lamb: &People, number: u32) -> &str {
    lamb.creators.get(number as usize).map_or("", |creator| &creator.email)
}

#[cfg(test)]
mod tests;
