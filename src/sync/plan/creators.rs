//! What is to be done for the creators that are there.

use std::collections::HashMap;
use std::sync::Arc;

use super::out_of_policy::manages;
use super::{Planner, RoleDifference, Seen, Skipped, is_garbled};
use crate::change::Change;
use crate::email::same_address;
use crate::lamb::Edition;
use crate::lamb::model::{OrganizationRole, SystemRole};
use crate::lamb::people::{CreatorEntry, Role};
use crate::sync::policy::Scope;

impl Planner<'_> {
    pub(super) fn creators(&mut self, changes: &mut Vec<Change>) {
        let disables = self.policy.disables_missing() && self.lamb.edition == Edition::Delegated;
        let (mut missing, mut managers) = (Vec::new(), None);
        for (number, creator) in (0_u32..).zip(&self.lamb.creators) {
            let (owi_role, left_out) = match self.seen.get(number as usize) {
                Some(Seen::Not) => (None, false),
                Some(Seen::Once { role, left_out }) => (Some(Arc::clone(role)), *left_out),
                Some(Seen::Conflict) | None => continue,
            };
            match &owi_role {
                Some(role) => {
                    self.found.summary.in_step += 1;
                    self.found.system_roles.extend(different_role(creator, role));
                }
                None => {
                    self.found.summary.without_owi_user += 1;
                    self.found.only_in_lamb.push(creator.email.clone());
                }
            }
            let goes = disables && owi_role.is_none();
            let is_moved = creator.enabled
                && !left_out
                && !goes
                && self.out_of_policy(creator, owi_role.as_deref(), &mut managers, changes);
            // Asked first: the students are not searched for users who have a creator.
            let lacks_role = creator.role == Role::Missing && !is_moved;
            let is_wanting = lacks_role || goes || self.hashes.contains_key(&number);
            if !is_wanting || left_out || !creator.enabled || !self.is_meant(&creator.email) {
                continue;
            }
            if !creator.is_sound {
                let why = "updated_at is neither a number nor text: a change could not be undone";
                self.found.unsound.push(Skipped { email: creator.email.to_string(), why });
                continue;
            }
            if goes {
                missing.push(creator);
                if !self.is_bootstrap_admin(&creator.email) {
                    continue;
                }
            }
            if lacks_role {
                changes.extend(self.missing_role(creator, owi_role.as_deref()));
            }
            if let Some(hash) = self.hashes.remove(&number) {
                changes.push(Change::CopyPasswordHash { creator: creator.id, email: creator.email.clone(), hash });
            }
        }
        self.disable(&missing, changes);
    }

    /// True where a creator of this address is the policy's business, and can be looked for.
    fn is_meant(&self, email: &str) -> bool {
        !is_garbled(email) && !self.is_student(email) && self.policy.scope(email) == Scope::In
    }

    fn missing_role(&self, creator: &CreatorEntry, owi_role: Option<&str>) -> Option<Change> {
        let own = self.lamb.organizations.iter().find(|o| Some(o.id) == creator.organization)?;
        let placement = self.policy.placement(&creator.email, owi_role);
        // A role that the policy gives in another organization says nothing about this one.
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

    fn disable(&mut self, missing: &[&CreatorEntry], changes: &mut Vec<Change>) {
        let managers = self.managers_left(missing, changes);
        for creator in missing {
            let manages = creator.organization.filter(|_| creator.role == Role::Manager);
            let keep = if self.is_bootstrap_admin(&creator.email) {
                Some("it is OWI_ADMIN_EMAIL")
            } else if manages.is_some_and(|organization| managers.get(&organization).is_none_or(|left| *left == 0)) {
                Some("its organization would be left with neither an owner nor an admin")
            } else {
                None
            };
            match keep {
                Some(why) => self.found.kept.push(Skipped { email: creator.email.to_string(), why }),
                None => {
                    let (creator, email) = (creator.id, creator.email.clone());
                    changes.push(Change::DisableCreator { creator, email, manages });
                }
            }
        }
    }

    /// How many manage each organization when everything planned so far is done and all the missing are disabled.
    fn managers_left(&self, missing: &[&CreatorEntry], changes: &[Change]) -> HashMap<i64, usize> {
        let mut managers = self.managers();
        for change in changes {
            if let Change::CreateCreator { organization, role, .. }
            | Change::SetOrganizationRole { organization, after: role, .. } = change
                && *role != OrganizationRole::Member
            {
                *managers.entry(organization.id).or_default() += 1;
            }
            if let Change::MoveCreator { before, to, role, is_managed, .. } = change {
                *managers.entry(to.id).or_default() += usize::from(*role != OrganizationRole::Member);
                if let Some(left) = before.filter(|_| *is_managed).and_then(|id| managers.get_mut(&id)) {
                    *left = left.saturating_sub(1);
                }
            }
        }
        let go = missing
            .iter()
            .copied()
            .filter(|creator| manages(creator))
            .filter(|creator| !self.is_bootstrap_admin(&creator.email));
        for organization in go.filter_map(|creator| creator.organization) {
            *managers.entry(organization).or_default() -= 1;
        }
        managers
    }

    pub(super) fn is_bootstrap_admin(&self, email: &str) -> bool {
        self.bootstrap_admin.is_some_and(|admin| same_address(admin, email))
    }
}

/// Native only: a delegated LAMB stores no system role.
fn different_role(creator: &CreatorEntry, owi: &str) -> Option<RoleDifference> {
    let lamb = creator.native.as_ref()?.system_role;
    let (email, lambs) = (&creator.email, lamb.map_or("(neither)", SystemRole::as_str));
    ((owi == "admin") != (lamb == Some(SystemRole::Admin))).then(|| RoleDifference {
        email: email.to_string(),
        lamb: lambs,
        owi: owi.to_owned(),
    })
}
