//! What stops a launch from an LMS for one user: the creator of a teacher, and the account of a student.

use std::borrow::Cow;

use crate::email::Email;
use crate::findings::{
    CREATOR_DISABLED, EMAIL_SPELLING, Effect, FixStep, HEADER_UNSENDABLE, Hit, LTI_ACCOUNT_TAKEN, LTI_CAPITALS,
    LTI_GROUP, LTI_ID_MISSING, LTI_LINK_DANGLING, OWI_PENDING, OWI_USER_MISSING, Severity, USER_CONFIG_BROKEN,
};
use crate::lamb::db::LambDb;
use crate::lamb::lms::{MadeUp, teachers_address};
use crate::lamb::lti::Launch;
use crate::lamb::model::{Creator, LTI_CREATOR, NativePart};
use crate::owi::api::sign_in_header::header_value;
use crate::owi::file::db::{OwiDb, OwiMatches, OwiUser};
use crate::owi::file::groups::{GroupKey, Kept, Membership};

use super::account;
use crate::sqlite::DbError;

/// A finding with the sentence that the user sees because of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Blocked {
    pub(crate) hit: Hit,
    pub(crate) seen: &'static str,
}

fn blocked(hit: Hit, seen: &'static str) -> Blocked {
    Blocked { hit, seen }
}

/// As the catalogue says, and felt at a launch.
fn at_launch(mut hit: Hit, severity: Severity) -> Hit {
    (hit.severity, hit.effect) = (severity, Effect::Launch);
    hit
}

/// What LAMB shows where it cannot make a teacher's creator.
pub(crate) const NOT_CREATED: &str = "\"Failed to create user\" (500) after a click in the LMS";

/// The creator of a teacher, which the launch finds by organization and id.
pub(crate) fn judge_teacher(creator: &Creator) -> Vec<Blocked> {
    let email = &creator.email;
    let lms_id = creator.native.as_ref().and_then(|native| native.lms_id.as_deref());
    let mut found = Vec::new();
    let is_from_lms = creator.native.as_ref().is_some_and(NativePart::is_from_lms);
    if is_from_lms && lms_id.is_none_or(str::is_empty) {
        let detail = format!("{email} (creator {}) has the auth provider {LTI_CREATOR} and no lti_user_id", creator.id);
        found.push(blocked(at_launch(Hit::new(&LTI_ID_MISSING, detail), Severity::Error), NOT_CREATED));
    }
    if !creator.enabled {
        let hit = Hit::new(&CREATOR_DISABLED, format!("{email} (creator {}) is disabled", creator.id));
        found.push(blocked(
            at_launch(hit, Severity::Error),
            "\"Account has been disabled\" (403) after a click in the LMS",
        ));
    }
    if let Some(why) = creator.user_config.problem() {
        let hit = Hit::new(&USER_CONFIG_BROKEN, format!("user_config of {email} (creator {}) {why}", creator.id));
        found.push(blocked(
            at_launch(hit, Severity::Error),
            "\"LTI launch failed: ...\" (500) after a click in the LMS",
        ));
    }
    if creator.name.is_empty() {
        let hit =
            Hit::new(&HEADER_UNSENDABLE, format!("the name of {email} is empty, so the page cannot start a session"));
        found.push(blocked(at_launch(hit, Severity::Error), "\"Unable to start session\" after the launch"));
    }
    if let Err(why) = header_value(&creator.name) {
        let hit =
            Hit::new(&HEADER_UNSENDABLE, format!("LAMB cannot put the name {:?} into a header: {why}", creator.name));
        found.push(blocked(at_launch(hit, Severity::Warning), "no chat: the link to Open WebUI ends in token=None"));
    }
    let moved =
        creator.organization.as_ref().filter(|_| MadeUp::of(email.as_str()).is_some()).and_then(|organization| {
            let lms_id = lms_id?;
            let own = teachers_address(&organization.slug, lms_id);
            (own != email.as_str() && ends_with_id(email.as_str(), lms_id)).then_some(&organization.slug)
        });
    if let Some(slug) = moved {
        let detail = format!(
            "{email} was made for another organization than {slug}, where the creator is now: a launch with the \
                              key of the first organization finds no creator, and cannot make one"
        );
        found.push(blocked(Hit::new(&LTI_ACCOUNT_TAKEN, detail), NOT_CREATED));
    }
    found
}

fn ends_with_id(email: &str, lms_id: &str) -> bool {
    let own = teachers_address("", lms_id);
    own.strip_prefix("lti_creator_").is_some_and(|end| email.ends_with(end))
}

/// The creator that has the e-mail which LAMB would make for this teacher, where a launch does not find it.
pub(crate) fn judge_holder(creator: &Creator, slug: Option<&str>, lms_id: Option<&str>) -> Option<Blocked> {
    let stored = creator.native.as_ref().and_then(|native| native.lms_id.as_deref());
    let own = creator.organization.as_ref().map(|organization| organization.slug.as_str());
    let why = match (slug, lms_id) {
        (Some(slug), _) if own != Some(slug) => format!("is in the organization {}", own.unwrap_or("(none)")),
        (_, Some(id)) if stored != Some(id) => {
            format!("has the lti_user_id {:?}, not {id:?}", stored.unwrap_or("NULL"))
        }
        _ => return None,
    };
    let detail = format!(
        "{} (creator {}) {why}: the launch does not find it and cannot make another",
        creator.email, creator.id
    );
    Some(blocked(Hit::new(&LTI_ACCOUNT_TAKEN, detail), NOT_CREATED))
}

/// Links of all users from an LMS to creators that are gone: for an audit.
///
/// # Errors
/// Where SQLite fails.
pub(crate) fn judge_links(db: &LambDb) -> Result<Option<Hit>, DbError> {
    let (count, first) = db.dangling_links()?;
    let first = first_of(count, &first);
    let what = "links of LMS users whose creator is gone";
    let detail = format!("{} has {what}: {first}", db.path().display());
    Ok((count > 0).then(|| Hit::new(&LTI_LINK_DANGLING, detail).severity(Severity::Warning, Effect::Launch)))
}

/// The first of so many, in a list that says how many more there are.
fn first_of(count: usize, first: &[String]) -> String {
    let more = count.saturating_sub(first.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    first.join(", ") + &more
}

/// Activities and published assistants whose group is gone: for an audit. No student need have opened one before.
///
/// # Errors
/// Where one of the files cannot be read.
pub(crate) fn judge_groups(lamb: &LambDb, owi: &OwiDb, only: Option<Launch>) -> Result<Option<Hit>, String> {
    let mut opened = Vec::new();
    let is_asked = |launch| only.is_none_or(|only| only == launch);
    let mut count = 0_usize;
    let mut failed = None;
    lamb.launch_groups(&mut |launch, name, group| {
        if !is_asked(launch) || failed.is_some() {
            return;
        }
        let all = match owi.all_groups() {
            Ok(all) => all,
            Err(error) => return failed = Some(error.to_string()),
        };
        let (what, key, named) = match launch {
            Launch::Assistant => ("the published assistant", GroupKey::Name(group), "named "),
            _ => ("the activity", GroupKey::Id(group), ""),
        };
        if all.id(key).is_none() {
            count += 1;
            if opened.len() < 3 {
                opened.push(format!("{what} {name:?} (no group {named}{group})"));
            }
        }
    })
    .map_err(|error| error.to_string())?;
    if let Some(error) = failed {
        return Err(error);
    }
    let opened = first_of(count, &opened);
    let detail = format!("{} lacks the groups of {count} launches: {opened}", owi.path().display());
    Ok((count > 0).then(|| Hit::new(&LTI_GROUP, detail).severity(Severity::Warning, Effect::Launch)))
}

/// In a sentence, why nothing is known of the groups.
pub(crate) fn groups_not_checked(why: &str) -> String {
    format!("the groups of the launches were not checked: {why}")
}

/// What happens to an account that LAMB makes for a student: its e-mail, its name, its rows.
pub(crate) struct Account<'a> {
    /// The e-mail that LAMB made, byte for byte.
    pub(crate) email: &'a str,
    /// The name that the LMS sent.
    pub(crate) name: &'a str,
    /// What `webui.db` has of it; `None` where the file was not read.
    pub(crate) matches: Option<&'a OwiMatches>,
    /// The file.
    pub(crate) file: &'a str,
    /// The version of the server.
    pub(crate) release: Option<(u64, u64)>,
    /// What the account is for.
    pub(crate) way: Way<'a>,
}

/// What LAMB signs an account in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way<'a> {
    /// The chat of a teacher, behind the launch.
    Chat,
    /// An activity. Each launch puts the account into the group.
    Activity(Group<'a>),
    /// A published assistant. Only the first launch puts the account into the group.
    Assistant(Group<'a>),
}

/// A group, and whether the account that Open WebUI signs in is in it. The group of an activity is named by its id, that of
/// a published assistant by its name. `None` where no group is known.
pub(crate) type Group<'a> = Option<(&'a str, Membership)>;

impl Way<'_> {
    /// True where the account that Open WebUI signs in has the assistant.
    fn has_member(self) -> bool {
        matches!(self, Self::Activity(Some((_, Membership::Member))) | Self::Assistant(Some((_, Membership::Member))))
    }

    /// The sentence where Open WebUI does not sign the account in.
    fn failed(self) -> &'static str {
        match self {
            Self::Chat => "no chat: the link to Open WebUI ends in token=None",
            Self::Activity(_) => ACTIVITY_FAILED,
            Self::Assistant(_) => ASSISTANT_FAILED,
        }
    }
}

/// The sentence of the launch of an activity that cannot sign the user in.
pub(crate) const ACTIVITY_FAILED: &str = "\"Failed to process launch\" (500) after a click in the LMS";
/// The sentence of the old launch that cannot sign the user in.
pub(crate) const ASSISTANT_FAILED: &str = "\"500: Failed to get user token\" (500) after a click in the LMS";

/// The account that Open WebUI signs in: it knows e-mails in lowercase only.
pub(crate) fn signed_in<'a>(matches: &'a OwiMatches, email: &str) -> Option<&'a OwiUser> {
    let lower = email.to_lowercase();
    matches.exact.iter().chain(&matches.other_spellings).find(|user| user.email.as_str() == lower)
}

/// What stops the account of a student.
pub(crate) fn judge_account(account: &Account<'_>) -> Vec<Blocked> {
    let Account { email, name, file, way, .. } = account;
    let failed = way.failed();
    let mut found = Vec::new();
    for (what, text) in [("name", name), ("e-mail", email)] {
        if let Err(why) = header_value(text) {
            let hit = Hit::new(&HEADER_UNSENDABLE, format!("LAMB cannot put the {what} {text:?} into a header: {why}"));
            let hit = hit.fixed_by([FixStep::advice(
                "change the name of the user in the LMS, to letters of Latin-1 (é and ñ are)",
            )]);
            found.push(blocked(at_launch(hit, Severity::Error), failed));
        }
    }
    let lower = email.to_lowercase();
    let has_lower = account.matches.is_some_and(|matches| signed_in(matches, email).is_some());
    let is_apart = lower != *email && !way.has_member();
    if is_apart {
        let more = if has_lower { format!("{file} has both") } else { "the next launch makes the second".to_owned() };
        let detail = format!("LAMB puts {email:?} into the group, and Open WebUI signs in {lower:?}; {more}");
        found.push(blocked(
            Hit::new(&LTI_CAPITALS, detail),
            "Open WebUI without the assistant (with its signup off, 500)",
        ));
    }
    found.extend(judge_group(account, has_lower, is_apart));
    let Some(matches) = account.matches.filter(|matches| !matches.is_empty()) else { return found };
    // Nearly all have no uppercase letter, and an audit comes here for each.
    let matches = if lower == *email {
        Cow::Borrowed(matches)
    } else {
        let users = matches.exact.iter().chain(&matches.other_spellings).cloned();
        Cow::Owned(OwiMatches::of(&lower, users, matches.auth_without_user.clone()))
    };
    let asked = Email::stored(lower.as_str());
    for hit in account::judge_user(&asked, &matches, file, account.release) {
        let is_told = hit.finding == &EMAIL_SPELLING || hit.finding == &OWI_USER_MISSING;
        if is_told && !found.is_empty() {
            continue;
        }
        if hit.finding == &OWI_PENDING {
            found.push(blocked(
                at_launch(hit, Severity::Error),
                "Open WebUI's waiting page (account activation pending)",
            ));
        } else {
            let severity = hit.severity;
            found.push(blocked(at_launch(hit, severity), failed));
        }
    }
    found
}

/// The group without which Open WebUI shows the user no assistant. `is_apart`: another account is in it, which is told.
fn judge_group(account: &Account<'_>, has_account: bool, is_apart: bool) -> Option<Blocked> {
    let Account { email, way, .. } = account;
    let (Way::Activity(Some((id, membership))) | Way::Assistant(Some((id, membership)))) = *way else { return None };
    let is_activity = matches!(way, Way::Activity(_));
    let hit = match membership {
        Membership::NoGroup => {
            let named = if is_activity { "" } else { "named " };
            Hit::new(&LTI_GROUP, format!("webui.db has no group {named}{id}, into which LAMB puts {email}"))
        }
        // The next launch makes the account of an activity, and puts it into the group.
        Membership::NotIn(_) if is_apart || (is_activity && !has_account) => return None,
        Membership::NotIn(Kept::InLists) if is_activity => {
            Hit::new(&LTI_GROUP, format!("{email} is not in the group {id}"))
                .severity(Severity::Warning, Effect::Launch)
                .fixed_by([FixStep::advice(
                    "ask the user to open the activity in the LMS again: LAMB adds the account then",
                )])
        }
        Membership::NotIn(_) if has_account => {
            Hit::new(&LTI_GROUP, format!("{email} is not in the group {id} of the assistant"))
        }
        Membership::NotIn(_) => {
            Hit::new(&LTI_GROUP, format!("{email} has no account: the next launch makes one outside the group {id}"))
        }
        Membership::Member | Membership::NotKnown => return None,
    };
    Some(blocked(hit, "Open WebUI without the assistant"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(email: &str, name: &str) -> Vec<&'static str> {
        let account = Account { email, name, matches: None, file: "O", release: None, way: Way::Activity(None) };
        judge_account(&account).into_iter().map(|blocked| blocked.hit.finding.id).collect()
    }

    /// All measured with a native LAMB and Open WebUI 0.5.6.
    #[test]
    fn names_and_capitals_stop_a_student() {
        assert_eq!(ids("ann_7@lamb-lti.local", "Zoé Ñandú "), [] as [&str; 0]);
        assert_eq!(ids("ann_7@lamb-lti.local", "Łukasz"), ["header-unsendable"]);
        assert_eq!(ids("ann_7@lamb-lti.local", " Ann"), ["header-unsendable"]);
        assert_eq!(ids("ann_7@lamb-lti.local", "A\nB"), ["header-unsendable"]);
        assert_eq!(ids("Ann_7@lamb-lti.local", "Ann"), ["lti-capitals"]);
        assert_eq!(ids("ann_X7@lamb-lti.local", "Ann"), ["lti-capitals"]);
    }

    /// How the file keeps members decides, not the version of a server that may be down.
    #[test]
    fn the_launch_adds_an_account_only_where_the_file_has_lists() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("webui.db");
        let rows = "INSERT INTO user (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at) \
                    VALUES ('a', 'A', 'ann_7@lamb-lti.local', 'user', '/', 1, 1, 1); \
                    INSERT INTO auth (id, email, password, active) VALUES ('a', 'ann_7@lamb-lti.local', '$2b$', 1);";
        let schema = include_str!("../sandbox/schema/owi-0.5.6.sql");
        rusqlite::Connection::open(&path).unwrap().execute_batch(&format!("{schema}; {rows}")).unwrap();
        let owi = OwiDb::open(&path, std::time::Duration::from_millis(100)).unwrap();
        let email = "ann_7@lamb-lti.local";
        let matches = owi.find(&Email::stored(email)).unwrap();
        for (kept, severity) in [(Kept::InLists, Severity::Warning), (Kept::InTable, Severity::Error)] {
            for release in [None, Some((0, 5)), Some((0, 12))] {
                let way = Way::Activity(Some(("g", Membership::NotIn(kept))));
                let account = Account { email, name: "Ann", matches: Some(&matches), file: "O", release, way };
                let hits: Vec<Hit> = judge_account(&account).into_iter().map(|blocked| blocked.hit).collect();
                let group = hits.iter().find(|hit| hit.finding == &LTI_GROUP).unwrap();
                assert_eq!(group.severity, severity, "{kept:?} {release:?}");
            }
        }
    }
}
