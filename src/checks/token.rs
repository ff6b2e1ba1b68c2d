//! The verdict on a token: one out of a closed list, by its own words and by Open WebUI's.

use serde::Serialize;

use crate::clock;
use crate::findings::{self, Finding};
use crate::lamb::Edition;
use crate::owi::api::answers::SessionAnswer;
use crate::owi::file::db::{OwiDb, OwiDbError, OwiUser};
use crate::sqlite::Trouble;
use crate::token::inspect::{Inspection, Kind, Lifetime, Signature};
use crate::token::presented::Scheme;

/// All that can come of `verify-token`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It is taken.
    Valid,
    /// Its time is over.
    Expired,
    /// Its time has not begun.
    NotYetValid,
    /// Signed with another secret.
    WrongSecret,
    /// Open WebUI has no such user.
    OwiUserGone,
    /// Open WebUI has the user and cannot read the row.
    OwiRowUnreadable,
    /// The session was ended.
    Revoked,
    /// Another kind of token.
    WrongKind,
    /// No token.
    Malformed,
    /// An Open WebUI token that LAMB decodes itself.
    SharedSecretTrap,
    /// Accepted, but nobody says whose it is.
    EmailMissing,
    /// Somebody else's.
    OtherUser,
    /// LAMB has no such creator, or cannot read it.
    CreatorMissing,
    /// LAMB has switched the creator off.
    CreatorDisabled,
    /// What the answer needed was out of reach.
    CouldNotTell,
}

impl Verdict {
    /// The finding of the same name.
    pub fn finding(self) -> Option<&'static Finding> {
        Some(match self {
            Self::Valid | Self::CouldNotTell => return None,
            Self::Expired => &findings::EXPIRED,
            Self::NotYetValid => &findings::NOT_YET_VALID,
            Self::WrongSecret => &findings::WRONG_SECRET,
            Self::OwiUserGone => &findings::OWI_USER_GONE,
            Self::OwiRowUnreadable => &findings::OWI_ROW_UNREADABLE,
            Self::Revoked => &findings::REVOKED,
            Self::WrongKind => &findings::WRONG_KIND,
            Self::Malformed => &findings::MALFORMED,
            Self::SharedSecretTrap => &findings::SHARED_SECRET_TRAP,
            Self::EmailMissing => &findings::EMAIL_MISSING,
            Self::OtherUser => &findings::OTHER_USER,
            Self::CreatorMissing => &findings::CREATOR_MISSING,
            Self::CreatorDisabled => &findings::CREATOR_DISABLED,
        })
    }

    /// The stable word for it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::CouldNotTell => "could-not-tell",
            other => other.finding().map_or("", |finding| finding.id),
        }
    }
}

/// A verdict and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Why, in a sentence.
    pub reason: String,
}

impl Judgement {
    /// A verdict and why.
    pub fn new(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self { verdict, reason: reason.into() }
    }
}

/// Whose door the token knocks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Door {
    /// LAMB of this edition.
    Lamb(Edition),
    /// LAMB, whose edition is not known.
    SomeLamb,
    /// Open WebUI itself.
    OpenWebUi,
}

impl Door {
    /// A LAMB of an edition that may be known.
    pub fn lamb(edition: Option<Edition>) -> Self {
        edition.map_or(Self::SomeLamb, Self::Lamb)
    }

    /// Its name.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Lamb(Edition::Delegated) => "this LAMB (delegated)",
            Self::Lamb(Edition::Native) => "this LAMB (native)",
            Self::SomeLamb => "this LAMB (edition not known)",
            Self::OpenWebUi => "Open WebUI",
        }
    }
}

/// What a token's own form already decides, whoever is asked; times are not judged here.
pub fn by_form(inspection: &Inspection, door: Door) -> Option<Judgement> {
    let wrong_kind = |why: &str| Some(Judgement::new(Verdict::WrongKind, format!("it is {why}")));
    let malformed = |why: String| Some(Judgement::new(Verdict::Malformed, why));
    match (&inspection.scheme, door) {
        (Scheme::Other(word), _) => return wrong_kind(&format!("sent with the scheme {word}, where Bearer is wanted")),
        (Scheme::OtherCase, Door::Lamb(Edition::Delegated)) => {
            return malformed("the header says bearer in another case, which a delegated LAMB refuses".to_owned());
        }
        (Scheme::Doubled, Door::Lamb(Edition::Native) | Door::OpenWebUi) => {
            return malformed(format!("the header says Bearer twice, which {} refuses", door.describe()));
        }
        _ => {}
    }
    match inspection.kind {
        Kind::Empty | Kind::TooLong => {
            malformed(format!("it is {} ({} bytes)", inspection.kind.describe(), inspection.length))
        }
        Kind::NotAToken => malformed(inspection.problem.clone().unwrap_or_else(|| "it is not a token".to_owned())),
        Kind::ApiKey => wrong_kind(
            "an Open WebUI API key (sk-…), not a session token; some versions take it here, LAMB does not count on it",
        ),
        kind @ (Kind::LambBearerToken | Kind::Placeholder | Kind::OtherJwt) => wrong_kind(kind.describe()),
        _ if inspection.signature == Signature::OtherAlgorithm => {
            let algorithm = inspection.algorithm.as_deref().unwrap_or("(none)");
            malformed(format!("its algorithm is {algorithm}; only HS256 is taken"))
        }
        Kind::Lamb if door == Door::OpenWebUi => wrong_kind("a LAMB token, which Open WebUI never takes"),
        Kind::Lamb if door == Door::Lamb(Edition::Delegated) => {
            wrong_kind("a LAMB token, but this is a delegated LAMB, which asks Open WebUI about every token")
        }
        Kind::Lamb | Kind::OpenWebUi => None,
    }
}

/// What the token's times decide, if nobody knows better.
pub fn by_lifetime(inspection: &Inspection) -> Option<Judgement> {
    let at = |time: Option<jiff::Timestamp>| time.map_or_else(String::new, |time| format!(" ({time})"));
    match inspection.lifetime {
        Lifetime::Expired { expired_since } => Some(Judgement::new(
            Verdict::Expired,
            format!("it expired {} ago{}", clock::in_words(expired_since), at(inspection.expires)),
        )),
        Lifetime::NotYet { valid_in } => Some(Judgement::new(
            Verdict::NotYetValid,
            format!("it is valid only in {}, by this machine's clock", clock::in_words(valid_in)),
        )),
        Lifetime::Running { .. } | Lifetime::Endless => None,
    }
}

/// Below this, in seconds, two clocks are the same: the `Date` header counts whole seconds, and servers keep it for one.
const SAME_CLOCK: i64 = 5;

/// What the token's times decide by the server's clock, where that is another than ours.
fn by_other_clock(inspection: &Inspection, ahead: i64) -> Option<Judgement> {
    if ahead.abs() < SAME_CLOCK {
        return None;
    }
    let verdict = match inspection.lifetime_in(ahead) {
        Lifetime::Expired { .. } => Verdict::Expired,
        Lifetime::NotYet { .. } => Verdict::NotYetValid,
        Lifetime::Running { .. } | Lifetime::Endless => return None,
    };
    let side = if ahead > 0 { "ahead of" } else { "behind" };
    let clocks = format!("{} {side} this machine's", clock::in_words(ahead));
    Some(Judgement::new(verdict, format!("by the server's clock, which is {clocks}, it is {}", verdict.id())))
}

/// What a native LAMB, whose own secret signed this token, makes of it. It asks nobody.
pub fn by_native_lamb(inspection: &Inspection) -> Judgement {
    if let Some(judgement) = by_lifetime(inspection) {
        return judgement;
    }
    match inspection.claim("email") {
        Some(email) if !email.is_empty() => Judgement::new(Verdict::Valid, "LAMB's own secret signed it"),
        _ if inspection.kind == Kind::OpenWebUi => Judgement::new(
            Verdict::SharedSecretTrap,
            "it is an Open WebUI token, but LAMB's own secret decodes it; LAMB finds no e-mail in it and asks no further",
        ),
        _ => Judgement::new(Verdict::EmailMissing, "LAMB's own secret signed it, but it names no e-mail"),
    }
}

/// What is known of the row that a token's `id` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowEvidence {
    /// `webui.db` could not be looked at, and why.
    NotAtHand(String),
    /// `webui.db` is locked, for Open WebUI as well as for us.
    Locked(String),
    /// There is none of that id.
    Gone,
    /// This one.
    There(Box<OwiUser>),
}

impl RowEvidence {
    /// Looks an id up.
    pub fn of(db: &OwiDb, id: Option<&str>) -> Self {
        match id.map(|id| db.user_by_id(id)) {
            Some(Ok(Some(user))) => Self::There(Box::new(user)),
            Some(Ok(None)) => Self::Gone,
            Some(Err(error)) => Self::unreadable(&error),
            None => Self::NotAtHand("the token names no id".to_owned()),
        }
    }

    /// The file cannot be read.
    pub fn unreadable(error: &OwiDbError) -> Self {
        match error {
            OwiDbError::Db(db) if matches!(db.trouble, Trouble::Locked(_)) => Self::Locked(error.to_string()),
            _ => Self::NotAtHand(error.to_string()),
        }
    }
}

/// What Open WebUI's answer means for this token. [`Verdict::Valid`] where it accepts it.
pub fn by_open_webui(inspection: &Inspection, answer: &SessionAnswer, row: &RowEvidence) -> Judgement {
    use Verdict as V;
    let told = |verdict, reason: String| Judgement::new(verdict, reason);
    match answer {
        SessionAnswer::Accepted(account) => {
            told(V::Valid, format!("Open WebUI takes it as {} (role {})", account.email, account.role))
        }
        SessionAnswer::NoEmail => told(V::EmailMissing, "Open WebUI's answer is 200, but names no e-mail".to_owned()),
        SessionAnswer::BadToken { clock_ahead } => by_lifetime(inspection)
            .or_else(|| by_other_clock(inspection, *clock_ahead))
            .unwrap_or_else(|| wrong_secret(inspection)),
        SessionAnswer::RowNotHad => row_not_had(row, "the signature is good, but the user's row could not be had"),
        SessionAnswer::RowGoneOrInactive => inactive_or_gone(row),
        SessionAnswer::Revoked => {
            told(V::Revoked, "Open WebUI has ended this session (revoked, or the password changed)".to_owned())
        }
        SessionAnswer::ApiKeyRefused => told(V::WrongKind, "Open WebUI takes no API key here".to_owned()),
        SessionAnswer::CannotRead(status) => match row {
            RowEvidence::There(user) if !user.unreadable.is_empty() => unreadable(user),
            _ => told(V::CouldNotTell, format!("Open WebUI answers {status} and nothing seen here says why")),
        },
        SessionAnswer::NoCredentials => told(
            V::CouldNotTell,
            "Open WebUI says that no token arrived: something on the way takes the header off".to_owned(),
        ),
        SessionAnswer::TrustedHeaderMismatch => {
            told(V::CouldNotTell, "a proxy adds the trusted header of another user".to_owned())
        }
        SessionAnswer::NotOpenWebUi(what) => {
            told(V::CouldNotTell, format!("what answers is no Open WebUI API: {what}"))
        }
        SessionAnswer::Redirect(to) => told(V::CouldNotTell, format!("Open WebUI's address redirects to {to}")),
        SessionAnswer::TooMany => told(V::CouldNotTell, "Open WebUI answers 429, too many requests".to_owned()),
        SessionAnswer::Gateway(status) => told(V::CouldNotTell, format!("a gateway answers {status}")),
        SessionAnswer::Unknown(what) => {
            told(V::CouldNotTell, format!("Open WebUI gives an answer never seen before: {what}"))
        }
        SessionAnswer::Unreachable(failure) => told(V::CouldNotTell, failure.to_string()),
    }
}

fn wrong_secret(inspection: &Inspection) -> Judgement {
    let reason = match &inspection.signature {
        Signature::By { secret, .. } => {
            format!("{secret} signed it, but Open WebUI, which refuses it, signs with another secret")
        }
        _ => "none of the secrets at hand signed it, and Open WebUI refuses it".to_owned(),
    };
    Judgement::new(Verdict::WrongSecret, reason)
}

fn unreadable(user: &OwiUser) -> Judgement {
    let why = user.unreadable.join("; ");
    Judgement::new(
        Verdict::OwiRowUnreadable,
        format!("Open WebUI cannot read the row of {} in webui.db: {why}", user.email),
    )
}

fn row_not_had(row: &RowEvidence, answer: &str) -> Judgement {
    match row {
        RowEvidence::Gone => Judgement::new(Verdict::OwiUserGone, format!("{answer}: webui.db has no user of its id")),
        RowEvidence::There(user) if !user.unreadable.is_empty() => unreadable(user),
        RowEvidence::There(_) => Judgement::new(
            Verdict::CouldNotTell,
            format!(
                "{answer}, though webui.db has it and it is sound: the file is locked for Open WebUI, or is not the one it uses"
            ),
        ),
        RowEvidence::Locked(why) => {
            Judgement::new(Verdict::CouldNotTell, format!("{answer}: it is locked for Open WebUI too ({why})"))
        }
        RowEvidence::NotAtHand(why) => Judgement::new(
            Verdict::OwiUserGone,
            format!("{answer}: gone, unreadable or locked; which, webui.db would tell ({why})"),
        ),
    }
}

fn inactive_or_gone(row: &RowEvidence) -> Judgement {
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
    Judgement::new(Verdict::OwiUserGone, format!("Open WebUI treats the user {} as not there: {why}", user.email))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::settings::NamedSecret;
    use crate::token::mint;
    use crate::token::presented::Presented;

    const NOW: i64 = 1_800_000_000;

    fn inspection_of(text: &str) -> Inspection {
        let secrets = [NamedSecret { name: "WEBUI_SECRET_KEY".into(), secret: "right".into() }];
        Inspection::of(&Presented::read(text), &secrets, None, NOW)
    }

    fn inspection(claims: &serde_json::Value, secret: &str) -> Inspection {
        inspection_of(mint::sign(claims, &secret.into()).unwrap().expose())
    }

    #[test]
    fn form_is_judged_by_the_door() {
        let lamb = json!({"sub": "1", "email": "a@b"});
        let verdict = |text: &str, door| by_form(&inspection_of(text), door).map(|j| j.verdict);
        let token = mint::sign(&lamb, &"right".into()).unwrap();
        let (native, delegated) = (Door::Lamb(Edition::Native), Door::Lamb(Edition::Delegated));
        let table = [
            (token.expose().to_owned(), None, Some(Verdict::WrongKind), Some(Verdict::WrongKind)),
            ("null".to_owned(), Some(Verdict::WrongKind), Some(Verdict::WrongKind), Some(Verdict::WrongKind)),
            ("sk-1".to_owned(), Some(Verdict::WrongKind), Some(Verdict::WrongKind), Some(Verdict::WrongKind)),
            ("a.b.c".to_owned(), Some(Verdict::Malformed), Some(Verdict::Malformed), Some(Verdict::Malformed)),
            ("Basic abc".to_owned(), Some(Verdict::WrongKind), Some(Verdict::WrongKind), Some(Verdict::WrongKind)),
        ];
        for (text, in_native, in_delegated, in_owi) in table {
            let found = (verdict(&text, native), verdict(&text, delegated), verdict(&text, Door::OpenWebUi));
            assert_eq!(found, (in_native, in_delegated, in_owi), "{text}");
        }
        let owi = mint::sign(&json!({"id": "u"}), &"right".into()).unwrap();
        let (lower, doubled) = (format!("bearer {}", owi.expose()), format!("Bearer Bearer {}", owi.expose()));
        assert_eq!((verdict(&lower, native), verdict(&lower, delegated)), (None, Some(Verdict::Malformed)));
        assert_eq!((verdict(&doubled, native), verdict(&doubled, delegated)), (Some(Verdict::Malformed), None));
    }

    #[test]
    fn the_same_answer_means_expired_or_wrong_secret() {
        let verdict = |claims, secret, clock_ahead| {
            let answer = SessionAnswer::BadToken { clock_ahead };
            by_open_webui(&inspection(&claims, secret), &answer, &RowEvidence::Gone).verdict
        };
        assert_eq!(verdict(json!({"id": "u", "exp": NOW - 1}), "right", 0), Verdict::Expired);
        assert_eq!(verdict(json!({"id": "u", "exp": NOW + 1}), "other", 0), Verdict::WrongSecret);
        assert_eq!(verdict(json!({"id": "u"}), "right", 0), Verdict::WrongSecret);
        assert_eq!(verdict(json!({"id": "u", "nbf": NOW + 9}), "right", 0), Verdict::NotYetValid);
        // The server's clock judges, not ours.
        assert_eq!(verdict(json!({"id": "u", "exp": NOW + 60}), "right", 90), Verdict::Expired);
        assert_eq!(verdict(json!({"id": "u", "iat": NOW - 60}), "right", -90), Verdict::NotYetValid);
        assert_eq!(verdict(json!({"id": "u", "iat": NOW}), "other", -1), Verdict::WrongSecret);
    }

    #[test]
    fn session_expired_means_that_the_row_could_not_be_had() {
        let token = inspection(&json!({"id": "u"}), "right");
        let verdict = |row| by_open_webui(&token, &SessionAnswer::RowNotHad, &row).verdict;
        assert_eq!(verdict(RowEvidence::Gone), Verdict::OwiUserGone);
        assert_eq!(verdict(RowEvidence::NotAtHand("no file".into())), Verdict::OwiUserGone);
    }

    #[test]
    fn a_native_lamb_asks_nobody_about_what_it_decodes() {
        let verdict = |claims| by_native_lamb(&inspection(&claims, "right")).verdict;
        assert_eq!(verdict(json!({"sub": "1", "email": "a@b"})), Verdict::Valid);
        assert_eq!(verdict(json!({"sub": "1", "email": "a@b", "exp": NOW - 5})), Verdict::Expired);
        assert_eq!(verdict(json!({"id": "u"})), Verdict::SharedSecretTrap);
        assert_eq!(verdict(json!({"sub": "1", "email": ""})), Verdict::EmailMissing);
    }
}
