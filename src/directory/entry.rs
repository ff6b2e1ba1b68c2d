//! One address: its creators and its accounts, and the rows that it is made of.

use std::borrow::Cow;
use std::io;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PeopleError;
use crate::email::Email;
use crate::lamb::every_row::{LambUser, Organizations};
use crate::lamb::lms::LmsUser;
use crate::owi::file::db::{AuthRow, OwiDb, OwiUser};
use crate::owi::file::every_row::Half;
use crate::owi::file::row::Provider;
use crate::sqlite::value::PasswordHash;

/// The most creators, and the most accounts, that are kept of one address. Only an attack on the memory has more.
const KEPT: usize = 200;

/// On which side an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Presence {
    /// Only in LAMB
    Lamb,
    /// Only in Open WebUI
    Owi,
    /// Once in each, spelled alike
    Both,
    /// Twice on one side, spelled differently, or half an account
    Conflict,
}

/// A creator, as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ListedCreator {
    pub id: i64,
    pub email: String,
    pub name: String,
    pub user_type: String,
    pub enabled: bool,
    /// The slug; `None` where it belongs to none that exists.
    pub organization: Option<String>,
    /// The role in that organization.
    pub role: Option<String>,
    /// Native: the system role and the auth provider.
    pub native: Option<(String, String)>,
    pub created_at: Option<i64>,
}

/// An account of Open WebUI, as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ListedAccount {
    pub id: String,
    pub email: String,
    pub name: String,
    pub role: String,
    /// The identity providers that it is linked with.
    pub providers: Vec<Provider>,
    /// True where its `auth` row has a sound hash of a password. The server also makes one up, which no person knows.
    pub has_password: bool,
    /// False where the server cannot read the row.
    pub is_readable: bool,
    /// `auth.active`; `None` where there is no `auth` row.
    pub is_active: Option<bool>,
    /// True where the `auth` row is there and has the same e-mail.
    pub halves_agree: bool,
    pub created_at: Option<i64>,
    pub last_active_at: Option<i64>,
}

/// All that both sides have of one address, in all its spellings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// What its spellings share.
    pub address: String,
    pub creators: Vec<ListedCreator>,
    pub accounts: Vec<ListedAccount>,
    /// Ids of `auth` rows without a user.
    pub auth_without_user: Vec<String>,
    /// True where a table of LAMB or the domain says that this is a student from the LMS.
    pub is_student: bool,
    /// How many creators and accounts more there are than are kept.
    pub more: usize,
}

impl ListedAccount {
    /// True where the rows themselves let a sign-in through.
    fn is_whole(&self) -> bool {
        self.is_readable && self.is_active == Some(true) && self.halves_agree
    }
}

impl Entry {
    /// Whether the trusted header finds the account, as LAMB sends it: in lower case. `None` where it depends on which
    /// of several accounts the server takes.
    pub(crate) fn is_found_by_header(&self, account: &ListedAccount) -> Option<bool> {
        let of_email = self.accounts.iter().filter(|other| other.email == account.email).count();
        let is_canonical = Email::stored(account.email.as_str()).is_canonical();
        match (account.is_whole() && is_canonical, of_email) {
            (false, _) => Some(false),
            (true, 1) if self.more == 0 && self.auth_without_user.is_empty() => Some(true),
            (true, _) => None,
        }
    }

    /// On which side it is.
    pub(crate) fn presence(&self) -> Presence {
        let is_whole = self.more == 0
            && self.auth_without_user.is_empty()
            && self.accounts.iter().all(|account| account.halves_agree);
        match (self.creators.as_slice(), self.accounts.as_slice()) {
            ([_], []) if is_whole => Presence::Lamb,
            ([], [_]) if is_whole => Presence::Owi,
            ([creator], [account]) if is_whole && creator.email == account.email => Presence::Both,
            _ => Presence::Conflict,
        }
    }

    /// The spelling to show: LAMB's first.
    pub(crate) fn email(&self) -> &str {
        let creator = self.creators.first().map(|creator| creator.email.as_str());
        creator.or(self.accounts.first().map(|account| account.email.as_str())).unwrap_or(&self.address)
    }

    /// The name to show: LAMB's first.
    pub(crate) fn name(&self) -> &str {
        let creators = self.creators.iter().map(|creator| creator.name.as_str());
        let mut names = creators.chain(self.accounts.iter().map(|account| account.name.as_str()));
        names.find(|name| !name.is_empty()).unwrap_or_default()
    }
}

/// What matters of a row of `auth`.
#[derive(Debug, Serialize, Deserialize)]
struct Auth<'a> {
    id: Cow<'a, str>,
    email: Cow<'a, str>,
    active: bool,
    has_password: bool,
}

impl<'a> Auth<'a> {
    fn of(row: &'a AuthRow) -> Self {
        Self {
            id: Cow::Borrowed(&row.id),
            email: Cow::Borrowed(&row.email),
            active: row.active,
            has_password: row.password_hash == PasswordHash::Sound,
        }
    }

    fn into_owned(self) -> Auth<'static> {
        Auth { id: self.id.into_owned().into(), email: self.email.into_owned().into(), ..self }
    }
}

/// A row of one table.
#[derive(Serialize, Deserialize)]
enum Row<'a> {
    Creator(ListedCreator),
    Account(ListedAccount),
    Auth(Auth<'a>),
    Student,
}

fn put(row: &Row<'_>, out: &mut Vec<u8>) -> io::Result<()> {
    postcard::to_io(row, out).map(drop).map_err(io::Error::other)
}

/// Appends a row of LAMB.
pub(super) fn write_lamb(row: LambUser<'_>, organizations: &Organizations, out: &mut Vec<u8>) -> io::Result<()> {
    let LambUser::Creator(creator) = row else { return put(&Row::Student, out) };
    let organization = creator.organization_id.and_then(|id| organizations.get(&id));
    let row = Row::Creator(ListedCreator {
        id: creator.id,
        email: creator.email.to_string(),
        name: creator.name.clone(),
        user_type: creator.user_type.clone(),
        enabled: creator.enabled,
        organization: organization.map(|organization| organization.slug.clone()),
        role: creator.organization_role.clone(),
        native: creator.native.as_ref().map(|native| (native.system_role.clone(), native.auth_provider.clone())),
        created_at: creator.created_at,
    });
    put(&row, out)
}

/// Appends half an account of Open WebUI.
pub(super) fn write_owi(half: &Half, out: &mut Vec<u8>) -> io::Result<()> {
    let row = match half {
        Half::User(user) => Row::Account(listed(user)),
        Half::Auth(auth) => Row::Auth(Auth::of(auth)),
    };
    put(&row, out)
}

fn listed(user: &OwiUser) -> ListedAccount {
    ListedAccount {
        id: user.id.clone(),
        email: user.email.to_string(),
        name: user.name.clone(),
        role: user.role.clone(),
        providers: user.providers.clone(),
        has_password: false,
        is_readable: user.unreadable.is_empty(),
        is_active: None,
        halves_agree: false,
        created_at: user.created_at,
        last_active_at: user.last_active_at,
    }
}

/// Appends a whole entry.
pub(super) fn write(entry: &Entry, out: &mut Vec<u8>) -> io::Result<()> {
    postcard::to_io(entry, out).map(drop).map_err(io::Error::other)
}

/// Reads an entry that [`write`] wrote.
pub(super) fn read(bytes: &[u8]) -> io::Result<Entry> {
    postcard::from_bytes(bytes).map_err(io::Error::other)
}

/// The rows of one address.
#[derive(Debug, Default)]
pub(super) struct Rows {
    creators: Vec<ListedCreator>,
    accounts: Vec<ListedAccount>,
    auths: Vec<Auth<'static>>,
    is_student: bool,
    more: usize,
}

impl Rows {
    /// Adds a row that was written.
    pub(super) fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        match postcard::from_bytes(bytes).map_err(io::Error::other)? {
            Row::Creator(_) if self.creators.len() >= KEPT => self.more += 1,
            Row::Account(_) if self.accounts.len() >= KEPT => self.more += 1,
            // The account that it belongs to can still be looked up by its id.
            Row::Auth(_) if self.auths.len() >= KEPT => {}
            Row::Creator(creator) => self.creators.push(creator),
            Row::Account(account) => self.accounts.push(account),
            Row::Auth(auth) => self.auths.push(auth.into_owned()),
            Row::Student => self.is_student = true,
        }
        Ok(())
    }

    /// Gives each account its `auth` row. Nearly always both are here; where the two disagree about the e-mail, the other
    /// is looked up by its id. `None` where the address has neither a creator nor any half of an account.
    pub(super) fn into_entry(mut self, address: String, owi: Option<&OwiDb>) -> Result<Option<Entry>, PeopleError> {
        let mut auth_without_user = Vec::new();
        if let Some(owi) = owi {
            for account in &mut self.accounts {
                let here = self.auths.iter().position(|auth| *auth.id == *account.id);
                let auth = match here.map(|at| self.auths.remove(at)) {
                    None => owi.auth_by_id(&account.id)?.as_ref().map(|row| Auth::of(row).into_owned()),
                    here => here,
                };
                account.halves_agree = auth.as_ref().is_some_and(|auth| *auth.email == *account.email);
                account.has_password = auth.as_ref().is_some_and(|auth| auth.has_password);
                account.is_active = auth.map(|auth| auth.active);
            }
            for auth in self.auths {
                if owi.user_by_id(&auth.id)?.is_none() {
                    auth_without_user.push(auth.id.into_owned());
                }
            }
        }
        let Self { creators, accounts, is_student, more, .. } = self;
        let is_empty = creators.is_empty() && accounts.is_empty() && auth_without_user.is_empty();
        let by_address = LmsUser::of(&address, || Ok::<_, PeopleError>(None))?;
        let is_student = is_student || matches!(by_address, Some(LmsUser::Student(_)));
        let entry = Entry { address, creators, accounts, auth_without_user, is_student, more };
        Ok((!is_empty).then_some(entry))
    }
}
