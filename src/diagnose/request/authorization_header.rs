//! Step 2: the token, by its own words.

use crate::checks::token::{self, Recipient, TokenVerdict};
use crate::checks::token_case::{TokenCase, TokenOrigin};
use crate::clock;
use crate::evidence::Evidence;
use crate::findings::{
    BEARER_DOUBLED, CLAIMS_REFUSED, CLOCK_SKEW, Effect, FORGEABLE_SECRET, Hit, Judged, OTHER_USER, Outcome, Severity,
    TOKEN_MISSING, WRONG_SECRET,
};
use crate::http::FailureKind;
use crate::lamb::Edition;
use crate::owi::api::answers::{ServerAnswer, SessionAnswer};
use crate::token::inspect::{Inspection, Lifetime, Signature, TokenKind};
use crate::token::presented::Scheme;

/// The token's own words. LAMB asks Open WebUI about it whatever they are, and waits as long as that hangs.
pub(super) fn judge(evidence: &Evidence) -> Judged {
    let mut judged = judge_token(evidence);
    let hangs = |server: &ServerAnswer| matches!(server, ServerAnswer::Unreachable(f) if f.kind == FailureKind::Hangs);
    if evidence.asks() && hangs(&evidence.start.server) {
        let refused = judged.hits.iter_mut().filter(|hit| hit.effect == Effect::Refused);
        refused.for_each(|hit| hit.effect = Effect::Hangs);
    }
    judged
}

/// A token that is expired fails here only if Open WebUI does not accept it later.
fn judge_token(evidence: &Evidence) -> Judged {
    let case = match &evidence.token.case {
        Ok(case) => case,
        Err(none) => {
            let outcome = if none.by_wish { Outcome::Skipped } else { Outcome::CouldNotTell };
            let missing = (!none.by_wish).then(|| Hit::new(&TOKEN_MISSING, &none.why));
            return Judged::instead(outcome, &none.why).hits(missing);
        }
    };
    let (inspection, edition) = (&case.inspection, evidence.start.edition);
    let accepted_later = matches!(evidence.answer(), Some(SessionAnswer::Accepted(_)));
    let is_native = edition == Some(Edition::Native);
    let clock = ServerClock::of(evidence, case);
    let mut judged = facts(Judged::note(summary(case, clock.ahead)), inspection);
    if let Some(judgment) = token::by_form(inspection, Recipient::lamb(edition)) {
        let finding = judgment.verdict.finding().unwrap_or(&TOKEN_MISSING);
        let hit = Hit::new(finding, judgment.reason);
        return judged.hits([if case.presented.is_forbidden() {
            hit.severity(Severity::Error, Effect::Forbidden)
        } else {
            hit
        }]);
    }
    let is_unknown_lambs =
        inspection.kind == TokenKind::Lamb && !case.lamb_signed && evidence.base.lamb_secret_is_guess;
    let by_server = token::by_lifetime(inspection, clock.ahead);
    if let Some(verdict) = &by_server
        && !accepted_later
    {
        judged.hits.extend(verdict.verdict.finding().map(|finding| Hit::new(finding, verdict.reason.clone())));
    } else if let (true, Some(refused)) = (is_native && is_unknown_lambs, &inspection.refused_claim) {
        // LAMB refuses these claims whatever its secret is.
        judged.hits.push(Hit::new(&CLAIMS_REFUSED, refused.why.clone()));
    } else if is_native && inspection.kind == TokenKind::Lamb && !case.lamb_signed {
        let signed = match &inspection.signature {
            Signature::By { secret, .. } => format!("{secret} signed it"),
            _ => "none of the known secrets signed it".to_owned(),
        };
        let detail = format!("a LAMB token, but LAMB decodes with {}, and {signed}", evidence.base.lamb_secret);
        judged.hits.push(Hit::new(&WRONG_SECRET, detail));
    } else if is_native && case.lamb_signed {
        let judgment = token::by_native_lamb(inspection, clock.ahead);
        judged.hits.extend(judgment.verdict.finding().map(|finding| Hit::new(finding, judgment.reason)));
    }
    judged.hits.extend(skew(inspection, clock, by_server.filter(|_| accepted_later)));
    if inspection.scheme == Scheme::Doubled {
        judged.hits.push(Hit::new(&BEARER_DOUBLED, "the header says Bearer twice; this LAMB takes it"));
    }
    if let (Some(asked), Some(claimed), true) =
        (&evidence.start.subject.email, inspection.claim("email"), inspection.kind == TokenKind::Lamb)
        && !asked.same_address(claimed)
    {
        let hit = Hit::new(&OTHER_USER, format!("the token is for {claimed}, not for {asked}"));
        judged.hits.push(hit.severity(Severity::Error, Effect::Nothing));
    }
    let issued = !case.is_test_token() && is_native && case.lamb_signed;
    if let (Signature::By { secret, forgeable: true }, true) = (&inspection.signature, accepted_later || issued) {
        judged.hits.push(Hit::new(&FORGEABLE_SECRET, format!("{secret} signed this token")));
    }
    judged
}

/// The clock of the server that judges the times of a token.
#[derive(Clone, Copy)]
struct ServerClock {
    server: &'static str,
    /// By how many seconds it is ahead of ours.
    ahead: i64,
}

/// From so many seconds on, two clocks differ too much for whole machines to agree about tokens.
const SKEW: i64 = 60;

impl ServerClock {
    /// LAMB's where LAMB decodes the token, and Open WebUI's elsewhere.
    fn of(evidence: &Evidence, case: &TokenCase) -> Self {
        let start = &evidence.start;
        if start.edition == Some(Edition::Native) && case.inspection.kind == TokenKind::Lamb {
            return Self { server: "LAMB", ahead: start.lamb_clock_ahead() };
        }
        Self { server: "Open WebUI", ahead: evidence.info().map_or(0, |info| info.clock_ahead) }
    }
}

/// What is to be said of clocks: that a server accepts what its times forbid, or that its clock is another than ours.
fn skew(inspection: &Inspection, clock: ServerClock, accepted: Option<TokenVerdict>) -> Option<Hit> {
    if let Some(times) = accepted {
        return Some(Hit::new(&CLOCK_SKEW, format!("{}, and still it is accepted", times.reason)));
    }
    let differs = token::by_lifetime(inspection, 0).is_some() != token::by_lifetime(inspection, clock.ahead).is_some();
    (differs || clock.ahead.abs() >= SKEW).then(|| {
        let side = if clock.ahead > 0 { "ahead of" } else { "behind" };
        let ahead = clock::in_words(clock.ahead);
        Hit::new(&CLOCK_SKEW, format!("the clock of {} is {ahead} {side} this machine's", clock.server))
    })
}

fn summary(case: &TokenCase, ahead: i64) -> String {
    let inspection = &case.inspection;
    let lifetime = match token::lifetime_by(inspection, ahead) {
        Lifetime::Endless => "no expiry".to_owned(),
        Lifetime::Running { expires_in } => format!("expires in {}", clock::in_words(expires_in)),
        Lifetime::Expired { expired_since } => format!("expired {} ago", clock::in_words(expired_since)),
        Lifetime::NotYet { valid_in } => format!("not valid before {}", clock::in_words(valid_in)),
    };
    let signer = match &inspection.signature {
        Signature::By { secret, .. } => format!(", signed by {secret}"),
        Signature::UnknownSecret => ", signed by an unknown secret".to_owned(),
        Signature::OtherAlgorithm | Signature::None => String::new(),
    };
    match (&case.origin, inspection.claims.is_some()) {
        (TokenOrigin::TestToken(how), _) => format!("{how}: {}, {lifetime}", inspection.kind.describe()),
        (TokenOrigin::Given(_), true) => format!("{}, {lifetime}{signer}", inspection.kind.describe()),
        (TokenOrigin::Given(_), false) => inspection.kind.describe().to_owned(),
    }
}

fn facts(mut judged: Judged, inspection: &Inspection) -> Judged {
    judged = judged.fact("kind", inspection.kind.describe(), "the token");
    if let Some(algorithm) = &inspection.algorithm {
        judged = judged.fact("algorithm", algorithm, "the token's header");
    }
    for (name, time) in [("issued", inspection.issued), ("expires", inspection.expires)] {
        if let Some(time) = time {
            judged = judged.fact(name, time, "the token's claims");
        }
    }
    for name in ["id", "sub", "email", "role", "auth_method"] {
        if let Some(value) = inspection.claim(name) {
            judged = judged.fact(&format!("claim {name}"), value, "the token's claims");
        }
    }
    let signer = match &inspection.signature {
        Signature::By { secret, .. } => secret.clone(),
        Signature::UnknownSecret => "none of the known secrets".to_owned(),
        Signature::OtherAlgorithm | Signature::None => return judged,
    };
    judged.fact("signed by", signer, "the known secrets")
}
