//! Whether the files beside a database belong to the user that owns it.

use crate::findings::{Effect, FixStep, Hit, Judged, Outcome, Severity, WAL_OWNER};
use crate::sqlite::owners::Owners;

/// The finding for one database, where there is one. It is an error where the owner of the database cannot read them.
pub(crate) fn judge_one(owners: &Owners) -> Option<Hit> {
    let others = owners.others();
    if others.is_empty() {
        return None;
    }
    let whose = others.iter().map(|file| format!("{} of uid {}", file.path.display(), file.uid));
    let whose = whose.collect::<Vec<_>>().join(", ");
    let detail = format!("{} belongs to uid {}, {whose}", owners.database.display(), owners.uid);
    let hit = Hit::new(&WAL_OWNER, detail)
        .fixed_by([FixStep::advice(format!("as root, give them the database's owner: {}", owners.chown()))]);
    Some(match owners.keep_the_owner_out() {
        true => hit.severity(Severity::Error, Effect::Refused),
        false => hit.severity(Severity::Warning, Effect::Nothing),
    })
}

/// The check of all databases at hand.
pub(crate) fn judge(databases: &[Owners]) -> Judged {
    if databases.is_empty() {
        return Judged::instead(Outcome::NotReached, "no database file was found");
    }
    let count: usize = databases.iter().map(|database| database.beside.len()).sum();
    let mut judged = Judged::note(match count {
        0 => "there is no -wal or -shm file".to_owned(),
        count => format!("{count} found, each owned by the owner of its database"),
    });
    for database in databases {
        judged = judged.fact("owner", format!("uid {}", database.uid), database.database.display());
        for file in &database.beside {
            judged = judged.fact("owner", format!("uid {}", file.uid), file.path.display());
        }
        if let Some(hit) = judge_one(database) {
            judged.note = "some have another owner than their database".to_owned();
            judged.hits.push(hit);
        }
    }
    judged
}
