//! Step 7: the creator by e-mail, and the backend's real answer compared with what all steps predict.

use super::BACKEND;
use super::owi_verdict::creator_missing;
use crate::diagnose::report::{Judged, Outcome};
use crate::email::Email;
use crate::findings::{
    ANSWER_DIFFERS, BACKEND_WRONG, CREATOR_DISABLED, EMAIL_SPELLING, END_USER, Effect, Finding, Hit, LMS_STUDENT,
    LTI_CREATOR, Mend, ORGANIZATION_CONFIG_BROKEN, ORGANIZATION_MISSING, ORGANIZATION_SUSPENDED, PASSWORD_MISSING,
    PASSWORD_UNSOUND, PREFIX_WRONG, ROLE_ELSEWHERE, ROLE_MISSING, STALE_ROLE, Severity, UNEXPLAINED,
    USER_CONFIG_BROKEN, USER_UNKNOWN,
};
use crate::http::{Answer, Failure};
use crate::lamb::Edition;
use crate::lamb::db::LambDb;
use crate::lamb::model::Creator;
use crate::owi::api::answers::SessionAnswer;
use crate::sqlite::DbError;
use crate::sqlite::value::PasswordHash;

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
    /// The prefix of other tables in the same file that have the creator.
    pub elsewhere: Option<String>,
}

/// Looks an address up. Where the creator is there, that is one look-up by an index and no more.
///
/// # Errors
/// Where SQLite fails.
pub fn look_up(db: &LambDb, email: &Email) -> Result<CreatorEvidence, DbError> {
    let creator = db.creator(email.as_str())?;
    let (other_spellings, student, elsewhere) = match creator {
        Some(_) => (Vec::new(), None, None),
        None => (db.other_spellings(email)?, db.student(email)?, db.prefix_that_has(email.as_str())?),
    };
    Ok(CreatorEvidence { email: email.clone(), creator, other_spellings, student, elsewhere })
}

/// Looks an address up, and whether another creator has it in another spelling: that reads every creator's.
///
/// # Errors
/// Where SQLite fails.
pub fn gather(db: &LambDb, email: &Email) -> Result<CreatorEvidence, DbError> {
    let mut evidence = look_up(db, email)?;
    if evidence.creator.is_some() {
        evidence.other_spellings = db.other_spellings(email)?;
    }
    Ok(evidence)
}

/// The judgement on a creator, before any replay.
///
/// `owi_role`: their role in Open WebUI; `None` where that is not known, `Some(None)` where it has no such user.
pub fn judge_creator(
    evidence: &CreatorEvidence,
    edition: Option<Edition>,
    owi_role: Option<Option<&str>>,
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

fn judge_missing(evidence: &CreatorEvidence, owi_role: Option<Option<&str>>, source: &str) -> Hit {
    let email = &evidence.email;
    if let Some(prefix) = &evidence.elsewhere {
        let detail = format!("{source} has {email} in the tables with the prefix {prefix}, which LAMB does not read");
        let mend = format!("set LAMB_DB_PREFIX={prefix} in the environment of LAMB's backend and restart it");
        return Hit::new(&PREFIX_WRONG, detail).mended_by([Mend::advice(mend)]);
    }
    if let Some(why) = &evidence.student {
        let detail = format!("{email} is a student who came in through the LMS ({why}), and no creator");
        return Hit::new(&LMS_STUDENT, detail).severity(Severity::Error, Effect::Refused);
    }
    if let [other, ..] = evidence.other_spellings.as_slice() {
        let detail = format!("{source} has {other:?}, LAMB looks for {:?}", email.as_str());
        return Hit::new(&EMAIL_SPELLING, detail);
    }
    match owi_role {
        Some(None) => Hit::new(&USER_UNKNOWN, format!("neither {source} nor Open WebUI has {email}")),
        Some(Some(role)) => {
            let detail = format!("Open WebUI knows {email} (role {role}), {source} has no such creator");
            creator_missing(email, detail, Some(role))
        }
        None => creator_missing(email, format!("{source} has no creator {email}"), None),
    }
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

/// What bears on whether the real request may be made.
#[derive(Clone, Copy, Debug)]
pub struct ReplayCase<'a> {
    /// Who issues tokens here.
    pub edition: Option<Edition>,
    /// True where LAMB's secret, as far as is known, decodes the token.
    pub lamb_decodes: bool,
    /// True where nothing says LAMB's secret, and the built-in one was taken for it.
    pub secret_is_guess: bool,
    /// True where the token was made for this walk: nobody's session ends up in a log.
    pub is_probe: bool,
    /// Open WebUI's answer to this token.
    pub answer: Option<&'a SessionAnswer>,
    /// True where Open WebUI answered anything in time.
    pub owi_answers: bool,
    /// True where `webui.db` has the columns that LAMB's own reader copes with.
    pub owi_has_lambs_columns: bool,
}

/// Whether the real request may be made with this token: it must not freeze the backend, make LAMB write, or put
/// the token in a log (all measured).
///
/// # Errors
/// The reason why not.
pub fn may_replay(case: ReplayCase<'_>) -> Result<(), &'static str> {
    let taken = matches!(case.answer, Some(SessionAnswer::Accepted(_) | SessionAnswer::NoEmail));
    let refused = case.answer.is_some_and(SessionAnswer::is_an_answer) && !taken;
    let log = "Open WebUI refuses this token, and LAMB would write it into its log";
    let freeze = "Open WebUI gave no answer, and the request could freeze the backend's whole worker";
    match case.edition {
        None => Err("the edition is not known, and with it what the request would do"),
        Some(Edition::Delegated) if taken => Ok(()),
        Some(Edition::Delegated) if refused => Err(log),
        Some(Edition::Delegated) => Err(freeze),
        Some(Edition::Native) if case.lamb_decodes && !case.secret_is_guess => Ok(()),
        // From here on LAMB may turn to Open WebUI about it.
        Some(Edition::Native) if !case.owi_answers => Err(freeze),
        Some(Edition::Native) if !case.owi_has_lambs_columns => {
            Err("LAMB would turn to Open WebUI's database, whose columns it does not know, and may insert admins")
        }
        Some(Edition::Native) if taken || (case.lamb_decodes && case.is_probe) => Ok(()),
        Some(Edition::Native) => Err(log),
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
/// `secret_is_guess`: a probe that is refused then says nothing of the user.
pub fn compare(
    mut judged: Judged,
    predicted: u16,
    replay: Result<Result<Answer, Failure>, String>,
    secret_is_guess: bool,
) -> Judged {
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
    let works = answer.json().is_some_and(|body| body.get("assistants").is_some());
    match (answer.status, predicted) {
        (200, _) if !works => {
            judged.hits.push(Hit::new(&BACKEND_WRONG, format!("{real}, which is not LAMB's list of assistants")));
        }
        (200, 200) => judged.note = format!("{}; {real}, as predicted", judged.note),
        (200, predicted) => {
            judged.hits.push(Hit::new(&ANSWER_DIFFERS, format!("{real}, where {predicted} was predicted")));
        }
        (status, predicted) if predicted != 200 => {
            let so = if status == predicted { "as predicted".to_owned() } else { format!("{predicted} was predicted") };
            judged.note = format!("{}; {real}, {so}", judged.note);
            judged.instead = Some(Outcome::Failed);
        }
        (401, _) if secret_is_guess => {
            judged.instead = Some(Outcome::CouldNotTell);
            judged.note = format!("{}; {real} to the probe: the secret at hand is not the backend's", judged.note);
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
    use crate::owi::api::client::Account;

    #[test]
    fn a_replay_is_made_only_where_it_is_harmless() {
        let taken = SessionAnswer::Accepted(Account {
            id: "u".into(),
            email: "a@b".into(),
            name: String::new(),
            role: "user".into(),
            last_active_at: None,
        });
        let none = ReplayCase {
            edition: Some(Edition::Delegated),
            lamb_decodes: false,
            secret_is_guess: false,
            is_probe: false,
            answer: None,
            owi_answers: true,
            owi_has_lambs_columns: true,
        };
        let (taken, gone) = (Some(&taken), Some(&SessionAnswer::RowNotHad));
        let native = ReplayCase { edition: Some(Edition::Native), ..none };
        let decoded = ReplayCase { lamb_decodes: true, ..native };
        let guess = ReplayCase { secret_is_guess: true, is_probe: true, ..decoded };
        let table = [
            (ReplayCase { answer: taken, ..none }, true),
            (ReplayCase { answer: gone, ..none }, false),
            (none, false),
            (decoded, true),
            (ReplayCase { owi_answers: false, owi_has_lambs_columns: false, ..decoded }, true),
            (guess, true),
            (ReplayCase { is_probe: false, ..guess }, false),
            (ReplayCase { owi_answers: false, ..guess }, false),
            (ReplayCase { owi_has_lambs_columns: false, ..guess }, false),
            (ReplayCase { answer: taken, ..native }, true),
            (ReplayCase { answer: taken, owi_has_lambs_columns: false, ..native }, false),
            (ReplayCase { answer: gone, ..native }, false),
            (native, false),
            (ReplayCase { edition: None, answer: taken, ..decoded }, false),
        ];
        for (case, allowed) in table {
            let found = may_replay(case);
            assert_eq!(found.is_ok(), allowed, "{case:?}: {found:?}");
        }
    }
}
