//! What is found only where an LMS is asked about: `diagnose --flow lti`.

use lamb_auth::lamb::Edition::{Delegated, Native};
use lamb_auth::sandbox::{OwiVersion, Trouble};

use super::scene::{PLAIN, Scene, play};
use crate::cli::people::word;
use crate::cli::proxy::{self, Way};
use crate::cli::run::{Run, World};

const SECRET: &str = "physics-lti-secret-0123456789";

const fn native(
    id: &'static str,
    line: &'static str,
    make: fn(&World, Run) -> Run,
    found: &'static [&'static str],
) -> Scene {
    Scene { id, line, make, found, edition: Native, ..PLAIN }
}

const PHYSICS: &str = "diagnose --flow lti --org physics --send-launch";
const GLOBAL: &str = "diagnose --flow lti --global-key --send-launch";
const OLD: &str = "diagnose --flow lti --old-key --send-launch";

/// The organization has this key; `more` is done afterwards.
fn with_key(world: &World, run: Run, secret: &str, more: &str) -> Run {
    world.lamb_sql(&format!(
        "INSERT INTO {{p}}lti_creator_keys (organization_id, oauth_consumer_key, oauth_consumer_secret, enabled, created_at, \
         updated_at) SELECT id, slug, '{secret}', 1, 1, 1 FROM {{p}}organizations; {more}"
    ));
    run
}

fn sound(world: &World, run: Run) -> Run {
    with_key(world, run, SECRET, "")
}

/// A key of all activities, stored by an admin.
fn with_global_key(world: &World, run: Run, key: &str) -> Run {
    world.lamb_sql(&format!(
        "INSERT INTO {{p}}lti_global_config VALUES (1, '{key}', 'sandbox-lti-secret-0123456789', 1, 'admin')"
    ));
    run
}

/// The public address is a proxy that does this to each request.
fn behind(world: &World, run: Run, change: fn(String) -> String) -> Run {
    let url = proxy::before(world.sandbox.backend_url(), move |request| Way::On(change(request)));
    run.arg("--public-url").arg(&url)
}

fn with_header(request: String, header: &str) -> String {
    request.replacen("\r\n", &format!("\r\n{header}\r\n"), 1)
}

/// A student in an activity with a group, and then this.
fn with_student(world: &World, run: Run, more: &str) -> Run {
    world.lamb_sql(
        "INSERT INTO {p}lti_activities (id, resource_link_id, organization_id, owi_group_id, owi_group_name, owner_email, \
         configured_by_email) VALUES (71, '17', 2, 'g-17', 'lti_activity_17', 'teacher@sandbox.test', 'teacher@sandbox.test');
         INSERT INTO {p}lti_activity_users (activity_id, user_email, user_name, user_display_name, lms_user_id)
         VALUES (71, 'ann_17@lamb-lti.local', 'ann', 'Ann', '42')",
    );
    let owi = world.owi();
    owi.execute_batch(
        "INSERT INTO user (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at)
         VALUES ('ann', 'Ann', 'ann_17@lamb-lti.local', 'user', '/user.png', 1, 1, 1);
         INSERT INTO auth (id, email, password, active)
         SELECT 'ann', 'ann_17@lamb-lti.local', password, 1 FROM auth LIMIT 1;
         INSERT INTO \"group\" (id, name) VALUES ('g-17', 'lti_activity_17');",
    )
    .unwrap();
    put_into_group(world, "g-17", "ann");
    match more.strip_prefix("owi:") {
        Some(sql) => owi.execute_batch(sql).unwrap(),
        None => world.lamb_sql(more),
    }
    run
}

/// The account that LAMB made has a capital letter, and the one that signs in has none. The group has these.
fn with_capitals(world: &World, run: Run, members: &str) -> Run {
    world.lamb_sql("UPDATE {p}lti_activity_users SET user_email = 'Ann_17@lamb-lti.local' WHERE lms_user_id = '42'");
    let sql = format!(
        "INSERT INTO user (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at)
         VALUES ('Ann', 'Ann', 'Ann_17@lamb-lti.local', 'user', '/user.png', 1, 1, 1);
         INSERT INTO auth (id, email, password, active)
         SELECT 'Ann', 'Ann_17@lamb-lti.local', password, 1 FROM auth LIMIT 1;
         UPDATE \"group\" SET user_ids = '{members}'"
    );
    world.owi().execute_batch(&sql).unwrap();
    run
}

/// A teacher from the LMS, and then this.
fn with_teacher(world: &World, run: Run, more: &str) -> Run {
    world.lamb_sql(&format!(
        "INSERT INTO {{p}}Creator_users (organization_id, user_email, user_name, user_type, created_at, updated_at, enabled, \
         lti_user_id, auth_provider) VALUES (2, 'lti_creator_physics_42@lamb-lti.local', 'Tom', 'creator', 1, 1, 1, '42', \
         'lti_creator');
         INSERT INTO {{p}}organization_roles (organization_id, user_id, role, created_at, updated_at)
         SELECT organization_id, id, 'member', 1, 1 FROM {{p}}Creator_users WHERE lti_user_id = '42'; {more}"
    ));
    run
}

/// A student of an assistant that is published as `course`, and then this.
fn with_published(world: &World, run: Run, more: &str) -> Run {
    world.lamb_sql(&format!(
        "INSERT INTO {{p}}assistant_publish (assistant_id, group_id, oauth_consumer_name, created_at)
         VALUES (12, 'assistant_12', 'course', 1);
         INSERT INTO {{p}}lti_users (user_email, user_name, user_display_name, assistant_id, assistant_name, lti_context_id)
         VALUES ('42-course@lamb-project.org', '42', 'Ann', '12', 'course', 'course'); {more}"
    ));
    let members = "SELECT 'g-12', 'assistant_12', '[\"ann\"]'";
    world
        .owi()
        .execute_batch(&format!(
            "INSERT INTO user (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at)
         VALUES ('ann', 'Ann', '42-course@lamb-project.org', 'user', '/user.png', 1, 1, 1);
         INSERT INTO auth (id, email, password, active)
         SELECT 'ann', '42-course@lamb-project.org', password, 1 FROM auth LIMIT 1;
         INSERT INTO \"group\" (id, name, user_ids) {members}"
        ))
        .unwrap();
    run
}

const STUDENT: &str = "diagnose --flow lti --lms-user 42";
const TEACHER: &str = "diagnose --flow lti --lms-user 42 --org physics";

#[rustfmt::skip]
pub(super) const SCENES: &[Scene] = &[
    native("lti-key-unknown", PHYSICS, |_, run| run, &["lti-key-unknown"]),
    native("lti-key-unknown", PHYSICS, |w, run| with_key(w, run, SECRET, "UPDATE {p}lti_creator_keys SET enabled = 0"), &["lti-key-unknown"]),
    native("lti-key-unknown", PHYSICS, sound, &[]),

    native("lti-key-shadowed", GLOBAL, |w, run| with_global_key(w, run, "other"), &["lti-key-shadowed"]),
    native("lti-key-shadowed", GLOBAL, |w, run| with_global_key(w, run, "lamb"), &[]),

    native("lti-system-organization", "diagnose --flow lti --org lamb --send-launch", sound, &["lti-system-organization"]),
    native("lti-system-organization", "diagnose --flow lti --org lamb", |_, run| run, &["lti-system-organization"]),
    native("lti-system-organization", "diagnose --flow lti --org closed --send-launch", sound, &[]),

    native("lti-secret-missing", PHYSICS, |w, run| with_key(w, run, "", ""), &["lti-secret-missing"]),
    native("lti-secret-missing", OLD, |_, run| run.env("LTI_SECRET", ""), &["lti-secret-missing"]),
    native("lti-secret-missing", OLD, |_, run| run, &[]),
    Scene { edition: Delegated, ..native("lti-secret-missing", OLD, |_, run| run, &[]) },

    native("lti-secret-encoding", PHYSICS, |w, run| with_key(w, run, "tea & biscuits+", ""), &["lti-secret-encoding"]),
    native("lti-secret-encoding", PHYSICS, |w, run| with_key(w, run, "tea-and_biscuits.~", ""), &[]),

    native("lti-signature", OLD, |_, run| run.env("LTI_SECRET", "a-secret-of-another-time"), &["lti-signature"]),
    native("lti-signature", PHYSICS, |w, run| behind(w, sound(w, run), |request| with_header(request, "X-Forwarded-Proto: https")), &["lti-signature"]),
    native("lti-signature", PHYSICS, |w, run| behind(w, sound(w, run), |request| with_header(request, "X-Forwarded-Prefix: /lamb")), &["lti-signature"]),
    native("lti-signature", PHYSICS, |w, run| behind(w, sound(w, run), |request| with_header(request, "X-Forwarded-Proto: http")), &[]),
    // LAMB answers before it needs Open WebUI, which hangs.
    Scene { trouble: Some(Trouble::OwiHangs), ..native("lti-signature", GLOBAL, |_, run| run, &[]) },

    native("lti-address", PHYSICS, |w, run| behind(w, sound(w, run), |request| request.replacen("POST /lamb/", "POST /", 1)), &["lti-signature"]),
    native("lti-address", PHYSICS, |w, run| behind(w, sound(w, run), |request| with_header(request.replacen("POST /lamb/", "POST /", 1), "X-Forwarded-Prefix: /lamb")), &["lti-address"]),
    native("lti-address", PHYSICS, |w, run| behind(w, sound(w, run), |request| request), &[]),
    Scene { edition: Delegated, ..native("lti-address", GLOBAL, |_, run| run, &["lti-address"]) },

    native("lti-account-taken", TEACHER, |w, run| with_teacher(w, run, "UPDATE {p}Creator_users SET organization_id = 3 WHERE lti_user_id = '42'"), &["lti-account-taken"]),
    native("lti-account-taken", TEACHER, |w, run| with_teacher(w, run, "UPDATE {p}Creator_users SET lti_user_id = '43' WHERE lti_user_id = '42'"), &["lti-account-taken"]),
    native("lti-account-taken", TEACHER, |w, run| with_teacher(w, run, ""), &[]),

    native("lti-id-missing", "diagnose --flow lti --email lti_creator_physics_42@lamb-lti.local", |w, run| with_teacher(w, run, "UPDATE {p}Creator_users SET lti_user_id = NULL WHERE lti_user_id = '42'"), &["lti-id-missing"]),
    native("lti-id-missing", "diagnose --flow lti --email lti_creator_physics_42@lamb-lti.local", |w, run| with_teacher(w, run, ""), &[]),

    native("lti-capitals", STUDENT, |w, run| with_capitals(w, with_student(w, run, ""), "[\"Ann\"]"), &["lti-capitals"]),
    // An admin has put the account that signs in into the group.
    native("lti-capitals", STUDENT, |w, run| with_capitals(w, with_student(w, run, ""), "[\"Ann\", \"ann\"]"), &["email-spelling"]),
    native("lti-capitals", STUDENT, |w, run| with_student(w, run, ""), &[]),

    native("public-url", STUDENT, |w, run| with_student(w, run, "").env("OWI_PUBLIC_BASE_URL", "https://chat.uni.example "), &["public-url"]),
    native("public-url", STUDENT, |w, run| with_student(w, run, "").env("OWI_PUBLIC_BASE_URL", "https://chat.uni.example"), &[]),
    // The launch goes to the right address, and the password nowhere.
    native("public-url", PHYSICS, |w, run| { let run = sound(w, run); let url = w.sandbox.backend_url().replace("://", "://ann:geheim@"); run.env("LAMB_PUBLIC_BASE_URL", &url) }, &["public-url"]),
    native("public-url", PHYSICS, |w, run| { let run = sound(w, run); run.env("LAMB_PUBLIC_BASE_URL", w.sandbox.backend_url()) }, &[]),
    native("public-url", PHYSICS, |w, run| sound(w, run).env("LAMB_PUBLIC_BASE_URL", "lamb.uni.example"), &["public-url"]),

    native("lti-activity-not-ready", STUDENT, |w, run| with_student(w, run, "UPDATE {p}lti_activities SET status = 'draft'"), &["lti-activity-not-ready"]),
    native("lti-activity-not-ready", STUDENT, |w, run| with_student(w, run, ""), &[]),

    native("lti-group", STUDENT, |w, run| with_student(w, run, "owi:DELETE FROM \"group\""), &["lti-group"]),
    native("lti-group", STUDENT, |w, run| with_student(w, run, "owi:UPDATE \"group\" SET user_ids = '[\"bob\"]'"), &["lti-group"]),
    native("lti-group", STUDENT, |w, run| with_student(w, run, "owi:UPDATE \"group\" SET user_ids = '[\"bob\", \"ann\"]'"), &[]),
    // The next launch makes the account, and puts it into the group.
    native("lti-group", STUDENT, |w, run| with_student(w, run, "owi:DELETE FROM user WHERE id = 'ann'; DELETE FROM auth WHERE id = 'ann'; UPDATE \"group\" SET user_ids = '[]'"), &[]),

    // LAMB stops before the group of an activity that is not active.
    native("lti-group", STUDENT, |w, run| { let run = with_student(w, run, "UPDATE {p}lti_activities SET status = 'draft'"); w.owi().execute_batch("DELETE FROM \"group\"").unwrap(); run }, &["lti-activity-not-ready"]),
    // An old copy says nothing of the groups that there are.
    Scene { trouble: Some(Trouble::OwiDbStale), ..native("lti-group", "diagnose --flow lti --old-key", |w, run| { w.lamb_sql("INSERT INTO {p}assistant_publish (assistant_id, group_id, oauth_consumer_name, created_at) VALUES (12, 'assistant_12', 'course', 1)"); run }, &[]) },

    // No student need have come in yet.
    native("lti-group", "diagnose --flow lti --old-key", |w, run| { let run = with_published(w, run, "DELETE FROM {p}lti_users"); w.owi().execute_batch("DELETE FROM \"group\"").unwrap(); run }, &["lti-group"]),
    native("lti-group", "diagnose --flow lti --old-key", |w, run| with_published(w, run, "DELETE FROM {p}lti_users"), &[]),
    native("lti-group", "audit --platform", |w, run| with_student(w, run, "owi:DELETE FROM \"group\""), &["lti-group"]),
    native("lti-group", "audit --platform", |w, run| with_student(w, run, ""), &[]),

    native("lti-unpublished", STUDENT, |w, run| with_published(w, run, "DELETE FROM {p}assistant_publish"), &["lti-unpublished"]),
    native("lti-unpublished", STUDENT, |w, run| with_published(w, run, ""), &[]),
    Scene { edition: Delegated, ..native("lti-unpublished", STUDENT, |w, run| with_published(w, run, ""), &[]) },

    native("lti-link-dangling", STUDENT, |w, run| with_student(w, run, "INSERT INTO {p}lti_identity_links (lms_user_id, creator_user_id, linked_at) VALUES ('42', 99, 1)"), &["lti-link-dangling"]),
    native("lti-link-dangling", STUDENT, |w, run| with_student(w, run, "INSERT INTO {p}lti_identity_links (lms_user_id, creator_user_id, linked_at) VALUES ('42', 1, 1)"), &[]),

    native("lti-link-dangling", "audit --platform", |w, run| with_student(w, run, "INSERT INTO {p}lti_identity_links (lms_user_id, creator_user_id, linked_at) VALUES ('42', 99, 1)"), &["lti-link-dangling"]),
];

#[test]
fn launches_from_an_lms_are_told_apart() {
    play(SCENES, 0, 2);
}

#[test]
fn launches_from_an_lms_are_told_apart_too() {
    play(SCENES, 1, 2);
}

/// One user for each cause, and two for one of them.
#[test]
fn an_audit_counts_the_users_from_an_lms_by_what_stops_them() {
    let world = World::plain(Native);
    let run = world.command("audit -o json");
    let run = with_teacher(&world, run, "");
    let run = with_published(&world, run, "DELETE FROM {p}assistant_publish");
    let owi = world.owi();
    owi.execute_batch("DELETE FROM user WHERE id = 'ann'; DELETE FROM auth WHERE id = 'ann'; DELETE FROM \"group\"")
        .unwrap();
    let run = with_student(&world, run, "");
    world.lamb_sql(
        "INSERT INTO {p}Creator_users (organization_id, user_email, user_name, user_type, created_at, updated_at, enabled, \
         lti_user_id, auth_provider) VALUES
         (2, 'lti_creator_physics_43@lamb-lti.local', 'Tim', 'creator', 1, 1, 0, '43', 'lti_creator'),
         (2, 'lti_creator_physics_44@lamb-lti.local', 'Tea', 'creator', 1, 1, 1, NULL, 'lti_creator'),
         (3, 'lti_creator_physics_45@lamb-lti.local', 'Tor', 'creator', 1, 1, 1, '45', 'lti_creator'),
         (2, 'lti_creator_physics_46@lamb-lti.local', '', 'creator', 1, 1, 1, '46', 'lti_creator');
         INSERT INTO {p}organization_roles (organization_id, user_id, role, created_at, updated_at)
         SELECT organization_id, id, 'member', 1, 1 FROM {p}Creator_users WHERE user_email LIKE 'lti_creator_physics_4_@%'
         AND lti_user_id IS NOT '42';
         INSERT INTO {p}lti_activities (id, resource_link_id, organization_id, owi_group_id, owi_group_name, owner_email, \
         configured_by_email, status) VALUES (72, '18', 2, 'g-18', 'x', 'teacher@sandbox.test', 'teacher@sandbox.test', 'draft');
         INSERT INTO {p}lti_activity_users (activity_id, user_email, user_name, user_display_name, lms_user_id) VALUES
         (71, 'Bob_17@lamb-lti.local', 'Bob', 'Bob', '51'),
         (71, 'luk_17@lamb-lti.local', 'luk', 'Łukasz', '52'),
         (71, 'zoe_17@lamb-lti.local', 'zoe', 'Zoé', '53'),
         (72, 'ann_18@lamb-lti.local', 'ann', 'Ann', '42'),
         (99, 'ann_99@lamb-lti.local', 'ann', 'Ann', '42');
         INSERT INTO {p}lti_identity_links (lms_user_id, creator_user_id, linked_at) VALUES ('42', 99, 1), ('43', 98, 1)",
    );
    let audit = run.run().json();
    let count = |id: &str| {
        let groups = audit["groups"].as_array().unwrap().iter().filter(|group| group["id"] == id);
        groups.map(|group| group["count"].as_u64().unwrap()).sum::<u64>()
    };
    let expected = [
        ("lti-id-missing", 1),
        ("lti-account-taken", 1),
        ("lti-capitals", 1),
        ("lti-activity-not-ready", 2),
        ("lti-unpublished", 1),
        // The student's, and the teacher's without a name.
        ("header-unsendable", 2),
    ];
    for (id, expected) in expected {
        assert_eq!(count(id), expected, "{id}: {audit:#}");
    }
    assert!(count("creator-disabled") >= 1, "{audit:#}");
    let platform = audit["platform"]["findings"].as_array().unwrap();
    let links = platform.iter().find(|hit| hit["id"] == "lti-link-dangling").unwrap();
    assert!(links["detail"].as_str().unwrap().contains("42, 43"), "{links}");
    let listed = world.run("audit --finding lti-activity-not-ready -o plain");
    assert!(listed.stdout.matches("@lamb-lti.local").count() >= 2, "{listed}");
}

#[test]
fn a_teacher_whose_e_mail_is_another_is_found_with_the_id_in_the_lms() {
    let world = World::plain(Native);
    with_teacher(
        &world,
        world.command("audit"),
        "UPDATE {p}Creator_users SET user_email = 'tom@uni.example', enabled = 0 WHERE lti_user_id = '42'",
    );
    let told = world.run("diagnose --flow lti --email tom@uni.example -o json").json();
    assert_eq!(told["finding"], "creator-disabled", "{told:#}");
    let shown = world.run("check-user tom@uni.example");
    assert!(shown.stdout.lines().any(|line| line.contains("ID in the LMS") && line.ends_with("42")), "{shown}");
}

#[test]
fn an_audit_says_that_the_memory_of_sync_could_not_be_read() {
    let world = World::plain(Native);
    std::fs::write(world.sandbox.dir().join("lamb/lamb-auth.memory.db"), "no memory").unwrap();
    let told = world.run("audit");
    assert!(told.stderr.contains("The memory of sync could not be read"), "{told}");
}

#[test]
fn what_a_launch_would_send_fits_a_terminal() {
    let world = World::plain(Native);
    let told = world.command("diagnose --flow lti --old-key -v").run();
    assert!(told.stdout.contains("would send"), "{told}");
    let widest = told.stdout.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest < 140, "{widest}: {told}");
}

#[test]
fn a_launch_that_waits_for_open_webui_ends_in_no_page() {
    let world = World::start(Native, OwiVersion::V0_5_6, Some(Trouble::OwiHangs));
    let run = with_student(&world, world.command("diagnose --flow lti --lms-user 42 --timeout 1 -o json"), "");
    let told = run.run().json();
    assert_eq!(
        (word(&told["finding"]).as_str(), told["user_sees"].as_str().unwrap().split(':').next()),
        ("owi-hangs", Some("nothing"))
    );
}

/// Puts an account into a group, as this version of Open WebUI keeps its members.
fn put_into_group(world: &World, group: &str, account: &str) {
    let owi = world.owi();
    let has_list = "SELECT EXISTS (SELECT 1 FROM pragma_table_info('group') WHERE name = 'user_ids')";
    let sql = match owi.query_row(has_list, [], |row| row.get(0)).unwrap() {
        true => "UPDATE \"group\" SET user_ids = json_insert(coalesce(user_ids, '[]'), '$[#]', ?2) WHERE id = ?1",
        false => "INSERT INTO group_member (id, group_id, user_id) VALUES (?1 || ?2, ?1, ?2)",
    };
    assert_eq!(owi.execute(sql, [group, account]).unwrap(), 1);
}

/// Each version keeps the members of a group in its own way; an audit reads all of them.
#[test]
fn an_audit_finds_the_students_whose_group_is_gone_or_lacks_them() {
    for version in OwiVersion::ALL {
        let world = World::start(Native, version, None);
        with_student(&world, world.command("audit"), "");
        let accounts =
            ["out_17@lamb-lti.local", "in_17@lamb-lti.local", "gone_19@lamb-lti.local", "43-course@lamb-project.org"];
        let mut owi: Vec<String> = accounts
            .iter()
            .map(|email| {
                format!(
                    "INSERT INTO user (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at)
                     VALUES ('{email}', 'A', '{email}', 'user', '/user.png', 1, 1, 1);
                     INSERT INTO auth (id, email, password, active) SELECT '{email}', '{email}', password, 1 FROM auth LIMIT 1;"
                )
            })
            .collect();
        owi.push("INSERT INTO \"group\" (id, name) VALUES ('g-12', 'assistant_12');".to_owned());
        world.owi().execute_batch(&owi.concat()).unwrap();
        put_into_group(&world, "g-17", "in_17@lamb-lti.local");
        world.lamb_sql(
            "INSERT INTO {p}lti_activities (id, resource_link_id, organization_id, owi_group_id, owi_group_name, owner_email, \
             configured_by_email) VALUES (73, '19', 2, 'g-19', 'x', 'teacher@sandbox.test', 'teacher@sandbox.test');
             INSERT INTO {p}lti_activity_users (activity_id, user_email, user_name, user_display_name, lms_user_id) VALUES
             (71, 'out_17@lamb-lti.local', 'out', 'O', '61'), (71, 'in_17@lamb-lti.local', 'in', 'I', '62'),
             (71, 'new_17@lamb-lti.local', 'new', 'N', '63'), (73, 'gone_19@lamb-lti.local', 'gone', 'G', '64');
             INSERT INTO {p}assistant_publish (assistant_id, group_id, oauth_consumer_name, created_at)
             VALUES (12, 'assistant_12', 'course', 1);
             INSERT INTO {p}lti_users (user_email, user_name, user_display_name, assistant_id, assistant_name, lti_context_id)
             VALUES ('43-course@lamb-project.org', '43', 'B', '12', 'course', 'course')",
        );
        let audit = world.run("audit --finding lti-group -o json").json();
        let listed = audit["groups"][0]["examples"].as_array().unwrap_or_else(|| panic!("{version}: {audit:#}"));
        let told: Vec<_> = listed.iter().map(|user| (word(&user["email"]), word(&user["detail"]))).collect();
        let about = |email: &str| told.iter().find(|(known, _)| known == email).map(|(_, detail)| detail.as_str());
        assert_eq!(told.len(), 3, "{version}: {told:?}");
        assert!(about("out_17@lamb-lti.local").unwrap().contains("is not in the group g-17"), "{version}: {told:?}");
        assert!(about("gone_19@lamb-lti.local").unwrap().contains("has no group g-19"), "{version}: {told:?}");
        assert!(
            about("43-course@lamb-project.org").unwrap().contains("is not in the group assistant_12"),
            "{version}: {told:?}"
        );
    }
}
