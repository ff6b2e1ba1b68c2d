//! Accounts as `webui.db` has them: a row of `user`, and one of `auth` beside it.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::{Value, json};

use super::super::python::{self, Json};
use super::super::{OwiVersion, ids};
use super::now;

/// A row of `user` that the server can read.
#[derive(Clone, Debug)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) role: String,
    pub(super) image: String,
    pub(super) last_active_at: i64,
    pub(super) updated_at: i64,
    pub(super) created_at: i64,
    pub(super) api_key: Option<String>,
}

/// Why a row cannot be read. Only 0.12.4 tells these apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// A JSON column is not JSON.
    Json,
    /// A value is of the wrong type.
    Shape,
    /// The database itself did not answer.
    Database,
}

impl From<rusqlite::Error> for Unreadable {
    fn from(_: rusqlite::Error) -> Self {
        Self::Database
    }
}

/// What there is of a user.
pub(super) type UserLookup = Result<Option<User>, Unreadable>;

/// The first user that matches `condition` with `value`.
pub(super) fn find(db: &Connection, condition: &str, value: &str) -> UserLookup {
    let mut query = db.prepare(&format!("SELECT * FROM user WHERE {condition} LIMIT 1"))?;
    let mut rows = query.query([value])?;
    rows.next()?.map(read).transpose()
}

/// A page of the users whose name or e-mail contains `wanted`, in the order of an `ORDER BY` clause, or of none.
pub(super) fn list(
    db: &Connection,
    wanted: &str,
    order: &str,
    (skip, limit): (i64, i64),
) -> Result<Vec<User>, Unreadable> {
    let sql = format!("SELECT * FROM user WHERE {WANTED} {order} LIMIT ?2 OFFSET ?3");
    let mut query = db.prepare(&sql)?;
    let mut rows = query.query((wanted, limit, skip))?;
    let mut users = Vec::new();
    while let Some(row) = rows.next()? {
        users.push(read(row)?);
    }
    Ok(users)
}

/// How many there are on all pages.
pub(super) fn count(db: &Connection, wanted: &str) -> rusqlite::Result<i64> {
    db.query_row(&format!("SELECT count(*) FROM user WHERE {WANTED}"), [wanted], |row| row.get(0))
}

const WANTED: &str = "(instr(lower(name), lower(?1)) OR instr(lower(email), lower(?1)))";

fn read(row: &Row<'_>) -> Result<User, Unreadable> {
    for column in ["settings", "info", "oauth"] {
        // 0.5.6 has no `oauth`; of the other two none may be missing.
        let value = match row.get_ref(column) {
            Err(_) if column == "oauth" => continue,
            value => value.map_err(|_| Unreadable::Database)?,
        };
        readable_json(column, value)?;
    }
    // All columns are read, those that nothing here needs as well.
    for column in ["api_key", "oauth_sub"] {
        if let Ok(ValueRef::Text(text) | ValueRef::Blob(text)) = row.get_ref(column) {
            std::str::from_utf8(text).map_err(|_| Unreadable::Shape)?;
        }
    }
    let value = |column: &str| row.get_ref(column).map_err(|_| Unreadable::Database);
    let text = |column: &str| text_of(value(column)?).ok_or(Unreadable::Shape);
    let time = |column: &str| whole(value(column)?).ok_or(Unreadable::Shape);
    Ok(User {
        id: text("id")?,
        name: text("name")?,
        email: text("email")?,
        role: text("role")?,
        image: text("profile_image_url")?,
        last_active_at: time("last_active_at")?,
        updated_at: time("updated_at")?,
        created_at: time("created_at")?,
        api_key: row.get_ref("api_key").ok().and_then(text_of),
    })
}

/// An object or nothing, and in the settings one more of that kind.
fn readable_json(column: &str, value: ValueRef<'_>) -> Result<(), Unreadable> {
    let json = match value {
        ValueRef::Null => return Ok(()),
        ValueRef::Text(text) => std::str::from_utf8(text).ok().and_then(python::loads),
        ValueRef::Blob(bytes) => python::loads_bytes(bytes),
        _ => None,
    };
    match json.ok_or(Unreadable::Json)? {
        Json::Null => Ok(()),
        settings @ Json::Object(_) => match settings.get("ui").filter(|_| column == "settings") {
            None | Some(Json::Null | Json::Object(_)) => Ok(()),
            Some(_) => Err(Unreadable::Shape),
        },
        _ => Err(Unreadable::Shape),
    }
}

fn text_of(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => std::str::from_utf8(bytes).ok().map(str::to_owned),
        _ => None,
    }
}

/// A whole number, also where it is written as a text.
fn whole(value: ValueRef<'_>) -> Option<i64> {
    match value {
        ValueRef::Integer(n) => Some(n),
        ValueRef::Text(_) | ValueRef::Blob(_) => text_of(value)?.trim().replace('_', "").parse().ok(),
        _ => None,
    }
}

/// The `auth` row of a user.
pub(super) struct Auth {
    pub(super) active: bool,
    pub(super) password: String,
    pub(super) id: String,
    pub(super) stamp: Option<String>,
}

/// The first `auth` row for which `condition` holds with `value`.
pub(super) fn find_auth(db: &Connection, condition: &str, value: &str) -> rusqlite::Result<Option<Auth>> {
    let mut query = db.prepare(&format!("SELECT * FROM auth WHERE {condition} LIMIT 1"))?;
    query
        .query_row([value], |row| {
            Ok(Auth {
                active: matches!(row.get_ref("active")?, ValueRef::Integer(1)),
                password: text_of(row.get_ref("password")?).unwrap_or_default(),
                id: row.get("id")?,
                stamp: row.get("session_stamp").unwrap_or(None),
            })
        })
        .optional()
}

/// The user whose API key this is.
pub(super) fn find_by_key(db: &Connection, version: OwiVersion, key: &str) -> UserLookup {
    let condition =
        if version.has_key_table() { "id = (SELECT user_id FROM api_key WHERE key = ?)" } else { "api_key = ?" };
    find(db, condition, key)
}

/// Makes an account, and gives its id.
pub(super) fn create(
    db: &mut Connection,
    version: OwiVersion,
    (email, name, role): (&str, &str, &str),
    hash: &str,
) -> rusqlite::Result<String> {
    let db = db.transaction()?;
    let rows: i64 = db.query_row("SELECT count(*) FROM user", [], |row| row.get(0))?;
    let (id, at) = (ids::uuid(&format!("new {email} {rows} {}", jiff::Timestamp::now())), now());
    db.execute(
        "INSERT INTO user (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at, \
         settings, info) VALUES (?, ?, ?, ?, '/user.png', ?, ?, ?, 'null', 'null')",
        params![id, name, email, role, at, at, at],
    )?;
    db.execute("INSERT INTO auth (id, email, password, active) VALUES (?, ?, ?, 1)", params![id, email, hash])?;
    if version.stamps_sessions() {
        db.execute("UPDATE auth SET session_stamp = ? WHERE id = ?", params![ids::stamp(&id), id])?;
    }
    db.commit()?;
    Ok(id)
}

impl User {
    /// The row as the listings show it.
    pub(super) fn listed(&self, version: OwiVersion) -> Value {
        if version == OwiVersion::V0_5_6 {
            return json!({
                "id": self.id, "name": self.name, "email": self.email, "role": self.role,
                "profile_image_url": self.image, "last_active_at": self.last_active_at,
                "updated_at": self.updated_at, "created_at": self.created_at, "api_key": self.api_key,
                "settings": null, "info": null, "oauth_sub": null,
            });
        }
        let mut row = json!({
            "id": self.id, "email": self.email, "username": null, "role": self.role, "name": self.name,
            "profile_image_url": self.image, "profile_banner_image_url": null, "bio": null, "gender": null,
            "date_of_birth": null, "timezone": null, "presence_state": null, "status_emoji": null,
            "status_message": null, "status_expires_at": null, "info": null, "settings": null, "oauth": null,
        });
        if version.stamps_sessions() {
            row["scim"] = Value::Null;
        }
        row["last_active_at"] = json!(self.last_active_at);
        row["updated_at"] = json!(self.updated_at);
        row["created_at"] = json!(self.created_at);
        row["group_ids"] = json!([]);
        row
    }

    /// What a sign-in answers, in the order of this version. 0.12.4 serves the image itself.
    pub(super) fn signed_in(&self, version: OwiVersion) -> Value {
        let (id, name, email, role) = (&self.id, &self.name, &self.email, &self.role);
        match version {
            OwiVersion::V0_5_6 => {
                json!({ "id": id, "email": email, "name": name, "role": role, "profile_image_url": self.image })
            }
            OwiVersion::V0_6_43 => {
                json!({ "id": id, "name": name, "role": role, "email": email, "profile_image_url": self.image })
            }
            OwiVersion::V0_12_4 => {
                let image = served_image(id);
                json!({ "id": id, "name": name, "role": role, "email": email, "profile_image_url": image })
            }
        }
    }
}

pub(super) fn served_image(id: &str) -> String {
    format!("/api/v1/users/{id}/profile/image")
}
