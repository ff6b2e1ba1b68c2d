//! An Open WebUI admin's token, from the same sources as LAMB's: by trusted sign-in as `OWI_ADMIN_EMAIL`, else by its password.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::email::Email;
use crate::owi::api::answers::{ServerInfo, SignIn};
use crate::owi::api::client::OwiClient;
use crate::owi::api::sign_in_header::KnownEmail;
use crate::owi::file::db::OwiDb;
use crate::owi::same_file::{self, Identity};
use crate::owi::trusted_header;
use crate::secret::Secret;
use crate::settings::Settings;
use crate::token::presented::Presented;

/// An admin's token.
#[derive(Debug)]
pub struct AdminToken {
    /// The token.
    pub token: Secret,
    /// How it was obtained, for messages.
    pub how: String,
}

/// An admin's token that the operator put into a file.
#[derive(Debug)]
pub struct HandedIn {
    /// The token as it stands in the file.
    pub token: Secret,
    /// The file that it was read from.
    pub file: PathBuf,
}

impl HandedIn {
    /// Reads the token from a file.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn read(file: &Path) -> Result<Self, String> {
        let text = crate::files::read_text(file).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(Self { token: Presented::read(&text).hidden().token, file: file.to_owned() })
    }
}

/// Obtains an admin's token. Creates no account: the trusted header is sent only where the server is known to have the e-mail, or to
/// refuse unknown ones.
///
/// `handed_in` is used as it is. `lock_timeout` bounds the look into `webui.db`.
///
/// # Errors
/// Each way that was tried, and why it failed.
pub async fn token(
    settings: &Settings,
    client: &OwiClient,
    info: &ServerInfo,
    handed_in: Option<&HandedIn>,
    lock_timeout: Duration,
) -> Result<AdminToken, String> {
    if let Some(HandedIn { token, file }) = handed_in {
        return Ok(AdminToken { token: token.clone(), how: format!("from {}", file.display()) });
    }
    let Some(email) = settings.get("OWI_ADMIN_EMAIL").map(crate::settings::SettingValue::text) else {
        return Err("OWI_ADMIN_EMAIL is not set; pass --owi-admin-email, or an admin's token with --admin-token-file"
            .to_owned());
    };
    let mut tried = Vec::new();
    match known_email(settings, client, info, &Email::stored(email), lock_timeout).await {
        Err(why) => tried.push(format!("trusted sign-in was not tried: {why}")),
        Ok(known) => match SignIn::read(&client.trusted_sign_in(&known).await) {
            SignIn::Token(token, account) if account.role == "admin" => {
                return Ok(AdminToken { token, how: format!("by trusted sign-in as {email}") });
            }
            SignIn::Token(_, account) => tried.push(format!("{email} has the role {}, not admin", account.role)),
            SignIn::HeaderRenamed => tried.push("the trusted header has another name there".to_owned()),
            SignIn::Refused(why) | SignIn::Failed(why) => tried.push(format!("trusted sign-in as {email}: {why}")),
        },
    }
    match settings.secret("OWI_ADMIN_PASSWORD") {
        None => tried.push("OWI_ADMIN_PASSWORD is not set".to_owned()),
        Some(password) => match SignIn::read(&client.password_sign_in(email, password).await) {
            SignIn::Token(token, account) if account.role == "admin" => {
                return Ok(AdminToken { token, how: format!("by the password of {email}") });
            }
            SignIn::Token(_, account) => tried.push(format!("{email} has the role {}, not admin", account.role)),
            SignIn::HeaderRenamed => {
                tried.push("the server takes no passwords, it wants the trusted header".to_owned())
            }
            SignIn::Refused(why) | SignIn::Failed(why) => tried.push(format!("the password of {email}: {why}")),
        },
    }
    Err(format!("no admin's token could be had: {}\n  hand one in by --admin-token-file", tried.join("; ")))
}

/// The e-mail, if the trusted header can be sent for it without creating an account. Asks the server itself, with a test
/// token for the account that `webui.db` has.
async fn known_email(
    settings: &Settings,
    client: &OwiClient,
    info: &ServerInfo,
    email: &Email,
    lock_timeout: Duration,
) -> Result<KnownEmail, String> {
    if info.trusted_header == Some(false) {
        return Err("it is off".to_owned());
    }
    let file = settings.owi_db().ok().and_then(|(path, _)| OwiDb::open(&path, lock_timeout).ok()?.find(email).ok());
    let identity = match file.as_ref().and_then(|matches| matches.exact.first()) {
        Some(user) if !info.trusted_sign_in_makes_no_account() => {
            same_file::by_user(settings, client, Some(info), user).await
        }
        _ => Identity::Unknown,
    };
    trusted_header::prove(email, info, file.as_ref(), identity)
}
