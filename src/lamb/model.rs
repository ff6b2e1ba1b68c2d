//! What LAMB stores of a person, as types.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Edition;
use crate::clock;
use crate::email::Email;
use crate::sqlite::python_json::{JsonColumn, Kind, is_read};
use crate::sqlite::value::PasswordHash;

/// A role inside an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum OrganizationRole {
    /// May do everything there.
    Owner,
    /// May manage its people.
    Admin,
    /// The rest.
    Member,
}

/// A creator's system role. The native edition stores it; the delegated one asks Open WebUI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum SystemRole {
    /// An ordinary creator.
    User,
    /// Administers the whole of LAMB.
    Admin,
}

/// What a creator is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum UserType {
    /// Builds assistants.
    Creator,
    /// Uses them; the creator interface sends such users away.
    #[value(name = "end_user")]
    EndUser,
}

macro_rules! stored_as {
    ($type:ty, $($variant:ident => $text:literal),+) => {
        impl $type {
            /// The text that LAMB stores.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text { $($text => Ok(Self::$variant),)+ other => Err(other.to_owned()) }
            }
        }
    };
}

stored_as!(OrganizationRole, Owner => "owner", Admin => "admin", Member => "member");
stored_as!(SystemRole, User => "user", Admin => "admin");
stored_as!(UserType, Creator => "creator", EndUser => "end_user");

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Organization {
    /// Its id.
    pub id: i64,
    /// Its short name, unique.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// `active`, `suspended` or `trial`.
    pub status: String,
    /// Its `config`, as Python reads it.
    #[serde(rename = "config_is_json", serialize_with = "is_read")]
    #[schemars(with = "bool")]
    pub config: JsonColumn,
}

impl Organization {
    /// What is wrong with `config` for this edition, after "config"; `None` where its people are served (measured).
    ///
    /// Text that is not UTF-8 is to LAMB as if there were no organization. A native LAMB also fails on JSON that is not
    /// an object, and reads a text in JSON as JSON once more.
    pub fn config_problem(&self, edition: Option<Edition>) -> Option<&'static str> {
        let no_object = "is JSON, but not an object";
        match self.config {
            JsonColumn::NotUtf8 => None,
            JsonColumn::Json { kind, inner } if edition == Some(Edition::Native) => match (kind, inner) {
                (Kind::Object, _) | (Kind::String, None | Some(Kind::Object)) => None,
                _ => Some(no_object),
            },
            column => column.problem(),
        }
    }
}

impl Creator {
    /// True for a user who is sent from the creator interface to the chat.
    pub fn is_end_user(&self) -> bool {
        self.user_type == UserType::EndUser.as_str()
    }

    /// Why LAMB cannot read the row and says "user not found", after "its"; `None` where it reads it.
    pub fn not_read_because(&self) -> Option<String> {
        let config = self.user_config.problem().map(|why| format!("user_config {why}"));
        config.or_else(|| self.unreadable.first().map(|column| format!("{column} is not UTF-8")))
    }
}

/// The slugs that there are, those nearest to this one first, in a line.
pub fn slugs_like(slug: &str, all: &[Organization]) -> String {
    const NAMED: usize = 20;
    let mut known: Vec<&str> = all.iter().map(|organization| organization.slug.as_str()).collect();
    known.sort_by(|a, b| strsim::jaro_winkler(b, slug).total_cmp(&strsim::jaro_winkler(a, slug)));
    let more = known.len().saturating_sub(NAMED);
    known.truncate(NAMED);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    known.join(", ") + &more
}

/// What only the native edition stores of a creator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NativePart {
    /// `user` or `admin`; anything else as it is stored.
    pub system_role: String,
    /// `password` or `lti_creator`.
    pub auth_provider: String,
    /// Whether a password can be checked.
    pub password_hash: PasswordHash,
    /// `lti_user_id`, by which a launch finds the creator within the organization of the key.
    #[serde(skip)]
    pub lms_id: Option<String>,
}

/// The `auth_provider` of a teacher who came in through the LMS.
pub const LTI_CREATOR: &str = "lti_creator";

impl NativePart {
    /// True for a teacher who signs in through the LMS, and has no password of their own.
    pub fn is_from_lms(&self) -> bool {
        self.auth_provider == LTI_CREATOR
    }
}

/// A creator user, as LAMB reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Creator {
    /// Its id.
    pub id: i64,
    /// The e-mail, byte for byte.
    pub email: Email,
    /// False where it is stored as bytes: LAMB looks for a text, and never finds the row.
    #[serde(skip)]
    pub is_found_by_email: bool,
    /// The display name.
    pub name: String,
    /// `creator` or `end_user`; anything else as it is stored.
    pub user_type: String,
    /// False where login is refused.
    pub enabled: bool,
    /// The organization's id as it is stored: NULL and dangling ids occur.
    pub organization_id: Option<i64>,
    /// The organization, where there is one of that id.
    pub organization: Option<Arc<Organization>>,
    /// The role in its own organization, the only one that has an effect.
    pub organization_role: Option<String>,
    /// Organizations in which there is a role row without effect.
    pub roles_elsewhere: Vec<RoleElsewhere>,
    /// The `user_config`: where LAMB cannot read it, it says "user not found".
    #[serde(rename = "user_config_is_json", serialize_with = "is_read")]
    #[schemars(with = "bool")]
    pub user_config: JsonColumn,
    /// The other columns whose text is not UTF-8: LAMB then cannot read the row, and says "user not found".
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<String>,
    /// Unix seconds; in JSON, RFC 3339 in UTC.
    #[serde(serialize_with = "clock::serialize_some")]
    #[schemars(with = "Option<String>")]
    pub created_at: Option<i64>,
    /// Unix seconds; in JSON, RFC 3339 in UTC.
    #[serde(serialize_with = "clock::serialize_some")]
    #[schemars(with = "Option<String>")]
    pub updated_at: Option<i64>,
    /// Only in the native edition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub native: Option<NativePart>,
}

/// A role row in an organization that is not the creator's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RoleElsewhere {
    /// Its slug, or its id where there is no such organization.
    pub organization: String,
    /// The role.
    pub role: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_stored_as_lamb_names_them() {
        for role in [OrganizationRole::Owner, OrganizationRole::Admin, OrganizationRole::Member] {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        assert!("Owner".parse::<OrganizationRole>().is_err());
        assert_eq!("end_user".parse(), Ok(UserType::EndUser));
    }
}
