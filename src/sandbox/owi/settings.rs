//! Open WebUI's own settings, which it keeps in its database.

use rusqlite::{Connection, OptionalExtension as _};
use serde_json::{Value, json};

use super::super::OwiVersion;
use super::super::http::Reply;
use super::{OpenWebUi, Refused, broken};

/// A setting: where 0.5.6, 0.6.43 and 0.12.4 keep it, and what it is where they do not have it.
pub(super) struct Setting {
    path: [&'static str; 3],
    default: [bool; 3],
}

pub(super) const SIGNUP: Setting = Setting { path: ["ui.enable_signup"; 3], default: [true; 3] };
pub(super) const API_KEYS: Setting = Setting {
    path: ["auth.api_key.enable", "auth.enable_api_keys", "auth.enable_api_keys"],
    default: [true, false, false],
};

impl Setting {
    pub(super) fn read(&self, db: &Connection, version: OwiVersion) -> rusqlite::Result<bool> {
        Ok(self.stored(db, version)?.unwrap_or(self.default[version as usize]))
    }

    fn stored(&self, db: &Connection, version: OwiVersion) -> rusqlite::Result<Option<bool>> {
        let path = self.path[version as usize];
        let value: Option<Value> = if version.stamps_sessions() {
            let sql = "SELECT value FROM config WHERE key = ?";
            let text: Option<String> = db.query_row(sql, [path], |row| row.get(0)).optional()?;
            text.and_then(|text| serde_json::from_str(&text).ok())
        } else {
            document(db)?.and_then(|data| data.pointer(&format!("/{}", path.replace('.', "/"))).cloned())
        };
        Ok(value.and_then(|value| value.as_bool()))
    }

    pub(super) fn write(&self, db: &Connection, version: OwiVersion, on: bool) -> rusqlite::Result<()> {
        let path = self.path[version as usize];
        if version.stamps_sessions() {
            let sql = "INSERT INTO config (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2";
            return db.execute(sql, (path, on.to_string())).map(|_| ());
        }
        let old = document(db)?;
        let is_new = old.is_none();
        let mut data = old.unwrap_or_else(|| json!({ "version": 0 }));
        let place = path.split('.').fold(&mut data, |place, key| &mut place[key]);
        *place = json!(on);
        let sql = if is_new {
            "INSERT INTO config (data, version) VALUES (?, 0)"
        } else {
            "UPDATE config SET data = ?, updated_at = CURRENT_TIMESTAMP"
        };
        db.execute(sql, [data.to_string()]).map(|_| ())
    }
}

fn document(db: &Connection) -> rusqlite::Result<Option<Value>> {
    let sql = "SELECT data FROM config ORDER BY id DESC LIMIT 1";
    let text: Option<String> = db.query_row(sql, [], |row| row.get(0)).optional()?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).filter(Value::is_object))
}

impl OpenWebUi {
    /// True while there are no accounts: the first user becomes the admin.
    pub(super) fn is_new(&self, db: &Connection) -> rusqlite::Result<bool> {
        db.query_row("SELECT NOT EXISTS (SELECT 1 FROM user)", [], |row| row.get(0))
    }

    /// May strangers make themselves an account?
    pub(super) fn signup_is_on(&self, db: &Connection) -> rusqlite::Result<bool> {
        Ok(SIGNUP.stored(db, self.version)?.unwrap_or(self.signup))
    }

    /// `GET /api/config`, without signing in.
    pub(super) fn config(&self) -> Result<Reply, Refused> {
        let db = self.open().map_err(broken)?;
        let is_new = self.is_new(&db).map_err(broken)?;
        let signup = self.signup_is_on(&db).map_err(broken)?;
        let keys = API_KEYS.read(&db, self.version).map_err(broken)?;
        let trusted = self.trusted_header.is_some();
        let mut config = json!({});
        if is_new {
            config["onboarding"] = json!(true);
        }
        config["status"] = json!(true);
        config["name"] = json!("Open WebUI");
        config["version"] = json!(self.version.as_str());
        config["default_locale"] = json!("");
        match self.version {
            OwiVersion::V0_5_6 => {
                config["oauth"] = json!({ "providers": {} });
                config["features"] = json!({
                    "auth": true, "auth_trusted_header": trusted, "enable_ldap": false, "enable_api_key": keys,
                    "enable_signup": signup, "enable_login_form": true, "enable_websocket": true,
                });
                config["google_drive"] = json!({ "client_id": "", "api_key": "" });
            }
            OwiVersion::V0_6_43 => {
                config["oauth"] = json!({ "providers": {} });
                config["features"] = json!({
                    "auth": true, "auth_trusted_header": trusted, "enable_signup_password_confirmation": false,
                    "enable_ldap": false, "enable_api_keys": keys, "enable_signup": signup,
                    "enable_login_form": true, "enable_websocket": true, "enable_version_update_check": false,
                    "enable_public_active_users_count": true,
                });
            }
            OwiVersion::V0_12_4 => {
                config["i18n"] = json!({});
                config["oauth"] = json!({ "providers": {}, "auto_redirect": false });
                config["features"] = json!({
                    "slim": false, "auth": true, "auth_trusted_header": trusted,
                    "enable_signup_password_confirmation": false, "enable_ldap": false, "enable_signup": signup,
                    "enable_login_form": true, "enable_websocket": true,
                });
            }
        }
        Ok(Reply::ok(&config))
    }
}
