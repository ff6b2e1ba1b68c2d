//! What LAMB does behind a launch that it accepted: the rows that it makes for a user of an LMS, and where it sends them.

use rusqlite::{OptionalExtension as _, params};

use super::launch::{Form, NO_JSON, Refused, refused};
use super::{Backend, tokens};
use crate::lamb::Edition;
use crate::lamb::lms::teachers_address;
use crate::sandbox::databases;
use crate::sandbox::http::{Reply, Request};
use crate::sandbox::python::Json;
use crate::token::mint;

/// Words in `roles` that make a teacher, in any case.
const TEACHERS: [&str; 5] = ["instructor", "administrator", "teachingassistant", "teacher", "contentdeveloper"];

/// The sandbox keeps no secrets: hashes are as cheap as bcrypt allows.
const COST: u32 = 4;

const NOT_READY: &str = "<!doctype html><title>Activity Not Ready Yet</title><h1>Activity Not Ready Yet</h1>";
const NOT_SET_UP: &str = "<!doctype html><title>LAMB</title><h1>Unable to Set Up This Activity</h1>";

/// Letters, digits, `.`, `_` and `-`, and no more of them than this.
fn sanitized(text: &str, most: usize) -> String {
    let is_kept = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    text.chars().take(most).map(|c| if is_kept(c) { c } else { '_' }).collect()
}

/// The name that the LMS sends.
fn name_of<'a>(form: &'a Form, otherwise: &'a str) -> &'a str {
    ["lis_person_name_full", "ext_user_username"]
        .iter()
        .map(|name| form.get(name))
        .find(|n| !n.is_empty())
        .unwrap_or(otherwise)
}

impl Backend {
    /// The creator of a teacher, found by organization and id, or made.
    pub(super) fn teacher(
        &self,
        organization: i64,
        slug: &str,
        request: &Request,
        form: &Form,
    ) -> Result<Reply, Refused> {
        let user = form.get("user_id");
        let failed = |_| Refused(500, "Failed to create user".to_owned());
        let db = self.lamb().map_err(failed)?;
        let sql = format!(
            "SELECT id, user_email, enabled, user_config FROM {}Creator_users WHERE organization_id = ? AND lti_user_id = ?",
            self.prefix
        );
        let found = db.query_row(&sql, params![organization, user], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, bool>(2)?,
                row.get::<_, Option<String>>(3)?,
            ))
        });
        let (id, email) = match found.optional().map_err(failed)? {
            Some((_, _, _, Some(config))) if serde_json::from_str::<serde_json::Value>(&config).is_err() => {
                return refused(500, NO_JSON);
            }
            Some((_, _, false, _)) => return refused(403, "Account has been disabled"),
            Some((id, email, ..)) => (id, email),
            None => self.new_teacher(organization, &teachers_address(slug, user), name_of(form, "LTI User"), user)?,
        };
        let claims = tokens::lamb_claims(id, &email, "user", self.now());
        let token = mint::sign(&claims, &self.secret).map_err(|error| Refused(500, error.to_string()))?;
        Ok(Reply::see_other(&format!("{}/assistants?token={}", self.public_base(request), token.expose())))
    }

    fn new_teacher(&self, organization: i64, email: &str, name: &str, user: &str) -> Result<(i64, String), Refused> {
        let failed = |_| Refused(500, "Failed to create user".to_owned());
        let db = self.lamb().map_err(failed)?;
        let sql = format!(
            "INSERT INTO {}Creator_users (organization_id, user_email, user_name, user_type, created_at, updated_at, enabled, \
             lti_user_id, auth_provider, role) VALUES (?1, ?2, ?3, 'creator', ?4, ?4, 1, ?5, 'lti_creator', 'user')",
            self.prefix
        );
        // The account in Open WebUI comes first, and stays whether or not LAMB's row can be made.
        self.make_account(email, name).ok_or_else(|| Refused(500, "Failed to create user".to_owned()))?;
        db.execute(&sql, params![organization, email, name, self.now(), user]).map_err(failed)?;
        let id = db.last_insert_rowid();
        let sql = format!(
            "INSERT INTO {}organization_roles (organization_id, user_id, role, created_at, updated_at) \
             VALUES (?1, ?2, 'member', ?3, ?3)",
            self.prefix
        );
        db.execute(&sql, params![organization, id, self.now()]).map_err(failed)?;
        Ok((id, email.to_owned()))
    }

    /// An activity by its link: its id, its status and its group.
    pub(super) fn activity_of(&self, link: &str) -> Option<(i64, String, Option<String>)> {
        let sql =
            format!("SELECT id, status, owi_group_id FROM {}lti_activities WHERE resource_link_id = ?", self.prefix);
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        self.lamb().and_then(|db| db.query_row(&sql, [link], read).optional()).ok().flatten()
    }

    /// An activity: a teacher gets a page, a student the chat.
    pub(super) fn activity(&self, request: &Request, form: &Form) -> Result<Reply, Refused> {
        let link = form.get("resource_link_id");
        let roles = form.get("roles").to_lowercase();
        let is_teacher = TEACHERS.iter().any(|word| roles.contains(word));
        let page = |kind: &str, query: String| {
            let (base, token) = (self.public_base(request), self.page_token(kind, form));
            Ok(Reply::see_other(&format!("{base}/lamb/v1/lti/{kind}?{query}token={token}")))
        };
        match (self.activity_of(link), is_teacher) {
            (Some(_), true) => page("dashboard", format!("resource_link_id={link}&")),
            (None, true) if self.knows_teacher(form) => page("setup", String::new()),
            (None, true) => Ok(Reply::html(NOT_SET_UP)),
            (Some((activity, status, group)), false) if status == "active" => self
                .student(activity, group.as_deref(), form)
                .ok_or_else(|| Refused(500, "Failed to process launch".to_owned())),
            _ => Ok(Reply::html(NOT_READY)),
        }
    }

    /// An enabled creator of this e-mail, or of this id, or one that is linked to it.
    fn knows_teacher(&self, form: &Form) -> bool {
        let p = &self.prefix;
        let sql = format!(
            "SELECT 1 FROM {p}Creator_users c WHERE c.enabled = 1 AND (c.user_email = ?1 OR c.lti_user_id = ?2 OR c.id IN \
             (SELECT creator_user_id FROM {p}lti_identity_links WHERE lms_user_id = ?2))"
        );
        let values = params![form.get("lis_person_contact_email_primary"), form.get("user_id")];
        self.lamb().and_then(|db| db.query_row(&sql, values, |_| Ok(())).optional()).is_ok_and(|found| found.is_some())
    }

    /// `None` where the launch ends in an error.
    pub(super) fn student(&self, activity: i64, group: Option<&str>, form: &Form) -> Option<Reply> {
        let user = ["ext_user_username", "user_id"].iter().map(|name| form.get(name)).find(|name| !name.is_empty());
        let (user, link) = (user.unwrap_or("user"), form.get("resource_link_id"));
        let email = format!("{}_{}@lamb-lti.local", sanitized(user, 80), sanitized(link, 60));
        let name = name_of(form, user);
        let id = self.make_account(&email, name)?;
        self.add_to_group("id", group.unwrap_or_default(), &id);
        // Counted also where the sign-in then fails.
        let db = self.lamb().ok()?;
        let p = &self.prefix;
        let sql = format!(
            "UPDATE {p}lti_activity_users SET access_count = access_count + 1 WHERE user_email = ? AND activity_id = ?"
        );
        if db.execute(&sql, params![email, activity]).ok()? == 0 {
            let sql = format!(
                "INSERT INTO {p}lti_activity_users (activity_id, user_email, user_name, user_display_name, lms_user_id, \
                 owi_user_id, access_count) VALUES (?, ?, ?, ?, ?, ?, 1)"
            );
            db.execute(&sql, params![activity, email, user, name, form.get("user_id"), id]).ok()?;
        }
        self.hand_off(&email, name)
    }

    /// The published assistant of a key, for a user that it names. The password is of no use to a sign-in by the header.
    pub(super) fn published(&self, user: &str, key: &str) -> Result<Reply, Refused> {
        let email = format!("{user}-{key}@lamb-project.org");
        let no_token = || Refused(500, "Failed to get user token".to_owned());
        let p = &self.prefix;
        let failed = |error: rusqlite::Error| Refused(500, error.to_string());
        let db = self.lamb().map_err(failed)?;
        let sql = format!("SELECT 1 FROM {p}lti_users WHERE user_email = ? AND lti_context_id = ?");
        let is_known = db.query_row(&sql, [&email, key], |_| Ok(())).optional().map_err(failed)?.is_some();
        if is_known && self.edition == Edition::Native {
            return self.hand_off(&email, user).ok_or_else(no_token);
        }
        let sql = format!("SELECT assistant_id, group_id FROM {p}assistant_publish WHERE oauth_consumer_name = ?");
        let read =
            |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<String>>(1)?.unwrap_or_default()));
        let found = db.query_row(&sql, [key], read).optional().map_err(failed)?;
        let Some((assistant, group)) = found else {
            return refused(404, "No published assistant found for this oauth_consumer_name");
        };
        if !is_known {
            let password = if self.edition == Edition::Delegated { assistant.to_string() } else { String::new() };
            let id = self.make_account_with(&email, user, &password).ok_or_else(no_token)?;
            // The column is named after an id, and LAMB looks for a name.
            if !self.add_to_group("name", &group, &id) {
                return match self.edition {
                    Edition::Native => refused(500, &format!("Failed to find group '{group}' in OWI")),
                    Edition::Delegated => refused(500, "Internal server error: 'NoneType' object is not subscriptable"),
                };
            }
            let sql = format!(
                "INSERT INTO {p}lti_users (user_email, user_name, user_display_name, assistant_id, assistant_name, \
                 group_id, lti_context_id) VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?4)"
            );
            db.execute(&sql, params![email, user, assistant.to_string(), key, group]).map_err(failed)?;
        }
        self.hand_off(&email, user).ok_or_else(no_token)
    }

    /// The account of exactly this e-mail, or a new one; `None` where Open WebUI's file cannot be used.
    fn make_account(&self, email: &str, name: &str) -> Option<String> {
        self.make_account_with(email, name, "")
    }

    /// The same, with a password; the empty one stands for a random one, and is good for no sign-in.
    fn make_account_with(&self, email: &str, name: &str, password: &str) -> Option<String> {
        self.bootstrap_admin();
        let hash = if password.is_empty() { String::new() } else { bcrypt::hash(password, COST).ok()? };
        let Some(mut db) = self.owi_file() else {
            // In a table of another shape LAMB finds no user, makes one each time, and does not find that one either.
            let mut db = databases::open(&self.owi_db, self.lock_timeout).ok()?;
            let _ = super::login::insert_account(&mut db, email, name, "user", &hash);
            return None;
        };
        let sql = "SELECT id FROM user WHERE email = ? ORDER BY rowid";
        if let Some(id) = db.query_row(sql, [email], |row| row.get(0)).optional().ok()? {
            return Some(id);
        }
        super::login::insert_account(&mut db, email, name, "user", &hash).ok()?;
        db.query_row("SELECT id FROM user WHERE email = ? ORDER BY rowid DESC", [email], |row| row.get(0)).ok()
    }

    /// False where there is no such group.
    fn add_to_group(&self, column: &str, group: &str, id: &str) -> bool {
        let add = || -> rusqlite::Result<bool> {
            let db = self.owi_file().ok_or(rusqlite::Error::InvalidQuery)?;
            let sql = format!("SELECT user_ids FROM \"group\" WHERE {column} = ?");
            let found: Option<Option<String>> = db.query_row(&sql, [group], |row| row.get(0)).optional()?;
            let Some(members) = found else { return Ok(false) };
            let mut members: Vec<String> = serde_json::from_str(&members.unwrap_or_default()).unwrap_or_default();
            if !members.iter().any(|member| member == id) {
                members.push(id.to_owned());
                let members = serde_json::json!(members).to_string();
                let sql = format!("UPDATE \"group\" SET user_ids = ? WHERE {column} = ?");
                db.execute(&sql, [&members, group])?;
            }
            Ok(true)
        };
        add().unwrap_or(false)
    }

    /// The chat of Open WebUI, in the account that the trusted header opens.
    fn hand_off(&self, email: &str, name: &str) -> Option<Reply> {
        match self.sign_in(email, name) {
            Some(Json::Text(token)) => Some(Reply::see_other(&self.launch_url(Some(&token)))),
            _ => None,
        }
    }
}
