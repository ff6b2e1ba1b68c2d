//! A rule of the policy: the organization that some people belong to.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::email::pattern::Pattern;
use crate::lamb::model::OrganizationRole;

/// Where those who fit belong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// The e-mails that it places.
    pub email: Pattern,
    pub org: Slug,
    /// Their role there; without it `owi-role` decides, then `role`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<OrganizationRole>,
}

/// The slug of an organization. Only LAMB can tell whether it exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

/// Why a text is no [`Slug`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SlugError {
    #[error("the slug is empty")]
    Empty,
    /// LAMB compares slugs byte for byte, and these are mistakes.
    #[error("the slug has blanks at its ends, or control characters")]
    Odd,
}

impl Slug {
    /// The slug, byte for byte.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Slug {
    type Error = SlugError;

    fn try_from(text: String) -> Result<Self, SlugError> {
        if text.trim().is_empty() {
            Err(SlugError::Empty)
        } else if text.trim() != text || text.contains(char::is_control) {
            Err(SlugError::Odd)
        } else {
            Ok(Self(text))
        }
    }
}

impl FromStr for Slug {
    type Err = SlugError;

    fn from_str(text: &str) -> Result<Self, SlugError> {
        text.to_owned().try_into()
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Rule {
    /// As it is typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.email, self.org)?;
        self.role.map_or(Ok(()), |role| write!(f, ":{role}"))
    }
}

impl FromStr for Rule {
    type Err = String;

    /// `PATTERN=ORG[:ROLE]`. A pattern may have an equals sign itself: the last one counts.
    fn from_str(text: &str) -> Result<Self, String> {
        let form = "not of the form PATTERN=ORG[:ROLE], as physics.example=physics:admin";
        let (email, place) = text.rsplit_once('=').ok_or(form)?;
        let (org, role) = match place.split_once(':') {
            Some((org, role)) => (org, Some(organization_role(role)?)),
            None => (place, None),
        };
        let email = email.parse::<Pattern>().map_err(|error| error.to_string())?;
        let org = org.trim().parse::<Slug>().map_err(|error| error.to_string())?;
        Ok(Self { email, org, role })
    }
}

pub(super) fn organization_role(text: &str) -> Result<OrganizationRole, String> {
    text.trim().parse().map_err(|role| format!("{role:?} is not a role: use owner, admin or member"))
}
