//! Whether `webui.db` and the Open WebUI that runs on it are of one version.

use crate::findings::{Effect, FixStep, Hit, OWI_UPGRADE_BLOCKED, OWI_VERSION_DIFFERS, Severity};
use crate::owi::file::compatibility::Migration;

/// How to fix an upgrade that has stopped half-way, where there is no admin panel: neither version starts (measured,
/// from 0.5.6 and from 0.6.43; with one row left of each e-mail 0.12.4 goes on where it stopped).
pub(crate) const GO_ON: [&str; 2] = [
    "neither the old nor the new Open WebUI starts with this file: put back the copy from before the upgrade, start the \
     old version, and leave one account of each such e-mail in its admin panel",
    "where there is no copy: make one of this file now, and by SQL leave one row of each such e-mail in user; 0.12 then \
     goes on where it stopped",
];

/// How the file and the server differ, in a sentence; `None` where they do not, or nothing tells. `server`: its version,
/// where it answers.
pub(crate) fn difference(file: &str, migration: &Migration, server: Option<&str>) -> Option<String> {
    if migration.stopped_half_way() {
        return Some(format!("an upgrade of {file} to 0.12 has stopped half-way, at duplicate e-mails"));
    }
    let server = server.filter(|server| migration.is_not_of(server))?;
    Some(match migration.version {
        Some(version) => format!("the server is Open WebUI {server}, and {version} wrote {file}"),
        None => format!("the server is Open WebUI {server}, and another version wrote {file} ({})", migration.head),
    })
}

/// The finding for such a difference. Where an upgrade has stopped half-way and no server answers, that is why.
pub(crate) fn judge(file: &str, migration: &Migration, server: Option<&str>) -> Option<Hit> {
    let detail = difference(file, migration, server)?;
    if !migration.stopped_half_way() {
        return Some(Hit::new(&OWI_VERSION_DIFFERS, detail));
    }
    let hit = Hit::new(&OWI_UPGRADE_BLOCKED, detail).fixed_by(GO_ON.map(FixStep::advice));
    Some(if server.is_none() { hit.severity(Severity::Error, Effect::Refused) } else { hit })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(head: &str, version: Option<&'static str>, server: Option<&str>) -> Option<(&'static str, Severity)> {
        let hit = judge("O", &Migration { head: head.to_owned(), version }, server)?;
        Some((hit.finding.id, hit.severity))
    }

    #[test]
    fn only_a_measured_version_differs_from_its_file() {
        let old = ("3781e22d8b01", Some("0.5.6"));
        assert_eq!(judged(old.0, old.1, Some("0.5.6")), None);
        assert_eq!(judged(old.0, old.1, None), None);
        // Versions between those that were measured may have the same file.
        assert_eq!(judged(old.0, old.1, Some("0.5.7")), None);
        assert_eq!(judged(old.0, old.1, Some("0.6.43")), Some(("owi-version-differs", Severity::Warning)));
        assert_eq!(judged("abc", None, Some("0.5.6")), Some(("owi-version-differs", Severity::Warning)));
    }

    #[test]
    fn half_an_upgrade_is_why_no_server_answers() {
        assert_eq!(judged("959eaac8f909", None, None), Some(("owi-upgrade-blocked", Severity::Error)));
        assert_eq!(judged("959eaac8f909", None, Some("0.12.4")), Some(("owi-upgrade-blocked", Severity::Warning)));
    }
}
