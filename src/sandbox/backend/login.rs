//! `POST /creator/login`, and what LAMB writes into Open WebUI's file on the way.

use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::{Value, json};

use super::creators::Creator;
use super::{Backend, ask, tokens};
use crate::lamb::Edition;
use crate::sandbox::http::{Reply, Request};
use crate::sandbox::{databases, ids};
use crate::token::mint;

/// The columns that LAMB expects in Open WebUI's `user` table. With any more it can read nobody.
const COLUMNS: i64 = 12;

const BAD_CREDENTIALS: &str = "Invalid email or password";
const DISABLED: &str = "Account has been disabled. Please contact your administrator.";

/// An account of Open WebUI as LAMB reads it from the file.
struct Account {
    role: String,
    password: String,
}

impl Backend {
    /// A refused login is HTTP 200 as well.
    pub(super) fn login(&self, request: &Request) -> Reply {
        let field = |name: &str| request.form_value(name).unwrap_or_default();
        Reply::ok(&match self.try_login(&field("email"), &field("password")) {
            Ok(data) => json!({ "success": true, "data": data }),
            Err(error) => json!({ "success": false, "error": error }),
        })
    }

    fn try_login(&self, email: &str, password: &str) -> Result<Value, &'static str> {
        if self.edition == Edition::Native {
            self.run_migrations();
            self.multiply_admins();
        }
        let creator = self.creator(email).map_err(|_| BAD_CREDENTIALS)?;
        let account = self.account(email);
        let hash = match (self.edition, &creator.password_hash) {
            (Edition::Native, Some(hash)) => Some(hash.as_str()),
            _ => account.as_ref().map(|account| account.password.as_str()),
        };
        if !hash.is_some_and(|hash| bcrypt::verify(password, hash).unwrap_or(false)) {
            return Err(BAD_CREDENTIALS);
        }
        if !creator.enabled {
            return Err(DISABLED);
        }
        if self.edition == Edition::Native && !self.has_user_row(email) {
            self.make_account(email, &creator.name, "user", hash.unwrap_or_default());
        }
        let owi_token = self.sign_in(email, &creator.name);
        let shown = owi_token.as_deref().unwrap_or("None");
        let launch_url = format!("http://{}/api/v1/auths/complete?token={shown}", self.owi);
        let (token, role) = self.own_token(&creator, account.as_ref(), owi_token.as_deref());
        Ok(json!({
            "token": token, "name": creator.name, "email": creator.email, "launch_url": launch_url,
            "user_id": creator.id, "role": role, "user_type": creator.user_type,
            "organization_role": self.organization_role(&creator),
        }))
    }

    /// The token that the browser keeps, and the role it goes with.
    fn own_token(&self, creator: &Creator, account: Option<&Account>, owi: Option<&str>) -> (Option<String>, String) {
        match self.edition {
            Edition::Delegated => {
                (owi.map(str::to_owned), account.map_or_else(|| "user".to_owned(), |account| account.role.clone()))
            }
            Edition::Native => {
                let role = creator.role.clone().unwrap_or_else(|| "user".to_owned());
                let now = jiff::Timestamp::now().as_second();
                let claims = tokens::lamb_claims(creator.id, &creator.email, &role, now);
                let token = mint::sign(&claims, &self.secret).ok();
                (token.map(|token| token.expose().to_owned()), role)
            }
        }
    }

    /// The trusted sign-in: how LAMB gets every token of Open WebUI.
    fn sign_in(&self, email: &str, name: &str) -> Option<String> {
        let headers = [("Content-Type", "application/json"), ("X-User-Email", email), ("X-User-Name", name)];
        let body = json!({ "email": "", "password": "" }).to_string();
        let answer = ask(self.owi, "POST", "/api/v1/auths/signin", &headers, &body).ok()?;
        let user = answer.json.filter(|_| answer.status == 200)?;
        user["token"].as_str().map(str::to_owned)
    }

    /// The account with this e-mail that may sign in; nobody where the table is not as LAMB expects it.
    fn account(&self, email: &str) -> Option<Account> {
        let db = databases::open(&self.owi_db, self.patience).ok().filter(|db| columns(db) == COLUMNS)?;
        let sql = "SELECT user.role, auth.password FROM user JOIN auth USING (id) WHERE user.email = ? AND auth.active";
        let account =
            db.query_row(sql, [email], |row| Ok(Account { role: row.get(0)?, password: row.get(1)? })).optional();
        account.ok().flatten()
    }

    /// True also where the account is switched off; nobody has one where the table is not as LAMB expects it.
    fn has_user_row(&self, email: &str) -> bool {
        let sql = "SELECT EXISTS (SELECT 1 FROM user WHERE email = ?)";
        let db = databases::open(&self.owi_db, self.patience).ok().filter(|db| columns(db) == COLUMNS);
        db.is_some_and(|db| db.query_row(sql, [email], |row| row.get(0)).unwrap_or(false))
    }

    /// The native edition looks for Open WebUI's admin whenever it needs Open WebUI, and makes one where it finds
    /// none. In a table of another shape it never finds one.
    pub(super) fn multiply_admins(&self) {
        if databases::open(&self.owi_db, self.patience).is_ok_and(|db| columns(&db) > COLUMNS) {
            self.make_account(self.owi_admin, "Admin User", "admin", "");
        }
    }

    /// Writes an account straight into Open WebUI's file. Where an index forbids it, nothing happens.
    fn make_account(&self, email: &str, name: &str, role: &str, hash: &str) {
        let Ok(mut db) = databases::open(&self.owi_db, self.patience) else { return };
        let _ = insert_account(&mut db, email, name, role, hash);
    }
}

fn columns(db: &Connection) -> i64 {
    db.query_row("SELECT count(*) FROM pragma_table_info('user')", [], |row| row.get(0)).unwrap_or(0)
}

fn insert_account(db: &mut Connection, email: &str, name: &str, role: &str, hash: &str) -> rusqlite::Result<()> {
    let db = db.transaction()?;
    let now = jiff::Timestamp::now();
    let (id, at) = (ids::uuid(&format!("lamb made {email} {now}")), now.as_second());
    db.execute(
        "INSERT INTO user (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at) \
         VALUES (?, ?, ?, ?, '/user.png', ?, ?, ?)",
        params![id, name, email, role, at, at, at],
    )?;
    db.execute("INSERT INTO auth (id, email, password, active) VALUES (?, ?, ?, 1)", params![id, email, hash])?;
    db.commit()
}
