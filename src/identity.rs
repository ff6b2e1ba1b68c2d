//! Is the `webui.db` at hand the one that the server uses? Asked of the server itself, with a token of sixty seconds.

use crate::clock;
use crate::owi::client::{OwiClient, ServerInfo, bearer};
use crate::owi::db::OwiUser;
use crate::owi::meaning::SessionAnswer;
use crate::secret::Secret;
use crate::settings::Settings;
use crate::token::mint;

/// How many secrets are tried at most: each costs a request.
pub const SECRETS_TRIED: usize = 4;

/// How long a probe lives, in seconds.
pub const PROBE_LIFETIME: i64 = 60;

/// What the server says of a user that the file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// It knows the same id by the same e-mail: the file is its own.
    Same,
    /// It took the signature, and does not know the id: the file is another, or an old copy.
    Other,
    /// No secret at hand is the server's, or it gave no usable answer.
    Unknown,
}

/// A token of this user of `webui.db` as this version of Open WebUI wants it, signed with this secret.
///
/// # Errors
/// Where the claims cannot be written as JSON.
pub fn probe_token(info: &ServerInfo, user: &OwiUser, secret: &Secret) -> Result<Secret, jsonwebtoken::errors::Error> {
    let stamp = user.auth.as_ref().and_then(|auth| auth.session_stamp.as_deref());
    let newest = info.release() >= Some((0, 12));
    mint::sign(&mint::owi_session_claims(&user.id, stamp, newest, clock::now(), PROBE_LIFETIME), secret)
}

/// Compares one user of the file with the server. Leaves the user's `last_active_at` behind.
pub async fn of_file(settings: &Settings, client: &OwiClient, info: &ServerInfo, user: &OwiUser) -> Identity {
    session_of(settings, client, info, user).await.0
}

/// As [`of_file`]; where the server knows the user, also the token of sixty seconds that it took.
pub async fn session_of(
    settings: &Settings,
    client: &OwiClient,
    info: &ServerInfo,
    user: &OwiUser,
) -> (Identity, Option<Secret>) {
    for named in settings.known_secrets().into_iter().take(SECRETS_TRIED) {
        let Ok(token) = probe_token(info, user, &named.secret) else { continue };
        let identity = match SessionAnswer::read(&client.session(&bearer(&token)).await) {
            SessionAnswer::BadToken { .. } => continue,
            SessionAnswer::Accepted(account) if account.id == user.id && account.email == user.email.as_str() => {
                return (Identity::Same, Some(token));
            }
            SessionAnswer::Accepted(_) => Identity::Other,
            // The same answer as for a row that is gone, where the file has a reason for it.
            SessionAnswer::RowNotHad | SessionAnswer::RowGoneOrInactive if has_a_reason(user) => Identity::Unknown,
            SessionAnswer::RowNotHad | SessionAnswer::RowGoneOrInactive => Identity::Other,
            _ => Identity::Unknown,
        };
        return (identity, None);
    }
    (Identity::Unknown, None)
}

fn has_a_reason(user: &OwiUser) -> bool {
    !user.unreadable.is_empty() || user.auth.as_ref().is_none_or(|auth| !auth.active)
}
