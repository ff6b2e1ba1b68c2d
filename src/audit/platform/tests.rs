//! The platform of the sandbox: whole, and with each of its troubles.

use std::time::Duration;

use rusqlite::Connection;

use super::*;
use crate::sandbox::{Options, OwiVersion, Sandbox, Trouble};

/// What is found in every sandbox: its admin is no creator, two of its organizations have no manager, and a user is
/// there twice.
const ALWAYS: [&str; 3] = ["bootstrap-admin", "organization-unmanaged", "owi-upgrade-blocked"];

struct Asked {
    options: Options,
    test_token: bool,
    /// Run on the two databases before.
    owi: &'static str,
    lamb: &'static str,
    env: &'static [(&'static str, &'static str)],
}

impl Asked {
    fn of(edition: Edition, owi_version: OwiVersion, trouble: Option<Trouble>) -> Self {
        let options =
            Options { edition, owi_version, trouble, lamb_busy_ms: 30, owi_busy_ms: 30, ..Options::default() };
        // The real request is sent only where LAMB would copy no password hash.
        let is_replayed =
            edition == Edition::Native && matches!(trouble, Some(Trouble::Unexplained | Trouble::ForgeableSecret));
        let lamb =
            if is_replayed { "UPDATE {p}Creator_users SET password_hash = '' WHERE password_hash IS NULL" } else { "" };
        Self { options, test_token: true, owi: "", lamb, env: &[] }
    }

    fn look(&self) -> PlatformEvidence {
        let sandbox = Sandbox::start_blocking(&self.options).unwrap();
        self.look_at(&sandbox)
    }

    fn look_at(&self, sandbox: &Sandbox) -> PlatformEvidence {
        for (file, sql) in [("owi/webui.db", self.owi), ("lamb/lamb_v4.db", self.lamb)] {
            if !sql.is_empty() {
                let db = Connection::open(sandbox.dir().join(file)).unwrap();
                db.execute_batch(&sql.replace("{p}", self.options.edition.default_prefix())).unwrap();
            }
        }
        let told = sandbox.env();
        let mut variables: Vec<(&str, &str)> = told.iter().map(|(name, value)| (*name, value.as_str())).collect();
        variables.retain(|(name, _)| !self.env.iter().any(|(other, _)| other == name));
        variables.extend(self.env);
        let settings = Settings::from_environment(&variables);
        let limits = Limits { timeout: Duration::from_millis(500), lock_timeout: Duration::from_millis(100) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(platform(&settings, limits, self.test_token)).unwrap().0
    }
}

impl PlatformEvidence {
    fn check(&self, id: &str) -> &Check {
        self.platform.checks.iter().find(|check| check.id == id).unwrap()
    }

    fn outcome(&self, id: &str) -> Outcome {
        self.check(id).outcome
    }

    /// What is found beside what is always found, each with its check.
    fn found(&self) -> Vec<(&'static str, &'static str)> {
        let all = self.platform.checks.iter().flat_map(|check| check.findings.iter().map(|id| (check.id, *id)));
        all.filter(|(_, id)| !ALWAYS.contains(id)).collect()
    }

    fn detail(&self, id: &str) -> &str {
        let hit = self.platform.findings.iter().find(|hit| hit.finding.id == id);
        &hit.unwrap_or_else(|| panic!("no {id}: {:?}", self.platform.findings)).detail
    }
}

#[test]
fn a_whole_platform_passes_every_check() {
    for edition in [Edition::Delegated, Edition::Native] {
        let seen = Asked {
            lamb: "UPDATE {p}Creator_users SET user_email = 'admin@admin.owi' WHERE id = 1;
                   UPDATE {p}organization_roles SET role = 'owner';",
            owi: "DELETE FROM user WHERE email = 'double@sandbox.test' AND rowid <>
                  (SELECT min(rowid) FROM user WHERE email = 'double@sandbox.test')",
            ..Asked::of(edition, OwiVersion::V0_5_6, None)
        }
        .look();
        assert_eq!(seen.platform.findings, [], "{edition}");
        assert!(
            seen.platform.checks.iter().all(|check| check.outcome == Outcome::Passed),
            "{:#?}",
            seen.platform.checks
        );
        assert_eq!((seen.identity, seen.edition), (Identity::Same, Some(edition)));
        let together = &seen.platform.compatibility;
        assert_eq!((together.works, together.upgrade_to_0_12_starts, together.blocking), (Some(true), Some(true), 0));
        assert!(seen.lamb.is_ok());
    }
}

/// Beside the check and its finding, in both editions: whether it is an error in the delegated and in the native one.
#[test]
fn each_trouble_of_the_sandbox_is_found_by_its_check() {
    use Trouble as T;
    type Row = (Trouble, &'static [(&'static str, &'static str)], [bool; 2]);
    let table: &[Row] = &[
        (T::OwiDown, &[("owi-server", "owi-down")], [true, false]),
        (T::OwiHangs, &[("owi-server", "owi-hangs")], [true, false]),
        (T::OwiError, &[("owi-server", "owi-error")], [true, false]),
        (T::OwiWrongUrl, &[("owi-server", "owi-wrong-url")], [true, false]),
        (T::OwiRedirect, &[("owi-server", "owi-redirect")], [true, false]),
        (T::OwiNotJson, &[("owi-server", "email-missing")], [true, false]),
        (T::BackendDown, &[("backend", "backend-down")], [true, true]),
        (T::BackendHangs, &[("backend", "backend-hangs")], [true, true]),
        (T::BackendError, &[("backend", "backend-error")], [true, true]),
        (T::BackendWrong, &[("backend", "backend-wrong")], [true, true]),
        (T::BackendNotFound, &[("backend", "backend-wrong")], [true, true]),
        (T::BackendRedirect, &[("backend", "backend-redirect")], [true, true]),
        (T::LambDbEmpty, &[("lamb-db", "lamb-db-empty")], [true, true]),
        (T::LambDbGarbage, &[("lamb-db", "lamb-db-garbage")], [true, true]),
        (T::LambDbMissing, &[("lamb-db", "lamb-db-missing")], [true, true]),
        (T::PrefixWrong, &[("lamb-db", "prefix-wrong")], [true, true]),
        (T::ColumnsMissing, &[("lamb-db", "columns-missing")], [true, true]),
        (T::OwiSecretChanged, &[], [false, false]),
        (T::TrustedHeaderOff, &[("trusted-header", "trusted-header-off")], [true, false]),
        (T::TrustedHeaderRenamed, &[("trusted-header", "trusted-header-off")], [true, false]),
        (T::OwiDbMissing, &[("owi-db", "owi-db-missing")], [true, false]),
        (T::OwiDbStale, &[("owi-db", "owi-db-stale")], [true, false]),
        (T::OwiDbLocked, &[("owi-db", "owi-locked")], [true, false]),
        (T::Unexplained, &[("backend", "answer-differs")], [true, true]),
    ];
    for (trouble, found, errors) in table {
        for (edition, error) in [Edition::Delegated, Edition::Native].into_iter().zip(errors) {
            let seen = Asked::of(edition, OwiVersion::V0_5_6, Some(*trouble)).look();
            assert_eq!(seen.found(), *found, "{trouble}, {edition}: {:#?}", seen.platform);
            let worst = seen.platform.findings.iter().map(|hit| hit.severity).max();
            assert_eq!(worst == Some(Severity::Error), *error, "{trouble}, {edition}");
            let fails = seen.platform.checks.iter().any(|check| check.outcome == Outcome::Failed);
            assert_eq!(fails, *error, "{trouble}, {edition}");
        }
    }
    let named: Vec<T> = table.iter().map(|(trouble, ..)| *trouble).collect();
    let elsewhere = [T::LambDbLocked, T::ForgeableSecret, T::SharedSecret];
    assert!(T::ALL.iter().all(|trouble| named.contains(trouble) || elsewhere.contains(trouble)));
}

#[test]
fn a_locked_file_of_a_native_lamb_is_read_all_the_same() {
    let look = |edition| Asked::of(edition, OwiVersion::V0_5_6, Some(Trouble::LambDbLocked)).look();
    assert_eq!(look(Edition::Delegated).found(), [("lamb-db", "lamb-db-locked")]);
    // In wal mode readers do not wait.
    assert_eq!(look(Edition::Native).found(), []);
}

#[test]
fn the_secret_of_the_server_is_told_by_name() {
    let look = |edition, trouble| Asked::of(edition, OwiVersion::V0_5_6, trouble).look();
    for edition in [Edition::Delegated, Edition::Native] {
        assert_eq!(look(edition, None).check("secrets").note, "Open WebUI signs with WEBUI_SECRET_KEY");
        let changed = look(edition, Some(Trouble::OwiSecretChanged));
        assert_eq!(changed.outcome("secrets"), Outcome::CouldNotTell);
        assert!(changed.check("secrets").note.contains("an unknown secret; tried WEBUI_SECRET_KEY"));
        let forgeable = look(edition, Some(Trouble::ForgeableSecret));
        assert_eq!(forgeable.outcome("secrets"), Outcome::Warned);
        let takes = "Open WebUI accepts tokens signed with the built-in t0p-s3cr3t";
        assert!(forgeable.platform.findings.iter().any(|hit| hit.detail == takes), "{:?}", forgeable.platform.findings);
        // Without its file the server is not asked about any user.
        let no_file = look(edition, Some(Trouble::OwiDbMissing));
        assert_eq!(no_file.check("secrets").note, "Open WebUI signs with WEBUI_SECRET_KEY");
    }
    let both = look(Edition::Native, Some(Trouble::ForgeableSecret)).platform.findings;
    let details: Vec<_> = both.iter().filter(|hit| hit.finding == &FORGEABLE_SECRET).map(|hit| &hit.detail).collect();
    assert!(details.iter().any(|detail| detail.contains("that this LAMB accepts")), "{details:?}");
    let shared = look(Edition::Native, Some(Trouble::SharedSecret));
    assert_eq!((shared.found(), shared.outcome("secrets")), (vec![("secrets", "shared-secret-trap")], Outcome::Passed));
    assert_eq!(look(Edition::Delegated, Some(Trouble::SharedSecret)).found(), []);
}

#[test]
fn without_a_test_token_no_token_is_made_and_no_header_sent() {
    for edition in [Edition::Delegated, Edition::Native] {
        let asked =
            Asked { test_token: false, ..Asked::of(edition, OwiVersion::V0_5_6, Some(Trouble::TrustedHeaderRenamed)) };
        let sandbox = Sandbox::start_blocking(&asked.options).unwrap();
        let active = || {
            let db = Connection::open(sandbox.dir().join("owi/webui.db")).unwrap();
            db.query_row("SELECT max(last_active_at) FROM user", [], |row| row.get::<_, i64>(0)).unwrap()
        };
        let before = active();
        let seen = asked.look_at(&sandbox);
        assert_eq!(active(), before);
        for id in ["owi-db", "secrets", "trusted-header"] {
            assert_eq!(seen.outcome(id), Outcome::Skipped, "{edition}, {id}");
            assert!(seen.check(id).note.contains("(--no-test-token)"), "{}", seen.check(id).note);
        }
        assert_eq!((seen.found(), seen.identity), (Vec::new(), Identity::Unknown));
        let with_token = Asked { test_token: true, ..asked }.look_at(&sandbox);
        assert_eq!(with_token.found(), [("trusted-header", "trusted-header-off")]);
        assert!(active() > before);
    }
}

#[test]
fn newer_versions_are_told_with_what_breaks() {
    for (version, native) in [
        (OwiVersion::V0_6_43, "inserts another admin into webui.db"),
        (OwiVersion::V0_12_4, "which its unique index forbids"),
    ] {
        for edition in [Edition::Delegated, Edition::Native] {
            let seen = Asked::of(edition, version, None).look();
            assert_eq!(seen.found(), [("compatibility", "owi-schema-drift")], "{version} {edition}");
            let together = &seen.platform.compatibility;
            let because = together.because.join("\n");
            assert_eq!(together.works, Some(false));
            assert_eq!(together.upgrade_to_0_12_starts, Some(version == OwiVersion::V0_12_4));
            let breaks = if edition == Edition::Native { native } else { "refuses every new login" };
            assert!(because.contains(breaks), "{version} {edition}: {because}");
            assert_eq!(seen.server.unwrap().version.as_deref(), Some(version.as_str()));
        }
    }
    // An upgraded server makes accounts by the trusted header: it is not sent there.
    let seen = Asked::of(Edition::Delegated, OwiVersion::V0_12_4, None).look();
    assert_eq!(seen.outcome("trusted-header"), Outcome::Skipped);
}

#[test]
fn the_admin_is_judged_on_both_sides() {
    let seen = Asked {
        owi: "CREATE TEMP TABLE copy AS SELECT * FROM user WHERE email = 'admin@admin.owi';
              UPDATE copy SET id = 'other', email = 'Admin@admin.owi', role = 'user'; INSERT INTO user SELECT * FROM copy;
              UPDATE user SET role = 'user' WHERE email = 'admin@admin.owi'",
        lamb: "UPDATE {p}Creator_users SET user_email = 'admin@admin.owi', role = 'user' WHERE id = 2",
        ..Asked::of(Edition::Native, OwiVersion::V0_5_6, None)
    }
    .look();
    assert!(seen.detail("owi-admins-multiplied").contains("2 times in user and 1 times in auth"));
    let detail = seen.detail("bootstrap-admin");
    for part in ["role user in Open WebUI", "no role in the organization lamb", "system role user in LAMB"] {
        assert!(detail.contains(part), "{detail}");
    }
    let fix = &seen.platform.findings.iter().find(|hit| hit.finding == &BOOTSTRAP_ADMIN).unwrap().fix;
    let command = FixStep::command(&["assign-role", "--email", "admin@admin.owi", "--system-role", "admin"]);
    assert!(fix.contains(&command), "{fix:?}");
    let delegated = Asked::of(Edition::Delegated, OwiVersion::V0_5_6, None).look();
    assert!(delegated.detail("bootstrap-admin").contains("no creator admin@admin.owi"));
    let note = &delegated.check("admins").note;
    assert!(note.ends_with("; creator 1, operator@sandbox.test, is an admin of a delegated LAMB too"), "{note}");
    let unmanaged = "organizations with users but no enabled owner or admin: broken (1), closed (1)";
    assert!(delegated.detail("organization-unmanaged").ends_with(unmanaged));
    let unset = Asked { env: &[("OWI_ADMIN_EMAIL", "")], ..Asked::of(Edition::Delegated, OwiVersion::V0_5_6, None) };
    let seen = unset.look();
    assert_eq!(seen.outcome("admins"), Outcome::Skipped);
    // An admin known to both is used instead.
    assert_eq!(seen.check("trusted-header").note, "signing in as operator@sandbox.test works");
}

#[test]
fn an_old_copy_with_the_same_admins_is_found_out_by_the_newest_users() {
    let options = Asked::of(Edition::Delegated, OwiVersion::V0_5_6, None).options;
    let sandbox = Sandbox::start_blocking(&options).unwrap();
    let copy = tempfile::tempdir().unwrap();
    std::fs::copy(sandbox.dir().join("owi/webui.db"), copy.path().join("webui.db")).unwrap();
    let folder: &'static str = copy.path().to_str().unwrap().to_owned().leak();
    let env: &'static [(&str, &str)] = vec![("OWI_PATH", folder)].leak();
    // Since the copy was made.
    let owi = "CREATE TEMP TABLE copy AS SELECT * FROM user WHERE email = 'teacher@sandbox.test';
               UPDATE copy SET id = 'new', email = 'new@sandbox.test', api_key = NULL, created_at = created_at + 9;
               INSERT INTO user SELECT * FROM copy";
    let seen = Asked { env, owi, ..Asked::of(Edition::Delegated, OwiVersion::V0_5_6, None) }.look_at(&sandbox);
    assert_eq!((seen.found(), seen.identity), (vec![("owi-db", "owi-db-stale")], Identity::Other));
    assert!(seen.detail("owi-db-stale").contains("new@sandbox.test"));
    // What an old copy says of an upgrade says nothing.
    assert_eq!(seen.platform.compatibility.upgrade_to_0_12_starts, None);
}

#[test]
fn groups_that_cannot_be_read_are_no_groups_that_are_gone() {
    let seen = Asked {
        owi: "ALTER TABLE \"group\" RENAME TO gone",
        lamb: "INSERT INTO {p}lti_activities (id, resource_link_id, organization_id, owi_group_id, owi_group_name, owner_email, \
               configured_by_email) VALUES (71, '17', 2, 'g-17', 'x', 'a@x', 'a@x')",
        ..Asked::of(Edition::Native, OwiVersion::V0_5_6, None)
    }
    .look();
    assert_eq!(seen.outcome("lamb-db"), Outcome::CouldNotTell);
    let note = &seen.check("lamb-db").note;
    assert!(
        note.starts_with("the groups of the launches were not checked: ") && note.contains("no such table"),
        "{note}"
    );
}
