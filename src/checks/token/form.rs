//! What a token's own form decides, whichever recipient is asked.

use super::{Recipient, TokenVerdict};
use crate::findings::{MALFORMED, WRONG_KIND};
use crate::lamb::Edition;
use crate::token::inspect::{Inspection, Signature, TokenKind};
use crate::token::presented::Scheme;

/// What the form of a token decides before a server is asked. Times and claims are not judged here.
pub(crate) fn by_form(inspection: &Inspection, recipient: Recipient) -> Option<TokenVerdict> {
    let wrong_kind = |why: &str| Some(TokenVerdict::refused(&WRONG_KIND, format!("it is {why}")));
    let malformed = |why: String| Some(TokenVerdict::refused(&MALFORMED, why));
    match (&inspection.scheme, recipient) {
        (Scheme::Other(word), _) => return wrong_kind(&format!("sent with the scheme {word}, not with Bearer")),
        (Scheme::Spaced, _) => {
            return malformed("between Bearer and the token there is not exactly one blank".to_owned());
        }
        (Scheme::OtherCase, Recipient::Lamb(Edition::Delegated)) => {
            return malformed("the header says bearer in another case, which a delegated LAMB refuses".to_owned());
        }
        (Scheme::Doubled, Recipient::Lamb(Edition::Native) | Recipient::OpenWebUi) => {
            return malformed(format!("the header says Bearer twice, which {} refuses", recipient.describe()));
        }
        _ => {}
    }
    match inspection.kind {
        TokenKind::Empty | TokenKind::TooLong => {
            malformed(format!("it is {} ({} bytes)", inspection.kind.describe(), inspection.length))
        }
        TokenKind::NotAToken => malformed(inspection.problem.clone().unwrap_or_else(|| "it is not a token".to_owned())),
        TokenKind::ApiKey => wrong_kind(
            "an Open WebUI API key (sk-…), not a session token; some versions accept it here, but LAMB does not rely on it",
        ),
        kind @ (TokenKind::LambBearerToken | TokenKind::Placeholder) => wrong_kind(kind.describe()),
        TokenKind::OtherJwt => match &inspection.problem {
            Some(problem) => Some(TokenVerdict::refused(&WRONG_KIND, problem.clone())),
            None => wrong_kind(inspection.kind.describe()),
        },
        _ if inspection.signature == Signature::OtherAlgorithm => {
            let algorithm = inspection.algorithm.as_deref().unwrap_or("(none)");
            malformed(format!("its algorithm is {algorithm}; both servers accept HS256 only"))
        }
        TokenKind::Lamb if recipient == Recipient::OpenWebUi => {
            wrong_kind("a LAMB token, which Open WebUI never accepts")
        }
        TokenKind::Lamb if recipient == Recipient::Lamb(Edition::Delegated) => {
            wrong_kind("a LAMB token, but this is a delegated LAMB, which asks Open WebUI about every token")
        }
        TokenKind::Lamb if recipient == Recipient::Lamb(Edition::Native) && !inspection.is_strict_base64 => {
            malformed("it is damaged: one of its three parts is not exact base64".to_owned())
        }
        TokenKind::Lamb | TokenKind::OpenWebUi => None,
    }
}
