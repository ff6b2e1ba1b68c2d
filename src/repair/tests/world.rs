//! A world of one person, and what each case spoils in it.

use super::super::*;
use crate::checks::{account, creator};
use crate::lamb::model::{Creator, NativePart};
use crate::owi::file::db::AuthRow;
use crate::secret::Secret;
use crate::sqlite::python_json::JsonColumn;
use crate::sqlite::value::PasswordHash;

const ID: &str = "0c1d-1";

fn organization(id: i64, slug: &str) -> Organization {
    Organization {
        id,
        slug: slug.to_owned(),
        name: String::new(),
        status: "active".to_owned(),
        config: JsonColumn::Falsy,
    }
}

fn a_creator(email: &str, edition: Edition) -> Creator {
    Creator {
        id: 7,
        email: Email::stored(email),
        is_found_by_email: true,
        name: "Nina".to_owned(),
        user_type: "creator".to_owned(),
        enabled: true,
        organization_id: Some(2),
        organization: Some(std::sync::Arc::new(organization(2, "physics"))),
        organization_role: Some("member".to_owned()),
        roles_elsewhere: Vec::new(),
        user_config: JsonColumn::Falsy,
        unreadable: Vec::new(),
        created_at: None,
        updated_at: None,
        native: (edition == Edition::Native).then(|| NativePart {
            system_role: "user".to_owned(),
            auth_provider: "password".to_owned(),
            password_hash: PasswordHash::Sound,
            lms_id: None,
        }),
    }
}

pub(super) fn a_user(email: &str) -> OwiUser {
    let hash = bcrypt::hash("x", 4).unwrap();
    let auth = AuthRow {
        id: ID.to_owned(),
        email: email.to_owned(),
        active: true,
        password_hash: PasswordHash::of(Some(&hash)),
        hash: Secret::from(hash.as_str()),
        session_stamp: None,
        place: 1,
        unreadable: Vec::new(),
    };
    OwiUser { name: "Nina".to_owned(), auth: Some(auth), ..OwiUser::for_test(ID, email) }
}

/// A world of one user without problems; each case breaks something.
pub(super) struct World {
    pub(super) edition: Edition,
    pub(super) release: Option<(u64, u64)>,
    pub(super) asked: Email,
    pub(super) lamb: CreatorEvidence,
    pub(super) stored: RawColumns,
    pub(super) lms: Option<LmsUser>,
    pub(super) owi: Option<OwiMatches>,
    pub(super) claimed: Option<&'static str>,
    pub(super) file: Identity,
    pub(super) has_password: bool,
    pub(super) more: Vec<Hit>,
}

impl World {
    pub(super) fn new(edition: Edition) -> Self {
        let email = Email::stored("nina@x.org");
        let lamb = CreatorEvidence {
            email: email.clone(),
            creator: Some(a_creator("nina@x.org", edition)),
            other_spellings: Vec::new(),
            unfound: None,
            lms: None,
            elsewhere: None,
            unreadable_assistant: None,
        };
        let owi = OwiMatches { exact: vec![a_user("nina@x.org")], ..OwiMatches::default() };
        let stored = RawColumns {
            user_config: Some("{not json".to_owned()),
            enabled: Some(1),
            hash_is_null: true,
            can_be_put_back: true,
        };
        Self {
            edition,
            release: Some((0, 5)),
            asked: email,
            lamb,
            stored,
            lms: None,
            owi: Some(owi),
            claimed: None,
            file: Identity::Same,
            has_password: true,
            more: Vec::new(),
        }
    }

    pub(super) fn creator(&mut self) -> &mut Creator {
        self.lamb.creator.as_mut().unwrap()
    }

    pub(super) fn user(&mut self) -> &mut OwiUser {
        &mut self.owi.as_mut().unwrap().exact[0]
    }

    /// Open WebUI has the account in this spelling only.
    pub(super) fn spelled(&mut self, email: &str) {
        let other_spellings = vec![a_user(email)];
        self.owi = Some(OwiMatches { other_spellings, ..OwiMatches::default() });
    }

    /// Another user with another e-mail, on both sides.
    pub(super) fn renamed(&mut self, email: &str) {
        self.lamb.email = Email::stored(email);
        self.asked = self.lamb.email.clone();
        self.creator().email = self.lamb.email.clone();
        *self.user() = a_user(email);
    }

    /// As the walk judges it.
    pub(super) fn plan(&self) -> Repairs {
        let none = OwiMatches::default();
        let matches = self.owi.as_ref().unwrap_or(&none);
        let role = matches.exact.first().map(|user| user.role.as_str());
        let mut hits = account::judge_user(&self.lamb.email, matches, "webui.db", self.release);
        hits.extend(creator::judge_creator(&self.lamb, Some(self.edition), Some(role), None, "lamb_v4.db"));
        hits.extend(self.more.iter().cloned());
        let lamb = organization(1, "lamb");
        let platform = PlatformInput {
            edition: self.edition,
            release: self.release,
            organization: Some(&lamb),
            no_creators_yet: false,
            bootstrap_admin: None,
            has_password: self.has_password,
        };
        let person = PersonInput {
            asked: &self.asked,
            lamb: &self.lamb,
            stored: Some(&self.stored),
            lms: self.lms.as_ref(),
            owi: self.owi.as_ref(),
            claimed: self.claimed,
            file: self.file,
            hits: &hits,
        };
        plan(&person, &platform)
    }
}
