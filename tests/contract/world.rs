//! A server, real or stand-in, with the same users in it, so that the same requests can be asked of both.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use lamb_auth::secret::Secret;
use lamb_auth::token::mint;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::http::{Answer, Request, address, send};

/// The first user of a real server, and the stand-in's admin: the seed's.
const ADMIN: &str = "admin@admin.owi";

/// How many users `bulk00@contract.example`, … there are: more than one page.
pub(crate) const BULK: usize = 35;

/// Where a server is, and where its data are.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// `http://127.0.0.1:PORT`.
    pub(crate) url: String,
    pub(crate) db: PathBuf,
    pub(crate) secret: String,
    pub(crate) settings: SettingsBy,
}

/// How a server's settings are changed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SettingsBy {
    /// By the admin's API: a real server reads its file only when it starts.
    Api,
    /// By what that API writes into the file: the stand-in reads it each time.
    File,
}

/// A server with users in it, and the words that stand for them in the table of requests: `<plain.token>`, ….
#[derive(Debug)]
pub(crate) struct World {
    place: Place,
    address: SocketAddr,
    words: BTreeMap<String, String>,
}

impl World {
    /// Signs the admin in, takes everybody else out, makes the user `plain` over the API, and `BULK` more by copying its row.
    pub(crate) fn prepare(place: Place) -> Self {
        let mut world = Self { address: address(&place.url), place, words: BTreeMap::new() };
        let admin = world.sign_in(ADMIN);
        world.words.extend([
            ("admin.id".to_owned(), text_at(&admin, "/id")),
            ("admin.email".to_owned(), ADMIN.to_owned()),
            ("admin.token".to_owned(), text_at(&admin, "/token")),
        ]);
        for table in ["user", "auth"] {
            world.sql(&format!("DELETE FROM {table} WHERE email <> '<admin.email>'"));
        }
        world.add("plain", "plain@contract.example");
        world.copy_plain(0..BULK);
        world
    }

    /// Makes a user over the API, and the words of it: `id`, `email`, and every kind of token.
    pub(crate) fn add(&mut self, name: &str, email: &str) {
        let body = json!({"name": name, "email": email, "password": "contract", "role": "user"}).to_string();
        let authorization = [("Authorization", self.expand("Bearer <admin.token>"))];
        let answer = self.send(&Request {
            method: "POST",
            path: "/api/v1/auths/add",
            headers: &authorization,
            body: Some(&body),
            ..Request::default()
        });
        assert_eq!(answer.status, 200, "auths/add {email}: {}", String::from_utf8_lossy(&answer.body));
        let id = text_at(&answer.json().unwrap(), "/id");
        let token = text_at(&self.sign_in(email), "/token");
        let claims = claims_of(&token);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let (ours, other) = (Secret::new(self.place.secret.clone()), Secret::from("another secret"));
        let signed = |claims: &Value, secret: &Secret| mint::sign(claims, secret).unwrap().expose().to_owned();
        let with = |more: Value| {
            let mut claims = claims.clone();
            claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            claims
        };
        let words = [
            ("id", id.clone()),
            ("email", email.to_owned()),
            ("token", token.clone()),
            ("expired", signed(&with(json!({"exp": now - 3600})), &ours)),
            ("future-iat", signed(&with(json!({"iat": now + 3600, "exp": now + 7200})), &ours)),
            ("future-nbf", signed(&with(json!({"nbf": now + 3600, "exp": now + 7200})), &ours)),
            ("forged", signed(&claims, &other)),
            ("unknown", signed(&with(json!({"id": "00000000-0000-4000-8000-000000000000"})), &ours)),
            ("bare", signed(&json!({ "id": id }), &ours)),
            ("lambs", signed(&json!({"sub": "7", "email": email, "role": "user", "exp": now + 3600}), &ours)),
            ("unsigned", unsigned(&claims)),
        ];
        self.words.extend(words.into_iter().map(|(word, value)| (format!("{name}.{word}"), value)));
    }

    /// Takes a user out again, however broken.
    pub(crate) fn remove(&mut self, name: &str) {
        for table in ["user", "auth"] {
            self.sql(&format!("DELETE FROM {table} WHERE id = '<{name}.id>'"));
        }
        if self.has_column("api_key", "user_id") {
            self.sql(&format!("DELETE FROM api_key WHERE user_id = '<{name}.id>'"));
        }
        self.words.retain(|word, _| !word.starts_with(&format!("{name}.")));
    }

    /// Whether trusted sign-in makes accounts, and API keys are taken, from now on.
    pub(crate) fn set_open(&self, on: bool) {
        match self.place.settings {
            SettingsBy::Api => self.set_open_over_the_api(on),
            SettingsBy::File if self.has_column("config", "key") => self.sql(&format!(
                "INSERT INTO config (key, value) VALUES ('ui.enable_signup', '{on}'), ('auth.enable_api_keys', '{on}') \
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value"
            )),
            SettingsBy::File => {
                let auth = json!({"enable_api_keys": on, "api_key": {"enable": on}});
                let data = json!({"version": 0, "ui": {"enable_signup": on}, "auth": auth});
                self.sql("DELETE FROM config");
                self.sql(&format!("INSERT INTO config (data, version) VALUES ('{data}', 0)"));
            }
        }
    }

    fn set_open_over_the_api(&self, on: bool) {
        let authorization = [("Authorization", self.expand("Bearer <admin.token>"))];
        let path = "/api/v1/auths/admin/config";
        let asked = Request { path, headers: &authorization, ..Request::default() };
        let mut config = self.send(&asked).json().unwrap();
        // 0.5.6 has the second name, the later ones the third.
        for name in ["ENABLE_SIGNUP", "ENABLE_API_KEY", "ENABLE_API_KEYS"] {
            if let Some(setting) = config.get_mut(name) {
                *setting = json!(on);
            }
        }
        let body = config.to_string();
        let answer = self.send(&Request { method: "POST", body: Some(&body), ..asked });
        assert_eq!(answer.json().unwrap()["ENABLE_SIGNUP"], json!(on), "{path} takes what it gave, changed");
    }

    /// Runs one statement on `webui.db`, behind the server's back.
    pub(crate) fn sql(&self, statement: &str) {
        self.sql_all(&[statement]);
    }

    /// Runs some, over one connection.
    pub(crate) fn sql_all(&self, statements: &[&str]) {
        let db = self.open();
        for statement in statements {
            let statement = self.expand(statement);
            let changed = db.execute(&statement, []).unwrap_or_else(|e| panic!("{statement}: {e}"));
            let counts = statement.starts_with("UPDATE") || statement.starts_with("INSERT");
            assert!(changed > 0 || !counts, "{statement} changed nothing");
        }
    }

    /// How many rows `user` has of exactly this e-mail.
    pub(crate) fn stored(&self, email: &str) -> i64 {
        self.stored_in("user", email)
    }

    /// How many rows of exactly this e-mail one of the two tables has.
    pub(crate) fn stored_in(&self, table: &str, email: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table} WHERE email = ?1");
        self.open().query_row(&sql, [self.expand(email)], |row| row.get(0)).unwrap()
    }

    /// Whether this is the password of the user `self`.
    pub(crate) fn has_password(&self, password: &str) -> bool {
        let sql = "SELECT password FROM auth WHERE id = ?1";
        let hash: String = self.open().query_row(sql, [self.expand("<self.id>")], |row| row.get(0)).unwrap();
        bcrypt::verify(password, &hash).unwrap()
    }

    pub(crate) fn has_column(&self, table: &str, column: &str) -> bool {
        self.columns(table).iter().any(|name| name == column)
    }

    pub(crate) fn send(&self, request: &Request) -> Answer {
        send(self.address, request).unwrap_or_else(|e| panic!("{} {}: {e}", request.method, request.path))
    }

    /// Puts values in the place of `<words>`.
    pub(crate) fn expand(&self, text: &str) -> String {
        self.words.iter().fold(text.to_owned(), |text, (word, value)| text.replace(&format!("<{word}>"), value))
    }

    /// Puts words in the place of values: what differs from server to server looks the same after that.
    pub(crate) fn mask(&self, text: &str) -> String {
        // A bare token may be a copy of the valid one: only the words that an answer can hold.
        let shown = self.words.iter().filter(|(word, _)| word.ends_with(".id") || word.ends_with(".token"));
        shown.fold(text.to_owned(), |text, (word, value)| text.replace(value, &format!("<{word}>")))
    }

    pub(crate) fn sign_in(&self, email: &str) -> Value {
        let headers = [("X-User-Email", email.to_owned()), ("X-User-Name", "Admin User".to_owned())];
        let answer = self.send(&Request {
            method: "POST",
            path: "/api/v1/auths/signin",
            headers: &headers,
            body: Some(r#"{"email":"","password":""}"#),
            ..Request::default()
        });
        assert_eq!(answer.status, 200, "sign-in of {email}: {}", String::from_utf8_lossy(&answer.body));
        answer.json().unwrap()
    }

    /// Makes `bulk07@contract.example`, … by copying the row of `plain`.
    pub(crate) fn copy_plain(&self, numbers: Range<usize>) {
        let mut db = self.open();
        let db = db.transaction().unwrap();
        let columns = self.columns("user");
        let quoted: Vec<_> = columns.iter().map(|name| format!("\"{name}\"")).collect();
        let values: Vec<_> = columns
            .iter()
            .map(|name| match name.as_str() {
                "id" => "'00000000-0000-4000-8000-0000000001' || ?1".to_owned(),
                "name" => "'Bulk ' || ?1".to_owned(),
                "email" => "'bulk' || ?1 || '@contract.example'".to_owned(),
                other => format!("\"{other}\""),
            })
            .collect();
        let (quoted, values) = (quoted.join(","), values.join(","));
        let sql =
            format!("INSERT INTO user ({quoted}) SELECT {values} FROM user WHERE email = 'plain@contract.example'");
        for n in numbers {
            assert_eq!(db.execute(&sql, [format!("{n:02}")]).unwrap(), 1);
        }
        db.commit().unwrap();
    }

    fn columns(&self, table: &str) -> Vec<String> {
        let db = self.open();
        let mut statement = db.prepare("SELECT name FROM pragma_table_info(?1)").unwrap();
        let names = statement.query_map([table], |row| row.get(0)).unwrap();
        names.collect::<Result<_, _>>().unwrap()
    }

    pub(crate) fn open(&self) -> Connection {
        let db = Connection::open(&self.place.db).unwrap();
        db.busy_timeout(Duration::from_secs(10)).unwrap();
        // As the server has them.
        db.pragma_update(None, "foreign_keys", false).unwrap();
        db
    }
}

fn text_at(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no {pointer} in {value}")).to_owned()
}

fn claims_of(token: &str) -> Value {
    let claims = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

fn unsigned(claims: &Value) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(&json!({"alg": "none", "typ": "JWT"})), part(claims))
}
