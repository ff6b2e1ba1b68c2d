//! The LMS's ways into LAMB: the three launches, and the keys that sign them.

use std::fmt;

use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension as _, Row, ToSql};

use super::Edition;
use super::db::LambDb;
use super::model::Organization;
use crate::secret::Secret;
use crate::settings::Settings;
use crate::sqlite::python_json::is_true;
use crate::sqlite::value::text;
use crate::sqlite::{DbError, RawValue};

/// The most rows of one kind that are read of one user: more tell nothing new.
const MOST: usize = 100;

/// A launch: what an LMS sends when a user opens LAMB there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Launch {
    /// Teachers, into the creator interface. Each organization has its own key.
    Creator,
    /// Activities, for students and teachers. One key for all.
    Activity,
    /// One published assistant, for students: the launch of the delegated edition, which the native one still has. Its key
    /// names the assistant.
    Assistant,
}

impl Launch {
    /// Where the backend has it.
    pub fn path(self) -> &'static str {
        match self {
            Self::Creator => "/lamb/v1/lti_creator/launch",
            Self::Activity => "/lamb/v1/lti/launch",
            Self::Assistant => "/lamb/v1/lti_users/lti",
        }
    }

    /// True where this edition has it.
    pub fn is_in(self, edition: Edition) -> bool {
        edition == Edition::Native || self == Self::Assistant
    }
}

impl fmt::Display for Launch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Creator => "the launch into the creator interface",
            Self::Activity => "the launch of an activity",
            Self::Assistant => "the launch of a published assistant",
        })
    }
}

/// A key that an LMS signs launches with, and its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerKey {
    /// `oauth_consumer_key`, as it is stored.
    pub key: String,
    /// The secret, as it is stored.
    pub secret: Secret,
    /// Where both came from.
    pub source: String,
    /// False where LAMB behaves as if there were no such key.
    pub enabled: bool,
}

/// An organization with the key of its teachers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyOwner {
    /// The organization.
    pub organization: Organization,
    /// True for LAMB's own, which no teacher may enter from an LMS.
    pub is_system: bool,
    /// Its key, if it has one.
    pub key: Option<ConsumerKey>,
}

impl LambDb {
    /// The organization of this slug, with its key; `None` where there is no such organization.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn key_of(&self, slug: &str) -> Result<Option<KeyOwner>, DbError> {
        let Some(organization) = self.organizations()?.into_iter().find(|known| known.slug == slug) else {
            return Ok(None);
        };
        let id: &dyn ToSql = &organization.id;
        let is_system =
            self.lms_rows("organizations", &["is_system"], "id = ?1", &[id], |row| Ok(is_true(row.get_ref(0)?)))?;
        let columns = ["oauth_consumer_key", "oauth_consumer_secret", "enabled"];
        let source = self.place("lti_creator_keys");
        let key = self.lms_rows("lti_creator_keys", &columns, "organization_id = ?1", &[id], |row| {
            // NULL is what a column with a default has only by hand, and Python takes it for false.
            Ok(ConsumerKey { enabled: is_true(row.get_ref(2)?), ..consumer_key(row, source.clone())? })
        })?;
        let is_system = is_system.and_then(|rows| rows.first().copied()).unwrap_or(slug == "lamb");
        Ok(Some(KeyOwner { organization, is_system, key: key.into_iter().flatten().next() }))
    }

    /// The key of all activities that was stored on the admin page; it wins over the environment.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn global_key(&self) -> Result<Option<ConsumerKey>, DbError> {
        let source = self.place("lti_global_config");
        let columns = ["oauth_consumer_key", "oauth_consumer_secret"];
        let rows =
            self.lms_rows("lti_global_config", &columns, "id = 1", &[], |row| consumer_key(row, source.clone()))?;
        Ok(rows.into_iter().flatten().next())
    }

    /// The names under which assistants are published for the old launch, the first hundred by name.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn published_names(&self) -> Result<Vec<String>, DbError> {
        let condition = "coalesce(oauth_consumer_name, '') <> '' ORDER BY oauth_consumer_name";
        let rows = self.lms_rows("assistant_publish", &["oauth_consumer_name"], condition, &[], |row| word(row, 0))?;
        Ok(rows.unwrap_or_default())
    }

    /// A table as it is named in reports.
    pub(crate) fn place(&self, table: &str) -> String {
        format!("{}{table} in {}", self.schema().prefix.as_str(), self.path().display())
    }

    /// Rows of one of the tables that not every LAMB has; `None` where the table or one of the columns is not there.
    pub(crate) fn lms_rows<T>(
        &self,
        table: &'static str,
        columns: &[&'static str],
        condition: &str,
        values: &[&dyn ToSql],
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<Vec<T>>, DbError> {
        let read = || -> rusqlite::Result<Option<Vec<T>>> {
            if !self.has_columns(table, columns)? {
                return Ok(None);
            }
            let table = self.schema().prefix.table(table);
            let sql = format!("SELECT {} FROM {table} WHERE {condition} LIMIT {MOST}", columns.join(", "));
            self.reading().prepare(&sql)?.query_map(values, read)?.collect::<rusqlite::Result<_>>().map(Some)
        };
        read().map_err(|error| self.error(error))
    }

    /// True where the table is there with all these columns.
    pub(crate) fn has_columns(&self, table: &str, columns: &[&str]) -> rusqlite::Result<bool> {
        let name = format!("{}{table}", self.schema().prefix.as_str());
        let sql = "SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2 COLLATE NOCASE";
        let mut statement = self.reading().prepare_cached(sql)?;
        for column in columns {
            if statement.query_row([&name, *column], |_| Ok(())).optional()?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn consumer_key(row: &Row<'_>, source: String) -> rusqlite::Result<ConsumerKey> {
    let secret = Secret::new(word(row, 1)?).hidden();
    Ok(ConsumerKey { key: word(row, 0)?, secret, source, enabled: true })
}

/// A column as text, whatever is in it; NULL is the empty text.
pub(crate) fn word(row: &Row<'_>, at: usize) -> rusqlite::Result<String> {
    Ok(text(row.get::<_, RawValue>(at)?.0).unwrap_or_default())
}

/// As [`word`], with NULL as `None`.
pub(crate) fn word_if_set(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<String>> {
    Ok(match row.get_ref(at)? {
        ValueRef::Null => None,
        _ => Some(word(row, at)?),
    })
}

/// The key of all activities in LAMB's environment; `None` where no secret is set there.
pub fn global_key_of(settings: &Settings) -> Option<ConsumerKey> {
    let secrets = ["LTI_GLOBAL_SECRET", "LTI_SECRET"];
    let (name, secret) = secrets.iter().find_map(|name| Some((*name, set_secret(settings, name)?)))?;
    let key = settings.get("LTI_GLOBAL_CONSUMER_KEY")?;
    let source = format!("LTI_GLOBAL_CONSUMER_KEY ({}) and {name}", key.origin);
    Some(ConsumerKey { key: key.text().to_owned(), secret, source, enabled: true })
}

/// The secret of the old launch in LAMB's environment; the key is not set there.
pub fn old_secret_of(settings: &Settings) -> Option<Secret> {
    set_secret(settings, "LTI_SECRET")
}

fn set_secret(settings: &Settings, name: &str) -> Option<Secret> {
    settings.secret(name).filter(|secret| !secret.is_empty()).cloned()
}
