//! Creators, their organization and their assistants as LAMB reads them.

use rusqlite::types::{Value as Sql, ValueRef};
use rusqlite::{Connection, OptionalExtension as _, Row};
use serde_json::{Value, json};

use super::{Backend, NoCreator};
use crate::lamb::Edition;
use crate::sandbox::python::{self, Json};

/// A creator's row.
pub(super) struct Creator {
    pub(super) id: i64,
    pub(super) organization: Sql,
    pub(super) email: String,
    pub(super) name: String,
    pub(super) user_type: String,
    pub(super) enabled: bool,
    /// The native edition's columns.
    pub(super) password_hash: Option<String>,
    pub(super) auth_provider: String,
    pub(super) role: Option<String>,
}

/// Python reads a whole row or none: a text that is not UTF-8 in any column is an error.
pub(super) fn python_reads(row: &Row<'_>) -> rusqlite::Result<()> {
    for column in 0..row.as_ref().column_count() {
        if let ValueRef::Text(text) = row.get_ref(column)? {
            std::str::from_utf8(text)?;
        }
    }
    Ok(())
}

/// A text or BLOB as text, and nothing else.
pub(super) fn word(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<String>> {
    Ok(match row.get_ref(column)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Integer(n) => Some(n.to_string()),
        _ => None,
    })
}

/// What Python takes for true.
fn truthy(value: ValueRef<'_>) -> bool {
    match value {
        ValueRef::Null => false,
        ValueRef::Integer(n) => n != 0,
        ValueRef::Real(n) => n != 0.0,
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => !bytes.is_empty(),
    }
}

/// `json.loads(value) if value else {}`; the error is any exception.
fn loads(value: ValueRef<'_>) -> Result<Json, ()> {
    match value {
        value if !truthy(value) => Ok(Json::Object(Vec::new())),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok().and_then(python::loads).ok_or(()),
        ValueRef::Blob(bytes) => python::loads_bytes(bytes).ok_or(()),
        _ => Err(()),
    }
}

/// What the organization's row means for a request.
enum Organization {
    /// None is found, or its row cannot be read: LAMB goes on without.
    None,
    /// Its `config` is not JSON.
    Broken,
    /// Its `config`.
    Config(Json),
}

impl Backend {
    /// The creator with exactly this e-mail, and their organization. Every error of SQLite reads as "not found".
    pub(super) fn creator(&self, email: &str) -> Result<Creator, NoCreator> {
        let db = self.lamb().map_err(|_| NoCreator::Refused)?;
        let creator = self.row(&db, email).ok().flatten().ok_or(NoCreator::Refused)?;
        let native = self.edition == Edition::Native;
        match self.organization(&db, &creator.organization) {
            Organization::Broken if native => Err(NoCreator::Crash),
            Organization::Broken => Err(NoCreator::Refused),
            Organization::Config(config) if native && !has_fields(&config) => Err(NoCreator::Crash),
            _ => Ok(creator),
        }
    }

    /// The creator's own row, as the login reads it.
    pub(super) fn creator_row(&self, email: &str) -> Option<Creator> {
        self.row(&self.lamb().ok()?, email).ok().flatten()
    }

    fn row(&self, db: &Connection, email: &str) -> rusqlite::Result<Option<Creator>> {
        let native = self.edition == Edition::Native;
        let more = if native { ", lti_user_id, auth_provider, password_hash, role" } else { "" };
        let sql = format!(
            "SELECT id, organization_id, user_email, user_name, user_type, user_config, enabled{more} \
             FROM {}Creator_users WHERE user_email = ?",
            self.prefix
        );
        db.query_row(&sql, [email], |row| {
            python_reads(row)?;
            let extra = |column: &str| if native { word(row, column) } else { Ok(None) };
            let creator = Creator {
                id: row.get("id")?,
                organization: row.get("organization_id")?,
                email: word(row, "user_email")?.unwrap_or_default(),
                name: word(row, "user_name")?.unwrap_or_default(),
                user_type: word(row, "user_type")?.unwrap_or_default(),
                enabled: truthy(row.get_ref("enabled")?),
                password_hash: extra("password_hash")?,
                auth_provider: extra("auth_provider")?.unwrap_or_default(),
                role: extra("role")?,
            };
            Ok(loads(row.get_ref("user_config")?).is_ok().then_some(creator))
        })
        .optional()
        .map(Option::flatten)
    }

    fn organization(&self, db: &Connection, id: &Sql) -> Organization {
        let sql = format!(
            "SELECT id, slug, name, is_system, status, config, created_at, updated_at FROM {}organizations WHERE id = ?",
            self.prefix
        );
        let config = db.query_row(&sql, [id], |row| {
            python_reads(row)?;
            Ok(loads(row.get_ref("config")?))
        });
        match config {
            Err(_) => Organization::None,
            Ok(Err(())) => Organization::Broken,
            Ok(Ok(config)) => Organization::Config(config),
        }
    }

    /// The `config` of the creator's organization, as it is stored.
    pub(super) fn config_text(&self, creator: &Creator) -> Option<String> {
        let sql = format!("SELECT config FROM {}organizations WHERE id = ?", self.prefix);
        self.lamb().ok()?.query_row(&sql, [&creator.organization], |row| row.get(0)).ok()
    }

    /// The creator's role in their own organization: one in another has no effect.
    pub(super) fn organization_role(&self, creator: &Creator) -> Option<String> {
        let sql =
            format!("SELECT role FROM {}organization_roles WHERE user_id = ? AND organization_id = ?", self.prefix);
        let db = self.lamb().ok()?;
        db.query_row(&sql, (creator.id, &creator.organization), |row| row.get(0)).ok()
    }

    /// The creator's assistants as the answer has them; an error where one cannot be put into an answer. A row that
    /// SQLite cannot read is as good as no rows at all.
    pub(super) fn assistants_of(&self, email: &str) -> Result<Vec<Value>, NoCreator> {
        let rows = self.assistant_rows(email).unwrap_or_default();
        rows.into_iter().collect::<Option<_>>().ok_or(NoCreator::Crash)
    }

    fn assistant_rows(&self, email: &str) -> rusqlite::Result<Vec<Option<Value>>> {
        let native = self.edition == Edition::Native;
        let (organization, times) =
            if native { ("NULL AS organization_id, ", ", created_at, updated_at") } else { ("", "") };
        let sql = format!(
            "SELECT id, name, description, owner, {organization}api_callback, system_prompt, prompt_template, \
             RAG_endpoint, RAG_Top_k, RAG_collections{times} FROM {p}assistants \
             LEFT JOIN (SELECT assistant_id FROM {p}assistant_publish) ON assistant_id = id WHERE owner = ?",
            p = self.prefix
        );
        let db = self.lamb()?;
        let mut query = db.prepare(&sql)?;
        let rows = query.query_map([email], |row| {
            python_reads(row)?;
            Ok(assistant(row))
        })?;
        rows.collect()
    }
}

/// An assistant in an answer: texts that are text, numbers that are whole. Of more fields only their names are told.
fn assistant(row: &Row<'_>) -> Option<Value> {
    let mut fields = json!({});
    for column in 0..row.as_ref().column_count() {
        let name = row.as_ref().column_name(column).ok()?.to_owned();
        let is_number = matches!(name.as_str(), "id" | "RAG_Top_k" | "created_at" | "updated_at");
        fields[&name] = match row.get_ref(column).ok()? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(n) => json!(n),
            ValueRef::Text(bytes) if is_number => json!(std::str::from_utf8(bytes).ok()?.trim().parse::<i64>().ok()?),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => json!(std::str::from_utf8(bytes).ok()?),
            ValueRef::Real(_) => return None,
        };
        if name == "api_callback" {
            fields["metadata"] = fields[&name].clone();
        }
    }
    Some(fields)
}

/// True for what the native edition can look fields up in: an object, or a text, in which it looks for JSON once more.
fn has_fields(config: &Json) -> bool {
    match config {
        Json::Object(_) => true,
        Json::Text(text) => {
            python::loads(text).is_none_or(|inner| !matches!(inner, Json::List | Json::Null | Json::Plain))
        }
        _ => false,
    }
}
