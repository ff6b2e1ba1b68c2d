//! What Open WebUI's answer means for a token, with the row of `webui.db` that the token names.

use super::{TokenVerdict, by_lifetime};
use crate::findings::{
    CLAIMS_REFUSED, EMAIL_MISSING, MALFORMED, OWI_ROW_UNREADABLE, OWI_USER_GONE, REVOKED, WRONG_KIND, WRONG_SECRET,
};
use crate::owi::api::answers::SessionAnswer;
use crate::owi::file::db::{OwiDb, OwiDbError, OwiUser};
use crate::sqlite::DbTrouble;
use crate::token::inspect::{Inspection, Signature};

/// What is known of the row that a token's `id` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RowEvidence {
    /// `webui.db` could not be looked at, and why.
    NotAtHand(String),
    /// `webui.db` is locked, for Open WebUI as well as for us.
    Locked(String),
    /// No row has the id.
    Gone,
    /// The row of the id.
    There(Box<OwiUser>),
}

impl RowEvidence {
    /// Looks an id up.
    pub(crate) fn of(db: &OwiDb, id: Option<&str>) -> Self {
        match id.map(|id| db.user_by_id(id)) {
            Some(Ok(Some(user))) => Self::There(Box::new(user)),
            Some(Ok(None)) => Self::Gone,
            Some(Err(error)) => Self::unreadable(&error),
            None => Self::NotAtHand("the token names no id".to_owned()),
        }
    }

    /// The file cannot be read.
    pub(crate) fn unreadable(error: &OwiDbError) -> Self {
        match error {
            OwiDbError::Db(db) if matches!(db.trouble, DbTrouble::Locked(_)) => Self::Locked(error.to_string()),
            _ => Self::NotAtHand(error.to_string()),
        }
    }
}

/// What Open WebUI's answer means for this token: valid where it accepts it.
pub(crate) fn by_open_webui(inspection: &Inspection, answer: &SessionAnswer, row: &RowEvidence) -> TokenVerdict {
    let could_not_tell = |why: String| TokenVerdict::could_not_tell(why);
    match answer {
        SessionAnswer::Accepted(account) => {
            TokenVerdict::valid(format!("Open WebUI accepts it as {} (role {})", account.email, account.role))
        }
        SessionAnswer::NoEmail => {
            TokenVerdict::refused(&EMAIL_MISSING, "Open WebUI's answer is 200, but names no e-mail")
        }
        SessionAnswer::BadToken { clock_ahead } => {
            by_lifetime(inspection, *clock_ahead).unwrap_or_else(|| bad_token(inspection))
        }
        SessionAnswer::RowNotHad => row_not_had(row, "the signature is good, but the user's row could not be had"),
        SessionAnswer::RowGoneOrInactive => inactive_or_gone(row),
        SessionAnswer::Revoked => {
            TokenVerdict::refused(&REVOKED, "Open WebUI has ended this session (revoked, or the password changed)")
        }
        SessionAnswer::ApiKeyRefused => TokenVerdict::refused(&WRONG_KIND, "Open WebUI accepts no API key here"),
        SessionAnswer::CannotRead(status) => match row {
            RowEvidence::There(user) if !user.unreadable.is_empty() => unreadable(user),
            _ => could_not_tell(format!("Open WebUI answers {status} and nothing seen here says why")),
        },
        SessionAnswer::NoCredentials => could_not_tell(
            "Open WebUI says that no token arrived: a proxy on the way drops the Authorization header".to_owned(),
        ),
        SessionAnswer::TrustedHeaderMismatch => {
            could_not_tell("a proxy adds the trusted header of another user".to_owned())
        }
        SessionAnswer::NotOpenWebUi(what) => {
            could_not_tell(format!("the answer is not from an Open WebUI API: {what}"))
        }
        SessionAnswer::Redirect(to) => could_not_tell(format!("Open WebUI's address redirects to {to}")),
        SessionAnswer::TooMany => could_not_tell("Open WebUI answers 429, too many requests".to_owned()),
        SessionAnswer::Gateway(status) => could_not_tell(format!("a gateway answers {status}")),
        SessionAnswer::Unknown(what) => could_not_tell(format!("Open WebUI returned an unknown answer: {what}")),
        SessionAnswer::Unreachable(failure) => could_not_tell(failure.to_string()),
    }
}

/// One answer has four causes: the secret, the times, the claims, the form. Times are judged before.
fn bad_token(inspection: &Inspection) -> TokenVerdict {
    let signer = match &inspection.signature {
        Signature::By { secret, .. } => Some(secret),
        _ => None,
    };
    // The library looks at the signature first: whether that fits is known only where a secret at hand made it.
    if let Some(refusal) = inspection.refused_claim.as_ref().filter(|refusal| signer.is_some() || !refusal.newer_only) {
        return TokenVerdict::refused(&CLAIMS_REFUSED, refusal.why.clone());
    }
    if signer.is_some() && !inspection.is_strict_base64 {
        return TokenVerdict::refused(&MALFORMED, "it is damaged: one of its three parts is not exact base64");
    }
    let reason = match signer {
        Some(secret) => format!("{secret} signed it, but Open WebUI, which refuses it, signs with another secret"),
        None => "none of the known secrets signed it, and Open WebUI refuses it".to_owned(),
    };
    TokenVerdict::refused(&WRONG_SECRET, reason)
}

fn unreadable(user: &OwiUser) -> TokenVerdict {
    let why = user.unreadable.join("; ");
    let reason = format!("Open WebUI cannot read the row of {} in webui.db: {why}", user.email);
    TokenVerdict::refused(&OWI_ROW_UNREADABLE, reason)
}

fn row_not_had(row: &RowEvidence, answer: &str) -> TokenVerdict {
    match row {
        RowEvidence::Gone => TokenVerdict::refused(&OWI_USER_GONE, format!("{answer}: webui.db has no user of its id")),
        RowEvidence::There(user) if !user.unreadable.is_empty() => unreadable(user),
        RowEvidence::There(_) => TokenVerdict::could_not_tell(format!(
            "{answer}, though webui.db has it and it is sound: the file is locked for Open WebUI, or is not the one it uses"
        )),
        RowEvidence::Locked(why) => {
            TokenVerdict::could_not_tell(format!("{answer}: it is locked for Open WebUI too ({why})"))
        }
        RowEvidence::NotAtHand(why) => TokenVerdict::refused(
            &OWI_USER_GONE,
            format!("{answer}: gone, unreadable or locked; which, webui.db would tell ({why})"),
        ),
    }
}

fn inactive_or_gone(row: &RowEvidence) -> TokenVerdict {
    let RowEvidence::There(user) = row else {
        return row_not_had(
            row,
            "the signature is good, but Open WebUI does not know the user (or the account is inactive)",
        );
    };
    let why = match &user.auth {
        None => "its auth row is missing",
        Some(auth) if !auth.active => "the account is switched off (auth.active is 0)",
        Some(_) => "webui.db has it and it is sound: is this the file that the server uses?",
    };
    TokenVerdict::refused(&OWI_USER_GONE, format!("Open WebUI treats the user {} as not there: {why}", user.email))
}
