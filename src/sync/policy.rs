//! The policy of `sync`: whose creators are kept in step, where newcomers belong, and how much may change at once.
//!
//! It comes from a TOML file and from flags of the same names, and a saved plan carries it as JSON. No key has to be
//! there. This file has them all:
//!
//! ```toml
#![doc = include_str!("policy/example.toml")]
//! ```
//!
//! A flag beats the file's key, with these exceptions. `--rule` and `--exclude` come before the file's: the first rule
//! that fits counts, and a flag that excludes one more user must not let in another that the file excludes.
//! `--owi-role` replaces only the line of that role. What the file switches on, no flag switches off.
//!
//! The role of a newcomer is that of the first rule that fits, else what `owi-role` says of the role in Open WebUI,
//! else `role`.

mod file;
mod flags;
mod max_changes;
mod rule;

use std::collections::HashSet;

use serde::{Deserialize, Serialize, Serializer};

pub(crate) use crate::email::pattern::Pattern;
pub(crate) use file::{PolicyError, PolicyFile, Recreate};
pub(crate) use flags::PolicyFlags;
pub(crate) use max_changes::MaxChanges;
pub(crate) use rule::Slug;

use crate::change::create_creator::DEFAULT_ORGANIZATION;
use crate::email::key;
use crate::email::pattern::{MOST_STEPS, Patterns};
use crate::lamb::model::OrganizationRole;

/// Accounts of programs, where the policy has no list: no person signs in with them. `admin@localhost` is
/// the account that Open WebUI makes for itself where sign-in is switched off.
pub(crate) const SERVICE_ACCOUNTS: &[&str] =
    &["noreply@*", "no-reply@*", "donotreply@*", "bot@*", "*-bot@*", "svc-*@*", "service-*@*", "admin@localhost"];

/// A policy, ready to be asked about a million people.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "PolicyFile")]
pub(crate) struct Policy {
    /// Complete: the defaults are filled in, so that a saved plan does not change with the program.
    source: PolicyFile,
    rules: Patterns,
    include: Patterns,
    exclude: Patterns,
    service_accounts: Patterns,
}

/// Whether the policy covers an e-mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Scope {
    /// The policy covers it.
    In,
    /// Excluded, or not included.
    NotIncluded,
    /// An account of a program, not included by its whole address.
    ServiceAccount,
}

/// Where a newcomer belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Placement<'a> {
    /// The organization's slug.
    pub organization: &'a str,
    /// The role there.
    pub role: OrganizationRole,
}

impl Policy {
    /// The policy of these flags and of the file that they name, if any.
    ///
    /// # Errors
    /// [`PolicyError`] where the file cannot be read or understood, or where keys contradict each other.
    pub(crate) fn load(flags: &PolicyFlags) -> Result<Self, PolicyError> {
        let file = match &flags.policy {
            Some(path) => PolicyFile::read(path)?,
            None => PolicyFile::default(),
        };
        file.with_flags(flags).try_into()
    }

    /// Whether the account of this e-mail is the policy's business. Neither upper case nor outer blanks matter.
    pub(crate) fn scope(&self, email: &str) -> Scope {
        let key = key(email);
        if self.exclude.fit(&key) {
            return Scope::NotIncluded;
        }
        // A whole address is included on purpose.
        if self.include.name(&key) {
            return Scope::In;
        }
        if self.source.include.is_some() && !self.include.fit(&key) {
            Scope::NotIncluded
        } else if self.service_accounts.fit(&key) {
            Scope::ServiceAccount
        } else {
            Scope::In
        }
    }

    /// Where a newcomer of this e-mail belongs, who has this role in Open WebUI.
    pub(crate) fn placement(&self, email: &str, owi_role: Option<&str>) -> Placement<'_> {
        let rule = self.rules.first(&key(email)).and_then(|at| self.source.rules.get(at));
        let by_owi_role = || owi_role.and_then(|role| self.source.owi_role.get(role).copied());
        Placement {
            organization: rule.map_or(self.organization(), |rule| rule.org.as_str()),
            role: rule.and_then(|rule| rule.role).or_else(by_owi_role).unwrap_or(self.role()),
        }
    }

    /// Where the first rule that fits puts this user; `None` where no rule does.
    pub(crate) fn rule_for(&self, email: &str) -> Option<(&str, Option<OrganizationRole>)> {
        let rule = self.rules.first(&key(email)).and_then(|at| self.source.rules.get(at))?;
        Some((rule.org.as_str(), rule.role))
    }

    /// The slug of every organization that the policy names, once: that of newcomers, then those of the rules in their
    /// order. Whether they exist is for the caller to see.
    pub(crate) fn organizations(&self) -> impl Iterator<Item = &str> {
        let mut seen = HashSet::new();
        let named = self.source.rules.iter().map(|rule| rule.org.as_str());
        std::iter::once(self.organization()).chain(named).filter(move |slug| seen.insert(*slug))
    }

    /// True if users who are pending in Open WebUI get no creator.
    pub(crate) fn leaves_out_pending(&self) -> bool {
        !self.source.with_pending
    }

    /// True if users who cannot sign in to Open WebUI get no creator.
    pub(crate) fn leaves_out_inactive(&self) -> bool {
        !self.source.with_inactive
    }

    /// True if this user of Open WebUI is a newcomer, even if the signs say otherwise.
    pub(crate) fn is_new(&self, email: &str) -> bool {
        self.source.assume_new.iter().any(|new| new.same_address(email))
    }

    /// True if a user who was a creator, and was removed in LAMB, gets a creator again.
    pub(crate) fn recreates(&self, email: &str) -> bool {
        match &self.source.recreate {
            Recreate::All(all) => *all,
            Recreate::These(these) => these.iter().any(|one| one.same_address(email)),
        }
    }

    /// The users that the policy names one by one, each with the flag.
    pub(crate) fn named(&self) -> impl Iterator<Item = (&'static str, &crate::email::Email)> {
        let again = match &self.source.recreate {
            Recreate::All(_) => [].as_slice(),
            Recreate::These(these) => these,
        };
        let again = again.iter().map(|email| ("--recreate", email));
        again.chain(self.source.assume_new.iter().map(|email| ("--assume-new", email)))
    }

    /// True if all of them do.
    pub(crate) fn recreates_all(&self) -> bool {
        self.source.recreate == Recreate::All(true)
    }

    /// The policy with another choice of them.
    #[cfg(test)]
    pub(crate) fn with_recreate(mut self, recreate: Recreate) -> Self {
        self.source.recreate = recreate;
        self
    }

    /// True if creators are moved to where a rule puts them.
    pub(crate) fn moves(&self) -> bool {
        self.source.moves
    }

    /// True if creators without a user in Open WebUI are disabled.
    pub(crate) fn disables_missing(&self) -> bool {
        self.source.disable_missing
    }

    /// The most changes of one run.
    pub(crate) fn max_changes(&self) -> MaxChanges {
        self.source.max_changes.unwrap_or_default()
    }

    /// True if it says which users it covers, even if that is all of them. Otherwise nothing runs unattended.
    pub(crate) fn names_its_people(&self) -> bool {
        self.source.all || self.source.include.is_some()
    }

    fn organization(&self) -> &str {
        self.source.org.as_ref().map_or(DEFAULT_ORGANIZATION, Slug::as_str)
    }

    fn role(&self) -> OrganizationRole {
        self.source.role.unwrap_or(OrganizationRole::Member)
    }
}

impl TryFrom<PolicyFile> for Policy {
    type Error = PolicyError;

    fn try_from(mut source: PolicyFile) -> Result<Self, PolicyError> {
        source.check("the policy")?;
        let built_in = || SERVICE_ACCOUNTS.iter().filter_map(|text| text.parse().ok()).collect();
        let service_accounts = source.service_accounts.get_or_insert_with(built_in).iter().collect();
        let mut policy = Self {
            rules: source.rules.iter().map(|rule| &rule.email).collect(),
            include: source.include.iter().flatten().collect(),
            exclude: source.exclude.iter().collect(),
            service_accounts,
            source,
        };
        let sets = [&policy.rules, &policy.include, &policy.exclude, &policy.service_accounts];
        let steps = sets.map(Patterns::steps).iter().sum();
        if steps > MOST_STEPS {
            return Err(PolicyError::TooManySteps { place: "the policy".to_owned(), steps });
        }
        policy.source.org = policy.organization().parse().ok();
        policy.source.role = Some(policy.role());
        policy.source.max_changes = Some(policy.max_changes());
        Ok(policy)
    }
}

/// What it was made of says it all: compiled patterns follow from it.
impl Serialize for Policy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.source.serialize(serializer)
    }
}

impl PartialEq for Policy {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Policy {}

#[cfg(test)]
mod tests;
