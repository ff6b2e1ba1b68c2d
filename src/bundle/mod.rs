//! What an operator sends to those who help: how the deployment is built and what is wrong with it, without who is in
//! it. Nothing is scrubbed: what goes in is built of values of closed forms (`allow.rs`), and people go by
//! pseudonyms of the operator's own key.

mod allow;
mod archive;
mod found;
mod journal;
pub(crate) mod pseudonym;
mod schemas;
mod settings;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::audit::Audit;
use crate::change::journal::{History, JournalError};
use crate::diagnose::report::Report;
use crate::lamb::Edition;
use crate::settings::{Settings, SettingsError};
use crate::sqlite::{DbError, DbTrouble};
use crate::version;
use allow::Word;
pub(crate) use archive::{BEGIN, Member, archive};
use pseudonym::Key;
use schemas::Side;

/// The evidence that a bundle is made of.
pub(crate) struct BundleInput<'a> {
    pub settings: &'a Settings,
    /// For each setting by its name, whether the file or server that it names is there; `None` if that was not checked.
    pub there: Option<&'a BTreeMap<&'static str, Option<bool>>>,
    /// The audit; `None` where there could be none.
    pub audit: Option<&'a Audit>,
    pub journal: Result<History, JournalError>,
    /// The e-mails that were asked for, each with its report; `None` if the checks could not begin.
    pub reports: &'a [(String, Option<Report>)],
    /// How long to wait for a lock.
    pub lock_timeout: Duration,
}

/// A support bundle, before it is packed.
#[derive(Debug)]
pub(crate) struct Bundle {
    /// The files in it.
    pub members: Vec<Member>,
    /// What could not be looked at.
    pub not_looked_at: Vec<NotLookedAt>,
}

/// Something that could not be looked at.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct NotLookedAt {
    /// The part of the bundle.
    pub part: &'static str,
    /// Why, in a word.
    pub why: &'static str,
}

#[derive(Debug, Serialize)]
struct Versions {
    /// The layout of the files. They only grow.
    bundle: u32,
    lamb_auth: Word,
    lamb_auth_commit: Option<Word>,
    edition: Option<Edition>,
    owi_version: Option<Word>,
    sqlite: Word,
    os: &'static str,
    architecture: &'static str,
}

#[derive(Debug, Serialize)]
struct BothSides<T> {
    lamb: Option<T>,
    owi: Option<T>,
}

/// Puts a bundle together. Both databases are opened read-only.
///
/// # Errors
/// Only where a value cannot be written as JSON.
pub(crate) fn bundle(material: BundleInput<'_>, key: &Key) -> serde_json::Result<Bundle> {
    let mut not_looked_at = Vec::new();
    let mut look = |part, side, path: Result<_, SettingsError>| {
        let looked = match path {
            Ok((path, _)) => schemas::look(Path::new(&path), side, material.lock_timeout).map_err(|e| why(&e)),
            Err(_) => Err("not-set"),
        };
        looked.map_err(|why| not_looked_at.push(NotLookedAt { part, why })).ok().unzip()
    };
    let (lamb_schema, lamb_counts) = look("lamb_v4.db", Side::Lamb, material.settings.lamb_db());
    let (owi_schema, owi_counts) = look("webui.db", Side::OpenWebUi, material.settings.owi_db());
    let mut files = Files::default();
    let edition = material.audit.and_then(|audit| audit.edition);
    let owi_version = material.audit.and_then(|audit| audit.owi_version.as_deref());
    let versions = Versions {
        bundle: 1,
        lamb_auth: Word::own(version::SHORT),
        lamb_auth_commit: version::built_from().map(Word::commit),
        edition,
        owi_version: owi_version.map(Word::version),
        sqlite: Word::own(rusqlite::version()),
        os: std::env::consts::OS,
        architecture: std::env::consts::ARCH,
    };
    files.add("versions.json", "versions, LAMB's edition, the kind of system", &versions)?;
    if material.there.is_none() {
        not_looked_at.push(NotLookedAt { part: "settings", why: "failed" });
    }
    let there = |name: &str| material.there.and_then(|there| *there.get(name)?);
    let settings = settings::settings(material.settings, &there, key);
    files.add("settings.json", "which settings are set and by what; values only where harmless", &settings)?;
    let schemas = BothSides { lamb: lamb_schema, owi: owi_schema };
    files.add("schemas.json", "tables, columns and indexes of both databases; no rows", &schemas)?;
    files.add("counts.json", "how many rows, roles, people", &BothSides { lamb: lamb_counts, owi: owi_counts })?;
    match material.audit {
        Some(audit) => {
            if !audit.could_not_tell.is_empty() {
                not_looked_at.push(NotLookedAt { part: "audit", why: "in-part" });
            }
            let found = found::findings(audit, key);
            files.add("findings.json", "what an audit found: ids, counts, pseudonyms", &found)?;
        }
        None => not_looked_at.push(NotLookedAt { part: "audit", why: "failed" }),
    }
    match &material.journal {
        Ok(history) => {
            files.add("journal.json", "the newest runs that changed something; no rows", &journal::journal(history))?;
        }
        Err(_) => not_looked_at.push(NotLookedAt { part: "journal", why: "unreadable" }),
    }
    for (at, (email, report)) in material.reports.iter().enumerate() {
        let Some(report) = report else {
            not_looked_at.push(NotLookedAt { part: "diagnose", why: "failed" });
            continue;
        };
        let user = key.user(email);
        // Two spellings of one address are one person, and may fare differently.
        let again = material.reports[..at].iter().filter(|(earlier, _)| key.user(earlier) == user).count();
        let again = if again > 0 { format!("-{}", again + 1) } else { String::new() };
        let name = format!("diagnose/{}{again}.json", user.as_str());
        files.add(&name, "the seven steps for one person, by pseudonym", &found::diagnosis(email, report, key))?;
    }
    files.add("not-looked-at.json", "what could not be looked at, and why", &not_looked_at)?;
    let mut members = files.0;
    let readme = readme(&members);
    members
        .insert(0, Member { name: "README.txt".to_owned(), about: "what is in here, and what is not", bytes: readme });
    Ok(Bundle { members, not_looked_at })
}

#[derive(Default)]
struct Files(Vec<Member>);

impl Files {
    fn add(&mut self, name: &str, about: &'static str, value: &impl Serialize) -> serde_json::Result<()> {
        let mut bytes = serde_json::to_vec_pretty(value)?;
        bytes.push(b'\n');
        self.0.push(Member { name: name.to_owned(), about, bytes });
        Ok(())
    }
}

/// Why a database cannot be read, in a word.
fn why(error: &DbError) -> &'static str {
    match error.trouble {
        DbTrouble::Missing => "missing",
        DbTrouble::Folder => "a-folder",
        DbTrouble::Empty => "empty",
        DbTrouble::NotADatabase => "not-a-database",
        DbTrouble::Unreadable(_) => "unreadable",
        DbTrouble::Locked(_) => "locked",
        DbTrouble::ReadOnly(_) => "read-only",
        DbTrouble::OtherOwner(_) => "other-owner",
        DbTrouble::NoRoom(_) => "no-room",
        DbTrouble::Damaged(_) => "damaged",
        DbTrouble::Snapshot(_) => "no-private-copy",
        DbTrouble::Endless => "endless",
        DbTrouble::Other(_) => "sqlite",
    }
}

const README: &str = "\
A support bundle of lamb-auth: how a deployment of LAMB and Open WebUI is built, and what is wrong with it.

What is NOT in it: e-mails, names, names of organizations, passwords and their hashes, tokens, keys, secrets, paths, host
names, and the texts of findings. The files are not scrubbed copies. They hold only numbers, switches, words of lists that
lamb-auth has, versions, times, the names of columns of LAMB's and Open WebUI's own tables, and pseudonyms. Any other text
is replaced by (other).

Of a URL they hold the scheme and the port. The host is there only if it is a loopback address (such as 127.0.0.1) or the
name of a service in LAMB's own compose files: a wrong one of these is a frequent cause, and identifies no deployment.

Users are called user-0123abcd and organizations org-0123abcd. Only the operator who made this bundle has the key that
tells which user that is. The key is NOT in the bundle and must not be sent along:

  lamb-auth support-bundle --who teacher@uni.example --key FILE.key

What is in it:

";

fn readme(members: &[Member]) -> Vec<u8> {
    let lines = members.iter().map(|member| format!("  {}: {}\n", member.name, member.about));
    format!("{README}{}", lines.collect::<String>()).into_bytes()
}
