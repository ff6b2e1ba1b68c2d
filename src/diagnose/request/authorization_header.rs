//! Step 2: the token, by its own words.

use super::Evidence;
use crate::checks::token::{self, Recipient};
use crate::checks::token_case::{Origin, TokenCase};
use crate::clock;
use crate::findings::{
    BEARER_DOUBLED, CLOCK_SKEW, FORGEABLE_SECRET, Hit, Judged, OTHER_USER, Outcome, TOKEN_MISSING, WRONG_SECRET,
};
use crate::lamb::Edition;
use crate::owi::api::answers::SessionAnswer;
use crate::token::inspect::{Inspection, Kind, Lifetime, Signature};
use crate::token::presented::Scheme;

/// A token that is expired fails here only if Open WebUI does not accept it later.
pub(super) fn judge(evidence: &Evidence) -> Judged {
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
    let mut judged = facts(Judged::note(summary(case)), inspection);
    if let Some(judgement) = token::by_form(inspection, Recipient::lamb(edition)) {
        let finding = judgement.verdict.finding().unwrap_or(&TOKEN_MISSING);
        return judged.hits([Hit::new(finding, judgement.reason)]);
    }
    if let Some(judgement) = token::by_lifetime(inspection, 0) {
        judged.hits.push(if accepted_later {
            Hit::new(&CLOCK_SKEW, format!("{}, and still it is accepted", judgement.reason))
        } else {
            Hit::new(judgement.verdict.finding().unwrap_or(&CLOCK_SKEW), judgement.reason)
        });
    } else if is_native && inspection.kind == Kind::Lamb && !case.lamb_signed {
        let signed = match &inspection.signature {
            Signature::By { secret, .. } => format!("{secret} signed it"),
            _ => "none of the secrets at hand signed it".to_owned(),
        };
        let detail = format!("a LAMB token, but LAMB decodes with {}, and {signed}", evidence.base.lamb_secret);
        judged.hits.push(Hit::new(&WRONG_SECRET, detail));
    } else if is_native && case.lamb_signed {
        let judgement = token::by_native_lamb(inspection, 0);
        judged.hits.extend(judgement.verdict.finding().map(|finding| Hit::new(finding, judgement.reason)));
    }
    if inspection.scheme == Scheme::Doubled {
        judged.hits.push(Hit::new(&BEARER_DOUBLED, "the header says Bearer twice; this LAMB takes it"));
    }
    if let (Some(asked), Some(claimed), true) =
        (&evidence.start.subject.email, inspection.claim("email"), inspection.kind == Kind::Lamb)
        && !asked.same_address(claimed)
    {
        judged.hits.push(Hit::new(&OTHER_USER, format!("the token is for {claimed}, not for {asked}")));
    }
    let issued = !case.is_probe() && is_native && case.lamb_signed;
    if let (Signature::By { secret, forgeable: true }, true) = (&inspection.signature, accepted_later || issued) {
        judged.hits.push(Hit::new(&FORGEABLE_SECRET, format!("{secret} signed this token")));
    }
    judged
}

fn summary(case: &TokenCase) -> String {
    let inspection = &case.inspection;
    let lifetime = match inspection.lifetime {
        Lifetime::Endless => "no expiry".to_owned(),
        Lifetime::Running { expires_in } => format!("expires in {}", clock::in_words(expires_in)),
        Lifetime::Expired { expired_since } => format!("expired {} ago", clock::in_words(expired_since)),
        Lifetime::NotYet { valid_in } => format!("not valid before {}", clock::in_words(valid_in)),
    };
    let signer = match &inspection.signature {
        Signature::By { secret, .. } => format!(", signed by {secret}"),
        Signature::UnknownSecret => ", signed by a secret that is not at hand".to_owned(),
        Signature::OtherAlgorithm | Signature::None => String::new(),
    };
    match (&case.origin, inspection.claims.is_some()) {
        (Origin::Probe(how), _) => format!("{how}: {}, {lifetime}", inspection.kind.describe()),
        (Origin::Given(_), true) => format!("{}, {lifetime}{signer}", inspection.kind.describe()),
        (Origin::Given(_), false) => inspection.kind.describe().to_owned(),
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
        Signature::UnknownSecret => "none of the secrets at hand".to_owned(),
        Signature::OtherAlgorithm | Signature::None => return judged,
    };
    judged.fact("signed by", signer, "the secrets at hand")
}
