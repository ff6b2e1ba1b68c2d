//! What an admin asks: who is there, and change somebody's role.

use hyper::StatusCode;
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::OwiVersion;
use super::super::http::{Reply, Request};
use super::accounts::{User, all, find};
use super::session::Caller;
use super::{OpenWebUi, Refused, broken, refuse, says};

/// Users on a page, from 0.6 on.
const PAGE: usize = 30;
/// Users in 0.5.6's list where no `limit` is given.
const LIMIT: usize = 50;

#[derive(Deserialize)]
struct NewRole {
    id: String,
    role: String,
}

impl OpenWebUi {
    /// Lets admins through.
    pub(super) fn admin(&self, db: &Connection, request: &Request) -> Result<Caller, Refused> {
        let caller = self.caller(db, request)?;
        if caller.user.role == "admin" { Ok(caller) } else { Err(refuse(StatusCode::UNAUTHORIZED, says::PROHIBITED)) }
    }

    pub(super) fn list(&self, request: &Request) -> Result<Reply, Refused> {
        let db = self.open().map_err(broken)?;
        self.admin(&db, request)?;
        let users = all(&db).map_err(broken)?;
        let number = |name: &str| request.query_value(name).and_then(|text| text.parse::<usize>().ok());
        if self.version == OwiVersion::V0_5_6 {
            let (skip, limit) = (number("skip").unwrap_or(0), number("limit").unwrap_or(LIMIT));
            return Ok(Reply::ok(&self.rows(users.iter().skip(skip).take(limit))));
        }
        let wanted = request.query_value("query").unwrap_or_default().to_lowercase();
        let matches = |text: &str| text.to_lowercase().contains(&wanted);
        let found: Vec<_> = users.iter().filter(|user| matches(&user.email) || matches(&user.name)).collect();
        let skip = number("page").unwrap_or(1).saturating_sub(1).saturating_mul(PAGE);
        let page = self.rows(found.iter().copied().skip(skip).take(PAGE));
        Ok(Reply::ok(&json!({ "users": page, "total": found.len() })))
    }

    /// `users/all`, which 0.5.6 takes for somebody's id.
    pub(super) fn list_all(&self, request: &Request) -> Result<Reply, Refused> {
        let db = self.open().map_err(broken)?;
        if self.version == OwiVersion::V0_5_6 {
            self.caller(&db, request)?;
            return Err(refuse(StatusCode::BAD_REQUEST, says::NOT_FOUND));
        }
        self.admin(&db, request)?;
        let users = all(&db).map_err(broken)?;
        Ok(Reply::ok(&json!({ "users": self.rows(users.iter()), "total": users.len() })))
    }

    fn rows<'a>(&self, users: impl Iterator<Item = &'a User>) -> Value {
        users.map(|user| user.listed(self.version)).collect()
    }

    /// `users/update/role`, for everybody but oneself.
    pub(super) fn update_role(&self, request: &Request) -> Result<Reply, Refused> {
        let db = self.open().map_err(broken)?;
        let caller = self.admin(&db, request)?;
        let new: NewRole = self.body(request)?;
        if caller.user.id == new.id {
            return Err(refuse(StatusCode::FORBIDDEN, says::RESTRICTED));
        }
        db.execute("UPDATE user SET role = ? WHERE id = ?", (&new.role, &new.id)).map_err(broken)?;
        match find(&db, "id = ?", &new.id) {
            Ok(Some(user)) => Ok(Reply::ok(&user.listed(self.version))),
            _ => Err(refuse(StatusCode::FORBIDDEN, says::RESTRICTED)),
        }
    }
}
