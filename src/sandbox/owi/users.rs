//! What an admin asks: list the users, and change a user's role.

use hyper::StatusCode;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::super::OwiVersion;
use super::super::http::{Reply, Request};
use super::accounts::{Unreadable, User, count, list};
use super::session::Caller;
use super::{OpenWebUi, Refused, broken, refuse, says};

/// Users on a page, from 0.6 on.
const PAGE: i64 = 30;
/// The order where none is asked for. Those of one second have none among them in a real server; here they come newest
/// first, because here a second is enough for all users.
const NEWEST: &str = "ORDER BY created_at DESC, rowid DESC";

/// One row that cannot be read spoils its whole page.
fn crash(_: Unreadable) -> Refused {
    Box::new(Reply::crash())
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
        let number = |name: &str| request.query_value(name).and_then(|text| text.parse().ok());
        if self.version == OwiVersion::V0_5_6 {
            let page = (number("skip").unwrap_or(0), number("limit").filter(|&limit| limit != 0).unwrap_or(-1));
            let page = list(&db, "", NEWEST, page).map_err(crash)?;
            return Ok(Reply::ok(&self.rows(&page)));
        }
        let wanted = request.query_value("query").unwrap_or_default();
        let skip = number("page").unwrap_or(1).saturating_sub(1).max(0).saturating_mul(PAGE);
        let page = list(&db, &wanted, &self.order(request, &wanted), (skip, PAGE)).map_err(crash)?;
        let total = count(&db, &wanted).map_err(broken)?;
        Ok(Reply::ok(&json!({ "users": self.rows(&page), "total": total })))
    }

    /// The order that `order_by` and `direction` ask for. Where something is searched for and no order given, and in
    /// 0.6.43 where the order is unknown, there is none.
    fn order(&self, request: &Request, wanted: &str) -> String {
        let by = request.query_value("order_by").unwrap_or_default();
        let down = if request.query_value("direction").as_deref() == Some("asc") { "ASC" } else { "DESC" };
        // With `direction` alone 0.6.43 takes it for a filter, which has no order either.
        let filtered = !wanted.is_empty()
            || (self.version == OwiVersion::V0_6_43 && (!by.is_empty() || request.query_value("direction").is_some()));
        match by.as_str() {
            "created_at" if down == "DESC" => NEWEST.to_owned(),
            "name" | "email" | "created_at" | "last_active_at" | "updated_at" | "role" => {
                format!("ORDER BY {by} {down}")
            }
            _ if filtered => String::new(),
            _ => NEWEST.to_owned(),
        }
    }

    /// `users/all`, which 0.5.6 reads as a user id.
    pub(super) fn list_all(&self, request: &Request) -> Result<Reply, Refused> {
        let db = self.open().map_err(broken)?;
        if self.version == OwiVersion::V0_5_6 {
            self.caller(&db, request)?;
            return Err(refuse(StatusCode::BAD_REQUEST, says::NOT_FOUND));
        }
        self.admin(&db, request)?;
        let users = list(&db, "", NEWEST, (0, -1)).map_err(crash)?;
        Ok(Reply::ok(&json!({ "users": self.rows(&users), "total": users.len() })))
    }

    fn rows(&self, users: &[User]) -> Value {
        users.iter().map(|user| user.listed(self.version)).collect()
    }
}
