//! Creators that the policy's rules would put elsewhere.

use std::collections::HashMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Planner, is_garbled};
use crate::change::Change;
use crate::lamb::model::OrganizationRole;
use crate::lamb::people::{CreatorEntry, Role};
use crate::sync::policy::Scope;

/// A creator who is not where the rule that fits would put a newcomer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct OutOfPolicy {
    /// The e-mail of the creator.
    pub email: String,
    /// The organization that the creator is in; `None` where there is none of that id.
    pub organization: Option<String>,
    /// The organization of the rule.
    pub rule_organization: String,
    /// The role of the rule, where it has one.
    pub rule_role: Option<OrganizationRole>,
    /// Why `--move` leaves the creator where it is; `None` where it moves it.
    pub kept: Option<&'static str>,
}

impl Planner<'_> {
    /// Looks whether a rule puts this creator elsewhere. True where the creator is moved: nothing else is planned for it.
    pub(super) fn out_of_policy(
        &mut self,
        creator: &CreatorEntry,
        owi_role: Option<&str>,
        managers: &mut Option<HashMap<i64, usize>>,
        changes: &mut Vec<Change>,
    ) -> bool {
        let Some((slug, role)) = self.policy.rule_for(&creator.email) else { return false };
        let lamb = self.lamb;
        let own = lamb.organizations.iter().find(|organization| Some(organization.id) == creator.organization);
        let is_there = own.is_some_and(|own| own.slug == slug);
        // Whether it is the owner or an admin is not compared: both manage.
        let is_manager = creator.role == Role::Manager;
        let has_role = role.is_none_or(|role| (role != OrganizationRole::Member) == is_manager);
        let is_settled = has_role || creator.role == Role::Missing;
        if (is_there && is_settled) || is_garbled(&creator.email) || !self.is_meant_by_rule(&creator.email) {
            return false;
        }
        let Some(to) = self.organizations.get(slug).map(Arc::clone) else { return false };
        let after = self.policy.placement(&creator.email, owi_role).role;
        let managers = managers.get_or_insert_with(|| self.managers());
        let others = creator.organization.filter(|_| is_manager).map(|id| managers.get(&id).copied().unwrap_or(0));
        let kept = if is_there {
            Some("only the role differs: assign-role changes it")
        } else if !creator.is_sound {
            Some("updated_at is neither a number nor text: a change could not be undone")
        } else if own.is_none() && creator.organization.is_some() {
            Some("its organization does not exist, so a move could not be undone")
        } else if self.is_bootstrap_admin(&creator.email) {
            Some("it is OWI_ADMIN_EMAIL")
        } else if others.is_some_and(|others| others <= 1) {
            Some("its organization would be left with neither an owner nor an admin")
        } else if creator.native.is_some_and(|native| !native.signs_in_by_password) {
            Some("it signs in through the LMS, which looks for it in the old organization")
        } else {
            None
        };
        self.found.out_of_policy.push(OutOfPolicy {
            email: creator.email.to_string(),
            organization: own.map(|own| own.slug.clone()),
            rule_organization: slug.to_owned(),
            rule_role: role,
            kept,
        });
        if kept.is_some() || !self.policy.moves() {
            return false;
        }
        if let Some(left) = creator.organization.filter(|_| is_manager).and_then(|id| managers.get_mut(&id)) {
            *left = left.saturating_sub(1);
        }
        changes.push(Change::MoveCreator {
            creator: creator.id,
            email: creator.email.clone(),
            from: own.and_then(|own| self.organizations.get(own.slug.as_str())).map(Arc::clone),
            before: creator.organization,
            to,
            role: after,
            is_managed: is_manager,
        });
        true
    }

    fn is_meant_by_rule(&self, email: &str) -> bool {
        !self.is_student(email) && self.policy.scope(email) == Scope::In
    }

    /// How many enabled creators manage each organization.
    pub(super) fn managers(&self) -> HashMap<i64, usize> {
        let mut managers = HashMap::new();
        let manage = self.lamb.creators.iter().filter(|creator| manages(creator));
        for organization in manage.filter_map(|creator| creator.organization) {
            *managers.entry(organization).or_default() += 1;
        }
        managers
    }
}

/// True for an owner or admin of the creator's organization who is enabled.
pub(super) fn manages(creator: &CreatorEntry) -> bool {
    creator.enabled && creator.role == Role::Manager
}
