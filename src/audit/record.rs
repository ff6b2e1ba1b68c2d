//! What is kept of each row until all rows of an address are together: as little as the judges ask for.

use std::io;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::email::Email;
use crate::email::name::PersonSigns;
use crate::lamb::every_row::{LambUser, Opens, Organizations};
use crate::lamb::model::{Creator, NativePart};
use crate::owi::api::sign_in_header::why_unsendable;
use crate::owi::file::db::{AuthRow, OwiUser};
use crate::owi::file::every_row::Half;
use crate::owi::file::people::account_number;
use crate::owi::file::row::Provider;
use crate::secret::Secret;
use crate::sqlite::python_json::JsonColumn;
use crate::sqlite::value::PasswordHash;

/// One row of one table. What is like the address's key is not written twice.
#[derive(Serialize, Deserialize)]
enum Row<'a> {
    Creator {
        id: i64,
        email: Option<&'a str>,
        is_found_by_email: bool,
        /// Only where the judges ask for it: where no header can hold it.
        name: Option<&'a str>,
        user_type: &'a str,
        enabled: bool,
        organization: Option<i64>,
        role: Option<&'a str>,
        user_config: JsonColumn,
        unreadable: Vec<String>,
        native: Option<(&'a str, &'a str, PasswordHash, Option<&'a str>)>,
        signs: PersonSigns,
    },
    User {
        id: &'a str,
        email: Option<&'a str>,
        is_found_by_email: bool,
        providers: Vec<Provider>,
        role: &'a str,
        unreadable: Vec<String>,
        signs: PersonSigns,
    },
    Auth {
        id: &'a str,
        email: Option<&'a str>,
        active: bool,
        password: PasswordHash,
        place: i64,
        unreadable: Vec<String>,
    },
    Student {
        table: &'a str,
        email: Option<&'a str>,
        /// Only where no header can hold it.
        name: Option<&'a str>,
        opens: Opens,
    },
    Member {
        group: &'a str,
        account: &'a str,
    },
}

/// What a [`Row`] is, in the same order: read without the rest of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum RowKind {
    Creator,
    User,
    Auth,
    Student,
    Member,
}

impl RowKind {
    fn of(bytes: &[u8]) -> io::Result<Self> {
        postcard::take_from_bytes(bytes).map(|(kind, _)| kind).map_err(io::Error::other)
    }
}

/// All rows of one address, in all its spellings.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) creators: Vec<Creator>,
    /// Rows of `user`, oldest first; `auth` is not filled in yet.
    pub(super) users: Vec<OwiUser>,
    /// Rows of `auth`, oldest first.
    pub(super) auths: Vec<AuthRow>,
    /// The table that says that this is a student.
    pub(super) student: Option<String>,
    /// The rows of students.
    pub(super) students: Vec<StudentRow>,
    /// The groups that accounts of students are in.
    pub(super) members: Vec<Member>,
    /// True where there are more than are kept.
    pub(super) more_members: bool,
    /// How many creators more there are than are kept.
    pub(super) more_creators: usize,
    /// How many rows of `user` more there are than are kept.
    pub(super) more_users: usize,
}

/// A row of a student.
#[derive(Debug)]
pub(super) struct StudentRow {
    /// The e-mail, byte for byte.
    pub(super) email: String,
    pub(super) name: String,
    pub(super) opens: Opens,
}

/// An account in a group, by the ids of both.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) group: String,
    pub(super) account: String,
}

/// Stands for each name that is not kept, because a header holds it.
const SOUND: &str = "-";

/// The most rows of one kind kept for an address. Only an attack on the memory has more.
const KEPT: usize = 200;

fn spelling<'a>(email: &'a str, key: &str) -> Option<&'a str> {
    (email != key).then_some(email)
}

/// Appends a row of LAMB.
///
/// # Errors
/// Never, in memory.
pub(super) fn write_lamb(row: LambUser<'_>, key: &str, out: &mut Vec<u8>) -> io::Result<()> {
    let row = match row {
        LambUser::Creator(creator) => Row::Creator {
            id: creator.id,
            email: spelling(creator.email.as_str(), key),
            is_found_by_email: creator.is_found_by_email,
            name: Some(creator.name.as_str()).filter(|name| why_unsendable(name).is_some() || name.is_empty()),
            user_type: &creator.user_type,
            enabled: creator.enabled,
            organization: creator.organization_id,
            role: creator.organization_role.as_deref(),
            user_config: creator.user_config,
            unreadable: creator.unreadable.clone(),
            native: creator
                .native
                .as_ref()
                .map(|n| (&*n.system_role, &*n.auth_provider, n.password_hash, n.lms_id.as_deref())),
            signs: PersonSigns::of(&creator.name, creator.email.as_str(), creator.created_at),
        },
        LambUser::Student(student) => Row::Student {
            table: student.table,
            email: spelling(&student.email, key),
            name: Some(student.name.as_str()).filter(|name| why_unsendable(name).is_some()),
            opens: student.opens.clone(),
        },
    };
    write(&row, out)
}

/// Appends half an account of Open WebUI.
///
/// # Errors
/// Never, in memory.
pub(super) fn write_owi(half: &Half, key: &str, out: &mut Vec<u8>) -> io::Result<()> {
    let row = match half {
        Half::User(user) => Row::User {
            id: &user.id,
            email: spelling(user.email.as_str(), key),
            is_found_by_email: user.is_found_by_email,
            providers: user.providers.clone(),
            role: &user.role,
            unreadable: user.unreadable.clone(),
            signs: PersonSigns::of(&user.name, user.email.as_str(), user.created_at),
        },
        Half::Auth(auth) => Row::Auth {
            id: &auth.id,
            email: spelling(&auth.email, key),
            active: auth.active,
            password: auth.password_hash,
            place: auth.place,
            unreadable: auth.unreadable.clone(),
        },
    };
    write(&row, out)
}

/// Appends an account's place in a group.
///
/// # Errors
/// Never, in memory.
pub(super) fn write_member(group: &str, account: &str, out: &mut Vec<u8>) -> io::Result<()> {
    write(&Row::Member { group, account }, out)
}

fn write(row: &Row<'_>, out: &mut Vec<u8>) -> io::Result<()> {
    postcard::to_io(row, out).map(drop).map_err(io::Error::other)
}

/// How many rows of each kind an address has.
#[derive(Debug, Default)]
pub(super) struct RowCounts {
    pub(super) creators: usize,
    pub(super) users: usize,
    pub(super) is_student: bool,
    /// The last row of a creator or a user. It is read only where that is asked for: nearly all addresses are on both
    /// sides, and then it is not.
    last: Vec<u8>,
}

/// What a row tells of a person.
#[derive(Debug, Default)]
pub(super) struct KnownPerson {
    /// The e-mail of the row.
    pub(super) email: String,
    pub(super) signs: PersonSigns,
    /// The creator's id.
    pub(super) creator: i64,
    /// The number of the account, see [`account_number`].
    pub(super) account: u128,
}

impl RowCounts {
    /// Counts a row.
    ///
    /// # Errors
    /// As [`Rows::add`].
    pub(super) fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        match RowKind::of(bytes)? {
            RowKind::Creator => self.creators += 1,
            RowKind::User => self.users += 1,
            RowKind::Student => {
                self.is_student = true;
                return Ok(());
            }
            RowKind::Auth | RowKind::Member => return Ok(()),
        }
        self.last.clear();
        self.last.extend_from_slice(bytes);
        Ok(())
    }

    /// What the last creator or user of this key tells of the person.
    ///
    /// # Errors
    /// As [`Rows::add`].
    pub(super) fn last(&self, key: &str) -> io::Result<Option<KnownPerson>> {
        if self.last.is_empty() {
            return Ok(None);
        }
        let spelled = |email: Option<&str>| email.unwrap_or(key).to_owned();
        Ok(match postcard::from_bytes(&self.last).map_err(io::Error::other)? {
            Row::Creator { id, email, signs, .. } => {
                Some(KnownPerson { email: spelled(email), signs, creator: id, account: 0 })
            }
            Row::User { id, email, signs, .. } => {
                let account = account_number(id.as_bytes());
                Some(KnownPerson { email: spelled(email), signs, creator: 0, account })
            }
            Row::Auth { .. } | Row::Student { .. } | Row::Member { .. } => None,
        })
    }

    /// Forgets all, for the next address.
    pub(super) fn clear(&mut self) {
        let Self { creators, users, is_student, last } = self;
        (*creators, *users, *is_student) = (0, 0, false);
        last.clear();
    }
}

impl Rows {
    /// Adds a row that was written for this key.
    ///
    /// # Errors
    /// Where the bytes are not a row: the temporary file was damaged.
    pub(super) fn add(&mut self, key: &str, bytes: &[u8], organizations: &Organizations) -> io::Result<()> {
        let row = postcard::from_bytes(bytes).map_err(io::Error::other)?;
        match row {
            Row::Creator { .. } if self.creators.len() >= KEPT => {
                self.more_creators += 1;
                return Ok(());
            }
            Row::User { .. } if self.users.len() >= KEPT => {
                self.more_users += 1;
                return Ok(());
            }
            // Whose it is can still be looked up by its id.
            Row::Auth { .. } if self.auths.len() >= KEPT => return Ok(()),
            Row::Student { .. } if self.students.len() >= KEPT => return Ok(()),
            Row::Member { .. } if self.members.len() >= KEPT => {
                self.more_members = true;
                return Ok(());
            }
            _ => {}
        }
        let spelled = |email: Option<&str>| email.unwrap_or(key).to_owned();
        match row {
            Row::Creator {
                id,
                email,
                is_found_by_email,
                name,
                user_type,
                enabled,
                organization,
                role,
                user_config,
                unreadable,
                native,
                signs: _,
            } => self.creators.push(Creator {
                id,
                email: Email::stored(spelled(email)),
                is_found_by_email,
                // A name that a header holds is not kept.
                name: name.unwrap_or(SOUND).to_owned(),
                user_type: user_type.to_owned(),
                enabled,
                organization_id: organization,
                organization: organization.and_then(|id| organizations.get(&id)).map(Arc::clone),
                organization_role: role.map(ToOwned::to_owned),
                roles_elsewhere: Vec::new(),
                user_config,
                unreadable,
                created_at: None,
                updated_at: None,
                native: native.map(|(system_role, auth_provider, password_hash, lms_id)| NativePart {
                    system_role: system_role.to_owned(),
                    auth_provider: auth_provider.to_owned(),
                    password_hash,
                    lms_id: lms_id.map(ToOwned::to_owned),
                }),
            }),
            Row::User { id, email, is_found_by_email, providers, role, unreadable, signs: _ } => {
                self.users.push(OwiUser {
                    id: id.to_owned(),
                    email: Email::stored(spelled(email)),
                    is_found_by_email,
                    providers,
                    name: String::new(),
                    role: role.to_owned(),
                    last_active_at: None,
                    created_at: None,
                    unreadable,
                    auth: None,
                })
            }
            Row::Auth { id, email, active, password, place, unreadable } => self.auths.push(AuthRow {
                id: id.to_owned(),
                email: spelled(email),
                active,
                password_hash: password,
                hash: Secret::new(""),
                session_stamp: None,
                place,
                unreadable,
            }),
            Row::Student { table, email, name, opens } => {
                self.student = Some(table.to_owned());
                let name = name.unwrap_or(SOUND).to_owned();
                self.students.push(StudentRow { email: spelled(email), name, opens });
            }
            Row::Member { group, account } => {
                self.members.push(Member { group: group.to_owned(), account: account.to_owned() });
            }
        }
        Ok(())
    }

    /// True where each side has one row at most, which a look-up for this e-mail finds.
    pub(super) fn are_of_one(&self, email: &Email) -> bool {
        let creators = self.creators.len() <= 1
            && self.creators.iter().all(|creator| creator.is_found_by_email && creator.email == *email);
        creators && self.users.len() <= 1 && self.users.iter().all(|user| user.email == *email)
    }

    /// Forgets all rows, for the next address.
    pub(super) fn clear(&mut self) {
        self.creators.clear();
        self.users.clear();
        self.auths.clear();
        self.student = None;
        self.students.clear();
        self.members.clear();
        self.more_members = false;
        (self.more_creators, self.more_users) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_read_without_the_row() {
        let (text, unreadable, signs) = ("a@x", Vec::new, PersonSigns::default());
        let creator = Row::Creator {
            id: 1,
            email: None,
            is_found_by_email: true,
            name: None,
            user_type: text,
            enabled: true,
            organization: None,
            role: None,
            user_config: JsonColumn::of(rusqlite::types::ValueRef::Null),
            unreadable: unreadable(),
            native: None,
            signs,
        };
        let (is_found_by_email, providers) = (true, Vec::new());
        let user = Row::User {
            id: text,
            email: None,
            is_found_by_email,
            providers,
            role: text,
            unreadable: unreadable(),
            signs,
        };
        let password = PasswordHash::Sound;
        let auth = Row::Auth { id: text, email: None, active: true, password, place: 1, unreadable: unreadable() };
        let student = Row::Student { table: text, email: None, name: None, opens: Opens::NotTold };
        let all = [
            (creator, RowKind::Creator),
            (user, RowKind::User),
            (auth, RowKind::Auth),
            (student, RowKind::Student),
            (Row::Member { group: text, account: text }, RowKind::Member),
        ];
        for (row, kind) in all {
            let mut bytes = Vec::new();
            write(&row, &mut bytes).unwrap();
            assert_eq!(RowKind::of(&bytes).unwrap(), kind);
        }
    }
}
