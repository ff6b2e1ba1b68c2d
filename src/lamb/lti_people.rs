//! What LAMB's database has of one user of an LMS: the rows by which each launch finds the user.

use rusqlite::ToSql;

use super::db::LambDb;
use super::lms::MadeUp;
use super::lti::{Launch, word};
use super::model::Creator;
use crate::email::Email;
use crate::sqlite::value::integer;
use crate::sqlite::{DbError, RawValue};

/// A user's row in an activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityUser {
    /// The e-mail that LAMB made, byte for byte.
    pub email: String,
    /// The name that the LMS sent.
    pub name: String,
    /// The activity; `None` where there is none of that id.
    pub activity: Option<Activity>,
}

/// An activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// The LMS's id of the link.
    pub resource_link: String,
    /// `active`, or another word.
    pub status: String,
    /// The id of its group in Open WebUI.
    pub group: String,
}

/// A user's row of the old launch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssistantUser {
    /// The e-mail that LAMB made, byte for byte.
    pub email: String,
    /// The consumer key, which names the assistant.
    pub key: String,
    /// The name of the group of the assistant that is published under the key; `None` where none is.
    pub group: Option<String>,
}

/// A link of an LMS user to a creator that has another e-mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityLink {
    /// The LMS's id.
    pub lms_id: String,
    /// The creator's id.
    pub creator: i64,
    /// The creator's e-mail; `None` where there is no such creator.
    pub email: Option<String>,
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub struct LmsPerson {
    /// Creators that are this user.
    pub teachers: Vec<Creator>,
    /// The creator that has the e-mail which LAMB would make for a new one.
    pub holder: Option<Creator>,
    /// Links to creators.
    pub links: Vec<IdentityLink>,
    /// Rows in activities.
    pub activities: Vec<ActivityUser>,
    /// Rows of the old launch.
    pub assistants: Vec<AssistantUser>,
}

/// How a user of the LMS is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskedFor {
    /// By the LMS's id, with the slug of the organization where that is known.
    Id(String, Option<String>),
    /// By the e-mail in LAMB's row, mostly one that LAMB made.
    Address(Email),
}

impl AskedFor {
    /// The e-mail that the launch into the creator interface makes for a new teacher, as far as that is known.
    pub fn teachers_address(&self) -> Option<String> {
        match self {
            Self::Id(id, Some(slug)) => Some(super::lms::teachers_address(slug, id)),
            Self::Id(_, None) => None,
            Self::Address(email) => {
                matches!(MadeUp::of(email.as_str()), Some(MadeUp::Teacher(_))).then(|| email.as_str().to_owned())
            }
        }
    }
}

/// True for a creator that a launch finds, whatever its e-mail is.
fn comes_from_lms(creator: &Creator) -> bool {
    creator.native.as_ref().is_some_and(|native| native.is_from_lms() || native.lms_id.is_some())
}

impl LambDb {
    /// The rows of one user of the LMS, as of one moment. Tables that are not there have none.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn lms_person(&self, asked: &AskedFor) -> Result<LmsPerson, DbError> {
        self.at_once(|db| {
            let (by, value): (&str, &str) = match asked {
                AskedFor::Id(id, _) => ("lms_user_id = ?1", id),
                AskedFor::Address(email) => ("user_email = ?1 COLLATE NOCASE", email.as_str()),
            };
            let teachers = match asked {
                AskedFor::Id(id, _) => db.teachers("lti_user_id = ?1", id)?,
                AskedFor::Address(email) => {
                    let mut teachers = db.teachers("user_email = ?1", email.as_str())?;
                    // Another creator of this e-mail does not come from the LMS.
                    teachers.retain(|teacher| MadeUp::of(email.as_str()).is_some() || comes_from_lms(teacher));
                    teachers
                }
            };
            let holder = match asked.teachers_address() {
                Some(address) => db.teachers("user_email = ?1", &address)?.into_iter().next(),
                None => None,
            };
            let teachers = match asked {
                AskedFor::Id(_, Some(slug)) => {
                    let is_theirs =
                        |teacher: &Creator| teacher.organization.as_ref().is_some_and(|own| own.slug == *slug);
                    teachers.into_iter().filter(is_theirs).collect()
                }
                _ => teachers,
            };
            let links = match asked {
                AskedFor::Id(id, _) => db.identity_links("lms_user_id = ?1", &[&id])?,
                AskedFor::Address(_) => Vec::new(),
            };
            let activities = db.activity_users(by, value)?;
            let assistants = match asked {
                AskedFor::Id(id, _) => db.assistant_users(
                    "substr(user_email, 1, length(?1) + 1) = ?1 || '-' AND user_email LIKE '%@lamb-project.org'",
                    id,
                )?,
                AskedFor::Address(email) => db.assistant_users("user_email = ?1 COLLATE NOCASE", email.as_str())?,
            };
            Ok(LmsPerson { teachers, holder, links, activities, assistants })
        })
    }

    fn teachers(&self, condition: &str, value: &str) -> Result<Vec<Creator>, DbError> {
        let columns = ["user_email", "lti_user_id", "auth_provider"];
        let rows = self.lms_rows("Creator_users", &columns, condition, &[&value], |row| word(row, 0))?;
        let mut teachers = Vec::new();
        for email in rows.unwrap_or_default() {
            teachers.extend(self.creator(&email)?);
        }
        Ok(teachers)
    }

    /// Links of LMS users to creators.
    pub(crate) fn identity_links(&self, condition: &str, values: &[&dyn ToSql]) -> Result<Vec<IdentityLink>, DbError> {
        let columns = ["lms_user_id", "creator_user_id"];
        let rows = self.lms_rows("lti_identity_links", &columns, condition, values, |row| {
            Ok((word(row, 0)?, integer(&row.get::<_, RawValue>(1)?.0).unwrap_or_default()))
        })?;
        let link =
            |(lms_id, creator): (String, i64)| Ok(IdentityLink { lms_id, creator, email: self.email_of(creator)? });
        rows.unwrap_or_default().into_iter().map(link).collect()
    }

    fn activity_users(&self, condition: &str, value: &str) -> Result<Vec<ActivityUser>, DbError> {
        let columns = ["user_email", "user_display_name", "activity_id"];
        let rows = self.lms_rows("lti_activity_users", &columns, condition, &[&value], |row| {
            Ok((word(row, 0)?, word(row, 1)?, word(row, 2)?))
        })?;
        let columns = ["resource_link_id", "status", "owi_group_id"];
        let user = |(email, name, id): (String, String, String)| {
            let found = self.lms_rows("lti_activities", &columns, "id = ?1", &[&id], |row| {
                Ok(Activity { resource_link: word(row, 0)?, status: word(row, 1)?, group: word(row, 2)? })
            })?;
            Ok(ActivityUser { email, name, activity: found.into_iter().flatten().next() })
        };
        rows.unwrap_or_default().into_iter().map(user).collect()
    }

    fn assistant_users(&self, condition: &str, value: &str) -> Result<Vec<AssistantUser>, DbError> {
        let rows = self.lms_rows("lti_users", &["user_email", "lti_context_id"], condition, &[&value], |row| {
            Ok((word(row, 0)?, word(row, 1)?))
        })?;
        let user = |(email, key): (String, String)| {
            let group = self.published_group(&key)?;
            Ok(AssistantUser { email, key, group })
        };
        rows.unwrap_or_default().into_iter().map(user).collect()
    }

    /// Links of LMS users whose creator is gone: how many, and the ids of the first three in the LMS.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn dangling_links(&self) -> Result<(usize, Vec<String>), DbError> {
        let creators = self.schema().prefix.table("Creator_users");
        let condition = format!("creator_user_id NOT IN (SELECT id FROM {creators})");
        let columns = ["lms_user_id", "creator_user_id"];
        let read = || -> rusqlite::Result<(usize, Vec<String>)> {
            if !self.has_columns("lti_identity_links", &columns)? {
                return Ok((0, Vec::new()));
            }
            let links = self.schema().prefix.table("lti_identity_links");
            let count = format!("SELECT count(*) FROM {links} WHERE {condition}");
            let first = format!("SELECT lms_user_id FROM {links} WHERE {condition} LIMIT 3");
            let conn = self.reading();
            let first = conn.prepare(&first)?.query_map([], |row| word(row, 0))?.collect::<rusqlite::Result<_>>()?;
            let count: i64 = conn.query_row(&count, [], |row| row.get(0))?;
            Ok((usize::try_from(count).unwrap_or_default(), first))
        };
        read().map_err(|error| self.error(error))
    }

    /// Visits what a launch opens with the group that it needs: each active activity by its link, with the id of its group,
    /// and each published assistant by its key, with the name of its group.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn launch_groups(&self, visit: &mut dyn FnMut(Launch, &str, &str)) -> Result<(), DbError> {
        let opened = [
            (Launch::Activity, "lti_activities", ["resource_link_id", "owi_group_id"], "status = 'active'"),
            (Launch::Assistant, "assistant_publish", ["oauth_consumer_name", "group_id"], "oauth_consumer_name <> ''"),
        ];
        let mut read = || -> rusqlite::Result<()> {
            for (launch, table, columns, condition) in opened {
                let needs_status = launch == Launch::Activity && !self.has_columns(table, &["status"])?;
                if needs_status || !self.has_columns(table, &columns)? {
                    continue;
                }
                let table = self.schema().prefix.table(table);
                let sql = format!("SELECT {} FROM {table} WHERE {condition}", columns.join(", "));
                let mut statement = self.reading().prepare(&sql)?;
                let mut rows = statement.query([])?;
                while let Some(row) = rows.next()? {
                    visit(launch, &word(row, 0)?, &word(row, 1)?);
                }
            }
            Ok(())
        };
        read().map_err(|error| self.error(error))
    }

    /// The name of the group of the assistant that is published under a key of the old launch.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn published_group(&self, key: &str) -> Result<Option<String>, DbError> {
        let rows =
            self.lms_rows("assistant_publish", &["group_id"], "oauth_consumer_name = ?1", &[&key], |row| word(row, 0))?;
        Ok(rows.into_iter().flatten().next())
    }
}
