//! Step 2: the token, by its own words.

use crate::checks;
use crate::checks::token::Door;
use crate::checks::token_case::{Origin, TokenCase};
use crate::clock;
use crate::diagnose::report::{Judged, Outcome};
use crate::email::Email;
use crate::findings::{BEARER_DOUBLED, CLOCK_SKEW, FORGEABLE_SECRET, Hit, OTHER_USER, TOKEN_MISSING, WRONG_SECRET};
use crate::lamb::Edition;
use crate::token::autopsy::{Autopsy, Kind, Lifetime, Signature};
use crate::token::presented::Scheme;

/// What the judge needs beside the token.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// The token; `None` where there is none.
    pub token: Option<&'a TokenCase>,
    /// Why there is none.
    pub why_none: &'a str,
    /// True where it was the operator's wish that none is made.
    pub by_wish: bool,
    /// Who is knocked at.
    pub edition: Option<Edition>,
    /// True where somebody later takes the token: then its times were read by a wrong clock.
    pub accepted_later: bool,
    /// Who was asked about.
    pub asked: Option<&'a Email>,
    /// The name of the secret that a native LAMB signs with.
    pub lamb_secret: &'a str,
}

/// A token that is expired fails here only if nobody takes it later.
pub fn judge(evidence: &Evidence<'_>) -> Judged {
    let Some(case) = evidence.token else {
        let outcome = if evidence.by_wish { Outcome::Skipped } else { Outcome::CouldNotTell };
        let missing = (!evidence.by_wish).then(|| Hit::new(&TOKEN_MISSING, evidence.why_none));
        return Judged::instead(outcome, evidence.why_none).hits(missing);
    };
    let autopsy = &case.autopsy;
    let mut judged = facts(Judged::note(summary(case)), autopsy);
    if let Some(judgement) = checks::token::by_form(autopsy, Door::lamb(evidence.edition)) {
        let finding = judgement.verdict.finding().unwrap_or(&TOKEN_MISSING);
        return judged.hits([Hit::new(finding, judgement.reason)]);
    }
    if let Some(judgement) = checks::token::by_lifetime(autopsy) {
        judged.hits.push(if evidence.accepted_later {
            Hit::new(&CLOCK_SKEW, format!("{}, and still it is accepted", judgement.reason))
        } else {
            Hit::new(judgement.verdict.finding().unwrap_or(&CLOCK_SKEW), judgement.reason)
        });
    } else if evidence.edition == Some(Edition::Native) && autopsy.kind == Kind::Lamb && !case.lamb_signed {
        let signed = match &autopsy.signature {
            Signature::By { secret, .. } => format!("{secret} signed it"),
            _ => "none of the secrets at hand signed it".to_owned(),
        };
        let detail = format!("a LAMB token, but LAMB decodes with {}, and {signed}", evidence.lamb_secret);
        judged.hits.push(Hit::new(&WRONG_SECRET, detail));
    } else if evidence.edition == Some(Edition::Native) && case.lamb_signed {
        let judgement = checks::token::by_native_lamb(autopsy);
        judged.hits.extend(judgement.verdict.finding().map(|finding| Hit::new(finding, judgement.reason)));
    }
    if autopsy.scheme == Scheme::Doubled {
        judged.hits.push(Hit::new(&BEARER_DOUBLED, "the header says Bearer twice; this LAMB takes it"));
    }
    if let (Some(asked), Some(claimed), true) = (evidence.asked, autopsy.claim("email"), autopsy.kind == Kind::Lamb)
        && !asked.same_address(claimed)
    {
        judged.hits.push(Hit::new(&OTHER_USER, format!("the token is for {claimed}, not for {asked}")));
    }
    let issued = !case.is_probe() && evidence.edition == Some(Edition::Native) && case.lamb_signed;
    if let (Signature::By { secret, forgeable: true }, true) = (&autopsy.signature, evidence.accepted_later || issued) {
        judged.hits.push(Hit::new(&FORGEABLE_SECRET, format!("{secret} signed this token")));
    }
    judged
}

fn summary(case: &TokenCase) -> String {
    let autopsy = &case.autopsy;
    let lifetime = match autopsy.lifetime {
        Lifetime::Endless => "no expiry".to_owned(),
        Lifetime::Running { expires_in } => format!("expires in {}", clock::in_words(expires_in)),
        Lifetime::Expired { expired_since } => format!("expired {} ago", clock::in_words(expired_since)),
        Lifetime::NotYet { valid_in } => format!("not valid before {}", clock::in_words(valid_in)),
    };
    let signer = match &autopsy.signature {
        Signature::By { secret, .. } => format!(", signed by {secret}"),
        Signature::UnknownSecret => ", signed by a secret that is not at hand".to_owned(),
        Signature::OtherAlgorithm | Signature::None => String::new(),
    };
    match (&case.origin, autopsy.claims.is_some()) {
        (Origin::Probe(how), _) => format!("{how}: {}, {lifetime}", autopsy.kind.describe()),
        (Origin::Given(_), true) => format!("{}, {lifetime}{signer}", autopsy.kind.describe()),
        (Origin::Given(_), false) => autopsy.kind.describe().to_owned(),
    }
}

fn facts(mut judged: Judged, autopsy: &Autopsy) -> Judged {
    judged = judged.fact("kind", autopsy.kind.describe(), "the token");
    if let Some(algorithm) = &autopsy.algorithm {
        judged = judged.fact("algorithm", algorithm, "the token's header");
    }
    for (name, time) in [("issued", autopsy.issued), ("expires", autopsy.expires)] {
        if let Some(time) = time {
            judged = judged.fact(name, time, "the token's claims");
        }
    }
    for name in ["id", "sub", "email", "role", "auth_method"] {
        if let Some(value) = autopsy.claim(name) {
            judged = judged.fact(&format!("claim {name}"), value, "the token's claims");
        }
    }
    let signer = match &autopsy.signature {
        Signature::By { secret, .. } => secret.clone(),
        Signature::UnknownSecret => "none of the secrets at hand".to_owned(),
        Signature::OtherAlgorithm | Signature::None => return judged,
    };
    judged.fact("signed by", signer, "the secrets at hand")
}
