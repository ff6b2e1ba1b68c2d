//! The groups that accounts of students are in. No list of members knows an e-mail, so a sort by the accounts' ids brings
//! both together, in bounded memory.

use std::io::{self, Write as _};

use super::record::write_member;
use crate::directory::PeopleError;
use crate::lamb::lms::lms_domain;
use crate::owi::file::db::OwiDb;
use crate::owi::file::groups::Kept;
use crate::sort::Sorter;

/// How much is sorted in memory, in bytes.
const IN_MEMORY: usize = 4 << 20;

/// What begins the value of an account's record; the key of its address follows.
const ADDRESS: u8 = 0;
/// What begins the value of a member's record; the id of the group follows.
const GROUP: u8 = 1;

/// Accounts and members, by the account's id.
#[derive(Debug)]
pub(super) struct Members {
    sorter: Sorter,
}

fn tagged(tag: u8, text: &str, out: &mut Vec<u8>) -> io::Result<()> {
    out.push(tag);
    out.write_all(text.as_bytes())
}

impl Members {
    pub(super) fn new() -> Self {
        Self { sorter: Sorter::new(IN_MEMORY) }
    }

    /// Takes an account, if its address is one that LAMB makes.
    ///
    /// # Errors
    /// Where a temporary file cannot be written.
    pub(super) fn account(&mut self, id: &str, key: &str) -> io::Result<()> {
        match lms_domain(key) {
            Some(_) => self.sorter.push(id.as_bytes(), |out| tagged(ADDRESS, key, out)),
            None => Ok(()),
        }
    }

    /// Reads the members of all groups, and gives each to the address of its account. Returns how the file keeps the
    /// members; `None` where it does not tell them.
    ///
    /// # Errors
    /// Where the file or a temporary file cannot be read.
    pub(super) fn read(mut self, owi: &OwiDb, rows: &mut Sorter) -> Result<Option<Kept>, PeopleError> {
        let kept = owi.every_member::<PeopleError>(&mut |group, account| {
            Ok(self.sorter.push(account.as_bytes(), |out| tagged(GROUP, group, out))?)
        })?;
        let mut sorted = self.sorter.finish()?;
        let mut address: Option<(String, String)> = None;
        // Of one id, the account came before the groups.
        let mut next = |id: &[u8], value: &[u8]| {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            match value.split_first() {
                Some((&ADDRESS, key)) => address = Some((text(id), text(key))),
                Some((_, group)) => {
                    if let Some((account, key)) = address.as_ref().filter(|(account, _)| account.as_bytes() == id) {
                        return rows.push(key.as_bytes(), |out| write_member(&text(group), account, out));
                    }
                }
                None => {}
            }
            Ok(())
        };
        while let Some(done) = sorted.next(&mut next)? {
            done?;
        }
        Ok(kept)
    }
}
