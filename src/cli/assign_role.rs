//! `assign-role`.

use clap::Args;

use super::context::Context;
use super::exit::{Exit, exit_with};
use super::write::{WriteFlags, WriteRequest, carry_out};
use crate::change::Plan;
use crate::change::assign_role::{RoleInput, plan};
use crate::email::Email;
use crate::findings::FixStep;
use crate::lamb::Edition;
use crate::lamb::db::LambDb;
use crate::lamb::model::{Creator, Organization, OrganizationRole, SystemRole, slugs_like};

/// Give a creator an organization role or a system role
///
/// Changes the row in place; LAMB itself replaces it, and loses its id and time. Asks first, or needs --yes.
///
/// Refused unless --force: a role outside the creator's own organization, or removing an organization's last owner or
/// admin, or the last system admin.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lamb-auth assign-role --email teacher@uni.example --org lamb --role admin")]
pub(super) struct Arguments {
    /// The e-mail as LAMB spells it
    #[arg(short, long)]
    email: Email,
    /// The organization's slug [default: the creator's own]
    #[arg(long, value_name = "SLUG", requires = "role")]
    org: Option<String>,
    /// Role in the organization
    #[arg(long, value_enum, required_unless_present = "system_role")]
    role: Option<OrganizationRole>,
    /// System role, native edition only
    #[arg(long, value_enum, value_name = "ROLE")]
    system_role: Option<SystemRole>,
    #[command(flatten)]
    write: WriteFlags,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    let email = arguments.email.as_str();
    let request = WriteRequest { command: "assign-role", email, flags: &arguments.write };
    let plan = make_plan(arguments, &context.lamb()?)?;
    carry_out(context, &request, plan, "Make this change?")
}

fn make_plan(arguments: &Arguments, db: &LambDb) -> anyhow::Result<Plan> {
    usable(db)?;
    let edition = db.schema().edition().unwrap_or(Edition::Delegated);
    if arguments.system_role.is_some() && edition == Edition::Delegated {
        let message = "--system-role: a delegated LAMB stores no system role; it asks Open WebUI\n  change the role in Open WebUI's admin panel";
        return Err(exit_with(Exit::Usage, message));
    }
    let creator = find_creator(db, &arguments.email)?;
    let organization = match (&arguments.org, arguments.role) {
        (_, None) => None,
        (Some(slug), Some(role)) => Some((find_organization(db, slug)?, role)),
        (None, Some(role)) => Some((own_organization(&creator)?, role)),
    };
    let (current_role, other_managers) = match &organization {
        Some((organization, _)) => {
            (db.role_in(organization.id, creator.id)?, db.other_managers(organization.id, creator.id)?)
        }
        None => (None, 0),
    };
    let other_system_admins = if edition == Edition::Native { db.other_system_admins(creator.id)? } else { 0 };
    let facts = RoleInput { edition, creator: &creator, current_role, other_managers, other_system_admins };
    Ok(plan(organization.as_ref().map(|(organization, role)| (organization, *role)), arguments.system_role, &facts))
}

/// The creator of exactly this spelling. The error names the one that LAMB has, or the command that makes one.
pub(super) fn find_creator(db: &LambDb, email: &Email) -> anyhow::Result<Creator> {
    if let Some(creator) = db.creator(email.as_str())? {
        return Ok(creator);
    }
    let next = match db.look_alikes(email)?.spellings.first() {
        Some(other) => format!("LAMB spells it {other:?}"),
        None => FixStep::command(&["create-creator", "--email", email.as_str()]).text().into_owned(),
    };
    Err(exit_with(Exit::No, format!("{} has no creator {email}\n  {next}", db.path().display())))
}

fn own_organization(creator: &Creator) -> anyhow::Result<Organization> {
    creator.organization.as_deref().cloned().ok_or_else(|| {
        let message = format!("{} belongs to no organization\n  pass --org to name one", creator.email);
        exit_with(Exit::No, message)
    })
}

/// The organization with this slug. The error names all slugs, the nearest first.
pub(super) fn find_organization(db: &LambDb, slug: &str) -> anyhow::Result<Organization> {
    let mut all = db.organizations()?;
    if let Some(at) = all.iter().position(|organization| organization.slug == slug) {
        return Ok(all.swap_remove(at));
    }
    let known = slugs_like(slug, &all);
    let message = format!("{} has no organization {slug:?}\n  organizations: {known}", db.path().display());
    Err(exit_with(Exit::Usage, message))
}

/// Nothing is written to tables that LAMB does not read, or only half has.
pub(super) fn usable(db: &LambDb) -> anyhow::Result<()> {
    let schema = db.schema();
    let path = db.path().display().to_string();
    if schema.prefix_is_wrong() {
        let hit = crate::checks::tables::prefix_wrong(&path, schema);
        return Err(exit_with(
            Exit::Refused,
            format!("refused: {hit}\n  {}", hit.fix.first().map(FixStep::text).unwrap_or_default()),
        ));
    }
    match &schema.tables {
        None => {
            let message = format!("refused: {path} has no tables with the prefix {}", schema.prefix);
            Err(exit_with(Exit::Refused, format!("{message}\n  lamb-auth explain lamb-tables-missing")))
        }
        Some(set) if set.is_incomplete() => {
            let message = format!("refused: {path} lacks {}", set.missing.join(", "));
            Err(exit_with(Exit::Refused, format!("{message}\n  lamb-auth explain columns-missing")))
        }
        Some(set) if !set.views.is_empty() => {
            let message = format!("refused: {path} has a view or a virtual table for {}", set.views.join(", "));
            Err(exit_with(Exit::Refused, format!("{message}\n  lamb-auth explain lamb-table-is-view")))
        }
        Some(_) => Ok(()),
    }
}
