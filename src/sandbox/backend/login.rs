//! `POST /creator/login`, and what LAMB writes into both files on the way.

use hyper::StatusCode;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::{Value, json};

use super::creators::{Creator, python_reads, word};
use super::{Ask, Backend, tokens};
use crate::email;
use crate::lamb::Edition;
use crate::sandbox::http::{Reply, Request};
use crate::sandbox::owi::signin;
use crate::sandbox::python::Json;
use crate::sandbox::{databases, ids};
use crate::token::mint;

/// The columns that LAMB expects in Open WebUI's `user` table. With more columns it can read no user.
const COLUMNS: i64 = 12;

const BAD_CREDENTIALS: &str = "Invalid credentials";
const NO_CREATOR: &str = "Invalid email or password";
const NO_TOKEN: &str = "Failed to get authentication token";
const DISABLED: &str = "Account has been disabled. Please contact your administrator.";
const LTI: &str = "This account uses LTI authentication. Please log in through your LMS.";
const NOT_MADE: &str = "Failed to create user: Failed to create creator user";
const SERVER_ERROR: &str = "server_error";

/// An account of Open WebUI as LAMB reads it from the file.
struct Account {
    role: String,
    password: String,
}

impl Backend {
    /// A refused login is HTTP 200 as well. Only a field that is missing or empty is 422.
    pub(super) fn login(&self, request: &Request) -> Reply {
        let fields = ["email", "password"].map(|name| (name, request.form_value(name).filter(|text| !text.is_empty())));
        let [(_, Some(email)), (_, Some(password))] = &fields else {
            let missing = fields.iter().filter(|(_, text)| text.is_none());
            let detail = missing.map(
                |(name, _)| json!({ "type": "missing", "loc": ["body", name], "msg": "Field required", "input": null }),
            );
            let detail: Vec<Value> = detail.collect();
            return Reply::json(StatusCode::UNPROCESSABLE_ENTITY, &json!({ "detail": detail }));
        };
        Reply::ok(&match self.try_login(email, password) {
            Ok(data) => json!({ "success": true, "data": data }),
            Err(error) => json!({ "success": false, "error": error }),
        })
    }

    fn try_login(&self, email: &str, password: &str) -> Result<Value, Value> {
        match self.edition {
            Edition::Delegated => self.delegated_login(email, password),
            Edition::Native => self.native_login(email, password).map_err(Value::from),
        }
    }

    /// The delegated edition asks itself by HTTP, takes only e-mails that are some, and checks Open WebUI's password.
    fn delegated_login(&self, typed: &str, password: &str) -> Result<Value, Value> {
        let Some(email) = normalized(typed) else {
            let message = "value is not a valid email address: An email address must have an @-sign.";
            return Err(json!([{ "type": "value_error", "loc": ["email"], "msg": message, "input": typed }]));
        };
        if !self.own.reaches() {
            return Err(json!(SERVER_ERROR));
        }
        let made = || self.make_admin_creator(&email, password).ok().flatten();
        let creator = self.creator_row(&email).or_else(made).ok_or(NO_CREATOR)?;
        if !creator.enabled {
            return Err(json!(DISABLED));
        }
        self.bridge();
        let account = self.account(&email).filter(|account| verifies(password, &account.password));
        let account = account.ok_or(BAD_CREDENTIALS)?;
        let token = match self.sign_in(&email, &creator.name) {
            Some(Json::Text(token)) => token,
            None | Some(Json::Null) => return Err(json!(NO_TOKEN)),
            // What is no text cannot be passed on.
            Some(_) => return Err(json!(SERVER_ERROR)),
        };
        // The two answers come from one look-up each, and that by what was typed leads nowhere.
        let found = normalized(typed).as_deref() == Some(typed);
        let linked = || self.sign_in(&email, &creator.name).as_ref().and_then(Json::text).map(str::to_owned);
        let launch_url = found.then(|| self.launch_url(linked().as_deref()));
        let role = found.then(|| self.organization_role(&creator)).flatten();
        Ok(answer(&creator, Some(&token), launch_url, &account.role, role))
    }

    fn native_login(&self, email: &str, password: &str) -> Result<Value, &'static str> {
        self.run_migrations();
        self.add_missing_columns();
        self.copy_missing_hashes();
        self.bridge();
        self.bridge();
        let creator = match self.creator_row(email) {
            Some(creator) => creator,
            None => self.make_admin_creator(email, password)?.ok_or(BAD_CREDENTIALS)?,
        };
        if !creator.enabled {
            return Err(DISABLED);
        }
        if creator.auth_provider == "lti_creator" {
            return Err(LTI);
        }
        let own = creator.password_hash.as_deref().ok_or(BAD_CREDENTIALS)?;
        let account = self.account(email).filter(|_| own.is_empty());
        let hash = account.as_ref().map_or(own, |account| &account.password);
        if !verifies(password, hash) {
            return Err(BAD_CREDENTIALS);
        }
        if account.is_some() {
            self.keep_hash(creator.id, hash);
        }
        let owi_token = self.sign_in(email, &creator.name).as_ref().and_then(Json::text).map(str::to_owned);
        let role = creator.role.clone().unwrap_or_else(|| "user".to_owned());
        let claims = tokens::lamb_claims(creator.id, &creator.email, &role, self.now());
        let token = mint::sign(&claims, &self.secret).ok();
        let token = token.as_ref().map(|token| token.expose());
        let launch_url = Some(self.launch_url(owi_token.as_deref()));
        Ok(answer(&creator, token, launch_url, &role, self.organization_role(&creator)))
    }

    /// The enabled creator of an e-mail, if this is the password of the account in Open WebUI.
    pub(super) fn creator_by_owi(&self, email: &str, password: &str) -> Option<i64> {
        let account = self.account(email).filter(|account| verifies(password, &account.password));
        account.and_then(|_| self.creator_row(email)).filter(|creator| creator.enabled).map(|creator| creator.id)
    }

    pub(super) fn launch_url(&self, token: Option<&str>) -> String {
        format!("{}/api/v1/auths/complete?token={}", self.owi_public, token.unwrap_or("None"))
    }

    /// The trusted sign-in: how LAMB gets every token of Open WebUI. What is no header is never sent.
    pub(super) fn sign_in(&self, email: &str, name: &str) -> Option<Json> {
        let headers = [
            ("Content-Type", b"application/json".to_vec()),
            ("X-User-Email", header_bytes(email)?),
            ("X-User-Name", header_bytes(name)?),
        ];
        let body = json!({ "email": "", "password": "" }).to_string();
        let asked = Ask { method: "POST", path: "/api/v1/auths/signin", headers: &headers, body: &body };
        let answer = self.owi.ask(&asked).ok()?;
        let user = answer.json().filter(|_| answer.status == 200)?;
        user.get("token").cloned()
    }

    /// Open WebUI's file, where its table is as LAMB expects it.
    pub(super) fn owi_file(&self) -> Option<Connection> {
        databases::open(&self.owi_db, self.lock_timeout).ok().filter(|db| columns(db) == COLUMNS)
    }

    /// The account with this e-mail that may sign in: of the first `auth` row, if there is a user to it.
    fn account(&self, email: &str) -> Option<Account> {
        let db = self.owi_file()?;
        let (id, password) = db
            .query_row("SELECT * FROM auth WHERE email = ? AND active = 1 ORDER BY rowid LIMIT 1", [email], |row| {
                python_reads(row)?;
                Ok((row.get::<_, rusqlite::types::Value>("id")?, word(row, "password")?.unwrap_or_default()))
            })
            .ok()?;
        let role = db.query_row("SELECT * FROM user WHERE id = ?", [id], |row| {
            python_reads(row)?;
            word(row, "role")
        });
        Some(Account { role: role.ok()?.unwrap_or_default(), password })
    }

    /// LAMB makes its admin's creator at the login of `OWI_ADMIN_EMAIL`, if Open WebUI says that this is an admin with
    /// this password. The native edition tells where it cannot.
    fn make_admin_creator(&self, email: &str, password: &str) -> Result<Option<Creator>, &'static str> {
        let is_admin = |account: &Account| account.role == "admin" && verifies(password, &account.password);
        let account = (email == self.owi_admin).then(|| self.account(email)).flatten();
        if !account.as_ref().is_some_and(is_admin) {
            return Ok(None);
        }
        let (native, users) = (self.edition == Edition::Native, format!("{}Creator_users", self.prefix));
        let insert = || -> rusqlite::Result<()> {
            let (db, at) = (self.lamb()?, self.now());
            let sql = format!(
                "INSERT INTO {users} (organization_id, user_email, user_name, user_type, user_config, created_at, \
                 updated_at, enabled) SELECT id, ?1, ?2, 'creator', '{{}}', ?3, ?3, 1 FROM {}organizations \
                 WHERE is_system = 1",
                self.prefix
            );
            db.execute(&sql, params![email, self.owi_admin_name, at])?;
            let hash = account.filter(|_| native).map(|account| account.password);
            if hash.is_some() {
                db.execute(&format!("UPDATE {users} SET password_hash = ? WHERE user_email = ?"), (hash, email))?;
            }
            Ok(())
        };
        match (insert(), self.creator_row(email)) {
            (Ok(()), Some(creator)) => Ok(Some(creator)),
            _ if native => Err(NOT_MADE),
            _ => Ok(None),
        }
    }

    /// What LAMB does whenever it begins to work with Open WebUI: it looks for its admin in the file, and signs it in.
    pub(super) fn bridge(&self) {
        self.bootstrap_admin();
        let _ = self.sign_in(&self.owi_admin, &self.owi_admin_name);
    }

    /// Whenever it needs Open WebUI's file, LAMB looks for its admin there, and makes one where it finds none. In a
    /// table of another shape it never finds one.
    pub(super) fn bootstrap_admin(&self) {
        let Ok(mut db) = databases::open(&self.owi_db, self.lock_timeout) else { return };
        let found = db.query_row("SELECT * FROM user WHERE email = ?", [&self.owi_admin], |row| {
            python_reads(row)?;
            Ok(row.as_ref().column_count())
        });
        let is_missing = match found.optional() {
            Ok(found) => found.is_none_or(|columns| i64::try_from(columns) != Ok(COLUMNS)),
            Err(_) => false,
        };
        if is_missing && columns(&db) >= COLUMNS {
            // Where an index forbids it, nothing happens.
            let hash = bcrypt::hash(&self.owi_admin_password, signin::COST).unwrap_or_default();
            let _ = insert_account(&mut db, &self.owi_admin, &self.owi_admin_name, "admin", &hash);
        }
    }

    /// A login starts the part of native LAMB that adds the columns of its migrations where they are missing.
    fn add_missing_columns(&self) {
        const COLUMNS: [&str; 5] = [
            "enabled BOOLEAN NOT NULL DEFAULT 1",
            "lti_user_id TEXT",
            "auth_provider TEXT NOT NULL DEFAULT 'password'",
            "password_hash TEXT",
            "role TEXT NOT NULL DEFAULT 'user'",
        ];
        let Ok(db) = self.lamb() else { return };
        for column in COLUMNS {
            // One that is there is an error, which is passed over.
            let _ = db.execute(&format!("ALTER TABLE {}Creator_users ADD COLUMN {column}", self.prefix), []);
        }
    }

    /// The native edition brings the hashes along that its creators have in Open WebUI only.
    pub(super) fn copy_missing_hashes(&self) {
        let (Ok(lamb), Some(owi)) = (self.lamb(), self.owi_file()) else { return };
        let _ = self.copy_hashes(&lamb, &owi);
    }

    fn copy_hashes(&self, lamb: &Connection, owi: &Connection) -> rusqlite::Result<()> {
        let users = format!("{}Creator_users", self.prefix);
        let sql =
            format!("SELECT id, user_email FROM {users} WHERE password_hash IS NULL AND auth_provider = 'password'");
        let mut query = lamb.prepare(&sql)?;
        let rows = query.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
        for (id, email) in rows.flatten() {
            let sql = "SELECT auth.password, user.role FROM auth LEFT JOIN user ON user.email = auth.email \
                       WHERE auth.email = ? ORDER BY auth.rowid LIMIT 1";
            let found: Option<(String, Option<String>)> =
                owi.query_row(sql, [&email], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            if let Some((hash, role)) = found {
                let role = role.filter(|role| role == "admin").unwrap_or_else(|| "user".to_owned());
                let sql = format!("UPDATE {users} SET password_hash = ?, role = ? WHERE id = ?");
                lamb.execute(&sql, params![hash, role, id])?;
            }
        }
        Ok(())
    }

    /// A hash of Open WebUI's that a login was right by.
    fn keep_hash(&self, id: i64, hash: &str) {
        let sql = format!("UPDATE {}Creator_users SET password_hash = ?, updated_at = ? WHERE id = ?", self.prefix);
        if let Ok(db) = self.lamb() {
            let _ = db.execute(&sql, params![hash, self.now(), id]);
        }
    }
}

pub(super) fn answer(
    creator: &Creator,
    token: Option<&str>,
    launch_url: Option<String>,
    role: &str,
    organization_role: Option<String>,
) -> Value {
    json!({
        "token": token, "name": creator.name, "email": creator.email, "launch_url": launch_url,
        "user_id": creator.id, "role": role, "user_type": creator.user_type, "organization_role": organization_role,
    })
}

/// Python's bcrypt: three kinds of hash, and no other.
fn verifies(password: &str, hash: &str) -> bool {
    ["$2a$", "$2b$", "$2y$"].iter().any(|kind| hash.starts_with(kind))
        && bcrypt::verify(password, hash).unwrap_or(false)
}

/// A text as a header: Latin-1, in one line, and not beginning with a blank. What is none is `None`.
fn header_bytes(text: &str) -> Option<Vec<u8>> {
    if text.starts_with([' ', '\t']) || text.contains(['\r', '\n', '\0']) {
        return None;
    }
    text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

/// What the delegated edition's check makes of a typed e-mail: no blanks around it, the domain in lower case, letters
/// put together; `None` where it is no e-mail.
fn normalized(typed: &str) -> Option<String> {
    let (local, domain) = typed.trim().split_once('@')?;
    let domain = domain.to_lowercase();
    let composed = icu_normalizer::ComposingNormalizerBorrowed::new_nfc().normalize(local).into_owned();
    let is_domain = domain.contains('.') && !domain.contains('@') && !email::is_reserved(&domain);
    (!local.is_empty() && is_domain).then(|| format!("{composed}@{domain}"))
}

fn columns(db: &Connection) -> i64 {
    db.query_row("SELECT count(*) FROM pragma_table_info('user')", [], |row| row.get(0)).unwrap_or(0)
}

pub(super) fn insert_account(
    db: &mut Connection,
    email: &str,
    name: &str,
    role: &str,
    hash: &str,
) -> rusqlite::Result<()> {
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
