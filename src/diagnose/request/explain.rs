//! Why LAMB refuses a request that every check lets pass: what stands beside the files and settings and says so.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use rustix::fs::{Access, access};

use crate::evidence::Evidence;
use crate::findings::{
    ANSWER_DIFFERS, Effect, Hit, LAMB_DB_GARBAGE, LAMB_DB_READ_ONLY, LAMB_DB_UNREADABLE, OWI_CREDENTIALS, PREFIX_WRONG,
    Severity, WAL_OWNER,
};
use crate::lamb::Edition;
use crate::settings::Settings;
use crate::sqlite;

/// The first explanation that what is at hand gives; `None` where nothing does.
pub(super) fn refusal(settings: &Settings, evidence: &Evidence) -> Option<Hit> {
    let asks = evidence.asks();
    let credentials = || asks.then(|| other_credentials(settings)).flatten();
    let damage = evidence.start.lamb.damage.as_ref().map(|damage| Hit::new(&LAMB_DB_GARBAGE, damage));
    let hit = damage.or_else(credentials).or_else(|| rights(evidence)).or_else(|| second_set(evidence))?;
    Some(hit.severity(Severity::Error, Effect::Refused))
}

/// Where LAMB's own look-up is the only thing left that can refuse: it reads another file than this one.
pub(super) fn another_file(real: &str, evidence: &Evidence) -> Hit {
    let path = evidence.start.lamb.path.display();
    let detail = format!("{real}, though {path} has the creator: LAMB reads another file or another prefix");
    Hit::new(&ANSWER_DIFFERS, detail).severity(Severity::Error, Effect::Refused)
}

/// LAMB's HTTP library prefers the credentials of a URL, and of a .netrc file, to the header that LAMB sets (measured).
fn other_credentials(settings: &Settings) -> Option<Hit> {
    let url = reqwest::Url::parse(&settings.owi_url().ok()?).ok()?;
    if !url.username().is_empty() || url.password().is_some() {
        return Some(Hit::new(&OWI_CREDENTIALS, "OWI_BASE_URL has a user and a password in it"));
    }
    let file = std::env::var_os("NETRC").map(PathBuf::from).or_else(|| {
        let home = std::env::var_os("HOME").map(PathBuf::from)?;
        [".netrc", "_netrc"].map(|name| home.join(name)).into_iter().find(|file| file.is_file())
    })?;
    let text = crate::files::read_text(&file).ok()?;
    let entry = netrc_entry(&text, url.host_str()?)?;
    Some(Hit::new(&OWI_CREDENTIALS, format!("{} has the entry {entry:?}", file.display())))
}

/// The entry of a .netrc file that is for this host.
fn netrc_entry(text: &str, host: &str) -> Option<String> {
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        match word {
            "machine" if words.next() == Some(host) => return Some(format!("machine {host}")),
            "default" => return Some("default".to_owned()),
            _ => {}
        }
    }
    None
}

/// What keeps LAMB from its file where it runs as another user than this program, or as the same one without rights.
fn rights(evidence: &Evidence) -> Option<Hit> {
    let path = &evidence.start.lamb.path;
    let file = std::fs::metadata(path).ok()?;
    let folder = path.parent()?;
    if rustix::process::geteuid().is_root() {
        let only_owner = file.mode() & 0o044 == 0 && file.uid() == 0;
        return only_owner.then(|| {
            let detail = format!(
                "only root may read {} (mode {:o}); a LAMB that runs as another user cannot",
                path.display(),
                file.mode() & 0o777
            );
            Hit::new(&LAMB_DB_UNREADABLE, detail)
        });
    }
    for suffix in ["-wal", "-shm"] {
        let beside = sqlite::beside(path, suffix);
        if beside.exists() && access(&beside, Access::READ_OK | Access::WRITE_OK).is_err() {
            let detail =
                format!("{} cannot be opened by this user, and LAMB opens it for each request", beside.display());
            return Some(Hit::new(&WAL_OWNER, detail));
        }
    }
    let is_native = evidence.start.edition == Some(Edition::Native);
    (is_native && access(folder, Access::WRITE_OK).is_err()).then(|| {
        let detail = format!(
            "{} cannot be written by this user: a native LAMB keeps files beside its database, and cannot read it without",
            folder.display()
        );
        Hit::new(&LAMB_DB_READ_ONLY, detail)
    })
}

/// A second, empty set of tables is what a LAMB leaves that was told another prefix (measured).
fn second_set(evidence: &Evidence) -> Option<Hit> {
    let db = evidence.start.lamb.db.as_ref().ok()?;
    let schema = db.schema();
    let [empty, ..] = schema.empty_sets.as_slice() else { return None };
    let detail = format!(
        "{} also has an empty set of tables with the prefix {empty}: a LAMB that is told this prefix made them, and reads them; \
         the creators are under the prefix {}",
        evidence.start.lamb.path.display(),
        schema.prefix
    );
    Some(Hit::new(&PREFIX_WRONG, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_netrc_entry_is_for_a_host_or_for_all() {
        let file = "machine a.example login u password p\n\nmachine b.example\n  login v password default\n";
        assert_eq!(netrc_entry(file, "a.example").as_deref(), Some("machine a.example"));
        assert_eq!(netrc_entry("default login u password p", "c.example").as_deref(), Some("default"));
        assert_eq!(netrc_entry("machine b.example login u password p", "a.example"), None);
        assert_eq!(netrc_entry("", "a.example"), None);
    }
}
