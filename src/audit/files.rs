//! The files that SQLite keeps beside a database, and whose they are.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::findings::{Hit, Mend, WAL_OWNER};
use crate::findings::{Judged, Outcome};
use crate::sqlite::beside;

/// A database and the files beside it, each with the uid of its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Owners {
    database: PathBuf,
    owner: u32,
    beside: Vec<(PathBuf, u32)>,
}

impl Owners {
    /// Looks at a database; `None` where there is none. Opens nothing: closing a database drops the locks on it.
    pub(super) fn of(database: &Path) -> Option<Self> {
        let owner = |path: &Path| std::fs::metadata(path).ok().map(|meta| meta.uid());
        let there = ["-wal", "-shm"].map(|suffix| beside(database, suffix));
        let beside = there.into_iter().filter_map(|path| owner(&path).map(|uid| (path, uid))).collect();
        Some(Self { database: database.to_owned(), owner: owner(database)?, beside })
    }
}

impl Owners {
    /// Those that are another user's.
    fn others(&self) -> Vec<&(PathBuf, u32)> {
        self.beside.iter().filter(|(_, uid)| *uid != self.owner).collect()
    }
}

/// Whether all of them belong to one user each time, as they were before they were opened; `now`: and as they are since.
pub(super) fn judge(databases: &[Owners], now: &[Owners]) -> Judged {
    if databases.is_empty() {
        return Judged::instead(Outcome::NotReached, "there is no database file to look beside");
    }
    let count: usize = databases.iter().map(|database| database.beside.len()).sum();
    let mut judged = Judged::note(match count {
        0 => "no -wal or -shm file is there now".to_owned(),
        count => format!("{count} there, each of the user that owns its database"),
    });
    for database in databases {
        judged = judged.fact("owner", format!("uid {}", database.owner), database.database.display());
        for (path, uid) in &database.beside {
            judged = judged.fact("owner", format!("uid {uid}"), path.display());
        }
        let others = database.others();
        if others.is_empty() {
            continue;
        }
        let whose = others.iter().map(|(path, uid)| format!("{} of uid {uid}", path.display()));
        let whose = whose.collect::<Vec<_>>().join(", ");
        let detail = format!("{} belongs to uid {}, {whose}", database.database.display(), database.owner);
        let reference = format!("--reference={}", database.database.display());
        let mut words = vec!["chown".to_owned(), reference];
        words.extend(others.iter().map(|(path, _)| path.display().to_string()));
        let line = shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "));
        let since = now.iter().find(|since| since.database == database.database);
        let mend = Mend::advice(match since.is_some_and(|since| since.others().is_empty()) {
            true => "root has just opened the database, and SQLite has set that right; it comes back with whatever \
                     opens the database as that other user"
                .to_owned(),
            false => format!("as root, give them the database's owner: {line}"),
        });
        judged.note = "some belong to another user than their database".to_owned();
        judged.hits.push(Hit::new(&WAL_OWNER, detail).mended_by([mend]));
    }
    judged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_another_user_are_found() {
        let owned = |uid| Owners {
            database: "/data/it's/webui.db".into(),
            owner: 1000,
            beside: vec![("/data/it's/webui.db-wal".into(), uid), ("/data/it's/webui.db-shm".into(), 1000)],
        };
        assert!(judge(&[owned(1000)], &[]).hits.is_empty());
        let judged = judge(&[owned(1000), owned(0)], &[owned(0)]);
        let [hit] = judged.hits.as_slice() else { panic!("{judged:?}") };
        assert!(hit.detail.contains("webui.db-wal of uid 0") && !hit.detail.contains("-shm of"), "{}", hit.detail);
        assert!(hit.mend[0].text().ends_with(r#"chown "--reference=/data/it's/webui.db" "/data/it's/webui.db-wal""#));
        assert_eq!(judge(&[], &[]).outcome(), Outcome::NotReached);
        let set_right = super::judge(&[owned(0)], &[owned(1000)]);
        assert!(set_right.hits[0].mend[0].text().contains("set that right"), "{set_right:?}");
    }

    #[test]
    fn owners_are_read_from_the_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("webui.db");
        assert_eq!(Owners::of(&path), None);
        std::fs::write(&path, "x").unwrap();
        std::fs::write(folder.path().join("webui.db-wal"), "x").unwrap();
        let owners = Owners::of(&path).unwrap();
        assert_eq!(owners.beside, [(folder.path().join("webui.db-wal"), owners.owner)]);
    }
}
