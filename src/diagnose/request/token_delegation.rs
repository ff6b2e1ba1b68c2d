//! Step 4: does this LAMB ask Open WebUI about this token at all, and does an Open WebUI answer there?

use crate::checks::{migration, server};
use crate::evidence::Evidence;
use crate::findings::{Effect, Hit, Judged, OWI_SCHEMA_DRIFT, Severity, TRUSTED_HEADER_OFF};
use crate::lamb::Edition;
use crate::owi::file::db::OwiDb;
use crate::owi::same_file::Identity;

/// Where LAMB does not ask, a server that is down is a warning: the hand-off to the chat needs it.
pub(super) fn judge(evidence: &Evidence) -> Judged {
    let (start, asks) = (&evidence.start, evidence.asks());
    let mut server = server::judge_server(&evidence.base.owi, evidence.base.proxy.as_deref(), &start.server);
    // Where an upgrade has stopped half-way, that is why the server is down: starting it does not help.
    server.hits.splice(..0, version_differs(evidence));
    if !asks {
        server.note = format!("LAMB decodes this token itself and does not ask; {}", server.note);
        for hit in &mut server.hits {
            hit.severity = Severity::Warning;
            hit.effect = Effect::Login;
        }
    }
    // A delegated LAMB has no login but by Open WebUI's trusted header.
    if start.edition == Some(Edition::Delegated) {
        let off = server.hits.iter_mut().filter(|hit| hit.finding == &TRUSTED_HEADER_OFF);
        off.for_each(|hit| hit.severity = Severity::Error);
    }
    let missing = start.owi.as_ref().map_or_else(|_| Vec::new(), OwiDb::missing_columns);
    if !missing.is_empty() {
        let detail =
            format!("the user table of webui.db lacks {}: Open WebUI cannot read any user", missing.join(", "));
        let hit = Hit::new(&OWI_SCHEMA_DRIFT, detail);
        server.hits.push(if asks { hit.severity(Severity::Error, Effect::Refused) } else { hit });
    } else if let Some(db) = start.owi.as_ref().ok().filter(|db| !db.has_lambs_columns()) {
        let count = db.user_column_count();
        let detail =
            format!("the user table of webui.db has {count} columns; LAMB can read only the 12 of Open WebUI 0.5.6");
        let hit = Hit::new(&OWI_SCHEMA_DRIFT, detail);
        // A delegated LAMB then finds no user at a login (measured).
        let is_delegated = start.edition == Some(Edition::Delegated);
        server.hits.push(if is_delegated { hit.severity(Severity::Error, Effect::Login) } else { hit });
    }
    let missing = start.owi.as_ref().map_or_else(|_| Vec::new(), OwiDb::missing_auth_columns);
    if !missing.is_empty() {
        let detail = format!("the auth table of webui.db lacks {}: Open WebUI signs no user in", missing.join(", "));
        let hit = Hit::new(&OWI_SCHEMA_DRIFT, detail);
        let is_delegated = start.edition == Some(Edition::Delegated);
        server.hits.push(if is_delegated { hit.severity(Severity::Error, Effect::Login) } else { hit });
    }
    let mut judged = Judged::note(server.note).fact("asked about this token", asks, "the edition and the token");
    judged.facts.extend(server.facts);
    judged.hits(server.hits)
}

/// Where the server and its file are of different versions.
pub(super) fn version_differs(evidence: &Evidence) -> Option<Hit> {
    let db = evidence.start.owi.as_ref().ok().filter(|_| evidence.identity() != Identity::Other)?;
    let migration = db.migration().ok().flatten()?;
    let server = evidence.info().map(|info| info.version.as_deref().unwrap_or_default());
    migration::judge(&db.path().display().to_string(), &migration, server)
}
