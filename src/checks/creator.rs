//! What a creator's row says about the request and the next login, and what it means where there is none.

use super::halves;
use super::pair::LAMB;
use super::sign_in;
use crate::change::create_creator;
use crate::email::Email;
use crate::findings::{
    ASSISTANT_UNREADABLE, CREATOR_DISABLED, CREATOR_MISSING, CREATOR_ROW_UNREADABLE, EMAIL_SPELLING, END_USER, Effect,
    Finding, FixStep, Hit, LAMB_DB_GARBAGE, LMS_ADMIN, LMS_STUDENT, LTI_CREATOR, LTI_CREATOR_MISSING,
    ORGANIZATION_CONFIG_BROKEN, ORGANIZATION_MISSING, ORGANIZATION_SUSPENDED, OWI_ADMIN_UNKNOWN, PASSWORD_MISSING,
    PASSWORD_UNSOUND, PREFIX_WRONG, ROLE_ELSEWHERE, ROLE_MISSING, STALE_ROLE, Severity, USER_CONFIG_BROKEN,
    USER_UNKNOWN,
};
use crate::lamb::Edition;
use crate::lamb::lms::LmsUser;
use crate::lamb::lookup::{CreatorEvidence, Unfound};
use crate::lamb::model::Creator;
use crate::owi::file::db::OwiMatches;
use crate::sqlite::value::PasswordHash;

/// The judgment on a creator, before any replay.
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
    // For NULL the hash is copied, from half an account and from an inactive one, too. For an empty text Open WebUI's
    // own check of the password counts, which wants a whole and active one.
    let is_copied = creator.native.as_ref().is_none_or(|native| native.password_hash == PasswordHash::Missing);
    let halves = account.auth_without_user.iter().filter(|_| is_copied);
    let rows = users.chain(halves).filter(|auth| auth.email == email && (is_copied || auth.active));
    // Open WebUI takes the first of several rows.
    let why = match rows.min_by_key(|auth| auth.place) {
        None if is_copied => "no auth row",
        None => "no active account",
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
            let teaches = FixStep::command(&["create-creator", "--email", email.as_str()]).switched(&["--force"]);
            let fix = [
                "Nothing needs fixing: the student opens the activity in the LMS".into(),
                format!("If the student also teaches: {}", teaches.text()).into(),
            ];
            return Hit::new(&LMS_STUDENT, detail).fixed_by(fix).severity(Severity::Error, Effect::Refused);
        }
        Some(teacher @ LmsUser::Teacher) => {
            return Hit::new(&LTI_CREATOR_MISSING, format!("{email} is {teacher}, and {source} has no such creator"));
        }
    }
    if let [other, ..] = evidence.other_spellings.as_slice() {
        let detail = format!("{source} has {other:?}, LAMB looks for {looked_for:?}");
        let hit = Hit::new(&EMAIL_SPELLING, detail);
        // Open WebUI's sign-in finds lower case only: where that is what is looked for, LAMB's side is the one to change.
        return match sign_in::rename(other, looked_for) {
            Some(command) => hit.fixed_by([command]),
            None => hit,
        };
    }
    match owi_role {
        Some(None) => {
            let both =
                FixStep::command(&["create-creator", "--email", email.as_str()]).switched(&["--create-owi-user"]);
            let fix = ["Check the address".into(), format!("To create both accounts: {}", both.text()).into()];
            Hit::new(&USER_UNKNOWN, format!("neither {source} nor Open WebUI has {email}")).fixed_by(fix)
        }
        Some(Some(role)) => {
            let detail = format!("Open WebUI knows {email} (role {role}), {source} has no such creator");
            creator_missing(email, detail, Some(role), edition)
        }
        None => creator_missing(email, format!("{source} has no creator {email}"), None, edition),
    }
}

/// Before a command that undoes what an admin may have wanted.
fn if_not_intended() -> FixStep {
    FixStep::advice("if this is intended, do nothing; otherwise run the next command")
}

/// The fix of a finding that `update-creator` fixes: a command for this creator, else the catalogue's words.
fn update(finding: &'static Finding, email: &Email) -> Vec<FixStep> {
    let command = FixStep::command(&["update-creator", "--email", email.as_str()]);
    let intended = if_not_intended();
    match finding.id {
        id if id == CREATOR_DISABLED.id => vec![intended, command.switched(&["--enable"])],
        id if id == END_USER.id => {
            let creator = ["update-creator", "--email", email.as_str(), "--user-type", "creator"];
            vec![intended, FixStep::command(&creator)]
        }
        id if id == USER_CONFIG_BROKEN.id => vec![command.switched(&["--reset-config"])],
        id if id == PASSWORD_MISSING.id || id == PASSWORD_UNSOUND.id => vec![command.switched(&["--set-password"])],
        id if id == ORGANIZATION_MISSING.id => {
            let to = FixStep::command(&["update-creator", "--email", email.as_str(), "--org", "SLUG"]);
            vec![format!("Choose an organization (lamb-auth list-organizations), then: {}", to.text()).into()]
        }
        _ => vec![FixStep::advice(finding.remedy)],
    }
}

fn judge_present(creator: &Creator, edition: Option<Edition>, token_role: Option<&str>) -> Vec<Hit> {
    let email = &creator.email;
    let mut hits = Vec::new();
    let mut add = |finding: &'static Finding, detail: String| {
        hits.push(Hit::new(finding, detail).fixed_by(update(finding, email)))
    };
    if let Some(why) = creator.user_config.problem() {
        add(&USER_CONFIG_BROKEN, format!("user_config of {email} (creator {}) {why}", creator.id));
    }
    if let [first, ..] = creator.unreadable.as_slice() {
        add(&CREATOR_ROW_UNREADABLE, format!("{first} of {email} (creator {}) is not UTF-8", creator.id));
    }
    if !creator.enabled {
        add(&CREATOR_DISABLED, format!("{email} (creator {}) is disabled: enabled is 0 or empty", creator.id));
    }
    if creator.is_end_user() {
        add(&END_USER, format!("{email} has the user type end_user"));
    }
    // An upgrade that was rolled back leaves native columns, which a delegated LAMB does not read.
    if let Some(native) = creator.native.as_ref().filter(|_| edition != Some(Edition::Delegated)) {
        match (native.is_from_lms(), native.password_hash) {
            (true, _) => add(&LTI_CREATOR, format!("{email} has the auth provider lti_creator")),
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
                let detail = format!("{} is {}", organization.slug, organization.status);
                let activate = FixStep::command(&["update-organization", "--org", &organization.slug]);
                hits.push(
                    Hit::new(&ORGANIZATION_SUSPENDED, detail)
                        .fixed_by([if_not_intended(), activate.switched(&["--activate"])]),
                );
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
                let reset = FixStep::command(&["update-organization", "--org", &organization.slug]);
                let fix = [
                    "Restore the organization's config from a backup with sqlite3".into(),
                    format!(
                        "Without a backup, its model providers are lost: {}",
                        reset.switched(&["--reset-config"]).text()
                    )
                    .into(),
                ];
                let hit = Hit::new(&ORGANIZATION_CONFIG_BROKEN, detail).fixed_by(fix);
                hits.push(hit.severity(Severity::Error, effect));
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

/// An admin of Open WebUI that LAMB does not have, in no spelling. `OWI_ADMIN_EMAIL` has a finding for that already.
///
/// `owi_role`: as for [`judge_creator`]. `file`: where it stands. `first_admins`: the two oldest that can sign in.
pub(crate) fn judge_unknown_admin(
    evidence: &CreatorEvidence,
    owi_admin: Option<&str>,
    owi_role: Option<Option<&str>>,
    file: &str,
    first_admins: &dyn Fn() -> Vec<Email>,
) -> Option<Hit> {
    let email = &evidence.email;
    let is_known = evidence.creator.is_some()
        || evidence.unfound.is_some()
        || evidence.elsewhere.is_some()
        || !evidence.other_spellings.is_empty();
    if owi_role != Some(Some("admin")) || is_known {
        return None;
    }
    let hit = match &evidence.lms {
        Some(lms) => Hit::new(&LMS_ADMIN, format!("{file}: {email} is {lms}, and has the role admin")),
        None if create_creator::is_owi_admin(email.as_str(), owi_admin, "admin") => return None,
        None => {
            let detail = format!("{file}: {email} has the role admin, and LAMB has no such creator");
            Hit::new(&OWI_ADMIN_UNKNOWN, detail)
        }
    };
    Some(match first_admins().as_slice() {
        [only] if only == email => of_the_only_admin(hit, owi_admin, file),
        [first, _, ..] if first == email => {
            Hit { detail: format!("{}. It is the oldest admin account", hit.detail), ..hit }
        }
        _ => hit,
    })
}

/// The catalogue's fix needs another admin.
fn of_the_only_admin(hit: Hit, owi_admin: Option<&str>, file: &str) -> Hit {
    let detail = format!("{}. It is the only admin that can sign in", hit.detail);
    let other = owi_admin.unwrap_or("E");
    let sql = format!("UPDATE user SET role = 'admin' WHERE email = {};", halves::literal(other));
    let advice =
        format!("first make another account ({other}) an admin, in Open WebUI's admin panel or by these steps");
    let mut fix = vec![FixStep::advice(advice)];
    fix.extend(halves::by_hand(file, &[sql]));
    fix.push(FixStep::advice(hit.finding.remedy));
    Hit { detail, ..hit }.fixed_by(fix)
}

/// The command that creates the creator of `OWI_ADMIN_EMAIL`.
pub(crate) fn create_owi_admin(email: &Email, edition: Option<Edition>) -> FixStep {
    let mut words = vec!["create-creator", "--email", email.as_str(), "--org", LAMB, "--role", "admin"];
    words.extend(if edition == Some(Edition::Native) { &["--system-role", "admin"][..] } else { &[] });
    FixStep::command(&words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lamb::model::NativePart;
    use crate::owi::file::db::{AuthRow, OwiUser};
    use crate::secret::Secret;
    use crate::sqlite::python_json::JsonColumn;

    fn creator(password_hash: PasswordHash) -> Creator {
        Creator {
            id: 7,
            email: Email::stored("a@x.org"),
            is_found_by_email: true,
            name: "A".to_owned(),
            user_type: "creator".to_owned(),
            enabled: true,
            organization_id: None,
            organization: None,
            organization_role: None,
            roles_elsewhere: Vec::new(),
            user_config: JsonColumn::Falsy,
            unreadable: Vec::new(),
            created_at: None,
            updated_at: None,
            native: Some(NativePart {
                system_role: "user".to_owned(),
                auth_provider: "password".to_owned(),
                password_hash,
                lms_id: None,
            }),
        }
    }

    fn account(active: bool, whole: bool) -> OwiMatches {
        let auth = AuthRow {
            id: "u".to_owned(),
            email: "a@x.org".to_owned(),
            active,
            password_hash: PasswordHash::Sound,
            hash: Secret::new(""),
            session_stamp: None,
            place: 1,
            unreadable: Vec::new(),
        };
        if !whole {
            return OwiMatches { auth_without_user: vec![auth], ..OwiMatches::default() };
        }
        let user = OwiUser { auth: Some(auth), ..OwiUser::for_test("u", "a@x.org") };
        OwiMatches { exact: vec![user], ..OwiMatches::default() }
    }

    /// Measured: NULL is filled from any `auth` row, an empty hash wants an account that can sign in.
    #[test]
    fn a_missing_hash_stops_the_login_where_open_webui_has_none_to_take() {
        use PasswordHash::{Empty, Missing};
        let none = OwiMatches::default();
        for (hash, account, works) in [
            (Missing, account(true, true), true),
            (Missing, account(false, true), true),
            (Missing, account(true, false), true),
            (Missing, none.clone(), false),
            (Empty, account(true, true), true),
            (Empty, account(false, true), false),
            (Empty, account(true, false), false),
            (Empty, none, false),
        ] {
            let creator = creator(hash);
            let mut hits = judge_present(&creator, Some(Edition::Native), None);
            weigh_password(&mut hits, &creator, &account);
            let hit = hits.iter().find(|hit| hit.finding == &PASSWORD_MISSING).unwrap();
            assert_eq!(hit.severity == Severity::Warning, works, "{hash:?}, {account:?}");
        }
    }
}
