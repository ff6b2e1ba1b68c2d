//! Is the `webui.db` at hand the one that the server uses? Asked of the server itself, with a token of sixty seconds.

use crate::clock;
use crate::http::{Answer, Failure};
use crate::owi::api::answers::SessionAnswer;
use crate::owi::api::client::{OwiClient, ServerInfo, bearer};
use crate::owi::file::db::OwiUser;
use crate::secret::Secret;
use crate::settings::{NamedSecret, Settings};
use crate::token::mint;

/// How many secrets are tried at most: each costs a request.
pub const SECRETS_TRIED: usize = 4;

/// How long a probe lives, in seconds.
pub const PROBE_LIFETIME: i64 = 60;

/// An id that no user has.
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

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

/// What came of asking the server with tokens of sixty seconds.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Whether the file is its own.
    pub identity: Identity,
    /// The token that it took for the user's.
    pub token: Option<Secret>,
    /// The secret whose signature it took, whatever it said of the user.
    pub signer: Option<NamedSecret>,
    /// Its last answer.
    pub answer: Option<Result<Answer, Failure>>,
}

/// Compares one user of the file with the server. Leaves the user's `last_active_at` behind.
pub async fn of_file(settings: &Settings, client: &OwiClient, info: &ServerInfo, user: &OwiUser) -> Identity {
    session_of(settings, client, info, user).await.identity
}

/// As [`of_file`], with all that was learnt by it.
pub async fn session_of(settings: &Settings, client: &OwiClient, info: &ServerInfo, user: &OwiUser) -> Asked {
    let mut asked = ask(settings, client, |secret| probe_token(info, user, secret)).await;
    let answer = asked.answer.as_ref().map(SessionAnswer::read);
    asked.identity = match answer {
        Some(SessionAnswer::Accepted(account)) if account.id == user.id && account.email == user.email.as_str() => {
            return Asked { identity: Identity::Same, ..asked };
        }
        Some(SessionAnswer::Accepted(_)) => Identity::Other,
        // The same answer as for a row that is gone, where the file has a reason for it.
        Some(SessionAnswer::RowNotHad | SessionAnswer::RowGoneOrInactive) if has_a_reason(user) => Identity::Unknown,
        Some(SessionAnswer::RowNotHad | SessionAnswer::RowGoneOrInactive) => Identity::Other,
        _ => Identity::Unknown,
    };
    Asked { token: None, ..asked }
}

/// Finds out which secret the server signs with where no user of it is known: a token of nobody is refused for its
/// signature or for its user, and the answers differ (measured). Leaves nothing behind.
pub async fn signer_of(settings: &Settings, client: &OwiClient, info: &ServerInfo) -> Asked {
    let newest = info.release() >= Some((0, 12));
    let claims = mint::owi_session_claims(NOBODY, None, newest, clock::now(), PROBE_LIFETIME);
    let asked = ask(settings, client, |secret| mint::sign(&claims, secret)).await;
    Asked { token: None, ..asked }
}

/// Tries one secret after the other, until the server says of one something else than that it is not its own.
async fn ask(
    settings: &Settings,
    client: &OwiClient,
    sign: impl Fn(&Secret) -> Result<Secret, jsonwebtoken::errors::Error>,
) -> Asked {
    let mut asked = Asked { identity: Identity::Unknown, token: None, signer: None, answer: None };
    for named in settings.known_secrets().into_iter().take(SECRETS_TRIED) {
        let Ok(token) = sign(&named.secret) else { continue };
        let raw = client.session(&bearer(&token)).await;
        let answer = SessionAnswer::read(&raw);
        asked.answer = Some(raw);
        if !matches!(answer, SessionAnswer::BadToken { .. }) {
            asked.token = Some(token);
            asked.signer = answer.takes_the_signature().then_some(named);
            break;
        }
    }
    asked
}

fn has_a_reason(user: &OwiUser) -> bool {
    !user.unreadable.is_empty() || user.auth.as_ref().is_none_or(|auth| !auth.active)
}
