//! What is found about people: each is sound on both sides but for a few rows, and `audit` finds exactly what is said.

use std::collections::{BTreeMap, BTreeSet};

use lamb_auth::lamb::Edition;
use serde_json::Value;

use crate::cli::people::word;
use crate::cli::run::{World, rows};

/// A user with only this problem.
struct Fixture {
    /// The finding that they have, or nearly have.
    id: &'static str,
    /// Their e-mail, where it matters.
    email: Option<&'static str>,
    /// What is done to `webui.db`. `{email}`, `{id}` of Open WebUI's user and `{creator}`, LAMB's id, are theirs.
    owi: &'static str,
    /// What is done to `lamb_v4.db`; `{p}` is the prefix.
    lamb: &'static str,
    /// The same in the native edition only.
    native: &'static str,
    /// All that is found, in the delegated and in the native edition, with `; ` in between.
    found: [&'static str; 2],
}

const SOUND: Fixture = Fixture { id: "", email: None, owi: "", lamb: "", native: "", found: [""; 2] };

/// By what Open WebUI stores. A native LAMB needs that only for what it hands on.
const fn owi(id: &'static str, owi: &'static str, found: [&'static str; 2]) -> Fixture {
    Fixture { id, owi, found, ..SOUND }
}

/// By what LAMB stores, which is the same in both editions.
const fn lamb(id: &'static str, lamb: &'static str, found: &'static str) -> Fixture {
    Fixture { id, lamb, found: [found; 2], ..SOUND }
}

/// By what only a native LAMB stores.
const fn native(id: &'static str, native: &'static str, found: &'static str) -> Fixture {
    Fixture { id, native, found: ["", found], ..SOUND }
}

const fn called(email: &'static str, fixture: Fixture) -> Fixture {
    Fixture { email: Some(email), ..fixture }
}

const NO_CREATOR: &str =
    "DELETE FROM {p}organization_roles WHERE user_id = {creator}; DELETE FROM {p}Creator_users WHERE id = {creator}";
const STUDENT: &str =
    "DELETE FROM {p}organization_roles WHERE user_id = {creator}; DELETE FROM {p}Creator_users WHERE id = {creator};
    INSERT INTO {p}lti_users (user_email, user_name, assistant_id) VALUES ('{email}', 'S', '12')";
/// A second row of the e-mail in `auth`, of nobody, and younger than the first.
const STRAY: &str = "INSERT INTO auth (id, email, password, active) SELECT 'stray of ' || id, email, password, active FROM auth WHERE id = '{id}'";

#[rustfmt::skip]
static PEOPLE: &[Fixture] = &[
    lamb("creator-missing", NO_CREATOR, "error creator-missing"),
    lamb("creator-missing", "UPDATE {p}Creator_users SET user_name = '' WHERE id = {creator}", ""),
    Fixture {
        lamb: "UPDATE {p}Creator_users SET user_name = 'Anna Rossi' WHERE id = {creator}",
        ..owi("probably-renamed", "UPDATE user SET email = 'anna@uni.test', name = 'ANNA RÒSSI' WHERE id = '{id}';
            UPDATE auth SET email = 'anna@uni.test' WHERE id = '{id}'", ["error probably-renamed", "info probably-renamed"])
    },
    // Of a name that many have, and made at the same time.
    owi("probably-renamed", "UPDATE user SET email = 'other@uni.test' WHERE id = '{id}';
        UPDATE auth SET email = 'other@uni.test' WHERE id = '{id}'", ["error owi-user-missing", "info owi-user-missing"]),
    // Half an account lacks more than a creator.
    Fixture {
        owi: "DELETE FROM user WHERE id = '{id}'", found: ["error owi-user-half", "warning owi-user-half"],
        ..lamb("creator-missing", NO_CREATOR, "")
    },

    lamb("lms-student", STUDENT, "info lms-student"),
    called("UPPER.LMS-STUDENT@fixture.example", Fixture {
        owi: "UPDATE user SET email = lower(email) WHERE id = '{id}'; UPDATE auth SET email = lower(email) WHERE id = '{id}'",
        ..lamb("lms-student", STUDENT, "error lti-capitals; info lms-student")
    }),
    called("fixture.lms-student@lamb-project.org", lamb("lms-student", NO_CREATOR, "info lms-student")),
    called("fixture.lms-student@notlamb-lti.local", lamb("lms-student", NO_CREATOR, "error creator-missing")),
    called("fixture.lms-student@lamb-lti.local.test", lamb("lms-student", NO_CREATOR, "error creator-missing")),
    lamb("lms-student", "INSERT INTO {p}lti_users (user_email, user_name, assistant_id) VALUES ('{email}', 'S', '12')", ""),

    Fixture { owi: "UPDATE user SET role = 'admin' WHERE id = '{id}'", ..lamb("lms-admin", STUDENT, "warning lms-admin") },
    lamb("lms-admin", STUDENT, "info lms-student"),

    Fixture { owi: "UPDATE user SET role = 'admin' WHERE id = '{id}'", ..lamb("owi-admin-unknown", NO_CREATOR, "error creator-missing; warning owi-admin-unknown") },
    lamb("owi-admin-unknown", NO_CREATOR, "error creator-missing"),

    called("lti_creator_fixture.lti-creator-missing@lamb-lti.local",
        lamb("lti-creator-missing", NO_CREATOR, "warning lti-creator-missing")),
    called("lti_creator_fixture.lti-creator-missing_2@lamb-lti.local", lamb("lti-creator-missing", STUDENT, "info lms-student")),
    called("lti_creator_fixture.lti-creator-missing_3@lamb-lti.local", Fixture { found: ["error email-invalid", ""], ..lamb("lti-creator-missing", "", "") }),

    owi("owi-user-missing", "DELETE FROM user WHERE id = '{id}'; DELETE FROM auth WHERE id = '{id}'",
        ["error owi-user-missing", "info owi-user-missing"]),
    owi("owi-user-missing", "DELETE FROM user WHERE id = '{id}'", ["error owi-user-half", "warning owi-user-half"]),

    owi("owi-user-half", "DELETE FROM auth WHERE id = '{id}'", ["error owi-user-half", "warning owi-user-half"]),
    owi("owi-user-half", "UPDATE auth SET email = upper(email) WHERE id = '{id}'", ["error owi-user-half", "warning owi-user-half"]),
    owi("owi-user-half", "UPDATE auth SET id = 'x' || id WHERE id = '{id}'", ["error owi-user-half", "warning owi-user-half"]),
    // The stray is the older one, and the one that a sign-in finds.
    owi("owi-user-half", "INSERT INTO auth (id, email, password, active) SELECT 'stray of ' || id, email, password, 1 FROM auth WHERE id = '{id}';
        UPDATE auth SET rowid = (SELECT max(rowid) + 1 FROM auth) WHERE id = '{id}'",
        ["error owi-user-half", "warning owi-user-half"]),
    owi("owi-user-half", STRAY, ["warning owi-user-half", "warning owi-user-half"]),
    owi("owi-user-half", "INSERT INTO auth (id, email, password, active) SELECT 'off ' || id, email, password, 0 FROM auth WHERE id = '{id}'", [""; 2]),

    owi("owi-duplicate", "CREATE TEMP TABLE copy AS SELECT * FROM user WHERE id = '{id}'; UPDATE copy SET id = 'copy of ' || id;
        INSERT INTO user SELECT * FROM copy", ["warning owi-duplicate", "warning owi-duplicate"]),
    // Their e-mails differ by one character.
    owi("owi-duplicate", "", [""; 2]),
    owi("owi-duplicate", "", [""; 2]),

    lamb("email-spelling", "UPDATE {p}Creator_users SET user_email = upper(user_email) WHERE id = {creator}", "error email-spelling"),
    lamb("email-spelling", "UPDATE {p}Creator_users SET user_email = user_email || ' ' WHERE id = {creator}", "error email-spelling"),
    // Both say the same, and no sign-in finds it.
    called("Same.email-spelling@fixture.example", owi("email-spelling", "", ["error email-spelling", "warning email-spelling"])),
    called("ZOË.email-spelling@fixture.example", owi("email-spelling", "", ["error email-spelling", "warning email-spelling"])),
    called("zoë.email-spelling@fixture.tests", lamb("email-spelling", "", "")),
    called("o''neil+x.email-spelling@fixture.example", lamb("email-spelling", "", "")),

    owi("email-spelling", "UPDATE user SET email = CAST(email AS BLOB) WHERE id = '{id}'", ["warning email-spelling"; 2]),

    native("email-spelling", "UPDATE {p}Creator_users SET user_email = substr(user_email, 1, 1) || char(173) || substr(user_email, 2) WHERE id = {creator}", "error email-spelling"),
    lamb("email-spelling", "UPDATE {p}Creator_users SET user_email = CAST(user_email AS BLOB) WHERE id = {creator}", "error email-spelling"),

    called("email-invalid@fixture@fixture.example", Fixture { found: ["error email-invalid", ""], ..lamb("email-invalid", "", "") }),
    called("email-invalid@fixture.local", Fixture { found: ["error email-invalid", ""], ..lamb("email-invalid", "", "") }),
    called("email-invalid@fixture.example", lamb("email-invalid", "", "")),

    called("łukasz.header-unsendable@fixture.example", owi("header-unsendable", "", ["error header-unsendable", "warning header-unsendable"])),
    Fixture { lamb: "UPDATE {p}Creator_users SET user_name = 'Zoë Ziółkowska' WHERE id = {creator}",
        ..owi("header-unsendable", "", ["error header-unsendable", "warning header-unsendable"]) },
    Fixture { lamb: "UPDATE {p}Creator_users SET user_name = ' Zoë' WHERE id = {creator}",
        ..owi("header-unsendable", "", ["error header-unsendable", "warning header-unsendable"]) },
    called("josé.header-unsendable@fixture.example", lamb("header-unsendable", "UPDATE {p}Creator_users SET user_name = 'José Núñez ' WHERE id = {creator}", "")),

    owi("owi-pending", "UPDATE user SET role = 'pending' WHERE id = '{id}'", ["warning owi-pending"; 2]),
    owi("owi-pending", "UPDATE user SET role = 'Admin' WHERE id = '{id}'", ["warning owi-pending"; 2]),
    owi("owi-pending", "UPDATE user SET role = 'pending', oauth_sub = 'idp@7' WHERE id = '{id}'", ["warning owi-pending"; 2]),
    owi("owi-pending", "UPDATE user SET role = 'admin' WHERE id = '{id}'", [""; 2]),

    owi("owi-inactive", "UPDATE auth SET active = 0 WHERE id = '{id}'", ["error owi-inactive", "warning owi-inactive"]),
    owi("owi-inactive", "UPDATE auth SET active = 2 WHERE id = '{id}'", ["error owi-inactive", "warning owi-inactive"]),
    owi("owi-inactive", "UPDATE auth SET active = 'true' WHERE id = '{id}'", ["error owi-inactive", "warning owi-inactive"]),
    owi("owi-inactive", "UPDATE auth SET active = '1' WHERE id = '{id}'", [""; 2]),
    owi("owi-inactive", "UPDATE auth SET active = 1.0 WHERE id = '{id}'", [""; 2]),

    lamb("creator-disabled", "UPDATE {p}Creator_users SET enabled = 0 WHERE id = {creator}", "error creator-disabled"),
    lamb("creator-disabled", "UPDATE {p}Creator_users SET enabled = '' WHERE id = {creator}", "error creator-disabled"),
    lamb("creator-disabled", "UPDATE {p}Creator_users SET enabled = '1' WHERE id = {creator}", ""),
    lamb("creator-disabled", "UPDATE {p}Creator_users SET enabled = 'false' WHERE id = {creator}", ""),
    lamb("creator-disabled", "UPDATE {p}Creator_users SET enabled = X'30' WHERE id = {creator}", ""),

    lamb("creator-row-unreadable", "UPDATE {p}Creator_users SET user_name = CAST(X'41ff' AS TEXT) WHERE id = {creator}", "error creator-row-unreadable"),
    lamb("creator-row-unreadable", "UPDATE {p}Creator_users SET user_name = X'41' WHERE id = {creator}", ""),

    native("password-missing", "UPDATE {p}Creator_users SET password_hash = NULL WHERE id = {creator}", "warning password-missing"),
    native("password-missing", "UPDATE {p}Creator_users SET password_hash = '' WHERE id = {creator}", "warning password-missing"),
    native("password-missing", "UPDATE {p}Creator_users SET password_hash = NULL, auth_provider = 'lti_creator', lti_user_id = 'lms' WHERE id = {creator}",
        "info lti-creator"),

    owi("owi-password-unsound", "UPDATE auth SET password = '' WHERE id = '{id}'", ["error owi-password-unsound", "warning owi-password-unsound"]),
    owi("owi-password-unsound", "UPDATE auth SET password = substr(password, 1, 59) WHERE id = '{id}'",
        ["error owi-password-unsound", "warning owi-password-unsound"]),
    owi("owi-password-unsound", "UPDATE auth SET password = '$2a$' || substr(password, 5) WHERE id = '{id}'", [""; 2]),
    owi("owi-password-unsound", "UPDATE auth SET password = '$2y$' || substr(password, 5) WHERE id = '{id}'", [""; 2]),

    native("password-unsound", "UPDATE {p}Creator_users SET password_hash = 'secret' WHERE id = {creator}", "error password-unsound"),
    native("password-unsound", "UPDATE {p}Creator_users SET password_hash = '$2x$' || substr(password_hash, 5) WHERE id = {creator}", "error password-unsound"),
    native("password-unsound", "UPDATE {p}Creator_users SET password_hash = '$2b$99' || substr(password_hash, 7) WHERE id = {creator}", "error password-unsound"),
    native("password-unsound", "UPDATE {p}Creator_users SET password_hash = '$2x' || password_hash WHERE id = {creator}", "error password-unsound"),
    native("password-unsound", "UPDATE {p}Creator_users SET password_hash = '$2a$' || substr(password_hash, 5) WHERE id = {creator}", ""),
    native("password-unsound", "UPDATE {p}Creator_users SET password_hash = '$2y$' || substr(password_hash, 5) WHERE id = {creator}", ""),

    lamb("end-user", "UPDATE {p}Creator_users SET user_type = 'end_user' WHERE id = {creator}", "info end-user"),
    lamb("end-user", "UPDATE {p}Creator_users SET user_name = 'end_user' WHERE id = {creator}", ""),

    lamb("user-config-broken", "UPDATE {p}Creator_users SET user_config = '{''a'': 1}' WHERE id = {creator}", "error user-config-broken"),
    lamb("user-config-broken", r#"UPDATE {p}Creator_users SET user_config = '{"a": NaN}' WHERE id = {creator}"#, ""),
    lamb("user-config-broken", r#"UPDATE {p}Creator_users SET user_config = '{"a": 1e999}' WHERE id = {creator}"#, ""),
    lamb("user-config-broken", "UPDATE {p}Creator_users SET user_config = '007' WHERE id = {creator}", "error user-config-broken"),
    lamb("user-config-broken", "UPDATE {p}Creator_users SET user_config = 1.5 WHERE id = {creator}", "error user-config-broken"),
    lamb("user-config-broken", "UPDATE {p}Creator_users SET user_config = CAST(X'7b22ff227d' AS TEXT) WHERE id = {creator}", "error user-config-broken"),
    lamb("user-config-broken", "UPDATE {p}Creator_users SET user_config = 0 WHERE id = {creator}", ""),
    lamb("user-config-broken", "UPDATE {p}Creator_users SET user_config = X'fffe7b007d00' WHERE id = {creator}", ""),
    lamb("user-config-broken", "UPDATE {p}Creator_users SET user_config = '' WHERE id = {creator}", ""),
    lamb("user-config-broken", "UPDATE {p}Creator_users SET user_config = NULL WHERE id = {creator}", ""),

    native("lti-creator", "UPDATE {p}Creator_users SET auth_provider = 'lti_creator', lti_user_id = 'lms-2', password_hash = NULL WHERE id = {creator}", "info lti-creator"),
    native("lti-creator", "UPDATE {p}Creator_users SET lti_user_id = 'lti-7' WHERE id = {creator}", ""),

    owi("owi-row-unreadable", r#"UPDATE user SET settings = '{"ui": 5}' WHERE id = '{id}'"#, ["error owi-row-unreadable", "warning owi-row-unreadable"]),
    owi("owi-row-unreadable", "UPDATE user SET info = '' WHERE id = '{id}'", ["error owi-row-unreadable", "warning owi-row-unreadable"]),
    owi("owi-row-unreadable", "UPDATE user SET created_at = 1.5 WHERE id = '{id}'", ["error owi-row-unreadable", "warning owi-row-unreadable"]),
    owi("owi-row-unreadable", "UPDATE user SET api_key = CAST(X'ff' AS TEXT) WHERE id = '{id}'", ["error owi-row-unreadable", "warning owi-row-unreadable"]),
    owi("owi-row-unreadable", "UPDATE user SET profile_image_url = CAST(X'ff' AS TEXT) WHERE id = '{id}'", ["error owi-row-unreadable", "warning owi-row-unreadable"]),
    owi("owi-row-unreadable", r#"UPDATE user SET settings = '{"ui": null, "a": -Infinity}' WHERE id = '{id}'"#, [""; 2]),
    owi("owi-row-unreadable", r#"UPDATE user SET info = '{"ui": 1e999}', settings = 'null' WHERE id = '{id}'"#, [""; 2]),
    owi("owi-row-unreadable", "UPDATE user SET created_at = '1_000', updated_at = X'31', name = X'41', last_active_at = -5 WHERE id = '{id}'", [""; 2]),

    lamb("organization-missing", "UPDATE {p}Creator_users SET organization_id = NULL WHERE id = {creator}", "warning organization-missing"),
    lamb("organization-missing", "UPDATE {p}Creator_users SET organization_id = 4711 WHERE id = {creator}", "warning organization-missing"),
    lamb("organization-missing", "UPDATE {p}Creator_users SET organization_id = '2' WHERE id = {creator}", ""),

    lamb("organization-suspended", "UPDATE {p}Creator_users SET organization_id = 3 WHERE id = {creator};
        UPDATE {p}organization_roles SET organization_id = 3 WHERE user_id = {creator}", "warning organization-suspended"),
    lamb("organization-suspended", "INSERT INTO {p}organizations VALUES (90, 'trial', 'T', 0, 'trial', '{}', 1, 1);
        UPDATE {p}Creator_users SET organization_id = 90 WHERE id = {creator};
        UPDATE {p}organization_roles SET organization_id = 90 WHERE user_id = {creator}", ""),

    lamb("organization-config-broken", "UPDATE {p}Creator_users SET organization_id = 4 WHERE id = {creator};
        UPDATE {p}organization_roles SET organization_id = 4 WHERE user_id = {creator}", "error organization-config-broken"),
    lamb("organization-config-broken", r#"INSERT INTO {p}organizations VALUES (91, 'nan', 'N', 0, 'active', '{"a": NaN}', 1, 1);
        UPDATE {p}Creator_users SET organization_id = 91 WHERE id = {creator};
        UPDATE {p}organization_roles SET organization_id = 91 WHERE user_id = {creator}"#, ""),

    lamb("role-missing", "DELETE FROM {p}organization_roles WHERE user_id = {creator}", "warning role-missing"),
    lamb("role-missing", "UPDATE {p}organization_roles SET organization_id = 1 WHERE user_id = {creator}", "warning role-elsewhere"),

    lamb("role-elsewhere", "UPDATE {p}organization_roles SET organization_id = 4711 WHERE user_id = {creator}", "warning role-elsewhere"),
    lamb("role-elsewhere", "INSERT INTO {p}organization_roles (organization_id, user_id, role, created_at, updated_at)
        VALUES (1, {creator}, 'admin', 1, 1)", ""),
];

/// The findings that somebody has in one edition at least, and somebody else nearly.
pub(super) fn told() -> BTreeSet<&'static str> {
    let has = |fixture: &&Fixture| fixture.found.iter().any(|found| found.ends_with(&format!(" {}", fixture.id)));
    let (has, near): (Vec<_>, Vec<_>) = PEOPLE.iter().partition(has);
    let near: BTreeSet<&str> = near.into_iter().map(|fixture| fixture.id).collect();
    has.into_iter().map(|fixture| fixture.id).filter(|id| near.contains(id)).collect()
}

fn email_of(number: usize, fixture: &Fixture) -> String {
    let made = || format!("fixture{number:02}.{}@fixture.example", fixture.id);
    fixture.email.map_or_else(made, ToOwned::to_owned)
}

/// Puts somebody into both databases, sound, and then does to them what their fixture says.
fn put(world: &World, email: &str, hash: &str, fixture: &Fixture) {
    let id = format!("id of {email}");
    world.lamb_sql(&format!(
        "INSERT INTO {{p}}Creator_users (organization_id, user_email, user_name, user_config, created_at, updated_at)
         VALUES (2, '{email}', 'F', '{{}}', 1, 1);
         INSERT INTO {{p}}organization_roles (organization_id, user_id, role, created_at, updated_at)
         SELECT 2, id, 'member', 1, 1 FROM {{p}}Creator_users WHERE user_email = '{email}'"
    ));
    let creator = world.lamb_rows(&format!("SELECT id FROM {{p}}Creator_users WHERE user_email = '{email}'")).remove(0);
    let fill = |sql: &str| sql.replace("{id}", &id).replace("{email}", email).replace("{creator}", &creator);
    if world.edition == Edition::Native {
        world
            .lamb_sql(&fill(&format!("UPDATE {{p}}Creator_users SET password_hash = '{hash}' WHERE id = {{creator}}")));
        world.lamb_sql(&fill(fixture.native));
    }
    world.lamb_sql(&fill(fixture.lamb));
    let account = format!(
        "INSERT INTO user (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at)
         VALUES ('{{id}}', 'F', '{{email}}', 'user', '/user.png', 1, 1, 1);
         INSERT INTO auth (id, email, password, active) VALUES ('{{id}}', '{{email}}', '{hash}', 1);"
    );
    world.owi().execute_batch(&fill(&(account + fixture.owi))).unwrap();
}

/// What is found, as `severity finding`, of how many.
fn found(audit: &Value) -> BTreeMap<String, u64> {
    let named =
        |group: &Value| (format!("{} {}", word(&group["severity"]), word(&group["id"])), group["count"].as_u64());
    audit["groups"].as_array().unwrap().iter().map(named).map(|(told, count)| (told, count.unwrap())).collect()
}

fn audit_all(edition: Edition) {
    let world = World::plain(edition);
    let hash = rows(&world.owi(), "SELECT password FROM auth LIMIT 1").remove(0);
    let of_edition = |fixture: &Fixture| fixture.found[usize::from(edition == Edition::Native)];
    PEOPLE.iter().enumerate().for_each(|(number, fixture)| put(&world, &email_of(number, fixture), &hash, fixture));
    let mut all = BTreeMap::<&str, u64>::new();
    for (number, fixture) in PEOPLE.iter().enumerate() {
        let email = email_of(number, fixture).replace("''", "'");
        let audit = world.command("audit --no-test-token -o json --email").arg(&email).run().json();
        let expected = of_edition(fixture);
        let each = expected.split("; ").filter(|told| !told.is_empty());
        let told: Vec<(String, u64)> = each.clone().map(|told| (told.to_owned(), 1)).collect();
        assert_eq!(found(&audit).into_iter().collect::<Vec<_>>(), told, "{email}, {edition}: {audit:#}");
        for (_, id) in each.filter_map(|told| told.split_once(' ')) {
            *all.entry(id).or_default() += 1;
        }
    }
    // All at once, nobody is taken for his neighbor.
    let (_, audit) = world.json("audit --email '*fixture*'");
    let counts = found(&audit).into_iter().map(|(told, count)| (told.split_once(' ').unwrap().1.to_owned(), count));
    let all: BTreeMap<String, u64> = all.into_iter().map(|(id, count)| (id.to_owned(), count)).collect();
    assert_eq!(counts.collect::<BTreeMap<_, _>>(), all, "{edition}: {audit:#}");
}

#[test]
fn people_are_told_apart_delegated() {
    audit_all(Edition::Delegated);
}

#[test]
fn people_are_told_apart_native() {
    audit_all(Edition::Native);
}
