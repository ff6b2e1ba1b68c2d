//! Step 4: does this LAMB ask Open WebUI about this token at all, and does an Open WebUI answer there?

use crate::checks::{account, migration, server};
use crate::evidence::Evidence;
use crate::findings::{Effect, Hit, Judged, OWI_SCHEMA_DRIFT, OWI_WRONG_URL, Severity, TRUSTED_HEADER_OFF};
use crate::lamb::Edition;
use crate::lamb::backend::ASSISTANTS_PATH;
use crate::owi::same_file::Identity;

/// True where the base URL of Open WebUI is that of LAMB's backend.
fn is_lamb_itself(evidence: &Evidence) -> bool {
    let url = evidence.start.frontend.as_ref().map_or_else(|failure| &failure.url, |answer| &answer.url);
    url.strip_suffix(ASSISTANTS_PATH) == Some(evidence.base.owi.trim_end_matches('/'))
}

/// Where LAMB does not ask, a server that is down is a warning: the hand-off to the chat needs it.
pub(in crate::diagnose) fn judge(evidence: &Evidence) -> Judged {
    let (start, asks) = (&evidence.start, evidence.asks());
    let mut server = server::judge_server(&evidence.base.owi, evidence.base.proxy.as_deref(), &start.server);
    // Where an upgrade has stopped half-way, that is why the server is down: starting it does not help.
    server.hits.splice(..0, version_differs(evidence));
    if is_lamb_itself(evidence) {
        for hit in server.hits.iter_mut().filter(|hit| hit.finding == &OWI_WRONG_URL) {
            hit.detail = format!("{}; LAMB itself is there, and waits for its own answer", hit.detail);
            hit.effect = Effect::Hangs;
        }
    }
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
    let version = start.server.info().and_then(|info| info.version.as_deref());
    let missing = start.owi.as_ref().map_or_else(|_| Vec::new(), |db| db.missing_columns(version));
    if !missing.is_empty() {
        let detail =
            format!("the user table of webui.db lacks {}: Open WebUI cannot read any user", missing.join(", "));
        let hit = Hit::new(&OWI_SCHEMA_DRIFT, detail);
        server.hits.push(if asks { hit.severity(Severity::Error, Effect::Refused) } else { hit });
    } else if let Some(hit) = start.owi.as_ref().ok().and_then(account::judge_drift) {
        // A delegated LAMB then finds no user at a login (measured).
        let is_delegated = start.edition == Some(Edition::Delegated);
        server.hits.push(if is_delegated { hit.severity(Severity::Error, Effect::Login) } else { hit });
    }
    let missing = start.owi.as_ref().map_or_else(|_| Vec::new(), |db| db.missing_auth_columns(version));
    if !missing.is_empty() {
        let detail = format!("the auth table of webui.db lacks {}: Open WebUI signs no user in", missing.join(", "));
        let hit = Hit::new(&OWI_SCHEMA_DRIFT, detail);
        let is_delegated = start.edition == Some(Edition::Delegated);
        // From 0.12 on, the server reads this row for each token.
        let is_read_now = asks && version == Some("0.12.4");
        server.hits.push(match (is_read_now, is_delegated) {
            (true, _) => hit.severity(Severity::Error, Effect::Refused),
            (false, true) => hit.severity(Severity::Error, Effect::Login),
            (false, false) => hit,
        });
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
