//! What is found about the platform, whoever asks: `audit --platform`.

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use lamb_auth::lamb::Edition::Native;
use lamb_auth::sandbox::{OwiVersion, Trouble as T};
use rusqlite::Connection;

use super::scene::{PLAIN, Scene, play};
use crate::cli::proxy::{self, Way};
use crate::cli::run::{Run, World};

const LINE: &str = "audit --platform --timeout 1 --lock-timeout 0.3";
const AUTHS: &str = "GET /api/v1/auths/ ";
const NOT_FOUND: &str = "HTTP/1.1 404 Not Found\r\nLocation: /api\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// A trouble that the sandbox starts with.
const fn with(id: &'static str, trouble: T, found: &'static [&'static str]) -> Scene {
    Scene { id, trouble: Some(trouble), line: LINE, found, ..PLAIN }
}

/// A sound deployment, of which something is changed.
const fn made(id: &'static str, make: fn(&World, Run) -> Run, found: &'static [&'static str]) -> Scene {
    Scene { id, line: LINE, make, found, ..PLAIN }
}

/// The same with the patience of somebody who waits for slow servers.
const fn slow(id: &'static str, make: fn(&World, Run) -> Run, found: &'static [&'static str]) -> Scene {
    Scene { line: "audit --platform --timeout 10", ..made(id, make, found) }
}

const fn native(scene: Scene) -> Scene {
    Scene { edition: Native, ..scene }
}

fn lamb_db(world: &World) -> PathBuf {
    world.sandbox.dir().join("lamb/lamb_v4.db")
}

fn beside_lamb_db(world: &World, suffix: &str) -> PathBuf {
    world.sandbox.dir().join(format!("lamb/lamb_v4.db{suffix}"))
}

/// LAMB's database taken away, and what this makes in its place.
fn replaced(world: &World, make: impl Fn(&PathBuf)) {
    std::fs::remove_file(lamb_db(world)).unwrap();
    make(&lamb_db(world));
}

/// Another `webui.db` than the server's.
fn other_owi_db(world: &World, run: Run, make: impl Fn(&PathBuf)) -> Run {
    let folder = world.cwd.path().join("other");
    std::fs::create_dir(&folder).unwrap();
    make(&folder.join("webui.db"));
    run.env("OWI_PATH", "other")
}

/// Open WebUI's migrations stand there.
fn stands_at(world: &World, run: Run, head: &str) -> Run {
    world.owi().execute("UPDATE alembic_version SET version_num = ?1", [head]).unwrap();
    run
}

/// Open WebUI cannot read any user.
fn error_to_tokens(world: &World, run: Run) -> Run {
    const ERROR: &str = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let url = proxy::before(world.sandbox.owi_url(), |request| {
        if request.starts_with(AUTHS) { Way::Back(ERROR) } else { Way::On(request) }
    });
    run.env("OWI_BASE_URL", &url)
}

/// Every sign-in is answered as by an Open WebUI with ENABLE_PASSWORD_AUTH=False.
fn without_sign_in(world: &World, run: Run) -> Run {
    const REFUSED: &str = "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: 76\r\n\
                           Connection: close\r\n\r\n\
                           {\"detail\":\"The requested action has been restricted as a security measure.\"}";
    let url = proxy::before(world.sandbox.owi_url(), |request| {
        if request.starts_with("POST /api/v1/auths/signin") { Way::Back(REFUSED) } else { Way::On(request) }
    });
    run.env("OWI_BASE_URL", &url)
}

/// Another process that is about to write, and lets everybody read.
fn reserved(db: Connection) {
    db.execute_batch("BEGIN IMMEDIATE").unwrap();
    // Held until the tests end.
    std::mem::forget(db);
}

/// One more row of this e-mail in a table of `webui.db`, and no half of anybody.
fn twice(world: &World, table: &str, email: &str) {
    let sql = format!(
        "CREATE TEMP TABLE copy AS SELECT * FROM {table} WHERE email = '{email}';
         UPDATE copy SET id = 'copy of ' || id; INSERT INTO {table} SELECT * FROM copy"
    );
    world.owi().execute_batch(&sql).unwrap();
}

fn before_owi(world: &World, run: Run, meddle: fn(String) -> Way) -> Run {
    run.env("OWI_BASE_URL", &proxy::before(world.sandbox.owi_url(), meddle))
}

fn before_backend(world: &World, run: Run, meddle: fn(String) -> Way) -> Run {
    run.env("LAMB_BACKEND_HOST", &proxy::before(world.sandbox.backend_url(), meddle))
}

fn late(request: String, of: &str, millis: u64) -> Way {
    if request.starts_with(of) {
        thread::sleep(Duration::from_millis(millis));
    }
    Way::On(request)
}

#[rustfmt::skip]
pub(super) const SCENES: &[Scene] = &[
    with("lamb-db-missing", T::LambDbMissing, &["lamb-db-missing"]),
    made("lamb-db-missing", |world, run| { replaced(world, |path| std::fs::create_dir(path).unwrap()); run }, &["lamb-db-missing"]),
    with("lamb-db-missing", T::LambDbEmpty, &["lamb-db-empty"]),

    with("lamb-db-empty", T::LambDbEmpty, &["lamb-db-empty"]),
    made("lamb-db-empty", |world, run| { replaced(world, |path| std::fs::write(path, "x").unwrap()); run }, &["lamb-db-garbage"]),

    with("lamb-db-garbage", T::LambDbGarbage, &["lamb-db-garbage"]),
    made("lamb-db-garbage", |world, run| {
        replaced(world, |path| Connection::open(path).unwrap().execute_batch("CREATE TABLE t (a)").unwrap());
        run
    }, &["lamb-tables-missing"]),

    made("lamb-db-unreadable", |world, run| { std::fs::create_dir(beside_lamb_db(world, "-journal")).unwrap(); run }, &["lamb-db-unreadable"]),
    made("lamb-db-unreadable", |world, run| { std::fs::write(beside_lamb_db(world, "-journal"), "").unwrap(); run }, &[]),

    with("lamb-db-locked", T::LambDbLocked, &["lamb-db-locked"]),
    made("lamb-db-locked", |world, run| { reserved(world.lamb()); run }, &[]),

    made("lamb-tables-missing", |world, run| {
        replaced(world, |path| Connection::open(path).unwrap().execute_batch("CREATE TABLE Creators (a)").unwrap());
        run
    }, &["lamb-tables-missing"]),
    with("lamb-tables-missing", T::PrefixWrong, &["prefix-wrong"]),

    with("prefix-wrong", T::PrefixWrong, &["prefix-wrong"]),
    native(with("prefix-wrong", T::PrefixWrong, &["prefix-wrong"])),
    made("prefix-wrong", |world, run| {
        world.lamb_sql("CREATE TABLE old_Creator_users AS SELECT * FROM Creator_users; CREATE TABLE old_organizations AS SELECT * FROM organizations");
        run
    }, &[]),

    with("columns-missing", T::ColumnsMissing, &["columns-missing"]),
    native(with("columns-missing", T::ColumnsMissing, &["columns-missing"])),
    made("columns-missing", |world, run| { world.lamb_sql("ALTER TABLE Creator_users ADD COLUMN nickname TEXT"); run }, &[]),

    made("lamb-triggers", |world, run| {
        world.lamb_sql("CREATE TRIGGER touches AFTER UPDATE ON {p}Creator_users BEGIN SELECT 1; END");
        run
    }, &["lamb-triggers"]),
    made("lamb-triggers", |world, run| { world.lamb_sql("CREATE INDEX touches ON {p}Creator_users (user_name)"); run }, &[]),

    with("owi-down", T::OwiDown, &["owi-down"]),
    made("owi-down", |_, run| run.env("OWI_BASE_URL", "http://open-webui.invalid:8080"), &["owi-dns"]),

    made("owi-dns", |_, run| run.env("OWI_BASE_URL", "http://open-webui.invalid:8080"), &["owi-dns"]),
    with("owi-dns", T::OwiDown, &["owi-down"]),

    with("owi-hangs", T::OwiHangs, &["owi-hangs"]),
    made("owi-hangs", |world, run| before_owi(world, run, |request| late(request, "", 300)), &[]),

    slow("owi-slow", |world, run| before_owi(world, run, |request| late(request, AUTHS, 2200)), &["owi-slow"]),
    slow("owi-slow", |world, run| before_owi(world, run, |request| late(request, AUTHS, 1000)), &[]),

    with("owi-error", T::OwiError, &["owi-error"]),
    made("owi-error", |world, run| before_owi(world, run, |_| Way::Back(NOT_FOUND)), &["owi-wrong-url"]),

    with("owi-wrong-url", T::OwiWrongUrl, &["owi-wrong-url"]),
    made("owi-wrong-url", |world, run| run.env("OWI_BASE_URL", &format!("{}/api", world.sandbox.owi_url())), &["owi-wrong-url"]),
    made("owi-wrong-url", |world, run| run.env("OWI_BASE_URL", &format!("{}/", world.sandbox.owi_url())), &[]),

    with("owi-redirect", T::OwiRedirect, &["owi-redirect"]),
    made("owi-redirect", |world, run| before_owi(world, run, |_| Way::Back(NOT_FOUND)), &["owi-wrong-url"]),

    made("owi-tls", |world, run| run.env("OWI_BASE_URL", &world.sandbox.owi_url().replace("http:", "https:")), &["owi-tls"]),
    with("owi-tls", T::OwiDown, &["owi-down"]),

    made("owi-refuses-header", |world, run| {
        before_owi(world, run, |request| Way::On(proxy::with_header(&request, "Authorization", None)))
    }, &["owi-refuses-header"]),
    made("owi-refuses-header", |world, run| {
        before_owi(world, run, |request| Way::On(proxy::with_header(&request, "Accept", Some("*/*"))))
    }, &[]),

    made("owi-schema-drift", |world, run| { world.owi().execute_batch("ALTER TABLE user ADD COLUMN bio TEXT").unwrap(); run }, &["owi-schema-drift"]),
    made("owi-schema-drift", |world, run| { world.owi().execute_batch("ALTER TABLE auth ADD COLUMN bio TEXT").unwrap(); run }, &[]),

    with("owi-db-missing", T::OwiDbMissing, &["owi-db-missing"]),
    made("owi-db-missing", |world, run| other_owi_db(world, run, |path| std::fs::write(path, "").unwrap()), &["owi-db-unreadable"]),

    made("owi-db-unreadable", |world, run| {
        other_owi_db(world, run, |path| Connection::open(path).unwrap().execute_batch("CREATE TABLE user (id)").unwrap())
    }, &["owi-db-unreadable"]),
    made("owi-db-unreadable", |world, run| {
        world.owi().execute_batch("ALTER TABLE user RENAME TO kept; CREATE VIEW user AS SELECT * FROM kept").unwrap();
        run
    }, &["owi-db-unreadable"]),
    with("owi-db-unreadable", T::OwiDbMissing, &["owi-db-missing"]),

    with("owi-db-stale", T::OwiDbStale, &["owi-db-stale"]),
    native(with("owi-db-stale", T::OwiDbStale, &["owi-db-stale"])),
    made("owi-db-stale", |world, run| {
        other_owi_db(world, run, |path| {
            world.owi().execute("VACUUM INTO ?1", [path.to_str()]).unwrap();
        })
    }, &[]),

    with("owi-locked", T::OwiDbLocked, &["owi-locked"]),
    made("owi-locked", |world, run| { reserved(world.owi()); run }, &[]),

    with("trusted-header-off", T::TrustedHeaderOff, &["trusted-header-off"]),
    with("trusted-header-off", T::TrustedHeaderRenamed, &["trusted-header-off"]),
    with("trusted-header-off", T::OwiSecretChanged, &[]),

    made("owi-version-differs", |world, run| stands_at(world, run, "c440947495f3"), &["owi-version-differs"]),
    made("owi-version-differs", |world, run| stands_at(world, run, "3781e22d8b01"), &[]),
    Scene {
        line: "diagnose --email teacher@sandbox.test",
        ..made("owi-version-differs", |world, run| stands_at(world, error_to_tokens(world, run), "c440947495f3"), &["owi-version-differs"])
    },

    // A server that is down beside half an upgrade does not start again.
    Scene {
        line: "diagnose --email teacher@sandbox.test",
        trouble: Some(T::OwiDown),
        ..made("owi-upgrade-blocked", |world, run| stands_at(world, run, "959eaac8f909"), &["owi-down", "owi-upgrade-blocked", "token-missing"])
    },
    Scene {
        line: "diagnose --email teacher@sandbox.test",
        ..with("owi-upgrade-blocked", T::OwiDown, &["owi-down", "token-missing"])
    },

    made("sign-in-refused", without_sign_in, &["sign-in-refused"]),
    native(made("sign-in-refused", without_sign_in, &["sign-in-refused"])),
    Scene { line: "diagnose --email teacher@sandbox.test", ..made("sign-in-refused", without_sign_in, &["sign-in-refused"]) },
    Scene { version: OwiVersion::V0_12_4, ..made("sign-in-refused", without_sign_in, &["owi-schema-drift", "sign-in-refused"]) },
    with("sign-in-refused", T::TrustedHeaderRenamed, &["trusted-header-off"]),

    with("forgeable-secret", T::ForgeableSecret, &["forgeable-secret"]),
    native(with("forgeable-secret", T::ForgeableSecret, &["forgeable-secret", "shared-secret-trap"])),
    made("forgeable-secret", |_, run| run.env("WEBUI_SECRET_KEY", "t0p-s3cr3t"), &[]),

    with("email-missing", T::OwiNotJson, &["email-missing"]),
    with("email-missing", T::OwiWrongUrl, &["owi-wrong-url"]),

    with("backend-down", T::BackendDown, &["backend-down"]),
    made("backend-down", |_, run| run.env("LAMB_BACKEND_HOST", "http://lamb.invalid:9099"), &["backend-dns"]),

    made("backend-dns", |_, run| run.env("LAMB_BACKEND_HOST", "http://lamb.invalid:9099"), &["backend-dns"]),
    with("backend-dns", T::BackendDown, &["backend-down"]),

    with("backend-hangs", T::BackendHangs, &["backend-hangs"]),
    made("backend-hangs", |world, run| before_backend(world, run, |request| late(request, "", 300)), &[]),

    with("backend-error", T::BackendError, &["backend-error"]),
    made("backend-error", |world, run| before_backend(world, run, |_| Way::Back(NOT_FOUND)), &["backend-wrong"]),

    with("backend-wrong", T::BackendWrong, &["backend-wrong"]),
    with("backend-wrong", T::BackendNotFound, &["backend-wrong"]),
    made("backend-wrong", |world, run| before_backend(world, run, |_| Way::Back(
        "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: 15\r\nConnection: close\r\n\r\n{\"detail\":\"no\"}"
    )), &["backend-wrong"]),
    made("backend-wrong", |_, run| run, &[]),

    with("backend-redirect", T::BackendRedirect, &["backend-redirect"]),
    made("backend-redirect", |world, run| before_backend(world, run, |_| Way::Back(NOT_FOUND)), &["backend-wrong"]),

    made("backend-tls", |world, run| run.env("LAMB_BACKEND_HOST", &world.sandbox.backend_url().replace("http:", "https:")), &["backend-tls"]),
    with("backend-tls", T::BackendDown, &["backend-down"]),

    made("bootstrap-admin", |_, run| run, &["bootstrap-admin"]),
    made("bootstrap-admin", |_, run| run.env("OWI_ADMIN_EMAIL", "teacher@sandbox.test"), &["bootstrap-admin"]),
    made("bootstrap-admin", |_, run| run.env("OWI_ADMIN_EMAIL", "operator@sandbox.test"), &[]),

    made("owi-admins-multiplied", |world, run| { twice(world, "auth", "admin@admin.owi"); run }, &["owi-admins-multiplied"]),
    made("owi-admins-multiplied", |world, run| { twice(world, "user", "admin@admin.owi"); run }, &["owi-admins-multiplied"]),
    made("owi-admins-multiplied", |world, run| { twice(world, "user", "operator@sandbox.test"); run }, &[]),

    made("owi-upgrade-blocked", |_, run| run, &["owi-upgrade-blocked"]),
    // The index folds ASCII only.
    made("owi-upgrade-blocked", |world, run| {
        world.owi().execute_batch("DELETE FROM user WHERE email = 'double@sandbox.test'; UPDATE user SET email = 'é@x' WHERE rowid = 3;
            UPDATE user SET email = 'É@x' WHERE rowid = 4").unwrap();
        run
    }, &[]),

    Scene { line: "audit --finding common-cause", ..made("common-cause", |world, run| {
        world.lamb_sql("DELETE FROM {p}organization_roles");
        run
    }, &["common-cause"]) },
    native(Scene { line: "audit --finding common-cause", ..made("common-cause", |world, run| {
        world.lamb_sql("DELETE FROM {p}Creator_users WHERE id > 4");
        run
    }, &["common-cause"]) }),
    Scene { line: "audit --finding common-cause", ..made("common-cause", |world, run| {
        world.lamb_sql("DELETE FROM {p}organization_roles WHERE user_id < 8");
        run
    }, &[]) },

    made("organization-unmanaged", |_, run| run, &["organization-unmanaged"]),
    made("organization-unmanaged", |world, run| {
        world.lamb_sql("UPDATE {p}organization_roles SET role = 'owner'; UPDATE {p}Creator_users SET enabled = 0 WHERE organization_id = 3");
        run
    }, &["organization-unmanaged"]),
    made("organization-unmanaged", |world, run| { world.lamb_sql("UPDATE {p}organization_roles SET role = 'owner'"); run }, &[]),
];

#[test]
fn platforms_are_told_apart() {
    play(SCENES, 0, 2);
}

#[test]
fn platforms_are_told_apart_too() {
    play(SCENES, 1, 2);
}
