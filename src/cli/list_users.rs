//! `list-users`.

use clap::Args;

use super::assign_role::find_organization;
use super::context::Context;
use super::exit::{Exit, exit_with};
use super::progress::Progress;
use crate::checks::tables;
use crate::directory::{ListFilter, ListOrder, ListRole, Presence, UserPattern, list};
use crate::findings::Severity;
use crate::lamb::db::LambDb;
use crate::messages;
use crate::owi::file::db::OwiDb;
use crate::render::{self, UserList};

/// List users: creators and Open WebUI accounts side by side
///
/// Reads both databases; asks no server. One line for each address, in all its spellings. An address is in conflict if
/// it occurs twice on one side, or if the sides spell it differently. So is half an Open WebUI account.
///
/// SIGNS IN BY is what webui.db tells: the trusted header, a password hash, OAuth and SCIM providers. LDAP leaves no
/// mark. Open WebUI makes a hash up for accounts without a password. Which ways are open is a setting of the server.
///
/// Exit codes: 0 if users match, 1 if none does, 3 if webui.db cannot be read: then only creators are listed. If none
/// matches, similar e-mails are shown.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lamb-auth list-users teacher\n  lamb-auth list-users '*@uni.example' --only lamb -o plain"
)]
pub(super) struct Arguments {
    /// Only users whose e-mail or name contains this text
    ///
    /// With * or ?, the pattern must match the whole e-mail or the whole name. Upper case does not count. A pattern with
    /// @ is compared with e-mails only.
    pattern: Option<UserPattern>,
    /// Only creators in this organization
    #[arg(long, value_name = "SLUG")]
    org: Option<String>,
    /// Only users on this side
    #[arg(long, value_enum, value_name = "WHERE")]
    only: Option<Presence>,
    /// Only users with this role
    #[arg(long, value_enum, value_name = "ROLE")]
    role: Option<ListRole>,
    /// Only users disabled in LAMB or inactive in Open WebUI
    #[arg(long)]
    disabled: bool,
    /// Order of the list
    #[arg(long, value_enum, default_value_t, value_name = "ORDER")]
    sort: ListOrder,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    let lamb = context.lamb()?;
    readable(&lamb, false)?;
    if let Some(slug) = &arguments.org {
        find_organization(&lamb, slug)?;
    }
    let (owi_path, _) = context.settings.owi_db()?;
    let owi = match OwiDb::open(&owi_path, context.limits.lock_timeout) {
        Ok(owi) => Some(owi),
        Err(error) if arguments.only.is_some() => return Err(error.into()),
        Err(error) => {
            messages::error(format_args!("warning: only creators are listed: {}", render::clean(&error.to_string())));
            None
        }
    };
    let filter = ListFilter {
        pattern: arguments.pattern.clone(),
        organization: arguments.org.clone(),
        only: arguments.only,
        role: arguments.role,
        disabled: arguments.disabled,
    };
    let (lamb_path, owi_path) = (lamb.path().display().to_string(), owi_path.display().to_string());
    let mut shown = UserList::begin(context.format, &lamb_path, owi.as_ref().map(|_| owi_path.as_str()))?;
    let mut progress = Progress::new("reading", None);
    let end = list::<anyhow::Error>(
        &lamb,
        owi.as_ref(),
        &filter,
        arguments.sort,
        &mut |rows| progress.at(rows),
        &mut |entry| Ok(shown.push(entry)?),
    )?;
    drop(progress);
    shown.end(&end)?;
    Ok(match (owi, end.counts.total()) {
        (None, _) => Exit::CouldNotTell,
        (Some(_), 0) => Exit::No,
        (Some(_), _) => Exit::Yes,
    })
}

/// Tables that LAMB does not read say nothing of its people. `whole`: no column may be missing either.
pub(super) fn readable(db: &LambDb, whole: bool) -> anyhow::Result<()> {
    let (schema, path) = (db.schema(), db.path().display().to_string());
    let tables = schema.tables.as_ref().filter(|set| !whole || !set.is_incomplete());
    if tables.is_some() && !schema.prefix_is_wrong() {
        return Ok(());
    }
    let hits = tables::judge_tables(&path, schema);
    let hit = hits.iter().find(|hit| hit.severity == Severity::Error);
    let fix = hit.and_then(|hit| hit.fix.first()).map(|fix| format!("\n  {}", fix.text())).unwrap_or_default();
    let what = hit.map_or_else(|| format!("{path} has no tables of LAMB"), ToString::to_string);
    Err(exit_with(Exit::CouldNotTell, what + &fix))
}
