//! Users from an LMS before the judges of `diagnose --flow lti`: what stops the next launch of each. Pure, but for the groups.

use super::judge::AuditInput;
use super::record::{Rows, StudentRow};
use crate::checks::lti::{self, Account, Way};
use crate::email::Email;
use crate::findings::{Effect, HEADER_UNSENDABLE, Hit, LTI_ACTIVITY_NOT_READY, LTI_UNPUBLISHED, OWI_PENDING, Severity};
use crate::lamb::Edition;
use crate::lamb::every_row::Opens;
use crate::lamb::lms::lms_domain;
use crate::lamb::model::{Creator, NativePart};
use crate::owi::file::db::{OwiDb, OwiMatches};
use crate::owi::file::groups::{GroupKey, Kept, Membership};

/// What the file says of one account of an address in one group: `None` where it is not at hand.
///
/// `kept`: how the file keeps the members, where it does and they were read.
pub(super) fn membership(
    owi: Option<&OwiDb>,
    kept: Option<Kept>,
    address: (&str, &Rows),
    group: GroupKey<'_>,
    account: Option<&str>,
) -> Option<Membership> {
    let (key, rows) = address;
    let kept = kept.filter(|_| !rows.more_members && lms_domain(key).is_some());
    let is_member = |id: &str| rows.members.iter().any(|m| m.group == id && account == Some(m.account.as_str()));
    // The check of the platform tells why groups cannot be read.
    Some(match (owi?.all_groups().map(|all| all.id(group)), kept) {
        (Ok(None), _) => Membership::NoGroup,
        (Ok(Some(id)), Some(_)) if is_member(id) => Membership::Member,
        (Ok(Some(_)), Some(kept)) => Membership::NotIn(kept),
        (Ok(Some(_)), None) | (Err(_), _) => Membership::NotKnown,
    })
}

/// Asks whether an account is in a group: with the group, and the account's id, where there is an account.
pub(super) type AskGroup<'a> = &'a mut dyn FnMut(GroupKey<'_>, Option<&str>) -> Option<Membership>;

/// What stops a launch of the users of one address, each with the e-mail that it is about.
pub(super) fn judge(rows: &Rows, input: &AuditInput, ask: AskGroup<'_>) -> Vec<(Email, Hit)> {
    let is_from_lms = |creator: &&Creator| creator.native.as_ref().is_some_and(NativePart::is_from_lms);
    let mut found = Vec::new();
    // Where the tables lack what a launch reads, nothing is known of it.
    for student in rows.students.iter().filter(|student| student.opens != Opens::NotTold) {
        let email = Email::stored(student.email.as_str());
        found.extend(judge_student(student, rows, input, ask).into_iter().map(|hit| (email.clone(), hit)));
    }
    for creator in rows.creators.iter().filter(is_from_lms) {
        found.extend(judge_teacher(creator, rows, input).into_iter().map(|hit| (creator.email.clone(), hit)));
    }
    found
}

fn judge_student(student: &StudentRow, rows: &Rows, input: &AuditInput, ask: AskGroup<'_>) -> Vec<Hit> {
    let email = &student.email;
    let not_ready = |why: &str| Some(Hit::new(&LTI_ACTIVITY_NOT_READY, format!("the activity of {email} {why}")));
    let stopped = match &student.opens {
        Opens::Activity(None) => not_ready("is gone"),
        Opens::Activity(Some((status, _))) if status != "active" => not_ready(&format!("has the status {status:?}")),
        Opens::Assistant(None) => {
            let detail = format!("no published assistant has the key of {email}");
            // A native LAMB signs in a user that it knows all the same, and refuses each new one.
            let hit = Hit::new(&LTI_UNPUBLISHED, detail);
            let is_native = input.edition == Some(Edition::Native);
            Some(if is_native { hit.severity(Severity::Warning, Effect::Launch) } else { hit })
        }
        Opens::Activity(_) | Opens::Assistant(_) | Opens::NotTold => None,
    };
    let matches = matches(email, rows, input);
    let account = matches.as_ref().and_then(|matches| lti::signed_in(matches, email)).map(|user| user.id.as_str());
    let mut ask = |group| ask(group, account);
    let way = match &student.opens {
        Opens::Activity(group) => {
            // LAMB puts no one into the group of an activity that is not active.
            let id = group.as_ref().filter(|(status, _)| status == "active").map(|(_, id)| id.as_str());
            Way::Activity(id.and_then(|id| Some((id, ask(GroupKey::Id(id))?))))
        }
        Opens::Assistant(group) => {
            let name = group.as_deref().filter(|name| !name.is_empty());
            Way::Assistant(name.and_then(|name| Some((name, ask(GroupKey::Name(name))?))))
        }
        Opens::NotTold => Way::Assistant(None),
    };
    stopped.into_iter().chain(judge_account(email, &student.name, matches.as_ref(), input, way)).collect()
}

/// What LAMB refuses a teacher is as bad as it is; in Open WebUI, a teacher only lacks the chat.
fn judge_teacher(creator: &Creator, rows: &Rows, input: &AuditInput) -> Vec<Hit> {
    let email = creator.email.as_str();
    let mut hits: Vec<Hit> = lti::judge_teacher(creator).into_iter().map(|blocked| blocked.hit).collect();
    let mut chat = judge_account(email, &creator.name, matches(email, rows, input).as_ref(), input, Way::Chat);
    // LAMB's own judge has words for the name.
    chat.retain(|hit| hit.finding != &HEADER_UNSENDABLE);
    let at_most_warning = |hit: Hit| {
        let severity = hit.severity.min(Severity::Warning);
        hit.severity(severity, Effect::Launch)
    };
    hits.extend(chat.into_iter().map(at_most_warning));
    hits
}

/// What `webui.db` has of an address, where it was read.
fn matches(email: &str, rows: &Rows, input: &AuditInput) -> Option<OwiMatches> {
    input.owi.as_ref()?;
    Some(OwiMatches::of(email, rows.users.iter().cloned(), rows.auths.clone()))
}

fn judge_account(email: &str, name: &str, matches: Option<&OwiMatches>, input: &AuditInput, way: Way<'_>) -> Vec<Hit> {
    let file = input.owi.as_deref().unwrap_or_default();
    let account = Account { email, name, matches, file, release: input.release, way };
    // LAMB lets the user in, and Open WebUI waits for an admin: as for each other account.
    let weigh =
        |hit: Hit| if hit.finding == &OWI_PENDING { hit.severity(Severity::Warning, Effect::Nothing) } else { hit };
    lti::judge_account(&account).into_iter().map(|blocked| weigh(blocked.hit)).collect()
}
