//! One address before the judges that `diagnose` uses, once in each of its spellings. Pure.

use super::record::Rows;
use crate::checks::account::{judge_user, weigh_for_native};
use crate::checks::creator::{judge_creator, judge_unknown_admin, weigh_owi_admin, weigh_password};
use crate::email::Email;
use crate::findings::{CREATOR_MISSING, Effect, Hit, LMS_STUDENT, LTI_CREATOR_MISSING, OWI_USER_MISSING, Severity};
use crate::lamb::Edition;
use crate::lamb::lms::LmsUser;
use crate::lamb::lookup::{CreatorEvidence, Unfound};
use crate::owi::file::db::OwiMatches;
use crate::repair;

/// What is the same for all users.
#[derive(Debug)]
pub(crate) struct AuditInput {
    /// Who issues tokens here.
    pub edition: Option<Edition>,
    /// Open WebUI's release, such as (0, 12), where it answers.
    pub release: Option<(u64, u64)>,
    /// `OWI_ADMIN_EMAIL`.
    pub owi_admin: Option<String>,
    /// Open WebUI's two oldest admins that can sign in.
    pub first_admins: Vec<Email>,
    /// LAMB's file.
    pub lamb: String,
    /// Open WebUI's; `None` where it cannot be read, or is not the server's: then it says nothing of anyone.
    pub owi: Option<String>,
}

/// A finding about one address.
#[derive(Debug)]
pub(crate) struct AddressHit {
    /// Their e-mail, in the spelling that was judged.
    pub email: Email,
    pub hit: Hit,
    /// True where a repair of it may be offered: nothing is done for an LMS user who has no creator.
    pub is_fixable: bool,
}

/// All that is found about an address, each finding once: where its spellings have it differently, the worst.
///
/// `lms`: what the address is to the LMS.
/// `elsewhere`: the prefix of other tables that have this creator.
pub(super) fn judge(
    rows: &mut Rows,
    lms: Option<&LmsUser>,
    input: &AuditInput,
    elsewhere: &dyn Fn(&Email) -> Option<String>,
) -> Vec<AddressHit> {
    let mut all: Vec<AddressHit> = Vec::new();
    for email in spellings(rows) {
        let hits = match rows.are_of_one(&email) {
            true => judge_one(&email, rows, lms, input, elsewhere),
            false => judge_spelling(&email, rows, lms, input, elsewhere),
        };
        for hit in hits {
            add(&mut all, email.clone(), hit, rows, lms);
        }
    }
    all
}

/// Adds a finding about a spelling. Each finding stays once: the worst.
pub(super) fn add(all: &mut Vec<AddressHit>, email: Email, hit: Hit, rows: &Rows, lms: Option<&LmsUser>) {
    match all.iter_mut().find(|found| found.hit.finding == hit.finding) {
        Some(known) if known.hit.severity >= hit.severity => {}
        known => {
            let is_fixable = repair::can_fix(&hit) && !repair::is_of_the_lms(lms, &rows.creators);
            let found = AddressHit { email, hit, is_fixable };
            match known {
                Some(known) => *known = found,
                None => all.push(found),
            }
        }
    }
}

/// Open WebUI's first: its spelling is the one in the tokens of a delegated LAMB.
fn spellings(rows: &Rows) -> Vec<Email> {
    let mut all: Vec<Email> = Vec::new();
    let mut add = |email: &Email| {
        if !all.contains(email) {
            all.push(email.clone());
        }
    };
    rows.users.iter().for_each(|user| add(&user.email));
    rows.creators.iter().for_each(|creator| add(&creator.email));
    if rows.users.is_empty() && rows.creators.is_empty() {
        rows.auths.iter().for_each(|auth| add(&Email::stored(auth.email.clone())));
    }
    all
}

/// As [`judge_spelling`], for rows of one user: nearly always. They are lent to the judges and not copied, because the
/// copies took a tenth of an audit.
fn judge_one(
    email: &Email,
    rows: &mut Rows,
    lms: Option<&LmsUser>,
    input: &AuditInput,
    elsewhere: &dyn Fn(&Email) -> Option<String>,
) -> Vec<Hit> {
    let creator = rows.creators.pop();
    let evidence = CreatorEvidence {
        email: email.clone(),
        other_spellings: Vec::new(),
        unfound: None,
        lms: lms.filter(|_| creator.is_none()).cloned(),
        elsewhere: if creator.is_none() { elsewhere(email) } else { None },
        creator,
        unreadable_assistant: None,
    };
    let (exact, auth_without_user) = (std::mem::take(&mut rows.users), std::mem::take(&mut rows.auths));
    let matches = OwiMatches { exact, other_spellings: Vec::new(), auth_without_user };
    let hits = judge_evidence(&evidence, &matches, input);
    rows.creators.extend(evidence.creator);
    (rows.users, rows.auths) = (matches.exact, matches.auth_without_user);
    hits
}

fn judge_spelling(
    email: &Email,
    rows: &Rows,
    lms: Option<&LmsUser>,
    input: &AuditInput,
    elsewhere: &dyn Fn(&Email) -> Option<String>,
) -> Vec<Hit> {
    let (evidence, matches) = both_sides(email, rows, lms, elsewhere);
    judge_evidence(&evidence, &matches, input)
}

/// What the rows of an address are to one spelling of it.
pub(super) fn both_sides(
    email: &Email,
    rows: &Rows,
    lms: Option<&LmsUser>,
    elsewhere: &dyn Fn(&Email) -> Option<String>,
) -> (CreatorEvidence, OwiMatches) {
    let (same, others): (Vec<_>, Vec<_>) = rows.creators.iter().partition(|creator| creator.email == *email);
    let creator = same.iter().find(|creator| creator.is_found_by_email).copied();
    let evidence = CreatorEvidence {
        email: email.clone(),
        other_spellings: others.iter().map(|creator| creator.email.as_str().to_owned()).collect(),
        unfound: (creator.is_none() && !same.is_empty()).then_some(Unfound::Bytes),
        lms: lms.filter(|_| creator.is_none()).cloned(),
        elsewhere: if creator.is_none() { elsewhere(email) } else { None },
        creator: creator.cloned(),
        unreadable_assistant: None,
    };
    (evidence, OwiMatches::of(email.as_str(), rows.users.iter().cloned(), rows.auths.clone()))
}

/// What both sides have of one spelling, as a look-up finds it.
pub(super) fn judge_evidence(evidence: &CreatorEvidence, matches: &OwiMatches, input: &AuditInput) -> Vec<Hit> {
    let owi_role = match (&input.owi, matches.exact.first()) {
        (None, _) => None,
        (Some(_), Some(user)) => Some(Some(user.role.as_str())),
        (Some(_), None) if matches.is_empty() => Some(None),
        (Some(_), None) => None,
    };
    let mut hits = judge_creator(evidence, input.edition, owi_role, None, &input.lamb);
    weigh_owi_admin(&mut hits, &evidence.email, input.owi_admin.as_deref(), owi_role, input.edition);
    if let (Some(creator), true) = (&evidence.creator, input.owi.is_some()) {
        weigh_password(&mut hits, creator, matches);
    }
    if let Some(file) = &input.owi {
        let mut owi = judge_user(&evidence.email, matches, file, input.release);
        owi.retain(|hit| hit.finding != &OWI_USER_MISSING || evidence.creator.is_some());
        if input.edition == Some(Edition::Native) {
            owi.iter_mut().for_each(weigh_for_native);
        }
        // What is said already, is said with LAMB's word for it.
        owi.retain(|hit| hits.iter().all(|said| said.finding != hit.finding));
        hits.append(&mut owi);
    }
    // Half an account, of which there is no user, lacks more than a creator.
    let has_user = !matches.exact.is_empty() || !matches.other_spellings.is_empty();
    hits.retain(|hit| has_user || ![&CREATOR_MISSING, &LTI_CREATOR_MISSING].contains(&hit.finding));
    let file = input.owi.as_deref().unwrap_or_default();
    let first_admins = || input.first_admins.clone();
    let admin = judge_unknown_admin(evidence, input.owi_admin.as_deref(), owi_role, file, &first_admins);
    // Says more than that it is a student.
    hits.retain(|hit| hit.finding != &LMS_STUDENT || admin.is_none());
    hits.extend(admin);
    for hit in &mut hits {
        // The audit did not ask about this user. For a student it is by design, and the teacher's next launch fixes it.
        match hit.finding {
            finding if finding == &LMS_STUDENT => (hit.severity, hit.effect) = (Severity::Info, Effect::Nothing),
            finding if finding == &LTI_CREATOR_MISSING => hit.severity = Severity::Warning,
            _ => {}
        }
    }
    hits
}
