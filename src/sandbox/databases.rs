//! Writes the two databases as LAMB and Open WebUI would have left them.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, params};

use super::people::{AuthRow, ORGANIZATIONS, Organization, OwiUser, Password, SandboxUser, Student, people};
use super::{OwiVersion, Trouble, ids};
use crate::lamb::Edition;

/// The password of all users that have one.
pub(super) const PASSWORD: &str = "sandbox-password";
/// When everything was made: the same in every sandbox.
pub(super) const CREATED_AT: i64 = 1_760_000_000;
/// Where the old copy of `webui.db` has its two users.
const STALE: usize = 2;

/// A sound bcrypt hash of [`PASSWORD`]: quick to make, and the same in every sandbox.
pub(super) fn password_hash() -> Result<String, bcrypt::BcryptError> {
    let parts = bcrypt::hash_with_salt(PASSWORD, 4, *b"lamb-auth sandbo")?;
    Ok(parts.format_for_version(bcrypt::Version::TwoB))
}

/// Makes the database `path` in the journal mode `journal`.
fn create(path: &Path, journal: &str) -> rusqlite::Result<Connection> {
    let db = Connection::open(path)?;
    db.pragma_update(None, "journal_mode", journal)?;
    like_a_server(&db)?;
    Ok(db)
}

/// Opens a database as the stand-ins do: never makes the file, and waits as long as `patience` for a lock.
pub(super) fn open(path: &Path, lock_timeout: Duration) -> rusqlite::Result<Connection> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    db.busy_timeout(lock_timeout)?;
    like_a_server(&db)?;
    Ok(db)
}

/// Python's SQLite, unlike this one, starts with foreign keys off. And nothing here needs to survive a crash.
fn like_a_server(db: &Connection) -> rusqlite::Result<()> {
    db.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF;")
}

/// Makes `lamb_v4.db` with all users. `full` is the prefix of their tables; where `empty` is another, a second
/// set without a row is under it.
pub(super) fn write_lamb(path: &Path, edition: Edition, trouble: Option<Trouble>, hash: &str) -> rusqlite::Result<()> {
    let journal = if edition == Edition::Native { "wal" } else { "delete" };
    let mut db = create(path, journal)?;
    let db = db.transaction()?;
    let configured = edition.default_prefix();
    if trouble == Some(Trouble::PrefixWrong) {
        write_lamb_tables(&db, edition, configured)?;
        write_lamb_tables(&db, edition, "old_")?;
        write_creators(&db, edition, "old_", hash)?;
    } else {
        write_lamb_tables(&db, edition, configured)?;
        write_creators(&db, edition, configured, hash)?;
    }
    if trouble == Some(Trouble::ColumnsMissing) {
        db.execute_batch(&format!(
            "DROP INDEX idx_{configured}creator_users_enabled; ALTER TABLE {configured}Creator_users DROP COLUMN enabled;"
        ))?;
    }
    db.commit()
}

fn write_lamb_tables(db: &Connection, edition: Edition, prefix: &str) -> rusqlite::Result<()> {
    db.execute_batch(&include_str!("schema/lamb.sql").replace("{p}", prefix))?;
    match edition {
        Edition::Delegated => Ok(()),
        Edition::Native => db.execute_batch(&include_str!("schema/lamb-native.sql").replace("{p}", prefix)),
    }
}

fn write_creators(db: &Connection, edition: Edition, p: &str, hash: &str) -> rusqlite::Result<()> {
    let at = CREATED_AT;
    for org in &ORGANIZATIONS {
        write_organization(db, p, org)?;
    }
    for person in people() {
        write_student(db, p, person)?;
        let Some(creator) = &person.lamb else { continue };
        db.execute(
            &format!(
                "INSERT INTO {p}Creator_users (organization_id, user_email, user_name, user_type, user_config, \
                 created_at, updated_at, enabled) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            ),
            params![
                creator.organization,
                person.lamb_email(),
                person.name,
                creator.user_type,
                creator.user_config,
                at,
                at,
                creator.enabled
            ],
        )?;
        let id = db.last_insert_rowid();
        for (organization, role) in creator.roles {
            db.execute(
                &format!(
                    "INSERT INTO {p}organization_roles (organization_id, user_id, role, created_at, updated_at) \
                     VALUES (?, ?, ?, ?, ?)"
                ),
                params![organization, id, role, at, at],
            )?;
        }
        if edition == Edition::Native {
            let password = match creator.password {
                Password::Sound => Some(hash),
                Password::Missing => None,
                Password::Unsound => Some("sandbox-password in clear text"),
            };
            let lti = (creator.provider == "lti_creator").then(|| format!("lti-{id}"));
            db.execute(
                &format!(
                    "UPDATE {p}Creator_users SET lti_user_id = ?, auth_provider = ?, password_hash = ?, role = ? \
                     WHERE id = ?"
                ),
                params![lti, creator.provider, password, creator.system_role, id],
            )?;
        }
    }
    Ok(())
}

fn write_student(db: &Connection, p: &str, person: &SandboxUser) -> rusqlite::Result<()> {
    let sql = match person.student {
        None | Some(Student::Synthetic) => return Ok(()),
        Some(Student::Lti) => {
            format!(
                "INSERT INTO {p}lti_users (user_email, user_name, user_display_name, assistant_id, assistant_name, \
                 lti_context_id) VALUES (?1, ?2, ?2, '12', 'course', '')"
            )
        }
        Some(Student::Activity) => {
            if db.table_exists(None, format!("{p}lti_activities").as_str())? {
                let sql = format!(
                    "INSERT OR IGNORE INTO {p}lti_activities (id, resource_link_id, organization_id, owi_group_id, \
                     owi_group_name, owner_email, configured_by_email) \
                     VALUES (7, '7', 1, 'g-7', 'lti_activity_7', 'teacher@sandbox.test', 'teacher@sandbox.test')"
                );
                db.execute(&sql, [])?;
            }
            format!("INSERT INTO {p}lti_activity_users (user_email, user_name, activity_id) VALUES (?, ?, 7)")
        }
    };
    db.execute(&sql, params![person.email, person.name]).map(|_| ())
}

/// Makes a set of tables with LAMB's own organization in it, where there is none under this prefix.
pub(super) fn make_lamb_tables(path: &Path, edition: Edition, prefix: &str) -> rusqlite::Result<()> {
    let mut db = Connection::open(path)?;
    like_a_server(&db)?;
    let db = db.transaction()?;
    let name = format!("{prefix}Creator_users");
    let is_there: bool =
        db.query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = ?)", [name], |row| row.get(0))?;
    if !is_there {
        write_lamb_tables(&db, edition, prefix)?;
        write_organization(&db, prefix, &ORGANIZATIONS[0])?;
    }
    db.commit()
}

fn write_organization(db: &Connection, p: &str, org: &Organization) -> rusqlite::Result<()> {
    db.execute(
        &format!("INSERT INTO {p}organizations VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
        params![org.id, org.slug, org.name, org.slug == "lamb", org.status, org.config, CREATED_AT, CREATED_AT],
    )
    .map(|_| ())
}

/// LAMB's id of `person`: their place among the creators.
pub(super) fn creator_id(person: &SandboxUser) -> Option<usize> {
    people().iter().filter(|p| p.in_lamb()).position(|p| p.email == person.email).map(|i| i + 1)
}

/// Makes the server's `webui.db` with all users.
pub(super) fn write_owi(path: &Path, version: OwiVersion, hash: &str) -> rusqlite::Result<()> {
    write_accounts(path, version, hash, people(), |person, copy| ids::owi_user(person.email, copy))
}

/// Makes an old `webui.db`, from before the volume was created again.
pub(super) fn write_stale_owi(path: &Path, version: OwiVersion, hash: &str) -> rusqlite::Result<()> {
    write_accounts(path, version, hash, people().get(..STALE).unwrap_or_default(), |person, _| {
        ids::uuid(&format!("old volume {}", person.email))
    })
}

fn write_accounts(
    path: &Path,
    version: OwiVersion,
    hash: &str,
    who: &[SandboxUser],
    id_of: impl Fn(&SandboxUser, u8) -> String,
) -> rusqlite::Result<()> {
    let mut db = create(path, version.journal_mode())?;
    let db = db.transaction()?;
    db.execute_batch(version.schema())?;
    for person in who {
        let Some(user) = &person.owi else { continue };
        let copies = if version.stamps_sessions() { 1 } else { user.copies };
        for copy in 0..copies {
            write_account(&db, version, person, user, &id_of(person, copy), hash)?;
        }
    }
    db.commit()
}

fn write_account(
    db: &Connection,
    version: OwiVersion,
    person: &SandboxUser,
    user: &OwiUser,
    id: &str,
    hash: &str,
) -> rusqlite::Result<()> {
    // An unreadable row spoils the page of the admin's list that it is on: as the oldest it is on the last.
    let at = if user.settings == "null" { CREATED_AT } else { CREATED_AT - 1 };
    db.execute(
        "INSERT INTO user (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at, \
         settings, info) VALUES (?, ?, ?, ?, '/user.png', ?, ?, ?, ?, 'null')",
        params![id, person.name, person.email, user.role, at, at, at, user.settings],
    )?;
    if matches!(person.student, Some(Student::Activity)) {
        write_group(db, version, id)?;
    }
    let email = match user.auth {
        AuthRow::Missing => return Ok(()),
        AuthRow::Same => person.email,
        AuthRow::OtherEmail(email) => email,
    };
    db.execute(
        "INSERT INTO auth (id, email, password, active) VALUES (?, ?, ?, ?)",
        params![id, email, hash, user.active],
    )?;
    if version.stamps_sessions() {
        db.execute("UPDATE auth SET session_stamp = ? WHERE id = ?", params![ids::stamp(id), id])?;
    }
    Ok(())
}

/// Makes the group of the activity, with one member.
fn write_group(db: &Connection, version: OwiVersion, member: &str) -> rusqlite::Result<()> {
    let name = "lti_activity_7";
    if version == OwiVersion::V0_5_6 {
        let members = serde_json::json!([member]).to_string();
        db.execute("INSERT INTO \"group\" (id, name, user_ids) VALUES ('g-7', ?, ?)", [name, &members])?;
    } else {
        db.execute("INSERT INTO \"group\" (id, name) VALUES ('g-7', ?)", [name])?;
        db.execute("INSERT INTO group_member (id, group_id, user_id) VALUES ('m-7', 'g-7', ?)", [member])?;
    }
    Ok(())
}

/// Gives the user `id` the API key `key`.
pub(super) fn write_api_key(path: &Path, version: OwiVersion, id: &str, key: &str) -> rusqlite::Result<()> {
    let db = open(path, Duration::ZERO)?;
    if version.has_key_table() {
        db.execute(
            "INSERT INTO api_key (id, user_id, key, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
            params![format!("key_{id}"), id, key, CREATED_AT, CREATED_AT],
        )?;
    } else {
        db.execute("UPDATE user SET api_key = ? WHERE id = ?", params![key, id])?;
    }
    Ok(())
}
