//! What a creator's row says about the request and the next login, and what it means where there is none.

use super::pair::LAMB;
use super::sign_in;
use crate::change::create_creator;
use crate::email::Email;
use crate::findings::{
    ASSISTANT_UNREADABLE, CREATOR_DISABLED, CREATOR_MISSING, CREATOR_ROW_UNREADABLE, EMAIL_SPELLING, END_USER, Effect,
    Finding, FixStep, Hit, LAMB_DB_GARBAGE, LMS_STUDENT, LTI_CREATOR, LTI_CREATOR_MISSING, ORGANIZATION_CONFIG_BROKEN,
    ORGANIZATION_MISSING, ORGANIZATION_SUSPENDED, PASSWORD_MISSING, PASSWORD_UNSOUND, PREFIX_WRONG, ROLE_ELSEWHERE,
    ROLE_MISSING, STALE_ROLE, Severity, USER_CONFIG_BROKEN, USER_UNKNOWN,
};
use crate::lamb::Edition;
use crate::lamb::lms::LmsUser;
use crate::lamb::lookup::{CreatorEvidence, Unfound};
use crate::lamb::model::Creator;
use crate::owi::file::db::OwiMatches;
use crate::sqlite::value::PasswordHash;

/// The judgement on a creator, before any replay.
///
/// `owi_role`: their role in Open WebUI; `None` where that is not known, `Some(None)` where it has no such user.
pub(crate) fn judge_creator(
    evidence: &CreatorEvidence,
    edition: Option<Edition>,
    owi_role: Option<Option<&str>>,
    token_role: Option<&str>,
    source: &str,
) -> Vec<Hit> {
    match &evidence.creator {
        None => vec![judge_missing(evidence, edition, owi_role, source)],
        Some(creator) => {
            let mut hits = judge_present(creator, edition, token_role);
            hits.extend(
                evidence.unreadable_assistant.as_ref().map(|why| Hit::new(&ASSISTANT_UNREADABLE, why.as_str())),
            );
            if let [other, ..] = evidence.other_spellings.as_slice() {
                let detail = format!("{source} has {:?} and also {other:?}, another creator", creator.email.as_str());
                hits.push(Hit::new(&EMAIL_SPELLING, detail).severity(Severity::Warning, Effect::Nothing));
            }
            hits
        }
    }
}

/// A native LAMB that has no password hash turns to Open WebUI's: where there is none that a password can be checked
/// against, no login works (measured).
///
/// `account`: the rows of the creator's address in `webui.db`, where that is the server's own file.
pub(crate) fn weigh_password(hits: &mut [Hit], creator: &Creator, account: &OwiMatches) {
    let email = creator.email.as_str();
    let users = account.exact.iter().filter_map(|user| user.auth.as_ref());
    let rows = users.chain(&account.auth_without_user).filter(|auth| auth.email == email);
    // Open WebUI takes the first of several rows.
    let why = match rows.min_by_key(|auth| auth.place) {
        None => "no auth row",
        Some(auth) if auth.password_hash != PasswordHash::Sound => "an auth row without a bcrypt hash",
        Some(_) => return,
    };
    for hit in hits.iter_mut().filter(|hit| hit.finding == &PASSWORD_MISSING) {
        hit.detail = format!("{}, and webui.db has {why} for it: no password works", hit.detail);
        (hit.severity, hit.effect) = (Severity::Error, Effect::Login);
    }
}

fn judge_missing(
    evidence: &CreatorEvidence,
    edition: Option<Edition>,
    owi_role: Option<Option<&str>>,
    source: &str,
) -> Hit {
    let email = &evidence.email;
    if let Some(prefix) = &evidence.elsewhere {
        let detail = format!("{source} has {email} in the tables with the prefix {prefix}, which LAMB does not read");
        let fix = format!("set LAMB_DB_PREFIX={prefix} in the environment of LAMB's backend and restart it");
        return Hit::new(&PREFIX_WRONG, detail).fixed_by([FixStep::advice(fix)]);
    }
    let looked_for = email.as_str();
    match evidence.unfound {
        Some(Unfound::Bytes) => {
            let detail = format!("{source} has {looked_for:?} as bytes, LAMB looks for a text");
            return Hit::new(&EMAIL_SPELLING, detail).fixed_by([FixStep::advice(
                "copy lamb_v4.db to a safe place, then use sqlite3 to store user_email of this creator as text: \
                 CAST(user_email AS TEXT)",
            )]);
        }
        Some(Unfound::Index) => {
            let detail = format!("{source} has a creator {looked_for:?}, but the index of the table lacks the row");
            return Hit::new(&LAMB_DB_GARBAGE, detail).fixed_by([FixStep::advice(
                "stop LAMB, copy lamb_v4.db to a safe place, then run: sqlite3 lamb_v4.db REINDEX",
            )]);
        }
        None => {}
    }
    match &evidence.lms {
        None => {}
        Some(student @ LmsUser::Student(_)) => {
            let detail = format!("{email} is {student}, and no creator");
            return Hit::new(&LMS_STUDENT, detail).severity(Severity::Error, Effect::Refused);
        }
        Some(teacher @ LmsUser::Teacher) => {
            return Hit::new(&LTI_CREATOR_MISSING, format!("{email} is {teacher}, and {source} has no such creator"));
        }
    }
    if let [other, ..] = evidence.other_spellings.as_slice() {
        let detail = format!("{source} has {other:?}, LAMB looks for {looked_for:?}");
        return Hit::new(&EMAIL_SPELLING, detail);
    }
    match owi_role {
        Some(None) => Hit::new(&USER_UNKNOWN, format!("neither {source} nor Open WebUI has {email}")),
        Some(Some(role)) => {
            let detail = format!("Open WebUI knows {email} (role {role}), {source} has no such creator");
            creator_missing(email, detail, Some(role), edition)
        }
        None => creator_missing(email, format!("{source} has no creator {email}"), None, edition),
    }
}

fn judge_present(creator: &Creator, edition: Option<Edition>, token_role: Option<&str>) -> Vec<Hit> {
    let email = &creator.email;
    let mut hits = Vec::new();
    let mut add = |finding: &'static Finding, detail: String| hits.push(Hit::new(finding, detail));
    if let Some(why) = creator.user_config.problem() {
        add(&USER_CONFIG_BROKEN, format!("user_config of {email} (creator {}) {why}", creator.id));
    }
    if let [first, ..] = creator.unreadable.as_slice() {
        add(&CREATOR_ROW_UNREADABLE, format!("{first} of {email} (creator {}) is not UTF-8", creator.id));
    }
    if !creator.enabled {
        add(&CREATOR_DISABLED, format!("{email} (creator {}) is disabled: enabled is 0 or empty", creator.id));
    }
    if creator.user_type == "end_user" {
        add(&END_USER, format!("{email} has the user type end_user"));
    }
    // An upgrade that was rolled back leaves native columns, which a delegated LAMB does not read.
    if let Some(native) = creator.native.as_ref().filter(|_| edition != Some(Edition::Delegated)) {
        match (native.auth_provider.as_str(), native.password_hash) {
            ("lti_creator", _) => add(&LTI_CREATOR, format!("{email} has the auth provider lti_creator")),
            (_, PasswordHash::Missing) => add(&PASSWORD_MISSING, format!("password_hash of {email} is NULL")),
            (_, PasswordHash::Empty) => add(&PASSWORD_MISSING, format!("password_hash of {email} is empty")),
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
                .map_or_else(|| "NULL".to_owned(), |id| format!("{id}, and no such organization exists"));
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
                    FixStep::command(&["assign-role", "--email", email.as_str(), "--org", slug, "--role", "member"]);
                hits.push(Hit::new(finding, detail).fixed_by([command]));
            }
            if let Some(why) = organization.config_problem(edition) {
                let effect = if edition == Some(Edition::Native) { Effect::Crashes } else { Effect::Refused };
                let detail = format!("config of the organization {} {why}", organization.slug);
                hits.push(Hit::new(&ORGANIZATION_CONFIG_BROKEN, detail).severity(Severity::Error, effect));
            }
        }
    }
    hits.extend(sign_in::judge(creator, edition));
    hits
}

/// The hit for a user that only Open WebUI has, with the command that fixes it.
fn creator_missing(email: &Email, detail: String, owi_role: Option<&str>, edition: Option<Edition>) -> Hit {
    let mut fix = vec![FixStep::command(&["create-creator", "--email", email.as_str()])];
    if owi_role == Some("admin") {
        fix.push(create_creator::admin_becomes_member(email.as_str(), edition));
    }
    Hit::new(&CREATOR_MISSING, detail).fixed_by(fix)
}

/// The creator of `OWI_ADMIN_EMAIL` is created as LAMB does it, by every command: as an admin.
///
/// `owi_role`: as for [`judge_creator`].
pub(crate) fn weigh_owi_admin(
    hits: &mut [Hit],
    email: &Email,
    owi_admin: Option<&str>,
    owi_role: Option<Option<&str>>,
    edition: Option<Edition>,
) {
    if create_creator::is_owi_admin(email.as_str(), owi_admin, owi_role.flatten().unwrap_or_default()) {
        for hit in hits.iter_mut().filter(|hit| hit.finding == &CREATOR_MISSING) {
            hit.fix = vec![create_owi_admin(email, edition)];
        }
    }
}

/// The command for that.
pub(crate) fn create_owi_admin(email: &Email, edition: Option<Edition>) -> FixStep {
    let mut words = vec!["create-creator", "--email", email.as_str(), "--org", LAMB, "--role", "admin"];
    words.extend(if edition == Some(Edition::Native) { &["--system-role", "admin"][..] } else { &[] });
    FixStep::command(&words)
}
