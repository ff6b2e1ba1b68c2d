//! What a native LAMB makes of a token that its own secret signed.

use super::{TokenVerdict, by_lifetime};
use crate::findings::{CLAIMS_REFUSED, EMAIL_MISSING, SHARED_SECRET_TRAP};
use crate::token::inspect::{Inspection, TokenKind};

/// The verdict of a native LAMB whose own secret signed this token: it asks no other server.
///
/// `ahead`: by how many seconds LAMB's clock is ahead of ours.
pub(crate) fn by_native_lamb(inspection: &Inspection, ahead: i64) -> TokenVerdict {
    if let Some(verdict) = by_lifetime(inspection, ahead) {
        return verdict;
    }
    if let Some(refusal) = &inspection.refused_claim {
        return TokenVerdict::refused(&CLAIMS_REFUSED, refusal.why.clone());
    }
    match inspection.claim("email") {
        Some(email) if !email.is_empty() => TokenVerdict::valid("LAMB's own secret signed it"),
        _ if inspection.kind == TokenKind::OpenWebUi => TokenVerdict::refused(
            &SHARED_SECRET_TRAP,
            "it is an Open WebUI token, but LAMB's own secret decodes it; LAMB finds no e-mail in it and asks no further",
        ),
        _ => TokenVerdict::refused(&EMAIL_MISSING, "LAMB's own secret signed it, but it names no e-mail"),
    }
}
