//! LAMB's database: there, readable, whole, not locked, with the right tables and columns.

use super::owners;
use crate::findings::{
    COLUMNS_MISSING, Effect, FixStep, Hit, LAMB_DB_EMPTY, LAMB_DB_GARBAGE, LAMB_DB_LOCKED, LAMB_DB_MISSING,
    LAMB_DB_NETWORK, LAMB_DB_READ_ONLY, LAMB_DB_UNREADABLE, LAMB_TABLE_IS_VIEW, LAMB_TABLES_MISSING, LAMB_TRIGGERS,
    PREFIX_WRONG, Severity,
};
use crate::findings::{Judged, Outcome};
use crate::lamb::db::{LambDb, LambDbError};
use crate::lamb::file::LambFile;
use crate::lamb::schema::{PrefixChoice, Schema};
use crate::settings::Origin;
use crate::sqlite::{DbError, DbTrouble};

/// How many triggers are named.
const NAMED: usize = 10;

/// What was found, for this LAMB.
pub(crate) fn judge(evidence: &LambFile) -> Judged {
    let mut judged = judge_file(evidence);
    if let Some(hit) = evidence.owners.as_ref().and_then(owners::judge_one) {
        if hit.severity == Severity::Error {
            // The cause of whatever else was found.
            judged.instead = None;
            judged.note.clone_from(&hit.detail);
        }
        judged.hits.insert(0, hit);
    }
    judged
}

fn judge_file(evidence: &LambFile) -> Judged {
    let source = evidence.path.display().to_string();
    let db = match &evidence.db {
        Ok(db) => db,
        Err(error) => return judge_error(evidence, error),
    };
    let schema = db.schema();
    let edition = schema.edition().map_or_else(|| "unknown".to_owned(), |edition| edition.to_string());
    let mut judged = Judged::note(format!("{source} is readable, edition {edition}"))
        .fact("edition", edition, &source)
        .fact("prefix", prefix_in_words(schema), &source);
    if let Some(damage) = &evidence.damage {
        // LAMB may not meet the damaged page on this request: the real answer tells.
        let hit = Hit::new(&LAMB_DB_GARBAGE, format!("{source}: {damage}"));
        judged.hits.push(hit.severity(Severity::Error, Effect::Nothing));
    }
    judged.hits.extend(judge_tables(&source, schema));
    if let Some(kind) = &evidence.network {
        judged.hits.push(Hit::new(&LAMB_DB_NETWORK, format!("{source} is on a file system of type {kind}")));
    }
    if let Some(why) = &evidence.read_only {
        judged.hits.push(Hit::new(&LAMB_DB_READ_ONLY, format!("{source} cannot be written from here: {why}")));
    }
    judged
}

/// What is wrong with the tables that LAMB reads, for all commands that look a creator up.
pub(crate) fn judge_tables(source: &str, schema: &Schema) -> Vec<Hit> {
    let mut hits = Vec::new();
    if schema.prefix_is_wrong() {
        hits.push(prefix_wrong(source, schema));
    } else if schema.tables.is_none() {
        let detail = format!("{source} has no tables with the prefix {}", schema.prefix);
        hits.push(Hit::new(&LAMB_TABLES_MISSING, detail));
    }
    if let Some(set) = schema.tables.as_ref().filter(|set| set.is_incomplete()) {
        let hit = Hit::new(&COLUMNS_MISSING, format!("{source} lacks {}", set.missing.join(", ")));
        let blocks = set.blocks_every_look_up();
        hits.push(if blocks { hit } else { hit.severity(Severity::Warning, Effect::Nothing) });
    }
    if let Some(set) = schema.tables.as_ref().filter(|set| !set.views.is_empty()) {
        let detail = format!("{source}: {} is not a table; LAMB reads it like one", set.views.join(", "));
        hits.push(Hit::new(&LAMB_TABLE_IS_VIEW, detail));
    }
    hits
}

/// The finding `lamb-triggers`, where LAMB's database has any.
pub(crate) fn judge_triggers(db: &LambDb) -> Result<Option<Hit>, DbError> {
    let found = db.triggers()?;
    if found.is_empty() {
        return Ok(None);
    }
    let mut named: Vec<String> = found.iter().take(NAMED).map(ToString::to_string).collect();
    named.extend((found.len() > NAMED).then(|| format!("and {} more", found.len() - NAMED)));
    Ok(Some(Hit::new(&LAMB_TRIGGERS, format!("{}: {}", db.path().display(), named.join(", ")))))
}

fn prefix_in_words(schema: &Schema) -> String {
    let why = match &schema.choice {
        PrefixChoice::Configured(origin) => format!("from {origin}"),
        PrefixChoice::Sole => "nothing says one; it is the only one in the file".to_owned(),
        PrefixChoice::EditionDefault => "nothing says one; it is this edition's default".to_owned(),
    };
    format!("{} ({why})", schema.prefix)
}

/// The finding `prefix-wrong`, for all commands that look a creator up.
pub(crate) fn prefix_wrong(source: &str, schema: &Schema) -> Hit {
    let has = if schema.tables.is_some() { "empty tables" } else { "no tables" };
    let full: Vec<_> = schema.others.iter().map(|set| set.prefix.to_string()).collect();
    let detail = format!(
        "LAMB reads {source} with the prefix {} and finds {has}; creators are under the prefix {}",
        prefix_in_words(schema),
        full.join(", ")
    );
    let hit = Hit::new(&PREFIX_WRONG, detail);
    match schema.others.as_slice() {
        [only] => hit.fixed_by([FixStep::advice(format!(
            "set LAMB_DB_PREFIX={} in the environment of LAMB's backend and restart it",
            only.prefix.as_str()
        ))]),
        _ => hit,
    }
}

/// What a database that cannot be read means.
fn judge_error(evidence: &LambFile, error: &LambDbError) -> Judged {
    let text = error.to_string();
    let failed = |finding| Judged::note(text.clone()).hits([Hit::new(finding, text.clone())]);
    let unsure = |finding| {
        let hit = Hit::new(finding, text.clone()).severity(Severity::Warning, Effect::Nothing);
        Judged::instead(Outcome::CouldNotTell, text.clone()).hits([hit])
    };
    match error {
        LambDbError::Schema { .. } => failed(&LAMB_TABLES_MISSING),
        LambDbError::Db(db) => match &db.trouble {
            // Where nothing names the folder, this may simply be the wrong machine.
            DbTrouble::Missing | DbTrouble::Folder if evidence.origin == Origin::Default => unsure(&LAMB_DB_MISSING),
            DbTrouble::Missing | DbTrouble::Folder => failed(&LAMB_DB_MISSING),
            DbTrouble::Empty => failed(&LAMB_DB_EMPTY),
            DbTrouble::NotADatabase | DbTrouble::Damaged(_) => failed(&LAMB_DB_GARBAGE),
            DbTrouble::Locked(_) => failed(&LAMB_DB_LOCKED),
            DbTrouble::Unreadable(_)
            | DbTrouble::ReadOnly(_)
            | DbTrouble::OtherOwner(_)
            | DbTrouble::NoRoom(_)
            | DbTrouble::Snapshot(_)
            | DbTrouble::Endless
            | DbTrouble::Other(_) => unsure(&LAMB_DB_UNREADABLE),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::lamb::db::LambDb;
    use crate::lamb::file;

    /// What no test can make everywhere: a mount of another machine, and a file that even root may not write.
    #[test]
    fn a_file_that_is_not_quite_as_others_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lamb_v4.db");
        let tables = include_str!("../sandbox/schema/lamb.sql").replace("{p}", "");
        rusqlite::Connection::open(&path).unwrap().execute_batch(&tables).unwrap();
        let told = |network: Option<&str>, read_only: Option<&str>| {
            let open = || LambDb::open(&path, None, Duration::from_millis(100));
            let found = file::gather(path.clone(), Origin::Default, open);
            assert_eq!((&found.network, &found.read_only), (&None, &None), "of this very file");
            let [network, read_only] = [network, read_only].map(|why| why.map(ToOwned::to_owned));
            let judged = judge(&LambFile { network, read_only, ..found });
            judged.hits.iter().map(|hit| hit.finding.id).collect::<Vec<_>>()
        };
        assert_eq!(told(None, None), [""; 0]);
        assert_eq!(told(Some("nfs4"), None), ["lamb-db-network"]);
        assert_eq!(told(None, Some("Permission denied")), ["lamb-db-read-only"]);
    }
}
