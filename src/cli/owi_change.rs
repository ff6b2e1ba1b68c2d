//! Changes in Open WebUI, for the commands that have its API make them.

use std::io::{IsTerminal, stderr, stdin};
use std::time::Duration;

use super::context::Context;
use super::exit::{Exit, exit_with};
use crate::change::journal::{AccountState, FileJournal};
use crate::email::Email;
use crate::findings::FixStep;
use crate::interrupt::{self, Shield, with_terminal};
use crate::messages;
use crate::owi::admin_token::HandedIn;
use crate::owi::api::answers::SessionAnswer;
use crate::owi::api::change::{OwiChange, OwiChangeError};
use crate::owi::api::client::{OwiClient, bearer};
use crate::owi::api::users;
use crate::owi::file::db::OwiUser;
use crate::owi::same_file::{self, Identity};
use crate::render;
use crate::secret::Secret;

/// How long the answer to a change is waited for after Ctrl-C.
const AFTER_CTRL_C: Duration = Duration::from_secs(5);

/// Whether `webui.db`, which has this user, is the server's own.
pub(super) async fn file_identity(context: &Context, user: &OwiUser) -> anyhow::Result<Identity> {
    let client = context.owi()?;
    let server = client.server().await;
    Ok(same_file::by_user(&context.settings, &client, server.info(), user).await)
}

/// What to say of a `webui.db` that is not the server's.
pub(super) fn stale(email: &str, id: &str, path: &str) -> String {
    format!(
        "refused: Open WebUI has {email} (id {id}), but {path} does not: Open WebUI uses another file\n  \
         lamb-auth explain owi-db-stale"
    )
}

/// True where there is a way to ask for a password.
pub(super) fn can_ask() -> bool {
    stdin().is_terminal() && stderr().is_terminal()
}

/// Asks for a password, which is not shown. `twice`: a new one is repeated.
pub(super) fn ask_password(prompt: String, twice: bool) -> std::io::Result<Secret> {
    loop {
        let password = typed_password(&prompt)?;
        if !twice || typed_password("Repeat the password")?.expose() == password.expose() {
            return Ok(password.hidden());
        }
        messages::error("The passwords differ.");
    }
}

/// An empty line or Ctrl-D leaves the prompt; it would be asked again without end.
fn typed_password(prompt: &str) -> std::io::Result<Secret> {
    let ask = dialoguer::Password::with_theme(&dialoguer::theme::SimpleTheme).with_prompt(prompt);
    let ask = ask.allow_empty_password(true);
    let password = with_terminal(|| ask.interact()).map_err(|dialoguer::Error::IO(error)| error)?;
    if password.is_empty() {
        return Err(std::io::Error::new(std::io::ErrorKind::UnexpectedEof, "the prompt was left without one"));
    }
    Ok(Secret::new(password))
}

/// A new password for a user of this server: never an argument.
///
/// `flag`: the flag that hands it in by stdin, and whether it was given.
pub(super) fn new_password(email: &str, server: &str, (flag, from_stdin): (&str, bool)) -> anyhow::Result<Secret> {
    let password = if from_stdin {
        crate::files::stdin::password()
            .map_err(|error| exit_with(Exit::Usage, format!("cannot read the password from stdin: {error}")))?
    } else if can_ask() {
        ask_password(format!("New {server} password for {email}"), true)
            .map_err(|error| exit_with(Exit::Refused, format!("no password ({error}); nothing was changed")))?
    } else {
        let message = "refused: a new password is needed, and this is not a terminal";
        return Err(exit_with(Exit::Refused, format!("{message}\n  pass the password with {flag}")));
    };
    if password.is_empty() {
        return Err(exit_with(Exit::Usage, "the password is empty; nothing was changed"));
    }
    // bcrypt, with which both servers store it, reads 72 bytes and no more.
    if password.expose().len() > 72 {
        let message = format!("the password is longer than 72 bytes, the most that {server} can store");
        return Err(exit_with(Exit::Usage, message));
    }
    Ok(password)
}

/// An admin's token of the server whose file is at hand.
pub(super) async fn admin(
    context: &Context,
    client: &OwiClient,
    handed_in: Option<&HandedIn>,
) -> anyhow::Result<Secret> {
    let admin = context.owi_as_admin(client, handed_in).await?;
    let me = SessionAnswer::read(&client.session(&bearer(&admin.token)).await);
    if let SessionAnswer::Accepted(account) = &me {
        let db = context.owi_db()?;
        if db.user_by_id(&account.id)?.is_none() {
            return Err(exit_with(Exit::Refused, stale(&account.email, &account.id, &db.path().display().to_string())));
        }
    }
    Ok(admin.token)
}

/// That the account is still as it was planned for, and that the server knows it by the same id and e-mail: by its
/// answer to a token of sixty seconds, else by its admin API.
pub(super) async fn is_known(
    context: &Context,
    client: &OwiClient,
    admin: &Secret,
    change: &OwiChange,
) -> anyhow::Result<Result<(), String>> {
    let Some((id, email)) = change.account() else { return Ok(Ok(())) };
    let user = context.owi_db()?.user_by_id(id)?.filter(|user| user.email.as_str() == email);
    let is_pending = |user: &OwiUser| user.role == "pending" || !matches!(change, OwiChange::ApproveOwiUser { .. });
    let Some(user) = user.filter(is_pending) else { return Ok(Err(format!("{email} changed in the meantime"))) };
    let server = client.server().await;
    if matches!(change, OwiChange::DeleteOwiUser { .. }) {
        let version = server.info().and_then(|info| info.version.as_deref());
        if let Some(why) = crate::repair::why_kept(&context.owi_db()?, &context.lamb()?, &user, version)? {
            return Ok(Err(format!("{email} ({id}) stays: {why}")));
        }
    }
    Ok(match same_file::by_user(&context.settings, client, server.info(), &user).await {
        Identity::Same => Ok(()),
        Identity::Other => Err(crate::repair::other_file(email).reason),
        Identity::Unknown => match users::find(client, admin, &Email::stored(email)).await {
            Ok(found) if found.accounts.iter().any(|account| account.id == id && account.email == email) => Ok(()),
            Ok(_) => Err(crate::repair::other_file(email).reason),
            Err(why) => Err(format!("could not check that Open WebUI has {email} with this id: {why}")),
        },
    })
}

/// Waits for the answer. After Ctrl-C, which a shield holds back, only for a while: what is not known then is told.
async fn until_answered(
    change: &OwiChange,
    answer: impl Future<Output = Result<(), OwiChangeError>>,
) -> Result<(), OwiChangeError> {
    let mut answer = std::pin::pin!(answer);
    tokio::select! {
        answer = &mut answer => return answer,
        () = interrupt::hit() => {}
    }
    let (bound, change) = (AFTER_CTRL_C.as_secs(), render::clean(&change.to_string()));
    messages::error(format_args!(
        "interrupted: waiting up to {bound}s for Open WebUI's answer, to know whether it was done: {change}"
    ));
    let late = |_| OwiChangeError::Unclear(format!("interrupted, and no answer came within {bound}s"));
    tokio::time::timeout(AFTER_CTRL_C, answer).await.map_err(late)?
}

/// Makes the first half of a run that goes on in LAMB. Until the shield is dropped, Ctrl-C waits, and what was done is
/// told.
///
/// # Errors
/// Where it was not made, or may not have been.
pub(super) async fn make_first(
    context: &Context,
    change: &OwiChange,
    handed_in: Option<&HandedIn>,
    password: &Secret,
    journal: &mut FileJournal,
) -> anyhow::Result<Shield> {
    let client = context.owi()?;
    let admin = admin(context, &client, handed_in).await?;
    if let Err(why) = is_known(context, &client, &admin, change).await? {
        return Err(exit_with(Exit::Refused, format!("refused: {why}; nothing was changed")));
    }
    let shield = Shield::raise();
    make(&client, &admin, change, password, journal).await.map_err(|error| match error {
        not_asked @ OwiChangeError::NotAsked(_) => exit_with(Exit::CouldNotTell, not_asked.to_string()),
        OwiChangeError::Refused(why) => {
            exit_with(Exit::Refused, format!("Open WebUI refused this; nothing was changed: {why}"))
        }
        OwiChangeError::Unclear(why) => {
            let look = FixStep::command(&["check-owi-user", "--email", change.email()]);
            let asked = render::clean(&change.to_string());
            let message = format!(
                "LAMB's database was not changed, and it is unknown whether Open WebUI did this: {asked}\n  {why}\n  {}",
                look.text()
            );
            exit_with(if shield.was_hit() { Exit::Interrupted } else { Exit::CouldNotTell }, message)
        }
    })?;
    messages::note(format_args!("done: {}", render::clean(&change.to_string())));
    Ok(shield)
}

/// Makes a change. That the server is asked to is on the disk before it is.
pub(super) async fn make(
    client: &OwiClient,
    admin: &Secret,
    change: &OwiChange,
    password: &Secret,
    journal: &mut FileJournal,
) -> Result<(), OwiChangeError> {
    journal
        .owi_change(change, AccountState::Asked)
        .map_err(|error| OwiChangeError::NotAsked(format!("cannot write the journal: {error}")))?;
    let made = until_answered(change, change.make(client, admin, password)).await;
    let state = match made {
        Ok(()) => AccountState::Made,
        Err(OwiChangeError::Refused(_)) => AccountState::Refused,
        Err(OwiChangeError::Unclear(_) | OwiChangeError::NotAsked(_)) => return made,
    };
    // A journal that cannot be written now must not hide whether the change was made.
    if let Err(error) = journal.owi_change(change, state) {
        messages::error(format_args!("warning: cannot write the journal: {error}"));
    }
    made
}
