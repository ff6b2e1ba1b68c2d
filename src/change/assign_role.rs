//! Planning `assign-role`: pure, from what LAMB has.

use std::sync::Arc;

use super::{Change, Guard, Plan};
use crate::lamb::Edition;
use crate::lamb::model::{Creator, Organization, OrganizationRole, SystemRole};

/// What LAMB has, as the plan needs it.
#[derive(Debug)]
pub(crate) struct RoleInput<'a> {
    /// Who issues tokens here.
    pub edition: Edition,
    /// The creator whose role changes.
    pub creator: &'a Creator,
    /// The role there now; `None` where there is no row.
    pub current_role: Option<String>,
    /// How many others of that organization are its owner or admin.
    pub other_managers: i64,
    /// Native: how many other enabled system admins there are.
    pub other_system_admins: i64,
}

/// Plans the organization role and the system role, whichever is asked for.
pub(crate) fn plan(
    organization: Option<(&Organization, OrganizationRole)>,
    system_role: Option<SystemRole>,
    facts: &RoleInput<'_>,
) -> Plan {
    let mut plan = Plan::default();
    if let Some((organization, role)) = organization {
        plan_organization_role(&mut plan, organization, role, facts);
    }
    if let Some(role) = system_role {
        plan_system_role(&mut plan, role, facts);
    }
    if plan.changes.is_empty() {
        plan.notes.push(format!("{} has this role already", facts.creator.email));
    }
    plan
}

fn plan_organization_role(plan: &mut Plan, organization: &Organization, role: OrganizationRole, facts: &RoleInput<'_>) {
    let creator = facts.creator;
    let current = facts.current_role.as_deref();
    if current == Some(role.as_str()) {
        return;
    }
    if creator.organization_id != Some(organization.id) {
        let own = creator.organization.as_ref().map_or("no organization", |own| own.slug.as_str());
        plan.guards.push(Guard::soft(format!(
            "{} belongs to {own}, not to {}: LAMB reads roles in the own organization only, this one would have no effect",
            creator.email, organization.slug
        )));
    }
    let managed = matches!(current, Some("owner" | "admin"));
    if managed && role == OrganizationRole::Member && facts.other_managers == 0 {
        plan.guards
            .push(Guard::soft(format!("{} would be left with neither an owner nor an admin", organization.slug)));
    }
    if current == Some("admin") && facts.edition == Edition::Native {
        plan.notes.push(
            "tokens already issued keep the system role that they claim until they expire; the organization's is read anew"
                .to_owned(),
        );
    }
    plan.changes.push(Change::SetOrganizationRole {
        creator: creator.id,
        email: creator.email.as_str().into(),
        organization: Arc::new(organization.into()),
        before: facts.current_role.as_deref().map(Into::into),
        after: role,
        other_managers: facts.other_managers,
    });
}

fn plan_system_role(plan: &mut Plan, role: SystemRole, facts: &RoleInput<'_>) {
    let creator = facts.creator;
    let before = creator.native.as_ref().map(|native| native.system_role.clone()).unwrap_or_default();
    if before == role.as_str() {
        return;
    }
    if role == SystemRole::User {
        if facts.other_system_admins == 0 {
            plan.guards.push(Guard::soft(format!("{} is the last system admin of this LAMB", creator.email)));
        }
        plan.notes.push("tokens already issued keep the role admin until they expire (up to 7 days)".to_owned());
    }
    plan.changes.push(Change::SetSystemRole {
        creator: creator.id,
        email: creator.email.as_str().into(),
        before: before.into(),
        after: role,
        other_admins: facts.other_system_admins,
    });
}
