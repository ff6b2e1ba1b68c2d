//! Which users a list has, and in which order.

use std::str::FromStr;

use super::entry::{Entry, Presence};
use crate::email;
use crate::email::pattern::{Pattern, PatternError};

/// A part of an e-mail or a name, or a glob over all of either. Upper case and accents that are composed differently
/// do not count, as for e-mails.
#[derive(Clone, Debug)]
pub(crate) struct UserPattern {
    text: String,
    glob: Option<Pattern>,
}

impl FromStr for UserPattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let is_glob = text.contains(['*', '?', '[']);
        let glob = if is_glob { Some(text.parse()?) } else { None };
        let text = email::key(text).into_owned();
        if text.is_empty() { Err(PatternError::Empty) } else { Ok(Self { text, glob }) }
    }
}

impl UserPattern {
    /// The text, where it is no glob: an address that may have been mistyped.
    pub(super) fn searched_for(&self) -> Option<&str> {
        self.glob.is_none().then_some(&*self.text)
    }

    /// True where only an e-mail can match: a name has no `@`.
    fn is_of_emails(&self) -> bool {
        self.text.contains('@')
    }

    /// `key`: see [`email::key`].
    fn matches(&self, key: &str) -> bool {
        match &self.glob {
            Some(glob) => glob.matches(key),
            None => key.contains(&self.text),
        }
    }
}

/// A role, in the organization or in the whole deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ListRole {
    /// Owner of the organization
    Owner,
    /// Admin of the organization
    Admin,
    /// Member of the organization
    Member,
    /// A creator without a role
    None,
    /// Admin of Open WebUI, or of a native LAMB
    SystemAdmin,
    /// Waits for approval in Open WebUI
    Pending,
}

/// Which users are listed. The default is all.
#[derive(Clone, Debug, Default)]
pub(crate) struct ListFilter {
    pub pattern: Option<UserPattern>,
    /// The slug of a creator's organization.
    pub organization: Option<String>,
    pub only: Option<Presence>,
    pub role: Option<ListRole>,
    /// Only those who are disabled in LAMB or inactive in Open WebUI.
    pub disabled: bool,
}

impl ListFilter {
    /// False where no row of this address can be wanted, so that it is not sorted.
    pub(super) fn may_want(&self, key: &str) -> bool {
        self.pattern.as_ref().is_none_or(|pattern| !pattern.is_of_emails() || pattern.matches(key))
    }

    pub(super) fn wants(&self, entry: &Entry) -> bool {
        self.pattern.as_ref().is_none_or(|pattern| matches(pattern, entry))
            && self.only.is_none_or(|only| entry.presence() == only)
            && self.role.is_none_or(|role| has(role, entry))
            && (!self.disabled || is_disabled(entry))
            && self
                .organization
                .as_deref()
                .is_none_or(|slug| entry.creators.iter().any(|creator| creator.organization.as_deref() == Some(slug)))
    }
}

fn matches(pattern: &UserPattern, entry: &Entry) -> bool {
    let creators = entry.creators.iter().map(|creator| &creator.name);
    let mut names = creators.chain(entry.accounts.iter().map(|account| &account.name));
    pattern.matches(&entry.address) || names.any(|name| pattern.matches(&email::key(name)))
}

fn has(role: ListRole, entry: &Entry) -> bool {
    let in_organization = |role: Option<&str>| entry.creators.iter().any(|creator| creator.role.as_deref() == role);
    let in_owi = |role: &str| entry.accounts.iter().any(|account| account.role == role);
    match role {
        ListRole::Owner => in_organization(Some("owner")),
        ListRole::Admin => in_organization(Some("admin")),
        ListRole::Member => in_organization(Some("member")),
        ListRole::None => in_organization(None),
        ListRole::Pending => in_owi("pending"),
        ListRole::SystemAdmin => {
            let mut native = entry.creators.iter().filter_map(|creator| creator.native.as_ref());
            in_owi("admin") || native.any(|(system_role, _)| system_role == "admin")
        }
    }
}

fn is_disabled(entry: &Entry) -> bool {
    entry.creators.iter().any(|creator| !creator.enabled)
        || entry.accounts.iter().any(|account| account.is_active == Some(false))
}

/// In which order users are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ListOrder {
    /// By e-mail
    #[default]
    Email,
    /// By name
    Name,
    /// By organization
    Org,
    /// The newest first
    Created,
    /// The last active in Open WebUI first
    LastActive,
}

impl ListOrder {
    /// What to sort by; `None` for the order in which they come, which is by e-mail. Equal keys stay in that order, and
    /// users without a value come last.
    pub(super) fn key(self, entry: &Entry) -> Option<Vec<u8>> {
        let text = |text: Option<&str>| {
            let text = text.filter(|text| !text.is_empty());
            text.map_or_else(|| vec![1], |text| [&[0], email::key(text).as_bytes()].concat())
        };
        let newest = |seconds: Option<i64>| {
            // From the largest number down, as bytes of that order.
            seconds.map_or_else(|| vec![1], |seconds| [&[0], &(!(seconds ^ i64::MIN)).to_be_bytes()[..]].concat())
        };
        match self {
            Self::Email => None,
            Self::Name => Some(text(Some(entry.name()))),
            Self::Org => Some(text(entry.creators.first().and_then(|creator| creator.organization.as_deref()))),
            Self::Created => {
                let creators = entry.creators.iter().filter_map(|creator| creator.created_at);
                Some(newest(creators.chain(entry.accounts.iter().filter_map(|account| account.created_at)).max()))
            }
            Self::LastActive => Some(newest(entry.accounts.iter().filter_map(|account| account.last_active_at).max())),
        }
    }
}
