//! `create-creator`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::assign_role::{find_organization, usable};
use super::both_halves::{OwiHalf, carry_out_both};
use super::context::{Context, block_on};
use super::exit::{Exit, exit_with};
use super::owi_change::{file_identity, new_password};
use super::write::{WriteFlags, WriteRequest, apply_plan, check_name, consent, journal, settled};
use crate::change::Plan;
use crate::change::create_creator::{CreatorInput, DEFAULT_ORGANIZATION, NewCreator, keeps_password, plan};
use crate::email::Email;
use crate::lamb::Edition;
use crate::lamb::lookup;
use crate::lamb::model::{OrganizationRole, SystemRole, UserType};
use crate::owi::file::db::{OwiMatches, OwiUser};
use crate::owi::same_file::Identity;
use crate::repair;
use crate::settings::SettingValue;

/// Create the missing LAMB creator of an Open WebUI user
///
/// Writes the creator as LAMB would, with its role, in one transaction. Uses Open WebUI's spelling of the e-mail. In
/// the native edition it copies Open WebUI's password hash, so that the same password works. If an equal creator
/// exists, nothing changes and the exit code is 0. Asks first, or needs --yes.
///
/// Refused: a teacher who comes from the LMS. LAMB creates this creator itself, when the teacher opens LAMB from there.
///
/// Refused: an address that looks the same as a stored one, or that has invisible characters.
///
/// Refused unless --force: an address without exactly one @, and for a new account one that cannot log in. Also an LMS
/// student, a pending Open WebUI user, and in the native edition a deactivated one. In the delegated edition also the very
/// first creator, unless it is OWI_ADMIN_EMAIL.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lamb-auth create-creator --email teacher@uni.example --dry-run\n  lamb-auth create-creator --email admin@admin.owi --role admin --yes"
)]
pub(super) struct Arguments {
    /// The e-mail as Open WebUI spells it
    #[arg(short, long)]
    email: Email,
    /// Display name [default: Open WebUI's]
    #[arg(long)]
    name: Option<String>,
    /// Organization's slug [default: lamb]
    #[arg(long, value_name = "SLUG")]
    org: Option<String>,
    /// Role in the organization [default: member]
    #[arg(long, value_enum)]
    role: Option<OrganizationRole>,
    /// User type [default: creator]
    #[arg(long, value_enum, value_name = "TYPE")]
    user_type: Option<UserType>,
    /// System role, native edition only [default: user]
    ///
    /// Without this flag it is user, even for an Open WebUI admin.
    #[arg(long, value_enum, value_name = "ROLE", hide_short_help = true)]
    system_role: Option<SystemRole>,
    /// Create a missing Open WebUI user first, with its API
    #[arg(long)]
    create_owi_user: bool,
    /// Read the new Open WebUI password from stdin
    #[arg(long, requires = "create_owi_user")]
    password_stdin: bool,
    /// File with an Open WebUI admin's token
    ///
    /// Needed only if LAMB's own ways to get an admin token fail.
    #[arg(long, value_name = "FILE", requires = "create_owi_user", hide_short_help = true)]
    admin_token_file: Option<PathBuf>,
    #[command(flatten)]
    write: WriteFlags,
}

/// The change to make, whichever command asks for it.
pub(super) struct CreateRequest<'a> {
    pub(super) creator: NewCreator,
    pub(super) flags: &'a WriteFlags,
    pub(super) admin_token_file: Option<&'a Path>,
    pub(super) password_stdin: bool,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    check_name(arguments.name.as_deref())?;
    let creator = NewCreator {
        email: arguments.email.clone(),
        name: arguments.name.clone(),
        organization: arguments.org.clone(),
        role: arguments.role,
        user_type: arguments.user_type,
        system_role: arguments.system_role,
        create_owi_user: arguments.create_owi_user,
    };
    let request = CreateRequest {
        creator,
        flags: &arguments.write,
        admin_token_file: arguments.admin_token_file.as_deref(),
        password_stdin: arguments.password_stdin,
    };
    carry_out(context, &request)
}

pub(super) fn carry_out(context: &Context, request: &CreateRequest<'_>) -> anyhow::Result<Exit> {
    let email = request.creator.email.as_str();
    let write = WriteRequest { command: "create-creator", email, flags: request.flags };
    let (mut plan, matches) = make_plan(context, &request.creator)?;
    if let Some(user) = matches.as_ref().and_then(|matches| matches.exact.first()).filter(|_| !plan.changes.is_empty())
    {
        block_on(check_file(context, user, &mut plan))?;
    }
    plan.notes.extend(matches.and_then(|matches| keeps_password(&request.creator, &matches)));
    let Some(change) = &plan.in_open_webui else {
        if let Some(exit) = settled(context, &write, &plan)? {
            return Ok(exit);
        }
        // Checked before anyone is asked.
        drop(context.lamb_for_change()?);
        let consent = consent(&plan, request.flags, "Create this creator?")?;
        if !request.flags.yes && make_plan(context, &request.creator)?.0.changes != plan.changes {
            let message = "refused: the data changed while you were asked\n  run the command again";
            return Err(exit_with(Exit::Refused, message));
        }
        let mut db = context.lamb_for_change()?;
        let journal = journal(&write, &db)?;
        return apply_plan(context, &write, &mut db, plan, &consent, journal);
    };
    let question = format!("Create the Open WebUI account {}, then this creator?", change.email());
    let password = || new_password(email, "Open WebUI", ("--password-stdin", request.password_stdin));
    let half = OwiHalf {
        password: &password,
        admin_token_file: request.admin_token_file,
        again: Some(&|| second_half(context, &request.creator)),
    };
    carry_out_both(context, &write, plan, &question, &half)
}

/// The account is there now: plans again from what Open WebUI made of it.
fn second_half(context: &Context, creator: &NewCreator) -> anyhow::Result<Plan> {
    let (plan, matches) = make_plan(context, creator)?;
    if matches.is_none_or(|matches| matches.exact.is_empty()) {
        let path = context.settings.owi_db()?.0;
        let why = format!("{} does not have the account: it is not the file that the server uses", path.display());
        return Err(exit_with(Exit::Partly, why));
    }
    Ok(plan)
}

/// Whether the account that the creator would be made from is the server's. A server that is out of reach, or whose
/// secret is not at hand, is a note: LAMB must be fixable while Open WebUI is down.
async fn check_file(context: &Context, user: &OwiUser, plan: &mut Plan) -> anyhow::Result<()> {
    match file_identity(context, user).await? {
        Identity::Same => {}
        Identity::Other => plan.guards.push(repair::other_file(user.email.as_str())),
        Identity::Unknown => {
            plan.notes.push("could not check whether webui.db is the file that Open WebUI uses".to_owned())
        }
    }
    Ok(())
}

/// The plan, and what Open WebUI has where it mattered.
fn make_plan(context: &Context, creator: &NewCreator) -> anyhow::Result<(Plan, Option<OwiMatches>)> {
    let db = context.lamb()?;
    usable(&db)?;
    let edition = db.schema().edition().unwrap_or(Edition::Delegated);
    if creator.system_role.is_some() && edition == Edition::Delegated {
        let message = "--system-role: a delegated LAMB stores no system role; it asks Open WebUI";
        return Err(exit_with(Exit::Usage, message));
    }
    let organization = find_organization(&db, creator.organization.as_deref().unwrap_or(DEFAULT_ORGANIZATION))?;
    let lamb = lookup::look_up(&db, &creator.email)?;
    let matches = match &lamb.creator {
        Some(_) if !creator.create_owi_user => None,
        _ => Some(context.owi_db()?.find(&creator.email)?),
    };
    let none = OwiMatches::default();
    let facts = CreatorInput {
        edition,
        existing: lamb.creator.as_ref(),
        other_spellings: &lamb.other_spellings,
        unfound: lamb.unfound,
        lms: lamb.lms.as_ref(),
        no_creators_yet: db.creator_count()? == 0,
        bootstrap_admin: context.settings.get("OWI_ADMIN_EMAIL").map(SettingValue::text),
        elsewhere: lamb.elsewhere.as_deref(),
        owi: matches.as_ref().unwrap_or(&none),
        organization: &organization,
    };
    Ok((plan(creator, &facts), matches))
}
