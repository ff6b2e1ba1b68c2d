//! Step 7: the creator by e-mail, and the backend's real answer compared with what all steps predict.

use super::BACKEND;
use super::owi_verdict::creator_missing;
use crate::diagnose::report::{Judged, Outcome};
use crate::email::Email;
use crate::findings::{
    ANSWER_DIFFERS, CREATOR_DISABLED, EMAIL_SPELLING, END_USER, Effect, Finding, Hit, LMS_STUDENT, LTI_CREATOR, Mend,
    ORGANIZATION_CONFIG_BROKEN, ORGANIZATION_MISSING, ORGANIZATION_SUSPENDED, PASSWORD_MISSING, PASSWORD_UNSOUND,
    ROLE_ELSEWHERE, ROLE_MISSING, STALE_ROLE, Severity, UNEXPLAINED, USER_CONFIG_BROKEN,
};
use crate::http::{Answer, Failure};
use crate::lamb::Edition;
use crate::lamb::db::LambDb;
use crate::lamb::model::{Creator, PasswordHash};
use crate::owi::meaning::SessionAnswer;
use crate::sqlite::DbError;

/// What LAMB's database says of an address.
#[derive(Debug)]
pub struct CreatorEvidence {
    /// Looked up, byte for byte as LAMB does.
    pub email: Email,
    /// The creator.
    pub creator: Option<Creator>,
    /// Other spellings of the address among the creators.
    pub other_spellings: Vec<String>,
    /// What says that this is a student, where it is one and no creator.
    pub student: Option<String>,
}

/// Looks an address up.
///
/// # Errors
/// Where SQLite fails.
pub fn gather(db: &LambDb, email: &Email) -> Result<CreatorEvidence, DbError> {
    let creator = db.creator(email.as_str())?;
    let other_spellings = db.other_spellings(email)?;
    let student = if creator.is_none() { db.student(email)? } else { None };
    Ok(CreatorEvidence { email: email.clone(), creator, other_spellings, student })
}

/// The judgement on a creator, before any replay.
pub fn judge_creator(
    evidence: &CreatorEvidence,
    edition: Option<Edition>,
    owi_role: Option<&str>,
    token_role: Option<&str>,
    source: &str,
) -> Vec<Hit> {
    match &evidence.creator {
        None => vec![judge_missing(evidence, owi_role, source)],
        Some(creator) => {
            let mut hits = judge_present(creator, edition, token_role);
            if let [other, ..] = evidence.other_spellings.as_slice() {
                let detail = format!("{source} has {:?} and also {other:?}, another creator", creator.email.as_str());
                hits.push(Hit::new(&EMAIL_SPELLING, detail).severity(Severity::Warning, Effect::Nothing));
            }
            hits
        }
    }
}

fn judge_missing(evidence: &CreatorEvidence, owi_role: Option<&str>, source: &str) -> Hit {
    let email = &evidence.email;
    if let Some(why) = &evidence.student {
        let detail = format!("{email} is a student who came in through the LMS ({why}), and no creator");
        return Hit::new(&LMS_STUDENT, detail).severity(Severity::Error, Effect::Refused);
    }
    if let [other, ..] = evidence.other_spellings.as_slice() {
        let detail = format!("{source} has {other:?}, LAMB looks for {:?}", email.as_str());
        return Hit::new(&EMAIL_SPELLING, detail);
    }
    let detail = match owi_role {
        Some(role) => format!("Open WebUI knows {email} (role {role}), {source} has no such creator"),
        None => format!("{source} has no creator {email}"),
    };
    creator_missing(email, detail, owi_role)
}

fn judge_present(creator: &Creator, edition: Option<Edition>, token_role: Option<&str>) -> Vec<Hit> {
    let email = &creator.email;
    let mut hits = Vec::new();
    let mut add = |finding: &'static Finding, detail: String| hits.push(Hit::new(finding, detail));
    if !creator.user_config_is_json {
        add(&USER_CONFIG_BROKEN, format!("user_config of {email} (creator {}) is not JSON", creator.id));
    }
    if !creator.enabled {
        add(&CREATOR_DISABLED, format!("{email} (creator {}) has enabled = 0", creator.id));
    }
    if creator.user_type == "end_user" {
        add(&END_USER, format!("{email} has the user type end_user"));
    }
    if let Some(native) = &creator.native {
        match (native.auth_provider.as_str(), native.password_hash) {
            ("lti_creator", _) => add(&LTI_CREATOR, format!("{email} has the auth provider lti_creator")),
            (_, PasswordHash::Missing) => add(&PASSWORD_MISSING, format!("password_hash of {email} is NULL")),
            (_, PasswordHash::Unsound) => add(&PASSWORD_UNSOUND, format!("password_hash of {email} is not bcrypt")),
            (_, PasswordHash::Sound) => {}
        }
        if let Some(claimed) = token_role.filter(|claimed| *claimed != native.system_role) {
            let detail = format!("the token says {claimed}, LAMB's database says {}", native.system_role);
            add(&STALE_ROLE, detail);
        }
    }
    match &creator.organization {
        None => {
            let what = creator
                .organization_id
                .map_or_else(|| "NULL".to_owned(), |id| format!("{id}, and there is no such organisation"));
            add(&ORGANIZATION_MISSING, format!("organization_id of {email} is {what}"));
        }
        Some(organization) => {
            if organization.status != "active" && organization.status != "trial" {
                add(&ORGANIZATION_SUSPENDED, format!("{} is {}", organization.slug, organization.status));
            }
            if creator.organization_role.is_none() {
                let slug = &organization.slug;
                let (finding, detail) = match creator.roles_elsewhere.as_slice() {
                    [] => (&ROLE_MISSING, format!("{email} has no role in {slug}")),
                    [other, ..] => (
                        &ROLE_ELSEWHERE,
                        format!("{email} belongs to {slug}, but is {} in {}", other.role, other.organization),
                    ),
                };
                let command =
                    Mend::command(&["assign-role", "--email", email.as_str(), "--org", slug, "--role", "member"]);
                hits.push(Hit::new(finding, detail).mended_by([command]));
            }
            if !organization.config_is_json {
                let effect = if edition == Some(Edition::Native) { Effect::Crashes } else { Effect::Refused };
                let detail = format!("config of the organisation {} is not JSON", organization.slug);
                hits.push(Hit::new(&ORGANIZATION_CONFIG_BROKEN, detail).severity(Severity::Error, effect));
            }
        }
    }
    hits
}

/// Whether the real request may be made with this token: it must not freeze the backend, make LAMB write, or put
/// the token in a log (all measured: see the table in the documentation).
///
/// # Errors
/// The reason why not.
pub fn may_replay(
    edition: Option<Edition>,
    lamb_decodes: bool,
    answer: Option<&SessionAnswer>,
    owi_has_lambs_columns: Option<bool>,
) -> Result<(), &'static str> {
    let taken = matches!(answer, Some(SessionAnswer::Accepted(_) | SessionAnswer::NoEmail));
    match edition {
        None => Err("the edition is not known, and with it what the request would do"),
        Some(Edition::Native) if lamb_decodes => Ok(()),
        Some(Edition::Native) if taken && owi_has_lambs_columns == Some(true) => Ok(()),
        Some(Edition::Native) if taken => {
            Err("LAMB would turn to Open WebUI's database, whose columns it does not know, and may insert admins")
        }
        Some(Edition::Delegated) if taken => Ok(()),
        Some(_) if answer.is_some_and(SessionAnswer::is_an_answer) => {
            Err("Open WebUI refuses this token, and LAMB would write it into its log")
        }
        Some(_) => Err("Open WebUI gave no answer, and the request could freeze the backend's whole worker"),
    }
}

/// The status that the findings of all steps predict for the request.
pub fn predict<'a>(hits: impl Iterator<Item = &'a Hit>) -> u16 {
    let effects: Vec<Effect> = hits.filter(|hit| hit.severity == Severity::Error).map(|hit| hit.effect).collect();
    if effects.contains(&Effect::Refused) {
        401
    } else if effects.contains(&Effect::Crashes) {
        500
    } else {
        200
    }
}

/// The real answer beside the prediction: where they disagree, that is said, and never called healthy.
pub fn compare(mut judged: Judged, predicted: u16, replay: Result<Result<Answer, Failure>, String>) -> Judged {
    let answer = match replay {
        Err(why) => {
            judged.note = format!("{}; the request was not replayed: {why}", judged.note);
            return judged;
        }
        Ok(Err(failure)) => {
            let mut hit = BACKEND.hit(&failure);
            hit.detail = format!("the replayed request: {failure}");
            judged.hits.push(hit);
            return judged;
        }
        Ok(Ok(answer)) => answer,
    };
    let real = format!("the backend really answers {}", answer.summary());
    judged = judged.fact("real answer", answer.summary(), &answer.url).fact("predicted", predicted, "steps 1 to 7");
    if judged.instead == Some(Outcome::NotReached) {
        judged.instead = None;
    }
    match (answer.status, predicted) {
        (real_status, predicted) if real_status == predicted => {
            judged.note = format!("{}; {real}, as predicted", judged.note);
        }
        (200, predicted) => {
            judged.hits.push(Hit::new(&ANSWER_DIFFERS, format!("{real}, where {predicted} was predicted")));
        }
        // Its cause is known already; only the number differs.
        (_, predicted) if predicted != 200 => {
            judged.note = format!("{}; {real} ({predicted} was predicted)", judged.note);
        }
        (status, _) => {
            let effect = if status >= 500 { Effect::Crashes } else { Effect::Refused };
            let detail = format!("{real}, and every step before says that it should work");
            judged.hits.push(Hit::new(&UNEXPLAINED, detail).severity(Severity::Error, effect));
        }
    }
    judged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::owi::client::Account;

    #[test]
    fn a_replay_is_made_only_where_it_is_harmless() {
        let taken = SessionAnswer::Accepted(Account {
            id: "u".into(),
            email: "a@b".into(),
            name: String::new(),
            role: "user".into(),
            last_active_at: None,
        });
        let (delegated, native) = (Some(Edition::Delegated), Some(Edition::Native));
        let table = [
            (delegated, false, Some(&taken), None, true),
            (delegated, false, Some(&SessionAnswer::BadToken), None, false),
            (delegated, false, None, None, false),
            (native, true, None, None, true),
            (native, false, Some(&taken), Some(true), true),
            (native, false, Some(&taken), Some(false), false),
            (native, false, Some(&taken), None, false),
            (native, false, Some(&SessionAnswer::RowNotHad), Some(true), false),
            (None, true, Some(&taken), Some(true), false),
        ];
        for (edition, decodes, answer, columns, allowed) in table {
            let found = may_replay(edition, decodes, answer, columns);
            assert_eq!(found.is_ok(), allowed, "{edition:?} {decodes} {answer:?} {columns:?}: {found:?}");
        }
    }
}
