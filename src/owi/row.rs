//! Rows of `user` and `auth`: read by column name, since their order differs between versions (measured).

use rusqlite::Row;
use rusqlite::types::ValueRef;
use serde::Serialize;
use serde_json::Value as Json;

use crate::email::Email;
use crate::secret::Secret;
use crate::stored::{PasswordHash, integer_of, parse_as_python, text_of};

/// A row of `auth`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuthRow {
    /// Equal to the user's id.
    pub id: String,
    /// Equal to the user's e-mail.
    pub email: String,
    /// False where every sign-in is refused.
    pub active: bool,
    /// Whether a password can be checked.
    pub password_hash: PasswordHash,
    /// The hash itself, for a creator that shall have the same password.
    #[serde(skip)]
    pub hash: Secret,
    /// 0.12: what every token of the user must name.
    #[serde(skip)]
    pub session_stamp: Option<String>,
}

/// A row of `user`, and the `auth` row of its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwiUser {
    /// A UUID.
    pub id: String,
    /// The e-mail, byte for byte.
    pub email: Email,
    /// The display name.
    pub name: String,
    /// `admin`, `user`, `pending` or any other text.
    pub role: String,
    /// Unix seconds.
    pub last_active_at: Option<i64>,
    /// Unix seconds.
    pub created_at: Option<i64>,
    /// Why the server cannot read this row: it then refuses every token of the user. Empty where it can.
    pub unreadable: Vec<String>,
    /// The other half; without it nobody can sign in.
    pub auth: Option<AuthRow>,
}

impl OwiUser {
    /// True where they can sign in, and the server can read their row.
    pub fn is_sound(&self) -> bool {
        self.unreadable.is_empty() && self.auth.as_ref().is_some_and(|auth| auth.active)
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

/// What a column of `user` must hold, else the server cannot read the row (measured).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Must {
    /// A JSON object or nothing.
    Object,
    /// A whole number.
    Number,
    /// Text.
    Text,
    /// Anything.
    Any,
}

/// The columns of `user` that are read, in the order in which they are selected and complained about.
const USER: [(&str, Must); 11] = [
    ("id", Must::Any),
    ("settings", Must::Object),
    ("info", Must::Object),
    ("oauth", Must::Object),
    ("created_at", Must::Number),
    ("updated_at", Must::Number),
    ("last_active_at", Must::Number),
    ("name", Must::Text),
    ("email", Must::Text),
    ("role", Must::Text),
    // Whole pictures are stored here, and nobody asks for them.
    ("profile_image_url", Must::Text),
];

const AUTH: [&str; 5] = ["id", "email", "active", "password", "session_stamp"];

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
            "profile_image_url" => format!("CASE typeof({name}) WHEN 'text' THEN '' ELSE {name} END"),
            name => name.to_owned(),
        });
        Self { select: format!("SELECT {} FROM \"user\"", expressions.collect::<Vec<_>>().join(", ")), there }
    }

    /// The statement, without a condition.
    pub(super) fn select(&self) -> &str {
        &self.select
    }

    /// A row of it; whether there is an `auth` row is not known yet.
    pub(super) fn user(&self, row: &Row<'_>) -> rusqlite::Result<OwiUser> {
        let word = |at: usize| Ok::<_, rusqlite::Error>(text_of(row.get_ref(at)?).unwrap_or_default().into_owned());
        let mut unreadable = Vec::new();
        for (at, (name, must)) in USER.into_iter().enumerate().filter(|(at, _)| self.there[*at]) {
            unreadable.extend(complaint(name, must, row.get_ref(at)?));
        }
        Ok(OwiUser {
            id: word(0)?,
            created_at: integer_of(row.get_ref(4)?),
            last_active_at: integer_of(row.get_ref(6)?),
            name: word(7)?,
            email: Email::stored(word(8)?),
            role: word(9)?,
            unreadable,
            auth: None,
        })
    }
}

/// Why the server cannot read a row for the sake of this column, in a sentence.
fn complaint(name: &str, must: Must, value: ValueRef<'_>) -> Option<String> {
    match (must, value) {
        (Must::Any, _) | (Must::Object, ValueRef::Null) => None,
        (Must::Number, ValueRef::Integer(_)) => None,
        (Must::Text, ValueRef::Text(bytes)) if std::str::from_utf8(bytes).is_ok() => None,
        (Must::Number | Must::Text, ValueRef::Null) => Some(format!("{name} is NULL")),
        (Must::Number, _) => Some(format!("{name} is not a whole number")),
        (Must::Object, ValueRef::Text(bytes)) => match std::str::from_utf8(bytes).ok().and_then(parse_as_python) {
            Some(Json::Object(_) | Json::Null) => None,
            Some(_) => Some(format!("{name} is JSON, but not an object")),
            None => Some(format!("{name} is not JSON")),
        },
        (Must::Object | Must::Text, _) => Some(format!("{name} is not text")),
    }
}

/// How rows of `auth` are selected and read, in a file that has these columns.
#[derive(Debug)]
pub(super) struct AuthRows {
    select: String,
}

impl AuthRows {
    pub(super) fn of(columns: &[String]) -> Self {
        let expressions =
            AUTH.map(|name| if columns.iter().any(|column| column == name) { name } else { "NULL" }).join(", ");
        Self { select: format!("SELECT {expressions} FROM auth") }
    }

    /// The statement, without a condition.
    pub(super) fn select(&self) -> &str {
        &self.select
    }

    /// A row of it.
    pub(super) fn auth(&self, row: &Row<'_>) -> rusqlite::Result<AuthRow> {
        let word = |at: usize| row.get_ref(at).map(|value| text_of(value).map(std::borrow::Cow::into_owned));
        let hash = word(3)?.unwrap_or_default();
        Ok(AuthRow {
            id: word(0)?.unwrap_or_default(),
            email: word(1)?.unwrap_or_default(),
            active: integer_of(row.get_ref(2)?) == Some(1),
            password_hash: PasswordHash::of(Some(&hash)),
            hash: Secret::new(hash),
            session_stamp: word(4)?,
        })
    }
}
