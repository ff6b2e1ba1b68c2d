//! Asking Open WebUI about a token once more where its "no" is in doubt.

use super::answers::SessionAnswer;
use super::client::OwiClient;
use crate::http::{Answer, Failure};
use crate::secret::Secret;

/// How often a refused token is sent again before the refusal is believed.
const ASKED_AGAIN: usize = 2;

/// Open WebUI's answer to a token.
#[derive(Debug)]
pub struct Session {
    /// As it came.
    pub raw: Result<Answer, Failure>,
    /// What it means.
    pub answer: SessionAnswer,
    /// True where the same request was refused before: processes with different secrets share this address.
    pub varies: bool,
}

/// Asks as LAMB asks. `is_signed`: a secret at hand signed the token, so that a refusal is asked about again. Changes
/// Open WebUI's own `last_active_at`, and nothing else.
pub async fn ask(client: &OwiClient, authorization: &Secret, is_signed: bool) -> Session {
    ask_by(is_signed, || async { (client.session(authorization).await, 1) }).await.0
}

/// The same with this way to send the request, which says how often it was sent. Returns how often it was in all.
pub async fn ask_by<F>(is_signed: bool, send: impl Fn() -> F) -> (Session, u32)
where
    F: Future<Output = (Result<Answer, Failure>, u32)>,
{
    let (mut refused, mut sent) = (0, 0);
    loop {
        let (raw, tries) = send().await;
        sent += tries;
        let answer = SessionAnswer::read(&raw);
        let is_refusal = matches!(answer, SessionAnswer::BadToken { .. });
        if !is_signed || !is_refusal || refused == ASKED_AGAIN {
            let varies = refused > 0 && answer.accepts_the_signature();
            return (Session { raw, answer, varies }, sent);
        }
        refused += 1;
    }
}
