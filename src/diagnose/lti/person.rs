//! The evidence of the flow `lti` about one user of an LMS: the rows by which each launch finds the user.

use crate::checks::account::NoFile;
use crate::checks::lti;
use crate::checks::public_url::{self, BadLink};
use crate::email::Email;
use crate::evidence::Run;
use crate::evidence::open_files::{OwiFile, open_both};
use crate::lamb::Edition;
use crate::lamb::file::LambFile;
use crate::lamb::lti_people::{ActivityUser, AskedFor, AssistantUser, LmsPerson};
use crate::owi::api::answers::ServerAnswer;
use crate::owi::file::db::{OwiDb, OwiMatches};
use crate::owi::file::groups::{GroupKey, Membership};
use crate::setup::SetupError;
use crate::sqlite::DbError;

/// An account that LAMB made for a launch, and its group.
#[derive(Debug)]
pub(super) struct Account {
    /// What `webui.db` has of the e-mail.
    pub(super) matches: Option<OwiMatches>,
    /// Whether the account that Open WebUI signs in is in the group of the assistant.
    pub(super) membership: Option<Membership>,
}

/// All that is known when the flow is judged.
#[derive(Debug)]
pub(in crate::diagnose) struct PersonEvidence {
    pub(super) asked: AskedFor,
    pub(super) edition: Option<Edition>,
    pub(super) lamb: LambFile,
    /// LAMB's rows, or why they were not read.
    pub(super) person: Result<LmsPerson, String>,
    pub(super) server: ServerAnswer,
    /// What is wrong with the address to which LAMB sends each student.
    pub(super) link: Option<BadLink>,
    /// Open WebUI's base URL, without a password.
    pub(super) owi_base: String,
    pub(super) owi: Result<OwiDb, NoFile>,
    /// The accounts of the activities, in the order of their rows.
    pub(super) activities: Vec<Account>,
    /// The accounts of the old launch, in the order of their rows.
    pub(super) assistants: Vec<Account>,
    /// The accounts of the teachers, in the order of their rows.
    pub(super) teachers: Vec<Account>,
    /// What `webui.db` has of an address that was asked about and is a teacher's.
    pub(super) own: Option<OwiMatches>,
}

/// Reads both files and asks Open WebUI for its version. Nothing is sent for the user.
pub(super) async fn gather(run: Run<'_>, asked: AskedFor) -> Result<PersonEvidence, SetupError> {
    let files = open_both(run.settings, run.limits, None)?;
    let (server, (lamb, OwiFile { db: owi, .. })) = tokio::join!(run.clients.owi.server(), files);
    let person = match &lamb.db {
        Ok(db) => db.lms_person(&asked).map_err(|error: DbError| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let account = |email: &str, group: Option<GroupKey<'_>>| {
        let matches = owi.as_ref().ok().and_then(|db| db.find(&Email::stored(email)).ok());
        let id = matches.as_ref().and_then(|found| lti::signed_in(found, email)).map(|user| user.id.as_str());
        let membership = group.zip(owi.as_ref().ok()).and_then(|(group, db)| db.membership(group, id).ok());
        Account { matches, membership }
    };
    let (mut activities, mut assistants, mut teachers) = (Vec::new(), Vec::new(), Vec::new());
    if let Ok(person) = &person {
        let of_activity = |user: &ActivityUser| {
            account(&user.email, user.activity.as_ref().map(|activity| GroupKey::Id(&activity.group)))
        };
        let of_assistant = |user: &AssistantUser| account(&user.email, user.group.as_deref().map(GroupKey::Name));
        activities = person.activities.iter().map(of_activity).collect();
        assistants = person.assistants.iter().map(of_assistant).collect();
        teachers = person.teachers.iter().map(|teacher| account(teacher.email.as_str(), None)).collect();
    }
    let own = asked.teachers_address().and_then(|address| account(&address, None).matches);
    let owi_base = run.clients.owi.base_shown().to_owned();
    let edition = run.edition.or(lamb.edition());
    let lamb_public = run.settings.lamb_public_url();
    let link = run.settings.owi_public_url().and_then(|link| public_url::judge(&link, lamb_public.as_ref()));
    Ok(PersonEvidence {
        asked,
        edition,
        lamb,
        person,
        server,
        link,
        owi_base,
        owi,
        activities,
        assistants,
        teachers,
        own,
    })
}
