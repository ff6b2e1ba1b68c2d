//! The table of repairs: who gets which, and who gets none.

use super::*;
use crate::diagnose::steps::{backend_answer, owi_verdict};
use crate::lamb::model::{Creator, NativePart, RoleElsewhere};
use crate::owi::db::AuthRow;
use crate::secret::Secret;
use crate::stored::PasswordHash;

const ID: &str = "0c1d-1";

fn organization(id: i64, slug: &str) -> Organization {
    Organization { id, slug: slug.to_owned(), name: String::new(), status: "active".to_owned(), config_is_json: true }
}

fn a_creator(email: &str, edition: Edition) -> Creator {
    Creator {
        id: 7,
        email: Email::stored(email),
        name: "Nina".to_owned(),
        user_type: "creator".to_owned(),
        enabled: true,
        organization_id: Some(2),
        organization: Some(std::sync::Arc::new(organization(2, "physics"))),
        organization_role: Some("member".to_owned()),
        roles_elsewhere: Vec::new(),
        user_config_is_json: true,
        created_at: None,
        updated_at: None,
        native: (edition == Edition::Native).then(|| NativePart {
            system_role: "user".to_owned(),
            auth_provider: "password".to_owned(),
            password_hash: PasswordHash::Sound,
        }),
    }
}

fn a_user(email: &str) -> OwiUser {
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
    OwiUser {
        id: ID.to_owned(),
        email: Email::stored(email),
        name: "Nina".to_owned(),
        role: "user".to_owned(),
        last_active_at: None,
        created_at: None,
        unreadable: Vec::new(),
        auth: Some(auth),
    }
}

/// A world of one person for whom all is well; each case spoils something.
struct World {
    edition: Edition,
    release: Option<(u64, u64)>,
    asked: Email,
    lamb: CreatorEvidence,
    stored: AsStored,
    student: Option<&'static str>,
    owi: Option<OwiMatches>,
    file: Identity,
    has_password: bool,
    more: Vec<Hit>,
}

impl World {
    fn new(edition: Edition) -> Self {
        let email = Email::stored("nina@x");
        let lamb = CreatorEvidence {
            email: email.clone(),
            creator: Some(a_creator("nina@x", edition)),
            other_spellings: Vec::new(),
            student: None,
            elsewhere: None,
        };
        let owi = OwiMatches { exact: vec![a_user("nina@x")], ..OwiMatches::default() };
        let stored = AsStored { user_config: Some("{not json".to_owned()), hash_is_null: true, can_be_put_back: true };
        Self {
            edition,
            release: Some((0, 5)),
            asked: email,
            lamb,
            stored,
            student: None,
            owi: Some(owi),
            file: Identity::Same,
            has_password: true,
            more: Vec::new(),
        }
    }

    fn creator(&mut self) -> &mut Creator {
        self.lamb.creator.as_mut().unwrap()
    }

    fn user(&mut self) -> &mut OwiUser {
        &mut self.owi.as_mut().unwrap().exact[0]
    }

    /// As the walk judges it.
    fn plan(&self) -> Repairs {
        let nobody = OwiMatches::default();
        let matches = self.owi.as_ref().unwrap_or(&nobody);
        let role = matches.exact.first().map(|user| user.role.as_str());
        let mut hits = owi_verdict::judge_user(&self.lamb.email, matches, "webui.db", self.release);
        hits.extend(backend_answer::judge_creator(&self.lamb, Some(self.edition), Some(role), None, "lamb_v4.db"));
        hits.extend(self.more.iter().cloned());
        let lamb = organization(1, "lamb");
        let platform = Platform {
            edition: self.edition,
            release: self.release,
            organization: Some(&lamb),
            no_creators_yet: false,
            bootstrap_admin: None,
            has_password: self.has_password,
        };
        let person = Person {
            asked: &self.asked,
            lamb: &self.lamb,
            stored: Some(&self.stored),
            student: self.student,
            owi: self.owi.as_ref(),
            file: self.file,
            hits: &hits,
        };
        plan(&person, &platform)
    }
}

type Spoil = fn(&mut World);

/// What is spoilt, what is done for it (a kind with ! where a hard guard stands against it), and the steps.
const CASES: &[(&str, Spoil, &[&str], &[&str])] = &[
    ("well", |_| {}, &[], &[]),
    ("pending", |w| w.user().role = "pending".into(), &["approve-owi-user"], &[]),
    (
        "pending, and no creator: one builds on the other",
        |w| {
            w.user().role = "pending".into();
            w.lamb.creator = None;
        },
        &["approve-owi-user", "create-creator"],
        &[],
    ),
    (
        "pending twice",
        |w| {
            w.user().role = "pending".into();
            let twin = w.user().clone();
            w.owi.as_mut().unwrap().exact.push(twin);
        },
        &[],
        &["owi-duplicate", "owi-pending"],
    ),
    (
        "pending, in another spelling than the server stores",
        |w| {
            w.lamb.email = Email::stored("Nina@x");
            w.asked = Email::stored("Nina@x");
            w.creator().email = Email::stored("Nina@x");
            *w.user() = OwiUser { role: "pending".into(), ..a_user("Nina@x") };
        },
        &[],
        &["owi-pending", "email-spelling"],
    ),
    ("a role of no meaning, which somebody gave", |w| w.user().role = "teacher".into(), &[], &["owi-pending"]),
    (
        "pending, with an id that is none",
        |w| {
            w.user().role = "pending".into();
            w.user().id = "../auths/add?".into();
        },
        &[],
        &["owi-pending"],
    ),
    (
        "pending, and unreadable",
        |w| {
            w.user().role = "pending".into();
            w.user().unreadable.push("settings is not JSON".into());
        },
        &[],
        &["owi-row-unreadable", "owi-pending"],
    ),
    ("switched off in Open WebUI", |w| w.user().auth.as_mut().unwrap().active = false, &[], &["owi-inactive"]),
    ("no auth row", |w| w.user().auth = None, &[], &["owi-user-half"]),
    ("another e-mail in auth", |w| w.user().auth.as_mut().unwrap().email = "old@x".into(), &["set-owi-email"], &[]),
    (
        "another e-mail in auth, and no creator to say which is right",
        |w| {
            w.user().auth.as_mut().unwrap().email = "old@x".into();
            w.lamb.creator = None;
        },
        &["create-creator"],
        &["owi-user-half"],
    ),
    (
        "Open WebUI in upper case",
        |w| *w.owi.as_mut().unwrap() = OwiMatches { other_spellings: vec![a_user("Nina@X")], ..OwiMatches::default() },
        &["set-owi-email"],
        &[],
    ),
    (
        "Open WebUI in upper case, 0.12 finds the account itself",
        |w| {
            w.release = Some((0, 12));
            *w.owi.as_mut().unwrap() = OwiMatches { other_spellings: vec![a_user("Nina@X")], ..OwiMatches::default() };
        },
        &[],
        &["email-spelling"],
    ),
    (
        "Open WebUI with a blank, 0.12 does not",
        |w| {
            w.release = Some((0, 12));
            *w.owi.as_mut().unwrap() = OwiMatches { other_spellings: vec![a_user(" nina@x")], ..OwiMatches::default() };
        },
        &["set-owi-email"],
        &[],
    ),
    (
        "LAMB in upper case",
        |w| {
            w.lamb.creator = None;
            w.lamb.other_spellings = vec!["NINA@x".into()];
        },
        &[],
        &["email-spelling"],
    ),
    ("no creator", |w| w.lamb.creator = None, &["create-creator"], &[]),
    (
        "no creator, and webui.db is not at hand",
        |w| {
            w.lamb.creator = None;
            w.owi = None;
        },
        &[],
        // What the walk would say of the file is left out here.
        &["owi-user-missing", "user-unknown"],
    ),
    ("no role", |w| w.creator().organization_role = None, &["set-organization-role"], &[]),
    (
        "a role elsewhere",
        |w| {
            w.creator().organization_role = None;
            w.creator().roles_elsewhere = vec![RoleElsewhere { organization: "lamb".into(), role: "admin".into() }];
        },
        &["set-organization-role"],
        &[],
    ),
    ("user_config", |w| w.creator().user_config_is_json = false, &["mend-user-config"], &[]),
    (
        "user_config that is no text",
        |w| {
            w.creator().user_config_is_json = false;
            w.stored.user_config = None;
        },
        &[],
        &["user-config-broken"],
    ),
    (
        "user_config in a row that could not be put back",
        |w| {
            w.creator().user_config_is_json = false;
            w.stored.can_be_put_back = false;
        },
        &[],
        &["user-config-broken"],
    ),
    ("disabled", |w| w.creator().enabled = false, &[], &["creator-disabled"]),
    ("an end user", |w| w.creator().user_type = "end_user".into(), &[], &[]),
    ("no organisation", |w| w.creator().organization = None, &[], &["organization-missing"]),
    (
        "a student, who gets nothing",
        |w| {
            w.lamb.creator = None;
            w.lamb.student = Some("the table lti_users".into());
            w.student = Some("the table lti_users");
            w.user().role = "pending".into();
        },
        &["approve-owi-user!"],
        &["lms-student"],
    ),
    (
        "asked about in another spelling",
        |w| {
            w.asked = Email::stored("NINA@x");
            w.creator().organization_role = None;
        },
        &["set-organization-role!"],
        &[],
    ),
    (
        "an old copy of webui.db, says the server",
        |w| {
            w.file = Identity::Other;
            w.creator().organization_role = None;
        },
        &["set-organization-role!"],
        &[],
    ),
    (
        "an old copy of webui.db, says the walk",
        |w| {
            w.more.push(Hit::new(&OWI_DB_STALE, "it is old"));
            w.lamb.creator = None;
        },
        &["create-creator!"],
        &["owi-db-stale"],
    ),
    (
        "columns missing",
        |w| {
            w.more.push(Hit::new(&COLUMNS_MISSING, "enabled is missing"));
            w.creator().organization_role = None;
        },
        &["set-organization-role!"],
        &["columns-missing"],
    ),
    (
        "all at once, in the order in which it is done",
        |w| {
            w.creator().user_config_is_json = false;
            w.creator().organization_role = None;
            w.user().role = "pending".into();
            w.user().auth.as_mut().unwrap().email = "old@x".into();
        },
        &["approve-owi-user", "set-owi-email", "set-organization-role", "mend-user-config"],
        &[],
    ),
];

fn kinds(repairs: &Repairs) -> Vec<String> {
    let word = |repair: &Repair| {
        let hard = if repair.standing(true).is_some() { "!" } else { "" };
        format!("{}{hard}", repair.doing.kind())
    };
    repairs.repairs.iter().map(word).collect()
}

fn steps(repairs: &Repairs) -> Vec<&'static str> {
    repairs.steps.iter().map(|step| step.finding).collect()
}

#[test]
fn who_gets_what() {
    for edition in [Edition::Delegated, Edition::Native] {
        for (name, spoil, does, left) in CASES {
            let mut world = World::new(edition);
            spoil(&mut world);
            let found = world.plan();
            assert_eq!(
                (kinds(&found), steps(&found)),
                (does.iter().map(ToString::to_string).collect(), left.to_vec()),
                "{edition}: {name}"
            );
        }
    }
}

#[test]
fn what_differs_by_edition() {
    use Edition::{Delegated, Native};
    let gone: Spoil = |w| w.owi = Some(OwiMatches::default());
    let silent: Spoil = |w| {
        w.owi = Some(OwiMatches::default());
        w.has_password = false;
    };
    let none = |w: &mut World| {
        if let Some(native) = &mut w.creator().native {
            native.password_hash = PasswordHash::Missing;
        }
    };
    let empty = |w: &mut World| {
        if let Some(native) = &mut w.creator().native {
            native.password_hash = PasswordHash::Missing;
        }
        w.stored.hash_is_null = false;
    };
    let by_lms = |w: &mut World| {
        if let Some(native) = &mut w.creator().native {
            (native.password_hash, native.auth_provider) = (PasswordHash::Missing, "lti_creator".to_owned());
        }
    };
    type Case<'a> = (&'a str, Edition, Spoil, &'a [&'a str], &'a [&'a str]);
    let cases: &[Case<'_>] = &[
        ("no account", Delegated, gone, &["create-owi-user"], &[]),
        ("no account, and nobody to ask for a password", Delegated, silent, &[], &["owi-user-missing"]),
        // By design: the judge of the walk weighs it less, here it is as the file's judge says.
        ("no account", Native, gone, &[], &["owi-user-missing"]),
        ("no password", Native, none, &["copy-password-hash"], &[]),
        ("no password", Delegated, none, &[], &[]),
        ("an empty password, which LAMB does not fall back from", Native, empty, &[], &["password-missing"]),
        ("from the LMS", Native, by_lms, &[], &[]),
    ];
    for (name, edition, spoil, does, left) in cases {
        let mut world = World::new(*edition);
        spoil(&mut world);
        let found = world.plan();
        assert_eq!(
            (kinds(&found), steps(&found)),
            (does.iter().map(ToString::to_string).collect(), left.to_vec()),
            "{edition}: {name}"
        );
    }
}

/// Approved first, the creator that is made is the same as of somebody who was approved long ago.
#[test]
fn a_creator_waits_for_the_approval() {
    let mut world = World::new(Edition::Native);
    world.lamb.creator = None;
    let of_user = world.plan().repairs.remove(0);
    world.user().role = "pending".into();
    let found = world.plan();
    let [_, waits] = found.repairs.as_slice() else { panic!("{found:?}") };
    assert_eq!((waits.after, &waits.doing, waits.guards.len()), (Some("approve-owi-user"), &of_user.doing, 0));
    assert_eq!(of_user.after, None);
}

#[test]
fn every_kind_has_a_place_and_every_mendable_finding_is_in_the_catalogue() {
    for (finding, _) in REPAIRS {
        assert_eq!(findings::find(finding.id), Some(*finding));
    }
    let mut names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), KINDS.len());
}
