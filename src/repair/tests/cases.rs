//! Who gets which repair.

use super::super::*;
use super::world::{World, a_user};
use crate::lamb::model::RoleElsewhere;
use crate::sqlite::python_json::{JsonColumn, Unread};

const BROKEN: JsonColumn = JsonColumn::Broken(Unread::Syntax);

pub(super) type Spoil = fn(&mut World);

/// What is spoilt, what is done for it (a kind with ! where a hard guard stands against it), and the steps.
pub(super) const CASES: &[(&str, Spoil, &[&str], &[&str])] = &[
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
            w.lamb.email = Email::stored("Nina@x.org");
            w.asked = Email::stored("Nina@x.org");
            w.creator().email = Email::stored("Nina@x.org");
            *w.user() = OwiUser { role: "pending".into(), ..a_user("Nina@x.org") };
        },
        &[],
        &["owi-pending", "email-spelling"],
    ),
    ("an unknown role, set by hand", |w| w.user().role = "teacher".into(), &[], &["owi-pending"]),
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
    ("another e-mail in auth", |w| w.user().auth.as_mut().unwrap().email = "old@x.org".into(), &["set-owi-email"], &[]),
    (
        "another e-mail in auth, and no creator to say which is right",
        |w| {
            w.user().auth.as_mut().unwrap().email = "old@x.org".into();
            w.lamb.creator = None;
        },
        &["create-creator"],
        &["owi-user-half"],
    ),
    ("Open WebUI in upper case", |w| w.spelled("Nina@X.ORG"), &["set-owi-email"], &[]),
    (
        "Open WebUI in upper case, 0.12 finds the account itself",
        |w| {
            w.release = Some((0, 12));
            w.spelled("Nina@X.ORG");
        },
        &[],
        &["email-spelling"],
    ),
    ("a blank before it: anyone can register that", |w| w.spelled(" nina@x.org"), &[], &["email-spelling"]),
    ("a blank of another kind", |w| w.spelled("nina@x.org\u{a0}"), &[], &["email-spelling"]),
    (
        "the sign of kelvin for a k",
        |w| {
            w.renamed("kim@x.org");
            w.spelled("\u{212a}im@x.org");
        },
        &[],
        &["email-spelling"],
    ),
    (
        "in upper case, and pending",
        |w| {
            w.spelled("Nina@X.ORG");
            w.owi.as_mut().unwrap().other_spellings[0].role = "pending".into();
        },
        &[],
        &["email-spelling"],
    ),
    (
        "in upper case, and switched off",
        |w| {
            w.spelled("Nina@X.ORG");
            w.owi.as_mut().unwrap().other_spellings[0].auth.as_mut().unwrap().active = false;
        },
        &[],
        &["email-spelling"],
    ),
    (
        "in upper case, and another e-mail in auth",
        |w| {
            w.spelled("Nina@X.ORG");
            w.owi.as_mut().unwrap().other_spellings[0].auth.as_mut().unwrap().email = "old@x.org".into();
        },
        &[],
        &["email-spelling"],
    ),
    (
        "another e-mail in auth, which another user has",
        |w| {
            w.user().auth.as_mut().unwrap().email = "old@x.org".into();
            w.claimed = Some("LAMB has a creator old@x.org");
        },
        &[],
        &["owi-user-half"],
    ),
    (
        "another e-mail in auth, and switched off",
        |w| {
            w.user().auth.as_mut().unwrap().email = "old@x.org".into();
            w.user().auth.as_mut().unwrap().active = false;
        },
        &[],
        &["owi-user-half", "owi-inactive"],
    ),
    (
        "pending, and another e-mail in auth",
        |w| {
            w.user().role = "pending".into();
            w.user().auth.as_mut().unwrap().email = "old@x.org".into();
        },
        &[],
        &["owi-user-half", "owi-pending"],
    ),
    (
        "pending, and switched off as well",
        |w| {
            w.user().role = "pending".into();
            w.user().auth.as_mut().unwrap().active = false;
        },
        &[],
        &["owi-pending", "owi-inactive"],
    ),
    (
        "disabled: only user_config is fixed",
        |w| {
            w.creator().enabled = false;
            w.creator().organization_role = None;
            w.creator().user_config = BROKEN;
            w.user().role = "pending".into();
        },
        &["fix-user-config"],
        &["owi-pending", "creator-disabled", "role-missing"],
    ),
    (
        "LAMB in upper case",
        |w| {
            w.lamb.creator = None;
            w.lamb.other_spellings = vec!["NINA@x.org".into()];
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
    ("user_config", |w| w.creator().user_config = BROKEN, &["fix-user-config"], &[]),
    (
        "user_config that is no text",
        |w| {
            w.creator().user_config = BROKEN;
            w.stored.user_config = None;
        },
        &[],
        &["user-config-broken"],
    ),
    (
        "user_config in a row that could not be put back",
        |w| {
            w.creator().user_config = BROKEN;
            w.stored.can_be_put_back = false;
        },
        &[],
        &["user-config-broken"],
    ),
    ("disabled", |w| w.creator().enabled = false, &[], &["creator-disabled"]),
    ("an end user", |w| w.creator().user_type = "end_user".into(), &[], &[]),
    ("no organization", |w| w.creator().organization = None, &[], &["organization-missing"]),
    (
        "a student, who gets nothing",
        |w| {
            w.lamb.creator = None;
            w.lms = Some(LmsUser::Student("the table lti_users".into()));
            w.lamb.lms.clone_from(&w.lms);
            w.user().role = "pending".into();
        },
        &["approve-owi-user!"],
        &["lms-student"],
    ),
    (
        "a teacher from the LMS, whose creator LAMB makes",
        |w| {
            w.lamb.creator = None;
            w.lms = Some(LmsUser::Teacher);
            w.lamb.lms.clone_from(&w.lms);
            w.user().role = "pending".into();
        },
        &["approve-owi-user!"],
        &["lti-creator-missing"],
    ),
    (
        "a teacher from the LMS with a creator",
        |w| {
            w.lms = Some(LmsUser::Teacher);
            w.creator().organization_role = None;
        },
        &["set-organization-role"],
        &[],
    ),
    (
        "asked about in another spelling",
        |w| {
            w.asked = Email::stored("NINA@x.org");
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
            w.creator().user_config = BROKEN;
            w.creator().organization_role = None;
            w.user().role = "pending".into();
        },
        &["approve-owi-user", "set-organization-role", "fix-user-config"],
        &[],
    ),
];
