//! `update-creator`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::assign_role::{find_creator, find_organization, usable};
use super::both_halves::{OwiHalf, carry_out_both};
use super::context::Context;
use super::exit::{Exit, exit_with};
use super::owi_change::new_password;
use super::write::{WriteFlags, WriteRequest, check_name};
use crate::change::rename::{self, RenameInput};
use crate::change::update_creator::{CreatorUpdate, NewPassword, UpdateInput, plan};
use crate::change::{Plan, owned};
use crate::clock;
use crate::email::Email;
use crate::lamb::Edition;
use crate::lamb::db::LambDb;
use crate::lamb::model::{OrganizationRole, UserType};
use crate::secret::Secret;
use crate::settings::SettingValue;

/// What LAMB's own hashes cost.
const BCRYPT_COST: u32 = 12;

/// Change a creator: access, name, password, organization
///
/// Changes LAMB's database only. Open WebUI keeps its own e-mail, name and password of the user; with --owi-too, its
/// API makes the same change first. Several flags make one run. Asks first, or needs --yes.
///
/// With --org, everything that names the creator stays with it and is listed. The role row moves along.
///
/// --rename changes the e-mail in every table of LAMB that names the creator, and lists each. Refused: an address that
/// is taken on either side, or that a user of the LMS has. In the delegated edition, Open WebUI must have it already, or
/// get it by --owi-too.
///
/// A delegated LAMB stores no password: there, --set-password needs --owi-too, and changes only Open WebUI's. An undo
/// restores the e-mail on both sides, but no password.
///
/// Refused: to disable OWI_ADMIN_EMAIL, to rename it, or to make it an end user.
///
/// Refused unless --force: an organization would lose its last owner or admin, or LAMB its last system admin.
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("update").multiple(true).required(true),
    group = ArgGroup::new("for_both").multiple(true),
    override_usage = "lamb-auth update-creator --email <EMAIL> <CHANGE>... [OPTIONS]",
    after_help = "Examples:\n  lamb-auth update-creator --email teacher@uni.example --enable\n  lamb-auth update-creator -e old@uni.example --rename new@uni.example --owi-too"
)]
pub(super) struct Arguments {
    /// The e-mail as LAMB spells it
    #[arg(short, long)]
    email: Email,
    /// Let the creator log in again
    #[arg(long, group = "update")]
    enable: bool,
    /// Refuse the creator's next login
    #[arg(long, group = "update", conflicts_with = "enable")]
    disable: bool,
    /// User type
    #[arg(long, value_enum, value_name = "TYPE", group = "update")]
    user_type: Option<UserType>,
    /// Display name in LAMB
    #[arg(long, group = "update")]
    name: Option<String>,
    /// Move to the organization with this slug
    #[arg(long, value_name = "SLUG", group = "update")]
    org: Option<String>,
    /// Role in the new organization [default: member]
    #[arg(long, value_enum, requires = "org", hide_short_help = true)]
    role: Option<OrganizationRole>,
    /// New e-mail, for the creator and all that names it
    #[arg(long, value_name = "EMAIL", groups = ["update", "for_both"], conflicts_with_all = ["enable", "disable", "user_type", "name", "org", "reset_config", "copy_password", "set_password"])]
    rename: Option<Email>,
    /// Replace user_config by {}
    #[arg(long, group = "update")]
    reset_config: bool,
    /// Use Open WebUI's password, native edition only
    #[arg(long, group = "update")]
    copy_password: bool,
    /// Ask for a new password
    #[arg(long, groups = ["update", "for_both"], conflicts_with = "copy_password")]
    set_password: bool,
    /// With --set-password: read the new password from stdin
    #[arg(long, requires = "set_password", hide_short_help = true)]
    password_stdin: bool,
    /// Change the e-mail or password in Open WebUI too
    #[arg(long, requires = "for_both")]
    owi_too: bool,
    /// File with an Open WebUI admin's token
    ///
    /// Needed only if LAMB's own ways to get an admin token fail.
    #[arg(long, value_name = "FILE", requires = "owi_too", hide_short_help = true)]
    admin_token_file: Option<PathBuf>,
    #[command(flatten)]
    write: WriteFlags,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    check_name(arguments.name.as_deref())?;
    let email = arguments.email.as_str();
    let request = WriteRequest { command: "update-creator", email, flags: &arguments.write };
    let mut password = Secret::new("");
    let plan = match &arguments.rename {
        Some(new) => rename_plan(arguments, new, context, &context.lamb()?)?,
        None => make_plan(arguments, context, &context.lamb()?, &mut password)?,
    };
    let password = || Ok(password.clone());
    let half = OwiHalf { password: &password, admin_token_file: arguments.admin_token_file.as_deref(), again: None };
    carry_out_both(context, &request, plan, "Make these changes?", &half)
}

fn rename_plan(arguments: &Arguments, new: &Email, context: &Context, db: &LambDb) -> anyhow::Result<Plan> {
    let old = &arguments.email;
    usable(db)?;
    let creator = find_creator(db, old)?;
    let (names_old, names_new) = rename::names(db, old, new)?;
    let facts = RenameInput {
        edition: db.schema().edition().unwrap_or(Edition::Delegated),
        creator: &creator,
        old: names_old,
        new: names_new,
        creators: db.look_alikes(new)?,
        lms: db.lms_user(new)?,
        owi: context.owi_db()?.find(new)?,
        owi_before: context.owi_db()?.find(old)?,
        owi_too: arguments.owi_too,
        bootstrap_admin: context.settings.get("OWI_ADMIN_EMAIL").map(SettingValue::text),
    };
    Ok(rename::plan(new, facts))
}

/// `typed`: the new password, for the server that hashes it itself.
fn make_plan(arguments: &Arguments, context: &Context, db: &LambDb, typed: &mut Secret) -> anyhow::Result<Plan> {
    usable(db)?;
    let edition = db.schema().edition().unwrap_or(Edition::Delegated);
    if edition == Edition::Delegated && arguments.copy_password {
        return Err(exit_with(Exit::Usage, "--copy-password: a delegated LAMB stores no password"));
    }
    if edition == Edition::Delegated && arguments.set_password && !arguments.owi_too {
        let message =
            "--set-password: a delegated LAMB stores no password\n  to set the password in Open WebUI, add --owi-too";
        return Err(exit_with(Exit::Usage, message));
    }
    let creator = find_creator(db, &arguments.email)?;
    let organization = arguments.org.as_ref().map(|slug| find_organization(db, slug)).transpose()?;
    let stored = db.raw_columns(creator.id)?.unwrap_or_default();
    let stored_hash = db.password_hash(creator.email.as_str())?;
    // The look-up takes an empty text for no hash.
    let stored_hash = stored_hash.or_else(|| (!stored.hash_is_null).then(|| Secret::new("")));
    let update = CreatorUpdate {
        enabled: (arguments.enable || arguments.disable).then_some(arguments.enable),
        user_type: arguments.user_type,
        name: arguments.name.as_deref(),
        organization: organization
            .as_ref()
            .map(|organization| (organization, arguments.role.unwrap_or(OrganizationRole::Member))),
        resets_config: arguments.reset_config,
        password: password(arguments, edition, context, typed)?,
        owi_too: if arguments.owi_too { Some(context.owi_db()?.find(&arguments.email)?) } else { None },
    };
    let facts = UpdateInput {
        edition,
        creator: &creator,
        stored: &stored,
        stored_hash: stored_hash.filter(|_| edition == Edition::Native),
        bootstrap_admin: context.settings.get("OWI_ADMIN_EMAIL").map(SettingValue::text),
        other_managers: creator.organization_id.map_or(Ok(0), |id| db.other_managers(id, creator.id))?,
        other_system_admins: if edition == Edition::Native { db.other_system_admins(creator.id)? } else { 0 },
        owned: &if organization.is_some() { owned(db, &creator)? } else { Vec::new() },
        now: clock::now(),
    };
    Ok(plan(update, &facts))
}

/// Reads the account, or asks for a password. Only its hash is kept, unless Open WebUI needs it too.
fn password(
    arguments: &Arguments,
    edition: Edition,
    context: &Context,
    typed: &mut Secret,
) -> anyhow::Result<Option<NewPassword>> {
    if arguments.copy_password {
        return Ok(Some(NewPassword::OpenWebUi(context.owi_db()?.find(&arguments.email)?)));
    }
    if !arguments.set_password {
        return Ok(None);
    }
    let server = match (edition, arguments.owi_too) {
        (Edition::Delegated, _) => "Open WebUI",
        (Edition::Native, true) => "LAMB and Open WebUI",
        (Edition::Native, false) => "LAMB",
    };
    if arguments.write.dry_run && !arguments.password_stdin {
        // Nothing is changed, so no password is needed.
        return Ok(Some(NewPassword::Hash(Secret::new(""))));
    }
    let password = new_password(arguments.email.as_str(), server, ("--password-stdin", arguments.password_stdin))?;
    let hash = bcrypt::non_truncating_hash(password.expose(), BCRYPT_COST)
        .map_err(|error| exit_with(Exit::Usage, format!("cannot hash the password: {error}")))?;
    if arguments.owi_too {
        *typed = password;
    }
    Ok(Some(NewPassword::Hash(Secret::new(hash).hidden())))
}
