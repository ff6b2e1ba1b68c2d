//! The steps of the flow `lti` about the platform: the key, the URL for the LMS, and LAMB's answers to the probe.

use super::key::{Found, KeyEvidence, PublicAddress, WhichKey};
use super::probe::{Attempt, Form, Target};
use crate::checks::lti::groups_not_checked;
use crate::checks::server::BACKEND;
use crate::checks::tables;
use crate::findings::{
    Effect, Finding, FixStep, Hit, Judged, LTI_ADDRESS, LTI_KEY_SHADOWED, LTI_KEY_UNKNOWN, LTI_SECRET_ENCODING,
    LTI_SECRET_MISSING, LTI_SIGNATURE, LTI_SYSTEM_ORGANIZATION, ORGANIZATION_CONFIG_BROKEN, Outcome, PUBLIC_URL,
    Severity,
};
use crate::flow::{ByEdition, Earlier, Flow, Names, Step};
use crate::lamb::Edition;
use crate::lamb::launch::Said;
use crate::lamb::lti::{ConsumerKey, KeyOwner, Launch};
use crate::oauth1::is_unreserved;
use crate::secret::MASK;

/// The way of a launch, as far as it is the same for all users.
pub(in crate::diagnose) static LAUNCH: Flow<KeyEvidence> = Flow {
    id: "lti",
    names: Names::First,
    steps: &[
        Step {
            id: "consumer-key",
            title: "the key and the secret that LAMB has for the launch",
            does: ByEdition { delegated: "reads LTI_SECRET", native: "reads the key from its database or environment" },
            screen: ByEdition::both(""),
            check: |evidence, _| consumer_key(evidence),
        },
        Step {
            id: "launch-url",
            title: "the URL to enter in the LMS",
            does: ByEdition {
                delegated: "signs X-Forwarded-Proto (else https), Host, LTI_URL_PREFIX and the path that it sees",
                native: "signs X-Forwarded-Proto (else its own scheme), Host, X-Forwarded-Prefix (not for the launch of a \
                         published assistant) and the path that it sees",
            },
            screen: ByEdition::both(""),
            check: launch_url,
        },
        Step {
            id: "backend-launch",
            title: "a signed launch, sent to the backend itself",
            does: ByEdition::both(""),
            screen: ByEdition::both(""),
            check: backend_launch,
        },
        Step {
            id: "public-launch",
            title: "a signed launch, sent to the address that browsers use",
            does: ByEdition::both(""),
            screen: ByEdition::both(""),
            check: public_launch,
        },
    ],
};

const UNKNOWN_KEY: &str = "\"Invalid consumer key\" (401) after a click in the LMS";
const BAD_SIGNATURE: &str = "\"Invalid OAuth signature\" after a click in the LMS";

fn consumer_key(evidence: &KeyEvidence) -> Judged {
    let tables = tables::judge(&evidence.lamb);
    let launch = evidence.launch;
    if is_missing(evidence) {
        let detail = format!("this is a delegated LAMB, which does not have {launch}");
        let fix = "use the launch of a published assistant (--old-key), or upgrade LAMB to the native edition";
        return Judged::note("a delegated LAMB has no such launch")
            .hits([Hit::new(&LTI_ADDRESS, detail).fixed_by([FixStep::advice(fix)])])
            .seen("\"Not Found\" (404) after a click in the LMS");
    }
    let judged = match &evidence.found {
        Found::NotAtHand(why) => {
            let judged = Judged::instead(Outcome::CouldNotTell, format!("LAMB's database was not read: {why}"));
            return judged.hits(tables.hits);
        }
        Found::NoOrganization(known) => {
            let WhichKey::Of(slug) = &evidence.which else { return Judged::default() };
            let detail = format!("LAMB has no organization {slug}; there are: {known}");
            Judged::note("no such organization").hits([Hit::new(&LTI_KEY_UNKNOWN, detail)]).seen(UNKNOWN_KEY)
        }
        Found::Owner(owner) => of_organization(owner),
        Found::Shared { stored, set } => shared(evidence, stored.as_ref(), set.as_ref()),
    };
    let published = evidence.published.iter();
    let judged = published.fold(judged, |judged, name| judged.fact("published as", name, "assistant_publish"));
    let judged = judged.hits(tables.hits);
    match &evidence.without_group {
        Ok(hit) => judged.hits(hit.clone()),
        Err(why) => {
            let note = format!("{}; {}", judged.note, groups_not_checked(why));
            Judged { note, instead: Some(Outcome::CouldNotTell), ..judged }
        }
    }
}

fn of_organization(owner: &KeyOwner) -> Judged {
    let slug = &owner.organization.slug;
    let Some(key) = &owner.key else {
        // A key would not help there.
        if owner.is_system {
            let detail = format!("{slug} is the system organization: LAMB refuses its teachers with any key");
            return Judged::note("LAMB's own organization has no key")
                .hits([Hit::new(&LTI_SYSTEM_ORGANIZATION, detail)])
                .seen(UNKNOWN_KEY);
        }
        let detail = format!("lti_creator_keys has no row for the organization {slug}");
        return Judged::note("the organization has no key")
            .hits([Hit::new(&LTI_KEY_UNKNOWN, detail)])
            .seen(UNKNOWN_KEY);
    };
    let mut judged = stored(key);
    if !key.enabled {
        let detail = format!("the key {:?} of {slug} is switched off: enabled is 0", key.key);
        judged = judged.hits([Hit::new(&LTI_KEY_UNKNOWN, detail)]).seen(UNKNOWN_KEY);
    }
    if owner.is_system {
        let detail = format!("the key {:?} belongs to the system organization {slug}", key.key);
        judged = judged
            .hits([Hit::new(&LTI_SYSTEM_ORGANIZATION, detail)])
            .seen("\"LTI creator access not allowed for system organization\" (403) after a click in the LMS");
    }
    if let Some(why) = owner.organization.config_problem(Some(Edition::Native)) {
        let detail = format!("config of the organization {slug} {why}");
        let hit = Hit::new(&ORGANIZATION_CONFIG_BROKEN, detail).severity(Severity::Error, Effect::Launch);
        judged = judged.hits([hit]).seen("\"LTI launch failed: ...\" (500), or an error page after the launch");
    }
    judged
}

fn shared(evidence: &KeyEvidence, stored_key: Option<&ConsumerKey>, set: Option<&ConsumerKey>) -> Judged {
    let Some(key) = stored_key.or(set) else {
        let (what, text) = match evidence.launch {
            Launch::Assistant => ("LTI_SECRET is not set", "\"500: LTI secret not configured\""),
            _ => (
                "lti_global_config has no row, and neither LTI_GLOBAL_SECRET nor LTI_SECRET is set",
                "\"LTI not configured\" (500)",
            ),
        };
        let detail = format!("{what} in the environment that lamb-auth sees");
        // The environment may be another than LAMB's.
        let fix = "run lamb-auth inside the backend's container, so that it sees LAMB's environment; if the variable is not \
                   set there, set it and restart the backend";
        return Judged::note("no secret is set")
            .hits([Hit::new(&LTI_SECRET_MISSING, detail).fixed_by([FixStep::advice(fix)])])
            .seen(format!("{text} after a click in the LMS"));
    };
    let judged = stored(key);
    if evidence.launch == Launch::Assistant {
        // Each published assistant has its own key.
        let note = format!(
            "secret {}, from {}; the key is the name of a published assistant",
            key.secret.masked(),
            key.source
        );
        return Judged { note, ..judged };
    }
    match (stored_key, set) {
        (Some(stored), Some(set)) if (&stored.key, &stored.secret) != (&set.key, &set.secret) => {
            let what =
                if stored.key == set.key { "another secret".to_owned() } else { format!("the key {:?}", set.key) };
            let detail =
                format!("LAMB uses the key {:?} of {}, not {what} of {}", stored.key, stored.source, set.source);
            judged.hits([Hit::new(&LTI_KEY_SHADOWED, detail)])
        }
        _ => judged,
    }
}

/// What a key and a secret say by themselves.
fn stored(key: &ConsumerKey) -> Judged {
    let source = &key.source;
    let judged = Judged::note(format!("key {:?}, secret {}, from {source}", key.key, key.secret.masked()))
        .fact("consumer key", &key.key, source)
        .fact("consumer secret", key.secret.masked(), source);
    if key.key.is_empty() || key.secret.is_empty() {
        let what = if key.key.is_empty() { "key" } else { "secret" };
        let hit = Hit::new(&LTI_SECRET_MISSING, format!("the {what} in {source} is empty"));
        return judged.hits([hit]).seen("\"LTI not properly configured\" or \"LTI not configured\" (500)");
    }
    if key.key.trim() != key.key {
        let hit = Hit::new(&LTI_KEY_UNKNOWN, format!("the key {:?} in {source} has a blank at an end", key.key));
        return judged.hits([hit]).seen(UNKNOWN_KEY);
    }
    let odd = key.secret.expose().bytes().filter(|byte| !is_unreserved(*byte)).count();
    if odd > 0 {
        let detail =
            format!("the secret in {source} has {odd} bytes that need encoding, so no signature of an LMS matches");
        return judged.hits([Hit::new(&LTI_SECRET_ENCODING, detail)]).seen(BAD_SIGNATURE);
    }
    judged
}

/// True where this edition does not have the launch at all.
fn is_missing(evidence: &KeyEvidence) -> bool {
    evidence.edition.is_some_and(|edition| !evidence.launch.is_in(edition))
}

fn launch_url(evidence: &KeyEvidence, earlier: Earlier<'_>) -> Judged {
    if is_missing(evidence) {
        return earlier.blocked_by("consumer-key");
    }
    let backend = &evidence.backend_target;
    let judged = match (&evidence.public, evidence.public_targets.first()) {
        (Some(PublicAddress { url: Some(url), source, .. }), Some(target)) => Judged::note(format!(
            "enter in the LMS: {}",
            target.to
        ))
        .fact("public address", url, source)
        .fact("launch URL", &target.to, source),
        _ => Judged::instead(
            Outcome::CouldNotTell,
            format!(
                "no public address: pass --public-url, or set LAMB_PUBLIC_BASE_URL; the path is {}",
                evidence.launch.path()
            ),
        ),
    };
    let problem = evidence.public.as_ref().and_then(|public| public.problem.as_ref());
    let judged = judged.hits(problem.map(|problem| {
        let fix = "set LAMB_PUBLIC_BASE_URL to the address at which a browser opens LAMB, and restart the backend";
        let hit = Hit::new(&PUBLIC_URL, problem).fixed_by([FixStep::advice(fix)]);
        hit.severity(Severity::Warning, Effect::Launch)
    }));
    judged.fact("signed at the backend", &backend.signed, "LTI_URL_PREFIX and the backend's address")
}

/// What would be sent, where it is not.
fn not_sent(evidence: &KeyEvidence, targets: &[Target]) -> Judged {
    if evidence.fields.is_empty() {
        return Judged::instead(Outcome::Skipped, "there is no secret to sign with");
    }
    let Some(target) = targets.first() else {
        return Judged::instead(Outcome::Skipped, "no public address is known");
    };
    let skipped = Judged::instead(Outcome::Skipped, format!("not sent; --send-launch would POST to {}", target.to));
    let fields = evidence.fields.iter();
    fields
        .fold(skipped, |judged, field| judged.fact("would send", field, &target.to))
        .fact("signed for", &target.signed, &target.to)
        .fact("signature", MASK, &target.to)
}

fn backend_launch(evidence: &KeyEvidence, earlier: Earlier<'_>) -> Judged {
    if is_missing(evidence) {
        return earlier.blocked_by("consumer-key");
    }
    let target = std::slice::from_ref(&evidence.backend_target);
    let Some(attempts) = &evidence.backend else { return not_sent(evidence, target) };
    let Some(last) = attempts.last() else { return not_sent(evidence, target) };
    if let Err(failure) = &last.answer {
        let mut hit = BACKEND.hit(failure);
        hit.effect = Effect::Launch;
        return Judged::note("no answer").hits([hit]).seen("a network error after a click in the LMS");
    }
    judge_attempt(evidence, last, Place::Backend, earlier)
}

fn public_launch(evidence: &KeyEvidence, earlier: Earlier<'_>) -> Judged {
    if is_missing(evidence) {
        return earlier.blocked_by("consumer-key");
    }
    let Some(attempts) = &evidence.at_public else { return not_sent(evidence, &evidence.public_targets) };
    let Some(last) = attempts.last() else { return not_sent(evidence, &evidence.public_targets) };
    if let Err(failure) = &last.answer {
        return Judged::instead(Outcome::CouldNotTell, format!("no answer here; browsers may reach it: {failure}"));
    }
    judge_attempt(evidence, last, Place::Public, earlier)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Backend,
    Public,
}

/// What the attempt that tells says.
fn judge_attempt(evidence: &KeyEvidence, attempt: &Attempt, place: Place, earlier: Earlier<'_>) -> Judged {
    let Ok(answer) = &attempt.answer else { return Judged::default() };
    let launch = evidence.launch;
    let to = &attempt.to;
    let judged = Judged::note(format!("{to} answers {}", answer.summary())).fact("answer", answer.summary(), to);
    let failed = |finding: &'static Finding, detail: String, seen: &str| {
        judged.clone().hits([Hit::new(finding, detail)]).seen(seen)
    };
    let said = Said::read(launch, answer);
    match said {
        Said::Proven => proven(evidence, attempt, place, judged),
        Said::Key => {
            failed(&LTI_KEY_UNKNOWN, format!("{to} does not know the key that {} has", source(evidence)), UNKNOWN_KEY)
        }
        Said::System => failed(
            &LTI_SYSTEM_ORGANIZATION,
            format!("{to} answers {}", answer.summary()),
            "\"LTI creator access not allowed for system organization\" (403)",
        ),
        Said::NoSecret => failed(
            &LTI_SECRET_MISSING,
            format!("{to} answers {}: this backend has no secret for it", answer.summary()),
            &format!("{} after a click in the LMS", answer.summary()),
        ),
        Said::Config => failed(
            &ORGANIZATION_CONFIG_BROKEN,
            format!("{to} answers {}", answer.summary()),
            "\"LTI launch failed: ...\" (500) after a click in the LMS",
        ),
        Said::NotThere => failed(
            &LTI_ADDRESS,
            format!("{to} answers {}: no launch is there", answer.summary()),
            "\"Method Not Allowed\", \"Not Found\" or another page after a click in the LMS",
        ),
        Said::Signature => refused(evidence, attempt, place, earlier, judged.clone()),
        // A launch that LAMB let pass although it lacks what LAMB needs is no launch that this program knows.
        Said::Other => Judged { instead: Some(Outcome::CouldNotTell), ..judged },
    }
}

fn source(evidence: &KeyEvidence) -> &str {
    evidence.key().map_or("LAMB's database", |key| key.source.as_str())
}

/// LAMB accepted the signature, of this form of the URL.
fn proven(evidence: &KeyEvidence, attempt: &Attempt, place: Place, judged: Judged) -> Judged {
    let to = &attempt.to;
    let is_first = evidence.public_targets.first().is_some_and(|target| target.to == *to);
    let note = |text: String| Judged { note: text, ..judged.clone() };
    let signature = |detail: String, fix: &str| {
        let hit = Hit::new(&LTI_SIGNATURE, detail).fixed_by([FixStep::advice(fix)]);
        judged.clone().hits([hit]).seen(BAD_SIGNATURE)
    };
    match (&attempt.form, place) {
        (Form::Same, Place::Backend) => note(format!("LAMB accepts the key and the secret at {to}")),
        (Form::Same, Place::Public) if is_first => {
            note(format!("LAMB accepts key, secret and URL; enter in the LMS: {to}"))
        }
        (Form::Same, _) => {
            let detail = format!("the path is stripped on the way: LAMB answers a launch at {to} only");
            let hit = Hit::new(&LTI_ADDRESS, detail).severity(Severity::Warning, Effect::Launch);
            let hit = hit.fixed_by([FixStep::advice(format!("enter in the LMS: {to}"))]);
            note(format!("LAMB accepts a launch at another path; enter in the LMS: {to}")).hits([hit])
        }
        (form, Place::Backend) => {
            let detail = format!("this backend signs another URL than its settings say: {}", told(form));
            signature(detail, "compare LTI_URL_PREFIX here and in the environment of the backend")
        }
        (Form::OtherScheme, Place::Public) => signature(
            format!("LAMB signs {to} with the other scheme: the proxy does not send X-Forwarded-Proto"),
            "let the proxy send X-Forwarded-Proto: https, one value only",
        ),
        (Form::WithPrefix(prefix), Place::Public) => signature(
            format!(
                "LAMB signs {to} with {prefix} once more in front: X-Forwarded-Prefix is sent, but no prefix is stripped"
            ),
            "let the proxy strip the prefix that it sends in X-Forwarded-Prefix, or not send that header",
        ),
        (Form::WithoutPrefix(prefix), Place::Public) => signature(
            format!("LAMB signs {to} without {prefix}: the proxy strips it and does not send X-Forwarded-Prefix"),
            "let the proxy send X-Forwarded-Prefix with the prefix that it strips",
        ),
        (Form::WithoutPrefixOtherScheme(prefix), Place::Public) => signature(
            format!(
                "LAMB signs {to} without {prefix} and with the other scheme: the proxy sends neither X-Forwarded-Prefix \
                     nor X-Forwarded-Proto"
            ),
            "let the proxy send X-Forwarded-Proto: https, and X-Forwarded-Prefix with the prefix that it strips",
        ),
    }
}

fn told(form: &Form) -> String {
    match form {
        Form::Same => "the same".to_owned(),
        Form::OtherScheme => "with the other scheme".to_owned(),
        Form::WithPrefix(prefix) => format!("with {prefix} in front of the path"),
        Form::WithoutPrefix(prefix) => format!("without {prefix}"),
        Form::WithoutPrefixOtherScheme(prefix) => format!("without {prefix}, and with the other scheme"),
    }
}

/// LAMB refused every form of the URL.
fn refused(evidence: &KeyEvidence, attempt: &Attempt, place: Place, earlier: Earlier<'_>, judged: Judged) -> Judged {
    let to = &attempt.to;
    let backend_accepts =
        evidence.backend.as_ref().and_then(|all| all.last()).and_then(|last| last.said(evidence.launch))
            == Some(Said::Proven);
    let (detail, fix) = match place {
        // The step before has told why.
        _ if earlier.failed("consumer-key") => return earlier.blocked_by("consumer-key"),
        Place::Backend => (
            format!(
                "{to} refuses the signature by the secret from {}: the backend has another secret",
                source(evidence)
            ),
            "check that lamb-auth reads the database and the environment of this backend; then restart the backend",
        ),
        Place::Public if backend_accepts => (
            format!("the backend accepts this key and secret, but at {to} LAMB signs another URL"),
            "let the proxy send the Host of the browser unchanged, without a port that the LMS does not sign, and one value of \
             X-Forwarded-Proto",
        ),
        Place::Public => (
            format!("{to} refuses the signature by the secret from {}", source(evidence)),
            "fix the step before first: the backend itself refuses it",
        ),
    };
    judged.hits([Hit::new(&LTI_SIGNATURE, detail).fixed_by([FixStep::advice(fix)])]).seen(BAD_SIGNATURE)
}
