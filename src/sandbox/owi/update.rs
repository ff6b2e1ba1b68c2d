//! What an admin changes about a user: the role, the e-mail, the name.

use hyper::StatusCode;
use rusqlite::{Connection, OptionalExtension as _};
use serde_json::{Value, json};

use super::super::OwiVersion;
use super::super::http::{Reply, Request};
use super::accounts::{Unreadable, User, find};
use super::signin::COST;
use super::{OpenWebUi, Refused, broken, refuse, says};

impl OpenWebUi {
    /// `users/update/role`, for all users except oneself and the first.
    pub(super) fn update_role(&self, request: &Request) -> Result<Reply, Refused> {
        let db = self.open().map_err(broken)?;
        let caller = self.admin(&db, request)?;
        let new = self.body(request, &["id", "role"])?;
        let (id, role) = (new.text("id"), new.text("role"));
        if caller.user.id == id || is_first(&db, id)? {
            return Err(refuse(StatusCode::FORBIDDEN, says::RESTRICTED));
        }
        // A row that cannot be read is written to all the same.
        db.execute("UPDATE user SET role = ? WHERE id = ?", (role, id)).map_err(broken)?;
        let user = find(&db, "id = ?", id).unwrap_or_default();
        Ok(Reply::ok(&user.map_or(Value::Null, |user| user.listed(self.version))))
    }

    /// `DELETE users/{id}`: both halves of an account. Not one's own, and from 0.6 on not the first one.
    pub(super) fn delete(&self, request: &Request, id: &str) -> Result<Reply, Refused> {
        let db = self.open().map_err(broken)?;
        let caller = self.admin(&db, request)?;
        if self.version != OwiVersion::V0_5_6 && is_first(&db, id)? {
            // 0.6.43 catches its own refusal.
            return Err(match self.version {
                OwiVersion::V0_6_43 => refuse(StatusCode::INTERNAL_SERVER_ERROR, says::UNVERIFIED_ADMIN),
                _ => refuse(StatusCode::FORBIDDEN, says::RESTRICTED),
            });
        }
        if caller.user.id == id {
            return Err(refuse(StatusCode::FORBIDDEN, says::RESTRICTED));
        }
        for table in ["user", "auth"] {
            db.execute(&format!("DELETE FROM \"{table}\" WHERE id = ?"), [id]).map_err(broken)?;
        }
        Ok(Reply::ok(&json!(true)))
    }

    /// `users/{id}`: of 0.5.6 little more than the name.
    pub(super) fn one(&self, request: &Request, id: &str) -> Result<Reply, Refused> {
        let db = self.open().map_err(broken)?;
        if self.version == OwiVersion::V0_12_4 {
            self.admin(&db, request)?;
        } else if !["user", "admin"].contains(&&*self.caller(&db, request)?.user.role) {
            return Err(refuse(StatusCode::UNAUTHORIZED, says::PROHIBITED));
        }
        let user = self.user_to_change(&db, id)?;
        if self.version == OwiVersion::V0_5_6 {
            let (name, image) = (&user.name, &user.image);
            return Ok(Reply::ok(&json!({ "name": name, "profile_image_url": image, "active": false })));
        }
        let mut row = user.listed(self.version);
        if let Some(row) = row.as_object_mut() {
            row.remove("group_ids");
        }
        row["groups"] = json!([]);
        row["is_active"] = json!(false);
        Ok(Reply::ok(&row))
    }

    /// `users/{id}/update`. Before 0.12 all fields must be there; 0.5.6 knows no role among them.
    pub(super) fn update(&self, request: &Request, id: &str) -> Result<Reply, Refused> {
        const FIELDS: &[&str] = &["role", "name", "email", "profile_image_url"];
        let db = self.open().map_err(broken)?;
        let caller = self.admin(&db, request)?;
        let (first_field, needed) = match self.version {
            OwiVersion::V0_5_6 => (1, FIELDS.get(1..).unwrap_or_default()),
            OwiVersion::V0_6_43 => (0, FIELDS),
            OwiVersion::V0_12_4 => (0, &[][..]),
        };
        let new = self.body(request, needed)?;
        let is_demoted = new.has("role") && new.text("role") != "admin";
        if self.version != OwiVersion::V0_5_6 && is_first(&db, id)? && (caller.user.id != id || is_demoted) {
            // 0.6.43 catches its own refusal.
            return Err(match self.version {
                OwiVersion::V0_6_43 => refuse(StatusCode::INTERNAL_SERVER_ERROR, says::UNVERIFIED_ADMIN),
                _ => refuse(StatusCode::FORBIDDEN, says::RESTRICTED),
            });
        }
        let user = self.user_to_change(&db, id)?;
        let email = new.text("email").to_lowercase();
        if new.has("email") {
            if email != user.email {
                // From 0.12 on that finds the account itself in another spelling, too.
                self.refuse_taken(&db, &email)?;
            }
            db.execute("UPDATE auth SET email = ? WHERE id = ?", (&email, id)).map_err(broken)?;
        }
        if !new.text("password").is_empty() {
            let hash = bcrypt::hash(new.text("password"), COST).map_err(|_| Reply::crash())?;
            db.execute("UPDATE auth SET password = ? WHERE id = ?", (&hash, id)).map_err(broken)?;
        }
        for field in FIELDS.iter().skip(first_field).filter(|field| new.has(field)) {
            let value = if *field == "email" { &*email } else { new.text(field) };
            db.execute(&format!("UPDATE user SET {field} = ? WHERE id = ?"), (value, id)).map_err(broken)?;
        }
        Ok(Reply::ok(&self.user_to_change(&db, id)?.listed(self.version)))
    }

    /// The user of an id. Before 0.12 a row that cannot be read is none.
    fn user_to_change(&self, db: &Connection, id: &str) -> Result<User, Refused> {
        match find(db, "id = ?", id) {
            Ok(Some(user)) => Ok(user),
            Err(Unreadable::Json | Unreadable::Shape) if self.version == OwiVersion::V0_12_4 => {
                Err(Box::new(Reply::crash()))
            }
            Ok(None) | Err(_) => Err(refuse(StatusCode::BAD_REQUEST, says::NOT_FOUND)),
        }
    }
}

/// The user that cannot be demoted.
fn is_first(db: &Connection, id: &str) -> Result<bool, Refused> {
    let sql = "SELECT id FROM user ORDER BY created_at, rowid LIMIT 1";
    let first: Option<String> = db.query_row(sql, [], |row| row.get(0)).optional().map_err(broken)?;
    Ok(first.as_deref() == Some(id))
}
