//! Planning: from LAMB's people, Open WebUI's people and a policy to a list of changes. Pure: it asks nobody, and the
//! same people give the same plan.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Serialize;

use super::policy::{Policy, Scope};
use crate::address_index::AddressIndex;
use crate::change::create_creator::display_name;
use crate::change::{Change, Guard, OrganizationRef, Plan};
use crate::email::{self, Email};
use crate::lamb::Edition;
use crate::lamb::db::STUDENT_DOMAINS;
use crate::lamb::model::{OrganizationRole, SystemRole, UserType};
use crate::lamb::roster::{Entry, Role, Roster};
use crate::owi::roster::{Person, Standing};
use crate::secret::Secret;
use crate::stored::PasswordHash;

/// What a sync would do, and what it leaves alone and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SyncPlan {
    /// The changes, and what stands against them.
    #[serde(flatten)]
    pub plan: Plan,
    /// How many of each.
    pub summary: Summary,
    /// One address in several spellings, or several times: nothing is guessed at.
    pub conflicts: Vec<Conflict>,
    /// Accounts that nothing can be made of, each with the reason.
    pub unusable: Vec<Told>,
    /// System roles that differ. They are never changed.
    pub system_roles: Vec<RoleDifference>,
    /// Creators whose Open WebUI user is gone, and who stay enabled all the same.
    pub kept: Vec<Told>,
}

/// Counts. Everybody in Open WebUI is in exactly one of `in_step`, `planned`, `conflicting` and the left-out ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Users of Open WebUI.
    pub owi_users: usize,
    /// Creators of LAMB.
    pub creators: usize,
    /// Users who have their creator.
    pub in_step: usize,
    /// Users who get one.
    pub newcomers: usize,
    /// Users whose address is in conflict.
    pub conflicting: usize,
    /// Students who came in through the LMS.
    pub students: usize,
    /// Not included, or excluded.
    pub not_included: usize,
    /// Accounts of programs.
    pub service_accounts: usize,
    /// Not approved in Open WebUI.
    pub pending: usize,
    /// Switched off in Open WebUI.
    pub inactive: usize,
    /// Half an account, or an address that LAMB cannot have.
    pub unusable: usize,
    /// Creators whom Open WebUI does not have: normal in the native edition until their first chat.
    pub without_owi_user: usize,
}

/// An address that is more than one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// LAMB's spellings.
    pub lamb: Vec<String>,
    /// Open WebUI's spellings, as often as it has them.
    pub owi: Vec<String>,
}

/// Somebody, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Who.
    pub email: String,
    /// Why.
    pub why: &'static str,
}

/// A system role that differs between the two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoleDifference {
    /// Whose.
    pub email: String,
    /// LAMB's, native edition.
    pub lamb: &'static str,
    /// Open WebUI's.
    pub owi: String,
}

/// What is known of a creator's other half.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    Not,
    /// With this role there.
    Once(Arc<str>),
    /// More than once, or spelled otherwise, or half.
    Conflict,
}

/// Plans while the people of Open WebUI come by, one after the other.
#[derive(Debug)]
pub struct Planner<'a> {
    policy: &'a Policy,
    lamb: &'a Roster,
    bootstrap_admin: Option<&'a str>,
    organizations: HashMap<&'a str, Arc<OrganizationRef>>,
    creators: AddressIndex,
    students: AddressIndex,
    seen: Vec<Seen>,
    hashes: HashMap<u32, Secret>,
    creates: Vec<Change>,
    created: AddressIndex,
    struck: Vec<bool>,
    left: Vec<Box<str>>,
    left_out: AddressIndex,
    conflicts: BTreeMap<String, Conflict>,
    found: SyncPlan,
}

/// Plans for people who are all at hand.
pub fn plan(lamb: &Roster, owi: impl IntoIterator<Item = Person>, policy: &Policy, admin: Option<&str>) -> SyncPlan {
    let mut planner = Planner::new(lamb, policy, admin);
    owi.into_iter().for_each(|person| planner.person(person));
    planner.finish(&[])
}

impl<'a> Planner<'a> {
    /// `bootstrap_admin`: `OWI_ADMIN_EMAIL`, who is never disabled.
    pub fn new(lamb: &'a Roster, policy: &'a Policy, bootstrap_admin: Option<&'a str>) -> Self {
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
    pub fn expecting(mut self, users: usize) -> Self {
        let strangers = users.saturating_sub(self.lamb.creators.len());
        self.created = AddressIndex::with_capacity(strangers);
        self.creates.reserve_exact(strangers);
        self
    }

    /// Takes the next user of Open WebUI.
    pub fn person(&mut self, person: Person) {
        let lamb = self.lamb;
        self.found.summary.owi_users += 1;
        match self.creators.find(&person.email, |n| spelling(lamb, n)) {
            Some(number) => self.known(number, person),
            None => self.stranger(person),
        }
    }

    fn known(&mut self, number: u32, person: Person) {
        let lamb = self.lamb;
        let Some((creator, seen)) = lamb.creators.get(number as usize).zip(self.seen.get_mut(number as usize)) else {
            return;
        };
        if *seen != Seen::Not || creator.email != person.email {
            self.conflict(number, Some(&person.email));
            return;
        }
        *seen = Seen::Once(person.role.clone());
        let Some(native) = &creator.native else { return };
        let lambs = native.system_role.map_or("(neither)", SystemRole::as_str);
        if (person.role.as_ref() == "admin") != (native.system_role == Some(SystemRole::Admin)) {
            let (email, owi) = (creator.email.to_string(), person.role.to_string());
            self.found.system_roles.push(RoleDifference { email, lamb: lambs, owi });
        }
        if native.signs_in_by_password
            && native.password == PasswordHash::Missing
            && let Some(hash) = person.hash
        {
            self.hashes.insert(number, hash);
        }
    }

    /// Somebody whom LAMB does not have.
    fn stranger(&mut self, person: Person) {
        if self.is_student(&person.email) {
            self.found.summary.students += 1;
            return;
        }
        match self.policy.scope(&person.email) {
            Scope::In => {}
            Scope::NotIncluded => {
                self.found.summary.not_included += 1;
                return;
            }
            Scope::ServiceAccount => {
                self.found.summary.service_accounts += 1;
                return;
            }
        }
        if let Some(number) =
            self.created.find(&person.email, |n| self.creates.get(n as usize).map_or("", Change::email))
        {
            let first = self.creates.get(number as usize).map_or("", Change::email).to_owned();
            if let Some(struck) = self.struck.get_mut(number as usize)
                && !*struck
            {
                *struck = true;
                self.note_conflict(&first, &first);
            }
            self.note_conflict(&first, &person.email);
            return;
        }
        if let Some(number) = self.left_out.find(&person.email, |n| text(&self.left, n)) {
            let first = text(&self.left, number).to_owned();
            if !self.conflicts.contains_key(&Email::stored(&*first).key()) {
                self.note_conflict(&first, &first);
            }
            self.note_conflict(&first, &person.email);
            return;
        }
        match self.why_not(&person) {
            Some(Left::Pending) => self.found.summary.pending += 1,
            Some(Left::Inactive) => self.found.summary.inactive += 1,
            Some(Left::Unusable(why)) => {
                self.found.unusable.push(Told { email: person.email.to_string(), why });
            }
            None => return self.create(person),
        }
        let number = u32::try_from(self.left.len()).unwrap_or(u32::MAX);
        self.left.push(person.email);
        let left = &self.left;
        self.left_out.insert(number, text(left, number), |n| text(left, n));
    }

    fn why_not(&self, person: &Person) -> Option<Left> {
        if Email::parse(&person.email).is_err() {
            return Some(Left::Unusable("no address that LAMB could have: empty, too long or with control characters"));
        }
        match person.standing {
            Standing::NoAuthRow => return Some(Left::Unusable("half an account: no auth row of its id")),
            Standing::OtherEmail => return Some(Left::Unusable("half an account: its auth row has another e-mail")),
            Standing::SwitchedOff if self.policy.leaves_out_inactive() => return Some(Left::Inactive),
            Standing::SwitchedOff | Standing::Active | Standing::Unknown => {}
        }
        (person.role.as_ref() == "pending" && self.policy.leaves_out_pending()).then_some(Left::Pending)
    }

    fn create(&mut self, person: Person) {
        let placement = self.policy.placement(&person.email, Some(&person.role));
        // The caller has seen that the policy's organisations exist.
        let Some(organization) = self.organizations.get(placement.organization) else { return };
        let native = self.lamb.edition == Edition::Native;
        let number = u32::try_from(self.creates.len()).unwrap_or(u32::MAX);
        self.creates.push(Change::CreateCreator {
            name: display_name(person.name, &person.email),
            email: person.email,
            user_type: UserType::Creator,
            organization: Arc::clone(organization),
            role: placement.role,
            system_role: native.then_some(SystemRole::User),
            password_hash: person.hash.filter(|_| native),
            is_first: false,
            is_student: false,
        });
        self.struck.push(false);
        let creates = &self.creates;
        let at = |n: u32| creates.get(n as usize).map_or("", Change::email);
        self.created.insert(number, at(number), at);
    }

    fn is_student(&self, email: &str) -> bool {
        let students = &self.lamb.students;
        if self.students.find(email, |n| text(students, n)).is_some() {
            return true;
        }
        let key = email::key(email);
        STUDENT_DOMAINS.iter().any(|domain| key.ends_with(domain))
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
        if let Seen::Once(_) = before {
            conflict.owi.push(spelled.to_owned());
        }
        conflict.owi.extend(owi.map(ToOwned::to_owned));
    }

    /// An address that only Open WebUI has, and that is more than one thing there.
    fn note_conflict(&mut self, address: &str, owi: &str) {
        self.conflicts.entry(Email::stored(address).key()).or_default().owi.push(owi.to_owned());
    }

    /// Ends the plan. `orphans`: e-mails of `auth` rows without a user.
    pub fn finish(mut self, orphans: &[Box<str>]) -> SyncPlan {
        let lamb = self.lamb;
        for orphan in orphans {
            if let Some(number) = self.creators.find(orphan, |n| spelling(lamb, n))
                && let Some(seen @ Seen::Not) = self.seen.get_mut(number as usize)
            {
                // Half of the account is there: whether the user is gone is for a person to say.
                *seen = Seen::Conflict;
                let why = "half an account: an auth row without a user";
                self.found.unusable.push(Told { email: spelling(lamb, number).to_owned(), why });
            }
        }
        let mut changes = self.newcomers();
        self.creators(&mut changes);
        let mut found = self.found;
        found.conflicts = self.conflicts.into_values().collect();
        let summary = &mut found.summary;
        summary.unusable = found.unusable.len();
        summary.conflicting = found.conflicts.iter().map(|conflict| conflict.owi.len()).sum();
        found.plan.changes = changes;
        found
    }

    fn newcomers(&mut self) -> Vec<Change> {
        let mut struck = std::mem::take(&mut self.struck).into_iter();
        let mut changes = std::mem::take(&mut self.creates);
        changes.retain(|_| !struck.next().unwrap_or(false));
        self.found.summary.newcomers = changes.len();
        if self.lamb.creators.is_empty() {
            let admin = changes.iter().position(|change| Some(change.email()) == self.bootstrap_admin);
            if let Some(at) = admin {
                changes[..=at].rotate_right(1);
            }
            if let Some(Change::CreateCreator { is_first, email, .. }) = changes.first_mut() {
                *is_first = true;
                if self.lamb.edition == Edition::Delegated && admin.is_none() {
                    self.found.plan.guards.push(Guard::soft(format!(
                        "{email} would be the very first creator, and a delegated LAMB treats creator 1 as its admin, \
                         whoever that is; create that one first"
                    )));
                }
            }
        }
        changes
    }

    fn creators(&mut self, changes: &mut Vec<Change>) {
        let mut missing = Vec::new();
        for (number, creator) in (0_u32..).zip(&self.lamb.creators) {
            let seen = self.seen.get(number as usize).cloned().unwrap_or(Seen::Conflict);
            let owi_role = match &seen {
                Seen::Conflict => continue,
                Seen::Not => None,
                Seen::Once(role) => Some(&**role),
            };
            self.found.summary.in_step += usize::from(owi_role.is_some());
            self.found.summary.without_owi_user += usize::from(owi_role.is_none());
            if self.is_student(&creator.email) || self.policy.scope(&creator.email) != Scope::In {
                continue;
            }
            changes.extend(self.missing_role(creator, owi_role));
            if let Some(hash) = self.hashes.remove(&number) {
                changes.push(Change::CopyPasswordHash { creator: creator.id, email: creator.email.clone(), hash });
            }
            if owi_role.is_none() && creator.enabled {
                missing.push(creator);
            }
        }
        if self.policy.disables_missing() && self.lamb.edition == Edition::Delegated {
            self.disable(&missing, changes);
        }
    }

    fn missing_role(&self, creator: &Entry, owi_role: Option<&str>) -> Option<Change> {
        if creator.role != Role::Missing || !creator.enabled {
            return None;
        }
        let own = self.lamb.organizations.iter().find(|o| Some(o.id) == creator.organization)?;
        let placement = self.policy.placement(&creator.email, owi_role);
        // A role that the policy gives in another organisation says nothing about this one.
        let after = if placement.organization == own.slug { placement.role } else { OrganizationRole::Member };
        Some(Change::SetOrganizationRole {
            creator: creator.id,
            email: creator.email.clone(),
            organization: Arc::clone(self.organizations.get(own.slug.as_str())?),
            before: None,
            after,
            other_managers: 0,
        })
    }

    fn disable(&mut self, missing: &[&Entry], changes: &mut Vec<Change>) {
        let mut managers: HashMap<i64, usize> = HashMap::new();
        for creator in self.lamb.creators.iter().filter(|c| c.enabled && c.role == Role::Manager) {
            *managers.entry(creator.organization.unwrap_or_default()).or_default() += 1;
        }
        for creator in missing.iter().filter(|creator| creator.role == Role::Manager) {
            *managers.entry(creator.organization.unwrap_or_default()).or_default() -= 1;
        }
        for creator in missing {
            let manages = creator.organization.filter(|_| creator.role == Role::Manager);
            let keep = if self.bootstrap_admin.is_some_and(|admin| Email::stored(admin).same_address(&creator.email)) {
                Some("it is OWI_ADMIN_EMAIL")
            } else if manages.is_some_and(|organization| managers.get(&organization).is_none_or(|left| *left == 0)) {
                Some("its organisation would be left with neither an owner nor an admin")
            } else {
                None
            };
            match keep {
                Some(why) => self.found.kept.push(Told { email: creator.email.to_string(), why }),
                None => {
                    let (creator, email) = (creator.id, creator.email.clone());
                    changes.push(Change::DisableCreator { creator, email, manages });
                }
            }
        }
    }
}

/// Why somebody gets no creator.
enum Left {
    Pending,
    Inactive,
    Unusable(&'static str),
}

fn text(all: &[Box<str>], number: u32) -> &str {
    all.get(number as usize).map_or("", |text| text)
}

fn spelling(lamb: &Roster, number: u32) -> &str {
    lamb.creators.get(number as usize).map_or("", |creator| &creator.email)
}
