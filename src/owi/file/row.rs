//! Rows of `user` and `auth`: read by column name, since their order differs between versions (measured).

use std::collections::{BTreeMap, HashMap};

use rusqlite::Row;
use rusqlite::types::ValueRef;
use schemars::JsonSchema;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock;
use crate::email::Email;
use crate::secret::Secret;
use crate::sqlite::python_json::{self, Kind};
use crate::sqlite::value::{PasswordHash, integer_of, text_of};

/// A row of `auth`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AuthRow {
    /// Equal to the user's id.
    pub id: String,
    /// Equal to the user's e-mail.
    pub email: String,
    /// False where every sign-in is refused.
    pub active: bool,
    /// Whether a password can be checked.
    pub password_hash: PasswordHash,
    /// The hash itself, for a creator that gets the same password.
    #[serde(skip)]
    pub hash: Secret,
    /// 0.12: what every token of the user must name.
    #[serde(skip)]
    pub session_stamp: Option<String>,
    /// Its place in the table: of two rows with one e-mail a sign-in before 0.12 finds the first (measured).
    #[serde(skip)]
    pub place: i64,
    /// 0.12: why the server cannot read this row, and with it no token of the user. Empty where it can.
    #[serde(skip)]
    pub unreadable: Vec<String>,
}

/// How an identity provider is linked with an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProviderKind {
    /// It signs the account in (OAuth, OpenID Connect).
    Oauth,
    /// It made the account, and keeps it up to date (SCIM).
    Scim,
}

/// An identity provider that an account is linked with. LDAP and the trusted header leave no such link (read in the
/// source of all three versions).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Provider {
    /// What it does.
    pub kind: ProviderKind,
    /// Its name in Open WebUI's settings; empty where the row does not tell it.
    pub name: String,
}

impl std::fmt::Display for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self.kind {
            ProviderKind::Oauth => "oauth",
            ProviderKind::Scim => "scim",
        };
        if self.name.is_empty() { f.write_str(kind) } else { write!(f, "{kind}:{}", self.name) }
    }
}

/// A row of `user`, and the `auth` row of its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OwiUser {
    /// A UUID.
    pub id: String,
    /// The e-mail, byte for byte.
    pub email: Email,
    /// False where the e-mail is stored as bytes: the server can read it, but finds no user by it (measured).
    #[serde(skip)]
    pub is_found_by_email: bool,
    /// The identity providers that the account is linked with.
    #[serde(skip)]
    pub providers: Vec<Provider>,
    /// The display name.
    pub name: String,
    /// `admin`, `user`, `pending` or any other text.
    pub role: String,
    /// Unix seconds; in JSON, RFC 3339 in UTC.
    #[serde(serialize_with = "clock::serialize_some")]
    #[schemars(with = "Option<String>")]
    pub last_active_at: Option<i64>,
    /// Unix seconds; in JSON, RFC 3339 in UTC.
    #[serde(serialize_with = "clock::serialize_some")]
    #[schemars(with = "Option<String>")]
    pub created_at: Option<i64>,
    /// Why the server cannot read this row: it then refuses every token of the user. Empty where it can.
    pub unreadable: Vec<String>,
    /// The `auth` row of the same id; without it the user cannot sign in.
    pub auth: Option<AuthRow>,
}

impl OwiUser {
    /// A user without any problem and without an `auth` row, for tests.
    #[cfg(test)]
    pub(crate) fn for_test(id: &str, email: &str) -> Self {
        Self {
            id: id.to_owned(),
            email: Email::stored(email),
            is_found_by_email: true,
            providers: Vec::new(),
            name: String::new(),
            role: "user".to_owned(),
            last_active_at: None,
            created_at: None,
            unreadable: Vec::new(),
            auth: None,
        }
    }

    /// True where an identity provider signed the account in: Open WebUI may then set its role at each such sign-in.
    pub fn signs_in_by_sso(&self) -> bool {
        self.providers.iter().any(|provider| provider.kind == ProviderKind::Oauth)
    }

    /// True where they can sign in, and the server can read their row.
    pub fn is_sound(&self) -> bool {
        self.unreadable.is_empty() && self.auth.as_ref().is_some_and(|auth| auth.active)
    }

    /// With its other half: what the server cannot read there, it cannot read of the user.
    pub fn set_auth(&mut self, auth: Option<AuthRow>) {
        self.unreadable.extend(auth.iter().flat_map(|auth| auth.unreadable.iter().cloned()));
        self.auth = auth;
    }

    /// How the two halves disagree, as a sentence; `None` where they agree.
    pub fn halves_disagree(&self) -> Option<String> {
        match &self.auth {
            None => Some("there is no auth row of its id".to_owned()),
            Some(auth) if auth.email != self.email.as_str() => {
                Some(format!("its auth row has another e-mail, {:?}", auth.email))
            }
            Some(_) => None,
        }
    }
}

/// What a column of `user` must hold, else the server cannot read the row: measured on 0.5.6, 0.6.43 and 0.12.4 with
/// every column and some dozens of values. Bytes that are UTF-8 are as good as text everywhere.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Must {
    /// A JSON object or nothing.
    Object,
    /// The same, and in it `ui` is one or nothing.
    Settings,
    /// Any JSON, or nothing.
    Json,
    /// It must be a whole number.
    Number,
    /// The same, or nothing.
    NumberOrNull,
    /// It must be text.
    Text,
    /// The same, or nothing.
    TextOrNull,
    /// It must be a date such as `2000-01-31`, or NULL.
    Date,
    /// It must not be NULL.
    Set,
    /// Any value is readable.
    Any,
}

/// The columns of `user` that are read, in the order in which they are selected and complained about.
const USER: [(&str, Must); 25] = [
    ("id", Must::Any),
    ("settings", Must::Settings),
    ("info", Must::Object),
    ("oauth", Must::Object),
    ("created_at", Must::Number),
    ("updated_at", Must::Number),
    ("last_active_at", Must::Number),
    ("name", Must::Text),
    ("email", Must::Text),
    ("role", Must::Text),
    // Whole pictures are stored in these two, see [`PICTURE`].
    ("profile_image_url", Must::TextOrNull),
    ("profile_banner_image_url", Must::TextOrNull),
    ("api_key", Must::TextOrNull),
    ("oauth_sub", Must::TextOrNull),
    ("username", Must::TextOrNull),
    ("bio", Must::TextOrNull),
    ("gender", Must::TextOrNull),
    ("date_of_birth", Must::Date),
    ("timezone", Must::TextOrNull),
    ("presence_state", Must::TextOrNull),
    ("status_emoji", Must::TextOrNull),
    ("status_message", Must::TextOrNull),
    ("status_expires_at", Must::NumberOrNull),
    ("scim", Must::Object),
    ("variables", Must::Json),
];

/// Where [`USER`] has what an identity provider gave.
const OAUTH: usize = 3;
const OAUTH_SUB: usize = 13;
const SCIM: usize = 23;

/// The providers that the columns of a row name: up to 0.5 `oauth_sub`, as `provider@subject`; since then an object of
/// providers; and from 0.12 on one for SCIM.
fn linked(oauth: &str, oauth_sub: &str, scim: &str) -> Vec<Provider> {
    let of = |kind: ProviderKind, text: &str| {
        let names = match text.trim() {
            "" | "null" | "{}" => Vec::new(),
            text => match python_json::read::<BTreeMap<String, IgnoredAny>>(text) {
                Some(providers) => providers.into_keys().collect(),
                // Something is there, and which provider is not known.
                None => vec![String::new()],
            },
        };
        names.into_iter().map(move |name| Provider { kind, name })
    };
    let by_sub = (!oauth_sub.is_empty()).then(|| {
        let name = oauth_sub.split_once('@').map_or("", |(provider, _)| provider).to_owned();
        Provider { kind: ProviderKind::Oauth, name }
    });
    by_sub.into_iter().chain(of(ProviderKind::Oauth, oauth)).chain(of(ProviderKind::Scim, scim)).collect()
}

/// Above this many bytes, a picture's text is taken to be readable: it is base64, and a million of them are not read.
const PICTURE: usize = 4096;

/// The same of `auth`. Before 0.12 the server reads this row at a sign-in only.
const AUTH: [(&str, Must); 6] = [
    ("id", Must::Any),
    ("email", Must::Text),
    ("active", Must::Set),
    ("password", Must::Text),
    ("session_stamp", Must::TextOrNull),
    ("mfa", Must::Object),
];

/// How rows of `user` are selected and read, in a file that has these columns.
#[derive(Debug)]
pub(super) struct UserRows {
    select: String,
    there: [bool; USER.len()],
}

impl UserRows {
    pub(super) fn of(columns: &[String]) -> Self {
        let there = USER.map(|(name, _)| columns.iter().any(|column| column == name));
        let expressions = USER.iter().zip(there).map(|((name, _), there)| match *name {
            _ if !there => "NULL".to_owned(),
            name if name.ends_with("image_url") => {
                format!("CASE WHEN octet_length({name}) > {PICTURE} THEN '' ELSE {name} END")
            }
            name => name.to_owned(),
        });
        Self { select: format!("SELECT {} FROM \"user\"", expressions.collect::<Vec<_>>().join(", ")), there }
    }

    /// The statement, without a condition.
    pub(super) fn select(&self) -> &str {
        &self.select
    }

    /// Reads a row of the statement, without its `auth` row.
    pub(super) fn user(&self, row: &Row<'_>) -> rusqlite::Result<OwiUser> {
        // Each value is asked for once: there may be a million rows.
        let mut values = [ValueRef::Null; USER.len()];
        let mut unreadable = Vec::new();
        for (at, (name, must)) in USER.into_iter().enumerate().filter(|(at, _)| self.there[*at]) {
            values[at] = row.get_ref(at)?;
            unreadable.extend(complaint(name, must, values[at]));
        }
        let word = |at: usize| text_of(values[at]).unwrap_or_default();
        Ok(OwiUser {
            id: word(0).into_owned(),
            created_at: integer_of(values[4]),
            last_active_at: integer_of(values[6]),
            name: word(7).into_owned(),
            email: Email::stored(word(8)),
            is_found_by_email: matches!(values[8], ValueRef::Text(_)),
            providers: linked(&word(OAUTH), &word(OAUTH_SUB), &word(SCIM)),
            role: word(9).into_owned(),
            unreadable,
            auth: None,
        })
    }
}

/// A value that the server can read, and that says nothing: for a column with one that it cannot. `None` where only a
/// person knows the right one.
pub(super) fn harmless(table: &str, column: &str, must_be_set: bool) -> Option<Value> {
    let columns: &[(&str, Must)] = if table == "auth" { &AUTH } else { &USER };
    let (_, must) = columns.iter().find(|(name, _)| *name == column)?;
    Some(match (must, column) {
        (Must::Text, "email") | (Must::Any, _) => return None,
        // The user waits for an admin's approval.
        (Must::Text, "role") => json!("pending"),
        (Must::Text, _) => json!(""),
        // The account stays inactive until an admin decides.
        (Must::Set, _) => json!(0),
        (Must::Number, _) => json!(0),
        (Must::NumberOrNull, _) if must_be_set => json!(0),
        (Must::TextOrNull, "profile_image_url") if must_be_set => json!("/user.png"),
        (Must::TextOrNull, _) if must_be_set => json!(""),
        (Must::Date, _) if must_be_set => return None,
        (Must::Object | Must::Settings | Must::Json, _) if must_be_set => json!("{}"),
        (Must::NumberOrNull | Must::TextOrNull | Must::Date | Must::Object | Must::Settings | Must::Json, _) => {
            Value::Null
        }
    })
}

/// Why the server cannot read a row for the sake of this column, in a sentence.
fn complaint(name: &str, must: Must, value: ValueRef<'_>) -> Option<String> {
    let says = |what: &str| Some(format!("{name} {what}"));
    let text = match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => std::str::from_utf8(bytes).ok(),
        _ => None,
    };
    match (must, value) {
        (Must::Any, _) => None,
        (Must::Number | Must::Text | Must::Set, ValueRef::Null) => says("is NULL"),
        (Must::Set, _) => None,
        (_, ValueRef::Null) | (Must::Number | Must::NumberOrNull, ValueRef::Integer(_)) => None,
        (Must::Number | Must::NumberOrNull, _) => {
            // What SQLite does not take for a number, but Python does.
            let number = text.and_then(|text| text.trim().replace('_', "").parse::<i64>().ok());
            if number.is_none() { says("is not a whole number") } else { None }
        }
        (Must::Text | Must::TextOrNull, _) => {
            if text.is_none() {
                says("is not text")
            } else {
                None
            }
        }
        (Must::Date, _) => {
            let date = text.filter(|text| text.len() == 10).and_then(|text| text.parse::<jiff::civil::Date>().ok());
            if date.is_none() { says("is not a date") } else { None }
        }
        (Must::Json, ValueRef::Integer(_) | ValueRef::Real(_)) => None,
        (Must::Object | Must::Settings | Must::Json, _) => {
            let Some(text) = text else { return says("is not text") };
            match (python_json::kind_of(text), must) {
                (Err(unread), _) => says(unread.describe()),
                (Ok(_), Must::Json) | (Ok(Kind::Null), _) => None,
                (Ok(Kind::Object), Must::Settings) if python_json::read::<Settings>(text).is_none() => {
                    says("has a ui that is not an object")
                }
                (Ok(Kind::Object), _) => None,
                (Ok(_), _) => says("is JSON, but not an object"),
            }
        }
    }
}

/// A JSON object, whatever is in it.
type Object = HashMap<String, IgnoredAny>;

/// What the server wants of `settings`.
#[derive(Deserialize)]
struct Settings {
    #[serde(default, rename = "ui")]
    _ui: Option<Object>,
}

/// How rows of `auth` are selected and read, in a file that has these columns.
#[derive(Debug)]
pub(super) struct AuthRows {
    select: String,
    is_read_for_tokens: bool,
    has_active: bool,
}

impl AuthRows {
    pub(super) fn of(columns: &[String]) -> Self {
        let has = |name: &str| columns.iter().any(|column| column == name);
        let expressions = AUTH.map(|(name, _)| if has(name) { name } else { "NULL" }).join(", ");
        Self {
            select: format!("SELECT {expressions}, rowid FROM auth"),
            is_read_for_tokens: has("session_stamp"),
            has_active: has("active"),
        }
    }

    /// The statement, without a condition.
    pub(super) fn select(&self) -> &str {
        &self.select
    }

    /// Reads a row of the statement.
    pub(super) fn auth(&self, row: &Row<'_>) -> rusqlite::Result<AuthRow> {
        let word = |at: usize| row.get_ref(at).map(|value| text_of(value).map(std::borrow::Cow::into_owned));
        let hash = word(3)?;
        let mut unreadable = Vec::new();
        for (at, (name, must)) in AUTH.into_iter().enumerate().filter(|_| self.is_read_for_tokens) {
            unreadable.extend(complaint(name, must, row.get_ref(at)?).map(|why| format!("auth.{why}")));
        }
        Ok(AuthRow {
            id: word(0)?.unwrap_or_default(),
            email: word(1)?.unwrap_or_default(),
            // Where the column is missing, nothing says that this account is inactive.
            active: !self.has_active || integer_of(row.get_ref(2)?) == Some(1),
            password_hash: PasswordHash::of(hash.as_deref()),
            hash: Secret::new(hash.unwrap_or_default()),
            session_stamp: word(4)?,
            place: integer_of(row.get_ref(AUTH.len())?).unwrap_or_default(),
            unreadable,
        })
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    /// What was measured: 401 on 0.5.6 and 0.6.43, 500 or 503 on 0.12.4, for these values of these columns and no other.
    #[test]
    fn a_row_is_read_as_the_servers_read_it() {
        let readable = [
            (
                "settings",
                "NULL",
                "'null'  '{}'  ' {} '  X'7b7d'  '{\"ui\":null}'  '{\"ui\":{}}'  '{\"a\":1e999}'  '{\"a\":NaN}'",
            ),
            ("info", "NULL", "'null'  '{\"ui\":5}'  '{\"a\":1,\"a\":2}'  '{\"a\":\"\\ud83d\"}'  X'7b7d'"),
            ("variables", "NULL", "'null'  '[]'  'false'  'NaN'  5  '{}'"),
            ("created_at", "0", "-5  X'31'  '1_000'  9223372036854775807"),
            ("status_expires_at", "NULL", "0  '1_000'"),
            ("name", "''", "'5'  X'41'  'a'||char(0)||'b'"),
            ("profile_image_url", "NULL", "''  X'41'"),
            ("bio", "NULL", "''  X'41'"),
            ("date_of_birth", "NULL", "'2000-01-31'"),
        ];
        let unreadable = [
            (
                "settings",
                "''",
                "'[]'  '\"\"'  'false'  5  1.5  char(65279)||'{}'  '{\"ui\":5}'  '{\"ui\":[]}'  'NaN'  X'ff'  '{\"a\":01}'",
            ),
            (
                "info",
                "''",
                "'[]'  'false'  5  '{not json'  '{\"a\":+1}'  '{\"a\":\"'||char(10)||'\"}'  CAST(X'7bff7d' AS TEXT)",
            ),
            ("scim", "'[]'", "'{not json'"),
            ("variables", "''", "'{not json'"),
            ("created_at", "NULL", "'abc'  1.5  9e30  ''  '0x10'  'true'  X'ff'"),
            ("status_expires_at", "'abc'", "1.5"),
            ("name", "NULL", "X'ff'  CAST(X'ff' AS TEXT)"),
            ("profile_image_url", "X'ff'", ""),
            ("bio", "X'ff'", "CAST(X'ff' AS TEXT)"),
            ("date_of_birth", "'abc'", "''  5  '2000-01-01 00:00:00'  '2000-02-31'  X'41'"),
        ];
        let db = Connection::open_in_memory().unwrap();
        for (table, works) in [(&readable[..], true), (&unreadable[..], false)] {
            for (column, first, more) in table {
                let must = USER.iter().find(|(name, _)| name == column).unwrap().1;
                for value in std::iter::once(*first).chain(more.split("  ").filter(|value| !value.is_empty())) {
                    let said = db
                        .query_row(&format!("SELECT {value}"), [], |row| Ok(complaint(column, must, row.get_ref(0)?)));
                    assert_eq!(said.as_ref().map(Option::is_none), Ok(works), "{column} = {value}: {said:?}");
                }
            }
        }
    }

    #[test]
    fn a_harmless_value_is_one_that_the_server_reads() {
        let db = Connection::open_in_memory().unwrap();
        for (table, columns) in [("user", &USER[..]), ("auth", &AUTH[..])] {
            for (column, must) in columns {
                for must_be_set in [true, false] {
                    let Some(value) = harmless(table, column, must_be_set) else { continue };
                    assert!(!must_be_set || !value.is_null(), "{table}.{column}");
                    let text = match &value {
                        Value::Null => None,
                        Value::String(text) => Some(text.clone()),
                        other => Some(other.to_string()),
                    };
                    let read = |row: &Row<'_>| Ok(complaint(column, *must, row.get_ref(0)?));
                    let said = db.query_row("SELECT ?1", [text], read).unwrap();
                    assert_eq!(said, None, "{table}.{column} = {value}");
                }
            }
        }
    }

    #[test]
    fn the_columns_of_each_version_name_the_providers() {
        let told = |oauth: &str, sub: &str, scim: &str| {
            linked(oauth, sub, scim).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(told("", "google@1234@x", ""), "oauth:google");
        assert_eq!(told("null", "", "{}"), "");
        let both = r#"{"google": {"sub": "1"}, "oidc": {"sub": "2"}}"#;
        assert_eq!(told(both, "", r#"{"okta": {"external_id": "9"}}"#), "oauth:google oauth:oidc scim:okta");
        assert_eq!(told("[1]", "", ""), "oauth");
        assert_eq!((USER[OAUTH].0, USER[OAUTH_SUB].0, USER[SCIM].0), ("oauth", "oauth_sub", "scim"));
    }

    /// 500 or 503 to a good token on 0.12.4; the versions before do not read `auth` for a token (measured).
    #[test]
    fn the_newest_server_reads_auth_for_every_token() {
        let columns = |names: &str| names.split(", ").map(ToOwned::to_owned).collect::<Vec<_>>();
        let said = |names: &str, values: &str| {
            let db = Connection::open_in_memory().unwrap();
            db.execute_batch(&format!("CREATE TABLE auth ({names}); INSERT INTO auth VALUES ({values})")).unwrap();
            let rows = AuthRows::of(&columns(names));
            db.query_row(rows.select(), [], |row| rows.auth(row)).unwrap().unreadable
        };
        let newest = |values: &str| said("id, email, password, active, mfa, session_stamp", values);
        for sound in
            ["'1', 'a@x', 'h', 1, NULL, NULL", "'1', 'a@x', '', 0, '{}', 's'", "'1', X'41', 'h', 'true', 'null', X'41'"]
        {
            assert_eq!(newest(sound), [""; 0], "{sound}");
        }
        assert_eq!(
            newest("'1', NULL, NULL, NULL, '[]', X'ff'").join("; "),
            "auth.email is NULL; auth.active is NULL; auth.password is NULL; auth.session_stamp is not text; \
             auth.mfa is JSON, but not an object"
        );
        assert_eq!(newest("'1', 'a@x', 'h', 1, '', 's'"), ["auth.mfa is not JSON"]);
        assert_eq!(said("id, email, password, active", "'1', NULL, NULL, NULL"), [""; 0]);
    }
}
