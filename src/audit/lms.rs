//! Users from an LMS before the judges of `diagnose --flow lti`: what stops the next launch of each. Pure, but for the groups.

use std::collections::HashMap;

use super::judge::AuditInput;
use super::record::{Rows, StudentRow};
use crate::checks::lti::{self, ACTIVITY_FAILED, ASSISTANT_FAILED, Account};
use crate::email::Email;
use crate::findings::{
    Effect, HEADER_UNSENDABLE, Hit, LTI_ACTIVITY_NOT_READY, LTI_GROUP, LTI_UNPUBLISHED, OWI_PENDING, Severity,
};
use crate::lamb::Edition;
use crate::lamb::every_row::Opens;
use crate::lamb::model::{Creator, NativePart};
use crate::owi::file::db::{OwiDb, OwiMatches};
use crate::owi::file::groups::Membership;

/// Whether groups are there, each asked once as far as so many go.
#[derive(Debug, Default)]
pub(super) struct Groups {
    known: HashMap<String, bool>,
}

impl Groups {
    const KEPT: usize = 10_000;

    /// False only where the file is at hand and has no such group.
    pub(super) fn has(&mut self, owi: Option<&OwiDb>, group: &str) -> bool {
        let Some(owi) = owi else { return true };
        if let Some(known) = self.known.get(group) {
            return *known;
        }
        let is_there = !matches!(owi.membership(group, None), Ok(Membership::NoGroup));
        if self.known.len() >= Self::KEPT {
            self.known.clear();
        }
        self.known.insert(group.to_owned(), is_there);
        is_there
    }
}

/// What stops a launch of the users of one address, each with the e-mail that it is about.
pub(super) fn judge(rows: &Rows, input: &AuditInput, has_group: &mut dyn FnMut(&str) -> bool) -> Vec<(Email, Hit)> {
    let is_from_lms = |creator: &&Creator| creator.native.as_ref().is_some_and(NativePart::is_from_lms);
    let mut found = Vec::new();
    // Where the tables lack what a launch reads, nothing is known of it.
    for student in rows.students.iter().filter(|student| student.opens != Opens::NotTold) {
        let email = Email::stored(student.email.as_str());
        found.extend(judge_student(student, rows, input, has_group).into_iter().map(|hit| (email.clone(), hit)));
    }
    for creator in rows.creators.iter().filter(is_from_lms) {
        found.extend(judge_teacher(creator, rows, input).into_iter().map(|hit| (creator.email.clone(), hit)));
    }
    found
}

fn judge_student(
    student: &StudentRow,
    rows: &Rows,
    input: &AuditInput,
    has_group: &mut dyn FnMut(&str) -> bool,
) -> Vec<Hit> {
    let email = &student.email;
    let not_ready = |why: &str| Some(Hit::new(&LTI_ACTIVITY_NOT_READY, format!("the activity of {email} {why}")));
    let (failed, stopped) = match &student.opens {
        Opens::Activity(None) => (ACTIVITY_FAILED, not_ready("is gone")),
        Opens::Activity(Some(status)) if status != "active" => {
            (ACTIVITY_FAILED, not_ready(&format!("has the status {status:?}")))
        }
        Opens::Activity(_) => (ACTIVITY_FAILED, None),
        Opens::Assistant(None) => {
            let detail = format!("no published assistant has the key of {email}");
            // A native LAMB signs in a user that it knows all the same, and refuses each new one.
            let hit = Hit::new(&LTI_UNPUBLISHED, detail);
            let is_native = input.edition == Some(Edition::Native);
            let hit = if is_native { hit.severity(Severity::Warning, Effect::Launch) } else { hit };
            (ASSISTANT_FAILED, Some(hit))
        }
        Opens::Assistant(Some(group)) if !group.is_empty() && !has_group(group) => {
            let detail = format!("webui.db has no group {group}, into which LAMB puts {email}");
            (ASSISTANT_FAILED, Some(Hit::new(&LTI_GROUP, detail)))
        }
        Opens::Assistant(_) | Opens::NotTold => (ASSISTANT_FAILED, None),
    };
    stopped.into_iter().chain(judge_account(email, &student.name, rows, input, failed)).collect()
}

/// What LAMB refuses a teacher is as bad as it is; in Open WebUI, a teacher only lacks the chat.
fn judge_teacher(creator: &Creator, rows: &Rows, input: &AuditInput) -> Vec<Hit> {
    let mut hits: Vec<Hit> = lti::judge_teacher(creator).into_iter().map(|blocked| blocked.hit).collect();
    let mut chat = judge_account(creator.email.as_str(), &creator.name, rows, input, "");
    // LAMB's own judge has words for the name.
    chat.retain(|hit| hit.finding != &HEADER_UNSENDABLE);
    let at_most_warning = |hit: Hit| {
        let severity = hit.severity.min(Severity::Warning);
        hit.severity(severity, Effect::Launch)
    };
    hits.extend(chat.into_iter().map(at_most_warning));
    hits
}

fn judge_account(email: &str, name: &str, rows: &Rows, input: &AuditInput, failed: &'static str) -> Vec<Hit> {
    let matches = || {
        let (exact, other_spellings) = rows.users.iter().cloned().partition(|user| user.email.as_str() == email);
        OwiMatches { exact, other_spellings, auth_without_user: rows.auths.clone() }
    };
    let matches = input.owi.as_ref().map(|_| matches());
    let file = input.owi.as_deref().unwrap_or_default();
    let account = Account { email, name, matches: matches.as_ref(), file, release: input.release, failed };
    // LAMB lets the user in, and Open WebUI waits for an admin: as for each other account.
    let weigh =
        |hit: Hit| if hit.finding == &OWI_PENDING { hit.severity(Severity::Warning, Effect::Nothing) } else { hit };
    lti::judge_account(&account).into_iter().map(|blocked| weigh(blocked.hit)).collect()
}
