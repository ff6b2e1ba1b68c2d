//! `check-owi-user`.

use std::path::PathBuf;

use clap::Args;

use super::check_user::near_on_both_sides;
use super::context::{Context, block_on};
use super::exit::{Exit, exit_with};
use super::users::OneUser;
use crate::checks::account;
use crate::email::Email;
use crate::email::near::NearMatch;
use crate::evidence::near;
use crate::findings::{Hit, OWI_ROW_UNREADABLE, OWI_USER_MISSING};
use crate::owi::api::answers::Account;
use crate::owi::api::users;
use crate::owi::file::db::{OwiMatches, OwiUser};
use crate::owi::file::duplicates::SignsIn;
use crate::render;
use crate::sqlite;
use crate::sync::saved::Via;

/// Show a user as Open WebUI sees it
///
/// Reads webui.db. If webui.db is on another machine, use --via api to ask Open WebUI's admin API. Lists duplicates,
/// incomplete users and other spellings. From webui.db, also shows which sign-in finds the account, and the OAuth and
/// SCIM providers that it is linked with. LDAP leaves no mark there. Exit codes: 0 if a user with exactly this e-mail exists, 1 if not.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lamb-auth check-owi-user teacher@uni.example\n  lamb-auth check-owi-user --email teacher@uni.example --via api"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    user: OneUser,
    /// Where to look up the user
    #[arg(long, value_enum, default_value_t, value_name = "FROM")]
    via: Via,
    /// File with an Open WebUI admin's token
    ///
    /// Needed only if LAMB's own ways to get an admin token fail.
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    admin_token_file: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    match arguments.via {
        Via::File => by_file(arguments, context),
        Via::Api => block_on(by_api(arguments, context)),
    }
}

fn by_file(arguments: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    let email = arguments.user.email()?;
    let (matches, signs_in, path, near) = sqlite::in_place(|| -> anyhow::Result<_> {
        let db = context.owi_db()?;
        let version = db.migration()?.and_then(|migration| migration.version);
        let signs_in = version.map(|version| db.signs_in(email, version)).transpose()?.unwrap_or_default();
        let matches = db.find(email)?;
        let near = if matches.is_empty() { near_on_both_sides(email, context) } else { Vec::new() };
        Ok((matches, signs_in, db.path().display().to_string(), near))
    })?;
    show(arguments, context, &matches, Some(&signs_in), &path, &[], &near)?;
    Ok(if matches.exact.is_empty() { Exit::No } else { Exit::Yes })
}

async fn by_api(arguments: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    let client = context.owi()?;
    let handed_in = Context::handed_in(arguments.admin_token_file.as_deref())?;
    let admin = context.owi_as_admin(&client, handed_in.as_ref()).await?;
    let found = users::find(&client, &admin.token, arguments.user.email()?).await;
    let found = found.map_err(|why| exit_with(Exit::CouldNotTell, why.to_string()))?;
    let mut matches = OwiMatches::default();
    for account in found.accounts {
        let user = without_auth(account);
        let side =
            if user.email == *arguments.user.email()? { &mut matches.exact } else { &mut matches.other_spellings };
        side.push(user);
    }
    let spoiled = (found.unreadable_rows > 0).then(|| {
        let detail = format!("Open WebUI cannot read {} of its users; webui.db shows which", found.unreadable_rows);
        Hit::new(&OWI_ROW_UNREADABLE, detail)
    });
    let source = format!("{}/api/v1/users/", client.base_shown());
    // The API lists too many users to look for similar ones there.
    let near =
        if matches.is_empty() { near(arguments.user.email()?, context.lamb().ok().as_ref(), None) } else { Vec::new() };
    show(arguments, context, &matches, None, &source, spoiled.as_slice(), &near)?;
    Ok(match (matches.exact.is_empty(), found.unreadable_rows) {
        (false, _) => Exit::Yes,
        (true, 0) => Exit::No,
        // It may be one of the rows that cannot be shown.
        (true, _) => Exit::CouldNotTell,
    })
}

/// The API shows no `auth` rows: nothing is said about them.
fn without_auth(account: Account) -> OwiUser {
    OwiUser {
        id: account.id,
        email: Email::stored(account.email),
        // Text and bytes look the same there: nothing is said about that.
        is_found_by_email: true,
        providers: Vec::new(),
        name: account.name,
        role: account.role,
        last_active_at: account.last_active_at,
        created_at: None,
        unreadable: Vec::new(),
        auth: None,
    }
}

fn show(
    arguments: &Arguments,
    context: &Context,
    matches: &OwiMatches,
    signs_in: Option<&SignsIn>,
    source: &str,
    more: &[Hit],
    near: &[NearMatch],
) -> anyhow::Result<()> {
    let email = arguments.user.email()?;
    let mut hits = account::judge_user(email, matches, source, None);
    // LAMB was not asked: that it knows them is not known.
    hits.retain(|hit| hit.finding != &OWI_USER_MISSING);
    if signs_in.is_none() {
        hits.retain(|hit| hit.finding != &crate::findings::OWI_USER_HALF);
    }
    hits.extend(more.iter().cloned());
    context.show(&render::owi_user(email.as_str(), matches, signs_in, &hits, source, near))
}
