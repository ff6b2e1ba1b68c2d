//! Whose the files are that SQLite keeps beside a database.
//!
//! SQLite opens `-wal` for writing even where it only reads. As root it then gives `-wal` and `-shm` to the owner of the
//! database: that hides what keeps a server out, and changes files that are not this program's.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::beside;

/// A database and the files beside it, with their owners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owners {
    pub database: PathBuf,
    pub uid: u32,
    gid: u32,
    /// The files beside it that are there.
    pub beside: Vec<Companion>,
}

/// A file beside a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Companion {
    pub path: PathBuf,
    pub uid: u32,
    gid: u32,
    mode: u32,
}

impl Owners {
    /// Looks at a database; `None` where there is none. Opens nothing: closing a database drops the locks on it.
    pub fn of(database: &Path) -> Option<Self> {
        let meta = std::fs::metadata(database).ok()?;
        let there = ["-wal", "-shm"].map(|suffix| beside(database, suffix));
        let companion = |path: PathBuf| {
            let meta = std::fs::metadata(&path).ok()?;
            Some(Companion { path, uid: meta.uid(), gid: meta.gid(), mode: meta.mode() })
        };
        let beside = there.into_iter().filter_map(companion).collect();
        Some(Self { database: database.to_owned(), uid: meta.uid(), gid: meta.gid(), beside })
    }

    /// The files beside it that belong to another user.
    pub fn others(&self) -> Vec<&Companion> {
        self.beside.iter().filter(|file| file.uid != self.uid).collect()
    }

    /// True where the owner of the database cannot read one of them, by its mode: a server that runs as that user then
    /// cannot open the database.
    pub fn keep_the_owner_out(&self) -> bool {
        let readable = |file: &Companion| file.mode & if file.gid == self.gid { 0o040 } else { 0o004 } != 0;
        self.uid != 0 && !self.others().into_iter().all(readable)
    }

    /// The command that gives them to the owner of the database.
    pub fn chown(&self) -> String {
        let mut words = vec!["chown".to_owned(), format!("--reference={}", self.database.display())];
        words.extend(self.others().iter().map(|file| file.path.display().to_string()));
        shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "))
    }

    fn differ(&self) -> bool {
        self.beside.iter().any(|file| (file.uid, file.gid) != (self.uid, self.gid))
    }
}

/// Where this process is root and SQLite would change an owner beside this database by opening it: the owners as they are.
pub(super) fn that_root_would_change(database: &Path) -> Option<Owners> {
    Owners::of(database).filter(|owners| rustix::process::geteuid().is_root() && owners.differ())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(uid: u32, mode: u32) -> Owners {
        let file = |name: &str, uid, mode| Companion { path: name.into(), uid, gid: uid, mode };
        let beside = vec![file("/data/it's/webui.db-wal", uid, mode), file("/data/it's/webui.db-shm", 1000, 0o600)];
        Owners { database: "/data/it's/webui.db".into(), uid: 1000, gid: 1000, beside }
    }

    #[test]
    fn files_of_another_user_are_told_apart() {
        assert!(owned(1000, 0o600).others().is_empty() && !owned(1000, 0o600).differ());
        let root = owned(0, 0o600);
        assert_eq!(root.others().len(), 1);
        assert_eq!(root.chown(), r#"chown "--reference=/data/it's/webui.db" "/data/it's/webui.db-wal""#);
        assert!(root.differ() && root.keep_the_owner_out());
        assert!(!owned(0, 0o644).keep_the_owner_out());
        assert!(owned(0, 0o640).keep_the_owner_out());
    }

    #[test]
    fn owners_are_read_from_the_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("webui.db");
        assert_eq!(Owners::of(&path), None);
        std::fs::write(&path, "x").unwrap();
        std::fs::write(folder.path().join("webui.db-wal"), "x").unwrap();
        let owners = Owners::of(&path).unwrap();
        assert_eq!(
            owners.beside.iter().map(|file| (&file.path, file.uid)).collect::<Vec<_>>(),
            [(&folder.path().join("webui.db-wal"), owners.uid)]
        );
    }
}
