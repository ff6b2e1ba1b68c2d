//! Planning `update-organization`: pure, from what LAMB has.

use super::{Change, Guard, Plan};
use crate::lamb::Edition;
use crate::lamb::model::Organization;

/// What LAMB has, as the plan needs it.
#[derive(Debug)]
pub(crate) struct OrganizationInput<'a> {
    /// Who issues tokens here.
    pub edition: Edition,
    pub organization: &'a Organization,
    /// Its `config`, if it is text.
    pub config: Option<&'a str>,
}

/// Plans what is asked for and is not so already.
pub(crate) fn plan(activates: bool, resets_config: bool, facts: &OrganizationInput<'_>) -> Plan {
    let mut plan = Plan::default();
    let Organization { id, slug, status, .. } = facts.organization;
    if activates && status != "active" {
        plan.changes.push(Change::ActivateOrganization {
            slug: slug.as_str().into(),
            id: *id,
            before: status.as_str().into(),
        });
    }
    if resets_config {
        reset_config(&mut plan, facts);
    }
    if plan.changes.is_empty() && plan.guards.is_empty() {
        plan.notes.push(format!("{slug} is so already"));
    }
    plan
}

fn reset_config(plan: &mut Plan, facts: &OrganizationInput<'_>) {
    let Organization { id, slug, .. } = facts.organization;
    let Some(config) = facts.config else {
        plan.guards.push(Guard::hard(
            format!("config of {slug} is not text: the journal could not keep it"),
            "copy lamb_v4.db, then set config of this organization to '{}' with sqlite3",
        ));
        return;
    };
    if config == "{}" {
        return;
    }
    if facts.organization.config_problem(Some(facts.edition)).is_none() {
        plan.guards.push(Guard::soft(format!("LAMB can read the config of {slug}: its settings would be lost")));
    }
    plan.notes.push(format!(
        "{slug} loses its model providers and its knowledge base server; an admin sets them again in LAMB"
    ));
    plan.notes.push("the journal keeps the old text, with the keys in it, and undo restores it".to_owned());
    plan.changes.push(Change::ResetOrganizationConfig { slug: slug.as_str().into(), id: *id, before: config.into() });
}
