//! Would this LAMB work with this Open WebUI, and could that be upgraded? Said before the operator upgrades.

use crate::audit::report::Compatibility;
use crate::checks::migration;
use crate::findings::{FixStep, Hit, OWI_UPGRADE_BLOCKED};
use crate::findings::{Judged, Outcome};
use crate::lamb::Edition;
use crate::owi::file::compatibility::{Blocking, Drift, Migration};
use crate::owi::file::db::{OwiDb, OwiDbError};
use crate::owi::same_file::Identity;

/// How many of the e-mails that stand in the way are shown.
const EXAMPLES: u32 = 5;

/// What `webui.db` says of the version that wrote it.
#[derive(Clone, Debug)]
pub(crate) struct SchemaFit {
    pub file: String,
    /// How many columns the `user` table has.
    pub columns: usize,
    /// How they differ from what LAMB reads.
    pub drift: Option<Drift>,
    /// Where the migrations stand.
    pub migration: Option<Migration>,
    /// True where a unique index forbids a second user of one e-mail.
    pub forbids: bool,
    /// The e-mails that would forbid that index.
    pub blocking: Blocking,
}

impl SchemaFit {
    /// Looks at the file.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub(crate) fn of(db: &OwiDb) -> Result<Self, OwiDbError> {
        let forbids = db.forbids_second_email()?;
        Ok(Self {
            file: db.path().display().to_string(),
            columns: db.user_column_count(),
            drift: db.drift(),
            migration: db.migration()?,
            forbids,
            blocking: if forbids { Blocking::default() } else { db.blocking(EXAMPLES)? },
        })
    }
}

/// What the judge needs.
#[derive(Clone, Debug)]
pub(crate) struct CompatibilityEvidence<'a> {
    /// Who issues tokens here.
    pub edition: Option<Edition>,
    /// The version of the server, where it answers.
    pub server: Option<&'a str>,
    /// Whether the file is its own.
    pub identity: Identity,
    /// The file, or why it cannot be looked at.
    pub schema: Result<SchemaFit, String>,
}

/// What LAMB and the versions that were measured make of each other; `None` of others.
fn by_version(version: &str) -> Option<bool> {
    match version {
        "0.5.6" => Some(true),
        "0.6.43" | "0.12.4" => Some(false),
        _ => None,
    }
}

/// Columns of the file are judged where it is the server's, as far as is known; else the server's version.
pub(crate) fn judge(evidence: &CompatibilityEvidence<'_>) -> (Judged, Compatibility) {
    let mut found = Compatibility::default();
    let mut judged = Judged::default();
    if let Some(version) = evidence.server {
        judged = judged.fact("version of the server", version, "/api/version");
    }
    match &evidence.schema {
        Ok(schema) => {
            judged = facts(judged, schema);
            found.works = Some(schema.drift.is_none());
            found.because.push(columns(schema));
            let migration = schema.migration.as_ref();
            found.because.extend(migration.and_then(|it| migration::difference(&schema.file, it, evidence.server)));
        }
        Err(why) => found.because.push(format!("cannot read webui.db: {why}")),
    }
    let no_file = evidence.schema.is_err();
    if let Some(version) = evidence.server.filter(|_| no_file || evidence.identity == Identity::Other) {
        let works = by_version(version);
        found.because.push(match works {
            Some(true) => format!("the server is Open WebUI {version}, which this LAMB was made for"),
            Some(false) => format!("the server is Open WebUI {version}, whose user table has other columns"),
            None => format!("the server is Open WebUI {version}, which was not measured with LAMB"),
        });
        // LAMB reads the file that is here, and works with the server that answers.
        found.works = match (found.works, works) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (_, works) => works,
        };
    }
    if found.works == Some(false) {
        let forbids = evidence.schema.as_ref().is_ok_and(|schema| schema.forbids);
        found.because.extend(what_breaks(evidence.edition, forbids));
    }
    let own = evidence.identity != Identity::Other;
    if let Ok(schema) = evidence.schema.as_ref()
        && own
    {
        upgrade(schema, &mut found, &mut judged);
    }
    let works = match found.works {
        Some(true) => "LAMB works with this version of Open WebUI",
        Some(false) => "LAMB was not made for this version of Open WebUI",
        None => "unknown whether LAMB works with this version of Open WebUI",
    };
    let stops = found.upgrade_to_0_12_starts == Some(false);
    judged.note = works.to_owned() + if stops { "; an upgrade to 0.12 would not start" } else { "" };
    judged.instead = found.works.is_none().then_some(Outcome::CouldNotTell);
    (judged, found)
}

fn facts(judged: Judged, schema: &SchemaFit) -> Judged {
    let list = |names: &[&str]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let mut judged = judged.fact("columns of user", schema.columns, &schema.file);
    if let Some(drift) = &schema.drift {
        let extra: Vec<_> = drift.extra.iter().map(String::as_str).collect();
        judged = judged
            .fact("columns that LAMB does not know", list(&extra), &schema.file)
            .fact("columns that LAMB misses", list(&drift.missing), &schema.file)
            .fact("columns in another place", list(&drift.moved), &schema.file);
    }
    if let Some(migration) = &schema.migration {
        let version = migration.version.map_or_else(String::new, |version| format!(", Open WebUI {version}"));
        judged = judged.fact("migration", format!("{}{version}", migration.head), &schema.file);
    }
    judged.fact("unique index on the e-mail", schema.forbids, &schema.file)
}

fn columns(schema: &SchemaFit) -> String {
    let file = &schema.file;
    let Some(drift) = &schema.drift else {
        return format!("the user table of {file} has exactly the 12 columns that LAMB reads");
    };
    let mut how = Vec::new();
    for (what, many) in [
        ("that LAMB does not know", drift.extra.len()),
        ("missing", drift.missing.len()),
        ("in another place", drift.moved.len()),
    ] {
        how.extend((many > 0).then(|| format!("{many} {what}")));
    }
    let how = how.join(", ");
    format!("the user table of {file} has {} columns, where LAMB reads the 12 of 0.5.6: {how}", schema.columns)
}

fn what_breaks(edition: Option<Edition>, forbids: bool) -> Vec<String> {
    let delegated = "a delegated LAMB keeps existing sessions, and refuses every new login".to_owned();
    let inserts = match forbids {
        false => "inserts another admin into webui.db",
        true => "tries to insert another admin into webui.db, which its unique index forbids",
    };
    let native = format!("a native LAMB works, and at each start and login {inserts}");
    match edition {
        Some(Edition::Delegated) => vec![delegated],
        Some(Edition::Native) => vec![native],
        None => vec![delegated, native],
    }
}

fn upgrade(schema: &SchemaFit, found: &mut Compatibility, judged: &mut Judged) {
    let blocking = &schema.blocking;
    found.upgrade_to_0_12_starts = Some(blocking.count == 0);
    found.blocking = blocking.count;
    found.blocking_examples = blocking.examples.iter().map(|(email, _)| email.clone()).collect();
    if schema.forbids {
        found.because.push(format!("{} has the unique index of 0.12 already", schema.file));
    }
    if blocking.count > 0 {
        let mut named: Vec<_> = blocking.examples.iter().map(|(email, many)| format!("{email} ({many})")).collect();
        if blocking.count > named.len() {
            named.push("…".to_owned());
        }
        let named = named.join(", ");
        let detail = format!("{} has e-mails more than once ({} in lower case): {named}", schema.file, blocking.count);
        let hit = Hit::new(&OWI_UPGRADE_BLOCKED, detail);
        let half_way = schema.migration.as_ref().is_some_and(Migration::stopped_half_way);
        judged.hits.push(if half_way { hit.fixed_by(migration::GO_ON.map(FixStep::advice)) } else { hit });
    }
}

#[cfg(test)]
mod tests;
